"""The far ground and the far trees of a clean plate, made of what the plate shows beside the building.

Trees are rows of crowns, far ones first, smaller and veiled by the air, filled with the foliage of the real trees
(patches quilted after Efros and Freeman 2001, with soft seams); trees that the building cut off are closed by their own
mirror image. The ground runs back from the foot with its own texture. Nothing is invented that the plate does not have:
without trees beside the building the ground simply meets the sky.
"""

from __future__ import annotations

import cv2
import numpy as np

from setpiece.core.arrays import Mask, Plane, Rgb
from setpiece.core.camera import Camera


def far_edge(camera: Camera, foot: np.ndarray, width: int) -> np.ndarray:
    """Row per column (w,) at which the ground ends behind the building: a third of the way from its foot to the
    horizon."""
    columns = np.arange(width) + 0.5
    horizon = np.array([camera.horizon_y(0.0), camera.horizon_y(float(width))])
    line = np.interp(columns, [0.0, float(width)], horizon)
    return np.where(line < foot, line + 0.65 * (foot - line), foot)


def quilt(source: Rgb, usable: Mask, shape: tuple[int, int], *, patch: int, seed: int) -> Rgb | None:
    """Texture of ``shape`` (h, w, 3) out of random ``patch`` px squares that lie wholly in ``usable``; the patches'
    mean levels are evened out and their seams soft with the variance kept. None where no square fits."""
    height, width = usable.shape
    patch = min(patch, height // 2, width // 2) // 2 * 2
    if patch < 6:
        return None
    inside = cv2.erode(usable.astype(np.uint8), np.ones((patch, patch)), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    ys, xs = np.nonzero(inside)
    keep = (ys >= patch // 2) & (ys < height - patch // 2) & (xs >= patch // 2) & (xs < width - patch // 2)
    ys, xs = ys[keep], xs[keep]
    if len(ys) == 0:
        return None
    mean = source[usable].mean(0).astype(np.float32)
    rng = np.random.default_rng(seed)
    step = patch // 2
    ramp = np.sin((np.arange(patch) + 0.5) / patch * np.pi)  # squares sum to one
    window = (ramp[:, None] * ramp[None, :]).astype(np.float32)[..., None]
    out = np.zeros((shape[0] + 2 * patch, shape[1] + 2 * patch, 3), np.float32)
    for y in range(0, shape[0] + step, step):
        for x in range(0, shape[1] + step, step):
            k = int(rng.integers(len(ys)))
            part = source[ys[k] - step : ys[k] + step, xs[k] - step : xs[k] + step]
            part = part / np.maximum(part.mean((0, 1)), 1e-6) * (0.6 * mean + 0.4 * part.mean((0, 1))) - mean
            if rng.integers(2):
                part = part[:, ::-1]
            out[y : y + patch, x : x + patch] += window * part
    return mean + out[step : step + shape[0], step : step + shape[1]]


def lay_ground(behind: Rgb, plate: Rgb, known: Mask, hole: Mask, camera: Camera, foot: np.ndarray, *, seed: int) -> Rgb:
    """``behind`` with ground from the far edge down to and past the foot (h, w, 3)."""
    height, width = known.shape
    edge = far_edge(camera, foot, width)
    rows = np.arange(height)[:, None]
    strip = known & (rows > foot[None, :]) & (rows < foot[None, :] + 0.09 * height)
    if strip.sum() < 100:
        return behind
    luma = plate[strip].mean(1)
    lit = np.median(plate[strip][luma >= np.percentile(luma, 50)], axis=0).astype(np.float32)
    span = np.maximum(foot - edge, 1.0)
    # just behind the seam the ground is what lies before it; further back it opens into the light
    start = _hole_bottom(hole, foot)
    even = cv2.GaussianBlur(start[None].astype(np.float32), (0, 0), width / 60, sigmaY=0.1)
    away = ((np.minimum(even, start[None, :]) - rows) / span[None, :]).astype(np.float32)
    base = np.broadcast_to(lit, plate.shape)
    for reach, until in ((width / 25, 0.75), (width / 80, 0.45), (width / 500, 0.18)):
        near = _below(plate, known, start, reach)
        keep = np.clip(away / until, 0, 1)[..., None]
        keep = keep * keep * (3 - 2 * keep)
        base = near[None] * (1 - keep) + base * keep
    texture = _ground_texture(plate, strip, (height, width), foot, edge, seed)
    # grass and shade gather where the open ground ends
    margin = np.clip((rows - edge[None, :]) / (0.3 * span[None, :]), 0, 1)[..., None].astype(np.float32)
    laid = base * (1.0 + texture) * (0.6 + 0.4 * margin)
    laid = _close_ground(laid, plate, hole, rows > edge[None, :], np.random.default_rng(seed))
    soft = np.clip((rows - edge[None, :]) / max(2.0, 0.0015 * height) + 0.5, 0, 1)[..., None].astype(np.float32)
    return (behind * (1 - soft) + laid * soft).astype(np.float32)


def _close_ground(laid: Rgb, plate: Rgb, hole: Mask, ground: Mask, rng: np.random.Generator) -> Rgb:
    """``laid`` where the hole ends sideways on the ground: what lies beside it, mirrored in and fading raggedly."""
    height, width = hole.shape
    out = laid.astype(np.float32, copy=True)
    reach = max(6, round(0.03 * width))
    ragged = 0.35 * _noise(rng, (height, width), (height // 6 + 2, width // 10 + 2))
    for row in np.flatnonzero((hole & ground).any(1)):
        columns = np.flatnonzero(hole[row])
        for side, at in ((-1, int(columns[0])), (1, int(columns[-1]))):
            k = np.arange(1, reach + 1)
            into, source = at + side - side * k, at + 3 * side + side * k
            good = (into >= 0) & (into < width) & (source >= 0) & (source < width)
            good &= hole[row, np.clip(into, 0, width - 1)] & ~hole[row, np.clip(source, 0, width - 1)]
            into, source, near = into[good], source[good], 1 - k[good] / reach
            share = np.clip(1.6 * near - 0.3 + ragged[row, into] * np.minimum(1, 4 * (1 - near)), 0, 1)[:, None]
            out[row, into] += (share * (plate[row, source] - out[row, into])).astype(np.float32)
    return out


def _hole_bottom(hole: Mask, foot: np.ndarray) -> np.ndarray:
    """Row per column (w,) where the plate's own ground begins again."""
    height = hole.shape[0]
    bottom = np.where(hole.any(0), height - np.argmax(hole[::-1], axis=0), foot)
    return np.where(np.abs(bottom - foot) < 0.08 * height, bottom, foot)


def _below(plate: Rgb, known: Mask, start: np.ndarray, reach: float) -> np.ndarray:
    """Colour of the known ground just below row ``start`` per column (w, 3), smoothed along the wall by ``reach`` px."""
    height, width = known.shape
    depth = max(3, round(0.004 * height))
    columns = np.arange(width)
    total, weight = np.zeros((width, 3), np.float32), np.zeros(width, np.float32)
    for k in range(2 * depth):
        row = np.minimum(start.astype(int) + k, height - 1)
        seen = known[row, columns].astype(np.float32) * (1.0 if k < depth else 0.05)
        total += plate[row, columns] * seen[:, None]
        weight += seen
    total = cv2.GaussianBlur(total[None], (0, 0), reach, sigmaY=0.1, borderType=cv2.BORDER_REPLICATE)[0]
    weight = cv2.GaussianBlur(weight[None], (0, 0), reach, sigmaY=0.1, borderType=cv2.BORDER_REPLICATE)[0]
    overall = total.sum(0) / max(float(weight.sum()), 1e-6)
    return np.where(weight[:, None] > 1e-3, total / np.maximum(weight, 1e-6)[:, None], overall).astype(np.float32)


def _ground_texture(plate: Rgb, strip: Mask, shape: tuple[int, int], foot: np.ndarray, edge: np.ndarray, seed: int) -> Rgb:
    """Relative fine structure of the ground, (h, w, 3): quilted from its calm parts, flattened by the distance."""
    height, width = shape
    radius = max(2.0, width / 300)
    weight = cv2.GaussianBlur(strip.astype(np.float32), (0, 0), radius)
    mean = cv2.GaussianBlur(plate * strip[..., None], (0, 0), radius) / np.maximum(weight, 1e-4)[..., None]
    fine = np.where(strip[..., None], plate / np.maximum(mean, 1e-4) - 1.0, 0.0).astype(np.float32)
    fine = np.repeat(fine.mean(2, keepdims=True), 3, axis=2)  # coloured specks would read as litter
    lively = cv2.blur(np.abs(fine).mean(2), (9, 9))
    calm = strip & (lively < np.percentile(lively[strip], 70)) & (weight > 0.8)
    top, bottom = int(max(0, edge.min() - 2)), int(min(height, foot.max() + 0.02 * height))
    out = np.zeros((*shape, 3), np.float32)
    if bottom - top < 3:
        return out
    made = quilt(1.0 + fine, calm, (2 * (bottom - top), width), patch=max(8, width // 90), seed=seed)
    if made is not None:
        out[top:bottom] = cv2.resize(made, (width, bottom - top), interpolation=cv2.INTER_AREA) - 1.0
    return np.clip(out, -0.5, 0.5)


def grow_trees(
    behind: Rgb, plate: Rgb, solid: Mask, sky: Mask, camera: Camera, foot: np.ndarray, hole: Mask, *, seed: int
) -> Rgb:
    """``behind`` with a far tree line across the frame (h, w, 3). ``solid``: known pixels that are not sky."""
    height, width = solid.shape
    edge = far_edge(camera, foot, width)
    rows = np.arange(height)[:, None]
    growing = solid & (rows < edge[None, :]) & (rows > edge[None, :] - 0.45 * height)
    found = _foliage(plate, growing)
    if found is None:
        return behind
    foliage, leafy = found
    rng = np.random.default_rng(seed)
    tall = 0.1 * height
    top = int(max(0, edge.min() - 1.6 * tall))
    bottom = int(min(height, edge.max() + 3))
    shape, patch = (2 * (bottom - top), 2 * width), max(10, width // 40)
    bare = foliage & ~_posts(plate)
    leaves = quilt(plate, bare if bare.sum() > 0.8 * foliage.sum() else foliage, shape, patch=patch, seed=seed + 7)
    if leaves is None:
        return behind
    leaves = cv2.resize(leaves, (width, bottom - top), interpolation=cv2.INTER_AREA)
    light = leaves.mean(2, keepdims=True)
    leaves = leaves * np.minimum(1.0, 2.8 * np.median(light) / np.maximum(light, 1e-6))  # no sky shines through a wood
    lift = cv2.blur(behind[max(0, top - height // 20) : top + 1], (width // 10 | 1, 9))
    air = lift.mean(0).astype(np.float32)[None]
    # clear air veils little: as the shade between the leaves beside the building shows
    depth = float(np.percentile(plate[foliage].mean(1), 20)) / max(0.25 * float(air.mean()), 1e-6)
    haze = float(np.clip(depth, 0.2, 1.0))
    out = behind.copy()
    part = out[top:bottom]
    row = rows[top:bottom]
    # far, middle, near: height as a share of the tallest, veil of air
    for share, veil in ((0.95, 0.52 * haze), (0.72, 0.36 * haze), (0.5, 0.22 * haze)):
        cover, shade = _wood(edge, row, tall * share, width, rng)
        shift = int(rng.integers(width))
        colour = np.roll(leaves, shift, axis=1) * shade[..., None]
        veiled = colour * (1 - veil) + air * veil
        part[:] = part * (1 - cover[..., None]) + veiled * cover[..., None]
    _close_trees(out, plate, _around(leafy, growing), sky, hole, edge, rng)
    above = np.clip((edge[None, :] + 1.5 - rows) / 2.0, 0, 1)[..., None].astype(np.float32)
    return (behind * (1 - above) + out * above).astype(np.float32)


def _posts(plate: Rgb) -> Mask:
    """Thin upright things among leaves: brighter than both sides over a good height."""
    luma = plate.mean(2)
    tall, wide = max(7, plate.shape[0] // 25) | 1, max(7, plate.shape[1] // 90) | 1
    along = cv2.blur(luma, (1, tall))
    return cv2.dilate((along > 1.3 * cv2.blur(luma, (wide, tall))).astype(np.uint8), np.ones((3, 3))) > 0


def _foliage(plate: Rgb, growing: Mask) -> tuple[Mask, Mask] | None:
    """Where leaves are: green enough, rough; in sizeable gatherings to copy from, and anywhere. None where nothing
    grows."""
    luma = plate.mean(2)
    green = plate[..., 1] > 1.0 * np.maximum(plate[..., 0], 0.95 * plate[..., 2])
    share = cv2.blur((growing & green).astype(np.float32), (21, 21))
    known = cv2.blur(growing.astype(np.float32), (21, 21))
    leafy = growing & (share > 0.55 * np.maximum(known, 1e-3)) & (known > 0.3)
    leafy = cv2.morphologyEx(leafy.astype(np.uint8), cv2.MORPH_OPEN, np.ones((7, 7))) > 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(leafy.astype(np.uint8), connectivity=8)
    if count < 2:
        return None
    area = stats[:, cv2.CC_STAT_AREA].copy()
    area[0] = 0
    if area.max() < 0.002 * growing.size:
        return None
    anywhere = (area > 0.04 * area.max())[labels]
    leafy = (area > 0.3 * area.max())[labels]
    # neither sky shining through nor the blackest depth: the leaves themselves
    low, high = np.percentile(luma[leafy], [2, 97])
    sun = 0.3 * float(np.percentile(luma, 99))  # brighter than leaves get: sky among them
    high = min(float(high), max(3.5 * float(np.median(luma[leafy])), sun))
    near = cv2.blur(luma, (9, 9))
    leafy &= (near > low) & (near < high)
    return (leafy, anywhere) if leafy.sum() > 0.001 * growing.size else None


def _around(foliage: Mask, growing: Mask) -> Mask:
    """The trees that the foliage belongs to: what grows within a few leaves of it."""
    size = max(9, growing.shape[1] // 90) | 1
    return growing & (cv2.dilate(foliage.astype(np.uint8), np.ones((size, size))) > 0)


def _noise(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> Plane:
    small = rng.normal(0, 1, (max(2, cells[0]), max(2, cells[1]))).astype(np.float32)
    return cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)


def _wood(edge: np.ndarray, row: np.ndarray, tall: float, width: int, rng: np.random.Generator) -> tuple[Plane, Plane]:
    """Coverage and shading of one row of trees ``tall`` px high at most: broad crowns with ragged outlines."""
    columns = np.arange(width, dtype=np.float32)
    outline = np.full(width, 0.3 * tall, np.float32)
    sunk = np.zeros(width, np.float32)  # 1 in the middle of a crown, 0 where two meet
    x = -tall
    while x < width + tall:
        reach = tall * float(rng.uniform(0.35, 0.85))
        rise = tall * float(rng.uniform(0.55, 1.0))
        across = np.abs(columns - x) / reach
        crown = np.where(across < 1, rise * np.power(np.maximum(1 - across**2.2, 0), 0.6), 0)
        sunk = np.where(crown > outline, 1 - across**2, sunk)
        outline = np.maximum(outline, crown)
        x += reach * float(rng.uniform(0.55, 1.25))
    shape = (row.shape[0], width)
    clump = max(3.0, 0.09 * tall)
    ragged = sum(
        (
            weight * tall * _noise(rng, shape, (int(shape[0] / size) + 2, int(width / size) + 2))
            for size, weight in ((2 * clump, 0.03), (0.7 * clump, 0.022), (0.3 * clump, 0.02))
        ),
        start=np.zeros(shape, np.float32),
    )
    above = (edge[None, :] - row).astype(np.float32)
    uneven = _noise(rng, (1, width), (2, int(width / (2.5 * clump)) + 2)) + 0.6 * _noise(
        rng, (1, width), (2, int(width / clump) + 2)
    )
    outline = outline * (1 + 0.06 * uneven[0])
    cover = np.clip((outline[None, :] + ragged - above) / max(1.5, 0.02 * tall) + 0.5, 0, 1)
    cover = _rooted(cover.astype(np.float32))
    depth = np.clip((outline[None, :] - above) / max(tall, 1.0), 0, 1)
    shade = (1.25 - 0.75 * np.sqrt(depth)) * (0.8 + 0.25 * sunk[None, :])
    shade *= 1 + 0.1 * _noise(rng, shape, (int(shape[0] / (2 * clump)) + 2, int(width / (2 * clump)) + 2))
    return cover, shade.astype(np.float32)


def _rooted(cover: Plane) -> Plane:
    """``cover`` without leaves that hang in the air: only what is joined to the largest body stays."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((cover > 0.2).astype(np.uint8), connectivity=4)
    area = stats[:, cv2.CC_STAT_AREA].copy()
    area[0] = 0
    if count < 3:
        return cover
    keep = (area > 0.2 * area.max())[labels]
    return np.where(cv2.dilate(keep.astype(np.uint8), np.ones((3, 3))) > 0, cover, 0).astype(np.float32)


def _close_trees(
    out: Rgb, plate: Rgb, growing: Mask, sky: Mask, hole: Mask, edge: np.ndarray, rng: np.random.Generator
) -> None:
    """Where the building cut trees off, carry them on in place: their mirror image, rounded down to the tree line."""
    height, width = growing.shape
    columns = np.flatnonzero(hole.any(0))
    reach = int(0.06 * width)
    margin = max(3, round(0.006 * width))
    for side, at in ((-1, int(columns[0])), (1, int(columns[-1]))):
        # the flank: where the hole ends half-way up the trees beside it
        beside = (
            slice(max(0, at - margin - reach), max(0, at - margin)) if side < 0 else slice(at + margin, at + margin + reach)
        )
        solid = growing[:, beside]
        if solid.shape[1] < 8 or solid.mean() < 0.002:
            continue
        tops = np.where(solid.any(0), np.argmax(solid, axis=0), edge[beside])
        start = int(np.median(tops[-8:] if side < 0 else tops[:8]))
        rise = float(edge[at]) - start
        if rise < 0.01 * height:
            continue
        wide = int(min(solid.shape[1], max(8, 0.7 * rise)))
        _mirror_in(out, plate, (~growing | sky, edge), at, side, margin, wide, rise, rng)


def _mirror_in(
    out: Rgb,
    plate: Rgb,
    skyline: tuple[Mask, np.ndarray],
    at: int,
    side: int,
    margin: int,
    wide: int,
    rise: float,
    rng: np.random.Generator,
) -> None:
    """Mirror ``wide`` columns beside the hole's end ``at`` into it, under a ragged, falling outline."""
    sky, edge = skyline
    height, width = sky.shape
    first = at + side * margin  # mirror axis: just outside the hole
    k = np.arange(wide + 2 * margin)
    into, source = first - side * k, first + side * k
    valid = (into >= 0) & (into < width) & (source >= 0) & (source < width)
    into, source, k = into[valid], source[valid], k[valid]
    fall = np.clip(k / max(1.0, wide), 0, 1) ** 1.7
    rows = np.arange(height)[:, None]
    size = 0.03 * rise + 2
    noise = 0.04 * rise * _noise(rng, (height, len(k)), (int(height / size) + 2, int(len(k) / size) + 2))
    outline = edge[into] - rise * 1.03 * (1 - fall)
    cover = np.clip((rows + noise - outline[None, :]) / 3.0 + 0.5, 0, 1) * (rows < edge[into][None, :] + 2)
    clear = cv2.GaussianBlur((~sky[:, source]).astype(np.float32), (0, 0), 0.7)
    cover = _rooted((cover * clear).astype(np.float32))[..., None]
    out[:, into] = out[:, into] * (1 - cover) + plate[:, source] * cover
