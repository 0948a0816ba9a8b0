"""Reading a SQLite database of records and log: read-only, in one snapshot; its leaves by several processes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from urllib.parse import quote

from setpiece_verify.hashing import CHUNK, TILE_LEVELS
from setpiece_verify.leaves import Chunk, hash_chunk
from setpiece_verify.report import Fault
from setpiece_verify.rows import Rows

_TILE = 1 << TILE_LEVELS


def connect(path: Path) -> sqlite3.Connection:
    """Open read-only, in one snapshot. sqlite3.Error where it cannot be."""
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None)
    connection.execute("BEGIN")
    return connection


def chunks(path: Path, size: int, sizes: list[int], processes: int) -> Iterator[Chunk]:
    """Every chunk of the log, in order. One process where the log is small."""
    starts = range(0, size, CHUNK)
    work = [(str(path), first, min(CHUNK, size - first), sizes) for first in starts]
    if processes <= 1 or len(work) <= 1:
        yield from map(_read_chunk, work)
        return
    context = get_context("fork" if "fork" in get_all_start_methods() else "spawn")
    with ProcessPoolExecutor(max_workers=processes, mp_context=context) as pool:
        yield from pool.map(_read_chunk, work)


def _read_chunk(job: tuple[str, int, int, list[int]]) -> Chunk:
    path, first, count, sizes = job
    connection = connect(Path(path))
    try:
        found = connection.execute(
            "SELECT CAST(leaf AS BLOB), leaf_hash, sequence FROM log WHERE sequence BETWEEN ? AND ? ORDER BY sequence",
            (first, first + count - 1),
        ).fetchall()
        chunk = hash_chunk(first, [row[0] for row in found], sizes)
        _compare_hashes(chunk, found)
        if len(found) != count:
            held = {row[2] for row in found}
            gone = [sequence for sequence in range(first, first + count) if sequence not in held]
            what = f"{len(gone)} entries were deleted from here on"
            chunk.faults.append(Fault(where=f"log entry {gone[0]}", what=what))
        _compare_tiles(connection, chunk)
        chunk.hashes, chunk.tiles = [], []  # compared; too much to send
        return chunk
    finally:
        connection.close()


def _compare_hashes(chunk: Chunk, found: list[tuple[bytes, bytes, int]]) -> None:
    for computed, (_, stored, sequence) in zip(chunk.hashes, found, strict=True):
        if computed != stored:
            what = "the entry was changed by hand: it does not hash to what stands beside it"
            chunk.faults.append(Fault(where=f"log entry {sequence}", what=what))


def _compare_tiles(connection: sqlite3.Connection, chunk: Chunk) -> None:
    first = chunk.first // _TILE
    stored = dict(
        connection.execute(
            "SELECT position, hash FROM tiles WHERE level = 0 AND position BETWEEN ? AND ?",
            (first, first + len(chunk.tiles) - 1),
        ).fetchall()
    )
    for position, computed in enumerate(chunk.tiles, first):
        if stored.get(position) != computed:
            low = position * _TILE
            where = f"log entries {low} to {low + _TILE - 1}"
            chunk.faults.append(Fault(where=where, what="they do not hash to the tile that was stored when they were written"))


def head(connection: sqlite3.Connection) -> tuple[int, bytes, str | None]:
    """Size of the log, the hashes of its full subtrees as stored, the latest checkpoint."""
    row = connection.execute("SELECT size, frontier, note FROM tree_head WHERE id = 1").fetchone()
    if row is None:
        raise ValueError("the database has no log")
    return int(row[0]), bytes(row[1]), row[2]


def notes(connection: sqlite3.Connection) -> list[tuple[int, str]]:
    """Every kept checkpoint: the size it is filed under, and the note."""
    return [(int(size), note) for size, note in connection.execute("SELECT size, note FROM checkpoints ORDER BY size")]


def check_rows(connection: sqlite3.Connection, rows: Rows) -> None:
    """Every row of every table that rests on the log."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    for table in tables:
        columns = [column[1] for column in connection.execute(f'PRAGMA table_info("{table}")')]
        if not {"sequence", "salt", "body"} <= set(columns):
            continue
        shown = ", ".join(f't."{column}"' for column in columns)
        found = connection.execute(f'SELECT {shown}, l.leaf FROM "{table}" t LEFT JOIN log l ON l.sequence = t.sequence')
        for values in found:
            rows.check(table, dict(zip(columns, values[:-1], strict=True)), values[-1])
    rows.finish()
