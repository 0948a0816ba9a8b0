"""Sun, sky and the light of a mood: from place, hour and weather to numbers that a photometer would read.

Place in the flow: the assembly asks here. Daylight availability after the Illuminating Engineering Society (1984), air mass
after Kasten and Young (1989), declination after Cooper (1969); twilight by the logarithm of its measured course.
"""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import Lamp, LampShape, Sky
from setpiece.core.set_spec import Daylight, SetSpec, Side

# weather: extinction of the sun, sky A + B sin(elevation)^C in klx, turbidity, cloud
_WEATHER = {
    "clear": (0.21, 0.8, 15.5, 0.5, 2.6, 0.1),
    "hazy": (0.45, 0.5, 24.0, 0.8, 6.0, 0.35),
    "overcast": (9.0, 0.3, 21.0, 1.0, 5.0, 1.0),
    "rain": (12.0, 0.2, 11.0, 1.0, 5.0, 1.0),
    "snow": (9.0, 0.3, 17.0, 1.0, 5.0, 1.0),
    "fog": (6.0, 0.3, 15.0, 1.0, 9.0, 1.0),
}
_SOLAR_KLX = 127.5
_TWILIGHT = ((-18.0, -18.0, -12.0, -6.0, -3.0, 0.0), (-1.4, -1.4, -0.7, 0.5, 1.7, 2.75))  # degrees, log10 lux; towns glow
_FOG_M = 70.0


def sun_position(light: Daylight) -> tuple[float, float]:
    """(azimuth clockwise from the plan's +y, elevation) of the sun, degrees."""
    latitude = math.radians(light.latitude_deg)
    declination = math.radians(23.45) * math.sin(2 * math.pi * (284 + light.day) / 365)
    angle = math.radians((light.hour - 12.0) * 15.0)
    height = math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(declination) * math.cos(angle)
    elevation = math.asin(max(-1.0, min(1.0, height)))
    east = -math.cos(declination) * math.sin(angle)
    north = math.cos(latitude) * math.sin(declination) - math.sin(latitude) * math.cos(declination) * math.cos(angle)
    return (math.degrees(math.atan2(east, north)) - light.north_deg) % 360.0, math.degrees(elevation)


def sky_of(light: Daylight) -> Sky:
    """Sun and sky at the place, day and hour, in that weather, as they come through the gels in the windows."""
    azimuth, elevation = sun_position(light)
    extinction, a, b, c, turbidity, cloud = _WEATHER[light.weather]
    twilight = 10 ** float(np.interp(elevation, *_TWILIGHT)) * (0.6 if cloud > 0.9 else 1.0)
    sun, sky = 0.0, twilight
    if elevation > 0:
        rise = math.sin(math.radians(elevation))
        mass = 1.0 / (rise + 0.50572 * (elevation + 6.07995) ** -1.6364)
        sun = 1000 * _SOLAR_KLX * math.exp(-extinction * mass)
        sky = max(twilight, 1000 * (a + b * rise**c))
    gel = 0.5**light.gel_stops
    return Sky(
        sun_azimuth_deg=azimuth,
        sun_elevation_deg=elevation,
        sun_lux=round(sun * gel, 3),
        sky_lux=round(sky * gel, 4),
        sun_kelvin=round(5600.0 - 3300.0 * math.exp(-max(elevation, 0.0) / 11.0)),
        turbidity=turbidity,
        cloud=cloud,
        fog_m=_FOG_M if light.weather == "fog" else None,
    )


_MOOD_STOPS = {"low_key": -1.0, "neon": -0.9, "warm": -0.3, "cold": -0.3, "high_key": 0.4}
_NIGHT_STOPS = -0.8


def mood_stops(spec: SetSpec) -> float:
    """How far from its meter a camera is held, stops: a low key is dark, and a street at night is night."""
    night = spec.exterior and sun_position(spec.light)[1] < -4.0
    return _MOOD_STOPS.get(spec.light.mood, 0.0) + (_NIGHT_STOPS if night else 0.0)


def _across(spec: SetSpec) -> tuple[tuple[float, float, float], tuple[float, float], tuple[float, float, float]]:
    """Where a bounce stands that faces the windows: its position, size and direction."""
    w, d, h = spec.width_m, spec.depth_m, spec.height_m
    wall = next((one.wall for one in spec.openings if one.kind == "window"), Side.NORTH)
    x, y = {Side.NORTH: (0.0, 1.0), Side.SOUTH: (0.0, -1.0), Side.EAST: (1.0, 0.0), Side.WEST: (-1.0, 0.0)}[wall]
    high = 0.62 * h
    return (-0.47 * w * x, -0.47 * d * y, high), (0.7 * (d if x else w), 0.5 * h), (x, y, -0.25)


def mood_lamps(spec: SetSpec) -> tuple[Lamp, ...]:
    """What a mood adds to practicals and sky: few soft sources, ``key_lumens`` in all; none where it is 0. By day, in a room
    with windows, it is soft fill of daylight's colour, from above and from across the room, as a cameraman bounces it."""
    total = spec.light.key_lumens
    if total <= 0:
        return ()
    w, d, h = spec.width_m, spec.depth_m, spec.height_m
    top = h - 0.06
    soft = (w * 0.45, d * 0.45)
    magenta, blue = (1.0, 0.12, 0.55), (0.12, 0.28, 1.0)
    north, south = (0.0, -0.7, -1.0), (0.0, 0.6, -1.0)
    windows = any(one.kind == "window" for one in spec.openings)
    by_day = windows and not spec.exterior and spec.light.mood != "neon" and sun_position(spec.light)[1] > 3.0
    mood = "day" if by_day else spec.light.mood
    plans: dict[str, tuple[tuple[float, float, tuple[float, float, float], tuple[float, float], tuple[float, float, float],
        tuple[float, float, float]], ...]] = {
        # share, kelvin, position, size, direction, tint
        "natural": ((1.0, 4600.0, (0.0, 0.0, top), soft, (0.0, 0.0, -1.0), (1.0, 1.0, 1.0)),),
        "day": (
            (0.45, 5200.0, (0.0, 0.0, top), (w * 0.6, d * 0.6), (0.0, 0.0, -1.0), (1.0, 1.0, 1.0)),
            (0.55, 5200.0, *_across(spec), (1.0, 1.0, 1.0)),
        ),
        "high_key": ((1.0, 4800.0, (0.0, 0.0, top), (w * 0.7, d * 0.7), (0.0, 0.0, -1.0), (1.0, 1.0, 1.0)),),
        "low_key": ((1.0, 3000.0, (-0.2 * w, 0.38 * d, top), (0.6, 0.4), north, (1.0, 1.0, 1.0)),),
        "warm": (
            (0.65, 2700.0, (0.25 * w, 0.3 * d, top), (0.8, 0.6), north, (1.0, 1.0, 1.0)),
            (0.35, 2400.0, (-0.3 * w, -0.2 * d, top), (1.0, 0.8), south, (1.0, 1.0, 1.0)),
        ),
        "cold": ((1.0, 6300.0, (0.0, 0.15 * d, top), soft, (0.0, 0.0, -1.0), (1.0, 1.0, 1.0)),),
        "neon": (
            (0.5, 4000.0, (-0.4 * w, 0.25 * d, top), (0.4, 1.6), (0.6, -0.2, -1.0), magenta),
            (0.35, 4000.0, (0.4 * w, 0.1 * d, top), (0.4, 1.6), (-0.6, -0.1, -1.0), blue),
            (0.15, 3200.0, (0.0, 0.42 * d, top), (1.2, 0.4), north, (1.0, 0.75, 0.5)),
        ),
    }  # fmt: skip
    return tuple(
        Lamp(shape=LampShape.AREA, position_m=place, lumens=total * share, kelvin=kelvin, tint=tint, size_m=size,
            direction=way,
             group="mood")
        for share, kelvin, place, size, way, tint in plans.get(mood, plans["natural"])
    )  # fmt: skip
