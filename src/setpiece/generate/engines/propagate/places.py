"""What is prepared for a shot: the keyframes' retouches, and where each frame is worked on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from setpiece.core.arrays import Flow, Plane
from setpiece.core.errors import StageError
from setpiece.core.face_chart import crop_of
from setpiece.core.faces import FaceTrack
from setpiece.core.plate_grain import Grain, grain_of, part_grain
from setpiece.core.retouch import Delta
from setpiece.generate.engines.propagate.carry import Painted, in_chart
from setpiece.generate.engines.propagate.chain import FOLD, chain, widened
from setpiece.generate.engines.propagate.charts import Chart, face_chart, mesh_maps, plain_map
from setpiece.generate.engines.propagate.flow import signal, stops
from setpiece.generate.engines.propagate.mouth import levels, opening
from setpiece.generate.keyframe import moved, retouch_of
from setpiece.generate.retouch import Keyframe, RetouchRequest

MIX_FOLD = 2  # the mixture is sought at a half of the chart's size
SMALLEST, LARGEST = 256, 416  # px of a face's chart: flow gains nothing from more, paint is carried at the plate's own
PICTURE = 640  # px of the longer side of a picture without a face
_BASE = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """The square of the stabilised crop that holds face and retouch: corner and side in px of the crop, side in px of the
    chart."""

    left: float
    top: float
    side: float
    pixels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The prepared shot; ``framing`` where there is a face, else ``ways``: (frame, keyframe) to a kept chain."""

    request: RetouchRequest
    keys: tuple[Painted, ...]
    framing: Framing | None
    ways: Mapping[tuple[int, int], Flow]

    def chart(self, frame: int) -> Chart | None:
        """Where ``frame`` is worked on; None where the face is not there."""
        face = self.request.face
        if face is None or self.framing is None:
            return picture_chart(self.request.size)
        return chart_of(face, frame, self.framing) if face.seen(frame) else None

    def goes_on(self, frame: int, other: int) -> bool:
        """Whether ``other`` is of the same unbroken stretch as ``frame``."""
        face, frames = self.request.face, self.request.frames
        if other not in frames or face is None:
            return other in frames
        first = frames.first
        return face.seen(other) and bool(face.segment[other - first] == face.segment[frame - first])

    def starts(self, frame: int, chart: Chart, keys: list[Painted], most: int) -> tuple[list[Painted], list[Flow]]:
        """The keyframes to listen to in ``frame`` and the coarse maps to them: those in which the face looks most alike."""
        apart = {key.retouch.frame: unlike(chart, key.chart) + 0.01 * abs(key.retouch.frame - frame) for key in keys}
        near = sorted(apart, key=lambda key: apart[key])[:most]
        chosen = [key for key in keys if key.retouch.frame in near]
        if self.framing is not None:
            return chosen, mesh_maps(chart, tuple(key.chart for key in chosen))
        return chosen, [self._way(frame, key.retouch.frame, chart) for key in chosen]

    def _way(self, frame: int, key: int, chart: Chart) -> Flow:
        return plain_map(chart.size) if frame == key else widened(self.ways[frame, key], chart.size)


def unlike(one: Chart, other: Chart) -> float:
    """How differently the face looks in two charts: px of the chart, mean over its landmarks; 0 without a face."""
    if one.points is None or other.points is None:
        return 0.0
    return float(np.abs(one.points[:468] - other.points[:468]).mean())


def prepare_places(request: RetouchRequest) -> Places:
    """Find the retouch of each keyframe and prepare its chart. StageError where the face is in none of them."""
    face = request.face
    keys = tuple(sorted((k for k in request.keyframes if face is None or face.seen(k.frame)), key=lambda key: key.frame))
    if not keys:
        raise StageError(
            "the face is seen in none of the keyframes",
            frame=request.keyframes[0].frame,
            remedy="paint a frame in which the tracker sees the face, or correct the track there",
        )
    grain = _shot_grain(keys)
    retouches = [retouch_of(key, grain=grain) for key in keys]
    framing = None if face is None else _framing(face, retouches)
    charts = [
        picture_chart(request.size) if face is None or framing is None else chart_of(face, key.frame, framing) for key in keys
    ]
    ready = tuple(painted(*each) for each in zip(keys, retouches, charts, strict=True))
    return Places(request=request, keys=ready, framing=framing, ways=_ways(request, keys) if face is None else {})


def picture_chart(size: tuple[int, int]) -> Chart:
    """The whole picture, its longer side no more than :data:`PICTURE` px."""
    scale = min(1.0, PICTURE / max(size))
    fitted = (max(32, round(size[0] * scale / 4) * 4), max(32, round(size[1] * scale / 4) * 4))
    x, y = fitted[0] / size[0], fitted[1] / size[1]
    return Chart(matrix=np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2]], np.float32), size=fitted)


def _ways(request: RetouchRequest, keys: tuple[Keyframe, ...]) -> Mapping[tuple[int, int], Flow]:
    """The chains from every frame to the keyframes around it. Every plate is read once."""
    import cv2

    chart = picture_chart(request.size)
    size = (chart.size[0] // FOLD, chart.size[1] // FOLD)
    seen = {
        frame: signal(cv2.resize(stops(chart.view(request.plate(frame))), size, interpolation=cv2.INTER_AREA))
        for frame in request.frames
    }
    first, last = request.frames.first, request.frames.last
    return {(frame, key.frame): way for key in keys for frame, way in chain(seen.__getitem__, key.frame, first, last)}


def _shot_grain(keys: tuple[Keyframe, ...]) -> Grain:
    found = np.array([grain_of(key.plate) for key in keys])
    return float(np.median(found[:, 0])), float(np.median(found[:, 1]))


def chart_of(face: FaceTrack, frame: int, framing: Framing) -> Chart:
    """The chart of the face in ``frame``."""
    landmarks = face.at(frame)
    base = face_chart(crop_of(landmarks, _BASE), landmarks)
    scale = framing.pixels / framing.side
    matrix = base.matrix.astype(np.float64).copy()
    matrix[:, 2] -= (framing.left, framing.top)
    points = None if base.points is None else ((base.points - (framing.left, framing.top)) * scale).astype(np.float32)
    return Chart(matrix=(matrix * scale).astype(np.float32), size=(framing.pixels, framing.pixels), points=points)


def _framing(face: FaceTrack, retouches: list[Delta]) -> Framing:
    """What holds the face and every retouch with a border, at about the plate's own resolution."""
    corners, scales = [], []
    for retouch in retouches:
        landmarks = face.at(retouch.frame)
        base = face_chart(crop_of(landmarks, _BASE), landmarks)
        left, top, right, bottom = retouch.box
        box = np.array([(x, y) for x in (left, right) for y in (top, bottom)], np.float64)
        if retouch.alpha.any():
            corners.append(box @ base.matrix[:, :2].T + base.matrix[:, 2])
        if base.points is not None:
            corners.append(base.points.astype(np.float64))
        scales.append(base.scale)
    low, high = np.concatenate(corners).min(0), np.concatenate(corners).max(0)
    side = float((high - low).max()) * 1.10
    centre = (low + high) / 2
    pixels = int(np.clip(round(side / min(scales) / 16) * 16, SMALLEST, LARGEST))
    return Framing(left=float(centre[0] - side / 2), top=float(centre[1] - side / 2), side=side, pixels=pixels)


def mixed_size(size: tuple[int, int]) -> tuple[int, int]:
    """The size at which charts of ``size`` are mixed."""
    return size[0] // MIX_FOLD, size[1] // MIX_FOLD


def painted(key: Keyframe, retouch: Delta, chart: Chart) -> Painted:
    """``key`` ready to be carried from its ``chart``."""
    import cv2

    light = stops(chart.view(key.plate))
    alpha, warp = in_chart(retouch, chart)
    premultiplied = np.dstack([retouch.gain_stops * retouch.alpha[..., None], retouch.alpha])
    return Painted(
        retouch=retouch,
        chart=chart,
        paint=np.ascontiguousarray(premultiplied, np.float32),
        seen=signal(light),
        light=cv2.resize(light, mixed_size(chart.size), interpolation=cv2.INTER_AREA),
        alpha=_plane(alpha),
        clear=np.ones(mixed_size(chart.size)[::-1], np.float32),
        warp=warp,
        **_change(key, retouch, chart),
    )


def _change(key: Keyframe, retouch: Delta, chart: Chart) -> dict[str, Any]:
    """The picture before the retouch, what the retouch added to it, both in the retouch's box, and what it did in the mouth."""
    left, top, right, bottom = retouch.box
    plate, after = key.plate[top:bottom, left:right], key.painted[top:bottom, left:right]
    before, _ = part_grain(plate, retouch.grain or (0.0, 0.0))
    inside = opening(chart, retouch.box)
    mouth = None
    if inside is not None:
        under = before if retouch.warp is None else moved(before, retouch.warp)
        mouth = levels(under, retouch.gain_stops, inside * retouch.alpha)
    added = (after - plate) * retouch.alpha[..., None]
    return {"before": np.ascontiguousarray(before), "added": added, "mouth": mouth}


def _plane(alpha: Plane) -> Plane:
    return np.ascontiguousarray(alpha, np.float32)
