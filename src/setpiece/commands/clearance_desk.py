"""What every command of clearance shares: which folder counts, opening it, which shot is meant, words and JSON.

The folder is the nearest ``clearance/`` above the place where one stands, or the one named with ``--home``. There is no
option that leaves it out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setpiece.core.errors import BriefError, SetpieceError

if TYPE_CHECKING:
    from setpiece.clearance.home import Home
    from setpiece.clearance.office import Office
    from setpiece.clearance.store.transaction import DecisionRow, Transaction

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", metavar="FOLDER", help="The clearance folder. [default: the nearest one from here upwards]"),
]
Json = Annotated[bool, typer.Option("--json", help="JSON for machines.")]
Role = Annotated[
    str, typer.Option(help="studio, legal, vfx_supervisor, guild_liaison, performer, producer, likeness_reviewer.")
]
Person = Annotated[str, typer.Option(help="First and last name.")]
Reason = Annotated[str, typer.Option(help="Why, in words that others will read.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A production's clearance, open for one command; ``now`` is the moment of the command."""

    home: Home
    office: Office
    now: datetime

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A look at the records."""
        with self.office.store.read(self.now) as tx:
            yield tx


def located(home: Path | None, start: Path | None = None) -> Home:
    """The clearance folder that counts, read. Raises BriefError where there is none."""
    from setpiece.clearance.home import FOLDER, NAME, home_of, load_home

    if home is None:
        return load_home(home_of(start or Path.cwd()))
    return load_home(home / FOLDER if (home / FOLDER / NAME).is_file() else home)


@contextmanager
def room(home: Path | None, start: Path | None = None) -> Iterator[Room]:
    """Open the clearance folder that counts, for one command. Raises BriefError, PolicyRefused, OutputFailed."""
    from setpiece import wiring
    from setpiece.production.clearing import opened

    desk = opened(located(home, start), wiring.now)
    try:
        yield Room(home=desk.home, office=desk.office, now=wiring.now())
    finally:
        desk.close()


def subject_of(shot: Path) -> tuple[str, Path]:
    """What the records call a shot, and where to look for its clearance folder: a shot's folder, or its bare name."""
    if (shot / "brief.yaml").is_file():
        from setpiece.intake.brief import load_brief

        return load_brief(shot / "brief.yaml").shot.name, shot
    return str(shot), Path.cwd()


def standing(tx: Transaction, about: str) -> tuple[DecisionRow, ...]:
    """The latest decision of each gate about a shot, the newest last."""
    latest = {row.gate: row for row in tx.decided(about)}
    return tuple(sorted(latest.values(), key=lambda row: row.sequence))


def tell(as_json: bool, value: Any, *lines: str) -> None:
    """``value`` as JSON where machines asked, else the lines."""
    if as_json:
        typer.echo(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True))
    else:
        for line in lines:
            typer.echo(line)


def absent(kind: str, id: str, known: Iterator[str] | tuple[str, ...]) -> SetpieceError:
    """The error for a record that is not there, with the nearest one that is."""
    import difflib

    near = difflib.get_close_matches(id, list(known), n=1, cutoff=0.5)
    remedy = f"did you mean '{near[0]}'?" if near else f"run: setpiece clear list {kind}"
    return BriefError(f"there is no {kind} '{id}' on record", remedy=remedy)
