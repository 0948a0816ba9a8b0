from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setpiece.clearance.record import Record, verified
from setpiece.core.errors import OutputFailed, RecordDamaged


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "clearance.jsonl"
    record = Record(path)
    for number in range(4):
        record.append("decision", {"number": number, "who": "Zoë"})
    return path


def test_lines_come_back_in_order_and_chained(path: Path) -> None:
    entries = Record(path).entries
    assert [entry.payload["number"] for entry in entries] == [0, 1, 2, 3]
    assert [entry.previous for entry in entries[1:]] == [entry.sha256 for entry in entries[:-1]]
    assert verified(path) == entries


def test_a_record_that_nobody_wrote_is_empty_and_stays_unwritten(tmp_path: Path) -> None:
    assert Record(tmp_path / "none.jsonl").entries == verified(tmp_path / "none.jsonl") == ()
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_any_changed_byte_is_found(path: Path, place: int, byte: int) -> None:
    data = path.read_bytes()
    place %= len(data)
    if data[place] == byte:
        return
    try:
        path.write_bytes(data[:place] + bytes([byte]) + data[place + 1 :])
        with pytest.raises(RecordDamaged):
            verified(path)
    finally:
        path.write_bytes(data)


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 3), (0, 2, 3), (0, 2, 1, 3), (0, 1, 2, 3, 3), ()])
def test_lines_removed_swapped_or_repeated_are_found(path: Path, order: tuple[int, ...]) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[index] for index in order))
    with pytest.raises(RecordDamaged):
        Record(path)


def test_a_forged_line_with_a_right_hash_of_its_own_breaks_the_chain(path: Path) -> None:
    other = Record(path.with_name("other.jsonl"))
    for number in (0, 9):
        other.append("decision", {"number": number, "who": "Zoë"})
    forged = other.path.read_bytes().splitlines(keepends=True)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], forged[1], *lines[2:]]))
    with pytest.raises(RecordDamaged, match="line 3"):
        Record(path)


def test_the_record_deleted_is_missed(path: Path) -> None:
    path.unlink()
    with pytest.raises(RecordDamaged, match="cut off"):
        Record(path)


def test_a_torn_last_line_is_set_aside_and_the_record_goes_on(path: Path) -> None:
    torn = b'{"hash":"abc","payl'
    with path.open("ab") as stream:
        stream.write(torn)
    with pytest.raises(RecordDamaged, match="line 5 is torn"):
        verified(path)
    record = Record(path)
    assert len(record.entries) == 4
    assert path.with_name("clearance.jsonl.torn").read_bytes() == torn + b"\n"
    record.append("decision", {"number": 4})
    assert len(verified(path)) == 5


def test_what_another_process_appended_is_not_lost(path: Path) -> None:
    first, second = Record(path), Record(path)
    first.append("decision", {"number": 4})
    second.append("decision", {"number": 5})
    assert [entry.payload["number"] for entry in verified(path)] == [0, 1, 2, 3, 4, 5]


def _append(path: str, count: int) -> None:
    record = Record(Path(path))
    for number in range(count):
        record.append("decision", {"number": number})


def test_two_processes_at_once_keep_one_chain(path: Path) -> None:
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=_append, args=(str(path), 12)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert len(verified(path)) == 28


def test_a_writer_killed_at_any_moment_leaves_a_record_that_verifies(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from setpiece.clearance.record import Record\n"
        "record = Record(Path(sys.argv[1]))\n"
        "print('on', flush=True)\n"
        "while True: record.append('decision', {'filler': 'x' * 5000})"
    )
    for lines in range(3):
        process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        before = path.stat().st_size
        while path.stat().st_size < before + lines * 5500:
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        count = len(Record(path).entries)
        assert len(verified(path)) == count >= 4


def test_a_full_disk_leaves_the_record_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()
    real = os.pwrite

    def full(handle: int, data: bytes, offset: int) -> int:
        real(handle, data[: len(data) // 2], offset)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OutputFailed, match="room"):
        Record(path).append("decision", {"number": 4})
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert len(verified(path)) == 4


def test_lines_are_plain_json_for_anybody_to_read(path: Path) -> None:
    line = json.loads(path.read_text(encoding="utf-8").splitlines()[2])
    assert sorted(line) == ["hash", "payload", "previous", "sequence"]
    assert line["payload"] == {"kind": "decision", "number": 2, "schema": "setpiece.clearance/1", "who": "Zoë"}
