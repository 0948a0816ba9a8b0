"""Two portraits, moved by known maps over drawn backgrounds: what the tracker must find is known exactly."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from setpiece.core.timing import FrameRange
from setpiece.media.colour import to_acescg

# portrait: middle of the face, half the head's height, px of the portrait
HEADS = {"astronaut": ((224.0, 118.0), 105.0), "admiral": ((266.0, 218.0), 165.0)}


@cache
def portrait(name: str) -> np.ndarray:
    """One of the two portraits, scene-linear ACEScg."""
    if name == "astronaut":
        import skimage.data

        codes = skimage.data.astronaut()
    else:
        import matplotlib

        path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
        codes = cv2.imread(str(path))[..., ::-1]
    return to_acescg((codes / np.float32(255)).astype(np.float32), "sRGB - Texture")


def room(width: int, height: int, seed: int = 0) -> np.ndarray:
    """A soft, uneven wall."""
    coarse = np.random.default_rng(seed).uniform(0.05, 0.35, (5, 7, 3)).astype(np.float32)
    return np.clip(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), 0.01, 1)


def placed(
    picture: np.ndarray, name: str, centre: tuple[float, float], half: float, *, roll: float = 0.0, squeeze: float = 1.0
) -> np.ndarray:
    """``picture`` with a head of half height ``half`` px at ``centre``, turned by ``roll`` radians, narrowed by ``squeeze``."""
    (x, y), size = HEADS[name]
    scale = half / size
    cos, sin = np.cos(roll) * scale, np.sin(roll) * scale
    matrix = np.array([[cos * squeeze, -sin, 0], [sin * squeeze, cos, 0]])
    matrix[:, 2] = np.array(centre) - matrix[:, :2] @ (x, y)
    source = portrait(name)
    v, u = np.mgrid[0 : source.shape[0], 0 : source.shape[1]].astype(np.float32)
    away = np.hypot((u - x) / (0.86 * size), (v - y) / (1.12 * size))
    alpha = np.clip((1.0 - away) / 0.06, 0, 1)[..., None].astype(np.float32)
    matrix[:, 2] -= 0.5 - matrix[:, :2] @ (0.5, 0.5)
    over = cv2.warpAffine(
        np.concatenate([source * alpha, alpha], 2), matrix, (picture.shape[1], picture.shape[0]), flags=cv2.INTER_AREA
    )
    return picture * (1 - over[..., 3:]) + over[..., :3]


def grained(picture: np.ndarray, frame: int) -> np.ndarray:
    """With a camera's noise, another one in each frame."""
    noise = np.random.default_rng(frame).standard_normal(picture.shape, np.float32)
    return np.maximum(picture + noise * np.sqrt(0.00002 + 0.0003 * picture), 0).astype(np.float32)


def scene(draw: Callable[[int], np.ndarray]) -> Callable[[int], np.ndarray]:
    """The plates of a shot whose k-th frame ``draw(k)`` paints, frames from 1001."""
    return lambda frame: grained(draw(frame - 1001), frame)


def shot(count: int, rate: int = 24) -> FrameRange:
    from fractions import Fraction

    return FrameRange(first=1001, last=1000 + count, rate=Fraction(rate))


def middle(landmarks: np.ndarray) -> np.ndarray:
    """Where the face is: the mean of its skin's landmarks, px."""
    return landmarks[:468, :2].mean(0)
