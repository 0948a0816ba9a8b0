"""Appending to the log inside a transaction that somebody else opened, and signs off by committing.

A leaf is canonical JSON: ``{"at", "content", "kind", "public"}``. ``content`` is SHA-256 of a salt and of what is
recorded, so that both can be erased; ``public`` is what may stand there for ever, and is never personal.
Appends wait in memory until :meth:`Appender.flush`, which writes them in one statement.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from setpiece.clearance.ledger import tree
from setpiece.clearance.ledger.checkpoint import Signer
from setpiece.clearance.ledger.tables import checkpoints, log, tiles, tree_head
from setpiece.clearance.use import canonical
from setpiece.core.errors import RecordDamaged

TILE_LEVELS = 8
TILE = 1 << TILE_LEVELS
SALT_BYTES = 32
KEEP_EVERY = 1024  # a signed checkpoint is kept for good each time the log has grown past a multiple of this
# Holding the head's row is being the writer (PostgreSQL; SQLite's BEGIN IMMEDIATE already is).
_HEAD = select(tree_head.c.size, tree_head.c.frontier, tree_head.c.highest_at).where(tree_head.c.id == 1).with_for_update()
_SET_HEAD = update(tree_head).where(tree_head.c.id == 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One entry: its index in the tree, its leaf hash (hex), its time (RFC 3339, UTC)."""

    sequence: int
    leaf_hash: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    sequence: int
    kind: str
    at: str
    leaf: str
    leaf_hash: bytes


def commitment(salt: bytes, body: bytes) -> str:
    """What a leaf says of a content: hex SHA-256 of salt and content. Without the salt nothing can be guessed from it."""
    return hashlib.sha256(salt + body).hexdigest()


class Appender:
    """The end of the log, for the one transaction that writes: making this waits until no other does."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        row = connection.execute(_HEAD).one_or_none()
        if row is None:
            raise RecordDamaged("the log has no head", remedy="restore the database from its last good copy")
        self._frontier = tree.Frontier(row.size, tuple(_parts(row.frontier)))
        self._stored_size = row.size
        self._stored_at = row.highest_at
        self._unsigned = False  # whether this transaction stored a head that nobody has signed yet
        self.highest_at: str = row.highest_at
        self._pending: list[_Pending] = []

    @property
    def size(self) -> int:
        """How many entries there are, this transaction's included."""
        return self._frontier.size

    def root(self) -> bytes:
        """The tree's root, this transaction's entries included."""
        return self._frontier.root()

    def see(self, at: str) -> None:
        """Note a time that somebody has seen: the highest is kept."""
        self.highest_at = max(self.highest_at, at)

    def see_again(self, at: str) -> None:
        """Take back a time that a wrong clock made us see: from now on ``at`` is the highest."""
        self.highest_at = at

    def append(self, kind: str, content: str | None, *, public: Mapping[str, object], at: str) -> LogEntry:
        """Enter a leaf. ``content`` is :func:`commitment` of what is recorded beside it, ``at`` RFC 3339, UTC."""
        leaf = canonical({"at": at, "content": content, "kind": kind, "public": dict(public)})
        hashed = tree.leaf_hash(leaf)
        entry = LogEntry(sequence=self.size, leaf_hash=hashed.hex(), at=at)
        self._pending.append(_Pending(sequence=self.size, kind=kind, at=at, leaf=leaf.decode(), leaf_hash=hashed))
        self._frontier = self._frontier.append(hashed)
        self.see(at)
        return entry

    def flush(self, signer: Signer | None = None, *, keep: bool = False) -> None:
        """Write what waits; the head, signed where there is a signer, and any tile that became full.

        ``keep`` keeps the checkpoint for good even where the log has not grown past a round number.
        """
        if self._pending:
            rows = [
                {"sequence": p.sequence, "kind": p.kind, "at": p.at, "leaf": p.leaf, "leaf_hash": p.leaf_hash}
                for p in self._pending
            ]
            self._connection.execute(insert(log), rows)
            self._pending = []
            for position in range(self._stored_size // TILE, self.size // TILE):
                self._store_tile(0, position)
        elif self._stored_at == self.highest_at and not keep and (signer is None or not self._unsigned):
            return
        self._store_head(signer, keep)

    def _store_head(self, signer: Signer | None, keep: bool) -> None:
        note = None if signer is None else signer.sign(self.size, self.root())
        values: dict[str, object] = {
            "size": self.size,
            "frontier": b"".join(self._frontier.hashes),
            "highest_at": self.highest_at,
        }
        if note is not None or self.size != self._stored_size:
            values["note"] = note
            self._unsigned = note is None
        self._connection.execute(_SET_HEAD, values)
        crossed = self._stored_size // KEEP_EVERY != self.size // KEEP_EVERY
        if note is not None and (keep or crossed):
            known = self._connection.execute(select(checkpoints.c.size).where(checkpoints.c.size == self.size)).first()
            if known is None:
                self._connection.execute(insert(checkpoints), {"size": self.size, "at": self.highest_at, "note": note})
        self._stored_size, self._stored_at = self.size, self.highest_at

    def _store_tile(self, level: int, position: int) -> None:
        hashes = tile_row(self._connection, level, position, TILE)
        values = {"level": level, "position": position, "hash": tree.fold(hashes), "hashes": b"".join(hashes)}
        self._connection.execute(insert(tiles), values)
        if position % TILE == TILE - 1:
            self._store_tile(level + 1, position // TILE)


def tile_row(connection: Connection, level: int, position: int, count: int) -> list[bytes]:
    """The first ``count`` hashes of a tile that is not stored as one, from the rows below it."""
    first = position * TILE
    if level == 0:
        found = select(log.c.leaf_hash).where(log.c.sequence.between(first, first + count - 1)).order_by(log.c.sequence)
    else:
        found = (
            select(tiles.c.hash)
            .where(tiles.c.level == level - 1, tiles.c.position.between(first, first + count - 1))
            .order_by(tiles.c.position)
        )
    hashes = [bytes(row[0]) for row in connection.execute(found)]
    if len(hashes) != count:
        raise RecordDamaged(
            f"the log lacks {count - len(hashes)} of its hashes from {first} on, level {level}",
            remedy="run 'setpiece ledger verify' and restore the database from its last good copy",
        )
    return hashes


def _parts(joined: bytes) -> list[bytes]:
    return [bytes(joined[start : start + 32]) for start in range(0, len(joined), 32)]
