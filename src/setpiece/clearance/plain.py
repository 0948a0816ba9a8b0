"""Records as plain JSON values and back: the one place that knows how a date, a decimal or a scope is written.

``plain`` gives dicts, lists, text, numbers, booleans and None; ``revived`` gives the frozen value again, or a BriefError
that names the key, the nearest right one, or the type that was expected. Used by documents, vectors, exports and the store.
"""

from __future__ import annotations

import difflib
import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar

from setpiece.core.errors import BriefError

R = TypeVar("R")


def plain(value: Any) -> Any:
    """``value`` as JSON values: dataclasses as objects, tuples as lists, sets sorted, dates and decimals as text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, frozenset | set):
        return sorted(plain(item) for item in value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def revived(kind: type[R], values: Any, *, where: str = "", file: str | None = None) -> R:
    """The value of class ``kind`` that ``values`` states. ``where`` is the dotted name for messages.

    Raises BriefError for an unknown key, a missing one, or a value of another type.
    """
    if not isinstance(values, dict):
        raise _wrong(where or kind.__name__, "a table", values, file)
    hints = _hints(kind)  # type: ignore[arg-type]
    for key in values:
        if key not in hints:
            near = difflib.get_close_matches(str(key), hints, n=1, cutoff=0.5)
            raise BriefError(
                f"'{_dotted(where, key)}' is not a field of {kind.__name__}",
                file=file,
                remedy=f"did you mean '{_dotted(where, near[0])}'?" if near else f"fields are {', '.join(hints)}",
            )
    found = {key: _value(hints[key], value, _dotted(where, key), file) for key, value in values.items()}
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name not in found and field.default is MISSING and field.default_factory is MISSING:
            raise BriefError(f"{kind.__name__} lacks '{_dotted(where, field.name)}'", file=file, remedy="state it")
    return kind(**found)


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _value(hint: Any, value: Any, where: str, file: str | None) -> Any:
    """``value`` as the type that ``hint`` asks for."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _value(next(item for item in arguments if item is not type(None)), value, where, file)
    if origin in (tuple, frozenset):
        if not isinstance(value, list | tuple | set | frozenset):
            raise _wrong(where, "a list", value, file)
        if origin is frozenset or arguments[-1] is Ellipsis:
            return origin(_value(arguments[0], item, f"{where}[{index}]", file) for index, item in enumerate(value))
        if len(value) != len(arguments):
            raise _wrong(where, f"{len(arguments)} values", value, file)
        return tuple(_value(item, part, where, file) for item, part in zip(arguments, value, strict=True))
    if is_dataclass(hint):
        return revived(typing.cast(type[Any], hint), value, where=where, file=file)
    return _scalar(hint, value, where, file)


def _scalar(hint: Any, value: Any, where: str, file: str | None) -> Any:
    try:
        if hint is datetime and isinstance(value, str | datetime):
            return _instant(value)
        if hint is date and isinstance(value, str | date) and not isinstance(value, datetime):
            return date.fromisoformat(value) if isinstance(value, str) else value
        if hint is Decimal and isinstance(value, str | int) and not isinstance(value, bool):
            return Decimal(value)
    except (ValueError, InvalidOperation):
        raise _wrong(where, _NAMES[hint], value, file) from None
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint in (str, int, float, bool) and type(value) is hint:
        return value
    raise _wrong(where, _NAMES.get(hint, str(hint)), value, file)


def _instant(value: str | datetime) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError("no time zone")
    return found.astimezone(UTC)


_NAMES: dict[Any, str] = {
    datetime: "a time with its zone, as 2026-03-01T12:00:00Z",
    date: "a date, as 2026-03-01",
    Decimal: "an amount in quotes, as '1082.50'",
    str: "text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


def _wrong(where: str, expected: str, value: Any, file: str | None) -> BriefError:
    return BriefError(f"'{where}' is {value!r}", file=file, remedy=f"write {expected}")


def _dotted(where: str, key: str) -> str:
    return f"{where}.{key}" if where else str(key)
