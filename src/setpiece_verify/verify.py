"""Verifying a database or an export, whole."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from setpiece_verify import database
from setpiece_verify.exported import Export
from setpiece_verify.hashing import CHUNK, EMPTY_ROOT, Spine, root
from setpiece_verify.leaves import Chunk
from setpiece_verify.notes import Key, read_checkpoint, read_key
from setpiece_verify.report import Fault, Report
from setpiece_verify.rows import Rows


@dataclass(slots=True)
class _Tree:
    """What the chunks add up to."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    roots: dict[int, bytes] = field(default_factory=lambda: {0: EMPTY_ROOT})  # at the checkpoints' sizes
    parts: list[bytes] = field(default_factory=list)
    replaced: dict[int, int] = field(default_factory=dict)
    erased: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def verify(
    path: Path, *, key: str | None = None, checkpoint: str | None = None, processes: int = 1, rows: bool = True
) -> Report:
    """Verify a SQLite database or an export.

    ``key`` is the verifier key that you trust, ``checkpoint`` a signed note that you kept from before: the log must be a
    continuation of it. ``processes`` share the hashing of a database's leaves; ``rows=False`` verifies the log alone.
    What is wrong with the file is in the report, never raised; OSError where it cannot be read, ValueError for a key
    that is none.
    """
    with path.open("rb") as file:
        is_database = file.read(16) == b"SQLite format 3\x00"
    trusted = None if key is None else read_key(key)
    try:
        if is_database:
            return _database(path, trusted, checkpoint, processes, rows)
        return _export(path, trusted, checkpoint, rows)
    except (sqlite3.Error, ValueError, KeyError, TypeError, IndexError, json.JSONDecodeError) as fault:
        broken = Fault(where=str(path), what=f"it cannot be read as records and log ({fault})")
        return Report(size=0, root="", rows=0, checkpoints=0, faults=(broken,))


def _database(path: Path, key: Key | None, kept: str | None, processes: int, with_rows: bool) -> Report:
    connection = database.connect(path)
    try:
        size, frontier, note = database.head(connection)
        notes = [text for _, text in database.notes(connection)] + ([note] if note is not None else [])
        checkpoints, faults = _read_notes([*notes, *([kept] if kept else [])], key)
        tree = _add_up(database.chunks(path, size, sorted({at for at, _ in checkpoints}), processes), size)
        if b"".join(tree.parts) != frontier:
            faults.append(Fault(where="the log's head", what="it does not stand for the entries that are there"))
        rows = Rows(size, tree.replaced, tree.erased)
        if with_rows:
            database.check_rows(connection, rows)
        beyond = connection.execute("SELECT count(*) FROM log WHERE sequence >= ? OR sequence < 0", (size,)).fetchone()[0]
        if beyond:
            faults.append(Fault(where="log", what=f"{beyond} entries stand beyond the log's head"))
        return _report(tree, checkpoints, faults, rows, key, note is None)
    finally:
        connection.close()


def _export(path: Path, key: Key | None, kept: str | None, with_rows: bool) -> Report:
    export = Export(path)
    faults: list[Fault] = []
    shipped = read_key(export.key)
    own = key or shipped
    if shipped != own:
        faults.append(Fault(where="the export's key", what="it is not the key that you trust"))
    checkpoints, more = _read_notes([*export.notes, *([kept] if kept else [])], own)
    tree = _add_up(export.chunks(sorted({at for at, _ in checkpoints})), export.size)
    rows = Rows(export.size, tree.replaced, tree.erased)
    if with_rows and export.has_rows:
        export.check_rows(rows)
    signed_now = any(at == export.size for at, _ in checkpoints)
    return _report(tree, checkpoints, faults + more, rows, key, not signed_now)


def _read_notes(notes: Iterable[str], key: Key | None) -> tuple[list[tuple[int, bytes]], list[Fault]]:
    read, faults = [], []
    for note in notes:
        try:
            read.append(read_checkpoint(note, key))
        except ValueError as fault:
            lines = [*note.splitlines(), "", "?"]
            where = f"checkpoint of size {lines[1] or '?'}"
            faults.append(Fault(where=where, what=str(fault)))
    return read, faults


def _add_up(chunks: Iterable[Chunk], size: int) -> _Tree:
    tree, spine = _Tree(), Spine()
    for chunk in chunks:
        for at, parts in chunk.at_checkpoints.items():
            tree.roots[at] = root([*spine.parts, *parts])
        tree.replaced |= chunk.replaced
        tree.erased |= chunk.erased
        tree.faults += chunk.faults
        tree.size += chunk.count
        tree.parts = [*spine.parts, *chunk.parts]
        if chunk.count == CHUNK:
            spine.add(chunk.parts[0])
            tree.parts = list(spine.parts)
    tree.root = root(tree.parts)
    if tree.size != size:
        tree.faults.append(Fault(where="log", what=f"it states {size} entries and holds {tree.size}"))
    return tree


def _report(
    tree: _Tree, checkpoints: list[tuple[int, bytes]], faults: list[Fault], rows: Rows, key: Key | None, unsigned: bool
) -> Report:
    for at, stated in checkpoints:
        if at > tree.size:
            faults.append(Fault(where=f"checkpoint of size {at}", what=f"the log has {tree.size} entries: it was cut"))
        elif tree.roots.get(at) != stated:
            faults.append(Fault(where=f"checkpoint of size {at}", what="entries before it were changed after it was signed"))
    remarks = []
    if key is None:
        remarks.append("no key was given: whose signatures these are was not checked against a key that you trust")
    if unsigned and tree.size:
        what = "the log as it stands now is not signed"
        if key is None:
            remarks.append(what)
        else:
            faults.append(Fault(where="the log's head", what=what))
    return Report(
        size=tree.size,
        root=tree.root.hex(),
        rows=rows.count,
        checkpoints=len(checkpoints),
        faults=(*tree.faults, *faults, *rows.faults),
        remarks=tuple(remarks),
    )
