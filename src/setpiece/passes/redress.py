"""Names and meanings of the layers of a re-dressed photograph: the comp, and what a compositor needs to dress it again."""

from __future__ import annotations

import numpy as np

from setpiece.core.arrays import Plane
from setpiece.core.dressing import Redressed

REDRESS_MEANINGS: dict[str, str] = {
    "R": "finished comp, scene-linear ACEScg; outside of the matte the plate, to the bit",
    "G": "finished comp, scene-linear ACEScg; outside of the matte the plate, to the bit",
    "B": "finished comp, scene-linear ACEScg; outside of the matte the plate, to the bit",
    "A": "1 everywhere: the comp is a full picture",
    "albedo_new.R": "the new surface's own colour, ACEScg, 0..1; 0 where nothing",
    "albedo_new.G": "the new surface's own colour, ACEScg, 0..1; 0 where nothing",
    "albedo_new.B": "the new surface's own colour, ACEScg, 0..1; 0 where nothing",
    "shading.R": "the photograph's light on it: new albedo times this is the new surface",
    "shading.G": "the photograph's light on it: new albedo times this is the new surface",
    "shading.B": "the photograph's light on it: new albedo times this is the new surface",
    "matte.A": "share of the pixel that is new, 0..1",
    "uv.u": "where on the surface, metres to the right",
    "uv.v": "where on the surface, metres up",
    "plane.id": "which surface: 1 back, 2 left, 3 right, 4 floor, 5 ceiling; 1 the garment; 0 where nothing",
}
"""Every channel, in the order in which a compositor reads them."""

REDRESS_FLOAT32 = frozenset({"uv.u", "uv.v"})
"""A place on a wall needs more than half precision; the comp is as deep as its plate, all others are half."""


def redress_channels(made: Redressed) -> tuple[dict[str, Plane], frozenset[str]]:
    """Name every plane of a re-dressed picture; the channels, and the names among them that need 32 bits."""
    planes = [made.comp[..., k] for k in range(3)]
    planes.append(np.ones(made.matte.shape, np.float32))
    planes += [made.albedo[..., k] for k in range(3)]
    planes += [made.shading[..., k] for k in range(3)]
    planes += [made.matte, made.uv[..., 0], made.uv[..., 1], made.plane]
    named = zip(REDRESS_MEANINGS, (np.ascontiguousarray(plane) for plane in planes), strict=True)
    return dict(named), REDRESS_FLOAT32
