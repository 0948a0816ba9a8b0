"""Pay: to the cent, never below a floor, nothing unknown counted as nothing; statements that repeat to the byte."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setpiece.clearance.pay import Benefits, Floor, PayTable, Work, benefits_of, cents, obligation
from setpiece.clearance.records import Obligation, Performer, Production
from setpiece.clearance.statements import Statement, statement_of, to_csv, to_pdf
from setpiece.core.errors import CapabilityMissing, ClearanceRefused

DAY = date(2026, 11, 22)
PERFORMER = Performer(id="p1", name="Zoë Łukasz", daily_rate=Decimal("1500"))
PRODUCTION = Production(id="harbour", title="Harbour", regime="S26")
FLOORS = tuple(
    Floor(regime="S26", basis=basis, amount=Decimal("1000"), currency="USD", source="made up", first_day=date(2026, 7, 1))
    for basis in ("scan", "replica_days", "independent_fee", "background_day")
)
TABLE = PayTable(
    floors=FLOORS, benefits=(Benefits(regime="S26", rate=Decimal("0.21"), source="made up", first_day=date(2026, 7, 1)),)
)
SCAN = Work(id="o1", basis="scan", subject="scan-1", day=DAY, days=Decimal("0.5"))
FEE = Work(id="o3", basis="independent_fee", subject="sh010", day=DAY, fee=Decimal("1000"))


def owed(work: Work, performer: Performer = PERFORMER, table: PayTable = TABLE, **changes: object) -> Obligation:
    return obligation(work, performer=performer, production=replace(PRODUCTION, **changes), table=table)


def test_days_are_paid_at_the_performers_own_rate_with_benefits_and_the_residual_flag() -> None:
    replica = owed(replace(SCAN, basis="replica_days", days=Decimal("2.5")))
    assert (replica.days, replica.rate, replica.amount) == (Decimal("2.5"), Decimal("1500"), Decimal("3750.00"))
    assert (replica.benefit_rate, benefits_of(replica), replica.residuals) == (Decimal("0.21"), Decimal("787.50"), True)
    assert owed(SCAN).residuals is False


money = st.decimals(min_value=0, max_value=10**6, places=2)
days = st.decimals(min_value=Decimal("0.1"), max_value=60, places=1)


@given(rate=money, floor=money, days=days)
def test_nobody_is_ever_paid_below_the_floor_or_below_their_rate(rate: Decimal, floor: Decimal, days: Decimal) -> None:
    table = replace(TABLE, floors=tuple(replace(row, amount=floor) for row in FLOORS))
    paid = owed(replace(SCAN, days=days), replace(PERFORMER, daily_rate=rate), table)
    assert paid.amount is not None
    assert paid.amount == cents(max(rate, floor) * days)
    assert paid.amount >= cents(floor * days) and paid.amount >= cents(rate * days)


@given(fee=money, floor=money)
def test_a_fee_below_its_floor_is_refused_and_any_other_is_taken_as_bargained(fee: Decimal, floor: Decimal) -> None:
    table = replace(TABLE, floors=tuple(replace(row, amount=floor) for row in FLOORS))
    if fee < floor:
        with pytest.raises(ClearanceRefused, match="below the floor"):
            owed(replace(FEE, fee=fee), table=table)
    else:
        assert owed(replace(FEE, fee=fee), table=table).amount == fee


@pytest.mark.parametrize(
    ("work", "performer", "said"),
    [
        (replace(SCAN, days=None), PERFORMER, "states no days"),
        (replace(SCAN, days=Decimal(0)), PERFORMER, "states no days"),
        (replace(SCAN, days=Decimal("NaN")), PERFORMER, "states no days"),
        (SCAN, replace(PERFORMER, daily_rate=None), "no daily rate"),
        (SCAN, replace(PERFORMER, currency="EUR"), "floor is in USD"),
        (replace(FEE, fee=None), PERFORMER, "no fee was bargained"),
        (replace(FEE, fee=Decimal("Infinity")), PERFORMER, "below the floor"),
        (replace(SCAN, basis="favour"), PERFORMER, "no basis of pay"),
        (replace(SCAN, day=date(2026, 6, 30)), PERFORMER, "no floor for scan under S26 on 2026-06-30"),
    ],
)
def test_what_is_not_known_is_refused_never_guessed(work: Work, performer: Performer, said: str) -> None:
    with pytest.raises(ClearanceRefused, match=said):
        owed(work, performer)


def test_a_production_that_names_no_agreement_is_refused_and_one_without_any_needs_no_table() -> None:
    with pytest.raises(ClearanceRefused, match="names no agreement"):
        owed(SCAN, regime=None)
    free = owed(SCAN, table=PayTable(), regime="none")
    assert (free.amount, free.benefit_rate) == (Decimal("750.00"), Decimal(0))


def test_the_floor_of_the_day_applies_on_its_first_and_last_day_and_two_at_once_are_refused() -> None:
    last = date(2026, 12, 31)
    newer = replace(FLOORS[0], amount=Decimal("2000"), first_day=last + timedelta(days=1))
    table = replace(TABLE, floors=(replace(FLOORS[0], last_day=last), newer))
    poor = replace(PERFORMER, daily_rate=Decimal(1))
    assert owed(replace(SCAN, day=last, days=Decimal(1)), poor, table).amount == Decimal("1000.00")
    assert owed(replace(SCAN, day=newer.first_day, days=Decimal(1)), poor, table).amount == Decimal("2000.00")
    with pytest.raises(ClearanceRefused, match="2 floors"):
        owed(replace(SCAN, day=newer.first_day), poor, replace(TABLE, floors=(FLOORS[0], newer)))


def test_a_missing_benefit_rate_is_refused() -> None:
    with pytest.raises(ClearanceRefused, match="0 benefit rates"):
        owed(SCAN, table=replace(TABLE, benefits=()))
    with pytest.raises(ClearanceRefused, match="no benefit rate"):
        benefits_of(replace(owed(SCAN), benefit_rate=None))


def whole(count: int = 3) -> Statement:
    work = [replace(SCAN, id=f"o{number}", subject=f"scan-{number}", days=Decimal(number + 1)) for number in range(count)]
    return statement_of(PERFORMER, PRODUCTION, [owed(item) for item in work], as_of=DAY)


def rows(statement: Statement) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(statement).decode("utf-8"))))


@settings(max_examples=50)
@given(
    st.lists(st.tuples(money, st.sampled_from(["USD", "EUR"]), st.sampled_from(["recorded", "paid"])), max_size=6), st.randoms()
)
def test_totals_are_the_exact_sums_per_currency_in_any_order(parts: list[tuple[Decimal, str, str]], random: object) -> None:
    owing = [
        Obligation(
            id=f"o{number}",
            performer="p1",
            production="harbour",
            basis="independent_fee",
            amount=amount,
            benefit_rate=Decimal("0.2"),
            residuals=True,
            status=status,
            currency=currency,
        )
        for number, (amount, currency, status) in enumerate(parts)
    ]
    made = statement_of(PERFORMER, PRODUCTION, owing, as_of=DAY)
    shuffled = list(owing)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert statement_of(PERFORMER, PRODUCTION, shuffled, as_of=DAY) == made
    for total in made.totals:
        own = [part for part in parts if part[1] == total.currency]
        assert total.amount == sum(amount for amount, _, _ in own)
        assert total.unpaid == sum(amount for amount, _, status in own if status != "paid")
    written = [row for row in rows(made) if row["id"] == "TOTAL"]
    assert [(row["currency"], Decimal(row["amount"])) for row in written] == [
        (total.currency, total.amount) for total in made.totals
    ]


def test_the_csv_holds_every_obligation_and_the_name_as_it_is_written() -> None:
    table = rows(whole())
    assert [row["id"] for row in table] == ["o0", "o1", "o2", "TOTAL"]
    assert {row["performer"] for row in table} == {"Zoë Łukasz"}
    assert (table[1]["days"], table[1]["rate"], table[1]["amount"], table[1]["residuals"]) == ("2", "1500", "3000.00", "no")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_spreadsheet_shows_a_hostile_name_and_does_not_run_it(name: str) -> None:
    made = replace(whole(), performer=replace(PERFORMER, name=name))
    assert rows(made)[0]["performer"] == "'" + name


def test_the_pdf_is_the_same_to_the_byte_each_time_and_grows_by_pages() -> None:
    first = to_pdf(whole())
    assert first == to_pdf(whole())
    assert first.startswith(b"%PDF-") and len(re.findall(rb"/Type /Page\b", first)) == 1
    assert len(re.findall(rb"/Type /Page\b", to_pdf(whole(80)))) == 3
    assert to_pdf(whole(1)) != first


def test_a_name_that_the_font_cannot_write_is_refused_with_the_way_out() -> None:
    made = replace(whole(), performer=replace(PERFORMER, name="李小龍"))
    with pytest.raises(CapabilityMissing, match="TrueType"):
        to_pdf(made)
    assert "李小龍".encode() in to_csv(made)


def test_a_font_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.ttf").write_bytes(b"no font")
    with pytest.raises(ClearanceRefused, match="no TrueType font"):
        to_pdf(whole(), font=tmp_path / "x.ttf")


@pytest.mark.parametrize(
    "changes", [{"performer": "p2"}, {"production": "other"}, {"amount": None}, {"benefit_rate": None}, {"residuals": None}]
)
def test_a_foreign_or_incomplete_obligation_never_gets_on_a_statement(changes: dict[str, object]) -> None:
    with pytest.raises(ClearanceRefused):
        statement_of(PERFORMER, PRODUCTION, [replace(owed(SCAN), **changes)], as_of=DAY)
