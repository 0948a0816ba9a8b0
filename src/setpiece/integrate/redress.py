"""A new surface into a photograph, in the photograph's own light.

Place in the flow: after a surface was taken apart (:mod:`.shading`). The picture moves by what the surface changes and by
nothing else: ``comp = plate + matte * (new - old)`` (unmixing as in Porter and Duff 1984), with the old surface carried on
under what stands in front of it, so that no rim of the old colour stays at a soft edge. The plate's own grain is laid back,
as strong as it is at the new level; the new surface is as soft as the lens. Where the matte is 0 the comp is the plate to
the bit. Light that the old colour threw on other things is not taken back: a red wall keeps its blush on the ceiling.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.core.dressing import Cover, Redressed, Separation
from setpiece.core.plate_grain import Grain, part_grain
from setpiece.integrate.patterns import albedo_at

LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # ACEScg
SAMPLES = 4  # sub-pixels a side
_STRIP = 96  # rows at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """One surface to be laid in: its number from 1, its share of each pixel (h, w), the separation of the old one, the new
    albedo (h, w, 3) and where on the surface each pixel lies (h, w, 2), metres. ``sheen`` (h, w, 3): light that the new surface
    mirrors rather than scatters, added as it is."""

    number: int
    coverage: Plane
    old: Separation
    albedo: Rgb
    uv: Float32[np.ndarray, "h w 2"]
    sheen: Rgb | None = None


def sampled(cover: Cover, uv: Float32[np.ndarray, "h w 2"], where: Plane, *, sharpness_px: float) -> Rgb:
    """The albedo (h, w, 3) of ``cover`` over a picture whose pixels lie at ``uv`` (metres, NaN where nowhere), each the mean
    over its own area, then as soft as the lens (``sharpness_px``, the plate's edge spread). Only ``where`` > 0; else 0."""
    rows, columns = np.flatnonzero((where > 0).any(1)), np.flatnonzero((where > 0).any(0))
    made = np.zeros((*where.shape, 3), np.float32)
    if not len(rows):
        return made
    pad = int(np.ceil(3 * sharpness_px)) + 2
    top, bottom = max(0, rows[0] - pad), min(where.shape[0], rows[-1] + 1 + pad)
    left, right = max(0, columns[0] - pad), min(where.shape[1], columns[-1] + 1 + pad)
    part = np.nan_to_num(uv[top:bottom, left:right])
    du, dv = (np.stack(np.gradient(part[..., k]), -1) for k in range(2))  # along y, along x
    foot = np.maximum(np.hypot(du[..., 0], dv[..., 0]), np.hypot(du[..., 1], dv[..., 1])).astype(np.float32)
    out = np.zeros((*part.shape[:2], 3), np.float32)
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES - 0.5
    for start in range(0, part.shape[0], _STRIP):
        rows_now = slice(start, start + _STRIP)
        for sy in steps:
            for sx in steps:
                u = part[rows_now, :, 0] + np.float32(sy) * du[rows_now, :, 0] + np.float32(sx) * du[rows_now, :, 1]
                v = part[rows_now, :, 1] + np.float32(sy) * dv[rows_now, :, 0] + np.float32(sx) * dv[rows_now, :, 1]
                out[rows_now] += albedo_at(cover, u, v, foot[rows_now] / SAMPLES)
    out /= SAMPLES**2
    own = float(np.sqrt(max(sharpness_px**2 - 1 / 12, 0.0)))  # the mean over a pixel softens a little already
    if own >= 0.2:
        out = cv2.GaussianBlur(out, (0, 0), own, borderType=cv2.BORDER_REPLICATE)
    made[top:bottom, left:right] = out
    return made


def redressed(plate: Rgb, laid: tuple[Laid, ...], *, grain: Grain, keep_grain: float = 1.0) -> Redressed:
    """``plate`` (h, w, 3), scene-linear, with surfaces laid in. ``grain`` is the plate's own (:func:`.grain_of`), of which
    ``keep_grain`` 0..1 lies on what is new."""
    picture, own = part_grain(plate, grain)
    shape = plate.shape[:2]
    moved = np.array(picture)
    albedo, shading = np.zeros(plate.shape, np.float32), np.zeros(plate.shape, np.float32)
    matte, number = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    uv = np.zeros((*shape, 2), np.float32)
    for one in laid:
        share = one.coverage[..., None]
        new = one.albedo * one.old.shading
        if one.sheen is not None:
            new = new + one.sheen
        took = np.minimum(
            share * one.old.surface, np.maximum(picture, 0)
        )  # no pixel held more of the old surface than it shows
        held = (took @ LUMA) / np.maximum((share * one.old.surface) @ LUMA, 1e-9)
        moved += share * np.minimum(held, 1.0)[..., None] * new - took
        on = one.coverage > matte
        albedo[on], shading[on], uv[on] = one.albedo[on], one.old.shading[on], np.nan_to_num(one.uv)[on]
        number[on] = one.number
        matte = np.clip(matte + one.coverage, 0, 1).astype(np.float32)
    before, after = (np.maximum(level, 0) * np.float32(grain[1]) + np.float32(grain[0]) for level in (picture, moved))
    ratio = np.sqrt(after / np.maximum(before, 1e-12)) * np.float32(keep_grain)
    comp = moved + own * (1 + matte[..., None] * (ratio - 1))
    comp = np.where(matte[..., None] > 0, comp, plate).astype(np.float32)
    return Redressed(comp=comp, albedo=albedo, shading=shading, matte=matte, uv=uv, plane=number)
