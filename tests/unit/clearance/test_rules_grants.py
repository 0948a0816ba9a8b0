from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenarios import base, inputs

from setpiece.clearance.decide import decide
from setpiece.clearance.records import ConsentEvent, ConsentGrant, Facts, Scope
from setpiece.clearance.rules.grants import standing
from setpiece.clearance.use import PersonUse, UseRequest
from setpiece.core.clearance import Decision, Outcome

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
USE, FACTS, POLICY, _ = inputs(base("replica"))
GRANT, PERSON = FACTS.grants[0], USE.persons[0]
EVENTS = st.lists(
    st.tuples(st.sampled_from(["granted", "suspended", "resumed", "revoked", "?"]), st.integers(-5, 5)), max_size=6
).map(
    lambda stated: tuple(
        ConsentEvent(id=f"e{number}", grant="g1", kind=kind, effective=NOW + timedelta(hours=hours))
        for number, (kind, hours) in enumerate(stated)
    )
)


def ruled(person: PersonUse = PERSON, facts: Facts = FACTS) -> Decision:
    return decide(replace(USE, persons=(person,)), facts, POLICY, NOW)


def with_scope(**changes: object) -> Facts:
    return replace(FACTS, grants=(replace(GRANT, scope=replace(GRANT.scope, **changes)),))  # type: ignore[arg-type]


def outcome_of(rule: str, decision: Decision) -> Outcome:
    return next(item.outcome for item in decision.findings if item.rule == rule)


@given(EVENTS)
def test_what_became_of_a_consent_is_read_from_its_events(events: tuple[ConsentEvent, ...]) -> None:
    told = standing(GRANT, events, NOW)
    past = [item for item in events if item.effective <= NOW]
    kinds = {item.kind for item in past}
    if "revoked" in kinds:
        assert told == "revoked"
    elif "granted" not in kinds:
        assert told == "none"
    else:
        last = {item.kind for item in past if item.effective == max(other.effective for other in past)}
        assert told == ("suspended" if last & {"suspended", "?"} else "granted")


@given(EVENTS, st.permutations(range(6)))
def test_the_order_of_events_on_record_does_not_matter(events: tuple[ConsentEvent, ...], order: list[int]) -> None:
    shuffled = tuple(events[place] for place in order if place < len(events))
    assert standing(GRANT, shuffled, NOW) == standing(GRANT, events, NOW)


@given(EVENTS, st.integers(0, 1000))
def test_once_revoked_a_consent_is_revoked_for_ever(events: tuple[ConsentEvent, ...], hours: int) -> None:
    if standing(GRANT, events, NOW) == "revoked":
        assert standing(GRANT, events, NOW + timedelta(hours=hours)) == "revoked"


def test_another_consents_events_are_not_this_ones() -> None:
    other = ConsentEvent(id="e2", grant="g2", kind="revoked", effective=NOW)
    assert standing(GRANT, (*FACTS.events, other), NOW) == "granted"


LIMITS = ("uses", "roles", "scenes", "media", "languages", "territories")
ASKED = {
    "uses": "kind",
    "roles": "role",
    "scenes": "scene",
    "media": "media",
    "languages": "language",
    "territories": "territories",
}


@pytest.mark.parametrize("field", LIMITS)
def test_an_empty_limit_allows_nothing_and_a_star_anything(field: str) -> None:
    language = {"language": "en"} if field == "languages" else {}
    person = replace(PERSON, **language)  # type: ignore[arg-type]
    refused = ruled(person, with_scope(**{field: ()}))
    assert outcome_of("C2", refused) is Outcome.BLOCK
    (finding,) = [item for item in refused.findings if item.outcome is Outcome.BLOCK]
    assert finding.clause.startswith(f"scope.{field}: allows none; asked")
    assert ruled(person, with_scope(**{field: ("*",)})).outcome is Outcome.ALLOW


@pytest.mark.parametrize("field", [item for item in LIMITS if item != "uses"])
def test_what_nobody_asked_for_is_missing_where_the_consent_limits_it(field: str) -> None:
    asked = ASKED[field]
    person = replace(PERSON, **{asked: () if asked in ("media", "territories") else None})  # type: ignore[arg-type]
    refused = ruled(person)
    assert outcome_of("C2", refused) is Outcome.BLOCK
    assert {name for item in refused.findings for name in item.missing} == {f"person.{asked}"}


WORDS = st.lists(st.sampled_from(["film", "game", "series", "trailer"]), max_size=3, unique=True).map(tuple)


@given(WORDS, WORDS, WORDS)
@settings(max_examples=60, deadline=None)
def test_a_wider_scope_never_covers_less(asked: tuple[str, ...], allowed: tuple[str, ...], more: tuple[str, ...]) -> None:
    person = replace(PERSON, media=asked)
    narrow = outcome_of("C2", ruled(person, with_scope(media=allowed)))
    wide = outcome_of("C2", ruled(person, with_scope(media=(*allowed, *more))))
    assert (narrow is Outcome.ALLOW) == (bool(asked) and set(asked) <= set(allowed))
    assert wide is Outcome.ALLOW or narrow is Outcome.BLOCK


@given(st.integers(-3, 3), st.integers(-3, 3))
@settings(max_examples=49, deadline=None)
def test_a_consent_runs_from_its_first_day_to_its_last(first: int, last: int) -> None:
    day = date(2026, 9, 15)
    facts = with_scope(first_day=day + timedelta(days=first), last_day=day + timedelta(days=last))
    assert (outcome_of("C2", ruled(facts=facts)) is Outcome.ALLOW) == (first <= 0 <= last)


def test_a_day_of_use_that_lies_back_does_not_stretch_a_consent() -> None:
    facts = with_scope(last_day=date(2026, 9, 14))
    assert outcome_of("C2", ruled(replace(PERSON, day=date(2026, 9, 14)), facts)) is Outcome.BLOCK


@given(st.sampled_from(["nudity", "SEX", " sex ", "Nudity"]), st.booleans())
@settings(deadline=None)
def test_a_prohibition_wins_over_every_star(word: str, exception: bool) -> None:
    open_ = Scope(
        uses=("*",),
        roles=("*",),
        scenes=("*",),
        media=("*",),
        languages=("*",),
        territories=("*",),
        ages=(0, 120),
        first_day=date.min,
        last_day=date.max,
        prohibited=("nudity", "sex"),
    )
    person = replace(PERSON, content=(word,))
    if exception:
        person = replace(person, exception="as_scripted", exception_evidence_sha256="8" * 64)
    assert outcome_of("C2", ruled(person, replace(FACTS, grants=(replace(GRANT, scope=open_),)))) is Outcome.BLOCK


def test_one_of_two_consents_must_cover_all_of_the_use_by_itself() -> None:
    halves = (
        replace(GRANT, scope=replace(GRANT.scope, scenes=("12",), media=("game",))),
        replace(GRANT, id="g2", scope=replace(GRANT.scope, scenes=("99",))),
    )
    events = (*FACTS.events, replace(FACTS.events[0], id="e2", grant="g2"))
    assert ruled(facts=replace(FACTS, grants=halves, events=events)).outcome is Outcome.BLOCK
    whole = (*halves, replace(GRANT, id="g3"))
    events = (*events, replace(FACTS.events[0], id="e3", grant="g3"))
    assert ruled(facts=replace(FACTS, grants=whole, events=events)).outcome is Outcome.ALLOW


def newer(**changes: object) -> ConsentGrant:
    return replace(GRANT, id="g2", scope=replace(GRANT.scope, scenes=("13",)), supersedes="g1", **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kinds", "allowed"),
    [
        ((), False),  # on record, and nobody said that it was granted
        ((("granted", -1),), False),
        ((("granted", -2), ("revoked", -1)), False),  # the older one does not come back
        ((("granted", 1),), True),  # not yet
    ],
)
def test_a_superseded_consent_covers_nothing_any_more(kinds: tuple[tuple[str, int], ...], allowed: bool) -> None:
    events = tuple(
        ConsentEvent(id=f"n{hours}", grant="g2", kind=kind, effective=NOW + timedelta(hours=hours)) for kind, hours in kinds
    )
    facts = replace(FACTS, grants=(GRANT, newer()), events=(*FACTS.events, *events))
    assert (ruled(facts=facts).outcome is Outcome.ALLOW) == allowed


def test_consents_that_supersede_each_other_cover_nothing() -> None:
    circle = (replace(GRANT, supersedes="g2"), replace(GRANT, id="g2", supersedes="g1"))
    events = (*FACTS.events, replace(FACTS.events[0], id="e2", grant="g2"))
    assert ruled(facts=replace(FACTS, grants=circle, events=events)).outcome is Outcome.BLOCK


@given(
    st.integers(0, 17),
    st.sampled_from(["nudity", "partial nudity", "sex", "simulated sex", "Sexual"]),
    st.sampled_from(["replica", "voice", "reage", "alteration", "background_replica", "scan", "training"]),
)
@settings(deadline=None)
def test_whoever_is_portrayed_under_18_is_never_shown_naked(age: int, word: str, kind: str) -> None:
    person = replace(
        PERSON, portrayed_age=age, content=(word,), kind=kind, customary=True, changes_intent=False, alteration="x"
    )
    assert outcome_of("C11", ruled(person)) is Outcome.BLOCK


def test_every_use_of_a_person_is_ruled_on_not_only_the_first() -> None:
    bad = replace(PERSON, scene="99")
    for order in itertools.permutations((PERSON, bad)):
        use: UseRequest = replace(USE, persons=order)
        decision = decide(use, FACTS, POLICY, NOW)
        assert decision.outcome is Outcome.BLOCK
        assert [item.outcome for item in decision.findings if item.rule == "C2"].count(Outcome.BLOCK) == 1
