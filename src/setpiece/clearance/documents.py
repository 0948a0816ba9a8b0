"""Records as documents for people: commented TOML to fill in and to read back, JSON for machines.

A document names what it is (``schema = "setpiece.consent/1"``) and holds one record. A blank form comes from
:func:`form`: every field with its meaning beside it, those that may stay empty commented out. Reading refuses an
unknown field with the nearest right one. Nothing here decides anything.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from setpiece.clearance import records as r
from setpiece.clearance.plain import plain, revived
from setpiece.core.errors import BriefError

KINDS: dict[str, type[Any]] = {
    "production": r.Production,
    "performer": r.Performer,
    "representative": r.Representative,
    "consent": r.ConsentGrant,
    "scan": r.ScanSession,
    "replica": r.Replica,
    "licence": r.Licence,
    "dataset": r.Dataset,
    "model": r.Model,
    "obligation": r.Obligation,
    "notice": r.Notice,
    "strike": r.Strike,
    "transfer": r.Transfer,
    "disclosure": r.Disclosure,
}

_MEANING = {
    "id": "short and stable: letters, digits, - and _",
    "performer": "id of the performer",
    "production": "id of the production",
    "regime": "contract: S23, S26 or none",
    "photography_start": "first day of photography",
    "jurisdictions": "where the law bites: US-CA, US-NY, US-TN, EU, …",
    "territories": "where: country codes, EU, or * for anywhere",
    "union_agreement": "is union work under an agreement here?",
    "name": "as credited",
    "aliases": "other names that a prompt could use",
    "union": "SAG-AFTRA, Equity, …",
    "birth_date": "without it nobody can show that this is not a minor",
    "deceased_on": "leave out for the living",
    "daily_rate": "in quotes: '1246.00'",
    "authority_sha256": "hash of the document that proves authority (setpiece clear document)",
    "none_identified": "union only: a search found no estate",
    "type": "employment_replica, independent_replica, background_replica, alteration, reage, voice, synthetic, training",
    "description": "in plain words, specific: what will be done, in which scenes, to what end",
    "signed_on": "date of the signature",
    "separately_signed": "signed by itself, not buried in another contract",
    "conspicuous": "clear and conspicuous in the document",
    "signed_by": "id of the performer or of who may sign for them",
    "represented_by": "counsel or union representative at signing",
    "document_sha256": "hash of the signed document (setpiece clear document)",
    "supersedes": "id of the consent that this one replaces",
    "uses": "what it covers",
    "roles": "roles it covers, * for any",
    "scenes": "scenes it covers, * for any",
    "media": "feature, series, trailer, … * for any",
    "languages": "language codes, * for any",
    "ages": "[youngest, oldest] that may be portrayed",
    "first_day": "from this day on",
    "last_day": "up to this day, inclusive",
    "prohibited": "never: nudity, sex, violence, advertising, …",
    "noticed_at": "when the performer was told of the scan",
    "engaged_at": "when the performer was engaged",
    "scanned_at": "when the scan took place",
    "reason": "the business reason, in plain words",
    "weights_sha256": "SHA-256 of the actual file (setpiece clear model --file computes it)",
    "datasets": "ids of everything that it learned from",
    "about_performers": "ids of performers it was made of: a talent model",
    "training_mining": "allowed, notAllowed or constrained; leave out only where nobody looked",
    "people": "ids of people in it",
    "people_cleared": "ids of those whose consent covers training",
    "complete": "true only where no item is missing",
    "basis": "scan, replica_days, independent_fee or background_day",
    "days": "in quotes: '1.5'",
    "rate": "in quotes, a day",
    "amount": "in quotes",
    "benefit_rate": "share for benefit plans, in quotes: '0.235'",
    "residuals": "true where residuals follow",
    "status": "recorded, invoiced or paid",
    "kind": "see the guide",
}


def kind_of(record: Any) -> str:
    """The document name of a record's class."""
    return next(name for name, kind in KINDS.items() if kind is type(record))


def form(kind: str) -> str:
    """A blank, commented TOML form for a record of ``kind``. Raises BriefError for an unknown kind."""
    document = tomlkit.document()
    document.add(tomlkit.comment(f"A {kind}. Fill in, then: setpiece clear {kind} THIS_FILE"))
    document.add(tomlkit.comment("Lines with # before the name are optional: take the # away to state them."))
    document["schema"] = f"setpiece.{kind}/1"
    text = tomlkit.dumps(document)
    return text + "\n".join(_form_lines(_class(kind), prefix="")) + "\n"


def _form_lines(kind: type[Any], *, prefix: str) -> list[str]:
    lines: list[str] = []
    tables: list[str] = []
    for field in fields(kind):
        meaning = _MEANING.get(field.name, "")
        optional = field.default is not MISSING or field.default_factory is not MISSING
        hint = str(field.type)
        if hint == "Scope":
            tables += [
                "",
                f"[{prefix}{field.name}]  # what is allowed: what is left out is not",
                *_form_lines(r.Scope, prefix=""),
            ]
        elif hint.startswith("tuple[DatasetItem"):
            tables += ["", f"# [[{prefix}{field.name}]]  # one such table for each item"]
            tables += [f"# {line.removeprefix('# ')}" for line in _form_lines(r.DatasetItem, prefix="")]
        else:
            line = f"{field.name} = {_blank(hint)}"
            lines.append(f"{'# ' if optional else ''}{line:<44}{'# ' + meaning if meaning else ''}".rstrip())
    return lines + tables


def _blank(hint: str) -> str:
    if hint.startswith("tuple[int"):
        return "[20, 40]"
    if hint.startswith("tuple"):
        return "[]"
    if hint.startswith("datetime"):
        return "2026-01-31T09:00:00Z"
    if hint.startswith("date"):
        return "2026-01-31"
    return "false" if hint.startswith("bool") else '""'


def read(path: Path, *, kind: str | None = None) -> Any:
    """The record in a TOML or JSON document.

    Raises BriefError where the file cannot be read, is of another kind, or states what the record does not have.
    """
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise BriefError("cannot be read", file=path, remedy="check the name; it must be a text file in UTF-8") from error
    except ValueError as error:
        raise BriefError(f"is not {path.suffix.lstrip('.') or 'toml'}: {error}", file=path, remedy="mend that line") from error
    schema = values.pop("schema", None)
    found = str(schema).removeprefix("setpiece.").removesuffix("/1")
    if found not in KINDS or schema != f"setpiece.{found}/1":
        raise BriefError(
            f"has the schema {schema!r}", file=path, remedy=f'write schema = "setpiece.{kind or "consent"}/1" as its first line'
        )
    if kind is not None and found != kind:
        raise BriefError(f"holds a {found}, asked was a {kind}", file=path, remedy=f"setpiece clear {found} {path.name}")
    return revived(KINDS[found], values, file=str(path))


def toml(record: Any) -> str:
    """A record as a TOML document with the meaning of each field beside it; what is None is left out."""
    document = tomlkit.document()
    document["schema"] = f"setpiece.{kind_of(record)}/1"
    _fill(document, record)
    return tomlkit.dumps(document)


def _fill(table: Any, record: Any) -> None:
    for field in fields(record):
        value = getattr(record, field.name)
        if value is None:
            continue
        if is_dataclass(value):
            inner = tomlkit.table()
            _fill(inner, value)
            table[field.name] = inner
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            table[field.name] = _tables(value)
        else:
            item = tomlkit.item(plain(value))
            if field.name in _MEANING:
                item.comment(_MEANING[field.name])
            table[field.name] = item


def _tables(values: tuple[Any, ...]) -> tomlkit.items.AoT:
    array = tomlkit.aot()
    for value in values:
        inner: Table = tomlkit.table()
        _fill(inner, value)
        array.append(inner)
    return array


def as_json(record: Any) -> str:
    """A record as JSON for machines."""
    return json.dumps({"schema": f"setpiece.{kind_of(record)}/1", **plain(record)}, indent=2, ensure_ascii=False)


def _class(kind: str) -> type[Any]:
    if kind not in KINDS:
        raise BriefError(f"there is no record '{kind}'", remedy=f"records are {', '.join(KINDS)}")
    return KINDS[kind]
