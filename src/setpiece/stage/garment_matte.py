"""The matte of a garment in a costume test: proposed from a box or from strokes, for an artist to mend.

Place in the flow: before a fabric study takes the cloth apart. GrabCut (Rother, Kolmogorov and Blake 2004) parts garment
and rest at reduced size, the edge is estimated at full size; what is not of the garment's own cloth (badges, straps,
buttons, a hand in the pocket) is found by its colour. It does not know sleeves from skin of the same colour. It refuses an
empty matte and one that holds everything.
"""

from __future__ import annotations

import cv2
import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.errors import MatteError
from setpiece.stage.colour_mode import commonest
from setpiece.stage.line_segments import LUMA, display_like
from setpiece.stage.matte_edge import soft_edge

WORK_PX = 720
Line = tuple[float, float, float, float]
_OTHER = 0.34  # log chromaticity from the cloth's own: another material
_STROKE = 0.012  # of the long side: how wide a stroke is
_REMEDY = "state garment.box around it, draw garment.inside and garment.outside on it and beside it, or paint garment.file"


def propose_garment(
    plate: Rgb, *, box: Line | None, inside: tuple[Line, ...] = (), outside: tuple[Line, ...] = (), own_cloth: bool = True
) -> Plane:
    """Coverage (h, w), 0..1, of the garment in ``plate`` (ACEScg) from a ``box`` (left, top, right, bottom) and strokes, px.

    Raises :class:`MatteError` where the box or a stroke lies outside of the picture, nothing is found, or all of it.
    """
    height, width = plate.shape[:2]
    _check(box, inside, outside, (width, height))
    scale = min(1.0, WORK_PX / max(height, width))
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    small = cv2.resize(plate, size, interpolation=cv2.INTER_AREA)
    seeds = np.full(small.shape[:2], cv2.GC_PR_BGD if box is None else cv2.GC_BGD, np.uint8)
    if box is not None:
        left, top, right, bottom = (round(value * size[0] / width) for value in box)
        seeds[max(0, top) : bottom, max(0, left) : right] = cv2.GC_PR_FGD
    thick = max(2, round(_STROKE * max(size)))
    for strokes, value in ((inside, cv2.GC_FGD), (outside, cv2.GC_BGD)):
        for line in strokes:
            ends = np.round(np.array(line) * size[0] / width).astype(int)
            cv2.line(seeds, (int(ends[0]), int(ends[1])), (int(ends[2]), int(ends[3])), int(value), thick)
    if (seeds == cv2.GC_BGD).any() or (seeds == cv2.GC_PR_BGD).any():
        cv2.setRNGSeed(7)
        seeds, _, _ = cv2.grabCut(np.ascontiguousarray(display_like(small)[..., ::-1]), seeds, None, np.zeros((1, 65)),
                                  np.zeros((1, 65)), 6, cv2.GC_INIT_WITH_MASK)  # fmt: skip
    cut = (seeds == cv2.GC_FGD) | (seeds == cv2.GC_PR_FGD)
    if float(cut.mean()) < 0.001:
        raise MatteError("no garment was found", remedy=_REMEDY)
    if float(cut.mean()) > 0.97:
        raise MatteError("the garment's matte covers everything", remedy=_REMEDY)
    coverage = soft_edge(plate, _whole(cut), np.ones(plate.shape[:2], np.float32))
    if not own_cloth:
        return coverage
    reach = 2 * max(2, round(width / 400)) + 1
    rim = cv2.dilate((coverage < 0.5).astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0  # mixed there, not another cloth
    return np.where(rim, coverage, coverage * own_share(plate, coverage)).astype(np.float32)


def own_share(plate: Rgb, coverage: Plane) -> Plane:
    """How far each pixel is of the garment's own cloth, 0..1: near its commonest colour, whatever the light on it."""
    floor = np.float32(0.006 * max(float(np.percentile(plate @ LUMA, 95)), 1e-4))
    logs = np.log(cv2.GaussianBlur(np.maximum(plate, 0), (0, 0), max(0.8, plate.shape[1] / 1500)) + floor)
    level = logs @ LUMA
    a, b = logs[..., 0] - logs[..., 1], logs[..., 2] - logs[..., 1]
    sure = coverage > 0.95
    if int(sure.sum()) < 64:
        return np.ones_like(coverage)
    centre = commonest(a, b, sure, step=0.06, spread=2.0)
    far = np.hypot(a - centre[0], b - centre[1])
    # cloth runs from its shade to its light along one line in colour: distance is counted less along it
    near = sure & (far < 1.5 * _OTHER)
    spread = np.stack([a[near], b[near]], 1) - centre
    _, axes = np.linalg.eigh(np.cov(spread.T) + 1e-6 * np.eye(2))
    along = (np.stack([a, b], -1) - centre) @ axes
    far = np.sqrt((along[..., 0]) ** 2 + (along[..., 1] / 2.2) ** 2)
    # in deep folds the cloth lights itself and its colour runs away, but never to the grey of black things
    deep = np.clip(np.median(level[near]) - 0.4 - level, 0, 2.5)
    far = far / np.minimum(1 + 1.3 * deep, max(1.0, 0.55 * float(np.hypot(*centre)) / _OTHER))
    share = np.clip((1.25 * _OTHER - far) / (0.5 * _OTHER), 0, 1).astype(np.float32)
    solid = cv2.morphologyEx((share > 0.5).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    share = share * cv2.dilate(solid, np.ones((3, 3), np.uint8))
    reach = 2 * max(1, round(0.006 * plate.shape[1])) + 1
    closed = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    return np.where((closed > 0) & (deep > 0.25), 1.0, share).astype(np.float32)  # the bottom of a narrow fold


def _whole(cut: np.ndarray) -> np.ndarray:
    """Without specks beside the garment."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cut.astype(np.uint8), connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA].copy()
    area[0] = 0
    return np.asarray((area >= max(8, 0.01 * area.max()))[labels]) if count > 1 else cut


def _check(box: Line | None, inside: tuple[Line, ...], outside: tuple[Line, ...], size: tuple[int, int]) -> None:
    width, height = size
    if box is not None and (box[2] <= 0 or box[3] <= 0 or box[0] >= width or box[1] >= height):
        raise MatteError(f"garment.box {list(box)} lies outside of the picture, {width}x{height}", remedy=_REMEDY)
    for name, strokes in (("garment.inside", inside), ("garment.outside", outside)):
        for x0, y0, x1, y1 in strokes:
            if max(x0, x1) < 0 or max(y0, y1) < 0 or min(x0, x1) >= width or min(y0, y1) >= height:
                raise MatteError(f"{name} {[x0, y0, x1, y1]} lies outside of the picture, {width}x{height}", remedy=_REMEDY)
