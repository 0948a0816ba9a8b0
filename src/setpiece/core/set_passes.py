"""What a view of a set knows of every pixel beside its colour: the passes that finish it elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Int32, Plane, Rgb, frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPasses:
    """Planes of one view, float32, all of its size.

    ``depth`` metres along the viewing axis, +inf where there is sky; ``normal`` world, unit, 0 on sky; ``position`` world
    metres, 0 on sky; ``albedo`` ACEScg reflectance 0..1; ``ids`` (h, w, r) index ``names``, -1 none, by descending
    ``coverage``; ``lines`` 0..1, 1 where a draughtsman would draw; ``light`` by group: unexposed ACEScg that sums to the
    picture before denoising. ``categories`` is each name's segmentation class.
    """

    depth: Plane
    normal: Rgb
    position: Rgb
    albedo: Rgb
    ids: Int32[np.ndarray, "h w r"]
    coverage: Float32[np.ndarray, "h w r"]
    lines: Plane
    light: Mapping[str, Rgb]
    names: tuple[str, ...]
    categories: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("depth", "normal", "position", "albedo", "ids", "coverage", "lines"):
            frozen(getattr(self, name))
