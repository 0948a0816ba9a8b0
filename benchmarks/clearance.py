"""Clearance at scale: ``python benchmarks/clearance.py --count 1000000`` (nightly: 10000000).

Loads ``count`` consent grants (ten to a performer) through the store, so that there are more than ``count`` log entries,
into SQLite and into a PostgreSQL of its own, both durable (synchronous=FULL; fsync on). Then measures, warm:

* decision: gathering the facts of a random performer's use and ruling on it, one caller;
* decide and commit: the same, entered with its log entry and its signed head, one caller;
* appends: one small entry a commit, by one caller; and by eight threads that share commits (each returns after its own);
* proofs: inclusion of a random entry and consistency with a random earlier size, tiles read anew each time;
* verification by ``setpiece_verify``: the tree from the leaves alone, and with every record against its leaf
  (PostgreSQL: of an export, one process; SQLite: of the database, two processes for the leaves, one for the records).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "unit" / "clearance"))

from throwaway_postgres import server_binaries, throwaway_postgres

from setpiece.clearance.decide import decide
from setpiece.clearance.ledger.export import export_log
from setpiece.clearance.office import Office
from setpiece.clearance.policy import Policy
from setpiece.clearance.records import ConsentGrant, Performer, Production, Scope
from setpiece.clearance.use import Declaration, PersonUse, UseRequest, canonical_sha256
from setpiece_verify import verify

RESULTS = Path(__file__).parent / "results"
GRANTS_EACH = 10
BATCH = 5_000
THREADS = 8
START = datetime(2026, 8, 3, 12, tzinfo=UTC)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def load(office: Office, count: int) -> float:
    """Entries a second."""
    began, done = time.perf_counter(), 0
    office.record(Production(id="film", title="Film", regime="S26", jurisdictions=("US-CA",)), START)
    scope = Scope(uses=("replica",), roles=("*",), scenes=("*",), media=("*",), languages=("*",), territories=("*",))
    for first in range(0, count, BATCH):
        with office.store.begin(START) as tx:
            batch: list[object] = []
            for number in range(first, min(first + BATCH, count)):
                who = f"p{number // GRANTS_EACH}"
                if number % GRANTS_EACH == 0:
                    batch.append(Performer(id=who, name=f"Performer {who}", union="SAG-AFTRA", birth_date=date(1990, 1, 1)))
                batch.append(
                    ConsentGrant(
                        id=f"g{number}", performer=who, production="film" if number % 3 else f"other{number % 7}",
                        type="employment_replica", scope=scope, description="as described in the rider, scenes as scripted",
                        signed_on=date(2026, 2, 1), separately_signed=True, conspicuous=True, signed_by=who,
                    )
                )  # fmt: skip
            tx.add_all(batch)
            done += len(batch)
        if first % (BATCH * 20) == 0:
            say(f"  {done} loaded, {time.perf_counter() - began:.0f} s")
    return done / (time.perf_counter() - began)


def use_of(chance: random.Random, count: int, number: int) -> UseRequest:
    who = f"p{chance.randrange(count // GRANTS_EACH)}"
    return UseRequest(
        gate="admit",
        subject_sha256=canonical_sha256(number),
        production="film",
        declaration=Declaration(purpose="shot", final=False, prominence="background", requester="Ann Other"),
        persons=(PersonUse(performer=who, kind="replica", scene="10", role="guard", day=START.date()),),
    )


def timed(times: int, work: Callable[[int], object]) -> dict[str, float]:
    """Milliseconds of each call: median, 99th percentile, worst."""
    for number in range(20):
        work(-1 - number)
    taken = []
    for number in range(times):
        began = time.perf_counter()
        work(number)
        taken.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return {"p50_ms": round(cuts[49], 3), "p99_ms": round(cuts[98], 3), "max_ms": round(max(taken), 3)}


def appends(office: Office, threads: int, each: int) -> float:
    def loop(thread: int) -> None:
        for number in range(each):
            office.store.write(lambda tx: tx.append("note", {"thread": thread, "number": number}), START)  # noqa: B023

    began = time.perf_counter()
    workers = [threading.Thread(target=loop, args=(thread,)) for thread in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return threads * each / (time.perf_counter() - began)


def proofs(office: Office, chance: random.Random) -> dict[str, dict[str, float]]:
    def inclusion(number: int) -> object:
        with office.store.tree() as stored:
            return stored.inclusion(chance.randrange(stored.size))

    def consistency(number: int) -> object:
        with office.store.tree() as stored:
            return stored.consistency(chance.randrange(1, stored.size))

    return {"inclusion": timed(300, inclusion), "consistency": timed(300, consistency)}


def verification(office: Office, folder: Path, database: Path | None, with_records: bool) -> dict[str, Any]:
    key = (folder / "keys" / "log.vkey").read_text(encoding="utf-8")
    path = database or folder / "log.jsonl"
    if database is None:
        with office.store.read() as tx:
            export_log(tx.connection, path, verifier_key=key.strip(), rows=with_records)
    found: dict[str, Any] = {"of": "database, 2 processes" if database else "export, 1 process"}
    began = time.perf_counter()
    report = verify(path, key=key, rows=False, processes=2)
    found["leaves_per_s"] = round(report.size / (time.perf_counter() - began))
    faults = list(report.faults)
    if with_records:
        began = time.perf_counter()
        report = verify(path, key=key, processes=2)
        found["with_records_per_s"] = round(report.size / (time.perf_counter() - began))
        faults += report.faults
    if faults:
        raise SystemExit(f"the log is not whole: {faults[:3]}")
    return found


def settle(office: Office, database: Path | None) -> None:
    """What a production's database has behind it and one that was filled in minutes has not: statistics, a checkpoint, and a
    disk that is not still writing."""
    with office.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for order in ("VACUUM ANALYZE", "CHECKPOINT") if database is None else ("PRAGMA wal_checkpoint(TRUNCATE)",):
            connection.exec_driver_sql(order)
    os.sync()


def measure(url: str, folder: Path, database: Path | None, count: int, with_records: bool) -> dict[str, Any]:
    office = Office.open(url, folder / "keys", Policy(), decide=decide)
    chance = random.Random(7)
    row: dict[str, Any] = {"loaded_per_s": round(load(office, count))}
    settle(office, database)

    def decision(number: int) -> object:
        use = use_of(chance, count, number)
        with office.store.read() as tx:
            return decide(use, tx.gather(use), office.policy, START)

    row["decision"] = timed(2000, decision)
    row["decide_and_commit"] = timed(1000, lambda number: office.decide(use_of(chance, count, number), START))
    row["appends_per_s"] = {
        "1 caller": round(appends(office, 1, 1500)),
        f"{THREADS} callers": round(appends(office, THREADS, 500)),
    }
    row["proof"] = proofs(office, chance)
    with office.store.tree() as stored:
        row["log_entries"] = stored.size
    office.store.checkpoint()
    row["verify"] = verification(office, folder, database, with_records)
    office.close()
    return row


def table(results: dict[str, Any]) -> str:
    lines = ["| | " + " | ".join(results["rows"]) + " |", "|---|" + "---|" * len(results["rows"])]

    def line(title: str, value: Callable[[dict[str, Any]], object]) -> None:
        lines.append(f"| {title} | " + " | ".join(str(value(row)) for row in results["rows"].values()) + " |")

    line("consent grants", lambda _: f"{results['grants']:,}")
    line("log entries", lambda row: f"{row['log_entries']:,}")
    for name in ("decision", "decide_and_commit"):
        line(f"{name.replace('_', ' ')}, p50 / p99", lambda row, n=name: f"{row[n]['p50_ms']} / {row[n]['p99_ms']} ms")
    for callers in next(iter(results["rows"].values()))["appends_per_s"]:
        line(f"appends a second, {callers}", lambda row, c=callers: f"{row['appends_per_s'][c]:,}")
    for name in ("inclusion", "consistency"):
        line(f"{name} proof, p50 / p99", lambda row, n=name: f"{row['proof'][n]['p50_ms']} / {row['proof'][n]['p99_ms']} ms")
    line("verified leaves a second", lambda row: f"{row['verify']['leaves_per_s']:,} ({row['verify']['of']})")
    line("with every record", lambda row: f"{row['verify'].get('with_records_per_s', 0):,}")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--without-records", action="store_true", help="verify the tree alone")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--scratch", type=Path, help="where the databases lie meanwhile")
    options = parser.parse_args()
    rows: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        if options.only != "postgresql":
            folder = Path(scratch) / "sqlite"
            database = folder / "clearance.db"
            say("SQLite")
            rows["SQLite"] = measure(f"sqlite:///{database}", folder, database, options.count, not options.without_records)
        if options.only != "sqlite" and server_binaries() is not None:
            say("PostgreSQL")
            with throwaway_postgres(durable=True) as url:
                folder = Path(scratch) / "postgresql"
                folder.mkdir()
                rows["PostgreSQL"] = measure(url, folder, None, options.count, not options.without_records)
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version(),
               "load_1min": round(os.getloadavg()[0], 1)}  # fmt: skip
    results = {"machine": machine, "grants": options.count, "rows": rows}
    options.out.mkdir(parents=True, exist_ok=True)
    stem = f"clearance_{options.count}"
    (options.out / f"{stem}.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (options.out / f"{stem}.md").write_text(table(results), encoding="utf-8")
    print(table(results))


if __name__ == "__main__":
    main()
