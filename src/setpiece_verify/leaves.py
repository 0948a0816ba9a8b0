"""A chunk of leaves, hashed, with what they say about other entries."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256

from setpiece_verify.hashing import TILE_LEVELS, levels, prefix
from setpiece_verify.report import Fault


@dataclass(slots=True, kw_only=True)
class Chunk:
    """Up to 65,536 entries: their subtrees, those at each checkpoint within, what they replace and erase."""

    first: int
    count: int
    hashes: list[bytes] = field(default_factory=list)  # of its leaves
    parts: list[bytes] = field(default_factory=list)
    at_checkpoints: dict[int, list[bytes]] = field(default_factory=dict)  # by size of the log
    tiles: list[bytes] = field(default_factory=list)
    replaced: dict[int, int] = field(default_factory=dict)  # by whom
    erased: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def hash_chunk(first: int, texts: list[bytes], sizes: list[int]) -> Chunk:
    """Hash the leaves from ``first`` on; ``sizes`` are those of the checkpoints, of which it takes its own."""
    rows = levels([sha256(b"\x00" + text).digest() for text in texts])
    count = len(texts)
    chunk = Chunk(first=first, count=count, hashes=rows[0], parts=prefix(rows, count))
    chunk.at_checkpoints = {size: prefix(rows, size - first) for size in sizes if first < size <= first + count}
    chunk.tiles = rows[TILE_LEVELS] if len(rows) > TILE_LEVELS else []
    _cross_references(chunk, texts)
    return chunk


def _cross_references(chunk: Chunk, texts: list[bytes]) -> None:
    for index, text in enumerate(texts, chunk.first):
        if b'"replaces":' in text or b'"kind":"erased"' in text:
            try:
                leaf = json.loads(text)
                public = leaf["public"]
                if leaf["kind"] == "erased":
                    chunk.erased.update(public["sequences"])
                elif "replaces" in public:
                    chunk.replaced[public["replaces"]] = index
            except (ValueError, KeyError, TypeError):
                chunk.faults.append(Fault(where=f"entry {index}", what="it is not an entry that Setpiece writes"))
