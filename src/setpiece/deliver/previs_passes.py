"""A view of a set and its passes as one multilayer EXR, under the names that compositing programs know.

``R G B`` the exposed picture; ``depth.Z`` metres (1e10: sky); ``N`` world normals, ``P`` world positions; ``albedo``;
``lines.Y``; ``light_<group>`` unexposed; two cryptomattes, ``CryptoObject`` by name and ``CryptoCategory`` by class. Colour is
ACEScg; what half precision would spoil is float.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from setpiece.core.arrays import Float32, Int32, Plane, Rgb
from setpiece.core.set_passes import SetPasses
from setpiece.deliver.cryptomatte import cryptomatte_attributes, cryptomatte_channels, piece_hashes
from setpiece.media.exr import write_exr

CATEGORY = "CryptoCategory"
OBJECT = "CryptoObject"
NO_DEPTH_M = np.float32(1.0e10)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Classes:
    """Ids by category: what has the same class in one pixel, united."""

    ids: Int32[np.ndarray, "h w r"]
    coverage: Float32[np.ndarray, "h w r"]


def write_passes(path: Path, picture: Rgb, passes: SetPasses, *, notes: Mapping[str, object] | None = None) -> int:
    """Write ``picture`` (h, w, 3) and ``passes`` to ``path``, whole or not at all; returns how many values were clamped.

    ``notes`` are header entries. Raises :class:`OutputFailed` where the disk refuses.
    """
    planes: dict[str, Plane] = {}
    _rgb(planes, "", picture)
    planes["depth.Z"] = np.where(np.isfinite(passes.depth), passes.depth, NO_DEPTH_M).astype(np.float32)
    for name, vectors in (("N", passes.normal), ("P", passes.position)):
        planes |= {f"{name}.{axis}": np.ascontiguousarray(vectors[..., index]) for index, axis in enumerate("XYZ")}
    _rgb(planes, "albedo.", passes.albedo)
    planes["lines.Y"] = np.ascontiguousarray(passes.lines)
    for group, light in sorted(passes.light.items()):
        _rgb(planes, f"light_{re.sub(r'[^A-Za-z0-9_]', '_', group)}.", light)
    categories = tuple(sorted(set(passes.categories)))
    classes = united(passes, categories)
    planes |= cryptomatte_channels(passes, piece_hashes(passes.names), layer=OBJECT)
    planes |= cryptomatte_channels(classes, piece_hashes(categories), layer=CATEGORY)
    attributes = dict(notes or {})
    attributes |= cryptomatte_attributes(passes.names, layer=OBJECT) | cryptomatte_attributes(categories, layer=CATEGORY)
    whole = frozenset(name for name in planes if name.startswith(("depth", "P.", "Crypto")))
    return write_exr(path, planes, float32=whole, attributes=attributes)


def _rgb(planes: dict[str, Plane], before: str, pixels: Rgb) -> None:
    planes |= {f"{before}{name}": np.ascontiguousarray(pixels[..., index]) for index, name in enumerate("RGB")}


def united(passes: SetPasses, categories: tuple[str, ...]) -> _Classes:
    """The ranks of ``passes`` by class: ids index ``categories``, coverage of one class added up, descending."""
    table = np.array([*(categories.index(category) for category in passes.categories), -1], np.int32)
    ids = np.take(table, passes.ids, mode="wrap")
    coverage = passes.coverage.copy()
    ranks = ids.shape[-1]
    for first in range(ranks):
        for later in range(first + 1, ranks):
            same = (ids[..., first] >= 0) & (ids[..., first] == ids[..., later])
            coverage[..., first] += np.where(same, coverage[..., later], 0)
            coverage[..., later] = np.where(same, 0, coverage[..., later])
            ids[..., later] = np.where(same, -1, ids[..., later])
    order = np.argsort(-coverage, axis=-1, kind="stable")
    return _Classes(ids=np.take_along_axis(ids, order, axis=-1), coverage=np.take_along_axis(coverage, order, axis=-1))
