"""The contract of engines that retouch: a performance's plates in, one :class:`Delta` a frame out.

Engines ``makeup``, ``propagate``, ``learned`` and ``fran`` keep it. Like every engine they write no file beside what they
are told to keep, never ask for the time, and refuse by name what they cannot honour. Serves any retouch: make-up and
ageing, paint-outs, wardrobe, beauty work; a face track helps where there is a face.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from setpiece.core.arrays import Plane, Rgb, frozen
from setpiece.core.clearance import Permit
from setpiece.core.errors import CapabilityMissing, ClearanceRefused, StageError
from setpiece.core.faces import FaceTrack
from setpiece.core.retouch import Delta
from setpiece.core.timing import FrameRange

KEYFRAMES = "keyframes"
FACE = "face"
LOOK = "look"
SEED = "seed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyframe:
    """A frame as it was, and as the artist painted it: (h, w, 3) scene-linear ACEScg, float32, of one size.

    ``matte`` (h, w) 0..1 is where the artist says that the retouch holds; None finds it from the difference.
    """

    frame: int
    plate: Rgb
    painted: Rgb
    matte: Plane | None = None

    def __post_init__(self) -> None:
        for array in (self.plate, self.painted, self.matte):
            if array is not None:
                frozen(array)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetouchRequest:
    """A shot to retouch. ``plate(frame)`` gives (h, w, 3) scene-linear ACEScg, float32, in any order, always the same.

    ``face`` is the face to retouch, None where there is none (then coordinates are the picture's). ``look`` is the
    engine's own value for what to do without keyframes (makeup: ``MakeupLook``; fran: ages). ``permit`` is checked in
    :meth:`Retoucher.prepare` and before each frame.
    """

    plate: Callable[[int], Rgb]
    frames: FrameRange
    size: tuple[int, int]  # width, height
    keyframes: tuple[Keyframe, ...] = ()
    face: FaceTrack | None = None
    look: object | None = None
    seed: int = 0
    permit: Permit | None = None

    def __post_init__(self) -> None:
        for key in self.keyframes:
            if key.frame not in self.frames:
                raise StageError(
                    f"the keyframe lies outside the shot ({self.frames.first}-{self.frames.last})",
                    frame=key.frame,
                    remedy="take it out, or widen the shot",
                )


class Retoucher(Protocol):
    """An engine that retouches. One value serves one shot in one process."""

    @property
    def name(self) -> str:
        """How a brief calls this engine."""

    def capabilities(self) -> frozenset[str]:
        """The request fields that it honours: any of keyframes, face, look, seed."""

    def prepare(self, request: RetouchRequest) -> None:
        """Take a shot in. Raises CapabilityMissing, ClearanceRefused, StageError before any work."""

    def delta(self, frame: int) -> Delta | None:
        """What the retouch does to a frame; None where it does nothing (the face is not there). The same frame gives the
        same bits, in any order, in any process."""


def check_retouch(engine: Retoucher, request: RetouchRequest) -> None:
    """Raise :class:`CapabilityMissing` naming the first field of ``request`` that ``engine`` cannot honour, and
    :class:`ClearanceRefused` where no gate cleared it."""
    asked = ((KEYFRAMES, bool(request.keyframes)), (FACE, request.face is not None), (LOOK, request.look is not None))
    for name, wanted in asked:
        if wanted and name not in engine.capabilities():
            raise CapabilityMissing(name, engine=engine.name)
    check_cleared(request)


def check_cleared(request: RetouchRequest | None, frame: int | None = None, *, engine: str = "") -> RetouchRequest:
    """The prepared request, where a gate cleared it and ``frame`` is in it. Fails closed."""
    if request is None:
        raise StageError(f"engine '{engine}' was not given a shot", frame=frame, remedy="prepare the engine first")
    if frame is not None and frame not in request.frames:
        raise StageError(
            f"outside the shot ({request.frames.first}-{request.frames.last})",
            frame=frame,
            remedy="ask for a frame of the prepared range",
        )
    if request.permit is None:
        raise ClearanceRefused("no gate cleared this: an engine makes no pixel without a permit", remedy="run it by the gates")
    request.permit.check()
    return request
