"""Whether a consent stands, is in form, and covers a use, clause by clause. Pure; :mod:`.consent` rules by it.

A consent stands where it was granted, is not suspended, and was never revoked or superseded. A revocation is for ever,
and outranks everything else of the same instant. What a record does not say is a problem, never a permission.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from setpiece.clearance.names import word_key
from setpiece.clearance.records import ConsentEvent, ConsentGrant, Performer, Representative, ScanSession
from setpiece.clearance.rules.places import ANY, within
from setpiece.clearance.rules.rule import Case
from setpiece.clearance.use import PersonUse

R = TypeVar("R")
MAJORITY = 18
NONE = "none"  # says that there is none: of sensitive content, of a spoken language
TYPES = {
    "replica": ("employment_replica", "independent_replica"),
    "voice": ("employment_replica", "independent_replica"),
    "reage": ("employment_replica", "independent_replica"),
    "background_replica": ("background_replica",),
    "scan": ("employment_replica", "independent_replica", "background_replica"),
    "alteration": ("alteration",),
    "training": ("training",),
}
REPLICA_KINDS = ("replica", "background_replica", "voice", "reage", "scan")
PORTRAYALS = ("replica", "background_replica", "voice", "reage", "alteration")
SIGNERS = ("agent", "guardian", "counsel", "estate", "union")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a consent for a use."""

    reason: str
    remedy: str
    missing: tuple[str, ...] = ()
    clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A performer's best consent for a use, and what is wrong with it: in form, and against its scope."""

    grant: ConsentGrant | None
    form: tuple[Problem, ...]
    scope: tuple[Problem, ...]
    prohibited: tuple[Problem, ...]
    elsewhere: bool  # the consent is for another production

    @property
    def stands(self) -> bool:
        """Whether the consent is in form and this production's."""
        return self.grant is not None and not self.form and not self.elsewhere

    @property
    def covers(self) -> bool:
        """Whether the consent stands and the use lies inside its scope."""
        return self.stands and not self.scope and not self.prohibited


def judge(case: Case, person: PersonUse, types: tuple[str, ...] | None = None) -> Judged:
    """The consent that fits ``person`` best: one without any problem where there is one, and the problems of it."""
    wanted = TYPES.get(person.kind, ()) if types is None else types
    return case.once(("judged", person, wanted), lambda: _judge(case, person, wanted))


def _judge(case: Case, person: PersonUse, types: tuple[str, ...]) -> Judged:
    theirs = [item for item in case.facts.grants if item.performer == person.performer and item.type in types]
    here = [item for item in theirs if item.production == case.use.production]
    found = [
        Judged(
            grant=grant,
            form=tuple(form_problems(case, grant)),
            scope=tuple(scope_problems(case, person, grant)),
            prohibited=tuple(prohibited_problems(person, grant)),
            elsewhere=not here,
        )
        for grant in here or theirs
    ]
    return min(found, key=_badness, default=Judged(grant=None, form=(), scope=(), prohibited=(), elsewhere=False))


def _badness(judged: Judged) -> tuple[bool, bool, int, int, str]:
    scope = len(judged.scope) + len(judged.prohibited)
    grant = "" if judged.grant is None else judged.grant.id
    return (not judged.covers, judged.elsewhere, len(judged.form), scope, grant)


def replicates(person: PersonUse) -> bool:
    """Whether a use is more than customary post-production of what the performer did: what nobody stated counts as more."""
    return person.kind != "alteration" or person.customary is not True or person.changes_intent is not False


def covers_today(case: Case, grant: ConsentGrant, kind: str) -> bool:
    """Whether a consent of type ``kind``, which portrays nobody in a scene, stands in this production and covers today."""
    scope = grant.scope
    if grant.type != kind or grant.production != case.use.production or not {kind, ANY} & set(scope.uses):
        return False
    if scope.first_day is None or scope.last_day is None or not scope.first_day <= case.today <= scope.last_day:
        return False
    return not any(True for _ in form_problems(case, grant))


def performer_of(case: Case, performer: str) -> Performer | None:
    """The record of a performer; None also where two records contradict each other."""
    found = [item for item in case.facts.performers if item.id == performer]
    return found[0] if found and all(item == found[0] for item in found) else None


def form_problems(case: Case, grant: ConsentGrant) -> Iterator[Problem]:
    """What is wrong with a consent as a document: C1's signature and placement, and whether it stands at all."""
    yield from _standing_problems(case, grant)
    for name, what in (
        ("signed_on", "no day of signature"),
        ("signed_by", "nobody who signed"),
        ("document_sha256", "no signed document"),
        ("separately_signed", "no word on whether it was signed separately"),
        ("conspicuous", "no word on whether it was clear and conspicuous"),
    ):
        if getattr(grant, name) in (None, ""):
            yield Problem(
                reason=f"consent {grant.id} has {what}",
                remedy=f"record {name} of consent {grant.id} from the document",
                missing=(f"grant.{name}",),
            )
    if grant.separately_signed is False:
        yield Problem(reason=f"consent {grant.id} was not signed separately", remedy="have it signed by itself")
    if grant.conspicuous is False:
        yield Problem(reason=f"consent {grant.id} is not clear and conspicuous", remedy="have a conspicuous one signed")
    if grant.signed_on is not None and grant.signed_on > case.today:
        yield Problem(reason=f"consent {grant.id} is dated {grant.signed_on}", remedy="wait until it is signed")
    if grant.signed_by:
        yield from _signature_problems(case, grant)


def _standing_problems(case: Case, grant: ConsentGrant) -> Iterator[Problem]:
    status = standing(grant, _events(case).get(grant.id, ()), case.now)
    if status == "none":
        yield Problem(
            reason=f"consent {grant.id} was never recorded as granted",
            remedy=f"record the event 'granted' of consent {grant.id}",
            missing=("event.granted",),
        )
    elif status != "granted":
        yield Problem(
            reason=f"consent {grant.id} is {status}",
            remedy="ask the performer for a new consent" if status == "revoked" else "wait until it is resumed",
            clause=f"event: {status}",
        )
    newer = sorted(item.id for item in _successors(case).get(grant.id, ()) if not _pending(case, item))
    if newer:
        yield Problem(
            reason=f"consent {grant.id} is superseded by {newer[0]}",
            remedy=f"stay inside consent {newer[0]}",
            clause=f"supersedes: {newer[0]}",
        )


def _events(case: Case) -> dict[str, tuple[ConsentEvent, ...]]:
    return case.once("events", lambda: _grouped((item.grant, item) for item in case.facts.events))


def _successors(case: Case) -> dict[str, tuple[ConsentGrant, ...]]:
    return case.once("successors", lambda: _grouped((item.supersedes, item) for item in case.facts.grants if item.supersedes))


def _grouped(pairs: Iterable[tuple[str, R]]) -> dict[str, tuple[R, ...]]:
    found: dict[str, list[R]] = {}
    for key, item in pairs:
        found.setdefault(key, []).append(item)
    return {key: tuple(items) for key, items in found.items()}


def standing(grant: ConsentGrant, events: tuple[ConsentEvent, ...], now: datetime) -> str:
    """``granted``, ``suspended``, ``revoked`` or ``none``: what became of ``grant`` by ``now``.

    The latest effective event wins; of one instant, the strictest; a revocation is for ever. An event of a kind that
    nobody knows suspends.
    """
    own = [item for item in events if item.grant == grant.id and item.effective <= now]
    if any(item.kind == "revoked" for item in own):
        return "revoked"
    if not any(item.kind == "granted" for item in own):
        return "none"
    latest = max(item.effective for item in own)
    last = {item.kind for item in own if item.effective == latest}
    return "granted" if last <= {"granted", "resumed"} else "suspended"


def _pending(case: Case, grant: ConsentGrant) -> bool:
    """Whether a consent is on record for later only: every grant of it lies ahead."""
    given = [item.effective for item in _events(case).get(grant.id, ()) if item.kind == "granted"]
    return bool(given) and min(given) > case.now


def _signature_problems(case: Case, grant: ConsentGrant) -> Iterator[Problem]:
    performer = performer_of(case, grant.performer)
    if performer is None or performer.birth_date is None:
        yield Problem(
            reason=f"nobody recorded whether {grant.performer} is of age, so nobody knows who may sign consent {grant.id}",
            remedy="record the performer's birth date",
            missing=("performer" if performer is None else "performer.birth_date",),
        )
    child = performer is not None and grant.signed_on is not None and minor(performer, grant.signed_on)
    if grant.signed_by == grant.performer:
        if child:
            yield Problem(reason=f"consent {grant.id} was signed by a minor", remedy="have a guardian sign it")
        return
    signer = representative(case, grant.performer, grant.signed_by)
    if signer is None or signer.kind not in SIGNERS:
        yield Problem(
            reason=f"consent {grant.id} was signed by {grant.signed_by}, who is on record for nobody",
            remedy="record the representative and the proof of authority",
            missing=("representative",),
        )
    elif not signer.authority_sha256:
        yield Problem(
            reason=f"nothing proves that {signer.name} may sign consent {grant.id}",
            remedy="record the document that proves the authority",
            missing=("representative.authority_sha256",),
        )
    elif child and signer.kind != "guardian":
        yield Problem(reason=f"consent {grant.id} of a minor was signed by the {signer.kind}", remedy="have a guardian sign it")


def representative(case: Case, performer: str, who: str | None) -> Representative | None:
    """The representative ``who`` of a performer, as recorded."""
    found = [item for item in case.facts.representatives if item.id == who and item.performer == performer]
    return min(found, key=lambda item: (bool(item.authority_sha256), item.kind), default=None)


def scope_problems(case: Case, person: PersonUse, grant: ConsentGrant) -> Iterator[Problem]:
    """Where a use leaves the scope of a consent: each clause named, with what it allows and what was asked."""
    scope = grant.scope
    yield from _clause(grant, "uses", (person.kind,), scope.uses)
    yield from _date_problems(case, person, grant)
    if person.kind not in PORTRAYALS:
        return
    yield from _clause(grant, "roles", (person.role,), scope.roles)
    yield from _clause(grant, "scenes", (person.scene,), scope.scenes)
    yield from _clause(grant, "media", person.media, scope.media)
    yield from _clause(grant, "languages", (person.language,), scope.languages)
    yield from _clause(grant, "territories", person.territories, scope.territories)
    yield from _age_problems(person, grant)


def prohibited_problems(person: PersonUse, grant: ConsentGrant) -> Iterator[Problem]:
    """What the consent rules out and the use has, or does not deny having. Always wins."""
    barred = {word_key(item) for item in grant.scope.prohibited}
    if not barred or person.kind not in PORTRAYALS:
        return
    if not person.content:
        yield Problem(
            reason=f"consent {grant.id} prohibits {', '.join(sorted(barred))}, and nobody stated the content",
            remedy="state the content of the use, 'none' where there is nothing of the kind",
            missing=("person.content",),
            clause="scope.prohibited",
        )
    asked = {word_key(item) for item in (*person.content, *person.media, person.kind)}
    hit = sorted(barred & asked) or (sorted(asked - {NONE}) if ANY in barred else [])
    if hit:
        yield Problem(
            reason=f"consent {grant.id} prohibits {', '.join(hit)}",
            remedy="leave it out: a prohibition outranks the rest of the scope",
            clause=f"scope.prohibited: {', '.join(sorted(barred))}; asked {', '.join(hit)}",
        )


_FIELDS = {"roles": "role", "scenes": "scene", "languages": "language", "uses": "kind"}


def _clause(grant: ConsentGrant, name: str, asked: tuple[str | None, ...], allowed: tuple[str, ...]) -> Iterator[Problem]:
    """One clause of a scope: everything ``asked`` must lie in ``allowed``; nothing asked is missing data."""
    if ANY in allowed:
        return
    stated = [item for item in asked if item]
    if not stated:
        field = f"person.{_FIELDS.get(name, name)}"
        yield Problem(
            reason=f"nobody stated the use's {_FIELDS.get(name, name)}, and consent {grant.id} limits it",
            remedy=f"state {field}",
            missing=(field,),
            clause=f"scope.{name}",
        )
        return
    outside = [item for item in stated if not _inside(name, item, allowed)]
    if outside:
        yield Problem(
            reason=f"consent {grant.id} does not cover {', '.join(outside)}",
            remedy=f"stay inside the consent, or ask the performer to consent to {', '.join(outside)}",
            clause=f"scope.{name}: allows {', '.join(allowed) or 'none'}; asked {', '.join(outside)}",
        )


def _inside(name: str, asked: str, allowed: tuple[str, ...]) -> bool:
    if name == "territories":
        return within(asked, allowed)
    word = word_key(asked)
    known = {word_key(item) for item in allowed}
    if name == "languages":
        return word == NONE or word in known or word.partition("-")[0] in known
    return word in known


def _date_problems(case: Case, person: PersonUse, grant: ConsentGrant) -> Iterator[Problem]:
    scope = grant.scope
    missing = tuple(f"grant.scope.{name}" for name in ("first_day", "last_day") if getattr(scope, name) is None)
    if person.day is None:
        missing += ("person.day",)
    if missing or person.day is None or scope.first_day is None or scope.last_day is None:
        yield Problem(
            reason=f"the days of consent {grant.id} or of the use are not stated",
            remedy=f"state {', '.join(missing)}",
            missing=missing,
            clause="scope.dates",
        )
        return
    days = {person.day, case.today} if case.use.gate == "admit" else {person.day}
    outside = sorted(day for day in days if not scope.first_day <= day <= scope.last_day)
    if outside:
        asked = ", ".join(day.isoformat() for day in outside)
        yield Problem(
            reason=f"consent {grant.id} does not run on {asked}",
            remedy="ask the performer to consent for longer",
            clause=f"scope.dates: allows {scope.first_day} to {scope.last_day}; asked {asked}",
        )


def _age_problems(person: PersonUse, grant: ConsentGrant) -> Iterator[Problem]:
    ages = grant.scope.ages
    missing: tuple[str, ...] = () if ages is not None else ("grant.scope.ages",)
    if person.portrayed_age is None:
        missing += ("person.portrayed_age",)
    if missing or ages is None or person.portrayed_age is None:
        yield Problem(
            reason=f"the ages that consent {grant.id} covers, or the age portrayed, are not stated",
            remedy=f"state {', '.join(missing)}",
            missing=missing,
            clause="scope.ages",
        )
    elif not ages[0] <= person.portrayed_age <= ages[1]:
        yield Problem(
            reason=f"consent {grant.id} does not cover the age of {person.portrayed_age}",
            remedy="stay inside the ages of the consent, or ask the performer",
            clause=f"scope.ages: allows {ages[0]} to {ages[1]}; asked {person.portrayed_age}",
        )


def age_on(birth: date, day: date) -> int:
    """Full years on ``day``; who was born on 29 February grows older on 1 March of common years.

    >>> age_on(date(2008, 2, 29), date(2026, 2, 28)), age_on(date(2008, 2, 29), date(2026, 3, 1))
    (17, 18)
    """
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def minor(performer: Performer, day: date) -> bool:
    """Whether a performer is known to be a minor on ``day``."""
    return performer.birth_date is not None and age_on(performer.birth_date, day) < MAJORITY


def scan_of(case: Case, person: PersonUse) -> tuple[tuple[str, ...], tuple[ScanSession, ...]]:
    """The ids of the scans behind a person's replica, and those of them that are on record."""
    ids = tuple(sorted({item.scan for item in case.facts.replicas if item.id == person.replica and item.scan}))
    return ids, tuple(item for item in case.facts.scans if item.id in ids)
