"""The record: what the gates decided and who approved, one JSON line after another, each bound to the one before.

A line holds ``sequence``, ``previous`` (the hash of the line before), ``payload`` and ``hash``, the SHA-256 over the
canonical JSON of the other three. A line counts when it is complete and on the disk; a torn last line, left by a
killed process, never counted: it is kept aside in ``.torn``. ``.head`` beside the record notes how far it had come, so
that lines cut off its end are missed. Anything else that does not verify is damage, and nothing passes a gate on a
damaged record. Never rewrites a line.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from setpiece.core.errors import RecordDamaged
from setpiece.media.files import output_failed, write_json

SCHEMA = "setpiece.clearance/1"
GENESIS = "0" * 64
_REMEDY = "restore it from a backup: nothing can be cleared on a record that was changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the record that verified."""

    sequence: int
    previous: str
    payload: Mapping[str, Any]
    sha256: str

    @property
    def kind(self) -> str:
        """``decision`` or ``approval``."""
        return str(self.payload["kind"])


class Record:
    """An append-only record on disk. Opening it verifies all of it; so does every append."""

    def __init__(self, path: Path) -> None:
        """Open the record at ``path``; it need not exist. Raises RecordDamaged, OutputFailed."""
        self.path = path
        self._entries: tuple[Entry, ...] = ()
        self.refresh()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything in the record, as of the last read."""
        return self._entries

    def refresh(self) -> None:
        """Read it again: another process may have appended."""
        if self.path.exists() or _head(self.path).exists():
            with self._locked() as handle:
                self._entries = _recovered(self.path, handle)

    def append(self, kind: str, facts: Mapping[str, Any]) -> Entry:
        """Add a line and return it once it is on the disk. Raises RecordDamaged, OutputFailed."""
        payload = {"schema": SCHEMA, "kind": kind, **facts}
        with self._locked() as handle:
            entries = _recovered(self.path, handle)
            entry = _entry(len(entries), entries[-1].sha256 if entries else GENESIS, payload)
            size = os.fstat(handle).st_size
            try:
                _write_all(handle, _line(entry), size)
                os.fsync(handle)
            except OSError as error:
                os.ftruncate(handle, size)
                raise output_failed(self.path, error) from error
            write_json(_head(self.path), {"schema": SCHEMA, "length": entry.sequence + 1, "hash": entry.sha256})
            self._entries = (*entries, entry)
        return entry

    def find(self, sequence: int, sha256: str) -> Entry | None:
        """The entry at ``sequence`` where it has this hash."""
        if 0 <= sequence < len(self._entries) and self._entries[sequence].sha256 == sha256:
            return self._entries[sequence]
        return None

    @contextmanager
    def _locked(self) -> Iterator[int]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise output_failed(self.path, error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)


def verified(path: Path) -> tuple[Entry, ...]:
    """The entries of a record, read without touching it. Raises RecordDamaged naming the line, also for a torn one."""
    if not path.exists() and not _head(path).exists():
        return ()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecordDamaged(f"cannot be read: {error.strerror}", file=path, remedy=_REMEDY) from error
    whole, torn = _split(data)
    entries = _verified(path, whole)
    if torn:
        raise RecordDamaged(
            f"line {len(entries) + 1} is torn: a process was killed while writing it",
            file=path,
            remedy="run any command on the shot: the torn line never counted and is set aside",
        )
    return entries


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _entry(sequence: int, previous: str, payload: Mapping[str, Any]) -> Entry:
    body = {"sequence": sequence, "previous": previous, "payload": payload}
    return Entry(
        sequence=sequence,
        previous=previous,
        payload=json.loads(canonical(payload)),
        sha256=hashlib.sha256(canonical(body)).hexdigest(),
    )


def _line(entry: Entry) -> bytes:
    body = {"sequence": entry.sequence, "previous": entry.previous, "payload": entry.payload, "hash": entry.sha256}
    return canonical(body) + b"\n"


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Complete lines, and what follows the last line's end."""
    end = data.rfind(b"\n") + 1
    return data[:end], data[end:]


def _recovered(path: Path, handle: int) -> tuple[Entry, ...]:
    """Verify the record behind ``handle``, setting a torn last line aside first."""
    data = b""
    while chunk := os.pread(handle, 1 << 20, len(data)):
        data += chunk
    whole, torn = _split(data)
    entries = _verified(path, whole)
    if torn:
        try:
            aside = os.open(path.with_name(path.name + ".torn"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
            try:
                _write_all(aside, torn + b"\n", None)
                os.fsync(aside)
            finally:
                os.close(aside)
            os.ftruncate(handle, len(whole))
            os.fsync(handle)
        except OSError as error:
            raise output_failed(path, error) from error
    return entries


def _verified(path: Path, whole: bytes) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    previous = GENESIS
    for number, line in enumerate(whole.split(b"\n")[:-1], start=1):
        try:
            found = json.loads(line)
            entry = _entry(number - 1, previous, found["payload"])
            sound = line + b"\n" == _line(entry) and found["payload"]["schema"] == SCHEMA
        except (ValueError, KeyError, TypeError) as error:
            raise RecordDamaged(f"line {number} cannot be read", file=path, remedy=_REMEDY) from error
        if not sound:
            raise RecordDamaged(f"line {number} was changed, moved or removed", file=path, remedy=_REMEDY)
        entries.append(entry)
        previous = entry.sha256
    _check_head(path, entries)
    return tuple(entries)


def _check_head(path: Path, entries: list[Entry]) -> None:
    head = _head(path)
    if not head.exists():
        if len(entries) > 1:  # a process may have been killed between its first line and the first head
            raise RecordDamaged("is missing", file=head, remedy=_REMEDY)
        return
    try:
        note = json.loads(head.read_bytes())
        length, sha256 = int(note["length"]), str(note["hash"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordDamaged("cannot be read", file=head, remedy=_REMEDY) from error
    if not 0 < length <= len(entries):
        raise RecordDamaged(f"has {len(entries)} lines of {length}: its end was cut off", file=path, remedy=_REMEDY)
    if entries[length - 1].sha256 != sha256:
        raise RecordDamaged(f"line {length} is not the one that was written", file=path, remedy=_REMEDY)


def _head(path: Path) -> Path:
    return path.with_name(path.name + ".head")


def _write_all(handle: int, data: bytes, offset: int | None) -> None:
    while data:
        count = os.write(handle, data) if offset is None else os.pwrite(handle, data, offset)
        data = data[count:]
        offset = None if offset is None else offset + count
