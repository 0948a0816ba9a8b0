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


def warp_of(place: FacePlace, strengths: MakeupGeometry, amount: float, hold: Plane) -> Flow:
    """Where each pixel of the place's plane is fetched from, px of that plane relative to itself; ``amount`` -1 is thirty
    years younger; ``hold`` (h, w) 0..1 stays where it is (spectacles, what covers the face)."""
    height, width = place.shape
    rows, columns = np.indices(place.shape, np.float32)
    at = np.stack([columns + 0.5, rows + 0.5], -1)
    moved, weight = np.zeros((height, width, 2), np.float32), np.zeros(place.shape, np.float32)
    for feature, indices, right, up, sigma in _MOVES:
        share = np.float32(-amount * getattr(strengths, feature) * place.unit)
        step = (place.right * np.float32(right) + place.up * np.float32(up)) * share
        for index in indices:
            away = at - place.points[index]
            near = np.exp((away * away).sum(-1) / np.float32(-2 * (sigma * place.unit) ** 2))
            moved += near[..., None] * (step * _turned(place, index))
            weight += near
    moved /= np.maximum(weight, 1)[..., None]
    edge = np.minimum(np.minimum(columns, width - 1 - columns), np.minimum(rows, height - 1 - rows)) / (0.2 * place.unit)
    ramp = _ease(edge) * (1 - hold)
    return (-moved * ramp[..., None]).astype(np.float32)


def _turned(place: FacePlace, index: int) -> np.float32:
    """1 where a landmark's side of the face looks at the lens, less the further it is turned away: there a step across the
    skin is a small one in the picture, and would pull at the outline."""
    across = (place.points - place.points[168]) @ place.right
    half = max(float(across[263] - across[33]) / 2, 1e-6)
    side = float(across[263]) if across[index] > 0 else -float(across[33])
    return np.float32(np.clip(side / half, 0, 1) ** 2)


def _ease(x: Float32[np.ndarray, "h w"]) -> Float32[np.ndarray, "h w"]:
    held = np.clip(x, 0, 1)
    return held * held * (3 - 2 * held)
