"""Fine correspondence between two views of the same surface, whatever the light does.

Dense inverse search (Kroeger et al. 2016) on a signal from which exposure and shading are taken out: the logarithm of luma
less its local mean. It starts from a coarse map (the mesh's, or a chain of neighbours') and only adds what is left.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from setpiece.core.arrays import Flow, Pixels, Plane, Rgb, UInt8, length_of

Seen = UInt8[np.ndarray, "h w"]  # what flow looks at: detail around 128
OFFSET = 0.02  # of the logarithm; black stays finite
FLOOR = -0.015
LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # ACEScg luminance
SHADING = 1 / 32  # of the chart's width: sigma of what counts as shading
CONTRAST = 117.0  # code values to a stop
BRIDGE_FOLD = 6  # flow behind an occluder is made up at a sixth of the chart's size
LIMIT = 1 / 24  # of the chart's width: the most that flow may add to its start


def stops(plate: Rgb) -> Rgb:
    """log2 of scene-linear light, offset (h, w, 3)."""
    import cv2

    light = np.maximum(plate, np.float32(FLOOR)) + np.float32(OFFSET)
    cv2.log(light, dst=light)
    light *= np.float32(1.4426950408889634)
    return light


def broad(plane: Pixels, sigma: float) -> Pixels:
    """A wide Gaussian mean, taken at reduced size."""
    import cv2

    height, width = plane.shape[:2]
    fold = 1
    while sigma / fold > 3 and min(height, width) / fold > 24:
        fold *= 2
    if fold == 1:
        return cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    small = cv2.resize(plane, (-(-width // fold), -(-height // fold)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / fold, borderType=cv2.BORDER_REFLECT)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def signal(light: Rgb) -> Seen:
    """What flow looks at in ``light`` (:func:`stops`): detail without shading, a little smoothed against grain."""
    import cv2

    luma = cv2.transform(light, LUMA[None])
    luma -= broad(luma, luma.shape[1] * SHADING)
    luma = cv2.GaussianBlur(luma, (0, 0), 1.0)
    return cv2.convertScaleAbs(np.maximum(luma * np.float32(CONTRAST) + 128, 0))


def sample(plane: Pixels, where: Flow) -> Pixels:
    """``plane`` at ``where`` (h, w, 2), linear, held beyond its border."""
    import cv2

    return cv2.remap(plane, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def refine(here: Seen, there: Seen, start: Flow, *, fine: bool = True) -> Flow:
    """The map ``start`` from ``here`` to ``there``, corrected so that their signals agree; (h, w, 2) into ``there``.

    ``fine`` takes two rounds, the second down to single pixels; else one quick round.
    """
    quick = _round(here, there, start, _search(fine=False), smooth_px=2.5)
    return _round(here, there, quick, _search(fine=True), smooth_px=1.0) if fine else quick


def _search(*, fine: bool) -> Any:
    import cv2

    preset = cv2.DISOPTICAL_FLOW_PRESET_MEDIUM if fine else cv2.DISOPTICAL_FLOW_PRESET_FAST
    search = cv2.DISOpticalFlow.create(preset)
    search.setVariationalRefinementIterations(2)
    if fine:
        search.setFinestScale(0)
        search.setPatchStride(4)
    return search


def _round(here: Seen, there: Seen, start: Flow, search: Any, *, smooth_px: float) -> Flow:
    import cv2

    flow = cv2.GaussianBlur(search.calc(here, sample(there, start), None), (0, 0), smooth_px)
    length = length_of(flow[..., 0], flow[..., 1])
    shrink = np.minimum(1, start.shape[1] * LIMIT / (length + 1e-6), dtype=np.float32)
    return sample(start, _plain(start) + flow * shrink[..., None])


def approach(here: Seen, there: Seen, start: Flow) -> Flow:
    """The map ``start`` from ``here`` to ``there``, corrected to about a pixel: one round, for :func:`settle` to finish."""
    import cv2

    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    search.setVariationalRefinementIterations(2)
    search.setPatchStride(4)
    return _round(here, there, start, search, smooth_px=2.5)


def neighbour_flow(here: Seen, there: Seen) -> Flow:
    """How far each pixel of ``here`` goes to the frame beside it, px (h, w, 2): one look at full detail, smooth."""
    import cv2

    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    search.setVariationalRefinementIterations(2)
    search.setFinestScale(0)
    search.setPatchStride(5)
    return cv2.GaussianBlur(search.calc(here, there, None), (0, 0), 2.5)


def settle(here: Seen, expected: Seen) -> Flow:
    """The last small step (h, w, 2) px, the same for all keyframes: from ``here`` to what they together ``expected``.

    Together they have less grain than each, and one look at full detail costs what each of them would.
    """
    import cv2

    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    search.setVariationalRefinementIterations(2)
    search.setFinestScale(0)
    search.setPatchStride(5)
    search.setGradientDescentIterations(16)
    return cv2.GaussianBlur(search.calc(here, expected, None), (0, 0), 2.0)


def bridged(where: Flow, start: Flow, open_: Plane) -> Flow:
    """The map ``where`` with what flow added to ``start`` taken from beside, wherever ``open_`` (any size) is not 1: behind a
    hand there is nothing that flow could have seen."""
    import cv2

    height, width = where.shape[:2]
    size = (max(8, width // BRIDGE_FOLD), max(8, height // BRIDGE_FOLD))  # what lies behind is not known any finer
    clear = cv2.resize(open_, size, interpolation=cv2.INTER_AREA)
    trust = np.clip(clear * 4 - 3, 0, 1)  # flow smears over the rim
    if float(trust.min()) == 1:
        return where
    added = cv2.resize(where - start, size, interpolation=cv2.INTER_AREA)
    beside = np.zeros_like(added)
    for share in (1 / 4, 1 / 16):
        top = cv2.GaussianBlur(added * trust[..., None], (0, 0), size[0] * share)
        below = cv2.GaussianBlur(trust, (0, 0), size[0] * share)[..., None]
        beside = (top + 0.02 * beside) / (below + 0.02)
    wide = cv2.resize(np.dstack([beside, trust]), (width, height), interpolation=cv2.INTER_LINEAR)
    own = where - start
    return start + wide[..., :2] + (own - wide[..., :2]) * wide[..., 2:]


def compose(first: Flow, second: Flow) -> Flow:
    """The map that goes by ``first`` and from there by ``second``."""
    return sample(second, first)


def _plain(like: Flow) -> Flow:
    height, width = like.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.stack([x, y], -1)


def inverse_step(where: Flow, way: Flow) -> Flow:
    """How far from each pixel one must go so that the map ``where`` has gone ``way`` (h, w, 2) further: px.

    By the slopes of the map, one of them taken over a neighbourhood that the way crosses; where the map folds or tears the
    way itself is the best answer. For small ways, as geometry edits are.
    """
    import cv2

    smooth = cv2.GaussianBlur(where, (0, 0), 4.0)
    slope_x = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    slope_y = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    (a, c), (b, d) = cv2.split(slope_x), cv2.split(slope_y)
    turn = a * d - b * c
    x, y = cv2.split(way)
    sound = (turn > 0.4) & (turn < 2.5)
    turn = np.where(sound, turn, 1)
    step = np.stack([np.where(sound, (d * x - b * y) / turn, x), np.where(sound, (a * y - c * x) / turn, y)], -1)
    length, most = length_of(step[..., 0], step[..., 1]), 1.5 * length_of(x, y)
    return (step * np.minimum(1, most / np.maximum(length, 1e-6))[..., None]).astype(np.float32)


def mismatch(here: Rgb, there: Rgb, shading: float) -> Rgb:
    """Difference of two lights in stops, less what broad shading explains, (h, w, 3).

    Shading is first a median over wide blocks, then a mean in which what stands out of that hardly counts: a hand in the
    frame does not pass for light on the cheek beside it.
    """
    import cv2

    apart = there - here
    height, width = apart.shape[:2]
    fold = max(1, round(width / 48))
    small = cv2.resize(apart, (-(-width // fold), -(-height // fold)), interpolation=cv2.INTER_AREA)
    typical = (cv2.medianBlur(np.clip(small * 32 + 128.5, 0, 255).astype(np.uint8), 11).astype(np.float32) - 128) / 32
    weight = 1 / (1 + np.square(np.abs(small - typical).max(-1, keepdims=True) / np.float32(0.2))) ** 2
    sigma = shading / fold
    top = cv2.GaussianBlur(small * weight, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    below = cv2.GaussianBlur(weight, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    apart -= cv2.resize(top / np.maximum(below, 1e-4)[..., None], (width, height), interpolation=cv2.INTER_LINEAR)
    return apart


def tuned(plane: Plane, low: float, high: float) -> Plane:
    """1 below ``low``, 0 above ``high``, smooth between."""
    along = np.clip((np.float32(high) - plane) / np.float32(high - low), 0, 1)
    return (along * along * (3 - 2 * along)).astype(np.float32)
