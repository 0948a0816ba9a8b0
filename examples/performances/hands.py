"""A hand that comes between the camera and the face: what no retouch may be painted on.

Rounded rods, lit from the upper left, drawn once and moved as one: enough of a hand to be in the way of things.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from examples.performances.head import smoothstep
from examples.performances.take import Foreground

from setpiece.core.arrays import Plane, Rgb

Colour = tuple[float, float, float]
TIPS = ((-0.40, -0.86), (-0.16, -1.08), (0.10, -1.12), (0.36, -0.98))  # of the fingers, in hand's widths


def hand(colour: Colour, *, enters: float, leaves: float, height: float, wide: float, middle: float) -> Foreground:
    """A hand that crosses the picture from left to right between two times (frames), its palm at ``height`` px."""

    def at(t: float, shape: tuple[int, int]) -> tuple[Rgb, Plane] | None:
        if not enters <= t <= leaves:
            return None
        u = (t - enters) / max(leaves - enters, 1e-6)
        return placed(colour, wide, middle + (u - 0.5) * 4.4 * wide, height - 0.4 * wide * np.sin(np.pi * u), shape)

    return at


def resting(colour: Colour, *, enters: float, leaves: float, height: float, wide: float, middle: float) -> Foreground:
    """A hand that comes up from below, rests before the face, and goes down again."""

    def at(t: float, shape: tuple[int, int]) -> tuple[Rgb, Plane] | None:
        if not enters <= t <= leaves:
            return None
        rise = max(1.0, 0.2 * (leaves - enters))
        up = float(smoothstep(np.array(min(t - enters, leaves - t) / rise)))
        return placed(colour, wide, middle, height + (1 - up) * 2.6 * wide, shape)

    return at


def placed(colour: Colour, wide: float, x: float, y: float, shape: tuple[int, int]) -> tuple[Rgb, Plane]:
    """The hand with its palm at ``x``, ``y`` px in a picture of ``shape``: colour (h, w, 3) and matte (h, w)."""
    import cv2

    picture, origin = _drawn(colour, round(wide, 3))
    matrix = np.array([[1, 0, x - origin[0]], [0, 1, y - origin[1]]], np.float64)
    moved = cv2.warpAffine(picture, matrix, (shape[1], shape[0]), flags=cv2.INTER_LINEAR)
    matte = np.ascontiguousarray(moved[..., 3])
    return moved[..., :3] / np.maximum(matte, 1e-3)[..., None], matte


@lru_cache(maxsize=4)
def _drawn(colour: Colour, wide: float) -> tuple[np.ndarray, tuple[float, float]]:
    """The hand and forearm, (h, w, 4) premultiplied, and where its palm is in it."""
    import cv2

    shape, x0, y0 = (int(6 * wide), int(2.6 * wide)), 1.3 * wide, 1.4 * wide
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    far, bulge = np.full(shape, 9.0 * wide, np.float32), np.zeros(shape, np.float32)
    for start, end, wide_a, wide_b in _rods():
        ax, ay, bx, by, ra, rb = (float(v * wide) for v in (*start, *end, wide_a, wide_b))
        px, py, dx, dy = x - x0 - ax, y - y0 - ay, bx - ax, by - ay
        along = np.clip((px * dx + py * dy) / (dx * dx + dy * dy), 0, 1)
        radius, away = ra + (rb - ra) * along, np.hypot(px - along * dx, py - along * dy)
        far = np.minimum(far, away - radius)
        bulge = np.maximum(bulge, np.sqrt(np.maximum(radius**2 - away**2, 0)))
    smooth = cv2.GaussianBlur(bulge, (0, 0), 0.03 * wide)
    slope_x, slope_y = (cv2.Sobel(smooth, cv2.CV_32F, *axis, scale=0.125) for axis in ((1, 0), (0, 1)))
    lit = (0.45 * slope_x + 0.42 * slope_y + 0.79) / np.sqrt(1 + slope_x**2 + slope_y**2)
    noise = np.random.default_rng(7).standard_normal(shape).astype(np.float32)
    mottle = cv2.GaussianBlur(noise, (0, 0), 0.05 * wide) * 0.05 * wide + cv2.GaussianBlur(noise, (0, 0), 1.0) * 0.25
    shade = (0.24 + 0.85 * np.maximum(lit, 0)) * np.exp2(0.3 * mottle)
    matte = smoothstep(0.5 - far / 2.5)
    rgb = np.array(colour, np.float32) * shade.astype(np.float32)[..., None]
    return np.concatenate([rgb * matte[..., None], matte[..., None]], axis=2), (x0, y0)


def _rods() -> list[tuple[tuple[float, float], tuple[float, float], float, float]]:
    """From, to, and the radius at either end, in hand's widths: forearm, palm, fingers of two joints, thumb."""
    rods = [((0.0, 0.50), (-0.45, 4.6), 0.25, 0.46), ((-0.14, -0.10), (-0.04, 0.42), 0.27, 0.24),
            ((0.14, -0.10), (0.05, 0.42), 0.27, 0.24)]  # fmt: skip
    for i, (tip_x, tip_y) in enumerate(TIPS):
        root, bend = (0.205 * (i - 1.5), -0.26), (0.26 * (i - 1.5) + 0.01, -0.64)
        rods += [(root, bend, 0.115, 0.098), (bend, (tip_x * 0.92, tip_y), 0.098, 0.078)]
    return [*rods, ((-0.24, 0.25), (-0.50, 0.00), 0.15, 0.11), ((-0.50, 0.00), (-0.60, -0.33), 0.11, 0.085)]
