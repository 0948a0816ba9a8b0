"""With a face: each frame's way to the keyframes before and after it, over the frames between.

The mesh says where a landmark is, and is wrong by pixels where a cheek turns out of sight; one look of flow over twenty
frames of a turning head does not mend that. From one frame to the next hardly anything changes, and flow is right. So the
steps between neighbours are laid end to end, from a keyframe outwards until the next keyframe, each as sure as it is
confirmed by the step back. What a hand uncovers was not seen before: no way leads there, and the mesh stands in.

A stretch is walked whole when the first of its frames is asked for, so that any order of frames gives the same bits; what
is kept of it is small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

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
    _walked: set[tuple[int, int]] = field(default_factory=set)

    def way(self, frame: int, key: int) -> Way | None:
        """The way from ``frame`` to the keyframe ``key``; None where none leads there."""
        direction = 1 if frame > key else -1
        if frame == key or not self._near(frame, key):
            return None
        if (key, direction) not in self._walked:
            self._walk(key, direction)
            self._walked.add((key, direction))
        return self._ways.get((frame, key))

    def _near(self, frame: int, key: int) -> bool:
        """Whether no other keyframe lies between."""
        low, high = min(frame, key), max(frame, key)
        return high - low <= REACH and not any(low < other < high for other in self.keys)

    def _walk(self, key: int, direction: int) -> None:
        here = self.known(key)
        way: Way | None = None
        frame = key
        while here is not None:
            frame += direction
            if not (self.first <= frame <= self.last and self._near(frame, key) and self.goes_on(frame - direction, frame)):
                return
            ahead = self.known(frame)
            if ahead is None:
                return
            way = _further(ahead, here, way)
            if float(way.trust.max()) < LEAST:
                return
            self._ways[frame, key] = way
            here = ahead


def _further(here: Seen, there: Seen, way: Way | None) -> Way:
    """The way from ``here`` over its neighbour ``there``, whose own way is ``way`` (none: it is the keyframe)."""
    import cv2

    size = (here.shape[1], here.shape[0])
    plain = plain_map(size)
    forth, back = neighbour_flow(here, there), neighbour_flow(there, here)
    over = plain + forth
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
