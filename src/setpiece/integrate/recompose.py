"""An engine's frame into the plate, through the matte and no other way.

Place in the flow: after a generative engine has finished a frame, before delivery. The engine gives a full frame back;
of that only what the matte lets in counts. Where the matte is 0 the result is the plate to the bit, whatever the engine
painted there, and a frame whose matte is empty is the plate's own frame. Colours that the engine let drift are taken
back first (:mod:`.drift`), nothing is clamped. It refuses NaN and infinity where they would show.

At a soft edge the plate is a mix already, ``m * old + (1 - m) * behind``. Blending by m again would leave a rim of the
old picture, ``m * (1 - m)`` of it. An engine that paints a whole picture (``edges="painted"``) gives
``m * new + (1 - m) * behind`` itself: nearly all of the mixed pixel gives way to it. An engine that paints its subject
solid up to where the matte ends (``edges="solid"``) has the old taken out of the plate's pixel first (unmixed), with the
colour that the old has just inside: ``plate + m * (new - old)``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

import cv2
import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.errors import StageError
from setpiece.core.pictures import Matte
from setpiece.integrate.drift import (
    Drift,
    DriftLook,
    DriftReport,
    check_sizes,
    kept_band,
    measure_drift,
    no_drift,
    report_on,
    smoothed,
)
from setpiece.integrate.grain import GrainModel, measure_sharpness

__all__ = [
    "Drift",
    "DriftLook",
    "DriftReport",
    "RecomposeLook",
    "entering",
    "kept_band",
    "measure_drift",
    "missing_grain",
    "no_drift",
    "recompose",
    "smoothed",
]

_GIVES_WAY = 0.05  # coverage from which a mixed pixel is wholly the engine's
_SOLID = 0.999
_SHARP_PX = 0.2


class Grain(Protocol):
    """Grain of the plate's own kind, with seed and frame already bound."""

    def __call__(self, rgb: Rgb, *, where: Plane) -> Rgb:
        """``rgb`` with grain added at the strength ``where`` (0: none, 1: as much as is missing)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecomposeLook:
    """The few dials. ``edges``: whether the engine mixes its edges with what is behind (``painted``) or not (``solid``).
    ``edge_px``: spread of the plate's own edges (sigma, px) that a hard matte is softened to, inwards; None measures it, 0
    leaves the matte as it is. ``drift``: how drift is measured."""

    edges: Literal["painted", "solid"] = "painted"
    edge_px: float | None = None
    drift: DriftLook = field(default_factory=DriftLook)


def recompose(
    plate: Rgb,
    engine: Rgb,
    matte: Plane,
    *,
    drift: Drift | None = None,
    grain: Grain | None = None,
    look: RecomposeLook | None = None,
    frame: int | None = None,
) -> tuple[Rgb, DriftReport]:
    """``engine`` in ``plate`` (h, w, 3; scene-linear ACEScg, unbounded) through ``matte`` (h, w), 0..1; and its drift.

    ``drift`` is what to correct by, as :func:`.drift.smoothed` gives it over a shot; None measures this frame alone.
    ``grain`` adds what the engine's pixels lack of the plate's (:func:`missing_grain`), by their share of each pixel.
    Every pixel whose matte is 0 is the plate's to the bit; an engine that gives the plate gives the plate.

    Raises :class:`StageError` where sizes differ or the engine's picture is not finite where it would show.
    """
    look = look or RecomposeLook()
    check_sizes(plate, engine, matte, frame=frame)
    if not (matte > 0).any():
        none = no_drift(look.drift.model)
        why = "nothing is matted: the plate's own frame"
        return plate.copy(), DriftReport(measured=none, used=none, pixels=0, trusted=False, why=why)
    _check_finite(engine, matte, frame)
    if drift is None:
        report = measure_drift(plate, engine, matte, look=look.drift)
    else:
        report = report_on(plate, engine, matte, drift, look=look.drift)
    enters = entering(plate, matte, look)
    shown = matte > 0
    ours = np.where(shown[..., None], report.used.correct(np.where(shown[..., None], engine, plate)), plate)
    old = plate if look.edges == "painted" else _unmixed(plate, matte, same=(ours == plate).all(-1))
    whole = (enters >= 1) | (shown & ~np.isfinite(plate).all(-1))
    blended = (shown & ~whole)[..., None]
    change = np.subtract(ours, old, out=np.zeros_like(plate), where=np.broadcast_to(blended, plate.shape))
    made = np.where(whole[..., None], ours, plate + enters[..., None] * change).astype(np.float32)
    if grain is not None:
        made = np.asarray(grain(made, where=np.sqrt(enters * (2 - enters)).astype(np.float32)), np.float32)
    return np.where((enters > 0)[..., None], made, plate).astype(np.float32, copy=False), report


def entering(plate: Rgb, matte: Plane, look: RecomposeLook | None = None) -> Plane:
    """The engine's share of each pixel, (h, w), 0..1; 0 wherever ``matte`` is 0, and 1 inside.

    A matte that is harder than the plate's own edges is softened to them, inwards: a kept pixel stays kept. Features
    thinner than the softening keep their coverage, so that nothing thin is lost.
    """
    look = look or RecomposeLook()
    covered = np.clip(matte, 0, 1).astype(np.float32)
    if not covered.any():
        return covered
    wanted = measure_sharpness(plate, Matte(coverage=covered.copy())) if look.edge_px is None else look.edge_px
    lacking = math.sqrt(max(wanted**2 - edge_spread(covered) ** 2, 0.0))
    share = covered if look.edges == "solid" else _step(covered / np.float32(_GIVES_WAY))
    if lacking < _SHARP_PX:
        return share
    return np.minimum(share, _softened_inwards(covered, lacking))


def edge_spread(matte: Plane) -> float:
    """Sigma, px, of the Gaussian that the edges of ``matte`` (h, w) are as soft as; 0 for a hard one.

    Across an edge of that softness m * (1 - m) adds up to sigma / sqrt(pi), and the gradient to 1.
    """
    gradient_y, gradient_x = np.gradient(matte.astype(np.float64))
    length = float(np.hypot(gradient_x, gradient_y).sum())
    mixed = matte.astype(np.float64)
    return 0.0 if length <= 0 else math.sqrt(math.pi) * float((mixed * (1 - mixed)).sum()) / length


def missing_grain(plate: GrainModel, engine: GrainModel) -> GrainModel:
    """The grain that an engine's picture lacks to have the plate's: variances add up. An engine that is noisier lacks none."""
    theirs = np.stack([np.interp(plate.level, engine.level, engine.sigma[:, c]) for c in range(3)], 1)
    lacks = np.sqrt(np.maximum(plate.sigma.astype(np.float64) ** 2 - theirs**2, 0))
    return replace(plate, sigma=lacks.astype(np.float32))


def _softened_inwards(covered: Plane, sigma: float) -> Plane:
    """``covered`` with edges of ``sigma``, drawn in by as much as they spread; 0 where it was 0."""
    draw = math.ceil(2.5 * sigma)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * draw + 1, 2 * draw + 1))
    # the picture's own rim is no edge
    inner = cv2.erode(covered, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=1.0)
    soft = cv2.GaussianBlur(inner, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    thin = covered > cv2.dilate(inner, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0.0) + 0.05
    return np.where(covered > 0, np.where(thin, covered, np.minimum(soft, 1)), 0).astype(np.float32)


def _unmixed(plate: Rgb, matte: Plane, *, same: np.ndarray) -> Rgb:
    """The old picture's own colour (h, w, 3) where the matte is soft, drawn outwards from where it is solid.

    Where nothing solid is near, or where the engine gives the plate itself (``same``), it is the plate.
    """
    mixed = (matte > 0) & (matte < _SOLID)
    solid = (matte >= _SOLID).astype(np.uint8)
    if not mixed.any() or not solid.any():
        return plate
    inner = cv2.erode(solid, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=1)
    solid = inner if inner.any() else solid
    distance, label = cv2.distanceTransformWithLabels(1 - solid, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL)
    source = np.zeros((int(label.max()) + 1, 3), np.float32)
    source[label[solid > 0]] = cv2.GaussianBlur(plate, (0, 0), 0.8)[solid > 0] if inner.any() else plate[solid > 0]
    drawn = mixed & ~same & (distance <= max(16.0, 0.02 * plate.shape[1]))
    return np.where(drawn[..., None], source[label], plate)


def _step(value: Plane) -> Plane:
    """Smooth step from 0 at 0 to 1 at 1."""
    t = np.clip(value, 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def _check_finite(engine: Rgb, matte: Plane, frame: int | None) -> None:
    wrong = (matte > 0) & ~np.isfinite(engine).all(-1)
    if wrong.any():
        y, x = np.argwhere(wrong)[0]
        raise StageError(
            f"the engine's picture holds NaN or infinity in {int(wrong.sum())} matted pixels, first at x={x}, y={y}",
            frame=frame,
            remedy="make the frame again in bf16 or float32, or with another seed",
        )
