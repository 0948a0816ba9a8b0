"""A retouch laid into its plate: inside of its matte, and nowhere else.

Grain stays where it fell: it is parted from the picture before anything is moved or graded, and laid back as it was
(:mod:`setpiece.core.plate_grain`), so a lifted shadow is no noisier than it was and a warped jaw no smoother. Outside of
the matte every pixel is the plate's, to the bit.
"""

from __future__ import annotations

import numpy as np

from setpiece.core.arrays import Float32, Flow, Mask, Rgb
from setpiece.core.errors import StageError
from setpiece.core.plate_grain import REACH_PX as GRAIN_PX
from setpiece.core.plate_grain import grain_of, moving, part_grain
from setpiece.core.retouch import Delta

FLOOR = -0.015  # light below it passes under the gain untouched: its logarithm does not exist
REACH_PX = 3  # around a warped pixel, for bicubic fetching
Part = tuple[slice, slice]  # rows and columns
_STRIP = 16384  # pixels that are worked on at a time


def apply_delta(plate: Rgb, delta: Delta, *, strength: float = 1.0, grain: float = 1.0) -> Rgb:
    """``plate`` (h, w, 3), scene-linear, with ``delta`` laid in at ``strength`` (0: the plate; 1: as made; more: more).

    ``strength`` scales gain and warp, so that half of it is half the retouch and not a double exposure. ``grain`` 0..1 is
    how much of the plate's own grain is laid back where the retouch holds. Raises StageError where the delta's box does not
    lie in the plate.
    """
    import cv2

    _fits(plate, delta)
    comp = plate.copy()
    inner = _bounds(delta.alpha > 0)
    if strength == 0 or inner is None:
        return comp
    picture, own = _parted(plate, delta, inner, strength, grain)
    left, top = delta.box[:2]
    target = comp[top + inner[0].start : top + inner[0].stop, left + inner[1].start : left + inner[1].stop]
    gain, alpha = delta.gain_stops[inner], delta.alpha[inner]
    step = max(1, _STRIP // target.shape[1])
    for first in range(0, len(target), step):  # a few rows at a time stay in the processor's own memory
        rows = slice(first, first + step)
        made = _graded(picture[rows], gain[rows], delta.offset, strength)
        made += own[rows]
        made -= target[rows]
        made *= cv2.cvtColor(np.clip(alpha[rows], 0, 1), cv2.COLOR_GRAY2BGR)
        made += target[rows]
        cv2.copyTo(made, (alpha[rows] > 0).view(np.uint8), target[rows])
    return comp


def _parted(plate: Rgb, delta: Delta, inner: Part, strength: float, share: float) -> tuple[Rgb, Rgb]:
    """Picture and grain of the part ``inner`` of the delta's box, the picture moved as the delta says, ``share`` of the
    plate's own grain left in what stays where it fell (pores may be in that too, and are nobody's noise)."""
    left, top, right, bottom = delta.box
    region = plate[top:bottom, left:right]
    grain = grain_of(region) if delta.grain is None else delta.grain
    reach, warp, moves = GRAIN_PX, None, None
    if delta.warp is not None:
        warp = delta.warp[inner] if strength == 1 else delta.warp[inner] * np.float32(strength)
        moves = _bounds((warp[..., 0] != 0) | (warp[..., 1] != 0))
        reach += REACH_PX + int(np.abs(warp).max())
    around = tuple(slice(max(0, i.start - reach), min(n, i.stop + reach)) for i, n in zip(inner, region.shape, strict=False))
    edges = moving(None if delta.warp is None else delta.warp[around])
    picture, own = part_grain(region[around], grain, edges=edges)
    if share != 1:
        measured = grain_of(plate)
        least = (min(grain[0], measured[0]), min(grain[1], measured[1])) if delta.grain is not None else grain
        own -= np.float32(1 - share) * part_grain(region[around], least, edges=edges)[1]
    within = tuple(slice(i.start - a.start, i.stop - a.start) for i, a in zip(inner, around, strict=True))
    still = picture[within]
    if warp is None or moves is None:
        return still, own[within]
    return _moved(picture, still, warp, (within[0].start, within[1].start), moves), own[within]


def _graded(picture: Rgb, gain: Rgb, offset: float, strength: float) -> Rgb:
    """``picture`` under ``gain`` stops; what lies below the floor passes beside it."""
    import cv2

    light = np.maximum(picture, np.float32(FLOOR))
    under = picture - light
    light += np.float32(offset)
    light *= cv2.exp(gain * np.float32(strength * 0.6931471805599453))
    light -= np.float32(offset)
    light += under
    return light


def _moved(picture: Rgb, still: Rgb, warp: Flow, at: tuple[int, int], part: Part) -> Rgb:
    """``still``, which lies in ``picture`` at row and column ``at``, fetched from where ``warp`` says, bicubic; only in the
    ``part`` where it says anything."""
    import cv2

    y, x = (np.arange(p.start + a, p.stop + a, dtype=np.float32) for p, a in zip(part, at, strict=True))
    moves = warp[part]
    moved = still.copy()
    moved[part] = cv2.remap(
        picture, moves[..., 0] + x, moves[..., 1] + y[:, None], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return moved


def _bounds(held: Mask) -> Part | None:
    """Rows and columns that hold all of ``held``; None where there is nothing."""
    rows, columns = np.flatnonzero(held.any(1)), np.flatnonzero(held.any(0))
    if not len(rows):
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def layers(delta: Delta, size: tuple[int, int]) -> dict[str, Float32[np.ndarray, "h w c"]]:
    """The delta as full-frame planes of ``size`` (width, height) for a multilayer EXR: ``delta`` (h, w, 3) log2 gain,
    ``matte`` (h, w, 1), ``uv`` (h, w, 2), ``warp`` (h, w, 2) px, ``confidence`` (h, w, 1); 0 outside, never NaN. Each of a
    layer's planes lies in one piece, as a file wants it."""
    width, height = size
    left, top, right, bottom = delta.box
    held = delta.alpha > 0
    everywhere = np.ones_like(held)
    parts: dict[str, tuple[Float32[np.ndarray, "h w *c"] | None, int, Mask]] = {
        "delta": (delta.gain_stops, 3, held),
        "matte": (delta.alpha, 1, everywhere),
        "uv": (delta.uv, 2, everywhere),
        "warp": (delta.warp, 2, held),
        "confidence": (delta.confidence, 1, held),
    }
    planes = {}
    for name, (part, count, where) in parts.items():
        whole = np.zeros((count, height, width), np.float32)
        if part is not None:
            for k, plane in enumerate(np.moveaxis(part, 2, 0) if part.ndim == 3 else part[None]):
                known = where & ~np.isnan(plane) if name == "uv" else where
                np.copyto(whole[k, top:bottom, left:right], plane, where=known)
        planes[name] = whole.transpose(1, 2, 0)
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
