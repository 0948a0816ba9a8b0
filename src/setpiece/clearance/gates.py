"""The two gates: ``admit`` before the first pixel, ``release`` before the last. They return evidence, or raise.

The only place that makes :class:`Cleared`. Every decision, refusals included, is in the record before the caller
hears of it. Approvals are read from the record, never taken from the caller. There is no switch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol, TypeVar

from setpiece.clearance.approvals import approvals, requesters
from setpiece.clearance.record import Record
from setpiece.clearance.rules import FINAL, Declaration, Facts, decide, person_key
from setpiece.clearance.times import rfc3339
from setpiece.core.clearance import Cleared, Decision, Evidence, Finding, Outcome
from setpiece.core.errors import ClearanceRefused

TEMPORARY = "TEMPORARY - NOT FOR FINAL"


class Subject(Protocol):
    """What a gate decides about: anything that can say, by a hash, exactly what it is."""

    @property
    def subject_sha256(self) -> str:
        """SHA-256 over everything that a decision is about."""


S = TypeVar("S", bound=Subject)


def foresee(job: Subject, *, declaration: Declaration | None, record: Record, now: datetime) -> Decision:
    """What ``admit`` would decide, without deciding: nothing is recorded and nothing is cleared by it."""
    return decide(_facts("admit", job, declaration, record), decided_at=rfc3339(now))


def admit(
    job: S,
    *,
    declaration: Declaration | None,
    record: Record,
    now: datetime,
    about: Mapping[str, str | int | float] | None = None,
) -> Cleared[S]:
    """Let a job through to its first pixel. ``about`` is noted beside the decision and decides nothing.

    Raises ClearanceRefused with the rule and who can help; RecordDamaged.
    """
    record.refresh()
    facts = _facts("admit", job, declaration, record)
    return _passed(job, facts, record, now, about={"about": dict(about or {})})


def release(take: S, *, admitted: Evidence, declaration: Declaration | None, record: Record, now: datetime) -> Cleared[S]:
    """Let a take leave. ``admitted`` is the evidence under which it was made, by the same declaration.

    Raises ClearanceRefused where the evidence is not in the record, the declaration is another one, or approvals are
    missing; RecordDamaged.
    """
    record.refresh()
    _check_admission(admitted, declaration, record)
    facts = _facts("release", take, declaration, record)
    return _passed(take, facts, record, now, about={"admitted": admitted.entry_sha256})


def confirm(cleared: Cleared[S], *, gate: str, record: Record) -> S:
    """The value, once its evidence is found in the record again: for this gate, and for the value as it is now."""
    record.refresh()
    evidence = cleared.evidence
    entry = record.find(evidence.sequence, evidence.entry_sha256)
    decision = None if entry is None or entry.kind != "decision" else entry.payload["decision"]
    if (
        decision is None
        or decision != _plain(evidence.decision)
        or decision["gate"] != gate
        or decision["outcome"] != Outcome.ALLOW.value
        or decision["subject_sha256"] != cleared.value.subject_sha256
    ):
        raise ClearanceRefused(
            f"the evidence of '{gate}' is not in the record, or is for something else",
            file=record.path,
            remedy="run the shot again: the gate decides anew",
        )
    return cleared.value


def mark(evidence: Evidence) -> str:
    """What delivery burns into every review picture: nothing only where a release approved the final use."""
    decision = evidence.decision
    final = decision.gate == "release" and any(
        finding.rule == "G4" and finding.outcome is Outcome.ALLOW and finding.reason.startswith(FINAL)
        for finding in decision.findings
    )
    return "" if final else TEMPORARY


def _facts(gate: str, subject: Subject, declaration: Declaration | None, record: Record) -> Facts:
    asked = requesters(record)
    if declaration is not None and declaration.requester:
        asked |= {person_key(declaration.requester)}
    return Facts(
        gate=gate,
        subject_sha256=subject.subject_sha256,
        declaration=declaration,
        approvals=approvals(record),
        requesters=asked,
    )


def _passed(value: S, facts: Facts, record: Record, now: datetime, about: dict[str, Any]) -> Cleared[S]:
    """Decide, write it down, and only then clear or refuse."""
    decision = decide(facts, decided_at=rfc3339(now))
    declared = None if facts.declaration is None else asdict(facts.declaration)
    entry = record.append("decision", {"decision": _plain(decision), "facts": {"declaration": declared, **about}})
    if decision.outcome is not Outcome.ALLOW:
        raise _refused(decision)
    return Cleared(
        value=value,
        evidence=Evidence(decision=decision, sequence=entry.sequence, entry_sha256=entry.sha256),
    )


def _check_admission(admitted: Evidence, declaration: Declaration | None, record: Record) -> None:
    entry = record.find(admitted.sequence, admitted.entry_sha256)
    if entry is None or entry.kind != "decision" or entry.payload["decision"] != _plain(admitted.decision):
        raise ClearanceRefused(
            "the take was made under an admission that is not in the record",
            file=record.path,
            remedy="run the shot again: the gate decides anew",
        )
    if admitted.decision.gate != "admit" or admitted.decision.outcome is not Outcome.ALLOW:
        raise ClearanceRefused("the take was never admitted", file=record.path, remedy="run the shot again")
    declared = None if declaration is None else _plain_value(asdict(declaration))
    if entry.payload["facts"]["declaration"] != declared:
        raise ClearanceRefused(
            "the declaration was changed since the take was admitted",
            file=record.path,
            remedy="run the shot again: finished frames are kept, the gate decides anew",
        )


def _refused(decision: Decision) -> ClearanceRefused:
    """The refusal: the strictest findings, each with its rule, and what would make them pass."""
    against = [finding for finding in decision.findings if finding.outcome is decision.outcome]
    word = {"admit": "not admitted", "release": "not released"}[decision.gate]
    if not against:
        return ClearanceRefused(f"{word}: no rule allows it", remedy="fill in the section 'declaration' of the brief")
    return ClearanceRefused(
        f"{word}: {'; '.join(_said(finding) for finding in against)}",
        remedy="; ".join(dict.fromkeys(finding.remedy for finding in against)),
    )


def _said(finding: Finding) -> str:
    needs = f" (needs {' and '.join(finding.roles)})" if finding.roles else ""
    return f"rule {finding.rule}: {finding.reason}{needs}"


def _plain(decision: Decision) -> dict[str, Any]:
    """A decision as it stands in the record."""
    return {
        "gate": decision.gate,
        "subject_sha256": decision.subject_sha256,
        "policy_sha256": decision.policy_sha256,
        "outcome": decision.outcome.value,
        "findings": [
            {**asdict(finding), "outcome": finding.outcome.value, "roles": list(finding.roles)} for finding in decision.findings
        ],
        "decided_at": decision.decided_at,
    }


def _plain_value(value: Any) -> Any:
    """Tuples as lists, all the way down, as they come back from the record."""
    if isinstance(value, dict):
        return {key: _plain_value(item) for key, item in value.items()}
    return [_plain_value(item) for item in value] if isinstance(value, list | tuple) else value
