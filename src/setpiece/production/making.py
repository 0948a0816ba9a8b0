"""Frames of a take made side by side, what is known of each, and the take put together: alike for every department.

``frames.json`` in a take's folder keeps the facts of each frame when it is made, so that a run that goes on knows those of
frames which another run made.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from setpiece.core.progress import Progress
from setpiece.core.timing import FrameRange
from setpiece.deliver.frames import frame_is_whole
from setpiece.media.files import read_json, sha256_file, write_json
from setpiece.production.frames import Factory, run_frames
from setpiece.production.job import ShotJob, TakeResult

FACTS = "frames.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a run knows of its frames: ``facts`` by frame number, as text; ``seconds`` that making them took."""

    facts: dict[str, Any]
    seconds: float

    def of(self, frames: FrameRange) -> list[Any]:
        """The facts of ``frames``, in order; None for a frame whose facts a killed run took with it."""
        return [self.facts.get(str(frame)) for frame in frames]

    def clamped(self, frames: FrameRange) -> tuple[str, ...]:
        """What the supervisor should hear of values that did not fit."""
        count = sum(int(fact["clamped"]) for fact in self.of(frames) if fact)
        return (f"{count} values above 65504 were clamped to what half floats hold",) if count else ()


def make_frames(
    factory: Factory, paths: Mapping[int, Path], frames: FrameRange, folder: Path, *, workers: int, progress: Progress
) -> Made:
    """Make those of ``frames`` whose file at ``paths`` is not whole; ``folder`` is the take's."""
    began = time.monotonic()
    timings = run_frames(factory, frames, workers=workers, done=lambda frame: frame_is_whole(paths[frame]), progress=progress)
    seconds = dict(timings.made)
    told = {str(frame): {**fact, "seconds": seconds[frame]} for frame, fact in timings.returned}
    return noted(folder, told, seconds=time.monotonic() - began, build_s=timings.build_s)


def noted(folder: Path, told: Mapping[str, Any], *, seconds: float, build_s: float | None = None) -> Made:
    """Note what is told of frames beside what is known; all that is known now."""
    path = folder / FACTS
    known: dict[str, Any] = read_json(path) if path.is_file() else {"facts": {}, "build_s": 0.0}
    facts = known["facts"] | dict(told)
    write_json(path, {"facts": facts, "build_s": known["build_s"] if build_s is None else build_s, "peak_mb": _peak_mb()})
    return Made(facts=facts, seconds=seconds)


def take_of(
    asked: ShotJob,
    folder: Path,
    paths: Mapping[int, Path],
    *,
    timings_s: tuple[tuple[str, float], ...],
    warnings: tuple[str, ...],
) -> TakeResult:
    """The take of a job whose frames all lie at ``paths``."""
    comp = tuple(paths[frame] for frame in asked.frames)
    return TakeResult(
        shot=asked.shot,
        version=asked.version,
        engine=asked.engine,
        frames=asked.frames,
        folder=folder,
        comp=comp,
        frame_sha256=tuple(sha256_file(path) for path in comp),
        timings_s=timings_s,
        warnings=warnings,
    )


def _peak_mb() -> int:
    """The largest resident size so far of this process or any child of it, MB."""
    kb = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return kb // 1024
