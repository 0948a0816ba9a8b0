"""From scene-linear plates to the display-referred pictures that models were trained on, and back: stated and invertible.

The way there, per pixel: ACEScg → linear Rec. 709 primaries (one matrix), times ``2 ** exposure_stops``, then a curve:
the sRGB curve up to ``knee``, above it a logarithmic shoulder that meets it in value and slope and reaches 1 at
``white``. The curve is odd, so that colours outside of Rec. 709 keep their sign, and goes on above 1: it loses nothing.

A model sees 0..1 only, so what leaves for it is clamped there and nowhere else. What the clamp took from the plate is
kept, and comes back where the model left the picture as it saw it (:func:`recombined`): highlights stay the plate's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from setpiece.core.arrays import Float32, Rgb
from setpiece.core.errors import StageError

# ACEScg (AP1, about D60) to linear Rec. 709 (D65), Bradford adaptation: ACES technical documentation, CTL library.
_TO_709 = np.array(
    [
        [1.7050509926579815, -0.6217921206700561, -0.0832588719879255],
        [-0.1302564175070435, 1.1408047365754048, -0.0105483190683613],
        [-0.0240033568046181, -0.1289689760649192, 1.1529723328695373],
    ]
)
_FROM_709 = np.linalg.inv(_TO_709)
_NEAR, _FAR = 0.02, 0.10  # a model's pixel within _NEAR of what it saw left it alone; beyond _FAR it painted anew


@dataclass(frozen=True, kw_only=True)
class Look:
    """The transform: ``exposure_stops`` before the curve, ``knee`` and ``white`` in linear light after exposure."""

    exposure_stops: float = 0.0
    knee: float = 0.5
    white: float = 8.0

    def __post_init__(self) -> None:
        if not 0.05 <= self.knee < 1.0 <= self.white <= 1e4 or abs(self.exposure_stops) > 16:
            raise StageError(
                f"no curve has its knee at {self.knee}, white at {self.white}, exposure {self.exposure_stops}",
                remedy="state a knee of 0.05..1, a white of 1..10000 and an exposure within 16 stops",
            )

    @cached_property
    def _shoulder(self) -> tuple[float, float, float]:
        """(value at the knee, length ``a``, reach ``b``): above the knee ``y = at + a * ln(1 + (x - knee) / b)``, where
        ``a = slope * b``, and ``b`` is such that ``y(white) = 1``: the sRGB curve is concave, so there is one."""
        at = float(1.055 * self.knee ** (1 / 2.4) - 0.055)
        slope = float(1.055 / 2.4 * self.knee ** (1 / 2.4 - 1))
        wanted, room = (1 - at) / slope, self.white - self.knee
        low, high = 1e-12, 1e12
        for _ in range(200):  # b * ln(1 + room / b) rises with b
            b = (low * high) ** 0.5
            low, high = (b, high) if b * np.log1p(room / b) < wanted else (low, b)
        return at, slope * b, b

    def to_model(self, pixels: Rgb) -> Float32[np.ndarray, "h w 3"]:
        """ACEScg (h, w, 3), unbounded → display-referred, unbounded; 0..1 is what a model sees."""
        at, a, b = self._shoulder
        linear = pixels.astype(np.float64) @ _TO_709.T * 2.0**self.exposure_stops
        size = np.abs(linear)
        low = np.where(size <= 0.0031308, 12.92 * size, 1.055 * np.maximum(size, 1e-9) ** (1 / 2.4) - 0.055)
        coded = np.where(size <= self.knee, low, at + a * np.log1p(np.maximum(size - self.knee, 0) / b))
        return np.asarray(np.copysign(coded, linear), np.float32)

    def to_scene(self, coded: Rgb) -> Rgb:
        """Inverse of :meth:`to_model`: display-referred (h, w, 3) → ACEScg."""
        at, a, b = self._shoulder
        size = np.abs(coded.astype(np.float64))
        low = np.where(size <= 12.92 * 0.0031308, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)
        linear = np.where(size <= at, low, self.knee + b * np.expm1(np.maximum(size - at, 0) / a))
        linear = np.copysign(linear, coded) * 2.0**-self.exposure_stops
        return np.asarray(linear @ _FROM_709.T, np.float32)


def seen(coded: Rgb) -> Rgb:
    """What a model can see of a display-referred picture: 0..1. The only clamp on the way."""
    return np.clip(coded, 0.0, 1.0)


def recombined(made: Rgb, plate: Rgb, look: Look) -> Rgb:
    """A model's picture ``made`` (h, w, 3), 0..1, in ACEScg, with what the clamp took from ``plate`` (ACEScg) given back.

    Whole where the model left the plate as it saw it (within 2 % of the code range in every channel), fading to nothing at
    10 %: a highlight that was painted over does not shine through.
    """
    coded = look.to_model(plate)
    shown = seen(coded)
    taken = plate - look.to_scene(shown)
    away = np.abs(made - shown).max(axis=2, keepdims=True)
    share = np.clip((_FAR - away) / (_FAR - _NEAR), 0.0, 1.0).astype(np.float32)
    clipped = (coded != shown).any(axis=2, keepdims=True)
    return np.asarray(look.to_scene(made) + np.where(clipped, share * taken, 0), np.float32)
