"""Proofs about the stored log: that an entry is in it, and that it has only grown. Reads a few tiles, never the log."""

from __future__ import annotations

from sqlalchemy import Connection, select

from setpiece.clearance.ledger import tree
from setpiece.clearance.ledger.log import TILE, TILE_LEVELS, tile_row
from setpiece.clearance.ledger.tables import tiles, tree_head


class StoredTree:
    """The tree as it stood when this was made (within one transaction); keeps the tiles that it has read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        head = connection.execute(select(tree_head.c.size, tree_head.c.frontier).where(tree_head.c.id == 1)).one()
        self.size: int = head.size
        parts = [bytes(head.frontier[start : start + 32]) for start in range(0, len(head.frontier), 32)]
        self._frontier = tree.Frontier(head.size, tuple(parts))
        self._rows: dict[tuple[int, int], list[bytes]] = {}

    def root(self) -> bytes:
        """The root that the head states."""
        return self._frontier.root()

    def root_at(self, size: int) -> bytes:
        """The root when the log had ``size`` entries."""
        if not 0 <= size <= self.size:
            raise ValueError(f"the log never had {size} entries")
        hashes, done = [], 0
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                hashes.append(self.subtree(level, done >> level))
                done += 1 << level
        return tree.Frontier(size, tuple(hashes)).root()

    def inclusion(self, sequence: int, size: int | None = None) -> tuple[bytes, ...]:
        """Proof that entry ``sequence`` is in the log of ``size`` entries (now, by default). ValueError if it is not."""
        wanted = self._size(size)
        return tree.inclusion_proof(sequence, wanted, self.subtree)

    def consistency(self, first: int, second: int | None = None) -> tuple[bytes, ...]:
        """Proof that the log of ``first`` entries is the beginning of that of ``second`` (now, by default)."""
        return tree.consistency_proof(first, self._size(second), self.subtree)

    def subtree(self, level: int, index: int) -> bytes:
        """The hash of a full subtree, folded from one tile."""
        tile_level, rise = divmod(level, TILE_LEVELS)
        first = index << rise
        row = self._row(tile_level, first // TILE)
        start = first % TILE
        return tree.fold(row[start : start + (1 << rise)])

    def _size(self, size: int | None) -> int:
        if size is not None and size > self.size:
            raise ValueError(f"the log has {self.size} entries, not {size}")
        return self.size if size is None else size

    def _row(self, level: int, position: int) -> list[bytes]:
        known = self._rows.get((level, position))
        if known is None:
            known = self._rows[level, position] = self._read(level, position)
        return known

    def _read(self, level: int, position: int) -> list[bytes]:
        count = (self.size >> (level * TILE_LEVELS)) - position * TILE
        if count < TILE:
            return tile_row(self._connection, level, position, count)
        found = select(tiles.c.hashes).where(tiles.c.level == level, tiles.c.position == position)
        hashes = self._connection.execute(found).scalar_one_or_none()
        if hashes is None or len(hashes) != TILE * 32:
            return tile_row(self._connection, level, position, TILE)
        return [bytes(hashes[start : start + 32]) for start in range(0, TILE * 32, 32)]
