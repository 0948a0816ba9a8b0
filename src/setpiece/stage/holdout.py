"""What stands in front of the building: people, bollards, posts, held out so that dust and debris pass behind them.

Two witnesses, both cautious: compact upright things that differ from the ground that they stand on (ground is alike
along a row), and people found by their outline (histograms of oriented gradients, Dalal and Triggs 2005). Only what
has its foot nearer than the building's foot counts. Nothing found is a normal answer: an empty matte. A roto from an
artist outranks it; trees and cars are left to that roto.
"""

from __future__ import annotations

import cv2
import numpy as np

from setpiece.core.arrays import Mask, Plane, Rgb
from setpiece.core.camera import Camera
from setpiece.core.pictures import Matte
from setpiece.stage.line_segments import display_like
from setpiece.stage.matte import foot_line

WORK_PX = 1100
Region = tuple[int, int, int, int]  # x, y, width, height in px


def find_holdout(plate: Rgb, matte: Matte, camera: Camera) -> Matte:
    """Soft matte (h, w) of foreground things in ``plate`` (ACEScg); all zero where there are none.

    ``matte`` is the building's; what lies above its foot line and is not joined to something below it is never taken.
    """
    height, width = plate.shape[:2]
    line = foot_line(matte.fits((width, height)), camera)
    scale = min(1.0, WORK_PX / max(height, width))
    small = cv2.resize(plate, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    display = display_like(small)
    foot = np.interp((np.arange(small.shape[1]) + 0.5) / scale, line[:, 0], line[:, 1]) * scale
    blobs = _standing_blobs(display, foot)
    cut = np.zeros(small.shape[:2], bool)
    for region, seed in blobs:
        cut |= _cut_out(display, region, seed, foot)
    for region in _people(display, foot):
        if not cut[region[1] : region[1] + region[3], region[0] : region[0] + region[2]].mean() > 0.15:
            cut |= _cut_out(display, region, None, foot)
    return Matte(coverage=_soft(plate, cut))


def _standing_blobs(display: np.ndarray, foot: np.ndarray) -> list[tuple[Region, Mask]]:
    """Compact upright shapes below the foot line that differ from the ground in their rows."""
    height, width = display.shape[:2]
    rows = np.arange(height)[:, None]
    ground = rows > foot[None, :] + 0.004 * height
    coded = cv2.GaussianBlur(display, (0, 0), 0.8).astype(np.float32)
    usual = _usual_along_rows(coded, ground)
    miss = np.abs(coded - usual).max(2)
    miss[~ground] = 0
    typical = cv2.blur(np.minimum(miss, 60), (max(3, width // 6) | 1, max(3, height // 30) | 1))
    unlike = (miss > np.clip(2.2 * typical, 34.0, 60.0)) & ground
    unlike = cv2.morphologyEx(unlike.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 5)))
    unlike = cv2.morphologyEx(unlike, cv2.MORPH_OPEN, np.ones((3, 3)))
    parents = cv2.connectedComponents(unlike, connectivity=8)[1]
    whole = np.bincount(parents.ravel())
    # long runs along a row are lawns, kerbs and shadows, not things that stand
    runs = cv2.morphologyEx(unlike, cv2.MORPH_OPEN, np.ones((1, max(5, round(0.09 * width))), np.uint8))
    unlike = cv2.morphologyEx(unlike & ~cv2.dilate(runs, np.ones((3, 3))), cv2.MORPH_OPEN, np.ones((3, 3)))
    # the shadow that a thing throws along the ground is not the thing; nor is an upright bit of a puddle
    unlike = cv2.morphologyEx(unlike, cv2.MORPH_OPEN, np.ones((max(3, round(0.016 * height)), 2), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(unlike, connectivity=8)
    found = []
    for k in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[k])
        # what is low and wide lies: litter, a puddle, a tyre
        upright = 0.6 * w < h and w < 0.12 * width and h > (0.02 if h > 1.2 * w else 0.035) * height
        joined = int(whole[parents[labels == k][0]])
        if upright and area > 0.35 * joined and area > 0.3 * w * h and area > 0.00012 * height * width:
            found.append(((x, y, w, h), labels == k))
    return found


def _usual_along_rows(coded: np.ndarray, ground: Mask) -> np.ndarray:
    """What the ground mostly looks like near by in each row: a running median over about a fifth of the width."""
    from scipy.ndimage import median_filter

    height, width = ground.shape
    step = 6
    columns = np.arange(step // 2, width, step)
    thin = cv2.blur(coded, (step | 1, 1))[:, columns]
    known = ground[:, columns]
    row_mean = np.where(known[..., None], thin, 0).sum(1) / np.maximum(known.sum(1), 1)[:, None]
    thin = np.where(known[..., None], thin, row_mean[:, None])
    window = max(5, len(columns) // 5) | 1
    usual = np.stack([median_filter(thin[..., c], size=(1, window), mode="nearest") for c in range(3)], -1)
    return cv2.resize(usual.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)


def _people(display: np.ndarray, foot: np.ndarray) -> list[Region]:
    """Boxes around people whose feet are in front of the building."""
    height, width = display.shape[:2]
    top = int(max(0, min(foot.min(), height - 130) - 0.15 * height))
    strip = display[top:, :, ::-1]
    if strip.shape[0] < 140 or width < 80:
        return []
    finder = cv2.HOGDescriptor()
    finder.setSVMDetector(cv2.HOGDescriptor.getDefaultPeopleDetector())
    grown = cv2.resize(np.ascontiguousarray(strip), None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    boxes, sure = finder.detectMultiScale(
        grown, hitThreshold=0.2, winStride=(8, 8), padding=(16, 16), scale=1.06, groupThreshold=1
    )
    found = []
    for (x, y, w, h), weight in zip(np.asarray(boxes).reshape(-1, 4) / 1.5, np.ravel(sure), strict=True):
        # the detector's window leaves a sixth of air around a person
        region = (int(x + 0.12 * w), int(y + top + 0.06 * h), int(0.76 * w), int(0.88 * h))
        feet, middle = region[1] + region[3], min(width - 1, region[0] + region[2] // 2)
        if weight > 0.7 and feet > foot[middle] + 0.25 * region[3]:
            found.append(region)
    return found


def _cut_out(display: np.ndarray, region: Region, seed: Mask | None, foot: np.ndarray) -> Mask:
    """The thing within ``region`` and, where it reaches up to the foot line, above it."""
    height, width = display.shape[:2]
    x, y, w, h = region
    middle = min(width - 1, x + w // 2)
    if seed is not None and y < foot[middle] + 0.015 * height:
        y, h = y - h, 2 * h  # it may reach up in front of the building
    pad = max(4, h // 8)
    x0, y0 = max(0, x - pad), max(0, y - pad)
    x1, y1 = min(width, x + w + pad), min(height, y + h + pad)
    labels = np.full((y1 - y0, x1 - x0), cv2.GC_PR_BGD, np.uint8)
    border = max(1, pad // 2)
    if seed is not None:
        part = seed[y0:y1, x0:x1]
        labels[part] = cv2.GC_PR_FGD
        labels[cv2.erode(part.astype(np.uint8), np.ones((3, 3))) > 0] = cv2.GC_FGD
    else:
        labels[pad : pad + h, pad + w // 5 : pad + w - w // 5] = cv2.GC_PR_FGD
    labels[:, :border] = labels[:, -border:] = cv2.GC_BGD
    labels[:border] = cv2.GC_BGD
    if y1 < height:
        labels[-border:] = cv2.GC_BGD
    out = np.zeros((height, width), bool)
    if not ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).any():
        return out
    cv2.setRNGSeed(11)
    picture = np.ascontiguousarray(display[y0:y1, x0:x1, ::-1])
    labels, _, _ = cv2.grabCut(picture, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    cut = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    if cut.mean() > 0.75:  # the cut lost its way
        return out if seed is None else seed
    out[y0:y1, x0:x1] = cut
    return out


def _soft(plate: Rgb, cut: Mask) -> Plane:
    """The cut at full size, its edge drawn to the plate's own edges."""
    from setpiece.stage.matte import guided

    height, width = plate.shape[:2]
    if not cut.any():
        return np.zeros((height, width), np.float32)
    coarse = cv2.resize(cut.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    radius = max(2, round(1.5 * width / cut.shape[1]))
    guide = display_like(plate).astype(np.float32).mean(2) / 255
    soft = np.clip((guided(guide, coarse, radius, 1e-3) - 0.15) / 0.7, 0, 1)
    near = cv2.dilate(cut.astype(np.uint8), np.ones((3, 3)))
    near = cv2.resize(near, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    return np.where(near, soft, 0).astype(np.float32)
