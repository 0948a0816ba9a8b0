"""``clear model``: models by the hash of their actual weights, in from forms, SPDX 3 and CycloneDX, and out again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import setpiece
from setpiece.commands.clearance_desk import HomeOption, Json, Room, absent, room, tell
from setpiece.commands.clearance_records import enter, id_of
from setpiece.core.errors import BriefError, ClearanceRefused

if TYPE_CHECKING:
    from setpiece.clearance.lineage import Lineage
    from setpiece.clearance.records import Facts, Model


def model(
    form: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The form, filled in.", show_default=False)] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="WEIGHTS", help="The weights: their hash is taken from this very file.")
    ] = None,
    from_spdx: Annotated[Path | None, typer.Option(metavar="FILE", help="Enter what an SPDX 3 document says.")] = None,
    from_cyclonedx: Annotated[Path | None, typer.Option(metavar="FILE", help="Enter what a CycloneDX ML-BOM says.")] = None,
    export_spdx: Annotated[
        tuple[str, Path] | None, typer.Option(metavar="ID OUT", help="Write a model's lineage as SPDX 3.", show_default=False)
    ] = None,
    export_cyclonedx: Annotated[
        tuple[str, Path] | None, typer.Option(metavar="ID OUT", help="Write it as CycloneDX ML-BOM.", show_default=False)
    ] = None,
    home: HomeOption = None,
    as_json: Json = False,
) -> None:
    """Enter a model, or write out its lineage. It says what the lineage lacks: a model does not load before it is complete."""
    jobs = [job for job in (form, from_spdx, from_cyclonedx, export_spdx, export_cyclonedx) if job is not None]
    if len(jobs) != 1:
        raise BriefError(
            "one thing at a time: a form, one document to read, or one to write", remedy="setpiece clear model --help"
        )
    with room(home) as here:
        if export_spdx is not None:
            _export(here, *export_spdx, spdx=True, as_json=as_json)
        elif export_cyclonedx is not None:
            _export(here, *export_cyclonedx, spdx=False, as_json=as_json)
        elif form is not None:
            record = _of_form(form, file)
            entries = [(record, enter(here, record).sequence)]
            _told(here, record, entries, as_json)
        else:
            lineage = _read(from_spdx, from_cyclonedx)
            if file is not None:
                _same_weights(lineage.model.weights_sha256, file)
            _told(here, lineage.model, _enter_lineage(here, lineage), as_json)


def _of_form(form: Path, file: Path | None) -> Model:
    """The model that a form states, with the hash of the actual file where that is given."""
    from setpiece.clearance import documents
    from setpiece.clearance.lineage import weights_sha256

    record: Model = documents.read(form, kind="model")
    stated = record.weights_sha256.strip().lower()
    if file is not None and not stated:
        return replace(record, weights_sha256=weights_sha256(file))
    if file is not None:
        _same_weights(stated, file)
    if len(stated) != 64 or set(stated) - set("0123456789abcdef"):
        raise BriefError(
            "'weights_sha256' is no SHA-256", file=form, remedy="name the weights with --file: their hash is taken then"
        )
    return replace(record, weights_sha256=stated)


def _same_weights(stated: str, file: Path) -> None:
    from setpiece.clearance.lineage import weights_sha256

    found = weights_sha256(file)
    if found != stated:
        raise ClearanceRefused(
            f"is not the model that is stated: its hash is {found}, stated is {stated}",
            file=file,
            remedy="name the weights that the document is about",
        )


def _read(spdx: Path | None, cyclonedx: Path | None) -> Lineage:
    from setpiece.clearance.interchange.cyclonedx import from_cyclonedx
    from setpiece.clearance.interchange.spdx import from_spdx

    path = spdx or cyclonedx
    assert path is not None
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BriefError(f"cannot be read: {error.strerror}", file=path, remedy="check the name") from error
    return from_spdx(content, file=str(path)) if spdx else from_cyclonedx(content, file=str(path))


def _enter_lineage(here: Room, lineage: Lineage) -> list[tuple[Any, int]]:
    """Enter what is not on record yet. A document of somebody else's never changes what a person entered."""
    entries: list[tuple[Any, int]] = []
    fresh = []
    with here.read() as tx:
        for record in (*lineage.licences, *lineage.datasets, *reversed(lineage.bases), lineage.model):
            known: Any = tx.get(type(record), id_of(record))
            if known is None:
                fresh.append(record)
            elif known != record and not _same_but_secrets(known, record):
                kind = type(record).__name__.lower()
                raise ClearanceRefused(
                    f"{kind} '{id_of(record)}' is on record and says something else than this document",
                    remedy=f"compare with: setpiece clear show {kind} '{id_of(record)}'; enter what is right by its own form",
                )
    for record in fresh:
        entries.append((record, here.office.record(record, here.now).sequence))
    return entries


def _same_but_secrets(known: Any, record: Any) -> bool:
    """Fees never stand in a document that others read."""
    return hasattr(known, "fee") and replace(known, fee=None) == replace(record, fee=None)


def _register(here: Room) -> Facts:
    from setpiece.clearance.records import Dataset, Facts, Licence, Model

    with here.read() as tx:
        return Facts(models=tx.find(Model), datasets=tx.find(Dataset), licences=tx.find(Licence))


def _told(here: Room, record: Model, entries: list[tuple[Any, int]], as_json: bool) -> None:
    from setpiece.clearance.lineage import lacking

    lacks = lacking(record.weights_sha256, _register(here))
    value = {
        "id": record.weights_sha256,
        "entered": [{"kind": type(item).__name__.lower(), "id": id_of(item), "sequence": at} for item, at in entries],
        "lacks": list(lacks),
    }
    lines = [f"{type(item).__name__.lower()} {id_of(item)}: log entry {at}" for item, at in entries]
    verdict = "its lineage lacks, so it does not load:" if lacks else "its lineage is complete; the rules decide on its use"
    tell(as_json, value, *(lines or ["all of it is on record already"]), verdict, *(f"  {what}" for what in lacks))


def _export(here: Room, id: str, out: Path, *, spdx: bool, as_json: bool) -> None:
    from setpiece.clearance.interchange.cyclonedx import to_cyclonedx
    from setpiece.clearance.interchange.spdx import to_spdx
    from setpiece.clearance.lineage import lineage_of
    from setpiece.media.files import write_bytes

    facts = _register(here)
    known = {name for item in facts.models for name in (item.weights_sha256, item.name)}
    match = [item for item in facts.models if id in (item.weights_sha256, item.name)]
    if len(match) != 1:
        if match:
            raise BriefError(f"{len(match)} models are called '{id}'", remedy="name it by the hash of its weights")
        raise absent("model", id, tuple(known))
    lineage = lineage_of(match[0].weights_sha256, facts)
    assert lineage is not None  # it was just found among them
    software = f"setpiece {setpiece.__version__}"
    write_bytes(out, (to_spdx if spdx else to_cyclonedx)(lineage, now=here.now, software=software))
    standard = "SPDX 3" if spdx else "CycloneDX"
    tell(as_json, {"id": match[0].weights_sha256, "file": str(out)}, f"{out}: lineage of {match[0].name}, {standard}")
