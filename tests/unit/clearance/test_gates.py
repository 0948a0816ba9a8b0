from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import setpiece
from setpiece.clearance.approvals import approve, missing_roles
from setpiece.clearance.gates import TEMPORARY, admit, confirm, foresee, mark, release
from setpiece.clearance.record import Record
from setpiece.clearance.rules import PRINCIPLES, Declaration
from setpiece.core.clearance import Cleared, Evidence, Outcome
from setpiece.core.errors import ClearanceRefused, RecordDamaged

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
YES = dict.fromkeys(PRINCIPLES, "yes")
GOOD = Declaration(purpose="previs", final=False, requester="Ann Other", answers=tuple(YES.items()))
FINAL = replace(GOOD, purpose="shot", final=True, answers=tuple({**YES, "output_temporary": "no"}.items()))


@dataclass(frozen=True)
class Thing:
    subject_sha256: str


JOB, TAKE = Thing("1" * 64), Thing("2" * 64)


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record(tmp_path / "clearance.jsonl")


def admitted(record: Record, declaration: Declaration = GOOD) -> Evidence:
    if declaration is FINAL:
        with pytest.raises(ClearanceRefused):
            admit(JOB, declaration=FINAL, record=record, now=NOW)
        approve(record, role="studio", person="Bo Studio", subject_sha256=JOB.subject_sha256, now=NOW)
    return admit(JOB, declaration=declaration, record=record, now=NOW).evidence


def test_an_admitted_job_carries_evidence_that_stands_in_the_record(record: Record) -> None:
    cleared = admit(JOB, declaration=GOOD, record=record, now=NOW)
    assert confirm(cleared, gate="admit", record=record) is JOB
    entry = Record(record.path).find(cleared.evidence.sequence, cleared.evidence.entry_sha256)
    assert entry is not None
    assert entry.payload["decision"]["decided_at"] == "2026-03-01T12:00:00Z"


def test_a_refusal_names_rule_and_remedy_and_is_in_the_record(record: Record) -> None:
    with pytest.raises(ClearanceRefused, match="rule G1") as caught:
        admit(JOB, declaration=None, record=record, now=NOW)
    assert "declaration" in caught.value.remedy
    assert [entry.payload["decision"]["outcome"] for entry in record.entries] == ["BLOCK"]


def test_foreseeing_leaves_no_trace(record: Record) -> None:
    assert foresee(JOB, declaration=None, record=record, now=NOW).outcome is Outcome.BLOCK
    assert not record.path.exists()


def test_a_temporary_take_leaves_marked(record: Record) -> None:
    cleared = release(TAKE, admitted=admitted(record), declaration=GOOD, record=record, now=NOW)
    assert mark(cleared.evidence) == TEMPORARY


def test_a_final_take_leaves_unmarked_after_studio_and_legal_only(record: Record) -> None:
    evidence = admitted(record, FINAL)
    for role, person in (("studio", "Bo Studio"), ("legal", "Cy Legal")):
        with pytest.raises(ClearanceRefused, match=rf"G4.*{role}"):
            release(TAKE, admitted=evidence, declaration=FINAL, record=record, now=NOW)
        approve(record, role=role, person=person, subject_sha256=TAKE.subject_sha256, now=NOW)
    assert missing_roles(record) == ()
    assert mark(release(TAKE, admitted=evidence, declaration=FINAL, record=record, now=NOW).evidence) == ""


def test_approvals_of_a_take_do_not_outlive_a_changed_frame(record: Record) -> None:
    evidence = admitted(record, FINAL)
    with pytest.raises(ClearanceRefused):
        release(TAKE, admitted=evidence, declaration=FINAL, record=record, now=NOW)
    for role in ("studio", "legal"):
        approve(record, role=role, person="Bo Studio", subject_sha256=TAKE.subject_sha256, now=NOW)
    with pytest.raises(ClearanceRefused, match="G4"):
        release(Thing("3" * 64), admitted=evidence, declaration=FINAL, record=record, now=NOW)


def test_who_asked_cannot_approve_even_under_a_new_declaration(record: Record) -> None:
    evidence = admitted(record, FINAL)
    swapped = replace(FINAL, requester="Di Rector")
    with pytest.raises(ClearanceRefused):
        admit(Thing("4" * 64), declaration=swapped, record=record, now=NOW)
    with pytest.raises(ClearanceRefused):
        release(TAKE, admitted=evidence, declaration=FINAL, record=record, now=NOW)
    for person in ("Ann Other", "ann OTHER", "Di Rector"):
        with pytest.raises(ClearanceRefused, match="A1"):
            approve(record, role="studio", person=person, subject_sha256=TAKE.subject_sha256, now=NOW)


@pytest.mark.parametrize(
    ("role", "person", "subject"),
    [("king", "Bo", "2"), ("studio", "  ", "2"), ("studio", "Bo", "9")],
    ids=["role", "name", "subject"],
)
def test_a_hollow_approval_is_refused(record: Record, role: str, person: str, subject: str) -> None:
    with pytest.raises(ClearanceRefused):
        release(TAKE, admitted=admitted(record, FINAL), declaration=FINAL, record=record, now=NOW)
    before = len(record.entries)
    with pytest.raises(ClearanceRefused):
        approve(record, role=role, person=person, subject_sha256=subject * 64, now=NOW)
    assert len(record.entries) == before


def test_nothing_can_be_approved_before_a_gate_has_asked(record: Record) -> None:
    with pytest.raises(ClearanceRefused, match="no gate waits"):
        approve(record, role="legal", person="Cy Legal", subject_sha256=TAKE.subject_sha256, now=NOW)


def test_a_declaration_changed_after_admission_closes_the_release(record: Record) -> None:
    with pytest.raises(ClearanceRefused, match="declaration was changed"):
        release(TAKE, admitted=admitted(record), declaration=replace(GOOD, notes="else"), record=record, now=NOW)


def test_evidence_from_another_record_is_worth_nothing(record: Record, tmp_path: Path) -> None:
    other = Record(tmp_path / "other.jsonl")
    admit(Thing("7" * 64), declaration=GOOD, record=other, now=NOW)
    cleared = admit(JOB, declaration=GOOD, record=other, now=NOW)
    with pytest.raises(ClearanceRefused, match="not in the record"):
        release(TAKE, admitted=cleared.evidence, declaration=GOOD, record=record, now=NOW)
    with pytest.raises(ClearanceRefused):
        confirm(cleared, gate="admit", record=record)


def test_evidence_is_bound_to_its_value_its_gate_and_its_findings(record: Record) -> None:
    cleared = admit(JOB, declaration=GOOD, record=record, now=NOW)
    decision = replace(cleared.evidence.decision, findings=())
    forged = [
        (Cleared(value=TAKE, evidence=cleared.evidence), "admit"),
        (cleared, "release"),
        (Cleared(value=JOB, evidence=replace(cleared.evidence, decision=decision)), "admit"),
    ]
    for case, gate in forged:
        with pytest.raises(ClearanceRefused):
            confirm(case, gate=gate, record=record)


def test_no_gate_opens_on_a_damaged_record(record: Record) -> None:
    evidence = admitted(record)
    record.path.write_text(record.path.read_text().replace("previs", "shot"))
    with pytest.raises(RecordDamaged, match="line 1"):
        release(TAKE, admitted=evidence, declaration=GOOD, record=record, now=NOW)
    with pytest.raises(RecordDamaged):
        admit(JOB, declaration=GOOD, record=record, now=NOW)


def test_a_time_without_a_zone_is_refused(record: Record) -> None:
    with pytest.raises(ValueError, match="time zone"):
        admit(JOB, declaration=GOOD, record=record, now=datetime(2026, 3, 1))


def calls(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func.value if isinstance(node.func, ast.Subscript) else node.func
            found.add(function.id if isinstance(function, ast.Name) else getattr(function, "attr", ""))
    return found


def test_only_the_gates_make_evidence() -> None:
    root = Path(setpiece.__file__).parent
    makers = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if {"Cleared", "Evidence"} & calls(ast.parse(path.read_text()))
    }
    assert makers == {"clearance/gates.py"}


def test_nothing_can_switch_a_gate_off() -> None:
    root = Path(setpiece.__file__).parent
    for path in (root / "clearance").glob("*.py"):
        tree = ast.parse(path.read_text())
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not names & {"environ", "getenv", "argv"}, path
        words = {argument.arg for node in ast.walk(tree) if isinstance(node, ast.arguments) for argument in node.kwonlyargs}
        assert not words & {"force", "skip", "override", "check", "enabled", "dry_run"}, path
