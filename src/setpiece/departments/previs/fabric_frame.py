"""A frame of a fabric study, in a worker process: one colourway. Cloth and light are taken apart once per process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.core.clearance import Permit
from setpiece.core.dressing import Cover, Redressed, Separation
from setpiece.core.errors import StageError
from setpiece.core.pictures import PlateInfo
from setpiece.core.plate_grain import Grain, grain_of, part_grain
from setpiece.deliver.frames import Provenance, frame_name, write_frame
from setpiece.departments.previs.still import albedo_of, picture_of
from setpiece.intake.brief import Brief
from setpiece.intake.photograph_schema import colourway
from setpiece.integrate.cloth import SHEEN, lustrous, separate_cloth
from setpiece.integrate.grain import measure_sharpness
from setpiece.integrate.patterns import USUAL_REPEAT_M, second_colour
from setpiece.integrate.redress import Laid, redressed, sampled
from setpiece.integrate.shading import light_colour
from setpiece.media.images import read_exr
from setpiece.passes.redress import redress_channels
from setpiece.stage.fold_shape import cloth_coordinates

GARMENT = "garment.exr"


@dataclass(frozen=True, slots=True, kw_only=True)
class FabricJob:
    """All that a worker needs; picklable, paths and numbers only. ``brief`` is what was admitted, ``garment`` the folder of the
    matte."""

    brief: Brief
    info: PlateInfo
    garment: Path
    out: Path
    shot: str
    version: str
    deep: bool  # the plate has 32 bits a channel, and so has the comp
    provenance: Provenance
    permit: Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class Garment:
    """The garment of a still, taken apart: what every colourway is laid on."""

    plate: Rgb
    coverage: Plane
    old: Separation
    sheen: Rgb
    uv: Float32[np.ndarray, "h w 2"]
    grain: Grain
    sharpness_px: float


def make_frames(job: FabricJob) -> Callable[[int], dict[str, Any]]:
    """The factory of a frame worker: takes the garment apart, returns what makes one colourway."""
    import cv2

    cv2.setNumThreads(1)
    garment = taken_apart(job.brief, picture_of(job.info), read_exr(job.garment / GARMENT)[0]["matte.A"])
    section = job.brief.fabric

    def make(frame: int) -> dict[str, Any]:
        job.permit.check()
        _, cloth, swatches = colourway(section.colourways[frame - section.plate.first_frame])
        made = in_cloth(garment, cover_of(job.brief, cloth, swatches), keep_grain=section.integrate.grain)
        channels, float32 = redress_channels(made)
        deep = float32 | (frozenset("RGB") if job.deep else frozenset())
        path = job.out / frame_name(job.shot, job.version, frame)
        clamped = write_frame(path, channels, float32=deep, provenance=job.provenance, frame=frame)
        return {"clamped": clamped, "touched": float(np.count_nonzero((made.comp != garment.plate).any(-1))) / made.matte.size}

    return make


def taken_apart(brief: Brief, plate: Rgb, coverage: Plane) -> Garment:
    """The garment under ``coverage`` (h, w) of ``plate`` (ACEScg), as a filled-in brief describes it."""
    section, folds = brief.fabric.garment, brief.fabric.folds
    if section.was is None or folds.width_m is None:
        raise StageError("the brief's garment is incomplete", remedy="run it without editing `# inferred` lines out")
    grain = grain_of(plate)
    picture, _ = part_grain(plate, grain)
    old, sheen = separate_cloth(picture, coverage, albedo_of(section.was), light_colour(picture),
                                pattern_px=section.old_pattern_px or 0.0)  # fmt: skip
    rows = (coverage > 0.5).sum(1)
    wide = max(1.0, float(np.percentile(rows[rows > 0], 95))) if (rows > 0).any() else float(plate.shape[1])
    uv = cloth_coordinates(picture, coverage, m_per_px=folds.width_m / wide, follow=folds.follow)
    sharp = brief.fabric.integrate.sharpness
    return Garment(plate=plate, coverage=coverage, old=old, sheen=sheen, uv=uv, grain=grain,
                   sharpness_px=measure_sharpness(plate) if sharp is None else sharp)  # fmt: skip


def cover_of(brief: Brief, cloth: str, swatches: tuple[str, ...]) -> Cover:
    """What a colourway is made of; a second colour that nobody stated goes with the first."""
    colours = [albedo_of(swatch) for swatch in swatches]
    if len(colours) == 1:
        colours.append(second_colour(cloth, colours[0]))
    return Cover(
        kind=cloth,
        colours=tuple(colours),
        repeat_m=USUAL_REPEAT_M[cloth],
        turn_deg=brief.fabric.folds.turn_deg,
        seed=brief.seed,
    )


def in_cloth(garment: Garment, cover: Cover, *, keep_grain: float = 1.0) -> Redressed:
    """The still with the garment in another cloth."""
    albedo = sampled(cover, garment.uv, garment.coverage, sharpness_px=garment.sharpness_px)
    old = replace(garment.old, shading=lustrous(garment.old.shading, garment.coverage, cover.kind))
    laid = Laid(number=1, coverage=garment.coverage, old=old, albedo=albedo, uv=garment.uv,
                sheen=garment.sheen * np.float32(SHEEN[cover.kind]))  # fmt: skip
    return redressed(garment.plate, (laid,), grain=garment.grain, keep_grain=keep_grain)
