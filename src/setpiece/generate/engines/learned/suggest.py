"""The next keyframe worth painting: the frame of which the engines know least.

Three signs, each in stops or made comparable to them: propagation and network disagree; the propagation is unsure over what
is painted; the face is turned as in no keyframe. A human may always choose another: this only saves looking through all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from setpiece.core.errors import StageError
from setpiece.core.retouch import Delta
from setpiece.generate.retouch import RetouchRequest

STEP_DIVISOR = 24  # at most so many frames are looked at
APART = 4  # frames: nearer to a keyframe another one teaches little
_POSE_STOPS = 0.004  # a degree of turn away from the nearest keyframe counts as so much error
_UNSURE_STOPS = 0.25  # what is painted without any confidence counts as so much error

Proposal = Callable[[int], Delta | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """``frame`` to paint next and ``why``, in words; ``scores`` (frame, disagreement, unsure, pose), in stops, of all that
    were looked at."""

    frame: int
    why: str
    scores: tuple[tuple[int, float, float, float], ...]


def next_keyframe(request: RetouchRequest, prior: Proposal, prediction: Proposal) -> Suggestion:
    """Where one more keyframe helps most. ``prior`` is the propagation to a frame, ``prediction`` the network alone (None
    where the face is not). Raises :class:`StageError` where no frame is left to paint."""
    rows = []
    for frame in candidates(request):
        told, said = prior(frame), prediction(frame)
        if told is None or said is None:
            continue
        rows.append((frame, *_doubt(told, said), pose_away(request, frame) * _POSE_STOPS))
    if not rows:
        raise StageError("no frame is left that one more keyframe would help", remedy="the shot is covered: deliver it")
    best = max(rows, key=lambda row: (sum(row[1:]), -row[0]))
    return Suggestion(frame=best[0], why=_why(request, best), scores=tuple(rows))


def candidates(request: RetouchRequest) -> tuple[int, ...]:
    """Frames that show the face, evenly over the shot, none next to a keyframe."""
    painted = [key.frame for key in request.keyframes]
    seen = [
        frame
        for frame in request.frames
        if (request.face is None or request.face.seen(frame)) and all(abs(frame - key) >= APART for key in painted)
    ]
    return tuple(sorted({seen[round(i)] for i in np.linspace(0, len(seen) - 1, STEP_DIVISOR)})) if seen else ()


def pose_away(request: RetouchRequest, frame: int) -> float:
    """Degrees between the face's pose in ``frame`` and in the most alike keyframe; 0 without a face."""
    if request.face is None:
        return 0.0
    poses = request.face.pose_deg
    first = request.face.frames.first
    keys = [poses[key.frame - first] for key in request.keyframes if request.face.seen(key.frame)]
    away = [float(np.linalg.norm(poses[frame - first] - pose)) for pose in keys]
    return min(away) if away else 0.0


def _doubt(told: Delta, said: Delta) -> tuple[float, float]:
    """Mean disagreement in stops where either paints, and how unsure the propagation is there, as stops."""
    left, top = min(told.box[0], said.box[0]), min(told.box[1], said.box[1])
    right, bottom = max(told.box[2], said.box[2]), max(told.box[3], said.box[3])
    shape = (bottom - top, right - left)
    gains, paints = [], np.zeros(shape, bool)
    sure = np.zeros(shape, np.float32)
    for delta in (told, said):
        gain = np.zeros((*shape, 3), np.float32)
        there = (
            slice(delta.box[1] - top, delta.box[3] - top),
            slice(delta.box[0] - left, delta.box[2] - left),
        )
        gain[there] = delta.gain_stops * delta.alpha[..., None]
        gains.append(gain)
        paints |= np.abs(gain).max(-1) > 0.05
        if delta is told:
            sure[there] = delta.confidence
    if not paints.any():
        return 0.0, 0.0
    apart = float(np.abs(gains[0] - gains[1])[paints].mean())
    return apart, float((1 - sure[paints]).mean()) * _UNSURE_STOPS


def _why(request: RetouchRequest, row: tuple[int, float, float, float]) -> str:
    frame, apart, unsure, pose = row
    said = []
    if pose >= max(apart, unsure):
        said.append(f"the face is turned {pose / _POSE_STOPS:.0f}° further than in any keyframe")
    if unsure >= max(apart, pose):
        said.append(f"{100 * unsure / _UNSURE_STOPS:.0f} % of what is painted cannot be followed from the keyframes there")
    if not said:
        said.append(f"the propagation and the network differ by {apart:.2f} stops there")
    near = min((abs(key.frame - frame) for key in request.keyframes), default=0)
    return f"{said[0]}; the nearest keyframe is {near} frames away"
