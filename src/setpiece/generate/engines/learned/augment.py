"""One painted keyframe made into many: moved, bent, relit, regrained, with foreign things before it.

What the artist painted is a *gain*, so relighting the plate leaves it as it is; what stands before the face was not painted,
so there it is nothing. Foreign things take their look from the shot's own pixels: beside the face, or skin out of place
(a hand). Every example is a pure function of (seed, serial number): a resumed training sees what an unbroken one sees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb, frozen
from setpiece.generate.engines.learned.explain import TOLD
from setpiece.generate.engines.learned.features import STOPS, code, decode

_OCCLUDED = 0.5  # share of examples with something before the face
_ASTRAY = 0.012  # of the chart: a tracker errs so much where something hides the face


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
    prior: Float32[np.ndarray, "n n 8"]

    def __post_init__(self) -> None:
        for array in (self.light, self.uv, self.gain, self.alpha, self.warp, self.trust, self.prior):
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
    ``told``: with what the propagation says of the lesson as it is; else zeros, and now and then something before the face."""
    random = np.random.default_rng(seed)
    x, y, turn = _maps(random, lesson.light.shape[0], patch)
    seen = _moved(np.concatenate([lesson.light, lesson.uv, lesson.gain], -1), x, y)
    rest = _moved(np.concatenate([lesson.alpha[..., None], lesson.warp, lesson.trust[..., None]], -1), x, y)
    light, uv, gain = seen[..., :3], seen[..., 3:5], seen[..., 5:8]
    alpha, warp, trust = rest[..., :1], rest[..., 1:3] @ turn.T, rest[..., 3:4]
    prior = _moved(lesson.prior, x, y) if told else np.zeros((patch, patch, TOLD), np.float32)
    uv = uv + random.normal(0, _ASTRAY, 2).astype(np.float32)
    light = _relit(random, light, grain)
    if not told and random.random() < _OCCLUDED:
        cover, before = occluder(random, lesson, foreign, patch)
        light = light * (1 - cover) + before * cover
        gain, alpha, warp = gain * (1 - cover), alpha * (1 - cover), warp * (1 - cover)
        trust = np.maximum(trust, cover)
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
        shape = random.random()
        if shape < 0.25:
            _bar(matte, centre, random.uniform(0, 2 * np.pi), patch, random.uniform(0.02, 0.14) * patch)
        elif shape < 0.45:
            axes = tuple(int(v) for v in random.uniform(0.02, 0.18, 2) * patch)
            at = (int(centre[0]), int(centre[1]))
            cv2.ellipse(matte, at, axes, float(random.uniform(0, 180)), 0, 360, 1.0, -1, cv2.LINE_AA)
        else:
            _hand(random, matte, centre, patch)
    matte = np.clip(cv2.GaussianBlur(matte, (0, 0), float(random.uniform(0.5, 2))), 0, 1)[..., None]
    before = _foreign(random, lesson, foreign)[:patch, :patch]
    return matte.astype(np.float32), (before + random.normal(0, 0.04, 3).astype(np.float32)).astype(np.float32)


def _foreign(random: np.random.Generator, lesson: Lesson, foreign: tuple[Rgb, ...]) -> Rgb:
    """What something before the face may look like, coded (n, n, 3): a hand (skin, smooth), the face's own parts out of place,
    or what else is in the shot."""
    import cv2

    size = lesson.light.shape[0]
    kind = random.random()
    source = foreign[int(random.integers(len(foreign)))] if foreign and kind > 0.7 else lesson.light
    rolled = np.roll(source, tuple(int(v) for v in random.integers(size // 6, size - size // 6, 2)), (0, 1))
    if kind < 0.5:
        painted = lesson.light[lesson.alpha > 0.5]
        skin = painted.mean(0) if len(painted) else rolled.mean((0, 1))
        smooth = cv2.GaussianBlur(rolled - rolled.mean((0, 1)), (0, 0), random.uniform(0.01, 0.05) * size)
        return skin + smooth * np.float32(random.uniform(0.1, 0.5)) + np.float32(random.normal(0, 0.05))
    if kind < 0.7:
        return rolled + np.float32(random.normal(0, 0.06))
    return rolled * np.float32(random.uniform(0.2, 1)) + np.float32(random.uniform(0, 0.6))


def _bar(matte: Plane, end: Float32[np.ndarray, "2"], angle: float, length: float, wide: float) -> None:
    import cv2

    other = end + np.array([np.cos(angle), np.sin(angle)]) * length
    ends = [(int(p[0]), int(p[1])) for p in (end, other)]
    cv2.line(matte, ends[0], ends[1], 1.0, max(1, int(wide)), cv2.LINE_AA)


def _hand(random: np.random.Generator, matte: Plane, palm: Float32[np.ndarray, "2"], patch: int) -> None:
    """Something with fingers: what is seen between them is painted, and they are not."""
    import cv2

    size, points = random.uniform(0.08, 0.2) * patch, random.uniform(0, 2 * np.pi)
    cv2.circle(matte, (int(palm[0]), int(palm[1])), max(1, int(size)), 1.0, -1, cv2.LINE_AA)
    _bar(matte, palm, points + np.pi, 2 * patch, 1.3 * size)
    for spread in np.linspace(-1, 1, 4) * random.uniform(0.2, 0.5):
        _bar(matte, palm, points + spread, random.uniform(1.8, 2.6) * size, random.uniform(0.3, 0.45) * size)
