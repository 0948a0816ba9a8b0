"""Names and meanings of the layers of a retouched frame: the comp, and what a compositor needs to dial it back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.core.errors import StageError

RETOUCH_MEANINGS: dict[str, str] = {
    "R": "finished comp, scene-linear ACEScg; outside of the matte the plate, to the bit",
    "G": "finished comp, scene-linear ACEScg; outside of the matte the plate, to the bit",
    "B": "finished comp, scene-linear ACEScg; outside of the matte the plate, to the bit",
    "A": "1 everywhere: the comp is a full picture",
    "delta.R": "retouch as a gain, stops: log2 of (comp + 0.02) over (warped plate + 0.02); 0 where nothing",
    "delta.G": "retouch as a gain, stops; 0 where nothing",
    "delta.B": "retouch as a gain, stops; 0 where nothing",
    "warp.u": "where the retouch fetches the plate, px relative to the pixel, + right",
    "warp.v": "where the retouch fetches the plate, px relative to the pixel, + up",
    "matte.A": "where the retouch holds, 0..1",
    "uv.u": "the skin point under the pixel, in the face's own chart, 0..1; 0 outside",
    "uv.v": "the skin point under the pixel, in the face's own chart, 0..1; 0 outside",
    "confidence.Y": "how sure the engine is, 0..1",
}
"""Every channel, in the order in which a compositor reads them."""

RETOUCH_FLOAT32 = frozenset({"uv.u", "uv.v"})
"""A skin point needs more than half precision; the comp is as deep as its plate, all others are half."""


def retouch_channels(
    comp: Rgb, planes: Mapping[str, Float32[np.ndarray, "h w c"]] | None, frame: int
) -> tuple[dict[str, Plane], frozenset[str]]:
    """Name every plane of a retouched frame; ``planes`` are those of :func:`setpiece.integrate.retouch.layers`, None where
    nothing was done. Returns the channels and the names among them that need 32 bits."""
    shape = comp.shape[:2]
    nothing = np.zeros(shape, np.float32)
    found = {} if planes is None else planes
    for name, layer in found.items():
        if layer.shape[:2] != shape:
            raise StageError(
                f"layer '{name}' is {layer.shape[1]}x{layer.shape[0]}, the comp {shape[1]}x{shape[0]}",
                frame=frame,
                remedy="make both from one plate",
            )

    def plane(name: str, index: int) -> Plane:
        return np.ascontiguousarray(found[name][..., index]) if name in found else nothing

    ordered = [comp[..., k] for k in range(3)]
    ordered.append(np.ones(shape, np.float32))
    ordered += [plane("delta", k) for k in range(3)]
    ordered += [plane("warp", 0), -plane("warp", 1)]
    ordered += [plane("matte", 0), plane("uv", 0), plane("uv", 1), plane("confidence", 0)]
    return dict(zip(RETOUCH_MEANINGS, ordered, strict=True)), RETOUCH_FLOAT32
