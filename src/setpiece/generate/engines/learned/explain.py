"""The propagation with its reasons: beside what it would paint, the light that it expects in the frame.

Where expected and seen light differ, something is in the frame that no keyframe has: a hand, a deeper crease, a highlight.
That difference is what the network learns to read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from setpiece.core.arrays import Float32, Flow, Pixels, Plane, Rgb, frozen
from setpiece.core.retouch import Delta
from setpiece.generate.engines.learned.features import Canvas, told_by
from setpiece.generate.engines.propagate.blend import CLOSE, DOUBT, SHADING, SHUT, Mixture
from setpiece.generate.engines.propagate.carry import Painted
from setpiece.generate.engines.propagate.charts import Chart
from setpiece.generate.engines.propagate.engine import Propagate, delta_of, mixture_of
from setpiece.generate.engines.propagate.flow import mismatch, refine, sample, signal, stops, tuned
from setpiece.generate.retouch import check_cleared

SOMETHING = 0.02  # least confidence of what is told at all: zero is for nothing told
TOLD = 8  # planes of :func:`told_planes`


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A propagation: its ``delta``, nothing withdrawn from it, and the light (h, w, 3) in stops that the frame has and no
    mixture of the keyframes explains, in the view ``chart``; ``doubt`` (h, w, 2): how open it is and how sure, 0..1, None
    where that follows from what is missing."""

    delta: Delta
    missing: Rgb
    chart: Chart
    doubt: Float32[np.ndarray, "h w 2"] | None = None

    def __post_init__(self) -> None:
        frozen(self.missing)
        if self.doubt is not None:
            frozen(self.doubt)


class Reasoned(Propagate):
    """Engine ``propagate`` that also says why."""

    def explained(self, frame: int, without: tuple[int, ...] = (), *, plate: Rgb | None = None) -> Reason | None:
        """The propagation to ``frame`` from all keyframes but ``without``; None where there is none. ``plate`` stands in for
        the frame's own (a rehearsal with something before the face)."""
        request = check_cleared(self._request, frame, engine=self.name)
        places = self._ready()
        keys = [key for key in places.keys if key.retouch.frame not in without]
        chart = places.chart(frame)
        if chart is None or not keys:
            return None
        light = stops(chart.view(request.plate(frame) if plate is None else plate))
        keys, starts = places.starts(frame, chart, keys, self._most)
        seen = signal(light)
        maps = [refine(seen, key.seen, start) for key, start in zip(keys, starts, strict=True)]
        mixture = mixture_of(light, keys, maps)
        bare = replace(mixture, open=np.ones_like(mixture.open))  # what to withdraw is the network's to say
        delta = delta_of(frame, request, chart, keys, maps, bare)
        doubt = np.dstack([mixture.open, mixture.confidence])
        return Reason(delta=delta, missing=_missing(light, keys, maps, mixture), chart=chart, doubt=doubt)


def told_planes(reason: Reason | None, canvas: Canvas) -> Float32[np.ndarray, "n n 8"]:
    """A propagation on the canvas: gain in stops with alpha in it and nothing withdrawn (3), how open it is 0..1 (1), its
    confidence 0..1 (1), the missing light in stops (3). Zeros where there is none."""
    if reason is None:
        return np.zeros((canvas.size, canvas.size, TOLD), np.float32)
    gain = told_by(reason.delta, canvas)[..., :3]
    missing = seen_from(reason.missing, reason.chart, canvas)
    if reason.doubt is None:
        return np.dstack([gain, *doubts(missing), missing]).astype(np.float32)
    doubt = np.clip(seen_from(reason.doubt, reason.chart, canvas), (0, SOMETHING), 1)
    return np.dstack([gain, doubt, missing]).astype(np.float32)


def doubts(missing: Rgb) -> tuple[Plane, Plane]:
    """How open (0 hidden .. 1) and how sure a propagation is where ``missing`` light (n, n, 3) in stops is unexplained."""
    import cv2

    unexplained = cv2.GaussianBlur(np.abs(missing).max(-1), (0, 0), max(1.0, missing.shape[1] / 150))
    sure = np.exp(-np.square(unexplained / np.float32(DOUBT)))
    return tuned(unexplained, CLOSE, SHUT), np.maximum(sure, SOMETHING).astype(np.float32)


def seen_from(planes: Pixels, chart: Chart, canvas: Canvas) -> Pixels:
    """(h, w, 3) ``planes`` of another view of the plate on the canvas; zero beyond it."""
    import cv2

    scale = planes.shape[1] / chart.size[0]  # they may be smaller than their view
    other = np.vstack([chart.matrix, (0, 0, 1)]).astype(np.float64)
    other[:2] *= scale
    other[:2, 2] += (scale - 1) / 2
    here = np.vstack([canvas.chart.matrix, (0, 0, 1)]).astype(np.float64)
    matrix = (here @ np.linalg.inv(other))[:2]
    return cv2.warpAffine(planes, matrix, canvas.chart.size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def _missing(light: Rgb, keys: list[Painted], maps: list[Flow], mixture: Mixture) -> Rgb:
    """What the mixture of the aligned keyframes leaves unexplained of ``light``, less broad shading, in stops."""
    import cv2

    size = (mixture.open.shape[1], mixture.open.shape[0])
    fold = light.shape[1] / size[0]
    here = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
    missing = np.zeros_like(here)
    for weight, key, where in zip(mixture.weights, keys, maps, strict=True):
        small = (cv2.resize(where, size, interpolation=cv2.INTER_AREA) - np.float32((fold - 1) / 2)) / np.float32(fold)
        missing += weight[..., None] * mismatch(here, sample(key.light, small), size[0] * SHADING)
    return missing
