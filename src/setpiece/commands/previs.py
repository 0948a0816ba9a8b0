"""``setpiece previs``: a set from a paragraph, its plan, its variations, and what its cameras see."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from setpiece.commands import options as o
from setpiece.commands import previs_photograph
from setpiece.commands.declare import declaration_for, tell_section
from setpiece.core.errors import BriefError, SetpieceError

if TYPE_CHECKING:
    from setpiece.departments.previs.sets import NewSet, Shown

app = typer.Typer(no_args_is_help=True, help="A set from a paragraph: document, plan, variations, views.")

app.command("photograph")(previs_photograph.photograph)
app.command("dress")(previs_photograph.dress_planes)
app.command("fabric")(previs_photograph.fabric)

_LOOK_SIZE, _LOOK_SAMPLES = "480x270", 4

SetName = Annotated[Path, typer.Argument(metavar="NAME", help="The set: its folder, as INT_BUNKER.")]


@app.command("new")
def new(
    name: SetName,
    text: Annotated[str | None, typer.Option(metavar="TEXT", help="The designer's paragraph.")] = None,
    text_file: Annotated[Path | None, typer.Option("--text-file", metavar="FILE", help="Or a file that holds it.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another number, another set of the same text.")] = 1,
    vary: Annotated[int, typer.Option(min=0, max=60, help="Also propose so many variations, each with its theme.")] = 0,
    show: o.Show = "untitled",
    purpose: o.Purpose = "previs",
    final: o.Final = False,
    requester: o.Requester = None,
    declare: o.Declare = None,
    look: Annotated[bool, typer.Option("--look", help="Also render its first view, small, through the gate.")] = False,
) -> None:
    """Read a paragraph into the folder of set NAME: an editable, commented brief.yaml and a plan. Tells what it understood,
    what it assumed, and what it did not understand."""
    from setpiece import wiring
    from setpiece.production.progress import shown

    declaration = declaration_for(name, declare, purpose=purpose, final=final, requester=requester)
    made = wiring.new_set(name, _text(text, text_file), seed=seed, show=show, declaration=declaration)
    _tell(made)
    typer.echo(f"brief: {made.brief.path}")
    typer.echo(f"plan:  {made.plan}")
    tell_section(made.brief.declaration, made.brief.path)
    if vary:
        _tell_variations(name, vary)
    if look:
        with shown(name / "views") as progress:
            first = made.brief.spec.views[0].name
            _tell_views(wiring.show_set(name, (first,), _size(_LOOK_SIZE), _LOOK_SAMPLES, progress))
    typer.echo(f"next:  edit the brief, then 'setpiece previs view {name}'")


@app.command("plan")
def plan(name: SetName) -> None:
    """Draw the plan of set NAME as its brief stands: every thing in its place, doors, cameras with what they see."""
    from setpiece import wiring

    path, notes = wiring.plan_set(name)
    for note in notes:
        typer.echo(note, err=True)
    typer.echo(f"plan: {path}, and as SVG beside it")


@app.command("vary")
def vary_set(name: SetName, count: Annotated[int, typer.Argument(metavar="N", min=1, max=60, help="How many.")] = 6) -> None:
    """Propose N variations of set NAME, each a brief of its own with a stated theme."""
    _tell_variations(name, count)


@app.command("view")
def view(
    name: SetName,
    views: Annotated[list[str] | None, typer.Option("--view", metavar="VIEW", help="Only this one; may be repeated.")] = None,
    size: Annotated[str | None, typer.Option(metavar="WxH", help="Pixels. [960x540; 480x270 with --watch]")] = None,
    samples: Annotated[
        int | None,
        typer.Option(min=1, max=4096, help="Rays a pixel: 4 to look, 8 to show, 64 to keep. [8; 4 with --watch]"),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and render again whenever brief.yaml is saved.")] = False,
) -> None:
    """Render what the cameras of set NAME see, through the gate: PNG to look at, EXR with all passes beside it. With --watch,
    its first view (or those named) again after every change of the brief, until Ctrl-C."""
    from setpiece import wiring
    from setpiece.production.progress import shown

    pixels = _size(size or (_LOOK_SIZE if watch else "960x540"))
    rays = samples or (_LOOK_SAMPLES if watch else 8)
    with shown(name / "views") as progress:
        if watch:
            wiring.watch_set(name, tuple(views or ()), pixels, rays, progress, _tell_outcome)
        else:
            _tell_views(wiring.show_set(name, tuple(views or ()), pixels, rays, progress))


@app.command("looks")
def looks(
    name: SetName,
    size: Annotated[str, typer.Option(metavar="WxH", help="Pixels of the line-up.")] = "960x540",
    samples: Annotated[int, typer.Option(min=1, max=4096, help="Rays a pixel.")] = 8,
) -> None:
    """Drape the looks of set NAME on their forms and show them, through the gate: side by side, and each by itself."""
    from setpiece import wiring
    from setpiece.production.progress import shown

    with shown(name / "looks") as progress:
        made = wiring.show_looks(name, _size(size), samples, progress)
    for called, path in made.pictures:
        typer.echo(f"{called}: {path}")


@app.command("patterns")
def patterns(name: SetName) -> None:
    """Draw the patterns of set NAME's looks for the cutting room: SVG and DXF at true size, markers, yardage."""
    from setpiece import wiring
    from setpiece.production.progress import shown

    with shown(name / "patterns") as progress:
        made = wiring.paper_patterns(name, progress)
    typer.echo(f"yardage:  {made[0]}")
    typer.echo(f"patterns: {len(made) - 1} files in {made[0].parent}")


@app.command("boards")
def boards(
    name: SetName,
    size: Annotated[str, typer.Option(metavar="WxH", help="Pixels of views that are not there yet.")] = "960x540",
    samples: Annotated[int, typer.Option(min=1, max=4096, help="Rays a pixel of those.")] = 8,
    turntable: Annotated[int, typer.Option(metavar="FRAMES", min=0, max=2400, help="Frames of the turntable; 0: none.")] = 48,
) -> None:
    """Lay set NAME out on boards, released and signed: views, plan, elevations, palette, variations, quantities as PDF and PNG,
    a turntable, and what others go on with: EXR with passes, USD, .blend, glTF, OTIO. Renders what is missing."""
    from setpiece import wiring
    from setpiece.production.progress import shown

    with shown(name / "boards") as progress:
        made = wiring.present_set(name, progress, size=_size(size), samples=samples, turn_frames=turntable)
    typer.echo(f"boards: {made[0]}")
    typer.echo(f"and {len(made) - 1} files beside it: pages, list, turntable, passes, USD, .blend, glTF, timeline")


def _tell_views(made: Shown) -> None:
    for note in made.notes:
        typer.echo(note, err=True)
    for called, path in made.pictures:
        typer.echo(f"{called}: {path}")


def _tell_outcome(made: Shown | SetpieceError) -> None:
    if isinstance(made, SetpieceError):
        typer.echo(f"error: {made.message}\nremedy: {made.remedy}", err=True)
    else:
        _tell_views(made)
    typer.echo("waiting for the brief to be saved; Ctrl-C ends")


def _text(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        raise BriefError("one text is needed", remedy='write --text "A bunker lounge, 1968, low key …", or --text-file FILE')
    if file is None:
        return text or ""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BriefError("cannot be read as text", file=file, remedy="save it as UTF-8 text") from error


def _tell(made: NewSet) -> None:
    reading = made.reading
    if reading is None:
        typer.echo("read by the model of previs.toml; check every line of the brief")
    else:
        typer.echo("understood:")
        for one in reading.understood:
            typer.echo(f"  {one.words}: {one.meaning}")
        typer.echo("assumed:")
        for item in reading.assumed:
            typer.echo(f"  {item.name.replace('_', ' ')}: {item.value} ({item.why})")
        if reading.not_understood:
            typer.echo("NOT understood:")
            for odd in reading.not_understood:
                typer.echo(f"  {odd.words}" + (f" (did you mean '{odd.suggestion}'?)" if odd.suggestion else ""))
    for note in made.left_out:
        typer.echo(note, err=True)


def _tell_variations(name: Path, count: int) -> None:
    from setpiece import wiring

    for theme, folder in wiring.vary_set(name, count):
        typer.echo(f"variation: {folder}: {theme}")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit()) or not (16 <= int(width) <= 16384 and 16 <= int(height) <= 16384):
        raise BriefError(f"--size {text} is no size", remedy="write --size 960x540")
    return int(width), int(height)
