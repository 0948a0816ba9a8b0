"""``clear init``, ``form``, ``show``, ``list`` and a command for each kind of record: from a form into the records."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setpiece.commands.clearance_desk import HomeOption, Json, Room, absent, room, tell
from setpiece.commands.options import user
from setpiece.core.errors import BriefError, SetpieceError

if TYPE_CHECKING:
    from setpiece.clearance.ledger.log import LogEntry

# A test compares them with what documents know. Obligations and models have commands of their own besides.
ENTERED = {
    "production": "A production: its agreement, where it shoots, where it is released.",
    "performer": "A performer: names, union, birth date, rate.",
    "representative": "Who may sign for a performer.",
    "consent": "A signed consent with its scope.",
    "scan": "A scan session: when it was announced, and when it took place.",
    "replica": "A digital replica and what it was made from.",
    "licence": "A right to use something.",
    "dataset": "What a model learned from, item by item.",
    "notice": "A notice to a union.",
    "strike": "Days in which a union's members may refuse to work.",
    "transfer": "A replica handed to somebody else.",
    "disclosure": "A text that tells the audience.",
    "obligation": "Something owed (also: clear pay obligation).",
}
_DOCUMENT_FIELDS = ("document_sha256", "authority_sha256", "terms_sha256", "commitments_sha256")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

Form = Annotated[Path, typer.Argument(metavar="FILE", help="The form, filled in: TOML, or JSON.")]
KindName = Annotated[str, typer.Argument(metavar="KIND", help="consent, performer, licence, …")]


def register(app: typer.Typer) -> None:
    """Put these commands into ``clear``."""
    app.command("init")(init)
    app.command("form")(form)
    for kind, about in ENTERED.items():
        app.command(kind, help=f"Enter a record from a form. {about}")(_entering(kind))
    app.command("show")(show)
    app.command("list")(list_records)


def init(
    production: Annotated[str, typer.Option(metavar="ID", help="Short and stable: letters, digits, - . and _.")],
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where the shots lie.", show_default=False)] = Path(),
    title: Annotated[str, typer.Option(help="The production's title. [default: its id]", show_default=False)] = "",
    database: Annotated[
        str, typer.Option(metavar="URL", help="sqlite:///FILE, or postgresql+psycopg://USER@HOST/NAME for a team.")
    ] = "sqlite:///clearance.db",
    as_json: Json = False,
) -> None:
    """Make FOLDER/clearance: where a production keeps its records, keys and documents. Run twice, it changes nothing."""
    from setpiece.clearance.home import FOLDER, make_home
    from setpiece.clearance.records import Production

    if not _ID.fullmatch(production):
        raise BriefError(f"'{production}' is no id", remedy="use letters, digits, - . and _")
    if re.search(r'["\\\s]', database):
        raise BriefError("the database's URL holds quotes, backslashes or blanks", remedy="write them as %22, %5C and %20")
    home = make_home(folder / FOLDER, production=production, database=database)
    if home.production != production:
        raise BriefError(
            f"is the home of '{home.production}' already", file=home.file, remedy="name another folder for another production"
        )
    with room(home.folder) as here:
        with here.read() as tx:
            known = tx.get(Production, production)
        record = known or Production(id=production, title=title or production)
        entry = None if known else here.office.record(record, here.now)
    value = {"home": str(home.folder), "production": production, "sequence": None if entry is None else entry.sequence}
    tell(
        as_json,
        value,
        f"{production} keeps its clearance in {home.folder}",
        f"the folder {home.keys} holds its keys: copy it to a safe place, and give {home.keys / 'log.vkey'} to your auditor",
        "next: setpiece clear show production > production.toml, fill it in, setpiece clear production production.toml",
    )


def form(kind: KindName) -> None:
    """Print the commented form for a record of KIND: fill it in, then enter it with the command of its name."""
    from setpiece.clearance import documents

    typer.echo(documents.form(kind), nl=False)


def enter(here: Room, record: Any) -> LogEntry:
    """Enter a record, and say where it names a document that the vault does not hold."""
    _told_of_missing_documents(here, record)
    entry = here.office.record(record, here.now, by=user())
    _give(here, record)
    return entry


def _give(here: Room, record: Any) -> None:
    """A signed consent is in force from its signature on, and never from before it was on record."""
    from setpiece.clearance.records import ConsentEvent, ConsentGrant

    if not isinstance(record, ConsentGrant):
        return
    with here.read() as tx:
        if tx.find(ConsentEvent, grant=record.id, kind="granted"):
            return
    if record.signed_on is None:
        typer.echo("note: not signed: it is on record and allows nothing until signed_on is stated", err=True)
        return
    effective = max(here.now, datetime.combine(record.signed_on, time(), UTC))
    event = ConsentEvent(id=f"{record.id}:granted", grant=record.id, kind="granted", effective=effective, reason="signed")
    here.office.record(event, here.now)


def tell_entered(record: Any, entry: LogEntry, *, as_json: bool) -> None:
    """Id and log entry of what was entered."""
    from setpiece.clearance.documents import kind_of

    kind, id = kind_of(record), id_of(record)
    value = {"kind": kind, "id": id, "sequence": entry.sequence, "leaf_sha256": entry.leaf_hash, "at": entry.at}
    tell(as_json, value, f"{kind} {id}: log entry {entry.sequence}, {entry.leaf_hash}")


def id_of(record: Any) -> str:
    """By what a record is found."""
    from setpiece.clearance.store.kinds import kind_of

    return kind_of(type(record)).key(record)


def _entering(kind: str) -> Callable[[Path, Path | None, bool], None]:
    def enter_form(file: Form, home: HomeOption = None, as_json: Json = False) -> None:
        from setpiece.clearance import documents

        record = documents.read(file, kind=kind)
        _refuse_blank_id(record, file)
        with room(home) as here:
            entry = enter(here, record)
        tell_entered(record, entry, as_json=as_json)

    return enter_form


def _refuse_blank_id(record: Any, file: Path) -> None:
    """A form that was not filled in is no record."""
    for name in ("id", "production", "performer", "union"):
        value = getattr(record, name, None)
        if isinstance(value, str) and not value.strip():
            raise BriefError(f"'{name}' is empty", file=file, remedy="fill it in")


def _told_of_missing_documents(here: Room, record: Any) -> None:
    from setpiece.clearance.vault import SUFFIX

    for name in _DOCUMENT_FIELDS:
        stated = getattr(record, name, None)
        if stated and not (here.home.documents / stated[:2] / (stated + SUFFIX)).is_file():
            typer.echo(f"note: {name} names a document that is not in the vault: setpiece clear document add", err=True)


def show(
    kind: KindName,
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Which one. [default: all of them]")] = None,
    home: HomeOption = None,
    as_json: Json = False,
) -> None:
    """Show records as the forms that they were entered by; with --json as JSON, which is read back just the same."""
    from setpiece.clearance import documents

    with room(home) as here:
        records = _found(here, kind, id)
        notes = {id_of(record): _what_became(here, record) for record in records}
    if as_json:
        texts = [documents.as_json(record) for record in records]
        typer.echo(texts[0] if id is not None else "[" + ",\n".join(texts) + "]")
        return
    for number, record in enumerate(records):
        typer.echo("" if number == 0 else "\n", nl=False)
        typer.echo(documents.toml(record).rstrip("\n"))
        for note in notes[id_of(record)]:
            typer.echo(f"# {note}")


def list_records(kind: KindName, home: HomeOption = None, as_json: Json = False) -> None:
    """List the records of KIND: ids and names."""
    with room(home) as here:
        rows = [{"id": id_of(record), "about": _about(record)} for record in _found(here, kind, None)]
    tell(as_json, rows, *(f"{row['id']}  {row['about']}".rstrip() for row in rows) if rows else (f"no {kind} is on record",))


def _found(here: Room, kind: str, id: str | None) -> tuple[Any, ...]:
    from setpiece.clearance.documents import KINDS

    if kind not in KINDS:
        raise absent_kind(kind, tuple(KINDS))
    with here.read() as tx:
        if id is None:
            return tx.find(KINDS[kind])
        record = tx.get(KINDS[kind], id)
        if record is None:
            raise absent(kind, id, tuple(id_of(item) for item in tx.find(KINDS[kind])))
        return (record,)


def absent_kind(kind: str, known: tuple[str, ...]) -> SetpieceError:
    """The error for a kind of record that there is none of."""
    import difflib

    near = difflib.get_close_matches(kind, known, n=1, cutoff=0.5)
    return BriefError(
        f"there is no record '{kind}'", remedy=f"did you mean '{near[0]}'?" if near else f"records are {', '.join(known)}"
    )


def _about(record: Any) -> str:
    """A record in half a line."""
    words = [
        getattr(record, name, None) for name in ("title", "name", "type", "basis", "kind", "performer", "grantor", "status")
    ]
    return ", ".join(dict.fromkeys(str(word) for word in words if word))


def _what_became(here: Room, record: Any) -> tuple[str, ...]:
    """What happened to a consent since it was given."""
    from setpiece.clearance.records import ConsentEvent, ConsentGrant

    if not isinstance(record, ConsentGrant):
        return ()
    with here.read() as tx:
        events = sorted(tx.find(ConsentEvent, grant=record.id), key=lambda event: event.effective)
    return tuple(
        f"{event.kind} from {event.effective.isoformat()} on: {event.reason or 'no reason stated'}" for event in events
    )
