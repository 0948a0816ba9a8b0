"""Where a picture shows open sky: clear, hazy or clouded.

Sky is joined to the top of the frame, no warmer than it is blue, and changes gently from place to place, also over
clouds; built things and trees end it in a step. Pure image analysis: it knows no camera. It refuses nothing: a picture
without sky gives an empty mask.
"""

from __future__ import annotations

import cv2
import numpy as np
from scipy import ndimage

from setpiece.core.arrays import Mask, Plane, Rgb

LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # ACEScg (AP1) luminance
WORK_PX = 720  # long side at which it is decided
_CALM, _STEP = 3.0, 9.0  # change of 8-bit code values a pixel: surely inside sky; no cloud's edge is steeper
_BLUE = 1.15  # blue over red, from which nothing built is taken for sky by its colour alone
_SHADES = 16  # of each channel, where colours are compared
_ALIKE = 26.0  # how far, in code values, sky may lie from the sky around it


def find_sky(plate: Rgb, *, usable: Mask | None = None, horizon_y: float | None = None) -> Mask:
    """The sky of ``plate`` (ACEScg, scene-linear, (h, w, 3)) as a mask (h, w).

    Only ``usable`` pixels (h, w) and rows above ``horizon_y`` (px) can be sky. All False where there is none.
    """
    height, width = plate.shape[:2]
    scale = min(1.0, WORK_PX / max(height, width))
    if scale < 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(plate, size, interpolation=cv2.INTER_AREA)
        seen = None if usable is None else cv2.resize(usable.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
        found = find_sky(small, usable=seen, horizon_y=None if horizon_y is None else horizon_y * scale)
        sky = cv2.resize(found.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
        return sky if usable is None else sky & usable
    open_to = np.ones((height, width), bool) if usable is None else usable.copy()
    if horizon_y is not None:
        open_to &= np.arange(height)[:, None] < horizon_y
    luma = plate @ LUMA
    white = max(float(np.percentile(luma, 99.8)), 1e-6)
    coded = np.power(np.clip(plate / np.float32(white), 0, 1), np.float32(1 / 2.2)) * 255
    steep = _steepness(coded)
    cool = plate[..., 2] > 0.8 * plate[..., 0]
    sky = _joined_to_top((steep < _CALM) & open_to & cool)
    if sky.mean() < 0.01 or sky[: max(2, height // 50)].mean() < 0.08:
        return np.zeros((height, width), bool)
    sky = _grown(coded, sky, (steep < _STEP) & open_to & cool)
    if not _bright_and_blue(plate, luma, sky):
        return np.zeros((height, width), bool)
    blue = (steep < _STEP) & open_to & (plate[..., 2] > _BLUE * plate[..., 0])
    sky = _joined(sky, blue & _coloured_as(coded, sky))
    return _to_its_edges(coded, sky, open_to)


def _steepness(coded: Rgb) -> Plane:
    smooth = cv2.GaussianBlur(coded, (0, 0), 1.0)
    dx = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3)
    dy = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
    return (np.sqrt(dx * dx + dy * dy).max(2) / 8.0).astype(np.float32)


def _joined_to_top(mask: Mask) -> Mask:
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    top = np.bincount(labels[0], minlength=count)
    keep = top > 0.02 * mask.shape[1]
    keep[0] = False
    return keep[labels] & mask


def _bright_and_blue(plate: Rgb, luma: Plane, sky: Mask) -> bool:
    """Brighter than the rest and no warmer than haze; an open ceiling or a wall up to the frame is neither."""
    rest = ~sky
    blue = float(np.median(plate[..., 2][sky] / np.maximum(plate[..., 0][sky], 1e-6)))
    others = float(np.median(luma[rest])) if rest.any() else 0.0
    return blue > 0.9 and float(np.median(luma[sky])) > 1.2 * others


def _around(coded: Rgb, sky: Mask, radius: int) -> tuple[Rgb, Plane]:
    """The sky's mean code values near by (h, w, 3) and how much of the neighbourhood is sky (h, w)."""
    window = (2 * radius + 1, 2 * radius + 1)
    share = cv2.blur(sky.astype(np.float32), window)
    mean = cv2.blur(coded * sky[..., None], window) / np.maximum(share, 1e-6)[..., None]
    return mean, share


def _grown(coded: Rgb, sky: Mask, passable: Mask) -> Mask:
    """The sky carried on through ``passable`` pixels that are much like the sky near by, over clouds' soft edges."""
    radius = max(4, round(coded.shape[1] / 50))
    for _ in range(60):
        mean, share = _around(coded, sky, radius)
        alike = passable & (share > 0.004) & (np.abs(coded - mean).max(2) < _ALIKE)
        grown = _joined(sky, alike)
        if int(grown.sum()) - int(sky.sum()) < 0.0002 * sky.size:
            return grown
        sky = grown
    return sky


def _coloured_as(coded: Rgb, sky: Mask) -> Mask:
    """Where a colour stands that the sky has anywhere: clear blue between clouds is unlike the clouds beside it."""
    cells = np.minimum(coded / np.float32(256 / _SHADES), _SHADES - 1).astype(np.int32)
    count = np.zeros((_SHADES,) * 3, np.int32)
    np.add.at(count, tuple(cells[sky].T), 1)
    known = ndimage.binary_dilation(count > 1e-4 * sky.sum())
    return known[tuple(np.moveaxis(cells, -1, 0))]


def _joined(sky: Mask, more: Mask) -> Mask:
    """``sky`` with every part of ``more`` that touches it."""
    count, labels = cv2.connectedComponents((sky | more).astype(np.uint8), connectivity=4)
    reached = np.bincount(labels[sky], minlength=count) > 0
    reached[0] = False
    return reached[labels]


def _to_its_edges(coded: Rgb, sky: Mask, open_to: Mask) -> Mask:
    """The sky up to what ends it, and its pockets: between branches, behind wires, around a cloud's hard rim."""
    radius = max(4, round(coded.shape[1] / 50))
    mean, share = _around(coded, sky, radius)
    miss = np.abs(coded - mean).max(2)
    spread = cv2.blur(np.where(sky, miss, 0), (2 * radius + 1, 2 * radius + 1)) / np.maximum(share, 1e-6)
    like = open_to & (share > 0.02) & (miss < np.clip(4 * spread, 14.0, 34.0))
    near = cv2.dilate(sky.astype(np.uint8), np.ones((7, 7))) > 0
    sky = sky | (like & near)
    pockets = like & ~sky
    count, labels, stats, _ = cv2.connectedComponentsWithStats(pockets.astype(np.uint8), connectivity=4)
    keep = stats[:, cv2.CC_STAT_AREA] > 0.0002 * sky.size
    keep[0] = False
    reach = cv2.dilate(sky.astype(np.uint8), np.ones((7, 7))) > 0
    keep &= np.bincount(labels[reach], minlength=count) > 0
    sky = sky | keep[labels]
    # enclosed by sky on every side, small and nowhere far from its colours: a fold in a cloud
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~sky).astype(np.uint8), connectivity=8)
    worst = np.zeros(count)
    np.maximum.at(worst, labels.ravel(), np.where(open_to, miss, 255.0).ravel())
    fold = (worst < 60) & (stats[:, cv2.CC_STAT_AREA] < 0.002 * sky.size)
    fold[0] = False
    return sky | fold[labels]
