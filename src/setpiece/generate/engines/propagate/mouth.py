"""A mouth that opens otherwise than in any keyframe: what is seen in it is not where it was painted.

Teeth and the dark behind them come out from under the lips and go again; no motion leads from one to the other, and paint that
is carried by motion lies beside its edges, as rims. But it was laid on teeth because they are teeth. So where the keyframes
do not explain what is seen between the lips, the retouch goes by light instead of by place: what they do to each level of
light within their own mouths, from the dark to the teeth. Where they do explain it, a painted tooth stays where it was painted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from setpiece.core.arrays import Float32, Flow, Plane, Rgb
from setpiece.core.retouch import Box
from setpiece.generate.engines.propagate.charts import Chart
from setpiece.generate.engines.propagate.flow import LUMA, stops, tuned
from setpiece.generate.engines.propagate.geometry import Part
from setpiece.generate.keyframe import moved

INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
"""The lips' inner edge, around."""
DARK, LIGHT, LEVELS = -5.7, 1.3, 29  # stops of light, offset, between which levels are told apart; a quarter of a stop each
LEAST_PX = 12.0  # of the plate, squared: smaller openings are none
FEATHER = 0.012  # of the mouth's width
ALIKE, OTHER = 0.9, 1.8  # stops between what is seen and what the keyframes expect: at which they explain it, and do not
EDGE = 0.015  # of the opening's width, and a pixel: how thick what is not explained must be to be more than an edge's error
AROUND = 0.15  # of the opening's width: the skin around it, which tells how it is lit

Levels = Float32[np.ndarray, "b 4"]


def opening(chart: Chart, box: Box) -> Plane | None:
    """Where in ``box`` of the plate one sees between the lips, (h, w) 0..1; None without a face or with the mouth shut."""
    import cv2

    if chart.points is None:
        return None
    back = np.linalg.inv(chart.matrix[:, :2].astype(np.float64))
    rim = (chart.points[list(INNER)].astype(np.float64) - chart.matrix[:, 2]) @ back.T - np.array(box[:2])
    if abs(cv2.contourArea(rim.astype(np.float32))) < LEAST_PX:
        return None
    inside = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
    cv2.fillPoly(inside, [np.round(rim * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    wide = float(np.linalg.norm(rim[0] - rim[10]))
    return cv2.GaussianBlur(inside.astype(np.float32) / 255, (0, 0), max(0.5, FEATHER * wide))


def levels(picture: Rgb, gain: Rgb, inside: Plane) -> Levels:
    """What a retouch does to each level of light: the sums (b, 4) of its ``gain`` in stops over what of ``picture`` (h, w, 3),
    scene-linear, is ``inside``, and over how much."""
    at, share = _level(picture)
    weights = inside.reshape(-1)
    told = np.concatenate([gain.reshape(-1, 3), np.ones((gain.shape[0] * gain.shape[1], 1), np.float32)], 1) * weights[:, None]
    sums = np.zeros((LEVELS, 4), np.float64)
    for step, part in ((0, 1 - share), (1, share)):
        for k in range(4):
            sums[:, k] += np.bincount(at + step, weights=told[:, k] * part, minlength=LEVELS)[:LEVELS]
    return sums.astype(np.float32)


def by_light(picture: Rgb, known: Sequence[Levels]) -> Rgb:
    """The gain (h, w, 3) in stops that keyframes give to light like that of ``picture``; none where they know of no mouth."""
    if not known:
        return np.zeros_like(picture)
    total = np.sum(known, axis=0, dtype=np.float64)
    spread = np.abs(np.arange(LEVELS)[:, None] - np.arange(LEVELS)[None])
    near = np.exp(-0.5 * (spread / 0.8) ** 2) + 1e-4 * np.exp(-spread / 3.0)  # levels that nobody has take their neighbours'
    smooth = near @ total
    curve = (smooth[:, :3] / np.maximum(smooth[:, 3:], 1e-9)).astype(np.float32)
    at, share = _level(picture)
    return (curve[at] * (1 - share)[:, None] + curve[at + 1] * share[:, None]).reshape(picture.shape)


def calmed(
    gain: Rgb, inside: Plane, seen: Rgb, expected: Callable[[Part], Rgb], warp: Flow | None, known: Sequence[Levels]
) -> Rgb:
    """``gain`` (h, w, 3) in stops, by light where what is ``seen`` (h, w, 3) ``inside`` the mouth is not what the keyframes
    ``expected`` of rows and columns around it. ``warp`` (h, w, 2) px is the retouch's own, under the gain."""
    rows, columns = np.flatnonzero((inside > 0).any(1)), np.flatnonzero((inside > 0).any(0))
    if not len(rows):
        return gain
    wide = int(columns[-1] - columns[0])
    room = 2 + round(AROUND * wide)
    part = (slice(max(0, rows[0] - room), rows[-1] + room + 1), slice(max(0, columns[0] - room), columns[-1] + room + 1))
    way = None if warp is None else warp[part]
    share = inside[part] * _unexplained(seen[part], expected(part), inside[part], wide, way)
    picture = seen[part] if way is None else moved(seen[part], way)
    out = gain.copy()
    out[part] += (by_light(picture, known) - out[part]) * share[..., None]
    return out


def _unexplained(seen: Rgb, expected: Rgb, inside: Plane, wide: int, warp: Flow | None) -> Plane:
    """How little what is ``seen``, scene-linear, is what was ``expected``, lit as the skin around is: (h, w) 0..1, and around
    that as far as the retouch moves anything. An edge that is a little off is explained; ``wide`` is the opening, px."""
    import cv2

    apart = stops(seen) - stops(expected)
    around = 1 - inside
    apart -= (apart * around[..., None]).sum((0, 1)) / max(float(around.sum()), 1e-3)
    off = (1 - tuned(np.abs(apart).max(-1), ALIKE, OTHER)) * (inside > 0.5)
    thick = 1 + round(EDGE * wide)
    off = cv2.morphologyEx(off, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8))
    reach = thick + (0 if warp is None else int(np.ceil(np.abs(warp).max())))
    return cv2.GaussianBlur(cv2.dilate(off, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), (0, 0), 1.0)


def _level(picture: Rgb) -> tuple[np.ndarray, np.ndarray]:
    """The level (p,) below each pixel's light, and how far it is towards the next, 0..1."""
    light = (stops(picture) @ LUMA).reshape(-1)
    where = np.clip((light - DARK) / (LIGHT - DARK), 0, 1) * (LEVELS - 1)
    at = np.minimum(where.astype(np.int64), LEVELS - 2)
    return at, (where - at).astype(np.float32)
