"""One frame of a de-ageing shot, in a worker process: delta, integration, EXR. The engine is prepared once per process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.arrays import Pixels, Rgb
from setpiece.core.clearance import Permit
from setpiece.core.faces import FaceTrack
from setpiece.core.retouch import Delta
from setpiece.deliver.frames import Provenance, frame_name, write_frame
from setpiece.departments.deage.engines import request_of, retoucher
from setpiece.intake.brief import Brief
from setpiece.integrate.retouch import apply_delta, layers
from setpiece.passes.retouch import retouch_channels
from setpiece.stage.faces import read_tracks


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameJob:
    """All that a worker needs; picklable, paths and numbers only. ``brief`` is what was admitted."""

    brief: Brief
    plate: Path
    tracks: Path
    face: str
    size: tuple[int, int]
    out: Path
    shot: str
    version: str
    engine: str
    strength: float
    deep: bool  # the plate has 32 bits a channel, and so has the comp
    provenance: Provenance
    permit: Permit


def face_of(job: FrameJob) -> FaceTrack:
    """The track of the job's face."""
    return next(track for track in read_tracks(job.tracks) if track.name == job.face)


def make_frames(job: FrameJob) -> Callable[[int], dict[str, Any]]:
    """The factory of a frame worker: prepares the engine, returns what makes one frame."""
    import cv2

    cv2.setNumThreads(1)
    face = face_of(job)
    request = request_of(job.engine, job.brief, job.plate, job.size, face, job.permit)
    engine = retoucher(job.engine, request)
    grain = job.brief.deage.integrate.grain

    def make(frame: int) -> dict[str, Any]:
        plate = request.plate(frame)
        delta = engine.delta(frame) if face.seen(frame) else None
        job.permit.check()
        comp, planes = retouched(plate, delta, job.strength, grain)
        channels, float32 = retouch_channels(comp, planes, frame)
        path = job.out / frame_name(job.shot, job.version, frame)
        deep = float32 | (frozenset("RGB") if job.deep else frozenset())
        clamped = write_frame(path, channels, float32=deep, provenance=job.provenance, frame=frame)
        return {"clamped": clamped, "touched": touched(comp, plate, delta), "seen": delta is not None}

    return make


def retouched(plate: Rgb, delta: Delta | None, strength: float, grain: float) -> tuple[Rgb, dict[str, Pixels] | None]:
    """The comp and the planes of its retouch; the plate itself, to the bit, and None where there is nothing to do.
    ``grain`` 0..1 is how much of the plate's own stays in the retouch."""
    if delta is None:
        return plate, None
    return apply_delta(plate, delta, strength=strength, grain=grain), layers(delta, (plate.shape[1], plate.shape[0]))


def touched(comp: Rgb, plate: Rgb, delta: Delta | None) -> float:
    """The share of the frame's pixels that the retouch changed, 0..1."""
    if delta is None:
        return 0.0
    left, top, right, bottom = delta.box
    other = comp[top:bottom, left:right] != plate[top:bottom, left:right]
    return float(np.count_nonzero(other[..., 0] | other[..., 1] | other[..., 2])) / (plate.shape[0] * plate.shape[1])
