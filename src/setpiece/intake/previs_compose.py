"""A set out of what a text says and what its place usually has: the text rules, the programme fills in, the seed decides.

Place in the flow: :mod:`.previs_mentions` -> here -> :class:`SetSpec`. Everything that the text does not say is noted as
assumed,
with its reason; nothing that the text excludes comes back.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from setpiece.core.set_spec import Furnishing, Opening, Palette, Relation, SetSpec, Side, Surface
from setpiece.intake.previs_colours import PALETTES, by_era, recoloured
from setpiece.intake.previs_light import day_fill, light_of, toward_windows
from setpiece.intake.previs_looks import looks_of
from setpiece.intake.previs_openings import CURTAINS, openings_of
from setpiece.intake.previs_places import Line, Place, all_places, programme
from setpiece.intake.previs_said import Mention, Mentions, surface_of
from setpiece.intake.previs_views import views_of
from setpiece.intake.previs_vocabulary import DECADES, ERAS, KindWords
from setpiece.intake.previs_words import Lexicon, words_of

_HINTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("bedroom", ("bed", "double_bed", "single_bed", "nightstand")), ("kitchen", ("stove", "fridge", "sink", "base_unit")),
        ("bathroom", ("bathtub", "toilet", "washbasin")),
    ("office", ("desk", "office_chair", "filing_cabinet")), ("street", ("lamp_post", "car", "street_lamp")), ("living room",
        ("sofa", "armchair", "coffee_table", "television")),
    ("dining room", ("dining_table", "dining_chair")), ("workshop", ("workbench", "tools")), ("bar", ("bar", "bar_stool")),
)  # fmt: skip
_GENERIC = ("room",)
_GROWN = ("tree",)
_FITTED_WITH = {"wall_unit": "base_unit", "sink": "base_unit"}
_ROLES = ("wall", "floor", "ceiling", "wood", "metal", "fabric", "fabric_2", "accent", "trim")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """A value that the text did not state, and why it is what it is."""

    name: str
    value: str
    why: str


@dataclass(kw_only=True)
class Composition:
    """A set being composed."""

    said: Mentions
    kinds: Mapping[str, KindWords]
    lexicon: Lexicon
    seed: int
    rng: random.Random
    assumed: list[Assumed] = field(default_factory=list)

    def assume(self, name: str, value: object, why: str) -> None:
        """Note what was not said."""
        self.assumed.append(Assumed(name=name, value=str(value), why=why))


def place_of(said: Mentions) -> tuple[Place, str] | None:
    """The place that a text is about, and how that is known; None where it tells of nothing that could be built."""
    known = {place.name: place for place in all_places()}
    named = said.facts.get("place", [])
    for name in (*(name for name in named if name not in _GENERIC), *named):
        return known[name], "stated"
    kinds = {item.value for item in said.of("kind")}
    if not kinds and said.wearers and said.of("garment"):
        return known["fitting room"], "the text tells of wardrobe alone"
    for name, hints in _HINTS:
        if kinds & set(hints):
            return known[name], f"the text tells of {', '.join(sorted(kinds & set(hints))).replace('_', ' ')}"
    return (known["room"], "no place is named") if kinds else None


def composed(work: Composition, place: Place, how: str, title: str) -> SetSpec:
    """The specification."""
    said = work.said
    if how != "stated":
        work.assume("place", place.name, how)
    era, style = _era(work, place)
    width, depth, height = _size(work, place)
    palette = _palette(work, place, era)
    walls, floor, ceiling = (_surface(work, place, name, palette) for name in ("walls", "floor", "ceiling"))
    palette = recoloured(palette, wall=walls.colour, floor=floor.colour, ceiling=ceiling.colour)
    wear = _number(work, "wear", place.wear, f"usual for a {place.name}")
    dressing = _number(work, "dressing", place.dressing, f"usual for a {place.name}")
    openings = openings_of(said, place, palette, work.assume)
    lines = _furnishings(work, place, era, dressing, openings)
    light = light_of(said, place, width * depth, work.assume)
    light = toward_windows(light, openings, exterior=place.exterior, turn_deg=work.rng.uniform(28, 50), assume=work.assume)
    light = light if place.exterior else day_fill(light, openings, assume=work.assume)
    views = views_of(said, place, lines, (width, depth), work.assume)
    absent = {value for sort, value in said.absent if sort == "feature"}
    features = tuple(dict.fromkeys(item for item in (*place.features, *said.features) if item not in absent))
    if light.weather == "snow" and place.exterior:
        features = (*features, "snow")
    return SetSpec(
        title=title, exterior=place.exterior, place=place.name, width_m=width, depth_m=depth, height_m=height, era=era,
            style=style,
        walls=walls, floor=floor, ceiling=ceiling, palette=palette, openings=openings, furnishings=_lit(lines, work,
            light.hour, light.mood, openings),
        light=light, views=views, looks=looks_of(said, work.assume), wear=wear, dressing=dressing, features=features,
        scenes=tuple(part for value in said.facts.get("scene", []) for part in value.split(",")), seed=work.seed,
    )  # fmt: skip


def style_of(era: int) -> str:
    """The style of a year's own things.

    >>> style_of(1994)
    '1990s'
    """
    for last, style in ((1919, "1900s"), (1944, "1930s"), (1964, "1950s"), (1984, "1970s"), (2004, "1990s"), (2060, "2010s")):
        if era <= last:
            return style
    return "futuristic"


def _era(work: Composition, place: Place) -> tuple[int, str]:
    said = work.said
    year = said.fact("year") or said.fact("decade")
    named = said.fact("era")
    if year is not None:
        era, style = int(year), style_of(int(year))
    elif named is not None:
        era, style = ERAS[named] if named in ERAS else (DECADES[named], style_of(DECADES[named]))
    else:
        era, style = place.era, place.style or style_of(place.era)
        work.assume("era", era, f"usual for a {place.name}")
    if place.style in ("rustic", "industrial", "futuristic"):
        style = place.style
    return era, said.fact("style") or style


def _size(work: Composition, place: Place) -> tuple[float, float, float]:
    said, rng = work.said, work.rng
    scale = float(said.fact("scale") or 1.0)
    usual = [round(rng.uniform(*span) * (scale if number < 2 else scale**0.3), 2) for number, span in enumerate(place.size_m)]
    dims = [float(part) for part in (said.fact("dims") or "").split(";") if part]
    stated = dict(zip(("room_width", "room_depth", "room_height"), dims, strict=False))
    stated |= {name: float(said.fact(name) or 0) for name in ("room_width", "room_depth", "room_height") if said.fact(name)}
    if "room_height" not in stated and said.fact("height"):
        usual[2] = round(usual[2] * float(said.fact("height") or 1), 2)
    missing = [name for name in ("room_width", "room_depth", "room_height") if name not in stated]
    made = tuple(stated.get(name, usual[number]) for number, name in enumerate(("room_width", "room_depth", "room_height")))
    for name, value in zip(("room_width", "room_depth", "room_height"), made, strict=True):
        if name in missing:
            work.assume(
                name.removeprefix("room_") + "_m",
                f"{value:g}",
                f"usual for a {place.name}" if scale == 1 else f"{scale:g} of what is usual",
            )
    return made[0], made[1], made[2]


def _palette(work: Composition, place: Place, era: int) -> Palette:
    names = by_era(era, place.palettes)
    name = work.rng.choice(names)
    palette = PALETTES[name].colours
    work.assume("palette", name, f"at home in a {place.name} of {era}")
    for role, colour in zip(("wall", "fabric", "accent"), work.said.colours, strict=False):
        palette = recoloured(palette, **{role: colour})
    return palette


def _surface(work: Composition, place: Place, name: str, palette: Palette) -> Surface:
    """Walls, floor or ceiling: as said, else as usual there."""
    options = {"walls": place.walls, "floor": place.floors, "ceiling": place.ceilings}[name]
    said = next((item for item in work.said.of("surface") if item.value == name), None)
    if said is not None and said.material is None and name == "walls":
        options = tuple(one for one in options if one.startswith(("plaster", "paint"))) or options  # a colour is painted
    kind, first, *second = work.rng.choice(options).split()
    colour = getattr(palette, first) if first in _ROLES else first
    colour_2 = getattr(palette, second[0]) if second else None
    stated = None if said is None else surface_of(said.material, name)
    if said is None or stated is None:
        work.assume(name, kind, f"usual for a {place.name}")
    if said is not None:
        colour_2 = said.colours[1] if len(said.colours) > 1 else (colour_2 if stated is None else None)
        colour = said.colours[0] if said.colours else (_natural(stated, colour, palette))
        if "check" in said.words.lower() or "cheque" in said.words.lower():
            stated, colour_2 = "linoleum", said.colours[1] if len(said.colours) > 1 else _CHECK[1]
            colour = said.colours[0] if said.colours else _CHECK[0]
    return Surface(kind=stated or kind, colour=colour, colour_2=colour_2, wear=None if said is None else said.wear)


_CHECK = ("#e6dfcf", "#2a2a2c")


def _natural(kind: str | None, colour: str, palette: Palette) -> str:
    """The colour that a material has by itself, where it has one."""
    own = {"concrete": "#8d8a84", "brick": "#8a4b3a", "stone": "#99917f", "marble": "#d9d4ca", "planks": palette.wood,
        "parquet": palette.wood, "cobbles": "#6f6c68",
           "asphalt": "#3f4042", "metal": palette.metal, "soil": "#6a5640"}  # fmt: skip
    return own.get(kind or "", colour)


def _number(work: Composition, name: str, usual: float, why: str) -> float:
    stated = work.said.fact(name)
    if stated is None:
        work.assume(name, f"{usual:g}", why)
        return usual
    return float(stated)


# -- furnishings -----------------------------------------------------------------------------------------------------------


def kind_named(word: str, lexicon: Lexicon) -> str | None:
    """The library's kind that a word of a programme means."""
    words = words_of(word.replace("_", " "))
    count, senses = lexicon.at(words, 0)
    if count != len(words):
        return None
    return next((sense.value for sense in senses if sense.sort == "kind"), None)


def _furnishings(
    work: Composition, place: Place, era: int, dressing: float, openings: Sequence[Opening]
) -> tuple[Furnishing, ...]:
    said = work.said
    absent = {value for sort, value in said.absent if sort == "kind"}
    waiting = [item for item in said.of("kind") if item.value in work.kinds and (item.value not in CURTAINS or not openings)]
    alias: dict[str, str] = {}
    names: dict[int, str] = {}
    made: list[Furnishing] = []
    planned: list[tuple[Line, Furnishing, Mention | None]] = []
    missing: list[str] = []
    for line in programme(place.furnish):
        kind = next((found for word in line.kinds if (found := kind_named(word, work.lexicon)) in work.kinds and found), None)
        if not line.years[0] <= era <= line.years[1] or (kind is not None and kind in absent):
            continue
        if kind is None:
            missing.append(line.kinds[0])
            continue
        kind, mention = _told_of(work, waiting, line, kind)
        count = work.rng.randint(*line.count)
        if mention is None and line.least_dressing > dressing:
            continue
        if mention is not None:
            waiting.remove(mention)
            count = mention.count or (max(count, 2) if mention.plural else count)
        name = _unique(line.kinds[0], [item for _, item, _ in planned])
        if mention is not None:
            names[id(mention)] = name
        for word in line.kinds:
            alias.setdefault(word, name)
        planned.append((line, Furnishing(name=name, kind=kind, count=count), mention))
    made += [_by_line(work, line, item, alias, mention) for line, item, mention in planned]
    for mention in waiting:
        name = _unique(mention.value, made)
        names[id(mention)] = name
        made.append(_by_mention(work, mention, name))
    for mention in said.of("kind"):
        if id(mention) in names:
            made = _darkened(mention, made, names[id(mention)])
            index = next(number for number, item in enumerate(made) if item.name == names[id(mention)])
            related = _related(mention, made[index], names, openings, made, work)
            made[index] = made[index] if _rings(related, made) else related
    made = _matched(made)
    made = _aside(made, {names[id(item)] for item in said.of("kind") if id(item) in names and item.side}, openings)
    usual = sorted({item.kind for item in made} - {item.value for item in said.of("kind")})
    if usual:
        work.assume("furnishings", ", ".join(usual).replace("_", " "), f"usual for a {place.name}")
    if missing:
        work.assume("not furnished", ", ".join(sorted(set(missing))).replace("_", " "), "usual there, but the library has none")
    return tuple(made)


def _told_of(work: Composition, waiting: Sequence[Mention], line: Line, kind: str) -> tuple[str, Mention | None]:
    """What the text says of a line of the programme, and the kind that it becomes by that: bare trees are a street's trees."""
    mention = next((item for item in waiting if item.value == kind), None) or _family(waiting, line, kind)
    if mention is not None:
        particular = mention.value in line.kinds and not kind.endswith(mention.value)
        if particular or mention.value.endswith(f"_{kind}"):
            return mention.value, mention
    return ("bare_tree" if kind == "tree" and _leafless(work) else kind), mention


def _leafless(work: Composition) -> bool:
    """Whether it is a time of year without leaves."""
    return work.said.fact("season") in ("winter", "midwinter", "january", "december", "february") or (
        work.said.fact("weather") == "snow"
    )


def _matched(made: list[Furnishing]) -> list[Furnishing]:
    """Fitted furniture is of one make: what nobody gave a colour has that of what it is fitted with."""
    by_kind = {item.kind: item for item in reversed(made)}
    return [
        item
        if (with_ := by_kind.get(_FITTED_WITH.get(item.kind, ""))) is None or item.colour or item.material
        else replace(item, colour=with_.colour, material=with_.material)
        for item in made
    ]


def _aside(made: list[Furnishing], told: set[str], openings: Sequence[Opening]) -> list[Furnishing]:
    """What usually stands along a wall that the text gives to something else goes, together, to the wall with most room."""
    walls = {side.value for side in Side}
    claimed = {item.target for item in made if item.name in told and item.relation is Relation.AGAINST} & walls
    usual = {item.target for item in made if item.name not in told and item.relation is Relation.AGAINST} & walls
    if not claimed & usual:
        return made
    pierced = {side: sum(one.width_m for one in openings if one.wall.value == side) for side in sorted(walls - claimed)}
    if not pierced:
        return made
    taken = {side: sum(0.8 * item.count for item in made if item.target == side) for side in pierced}
    free = min(pierced, key=lambda side: pierced[side] + taken[side])
    floor = (Relation.AGAINST, Relation.MOUNTED)
    return [
        replace(item, target=free) if item.name not in told and item.relation in floor and item.target in claimed else item
        for item in made
    ]


def _family(waiting: Sequence[Mention], line: Line, kind: str) -> Mention | None:
    """A mention in general words of what the programme names in particular: "chairs" in a kitchen are kitchen chairs."""
    heads = {word.rpartition("_")[2] for word in (*line.kinds, kind)}
    alike = (item for item in waiting if item.value in heads or item.value in line.kinds)
    special = next((item for item in waiting if item.value.endswith(f"_{kind}") and kind in _GROWN), None)
    if special is not None:
        return special
    loose = line.relation in (None, Relation.CENTRE, Relation.FREE)
    return next((item for item in alike if loose or item.relation in (None, line.relation)), None)


def _by_line(work: Composition, line: Line, item: Furnishing, alias: Mapping[str, str], mention: Mention | None) -> Furnishing:
    """A line of the programme, with what the text says of it."""
    target = line.target
    relation = line.relation
    if mention is None and relation in (Relation.AGAINST, Relation.MOUNTED) and target in ("east", "west"):
        target = None  # a usual wall is no stated one
    if target is not None and target not in {side.value for side in Side}:
        target = alias.get(target)
        relation = relation if target is not None else None
    own = work.kinds[item.kind].relation
    made = replace(item, relation=relation or own, target=target if relation is not None else None)
    return made if mention is None else _described(work, mention, made)


def _by_mention(work: Composition, mention: Mention, name: str) -> Furnishing:
    count = mention.count or (3 if mention.plural else 1)
    own = work.kinds[mention.value].relation
    return _described(work, mention, Furnishing(name=name, kind=mention.value, count=count, relation=own))


def _described(work: Composition, mention: Mention, made: Furnishing) -> Furnishing:
    """What the text says of it, on it."""
    size = work.kinds[made.kind].size_m
    if mention.size_m is not None and size is not None:
        width, depth, *rest = mention.size_m if len(mention.size_m) > 1 else (*mention.size_m, size[1])
        made = replace(made, size_m=(width, depth, rest[0] if rest else size[2]))
    elif mention.scale is not None and size is not None:
        across = min(1.35, max(0.8, mention.scale))
        made = replace(made, size_m=(round(size[0] * across, 3), round(size[1] * min(across, 1.15), 3), size[2]))
    style = mention.style if mention.style in work.kinds[made.kind].styles else None
    return replace(
        made,
        colour=mention.colours[0] if mention.colours else made.colour,
        material=mention.material or made.material,
        style=style,
        lit=made.lit if mention.lit is None else mention.lit,
    )


def _related(
    mention: Mention,
    made: Furnishing,
    names: Mapping[int, str],
    openings: Sequence[Opening],
    others: Sequence[Furnishing],
    work: Composition,
) -> Furnishing:
    """Its relation as the text says; what is set down with something stands on it or about it."""
    hung = work.kinds[made.kind].relation is Relation.MOUNTED
    if mention.relation is Relation.AGAINST and hung:
        mention.relation = Relation.MOUNTED
    if mention.side is not None:
        wall: str | None = mention.side
        if mention.side.startswith("opening:"):
            kind = mention.side.partition(":")[2]
            wall = next((str(one.wall) for one in openings if kind in one.kind), None)
        return replace(made, relation=mention.relation or Relation.AGAINST, target=wall)
    towards = None if mention.target is None else work.kinds.get(mention.target.value)
    if (
        towards is not None
        and towards.relation in (Relation.MOUNTED, Relation.HANGING)
        and mention.relation is not Relation.UNDER
    ):
        return made  # nothing on the floor is placed by what hangs on a wall
    if mention.relation in (Relation.CORNER, Relation.CENTRE):
        return replace(made, relation=mention.relation, target=None)
    if mention.relation is Relation.MOUNTED and mention.target is None:
        return replace(made, relation=Relation.MOUNTED, target=None)
    target = None if mention.target is None else names.get(id(mention.target))
    if target is None or target == made.name:
        relation = mention.relation if mention.relation in (Relation.HANGING, Relation.AGAINST) else None
        return made if relation is None else replace(made, relation=relation, target=None)
    below = next(item for item in others if item.name == target)
    if mention.each:
        made = replace(made, count=made.count * below.count)
    return replace(made, relation=mention.relation or _with(work, made, below), target=target)


def _rings(one: Furnishing, others: Sequence[Furnishing]) -> bool:
    """Whether a thing would come to depend on itself."""
    below = {item.name: item.target for item in others} | {one.name: one.target}
    step, seen = one.target, set[str]()
    while step in below and step not in seen:
        seen.add(str(step))
        step = below[step]
    return one.name in seen


def _with(work: Composition, made: Furnishing, below: Furnishing) -> Relation:
    """How a thing stands that the text names with another ("a table with four chairs")."""
    own = work.kinds[made.kind]
    if own.category == "seating" and work.kinds[below.kind].relation is Relation.AGAINST:
        return Relation.FACING
    if own.category == "seating":
        return Relation.AROUND if made.count > 1 else Relation.FACING
    if own.relation in (Relation.ON, Relation.UNDER, Relation.HANGING, Relation.MOUNTED):
        return own.relation
    return Relation.BESIDE


def _darkened(mention: Mention, made: list[Furnishing], name: str) -> list[Furnishing]:
    """One of the lamps is broken: a line of its own, unlit."""
    index = next(number for number, item in enumerate(made) if item.name == name)
    lamps = made[index]
    if not 0 < mention.dark < lamps.count:
        return made
    dark = replace(lamps, name=_unique(f"{name}_off", made), count=mention.dark, lit=False)
    return [*made[:index], replace(lamps, count=lamps.count - mention.dark), dark, *made[index + 1 :]]


def _unique(name: str, made: Sequence[Furnishing]) -> str:
    taken = {item.name for item in made}
    if name not in taken:
        return name
    return next(f"{name}_{number}" for number in range(2, 999) if f"{name}_{number}" not in taken)


def _lit(
    lines: tuple[Furnishing, ...], work: Composition, hour: float, mood: str, openings: Sequence[Opening]
) -> tuple[Furnishing, ...]:
    """Lamps are off by day where windows give light and nobody asked for them."""
    day = 8.0 <= hour <= 16.5 and mood in ("natural", "high_key") and any("window" in one.kind for one in openings)
    if not day:
        return lines
    asked = {item.value for item in work.said.of("kind") if item.lit}
    lamps = [item for item in lines if "lamp" in work.kinds[item.kind].category or "light" in work.kinds[item.kind].category]
    keep = {item.name for item in lamps if item.kind in asked or "fluorescent" in item.kind or "batten" in item.kind}
    off = {item.name for item in lamps} - keep
    if off:
        work.assume("lamps", "off", "it is day, and there are windows")
    return tuple(replace(item, lit=False) if item.name in off else item for item in lines)
