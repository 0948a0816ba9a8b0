"""Records to canonical JSON and back, by their declared types. A document that does not fit is refused, never guessed at."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar

from setpiece.clearance.use import canonical
from setpiece.core.errors import RecordDamaged

T = TypeVar("T")
_Reader = Callable[[Any], Any]


def encode(record: object) -> str:
    """The canonical JSON of a record. ValueError for a time without a zone, a NaN, or what is no record."""
    if not is_dataclass(record) or isinstance(record, type):
        raise ValueError(f"{record!r} is no record")
    for item in fields(record):
        value = getattr(record, item.name)
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError(f"{type(record).__name__}.{item.name} needs a time zone")
    return canonical(asdict(record)).decode()


def decode(kind: type[T], body: str) -> T:
    """The record that ``body`` states. RecordDamaged where it does not fit its type, names what does not."""
    try:
        return typing.cast(T, _reader(typing.cast(Any, kind))(json.loads(body)))
    except (ValueError, TypeError, InvalidOperation, KeyError) as fault:
        raise RecordDamaged(
            f"a stored {kind.__name__} cannot be read ({fault})",
            remedy="run 'setpiece ledger verify' and restore the database from its last good copy",
        ) from fault


@cache
def _reader(kind: Any) -> _Reader:
    origin = typing.get_origin(kind)
    if origin in {types.UnionType, typing.Union}:
        inner = [_reader(item) for item in typing.get_args(kind) if item is not type(None)]
        if len(inner) != 1:
            raise TypeError(f"{kind} is no type of a record")
        return lambda value: None if value is None else inner[0](value)
    if origin is tuple:
        return _tuple_reader(typing.get_args(kind))
    if origin is frozenset:
        (item,) = typing.get_args(kind)
        return lambda value: frozenset(_reader(item)(one) for one in _list(value))
    if is_dataclass(kind):
        return _record_reader(typing.cast(type, kind))
    known: dict[Any, _Reader] = {date: _date, datetime: _datetime, Decimal: _decimal}
    return known[kind] if kind in known else lambda value: _plain(kind, value)


def _tuple_reader(arguments: tuple[Any, ...]) -> _Reader:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        each = _reader(arguments[0])
        return lambda value: tuple(each(one) for one in _list(value))
    readers = [_reader(item) for item in arguments]
    return lambda value: tuple(read(one) for read, one in zip(readers, _list(value), strict=True))


def _record_reader(kind: type) -> _Reader:
    hints = typing.get_type_hints(kind)
    readers = {item.name: _reader(hints[item.name]) for item in fields(kind)}
    needed = {item.name for item in fields(kind) if item.default is MISSING and item.default_factory is MISSING}

    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValueError(f"{kind.__name__} is no object")
        unknown, absent = value.keys() - readers.keys(), needed - value.keys()
        if unknown or absent:
            raise ValueError(f"{kind.__name__}: unknown {sorted(unknown)}, absent {sorted(absent)}")
        return kind(**{name: readers[name](item) for name, item in value.items()})

    return read


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list")
    return value


def _plain(kind: Any, value: Any) -> Any:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ValueError(f"{value!r} is no {kind.__name__}")
    return value


def _date(value: Any) -> date:
    return date.fromisoformat(_plain(str, value))


def _datetime(value: Any) -> datetime:
    moment = datetime.fromisoformat(_plain(str, value))
    if moment.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return moment


def _decimal(value: Any) -> Decimal:
    return Decimal(_plain(str, value))
