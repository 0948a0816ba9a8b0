"""Gathering the facts of one use: every record that a rule may look at, by index, in one query and its follow-ups.

A follow-up fetches what the first records name: the datasets of a model, its base, their licences, the people in them.
Every row is checked against its log entry before it counts (RecordDamaged names the row).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, bindparam, literal_column, select, union_all

from setpiece.clearance import records
from setpiece.clearance.ledger.log import commitment
from setpiece.clearance.ledger.tree import leaf_hash
from setpiece.clearance.names import person_key
from setpiece.clearance.records import Facts
from setpiece.clearance.store.codec import decode
from setpiece.clearance.store.kinds import KINDS, Requester
from setpiece.clearance.store.tables import TABLES, log, performer_names
from setpiece.clearance.use import UseRequest
from setpiece.core.errors import RecordDamaged

_TYPES = {kind.table: kind.type for kind in KINDS}
_Wanted = dict[str, set[str]]


@dataclass(slots=True)
class Gathered:
    """The facts, and the log entries that they stand on."""

    facts: Facts
    sequences: tuple[int, ...] = ()


@dataclass(slots=True)
class _Search:
    """What was found so far, and what has been asked for already."""

    found: dict[type, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    sequences: set[int] = field(default_factory=set)
    asked: _Wanted = field(default_factory=lambda: defaultdict(set))


def check_row(table: str, key: object, row: Any) -> str:
    """The body of a row, once it is what its log entry commits to; RecordDamaged, naming the row, otherwise.

    ``row`` has the record's ``salt`` and ``body`` and its entry's ``leaf`` and ``leaf_hash``.
    """
    body, salt, leaf = row.body, row.salt, row.leaf
    if (
        body is None
        or salt is None
        or leaf is None
        or f'"content":"{commitment(bytes(salt), body.encode())}"' not in leaf
        or leaf_hash(leaf.encode()) != bytes(row.leaf_hash)
    ):
        raise damaged(table, key)
    return str(body)


def damaged(table: str, key: object) -> RecordDamaged:
    """What is said of a row that somebody changed behind the log."""
    return RecordDamaged(
        f"{table} {key} is not what was recorded: the row was changed outside the log",
        remedy="run 'setpiece ledger verify' and restore the database from its last good copy",
    )


def gather(connection: Connection, use: UseRequest, requesters_of: str | None) -> Gathered:
    """The facts of a use. ``requesters_of`` is the subject whose requesters cannot approve (the use's own, by default)."""
    search = _Search()
    wanted = _first(use, requesters_of)
    while any(wanted.values()):
        _fetch(connection, search, wanted)
        wanted = _named_by(search)
    return Gathered(facts=_facts(search, use), sequences=tuple(sorted(search.sequences)))


def _first(use: UseRequest, requesters_of: str | None) -> _Wanted:
    performers = {person.performer for person in use.persons}
    performers |= {match.performer for match in use.likenesses if match.performer}
    named = {name for synthetic in use.synthetics for name in synthetic.prompt_names}
    performers |= named
    return {
        "production": {use.production} if use.production else set(),
        "performer": performers,
        "name": {person_key(name) for name in named},
        "replica": {person.replica for person in use.persons if person.replica},
        "model": set(use.models),
        "dataset": {use.dataset} if use.dataset else set(),
        "transfer": {use.transfer} if use.transfer else set(),
        "notice": {synthetic.notice for synthetic in use.synthetics if synthetic.notice},
        "subject": {use.subject_sha256},
        "requesters": {use.subject_sha256, requesters_of or use.subject_sha256},
        "strike": {"every"} if performers or use.synthetics else set(),
    }


def _named_by(search: _Search) -> _Wanted:
    wanted: _Wanted = defaultdict(set)
    wanted["performer"] |= search.found[records.Performer].keys()  # those found by name
    for model in search.found[records.Model].values():
        wanted["model"] |= {model.base} if model.base else set()
        wanted["dataset"] |= set(model.datasets)
        wanted["licence"] |= {model.licence} if model.licence else set()
        wanted["performer"] |= set(model.about_performers)
    for dataset in search.found[records.Dataset].values():
        wanted["licence"] |= {dataset.licence} if dataset.licence else set()
        wanted["licence"] |= {item.licence for item in dataset.items if item.licence}
        wanted["performer"] |= {person for item in dataset.items for person in (*item.people, *item.people_cleared)}
    for transfer in search.found[records.Transfer].values():
        wanted["replica"] |= {transfer.replica}
    for replica in search.found[records.Replica].values():
        wanted["performer"] |= {replica.performer}
    wanted["strike"] = {"every"} if wanted["performer"] else set()
    return {name: values - search.asked[name] for name, values in wanted.items()}


_Branch = Callable[[Any], ColumnElement[bool]]


def _in(column: str, name: str) -> _Branch:
    return lambda table: cast("ColumnElement[bool]", table.c[column].in_(bindparam(name, expanding=True)))


def _of_performer_grants(table: Any) -> ColumnElement[bool]:
    grants = TABLES[records.ConsentGrant]
    mine = select(grants.c.id).where(grants.c.performer.in_(bindparam("performer", expanding=True)))
    return cast("ColumnElement[bool]", table.c.grant.in_(mine))


def _owed(table: Any) -> ColumnElement[bool]:
    here = _in("production", "production")(table) | (table.c.basis == "scan")  # a scan may have been made elsewhere
    return cast("ColumnElement[bool]", _in("performer", "performer")(table) & here)


def _so_named(table: Any) -> ColumnElement[bool]:
    found = select(performer_names.c.performer).where(performer_names.c.name.in_(bindparam("name", expanding=True)))
    return cast("ColumnElement[bool]", table.c.id.in_(found))


# Which search terms lead to which records. Strikes are few and compared by the rules, so every one is a fact.
_BRANCHES: tuple[tuple[str, type, _Branch], ...] = (
    ("production", records.Production, _in("id", "production")),
    ("production", records.Notice, _in("production", "production")),
    ("notice", records.Notice, _in("id", "notice")),
    ("production", records.Disclosure, _in("production", "production")),
    ("performer", records.Performer, _in("id", "performer")),
    ("name", records.Performer, _so_named),
    ("performer", records.Representative, _in("performer", "performer")),
    ("performer", records.ConsentGrant, _in("performer", "performer")),
    ("performer", records.ConsentEvent, _of_performer_grants),
    ("performer", records.ScanSession, _in("performer", "performer")),
    ("performer", records.Replica, _in("performer", "performer")),
    ("performer", records.Obligation, _owed),
    ("replica", records.Replica, _in("id", "replica")),
    ("replica", records.Transfer, _in("replica", "replica")),
    ("transfer", records.Transfer, _in("id", "transfer")),
    ("model", records.Model, _in("id", "model")),
    ("dataset", records.Dataset, _in("id", "dataset")),
    ("licence", records.Licence, _in("id", "licence")),
    ("subject", records.Approval, _in("subject_sha256", "subject")),
    ("subject", records.Override, _in("subject_sha256", "subject")),
    ("requesters", Requester, _in("subject", "requesters")),
    ("strike", records.Strike, lambda table: table.c.id.in_(select(table.c.id))),
)


@cache
def _statement(terms: frozenset[str]) -> Select[Any]:
    parts: list[Select[Any]] = []
    for term, type_, where in _BRANCHES:
        if term in terms:
            table = TABLES[type_]
            columns = (table.c.id, table.c.sequence, table.c.salt, table.c.body)
            parts.append(select(literal_column(f"'{table.name}'").label("source"), *columns).where(where(table)))
    found = union_all(*parts).cte("found")
    return select(found, log.c.leaf, log.c.leaf_hash).join_from(found, log, log.c.sequence == found.c.sequence, isouter=True)


def _fetch(connection: Connection, search: _Search, wanted: Mapping[str, set[str]]) -> None:
    terms = frozenset(name for name, values in wanted.items() if values)
    values = {name: sorted(wanted[name]) for name in terms if name != "strike"}
    for name, asked in wanted.items():
        search.asked[name] |= asked
    values["production"] = sorted(search.asked["production"])  # what is owed is owed in a production
    for row in connection.execute(_statement(terms), values):
        body = check_row(row.source, row.id, row)
        type_ = _TYPES[row.source]
        if row.id not in search.found[type_]:
            search.found[type_][row.id] = decode(type_, body)
            search.sequences.add(row.sequence)


def _facts(search: _Search, use: UseRequest) -> Facts:
    def all_of(type_: type) -> tuple[Any, ...]:
        return tuple(value for _, value in sorted(search.found[type_].items()))

    return Facts(
        production=search.found[records.Production].get(use.production or ""),
        performers=all_of(records.Performer),
        representatives=all_of(records.Representative),
        grants=all_of(records.ConsentGrant),
        events=tuple(sorted(all_of(records.ConsentEvent), key=lambda event: (event.effective, event.id))),
        scans=all_of(records.ScanSession),
        replicas=all_of(records.Replica),
        licences=all_of(records.Licence),
        datasets=all_of(records.Dataset),
        models=all_of(records.Model),
        obligations=all_of(records.Obligation),
        notices=all_of(records.Notice),
        strikes=all_of(records.Strike),
        transfers=all_of(records.Transfer),
        disclosures=all_of(records.Disclosure),
        approvals=tuple(sorted(all_of(records.Approval), key=lambda approval: (approval.at, approval.role, approval.person))),
        overrides=tuple(sorted(all_of(records.Override), key=lambda item: (item.at, item.rule, item.person))),
        requesters=frozenset(item.person for item in all_of(Requester)),
    )
