"""``setpiece shot new`` and what ``collapse`` and ``demo`` share with it: a folder with a brief for a plate."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import typer

from setpiece.commands import options as o
from setpiece.commands.declare import declaration_for, tell_declaration

app = typer.Typer(no_args_is_help=True, help="Make a shot from a plate.")


@app.command("new")
def new(
    name: o.Shot,
    plate: o.Plate,
    storeys: o.Storeys = None,
    height: o.Height = None,
    mode: o.Mode = None,
    direction: o.Direction = None,
    side: o.Side = None,
    point: o.Point = None,
    region: o.Region = None,
    box: o.Box = None,
    matte: o.MatteFile = None,
    holdout: o.Holdout = None,
    frames: o.ShotFrames = None,
    rate: o.Rate = None,
    colour_space: o.Space = None,
    focal_mm: o.FocalMm = None,
    focal_px: o.FocalPx = None,
    seed: o.Seed = None,
    show: o.Show = "untitled",
    brief: o.Values = None,
    purpose: o.Purpose = "previs",
    final: o.Final = False,
    requester: o.Requester = None,
    declare: o.Declare = None,
) -> None:
    """Make the folder of shot NAME with an editable, commented brief.yaml for a plate."""
    values: dict[str, object] = {
        "scale.storeys": storeys,
        "scale.building_height_m": height,
        "collapse.mode": mode,
        "collapse.direction": _direction(direction),
        "collapse.side": side,
        "collapse.point": o.numbers(point, 2, "--point"),
        "collapse.region": o.numbers(region, 4, "--region"),
        "matte.box": o.numbers(box, 4, "--box"),
        "matte.file": None if matte is None else str(matte.resolve()),
        "matte.holdout": None if holdout is None else str(holdout.resolve()),
        "plate.rate": rate,
        "plate.colour_space": colour_space,
        "plate.focal_mm_35": focal_mm,
        "plate.focal_px": focal_px,
        "seed": seed,
        **o.frame_values(frames),
    }
    stated = {key: value for key, value in values.items() if value is not None} | o.pairs(brief)
    path = make_shot(name, plate, stated, show=show,
                     declaration=declaration_for(name, declare, purpose=purpose, final=final, requester=requester))  # fmt: skip
    typer.echo(f"brief: {path}")
    tell_declaration(path)
    typer.echo(f"next:  edit the brief, then 'setpiece run {name}'")


def make_shot(
    folder: Path,
    plate: Path,
    values: Mapping[str, object],
    *,
    show: str,
    declaration: Mapping[str, object],
    department: str = "destruction",
) -> Path:
    """Probe the plate and write the brief; returns the brief's path. Raises PlateUnreadable, BriefError."""
    from setpiece.core.timing import exact_rate
    from setpiece.intake.brief import new_brief
    from setpiece.intake.plate import probe_plate

    source = plate.expanduser().absolute()
    rate, space = values.get("plate.rate"), values.get("plate.colour_space")
    info = probe_plate(
        source,
        first_frame=_whole(values.get("plate.first_frame"), 1001),
        rate=None if rate is None else exact_rate(str(rate)),
        colour_space=None if space is None else str(space),
        focal_px=_number(values.get("plate.focal_px")),
        focal_mm=_number(values.get("plate.focal_mm_35")),
    )
    path = folder / "brief.yaml"
    new_brief(
        path,
        shot=folder.resolve().name,
        plate=info,
        plate_path=str(source),
        show=show,
        declaration=declaration,
        values=values,
        department=department,
    )
    return path


def _direction(text: str | None) -> str | float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _whole(value: object, default: int) -> int:
    return value if isinstance(value, int) else default
