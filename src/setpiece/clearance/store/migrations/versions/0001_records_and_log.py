"""The records of clearance and the log, as first released."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Table, Text

revision = "0001"
down_revision = None

_COUNTER = BigInteger().with_variant(Integer(), "sqlite")

# Table: its lookup columns; "?" may be empty, "!" refers to consent_grants.
_RECORDS = {
    "productions": "",
    "performers": "",
    "representatives": "performer",
    "consent_grants": "performer production",
    "consent_events": "grant! kind",
    "scan_sessions": "performer production",
    "replicas": "performer production",
    "licences": "",
    "datasets": "",
    "models": "production?",
    "obligations": "performer production basis",
    "notices": "production",
    "strikes": "union",
    "transfers": "replica",
    "disclosures": "production",
    "approvals": "subject_sha256 gate role",
    "overrides": "subject_sha256 rule",
    "likeness_uses": "take performer grant! status",
    "requesters": "subject",
    "admissions": "take",
}


def upgrade() -> None:
    """Make every table, and the head of an empty log."""
    op.create_table(
        "log",
        Column("sequence", _COUNTER, primary_key=True, autoincrement=False),
        *(Column(name, Text, nullable=False) for name in ("kind", "at", "leaf")),
        Column("leaf_hash", LargeBinary, nullable=False),
    )
    op.create_table(
        "tiles",
        Column("level", Integer, primary_key=True, autoincrement=False),
        Column("position", _COUNTER, primary_key=True, autoincrement=False),
        *(Column(name, LargeBinary, nullable=False) for name in ("hash", "hashes")),
    )
    head = op.create_table(
        "tree_head",
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("size", _COUNTER, nullable=False),
        Column("frontier", LargeBinary, nullable=False),
        Column("highest_at", Text, nullable=False),
        Column("note", Text),
    )
    op.bulk_insert(head, [{"id": 1, "size": 0, "frontier": b"", "highest_at": "", "note": None}])
    op.create_table(
        "checkpoints",
        Column("size", _COUNTER, primary_key=True, autoincrement=False),
        *(Column(name, Text, nullable=False) for name in ("at", "note")),
    )
    for name, lookups in _RECORDS.items():
        _record_table(name, lookups.split())
    shown = ("gate", "subject_sha256", "about", "outcome")
    op.create_table("decisions", *(Column(name, Text, nullable=False) for name in shown), *_entry())
    op.create_index("decisions_subject_sha256", "decisions", ["subject_sha256", "gate", "sequence"])
    op.create_index("decisions_about", "decisions", ["about"])
    op.create_table("contents", *_entry())
    op.create_table(
        "performer_names",
        *(Column(name, Text, primary_key=True) for name in ("name", "performer")),
    )
    op.create_index("performer_names_performer", "performer_names", ["performer"])


def _record_table(name: str, lookups: list[str]) -> Table | None:
    columns = []
    for lookup in lookups:
        column_name = lookup.rstrip("?!")
        refers = [ForeignKey("consent_grants.id")] if lookup.endswith("!") else []
        columns.append(Column(column_name, Text, *refers, nullable=lookup.endswith("?")))
    made = op.create_table(name, Column("id", Text, primary_key=True), *columns, *_entry())
    for column in columns:
        op.create_index(f"{name}_{column.name}", name, [column.name])
    return made


def _entry() -> tuple[Column[int], Column[bytes], Column[str]]:
    return (
        Column(
            "sequence",
            _COUNTER,
            ForeignKey("log.sequence", deferrable=True, initially="DEFERRED"),
            nullable=False,
            unique=True,
        ),
        Column("salt", LargeBinary),
        Column("body", Text),
    )
