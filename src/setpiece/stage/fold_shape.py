"""How a cloth lies in a picture: a height from its outline and its shading, and the cloth's own coordinates over it.

Place in the flow: before a patterned cloth is laid on a garment. One picture does not tell a shape. Two guesses stand in
for it: a body is round, so the garment rises from its outline (Johnston 2002), and folds are dark where they are deep
(Langer and Bülthoff 2000). A pattern lies on that height without being stretched: its coordinates are those whose gradients
come nearest to the surface's own, by least squares (after Fang and Hart 2004). So stripes crowd towards the sides and bend
over folds. What is not known: seams, darts, the run of the cloth in each panel, cloth that folds behind itself. It refuses
nothing.
"""

from __future__ import annotations

import cv2
import numpy as np
from scipy.fft import dctn, idctn

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.stage.line_segments import LUMA

ROUNDNESS = 0.75  # of a half circle over the garment's width
FOLD_DEPTH = 0.045  # of the garment's width for a step of one in log luminance
_FINE, _BROAD = 0.006, 0.10  # of the garment's width: what counts as a fold
_STEEPEST = 2.2  # slope beyond which nothing of the cloth is seen


def cloth_coordinates(picture: Rgb, coverage: Plane, *, m_per_px: float, follow: float = 1.0) -> Float32[np.ndarray, "h w 2"]:
    """Coordinates (h, w, 2) in metres on the cloth under each pixel: u right, v up, 0 in the middle of the garment.

    ``picture`` is scene-linear without grain; ``follow`` scales the height, 0: the cloth is flat.
    """
    height, width = coverage.shape
    ys, xs = np.nonzero(coverage > 0.05)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    if not len(ys):
        return np.stack([x * m_per_px, -y * m_per_px], -1).astype(np.float32)
    flat_u, flat_v = x - xs.mean(), -(y - ys.mean())
    if follow > 0:
        du, dv = _drawn_out(follow * fold_height(picture, coverage))
        flat_u, flat_v = flat_u + du, flat_v + dv
    return (np.stack([flat_u, flat_v], -1) * np.float32(m_per_px)).astype(np.float32)


def fold_height(picture: Rgb, coverage: Plane) -> Plane:
    """Height of the cloth towards the camera, px, (h, w); 0 outside of the garment."""
    solid = (coverage > 0.5).astype(np.uint8)
    inner = cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_REPLICATE)  # the frame is no outline
    closed = cv2.morphologyEx(inner, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))  # a badge is no outline either
    distance = cv2.distanceTransform(closed, cv2.DIST_L2, 5)[1:-1, 1:-1]
    if float(distance.max()) < 2:
        return np.zeros_like(coverage)
    rows = solid.sum(1)
    wide = float(np.percentile(rows[rows > 0], 80))
    radius = max(2.0, min(float(np.percentile(distance[solid > 0], 98)), 0.5 * wide))
    reach = np.minimum(distance, radius)
    body = ROUNDNESS * np.sqrt(np.maximum(2 * radius * reach - reach * reach, 0))
    body = cv2.GaussianBlur(body.astype(np.float32), (0, 0), max(1.0, 0.05 * radius))
    weight = (coverage > 0.5).astype(np.float32)
    level = np.log(np.maximum(picture @ LUMA, 1e-4))
    fine, broad = (_mean_near(level, weight, max(0.8, share * wide)) for share in (_FINE, _BROAD))
    folds = np.clip(fine - broad, -1.2, 1.2) * weight
    folds = cv2.GaussianBlur(folds.astype(np.float32), (0, 0), max(1.0, 0.008 * wide))
    return ((body + FOLD_DEPTH * wide * folds) * (closed[1:-1, 1:-1] > 0)).astype(np.float32)


def _mean_near(values: Plane, weight: Plane, sigma: float) -> Plane:
    near = cv2.GaussianBlur(weight, (0, 0), sigma)
    return cv2.GaussianBlur(values * weight, (0, 0), sigma) / np.maximum(near, 1e-4)


def _drawn_out(height: Plane) -> tuple[Plane, Plane]:
    """By how much cloth coordinates run ahead of the picture's, px, (right, up): the square root of the surface's metric, made
    into two planes by least squares (a Poisson equation with free borders, by cosine transform)."""
    down, right = np.gradient(height)
    up = -down
    slope = np.sqrt(right * right + up * up)
    limit = np.minimum(1.0, _STEEPEST / np.maximum(slope, 1e-6))
    right, up, slope = right * limit, up * limit, slope * limit
    more = (np.sqrt(1 + slope * slope) - 1) / np.maximum(slope * slope, 1e-9)
    return _integrated(more * right * right, more * right * up), _integrated(more * right * up, more * up * up)


def _integrated(along_right: Plane, along_up: Plane) -> Plane:
    """The plane whose gradients (to the right, upwards) are nearest to those given; its mean is 0."""
    rows, columns = along_right.shape
    gx = 0.5 * (along_right[:, 1:] + along_right[:, :-1])
    gy = -0.5 * (along_up[1:] + along_up[:-1])
    source = np.zeros((rows, columns))
    source[:, :-1] += gx
    source[:, 1:] -= gx
    source[:-1] += gy
    source[1:] -= gy
    wave = 2 * np.cos(np.pi * np.arange(rows) / rows)[:, None] + 2 * np.cos(np.pi * np.arange(columns) / columns)[None] - 4
    wave[0, 0] = 1.0
    spectrum = dctn(source, norm="ortho") / wave
    spectrum[0, 0] = 0.0
    return np.asarray(idctn(spectrum, norm="ortho"), np.float32)
