"""The worker's layers as passes: ids read from cryptomattes, lines drawn from depth, normals and ids. Never imports bpy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from setpiece.core.arrays import Ids, Plane, Rgb
from setpiece.core.errors import StageError
from setpiece.core.scene import Scene
from setpiece.core.set_passes import SetPasses

NO_SHADOW = "~light"
_FAR_M = 1.0e9
_RANKS = 4


def read_passes(channels: Mapping[str, Plane], scene: Scene, *, file: Path) -> SetPasses:
    """Passes from a multilayer EXR of Blender's. Raises :class:`StageError` where one is missing."""
    depth = _planes(channels, ("Depth.Z", "Depth.V"), file)[0]
    normal = np.stack([_one(channels, f"Normal.{axis}", file) for axis in "XYZ"], axis=-1)
    position = np.stack([_one(channels, f"Position.{axis}", file) for axis in "XYZ"], axis=-1)
    depth, normal, position = _filled(depth, normal, position)
    names = tuple(item.name for item in scene.placed)
    ids, coverage = _ids(channels, names, file)
    clear = coverage.sum(axis=-1) < 0.5  # sky through a pane, even where one ray met the pane
    depth = np.where((depth < _FAR_M) & ~clear, depth, np.inf).astype(np.float32)
    length = np.linalg.norm(normal, axis=-1, keepdims=True)
    normal = np.where(length > 1e-3, normal / np.maximum(length, 1e-6), 0).astype(np.float32)
    solid = np.isfinite(depth)[..., None]
    albedo = sum(
        np.stack([_planes(channels, (f"{layer}.{c}" for layer in names), file)[0] for c in "RGB"], axis=-1)
        for names in (("Diffuse Color", "DiffCol"), ("Glossy Color", "GlossCol"))
    )
    light: dict[str, Rgb] = {}
    for name in channels:
        found = re.search(r"Combined_(.+)\.R$", name)
        if found:
            light[found[1]] = np.stack([channels[f"{name[:-1]}{c}"] for c in "RGB"], axis=-1)
    normal, position = np.where(solid, normal, 0), np.where(solid, position, 0)
    drawn = line_art(depth, normal, np.where(coverage[..., 0] > 0.5, ids[..., 0], -1))
    return SetPasses(
        depth=depth, normal=normal, position=position.astype(np.float32), albedo=np.clip(albedo, 0, 1).astype(np.float32),
        ids=ids, coverage=coverage, lines=drawn, light=light,
        names=names, categories=tuple(item.category for item in scene.placed),
    )  # fmt: skip


def _filled(depth: Plane, normal: Rgb, position: Rgb) -> tuple[Plane, Rgb, Rgb]:
    """Geometry where a pane threw the only ray back into the room (depth 0): that of the nearest pixel seen through it."""
    missing = depth <= 0
    if not missing.any() or missing.all():
        return depth, normal, position
    y, x = ndimage.distance_transform_edt(missing, return_distances=False, return_indices=True)
    return depth[y, x], normal[y, x], position[y, x]


def _planes(channels: Mapping[str, Plane], endings: Any, file: Path) -> list[Plane]:
    endings = tuple(endings)
    found = [plane for name, plane in channels.items() if name.endswith(endings)]
    if not found:
        raise StageError(f"has no pass '{endings[0]}'", file=file, remedy="render the view again, with passes")
    return found


def _one(channels: Mapping[str, Plane], ending: str, file: Path) -> Plane:
    return _planes(channels, (ending,), file)[0]


def _ids(channels: Mapping[str, Plane], names: tuple[str, ...], file: Path) -> tuple[np.ndarray, np.ndarray]:
    """(indices of ``names``, coverage), (h, w, 4), from Blender's cryptomatte of object names; both halves of a thing are
    one."""
    table = {float_id(name + ending): index for index, name in enumerate(names) for ending in ("", NO_SHADOW)}
    ranks, shares = [], []
    for level in range(_RANKS // 2):
        for rank, share in (("R", "G"), ("B", "A")):
            plane = _planes(channels, (f"CryptoObject{level:02d}.{a}" for a in (rank, rank.lower())), file)[0]
            cover = _planes(channels, (f"CryptoObject{level:02d}.{a}" for a in (share, share.lower())), file)[0]
            bits = np.ascontiguousarray(plane, np.float32).view(np.uint32)
            used, where = np.unique(bits, return_inverse=True)
            ranks.append(np.array([table.get(int(value), -1) for value in used], np.int32)[where].reshape(bits.shape))
            shares.append(cover)
    ids, coverage = np.stack(ranks, axis=-1), np.stack(shares, axis=-1).astype(np.float32)
    for first in range(_RANKS):
        for later in range(first + 1, _RANKS):
            same = (ids[..., first] >= 0) & (ids[..., first] == ids[..., later])
            coverage[..., first] += np.where(same, coverage[..., later], 0)
            ids[..., later][same], coverage[..., later][same] = -1, 0
    coverage = np.clip(np.where(ids >= 0, coverage, 0), 0, 1)
    order = np.argsort(-coverage, axis=-1, kind="stable")
    return np.take_along_axis(ids, order, axis=-1), np.take_along_axis(coverage, order, axis=-1)


def float_id(name: str) -> int:
    """The bits under which a cryptomatte knows ``name`` (MurmurHash3_x86_32, exponent kept normal; specification 1.2.0).

    >>> hex(float_id("hello"))
    '0x248bfa47'
    """
    data, h = name.encode("utf-8"), 0
    for at in range(0, len(data), 4):
        block = int.from_bytes(data[at : at + 4], "little") * 0xCC9E2D51 & 0xFFFFFFFF
        h ^= (block << 15 | block >> 17) * 0x1B873593 & 0xFFFFFFFF
        if at + 4 <= len(data):
            h = ((h << 13 | h >> 19) * 5 + 0xE6546B64) & 0xFFFFFFFF
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    h ^= h >> 16
    return (h & 0x807FFFFF) | min(max(h >> 23 & 0xFF, 1), 254) << 23


def line_art(depth: Plane, normal: Rgb, ids: Ids) -> Plane:
    """Lines where a draughtsman would draw them, 0..1 (h, w): outlines heavier, creases lighter.

    An outline is where depth bends away from the plane on which its neighbours lie (second difference of 1 / depth, which
    is straight along any plane) or one thing meets another; a crease is where normals turn by more than some 25 degrees.
    """
    near = np.where(np.isfinite(depth), 1 / np.maximum(depth, 1e-3), 0).astype(np.float64)
    bend = sum(np.abs(ndimage.correlate1d(near, [1, -2, 1], axis=axis, mode="nearest")) for axis in (0, 1))
    outline = np.clip(bend / np.maximum(near, 1e-3) * 14 - 0.35, 0, 1)
    turned = np.zeros(depth.shape)
    other = np.zeros(depth.shape, bool)
    for axis in (0, 1):
        cosine = (normal * np.roll(normal, -1, axis)).sum(axis=-1)
        both = (normal != 0).any(axis=-1) & (np.roll(normal, -1, axis) != 0).any(axis=-1)
        step = np.where(both, np.clip((0.92 - cosine) / 0.3, 0, 1), 0)
        differs = np.roll(ids, -1, axis) != ids
        last = [slice(None), slice(None)]
        last[axis] = slice(-1, None)
        step[tuple(last)], differs[tuple(last)] = 0, False
        turned = np.maximum(turned, step)
        other |= differs
    drawn = np.maximum(np.maximum(outline, 0.55 * turned), 0.8 * other)
    return np.clip(ndimage.gaussian_filter(drawn, 0.5) * 1.25, 0, 1).astype(np.float32)
