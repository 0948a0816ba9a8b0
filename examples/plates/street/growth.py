"""Where things grow: tufts in cracks and verges, weeds along walls and fence, trees behind, ivy, and loose stones."""

from __future__ import annotations

import bpy
import numpy as np

from street import plants
from street.ground import ground_at
from street.layout import Street
from street.meshes import mesh_of, place, scatter

Surfaces = dict[str, bpy.types.Material]


def fence_x(y: np.ndarray | float) -> np.ndarray | float:
    """The fence's line: world x at world y."""
    return 10.15 + 0.14 * (np.asarray(y) - 15.0)


def plant(street: Street, surfaces: Surfaces, rng: np.random.Generator) -> None:
    """Everything green, and the grit it grows from."""
    _stones(street, surfaces, rng)
    _tufts(street, surfaces, rng)
    _litter(street, surfaces, rng)
    _weeds(street, surfaces, rng)
    _trees(surfaces, rng)
    _on_the_walls(street, surfaces, rng)


def _candidates(rng: np.random.Generator, count: int, *, near: float = 9.3, far: float = 58.0) -> np.ndarray:
    """Points uniform over the ground that the lens sees, (n, 2)."""
    y = np.sqrt(rng.uniform(near**2, far**2, count))
    x = rng.uniform(-0.62, 0.62, count) * y
    return np.stack([x, y], 1)


def _outside(street: Street, at: np.ndarray, clear: float = 0.05) -> np.ndarray:
    local = street.factory.to_local(at)
    width, depth = street.factory.width_m, street.factory.depth_m
    inside = (
        (local[:, 0] > -clear) & (local[:, 0] < width + clear) & (local[:, 1] > -clear - 0.45) & (local[:, 1] < depth + clear)
    )
    return ~inside


def _spread(
    street: Street, name: str, variants: list[bpy.types.Mesh], at: np.ndarray, size: np.ndarray,
    rng: np.random.Generator, *, tumble: bool = False, sink: float = 0.0,
) -> None:  # fmt: skip
    n = len(at)
    turn = (
        rng.uniform(-np.pi, np.pi, (n, 3))
        if tumble
        else np.stack([rng.normal(0, 0.06, n), rng.normal(0, 0.06, n), rng.uniform(0, 6.28, n)], 1)
    )
    z = ground_at(street, at[:, 0], at[:, 1]).height - sink * size
    scatter(name, variants, np.column_stack([at, z]), turn, size, rng.integers(0, len(variants), n))


def _stones(street: Street, surfaces: Surfaces, rng: np.random.Generator) -> None:
    variants = [mesh_of(f"stone {i}", plants.stone(rng), surfaces) for i in range(8)]
    at = np.concatenate([_candidates(rng, 190000, far=50.0), _candidates(rng, 90000, far=22.0)])
    soil = ground_at(street, at[:, 0], at[:, 1])
    chance = np.clip(0.09 + 0.6 * soil.grit + 0.25 * soil.soil, 0, 1) * np.where(at[:, 1] < 26, 1.0, 0.5)
    at = at[(rng.random(len(at)) < chance) & _outside(street, at) & (soil.wet < 0.9)]
    size = np.clip(0.014 * (1 - rng.random(len(at))) ** -0.5, 0.014, 0.13)
    _spread(street, "stones", variants, at, size, rng, tumble=True, sink=0.1)


def _tufts(street: Street, surfaces: Surfaces, rng: np.random.Generator) -> None:
    low = [
        mesh_of(f"tuft {i}", plants.grass_tuft(rng, blades=70, tall=rng.uniform(0.12, 0.28), spread=0.09), surfaces)
        for i in range(8)
    ]
    high = [
        mesh_of(f"sward {i}", plants.grass_tuft(rng, blades=130, tall=rng.uniform(0.4, 0.75), spread=0.2), surfaces)
        for i in range(8)
    ]
    at = _candidates(rng, 120000, far=62.0)
    soil = ground_at(street, at[:, 0], at[:, 1])
    chance = np.clip(0.5 * soil.crack * (soil.crack > 0.55) + 0.13 * soil.soil + 0.012 * soil.grit, 0, 1)
    keep = (rng.random(len(at)) < chance) & _outside(street, at) & (soil.wet < 0.8)
    size = np.where(soil.soil[keep] > 0.5, rng.uniform(0.7, 1.5, keep.sum()), rng.uniform(0.25, 0.95, keep.sum()))
    _spread(street, "tufts", low, at[keep], size, rng)
    at = _candidates(rng, 90000, far=75.0)
    beyond = (at[:, 0] > fence_x(at[:, 1]) - 0.15) | (at[:, 0] < -18.2 - 0.3 * (20 - at[:, 1])) | (at[:, 1] > 66)
    keep = beyond & (rng.random(len(at)) < 0.5) & _outside(street, at)
    _spread(street, "sward", high, at[keep], rng.uniform(0.5, 1.35, keep.sum()), rng)


def _litter(street: Street, surfaces: Surfaces, rng: np.random.Generator) -> None:
    variants = [mesh_of(f"litter {i}", plants.litter(rng), surfaces) for i in range(8)]
    at = _candidates(rng, 9000, far=40.0)
    soil = ground_at(street, at[:, 0], at[:, 1])
    keep = (rng.random(len(at)) < 0.04 + 0.25 * soil.grit) & _outside(street, at)
    _spread(street, "litter", variants, at[keep], rng.uniform(0.6, 1.2, keep.sum()), rng)


def _weeds(street: Street, surfaces: Surfaces, rng: np.random.Generator) -> None:
    variants = [mesh_of(f"weed {i}", plants.weed(rng, tall=rng.uniform(0.5, 1.1)), surfaces) for i in range(8)]
    bushes = [mesh_of(f"bush {i}", plants.shrub(rng, tall=rng.uniform(1.1, 2.0), count=2600), surfaces) for i in range(5)]
    f = street.factory
    u = rng.uniform(-1.5, f.width_m + 0.5, 420)
    gate = f.tower_m + 3.5 * f.bay_m
    u = u[(np.abs(u - gate) > 1.9) & (np.abs(u - f.tower_m / 2) > 1.1)]
    v = np.where(u < f.tower_m, -0.42, -0.18) - rng.exponential(0.35, len(u))
    wall = f.to_world(np.stack([u, v, 0 * u], 1))[:, :2]
    inward = rng.uniform(0.3, f.depth_m, 120)
    side = f.to_world(np.stack([f.width_m + 0.25 + rng.exponential(0.6, 120), inward, 0 * inward], 1))[:, :2]
    y = rng.uniform(17, 62, 330)
    fence = np.stack([fence_x(y) + rng.normal(0.25, 0.3, 330), y], 1)
    lone = _candidates(rng, 4000, near=12.0, far=44.0)
    lone = lone[(rng.random(4000) < 0.10 * ground_at(street, lone[:, 0], lone[:, 1]).crack) & _outside(street, lone, 1.0)]
    at = np.concatenate([wall, side, fence, lone])
    size = np.concatenate(
        [
            rng.uniform(0.35, 1.1, len(wall)),
            rng.uniform(0.5, 1.4, 120),
            rng.uniform(0.5, 1.4, 330),
            rng.uniform(0.25, 0.6, len(lone)),
        ]
    )
    _spread(street, "weeds", variants, at, size, rng)
    y = rng.uniform(26, 70, 34)
    fence = np.stack([fence_x(y) + rng.uniform(0.8, 4.0, 34), y], 1)
    y = rng.uniform(40, 72, 26)
    left = np.stack([-20.5 - 0.42 * (y - 42) - rng.exponential(3.0, 26), y], 1)
    far = np.stack([rng.uniform(-80, 62, 110), rng.uniform(70, 92, 110)], 1)
    at = np.concatenate([fence, left, far])
    at = at[_outside(street, at, 1.2)]
    _spread(street, "bushes", bushes, at, rng.uniform(0.6, 1.5, len(at)), rng)


def _trees(surfaces: Surfaces, rng: np.random.Generator) -> None:
    shapes = [(13, 10, 2.2), (16, 10, 2.8), (11, 9, 1.6), (18, 6.0, 1.5), (14, 12, 2.2), (9, 7.5, 1.2)]
    variants = [
        mesh_of(f"tree {i}", plants.tree(rng, tall=t, wide=w, bare=b, leaf=0.21, count=42000), surfaces)
        for i, (t, w, b) in enumerate(shapes)
    ]
    rows = [
        (np.column_stack([rng.uniform(20, 46, 9), rng.uniform(66, 96, 9)]), (0.5, 0.82)),
        (np.column_stack([rng.uniform(-62, -37, 9), rng.uniform(68, 96, 9)]), (0.5, 0.85)),
        (np.column_stack([rng.uniform(-130, 130, 64), rng.uniform(125, 190, 64)]), (0.6, 1.0)),
        (np.column_stack([rng.uniform(-260, 260, 110), rng.uniform(210, 360, 110)]), (0.7, 1.15)),
        (np.column_stack([rng.uniform(-150, 60, 70), rng.uniform(-75, -45, 70)]), (0.6, 0.95)),
        (np.array([[-15.5, 2.5], [-23.5, 5.0], [-20.0, -2.0]]), (0.62, 0.72)),
    ]
    at = np.concatenate([row for row, _ in rows])
    size = np.concatenate([rng.uniform(*span, len(row)) for row, span in rows])
    turn = np.stack([0 * size, 0 * size, rng.uniform(0, 6.28, len(size))], 1)
    scatter("trees", variants, np.column_stack([at, 0 * size]), turn, size, rng.integers(0, len(variants), len(size)))


def _on_the_walls(street: Street, surfaces: Surfaces, rng: np.random.Generator) -> None:
    f = street.factory
    matrix = np.eye(4)
    matrix[:3, :3] = f.to_world(np.eye(3)).T - f.to_world(np.zeros((1, 3))).T
    for name, foot, up, wide, leaves, shift in (
        ("ivy right", f.width_m - 0.75, 6.2, 1.15, 5500, -0.115),
        ("ivy tower", 0.35, 3.0, 0.8, 3000, -0.45),
    ):
        vines = plants.ivy(rng, foot=foot, up=up, wide=wide, leaves=leaves)
        vines.vertices = [f.to_world(np.maximum(v, (-0.1, -9, -9)) + np.array([0, shift, 0])) for v in vines.vertices]
        place(name, mesh_of(name, vines, surfaces))
    bushes = [
        mesh_of(f"gutter bush {i}", plants.shrub(rng, tall=rng.uniform(0.5, 1.0), count=500, leaf=0.06), surfaces)
        for i in range(4)
    ]
    spots = [
        (6.2, 0.2, 15.7, 0.9),
        (12.9, 0.1, 15.75, 0.6),
        (19.4, 0.2, 15.7, 1.25),
        (19.9, 0.25, 15.7, 0.7),
        (26.6, 0.2, 15.75, 0.8),
        (3.0, -0.1, 17.6, 0.7),
    ]
    spots += [
        (9.9, -0.16, 14.64, 0.45),
        (23.4, -0.1, 4.22, 0.5),
        (16.4, -0.1, 4.2, 0.45),
        (24.9, -0.05, 7.66, 0.35),
        (27.6, 5.0, 15.7, 1.0),
    ]
    at = f.to_world(np.array([s[:3] for s in spots]))
    n = len(spots)
    turn = np.stack([0 * at[:, 0], 0 * at[:, 0], rng.uniform(0, 6.28, n)], 1)
    scatter("gutter bushes", bushes, at, turn, np.array([s[3] for s in spots]), rng.integers(0, 4, n))
