"""How faces are told apart without a trained embedding: the shape of the head and the colours on and around it.

Enough to keep two people of one shot apart and to find one again; never proof of who somebody is, and nothing that
outlives the shot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Rgb, frozen
from setpiece.core.face_chart import crop_of
from setpiece.stage.faces.detect import fetch
from setpiece.stage.faces.measure import Head

_SIZE = 48
_ZONES = ((14, 26, 14, 34), (26, 34, 17, 31), (1, 7, 14, 34), (41, 47, 8, 40))  # brow and eyes, cheeks, hair, clothes
_SHAPE_WEIGHT = 9.0
_COLOUR_WEIGHT = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """``shape`` (k, 3) in units, ``colour`` (12,) in stops: each zone's chroma and its level beside the cheeks' own.
    ``weight``: how frontal and large the face was."""

    shape: Float32[np.ndarray, "k 3"]
    colour: Float32[np.ndarray, "c"]
    weight: float

    def __post_init__(self) -> None:
        frozen(self.shape)
        frozen(self.colour)


def looks_of(plate: Rgb, landmarks: Float32[np.ndarray, "n 3"], head: Head) -> Looks:
    """The looks of one face in one frame."""
    small = fetch(plate[..., :3], crop_of(landmarks, _SIZE, 0.32))
    tones = np.array([np.maximum(small[t:b, l:r].reshape(-1, 3).mean(0), 0) + 0.004 for t, b, l, r in _ZONES])
    stops = np.log2(tones)
    green = stops[:, 1]
    colour = np.stack([stops[:, 0] - green, stops[:, 2] - green, np.clip(green - green[1], -3, 3) * 0.5], -1)
    frontal = float(np.exp(-((head.pose_deg[0] / 30) ** 2) - (head.pose_deg[1] / 30) ** 2))
    return Looks(shape=head.shape, colour=colour.ravel().astype(np.float32), weight=max(frontal, 0.02))


def mean_looks(all_looks: list[Looks]) -> Looks:
    """The weighted mean of a face's looks over frames."""
    weights = np.array([one.weight for one in all_looks], np.float64)
    share = (weights / weights.sum()).astype(np.float32)
    return Looks(
        shape=np.tensordot(share, np.stack([one.shape for one in all_looks]), 1),
        colour=np.tensordot(share, np.stack([one.colour for one in all_looks]), 1),
        weight=float(weights.sum()),
    )


def apart(a: Looks, b: Looks) -> float:
    """How unlike two faces look: about 0.3 for one person in two frames, above 1 for two people."""
    shape = float(np.sqrt(((a.shape - b.shape)[..., :2] ** 2).sum(-1).mean()))
    colour = float(np.sqrt(((a.colour - b.colour) ** 2).mean()))
    return float(np.hypot(_SHAPE_WEIGHT * shape, _COLOUR_WEIGHT * colour))
