"""What every engine must do, whatever it is made of: subclass :class:`EngineContract` and say how to make the engine."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from small_stage import FIRST, small_request

from setpiece.core.errors import CapabilityMissing, StageError
from setpiece.core.layers import Layers
from setpiece.generate.contract import Engine, Request, check_capabilities, needed_capabilities

PLANES = {
    "debris": 4, "dust": 4, "shadow": 3, "standing": 0, "depth": 0, "normal": 3, "forward": 2, "backward": 2, "rest": 3,
}  # fmt: skip


def arrays(layers: Layers) -> dict[str, np.ndarray]:
    return {f.name: getattr(layers, f.name) for f in fields(layers) if f.name != "frame"}


class EngineContract:
    """The suite. ``late`` is a frame in which pieces fly and lie."""

    late = FIRST + 12

    @classmethod
    def make(cls) -> Engine:
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def request_(cls) -> Request:
        return small_request()

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls, request_: Request) -> Engine:
        engine = cls.make()
        engine.prepare(request_)
        return engine

    @pytest.fixture(scope="class")
    @classmethod
    def layers(cls, engine: Engine) -> Layers:
        return engine.render(cls.late)

    def test_planes_have_the_plates_size_and_are_float32(self, layers: Layers, request_: Request) -> None:
        size = request_.scene.plate.shape[:2]
        for name, channels in PLANES.items():
            plane = getattr(layers, name)
            assert plane.shape == ((*size, channels) if channels else size), name
            assert plane.dtype == np.float32, name
        assert layers.ids.dtype == np.int32
        assert layers.ids.shape == layers.coverage.shape
        assert layers.frame == self.late

    def test_layers_are_read_only(self, layers: Layers) -> None:
        for name, plane in arrays(layers).items():
            assert not plane.flags.writeable, name

    def test_everything_but_depth_is_finite_and_in_range(self, layers: Layers) -> None:
        for name, plane in arrays(layers).items():
            if name != "depth":
                assert np.isfinite(plane).all(), name
        for plane in (layers.debris[..., 3], layers.dust[..., 3], layers.standing, layers.coverage):
            assert plane.min() >= 0 and plane.max() <= 1 + 1e-5
        assert (layers.debris >= 0).all() and (layers.shadow >= 0).all() and (layers.depth > 0).all()

    def test_data_lies_where_debris_lies(self, layers: Layers) -> None:
        hit = np.isfinite(layers.depth)
        length = np.linalg.norm(layers.normal, axis=-1)
        assert np.allclose(length[hit], 1, atol=1e-3) and not length[~hit].any()
        assert ((layers.ids >= 0) == (layers.coverage > 0)).all()
        assert (np.diff(layers.coverage, axis=-1) <= 1e-6).all()
        assert layers.coverage.sum(-1).max() <= 1 + 1e-5

    def test_something_has_fallen(self, layers: Layers) -> None:
        assert layers.debris[..., 3].sum() > 50
        assert (layers.ids >= 0).sum() > 50

    def test_same_frame_gives_the_same_bits_in_any_order(self, layers: Layers, request_: Request) -> None:
        other = self.make()
        other.prepare(request_)
        other.render(FIRST + 2)
        again = other.render(self.late)
        for name, plane in arrays(layers).items():
            assert np.array_equal(plane, getattr(again, name)), name

    def test_before_release_the_recomposed_picture_is_the_plate_to_the_bit(self, engine: Engine, request_: Request) -> None:
        layers, scene = engine.render(FIRST), request_.scene
        assert not layers.debris.any() and not layers.dust.any()
        assert (layers.shadow == 1).all()
        behind = np.where(layers.standing[..., None] == 1, scene.plate, scene.clean)
        inside = scene.matte > 0
        assert (layers.standing[inside] == 1).all()
        assert np.array_equal((behind * layers.shadow)[inside], scene.plate[inside])

    def test_coverages_never_sum_above_one(self, layers: Layers) -> None:
        assert (layers.standing + layers.debris[..., 3]).max() <= 1 + 1e-4

    def test_a_frame_outside_of_the_shot_is_refused_by_number(self, engine: Engine) -> None:
        with pytest.raises(StageError, match="frame 7:"):
            engine.render(7)

    def test_render_before_prepare_is_refused(self) -> None:
        with pytest.raises(StageError, match="prepare"):
            self.make().render(FIRST)

    def test_what_it_cannot_honour_is_refused_by_name(self, request_: Request) -> None:
        engine = self.make()
        wanted = replace(request_, gas=lambda _: None, scene=replace(request_.scene, dust_look="not a look"))
        missing = [name for name in needed_capabilities(wanted) if name not in engine.capabilities()]
        with pytest.raises(CapabilityMissing) as caught:
            engine.prepare(wanted)
        assert caught.value.field in [*missing, "dust_look"]
        if missing:
            with pytest.raises(CapabilityMissing):
                check_capabilities(engine, wanted)
