"""A photographed surface taken apart: its own colour, and the light on it.

Place in the flow: before a wall or a garment is re-dressed. What a picture shows is albedo times light (Land and McCann
1971). A plain surface has one albedo, so the picture of it, without grain, is its light: shadows, pools and falloff stay to
the pixel. Where it has a pattern, pixels of one colour are taken to share one albedo (Garces, Munoz, Lopez-Moreno and
Gutierrez 2012): their levels and a smooth light are found in turns, and what is left goes through an edge-aware filter (He,
Sun and Tang 2010), which keeps a shadow's edge and lets joints and threads go. How bright a surface is in itself no single
picture tells: the level is stated or assumed, and said.
"""

from __future__ import annotations

import cv2
import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.dressing import Colour, Separation
from setpiece.core.errors import StageError
from setpiece.integrate.sky_fill import fill_smoothly

LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # ACEScg
FLOOR = 1e-4  # scene-linear: below it there is no colour to speak of
LIT = 80.0  # percentile of a surface's light that counts as the middle of the light
_SURE = 0.98  # coverage from which a pixel is all surface
_KINDS = 4  # colours that an old pattern may have
_WORK_PX = 700
_ROUNDS = 4
_STEP = 0.02  # log light, squared: smaller steps than its root are the old pattern's


def light_colour(picture: Rgb) -> Colour:
    """The colour of a picture's light, luminance 1: shades of grey with a Minkowski norm of 6 (Finlayson and Trezzi 2004),
    taken halfway, since pictures come balanced for white mostly."""
    small = (
        cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA) if min(picture.shape[:2]) > 64 else picture
    )
    small = np.clip(small, 0, np.percentile(small, 99.5))
    mean = np.power(np.mean(np.power(small.reshape(-1, 3).astype(np.float64), 6), axis=0), 1 / 6)
    mean = np.sqrt(np.maximum(mean, 1e-9) / max(float(mean @ LUMA), 1e-9))
    mean /= float(mean @ LUMA)
    return (float(mean[0]), float(mean[1]), float(mean[2]))


def assumed_albedo(picture: Rgb, coverage: Plane, light: Colour) -> Colour:
    """The old surface's own colour as far as an exposed picture tells: its level in the middle of the light, 0.1 to 0.8,
    and its hue under ``light``. Raises :class:`StageError` where the coverage holds nothing."""
    inside = picture[coverage > _SURE]
    if len(inside) < 16:
        raise StageError(
            "the surface is hidden: nothing of it is seen", remedy="check its polygon and the matte in front of it"
        )
    level = inside @ LUMA
    lit = inside[level >= np.percentile(level, LIT)]
    colour = np.median(lit, axis=0).astype(np.float64) / np.array(light)
    luminance = float(colour @ LUMA)
    colour *= np.clip(luminance, 0.10, 0.80) / max(luminance, 1e-6)
    colour = np.clip(colour, 0.01, 0.92)
    return (float(colour[0]), float(colour[1]), float(colour[2]))


def separate(picture: Rgb, coverage: Plane, old: Colour, *, texture_px: float = 0.0, relief: float = 1.0) -> Separation:
    """Take a surface apart. ``picture`` (h, w, 3) without grain, scene-linear ACEScg; ``coverage`` (h, w) its share of each
    pixel; ``old`` its mean albedo. ``texture_px`` is the size of the old pattern that is to go, 0: it is plain. ``relief`` 0..1
    is how much of the fine unevenness stays in the shading.

    Raises :class:`StageError` where nothing of the surface is seen.
    """
    sure = coverage > _SURE
    if int(sure.sum()) < 16:
        raise StageError(
            "the surface is hidden: nothing of it is seen", remedy="check its polygon and the matte in front of it"
        )
    surface = _carried_on(np.maximum(picture, FLOOR), sure)
    mean = np.array(old, np.float32)
    if texture_px <= 0 and relief >= 1:
        albedo = np.broadcast_to(mean, picture.shape).astype(np.float32)
        return Separation(albedo=albedo, shading=(surface / mean).astype(np.float32), surface=surface)
    light, own = _parted(np.log(surface), sure, max(texture_px, 3.0), plain=texture_px <= 0)
    rest = np.log(surface) - light - own
    shading = np.exp(light + np.float32(relief) * rest)
    level = np.exp(own[sure].astype(np.float64).mean(0)).astype(np.float32)
    albedo = np.exp(own) / level * mean
    return Separation(albedo=albedo.astype(np.float32), shading=(shading * level / mean).astype(np.float32), surface=surface)


def _carried_on(picture: Rgb, sure: np.ndarray) -> Rgb:
    """``picture`` where it is ``sure``, elsewhere carried on from there."""
    return np.where(sure[..., None], picture, np.maximum(fill_smoothly(picture, sure), FLOOR)).astype(np.float32)


def _parted(logs: Rgb, sure: np.ndarray, texture_px: float, *, plain: bool) -> tuple[Rgb, Rgb]:
    """Logarithms of light and of albedo (less its mean level), full size, from a smaller picture where that is large."""
    height, width = sure.shape
    scale = min(1.0, _WORK_PX / max(height, width), 6.0 / texture_px if texture_px > 12 else 1.0)
    if scale < 1:
        size = (max(16, round(width * scale)), max(16, round(height * scale)))
        small = cv2.resize(logs, size, interpolation=cv2.INTER_AREA)
        inside = cv2.resize(sure.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
    else:
        small, inside = logs, sure
    if int(inside.sum()) < 16:
        small, inside, scale = logs, sure, 1.0
    reach = max(2.0, texture_px * scale)
    centres = np.zeros((1, 3), np.float32) if plain else _kinds(small, inside, reach)
    light, levels = _light(small, inside, centres, reach)
    smooth = _grown(light, (height, width))
    radius = max(2, round(0.75 * texture_px))
    for _ in range(_ROUNDS):  # a shadow's edge, once seen, tells pattern from shade beside it
        labels = _labels(logs - smooth, levels)
        own = levels[labels]
        body = sure & ~_seams(labels)
        near = _mean_near(logs - own, body, 1.2)
        inside = np.where(body[..., None], logs - own, near)
        smooth = np.stack([_guided(inside[..., c], sure, radius, _STEP) for c in range(3)], -1)
    return smooth.astype(np.float32), own.astype(np.float32)


def _seams(labels: np.ndarray) -> np.ndarray:
    """Where two colours of a pattern meet: pixels that are a mix of both, and tell of neither."""
    small = labels.astype(np.uint8)
    kernel = np.ones((3, 3), np.uint8)
    return np.asarray(cv2.dilate(small, kernel) != cv2.erode(small, kernel))


def _grown(values: Rgb, size: tuple[int, int]) -> Rgb:
    return cv2.resize(values, (size[1], size[0]), interpolation=cv2.INTER_LINEAR) if values.shape[:2] != size else values


def _kinds(logs: Rgb, inside: np.ndarray, reach: float) -> np.ndarray:
    """Levels (k, 3) of the old pattern's colours against their surroundings: k-means from fixed starts, k as the gain says."""
    near = logs - _mean_near(logs, inside, 2 * reach)
    points = near[inside].astype(np.float64)
    points = points[:: max(1, len(points) // 20000)]
    total = float(points.var(0).sum())
    best = points.mean(0, keepdims=True)
    left = total
    order = np.argsort(points @ LUMA, kind="stable")
    for count in range(2, _KINDS + 1):
        centres = np.stack([points[part].mean(0) for part in np.array_split(order, count)])
        for _ in range(12):
            label = np.argmin(((points[:, None] - centres[None]) ** 2).sum(-1), 1)
            centres = np.stack([points[label == k].mean(0) if (label == k).any() else centres[k] for k in range(count)])
        spread = float(((points - centres[np.argmin(((points[:, None] - centres[None]) ** 2).sum(-1), 1)]) ** 2).sum(-1).mean())
        if spread > 0.6 * left:
            break
        best, left = centres, spread
    return best.astype(np.float32)


def _light(logs: Rgb, inside: np.ndarray, centres: np.ndarray, reach: float) -> tuple[Rgb, np.ndarray]:
    """Smooth light and the levels of the pattern's colours, in turns."""
    levels = centres - centres.mean(0)
    light = _mean_near(logs, inside, 2 * reach)
    for _ in range(8):
        label = _labels(logs - light, levels)
        light = _mean_near(logs - levels[label], inside, reach)
        rest = (logs - light)[inside]
        which = label[inside]
        levels = np.stack(
            [np.median(rest[which == k], axis=0) if (which == k).sum() > 8 else levels[k] for k in range(len(levels))]
        )
    return light, levels.astype(np.float32)


def _labels(rest: Rgb, levels: np.ndarray) -> np.ndarray:
    """Which level each pixel of ``rest`` (h, w, 3) is nearest to."""
    distance = np.stack([((rest - level) ** 2).sum(-1) for level in levels])
    return np.argmin(distance, axis=0)


def _mean_near(values: Rgb, inside: np.ndarray, sigma: float) -> Rgb:
    """Mean of ``values`` over the surface around, wider where little of it is near."""
    weight = inside.astype(np.float32)
    made = np.zeros_like(values)
    known = np.zeros(inside.shape, np.float32)
    for grow in (1, 3, 9, 27):
        near = cv2.GaussianBlur(weight, (0, 0), sigma * grow)
        mean = cv2.GaussianBlur(values * weight[..., None], (0, 0), sigma * grow) / np.maximum(near, 1e-6)[..., None]
        share = np.clip(near / 0.2, 0, 1) * (1 - known)
        made += mean * share[..., None]
        known += share
    rest = values[inside].mean(0) if inside.any() else np.zeros(3, np.float32)
    return (made + (1 - known)[..., None] * rest).astype(np.float32)


def _guided(values: Plane, inside: np.ndarray, radius: int, epsilon: float) -> Plane:
    """Self-guided filter of ``values`` over the surface alone: steps larger than the square root of ``epsilon`` stay."""
    weight = inside.astype(np.float32)
    window = (2 * radius + 1, 2 * radius + 1)
    count = np.maximum(cv2.blur(weight, window), 1e-6)

    def mean(plane: Plane) -> Plane:
        return cv2.blur(plane * weight, window) / count

    centre = mean(values)
    spread = np.maximum(mean(values * values) - centre * centre, 0)
    slope = spread / (spread + epsilon)
    made = mean(slope) * values + mean(centre - slope * centre)
    return np.where(inside, made, values).astype(np.float32)
