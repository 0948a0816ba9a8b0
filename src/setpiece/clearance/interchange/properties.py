"""Fields of a record that an exchange format has no place for, as named properties with JSON values.

Place in the flow: beneath both formats. A field is written under ``setpiece:FIELD``; what a foreign document does not
state stays at its default, which is None for everything that a rule asks about. Fees never leave.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from typing import Any

from setpiece.clearance.records import Dataset, DatasetItem, Licence, Model
from setpiece.core.errors import SetpieceError

PREFIX = "setpiece:"
_SECRET = {"fee"}
Record = Model | Dataset | DatasetItem | Licence


def properties_of(record: Record, *, besides: Iterable[str] = ()) -> list[tuple[str, str]]:
    """(name, JSON) of every field that is not at its default, but those that the format holds itself."""
    left_out = {*besides, *_SECRET}
    found = []
    for field in fields(record):
        value = getattr(record, field.name)
        if field.name not in left_out and (field.default is MISSING or value != field.default):
            found.append((PREFIX + field.name, json.dumps(value, ensure_ascii=False, sort_keys=True, default=date.isoformat)))
    return found


def fields_of(properties: Iterable[tuple[str, str]], *, known: Iterable[str], file: str) -> dict[str, Any]:
    """The fields named in ``properties``, among ``known``; others are another program's business.

    Raises :class:`SetpieceError` where a value of ours is not what it should be.
    """
    names = set(known) - _SECRET
    found: dict[str, Any] = {}
    for name, text in properties:
        field = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and field in names:
            try:
                found[field] = _frozen(field, json.loads(text))
            except (ValueError, TypeError) as error:
                raise SetpieceError(f"property {name} is damaged", file=file, remedy="export the document again") from error
    return found


def _frozen(field: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen("", item) for item in value)
    if field in ("first_day", "last_day") and value is not None:
        return date.fromisoformat(value)
    return value


def names_of(record: type[Record]) -> tuple[str, ...]:
    """The field names of a record type."""
    return tuple(field.name for field in fields(record))


def known_hash(hashes: Mapping[str, str], *, what: str, file: str) -> str:
    """The SHA-256 among an element's hashes. Raises :class:`SetpieceError` where it has none: no hash, no identity."""
    digest = hashes.get("sha256", "").lower()
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise SetpieceError(f"{what} has no SHA-256", file=file, remedy="ask its maker for a document that names its hash")
    return digest
