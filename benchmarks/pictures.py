"""What benchmarks do with pictures and clocks: layers put together, errors measured where anything was made."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from setpiece.core.arrays import Mask, Rgb
from setpiece.core.layers import Layers
from setpiece.generate.contract import CollapseScene


@contextmanager
def clocked(into: dict[str, float], name: str, *, children: bool = False) -> Iterator[None]:
    """Wall and CPU seconds of a block, added to ``into``; of the processes it waited for with ``children``."""
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    before, start = resource.getrusage(who), time.perf_counter()
    yield
    after = resource.getrusage(who)
    into[f"{name}_wall_s"] = into.get(f"{name}_wall_s", 0.0) + time.perf_counter() - start
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    into[f"{name}_cpu_s"] = into.get(f"{name}_cpu_s", 0.0) + spent


def view(rgb: Rgb) -> np.ndarray:
    """Scene-linear to 0..1 by the sRGB curve, for measuring and looking."""
    clipped = np.clip(rgb, 0, 1)
    return np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * np.maximum(clipped, 1e-9) ** (1 / 2.4) - 0.055)


def behind(scene: CollapseScene, layers: Layers) -> Rgb:
    """What stands and lies behind debris and dust."""
    standing = layers.standing[..., None]
    inside = scene.matte[..., None] > 0
    return np.where(inside, standing * scene.plate + (1 - standing) * scene.clean, scene.plate) * layers.shadow


def over(front: np.ndarray, back: Rgb) -> Rgb:
    """Premultiplied over."""
    return front[..., :3] + (1 - front[..., 3:]) * back


def compare(picture: Rgb, reference: Rgb, made: Mask) -> dict[str, float]:
    """SSIM and mean absolute difference where something was made, of view-coded pictures."""
    from skimage.metrics import structural_similarity

    a, b = view(picture).astype(np.float64), view(reference).astype(np.float64)
    _, full = structural_similarity(a, b, channel_axis=2, data_range=1.0, full=True)
    return {
        "ssim": float(full.mean(axis=2)[made].mean()),
        "mean_abs": float(np.abs(a - b)[made].mean()),
        "signed": float((a - b)[made].mean()),
    }
