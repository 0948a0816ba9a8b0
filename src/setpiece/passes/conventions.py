"""Names and meanings of every channel that leaves the house.

Place in the flow: between an engine's :class:`~setpiece.core.layers.Layers` and the EXR on disk. The names are those that
compositing programs recognise without being told (``depth.Z``, ``forward.u``, ``N.X`` ...). This module refuses to
invent: a channel that is not in :data:`MEANINGS` is not written.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.errors import StageError
from setpiece.core.layers import Layers

NO_DEPTH_M = np.float32(1.0e10)
"""What ``depth.Z`` holds where there is no debris: far, finite, and safe to filter (infinity would turn into NaN)."""

CRYPTOMATTE = "CryptoObject"
"""The type name of the cryptomatte over pieces."""

MEANINGS: dict[str, str] = {
    "R": "finished comp, scene-linear ACEScg",
    "G": "finished comp, scene-linear ACEScg",
    "B": "finished comp, scene-linear ACEScg",
    "A": "1 everywhere: the comp is a full picture",
    "debris.R": "moved and broken building, premultiplied",
    "debris.G": "moved and broken building, premultiplied",
    "debris.B": "moved and broken building, premultiplied",
    "debris.A": "coverage by debris, 0..1",
    "dust.R": "dust, premultiplied, held out by depth against debris",
    "dust.G": "dust, premultiplied, held out by depth against debris",
    "dust.B": "dust, premultiplied, held out by depth against debris",
    "dust.A": "opacity of the dust, 0..1",
    "shadow.R": "multiplier on background and standing building, 1: untouched",
    "shadow.G": "multiplier on background and standing building, 1: untouched",
    "shadow.B": "multiplier on background and standing building, 1: untouched",
    "depth.Z": "metres along the viewing axis to debris; 1e10 where none",
    "N.X": "world normal of debris, unit, 0 where none",
    "N.Y": "world normal of debris, unit, 0 where none",
    "N.Z": "world normal of debris, unit, 0 where none; z is up",
    "forward.u": "motion from this frame to the next, px, + right",
    "forward.v": "motion from this frame to the next, px, + up",
    "backward.u": "motion from this frame to the previous, px, + right",
    "backward.v": "motion from this frame to the previous, px, + up",
    "Pref.X": "rest position of debris, world metres; 0 where none",
    "Pref.Y": "rest position of debris, world metres; 0 where none",
    "Pref.Z": "rest position of debris, world metres; 0 where none",
    "matte.A": "coverage of all that may differ from the plate but by shadow and dust: building, its seam, debris; 0..1",
    "standing.A": "coverage by building that still stands at rest, 0..1",
}
"""Every channel but the cryptomatte's, in the order in which a compositor reads them."""

_CRYPTO_SUFFIXES = (".R", ".G", ".B", "00.R", "00.G", "00.B", "00.A", "01.R", "01.G", "01.B", "01.A")
CRYPTO_CHANNELS: tuple[str, ...] = tuple(CRYPTOMATTE + suffix for suffix in _CRYPTO_SUFFIXES)
"""Preview (R, G, B), then two ranks in each of the layers 00 and 01 (id, coverage, id, coverage)."""

FLOAT32: frozenset[str] = frozenset({"depth.Z", "Pref.X", "Pref.Y", "Pref.Z", *CRYPTO_CHANNELS})
"""Channels whose meaning does not survive half precision; all others are half."""


def layers_to_channels(
    layers: Layers, comp: Rgb, matte: Plane, *, cryptomatte: Mapping[str, Plane] | None = None
) -> tuple[dict[str, Plane], frozenset[str]]:
    """Name every plane of a finished frame.

    ``comp`` (h, w, 3) and ``layers`` are scene-linear ACEScg; ``matte`` (h, w) is coverage in 0..1; ``cryptomatte``
    holds the planes named in :data:`CRYPTO_CHANNELS`. Returns the channels (views where possible, none is copied
    but depth) and the names among them that need 32 bits. In memory y runs down; the ``v`` channels of
    motion are written with + up, as compositing programs expect.
    """
    for name, plane in (("comp", comp), ("matte", matte)):
        if plane.shape[:2] != layers.depth.shape:
            raise StageError(
                f"{name} is {plane.shape[1]}x{plane.shape[0]}, the layers are {layers.depth.shape[1]}x{layers.depth.shape[0]}",
                frame=layers.frame,
                remedy="make comp and layers at one scale",
            )
    planes = [comp[..., k] for k in range(3)]
    planes.append(np.ones(layers.depth.shape, np.float32))
    planes.extend(layers.debris[..., k] for k in range(4))
    planes.extend(layers.dust[..., k] for k in range(4))
    planes.extend(layers.shadow[..., k] for k in range(3))
    planes.append(np.where(np.isfinite(layers.depth), layers.depth, NO_DEPTH_M))
    planes.extend(layers.normal[..., k] for k in range(3))
    for flow in (layers.forward, layers.backward):
        planes.append(flow[..., 0])
        planes.append(-flow[..., 1])
    planes.extend(layers.rest[..., k] for k in range(3))
    planes.extend((matte, layers.standing))
    channels = dict(zip(MEANINGS, planes, strict=True))
    for name, plane in (cryptomatte or {}).items():
        if name not in CRYPTO_CHANNELS:
            raise StageError(
                f"'{name}' is not a cryptomatte channel",
                frame=layers.frame,
                remedy=f"name it one of {', '.join(CRYPTO_CHANNELS)}",
            )
        channels[name] = plane
    return channels, FLOAT32 & channels.keys()
