"""The recipe: a location photograph becomes a set that can be re-dressed.

photograph and brief -> camera, box, what stands in front (photograph_solve) -> walls dressed in the photograph's own light
(photograph_frame) -> what is shown and handed over. The gates stand around it in production.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from setpiece.core.clearance import Cleared, Permit
from setpiece.core.dressing import PLANES
from setpiece.core.progress import Progress
from setpiece.core.set_spec import Daylight, Palette, SetSpec, Surface, View
from setpiece.deliver.frames import frame_name, read_comp
from setpiece.departments.previs import photograph_solve
from setpiece.departments.previs.photograph_frame import FrameJob
from setpiece.departments.previs.photograph_solve import box_of, dressed, front_of
from setpiece.departments.previs.still import picture_of, write_sheet
from setpiece.intake.brief import Brief, load_brief
from setpiece.intake.plate_camera import camera_from
from setpiece.media.certificates import SigningIdentity
from setpiece.media.credentials import Clearance
from setpiece.media.images import write_png
from setpiece.media.signing import Layer
from setpiece.production import handover as shared
from setpiece.production.frames import Factory
from setpiece.production.handover import Files, provenance_of
from setpiece.production.ingest import plate_of
from setpiece.production.job import Delivery, ShotJob, TakeResult
from setpiece.production.making import make_frames, take_of
from setpiece.production.steps import Steps
from setpiece.production.workspace import Workspace

SET = "set"  # folder of the set that stands in the photographed box
_BEHIND_M = 1.2  # of the room, behind the camera: nobody sees it
_KEY_LUMENS = 9000.0  # the box has no windows: what lights it until its designer puts lamps there
_UNSEEN_M = 2.5  # from the eye to a side wall that is not in the picture
LAYER = Layer(
    name="surfaces",
    source_type="algorithmicMedia",
    description="procedural papers, paints and floors in the photograph's own light; nothing trained",
)
FIGURES = (
    ("box/camera.png", "Camera", "Vanishing lines and horizon, as solved."),
    ("box/box.png", "Box", "The planes of the room, with a grid of metres."),
    ("front/kept.png", "In front", "What stays the photograph's; the rest is dimmed."),
)
_KIND = {"paint": "paint", "stripes": "wallpaper", "damask": "wallpaper", "check": "tiles", "panelling": "planks"}


class Photograph:
    """The recipe of a photographed set."""

    sources = ("setpiece.departments.previs.photograph",)

    def infer(self, workspace: Workspace, brief: Brief, progress: Progress) -> None:
        """Camera, box, mattes and old colours, found where the brief leaves them open and written into it."""
        photograph_solve.infer(workspace, brief, progress)
        write_box_set(workspace, load_brief(workspace.brief))

    def make_take(self, job: Cleared[ShotJob], permit: Permit, workspace: Workspace, progress: Progress) -> TakeResult:
        """The one frame, where it is not there yet."""
        permit.check()
        asked, brief = job.value, job.value.brief
        info = plate_of(brief)
        steps = Steps(workspace.stage, progress)
        front_of(workspace, brief, info, picture_of(info), steps)
        folder = workspace.take(asked.version)
        out = folder / "comp"
        out.mkdir(parents=True, exist_ok=True)
        frame_job = FrameJob(
            brief=brief,
            info=info,
            front=workspace.stage / "front",
            out=out,
            shot=asked.shot,
            version=asked.version_name,
            deep=info.bit_depth == "float",
            provenance=provenance_of(
                brief, version=asked.version_name, engine=asked.engine, rate=brief.frames.rate, evidence=job.evidence
            ),
            permit=permit,
        )
        paths = {frame: out / frame_name(asked.shot, asked.version_name, frame) for frame in asked.frames}
        factory = Factory(module="setpiece.departments.previs.photograph_frame", function="make_frames", args=(frame_job,))
        made = make_frames(factory, paths, asked.frames, folder, workers=1, progress=progress)
        return take_of(asked, folder, paths, timings_s=(*steps.timings_s, ("frames", made.seconds)),
                       warnings=(*_warnings(brief), *made.clamped(asked.frames)))  # fmt: skip

    def deliver(
        self, take: Cleared[TakeResult], shown: Clearance, identity: SigningIdentity, workspace: Workspace, progress: Progress
    ) -> Delivery:
        """The picture, marked; before and after on a sheet; the box as USD; report and manifest; all of it signed."""
        from setpiece.departments.previs.sets import marked

        desk = shared.desk_of(take, workspace, load_brief(workspace.brief))
        folder, result = take.value.folder, take.value
        comp = read_comp(result.comp[0])
        after = desk.viewer(comp)
        before = desk.viewer(picture_of(desk.info))
        stamp = desk.provenance.mark
        picture = folder / f"{desk.stem}.png"
        write_png(picture, marked(after, f"{result.shot}  {result.version_name}", stamp))
        sheet = write_sheet(
            folder / f"{desk.stem}_sheet.png",
            [("as photographed", Path(desk.info.source).name, before), ("re-dressed", _covers(desk.brief), after)],
            title=f"{result.shot}  {result.version_name}", subtitle=desk.subtitle, stamp=stamp, columns=2,
        )  # fmt: skip
        files: Files = [("comp", folder / "comp"), ("picture", picture), ("sheet", sheet)]
        files += _box_usd(workspace, folder / f"{desk.stem}_box")
        figures = shared.figures(workspace.stage, FIGURES)
        files.append(("report", shared.report(desk, sheet, files, figures, (comp.shape[1], comp.shape[0]))))
        files += shared.signed(desk, (LAYER,), shown, identity, progress)
        return Delivery(files=tuple(files), warnings=result.warnings)


def _covers(brief: Brief) -> str:
    """What the planes are dressed with, in a line."""
    named = [f"{name}: {one.cover} {one.colour}" for name, one in dressed(brief.photograph)]
    return ", ".join(named) or "nothing dressed yet"


def _warnings(brief: Brief) -> tuple[str, ...]:
    """What the designer should hear."""
    document = brief.photograph
    told = []
    if document.scale.assumed:
        told.append("nobody stated a length: patterns are true to an assumed scale (scale.line, scale.ceiling_m)")
    if document.box.confidence is not None and document.box.confidence < 0.4:
        told.append(f"the box is unsure ({document.box.confidence:.2f}): look at stage/box/box.png, state box.back_px")
    if not dressed(document):
        told.append("no plane is dressed: the picture is the photograph (setpiece previs dress NAME back=paint:#7d8a74)")
    return tuple(told)


def box_spec(brief: Brief) -> SetSpec:
    """The photographed box as a set: its room, and a view through the solved camera, so that things can be built in it.

    The camera's roll, and a principal point off the middle, a set's view cannot hold: it comes without.
    """
    document = brief.photograph
    info = plate_of(brief)
    camera, box = camera_from(document.camera, info.width, info.height), box_of(document.box)
    left, right = (_UNSEEN_M if side is None else side for side in (box.left_m, box.right_m))
    deep = box.back_m + _BEHIND_M
    ahead = camera.axes[2].astype(np.float64) @ box.axes().T
    eye = np.array([(left - right) / 2, deep / 2 - box.back_m, camera.position_m[2]])
    to = eye + ahead * box.back_m
    colours = {name: getattr(document, name).colour or getattr(document, name).was or "#cfc8ba" for name in PLANES}
    surfaces = {name: Surface(kind=_KIND.get(getattr(document, name).cover, getattr(document, name).cover)
                              if getattr(document, name).cover != "keep" else "paint", colour=colours[name],
                              colour_2=getattr(document, name).colour_2) for name in PLANES}  # fmt: skip
    lens = 36.0 * camera.focal_px / camera.width
    return SetSpec(
        title=re.sub(r"[_-]+", " ", brief.shot.name),
        place="street" if document.box.exterior else "room",
        exterior=document.box.exterior,
        width_m=round(left + right, 3),
        depth_m=round(deep, 3),
        height_m=round(box.height_m or 6.0, 3),
        era=1990,
        style="1990s",
        walls=surfaces["back"],
        floor=surfaces["floor"],
        ceiling=surfaces["ceiling"],
        palette=Palette(wall=colours["back"], floor=colours["floor"], ceiling=colours["ceiling"], wood="#6b4a2f",
                        metal="#8f9294", fabric="#6f7f86", fabric_2="#a88f70", accent="#9a4a3a", trim="#e8e2d6"),
        light=Daylight(key_lumens=0.0 if document.box.exterior else _KEY_LUMENS),
        views=(View(name="photograph", lens_mm=round(lens, 3), sensor="full_frame",
                    from_m=_point(eye), to_m=_point(to)),),
        wear=0.2,
        dressing=0.0,
        seed=document.seed,
    )  # fmt: skip


def _point(at: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (round(float(value), 4) for value in at)
    return x, y, z


def write_box_set(workspace: Workspace, brief: Brief) -> Path | None:
    """The photographed box as a set's document under ``set/``, unless somebody has one there: what is built in it is theirs."""
    from setpiece.intake.previs_document import write_set

    path = workspace.root / SET / "brief.yaml"
    if path.exists():
        return None
    section = brief.declaration
    declaration = {} if section is None else section.model_dump(mode="json", exclude_none=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_set(path, box_spec(brief), name=f"{brief.shot.name}_box", show=brief.shot.show, declaration=declaration)
    return path


def _box_usd(workspace: Workspace, folder: Path) -> Files:
    """The set under ``set/`` as USD, as its designer has it by now."""
    from setpiece.deliver.previs_usd import write_set_usd
    from setpiece.departments.previs.sets import scene_of
    from setpiece.intake.previs_document import load_set

    spec = load_set(workspace.root / SET / "brief.yaml").spec
    scene, _, _ = scene_of(replace(spec))
    folder.mkdir(parents=True, exist_ok=True)
    written = write_set_usd(folder / "box.usdc", scene)
    return [("box as USD", written[0])]
