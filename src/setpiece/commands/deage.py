"""``setpiece deage``: a de-ageing shot, its keyframes out and back, and what is learned from them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from setpiece.commands import options as o
from setpiece.commands.declare import declaration_for, tell_declaration
from setpiece.commands.shot import make_shot
from setpiece.core.errors import BriefError

app = typer.Typer(no_args_is_help=True, help="Make a performer younger, or older, from a few painted keyframes.")

Performer = Annotated[str | None, typer.Option(metavar="ID", help="Whose face it is: id on record (setpiece clear performer).")]
Years = Annotated[float, typer.Option(help="Years on top of the plate's: -40 younger to 30 older.")]
Painted = Annotated[list[Path], typer.Argument(metavar="FILES...", help="Painted EXR, or 16-bit PNG or TIFF.")]


@app.command("new")
def new(
    name: o.Shot,
    plate: o.Plate,
    years: Years = -20.0,
    performer: Performer = None,
    role: Annotated[str | None, typer.Option(help="The role that is played, as in the consent.")] = None,
    scene: Annotated[str | None, typer.Option(help="The scene, as in the consent.")] = None,
    portrayed_age: Annotated[int | None, typer.Option(help="How old the role is in this shot.")] = None,
    frames: o.ShotFrames = None,
    rate: o.Rate = None,
    colour_space: o.Space = None,
    seed: o.Seed = None,
    show: o.Show = "untitled",
    brief: o.Values = None,
    purpose: o.Purpose = "shot",
    final: o.Final = False,
    requester: o.Requester = None,
    declare: o.Declare = None,
) -> None:
    """Make the folder of shot NAME with an editable, commented brief.yaml for a performance."""
    values: dict[str, object] = {
        "age.years": years,
        "performer.id": performer,
        "performer.role": role,
        "performer.scene": scene,
        "performer.portrayed_age": portrayed_age,
        "plate.rate": rate,
        "plate.colour_space": colour_space,
        "seed": seed,
        **o.frame_values(frames),
    }
    stated = {key: value for key, value in values.items() if value is not None} | o.pairs(brief)
    declaration = declaration_for(name, declare, purpose=purpose, final=final, requester=requester)
    if performer is not None:
        declaration |= {"people": [performer]}
    path = make_shot(name, plate, stated, show=show, declaration=declaration, department="deage")
    typer.echo(f"brief: {path}")
    tell_declaration(path)
    typer.echo(f"next:  'setpiece run {name}' for digital make-up alone, or 'setpiece deage keys {name}' to paint")


@app.command("keys")
def keys(
    name: o.Shot,
    frames: Annotated[str | None, typer.Option(metavar="1001,1032", help="Frames to paint. [default: those proposed]")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Without the proposed make-up: the plate itself.")] = False,
) -> None:
    """Write keyframes for the artist: full frames and crops as EXR, 16-bit PNG and TIFF, with the proposed make-up on."""
    from setpiece import wiring
    from setpiece.production.progress import shown

    with shown(name / "keys") as progress:
        folder = wiring.write_keys(name, _frames(frames), progress, plain=plain)
    typer.echo(f"keyframes: {folder}")
    typer.echo(f"paint on them, then: setpiece deage take-keys {name} FILES...")


@app.command("take-keys")
def take_keys(name: o.Shot, files: Painted) -> None:
    """Take painted keyframes in: size, colour space, alignment and frame are checked; nothing is written over."""
    from setpiece import wiring
    from setpiece.production.progress import shown

    with shown(name / "keys") as progress:
        frames = wiring.take_keys(name, files, progress)
    typer.echo(f"painted: {', '.join(str(frame) for frame in frames)}")
    typer.echo(f"next:    'setpiece run {name}' carries them through the shot; 'setpiece deage learn {name}' learns them first")


@app.command("learn")
def learn(
    name: o.Shot,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps of training. [default: the brief's]")] = None,
) -> None:
    """Learn the retouch from the painted keyframes, on this shot alone. Ctrl-C is safe: it goes on where it stopped."""
    from setpiece import wiring
    from setpiece.production.progress import shown

    with shown(name / "stage" / "learned") as progress:
        found = wiring.learn(name, progress, steps=steps)
    typer.echo(f"model:    {found.model}")
    typer.echo(f"weights:  {found.weights_sha256}, on the register with its keyframes and the performer's consent")
    typer.echo(f"look at:  {found.preview}")
    if found.held_out is not None:
        typer.echo(f"held out: {found.held_out[0]:.4f} stops alone, {found.held_out[1]:.4f} with what is propagated")
    typer.echo(f"next:     setpiece run {name}")


@app.command("suggest")
def suggest(name: o.Shot) -> None:
    """Tell the frame that one more painted keyframe would help most, and why."""
    from setpiece import wiring
    from setpiece.production.progress import shown

    with shown(name / "keys") as progress:
        frame, why = wiring.suggest_key(name, progress)
    typer.echo(f"{frame}: {why}")
    typer.echo(f"next: setpiece deage keys {name} --frames {frame}")


def _frames(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        raise BriefError(f"--frames {text} is no list of frames", remedy="write --frames 1001,1032,1060") from None
