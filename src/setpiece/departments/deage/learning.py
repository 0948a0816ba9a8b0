"""Learning the retouch on this shot alone: through the gate, resumable, with a sheet to watch; the model registers itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from setpiece.core.clearance import Permit
from setpiece.core.errors import Interrupted
from setpiece.core.progress import Progress
from setpiece.core.retouch import Delta
from setpiece.departments.deage.engines import request_of
from setpiece.departments.deage.stage import staged
from setpiece.generate.engines.propagate.engine import Propagate
from setpiece.generate.retouch import RetouchRequest
from setpiece.intake.brief import Brief, load_brief, write_stated
from setpiece.production.ingest import files_of, plate_of
from setpiece.production.recipe import Recipe
from setpiece.production.run import Order, admitted
from setpiece.production.steps import code_sha256
from setpiece.production.training import Lesson, admitted_lesson
from setpiece.production.workspace import Workspace

FOLDER = "learned"
MODEL = "retouch.onnx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What came of it: the model's file and hash, the sheet to look at, loss in stops and, where a keyframe could be held
    out, the error on it (network alone, fused)."""

    model: Path
    weights_sha256: str
    preview: Path
    steps: int
    loss: float
    held_out: tuple[float, float] | None


def learn(
    workspace: Workspace,
    progress: Progress,
    now: Callable[[], datetime],
    *,
    steps: int | None = None,
    stop: Callable[[], bool] | None = None,
) -> Learned:
    """Train on the painted keyframes, or go on with it: killed at any moment it resumes, with a keyframe more it goes on from
    where it was. ``steps`` overrides the brief's budget.

    Raises BriefError without keyframes, ClearanceRefused without the performer's consent to training, Interrupted.
    """
    from setpiece.generate.engines.learned.explain import Reasoned
    from setpiece.generate.engines.learned.onnx_model import export_model
    from setpiece.generate.engines.learned.settings import Standing, TrainingSettings
    from setpiece.generate.engines.learned.training import PREVIEW, Training

    with workspace.locked():
        brief = load_brief(workspace.brief)
        plate, face, _ = staged(workspace, brief, progress)
        info, section = plate_of(brief), brief.deage.learn
        settings = TrainingSettings(
            steps=steps or section.steps, seed=brief.seed if section.seed is None else section.seed, threads=section.threads
        )
        with admitted_lesson(workspace, _lesson(brief, settings), now) as room:
            request = request_of("propagate", brief, plate, (info.width, info.height), face, room.permit)
            folder = workspace.stage / FOLDER
            folder.mkdir(parents=True, exist_ok=True)
            progress.report("lessons", 0, 1, "what the propagation says of each keyframe, and of frames between")
            propagation = Reasoned(threads=settings.threads)
            propagation.prepare(request)
            training, sheet = Training.begin(request, settings, folder, propagation=propagation), folder / PREVIEW
            progress.report("lessons", 1, 1)

            def heard(standing: Standing) -> None:
                room.permit.check()
                note = f"loss {standing.loss:.4f} stops; watch {sheet}"
                progress.report("learning", standing.step, standing.steps, note)

            try:
                standing = training.run(stop=stop, progress=heard)
            except KeyboardInterrupt:
                raise Interrupted(
                    f"stopped after {training.standing().step} steps",
                    remedy="run the same command again: it goes on from there",
                ) from None
            model = folder / MODEL
            sha256 = export_model(training, model, name=f"{brief.shot.name} retouch")
            room.register(weights_sha256=sha256, name=f"{brief.shot.name} retouch", version=f"{standing.step} steps")
        stated = {"learn.model": str(model.relative_to(workspace.root)), "learn.weights_sha256": sha256}
        write_stated(workspace.brief, stated)
        return Learned(
            model=model,
            weights_sha256=sha256,
            preview=sheet,
            steps=standing.step,
            loss=standing.loss,
            held_out=standing.held_out,
        )


def suggest(workspace: Workspace, recipe: Recipe, progress: Progress, now: Callable[[], datetime]) -> tuple[int, str]:
    """The frame that one more keyframe would help most, and why; by the model where there is one, else by what the
    keyframes say of each other. Raises BriefError without keyframes."""
    from setpiece.generate.engines.learned.engine import Learned as Engine
    from setpiece.generate.engines.learned.suggest import next_keyframe

    with admitted(workspace, Order(), recipe=recipe, progress=progress, now=now) as (job, permit):
        request, prior = _propagated(job.brief, workspace, permit, progress)
        if job.brief.deage.learn.model is None:
            keys = tuple(key.frame for key in request.keyframes)

            def other(frame: int) -> Delta | None:
                nearest = min(keys, key=lambda key: abs(key - frame))
                return prior.prior(frame, without=(nearest,)) if len(keys) > 1 else prior.delta(frame)

            found = next_keyframe(request, prior.delta, other)
        else:
            from dataclasses import replace

            from setpiece.departments.deage.engines import look_of
            from setpiece.generate.engines.learned.engine import LearnedLook

            look = look_of("learned", job.brief)
            assert isinstance(look, LearnedLook)
            engine = Engine()
            engine.prepare(replace(request, look=replace(look, fuse=False)))
            found = next_keyframe(request, prior.delta, engine.delta)
    return found.frame, found.why


def _propagated(brief: Brief, workspace: Workspace, permit: Permit, progress: Progress) -> tuple[RetouchRequest, Propagate]:
    plate, face, _ = staged(workspace, brief, progress)
    info = plate_of(brief)
    request = request_of("propagate", brief, plate, (info.width, info.height), face, permit)
    engine = Propagate()
    engine.prepare(request)
    return request, engine


def _lesson(brief: Brief, settings: object) -> Lesson:
    """Every picture that is learned from: the painted keyframes, and the plate whose other frames train occlusion."""
    from setpiece.clearance.use import canonical_sha256

    items = [(name, sha256) for name, sha256 in files_of(brief) if name.startswith("keyframes.")]
    code = code_sha256(("setpiece.generate.engines.learned",))
    return Lesson(
        shot=brief.shot.name,
        items=(*items, ("plate", plate_of(brief).sha256)),
        settings_sha256=canonical_sha256([repr(settings), code]),
    )
