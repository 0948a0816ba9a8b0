"""The brief of a set as it stands in ``brief.yaml``: every field with its unit and range. Parsed here, at the edge.

As :mod:`.schema` says: unknown keys are refused, ``None`` is the program's, the second line of a ValueError is its remedy.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from setpiece.core.scene import MaterialKind
from setpiece.core.sensors import SENSORS
from setpiece.core.set_spec import Relation, Side
from setpiece.intake.schema import DeclarationSection, Section, Shot

Hex = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Unit = Annotated[float, Field(ge=0, le=1)]
Metres = Annotated[float, Field(gt=0, le=200)]
At = tuple[Annotated[float, Field(ge=-200, le=200)], Annotated[float, Field(ge=-200, le=200)]]
Point = tuple[float, float, float]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Weather = Literal["clear", "hazy", "overcast", "rain", "snow", "fog"]
Mood = Literal["natural", "low_key", "high_key", "warm", "cold", "neon"]
ShotSize = Literal["wide", "full", "medium", "close", "insert", "plan"]
Material = MaterialKind


class SurfaceSection(Section):
    """What covers a wall, floor or ceiling."""

    kind: Material = Field(description="plaster, paint, concrete, brick, wallpaper, tiles, planks, parquet, carpet, ...")
    colour: Hex = Field(description="#rrggbb, as a swatch")
    colour_2: Hex | None = Field(default=None, description="second colour of a pattern")
    wear: Unit | None = Field(default=None, description="0 new .. 1 derelict; auto is the set's")


class SetSection(Section):
    """The set: what it is, how large, of when."""

    title: str = Field(description="as on the boards", max_length=120)
    place: str = Field(default="room", description="the type of place")
    exterior: bool = Field(default=False, description="true: a street or yard, open to the sky")
    width_m: Metres = Field(description="metres, west to east")
    depth_m: Metres = Field(description="metres, south to north")
    height_m: Metres = Field(description="metres, floor to ceiling; of the facades outside")
    era: int = Field(description="a year", ge=-3000, le=3000)
    style: str = Field(description="1900s | 1930s | 1950s | 1970s | 1990s | 2010s | industrial | rustic | futuristic")
    wear: Unit = Field(default=0.3, description="0 new .. 1 derelict")
    dressing: Unit = Field(default=0.5, description="0 bare .. 1 crowded")
    features: tuple[str, ...] = Field(
        default=(), description="panelling, tile_dado, cornice, skirting, beams, columns, pipes, ..."
    )
    scenes: tuple[str, ...] = Field(default=(), description="scene numbers")
    theme: str | None = Field(default=None, description="what a variation varies")


class PaletteSection(Section):
    """Colours by role; furniture takes them unless it has its own."""

    wall: Hex
    floor: Hex
    ceiling: Hex
    wood: Hex
    metal: Hex
    fabric: Hex
    fabric_2: Hex
    accent: Hex
    trim: Hex


class LightSection(Section):
    """Where, when, and in what mood."""

    latitude_deg: float = Field(default=40.0, description="degrees, north is positive", ge=-90, le=90)
    hour: float = Field(default=12.0, description="local solar time, 0 .. 24", ge=0, le=24)
    day: int = Field(default=172, description="of the year", ge=1, le=366)
    north_deg: float = Field(default=0.0, description="true north, counter-clockwise from the top of the plan", ge=-360, le=360)
    weather: Weather = Field(default="clear", description="clear | hazy | overcast | rain | snow | fog")
    mood: Mood = Field(default="natural", description="natural | low_key | high_key | warm | cold | neon")
    key_lumens: float = Field(default=0.0, description="what the mood adds to practicals and sky; 0 is none", ge=0, le=1e7)
    gel_stops: float = Field(default=0.0, description="neutral density in the windows, stops; 0 is none", ge=0, le=8)


class OpeningLine(Section):
    """A door, window or arch."""

    kind: str
    wall: Side
    width_m: Metres
    height_m: Metres
    sill_m: float = Field(default=0.0, ge=0, le=50)
    at_m: float | None = None
    style: str | None = None
    open_deg: float = Field(default=0.0, ge=-180, le=180)
    curtain: Hex | None = None


class FurnishingLine(Section):
    """A kind of thing, or several of it."""

    name: Name
    kind: str
    count: int = Field(default=1, ge=1, le=500)
    relation: Relation = Relation.FREE
    target: str | None = None
    at_m: At | None = None
    turn_deg: float | None = None
    size_m: tuple[Metres, Metres, Metres] | None = None
    style: str | None = None
    material: Material | None = None
    colour: Hex | None = None
    lumens: float | None = Field(default=None, ge=0, le=1e7)
    kelvin: float | None = Field(default=None, ge=800, le=40000)
    lit: bool = True
    asset: str | None = None


class ViewLine(Section):
    """A camera."""

    name: Name
    shot: ShotSize = "wide"
    lens_mm: float = Field(default=24.0, ge=4, le=2000)
    sensor: str = "alexa_35_og"
    on: str | None = None
    from_m: Point | None = None
    to_m: Point | None = None
    fstop: float | None = Field(default=None, ge=0.5, le=64)
    exposure_stops: float | None = Field(default=None, ge=-20, le=20)
    white_kelvin: float | None = Field(default=None, ge=1500, le=20000)

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.sensor not in SENSORS:
            raise ValueError(f"there is no sensor '{self.sensor}'\nsensors are {', '.join(SENSORS)}")
        return self


class GarmentLine(Section):
    """One garment of a look."""

    kind: str
    fabric: str
    colour: Hex
    colour_2: Hex | None = None
    values: dict[str, float | str] = Field(default_factory=dict)


class LookLine(Section):
    """What one form wears, inner garments first."""

    name: Name
    size: str
    garments: tuple[GarmentLine, ...]
    measures_m: dict[str, float] = Field(default_factory=dict)
    at_m: At | None = None
    turn_deg: float | None = None


class PrevisDocument(Section):
    """The whole of a set's ``brief.yaml``."""

    schema_: Literal["setpiece.brief/1"] = Field(
        default="setpiece.brief/1", alias="schema", description="version of this document"
    )
    department: Literal["previs"] = Field(description="previs")
    seed: int = Field(default=1, description="the same number, the same set", ge=0, lt=2**31)
    shot: Shot = Field(description="the set's name, as in file names, and the show")
    text: str = Field(default="", description="the paragraph that it was read from", max_length=20_000)
    set: SetSection = Field(description="what it is, how large, of when")
    walls: SurfaceSection = Field(description="what covers the walls")
    floor: SurfaceSection = Field(description="what covers the floor")
    ceiling: SurfaceSection = Field(description="what covers the ceiling")
    palette: PaletteSection = Field(description="colours by role, #rrggbb")
    light: LightSection = Field(default_factory=LightSection, description="where, when, and in what mood")
    openings: tuple[OpeningLine, ...] = Field(default=(), description="doors and windows; at_m along the wall from its middle")
    furnishings: tuple[FurnishingLine, ...] = Field(default=(), description="what stands there, and how things relate")
    views: tuple[ViewLine, ...] = Field(default=(), description="cameras; without from_m and to_m the framing is solved")
    looks: tuple[LookLine, ...] = Field(default=(), description="wardrobe, inner garments first")
    declaration: DeclarationSection | None = Field(default=None, description="for clearance: the gates rule on this")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        names = [line.name for line in self.furnishings]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"furnishings: '{twice[0]}' stands twice\ngive each line a name of its own")
        known = {*names, *(side.value for side in Side)}
        for line in self.furnishings:
            if line.target is not None and line.target not in known:
                raise ValueError(
                    f"furnishings: '{line.name}' relates to '{line.target}', which is not there\nname another line, or a wall"
                )
        for view in self.views:
            if view.on is not None and view.on not in names:
                raise ValueError(f"views: '{view.name}' frames '{view.on}', which is not there\nname one of the furnishings")
        return self
