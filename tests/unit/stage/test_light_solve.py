import numpy as np
import pytest
from drawn_house import draw_house

from setpiece.core.errors import StageError
from setpiece.core.pictures import Matte
from setpiece.stage.light_solve import MEAN_ALBEDO, StatedLight, solve_light
from setpiece.stage.line_segments import LUMA

FACING = ((0.2, -0.98),)


def solved(side: float = -1.0, stated: StatedLight | None = None, gain: float = 1.0):
    house = draw_house(sun_side=side)
    return solve_light(house.plate * np.float32(gain), Matte(coverage=house.coverage), house.camera, FACING, stated)


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_the_sun_is_on_the_side_where_the_sky_glows(side):
    azimuth = (solved(side).azimuth_deg + 180) % 360 - 180
    assert np.sign(azimuth) == side


def test_grey_ground_under_the_solved_light_shows_the_plates_level():
    house = draw_house()
    light = solved()
    shown = MEAN_ALBEDO * (np.array(light.sun_rgb) * light.direction[2] + np.array(light.sky_rgb))
    measured = float(np.median(house.plate[-40:] @ LUMA))
    assert float(shown @ LUMA) == pytest.approx(measured, rel=0.1)


def test_dark_asphalt_does_not_darken_the_light():
    house = draw_house()
    wet = house.plate.copy()
    wet[(np.arange(wet.shape[0])[:, None] > house.camera.horizon_y()) & (house.coverage < 0.01)] *= 0.25
    wet_light = solve_light(wet, Matte(coverage=house.coverage), house.camera, FACING)
    assert np.array(wet_light.sky_rgb) == pytest.approx(np.array(solved().sky_rgb), rel=0.35)


def test_a_level_sky_irradiates_with_about_its_own_level():
    house = draw_house()
    sky = (np.arange(house.plate.shape[0])[:, None] < house.camera.horizon_y()) & (house.coverage < 0.01)
    level = float(np.median(house.plate[sky] @ LUMA))
    assert 0.5 * level < float(np.array(solved().sky_rgb) @ LUMA) < 1.1 * level


def test_a_brighter_plate_has_a_brighter_light_of_the_same_direction():
    once, twice = solved(), solved(gain=2.0)
    assert np.array(twice.sun_rgb) == pytest.approx(2 * np.array(once.sun_rgb), rel=0.02)
    assert twice.azimuth_deg == pytest.approx(once.azimuth_deg, abs=1.0)


def test_what_is_stated_stands_and_raises_confidence():
    stated = StatedLight(
        azimuth_deg=123.0, elevation_deg=17.0, sun_rgb=(3.0, 2.0, 1.0), sky_rgb=(0.1, 0.2, 0.3), sun_size_deg=2.0
    )
    light = solved(stated=stated)
    assert (light.azimuth_deg, light.elevation_deg) == (123.0, 17.0)
    assert light.sun_rgb == (3.0, 2.0, 1.0) and light.sky_rgb == (0.1, 0.2, 0.3)
    assert light.sun_size_deg == 2.0
    assert light.confidence == pytest.approx(1.0)
    assert solved().confidence < 0.9


def test_the_suns_side_of_a_sunlit_facade_is_in_front_of_it():
    house = draw_house()
    bright = house.plate.copy()
    bright[house.coverage > 0.9] *= 4
    light = solve_light(bright, Matte(coverage=house.coverage), house.camera, FACING)
    assert np.dot(light.direction[:2], FACING[0]) > 0


def test_a_dull_white_sky_gives_a_weak_wide_sun():
    house = draw_house()
    flat = house.plate.copy()
    sky = np.arange(flat.shape[0])[:, None] < house.camera.horizon_y()
    flat[sky & (house.coverage < 0.01)] = (0.7, 0.7, 0.72)
    light = solve_light(flat, Matte(coverage=house.coverage), house.camera, FACING)
    assert light.sun_size_deg > 5
    assert float(np.array(light.sun_rgb) @ LUMA) < float(np.array(light.sky_rgb) @ LUMA)


def test_a_black_plate_is_refused():
    house = draw_house()
    with pytest.raises(StageError, match="black"):
        solve_light(np.zeros_like(house.plate), Matte(coverage=house.coverage), house.camera, FACING)
