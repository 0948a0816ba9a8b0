from __future__ import annotations

from collections import Counter

import pytest
from scenarios import VECTORS, Vector, base, decided, vectors

from setpiece.clearance.rules import RULES
from setpiece.core.clearance import Outcome

RANK = {Outcome.ALLOW: 0, Outcome.NEEDS: 1, Outcome.BLOCK: 2}
KINDS = {"allowed", "refused", "missing", "boundary"}


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector.id)
def test_the_decision_is_as_the_vector_states(vector: Vector) -> None:
    decision = decided(vector.document)
    strictest: dict[str, Outcome] = {}
    for finding in decision.findings:
        strictest[finding.rule] = max(strictest.get(finding.rule, Outcome.ALLOW), finding.outcome, key=RANK.__getitem__)
    told = {rule: outcome.value for rule, outcome in strictest.items() if outcome is not Outcome.ALLOW}
    told[vector.rule] = strictest[vector.rule].value if vector.rule in strictest else "SILENT"
    against = [finding for finding in decision.findings if finding.outcome is not Outcome.ALLOW]
    assert {
        "outcome": decision.outcome.value,
        "rules": told,
        "missing": sorted({name for finding in against for name in finding.missing}),
        "roles": sorted({role for finding in against for role in finding.roles}),
    } == {key: value for key, value in vector.expect.items() if key != "clause"}
    if "clause" in vector.expect:
        assert vector.expect["clause"] in {finding.clause for finding in against}


def test_every_rule_has_all_four_kinds_of_vectors() -> None:
    kinds = {rule.id: {item.kind for item in vectors() if item.rule == rule.id} for rule in RULES}
    assert kinds == {rule.id: KINDS for rule in RULES}


def test_no_vector_is_for_a_rule_that_does_not_exist_or_named_twice() -> None:
    assert {item.rule for item in vectors()} == {rule.id for rule in RULES}
    assert max(Counter(item.id for item in vectors()).values()) == 1


def test_every_base_is_used_and_would_pass_by_itself() -> None:
    for path in (VECTORS / "bases").glob("*.json"):
        assert decided(base(path.stem)).outcome is Outcome.ALLOW, path.stem


def test_a_refusal_always_says_what_would_make_it_pass() -> None:
    for vector in vectors():
        for finding in decided(vector.document).findings:
            if finding.outcome is not Outcome.ALLOW:
                assert finding.remedy, vector.id
                assert finding.reason, vector.id
