"""A client's policy: a stricter table than the house's, from a TOML file. It can tighten and never loosen.

    schema = "setpiece.policy/1"
    name = "Example Studios 2026"
    holidays = [2026-12-24]        # no business days, besides the federal ones

    [rules.G3]
    outcome = "NEEDS"              # at least this strict
    roles = ["studio"]             # who must approve, besides whom the rule asks
    reason = "we see all previs"

    [limits]
    decision_minutes = 60          # shorter than the house's

    [[floors]]                     # what the contract asks for an independently created replica: the production's figures
    regime = "S26"
    currency = "USD"
    per_day = "0000.00"
    benefit_rate = "0.000"
    first_day = 2026-07-01

Refuses a file that would loosen anything (PolicyRefused names the key). The house knows no pay figures: a floor that
nobody entered is missing data, and missing data blocks.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from setpiece.core.clearance import Outcome
from setpiece.core.errors import PolicyRefused

SCHEMA = "setpiece.policy/1"
DECISION_MINUTES = 24 * 60
STRIKE_CALENDAR_DAYS = 31
REGIMES = ("S23", "S26")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tightening:
    """One rule made stricter: its outcome is at least ``outcome`` where it applies, ``roles`` asked besides."""

    rule: str
    outcome: Outcome
    roles: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The least that a contract regime asks for a day of an independently created replica, as the production entered it."""

    regime: str
    currency: str
    per_day: Decimal
    benefit_rate: Decimal  # share of the fee contributed to benefit plans
    first_day: date
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a client asks beyond the rules. The default asks nothing more, and knows no pay floors."""

    name: str = "house"
    tightenings: tuple[Tightening, ...] = ()
    decision_minutes: int = DECISION_MINUTES  # how long a decision token lasts
    required_soft_binding: bool = False
    strike_calendar_days: int = STRIKE_CALENDAR_DAYS  # how old the strike calendar may be
    floors: tuple[Floor, ...] = ()
    holidays: tuple[date, ...] = ()  # no business days, besides the federal ones

    def floor(self, regime: str, currency: str, day: date) -> Floor | None:
        """The floor in force on ``day``: the highest where several are; None where nobody entered one."""
        known = (
            item
            for item in self.floors
            if item.regime == regime
            and item.currency == currency
            and item.first_day <= day
            and (item.last_day is None or day <= item.last_day)
        )
        return max(known, key=lambda item: (item.per_day, item.benefit_rate), default=None)


def load(path: Path) -> Policy:
    """Read a policy. Raises PolicyRefused, naming the key, where it says something unknown or loosens anything."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PolicyRefused(f"cannot be read: {error.strerror}", file=path, remedy="check the path") from error
    except UnicodeDecodeError as error:
        raise PolicyRefused("is not UTF-8 text", file=path, remedy="save it as UTF-8") from error
    try:
        return parse(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PolicyRefused(f"is not TOML: {error}", file=path, remedy="mend the line") from error
    except PolicyRefused as error:
        raise PolicyRefused(error.message, file=path, remedy=error.remedy) from error


def parse(document: Mapping[str, Any]) -> Policy:
    """A policy from a parsed document. Raises PolicyRefused, naming the key."""
    _known("", document, ("schema", "name", "rules", "limits", "floors", "holidays"))
    if document.get("schema") != SCHEMA:
        raise PolicyRefused("key 'schema' is absent or of another version", remedy=f'write schema = "{SCHEMA}"')
    limits = _table("limits", document.get("limits", {}))
    _known("limits", limits, ("decision_minutes", "required_soft_binding", "strike_calendar_days"))
    soft = limits.get("required_soft_binding", False)
    if not isinstance(soft, bool):
        raise _wrong("limits.required_soft_binding", "true or false")
    return Policy(
        name=_text("name", document.get("name")),
        tightenings=tuple(_tightening(rule, value) for rule, value in _table("rules", document.get("rules", {})).items()),
        decision_minutes=_at_most("limits.decision_minutes", limits, DECISION_MINUTES),
        required_soft_binding=soft,
        strike_calendar_days=_at_most("limits.strike_calendar_days", limits, STRIKE_CALENDAR_DAYS),
        floors=tuple(_floor(f"floors[{index}]", item) for index, item in enumerate(_list("floors", document))),
        holidays=tuple(_day("holidays", item) for item in _list("holidays", document)),
    )


def _tightening(rule: str, value: object) -> Tightening:
    from setpiece.clearance.rules import RULES  # the rules import this module for its types

    known = {item.id: item for item in RULES}
    key = f"rules.{rule}"
    if rule not in known:
        raise _unknown(key, rule, known)
    table = _table(key, value)
    _known(key, table, ("outcome", "roles", "reason"))
    roles = _roles(f"{key}.roles", table.get("roles", []))
    stated = table.get("outcome")
    if stated is not None and stated not in [item.value for item in Outcome]:
        raise _unknown(f"{key}.outcome", str(stated), [item.value for item in Outcome])
    house = known[rule].outcome
    if stated is not None and _strictness(stated) < _strictness(house):
        raise PolicyRefused(
            f"key '{key}.outcome' would loosen rule {rule} from {house} to {stated}",
            remedy=f"leave it out, or state something as strict; '{key}.roles' asks for more approvals",
        )
    if stated is None and not roles:
        raise PolicyRefused(f"key '{key}' tightens nothing", remedy="state an outcome, or roles to be asked besides")
    if stated == "NEEDS" and not roles and house == "ALLOW":
        raise PolicyRefused(f"key '{key}.roles' is absent: nobody could approve", remedy="name the roles to be asked")
    outcome = Outcome.NEEDS if stated is None or (stated == "ALLOW" and roles) else Outcome(stated)
    reason = table.get("reason", "")
    return Tightening(rule=rule, outcome=outcome, roles=roles, reason=_text(f"{key}.reason", reason) if reason else "")


def _strictness(outcome: str) -> int:
    return ("ALLOW", "NEEDS", "BLOCK").index(outcome.replace("(", " ").split()[0])


def _roles(key: str, value: object) -> tuple[str, ...]:
    from setpiece.clearance.use import ROLES

    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(key, "a list of roles")
    for item in value:
        if item not in ROLES:
            raise _unknown(key, item, ROLES)
    return tuple(dict.fromkeys(value))


def _floor(key: str, value: object) -> Floor:
    table = _table(key, value)
    _known(key, table, ("regime", "currency", "per_day", "benefit_rate", "first_day", "last_day"))
    regime = _text(f"{key}.regime", table.get("regime"))
    if regime not in REGIMES:
        raise _unknown(f"{key}.regime", regime, REGIMES)
    return Floor(
        regime=regime,
        currency=_text(f"{key}.currency", table.get("currency")),
        per_day=_amount(f"{key}.per_day", table.get("per_day")),
        benefit_rate=_amount(f"{key}.benefit_rate", table.get("benefit_rate")),
        first_day=_day(f"{key}.first_day", table.get("first_day")),
        last_day=None if "last_day" not in table else _day(f"{key}.last_day", table["last_day"]),
    )


def _amount(key: str, value: object) -> Decimal:
    try:
        amount = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or amount <= 0:
        raise _wrong(key, 'a figure above nothing, in quotes, as "12.50"')
    return amount


def _day(key: str, value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _wrong(key, "a date, as 2026-07-01")
    return value


def _at_most(key: str, limits: Mapping[str, Any], house: int) -> int:
    value = limits.get(key.removeprefix("limits."), house)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _wrong(key, "a whole number above nothing")
    if value > house:
        raise PolicyRefused(f"key '{key}' would loosen the house's {house} to {value}", remedy=f"state at most {house}")
    return value


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong(key, "words")
    return value


def _table(key: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(key, "a table")
    return value


def _list(key: str, document: Mapping[str, Any]) -> list[Any]:
    value = document.get(key, [])
    if not isinstance(value, list):
        raise _wrong(key, "a list")
    return value


def _known(key: str, table: Mapping[str, Any], known: Iterable[str]) -> None:
    for name in table:
        if name not in known:
            raise _unknown(f"{key}.{name}" if key else name, name, known)


def _wrong(key: str, kind: str) -> PolicyRefused:
    return PolicyRefused(f"key '{key}' is absent or not {kind}", remedy=f"write {kind}")


def _unknown(key: str, word: str, known: Iterable[str]) -> PolicyRefused:
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(names)}"
    said = f"unknown key '{key}'" if key.rpartition(".")[2] == word else f"key '{key}' says '{word}', which nobody knows"
    return PolicyRefused(said, remedy=hint)
