"""The form of a face, a little: jowls, cheeks, lids, brows, lips and nose along the landmarks.

Younger lifts and fills, older sags and thins; the same points, the other way. Displacements are Gaussian around each point
and mixed by weight, never summed, so that neighbours do not add up; they end before the border of the box.
"""

from __future__ import annotations

import numpy as np

from setpiece.core.arrays import Float32, Flow, Plane
from setpiece.generate.engines.makeup.look import MakeupGeometry
from setpiece.generate.engines.makeup.regions import FacePlace

# feature: landmarks; to the picture's right and up, of the eyes' distance at thirty years younger; sigma of the eyes' distance
_MOVES: tuple[tuple[str, tuple[int, ...], float, float, float], ...] = (
    ("jaw", (172, 136, 150), 0.030, 0.034, 0.28),
    ("jaw", (397, 365, 379), -0.030, 0.034, 0.28),
    ("cheeks", (50,), -0.012, 0.038, 0.30),
    ("cheeks", (280,), 0.012, 0.038, 0.30),
    ("eyes", (70, 63, 105, 300, 293, 334), 0.0, 0.020, 0.18),
    ("eyes", (159, 386), 0.0, 0.016, 0.09),
    ("eyes", (145, 374), 0.0, -0.006, 0.09),
    ("lips", (61, 291), 0.0, 0.016, 0.14),
    ("lips", (0,), 0.0, 0.020, 0.10),
    ("lips", (17,), 0.0, -0.020, 0.10),
    ("nose", (1,), 0.0, 0.018, 0.16),
    ("nose", (129,), 0.014, 0.0, 0.12),
    ("nose", (358,), -0.014, 0.0, 0.12),
)
_LEAST = 0.0015  # of the eyes' distance: moves below it are none


def warp_of(place: FacePlace, strengths: MakeupGeometry, amount: float, hold: Plane) -> Flow:
    """Where each pixel of the place's plane is fetched from, px of that plane relative to itself; ``amount`` -1 is thirty
    years younger; ``hold`` (h, w) 0..1 stays where it is (spectacles, what covers the face)."""
    height, width = place.shape
    x, y = np.arange(width, dtype=np.float32) + 0.5, np.arange(height, dtype=np.float32) + 0.5
    points, steps, wide = [], [], []
    for feature, indices, right, up, sigma in _MOVES:
        share = np.float32(-amount * getattr(strengths, feature) * place.unit)
        for index in indices:
            points.append(place.points[index])
            steps.append((place.right * np.float32(right) + place.up * np.float32(up)) * share)
            wide.append(-2 * (sigma * place.unit) ** 2)
    at, step, spread = np.array(points, np.float32), np.array(steps, np.float32), np.array(wide, np.float32)[:, None]
    down, along = np.exp((y - at[:, 1:]) ** 2 / spread), np.exp((x - at[:, :1]) ** 2 / spread)
    weight = np.maximum(down.T @ along, 1)
    edge = np.minimum.outer(np.minimum(y, height - y) - 0.5, np.minimum(x, width - x) - 0.5)
    ramp = _ease(edge / np.float32(0.2 * place.unit)) * (1 - hold) / weight
    moved = np.stack([(down * step[:, k : k + 1]).T @ along * ramp for k in range(2)], -1)
    length = np.sqrt((moved * moved).sum(-1, keepdims=True))
    moved *= -np.maximum(length - np.float32(_LEAST * place.unit), 0) / np.maximum(length, 1e-6)  # tails end, not resampled
    return moved.astype(np.float32)


def _ease(x: Float32[np.ndarray, "h w"]) -> Float32[np.ndarray, "h w"]:
    held = np.clip(x, 0, 1)
    return held * held * (3 - 2 * held)
