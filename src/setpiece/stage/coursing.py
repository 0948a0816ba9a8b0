"""Walls of dressed stone cut as they come apart: along beds and heads of the courses, and here and there across.

A wall is halved again and again where its weight is greatest, so that sizes follow the density that is asked for, from
slabs of several courses down to broken stones. Every cut is a straight line through a convex cell: cells stay convex and
tile the wall. Same generator, same cells, to the bit.
"""

from __future__ import annotations

import heapq

import numpy as np

COURSE_M = 0.46  # height of a course
_ACROSS = 0.38  # share of cuts that run through the stones, not along their joints
_SMALL_M = 0.75  # below this a stone breaks across: there is no joint left in it
_LEAN = 0.05  # how far a head joint is out of plumb, 1 sigma


def coursed_cells(weight: np.ndarray, grid_m: float, count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """About ``count`` convex cells (n, 2) in (u, v) metres, counter-clockwise, that tile the rectangle of ``weight``.

    ``weight`` (nv, nu) is how much of the cutting each raster cell of ``grid_m`` metres asks for; cells without any
    weight are left out.
    """
    height, width = weight.shape
    rows, columns = np.mgrid[0:height, 0:width]
    points = np.c_[(columns.ravel() + 0.5) * grid_m, (rows.ravel() + 0.5) * grid_m]
    values = weight.ravel().astype(np.float64)
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64) * grid_m
    everything = np.arange(len(values))
    heap = [(-float(values.sum()), 0, whole, everything)]
    done: list[np.ndarray] = []
    made = 1
    while heap and len(heap) + len(done) < count:
        load, _, cell, owned = heapq.heappop(heap)
        if load >= 0:
            continue
        halves = _halved(cell, rng)
        if halves is None or len(owned) < 4:
            done.append(cell)
            continue
        a, b, normal, offset = halves
        left = points[owned] @ normal < offset
        if left.all() or not left.any():  # a sliver
            done.append(cell)
            continue
        for half, part in ((a, owned[left]), (b, owned[~left])):
            total = float(values[part].sum())
            if total > 0:
                heapq.heappush(heap, (-total, made, half, part))
                made += 1
    return done + [item[2] for item in sorted(heap, key=lambda item: item[1])]


def _halved(cell: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, float] | None:
    """The two parts of a cell on either side of a joint or a crack, its normal and offset; None where it is too small."""
    low, high = cell.min(axis=0), cell.max(axis=0)
    size = high - low
    at = low + size * rng.uniform(0.32, 0.68, 2)
    across, lean, angle = rng.random() < _ACROSS, rng.normal(0.0, _LEAN), rng.uniform(0.1, 0.6) * rng.choice([-1.0, 1.0])
    if size.max() < 0.16:
        return None
    along_bed = size[1] > 0.72 * size[0]
    bed = round(float(at[1]) / COURSE_M) * COURSE_M
    if across or size.max() < _SMALL_M:
        turn = angle + (0.0 if along_bed else np.pi / 2)
        normal = np.array([-np.sin(turn), np.cos(turn)])
    elif along_bed and low[1] + 0.1 < bed < high[1] - 0.1:
        normal, at = np.array([0.0, 1.0]), np.array([at[0], bed])
    else:
        normal = np.array([np.cos(lean), np.sin(lean)])
    offset = float(normal @ at)
    return _side(cell, normal, offset), _side(cell, -normal, -offset), normal, offset


def _side(cell: np.ndarray, normal: np.ndarray, offset: float) -> np.ndarray:
    """The part of a convex cell where ``normal`` @ x <= ``offset``."""
    side = cell @ normal - offset
    kept: list[np.ndarray] = []
    for p, q, s, t in zip(cell, np.roll(cell, -1, axis=0), side, np.roll(side, -1), strict=True):
        if s <= 0:
            kept.append(p)
        if (s < 0 < t) or (t < 0 < s):
            kept.append(p + (q - p) * (s / (s - t)))
    return np.array(kept)
