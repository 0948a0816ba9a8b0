from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setpiece.clearance.policy import DECISION_MINUTES, Floor, Policy, Tightening, load, parse
from setpiece.clearance.rules import RULES
from setpiece.core.clearance import Outcome
from setpiece.core.errors import PolicyRefused

HEAD = 'schema = "setpiece.policy/1"\nname = "Example Studios"\n'
FLOOR = 'regime = "S26"\ncurrency = "USD"\nper_day = "12.50"\nbenefit_rate = "0.1"\nfirst_day = 2026-07-01\n'


def loaded(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "policy.toml"
    path.write_text(HEAD + text)
    return load(path)


def test_a_whole_policy_is_read(tmp_path: Path) -> None:
    policy = loaded(
        tmp_path,
        "holidays = [2026-12-24]\n"
        '[rules.G3]\noutcome = "NEEDS"\nroles = ["studio"]\nreason = "we see all previs"\n'
        '[rules.M1]\nroles = ["legal"]\n[rules.L3]\noutcome = "BLOCK"\n'
        "[limits]\ndecision_minutes = 60\nrequired_soft_binding = true\nstrike_calendar_days = 7\n"
        f"[[floors]]\n{FLOOR}",
    )
    assert policy == Policy(
        name="Example Studios",
        tightenings=(
            Tightening(rule="G3", outcome=Outcome.NEEDS, roles=("studio",), reason="we see all previs"),
            Tightening(rule="M1", outcome=Outcome.NEEDS, roles=("legal",)),
            Tightening(rule="L3", outcome=Outcome.BLOCK),
        ),
        decision_minutes=60,
        required_soft_binding=True,
        strike_calendar_days=7,
        floors=(
            Floor(
                regime="S26",
                currency="USD",
                per_day=Decimal("12.50"),
                benefit_rate=Decimal("0.1"),
                first_day=date(2026, 7, 1),
            ),
        ),
        holidays=(date(2026, 12, 24),),
    )


@pytest.mark.parametrize(
    ("text", "key", "remedy"),
    [
        ("[limit]\n", "limit", "limits"),
        ('[rules.G33]\noutcome = "BLOCK"\n', "rules.G33", "G3"),
        ('[rules.G3]\noutcom = "BLOCK"\n', "rules.G3.outcom", "outcome"),
        ('[rules.G3]\noutcome = "BLOK"\n', "rules.G3.outcome", "BLOCK"),
        ('[rules.G3]\nroles = ["studios"]\n', "rules.G3.roles", "studio"),
        ("[limits]\ndecision_minute = 5\n", "limits.decision_minute", "decision_minutes"),
        (f"[[floors]]\n{FLOOR}rate = 1\n", "floors[0].rate", "benefit_rate"),
        ("[rules.C11]\nenabled = false\n", "rules.C11.enabled", "outcome"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_right_one(tmp_path: Path, text: str, key: str, remedy: str) -> None:
    with pytest.raises(PolicyRefused) as caught:
        loaded(tmp_path, text)
    assert f"'{key}'" in caught.value.message
    assert remedy in caught.value.remedy
    assert caught.value.file == tmp_path / "policy.toml"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f"[limits]\ndecision_minutes = {DECISION_MINUTES + 1}\n", "limits.decision_minutes"),
        ("[limits]\nstrike_calendar_days = 32\n", "limits.strike_calendar_days"),
        ('[rules.C1]\noutcome = "NEEDS"\n', "rules.C1.outcome"),
        ('[rules.G4]\noutcome = "ALLOW"\n', "rules.G4.outcome"),
        ("[rules.G4]\n", "rules.G4"),
        ('[rules.G3]\noutcome = "NEEDS"\n', "rules.G3.roles"),
        ("[limits]\ndecision_minutes = 0\n", "limits.decision_minutes"),
        ("[limits]\ndecision_minutes = true\n", "limits.decision_minutes"),
        ("[limits]\nrequired_soft_binding = 1\n", "limits.required_soft_binding"),
        (f"[[floors]]\n{FLOOR.replace('12.50', '0')}", "floors[0].per_day"),
        (f"[[floors]]\n{FLOOR.replace('12.50', 'NaN')}", "floors[0].per_day"),
        ("[[floors]]\n" + FLOOR.replace('"12.50"', "12.5"), "floors[0].per_day"),
        ("[[floors]]\n" + FLOOR.replace("2026-07-01", '"soon"'), "floors[0].first_day"),
        ("rules = 3\n", "rules"),
    ],
)
def test_what_would_loosen_or_says_nothing_is_refused_naming_the_key(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(PolicyRefused) as caught:
        loaded(tmp_path, text)
    assert f"'{key}'" in caught.value.message


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_rule_can_be_set_below_its_own_outcome(rule: object) -> None:
    house = rule.outcome.partition("(")[0].split()[0]  # type: ignore[attr-defined]
    for stated in ("ALLOW", "NEEDS", "BLOCK"):
        document = {
            "schema": "setpiece.policy/1",
            "name": "client",
            "rules": {rule.id: {"outcome": stated, "roles": ["studio"]}},  # type: ignore[attr-defined]
        }
        order = ("ALLOW", "NEEDS", "BLOCK")
        if order.index(stated) < order.index(house):
            with pytest.raises(PolicyRefused, match=f"rules.{rule.id}.outcome"):  # type: ignore[attr-defined]
                parse(document)
        else:
            (tightening,) = parse(document).tightenings
            assert tightening.outcome is (Outcome.NEEDS if stated == "ALLOW" else Outcome[stated])


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"[rules", b"name = 'x'\n", b"schema = 'setpiece.policy/2'\nname = 'x'\n"], ids=str
)
def test_a_file_that_is_no_policy_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.toml"
    path.write_bytes(content)
    with pytest.raises(PolicyRefused) as caught:
        load(path)
    assert caught.value.file == path
    with pytest.raises(PolicyRefused, match=r"absent\.toml"):
        load(tmp_path / "absent.toml")


@given(st.lists(st.tuples(st.decimals(1, 99, places=2), st.dates(date(2026, 1, 1), date(2027, 1, 1))), max_size=5))
def test_the_highest_floor_in_force_counts(stated: list[tuple[Decimal, date]]) -> None:
    day = date(2026, 7, 1)
    floors = tuple(
        Floor(regime="S26", currency="USD", per_day=amount, benefit_rate=Decimal("0.1"), first_day=first)
        for amount, first in stated
    )
    found = Policy(floors=floors).floor("S26", "USD", day)
    assert (found and found.per_day) == max((amount for amount, first in stated if first <= day), default=None)
    assert Policy(floors=floors).floor("S23", "USD", day) is None
    assert Policy(floors=floors).floor("S26", "EUR", day) is None
