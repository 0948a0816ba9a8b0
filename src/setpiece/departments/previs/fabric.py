"""The recipe: a costume-camera test becomes a fabric and colour study, a frame for each colourway.

still and brief -> the garment's matte -> cloth and light taken apart, another cloth in that light (fabric_frame) -> a study
sheet and what is handed over. The gates stand around it in production: whoever wears the garment is a likeness in the
plate.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.clearance import Cleared, Permit
from setpiece.core.pictures import PlateInfo
from setpiece.core.plate_grain import grain_of, part_grain
from setpiece.core.progress import Progress
from setpiece.deliver.frames import frame_name, read_comp
from setpiece.departments.previs.fabric_frame import GARMENT, FabricJob
from setpiece.departments.previs.still import outlined, picture_of, swatch_of, write_sheet
from setpiece.intake.brief import Brief, load_brief, write_inferred
from setpiece.intake.photograph_schema import colourway
from setpiece.intake.roto import read_roto
from setpiece.integrate.shading import assumed_albedo, light_colour
from setpiece.media.certificates import SigningIdentity
from setpiece.media.credentials import Clearance
from setpiece.media.files import sha256_file
from setpiece.media.images import read_exr, write_exr, write_png
from setpiece.media.signing import Layer
from setpiece.production import handover as shared
from setpiece.production.frames import Factory
from setpiece.production.handover import Files, provenance_of
from setpiece.production.ingest import plate_of
from setpiece.production.job import Delivery, ShotJob, TakeResult
from setpiece.production.making import make_frames, take_of
from setpiece.production.steps import Steps
from setpiece.production.workspace import Workspace
from setpiece.stage.garment_matte import propose_garment

USUAL_WIDTH_M = 0.52  # of a garment where it is widest, arms beside the body
LAYER = Layer(
    name="cloth",
    source_type="algorithmicMedia",
    description="a procedural cloth in the still's own light on the garment's own folds; nothing trained",
)
FIGURES = (("garment/kept.png", "Garment", "What gets another cloth; the rest is dimmed and stays to the bit."),)
LIMITS = (
    "a pattern follows the outline's roundness and the folds' shading; seams, panels and the run of the cloth it does not know"
)


class Fabric:
    """The recipe of a fabric study."""

    sources = ("setpiece.departments.previs.fabric",)

    def infer(self, workspace: Workspace, brief: Brief, progress: Progress) -> None:
        """The garment's matte, its old colour and its scale, found where the brief leaves them open and written into it."""
        info = plate_of(brief)
        plate = picture_of(info)
        coverage = garment_of(workspace, brief, info, plate, Steps(workspace.stage, progress))
        picture, _ = part_grain(plate, grain_of(plate))
        was = assumed_albedo(picture, coverage, light_colour(picture))
        write_inferred(
            workspace.brief,
            {
                "garment.was": (swatch_of(was), "assumed: its level in the middle of the light, its hue under the picture's"),
                "garment.old_pattern_px": (0.0, "taken for plain"),
                "folds.width_m": (USUAL_WIDTH_M, "nobody stated it: a usual one is assumed"),
                "folds.assumed": (not brief.is_stated("folds.width_m"), "whether the width is assumed"),
            },
        )

    def make_take(self, job: Cleared[ShotJob], permit: Permit, workspace: Workspace, progress: Progress) -> TakeResult:
        """The colourways that are not there yet, a frame each."""
        permit.check()
        asked, brief = job.value, job.value.brief
        info = plate_of(brief)
        steps = Steps(workspace.stage, progress)
        garment_of(workspace, brief, info, picture_of(info), steps)
        folder = workspace.take(asked.version)
        out = folder / "comp"
        out.mkdir(parents=True, exist_ok=True)
        frame_job = FabricJob(
            brief=brief,
            info=info,
            garment=workspace.stage / "garment",
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
        factory = Factory(module="setpiece.departments.previs.fabric_frame", function="make_frames", args=(frame_job,))
        made = make_frames(factory, paths, asked.frames, folder, workers=asked.workers, progress=progress)
        return take_of(asked, folder, paths, timings_s=(*steps.timings_s, ("frames", made.seconds)),
                       warnings=(*_warnings(brief), *made.clamped(asked.frames)))  # fmt: skip

    def deliver(
        self, take: Cleared[TakeResult], shown: Clearance, identity: SigningIdentity, workspace: Workspace, progress: Progress
    ) -> Delivery:
        """The study sheet and a picture of each colourway, marked; report and manifest; all of it signed."""
        from setpiece.departments.previs.sets import marked

        desk = shared.desk_of(take, workspace, load_brief(workspace.brief))
        folder, result, stamp = take.value.folder, take.value, desk.provenance.mark
        before = desk.viewer(picture_of(desk.info))
        cells = [("as shot", Path(desk.info.source).name, before)]
        files: Files = [("comp", folder / "comp")]
        for frame, text in enumerate(desk.brief.fabric.colourways, desk.brief.plate.first_frame):
            name, cloth, colours = colourway(text)
            after = desk.viewer(read_comp(desk.comps[frame]))
            cells.append((name, f"{cloth}  {'  '.join(colours)}", after))
            picture = folder / f"{desk.stem}.{frame:04d}.png"
            write_png(picture, marked(after, f"{result.shot}  {result.version_name}  {name}", stamp))
            files.append((f"picture ({name})", picture))
        sheet = write_sheet(folder / f"{desk.stem}_study.png", cells, title=f"{result.shot}  {result.version_name}",
                            subtitle=desk.subtitle, stamp=stamp, columns=min(4, max(2, len(cells))))  # fmt: skip
        files.append(("study", sheet))
        figures = shared.figures(workspace.stage, FIGURES)
        files.append(("report", shared.report(desk, sheet, files, figures, (before.shape[1], before.shape[0]))))
        files += shared.signed(desk, (LAYER,), shown, identity, progress)
        return Delivery(files=tuple(files), warnings=result.warnings)


def garment_of(workspace: Workspace, brief: Brief, info: PlateInfo, plate: Rgb, steps: Steps) -> Plane:
    """The garment's matte (h, w): painted, or proposed from box and strokes; ``stage/garment/garment.png`` is there to mend."""
    section = brief.fabric.garment
    path = None if section.file is None else brief.resolve(section.file)

    def make(folder: Path) -> None:
        if path is not None:
            coverage = read_roto(path, (info.width, info.height), "garment's matte", subject="garment")
        else:
            coverage = propose_garment(plate, box=section.box, inside=section.inside, outside=section.outside,
                                       own_cloth=section.own_cloth)  # fmt: skip
        write_exr(folder / GARMENT, {"matte.A": coverage}, attributes={})
        write_png(folder / "garment.png", np.repeat((coverage * 255 + 0.5).astype(np.uint8)[..., None], 3, 2))
        write_png(folder / "kept.png", outlined(plate, coverage))

    inputs = {"plate": info.sha256, "box": section.box, "inside": section.inside, "outside": section.outside,
              "own_cloth": section.own_cloth, "file": None if path is None else sha256_file(path)}  # fmt: skip
    sources = ("setpiece.stage.garment_matte", "setpiece.intake.roto")
    return read_exr(steps.once("garment", inputs, make, sources=sources) / GARMENT)[0]["matte.A"]


def _warnings(brief: Brief) -> tuple[str, ...]:
    """What the designer should hear."""
    document = brief.fabric
    told = []
    cloths = {colourway(text)[1] for text in document.colourways}
    if cloths & {"pinstripe", "plaid", "floral", "tweed"}:
        told.append(LIMITS)
        if document.folds.assumed:
            told.append(f"nobody stated the garment's width: patterns are true to an assumed {document.folds.width_m} m")
    return tuple(told)
