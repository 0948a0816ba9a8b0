"""Where the log stands: leaves, full tiles of the tree, its head, and the checkpoints that were signed.

Nothing here is personal: a leaf states only hashes and rule ids. What it commits to lies in the record tables.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

metadata = MetaData()


def counter() -> TypeEngine[int]:
    """A 64-bit count; SQLite's own row number where it is the key."""
    return BigInteger().with_variant(Integer(), "sqlite")


log = Table(
    "log",
    metadata,
    Column("sequence", counter(), primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("leaf", Text, nullable=False),  # canonical JSON, hashed as UTF-8
    Column("leaf_hash", LargeBinary, nullable=False),
)

# One row for each full tile: the 256 hashes of one level of the tree, eight levels apart, and the hash above them.
tiles = Table(
    "tiles",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", counter(), primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
)

# One row, id 1. Whoever writes holds it until commit.
tree_head = Table(
    "tree_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", counter(), nullable=False),
    Column("frontier", LargeBinary, nullable=False),  # hashes of the full subtrees, largest first
    Column("highest_at", Text, nullable=False),  # the latest time that any writer has seen
    Column("note", Text),  # the checkpoint of exactly this size, where keys were at hand
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", counter(), primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("note", Text, nullable=False),
)
