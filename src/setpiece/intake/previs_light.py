"""Where, when and in what light: hours by the sun's height, so that dusk is dusk in every season and on both hemispheres.

Place in the flow: under :mod:`.previs_compose`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from setpiece.core.set_spec import Daylight, Opening, Side
from setpiece.intake.previs_places import Place
from setpiece.intake.previs_said import Mentions
from setpiece.intake.previs_vocabulary import CITIES, SEASONS, TIMES

# Times that are a height of the sun rather than an hour: degrees, and whether it rises.
_BY_SUN = {
    "dawn": (-3.0, True), "daybreak": (-2.0, True), "sunrise": (1.0, True), "before dawn": (-9.0, True), "golden hour": (6.0,
        False), "magic hour": (-1.0, False),
    "sunset": (1.0, False), "sundown": (0.5, False), "dusk": (-2.5, False), "twilight": (-4.5, False), "blue hour": (-6.0,
        False), "nightfall": (-9.0, False),
}  # fmt: skip
_NORTHERN_WINTER, _SOUTHERN_WINTER = 15, 196


# lumens a square metre that a mood adds; by day only where it is asked for
_KEY = {"natural": 6.0, "low_key": 5.0, "high_key": 120.0, "warm": 9.0, "cold": 22.0, "neon": 30.0}
_FILL = 3000.0  # lumens a square metre of window, under a sun overhead
_GEL = 3.5


def light_of(said: Mentions, place: Place, area_m2: float, assume: Callable[[str, object, str], None]) -> Daylight:
    """Daylight of a set; whatever the text does not say is as usual for the place."""
    usual_hour, usual_weather, usual_mood, key = place.light
    city, season, time = said.fact("city"), said.fact("season"), said.fact("time")
    latitude = CITIES[city] if city is not None else 40.0
    weather = said.fact("weather")
    if weather is None:
        weather = usual_weather
        assume("weather", weather, f"usual for a {place.name}")
    day = _day(season, weather, latitude)
    clock = said.fact("clock")
    if clock is not None:
        hour = float(clock) % 24.0
    elif time == "early evening":  # after work, and before it is quite dark
        hour = min(max(hour_of(-3.0, False, latitude, day), 17.0), TIMES[time] + 0.5)
    elif time in _BY_SUN:
        hour = hour_of(*_BY_SUN[time], latitude, day)
    elif time is not None:
        hour = TIMES[time] % 24.0
    else:
        hour = usual_hour % 24.0
        assume("hour", f"{hour:g}", f"usual for a {place.name}")
    mood = said.fact("mood")
    if mood is None:
        night = hour < 6.0 or hour > 20.5
        mood = "low_key" if night and usual_mood == "natural" else usual_mood
        assume("mood", mood, "it is night" if mood != usual_mood else f"usual for a {place.name}")
    if not key and not place.exterior:
        day_lit = 8.0 <= hour <= 17.0 and "window" in place.openings
        key = round(area_m2 * _KEY[mood] * (0.0 if day_lit and mood in ("natural", "low_key", "warm") else 1.0), -1)
        assume("key_lumens", f"{key:g}", f"what a {mood.replace('_', ' ')} mood adds to practicals and sky")
    return Daylight(latitude_deg=latitude, hour=round(hour, 3), day=day, weather=weather, mood=mood, key_lumens=key)


def day_fill(light: Daylight, openings: Sequence[Opening], *, assume: Callable[[str, object, str], None]) -> Daylight:
    """By day a cameraman lifts the room against its windows: soft fill, in lumens by the glass and the height of the sun."""
    glass = sum(one.width_m * one.height_m for one in openings if one.kind == "window")
    fill = round(_FILL * glass * math.sqrt(max(math.sin(math.radians(_sun_height(light))), 0.0)), -1)
    if fill <= light.key_lumens:
        return light
    assume("key_lumens", f"{fill:g}", "soft fill against the daylight in the windows")
    assume("gel_stops", f"{_GEL:g}", "neutral density in the windows, as for a day interior")
    return replace(light, key_lumens=fill, gel_stops=_GEL)


def _sun_height(light: Daylight) -> float:
    """Elevation of the sun, degrees."""
    latitude, angle = math.radians(light.latitude_deg), math.radians((light.hour - 12.0) * 15.0)
    declination = math.radians(23.45) * math.sin(2 * math.pi * (284 + light.day) / 365)
    height = math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(declination) * math.cos(angle)
    return math.degrees(math.asin(max(-1.0, min(1.0, height))))


def toward_windows(
    light: Daylight,
    openings: Sequence[Opening],
    *,
    exterior: bool,
    turn_deg: float,
    assume: Callable[[str, object, str], None],
) -> Daylight:
    """The set turned so that the sun comes in by its windows (or rakes along a street), ``turn_deg`` off square."""
    wall = next((one.wall for one in openings if one.kind == "window"), None)
    if wall is None and not exterior:
        return light
    facing = 205.0 if wall is None else {Side.NORTH: 0.0, Side.EAST: 90.0, Side.SOUTH: 180.0, Side.WEST: 270.0}[wall]
    north = (sun_azimuth(light) - facing - turn_deg) % 360.0
    assume(
        "north_deg",
        f"{north:.0f}",
        "the sun comes in by the windows" if wall is not None else "the sun rakes along the facades",
    )
    return replace(light, north_deg=round(north, 1))


def sun_azimuth(light: Daylight) -> float:
    """Azimuth of the sun, degrees clockwise from true north."""
    declination = math.radians(23.45) * math.sin(2 * math.pi * (284 + light.day) / 365)
    latitude, angle = math.radians(light.latitude_deg), math.radians((light.hour - 12.0) * 15.0)
    east = -math.cos(declination) * math.sin(angle)
    north = math.cos(latitude) * math.sin(declination) - math.sin(latitude) * math.cos(declination) * math.cos(angle)
    return math.degrees(math.atan2(east, north)) % 360.0


def hour_of(elevation_deg: float, rising: bool, latitude_deg: float, day: int) -> float:
    """Local solar time at which the sun stands so high; the nearest to it where it never does (polar day and night).

    Declination after Cooper (1969).
    """
    declination = math.radians(23.45) * math.sin(2 * math.pi * (284 + day) / 365)
    latitude = math.radians(latitude_deg)
    cosine = (math.sin(math.radians(elevation_deg)) - math.sin(latitude) * math.sin(declination)) / (
        math.cos(latitude) * math.cos(declination)
    )
    angle = math.degrees(math.acos(min(1.0, max(-1.0, cosine)))) / 15.0
    return 12.0 - angle if rising else 12.0 + angle


def _day(season: str | None, weather: str, latitude: float) -> int:
    south = latitude < 0
    if season in ("spring", "summer", "autumn", "winter", "midsummer", "midwinter", "fall season"):
        return (SEASONS[season] + (182 if south else 0) - 1) % 365 + 1
    if season is not None:
        return SEASONS[season]
    if weather == "snow":
        return _SOUTHERN_WINTER if south else _NORTHERN_WINTER
    return 105 if not south else 288
