"""Business-day clocks: Monday to Friday, without federal holidays of the United States and those that a policy adds.

Pure. The day on which something happens is not counted: ten business days after a Monday end on the Monday a fortnight
later, and what waits for them may happen on the day after. Source of the 10 and 15: S26, secondary, counsel to confirm.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from functools import cache

ASK_DAYS = 10
BARGAIN_DAYS = 15
MONDAY, THURSDAY = 0, 3


def after_business_days(start: date, days: int, holidays: Collection[date] = ()) -> date:
    """The last of ``days`` business days that follow ``start``.

    >>> after_business_days(date(2026, 9, 14), 10)
    datetime.date(2026, 9, 28)
    """
    day = start
    for _ in range(days):
        day += timedelta(days=1)
        while not is_business_day(day, holidays):
            day += timedelta(days=1)
    return day


def is_business_day(day: date, holidays: Collection[date] = ()) -> bool:
    """Whether offices work on ``day``."""
    return day.weekday() < 5 and day not in holidays and day not in federal_holidays(day.year)


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """The federal holidays of the United States as they are observed in ``year`` (5 U.S.C. 6103).

    A holiday on a Saturday is observed on the Friday before, one on a Sunday on the Monday after.
    """
    fixed = [date(year, *day) for day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))]
    if year < 9999:
        fixed.append(date(year + 1, 1, 1))
    shifts = {5: -1, 6: 1}
    observed = {day + timedelta(days=shifts.get(day.weekday(), 0)) for day in fixed}
    moving = {
        _nth(year, 1, MONDAY, 3),
        _nth(year, 2, MONDAY, 3),
        _nth(year, 6, MONDAY, 1) - timedelta(days=7),  # the last Monday of May
        _nth(year, 9, MONDAY, 1),
        _nth(year, 10, MONDAY, 2),
        _nth(year, 11, THURSDAY, 4),
    }
    return frozenset(day for day in observed | moving if day.year == year)


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))
