"""The skin's relief in bands, and what is taken from them or added to them; all in stops.

Three bands lie over a base that follows the form of the face: *lines* (what runs on along its own direction: a wrinkle's
core), the rest of the *fine* band, and *folds*. Pores run nowhere, so an average along the line's own direction leaves
them where they are: that is how a wrinkle goes and the pores stay. All means are weighted by the skin's matte, so that
eyes, lips and hair never bleed in; and the base listens little to valleys, or every fold would leave its shadow in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb, length_of
from setpiece.generate.engines.makeup.matte import luma_of

FINE, FOLD = 0.045, 0.16  # sigmas, of the distance between the eyes
FOLD_WIDTH = 0.25  # of the distance between the eyes: what is wider is form
LINE_REACH = 0.075  # to either side along a line
_TAPS = ((1, 0.9), (3, 0.5))  # quarters of the reach to either side, and their weight
GROOVE = np.array([0.94, 1.0, 1.04], np.float32)  # per channel: a groove is warm, light in it has met skin twice
_VALLEY = 0.18  # stops below the base at which a pixel counts as a valley
_FORM = 0.3  # how much of what is done to a fold is done to form
_HALF_PX = 2.5  # sigma from which on a band is worked on at half the size


def blur(plane: Float32[np.ndarray, "h w *c"], sigma: float) -> Float32[np.ndarray, "h w *c"]:
    """Gaussian of ``sigma`` px; wide ones at a reduced size."""
    import cv2

    if sigma < 0.3:
        return plane
    fold, (height, width) = 1, plane.shape[:2]
    while sigma / fold > 4 and min(height, width) / fold > 32:
        fold *= 2
    if fold == 1:
        return cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    small = cv2.resize(plane, (-(-width // fold), -(-height // fold)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / fold, borderType=cv2.BORDER_REFLECT)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def spread(plane: Plane) -> Rgb:
    """One plane for all three channels."""
    import cv2

    return cv2.cvtColor(np.ascontiguousarray(plane, np.float32), cv2.COLOR_GRAY2BGR)


def mean_over(values: Float32[np.ndarray, "h w *c"], weight: Plane, sigma: float) -> Float32[np.ndarray, "h w *c"]:
    """The mean of ``values`` around each pixel, weighted (Knutsson and Westin 1993, normalised convolution)."""
    amount = blur(weight, sigma)
    amount += np.float32(1e-4)
    if values.ndim == 3:
        weight, amount = spread(weight), spread(amount)
    found = blur(values * weight, sigma)
    found /= amount
    return found


def resized(plane: Float32[np.ndarray, "h w *c"], shape: tuple[int, int]) -> Float32[np.ndarray, "h w *c"]:
    """``plane`` at another (h, w): averaged when it shrinks, straight between when it grows."""
    import cv2

    if plane.shape[:2] == shape:
        return plane
    way = cv2.INTER_AREA if shape[0] < plane.shape[0] else cv2.INTER_LINEAR
    return cv2.resize(plane, (shape[1], shape[0]), interpolation=way)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """``lines`` and ``fine`` (without the lines) (h, w, 3) in stops; ``folds``, what is wider than both, at half of that size
    where lines are wide enough to be seen there; ``narrow`` and ``run``, of the folds' size, 0..1: how much of the fold lies
    between two slopes (the rest is the face's own form), and how clearly something runs there."""

    lines: Rgb
    fine: Rgb
    folds: Rgb
    narrow: Plane
    run: Plane


def bands_of(stops: Rgb, skin: Plane, unit: float) -> Bands:
    """Part a picture in stops (eyes ``unit`` px apart) by its skin matte."""
    height, width = stops.shape[:2]
    half = (-(-height // 2), -(-width // 2)) if FINE * unit > _HALF_PX else (height, width)
    less = half[0] / height
    light, weight = resized(stops, half), resized(skin, half)
    near = mean_over(light, weight, FINE * unit * less)
    luma = luma_of(near)
    below = np.minimum(luma - mean_over(luma, weight, FOLD * unit * less), 0)
    below *= np.float32(1 / _VALLEY)
    listened = np.exp(-below * below)
    listened += np.float32(0.02)
    listened *= weight
    folds = near - mean_over(near, listened, FOLD * unit * less)
    detail = stops - resized(near, (height, width))
    lines, run = _along(detail, luma_of(stops), unit, half)
    detail -= lines
    return Bands(lines=lines, fine=detail, folds=folds, narrow=_narrow(luma, luma_of(folds), unit * less), run=run)


def _narrow(luma: Plane, folds: Plane, unit: float) -> Plane:
    """How much of ``folds`` a closing fills or an opening takes away (Serra 1982), 0..1: a fold lies between two slopes, the
    shaded side of a nose does not."""
    import cv2

    side = max(3, round(FOLD_WIDTH * unit) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    valley = cv2.morphologyEx(luma, cv2.MORPH_BLACKHAT, kernel)
    ridge = cv2.morphologyEx(luma, cv2.MORPH_TOPHAT, kernel)
    share = np.where(folds < 0, valley, ridge) / (np.abs(folds) + np.float32(0.02))
    return blur(np.clip(share * np.float32(1.5), 0, 1), 0.03 * unit)


def _along(detail: Rgb, luma: Plane, unit: float, half: tuple[int, int]) -> tuple[Rgb, Plane]:
    """``detail`` averaged along the direction in which the picture runs, and how clearly it runs (structure tensor,
    Förstner and Gülch 1987; coherence, Weickert 1999), this at the size ``half``."""
    import cv2

    smooth = blur(luma, max(0.7, 0.010 * unit))
    dx, dy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=0.125)
    tensor = blur(resized(cv2.merge([dx * dx, dy * dy, dx * dy]), half), 0.03 * unit * half[0] / luma.shape[0])
    xx, yy, xy = cv2.split(tensor)
    straight, across = xx - yy, 2 * xy
    run = (length_of(straight, across) / (xx + yy + np.float32(1e-5))) ** 2
    straight, across = cv2.split(resized(cv2.merge([straight, across]), (luma.shape[0], luma.shape[1])))
    # the line stands across the gradient, whose doubled angle the tensor holds
    straight /= length_of(straight, across) + np.float32(1e-12)
    step_x = np.copysign(cv2.sqrt(np.maximum((1 - straight) * np.float32(0.5), 0)), -across)
    step_y = cv2.sqrt(np.maximum((1 + straight) * np.float32(0.5), 0))
    rows, columns = np.arange(luma.shape[0], dtype=np.float32)[:, None], np.arange(luma.shape[1], dtype=np.float32)
    total = detail
    for steps, share in _TAPS:  # near neighbours first, then what they have gathered: nine places for four fetches
        reach, found = np.float32(steps * LINE_REACH * unit / 4), total.copy()
        for sign in (-reach, reach):
            seen = cv2.remap(
                total, step_x * sign + columns, step_y * sign + rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
            )
            cv2.scaleAdd(seen, share, found, found)
        found *= np.float32(1 / (1 + 2 * share))
        total = found
    return total, run


def smoothed(bands: Bands, strength: Plane, amount: float, unit: float, pores: float = 1.0) -> Rgb:
    """What makes the skin younger (h, w, 3), stops to add: valleys go first, ridges less, pores not at all.

    ``strength`` (h, w) is matte times region; ``amount`` 0..1.3: 1 is thirty years.
    ``pores`` 0..1 is how much of what is finer than a line stays.
    """
    lines = luma_of(bands.lines)
    share = np.abs(lines)
    share += np.float32(1e-4)
    share = np.float32(1.5) * _usual(lines, strength) / share
    share *= share
    share += 1
    np.divide(np.where(lines < 0, np.float32(1), np.float32(0.75)), share, out=share)
    share *= strength
    share *= np.float32(-min(1.0, 1.45 * amount**0.6))
    found = bands.lines * spread(np.maximum(share, -1))
    cores = _cores(bands.fine, strength)
    cores *= strength
    cores *= np.float32(min(1.3 * amount, 1))
    small = (bands.folds.shape[0], bands.folds.shape[1])
    less = small[0] / strength.shape[0]
    coarse = blur(resized(bands.fine, small), 0.024 * unit * less)
    if pores < 1:
        dulled = np.float32((1 - pores) * min(1.0, amount))
        cores += dulled * strength
        coarse *= 1 - dulled / np.float32(min(0.6, 0.5 * amount))
    found -= bands.fine * spread(cores)
    there = resized(strength, small)
    fold_share = np.where(luma_of(bands.folds) < 0, np.float32(1), np.float32(0.6)) * there
    fold_share *= np.float32(_FORM) + np.float32(1 - _FORM) * bands.narrow
    wide = bands.folds * spread(np.minimum(fold_share * np.float32(min(0.95, 1.22 * amount**0.7)), 1))
    wide += coarse * spread(there * np.float32(min(0.6, 0.5 * amount)))
    found -= resized(wide, (strength.shape[0], strength.shape[1]))
    return found


def _usual(band: Plane, strength: Plane) -> np.float32:
    """How strong a band usually is on this skin, stops: one standard deviation by the median, so that wrinkles don't count."""
    there = np.abs(band[::2, ::2][strength[::2, ::2] > 0.4])
    return np.float32(1.48 * (float(np.median(there)) if len(there) else 0.015) + 0.003)


def _cores(fine: Rgb, strength: Plane) -> Plane:
    """The share of the fine band that is darker than this skin's pores are, cores of wrinkles that no line was found for; and
    of what is brighter, the flecks that light leaves between them, most."""
    luma = luma_of(fine)
    most = np.float32(2.6) * _usual(luma, strength)
    return (1 - most / np.maximum(np.abs(luma), most)) * np.where(luma < 0, np.float32(1), np.float32(0.7))


def deepened(bands: Bands, strength: Plane, amount: float) -> Rgb:
    """What makes the skin older (h, w, 3), stops to add: its own lines and folds deeper, its texture coarser."""
    whole, small = (strength.shape[0], strength.shape[1]), (bands.folds.shape[0], bands.folds.shape[1])
    lines, folds = luma_of(bands.lines), luma_of(bands.folds)
    own = np.clip(resized(bands.run, whole) * np.float32(1.5), 0, 1)
    # what is deep already need not be deeper
    lines, folds = np.float32(0.25) * np.tanh(lines / np.float32(0.25)), np.float32(0.22) * np.tanh(folds / np.float32(0.22))
    deep = lines * own * np.where(lines < 0, np.float32(1.3 * 1.2 * amount), np.float32(1.3 * 0.3 * amount))
    folds *= resized(strength, small) * np.where(folds < 0, np.float32(0.75 * 1.2 * amount), np.float32(0.75 * 0.25 * amount))
    deep = deep * strength + resized(folds, whole)
    found = spread(deep) * GROOVE
    found += bands.fine * spread(np.float32(0.35 * amount) * strength)
    return np.clip(found, -0.9, 0.5, out=found)
