"""A garment taken apart: the cloth's own colour, the light on its folds, and its sheen.

Place in the flow: before a garment is dyed or made of another cloth. What a dyed cloth shows is its colour times the light,
and some of the light as it is, mirrored by the fibres (Shafer 1985): two known colours, so two shares a pixel, by least
squares. The first is the shading that a new cloth gets; the second is sheen, which a satin keeps and a tweed loses. A grey
cloth has the light's own colour: there all is shading. It refuses nothing that :mod:`.shading` does not.
"""

from __future__ import annotations

from types import MappingProxyType

import cv2
import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.dressing import Colour, Separation
from setpiece.integrate.shading import LUMA, separate

SHEEN = MappingProxyType({"plain": 0.7, "satin": 1.6, "pinstripe": 0.5, "plaid": 0.5, "floral": 0.7, "tweed": 0.2})
LUSTRE = MappingProxyType({"satin": 0.30, "tweed": -0.10})  # how much more, or less, the light on folds contrasts
_ALIKE = 0.02  # squared sine between the cloth's colour and the light's below which they are not told apart


def separate_cloth(
    picture: Rgb, coverage: Plane, old: Colour, light: Colour, *, pattern_px: float = 0.0
) -> tuple[Separation, Rgb]:
    """Take a garment apart: its :class:`Separation` and its sheen (h, w, 3), in the picture's light.

    ``picture`` (h, w, 3) without grain, scene-linear ACEScg; ``old`` the cloth's mean albedo, ``light`` the light's colour;
    ``pattern_px`` the size of an old pattern that is to go, 0: a plain cloth. Raises StageError where nothing of it is seen.
    """
    whole = separate(picture, coverage, old, texture_px=pattern_px)
    nothing = np.zeros_like(picture)
    lit = np.array(light, np.float32)
    lit = lit / float(lit @ LUMA)
    dyed = np.array(old, np.float32) * lit
    dyed = dyed / max(float(dyed @ LUMA), 1e-6)
    a, b = dyed / np.linalg.norm(dyed), lit / np.linalg.norm(lit)
    if pattern_px > 0 or 1 - float(a @ b) ** 2 < _ALIKE:
        return whole, nothing
    shade, sheen = _shares(whole.surface, dyed, lit, 1 - float(a @ b) ** 2)
    mean = np.array(old, np.float32)
    shading = shade[..., None] * dyed / mean
    return Separation(albedo=whole.albedo, shading=shading.astype(np.float32), surface=whole.surface), sheen[..., None] * lit


def _shares(surface: Rgb, dyed: np.ndarray, lit: np.ndarray, apart: float) -> tuple[Plane, Plane]:
    """How much of each pixel is dyed cloth and how much is mirrored light; neither negative. Sheen is held to what stands out:
    the more alike the two colours are, the more."""
    dd, ll, dl = float(dyed @ dyed), float(lit @ lit), float(dyed @ lit)
    held = ll * (1 + 0.05 / apart)
    d, m = surface @ dyed, surface @ lit
    determinant = dd * held - dl * dl
    sheen = np.maximum((dd * m - dl * d) / determinant, 0)
    sheen = np.minimum(cv2.GaussianBlur(sheen.astype(np.float32), (0, 0), 0.8), sheen)
    shade = np.maximum((d - sheen * dl) / dd, 0)
    return shade.astype(np.float32), sheen.astype(np.float32)


def lustrous(shading: Rgb, coverage: Plane, cloth: str) -> Rgb:
    """The light on folds as ``cloth`` takes it: satin gathers it, tweed spreads it; others as it is."""
    power = LUSTRE.get(cloth, 0.0)
    if power == 0:
        return shading
    level = shading @ LUMA
    sure = coverage > 0.9
    middle = float(np.median(level[sure])) if sure.any() else 1.0
    gain = np.clip(level / max(middle, 1e-6), 0.05, 8.0) ** np.float32(power)
    return (shading * gain[..., None]).astype(np.float32)
