"""Without a face: each frame's coarse way to the keyframes, over its neighbours.

From a keyframe outwards, frame by frame: one step of flow to the neighbour, that neighbour's way to the keyframe, and then
a look at the keyframe itself, so that small errors do not add up. Found once, when a shot is prepared; kept small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from setpiece.core.arrays import Flow
from setpiece.generate.engines.propagate.flow import Seen, compose, refine

FOLD = 2  # the chain is found at a half of the chart's size
KEEP = 8  # and kept at an eighth of that: it is smooth


def chain(seen: Callable[[int], Seen], key: int, first: int, last: int) -> Iterator[tuple[int, Flow]]:
    """For each frame of ``first``..``last`` but ``key``: where its pixels lie in ``key``, kept small (:func:`widened`)."""
    for step, end in ((1, last), (-1, first)):
        way = _plain(seen(key))
        for frame in range(key + step, end + step, step):
            near = refine(seen(frame), seen(frame - step), _plain(seen(frame)), fine=False)
            way = refine(seen(frame), seen(key), compose(near, way), fine=False)
            yield frame, _kept(way)


def _kept(way: Flow) -> Flow:
    import cv2

    height, width = way.shape[:2]
    size = (-(-width // KEEP), -(-height // KEEP))
    return cv2.resize(way - _plain(way), size, interpolation=cv2.INTER_AREA)


def widened(kept: Flow, size: tuple[int, int]) -> Flow:
    """A kept way as a map (h, w, 2) of the chart's full ``size`` (width, height)."""
    import cv2

    full = cv2.resize(kept, size, interpolation=cv2.INTER_CUBIC) * np.float32(FOLD)
    return full + _plain(full)


def _plain(like: np.ndarray) -> Flow:
    height, width = like.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.stack([x, y], -1)
