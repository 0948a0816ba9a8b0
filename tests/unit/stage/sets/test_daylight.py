"""Sun and sky by place, day and hour, in numbers that a meter would read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_kinds import specification

from setpiece.core.set_spec import Daylight
from setpiece.stage.sets.daylight import mood_lamps, sky_of, sun_position


def test_at_the_equinox_the_sun_rises_in_the_east_and_stands_in_the_south_at_noon() -> None:
    azimuth, height = sun_position(Daylight(latitude_deg=40.0, day=81, hour=6.0))
    assert (azimuth, height) == (pytest.approx(90.0, abs=1.0), pytest.approx(0.0, abs=1.0))
    azimuth, height = sun_position(Daylight(latitude_deg=40.0, day=81, hour=12.0))
    assert (azimuth, height) == (pytest.approx(180.0, abs=1.0), pytest.approx(50.0, abs=1.0))


def test_in_the_south_the_noon_sun_stands_in_the_north() -> None:
    azimuth, _ = sun_position(Daylight(latitude_deg=-34.6, day=172, hour=12.0))
    assert min(azimuth, 360.0 - azimuth) < 1.0


def test_turning_the_plan_turns_the_sun_the_other_way() -> None:
    light = Daylight(latitude_deg=48.0, day=120, hour=15.0)
    assert (sun_position(light)[0] - sun_position(replace(light, north_deg=30.0))[0]) % 360 == pytest.approx(30.0)


def test_a_clear_noon_has_a_hundred_thousand_lux_and_an_overcast_one_no_sun() -> None:
    clear, grey = (
        sky_of(Daylight(latitude_deg=35.0, day=172, hour=12.0, weather=weather)) for weather in ("clear", "overcast")
    )
    assert 85_000 < clear.sun_lux < 115_000
    assert 10_000 < clear.sky_lux < 20_000
    assert grey.sun_lux < 50 and 10_000 < grey.sky_lux < 25_000


def test_the_low_sun_is_weaker_and_warmer() -> None:
    low, high = (sky_of(Daylight(latitude_deg=40.0, day=172, hour=hour)) for hour in (18.7, 12.0))
    assert low.sun_lux < 0.5 * high.sun_lux and low.sun_kelvin < high.sun_kelvin - 1000


@given(
    hour=st.floats(0, 24),
    day=st.integers(1, 365),
    latitude=st.floats(-66, 66),
    weather=st.sampled_from(["clear", "hazy", "overcast", "rain", "snow", "fog"]),
)
def test_there_is_always_a_little_light_and_never_a_sun_below_the_horizon(
    hour: float, day: int, latitude: float, weather: str
) -> None:
    sky = sky_of(Daylight(latitude_deg=latitude, day=day, hour=hour, weather=weather))
    assert sky.sky_lux > 0.01
    assert sky.sun_lux == 0 or sky.sun_elevation_deg > 0


@pytest.mark.parametrize("mood", ["natural", "low_key", "high_key", "warm", "cold", "neon"])
def test_a_mood_adds_the_lumens_that_it_was_given_and_none_without(mood: str) -> None:
    spec = replace(specification(1), light=Daylight(mood=mood, key_lumens=900.0))
    assert sum(lamp.lumens for lamp in mood_lamps(spec)) == pytest.approx(900.0)
    assert mood_lamps(replace(spec, light=Daylight(mood=mood))) == ()
