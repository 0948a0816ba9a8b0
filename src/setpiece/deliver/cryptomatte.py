"""Cryptomatte over pieces: a compositor picks any stone of the collapse by clicking on it.

Place in the flow: beside the other layers of a frame. Follows the Cryptomatte specification 1.2.0 (Friedman and Jones,
2015, "Fully automatic ID mattes with support for motion blur and transparency"): ids are MurmurHash3_x86_32 (Appleby,
2011) of names, stored bit for bit as float32 with the exponent kept away from denormals, infinity and NaN; ranks stand
in pairs of id and coverage; names stand in a manifest in the header. Ids are 32-bit floats: a half would destroy them.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from setpiece.core.arrays import Float32, Int32, Plane
from setpiece.core.errors import StageError

LAYER = "CryptoObject"
RANKS = 4  # two layers of two: what the house's engines measure, rounded up to pairs
GRIT = "grit"  # small debris has no names of its own: it is one matte


def murmur3_32(data: bytes, seed: int = 0) -> int:
    """MurmurHash3_x86_32 of ``data``, 0..2**32-1.

    >>> hex(murmur3_32(b"bunny"))
    '0x13851a76'
    """
    h = seed
    whole = len(data) & ~3
    for (block,) in struct.iter_unpack("<I", data[:whole]):
        h ^= _scrambled(block)
        h = (_rotated(h, 13) * 5 + 0xE6546B64) & 0xFFFFFFFF
    tail = data[whole:]
    if tail:
        h ^= _scrambled(int.from_bytes(tail, "little"))
    h ^= len(data)
    h ^= h >> 16
    h = h * 0x85EBCA6B & 0xFFFFFFFF
    h ^= h >> 13
    h = h * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ h >> 16


def _scrambled(block: int) -> int:
    return _rotated(block * 0xCC9E2D51 & 0xFFFFFFFF, 15) * 0x1B873593 & 0xFFFFFFFF


def _rotated(value: int, bits: int) -> int:
    return (value << bits | value >> (32 - bits)) & 0xFFFFFFFF


def float_bits(name: str) -> int:
    """The bits of the float that stands for ``name``: its hash with the exponent clamped to 1..254."""
    bits = murmur3_32(name.encode("utf-8"))
    exponent = min(max(bits >> 23 & 0xFF, 1), 254)
    return (bits & 0x807FFFFF) | exponent << 23


def layer_key(layer: str = LAYER) -> str:
    """The seven characters under which a layer's metadata stand.

    >>> layer_key("crypto_object")
    'f834d0a'
    """
    return f"{float_bits(layer):08x}"[:7]


def piece_names(part: Int32[np.ndarray, "k"], part_names: Sequence[str]) -> tuple[str, ...]:
    """One name per piece: its part and its number, ``front_00012``.

    ``part`` (k,) indexes ``part_names``. Raises :class:`StageError` where a part has no name.
    """
    if len(part) and not 0 <= int(part.min()) <= int(part.max()) < len(part_names):
        raise StageError(
            f"part {int(part.max())} has no name among {len(part_names)}",
            remedy="name every wall, slab and roof that the proxy is cut from",
        )
    return tuple(f"{part_names[int(which)]}_{index:05d}" for index, which in enumerate(part))


def cryptomatte_attributes(names: Sequence[str], *, layer: str = LAYER) -> dict[str, str]:
    """The header entries of a layer: name, hash, conversion, and the manifest of all ``names`` and of the grit."""
    root = f"cryptomatte/{layer_key(layer)}/"
    manifest = {name: f"{float_bits(name):08x}" for name in (*names, GRIT)}
    return {
        root + "name": layer,
        root + "hash": "MurmurHash3_32",
        root + "conversion": "uint32_to_float32",
        root + "manifest": json.dumps(manifest, separators=(",", ":"), ensure_ascii=True),
    }


def piece_hashes(names: Sequence[str]) -> Float32[np.ndarray, "k"]:
    """The float id of every name, (k,); computed once per take."""
    bits = np.fromiter((float_bits(name) for name in names), np.uint32, len(names))
    return bits.view(np.float32)


class Ranked(Protocol):
    """What covers each pixel: an engine's layers, or a set's passes."""

    @property
    def ids(self) -> Int32[np.ndarray, "h w r"]:
        """Indices by rank, -1 none."""

    @property
    def coverage(self) -> Float32[np.ndarray, "h w r"]:
        """0..1, descending."""


def cryptomatte_channels(layers: Ranked, hashes: Float32[np.ndarray, "k"], *, layer: str = LAYER) -> dict[str, Plane]:
    """The planes of a frame: a picture to click on (``.R .G .B``) and four ranks in ``00`` and ``01``.

    ``hashes`` (k,) are :func:`piece_hashes` in the order of the pieces; ids beyond them are grit. Where ranks of one
    pixel share a name (two grains of grit) their coverage is added to the first. All float32: keep them so on disk.
    """
    table = np.concatenate([hashes, piece_hashes([GRIT]), np.zeros(1, np.float32)])
    count = len(hashes)
    slots = np.minimum(layers.ids[..., :RANKS], count)  # grit: count; nothing: -1, the zero at the end
    ranks = np.take(table, slots, mode="wrap")
    coverage = np.where(slots >= 0, layers.coverage[..., :RANKS], np.float32(0))
    if (slots == count).any():
        ranks, coverage = _united(ranks, coverage, slots == count)
    missing = RANKS - ranks.shape[-1]
    if missing > 0:
        pad = ((0, 0), (0, 0), (0, missing))
        ranks, coverage = np.pad(ranks, pad), np.pad(coverage, pad)
    planes = _preview(ranks, coverage, layer)
    for rank in range(RANKS):
        pair = f"{layer}{rank // 2:02d}."
        planes[pair + "RB"[rank % 2]] = np.ascontiguousarray(ranks[..., rank])
        planes[pair + "GA"[rank % 2]] = np.ascontiguousarray(coverage[..., rank])
    return planes


def _united(
    ranks: np.ndarray[Any, Any], coverage: np.ndarray[Any, Any], grit: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Coverage of all grit in a pixel given to its first rank; ranks in descending order of coverage again."""
    first = grit & (np.cumsum(grit, axis=-1) == 1)
    total = np.where(grit, coverage, 0).sum(axis=-1, keepdims=True)
    coverage = np.where(first, total, np.where(grit, 0, coverage)).astype(np.float32)
    ranks = np.where(grit & ~first, 0, ranks).astype(np.float32)
    order = np.argsort(-coverage, axis=-1, kind="stable")
    return np.take_along_axis(ranks, order, axis=-1), np.take_along_axis(coverage, order, axis=-1)


def _preview(ranks: np.ndarray[Any, Any], coverage: np.ndarray[Any, Any], layer: str) -> dict[str, Plane]:
    """Colours made from ids, filtered by coverage, as the specification suggests for green and blue; red is 0."""
    planes = {f"{layer}.{name}": np.zeros(ranks.shape[:2], np.float32) for name in "RGB"}
    for rank in range(ranks.shape[-1]):
        bits = np.ascontiguousarray(ranks[..., rank]).view(np.uint32)
        for name, shift in (("G", 8), ("B", 16)):
            shown = (bits << np.uint32(shift)).astype(np.float32) / np.float32(0xFFFFFFFF)
            planes[f"{layer}.{name}"] += shown * coverage[..., rank]
    return planes


def decode_matte(channels: dict[str, Plane], name: str, *, layer: str = LAYER) -> Plane:
    """The matte (h, w) of one name, 0..1, as a compositing program would pull it from the planes of a frame."""
    wanted = np.uint32(float_bits(name))
    matte = np.zeros_like(channels[f"{layer}00.R"])
    for rank in range(RANKS):
        pair = f"{layer}{rank // 2:02d}."
        same = np.ascontiguousarray(channels[pair + "RB"[rank % 2]], np.float32).view(np.uint32) == wanted
        matte += np.where(same, channels[pair + "GA"[rank % 2]], 0)
    return matte
