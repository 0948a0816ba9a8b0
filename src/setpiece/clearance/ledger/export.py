"""The log as one file that an outside witness checks without this software and without a database.

JSON lines: a header (schema, origin, size, the signed checkpoints, oldest first, and the public key); the leaves, each line
exactly the bytes that were hashed; with ``rows``, the records they commit to, with their salts (personal: for an auditor,
not for publication). The key in the file proves nothing by itself: compare it with one that you were given.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from setpiece.clearance.ledger.tables import checkpoints, log, metadata, tree_head
from setpiece.core.errors import OutputFailed, RecordDamaged

SCHEMA = "setpiece.ledger-export/1"
_STEP = 10_000


def export_log(connection: Connection, path: Path, *, verifier_key: str, rows: bool = False) -> int:
    """Write the log to ``path``; the number of its entries. OutputFailed where it cannot be written.

    ``connection`` is one reading transaction. Until the file is whole it has another name.
    """
    size: int = connection.execute(select(tree_head.c.size).where(tree_head.c.id == 1)).scalar_one()
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            for line in _lines(connection, size, verifier_key, rows):
                file.write(line)
                file.write("\n")
        part.replace(path)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise OutputFailed(f"the export cannot be written ({fault})", remedy="name another place", file=path) from fault
    return size


def _lines(connection: Connection, size: int, verifier_key: str, rows: bool) -> Iterator[str]:
    known = select(checkpoints.c.note).where(checkpoints.c.size <= size).order_by(checkpoints.c.size)
    notes = list(connection.execute(known).scalars())
    latest = connection.execute(select(tree_head.c.note).where(tree_head.c.id == 1)).scalar_one()
    if latest is not None and latest not in notes:
        notes.append(latest)
    yield _json(
        {
            "schema": SCHEMA,
            "origin": verifier_key.split("+", 1)[0],
            "size": size,
            "checkpoints": notes,
            "key": verifier_key,
            "rows": rows,
        }
    )
    for first in range(0, size, _STEP):
        last = min(first + _STEP, size) - 1
        found = connection.execute(select(log.c.leaf).where(log.c.sequence.between(first, last)).order_by(log.c.sequence))
        leaves = found.scalars().all()
        if len(leaves) != last - first + 1:
            raise RecordDamaged(
                f"the log lacks entries between {first} and {last}", remedy="restore the database from its last good copy"
            )
        yield from leaves
    if rows:
        for table in metadata.sorted_tables:
            if "body" in table.c:
                yield from _rows(connection, table, size)


def _rows(connection: Connection, table: Table, size: int) -> Iterator[str]:
    for first in range(0, size, _STEP):
        found = select(table).where(table.c.sequence.between(first, first + _STEP - 1)).order_by(table.c.sequence)
        for row in connection.execute(found).mappings():
            values: dict[str, Any] = dict(row)
            salt = values.pop("salt")
            values["salt"] = None if salt is None else base64.b64encode(bytes(salt)).decode()
            yield _json({"table": table.name, "row": values})


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
