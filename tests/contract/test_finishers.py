"""Every engine that finishes shots passes one suite: tiny models of every family, a workflow on a fake server, a fake."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from setpiece.core.arrays import Rgb
from setpiece.core.errors import CapabilityMissing, ClearanceRefused
from setpiece.core.progress import Progress, Silent
from setpiece.generate.finish import (
    CONTROLS,
    LOCKED,
    SEED,
    Control,
    Finisher,
    FinishRequest,
    Locked,
    check_finish,
    check_permit,
)

UNIT = Path(__file__).parents[1] / "unit" / "generate"
sys.path += [str(UNIT / "diffusers"), str(UNIT / "comfyui")]
FAMILIES = ("wan-vace", "ltx-video", "cogvideox-image", "cogvideox-control", "sdxl", "qwen-image-control", "qwen-image-inpaint")
DIFFUSION = find_spec("transformers") is not None and find_spec("accelerate") is not None


class FakeFinisher:
    """Dims what it is shown by its seed; honours nothing else."""

    name, moving, worded = "fake", False, True

    def capabilities(self) -> frozenset[str]:
        return frozenset({SEED})

    def finish(self, request: FinishRequest, progress: Progress) -> Iterator[tuple[int, Rgb]]:
        check_finish(self, request)
        return self._frames(request)

    def _frames(self, request: FinishRequest) -> Iterator[tuple[int, Rgb]]:
        for frame in request.frames:
            check_permit(request)
            yield frame, (request.plate(frame) / np.float32(1 + request.seed)).astype(np.float32)


@dataclass(frozen=True)
class Case:
    """An engine, made anew at each call, and a request that it honours."""

    engine: Callable[[], Finisher]
    request: Callable[[Finisher], FinishRequest]


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    from fake_server import FakeComfy

    with FakeComfy() as running:
        yield running


@pytest.fixture(scope="module", params=["fake", "comfyui", *FAMILIES])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    if request.param in ("fake", "comfyui"):
        import comfy_shot

        if request.param == "fake":
            return Case(engine=FakeFinisher, request=lambda _: comfy_shot.request(prompt="a ruin"))
        pytest.importorskip("websockets")
        running, works = request.getfixturevalue("server"), tmp_path_factory.mktemp("work")
        made = iter(range(100))
        return Case(
            engine=lambda: comfy_shot.engine(running, works / str(next(made)), comfy_shot.tint()),
            request=lambda _: comfy_shot.request(prompt="a ruin"),
        )
    if not DIFFUSION:
        pytest.skip("the extra 'diffusion' is not installed")
    from tiny_models import build, engine_of, request_of

    folder = build(tmp_path_factory.mktemp("models") / request.param, request.param)
    return Case(
        engine=lambda: engine_of(folder, request.param), request=lambda engine: request_of(engine, request.param, frames=2)
    )


@pytest.fixture(scope="module", autouse=True)
def _memory_is_followed_elsewhere() -> Iterator[None]:
    """Following a network takes a second each time; the tests of the estimate do it."""
    from setpiece.generate.engines.diffusers import estimate

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimate, "step_bytes", lambda *_, **__: 1)
        patch.setattr(estimate, "vae_bytes", lambda *_, **__: 1)
        yield


def finished(engine: Finisher, request: FinishRequest) -> list[tuple[int, Rgb]]:
    return list(engine.finish(request, Silent()))


def test_every_frame_comes_once_in_order_whole_and_finite(case: Case) -> None:
    engine = case.engine()
    request = case.request(engine)
    made = finished(engine, request)
    assert [frame for frame, _ in made] == list(request.frames)
    for _, picture in made:
        assert picture.shape == (request.size[1], request.size[0], 3) and picture.dtype == np.float32
        assert np.isfinite(picture).all()


def test_the_same_request_gives_the_same_bits_and_another_seed_another_picture(case: Case) -> None:
    engine = case.engine()
    request = case.request(engine)
    first, again = finished(engine, request), finished(case.engine(), request)
    assert all(np.array_equal(one, other) for (_, one), (_, other) in zip(first, again, strict=True))
    other = finished(case.engine(), replace(request, seed=request.seed + 1))
    assert any(not np.array_equal(one, two) for (_, one), (_, two) in zip(first, other, strict=True))


def test_without_a_permit_there_is_no_pixel_and_one_that_is_withdrawn_ends_it(case: Case) -> None:
    class Withdrawn:
        models: tuple[str, ...] = ()
        names: tuple[tuple[str, str], ...] = ()
        left = 1

        def check(self) -> None:
            self.left -= 1
            if self.left < 0:
                raise ClearanceRefused("revoked", remedy="ask again")

    engine = case.engine()
    request = case.request(engine)
    for permit in (None, Withdrawn()):
        with pytest.raises(ClearanceRefused):
            finished(case.engine(), replace(request, permit=permit))


def test_a_field_that_it_does_not_honour_is_an_error_that_names_it(case: Case) -> None:
    engine = case.engine()
    request, able = case.request(engine), engine.capabilities()
    grey = np.full((request.size[1], request.size[0], 3), 0.5, np.float32)
    asked: dict[str, dict[str, object]] = {
        kind: {"controls": (Control(kind=kind, picture=lambda frame: grey),)} for kind in CONTROLS if kind not in able
    }
    fields = {"negative": {"negative": "fog"}, "strength": {"strength": 0.5}, "references": {"references": (grey,)}}
    asked |= {name: change for name, change in fields.items() if name not in able}
    assert asked, "it honours everything: nothing to refuse"
    for name, change in asked.items():
        with pytest.raises(CapabilityMissing, match=name):
            finished(case.engine(), replace(request, **change))


def test_locked_frames_come_back_to_the_bit_or_are_refused(case: Case) -> None:
    engine = case.engine()
    request = case.request(engine)
    held = np.ascontiguousarray(np.full((request.size[1], request.size[0], 3), 0.3, np.float32))
    asked = replace(request, locked=(Locked(frame=request.frames.first, picture=held),))
    if LOCKED not in engine.capabilities():
        with pytest.raises(CapabilityMissing, match=LOCKED):
            finished(engine, asked)
    else:
        assert np.array_equal(dict(finished(engine, asked))[request.frames.first], held)


def test_it_says_of_itself_what_a_department_asks(case: Case) -> None:
    engine = case.engine()
    assert isinstance(engine.moving, bool) and isinstance(engine.worded, bool) and engine.name
    assert engine.capabilities() >= {SEED}
