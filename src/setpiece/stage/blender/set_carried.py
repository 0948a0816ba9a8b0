"""The colour that light carries on from a surface: its pattern's mean.

A ray that a matt surface threw on lands anywhere: what it sees there is spread over a wall. To work out grain, joints, relief
and dirt for it costs half of a picture's time and changes nothing in it. It sees a plain surface of the pattern's mean colour
instead; the camera, and what mirrors show it, see all. The means were measured on two square metres of each kind.
Never imports bpy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Triple = tuple[float, float, float]
NONE: Triple = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Mean:
    """How a kind's mean is made up: shares of its own colour, of its second one where it has one, and what is its own
    always (mortar, grout), linear ACEScg."""

    own: float | Triple = 0.95
    second: float = 0.0
    rest: Triple = NONE


_USUAL = Mean()
_ALONE: Mapping[str, Mean] = {
    "asphalt": Mean(0.933), "bark": Mean(0.809), "brick": Mean(0.629, 0.0, (0.07, 0.065, 0.057)),
    "carpet": Mean(0.918, 0.0, (0.016, 0.016, 0.016)), "ceramic": Mean(0.916),
    "cobbles": Mean(0.619, 0.0, (0.012, 0.01, 0.008)), "concrete": Mean(0.866), "cotton": Mean(0.98),
    "denim": Mean(0.88, 0.0, (0.063, 0.065, 0.067)), "enamel": Mean(0.925),
    "floral": Mean(0.274, 0.0, (0.243, 0.166, 0.145)), "leather": Mean(0.917), "linen": Mean(0.982), "linoleum": Mean(0.93),
    "marble": Mean(0.799, 0.0, (0.019, 0.019, 0.019)), "parquet": Mean((0.78, 0.733, 0.681)), "pinstripe": Mean(0.983),
    "plaid": Mean(0.783, 0.0, (0.027, 0.01, 0.004)), "planks": Mean((0.786, 0.739, 0.685)), "rope": Mean(0.791),
    "rubber": Mean(0.983), "rug": Mean(0.395, 0.0, (0.12, 0.088, 0.049)), "silk": Mean(0.94), "skin": Mean(0.97),
    "snow": Mean(0.965), "soil": Mean(0.686), "stone": Mean(0.722, 0.0, (0.016, 0.015, 0.013)),
    "terrazzo": Mean(0.728, 0.0, (0.118, 0.113, 0.102)), "tiles": Mean(0.888, 0.0, (0.017, 0.015, 0.013)),
    "tweed": Mean((0.694, 0.691, 0.687)), "velvet": Mean(0.575), "wallpaper": Mean(0.781), "water": Mean(0.49),
    "wood": Mean((0.765, 0.72, 0.668)), "wool": Mean(0.987),
}  # fmt: skip
_PAIRED: Mapping[str, Mean] = {
    "brick": Mean(0.408, 0.367, (0.07, 0.065, 0.057)), "carpet": Mean(0.815, 0.103, (0.016, 0.016, 0.016)),
    "ceramic": Mean(0.601, 0.323), "cobbles": Mean(0.365, 0.391, (0.012, 0.01, 0.008)), "denim": Mean(0.88, 0.101),
    "floral": Mean(0.274, 0.147, (0.176, 0.157, 0.132)), "linoleum": Mean(0.465, 0.464), "marble": Mean(0.723, 0.191),
    "plaid": Mean(0.719, 0.214, (0.027, 0.01, 0.004)), "rug": Mean(0.395, 0.261, (0.01, 0.01, 0.013)),
    "stone": Mean(0.433, 0.482, (0.016, 0.015, 0.013)), "terrazzo": Mean(0.728, 0.083, (0.064, 0.061, 0.056)),
    "tweed": Mean((0.5, 0.497, 0.493), 0.485),
}  # fmt: skip
_BY_SEED: Mapping[str, tuple[Mean, ...]] = {  # a seed chooses the pattern of two colours
    "wallpaper": (Mean(0.342, 0.611), Mean(0.188, 0.765), Mean(0.894, 0.059), Mean(0.859, 0.095)),
    "tiles": (Mean(0.441, 0.445, (0.017, 0.015, 0.013)), Mean(0.611, 0.214, (0.026, 0.024, 0.022))),
}
DETAILED = frozenset({"picture", "poster", "book", "rust", "mirror", "chrome", "metal"})
"""Kinds that light sees as they are: their colours are no sum of shares, or they throw it on as mirrors do."""


def carried(row: Mapping[str, Any]) -> Triple | None:
    """The mean colour, linear ACEScg, of a material's row (:mod:`setpiece.stage.blender.set_job`); None where light sees all
    of it."""
    kind = row["kind"]
    if kind in DETAILED:
        return None
    second = row["colour_2"]
    if second is None:
        mean, second = _ALONE.get(kind, _USUAL), row["colour"]
    elif kind in _BY_SEED:
        mean = _BY_SEED[kind][int(row["seed"]) % len(_BY_SEED[kind])]
    else:
        mean = _PAIRED.get(kind) or _ALONE.get(kind, _USUAL)
    own = mean.own if isinstance(mean.own, tuple) else (mean.own,) * 3
    red, green, blue = (
        share * one + mean.second * two + rest
        for share, one, two, rest in zip(own, row["colour"], second, mean.rest, strict=True)
    )
    return red, green, blue
