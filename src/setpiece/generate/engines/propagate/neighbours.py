"""With a face: each frame's way to the keyframes before and after it, over the frames between.

The mesh says where a landmark is, and is wrong by pixels where a cheek turns out of sight; one look of flow over twenty
frames of a turning head does not mend that. From one frame to the next hardly anything changes, and flow is right. So the
steps between neighbours are laid end to end, from a keyframe outwards until the next keyframe, each as sure as it is
confirmed by the step back. What a hand uncovers was not seen before: no way leads there, and the mesh stands in.

A stretch between two keyframes is walked whole, from either end, when the first of its frames is asked for, so that any
order of frames gives the same bits, and each step is looked for once and serves both ways. What is kept of it is small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from setpiece.core.arrays import Float32, Flow, Plane, frozen
from setpiece.generate.engines.propagate.charts import plain_map
from setpiece.generate.engines.propagate.flow import Seen, neighbour_flow, sample

REACH = 40  # frames that a way leads at most: small errors add up
KEEP = 4  # ways are kept at a quarter of the chart's size
BACK_PX = 1.0  # of the chart: a step whose way back misses by this much is hardly believed
ASTRAY = 1 / 16  # of the chart's width: farther than this from the mesh a way has left the face
LEAST = 0.02  # trust below which a way is given up

Known = Callable[[int], Seen | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a frame's pixels lie in a keyframe, kept small: ``step`` (h, w, 2) relative to themselves, px of the chart, and
    ``trust`` (h, w) 0..1."""

    step: Flow
    trust: Plane

    def __post_init__(self) -> None:
        frozen(self.step)
        frozen(self.trust)


@dataclass(slots=True, kw_only=True)
class Neighbours:
    """The ways of a shot. ``known`` gives a frame's signal in its chart, None where the face is not there; ``goes_on`` says
    whether two frames are of one stretch; ``keys`` are the keyframes."""

    known: Known
    goes_on: Callable[[int, int], bool]
    keys: tuple[int, ...]
    first: int
    last: int
    _ways: dict[tuple[int, int], Way] = field(default_factory=dict)
    _walked: set[tuple[int | None, int | None]] = field(default_factory=set)

    def way(self, frame: int, key: int) -> Way | None:
        """The way from ``frame`` to the keyframe ``key``; None where none leads there."""
        if frame == key:
            return None
        before = max((other for other in self.keys if other < max(frame, key)), default=None)
        after = min((other for other in self.keys if other > min(frame, key)), default=None)
        if key not in (before, after):
            return None
        if (before, after) not in self._walked:
            self._walk(before, after)
            self._walked.add((before, after))
        return self._ways.get((frame, key))

    def _walk(self, before: int | None, after: int | None) -> None:
        """Every way of a stretch, to the keyframes at its ends."""
        seen = cache(self.known)

        @cache
        def steps(low: int) -> tuple[Flow, Flow] | None:
            here, ahead = seen(low), seen(low + 1)
            if here is None or ahead is None or not self.goes_on(low, low + 1):
                return None
            return neighbour_flow(here, ahead), neighbour_flow(ahead, here)

        for key, direction, end in ((before, 1, after), (after, -1, before)):
            if key is None:
                continue
            far = key + direction * REACH
            last = (min if direction > 0 else max)(far, self._edge(direction) if end is None else end)
            way: Way | None = None
            for frame in range(key + direction, last + direction, direction):
                pair = steps(min(frame, frame - direction))
                if pair is None:
                    break
                forth, back = pair[::-1] if direction > 0 else pair
                way = _further(forth, back, way)
                if float(way.trust.max()) < LEAST:
                    break
                self._ways[frame, key] = way

    def _edge(self, direction: int) -> int:
        return self.last if direction > 0 else self.first


def _further(forth: Flow, back: Flow, way: Way | None) -> Way:
    """The way of a frame from which the step ``forth`` leads to its neighbour, and ``back`` from there, by the neighbour's
    own ``way`` (none: it is the keyframe)."""
    import cv2

    size = (forth.shape[1], forth.shape[0])
    over = plain_map(size) + forth
    missed = forth + sample(back, over)
    trust = cv2.exp(cv2.transform(missed * missed, _SUM) * np.float32(-0.5 / BACK_PX**2))
    small = (-(-size[0] // KEEP), -(-size[1] // KEEP))
    if way is not None:
        beyond = cv2.resize(np.dstack([way.step, way.trust]), size, interpolation=cv2.INTER_LINEAR)
        carried = sample(beyond, over)
        forth = forth + carried[..., :2]
        trust = trust * carried[..., 2]
    kept = cv2.resize(np.dstack([forth, trust]), small, interpolation=cv2.INTER_AREA)
    return Way(step=np.ascontiguousarray(kept[..., :2]), trust=np.ascontiguousarray(kept[..., 2]))


def led(start: Flow, way: Way) -> Flow:
    """The mesh's map ``start``, corrected by the way over the neighbours as far as that is believed."""
    import cv2

    height, width = start.shape[:2]
    full = cv2.resize(np.dstack([way.step, way.trust]), (width, height), interpolation=cv2.INTER_LINEAR)
    apart = full[..., :2] + plain_map((width, height)) - start
    far = cv2.transform(apart * apart, _SUM) / np.float32((width * ASTRAY) ** 2)
    trust = full[..., 2] * cv2.exp(-far * far)
    trust = cv2.GaussianBlur(cv2.erode(trust, np.ones((5, 5), np.uint8)), (0, 0), width / 100)
    return start + apart * trust[..., None]


_SUM: Float32[np.ndarray, "1 2"] = np.ones((1, 2), np.float32)
