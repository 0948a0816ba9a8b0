"""Whether a painted keyframe can be what it says: findings before a shot is learned from it.

Painters export at the wrong size, through a viewer's colour, shifted by a crop, or under the wrong frame number. Each of
these is told from the picture's unpainted surround, which should not have changed at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Mask, Plane, Rgb
from setpiece.generate.retouch import Keyframe

SIZE, FRAME, SHIFT, COLOUR, NOTHING = "size", "frame", "shift", "colour", "nothing"
LOOK_PX = 480  # the longer side of the pictures compared
SAME = 0.02  # stops: a surround nearer to its plate than this is the plate's
SHIFT_PX = 0.35  # of the plate
_LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyframeFinding:
    """What is wrong with the keyframe of ``frame``: ``kind`` for programs, ``message`` and ``remedy`` for people."""

    frame: int
    kind: str
    message: str
    remedy: str


def check_keyframe(key: Keyframe, plates: Mapping[int, Rgb] | None = None) -> list[KeyframeFinding]:
    """What is wrong with ``key``, nothing if it is sound. ``plates`` are other frames that it may have been painted on.

    The gravest finding comes alone: of a picture of the wrong size nothing else can be said.
    """
    if key.painted.shape != key.plate.shape:
        sizes = [f"{p.shape[1]}x{p.shape[0]}" for p in (key.painted, key.plate)]
        return [
            _found(key, SIZE, f"painted at {sizes[0]}, the plate is {sizes[1]}", "export it at the plate's size, uncropped")
        ]
    if np.array_equal(key.painted, key.plate):
        return [_found(key, NOTHING, "nothing is painted on it", "export the painted picture, not the plate")]
    plate, painted, fold = _small(key.plate), _small(key.painted), _fold(key.plate)
    curve = _colour(plate, painted)
    if curve is not None:
        return [
            _found(
                key,
                COLOUR,
                f"its colours are not the plate's: {curve}",
                "export it in the colour space that it was handed out in",
            )
        ]
    unlike = _unlike(plate, painted)
    if unlike > SAME:
        other = _other_frame(key, painted, plates or {}, unlike)
        if other is not None:
            return [_found(key, FRAME, f"painted on frame {other}", f"name it {other}, or paint frame {key.frame}")]
    shift = _shift(plate, painted)
    if max(abs(shift[0]), abs(shift[1])) / fold > SHIFT_PX and unlike > SAME / 4:
        x, y = (-v / fold for v in shift)
        return [
            _found(key, SHIFT, f"shifted by {x:+.1f}, {y:+.1f} px", "export it aligned to the plate, without crop or transform")
        ]
    return []


def _found(key: Keyframe, kind: str, message: str, remedy: str) -> KeyframeFinding:
    return KeyframeFinding(frame=key.frame, kind=kind, message=message, remedy=remedy)


def _fold(plate: Rgb) -> float:
    return min(1.0, LOOK_PX / max(plate.shape[:2]))


def _small(plate: Rgb) -> Rgb:
    import cv2

    fold = _fold(plate)
    size = (max(16, round(plate.shape[1] * fold)), max(16, round(plate.shape[0] * fold)))
    return plate if fold == 1 else cv2.resize(plate, size, interpolation=cv2.INTER_AREA)


def _stops(plate: Rgb) -> Rgb:
    light: Rgb = np.log2(np.maximum(plate, -0.015) + np.float32(0.02))
    return light


def _unlike(plate: Rgb, painted: Rgb) -> float:
    """How far the calmest half of the picture is from its plate, in stops: the surround, whatever was painted."""
    import cv2

    apart = cv2.GaussianBlur(np.abs(_stops(painted) - _stops(plate)).mean(-1), (0, 0), 1.5)
    return float(np.quantile(apart, 0.4))


def _other_frame(key: Keyframe, painted: Rgb, plates: Mapping[int, Rgb], unlike: float) -> int | None:
    """The frame whose surround the painted picture has, where that is clearly another than its own."""
    best, least = None, 0.6 * unlike
    for frame in sorted(plates):
        if frame == key.frame or plates[frame].shape != key.plate.shape:
            continue
        found = _unlike(_small(plates[frame]), painted)
        if found < least:
            best, least = frame, found
    return best


def _shift(plate: Rgb, painted: Rgb) -> tuple[float, float]:
    """By how much ``painted`` lies beside ``plate``, px: phase correlation (Kuglin and Hines 1975) of the detail."""
    import cv2

    pictures: list[Plane] = []
    for picture in (plate, painted):
        luma = _stops(picture) @ _LUMA
        pictures.append((luma - cv2.GaussianBlur(luma, (0, 0), 6)).astype(np.float32))
    window = cv2.createHanningWindow(pictures[0].shape[::-1], cv2.CV_32F)
    (x, y), certain = cv2.phaseCorrelate(pictures[1], pictures[0], window)
    return (float(x), float(y)) if certain > 0.1 else (0.0, 0.0)


def _colour(plate: Rgb, painted: Rgb) -> str | None:
    """What one curve over the whole picture would turn the plate into the painted picture; None where there is none."""
    spread = _surround(plate, painted)
    if spread is None:
        return None
    before, after = plate[spread], painted[spread]
    luma, changed = before @ _LUMA, after @ _LUMA
    curves = {
        "it looks like sRGB": _srgb(luma),
        "it looks like a 2.4 gamma": np.power(np.clip(luma, 0, 1), 1 / 2.4),
        "it looks like sRGB read twice": _linear(luma),
        "it looks like ACEScct": _acescct(luma),
    }
    misses = {name: _miss(curve, changed) for name, curve in curves.items()}
    name = min(misses, key=lambda n: misses[n])
    if misses[name] < 0.06 and misses[name] < 0.4 * _miss(luma, changed):
        return name
    ratio = _stops(after) - _stops(before)
    gain = np.median(ratio, axis=0)
    steady = float(np.quantile(np.abs(ratio - gain).max(-1), 0.6))
    if float(np.abs(gain).max()) > 0.04 and steady < 0.25 * float(np.abs(gain).max()):
        return "all of it is multiplied by " + ", ".join(f"{2**g:.2f}" for g in gain)
    return None


def _surround(plate: Rgb, painted: Rgb) -> Mask | None:
    """Pixels by which colour may be judged; None where most of the picture is the plate's already."""
    apart = np.abs(_stops(painted) - _stops(plate)).max(-1)
    return None if float(np.quantile(apart, 0.4)) < SAME else np.ones(apart.shape, bool)


def _miss(expected: Plane, found: Plane) -> float:
    """The median difference, as a share of the spread of what was found."""
    return float(np.median(np.abs(expected - found)) / max(float(np.quantile(found, 0.9) - np.quantile(found, 0.1)), 1e-6))


def _srgb(light: Plane) -> Plane:
    light = np.clip(light, 0, None)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.power(light, 1 / 2.4) - 0.055)


def _linear(code: Plane) -> Plane:
    code = np.clip(code, 0, None)
    return np.where(code <= 0.04045, code / 12.92, np.power((code + 0.055) / 1.055, 2.4))


def _acescct(light: Plane) -> Plane:
    return np.where(light <= 0.0078125, 10.5402377 * light + 0.0729055, (np.log2(np.maximum(light, 1e-6)) + 9.72) / 17.52)
