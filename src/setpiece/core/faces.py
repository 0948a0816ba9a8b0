"""Faces followed through a shot: where their landmarks are, how sure that is, and which way they look.

Pixels of the plate, as :mod:`.arrays` has them. Frames in which a face is not seen hold NaN: nothing is made up for them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Int32, frozen
from setpiece.core.timing import FrameRange

LANDMARKS = 478  # of the dense mesh, irises included; the first 468 are the skin


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceTrack:
    """One face through a shot, frame after frame from ``frames.first``.

    ``landmarks`` (f, 478, 3): x, y in px of the plate, z in px towards the scene (smaller is nearer), smoothed without lag;
    NaN where the face is not seen. ``confidence`` (f,) 0..1, 0 where it is not seen. ``pose_deg`` (f, 3): yaw (positive
    turns to the right of the picture), pitch (positive looks up), roll (positive clockwise); NaN where not seen.
    ``segment`` (f,): the number of the uncut stretch that a frame belongs to, -1 where the face is not seen; nothing is
    smoothed or carried across two of them. ``name`` is stable over occlusion and absence: ``a`` is the largest face.
    ``notes`` say what was guessed: that the face after a cut is the one before it, for instance.
    """

    name: str
    frames: FrameRange
    landmarks: Float32[np.ndarray, "f n 3"]
    confidence: Float32[np.ndarray, "f"]
    pose_deg: Float32[np.ndarray, "f 3"]
    segment: Int32[np.ndarray, "f"]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for array in (self.landmarks, self.confidence, self.pose_deg, self.segment):
            frozen(array)

    def seen(self, frame: int) -> bool:
        """Whether the face is in ``frame``."""
        return frame in self.frames and bool(self.confidence[frame - self.frames.first] > 0)

    def at(self, frame: int) -> Float32[np.ndarray, "n 3"]:
        """The landmarks of ``frame``; ask :meth:`seen` first."""
        return self.landmarks[frame - self.frames.first]

    @property
    def absent(self) -> tuple[int, ...]:
        """The frames without this face, ascending."""
        return tuple(frame for frame in self.frames if not self.seen(frame))
