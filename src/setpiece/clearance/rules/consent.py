"""Rules C1 to C6: a performer's consent is in form, specific, this production's, and covers what is asked.

Sources: S23 and S26 are the SAG-AFTRA TV/Theatrical agreements, AB 2602 is Californian law (secondary sources, counsel
to confirm); N is Netflix' partner guidance, read in the original. :mod:`.performers` holds C7 to C13.
"""

from __future__ import annotations

from collections.abc import Iterator

from setpiece.clearance.rules.grants import REPLICA_KINDS, TYPES, Judged, Problem, judge, performer_of
from setpiece.clearance.rules.rule import Case, Rule, allow, block, needs
from setpiece.clearance.use import USE_KINDS, PersonUse
from setpiece.core.clearance import Finding

EXCEPTIONS = {
    "as_scripted": "substantially as scripted and performed",
    "unsafe_for_humans": "unsafe for a human to perform",
    "unrecognisable": "the performer cannot be recognised",
}
WITH_REPLICA = ("replica", "background_replica", "voice")
CONSENTED = (*REPLICA_KINDS, "training")


def _c1(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons for found in _c1_of(case, person))


def _c1_of(case: Case, person: PersonUse) -> Iterator[Finding]:
    if person.kind not in USE_KINDS:
        yield block("C1", f"the use '{person.kind}' of {person.performer} is not known", f"state one of {', '.join(USE_KINDS)}")
        return
    performer = performer_of(case, person.performer)
    if performer is None:
        yield block("C1", f"nobody recorded who {person.performer} is", "record the performer", missing=("performer",))
        return
    if person.kind not in CONSENTED:
        return  # C4 rules on alterations
    judged = judge(case, person)
    if judged.grant is None:
        yield _without_consent("C1", person)
    elif judged.form:
        yield from _blocks("C1", judged.form)
    else:
        yield from allow("C1", f"consent {judged.grant.id} of {performer.name} is in form and stands")


def _c2(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons if person.kind in CONSENTED for found in _c2_of(case, person))


def _c2_of(case: Case, person: PersonUse) -> Iterator[Finding]:
    judged = judge(case, person)
    if judged.grant is None:
        yield _without_consent("C2", person)
        return
    grant = judged.grant
    if not grant.description.strip():
        yield block(
            "C2",
            f"consent {grant.id} has no reasonably specific description",
            f"record the description of consent {grant.id} from the document",
            missing=("grant.description",),
        )
        return
    problems = (*judged.prohibited, *(() if person.exception else judged.scope))
    if problems:
        yield from _blocks("C2", problems)
    elif person.exception and judged.scope:
        yield from allow("C2", f"outside consent {grant.id}; an exception is claimed, see C3")
    else:
        yield from allow("C2", f"inside the scope of consent {grant.id}")


def _c3(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons if person.exception for found in _c3_of(case, person))


def _c3_of(case: Case, person: PersonUse) -> tuple[Finding, ...]:
    if person.exception not in EXCEPTIONS:
        known = ", ".join(EXCEPTIONS)
        return (block("C3", f"the exception '{person.exception}' is not known", f"state one of {known}"),)
    if not judge(case, person).stands:
        return (
            block(
                "C3",
                f"no consent of {person.performer} to the creation of the replica stands",
                "an exception needs the consent under which the replica was made",
                missing=("grant",),
            ),
        )
    if not person.exception_evidence_sha256:
        return (
            block(
                "C3",
                f"nothing shows that the use is {EXCEPTIONS[person.exception]}",
                "record the document that shows it",
                missing=("person.exception_evidence_sha256",),
            ),
        )
    return needs(case, "C3", f"no fresh consent of {person.performer}: {EXCEPTIONS[person.exception]}", ("legal",))


def _c4(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons if person.kind == "alteration" for found in _c4_of(case, person))


def _c4_of(case: Case, person: PersonUse) -> Iterator[Finding]:
    missing = tuple(
        f"person.{name}" for name in ("alteration", "customary", "changes_intent") if getattr(person, name) in (None, "")
    )
    if missing:
        yield block(
            "C4",
            f"the alteration of {person.performer} is not described",
            f"state {', '.join(missing)}",
            missing=missing,
        )
        return
    if person.customary and not person.changes_intent:
        yield from allow("C4", f"customary post-production of {person.performer}: {person.alteration}")
        return
    judged = judge(case, person)
    if judged.covers and judged.grant is not None:
        yield from allow("C4", f"consent {judged.grant.id} covers the alteration: {person.alteration}")
    elif judged.grant is None:
        yield _without_consent("C4", person)
    elif judged.elsewhere:
        yield _elsewhere("C4", case, judged)
    else:
        yield from _blocks("C4", (*judged.form, *judged.prohibited, *judged.scope))


def _c5(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons if person.kind in ("reage", "voice") for found in _c5_of(case, person))


def _c5_of(case: Case, person: PersonUse) -> tuple[Finding, ...]:
    what = "re-ageing" if person.kind == "reage" else "the voice"
    if not judge(case, person).stands:
        return (
            block(
                "C5",
                f"no consent of {person.performer} to {what} stands",
                "ask the performer for a written consent",
                missing=("grant",),
            ),
        )
    return needs(case, "C5", f"{what} of {person.performer} is replicated", ("legal", "studio", "performer"))


def _c6(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons if person.kind in CONSENTED for found in _c6_of(case, person))


def _c6_of(case: Case, person: PersonUse) -> Iterator[Finding]:
    if not case.use.production:
        yield block("C6", "nobody stated which production asks", "state the production", missing=("production",))
        return
    judged = judge(case, person)
    if judged.grant is None:
        yield _without_consent("C6", person)
        return
    if judged.elsewhere:
        yield _elsewhere("C6", case, judged)
        return
    if person.replica is None and person.kind in WITH_REPLICA:
        yield block(
            "C6",
            f"nobody stated which replica of {person.performer} is used",
            "state the replica, so that its scan, its pay and its production are known",
            missing=("person.replica",),
        )
        return
    if person.replica is not None:
        replicas = [item for item in case.facts.replicas if item.id == person.replica]
        if not replicas or any(item.performer != person.performer for item in replicas):
            yield block(
                "C6",
                f"nobody recorded the replica {person.replica} of {person.performer}",
                "record the replica: of whom, for which production, from which scan",
                missing=("replica",),
            )
            return
        if any(item.production != case.use.production for item in replicas):
            yield from allow("C6", f"a replica of another production, used here under consent {judged.grant.id}")
            return
    yield from allow("C6", f"consent {judged.grant.id} is for this production")


def _elsewhere(rule: str, case: Case, judged: Judged) -> Finding:
    grant = judged.grant
    named, given = ("", "") if grant is None else (grant.id, grant.production)
    return block(
        rule,
        f"consent {named} is for another production",
        "have a new consent signed for this production",
        clause=f"production: allows {given}; asked {case.use.production}",
    )


def _without_consent(rule: str, person: PersonUse) -> Finding:
    kinds = " or ".join(TYPES.get(person.kind, (person.kind,)))
    return block(
        rule,
        f"there is no consent of {person.performer} to this ({person.kind})",
        f"ask the performer for a written, separately signed consent ({kinds})",
        missing=("grant",),
    )


def _blocks(rule: str, problems: tuple[Problem, ...]) -> Iterator[Finding]:
    for problem in problems:
        yield block(rule, problem.reason, problem.remedy, missing=problem.missing, clause=problem.clause)


RULES = (
    Rule(
        id="C1",
        family="consent",
        sentence="A replica needs the performer's consent: written, clear and conspicuous, separately signed.",
        source="S23",
        confidence="S",
        outcome="BLOCK",
        remedy="have the performer, or who may sign for them, sign a consent by itself; counsel to confirm",
        test=_c1,
    ),
    Rule(
        id="C2",
        family="consent",
        sentence="A consent describes the use reasonably specifically, and the use stays inside it.",
        source="S23, S26, AB 2602",
        confidence="S",
        outcome="BLOCK",
        remedy="stay inside the clause that is named, or ask the performer; counsel to confirm",
        test=_c2,
    ),
    Rule(
        id="C3",
        family="consent",
        sentence="Without a fresh consent only what is substantially as scripted, unsafe for humans or unrecognisable.",
        source="N",
        confidence="P",
        outcome="NEEDS(legal)",
        remedy="record what shows the exception, and ask legal",
        test=_c3,
    ),
    Rule(
        id="C4",
        family="consent",
        sentence="Altering a performance needs consent, except for customary post-production.",
        source="N, S23",
        confidence="S",
        outcome="BLOCK",
        remedy="describe the alteration; where it is not customary, ask the performer; counsel to confirm",
        test=_c4,
    ),
    Rule(
        id="C5",
        family="consent",
        sentence="Re-ageing and voice replication are reviewed by legal, studio and performer.",
        source="N",
        confidence="P",
        outcome="NEEDS(legal, studio, performer)",
        remedy="have legal, studio and the performer approve",
        test=_c5,
    ),
    Rule(
        id="C6",
        family="consent",
        sentence="Another production needs a new signed consent.",
        source="S23",
        confidence="S",
        outcome="BLOCK",
        remedy="have a consent signed for this production; counsel to confirm",
        test=_c6,
    ),
)
