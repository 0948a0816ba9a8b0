"""The sky of a clean plate, carried on behind the building.

A low-order surface through the real sky, a membrane that meets the real sky all around the silhouette, the clouds
nearby, fading with the distance, and the sky's own grain. It refuses to shine where the sky does not: no colour leaves
the range of the real sky.
"""

from __future__ import annotations

import cv2
import numpy as np

from setpiece.core.arrays import Mask, Plane, Rgb
from setpiece.integrate.backdrop import quilt

LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # ACEScg luminance
WORK_PX = 720
CLOUDS_CARRY = 0.05  # of the width: how far clouds beside the building are mirrored in before they fade
CLOUDS_AFAR = 0.8  # strength of the clouds behind the middle of the building against those in the open


def _basis(height: int, width: int) -> np.ndarray:
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (xx + 0.5) / width - 0.5, (yy + 0.5) / height - 0.5
    one = np.ones_like(u)
    return np.stack([one, u, v, u * u, u * v, v * v, u**3, u * u * v, u * v * v, v**3], -1)


def _smooth_fit(values: Rgb, where: Mask) -> Rgb:
    """Cubic surface through ``values`` at ``where`` (least squares, outliers trimmed), over the whole frame."""
    basis = _basis(*where.shape)
    use = where.copy()
    surface = values
    for _ in range(3):
        rows = basis[use].astype(np.float64)
        # a light ridge keeps the surface from running away where nothing is known
        ridge = 1e-4 * len(rows) * np.diag([0, 0, 0, 1, 1, 1, 3, 3, 3, 3])
        square = np.einsum("ni,nj->ij", rows, rows) + ridge + 1e-9 * np.eye(10)  # sums in a fixed order
        weights = np.linalg.solve(square, np.einsum("ni,nc->ic", rows, values[use].astype(np.float64)))
        surface = (basis @ weights.astype(np.float32)).astype(np.float32)
        miss = np.abs(values - surface).max(2)
        use = where & (miss < 4 * max(float(np.median(miss[where])), 1e-4))
    return surface


def continue_sky(plate: Rgb, sky: Mask, hole: Mask, seed: int) -> Rgb:
    """Sky over the whole frame (h, w, 3), ACEScg; ``sky`` (h, w) is what is known of it, ``hole`` what is to be filled."""
    height, width = sky.shape
    scale = min(1.0, WORK_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    weight = cv2.resize(sky.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    small = cv2.resize(plate * sky[..., None], size, interpolation=cv2.INTER_AREA) / np.maximum(weight, 1e-6)[..., None]
    seen = weight > 0.5
    surface = _smooth_fit(small, seen)
    low, high = np.percentile(small[seen], 0.5, axis=0), np.percentile(small[seen], 99.5, axis=0)
    surface = np.clip(surface, low, high)  # no gradient leaves the colours that the sky has
    rest = np.where(seen[..., None], small - surface, 0).astype(np.float32)
    small_hole = cv2.resize(hole.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    smooth = surface + fill_smoothly(rest, seen)  # meets the known sky wherever that begins
    smooth = smooth + _clouds(small, rest, seen, small_hole, seed)
    surface = np.clip(cv2.GaussianBlur(smooth, (0, 0), 1.0), 0.9 * low, 1.05 * high)
    open_rows = np.arange(size[1])[:, None] <= np.flatnonzero(seen.any(1))[-1]
    surface = _met(surface, cv2.resize(plate, size, interpolation=cv2.INTER_AREA), small_hole, open_rows)
    full = cv2.resize(surface, (width, height), interpolation=cv2.INTER_CUBIC)
    return (full + borrow_grain(plate, sky, seed)).astype(np.float32)


def _met(surface: Rgb, plate: Rgb, hole: Mask, open_rows: Mask) -> Rgb:
    """``surface`` (h, w, 3) shifted smoothly so that it meets the plate's sky just outside the ``hole``, wherever what is
    seen there in ``open_rows`` (h, 1) can be sky or cloud: no outline of the building stays in the fill."""
    near = cv2.dilate(hole.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    ring = (cv2.dilate(hole.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0) & ~near
    smooth = cv2.GaussianBlur(plate, (0, 0), 0.7)
    stops = np.abs(np.log2(np.maximum(smooth @ LUMA, 1e-5) / np.maximum(surface @ LUMA, 1e-5)))
    blue = smooth[..., 2] / np.maximum(smooth[..., 0], 1e-5)
    usual = surface[..., 2] / np.maximum(surface[..., 0], 1e-5)
    ring &= (stops < 0.6) & (blue > np.minimum(0.97, 0.93 * usual)) & open_rows
    if ring.sum() < 20:
        return surface
    miss = np.where(ring[..., None], smooth - surface, 0).astype(np.float32)
    return (surface + fill_smoothly(miss, ring)).astype(np.float32)


def _clouds(small: Rgb, rest: Rgb, seen: Mask, hole: Mask, seed: int) -> Rgb:
    """Clouds for the filled sky (h, w, 3), deviations without a mean: next to the known sky its mirror image, farther in
    a quilt of the sky's own; 0 for a clear sky, and where sky is known."""
    amount = _cloudiness(small, seen)
    if amount == 0:
        return np.zeros_like(small)
    height, width = seen.shape
    broad = 0.03 * width
    level = cv2.GaussianBlur(fill_smoothly(rest, seen), (0, 0), broad)
    wispy = np.where(seen[..., None], rest - level, 0).astype(np.float32)
    mirrored = mirror_in(cv2.GaussianBlur(wispy, (0, 0), 1.0), seen, hole)
    afar = quilt(1 + wispy, seen, (height, width), patch=round(width / 7), seed=seed + 5)
    distance = cv2.distanceTransform((~seen).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    near = np.exp(-((distance / (CLOUDS_CARRY * width)) ** 2))[..., None]
    meet = np.clip(distance / (0.01 * width), 0, 1)[..., None]  # nothing of its own just where the known sky begins
    far = np.zeros_like(small) if afar is None else np.float32(CLOUDS_AFAR) * (afar - afar.mean((0, 1)))
    return np.asarray(amount * meet * (near * mirrored + (1 - near) * far), np.float32)


def _cloudiness(small: Rgb, sky: Mask) -> float:
    """0 for a clear sky, whose gradient needs no help, up to 1 for one with clouds: how uneven it is close by."""
    size = 2 * (small.shape[1] // 40) + 1
    inside = cv2.erode(sky.astype(np.uint8), np.ones((size, size)), borderValue=1) > 0
    if inside.mean() < 0.01:
        return 0.0
    luma = cv2.GaussianBlur(small @ LUMA, (0, 0), 2.0)
    uneven = np.abs(luma - cv2.blur(luma, (size, size)))[inside]
    return float(np.clip(float(np.percentile(uneven, 75)) / float(np.median(luma[inside])) / 0.01 - 0.5, 0.0, 1.0))


def mirror_in(values: Rgb, known: Mask, hole: Mask) -> Rgb:
    """What stands around the hole, mirrored into it from the left, the right and above, (h, w, 3); nearer edges count
    more. ``values`` deviate from some mean: where sources mix, their strength is kept."""
    height, width = known.shape
    open_rows = hole & (np.arange(height)[:, None] < (np.flatnonzero(known.any(1))[-1] + 1))
    columns, rows = np.flatnonzero(open_rows.any(0)), np.flatnonzero(open_rows.any(1))
    if not len(columns):
        return values
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    first, last = np.argmax(open_rows[rows], axis=1), width - 1 - np.argmax(open_rows[rows, ::-1], axis=1)
    left, right = _edge(rows, first, yy, outwards=-1), _edge(rows, last, yy, outwards=1)
    top = _edge(columns, np.argmax(open_rows[:, columns], axis=0), xx, outwards=-1)
    reach = 0.015 * width
    spread = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(1.5 * reach) + 1,) * 2)
    sure = cv2.GaussianBlur(cv2.dilate(known.astype(np.float32), spread), (0, 0), reach)
    sure = np.clip(sure * 2 - 1, 0, 1)
    values = fill_smoothly(values, known)
    presence = np.zeros((height, width), np.float32)
    total, weights, squares = (
        np.zeros_like(values),
        np.zeros((height, width), np.float32),
        np.zeros((height, width), np.float32),
    )
    swirl = 0.06 * width * np.sin(yy / (0.05 * width)) * np.sin(xx / (0.07 * width) + 1.0)  # breaks the symmetry
    for map_x, map_y, away in (
        (2 * left - xx, yy, xx - left),
        (2 * right - xx, yy, right - xx),
        (xx, 2 * top - yy, yy - top),
    ):
        share = np.clip(away / (0.15 * width), 0, 1)
        at_x, at_y = (map_x + 0.5 * swirl * share).astype(np.float32), (map_y + 0.3 * swirl * share).astype(np.float32)
        seen = np.maximum(cv2.remap(sure, at_x, at_y, cv2.INTER_LINEAR, borderValue=0), 0)
        weight = seen / (np.maximum(away, 0) + 0.02 * width) ** 2
        total += cv2.remap(values, at_x, at_y, cv2.INTER_LINEAR, borderValue=0) * weight[..., None]
        presence = np.maximum(presence, seen)
        weights += weight
        squares += weight * weight
    scale = np.where(
        weights > 1e-9, np.minimum(1 / np.sqrt(np.maximum(squares, 1e-18)), 1 / np.maximum(weights, 1e-9) * 1.4), 0
    )
    return np.where((hole | ~known)[..., None], total * (scale * presence)[..., None], values).astype(np.float32)


def _edge(along: np.ndarray, at: np.ndarray, where: Plane, *, outwards: int) -> Plane:
    """A straight line through one side of the hole, moved ``outwards`` (-1, 1) past most of it, read at ``where``."""
    slope, level = np.polyfit(along, at, 1) if len(along) > 2 else (0.0, float(at.mean()))
    for _ in range(3):
        miss = np.abs(at - slope * along - level)
        near = miss <= 2 * float(np.median(miss)) + 1.0
        if near.sum() > 2:
            slope, level = np.polyfit(along[near], at[near], 1)
    beyond = float(np.percentile((at - slope * along - level) * outwards, 70))
    return (slope * where + level + outwards * max(beyond, 0.0)).astype(np.float32)


def fill_smoothly(values: Rgb, known: Mask) -> Rgb:
    """Carry known values into the unknown (h, w, c): the solution of Laplace's equation, by a pyramid and a few
    sweeps; 0 where nothing is known at all."""
    weight = known.astype(np.float32)[..., None]
    if min(known.shape) <= 4 or known.all():
        mean = (values * weight).sum((0, 1)) / max(float(weight.sum()), 1e-6)
        return np.where(weight > 0, values, mean).astype(np.float32)
    half = ((known.shape[1] + 1) // 2, (known.shape[0] + 1) // 2)
    down = cv2.resize(weight, half, interpolation=cv2.INTER_AREA)[..., None]
    coarse = cv2.resize(values * weight, half, interpolation=cv2.INTER_AREA) / np.maximum(down, 1e-6)
    coarse = fill_smoothly(coarse.astype(np.float32), down[..., 0] > 0.05)
    filled = cv2.resize(coarse, (known.shape[1], known.shape[0]), interpolation=cv2.INTER_LINEAR)
    filled = np.where(weight > 0, values, filled)
    kernel = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
    for _ in range(12):
        filled = np.where(weight > 0, values, cv2.filter2D(filled, -1, kernel, borderType=cv2.BORDER_REPLICATE))
    return filled.astype(np.float32)


def borrow_grain(plate: Rgb, calm: Mask, seed: int) -> Rgb:
    """Grain over the whole frame (h, w, 3), laid from tiles of what is finer than 3 px in the ``calm`` region: the same
    size, colour and strength as the plate's own; 0 where the calm region holds no tile."""
    height, width = calm.shape
    side = max(16, round(width / 40))
    fine = plate - cv2.GaussianBlur(plate, (0, 0), 3.0)
    inside = cv2.erode(calm.astype(np.uint8), np.ones((side + 5, side + 5)), borderValue=0)
    ys, xs = np.nonzero(inside[:: max(1, side // 8), :: max(1, side // 8)])
    grain = np.zeros_like(plate)
    if len(ys) == 0:
        return grain
    ys, xs = ys * max(1, side // 8), xs * max(1, side // 8)
    # a cloud's edge is no grain: the calmest third of the tiles
    rough = cv2.blur((fine * fine).sum(2), (side, side))[ys, xs]
    calmest = np.argsort(rough, kind="stable")[: max(1, len(ys) // 3)]
    ys, xs = ys[calmest], xs[calmest]
    rng = np.random.default_rng(seed)
    step = side // 2
    ramp = np.sin((np.arange(step * 2) + 0.5) / (step * 2) * np.pi)  # overlapping squares sum to one: variance is kept
    window = (ramp[:, None] * ramp[None, :]).astype(np.float32)[..., None]
    padded = np.zeros((height + 2 * side, width + 2 * side, 3), np.float32)
    for y in range(0, height + step, step):
        for x in range(0, width + step, step):
            k = int(rng.integers(len(ys)))
            top, left = ys[k] - step, xs[k] - step
            top, left = int(np.clip(top, 0, height - 2 * step)), int(np.clip(left, 0, width - 2 * step))
            tile = fine[top : top + 2 * step, left : left + 2 * step]
            if rng.integers(2):
                tile = tile[:, ::-1]
            padded[y : y + 2 * step, x : x + 2 * step] += window * tile
    return padded[step : step + height, step : step + width]
