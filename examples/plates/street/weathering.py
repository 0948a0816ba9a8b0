"""Ninety years of weather on a wall: soot, runs below sills, lime, repairs, painted letters, as maps over the wall.

A map is (rows, columns, 4) float32 in 0..1, bottom row first: dark run-off and soot; pale lime and damp bloom; other
bricks (repair); paint. Computed at ``PER_METRE`` texels a metre from the wall's openings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from street.layout import Opening
from street.noise import fbm, noise, step

PER_METRE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """What weather needs to know of a wall: its size and where water collects (lines: u0, u1, z, strength)."""

    width_m: float
    height_m: float
    openings: tuple[Opening, ...]
    drips: tuple[tuple[float, float, float, float], ...]
    piers: tuple[float, ...]
    leaks: tuple[tuple[float, float, float], ...]  # u, top z, length: burst downpipes and gutters
    seed: int


def weathered(wall: Wall, letters: list[np.ndarray]) -> np.ndarray:
    """The wall's map; ``letters`` are polygons (n, 2) in wall metres, filled with paint."""
    columns, rows = round(wall.width_m * PER_METRE), round(wall.height_m * PER_METRE)
    u = (np.arange(columns) + 0.5) / PER_METRE
    z = (np.arange(rows) + 0.5) / PER_METRE
    U, Z = np.meshgrid(u, z)
    fine = fbm(U * 6, Z * 1.3, wall.seed + 3, octaves=5)
    dark, pale = _runs(wall, U, Z, fine)
    cloud = fbm(U / 3.1, Z / 2.3, wall.seed + 11, octaves=6)
    dark = dark + 0.55 * step(cloud, 0.15, 0.9) * step(Z, 0.0, wall.height_m)
    dark += 0.75 * np.exp(-((wall.height_m - Z) / 0.55)) * (0.55 + 0.6 * fine)
    foot = 0.55 + 0.45 * fbm(U / 1.7, Z / 3.0, wall.seed + 17, octaves=5)
    damp = np.exp(-Z / np.maximum(0.25, 0.95 * foot))
    dark += 0.75 * damp
    bloom = step(fbm(U / 1.2, Z / 0.8, wall.seed + 23, octaves=6), 0.18, 0.8)
    pale = pale + 0.75 * bloom * np.exp(-(((Z - 1.25 - 0.7 * foot) / 0.45) ** 2))
    pale += 0.35 * step(fbm(U / 2.6, Z / 1.5, wall.seed + 29, octaves=6), 0.45, 0.95)
    repair = _repairs(wall, U, Z)
    paint = _paint(wall, letters, columns, rows, U, Z)
    return np.clip(np.stack([dark, pale, repair, paint], axis=-1), 0, 1).astype(np.float32)


def _runs(wall: Wall, U: np.ndarray, Z: np.ndarray, fine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    dark, pale = np.zeros_like(U), np.zeros_like(U)
    for i, drip in enumerate(wall.drips):
        u0, u1, z, _ = drip
        here = _window(U, Z, (u0 - 0.1, u1 + 0.1), (z - 9.0, z))
        more = _drip(drip, U[here], Z[here], fine[here], wall.seed + 41 + 13 * i)
        dark[here] += more[0]
        pale[here] += more[1]
    for i, leak in enumerate(wall.leaks):
        u, z, length = leak
        here = _window(U, Z, (u - 1.8, u + 1.8), (z - 2.5 * length, z))
        more = _leak(leak, U[here], Z[here], fine[here], wall.seed + 977 + 17 * i)
        dark[here] += more[0]
        pale[here] += more[1]
    return dark, pale


def _window(U: np.ndarray, Z: np.ndarray, u: tuple[float, float], z: tuple[float, float]) -> tuple[slice, slice]:
    rows, columns = U.shape
    k = [int(np.clip(v * PER_METRE, 0, columns)) for v in u]
    i = [int(np.clip(v * PER_METRE, 0, rows)) for v in z]
    return slice(i[0], i[1]), slice(k[0], k[1])


def _drip(drip: tuple, U: np.ndarray, Z: np.ndarray, fine: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Run-off below a ledge: lines that wander, longest where the ledge sheds, at its ends."""
    u0, u1, z, strength = drip
    inside = step(U, u0 - 0.06, u0 + 0.02) * step(U, u1 + 0.06, u1 - 0.02)
    wander = 0.05 * noise(Z * 1.5, U * 0.6, seed)
    lines = np.clip(0.25 + 1.3 * fbm((U + wander) * 3.7, Z * 0.05, seed + 1, octaves=5), 0, 1.4)
    ends = np.exp(-(((U - u0) / 0.16) ** 2)) + np.exp(-(((U - u1) / 0.16) ** 2))
    length = 0.35 + 1.5 * np.clip(0.5 + 0.9 * fbm(U * 2.3, U * 0 + 3, seed + 2, octaves=4), 0.05, 1.5) + 0.5 * ends
    run = np.exp(-np.maximum(z - Z, 0) / length) * inside
    dark = strength * run * (lines * (0.75 + 0.4 * fine) + 0.55 * ends)
    pale = 0.5 * strength * run * np.clip(fbm((U + wander) * 5.1, Z * 0.04, seed + 5, octaves=4) - 0.25, 0, 1)
    return dark, pale


def _leak(leak: tuple, U: np.ndarray, Z: np.ndarray, fine: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A burst pipe's stain: dark and widening downward, with a pale tide line."""
    u, z, length = leak
    off = U - u - 0.12 * noise(Z * 0.9, Z * 0 + 0.5, seed) - 0.04 * noise(Z * 5, Z * 0, seed + 1)
    width = 0.10 + 0.38 * np.clip((z - Z) / length, 0, 1)
    core = np.exp(-((off / width) ** 2)) * np.exp(-(((z - Z) / length) ** 2))
    tide = np.exp(-(((np.abs(off) - width * 1.25) / 0.09) ** 2)) * core**0.3 * step(fine, -0.1, 0.6)
    return core * (0.95 + 0.5 * fine), 0.6 * tide


def _repairs(wall: Wall, U: np.ndarray, Z: np.ndarray) -> np.ndarray:
    """Patches of other bricks with ragged, course-stepped borders; cracks of new mortar beside some heads."""
    row, column = np.floor(Z / 0.075), np.floor(U / 0.1125)
    ragged_u, ragged_z = column * 0.1125, row * 0.075
    patch = step(fbm(ragged_u / 2.9, ragged_z / 1.6, wall.seed + 61, octaves=4), 0.62, 0.66)
    for i, hole in enumerate(wall.openings):
        if hole.kind == "window" and (hole.bay * 7 + hole.storey * 5 + wall.seed) % 6 == 0:
            jitter = 0.16 * noise(row * 0.9, row * 0 + i, wall.seed + 71)
            side = hole.u1 if i % 2 else hole.u0
            patch = np.maximum(patch, (np.abs(ragged_u - side - jitter) < 0.3) & (hole.z0 - 0.3 < Z) & (hole.z1 + 0.4 > Z))
    return patch.astype(float) * 0.9


def _paint(wall: Wall, letters: list[np.ndarray], columns: int, rows: int, U: np.ndarray, Z: np.ndarray) -> np.ndarray:
    picture = Image.new("L", (columns, rows))
    pen = ImageDraw.Draw(picture)
    for polygon in letters:
        pen.polygon([(float(a) * PER_METRE, float(b) * PER_METRE) for a, b in polygon], fill=255)
    solid = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.8)), np.float64) / 255
    worn = fbm(U / 0.9, Z / 0.7, wall.seed + 83, octaves=7)
    flaked = step(fbm(U * 9, Z * 11, wall.seed + 89, octaves=4), 0.35, 0.0)
    return solid * np.clip(0.62 + 0.75 * worn, 0.05, 1) * (0.35 + 0.65 * flaked)
