"""Rules C7 to C13, but for C11 (:mod:`.minors`): scans, the deceased, representation, strikes, languages, background.

Sources: S23 and S26 are the SAG-AFTRA TV/Theatrical agreements, AB 1836 and AB 2602 Californian law: secondary sources,
counsel to confirm. The house keeps C10 in force past the contract's end.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from setpiece.clearance.names import word_key
from setpiece.clearance.records import Performer, ScanSession
from setpiece.clearance.rules import minors
from setpiece.clearance.rules.grants import (
    NONE,
    REPLICA_KINDS,
    judge,
    performer_of,
    replicates,
    representative,
    scan_of,
)
from setpiece.clearance.rules.pay import settled
from setpiece.clearance.rules.places import ANY, touches
from setpiece.clearance.rules.rule import S26_FIRST_DAY, S26_LAST_DAY, Case, Rule, allow, block, needs
from setpiece.clearance.use import PersonUse
from setpiece.core.clearance import Finding

SCAN_NOTICE = timedelta(hours=48)
AB_2602_FIRST_DAY = date(2025, 1, 1)
FOREIGN_LANGUAGE_FIRST_DAY = date(2027, 7, 1)


def _c7(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons if person.kind in REPLICA_KINDS for found in _c7_of(case, person))


def _c7_of(case: Case, person: PersonUse) -> Iterator[Finding]:
    if person.kind == "scan":
        sessions = tuple(
            item
            for item in case.facts.scans
            if item.performer == person.performer
            and item.production == case.use.production
            and (item.scanned_at is None or person.day is None or item.scanned_at.astimezone(UTC).date() == person.day)
        )
        known = bool(sessions)
    else:
        replicas = [item for item in case.facts.replicas if item.id == person.replica]
        by_scan = any(item.type in ("employment", "background") or item.scan for item in replicas)
        if not by_scan:
            return
        ids, sessions = scan_of(case, person)
        known = bool(ids) and {item.id for item in sessions} == set(ids) and all(item.scan for item in replicas)
    if not known:
        yield block(
            "C7",
            f"the scan of {person.performer} is not on record",
            "record the scan session: when it was announced, why, and when it takes place",
            missing=("scan",),
        )
        return
    for session in sorted(sessions, key=lambda item: item.id):
        yield from _notice(case, session)


def _notice(case: Case, session: ScanSession) -> Iterator[Finding]:
    noticed, scanned = session.noticed_at, session.scanned_at
    missing = tuple(f"scan.{name}" for name in ("noticed_at", "scanned_at", "reason") if not getattr(session, name))
    if missing or noticed is None or scanned is None:
        yield block(
            "C7",
            f"scan {session.id} of {session.performer} was not announced in full",
            f"record {', '.join(missing)}",
            missing=missing,
        )
    elif noticed > case.now:
        yield block("C7", f"scan {session.id} has not been announced yet", "announce it 48 hours ahead")
    elif not announced(noticed, session.engaged_at, scanned):
        hours = (scanned - noticed) / timedelta(hours=1)
        yield block(
            "C7",
            f"scan {session.id} was announced {hours:.1f} hours ahead",
            "announce a scan 48 hours ahead, or at the engagement where that is later; move the scan",
            clause="notice: 48 hours, or at engagement where that is shorter",
        )
    else:
        yield from allow("C7", f"scan {session.id} of {session.performer} was announced in time: {session.reason}")


def announced(noticed: datetime, engaged: datetime | None, scanned: datetime) -> bool:
    """Whether a scan was announced 48 hours ahead, or by the engagement where that left less than 48 hours."""
    if scanned - noticed >= SCAN_NOTICE:
        return True
    return engaged is not None and scanned - engaged < SCAN_NOTICE and noticed <= engaged <= scanned


def _c8(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons if replicates(person) for found in _c8_of(case, person))


def _c8_of(case: Case, person: PersonUse) -> Iterator[Finding]:
    performer = performer_of(case, person.performer)
    if performer is None or performer.deceased_on is None or performer.deceased_on > max(case.days):
        return
    grant = judge(case, person).grant
    if grant is None:
        yield block(
            "C8",
            f"{performer.name} is deceased, and nobody consented in their place",
            "ask the authorised representative of the deceased",
            missing=("grant",),
        )
        return
    signer = representative(case, performer.id, grant.signed_by)
    if signer is None or signer.kind not in ("estate", "union"):
        yield block(
            "C8",
            f"{performer.name} is deceased; consent {grant.id} was signed by nobody authorised for the estate",
            "have the estate's authorised representative sign; the union only where a search found none",
            missing=("representative",),
        )
    elif not signer.authority_sha256:
        yield block(
            "C8",
            f"nothing proves the authority of {signer.name} for {performer.name}",
            "record the document that proves the authority",
            missing=("representative.authority_sha256",),
        )
    elif signer.kind == "union" and not signer.none_identified:
        yield block(
            "C8",
            f"the union consented for {performer.name}, and no search for an estate is on record",
            "record that nobody authorised was identified, or ask the estate",
            missing=("representative.none_identified",),
        )
    elif signer.kind == "union" and _estates(case, performer):
        yield block("C8", f"the estate of {performer.name} is known: the union cannot consent", "ask the estate")
    else:
        yield from allow("C8", f"{signer.name} ({signer.kind}) consented for {performer.name}")


def _estates(case: Case, performer: Performer) -> bool:
    return any(item.performer == performer.id and item.kind == "estate" for item in case.facts.representatives)


def _c9(case: Case) -> tuple[Finding, ...]:
    persons = [person for person in case.use.persons if person.kind in REPLICA_KINDS]
    if not persons:
        return ()
    production = case.facts.production
    if production is None or not production.jurisdictions:
        missing = "production" if production is None else "production.jurisdictions"
        return (
            block("C9", "nobody recorded under which law this is made", "record production.jurisdictions", missing=(missing,)),
        )
    if not touches(production.jurisdictions, "US-CA"):
        return ()
    return tuple(found for person in persons for found in _c9_of(case, person))


def _c9_of(case: Case, person: PersonUse) -> Iterator[Finding]:
    grant = judge(case, person).grant
    if grant is None:
        return  # C1 has blocked, and an override of it cannot stand for representation
    signer = representative(case, person.performer, grant.represented_by)
    if signer is not None and signer.kind in ("counsel", "union"):
        yield from allow("C9", f"{person.performer} was represented by {signer.name} ({signer.kind})")
    else:
        yield from needs(case, "C9", f"{person.performer} had neither counsel nor union at signing", ("legal",))


def _c10(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons if replicates(person) for found in _c10_of(case, person))


def _c10_of(case: Case, person: PersonUse) -> Iterator[Finding]:
    performer, production = performer_of(case, person.performer), case.facts.production
    union = None if performer is None else performer.union
    checked = None if production is None else production.strikes_checked_on
    missing = (
        *(() if union else ("performer.union",)),
        *(() if checked else ("production.strikes_checked_on",)),
        *(() if person.day else ("person.day",)),
    )
    if missing or not union or checked is None:
        yield block(
            "C10",
            f"nobody knows whether {person.performer} could refuse to work",
            f"record {', '.join(missing)} (the union is 'none' where there is none)",
            missing=missing,
        )
        return
    if word_key(union) == NONE:
        yield from allow("C10", f"{person.performer} is in no union")
        return
    if not 0 <= (case.today - checked).days <= case.policy.strike_calendar_days:
        yield block(
            "C10",
            f"the strike calendar was brought up to date on {checked}",
            "bring the strike calendar up to date",
            missing=("production.strikes_checked_on",),
        )
        return
    days = {case.today, person.day or case.today}
    strikes = sorted(
        item.first_day
        for item in case.facts.strikes
        if word_key(item.union) == word_key(union)
        and any(item.first_day <= day and (item.last_day is None or day <= item.last_day) for day in days)
    )
    if strikes:
        yield block(
            "C10",
            f"{union} has been on strike since {strikes[0]}: {person.performer} could refuse to work",
            "wait until the strike is over",
            clause=f"strike: {union} from {strikes[0]}",
        )
    else:
        yield from allow("C10", f"no strike of {union} is on")


def _c12(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons if person.foreign_language for found in _c12_of(case, person))


def _c12_of(case: Case, person: PersonUse) -> Iterator[Finding]:
    if not person.language:
        yield block("C12", "nobody stated the foreign language", "state person.language", missing=("person.language",))
        return
    judged = judge(case, person)
    named = () if judged.grant is None else tuple(word for word in judged.grant.scope.languages if word != ANY)
    if not judged.stands:
        yield block(
            "C12",
            f"no consent of {person.performer} to a voice in {person.language} stands",
            "ask the performer to consent to the language",
            missing=("grant",),
        )
    elif word_key(person.language).partition("-")[0] not in {word_key(word).partition("-")[0] for word in named}:
        yield block(
            "C12",
            f"{person.performer} consented to no voice in {person.language} by name",
            "ask the performer to consent to the language by name",
            clause=f"scope.languages: names {', '.join(named) or 'none'}; asked {person.language}",
        )
    else:
        yield from allow("C12", f"{person.performer} consented to a voice in {person.language}")


def _c13(case: Case) -> tuple[Finding, ...]:
    return tuple(found for person in case.use.persons if person.kind == "background_replica" for found in _c13_of(case, person))


def _c13_of(case: Case, person: PersonUse) -> Iterator[Finding]:
    if not judge(case, person).stands:
        yield block(
            "C13",
            f"no consent of {person.performer} to a background replica stands",
            "ask the performer for a written consent",
            missing=("grant",),
        )
    elif person.replaces_principal is None:
        yield block(
            "C13",
            f"nobody stated whether the background replica of {person.performer} plays a principal part",
            "state person.replaces_principal: true or false",
            missing=("person.replaces_principal",),
        )
    elif person.replaces_principal and not settled(case, person, "replica_days"):
        yield block(
            "C13",
            f"the background replica of {person.performer} plays a principal part, and nobody recorded what is owed for it",
            "record the days and the rate of a principal performer (basis 'replica_days')",
            missing=("obligation",),
        )
    else:
        part = "a principal part, paid as one" if person.replaces_principal else "background"
        yield from allow("C13", f"{person.performer}: {part}")


RULES = (
    Rule(
        id="C7",
        family="consent",
        sentence="A scan is announced 48 hours ahead, or at the engagement if that is shorter, with a business reason.",
        source="S23, S26",
        confidence="S",
        outcome="BLOCK",
        remedy="record the notice and its reason, or move the scan; counsel to confirm",
        test=_c7,
    ),
    Rule(
        id="C8",
        family="consent",
        sentence="For a deceased performer the authorised representative consents; the union only if none is identified.",
        source="S23, AB 1836",
        confidence="S",
        outcome="BLOCK",
        remedy="have the estate sign, and record its authority; counsel to confirm",
        test=_c8,
    ),
    Rule(
        id="C9",
        family="consent",
        sentence="Where California is concerned, the performer had counsel or the union at signing; else legal rules.",
        source="AB 2602",
        confidence="S",
        outcome="NEEDS(legal)",
        remedy="record who represented the performer, or ask legal; counsel to confirm",
        effective_from=AB_2602_FIRST_DAY,
        test=_c9,
    ),
    Rule(
        id="C10",
        family="consent",
        sentence="No replica is used where the performer could refuse to work.",
        source="S26",
        confidence="S",
        outcome="BLOCK",
        remedy="wait until the strike is over; counsel to confirm",
        effective_from=S26_FIRST_DAY,
        test=_c10,
    ),
    minors.C11,
    Rule(
        id="C12",
        family="consent",
        sentence="A replica's voice in a foreign language needs consent to that language.",
        source="S26",
        confidence="S",
        outcome="BLOCK",
        remedy="ask the performer to consent to the language by name; counsel to confirm",
        effective_from=FOREIGN_LANGUAGE_FIRST_DAY,
        effective_to=S26_LAST_DAY,
        test=_c12,
    ),
    Rule(
        id="C13",
        family="consent",
        sentence="A background replica needs consent, and plays no principal part unpaid.",
        source="S23",
        confidence="S",
        outcome="BLOCK",
        remedy="record the consent, the part and what is owed; counsel to confirm",
        test=_c13,
    ),
)
