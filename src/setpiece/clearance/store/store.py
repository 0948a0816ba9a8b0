"""Opening the records: SQLite beside a production, PostgreSQL for a team, by URL. Migrates to the newest form on opening.

One writer at a time, on both: what a decision was taken on cannot change before it is recorded. Concurrent callers of
:meth:`Store.write` in one process share a transaction and its commit, and each returns only after that commit.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Engine, create_engine, event, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from setpiece.clearance.ledger.checkpoint import Signer
from setpiece.clearance.ledger.log import Appender
from setpiece.clearance.ledger.proofs import StoredTree
from setpiece.clearance.records import ConsentEvent
from setpiece.clearance.store.codec import decode
from setpiece.clearance.store.migrate import migrate
from setpiece.clearance.store.tables import TABLES
from setpiece.clearance.store.transaction import ENDED, Transaction, broke_integrity
from setpiece.core.errors import ClearanceRefused, DependencyMissing, OutputFailed, SetpieceError

T = TypeVar("T")
_WAIT_MS = 60_000


def system_clock() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class _Waiting(Generic[T]):
    work: Callable[[Transaction], T]
    now: datetime | None
    done: bool = False
    result: T | None = None
    fault: BaseException | None = None


class Store:
    """The records of clearance and their log, in one database."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime], random: Callable[[int], bytes]) -> None:
        self.engine = engine
        self.signer: Signer | None = None  # signs the head at each commit, where the office has keys
        self._clock = clock
        self._random = random
        self._writers = engine.execution_options(setpiece_writes=True)
        self._queue: list[_Waiting[Any]] = []
        self._queue_lock = threading.Lock()
        self._turn = threading.Lock()

    @classmethod
    def open(
        cls, url: str, *, clock: Callable[[], datetime] = system_clock, random: Callable[[int], bytes] = os.urandom
    ) -> Store:
        """Open ``sqlite:///path`` or ``postgresql+psycopg://…``, made and migrated where needed (OutputFailed if neither)."""
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise OutputFailed("records in memory would be lost", remedy="name a file: sqlite:///path/clearance.db")
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(parsed, connect_args={"timeout": _WAIT_MS / 1000})
            _set_up_sqlite(engine)
        else:
            engine = _server(parsed)
            engine.dialect.use_insertmanyvalues_wo_returning = True  # many rows a round trip
        try:
            migrate(engine.execution_options(setpiece_writes=True))
        except DBAPIError as fault:
            engine.dispose()
            raise OutputFailed(
                f"the records cannot be opened ({fault.orig})", remedy="check the URL, the server and its rights"
            ) from fault
        return cls(engine, clock=clock, random=random)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def begin(self, now: datetime | None = None) -> Iterator[Transaction]:
        """A transaction that writes, alone until it ends; committed at the end of the block, undone by an exception."""
        with _translated(), self._writers.begin() as connection:
            tx = Transaction(connection, Appender(connection), now=now or self._clock(), random=self._random)
            yield tx
            tx.flush(self.signer)

    @contextmanager
    def read(self, now: datetime | None = None) -> Iterator[Transaction]:
        """A transaction that only reads, beside any writer."""
        with _translated(), self.engine.connect() as connection:
            yield Transaction(connection, None, now=now or self._clock(), random=self._random)

    def write(self, work: Callable[[Transaction], T], now: datetime | None = None) -> T:
        """Do ``work`` in a transaction, shared with whoever else waits; returns after its commit.

        ``work`` may be called twice: once with the others, and alone where one of them failed.
        """
        mine: _Waiting[T] = _Waiting(work=work, now=now)
        with self._queue_lock:
            self._queue.append(mine)
        with self._turn:
            if not mine.done:
                with self._queue_lock:
                    batch, self._queue = self._queue, []
                self._write_batch(batch)
        if mine.fault is not None:
            raise mine.fault
        return cast(T, mine.result)

    def checkpoint(self) -> None:
        """Sign the log as it stands and keep that checkpoint for good. ValueError without a signer."""
        if self.signer is None:
            raise ValueError("a checkpoint needs a key")
        with self.begin() as tx:
            tx.flush(self.signer, keep=True)

    @contextmanager
    def tree(self) -> Iterator[StoredTree]:
        """The log's tree as it stands, for proofs."""
        with _translated(), self.engine.connect() as connection:
            yield StoredTree(connection)

    def revocations_since(self, sequence: int) -> tuple[ConsentEvent, ...]:
        """Every revocation and suspension recorded after an entry, whatever it concerns."""
        events = TABLES[ConsentEvent]
        since = select(events.c.body).where(events.c.sequence > sequence, events.c.kind.in_(ENDED)).order_by(events.c.sequence)
        with _translated(), self.engine.connect() as connection:
            return tuple(decode(ConsentEvent, row.body) for row in connection.execute(since))

    def _write_batch(self, batch: list[_Waiting[Any]]) -> None:
        try:
            self._write_together(batch)
        except BaseException as fault:
            if len(batch) == 1:
                batch[0].fault, batch[0].done = fault, True
                return
            for one in batch:
                self._write_batch([one])

    def _write_together(self, batch: list[_Waiting[Any]]) -> None:
        results = []
        with self.begin() as tx:
            usual = tx.now
            for one in batch:
                tx.now, tx.gathered = one.now or usual, ()
                results.append(one.work(tx))
        for one, result in zip(batch, results, strict=True):
            one.result, one.done = result, True


def _server(url: URL) -> Engine:
    """The engine of a database server. Raises DependencyMissing where its driver is not installed."""
    try:
        return create_engine(url, pool_recycle=300)
    except ModuleNotFoundError as fault:
        raise DependencyMissing(
            f"the driver of {url.drivername} is not installed ({fault.name})", remedy="pip install 'setpiece[postgresql]'"
        ) from fault


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SetpieceError:
        raise
    except DBAPIError as fault:
        if broke_integrity(fault):  # met at commit: a deferred reference
            message = f"a record names what is not recorded ({fault.orig})"
            raise ClearanceRefused(message, remedy="record first what it names") from fault
        message = f"the records cannot be read or written ({fault.orig})"
        raise OutputFailed(message, remedy="check the disk, the server and its rights") from fault


def _set_up_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # transactions begin where "begin" below says so
        for pragma in (
            "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_WAIT_MS}", "cache_size=-65536",
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("setpiece_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
