"""The decision of a gate: every rule in force held against one use and the records that it touches.

Pure: facts in, decision out. Reads no clock, file, flag or environment variable, and has no switch. Missing data
blocks; where no rule speaks at all the outcome is BLOCK. A client's policy only raises outcomes; a named override of
somebody entitled lowers one rule for one subject, and stands in the decision. Not legal advice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path

from setpiece.clearance.names import person_key
from setpiece.clearance.policy import Policy, Tightening
from setpiece.clearance.records import Facts, Override
from setpiece.clearance.rules import RULES
from setpiece.clearance.rules.rule import Case, Rule, approvers, happened, requesters
from setpiece.clearance.times import rfc3339
from setpiece.clearance.use import UseRequest, canonical
from setpiece.core.clearance import Decision, Finding, Outcome

OVERRIDERS = ("legal", "studio")
_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_RANK = {Outcome.ALLOW: 0, Outcome.NEEDS: 1, Outcome.BLOCK: 2}
_SOURCES = ("decide.py", "names.py", "policy.py", "records.py", "times.py", "use.py", "rules")


def decide(use: UseRequest, facts: Facts, policy: Policy, now: datetime) -> Decision:
    """What the rules say about ``use`` at its gate: every rule that fired, in the table's order, and the strictest outcome.

    ``now`` carries a time zone (else ValueError). The order of records in ``facts`` changes nothing.
    """
    case = Case(use=use, facts=facts, policy=policy, now=now.astimezone(UTC) if now.tzinfo else now)
    decided_at = rfc3339(now)
    days = case.days
    findings = tuple(
        finding
        for rule in RULES
        if use.gate in rule.gates and any(rule.in_force(day) for day in days)
        for finding in _ruled(rule, case)
    )
    return Decision(
        gate=use.gate,
        subject_sha256=use.subject_sha256,
        policy_sha256=policy_sha256(policy),
        outcome=max((finding.outcome for finding in findings), key=_RANK.__getitem__, default=Outcome.BLOCK),
        findings=findings,
        decided_at=decided_at,
        expires_at=rfc3339(_expiry(case)),
        facts_sha256=facts_sha256(facts),
    )


def policy_sha256(policy: Policy) -> str:
    """Hash of everything that decides: the rules' code and the client's policy."""
    return _policy_sha256(policy)


def facts_sha256(facts: Facts) -> str:
    """Hash of every record decided by, whatever the order of the records."""
    parts = []
    for name in _names(Facts):
        value = getattr(facts, name)
        listed = isinstance(value, tuple | frozenset)
        text = f"[{','.join(sorted(map(_text, value)))}]" if listed else _text(value)
        parts.append(f'"{name}":{text}')
    return hashlib.sha256(f"{{{','.join(sorted(parts))}}}".encode()).hexdigest()


def _ruled(rule: Rule, case: Case) -> Iterator[Finding]:
    found = rule.test(case)
    tightenings = [item for item in case.policy.tightenings if item.rule == rule.id]
    override = _override(rule, case) if any(item.outcome is not Outcome.ALLOW for item in found) or tightenings else None
    for finding in found:
        ruled = finding
        for tightening in tightenings:
            ruled = _tightened(ruled, tightening, case)
        yield ruled if override is None or ruled.outcome is Outcome.ALLOW else _overridden(ruled, override)


def _tightened(finding: Finding, tightening: Tightening, case: Case) -> Finding:
    """``finding``, at least as strict as the client asks."""
    why = f"; policy '{case.policy.name}': {tightening.reason or 'stricter here'}"
    if finding.outcome is Outcome.BLOCK or (tightening.outcome is Outcome.ALLOW and not tightening.roles):
        return finding
    if tightening.outcome is Outcome.BLOCK:
        return replace(finding, outcome=Outcome.BLOCK, roles=(), reason=finding.reason + why, remedy="do without this use")
    asked = tightening.roles or ("studio",)
    given = approvers(case)
    roles = tuple(dict.fromkeys((*finding.roles, *(role for role in asked if role not in given))))
    if not roles:
        return replace(finding, reason=f"{finding.reason}{why}, approved by {', '.join(given[role] for role in asked)}")
    return replace(
        finding,
        outcome=Outcome.NEEDS,
        roles=roles,
        reason=finding.reason + why,
        remedy=f"ask {' and '.join(roles)}: each runs 'setpiece approve SHOT --role ROLE --person NAME'",
    )


def _override(rule: Rule, case: Case) -> Override | None:
    """The override of ``rule`` that counts for this subject: by somebody entitled who did not ask, with a reason."""
    asked = requesters(case)
    if not rule.overridable or not asked:
        return None
    counted = [
        item
        for item in case.facts.overrides
        if item.rule == rule.id
        and item.subject_sha256 == case.use.subject_sha256
        and item.role in OVERRIDERS
        and item.reason.strip()
        and person_key(item.person)
        and person_key(item.person) not in asked
        and happened(item.at, case.now)
    ]
    return min(counted, key=lambda item: (item.at, item.person, item.role, item.reason), default=None)


def _overridden(finding: Finding, override: Override) -> Finding:
    who = f"{override.person} ({override.role}), {override.at}: {override.reason}"
    return replace(finding, outcome=Outcome.ALLOW, roles=(), overridden_by=who)


def _expiry(case: Case) -> datetime:
    """When the decision lapses: after the policy's minutes, or sooner where something it rests on changes."""
    facts, now = case.facts, case.now
    latest = now + timedelta(minutes=case.policy.decision_minutes)
    turns = [rule.effective_from for rule in RULES if rule.effective_from is not None]
    turns += [strike.first_day for strike in facts.strikes]
    turns += [_after(grant.scope.last_day) for grant in facts.grants if grant.scope.last_day is not None]
    turns += [_after(licence.last_day) for licence in facts.licences if licence.last_day is not None]
    instants = [datetime.combine(day, time(), tzinfo=UTC) for day in turns]
    instants += [event.effective for event in facts.events if event.effective.tzinfo is not None]
    return min((instant for instant in instants if now < instant < latest), default=latest)


def _after(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)


@lru_cache(maxsize=64)
def _policy_sha256(policy: Policy) -> str:
    return hashlib.sha256(canonical({"rules": _code_sha256(), "policy": _plain(policy)})).hexdigest()


@cache
def _code_sha256() -> str:
    """Hash of the code that decides, read once: names and contents of its files."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for source in _SOURCES:
        path = here / source
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            digest.update(f"{file.relative_to(here).as_posix()}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _text(value: object) -> str:
    return _JSON.encode(_plain(value))


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))


def _plain(value: object) -> object:
    """A frozen value as JSON knows it."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name in _names(type(value))}
    return value.isoformat() if isinstance(value, date) else str(value)
