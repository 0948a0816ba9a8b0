"""Standing water in the plate: what it mirrors falls with the building.

Place in the flow: after the comp, on its result. The artist draws the puddles (``plate.mirrors``); nothing is found here.
Water shows ``veil + reflectance * world``, the world seen from under the ground. At rest both are fitted to the plate
against its own mirrored upper part; then only the difference is put in:

    comp += weight * (reflectance * (world now - shadow * world then) - ghost)

with the ghost the part of the old picture that ripples moved away from where a flat mirror has it. Where the world is
the plate's, no bit changes. Refuses to touch anything outside of the polygons, dry ground between puddles, and what
the clean plate repainted. Reflectance of water at grazing angles: Schlick (1994).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from setpiece.core.arrays import Flow, Mask, Plane, Rgb, frozen
from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.core.layers import Layers
from setpiece.integrate.comp import CompResult

Polygon = tuple[tuple[float, float], ...]

_LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # ACEScg
_NORMAL = 0.02  # reflectance of water seen from straight above
_FOOT_ERROR = 0.03  # of the height: how far grass or kerbs may hide the true foot of what is mirrored
_SOFT = 0.0012  # of the width: the wet rim of a puddle
_RIPPLE = (0.0007, 0.0022)  # of the width, of the height: how ripples blur what they mirror
_RIPPLE_REACH = 0.012  # of the height: how far a ripple moves what it mirrors
_GONE = np.float32(0.96)  # of what no flat mirror explains: the rest is dirt in the water
_NEAR = (0.012, 0.06)  # of the width, of the height: within what reach a pixel's colour must be mirrored to be water
_AGREES = 0.2  # correlation of the plate with its mirror image, below which that proves nothing
_CLEARLY = 0.05  # better by so much, another foot is taken
_DARK = 0.1  # of a puddle's pixels: no lighter is its veil
_SURELY = np.float32(1.2)  # a mirror image that is nearly all new is all new
_PRIOR = 0.06  # contrast, over the mean, below which the mirrored plate says little of the reflectance
_LEAST = np.float32(2.0**-10)  # the least that a matte says where it says anything: sure to survive half floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrors:
    """Standing water, ready for every frame of a shot; arrays are the window ``box`` of the plate.

    ``source`` (h, w, 2): the pixel, x and y, that each pixel mirrors. ``weight`` (h, w), 0..1: how much of it is water.
    ``reflectance`` (h, w), 0..1. ``world`` and ``ghost`` (h, w, 3), scene-linear ACEScg: what is mirrored at rest, and
    what the plate shows of it elsewhere than a flat mirror would. ``foot_px``: how far below the stated foot the
    plate's own mirror images put the line of contact.
    """

    box: tuple[slice, slice]
    source: Flow
    weight: Plane
    reflectance: Plane
    world: Rgb
    ghost: Rgb
    foot_px: float

    def __post_init__(self) -> None:
        for array in (self.source, self.weight, self.reflectance, self.world, self.ghost):
            frozen(array)


def find_mirrors(
    plate: Rgb, camera: Camera, foot_px: np.ndarray, polygons: tuple[Polygon, ...], *, keep: Mask | None = None
) -> Mirrors | None:
    """Fit the water inside ``polygons`` (px of ``plate``); None where they hold no pixel below the foot.

    ``plate`` (h, w, 3) is scene-linear ACEScg at rest, ``foot_px`` (n, 2) the line of contact with the ground of what is
    mirrored, n >= 2; beyond its ends it goes on at the same distance. ``keep`` (h, w): the building
    as the clean plate repaints it, left alone. Water that mirrors anything else mirrors things at distances that nobody
    knows: there the polygon alone says what is water. Raises StageError where the foot lies at or above the horizon.
    """
    cover = [_coverage(polygon, plate.shape[:2]) for polygon in polygons]
    box = _window(np.maximum.reduce(cover)) if cover else None
    if box is None:
        return None
    source, facing = mirror_image(camera, foot_px, box)
    below = facing > 0
    fresnel = np.float32(_NORMAL) + np.float32(1 - _NORMAL) * (1 - np.clip(facing, 0, 1)) ** 5
    masks = [np.where(below, each[box], 0).astype(np.float32) for each in cover]
    if keep is not None:
        masks = [np.where(keep[box], np.float32(0), mask) for mask in masks]
    water = np.maximum.reduce(masks)
    if not water.any():
        return None
    shift = _foot_shift(plate, source, water, box)
    source = source + np.array([0, shift], np.float32)
    bright = _brightness(plate)
    calm = _drawn(bright, source)
    source = source + _ripples(bright[box], calm, water, plate.shape[0])
    world = _seen(plate, source)
    placed = np.ones_like(water) if keep is None else _seen(keep.astype(np.float32), source)
    weight, reflectance = np.zeros_like(water), np.zeros_like(water)
    ghost = np.zeros_like(world)
    for mask in masks:
        if not mask.any():
            continue
        share, veil = _fit(plate[box], world, fresnel, mask)
        mirrored = share * fresnel
        flat = veil + mirrored[..., None] * world
        known = placed * np.clip(_agreement(bright[box], calm, mask) / _AGREES - 1, 0, 1)
        wet = mask * (1 - known * (1 - _wetness(plate[box], flat, mask, plate.shape[:2])))
        mine = wet > weight
        weight[mine], reflectance[mine] = wet[mine], mirrored[mine]
        ghost[mine] = _ghost(plate[box], flat, wet)[mine]
    return Mirrors(box=box, source=source, weight=weight, reflectance=reflectance, world=world, ghost=ghost,
                   foot_px=shift / 2)  # fmt: skip


def with_mirrors(result: CompResult, plate: Rgb, layers: Layers, mirrors: Mirrors) -> CompResult:
    """``result`` with its own picture in the water; the matte says where water may change."""
    box, weight = mirrors.box, mirrors.weight
    moved = _seen(result.rgb - plate, mirrors.source)
    shaded = mirrors.world * (1 - result.shadow[box])
    gone = np.clip(_SURELY * _seen(result.new[..., None], mirrors.source), 0, 1)[..., None]
    change = mirrors.reflectance[..., None] * (moved + shaded) - gone * mirrors.ghost
    clear = (1 - np.clip(layers.debris[box][..., 3], 0, 1)) * (1 - np.clip(layers.dust[box][..., 3], 0, 1))
    change = (weight * clear)[..., None] * change
    old = result.rgb[box]
    there: Mask = np.logical_and((change != 0).any(-1), weight > 0)
    made = np.where(there[..., None], np.maximum(old + change, np.minimum(old, 0.15 * old)), old).astype(np.float32)
    rgb, new, touched, matte = (np.array(a) for a in (result.rgb, result.new, result.touched, result.matte))
    rgb[box] = made
    touched[box] |= (made != old).any(-1)
    new[box] = np.maximum(new[box], np.where((made != old).any(-1), weight * gone[..., 0], 0))
    matte[box] = np.maximum(matte[box], np.where(weight > 0, np.maximum(weight, _LEAST), 0))
    return replace(result, rgb=rgb, new=new, touched=touched, matte=matte)


def mirror_image(camera: Camera, foot_px: np.ndarray, box: tuple[slice, slice]) -> tuple[Flow, Plane]:
    """For each pixel of the window: the pixel (x, y) that level water there mirrors, in array coordinates (h, w, 2), and
    the cosine of the angle of incidence (h, w), 0 where the pixel is no ground before the foot.

    What is mirrored stands upright on the foot line: the ray goes on to it, and the point under the ground is seen at
    the same height above. For a level camera that is the same column at ``2 * foot row - row``.
    """
    foot = camera.on_ground(np.asarray(foot_px, np.float64)).astype(np.float64)
    if not np.isfinite(foot).all() or (foot[:, 1] <= 0).any():
        raise StageError(
            "the foot of what the water mirrors lies at or above the horizon",
            remedy="move building.footprint below the horizon, or set plate.mirrors: auto",
        )
    ys, xs = np.mgrid[box]
    rays = camera.rays(np.stack([xs.ravel() + 0.5, ys.ravel() + 0.5], axis=1)).astype(np.float64)
    slope = foot[:, 0] / foot[:, 1]
    order = np.argsort(slope, kind="stable")
    ahead = np.maximum(rays[:, 1], 1e-6)
    near = np.interp(rays[:, 0] / ahead, slope[order], 1 / foot[order, 1])  # along a line 1/y is linear in x/y
    at = np.asarray(camera.position_m) + rays / (ahead * near)[:, None]
    height = -at[:, 2]
    at[:, 2] = height
    pixels, _ = camera.project(at)
    facing = np.where(height > 0, -rays[:, 2], 0)
    return (pixels - np.float32(0.5)).reshape(*xs.shape, 2), facing.reshape(xs.shape).astype(np.float32)


def _coverage(polygon: Polygon, size: tuple[int, ...]) -> Plane:
    """The polygon with a soft rim inwards, (h, w), 0..1; 0 where a pixel's centre lies outside of it."""
    x, y = np.arange(size[1]) + 0.5, (np.arange(size[0]) + 0.5)[:, None]
    within = np.zeros(size, bool)
    for (x0, y0), (x1, y1) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if y0 != y1:
            within ^= ((y0 <= y) != (y1 <= y)) & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    inside = within.astype(np.float32)
    rim = cv2.GaussianBlur(inside, (0, 0), max(0.6, _SOFT * size[1]), borderType=cv2.BORDER_REPLICATE)
    return np.where(within, np.clip(2 * rim - 0.6, 0, 1), 0).astype(np.float32)


def _blurred(picture: Rgb, size: tuple[int, ...]) -> Rgb:
    """``picture`` as ripples leave it, for a plate of ``size``."""
    sigma_x, sigma_y = max(0.5, _RIPPLE[0] * size[1]), max(0.5, _RIPPLE[1] * size[0])
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_x, sigmaY=sigma_y, borderType=cv2.BORDER_REPLICATE))


def _drawn(picture: np.ndarray, source: Flow) -> np.ndarray:
    """``picture`` as a flat mirror shows it."""
    return np.asarray(
        cv2.remap(picture, source[..., 0], source[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def _seen(picture: Rgb, source: Flow) -> Rgb:
    """``picture`` in the water, blurred by ripples."""
    return _blurred(_drawn(picture, source), picture.shape[:2])


def _ripples(bright: Plane, calm: Plane, water: Plane, height: int) -> Flow:
    """How far, px, the water's own slopes move what each pixel mirrors: the flow from the plate's brightness to that of its
    flat mirror image (Farneback, 2003), where that is trusted; 0 elsewhere."""
    seen, drawn = _levels(bright, water), _levels(calm, water)
    reach = _RIPPLE_REACH * height
    across = max(5, round(0.012 * height))
    flow = cv2.calcOpticalFlowFarneback(seen, drawn, np.zeros((*seen.shape, 2), np.float32), 0.5, 3, across, 6, 5, 1.1, 0)
    before = np.abs(seen.astype(np.float32) - drawn)
    ys, xs = np.mgrid[: seen.shape[0], : seen.shape[1]].astype(np.float32)
    moved = cv2.remap(drawn, xs + flow[..., 0], ys + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    after = np.abs(seen.astype(np.float32) - moved)
    gain = cv2.GaussianBlur(before - after, (0, 0), 0.5 * across) > 0
    trust = np.where(gain, np.clip(water, 0, 1), 0) * np.clip(2 - np.linalg.norm(flow, axis=-1) / reach, 0, 1)
    return np.asarray(flow * cv2.GaussianBlur(trust, (0, 0), 1.0)[..., None], np.float32)


def _levels(bright: Plane, water: Plane) -> np.ndarray:
    """Log luminance (h, w) less its mean around, as 8 bits for the flow."""
    spread = _local(bright, water)
    scale = float(np.sqrt((spread**2 * water).sum() / max(float(water.sum()), 1e-6)))
    return np.clip(128 + 50 * spread / max(scale, 1e-6), 0, 255).astype(np.uint8)


def _ghost(plate: Rgb, flat: Rgb, wet: Plane) -> Rgb:
    """What of ``plate`` is neither water's mean light nor grain, (h, w, 3): it leaves with what was mirrored."""
    left = plate - flat
    fine = left - cv2.GaussianBlur(left, (0, 0), 1.0, borderType=cv2.BORDER_REPLICATE)
    sure = wet > 0.5
    core = np.float32(np.quantile(np.abs(fine[sure]), 0.25)) if sure.any() else np.float32(0)
    return np.asarray(_GONE * (left - np.clip(fine, -core, core)), np.float32)


def _window(mask: Plane) -> tuple[slice, slice] | None:
    """The rows and columns that ``mask`` lies in; None where it is empty."""
    if not mask.any():
        return None
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _foot_shift(plate: Rgb, source: Flow, water: Plane, box: tuple[slice, slice]) -> float:
    """Rows to add to ``source`` so that the plate and its own mirror image agree most: grass and kerbs hide the foot. 0
    where that is not clearly better than the stated foot."""
    step = max(1, round(plate.shape[0] / 540))
    bright = _brightness(plate)
    if step > 1:
        bright = np.asarray(cv2.GaussianBlur(bright, (0, 0), 0.5 * step), np.float32)
    source, water, here = source[::step, ::step], water[::step, ::step], bright[box][::step, ::step]
    reach = round(2 * _FOOT_ERROR * plate.shape[0] / step)
    shifts = [(k, _drawn(bright, source + np.array([0, k * step], np.float32))) for k in range(-reach, reach + 1)]
    found = [(_agreement(here, drawn, water), -abs(k), k * step) for k, drawn in shifts]
    best, _, shift = max(found)
    return float(shift) if best > _AGREES and best > found[reach][0] + _CLEARLY else 0.0


def _agreement(seen: Plane, drawn: Plane, water: Plane) -> float:
    """Correlation, -1..1, of two brightnesses in the water, each less its mean around."""
    one, other = _local(seen, water), _local(drawn, water)
    power = float(np.sqrt((one * one * water).sum() * (other * other * water).sum()))
    return float((one * other * water).sum()) / max(power, 1e-9)


def _brightness(plate: Rgb) -> Plane:
    """Natural logarithm of luminance, (h, w)."""
    return np.log(np.maximum(plate @ _LUMA, 1e-4)).astype(np.float32)


def _local(picture: Plane, water: Plane) -> Plane:
    """``picture`` (h, w) less its mean over the water around."""
    sigma = max(3.0, 0.03 * picture.shape[1])
    total = cv2.GaussianBlur(water, (0, 0), sigma) + np.float32(1e-6)
    mean = cv2.GaussianBlur(picture * water, (0, 0), sigma) / total
    return np.asarray(picture - mean, np.float32)


def _fit(plate: Rgb, world: Rgb, fresnel: Plane, mask: Plane) -> tuple[float, np.ndarray[Any, Any]]:
    """The share of bare water's reflectance that one puddle shows, 0..1, and the veil (3,) over it: robust least squares
    of the plate over what it mirrors, held to what bare water would do where that has no contrast."""
    sure = mask > 0.5 * mask.max()
    x, y = (fresnel[..., None] * world)[sure].astype(np.float64), plate[sure].astype(np.float64)
    held = min(1.0, float(np.median(y.mean(1) / np.maximum(x.mean(1), 1e-6))))
    weight, share = np.ones(len(x)), held
    veil = np.zeros(3)
    for _ in range(8):
        total = weight.sum()
        mx, my = weight @ x / total, weight @ y / total
        cross = float((weight[:, None] * (x - mx) * (y - my)).sum())
        own = float((weight[:, None] * (x - mx) ** 2).sum())
        prior = float(total * ((_PRIOR * mx) ** 2).sum())
        share = float(np.clip((cross + prior * held) / max(own + prior, 1e-12), 0, 1))
        share = min(share, float((my / np.maximum(mx, 1e-6)).min()))
        veil = my - share * mx
        miss = np.abs(y - veil - share * x).sum(1)
        weight = 1 / np.maximum(miss / max(1.5 * float(np.median(miss)), 1e-9), 1)
    dark = np.quantile(y, _DARK, axis=0)  # the veil lies over the dark as over the bright
    veil = dark * float(np.clip(veil.mean() / max(float(dark.mean()), 1e-9), 0, 1))
    return share, veil.astype(np.float32)


def _wetness(plate: Rgb, flat: Rgb, mask: Plane, size: tuple[int, ...]) -> Plane:
    """How far each pixel can be water, 0..1: it is no brighter than what is mirrored around it. Stones and litter in the
    water, and dry ground between, are."""
    near = np.ones((2 * max(1, round(_NEAR[1] * size[0])) + 1, 2 * max(1, round(_NEAR[0] * size[1])) + 1), np.uint8)
    miss = np.maximum(plate - cv2.dilate(flat, near), 0).max(-1)
    scale = float(flat[mask > 0.5 * mask.max()].mean())
    wet = 1 - np.clip((miss / max(scale, 1e-6) - 0.3) / 0.5, 0, 1)
    return np.asarray(cv2.GaussianBlur(wet.astype(np.float32), (0, 0), 0.7, borderType=cv2.BORDER_REPLICATE), np.float32)
