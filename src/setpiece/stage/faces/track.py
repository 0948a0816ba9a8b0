"""The face tracker: every face of a shot, followed, told apart, smoothed and named.

Stage 3 of the flow: measures plates, makes no pixel. It does not know who anybody is, and keeps nothing of a face beyond the
shot. A frame without a face is no error; whether the brief's face was found is the caller's to ask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import ascii_lowercase

import numpy as np

from setpiece.core.arrays import Rgb
from setpiece.core.errors import BriefError
from setpiece.core.faces import LANDMARKS, FaceTrack
from setpiece.core.progress import Progress
from setpiece.core.timing import FrameRange
from setpiece.stage.faces.behind import behind
from setpiece.stage.faces.correct import Correction, corrected
from setpiece.stage.faces.detect import FaceFinder
from setpiece.stage.faces.follow import Tracklet, follow
from setpiece.stage.faces.identify import Person, people
from setpiece.stage.faces.measure import head_of
from setpiece.stage.faces.smooth import agreement, oddness, smoothed


def track_faces(
    plate: Callable[[int], Rgb],
    frames: FrameRange,
    *,
    corrections: Sequence[Correction] = (),
    progress: Progress | None = None,
) -> tuple[FaceTrack, ...]:
    """Every face of the shot, the largest first (``a``, ``b``, …); empty where there is none.

    ``plate(frame)`` gives (h, w, 3) scene-linear ACEScg float32; each frame is asked for once, in order, then again where
    something crosses a face. The same plates give the same tracks. Raises :class:`BriefError` for a correction that names
    no face or frame of the shot, and :class:`DependencyMissing` without the detector.
    """
    with FaceFinder() as finder:
        tracklets, _ = follow(plate, frames, finder, progress)
    found = people(tracklets, shot_frames=len(frames))
    whole = [behind(person, plate, [other for other in found if other is not person]) for person in found]
    whole.sort(key=lambda person: -person.size)
    tracks = tuple(_track(person, _name(k), frames) for k, person in enumerate(whole))
    names = [track.name for track in tracks]
    for one in corrections:
        if one.name not in names:
            known = f"the faces are {', '.join(names)}" if names else "no face was found"
            raise BriefError(f"there is no face '{one.name}' to correct", frame=one.frame, remedy=known)
    return tuple(corrected(track, corrections) for track in tracks) if corrections else tracks


def _name(number: int) -> str:
    """a … z, aa, ab, …"""
    name = ""
    number += 1
    while number:
        number, letter = divmod(number - 1, 26)
        name = ascii_lowercase[letter] + name
    return name


def _track(person: Person, name: str, frames: FrameRange) -> FaceTrack:
    count = len(frames)
    landmarks = np.full((count, LANDMARKS, 3), np.nan, np.float32)
    confidence = np.zeros(count, np.float32)
    pose = np.full((count, 3), np.nan, np.float32)
    segment = np.full(count, -1, np.int32)
    for tracklet in person.tracklets:
        odd = oddness(tracklet)
        for frame, points in smoothed(tracklet).items():
            k = frame - frames.first
            landmarks[k], segment[k] = points, tracklet.segment
            pose[k] = head_of(points).pose_deg
            confidence[k] = _confidence(tracklet, frame, odd[frame])
    return FaceTrack(
        name=name,
        frames=frames,
        landmarks=landmarks,
        confidence=confidence,
        pose_deg=pose,
        segment=segment,
        notes=person.notes,
    )


def _confidence(tracklet: Tracklet, frame: int, odd: float) -> float:
    """The detector's score, how well a head, and this head, fits, and whether the picture's motion agrees; never 0."""
    sight = tracklet.sights[frame]
    near = [tracklet.sights[f].score for f in range(frame - 2, frame + 3) if f in tracklet.sights]
    fit = float(np.exp(-((sight.head.misfit / 0.15) ** 2) - (odd / 0.04) ** 2))
    return float(np.clip(np.mean(near) * (0.5 + 0.5 * fit) * (0.4 + 0.6 * agreement(tracklet, frame)), 0.02, 1))
