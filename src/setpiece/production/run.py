"""The main job: brief, inference, admission, frames, release, delivery, in that order and in no other.

Everything lies in the workspace, so a run that was killed anywhere goes on where it stopped. The gates are called
here and nowhere else; the recipe gets what they cleared.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from setpiece.clearance.gates import Permit, admit, release
from setpiece.clearance.use import UseRequest
from setpiece.core.clearance import Cleared, Outcome
from setpiece.core.errors import BriefError, ClearanceRefused, WorkerFailed
from setpiece.core.progress import Progress
from setpiece.core.timing import FrameRange
from setpiece.intake.brief import Brief, brief_sha256, load_brief
from setpiece.production.clearing import (
    Desk,
    clearance_shown,
    latest,
    open_desk,
    probe_signature,
    take_name,
    use_of_job,
    use_of_take,
)
from setpiece.production.ingest import files_of, plate_of
from setpiece.production.job import Delivery, ShotJob, TakeResult
from setpiece.production.recipe import Recipe
from setpiece.production.steps import code_sha256
from setpiece.production.take import Version, frame_hashes, read_result, version_of, write_result
from setpiece.production.workspace import Workspace, take_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How a run was asked for, beside the brief. None follows the brief; ``workers`` None is one a core."""

    frames: str | None = None
    scale: float | None = None
    engine: str | None = None
    workers: int | None = None
    redo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a run gave. ``delivery`` is None where only a part of the shot's frames was asked for."""

    take: TakeResult
    delivery: Delivery | None


def run(
    workspace: Workspace,
    order: Order,
    *,
    recipe: Recipe,
    progress: Progress,
    now: Callable[[], datetime],
) -> Finished:
    """Run a shot, or go on with it. Raises SetpieceErrors only; whatever was finished before stays."""
    with workspace.locked(), _desk(workspace, now) as desk:
        workspace.tidy()
        brief = load_brief(workspace.brief)
        job = _inferred(workspace, brief, order, desk, recipe, progress)
        code = code_sha256(recipe.sources)
        version = version_of(workspace, job, code=code, redo=order.redo)
        if version.note:
            progress.report(f"v{version.number:03d}", 1, 1, version.note)
        job = replace(job, version=version.number)
        cleared, permit, admitted = _admitted(job, desk, workspace)
        take = _made(cleared, permit, version, code, workspace, recipe, progress)
        desk.office.register_take(take_name(job.shot, job.version), admitted, now())
        if job.frames != shot_frames(job):
            return Finished(take=take, delivery=None)
        write_result(take)
        return Finished(take=take, delivery=_deliver(take, cleared, admitted, desk, workspace, recipe, progress))


def _inferred(workspace: Workspace, brief: Brief, order: Order, desk: Desk, recipe: Recipe, progress: Progress) -> ShotJob:
    """The job with everything inferred. What the gate would refuse is refused here, before any work is done on it."""
    early = planned(workspace, brief, order)
    use = use_of_job(early, desk, workspace)
    if desk.foresee(use, early.shot).outcome is not Outcome.ALLOW:
        admit(early, use, office=desk.office, now=desk.now(), about=early.shot)
    recipe.infer(workspace, brief, progress)
    return planned(workspace, load_brief(workspace.brief), order)


@contextmanager
def _desk(workspace: Workspace, now: Callable[[], datetime]) -> Iterator[Desk]:
    shot = load_brief(workspace.brief).shot
    desk = open_desk(workspace, shot.show, now)
    try:
        latest(desk, shot.name)  # every decision about the shot is checked against the log: nothing goes on from a forged one
        yield desk
    finally:
        desk.close()


def _admitted(job: ShotJob, desk: Desk, workspace: Workspace) -> tuple[Cleared[ShotJob], Permit, UseRequest]:
    """The job through the first gate: its evidence, what its workers check, and the use that was cleared."""
    take = take_name(job.shot, job.version)
    use = use_of_job(job, desk, workspace)
    cleared = admit(job, use, office=desk.office, now=desk.now(), about=job.shot, take=take)
    desk.confirm(cleared, use_of_job(job, desk, workspace), take)
    return cleared, desk.permit(cleared, use, take), use


def _made(
    cleared: Cleared[ShotJob],
    permit: Permit,
    version: Version,
    code: str,
    workspace: Workspace,
    recipe: Recipe,
    progress: Progress,
) -> TakeResult:
    """The take of a job: as it lies there finished, or made, or gone on with."""
    if version.finished is not None:
        return _checked(version.finished, cleared.value)
    workspace.begin_take(version.number, _facts(cleared) | {"code_sha256": code})
    take = _checked(recipe.make_take(cleared, permit, workspace, progress), cleared.value)
    return replace(take, warnings=(version.note, *take.warnings)) if version.note else take


@contextmanager
def admitted(
    workspace: Workspace, order: Order, *, recipe: Recipe, progress: Progress, now: Callable[[], datetime]
) -> Iterator[tuple[ShotJob, Permit]]:
    """The shot through the first gate, for pictures that are made before a take: the job and what is checked for each."""
    with workspace.locked(), _desk(workspace, now) as desk:
        job = _inferred(workspace, load_brief(workspace.brief), order, desk, recipe, progress)
        cleared, permit, _ = _admitted(job, desk, workspace)
        yield cleared.value, permit


def deliver(workspace: Workspace, *, recipe: Recipe, progress: Progress, now: Callable[[], datetime]) -> Finished:
    """Release and deliver the newest take as it lies there, making no frame.

    Raises ClearanceRefused where the brief no longer says what the take was made with.
    """
    with workspace.locked(), _desk(workspace, now) as desk:
        version = newest(workspace)
        take = read_result(workspace, version)
        facts = take_facts(workspace, version)
        brief = load_brief(workspace.brief)
        job = planned(workspace, brief, Order(engine=take.engine, scale=float(facts["scale"])), version=version)
        if job.settings_sha256 != facts["settings_sha256"]:
            raise ClearanceRefused(
                f"the brief was changed since {take.version_name} was made",
                file=workspace.brief,
                remedy=f"make a new version: setpiece run {workspace.called}",
            )
        cleared, _, admitted = _admitted(job, desk, workspace)
        return Finished(take=take, delivery=_deliver(take, cleared, admitted, desk, workspace, recipe, progress))


def planned(workspace: Workspace, brief: Brief, order: Order, *, version: int = 0) -> ShotJob:
    """The job that an order on a brief means; ``version`` is put in later where it is not known yet.

    Raises BriefError for frames outside the shot or a scale out of range.
    """
    info = plate_of(brief)
    scale = brief.render.scale if order.scale is None else order.scale
    least, largest = brief.document.scales
    if not least <= scale <= largest:
        how = f"a scale between {least:g} and {largest:g}" if least < largest else f"no scale but {least:g}"
        raise BriefError(f"scale {scale} is out of range", remedy=f"state {how}")
    engine, engines = order.engine or brief.document.engine, brief.document.engines
    if engine not in engines:
        raise BriefError(f"there is no engine '{engine}' for this shot", remedy=f"choose {' or '.join(engines)}")
    return ShotJob(
        brief=brief,
        plate_sha256=info.sha256,
        engine=engine,
        frames=info.frames if order.frames is None else info.frames.within(order.frames),
        scale=scale,
        version=version,
        workers=order.workers or cores(),
        files=files_of(brief),
    )


def shot_frames(job: ShotJob) -> FrameRange:
    """All frames of the job's shot."""
    return FrameRange(first=job.brief.plate.first_frame, last=job.brief.plate.last_frame, rate=job.frames.rate)


def newest(workspace: Workspace) -> int:
    """The newest version. Raises BriefError where there is none."""
    versions = workspace.versions()
    if not versions:
        raise BriefError("has no take yet", file=workspace.root, remedy=f"make one: setpiece run {workspace.called}")
    return versions[-1]


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _deliver(
    take: TakeResult,
    cleared: Cleared[ShotJob],
    admitted: UseRequest,
    desk: Desk,
    workspace: Workspace,
    recipe: Recipe,
    progress: Progress,
) -> Delivery:
    """The take through the second gate, then everything that the brief asks for, signed."""
    name = take_name(take.shot, take.version)
    identity = desk.identity()
    use = use_of_take(take, cleared.value.brief, admitted, desk, workspace, lambda: probe_signature(identity))
    released = release(
        take, use, admitted=cleared.evidence, office=desk.office, now=desk.now(), about=take.shot, take=name
    )  # fmt: skip
    desk.confirm(released, use, name)
    return recipe.deliver(released, clearance_shown(released.evidence, use, desk), identity, workspace, progress)


def _checked(take: TakeResult, job: ShotJob) -> TakeResult:
    """A recipe is believed only where the files agree: all frames of the job, in order, with their hashes."""
    if (take.shot, take.version, take.frames) != (job.shot, job.version, job.frames) or len(take.comp) != len(job.frames):
        raise WorkerFailed(
            f"the recipe gave {len(take.comp)} frames of {take.shot} v{take.version:03d}, "
            f"asked were {len(job.frames)} of {job.shot} {job.version_name}",
            remedy="report this: it is a fault of the program",
        )
    if frame_hashes(take.comp) != take.frame_sha256:
        raise WorkerFailed(
            "frames changed while the take was made", file=take.folder, remedy="let nothing else write there; run again"
        )
    return take


def _facts(cleared: Cleared[ShotJob]) -> dict[str, object]:
    """What ``take.json`` notes when a take is begun."""
    job = cleared.value
    return {
        "settings_sha256": job.settings_sha256,
        "shot": job.shot,
        "version": job.version,
        "engine": job.engine,
        "scale": job.scale,
        "seed": job.seed,
        "brief_sha256": brief_sha256(job.brief),
        "plate_sha256": job.plate_sha256,
        "admitted": {"sequence": cleared.evidence.sequence, "sha256": cleared.evidence.entry_sha256},
    }
