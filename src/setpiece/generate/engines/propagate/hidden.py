"""What stands before the retouched surface: a hand, hair, a microphone.

A surface under other light differs from its keyframes by what changes slowly over the whole of it. What stands before it
differs in everything: level, hue, and the fine structure that only the surface itself has. Small disagreements are
everywhere (a blink, a crease); an occluder is a region of them with a strong core, so it is found by hysteresis (Canny
1986) on their sum, gathered over a neighbourhood. Light is in stops; all of it happens at the mixture's size.
"""

from __future__ import annotations

import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.generate.engines.propagate.flow import LUMA

LEVEL, WARMTH, TINT, LIKENESS = 0.40, 0.20, 0.06, 0.35  # a disagreement of 1: stops of luma, red-blue, green; correlation
MOST = 4.0  # that one kind of disagreement counts at most
WEAK, STRONG = 2.5, 4.0  # sum of them at the rim of an occluder, and in its core
NEAR = 1 / 77  # of the chart's width: sigma over which they are gathered
CORE = 1 / 1000  # of the chart's area: a core that certainly is one
GRAIN = 0.03  # stops: detail below this is nobody's
_FOLD = 4


def hidden(here: Rgb, expected: Rgb, held: Plane) -> Plane:
    """How far something covers the surface, (h, w) 0..1.

    ``here`` (h, w, 3) is the frame's light, ``expected`` that of the aligned keyframes, in stops; ``held`` (h, w) 0..1 is
    where the retouch lies. All 0 where there is no retouch.
    """
    import cv2

    about = held > 0.3
    if not about.any():
        return np.zeros(here.shape[:2], np.float32)
    width = here.shape[1]
    gathered = cv2.GaussianBlur(_disagreement(here, expected, about), (0, 0), width * NEAR)
    count, label = cv2.connectedComponents((gathered > WEAK).astype(np.uint8), connectivity=4)
    core = np.bincount(label.ravel(), ((gathered > STRONG) & (held > 0.05)).ravel(), minlength=count)
    sure = np.clip(core / (CORE * label.size), 0, 1).astype(np.float32)
    sure[0] = 0
    found = sure[label]
    closing = 2 * round(width / 48) + 1
    found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (closing, closing)))
    # gathering widened it
    found = cv2.erode(found, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(width / 96) + 1,) * 2))
    return cv2.GaussianBlur(found, (0, 0), max(0.8, width / 240))


def _disagreement(here: Rgb, expected: Rgb, about: np.ndarray) -> Plane:
    """The sum of all kinds of disagreement, each squared and bounded (h, w)."""
    import cv2

    apart = here - expected
    apart -= _light(apart, about)
    apart = cv2.GaussianBlur(apart, (0, 0), max(0.8, apart.shape[1] / 192))
    red, green, blue = cv2.split(apart)
    level = cv2.transform(apart, LUMA[None])
    kinds = ((level, LEVEL), (red - blue, WARMTH), (green - 0.5 * (red + blue), TINT))
    total = np.zeros(about.shape, np.float32)
    for kind, one in kinds:
        total += np.minimum(np.square(kind / np.float32(one)), MOST)
    unlike = 1 - _likeness(cv2.transform(here, LUMA[None]), cv2.transform(expected, LUMA[None]))
    total += np.minimum(np.square(unlike / np.float32(LIKENESS)), MOST)
    return total


def _likeness(one: Plane, other: Plane) -> Plane:
    """Normalised correlation of fine structure (h, w): 1 alike; near 0 where one of them has none."""
    import cv2

    sigma = max(1.5, one.shape[1] / 64)
    fine = [plane - cv2.GaussianBlur(plane, (0, 0), sigma) for plane in (one, other)]
    own, theirs, both = (cv2.GaussianBlur(fine[i] * fine[j], (0, 0), sigma) for i, j in ((0, 0), (1, 1), (0, 1)))
    return both / np.sqrt((own + GRAIN**2) * (theirs + GRAIN**2))


def _light(apart: Rgb, about: np.ndarray) -> Rgb:
    """What a change of light explains of ``apart``: a smooth slope over the surface, fitted so that what stands out of it
    does not count (iterated weights, Geman and McClure 1987)."""
    import cv2

    height, width = about.shape
    size = (max(2, width // _FOLD), max(2, height // _FOLD))
    small = cv2.resize(apart, size, interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float64)
    inside = cv2.resize(about.astype(np.float32), size, interpolation=cv2.INTER_AREA).reshape(-1).astype(np.float64)
    slopes = _slopes(*size).reshape(-1, 6)
    used = inside > 0
    small, slopes, inside = small[used], slopes[used], inside[used]
    away = np.abs(small - np.median(small, 0)).max(1)
    stiff = np.diag([0, 0.1, 0.1, 1, 1, 1]) * 1e-2 * inside.sum() + 1e-9 * np.eye(6)
    found = np.zeros((6, 3))
    for scale in (0.4, 0.3, 0.25, 0.2, 0.15, 0.15):
        weighted = slopes * (inside / np.square(1 + np.square(away / scale)))[:, None]
        found = np.linalg.solve(weighted.T @ slopes + stiff, weighted.T @ small)
        away = np.abs(small - slopes @ found).max(1)
    return (_slopes(width, height) @ found).astype(np.float32)


def _slopes(width: int, height: int) -> np.ndarray:
    """The parabolas of a picture of that size, (h, w, 6): constant, slopes, curvatures."""
    x, y = np.meshgrid((np.arange(width) + 0.5) / width * 2 - 1, (np.arange(height) + 0.5) / height * 2 - 1)
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1)
