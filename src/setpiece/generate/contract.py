"""What every engine is given and what it owes: the one contract between a stage and its pixels.

An engine gets a :class:`Request` once (:meth:`Engine.prepare`) and then renders single frames in any order
(:meth:`Engine.render`), each a :class:`setpiece.core.layers.Layers`. It never writes a file, never asks for the time,
and never trims a request: what it cannot honour it refuses by name (:func:`check_capabilities`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from setpiece.core.arrays import Plane, Rgb, frozen
from setpiece.core.camera import Camera
from setpiece.core.clearance import Permit
from setpiece.core.errors import CapabilityMissing, ClearanceRefused, StageError
from setpiece.core.layers import Layers
from setpiece.core.light import Light
from setpiece.core.stage import Gas, Grit, Motion, Pieces
from setpiece.core.timing import FrameRange

GRIT = "grit"
DUST = "dust"
DUST_LOOK = "dust_look"
SAMPLES = "samples"
SHUTTER = "shutter_deg"
SEED = "seed"
BEHIND_DUST = "behind_dust"
MAX_SAMPLES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CollapseScene:
    """A building on its plate, and how it comes down.

    ``plate``, ``clean`` (h, w, 3) are ACEScg; ``matte`` (h, w) is the building's coverage in ``plate``, 0..1, aligned
    with it. ``camera`` is the plate's. ``clean`` shows what is behind the building. ``dust_look`` is the engine's own
    value for how dust scatters light (house: ``DustLook``), None for the engine's default.
    """

    camera: Camera
    light: Light
    pieces: Pieces
    motion: Motion
    grit: Grit | None = None
    plate: Rgb
    matte: Plane
    clean: Rgb
    ground_z_m: float = 0.0
    dust_look: object | None = None

    def __post_init__(self) -> None:
        size = (self.camera.height, self.camera.width)
        for name in ("plate", "matte", "clean"):
            picture = getattr(self, name)
            if picture.shape[:2] != size:
                raise StageError(
                    f"{name} is {picture.shape[1]}x{picture.shape[0]} but the camera is {size[1]}x{size[0]}",
                    remedy="solve the camera for the plate's size, or scale all pictures alike",
                )
            frozen(picture)
        if self.motion.position.shape[1] != len(self.pieces):
            raise StageError(
                f"the motion holds {self.motion.position.shape[1]} pieces, the stage {len(self.pieces)}",
                remedy="simulate the collapse again from this stage",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A shot to render.

    ``samples`` is the number of samples per pixel, each at its own time in the shutter; ``shutter_deg`` 0..360 is
    centred on the frame, 0 freezes motion. ``gas`` gives the dust of a frame, or None where there is none yet. ``permit``
    is what the gate gave: without one no engine makes a pixel, and it is checked again before each frame.
    """

    scene: CollapseScene
    frames: FrameRange
    samples: int = 4
    shutter_deg: float = 180.0
    seed: int = 0
    gas: Callable[[int], Gas | None] | None = None
    behind_dust: bool = False
    permit: Permit | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.samples <= MAX_SAMPLES:
            raise StageError(
                f"{self.samples} samples a pixel is out of range", remedy=f"state between 1 and {MAX_SAMPLES} samples"
            )
        if not 0.0 <= self.shutter_deg <= 360.0:
            raise StageError(
                f"a shutter of {self.shutter_deg} degrees is out of range", remedy="state between 0 and 360 degrees"
            )


class Engine(Protocol):
    """Makes pixels of a stage. One engine value serves one shot in one process."""

    @property
    def name(self) -> str:
        """How a brief calls this engine."""

    def capabilities(self) -> frozenset[str]:
        """The request fields that it honours: any of grit, dust, dust_look, samples, shutter_deg, seed."""

    def prepare(self, request: Request) -> None:
        """Take a shot in: everything that is computed once. Raises :class:`CapabilityMissing` before any work."""

    def render(self, frame: int) -> Layers:
        """One frame of the prepared shot; the same frame gives the same bits, in any order, in any process."""


def needed_capabilities(request: Request) -> tuple[str, ...]:
    """What a request asks for, in the order in which it is checked."""
    asked = (
        (SEED, True),
        (SAMPLES, request.samples > 1),
        (SHUTTER, request.shutter_deg > 0),
        (GRIT, request.scene.grit is not None),
        (DUST, request.gas is not None),
        (DUST_LOOK, request.scene.dust_look is not None),
        (BEHIND_DUST, request.behind_dust),
    )
    return tuple(name for name, wanted in asked if wanted)


def check_capabilities(engine: Engine, request: Request) -> None:
    """Raise :class:`CapabilityMissing` naming the first field of ``request`` that ``engine`` cannot honour, and
    :class:`ClearanceRefused` where no gate cleared it."""
    able = engine.capabilities()
    for name in needed_capabilities(request):
        if name not in able:
            raise CapabilityMissing(name, engine=engine.name)
    _cleared(request)


def check_frame(request: Request | None, frame: int, *, engine: str) -> Request:
    """The prepared request, or :class:`StageError` where there is none or ``frame`` lies outside of it."""
    if request is None:
        raise StageError(f"engine '{engine}' was not given a shot", frame=frame, remedy="prepare the engine first")
    if frame not in request.frames:
        raise StageError(
            f"outside the shot ({request.frames.first}-{request.frames.last})",
            frame=frame,
            remedy="ask for a frame of the prepared range",
        )
    _cleared(request)
    return request


def _cleared(request: Request) -> None:
    """Fails closed: no permit, no pixel."""
    if request.permit is None:
        raise ClearanceRefused("no gate cleared this: an engine makes no pixel without a permit", remedy="run it by the gates")
    request.permit.check()
