"""From world to film, and what a picture shows there."""

from __future__ import annotations

import math

import numba as nb

from setpiece.generate.engines.house.rays import QUICK


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def film_of(x, y, z, eye, axes, focal, centre):  # type: ignore[no-untyped-def]
    """Film position and depth along the viewing axis of a world point."""
    a, b, c = x - eye[0], y - eye[1], z - eye[2]
    depth = axes[2, 0] * a + axes[2, 1] * b + axes[2, 2] * c
    depth = max(depth, 1e-3)
    return (
        centre[0] + focal * (axes[0, 0] * a + axes[0, 1] * b + axes[0, 2] * c) / depth,
        centre[1] - focal * (axes[1, 0] * a + axes[1, 1] * b + axes[1, 2] * c) / depth,
        depth,
    )


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def bilinear(plane, x, y):  # type: ignore[no-untyped-def]
    """A plane (h, w) at film position (x, y), clamped to its border."""
    h, w = plane.shape
    x = min(max(x - 0.5, 0.0), w - 1.001)
    y = min(max(y - 0.5, 0.0), h - 1.001)
    i, j = int(x), int(y)
    a, b = x - i, y - j
    top = plane[j, i] + a * (plane[j, min(i + 1, w - 1)] - plane[j, i])
    j1 = min(j + 1, h - 1)
    bottom = plane[j1, i] + a * (plane[j1, min(i + 1, w - 1)] - plane[j1, i])
    return top + b * (bottom - top)


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def weights4(a):  # type: ignore[no-untyped-def]
    """Catmull-Rom weights at fraction ``a``."""
    a2 = a * a
    a3 = a2 * a
    return (
        -0.5 * a + a2 - 0.5 * a3,
        1.0 - 2.5 * a2 + 1.5 * a3,
        0.5 * a + 2.0 * a2 - 1.5 * a3,
        0.5 * (a3 - a2),
    )


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def bicubic(picture, x, y, out):  # type: ignore[no-untyped-def]
    """A picture (h, w, 3) at film position (x, y) by Catmull-Rom, clamped at its border; never below zero."""
    h, w, _ = picture.shape
    x, y = x - 0.5, y - 0.5
    fx, fy = math.floor(x), math.floor(y)
    wx, wy = weights4(x - fx), weights4(y - fy)
    r, g, b = 0.0, 0.0, 0.0
    for n in range(4):
        j = min(max(int(fy) - 1 + n, 0), h - 1)
        for m in range(4):
            i = min(max(int(fx) - 1 + m, 0), w - 1)
            weight = wx[m] * wy[n]
            r += weight * picture[j, i, 0]
            g += weight * picture[j, i, 1]
            b += weight * picture[j, i, 2]
    out[0], out[1], out[2] = max(r, 0.0), max(g, 0.0), max(b, 0.0)
