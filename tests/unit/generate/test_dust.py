"""The dust picture: nothing from nothing, held out by depth, shadowing itself as physics says, still in time."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numba
import numpy as np
import pytest

from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.core.light import Light
from setpiece.core.stage import Gas, Motion, Pieces
from setpiece.generate.engines.house.dust import PALE_RGB, DustLook, light_gas, march_dust, render_dust, solid_share
from setpiece.generate.engines.house.dust_noise import SIZE, billow_volume

CAMERA = Camera.looking(width=96, height=64, focal_px=80, height_m=1.6, pitch_deg=4)
LIGHT = Light(azimuth_deg=120, elevation_deg=40, sun_rgb=(3.0, 2.8, 2.5), sky_rgb=(0.6, 0.7, 0.9))
LOOK = DustLook()
NONE = np.full((64, 96), np.inf, np.float32)
ZERO = np.zeros((64, 96), np.float32)
ONE = np.ones((64, 96), np.float32)


def gas(density: np.ndarray, *, cell_m: float = 0.5, phase: float = 0.3) -> Gas:
    """A domain whose front is 16 m before the camera, textures at rest, on the half grid."""
    shape = density.shape
    origin = (-shape[0] * cell_m / 2 + cell_m / 2, 16.0 + cell_m / 2, cell_m / 2)
    axes = [o + cell_m * (np.arange(n // 2) * 2 + 0.5) for o, n in zip(origin, shape, strict=True)]
    rest = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).astype(np.float32)
    return Gas(
        frame=7,
        origin_m=origin,
        cell_m=cell_m,
        density=density.astype(np.float32),
        detail_a=rest,
        detail_b=rest.copy(),
        phase=phase,
    )


def ball(peak: float = 0.15) -> np.ndarray:
    """A round cloud of 3 m in the middle of a 24 x 24 x 20 domain."""
    x, y, z = np.indices((24, 24, 20)) - np.array([11.5, 11.5, 8.0])[:, None, None, None]
    return peak * np.clip(4 - 0.6 * np.sqrt(x * x + y * y + z * z), 0, 1)


def picture(cloud: Gas, **changes: object) -> np.ndarray:
    asked: dict[str, object] = {
        "depth_debris": NONE,
        "coverage": ZERO,
        "depth_background": NONE,
        "look": LOOK,
        "frame_seconds": 0.5,
        "seed": 3,
        "light": LIGHT,
        "camera": CAMERA,
    }
    asked.update(changes)
    light, camera = asked.pop("light"), asked.pop("camera")
    return render_dust(light_gas(cloud, light, look=LOOK), camera, light, **asked)  # type: ignore[arg-type]


def test_empty_gas_is_a_transparent_picture_and_casts_no_shadow() -> None:
    cloud = gas(np.zeros((24, 24, 20)))
    assert not picture(cloud).any()
    lit = light_gas(cloud, LIGHT, look=LOOK)
    assert (lit.sun_transmittance(np.array([[0, 20, 0], [0, 0, 0]], np.float32)) == 1).all()


def test_a_thick_cloud_is_opaque_in_its_middle_and_absent_beside_it() -> None:
    out = picture(gas(ball(0.4)))
    assert np.count_nonzero(out[..., 3] > 0.97) > 100
    assert out[:4, :4].max() == 0
    assert out[..., 3].max() <= 1
    assert out.min() >= 0
    assert np.isfinite(out).all()


def test_more_dust_hides_more() -> None:
    alphas = [picture(gas(ball(peak)))[..., 3].mean() for peak in (0.004, 0.02, 0.1, 0.5)]
    assert all(a < b for a, b in pairwise(alphas))


def test_debris_in_front_of_the_cloud_hides_it_and_debris_behind_does_not() -> None:
    cloud = gas(ball())
    free = picture(cloud)
    assert picture(cloud, coverage=ONE, depth_debris=np.full_like(NONE, 15.0)).max() == 0
    behind = picture(cloud, coverage=ONE, depth_debris=np.full_like(NONE, 60.0))
    np.testing.assert_allclose(behind, free, atol=2e-3)
    inside = picture(cloud, coverage=ONE, depth_debris=np.full_like(NONE, 20.5))[..., 3].mean()
    assert 0.05 * free[..., 3].mean() < inside < 0.95 * free[..., 3].mean()


def test_alpha_is_mixed_by_coverage_exactly() -> None:
    cloud, depth = gas(ball()), np.full_like(NONE, 20.5)
    free, half, whole = (picture(cloud, coverage=ZERO + np.float32(c), depth_debris=depth) for c in (0, 0.45, 0.9))
    np.testing.assert_allclose(half, (free + whole) / 2, atol=1e-5)
    assert free[..., 3].mean() > whole[..., 3].mean() + 0.02


def test_a_depth_edge_does_not_leak_dust_over_what_stands_in_front() -> None:
    depth = NONE.copy()
    depth[:, :48] = 10.0
    out = picture(gas(ball(0.4)), depth_background=depth)
    assert out[:, :48].max() == 0
    assert out[30:36, 48:54, 3].min() > 0.9


def test_twice_the_light_is_twice_the_radiance_and_the_same_alpha() -> None:
    cloud = gas(ball())
    double = replace(LIGHT, sun_rgb=(6.0, 5.6, 5.0), sky_rgb=(1.2, 1.4, 1.8))
    one, two = picture(cloud), picture(cloud, light=double)
    np.testing.assert_allclose(two[..., :3], 2 * one[..., :3], rtol=1e-4, atol=1e-6)
    assert np.array_equal(one[..., 3], two[..., 3])


def test_the_side_towards_the_sun_is_brighter() -> None:
    cloud = gas(ball(0.4))
    right = picture(cloud, light=replace(LIGHT, azimuth_deg=100, elevation_deg=25))
    left = picture(cloud, light=replace(LIGHT, azimuth_deg=260, elevation_deg=25))
    core = right[..., 3] > 0.9
    west, east = core.copy(), core.copy()
    west[:, 48:], east[:, :48] = False, False
    assert right[east, 1].mean() > 1.3 * right[west, 1].mean()
    assert left[west, 1].mean() > 1.3 * left[east, 1].mean()


def test_the_shaded_side_is_no_darker_than_a_sixth_of_the_lit_side() -> None:
    out = picture(
        gas(ball(0.4)), light=Light(azimuth_deg=260, elevation_deg=30, sun_rgb=(4.4, 4.1, 3.5), sky_rgb=(0.5, 0.6, 0.8))
    )
    level = out[out[..., 3] > 0.95][:, 1]
    dark, bright = np.percentile(level, [5, 95])
    assert bright / 6 < dark < bright / 2


def test_a_lit_thick_cloud_is_about_as_bright_as_its_stated_albedo() -> None:
    wall = np.zeros((24, 24, 20))
    wall[2:22, 4:20, :18] = 0.4
    behind = replace(LIGHT, azimuth_deg=180, elevation_deg=30)
    out = picture(gas(wall), light=behind)
    seen = out[25:35, 40:56, 1].mean() / out[25:35, 40:56, 3].mean()
    sun = behind.sun_rgb[1] * np.cos(np.radians(30)) + behind.sky_rgb[1] / 2
    assert seen * np.pi / sun == pytest.approx(PALE_RGB[1], rel=0.45)


def test_sunlight_through_an_even_slab_follows_beer_and_lambert() -> None:
    slab = np.zeros((24, 24, 20))
    slab[:, :, 6:14] = 0.004
    lit = light_gas(gas(slab), replace(LIGHT, elevation_deg=90), look=LOOK)
    points = np.array([[0, 22, 0.5], [0, 22, 9.5], [0, 22, 30.0], [0, 22, -5.0], [300, 22, 0]], np.float32)
    through = np.exp(-LOOK.extinction_m2_per_kg * 0.004 * 8 * 0.5)
    np.testing.assert_allclose(lit.sun_transmittance(points), [through, 1, 1, through, 1], rtol=0.02)


@pytest.mark.parametrize("azimuth", [0, 35, 90, 180, 250, 310])
def test_the_shadow_falls_away_from_the_sun(azimuth: float) -> None:
    light = replace(LIGHT, azimuth_deg=azimuth, elevation_deg=30)
    lit = light_gas(gas(ball(0.4)), light, look=LOOK)
    sun = np.array(light.direction)
    middle = np.array([0, 22, 4.0])
    shaded, lit_side = middle - 9 * sun, middle + 9 * sun
    points = np.stack([shaded, lit_side, middle - 3 * sun]).astype(np.float32)
    dark, bright, inside = lit.sun_transmittance(points)
    assert dark < 0.05
    assert bright == pytest.approx(1.0, abs=1e-3)
    assert inside < 0.1


def test_same_gas_same_bits_whatever_the_thread_count() -> None:
    cloud, before = gas(ball()), numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        one = picture(cloud)
    finally:
        numba.set_num_threads(before)
    assert one.tobytes() == picture(cloud).tobytes()


def test_a_cloud_at_rest_does_not_boil() -> None:
    cloud = gas(ball())
    now, next_frame = picture(cloud, frame_seconds=1.0), picture(cloud, frame_seconds=1.0 + 1 / 24)
    assert np.abs(now - next_frame).mean() < 2e-3


def test_blending_texture_fields_keeps_the_amount_of_dust() -> None:
    alphas = [picture(gas(ball(), phase=phase))[..., 3].mean() for phase in (0.0, 0.25, 0.5, 0.75)]
    assert max(alphas) - min(alphas) < 0.12 * np.mean(alphas)


def test_textures_on_the_full_grid_and_on_the_half_grid_agree() -> None:
    half = gas(ball())
    axes = [o + 0.5 * np.arange(n) for o, n in zip(half.origin_m, half.density.shape, strict=True)]
    rest = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).astype(np.float32)
    full = replace(half, detail_a=rest, detail_b=rest.copy())
    np.testing.assert_allclose(picture(full), picture(half), atol=2e-3)


def test_half_the_picture_size_shows_the_same_cloud() -> None:
    cloud = gas(ball())
    large = picture(cloud)
    small_camera = CAMERA.scaled(0.5)
    some = np.full((32, 48), np.inf, np.float32)
    small = picture(
        cloud, camera=small_camera, depth_debris=some, depth_background=some, coverage=np.zeros((32, 48), np.float32)
    )
    shrunk = large.reshape(32, 2, 48, 2, 4).mean(axis=(1, 3))
    assert np.abs(shrunk - small).mean() < 0.03


def test_gas_that_is_not_a_number_is_refused_with_its_frame() -> None:
    density = ball()
    density[3, 3, 3] = np.nan
    with pytest.raises(StageError, match="frame 7"):
        light_gas(gas(density), LIGHT, look=LOOK)


def test_billows_tile_and_have_a_flat_histogram() -> None:
    volume = billow_volume(3)
    assert volume.shape == (SIZE, SIZE, SIZE)
    for axis in range(3):
        steps = np.abs(np.diff(volume.astype(np.int16), axis=axis)).mean()
        seam = np.abs(volume.take(0, axis).astype(np.int16) - volume.take(-1, axis)).mean()
        assert seam < 1.3 * steps
    share = np.bincount(volume.ravel() >> 5, minlength=8) / volume.size
    assert share == pytest.approx(np.full(8, 1 / 8), abs=0.005)


def test_billows_depend_on_the_seed_alone() -> None:
    again = billow_volume.__wrapped__(3)
    assert np.array_equal(again, billow_volume(3))
    assert not np.array_equal(again, billow_volume(4))


def test_the_curtain_lies_behind_what_shows_and_before_what_does_not() -> None:
    cloud = gas(ball(0.6))
    marched = march_dust(light_gas(cloud, LIGHT, look=LOOK), CAMERA, LIGHT, reach_m=NONE, look=LOOK, frame_seconds=0.5, seed=3)
    assert marched is not None
    hides = np.isfinite(marched.curtain_m)
    assert np.count_nonzero(hides) > 50
    nothing = marched.layer(depth_debris=NONE, coverage=ZERO, depth_background=NONE)
    at_curtain = marched.layer(depth_debris=NONE, coverage=ZERO, depth_background=marched.curtain_m)
    assert at_curtain[hides, 3].min() > 0.999
    np.testing.assert_allclose(at_curtain[hides], nothing[hides], atol=1e-3)
    assert nothing[~hides, 3].min() < 0.5


def test_debris_amid_dust_lets_no_background_shine_through_its_rim() -> None:
    lit = light_gas(gas(ball(0.6)), LIGHT, look=LOOK)
    marched = march_dust(lit, CAMERA, LIGHT, reach_m=NONE, look=LOOK, frame_seconds=0.5, seed=3)
    assert marched is not None
    half, near = np.full_like(NONE, 0.5), np.full_like(NONE, 15.0)
    debris = np.full((64, 96, 4), 0.1, np.float32)
    debris[..., 3] = 0.5
    behind = marched.layer(depth_debris=near, coverage=ZERO, depth_background=NONE)
    sealed = marched.layer(depth_debris=near, coverage=half, depth_background=NONE, debris=debris)
    opaque = behind[..., 3] > 0.999
    assert opaque.any()
    background = 5.0
    comp = sealed[..., :3] + (1 - sealed[..., 3:]) * (debris[..., :3] + 0.5 * background)
    wanted = 0.5 * behind[..., :3] + debris[..., :3]
    np.testing.assert_allclose(comp[opaque], wanted[opaque], atol=0.17)  # unsealed, 1.2 of the background comes through


def test_pieces_shade_the_dust_behind_them() -> None:
    cloud = gas(ball(0.05))
    solids = np.zeros(cloud.density.shape, np.float32)
    solids[:, :, 14] = 0.6
    light = replace(LIGHT, elevation_deg=90)
    open_air, roofed = (light_gas(cloud, light, look=LOOK, solids=s) for s in (None, solids))
    assert (roofed.volume[8:16, 8:16, 8, 1] > open_air.volume[8:16, 8:16, 8, 1] + 0.05).all()
    below = np.array([[0.0, 22.0, 1.0]], np.float32)
    assert roofed.sun_transmittance(below) == open_air.sun_transmittance(below)


def test_solid_share_weighs_what_the_pieces_fill() -> None:
    corner = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
    pieces = Pieces(
        vertices=corner + np.array([-0.5, 21.0, 3.0], np.float32),
        triangles=np.zeros((0, 3), np.int32),
        triangle_piece=np.zeros(0, np.int32),
        triangle_face=np.zeros(0, np.int32),
        vertex_start=np.array([0, 8], np.int32),
        centre=np.array([[0, 21.5, 3.5]], np.float32),
        mass_kg=np.ones(1, np.float32),
        volume_m3=np.ones(1, np.float32),
        material=np.zeros(1, np.int32),
        part=np.zeros(1, np.int32),
        visible=np.ones(1, np.int32),
    )
    rest = np.array([[[1, 0, 0, 0]]], np.float32)
    motion = Motion(first=7, position=pieces.centre[None].copy(), rotation=rest, release=np.array([99], np.int32))
    cloud = gas(ball())
    share = solid_share(cloud, pieces, motion)
    assert float(share.sum()) * cloud.cell_m**3 == pytest.approx(1.0, rel=1e-4)
    x, y, z = (int(v) for v in np.unravel_index(int(share.argmax()), share.shape))
    place = np.array(cloud.origin_m) + cloud.cell_m * np.array([x, y, z])
    assert np.abs(place - pieces.centre[0]).max() <= 0.5
