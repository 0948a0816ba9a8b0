"""What lights a set, in numbers: the colour of a lamp by its temperature, and the sky as a picture that gives stated lux.

Pure functions; the Blender worker and USD take what they return. Radiance 1 stands for :data:`NITS` cd/m2 everywhere in the
stage's pictures before exposure, so that lumens, lux and nits divide by the same number.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb, frozen
from setpiece.core.errors import StageError
from setpiece.core.scene import Sky
from setpiece.media.colour import luminance

NITS = 100.0
"""cd/m2 of a surface that the unexposed picture shows as 1."""

SKY_PX = (1024, 512)
_HC_K = 1.438776877e-2  # second radiation constant, m K
_XYZ_TO_AP1 = np.array(
    [[1.6410233797, -0.3248032942, -0.2364246952], [-0.6636628587, 1.6153315917, 0.0167563477],
     [0.0117218943, -0.0082844420, 0.9883948585]]
)  # fmt: skip
_LOWEST_K, _HIGHEST_K = 800.0, 40000.0


def _lobe(nm: np.ndarray, centre: float, below: float, above: float) -> np.ndarray:
    width = np.where(nm < centre, below, above)
    return np.asarray(np.exp(-0.5 * ((nm - centre) / width) ** 2))


@lru_cache(maxsize=256)
def light_colour(kelvin: float) -> tuple[float, float, float]:
    """ACEScg of a black body at ``kelvin``, luminance 1 (Planck; colour matching by Wyman, Sloan and Shirley, 2013).

    Not adapted: 6000 K is near the white of ACEScg. Raises :class:`StageError` outside 800..40000 K.

    >>> warm = light_colour(2700.0)
    >>> warm[0] > warm[1] > warm[2]
    True
    """
    if not _LOWEST_K <= kelvin <= _HIGHEST_K:
        raise StageError(
            f"a lamp of {kelvin:.0f} K is no lamp", remedy="state 1800 K (candle) to 12000 K (shade under a clear sky)"
        )
    nm = np.arange(380.0, 781.0, 5.0)
    power = nm**-5.0 / np.expm1(_HC_K / (nm * 1e-9 * kelvin))
    x = 1.056 * _lobe(nm, 599.8, 37.9, 31.0) + 0.362 * _lobe(nm, 442.0, 16.0, 26.7) - 0.065 * _lobe(nm, 501.1, 20.4, 26.2)
    y = 0.821 * _lobe(nm, 568.8, 46.9, 40.5) + 0.286 * _lobe(nm, 530.9, 16.3, 31.1)
    z = 1.217 * _lobe(nm, 437.0, 11.8, 36.0) + 0.681 * _lobe(nm, 459.0, 26.0, 13.8)
    xyz = np.array([(power * curve).sum() for curve in (x, y, z)])
    rgb = np.maximum(_XYZ_TO_AP1 @ (xyz / xyz[1]), 1e-3)
    rgb /= float(luminance(rgb.astype(np.float32)))
    return (float(rgb[0]), float(rgb[1]), float(rgb[2]))


def toward_sun(sky: Sky) -> tuple[float, float, float]:
    """The unit vector to the sun: azimuth clockwise from north (+y), elevation above level ground."""
    azimuth, height = math.radians(sky.sun_azimuth_deg), math.radians(sky.sun_elevation_deg)
    return (math.sin(azimuth) * math.cos(height), math.cos(azimuth) * math.cos(height), math.sin(height))


def _directions(width: int, height: int) -> Float32[np.ndarray, "h w 3"]:
    """Where each pixel of Blender's latitude-longitude picture looks, unit vectors."""
    turn = ((np.arange(width) + 0.5) / width - 0.5) * 2 * math.pi
    rise = (0.5 - (np.arange(height) + 0.5) / height) * math.pi
    level = np.cos(rise)[:, None]
    return np.stack(
        [level * np.cos(turn), -level * np.sin(turn), np.broadcast_to(np.sin(rise)[:, None], (height, width))], axis=-1
    ).astype(np.float32)


def _fractal(points: np.ndarray, seed: int, octaves: int) -> Plane:
    """Smooth noise about 0 at plane ``points`` (…, 2): value noise on a lattice, halving in scale and strength."""
    generator = np.random.default_rng(seed)
    total = np.zeros(points.shape[:-1], np.float32)
    for octave in range(octaves):
        lattice = generator.standard_normal((64, 64)).astype(np.float32)
        at = points * 2.0**octave + generator.uniform(0, 64, 2)
        low = np.floor(at).astype(np.int64)
        share = at - low
        share = share * share * (3 - 2 * share)
        x0, y0 = low[..., 0] % 64, low[..., 1] % 64
        x1, y1 = (x0 + 1) % 64, (y0 + 1) % 64
        upper = lattice[y0, x0] * (1 - share[..., 0]) + lattice[y0, x1] * share[..., 0]
        lower = lattice[y1, x0] * (1 - share[..., 0]) + lattice[y1, x1] * share[..., 0]
        total += ((upper * (1 - share[..., 1]) + lower * share[..., 1]) * 0.5 ** (octave + 1)).astype(np.float32)
    return total


@lru_cache(maxsize=4)
def sky_picture(sky: Sky, *, seed: int, size: tuple[int, int] = SKY_PX) -> Rgb:
    """The sky without its sun as a latitude-longitude picture (h, w, 3), ACEScg, in units of :data:`NITS`.

    Its upper half gives ``sky_lux`` on level open ground to within rounding; the lower half is a dim ground. Clear skies
    follow Perez, Seals and Michalsky (1993), all-weather model, with coefficients for clear and overcast air blended by
    ``turbidity`` and ``cloud``.
    """
    way = _directions(*size)
    sun = np.array(toward_sun(sky), np.float32)
    rise = np.maximum(way[..., 2], 0.02)
    apart = np.arccos(np.clip(way @ sun, -1, 1))
    haze = float(np.clip((sky.turbidity - 2) / 8, 0, 1))
    night = sky.sun_elevation_deg < -6
    near_sun = 1 + (10 - 6 * haze) * np.exp(-3 * apart) + 0.45 * np.cos(apart) ** 2
    clear = (1 + (-1.0 + 0.35 * haze) * np.exp(-0.32 / rise)) * near_sun
    overcast = (1 + 2 * rise) / 3
    low = math.exp(-max(sky.sun_elevation_deg, 0) / 9)
    zenith = np.array(light_colour(4000 if night else 20000 - 8000 * haze), np.float32) * np.array([0.9, 1.03, 1.0], np.float32)
    if night:
        zenith = np.array([0.6, 0.87, 1.75], np.float32)
    horizon = np.array(light_colour(7500 - 2500 * haze), np.float32)
    toned = np.array(light_colour(3000 if not night else 2600), np.float32)
    climb = np.clip(rise, 0, 1)[..., None] ** 0.45
    blue = horizon * (1 - climb) + zenith * climb
    glow = (np.exp(-apart / 0.55) * np.exp(-rise / 0.22))[..., None] * (low if not night else 0.0)
    deep = float(np.clip((4 - sky.sun_elevation_deg) / 8, 0, 1)) * 0.75  # the blue hour: ozone takes the yellow out
    blue = blue * (1 - deep) + np.array([0.5, 0.86, 2.1], np.float32) * deep
    blue = blue * (1 - glow) + toned * glow
    made = np.where(way[..., 2:] > 0, clear[..., None] * blue, 0).astype(np.float32)
    cover = np.zeros((*way.shape[:2], 1), np.float32)
    above = (len(way) + 1) // 2
    cover[:above, :, 0] = _cover(sky, way[:above], seed)
    lit = 1.0 if sky.sun_lux > 0 and sky.sun_elevation_deg > 0 else 0.4  # clouds in the sun outshine the blue between them
    share = lit * float(np.clip(2.2 - 2.2 * sky.cloud, 0, 1))
    overcast = overcast * (1 - share) + share * (1.1 + 0.9 * np.exp(-apart / 0.7))
    grey = overcast[..., None] * np.array(
        light_colour(6500 if sky.sun_elevation_deg > 2 else 8500 if not night else 4500), np.float32
    )
    made = made / max(_lux(made), 1e-9) * (1 - cover) + grey / max(_lux(grey * (way[..., 2:] > 0)), 1e-9) * (1 + share) * cover
    made = np.where(way[..., 2:] > 0, made, 0).astype(np.float32)
    made *= np.float32(sky.sky_lux / NITS / max(_lux(made), 1e-12))
    ground = 0.18 * (sky.sky_lux + max(sky.sun_lux * math.sin(math.radians(max(sky.sun_elevation_deg, 0))), 0)) / math.pi / NITS
    below = np.array([1.04, 1.0, 0.92], np.float32) * np.float32(ground)
    return frozen(np.where(way[..., 2:] > 0, made, below).astype(np.float32))


def _cover(sky: Sky, way: np.ndarray, seed: int) -> Plane:
    """How much cloud stands in each direction above, 0..1: a flat layer overhead, so that it crowds to the horizon."""
    if sky.cloud <= 0.01:
        return np.zeros(way.shape[:2], np.float32)
    plane = way[..., :2] / (np.abs(way[..., 2:]) + 0.3)
    field = _fractal(plane * 1.3, seed, 6)
    edge = np.quantile(field, 1 - sky.cloud)
    cover = np.clip((field - edge) / 0.9 + 0.25, 0, 1)
    cover = cover * cover * (3 - 2 * cover)
    far = np.clip(way[..., 2] / 0.12, 0, 1)  # crowded at the horizon: an even haze
    cover = cover * far + sky.cloud * (1 - far)
    return np.asarray(np.maximum(cover, np.clip(sky.cloud * 4 - 3, 0, 1)), np.float32)


def _lux(made: Rgb) -> float:
    """Illuminance of level ground under the upper half of a latitude-longitude picture (its radiance times pi, weighed)."""
    height, width = made.shape[:2]
    rise = (0.5 - (np.arange(height) + 0.5) / height) * math.pi
    weight = np.cos(rise) * np.maximum(np.sin(rise), 0) * (math.pi / height) * (2 * math.pi / width)
    return float((luminance(made).astype(np.float64) * weight[:, None]).sum())
