"""Keyframes to which no way over the frames between leads."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np

from setpiece.generate.engines.propagate.beyond import Between
from setpiece.generate.engines.propagate.charts import Chart, plain_map

SIZE = 128
INSIDE = (slice(30, -30), slice(40, 88))


def pores(seed: int = 1) -> np.ndarray:
    grain = np.random.default_rng(seed).standard_normal((SIZE, SIZE)).astype(np.float32)
    return 128 + 260 * cv2.GaussianBlur(grain, (0, 0), 1.5)


def key_of(frame: int, gone: float, *, pose: float = 0.0) -> Any:
    """A keyframe whose skin has ``gone`` px to the right, though its landmarks say that it rests, at ``pose``."""
    at = plain_map((SIZE, SIZE)) - np.array([gone, 0], np.float32)
    seen = np.clip(cv2.remap(pores(), at, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT), 0, 255).astype(np.uint8)
    points = np.random.default_rng(5).uniform(20, SIZE - 20, (478, 2)).astype(np.float32)
    chart = Chart(matrix=np.eye(2, 3, dtype=np.float32), size=(SIZE, SIZE), points=points + np.float32(pose))
    return SimpleNamespace(retouch=SimpleNamespace(frame=frame), chart=chart, seen=seen)


def way(gone: float) -> np.ndarray:
    return plain_map((SIZE, SIZE)) + np.array([gone, 0], np.float32)


def test_a_far_keyframe_is_reached_over_a_near_one():
    near, far = key_of(10, 2.0), key_of(30, 4.0)
    found = Between().beyond(far, [(near, way(1.5))])
    assert np.abs(found - way(3.5))[INSIDE].max() < 0.5


def test_from_one_frame_to_the_next_only_the_way_to_the_near_keyframe_changes():
    near, far, between = key_of(10, 2.0), key_of(30, 4.0), Between()
    first, second = (between.beyond(far, [(near, way(gone))]) for gone in (1.0, 2.0))
    assert np.abs(first[INSIDE[0], 41:89] - second[INSIDE[0], 40:88]).max() < 1e-3


def test_it_is_reached_over_the_keyframe_in_which_the_face_looks_most_alike():
    far = key_of(50, 4.0, pose=6.0)
    alike, other = key_of(40, 2.0, pose=5.0), key_of(10, 2.0, pose=0.0)
    found = [Between().beyond(far, near) for near in ([(alike, way(1.0))], [(other, way(9.0)), (alike, way(1.0))])]
    assert np.array_equal(*found)
