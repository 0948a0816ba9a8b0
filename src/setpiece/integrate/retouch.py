"""A retouch laid into its plate: inside of its matte, and nowhere else.

Grain stays where it fell: it is parted from the picture before anything is moved or graded, and laid back as it was
(:mod:`setpiece.core.plate_grain`), so a lifted shadow is no noisier than it was and a warped jaw no smoother. Outside of
the matte every pixel is the plate's, to the bit.
"""

from __future__ import annotations

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.core.errors import StageError
from setpiece.core.plate_grain import grain_of, part_grain
from setpiece.core.retouch import Delta

FLOOR = -0.015  # light below it passes under the gain untouched: its logarithm does not exist
REACH_PX = 3  # around a warped pixel, for bicubic fetching


def apply_delta(plate: Rgb, delta: Delta, *, strength: float = 1.0) -> Rgb:
    """``plate`` (h, w, 3), scene-linear, with ``delta`` laid in at ``strength`` (0: the plate; 1: as made; more: more).

    ``strength`` scales gain and warp, so that half of it is half the retouch and not a double exposure. Raises StageError
    where the delta's box does not lie in the plate.
    """
    _fits(plate, delta)
    comp = plate.copy()
    held = delta.alpha > 0
    if strength == 0 or not held.any():
        return comp
    rows, columns = np.flatnonzero(held.any(1)), np.flatnonzero(held.any(0))
    inner = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
    made = _made(plate, delta, inner, strength)
    left, top = delta.box[:2]
    target = comp[top + inner[0].start : top + inner[0].stop, left + inner[1].start : left + inner[1].stop]
    alpha = delta.alpha[inner][..., None]
    made -= target
    made *= np.clip(alpha, 0, 1)
    made += target
    np.copyto(target, made, where=alpha > 0)
    return comp


def _made(plate: Rgb, delta: Delta, inner: tuple[slice, slice], strength: float) -> Rgb:
    """The retouched pixels of the part ``inner`` of the delta's box."""
    import cv2

    left, top, right, bottom = delta.box
    region = plate[top:bottom, left:right]
    picture, grain = part_grain(region, grain_of(region) if delta.grain is None else delta.grain)
    if delta.warp is not None and delta.warp.any():
        picture = _moved(picture, delta.warp if strength == 1 else delta.warp * np.float32(strength))
    picture, grain = picture[inner], grain[inner]
    gain = cv2.exp(delta.gain_stops[inner] * np.float32(strength * 0.6931471805599453))
    light = np.maximum(picture, np.float32(FLOOR))
    under = picture - light
    light += np.float32(delta.offset)
    light *= gain
    light -= np.float32(delta.offset)
    light += under
    light += grain
    return light


def _moved(picture: Rgb, warp: Float32[np.ndarray, "h w 2"]) -> Rgb:
    """``picture`` fetched from where ``warp`` says, bicubic; only where it says anything."""
    import cv2

    rows, columns = np.flatnonzero(warp.any((1, 2))), np.flatnonzero(warp.any((0, 2)))
    part = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
    y, x = np.mgrid[part].astype(np.float32)
    where = np.stack([x, y], -1) + warp[part]
    moved = picture.copy()
    moved[part] = cv2.remap(picture, where, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return moved


def layers(delta: Delta, size: tuple[int, int]) -> dict[str, Float32[np.ndarray, "h w c"]]:
    """The delta as full-frame planes of ``size`` (width, height) for a multilayer EXR: ``delta`` (h, w, 3) log2 gain,
    ``matte`` (h, w, 1), ``uv`` (h, w, 2), ``warp`` (h, w, 2) px, ``confidence`` (h, w, 1); 0 outside, never NaN."""
    width, height = size
    left, top, right, bottom = delta.box
    shape = (bottom - top, right - left)
    nothing = np.zeros((*shape, 2), np.float32)
    held = (delta.alpha > 0)[..., None]
    parts: dict[str, Plane] = {
        "delta": np.where(held, delta.gain_stops, 0),
        "matte": delta.alpha[..., None],
        "uv": nothing if delta.uv is None else np.nan_to_num(delta.uv, nan=0.0),
        "warp": nothing if delta.warp is None else np.where(held, delta.warp, 0),
        "confidence": np.where(held, delta.confidence[..., None], 0),
    }
    planes = {}
    for name, part in parts.items():
        plane = np.zeros((height, width, part.shape[-1]), np.float32)
        plane[top:bottom, left:right] = part
        planes[name] = plane
    return planes


def _fits(plate: Rgb, delta: Delta) -> None:
    left, top, right, bottom = delta.box
    height, width = plate.shape[:2]
    if not (0 <= left < right <= width and 0 <= top < bottom <= height) or delta.alpha.shape != (bottom - top, right - left):
        raise StageError(
            f"the retouch of {right - left}x{bottom - top} pixels at {left}, {top} does not fit a plate of {width}x{height}",
            frame=delta.frame,
            remedy="make it again from this plate",
        )
