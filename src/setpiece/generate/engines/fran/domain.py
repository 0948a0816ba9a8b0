"""The picture as the network sees it: display-like codes, of which every scene-linear value has one, and back.

Place in the flow: around the network, in training and in a shot alike. Codes are Rec.709 through the sRGB curve (IEC
61966-2-1) from 0 to 1; above 1 the curve goes on as a logarithm of the same slope, below 0 it is mirrored. So highlights
and out-of-gamut colours survive the way there and back; nothing is clipped.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from setpiece.core.arrays import Float32, Rgb
from setpiece.media.colour import from_acescg

_TOE, _TOE_SLOPE, _SCALE, _OFFSET, _POWER = 0.0031308, 12.92, 1.055, 0.055, 2.4  # IEC 61966-2-1
_SLOPE = _SCALE / _POWER  # of that curve at 1
_SHOULDER = 0.25  # how slowly the codes of highlights rise: 16 times white is 1.83


@lru_cache(maxsize=1)
def _to_709() -> Float32[np.ndarray, "3 3"]:
    """ACEScg to linear Rec.709, for row vectors, float64."""
    return from_acescg(np.eye(3, dtype=np.float32), "Linear Rec.709 (sRGB)").astype(np.float64)


def encoded(pixels: Rgb) -> Rgb:
    """Codes (…, 3) of scene-linear ACEScg (…, 3), float32. Display white is 1.

    >>> [round(float(v), 4) for v in encoded(np.array([[0.18, 0.18, 0.18]], np.float32))[0]]
    [0.4614, 0.4614, 0.4614]
    """
    linear = np.asarray(pixels, np.float64) @ _to_709()
    size = np.abs(linear)
    middle = _SCALE * np.power(np.clip(size, _TOE, 1.0), 1 / _POWER) - _OFFSET
    high = 1 + _SHOULDER * np.log1p(np.maximum(size - 1, 0) * (_SLOPE / _SHOULDER))
    code = np.where(size <= _TOE, _TOE_SLOPE * size, np.where(size <= 1, middle, high))
    return np.copysign(code, linear).astype(np.float32)


def decoded(codes: Rgb) -> Rgb:
    """Scene-linear ACEScg (…, 3), float32, of codes (…, 3): the inverse of :func:`encoded`."""
    code = np.abs(np.asarray(codes, np.float64))
    middle = np.power((np.clip(code, 0.0, 1.0) + _OFFSET) / _SCALE, _POWER)
    high = 1 + np.expm1(np.maximum(code - 1, 0) / _SHOULDER) * (_SHOULDER / _SLOPE)
    size = np.where(code <= _TOE * _TOE_SLOPE, code / _TOE_SLOPE, np.where(code <= 1, middle, high))
    return (np.copysign(size, codes) @ np.linalg.inv(_to_709())).astype(np.float32)
