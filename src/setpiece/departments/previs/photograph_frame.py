"""The frame of a re-dressed photograph, in a worker process: walls taken apart, dressed anew, laid in, EXR."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.core.camera import Camera
from setpiece.core.clearance import Permit
from setpiece.core.dressing import PLANES, Cover
from setpiece.core.errors import StageError
from setpiece.core.pictures import PlateInfo
from setpiece.core.plate_grain import grain_of, part_grain
from setpiece.deliver.frames import Provenance, frame_name, write_frame
from setpiece.departments.previs.photograph_solve import FRONT, box_of, dressed
from setpiece.departments.previs.still import albedo_of, picture_of
from setpiece.intake.brief import Brief
from setpiece.intake.photograph_schema import PlaneSection
from setpiece.intake.plate_camera import camera_from
from setpiece.integrate.grain import measure_sharpness
from setpiece.integrate.redress import Laid, redressed, sampled
from setpiece.integrate.shading import separate
from setpiece.media.images import read_exr
from setpiece.passes.redress import redress_channels
from setpiece.stage.photo_box import PhotoBox, coverage_of, surface_at

_LEAST = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameJob:
    """All that a worker needs; picklable, paths and numbers only. ``brief`` is what was admitted, ``front`` the folder of the
    matte of what stands in front."""

    brief: Brief
    info: PlateInfo
    front: Path
    out: Path
    shot: str
    version: str
    deep: bool  # the plate has 32 bits a channel, and so has the comp
    provenance: Provenance
    permit: Permit


def make_frames(job: FrameJob) -> Callable[[int], dict[str, Any]]:
    """The factory of a frame worker: reads the plate once, returns what makes the frame."""
    import cv2

    cv2.setNumThreads(1)
    plate = picture_of(job.info)
    front = read_exr(job.front / FRONT)[0]["matte.A"]

    def make(frame: int) -> dict[str, Any]:
        job.permit.check()
        section = job.brief.photograph.integrate
        grain = grain_of(plate)
        picture, _ = part_grain(plate, grain)
        sharpness = measure_sharpness(plate) if section.sharpness is None else section.sharpness
        laid = laid_planes(job.brief, picture, front, sharpness_px=sharpness)
        made = redressed(plate, laid, grain=grain, keep_grain=section.grain)
        channels, float32 = redress_channels(made)
        deep = float32 | (frozenset("RGB") if job.deep else frozenset())
        path = job.out / frame_name(job.shot, job.version, frame)
        clamped = write_frame(path, channels, float32=deep, provenance=job.provenance, frame=frame)
        changed = float(np.count_nonzero((made.comp != plate).any(-1))) / made.matte.size
        return {"clamped": clamped, "touched": changed, "sharpness_px": sharpness, "grain": list(grain)}

    return make


def laid_planes(brief: Brief, picture: Rgb, front: Plane, *, sharpness_px: float) -> tuple[Laid, ...]:
    """Every dressed plane of a filled-in brief, ready to be laid in; ``picture`` (h, w, 3) is the plate without its grain."""
    document, size = brief.photograph, (picture.shape[1], picture.shape[0])
    camera, box = camera_from(document.camera, *size), box_of(document.box)
    made = []
    for name, section in dressed(document):
        if section.polygon is None or section.was is None:
            raise StageError(f"the brief's {name} is incomplete", remedy="run it without editing `# inferred` lines out")
        coverage = coverage_of(np.array(section.polygon), size, name=f"{name}.polygon") * (1 - front)
        uv = _places(box, camera, name, coverage)
        old = separate(
            picture, coverage, albedo_of(section.was),
            texture_px=(section.old_texture_m or 0.0) * _px_per_m(uv, coverage),
            relief=1.0 if section.relief is None else section.relief,
        )  # fmt: skip
        albedo = sampled(cover_of(section, document.seed), uv, coverage, sharpness_px=sharpness_px)
        made.append(Laid(number=PLANES.index(name) + 1, coverage=coverage, old=old, albedo=albedo, uv=uv))
    return tuple(made)


def cover_of(section: PlaneSection, seed: int) -> Cover:
    """What a plane is dressed with."""
    colours = [albedo_of(swatch) for swatch in (section.colour, section.colour_2) if swatch is not None]
    return Cover(
        kind=section.cover,
        colours=tuple(colours),
        repeat_m=section.repeat_m or 1.0,
        turn_deg=section.turn_deg,
        seed=seed,
    )


def _places(box: PhotoBox, camera: Camera, plane: str, coverage: Plane) -> Float32[np.ndarray, "h w 2"]:
    """Where on the plane each pixel of a little more than ``coverage`` lies, metres; 0 elsewhere."""
    import cv2

    near = cv2.dilate((coverage > 0).astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    ys, xs = np.nonzero(near)
    uv = np.zeros((*coverage.shape, 2), np.float32)
    uv[ys, xs] = surface_at(box, camera, plane, np.stack([xs + 0.5, ys + 0.5], 1))
    return uv


def _px_per_m(uv: Float32[np.ndarray, "h w 2"], coverage: Plane) -> float:
    """How many pixels a metre of the surface spans, in the middle of it."""
    down, across = np.gradient(uv, axis=(0, 1))
    area = np.abs(across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0])[coverage > 0.5]
    return float(1 / np.sqrt(max(float(np.median(area)), _LEAST**2))) if len(area) else 1.0
