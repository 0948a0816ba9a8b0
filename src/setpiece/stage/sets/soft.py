"""Soft shapes: cushions, pillows, hanging and thrown cloth, leaves, strings, things strewn about.

Place in the flow: beside :mod:`.mesh`, under the kinds. Metres, z up. Disorder comes from a seed alone.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from setpiece.core.scene import PolyMesh
from setpiece.stage.sets.mesh import Array, Vector, curve, joined, mesh_of, moved, rounded, skin, tube


def ripple(points: Any, seed: int, wave_m: float) -> Array:
    """Smooth noise about 0, within -1..1, of points (..., d): a few waves about ``wave_m`` long in random ways."""
    at = np.asarray(points, float)
    rng = np.random.default_rng([seed & 0x7FFFFFFF, 77])
    total = np.zeros(at.shape[:-1])
    for strength in (0.4, 0.3, 0.2, 0.1):
        way = rng.normal(size=at.shape[-1])
        way *= 2 * math.pi / (wave_m * rng.uniform(0.6, 1.5)) / np.linalg.norm(way)
        total += strength * np.sin(at @ way + rng.uniform(0, 6.3))
    return np.asarray(total, float)


def cushion(
    size: Vector, *, crown: float = 0.25, corner: float = 0.05, seed: int = 0, dent: float = 0.0, wrinkle: float = 0.006
) -> PolyMesh:
    """A boxed cushion standing on z = 0: a band between two seams, crowned faces. ``crown`` is the share of the height that
    swells towards the middle, ``dent`` (metres) how deep somebody sat in it."""
    wide, deep, high = size
    swell = high * crown / 2
    rings, flat = [], rounded(wide, deep, min(corner, wide / 3, deep / 3), 6)
    shares = (0.06, 0.25, 0.45, 0.64, 0.8, 0.91, 0.97, 1.0)
    lower = [(s, swell * (s**2.6), 0.0) for s in shares]
    band = [
        (1.0, swell + (high - 2 * swell) * t, 0.016 * math.sin(math.pi * t) * min(1.0, high / 0.15))
        for t in (0.04, 0.3, 0.5, 0.7, 0.96)
    ]
    upper = [(s, high - swell * (s**2.6), 0.0) for s in reversed(shares)]
    sit = np.random.default_rng([seed & 0x7FFFFFFF, 5]).uniform(-0.12, 0.12, 2) * (wide, deep)
    for number, (share, z, bulge) in enumerate([*lower, *band, *upper]):
        length = np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
        ring = flat * share * (1 - 0.03 / max(wide, 0.3)) + flat / length * (
            bulge - (0.004 if share > 0.9 and number not in (9, 10, 11) else 0.0)
        )
        height = np.full(len(ring), z)
        if number > len(lower) + 2:
            pressed = np.exp(-(((ring - sit) / (0.3 * wide, 0.3 * deep)) ** 2).sum(1))
            height = height - dent * pressed
        rings.append(np.column_stack([ring, height]))
    made = np.array(rings)
    outward = made[..., :2] / np.maximum(np.linalg.norm(made[..., :2], axis=-1, keepdims=True), 1e-6)
    creased = ripple(made, seed, 0.16)[..., None] * wrinkle
    made[..., :2] += outward * creased
    made[..., 2:] += np.where(made[..., 2:] > high * 0.6, creased, 0.0)
    return skin(made)


def seams(size: Vector, *, crown: float = 0.25, corner: float = 0.05, thick: float = 0.006) -> tuple[PolyMesh, ...]:
    """The two piped seams of a :func:`cushion` of the same measures."""
    swell = size[2] * crown / 2
    flat = rounded(size[0] * 0.99, size[1] * 0.99, min(corner, size[0] / 3, size[1] / 3), 5)
    return tuple(tube(np.column_stack([flat, np.full(len(flat), z)]), thick, 5, closed=True) for z in (swell, size[2] - swell))


def pillow(size: Vector, seed: int = 0, *, sag: float = 0.01) -> PolyMesh:
    """A stuffed pillow with a knife edge and drawn-in corners, flat on z = 0; ``size`` (width, depth, thickness)."""
    many = 14
    u, w = np.meshgrid(np.linspace(-1, 1, many + 1), np.linspace(-1, 1, many + 1), indexing="ij")
    thick = ((1 - u**2) * (1 - w**2)) ** 0.42
    x = u * (1 - 0.07 * (1 - np.abs(w) ** 2.2) * np.abs(u) ** 3) * size[0] / 2
    y = w * (1 - 0.07 * (1 - np.abs(u) ** 2.2) * np.abs(w) ** 3) * size[1] / 2
    lump = ripple(np.stack([x, y], -1), seed, 0.12) * sag * thick
    top = np.stack([x, y, size[2] / 2 * (1 + thick) + lump], -1)
    bottom = np.stack([x, y, size[2] / 2 * (1 - thick) + lump * 0.4], -1)
    return shell(top, bottom)


def shell(top: Array, bottom: Array, *, smooth: bool = True) -> PolyMesh:
    """The closed solid between two sheets (a, b, 3), ``top`` counter-clockwise from above; rims of one place are welded."""
    a, b = top.shape[:2]
    index = np.arange(a * b).reshape(a, b)
    quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], -1).reshape(-1, 4)
    rim = np.concatenate([index[:-1, 0], index[-1, :-1], index[:0:-1, -1], index[0, :0:-1]])
    under = index + a * b
    welded = bool(np.allclose(top.reshape(-1, 3)[rim], bottom.reshape(-1, 3)[rim], atol=1e-9))
    lower = under.copy().ravel()
    if welded:
        lower[rim] = rim
    faces = [quads, lower[quads[:, ::-1]]]
    if not welded:
        after = np.roll(rim, -1)
        faces.append(np.stack([rim, lower[rim], lower[after], after], 1))
    points = np.concatenate([top.reshape(-1, 3), bottom.reshape(-1, 3)])
    rows = np.concatenate(faces)
    used = np.unique(rows)
    place = np.zeros(len(points), int)
    place[used] = np.arange(len(used))
    lengths = (np.linalg.norm(np.diff(top, axis=0), axis=2).mean(1), np.linalg.norm(np.diff(top, axis=1), axis=2).mean(0))
    u, v = (np.concatenate([[0], np.cumsum(row)]) for row in lengths)
    flat = np.stack(np.meshgrid(u, v, indexing="ij"), -1).reshape(-1, 2)
    return mesh_of(
        points[used], place[rows].tolist(), uv=np.concatenate([flat, flat])[rows.ravel() % len(points)], smooth=smooth
    )


def cloth(points: Array, thick: float = 0.003) -> PolyMesh:
    """A closed sheet of cloth ``thick`` metres about a grid of points (a, b, 3)."""
    du, dv = np.gradient(points, axis=0), np.gradient(points, axis=1)
    normal = np.cross(du, dv)
    normal /= np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), 1e-9)
    return shell(points + normal * thick / 2, points - normal * thick / 2)


def curtain(
    width: float, height: float, depth: float, *, folds: int = 7, seed: int = 0, thick: float = 0.003, tied: float = 0.0
) -> PolyMesh:
    """A curtain in x and z, hanging to z = 0, its folds ``depth`` deep in y; ``tied`` 0..1 gathers its waist to one side."""
    rng = np.random.default_rng([seed & 0x7FFFFFFF, 11])
    phase = rng.uniform(0, 6.3, 3)
    u, t = np.meshgrid(np.linspace(0, 1, folds * 8 + 1), np.linspace(0, 1, 13), indexing="ij")
    strength = (0.5 + 0.5 * (1 - t)) * (1 + 0.3 * np.sin(u * 5 + phase[0])) / 1.3
    wave = np.sin(u * folds * 2 * math.pi + 0.8 * np.sin(u * 9 + phase[1]) + (1 - t) * 0.5 * np.sin(u * 3 + phase[2]))
    x = (u - 0.5) * width
    if tied:
        waist = tied * np.exp(-(((t - 0.42) / 0.22) ** 2))
        x = x * (1 - 0.72 * waist) - 0.3 * width * waist
    sway = 0.1 * np.sin(u * 2.2 + phase[2]) * (1 - t)
    return cloth(np.stack([x, depth * (0.45 * strength * wave + sway), t * height], -1), thick)


def throw(path: Any, width: float, *, seed: int = 0, thick: float = 0.006, along: int = 1) -> PolyMesh:
    """A blanket thrown over something: ``path`` (n, 3) is its middle line, ``along`` the axis (0 or 1) across it."""
    line = curve(path, 4)
    v = np.linspace(-0.5, 0.5, 15)
    grid = np.repeat(line[:, None, :], len(v), axis=1)
    grid[..., along] += v[None] * width
    grid[..., 2] += 0.012 * (ripple(grid, seed, 0.23) + 1) + 0.006 * np.sin(v * 40)[None]
    return cloth(grid if along == 1 else grid[:, ::-1], thick)


def blades(roots: Any, tips: Any, width: float, *, bend: float = 0.2, steps: int = 4) -> PolyMesh:
    """Leaves from ``roots`` to ``tips`` (n, 3), pointed, bent under their own weight by ``bend`` of their length. Sheets."""
    a, b = np.asarray(roots, float), np.asarray(tips, float)
    way = b - a
    length = np.linalg.norm(way, axis=1, keepdims=True)
    across = np.cross(way, [0.0, 0.0, 1.0])
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    t = np.linspace(0, 1, steps + 1)
    half = np.sin(np.pi * t**0.8) * 0.5 * width + 0.002 * (1 - t)
    line = a[:, None] + way[:, None] * t[None, :, None]
    line[..., 2] -= bend * length * (t**2)[None] - bend * length * 0.5 * t[None]
    points = np.stack([line - across[:, None] * half[None, :, None], line + across[:, None] * half[None, :, None]], 2)
    points[:, :, :, 2] += 0.15 * half[None, :, None]
    base = (np.arange(len(a)) * 2 * (steps + 1))[:, None, None]
    k = (2 * np.arange(steps))[None, :, None]
    rows = (base + k + np.array([0, 1, 3, 2])).reshape(-1, 4)
    return mesh_of(points.reshape(-1, 3), rows.tolist(), smooth=True)


def leaves(centres: Any, size: float, seed: int) -> PolyMesh:
    """Leaf cards about ``centres`` (n, 3), each turned at random. Sheets."""
    at = np.asarray(centres, float)
    rng = np.random.default_rng([seed & 0x7FFFFFFF, 21])
    u = rng.normal(size=(len(at), 3))
    u[:, 2] *= 0.6
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    v = np.cross(u, rng.normal(size=(len(at), 3)))
    v /= np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-6)
    grown = size * rng.uniform(0.6, 1.3, (len(at), 1))
    shape = ((-1.0, 0.0), (-0.2, -0.45), (1.0, 0.0), (-0.2, 0.45))
    points = np.stack([at + grown * (p * u + q * v) for p, q in shape], 1)
    return mesh_of(points.reshape(-1, 3), np.arange(4 * len(at)).reshape(-1, 4).tolist())


def strewn(many: int, reach: tuple[float, float], seed: int, *, apart: float = 0.0) -> Array:
    """Places (n, 2) within ±reach, no two closer than ``apart``; fewer where they do not fit."""
    rng = np.random.default_rng([seed & 0x7FFFFFFF, 31])
    kept: list[Array] = []
    for at in rng.uniform(-1, 1, (many * 6, 2)) * reach:
        if len(kept) < many and all(np.hypot(*(at - other)) >= apart for other in kept):
            kept.append(at)
    return np.array(kept).reshape(-1, 2)


def sagging(start: Any, end: Any, sag: float, many: int = 9) -> Array:
    """A hanging line (many, 3) between two points, ``sag`` metres deep."""
    t = np.linspace(0, 1, many)[:, None]
    line = np.asarray(start, float) * (1 - t) + np.asarray(end, float) * t
    line[:, 2] -= 4 * sag * (t * (1 - t))[:, 0]
    return np.asarray(line, float)


def coil(radius: float, thick: float, turns: int, seed: int = 0) -> PolyMesh:
    """A rope laid in a coil on the floor, layer on layer."""
    rng = np.random.default_rng([seed & 0x7FFFFFFF, 41])
    angle = np.linspace(0, turns * 2 * math.pi, turns * 18)
    share = angle / angle[-1]
    layer = np.floor(share * 2.999)
    r = radius * (0.62 + 0.34 * np.abs(((share * 3) % 2) - 1)) - thick + 0.008 * rng.normal(size=len(angle)).cumsum() / 20
    line = np.stack([r * np.cos(angle), r * np.sin(angle), thick + layer * 1.8 * thick], 1)
    return tube(line, thick, 7)


__all__ = [
    "blades", "cloth", "coil", "curtain", "cushion", "joined", "leaves", "moved", "pillow", "ripple", "sagging", "seams",
    "shell", "strewn", "throw",
]  # fmt: skip
