"""The shell of a set: floor, walls with their openings, ceiling, and what architecture adds to them.

Place in the flow: specification with placed openings -> shell -> scene, beside the furniture. A wall's own frame lies on the
floor in the middle of its inner face: x to the right as seen from inside, -y into the room. Walls carry their side's name, so
that a camera behind one sees through it. Streets and yards are built by :mod:`.architecture_street`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from setpiece.core.scene import Placed, Thing
from setpiece.core.set_spec import Opening, SetSpec, Side
from setpiece.stage.sets import architecture_covers as covers
from setpiece.stage.sets import architecture_openings as openings_of
from setpiece.stage.sets import architecture_trim as trim
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.making import Make, Workshop

WALL_M = 0.16
TURNS = {Side.NORTH: 0.0, Side.EAST: -90.0, Side.SOUTH: 180.0, Side.WEST: 90.0}


def shell(spec: SetSpec, openings: tuple[Opening, ...]) -> tuple[Placed, ...]:
    """Everything of a set that is built before the furniture comes; ``openings`` have their places (``at_m``)."""
    if spec.exterior:
        from setpiece.stage.sets import architecture_street

        return architecture_street.outside(spec, openings)
    tent, attic = "tent" in spec.features, "sloping_roof" in spec.features
    made = [_floor(spec)]
    made += covers.tent(spec) if tent else covers.attic(spec) if attic else [_ceiling(spec)]
    for side in Side:
        mine = tuple(one for one in openings if one.wall is side)
        made += covers.tent_wall(spec, side, mine) if tent else list(_wall(spec, side, mine, attic=attic))
    return tuple(made)


def bench(spec: SetSpec, seed: int = 0, size: m.Vector = (1.0, 1.0, 1.0)) -> Workshop:
    """A bench for one piece of the shell."""
    order = Make(size_m=size, era=spec.era, style=spec.style, palette=spec.palette, wear=spec.wear, seed=spec.seed * 31 + seed)
    return Workshop(order)


def length_m(spec: SetSpec, side: Side) -> float:
    """How long a wall is, inside."""
    return spec.width_m if side in (Side.NORTH, Side.SOUTH) else spec.depth_m


def at_wall(spec: SetSpec, side: Side, name: str, category: str, thing: Thing, along: float = 0.0, z: float = 0.0) -> Placed:
    """A thing at a wall, ``along`` it from its middle."""
    x, y = {
        Side.NORTH: (along, spec.depth_m / 2),
        Side.SOUTH: (-along, -spec.depth_m / 2),
        Side.EAST: (spec.width_m / 2, -along),
        Side.WEST: (-spec.width_m / 2, along),
    }[side]
    return Placed(
        name=f"{name}.{side.value}",
        category=category,
        layer="architecture",
        thing=thing,
        position_m=(x, y, z),
        turn_deg=TURNS[side],
        wall=side.value,
    )


def _floor(spec: SetSpec) -> Placed:
    w = bench(spec)
    w.box((spec.width_m + 2 * WALL_M, spec.depth_m + 2 * WALL_M, 0.1), (0, 0, -0.1), w.surface(spec.floor, spec.seed), bevel=0)
    _unmapped(w)
    return Placed(name="floor", category="floor", layer="architecture", thing=w.as_built(), position_m=(0.0, 0.0, 0.0))


def _unmapped(w: Workshop) -> None:
    """Leave the first part's coordinates to its material: boards and tiles run with the room."""
    w.parts[0] = replace(w.parts[0], mesh=replace(w.parts[0].mesh, uv=np.zeros((0, 2), np.float32)))


def _ceiling(spec: SetSpec) -> Placed:
    w = bench(spec, 1)
    w.box(
        (spec.width_m + 2 * WALL_M, spec.depth_m + 2 * WALL_M, 0.1),
        (0, 0, spec.height_m),
        w.surface(spec.ceiling, spec.seed + 1),
        bevel=0,
    )
    _unmapped(w)
    trim.on_the_ceiling(w, spec)
    return covers.over_head("ceiling", w.as_built())


def hole_of(one: Opening) -> tuple[float, float, float, float]:
    """An opening as (left, bottom, right, top) in its wall."""
    at = one.at_m or 0.0
    return (at - one.width_m / 2, one.sill_m, at + one.width_m / 2, one.sill_m + one.height_m)


def _wall(spec: SetSpec, side: Side, openings: tuple[Opening, ...], *, attic: bool) -> Iterator[Placed]:
    number = list(Side).index(side)
    w = bench(spec, 2 + number)
    length = length_m(spec, side)
    ends = WALL_M if side in (Side.NORTH, Side.SOUTH) else 0.0
    height = covers.EAVES_M + 0.16 if attic and side in (Side.EAST, Side.WEST) else spec.height_m
    holes = [hole_of(one) for one in openings if one.sill_m + one.height_m <= height + 1e-6]
    surface = w.surface(spec.walls, spec.seed + 2)
    w.add(m.panel(length + 2 * ends, height, WALL_M, holes), surface)
    if attic and side in (Side.NORTH, Side.SOUTH):
        w.add(covers.gable(spec), surface)
    yield at_wall(spec, side, "wall", "wall", w.as_built())
    extra = bench(spec, 10 + number)
    trim.on_a_wall(extra, spec, side, length, height, holes)
    if extra.parts:
        yield at_wall(spec, side, "trim", "trim", extra.as_built())
    for index, one in enumerate(openings):
        if one.sill_m + one.height_m <= height + 1e-6:
            joiner = bench(spec, 40 + 8 * number + index)
            category = openings_of.build(joiner, one, spec, WALL_M)
            yield at_wall(spec, side, f"{one.kind}_{index + 1}", category, joiner.as_built(), along=one.at_m or 0.0)
