from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setpiece.clearance.records import Notice
from setpiece.clearance.rules.clocks import after_business_days, federal_holidays, is_business_day
from setpiece.clearance.rules.grants import age_on
from setpiece.clearance.rules.likeness import waiting
from setpiece.clearance.rules.performers import announced

DAYS = st.dates(date(2024, 1, 1), date(2034, 12, 31))
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@given(DAYS, st.integers(1, 40), st.frozensets(DAYS, max_size=5))
def test_a_clock_ends_on_a_business_day_with_just_so_many_behind_it(start: date, days: int, holidays: frozenset[date]) -> None:
    end = after_business_days(start, days, holidays)
    between = [start + timedelta(days=number) for number in range(1, (end - start).days + 1)]
    assert is_business_day(end, holidays)
    assert sum(is_business_day(day, holidays) for day in between) == days


@given(DAYS, st.integers(0, 20), st.integers(0, 20))
def test_clocks_one_after_another_are_one_clock(start: date, first: int, second: int) -> None:
    assert after_business_days(after_business_days(start, first), second) == after_business_days(start, first + second)


@given(DAYS, st.integers(1, 20), st.frozensets(DAYS, max_size=5))
def test_a_holiday_never_shortens_a_clock(start: date, days: int, holidays: frozenset[date]) -> None:
    assert after_business_days(start, days, holidays) >= after_business_days(start, days)


def test_the_federal_holidays_of_2026_and_2027_are_the_published_ones() -> None:
    assert federal_holidays(2026) == {
        date(2026, *day)
        for day in ((1, 1), (1, 19), (2, 16), (5, 25), (6, 19), (7, 3), (9, 7), (10, 12), (11, 11), (11, 26), (12, 25))
    }
    assert federal_holidays(2027) == {
        date(2027, *day)
        for day in (
            (1, 1),
            (1, 18),
            (2, 15),
            (5, 31),
            (6, 18),
            (7, 5),
            (9, 6),
            (10, 11),
            (11, 11),
            (11, 25),
            (12, 24),
            (12, 31),
        )
    }


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 9, 14), 10, date(2026, 9, 28)),  # a Monday
        (date(2026, 9, 12), 10, date(2026, 9, 25)),  # a Saturday
        (date(2026, 9, 1), 10, date(2026, 9, 16)),  # over Labor Day
        (date(2026, 9, 21), 15, date(2026, 10, 13)),  # over Columbus Day
        (date(2026, 12, 18), 10, date(2027, 1, 5)),  # over Christmas and New Year
    ],
)
def test_clocks_by_the_calendar(start: date, days: int, end: date) -> None:
    assert after_business_days(start, days) == end


def notice(**changes: object) -> Notice:
    stated = {"id": "n", "production": "p1", "kind": "synthetic", "union": "SAG-AFTRA", "given_on": date(2026, 9, 14)}
    return Notice(**{**stated, **changes})  # type: ignore[arg-type]


@given(DAYS, DAYS, st.none() | DAYS, st.none() | DAYS, st.sampled_from([None, "agreed", "no_request", "refused", "?"]))
def test_a_notice_closes_by_agreement_or_when_its_clock_has_run_out(
    today: date, given_on: date, asked: date | None, closed: date | None, outcome: str | None
) -> None:
    stated = notice(given_on=given_on, bargaining_requested_on=asked, closed_on=closed, outcome=outcome)
    if waiting(stated, today) is not None:
        return
    assert given_on <= today
    if outcome == "agreed":
        assert closed is not None and given_on <= closed <= today
    elif asked is None:
        assert outcome == "no_request" and today > after_business_days(given_on, 10)
    else:
        assert outcome == "refused" and closed is not None and today > after_business_days(asked, 15)


@given(DAYS, st.integers(0, 60))
def test_once_closed_a_notice_stays_closed(given_on: date, later: int) -> None:
    stated = notice(given_on=given_on, outcome="no_request")
    day = after_business_days(given_on, 10) + timedelta(days=1)
    assert waiting(stated, day - timedelta(days=1)) is not None
    assert waiting(stated, day + timedelta(days=later)) is None


def test_a_notice_without_a_day_was_never_given() -> None:
    reason = waiting(notice(given_on=None, outcome="agreed", closed_on=date(2026, 9, 15)), date(2026, 9, 20))
    assert reason is not None
    assert reason[2] == ("notice.given_on",)


@given(TIMES, TIMES)
def test_without_a_late_engagement_only_48_hours_will_do(noticed: datetime, scanned: datetime) -> None:
    assert announced(noticed, None, scanned) == (scanned - noticed >= timedelta(hours=48))


@given(TIMES, TIMES, TIMES)
def test_a_late_engagement_helps_only_who_announced_by_then(noticed: datetime, engaged: datetime, scanned: datetime) -> None:
    if announced(noticed, engaged, scanned) and scanned - noticed < timedelta(hours=48):
        assert noticed <= engaged <= scanned
        assert scanned - engaged < timedelta(hours=48)


@given(st.dates(date(1930, 1, 1), date(2020, 12, 31)), st.integers(0, 90))
def test_a_birthday_makes_a_year_and_the_day_before_does_not(birth: date, years: int) -> None:
    leap = birth.month == 2 and birth.day == 29
    year = birth.year + years
    common = leap and not (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    birthday = date(year, 3, 1) if common else birth.replace(year=year)
    assert age_on(birth, birthday) == years
    assert age_on(birth, birthday - timedelta(days=1)) == years - 1
