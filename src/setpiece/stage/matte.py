"""The matte of the building: what stands between sky and ground, cut from the plate, soft at its edges.

Found from a box, a polygon, or alone: the sky is what is smooth, bright and joined to the top; the ground begins below
the last upright edges; buildings are where upright and level edges gather. GrabCut (Rother, Kolmogorov and Blake 2004)
decides where those leave doubt, at reduced size; at full size the edge is estimated to a fraction of a pixel: against
the sky by unmixing it from the wall, elsewhere by a guided filter (He, Sun and Tang 2010). It refuses to return an
empty matte. Whatever stands in front belongs to ``holdout``.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from setpiece.core.arrays import Display, Mask, Plane, Rgb
from setpiece.core.camera import Camera
from setpiece.core.errors import MatteError
from setpiece.core.pictures import Matte
from setpiece.media.sky import find_sky
from setpiece.stage.built_edges import Built, gather_edges
from setpiece.stage.line_segments import display_like

WORK_PX = 720  # long side at which the cut is decided
Box = tuple[float, float, float, float]  # x0, y0, x1, y1 in plate pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class MatteSolve:
    """The matte, the box that it was cut in (x0, y0, x1, y1 in px), a confidence 0..1 and what was noticed."""

    matte: Matte
    box: Box
    confidence: float
    notes: tuple[str, ...]


def segment_building(
    plate: Rgb,
    *,
    camera: Camera,
    box: Box | None = None,
    polygon: tuple[tuple[float, float], ...] | None = None,
) -> MatteSolve:
    """Cut the building out of ``plate`` (ACEScg, scene-linear, (h, w, 3)).

    ``box`` (x0, y0, x1, y1) or ``polygon`` ((x, y), ...) in plate pixels bound it; nothing outside is taken. Raises
    :class:`MatteError` where nothing or everything is left.
    """
    height, width = plate.shape[:2]
    scale = min(1.0, WORK_PX / max(height, width))
    small = plate if scale == 1.0 else cv2.resize(plate, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small_camera = camera.scaled(small.shape[1] / width)
    notes: list[str] = []
    allowed = _allowed((small.shape[0], small.shape[1]), box, polygon, small.shape[1] / width)
    sky = find_sky(small)
    if not sky.any():
        notes.append("no sky found: the building is taken to the top of the frame")
    built = gather_edges(plate, small, small_camera, sky, allowed, stated=box is not None or polygon is not None)
    if not built.core.any():
        raise MatteError("no building found in the plate", remedy="state a box around the building in the brief")
    cut = _cut(small, sky, built, allowed)
    share = float(cut.mean())
    if share < 0.002:
        raise MatteError("the matte came out empty", remedy="state a box or a polygon around the building in the brief")
    if share > 0.985:
        raise MatteError("the matte covers the whole frame", remedy="state a box or a polygon around the building")
    coverage = _refine(plate, cut, sky, built.foot, allowed_full=_allowed((height, width), box, polygon, 1.0))
    ys, xs = np.nonzero(coverage > 0.5)
    if len(ys) == 0:
        raise MatteError("the matte came out empty", remedy="state a box or a polygon around the building in the brief")
    found = (float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1))
    for touches, edge in ((ys.min() == 0, "top"), (xs.min() == 0, "left"), (xs.max() == width - 1, "right")):
        if touches:
            notes.append(f"the building runs out of the frame at the {edge}")
    confidence = 0.5 + 0.2 * bool(sky.any()) + 0.25 * (box is not None or polygon is not None)
    return MatteSolve(matte=Matte(coverage=coverage), box=found, confidence=confidence, notes=tuple(notes))


def foot_line(matte: Matte, camera: Camera) -> np.ndarray:
    """Where the building meets the ground: a polyline (n, 2) of plate pixels, left to right, float64.

    The matte's lowest row in each column, made robust against whatever stands in front or sticks out over less than a
    tenth of the width, and reduced to a few straight segments. Raises :class:`MatteError` for an empty matte.
    """
    coverage = matte.fits((camera.width, camera.height)).coverage
    solid = coverage > 0.5
    height = solid.shape[0]
    tall = solid.sum(0) > max(2, 0.15 * solid.sum(0).max(initial=0))
    columns = np.flatnonzero(tall)
    if len(columns) < 2:
        raise MatteError("the matte is empty", remedy="state a box around the building in the brief")
    bottom = (height - np.argmax(solid[::-1, columns], axis=0)).astype(np.float64)
    window = max(3, int(0.1 * len(columns)) | 1)
    padded = np.pad(bottom, window // 2, mode="reflect", reflect_type="odd") if len(bottom) > window else bottom
    if len(bottom) > window:
        bottom = np.median(np.lib.stride_tricks.sliding_window_view(padded, window), axis=1)
    points = np.stack([columns + 0.5, np.minimum(bottom, height)], 1)
    line = cv2.approxPolyDP(points.astype(np.float32).reshape(-1, 1, 2), 0.006 * height, False).reshape(-1, 2)
    return line[np.argsort(line[:, 0], kind="stable")].astype(np.float64)


def _allowed(shape: tuple[int, int], box: Box | None, polygon: tuple[tuple[float, float], ...] | None, scale: float) -> Mask:
    height, width = shape
    allowed = np.ones(shape, bool)
    if box is not None:
        x0, y0, x1, y1 = (v * scale for v in box)
        if not (x0 < x1 and y0 < y1) or x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height:
            raise MatteError(f"the box {box} does not overlap the plate", remedy="state x0, y0, x1, y1 in plate pixels")
        allowed[:] = False
        allowed[max(0, int(y0)) : int(np.ceil(y1)), max(0, int(x0)) : int(np.ceil(x1))] = True
    if polygon is not None:
        if len(polygon) < 3:
            raise MatteError("the polygon has fewer than three corners", remedy="state at least three (x, y) corners")
        drawn = np.zeros(shape, np.uint8)
        cv2.fillPoly(drawn, [np.round(np.array(polygon) * scale).astype(np.int32)], 1)
        allowed &= drawn > 0
    return allowed


def _cut(small: Rgb, sky: Mask, built: Built, allowed: Mask) -> Mask:
    """The building at reduced size."""
    height, width = sky.shape
    rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
    above = rows < built.foot[None, :]
    slack = max(2, height // 80)
    between = (columns >= built.left[:, None]) & (columns < built.right[:, None])
    body = between & above & ~sky & allowed
    reach = max(4, width // 40)
    beside = (columns >= built.left[:, None] - reach) & (columns < built.right[:, None] + reach)
    seeds = np.full(sky.shape, cv2.GC_BGD, np.uint8)
    seeds[beside & above & allowed] = cv2.GC_PR_BGD
    seeds[body] = cv2.GC_PR_FGD
    seeds[built.core & (rows < built.foot[None, :] - slack)] = cv2.GC_FGD
    seeds[sky] = cv2.GC_BGD
    if not (seeds == cv2.GC_FGD).any() or (seeds == cv2.GC_FGD).all() or not (seeds == cv2.GC_BGD).any():
        return body
    cv2.setRNGSeed(7)
    seeds, _, _ = cv2.grabCut(
        np.ascontiguousarray(display_like(small)[..., ::-1]),
        seeds,
        None,
        np.zeros((1, 65)),
        np.zeros((1, 65)),
        3,
        cv2.GC_INIT_WITH_MASK,
    )
    # Between its own flanks, whatever is neither sky nor ground is building: roofs, finials, dark windows.
    # Beyond them only what juts out into the sky belongs to it: cornices, gutters. A tree does not end in sky so near.
    juts = ((seeds == cv2.GC_FGD) | (seeds == cv2.GC_PR_FGD)) & ~between & beside & above & allowed & ~sky
    ends_in_sky = np.zeros_like(sky)
    for side, outer in ((-1, built.left - reach), (1, built.right + reach)):
        at = np.clip(outer.astype(int), 0, width - 1)
        open_row = sky[np.arange(height), at]
        half = columns < (built.left + built.right)[:, None] / 2
        ends_in_sky |= open_row[:, None] & (half if side < 0 else ~half)
    cut = _largest(body | (juts & ends_in_sky))
    return _fill_holes(cut, sky) & above


def _largest(cut: Mask) -> Mask:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cut.astype(np.uint8), connectivity=8)
    if count < 3:
        return cut
    area = stats[:, cv2.CC_STAT_AREA].copy()
    area[0] = 0
    return (area >= 0.1 * area.max())[labels]


def _fill_holes(cut: Mask, sky: Mask) -> Mask:
    """Close enclosed holes that do not show sky."""
    padded = np.pad(~cut, 1, constant_values=True).astype(np.uint8)
    _, labels = cv2.connectedComponents(padded, connectivity=4)
    holes = (labels != labels[0, 0])[1:-1, 1:-1] & ~cut
    return cut | (holes & ~sky)


def _refine(plate: Rgb, cut: Mask, sky: Mask, foot: np.ndarray, *, allowed_full: Mask) -> Plane:
    """Coverage at full size from the decision at reduced size."""
    height, width = plate.shape[:2]
    scale = width / cut.shape[1]
    coarse = cv2.resize(cut.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    band = max(3, round(1.5 * scale))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band + 1, 2 * band + 1))
    solid = (coarse > 0.5).astype(np.uint8)
    inner, outer = cv2.erode(solid, kernel) > 0, cv2.dilate(solid, kernel) > 0
    guide = display_like(plate).astype(np.float32).mean(2) / 255
    soft = np.clip(guided(guide, np.clip(coarse, 0, 1), max(2, band), 1e-3), 0, 1)
    soft = np.clip((soft - 0.15) / 0.7, 0, 1)
    ending = (
        np.arange(height)[:, None]
        > (np.interp(np.arange(width) / scale, np.arange(len(foot)), foot) * scale)[None, :] - 3 * band
    )
    inner |= ending & (cv2.dilate(inner.astype(np.uint8), np.ones((6 * band + 1, 1))) > 0)  # the foot line itself cuts below
    coverage = np.where(inner, 1.0, np.where(outer, soft, 0.0)).astype(np.float32)
    if sky.any():
        coverage = _against_sky(plate, coverage, cut, sky, inner, band)
    rows = np.interp((np.arange(width) + 0.5) / scale - 0.5, np.arange(len(foot)), foot) * (height / cut.shape[0])
    lowest = np.clip(rows[None, :] - np.arange(height)[:, None], 0, 1)  # the wall ends at its foot, to a part of a pixel
    coverage = np.where(allowed_full, np.minimum(coverage, lowest), 0).astype(np.float32)
    coverage[coverage < 0.02] = 0
    coverage[coverage > 0.98] = 1
    return coverage


def _against_sky(plate: Rgb, coverage: Plane, cut: Mask, sky: Mask, inner: Mask, band: int) -> Plane:
    """Unmix the sky: alpha = (I - B).(F - B) / |F - B|^2, with B the sky near by and F the building near by."""
    height, width = plate.shape[:2]
    clear = cv2.erode(sky.astype(np.uint8), np.ones((5, 5))) > 0
    small = cv2.resize(plate, (sky.shape[1], sky.shape[0]), interpolation=cv2.INTER_AREA)
    back = cv2.resize(spread_out(small, clear), (width, height), interpolation=cv2.INTER_LINEAR)
    wall = cv2.erode(inner.astype(np.uint8), np.ones((3, 3))) > 0
    front_small = spread_out(small, cv2.erode(cut.astype(np.uint8), np.ones((3, 3))) > 0)
    front = cv2.resize(front_small, (width, height), interpolation=cv2.INTER_LINEAR)
    near = wall.astype(np.float32)
    window = (4 * band + 1, 4 * band + 1)
    weight = cv2.blur(near, window)
    local = cv2.blur(plate * near[..., None], window) / np.maximum(weight, 1e-6)[..., None]
    front = np.where((weight > 0.03)[..., None], local, front)
    # what is darkest near by stands for the wall where it is too thin to have an inside
    gap = front - back
    alpha = np.sum((plate - back) * gap, 2) / np.maximum(np.sum(gap * gap, 2), 1e-9)
    noise = float(np.median(np.abs(plate - back).max(2)[cv2.resize(clear.astype(np.uint8), (width, height)) > 0]))
    contrast = np.sqrt(np.sum(gap * gap, 2))
    floor = np.clip(4 * noise / np.maximum(contrast, 1e-6), 0.04, 0.3)
    alpha = np.clip((alpha - floor) / (0.85 - floor), 0, 1)
    # where the boundary borders sky, and where thin things stick out of the building into it
    sky_full = cv2.resize(cv2.dilate(sky.astype(np.uint8), np.ones((3, 3))), (width, height), interpolation=cv2.INTER_NEAREST)
    touch = cv2.dilate(sky_full, np.ones((2 * band + 1, 2 * band + 1))) > 0
    reach = cv2.dilate(cut.astype(np.uint8), np.ones((5, 5)))
    reach = cv2.resize(reach, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    zone = touch & reach & ~wall
    candidate = np.where(zone, alpha, coverage)
    return np.where(_attached(candidate > 0.2, wall), candidate, 0).astype(np.float32)


def _attached(mask: Mask, body: Mask) -> Mask:
    """What hangs together with the body, over gaps of a few pixels (a rod too thin to be seen all along)."""
    reach = 2 * max(2, mask.shape[1] // 500) + 1
    joined = cv2.dilate((mask | body).astype(np.uint8), np.ones((reach, reach)))
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    keep = np.bincount(labels[body], minlength=count) > 0
    keep[0] = False
    return cv2.dilate((keep[labels]).astype(np.uint8), np.ones((3, 3))) > 0


def spread_out(values: Rgb, known: Mask) -> Rgb:
    """Fill what is not ``known`` from the known values around, near ones first (a pyramid of normalised blurs)."""
    out = np.zeros_like(values)
    done = np.zeros(known.shape, np.float32)
    weight = known.astype(np.float32)
    for radius in (3, 8, 20, 50, 120, 300):
        window = (2 * radius + 1, 2 * radius + 1)
        blurred = cv2.blur(weight, window, borderType=cv2.BORDER_REPLICATE)
        colour = cv2.blur(values * weight[..., None], window, borderType=cv2.BORDER_REPLICATE)
        colour = colour / np.maximum(blurred, 1e-6)[..., None]
        share = np.clip(blurred / 0.15, 0, 1) * (1 - done)
        out += colour * share[..., None]
        done += share
    mean = values[known].mean(0) if known.any() else values.reshape(-1, values.shape[2]).mean(0)
    return (out + (1 - done)[..., None] * mean.astype(np.float32)).astype(np.float32)


def guided(guide: Plane, values: Plane, radius: int, epsilon: float) -> Plane:
    """Guided filter of ``values`` by ``guide`` (both (h, w), 0..1) within ``radius`` px."""
    window = (2 * radius + 1, 2 * radius + 1)
    mean_g, mean_v = cv2.blur(guide, window), cv2.blur(values, window)
    covariance = cv2.blur(guide * values, window) - mean_g * mean_v
    variance = cv2.blur(guide * guide, window) - mean_g * mean_g
    slope = covariance / (variance + epsilon)
    return cv2.blur(slope, window) * guide + cv2.blur(mean_v - slope * mean_g, window)


def outlined(plate: Rgb, matte: Matte) -> Display:
    """The plate with what lies outside the matte darkened and its edge drawn, for the stage folder and the report."""
    picture = display_like(plate)
    alpha = matte.coverage[..., None]
    shown = (picture * (0.25 + 0.75 * alpha)).astype(np.uint8)
    edge = (cv2.dilate(matte.coverage, np.ones((3, 3))) > 0.5) & (cv2.erode(matte.coverage, np.ones((3, 3))) < 0.5)
    shown[edge] = (255, 60, 30)
    return shown
