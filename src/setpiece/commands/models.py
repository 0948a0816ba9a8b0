"""``setpiece models``: the register of models. Add weights, list them, check whether they would load, withdraw them.

A model is its weights: they are hashed where they lie, each time. What is known of a public one comes from a template,
with the pages of its maker; what nobody published is unknown, and unknown stops at the gate (M1) until somebody completes
the record or the studio answers for it by name, shot by shot: ``setpiece clear override``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setpiece.commands.clearance_desk import HomeOption, Json, Person, Reason, Room, absent, room, tell
from setpiece.commands.models_told import in_short, lines_of, remedies_of, told_of
from setpiece.commands.options import user
from setpiece.core.errors import BriefError, ClearanceRefused

if TYPE_CHECKING:
    from setpiece.clearance.model_cards import ModelCard
    from setpiece.clearance.model_templates import Template
    from setpiece.clearance.records import Model

app = typer.Typer(no_args_is_help=True, help="Models: which there are, what they come from, whether they would load.")
_GIB = 1024**3
_TAKES_A_WHILE = 2 * _GIB
_YES_NO = {"yes": True, "no": False, "unknown": None}

Weights = Annotated[Path, typer.Argument(metavar="PATH", help="The weights: a file, or a model's folder.")]
Which = Annotated[str, typer.Argument(metavar="MODEL", help="Its weights' path, its name, or the hash of its weights.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stated:
    """What the options of ``add`` say; None and empty say nothing."""

    name: str | None
    version: str | None
    licence: str | None
    datasets: list[str]
    base: str | None
    production: str | None
    about: list[str]
    performances: bool | None
    public: bool | None


@app.command()
def add(
    path: Weights,
    template: Annotated[str | None, typer.Option(metavar="ID", help="A public model: setpiece models templates.")] = None,
    name: Annotated[str | None, typer.Option(help="[default: the template's, or the file's]", show_default=False)] = None,
    version: Annotated[str | None, typer.Option(show_default=False)] = None,
    licence: Annotated[str | None, typer.Option(metavar="ID", help="A licence on record, instead of the template's.")] = None,
    licensed_from: Annotated[
        str | None, typer.Option(metavar="DAY", help="Since when you hold the template's licence, having read it: 2026-11-22.")
    ] = None,
    licence_document: Annotated[Path | None, typer.Option(metavar="FILE", help="Its text: the hash goes on record.")] = None,
    dataset: Annotated[list[str] | None, typer.Option(metavar="ID", help="What it learned from; may be repeated.")] = None,
    base: Annotated[str | None, typer.Option(metavar="MODEL", help="What it was tuned from: a name or hash on record.")] = None,
    production: Annotated[str | None, typer.Option(metavar="ID", help="The only production that may use it.")] = None,
    about: Annotated[list[str] | None, typer.Option(metavar="PERFORMER", help="Whom it was made of; may be repeated.")] = None,
    performances: Annotated[
        str | None, typer.Option(metavar="yes|no|unknown", help="Learned from performances licensed for pay? (M6)")
    ] = None,
    public: Annotated[
        str | None, typer.Option(metavar="yes|no|unknown", help="A generator offered to the public? (M6)")
    ] = None,
    family: Annotated[str | None, typer.Option(help="Family of the engine that loads it, as wan-vace.")] = None,
    control: Annotated[list[str] | None, typer.Option(help="A pass that steers it; may be repeated.")] = None,
    memory_gb: Annotated[float | None, typer.Option(min=0.01, max=100000, help="Memory that it needs, GB.")] = None,
    again: Annotated[str, typer.Option(metavar="REASON", help="Add a withdrawn model again, and why.")] = "",
    home: HomeOption = None,
    as_json: Json = False,
) -> None:
    """Hash the weights at PATH and enter them: licence, lineage, what they can do, what they need.

    Run again, it completes what is on record: only what you state changes.
    """
    from setpiece.clearance.model_templates import template_of

    known = None if template is None else template_of(template)
    day = _day(licensed_from)
    if known is None and (day is not None or licence_document is not None):
        raise BriefError("without a template there is no licence to date", remedy="enter it with 'setpiece clear licence'")
    stated = _Stated(
        name=name, version=version, licence=licence, datasets=dataset or [], base=base, production=production,
        about=about or [], performances=_answer("--performances", performances), public=_answer("--public", public),
    )  # fmt: skip
    with room(home) as here:
        sha = _hashed(path)
        old = _record(here, sha)
        model = _entered(here, sha, path, old, known, stated, again)
        model = replace(model, third_party_performances=None) if performances == "unknown" else model
        model = replace(model, public_commercial=None) if public == "unknown" else model
        entries = _enter_papers(here, known, model, day, licence_document)
        if model != old:
            entries.append(("model", sha, here.office.record(model, here.now, by=user()).sequence))
        card = _carded(here, path, model, known, family, control, memory_gb, again)
        told = told_of(here, model, card)
    value = told | {"entered": [{"kind": kind, "id": id, "sequence": at} for kind, id, at in entries]}
    lines = [f"{kind} {id}: log entry {at}" for kind, id, at in entries] or ["all of it is on record already"]
    tell(as_json, value, *lines, *lines_of(told))


@app.command("list")
def list_models(home: HomeOption = None, as_json: Json = False) -> None:
    """Every model on record: what it can do, and what would stop it. Weights are not hashed for that: ``check`` does."""
    from setpiece.clearance.model_cards import all_cards
    from setpiece.clearance.records import Model

    with room(home) as here:
        cards = all_cards(here.home.folder, here.office)
        with here.read() as tx:
            models = sorted(tx.find(Model), key=lambda model: (model.name, model.weights_sha256))
        rows = [told_of(here, model, cards.get(model.weights_sha256)) for model in models]
    lines = [
        f"{row['id'][:12]}  {row['name']} {row['version']}".rstrip() + f"  {row['family'] or '-'}  {in_short(row)}"
        for row in rows
    ]
    tell(as_json, rows, *(lines or ["no model is on record: setpiece models add"]))


@app.command()
def check(
    model: Which,
    shot: Annotated[
        Path | None, typer.Option(metavar="SHOT", help="Count what was overridden for this shot: its name or folder.")
    ] = None,
    home: HomeOption = None,
    as_json: Json = False,
) -> None:
    """Hash the weights again and say whether they would load, and which rule stops them. Exit code 10 where they would not."""
    with room(home) as here:
        found, card, where = _where(here, model)
        sha = None if where is None else _hashed(where)
        told = told_of(here, found, card, shot)
    told["path"] = None if where is None else str(where)
    told["hash_matches"] = None if sha is None else sha == found.weights_sha256
    told["would_load"] = bool(told["hash_matches"]) and told["would_load"]
    tell(as_json, told, *lines_of(told))
    if sha is None:
        raise ClearanceRefused(
            f"nobody recorded where the weights of '{found.name}' lie", remedy="setpiece models check PATH, with their path"
        )
    if sha != found.weights_sha256:
        raise ClearanceRefused(
            f"is not '{found.name}' as registered: its hash is {sha}, registered is {found.weights_sha256}",
            file=where,
            remedy="put the registered weights back, or add these: setpiece models add",
        )
    if not told["would_load"]:
        stops = "; ".join(f"rule {stop['rule']}: {stop['reason']}" for stop in told["stopped_by"])
        raise ClearanceRefused(f"would not load: {stops}", file=where, remedy=remedies_of(told))


@app.command()
def remove(model: Which, person: Person, reason: Reason, home: HomeOption = None, as_json: Json = False) -> None:
    """Withdraw a model: it loads no more, from now on. Nothing is deleted: records, log and weights stay where they are."""
    from setpiece.clearance.model_cards import is_withdrawn, withdrawal, write_card

    if not person.strip() or not reason.strip():
        raise BriefError("a withdrawal needs a name and a reason", remedy="state --person and --reason in words")
    with room(home) as here:
        found, card, _ = _where(here, model)
        if is_withdrawn(found):
            raise ClearanceRefused(f"'{found.name}' is withdrawn already", remedy="setpiece models list shows since when")
        day = here.now.date()
        licence, gone = withdrawal(found, person=person.strip(), reason=reason.strip(), day=day)
        here.office.record(licence, here.now, by=user())
        entry = here.office.record(gone, here.now, by=user())
        if card is not None:
            story = (*card.story, f"withdrawn by {person.strip()} on {day}: {reason.strip()}")
            write_card(here.home.folder, replace(card, story=story), here.office)
    value = {"id": found.weights_sha256, "name": found.name, "withdrawn": str(day), "sequence": entry.sequence}
    tell(as_json, value, f"{found.name} is withdrawn: log entry {entry.sequence}; its weights stay where they are, unused")


@app.command("templates")
def list_templates(as_json: Json = False) -> None:
    """The public models that a template is shipped for: what their makers have published, and what is unknown."""
    from setpiece.clearance.model_templates import templates

    rows = [
        {
            "id": item.id, "name": item.name, "version": item.version, "maker": item.maker, "read_on": str(item.read_on),
            "family": item.family, "controls": list(item.controls), "parameters": item.parameters,
            "memory_bytes": item.memory_bytes, "needs": item.needs.says, "licence": item.licence.says,
            "licence_uses": list(item.licence_uses), "conditions": item.licence.note, "training": item.training.says,
            "training_note": item.training.note, "lineage": "unknown", "performances": item.third_party_performances,
            "public": item.public_commercial,
            "pages": list(dict.fromkeys((item.can.page, item.needs.page, item.licence.page, item.training.page))),
        }
        for item in templates().values()
    ]  # fmt: skip
    lines = [f"{row['id']}: {row['licence']}; learned from: {row['training']} (lineage {row['lineage']})" for row in rows]
    tell(as_json, rows, *lines)


def _hashed(path: Path) -> str:
    from setpiece.clearance.lineage import weights_sha256

    if not path.exists():
        raise BriefError("is not there", file=path, remedy="name the weights: a file, or a model's folder")
    below = path.rglob("*") if path.is_dir() else (path,)
    size = sum(item.stat().st_size for item in below if item.is_file())
    if size > _TAKES_A_WHILE:
        typer.echo(f"hashing {size / _GIB:.1f} GB …", err=True)
    return weights_sha256(path)


def _record(here: Room, sha: str) -> Model | None:
    from setpiece.clearance.records import Model

    with here.read() as tx:
        return tx.get(Model, sha)


def _entered(
    here: Room, sha: str, path: Path, old: Model | None, template: Template | None, stated: _Stated, again: str
) -> Model:
    """The record as it is to be: what stands there, what the template says, and over both what was stated."""
    from setpiece.clearance.model_cards import is_withdrawn, reinstated
    from setpiece.clearance.records import Model

    model = old
    if model is not None and is_withdrawn(model):
        if not again.strip():
            raise ClearanceRefused(f"'{model.name}' was withdrawn", file=path, remedy="state --again and the reason")
        model = reinstated(model)
    if template is not None:
        model = _completed(model, template.model_record(sha))
    if model is None:
        model = Model(weights_sha256=sha, name=path.resolve().name)
    changes: dict[str, Any] = {
        "name": stated.name, "version": stated.version, "licence": stated.licence, "production": stated.production,
        "datasets": tuple(stated.datasets) or None, "about_performers": tuple(stated.about) or None,
        "third_party_performances": stated.performances, "public_commercial": stated.public,
        "base": None if stated.base is None else _named(here, stated.base).weights_sha256,
    }  # fmt: skip
    return replace(model, **{field: value for field, value in changes.items() if value is not None})


def _completed(model: Model | None, fresh: Model) -> Model:
    """What a template says, under what is on record already."""
    if model is None:
        return fresh
    blanks = {item.name: getattr(fresh, item.name) for item in fields(fresh) if getattr(model, item.name) in (None, "", ())}
    return replace(model, **blanks)


def _enter_papers(
    here: Room, template: Template | None, model: Model, day: date | None, document: Path | None
) -> list[tuple[str, str, int]]:
    """Enter the template's dataset and licence where the model goes by them. What a person entered since stays."""
    from setpiece.clearance.records import Dataset, Licence
    from setpiece.media.files import sha256_file

    if template is None:
        return []
    entries = []
    learned = template.dataset_record()
    licence = template.licence_record(first_day=day, document_sha256=None if document is None else sha256_file(document))
    with here.read() as tx:
        old_dataset, old = tx.get(Dataset, learned.id), tx.get(Licence, licence.id)
    if learned.id in model.datasets and old_dataset is None:
        entries.append(("dataset", learned.id, here.office.record(learned, here.now, by=user()).sequence))
    if licence.id != model.licence and (day is not None or document is not None):
        raise BriefError(
            f"'{model.name}' goes by licence '{model.licence}', not by the template's",
            remedy="enter that licence's days with 'setpiece clear licence'",
        )
    if licence.id == model.licence:
        if old is not None:
            dated, hashed = day or old.first_day, licence.document_sha256 or old.document_sha256
            licence = replace(old, first_day=dated, document_sha256=hashed)
        if licence != old:
            entries.append(("licence", licence.id, here.office.record(licence, here.now, by=user()).sequence))
    return entries


def _carded(
    here: Room, path: Path, model: Model, template: Template | None, family: str | None, control: list[str] | None,
    memory_gb: float | None, again: str,
) -> ModelCard:  # fmt: skip
    """Write what is known besides: what it can do and needs, from the template and over that from what was stated."""
    from setpiece.clearance.model_cards import card_of, read_card, write_card
    from setpiece.clearance.times import rfc3339

    old = read_card(here.home.folder, model.weights_sha256, here.office)
    seen = card_of(path, model.weights_sha256)
    card = replace(seen, added_by=user(), added_at=rfc3339(here.now))
    if old is not None:
        card = replace(old, path=seen.path, bytes=seen.bytes, never_loaded=seen.never_loaded)
    if template is not None:
        card = replace(
            card, template=template.id, engine=template.engine, family=template.family, controls=template.controls,
            memory_bytes=template.memory_bytes, memory_note=template.needs.says,
        )  # fmt: skip
    card = replace(
        card,
        family=card.family if family is None else family,
        controls=tuple(control) if control else card.controls,
        memory_bytes=card.memory_bytes if memory_gb is None else round(memory_gb * _GIB),
        story=(*card.story, f"added again by {user()} on {here.now.date()}: {again.strip()}") if again.strip() else card.story,
    )
    if card != old:
        write_card(here.home.folder, card, here.office)
    return card


def _named(here: Room, text: str) -> Model:
    """The one model on record with this name, or this hash (or its first twelve digits and more)."""
    from setpiece.clearance.records import Model

    with here.read() as tx:
        models = tx.find(Model)
    match = [item for item in models if item.name == text or (len(text) >= 12 and item.weights_sha256.startswith(text))]
    if len(match) > 1:
        raise BriefError(f"{len(match)} models are called '{text}'", remedy="name it by the hash of its weights")
    if not match:
        raise absent("model", text, tuple(word for item in models for word in (item.name, item.weights_sha256)))
    return match[0]


def _where(here: Room, text: str) -> tuple[Model, ModelCard | None, Path | None]:
    """The model that is meant, its card, and the weights to hash: those named, or those where it was added from.

    Raises ClearanceRefused for weights that nobody registered, or that were changed since.
    """
    from setpiece.clearance.model_cards import all_cards

    cards = all_cards(here.home.folder, here.office)
    path = Path(text)
    if path.exists():
        sha = _hashed(path)
        found = _record(here, sha)
        if found is not None:
            return found, cards.get(sha), path
        was = [card for card in cards.values() if card.path == str(path.resolve())]
        if was:
            raise ClearanceRefused(
                f"was changed since it was registered: its hash is {sha}, registered is {was[-1].weights_sha256}",
                file=path,
                remedy="put the registered weights back, or add these: setpiece models add",
            )
        raise ClearanceRefused(
            f"is not a registered model (its hash is {sha})", file=path, remedy="register it: setpiece models add"
        )
    model = _named(here, text)
    card = cards.get(model.weights_sha256)
    return model, card, None if card is None else Path(card.path)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise BriefError(f"'{text}' is no day", remedy="write --licensed-from 2026-11-22") from error


def _answer(option: str, text: str | None) -> bool | None:
    if text is not None and text not in _YES_NO:
        raise BriefError(f"{option} {text} is no answer", remedy="write yes, no or unknown")
    return None if text is None else _YES_NO[text]
