"""``run``, ``collapse``, ``deliver`` and ``demo``: the commands that make pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from setpiece.commands import options as o
from setpiece.commands.declare import declaration_for, declare_in, tell_declaration
from setpiece.commands.shot import make_shot

if TYPE_CHECKING:
    from setpiece.production.run import Finished, Order

DEMO_OUT = Path("demo/out")
# Standing water in the demo's plate, px: what it mirrors falls too.
PUDDLES = (
    ((395, 1003), (465, 990), (515, 978), (560, 969), (628, 958), (630, 930), (665, 940), (770, 947), (790, 955), (940, 956),
     (1045, 948), (1230, 946), (1285, 950), (1275, 972), (1300, 986), (1335, 1000), (1295, 1014), (1305, 1036), (1285, 1050),
     (1235, 1060), (1210, 1080), (830, 1080), (865, 1066), (950, 1056), (990, 1046), (940, 1037), (890, 1022), (800, 1020),
     (720, 1018), (600, 1010), (530, 1012), (420, 1010)),
    ((690, 893), (765, 892), (768, 884), (790, 881), (930, 881), (1050, 883), (1140, 884), (1215, 886), (1225, 890),
     (1140, 893), (1080, 898), (1050, 899), (930, 901), (765, 903), (700, 903)),
    ((0, 934), (0, 927), (30, 922), (90, 919), (120, 916), (145, 914), (152, 908), (168, 902), (190, 901), (322, 902),
     (322, 912), (255, 913), (242, 916), (290, 921), (258, 929), (200, 932), (120, 933)),
    ((0, 904), (33, 906), (40, 909), (108, 909), (95, 918), (0, 920)),
)  # fmt: skip
# The demo is the whole job at half size; the short one is for continuous integration.
DEMO = {
    "plate.mirrors": PUDDLES,
    "render.scale": 0.5,
    "scale.building_height_m": 15.8,
    "building.storeys": 4,
    "collapse.mode": "progressive",
    "collapse.speed": 1.3,
    "plate.last_frame": 1084,
}
SHORT = {**DEMO, "render.scale": 0.25, "plate.last_frame": 1016, "collapse.start_frame": 1004, "fracture.pieces": 500}


def run(
    name: o.Shot,
    frames: o.RunFrames = None,
    scale: o.Scale = None,
    engine: o.Engine = None,
    redo: Annotated[bool, typer.Option("--redo", help="Make a new version even where nothing changed.")] = False,
    workers: o.Workers = None,
) -> None:
    """Make the take of shot NAME, or go on with it; only missing frames are made."""
    from setpiece.production.run import Order

    tell_finished(_run(name, Order(frames=frames, scale=scale, engine=engine, redo=redo, workers=workers)), name)


def collapse(
    plate: Annotated[Path, typer.Argument(metavar="PLATE", help="Photograph, movie, or first file of a sequence.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="OUT", help="Folder of the shot.")],
    mode: o.Mode = None,
    storeys: o.Storeys = None,
    height: o.Height = None,
    side: o.Side = None,
    region: o.Region = None,
    box: o.Box = None,
    frames: o.ShotFrames = None,
    scale: o.Scale = None,
    engine: o.Engine = None,
    seed: o.Seed = None,
    brief: o.Values = None,
    purpose: o.Purpose = "previs",
    final: o.Final = False,
    requester: o.Requester = None,
    declare: o.Declare = None,
    workers: o.Workers = None,
) -> None:
    """For the impatient: plate in, finished collapse shot out, in one line."""
    from setpiece.intake.brief import write_stated
    from setpiece.production.run import Order

    options = {
        "collapse.mode": mode,
        "scale.storeys": storeys,
        "scale.building_height_m": height,
        "collapse.side": side,
        "collapse.region": o.numbers(region, 4, "--region"),
        "matte.box": o.numbers(box, 4, "--box"),
        "render.scale": scale,
        "render.engine": engine,
        "seed": seed,
        **o.frame_values(frames),
    }
    values = {key: value for key, value in options.items() if value is not None} | o.pairs(brief)
    path = out / "brief.yaml"
    if path.exists():
        _same_plate(path, plate)
        if values:
            write_stated(path, values)
        declare_in(path, declare)
    else:
        declaration = declaration_for(out, declare, purpose=purpose, final=final, requester=requester)
        make_shot(out, plate, values, show="untitled", declaration=declaration)
    tell_declaration(path)
    tell_finished(_run(out, Order(workers=workers)), out)


def deliver(name: o.Shot) -> None:
    """Release and deliver the newest take of shot NAME, once it is approved; no frame is made."""
    from setpiece import wiring
    from setpiece.production.progress import shown

    with shown(name / "takes") as progress:
        finished = wiring.deliver_shot(name, progress)
    tell_finished(finished, name)


def demo(
    short: Annotated[bool, typer.Option("--short", help="16 small frames, for a quick look.")] = False,
    deage: Annotated[bool, typer.Option("--deage", help="Instead: make an animated portrait younger.")] = False,
    previs: Annotated[bool, typer.Option("--previs", help="Instead: build a set from a paragraph.")] = False,
    declare: o.Declare = None,
    workers: o.Workers = None,
) -> None:
    """Bring down the building in the plate that is shipped; everything lands in demo/out."""
    from setpiece import wiring
    from setpiece.production.run import Order

    if deage:
        from setpiece.commands.demo_deage import demo_deage

        demo_deage(DEMO_OUT / "deage", declare=declare, workers=workers, steps=60 if short else 200)
        return
    if previs:
        from setpiece.commands.demo_previs import demo_previs

        demo_previs(DEMO_OUT / "previs", declare=declare, short=short)
        return
    folder = DEMO_OUT / ("short" if short else "demo")
    if (folder / "brief.yaml").exists():
        declare_in(folder / "brief.yaml", declare)
    else:
        values = SHORT if short else DEMO
        declaration = declaration_for(folder, declare, purpose="ideation", final=False, requester=None)
        make_shot(folder, wiring.DEMO_PLATE, values, show="Setpiece demo", declaration=declaration)
    tell_declaration(folder / "brief.yaml")
    tell_finished(_run(folder, Order(workers=workers)), folder)


def _run(folder: Path, order: Order) -> Finished:
    from setpiece import wiring
    from setpiece.production.progress import shown

    with shown(folder / "takes") as progress:
        return wiring.run_shot(folder, order, progress)


def tell_finished(finished: Finished, folder: Path) -> None:
    """Where everything is."""
    take = finished.take
    warnings = [*take.warnings, *(finished.delivery.warnings if finished.delivery else ())]
    for warning in dict.fromkeys(warnings):
        typer.echo(f"note: {warning}", err=True)
    lines = [("frames", take.comp[0].parent if take.comp else take.folder)]
    if finished.delivery is not None:
        lines += list(finished.delivery.files)
    width = max(len(role) for role, _ in lines)
    typer.echo(f"{take.shot} {take.version_name}: frames {take.frames.first}-{take.frames.last} are there")
    for role, path in lines:
        typer.echo(f"  {role.ljust(width)}  {path}")
    if finished.delivery is None:
        typer.echo(f"a part of the shot: 'setpiece run {folder}' makes the rest and delivers")


def _same_plate(path: Path, plate: Path) -> None:
    """A folder belongs to one plate."""
    from setpiece.core.errors import BriefError
    from setpiece.intake.brief import load_brief

    brief = load_brief(path)
    if brief.resolve(brief.plate.path) != plate.expanduser().resolve():
        raise BriefError(
            f"is a shot of another plate ({brief.plate.path})", file=path.parent, remedy="choose another folder for -o"
        )
