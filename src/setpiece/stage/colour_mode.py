"""The commonest colour of a part of a picture, whatever the light's level: where its log chromaticities crowd most."""

from __future__ import annotations

import cv2
import numpy as np

from setpiece.core.arrays import Mask, Plane

_REACH = 6.0  # log chromaticities beyond are counted at the end


def commonest(a: Plane, b: Plane, where: Mask, *, step: float, spread: float, weight: np.ndarray | None = None) -> np.ndarray:
    """(a, b) of the mode of the planes ``a`` and ``b`` over ``where``, in cells of ``step``, smoothed over ``spread``
    cells; ``weight`` (n,) is each pixel's."""
    cells = round(2 * _REACH / step)
    i, j = (np.clip(((plane[where] + _REACH) / step).astype(int), 0, cells - 1) for plane in (a, b))
    counts = np.bincount(i * cells + j, weights=weight, minlength=cells * cells).reshape(cells, cells)
    counts = cv2.GaussianBlur(counts.astype(np.float32), (0, 0), spread)
    at = np.array(np.unravel_index(int(np.argmax(counts)), counts.shape), np.float64)
    return (at + 0.5) * step - _REACH
