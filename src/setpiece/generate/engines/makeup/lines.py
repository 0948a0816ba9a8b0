"""Lines and folds where an older face has them, drawn along this face's own landmarks and lit as grooves.

A face folds where its muscles pull: lines run across the forehead, stand between the brows, fan out from the eyes, hang
under them, run from the nose's wings past the mouth and around the neck. Each line is a valley of tapering depth whose
upper wall turns from the light and whose lower wall turns to it. Their wander and their breaks come from the seed and the
number of the line alone, so they stay on the skin from frame to frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Plane, frozen
from setpiece.generate.engines.makeup.look import MakeupRegions
from setpiece.generate.engines.makeup.regions import FacePlace

_FOREHEAD = (
    ((63, 105, 66, 107, 9, 336, 296, 334, 293), (104, 104, 69, 108, 151, 337, 299, 333, 333)),
    ((104, 69, 108, 151, 337, 299, 333), (103, 67, 109, 10, 338, 297, 332)),
)
_BAGS = ((31, 228, 229, 230, 231, 232, 233), (261, 448, 449, 450, 451, 452, 453))
_LIDS = ((25, 110, 24, 23, 22, 26), (255, 339, 254, 253, 252, 256))
_FROWN = ((55, 107), (285, 336))
_CORNERS = ((33, 133), (263, 362))
_SMILE = ((129, 203, 206, 216), (358, 423, 426, 436))  # where the cheek folds over the upper lip
_MOUTH = ((61, 291), (291, 61))
_NECK = (172, 150, 152, 379, 397)
_SIGMAS = (0.011, 0.018, 0.045)  # of the unit: a line, a crease, a fold
_LIT = 0.55  # how much the walls take and lose, against the valley's depth
_DARKEST = 0.42  # stops that a line of depth 1 takes at thirty years


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A valley along ``path`` (n, 2) px; ``depth`` (n,) 0..1; ``width`` which of the widths it has."""

    path: Float32[np.ndarray, "n 2"]
    depth: Float32[np.ndarray, "n"]
    width: int

    def __post_init__(self) -> None:
        frozen(self.path)
        frozen(self.depth)


def lines_plane(
    place: FacePlace, strengths: MakeupRegions, seen: Float32[np.ndarray, "n"], lit: Float32[np.ndarray, "2"], seed: int
) -> Plane:
    """Stops to add to luminance (h, w) at thirty years. ``seen`` (478,) 0..1 is how far each landmark's skin faces the
    lens; ``lit`` the direction, in the picture, from which the light comes."""
    import cv2

    drawn = [np.zeros(place.shape, np.uint8) for _ in _SIGMAS]
    for line in lines_of(place, strengths, seen, seed):
        steps = np.round((line.path - 0.5) * 64).astype(np.int32).tolist()
        value = (255 * np.clip(line.depth, 0, 1)).tolist()
        for a, b, depth in zip(steps, steps[1:], value, strict=False):
            if depth > 1:
                cv2.line(drawn[line.width], a, b, depth, 1, cv2.LINE_AA, 6)
    found = np.zeros(place.shape, np.float32)
    for plane, width in zip(drawn, _SIGMAS, strict=True):
        if not plane.any():
            continue
        sigma = max(0.8, width * place.unit)
        valley = cv2.GaussianBlur(plane.astype(np.float32) * np.float32(sigma * 2.5066 / 255), (0, 0), sigma)
        valley = np.minimum(valley, 1.0) * np.float32(min(1.0, width * place.unit / 0.8))
        slope_x, slope_y = (cv2.Sobel(valley, cv2.CV_32F, dx, 1 - dx, scale=sigma / 8) for dx in (1, 0))
        found -= valley + np.float32(_LIT) * -(slope_x * lit[0] + slope_y * lit[1]) * np.float32(2)
    return found * np.float32(_DARKEST)


def lines_of(place: FacePlace, strengths: MakeupRegions, seen: Float32[np.ndarray, "n"], seed: int) -> Iterator[Line]:
    """Every line of the face, each with its depth as its region's strength has it."""
    for number, (corners, depth, width) in enumerate(_drafts(place, strengths, seen)):
        yield _line(np.asarray(corners, np.float32), depth, width, place, seed * 1009 + number)


_Draft = tuple[Float32[np.ndarray, "n 2"], Float32[np.ndarray, "n"], int]


def _drafts(place: FacePlace, strengths: MakeupRegions, seen: Float32[np.ndarray, "n"]) -> Iterator[_Draft]:
    points = place.points

    def along(marks: tuple[int, ...], depth: float, width: int, shift: float = 0.0) -> _Draft:
        at = list(marks)
        return points[at] + place.up * (shift * place.unit), (seen[at] ** 1.5 * depth).astype(np.float32), width

    for (low, high), shares in zip(_FOREHEAD, ((0.45, 0.95), (0.45, 0.85)), strict=True):
        for share, depth in zip(shares, (0.50, 0.42), strict=True):
            corners = points[list(low)] * (1 - share) + points[list(high)] * share
            yield corners, (seen[list(low)] ** 1.5 * depth * strengths.forehead).astype(np.float32), 1
    for foot, top in _FROWN:
        over = points[top] + place.up * (0.10 * place.unit)
        yield np.array([points[foot], (points[foot] + over) / 2, over]), np.full(3, 0.42 * strengths.glabella, np.float32), 1
    yield from _crows_feet(place, strengths.crows_feet, seen)
    for side in range(2):
        yield along(_BAGS[side], 0.34 * strengths.under_eye, 1)
        yield along(_BAGS[side], 0.22 * strengths.under_eye, 2, -0.03)
        yield along(_LIDS[side], 0.26 * strengths.under_eye, 0, -0.02)
        yield along(_SMILE[side], 0.42 * strengths.nasolabial, 2)
        yield along(_SMILE[side], 0.55 * strengths.nasolabial, 1)
    yield from _marionettes(place, strengths.marionette, seen)
    for drop, depth in ((0.30, 0.40), (0.52, 0.45)):
        sag = np.array([0.10, 0.0, -0.06, 0.0, 0.10], np.float32)[:, None] * place.unit
        corners = (
            points[list(_NECK)] * 0.7 + points[list(_NECK)].mean(0) * 0.3 - place.up * (drop * place.unit) + place.up * sag
        )
        yield corners, (seen[list(_NECK)] * depth * strengths.neck).astype(np.float32), 1


def _marionettes(place: FacePlace, strength: float, seen: Float32[np.ndarray, "n"]) -> Iterator[_Draft]:
    """From the corners of the mouth towards the chin."""
    for corner, other in _MOUTH:
        out = (place.points[corner] - place.points[other]) / max(
            float(np.linalg.norm(place.points[corner] - place.points[other])), 1e-3
        )
        steps = ((0.05, 0.0), (0.09, -0.10), (0.105, -0.22), (0.10, -0.34))
        path = np.array([place.points[corner] + (out * x + place.up * y) * place.unit for x, y in steps])
        for depth, width in ((0.34, 2), (0.34, 1)):
            yield path, np.full(4, depth * strength * float(seen[corner]) ** 1.5, np.float32), width


def _crows_feet(place: FacePlace, strength: float, seen: Float32[np.ndarray, "n"]) -> Iterator[_Draft]:
    """Four lines from each outer corner of the eyes."""
    for outer, inner in _CORNERS:
        away = place.points[outer] - place.points[inner]
        away = away / max(float(np.linalg.norm(away)), 1e-3)
        down = -place.up
        for turn, start, reach in ((-0.55, 0.13, 0.15), (-0.12, 0.10, 0.20), (0.28, 0.11, 0.21), (0.68, 0.14, 0.18)):
            along = [start + reach * t for t in (0.0, 0.5, 1.0)]
            bend = (0.0, 0.025, 0.07)
            path = [
                place.points[outer]
                + (away * np.cos(turn) * r + down * (np.sin(turn) * r + b * (1 if turn > 0 else -0.3))) * place.unit
                for r, b in zip(along, bend, strict=True)
            ]
            yield np.array(path), np.full(3, 0.42 * strength * float(seen[outer]) ** 1.5, np.float32), 0


def _line(
    corners: Float32[np.ndarray, "n 2"], depth: Float32[np.ndarray, "n"], width: int, place: FacePlace, seed: int
) -> Line:
    """A smooth line through ``corners`` that wanders a little, tapers at both ends and is broken here and there."""
    count = 40
    t = np.linspace(0, 1, count)
    knots = np.linspace(0, 1, len(corners))
    path = np.stack([_through(knots, corners[:, k], t) for k in range(2)], -1)
    rng = np.random.default_rng(seed)
    wander, break_up = _noise(rng, t, 4), _noise(rng, t, 9)
    across = np.gradient(path, axis=0)
    across = np.stack([-across[:, 1], across[:, 0]], -1) / np.maximum(np.linalg.norm(across, axis=1), 1e-3)[:, None]
    length = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
    path = path + across * (wander * min(0.014 * place.unit, 0.022 * length))[:, None]
    taper = np.sin(np.pi * np.clip(t * 0.96 + 0.02, 0, 1)) ** 0.8
    whole = np.interp(t, knots, depth) * taper * np.clip(0.8 + 0.45 * break_up, 0.1, 1.2)
    return Line(path=path.astype(np.float32), depth=whole.astype(np.float32), width=width)


def _through(knots: np.ndarray, values: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Cubic through the knots (Catmull and Rom 1974)."""
    slope = np.gradient(values.astype(np.float64), knots)
    k = np.clip(np.searchsorted(knots, t, side="right") - 1, 0, len(knots) - 2)
    span = knots[k + 1] - knots[k]
    u = (t - knots[k]) / span
    a, b = values[k], values[k + 1]
    return a + (b - a) * (3 - 2 * u) * u * u + span * u * (1 - u) * (slope[k] * (1 - u) - slope[k + 1] * u)


def _noise(rng: np.random.Generator, t: np.ndarray, cells: int) -> np.ndarray:
    """Smooth noise of about -1..1 along a line."""
    return _through(np.linspace(0, 1, cells + 1), rng.uniform(-1, 1, cells + 1), t)
