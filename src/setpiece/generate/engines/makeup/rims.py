"""Spectacles: whether they are worn, and where their rims run.

A rim is the one thing on a face that goes all the way around an eye: a thin line, darker or brighter than the skin beside
it. Seen in polar coordinates around the eye it is a path from left to right; dynamic programming (Amini, Weymouth and Jain
1990, on active contours) finds the strongest smooth one, and its mean strength says whether it is there at all.
"""

from __future__ import annotations

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.core.face_chart import regions as marks
from setpiece.generate.engines.makeup.regions import FacePlace, soft

_ANGLES = 72
_RADII = 26
_NEAR, _FAR = 0.30, 0.82  # of the unit, from the eye's centre
_STEP = 1  # radii that a path may change between two angles
_WORN = 0.50  # stops of contrast all around that make a rim certain
_NOT_WORN = 0.30
_ALIKE, _UNLIKE = 0.05, 0.11  # units by which the radii of two rims differ, mirrored, on the mean


def rims_plane(stops: Rgb, place: FacePlace) -> Plane:
    """Where rims run, 0..1, for a face that wears spectacles: around both eyes, over the bridge and to the temples."""
    import cv2

    drawn = np.zeros(place.shape, np.uint8)
    thin = _contrast(stops, place)
    width = max(1, round(0.09 * place.unit))
    ends = []
    for side in ("right", "left"):
        path, _ = _path(thin, place, side)
        cv2.polylines(drawn, [np.round((path - 0.5) * 64).astype(np.int32)], True, 255, width, cv2.LINE_AA, 6)
        ends.append(path)
    for a, b in _bars(place, ends):
        cv2.line(drawn, _pixel(a), _pixel(b), 255, width, cv2.LINE_AA, 6)
    return soft(drawn.astype(np.float32) / 255, place, 0.015)


def rims_worn(stops: Rgb, place: FacePlace) -> float:
    """How surely spectacles are worn, 0..1: by the weaker of the two sides, and by how alike they are. Hair, brows and folds
    of the cheek can make a ring around one eye, hardly the same ring around both."""
    thin = _contrast(stops, place)
    (right, first), (left, second) = (_path(thin, place, side) for side in ("right", "left"))
    strength = np.clip((min(first, second) - _NOT_WORN) / (_WORN - _NOT_WORN), 0, 1)
    apart = np.abs(_radii(right, place) - _radii(left, place)[(_ANGLES // 2 - np.arange(_ANGLES)) % _ANGLES])
    alike = np.clip((_UNLIKE - float(np.mean(apart))) / (_UNLIKE - _ALIKE), 0, 1)
    return float(strength * alike)


def _radii(path: Float32[np.ndarray, "n 2"], place: FacePlace) -> Float32[np.ndarray, "n"]:
    """How far each point of a rim lies from the rim's middle, in units."""
    return np.linalg.norm(path - path.mean(0), axis=1).astype(np.float32) / np.float32(place.unit)


def _pixel(point: Float32[np.ndarray, "2"]) -> tuple[int, int]:
    return (round((float(point[0]) - 0.5) * 64), round((float(point[1]) - 0.5) * 64))


def _contrast(stops: Rgb, place: FacePlace) -> Plane:
    """How far each pixel stands out of its surroundings as a thin thing, in stops, whichever sign."""
    import cv2

    side = max(3, int(0.13 * place.unit) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    luma = stops.mean(-1)
    dark = cv2.morphologyEx(luma, cv2.MORPH_BLACKHAT, kernel)
    bright = cv2.morphologyEx(luma, cv2.MORPH_TOPHAT, kernel)
    return np.minimum(np.maximum(dark, bright), 1.0)


def _path(thin: Plane, place: FacePlace, side: str) -> tuple[Float32[np.ndarray, "n 2"], float]:
    """The strongest closed smooth path around one eye (n, 2) px, and the 30th percentile of the contrast along it."""
    import cv2

    centre = place.points[list(marks[f"eye_{side}"])].mean(0) - place.up * (0.06 * place.unit)
    angle = np.arange(_ANGLES) * (2 * np.pi / _ANGLES)
    radius = np.linspace(_NEAR, _FAR, _RADII) * place.unit
    ray = np.cos(angle)[:, None] * place.right + np.sin(angle)[:, None] * place.up
    at = (centre + ray[:, None] * radius[None, :, None]).astype(np.float32)
    seen = cv2.remap(thin, at - 0.5, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    rows = _strongest(np.concatenate([seen, seen], axis=0))[_ANGLES // 2 : _ANGLES // 2 + _ANGLES]
    turn = np.roll(rows, _ANGLES // 2)
    picked = np.arange(_ANGLES)
    return at[picked, turn], float(np.percentile(seen[picked, turn], 30))


def _strongest(gain: Plane) -> np.ndarray:
    """For each row (angle) the column of the path of greatest sum that changes by at most one column a row."""
    rows, columns = gain.shape
    best, came = gain[0].astype(np.float64), np.zeros((rows, columns), np.int64)
    for row in range(1, rows):
        padded = np.pad(best, _STEP, constant_values=-np.inf)
        steps = np.stack([padded[k : k + columns] - 0.02 * abs(k - _STEP) for k in range(2 * _STEP + 1)])
        pick = steps.argmax(0)
        came[row] = np.arange(columns) + pick - _STEP
        best = steps[pick, np.arange(columns)] + gain[row]
    path = np.empty(rows, np.int64)
    path[-1] = int(best.argmax())
    for row in range(rows - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    return path


def _bars(place: FacePlace, ends: list[Float32[np.ndarray, "n 2"]]) -> list[tuple[np.ndarray, np.ndarray]]:
    """The bridge between the rims and the bars from them to the temples, as straight lines."""
    right, left = ends  # the performer's: right is on the left of the picture
    inner_a, outer_a = right[0], right[_ANGLES // 2]
    inner_b, outer_b = left[_ANGLES // 2], left[0]
    reach = place.right * (0.45 * place.unit)
    return [(inner_a, inner_b), (outer_a, outer_a - reach), (outer_b, outer_b + reach)]
