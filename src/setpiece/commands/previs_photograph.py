"""``setpiece previs photograph``, ``dress`` and ``fabric``: photographs as a start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setpiece.commands import options as o
from setpiece.commands.declare import declaration_for, tell_declaration
from setpiece.commands.shot import make_shot
from setpiece.core.errors import BriefError

Name = Annotated[Path, typer.Argument(metavar="NAME", help="Its folder.")]
People = Annotated[
    list[str] | None,
    typer.Option("--person", metavar="ID", help="Who can be recognised in it: id on record, or 'nobody'; may be repeated."),
]
Dress = Annotated[
    list[str] | None,
    typer.Argument(metavar="PLANE=COVER...", help="As back=damask:#6b2030:#a8434a or floor=parquet:#a87444; keep undresses."),
]


def photograph(
    name: Name,
    plate: o.Plate,
    dress: Annotated[list[str] | None, typer.Option("--dress", metavar="PLANE=COVER", help="As for 'previs dress'.")] = None,
    exterior: Annotated[bool, typer.Option("--exterior", help="A street or yard: no ceiling.")] = False,
    back: Annotated[
        str | None, typer.Option(metavar="X,Y,…", help="Corners of the back wall, px, from top left round.")
    ] = None,
    ceiling: Annotated[float | None, typer.Option(metavar="METRES", help="Floor to ceiling, where it is known.")] = None,
    line: Annotated[str | None, typer.Option(metavar="X,Y,X,Y,METRES", help="A line of known length, px and metres.")] = None,
    front: Annotated[Path | None, typer.Option(metavar="FILE", help="Painted matte: white stays in front.")] = None,
    focal_mm: o.FocalMm = None,
    focal_px: o.FocalPx = None,
    colour_space: o.Space = None,
    people: People = None,
    seed: o.Seed = None,
    show: o.Show = "untitled",
    brief: o.Values = None,
    purpose: o.Purpose = "previs",
    final: o.Final = False,
    requester: o.Requester = None,
    declare: o.Declare = None,
) -> None:
    """A location photograph becomes a set that can be re-dressed: camera, box, what stands in front; all in its brief."""
    corners, known = o.numbers(back, 8, "--back"), o.numbers(line, 5, "--line")
    values: dict[str, object] = {
        "plate.first_frame": 1001,
        "plate.last_frame": 1001,
        "plate.focal_mm_35": focal_mm,
        "plate.focal_px": focal_px,
        "plate.colour_space": colour_space,
        "box.exterior": exterior or None,
        "box.back_px": None if corners is None else [corners[k : k + 2] for k in range(0, 8, 2)],
        "scale.ceiling_m": ceiling,
        "scale.line": None if known is None else known[:4],
        "scale.length_m": None if known is None else known[4],
        "front.file": None if front is None else str(front.resolve()),
        "seed": seed,
        **dressing(dress or []),
    }
    _made(name, plate, values, "photograph", brief=brief, show=show, people=people,
          declared=(declare, purpose, final, requester))  # fmt: skip
    typer.echo(f"look at {name / 'stage' / 'box' / 'box.png'} and {name / 'stage' / 'front' / 'kept.png'}")
    typer.echo(f"next:    setpiece previs dress {name} back=damask:#6b2030, then 'setpiece run {name}'")
    typer.echo(f"build in it: edit {name / 'set' / 'brief.yaml'}, then 'setpiece previs view {name / 'set'}'")


def dress_planes(name: Name, planes: Dress = None) -> None:
    """Dress planes of photographed set NAME anew, in its brief."""
    from setpiece.intake.brief import write_stated

    if not planes:
        raise BriefError("nothing to dress it with", remedy="write back=paint:#7d8a74, for instance")
    write_stated(name / "brief.yaml", dressing(planes))
    typer.echo(f"next: setpiece run {name}")


def fabric(
    name: Name,
    plate: o.Plate,
    colourways: Annotated[
        list[str] | None,
        typer.Option("--colourway", metavar="TEXT", help="'dusk: pinstripe #22252b #d8d5cc'; may be repeated."),
    ] = None,
    matte: Annotated[Path | None, typer.Option("--matte", metavar="FILE", help="Painted matte: white is the garment.")] = None,
    box: Annotated[str | None, typer.Option(metavar="L,T,R,B", help="Box around the garment, px.")] = None,
    inside: Annotated[list[str] | None, typer.Option(metavar="X,Y,X,Y", help="A stroke on it, px; may be repeated.")] = None,
    outside: Annotated[list[str] | None, typer.Option(metavar="X,Y,X,Y", help="A stroke beside it; may be repeated.")] = None,
    width: Annotated[float | None, typer.Option(metavar="METRES", help="The garment where it is widest.")] = None,
    colour_space: o.Space = None,
    people: People = None,
    seed: o.Seed = None,
    show: o.Show = "untitled",
    brief: o.Values = None,
    purpose: o.Purpose = "previs",
    final: o.Final = False,
    requester: o.Requester = None,
    declare: o.Declare = None,
) -> None:
    """A costume-camera test becomes a fabric and colour study: the garment in other cloths, in the light it was shot in."""
    asked = colourways or ["navy: plain #1d2b4f", "oxblood: plain #5e1a22", "bottle: plain #1f4030", "stone: plain #b9ae9a"]
    values: dict[str, object] = {
        "plate.first_frame": 1001,
        "plate.last_frame": 1000 + len(asked),
        "plate.colour_space": colour_space,
        "garment.file": None if matte is None else str(matte.resolve()),
        "garment.box": o.numbers(box, 4, "--box"),
        "garment.inside": None if not inside else [o.numbers(text, 4, "--inside") for text in inside],
        "garment.outside": None if not outside else [o.numbers(text, 4, "--outside") for text in outside],
        "folds.width_m": width,
        "colourways": asked,
        "seed": seed,
    }
    _made(name, plate, values, "fabric", brief=brief, show=show, people=people,
          declared=(declare, purpose, final, requester))  # fmt: skip
    typer.echo(f"look at {name / 'stage' / 'garment' / 'kept.png'}; paint garment.png there and state garment.file to mend it")
    typer.echo(f"next:    setpiece run {name}")


def _made(
    name: Path,
    plate: Path,
    values: dict[str, object],
    department: str,
    *,
    brief: list[str] | None,
    show: str,
    people: list[str] | None,
    declared: tuple[list[str] | None, str, bool, str | None],
) -> None:
    """Write the brief, say what stands declared, and solve what it leaves open, through the gate."""
    from setpiece import wiring
    from setpiece.production.progress import shown

    declare, purpose, final, requester = declared
    declaration = declaration_for(name, declare, purpose=purpose, final=final, requester=requester)
    if people:
        declaration |= {"people": people}
    stated = {key: value for key, value in values.items() if value is not None} | o.pairs(brief)
    path = make_shot(name, plate, stated, show=show, declaration=declaration, department=department)
    typer.echo(f"brief: {path}")
    tell_declaration(path)
    with shown(name / "stage") as progress:
        filled = wiring.solve_photograph(name, progress)
    for key, note in filled.inferred:
        typer.echo(f"  {key}: {note}")


def dressing(planes: list[str]) -> dict[str, object]:
    """``back=damask:#6b2030:#a8434a`` as values of a brief. Raises BriefError for what is none.

    >>> dressing(["floor=tiles:#dfe6e2"])["floor.cover"]
    'tiles'
    """
    from setpiece.core.dressing import PLANES, WALL_COVERS

    values: dict[str, object] = {}
    for text in planes:
        plane, equals, rest = text.partition("=")
        cover, *colours = rest.split(":")
        if not equals or plane not in PLANES or cover not in ("keep", *WALL_COVERS) or len(colours) > 2:
            raise BriefError(
                f"'{text}' dresses nothing",
                remedy=f"write PLANE=COVER:#rrggbb; planes: {', '.join(PLANES)}; covers: keep, {', '.join(WALL_COVERS)}",
            )
        values |= {f"{plane}.cover": cover, f"{plane}.colour": colours[0] if colours else None}
        if len(colours) > 1:
            values[f"{plane}.colour_2"] = colours[1]
    return values
