"""What walls are made of inside: procedural albedo and relief in rest space, so that nothing swims.

All colours are ACEScg albedos. Positions are rest positions turned into the wall's own frame: ``u`` along the wall,
``v`` through it, ``z`` up, in metres. ``footprint`` is the size of a pixel there in metres: detail finer than that fades
instead of sparkling. Local plate colour tints everything, so that a pale limestone house does not break into red brick.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from setpiece.generate.engines.house.rays import QUICK

MASONRY, CONCRETE, TIMBER, STEEL, GLASS, PLASTER, SLATE, STONE = range(8)
NOISE_SIZE = 32
BRICK_LENGTH_M, BRICK_HEIGHT_M, BRICK_DEPTH_M = 0.225, 0.075, 0.1125
MORTAR_M = 0.010
CHIP_LIMIT_M = 0.13
ROOM_M, STOREY_M = 4.3, 3.3
# Paint and paper of old rooms, all faded: off-white, ochre, sage, grey blue, rose, cream.
ROOM_RGB = np.array(
    [
        [0.56, 0.54, 0.50],
        [0.52, 0.47, 0.38],
        [0.45, 0.45, 0.40],
        [0.44, 0.45, 0.46],
        [0.50, 0.43, 0.39],
        [0.58, 0.55, 0.48],
    ],
    np.float32,
)


def build_noise(seed: int) -> np.ndarray:
    """A tileable lattice (32, 32, 32) float32 of numbers in -1..1, one cell a unit."""
    return np.random.default_rng(seed).uniform(-1, 1, (NOISE_SIZE,) * 3).astype(np.float32)


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def noise(lattice, x, y, z):  # type: ignore[no-untyped-def]
    """Value noise in -1..1, smooth, period 32."""
    i, j, k = math.floor(x), math.floor(y), math.floor(z)
    a, b, c = x - i, y - j, z - k
    a, b, c = a * a * (3 - 2 * a), b * b * (3 - 2 * b), c * c * (3 - 2 * c)
    i0, j0, k0 = int(i) & 31, int(j) & 31, int(k) & 31
    i1, j1, k1 = (i0 + 1) & 31, (j0 + 1) & 31, (k0 + 1) & 31
    e = lattice[i0, j0, k0] + c * (lattice[i0, j0, k1] - lattice[i0, j0, k0])
    f = lattice[i0, j1, k0] + c * (lattice[i0, j1, k1] - lattice[i0, j1, k0])
    g = lattice[i1, j0, k0] + c * (lattice[i1, j0, k1] - lattice[i1, j0, k0])
    h = lattice[i1, j1, k0] + c * (lattice[i1, j1, k1] - lattice[i1, j1, k0])
    e += b * (f - e)
    g += b * (h - g)
    return e + a * (g - e)


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def slope(lattice, x, y, z, scale):  # type: ignore[no-untyped-def]
    """Gradient of the noise at ``scale`` cells a metre, per cell: one lattice cell, trilinear."""
    x, y, z = x * scale, y * scale, z * scale
    i, j, k = math.floor(x), math.floor(y), math.floor(z)
    a, b, c = x - i, y - j, z - k
    i0, j0, k0 = int(i) & 31, int(j) & 31, int(k) & 31
    i1, j1, k1 = (i0 + 1) & 31, (j0 + 1) & 31, (k0 + 1) & 31
    n000, n001, n010, n011 = lattice[i0, j0, k0], lattice[i0, j0, k1], lattice[i0, j1, k0], lattice[i0, j1, k1]
    n100, n101, n110, n111 = lattice[i1, j0, k0], lattice[i1, j0, k1], lattice[i1, j1, k0], lattice[i1, j1, k1]
    dx = (n100 - n000) * (1 - b) * (1 - c) + (n101 - n001) * (1 - b) * c + (n110 - n010) * b * (1 - c) + (n111 - n011) * b * c
    dy = (n010 - n000) * (1 - a) * (1 - c) + (n011 - n001) * (1 - a) * c + (n110 - n100) * a * (1 - c) + (n111 - n101) * a * c
    dz = (n001 - n000) * (1 - a) * (1 - b) + (n011 - n010) * (1 - a) * b + (n101 - n100) * a * (1 - b) + (n111 - n110) * a * b
    return dx, dy, dz


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def cell(lattice, i, j, k):  # type: ignore[no-untyped-def]
    """A number in 0..1 for an integer cell."""
    return 0.5 + 0.5 * lattice[(i * 7 + k * 3) & 31, (j * 11 + i) & 31, (k * 5 + j * 3) & 31]


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def brick(lattice, u, v, z):  # type: ignore[no-untyped-def]
    """(tone 0..1 of the brick, distance to its nearest joint in metres) in running bond."""
    course = math.floor(z / BRICK_HEIGHT_M)
    odd = 0.5 * (int(course) & 1)
    a, b = u / BRICK_LENGTH_M + odd, v / BRICK_DEPTH_M + odd
    i, j = math.floor(a), math.floor(b)
    du = (0.5 - abs(a - i - 0.5)) * BRICK_LENGTH_M
    dz = (0.5 - abs(z / BRICK_HEIGHT_M - course - 0.5)) * BRICK_HEIGHT_M
    return cell(lattice, int(i), int(j), int(course)), min(du, dz)


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def shard(lattice, x, y, z):  # type: ignore[no-untyped-def]
    """A number in 0..1 for the irregular cell that a point lies in (Worley 1996): angular, like broken stone."""
    i, j, k = math.floor(x - 0.5), math.floor(y - 0.5), math.floor(z - 0.5)
    nearest, tone = 1e9, 0.0
    for a in range(i, i + 2):
        for b in range(j, j + 2):
            for c in range(k, k + 2):
                p = lattice[a & 31, b & 31, c & 31]
                q = lattice[(b + 13) & 31, (c + 7) & 31, a & 31]
                r = lattice[(c + 5) & 31, (a + 19) & 31, b & 31]
                dx, dy, dz = a + 0.5 + 0.4 * p - x, b + 0.5 + 0.4 * q - y, c + 0.5 + 0.4 * r - z
                far = dx * dx + dy * dy + dz * dz
                if far < nearest:
                    nearest, tone = far, p * q * r + 0.7 * p
    return min(max(0.5 + 0.75 * tone, 0.0), 1.0)


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def chip_m(lattice, material, scale_m, u, v, z):  # type: ignore[no-untyped-def]
    """How far a broken edge is eaten away here, in metres (at most ``CHIP_LIMIT_M``): angular shards, crumbs, and in
    masonry whole bricks that came away."""
    if material in (STEEL, GLASS):
        return 0.003
    big = shard(lattice, u * 3.3, v * 3.3, z * 3.3)
    small = shard(lattice, u * 9.1 + 4.0, v * 9.1, z * 9.1)
    size = min(0.16 * scale_m, CHIP_LIMIT_M)
    if material == TIMBER:
        return 0.5 * size * small
    if material == MASONRY and scale_m > 0.35:
        tone, _ = brick(lattice, u, v, z)
        gone = 1.0 if tone > 0.62 else 0.12
        return size * min(0.40 * big + 0.22 * small + 0.42 * gone, 1.0)
    return size * min(0.72 * big * big + 0.30 * small, 1.0)


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def bare(lattice, material, u, v, z, footprint, tint):  # type: ignore[no-untyped-def]  # noqa: PLR0911
    """Albedo of a fracture surface; ``tint`` is the plate's local hue at luminance 1, half desaturated."""
    coarse = noise(lattice, u * 1.3 + 5.0, v * 1.3, z * 1.3)
    middle = noise(lattice, u * 4.7, v * 4.7 + 3.0, z * 4.7)
    fine = noise(lattice, u * 15.0, v * 15.0, z * 15.0 + 7.0)
    grain = 1.0 + 0.20 * coarse + 0.20 * middle + 0.22 * fine
    if material == MASONRY:
        tone, joint = brick(lattice, u, v, z)
        sharp = min(max(1.4 - footprint / 0.03, 0.0), 1.0)
        level = 0.31 * grain * (1.0 + sharp * 0.55 * (tone - 0.5))
        r, g, b = level * (0.45 * tint[0] + 0.68), level * (0.45 * tint[1] + 0.52), level * (0.45 * tint[2] + 0.36)
        core = min(max(0.5 + 1.6 * coarse + 0.8 * middle, 0.0), 1.0)  # rubble and lime between the brick skins
        mortar = max(sharp * min(max(1.5 - joint / MORTAR_M, 0.0), 1.0), 0.75 * core)
        pale = 0.42 * (1.0 + 0.16 * middle + 0.20 * fine)
        r += mortar * (pale * (0.5 * tint[0] + 0.54) - r)
        g += mortar * (pale * (0.5 * tint[1] + 0.50) - g)
        b += mortar * (pale * (0.5 * tint[2] + 0.43) - b)
        return r, g, b
    if material == CONCRETE:
        stone = max(fine, 0.0) * 0.5 - max(-fine - 0.4, 0.0) * 0.6
        level = 0.31 * (1.0 + 0.16 * coarse + 0.14 * middle + stone * 0.6)
        return level * (0.3 * tint[0] + 0.71), level * (0.3 * tint[1] + 0.70), level * (0.3 * tint[2] + 0.66)
    if material == TIMBER:
        streak = noise(lattice, u * 1.2, v * 22.0, z * 22.0)
        level = 0.30 * (1.0 + 0.30 * streak + 0.22 * coarse)
        return level * 1.22, level * 0.92, level * 0.58
    if material == STEEL:
        rust = min(max(0.5 + middle + 0.5 * coarse, 0.0), 1.0)
        return 0.10 + 0.12 * rust, 0.095 + 0.02 * rust, 0.09 - 0.04 * rust
    if material == GLASS:
        return 0.045, 0.06, 0.055
    if material == SLATE:
        level = 0.12 * (1.0 + 0.3 * noise(lattice, u * 2.0, v * 30.0, z * 30.0) + 0.25 * middle)
        return level * 0.92, level * 0.98, level * 1.08
    level = 0.50 * (1.0 + 0.10 * coarse + 0.08 * fine)
    return level * 1.03, level, level * 0.93


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def split_stone(lattice, u, v, z, footprint, stone, local):  # type: ignore[no-untyped-def]
    """Albedo of stone broken open: the building's own (``stone``), a little of the weathered ``local`` colour, each bed
    of another tone, conchoidal facets, pale bruises, sand."""
    bed = cell(lattice, math.floor(u / 1.1), math.floor(v / 0.6), math.floor(z / 0.46))
    facet = shard(lattice, u * 2.6, v * 2.6, z * 2.6)
    coarse = noise(lattice, u * 1.1 + 5.0, v * 1.1, z * 1.1)
    fine = noise(lattice, u * 13.0, v * 13.0, z * 13.0 + 7.0)
    sand = noise(lattice, u * 41.0, v * 41.0, z * 41.0) * min(max(1.5 - footprint / 0.012, 0.0), 1.0)
    level = 0.92 + 0.26 * (bed - 0.5) + 0.24 * (facet - 0.5) + 0.14 * coarse + 0.12 * fine + 0.10 * sand
    rust = max(coarse + 0.4 * fine - 0.35, 0.0)
    r, g, b = 0.8 * stone[0] + 0.2 * local[0], 0.8 * stone[1] + 0.2 * local[1], 0.8 * stone[2] + 0.2 * local[2]
    return r * level * (1.0 + 0.05 * rust), g * level * (1.0 - 0.05 * rust), b * level * (1.0 - 0.16 * rust)


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def finished(lattice, material, u, v, z, footprint):  # type: ignore[no-untyped-def]
    """Albedo of an inner surface: each room its paint or paper, stained, with a dado; slabs stay plaster or boards."""
    coarse = noise(lattice, u * 0.9, v * 0.9 + 2.0, z * 0.9)
    fine = noise(lattice, u * 9.0, v * 9.0, z * 9.0)
    room = int(cell(lattice, math.floor(u / ROOM_M), math.floor(v / ROOM_M), math.floor(z / STOREY_M)) * 5.99)
    height = z / STOREY_M - math.floor(z / STOREY_M)
    level = 0.80 * (1.0 + 0.20 * coarse + 0.07 * fine)
    if height < 0.28:
        level *= 0.72
    if room & 1 and footprint < 0.05:
        level *= 1.0 + 0.09 * math.sin(u * 2.0 * math.pi / 0.23)
    bare_patch = noise(lattice, u * 0.7 + 11.0, v * 0.7, z * 0.7) + 0.35 * fine
    if bare_patch > 0.42:  # plaster has come off
        return 0.30 * level, 0.27 * level, 0.225 * level
    if material == TIMBER:
        return level * 0.26, level * 0.18, level * 0.11
    return ROOM_RGB[room, 0] * level, ROOM_RGB[room, 1] * level, ROOM_RGB[room, 2] * level


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def relief(lattice, material, x, y, z):  # type: ignore[no-untyped-def]
    """How a fracture surface leans, as a vector in rest space to add to its unit normal."""
    a, b, c = slope(lattice, x, y, z, 3.4)
    d, e, f = slope(lattice, x + 3.3, y, z, 9.5)
    strength = 0.42
    if material in (STEEL, GLASS):
        strength = 0.05
    elif material == TIMBER:
        strength = 0.22
    return strength * (0.6 * a + 0.5 * d), strength * (0.6 * b + 0.5 * e), strength * (0.6 * c + 0.5 * f)
