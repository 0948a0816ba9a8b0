"""The recipe: a performance and a brief become a younger (or older) performance.

plate and brief -> faces (stage) -> engine's deltas, laid into the plate (frame) -> what is shown and handed over. Every step
resumes; the gates stand around it in production.
"""

from __future__ import annotations

from setpiece.core.clearance import Cleared, Permit
from setpiece.core.faces import FaceTrack
from setpiece.core.progress import Progress
from setpiece.core.timing import spans
from setpiece.deliver.frames import frame_name
from setpiece.departments.deage import handover
from setpiece.departments.deage.frame import FrameJob
from setpiece.departments.deage.propose import keyframes_to_paint
from setpiece.departments.deage.stage import TRACKS, is_deep, staged
from setpiece.intake.brief import Brief, write_inferred
from setpiece.media.certificates import SigningIdentity
from setpiece.media.credentials import Clearance
from setpiece.production.frames import Factory
from setpiece.production.handover import provenance_of
from setpiece.production.ingest import healed_note, plate_of
from setpiece.production.job import Delivery, ShotJob, TakeResult
from setpiece.production.making import Made, make_frames, take_of
from setpiece.production.workspace import Workspace


class Deage:
    """The de-ageing department's recipe."""

    sources = ("setpiece.departments.deage.recipe",)

    def infer(self, workspace: Workspace, brief: Brief, progress: Progress) -> None:
        """Which face, and which frames to paint, found where the brief leaves them open and written into it."""
        stated = brief.stated()
        _, face, _ = staged(workspace, stated, progress)
        seen = sum(face.seen(frame) for frame in face.frames)
        write_inferred(
            workspace.brief,
            {
                "face.name": (face.name, f"seen in {seen} of {len(face.frames)} frames"),
                "keyframes.frames": (keyframes_to_paint(face), "spread over what the face does"),
            },
        )

    def make_take(self, job: Cleared[ShotJob], permit: Permit, workspace: Workspace, progress: Progress) -> TakeResult:
        """Follow the faces, then make the frames that are not there yet."""
        permit.check()
        asked, brief = job.value, job.value.brief
        plate, face, steps = staged(workspace, brief, progress)
        folder = workspace.take(asked.version)
        out = folder / "comp"
        out.mkdir(parents=True, exist_ok=True)
        frame_job = _frame_job(job, permit, workspace, face)
        paths = {frame: out / frame_name(asked.shot, asked.version_name, frame) for frame in asked.frames}
        factory = Factory(module="setpiece.departments.deage.frame", function="make_frames", args=(frame_job,))
        made = make_frames(factory, paths, asked.frames, folder, workers=asked.workers, progress=progress)
        return take_of(
            asked,
            folder,
            paths,
            timings_s=(*steps.timings_s, ("frames", made.seconds)),
            warnings=_warnings(healed_note(plate), face, asked, made),
        )

    def deliver(
        self,
        take: Cleared[TakeResult],
        shown: Clearance,
        identity: SigningIdentity,
        workspace: Workspace,
        progress: Progress,
    ) -> Delivery:
        """Movies, contact sheet, timeline, report and manifest, as the brief asks; all of it signed."""
        return handover.deliver(take, shown, identity, workspace, progress)


def _frame_job(job: Cleared[ShotJob], permit: Permit, workspace: Workspace, face: FaceTrack) -> FrameJob:
    asked, brief = job.value, job.value.brief
    info = plate_of(brief)
    return FrameJob(
        brief=brief,
        plate=workspace.stage / "plate",
        tracks=workspace.stage / "faces" / TRACKS,
        face=face.name,
        size=(info.width, info.height),
        out=workspace.take(asked.version) / "comp",
        shot=asked.shot,
        version=asked.version_name,
        engine=asked.engine,
        strength=brief.deage.render.strength,
        deep=is_deep(info),
        provenance=provenance_of(
            brief, version=asked.version_name, engine=asked.engine, rate=brief.frames.rate, evidence=job.evidence
        ),
        permit=permit,
    )


def _warnings(healed: str, face: FaceTrack, job: ShotJob, made: Made) -> tuple[str, ...]:
    """What the supervisor should hear."""
    found = [healed] if healed else []
    absent = [frame for frame in job.frames if not face.seen(frame)]
    if absent:
        found.append(f"face '{face.name}' is not seen in {', '.join(spans(absent))}: there the plate is untouched")
    return (*found, *made.clamped(job.frames), *face.notes)
