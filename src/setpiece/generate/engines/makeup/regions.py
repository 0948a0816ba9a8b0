"""Where the parts of a face lie in a picture, from its landmarks alone: soft planes, 0..1.

Everything is drawn at a small size (the face's eyes :data:`MAP_PX` apart) with sub-pixel corners, so that a region moves as
smoothly as its landmarks do. Nothing here looks at the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Plane, frozen
from setpiece.core.face_chart import regions as marks
from setpiece.generate.engines.makeup.look import MakeupRegions

MAP_PX = 52.0  # between the eyes' centres, in region planes
NASOLABIAL = ((129, 203, 206, 216, 212), (358, 423, 426, 436, 432))
MARIONETTE = ((61, 57, 43, 202, 210), (291, 287, 273, 422, 430))
JAWLINE = (58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288)
_NOSTRILS = ((60, 75, 166, 79, 239, 238, 20), (290, 305, 392, 309, 459, 458, 250))
_HAIRLINE = (54, 103, 67, 109, 10, 338, 297, 332, 284)
_OUTLINE = 6  # bits of sub-pixel precision


@dataclass(frozen=True, slots=True, kw_only=True)
class FacePlace:
    """A face at some scale: ``points`` (478, 2) in px of a plane of ``shape`` (h, w), eyes ``unit`` px apart, ``up`` and
    ``right`` unit vectors of the picture (right is the picture's)."""

    points: Float32[np.ndarray, "n 2"]
    shape: tuple[int, int]
    unit: float
    up: Float32[np.ndarray, "2"]
    right: Float32[np.ndarray, "2"]

    def __post_init__(self) -> None:
        for array in (self.points, self.up, self.right):
            frozen(array)

    def scaled(self, shape: tuple[int, int]) -> FacePlace:
        """The same face on a plane of another size."""
        ratio = np.array([shape[1] / self.shape[1], shape[0] / self.shape[0]], np.float32)
        return FacePlace(
            points=self.points * ratio,
            shape=shape,
            unit=self.unit * float(ratio.mean()),
            up=self.up.copy(),
            right=self.right.copy(),
        )


def place_of(landmarks: Float32[np.ndarray, "n c"], shape: tuple[int, int], origin: tuple[float, float] = (0, 0)) -> FacePlace:
    """Landmarks (px of the plate) on a plane of ``shape`` whose corner is at ``origin``. The unit is the larger of what the
    eyes' distance and the face's height say, so that a head that turns keeps its scale."""
    points = np.asarray(landmarks, np.float32)[:, :2] - np.asarray(origin, np.float32)
    down = points[152] - points[10]
    height = max(float(np.linalg.norm(down)), 1e-3)
    eyes = float(np.linalg.norm((points[33] + points[133] - points[263] - points[362]) / 2))
    up = -down / height
    right = np.array([-up[1], up[0]], np.float32)
    if float(right @ (points[263] - points[33])) < 0:
        right = -right
    return FacePlace(points=points, shape=shape, unit=max(eyes, 0.44 * height), up=up, right=right)


def polygon(place: FacePlace, corners: Float32[np.ndarray, "n 2"], *, hull: bool = False) -> Plane:
    """A filled outline, 0..1, its edge antialiased."""
    import cv2

    drawn = np.zeros(place.shape, np.uint8)
    if hull:
        corners = cv2.convexHull(corners.astype(np.float32))[:, 0]
    cv2.fillPoly(drawn, [_fixed(corners)], 255, cv2.LINE_AA, _OUTLINE)
    return drawn.astype(np.float32) / 255


def band(place: FacePlace, paths: Sequence[Float32[np.ndarray, "n 2"]], width: float) -> Plane:
    """Lines of ``width`` (of the unit) along ``paths``, soft across."""
    import cv2

    drawn = np.zeros(place.shape, np.uint8)
    cv2.polylines(drawn, [_fixed(path) for path in paths], False, 255, max(1, round(width * place.unit)), cv2.LINE_AA, _OUTLINE)
    return drawn.astype(np.float32) / 255


def soft(plane: Plane, place: FacePlace, radius: float) -> Plane:
    """``plane`` blurred by ``radius`` of the unit."""
    import cv2

    return cv2.GaussianBlur(plane, (0, 0), max(0.3, radius * place.unit))


def _fixed(points: Float32[np.ndarray, "n 2"]) -> np.ndarray:
    return np.round((points - 0.5) * 2**_OUTLINE).astype(np.int32)


def wider(plane: Plane, place: FacePlace, reach: float) -> Plane:
    """``plane`` grown by ``reach`` of the unit; shrunk where it is negative."""
    import cv2

    side = 2 * max(1, round(abs(reach) * place.unit)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return cv2.dilate(plane, kernel) if reach > 0 else cv2.erode(plane, kernel)


def face_plane(place: FacePlace) -> Plane:
    """The face up to the hairline, soft at its border and inside of it."""
    points = place.points[list(marks["oval"])].copy()
    rise = (points - place.points[168]) @ place.up / place.unit
    points += (np.clip((rise - 0.2) / 0.6, 0, 1) * 0.26 * place.unit)[:, None] * place.up
    return soft(wider(polygon(place, points), place, -0.05), place, 0.05)


def head_plane(place: FacePlace, reach: float) -> Plane:
    """The face and what is around its upper two thirds by ``reach`` of the unit."""
    points = place.points[list(marks["oval"])].copy()
    away = points - place.points[168]
    away /= np.maximum(np.linalg.norm(away, axis=1), 1e-3)[:, None]
    rise = np.clip((points - place.points[168]) @ place.up / place.unit / 0.6 + 1.2, 0, 1)[:, None]
    points += (away * reach + place.up * 0.24) * rise * place.unit
    return soft(polygon(place, points.astype(np.float32), hull=True), place, 0.08)


def features_plane(place: FacePlace) -> Plane:
    """What skin work must leave alone: eyes with their lashes, brows, lips, nostrils."""
    found = np.zeros(place.shape, np.float32)
    for name, reach in (("eye", 0.09), ("brow", 0.07)):
        for side in ("right", "left"):
            one = polygon(place, place.points[list(marks[f"{name}_{side}"])], hull=True)
            found = np.maximum(found, wider(one, place, reach))
    found = np.maximum(found, wider(polygon(place, place.points[list(marks["lips"])], hull=True), place, 0.035))
    for one_side in _NOSTRILS:
        found = np.maximum(found, wider(polygon(place, place.points[list(one_side)], hull=True), place, 0.02))
    return soft(found, place, 0.025)


def neck_plane(place: FacePlace) -> Plane:
    """Below the jaw as far as a neck can be."""
    points, low = place.points, place.up * (-1.15 * place.unit)
    inward = place.right * (0.10 * place.unit)
    jaw = points[list(JAWLINE[1:-1])]
    corners = np.concatenate([jaw, [jaw[-1] - inward + low, jaw[0] + inward + low]])
    return soft(polygon(place, corners.astype(np.float32)), place, 0.06)


def folds_plane(place: FacePlace) -> Plane:
    """The deep folds beside nose and mouth."""
    return soft(band(place, [place.points[list(path)] for path in (*NASOLABIAL, *MARIONETTE)], 0.24), place, 0.04)


def ears_plane(place: FacePlace) -> Plane:
    """Beside the face between brow and jaw."""
    found = np.zeros(place.shape, np.float32)
    for top, bottom, sign in ((127, 132, -1.0), (356, 361, 1.0)):
        side = place.right * (sign * 0.26 * place.unit)
        a, b = place.points[top], place.points[bottom]
        found = np.maximum(found, polygon(place, np.array([a, a + side, b + side * 0.8, b], np.float32)))
    return soft(found, place, 0.05)


def region_planes(place: FacePlace) -> dict[str, Plane]:
    """The skin's regions by the names of :class:`~.look.MakeupRegions` (those that are skin), soft."""
    points = place.points
    found: dict[str, Plane] = {}
    lower = points[list(_BROWLINE)]
    upper = points[list(_HAIRLINE)][::-1] + place.up * (0.2 * place.unit)
    found["forehead"] = polygon(place, np.concatenate([lower, upper]).astype(np.float32))
    found["glabella"] = polygon(place, points[list(marks["glabella"])], hull=True)
    for name in ("crows_feet", "under_eye"):
        sides = [polygon(place, points[list(marks[f"{name}_{side}"])], hull=name == "crows_feet") for side in ("right", "left")]
        found[name] = np.maximum(*sides)
    found["nasolabial"] = band(place, [points[list(p)] for p in NASOLABIAL], 0.32)
    found["marionette"] = band(place, [points[list(p)] for p in MARIONETTE], 0.34)
    found["jaw"] = band(place, [points[list(JAWLINE)]], 0.3)
    found["neck"] = neck_plane(place)
    found["nose"] = polygon(place, points[list(_NOSE)], hull=True)
    return {name: soft(plane, place, 0.05) for name, plane in found.items()}


_NOSE = (6, 122, 351, 198, 420, 129, 358, 98, 327, 2)


_BROWLINE = (70, 63, 105, 66, 107, 9, 336, 296, 334, 293, 300)
_WORTH = {
    "forehead": 0.95, "glabella": 1.0, "crows_feet": 1.0, "under_eye": 1.0, "nasolabial": 1.0, "marionette": 1.0,
    "jaw": 0.8, "neck": 0.75,
}  # fmt: skip
_ELSEWHERE = 0.62  # cheeks and chin
_NOSE_WORTH = 0.3  # there, bands are form


def strength_plane(planes: dict[str, Plane], strengths: MakeupRegions) -> Plane:
    """How strongly the skin is worked on where: each region's worth times what was asked of it; cheeks and nose follow the
    mean of what was asked."""
    asked = {name: float(getattr(strengths, name)) for name in _WORTH}
    total = np.sum([planes[name] for name in _WORTH], axis=0)
    over = np.maximum(total, 1)
    found = np.sum([planes[name] * np.float32(_WORTH[name] * asked[name]) for name in _WORTH], axis=0) / over
    rest = float(np.mean([asked[name] for name in asked]))
    return (
        found + np.maximum(1 - total, 0) * np.float32(rest) * (_ELSEWHERE + (_NOSE_WORTH - _ELSEWHERE) * planes["nose"])
    ).astype(np.float32)


def contour_plane(place: FacePlace) -> Plane:
    """Along the chin and jaw, where the face ends before the neck: form, no fold."""
    return soft(band(place, [place.points[[132, *JAWLINE, 361]]], 0.10), place, 0.05)
