"""The soft edge of a matte that was cut at a reduced size: how much of each pixel of the edge is the thing.

Place in the flow: last step of a matte, at full size. A pixel of the edge is a mix of what lies on either side; with both
known from near by, its share follows (the projection of Chuang, Curless, Salesin and Szeliski 2001, with one colour a side).
"""

from __future__ import annotations

import cv2
import numpy as np

from setpiece.core.arrays import Mask, Plane, Rgb
from setpiece.stage.line_segments import LUMA, display_like
from setpiece.stage.matte import guided, spread_out


def soft_edge(plate: Rgb, cut: Mask, within: Plane) -> Plane:
    """Coverage (h, w), 0..1, at the size of ``plate`` (ACEScg), of a ``cut`` made at a reduced size, ``within`` (h, w).

    Its edge is unmixed between what lies near by on either side; where those are alike, a guided filter decides.
    """
    height, width = within.shape
    scale = width / cut.shape[1]
    coarse = np.clip(cv2.resize(cut.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)
    band = max(2, round(1.6 * scale))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band + 1, 2 * band + 1))
    solid = (coarse > 0.5).astype(np.uint8)
    inner, outer = cv2.erode(solid, kernel) > 0, cv2.dilate(solid, kernel) > 0
    guide = display_like(plate).astype(np.float32).mean(2) / 255
    soft = np.clip((np.clip(guided(guide, coarse, max(2, band), 1e-3), 0, 1) - 0.15) / 0.7, 0, 1)
    small = cv2.resize(plate, (cut.shape[1], cut.shape[0]), interpolation=cv2.INTER_AREA)
    small_back = (cv2.resize(within, (cut.shape[1], cut.shape[0]), interpolation=cv2.INTER_AREA) > 0.99) & ~(
        cv2.dilate(cut.astype(np.uint8), np.ones((3, 3))) > 0
    )
    small_thing = cv2.erode(cut.astype(np.uint8), np.ones((3, 3))) > 0
    if small_back.any() and small_thing.any():
        back = cv2.resize(spread_out(small, small_back), (width, height), interpolation=cv2.INTER_LINEAR)
        front = cv2.resize(nearest(small, small_thing), (width, height), interpolation=cv2.INTER_LINEAR)
        gap = front - back
        power = np.sum(gap * gap, 2)
        alpha = np.clip((np.sum((plate - back) * gap, 2) / np.maximum(power, 1e-9) - 0.08) / 0.84, 0, 1)
        told = np.clip(np.sqrt(power) / np.maximum(0.35 * (back @ LUMA), 1e-4), 0, 1)  # contrast enough to unmix by
        soft = told * alpha + (1 - told) * soft
    coverage = np.where(inner, 1.0, np.where(outer, soft, 0.0)) * (within > 0)
    coverage[coverage < 0.02] = 0
    coverage[coverage > 0.98] = 1
    return coverage.astype(np.float32)


def nearest(values: Rgb, known: Mask) -> Rgb:
    """``values`` of the nearest ``known`` pixel, a little smoothed: what a thing looks like just inside of its edge."""
    from scipy.ndimage import distance_transform_edt

    rows, columns = distance_transform_edt(~known, return_distances=False, return_indices=True)
    return cv2.blur(np.ascontiguousarray(values[rows, columns]), (3, 3)).astype(np.float32)
