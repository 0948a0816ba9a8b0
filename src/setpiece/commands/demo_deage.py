"""``setpiece demo --deage``: a public-domain portrait, animated by our own code, made younger; every step of the department.

It is a rehearsal, and says so. The gates ask here what they ask everywhere: a consent, three approvals before the first
pixel and three before the last. The person in the portrait was asked nothing, so the records that the demo enters are a
stand-in for papers: they lie in the demo's own folder, count for nothing else, and every picture is marked as not final.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import typer

import setpiece
from setpiece.commands import options as o
from setpiece.commands.declare import declaration_for, declare_in, tell_declaration
from setpiece.commands.shot import make_shot
from setpiece.core.errors import ClearanceRefused, DependencyMissing, SetpieceError

FRAMES = 48
SHOT = "sh020"
SITTER = "sitter"
NOTICE = (
    "This is a rehearsal on a public-domain NASA portrait. The person in it was asked nothing: consent, pay and approvals",
    "below are stand-ins that the demo enters into its own folder, so that you can see what the gates ask for. Nothing",
    "that it makes may be released; with a performer of yours the same gates wait for real papers and real people.",
)
T = TypeVar("T")
_PAPER = "setpiece demo: a stand-in for a signed consent. Nobody signed it.\n"


def demo_deage(folder: Path, *, declare: list[str] | None, workers: int | None, steps: int) -> None:
    """Run all of it in ``folder``; run again, it goes on where it stopped. Raises SetpieceErrors only."""
    for line in NOTICE:
        typer.echo(f"note: {line}", err=True)
    folder = folder.absolute()
    shot = folder / SHOT
    plate = _performance(folder / "plate")
    rehearse_records(folder)
    _shot(shot, plate, declare)
    from setpiece import wiring
    from setpiece.intake.brief import load_brief
    from setpiece.production.progress import shown
    from setpiece.production.run import Order

    with shown(shot) as progress:
        if not load_brief(shot / "brief.yaml").deage.keyframes.painted:
            keys = _rehearsed(shot, lambda: wiring.write_keys(shot, None, progress, plain=False))
            painted = _paint(keys, folder / "painted")
            wiring.take_keys(shot, painted, progress)
        if load_brief(shot / "brief.yaml").deage.learn.model is None:
            learned = wiring.learn(shot, progress, steps=steps)
            typer.echo(f"learned: {learned.preview}")
        finished = _rehearsed(shot, lambda: wiring.run_shot(shot, Order(workers=workers), progress))
    from setpiece.commands.make import tell_finished

    tell_finished(finished, shot)


def _rehearsed(shot: Path, work: Callable[[], T]) -> T:
    """Do ``work``; where a gate waits for people, let the rehearsal's stand-ins say yes, aloud, and do it again."""
    from setpiece import wiring
    from setpiece.production.status import approve_shot, status_of
    from setpiece.production.workspace import Workspace

    for _ in range(3):
        try:
            return work()
        except ClearanceRefused:
            workspace = Workspace.at(shot)
            waiting = status_of(workspace, wiring.now).waiting_for
            if not waiting:
                raise
            typer.echo(f"the gate waits for {' and '.join(waiting)}: rehearsed")
            for role in waiting:
                approve_shot(
                    workspace, role=role, person=f"Rehearsed {role}", now=wiring.now, note="a rehearsal, nobody was asked"
                )
    return work()


def _performance(folder: Path) -> Path:
    """The animated portrait as an EXR sequence; its first file."""
    first = folder / "plate" / "portrait.1001.exr"
    if not (folder / "truth.npz").is_file():
        typer.echo("animating the portrait")
        _example("portrait", str(folder), "--frames", str(FRAMES), "--no-truth")
    return first


def _paint(keys: Path, out: Path) -> list[Path]:
    """What an artist would do, done by code: lips, freckles, a mole less."""
    typer.echo("painting the keyframes (code stands in for the artist)")
    _example("paint", str(out), "--keys", str(keys / "full"), "--of", "portrait", "--frames", str(FRAMES))
    return sorted(out.glob("*.exr"))


def _example(*arguments: str) -> None:
    root = Path(setpiece.__file__).resolve().parents[2]
    if not (root / "examples" / "performances").is_dir():
        raise DependencyMissing(
            "the demo's performance is drawn by examples/performances, which an installed package lacks",
            remedy="run it in a checkout: git clone, make demo",
        )
    done = subprocess.run(
        [sys.executable, "-m", "examples.performances", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SetpieceError(f"the portrait was not drawn: {done.stderr.strip()[-300:]}", remedy="report this")


def _shot(shot: Path, plate: Path, declare: list[str] | None) -> None:
    brief = shot / "brief.yaml"
    if brief.exists():
        declare_in(brief, declare)
    else:
        values: dict[str, object] = {
            "performer.id": SITTER,
            "performer.role": "the sitter",
            "performer.scene": "demo",
            "performer.portrayed_age": 20,
            "performer.media": ["rehearsal"],
            "performer.territories": ["US"],
            "performer.language": "en",
            "age.years": -20.0,
        }
        declaration = declaration_for(shot, declare, purpose="previs", final=False, requester=None)
        declaration |= {"people": [SITTER], "prominence": "incidental", "real_event": False, "union_work_displaced": False}
        make_shot(shot, plate, values, show="Setpiece demo", declaration=declaration, department="deage")
    tell_declaration(brief)


def rehearse_records(folder: Path) -> None:
    """The rehearsal's records: a production, the sitter, two stand-ins for consents, and what is owed (nothing)."""
    import hashlib
    from datetime import timedelta
    from decimal import Decimal

    from setpiece import wiring
    from setpiece.clearance.home import FOLDER, make_home
    from setpiece.clearance.records import ConsentEvent, ConsentGrant, Obligation, Performer, Production, Scope
    from setpiece.commands.clearance_desk import room
    from setpiece.media.files import write_text

    home = make_home(folder / FOLDER, production="demo")
    if not (folder / "stand-in.txt").is_file():
        write_text(folder / "stand-in.txt", _PAPER)
    today, paper = wiring.now().date(), hashlib.sha256(_PAPER.encode()).hexdigest()

    def consent(kind: str, type_: str) -> ConsentGrant:
        scope = Scope(
            uses=(kind,), roles=("*",), scenes=("demo",), media=("rehearsal",), languages=("en",), territories=("US",),
            ages=(18, 90), first_day=today, last_day=today + timedelta(days=1),
        )  # fmt: skip
        return ConsentGrant(
            id=f"{SITTER}-{kind}", performer=SITTER, production="demo", type=type_, scope=scope, signed_by=SITTER,
            description="REHEARSAL, nobody signed: the demo's portrait made younger here, to show what the gates ask",
            signed_on=today, separately_signed=True, conspicuous=True, document_sha256=paper,
        )  # fmt: skip

    grants = (consent("reage", "employment_replica"), consent("training", "training"))
    with room(home.folder) as here:
        now = here.now
        for record in (
            Production(id="demo", title="Rehearsal", regime="none", photography_start=today, jurisdictions=("US-TX",),
                       territories=("US",), union_agreement=False, strikes_checked_on=today),
            Performer(id=SITTER, name="Portrait Sitter", union="none", birth_date=today.replace(year=1956, day=1),
                      daily_rate=Decimal("0.00")),
            *grants,
            Obligation(id=f"{SITTER}-days", performer=SITTER, production="demo", basis="replica_days", subject="demo",
                       days=Decimal(1), rate=Decimal("0.00"), amount=Decimal("0.00"), benefit_rate=Decimal("0.00"),
                       residuals=True),
        ):  # fmt: skip
            with here.read() as tx:
                known = tx.get(type(record), record.id)
            if known != record:
                here.office.record(record, now, by=o.user())
        for grant in grants:
            with here.read() as tx:
                given = tx.find(ConsentEvent, grant=grant.id, kind="granted")
            if not given:
                event = ConsentEvent(
                    id=f"{grant.id}:granted", grant=grant.id, kind="granted", effective=now, reason="rehearsed"
                )
                here.office.record(event, now, by=o.user())
