"""A tileable volume of billows: the shapes of dust that are too small for the gas grid.

Generation, engine ``house``. Inverted cellular noise (Worley 1996) in four octaves gives round lobes with sharp
creases between them, gradient noise (Perlin 1985) makes neighbouring lobes unequal, after the cloud modelling of
Schneider and Vos (2015). The histogram is flat, so that a threshold of 0.3 removes 30 % of the space.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit, prange

from setpiece.core.arrays import frozen

SIZE = 128  # voxels a side
LOBES = 3  # of the largest lobes a side
_WEIGHTS = (0.23, 0.40, 0.28, 0.17)  # from billows as big as a bay of the building down to heads of cauliflower


@lru_cache(maxsize=4)
def billow_volume(seed: int) -> np.ndarray:
    """(128, 128, 128) uint8, tileable in all directions, flat histogram over 0..255, high inside lobes.

    Deterministic in ``seed``; kept in memory for the next frame.
    """
    rng = np.random.default_rng((seed, 0xB111))
    total = np.zeros((SIZE, SIZE, SIZE), np.float32)
    for octave, weight in enumerate(_WEIGHTS):
        cells = LOBES << octave
        points = rng.random((cells, cells, cells, 3), dtype=np.float32)
        _add_lobes(points, np.float32(weight), total)
    gradients = rng.normal(size=(2 * LOBES, 2 * LOBES, 2 * LOBES, 3)).astype(np.float32)
    gradients /= np.linalg.norm(gradients, axis=-1, keepdims=True)
    _add_swell(gradients, np.float32(0.35), total)
    return frozen(_flattened(total))


def _flattened(values: np.ndarray) -> np.ndarray:
    """uint8 with every level equally frequent, order kept (to a fine histogram's precision)."""
    low, high = float(values.min()), float(values.max())
    bins = np.minimum(((values - np.float32(low)) * np.float32(65535 / (high - low))).astype(np.int32), 65535)
    below = np.cumsum(np.bincount(bins.ravel(), minlength=65536))
    levels = np.minimum(below * (256.0 / below[-1]), 255).astype(np.uint8)
    return levels[bins]


@njit(cache=True, parallel=True, fastmath=True)
def _add_lobes(points: np.ndarray, weight: np.float32, out: np.ndarray) -> None:
    """Add 1 - distance² to the nearest of ``points``, one jittered point a cell, in cells."""
    n, cells = out.shape[0], points.shape[0]
    scale = np.float32(cells / n)
    for slab in prange(n):
        i: Any = np.int64(slab)
        x = (np.float32(i) + np.float32(0.5)) * scale
        cx = int(x)
        for j in range(n):
            y = (np.float32(j) + np.float32(0.5)) * scale
            cy = int(y)
            for k in range(n):
                z = (np.float32(k) + np.float32(0.5)) * scale
                cz = int(z)
                best = np.float32(9)
                for a in range(cx - 1, cx + 2):
                    for b in range(cy - 1, cy + 2):
                        for c in range(cz - 1, cz + 2):
                            p = points[a % cells, b % cells, c % cells]
                            dx, dy, dz = np.float32(a) + p[0] - x, np.float32(b) + p[1] - y, np.float32(c) + p[2] - z
                            best = min(best, dx * dx + dy * dy + dz * dz)
                out[i, j, k] += weight * max(np.float32(1) - best, np.float32(-0.2))


@njit(cache=True, parallel=True, fastmath=True)
def _add_swell(gradients: np.ndarray, weight: np.float32, out: np.ndarray) -> None:
    """Add gradient noise of about -0.5..0.5 on a lattice of ``gradients``."""
    n, cells = out.shape[0], gradients.shape[0]
    scale = np.float32(cells / n)
    for slab in prange(n):
        i: Any = np.int64(slab)
        for j in range(n):
            for k in range(n):
                x = (np.float32(i) + np.float32(0.5)) * scale
                y = (np.float32(j) + np.float32(0.5)) * scale
                z = (np.float32(k) + np.float32(0.5)) * scale
                cx, cy, cz = int(x), int(y), int(z)
                value = np.float32(0)
                for a in range(2):
                    dx = x - np.float32(cx + a)
                    wx = np.float32(1) - dx * dx * (np.float32(3) - np.float32(2) * abs(dx))
                    for b in range(2):
                        dy = y - np.float32(cy + b)
                        wy = np.float32(1) - dy * dy * (np.float32(3) - np.float32(2) * abs(dy))
                        for c in range(2):
                            dz = z - np.float32(cz + c)
                            wz = np.float32(1) - dz * dz * (np.float32(3) - np.float32(2) * abs(dz))
                            g = gradients[(cx + a) % cells, (cy + b) % cells, (cz + c) % cells]
                            value += wx * wy * wz * (g[0] * dx + g[1] * dy + g[2] * dz)
                out[i, j, k] += weight * value
