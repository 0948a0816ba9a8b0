"""One painted keyframe made into many: moved, bent, relit, regrained, with foreign things before it.

What the artist painted is a *gain*, so relighting the plate leaves it as it is; what stands before the face was not painted,
so there it is nothing. Foreign things take their look from the shot's own pixels: beside the face, or skin out of place
(a hand). Every example is a pure function of (seed, serial number): a resumed training sees what an unbroken one sees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Pixels, Plane, Rgb, frozen
from setpiece.generate.engines.learned.explain import TOLD, doubts
from setpiece.generate.engines.learned.features import STOPS, code, decode

_OCCLUDED = 0.5  # share of examples with something before the face


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One frame to learn from, on its canvas of n x n.

    ``light`` coded; ``uv`` -1..1; ``gain`` in stops with alpha in it; ``alpha``; ``warp`` px of the canvas; ``trust``
    (n, n) 0..1, how far the gain is to be believed (one on a painted keyframe). ``priors`` (p, n, n, 8): what the
    propagation says without this frame, from differing sets of the other keyframes (:func:`.explain.told_planes`).
    """

    frame: int
    painted: bool
    light: Rgb
    uv: Float32[np.ndarray, "n n 2"]
    gain: Rgb
    alpha: Plane
    warp: Float32[np.ndarray, "n n 2"]
    trust: Plane
    priors: Float32[np.ndarray, "p n n 8"]

    def __post_init__(self) -> None:
        for array in (self.light, self.uv, self.gain, self.alpha, self.warp, self.trust, self.priors):
            frozen(array)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A patch of an augmented lesson, planes first; gain and prior in stops, warp in px of the canvas."""

    light: Float32[np.ndarray, "3 p p"]
    uv: Float32[np.ndarray, "2 p p"]
    gain: Float32[np.ndarray, "3 p p"]
    alpha: Float32[np.ndarray, "1 p p"]
    warp: Float32[np.ndarray, "2 p p"]
    trust: Float32[np.ndarray, "1 p p"]
    prior: Float32[np.ndarray, "8 p p"]


def example_of(
    lesson: Lesson,
    *,
    seed: tuple[int, ...],
    patch: int,
    foreign: tuple[Rgb, ...] = (),
    grain: float = 0.012,
    told: bool = True,
) -> Example:
    """The example ``seed`` names, a patch of ``patch`` px. ``foreign``: coded pictures (n, n, 3) of what is not the face;
    ``told``: with what the propagation says, else zeros."""
    random = np.random.default_rng(seed)
    x, y, turn = _maps(random, lesson.light.shape[0], patch)
    seen = _moved(np.concatenate([lesson.light, lesson.uv, lesson.gain], -1), x, y)
    rest = _moved(np.concatenate([lesson.alpha[..., None], lesson.warp, lesson.trust[..., None]], -1), x, y)
    light, uv, gain = seen[..., :3], seen[..., 3:5], seen[..., 5:8]
    alpha, warp, trust = rest[..., :1], rest[..., 1:3] @ turn.T, rest[..., 3:4]
    prior = _told(random, lesson, x, y) if told and len(lesson.priors) else np.zeros((patch, patch, TOLD), np.float32)
    light = _relit(random, light, grain)
    if random.random() < _OCCLUDED:
        cover, before = occluder(random, lesson, foreign, patch)
        bare, light = light, light * (1 - cover) + before * cover
        gain, alpha, warp = gain * (1 - cover), alpha * (1 - cover), warp * (1 - cover)
        trust = np.maximum(trust, cover)
        prior = _hidden(prior, cover, bare - light)
    planes = (np.ascontiguousarray(p.transpose(2, 0, 1), np.float32) for p in (light, uv, gain, alpha, warp, trust, prior))
    return Example(**dict(zip(("light", "uv", "gain", "alpha", "warp", "trust", "prior"), planes, strict=True)))


def _maps(random: np.random.Generator, size: int, patch: int) -> tuple[Plane, Plane, Float32[np.ndarray, "2 2"]]:
    """Where each pixel of the patch is fetched from, and what turns vectors of the lesson into vectors of the patch."""
    angle, scale = random.normal(0, 0.06), np.exp(random.normal(0, 0.05))
    shift = random.normal(0, 0.02 * size, 2)
    corner = random.integers(0, max(1, (size - patch) // 16 + 1), 2) * 16
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
    y, x = np.mgrid[0:patch, 0:patch].astype(np.float32)
    x, y = x + np.float32(corner[0] - size / 2), y + np.float32(corner[1] - size / 2)
    bent = _field(random, (patch, patch), 5, 2) * np.float32(0.008 * size)
    at_x = turned[0, 0] * x + turned[0, 1] * y + size / 2 + shift[0] + bent[..., 0]
    at_y = turned[1, 0] * x + turned[1, 1] * y + size / 2 + shift[1] + bent[..., 1]
    return at_x.astype(np.float32), at_y.astype(np.float32), np.linalg.inv(turned).astype(np.float32)


def _hidden(prior: Pixels, cover: Plane, change: Rgb) -> Pixels:
    """What the propagation would say with something before the face: its paint stays, ``change`` (coded) of light is
    missing under ``cover``, and its doubts follow from that."""
    if not prior.any():
        return prior
    missing = prior[..., 5:8] * (1 - cover) + change * np.float32(STOPS)
    doubt = np.minimum(prior[..., 3:5], np.dstack(doubts(missing)))
    return np.dstack([prior[..., :3], doubt, missing]).astype(np.float32)


def _told(random: np.random.Generator, lesson: Lesson, x: Plane, y: Plane) -> Float32[np.ndarray, "p p 8"]:
    """One of the lesson's propagations, now and then slipped a little: it does not always sit."""
    prior = lesson.priors[int(random.integers(len(lesson.priors)))]
    slip = _field(random, (x.shape[0], x.shape[1]), 5, 2) * np.float32(random.choice((0.0, 0.6)))
    return _moved(prior, x + slip[..., 0], y + slip[..., 1])


def _moved(planes: Float32[np.ndarray, "h w c"], x: Plane, y: Plane) -> Float32[np.ndarray, "h w c"]:
    import cv2

    parts = [
        cv2.remap(np.ascontiguousarray(planes[..., i : i + 4]), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        for i in range(0, planes.shape[-1], 4)
    ]
    return np.concatenate([p[..., None] if p.ndim == 2 else p for p in parts], -1)


def _field(random: np.random.Generator, size: tuple[int, int], knots: int, channels: int) -> Float32[np.ndarray, "h w c"]:
    """Smooth noise of unit deviation at its knots."""
    import cv2

    coarse = random.standard_normal((knots, knots, channels)).astype(np.float32)
    return cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC).reshape(*size, channels)


def _relit(random: np.random.Generator, light: Rgb, grain: float) -> Rgb:
    """Another exposure, tint, fall-off and grain: the network is not to learn the keyframe's own."""
    tint = random.normal(0, 0.35) + random.normal(0, 0.06, 3)
    fall = _field(random, (light.shape[0], light.shape[1]), 3, 1) * np.float32(0.35)
    coded = light + (tint.astype(np.float32) + fall) / np.float32(STOPS)
    level = np.float32(random.uniform(0, grain))
    linear = decode(coded)
    noise = random.standard_normal(light.shape, dtype=np.float32)
    return code(linear + noise * level * np.sqrt(np.maximum(linear, 0)))


def occluder(random: np.random.Generator, lesson: Lesson, foreign: tuple[Rgb, ...], patch: int) -> tuple[Plane, Rgb]:
    """A matte (p, p, 1) of one or two bars or blobs, and the coded picture of what it is made of."""
    import cv2

    matte = np.zeros((patch, patch), np.float32)
    for _ in range(int(random.integers(1, 3))):
        centre = random.uniform(0.1, 0.9, 2) * patch
        if random.random() < 0.5:
            angle = random.uniform(0, np.pi)
            way = np.array([np.cos(angle), np.sin(angle)]) * patch
            ends = [tuple(int(v) for v in centre + s * way) for s in (-1.0, float(random.choice((0.0, 1.0))))]
            cv2.line(matte, ends[0], ends[1], 1.0, max(1, int(random.uniform(0.02, 0.14) * patch)), cv2.LINE_AA)
        else:
            axes = tuple(int(v) for v in random.uniform(0.02, 0.18, 2) * patch)
            at = (int(centre[0]), int(centre[1]))
            cv2.ellipse(matte, at, axes, float(random.uniform(0, 180)), 0, 360, 1.0, -1, cv2.LINE_AA)
    matte = np.clip(cv2.GaussianBlur(matte, (0, 0), float(random.uniform(0.5, 2))), 0, 1)[..., None]
    source = lesson.light
    if foreign and random.random() < 0.5:
        source = foreign[int(random.integers(len(foreign)))]
    size = source.shape[0]
    rolled = np.roll(source, tuple(int(v) for v in random.integers(size // 6, size - size // 6, 2)), (0, 1))[:patch, :patch]
    if source is lesson.light and random.random() < 0.5:
        before = rolled + np.float32(random.normal(0, 0.06))
    else:
        before = rolled * np.float32(random.uniform(0.2, 1)) + np.float32(random.uniform(0, 0.6))
    return matte.astype(np.float32), (before + random.normal(0, 0.04, 3).astype(np.float32)).astype(np.float32)
