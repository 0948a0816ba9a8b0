"""A tiny shot without a face, three painted frames, and a propagation that knows the truth but for one corner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from setpiece.core.arrays import Rgb
from setpiece.core.retouch import Delta
from setpiece.core.timing import FrameRange
from setpiece.generate.engines.learned.explain import Reason, Reasoned
from setpiece.generate.engines.learned.features import canvas_of
from setpiece.generate.engines.learned.net import NetSettings
from setpiece.generate.engines.learned.settings import TrainingSettings
from setpiece.generate.engines.learned.training import Training
from setpiece.generate.retouch import Keyframe, RetouchRequest

SIDE = 48
FRAMES = FrameRange(first=1001, last=1009, rate=Fraction(24))
SETTINGS = TrainingSettings(
    steps=40, size=32, patch=32, threads=1, bfloat16=False, net=NetSettings(channels=4, judge=4, multiples=(1, 2, 2))
)


class Permit:
    def check(self) -> None:
        return


def plate(frame: int) -> Rgb:
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE
    shift = 0.02 * (frame - 1001)
    grey = 0.3 + 0.2 * np.sin(9 * (x + shift)) * np.cos(7 * y)
    return np.stack([grey, grey * 0.8, grey * 0.6], -1).astype(np.float32)


def gain_of(frame: int) -> np.ndarray:
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    spot = np.exp(-((x - 24 - 0.5 * (frame - 1005)) ** 2 + (y - 24) ** 2) / 60)
    return (spot[..., None] * np.array([0.8, 0.4, -0.3])).astype(np.float32) * (spot > 0.05)[..., None]


def painted(frame: int) -> Rgb:
    return ((plate(frame) + 0.02) * np.exp2(gain_of(frame)) - 0.02).astype(np.float32)


def request_of(frames: tuple[int, ...] = (1002, 1005, 1008)) -> RetouchRequest:
    keys = tuple(Keyframe(frame=f, plate=plate(f), painted=painted(f)) for f in frames)
    return RetouchRequest(plate=plate, frames=FRAMES, size=(SIDE, SIDE), keyframes=keys, permit=Permit())


class Told(Reasoned):
    """Says the truth, half of it in the upper half, and that it is unsure there."""

    def __init__(self, request: RetouchRequest) -> None:
        super().__init__()
        self.request = request

    def explained(self, frame: int, without: tuple[int, ...] = (), *, plate: Rgb | None = None) -> Reason | None:
        gain = gain_of(frame).copy()
        gain[: SIDE // 2] *= 0.5
        missing = np.zeros((SIDE, SIDE, 3), np.float32)
        missing[: SIDE // 2] = 0.1
        whole = np.ones((SIDE, SIDE), np.float32)
        delta = Delta(
            frame=frame, box=(0, 0, SIDE, SIDE), gain_stops=gain, alpha=(np.abs(gain).max(-1) > 0) * whole, confidence=whole
        )
        canvas = canvas_of(replace(self.request, face=None), frame, SIDE)
        assert canvas is not None
        chart = replace(canvas.chart, matrix=np.eye(2, 3, dtype=np.float32))
        doubt = np.ones((SIDE, SIDE, 2), np.float32)
        doubt[: SIDE // 2, :, 1] = 0.1
        return Reason(delta=delta, open=whole, missing=missing, chart=chart, doubt=doubt)


@pytest.fixture
def begin(tmp_path: Path) -> Callable[..., Training]:
    def made(folder: str = "a", request: RetouchRequest | None = None, told: bool = True, **changes: object) -> Training:
        request = request or request_of()
        settings = replace(SETTINGS, **changes)  # type: ignore[arg-type]
        return Training.begin(request, settings, tmp_path / folder, propagation=Told(request) if told else None)

    return made
