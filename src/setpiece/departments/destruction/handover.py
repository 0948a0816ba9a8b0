"""What a collapse hands over: review movies, contact sheet, timeline, stage as USD and .blend, report, manifest.

Last part of the recipe; it takes only a released take.
"""

from __future__ import annotations

from pathlib import Path

from setpiece.core.camera import Camera
from setpiece.core.clearance import Cleared
from setpiece.core.errors import StageError
from setpiece.core.progress import Progress
from setpiece.deliver.contact_sheet import write_contact_sheet
from setpiece.departments.destruction.build import StageFolder, load_stage
from setpiece.intake.brief import load_brief
from setpiece.media.certificates import SigningIdentity
from setpiece.media.credentials import Clearance
from setpiece.media.files import read_json, write_json
from setpiece.media.signing import Layer
from setpiece.production import handover as shared
from setpiece.production.handover import Desk, Files
from setpiece.production.job import Delivery, TakeResult
from setpiece.production.steps import RECORD
from setpiece.production.workspace import Workspace
from setpiece.stage.archive import load_camera, load_light, save_camera, save_light

STAGE_SCHEMA = "setpiece.take-stage/1"
FINISH_NOTE = "finish.json"  # what a diffusion engine was asked for, and used
STAGE_NOTE = "stage.json"  # in a take's folder: which steps it was made from
# The plate was opened, the rest simulated, with nothing trained.
LAYERS = tuple(
    Layer(name=name, source_type="algorithmicMedia", description=text)
    for name, text in (
        ("debris", "pieces of the building, simulated and lit by the plate's own light"),
        ("dust", "gas, simulated"),
        ("shadow", "shadows that debris and dust throw"),
        ("clean plate", "what stood behind the building, rebuilt from the plate's own pixels"),
    )
)
FIGURES = (
    ("camera/camera.png", "Camera", "Horizon, vanishing lines and the ground in metres, as solved."),
    ("matte/matte.png", "Matte", "What was taken for the building; the rest is dimmed."),
)


def note_stage(folder: Path, stage: StageFolder) -> None:
    """Note in the folder of a take what it is made from: camera, light, and the keys of the steps behind it. The stage
    itself belongs to the shot, and the next take may be made from another one."""
    save_camera(folder / "camera.json", load_camera(stage.plate / "camera.json"))
    save_light(folder / "light.json", load_light(stage.plate / "light.json"))
    steps = {path.name: read_json(path / RECORD)["key"] for path in (stage.pieces, stage.motion)}
    write_json(folder / STAGE_NOTE, {"schema": STAGE_SCHEMA, "steps": steps})


def check_stage(folder: Path, stage: Path, *, called: str) -> None:
    """Raise StageError where the steps in ``stage`` are not those that the take in ``folder`` was made from.

    ``called`` is the shot as one would name it in a command.
    """
    for name, key in read_json(folder / STAGE_NOTE)["steps"].items():
        path = stage / name / RECORD
        if not path.is_file() or read_json(path)["key"] != key:
            raise StageError(
                f"the stage was made anew since {folder.name} ('{name}' is another): it would not fit its frames",
                file=stage / name,
                remedy=f"make this take's stage again: setpiece run {called}; or a new version, with --redo",
            )


def deliver(
    take: Cleared[TakeResult], shown: Clearance, identity: SigningIdentity, workspace: Workspace, progress: Progress
) -> Delivery:
    """Make everything that the brief asks for beside the EXRs, then the report; sign it all, manifest last."""
    brief = load_brief(workspace.brief)
    if brief.destruction.deliver.usd or brief.destruction.deliver.blend:
        check_stage(take.value.folder, workspace.stage, called=workspace.called)
    desk = shared.desk_of(take, workspace, brief)
    folder, focal = take.value.folder, brief.camera.focal_px
    files: Files = [("comp", folder / "comp")]
    files += shared.movies(
        desk, progress, lens="" if focal is None else f"{36.0 * focal / desk.info.width:.0f} mm (35 mm equivalent)"
    )
    sheet = folder / f"{desk.stem}_contact.png"
    write_contact_sheet(sheet, desk.comps, title=f"{take.value.shot}  {take.value.version_name}",
                        subtitle=desk.subtitle, viewer=desk.viewer)  # fmt: skip
    camera = _camera(desk)
    size = (camera.width, camera.height)
    files += [("contact sheet", sheet), ("timeline", shared.timeline(desk, size))]
    files += _stage_files(desk, progress)
    files.append(("report", shared.report(desk, sheet, files, shared.figures(workspace.stage, FIGURES), size)))
    files += shared.signed(desk, (*LAYERS, *_finish_layers(folder, shown)), shown, identity, progress)
    return Delivery(files=tuple(files), warnings=take.value.warnings)


def _finish_layers(folder: Path, shown: Clearance) -> tuple[Layer, ...]:
    """What a diffusion engine painted, with the models that did, as they stand on record; nothing where none took part."""
    if not (folder / FINISH_NOTE).is_file():
        return ()
    weights = set(read_json(folder / FINISH_NOTE)["models"])
    names = [f"{model.name} {model.version}".strip() for model in shown.models if model.weights_sha256 in weights]
    known = {model.weights_sha256 for model in shown.models}
    names += [f"weights {digest[:12]}, not on record" for digest in sorted(weights - known)]
    kind = "trainedAlgorithmicMedia" if names else "algorithmicMedia"
    text = "texture and light inside the matte, steered by the simulated passes"
    return (Layer(name="finish", source_type=kind, description=text, model=", ".join(names)),)


def _camera(desk: Desk) -> Camera:
    """The camera that the take was made with, at the take's size."""
    return load_camera(desk.take.folder / "camera.json")


def _stage_files(desk: Desk, progress: Progress) -> Files:
    """The stage as USD and as .blend."""
    stage, wanted = desk.workspace.stage, desk.brief.destruction.deliver
    if not (wanted.usd or wanted.blend):
        return []
    pieces, motion = load_stage(stage / "pieces", stage / "motion")
    names = tuple(read_json(stage / "pieces" / "pieces.json")["parts"])
    camera, light = _camera(desk), load_light(desk.take.folder / "light.json")
    files: Files = []
    stem = f"{desk.take.shot}_stage_{desk.take.version_name}"
    plate = stage / "plate" / "reference.exr"
    if wanted.usd:
        from setpiece.deliver.usd import write_usd

        progress.report("usd", 0, 1)
        path = desk.take.folder / f"{stem}.usdc"
        write_usd(path, camera=camera, pieces=pieces, motion=motion, frames=desk.take.frames, light=light,
                  plate_path=plate, part_names=names)  # fmt: skip
        progress.report("usd", 1, 1)
        files.append(("stage (USD)", path))
    if wanted.blend:
        from setpiece.stage.blender.client import write_blend

        path = desk.take.folder / f"{stem}.blend"
        write_blend(path, camera=camera, pieces=pieces, motion=motion, frames=desk.take.frames, light=light,
                    plate_path=plate, part_names=names, folder=desk.workspace.stage / "blend", progress=progress)  # fmt: skip
        files.append(("stage (Blender)", path))
    return files
