"""Eyes that close between keyframes in which they are open: there nobody painted the lid that comes down.

What the keyframes have there, lashes, whites, the lower lid, belongs to an open eye; carried on to a closed one it is a
smear. So as an eye shuts farther than in any keyframe, its retouch gives way to that of the skin around it: the lid
is toned like the face and keeps the plate's own lashes.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.core.retouch import Box

_LEFT = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
_RIGHT = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
EYES = (
    ((159, 158, 160), (145, 153, 144), (33, 133), _LEFT),
    ((386, 385, 387), (374, 380, 373), (263, 362), _RIGHT),
)
"""For each eye: upper lid, lower lid, corners, rim."""
SHUT, OPEN = 0.45, 0.8  # opening over the least open keyframe's: at which it counts as shut, and as no different
NONE = 0.02  # of a lid: below it there is skin to take the tone from
LEAST_PX = 4.0  # of the plate: smaller eyes have no lids
AROUND, FEATHER, SKIN = 0.30, 0.12, 0.35  # of an eye's width: how far lashes reach, the rim's softness, the skin around


def opening(landmarks: Float32[np.ndarray, "n 3"]) -> tuple[float, float]:
    """How far each eye is open: height over width."""
    found = []
    for upper, lower, corners, _ in EYES:
        high = np.linalg.norm(landmarks[list(upper), :2] - landmarks[list(lower), :2], axis=1).mean()
        wide = np.linalg.norm(landmarks[corners[0]] - landmarks[corners[1]])
        found.append(float(high / max(float(wide), 1e-6)))
    return found[0], found[1]


def shut(here: Float32[np.ndarray, "n 3"], keys: Iterable[Float32[np.ndarray, "n 3"]]) -> tuple[float, float]:
    """How far each eye of ``here`` is more shut than in any of the keyframes' landmarks, 0..1."""
    least = np.min([opening(key) for key in keys], axis=0)
    along = np.clip((OPEN - np.array(opening(here)) / np.maximum(least, 1e-3)) / (OPEN - SHUT), 0, 1)
    left, right = along * along * (3 - 2 * along)
    return float(left), float(right)


def lids(box: Box, here: Float32[np.ndarray, "n 3"], closed: tuple[float, float]) -> Plane | None:
    """Where in ``box`` of the plate lids are that no keyframe has, (h, w) 0..1; None where both eyes are as open."""
    import cv2

    found: Plane | None = None
    for (_, _, corners, rim), amount in zip(EYES, closed, strict=True):
        wide = _width(here, corners)
        if amount == 0 or wide < LEAST_PX:
            continue
        eye = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
        points: np.ndarray = here[list(rim), :2] - np.array(box[:2], np.float32)
        cv2.fillConvexPoly(eye, cv2.convexHull(np.round(points).astype(np.int32)), 1)
        size = 2 * round(AROUND * wide) + 1
        eye = cv2.dilate(eye, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
        soft = cv2.GaussianBlur(eye.astype(np.float32), (0, 0), FEATHER * wide) * np.float32(amount)
        found = soft if found is None else np.maximum(found, soft)
    return found


def calmed(gain: Rgb, alpha: Plane, over: Plane, here: Float32[np.ndarray, "n 3"]) -> Rgb:
    """``gain`` (h, w, 3) in stops with the tone of the skin around where lids are ``over`` the eyes."""
    import cv2

    wide = max(_width(here, corners) for _, _, corners, _ in EYES)
    rows, columns = np.flatnonzero((over > 0).any(1)), np.flatnonzero((over > 0).any(0))
    if not len(rows):
        return gain
    reach = round(2 * SKIN * wide)
    top, left = max(0, rows[0] - reach), max(0, columns[0] - reach)
    part = (slice(top, rows[-1] + reach + 1), slice(left, columns[-1] + reach + 1))
    lid = over[part]
    skin = (lid < NONE) * alpha[part]
    below = cv2.GaussianBlur(skin, (0, 0), SKIN * wide)
    tone = cv2.GaussianBlur(gain[part] * skin[..., None], (0, 0), SKIN * wide) / np.maximum(below, 1e-3)[..., None]
    out = gain.copy()
    out[part] += (tone - out[part]) * (lid * np.minimum(below * 20, 1))[..., None]
    return out


def _width(here: Float32[np.ndarray, "n 3"], corners: tuple[int, int]) -> float:
    return float(np.linalg.norm(here[corners[0], :2] - here[corners[1], :2]))
