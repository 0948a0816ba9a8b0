"""One transaction on the records: what is written in it is in the log with it, or nothing is.

Refuses (ClearanceRefused) a record that is there already, a change of one that lasts (events, approvals, overrides), a
row that names what does not exist; (RecordDamaged) a row that is not what its log entry commits to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, delete, insert, or_, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from setpiece.clearance.ledger.checkpoint import Signer
from setpiece.clearance.ledger.log import SALT_BYTES, Appender, LogEntry, commitment
from setpiece.clearance.names import person_key
from setpiece.clearance.records import ConsentEvent, ConsentGrant, Facts, Performer
from setpiece.clearance.store.codec import decode, encode
from setpiece.clearance.store.gather import check_row, damaged, gather
from setpiece.clearance.store.kinds import Kind, kind_of
from setpiece.clearance.store.tables import TABLES, contents, decisions, log, performer_names, tree_head
from setpiece.clearance.times import rfc3339
from setpiece.clearance.use import UseRequest, canonical
from setpiece.core.clearance import Decision
from setpiece.core.errors import ClearanceRefused

T = TypeVar("T")
ENDED = ("revoked", "suspended")
_CORRECT = "correct what you record"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """A decision as it is stored: its entry, and everything that led to it."""

    sequence: int
    leaf_hash: str
    gate: str
    subject_sha256: str
    about: str
    outcome: str
    body: Mapping[str, Any]


class Transaction:
    """Reads and writes of one transaction. ``now`` is the time of what is entered; ``random`` gives salts."""

    def __init__(
        self, connection: Connection, log_end: Appender | None, *, now: datetime, random: Callable[[int], bytes]
    ) -> None:
        self.connection = connection
        self.now = now
        self.gathered: tuple[int, ...] = ()  # the entries that the last gathered facts stand on
        self._log = log_end
        self._random = random
        self._later: dict[Table, list[dict[str, object]]] = {}  # rows that nothing can refuse, written together

    @property
    def log(self) -> Appender:
        """The end of the log. Only where this transaction writes: ValueError otherwise."""
        if self._log is None:
            raise ValueError("this transaction only reads")
        return self._log

    # Reading

    def get(self, type_: type[T], id: str) -> T | None:
        """The record with this id, or None."""
        table = TABLES[kind_of(type_).type]
        found = self._read(type_, table.c.id == id)
        return found[0] if found else None

    def find(self, type_: type[T], **equal: object) -> tuple[T, ...]:
        """Every record whose fields equal these, by id. Indexed fields search, others filter; ValueError for no field."""
        kind = kind_of(type_)
        table = TABLES[type_]
        indexed = [table.c[name] == value for name, value in equal.items() if name in kind.columns or name == "id"]
        rest = {name: value for name, value in equal.items() if name not in kind.columns and name != "id"}
        unknown = [name for name in rest if name not in getattr(type_, "__dataclass_fields__", {})]
        if unknown:
            raise ValueError(f"{type_.__name__} has no {', '.join(unknown)}")
        return tuple(
            record
            for record in self._read(type_, *indexed)
            if all(getattr(record, name) == value for name, value in rest.items())
        )

    def gather(self, use: UseRequest, requesters_of: str | None = None) -> Facts:
        """The facts of a use: only what it touches, by index. :attr:`gathered` then names the entries they stand on."""
        self._flush()
        found = gather(self.connection, use, requesters_of)
        self.gathered = found.sequences
        return found.facts

    def decided(self, subject: str, gate: str | None = None) -> tuple[DecisionRow, ...]:
        """Every decision on a subject (its hash, or what it was said to be about), oldest first, each checked."""
        where = [or_(decisions.c.subject_sha256 == subject, decisions.c.about == subject)] + (
            [decisions.c.gate == gate] if gate else []
        )
        return self._decisions(*where)

    def decision_at(self, sequence: int) -> DecisionRow | None:
        """The decision that an entry records, or None."""
        found = self._decisions(decisions.c.sequence == sequence)
        return found[0] if found else None

    def endings(self, performers: Iterable[str]) -> tuple[tuple[int, ConsentEvent], ...]:
        """Every revocation and suspension of these performers' grants, with its entry, oldest entry first."""
        self._flush()
        events, grants = TABLES[ConsentEvent], TABLES[ConsentGrant]
        statement = (
            select(events.c.id, events.c.sequence, events.c.salt, events.c.body, log.c.leaf, log.c.leaf_hash)
            .join_from(events, grants, grants.c.id == events.c.grant)
            .join(log, log.c.sequence == events.c.sequence, isouter=True)
            .where(grants.c.performer.in_(sorted(performers)), events.c.kind.in_(ENDED))
            .order_by(events.c.sequence)
        )
        return tuple(
            (row.sequence, decode(ConsentEvent, check_row(events.name, row.id, row)))
            for row in self.connection.execute(statement)
        )

    def written_since(self, type_: type, sequence: int, **equal: str) -> bool:
        """Whether any record of a type, with these indexed fields, was entered or changed after an entry."""
        table = TABLES[kind_of(type_).type]
        where = [table.c[name] == value for name, value in equal.items()]
        newer = select(table.c.id).where(table.c.sequence > sequence, *where).limit(1)
        return self.connection.execute(newer).first() is not None

    def highest_at(self) -> datetime | None:
        """The latest time that any writer has seen, to the second; None where nobody wrote yet."""
        if self._log is not None:
            seen = self._log.highest_at
        else:
            seen = self.connection.execute(select(tree_head.c.highest_at)).scalar_one()
        return datetime.fromisoformat(seen) if seen else None

    # Writing

    def add(self, record: object) -> LogEntry:
        """Enter a new record."""
        return self.add_all([record])[0]

    def add_all(self, new: Sequence[object]) -> tuple[LogEntry, ...]:
        """Enter new records, of any types."""
        entries: list[LogEntry] = []
        rows: dict[type, list[dict[str, object]]] = {}
        for record in new:
            kind = kind_of(type(record))
            row, entry = self._row(kind, record, {"type": kind.type.__name__})
            rows.setdefault(kind.type, []).append(row)
            entries.append(entry)
        for type_, some in rows.items():
            self._insert(TABLES[type_], some, f"this {type_.__name__}")
        self._name([record for record in new if isinstance(record, Performer)])
        return tuple(entries)

    def replace(self, record: object) -> LogEntry:
        """Enter what a record says from now on; what it said is kept beside. It must be there, and not of a lasting kind."""
        kind = kind_of(type(record))
        table, key = TABLES[kind.type], kind.key(record)
        if kind.lasting:
            raise ClearanceRefused(
                f"a {kind.type.__name__} is never changed once it is recorded", remedy="record what happened since as a new one"
            )
        self._flush()
        old = self.connection.execute(
            select(table.c.sequence, table.c.salt, table.c.body, log.c.leaf, log.c.leaf_hash)
            .join_from(table, log, log.c.sequence == table.c.sequence)
            .where(table.c.id == key)
        ).one_or_none()
        if old is None:
            raise ClearanceRefused(f"there is no {kind.type.__name__} {key} to change", remedy="record it first")
        check_row(table.name, key, old)
        row, entry = self._row(kind, record, {"type": kind.type.__name__, "replaces": old.sequence})
        self.connection.execute(insert(contents), {"sequence": old.sequence, "salt": old.salt, "body": old.body})
        with _refusing(f"this {kind.type.__name__} names what is not recorded", _CORRECT):
            self.connection.execute(update(table).where(table.c.id == key), row)
        if isinstance(record, Performer):
            self.connection.execute(delete(performer_names).where(performer_names.c.performer == key))
            self._name([record])
        return entry

    def append(self, kind: str, payload: Mapping[str, object], *, public: Mapping[str, object] | None = None) -> LogEntry:
        """Enter anything else. ``payload`` is kept erasable, the leaf commits to it; ``public`` stands in the leaf itself."""
        body = canonical(dict(payload))
        salt = self._random(SALT_BYTES)
        entry = self.log.append(kind, commitment(salt, body), public=public or {}, at=rfc3339(self.now))
        self._later.setdefault(contents, []).append({"sequence": entry.sequence, "salt": salt, "body": body.decode()})
        return entry

    def add_decision(self, decision: Decision, use: UseRequest, *, about: str = "") -> LogEntry:
        """Enter a decision with the use it rules on and the entries of the facts that it rests on (as last gathered).

        The leaf states gate, subject, policy, outcome and the rules that fired; names and reasons stay erasable.
        """
        shown: dict[str, object] = {
            "gate": decision.gate,
            "subject_sha256": decision.subject_sha256,
            "outcome": decision.outcome.value,
        }
        plain = asdict(decision) | {"outcome": decision.outcome.value}
        plain["findings"] = [asdict(finding) | {"outcome": finding.outcome.value} for finding in decision.findings]
        body = canonical(shown | {"about": about, "decision": plain, "use": asdict(use), "facts": self.gathered})
        salt = self._random(SALT_BYTES)
        rules = [f"{finding.rule} {finding.outcome.value}" for finding in decision.findings]
        public = shown | {"policy_sha256": decision.policy_sha256, "rules": rules}
        entry = self.log.append("decision", commitment(salt, body), public=public, at=rfc3339(self.now))
        row = shown | {"about": about, "sequence": entry.sequence, "salt": salt, "body": body.decode()}
        self._later.setdefault(decisions, []).append(row)
        return entry

    def erase(self, type_: type, id: str, reason: str) -> LogEntry:
        """Erase a record and all that it ever said. Its entries stay, and commit to what nobody can guess."""
        table = TABLES[kind_of(type_).type]
        self._flush()
        sequence = self.connection.execute(select(table.c.sequence).where(table.c.id == id)).scalar_one_or_none()
        if sequence is None:
            raise ClearanceRefused(f"there is no {type_.__name__} {id} to erase", remedy=_CORRECT)
        erased: list[int] = []
        while sequence is not None:
            erased.append(sequence)
            leaf = self.connection.execute(select(log.c.leaf).where(log.c.sequence == sequence)).scalar_one()
            sequence = json.loads(leaf)["public"].get("replaces")
        with _refusing(f"other records rest on {type_.__name__} {id}", "erase its events and uses first"):
            self.connection.execute(delete(table).where(table.c.id == id))
        if type_ is Performer:
            self.connection.execute(delete(performer_names).where(performer_names.c.performer == id))
        self.connection.execute(delete(contents).where(contents.c.sequence.in_(erased)))
        return self.append("erased", {"reason": reason}, public={"type": type_.__name__, "sequences": erased})

    def flush(self, signer: Signer | None = None, *, keep: bool = False) -> None:
        """Write what waits; sign the log's head where there is a signer, and keep that checkpoint where asked."""
        self.log.flush(signer, keep=keep)
        for table, rows in self._later.items():
            self.connection.execute(insert(table), rows)
        self._later = {}

    # Inside

    def _row(self, kind: Kind, record: object, public: Mapping[str, object]) -> tuple[dict[str, object], LogEntry]:
        body = encode(record)
        salt = self._random(SALT_BYTES)
        entry = self.log.append("record", commitment(salt, body.encode()), public=public, at=rfc3339(self.now))
        row: dict[str, object] = {name: getattr(record, name) for name in kind.columns}
        return row | {"id": kind.key(record), "sequence": entry.sequence, "salt": salt, "body": body}, entry

    def _name(self, performers: Sequence[Performer]) -> None:
        known = {(person_key(name), one.id) for one in performers for name in (one.name, *one.aliases) if person_key(name)}
        if known:
            rows = [{"name": name, "performer": id} for name, id in sorted(known)]
            self.connection.execute(insert(performer_names), rows)

    def _insert(self, table: Table, rows: list[dict[str, object]], what: str) -> None:
        known = f"{what} is recorded already, or names what is not recorded"
        with _refusing(known, "change the recorded one, or record first what it names"):
            self.connection.execute(insert(table), rows)

    def _flush(self) -> None:
        if self._log is not None:
            self.flush()

    def _read(self, type_: type[T], *where: Any) -> tuple[T, ...]:
        self._flush()
        table = TABLES[kind_of(type_).type]
        statement = (
            select(table.c.id, table.c.salt, table.c.body, log.c.leaf, log.c.leaf_hash)
            .join_from(table, log, log.c.sequence == table.c.sequence, isouter=True)
            .where(*where)
            .order_by(table.c.id)
        )
        return tuple(decode(type_, check_row(table.name, row.id, row)) for row in self.connection.execute(statement))

    def _decisions(self, *where: Any) -> tuple[DecisionRow, ...]:
        self._flush()
        statement = (
            select(decisions, log.c.leaf, log.c.leaf_hash)
            .join_from(decisions, log, log.c.sequence == decisions.c.sequence, isouter=True)
            .where(*where)
            .order_by(decisions.c.sequence)
        )
        return tuple(_decision(row) for row in self.connection.execute(statement))


def broke_integrity(fault: DBAPIError) -> bool:
    """Whether a database refused a row for a key or a reference."""
    return isinstance(fault, IntegrityError)


@contextmanager
def _refusing(message: str, remedy: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as fault:
        if broke_integrity(fault):
            raise ClearanceRefused(message, remedy=remedy) from fault
        raise


def _decision(row: Any) -> DecisionRow:
    body = json.loads(check_row("decisions", row.sequence, row))
    shown = {"gate": row.gate, "subject_sha256": row.subject_sha256, "about": row.about, "outcome": row.outcome}
    if any(body[name] != value for name, value in shown.items()):
        raise damaged("decisions", row.sequence)
    return DecisionRow(sequence=row.sequence, leaf_hash=bytes(row.leaf_hash).hex(), body=body, **shown)
