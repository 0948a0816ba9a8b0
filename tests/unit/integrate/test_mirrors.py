"""Water shows the picture above it, falls with it, and leaves the rest of the plate alone."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.core.layers import Layers
from setpiece.integrate.comp import CompResult
from setpiece.integrate.mirrors import find_mirrors, mirror_image, with_mirrors

H, W, FOOT = 180, 320, 100.0
CAMERA = Camera.looking(width=W, height=H, focal_px=300.0, height_m=1.6, pitch_deg=0.0, centre_px=(160.0, 90.0))
LINE = np.array([[0.0, FOOT], [320.0, FOOT]])
POOL = ((60.0, 120.0), (260.0, 120.0), (260.0, 170.0), (60.0, 170.0))
BOX = (slice(120, 170), slice(60, 260))
VEIL = 0.02


def untouched() -> Layers:
    return Layers(
        frame=1001,
        debris=np.zeros((H, W, 4), np.float32),
        dust=np.zeros((H, W, 4), np.float32),
        shadow=np.ones((H, W, 3), np.float32),
        standing=np.zeros((H, W), np.float32),
        depth=np.full((H, W), np.inf, np.float32),
        normal=np.zeros((H, W, 3), np.float32),
        forward=np.zeros((H, W, 2), np.float32),
        backward=np.zeros((H, W, 2), np.float32),
        rest=np.zeros((H, W, 3), np.float32),
        ids=np.full((H, W, 1), -1, np.int32),
        coverage=np.zeros((H, W, 1), np.float32),
    )


def world(seed: int = 1) -> np.ndarray:
    """A wall with large features above the foot line, plain ground below."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0.1, 1.0, (18, 32, 3)).astype(np.float32)
    picture = cv2.resize(coarse, (W, H), interpolation=cv2.INTER_CUBIC).clip(0.05, 1.2)
    picture[int(FOOT) :] = 0.3
    return picture


def with_pool(picture: np.ndarray, *, foot: float = FOOT) -> np.ndarray:
    """``picture`` with what Schlick's water shows of it in the pool, by the closed form for a level camera."""
    out = picture.copy()
    ys, xs = np.mgrid[BOX]
    seen = cv2.remap(picture, xs.astype(np.float32), (2 * foot - ys - 1).astype(np.float32), cv2.INTER_LINEAR)
    cosine = -CAMERA.rays(np.stack([xs.ravel() + 0.5, ys.ravel() + 0.5], 1))[:, 2].reshape(xs.shape)
    out[BOX] = VEIL + (0.02 + 0.98 * (1 - cosine) ** 5)[..., None] * seen
    return out.astype(np.float32)


def result_of(rgb: np.ndarray, plate: np.ndarray) -> CompResult:
    differs = (rgb != plate).any(-1)
    return CompResult(rgb=rgb.copy(), touched=differs.copy(), new=differs.astype(np.float32),
                      matte=np.zeros((H, W), np.float32), shadow=np.ones((H, W, 3), np.float32))  # fmt: skip


def fallen(plate: np.ndarray) -> np.ndarray:
    """The wall's left half gone, dark sky in its place."""
    out = plate.copy()
    out[:95, :160] = (0.1, 0.15, 0.4)
    return out


def test_level_water_mirrors_the_same_column_about_the_foot() -> None:
    source, facing = mirror_image(CAMERA, LINE, BOX)
    ys, xs = np.mgrid[BOX]
    np.testing.assert_allclose(source[..., 0], xs, atol=2e-2)
    np.testing.assert_allclose(source[..., 1] + 0.5, 2 * FOOT - (ys + 0.5), atol=2e-2)
    assert (facing > 0).all()


@settings(max_examples=25, deadline=None)
@given(pitch=st.floats(-8, 12), x=st.floats(-9, 9), height=st.floats(0.5, 6), roll=st.floats(-3, 3))
def test_a_point_under_the_ground_shows_the_point_as_high_above_it_under_any_tilt(
    pitch: float, x: float, height: float, roll: float
) -> None:
    camera = Camera.looking(width=640, height=480, focal_px=500, height_m=1.7, pitch_deg=pitch, roll_deg=roll)
    ends, _ = camera.project(np.array([[-20, 30, 0], [20, 34, 0]], np.float32))
    y = 32 + 0.1 * x
    (below, above), _ = camera.project(np.array([[x, y, -height], [x, y, height]], np.float32))
    box = (slice(int(below[1]), int(below[1]) + 1), slice(int(below[0]), int(below[0]) + 1))
    source, _ = mirror_image(camera, ends, box)
    centre = np.floor(below) + 0.5
    moved = (centre - below) * [1, -1]  # what a fraction of a pixel does there, to first order
    assert np.abs(source[0, 0] + 0.5 - above - moved).max() < 0.35


def test_at_rest_no_bit_changes() -> None:
    plate = with_pool(world())
    mirrors = find_mirrors(plate, CAMERA, LINE, (POOL,))
    assert mirrors is not None
    done = with_mirrors(result_of(plate, plate), plate, untouched(), mirrors)
    np.testing.assert_array_equal(done.rgb.view(np.uint32), plate.view(np.uint32))
    assert not done.touched.any()
    assert not done.new.any()


def test_the_water_falls_with_the_wall() -> None:
    plate = with_pool(world())
    mirrors = find_mirrors(plate, CAMERA, LINE, (POOL,))
    assert mirrors is not None
    rgb = fallen(plate)
    done = with_mirrors(result_of(rgb, plate), plate, untouched(), mirrors)
    truth = with_pool(fallen(world()))
    inner = (slice(126, 164), slice(66, 254))
    before = np.abs(rgb[inner] - truth[inner])[:, :84].mean()
    after = np.abs(done.rgb[inner] - truth[inner])
    assert after[:, :84].mean() < 0.15 * before
    assert after[:, 104:].mean() < 0.01


def test_a_foot_that_grass_hides_is_found_from_the_water_itself() -> None:
    plate = with_pool(world(), foot=FOOT + 3)
    mirrors = find_mirrors(plate, CAMERA, LINE, (POOL,))
    assert mirrors is not None
    assert mirrors.foot_px == pytest.approx(3, abs=0.51)


def test_outside_the_polygon_nothing_changes_and_the_matte_says_where_it_may() -> None:
    plate = with_pool(world())
    mirrors = find_mirrors(plate, CAMERA, LINE, (POOL,))
    assert mirrors is not None
    rgb = fallen(plate)
    done = with_mirrors(result_of(rgb, plate), plate, untouched(), mirrors)
    outside = np.ones((H, W), bool)
    outside[BOX] = False
    np.testing.assert_array_equal(done.rgb[outside], rgb[outside])
    changed = (done.rgb != rgb).any(-1)
    assert changed.sum() > 2000
    assert (done.matte[changed] > 0).all()
    assert done.touched[changed].all()
    assert not done.matte[outside].any()


def test_what_is_kept_stays_and_litter_in_the_water_is_no_water() -> None:
    plate = with_pool(world())
    litter = (slice(140, 146), slice(90, 100))
    plate[litter] = 2.5
    keep = np.zeros((H, W), bool)
    keep[:95] = True  # the wall
    keep[125:135, 110:130] = True
    mirrors = find_mirrors(plate, CAMERA, LINE, (POOL,), keep=keep)
    assert mirrors is not None
    done = with_mirrors(result_of(fallen(plate), plate), plate, untouched(), mirrors)
    np.testing.assert_array_equal(done.rgb[125:135, 110:130], plate[125:135, 110:130])
    np.testing.assert_allclose(done.rgb[142:144, 93:97], plate[142:144, 93:97], atol=1e-3)


def test_dry_matt_ground_that_was_drawn_as_water_hardly_changes() -> None:
    plate = world()
    rng = np.random.default_rng(5)
    plate[BOX] = 0.1 * (1 + 0.3 * rng.normal(size=(50, 200, 1)).astype(np.float32))
    mirrors = find_mirrors(plate, CAMERA, LINE, (POOL,))
    wet = find_mirrors(with_pool(world()), CAMERA, LINE, (POOL,))
    assert mirrors is not None
    assert wet is not None
    assert mirrors.reflectance.max() < 0.15 * wet.reflectance.max()


def test_dust_before_the_water_hides_what_it_mirrors() -> None:
    plate = with_pool(world())
    mirrors = find_mirrors(plate, CAMERA, LINE, (POOL,))
    assert mirrors is not None
    dust = np.zeros((H, W, 4), np.float32)
    dust[BOX] = (0.4, 0.4, 0.4, 1.0)
    rgb = fallen(plate)
    done = with_mirrors(result_of(rgb, plate), plate, replace(untouched(), dust=dust), mirrors)
    np.testing.assert_array_equal(done.rgb, rgb)


def test_shade_on_the_water_leaves_the_mirror_image_in_its_own_light() -> None:
    plate = with_pool(world())
    mirrors = find_mirrors(plate, CAMERA, LINE, (POOL,))
    assert mirrors is not None
    shadow = np.ones((H, W, 3), np.float32)
    shadow[BOX] = 0.5
    rgb = plate * shadow
    shaded = replace(result_of(rgb, plate), shadow=shadow, new=np.zeros((H, W), np.float32))
    done = with_mirrors(shaded, plate, untouched(), mirrors)
    inner = (slice(126, 164), slice(66, 254))
    expected = plate[inner] - 0.5 * VEIL
    assert np.abs(done.rgb[inner] - expected).mean() < 0.2 * np.abs(rgb[inner] - expected).mean()


def test_no_water_is_none_and_a_foot_above_the_horizon_is_refused() -> None:
    plate = world()
    assert find_mirrors(plate, CAMERA, LINE, ()) is None
    assert find_mirrors(plate, CAMERA, LINE, (((10, 10), (20, 10), (20, 20)),)) is None  # on the wall
    with pytest.raises(StageError, match="horizon"):
        find_mirrors(plate, CAMERA, LINE - [0, 40], (POOL,))
