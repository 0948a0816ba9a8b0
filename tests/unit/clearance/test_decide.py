from __future__ import annotations

import copy
import random
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scenarios import Vector, base, decided, inputs, vectors

from setpiece.clearance.decide import decide, facts_sha256, policy_sha256
from setpiece.clearance.policy import Policy, Tightening
from setpiece.clearance.records import Approval, ConsentEvent, Facts, Override
from setpiece.clearance.rules import RULES
from setpiece.clearance.use import ROLES
from setpiece.core.clearance import Outcome
from setpiece.core.errors import BriefError

RANK = {Outcome.ALLOW: 0, Outcome.NEEDS: 1, Outcome.BLOCK: 2}
REFUSED = [item for item in vectors() if item.expect["outcome"] != "ALLOW"]
FORGETFUL = [
    item
    for item in REFUSED
    if not item.document["facts"].get("overrides")
    and "first_shown" not in (item.document["use"].get("export") or {})  # before any law of the family it needs no export
]
CONSENTED = {"replica", "background_replica", "voice", "reage", "scan", "training"}
ANY = st.sampled_from(vectors())
SUBJECT = "5" * 64

# What bars by being there. To take one of these away states something else, it does not leave something out:
BARRING = {
    "facts.events",  # revocations and suspensions; a missing grant is tested by hand
    "facts.strikes",
    "facts.overrides",
    "facts.requesters",
    "facts.grants.*",  # a newer consent supersedes an older one
    "facts.grants.*.supersedes",
    "facts.grants.*.scope.prohibited",
    "facts.representatives.*",  # a known estate bars the union
    "facts.performers.*.deceased_on",
    "facts.licences.*.last_day",  # none: for good
    "facts.models.*.base",  # none: tuned from nothing
    "facts.models.*.about_performers",
    "facts.models.*.production",  # none on a model of nobody: no lock
    "facts.datasets.*.items.*.people",
    "facts.replicas.*.scan",  # none on an independent replica: made from no scan
    "facts.replicas.*.biometrics",
    "facts.obligations.*.amount",  # none: days times rate
    "facts.obligations.*.currency",  # has a default
    "use.persons.*.exception",  # without the claim, the scope decides
    "use.persons.*.foreign_language",
    "use.persons.*.biometric",
    "use.persons.*.replica",  # none: no replica is used; C6 asks for it where one must be
    "use.synthetics.*.prompt_names",
    "use.export.first_shown",
    "use.action",
}
ASKED = {"inputs", "tools", "models", "steps", "persons", "synthetics", "likenesses", "media", "territories"}  # another use


def removable(document: dict[str, Any]) -> list[tuple[str | int, ...]]:
    """Every field and record that somebody could have forgotten."""
    found: list[tuple[str | int, ...]] = []

    def walk(node: Any, path: tuple[str | int, ...]) -> None:
        members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in members:
            here = (*path, key)
            name = ".".join("*" if isinstance(part, int) else str(part) for part in here)
            if any(name == item or name.startswith(item + ".") for item in BARRING if item != "facts.grants.*"):
                continue
            walk(value, here)
            asked = path and path[0] == "use" and ({*here} & ASKED) and (key in ASKED or isinstance(key, int))
            if len(here) > 1 and not asked and name not in BARRING:
                found.append(here)

    walk({key: document[key] for key in ("use", "facts")}, ())
    return found


def without(document: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    result = copy.deepcopy(document)
    node: Any = result
    for key in path[:-1]:
        node = node[key]
    del node[path[-1]]
    return result


@given(st.sampled_from(FORGETFUL), st.data())
@settings(max_examples=200, deadline=None)
def test_missing_data_never_allows(vector: Vector, data: st.DataObject) -> None:
    document = vector.document
    for _ in range(data.draw(st.integers(1, 3))):
        document = without(document, data.draw(st.sampled_from(removable(document))))
    try:
        outcome = decided(document).outcome
    except BriefError:
        assume(False)  # a record without what identifies it is no record
    assert outcome is not Outcome.ALLOW


@pytest.mark.slow
def test_no_single_thing_left_out_allows_what_was_refused() -> None:
    tried = 0
    for vector in FORGETFUL:
        for path in removable(vector.document):
            try:
                outcome = decided(without(vector.document, path)).outcome
            except BriefError:
                continue
            tried += 1
            assert outcome is not Outcome.ALLOW, (vector.id, path)
    assert tried > 5000


TIGHTENINGS = st.builds(
    Tightening,
    rule=st.sampled_from([rule.id for rule in RULES]),
    outcome=st.sampled_from(list(Outcome)),
    roles=st.lists(st.sampled_from(ROLES), max_size=2, unique=True).map(tuple),
    reason=st.text(max_size=5),
)


@given(ANY, st.lists(TIGHTENINGS, min_size=1, max_size=4).map(tuple))
@settings(max_examples=200, deadline=None)
def test_tightening_never_loosens(vector: Vector, tightenings: tuple[Tightening, ...]) -> None:
    use, facts, policy, now = inputs(vector.document)
    loose = decide(use, facts, policy, now)
    tight = decide(use, facts, replace(policy, tightenings=(*policy.tightenings, *tightenings), decision_minutes=30), now)
    assert RANK[tight.outcome] >= RANK[loose.outcome]
    assert [finding.rule for finding in tight.findings] == [finding.rule for finding in loose.findings]
    for before, after in zip(loose.findings, tight.findings, strict=True):
        assert RANK[after.outcome] >= RANK[before.outcome]
        assert set(before.roles) <= set(after.roles) or after.outcome is Outcome.BLOCK
    assert tight.expires_at <= loose.expires_at


@given(ANY, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_of_records_changes_nothing(vector: Vector, chance: random.Random) -> None:
    use, facts, policy, now = inputs(vector.document)
    changes = {}
    for item in fields(Facts):
        value = getattr(facts, item.name)
        if isinstance(value, tuple):
            changes[item.name] = tuple(chance.sample(value, len(value)))
    assert decide(use, replace(facts, **changes), policy, now) == decide(use, facts, policy, now)


@given(
    st.sampled_from(
        [item for item in vectors() if CONSENTED & {one["kind"] for one in item.document["use"].get("persons", ())}]
    ),
    st.lists(
        st.tuples(st.sampled_from(["granted", "suspended", "resumed", "revoked", "?"]), st.integers(-400, 400)), max_size=6
    ),
    st.integers(0, 400),
    st.randoms(use_true_random=False),
)
@settings(max_examples=200, deadline=None)
def test_a_revocation_dominates_whatever_else_happened(
    vector: Vector, others: list[tuple[str, int]], hours: int, chance: random.Random
) -> None:
    use, facts, policy, now = inputs(vector.document)
    events = [
        ConsentEvent(id=f"x{number}", grant=grant.id, kind=kind, effective=now + timedelta(hours=offset))
        for grant in facts.grants
        for number, (kind, offset) in enumerate([("revoked", -hours), *others])
    ]
    chance.shuffle(events)
    facts = replace(facts, events=(*facts.events, *events), overrides=())
    decision = decide(use, facts, policy, now)
    assert decision.outcome is Outcome.BLOCK
    assert any(finding.rule == "C1" and finding.outcome is Outcome.BLOCK for finding in decision.findings)


def override(rule: str, **changes: str) -> Override:
    stated = {
        "person": "Lee Legal",
        "role": "legal",
        "reason": "agreed",
        "subject_sha256": SUBJECT,
        "at": "2020-01-01T00:00:00Z",
    }
    return Override(rule=rule, **{**stated, **changes})


@given(st.sampled_from([item for item in REFUSED if item.expect["rules"].get("C11") == "BLOCK"]), st.sampled_from(ROLES))
@settings(deadline=None, max_examples=60)
def test_nothing_overrides_c11(vector: Vector, role: str) -> None:
    use, facts, policy, now = inputs(vector.document)
    overrides = tuple(override(rule.id, role=role, person="Somebody Else") for rule in RULES)
    approvals = tuple(
        Approval(role=name, person="Somebody Else", gate=use.gate, subject_sha256=SUBJECT, at="2020-01-01T00:00:00Z")
        for name in ROLES
    )
    decision = decide(use, replace(facts, overrides=overrides, approvals=approvals), policy, now)
    assert decision.outcome is Outcome.BLOCK
    assert {finding.rule for finding in decision.findings if finding.outcome is not Outcome.ALLOW} >= {"C11"}


OVERRIDABLE = [
    item
    for item in REFUSED
    if item.expect["rules"].get("C11") != "BLOCK"
    and (item.document["use"]["declaration"] or {}).get("requester")  # else nobody is known not to have asked
]


@pytest.mark.parametrize("vector", OVERRIDABLE, ids=lambda item: item.id)
def test_every_other_rule_can_be_overridden_by_name_and_the_decision_says_so(vector: Vector) -> None:
    use, facts, policy, now = inputs(vector.document)
    decision = decide(
        use, replace(facts, overrides=tuple(override(rule.id, person="Olga Over") for rule in RULES)), policy, now
    )
    assert decision.outcome is Outcome.ALLOW
    assert any(
        "Olga Over (legal)" in finding.overridden_by and "agreed" in finding.overridden_by for finding in decision.findings
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "producer"},
        {"reason": "  "},
        {"person": " "},
        {"person": "ANN  Other"},
        {"person": "Ann\u200b Other"},
        {"subject_sha256": "6" * 64},
        {"at": "2026-09-15T12:00:01Z"},
        {"at": "yesterday"},
        {"rule": "C1"},
    ],
    ids=str,
)
def test_an_override_that_is_not_whole_does_not_count(changes: dict[str, str]) -> None:
    document = base("replica")
    document["use"]["persons"][0]["scene"] = "99"
    use, facts, policy, now = inputs(document)
    given_ = override(**{"rule": "C2", **changes})
    assert decide(use, replace(facts, overrides=(given_,)), policy, now).outcome is Outcome.BLOCK
    assert decide(use, replace(facts, overrides=(override("C2"),)), policy, now).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    "vector",
    [item for item in REFUSED if item not in OVERRIDABLE and item.expect["rules"].get("C11") != "BLOCK"],
    ids=lambda item: item.id,
)
def test_where_nobody_is_known_to_have_asked_nothing_is_overridden(vector: Vector) -> None:
    use, facts, policy, now = inputs(vector.document)
    facts = replace(facts, requesters=frozenset(), overrides=tuple(override(rule.id, person="Olga Over") for rule in RULES))
    assert decide(use, facts, policy, now).outcome is not Outcome.ALLOW


def test_an_unknown_gate_has_no_rules_and_so_is_closed() -> None:
    use, facts, policy, now = inputs(base("previs"))
    decision = decide(replace(use, gate="side door"), facts, policy, now)
    assert decision.findings == ()
    assert decision.outcome is Outcome.BLOCK


def test_findings_stand_in_the_order_of_the_table() -> None:
    order = [rule.id for rule in RULES]
    for vector in vectors():
        places = [order.index(finding.rule) for finding in decided(vector.document).findings]
        assert places == sorted(places)


def test_a_decision_says_by_hash_what_it_rests_on() -> None:
    use, facts, policy, now = inputs(base("replica"))
    first = decide(use, facts, policy, now)
    other = decide(use, replace(facts, strikes=(), grants=(replace(facts.grants[0], description="other"),)), policy, now)
    assert first.facts_sha256 == facts_sha256(facts) != other.facts_sha256
    assert first.policy_sha256 == policy_sha256(policy) != policy_sha256(replace(policy, name="client"))
    assert first.subject_sha256 == SUBJECT


@given(st.integers(1, 24 * 60))
def test_a_decision_lapses_after_the_policys_minutes(minutes: int) -> None:
    use, facts, _, now = inputs(base("previs"))
    decision = decide(use, facts, Policy(decision_minutes=minutes), now)
    assert datetime.fromisoformat(decision.expires_at) == now + timedelta(minutes=minutes)


def test_a_decision_lapses_sooner_where_what_it_rests_on_changes() -> None:
    use, facts, policy, now = inputs(base("replica"))
    soon = now + timedelta(minutes=5)
    revoked = ConsentEvent(id="e9", grant="g1", kind="revoked", effective=soon)
    assert datetime.fromisoformat(decide(use, replace(facts, events=(*facts.events, revoked)), policy, now).expires_at) == soon
    eve = datetime(2026, 8, 1, 23, tzinfo=UTC)
    use, facts, policy, _ = inputs(base("take"))
    assert decide(use, facts, policy, eve).expires_at == "2026-08-02T00:00:00Z"


def test_a_time_without_a_zone_decides_nothing() -> None:
    use, facts, policy, now = inputs(base("previs"))
    with pytest.raises(ValueError, match="time zone"):
        decide(use, facts, policy, now.replace(tzinfo=None))


def test_the_clocks_zone_does_not_matter() -> None:
    use, facts, policy, now = inputs(base("replica"))
    assert decide(use, facts, policy, now.astimezone(timezone(timedelta(hours=9)))) == decide(use, facts, policy, now)
