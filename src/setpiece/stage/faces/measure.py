"""What a frame's landmarks say of a head: its size, its pose, its shape. Pure geometry, no picture.

All by a similarity between the canonical head and the landmarks in three dimensions (Umeyama 1991); no camera is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, frozen
from setpiece.core.face_chart import layout, similarity

BONE: tuple[int, ...] = (33, 133, 263, 362, 168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 129, 358, 8, 9, 151, 10, 108, 337, 109, 338)
BONE += (127, 356, 234, 454, 93, 323, 71, 301, 117, 346, 118, 347, 50, 280, 123, 352)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A head as it stands in a frame. ``unit_px``: the distance between the outer corners of the eyes, as if seen from the
    front. ``centre``: between eyes and mouth, px of the plate. ``pose_deg``: yaw, pitch, roll, as :class:`FaceTrack` has
    them. ``misfit``: rms distance from the canonical head, in units. ``shape`` (k, 3): how this head's bones differ."""

    unit_px: float
    centre: tuple[float, float]
    pose_deg: tuple[float, float, float]
    misfit: float
    shape: Float32[np.ndarray, "k 3"]

    def __post_init__(self) -> None:
        frozen(self.shape)


def head_of(landmarks: Float32[np.ndarray, "n 3"]) -> Head:
    """Measure the head of finite ``landmarks`` (478, 3)."""
    bone = np.array(BONE)
    scale, turn, shift = similarity(layout[bone], landmarks[bone])
    unit = max(scale, 1e-6)
    back = ((landmarks[bone] - shift) @ turn / unit - layout[bone]).astype(np.float32)
    ahead = turn @ np.array([0, 0, -1], np.float32)
    across = turn @ np.array([1, 0, 0], np.float32)
    pose = (
        float(np.degrees(np.arctan2(ahead[0], -ahead[2]))),
        float(np.degrees(np.arctan2(-ahead[1], np.hypot(ahead[0], ahead[2])))),
        float(np.degrees(np.arctan2(across[1], across[0]))),
    )
    middle = landmarks[bone, :2].mean(0)
    return Head(
        unit_px=unit,
        centre=(float(middle[0]), float(middle[1])),
        pose_deg=pose,
        misfit=float(np.sqrt((back**2).sum(1).mean())),
        shape=back,
    )
