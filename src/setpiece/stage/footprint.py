"""The footprint: where the visible walls meet the ground, as one stretch, or two where a corner is seen."""

from __future__ import annotations

import numpy as np

from setpiece.core.camera import Camera
from setpiece.core.pictures import Matte
from setpiece.stage.matte import foot_line

_CORNER_GAIN = 0.35  # a second stretch must leave at most this share of the single line's error
_CORNER_DEG = 18.0  # and turn by at least this


def auto_footprint(matte: Matte, camera: Camera, normals: tuple[tuple[float, float], ...] = ()) -> np.ndarray:
    """Two or three points (n, 2) px along the foot of ``matte``, left to right.

    A straight line is fitted to the foot (least absolute error, in pixels); where two lines fit far better and turn by a
    real angle on the ground, the corner between them is kept. ``normals`` (level unit vectors of the solve) are used to
    square the line with the walls when the foot alone is too short to tell.
    """
    line = foot_line(matte, camera)
    x = np.linspace(line[0, 0], line[-1, 0], 200)
    y = np.interp(x, line[:, 0], line[:, 1])
    below = y > np.array([camera.horizon_y(float(c)) for c in x]) + 2.0
    if below.sum() >= 20:
        x, y = x[below], y[below]
    single, error = _fit(x, y)
    best: tuple[float, int] | None = None
    for i in range(20, len(x) - 20, 4):
        both = _fit(x[:i], y[:i])[1] * i + _fit(x[i:], y[i:])[1] * (len(x) - i)
        if best is None or both / len(x) < best[0]:
            best = (both / len(x), i)
    ends = np.array([[x[0], np.polyval(single, x[0])], [x[-1], np.polyval(single, x[-1])]])
    if best is not None and error > 2.0 and best[0] < _CORNER_GAIN * error:
        left, right = _fit(x[: best[1]], y[: best[1]])[0], _fit(x[best[1] :], y[best[1] :])[0]
        slope = left[0] - right[0]
        corner_x = (right[1] - left[1]) / slope if abs(slope) > 1e-6 else x[best[1]]
        corner_x = float(np.clip(corner_x, x[5], x[-6]))
        bent = np.array(
            [[x[0], np.polyval(left, x[0])], [corner_x, np.polyval(left, corner_x)], [x[-1], np.polyval(right, x[-1])]]
        )
        if _turn_deg(bent, camera) >= _CORNER_DEG:
            return bent
    return ends


def _fit(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """Line y = a x + b by iteratively reweighted least absolute error, and its mean absolute error in px."""
    weight = np.ones_like(x)
    line = np.polyfit(x, y, 1)
    for _ in range(8):
        weight = 1.0 / np.maximum(np.abs(y - np.polyval(line, x)), 0.3)
        line = np.polyfit(x, y, 1, w=np.sqrt(weight))
    return line, float(np.mean(np.abs(y - np.polyval(line, x))))


def _turn_deg(points_px: np.ndarray, camera: Camera) -> float:
    """The angle in plan between the two stretches, degrees."""
    ground = camera.on_ground(points_px)[:, :2]
    a, b = ground[1] - ground[0], ground[2] - ground[1]
    if not np.isfinite([a, b]).all():
        return 0.0
    cosine = float(a @ b) / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9)
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
