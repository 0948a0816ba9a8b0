"""Variations of a set, each with its theme: another palette, another decade, another hour, more wear, another arrangement…

Place in the flow: specification -> here -> other specifications, written as documents of their own. What the designer stated
stays; a variation changes one thing, says which, and draws the rest from the same seed. The same set and number give the same
variations.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from setpiece.core.errors import BriefError
from setpiece.core.set_spec import Furnishing, Palette, Relation, SetSpec, Surface
from setpiece.intake.previs_colours import PALETTES, by_era
from setpiece.intake.previs_compose import style_of
from setpiece.intake.previs_places import all_places

Vary = Callable[[SetSpec, random.Random], SetSpec]
_MOST = 60


def vary(spec: SetSpec, count: int) -> tuple[SetSpec, ...]:
    """``count`` variations, each with its ``theme``, no two alike and none like ``spec``. Raises BriefError out of 1..60.

    Themes come in turn: palette, light, arrangement, era, wear, surfaces, dressing, scale.
    """
    if not 1 <= count <= _MOST:
        raise BriefError(f"{count} variations are none", remedy=f"ask for 1 to {_MOST}")
    made: list[SetSpec] = []
    number = 0
    while len(made) < count:
        rng = random.Random(f"{spec.seed}|{spec.title}|{number}")
        one = _THEMES[number % len(_THEMES)](spec, rng)
        number += 1
        plain = replace(one, theme=None)
        if (
            one.theme is not None
            and plain != replace(spec, theme=None)
            and all(plain != replace(other, theme=None) for other in made)
        ):
            made.append(one)
    return tuple(made)


def repainted(spec: SetSpec, palette: Palette, theme: str) -> SetSpec:
    """The set in another palette: what had a colour of the old one takes the new one's."""
    old = spec.palette
    roles = ("wall", "floor", "ceiling", "wood", "metal", "fabric", "fabric_2", "accent", "trim")
    new = {getattr(old, role): getattr(palette, role) for role in reversed(roles)}

    def surface(one: Surface, role: str) -> Surface:
        second = None if one.colour_2 is None else new.get(one.colour_2, palette.trim)
        return replace(one, colour=getattr(palette, role), colour_2=second)

    return replace(
        spec,
        palette=palette,
        walls=surface(spec.walls, "wall"),
        floor=surface(spec.floor, "floor"),
        ceiling=surface(spec.ceiling, "ceiling"),
        openings=tuple(replace(one, curtain=None if one.curtain is None else palette.fabric_2) for one in spec.openings),
        theme=theme,
    )


def _palette(spec: SetSpec, rng: random.Random) -> SetSpec:
    own = next((place.palettes for place in all_places() if place.name == spec.place), ())
    known = {name for place in all_places() for name in place.palettes}
    shared = {name for name in known if sum(name in place.palettes for place in all_places()) > 2}
    names = [
        name
        for name in by_era(spec.era, tuple(dict.fromkeys((*own, *sorted(shared)))))
        if PALETTES[name].colours.fabric != spec.palette.fabric
    ]
    name = rng.choice(names)
    return repainted(spec, PALETTES[name].colours, f"palette: {name}")


def _light(spec: SetSpec, rng: random.Random) -> SetSpec:
    options = [
        ("dawn, cold and clear", 6.0, "clear", "cold"),
        ("noon, overcast", 12.5, "overcast", "natural"),
        ("low afternoon sun", 16.8, "clear", "warm"),
        ("rain at dusk", 18.5, "rain", "low_key"),
        ("night, practicals alone", 23.0, "clear", "low_key"),
        ("night, coloured light", 23.5, "clear", "neon"),
        ("bright morning", 9.0, "clear", "high_key"),
        ("fog", 10.0, "fog", "cold"),
    ]
    if not spec.exterior and not any("window" in one.kind for one in spec.openings):
        options = [  # the hour does not come in
            ("one lamp", spec.light.hour, spec.light.weather, "low_key"),
            ("everything on", spec.light.hour, spec.light.weather, "high_key"),
            ("lamplight", spec.light.hour, spec.light.weather, "warm"),
            ("coloured light", spec.light.hour, spec.light.weather, "neon"),
            ("cold tubes", spec.light.hour, spec.light.weather, "cold"),
        ]
    name, hour, weather, mood = rng.choice([one for one in options if (one[1], one[3]) != (spec.light.hour, spec.light.mood)])
    area = spec.width_m * spec.depth_m
    key = {"high_key": 120.0, "neon": 30.0, "cold": 14.0}.get(mood, 5.0) * area
    lit = hour > 16.0 or hour < 7.0
    lines = tuple(replace(line, lit=line.lit or lit) for line in spec.furnishings)
    light = replace(spec.light, hour=hour, weather=weather, mood=mood, key_lumens=0.0 if spec.exterior else round(key, -1))
    return replace(spec, light=light, furnishings=lines, theme=f"light: {name}")


def _arrangement(spec: SetSpec, rng: random.Random) -> SetSpec:
    """Another seed for the layout, and what stood in the middle against a wall or the other way about."""
    seed = rng.randrange(1, 2**31)
    return replace(
        spec, seed=seed, furnishings=tuple(_moved(line, rng) for line in spec.furnishings), theme="layout: rearranged"
    )


def _moved(line: Furnishing, rng: random.Random) -> Furnishing:
    if line.at_m is not None:
        return line
    if line.relation is Relation.AGAINST and line.target in (None, "east", "west"):
        return replace(line, target=rng.choice(["east", "west", "north"]))
    return line


def _era(spec: SetSpec, rng: random.Random) -> SetSpec:
    years = [year for year in (1908, 1934, 1956, 1974, 1994, 2018) if abs(year - spec.era) > 12]
    year = rng.choice(years)
    style = spec.style if spec.style in ("industrial", "rustic", "futuristic") else style_of(year)
    name = rng.choice(by_era(year))
    made = repainted(spec, PALETTES[name].colours, f"era: {year}")
    return replace(made, era=year, style=style, furnishings=tuple(replace(line, style=None) for line in spec.furnishings))


def _wear(spec: SetSpec, rng: random.Random) -> SetSpec:
    options = [(0.05, "brand new"), (0.25, "well kept"), (0.6, "worn"), (0.8, "run down"), (0.95, "derelict")]
    wear, name = rng.choice([one for one in options if abs(one[0] - spec.wear) > 0.2])
    return replace(spec, wear=wear, theme=f"wear: {name}")


def _surfaces(spec: SetSpec, rng: random.Random) -> SetSpec:
    walls = rng.choice(
        [kind for kind in ("plaster", "wallpaper", "brick", "planks", "concrete", "paint", "tiles") if kind != spec.walls.kind]
    )
    floor = rng.choice(
        [kind for kind in ("planks", "parquet", "tiles", "carpet", "concrete", "linoleum") if kind != spec.floor.kind]
    )
    second = spec.palette.trim
    return replace(
        spec,
        walls=replace(spec.walls, kind=walls, colour_2=second if walls in ("wallpaper", "tiles") else None),
        floor=replace(spec.floor, kind=floor, colour_2=second if floor == "tiles" else None),
        theme=f"surfaces: {walls} and {floor}",
    )


def _dressing(spec: SetSpec, rng: random.Random) -> SetSpec:
    """Barer or fuller: small things halved or doubled."""
    fuller = spec.dressing < 0.55
    small = (Relation.ON, Relation.MOUNTED)
    lines = []
    for line in spec.furnishings:
        if line.relation not in small:
            lines.append(line)
        elif fuller:
            lines.append(replace(line, count=min(12, line.count * 2)))
        elif line.count > 1 or rng.random() < 0.4:
            lines.append(replace(line, count=max(1, line.count // 2)))
    kept = {line.name for line in lines}
    views = tuple(replace(view, on=view.on if view.on in kept else None) for view in spec.views)
    lines = [
        replace(line, target=line.target if line.target in kept or line.target in ("north", "east", "south", "west") else None)
        for line in lines
    ]
    dressing = 0.9 if fuller else 0.2
    return replace(
        spec, furnishings=tuple(lines), views=views, dressing=dressing, theme=f"dressing: {'crowded' if fuller else 'sparse'}"
    )


def _scale(spec: SetSpec, rng: random.Random) -> SetSpec:
    name, share = rng.choice([("a larger room", 1.25), ("a smaller room", 0.86), ("a long room", 1.4)])
    depth = share if name != "a long room" else 0.9
    return replace(spec, width_m=round(spec.width_m * share, 2), depth_m=round(spec.depth_m * depth, 2),
                   height_m=round(spec.height_m * share**0.4, 2), theme=f"scale: {name}")  # fmt: skip


_THEMES: tuple[Vary, ...] = (_palette, _light, _arrangement, _era, _wear, _surfaces, _dressing, _scale)
