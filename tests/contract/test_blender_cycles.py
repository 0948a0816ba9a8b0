"""Engine ``cycles`` keeps the engine contract (without grit, which it refuses)."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from engine_contract import EngineContract
from small_stage import FIRST, small_request

from setpiece.core.errors import CapabilityMissing
from setpiece.core.layers import Layers
from setpiece.core.stage import Gas
from setpiece.generate.contract import Request
from setpiece.generate.engines.cycles import CyclesEngine, CyclesLook
from setpiece.passes.checks import check_layers

pytestmark = pytest.mark.blender


class TestCyclesEngine(EngineContract):
    @pytest.fixture(scope="class")
    @classmethod
    def request_(cls) -> Request:
        return small_request(grit=False)

    @classmethod
    def make(cls) -> CyclesEngine:
        return CyclesEngine()

    def test_the_layers_pass_the_house_checks(self, layers: Layers) -> None:
        check_layers(layers)

    def test_the_ground_is_darkened_where_debris_lies(self, layers: Layers) -> None:
        assert layers.shadow.min() < 0.8


def cloud(frame: int) -> Gas:
    """A ball of dust in front of the wall."""
    shape, cell, origin = (24, 16, 16), 0.4, (-4.6, 8.0, 0.2)
    at = np.stack(np.meshgrid(*[o + cell * np.arange(n) for o, n in zip(origin, shape, strict=True)], indexing="ij"), axis=-1)
    density = 0.1 * np.clip(1.4 - np.linalg.norm(at - (-2.5, 11.0, 2.0), axis=-1), 0, 1)
    coordinates = at.astype(np.float32)
    return Gas(frame=frame, origin_m=origin, cell_m=cell, density=density.astype(np.float32), detail_a=coordinates,
               detail_b=coordinates.copy(), phase=0.3)  # fmt: skip


def test_dust_lies_over_debris_where_the_gas_is() -> None:
    request = small_request(grit=False)
    engine = CyclesEngine()
    engine.prepare(Request(scene=request.scene, frames=request.frames, samples=4, seed=3, gas=cloud, permit=request.permit))
    layers = engine.render(FIRST + 12)
    check_layers(layers)
    pixel, _ = request.scene.camera.project(np.array([[-2.5, 11.0, 2.0]], np.float32))
    x, y = pixel[0].astype(int)
    assert layers.dust[y, x, 3] > 0.9 and (layers.dust[y, x, :3] > 0.02).all()
    assert layers.dust[:, -10:, 3].max() < 0.05


def test_parts_of_a_picture_are_those_of_the_whole_and_the_rest_is_empty() -> None:
    request = small_request(grit=False)
    engine = CyclesEngine(look=CyclesLook(denoise=False, samples=4))
    engine.prepare(request)
    whole = engine.pictures(FIRST + 12, ("whole",), gas=None)["whole"]
    height, width = whole.shape[:2]
    borders = ((8, 6, width // 2, height // 2), (width // 2 + 4, height // 2, width - 2, height))
    parts = engine.pictures(FIRST + 12, ("whole",), gas=None, borders=borders)["whole"]
    inside = np.zeros((height, width), bool)
    for left, top, right, bottom in borders:
        inside[top:bottom, left:right] = True
    assert parts.shape == whole.shape
    assert np.abs(whole[inside]).max() > 0.1
    assert not parts[~inside].any()
    inner = cv2.erode(inside.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=0) > 0  # the pixel filter reaches over
    np.testing.assert_allclose(parts[inner], whole[inner], atol=2e-3)


def test_grit_is_refused_by_name() -> None:
    with pytest.raises(CapabilityMissing, match="'grit'"):
        CyclesEngine().prepare(small_request())
