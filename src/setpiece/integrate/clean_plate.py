"""What is behind the building: the plate as if it had never stood there.

The sky's gradient is continued, with the clouds beside and above the building and the plate's own grain; a far line
of trees is laid behind from what grows left and right of the building, and the ground runs on to it. Everything is
taken from the plate; nothing is smeared. Outside the widened matte the plate comes back to the bit. It refuses a plate
without sky (the building fills the frame) unless the caller says what to show there instead.
"""

from __future__ import annotations

import cv2
import numpy as np

from setpiece.core.arrays import Mask, Plane, Rgb
from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.core.pictures import Matte
from setpiece.integrate.backdrop import grow_trees, lay_ground
from setpiece.integrate.sky_fill import continue_sky
from setpiece.media.sky import find_sky

LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # ACEScg luminance
SHADE_REACH = 0.028  # of the height: how far below its foot the building's own shadow is taken out with it
SCRAP_REACH = 0.03  # of the height: how far from the building its forgotten tips are looked for
SCRAP_STEP = 5.0  # times the usual unevenness of the sky
SHADE_STEP = 1.7  # lit ground is at least so many times brighter


def clean_plate(
    plate: Rgb,
    matte: Matte,
    camera: Camera,
    *,
    holdout: Matte | None = None,
    fallback: Rgb | None = None,
    seed: int = 0,
) -> Rgb:
    """The plate (ACEScg, (h, w, 3)) without the building.

    ``holdout``: what stands in front; it is kept, and never copied from. ``fallback`` (h, w, 3) is shown behind where
    the plate shows no sky; without it such a plate raises :class:`StageError`. Deterministic in ``seed``.
    """
    height, width = plate.shape[:2]
    matte.fits((width, height))
    hole = _widened(matte.coverage > 0.01, max(2, round(0.0015 * width)))
    hole = _lowered(hole, round(0.004 * height))  # what clings to the foot of the wall goes with it
    hole = _with_shade(plate, hole)
    hole = _without_specks(hole)
    front = np.zeros((height, width), bool)
    if holdout is not None:
        front = holdout.fits((width, height), name="holdout").coverage > 0.02
        hole &= holdout.coverage < 0.5
    if not hole.any():
        return plate
    known = ~_widened(hole, max(2, round(0.002 * width))) & ~_widened(front, max(2, round(0.002 * width)))
    sky = find_sky(plate, usable=known, horizon_y=camera.horizon_y())
    if not sky.any():
        if fallback is None:
            raise StageError(
                "the plate shows no sky around the building, so nothing tells what is behind it",
                remedy="pass what to show there (a picture of the plate's size)",
            )
        return np.where(hole[..., None], fallback, plate).astype(np.float32)
    hole |= _scraps(plate, sky, hole) & ~front
    sky &= ~hole
    behind = continue_sky(plate, sky, hole, seed)
    foot = _foot_rows(matte.coverage, camera)
    behind = lay_ground(behind, plate, ~hole & ~front, hole, camera, foot, seed=seed + 1)
    behind = grow_trees(behind, plate, known & ~sky, sky, camera, foot, hole, seed=seed + 2)
    return _let_in(behind, plate, hole, matte.coverage)


def _let_in(behind: Rgb, plate: Rgb, hole: Mask, coverage: Plane) -> Rgb:
    """``behind`` in the ``hole``, growing in over the hole's margin: whole where the building covers anything."""
    within = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    margin = max(2.0, 0.0025 * hole.shape[1])
    share = np.where(coverage > 0.01, 1, np.clip(within / margin, 0, 1)).astype(np.float32)[..., None]
    return np.where(hole[..., None], plate + share * (behind - plate), plate).astype(np.float32)


def _without_specks(hole: Mask) -> Mask:
    """``hole`` without islands of plate too small to be anything but a ragged matte."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~hole).astype(np.uint8), connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < (0.012 * hole.shape[1]) ** 2
    small[0] = False
    return hole | small[labels] if count > 1 else hole


def _scraps(plate: Rgb, sky: Mask, hole: Mask) -> Mask:
    """What the matte forgot of the building's tips: small things of another tone, alone in the sky, near the hole."""
    height, width = hole.shape
    near = _widened(hole, max(3, round(SCRAP_REACH * height))) & ~hole
    zone = near & _widened(sky, 3)
    if not zone.any():
        return np.zeros_like(hole)
    luma = plate @ LUMA
    size = max(5, round(0.012 * width)) | 1
    known = (sky & ~hole).astype(np.float32)
    weight = cv2.blur(known, (size, size))
    smooth = cv2.blur(luma * known, (size, size)) / np.maximum(weight, 1e-6)
    odd = np.abs(luma - smooth)
    usual = float(np.median(odd[zone]))
    seen = zone & (weight > 0.3) & (odd > np.maximum(SCRAP_STEP * usual, 0.035 * smooth))
    joined = _widened(seen, 1) & ~hole
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined.astype(np.uint8), connectivity=8)
    alone = stats[:, cv2.CC_STAT_AREA] < (0.012 * width) ** 2
    alone[0] = False
    return _widened(alone[labels], max(2, round(0.0015 * width))) if count > 1 else np.zeros_like(hole)


def _with_shade(plate: Rgb, hole: Mask) -> Mask:
    """``hole`` with the shadow that the building throws on the ground before its foot: a dark band that begins at the
    hole and ends, within ``SHADE_REACH``, at ground ``SHADE_STEP`` times brighter. Wider shade is somebody else's."""
    height, width = hole.shape
    columns = np.flatnonzero(hole.any(0))
    bottom = height - np.argmax(hole[::-1, columns], axis=0)
    reach, look = round(SHADE_REACH * height), round(1.6 * SHADE_REACH * height)
    if reach < 2 or not len(columns):
        return hole
    level = np.log(np.maximum(cv2.GaussianBlur(plate @ LUMA, (0, 0), max(1.0, 0.004 * width), sigmaY=0.5), 1e-4))
    rows = np.minimum(bottom[:, None] + np.arange(look + 1)[None], height - 1)
    below = level[rows, columns[:, None]]  # (columns, look + 1)
    lit = np.quantile(below, 0.85, axis=1, keepdims=True)
    dark = below < lit - 0.5 * np.log(SHADE_STEP)
    end = np.where(dark.all(1), look + 1, np.argmin(dark, axis=1))
    deep = lit[:, 0] - below[:, :2].mean(1) > np.log(SHADE_STEP)
    end = np.where(deep & (end <= reach), end + max(2, round(0.004 * height)), 0).astype(np.float32)
    wide = max(3, width // 60) | 1
    even = cv2.GaussianBlur(cv2.dilate(cv2.erode(end[None], np.ones((1, wide))), np.ones((1, wide))), (0, 0), wide / 3,
                            sigmaY=0.1)[0]  # fmt: skip
    even = np.maximum(even, np.where(even > 0, np.minimum(end, even * 1.3), 0))
    out = hole.copy()
    at = np.arange(height)[:, None]
    out[:, columns] |= (at >= bottom[None] - 1) & (at < (bottom + even)[None])
    return out


def _widened(mask: Mask, radius: int) -> Mask:
    size = 2 * radius + 1
    return cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))) > 0


def _lowered(mask: Mask, rows: int) -> Mask:
    """The mask carried at least ``rows`` further down, to an even line without teeth."""
    height, width = mask.shape
    columns = np.flatnonzero(mask.any(0))
    if not len(columns):
        return mask
    bottom = (height - np.argmax(mask[::-1, columns], axis=0)).astype(np.float32)
    wide = max(3, width // 30) | 1
    even = cv2.dilate(bottom[None], np.ones((1, wide)))
    even = np.maximum(cv2.GaussianBlur(even, (0, 0), wide / 3, sigmaY=0.1)[0], bottom) + rows
    out = mask.copy()
    at = np.arange(height)[:, None]
    out[:, columns] |= (at >= bottom[None, :] - 1) & (at < np.minimum(even, bottom + 0.03 * height)[None, :])
    return out


def _foot_rows(coverage: Plane, camera: Camera) -> np.ndarray:
    """Lowest row of the building per column (w,), straightened; beyond its sides carried on level."""
    solid = coverage > 0.5
    height, width = solid.shape
    columns = np.flatnonzero(solid.any(0))
    if len(columns) < 3:
        return np.full(width, height * 0.9)
    bottom = (height - np.argmax(solid[::-1, columns], axis=0)).astype(np.float64)
    slope, level = np.polyfit(columns, bottom, 1)
    for _ in range(3):
        miss = np.abs(bottom - slope * columns - level)
        good = miss <= max(2.0, 2 * float(np.median(miss)))
        if good.sum() < 2:
            break
        slope, level = np.polyfit(columns[good], bottom[good], 1)
    x = np.clip(np.arange(width), columns[0], columns[-1])
    return np.clip(slope * x + level, 0, height)
