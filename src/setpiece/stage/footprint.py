"""The footprint: where the visible walls meet the ground, as one stretch, or two where a corner is seen.

The camera solve knows which way the facades face far better than a foot hidden in grass can tell, so every stretch
keeps the direction of a wall and only its place is fitted. A corner shows twice: the foot turns there, and so does the
parapet above it, which nothing hides. Without known directions the foot alone must do. It refuses an empty matte.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.camera import Camera
from setpiece.core.pictures import Matte
from setpiece.stage.line_segments import to_picture
from setpiece.stage.matte import foot_line

_CORNER_GAIN = 0.7  # where it stands, a second wall must leave at most this share of the single line's error
_CORNER_TOTAL = 0.95  # and this share over the whole width
_OUTLIER = 0.02  # of the plate's height: towers, chimneys and bushes miss by more and count no further
_SHORTEST = 0.05  # share of the width that a second wall must have


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outline:
    """Lower and upper edge of the matte, sampled left to right: columns ``x``, rows ``foot`` and ``top`` (n,); ``top``
    is NaN where the frame cuts the building."""

    x: np.ndarray
    foot: np.ndarray
    top: np.ndarray
    tolerance: float


def auto_footprint(matte: Matte, camera: Camera, normals: tuple[tuple[float, float], ...] = ()) -> np.ndarray:
    """Two or three points (n, 2) px along the foot of ``matte``, left to right.

    ``normals``: level unit vectors of the walls in the camera's world, main facade first. One stretch along that facade,
    unless a wall square to it on one side explains foot and parapet far better; then the corner is the middle point.
    """
    outline = _outline(matte, camera)
    if not normals:
        slope, level = _fit(outline.x, outline.foot)
        return np.array([[x, slope * x + level] for x in (outline.x[0], outline.x[-1])])
    front, side = _vanishing(camera, normals[0]), _vanishing(camera, (-normals[0][1], normals[0][0]))
    middle = float(outline.x[len(outline.x) // 2])
    up = to_picture(camera.axes[:, 2], focal_px=camera.focal_px, centre_px=camera.centre_px)[0]
    alone, row = _misses(outline, middle, (front, front), up)
    best, corner, walls = float(alone.mean()), middle, (front, front)
    wide = outline.x[-1] - outline.x[0]
    for pair in ((front, side), (side, front)):
        column = _best_corner(outline, pair, up, outline.x[0] + _SHORTEST * wide, outline.x[-1] - _SHORTEST * wide)
        both, foot = _misses(outline, column, pair, up)
        second = outline.x > column if pair[1] is side else outline.x < column
        gain = float(both[second].mean()) < _CORNER_GAIN * float(alone[second].mean())
        enough = float(both.mean()) < min(best, _CORNER_TOTAL * float(alone.mean()))
        if gain and enough and _is_corner(column, foot, pair, camera):
            best, corner, row, walls = float(both.mean()), column, foot, pair
    ends = [
        (x, float(_line(wall, corner, np.array([row]), np.array([x]))[0, 0]))
        for wall, x in zip(walls, outline.x[[0, -1]], strict=True)
    ]
    points = [ends[0], (corner, row), ends[1]] if walls[0] is not walls[1] else ends
    return np.array(points, np.float64)


def _outline(matte: Matte, camera: Camera) -> _Outline:
    line = foot_line(matte, camera)
    solid = matte.fits((camera.width, camera.height)).coverage > 0.5
    x = np.linspace(line[0, 0], line[-1, 0], 240)
    foot = np.interp(x, line[:, 0], line[:, 1])
    columns = np.clip(x.astype(int), 0, camera.width - 1)
    top = np.where(solid[0, columns], np.nan, np.argmax(solid[:, columns], axis=0).astype(np.float64))
    below = foot > np.array([camera.horizon_y(float(c)) for c in x]) + 2.0
    if below.sum() >= 24:
        x, foot, top = x[below], foot[below], top[below]
    return _Outline(x=x, foot=foot, top=top, tolerance=_OUTLIER * camera.height)


def _vanishing(camera: Camera, normal: tuple[float, float]) -> np.ndarray:
    """Where walls with ``normal`` run to, homogeneous px (3,)."""
    along = np.array([[-normal[1], normal[0], 0.0]]) @ camera.axes.astype(np.float64).T
    return to_picture(along, focal_px=camera.focal_px, centre_px=camera.centre_px)[0]


def _line(wall: np.ndarray, x0: float, rows: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Rows (k, n) at columns ``x`` (n,) of the lines from (``x0``, ``rows`` (k,)) towards a vanishing point."""
    run = wall[0] - wall[2] * x0
    slope = (wall[1] - wall[2] * rows) / (run if abs(run) > 1e-6 else 1e-6)
    return rows[:, None] + slope[:, None] * (x - x0)[None, :]


def _misses(outline: _Outline, corner: float, walls: tuple[np.ndarray, np.ndarray], up: np.ndarray) -> tuple[np.ndarray, float]:
    """Capped miss per column (n,) of foot and parapet together, px, for a corner at column ``corner`` at the foot; and
    the foot's row there. Both rows are searched; the parapet's corner stands above the foot's."""
    misses, row = _place(outline.x, outline.foot, corner, walls, outline.tolerance)
    known = np.isfinite(outline.top)
    if known.sum() < 0.3 * len(known):
        return misses, row
    height = float(np.median(outline.top[known]))
    share = (height - row) / (up[1] - up[2] * row) if abs(up[1] - up[2] * row) > 1e-6 else 0.0
    above = corner + share * (up[0] - up[2] * corner)
    misses[known] += _place(outline.x[known], outline.top[known], above, walls, outline.tolerance)[0]
    return misses, row


def _place(
    x: np.ndarray, y: np.ndarray, corner: float, walls: tuple[np.ndarray, np.ndarray], tolerance: float
) -> tuple[np.ndarray, float]:
    """Capped misses (n,) and the corner's row at which the bent line through the corner fits best."""
    centre, reach, count = float(np.median(y)), 2.5 * float(np.percentile(np.abs(y - np.median(y)), 95)) + 4.0, 81
    misses = np.full((1, len(x)), tolerance)
    k = 0
    for _ in range(3):
        rows = np.linspace(centre - reach, centre + reach, count)
        model = np.where(x[None] < corner, _line(walls[0], corner, rows, x), _line(walls[1], corner, rows, x))
        misses = np.minimum(np.abs(y[None] - model), tolerance)
        k = int(np.argmin(misses.mean(1)))
        centre, reach, count = float(rows[k]), 3 * reach / count, 21
    return misses[k].copy(), centre


def _best_corner(outline: _Outline, walls: tuple[np.ndarray, np.ndarray], up: np.ndarray, first: float, last: float) -> float:
    """The column between ``first`` and ``last`` at which a corner fits best."""
    columns = np.linspace(first, last, 70)
    step = float(columns[1] - columns[0])
    for _ in range(2):
        error = [float(_misses(outline, float(c), walls, up)[0].mean()) for c in columns]
        best = float(columns[int(np.argmin(error))])
        columns = best + np.linspace(-step, step, 17)
    return best


def _is_corner(column: float, row: float, walls: tuple[np.ndarray, np.ndarray], camera: Camera) -> bool:
    """Whether both walls run away from the camera at the corner: only then both are seen."""
    reach = 0.02 * camera.width
    ends = [
        float(_line(w, column, np.array([row]), np.array([column + s]))[0, 0])
        for w, s in zip(walls, (-reach, reach), strict=True)
    ]
    ground = camera.on_ground(np.array([[column - reach, ends[0]], [column, row], [column + reach, ends[1]]])).astype(
        np.float64
    )
    if not np.isfinite(ground).all():
        return False
    chord = ground[2, :2] - ground[0, :2]
    out = ground[1, :2] - ground[0, :2]
    return bool(chord[0] * out[1] - chord[1] * out[0] < 0)  # the corner lies on the camera's side of the chord


def _fit(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Line y = a x + b by iteratively reweighted least absolute error."""
    line = np.polyfit(x, y, 1)
    for _ in range(8):
        weight = 1.0 / np.maximum(np.abs(y - np.polyval(line, x)), 0.3)
        line = np.polyfit(x, y, 1, w=np.sqrt(weight))
    return float(line[0]), float(line[1])
