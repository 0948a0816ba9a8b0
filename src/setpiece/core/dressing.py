"""New surfaces for old pictures: what a wall, a floor or a garment is dressed with, as frozen values.

Colours are albedo, scene-linear ACEScg, 0..1. Lengths in metres on the surface itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb, frozen

Colour = tuple[float, float, float]
WALL_COVERS = ("paint", "stripes", "damask", "check", "tiles", "planks", "parquet", "panelling")
FABRICS = ("plain", "satin", "pinstripe", "plaid", "floral", "tweed")
PLANES = ("back", "left", "right", "floor", "ceiling")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """A paint, paper, panelling, flooring or cloth. ``kind`` is one of WALL_COVERS or FABRICS; ``colours`` ground first;
    ``repeat_m`` the pattern's repeat; ``turn_deg`` turns it counter-clockwise; ``seed`` decides what differs piece by piece."""

    kind: str
    colours: tuple[Colour, ...]
    repeat_m: float
    turn_deg: float = 0.0
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """A surface taken apart: ``albedo`` (h, w, 3) its old own colour, ``shading`` (h, w, 3) the light on it as the picture
    shows it (1: what a white surface in the middle of the light would show), ``surface`` (h, w, 3) what it looks like, without
    grain, carried on under what stands in front of it. Scene-linear ACEScg."""

    albedo: Rgb
    shading: Rgb
    surface: Rgb

    def __post_init__(self) -> None:
        for array in (self.albedo, self.shading, self.surface):
            frozen(array)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redressed:
    """A picture with something of it re-dressed. ``comp`` (h, w, 3); ``albedo`` and ``shading`` (h, w, 3) of what is new, 0
    elsewhere; ``matte`` (h, w) its share of each pixel; ``uv`` (h, w, 2) metres on the surface; ``plane`` (h, w) its number
    from 1, 0 where nothing. Outside the matte the comp is the plate to the bit."""

    comp: Rgb
    albedo: Rgb
    shading: Rgb
    matte: Plane
    uv: Float32[np.ndarray, "h w 2"]
    plane: Plane

    def __post_init__(self) -> None:
        for array in (self.comp, self.albedo, self.shading, self.matte, self.uv, self.plane):
            frozen(array)
