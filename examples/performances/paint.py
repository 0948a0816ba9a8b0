"""What make-up and an artist do to a portrait: the truth that keyframes are cut from.

:func:`detailed` gives an enlarged face the pores and moles that the enlargement lacks. :func:`made_up` is a plain
digital make-up (surface smoothed in log light, shadows lifted) that needs no engine, so that the truth does not change when
an engine does. :func:`paint` is the artist's hand on top: a mole taken out, freckles, lip colour, light under the
eyes. All of it happens on the still picture once and goes through the take's own warps.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from examples.performances.head import LIPS, OVAL, Head, filled, smoothstep
from examples.performances.portraits import eye_distance
from examples.performances.take import Painted, Take
from examples.performances.warps import pixel_grid, sampled

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.errors import BriefError

OFFSET = 0.02  # keeps the logarithm of black finite, as in setpiece.core.retouch
INNER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)
UNDER_EYES = ((33, 7, 163, 144, 145, 153, 154, 155, 133, 243, 128, 121, 120, 119, 118, 117, 111, 35),
              (263, 249, 390, 373, 374, 380, 381, 382, 362, 463, 357, 350, 349, 348, 347, 346, 340, 265))  # fmt: skip
FOLDS = ((129, 203, 206, 216, 212), (358, 423, 426, 436, 432), (57, 43, 202, 210, 169), (287, 273, 422, 430, 394))
_LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)
SHINE = ((151, 0.16), (4, 0.10), (50, 0.12), (280, 0.12))  # brow, nose, cheeks
HAIRLINE, BROWLINE = [103, 67, 109, 10, 338, 297, 332], [105, 66, 107, 9, 336, 296, 334]
JAWLINE = ((172, 1), (136, 1), (150, 1), (397, -1), (365, -1), (379, -1))


MakeUp = Callable[[Rgb, np.ndarray, Plane, float], Rgb]  # picture, landmarks, skin, years


@dataclass(frozen=True, slots=True, kw_only=True)
class Retouch:
    """What to do: ``years`` of make-up (negative: younger), the artist's paint, a slimmer jaw, expression creases.

    ``makeup`` is what makes up the still picture: :func:`made_up` where None, or anything of its arguments (an engine's).
    """

    years: float = -25.0
    paint: bool = True
    geometry: bool = False
    creases: bool = False
    colour: float = 1.0  # of freckles and lips
    makeup: MakeUp | None = None


def painted(head: Head, retouch: Retouch, seed: int) -> tuple[Head, Painted]:
    """The head with its detail, and both versions of its picture."""
    rng = np.random.default_rng([seed, 11])
    plate, without_mole = detailed(head, rng)
    truth = (retouch.makeup or made_up)(without_mole, head.landmarks, head.skin, retouch.years)
    hand = None
    if retouch.paint:
        strokes = rng.spawn(1)[0]
        by_hand = paint(head, without_mole, copy.deepcopy(strokes), colour=retouch.colour)
        hand = (np.log2(np.maximum(by_hand, 0) + OFFSET) - np.log2(np.maximum(plate, 0) + OFFSET)).astype(np.float32)
        truth = paint(head, truth, strokes, colour=retouch.colour)
    matte_truth = None
    if retouch.geometry:
        at = slimmed(head)
        truth, matte_truth = sampled(truth, at, cubic=True), sampled(head.matte, at)
    crease = creases(head, rng) if retouch.creases else None
    shine = tuple((float(head.landmarks[i, 0]), float(head.landmarks[i, 1]), strength) for i, strength in SHINE)
    return replace(head, picture=plate), Painted(
        plate=plate,
        truth=truth.astype(np.float32),
        hand=hand,
        matte_truth=matte_truth,
        crease_plate=crease,
        crease_truth=None if crease is None else crease * np.float32(0.28),
        shine=shine if retouch.creases else (),
    )


def detailed(head: Head, rng: np.random.Generator) -> tuple[Rgb, Rgb]:
    """The portrait with pores and two moles, and the same without the mole that is to go."""
    import cv2

    shape, iod = head.skin.shape, head.iod

    def noise(sigma: float) -> np.ndarray:
        grain = cv2.GaussianBlur(rng.standard_normal(shape).astype(np.float32), (0, 0), sigma)
        return grain / grain.std()

    pores = -smoothstep((noise(0.9) - 1.1) / 1.6) * 0.9 + 0.28 * (noise(0.8) - noise(2.0))
    blotches = 0.03 * noise(0.05 * iod) + 0.02 * noise(0.12 * iod)
    skin = head.skin * smoothstep((_lit(head) + 4.5) / 2.0)
    stops = ((0.14 if head.soft else 0.07) * pores + blotches) * skin
    picture = _sharper(head.picture, 0.9 if head.soft else 0.0) * np.exp2(stops)[..., None]
    stays = head.landmarks[207, :2] + np.array([0.02, 0.04]) * iod
    goes = head.landmarks[425, :2] + np.array([0.06, 0.06]) * iod
    picture = _dotted(picture, stays, 0.030 * iod, (0.35, 0.20, 0.15), 0.85)
    return _dotted(picture, goes, 0.034 * iod, (0.30, 0.17, 0.13), 0.9), picture.astype(np.float32)


def _sharper(picture: Rgb, amount: float) -> Rgb:
    """Unsharp mask in a perceptual scale: an enlarged portrait is soft."""
    import cv2

    soft = np.cbrt(np.maximum(picture, 0))
    return (np.maximum(soft + amount * (soft - cv2.GaussianBlur(soft, (0, 0), 1.6)), 0) ** 3).astype(np.float32)


def _dotted(picture: Rgb, at: np.ndarray, radius: float, colour: tuple[float, float, float], strength: float) -> Rgb:
    away = np.linalg.norm(pixel_grid(picture.shape) - at, axis=2)
    mask = (strength / (1 + np.exp(np.clip((away - radius) / 0.7, -30, 30))))[..., None]
    return (picture * (1 - mask * (1 - np.array(colour)))).astype(np.float32)


def _lit(head: Head) -> Plane:
    return np.log2(np.maximum(head.picture @ _LUMA, 1e-4)).astype(np.float32)


def _mean(plane: np.ndarray, weight: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian mean of ``plane`` over ``weight``: what is off the skin does not bleed in (Knutsson and Westin, 1993)."""
    import cv2

    def blurred(values: np.ndarray) -> np.ndarray:
        factor = max(1, int(sigma // 4))
        small = cv2.resize(values, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA) if factor > 1 else values
        small = cv2.GaussianBlur(small, (0, 0), sigma / factor, borderType=cv2.BORDER_REFLECT)
        return cv2.resize(small, values.shape[1::-1], interpolation=cv2.INTER_LINEAR) if factor > 1 else small

    over = blurred(weight) + 1e-4
    if plane.ndim == 2:
        return blurred(plane * weight) / over
    return blurred(plane * weight[..., None]) / over[..., None]


def made_up(picture: Rgb, landmarks: np.ndarray, skin: Plane, years: float) -> Rgb:
    """A younger (or older) surface: fine lines and folds less (more), shadows under eyes and in folds lifted, tone evened.

    ``landmarks`` (478, 2 or more) px, ``skin`` (h, w) 0..1 as :func:`examples.performances.head.skin_of` finds it.
    """
    import cv2

    iod = eye_distance(landmarks)
    amount = float(np.clip(-years / 25, -1, 1))
    log = np.log2(np.maximum(picture, 0) + 0.004)
    light = log @ _LUMA
    skin = skin * smoothstep((light - _mean(light, skin, 0.5 * iod) + 2.0) / 0.8)
    skin = np.maximum(skin, np.minimum(_stroked(landmarks, skin.shape, FOLDS[:2], 1.2), 1))  # a deep fold is skin too
    pore = light - cv2.GaussianBlur(light, (0, 0), max(0.6, 0.012 * iod))
    fine = _mean(light - pore, skin, 0.045 * iod)
    valleys = np.exp(-((np.minimum(light - pore - _mean(light, skin, 0.16 * iod), 0) / 0.18) ** 2)) * skin + 0.02 * skin
    fold = _mean(light - pore, valleys, 0.16 * iod)
    lines, folds = light - pore - fine, fine - fold
    change = -amount * (0.85 * np.where(lines < 0, lines, 0.7 * lines) + 0.70 * np.where(folds < 0, folds, 0.5 * folds))
    low = np.maximum(_stroked(landmarks, skin.shape, UNDER_EYES, 0.9), _stroked(landmarks, skin.shape, FOLDS, 0.6))
    broad = _mean(light - pore, skin * (1 - 0.9 * low) + 1e-3, 0.45 * iod)
    change = change + amount * 0.6 * low * np.clip(broad - fold, 0, 0.8)
    colour = log - light[..., None]
    even = -0.55 * amount * (_mean(colour, skin, 0.06 * iod) - _mean(colour, skin, 0.5 * iod))
    # a plain gain leaves red lines in deep creases: their colour comes from the skin beside them
    beside = _mean(colour, valleys, 0.20 * iod) - colour
    even = even + 0.75 * smoothstep((change - 0.08) / 0.5)[..., None] * (beside - even)
    gain = (change[..., None] + even) * skin[..., None]
    return (picture * np.exp2(gain)).astype(np.float32)


def _stroked(landmarks: np.ndarray, shape: tuple[int, ...], lines: tuple[tuple[int, ...], ...], strength: float) -> Plane:
    """Soft regions: closed where they are long (under the eyes), strokes where they are short (folds)."""
    import cv2

    iod = eye_distance(landmarks)
    out = np.zeros(shape, np.uint8)
    for line in lines:
        points = np.round(landmarks[list(line), :2] * 16).astype(np.int32)
        if len(line) > 8:
            cv2.fillPoly(out, [points], 255, cv2.LINE_AA, 4)
        else:
            cv2.polylines(out, [points], False, 255, max(1, round(0.22 * iod)), cv2.LINE_AA, 4)
    return cv2.GaussianBlur(out.astype(np.float32) / 255, (0, 0), 0.06 * iod) * strength


def paint(head: Head, picture: Rgb, rng: np.random.Generator, *, colour: float = 1.0) -> Rgb:
    """The artist's hand: freckles over a cheek and the nose, lip colour, a little light under the eyes."""
    import cv2

    iod, shape = head.iod, head.skin.shape
    grid = pixel_grid(shape)
    freckles = np.zeros(shape, np.float32)
    cheek, nose = head.landmarks[[117, 50, 101], :2].mean(axis=0), head.landmarks[5, :2]
    for index in range(60):
        middle, spread = (cheek, (0.24, 0.15)) if index < 45 else (nose, (0.14, 0.10))
        at = middle + rng.normal(0, 1, 2) * np.array(spread) * iod
        size, strength = rng.uniform(0.009, 0.019) * iod, rng.uniform(0.25, 0.75)
        left, top = (int(v) for v in np.maximum(at - 8 * size - 4, 0))
        right, bottom = (int(v) for v in at + 8 * size + 4)
        away = np.linalg.norm((grid[top:bottom, left:right] - at) * np.array([1, rng.uniform(0.8, 1.25)]), axis=2)
        spot = strength / (1 + np.exp(np.clip((away - size) / 0.6, -30, 30)))
        freckles[top:bottom, left:right] = np.maximum(freckles[top:bottom, left:right], spot)
    out = picture * (1 - (freckles * head.skin)[..., None] * np.array([0.28, 0.44, 0.52]) * min(colour, 1.2))
    lips = filled([head.landmarks[list(LIPS), :2]], shape) - filled([head.landmarks[list(INNER), :2]], shape)
    lips = cv2.GaussianBlur(np.clip(lips, 0, 1), (0, 0), 0.016 * iod)[..., None]
    out = out * (1 - lips * np.array([0.04, 0.34, 0.26]) * colour)
    under = _stroked(head.landmarks, shape, UNDER_EYES, 1.0) * head.skin
    return (out * np.exp2(0.12 * under)[..., None]).astype(np.float32)


def paint_keyframe(take: Take, number: int, picture: Rgb) -> Rgb:
    """The artist's hand on a keyframe: ``picture`` (h, w, 3), the frame as it came to the artist (the plate, or an engine's
    make-up of it), with mole, freckles, lips and under-eyes painted where the face truly is in that frame.

    Raises BriefError for a take without paint or a picture of another size.
    """
    hand = take.painted.hand
    if hand is None or picture.shape != hand.shape:
        raise BriefError(
            f"frame {number} of {take.name} cannot be painted on a picture of {picture.shape[1]}x{picture.shape[0]}",
            remedy="take the full frame of a take that has paint",
        )
    frame = take.frame(number)
    openings = sampled(np.maximum(take.head.mouth, take.head.eyes), frame.maps.skin)
    held = sampled(take.head.matte, frame.maps.skin) * (1 - openings) * (1 - frame.covered)
    gain = sampled(hand, frame.maps.skin) * held[..., None]
    light = np.maximum(picture, -0.015)
    painted_over = (light + OFFSET) * np.exp2(gain) - OFFSET + (picture - light)
    painted_over = _healed(painted_over, picture, gain)
    return np.where(np.abs(gain) > 1e-4, painted_over, picture).astype(np.float32)


def _healed(painted_over: Rgb, picture: Rgb, gain: Rgb) -> Rgb:
    """A mole is painted out with the skin beside it, however far the picture has faded it already."""
    import cv2

    mole = np.clip((gain.mean(-1) - 0.25) / 0.25, 0, 1).astype(np.float32)
    if not mole.any():
        return painted_over
    mole = cv2.GaussianBlur(cv2.dilate(mole, np.ones((3, 3), np.uint8)), (0, 0), 0.8)
    beside = (cv2.dilate(mole, np.ones((5, 5), np.uint8)) < 0.05).astype(np.float32)
    amount = cv2.GaussianBlur(beside, (0, 0), 4.0)[..., None] + np.float32(1e-4)
    skin = cv2.GaussianBlur(picture * beside[..., None], (0, 0), 4.0) / amount
    return painted_over + (skin - painted_over) * mole[..., None]


def slimmed(head: Head) -> np.ndarray:
    """Where each pixel of a slimmer, lifted jaw is fetched from, (h, w, 2)."""
    iod, grid = head.iod, pixel_grid(head.skin.shape)
    total, weight = np.zeros_like(grid), np.zeros(grid.shape[:2], np.float32)
    moves = [(i, 0.035 * side, -0.030, 0.28) for i, side in JAWLINE]
    moves += [(50, -0.012, -0.035, 0.30), (280, 0.012, -0.035, 0.30), (61, 0, -0.02, 0.14), (291, 0, -0.02, 0.14),
              (70, 0, -0.02, 0.2), (300, 0, -0.02, 0.2), (129, 0.016, 0, 0.12), (358, -0.016, 0, 0.12)]  # fmt: skip
    for index, dx, dy, wide in moves:
        near = np.exp(-((grid - head.landmarks[index, :2]) ** 2).sum(axis=2) / (2 * (wide * iod) ** 2))
        total += near[..., None] * np.array([dx, dy], np.float32) * iod
        weight += near
    held = _oval(head)[..., None]
    return (grid - held * total / np.maximum(weight, 1)[..., None]).astype(np.float32)


def _oval(head: Head) -> Plane:
    """1 on the face and a little about it, 0 in the hair and at the neck's root."""
    import cv2

    face = head.landmarks[list(OVAL), :2]
    wide = face.mean(axis=0) + (face - face.mean(axis=0)) * 1.12
    return cv2.GaussianBlur(filled([wide], head.skin.shape), (0, 0), 0.10 * head.iod)


def creases(head: Head, rng: np.random.Generator) -> np.ndarray:
    """Stops that a wholly raised brow (0) and a whole smile (1) put on the skin, (h, w, 2), negative."""
    import cv2

    iod, shape, points = head.iod, head.skin.shape, head.landmarks[:, :2]
    brow, smile = np.zeros(shape, np.float32), np.zeros(shape, np.float32)

    def stroke(line: np.ndarray, wide: float, soft: float) -> np.ndarray:
        out = np.zeros(shape, np.uint8)
        cv2.polylines(out, [np.round(line * 16).astype(np.int32)], False, 255, max(1, round(wide * iod)), cv2.LINE_AA, 4)
        return cv2.GaussianBlur(out.astype(np.float32) / 255, (0, 0), soft * iod)

    for k in range(3):
        line = points[HAIRLINE] * (0.8 - 0.22 * k) + points[BROWLINE] * (0.2 + 0.22 * k)
        brow = np.maximum(brow, stroke(line + rng.normal(0, 0.012 * iod, (7, 2)), 0.02, 0.012))
    for fold in FOLDS:
        smile = np.maximum(smile, stroke(points[list(fold)], 0.03, 0.018))
    return np.stack([-0.95 * brow * head.skin, -0.85 * smile * head.skin], axis=2).astype(np.float32)
