"""Rules P1 to P3: who is scanned or replicated is paid, and what is owed is on record before anything is used or leaves.

Sources: S23 and S26 are the SAG-AFTRA TV/Theatrical agreements (secondary sources, counsel to confirm). The house knows
no figures: rates come from the performer's record, floors from the production's policy. What is not recorded is unpaid.
"""

from __future__ import annotations

from collections.abc import Iterator

from setpiece.clearance.records import Obligation
from setpiece.clearance.rules.grants import judge, performer_of, scan_of
from setpiece.clearance.rules.rule import S26_FIRST_DAY, S26_LAST_DAY, Case, Rule, allow, block
from setpiece.clearance.use import PersonUse
from setpiece.core.clearance import Finding

STATUSES = ("recorded", "invoiced", "paid")
REGIMES = ("S23", "S26", "none")
RESIDUAL_KINDS = ("replica", "voice", "reage")


def owed(case: Case, person: PersonUse, basis: str, subjects: tuple[str | None, ...]) -> tuple[Obligation, ...]:
    """What is on record as owed to ``person`` in this production on ``basis`` for one of ``subjects``, by id."""
    found = (
        item
        for item in case.facts.obligations
        if item.performer == person.performer
        and item.production == case.use.production
        and item.basis == basis
        and item.status in STATUSES
        and item.subject is not None
        and item.subject in subjects
    )
    return tuple(sorted(found, key=lambda item: item.id))


def settled(case: Case, person: PersonUse, basis: str) -> bool:
    """Whether days and a rate of at least the performer's own are on record for this use."""
    return any(not _days_problems(case, person, item) for item in owed(case, person, basis, _subjects(case, person)))


def _subjects(case: Case, person: PersonUse) -> tuple[str | None, ...]:
    """What a payment for this use may be on record for: the replica, the shot's scene, or the very take."""
    return (person.replica, person.scene, case.use.subject_sha256)


def _p1(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons for found in _p1_of(case, person))


def _p1_of(case: Case, person: PersonUse) -> Iterator[Finding]:
    if person.kind == "scan":
        scans = tuple(
            sorted(
                item.id
                for item in case.facts.scans
                if item.performer == person.performer and item.production == case.use.production
            )
        )
        if not scans:
            yield block("P1", f"no scan of {person.performer} is on record", "record the scan session", missing=("scan",))
    else:
        scans, _ = scan_of(case, person)
    replicas = [item for item in case.facts.replicas if item.id == person.replica]
    production = case.use.production
    paid_in = {item.production for item in replicas if item.scan} | ({production} if person.kind == "scan" else set())
    for scan in scans:
        found = [
            item
            for item in case.facts.obligations
            if item.performer == person.performer
            and item.production in paid_in
            and item.basis == "scan"
            and item.subject == scan
            and item.status in STATUSES
        ]
        if not found:
            yield block(
                "P1",
                f"nobody recorded what {person.performer} is owed for scan {scan}",
                "record the obligation (basis 'scan'): days and rate, or the amount",
                missing=("obligation",),
            )
        elif not any(_valued(item) for item in found):
            yield block(
                "P1",
                f"what {person.performer} is owed for scan {scan} has no amount",
                "record days and rate, or the amount",
                missing=("obligation.amount",),
            )
        else:
            yield from allow("P1", f"the pay of {person.performer} for scan {scan} is on record")


def _valued(item: Obligation) -> bool:
    if item.amount is not None:
        return item.amount > 0
    return item.days is not None and item.rate is not None and item.days * item.rate > 0


def _p2(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons if person.kind in RESIDUAL_KINDS for found in _p2_of(case, person))


def _p2_of(case: Case, person: PersonUse) -> tuple[Finding, ...]:
    if "employment" not in replica_types(case, person):
        return ()
    found = owed(case, person, "replica_days", _subjects(case, person))
    if not found:
        return (
            block(
                "P2",
                f"nobody recorded the days that {person.performer} would have worked",
                "record the obligation (basis 'replica_days'): days, rate, residuals; for the replica, scene or take",
                missing=("obligation",),
            ),
        )
    problems = [(*_days_problems(case, person, item), *_residual_problems("P2", item)) for item in found]
    if all(problems):
        return min(problems, key=len)
    return allow("P2", f"days, rate and residuals of {person.performer} are on record")


def _days_problems(case: Case, person: PersonUse, item: Obligation) -> tuple[Finding, ...]:
    performer = performer_of(case, person.performer)
    own = None if performer is None else performer.daily_rate
    missing = (
        *(() if item.days is not None else ("obligation.days",)),
        *(() if item.rate is not None else ("obligation.rate",)),
        *(() if own is not None else ("performer.daily_rate",)),
    )
    if missing or item.days is None or item.rate is None or performer is None or own is None:
        return (
            block("P2", f"what {person.performer} is owed is not complete", f"record {', '.join(missing)}", missing=missing),
        )
    if item.days <= 0 or item.rate < own or item.currency != performer.currency:
        return (
            block(
                "P2",
                f"{item.days} days at {item.rate} {item.currency} are less than {person.performer} is engaged at",
                f"record the days at {own} {performer.currency} or more",
                clause=f"daily rate: at least {own} {performer.currency}; recorded {item.rate} {item.currency}",
            ),
        )
    if item.amount is not None and item.amount < item.days * item.rate:
        due = item.days * item.rate
        return (
            block(
                "P2",
                f"the amount for {person.performer} is less than days times rate",
                f"record an amount of {due} {item.currency} or more",
                clause=f"amount: at least {due}; recorded {item.amount}",
            ),
        )
    return ()


def _residual_problems(rule: str, item: Obligation) -> tuple[Finding, ...]:
    if item.residuals:
        return ()
    missing = ("obligation.residuals",) if item.residuals is None else ()
    return (block(rule, f"obligation {item.id} carries no residuals", "record residuals: true", missing=missing),)


def _p3(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons if person.kind in RESIDUAL_KINDS for found in _p3_of(case, person))


def _p3_of(case: Case, person: PersonUse) -> tuple[Finding, ...]:
    if "independent" not in replica_types(case, person):
        return ()
    regime = None if case.facts.production is None else case.facts.production.regime
    if regime not in REGIMES:
        missing = "production" if case.facts.production is None else "production.regime"
        return (
            block(
                "P3",
                "nobody recorded under which contract this production works, so no floor is known",
                f"record production.regime: {', '.join(REGIMES)}",
                missing=(missing,),
            ),
        )
    found = owed(case, person, "independent_fee", _subjects(case, person))
    if not found:
        return (
            block(
                "P3",
                f"nobody recorded the fee that was bargained with {person.performer}",
                "record the obligation (basis 'independent_fee'): days, amount, benefit contributions, residuals",
                missing=("obligation",),
            ),
        )
    problems = [_fee_problems(case, person, item, regime) for item in found]
    if all(problems):
        return min(problems, key=len)
    return allow("P3", f"the fee of {person.performer} is on record")


def _fee_problems(case: Case, person: PersonUse, item: Obligation, regime: str) -> tuple[Finding, ...]:
    missing = tuple(f"obligation.{name}" for name in ("amount", "days", "benefit_rate") if getattr(item, name) is None)
    if missing or item.amount is None or item.days is None or item.benefit_rate is None:
        return (block("P3", f"the fee of {person.performer} is not complete", f"record {', '.join(missing)}", missing=missing),)
    if item.amount <= 0 or item.days <= 0:
        return (block("P3", f"the fee of {person.performer} is nothing", "record days and amount above nothing"),)
    if regime == "none":
        return _residual_problems("P3", item)
    floor = case.policy.floor(regime, item.currency, person.day or case.today)
    if floor is None:
        return (
            block(
                "P3",
                f"no floor of {regime} in {item.currency} is entered for that day",
                "enter the floor of the contract in the policy, from the contract itself; counsel to confirm",
                missing=("policy.floors",),
            ),
        )
    days = max(item.days, type(item.days)(1))
    if item.amount < floor.per_day * days or item.benefit_rate < floor.benefit_rate:
        return (
            block(
                "P3",
                f"the fee of {person.performer} is below the floor of {regime}",
                f"record at least {floor.per_day * days} {floor.currency}, with benefits of {floor.benefit_rate}",
                clause=f"floor: {floor.per_day} a day, benefits {floor.benefit_rate}; "
                f"recorded {item.amount} for {item.days} days, benefits {item.benefit_rate}",
            ),
        )
    return _residual_problems("P3", item)


def replica_types(case: Case, person: PersonUse) -> frozenset[str]:
    """``employment``, ``independent`` or both: how the replica came to be, by the consent's word and the replica's own."""
    grant = judge(case, person).grant
    named = {} if grant is None else {"employment_replica": "employment", "independent_replica": "independent"}
    kinds = {named[grant.type]} if grant is not None and grant.type in named else set()
    kinds |= {item.type for item in case.facts.replicas if item.id == person.replica} & {"employment", "independent"}
    return frozenset(kinds or {"employment", "independent"})


RULES = (
    Rule(
        id="P1",
        family="pay",
        sentence="A scan session is paid.",
        source="S23",
        confidence="S",
        outcome="BLOCK",
        remedy="record what is owed for the scan; counsel to confirm",
        test=_p1,
    ),
    Rule(
        id="P2",
        family="pay",
        sentence="An employment-based replica earns the days the performer would have worked, at their rate, with residuals.",
        source="S23",
        confidence="S",
        outcome="BLOCK",
        remedy="record days, rate and residuals before delivery; counsel to confirm",
        gates=("release",),
        test=_p2,
    ),
    Rule(
        id="P3",
        family="pay",
        sentence="An independently created replica earns the day-performer floor, benefit contributions and residuals.",
        source="S26",
        confidence="S",
        outcome="BLOCK",
        remedy="record the bargained fee, and enter the contract's floor in the policy; counsel to confirm",
        effective_from=S26_FIRST_DAY,
        effective_to=S26_LAST_DAY,
        test=_p3,
    ),
)
