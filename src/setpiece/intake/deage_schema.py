"""The brief of a de-ageing shot: whose face, how old, from which keyframes. Parsed as :mod:`.schema` says."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from setpiece.intake.schema import DeclarationSection, PlateSection, Px, Section, Sha256, Shot, SlateText

RetouchEngine = Literal["auto", "makeup", "propagate", "learned", "fran"]
Strength = Annotated[float, Field(ge=0, le=2)]
Years = Annotated[float, Field(ge=-40, le=30)]


class PerformerSection(Section):
    """Whose likeness is changed, and how: the gates rule on this, and without a consent that covers it there is no frame."""

    id: str | None = Field(default=None, description="id of the performer on record: setpiece clear performer", min_length=1)
    role: str | None = Field(default=None, description="the role that is played, as in the consent")
    scene: str | None = Field(default=None, description="the scene, as in the consent")
    portrayed_age: int | None = Field(default=None, description="years that the role is old in this shot", ge=0, le=130)
    day: date | None = Field(default=None, description="day of use, where the consent has dates; auto is the day of the run")
    media: tuple[str, ...] = Field(default=(), description="feature, series, trailer, ...")
    territories: tuple[str, ...] = Field(default=(), description="where it is shown: country codes, or world")
    language: str | None = Field(default=None, description="language of the version")
    content: tuple[str, ...] = Field(default=(), description="what is shown that a consent may bar: nudity, violence, ...")


class FaceSection(Section):
    """Which face of the plate, and how it is followed."""

    name: str | None = Field(
        default=None, description="a | b | ..., as the tracks are named; a is the largest", pattern="^[a-z]$"
    )
    point: Px | None = Field(default=None, description="or a point in the face, [x, y] px, in point_frame")
    point_frame: int | None = Field(default=None, description="the frame of the point; auto is the first", ge=0)
    corrections: str | None = Field(default=None, description="file of corrections to the track, YAML")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.point_frame is not None and self.point is None:
            raise ValueError("point_frame says nothing without a point\nadd point: [x, y], or remove it")
        return self


class Regions(Section):
    """Strength of the make-up, region by region: 1 as the years ask, 0 untouched."""

    forehead: Strength = Field(default=1.0, description="lines of the forehead")
    glabella: Strength = Field(default=1.0, description="between the brows")
    crows_feet: Strength = Field(default=1.0, description="beside the eyes")
    under_eye: Strength = Field(default=1.0, description="bags and shadows under the eyes")
    nasolabial: Strength = Field(default=1.0, description="folds from nose to mouth")
    marionette: Strength = Field(default=1.0, description="folds below the corners of the mouth")
    jaw: Strength = Field(default=1.0, description="line of the jaw")
    neck: Strength = Field(default=1.0, description="neck and ears")
    lips: Strength = Field(default=1.0, description="fullness and colour of the lips")
    teeth: Strength = Field(default=1.0, description="brightness of the teeth")
    brows: Strength = Field(default=1.0, description="density of the brows")
    hair: Strength = Field(default=1.0, description="greying of the hair; only with years above 0")


class GeometryStrengths(Section):
    """Strength of the changes of shape: 1 as the years ask, 0 untouched."""

    jaw: Strength = Field(default=1.0, description="jowls")
    cheeks: Strength = Field(default=1.0, description="fullness of the cheeks")
    eyes: Strength = Field(default=1.0, description="lids and brows")
    lips: Strength = Field(default=1.0, description="lips and corners of the mouth")
    nose: Strength = Field(default=1.0, description="tip and wings of the nose")


class AgeSection(Section):
    """How many years, and where."""

    years: Years = Field(default=-20.0, description="years on top of the plate's: -40 younger to 30 older")
    curve: tuple[tuple[int, Years], ...] | None = Field(
        default=None, description="[[frame, years], ...]: another number of years over time; it rules over years"
    )
    pores: Annotated[float, Field(ge=0, le=1)] = Field(default=1.0, description="how much of pores and fine skin is kept")
    tone: Strength = Field(default=1.0, description="evening of the skin's tone")
    regions: Regions = Field(default_factory=Regions, description="strength of the make-up, region by region")
    geometry: GeometryStrengths = Field(default_factory=GeometryStrengths, description="strength of the changes of shape")

    @property
    def stops(self) -> tuple[tuple[int, float], ...]:
        """(frame, years) of the curve, ascending; one entry where the years are the same throughout."""
        return tuple(sorted(self.curve)) if self.curve else ((0, self.years),)


class KeyframesSection(Section):
    """What the artist paints on. ``setpiece deage keys`` writes them, ``setpiece deage take-keys`` takes them back."""

    frames: tuple[int, ...] | None = Field(default=None, description="frames to paint; auto proposes them")
    painted: tuple[tuple[int, str], ...] = Field(
        default=(), description="[[frame, file], ...], what was taken back: setpiece deage take-keys"
    )

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        frames = [frame for frame, _ in self.painted]
        twice = {frame for frame in frames if frames.count(frame) > 1}
        if twice:
            raise ValueError(f"frame {min(twice)} is painted twice\nkeep one of them")
        return self


class LearnSection(Section):
    """How the retouch is learned on this shot alone. ``setpiece deage learn`` does it and fills in the model."""

    steps: int = Field(
        default=4000, description="steps of training; 4000 is about five minutes on two cores", ge=10, le=1_000_000
    )
    seed: int | None = Field(default=None, description="auto follows the seed above", ge=0, lt=2**31)
    threads: int = Field(default=2, description="processor threads; another number, other last bits", ge=1, le=256)
    model: str | None = Field(default=None, description="folder of the model that was learned; relative to this brief")
    weights_sha256: Sha256 | None = Field(default=None, description="hash of its weights, as it is on the register")


class FranSection(Section):
    """A model of your own (engine fran): its weights must be on the register (M1)."""

    model: str | None = Field(default=None, description="ONNX file")
    weights_sha256: Sha256 | None = Field(default=None, description="its hash, as on the register")
    input_age: float | None = Field(default=None, description="age of the performer in the plate, years", ge=0, le=120)


class DeageRender(Section):
    """How the pictures are made."""

    engine: RetouchEngine = Field(
        default="auto", description="auto | makeup | propagate | learned | fran; auto: learned where there is a model, "
        "else propagate where there are keyframes, else makeup",
    )  # fmt: skip
    scale: float = Field(default=1.0, ge=1, le=1, description="always 1: a performance is never resampled")
    strength: Annotated[float, Field(ge=0, le=1)] = Field(default=1.0, description="of the whole retouch; 0 is the plate")


class DeageIntegrate(Section):
    """How the new pixels sit in the plate."""

    grain: Annotated[float, Field(ge=0, le=1)] = Field(
        default=1.0, description="how much of the plate's grain is put back into the retouch: 1 all of it, 0 none"
    )


class DeageDeliver(Section):
    """What goes out beside the EXR sequence."""

    h264: bool = Field(default=True, description="review movie, H.264")
    prores4444: bool = Field(default=True, description="review movie, ProRes 4444")
    view: Literal["auto", "aces", "plain"] = Field(
        default="auto", description="auto | aces | plain: how review pictures are shown"
    )
    slate: SlateText = Field(default_factory=SlateText, description="text on the slate")


class DeageDocument(Section):
    """The whole of a de-ageing shot's ``brief.yaml``.

    ``WORK`` are the sections that hold what the artist does with a leave once given: a stroke more is another take, and
    is approved with its frames before they leave, but nobody is asked anew whether it may be begun.
    """

    WORK: ClassVar[frozenset[str]] = frozenset({"keyframes", "learn"})

    schema_: Literal["setpiece.brief/1"] = Field(
        default="setpiece.brief/1", alias="schema", description="version of this document"
    )
    department: Literal["deage"] = Field(description="destruction | deage")
    seed: int = Field(default=1, description="the same number, the same pictures", ge=0, lt=2**31)
    shot: Shot = Field(description="the shot")
    plate: PlateSection = Field(description="the performance")
    performer: PerformerSection = Field(default_factory=PerformerSection, description="whose likeness is changed")
    face: FaceSection = Field(default_factory=FaceSection, description="which face of the plate")
    age: AgeSection = Field(default_factory=AgeSection, description="how many years, and where")
    keyframes: KeyframesSection = Field(default_factory=KeyframesSection, description="what the artist paints on")
    learn: LearnSection = Field(default_factory=LearnSection, description="learning the retouch on this shot alone")
    fran: FranSection = Field(default_factory=FranSection, description="a model of your own, for engine fran")
    render: DeageRender = Field(default_factory=DeageRender, description="how the pictures are made")
    integrate: DeageIntegrate = Field(default_factory=DeageIntegrate, description="how new pixels sit in the plate")
    deliver: DeageDeliver = Field(default_factory=DeageDeliver, description="what goes out beside the EXRs")
    declaration: DeclarationSection | None = Field(default=None, description="for clearance: the gates rule on this")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        first, last = self.plate.first_frame, self.plate.last_frame
        for frame, _ in self.keyframes.painted:
            if not first <= frame <= last:
                raise ValueError(
                    f"keyframes.painted: frame {frame} lies outside the shot ({first}-{last})\ntake it out, or widen the shot"
                )
        if (self.learn.model is None) != (self.learn.weights_sha256 is None):
            raise ValueError("learn.model and learn.weights_sha256 belong together\nrun: setpiece deage learn")
        return self

    @property
    def engine(self) -> str:
        """The engine that makes the take, ``auto`` resolved by what is there."""
        if self.render.engine != "auto":
            return self.render.engine
        if self.learn.model is not None:
            return "learned"
        return "propagate" if self.keyframes.painted else "makeup"

    @property
    def scales(self) -> tuple[float, float]:
        """Least and largest size of a take over its plate: a performance is never resampled."""
        return 1.0, 1.0

    @property
    def engines(self) -> tuple[str, ...]:
        """Engines that a run may name."""
        return ("makeup", "propagate", "learned", "fran")

    def files(self) -> tuple[tuple[str, str], ...]:
        """(dotted name, path) of every file beside the plate that decides pixels."""
        named = [("face.corrections", self.face.corrections), ("fran.model", self.fran.model)]
        named += [(f"keyframes.painted.{frame}", file) for frame, file in self.keyframes.painted]
        return tuple((name, path) for name, path in named if path is not None)
