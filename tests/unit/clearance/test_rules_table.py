from __future__ import annotations

import ast
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setpiece.clearance import decide as deciding
from setpiece.clearance.names import person_key
from setpiece.clearance.rules import RULES, Rule
from setpiece.clearance.rules.places import touches, within

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUBJECT = "5" * 64
FAMILIES = {"G": 8, "D": 3, "M": 6, "C": 13, "L": 3, "P": 3, "B": 3, "T": 4, "A": 1}
DATES = {
    "M5": (date(2026, 1, 1), None),
    "M6": (date(2026, 7, 1), date(2030, 6, 30)),
    "C9": (date(2025, 1, 1), None),
    "C10": (date(2026, 7, 1), None),
    "C12": (date(2027, 7, 1), date(2030, 6, 30)),
    "L2": (date(2026, 7, 1), date(2030, 6, 30)),
    "L3": (date(2026, 7, 1), date(2030, 6, 30)),
    "P3": (date(2026, 7, 1), date(2030, 6, 30)),
    "B2": (date(2026, 7, 1), date(2030, 6, 30)),
    "T1": (date(2026, 8, 2), None),
    "T2": (date(2026, 8, 2), None),
    "T3": (date(2026, 8, 2), None),
    "T4": (date(2026, 6, 9), None),
}


def test_the_table_holds_every_rule_once() -> None:
    wanted = [f"{letter}{number}" for letter, count in FAMILIES.items() for number in range(1, count + 1)]
    assert [rule.id for rule in RULES] == wanted


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_in_force_on_the_days_of_its_source(rule: Rule) -> None:
    assert (rule.effective_from, rule.effective_to) == DATES.get(rule.id, (None, None))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_from_a_secondary_source_says_counsel_to_confirm(rule: Rule) -> None:
    assert rule.confidence in ("P", "S", "house")
    assert ("counsel to confirm" in rule.remedy) == (rule.confidence == "S")
    assert rule.sentence.endswith(".")
    assert rule.source
    assert rule.family


def test_c11_alone_takes_no_override() -> None:
    assert [rule.id for rule in RULES if not rule.overridable] == ["C11"]


def test_deciding_reads_no_clock_no_environment_and_no_flag() -> None:
    root = Path(deciding.__file__).parent
    for path in [root / "decide.py", *sorted((root / "rules").glob("*.py"))]:
        tree = ast.parse(path.read_text())
        imported = {
            alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        } | {(node.module or "").partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not imported & {"os", "sys", "time", "random", "socket", "sqlalchemy"}, path
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert not calls & {"datetime.now", "date.today", "open"}, path


def test_no_rule_claims_compliance() -> None:
    for path in (Path(deciding.__file__).parent / "rules").glob("*.py"):
        assert "complian" not in path.read_text().casefold()


@pytest.mark.parametrize("other", ["ann OTHER", "  Ann \t Other ", "Ａｎｎ Other", "Ann\u200b Other", "Ann Other\u200e"])
def test_another_spelling_is_no_other_person(other: str) -> None:
    assert person_key(other) == person_key("Ann Other")


@given(st.text(max_size=20))
def test_a_name_is_compared_with_itself_alike(name: str) -> None:
    assert person_key(person_key(name)) == person_key(name)


PLACES = st.sampled_from(["world", "*", "EU", "DE", "fr", "US", "US-NY", "US-CA", "JP", "GB"])


@given(PLACES, st.lists(PLACES, max_size=4).map(tuple), PLACES)
def test_allowing_more_places_never_takes_one_away(asked: str, allowed: tuple[str, ...], more: str) -> None:
    assert within(asked, (*allowed, more)) or not within(asked, allowed)
    assert within(asked, (asked,))


@given(st.lists(PLACES, min_size=1, max_size=4).map(tuple), st.sampled_from(["EU", "US-NY", "US-CA"]))
def test_a_release_reaches_a_place_where_any_part_of_it_does(territories: tuple[str, ...], place: str) -> None:
    assert touches(territories, place) == any(touches((item,), place) for item in territories)
    assert touches((*territories, "world"), place)


def test_a_world_release_lies_in_no_smaller_place() -> None:
    assert not within("world", ("EU", "US", "JP"))
    assert not within("GB", ("EU",))
    assert not within("US", ("US-CA", "US-NY"))
