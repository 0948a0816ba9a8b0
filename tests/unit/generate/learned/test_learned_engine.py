"""Applying what was learned: exact on keyframes, the same bits in any order, nothing without a permit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from learned_shot import FRAMES, SETTINGS, SIDE, Told, gain_of, painted, plate, request_of

from setpiece.core.arrays import frozen
from setpiece.core.errors import CapabilityMissing, ClearanceRefused, StageError
from setpiece.core.retouch import Delta
from setpiece.generate.engines.learned.augment import Lesson, example_of
from setpiece.generate.engines.learned.engine import Learned, LearnedLook
from setpiece.generate.engines.learned.explain import Reasoned
from setpiece.generate.engines.learned.features import Canvas, back, canvas_of, code, decode, onto
from setpiece.generate.engines.learned.fuse import Word, fused
from setpiece.generate.engines.learned.onnx_model import export_model
from setpiece.generate.engines.learned.suggest import next_keyframe
from setpiece.generate.engines.learned.training import Training
from setpiece.generate.engines.propagate.engine import Propagate
from setpiece.generate.keyframe import retouch_of
from setpiece.generate.retouch import Keyframe, RetouchRequest
from setpiece.integrate.retouch import apply_delta


def canvas(size: int = 32) -> Canvas:
    found = canvas_of(request_of(), 1003, size)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[RetouchRequest, Learned]:
    folder = tmp_path_factory.mktemp("learned")
    settings = replace(SETTINGS, steps=150, rate=1.2e-2)
    training = Training.begin(request_of(), settings, folder, propagation=Told(request_of()))
    training.step(150)
    path = folder / "shot.onnx"
    look = LearnedLook(model=path, sha256=export_model(training, path, name="sh"))
    request = replace(request_of(), look=look)
    engine = Learned(Told(request))
    engine.prepare(request)
    return request, engine


def test_frames_give_the_same_bits_in_any_order(learned: tuple[RetouchRequest, Learned]) -> None:
    _, engine = learned
    first = {frame: engine.delta(frame) for frame in FRAMES}
    for frame in reversed(tuple(FRAMES)):
        again, before = engine.delta(frame), first[frame]
        assert again is not None and before is not None
        assert again.gain_stops.tobytes() == before.gain_stops.tobytes() and again.alpha.tobytes() == before.alpha.tobytes()


def test_a_keyframe_is_exactly_the_artists(learned: tuple[RetouchRequest, Learned]) -> None:
    request, engine = learned
    delta = engine.delta(1005)
    assert delta is not None
    assert np.array_equal(delta.gain_stops, retouch_of(request.keyframes[1]).gain_stops)


def test_between_keyframes_it_comes_nearer_to_the_truth_than_the_propagation(learned: tuple[RetouchRequest, Learned]) -> None:
    request, engine = learned
    errors = {"told": [], "fused": []}
    for frame in (1003, 1004, 1006, 1007):
        reason, delta = Told(request).explained(frame), engine.delta(frame)
        assert reason is not None and delta is not None
        for name, made in (("told", reason.delta), ("fused", delta)):
            comp = apply_delta(plate(frame), replace(made, grain=(0.0, 0.0)))
            errors[name].append(np.square(comp - painted(frame))[8:40, 8:40].mean())
    assert np.mean(errors["fused"]) < np.mean(errors["told"])


def test_where_nothing_holds_the_plate_stays_to_the_bit(learned: tuple[RetouchRequest, Learned]) -> None:
    delta = learned[1].delta(1003)
    assert delta is not None
    comp = apply_delta(plate(1003), delta)
    left, top, right, bottom = delta.box
    outside = np.ones((SIDE, SIDE), bool)
    outside[top:bottom, left:right] = delta.alpha == 0
    assert outside.any() and np.array_equal(comp[outside], plate(1003)[outside])


def test_a_model_is_not_applied_to_other_keyframes_than_it_learned(learned: tuple[RetouchRequest, Learned]) -> None:
    request, _ = learned
    repainted = Keyframe(frame=1005, plate=plate(1005), painted=painted(1005) * np.float32(1.1))
    with pytest.raises(StageError, match="not the one"):
        Learned(Told(request)).prepare(replace(request, keyframes=(repainted,)))


def test_without_a_permit_or_a_model_nothing_is_made(learned: tuple[RetouchRequest, Learned]) -> None:
    request, _ = learned
    with pytest.raises(ClearanceRefused):
        Learned().prepare(replace(request, permit=None))
    with pytest.raises(CapabilityMissing, match="look"):
        Learned().prepare(replace(request, look=None))
    with pytest.raises(StageError, match="not given a shot"):
        Learned().delta(1003)


def test_the_network_alone_needs_no_keyframes(learned: tuple[RetouchRequest, Learned]) -> None:
    request, _ = learned
    engine = Learned()
    engine.prepare(replace(request, keyframes=()))
    delta = engine.delta(1005)
    assert delta is not None and delta.gain_stops.any()


def test_where_nobody_else_may_speak_the_propagation_stands_as_it_is() -> None:
    place = canvas()
    still = {"gain": (32, 32, 3), "alpha": (32, 32), "warp": (32, 32, 2), "trust": (32, 32), "allow": (32, 32)}
    word = Word(**{name: np.zeros(shape, np.float32) for name, shape in still.items()})
    prior = Told(request_of()).explained(1003)
    assert prior is not None
    open_ = np.linspace(0.1, 1, SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE)
    delta = fused(word, place, (SIDE, SIDE), prior.delta, open_)
    assert delta.box == (0, 0, SIDE, SIDE)
    np.testing.assert_allclose(delta.alpha, prior.delta.alpha * open_, atol=1e-6)
    np.testing.assert_allclose(delta.gain_stops, prior.delta.gain_stops * (delta.alpha > 0)[..., None], atol=1e-5)


def test_light_is_coded_and_decoded_without_loss() -> None:
    light = np.geomspace(1e-3, 200, 60, dtype=np.float32).reshape(4, 5, 3)
    np.testing.assert_allclose(decode(code(light)), light, rtol=2e-5, atol=2e-6)


def test_planes_go_to_the_canvas_and_back() -> None:
    place = canvas(96)
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    planes = np.stack([np.sin(x / 6), np.cos(y / 7)], -1).astype(np.float32)
    returned = back(onto(planes, (0, 0, SIDE, SIDE), place), place, (0, 0, SIDE, SIDE))
    np.testing.assert_allclose(returned[6:-6, 6:-6], planes[6:-6, 6:-6], atol=0.01)


def lesson(size: int = 48) -> Lesson:
    one = np.ones((size, size), np.float32)
    return Lesson(
        frame=1001,
        painted=True,
        light=np.full((size, size, 3), 0.5, np.float32),
        uv=np.zeros((size, size, 2), np.float32),
        gain=np.ones((size, size, 3), np.float32),
        alpha=one,
        warp=np.zeros((size, size, 2), np.float32),
        trust=one.copy(),
        prior=np.ones((size, size, 8), np.float32),
    )


def test_whatever_stands_before_the_face_is_not_painted_and_light_changes_no_gain() -> None:
    covered = 0
    for serial in range(24):
        example = example_of(lesson(), seed=(0, serial), patch=32, told=False)
        np.testing.assert_allclose(example.gain, np.broadcast_to(example.alpha, (3, 32, 32)), atol=1e-5)
        covered += bool((example.alpha < 0.5).any())
    assert 4 <= covered <= 20


def test_an_example_follows_from_its_seed_alone() -> None:
    names = ("light", "uv", "gain", "alpha", "warp", "trust", "prior")
    first, same, other = (example_of(lesson(), seed=(0, s), patch=32) for s in (1, 1, 2))
    assert all(np.array_equal(getattr(first, n), getattr(same, n)) for n in names)
    assert not np.array_equal(first.light, other.light)


def a_delta(frame: int, error: float, sure: float) -> Delta:
    gain = frozen((gain_of(frame) + np.float32(error)).astype(np.float32))
    one = np.ones((SIDE, SIDE), np.float32)
    return Delta(frame=frame, box=(0, 0, SIDE, SIDE), gain_stops=gain, alpha=one, confidence=one * np.float32(sure))


def test_the_next_keyframe_is_where_propagation_and_network_disagree() -> None:
    request = request_of((1001,))
    found = next_keyframe(request, lambda f: a_delta(f, 0, 1), lambda f: a_delta(f, 0.4 * (f == 1007), 1))
    assert found.frame == 1007 and "differ" in found.why
    unsure = next_keyframe(request, lambda f: a_delta(f, 0, 1.0 - 0.8 * (f == 1006)), lambda f: a_delta(f, 0, 1))
    assert unsure.frame == 1006 and "80 %" in unsure.why


def test_a_covered_shot_needs_no_further_keyframe() -> None:
    request = request_of((1002, 1005, 1008))
    with pytest.raises(StageError, match="no frame is left"):
        next_keyframe(request, lambda f: a_delta(f, 0, 1), lambda f: a_delta(f, 0, 1))


def test_the_reasons_are_those_of_the_propagation_itself() -> None:
    request = request_of()
    carried, reasoned = Propagate(), Reasoned()
    carried.prepare(request)
    reasoned.prepare(request)
    for frame, without in ((1003, ()), (1005, (1005,))):
        prior, reason = carried.prior(frame, without), reasoned.explained(frame, without)
        assert prior is not None and reason is not None
        assert reason.delta.box == prior.box
        np.testing.assert_array_equal(reason.delta.gain_stops, prior.gain_stops)
        np.testing.assert_allclose(reason.delta.alpha * reason.open, prior.alpha, atol=1e-6)


def test_a_rehearsal_leaves_no_trace_in_the_propagation() -> None:
    reasoned = Reasoned()
    reasoned.prepare(request_of())
    before = reasoned.explained(1003)
    dark = reasoned.explained(1003, plate=plate(1003) * np.float32(0.2))
    after = reasoned.explained(1003)
    assert before is not None and dark is not None and after is not None
    assert np.abs(dark.missing).max() != np.abs(before.missing).max()
    assert after.missing.tobytes() == before.missing.tobytes()
    assert after.delta.gain_stops.tobytes() == before.delta.gain_stops.tobytes()
