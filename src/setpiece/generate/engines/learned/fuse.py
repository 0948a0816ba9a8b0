"""The network's word and the propagation's, put together on the plate's own pixels.

They fail in different places: the network blurs freckles and knows hands and creases; the propagation keeps every pore and
paints lips on a hand that passes before them. So the propagation is taken at the plate's full detail, the network at its
canvas', each by the trust that the network puts in the propagation there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Flow, Pixels, Plane, Rgb, frozen
from setpiece.core.retouch import Box, Delta
from setpiece.generate.engines.learned.features import OFFSET, Canvas, back, fade

_HOLDS = 0.25  # an alpha from which the matte is whole: below, it falls to nothing
_SHOWS = 2.0  # a gain of half a stop is a matte of its own
_LEAST = 0.02  # alpha below this is nothing: the plate stays as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the network says of a frame, on its canvas: ``gain`` (n, n, 3) in stops that it adds to the propagation, its part
    of ``alpha`` (n, n) 0..1 and of the ``warp`` (n, n, 2) px of the canvas; ``trust`` (n, n) 0..1, the propagation's share.
    """

    gain: Rgb
    alpha: Plane
    warp: Flow
    trust: Plane

    def __post_init__(self) -> None:
        for array in (self.gain, self.alpha, self.warp, self.trust):
            frozen(array)


def fused(
    word: Word,
    canvas: Canvas,
    plate: tuple[int, int],
    prior: Delta | None = None,
    *,
    moves: bool = False,
    near: float = 0.0,
) -> Delta:
    """The delta of a frame of a plate of (width, height). ``prior`` is the propagation to it, None for the network alone;
    ``moves`` lets the network's warp through (where geometry was painted); ``near`` 0..1 is how near a keyframe is: there a
    sure propagation is the artist's own paint, and is left alone."""
    box = canvas.chart.box(*plate)
    edge = fade(canvas.size)
    share = word.trust * edge
    planes = np.dstack([word.gain * edge[..., None], word.alpha * edge, word.warp * edge[..., None], share])
    laid = back(np.ascontiguousarray(planes, np.float32), canvas, box)
    gain, alpha = laid[..., :3], np.maximum(laid[..., 3], np.abs(laid[..., :3]).max(-1) * _SHOWS)
    warp = laid[..., 4:6] @ np.linalg.inv(canvas.chart.matrix[:, :2].astype(np.float64)).T.astype(np.float32)
    confidence = np.full(alpha.shape, 0.5, np.float32)
    if prior is not None:
        told = _in_box(prior, box)
        sure = told[..., 4] * np.float32(near)
        follow = np.clip(laid[..., 6], 0, 1)
        follow = follow + sure * (1 - follow)
        gain = gain * (1 - sure)[..., None] + told[..., :3] * follow[..., None]
        alpha = alpha * (1 - sure) + told[..., 3] * follow
        warp = warp * moves + told[..., 5:7] * follow[..., None]
        confidence = follow * told[..., 4] + (1 - follow) * 0.5
    alpha = np.where(alpha > _LEAST, np.clip(alpha / _HOLDS, 0, 1), 0)
    bent = bool(np.abs(warp).max(initial=0.0) > 0.02) and (moves or prior is not None)
    return Delta(
        frame=canvas.frame,
        box=box,
        gain_stops=np.where(alpha[..., None] > 0, gain, 0).astype(np.float32),
        alpha=alpha.astype(np.float32),
        confidence=np.where(alpha > 0, confidence, 0).astype(np.float32),
        warp=np.ascontiguousarray(warp, np.float32) if bent else None,
        uv=_uv(canvas, box, alpha),
        offset=OFFSET if prior is None else prior.offset,
        grain=None if prior is None else prior.grain,
    )


def _in_box(delta: Delta, box: Box) -> Pixels:
    """A delta's gain with alpha in it, alpha, confidence and warp (h, w, 7) in the pixels of ``box``, zero beyond its own."""
    planes = np.zeros((box[3] - box[1], box[2] - box[0], 7), np.float32)
    left, top = max(box[0], delta.box[0]), max(box[1], delta.box[1])
    right, bottom = min(box[2], delta.box[2]), min(box[3], delta.box[3])
    if left >= right or top >= bottom:
        return planes
    there = (slice(top - box[1], bottom - box[1]), slice(left - box[0], right - box[0]))
    here = (slice(top - delta.box[1], bottom - delta.box[1]), slice(left - delta.box[0], right - delta.box[0]))
    alpha = delta.alpha[here]
    planes[there][..., :3] = delta.gain_stops[here] * alpha[..., None]
    planes[there][..., 3], planes[there][..., 4] = alpha, delta.confidence[here]
    if delta.warp is not None:
        planes[there][..., 5:7] = delta.warp[here] * alpha[..., None]
    return planes


def _uv(canvas: Canvas, box: Box, alpha: Plane) -> Flow:
    """The chart coordinates of the box's pixels, 0..1; NaN where nothing holds."""
    uv = back(np.ascontiguousarray((canvas.uv + 1) / 2), canvas, box)
    return np.where(alpha[..., None] > 0, uv, np.nan).astype(np.float32)
