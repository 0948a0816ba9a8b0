"""What the network sees of a frame, and how what it says comes back onto the plate.

A *canvas* is a square view of the plate in which the face stands still (the region of the retouch where there is no face),
with the chart coordinate of every pixel: one coordinate, one point of the skin, in every frame. Light goes in coded as
``log2(x + 0.02) / 6 + 0.5``; the network answers in stops.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from setpiece.core.arrays import Float32, Pixels, Plane, Rgb, frozen
from setpiece.core.errors import StageError
from setpiece.core.face_chart import crop_of, uv_map
from setpiece.core.retouch import Box, Delta
from setpiece.generate.engines.propagate.charts import Chart, face_chart
from setpiece.generate.retouch import RetouchRequest

STOPS = 6.0  # of the code's whole range
OFFSET = 0.02
FLOOR = -0.015  # light below this is coded as this: the logarithm stays finite
FADE = 0.06  # of the canvas: towards its border the retouch fades out
_MARGIN = 1.25  # of the retouched region, where there is no face


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """A square view of one frame: ``chart`` says where, ``uv`` (n, n, 2) in -1..1 which point of the skin."""

    frame: int
    chart: Chart
    uv: Float32[np.ndarray, "n n 2"]

    def __post_init__(self) -> None:
        frozen(self.uv)

    @property
    def size(self) -> int:
        """Its width and height in px."""
        return self.chart.size[0]


def canvas_of(request: RetouchRequest, frame: int, size: int, region: Box | None = None) -> Canvas | None:
    """The canvas of ``frame``: the face's, or ``region`` of the plate where no face is asked for. None without the face."""
    if request.face is not None:
        if not request.face.seen(frame):
            return None
        landmarks = request.face.at(frame)
        crop = crop_of(landmarks, size)
        uv = np.nan_to_num(np.asarray(uv_map(landmarks, crop), np.float32), nan=0.5) * 2 - 1
        return Canvas(frame=frame, chart=face_chart(crop, landmarks), uv=uv.astype(np.float32))
    left, top, right, bottom = region or (0, 0, *request.size)
    scale = size / (_MARGIN * max(right - left, bottom - top))
    centre = np.array([(left + right) / 2, (top + bottom) / 2])
    matrix = np.array([[scale, 0, 0], [0, scale, 0]], np.float64)
    matrix[:, 2] = (size - 1) / 2 - matrix[:, :2] @ (centre - 0.5)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    uv = np.stack([x, y], -1) / np.float32(size / 2) - 1
    return Canvas(frame=frame, chart=Chart(matrix=matrix.astype(np.float32), size=(size, size)), uv=uv.astype(np.float32))


def region_of(deltas: tuple[Delta, ...], size: tuple[int, int]) -> Box:
    """The box around everything that the keyframes change. Raises :class:`StageError` where they change nothing."""
    boxes = []
    for delta in deltas:
        rows, columns = np.any(delta.alpha > 0.02, 1), np.any(delta.alpha > 0.02, 0)
        if rows.any():
            left, top = delta.box[:2]
            y, x = np.flatnonzero(rows), np.flatnonzero(columns)
            boxes.append((left + x[0], top + y[0], left + x[-1] + 1, top + y[-1] + 1))
    if not boxes:
        raise StageError("no keyframe changes anything", remedy="paint at least one keyframe")
    low, high = np.min(boxes, 0), np.max(boxes, 0)
    return max(0, int(low[0])), max(0, int(low[1])), min(size[0], int(high[2])), min(size[1], int(high[3]))


def code(light: Pixels) -> Pixels:
    """Scene-linear light as the network sees it, about 0..1."""
    return (np.log2(np.maximum(light, np.float32(FLOOR)) + np.float32(OFFSET)) / np.float32(STOPS) + np.float32(0.5)).astype(
        np.float32
    )


def decode(coded: Pixels) -> Pixels:
    """The light behind :func:`code`."""
    return (np.exp2((coded - np.float32(0.5)) * np.float32(STOPS)) - np.float32(OFFSET)).astype(np.float32)


def light_of(plate: Rgb, canvas: Canvas) -> Rgb:
    """The plate's coded light on the canvas (n, n, 3)."""
    return code(canvas.chart.view(np.ascontiguousarray(plate)))


def onto(planes: Pixels, box: Box, canvas: Canvas) -> Pixels:
    """(h, w, c) ``planes`` of a box of the plate, seen on the canvas (n, n, c)."""
    matrix = canvas.chart.matrix.astype(np.float64).copy()
    matrix[:, 2] += matrix[:, :2] @ np.array(box[:2], np.float64)
    chart = replace(canvas.chart, matrix=matrix.astype(np.float32))
    seen = [chart.view(np.ascontiguousarray(planes[..., i : i + 4])) for i in range(0, planes.shape[-1], 4)]
    return np.concatenate([s[..., None] if s.ndim == 2 else s for s in seen], -1)


def told_by(delta: Delta | None, canvas: Canvas) -> Float32[np.ndarray, "n n 7"]:
    """A delta on the canvas: gain in stops with alpha in it, alpha, confidence, warp in px of the canvas."""
    if delta is None:
        return np.zeros((canvas.size, canvas.size, 7), np.float32)
    warp = delta.warp if delta.warp is not None else np.zeros((*delta.alpha.shape, 2), np.float32)
    alpha = delta.alpha[..., None]
    turned = (warp * alpha) @ canvas.chart.matrix[:, :2].T
    planes = np.concatenate([delta.gain_stops * alpha, alpha, delta.confidence[..., None], turned], -1)
    return onto(planes.astype(np.float32), delta.box, canvas)


def back(planes: Pixels, canvas: Canvas, box: Box) -> Pixels:
    """(n, n, c) ``planes`` of the canvas in the pixels of ``box``; zero beyond the canvas."""
    import cv2

    matrix = canvas.chart.matrix.astype(np.float64).copy()
    matrix[:, 2] += matrix[:, :2] @ np.array(box[:2], np.float64)
    size = (box[2] - box[0], box[3] - box[1])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    parts = [
        cv2.warpAffine(np.ascontiguousarray(planes[..., i : i + 4]), matrix, size, flags=flags, borderMode=cv2.BORDER_CONSTANT)
        for i in range(0, planes.shape[-1], 4)
    ]
    return np.concatenate([p[..., None] if p.ndim == 2 else p for p in parts], -1)


def fade(size: int) -> Plane:
    """One inside, falling smoothly to zero at the border of the canvas (n, n)."""
    step = np.minimum(np.arange(size), size - 1 - np.arange(size)).astype(np.float32) / np.float32(FADE * size)
    edge = np.minimum(step[:, None], step[None, :])
    soft = np.clip(edge, 0, 1)
    return (soft * soft * (3 - 2 * soft)).astype(np.float32)
