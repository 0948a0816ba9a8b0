"""Which frames to paint: few, and such that the rest lies between them in what the face does, not in time."""

from __future__ import annotations

import numpy as np

from setpiece.core.faces import FaceTrack

KEYFRAMES = 4
_SPACED = 5  # frames apart at least, where there are enough


def keyframes_to_paint(face: FaceTrack, count: int = KEYFRAMES) -> list[int]:
    """Up to ``count`` frames of ``face``, ascending: in each uncut stretch the medoid first, then whichever frame is
    farthest from those chosen, by pose and by the shape of the face in its own coordinates."""
    frames = [frame for frame in face.frames if face.seen(frame) and face.confidence[frame - face.frames.first] > 0.3]
    frames = frames or [frame for frame in face.frames if face.seen(frame)]
    if not frames:
        return []
    looks = np.stack([_look(face, frame) for frame in frames])
    apart = np.linalg.norm(looks[:, None] - looks[None], axis=-1)
    chosen = [int(apart.sum(1).argmin())]
    segments = np.array([face.segment[frame - face.frames.first] for frame in frames])
    apart = apart + 10.0 * (segments[:, None] != segments[None])  # every uncut stretch gets its own
    while len(chosen) < min(count, len(frames)):
        nearest = apart[:, chosen].min(1)
        near = np.abs(np.array(frames)[:, None] - np.array([frames[k] for k in chosen])[None]).min(1) < _SPACED
        nearest = np.where(near & (len(frames) > count * _SPACED), -1.0, nearest)
        best = int(nearest.argmax())
        if nearest[best] <= 0:
            break
        chosen.append(best)
    return sorted(frames[k] for k in chosen)


def _look(face: FaceTrack, frame: int) -> np.ndarray:
    """Pose, in thirds of a right angle, and the shape of the face freed of place, size and roll, in eye distances."""
    points = face.at(frame)[:468, :2].astype(np.float64)
    left, right = points[[33, 133]].mean(0), points[[263, 362]].mean(0)
    across = right - left
    size = max(float(np.linalg.norm(across)), 1e-6)
    turn = np.array([[across[0], across[1]], [-across[1], across[0]]]) / size**2
    shape = (points - (left + right) / 2) @ turn.T
    pose = face.pose_deg[frame - face.frames.first] / 30.0
    return np.concatenate([pose, shape[::12].ravel() * 1.5])
