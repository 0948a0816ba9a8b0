"""The engine: a shot's trained model in, one delta a frame out; no torch, one thread, the same bits in any order.

Place in the flow: after ``setpiece deage learn`` has trained, exported and registered the model. ``look`` names the file
and its hash; with keyframes in the request the propagation is fused in. Refused: a file of another hash, a model that
learned from other keyframes than the request's, a shot with a face for a model without, and anything without a permit.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from setpiece.core.errors import CapabilityMissing, StageError
from setpiece.core.retouch import Delta
from setpiece.generate.engines.learned.explain import Reasoned, told_planes
from setpiece.generate.engines.learned.features import Canvas, canvas_of, light_of
from setpiece.generate.engines.learned.fuse import fused
from setpiece.generate.engines.learned.lessons import hash_of
from setpiece.generate.engines.learned.onnx_model import ShotModel, open_shot
from setpiece.generate.keyframe import retouch_of
from setpiece.generate.retouch import FACE, KEYFRAMES, LOOK, SEED, RetouchRequest, check_cleared, check_retouch

NAME = "learned"


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedLook:
    """Which trained model: its file and the SHA-256 by which it is registered; ``fuse`` False leaves the network alone."""

    model: Path
    sha256: str
    fuse: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFacts:
    """All that a register of models asks about a model that was trained here."""

    name: str
    weights_sha256: str
    engine: str
    framework: str
    per_shot: bool
    base: str | None  # the model it was trained on top of: none
    dataset: tuple[tuple[int, str], ...]  # keyframes: frame, SHA-256 of its pictures
    steps: int
    seed: int


def register_facts(model: Path, *, sha256: str, framework: str) -> RegisterFacts:
    """The facts of a model's file, as the file itself states them; ``framework`` is what trained it, by name and version.

    Raises as :func:`open_shot` does.
    """
    shot = open_shot(model, sha256=sha256)
    told = shot.model.metadata
    return RegisterFacts(
        name=told.get("name", ""),
        weights_sha256=shot.model.sha256,
        engine=NAME,
        framework=framework,
        per_shot=True,
        base=None,
        dataset=shot.keys,
        steps=int(told.get("steps", "0")),
        seed=int(told.get("seed", "0")),
    )


class Learned:
    """Applies what was learned of one shot. ``propagation`` is one that is prepared already."""

    name = NAME

    def __init__(self, propagation: Reasoned | None = None) -> None:
        self._given = propagation
        self._propagation: Reasoned | None = None
        self._request: RetouchRequest | None = None
        self._shot: ShotModel | None = None
        self._painted: dict[int, Delta] = {}

    def capabilities(self) -> frozenset[str]:
        """Keyframes, a face, and the model as look; nothing is drawn here, so any seed is honoured."""
        return frozenset({KEYFRAMES, FACE, LOOK, SEED})

    def prepare(self, request: RetouchRequest) -> None:
        """Open the model and prepare the propagation. Raises CapabilityMissing, ClearanceRefused, StageError."""
        self._request = self._shot = None
        check_retouch(self, request)
        look = request.look
        if not isinstance(look, LearnedLook):
            raise CapabilityMissing("look", engine=NAME, remedy="state the trained model as LearnedLook(model, sha256)")
        shot = open_shot(look.model, sha256=look.sha256)
        if shot.face != (request.face is not None):
            said = "a face" if shot.face else "no face"
            raise StageError(f"this model learned with {said}", file=look.model, remedy="learn again for this shot")
        self._check_keys(look, shot, request)
        self._propagation = None
        if request.keyframes and look.fuse:
            self._propagation = self._given or _propagation(request)
        self._painted = {key.frame: retouch_of(key) for key in request.keyframes}
        self._request, self._shot = request, shot

    def delta(self, frame: int) -> Delta | None:
        """The retouch of ``frame``, on a keyframe exactly the artist's; None where the face is not seen."""
        request = check_cleared(self._request, frame, engine=NAME)
        shot = self._shot
        assert shot is not None
        if frame in self._painted:
            return self._painted[frame]
        canvas = canvas_of(request, frame, shot.size, shot.region)
        if canvas is None:
            return None
        return self._delta(request, shot, canvas)

    def _delta(self, request: RetouchRequest, shot: ShotModel, canvas: Canvas) -> Delta:
        reason = None if self._propagation is None else self._propagation.explained(canvas.frame)
        word = shot.word(light_of(request.plate(canvas.frame), canvas), canvas.uv, told_planes(reason, canvas))
        prior, open_ = (None, None) if reason is None else (reason.delta, reason.open)
        return fused(word, canvas, request.size, prior, open_, moves=shot.moves)

    @staticmethod
    def _check_keys(look: LearnedLook, shot: ShotModel, request: RetouchRequest) -> None:
        learned = dict(shot.keys)
        for key in request.keyframes:
            if learned.get(key.frame) != hash_of(key):
                raise StageError(
                    "this keyframe is not the one that the model learned from",
                    file=look.model,
                    frame=key.frame,
                    remedy="learn on from where it was: the keyframe is new or repainted",
                )


def _propagation(request: RetouchRequest) -> Reasoned:
    from dataclasses import replace

    engine = Reasoned()
    engine.prepare(replace(request, look=None))
    return engine
