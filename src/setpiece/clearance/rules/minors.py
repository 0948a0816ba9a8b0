"""Rule C11: a minor's replica never shows nudity or sex, whoever consents. The one rule that nothing overrides.

Source: S26, the SAG-AFTRA TV/Theatrical agreement (secondary source, counsel to confirm). The house keeps it in force
before and after the contract's term, for who is a minor, was one when scanned, or is portrayed as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from setpiece.clearance.names import word_key
from setpiece.clearance.rules.grants import MAJORITY, age_on, performer_of, scan_of
from setpiece.clearance.rules.rule import Case, Rule, allow, block
from setpiece.clearance.use import PersonUse
from setpiece.core.clearance import Finding

NEVER_OF_MINORS = ("nud", "naked", "sex", "porn", "erotic", "intimate", "intimacy")


def _c11(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons for found in _c11_of(case, person))


def _c11_of(case: Case, person: PersonUse) -> Iterator[Finding]:
    content = {word_key(item) for item in person.content}
    explicit = sorted(word for word in content if any(part in word for part in NEVER_OF_MINORS))
    young, unknown = _youth(case, person)
    if explicit and young:
        yield block(
            "C11",
            f"{person.performer}: {young}, with {', '.join(explicit)}",
            "never: no consent, approval or override allows it",
            clause="minors: never nudity or sex",
        )
    elif explicit and unknown:
        yield block(
            "C11",
            f"{person.performer}: {', '.join(explicit)}, and nobody knows whether a minor is or appears",
            f"record {', '.join(unknown)}",
            missing=unknown,
        )
    elif not content and (young or unknown):
        yield block(
            "C11",
            f"{person.performer}: {young or 'the age is not known'}, and nobody stated the content",
            "state the content of the use, 'none' where there is nothing of the kind",
            missing=(*unknown, "person.content"),
        )
    else:
        yield from allow("C11", f"{person.performer}: no minor with nudity or sex")


def _youth(case: Case, person: PersonUse) -> tuple[str, tuple[str, ...]]:
    """Why a minor is or appears in this use (else ""), and what is missing to know that none does."""
    performer = performer_of(case, person.performer)
    birth = None if performer is None else performer.birth_date
    if person.portrayed_age is not None and person.portrayed_age < MAJORITY:
        return f"portrayed at {person.portrayed_age}", ()
    ids, scans = scan_of(case, person)
    if birth is not None:
        taken = [item.scanned_at.astimezone(UTC).date() for item in scans if item.scanned_at is not None]
        days = [*([person.day] if person.day else []), *([] if person.day else [case.today]), *taken]
        if any(age_on(birth, day) < MAJORITY for day in days):
            return "a minor", ()
    unknown = []
    if birth is None:
        unknown.append("performer" if performer is None else "performer.birth_date")
    if person.portrayed_age is None:
        unknown.append("person.portrayed_age")
    if person.day is None:
        unknown.append("person.day")
    if len({item.id for item in scans if item.scanned_at is not None}) != len(ids):
        unknown.append("scan.scanned_at")
    if person.replica is not None and not any(item.id == person.replica for item in case.facts.replicas):
        unknown.append("replica")
    return "", tuple(unknown)


C11 = Rule(
    id="C11",
    family="consent",
    sentence="A minor's replica never shows nudity or sex, up-ageing and de-ageing included.",
    source="S26",
    confidence="S",
    outcome="BLOCK",
    remedy="never: nothing overrides this; counsel to confirm",
    overridable=False,
    test=_c11,
)
