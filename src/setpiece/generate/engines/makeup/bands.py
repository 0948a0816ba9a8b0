"""The skin's relief in bands, and what is taken from them or added to them; all in stops.

Three bands lie over a base that follows the form of the face: *lines* (what runs on along its own direction: a wrinkle's
core), the rest of the *fine* band, and *folds*. Pores run nowhere, so an average along the line's own direction leaves
them where they are: that is how a wrinkle goes and the pores stay. All means are weighted by the skin's matte, so that
eyes, lips and hair never bleed in; and the base listens little to valleys, or every fold would leave its shadow in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.generate.engines.makeup.matte import luma_of

FINE, FOLD = 0.045, 0.16  # sigmas, of the distance between the eyes
LINE_REACH = 0.075  # to either side along a line
_TAPS = 4  # to either side
GROOVE = np.array([0.94, 1.0, 1.04], np.float32)  # per channel: a groove is warm, light in it has met skin twice
_VALLEY = 0.18  # stops below the base at which a pixel counts as a valley


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


def mean_over(values: Float32[np.ndarray, "h w *c"], weight: Plane, sigma: float) -> Float32[np.ndarray, "h w *c"]:
    """The mean of ``values`` around each pixel, weighted (Knutsson and Westin 1993, normalised convolution)."""
    wide = weight if values.ndim == 2 else weight[..., None]
    amount = blur(weight, sigma) + 1e-4
    return blur(values * wide, sigma) / (amount if values.ndim == 2 else amount[..., None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """``lines``, ``fine`` (without the lines) and ``folds`` (h, w, 3) in stops; ``base`` what lies under them; ``dark``
    (h, w) the luminance of lines and folds, negative in a valley; ``run`` (h, w) 0..1 how clearly something runs there."""

    lines: Rgb
    fine: Rgb
    folds: Rgb
    base: Rgb
    run: Plane


def bands_of(stops: Rgb, skin: Plane, unit: float) -> Bands:
    """Part a picture in stops (eyes ``unit`` px apart) by its skin matte."""
    near = mean_over(stops, skin, FINE * unit)
    wide = luma_of(mean_over(near, skin, FOLD * unit))
    below = np.minimum(luma_of(near) - wide, 0) / np.float32(_VALLEY)
    weight = skin * (np.exp(-below * below) + np.float32(0.02))
    base = mean_over(near, weight, FOLD * unit)
    detail = stops - near
    lines, run = _along(detail, luma_of(stops), unit)
    return Bands(lines=lines, fine=detail - lines, folds=near - base, base=base, run=run)


def _along(detail: Rgb, luma: Plane, unit: float) -> tuple[Rgb, Plane]:
    """``detail`` averaged along the direction in which the picture runs, and how clearly it runs (structure tensor,
    Förstner and Gülch 1987; coherence, Weickert 1999)."""
    import cv2

    smooth = blur(luma, max(0.7, 0.010 * unit))
    dx, dy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=0.125)
    tensor = blur(np.dstack([dx * dx, dy * dy, dx * dy]), 0.03 * unit)
    xx, yy, xy = cv2.split(tensor)
    apart = np.sqrt((xx - yy) ** 2 + 4 * xy * xy)
    run = (apart / (xx + yy + np.float32(1e-5))) ** 2
    turn = 0.5 * np.arctan2(2 * xy, xx - yy) + np.float32(np.pi / 2)
    step_x, step_y = np.cos(turn), np.sin(turn)
    rows, columns = np.indices(luma.shape, np.float32)
    total = detail.copy()
    weights = 1.0
    for tap in range(1, _TAPS + 1):
        share = float(np.exp(-0.5 * (tap / _TAPS * 1.6) ** 2))
        reach = np.float32(tap * LINE_REACH * unit / _TAPS)
        for sign in (-reach, reach):
            seen = cv2.remap(
                detail, columns + step_x * sign, rows + step_y * sign, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
            )
            total += seen * np.float32(share)
        weights += 2 * share
    return total / np.float32(weights), run


def smoothed(bands: Bands, strength: Plane, amount: float, unit: float, pores: float = 1.0) -> Rgb:
    """What makes the skin younger (h, w, 3), stops to add: valleys go first, ridges less, pores not at all.

    ``strength`` (h, w) is matte times region; ``amount`` 0..1.3: 1 is thirty years.
    ``pores`` 0..1 is how much of what is finer than a line stays.
    """
    lines, folds = luma_of(bands.lines), luma_of(bands.folds)
    common = np.float32(1.5) * _usual(lines, strength)
    line_share = (
        np.minimum(1.0, 1.45 * amount**0.6)
        * strength
        * np.where(lines < 0, 1.0, 0.75)
        / (1 + (common / (np.abs(lines) + np.float32(1e-4))) ** 2)
    )
    fold_share = np.minimum(0.95, 1.22 * amount**0.7) * strength * np.where(folds < 0, 1.0, 0.6)
    rest = np.minimum(0.6, 0.5 * amount) * strength
    found = bands.lines * -np.minimum(line_share, 1)[..., None]
    found -= bands.folds * np.minimum(fold_share, 1)[..., None].astype(np.float32)
    found -= _cores(bands.fine, strength) * np.minimum(1.3 * amount, 1) * strength[..., None]
    coarse = blur(bands.fine, 0.024 * unit)
    found -= coarse * rest[..., None]
    if pores < 1:
        found -= (bands.fine - coarse) * ((1 - pores) * min(1.0, amount) * strength)[..., None]
    return found.astype(np.float32)


def _usual(band: Plane, strength: Plane) -> np.float32:
    """How strong a band usually is on this skin, stops: one standard deviation by the median, so that wrinkles don't count."""
    there = np.abs(band[::2, ::2][strength[::2, ::2] > 0.4])
    return np.float32(1.48 * (float(np.median(there)) if len(there) else 0.015) + 0.003)


def _cores(fine: Rgb, strength: Plane) -> Rgb:
    """What in the fine band is darker than this skin's pores are: cores of wrinkles that no line was found for."""
    luma = luma_of(fine)
    most = np.float32(2.6) * _usual(luma, strength)
    share = 1 - most / np.maximum(-luma, most)
    return fine * share[..., None]


def deepened(bands: Bands, strength: Plane, amount: float) -> Rgb:
    """What makes the skin older (h, w, 3), stops to add: its own lines and folds deeper, its texture coarser."""
    lines, folds = luma_of(bands.lines), luma_of(bands.folds)
    own = np.clip(bands.run * 1.5, 0, 1)
    lines, folds = 0.25 * np.tanh(lines / 0.25), 0.22 * np.tanh(folds / 0.22)  # what is deep already need not be deeper
    deep = lines * (1.3 * amount * strength * own * np.where(lines < 0, 1.2, 0.3))
    deep += folds * (0.75 * amount * strength * np.where(folds < 0, 1.2, 0.25))
    found = deep[..., None] * GROOVE + bands.fine * (0.35 * amount * strength)[..., None]
    return np.clip(found, -0.9, 0.5).astype(np.float32)
