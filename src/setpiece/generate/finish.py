"""The contract of generative engines that finish a shot: our passes say where everything is and how it moves, a model
supplies texture and light, and nothing but the matte is theirs.

Engines ``diffusers`` and ``comfyui`` keep it. They give full frames back; :mod:`setpiece.integrate` lets their pixels in
through the matte alone, so that kept frames and kept pixels stay the plate's to the bit. A field that an engine cannot
honour is an error that names it. Engines never pad, cut or resample time unless they put it back: what comes out has the
frames and the size that were asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from setpiece.core.arrays import Plane, Rgb, frozen
from setpiece.core.clearance import Permit
from setpiece.core.errors import CapabilityMissing, ClearanceRefused, StageError
from setpiece.core.progress import Progress
from setpiece.core.timing import FrameRange

ControlKind = Literal["depth", "normal", "flow", "line", "grey", "mask"]
CONTROLS: tuple[ControlKind, ...] = ("depth", "normal", "flow", "line", "grey", "mask")
REFERENCES, NEGATIVE, STRENGTH, GUIDANCE, LOCKED, SEED, STEPS = (
    "references", "negative", "strength", "guidance", "locked", "seed", "steps",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One pass as control. ``picture(frame)`` gives (h, w, 3) float32 in 0..1, display-referred, of the request's size:

    depth: inverse depth, near is 1, 0 where there is nothing, equal scale over the whole shot; normal: camera space,
    x right, y up, z towards the camera, mapped from -1..1; flow: forward, px, direction as hue (right is red), length as
    value over ``64`` px; line: 1 on edges; grey: the proxy's luma; mask: 1 where new pixels are wanted. ``weight`` 0..1.
    """

    kind: ControlKind
    picture: Callable[[int], Rgb]
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A finished frame that stays as it is: what a note on a range is conditioned on. ACEScg, scene-linear."""

    frame: int
    picture: Rgb

    def __post_init__(self) -> None:
        frozen(self.picture)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishRequest:
    """A shot to finish. ``plate(frame)`` (h, w, 3) and ``matte(frame)`` (h, w), 1 where the engine paints, are of ``size``
    (width, height); the plate is scene-linear ACEScg, float32, unbounded.

    ``strength`` 0..1: how far the engine may leave the plate (or proxy) in the matte, 1 starts from noise. ``steps`` and
    ``guidance`` None are the engine's own, stated in the take. ``models`` are the weights' hashes that the gate ruled on.
    """

    plate: Callable[[int], Rgb]
    matte: Callable[[int], Plane]
    frames: FrameRange
    size: tuple[int, int]
    controls: tuple[Control, ...]
    prompt: str
    negative: str = ""
    references: tuple[Rgb, ...] = ()
    locked: tuple[Locked, ...] = ()
    seed: int = 0
    strength: float = 1.0
    steps: int | None = None
    guidance: float | None = None
    models: tuple[str, ...] = ()
    permit: Permit | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.strength <= 1.0:
            raise StageError(f"a strength of {self.strength} is out of range", remedy="state it between 0 and 1")
        if self.steps is not None and not 1 <= self.steps <= 1000:
            raise StageError(f"{self.steps} steps are out of range", remedy="state between 1 and 1000 steps")
        kinds = [control.kind for control in self.controls]
        if len(set(kinds)) != len(kinds):
            raise StageError("the same pass controls twice", remedy="name each kind of control once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a request would take, before anything is loaded: bytes of memory, of disk for weights, seconds.

    ``available_bytes`` is what the machine has free where it would run; ``device`` says where that is. ``seconds`` None
    where nobody measured this model on such a device.
    """

    device: str
    memory_bytes: int
    available_bytes: int
    seconds: float | None = None


class Finisher(Protocol):
    """An engine that finishes shots. One value serves one shot in one process."""

    @property
    def name(self) -> str:
        """How a brief calls this engine."""

    @property
    def moving(self) -> bool:
        """Whether it sees several frames together: then a part of a shot would be another clip."""

    @property
    def worded(self) -> bool:
        """Whether it takes a prompt. One that does not refuses stated words, and is given none that were made."""

    def capabilities(self) -> frozenset[str]:
        """The kinds of control and request fields that it honours: of CONTROLS, references, negative, strength…"""

    def finish(self, request: FinishRequest, progress: Progress) -> Iterator[tuple[int, Rgb]]:
        """(frame, picture) of every frame asked for, ascending, ACEScg, scene-linear, of the request's size; frames as
        they are done, so that a run resumes. The permit is checked before the first and before each."""


def check_finish(engine: Finisher, request: FinishRequest) -> None:
    """Raise :class:`CapabilityMissing` naming the first field of ``request`` that ``engine`` cannot honour, and
    :class:`ClearanceRefused` where no gate cleared it."""
    asked: tuple[tuple[str, bool], ...] = (
        *((control.kind, True) for control in request.controls),
        (REFERENCES, bool(request.references)),
        (NEGATIVE, bool(request.negative)),
        (LOCKED, bool(request.locked)),
        (STRENGTH, request.strength != 1.0),
        (GUIDANCE, request.guidance is not None),
        (STEPS, request.steps is not None),
        (SEED, True),
    )
    for name, wanted in asked:
        if wanted and name not in engine.capabilities():
            raise CapabilityMissing(name, engine=engine.name)
    check_permit(request)


def check_permit(request: FinishRequest) -> None:
    """Fails closed: no permit, no pixel."""
    if request.permit is None:
        raise ClearanceRefused("no gate cleared this: an engine makes no pixel without a permit", remedy="run it by the gates")
    request.permit.check()
