"""Rules L1 to L3: no unlicensed likeness, and synthetic performers only after the union was heard.

Sources: N is Netflix' partner guidance, read in the original; ELVIS is Tennessean law and S26 the SAG-AFTRA
TV/Theatrical agreement (secondary sources, counsel to confirm).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from setpiece.clearance.names import person_key
from setpiece.clearance.records import Notice, Performer
from setpiece.clearance.rules.clocks import ASK_DAYS, BARGAIN_DAYS, after_business_days
from setpiece.clearance.rules.grants import covers_today, judge, performer_of
from setpiece.clearance.rules.rule import S26_FIRST_DAY, S26_LAST_DAY, Case, Rule, allow, block, needs, requesters
from setpiece.clearance.use import LikenessMatch, SyntheticPerformer
from setpiece.core.clearance import Finding

REGIMES = ("S23", "S26", "none")


def _l1(case: Case) -> tuple[Finding, ...]:
    order = sorted(
        case.use.likenesses, key=lambda item: (item.where, item.what, item.status, item.performer or "", item.detail)
    )
    return tuple(found for item in order for found in _l1_of(case, item))


def _l1_of(case: Case, found: LikenessMatch) -> tuple[Finding, ...]:
    where = f"a {found.what} in the {found.where}"
    if found.status == "unsure":
        if found.ruled_by and person_key(found.ruled_by) not in requesters(case):
            return allow("L1", f"{where}: {found.ruled_by} ruled that it is nobody identifiable")
        return needs(case, "L1", f"{where} may be somebody's: {found.detail or 'unsure'}", ("likeness_reviewer",))
    if found.status == "nobody":
        ruled = found.ruled_by and person_key(found.ruled_by) not in requesters(case)
        if found.where in ("plate", "reference") or ruled:
            return allow("L1", f"{where}: nobody identifiable")
        return needs(case, "L1", f"{where} is said to be nobody's", ("likeness_reviewer",))
    if found.status not in ("matched", "accounted"):
        return (
            block(
                "L1",
                f"{where} belongs to nobody who was declared",
                "declare whose it is, or have a likeness reviewer rule that nobody can be identified",
                missing=("likeness.performer",),
            ),
        )
    return _l1_performer(case, found, where)


def _l1_performer(case: Case, found: LikenessMatch, where: str) -> tuple[Finding, ...]:
    if found.performer is None or performer_of(case, found.performer) is None:
        return (
            block(
                "L1",
                f"{where} is a performer's whom nobody recorded",
                "record the performer",
                missing=("performer",) if found.performer else ("likeness.performer",),
            ),
        )
    if found.status == "accounted" and _photographed(case, found):
        return allow("L1", f"{where} is {found.performer}, as photographed")
    consents = [judge(case, person) for person in case.use.persons if person.performer == found.performer]
    exceptions = [person for person in case.use.persons if person.performer == found.performer and person.exception]
    if any(item.covers for item in consents) or (exceptions and any(item.stands for item in consents)):
        return allow("L1", f"{where} is {found.performer}, who consented")
    return (
        block(
            "L1",
            f"{where} is {found.performer}, and no consent covers it",
            "take it out, or declare the use and ask the performer",
            missing=("person",) if not consents else ("grant",),
        ),
    )


def _photographed(case: Case, found: LikenessMatch) -> bool:
    """Whether a declared performer is simply in the plate, or in the output because they are in the plate."""
    if found.where == "plate":
        return True
    return found.where == "output" and any(
        item.where == "plate" and item.status == "accounted" and item.performer == found.performer
        for item in case.use.likenesses
    )


def _l2(case: Case) -> tuple[Finding, ...]:
    return tuple(
        found
        for synthetic in sorted(case.use.synthetics, key=lambda item: item.name)
        for name in sorted(synthetic.prompt_names)
        for found in _l2_of(case, synthetic, name)
    )


def _l2_of(case: Case, synthetic: SyntheticPerformer, name: str) -> Iterator[Finding]:
    performer = _named(case, name)
    if performer is None:
        yield block(
            "L2",
            f"the prompt of {synthetic.name} names {name}, whom nobody recorded",
            "take the name out, or record the performer",
            missing=("performer",),
        )
    elif not _consented(case, performer):
        yield block(
            "L2",
            f"the prompt of {synthetic.name} names {performer.name}, who did not consent",
            "take the name and the features out, or ask the performer (consent of type 'synthetic')",
            missing=("grant",),
        )
    elif not any(item.outcome == "agreed" and _closed_by(item, case.today) for item in _notices(case, synthetic)):
        yield block(
            "L2",
            f"no bargaining about {synthetic.name}, made from {performer.name}, has ended in agreement",
            "bargain with the union and record the agreement",
            missing=("notice",),
        )
    else:
        yield from allow("L2", f"{performer.name} consented to {synthetic.name}, and the union agreed")


def _named(case: Case, name: str) -> Performer | None:
    key = person_key(name)
    found = [
        item
        for item in case.facts.performers
        if item.id == name or key in {person_key(word) for word in (item.name, *item.aliases)}
    ]
    return min(found, key=lambda item: item.id, default=None)


def _consented(case: Case, performer: Performer) -> bool:
    return any(covers_today(case, item, "synthetic") for item in case.facts.grants if item.performer == performer.id)


def _notices(case: Case, synthetic: SyntheticPerformer) -> list[Notice]:
    return [
        item
        for item in case.facts.notices
        if item.id == synthetic.notice and item.kind == "synthetic" and item.production == case.use.production
    ]


def _closed_by(notice: Notice, today: date) -> bool:
    return notice.given_on is not None and notice.closed_on is not None and notice.given_on <= notice.closed_on <= today


def _l3(case: Case) -> tuple[Finding, ...]:
    order = sorted(case.use.synthetics, key=lambda item: item.name)
    return tuple(found for synthetic in order for found in _l3_of(case, synthetic))


def _l3_of(case: Case, synthetic: SyntheticPerformer) -> tuple[Finding, ...]:
    regime = None if case.facts.production is None else case.facts.production.regime
    missing = (
        *(("synthetic.human_role",) if synthetic.human_role is None else ()),
        *(("synthetic.justification",) if synthetic.human_role is not False and not synthetic.justification else ()),
        *(("production.regime",) if regime not in REGIMES else ()),
    )
    if synthetic.human_role is False:
        return allow("L3", f"{synthetic.name} plays no human being")
    if missing:
        return (
            block(
                "L3",
                f"{synthetic.name}: it is not stated whether it plays a human being, what it adds, or by which contract",
                f"state {', '.join(missing)}",
                missing=missing,
            ),
        )
    what = f"{synthetic.name} plays a human being: {synthetic.justification}"
    if regime == "none":
        return needs(case, "L3", what, ("producer",))
    notices = _notices(case, synthetic)
    if not notices:
        return (
            block(
                "L3",
                f"the union has had no notice of {synthetic.name}",
                "give the union notice, and record it",
                missing=("notice",),
            ),
        )
    waits = [wait for item in notices for wait in (waiting(item, case.today, case.policy.holidays),) if wait]
    if waits:
        return (block("L3", f"{synthetic.name}: {waits[0][0]}", waits[0][1], missing=waits[0][2]),)
    return needs(case, "L3", what, ("producer",))


def waiting(notice: Notice, today: date, holidays: tuple[date, ...] = ()) -> tuple[str, str, tuple[str, ...]] | None:
    """What a notice to the union still waits for on ``today``: reason, remedy, missing data; None once it is closed.

    The union has 10 business days to ask for bargaining; that it did not ask is on record too. Where it asks, bargaining
    closes by agreement, or else, on record, after 15 business days from the day it asked. S26, counsel to confirm.
    """
    given, asked = notice.given_on, notice.bargaining_requested_on
    if given is None or given > today:
        return ("the notice to the union has not been given", "give it, and record the day", ("notice.given_on",))
    if notice.outcome == "agreed" and _closed_by(notice, today):
        return None
    if asked is None:
        last = after_business_days(given, ASK_DAYS, holidays)
        if today <= last:
            return (f"the union may ask to bargain until {last}", f"wait until {last} has passed, or agree", ())
        return None if notice.outcome == "no_request" else _unclosed()
    last = after_business_days(max(asked, given), BARGAIN_DAYS, holidays)
    if today <= last:
        return (f"bargaining with the union runs until {last}", "come to an agreement, or wait for the end", ())
    return None if notice.outcome == "refused" and _closed_by(notice, today) else _unclosed()


def _unclosed() -> tuple[str, str, tuple[str, ...]]:
    return (
        "nobody recorded how bargaining with the union closed",
        "record the day and the outcome",
        ("notice.closed_on", "notice.outcome"),
    )


RULES = (
    Rule(
        id="L1",
        family="likeness",
        sentence="No unlicensed likeness stands in a prompt, a reference or an output.",
        source="N, ELVIS",
        confidence="S",
        outcome="BLOCK",
        remedy="declare whose likeness it is and under which consent, or take it out; counsel to confirm",
        test=_l1,
    ),
    Rule(
        id="L2",
        family="likeness",
        sentence="No prompt for a synthetic performer names a performer with facial features.",
        source="S26",
        confidence="S",
        outcome="BLOCK",
        remedy="take the name out, or have consent and agreement on record; counsel to confirm",
        effective_from=S26_FIRST_DAY,
        effective_to=S26_LAST_DAY,
        test=_l2,
    ),
    Rule(
        id="L3",
        family="likeness",
        sentence="A synthetic performer in a human role adds significant value, after notice to the union and bargaining.",
        source="S26",
        confidence="S",
        outcome="BLOCK until closed; then NEEDS(producer)",
        remedy="give notice, let the clocks run out or agree, and ask the producer; counsel to confirm",
        effective_from=S26_FIRST_DAY,
        effective_to=S26_LAST_DAY,
        test=_l3,
    ),
)
