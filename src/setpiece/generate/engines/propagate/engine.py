"""The engine: keyframes in, one delta a frame out, each frame for itself.

Mesh (or a chain of flow, where there is no face), corrected over the frames between as far as the keyframes beside the
frame, and over those to the keyframes beyond; where no way leads, a look of flow at each keyframe. Then the mixture that
explains the frame and what hides it, then one fine look for all keyframes: a frame's sight. It is steadied with the sights
of the frames beside it, each found by itself, and the keyframes' paint is laid under that mixture. So frames may be asked
for in any order and give the same bits; a walk through the shot finds each sight once.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np

from setpiece.core.arrays import Float32, Flow, Plane, Rgb
from setpiece.core.errors import StageError
from setpiece.core.face_chart import Crop, uv_map
from setpiece.core.retouch import Box, Delta
from setpiece.generate.engines.propagate import mouth
from setpiece.generate.engines.propagate.beyond import Between
from setpiece.generate.engines.propagate.blend import Mixture, mix
from setpiece.generate.engines.propagate.carry import Painted, box_of, carried_warp, fetched, on_plate, painted_in, place_of
from setpiece.generate.engines.propagate.charts import Chart, plain_map
from setpiece.generate.engines.propagate.flow import Seen, approach, bridged, sample, settle, signal, stops, tuned
from setpiece.generate.engines.propagate.geometry import Carried, moved_gain
from setpiece.generate.engines.propagate.lids import calmed, lids, shut
from setpiece.generate.engines.propagate.neighbours import Neighbours, Way, led
from setpiece.generate.engines.propagate.places import MIX_FOLD, Places, mixed_size, prepare_places
from setpiece.generate.engines.propagate.sight import Sight, sight_of, steadied
from setpiece.generate.retouch import FACE, KEYFRAMES, SEED, RetouchRequest, check_cleared, check_retouch

KEYS_A_FRAME = 4  # the most keyframes that one frame listens to
KEPT = 6  # sights of frames: a walk through the shot in either direction finds each once
NAME = "propagate"
UNPAINTED = (0.01, 0.03)  # stops of retouch around a pixel below which a painter left it alone, above which not


class Propagate:
    """Carries the artist's keyframes through a shot. ``threads`` keyframes are aligned at a time; the result is the same.
    ``fine=False`` leaves the fine look out: a preview in two thirds of the time."""

    name = NAME

    def __init__(self, *, threads: int = 1, keys_a_frame: int = KEYS_A_FRAME, fine: bool = True) -> None:
        self._fine = fine
        self._threads = threads
        self._most = keys_a_frame
        self._request: RetouchRequest | None = None
        self._places: Places | None = None
        self._neighbours: Neighbours | None = None
        self._seen: dict[tuple[int, tuple[int, ...]], Sight | None] = {}
        self._between = Between()

    def capabilities(self) -> frozenset[str]:
        """Keyframes, and a face where there is one; nothing here is drawn, so any seed is honoured."""
        return frozenset({KEYFRAMES, FACE, SEED})

    def prepare(self, request: RetouchRequest) -> None:
        """Find every keyframe's retouch and where each frame is worked on. StageError where there is no keyframe."""
        check_retouch(self, request)
        if not request.keyframes:
            raise StageError(
                "there is no keyframe to carry", remedy="paint at least one frame, or choose engine 'makeup' for a first look"
            )
        self._request, self._places, self._seen, self._between = request, None, {}, Between()
        self._places = places = prepare_places(request)
        self._neighbours = None if request.face is None else neighbours_of(places)
        if len(places.keys) > 1:
            self._places = replace(places, keys=tuple(self._unhidden(key) for key in places.keys))
            self._seen = {}

    def delta(self, frame: int) -> Delta | None:
        """The retouch of ``frame``: on a keyframe exactly the artist's, elsewhere carried; None where the face is not."""
        check_cleared(self._request, frame, engine=NAME)
        for key in self._ready().keys:
            if key.retouch.frame == frame:
                return key.retouch
        return self.prior(frame)

    def prior(self, frame: int, without: tuple[int, ...] = ()) -> Delta | None:
        """The retouch of ``frame`` as carried from the keyframes other than ``without``, even on a keyframe: what an
        engine that learns may see of it. None where the face is not there, or no keyframe is left."""
        request = check_cleared(self._request, frame, engine=NAME)
        now = self._sight(frame, without)
        if now is None:
            return None
        beside = [self._sight(other, without) for other in (frame - 1, frame + 1) if self._goes_on(frame, other)]
        maps, mixture = steadied(now, [one for one in beside if one is not None])
        return delta_of(frame, request, now.chart, list(now.keys), maps, mixture)

    def _unhidden(self, key: Painted) -> Painted:
        """``key``, knowing where something stands before the face in it: what the other keyframes cannot explain, in the
        midst of their paint, and where its own painter did nothing."""
        sight = self._look(key.retouch.frame, (key.retouch.frame,), walked=False)
        return key if sight is None else replace(key, clear=unhidden(key, sight))

    def _goes_on(self, frame: int, other: int) -> bool:
        """Whether ``other`` is of the same unbroken stretch as ``frame``."""
        return self._ready().goes_on(frame, other)

    def _way(self, frame: int, key: int) -> Way | None:
        return None if self._neighbours is None else self._neighbours.way(frame, key)

    def _sight(self, frame: int, without: tuple[int, ...]) -> Sight | None:
        """What is seen in ``frame`` by itself; the last few are kept, as neighbours ask for each other's."""
        asked = (frame, tuple(sorted(without)))
        if asked not in self._seen:
            found = self._look(frame, without)
            while len(self._seen) >= KEPT:
                self._seen.pop(next(iter(self._seen)))
            self._seen[asked] = found
        return self._seen[asked]

    def _look(self, frame: int, without: tuple[int, ...], *, walked: bool = True) -> Sight | None:
        """What is seen in ``frame``; not ``walked``, by the mesh alone: no plate but its own is read."""
        places = self._ready()
        keys = [key for key in places.keys if key.retouch.frame not in without]
        chart = places.chart(frame)
        if chart is None or not keys:
            return None
        light = stops(chart.view(places.request.plate(frame)))
        keys, starts = places.starts(frame, chart, keys, self._most)
        seen = signal(light)
        ways = [self._way(frame, key.retouch.frame) if walked else None for key in keys]
        starts = [start if way is None else led(start, way) for start, way in zip(starts, ways, strict=True)]
        near = [(key, start) for key, start, way in zip(keys, starts, ways, strict=True) if way is not None]
        if near:
            maps = starts = [
                start if way is not None or key.retouch.frame == frame else self._between.beyond(key, near)
                for key, start, way in zip(keys, starts, ways, strict=True)
            ]
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                maps = list(pool.map(lambda one: approach(seen, one[0].seen, one[1]), zip(keys, starts, strict=True)))
        mixture = mixture_of(light, keys, maps, frame)
        if not near:
            maps = [bridged(*one) for one in zip(maps, starts, _both(keys, maps, mixture), strict=True)]
        if self._fine:
            maps = settled(seen, keys, maps, mixture)
        return sight_of(chart, keys, starts, maps, mixture)

    def _ready(self) -> Places:
        if self._places is None:
            raise StageError(f"engine '{NAME}' was not given a shot", remedy="prepare the engine first")
        return self._places


def neighbours_of(places: Places) -> Neighbours:
    """The ways from frame to frame of a prepared shot with a face."""

    def known(frame: int) -> Seen | None:
        chart = places.chart(frame)
        return None if chart is None else signal(stops(chart.view(places.request.plate(frame))))

    frames = places.request.frames
    keys = tuple(key.retouch.frame for key in places.keys)
    return Neighbours(known=known, goes_on=places.goes_on, keys=keys, first=frames.first, last=frames.last)


def mixture_of(light: Rgb, keys: list[Painted], maps: list[Flow], frame: int | None = None) -> Mixture:
    """The mixture of ``keys`` at the mixture's size; knowing the ``frame``, near ones say more."""
    import cv2

    size = mixed_size((light.shape[1], light.shape[0]))
    here = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
    pairs = [(key, _halved(where, size)) for key, where in zip(keys, maps, strict=True)]
    held = np.maximum.reduce([sample(cv2.resize(key.alpha, size, interpolation=cv2.INTER_AREA), where) for key, where in pairs])
    away = None if frame is None else [abs(key.retouch.frame - frame) for key in keys]
    clear = [sample(key.clear, where) for key, where in pairs]
    return mix(here, [sample(key.light, where) for key, where in pairs], held, away, clear)


def unhidden(key: Painted, sight: Sight) -> Plane:
    """Where nothing stands before the face in ``key``, whose frame the other keyframes see as ``sight``: 0..1."""
    import cv2

    size = (sight.mixture.clear.shape[1], sight.mixture.clear.shape[0])
    held = np.maximum.reduce([sample(other.alpha, where) for other, where in zip(sight.keys, sight.maps, strict=True)])
    own = cv2.GaussianBlur(painted_in(key.retouch, key.chart), (0, 0), held.shape[1] / 100)
    hidden = cv2.resize(held * tuned(own, *UNPAINTED), size, interpolation=cv2.INTER_AREA)
    return 1 - (1 - sight.mixture.clear) * hidden


def _both(keys: list[Painted], maps: list[Flow], mixture: Mixture) -> list[Plane]:
    """For each keyframe where the face is seen both in the frame and in it, (h, w) 0..1 at the mixture's size."""
    if all(float(key.clear.min()) == 1 for key in keys):
        return [mixture.open] * len(keys)
    size = (mixture.open.shape[1], mixture.open.shape[0])
    return [mixture.open * sample(key.clear, _halved(where, size)) for key, where in zip(keys, maps, strict=True)]


def _halved(where: Flow, size: tuple[int, int]) -> Flow:
    import cv2

    return (cv2.resize(where, size, interpolation=cv2.INTER_AREA) - (MIX_FOLD - 1) / 2) / MIX_FOLD


def settled(seen: Seen, keys: list[Painted], maps: list[Flow], mixture: Mixture) -> list[Flow]:
    """``maps`` with the last small step, which is the same for all: from the frame to what the mixture expects of it."""
    import cv2

    size = (seen.shape[1], seen.shape[0])
    planes = cv2.split(cv2.resize(np.dstack([*mixture.weights, mixture.open]), size, interpolation=cv2.INTER_LINEAR))
    expected = np.zeros(seen.shape, np.float32)
    for key, where, weight in zip(keys, maps, planes, strict=False):
        expected += weight * sample(key.seen, where)
    step = settle(seen, cv2.convertScaleAbs(np.maximum(expected, 0))) * planes[-1][..., None]
    at = plain_map(size) + step
    return [sample(where, at) for where in maps]


def delta_of(
    frame: int, request: RetouchRequest, chart: Chart, keys: list[Painted], maps: list[Flow], mixture: Mixture
) -> Delta:
    """The keyframes' paint under the mixture, on the plate's pixels; an empty box where it covers nothing."""
    import cv2

    grain, offset = keys[0].retouch.grain, keys[0].retouch.offset
    covered = np.maximum.reduce([sample(key.alpha, where) for key, where in zip(keys, maps, strict=True)])
    box = box_of(covered, chart, request.size)
    if box is None:
        nothing = np.zeros((2, 2), np.float32)
        return Delta(
            frame=frame, box=(0, 0, 2, 2), gain_stops=np.zeros((2, 2, 3), np.float32), alpha=nothing,
            confidence=nothing.copy(), offset=offset, grain=grain,
        )  # fmt: skip
    planes = cv2.resize(
        np.dstack([*mixture.weights, mixture.open, mixture.confidence]), chart.size, interpolation=cv2.INTER_LINEAR
    )
    weights = [on_plate(plane, chart, box, held=True) for plane in cv2.split(planes)]
    places = [place_of(key, where, chart, box) for key, where in zip(keys, maps, strict=True)]
    carried = Carried(keys=keys, places=places, weights=weights[: len(keys)])
    gain, alpha = _laid(carried)
    plate = request.plate(frame)[box[1] : box[3], box[0] : box[2]]
    over = _lids(frame, request, keys, box)
    warp = _warp(keys, maps, mixture, chart, box)
    if warp is not None:
        warp = warp if over is None else warp * (1 - over)[..., None]
        gain = moved_gain(plate, gain, alpha, warp, carried)
    if over is not None and request.face is not None:
        gain = calmed(gain, alpha, over, request.face.at(frame))
    inside = mouth.opening(chart, box)
    if inside is not None:
        known = [key.mouth for key in keys if key.mouth is not None]
        gain = mouth.calmed(gain, inside, plate, partial(carried.before, sharp=True), warp, known)
    return Delta(
        frame=frame,
        box=box,
        gain_stops=gain,
        alpha=np.clip(alpha * weights[-2], 0, 1),
        confidence=np.clip(weights[-1], 0, 1),
        warp=warp,
        uv=_uv(request, frame, chart, box),
        offset=offset,
        grain=grain,
    )


def _laid(carried: Carried) -> tuple[Rgb, Plane]:
    """The gain (h, w, 3) in stops of keyframes on the pixels of a box, and where any of them was painted, 0..1; plane by plane,
    which is three times as fast as pixel by pixel."""
    import cv2

    alpha = np.zeros(carried.weights[0].shape, np.float32)
    top = [np.zeros_like(alpha) for _ in range(3)]
    for key, place, weight in zip(carried.keys, carried.places, carried.weights, strict=True):
        *colours, covered = cv2.split(fetched(key.paint, place, sharp=True))
        for total, colour in zip(top, colours, strict=True):
            cv2.accumulateProduct(colour, weight, total)
        alpha = cv2.max(alpha, covered)
    below = np.maximum(alpha, np.float32(1e-3))
    return cv2.merge([cv2.divide(total, below) for total in top]), alpha


def _lids(frame: int, request: RetouchRequest, keys: list[Painted], box: Box) -> Plane | None:
    """Where lids cover the eyes that are open in every keyframe; None without a face, or where none do."""
    face = request.face
    if face is None:
        return None
    return lids(box, face.at(frame), shut(face.at(frame), [face.at(key.retouch.frame) for key in keys]))


def _warp(keys: list[Painted], maps: list[Flow], mixture: Mixture, chart: Chart, box: Box) -> Flow | None:
    """The keyframes' warps under the mixture, px of the plate, (h, w, 2); None where nothing was moved."""
    import cv2

    mixed = carried_warp(keys, maps, mixture.weights)
    if mixed is None:
        return None
    full = cv2.resize(mixed, chart.size, interpolation=cv2.INTER_LINEAR)
    back = np.linalg.inv(chart.matrix[:, :2].astype(np.float64)).astype(np.float32)
    return np.ascontiguousarray(on_plate(full, chart, box) @ back.T)


def _uv(request: RetouchRequest, frame: int, chart: Chart, box: Box) -> Float32[np.ndarray, "h w 2"] | None:
    """The face's own coordinates on the plate's pixels, NaN beyond the chart; None without a face."""
    if request.face is None:
        return None
    matrix = chart.matrix.astype(np.float64).copy()
    matrix[:, 2] += 0.5 - matrix[:, :2] @ (0.5, 0.5)
    crop = Crop(matrix=matrix.astype(np.float32), size=chart.size[0])
    uv = on_plate(uv_map(request.face.at(frame), crop), chart, box, held=True)
    uv[on_plate(np.ones(chart.size[::-1], np.float32), chart, box) < 0.999] = np.nan
    return uv
