"""Where the building stands, told by its straight edges: its core, its flanks, its foot.

Serves the automatic matte, at reduced size. Upright edges end at the foot and begin at the flanks; the exact foot row
is then the most consistent crossing from wall to ground just below them (dynamic programming). It knows nothing about
colour; ``matte`` decides with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from setpiece.core.arrays import Mask, Plane, Rgb
from setpiece.core.camera import Camera
from setpiece.stage.line_segments import (
    Segments,
    deviation_deg,
    display_like,
    find_segments,
    level_directions,
    level_support,
    to_picture,
)

_EYE_SHARE = 0.25  # eye height over what rises above it: 1.6 m under a wall of 8 m


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """At reduced size: pixels that are surely building, the flanks per row (h,), the foot row per column (w,)."""

    core: Mask
    left: np.ndarray
    right: np.ndarray
    foot: np.ndarray


def gather_edges(plate: Rgb, small: Rgb, camera: Camera, sky: Mask, allowed: Mask, *, stated: bool) -> Built:
    """Gather the evidence. ``small`` is the plate at reduced size, ``camera``, ``sky`` and ``allowed`` fit it;
    ``stated``: the allowed region was drawn by a person, who is believed."""
    height, width = sky.shape
    segments = find_segments(plate, min_share=0.008)
    segments = Segments(ends=segments.ends * np.float32(width / plate.shape[1]))
    middle = np.clip(segments.middle.astype(int), 0, [width - 1, height - 1])
    segments = segments.only(allowed[middle[:, 1], middle[:, 0]])
    up, upright, level, main = _families(segments, camera)
    drawn = _drawn(segments, upright, sky), _drawn(segments, level, sky)
    core = _core(drawn, sky, allowed, camera)
    if not stated:
        core = _without_low_neighbours(core)
        lowest = _lowest_foot(core, camera)
        core[int(np.ceil(lowest)) :] = False
        upright &= segments.ends[:, 1::2].min(axis=1) < lowest
    if stated and not core.any():
        core = cv2.erode((allowed & ~sky).astype(np.uint8), np.ones((9, 9))) > 0
    if not core.any():
        nothing = np.zeros(height)
        return Built(core=core, left=nothing, right=nothing, foot=np.full(width, float(height)))
    xs = np.flatnonzero(core.any(0))
    tall = _near(segments.only(upright), core)
    span = (float(xs[0]), float(xs[-1] + 1))
    low = _above_reflections(_lowest_edges(tall, span, core, sky, up, main), span, main, height)
    foot = _snap_foot(small, low, span)
    left, right = _flanks(tall, span, foot, up, (height, width), allowed)
    rows = np.arange(height)[:, None]
    return Built(core=core & (rows < foot[None, :]), left=left, right=right, foot=foot)


def _lowest_foot(core: Mask, camera: Camera) -> float:
    """The row below which no wall can stand: edges there are its mirror in a puddle, or lie on the ground.

    The horizon cuts every wall at the height of the eye. From the ground, over a building of eight metres or more, the part
    below it is at most ``_EYE_SHARE`` of the part above. Where the horizon passes over the building there is no such limit.
    """
    rows = np.flatnonzero(core.any(axis=1))
    horizon = camera.horizon_y()
    above = core[: max(0, min(core.shape[0], round(horizon)))].sum()
    if len(rows) == 0 or above < 0.5 * core.sum() or rows[0] >= horizon:
        return float(core.shape[0])
    return float(horizon + _EYE_SHARE * (horizon - rows[0]) + 2.0)


def _families(segments: Segments, camera: Camera) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Zenith (homogeneous px), which segments are upright, which level, and the main level vanishing point."""
    up = to_picture(camera.axes[:, 2], focal_px=camera.focal_px, centre_px=camera.centre_px)
    azimuth, score = level_support(segments, camera)
    main = azimuth[int(np.argmax(score))]
    along = to_picture(
        level_directions(camera.axes, np.array([main, main + 90])), focal_px=camera.focal_px, centre_px=camera.centre_px
    )
    if not len(segments):
        none = np.zeros(0, bool)
        return up[0], none, none, along[0]
    upright = deviation_deg(segments, up)[0] < 2.5
    level = (deviation_deg(segments, along).min(0) < 2.0) & ~upright
    return up[0], upright, level, along[0]


def _drawn(segments: Segments, members: np.ndarray, sky: Mask) -> Plane:
    plane = np.zeros(sky.shape, np.float32)
    for x0, y0, x1, y1 in segments.ends[members]:
        cv2.line(plane, (int(x0), int(y0)), (int(x1), int(y1)), 1.0, 1)
    plane[sky] = 0
    return plane


def _core(drawn: tuple[Plane, Plane], sky: Mask, allowed: Mask, camera: Camera) -> Mask:
    """Where upright and level edges gather densely: the largest gathering and those that belong to it. What lies
    below the horizon, under a building that crosses it, is its reflection or its yard."""
    width = sky.shape[1]
    radius = max(2, width // 60)
    spot = (2 * radius + 1, 2 * radius + 1)
    both = np.minimum(cv2.blur(drawn[0], spot), 0.05) + np.minimum(cv2.blur(drawn[1], spot), 0.05)
    dense = (both > 0.035) & (cv2.blur(drawn[0], (4 * radius + 1, 4 * radius + 1)) > 0.008) & ~sky & allowed
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        cv2.dilate(dense.astype(np.uint8), np.ones(spot)), connectivity=8
    )
    if count < 2:
        return dense
    area = stats[:, cv2.CC_STAT_AREA].copy()
    area[0] = 0
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    main = int(np.argmax(area))
    horizon = camera.horizon_y()
    keep = area > 0.15 * area[main]
    if top[main] < horizon < bottom[main]:
        keep &= top < horizon
    # what stands apart is another house unless it is as large as a wing
    apart = np.maximum(left - right[main], left[main] - right)
    rise = np.clip((bottom[main] - top) / max(1.0, float(bottom[main] - top[main])), 0, None)
    wing = (area > 0.3 * area[main]) & (rise > 0.6) & (apart < 0.5 * (right[main] - left[main]))
    keep &= (apart < 0.03 * width) | wing
    keep[main] = True
    return dense & keep[labels]


def _without_low_neighbours(core: Mask) -> Mask:
    """The core without what merely looks joined to it from here: columns in which edges rise less than half as high,
    at its ends, and narrow things beyond them (a pole in front of a shed is not a wing)."""
    height, width = core.shape
    columns = core.any(0)
    if not columns.any():
        return core
    bottom = float(np.percentile(height - np.argmax(core[::-1, columns], axis=0), 50))
    rise = np.where(columns, bottom - np.argmax(core, axis=0), 0.0)
    tall = (rise > 0.45 * float(np.percentile(rise[columns], 85))).astype(np.uint8)
    gap = max(3, width // 25) | 1
    tall = cv2.morphologyEx(np.pad(tall, gap)[None], cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))[0, gap:-gap]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], tall, [0]])))
    runs = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    widest = max(runs, key=lambda run: run[1] - run[0])
    keep = [run for run in runs if run[1] - run[0] > 0.15 * (widest[1] - widest[0])]
    out = core.copy()
    out[:, : keep[0][0]] = False
    out[:, keep[-1][1] :] = False
    return out


def _near(tall: Segments, core: Mask) -> Segments:
    """The upright edges in and beside the building's core; not what stands in front of it or mirrors it."""
    height, width = core.shape
    size = 2 * max(4, width // 24) + 1
    reach = cv2.dilate(core.astype(np.uint8), np.ones((size, size))) > 0
    middle = np.clip(tall.middle.astype(int), 0, [width - 1, height - 1])
    return tall.only(reach[middle[:, 1], middle[:, 0]])


def _lowest_edges(
    tall: Segments, span: tuple[float, float], core: Mask, sky: Mask, up: np.ndarray, main: np.ndarray
) -> np.ndarray:
    """Per column, the lower ends of the lowest upright edges near by (w,), carried along the facade's level lines."""
    height, width = sky.shape
    lower = np.where((tall.ends[:, 1] > tall.ends[:, 3])[:, None], tall.ends[:, :2], tall.ends[:, 2:]).astype(np.float64)
    inside = (lower[:, 0] > span[0] - 2) & (lower[:, 0] < span[1] + 2)
    lower = lower[inside]
    columns = np.arange(width) + 0.5
    if len(lower) < 3:
        fallback = np.where(core.any(0), height - np.argmax(core[::-1], axis=0), 0)
        return np.full(width, float(fallback.max()))
    # slope of the level line through each end: towards the facade's vanishing point
    run = main[0] - main[2] * lower[:, 0]
    slope = np.clip((main[1] - main[2] * lower[:, 1]) / np.where(np.abs(run) < 1e-6, 1e-6, run), -0.35, 0.35)
    x0, x1 = int(span[0]), int(span[1])
    window = np.ones((1, max(3, round(0.28 * (x1 - x0))) | 1), np.uint8)
    reach = (span[1] - span[0]) / 14
    long = tall.length[inside] >= 0.012 * width
    found = np.full(width, np.nan)
    for rank in (long, np.ones(len(lower), bool)):
        ends, tilt = lower[rank], slope[rank]
        lowest = found.copy()
        for i, x in enumerate(columns):
            near = np.abs(ends[:, 0] - x) < reach
            carried = np.sort(ends[near, 1] + tilt[near] * (x - ends[near, 0]))
            # short edges (cellar windows, but also people) only count just below the long ones
            if np.isfinite(found[i]):
                carried = carried[carried < found[i] + 0.065 * height]
                row = carried[2:][carried[2:] - carried[:-2] < 0.008 * height]  # three ends in one row: a row of windows
                carried = np.repeat(np.maximum(row[-1:], found[i]), 2)
            if len(carried) >= 2:
                # the second lowest: one stray edge (a shoe, a cart) does not pull the foot down
                lowest[i] = carried[-2] if carried[-1] - carried[-2] > 0.03 * height else carried[-1]
        known = np.isfinite(lowest)
        if not known.any():
            return np.full(width, float(np.percentile(lower[:, 1], 95)))
        found = np.interp(columns, columns[known], lowest[known])
        # a stretch without low edges between two that have them (a blank plinth, a door) stands on the same ground
        if rank is not long:
            pad = window.shape[1]
            level = np.clip((main[1] - main[2] * found) / (main[0] - main[2] * columns + 1e-9), -0.35, 0.35)
            middle = (x0 + x1) / 2
            carried = found + level * (middle - columns)
            ends = np.pad(carried[x0:x1], pad, constant_values=float(np.percentile(carried[x0:x1], 75)))
            closed = cv2.morphologyEx(ends[None].astype(np.float32), cv2.MORPH_CLOSE, window)[0, pad:-pad]
            found[x0:x1] += np.maximum(closed - carried[x0:x1], 0)
    return found


def _above_reflections(low: np.ndarray, span: tuple[float, float], main: np.ndarray, height: int) -> np.ndarray:
    """``low`` (w,) without what lies a tenth of the frame below the facade's own level line: a reflection, a kerb."""
    columns = np.arange(len(low)) + 0.5
    inside = (columns > span[0]) & (columns < span[1])
    slope = np.clip((main[1] - main[2] * low) / (main[0] - main[2] * columns + 1e-9), -0.35, 0.35)
    carried = low + slope * ((span[0] + span[1]) / 2 - columns)
    usual = float(np.median(carried[inside])) if inside.any() else float(np.median(carried))
    good = inside & (carried < usual + 0.1 * height)
    return np.interp(columns, columns[good], low[good]) if good.any() else low


def _snap_foot(small: Rgb, low: np.ndarray, span: tuple[float, float]) -> np.ndarray:
    """The foot row per column (w,): a smooth path of strongest change from wall to ground, just below ``low``."""
    height, width = small.shape[:2]
    coded = cv2.blur(display_like(small).astype(np.float32), (max(3, width // 90) | 1, 1))
    above, below = np.zeros_like(coded), np.zeros_like(coded)
    for k in range(1, 4):
        above += np.roll(coded, k, axis=0) / 3
        below += np.roll(coded, 1 - k, axis=0) / 3
    change = np.abs(above - below).sum(2) / (above + below + 20).sum(2)
    first, last = -round(0.011 * height), round(0.035 * height)
    offsets = np.arange(first, last + 1)
    rows = np.clip(np.round(low)[:, None].astype(int) + offsets, 1, height - 1)
    edge = np.minimum(change[rows, np.arange(width)[:, None]] / 0.06, 1.0)
    cost = -edge + 0.5 * np.abs(offsets - 0.002 * height)[None, :] / (0.03 * height)
    path = _cheapest_path(cost, np.round(low).astype(int))
    foot = rows[np.arange(width), path].astype(np.float64)
    foot[np.round(low) + first >= height - 1] = height
    x0, x1 = int(span[0]), int(span[1])
    foot[:x0], foot[x1:] = foot[min(x0 + 2, width - 1)], foot[max(x1 - 3, 0)]
    return foot


def _cheapest_path(cost: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Index per column of the cheapest path through ``cost`` (w, k); steps in absolute rows (``base`` + index) cost."""
    width, count = cost.shape
    step = np.abs(np.arange(count)[:, None] - np.arange(count)[None, :]).astype(np.float64)
    total = cost[0].astype(np.float64)
    came = np.zeros((width, count), np.int32)
    for i in range(1, width):
        shift = base[i - 1] - base[i]
        jump = np.minimum(0.35 * np.abs(np.arange(count)[:, None] - np.arange(count)[None, :] - shift), 2.0)
        through = total[None, :] + (jump if shift else np.minimum(0.35 * step, 2.0))
        came[i] = np.argmin(through, axis=1)
        total = cost[i] + through[np.arange(count), came[i]]
    path = np.zeros(width, np.int32)
    path[-1] = int(np.argmin(total))
    for i in range(width - 1, 0, -1):
        path[i - 1] = came[i, path[i]]
    return path


def _flanks(
    tall: Segments,
    span: tuple[float, float],
    foot: np.ndarray,
    up: np.ndarray,
    shape: tuple[int, int],
    allowed: Mask,
) -> tuple[np.ndarray, np.ndarray]:
    """Left and right edge per row (h,): the outermost upright edges of some length, carried to the zenith."""
    height, width = shape
    xs = np.flatnonzero(allowed.any(0))
    middle, length = tall.middle, tall.length
    rows = np.arange(height) + 0.5
    sides = []
    for sign, limit, frame in ((-1, span[0], float(xs[0])), (1, span[1], float(xs[-1] + 1))):
        y_foot = float(foot[int(np.clip(limit, 0, width - 1))])
        reach = (up[1] - up[2] * middle[:, 1]) / np.where(np.abs(up[1] - up[2] * y_foot) < 1e-9, 1e-9, 1.0)
        slope = (up[0] - up[2] * middle[:, 0]) / np.where(np.abs(reach) < 1e-9, 1e-9, reach)
        at_foot = middle[:, 0] + slope * (y_foot - middle[:, 1])
        near = np.abs(at_foot - limit) < 0.035 * width
        order = np.flatnonzero(near)[np.argsort(-sign * at_foot[near], kind="stable")]
        edge = limit
        clusters = [near & (np.abs(at_foot - at_foot[i]) < 0.006 * width) for i in order]
        gathered = [float(length[cluster].sum()) for cluster in clusters]
        for cluster, found in zip(clusters, gathered, strict=True):
            if found > max(0.03 * height, 0.4 * max(gathered)):
                edge = float(at_foot[cluster] @ length[cluster]) / found
                break
        if abs(limit - frame) < 0.02 * width:
            sides.append(np.full(height, frame))
            continue
        run = (up[0] - up[2] * edge) / (up[1] - up[2] * y_foot) if abs(up[1] - up[2] * y_foot) > 1e-9 else 0.0
        sides.append(edge + sign * 0.5 + run * (rows - y_foot))
    return sides[0], sides[1]
