"""Channels have the names that compositing programs know, and broken layers are named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from setpiece.core.errors import StageError
from setpiece.core.layers import Layers
from setpiece.passes.checks import check_layers, check_motion
from setpiece.passes.conventions import CRYPTO_CHANNELS, FLOAT32, MEANINGS, NO_DEPTH_M, layers_to_channels

H, W = 12, 20
PATCH = (slice(3, 8), slice(4, 10))


def layers(frame: int = 1001) -> Layers:
    rng = np.random.default_rng(frame)
    debris = np.zeros((H, W, 4), np.float32)
    debris[PATCH] = rng.random((5, 6, 4))
    depth = np.full((H, W), np.inf, np.float32)
    depth[PATCH] = 40.0
    normal = np.zeros((H, W, 3), np.float32)
    normal[PATCH] = (0.0, -1.0, 0.0)
    flow = np.zeros((H, W, 2), np.float32)
    flow[PATCH] = (2.0, 3.0)
    ids = np.full((H, W, 3), -1, np.int32)
    ids[PATCH] = (7, 9, -1)
    coverage = np.zeros((H, W, 3), np.float32)
    coverage[PATCH] = (0.6, 0.3, 0.0)
    return Layers(
        frame=frame,
        debris=debris,
        dust=np.zeros((H, W, 4), np.float32),
        shadow=np.ones((H, W, 3), np.float32),
        standing=np.ones((H, W), np.float32),
        depth=depth,
        normal=normal,
        forward=flow,
        backward=-flow,
        rest=np.where(np.isfinite(depth)[..., None], np.full(3, 1.5, np.float32), np.float32(0)),
        ids=ids,
        coverage=coverage,
    )


def test_every_channel_of_a_frame_has_a_meaning_and_the_shape_of_the_frame() -> None:
    planes, float32 = layers_to_channels(layers(), np.zeros((H, W, 3), np.float32), np.ones((H, W), np.float32))
    assert list(planes) == list(MEANINGS)
    assert all(plane.shape == (H, W) and plane.dtype == np.float32 for plane in planes.values())
    assert float32 == {"depth.Z", "Pref.X", "Pref.Y", "Pref.Z"}


def test_channels_agree_with_their_golden_file() -> None:
    """Comps of every shot read these names: a change is a new schema of the frame, and a line in the changelog."""
    golden = json.loads((Path(__file__).parents[2] / "golden" / "channels-1.json").read_text())
    assert golden == {"names": [*MEANINGS, *CRYPTO_CHANNELS], "float32": sorted(FLOAT32)}


def test_planes_stand_under_their_own_names() -> None:
    made = layers()
    comp = np.random.default_rng(0).random((H, W, 3)).astype(np.float32)
    planes, _ = layers_to_channels(made, comp, np.full((H, W), 0.25, np.float32))
    assert np.array_equal(planes["B"], comp[..., 2])
    assert np.array_equal(planes["debris.A"], made.debris[..., 3])
    assert np.array_equal(planes["N.Y"], made.normal[..., 1])
    assert planes["A"].min() == 1
    assert planes["matte.A"].max() == 0.25


def test_vertical_motion_is_written_upwards_and_no_debris_is_far_but_finite() -> None:
    planes, _ = layers_to_channels(layers(), np.zeros((H, W, 3), np.float32), np.ones((H, W), np.float32))
    assert planes["forward.u"][4, 5] == 2.0
    assert planes["forward.v"][4, 5] == -3.0
    assert planes["backward.v"][4, 5] == 3.0
    assert planes["depth.Z"][0, 0] == NO_DEPTH_M
    assert np.isfinite(planes["depth.Z"]).all()


def test_cryptomatte_joins_under_its_own_names_only() -> None:
    zero = np.zeros((H, W), np.float32)
    comp = np.zeros((H, W, 3), np.float32)
    planes, float32 = layers_to_channels(layers(), comp, zero, cryptomatte=dict.fromkeys(CRYPTO_CHANNELS, zero))
    assert set(CRYPTO_CHANNELS) <= planes.keys()
    assert set(CRYPTO_CHANNELS) <= float32
    with pytest.raises(StageError, match=r"'Crypto\.X' is not a cryptomatte channel"):
        layers_to_channels(layers(), comp, zero, cryptomatte={"Crypto.X": zero})


def test_comp_of_another_size_is_refused() -> None:
    with pytest.raises(StageError, match="frame 1001: comp is 19x12, the layers are 20x12"):
        layers_to_channels(layers(), np.zeros((H, W - 1, 3), np.float32), np.zeros((H, W), np.float32))


def test_sound_layers_pass() -> None:
    made = layers()
    assert check_layers(made) is made


def broken(name: str, value: object, at: object = (4, 5)) -> Layers:
    array = getattr(layers(), name).copy()
    array[at] = value
    return replace(layers(), **{name: array})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("debris", np.nan, "'debris' holds NaN or infinity in .* first at x=5, y=4"),
        ("dust", np.inf, "'dust' holds NaN or infinity"),
        ("dust", 1.5, "'dust' has coverage outside"),
        ("standing", -0.5, "'standing' has coverage outside"),
        ("shadow", -0.1, "'shadow' leaves"),
        ("depth", -3.0, "'depth' is NaN, zero or behind"),
        ("depth", np.nan, "'depth' is NaN"),
        ("normal", (0.0, 0.5, 0.0), "'normal' is not of unit length"),
        ("forward", 500.0, "'forward' moves farther"),
        ("ids", -2, "'ids' holds numbers below"),
        ("ids", -1, "'coverage' covers a pixel with no piece"),
        ("coverage", (0.1, 0.6, 0.0), "'coverage' is not in descending order"),
        ("coverage", (0.8, 0.7, 0.0), "'coverage' sums to more than one"),
    ],
)
def test_broken_layer_is_named_with_frame_and_pixel(name: str, value: object, message: str) -> None:
    with pytest.raises(StageError, match=f"frame 1001: layer {message}"):
        check_layers(broken(name, value))


@pytest.mark.parametrize("name", ["normal", "rest", "forward", "backward"])
def test_surface_without_depth_is_refused(name: str) -> None:
    value = (0.0, 0.0, 1.0) if name == "normal" else 0.5
    with pytest.raises(StageError, match=f"'{name}' is not 0 where depth says"):
        check_layers(broken(name, value, at=(0, 0)))


def test_wrong_shape_and_type_are_refused() -> None:
    with pytest.raises(StageError, match="'dust' has shape"):
        check_layers(replace(layers(), dust=np.zeros((H, W, 3), np.float32)))
    with pytest.raises(StageError, match="'shadow' is float64, not float32"):
        check_layers(replace(layers(), shadow=np.ones((H, W, 3))))


def moved(now: Layers) -> Layers:
    """The next frame: the patch three rows down, two columns right."""
    return replace(
        now,
        frame=now.frame + 1,
        ids=np.roll(now.ids, (3, 2), axis=(0, 1)),
        depth=np.roll(now.depth, (3, 2), axis=(0, 1)),
        backward=np.roll(now.backward, (3, 2), axis=(0, 1)),
    )


def test_forward_then_backward_leads_home() -> None:
    assert check_motion(layers(), moved(layers())) == 0.0


def test_swapped_sign_of_motion_is_found() -> None:
    then = moved(layers())
    with pytest.raises(StageError, match="frame 1002: layer 'backward' does not lead back"):
        check_motion(layers(), replace(then, backward=-then.backward))
    with pytest.raises(StageError, match="not the one before"):
        check_motion(layers(), replace(then, frame=1005))
