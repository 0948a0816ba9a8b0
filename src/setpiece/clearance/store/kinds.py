"""Which record stands in which table, under which key, found by which of its fields.

A field that is a column keeps its name and its value: whoever checks a row needs no other rule than that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from setpiece.clearance import records
from setpiece.clearance.use import canonical_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class LikenessUse:
    """One take that used one performer's likeness under one grant. ``status``: ``cleared``, ``revoked`` or ``withdrawn``."""

    id: str
    take: str
    subject_sha256: str
    performer: str
    grant: str
    status: str = "cleared"
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Somebody who asked for a subject: ``person`` as compared by :func:`..names.person_key`. They cannot approve it."""

    subject: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A decision token that was admitted, once: ``id`` is its nonce, ``purpose`` what it was admitted for."""

    id: str
    take: str
    purpose: str
    decision: int
    at: str


def _id(record: Any) -> str:
    return str(record.id)


def _content_id(record: Any) -> str:
    return canonical_sha256(asdict(record))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one type of record is stored. ``lasting`` ones are never replaced: a correction is a new record."""

    type: type
    table: str
    columns: tuple[str, ...] = ()
    key: Callable[[Any], str] = _id
    lasting: bool = False


KINDS: tuple[Kind, ...] = (
    Kind(type=records.Production, table="productions"),
    Kind(type=records.Performer, table="performers"),
    Kind(type=records.Representative, table="representatives", columns=("performer",)),
    Kind(type=records.ConsentGrant, table="consent_grants", columns=("performer", "production")),
    Kind(type=records.ConsentEvent, table="consent_events", columns=("grant", "kind"), lasting=True),
    Kind(type=records.ScanSession, table="scan_sessions", columns=("performer", "production")),
    Kind(type=records.Replica, table="replicas", columns=("performer", "production")),
    Kind(type=records.Licence, table="licences"),
    Kind(type=records.Dataset, table="datasets"),
    Kind(type=records.Model, table="models", columns=("production",), key=lambda record: str(record.weights_sha256)),
    Kind(type=records.Obligation, table="obligations", columns=("performer", "production", "basis")),
    Kind(type=records.Notice, table="notices", columns=("production",)),
    Kind(
        type=records.Strike,
        table="strikes",
        columns=("union",),
        key=lambda record: f"{record.union}:{record.first_day.isoformat()}",
    ),
    Kind(type=records.Transfer, table="transfers", columns=("replica",)),
    Kind(type=records.Disclosure, table="disclosures", columns=("production",)),
    Kind(type=records.Approval, table="approvals", columns=("subject_sha256", "gate", "role"), key=_content_id, lasting=True),
    Kind(type=records.Override, table="overrides", columns=("subject_sha256", "rule"), key=_content_id, lasting=True),
    Kind(type=LikenessUse, table="likeness_uses", columns=("take", "performer", "grant", "status")),
    Kind(type=Requester, table="requesters", columns=("subject",), key=_content_id, lasting=True),
    Kind(type=Admission, table="admissions", columns=("take",), lasting=True),
)
BY_TYPE = {kind.type: kind for kind in KINDS}


def kind_of(type_: type) -> Kind:
    """The kind of a type of record. ValueError for what is none."""
    kind = BY_TYPE.get(type_)
    if kind is None:
        raise ValueError(f"{type_.__name__} is no record of clearance")
    return kind
