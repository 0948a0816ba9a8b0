"""Fabrics: what a square metre weighs, how it resists and bends, how thick and wide it is, and how it looks.

Place in the flow: a look's fabric and colours -> here -> draping, yardage, materials. Weights, thicknesses and bolt widths are
the trade's usual ones for the named cloth. Stretch and shear are in newtons a metre, of the order that the Kawabata evaluation
system finds at small strain (Kawabata, 1980: warp and weft some hundreds to thousands, shear a tenth of it). ``bending`` is the
solver's own scale, 1 for a suiting; it follows the measured order chiffon < satin < poplin < suiting < denim < leather.
"""

from __future__ import annotations

from dataclasses import dataclass

from setpiece.core.errors import BriefError
from setpiece.core.garment import Cloth
from setpiece.core.scene import MaterialKind, SceneMaterial
from setpiece.stage.sets.making import linear


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fabric:
    kind: MaterialKind
    weight: float
    stretch: float
    shear: float
    bending: float
    thick: float
    width: float
    roughness: float | None = None


_K = MaterialKind
_FABRICS: dict[str, _Fabric] = {
    "cotton": _Fabric(kind=_K.COTTON, weight=0.125, stretch=2600, shear=260, bending=0.45, thick=0.0004, width=1.50),
    "linen": _Fabric(kind=_K.LINEN, weight=0.19, stretch=3000, shear=280, bending=0.8, thick=0.0006, width=1.45),
    "silk": _Fabric(kind=_K.SILK, weight=0.085, stretch=2200, shear=120, bending=0.09, thick=0.0003, width=1.40),
    "sheer": _Fabric(kind=_K.SHEER, weight=0.045, stretch=1800, shear=80, bending=0.05, thick=0.0002, width=1.40),
    "wool": _Fabric(kind=_K.WOOL, weight=0.28, stretch=2200, shear=220, bending=1.0, thick=0.0011, width=1.50),
    "tweed": _Fabric(kind=_K.TWEED, weight=0.42, stretch=2400, shear=260, bending=2.4, thick=0.0019, width=1.50),
    "pinstripe": _Fabric(kind=_K.PINSTRIPE, weight=0.27, stretch=2300, shear=220, bending=1.0, thick=0.0008, width=1.50),
    "plaid": _Fabric(kind=_K.PLAID, weight=0.30, stretch=2200, shear=220, bending=1.3, thick=0.0012, width=1.50),
    "floral": _Fabric(kind=_K.FLORAL, weight=0.12, stretch=2400, shear=220, bending=0.35, thick=0.0004, width=1.45),
    "denim": _Fabric(kind=_K.DENIM, weight=0.40, stretch=4500, shear=600, bending=3.5, thick=0.0011, width=1.50),
    "velvet": _Fabric(kind=_K.VELVET, weight=0.32, stretch=2000, shear=200, bending=1.2, thick=0.0020, width=1.40),
    "leather": _Fabric(kind=_K.LEATHER, weight=0.75, stretch=6000, shear=2500, bending=9.0, thick=0.0012, width=1.30),
}
FABRICS = tuple(_FABRICS)
ONE_WAY = frozenset({"velvet", "floral"})
"""Cloths whose pieces all lie one way: a nap, a print with a head."""


def cloth(fabric: str, colour: str, colour_2: str | None = None, *, wear: float = 0.12, seed: int = 1) -> Cloth:
    """A fabric in a colourway (``#rrggbb``, display-referred sRGB). Raises BriefError for a fabric that is not there.

    >>> cloth("denim", "#27395c").weight_kg_m2
    0.4
    """
    if fabric not in _FABRICS:
        raise BriefError(f"there is no fabric '{fabric}'", remedy=f"fabrics are {', '.join(FABRICS)}")
    own = _FABRICS[fabric]
    look = SceneMaterial(
        kind=own.kind, colour=linear(colour), colour_2=None if colour_2 is None else linear(colour_2),
        roughness=own.roughness, wear=wear, seed=seed,
    )  # fmt: skip
    return Cloth(
        name=fabric, weight_kg_m2=own.weight, stretch_n_m=own.stretch, shear_n_m=own.shear, bending=own.bending,
        thickness_m=own.thick, width_m=own.width, material=look,
    )  # fmt: skip
