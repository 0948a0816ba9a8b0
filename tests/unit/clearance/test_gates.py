"""Both gates: evidence or refusal, everything in the log, nothing that opens them from outside."""

from __future__ import annotations

import ast
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import setpiece
from setpiece.clearance.gates import TEMPORARY, Permit, admit, confirm, foresee, mark, permit, release
from setpiece.clearance.office import Office
from setpiece.clearance.policy import Policy
from setpiece.clearance.use import PRINCIPLES, Declaration, Export, UseRequest
from setpiece.core.clearance import Cleared, Evidence, Outcome
from setpiece.core.errors import ClearanceRefused, RecordDamaged

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
YES = dict.fromkeys(PRINCIPLES, "yes")
GOOD = Declaration(purpose="previs", final=False, requester="Ann Other", answers=tuple(YES.items()))
FINAL = replace(
    GOOD,
    purpose="shot",
    final=True,
    answers=tuple({**YES, "output_temporary": "no"}.items()),
    prominence="story",
    real_event=False,
    union_work_displaced=False,
)
GOES = Export(credential="trusted", source_type="composite", territories=("US",), advertisement=False, deepfake=False)


@dataclass(frozen=True)
class Thing:
    subject_sha256: str


JOB, TAKE = Thing("1" * 64), Thing("2" * 64)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = Office.open(tmp_path, tmp_path / "keys", Policy(), clock=lambda: NOW)
    yield opened
    opened.close()


def use(thing: Thing = JOB, declaration: Declaration | None = GOOD, gate: str = "admit") -> UseRequest:
    export = GOES if gate == "release" and declaration is FINAL else None
    return UseRequest(gate=gate, subject_sha256=thing.subject_sha256, production="show", declaration=declaration, export=export)


def let_in(office: Office, declaration: Declaration | None = GOOD, thing: Thing = JOB) -> Cleared[Thing]:
    return admit(thing, use(thing, declaration), office=office, now=NOW, about="sh010")


def let_out(office: Office, admitted: Evidence, declaration: Declaration = GOOD, thing: Thing = TAKE) -> Cleared[Thing]:
    asked = use(thing, declaration, "release")
    return release(thing, asked, admitted=admitted, office=office, now=NOW, about="sh010")


def outcomes(office: Office) -> list[tuple[str, str]]:
    with office.store.read() as tx:
        return [(row.gate, row.outcome) for row in tx.decided("sh010")]


def admitted_final(office: Office) -> Evidence:
    with pytest.raises(ClearanceRefused, match="needs studio"):
        let_in(office, FINAL)
    office.approve("studio", "Bo Studio", JOB.subject_sha256, "admit", NOW)
    return let_in(office, FINAL).evidence


def test_an_admitted_job_carries_evidence_that_stands_in_the_log(office: Office) -> None:
    cleared = let_in(office)
    assert confirm(cleared, use(), office=office, now=NOW) is JOB
    with office.store.read() as tx:
        row = tx.decision_at(cleared.evidence.sequence)
    assert row is not None
    assert row.leaf_hash == cleared.evidence.entry_sha256


def test_a_refusal_names_rule_and_remedy_and_is_in_the_log(office: Office) -> None:
    with pytest.raises(ClearanceRefused, match="rule G1") as caught:
        let_in(office, None)
    assert "declaration" in caught.value.remedy
    assert outcomes(office) == [("admit", "BLOCK")]


def test_foreseeing_leaves_no_trace(office: Office) -> None:
    assert foresee(use(declaration=None), office=office, now=NOW, about="sh010").outcome is Outcome.BLOCK
    assert foresee(use(), office=office, now=NOW, about="sh010").outcome is Outcome.ALLOW
    assert outcomes(office) == []


def test_a_temporary_take_leaves_marked(office: Office) -> None:
    assert mark(let_out(office, let_in(office).evidence).evidence) == TEMPORARY


def test_a_final_take_leaves_unmarked_after_studio_and_legal_only(office: Office) -> None:
    evidence = admitted_final(office)
    for role in ("studio", "legal"):
        with pytest.raises(ClearanceRefused, match="G4"):
            let_out(office, evidence, FINAL)
        office.approve(role, "Cy Legal", TAKE.subject_sha256, "release", NOW)
    assert mark(let_out(office, evidence, FINAL).evidence) == ""


def test_approvals_of_a_take_do_not_outlive_a_changed_frame(office: Office) -> None:
    evidence = admitted_final(office)
    with pytest.raises(ClearanceRefused):
        let_out(office, evidence, FINAL)
    for role in ("studio", "legal"):
        office.approve(role, "Cy Legal", TAKE.subject_sha256, "release", NOW)
    with pytest.raises(ClearanceRefused, match="G4"):
        let_out(office, evidence, FINAL, Thing("3" * 64))


def test_who_asked_cannot_approve_even_under_a_new_declaration(office: Office) -> None:
    let_in(office)
    other = replace(FINAL, requester="Somebody Else")
    with pytest.raises(ClearanceRefused):
        let_in(office, other)
    with pytest.raises(ClearanceRefused, match="A1"):
        office.approve("studio", "ann  OTHER", JOB.subject_sha256, "admit", NOW)


def test_a_declaration_changed_after_admission_closes_the_release(office: Office) -> None:
    evidence = let_in(office).evidence
    with pytest.raises(ClearanceRefused, match="declaration was changed"):
        let_out(office, evidence, replace(GOOD, notes="by the way"))


def test_evidence_from_another_log_is_worth_nothing(office: Office, tmp_path: Path) -> None:
    other = Office.open(tmp_path / "other", tmp_path / "other" / "keys", Policy(), clock=lambda: NOW)
    cleared = let_in(other)
    with pytest.raises(ClearanceRefused):
        let_out(office, cleared.evidence)
    with pytest.raises(ClearanceRefused, match="not issued here"):
        confirm(cleared, use(), office=office, now=NOW)
    other.close()


def test_a_token_is_for_its_value_its_use_and_one_admission(office: Office) -> None:
    cleared = let_in(office)
    with pytest.raises(ClearanceRefused, match="changed since"):
        confirm(replace(cleared, value=TAKE), use(), office=office, now=NOW)
    with pytest.raises(ClearanceRefused, match="another brief"):
        confirm(cleared, use(declaration=replace(GOOD, notes="edited")), office=office, now=NOW)
    with pytest.raises(ClearanceRefused, match="another models"):
        confirm(cleared, replace(use(), models=("ab" * 32,)), office=office, now=NOW)
    confirm(cleared, use(), office=office, now=NOW)
    with pytest.raises(ClearanceRefused, match="admitted before"):
        confirm(cleared, use(), office=office, now=NOW)


def test_a_token_does_not_outlive_its_time_nor_a_clock_moved_back(office: Office) -> None:
    cleared = let_in(office)
    with pytest.raises(ClearanceRefused, match="clock"):
        confirm(cleared, use(), office=office, now=NOW - timedelta(hours=1))
    with pytest.raises(ClearanceRefused, match="expired"):
        confirm(cleared, use(), office=office, now=NOW + timedelta(days=2))


def test_a_permit_is_checked_against_the_log_wherever_it_is_carried(tmp_path: Path) -> None:
    office = Office.open(tmp_path, tmp_path / "keys", Policy())
    now = datetime.now(UTC)
    cleared = admit(JOB, use(), office=office, now=now, about="sh010", take="sh010 v001")
    url = f"sqlite:///{tmp_path / 'clearance.db'}"
    given = permit(cleared, use(), office=office, database=url, take="sh010 v001")
    given.check()
    with pytest.raises(ClearanceRefused, match="another take"):
        replace(given, expected=replace(given.expected, take="sh010 v002")).check()
    with pytest.raises(ClearanceRefused, match="not issued here"):
        Permit(token=given.token, expected=given.expected, database=url, public_key=bytes(range(32))).check()
    with pytest.raises(ClearanceRefused, match="not issued here"):
        replace(given, token=given.token[:-6] + "AAAA==").check()
    office.close()


def test_no_gate_goes_on_from_a_decision_edited_by_hand(office: Office, tmp_path: Path) -> None:
    evidence = let_in(office).evidence
    with sqlite3.connect(tmp_path / "clearance.db") as database:
        database.execute("update decisions set body = replace(body, 'ALLOW', 'NEEDS')")
    with pytest.raises(RecordDamaged):
        let_out(office, evidence)


def test_a_time_without_a_zone_is_refused(office: Office) -> None:
    with pytest.raises((ValueError, TypeError)):
        admit(JOB, use(), office=office, now=datetime(2026, 3, 1), about="sh010")


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
    for path in (root / "clearance").rglob("*.py"):
        if "migrations" in path.parts:
            continue
        tree = ast.parse(path.read_text())
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not names & {"environ", "getenv", "argv"}, path
        words = {argument.arg for node in ast.walk(tree) if isinstance(node, ast.arguments) for argument in node.kwonlyargs}
        assert not words & {"force", "skip", "override", "check", "enabled", "dry_run"}, path
