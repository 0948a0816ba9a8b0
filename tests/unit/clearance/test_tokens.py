"""A token opens exactly what was decided, once, for a while: each way round it is tried."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from clearance_rooms import NOON, SUBJECT, grant, performer, production, small_gate, use
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from setpiece.clearance import tokens
from setpiece.clearance.office import Office
from setpiece.clearance.policy import Policy
from setpiece.clearance.records import ConsentEvent, Strike
from setpiece.core.errors import ClearanceRefused, RecordDamaged

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Shot:
    office: Office
    token: str
    expected: tokens.Bindings
    database: Path

    def check(self, at: object = None, expected: tokens.Bindings | None = None) -> tokens.DecisionToken:
        return self.office.check(self.token, expected or self.expected, at or NOON + MINUTE)  # type: ignore[arg-type]


@pytest.fixture
def shot(tmp_path: Path) -> Iterator[Shot]:
    office = Office.open(tmp_path, tmp_path / "keys", Policy(decision_minutes=60), decide=small_gate)
    for record in (production(), performer(), grant()):
        office.record(record, NOON)
    office.decide(use(), NOON)
    office.approve("legal", "Lee Gal", SUBJECT, "admit", NOON)
    decided = office.decide(use(), NOON, take="v001")
    assert decided.token is not None
    expected = tokens.bindings_of(use(), decided.decision.policy_sha256, "v001")
    yield Shot(office, decided.token, expected, tmp_path / "clearance.db")
    office.close()


def test_a_token_serves_every_frame_of_its_take_and_is_admitted_once(shot: Shot) -> None:
    shot.office.admit(shot.token, shot.expected, NOON + MINUTE, purpose="run")
    assert [shot.check().sequence for _ in range(3)]
    with pytest.raises(ClearanceRefused, match="admitted before"):
        shot.office.admit(shot.token, shot.expected, NOON + MINUTE, purpose="run")


def test_a_token_for_anything_else_is_refused(shot: Shot) -> None:
    for field in fields(tokens.Bindings):
        other = replace(shot.expected, **{field.name: ("b" * 64,) if field.name == "models" else "other"})
        with pytest.raises(ClearanceRefused, match=f"another {field.name.removesuffix('_sha256')}"):
            shot.check(expected=other)


def test_an_edited_brief_swapped_weights_and_another_scope_each_need_a_new_decision(shot: Shot) -> None:
    asked = use()
    person = replace(asked.persons[0], scene="99")
    for changed in (use(notes="edited"), replace(asked, models=("b" * 64,)), replace(asked, persons=(person,))):
        with pytest.raises(ClearanceRefused, match="it was changed since"):
            shot.check(expected=tokens.bindings_of(changed, shot.expected.policy_sha256, "v001"))


def test_a_token_changed_in_any_byte_or_signed_by_another_is_refused(shot: Shot) -> None:
    key = shot.office.token_public_key
    body, signature = shot.token.split(".")
    for position in range(0, len(body), 7):
        letter = "A" if body[position] != "A" else "B"
        with pytest.raises(ClearanceRefused, match="not issued here"):
            tokens.read(f"{body[:position]}{letter}{body[position + 1 :]}.{signature}", key)
    for garbage in ("", ".", "a.b", shot.token + "A", body, f"{body}.{signature}.{signature}", "é.é"):
        with pytest.raises(ClearanceRefused, match="not issued here"):
            tokens.read(garbage, key)
    with pytest.raises(ClearanceRefused, match="not issued here"):
        tokens.read(shot.token, Ed25519PrivateKey.generate().public_key())


def test_a_token_lives_its_minutes_and_no_longer(shot: Shot) -> None:
    shot.check(NOON + 59 * MINUTE)
    with pytest.raises(ClearanceRefused, match="expired"):
        shot.check(NOON + 60 * MINUTE)


def test_a_clock_moved_back_revives_nothing(shot: Shot) -> None:
    with pytest.raises(ClearanceRefused, match="expired"):
        shot.check(NOON + 61 * MINUTE)
    shot.office.decide(use("6" * 64), NOON + 61 * MINUTE)
    with pytest.raises(ClearanceRefused, match="clock"):
        shot.check(NOON + 30 * MINUTE)
    with pytest.raises(ClearanceRefused, match="clock"):
        shot.office.decide(use(), NOON)


def test_a_frame_checked_later_makes_an_earlier_clock_visible(shot: Shot) -> None:
    shot.check(NOON + 40 * MINUTE)
    with pytest.raises(ClearanceRefused, match="clock"):
        shot.check(NOON + 10 * MINUTE)


def test_a_token_is_not_valid_before_it_was_issued(shot: Shot) -> None:
    signed = json.loads(base64.urlsafe_b64decode(shot.token.split(".")[0]))
    assert signed["issued_at"] == "2026-08-03T12:00:00Z"
    with pytest.raises(ClearanceRefused, match=r"clock|not valid before"):
        shot.check(NOON - MINUTE)


def test_a_revocation_or_suspension_stops_the_next_frame(shot: Shot) -> None:
    shot.check()
    shot.office.record(ConsentEvent(id="s", grant="g1", kind="suspended", effective=NOON + 2 * MINUTE), NOON + MINUTE)
    shot.check(NOON + MINUTE)
    with pytest.raises(ClearanceRefused, match="suspended"):
        shot.check(NOON + 3 * MINUTE)
    assert [event.id for event in shot.office.store.revocations_since(0)] == ["s"]


def test_somebody_elses_revocation_stops_nothing(shot: Shot) -> None:
    shot.office.record(performer("ines"), NOON)
    shot.office.record(grant("g2", "ines"), NOON)
    shot.office.revoke("g2", NOON, "changed her mind")
    assert shot.check().sequence


def test_a_consent_narrowed_or_a_strike_begun_since_stops_the_next_frame(shot: Shot) -> None:
    shot.office.record(replace(grant(), description="narrower"), NOON)
    with pytest.raises(ClearanceRefused, match="consents of mara were changed"):
        shot.check()
    decided = shot.office.decide(use(), NOON, take="v001")
    assert decided.token is not None
    shot.office.record(Strike(union="SAG-AFTRA", first_day=NOON.date()), NOON)
    with pytest.raises(ClearanceRefused, match="strike"):
        shot.office.check(decided.token, shot.expected, NOON)


@pytest.mark.parametrize(
    "edit",
    [
        "DELETE FROM decisions",
        "UPDATE decisions SET outcome = 'NEEDS'",
        "UPDATE decisions SET body = replace(body, 'Lee Gal', 'Lee Gol')",
        "UPDATE log SET leaf_hash = zeroblob(32)",
    ],
)
def test_a_decision_edited_by_hand_opens_nothing(shot: Shot, edit: str) -> None:
    with sqlite3.connect(shot.database) as connection:
        connection.execute(edit)
    connection.close()
    with pytest.raises(RecordDamaged):
        shot.check()


def test_an_entry_out_of_the_tree_admits_nothing(shot: Shot) -> None:
    with sqlite3.connect(shot.database) as connection:
        connection.execute("UPDATE tree_head SET frontier = zeroblob(length(frontier))")
    connection.close()
    with pytest.raises(RecordDamaged, match="not in the log's tree"):
        shot.office.admit(shot.token, shot.expected, NOON + MINUTE, purpose="run")


def test_only_an_open_gate_issues(shot: Shot) -> None:
    refused = shot.office.decide(use("6" * 64), NOON)
    assert refused.token is None
    with pytest.raises(ClearanceRefused, match="did not open"):
        tokens.issue(
            refused.decision, refused.entry, shot.expected, key=Ed25519PrivateKey.generate(), now=NOON, minutes=1, nonce="n"
        )
