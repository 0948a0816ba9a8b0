"""Light carried through the dust, slice by slice, and the volumes that a march needs.

Generation, engine ``house``. Kernels only; :mod:`setpiece.generate.engines.house.dust` says what they mean. Parallel
loops write disjoint slabs, so the bits do not depend on the thread count.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, prange

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
def transmittance(column: np.ndarray, points: np.ndarray, place: np.ndarray, sun: np.ndarray, ext: Real) -> np.ndarray:
    """Share of sunlight (n,) at world points (n, 3), inside of the domain or not; ``column`` (nx, ny, nz) mass to the sun."""
    out = np.empty(len(points), np.float32)
    shape = (np.float32(column.shape[0]), np.float32(column.shape[1]), np.float32(column.shape[2]))
    ext = np.float32(ext)
    for slab in prange(len(points)):
        n: Any = np.int64(slab)
        near, far = _F0, np.float32(1e9)
        g = (
            (points[n, 0] - place[0]) / place[3],
            (points[n, 1] - place[1]) / place[3],
            (points[n, 2] - place[2]) / place[3],
        )
        for axis in range(3):
            if abs(sun[axis]) < np.float32(1e-7):
                if g[axis] < -_HALF or g[axis] > shape[axis] - _HALF:
                    far = -_F1
                continue
            a, b = (-_HALF - g[axis]) / sun[axis], (shape[axis] - _HALF - g[axis]) / sun[axis]
            near, far = max(near, min(a, b)), min(far, max(a, b))
        out[n] = _F1
        if far > near:
            mass = _read(column, g[0] + near * sun[0], g[1] + near * sun[1], g[2] + near * sun[2])
            out[n] = math.exp(-ext * mass)
    return out


@njit(cache=True, fastmath=True)
def _read(a: np.ndarray, x: Real, y: Real, z: Real) -> Real:
    """``a`` (nx, ny, nz) at index coordinates, clamped."""
    x = min(max(x, _F0), np.float32(a.shape[0] - 1.001))
    y = min(max(y, _F0), np.float32(a.shape[1] - 1.001))
    z = min(max(z, _F0), np.float32(a.shape[2] - 1.001))
    i, j, k = int(x), int(y), int(z)
    fx, fy, fz = x - np.float32(i), y - np.float32(j), z - np.float32(k)
    c00 = a[i, j, k] * (_F1 - fz) + a[i, j, k + 1] * fz
    c01 = a[i, j + 1, k] * (_F1 - fz) + a[i, j + 1, k + 1] * fz
    c10 = a[i + 1, j, k] * (_F1 - fz) + a[i + 1, j, k + 1] * fz
    c11 = a[i + 1, j + 1, k] * (_F1 - fz) + a[i + 1, j + 1, k + 1] * fz
    c0, c1 = c00 + (c01 - c00) * fy, c10 + (c11 - c10) * fy
    return c0 + (c1 - c0) * fx


@njit(cache=True)
def add_solids(
    vertices: np.ndarray,
    owner: np.ndarray,
    centre: np.ndarray,
    position: np.ndarray,
    rotation: np.ndarray,
    share: np.ndarray,
    place: np.ndarray,
    out: np.ndarray,
) -> None:
    """Add pieces to cells: two points on the way from a piece's centre to each vertex, each ``share`` (k,) of a cell's volume.

    ``vertices`` (v, 3) at rest belong to pieces ``owner`` (v,) with poses ``position``, ``rotation`` (w, x, y, z).
    ``place``: origin and cell, m.
    """
    nx, ny, nz = out.shape
    for n in range(len(vertices)):
        k = owner[n]
        x, y, z = vertices[n, 0] - centre[k, 0], vertices[n, 1] - centre[k, 1], vertices[n, 2] - centre[k, 2]
        w, a, b, c = rotation[k, 0], rotation[k, 1], rotation[k, 2], rotation[k, 3]
        tx, ty, tz = 2 * (b * z - c * y), 2 * (c * x - a * z), 2 * (a * y - b * x)
        x, y, z = x + w * tx + b * tz - c * ty, y + w * ty + c * tx - a * tz, z + w * tz + a * ty - b * tx
        for reach in (0.4, 0.8):
            gx = (position[k, 0] + reach * x - place[0]) / place[3]
            gy = (position[k, 1] + reach * y - place[1]) / place[3]
            gz = (position[k, 2] + reach * z - place[2]) / place[3]
            i, j, m = math.floor(gx), math.floor(gy), math.floor(gz)
            fx, fy, fz = gx - i, gy - j, gz - m
            for p in range(2):
                for q in range(2):
                    for r in range(2):
                        if 0 <= i + p < nx and 0 <= j + q < ny and 0 <= m + r < nz:
                            weight = (fx if p else 1 - fx) * (fy if q else 1 - fy) * (fz if r else 1 - fz)
                            out[i + p, j + q, m + r] += weight * share[k]
