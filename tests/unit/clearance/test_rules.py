from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setpiece.clearance.rules import PRINCIPLES, RULES, Approval, Declaration, Facts, decide
from setpiece.core.clearance import Decision, Outcome

YES = tuple((name, "yes") for name in PRINCIPLES)
GOOD = Declaration(purpose="previs", final=False, requester="Ann Other", answers=YES)
FINAL = replace(GOOD, purpose="shot", final=True, answers=tuple({**dict(YES), "output_temporary": "no"}.items()))
SUBJECT = "5" * 64


def ruled(gate: str, declaration: Declaration | None, *approvals: Approval, asked: str = "ann other") -> Decision:
    facts = Facts(
        gate=gate,
        subject_sha256=SUBJECT,
        declaration=declaration,
        approvals=approvals,
        requesters=frozenset({asked}),
    )
    return decide(facts, decided_at="2026-01-01T00:00:00Z")


def approved(role: str, person: str = "Bo Studio", gate: str = "release", subject: str = SUBJECT) -> Approval:
    return Approval(role=role, person=person, gate=gate, subject_sha256=subject, at="2026-01-01T00:00:00Z")


def fired(decision: Decision) -> dict[str, Outcome]:
    return {finding.rule: finding.outcome for finding in decision.findings}


def test_g1_blocks_what_is_not_declared_at_both_gates() -> None:
    assert fired(ruled("admit", None)) == {"G1": Outcome.BLOCK}
    assert fired(ruled("release", None)) == {"G1": Outcome.BLOCK}


@pytest.mark.parametrize("missing", ["purpose", "final", "requester"])
@pytest.mark.parametrize("gate", ["admit", "release"])
def test_g1_blocks_a_declaration_with_a_hole(missing: str, gate: str) -> None:
    decision = ruled(gate, replace(GOOD, **{missing: None}))
    assert decision.outcome is Outcome.BLOCK
    assert f"declaration.{missing}" in next(item.remedy for item in decision.findings if item.rule == "G1")


def test_g1_blocks_a_purpose_that_nobody_knows() -> None:
    assert ruled("admit", replace(GOOD, purpose="fun")).outcome is Outcome.BLOCK


@pytest.mark.parametrize("name", PRINCIPLES)
def test_g2_blocks_an_unanswered_principle_and_names_it(name: str) -> None:
    decision = ruled("admit", replace(GOOD, answers=tuple(item for item in YES if item[0] != name)))
    assert fired(decision)["G2"] is Outcome.BLOCK
    assert name in next(item.remedy for item in decision.findings if item.rule == "G2")


@pytest.mark.parametrize("answer", ["no", "unsure"])
@pytest.mark.parametrize("name", PRINCIPLES)
def test_g2_sends_no_and_unsure_to_the_studio(name: str, answer: str) -> None:
    declared = replace(GOOD, answers=tuple({**dict(YES), name: answer}.items()))
    decision = ruled("admit", declared)
    assert decision.outcome is Outcome.NEEDS
    assert decision.findings[1].roles == ("studio",)
    assert "G3" not in fired(decision)
    assert ruled("admit", declared, approved("studio", gate="admit")).outcome is Outcome.ALLOW


def test_g2_blocks_what_is_declared_final_and_temporary_at_once() -> None:
    assert fired(ruled("admit", replace(FINAL, answers=YES)))["G2"] is Outcome.BLOCK


@pytest.mark.parametrize("purpose", ["ideation", "moodboard", "previs"])
def test_g3_allows_ideation(purpose: str) -> None:
    decision = ruled("admit", replace(GOOD, purpose=purpose))
    assert decision.outcome is Outcome.ALLOW
    assert fired(decision)["G3"] is Outcome.ALLOW


def test_g3_does_not_speak_for_work_on_the_picture() -> None:
    assert "G3" not in fired(ruled("admit", replace(GOOD, purpose="shot")))


def test_g4_lets_a_temporary_take_leave_and_says_so() -> None:
    decision = ruled("release", GOOD)
    assert decision.outcome is Outcome.ALLOW
    assert any("temporary" in item.reason for item in decision.findings if item.rule == "G4")


@pytest.mark.parametrize(
    ("given", "missing"), [((), ("studio", "legal")), (("studio",), ("legal",)), (("legal",), ("studio",))]
)
def test_g4_keeps_a_final_take_until_studio_and_legal_have_approved(given: tuple[str, ...], missing: tuple[str, ...]) -> None:
    decision = ruled("release", FINAL, *(approved(role) for role in given))
    assert decision.outcome is Outcome.NEEDS
    assert next(item.roles for item in decision.findings if item.rule == "G4") == missing
    assert ruled("release", FINAL, approved("studio"), approved("legal")).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    "stale", [{"subject_sha256": "6" * 64}, {"gate": "admit"}, {"role": "producer"}], ids=["subject", "gate", "role"]
)
def test_an_approval_of_something_else_counts_for_nothing(stale: dict[str, str]) -> None:
    decision = ruled("release", FINAL, approved("studio"), replace(approved("legal"), **stale))
    assert decision.outcome is Outcome.NEEDS


@pytest.mark.parametrize("name", ["Ann Other", "ANN OTHER", " ann  other ", "\uff21nn Other"])
def test_a1_blocks_who_asks_and_approves_however_the_name_is_written(name: str) -> None:
    decision = ruled("release", FINAL, approved("studio", name), approved("legal"))
    assert fired(decision)["A1"] is Outcome.BLOCK
    assert decision.outcome is Outcome.BLOCK


_answers = st.dictionaries(st.sampled_from([*PRINCIPLES, "other"]), st.sampled_from(["yes", "no", "unsure", "", "YES"]))
_declarations = st.builds(
    Declaration,
    purpose=st.sampled_from([None, "", "ideation", "previs", "shot", "x"]),
    final=st.sampled_from([None, True, False]),
    requester=st.sampled_from([None, "", "Ann Other"]),
    answers=_answers.map(lambda answers: tuple(answers.items())),
)
_approvals = st.lists(
    st.builds(
        approved,
        st.sampled_from(["studio", "legal", "other"]),
        st.sampled_from(["Ann Other", "Bo Studio"]),
        st.sampled_from(["admit", "release"]),
        st.sampled_from([SUBJECT, "6" * 64]),
    ),
    max_size=4,
)
_gates = st.sampled_from(["admit", "release"])


@given(gate=_gates, declaration=_declarations, approvals=_approvals, drop=st.sampled_from(["purpose", "final", "requester"]))
def test_taking_data_away_never_allows(gate: str, declaration: Declaration, approvals: list[Approval], drop: str) -> None:
    assert ruled(gate, replace(declaration, **{drop: None}), *approvals).outcome is Outcome.BLOCK


@given(gate=_gates, declaration=_declarations, approvals=_approvals)
def test_the_order_of_approvals_does_not_matter(gate: str, declaration: Declaration, approvals: list[Approval]) -> None:
    forward, backward = ruled(gate, declaration, *approvals), ruled(gate, declaration, *approvals[::-1])
    assert forward.outcome is backward.outcome
    assert fired(forward) == fired(backward)


@given(gate=_gates, declaration=_declarations, approvals=_approvals)
def test_the_strictest_finding_decides_and_every_refusal_says_what_helps(
    gate: str, declaration: Declaration, approvals: list[Approval]
) -> None:
    decision = ruled(gate, declaration, *approvals)
    outcomes = [item.outcome for item in decision.findings]
    rank = [Outcome.ALLOW, Outcome.NEEDS, Outcome.BLOCK]
    assert decision.outcome is max(outcomes, key=rank.index)
    assert all(item.remedy for item in decision.findings if item.outcome is not Outcome.ALLOW)


def test_a_gate_that_no_rule_knows_blocks() -> None:
    assert ruled("export", GOOD).outcome is Outcome.BLOCK


def test_every_rule_has_a_sentence_a_source_and_a_confidence() -> None:
    assert [rule.id for rule in RULES] == ["G1", "G2", "G3", "G4", "A1"]
    assert all(rule.sentence.endswith(".") and rule.source and rule.confidence in ("P", "S", "house") for rule in RULES)
