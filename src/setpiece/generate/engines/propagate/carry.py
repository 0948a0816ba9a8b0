"""A keyframe's retouch re-expressed on another frame's pixels.

One interpolation from the keyframe's own pixels to the plate's: the maps are chained as coordinates, never as pictures, so
a freckle stays as sharp as it was painted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Flow, Plane, Rgb, UInt8, frozen
from setpiece.core.retouch import Box, Delta
from setpiece.generate.engines.propagate.charts import Chart
from setpiece.generate.engines.propagate.flow import inverse_step, sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """A keyframe ready to be carried: its retouch, its chart, and what flow and mixture look at in that chart."""

    retouch: Delta
    chart: Chart
    paint: Float32[np.ndarray, "h w 4"]  # gain times alpha, and alpha, in the retouch's box
    seen: UInt8[np.ndarray, "h w"]  # the signal of the chart
    light: Rgb  # stops, in the chart, at the mixture's size
    alpha: Plane  # in the chart
    clear: Plane  # 0..1 in the chart, at the mixture's size: where nothing stands before the face in the keyframe itself
    warp: Flow | None  # of the retouch, in the chart and in its pixels
    before: Rgb  # the keyframe's picture without its grain, in the retouch's box
    added: Rgb  # painted less plate, scene-linear, times alpha: no grain is in it
    mouth: Float32[np.ndarray, "b 4"] | None = None  # what it does to light between the lips, level by level

    def __post_init__(self) -> None:
        for array in (
            self.paint, self.seen, self.light, self.alpha, self.clear, self.warp, self.before, self.added, self.mouth,
        ):  # fmt: skip
            if array is not None:
                frozen(array)


def in_chart(retouch: Delta, chart: Chart) -> tuple[Plane, Flow | None]:
    """Alpha and warp of ``retouch`` as its ``chart`` sees them; 0 outside of the box."""
    import cv2

    matrix = chart.matrix.astype(np.float64).copy()
    matrix[:, 2] += matrix[:, :2] @ retouch.box[:2]
    alpha = cv2.warpAffine(retouch.alpha, matrix, chart.size, flags=cv2.INTER_LINEAR)
    if retouch.warp is None:
        return alpha, None
    warp = cv2.warpAffine(retouch.warp, matrix, chart.size, flags=cv2.INTER_LINEAR)
    return alpha, np.ascontiguousarray(warp @ chart.matrix[:, :2].T.astype(np.float32))


def painted_in(retouch: Delta, chart: Chart) -> Plane:
    """How much ``retouch`` changes each pixel of its ``chart``, stops (h, w): nothing on what stands before the face."""
    import cv2

    matrix = chart.matrix.astype(np.float64).copy()
    matrix[:, 2] += matrix[:, :2] @ retouch.box[:2]
    change = np.abs(retouch.gain_stops).max(-1) * retouch.alpha
    return cv2.warpAffine(change, matrix, chart.size, flags=cv2.INTER_LINEAR)


def box_of(alpha: Plane, chart: Chart, plate: tuple[int, int]) -> Box | None:
    """The box of the plate (width, height) under what ``alpha`` in ``chart`` covers; None where it covers nothing."""
    rows, columns = np.flatnonzero((alpha > 0).any(1)), np.flatnonzero((alpha > 0).any(0))
    if not len(rows):
        return None
    x, y = (columns[0] - 1.0, columns[-1] + 1.0), (rows[0] - 1.0, rows[-1] + 1.0)
    corners: np.ndarray = np.array([(a, b) for a in x for b in y]) - chart.matrix[:, 2].astype(np.float64)
    seen = corners @ np.linalg.inv(chart.matrix[:, :2].astype(np.float64)).T
    left, top = np.maximum(np.floor(seen.min(0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(seen.max(0)).astype(int) + 1, plate)
    if right - left < 2 or bottom - top < 2:
        return None
    return int(left), int(top), int(right), int(bottom)


def on_plate(plane: np.ndarray, chart: Chart, box: Box, *, held: bool = False) -> np.ndarray:
    """What stands in ``chart`` (h, w) or (h, w, c), in the pixels of ``box`` of the plate; 0 beyond it, or ``held``."""
    import cv2

    matrix = chart.matrix.astype(np.float64).copy()
    matrix[:, 2] += matrix[:, :2] @ box[:2]
    border = cv2.BORDER_REPLICATE if held else cv2.BORDER_CONSTANT
    size = (box[2] - box[0], box[3] - box[1])
    return cv2.warpAffine(plane, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=border)


def place_of(key: Painted, where: Flow, chart: Chart, box: Box) -> Flow:
    """For each pixel of ``box`` its place in the box of the retouch of ``key``: ``where`` (h, w, 2) leads from ``chart`` to
    the keyframe's chart."""
    import cv2

    back = np.linalg.inv(key.chart.matrix[:, :2].astype(np.float64))
    offset = -key.chart.matrix[:, 2].astype(np.float64) @ back.T - key.retouch.box[:2]
    return on_plate(cv2.transform(where, np.concatenate([back, offset[:, None]], 1)), chart, box, held=True)


def fetched(picture: np.ndarray, place: Flow, *, held: bool = False, sharp: bool = False) -> np.ndarray:
    """What a retouch's box holds, at ``place``, linear or bicubic (``sharp``); 0 beyond it, or ``held``."""
    import cv2

    border = cv2.BORDER_REPLICATE if held else cv2.BORDER_CONSTANT
    return cv2.remap(picture, place, None, cv2.INTER_CUBIC if sharp else cv2.INTER_LINEAR, borderMode=border)


def carried_warp(keys: list[Painted], maps: list[Flow], weights: Float32[np.ndarray, "k h w"]) -> Flow | None:
    """The keyframes' warps under ``weights``, in this frame's chart and in its px, at the weights' size (h, w, 2): from each
    pixel the way to the point that, carried, is the one its painter fetched. None where nothing was moved."""
    import cv2

    if all(key.warp is None for key in keys):
        return None
    height, width = weights.shape[1:]
    fold = maps[0].shape[1] / width
    total = np.zeros((height, width, 2), np.float32)
    for key, where, weight in zip(keys, maps, weights, strict=True):
        if key.warp is None:
            continue
        near = cv2.resize(where, (width, height), interpolation=cv2.INTER_AREA)
        step = inverse_step(near / np.float32(fold), sample(key.warp, near))
        total += weight[..., None] * step
    return cv2.GaussianBlur(total, (0, 0), 4.0 / fold)
