"""The tree, recomputed: RFC 9162, section 2.1, over chunks of 65,536 leaves so that cores can share the work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

CHUNK_LEVELS = 16
CHUNK = 1 << CHUNK_LEVELS
TILE_LEVELS = 8
EMPTY_ROOT = sha256(b"").digest()

Levels = list[list[bytes]]


def levels(leaf_hashes: list[bytes]) -> Levels:
    """Every full subtree's hash over at most CHUNK leaves, by level: ``levels[0]`` are the leaves."""
    rows = [leaf_hashes]
    while len(rows[-1]) > 1:
        below = iter(rows[-1])
        rows.append([sha256(b"\x01" + left + right).digest() for left, right in zip(below, below, strict=False)])
    return rows


def prefix(rows: Levels, count: int) -> list[bytes]:
    """The hashes of the full subtrees that make up the first ``count`` leaves, largest first."""
    hashes, done = [], 0
    for level in reversed(range(count.bit_length())):
        if count >> level & 1:
            hashes.append(rows[level][done >> level])
            done += 1 << level
    return hashes


def root(parts: Sequence[bytes]) -> bytes:
    """The root over full subtrees, largest first."""
    if not parts:
        return EMPTY_ROOT
    value = parts[-1]
    for left in reversed(parts[:-1]):
        value = sha256(b"\x01" + left + value).digest()
    return value


class Spine:
    """The full subtrees over a run of equal parts, as each is added."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._count = 0

    def add(self, part: bytes) -> None:
        """One more part of the same size as the others."""
        count = self._count
        while count & 1:
            part = sha256(b"\x01" + self.parts.pop() + part).digest()
            count >>= 1
        self.parts.append(part)
        self._count += 1


def root_from_inclusion(leaf_hash: bytes, index: int, size: int, proof: Iterable[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to, by the recursive definition of PATH; None where it has the wrong length."""
    if not 0 <= index < size or len(leaf_hash) != 32:
        return None
    path = list(proof)

    def climb(low: int, high: int) -> bytes | None:
        if high - low == 1:
            return leaf_hash
        if not path:
            return None
        sibling = path.pop()
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        if index < middle:
            left = climb(low, middle)
            return None if left is None else sha256(b"\x01" + left + sibling).digest()
        right = climb(middle, high)
        return None if right is None else sha256(b"\x01" + sibling + right).digest()

    value = climb(0, size)
    return None if path else value


def roots_from_consistency(first: int, second: int, first_root: bytes, proof: Iterable[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots that a consistency proof leads to (0 < first < second), by the recursive definition of PROOF."""
    if not 0 < first < second:
        return None
    path = list(proof)

    def climb(low: int, high: int, whole: bool) -> tuple[bytes, bytes] | None:
        if first == high:
            if whole:
                return first_root, first_root
            return (path[-1], path.pop()) if path else None
        if not path:
            return None
        sibling = path.pop()
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        if first <= middle:
            inner = climb(low, middle, whole)
            return None if inner is None else (inner[0], sha256(b"\x01" + inner[1] + sibling).digest())
        inner = climb(middle, high, False)
        if inner is None:
            return None
        return sha256(b"\x01" + sibling + inner[0]).digest(), sha256(b"\x01" + sibling + inner[1]).digest()

    value = climb(0, second, True)
    return None if path else value


def inclusion_holds(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], stated_root: bytes) -> bool:
    """Whether a proof shows that a leaf is in the tree with this root."""
    return root_from_inclusion(leaf_hash, index, size, proof) == stated_root


def consistency_holds(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the tree of ``second`` leaves begins with that of ``first``."""
    if first == second and first >= 0:
        return not proof and first_root == second_root and (first > 0 or first_root == EMPTY_ROOT)
    return roots_from_consistency(first, second, first_root, proof) == (first_root, second_root)
