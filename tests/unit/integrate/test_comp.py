"""The comp touches what it must, and nothing else, to the bit."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setpiece.core.errors import MatteError, SetpieceError
from setpiece.core.layers import Layers
from setpiece.integrate.comp import CompLook, behind_holdout, composite, foot_shade, seamed_matte, standing_share

H, W = 24, 32


def untouched(height: int = H, width: int = W, *, standing: np.ndarray | None = None) -> Layers:
    plane = (height, width)
    return Layers(
        frame=1001,
        debris=np.zeros((*plane, 4), np.float32),
        dust=np.zeros((*plane, 4), np.float32),
        shadow=np.ones((*plane, 3), np.float32),
        standing=np.zeros(plane, np.float32) if standing is None else standing,
        depth=np.full(plane, np.inf, np.float32),
        normal=np.zeros((*plane, 3), np.float32),
        forward=np.zeros((*plane, 2), np.float32),
        backward=np.zeros((*plane, 2), np.float32),
        rest=np.zeros((*plane, 3), np.float32),
        ids=np.full((*plane, 3), -1, np.int32),
        coverage=np.zeros((*plane, 3), np.float32),
    )


def soft_box(height: int = H, width: int = W) -> np.ndarray:
    matte = np.zeros((height, width), np.float32)
    matte[height // 4 : -height // 4, width // 4 : -width // 4] = 1
    return cv2.GaussianBlur(matte, (0, 0), 1.2)


def scene(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Plate (mix of building and background at soft edges), clean plate, matte. Wild values on purpose."""
    rng = np.random.default_rng(seed)
    background = rng.normal(0.5, 1.0, (H, W, 3)).astype(np.float32)
    building = rng.normal(0.2, 0.5, (H, W, 3)).astype(np.float32)
    matte = soft_box()
    m = matte[..., None]
    plate = np.where(m > 0, m * building + (1 - m) * background, background).astype(np.float32)
    return plate, background, matte


def random_layers(seed: int) -> Layers:
    rng = np.random.default_rng(seed)
    patch = rng.random((H, W)) < 0.2
    alpha = np.where(patch, rng.random((H, W)), 0).astype(np.float32)
    debris = np.dstack([alpha[..., None] * rng.random((H, W, 3)), alpha]).astype(np.float32)
    fog = np.where(rng.random((H, W)) < 0.2, rng.random((H, W)), 0).astype(np.float32)
    dust = np.dstack([fog[..., None] * rng.random((H, W, 3)), fog]).astype(np.float32)
    shadow = np.where(rng.random((H, W, 1)) < 0.2, rng.random((H, W, 3)), 1).astype(np.float32)
    standing = (soft_box() * (rng.random((H, W)) < 0.7) * (1 - alpha)).astype(np.float32)
    return replace(untouched(), debris=debris, dust=dust, shadow=shadow, standing=standing)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.booleans(), st.booleans())
def test_outside_touched_the_comp_is_the_plate_to_the_bit(seed: int, with_grain: bool, with_holdout: bool) -> None:
    plate, clean, matte = scene(seed)
    layers = random_layers(seed + 1)
    holdout = np.random.default_rng(seed).random((H, W)).astype(np.float32) if with_holdout else None
    grain = (lambda rgb, *, where: rgb + where[..., None] * np.float32(0.01)) if with_grain else None
    comp = composite(plate, clean, matte, holdout, layers, grain=grain)
    quiet = ~comp.touched
    assert np.array_equal(comp.rgb[quiet].view(np.uint32), plate[quiet].view(np.uint32))
    assert (comp.rgb[comp.touched] != plate[comp.touched]).any(axis=-1).all()
    assert not comp.new[quiet].any()
    asked = (
        (matte > 0)
        | (layers.debris != 0).any(-1)
        | (layers.dust != 0).any(-1)
        | (layers.shadow != 1).any(-1)
        | (clean != plate).any(-1)
    )
    assert not (comp.touched & ~asked).any()


@pytest.mark.parametrize("premultiplied", [True, False])
def test_before_anything_moves_the_comp_is_the_plate_to_the_bit(premultiplied: bool) -> None:
    plate, clean, matte = scene(3)
    standing = matte if premultiplied else (matte > 0).astype(np.float32)
    comp = composite(plate, clean, matte, soft_box()[::-1], untouched(standing=standing.copy()))
    assert np.array_equal(comp.rgb, plate)
    assert not comp.touched.any()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31))
def test_where_delivered_matte_shadow_and_dust_say_nothing_the_plate_is_untouched_to_the_bit(seed: int) -> None:
    plate, clean, matte = scene(seed)
    layers = random_layers(seed + 1)
    comp = composite(plate, clean, matte, None, layers, look=CompLook(edge_reach=0.12))
    quiet = (comp.matte == 0) & (comp.shadow == 1).all(-1) & (layers.dust == 0).all(-1)
    assert quiet.any()
    assert np.array_equal(comp.rgb[quiet].view(np.uint32), plate[quiet].view(np.uint32))
    assert comp.matte.max() <= 1
    assert (comp.matte[layers.debris[..., 3] > 0].astype(np.float16) > 0).all()


def test_the_seam_of_the_delivered_matte_is_what_was_repainted_and_falls_off_outwards() -> None:
    matte = np.zeros((H, W), np.float32)
    matte[8:16, 8:24] = 1
    repainted = np.zeros((H, W), bool)
    repainted[6:18, 4:24] = True
    seamed = seamed_matte(matte, repainted, reach_px=3)
    assert not ((seamed > 0) & ~repainted & (matte == 0)).any()
    assert (seamed[8:16, 5:24] > 0).all() and (seamed[6:8, 8:24] > 0).all()
    assert not seamed[:, 4].any()  # repainted, but too far out
    assert (np.diff(seamed[12, 4:9]) >= 0).all() and seamed[12, 8] == 1
    assert np.array_equal(seamed_matte(matte, repainted, reach_px=0), matte)


def shaded_foot() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A wall in the upper half, its shade on the ten rows before its foot, lit ground below; plate, clean plate, matte."""
    matte = np.zeros((60, 80), np.float32)
    matte[10:30] = 1
    plate = np.full((60, 80, 3), 0.8, np.float32)
    plate[10:30] = 0.3
    plate[30:40] = 0.15
    clean = plate.copy()
    clean[10:40] = 0.8
    return plate, clean, matte


def test_shade_before_the_foot_draws_back_to_it_as_the_wall_sinks() -> None:
    plate, clean, matte = shaded_foot()
    lit = []
    for gone in (0, 6, 12, 20):
        standing = matte.copy()
        standing[10 : 10 + gone] = 0
        comp = composite(plate, clean, matte, None, untouched(60, 80, standing=standing), look=CompLook(edge_reach=0.2))
        below = comp.rgb[30:40, 40, 0]
        assert (np.diff(below) >= -1e-6).all()  # what is farther out comes into the light first
        lit.append(float(below.mean()))
    assert lit[0] == pytest.approx(0.15) and lit[-1] == pytest.approx(0.8)
    assert lit[0] < lit[1] < lit[2] < lit[3]


def test_at_rest_the_whole_shade_lies_there() -> None:
    _, clean, matte = shaded_foot()
    foot = foot_shade(matte, (clean != shaded_foot()[0]).any(-1), untouched(60, 80, standing=matte.copy()), reach_px=12)
    assert foot.mask[30:40].all() and not foot.mask[40:].any()
    assert (foot.share == 1).all()


def test_without_edge_treatment_the_shade_before_the_foot_is_nobodys_business() -> None:
    plate, clean, matte = shaded_foot()
    comp = composite(plate, clean, matte, None, untouched(60, 80), look=CompLook(edge_reach=0))
    assert np.array_equal(comp.rgb[10:30], clean[10:30])
    assert np.array_equal(comp.rgb[30:], plate[30:])


def test_shade_that_falls_into_shade_makes_it_no_darker() -> None:
    plate, clean, matte = shaded_foot()
    shadow = np.ones((60, 80, 3), np.float32)
    shadow[30:44] = 0.15 / 0.8
    layers = replace(untouched(60, 80, standing=matte.copy()), shadow=shadow)
    comp = composite(plate, clean, matte, None, layers, look=CompLook(edge_reach=0.2))
    assert np.allclose(comp.rgb[30:44], 0.15, atol=2e-3)
    fallen = composite(plate, clean, matte, None, replace(layers, standing=np.zeros_like(matte)), look=CompLook(edge_reach=0.2))
    assert np.allclose(fallen.rgb[30:44], 0.15, atol=2e-3)  # its own shade is gone; the dust that shades it now is not


def test_fallen_building_leaves_pure_background_and_no_fringe() -> None:
    plate, clean, matte = scene(4)
    comp = composite(plate, clean, matte, None, untouched())
    assert np.array_equal(comp.rgb[matte > 1e-4], clean[matte > 1e-4])


def test_unmatted_rim_goes_with_the_building_but_not_beyond_the_edge() -> None:
    matte = np.zeros((H, W), np.float32)
    matte[8:16, 8:16] = 1
    plate = np.full((H, W, 3), 0.8, np.float32)
    plate[7:17, 7:17] = 0.3  # the rim lies one pixel outside the matte
    clean = np.full((H, W, 3), 0.8, np.float32)
    comp = composite(plate, clean, matte, None, untouched(), look=CompLook(edge_reach=0.1))
    assert np.array_equal(comp.rgb, clean)
    kept = composite(plate, clean, matte, None, untouched(standing=matte.copy()), look=CompLook(edge_reach=0.1))
    assert np.array_equal(kept.rgb, plate)
    short = composite(plate, clean, matte, None, untouched(), look=CompLook(edge_reach=0))
    assert short.touched.sum() == 64


def test_rim_goes_only_beside_what_has_fallen() -> None:
    matte = np.zeros((H, W), np.float32)
    matte[8:16, 8:24] = 1
    plate = np.full((H, W, 3), 0.3, np.float32)
    clean = np.full((H, W, 3), 0.8, np.float32)
    standing = matte.copy()
    standing[:, 16:] = 0
    comp = composite(plate, clean, matte, None, untouched(standing=standing), look=CompLook(edge_reach=0.09))
    assert np.array_equal(comp.rgb[6:18, 18:24], clean[6:18, 18:24])
    assert np.array_equal(comp.rgb[:, :14], plate[:, :14])
    assert np.array_equal(comp.rgb[:5], plate[:5])


def test_soft_edge_goes_with_the_wall_that_carried_it() -> None:
    """Engines that count samples see a standing trace at a soft edge, although the wall behind it is gone."""
    plate, clean, matte = scene(17)
    soft = (matte > 0) & (matte < 0.5)
    standing = np.where(soft, np.float32(0.3), np.float32(0))
    comp = composite(plate, clean, matte, None, untouched(standing=standing))
    near = cv2.dilate((matte >= 0.5).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert np.array_equal(comp.rgb[soft & near], clean[soft & near])


def test_half_debris_before_standing_wall_shows_the_wall_between() -> None:
    plate, clean, _ = scene(5)
    matte = np.ones((H, W), np.float32)
    debris = np.full((H, W, 4), 0.5, np.float32)
    layers = replace(untouched(), debris=debris, standing=np.full((H, W), 0.5, np.float32))
    comp = composite(plate, clean, matte, None, layers, look=CompLook(light_wrap=0))
    assert np.allclose(comp.rgb, 0.5 + 0.5 * plate, atol=1e-6)


def test_recomposition_follows_the_standard_operators() -> None:
    plate, clean, matte = scene(6)
    layers = random_layers(7)
    look = CompLook(edge_reach=0, light_wrap=0)
    comp = composite(plate, clean, matte, None, layers, look=look)
    r = standing_share(matte, layers.standing, layers.debris[..., 3])[..., None].astype(np.float64)
    behind = (r * plate + (1 - r) * clean) * layers.shadow
    over = layers.debris[..., :3] + (1.0 - layers.debris[..., 3:]) * behind
    truth = layers.dust[..., :3] + (1.0 - layers.dust[..., 3:]) * over
    assert np.allclose(comp.rgb, truth, atol=1e-5)


def test_rounding_in_the_shadow_layer_touches_nothing() -> None:
    plate, clean, matte = scene(20)
    layers = replace(untouched(standing=matte.copy()), shadow=np.full((H, W, 3), 1 - 2e-7, np.float32))
    assert not composite(plate, clean, matte, None, layers).touched.any()


def test_values_above_one_and_below_zero_survive() -> None:
    plate, clean, matte = scene(8)
    clean = clean.copy()
    clean[12, 16] = (40.0, -0.25, 3.0)
    comp = composite(plate, clean, matte, None, untouched())
    assert np.array_equal(comp.rgb[12, 16], clean[12, 16])


def test_held_out_foreground_stays_before_debris_and_shadow() -> None:
    plate, clean, matte = scene(9)
    layers = replace(random_layers(10), dust=np.zeros((H, W, 4), np.float32))
    holdout = np.zeros((H, W), np.float32)
    holdout[:, :10] = 1
    comp = composite(plate, clean, matte, holdout, layers)
    assert np.array_equal(comp.rgb[:, :10], plate[:, :10])
    assert comp.touched[:, 12:].any()


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_dust_passes_before_the_holdout_by_its_share(share: float) -> None:
    plate, clean, matte = scene(11)
    dust = np.full((H, W, 4), 0.5, np.float32)
    standing = (matte > 0).astype(np.float32)
    layers = replace(untouched(standing=standing), dust=dust)
    comp = composite(plate, clean, matte, np.ones((H, W), np.float32), layers, look=CompLook(dust_over_holdout=share))
    assert np.allclose(comp.rgb, 0.5 * share + (1 - 0.5 * share) * plate, atol=1e-6)


def test_soft_holdout_edge_carries_no_rim_of_the_old_wall() -> None:
    """A black post before a white wall that gives way to a grey one: the edge mixes black and grey, never white."""
    x = np.arange(W, dtype=np.float32)
    post = np.clip(1.5 - np.abs(x - 16) / 2, 0, 1) * np.ones((H, 1), np.float32)
    plate = np.repeat((1 - post)[..., None], 3, axis=2).astype(np.float32)
    clean = np.full((H, W, 3), 0.25, np.float32)
    matte = np.ones((H, W), np.float32)
    comp = composite(plate, clean, matte, post.astype(np.float32), untouched())
    truth = np.repeat(((1 - post) * 0.25)[..., None], 3, axis=2)
    assert np.abs(comp.rgb - truth).max() < 0.02
    assert np.array_equal(behind_holdout(plate, post.astype(np.float32))[post == 0], plate[post == 0])


def test_grain_goes_to_new_pixels_only_and_adds_up_in_quadrature() -> None:
    plate, clean, matte = scene(12)
    seen = {}

    def grain(rgb: np.ndarray, *, where: np.ndarray) -> np.ndarray:
        seen["where"] = where.copy()
        return rgb + where[..., None]

    standing = (matte > 0).astype(np.float32)
    dust = np.zeros((H, W, 4), np.float32)
    dust[4:20, 4:28] = 0.4
    comp = composite(plate, clean, matte, None, replace(untouched(standing=standing), dust=dust), grain=grain)
    strength = seen["where"]
    assert np.isclose(strength.max(), np.sqrt(1 - 0.6**2), atol=1e-6)
    assert np.array_equal(comp.rgb[:4], plate[:4])
    assert np.isclose(comp.new[10, 10], 0.4)


def test_clean_plate_is_not_grained_twice() -> None:
    plate, clean, matte = scene(18)
    seen = {}

    def grain(rgb: np.ndarray, *, where: np.ndarray) -> np.ndarray:
        seen["where"] = where.copy()
        return rgb

    comp = composite(plate, clean, matte, None, untouched(), grain=grain)
    assert not seen["where"].any()
    assert comp.new.max() == 1


def test_light_wrap_brightens_rims_not_the_inside_nor_the_background() -> None:
    plate = np.full((60, 120, 3), 4.0, np.float32)
    matte = np.zeros((60, 120), np.float32)
    debris = np.zeros((60, 120, 4), np.float32)
    debris[10:50, 30:90] = (0.1, 0.1, 0.1, 1.0)
    layers = replace(untouched(60, 120), debris=debris)
    plain = composite(plate, plate, matte, None, layers, look=CompLook(light_wrap=0)).rgb
    wrapped = composite(plate, plate, matte, None, layers, look=CompLook(light_wrap=0.2, wrap_width=0.01)).rgb
    gain = (wrapped - plain)[..., 0]
    assert gain[30, 30] > 0.1
    assert abs(gain[30, 60]) < 1e-4
    assert not gain[:10].any()


def test_a_change_far_away_does_not_move_a_pixel() -> None:
    """The comp works in a window around what changes; how large it is must not be seen."""
    plate = np.random.default_rng(19).random((90, 160, 3)).astype(np.float32)
    debris = np.zeros((90, 160, 4), np.float32)
    debris[30:50, 40:70] = (0.2, 0.2, 0.2, 0.7)
    holdout = cv2.GaussianBlur((np.arange(160) % 50 < 6).astype(np.float32)[None].repeat(90, 0), (0, 0), 1.0)
    far = debris.copy()
    far[85:, 150:] = (0.1, 0.1, 0.1, 0.5)
    matte = np.zeros((90, 160), np.float32)
    one, two = (composite(plate, plate, matte, holdout, replace(untouched(90, 160), debris=d)).rgb for d in (debris, far))
    assert np.abs(one[:80, :140] - two[:80, :140]).max() < 1e-6


def test_same_input_gives_the_same_bits() -> None:
    plate, clean, matte = scene(13)
    layers = random_layers(14)
    one, two = (composite(plate, clean, matte, matte, layers).rgb for _ in range(2))
    assert np.array_equal(one.view(np.uint32), two.view(np.uint32))


def test_sizes_that_differ_are_named() -> None:
    plate, clean, matte = scene(15)
    with pytest.raises(MatteError, match=r"frame 1001: matte is 32x23 but the plate is 32x24"):
        composite(plate, clean, matte[:-1], None, untouched())
    with pytest.raises(SetpieceError, match=r"clean plate is 31x24"):
        composite(plate, clean[:, :-1], matte, None, untouched())


def test_nan_in_the_clean_plate_is_refused_by_frame_and_pixel() -> None:
    plate, clean, matte = scene(16)
    clean = clean.copy()
    clean[12, 16] = np.nan
    with pytest.raises(SetpieceError, match=r"frame 1001: the comp holds NaN .* x=16, y=12"):
        composite(plate, clean, matte, None, untouched())
