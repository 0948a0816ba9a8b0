"""Reading an export: JSON lines of header (with checkpoints and key), leaves, and records where it has them."""

from __future__ import annotations

import base64
import json
import mmap
from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from setpiece_verify.hashing import CHUNK
from setpiece_verify.leaves import Chunk, hash_chunk
from setpiece_verify.rows import Rows

SCHEMA = "setpiece.ledger-export/1"


class Export:
    """An export, opened. The leaves are read once for the tree, and once more to stand beside their records."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            header = json.loads(file.readline())
            if not isinstance(header, dict) or header.get("schema") != SCHEMA or type(header.get("size")) is not int:
                raise ValueError(f"this is no {SCHEMA}")
            self._leaves_at = file.tell()
        self.size: int = header["size"]
        self.has_rows: bool = header["rows"] is True
        self.notes: list[str] = [str(note) for note in header["checkpoints"]]
        self.key: str = header["key"]

    def chunks(self, sizes: list[int]) -> Iterator[Chunk]:
        """Every chunk of the log, in order."""
        with self.path.open("rb") as file:
            file.seek(self._leaves_at)
            for first in range(0, self.size, CHUNK):
                yield hash_chunk(first, _take(file, min(CHUNK, self.size - first)), sizes)

    def check_rows(self, rows: Rows) -> None:
        """Every record of the export against its leaf."""
        with self.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            starts = array("Q", [self._leaves_at])
            for _ in range(self.size):
                starts.append(whole.find(b"\n", starts[-1]) + 1)
            file.seek(starts[-1])
            for line in file:
                stated: dict[str, Any] = json.loads(line)
                row = stated["row"]
                row["salt"] = None if row["salt"] is None else base64.b64decode(row["salt"])
                sequence = row["sequence"]
                inside = 0 <= sequence < self.size
                leaf = whole[starts[sequence] : starts[sequence + 1] - 1].decode() if inside else None
                rows.check(stated["table"], row, leaf)
        rows.finish()


def _take(file: BinaryIO, count: int) -> list[bytes]:
    return [line.rstrip(b"\n") for line in islice(file, count)]
