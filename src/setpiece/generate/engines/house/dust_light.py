"""Light carried through the dust, slice by slice, and the volumes that a march needs.

Generation, engine ``house``. Kernels only; :mod:`setpiece.generate.engines.house.dust` says what they mean. Parallel
loops write disjoint slabs, so the bits do not depend on the thread count.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, prange

from setpiece.generate.engines.house.dust_field import read_volume

Real = Any  # a float inside kernels: numba knows which

BLOCK = 4  # cells a side of the empty-space blocks

_F0, _F1, _HALF = np.float32(0), np.float32(1), np.float32(0.5)


@njit(cache=True, fastmath=True)
def sweep_depth(density: np.ndarray, slope_b: Real, slope_c: Real, length: Real, out: np.ndarray) -> None:
    """Column mass towards a light beyond index 0 of the first axis, slice by slice.

    ``slope_b``, ``slope_c``: cells moved on the other axes when stepping one slice towards the light (|slope| <= 1);
    ``length``: metres of that step. ``out`` in density units times metres.
    """
    n, nb, nc = density.shape
    half = np.float32(0.5 * length)
    sb, sc = np.float32(slope_b), np.float32(slope_c)
    for j in range(nb):
        for k in range(nc):
            out[0, j, k] = half * density[0, j, k]
    jb, kc = math.floor(sb), math.floor(sc)
    fb, fc = np.float32(sb - jb), np.float32(sc - kc)
    for i in range(1, n):
        for j in range(nb):
            y0, y1 = j + jb, j + jb + 1
            for k in range(nc):
                z0, z1 = k + kc, k + kc + 1
                total = half * density[i, j, k]
                if y0 >= 0 and y0 < nb:
                    if z0 >= 0 and z0 < nc:
                        total += (_F1 - fb) * (_F1 - fc) * (out[i - 1, y0, z0] + half * density[i - 1, y0, z0])
                    if z1 >= 0 and z1 < nc:
                        total += (_F1 - fb) * fc * (out[i - 1, y0, z1] + half * density[i - 1, y0, z1])
                if y1 >= 0 and y1 < nb:
                    if z0 >= 0 and z0 < nc:
                        total += fb * (_F1 - fc) * (out[i - 1, y1, z0] + half * density[i - 1, y1, z0])
                    if z1 >= 0 and z1 < nc:
                        total += fb * fc * (out[i - 1, y1, z1] + half * density[i - 1, y1, z1])
                out[i, j, k] = total


@njit(cache=True, parallel=True, fastmath=True)
def softened(density: np.ndarray, out: np.ndarray) -> None:
    """A binomial 3³ filter: hides the grid's own steps, which the billows would not."""
    nx, ny, nz = density.shape
    for slab in prange(nx):
        i: Any = np.int64(slab)
        row = np.empty((ny, nz), np.float32)
        a, b = max(i - 1, 0), min(i + 1, nx - 1)
        quarter = np.float32(0.25)
        for j in range(ny):
            for k in range(nz):
                row[j, k] = quarter * (density[a, j, k] + density[b, j, k]) + _HALF * density[i, j, k]
        for j in range(ny):
            c, d = max(j - 1, 0), min(j + 1, ny - 1)
            for k in range(nz):
                out[i, j, k] = quarter * (row[c, k] + row[d, k]) + _HALF * row[j, k]
            before = out[i, j, 0]
            for k in range(nz):
                here = out[i, j, k]
                out[i, j, k] = quarter * (before + out[i, j, min(k + 1, nz - 1)]) + _HALF * here
                before = here


@njit(cache=True, parallel=True, fastmath=True)
def block_peaks(density: np.ndarray, out: np.ndarray) -> None:
    """Largest density in every block of BLOCK³ cells and one cell around it."""
    nx, ny, nz = density.shape
    for slab in prange(out.shape[0]):
        i: Any = np.int64(slab)
        for j in range(out.shape[1]):
            for k in range(out.shape[2]):
                peak = _F0
                for a in range(max(i * BLOCK - 1, 0), min(i * BLOCK + BLOCK + 1, nx)):
                    for b in range(max(j * BLOCK - 1, 0), min(j * BLOCK + BLOCK + 1, ny)):
                        for c in range(max(k * BLOCK - 1, 0), min(k * BLOCK + BLOCK + 1, nz)):
                            peak = max(peak, density[a, b, c])
                out[i, j, k] = peak


@njit(cache=True, parallel=True, fastmath=True)
def read_columns(volume: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """The second channel (column mass to the sun) at grid coordinates (n, 3)."""
    out = np.empty(len(cells), np.float32)
    for slab in prange(len(cells)):
        n: Any = np.int64(slab)
        _, out[n], _, _ = read_volume(volume, cells[n, 0], cells[n, 1], cells[n, 2])
    return out
