"""``setpiece demo --previs``: a designer's paragraph becomes a furnished, lit set, its boards and what others go on with."""

from __future__ import annotations

from pathlib import Path

import typer

from setpiece.commands.declare import declaration_for, declare_in, tell_section

TEXT = (
    "A 1950s kitchen at dusk. Mint green cabinets, a checkerboard linoleum floor, a chrome table with four chairs by the "
    "window, a fridge and a stove. The pendant lamp over the table is on. The mother, in size 40, wears a floral dress. "
    "The father wears a white shirt and grey wool trousers."
)
NAME = "INT_KITCHEN_1955"
VARIATIONS = 2


def demo_previs(folder: Path, *, declare: list[str] | None, short: bool) -> None:
    """Run all of it in ``folder``; run again, it goes on where it stopped. Raises SetpieceErrors only."""
    from setpiece import wiring
    from setpiece.intake.previs_document import load_set
    from setpiece.production.progress import shown

    place = folder.absolute() / NAME
    path = place / "brief.yaml"
    if path.exists():
        declare_in(path, declare)
    else:
        declaration = declaration_for(place, declare, purpose="previs", final=False, requester=None)
        typer.echo(f"text:  {TEXT}")
        made = wiring.new_set(place, TEXT, seed=1, show="Setpiece demo", declaration=declaration)
        typer.echo(f"plan:  {made.plan}")
        if not short:
            wiring.vary_set(place, VARIATIONS)
    tell_section(load_set(path).declaration, path)
    size, samples, turn = ((320, 180), 4, 0) if short else ((640, 360), 12, 24)
    with shown(place / "boards") as progress:
        files = wiring.present_set(place, progress, size=size, samples=samples, turn_frames=turn)
    typer.echo(f"brief:  {path}")
    typer.echo(f"boards: {files[0]}")
    for ending, what in ((".mp4", "turn"), (".usda", "USD"), (".blend", "blend"), (".glb", "glTF")):
        found = [file for file in files if file.suffix == ending]
        if found:
            typer.echo(f"{what + ':':<8}{found[0]}")
