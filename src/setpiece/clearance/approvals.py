"""Approvals: who said yes, in which role, to which hashes. They live in the record and nowhere else."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from setpiece.clearance.record import Record
from setpiece.clearance.rules import ROLES, Approval, person_key
from setpiece.clearance.times import rfc3339
from setpiece.core.errors import ClearanceRefused


def approve(record: Record, *, role: str, person: str, subject_sha256: str, now: datetime, note: str = "") -> Approval:
    """Enter an approval of the subject that the approver saw, by its hash.

    Refused (ClearanceRefused): an unknown role, a nameless person, somebody who asked for the shot (A1), and a subject
    that no gate is waiting for in this role.
    """
    record.refresh()
    if role not in ROLES:
        raise ClearanceRefused(f"'{role}' is not a role that approves", remedy=f"roles are {', '.join(ROLES)}")
    if not person_key(person):
        raise ClearanceRefused("an approval needs a name", remedy="state --person 'First Last'")
    if person_key(person) in requesters(record):
        raise ClearanceRefused(
            f"rule A1: {person} asked for this shot and cannot approve it", remedy=f"somebody else gives the {role} approval"
        )
    waiting = waiting_for(record)
    if waiting is None or waiting["subject_sha256"] != subject_sha256:
        raise ClearanceRefused(
            "no gate waits for an approval of what you saw: it was changed, or never asked for",
            remedy="run 'setpiece status SHOT' to see what is waiting",
        )
    if role not in _roles(waiting):
        raise ClearanceRefused(f"nothing waits for {role}", remedy=f"what is missing is {', '.join(_roles(waiting))}")
    approval = Approval(
        role=role,
        person=" ".join(person.split()),
        gate=waiting["gate"],
        subject_sha256=subject_sha256,
        at=rfc3339(now),
        note=note,
    )
    record.append("approval", {"approval": asdict(approval)})
    return approval


def approvals(record: Record) -> tuple[Approval, ...]:
    """All approvals in the record, oldest first."""
    return tuple(Approval(**entry.payload["approval"]) for entry in record.entries if entry.kind == "approval")


def requesters(record: Record) -> frozenset[str]:
    """Everybody who ever declared themselves as the one who asks, as compared by :func:`rules.person_key`."""
    names = (
        (entry.payload["facts"]["declaration"] or {}).get("requester") for entry in record.entries if entry.kind == "decision"
    )
    return frozenset(person_key(name) for name in names if name)


def waiting_for(record: Record) -> dict[str, Any] | None:
    """The latest decision in the record, where it waits for somebody; else None."""
    decisions = [entry for entry in record.entries if entry.kind == "decision"]
    if not decisions or decisions[-1].payload["decision"]["outcome"] != "NEEDS":
        return None
    return dict(decisions[-1].payload["decision"])


def waiting_about(record: Record) -> dict[str, Any]:
    """What was noted beside the decision that waits."""
    decisions = [entry for entry in record.entries if entry.kind == "decision"]
    return dict(decisions[-1].payload["facts"].get("about", {})) if decisions else {}


def missing_roles(record: Record) -> tuple[str, ...]:
    """Who has yet to approve what the latest decision waits for, approvals since then taken off."""
    waiting = waiting_for(record)
    if waiting is None:
        return ()
    given = {item.role for item in approvals(record) if item.subject_sha256 == waiting["subject_sha256"]}
    return tuple(role for role in _roles(waiting) if role not in given)


def _roles(decision: dict[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(role for finding in decision["findings"] for role in finding["roles"]))
