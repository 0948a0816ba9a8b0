"""The grain of a plate, apart from what it lies on.

A retouch changes what the camera saw, not the noise of its sensor or stock: a gain that doubles a shadow must not double
its grain, and a warp must not smear it. So everything that makes or applies a retouch parts the two the same way: here.
Level and strength are one curve, ``variance = floor + slope * level`` (Foi et al. 2008: read noise and photon noise), and
no pixel's share is larger than grain of that strength can be, so pores and freckles stay with the picture; where the picture
itself rises by more than grain can, there is no telling them apart, and all of it goes with the picture. What is only graded
stays where it is, and an edge in it keeps its grain too: a fold that is lifted is no noisier than it was.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from setpiece.core.arrays import Flow, Plane, Rgb, length_of

Grain = tuple[float, float]  # variance at black, and its growth with the level; scene-linear units
RADIUS_PX = 2.0  # sigma of what counts as fine: grain lives below it
CLIP = 2.5  # standard deviations that one pixel's grain has at most
EDGE_SPAN = 2.5  # px over which a slope is counted: about what an edge rises by under that sigma
EDGE_FROM, EDGE_ALL = 2.5, 5.0  # of the strongest grain that it can be: a rise that begins to be an edge, and one that is
EDGE_PX = 2  # to either side of an edge, it is beside that
MOVED_PX = 0.25  # a pixel that is fetched from so far away has moved
REACH_PX = 11  # how far around a pixel its grain depends on what is there
_BLOCK = 8
_CALM = 0.15  # share of the blocks of a level that are taken for calm
_MEAN = np.full((1, 3), 1 / 3, np.float32)
_STRIP = 16384  # pixels that are worked on at a time
_CALM_BIAS = 0.80  # variance of the calmest such share of 8 x 8 blocks of noise, against the noise's own


def grain_of(region: Rgb) -> Grain:
    """Measure the grain of ``region`` (h, w, 3), scene-linear: (0, 0) where it has none or is too small to tell.

    The calmest blocks of each level speak; the curve is the lower envelope through them, so texture can only be taken for
    grain where there is nothing else at any level.
    """
    import cv2

    height, width = region.shape[0] // _BLOCK * _BLOCK, region.shape[1] // _BLOCK * _BLOCK
    if height * width < 24 * _BLOCK**2:
        return (0.0, 0.0)
    cut = np.ascontiguousarray(region[:height, :width])
    fine = cut - cv2.GaussianBlur(cut, (0, 0), RADIUS_PX)
    size = (width // _BLOCK, height // _BLOCK)
    variance = cv2.resize(fine * fine, size, interpolation=cv2.INTER_AREA).reshape(-1)
    level = cv2.resize(cut, size, interpolation=cv2.INTER_AREA).reshape(-1)
    whole = (level > 1e-4) & (variance > 0)
    variance, level = variance[whole], level[whole]
    if len(level) < 24:
        return (0.0, 0.0)
    edges = np.quantile(level, np.linspace(0, 1, 13))
    at, calm = [], []
    for low, high in pairwise(edges):
        inside = variance[(level >= low) & (level <= high)]
        if len(inside) >= 8:
            at.append(0.5 * (float(low) + float(high)))
            calm.append(float(np.quantile(inside, _CALM)) / _CALM_BIAS)
    return _lower_line(np.array(at), np.array(calm))


def _lower_line(level: np.ndarray, variance: np.ndarray) -> Grain:
    """Floor and slope, neither negative, of the line through the lower half of the points (k,), in ratios."""
    if len(level) < 2:
        return (float(variance.min()) if len(level) else 0.0, 0.0)
    keep = np.ones(len(level), bool)
    floor = slope = 0.0
    for _ in range(3):
        weight = 1.0 / np.maximum(variance[keep], 1e-14)
        rows = np.stack([weight, level[keep] * weight], 1)
        floor, slope = (float(v) for v in np.linalg.lstsq(rows, np.ones(int(keep.sum())), rcond=None)[0])
        if slope < 0:
            floor, slope = 1.0 / float(weight.mean()), 0.0
        elif floor < 0:
            floor, slope = 0.0, float(1.0 / (level[keep] * weight).mean())
        ratio = variance / np.maximum(floor + slope * level, 1e-14)
        keep = ratio <= max(1.25, float(np.sort(ratio)[len(ratio) // 2]))
    return (floor, slope)


def moving(warp: Flow | None) -> Plane | bool:
    """How far each pixel (h, w) of what is fetched by ``warp`` (h, w, 2) px moves: 0 stays, 1 moves; False without a warp."""
    return False if warp is None else np.minimum(length_of(warp[..., 0], warp[..., 1]) / np.float32(MOVED_PX), 1)


def part_grain(region: Rgb, grain: Grain, *, edges: Plane | bool = True) -> tuple[Rgb, Rgb]:
    """``region`` (h, w, 3) as (picture, grain): they add up to it, and no grain is stronger than ``grain`` allows.

    ``edges`` is where an edge goes with the picture, grain and all: everywhere, nowhere, or as far as (h, w) 0..1 says.
    """
    import cv2

    if grain[0] <= 0 and grain[1] <= 0:
        return region, np.zeros_like(region)
    picture = cv2.GaussianBlur(region, (0, 0), RADIUS_PX, borderType=cv2.BORDER_REFLECT)
    edge = None if edges is False else _edge(picture)
    own = np.empty_like(picture)
    step = max(1, _STRIP // max(1, region.shape[1]))
    for top in range(0, region.shape[0], step):  # a few rows at a time stay in the processor's own memory
        rows = slice(top, top + step)
        most = np.maximum(picture[rows], 0)
        most *= np.float32(grain[1] * CLIP * CLIP)
        most += np.float32(grain[0] * CLIP * CLIP)
        np.sqrt(most, out=most)
        part = np.subtract(region[rows], picture[rows], out=own[rows])
        np.clip(part, -most, most, out=part)
        if edge is not None:
            steep = edge[rows] / (cv2.transform(most, _MEAN) + np.float32(1e-9))
            kept = np.clip((EDGE_ALL - steep) / np.float32(EDGE_ALL - EDGE_FROM), 0, 1)
            if not isinstance(edges, bool):
                kept = 1 - edges[rows] * (1 - kept)
            part *= cv2.cvtColor(kept, cv2.COLOR_GRAY2BGR)
        np.subtract(region[rows], part, out=picture[rows])
    return picture, own


def _edge(picture: Rgb) -> Plane:
    """By how much ``picture`` rises beside each pixel (h, w), over the length of an edge."""
    import cv2

    level = cv2.transform(picture, _MEAN)
    edge = length_of(*(cv2.Sobel(level, cv2.CV_32F, k, 1 - k, scale=0.125 * EDGE_SPAN) for k in (0, 1)))
    return cv2.dilate(edge, np.ones((2 * EDGE_PX + 1, 2 * EDGE_PX + 1), np.uint8))
