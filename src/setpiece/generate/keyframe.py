"""What an artist did to a keyframe: found from the frame as it was and as it came back.

Geometry first, then colour: where moving the plate's own pixels explains the painted picture better than a gain does, that
is a warp; the gain is what is left. Grain is nobody's paint: it is parted from both pictures the same way as when the
retouch is applied (:mod:`setpiece.core.plate_grain`), so that ``apply(plate, retouch_of(key))`` is the painted frame.
"""

from __future__ import annotations

import numpy as np

from setpiece.core.arrays import Flow, Plane, Rgb
from setpiece.core.errors import PlateUnreadable
from setpiece.core.plate_grain import Grain, grain_of, moving, part_grain
from setpiece.core.retouch import Box, Delta
from setpiece.generate.keyframe_check import KeyframeFinding as KeyframeFinding
from setpiece.generate.keyframe_check import check_keyframe as check_keyframe
from setpiece.generate.keyframe_warp import find_warp
from setpiece.generate.retouch import Keyframe

OFFSET = 0.02
FLOOR = -0.015  # light below it is not graded: the logarithm ends there
_EDGE_PX = 4  # the matte falls to 0 over so many pixels outside of what was painted


def retouch_of(key: Keyframe, *, grain: Grain | None = None, geometry: bool = True) -> Delta:
    """The retouch of ``key`` on its own frame: log gain, warp and alpha in the box that holds all of it.

    ``grain`` is the shot's, where it is known; else it is measured on the plate. ``geometry=False`` keeps everything a
    gain. An unpainted frame gives a box of nothing with alpha 0. Raises PlateUnreadable where the sizes differ.
    """
    _same_size(key)
    grain = grain_of(key.plate) if grain is None else grain
    alpha = key.matte if key.matte is not None else painted_region(key.plate, key.painted)
    box = _box_of(alpha)
    left, top, right, bottom = box
    plate, painted = key.plate[top:bottom, left:right], key.painted[top:bottom, left:right]
    alpha = np.ascontiguousarray(alpha[top:bottom, left:right], np.float32)
    warp = find_warp(plate, painted, alpha) if geometry else None
    return Delta(
        frame=key.frame,
        box=box,
        gain_stops=log_gain(plate, painted, warp, grain),
        alpha=alpha.copy(),
        confidence=np.ones(alpha.shape, np.float32),
        warp=warp,
        offset=OFFSET,
        grain=grain,
    )


def log_gain(plate: Rgb, painted: Rgb, warp: Flow | None, grain: Grain) -> Rgb:
    """log2 of painted over warped plate under the grain (h, w, 3), with the offset; what lies below the floor is held."""
    import cv2

    picture, own = part_grain(plate, grain, edges=moving(warp))
    if warp is not None:
        picture = moved(picture, warp)
    before = np.maximum(picture, np.float32(FLOOR))
    under = picture - before  # passes beside the gain, as it does when the retouch is applied
    after = np.maximum(painted - own - under, np.float32(FLOOR)) + np.float32(OFFSET)
    before += np.float32(OFFSET)
    gain: Rgb = cv2.log(after / before)
    return gain * np.float32(1.4426950408889634)


def moved(picture: Rgb, warp: Flow) -> Rgb:
    """``picture`` fetched from where ``warp`` (h, w, 2) px says, bicubic; where it says nothing, the very pixel."""
    import cv2

    height, width = warp.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    where = np.stack([x, y], -1) + warp
    return cv2.remap(picture, where, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def painted_region(plate: Rgb, painted: Rgb) -> Plane:
    """Where ``painted`` differs from ``plate`` by more than a round trip through a file does: alpha (h, w) 0..1.

    The calmest part of the picture tells how much the round trip itself changed (nothing, for float files); a change counts
    where it stands out of that over a few pixels. 1 wherever something was painted, falling to 0 outside of it.
    """
    import cv2

    light = [np.log2(np.maximum(p, FLOOR) + np.float32(OFFSET)) for p in (plate, painted)]
    change = light[1] - light[0]
    noise = _round_trip(change)
    if noise == 0:
        mask = (change != 0).any(-1)
    else:
        smooth = np.abs(cv2.GaussianBlur(change, (0, 0), 1.0)).max(-1)
        mask = _rooted(smooth, max(0.003, 1.3 * noise), max(0.008, 3.0 * noise))
    size = 2 * _EDGE_PX + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    grown = cv2.dilate(mask.astype(np.uint8), kernel).astype(np.float32)
    alpha = np.maximum(cv2.GaussianBlur(grown, (0, 0), _EDGE_PX / 3), mask)
    return np.where(alpha > 1e-3, np.minimum(alpha, 1), 0).astype(np.float32)


def _round_trip(change: Rgb) -> float:
    """Standard deviation in stops of what the file did to unpainted pixels: the tenth percentile over small blocks."""
    import cv2

    height, width = change.shape[:2]
    size = (max(1, width // 8), max(1, height // 8))
    power = cv2.resize(np.ascontiguousarray((change * change).mean(-1)), size, interpolation=cv2.INTER_AREA)
    return float(np.sqrt(np.quantile(power, 0.1)))


def _rooted(level: Plane, low: float, high: float) -> np.ndarray:
    """Where ``level`` exceeds ``low`` in one piece with somewhere that it exceeds ``high`` (hysteresis, Canny 1986)."""
    import cv2

    count, label = cv2.connectedComponents((level > low).astype(np.uint8), connectivity=8)
    strong = np.zeros(count, bool)
    strong[np.unique(label[level > high])] = True
    strong[0] = False
    return strong[label]


def _box_of(alpha: Plane) -> Box:
    """The box of the frame that holds all of ``alpha`` with a pixel around it; one pixel where there is nothing."""
    rows, columns = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
    height, width = alpha.shape
    if not len(rows):
        return 0, 0, min(2, width), min(2, height)
    return (
        max(0, int(columns[0]) - 2),
        max(0, int(rows[0]) - 2),
        min(width, int(columns[-1]) + 3),
        min(height, int(rows[-1]) + 3),
    )


def _same_size(key: Keyframe) -> None:
    sizes = {"painted picture": key.painted.shape[:2]}
    if key.matte is not None:
        sizes["matte"] = key.matte.shape[:2]
    for name, size in sizes.items():
        if size != key.plate.shape[:2]:
            raise PlateUnreadable(
                f"the {name} has {size[1]}x{size[0]} pixels, its plate {key.plate.shape[1]}x{key.plate.shape[0]}",
                frame=key.frame,
                remedy="export it again at the plate's size, without crop or scale",
            )
