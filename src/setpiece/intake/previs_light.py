"""Where, when and in what light: hours by the sun's height, so that dusk is dusk in every season and on both hemispheres.

Place in the flow: under :mod:`.previs_compose`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from setpiece.core.set_spec import Daylight
from setpiece.intake.previs_mentions import Mentions
from setpiece.intake.previs_places import Place
from setpiece.intake.previs_vocabulary import CITIES, SEASONS, TIMES

# Times that are a height of the sun rather than an hour: degrees, and whether it rises.
_BY_SUN = {
    "dawn": (-3.0, True), "daybreak": (-2.0, True), "sunrise": (1.0, True), "before dawn": (-9.0, True), "golden hour": (6.0, False), "magic hour": (-1.0, False),
    "sunset": (1.0, False), "sundown": (0.5, False), "dusk": (-2.5, False), "twilight": (-4.5, False), "blue hour": (-6.0, False), "nightfall": (-9.0, False),
}  # fmt: skip
_NORTHERN_WINTER, _SOUTHERN_WINTER = 15, 196


def light_of(said: Mentions, place: Place, assume: Callable[[str, object, str], None]) -> Daylight:
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
    return Daylight(latitude_deg=latitude, hour=round(hour, 3), day=day, weather=weather, mood=mood, key_lumens=key)


def hour_of(elevation_deg: float, rising: bool, latitude_deg: float, day: int) -> float:
    """Local solar time at which the sun stands so high; the nearest to it where it never does (polar day and night).

    Declination after Cooper (1969).
    """
    declination = math.radians(23.45) * math.sin(2 * math.pi * (284 + day) / 365)
    latitude = math.radians(latitude_deg)
    cosine = (math.sin(math.radians(elevation_deg)) - math.sin(latitude) * math.sin(declination)) / (math.cos(latitude) * math.cos(declination))
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
