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
from setpiece.generate.engines.propagate.blend import SHADING, Mixture
from setpiece.generate.engines.propagate.carry import Painted, on_plate
from setpiece.generate.engines.propagate.charts import Chart
from setpiece.generate.engines.propagate.engine import Propagate, delta_of
from setpiece.generate.engines.propagate.flow import mismatch, sample, stops
from setpiece.generate.engines.propagate.sight import Sight, steadied
from setpiece.generate.retouch import RetouchRequest, check_cleared

SOMETHING = 0.02  # least confidence of what is told at all: zero is for nothing told
TOLD = 8  # planes of :func:`told_planes`


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A propagation: its ``delta``, nothing withdrawn from it; ``open`` (h, w) 0..1 in the delta's box, how far it would hold
    itself open; and in the view ``chart`` the light ``missing`` (h, w, 3) in stops that the frame has and no mixture of the
    keyframes explains, and ``doubt`` (h, w, 2): how open it is and how sure, 0..1."""

    delta: Delta
    open: Plane
    missing: Rgb
    chart: Chart
    doubt: Float32[np.ndarray, "h w 2"]

    def __post_init__(self) -> None:
        for array in (self.open, self.missing, self.doubt):
            frozen(array)


class Reasoned(Propagate):
    """Engine ``propagate`` that also says why."""

    def explained(self, frame: int, without: tuple[int, ...] = (), *, plate: Rgb | None = None) -> Reason | None:
        """The propagation to ``frame`` from all keyframes but ``without``; None where there is none. ``plate`` stands in for
        the frame's own (a rehearsal with something before the face), seen without its neighbours."""
        request = check_cleared(self._request, frame, engine=self.name)
        if plate is not None:
            return self._rehearsing(plate)._alone(frame, without, plate)
        now = self._sight(frame, without)
        if now is None:
            return None
        beside = [self._sight(other, without) for other in (frame - 1, frame + 1) if self._goes_on(frame, other)]
        return _reason_of(frame, request, now, [one for one in beside if one is not None], request.plate(frame))

    def _rehearsing(self, plate: Rgb) -> Reasoned:
        """The same propagation before another picture; what it finds there is not kept."""
        places = self._ready()
        other = Reasoned(threads=self._threads, keys_a_frame=self._most, fine=self._fine)
        other._request = replace(places.request, plate=lambda _: plate)
        other._places = replace(places, request=other._request)
        other._neighbours = self._neighbours
        return other

    def _alone(self, frame: int, without: tuple[int, ...], plate: Rgb) -> Reason | None:
        request, now = check_cleared(self._request, frame, engine=self.name), self._look(frame, without)
        return None if now is None else _reason_of(frame, request, now, [], plate)


def _reason_of(frame: int, request: RetouchRequest, now: Sight, beside: list[Sight], plate: Rgb) -> Reason:
    """What engine ``propagate`` says of ``frame``, and why: what to withdraw of it is left to the reader."""
    import cv2

    maps, mixture = steadied(now, beside)
    bare = replace(mixture, open=np.ones_like(mixture.open))
    delta = delta_of(frame, request, now.chart, list(now.keys), maps, bare)
    opened = on_plate(cv2.resize(mixture.open, now.chart.size, interpolation=cv2.INTER_LINEAR), now.chart, delta.box, held=True)
    return Reason(
        delta=delta,
        open=np.clip(opened, 0, 1),
        missing=_missing(stops(now.chart.view(plate)), list(now.keys), maps, mixture),
        chart=now.chart,
        doubt=np.dstack([mixture.open, mixture.confidence]),
    )


def told_planes(reason: Reason | None, canvas: Canvas) -> Float32[np.ndarray, "n n 8"]:
    """A propagation on the canvas: gain in stops with alpha in it and nothing withdrawn (3), how open it is 0..1 (1), its
    confidence 0..1 (1), the missing light in stops (3). Zeros where there is none."""
    if reason is None:
        return np.zeros((canvas.size, canvas.size, TOLD), np.float32)
    gain = told_by(reason.delta, canvas)[..., :3]
    missing = seen_from(reason.missing, reason.chart, canvas)
    doubt = np.clip(seen_from(reason.doubt, reason.chart, canvas), (0, SOMETHING), 1)
    return np.dstack([gain, doubt, missing]).astype(np.float32)


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
