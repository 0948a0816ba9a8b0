"""What stands in front of a wall: everything in its outline that is not the wall, as a soft matte.

Place in the flow: between the photographed box and the re-dress. Light on a wall changes slowly, even from lamp yellow to
window blue; things end in edges. So the outline is parted along its edges, the part that shows the commonest colour is the
wall, and with it whatever lies next to it and goes on in its colour (after Felzenszwalb and Huttenlocher 2004, whose
regions merge by the contrast between them). The matte's edge is unmixed between wall and thing at full size. A patterned
wall, or one that is mostly hidden, it does not know from its furniture: then an artist paints the matte. It refuses
nothing.
"""

from __future__ import annotations

import cv2
import numpy as np

from setpiece.core.arrays import Mask, Plane, Rgb
from setpiece.stage.colour_mode import commonest
from setpiece.stage.line_segments import LUMA
from setpiece.stage.matte_edge import nearest, soft_edge

WORK_PX = 800
_STEP = 0.05  # log luminance a pixel: light does not change faster, edges do
_COLOUR_STEP = 0.022  # the same in log chromaticity
_SAME_COLOUR = 0.10  # log chromaticity between a part and the wall around it
_SAME_LEVEL = 0.5  # log luminance: shadows with a sharp edge are still the wall's
_BRIGHTER = 0.22  # and a part that is brighter is rather a lamp or a sheet of paper
_BLOWN = 0.85  # of the brightest, in every channel: lamps and windows are white, the glow beside them is not
_CORE = 0.4  # in logarithms: surely another thing
_GAP = 5  # px at reduced size: what lies farther from the wall than that is behind a frame
_ROUNDS, _GROWTH = 40, 6  # how often parts are joined, and by how many pixels the wall grows in between
_SMALLEST = 0.00012  # of the picture: smaller islands are grain or dirt


def find_standing(plate: Rgb, outline: Plane, *, outdoors: bool = False) -> Plane:
    """Coverage (h, w), 0..1, of what stands in front of the wall with ``outline`` (h, w); 0 outside of it.

    ``plate`` is scene-linear ACEScg; ``outdoors`` the sun throws shadows two stops deep and blue. Deterministic.
    """
    height, width = outline.shape
    scale = min(1.0, WORK_PX / max(height, width))
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    small = cv2.resize(plate, size, interpolation=cv2.INTER_AREA)
    inside = cv2.resize(outline, size, interpolation=cv2.INTER_AREA) > 0.99
    if int(inside.sum()) < 64:
        return np.zeros_like(outline)
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    blown = (small.min(-1) > _BLOWN * small.max()) & (not outdoors)
    wall = np.zeros_like(inside)
    wall[part] = _sharpened(
        _wall(small[part], inside[part] & ~blown[part], 3.6 if outdoors else 1.0), small[part], inside[part], blown[part]
    )
    cut = _without_islands(inside & ~wall, inside)
    if not cut.any():
        return np.zeros_like(outline)
    return soft_edge(plate, cut, outline)


def _wall(small: Rgb, inside: Mask, depth: float) -> Mask:
    """Where the wall itself is seen, at reduced size; shadows are ``depth`` times as deep as indoors."""
    floor = np.float32(0.01 * max(float(np.percentile(small @ LUMA, 95)), 1e-4))
    logs = np.log(cv2.GaussianBlur(np.maximum(small, 0), (0, 0), 1.1) + floor)
    level = logs @ LUMA
    colour = logs - level[..., None]
    edge = _steps(level[..., None]) / _STEP + _steps(colour) / _COLOUR_STEP
    calm = inside & (edge < 1.0)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(calm.astype(np.uint8), connectivity=4)
    if count < 2:
        return inside
    area = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    area[0] = 0
    likely = np.bincount(labels.ravel(), weights=(calm * _near_mode(colour, level, inside)).ravel(), minlength=count)
    likely[0] = 0
    wall = np.zeros(count, bool)
    wall[int(np.argmax(likely))] = True
    least = max(8.0, _SMALLEST * calm.size)
    seen = wall[labels] & (labels > 0)
    for _ in range(_ROUNDS):
        grown = _grown(seen, logs, inside)
        joined = grown | (_joined(grown, labels, logs, area, least, depth)[labels] & (labels > 0))
        if (joined == seen).all():
            break
        seen = joined
    return seen


def _steps(values: np.ndarray) -> Plane:
    """How much ``values`` (h, w, c) change from pixel to pixel."""
    down, across = np.gradient(values, axis=(0, 1))
    return np.sqrt((down * down + across * across).sum(-1)).astype(np.float32)


def _joined(there: Mask, labels: np.ndarray, logs: Rgb, area: np.ndarray, least: float, depth: float) -> np.ndarray:
    """Which parts (k,) lie next to the wall and go on in its colour."""
    near = cv2.dilate(there.astype(np.uint8), np.ones((2 * _GAP + 1, 2 * _GAP + 1), np.uint8)) > 0
    weight = there.astype(np.float32)
    share = cv2.GaussianBlur(weight, (0, 0), 3.0 * _GAP)
    mean = cv2.GaussianBlur(logs * weight[..., None], (0, 0), 3.0 * _GAP) / np.maximum(share, 1e-6)[..., None]
    close = near & ~there & (labels > 0) & (share > 1e-3)
    touching = np.bincount(labels[close], minlength=len(area)).astype(np.float64)
    rest = (logs - mean)[close]
    differs = np.stack([np.bincount(labels[close], weights=rest[:, c], minlength=len(area)) for c in range(3)], 1)
    differs = differs / np.maximum(touching, 1)[:, None]
    level = differs @ LUMA
    colour = np.sqrt(((differs - level[:, None]) ** 2).sum(1))
    mixed = np.where(level < -0.1, 1.8 + 0.4 * (depth - 1), 1.0)  # a shadow is lit by another lamp
    same = (colour < mixed * _SAME_COLOUR) & (level < _BRIGHTER) & (level > -_SAME_LEVEL * depth)
    return same & (touching > 3) & (area >= least)


def _grown(wall: Mask, logs: Rgb, inside: Mask) -> Mask:
    """The wall grown through soft edges, the penumbra of a shadow say, and up to the hard ones: pixel by pixel, as long as each
    is like the wall beside it."""
    for _ in range(_GROWTH):
        weight = wall.astype(np.float32)
        share = cv2.GaussianBlur(weight, (0, 0), 2.0)
        mean = cv2.GaussianBlur(logs * weight[..., None], (0, 0), 2.0) / np.maximum(share, 1e-6)[..., None]
        rest = logs - mean
        level = rest @ LUMA
        colour = np.sqrt(((rest - level[..., None]) ** 2).sum(-1))
        like = (colour < 0.7 * _SAME_COLOUR) & (level > -_SAME_LEVEL / 2) & (level < _BRIGHTER / 8)
        beside = cv2.dilate(wall.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        wall = wall | (beside & like & inside)
    return wall


def _sharpened(wall: Mask, small: Rgb, inside: Mask, blown: Mask) -> Mask:
    """The wall up to where things begin: what lies between is given to whichever it is more like."""
    logs = np.log(np.maximum(small, 0) + np.float32(0.01 * max(float(np.percentile(small @ LUMA, 95)), 1e-4)))
    for _ in range(3):
        weight = cv2.erode(wall.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
        share = cv2.GaussianBlur(weight, (0, 0), 4.0)
        mean = cv2.GaussianBlur(logs * weight[..., None], (0, 0), 4.0) / np.maximum(share, 1e-6)[..., None]
        odd = np.abs(logs - mean).max(-1)
        core = inside & ~wall & ((odd > _CORE) | blown)
        if not core.any() or not weight.any():
            return wall
        gap = nearest(logs, core) - mean
        toward = ((logs - mean) * gap).sum(-1) / np.maximum((gap * gap).sum(-1), 1e-6)
        near = cv2.dilate(wall.astype(np.uint8), np.ones((2 * _GAP + 1, 2 * _GAP + 1), np.uint8)) > 0
        wall = wall | (inside & near & ~core & (toward < 0.5) & (share > 1e-3))
    return wall


def _near_mode(colour: Rgb, level: Plane, inside: Mask) -> Plane:
    """Weight of each pixel by how near it is to the commonest colour inside, paler ones preferred as walls are."""
    a, b = colour[..., 0] - colour[..., 1], colour[..., 2] - colour[..., 1]
    weight = np.exp(0.35 * np.clip(level[inside] - np.median(level[inside]), -3, 1.5))
    mode = commonest(a, b, inside, step=0.04, spread=1.5, weight=weight)
    far = np.hypot(a - mode[0], b - mode[1])
    return np.exp(-((far / 0.16) ** 2)).astype(np.float32)


def _without_islands(cut: Mask, inside: Mask) -> Mask:
    """Without specks, and without holes too small to be seen through."""
    least = max(6, round(_SMALLEST * cut.size))
    for value in (True, False):
        part = (cut == value) & inside
        _, labels, stats, _ = cv2.connectedComponentsWithStats(part.astype(np.uint8), connectivity=8 if value else 4)
        small = stats[:, cv2.CC_STAT_AREA] < least * (1 if value else 3)
        small[0] = False
        cut = np.where(small[labels], not value, cut)
    return cut & inside
