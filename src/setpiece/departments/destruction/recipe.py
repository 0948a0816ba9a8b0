"""The recipe: a plate and a brief become a finished collapse shot.

plate and brief -> camera, matte, light (solve) -> pieces, motion, grit, gas (build) -> frames (frame) -> what is shown and
handed over (handover). Every step resumes; the gates stand around it in production.
"""

from __future__ import annotations

import time
from dataclasses import replace

from setpiece.core.clearance import Cleared, Permit
from setpiece.core.pictures import PlateInfo
from setpiece.core.progress import Progress
from setpiece.core.timing import FrameRange
from setpiece.deliver.frames import Provenance, frame_name
from setpiece.departments.destruction import handover
from setpiece.departments.destruction.build import StageFolder, build_stage
from setpiece.departments.destruction.finish import PROXY, FinishJob, Prepared, finish_frames, prepared
from setpiece.departments.destruction.frame import FrameJob
from setpiece.departments.destruction.solve import infer, solved
from setpiece.intake.brief import Brief, load_brief, write_inferred
from setpiece.intake.finish_schema import FINISHERS, FinishSection
from setpiece.intake.prompt import shot_prompt
from setpiece.integrate.mirrors import Polygon
from setpiece.media.certificates import SigningIdentity
from setpiece.media.credentials import Clearance
from setpiece.production.finishing import finish_of, finisher_of
from setpiece.production.frames import Factory
from setpiece.production.handover import provenance_of
from setpiece.production.ingest import healed_note, plate_of
from setpiece.production.job import Delivery, ShotJob, TakeResult
from setpiece.production.making import Made, make_frames, noted, take_of
from setpiece.production.steps import Steps
from setpiece.production.workspace import Workspace

HOUSE_SAMPLES = 4
CYCLES_SAMPLES = 64


class Destruction:
    """The destruction department's recipe."""

    sources = ("setpiece.departments.destruction.recipe", "setpiece.stage.blender")  # the latter runs in its own process

    def infer(self, workspace: Workspace, brief: Brief, progress: Progress) -> None:
        """Camera, scale, matte, light and footprint, found where the brief leaves them open and written into it; the words
        for an engine that wants words."""
        info = plate_of(brief)
        infer(workspace, brief, info, progress)
        found = load_brief(workspace.brief)
        if found.render.engine in FINISHERS and found.stated().destruction.finish.prompt is None:
            value, _ = solved(workspace, found, info, progress)
            made = shot_prompt(found.destruction, value.light, width_px=info.width)
            write_inferred(workspace.brief, {"finish.prompt": (made.text, "from this brief and its light")})

    def make_take(self, job: Cleared[ShotJob], permit: Permit, workspace: Workspace, progress: Progress) -> TakeResult:
        """Build the stage, then make the frames that are not there yet."""
        permit.check()
        asked, brief = job.value, job.value.brief
        info = plate_of(brief)
        value, solver = solved(workspace, brief, info, progress)
        steps = Steps(workspace.stage, progress)
        stage = build_stage(asked, info, value, steps, progress)
        folder = workspace.take(asked.version)
        out = folder / "comp"
        out.mkdir(parents=True, exist_ok=True)
        handover.note_stage(folder, stage)
        section = finish_of(brief, asked.engine)
        frame_job = _frame_job(job, permit, info, stage, workspace, proxy=section is not None)
        wanted = asked.frames if section is None else section.redone(str(asked.frames.rate)) or asked.frames
        ready = None
        if section is not None:
            words = shot_prompt(brief.destruction, value.light, width_px=info.width).text
            ready = _finish(job, permit, section, stage, frame_job.provenance, workspace, wanted=wanted, words=words)
        drawn = {frame: frame_job.out / frame_name(asked.shot, asked.version_name, frame) for frame in wanted}
        paths = {frame: out / frame_name(asked.shot, asked.version_name, frame) for frame in asked.frames}
        frame_job.out.mkdir(exist_ok=True)
        factory = Factory(module="setpiece.departments.destruction.frame", function="make_frames", args=(frame_job,))
        made = make_frames(factory, drawn, wanted, folder, workers=asked.workers, progress=progress)
        if ready is not None:
            began = time.monotonic()
            told = finish_frames(ready, progress)
            made = noted(folder, told, seconds=made.seconds + time.monotonic() - began)
        return take_of(
            asked,
            folder,
            paths,
            timings_s=(*solver.steps.timings_s, *steps.timings_s, ("frames", made.seconds)),
            warnings=_warnings(healed_note(stage.plate), made, asked),
        )

    def deliver(
        self,
        take: Cleared[TakeResult],
        shown: Clearance,
        identity: SigningIdentity,
        workspace: Workspace,
        progress: Progress,
    ) -> Delivery:
        """Movies, contact sheet, timeline, USD, .blend, report and manifest, as the brief asks; all of it signed."""
        return handover.deliver(take, shown, identity, workspace, progress)


def _finish(
    job: Cleared[ShotJob],
    permit: Permit,
    section: FinishSection,
    stage: StageFolder,
    provenance: Provenance,
    workspace: Workspace,
    *,
    wanted: FrameRange,
    words: str,
) -> Prepared:
    """What a diffusion engine is to finish, with all that can be refused refused."""
    asked, brief, folder = job.value, job.value.brief, workspace.take(job.value.version)
    finish = FinishJob(
        brief=brief,
        section=section,
        engine=asked.engine,
        shot=asked.shot,
        version=asked.version_name,
        frames=asked.frames,
        wanted=wanted,
        take=folder,
        kept=None if section.keep is None else workspace.take(section.keep),
        words=words,
        stage=stage,
        models=permit.models,
        provenance=replace(provenance, engine=asked.engine),
        permit=permit,
    )
    engine = finisher_of(brief, asked.engine, work=folder / "work", register=dict(permit.names))
    return prepared(finish, engine)


def _frame_job(
    job: Cleared[ShotJob], permit: Permit, info: PlateInfo, stage: StageFolder, workspace: Workspace, *, proxy: bool
) -> FrameJob:
    """What the frame workers do; ``proxy``: engine house draws what another engine finishes."""
    asked, brief = job.value, job.value.brief
    engine = "house" if proxy else asked.engine
    default = HOUSE_SAMPLES if engine == "house" else CYCLES_SAMPLES
    mirrors = brief.plate.mirrors or ()
    return FrameJob(
        plate=stage.plate,
        pieces=stage.pieces,
        motion=stage.motion,
        grit=stage.grit,
        gas=stage.gas,
        out=workspace.take(asked.version) / (PROXY if proxy else "comp"),
        shot=asked.shot,
        version=asked.version_name,
        engine=engine,
        frames=brief.frames,
        samples=brief.destruction.render.samples or default,
        shutter_deg=brief.destruction.render.shutter_deg if brief.destruction.render.motion_blur else 0.0,
        seed=brief.seed,
        behind_dust=brief.destruction.render.behind_dust,
        still=info.still,
        grain=brief.integrate.grain,
        sharpness_px=brief.integrate.sharpness,
        edge=brief.integrate.edge,
        dust_look=_dust_look(brief) if engine == "house" else None,
        mirrors=tuple(_in_take(polygon, info, asked.scale) for polygon in mirrors),
        foot=_in_take(brief.building.footprint or (), info, asked.scale),
        provenance=provenance_of(
            brief, version=asked.version_name, engine=engine, rate=brief.frames.rate, evidence=job.evidence
        ),
        permit=permit,
    )


def _in_take(points: Polygon, info: PlateInfo, scale: float) -> Polygon:
    """Points in px of the plate as px of the take, which is whole pixels wide and high."""
    across, down = (max(1, round(length * scale)) / length for length in (info.width, info.height))
    return tuple((x * across, y * down) for x, y in points)


def _dust_look(brief: Brief) -> object:
    """How the dust scatters light, from the brief."""
    from setpiece.generate.engines.house.dust import DustLook

    default = DustLook()
    return replace(default, detail=min(1.0, default.detail * brief.dust.detail),
                   albedo_rgb=brief.dust.colour_rgb or default.albedo_rgb)  # fmt: skip


def _warnings(healed: str, made: Made, asked: ShotJob) -> tuple[str, ...]:
    """What the supervisor should hear. A frame whose facts a killed run took with it is None."""
    found = [healed] if healed else []
    found += made.clamped(asked.frames)
    if all(fact and fact["touched"] == 0 for fact in made.of(asked.frames)):
        found.append("no frame of this range differs from the plate: is collapse.start_frame inside it?")
    return tuple(found)
