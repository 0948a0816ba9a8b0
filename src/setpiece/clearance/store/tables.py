"""The tables of the records. Every row carries its whole record (``body``), the salt of its log entry, and the entry.

``body`` and ``salt`` are empty in a row that was erased: its log entry stays and commits to something nobody can guess.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text

from setpiece.clearance.ledger.tables import checkpoints as checkpoints
from setpiece.clearance.ledger.tables import counter
from setpiece.clearance.ledger.tables import log as log
from setpiece.clearance.ledger.tables import metadata as metadata
from setpiece.clearance.ledger.tables import tiles as tiles
from setpiece.clearance.ledger.tables import tree_head as tree_head
from setpiece.clearance.store.kinds import KINDS, Kind

_GRANT_OF = {"consent_events", "likeness_uses"}
_OPTIONAL = {("models", "production")}


def _entry() -> tuple[Column[int], Column[bytes], Column[str]]:
    # Deferred: the entries of one transaction are written together, at its end.
    reference = ForeignKey("log.sequence", deferrable=True, initially="DEFERRED")
    return (
        Column("sequence", counter(), reference, nullable=False, unique=True),
        Column("salt", LargeBinary),
        Column("body", Text),
    )


def _lookup(kind: Kind, name: str) -> Column[str]:
    nullable = (kind.table, name) in _OPTIONAL
    if name == "grant" and kind.table in _GRANT_OF:
        return Column(name, Text, ForeignKey("consent_grants.id"), nullable=nullable)
    return Column(name, Text, nullable=nullable)


def _table(kind: Kind) -> Table:
    columns = [_lookup(kind, name) for name in kind.columns]
    indexes = [Index(f"{kind.table}_{column.name}", column.name) for column in columns]
    return Table(kind.table, metadata, Column("id", Text, primary_key=True), *columns, *_entry(), *indexes)


TABLES: dict[type, Table] = {kind.type: _table(kind) for kind in KINDS}

decisions = Table(
    "decisions",
    metadata,
    Column("gate", Text, nullable=False),
    Column("subject_sha256", Text, nullable=False),
    Column("about", Text, nullable=False),  # what people call it: a shot's name
    Column("outcome", Text, nullable=False),
    *_entry(),
    Index("decisions_subject_sha256", "subject_sha256", "gate", "sequence"),
    Index("decisions_about", "about"),
)

# What was entered that is no record: a document read, a clock put right; and what a record said before it was replaced.
contents = Table("contents", metadata, *_entry())

# By which names a performer is found, as compared by names.person_key. It repeats the records; without it nobody is found.
performer_names = Table(
    "performer_names",
    metadata,
    Column("name", Text, primary_key=True),
    Column("performer", Text, primary_key=True),
    Index("performer_names_performer", "performer"),
)
