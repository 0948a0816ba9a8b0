"""What in the face's box is this performer's skin: by colour, against a model measured on the shot, and by place.

The colour model comes from the cheeks, as medians over thousands of pixels, so it moves only with the light. Creases are
dark but narrow and stay in; hair, spectacles, hands in gloves, microphones are of another colour and fall out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from setpiece.core.arrays import Float32, Mask, Plane, Rgb, frozen
from setpiece.generate.engines.makeup.regions import (
    FacePlace,
    ears_plane,
    face_plane,
    features_plane,
    folds_plane,
    head_plane,
    neck_plane,
    polygon,
    soft,
    wider,
)
from setpiece.generate.engines.makeup.rims import rims_of, rims_plane

LUMINANCE = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # of ACEScg
_DARK_NECK, _DARK_EAR = 1.0, 0.9  # stops below the neck's own level and the cheeks': darker is hair
_CHEEKS = ((117, 118, 101, 36, 205, 50), (346, 347, 330, 266, 425, 280))


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinModel:
    """A performer's skin in one light: ``chroma`` (2,) median of red and blue over green, in stops; ``inverse`` (2, 2) of
    its covariance; ``level`` and ``spread`` of its luminance, in stops; ``rims`` 0..1: how surely spectacles are worn,
    and ``rims_at`` where (:func:`.rims.rims_of`).
    ``hair`` (3,) is its colour in stops, ``hair_sure`` 0..1 whether hair of a colour of its own was found at all."""

    chroma: Float32[np.ndarray, "2"]
    inverse: Float32[np.ndarray, "2 2"]
    level: float
    spread: float
    rims: float = 0.0
    rims_at: Float32[np.ndarray, "2 n"] = field(default_factory=lambda: np.zeros((2, 0), np.float32))
    hair: Float32[np.ndarray, "3"] = field(default_factory=lambda: np.zeros(3, np.float32))
    hair_sure: float = 0.0

    def __post_init__(self) -> None:
        frozen(self.chroma)
        frozen(self.inverse)
        frozen(self.hair)
        frozen(self.rims_at)


def chroma_of(stops: Rgb) -> Float32[np.ndarray, "h w 2"]:
    """Red and blue over green, in stops."""
    return np.stack([stops[..., 0] - stops[..., 1], stops[..., 2] - stops[..., 1]], -1)


def luma_of(stops: Rgb) -> Plane:
    """The mean of a picture in stops, weighted as luminance is."""
    import cv2

    return cv2.transform(stops, LUMINANCE[None])


def skin_model(stops: Rgb, place: FacePlace) -> SkinModel:
    """Measured on the cheeks of ``stops`` (h, w, 3), log2 light at the place's scale; trimmed against what covers them."""
    cheeks = np.maximum(*[polygon(place, place.points[list(one)], hull=True) for one in _CHEEKS]) > 0.5
    pixels = stops[cheeks]
    if len(pixels) < 12:
        pixels = stops[face_plane(place) > 0.5]
    if len(pixels) < 12:
        pixels = stops.reshape(-1, 3)
    chroma, luma = chroma_of(pixels), pixels @ LUMINANCE
    middle = np.median(chroma, axis=0)
    aside = np.abs(chroma - middle)
    kept = (aside <= 3.5 * np.median(aside, axis=0) + 0.03).all(1)
    spread = np.cov(chroma[kept].T) if kept.sum() > 12 else np.zeros((2, 2))
    level = float(np.median(luma))
    hair, hair_sure = _hair(stops, place)
    worn, rims_at = rims_of(stops, place)
    return SkinModel(
        chroma=middle.astype(np.float32),
        inverse=np.linalg.inv(spread + np.eye(2) * 0.02).astype(np.float32),
        level=level,
        spread=max(0.6, float(np.median(np.abs(luma - level))) * 3.0),
        rims=worn,
        rims_at=rims_at,
        hair=hair,
        hair_sure=hair_sure,
    )


def _hair(stops: Rgb, place: FacePlace) -> tuple[Float32[np.ndarray, "3"], float]:
    """The colour of what is above the hairline, and whether it can be hair: warm, of one colour, not black cloth."""
    band = (head_plane(place, 0.42) > 0.5) & (head_plane(place, 0.16) < 0.5)
    pixels = stops[
        band & ((np.indices(place.shape, np.float32).transpose(1, 2, 0)[..., ::-1] - place.points[9]) @ place.up > 0)
    ]
    if len(pixels) < 20:
        return np.zeros(3, np.float32), 0.0
    colour = np.median(pixels, axis=0).astype(np.float32)
    warm = np.clip((colour[0] - colour[2] - 0.15) / 0.3, 0, 1)
    apart = float(np.median(np.abs(chroma_of(pixels) - chroma_of(colour)).sum(-1)))
    return colour, float(warm * np.clip((0.7 - apart) / 0.3, 0, 1))


def hair_plane(stops: Rgb, place: FacePlace, matte: Matte, model: SkinModel) -> Plane:
    """Hair at the roots and temples, where it greys first (h, w), 0..1, by its colour."""
    if model.hair_sure <= 0:
        return np.zeros(place.shape, np.float32)
    aside = ((chroma_of(stops) - chroma_of(model.hair)) / 0.24) ** 2
    level = (luma_of(stops) - (model.hair @ LUMINANCE)) / 1.0
    like = np.exp(-0.5 * (aside.sum(-1) + level * level)).astype(np.float32)
    where = soft(head_plane(place, 0.42), place, 0.12) * (1 - matte.skin) * (1 - matte.features) * (1 - matte.rims)
    inside = soft(wider(matte.face, place, 0.04), place, 0.04)
    found = soft(np.clip(like * 1.6 - 0.2, 0, 1), place, 0.03)
    return (where * (1 - inside) * found * np.float32(model.hair_sure)).astype(np.float32)


def fringe_plane(stops: Rgb, face: Plane, seen: tuple[Plane, Plane, Plane], place: FacePlace, model: SkinModel) -> Plane:
    """Hair that falls over forehead and temples (h, w), 0..1: nearer to the hair's colour and level than to the skin's,
    strands and what is between them, and in one piece with the hair around the ``face``. ``seen`` is luminance,
    distance from the skin's colour and shade, as :func:`likeness` has them; nothing where the hair has no colour of its own."""
    luma, far, shade = seen
    if model.hair_sure <= 0:
        return np.zeros(place.shape, np.float32)
    aside = (chroma_of(stops) - chroma_of(model.hair)) / 0.22
    above = np.maximum(luma - np.float32(model.hair @ LUMINANCE), 0) / 1.3
    below = np.maximum(shade - luma - 0.15, 0) / 0.45
    from_skin, from_hair = far / 6 + below * below / 2, (aside[..., 0] ** 2 + aside[..., 1] ** 2 + above * above) / 2
    nearer = soft(np.clip(from_skin - from_hair, -4, 4).astype(np.float32), place, 0.05)
    hair = np.clip((nearer + 0.5) / 0.8, 0, 1) * _above_eyes(place)
    around = 1 - wider(face, place, 0.02)
    return (_reached(hair, around * hair) * np.float32(model.hair_sure)).astype(np.float32)


def _above_eyes(place: FacePlace) -> Plane:
    """0 at the eyes and below, 1 from the brows up (h, w)."""
    rows, columns = (np.arange(n, dtype=np.float32) for n in place.shape)
    brow = float((place.points[9] - place.points[168]) @ place.up)
    high = (columns - place.points[168, 0]) * place.up[0] + ((rows - place.points[168, 1]) * place.up[1])[:, None]
    return np.clip(high / np.float32(max(brow, 1e-3)), 0, 1)


def between(a: SkinModel, b: SkinModel, share: float) -> SkinModel:
    """From ``a`` (share 0) to ``b`` (share 1)."""
    mix = np.float32(share)
    return SkinModel(
        chroma=a.chroma * (1 - mix) + b.chroma * mix,
        inverse=a.inverse * (1 - mix) + b.inverse * mix,
        level=a.level * (1 - share) + b.level * share,
        spread=a.spread * (1 - share) + b.spread * share,
        rims=a.rims * (1 - share) + b.rims * share,
        rims_at=a.rims_at * (1 - mix) + b.rims_at * mix,
        hair=a.hair * (1 - mix) + b.hair * mix,
        hair_sure=a.hair_sure * (1 - share) + b.hair_sure * share,
    )


def likeness(far: Plane, luma: Plane, shade: Plane) -> Plane:
    """How far each pixel has the skin's colour, 0..1: chroma decides (``far``, :func:`far_from`), and what is far darker than
    the face's own ``shade`` there is less likely (hair of the skin's own colour is told by that alone)."""
    dark = np.maximum(shade - luma - 0.75, 0) / 0.45
    return np.exp(-0.5 * (np.maximum(far / 7 - 0.3, 0) + dark * dark)).astype(np.float32)


def shade_of(luma: Plane, place: FacePlace, where: Plane) -> Plane:
    """The light on a face as a slope across it, in stops (h, w): the plane through the luminance ``where`` skin is sure,
    fitted three times with ever less trust in what lies off it."""
    unit = np.float32(place.unit)
    down, along = (np.arange(0, n, 2) / unit for n in place.shape)
    down, along = down - down.mean(), along - along.mean()
    grid = np.stack(np.broadcast_arrays(1.0, along, down[:, None]), -1).reshape(-1, 3)
    seen, trust = (plane[::2, ::2].astype(np.float64).reshape(-1) for plane in (luma, where))
    weight, fit = trust, np.zeros(3)
    for _ in range(3):
        weighted = grid * weight[:, None]
        fit = np.linalg.solve(weighted.T @ grid + np.diag((1e-6, 2.0, 2.0)), weighted.T @ seen)
        weight = trust / (1 + ((seen - grid @ fit) / 0.45) ** 2)
    rows, columns = ((np.arange(n) - (n - 1) // 2) / unit for n in place.shape)
    return np.clip(fit[0] + fit[1] * columns + fit[2] * rows[:, None], fit[0] - 1.2, fit[0] + 1.2).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matte:
    """At the map's scale: ``skin`` 0..1 where skin work holds, ``face`` the face by its outline alone, ``features`` eyes,
    brows, lips and nostrils, ``rims`` spectacles, ``like`` the skin's colour."""

    skin: Plane
    face: Plane
    features: Plane
    rims: Plane
    like: Plane


def matte_of(stops: Rgb, place: FacePlace, model: SkinModel) -> Matte:
    """The matte of a picture in stops at the scale of its place."""
    import cv2

    face, features = face_plane(place), features_plane(place)
    luma, far = luma_of(stops), far_from(stops, model)
    shade = shade_of(luma, place, face * (1 - features) * (luma > model.level - 2.2 * model.spread))
    like = likeness(far, luma, shade)
    side = max(3, int(place.unit * 0.10) | 1)
    like = cv2.morphologyEx(like, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    like = np.clip((soft(like, place, 0.02) - 0.25) / 0.5, 0, 1) * (
        1 - fringe_plane(stops, face, (luma, far, shade), place, model)
    )
    worn = np.float32(np.clip(model.rims * 2 - 0.5, 0, 1))
    rims = rims_plane(model.rims_at, place) * worn if worn > 0 else np.zeros_like(face)
    folds = folds_plane(place)  # there, what is likely is as good as sure: the depth of a fold is dark and of its own colour
    like = np.minimum(np.maximum(like, folds * _reddish(stops, model)) * (1 + np.float32(0.35) * folds), 1)
    neck, ears = neck_plane(place), ears_plane(place)
    most = model.level + 0.5
    neck *= _strictly(far / 6, luma, place, _level_of(luma, (neck > 0.5) & (far < 6), model) - _DARK_NECK, most)
    ears *= _strictly(far / 3, luma, place, model.level - _DARK_EAR, most)
    beside = _reached(np.maximum(neck, ears), face)
    where = np.maximum(face * like, soft(wider(beside, place, -0.035), place, 0.03))
    skin = where * (1 - features) * (1 - rims)
    return Matte(skin=skin.astype(np.float32), face=face, features=features, rims=rims.astype(np.float32), like=like)


def _reddish(stops: Rgb, model: SkinModel) -> Plane:
    """Light that was thrown from skin to skin is redder than skin: the depth of a fold."""
    return np.clip((chroma_of(stops)[..., 0] - np.float32(model.chroma[0] + 0.05)) / 0.3, 0, 1)


def _level_of(luma: Plane, likely: Mask, model: SkinModel) -> float:
    """The luminance in stops of what is ``likely`` skin, no brighter than the cheeks and at most 2.4 stops darker."""
    level = float(np.median(luma[likely])) if likely.sum() > 12 else model.level
    return float(np.clip(level, model.level - 2.4, model.level))


def far_from(stops: Rgb, model: SkinModel) -> Plane:
    """How far each pixel's colour is from the skin's: the square of Mahalanobis's distance."""
    aside = chroma_of(stops) - model.chroma
    i = model.inverse
    return aside[..., 0] ** 2 * i[0, 0] + 2 * aside[..., 0] * aside[..., 1] * i[0, 1] + aside[..., 1] ** 2 * i[1, 1]


def _strictly(far: Plane, luma: Plane, place: FacePlace, darkest: float, brightest: float) -> Plane:
    """Skin beside the face, where no landmark vouches for it: its colour closely (``far`` in tolerances), its luminance in
    stops between ``darkest`` and ``brightest``."""
    off = np.maximum(luma - np.float32(brightest), 0) / 0.4 + np.maximum(np.float32(darkest) - luma, 0) / 0.6
    found = np.exp(-0.5 * np.maximum(far - 0.5, 0) - off * off).astype(np.float32)
    return np.clip((soft(found, place, 0.02) - 0.45) / 0.4, 0, 1)


def _reached(plane: Plane, face: Plane) -> Plane:
    """What of ``plane`` hangs together with the face."""
    import cv2

    solid = ((plane > 0.3) | (face > 0.3)).astype(np.uint8)
    _, parts = cv2.connectedComponents(solid)
    own = np.unique(parts[face > 0.6])
    held = np.isin(parts, own[own > 0]).astype(np.float32)
    return plane * cv2.GaussianBlur(held, (0, 0), 1.0)


def grown(plane: Plane, place: FacePlace, reach: float) -> Plane:
    """``plane`` grown by ``reach`` of the unit and soft at its new border."""
    return soft(wider(plane, place, reach), place, reach / 2)
