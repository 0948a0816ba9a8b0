"""The specification of a set and its wardrobe: the document that a production designer edits, as frozen values.

A paragraph is read into it, a seed and it give one scene. It says what stands there and how things relate, not where each
vertex is: :mod:`setpiece.stage.sets` places and builds, :mod:`setpiece.core.scene` is what comes of it. Colours are
display-referred sRGB ``#rrggbb`` here, as a designer writes them. Lengths in metres. Plan: x to the east, y to the north, the
origin in the middle of the floor.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """A wall of a room, by the side of the plan on which it stands."""

    NORTH = "north"
    EAST = "east"
    SOUTH = "south"
    WEST = "west"


class Relation(StrEnum):
    """How a furnishing stands to another, or to the room."""

    AGAINST = "against"  # back to a wall (``target``: a side, or None for any)
    CORNER = "corner"  # in a corner, back to both walls
    CENTRE = "centre"  # in the middle of the free floor
    AROUND = "around"  # ``count`` of them about the target, facing it (chairs at a table)
    FACING = "facing"  # in front of the target and turned to it
    BESIDE = "beside"
    IN_FRONT = "in_front"  # before the target's front, turned as it is (a coffee table before a sofa)
    BEHIND = "behind"  # at the target's back, turned as it is
    ON = "on"  # on the target's top
    UNDER = "under"  # on the floor beneath the target (a rug)
    HANGING = "hanging"  # from the ceiling, over the target where there is one
    MOUNTED = "mounted"  # on a wall, at its own height (pictures, clocks, wall lamps)
    FREE = "free"  # wherever it fits


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """What covers a wall, floor or ceiling. ``kind`` names a material kind (:mod:`setpiece.core.scene`); ``colour_2`` is the
    second colour of a pattern. ``wear`` 0 (new) .. 1 (derelict), None as the whole set."""

    kind: str
    colour: str
    colour_2: str | None = None
    wear: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A door, window or open arch. ``at`` runs along the wall from its middle, metres, + to the right as seen from inside;
    None is placed. ``sill_m`` is the height of its lower edge."""

    kind: str
    wall: Side
    width_m: float
    height_m: float
    sill_m: float = 0.0
    at_m: float | None = None
    style: str | None = None
    open_deg: float = 0.0
    curtain: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Furnishing:
    """One kind of thing, or several of it.

    ``name`` is its own in the set; ``kind`` one of the library's. ``relation`` to ``target`` (another's name, a
    :class:`Side`, or None) places it; ``at_m`` and ``turn_deg`` (counter-clockwise from above, 0: its front to the south)
    pin it where the designer does. ``size_m`` (width, depth, height) overrides the kind's own. ``material``, ``colour``
    override palette and style. A practical has ``lumens`` and ``kelvin`` where the designer states them; ``lit`` False is
    switched off.
    """

    name: str
    kind: str
    count: int = 1
    relation: Relation = Relation.FREE
    target: str | None = None
    at_m: tuple[float, float] | None = None
    turn_deg: float | None = None
    size_m: tuple[float, float, float] | None = None
    style: str | None = None
    material: str | None = None
    colour: str | None = None
    lumens: float | None = None
    kelvin: float | None = None
    lit: bool = True
    asset: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours by role, ``#rrggbb``; furniture takes them unless it has its own."""

    wall: str
    floor: str
    ceiling: str
    wood: str
    metal: str
    fabric: str
    fabric_2: str
    accent: str
    trim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Daylight:
    """Where and when. ``hour`` is local solar time 0..24, ``day`` of the year 1..365; ``weather`` one of clear, hazy,
    overcast, rain, snow, fog. ``mood`` names a way of lighting (natural, low_key, high_key, warm, cold, neon…).
    ``key_lumens`` scales what is added to practicals and sky; 0 is none. ``gel_stops`` of neutral density stand in the windows
    of an interior, as a cameraman gels them to hold the view and to balance the lamps."""

    latitude_deg: float = 40.0
    hour: float = 12.0
    day: int = 172
    north_deg: float = 0.0
    weather: str = "clear"
    mood: str = "natural"
    key_lumens: float = 0.0
    gel_stops: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A camera of the set. ``shot`` is a shot size by name (wide, full, medium, close, insert, plan); ``lens_mm`` on ``sensor``
    (a preset's name). Without ``from_m`` and ``to_m`` the framing is solved. ``on`` names what it frames."""

    name: str
    shot: str = "wide"
    lens_mm: float = 24.0
    sensor: str = "alexa_35_og"
    on: str | None = None
    from_m: tuple[float, float, float] | None = None
    to_m: tuple[float, float, float] | None = None
    fstop: float | None = None
    exposure_stops: float | None = None
    white_kelvin: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Garment:
    """One garment of a look. ``fabric`` and ``colour`` name a preset and a colourway; ``values`` override pattern parameters
    (length_m, ease_m, collar, sleeve, closure…)."""

    kind: str
    fabric: str
    colour: str
    colour_2: str | None = None
    values: tuple[tuple[str, float | str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one form wears, inner garments first. ``size`` is a table's row (women_40, men_50, child_128) or ``own`` with
    ``measures_m``."""

    name: str
    size: str
    garments: tuple[Garment, ...]
    measures_m: tuple[tuple[str, float], ...] = ()
    at_m: tuple[float, float] | None = None
    turn_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSpec:
    """A set and its wardrobe. ``exterior`` is a street or yard: no ceiling, facades where walls would be. ``era`` is a
    year. ``wear`` 0 (new) .. 1 (derelict) and ``dressing`` 0 (bare) .. 1 (crowded) count for all. ``theme`` names what a
    variation varies. ``features`` are what architecture adds: panelling, tile_dado, cornice, picture_rail, skirting, beams,
    columns, pipes, ducts, ribs, sloping_roof, tent, snow, shopfronts, balconies."""

    title: str
    exterior: bool = False
    place: str = "room"
    width_m: float
    depth_m: float
    height_m: float
    era: int
    style: str
    walls: Surface
    floor: Surface
    ceiling: Surface
    palette: Palette
    openings: tuple[Opening, ...] = ()
    furnishings: tuple[Furnishing, ...] = ()
    light: Daylight = Daylight()
    views: tuple[View, ...] = ()
    looks: tuple[Look, ...] = ()
    wear: float = 0.3
    dressing: float = 0.5
    scenes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    theme: str | None = None
    seed: int = 1
