"""Light and colour that are wider than any wrinkle: shadows under eyes and beside folds, blotches, lips, teeth, brows, hair.

All planes at the map's scale; gains in stops, to be brought to the working scale.
"""

from __future__ import annotations

import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.face_chart import regions as marks
from setpiece.generate.engines.makeup.bands import FOLD, mean_over
from setpiece.generate.engines.makeup.look import MakeupRegions
from setpiece.generate.engines.makeup.matte import Matte, luma_of
from setpiece.generate.engines.makeup.regions import FacePlace, polygon, soft

_FILL = 0.30
_WIDE = 0.30  # what is wider than this has its colour from blood and light, as a young face has
_FILLED = (("under_eye", 0.75), ("nasolabial", 0.65), ("marionette", 0.6))
_WEAR = np.array([0.55, 0.62, 0.75], np.float32)  # how much of each channel a shadow of age takes: it is warm


def toned(
    stops: Rgb, place: FacePlace, matte: Matte, planes: dict[str, Plane], strengths: MakeupRegions, amount: float, tone: float
) -> Rgb:
    """Stops to add on the skin (h, w, 3): ``amount`` below 0 makes younger, -1 is thirty years."""
    skin, size = matte.skin, abs(amount)
    unit = place.unit
    form = mean_over(stops, skin, FOLD * unit)
    add = np.zeros_like(stops)
    for name, worth in _FILLED:
        where = np.clip(planes[name] * 1.2, 0, 1) * np.float32(worth * getattr(strengths, name))
        around = mean_over(form, skin * (1 - np.clip(planes[name] * 1.2, 0, 1)) + 1e-4, _FILL * unit)
        gap = np.clip(around - form, -0.3, 0.5) * np.clip(luma_of(around - form) / 0.06, 0, 1)[..., None]
        if amount < 0:
            add += gap * (np.minimum(1, 1.2 * size**0.8) * where * skin)[..., None]
        else:
            deep = 0.06 + 0.22 * np.clip(luma_of(gap), 0, 1)
            add -= (deep * size * where * skin)[..., None] * _WEAR
    blotches = mean_over(stops, skin, 0.06 * unit) - mean_over(stops, skin, _WIDE * unit)
    colour = np.clip(blotches - luma_of(blotches)[..., None], -0.2, 0.2)
    share = min(0.75, 0.75 * size**0.8) * tone if amount < 0 else -0.3 * size * tone
    add -= colour * (share * skin)[..., None]
    glow = np.array([0.05, 0.035, 0.03]) if amount < 0 else np.array([-0.05, -0.06, -0.11])
    add += (glow * size * tone).astype(np.float32) * skin[..., None]
    return add.astype(np.float32)


def features(stops: Rgb, place: FacePlace, matte: Matte, strengths: MakeupRegions, amount: float) -> Rgb:
    """Stops to add on lips, teeth and brows (h, w, 3)."""
    points, size = place.points, abs(amount)
    inner = polygon(place, points[list(marks["mouth"])], hull=False)
    lips = soft(np.clip(polygon(place, points[list(marks["lips"])], hull=True) - inner, 0, 1), place, 0.015)
    add = np.zeros_like(stops)
    tint = np.array([0.10, -0.05, -0.01]) if amount < 0 else np.array([-0.10, 0.0, 0.0])
    add += lips[..., None] * (tint * size * strengths.lips).astype(np.float32)
    open_mouth = soft(inner, place, 0.012) * inner
    if inner.max() > 0.5:
        luma, chroma = luma_of(stops), stops - luma_of(stops)[..., None]
        pale = np.clip(1.2 - np.abs(chroma[..., 0] - chroma[..., 2]) / 1.2, 0, 1)
        bright = np.clip((luma - np.median(luma[inner > 0.5])) / 0.8, 0, 1)
        teeth = open_mouth * pale * bright
        shade = np.array([0.04, 0.06, 0.20]) if amount < 0 else np.array([-0.10, -0.16, -0.42])
        add += teeth[..., None] * (shade * size * strengths.teeth).astype(np.float32)
    if amount > 0:
        around = luma_of(mean_over(stops, matte.skin, 0.3 * place.unit))
        for side in ("right", "left"):
            brow = soft(polygon(place, points[list(marks[f"brow_{side}"])], hull=True), place, 0.03)
            hairy = np.clip((around - luma_of(stops)) / 0.6, 0, 1)
            add += _greyed(stops, brow * hairy * (1 - matte.rims), size * strengths.brows * 0.45)
    return add.astype(np.float32)


def greyed_hair(stops: Rgb, hair: Plane, amount: float) -> Rgb:
    """Stops to add that turn hair grey (h, w, 3)."""
    return _greyed(stops, hair, amount)


def _greyed(stops: Rgb, where: Plane, amount: float) -> Rgb:
    luma = luma_of(stops)
    colour = stops - luma[..., None]
    lift = np.clip(0.2 - luma, 0, 2.5) * 0.17  # dark hair gains the most; what is white already gains nothing
    return ((lift[..., None] - 0.9 * colour) * (where * np.float32(min(1.0, amount)))[..., None]).astype(np.float32)
