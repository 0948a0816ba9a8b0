"""What the dust is at one point: the gas read between its cells, and the billows that carve it.

Generation, engine ``house``. Kernels that others inline; single precision throughout, grid points in cells.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

Real = Any  # a float inside kernels: numba knows which

FINE = np.float32(2.4)  # how much smaller the second set of billows is, which rides on the first

_F0, _F1, _HALF = np.float32(0), np.float32(1), np.float32(0.5)


@njit(cache=True, fastmath=True)
def read_volume(a: np.ndarray, x: Real, y: Real, z: Real) -> tuple[Real, Real, Real, Real]:
    """The four channels of ``a`` (nx, ny, nz, 4) at index coordinates, clamped."""
    nx, ny, nz = a.shape[0], a.shape[1], a.shape[2]
    x = min(max(x, _F0), np.float32(nx - 1.001))
    y = min(max(y, _F0), np.float32(ny - 1.001))
    z = min(max(z, _F0), np.float32(nz - 1.001))
    i, j, k = int(x), int(y), int(z)
    fx, fy, fz = x - np.float32(i), y - np.float32(j), z - np.float32(k)
    r0, r1, r2, r3 = _F0, _F0, _F0, _F0
    for p in range(2):
        wx = fx if p else _F1 - fx
        for q in range(2):
            wy = wx * (fy if q else _F1 - fy)
            for s in range(2):
                w = wy * (fz if s else _F1 - fz)
                cell = a[i + p, j + q, k + s]
                r0 += w * cell[0]
                r1 += w * cell[1]
                r2 += w * cell[2]
                r3 += w * cell[3]
    return r0, r1, r2, r3


@njit(cache=True, fastmath=True)
def read_rim(a: np.ndarray, x: Real, y: Real, z: Real) -> Real:
    """The fourth channel of ``a`` at index coordinates, clamped."""
    nx, ny, nz = a.shape[0], a.shape[1], a.shape[2]
    x = min(max(x, _F0), np.float32(nx - 1.001))
    y = min(max(y, _F0), np.float32(ny - 1.001))
    z = min(max(z, _F0), np.float32(nz - 1.001))
    i, j, k = int(x), int(y), int(z)
    fx, fy, fz = x - np.float32(i), y - np.float32(j), z - np.float32(k)
    c00 = a[i, j, k, 3] * (_F1 - fz) + a[i, j, k + 1, 3] * fz
    c01 = a[i, j + 1, k, 3] * (_F1 - fz) + a[i, j + 1, k + 1, 3] * fz
    c10 = a[i + 1, j, k, 3] * (_F1 - fz) + a[i + 1, j, k + 1, 3] * fz
    c11 = a[i + 1, j + 1, k, 3] * (_F1 - fz) + a[i + 1, j + 1, k + 1, 3] * fz
    c0, c1 = c00 + (c01 - c00) * fy, c10 + (c11 - c10) * fy
    return c0 + (c1 - c0) * fx


@njit(cache=True, fastmath=True)
def _noise(a: np.ndarray, x: Real, y: Real, z: Real) -> Real:
    """The billow volume at voxel coordinates, wrapped, in 0..1."""
    fx, fy, fz = np.float32(math.floor(x)), np.float32(math.floor(y)), np.float32(math.floor(z))
    m = a.shape[0] - 1
    i, j, k = int(fx) & m, int(fy) & m, int(fz) & m
    fx, fy, fz = x - fx, y - fy, z - fz
    i1, j1, k1 = (i + 1) & m, (j + 1) & m, (k + 1) & m
    gz = _F1 - fz
    c00 = np.float32(a[i, j, k]) * gz + np.float32(a[i, j, k1]) * fz
    c01 = np.float32(a[i, j1, k]) * gz + np.float32(a[i, j1, k1]) * fz
    c10 = np.float32(a[i1, j, k]) * gz + np.float32(a[i1, j, k1]) * fz
    c11 = np.float32(a[i1, j1, k]) * gz + np.float32(a[i1, j1, k1]) * fz
    c0, c1 = c00 + (c01 - c00) * fy, c10 + (c11 - c10) * fy
    return (c0 + (c1 - c0) * fx) * np.float32(1 / 255)


@njit(cache=True, fastmath=True)
def billow(a: np.ndarray, t: tuple[Real, Real, Real, Real, Real, Real], wa: Real, wb: Real, scale: Real, lift: Real) -> Real:
    """Both texture fields blended so that contrast stays: mean 0.5, whatever the weights."""
    value = _F0
    if wa > np.float32(0.02):
        value += wa * (_noise(a, t[0] * scale, t[1] * scale, (t[2] - lift) * scale) - _HALF)
    if wb > np.float32(0.02):
        shift = np.float32(47.3)  # the second field shows another part of the volume
        value += wb * (_noise(a, t[3] * scale + shift, t[4] * scale + shift, (t[5] - lift) * scale + shift) - _HALF)
    return _HALF + value


@njit(cache=True, fastmath=True)
def coordinates(
    shift: np.ndarray, ratio: Real, gx: Real, gy: Real, gz: Real, px: Real, py: Real, pz: Real
) -> tuple[Real, Real, Real, Real, Real, Real]:
    """Texture coordinates of both fields at world point p (grid point g): p plus the advected displacement."""
    mx, my, mz = shift.shape[0], shift.shape[1], shift.shape[2]
    x = min(max((gx + _HALF) * ratio - _HALF, _F0), np.float32(mx - 1.001))
    y = min(max((gy + _HALF) * ratio - _HALF, _F0), np.float32(my - 1.001))
    z = min(max((gz + _HALF) * ratio - _HALF, _F0), np.float32(mz - 1.001))
    i, j, k = int(x), int(y), int(z)
    fx, fy, fz = x - np.float32(i), y - np.float32(j), z - np.float32(k)
    r0, r1, r2, r3, r4, r5 = px, py, pz, px, py, pz
    for p in range(2):
        wx = fx if p else _F1 - fx
        for q in range(2):
            wy = wx * (fy if q else _F1 - fy)
            for s in range(2):
                w = wy * (fz if s else _F1 - fz)
                cell = shift[i + p, j + q, k + s]
                r0 += w * cell[0]
                r1 += w * cell[1]
                r2 += w * cell[2]
                r3 += w * cell[3]
                r4 += w * cell[4]
                r5 += w * cell[5]
    return r0, r1, r2, r3, r4, r5


@njit(cache=True, fastmath=True)
def haze(rho: Real, s: Real) -> Real:
    """The veil left where no billow stands: a little of thick dust, next to nothing of the thinnest."""
    return np.float32(0.12) * rho * min(_F1, np.float32(2.5) * s)


@njit(cache=True, fastmath=True)
def carved(rho: Real, s: Real, n: Real, edge: Real, detail: Real, soft: Real) -> Real:
    """Density ``rho`` after the billows ``n`` have bitten into the rim, where ``s`` goes from 0 outside to 1 in the core.

    Core and a thin haze remain. Towards the rim the bite gets softer: a lone crest there is a wisp, not a ball.
    """
    soft = soft * (_F1 + np.float32(1.5) * max(_F0, _HALF - s))
    solid = min(max((s - detail * (_F1 - n)) / soft, _F0), _F1)
    solid = solid * solid * (np.float32(3) - np.float32(2) * solid)
    return solid * max(rho, edge * s * np.float32(1.6)) + (_F1 - solid) * haze(rho, s)


@njit(cache=True, fastmath=True)
def _phase(cosine: Real, g: Real) -> Real:
    """Henyey and Greenstein (1941), relative to isotropic."""
    d = 1 + g * g - 2 * g * cosine
    return (1 - g * g) / (d * math.sqrt(d))


@njit(cache=True, fastmath=True)
def lobes(cosine: Real, g: Real) -> Real:
    """A strong forward and a weak backward lobe."""
    return 0.72 * _phase(cosine, g) + 0.28 * _phase(cosine, -0.35 * g)
