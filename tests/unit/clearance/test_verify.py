"""What a hand does to the database, the verifier names: it shares no code with what wrote it."""

from __future__ import annotations

import ast
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from clearance_rooms import NOON, SUBJECT, grant, performer, production, small_gate, use

import setpiece_verify
from setpiece.clearance.office import Office
from setpiece.clearance.policy import Policy
from setpiece.clearance.records import ConsentEvent, Performer
from setpiece_verify import verify

Opened = tuple[Path, str]


@pytest.fixture
def written(tmp_path: Path) -> Opened:
    """A database with records, decisions, a revocation, a replaced and an erased record; and its key."""
    office = Office.open(tmp_path, tmp_path / "keys", Policy(), decide=small_gate)
    for record in (
        production(),
        performer(),
        grant(),
        performer("gone"),
        ConsentEvent(id="e", grant="g1", kind="revoked", effective=NOON),
    ):
        office.record(record, NOON)
    office.record(replace(performer(), name="Mara Q."), NOON)
    for subject in (SUBJECT, "6" * 64):
        office.decide(use(subject), NOON)
    with office.store.begin(NOON) as tx:
        tx.erase(Performer, "gone", "asked for")
    office.close()
    return tmp_path / "clearance.db", (tmp_path / "keys" / "log.vkey").read_text()


def edit(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        assert connection.execute(statement).rowcount > 0, statement
    connection.close()


def test_an_untouched_database_is_whole(written: Opened) -> None:
    report = verify(written[0], key=written[1])
    assert report.sound, report.lines()
    assert report.size == 11
    assert report.remarks == ()


def test_without_a_key_the_report_says_what_it_could_not_check(written: Opened) -> None:
    report = verify(written[0])
    assert report.sound
    assert any("no key" in remark for remark in report.remarks)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE decisions SET body = replace(body, '\"BLOCK\"', '\"ALLOW\"') WHERE sequence = 7", "decisions 7"),
        ("UPDATE decisions SET outcome = 'ALLOW' WHERE sequence = 7", "column outcome"),
        ("UPDATE consent_grants SET body = replace(body, '2026', '2020')", "consent_grants g1 (entry 2)"),
        ("UPDATE consent_events SET kind = 'granted'", "column kind"),
        ("UPDATE consent_grants SET id = 'g9'", "column id"),
        ("DELETE FROM consent_events", "entry 4: the row that it commits to was deleted"),
        ("DELETE FROM requesters", "was deleted"),
        ("UPDATE performers SET salt = NULL, body = NULL", "its content is gone"),
        ("UPDATE performers SET sequence = 1, body = (SELECT body FROM contents WHERE sequence = 1), "
         "salt = (SELECT salt FROM contents WHERE sequence = 1)", "what entry 5 replaced"),
        ("INSERT INTO contents SELECT sequence, salt, body FROM consent_events", "moved away"),
        ("UPDATE log SET leaf = replace(leaf, 'BLOCK', 'ALLOW') WHERE sequence = 7", "log entry 7"),
        ("DELETE FROM log WHERE sequence = 10", "log entry 10"),
        ("UPDATE tree_head SET note = NULL", "not signed"),
        ("UPDATE tree_head SET note = replace(note, '11', '10')", "not signed by"),
        ("UPDATE tree_head SET size = 10", "1 entries stand beyond"),
    ],
)  # fmt: skip
def test_each_edit_by_hand_is_found_and_named(written: Opened, statement: str, named: str) -> None:
    edit(written[0], statement)
    report = verify(written[0], key=written[1])
    assert not report.sound
    assert any(named in str(fault) for fault in report.faults), report.lines()


def test_a_log_rewritten_whole_still_breaks_its_checkpoint(written: Opened, tmp_path: Path) -> None:
    """The leaf, its hash and the head are all changed to fit each other: only the signature cannot be."""
    from setpiece.clearance.ledger.tree import Frontier, leaf_hash

    with sqlite3.connect(written[0]) as connection:
        connection.execute("UPDATE log SET leaf = replace(leaf, '2026', '2025') WHERE sequence = 3")
        frontier = Frontier()
        for sequence, leaf in connection.execute("SELECT sequence, leaf FROM log ORDER BY sequence").fetchall():
            hashed = leaf_hash(leaf.encode())
            connection.execute("UPDATE log SET leaf_hash = ? WHERE sequence = ?", (hashed, sequence))
            frontier = frontier.append(hashed)
        connection.execute("UPDATE tree_head SET frontier = ?", (b"".join(frontier.hashes),))
    connection.close()
    report = verify(written[0], key=written[1])
    assert [str(fault) for fault in report.faults] == [
        "checkpoint of size 11: entries before it were changed after it was signed"
    ]


def test_a_log_that_was_cut_or_begun_anew_does_not_continue_a_kept_checkpoint(written: Opened, tmp_path: Path) -> None:
    with sqlite3.connect(written[0]) as connection:
        kept = connection.execute("SELECT note FROM tree_head").fetchone()[0]
    connection.close()
    office = Office.open(tmp_path / "anew", tmp_path / "keys", Policy(), decide=small_gate)
    office.record(production(), NOON)
    office.close()
    report = verify(tmp_path / "anew" / "clearance.db", key=written[1], checkpoint=kept)
    assert "it was cut" in str(report.faults[0])


def test_a_file_that_is_neither_is_said_to_be_neither(tmp_path: Path) -> None:
    for content in (b"", b"SQLite format 3\x00 no", b'{"schema":"other"}\n'):
        (tmp_path / "x").write_bytes(content)
        assert not verify(tmp_path / "x").sound


def test_the_verifier_imports_nothing_of_setpiece() -> None:
    allowed = {"cryptography", "setpiece_verify"}
    import sys

    for path in Path(setpiece_verify.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [item.name for item in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for module in modules:
                root = module.split(".")[0]
                assert root in allowed or root in sys.stdlib_module_names, f"{path.name} imports {module}"
