"""The brief of a photographed set as it stands in ``brief.yaml``: every field with its unit and range. Parsed at the edge.

As :mod:`.schema` says: unknown keys are refused, ``None`` is the program's, the second line of a ValueError is its remedy.
The photograph is a room or a street seen from one place, so it has at most five planes: back, left, right, floor, ceiling.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from setpiece.core.dressing import FABRICS, WALL_COVERS
from setpiece.intake.schema import CameraSection, DeclarationSection, PlateSection, Px, Section, Shot

Hex = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Unit = Annotated[float, Field(ge=0, le=1)]
Line = tuple[float, float, float, float]
Polygon = Annotated[tuple[Px, ...], Field(min_length=3)]
Cover = Literal[
    "keep", "paint", "stripes", "damask", "check", "tiles", "planks", "parquet", "panelling"
]  # WALL_COVERS, for the type checker
assert Cover.__args__ == ("keep", *WALL_COVERS)  # type: ignore[attr-defined]


class BoxSection(Section):
    """The room or street as a box, in metres from the eye. Whatever is stated outranks what was found."""

    exterior: bool = Field(default=False, description="true: a street or yard, no ceiling")
    turn_deg: float | None = Field(default=None, description="how far the back wall turns away, + its right end recedes")
    back_px: Annotated[tuple[Px, ...], Field(min_length=4, max_length=4)] | None = Field(
        default=None, description="corners of the back wall, [[x, y], ...] top left, top right, bottom right, bottom left, px"
    )
    back_m: float | None = Field(default=None, description="eye to the back wall, metres", gt=0.1, le=1000)
    left_m: float | None = Field(default=None, description="eye to the left wall, metres", gt=0.05, le=1000)
    right_m: float | None = Field(default=None, description="eye to the right wall, metres", gt=0.05, le=1000)
    height_m: float | None = Field(default=None, description="floor to ceiling, metres", gt=0.3, le=500)
    confidence: Unit | None = Field(default=None, description="0..1, a note of the solve: changing it changes nothing")


class BoxScaleSection(Section):
    """Real size: one length is enough; the first of these that is stated counts."""

    line: Line | None = Field(
        default=None, description="a line on a wall or the floor whose length is known, [x0, y0, x1, y1] px"
    )
    length_m: float | None = Field(default=None, description="its length, metres (a door leaf: 2.0)", gt=0.01, le=1000)
    ceiling_m: float | None = Field(default=None, description="floor to ceiling, metres", gt=0.3, le=500)
    assumed: bool | None = Field(default=None, description="true: nobody stated a length, a usual one was taken")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.line is None) != (self.length_m is None):
            raise ValueError("line and length_m belong together\nstate both, or neither")
        return self


class LinesSection(Section):
    """Edges drawn by hand, where the photograph's own do not tell: each [x0, y0, x1, y1] in px, two of a kind at least."""

    upright: tuple[Line, ...] = Field(default=(), description="upright edges: door frames, corners")
    across: tuple[Line, ...] = Field(default=(), description="level edges along the back wall")
    depth: tuple[Line, ...] = Field(default=(), description="level edges that run away from the camera")


class FrontSection(Section):
    """What stands in front of the walls and stays the photograph's: a matte that the artist may replace."""

    file: str | None = Field(default=None, description="painted picture of the plate's size, white stays in front; PNG, EXR")
    find: bool = Field(default=True, description="true: furniture and people are looked for; false: only what is stated here")
    polygons: tuple[Polygon, ...] = Field(default=(), description="more that stays: windows, doors, [[[x, y], ...], ...] px")


class PlaneSection(Section):
    """One plane: where it is in the picture, and what it is dressed with."""

    polygon: Polygon | None = Field(default=None, description="[[x, y], ...], px; yours may be any part of the plane")
    cover: Cover = Field(
        default="keep", description="keep | paint | stripes | damask | check | tiles | planks | parquet | panelling"
    )
    colour: Hex | None = Field(default=None, description="#rrggbb, as a swatch")
    colour_2: Hex | None = Field(default=None, description="second colour: of the pattern, the grout, the gap")
    repeat_m: float | None = Field(
        default=None, description="the pattern's repeat, metres: a tile, a board, a stripe", gt=0.005, le=50
    )
    turn_deg: float = Field(default=0.0, description="turns the pattern on its plane, counter-clockwise", ge=-360, le=360)
    was: Hex | None = Field(
        default=None, description="the old surface's own colour in white light; sets how bright the new one is"
    )
    old_texture_m: float | None = Field(
        default=None, description="size of the old pattern that is to go (a brick: 0.25); 0: a plain wall", ge=0, le=10
    )
    relief: float | None = Field(default=None, description="how much of the old surface's unevenness stays, 0..1", ge=0, le=1)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.cover == "keep" and self.colour is not None:
            raise ValueError("a plane that is kept has no new colour\nset cover: paint, or another cover")
        if self.cover != "keep" and self.colour is None:
            raise ValueError(f"cover '{self.cover}' needs a colour\nwrite colour: '#rrggbb'")
        return self


class StillRender(Section):
    """How the picture is made."""

    engine: Literal["house"] = Field(default="house", description="house")
    scale: float = Field(default=1.0, ge=1, le=1, description="always 1: a photograph is never resampled")


class StillIntegrate(Section):
    """How new pixels sit in the photograph."""

    grain: Annotated[float, Field(ge=0, le=1)] = Field(
        default=1.0, description="share of the photograph's grain on what is new"
    )
    sharpness: float | None = Field(default=None, description="softness of what is new, sigma px; auto measures", ge=0, le=20)


class StillDeliver(Section):
    """What goes out beside the EXR."""

    view: Literal["auto", "aces", "plain"] = Field(default="auto", description="auto | aces | plain: how pictures are shown")


class PhotographDocument(Section):
    """The whole of a photographed set's ``brief.yaml``. ``WORK`` are sections that decide no leave: none."""

    WORK: ClassVar[frozenset[str]] = frozenset()

    schema_: Literal["setpiece.brief/1"] = Field(
        default="setpiece.brief/1", alias="schema", description="version of this document"
    )
    department: Literal["photograph"] = Field(description="photograph: a location photograph, re-dressed")
    seed: int = Field(default=1, description="the same number, the same pattern", ge=0, lt=2**31)
    shot: Shot = Field(description="the set")
    plate: PlateSection = Field(description="the photograph")
    camera: CameraSection = Field(default_factory=CameraSection, description="the camera that took it")
    lines: LinesSection = Field(default_factory=LinesSection, description="edges for the camera, drawn by hand")
    box: BoxSection = Field(default_factory=BoxSection, description="the room or street as a box")
    scale: BoxScaleSection = Field(default_factory=BoxScaleSection, description="real size: one length is enough")
    front: FrontSection = Field(default_factory=FrontSection, description="what stands in front")
    back: PlaneSection = Field(default_factory=PlaneSection, description="the back wall, or the facade")
    left: PlaneSection = Field(default_factory=PlaneSection, description="the left wall")
    right: PlaneSection = Field(default_factory=PlaneSection, description="the right wall")
    floor: PlaneSection = Field(default_factory=PlaneSection, description="the floor, or the ground")
    ceiling: PlaneSection = Field(default_factory=PlaneSection, description="the ceiling")
    render: StillRender = Field(default_factory=StillRender, description="how the picture is made")
    integrate: StillIntegrate = Field(default_factory=StillIntegrate, description="how new pixels sit in it")
    deliver: StillDeliver = Field(default_factory=StillDeliver, description="what goes out beside the EXR")
    declaration: DeclarationSection | None = Field(default=None, description="for clearance: the gates rule on this")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.plate.first_frame != self.plate.last_frame:
            raise ValueError(f"plate.last_frame: a photograph is one frame\nwrite last_frame: {self.plate.first_frame}")
        return self

    @property
    def engine(self) -> str:
        """The engine that makes the take."""
        return self.render.engine

    @property
    def scales(self) -> tuple[float, float]:
        """Least and largest size of a take over its plate."""
        return 1.0, 1.0

    @property
    def engines(self) -> tuple[str, ...]:
        """Engines that a run may name."""
        return ("house",)

    def files(self) -> tuple[tuple[str, str], ...]:
        """(dotted name, path) of every file beside the plate that decides pixels."""
        return () if self.front.file is None else (("front.file", self.front.file),)


class GarmentSection(Section):
    """Where the garment is: a painted matte, or a box or strokes from which one is proposed."""

    file: str | None = Field(default=None, description="painted picture of the plate's size, white is the garment; PNG, EXR")
    box: Line | None = Field(default=None, description="[left, top, right, bottom] around it, px")
    inside: tuple[Line, ...] = Field(default=(), description="strokes on the garment, each [x0, y0, x1, y1] px")
    outside: tuple[Line, ...] = Field(default=(), description="strokes on what is not, each [x0, y0, x1, y1] px")
    own_cloth: bool = Field(default=True, description="true: badges, straps and buttons of another colour stay as they are")
    was: Hex | None = Field(default=None, description="the cloth's own colour in white light; sets how bright the new one is")
    old_pattern_px: float | None = Field(
        default=None, description="size of the old cloth's pattern that is to go, px; 0: a plain cloth", ge=0, le=500
    )

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.file is not None and (self.box is not None or self.inside or self.outside):
            raise ValueError("file and box or strokes both say where the garment is\nkeep one of them")
        if self.file is None and self.box is None and not self.inside:
            raise ValueError("nobody says where the garment is\nstate garment.file, garment.box or garment.inside")
        if self.box is not None and (self.box[2] <= self.box[0] or self.box[3] <= self.box[1]):
            raise ValueError("box is empty\nwrite [left, top, right, bottom] with left < right and top < bottom")
        return self


class FoldsSection(Section):
    """How the pattern lies on the body: from the shading of the folds and the outline, as far as one picture tells."""

    width_m: float | None = Field(default=None, description="the garment's width where it is widest, metres", gt=0.05, le=10)
    turn_deg: float = Field(default=0.0, description="turns the cloth's grain, counter-clockwise", ge=-360, le=360)
    follow: float = Field(default=1.0, description="how far the pattern follows folds and roundness; 0: flat", ge=0, le=3)
    assumed: bool | None = Field(default=None, description="true: nobody stated a width, a usual one was taken")


class FabricDocument(Section):
    """The whole of a fabric study's ``brief.yaml``: one still, and a frame for each colourway."""

    WORK: ClassVar[frozenset[str]] = frozenset()

    schema_: Literal["setpiece.brief/1"] = Field(
        default="setpiece.brief/1", alias="schema", description="version of this document"
    )
    department: Literal["fabric"] = Field(description="fabric: a costume-camera test, in other cloths")
    seed: int = Field(default=1, description="the same number, the same pattern", ge=0, lt=2**31)
    shot: Shot = Field(description="the study")
    plate: PlateSection = Field(description="the costume test: a still")
    garment: GarmentSection = Field(description="where the garment is")
    folds: FoldsSection = Field(default_factory=FoldsSection, description="how a pattern lies on the body")
    colourways: tuple[str, ...] = Field(
        description="a frame each: 'name: cloth #colour #second #third'; cloths: " + ", ".join(FABRICS),
        min_length=1,
        max_length=24,
    )
    render: StillRender = Field(default_factory=StillRender, description="how the pictures are made")
    integrate: StillIntegrate = Field(default_factory=StillIntegrate, description="how new pixels sit in the still")
    deliver: StillDeliver = Field(default_factory=StillDeliver, description="what goes out beside the EXRs")
    declaration: DeclarationSection | None = Field(default=None, description="for clearance: the gates rule on this")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        for text in self.colourways:
            colourway(text)
        names = [colourway(text)[0] for text in self.colourways]
        if len(set(names)) < len(names):
            raise ValueError("colourways: two have one name\ngive each a name of its own")
        last = self.plate.first_frame + len(self.colourways) - 1
        if self.plate.last_frame != last:
            raise ValueError(
                f"plate.last_frame: {len(self.colourways)} colourways are as many frames\nwrite last_frame: {last}"
            )
        return self

    @property
    def engine(self) -> str:
        """The engine that makes the take."""
        return self.render.engine

    @property
    def scales(self) -> tuple[float, float]:
        """Least and largest size of a take over its plate."""
        return 1.0, 1.0

    @property
    def engines(self) -> tuple[str, ...]:
        """Engines that a run may name."""
        return ("house",)

    def files(self) -> tuple[tuple[str, str], ...]:
        """(dotted name, path) of every file beside the plate that decides pixels."""
        return () if self.garment.file is None else (("garment.file", self.garment.file),)


def colourway(text: str) -> tuple[str, str, tuple[str, ...]]:
    """(name, cloth, colours) of a colourway as it is written. Raises ValueError, whose second line is the remedy.

    >>> colourway("dusk: pinstripe #22252b #d8d5cc")
    ('dusk', 'pinstripe', ('#22252b', '#d8d5cc'))
    """
    name, colon, rest = text.partition(":")
    words = rest.split()
    remedy = "write 'name: cloth #rrggbb #rrggbb', as 'dusk: pinstripe #22252b #d8d5cc'"
    if not colon or not name.strip() or len(words) < 2:
        raise ValueError(f"colourways: '{text}' is no colourway\n{remedy}")
    if words[0] not in FABRICS:
        raise ValueError(f"colourways: there is no cloth '{words[0]}'\ncloths are {', '.join(FABRICS)}")
    colours = tuple(words[1:])
    if len(colours) > 3 or not all(_is_hex(word) for word in colours):
        raise ValueError(f"colourways: '{' '.join(colours)}' are no colours\n{remedy}")
    return name.strip(), words[0], colours


def _is_hex(word: str) -> bool:
    return len(word) == 7 and word[0] == "#" and all(letter in "0123456789abcdefABCDEF" for letter in word[1:])
