"""Requests that no engine should ever see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_stage import small_request, small_scene

from setpiece.core.errors import StageError
from setpiece.generate.contract import DUST, GRIT, SEED, SHUTTER, needed_capabilities


@pytest.mark.parametrize("name", ["plate", "matte", "clean"])
def test_a_picture_of_another_size_than_the_camera_is_named(name: str) -> None:
    scene = small_scene()
    with pytest.raises(StageError, match=name):
        replace(scene, **{name: np.zeros((10, 12, 3), np.float32)})


def test_a_motion_of_another_stage_is_refused() -> None:
    scene = small_scene()
    other = replace(scene.motion, position=scene.motion.position[:, :-1].copy())
    with pytest.raises(StageError, match="holds 23 pieces, the stage 24"):
        replace(scene, motion=other)


@pytest.mark.parametrize("samples", [0, 65])
def test_sample_counts_out_of_range_are_refused(samples: int) -> None:
    with pytest.raises(StageError, match="samples"):
        replace(small_request(), samples=samples)


def test_a_shutter_beyond_a_frame_is_refused() -> None:
    with pytest.raises(StageError, match="shutter"):
        replace(small_request(), shutter_deg=400)


def test_needs_are_what_the_request_states_and_nothing_else() -> None:
    plain = replace(small_request(grit=False), shutter_deg=0, samples=1)
    assert needed_capabilities(plain) == (SEED,)
    assert set(needed_capabilities(small_request())) >= {SEED, GRIT, SHUTTER}
    assert DUST in needed_capabilities(replace(small_request(), gas=lambda _: None))


def test_pictures_of_a_scene_are_read_only() -> None:
    scene = small_scene()
    with pytest.raises(ValueError, match="read-only"):
        scene.plate[0, 0] = 1
