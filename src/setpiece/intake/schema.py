"""The brief as it stands in ``brief.yaml``: every field with its unit, range and default. Parsed here, at the edge.

A field that is ``None`` is automatic: it was left out or written as ``auto``. Unknown keys are refused, never dropped.
The description of a field becomes its comment in a new brief, so it says what an artist wants to know. The second line
of a ValueError raised here is its remedy.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from setpiece.core.errors import BriefError
from setpiece.core.timing import FrameRange, exact_rate
from setpiece.intake.finish_schema import FinishSection
from setpiece.intake.section import Section as Section

SCHEMA = "setpiece.brief/1"

Mode = Literal["pancake", "topple", "blast", "progressive", "partial"]
MaterialName = Literal["masonry", "stone", "concrete", "timber", "steel", "glass"]
EngineName = Literal["house", "cycles", "diffusers", "comfyui"]
Answer = Literal["yes", "no", "unsure"]
Purpose = Literal["ideation", "moodboard", "previs", "shot"]
Prominence = Literal["incidental", "background", "story", "key"]
Px = tuple[float, float]
Unit = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Colour = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]

# Which fields of ``collapse`` direct which mode: stating one that its mode would ignore is a contradiction.
DIRECTS: dict[str, tuple[str, ...]] = {
    "direction": ("topple", "blast"),
    "point": ("blast",),
    "charge": ("blast",),
    "side": ("progressive",),
    "region": ("partial",),
}


class Shot(Section):
    """The shot: its name and show, as they stand in file names and on the slate."""

    name: str = Field(description="as in file names: letters, digits, _ and -", pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
    show: str = Field(default="untitled", description="the production, for the slate", max_length=120)


class PlateSection(Section):
    """The plate: the photograph or the locked-off clip that the building stands in."""

    path: str = Field(description="still, movie, or first file of a sequence; relative to this brief", min_length=1)
    colour_space: str | None = Field(default=None, description="OCIO colour space of the file, for example sRGB - Texture")
    rate: str | None = Field(default=None, description="frames a second: 24, 25, 23.976 or 24000/1001")
    first_frame: int = Field(default=1001, description="first frame of the shot", ge=0, le=9_999_999)
    last_frame: int = Field(default=1048, description="last frame of the shot, inclusive", ge=0, le=9_999_999)
    focal_mm_35: float | None = Field(default=None, description="35 mm equivalent focal length, mm", ge=4, le=2000)
    focal_px: float | None = Field(default=None, description="focal length in pixels of the plate", ge=16, le=1e6)
    sha256: Sha256 | None = Field(default=None, description="hash of the plate file; the run stops where it differs")
    mirrors: tuple[Annotated[tuple[Px, ...], Field(min_length=3)], ...] | None = Field(
        default=None, description="standing water that mirrors the building, polygons [[[x, y], ...], ...], px; auto is none"
    )

    @field_validator("rate", mode="before")
    @classmethod
    def _exact(cls, value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return value
        try:
            return str(exact_rate(value))
        except BriefError as error:
            raise ValueError(f"{error.message}\n{error.remedy}") from error

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.last_frame < self.first_frame:
            raise ValueError(
                f"frame range {self.first_frame}-{self.last_frame} ends before it begins\n"
                f"write first_frame {self.last_frame}, last_frame {self.first_frame}"
            )
        if self.last_frame - self.first_frame >= 20_000:
            raise ValueError("a shot of more than 20,000 frames is not a shot\nset first_frame and last_frame")
        if self.focal_mm_35 is not None and self.focal_px is not None:
            raise ValueError("focal_mm_35 and focal_px say the same thing twice\nkeep one of them")
        return self

    def frames(self, rate: str = "24") -> FrameRange:
        """The shot's frames, at the stated rate or else ``rate``."""
        return FrameRange(first=self.first_frame, last=self.last_frame, rate=exact_rate(self.rate or rate))


class CameraSection(Section):
    """The camera that took the plate."""

    focal_px: float | None = Field(default=None, description="focal length in pixels of the plate", ge=16, le=1e6)
    horizon_y_px: float | None = Field(default=None, description="row of the horizon at the centre column, px from the top")
    pitch_deg: float | None = Field(default=None, description="degrees, positive looks up", ge=-89, le=89)
    roll_deg: float | None = Field(default=None, description="degrees, positive turns the camera clockwise", ge=-90, le=90)
    centre_px: Px | None = Field(
        default=None, description="principal point [x, y], px; off-centre for a shifted or cropped lens"
    )
    height_m: float | None = Field(default=None, description="eye above the ground, metres", gt=0, le=3000)
    confidence: Unit | None = Field(default=None, description="0..1, a note of the solve: changing it changes nothing")


class ScaleSection(Section):
    """How big the building is: one length is enough."""

    building_height_m: float | None = Field(default=None, description="foot to top of the building, metres", gt=0.5, le=1000)
    storeys: int | None = Field(default=None, description="storeys of the building, where no height is known", ge=1, le=200)
    storey_height_m: float = Field(default=3.3, description="floor to floor, metres", ge=2, le=12)
    assumed: bool | None = Field(default=None, description="true: nobody stated a length, a default was taken")


class MatteSection(Section):
    """Where the building is in the plate: at most one of box, polygon and file; else it is found."""

    box: tuple[float, float, float, float] | None = Field(default=None, description="[left, top, right, bottom], px")
    polygon: tuple[Px, ...] | None = Field(default=None, description="[[x, y], ...], px, at least three points", min_length=3)
    file: str | None = Field(default=None, description="roto picture of the plate's size, white is building")
    holdout: str | None = Field(default=None, description="picture, white is foreground (lamp post, tree) that stays in front")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        given = [name for name in ("box", "polygon", "file") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} both say where the building is\nkeep one of them")
        if self.box is not None and (self.box[2] <= self.box[0] or self.box[3] <= self.box[1]):
            raise ValueError("box is empty\nwrite [left, top, right, bottom] with left < right and top < bottom")
        return self


class LightSection(Section):
    """The light in the plate."""

    azimuth_deg: float | None = Field(
        default=None, description="sun, clockwise from the view: 90 right, 180 behind camera", ge=-360, le=360
    )
    elevation_deg: float | None = Field(default=None, description="sun above the horizon, degrees", ge=-10, le=90)
    sun_to_sky: float | None = Field(
        default=None, description="irradiance of the sun over the sky's; 0 is overcast", ge=0, le=100
    )
    sun_rgb: Colour | None = Field(default=None, description="colour of the sun, ACEScg, relative")
    sky_rgb: Colour | None = Field(default=None, description="colour of the sky, ACEScg, relative")
    trust: float | None = Field(
        default=None, description="how far the sun is believed: 0 what turns keeps the plate's light, 1 all the way", ge=0, le=1
    )


class Materials(Section):
    """What the building is made of: masonry (brick, rubble), stone (dressed, in courses), concrete, timber, steel or glass."""

    walls: MaterialName | None = Field(default=None, description="masonry | stone | concrete | timber | steel | glass")
    floors: MaterialName = Field(default="concrete", description="masonry | concrete | timber | steel | glass")
    roof: MaterialName = Field(default="timber", description="masonry | concrete | timber | steel | glass")


class BuildingSection(Section):
    """The proxy that will fall."""

    footprint: tuple[Px, ...] | None = Field(
        default=None, description="[[x, y], ...] along the foot of the visible walls, left to right, px", min_length=2
    )
    depth_m: float | None = Field(default=None, description="front to back, metres", gt=0.5, le=500)
    storeys: int | None = Field(default=None, description="floors inside", ge=1, le=200)
    wall_thickness_m: float | None = Field(default=None, description="outer walls, metres", ge=0.02, le=5)
    materials: Materials = Field(default_factory=Materials, description="what it is made of")
    hollow: bool = Field(default=True, description="rooms inside; false is solid, as a monument")


class FractureSection(Section):
    """How it breaks."""

    pieces: int = Field(default=2300, description="rigid pieces in all, about", ge=20, le=50_000)
    seed: int | None = Field(
        default=None, description="another number, other cracks; auto follows the seed above", ge=0, lt=2**31
    )
    grain_min_m: float | None = Field(default=None, description="smallest piece, metres; smaller debris is grit", ge=0.02, le=5)
    grain_power: float = Field(default=1.6, description="power law of sizes: higher has more small pieces", ge=0, le=4)


class CollapseSection(Section):
    """How it falls."""

    mode: Mode = Field(default="progressive", description="pancake | topple | blast | progressive | partial")
    start_frame: int | None = Field(default=None, description="the frame in which the first piece lets go", ge=0)
    speed: float = Field(default=1.0, description="pace of the failure through the building; gravity stays", ge=0.05, le=20)
    direction: Literal["left", "right", "towards", "away"] | float | None = Field(
        default=None, description="topple, blast: left | right | towards | away, or degrees clockwise from away"
    )
    point: Px | None = Field(default=None, description="blast: where, [x, y] px in the plate")
    charge: float | None = Field(default=None, description="blast: size of the charge, 1 opens a wall", ge=0.05, le=20)
    side: Literal["left", "right"] | None = Field(default=None, description="progressive: the side that fails first")
    region: tuple[float, float, float, float] | tuple[Px, ...] | None = Field(
        default=None, description="partial: what falls, box [left, top, right, bottom] or polygon, px"
    )
    hold: int = Field(default=0, description="frames between the first crack and the fall", ge=0, le=10_000)
    strength: float = Field(default=1.0, description="how well pieces hold together, 0 falls to bits, 1 as built", ge=0, le=10)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        for name, modes in DIRECTS.items():
            if getattr(self, name) is not None and self.mode not in modes:
                raise ValueError(f"{name} says nothing to mode '{self.mode}'\nremove it, or set mode to {' or '.join(modes)}")
        if self.mode == "partial" and self.region is None:
            raise ValueError("mode 'partial' needs a region\nwrite region: [left, top, right, bottom] in px")
        return self


class DustSection(Section):
    """What goes into the air."""

    amount: float = Field(default=1.0, description="1 is what the broken area throws up", ge=0, le=10)
    colour_rgb: Colour | None = Field(default=None, description="albedo of the dust, ACEScg, 0..1; auto takes the building's")
    wind_m_s: tuple[float, float, float] = Field(default=(0.0, 0.0, 0.0), description="[right, away, up], metres a second")
    settle_m_s: float = Field(default=0.05, description="how fast dust sinks, metres a second", ge=0, le=5)
    detail: float = Field(default=1.0, description="strength of the fine structure", ge=0, le=4)


class RenderSection(Section):
    """How the pictures are made."""

    engine: EngineName = Field(
        default="house",
        description="house (fast) | cycles (final quality, needs Blender) | diffusers, comfyui (see 'finish')",
    )
    samples: int | None = Field(default=None, description="samples a pixel", ge=1, le=4096)
    shutter_deg: float = Field(default=180.0, description="shutter angle, degrees", ge=0, le=360)
    scale: float = Field(default=1.0, description="size of the take over the size of the plate", ge=0.05, le=2)
    motion_blur: bool = Field(default=True, description="blur what moves while the shutter is open")
    behind_dust: bool = Field(
        default=False, description="layers also where dust hides all, to thin it in comp; a shot takes 1.2 to 1.4 times as long"
    )


class IntegrateSection(Section):
    """How the new pixels sit in the plate."""

    grain: bool = Field(default=True, description="match the plate's grain")
    sharpness: float | None = Field(default=None, description="blur of new pixels, px; auto measures the plate's", ge=0, le=20)
    edge: float = Field(default=1.0, description="strength of the edge treatment, 0 is none", ge=0, le=2)


class SlateText(Section):
    """What the slate says beside shot, version, frames and date."""

    artist: str = Field(default="", description="name on the slate", max_length=80)
    vendor: str = Field(default="", description="company on the slate", max_length=80)
    note: str = Field(default="", description="one line for the reviewer", max_length=200)


class DeliverSection(Section):
    """What goes out beside the EXR sequence."""

    h264: bool = Field(default=True, description="review movie, H.264")
    prores4444: bool = Field(default=True, description="review movie, ProRes 4444")
    usd: bool = Field(default=True, description="the stage as USD")
    blend: bool = Field(default=True, description="the stage as a .blend file")
    view: Literal["auto", "aces", "plain"] = Field(
        default="auto", description="auto | aces | plain: how review pictures are shown"
    )
    slate: SlateText = Field(default_factory=SlateText, description="text on the slate")


class Principles(Section):
    """Five answers, each yes | no | unsure; no and unsure go to the studio."""

    no_unowned_material: Answer | None = Field(default=None, description="nothing that others own is substantially recreated")
    tools_keep_nothing: Answer | None = Field(
        default=None, description="the tools neither store, reuse nor train on the inputs"
    )
    enterprise_secured: Answer | None = Field(default=None, description="the tools run in a secured environment")
    output_temporary: Answer | None = Field(default=None, description="the output is temporary, not part of the final picture")
    no_talent_replaced: Answer | None = Field(
        default=None, description="no performance or union work is replaced without consent"
    )


class ExportSection(Section):
    """Where a final picture goes: the gate at release rules on it. What is left out is missing, and missing is refused."""

    territories: list[str] = Field(default_factory=list, description="country codes, EU, or world")
    advertisement: bool | None = Field(default=None, description="true: it advertises something")
    expressive: bool | None = Field(default=None, description="true: a work of art, fiction, satire")
    deepfake: bool | None = Field(default=None, description="true: it shows a real person, place or event falsely as real")
    provider_duty: bool | None = Field(default=None, description="true: the EU duty of a provider applies; counsel to confirm")
    first_shown: date | None = Field(default=None, description="day of first showing")


class DeclarationSection(Section):
    """The declaration that both gates rule on: what is left out is missing, and missing is refused."""

    purpose: Purpose | None = Field(default=None, description="ideation | moodboard | previs | shot")
    final: bool | None = Field(default=None, description="true: meant for the final picture; needs studio and legal to release")
    prominence: Prominence | None = Field(
        default=None, description="incidental | background | story | key; on record for review"
    )
    requester: str | None = Field(
        default=None, description="who asks for the shot; cannot approve it", min_length=1, max_length=120
    )
    principles: Principles = Field(default_factory=Principles, description="yours to answer: yes | no | unsure; auto: not yet")
    real_event: bool | None = Field(default=None, description="true: the picture could be taken for a real event")
    union_work_displaced: bool | None = Field(default=None, description="true: union work is replaced by it")
    people: list[str] | None = Field(
        default=None, description="who can be recognised in the plate: ids of performers, nobody; [] is nobody"
    )
    export: ExportSection | None = Field(default=None, description="final only: where it goes")
    notes: str = Field(default="", description="anything that an approver should know", max_length=4000)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.final and self.purpose in ("ideation", "moodboard", "previs"):
            raise ValueError(f"purpose '{self.purpose}' is not final\nset final: false, or purpose: shot")
        return self


class CollapseDocument(Section):
    """The whole of a collapse shot's ``brief.yaml``. ``WORK`` are sections that decide no leave: here, none."""

    WORK: ClassVar[frozenset[str]] = frozenset()

    schema_: Literal["setpiece.brief/1"] = Field(
        default="setpiece.brief/1", alias="schema", description="version of this document"
    )
    department: Literal["destruction"] = Field(default="destruction", description="destruction | deage")
    seed: int = Field(
        default=1, description="the same number, the same pictures; another number, another collapse", ge=0, lt=2**31
    )
    shot: Shot = Field(description="the shot")
    plate: PlateSection = Field(description="the photograph or locked-off clip")
    camera: CameraSection = Field(default_factory=CameraSection, description="the camera that took the plate")
    scale: ScaleSection = Field(default_factory=ScaleSection, description="real size: one length is enough")
    matte: MatteSection = Field(default_factory=MatteSection, description="where the building is in the plate")
    light: LightSection = Field(default_factory=LightSection, description="the light in the plate")
    building: BuildingSection = Field(default_factory=BuildingSection, description="what will fall")
    fracture: FractureSection = Field(default_factory=FractureSection, description="how it breaks")
    collapse: CollapseSection = Field(default_factory=CollapseSection, description="how it falls")
    dust: DustSection = Field(default_factory=DustSection, description="what goes into the air")
    render: RenderSection = Field(default_factory=RenderSection, description="how the pictures are made")
    finish: FinishSection = Field(default_factory=FinishSection, description="engines diffusers, comfyui: how they finish it")
    integrate: IntegrateSection = Field(default_factory=IntegrateSection, description="how new pixels sit in the plate")
    deliver: DeliverSection = Field(default_factory=DeliverSection, description="what goes out beside the EXRs")
    declaration: DeclarationSection | None = Field(default=None, description="for clearance: the gates rule on this")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        start, plate = self.collapse.start_frame, self.plate
        if start is not None and not plate.first_frame <= start <= plate.last_frame:
            raise ValueError(
                f"collapse.start_frame {start} lies outside the shot ({plate.first_frame}-{plate.last_frame})\n"
                "move it, or widen the shot"
            )
        redone = self.finish.redone()
        if redone is not None and not plate.first_frame <= redone.first <= redone.last <= plate.last_frame:
            raise ValueError(
                f"finish.redo {self.finish.redo} lies outside the shot ({plate.first_frame}-{plate.last_frame})\nmove it"
            )
        storeys, height = self.scale.storeys, self.scale.building_height_m
        if storeys is not None and self.building.storeys is not None and storeys != self.building.storeys:
            raise ValueError(f"scale.storeys is {storeys} but building.storeys is {self.building.storeys}\nmake them agree")
        if storeys is not None and height is not None and not 1.8 <= height / storeys <= 15:
            raise ValueError(
                f"scale: {storeys} storeys in {height} m make {height / storeys:.1f} m each\ncorrect one of the two"
            )
        return self

    @property
    def engine(self) -> str:
        """The engine that makes the take."""
        return self.render.engine

    @property
    def scales(self) -> tuple[float, float]:
        """Least and largest size of a take over its plate."""
        return 0.05, 2.0

    @property
    def engines(self) -> tuple[str, ...]:
        """Engines that a run may name."""
        return get_args(EngineName)

    def files(self) -> tuple[tuple[str, str], ...]:
        """(dotted name, path) of every file beside the plate that decides pixels."""
        named = (("matte.file", self.matte.file), ("matte.holdout", self.matte.holdout))
        return (*((name, path) for name, path in named if path is not None), *self.finish.files())
