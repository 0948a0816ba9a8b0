"""A layout becomes a scene: every thing built to its size, set down in its place, with sky, mood and cameras.

Place in the flow: layout -> here -> :class:`Scene`. The builders of the library make the things; nothing is placed here that
layout did not place.
"""

from __future__ import annotations

import zlib
from dataclasses import replace

from setpiece.core.scene import Placed, Scene, SceneCamera, Thing
from setpiece.core.set_spec import Furnishing, SetSpec
from setpiece.stage.sets.architecture import shell
from setpiece.stage.sets.daylight import mood_lamps, mood_stops, sky_of
from setpiece.stage.sets.framing import cameras, wall_of
from setpiece.stage.sets.layout import Layout, Spot
from setpiece.stage.sets.library import KINDS, Make

_VARIANTS = 3  # of one furnishing: alike, not identical
_EACH_ITS_OWN = frozenset({"picture", "poster"})


def framed(spec: SetSpec, layout: Layout) -> tuple[SceneCamera, ...]:
    """The cameras of a specification in its layout, held from the meter as its mood asks."""
    categories = {name: kind.category for name, kind in KINDS.items()}
    return tuple(replace(camera, mood_stops=mood_stops(spec)) for camera in cameras(spec, layout, categories))


def build(spec: SetSpec, layout: Layout, seen: tuple[SceneCamera, ...] | None = None) -> Scene:
    """The scene of a specification and its layout, through cameras that are known already or :func:`framed` here. Raises
    StageError where a thing cannot be made as it is asked for."""
    lines = {line.name: line for line in spec.furnishings}
    by_name = {spot.name: spot for spot in layout.spots}
    made: dict[Make, Thing] = {}
    built: dict[str, Thing] = {}
    placed = list(shell(spec, layout.openings))
    for spot in layout.spots:
        order = _order(spec, lines[spot.furnishing], spot)
        key = order
        thing = made.get(key) or KINDS[spot.kind].build(order)
        made[key] = built[spot.name] = thing
        placed.append(_placed(spot, thing, by_name, built))
    return Scene(
        title=spec.title,
        placed=tuple(placed),
        lamps=mood_lamps(spec),
        sky=sky_of(spec.light),
        cameras=framed(spec, layout) if seen is None else seen,
        room_m=(spec.width_m, spec.depth_m, spec.height_m),
        exterior=spec.exterior,
        seed=spec.seed,
    )


def _order(spec: SetSpec, line: Furnishing, spot: Spot) -> Make:
    """What the builder is asked for; each thing's seed is its own and no other's."""
    number = int(spot.name.rpartition(".")[2]) if "." in spot.name else 0
    own = number if spot.kind in _EACH_ITS_OWN else number % _VARIANTS
    seed = (spec.seed * 7919 + zlib.crc32(line.name.encode()) + own) & 0x7FFFFFFF
    return Make(
        size_m=spot.size_m,
        era=spec.era,
        style=line.style or spec.style,
        palette=spec.palette,
        colour=line.colour,
        material=line.material,
        wear=spec.wear,
        lumens=line.lumens,
        kelvin=line.kelvin,
        lit=line.lit,
        seed=seed,
    )


def _placed(spot: Spot, thing: Thing, by_name: dict[str, Spot], built: dict[str, Thing]) -> Placed:
    kind = KINDS[spot.kind]
    x, y, z = spot.position_m
    below = built.get(spot.on or "")
    if below is not None and below.top_m is not None:
        z = by_name[spot.on or ""].position_m[2] + below.top_m
    return Placed(
        name=spot.name,
        category=kind.category,
        layer=kind.layer,
        thing=thing,
        position_m=(x, y, z),
        turn_deg=spot.turn_deg,
        wall=wall_of(spot, by_name),
    )
