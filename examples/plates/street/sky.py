"""Fair-weather clouds, marched through a layer of our own noise; laid over Blender's clear sky.

Directions are unit world vectors, z up. Radiance is linear Rec.709 in the clear sky's units.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from street.noise import fbm

BASE_M, TOP_M = 1250.0, 2150.0
FAR_M = 38000.0


@njit(cache=True)
def _hash(x: int, y: int, z: int, seed: int) -> int:
    h = (x * 374761393 + y * 668265263 + z * 2147483647 + seed * 1274126177) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 2246822519) & 0xFFFFFFFF
    return h ^ (h >> 15)


@njit(cache=True)
def _dot(h: int, x: float, y: float, z: float) -> float:
    k = h & 15
    u = x if k < 8 else y
    v = y if k < 4 else (x if k in (12, 14) else z)
    return (u if (k & 1) == 0 else -u) + (v if (k & 2) == 0 else -v)


@njit(cache=True)
def _noise(x: float, y: float, z: float, seed: int) -> float:
    ix, iy, iz = math.floor(x), math.floor(y), math.floor(z)
    x, y, z = x - ix, y - iy, z - iz
    i, j, k = int(ix), int(iy), int(iz)
    u = x * x * x * (x * (x * 6 - 15) + 10)
    v = y * y * y * (y * (y * 6 - 15) + 10)
    w = z * z * z * (z * (z * 6 - 15) + 10)
    total = 0.0
    for c in range(8):
        a, b, d = c & 1, (c >> 1) & 1, (c >> 2) & 1
        weight = (u if a else 1 - u) * (v if b else 1 - v) * (w if d else 1 - w)
        total += weight * _dot(_hash(i + a, j + b, k + d, seed), x - a, y - b, z - d)
    return total


@njit(cache=True)
def _density(x: float, y: float, z: float, seed: int, detail: bool) -> float:
    h = (z - BASE_M) / (TOP_M - BASE_M)
    if h <= 0.0 or h >= 1.0:
        return 0.0
    cover = 0.60 * _noise(x / 5200.0, y / 5200.0, 0.3, seed) + 0.55 * _noise(x / 1900.0, y / 1900.0, 1.7, seed + 1)
    cover += 0.22 * _noise(x / 800.0, y / 800.0, z / 900.0, seed + 2)
    shape = cover - 0.10 - 0.42 * h**1.4
    shape -= 0.25 * max(0.0, 1.0 - h / 0.10) ** 2
    if shape < -0.22:
        return 0.0
    shape += 0.20 * (0.45 - abs(_noise(x / 330.0, y / 330.0, z / 290.0, seed + 3)) * 1.9)
    if detail and shape > -0.16:
        shape += 0.13 * (0.40 - abs(_noise(x / 140.0, y / 140.0, z / 125.0, seed + 4)) * 1.9)
        shape += 0.08 * (0.35 - abs(_noise(x / 62.0, y / 62.0, z / 58.0, seed + 5)) * 1.9)
        shape += 0.045 * _noise(x / 27.0, y / 27.0, z / 26.0, seed + 6)
    if shape <= 0.0:
        return 0.0
    return min(1.0, shape * 3.4) * 0.016


@njit(cache=True)
def _toward_sun(x: float, y: float, z: float, sx: float, sy: float, sz: float, seed: int) -> float:
    depth, reach = 0.0, 35.0
    at = 0.0
    for i in range(6):
        at += reach * 0.5
        depth += _density(x + sx * at, y + sy * at, z + sz * at, seed, i < 2) * reach
        at += reach * 0.5
        reach *= 1.75
    return depth


@njit(cache=True, parallel=True)
def _march(rays: np.ndarray, sun: np.ndarray, seed: int, out: np.ndarray) -> None:
    for n in prange(rays.shape[0]):
        dx, dy, dz = rays[n, 0], rays[n, 1], rays[n, 2]
        out[n, 0], out[n, 1], out[n, 2], out[n, 3] = 1.0, 0.0, 0.0, 0.0
        if dz < 0.012:
            continue
        start, end = BASE_M / dz, min(TOP_M / dz, FAR_M)
        if start >= FAR_M:
            continue
        steps = 110
        length = (end - start) / steps
        jitter = (_hash(int((dx + 2) * 9e6), int((dy + 2) * 9e6), 7, seed) & 1023) / 1024.0
        cosine = dx * sun[0] + dy * sun[1] + dz * sun[2]
        forward = 0.49 / (1.51 - 1.4 * cosine) ** 1.5
        back = 0.91 / (1.09 + 0.6 * cosine) ** 1.5
        phase = (0.55 * forward + 0.45 * back) * 0.62 + 0.38
        through, lit, sky, far = 1.0, 0.0, 0.0, 0.0
        for i in range(steps):
            t = start + (i + jitter) * length
            x, y, z = dx * t, dy * t, dz * t
            d = _density(x, y, z, seed, True)
            if d <= 0.0:
                continue
            absorbed = 1.0 - math.exp(-d * length)
            depth = _toward_sun(x, y, z, sun[0], sun[1], sun[2], seed)
            direct = 0.62 * math.exp(-depth) + 0.27 * math.exp(-0.28 * depth) + 0.11 * math.exp(-0.07 * depth)
            h = (z - BASE_M) / (TOP_M - BASE_M)
            lit += through * absorbed * direct * phase
            sky += through * absorbed * (0.42 + 0.58 * h)
            far += through * absorbed * t
            through *= 1.0 - absorbed
            if through < 0.004:
                through = 0.0
                break
        hidden = 1.0 - through
        out[n, 0], out[n, 1], out[n, 2] = through, lit, sky
        out[n, 3] = far / hidden if hidden > 1e-5 else 0.0


def cirrus(rays: np.ndarray, seed: int) -> np.ndarray:
    """Opacity of thin high cloud, combed by the wind."""
    up = np.maximum(rays[:, 2], 0.02)
    x, y = rays[:, 0] / up, rays[:, 1] / up
    along, across = x * 0.86 + y * 0.5, -x * 0.5 + y * 0.86
    bend = 0.9 * fbm(along * 0.25, across * 0.35, seed + 1, octaves=3)
    streak = fbm(along * 0.34 + bend, across * 1.5 + bend * 1.6, seed + 2, octaves=7, gain=0.56)
    field = fbm(along * 0.16, across * 0.24, seed + 3, octaves=3)
    veil = np.clip(0.55 * streak + 0.65 * field - 0.08, 0, 1)
    return 0.42 * veil * np.clip((rays[:, 2] - 0.03) / 0.10, 0, 1)


def clouded(
    rays: np.ndarray, clear: np.ndarray, sun: np.ndarray, sun_rgb: np.ndarray, sky_rgb: np.ndarray, seed: int
) -> np.ndarray:
    """The clear sky's radiance (n, 3) with clouds and low haze before it.

    ``sun_rgb`` is the irradiance facing the sun, ``sky_rgb`` that of the clear sky on level ground.
    """
    out = np.zeros((len(rays), 4))
    _march(np.ascontiguousarray(rays, np.float64), sun.astype(np.float64), seed, out)
    through, lit, amb, far = (out[:, i : i + 1] for i in range(4))
    high = cirrus(rays, seed)[:, None]
    sky = clear * (1 - high) + high * (0.62 * sun_rgb + 0.7 * sky_rgb) / np.pi
    cloud = (lit * sun_rgb * 0.92 + amb * sky_rgb * 1.05) / np.pi
    air = 1 - np.exp(-far / 26000.0)
    hidden = 1 - through
    cloud = cloud * (1 - air) + hidden * sky * air
    result = sky * through + cloud
    haze = np.exp(-np.maximum(rays[:, 2:3], 0) / 0.055)
    glow = np.array([1.0, 0.965, 0.90]) * float((0.16 * sun_rgb.mean() + 0.62 * sky_rgb.mean()) / np.pi)
    return result * (1 - 0.55 * haze) + 0.55 * haze * glow
