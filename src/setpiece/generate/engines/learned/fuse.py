"""The network's word and the propagation's, put together on the plate's own pixels.

They fail in different places: the network blurs freckles and knows hands and creases; the propagation keeps every pore and,
where it cannot explain the frame, withdraws from more than is hidden. So the propagation stands as it is where it is sure;
elsewhere the network says how much of it and how much of its own is laid in, the one at the plate's full detail, the other
at its canvas'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Flow, Pixels, Plane, Rgb, frozen
from setpiece.core.retouch import Box, Delta
from setpiece.generate.engines.learned.features import OFFSET, Canvas, back, fade

_LEAST = 0.02  # alpha below this is nothing: the plate stays as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the network says of a frame, on its canvas: its own part of ``gain`` (n, n, 3) in stops with alpha in it, of
    ``alpha`` (n, n) 0..1 and of ``warp`` (n, n, 2) px of the canvas, alpha in it; ``trust`` (n, n) 0..1 the propagation's
    share, with both counted by ``allow`` (n, n) 0..1: where that is zero the propagation stands as it is."""

    gain: Rgb
    alpha: Plane
    warp: Flow
    trust: Plane
    allow: Plane

    def __post_init__(self) -> None:
        for array in (self.gain, self.alpha, self.warp, self.trust, self.allow):
            frozen(array)


def fused(
    word: Word,
    canvas: Canvas,
    plate: tuple[int, int],
    prior: Delta | None = None,
    open_: Plane | None = None,
    *,
    moves: bool = False,
) -> Delta:
    """The delta of a frame of a plate of (width, height). ``prior`` is the propagation to it with nothing withdrawn, None for
    the network alone; ``open_`` (h, w) 0..1 in its box is how far the propagation itself would hold it open; ``moves`` lets
    the network's warp through (where geometry was painted)."""
    box = canvas.chart.box(*plate)
    if prior is not None:
        box = (*np.minimum(box[:2], prior.box[:2]).tolist(), *np.maximum(box[2:], prior.box[2:]).tolist())
    planes = np.dstack([word.gain, word.alpha, word.warp, word.trust, word.allow]) * fade(canvas.size)[..., None]
    laid = back(np.ascontiguousarray(planes, np.float32), canvas, box)
    own = np.clip(laid[..., 3], 0, 1)
    turned = laid[..., 4:6] @ np.linalg.inv(canvas.chart.matrix[:, :2].astype(np.float64)).T.astype(np.float32)
    top = np.dstack([laid[..., :3], turned * moves])
    alpha, confidence = own, np.full(own.shape, 0.5, np.float32)
    if prior is not None:
        told = _in_box(prior, open_, box)
        allow = np.clip(laid[..., 7], 0, 1)
        follow = told[..., 4] * (1 - allow) + np.clip(laid[..., 6], 0, 1)
        carried = told[..., 3] * follow
        top += told[..., (0, 1, 2, 6, 7)] * carried[..., None]
        alpha = own + carried
        confidence = told[..., 5] * (1 - allow) + confidence * allow
    mixed = top / np.maximum(alpha, _LEAST)[..., None]
    alpha = np.where(alpha > (_LEAST if prior is None else 1e-4), np.clip(alpha, 0, 1), 0).astype(np.float32)
    warp = mixed[..., 3:] * (alpha > _LEAST)[..., None]
    bent = bool(np.abs(warp).max(initial=0.0) > 0.02) and (moves or prior is not None)
    return Delta(
        frame=canvas.frame,
        box=(int(box[0]), int(box[1]), int(box[2]), int(box[3])),
        gain_stops=np.where(alpha[..., None] > 0, mixed[..., :3], 0).astype(np.float32),
        alpha=alpha,
        confidence=np.where(alpha > 0, confidence, 0).astype(np.float32),
        warp=np.ascontiguousarray(warp, np.float32) if bent else None,
        uv=_uv(canvas, box, alpha),
        offset=OFFSET if prior is None else prior.offset,
        grain=None if prior is None else prior.grain,
    )


def _in_box(delta: Delta, open_: Plane | None, box: Box) -> Pixels:
    """A delta's gain, alpha, how open it is, confidence and warp (h, w, 8) in the pixels of ``box``, zero beyond its own."""
    planes = np.zeros((box[3] - box[1], box[2] - box[0], 8), np.float32)
    here = planes[delta.box[1] - box[1] : delta.box[3] - box[1], delta.box[0] - box[0] : delta.box[2] - box[0]]
    here[..., :3], here[..., 3], here[..., 5] = delta.gain_stops, delta.alpha, delta.confidence
    here[..., 4] = 1 if open_ is None else open_
    if delta.warp is not None:
        here[..., 6:8] = delta.warp
    return planes


def _uv(canvas: Canvas, box: Box, alpha: Plane) -> Flow:
    """The chart coordinates of the box's pixels, 0..1; NaN where nothing holds."""
    uv = back(np.ascontiguousarray((canvas.uv + 1) / 2), canvas, box)
    return np.where(alpha[..., None] > 0, uv, np.nan).astype(np.float32)
