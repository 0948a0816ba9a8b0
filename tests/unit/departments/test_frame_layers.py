"""What a frame's comp is made of, before it is written."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from setpiece.core.layers import Layers
from setpiece.departments.destruction.frame import as_written
from setpiece.media.exr import HALF_MAX


def layers(values: list[float]) -> Layers:
    plane = np.array(values, np.float32).reshape(1, -1)
    shape = plane.shape
    return Layers(
        frame=1,
        debris=np.repeat(plane[..., None], 4, -1),
        dust=np.repeat(plane[..., None], 4, -1),
        shadow=np.repeat(plane[..., None], 3, -1),
        standing=plane.copy(),
        depth=np.full(shape, np.inf, np.float32),
        normal=np.zeros((*shape, 3), np.float32),
        forward=np.zeros((*shape, 2), np.float32),
        backward=np.zeros((*shape, 2), np.float32),
        rest=np.zeros((*shape, 3), np.float32),
        ids=np.full((*shape, 1), -1, np.int32),
        coverage=np.zeros((*shape, 1), np.float32),
    )


@given(st.lists(st.floats(0, 1e6, width=32), min_size=1, max_size=8))
def test_layers_are_what_half_floats_hold_and_rounding_again_changes_nothing(values: list[float]) -> None:
    once = as_written(layers(values))
    again = as_written(once)
    for name in ("debris", "dust", "shadow", "standing"):
        plane = np.asarray(getattr(once, name))
        np.testing.assert_array_equal(plane, plane.astype(np.float16).astype(np.float32))
        np.testing.assert_array_equal(plane, getattr(again, name))
        assert plane.max() <= HALF_MAX


def test_a_shadow_too_faint_for_the_file_is_no_shadow() -> None:
    assert np.asarray(as_written(layers([0.9999])).shadow).min() == 1.0
