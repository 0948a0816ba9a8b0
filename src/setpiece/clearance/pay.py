"""What is owed for a scan, a replica or a background day: computed from the record, to the cent, never guessed.

Place in the flow: when a scan took place, a render was accepted or a fee was agreed. Rates come from the performer's
engagement, floors and benefit rates from a table that the production enters with its sources; this module knows no
figure of any agreement. Refuses: a missing rate, days or table row; a bargained fee below its floor.
Not legal advice; the table is for counsel to confirm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from setpiece.clearance.plain import revived
from setpiece.clearance.records import Obligation, Performer, Production
from setpiece.core.errors import BriefError, ClearanceRefused
from setpiece.media.files import read_toml

BASES = ("scan", "replica_days", "independent_fee", "background_day")
# What carries residuals. Counsel to confirm.
RESIDUALS = {"scan": False, "replica_days": True, "independent_fee": True, "background_day": False}
TABLE_SCHEMA = "setpiece.pay/1"
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The least that may be paid under a regime: a day for day-based work, in all for a fee. ``source`` says whence."""

    regime: str
    basis: str
    amount: Decimal
    currency: str
    source: str
    first_day: date
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefits:
    """The share of a payment that goes to benefit plans under a regime: 0.21 is 21 %."""

    regime: str
    rate: Decimal
    source: str
    first_day: date
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayTable:
    """Every floor and benefit rate that a production pays by, with dates and sources."""

    floors: tuple[Floor, ...] = ()
    benefits: tuple[Benefits, ...] = ()


def read_table(path: Path) -> PayTable:
    """The table in a TOML file: ``[[floors]]`` and ``[[benefits]]``. Raises BriefError naming what is wrong in it."""
    values = read_toml(path, remedy="setpiece clear pay table > FILE, and fill it in")
    if values.pop("schema", None) != TABLE_SCHEMA:
        raise BriefError("is no pay table", file=path, remedy=f'write schema = "{TABLE_SCHEMA}"')
    table = revived(PayTable, values, file=str(path))
    for source in (*(row.source for row in table.floors), *(row.source for row in table.benefits)):
        if not source.strip():
            raise BriefError("has a row without its source", file=path, remedy="name the agreement and its clause")
    return table


def blank_table() -> str:
    """A commented table without figures, to be filled in by who knows the agreement."""
    return f"""\
# What is paid by which agreement, from which day on. Every row names its source; counsel confirms it.
schema = "{TABLE_SCHEMA}"

# [[floors]]
# regime = "S26"              # S23, S26 or none
# basis = "scan"              # {", ".join(BASES)}
# amount = ""                 # in quotes: a day, or in all for independent_fee
# currency = "USD"
# source = ""                 # agreement, year and clause
# first_day = 2026-07-01
# # last_day = 2027-06-30

# [[benefits]]
# regime = "S26"
# rate = ""                   # share, in quotes: '0.21' is 21 %
# source = ""
# first_day = 2026-07-01
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Something that must be paid. ``days``: days scanned, or the days that would have been worked otherwise.

    ``fee`` is what was bargained, for ``independent_fee`` only. ``day`` decides which row of the table applies.
    """

    id: str
    basis: str
    subject: str
    day: date
    days: Decimal | None = None
    fee: Decimal | None = None


def obligation(work: Work, *, performer: Performer, production: Production, table: PayTable) -> Obligation:
    """The obligation that ``work`` gives rise to, as it is to be recorded.

    Day-based work pays days times the performer's rate or the floor, whichever is higher; a fee pays the fee.
    Raises :class:`ClearanceRefused` naming what is missing, or the floor that a fee lies below.
    """
    if work.basis not in BASES:
        raise ClearanceRefused(f"'{work.basis}' is no basis of pay", remedy=f"one of {', '.join(BASES)}")
    if production.regime is None:
        raise ClearanceRefused("the production names no agreement", remedy="state its regime, or 'none' where there is none")
    floor = _floor(table, work, production.regime)
    if floor is not None and floor.currency != performer.currency:
        raise ClearanceRefused(
            f"{performer.id} is paid in {performer.currency}, the floor is in {floor.currency}",
            remedy="enter the floor in the currency of the engagement",
        )
    if work.basis == "independent_fee":
        days, rate, amount = None, None, _fee(work, floor)
    else:
        days, rate = _days(work), _rate(performer, floor)
        amount = cents(days * rate)
    return Obligation(
        id=work.id,
        performer=performer.id,
        production=production.id,
        basis=work.basis,
        subject=work.subject,
        days=days,
        rate=rate,
        amount=amount,
        benefit_rate=_benefit_rate(table, work.day, production.regime),
        residuals=RESIDUALS[work.basis],
        currency=performer.currency,
    )


def cents(amount: Decimal) -> Decimal:
    """``amount`` to two places, half a cent up.

    >>> cents(Decimal("10.005"))
    Decimal('10.01')
    """
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)


def benefits_of(owed: Obligation) -> Decimal:
    """What goes to benefit plans besides the amount.

    Raises :class:`ClearanceRefused` where amount or rate is not recorded: nothing unknown counts as zero.
    """
    if owed.amount is None or owed.benefit_rate is None:
        raise ClearanceRefused(
            f"obligation '{owed.id}' records no {'amount' if owed.amount is None else 'benefit rate'}",
            remedy="record it, zero where none is due",
        )
    return cents(owed.amount * owed.benefit_rate)


def _floor(table: PayTable, work: Work, regime: str) -> Floor | None:
    """The floor in force, None only where the production has no agreement."""
    found = [floor for floor in table.floors if (floor.regime, floor.basis) == (regime, work.basis)]
    found = [floor for floor in found if floor.first_day <= work.day and (floor.last_day is None or work.day <= floor.last_day)]
    if len(found) > 1:
        raise ClearanceRefused(
            f"the pay table has {len(found)} floors for {work.basis} on {work.day}", remedy="end the older row the day before"
        )
    if not found and regime != "none":
        raise ClearanceRefused(
            f"the pay table has no floor for {work.basis} under {regime} on {work.day}", remedy="enter it with its source"
        )
    return found[0] if found else None


def _benefit_rate(table: PayTable, day: date, regime: str) -> Decimal:
    found = [row for row in table.benefits if row.regime == regime and row.first_day <= day]
    found = [row for row in found if row.last_day is None or day <= row.last_day]
    if len(found) == 1:
        return found[0].rate
    if not found and regime == "none":
        return Decimal(0)
    raise ClearanceRefused(
        f"the pay table has {len(found)} benefit rates under {regime} on {day}, not one", remedy="enter it with its source"
    )


def _fee(work: Work, floor: Floor | None) -> Decimal:
    if work.fee is None:
        raise ClearanceRefused(f"no fee was bargained for '{work.subject}'", remedy="enter the fee that was agreed")
    if not work.fee.is_finite() or work.fee < 0 or (floor is not None and work.fee < floor.amount):
        least = Decimal(0) if floor is None else floor.amount
        raise ClearanceRefused(f"fee {work.fee} for '{work.subject}' is below the floor of {least}", remedy="agree on more")
    return cents(work.fee)


def _days(work: Work) -> Decimal:
    if work.days is None or not work.days.is_finite() or work.days <= 0:
        raise ClearanceRefused(f"'{work.subject}' states no days", remedy="enter the days scanned or otherwise worked")
    return work.days


def _rate(performer: Performer, floor: Floor | None) -> Decimal:
    rate = performer.daily_rate
    if rate is None or not rate.is_finite() or rate < 0:
        raise ClearanceRefused(f"{performer.id} has no daily rate", remedy="enter the rate of the engagement")
    return rate if floor is None else max(rate, floor.amount)
