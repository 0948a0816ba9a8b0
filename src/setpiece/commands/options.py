"""Options that several commands share, and what is written into a brief from them."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from setpiece.core.errors import BriefError

Plate = Annotated[Path, typer.Option("--plate", metavar="FILE", help="Photograph, movie, or first file of a sequence.")]
Storeys = Annotated[int | None, typer.Option(help="Storeys of the building: gives its real size.")]
Height = Annotated[float | None, typer.Option("--height", metavar="METRES", help="Height of the building, metres.")]
Mode = Annotated[str | None, typer.Option(help="pancake, topple, blast, progressive or partial.")]
Direction = Annotated[str | None, typer.Option(help="Topple: left, right, towards, away, or degrees.")]
Side = Annotated[str | None, typer.Option(help="Progressive: the side that fails first, left or right.")]
Point = Annotated[str | None, typer.Option(metavar="X,Y", help="Blast: where, in pixels of the plate.")]
Region = Annotated[str | None, typer.Option(metavar="L,T,R,B", help="Partial: what falls, in pixels of the plate.")]
Box = Annotated[str | None, typer.Option(metavar="L,T,R,B", help="Box around the building, in pixels of the plate.")]
MatteFile = Annotated[Path | None, typer.Option("--matte", metavar="FILE", help="Roto picture: white is the building.")]
Holdout = Annotated[Path | None, typer.Option(metavar="FILE", help="Picture: white is what stands in front.")]
ShotFrames = Annotated[str | None, typer.Option("--frames", metavar="1001-1048", help="Frames of the shot.")]
Rate = Annotated[str | None, typer.Option(help="Frames a second: 24, 25, 23.976, 24000/1001.")]
Space = Annotated[str | None, typer.Option("--colour-space", help="OCIO colour space of the plate's file.")]
FocalMm = Annotated[float | None, typer.Option("--focal-mm", help="35 mm equivalent focal length, where EXIF is silent.")]
FocalPx = Annotated[float | None, typer.Option("--focal-px", help="Focal length in pixels of the plate.")]
Seed = Annotated[int | None, typer.Option(help="Another number, another collapse.")]
Show = Annotated[str, typer.Option(help="The production, for the slate.")]
Values = Annotated[
    list[str] | None,
    typer.Option("--brief", metavar="KEY=VALUE", help="Any value of the brief, as collapse.speed=1.5; may be repeated."),
]
Purpose = Annotated[str, typer.Option(help="Declared purpose: ideation, moodboard, previs or shot.")]
Final = Annotated[bool, typer.Option("--final/--temporary", help="Meant for the final picture? Then studio and legal approve.")]
Requester = Annotated[str | None, typer.Option(metavar="NAME", help="Who asks for the shot; cannot approve it. [default: you]")]
Declare = Annotated[
    list[str] | None,
    typer.Option(
        "--declare",
        metavar="ANSWER",
        help="Your answer to the declaration's five questions: yes (to all), or KEY=yes|no|unsure; may be repeated.",
    ),
]
RunFrames = Annotated[str | None, typer.Option("--frames", metavar="1010-1020", help="Only these frames of the shot.")]
Scale = Annotated[float | None, typer.Option(help="Size of the take over the plate's: 0.5 is half.")]
Engine = Annotated[str | None, typer.Option(help="house (fast) or cycles (final quality).")]
Workers = Annotated[int | None, typer.Option(min=1, max=256, help="Frames made side by side. [default: one a core]")]
Shot = Annotated[Path, typer.Argument(metavar="NAME", help="The shot: its folder.")]


def numbers(text: str | None, count: int, name: str) -> list[float] | None:
    """``"1,2,3"`` as numbers, or a BriefError that names the option."""
    if text is None:
        return None
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if len(found) != count:
        raise BriefError(f"{name} {text} is not {count} numbers", remedy=f"write {count} numbers with commas, no spaces")
    return found


def frame_values(text: str | None) -> dict[str, object]:
    """``1001-1048`` as the first and last frame of a brief."""
    if text is None:
        return {}
    first, dash, last = text.partition("-")
    if not first.strip().isdigit() or (dash and not last.strip().isdigit()):
        raise BriefError(f"'{text}' is not a frame range", remedy="write 1001-1048")
    return {"plate.first_frame": int(first), "plate.last_frame": int(last or first)}


def pairs(values: list[str] | None) -> dict[str, object]:
    """``KEY=VALUE`` options as values by dotted name; values are read as YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    found: dict[str, object] = {}
    for item in values or ():
        key, equals, text = item.partition("=")
        if not equals:
            raise BriefError(f"--brief {item} has no '='", remedy="write --brief key=value, as collapse.speed=1.5")
        try:
            value: Any = YAML(typ="safe", pure=True).load(text)
        except YAMLError as error:
            raise BriefError(f"--brief {item} cannot be read", remedy="quote it: --brief 'key=[1, 2]'") from error
        found[key.strip()] = value
    return found


def user() -> str:
    """Who runs this: the login name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
