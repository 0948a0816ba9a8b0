"""The way from a frame to a keyframe, over the frames between."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from setpiece.generate.engines.propagate.blend import mix
from setpiece.generate.engines.propagate.charts import plain_map
from setpiece.generate.engines.propagate.neighbours import Neighbours, led

SIZE = 128


def pores(seed: int = 1) -> np.ndarray:
    grain = np.random.default_rng(seed).standard_normal((SIZE, SIZE)).astype(np.float32)
    return 128 + 260 * cv2.GaussianBlur(grain, (0, 0), 1.5)


def turned(frame: int) -> np.ndarray:
    """How far skin has gone since frame 0: twice as fast in the middle as beside, (h, w, 2); far more than one look bridges."""
    x = np.arange(SIZE, dtype=np.float32)
    fall = np.exp(-(((x - 64) / 40) ** 2))
    return np.broadcast_to(np.stack([1.2 * frame * fall, np.zeros_like(x)], -1), (SIZE, SIZE, 2)).astype(np.float32)


def seen(frame: int) -> np.ndarray:
    at = plain_map((SIZE, SIZE)) - turned(frame)
    return np.clip(cv2.remap(pores(), at, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT), 0, 255).astype(np.uint8)


def shot(known=seen, *, keys=(0,), last=9, goes_on=lambda one, other: True) -> Neighbours:
    return Neighbours(known=known, goes_on=goes_on, keys=keys, first=0, last=last)


def test_the_way_over_the_neighbours_is_where_the_skin_went():
    way = shot().way(9, 0)
    assert way is not None
    found = led(plain_map((SIZE, SIZE)) - turned(9), way)
    inside = (slice(30, -30), slice(50, 78))
    truth = -turned(9)[inside]
    assert np.abs(found[inside] - plain_map((SIZE, SIZE))[inside] - truth).max() < 0.6
    assert cv2.resize(way.trust, (SIZE, SIZE))[inside].min() > 0.8


def test_any_order_of_frames_gives_the_same_bits():
    there, back = shot(), shot()
    forth = [there.way(frame, 0) for frame in range(1, 10)]
    again = [back.way(frame, 0) for frame in range(9, 0, -1)][::-1]
    for one, other in zip(forth, again, strict=True):
        assert one is not None
        assert other is not None
        assert np.array_equal(one.step, other.step)
        assert np.array_equal(one.trust, other.trust)


def test_no_way_leads_to_what_was_covered_a_frame_ago():
    def crossed(frame: int) -> np.ndarray:
        picture = seen(0).copy()
        if frame == 2:
            picture[:, 40:90] = pores(7)[:, 40:90].clip(0, 255)
        return picture

    way = shot(crossed).way(4, 0)
    assert way is not None
    mesh = plain_map((SIZE, SIZE)) + 2.0  # two pixels off
    mended = (mesh - led(mesh, way)) / 2
    assert np.median(mended[40:90, 50:80]) < 0.3
    assert mended[40:90, :25].min() > 0.9


def test_a_step_between_two_frames_is_looked_for_once_for_both_ways():
    read = []

    def known(frame: int) -> np.ndarray:
        read.append(frame)
        return seen(frame)

    both = shot(known, keys=(2, 6))
    for frame in range(10):
        both.way(frame, 2)
        both.way(frame, 6)
    assert sorted(read) == [0, 1, 2, 2, 3, 4, 5, 6, 6, 7, 8, 9]
    assert both.way(6, 2) is not None
    assert both.way(2, 6) is not None
    assert both.way(7, 2) is None


@pytest.mark.parametrize("frame", [3, 7])
def test_no_way_leads_past_another_keyframe_or_a_cut(frame):
    assert shot(keys=(0, 2)).way(frame, 0) is None
    assert shot(goes_on=lambda one, other: max(one, other) < 3).way(frame, 0) is None
    assert shot(lambda frame: None if frame == 2 else seen(frame)).way(frame, 0) is None


def test_a_keyframe_says_nothing_where_its_own_face_is_hidden():
    rng = np.random.default_rng(3)
    skin = cv2.GaussianBlur(rng.standard_normal((96, 96, 3)).astype(np.float32), (0, 0), 2)
    hidden = np.zeros((96, 96), np.float32)
    hidden[30:70, 30:70] = 1
    apart = skin + 0.05  # the one that is not hidden is the worse likeness
    plain = mix(skin, [skin, apart], away=[3, 3])
    muted = mix(skin, [skin, apart], away=[3, 3], clear=[1 - hidden, np.ones_like(hidden)])
    middle, rim = (slice(40, 60), slice(40, 60)), (slice(0, 15), slice(0, 15))
    assert np.abs(muted.weights[0][middle]).max() < 0.05
    assert np.allclose(muted.weights[0][rim], plain.weights[0][rim])
