"""What a rule is: plain data and one typed pure function. The families beside this module hold the rules themselves."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar, cast

from setpiece.clearance.names import person_key
from setpiece.clearance.policy import Policy
from setpiece.clearance.records import Facts
from setpiece.clearance.use import LOW_RISK, UseRequest
from setpiece.core.clearance import Finding, Outcome

R = TypeVar("R")
S26_FIRST_DAY = date(2026, 7, 1)
S26_LAST_DAY = date(2030, 6, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that a rule may look at: the use, the records, the client's policy and the time of the decision."""

    use: UseRequest
    facts: Facts
    policy: Policy
    now: datetime
    memo: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)  # what rules worked out before

    def once(self, key: Hashable, work: Callable[[], R]) -> R:
        """What ``work`` makes of this case, worked out once: the rules ask the same of it many times."""
        if key not in self.memo:
            self.memo[key] = work()
        return cast(R, self.memo[key])

    @property
    def today(self) -> date:
        """The calendar date of the decision, UTC."""
        return self.now.astimezone(UTC).date()

    @property
    def final(self) -> bool:
        """Whether this is meant for the final picture. What nobody declared counts as meant for it."""
        return self.use.declaration is None or self.use.declaration.final is not False

    @property
    def low_risk(self) -> bool:
        """Ideation, mood board or previs that is declared as not final."""
        declared = self.use.declaration
        return declared is not None and declared.final is False and declared.purpose in LOW_RISK

    @property
    def days(self) -> frozenset[date]:
        """Every day that a rule's dates are held against: today, each day of use, the day it is first shown."""
        shown = self.use.export.first_shown if self.use.export is not None else None
        return frozenset({self.today, *(item.day for item in self.use.persons if item.day), *((shown,) if shown else ())})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: what it says, where it comes from, when it is in force, and the function that rules.

    ``confidence``: P, the primary text was read; S, secondary source, counsel to confirm; house, our own.
    ``outcome`` is its strictest outcome in words, ``remedy`` the general way out. ``overridable`` is False for C11.
    ``test`` returns nothing where the rule does not apply; several findings where it applies to several people.
    """

    id: str
    family: str
    sentence: str
    source: str
    confidence: str
    outcome: str
    remedy: str
    gates: tuple[str, ...] = ("admit", "release")
    effective_from: date | None = None
    effective_to: date | None = None
    overridable: bool = True
    test: Callable[[Case], tuple[Finding, ...]] = field(compare=False)

    def in_force(self, day: date) -> bool:
        """Whether the rule applies on ``day``, both ends inclusive."""
        return (self.effective_from is None or day >= self.effective_from) and (
            self.effective_to is None or day <= self.effective_to
        )


def block(rule: str, reason: str, remedy: str, *, missing: tuple[str, ...] = (), clause: str = "") -> Finding:
    """One refusal; ``missing`` names data that is absent, ``clause`` the clause of a consent or contract that bars it."""
    return Finding(rule=rule, outcome=Outcome.BLOCK, reason=reason, remedy=remedy, missing=missing, clause=clause)


def allow(rule: str, reason: str) -> tuple[Finding, ...]:
    """The rule fired and is satisfied."""
    return (Finding(rule=rule, outcome=Outcome.ALLOW, reason=reason),)


def needs(case: Case, rule: str, reason: str, roles: tuple[str, ...], *, approved: str = "approved") -> tuple[Finding, ...]:
    """NEEDS, or ALLOW where everybody asked for has approved this very subject at this gate."""
    given = approvers(case)
    missing = tuple(role for role in roles if role not in given)
    if not missing:
        return allow(rule, f"{approved} by {', '.join(f'{given[role]} ({role})' for role in roles)}: {reason}")
    return (
        Finding(
            rule=rule,
            outcome=Outcome.NEEDS,
            reason=reason,
            remedy=f"ask {' and '.join(missing)}: each runs 'setpiece approve SHOT --role ROLE --person NAME'",
            roles=missing,
        ),
    )


def approvers(case: Case) -> dict[str, str]:
    """Who has approved this very subject at this gate by now, by role; the last to do so where there are several."""
    return case.once("approvers", lambda: _approvers(case))


def _approvers(case: Case) -> dict[str, str]:
    counted = [
        item
        for item in case.facts.approvals
        if item.gate == case.use.gate
        and item.subject_sha256 == case.use.subject_sha256
        and item.person.strip()
        and happened(item.at, case.now)
    ]
    return {item.role: item.person for item in sorted(counted, key=lambda item: (item.at, item.person))}


def happened(at: str, now: datetime) -> bool:
    """Whether the RFC 3339 instant ``at`` is not after ``now``; what is no instant never happened."""
    try:
        instant = datetime.fromisoformat(at)
    except ValueError:
        return False
    return instant.tzinfo is not None and instant <= now


def requesters(case: Case) -> frozenset[str]:
    """Everybody who asked for this subject, the declaration's requester included, by :func:`..names.person_key`."""
    declared = case.use.declaration
    own = person_key(declared.requester) if declared is not None and declared.requester else ""
    asked = frozenset(person_key(name) for name in case.facts.requesters)
    return asked | {own} if own else asked
