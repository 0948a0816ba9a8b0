"""The artist's corrections to a face track: a landmark put right, a whole face moved, "not here".

A correction holds exactly in its frame and fades to nothing over the neighbouring ones, unless a further correction of the
same landmark stands there; nothing reaches across a cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from setpiece.core.errors import BriefError
from setpiece.core.face_chart import layout
from setpiece.core.faces import LANDMARKS, FaceTrack
from setpiece.stage.faces.measure import head_of

REACH = 8  # frames over which a correction fades
_SPREAD = 0.12  # units of the layout: how far a landmark draws its neighbours along


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What an artist says of face ``name`` in ``frame``: ``landmark`` lies at ``to`` (px of the plate); without a landmark
    the whole face moves by ``to``. ``absent_until`` says instead that from ``frame`` to there it is not this face."""

    frame: int
    name: str
    to: tuple[float, float] = (0.0, 0.0)
    landmark: int | None = None
    reach: int = REACH
    absent_until: int | None = None

    def __post_init__(self) -> None:
        if self.landmark is not None and not 0 <= self.landmark < LANDMARKS:
            raise BriefError(f"there is no landmark {self.landmark}", frame=self.frame, remedy=f"use 0 to {LANDMARKS - 1}")
        if self.reach < 0:
            raise BriefError("a correction cannot reach over less than no frames", frame=self.frame, remedy="use reach: 8")
        if self.absent_until is not None and self.absent_until < self.frame:
            raise BriefError("the absence ends before it begins", frame=self.frame, remedy="swap frame and absent_until")
        if not np.isfinite(self.to).all():
            raise BriefError("'to' is not a place", frame=self.frame, remedy="write two numbers, px of the plate")


def parse_corrections(rows: Sequence[Mapping[str, object]]) -> tuple[Correction, ...]:
    """Corrections from the rows of a YAML or TOML document. Raises :class:`BriefError` naming row and field."""
    known = {"frame", "name", "to", "landmark", "reach", "absent_until"}
    found = []
    for number, row in enumerate(rows, 1):
        strange = sorted(set(row) - known)
        if strange or not {"frame", "name"} <= set(row):
            what = f"does not know '{strange[0]}'" if strange else "lacks frame or name"
            raise BriefError(f"correction {number} {what}", remedy=f"its fields are {', '.join(sorted(known))}")
        try:
            values: dict[str, object] = {
                k: int(str(row[k])) for k in ("frame", "landmark", "reach", "absent_until") if k in row
            }
            if "to" in row:
                values["to"] = _place(row["to"])
        except (TypeError, ValueError) as error:
            raise BriefError(
                f"correction {number}: {error}", remedy="frames and landmarks are numbers, 'to' is [x, y]"
            ) from error
        found.append(Correction(name=str(row["name"]), **values))  # type: ignore[arg-type]
    return tuple(found)


def _place(value: object) -> tuple[float, float]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise ValueError(f"'{value}' is not a place")
    return float(value[0]), float(value[1])


def corrected(track: FaceTrack, corrections: Sequence[Correction]) -> FaceTrack:
    """``track`` with the corrections that name it. Raises :class:`BriefError` for a frame outside of the shot, or a place
    given where the face is not seen."""
    mine = [one for one in corrections if one.name == track.name]
    for one in mine:
        if one.frame not in track.frames:
            raise BriefError("the correction lies outside the shot", frame=one.frame, remedy="take it out")
        if one.absent_until is None and not track.seen(one.frame):
            raise BriefError(f"face '{track.name}' is not seen there", frame=one.frame, remedy="correct a frame that has it")
    landmarks = track.landmarks.copy()
    keys: dict[int | None, list[Correction]] = {}
    for one in sorted((one for one in mine if one.absent_until is None), key=lambda one: one.frame):
        keys.setdefault(one.landmark, []).append(one)
    for landmark in sorted(keys, key=lambda key: -1 if key is None else key):  # whole faces first
        _move(track, landmarks, landmark, keys[landmark])
    return _without(replace(track, landmarks=landmarks), [one for one in mine if one.absent_until is not None])


def _move(track: FaceTrack, landmarks: np.ndarray, landmark: int | None, keys: list[Correction]) -> None:
    """Apply one landmark's (or the whole face's) corrections to ``landmarks`` in place."""
    near = np.ones(LANDMARKS) if landmark is None else _influence(landmark)
    wanted = []
    for one in keys:
        at = one.frame - track.frames.first
        wanted.append(np.array(one.to) - (0 if landmark is None else landmarks[at, landmark, :2]))
    for k in range(len(track.frames)):
        shift = np.zeros(2)
        frame = track.frames.first + k
        same = [
            (c, w) for c, w in zip(keys, wanted, strict=True) if track.segment[k] == track.segment[c.frame - track.frames.first]
        ]
        earlier = [pair for pair in same if pair[0].frame <= frame]
        later = [pair for pair in same if pair[0].frame > frame]
        if earlier and later:
            (a, from_), (b, to) = earlier[-1], later[0]
            share = _ease((frame - a.frame) / (b.frame - a.frame))
            if b.frame - a.frame <= a.reach + b.reach:
                shift = from_ * (1 - share) + to * share
            else:
                shift = from_ * _fade(frame - a.frame, a.reach) + to * _fade(b.frame - frame, b.reach)
        elif earlier or later:
            one, move = (earlier or later[:1])[-1]
            shift = move * _fade(abs(frame - one.frame), one.reach)
        landmarks[k, :, :2] += (near[:, None] * shift).astype(np.float32)


def _influence(landmark: int) -> np.ndarray:
    away = np.linalg.norm(layout - layout[landmark], axis=1)
    return np.exp(-0.5 * (away / _SPREAD) ** 2)


def _fade(frames: int, reach: int) -> float:
    return 1 - _ease(min(1.0, frames / (reach + 1)))


def _ease(share: float) -> float:
    return share * share * (3 - 2 * share)


def _without(track: FaceTrack, absences: list[Correction]) -> FaceTrack:
    landmarks, confidence = track.landmarks.copy(), track.confidence.copy()
    pose, segment = track.pose_deg.copy(), track.segment.copy()
    for one in absences:
        first = one.frame - track.frames.first
        last = min(one.absent_until or one.frame, track.frames.last) - track.frames.first
        gone = slice(first, last + 1)
        landmarks[gone], pose[gone], confidence[gone], segment[gone] = np.nan, np.nan, 0, -1
    for k in np.flatnonzero(confidence > 0):
        pose[k] = head_of(landmarks[k]).pose_deg
    return replace(track, landmarks=landmarks, confidence=confidence, pose_deg=pose, segment=segment)
