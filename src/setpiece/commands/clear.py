"""``status``, ``approve`` and ``record verify``: where a shot stands, who says yes, and whether the record is whole."""

from __future__ import annotations

from typing import Annotated

import typer

from setpiece.commands import options as o

record = typer.Typer(no_args_is_help=True, help="The append-only record of what the gates decided.")


def status(name: o.Shot) -> None:
    """Tell which versions shot NAME has, what the gates decided, and what comes next."""
    from setpiece import wiring
    from setpiece.production.status import status_of
    from setpiece.production.workspace import Workspace

    for line in status_of(Workspace.at(name), wiring.now).lines():
        typer.echo(line)


def approve(
    name: o.Shot,
    role: Annotated[str, typer.Option(help="studio or legal.")],
    person: Annotated[str, typer.Option(help="First and last name of who approves; not who asked for the shot.")],
    note: Annotated[str, typer.Option(help="A reason or condition, for the record.")] = "",
) -> None:
    """Approve what shot NAME waits for, exactly as it lies there now: one changed frame voids it."""
    from setpiece import wiring
    from setpiece.production.status import approve_shot, status_of
    from setpiece.production.workspace import Workspace

    workspace = Workspace.at(name)
    given = approve_shot(workspace, role=role, person=person, now=wiring.now, note=note)
    typer.echo(f"{given.person} approved as {given.role}: {given.gate}, subject {given.subject_sha256[:16]}")
    waiting = status_of(workspace, wiring.now).waiting_for
    after = f"setpiece {'run' if given.gate == 'admit' else 'deliver'} {name}"
    typer.echo(f"still missing: {', '.join(waiting)}" if waiting else f"next: {after}")


@record.command("verify")
def verify(name: o.Shot) -> None:
    """Verify the log that shot NAME is decided in, without changing it; as 'setpiece ledger verify'."""
    from setpiece.clearance.home import home_of, load_home
    from setpiece.commands.ledger import verify_home
    from setpiece.production.workspace import Workspace

    verify_home(load_home(home_of(Workspace.at(name).root)))
