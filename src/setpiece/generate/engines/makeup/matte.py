"""What in the face's box is this performer's skin: by colour, against a model measured on the shot, and by place.

The colour model comes from the cheeks, as medians over thousands of pixels, so it moves only with the light. Creases are
dark but narrow and stay in; hair, spectacles, hands in gloves, microphones are of another colour and fall out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb, frozen
from setpiece.generate.engines.makeup.regions import (
    MARIONETTE,
    NASOLABIAL,
    FacePlace,
    band,
    ears_plane,
    face_plane,
    features_plane,
    neck_plane,
    polygon,
    soft,
    wider,
)
from setpiece.generate.engines.makeup.rims import rims_plane

LUMINANCE = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # of ACEScg
_CHEEKS = ((117, 118, 101, 36, 205, 50), (346, 347, 330, 266, 425, 280))
_EDGE = 4.5  # stops over the distance of the eyes: steeper is an edge


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinModel:
    """A performer's skin in one light: ``chroma`` (2,) median of red and blue over green, in stops; ``inverse`` (2, 2) of
    its covariance; ``level`` and ``spread`` of its luminance, in stops; ``rims`` 0..1: how surely spectacles are worn."""

    chroma: Float32[np.ndarray, "2"]
    inverse: Float32[np.ndarray, "2 2"]
    level: float
    spread: float
    rims: float = 0.0

    def __post_init__(self) -> None:
        frozen(self.chroma)
        frozen(self.inverse)


def chroma_of(stops: Rgb) -> Float32[np.ndarray, "h w 2"]:
    """Red and blue over green, in stops."""
    return np.stack([stops[..., 0] - stops[..., 1], stops[..., 2] - stops[..., 1]], -1)


def luma_of(stops: Rgb) -> Plane:
    """The mean of a picture in stops, weighted as luminance is."""
    return stops @ LUMINANCE


def skin_model(stops: Rgb, place: FacePlace, rims: float = 0.0) -> SkinModel:
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
    return SkinModel(
        chroma=middle.astype(np.float32),
        inverse=np.linalg.inv(spread + np.eye(2) * 0.02).astype(np.float32),
        level=level,
        spread=max(0.6, float(np.median(np.abs(luma - level))) * 3.0),
        rims=rims,
    )


def between(a: SkinModel, b: SkinModel, share: float) -> SkinModel:
    """From ``a`` (share 0) to ``b`` (share 1)."""
    mix = np.float32(share)
    return SkinModel(
        chroma=a.chroma * (1 - mix) + b.chroma * mix,
        inverse=a.inverse * (1 - mix) + b.inverse * mix,
        level=a.level * (1 - share) + b.level * share,
        spread=a.spread * (1 - share) + b.spread * share,
        rims=a.rims * (1 - share) + b.rims * share,
    )


def likeness(stops: Rgb, model: SkinModel) -> Plane:
    """How far each pixel has the skin's colour, 0..1: chroma decides, and what is far darker is less likely."""
    aside = chroma_of(stops) - model.chroma
    i = model.inverse
    far = aside[..., 0] ** 2 * i[0, 0] + 2 * aside[..., 0] * aside[..., 1] * i[0, 1] + aside[..., 1] ** 2 * i[1, 1]
    dark = np.minimum(luma_of(stops) - model.level, 0) / np.float32(model.spread)
    evidence = np.maximum(far / 9 - 0.3, 0) + np.maximum(dark * dark / 2.5 - 0.5, 0)
    return np.exp(-0.5 * evidence).astype(np.float32)


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

    like = likeness(stops, model)
    side, deep = (max(3, int(place.unit * reach) | 1) for reach in (0.10, 0.26))
    like = cv2.morphologyEx(like, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    # the core of a deep fold is dark and red as no other skin; what covers the face is wider than that
    folds = np.maximum(*(band(place, [place.points[list(p)] for p in paths], 0.30) for paths in (NASOLABIAL, MARIONETTE)))
    filled = cv2.morphologyEx(like, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (deep, deep)))
    like = like + (filled - like) * np.clip(folds * 1.5, 0, 1)
    like = np.clip((soft(like, place, 0.02) - 0.25) / 0.5, 0, 1)
    face, features = face_plane(place), features_plane(place)
    rims = (
        rims_plane(stops, place) * np.float32(np.clip(model.rims * 2 - 0.5, 0, 1)) if model.rims > 0.25 else np.zeros_like(face)
    )
    near = _surely(stops, place, model)
    beside = _reached(np.maximum(neck_plane(place), ears_plane(place)) * near, face)
    where = np.maximum(face * like, beside)
    skin = where * (1 - features) * (1 - rims)
    return Matte(skin=skin.astype(np.float32), face=face, features=features, rims=rims.astype(np.float32), like=like)


def _surely(stops: Rgb, place: FacePlace, model: SkinModel) -> Plane:
    """Skin beside the face, 0..1, where hair and walls of nearly its colour are not far: nearly the cheeks' own colour, no
    brighter than they, no more than a shadow darker, and no edge in between."""
    import cv2

    aside, i = chroma_of(stops) - model.chroma, model.inverse
    far = aside[..., 0] ** 2 * i[0, 0] + 2 * aside[..., 0] * aside[..., 1] * i[0, 1] + aside[..., 1] ** 2 * i[1, 1]
    luma = luma_of(stops)
    above, below = np.maximum(luma - model.level, 0) / 0.7, np.minimum(luma - model.level, 0) / 2.2
    like = np.exp(-0.5 * (np.maximum(far / 4 - 0.3, 0) + above**4 + below**4)).astype(np.float32)
    smooth = soft(luma.astype(np.float32), place, 0.015)
    slope = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=0.125))
    calm = np.clip(2 - slope * place.unit / np.float32(_EDGE), 0, 1)
    return soft(like * calm, place, 0.02)


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
