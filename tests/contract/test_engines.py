"""Every engine passes the contract suite; so does the fake that other tests use."""

from __future__ import annotations

import numpy as np
from engine_contract import EngineContract

from setpiece.core.layers import Layers
from setpiece.generate.contract import (
    DUST,
    GRIT,
    SAMPLES,
    SEED,
    SHUTTER,
    Engine,
    Request,
    check_capabilities,
    check_frame,
)
from setpiece.generate.engines.house.engine import HouseEngine


class FakeEngine:
    """Paints a grey card where pieces have moved: honours everything but dust and its look."""

    name = "fake"

    def __init__(self) -> None:
        self._request: Request | None = None

    def capabilities(self) -> frozenset[str]:
        return frozenset({GRIT, SAMPLES, SEED, SHUTTER})

    def prepare(self, request: Request) -> None:
        check_capabilities(self, request)
        self._request = request

    def render(self, frame: int) -> Layers:
        scene = check_frame(self._request, frame, engine=self.name).scene
        size = scene.matte.shape
        fallen = np.zeros(size, bool)
        if scene.motion.moved(frame).any():
            fallen[:, : size[1] // 2] = scene.matte[:, : size[1] // 2] > 0
        full = fallen.astype(np.float32)
        ids = np.full((*size, 3), -1, np.int32)
        ids[..., 0] = np.where(fallen, 0, -1)
        coverage = np.zeros((*size, 3), np.float32)
        coverage[..., 0] = full
        return Layers(
            frame=frame,
            debris=full[..., None] * np.array([0.2, 0.2, 0.2, 1.0], np.float32),
            dust=np.zeros((*size, 4), np.float32),
            shadow=np.ones((*size, 3), np.float32),
            standing=((scene.matte > 0) & ~fallen).astype(np.float32),
            depth=np.where(fallen, 14.0, np.inf).astype(np.float32),
            normal=full[..., None] * np.array([0.0, -1.0, 0.0], np.float32),
            forward=np.zeros((*size, 2), np.float32),
            backward=np.zeros((*size, 2), np.float32),
            rest=np.zeros((*size, 3), np.float32),
            ids=ids,
            coverage=coverage,
        )


class TestFakeEngine(EngineContract):
    @classmethod
    def make(cls) -> Engine:
        return FakeEngine()


class TestHouseEngine(EngineContract):
    @classmethod
    def make(cls) -> Engine:
        return HouseEngine()


def test_the_cost_of_asking_is_known_before_any_work() -> None:
    assert DUST in HouseEngine().capabilities()
    assert DUST not in FakeEngine().capabilities()
