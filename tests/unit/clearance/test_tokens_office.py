"""The office: one transaction a decision, approvals by others than who asked, revocations that find their takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from clearance_rooms import NOON, SUBJECT, grant, performer, production, small_gate, use
from sqlalchemy import select

from setpiece.clearance.ledger.tables import log
from setpiece.clearance.office import Office
from setpiece.clearance.policy import Policy
from setpiece.clearance.records import Approval, Facts, Override
from setpiece.clearance.store.tables import contents
from setpiece.clearance.times import rfc3339
from setpiece.clearance.use import UseRequest
from setpiece.core.clearance import Decision, Outcome
from setpiece.core.errors import ClearanceRefused
from setpiece_verify import verify


@pytest.fixture
def office(store_url: str, tmp_path: Path) -> Iterator[Office]:
    opened = Office.open(store_url, tmp_path / "keys", Policy(), decide=small_gate)
    for record in (production(), performer(), grant()):
        opened.record(record, NOON)
    yield opened
    opened.close()


def test_a_decision_stands_in_the_log_with_what_it_was_taken_on(office: Office) -> None:
    decided = office.decide(use(), NOON, about="sh010")
    assert decided.decision.outcome is Outcome.NEEDS
    with office.store.read() as tx:
        (row,) = tx.decided("sh010")
        assert (row.sequence, row.leaf_hash) == (decided.entry.sequence, decided.entry.leaf_hash)
        assert row.body["facts"] == [0, 1, 2]
        assert row.body["use"]["persons"][0]["performer"] == "mara"


def test_a_gate_that_fails_enters_nothing(store_url: str, tmp_path: Path) -> None:
    def broken(use: UseRequest, facts: Facts, policy: Policy, now: object) -> Decision:
        raise ZeroDivisionError

    office = Office.open(store_url, tmp_path / "keys", Policy(), decide=broken)
    with pytest.raises(ZeroDivisionError):
        office.decide(use(), NOON)
    with office.store.tree() as stored:
        assert stored.size == 0
    office.close()


def test_the_requester_cannot_approve_however_they_write_their_name(office: Office) -> None:
    office.decide(use(), NOON, about="sh010")
    for name in ("Ann Other", " ann  OTHER "):
        with pytest.raises(ClearanceRefused, match="A1"):
            office.approve("legal", name, SUBJECT, "admit", NOON)


def test_whoever_asked_for_an_earlier_version_cannot_approve_this_one(office: Office) -> None:
    office.decide(use("6" * 64, requester="Lee Gal"), NOON, about="sh010")
    office.decide(use(), NOON, about="sh010")
    with pytest.raises(ClearanceRefused, match="A1"):
        office.approve("legal", "Lee Gal", SUBJECT, "admit", NOON)


def test_an_approval_is_of_what_waits_in_a_role_that_is_asked(office: Office) -> None:
    def refused(match: str, **other: str) -> None:
        said = {"role": "legal", "person": "Lee Gal", "subject": SUBJECT, "gate": "admit"} | other
        with pytest.raises(ClearanceRefused, match=match):
            office.approve(**said, now=NOON)  # type: ignore[arg-type]

    refused("no gate waits")
    office.decide(use(), NOON)
    refused("not a role", role="king")
    refused("needs a name", person=" ")
    refused("nothing waits for studio", role="studio")
    refused("no gate waits", subject="6" * 64)
    refused("no gate waits", gate="release")
    office.approve("legal", "Lee Gal", SUBJECT, "admit", NOON)
    assert office.decide(use(), NOON).token is not None
    refused("no gate waits")


def test_an_override_is_named_reasoned_and_never_of_c11(office: Office) -> None:
    office.decide(use(), NOON)

    def refused(match: str, **other: str) -> None:
        said = {"rule": "G4", "person": "Pat Roner", "role": "producer", "subject": SUBJECT, "reason": "agreed"} | other
        with pytest.raises(ClearanceRefused, match=match):
            office.override(**said, now=NOON)  # type: ignore[arg-type]

    refused("takes no override", rule="C11")
    refused("its reason", reason=" ")
    refused("needs a name", person="")
    refused("not a role", role="king")
    refused("holds nothing up", rule="T1")
    refused("asked for this", person="Ann Other")
    office.override("G4", "Pat Roner", "producer", SUBJECT, "agreed in writing", NOON)
    assert office.decide(use(), NOON).decision.outcome is Outcome.ALLOW


def test_approvals_and_overrides_come_by_no_side_door(office: Office) -> None:
    approval = Approval(role="legal", person="Ann Other", gate="admit", subject_sha256=SUBJECT, at="2026-08-03T12:00:00Z")
    override = Override(rule="C11", person="x", role="legal", reason="r", subject_sha256=SUBJECT, at="2026-08-03T12:00:00Z")
    for record in (approval, override):
        with pytest.raises(ClearanceRefused, match="by hand"):
            office.record(record, NOON)


def test_a_revocation_marks_every_take_that_used_the_likeness(office: Office) -> None:
    office.record(performer("ines"), NOON)
    office.record(grant("g2", "ines"), NOON)
    for take, of in (("v001", "mara"), ("v002", "mara"), ("v003", "ines")):
        office.register_take(take, use(of=of), NOON)
    office.register_take("v001", use(), NOON)
    marked = office.revoke("g1", NOON, "contract ended")
    assert {(item.take, item.status, item.reason) for item in marked} == {
        ("v001", "revoked", "contract ended"),
        ("v002", "revoked", "contract ended"),
    }
    assert office.decide(use(), NOON).decision.outcome is Outcome.BLOCK


def test_why_says_what_is_missing_and_who_can_give_it(office: Office) -> None:
    assert "Nothing was asked" in office.why("sh010")[0]
    office.decide(use(), NOON, about="sh010")
    (line,) = office.why("sh010")
    assert "G4" in line
    assert "Waits for: legal" in line
    office.approve("legal", "Lee Gal", SUBJECT, "admit", NOON)
    assert "Approved since" in office.why("sh010")[0]
    office.decide(use(), NOON, about="sh010")
    assert "opened" in office.why(SUBJECT)[0]
    office.revoke("g1", NOON, "over")
    office.decide(use(), NOON, about="sh010")
    assert "Barred by: g1" in office.why("sh010")[0]


def test_what_the_office_writes_the_verifier_finds_whole(tmp_path: Path) -> None:
    office = Office.open(tmp_path, tmp_path / "keys", Policy(), decide=small_gate)
    for record in (production(), performer(), grant()):
        office.record(record, NOON)
    office.decide(use(), NOON, about="sh010")
    office.approve("legal", "Lee Gal", SUBJECT, "admit", NOON)
    office.register_take("v001", use(), NOON)
    office.revoke("g1", NOON, "over")
    office.store.checkpoint()
    office.close()
    report = verify(tmp_path / "clearance.db", key=(tmp_path / "keys" / "log.vkey").read_text())
    assert report.sound, report.lines()
    assert report.remarks == ()


def test_a_clock_that_was_ahead_is_corrected_by_name_and_for_the_record(office: Office) -> None:
    with pytest.raises(ClearanceRefused, match="no later time"):
        office.correct_clock("Lee Gal", "a try", NOON)
    office.decide(use(), NOON + timedelta(days=400), about="sh010")
    with pytest.raises(ClearanceRefused, match="ledger clock"):
        office.decide(use(), NOON, about="sh010")
    for person, reason in (("", "why"), ("Lee Gal", "  ")):
        with pytest.raises(ClearanceRefused):
            office.correct_clock(person, reason, NOON)
    entry = office.correct_clock("Lee Gal", "the battery of the board was flat", NOON)
    assert office.decide(use(), NOON, about="sh010").entry.sequence == entry.sequence + 1
    with office.store.read() as tx:
        (leaf,) = tx.connection.execute(select(log.c.leaf).where(log.c.kind == "clock")).scalars()
    assert json.loads(leaf)["public"] == {"seen": rfc3339(NOON + timedelta(days=400)), "corrected_to": rfc3339(NOON)}
    assert "Gal" not in leaf, "names stay erasable"


def test_who_typed_a_record_is_kept_beside_it(office: Office, tmp_path: Path) -> None:
    entry = office.record(performer(id="tove"), NOON, by="ann")
    with office.store.read() as tx:
        rows = tx.connection.execute(select(log.c.leaf, contents.c.body).join(contents, contents.c.sequence == log.c.sequence))
        said = [json.loads(row.body) for row in rows if '"kind":"entered"' in row.leaf]
    assert said == [{"by": "ann", "sequence": entry.sequence}]
