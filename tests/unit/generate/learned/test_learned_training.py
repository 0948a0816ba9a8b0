"""Learning a shot: the same seed gives the same bits, a kill costs seconds, a keyframe more is only a keyframe more."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from learned_shot import SETTINGS, request_of

from setpiece.core.errors import BriefError, ClearanceRefused, StageError
from setpiece.generate.engines.learned.features import code
from setpiece.generate.engines.learned.net import NetSettings, ShotNet
from setpiece.generate.engines.learned.settings import TrainingSettings, held_out
from setpiece.generate.engines.learned.sheet import Row, sheet
from setpiece.generate.engines.learned.training import LOSSES, PREVIEW, STATE, Training
from setpiece.generate.engines.learned.trial import weighed
from setpiece.media.images import read_image

Begin = Callable[..., Training]


def bits(training: Training) -> bytes:
    return b"".join(value.numpy().tobytes() for value in training.mean.state_dict().values())


def test_the_same_seed_and_steps_give_the_same_bits(begin: Begin) -> None:
    first, second = begin("a"), begin("b")
    first.step(8)
    second.step(8)
    assert bits(first) == bits(second)
    other = begin("c", seed=1)
    other.step(8)
    assert bits(other) != bits(first)


@pytest.mark.parametrize("members", [1, 2])
def test_a_training_that_is_killed_and_resumed_gives_the_bits_of_an_unbroken_one(begin: Begin, members: int) -> None:
    net = replace(SETTINGS.net, members=members)
    whole = begin("whole", net=net)
    whole.step(40)
    part = begin("part", net=net)
    part.step(17)
    part.save()
    part.step(3)  # lost: the kill comes before the next save
    resumed = begin("part", net=net)
    assert resumed.done == 17
    resumed.step(23)
    assert bits(resumed) == bits(whole)
    assert resumed.standing().loss == pytest.approx(whole.standing().loss, abs=1e-6)


def test_ctrl_c_saves_what_was_learned(begin: Begin) -> None:
    training = begin()

    def stop() -> bool:
        if training.done >= 10:
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        training.run(stop=stop, preview_every=0)
    assert begin().done == training.done >= 10


def test_the_loss_falls_and_the_fused_result_beats_the_propagation(begin: Begin) -> None:
    training = begin(steps=150, rate=1.2e-2)
    training.step(20)
    early = training.standing().loss
    training.step(130)
    assert training.standing().loss < 0.8 * early
    lesson = training.curriculum.keys[1]
    told, fused = lesson.prior[..., :3], training.predict(lesson)[1]
    assert np.abs(fused - lesson.gain).mean() < 0.96 * np.abs(told - lesson.gain).mean()


def test_an_added_keyframe_goes_on_from_the_weights(begin: Begin) -> None:
    training = begin()
    training.step(40)
    training.save()
    more = begin("a", request_of((1002, 1004, 1005, 1008)))
    assert more.done == 40 and more.goal == 60 and bits(more) == bits(training)
    assert more.step(5).step == 45


def test_a_training_of_other_settings_is_not_resumed(begin: Begin) -> None:
    begin().save()
    with pytest.raises(StageError, match="other settings"):
        begin(seed=3)


def test_a_state_of_another_network_is_refused_by_name(begin: Begin) -> None:
    training = begin()
    training.save()
    raw = (training.folder / STATE).read_bytes()
    (training.folder / STATE).write_bytes(raw[: len(raw) // 2])
    with pytest.raises(ClearanceRefused, match=STATE):
        begin()


def test_minutes_become_steps_once(begin: Begin) -> None:
    ticks = iter(range(10_000))
    training = begin(minutes=0.005, steps=9)
    training.run(clock=lambda: float(next(ticks)) / 10, seconds=1e9, preview_every=0, save_every=1e9)
    assert training.goal == training.done == 48  # 0.3 seconds, by a clock that sees sixteen steps in a tenth of a second
    assert begin(minutes=0.005, steps=9).goal == 48


def test_each_hundred_steps_are_logged_with_what_is_held_out(begin: Begin) -> None:
    training = begin(steps=150)
    training.step(150)
    lines = [json.loads(line) for line in (training.folder / LOSSES).read_text().splitlines()]
    assert [line["step"] for line in lines] == [100, 150]
    assert {exam["frame"] for exam in lines[0]["held_out"]} == {1005}
    assert "held_out" not in lines[1]  # its last third learns from all keyframes


def test_no_keyframe_is_held_out_of_two_and_different_ones_of_three() -> None:
    assert held_out(2, 2) == [None, None]
    assert held_out(3, 2) == [1, 2]
    assert held_out(6, 2) == [2, 4]


def test_the_contact_sheet_shows_every_keyframe_and_three_frames_between(begin: Begin) -> None:
    training = begin(steps=10)
    training.run(preview_every=1e9, save_every=1e9)
    assert [row.painted is not None for row in training.rows()].count(True) == 3
    assert len(training.rows()) == 6
    assert read_image(training.folder / PREVIEW).pixels.shape[1] >= 2 * 3 * 32


def test_nothing_is_learned_without_a_permit(begin: Begin) -> None:
    with pytest.raises(ClearanceRefused):
        begin("a", replace(request_of(), permit=None))


def test_nothing_is_learned_from_nothing(begin: Begin) -> None:
    with pytest.raises(StageError, match="nothing to learn"):
        begin("a", request_of(()))


@pytest.mark.parametrize("wrong", [{"size": 250}, {"patch": 300}, {"steps": 0}, {"minutes": -1.0}, {"threads": 0}])
def test_a_budget_or_size_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(BriefError):
        TrainingSettings(**wrong)  # type: ignore[arg-type]


def test_a_finished_training_goes_on_where_more_steps_are_asked_for(begin: Begin) -> None:
    first = begin(steps=6)
    first.run(preview_every=0)
    assert first.done == 6
    assert begin(steps=4).done == 6 and begin(steps=4).goal == 6
    more = begin(steps=10)
    assert (more.done, more.goal) == (6, 10)
    more.run(preview_every=0)
    assert more.done == 10


def test_until_trials_speak_for_the_judge_the_propagation_stands() -> None:
    net = ShotNet(NetSettings(channels=4, judge=4))
    torch.nn.init.normal_(net.judge.head.weight)
    light, uv = torch.rand(1, 3, 32, 32), torch.rand(1, 2, 32, 32)
    prior = torch.full((1, 8, 32, 32), 0.3)
    with torch.no_grad():
        assert not net(light, uv, prior)[4].any()
        net.judge.heed.fill_(1.0)
        assert float(net(light, uv, prior)[4].min()) > 0.5


def test_a_judge_that_does_worse_than_the_propagation_is_not_heeded(begin: Begin) -> None:
    training = begin(steps=150, rate=1.2e-2)
    training.step(100)
    trial = training.losses[-1]["trial"]
    assert trial["judged"] < trial["propagated"] and training.mean.judge.heed.item() == 1.0
    with torch.no_grad():
        for member in training.mean.members:
            member.head.bias[:3] += 5.0
    trial = training.examined()
    assert trial["judged"] > trial["propagated"] and training.mean.judge.heed.item() == 0.0


def test_a_judge_is_heeded_as_far_as_it_helps_and_harms_no_frame() -> None:
    counts = np.array([100.0, 100.0])
    # summed squares of the propagation, and of the judge with all, a half and a quarter of its word
    helps = weighed(np.array([[4.0, 1.0, 2.0, 3.0], [4.0, 1.0, 2.0, 3.0]]), counts)
    assert helps["heed"] == 1.0 and helps["judged"] == pytest.approx(0.1)
    harms_one = weighed(np.array([[4.0, 0.5, 1.5, 2.7], [0.1, 0.4, 0.15, 0.11]]), counts)
    assert harms_one["heed"] == 0.25 and harms_one["worst"] < 1.1
    harms = weighed(np.array([[4.0, 0.5, 1.5, 2.7], [0.1, 0.8, 0.4, 0.2]]), counts)
    assert harms["heed"] == 0.0 and harms["worst"] > 1.1
    no_better = weighed(np.array([[4.0, 3.9, 3.9, 3.9], [4.0, 3.9, 3.9, 3.9]]), counts)
    assert no_better["heed"] == 0.0
    assert weighed(np.zeros((0, 4)), np.zeros(0)) == {}


def test_where_the_propagation_is_sure_the_judge_has_no_say() -> None:
    net = ShotNet(NetSettings(channels=4, judge=4))
    net.judge.heed.fill_(1.0)
    torch.nn.init.normal_(net.judge.head.weight)
    prior = torch.full((1, 8, 64, 64), 0.2)
    prior[:, 3:5] = 1.0
    prior[:, 3, :, :20] = 0.0
    with torch.no_grad():
        allow = net(torch.rand(1, 3, 64, 64), torch.rand(1, 2, 64, 64), prior)[4]
    assert not allow[..., 28:].any() and float(allow[..., :12].min()) > 0.9


def test_the_sheet_names_its_columns_and_a_curve_only_where_there_is_one() -> None:
    plane = np.full((48, 48, 3), 0.5, np.float32)
    rows = (Row(frame=1001, light=plane, gain=plane * 0, painted=plane * 0, warp=plane[..., :2] * 0),)
    inks = {"held out, network": (240, 160, 70), "held out, fused": (110, 200, 120)}

    def inked(losses: list[dict[str, object]], ink: tuple[int, int, int]) -> bool:
        return bool((sheet(rows, losses) == np.array(ink, np.uint8)).all(-1).any())

    bare: list[dict[str, object]] = [{"step": step, "loss": 0.1 / step} for step in (100, 200)]
    held = {"held_out": [{"alone": 0.2, "fused": 0.1, "propagated": 0.15}]}
    for ink in inks.values():
        assert not inked(bare, ink)
        assert inked([{**line, **held} for line in bare], ink)
    head = sheet(rows, bare)[:22]
    assert all((head[:, x : x + 40] > 150).any() for x in (0, 52, 104))


def test_the_sheet_shows_a_moved_and_retouched_mole_where_it_was_painted_away() -> None:
    plate, gain = np.full((96, 96, 3), 0.4, np.float32), np.zeros((96, 96, 3), np.float32)
    plate[50:54, 50:54] = 0.1
    gain[50:54, 46:50] = np.log2(0.42 / 0.12)
    warp = np.zeros((96, 96, 2), np.float32)
    warp[..., 0] = 4.0
    picture = sheet((Row(frame=1001, light=code(plate), gain=gain * 0, painted=gain, warp=warp),), [{"step": 1, "loss": 0.1}])
    _, now, painted = (picture[22 + 40 : 22 + 70, 4 + x + 30 : 4 + x + 70].astype(int) for x in (0, 100, 200))
    assert np.ptp(now) > 60
    assert np.ptp(painted) <= 2
