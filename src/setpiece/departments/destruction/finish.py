"""Finishing by a diffusion engine: the stage's passes steer it, its pixels come back through the matte and no other way.

Engine ``house`` has rendered every frame as a proxy: what it shows, and where, is decided. The engine gives whole pictures
(kept under ``takes/v001/finished``, so that a run resumes); of those only what the matte lets in reaches the comp, corrected
by the drift that was measured on kept pixels. A note (``finish.redo``) makes its frames anew between locked neighbours of an
earlier take; all other frames are that take's, to the bit. A model that sees frames together gets the whole shot at once: a
part of it would be another clip.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.camera import Camera
from setpiece.core.clearance import Permit
from setpiece.core.errors import BriefError, StageError
from setpiece.core.progress import Progress
from setpiece.core.stage import Motion
from setpiece.core.timing import FrameRange, runs_of
from setpiece.deliver.cryptomatte import cryptomatte_attributes, piece_names
from setpiece.deliver.frames import Provenance, frame_is_whole, frame_name, read_channels, rgb_of, write_frame
from setpiece.departments.destruction.build import StageFolder
from setpiece.departments.destruction.handover import FINISH_NOTE
from setpiece.generate.finish import Control, Finisher, FinishRequest, Locked, check_finish
from setpiece.intake.brief import Brief
from setpiece.intake.finish_schema import FinishSection
from setpiece.integrate.drift import DriftReport, measure_drift, smoothed
from setpiece.integrate.grain import GrainModel, match_grain, measure_grain
from setpiece.integrate.recompose import missing_grain, recompose
from setpiece.media.exr import HALF_MAX, write_exr
from setpiece.media.files import plain, read_json, sha256_file, write_json
from setpiece.media.images import read_exr
from setpiece.passes.controls import control_picture
from setpiece.passes.conventions import FLOAT32
from setpiece.production.finishing import references_of
from setpiece.stage.archive import load_camera, load_motion, load_pieces

SCHEMA = "setpiece.finish/1"
FINISHED, PROXY = "finished", "proxy"
LEAST_NEAR_M = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishJob:
    """What is to be finished. ``frames`` are the take's, ``wanted`` those that the engine makes; ``take`` is its folder,
    ``kept`` that of the take which a note leaves all others to (None: no note). ``words`` is the prompt that the brief
    makes by itself."""

    brief: Brief
    section: FinishSection
    engine: str
    shot: str
    version: str
    frames: FrameRange
    wanted: FrameRange
    take: Path
    kept: Path | None
    words: str
    stage: StageFolder
    models: tuple[str, ...]
    provenance: Provenance
    permit: Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A job that nothing is known to stand against: its engine, the request for all wanted frames, and where its pictures come
    from."""

    job: FinishJob
    engine: Finisher
    shown: Proxies
    request: FinishRequest


def prepared(job: FinishJob, engine: Finisher) -> Prepared:
    """Refuse what can be refused before a proxy is drawn: fields that the engine does not honour, frames that the take to keep
    lacks, a part of a shot that a model would see as another clip.

    Raises :class:`CapabilityMissing`, :class:`ClearanceRefused`, :class:`StageError` or :class:`BriefError`.
    """
    if job.kept is None and job.frames != job.brief.frames and engine.moving:
        raise BriefError(
            f"engine '{job.engine}' sees all frames of a shot together: a part of it is another clip",
            file=job.brief.path,
            remedy="run the whole shot; then state finish.redo and finish.keep for a note on these frames",
        )
    for frame in _others(job):
        _kept(job, frame)
    shown = Proxies(job)
    request = _request(job, engine, shown)
    check_finish(engine, request)
    return Prepared(job=job, engine=engine, shown=shown, request=request)


def finish_frames(ready: Prepared, progress: Progress) -> dict[str, Any]:
    """Make every comp of a job that is not there yet, from the proxies in the take; facts of each frame. Whatever the engine
    refuses is raised, and what was finished stays."""
    job, engine = ready.job, ready.engine
    facts = _keep_others(job, progress)
    if any(not frame_is_whole(_comp(job, frame)) for frame in job.wanted):
        _finished(job, engine, ready.request, progress)
        facts |= _recomposed(job, ready.shown, alone=not engine.moving, progress=progress)
    return facts


def _others(job: FinishJob) -> tuple[int, ...]:
    """The frames that a note leaves as they are; none without one."""
    return () if job.kept is None else tuple(frame for frame in job.frames if frame not in job.wanted)


class Proxies:
    """The proxies of a take as an engine is shown them. A frame's channels are read once for all that is asked of it."""

    def __init__(self, job: FinishJob) -> None:
        self._folder, self._job = job.take / PROXY, job
        self.camera: Camera = load_camera(job.stage.plate / "camera.json")
        self._read: Callable[[int], Mapping[str, Plane]] = lru_cache(maxsize=2)(self._channels)

    def _channels(self, frame: int) -> Mapping[str, Plane]:
        return read_channels(self._folder / frame_name(self._job.shot, self._job.version, frame))

    @cached_property
    def near_m(self) -> float:
        """How near the nearest piece of the shot comes, metres."""
        return nearest_of(load_motion(self._job.stage.motion / "motion.npz"), self.camera)

    def channels(self, frame: int) -> Mapping[str, Plane]:
        """Every channel of the proxy."""
        return self._read(frame)

    def comp(self, frame: int) -> Rgb:
        """The proxy's comp: the plate wherever the stage touches nothing."""
        return rgb_of(self._read(frame))

    def matte(self, frame: int) -> Plane:
        """Where the model's pixels may enter: building, seam, debris and dust."""
        channels = self._read(frame)
        return np.clip(np.maximum(channels["matte.A"], channels["dust.A"]), 0, 1).astype(np.float32)

    def control(self, kind: str) -> Callable[[int], Rgb]:
        """One pass, as a picture of a frame."""
        return lambda frame: control_picture(kind, self._read(frame), near_m=self.near_m, axes=self.camera.axes)


def nearest_of(motion: Motion, camera: Camera) -> float:
    """How near to the camera any piece comes in the whole shot, metres along the viewing axis; one metre at least."""
    ahead = np.asarray(camera.axes, np.float32)[2]
    depth = (motion.position - np.asarray(camera.position_m, np.float32)) @ ahead
    before = depth[depth > 0]
    return max(LEAST_NEAR_M, float(before.min())) if before.size else LEAST_NEAR_M


def _finished(job: FinishJob, engine: Finisher, request: FinishRequest, progress: Progress) -> None:
    """The engine's whole pictures of the wanted frames, half float, written as they come; those that are there already stay."""
    folder = job.take / FINISHED
    folder.mkdir(exist_ok=True)
    missing = [frame for frame in job.wanted if not frame_is_whole(_picture(job, frame))]
    if not missing:
        return
    whole = [(job.wanted.first, job.wanted.last)]
    for first, last in whole if engine.moving else runs_of(missing):
        asked = replace(request, frames=FrameRange(first=first, last=last, rate=job.wanted.rate))
        _note_asked(job, engine, asked)
        for frame, picture in engine.finish(asked, progress):
            job.permit.check()
            if frame in missing:
                planes = {name: np.clip(picture[..., k], -HALF_MAX, HALF_MAX) for k, name in enumerate("RGB")}
                write_exr(_picture(job, frame), planes, attributes={"setpiece/finish": job.engine})
    _amend(job, {"used": plain(getattr(engine, "used", None))})


def _request(job: FinishJob, engine: Finisher, shown: Proxies) -> FinishRequest:
    section, camera = job.section, shown.camera
    return FinishRequest(
        plate=shown.comp,
        matte=shown.matte,
        frames=job.wanted,
        size=(camera.width, camera.height),
        controls=tuple(Control(kind=kind, picture=shown.control(kind)) for kind in section.controls),
        prompt=_prompt(job, engine),
        negative=section.negative,
        references=references_of(job.brief, section),
        locked=_locked(job),
        seed=job.brief.seed if section.seed is None else section.seed,
        strength=section.strength,
        steps=section.steps,
        guidance=section.guidance,
        models=job.models,
        permit=job.permit,
    )


def _locked(job: FinishJob) -> tuple[Locked, ...]:
    """The finished neighbours of a redone range, as they stand in the take that is kept."""
    if job.kept is None:
        return ()
    whole, wanted, lock = job.brief.frames, job.wanted, job.section.lock
    beside = [*range(wanted.first - lock, wanted.first), *range(wanted.last + 1, wanted.last + lock + 1)]
    return tuple(
        Locked(frame=frame, picture=rgb_of(read_exr(path, only=("R", "G", "B"))[0], file=path))
        for frame in beside
        if frame in whole
        for path in (_kept(job, frame),)
    )


def _recomposed(job: FinishJob, shown: Proxies, *, alone: bool, progress: Progress) -> dict[str, Any]:
    """Every wanted comp that is not there: drift is measured over all of them first, unless frames stand ``alone``."""
    wanted = job.wanted
    reports: dict[int, DriftReport] = {}
    for frame in wanted:
        reports[frame] = measure_drift(shown.comp(frame), _engine_picture(job, frame), shown.matte(frame))
    used = dict(zip(reports, smoothed(tuple(reports.values())), strict=True))
    model = measure_grain(rgb_of(read_exr(job.stage.plate / "reference.exr")[0])) if job.brief.integrate.grain else None
    attributes = cryptomatte_attributes(_names(job.stage))
    facts: dict[str, Any] = {}
    drift: dict[str, Any] = dict(_known(job).get("drift", {}))
    for done, frame in enumerate(wanted):
        if frame_is_whole(_comp(job, frame)):
            drift.setdefault(str(frame), _told(reports[frame]))
            continue
        plate, picture, matte = shown.comp(frame), _engine_picture(job, frame), shown.matte(frame)
        correction = reports[frame].measured if alone else used[frame]
        grain = _grain(model, picture, job.brief.seed, frame)
        made, report = recompose(plate, picture, matte, drift=correction, grain=grain, frame=frame)
        drift[str(frame)] = _told(report)
        channels = dict(shown.channels(frame))
        channels |= {f"proxy.{name}": channels[name] for name in "RGB"} | {"finish.A": matte}
        channels |= {name: np.ascontiguousarray(made[..., k]) for k, name in enumerate("RGB")}
        facts[str(frame)] = _written(job, frame, channels, attributes)
        progress.report("comp", done + 1, len(wanted))
    _amend(job, {"drift": drift, "finished_sha256": {str(frame): sha256_file(_picture(job, frame)) for frame in wanted}})
    return facts


def _told(report: DriftReport) -> dict[str, Any]:
    """A frame's drift, as the take notes it."""
    return {"stops": [round(stop, 4) for stop in report.used.stops()], "pixels": report.pixels, "why": report.why}


def _keep_others(job: FinishJob, progress: Progress) -> dict[str, Any]:
    """The frames beside a note, out of the take that is kept: every pixel of every layer as it was, under this take's name."""
    facts: dict[str, Any] = {}
    others = _others(job)
    attributes = cryptomatte_attributes(_names(job.stage)) if others else {}
    for done, frame in enumerate(others):
        if not frame_is_whole(_comp(job, frame)):
            facts[str(frame)] = _written(job, frame, read_channels(_kept(job, frame)), attributes)
        progress.report("kept", done + 1, len(others))
    return facts


def _written(job: FinishJob, frame: int, channels: Mapping[str, Plane], attributes: Mapping[str, str]) -> dict[str, Any]:
    """Write a comp with its layers; its facts."""
    job.permit.check()
    clamped = write_frame(
        _comp(job, frame), channels, float32=FLOAT32 & channels.keys(), provenance=job.provenance, frame=frame,
        attributes=attributes,
    )  # fmt: skip
    return {"clamped": clamped, "touched": float(np.mean(channels["finish.A"] > 0))}


def _names(stage: StageFolder) -> Any:
    pieces, names = load_pieces(stage.pieces / "pieces.npz")
    return piece_names(pieces.part, names)


def _kept(job: FinishJob, frame: int) -> Path:
    """The comp of a frame in the take that is kept. Raises :class:`StageError` where there is none."""
    assert job.kept is not None
    path = job.kept / "comp" / frame_name(job.shot, job.kept.name, frame)
    if not frame_is_whole(path):
        raise StageError(
            f"{job.kept.name} has no such frame to keep", file=path, frame=frame, remedy="name a finished take in finish.keep"
        )
    return path


def _comp(job: FinishJob, frame: int) -> Path:
    return job.take / "comp" / frame_name(job.shot, job.version, frame)


def _picture(job: FinishJob, frame: int) -> Path:
    return job.take / FINISHED / f"{job.shot}_finished_{job.version}.{frame:04d}.exr"


def _engine_picture(job: FinishJob, frame: int) -> Rgb:
    path = _picture(job, frame)
    return rgb_of(read_exr(path)[0], file=path)


def _is_made(job: FinishJob) -> bool:
    """Whether nobody stated the words: they come of the brief."""
    return job.section.prompt is None or "finish.prompt" in dict(job.brief.inferred)


def _prompt(job: FinishJob, engine: Finisher) -> str:
    if _is_made(job) and not engine.worded:
        return ""
    return job.words if job.section.prompt is None else job.section.prompt


def _grain(model: GrainModel | None, picture: Rgb, seed: int, frame: int) -> Any:
    """What the engine's picture lacks of the plate's grain, bound to seed and frame; None where the brief wants none."""
    if model is None:
        return None
    lacking = missing_grain(model, measure_grain(picture))

    def apply(rgb: Rgb, *, where: Plane) -> Rgb:
        return match_grain(rgb, lacking, seed=seed, frame=frame, where=where)

    return apply


def _note_asked(job: FinishJob, engine: Finisher, request: FinishRequest) -> None:
    """Write down what is asked of the engine, and what it says that this takes."""
    asked = job.section
    told: dict[str, Any] = {
        "engine": job.engine,
        "prompt": request.prompt,
        "prompt_is": "made" if _is_made(job) else "stated",
        "negative": asked.negative,
        "controls": list(asked.controls),
        "models": list(job.models),
        "redo": asked.redo,
        "keep": asked.keep,
        "seed": request.seed,
    }
    estimate = getattr(engine, "estimate", None)
    if estimate is not None:
        told["estimate"] = asdict(estimate(request))
    _amend(job, told)


def _known(job: FinishJob) -> dict[str, Any]:
    """What the take notes of its finish so far."""
    path = job.take / FINISH_NOTE
    return dict(read_json(path)) if path.is_file() else {"schema": SCHEMA}


def _amend(job: FinishJob, told: Mapping[str, Any]) -> None:
    write_json(job.take / FINISH_NOTE, {**_known(job), **told})
