"""The comp: layers into the plate, and nothing else touched.

Place in the flow: after an engine's layers and the clean plate, before delivery. Everything is scene-linear ACEScg
and unclamped. Per pixel, with r the part of the building that still stands there (on the ground before its foot: the part
of its shadow that still lies there):

    behind = (r * plate + (1 - r) * clean) * shadow
    comp   = dust over (debris over behind), the foreground holdout in front of all but part of the dust

Where nothing of this differs from the plate the result *is* the plate, bit for bit; ``touched`` says where it is not,
and ``matte`` is the promise made in advance: where it is 0, dust is 0 and shadow is 1, no bit of the plate changes.

Why r and not the matte: at a soft edge the plate already is a mix, ``m * building + (1 - m) * background``. Removing the
building there must give pure background, so the whole mixed pixel gives way to the clean plate, and what still
stands keeps its share ``r = standing / m`` of it: no outline of the old building is left in the sky.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import cv2
import numpy as np

from setpiece.core.arrays import Mask, Plane, Rgb, frozen
from setpiece.core.errors import MatteError, StageError
from setpiece.core.layers import Layers

_WHOLE = np.float32(1.0 - 1.0e-3)  # a share this close to one is one: sample counts are rounded
_NOTHING = np.float32(1.0e-4)
_NEAR = np.ones((3, 3), np.uint8)
_ALONG = 0.025  # of the width: how far along the foot the shade of neighbouring walls mixes
_CONTACT = 0.004  # of the height: the dark line of contact on the wall itself goes with the shade below it
_NEARLY_ALL = 1.04  # cracks let no light through to the ground
_LEAST = np.float32(2.0**-10)  # the least that the delivered matte says where it says anything: sure to survive half floats


class Grain(Protocol):
    """Grain of the plate's own kind, with seed and frame already bound."""

    def __call__(self, rgb: Rgb, *, where: Plane) -> Rgb:
        """``rgb`` with grain added at the strength ``where`` (0: none, 1: as much as the plate has)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompLook:
    """The few dials of the comp.

    ``edge_reach``: how far outside the matte the clean plate may take over once the building next to it is gone, as a
    share of the picture's height (it only ever reaches as far as the clean plate was painted).
    ``dust_over_holdout``: share of the dust that passes in front of held-out foreground, 0..1.
    ``light_wrap``: how much of the blurred background leaks over the rim of debris, 0..1.
    ``wrap_width``: the reach of that leak as a share of the picture's width.
    """

    edge_reach: float = 0.03
    dust_over_holdout: float = 0.35
    light_wrap: float = 0.08
    wrap_width: float = 0.004


@dataclass(frozen=True, slots=True, kw_only=True)
class CompResult:
    """A finished frame. ``touched``: pixels that differ from the plate. ``new``: how much of each pixel was made
    (0: the plate's own light, 1: nothing of the plate is left). ``matte``: coverage of all that may differ other than by
    shadow or dust, 0..1: the building, the soft seam that its clean plate is let in by, and debris. ``shadow``: the
    multiplier that was used; the engine's, but for the ground before the foot, which lies in shade already."""

    rgb: Rgb
    touched: Mask
    new: Plane
    matte: Plane
    shadow: Rgb

    def __post_init__(self) -> None:
        for array in (self.rgb, self.touched, self.new, self.matte, self.shadow):
            frozen(array)


def composite(
    plate: Rgb,
    clean: Rgb,
    matte: Plane,
    holdout: Plane | None,
    layers: Layers,
    *,
    grain: Grain | None = None,
    look: CompLook | None = None,
) -> CompResult:
    """Put ``layers`` into ``plate``.

    ``plate`` and ``clean`` (h, w, 3) are scene-linear ACEScg, unbounded, never clamped. ``clean`` is the plate without
    the building, with the plate's grain, and equals the plate away from it. ``matte`` is the building's coverage,
    ``holdout`` the coverage of things in front of it, both 0..1. ``grain`` is applied to new pixels only, at
    sqrt(1 - q²) of the plate's strength where q is the share of plate and clean plate, so that noise adds up.

    Raises :class:`MatteError` or :class:`StageError` where sizes differ, :class:`StageError` where the result would
    hold NaN or infinity that the plate does not.
    """
    look = look or CompLook()
    _check_sizes(plate, clean, matte, holdout, layers)
    repainted = _any(clean != plate)
    reach_px = round(look.edge_reach * plate.shape[0])
    kept, shadow = _left(plate, clean, matte, repainted, layers, reach_px)
    layers = replace(layers, shadow=shadow)
    changes = _changes(repainted, kept, layers)
    region = _with_debris(seamed_matte(matte, repainted, reach_px=reach_px), layers)
    rgb = plate.copy()
    new = np.zeros(matte.shape, np.float32)
    touched = np.zeros(matte.shape, bool)
    reach = _Reach(wrap_px=look.wrap_width * plate.shape[1], holdout_px=max(3.0, 0.003 * plate.shape[1]))
    box = _box(changes, pad=reach.pad())
    if box is None:
        return CompResult(rgb=rgb, touched=touched, new=new, matte=region, shadow=shadow)
    held = None if holdout is None or not holdout[box].any() else holdout[box]
    merged = _merge(plate[box], clean[box], kept[box], held, _Cut.of(layers, box), look, reach)
    changed, made = changes[box], merged.rgb
    if grain is not None:
        ungrained = np.where(changed, 1 - np.clip(merged.grained, 0, 1), 0).astype(np.float32)
        made = np.asarray(grain(made, where=np.sqrt(ungrained * (2 - ungrained))), np.float32)
    made = np.where(changed[..., None], made, plate[box])
    _check_result(made, changed, layers.frame, corner=(box[1].start, box[0].start))
    differs = _any(made != plate[box]) & changed
    share = 1 - np.clip(merged.plate_share, 0, 1)
    rgb[box], new[box], touched[box] = made, np.where(differs, share, 0), differs
    return CompResult(rgb=rgb, touched=touched, new=new, matte=region, shadow=shadow)


def _left(plate: Rgb, clean: Rgb, matte: Plane, repainted: Mask, layers: Layers, reach_px: int) -> tuple[Plane, Rgb]:
    """The plate's share (h, w) against the clean plate, and the shadow (h, w, 3) on both."""
    kept = standing_share(matte, layers.standing, layers.debris[..., 3])
    kept = carried_outwards(kept, matte, repainted, reach_px=reach_px)
    foot = foot_shade(matte, repainted, layers, reach_px=reach_px)
    kept = np.where(foot.mask, np.maximum(foot.share, np.where(matte > _NOTHING, kept, 0)), kept)
    return kept.astype(np.float32), foot.unshaded_twice(plate, clean, layers.shadow)


def seamed_matte(matte: Plane, repainted: Mask, *, reach_px: int) -> Plane:
    """``matte`` with the seam around it, (h, w), 0..1: every pixel in which the clean plate may show, and no other.

    Outside the building's own coverage that is what the clean plate painted no farther out than ``reach_px``, as a
    coverage that falls off outwards. Where it is 0 the clean plate never shows.
    """
    outside = matte <= _NOTHING
    out = np.where(outside, np.float32(0), np.maximum(matte, _LEAST)).astype(np.float32)
    seam: Mask = np.logical_and(outside, repainted)
    if reach_px <= 0 or not seam.any() or outside.all():
        return out
    distance = cv2.distanceTransform(outside.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    seam &= distance <= reach_px
    falling = (1 - distance / np.float32(reach_px + 1)) * np.float32(0.5)
    out[seam] = np.maximum(falling, _LEAST)[seam]
    return out


def _with_debris(matte: Plane, layers: Layers) -> Plane:
    """``matte`` united with the coverage of debris, wherever that layer holds anything at all."""
    there = np.where(_any(layers.debris != 0), np.maximum(layers.debris[..., 3], _LEAST), np.float32(0))
    return np.clip(np.maximum(matte, there), 0, 1).astype(np.float32)


def standing_share(matte: Plane, standing: Plane, debris_alpha: Plane) -> Plane:
    """The part r of each pixel's own building that still stands, 0..1; exactly 1 where there was no building.

    ``standing`` counts what is seen of the standing building, so it is compared with what debris leaves free, and
    with the matte's own coverage at soft edges (engines may or may not have multiplied it by the matte: both give 1
    at rest and 0 when all is gone). A soft edge never outlasts the solid wall next to it.
    """
    free = matte * (1 - np.clip(debris_alpha, 0, 1))
    share = np.ones(matte.shape, np.float32)
    np.divide(standing, free, out=share, where=free > _NOTHING)
    share[(matte > _NOTHING) & (free <= _NOTHING)] = 0
    np.clip(share, 0, 1, out=share)
    share[share > _WHOLE] = 1
    solid = matte >= 0.5
    soft = (matte > _NOTHING) & ~solid
    inner = cv2.erode(np.where(solid, share, np.float32(1)), _NEAR, borderType=cv2.BORDER_REPLICATE)
    share[soft] = np.minimum(share, inner)[soft]
    return share


def carried_outwards(share: Plane, matte: Plane, repainted: Mask, *, reach_px: int) -> Plane:
    """``share`` with every ``repainted`` pixel outside the matte taking the share of the matte's pixel next to it.

    Outside the matte a photograph still holds traces of the building (defocus, sharpening, its line of contact with the
    ground), and the clean plate paints over them. They go when the wall next to them goes, not before, and not
    farther out than ``reach_px``.
    """
    outside = matte <= _NOTHING
    wanted: Mask = np.logical_and(outside, repainted)
    if reach_px <= 0 or not wanted.any() or outside.all() or share.min() == 1:
        return share
    distance, label = cv2.distanceTransformWithLabels(
        outside.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    source = np.zeros(int(label.max()) + 1, np.float32)
    source[label[~outside]] = cv2.erode(share, _NEAR, borderType=cv2.BORDER_REPLICATE)[~outside]
    wanted = np.logical_and(wanted, distance <= reach_px)
    out = share.copy()
    out[wanted] = source[label[wanted]]
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class FootShade:
    """The painted ground below the building's foot, where its own shadow lies in the plate, up to the line of contact:
    ``mask`` (h, w), and ``share`` (h, w), 0..1, of that shadow that still lies there."""

    mask: Mask
    share: Plane

    def unshaded_twice(self, plate: Rgb, clean: Rgb, shadow: Rgb) -> Rgb:
        """``shadow`` (h, w, 3), relative to open ground, made relative to what lies there: ``share`` of the plate, with the
        building's shadow in it, and the rest clean plate. Shade that falls into shade makes it no darker."""
        out, at = shadow.copy(), self.mask
        if not at.any():
            return out
        old, new, falls, share = plate[at], clean[at], np.minimum(shadow[at], 1), self.share[at][:, None]
        darkest = np.minimum(old, np.maximum(old, new) * falls)
        there = share * old + (1 - share) * new
        ratio = np.divide(share * darkest + (1 - share) * new * falls, there, out=np.ones_like(there), where=there > 1e-5)
        out[at] = np.clip(ratio, 0, 1).astype(np.float16).astype(np.float32)  # as the file holds it
        return out


def foot_shade(matte: Plane, repainted: Mask, layers: Layers, *, reach_px: int) -> FootShade:
    """How much of the building's shadow still lies before its foot.

    The shadow's edge draws back to the foot as what throws it sinks: per column the share of the building's height that
    is still filled by standing wall, debris or dust, smoothed along the wall, since walls to the sun's side throw it
    too. At rest the share is exactly 1.
    """
    solid = matte >= 0.5
    height, width = matte.shape
    rows = np.arange(height)[:, None]
    bottom = np.where(solid.any(0), height - np.argmax(solid[::-1], axis=0), height)
    below = rows - bottom[None, :] + 1
    mask: Mask = np.logical_and.reduce((repainted, below > -round(_CONTACT * height), below <= reach_px))
    mask &= solid.any(0)[None, :]
    if reach_px <= 0 or not mask.any():
        return FootShade(mask=np.zeros_like(mask), share=np.ones_like(matte))
    filled = np.clip(layers.standing + layers.debris[..., 3] + layers.dust[..., 3], 0, 1)
    sums = np.stack([np.where(solid, filled, 0).sum(0), solid.sum(0)]).astype(np.float32)
    sums = cv2.GaussianBlur(sums, (0, 0), max(1.0, _ALONG * width), sigmaY=0.01, borderType=cv2.BORDER_CONSTANT)
    upright = np.clip(_NEARLY_ALL * sums[0] / np.maximum(sums[1], 1e-6), 0, 1)
    depth = np.maximum(np.where(mask, below, 0).max(0), 3)
    share = np.clip((upright[None] - 0.8 * np.maximum(below / depth[None], 0)) / 0.2, 0, 1)
    return FootShade(mask=mask, share=np.where(mask, share, 1).astype(np.float32))


@dataclass(frozen=True, slots=True)
class _Cut:
    """The window of the layers that a frame works in."""

    debris: np.ndarray[Any, Any]
    dust: np.ndarray[Any, Any]
    shadow: np.ndarray[Any, Any]

    @classmethod
    def of(cls, layers: Layers, box: tuple[slice, slice]) -> _Cut:
        return cls(layers.debris[box], layers.dust[box], layers.shadow[box])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reach:
    """Sigmas of the blurs, from the whole plate's size: a window must not change what a pixel becomes."""

    wrap_px: float
    holdout_px: float

    def pad(self) -> int:
        """How much wider than the changes a window must be for the blurs to see what they would in the whole."""
        return 2 + int(np.ceil(5 * max(self.wrap_px, self.holdout_px)))


@dataclass(frozen=True, slots=True)
class _Merged:
    """A window's picture, the plate's own share of each pixel, and the share that carries the plate's grain already
    (the plate, and the clean plate, which is made of it)."""

    rgb: Rgb
    plate_share: Plane
    grained: Plane


def _merge(
    plate: Rgb,
    clean: Rgb,
    kept: Plane,
    holdout: Plane | None,
    cut: _Cut,
    look: CompLook,
    reach: _Reach,
) -> _Merged:
    """Everything laid over everything, in one window."""
    background = plate if holdout is None else behind_holdout(plate, holdout, sigma_px=reach.holdout_px)
    r = kept[..., None]
    behind = np.where(r == 1, background, clean + r * (background - clean)) * cut.shadow
    dust, alpha = cut.dust, cut.debris[..., 3:4]
    debris = cut.debris[..., :3]
    if look.light_wrap > 0 and alpha.any():
        debris = debris + _wrap(behind, alpha, strength=look.light_wrap, sigma_px=reach.wrap_px)
    rgb: Rgb = debris + (1 - alpha) * behind
    grained: Plane = 1 - alpha[..., 0]
    share: Plane = kept * grained
    if holdout is not None:
        held = holdout[..., None]
        floor = np.minimum(np.float32(0), np.minimum(plate, rgb))  # a difference must not dig below what was there
        rgb = np.where(held > 0, np.maximum(plate + (1 - held) * (rgb - background), floor), rgb)
        share = holdout + (1 - holdout) * share
        grained = holdout + (1 - holdout) * grained
        dust = dust * (1 - held * np.float32(1 - look.dust_over_holdout))
    clear = 1 - dust[..., 3]
    rgb = dust[..., :3] + clear[..., None] * rgb
    return _Merged(rgb.astype(np.float32, copy=False), share * clear, grained * clear)


def behind_holdout(plate: Rgb, holdout: Plane, *, sigma_px: float = 3.0) -> Rgb:
    """What the soft edge of the foreground lies over: the plate with colours drawn in from pixels just outside it.

    Only pixels with 0 < holdout < 1 change; ``sigma_px`` is how far colours are drawn.
    ``holdout + (1 - holdout) * behind`` can then be re-lit or replaced without a rim of the old background around a
    lamp post.
    """
    soft = (holdout > 0) & (holdout < 1)
    if not soft.any():
        return plate
    weight = np.clip(1 - 4 * holdout, 0, 1).astype(np.float32) + np.float32(1e-6)
    spread = cv2.GaussianBlur(plate * weight[..., None], (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE)
    total = cv2.GaussianBlur(weight, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE)
    return np.where(soft[..., None], spread / total[..., None], plate)


def _wrap(behind: Rgb, alpha: np.ndarray[Any, Any], *, strength: float, sigma_px: float) -> Rgb:
    """Light of the background that scatters around the rim of debris; 0 where alpha is 0, and deep inside."""
    if sigma_px < 0.3:
        return np.zeros_like(behind)
    free = (1 - alpha).astype(np.float32)
    leak = cv2.GaussianBlur(behind * free, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE)
    return np.float32(strength) * alpha * np.maximum(leak, 0)


def _changes(repainted: Mask, kept: Plane, layers: Layers) -> Mask:
    """Pixels that any layer asks to change; a shadow within a ten-thousandth of 1 is none."""
    mended = np.logical_and(kept < 1, repainted)
    asked = (_any(layers.debris != 0), _any(layers.dust != 0), _any(np.abs(layers.shadow - 1) > _NOTHING))
    return np.logical_or.reduce((mended, *asked))


def _any(flags: np.ndarray[Any, Any]) -> Mask:
    """``flags.any(axis=-1)``, faster for a handful of channels."""
    return np.logical_or.reduce([flags[..., k] for k in range(flags.shape[-1])])


def _box(mask: Mask, *, pad: int) -> tuple[slice, slice] | None:
    """The window around everything in ``mask``, ``pad`` px wider; None where it is empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return None
    top, left = max(int(rows[0]) - pad, 0), max(int(columns[0]) - pad, 0)
    return slice(top, int(rows[-1]) + pad + 1), slice(left, int(columns[-1]) + pad + 1)


def _check_sizes(plate: Rgb, clean: Rgb, matte: Plane, holdout: Plane | None, layers: Layers) -> None:
    size = plate.shape[:2]
    for name, array in (("matte", matte), ("holdout", holdout)):
        if array is not None and array.shape != size:
            raise MatteError(
                f"{name} is {array.shape[1]}x{array.shape[0]} but the plate is {size[1]}x{size[0]}",
                frame=layers.frame,
                remedy="export it at the plate's size, without overscan",
            )
    for name, shape in (("clean plate", clean.shape[:2]), ("debris layer", layers.debris.shape[:2])):
        if shape != size:
            raise StageError(
                f"{name} is {shape[1]}x{shape[0]} but the plate is {size[1]}x{size[0]}",
                frame=layers.frame,
                remedy="make plate, clean plate and layers at one scale",
            )


def _check_result(made: Rgb, changed: Mask, frame: int, *, corner: tuple[int, int]) -> None:
    wrong = changed & ~np.isfinite(made).all(axis=-1)
    if wrong.any():
        y, x = np.argwhere(wrong)[0]
        raise StageError(
            f"the comp holds NaN or infinity in {int(wrong.sum())} pixels, first at x={corner[0] + x}, y={corner[1] + y}",
            frame=frame,
            remedy="heal the plate on ingest, or render the frame again with --redo",
        )
