"""The light of a plate: where the sun stands, how strong it is against the sky, and their colours.

Cues, each worth little alone: the sky glows towards the sun; ground of one colour shows two levels where there is sun
and shade; a facade as dark as the shaded ground has the sun behind it. They give a first guess for a relight, with a
confidence that says how much of it was seen; every value can be stated instead. It refuses to guess from black
plates. Levels are the plate's own: an open sky of one level irradiates the ground with just that level, so that the sky
in the picture is a light meter that no dark asphalt deceives; surfaces (``MEAN_ALBEDO``) only check it, or stand in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from setpiece.core.arrays import Mask, Rgb
from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.core.light import Light
from setpiece.core.pictures import Matte
from setpiece.media.sky import find_sky
from setpiece.stage.line_segments import LUMA
from setpiece.stage.matte import foot_line

MEAN_ALBEDO = 0.35
WORK_PX = 480
USUAL_ELEVATION_DEG = 35.0
SKY_SHARE = 0.75  # of the level seen around a building that the whole sky irradiates with: the zenith is darker
MOST_SUN_OVER_SKY = 7.0  # the clearest air gives no more
SUN_OVER_SKY = 4.5  # irradiance of the sun, facing it, over that of a clear sky, where shadows do not tell
WALL_SKY_SHARE = 0.65  # of the level sky irradiance that an upright wall gets: half the sky, and light off the ground


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedLight:
    """What the brief states about the light; None: find it. Conventions of :class:`Light`."""

    azimuth_deg: float | None = None
    elevation_deg: float | None = None
    sun_rgb: tuple[float, float, float] | None = None
    sky_rgb: tuple[float, float, float] | None = None
    sun_size_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Levels:
    """Mean colours: ``lit`` and ``shade`` of level ground, and the facade; ``contrast`` lit over shade, 1: no shadow;
    ``pale`` is the luminance of the facade's palest tenth, ``sky`` that of the sky seen, 0: none seen."""

    lit: np.ndarray
    shade: np.ndarray
    contrast: float
    facade: np.ndarray
    pale: float
    sky: float


def solve_light(
    plate: Rgb,
    matte: Matte,
    camera: Camera,
    facade_normals: tuple[tuple[float, float], ...],
    stated: StatedLight | None = None,
) -> Light:
    """Solve the light of ``plate`` (ACEScg). ``facade_normals``: level unit vectors (x, y), main facade first.

    Raises :class:`StageError` where the plate is black. Azimuth and elevation as in :class:`Light`.
    """
    stated = stated or StatedLight()
    height, width = plate.shape[:2]
    coverage = matte.fits((width, height)).coverage
    scale = min(1.0, WORK_PX / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = np.maximum(cv2.resize(plate, size, interpolation=cv2.INTER_AREA), 0)
    building = cv2.resize(coverage, size, interpolation=cv2.INTER_AREA)
    if float((small @ LUMA).max()) <= 1e-6:
        raise StageError("the plate is black: there is no light to solve", remedy="check the plate's colour space")
    view = camera.scaled(size[0] / width)
    sky = find_sky(small) & (building < 0.02)
    levels = _levels(small, building, sky, view)
    overcast = _looks_overcast(small, sky, levels)
    azimuth, elevation, glow = _sun_from_sky(small, sky, view)
    normal = facade_normals[0] if facade_normals else (0.0, -1.0)
    azimuth, elevation, sure = _agree_with_facade(azimuth, elevation, glow, levels, normal, overcast)
    reach = None if overcast else _shadow_reach(plate, matte, camera, levels, normal)
    if reach is not None:
        azimuth, sure = _turn_to_shadow(azimuth, elevation, reach, normal), min(0.9, sure + 0.1)
    azimuth = azimuth if stated.azimuth_deg is None else stated.azimuth_deg
    elevation = elevation if stated.elevation_deg is None else stated.elevation_deg
    towards = np.cos(np.radians(elevation)) * np.cos(np.radians(azimuth) - np.arctan2(normal[0], normal[1]))
    sun, sky_rgb = _irradiance(levels, elevation, float(towards), overcast)
    known = [stated.azimuth_deg, stated.elevation_deg, stated.sun_rgb, stated.sky_rgb]
    given = sum(value is not None for value in known) / len(known)
    return Light(
        azimuth_deg=float(azimuth) % 360,
        elevation_deg=float(elevation),
        sun_rgb=stated.sun_rgb or sun,
        sky_rgb=stated.sky_rgb or sky_rgb,
        sun_size_deg=stated.sun_size_deg or (25.0 if overcast else 0.53),
        confidence=round(sure + (1 - sure) * given, 3),
    )


def _levels(small: Rgb, building: np.ndarray, sky: Mask, camera: Camera) -> _Levels:
    """Measure ground in sun and shade and the facade. Ground: below the building's foot, one colour family at a
    time (a lawn beside gravel is not a shadow)."""
    height = small.shape[0]
    luma = small @ LUMA
    solid = building > 0.9
    foot = np.flatnonzero((building > 0.5).any(1))
    start = max(camera.horizon_y(), float(foot[-1]) if len(foot) else 0.0)
    rows = np.arange(height)[:, None]
    ground = (rows > start + 1) & (building < 0.02) & ~sky
    facade = np.median(small[solid], axis=0) if solid.any() else np.median(small.reshape(-1, 3), axis=0)
    pale = float(np.percentile(luma[solid], 90)) if solid.any() else float(facade @ LUMA)
    above = float(np.median(luma[sky])) if sky.mean() > 0.02 else 0.0
    plain = _Levels(lit=facade, shade=facade, contrast=1.0, facade=facade, pale=pale, sky=above)
    if ground.sum() < 50:
        return plain
    colours, light = small[ground], luma[ground]
    greenness = colours[:, 1] / np.maximum(0.5 * (colours[:, 0] + colours[:, 2]), 1e-6)
    leafy = greenness > 1.25
    best = None
    for family in (~leafy, leafy):
        if family.sum() < 0.12 * len(light):
            continue
        dark, bright, contrast = _two_levels(light[family])
        shade = np.median(colours[family][light[family] <= dark], axis=0)
        lit = np.median(colours[family][light[family] >= bright], axis=0)
        if best is None or (contrast > best.contrast and family is not leafy):
            best = replace(plain, lit=lit, shade=shade, contrast=contrast)
    return best or plain


def _two_levels(light: np.ndarray) -> tuple[float, float, float]:
    """Typical dark and bright level of a sample and their ratio, 1 where the sample has only one level (the split
    that parts the logarithms best, after Otsu 1979)."""
    logs = np.sort(np.log(np.maximum(light, 1e-6)).astype(np.float64))
    n = len(logs)
    total = np.cumsum(logs)
    k = np.arange(max(1, n // 12), n - max(1, n // 12))
    if len(k) == 0:
        middle = float(np.exp(logs[n // 2]))
        return middle, middle, 1.0
    low, high = total[k - 1] / k, (total[-1] - total[k - 1]) / (n - k)
    between = (k / n) * (1 - k / n) * (high - low) ** 2
    i = int(np.argmax(between))
    explained = between[i] / max(float(logs.var()), 1e-9)
    if explained < 0.72 or high[i] - low[i] < np.log(1.8):
        middle = float(np.exp(np.median(logs)))
        return middle, middle, 1.0
    return float(np.exp(low[i])), float(np.exp(high[i])), float(np.exp(high[i] - low[i]))


def _looks_overcast(small: Rgb, sky: Mask, levels: _Levels) -> bool:
    """No shadows on the ground, and a sky without blue."""
    if levels.contrast > 1.6 or sky.mean() < 0.01:
        return False
    colour = np.median(small[sky], axis=0)
    return bool(colour[2] / max(float(colour[0]), 1e-6) < 1.15)


def _sun_from_sky(small: Rgb, sky: Mask, camera: Camera) -> tuple[float, float, float]:
    """Azimuth and elevation under which the sky's glow fits best, and how clearly (0..1).

    The sky model is log luminance = a + b / (cos z + 0.15) + c exp(-3 g) + d cos^2 g, with z the angle from the zenith
    and g from the sun: the terms of the CIE standard skies, fitted linearly for every sun on a grid.
    """
    count = int(sky.sum())
    if count < 200:
        return 200.0, USUAL_ELEVATION_DEG, 0.0
    ys, xs = np.nonzero(sky)
    pick = np.linspace(0, count - 1, min(count, 3000)).astype(int)
    ys, xs = ys[pick], xs[pick]
    rays = camera.rays(np.stack([xs + 0.5, ys + 0.5], 1)).astype(np.float64)
    luma = (small[ys, xs] @ LUMA).astype(np.float64)
    # blown-out sky says "at least this": keep it, it lies towards the sun
    logs = np.log(np.maximum(luma, 1e-6))
    logs -= logs.mean()
    variance = float((logs**2).mean())
    if variance < 1e-4:
        return 200.0, USUAL_ELEVATION_DEG, 0.0
    zenithal = 1.0 / (np.maximum(rays[:, 2], 0.0) + 0.15)
    table = []
    for azimuth in np.arange(-180.0, 180.0, 10.0):
        for elevation in (10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0):
            sun = Light(azimuth_deg=azimuth, elevation_deg=elevation, sun_rgb=(1, 1, 1), sky_rgb=(1, 1, 1)).direction
            cosine = np.clip((rays * np.array(sun)).sum(1), -1, 1)
            terms = np.stack([np.ones_like(logs), zenithal, np.exp(-3 * np.arccos(cosine)), cosine**2], 1)
            weights = _fit(terms, logs)
            if weights[3] < 0:  # light scattered back cannot be negative
                terms = terms[:, :3]
                weights = _fit(terms, logs)
            if weights[2] <= 0 or weights[1] < 0:
                continue
            error = float(((logs - (terms * weights).sum(1)) ** 2).mean())
            # suns low and high are rarer than suns in between: a mild prior
            table.append((error / variance + 0.02 * ((elevation - USUAL_ELEVATION_DEG) / 20) ** 2, azimuth, elevation))
    if not table:
        return 200.0, USUAL_ELEVATION_DEG, 0.0
    table.sort()
    errors = np.array([row[0] for row in table])
    weight = np.exp(-(errors - errors[0]) / 0.03)
    angle = np.radians([row[1] for row in table])
    azimuth = float(np.degrees(np.arctan2((weight * np.sin(angle)).sum(), (weight * np.cos(angle)).sum())))
    focus = float(np.hypot((weight * np.sin(angle)).sum(), (weight * np.cos(angle)).sum()) / weight.sum())
    elevation = float((weight * np.array([row[2] for row in table])).sum() / weight.sum())
    return azimuth, elevation, max(0.0, focus * (1 - errors[0]))


def _fit(terms: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Least squares with a light ridge; sums in a fixed order, whatever the number of threads."""
    square = np.einsum("ni,nj->ij", terms, terms) + 1e-3 * np.eye(terms.shape[1])
    return np.linalg.solve(square, np.einsum("ni,n->i", terms, values))


def _agree_with_facade(
    azimuth: float,
    elevation: float,
    glow: float,
    levels: _Levels,
    normal: tuple[float, float],
    overcast: bool,
) -> tuple[float, float, float]:
    """Bring the sun's side into line with whether the facade is lit. Returns azimuth, elevation, confidence."""
    if overcast:
        return azimuth, max(elevation, 45.0), 0.35
    wall, lit, shade = (float(c @ LUMA) for c in (levels.facade, levels.lit, levels.shade))
    if levels.contrast > 1.6:
        # between shaded ground and half of the lit ground, on a log scale: 0 shaded, 1 lit
        sunlit = float(np.clip(np.log(wall / max(shade, 1e-6)) / np.log(max(0.75 * lit / max(shade, 1e-6), 1.3)), 0, 1))
    else:
        sunlit = float(np.clip((wall / max(lit, 1e-6) - 0.35) / 0.3, 0, 1))
    facing = float(np.degrees(np.arctan2(normal[0], normal[1])))  # azimuth that the facade looks towards
    off = (azimuth - facing + 180) % 360 - 180
    sure = 0.1 + 0.35 * glow + (0.1 if levels.contrast > 1.6 else 0.0)
    if sunlit > 0.5 and abs(off) > 80:
        off = float(np.sign(off) or 1) * 50.0
        sure *= 0.7 if glow > 0.2 else 1.0
    elif sunlit <= 0.5 and abs(off) < 95:
        off = float(np.sign(off) or 1) * 100.0
        sure *= 0.7 if glow > 0.2 else 1.0
    return facing + off, float(np.clip(elevation, 8.0, 75.0)), min(0.9, sure)


def _shadow_reach(plate: Rgb, matte: Matte, camera: Camera, levels: _Levels, normal: tuple[float, float]) -> float | None:
    """How far the building's own shadow falls out from its foot, as a share of its height; None where no band of shade
    lies along most of the foot, with sun beyond it."""
    if levels.contrast < 1.6:
        return None
    line = foot_line(matte, camera)
    height = camera.height
    limit = float(np.sqrt(max(float(levels.lit @ LUMA) * float(levels.shade @ LUMA), 1e-12)))
    solid = matte.coverage > 0.5
    shares = []
    columns = np.linspace(line[0, 0], line[-1, 0], 82)[1:-1]
    for x in columns:
        foot = float(np.interp(x, line[:, 0], line[:, 1]))
        column = int(min(camera.width - 1, x))
        first = int(foot + 0.003 * height)
        profile = plate[first:, max(0, column - 2) : column + 3].mean(1) @ LUMA
        bright = np.flatnonzero(profile > limit)
        tops = np.flatnonzero(solid[:, column])
        if not len(tops) or not len(bright) or bright[0] < 0.002 * height:
            continue
        ground = camera.on_ground(np.array([[x, foot], [x, first + float(bright[0])]])).astype(np.float64)
        if not np.isfinite(ground).all():
            continue
        ray = camera.rays(np.array([[x, float(tops[0])]]))[0].astype(np.float64)
        away = float(np.hypot(*ground[0, :2]))
        tall = camera.position_m[2] + away * ray[2] / max(float(np.hypot(ray[0], ray[1])), 1e-6)
        reach = float((ground[1, :2] - ground[0, :2]) @ np.array(normal))
        if tall > 0 and reach > 0:
            shares.append(reach / tall)
    return float(np.median(shares)) if len(shares) > 0.5 * len(columns) else None


def _turn_to_shadow(azimuth: float, elevation: float, reach: float, normal: tuple[float, float]) -> float:
    """The azimuth on the same side behind the facade from which a building casts a shadow of that reach: the shadow
    is 1 / tan(elevation) of the height long, and falls out from the wall by the cosine of the angle between. Roofs
    lean back: three quarters of the height cast it."""
    behind = float(np.degrees(np.arctan2(-normal[0], -normal[1])))
    side = (azimuth - behind + 180) % 360 - 180
    cosine = np.clip(reach / 0.75 * np.tan(np.radians(elevation)), 0.0, 1.0)
    return behind + float(np.sign(side) or 1.0) * float(np.degrees(np.arccos(cosine)))


def _irradiance(
    levels: _Levels, elevation_deg: float, facing: float, overcast: bool
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Sun and sky in plate units. ``facing``: cosine between the sun and the facade's normal, below 0 behind it.

    The sky that is seen says what the sky gives; shadows on the ground, or the usual clear day, what the sun adds. What
    pale surfaces in that light must then be like is checked against what they show, and taken in by a quarter.
    """
    rise = max(float(np.sin(np.radians(elevation_deg))), 0.15)
    ground = float(levels.lit @ LUMA)
    wall_light = WALL_SKY_SHARE + (0.0 if overcast else SUN_OVER_SKY * max(facing, 0.0))
    level_light = 1.0 if overcast else 1.0 + SUN_OVER_SKY * rise
    # the total on level ground that each surface speaks for; the brighter witness is the paler surface
    witness = max(ground, levels.pale * level_light / wall_light if facing > 0.2 or overcast else 0.0) / MEAN_ALBEDO
    shadows = levels.contrast > 1.6
    # shaded ground near things sees about four fifths of the sky
    times = min(0.8 * max(levels.contrast, 2.2), 1.0 + MOST_SUN_OVER_SKY * rise) if shadows else level_light
    total = witness
    if levels.sky > 0:
        total = (SKY_SHARE * levels.sky * times) ** 0.75 * witness**0.25
    sky_level = total / max(times, 1.0) if not overcast else 0.85 * total
    if shadows:
        sky_tint = _tint(levels.shade, cool=True)
        sun_tint = _tint(np.maximum(levels.lit - levels.shade, 1e-6), cool=False)
    else:
        sky_tint = np.array([1.0, 1.0, 1.0]) if overcast else np.array([0.83, 1.0, 1.36])
        sun_tint = np.exp(-np.array([0.09, 0.13, 0.22]) / rise)  # what the air leaves of it
    sun_level = (total - sky_level) / rise
    sky_tint, sun_tint = sky_tint / float(sky_tint @ LUMA), sun_tint / float(sun_tint @ LUMA)
    sun, sky = sun_level * sun_tint, sky_level * sky_tint
    return (float(sun[0]), float(sun[1]), float(sun[2])), (float(sky[0]), float(sky[1]), float(sky[2]))


def _tint(colour: np.ndarray, *, cool: bool) -> np.ndarray:
    """The colour of a light from what a surface shows: half of what is measured, half daylight, since the surface has
    a colour of its own; red and blue only, within what sun and sky do."""
    level = max(float(colour @ LUMA), 1e-6)
    usual = np.array([0.84, 1.0, 1.28]) if cool else np.array([1.08, 1.0, 0.85])
    low = np.array([0.7, 0.95, 1.0]) if cool else np.array([0.98, 0.95, 0.6])
    high = np.array([1.0, 1.05, 1.6]) if cool else np.array([1.35, 1.05, 1.02])
    return np.clip(0.5 * colour / level + 0.5 * usual, low, high)
