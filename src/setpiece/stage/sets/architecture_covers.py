"""Covers other than a flat ceiling: a marquee's canvas with its lining, a roof under its rafters.

Place in the flow: under :mod:`.architecture`. What slopes lies above the clear box of the room where it can; the roof of an
attic comes down to :data:`EAVES_M` along its east and west walls, and :func:`headroom_m` says how high one may build there.
"""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import MaterialKind, Placed, PolyMesh, Thing
from setpiece.core.set_spec import Opening, SetSpec, Side
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.soft import cloth, curtain, leaves, sagging

K = MaterialKind
EAVES_M = 1.35


def over_head(name: str, thing: Thing) -> Placed:
    """What closes a set above: taken off where a camera looks in from over it."""
    return Placed(
        name=name, category="ceiling", layer="architecture", thing=thing, position_m=(0.0, 0.0, 0.0), wall="ceiling"
    )  # fmt: skip


def headroom_m(spec: SetSpec, x: float, y: float = 0.0) -> float:
    """The clear height at a place of the floor."""
    if "sloping_roof" not in spec.features:
        return spec.height_m
    share = min(1.0, max(0.0, 1.0 - abs(x) / (spec.width_m / 2)))
    return EAVES_M + (_ridge(spec) - EAVES_M) * share


def _ridge(spec: SetSpec) -> float:
    return max(spec.height_m, EAVES_M + 0.42 * spec.width_m)


def gable(spec: SetSpec) -> PolyMesh:
    """What stands above a gable wall, up to the ridge; the wall itself is as high as the room, so this is cut at its head."""
    half, ridge = spec.width_m / 2 + 0.16, _ridge(spec)
    low = spec.height_m
    if ridge <= low + 0.02:
        return m.moved(m.box((0.02, 0.02, 0.02)), (0, 0.1, low - 0.05))
    reach = half * (ridge - low) / (ridge - EAVES_M)
    flat = [(-reach, low), (reach, low), (0.02, ridge), (-0.02, ridge)]
    return m.moved(m.extrude(flat, 0.16), (0, 0.16, 0), (90, 0, 0))


def attic(spec: SetSpec) -> list[Placed]:
    """Two slopes on rafters, a ridge beam, collar beams."""
    from setpiece.stage.sets.architecture import WALL_M, bench

    w = bench(spec, 1)
    half, ridge = spec.width_m / 2, _ridge(spec)
    slope = math.atan2(ridge - EAVES_M, half)
    length = half / math.cos(slope) + WALL_M
    cover, wood = w.surface(spec.ceiling, spec.seed + 1), w.wood(0.8)
    for side in (-1.0, 1.0):
        tilt = (0.0, side * math.degrees(slope), 0.0)
        middle = (side * half / 2, 0.0, (EAVES_M + ridge) / 2)
        normal = (side * math.sin(slope), 0.0, math.cos(slope))
        at = (middle[0] + 0.09 * normal[0], 0.0, middle[2] + 0.09 * normal[2])
        w.add(m.box((length, spec.depth_m + 2 * WALL_M, 0.06)), cover, at, tilt)
        count = max(3, round(spec.depth_m / 0.8))
        for number in range(count + 1):
            y = -spec.depth_m / 2 + number * spec.depth_m / count
            w.box(
                (length, 0.07, 0.13),
                (middle[0] - 0.02 * normal[0], y, middle[2] - 0.02 * normal[2]),
                wood,
                turn=tilt,
                bevel=0.008,
            )
        w.box((0.12, spec.depth_m, 0.14), (side * 0.52 * half, 0, EAVES_M + 0.48 * (ridge - EAVES_M) - 0.14), wood, bevel=0.01)
    w.box((0.12, spec.depth_m, 0.2), (0, 0, ridge - 0.2), wood, bevel=0.01)
    if ridge - 0.75 > 2.0:
        for y in np.arange(-spec.depth_m / 2 + 0.8, spec.depth_m / 2 - 0.4, 1.6):
            w.box((2 * half * (0.75 / (ridge - EAVES_M)), 0.07, 0.14), (0, float(y), ridge - 0.75), wood, bevel=0.008)
    return [over_head("roof", w.as_built())]


def tent(spec: SetSpec) -> list[Placed]:
    """A lining that sags from the ridge to the eaves in pleats, with the canvas over it."""
    from setpiece.stage.sets.architecture import bench

    w = bench(spec, 1)
    half_w, half_d, eaves = spec.width_m / 2, spec.depth_m / 2, spec.height_m
    along_x = spec.width_m >= spec.depth_m
    reach, length = (half_d, spec.width_m) if along_x else (half_w, spec.depth_m)
    rise = 0.55 * reach
    silk = w.stuff(K.SHEER, spec.ceiling.colour, wear=0.1)  # daylight comes through canvas
    pleats = max(8, round(length / 0.35))
    v, t = np.meshgrid(np.linspace(-0.51, 0.51, pleats * 4 + 1), np.linspace(-1.08, 1.08, 25), indexing="ij")
    height = eaves + rise * (1 - np.abs(t)) - 0.1 * rise * np.sin(np.pi * np.minimum(np.abs(t), 1.0))
    height = height - 0.05 * np.abs(np.sin(v * pleats * np.pi)) * np.sin(np.pi * np.minimum(np.abs(t), 1.0)) ** 0.7
    flat = (v * length, t * reach) if along_x else (t * reach, v * length)
    grid = np.stack([flat[0], flat[1], height], -1)
    w.add(cloth(grid if along_x else grid[::-1], 0.004), silk)
    bays = max(2, round(length / 3.0))
    for number in range(bays + 1):
        at = -length / 2 + number * length / bays
        for side in (-1.0, 1.0):
            ends = [(at, side * reach, eaves - 0.02), (at, 0.0, eaves + rise - 0.03)]
            low, high = (np.array(end if along_x else (end[1], end[0], end[2])) for end in ends)
            line = sagging(low, high, 0.12)
            w.tube(line, 0.035, w.stuff(K.COTTON, spec.palette.accent), segments=6)
    made = [over_head("canopy", w.as_built())]
    top = bench(spec, 9)
    for sign in (-1.0, 1.0):
        triangle = m.extrude([(-reach, eaves), (reach, eaves), (0.0, eaves + rise)], 0.01)
        place = (sign * length / 2, 0.0, 0.0) if along_x else (0.0, sign * length / 2, 0.0)
        top.add(triangle, silk, place, (90, 0, 90) if along_x else (90, 0, 0))
    made.append(Placed(name="gables", category="wall", layer="architecture", thing=top.as_built(), position_m=(0.0, 0.0, 0.0)))
    return [*made, *_garden(spec)]


def _garden(spec: SetSpec) -> list[Placed]:
    """What is seen through the openings of a tent: a lawn, a hedge and old trees about it."""
    from setpiece.stage.sets.architecture import bench

    away, rng = max(spec.width_m, spec.depth_m), np.random.default_rng([spec.seed, 41])
    lawn = bench(spec, 11)
    lawn.box((8 * away, 8 * away, 0.2), (0.0, 0.0, -0.33), lawn.stuff(K.CARPET, "#4f652b", wear=0.0), bevel=0)
    turn, height = rng.uniform(0, 2 * math.pi, 30_000), rng.uniform(-0.15, 1.9, 30_000)
    ring = 1.75 * away * (1 + 0.02 * np.sin(23 * turn)) + 0.25 * np.sin(9 * turn + 2 * height) + rng.normal(0, 0.12, 30_000)
    height = height * (0.92 + 0.08 * np.sin(31 * turn))
    lawn.add(leaves(np.stack([ring * np.cos(turn), ring * np.sin(turn), height], 1), 0.11, 3), lawn.stuff(K.LEAF, "#3f5228"))
    around = np.linspace(0, 2 * math.pi, 121)
    core = 1.75 * away * (1 + 0.02 * np.sin(23 * around)) + 0.15
    rings = [np.stack([core * np.cos(around), core * np.sin(around), np.full(121, z)], 1) for z in (-0.2, 0.8, 1.75)]
    lawn.add(cloth(np.stack(rings, 1), 0.3), lawn.stuff(K.SOIL, "#26331a"))
    made = [Placed(name="garden", category="backdrop", layer="architecture", thing=lawn.as_built(), position_m=(0.0, 0.0, 0.0))]
    grown = [_old_tree(spec, number) for number in range(3)]
    for number in range(16):
        angle = 2 * math.pi * (number + 0.6 * float(rng.uniform())) / 16
        far = away * float(rng.uniform(1.95, 2.6))
        made.append(
            Placed(name=f"tree.{number:02d}", category="backdrop", layer="architecture", thing=grown[number % 3],
                   position_m=(far * math.cos(angle), far * math.sin(angle), -0.13), turn_deg=73.0 * number)
        )  # fmt: skip
    return made


def _old_tree(spec: SetSpec, number: int) -> Thing:
    """A lime or an oak as seen from across a lawn: a trunk that forks, and crowns of leaves."""
    from setpiece.stage.sets.architecture import bench

    w, rng = bench(spec, 20 + number), np.random.default_rng([spec.seed, 50, number])
    bark, high = w.stuff(K.BARK, "#453b30"), float(rng.uniform(7.5, 10.5))
    w.tube([(0, 0, 0), (0.1, 0, 1.2), (0.05, 0.1, 0.45 * high)], 0.24, bark, bent=4, segments=10)
    crowns = []
    for k in range(9):
        angle, rise = 2.4 * k, float(rng.uniform(0.42, 0.85))
        out = 0.3 * high * (1.05 - abs(rise - 0.55)) * (0.35 + 0.65 * float(rng.uniform()))
        crowns.append(np.array([out * math.cos(angle), out * math.sin(angle), rise * high]))
        w.tube([(0.05, 0.1, 0.36 * high), tuple(0.6 * crowns[-1] + (0, 0, 0.14 * high)), tuple(crowns[-1])], 0.06, bark, bent=3)
    way = rng.normal(size=(9, 1100, 3))
    way /= np.linalg.norm(way, axis=2, keepdims=True)
    size = rng.uniform(0.14, 0.2, (9, 1, 1)) * high
    cloud = np.array(crowns)[:, None] + way * size * rng.uniform(0.55, 1.0, (9, 1100, 1)) * (1.15, 1.15, 0.8)
    w.add(leaves(cloud.reshape(-1, 3), 0.15, number), w.stuff(K.LEAF, ("#4a5f2c", "#566a33", "#3f5530")[number]))
    return w.as_built()


def tent_wall(spec: SetSpec, side: Side, openings: tuple[Opening, ...]) -> list[Placed]:
    """Pleated lining from eaves to floor, drawn back at the openings, with a swagged valance."""
    from setpiece.stage.sets.architecture import at_wall, bench, hole_of, length_m

    w = bench(spec, 2 + list(Side).index(side))
    length, height = length_m(spec, side), spec.height_m + 0.06
    fabric, accent = w.stuff(K.SHEER, spec.walls.colour, wear=0.1), w.stuff(K.SILK, spec.palette.accent)
    left, spans = -length / 2, []
    for a, _, b, _ in sorted(hole_of(one) for one in openings):
        spans.append((left, a))
        left = b
    spans.append((left, length / 2))
    for number, (a, b) in enumerate(spans):
        if b - a > 0.1:
            w.add(
                curtain(
                    b - a, height - 0.01, 0.06, folds=max(2, round((b - a) / 0.22)), seed=w.make.seed + number, thick=0.004
                ),
                fabric,
                ((a + b) / 2, 0.05, 0.005),
            )
    for one in openings:
        a, _, b, top = hole_of(one)
        if top < height - 0.1:
            w.add(
                curtain(b - a, height - top, 0.05, folds=max(2, round((b - a) / 0.22)), seed=3, thick=0.004),
                fabric,
                ((a + b) / 2, 0.05, top),
            )
    bays = max(2, round(length / 1.2))
    for number in range(bays):
        x0, x1 = (-length / 2 + (number + k) * length / bays for k in (0, 1))
        upper, lower = (
            sagging((x0, -0.02, height - 0.04), (x1, -0.02, height - 0.04), 0.1, 13),
            sagging((x0, -0.02, height - 0.1), (x1, -0.02, height - 0.1), 0.34, 13),
        )
        share = np.linspace(0, 1, 7)[None, :, None]
        grid = np.asarray(upper[:, None] * (1 - share) + lower[:, None] * share, float)
        grid[..., 1] -= 0.03 * np.sin(np.linspace(0, 3 * math.pi, 7))[None] ** 2
        w.add(cloth(grid, 0.004), accent)
    for x in np.linspace(-length / 2 + 0.03, length / 2 - 0.03, max(2, round(length / 3.0)) + 1):
        w.rod(0.03, height, (float(x), -0.0, 0), w.stuff(K.PAINT, "#f4f1ea"))
    return [at_wall(spec, side, "wall", "wall", w.as_built())]
