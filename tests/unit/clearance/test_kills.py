"""Killed at any moment: no decision without its log entry, no entry without its decision, and the tree verifies.

SIGKILL ends a process between two instructions; that the disk keeps what it was told is the database's part.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from clearance_rooms import NOON, grant, performer, production, small_gate, use
from sqlalchemy import text

from setpiece.clearance.ledger.export import export_log
from setpiece.clearance.office import Office
from setpiece.clearance.policy import Policy
from setpiece.clearance.records import Licence
from setpiece.clearance.use import canonical_sha256
from setpiece_verify import verify

WORKERS = 4
_fork = multiprocessing.get_context("fork")


def work(url: str, keys: Path, name: str, ready: Event) -> None:
    """Decide and record until killed, in two threads that share commits."""
    office = Office.open(url, keys, Policy(), decide=small_gate)

    def loop(thread: int) -> None:
        for number in range(1_000_000):
            subject = canonical_sha256([name, thread, number])
            office.decide(use(subject, requester=f"Asker {number % 5}"), NOON, about=f"sh{number % 7}")
            office.record(Licence(id=f"{name}-{thread}-{number % 9}", grantor=str(number)), NOON)
            ready.set()

    other = threading.Thread(target=loop, args=(1,), daemon=True)
    other.start()
    loop(0)


def killed_round(url: str, keys: Path, chance: random.Random, number: int) -> None:
    """Start workers on one database, and kill each at a moment of its own."""
    ready = [_fork.Event() for _ in range(WORKERS)]
    names = [f"w{number}-{index}" for index in range(WORKERS)]
    workers = [_fork.Process(target=work, args=(url, keys, name, event)) for name, event in zip(names, ready, strict=True)]
    for worker in workers:
        worker.start()
    for event in ready:
        assert event.wait(30)
    for worker in workers:
        time.sleep(chance.uniform(0, 0.04))
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
    for worker in workers:
        worker.join(10)
        assert worker.exitcode == -signal.SIGKILL


def examined(url: str, keys: Path, folder: Path) -> int:
    """The number of decisions, once everything fits."""
    office = Office.open(url, keys, Policy(), decide=small_gate)
    with office.store.read() as tx:
        decided = set(tx.connection.execute(text("SELECT sequence FROM decisions")).scalars())
        entered = set(tx.connection.execute(text("SELECT sequence FROM log WHERE kind = 'decision'")).scalars())
        export_log(tx.connection, folder / "log.jsonl", verifier_key=(keys / "log.vkey").read_text().strip(), rows=True)
    assert decided == entered
    office.close()
    report = verify(folder / "log.jsonl", key=(keys / "log.vkey").read_text())
    assert report.sound, report.lines()
    if url.startswith("sqlite"):
        report = verify(folder / "clearance.db", key=(keys / "log.vkey").read_text())
        assert report.sound, report.lines()
    return len(decided)


def kill(url: str, folder: Path, kills: int) -> None:
    keys = folder / "keys"
    office = Office.open(url, keys, Policy(), decide=small_gate)
    for record in (production(), performer(), grant()):
        office.record(record, NOON)
    office.close()
    chance, before = random.Random(kills), 0
    for number in range(-(-kills // WORKERS)):
        killed_round(url, keys, chance, number)
        decided = examined(url, keys, folder)
        assert decided > before  # they were at work when they were killed
        before = decided


def test_twelve_kills_leave_records_and_log_whole(store_url: str, tmp_path: Path) -> None:
    kill(store_url, tmp_path, 12)


@pytest.mark.slow
def test_two_hundred_kills_leave_records_and_log_whole(store_url: str, tmp_path: Path) -> None:
    kill(store_url, tmp_path, 200)
