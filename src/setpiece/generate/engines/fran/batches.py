"""Batches of pairs, drawn and varied: the same seed draws the same batch, whatever was drawn before.

Place in the flow: between the list of pairs and the training. Both pictures of a pair are varied alike: place, size,
mirror, exposure, white, grain. Ages go along pixel by pixel; some samples are re-aged in a soft part only.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.core.errors import PlateUnreadable
from setpiece.generate.engines.fran.domain import encoded
from setpiece.generate.engines.fran.pairs import Pair, Pairs, picture
from setpiece.generate.engines.fran.shape import age_codes

_HELD_OUT = 10  # one pair in ten is not learned from, where there are as many
_KEPT_BYTES = 2 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What the network is given, (b, 5, s, s) codes and ages, and the codes (b, 3, s, s) that it should arrive at."""

    planes: Tensor
    target: Tensor


class Pictures:
    """Pictures in linear light as they are read, the last ones kept in memory."""

    def __init__(self, colour_space: str) -> None:
        self._space = colour_space
        self._kept: OrderedDict[Path, Rgb] = OrderedDict()

    def of(self, path: Path) -> Rgb:
        """Scene-linear ACEScg."""
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        found = self._kept[path] = picture(path, self._space)
        while len(self._kept) > 2 and sum(pixels.nbytes for pixels in self._kept.values()) > _KEPT_BYTES:
            self._kept.popitem(last=False)
        return found


def held_out(pairs: Pairs) -> tuple[Pairs, Pairs | None]:
    """The pairs to learn from and, where there are ten or more, every tenth by its hash to measure by."""
    if len(pairs.items) < _HELD_OUT:
        return pairs, None
    ranked = sorted(pairs.items, key=lambda item: (item.input_sha256, item.target_sha256, str(item.input)))
    kept = tuple(ranked[::_HELD_OUT])
    chosen = {id(item) for item in kept}
    learned = tuple(item for item in pairs.items if id(item) not in chosen)
    return replace(pairs, items=learned), replace(pairs, items=kept)


def drawn(pairs: Pairs, pictures: Pictures, count: int, size: int, mixed: float, *, seed: tuple[int, int]) -> Batch:
    """``count`` samples of (size, size). ``mixed`` is a share; ``seed`` is the run's and the step's."""
    rng = np.random.default_rng([seed[0] % 2**32, seed[1] % 2**32])
    samples = [_sample(pairs.items[int(rng.integers(len(pairs.items)))], pictures, size, mixed, rng) for _ in range(count)]
    planes, targets = (np.stack([sample[part].transpose(2, 0, 1) for sample in samples]) for part in (0, 1))
    return Batch(planes=torch.from_numpy(np.ascontiguousarray(planes)), target=torch.from_numpy(np.ascontiguousarray(targets)))


def _sample(
    item: Pair, pictures: Pictures, size: int, mixed: float, rng: np.random.Generator
) -> tuple[Float32[np.ndarray, "s s 5"], Rgb]:
    before, after = pictures.of(item.input), pictures.of(item.target)
    if before.shape != after.shape:
        raise PlateUnreadable("is not of its input's size", file=item.target, remedy="take the pair out, or mend it")
    before, after = _cropped(before, after, size, rng)
    gain = np.float32(2) ** (rng.uniform(-0.7, 0.7) + rng.uniform(-0.07, 0.07, 3)).astype(np.float32)
    grain = rng.normal(0, rng.uniform(0, 0.02), before.shape).astype(np.float32)  # in codes: as film has it
    first, second = encoded(before * gain) + grain, encoded(after * gain) + grain
    ages = np.empty((size, size, 2), np.float32)
    share = _part(size, mixed, rng)
    ages[..., 0] = age_codes(item.input_age)
    ages[..., 1] = age_codes(item.input_age + share * (item.output_age - item.input_age))
    return np.concatenate([first, ages], axis=-1), first + share[..., None] * (second - first)


def _part(size: int, mixed: float, rng: np.random.Generator) -> Plane:
    """How much of the re-ageing is asked for, pixel by pixel: mostly all, sometimes a soft half-plane."""
    choice, angle, edge = rng.random(), rng.uniform(0, 2 * np.pi), rng.uniform(-0.3, 0.3)
    softness = rng.uniform(0.01, 0.15)
    if choice >= mixed:
        return np.ones((size, size), np.float32)
    y, x = (np.mgrid[:size, :size] + 0.5) / size - 0.5
    return np.clip((x * np.cos(angle) + y * np.sin(angle) - edge) / softness + 0.5, 0, 1).astype(np.float32)


def _cropped(before: Rgb, after: Rgb, size: int, rng: np.random.Generator) -> tuple[Rgb, Rgb]:
    """The same part of both, at 0.7 to 1.4 times its size, mirrored half of the time."""
    import cv2

    height, width = before.shape[:2]
    scale = max(float(np.exp(rng.uniform(np.log(0.7), np.log(1.4)))), size / min(height, width))
    side = size / scale
    left, top = rng.uniform(0, max(width - side, 0)), rng.uniform(0, max(height - side, 0))
    matrix = np.array([[scale, 0, scale * (0.5 - left) - 0.5], [0, scale, scale * (0.5 - top) - 0.5]])
    how: Any = cv2.INTER_LINEAR
    found = [
        cv2.warpAffine(pixels, matrix, (size, size), flags=how, borderMode=cv2.BORDER_REFLECT_101) for pixels in (before, after)
    ]
    if rng.random() < 0.5:
        found = [pixels[:, ::-1] for pixels in found]
    return np.ascontiguousarray(found[0]), np.ascontiguousarray(found[1])
