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
_SIDES = ("right", "left")  # the performer's
_LOW_FAR = 0.60  # below the eye: beyond it lies the smile's fold
_WORN = 0.45  # stops of contrast all around that make a rim certain
_NOT_WORN = 0.25


def rims_of(stops: Rgb, place: FacePlace) -> tuple[float, Float32[np.ndarray, "2 n"]]:
    """How surely spectacles are worn, 0..1, by the weaker of the two sides; and how far the rims run from the right and the
    left eye (2, 72), in units, counter-clockwise from the picture's right."""
    thin = _contrast(stops, place)
    paths, strength = zip(*(_path(thin, place, side) for side in _SIDES), strict=True)
    worn = float(np.clip((min(strength) - _NOT_WORN) / (_WORN - _NOT_WORN), 0, 1))
    return worn, np.stack(paths).astype(np.float32)


def rims_plane(radii: Float32[np.ndarray, "2 n"], place: FacePlace) -> Plane:
    """Where rims run that :func:`rims_of` found, 0..1: around both eyes, over the bridge and to the temples."""
    import cv2

    drawn = np.zeros(place.shape, np.uint8)
    width = max(1, round(0.09 * place.unit))
    ends = []
    for side, radius in zip(_SIDES, radii, strict=True):
        path = _centre(place, side) + _rays(place) * (radius * place.unit)[:, None]
        cv2.polylines(drawn, [np.round((path - 0.5) * 64).astype(np.int32)], True, 255, width, cv2.LINE_AA, 6)
        ends.append(path)
    for a, b in _bars(place, ends):
        cv2.line(drawn, _pixel(a), _pixel(b), 255, width, cv2.LINE_AA, 6)
    return soft(drawn.astype(np.float32) / 255, place, 0.015)


def _centre(place: FacePlace, side: str) -> Float32[np.ndarray, "2"]:
    return place.points[list(marks[f"eye_{side}"])].mean(0) - place.up * np.float32(0.06 * place.unit)


def _rays(place: FacePlace) -> Float32[np.ndarray, "n 2"]:
    angle = np.arange(_ANGLES, dtype=np.float32)[:, None] * np.float32(2 * np.pi / _ANGLES)
    return np.cos(angle) * place.right + np.sin(angle) * place.up


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


def _path(thin: Plane, place: FacePlace, side: str) -> tuple[Float32[np.ndarray, "n"], float]:
    """The strongest closed smooth path around one eye (n,), units from its centre, and the quartile of the contrast on it."""
    import cv2

    radius = np.linspace(_NEAR, _FAR, _RADII, dtype=np.float32)
    ray = _rays(place)
    at = (_centre(place, side) + ray[:, None] * (radius * place.unit)[None, :, None]).astype(np.float32)
    seen = cv2.remap(thin, at - 0.5, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    low = (ray @ place.up < -0.3)[:, None] & (radius > _LOW_FAR)[None]
    seen = np.where(low, np.float32(0), seen)
    half = _ANGLES // 2
    turn = np.roll(_strongest(np.concatenate([seen, seen]))[half : half + _ANGLES], half)
    quartile = float(np.percentile(seen[np.arange(_ANGLES), turn], 25))
    around = np.pad(radius[turn], 2, mode="wrap")
    return np.convolve(around, np.array([1, 2, 3, 2, 1], np.float32) / 9, "valid").astype(np.float32), quartile


def _strongest(gain: Plane) -> np.ndarray:
    """For each row (angle) the column of the path of greatest sum that changes by at most one column a row."""
    rows, columns = gain.shape
    best, came = gain[0].astype(np.float64), np.zeros((rows, columns), np.int64)
    steps, own = np.full((3, columns), -np.inf), np.arange(columns)
    for row in range(1, rows):
        steps[1] = best
        steps[0, 1:], steps[2, :-1] = best[:-1] - 0.02, best[1:] - 0.02
        pick = steps.argmax(0)
        came[row] = own + pick - 1
        best = steps[pick, own] + gain[row]
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
