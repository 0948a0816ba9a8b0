"""Records, uses and a gate for the tests of the store, the log, tokens and the office."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime

from setpiece.clearance.policy import Policy
from setpiece.clearance.records import ConsentGrant, Facts, Performer, Production, Scope
from setpiece.clearance.times import rfc3339
from setpiece.clearance.use import Declaration, PersonUse, UseRequest, canonical_sha256
from setpiece.core.clearance import Decision, Finding, Outcome

NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)
SUBJECT = "5" * 64


def production() -> Production:
    return Production(id="film", title="Film", regime="S26")


def performer(id: str = "mara") -> Performer:
    return Performer(id=id, name="Mara Quill", birth_date=date(1990, 2, 1))


def grant(id: str = "g1", of: str = "mara") -> ConsentGrant:
    scope = Scope(uses=("replica",), scenes=("*",), first_day=date(2026, 1, 1))
    return ConsentGrant(id=id, performer=of, production="film", type="employment_replica", scope=scope)


def use(subject: str = SUBJECT, *, requester: str = "Ann Other", notes: str = "", of: str = "mara") -> UseRequest:
    return UseRequest(
        gate="admit",
        subject_sha256=subject,
        production="film",
        declaration=Declaration(purpose="shot", final=True, requester=requester, notes=notes),
        models=("a" * 64,),
        persons=(PersonUse(performer=of, kind="replica", scene="10"),),
    )


def small_gate(use: UseRequest, facts: Facts, policy: Policy, now: datetime) -> Decision:
    """A gate with three rules: somebody's grant, none of it revoked, and legal's approval."""
    people = {person.performer for person in use.persons}
    granted = {item.performer for item in facts.grants}
    ended = [event for event in facts.events if event.kind == "revoked" and event.effective <= now]
    legal = [a.person for a in facts.approvals if a.role == "legal" and a.subject_sha256 == use.subject_sha256]
    findings = [
        Finding(rule="C2", outcome=Outcome.ALLOW if people <= granted else Outcome.BLOCK, reason="a grant", missing=("grant",))
    ]
    if ended:
        findings.append(
            Finding(rule="C1", outcome=Outcome.BLOCK, reason="revoked", remedy="ask the performer", clause=ended[0].grant)
        )
    waits = Finding(rule="G4", outcome=Outcome.NEEDS, reason="in the film", remedy="ask legal", roles=("legal",))
    loose = any(item.rule == "G4" for item in facts.overrides)
    findings.append(waits if not legal and not loose else Finding(rule="G4", outcome=Outcome.ALLOW, reason=f"approved {legal}"))
    outcome = max((item.outcome for item in findings), key=lambda value: ["ALLOW", "NEEDS", "BLOCK"].index(value.value))
    return Decision(
        gate=use.gate,
        subject_sha256=use.subject_sha256,
        policy_sha256=canonical_sha256(asdict(policy)),
        outcome=outcome,
        findings=tuple(findings),
        decided_at=rfc3339(now),
    )
