"""What de-ageing is measured on and with: takes whose truth is the truth, measures that tell a good carry from a bad one."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))
sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

import deage
from deage_measures import RATE, Material, change_mstops, gain_stops, measure, psnr, shoot, shown, still, subset
from deage_ways import Settings, flowed, meshed, nothing
from examples.performances.__main__ import paint_folder, write_take
from examples.performances.head import Head, model_head
from examples.performances.motion import Pose, classic, performed
from examples.performances.paint import Retouch, paint_keyframe, painted
from examples.performances.portraits import astronaut, track_landmarks
from examples.performances.shots import KEYS, keyframes, shot
from examples.performances.take import FIRST, Take
from examples.performances.trials import hand_over_face, hard_cut, leaves_and_returns, nobody, turned_away
from examples.performances.warps import lowered, maps_of, pixel_grid, points_at, sampled

from setpiece.core.errors import BriefError
from setpiece.core.timing import FrameRange
from setpiece.media.images import read_exr

pytest.importorskip("mediapipe")

POSES = (Pose(), Pose(yaw=12, pitch=-4, roll=3, jaw=0.8, blink=0.9), Pose(yaw=-11, smile=0.8, brow=0.7, x=0.1, scale=1.04))


@pytest.fixture(scope="module")
def head() -> Head:
    return model_head(astronaut((224, 224)))


@pytest.fixture(scope="module")
def take(head: Head) -> Take:
    with_detail, versions = painted(head, Retouch(), 3)
    return Take(name="small", head=with_detail, painted=versions, motion=performed(8, 3), frames=8, seed=3)


@pytest.fixture(scope="module")
def material(take: Take) -> Material:
    return shoot(take, track="true")


@pytest.mark.parametrize("pose", POSES)
def test_where_a_point_went_shows_that_point(head: Head, pose: Pose) -> None:
    maps = maps_of(head, pose)
    back = sampled(maps.skin, maps.forward) - pixel_grid(maps.skin.shape)
    away = np.linalg.norm(back, axis=2)[head.skin > 0.9]
    assert np.median(away) < 0.06
    assert np.percentile(away, 95) < 0.25  # the far side of the nose all but hides itself


@pytest.mark.parametrize("pose", POSES)
def test_true_landmarks_lie_where_the_true_map_takes_the_portraits(head: Head, pose: Pose) -> None:
    went = sampled(maps_of(head, pose).forward, head.landmarks[:468, :2])
    assert np.abs(went - points_at(head, pose)[:468]).max() < 0.25


def test_a_head_at_rest_is_the_portrait(head: Head) -> None:
    maps = maps_of(head, Pose())
    assert np.abs(maps.skin - pixel_grid(maps.skin.shape)).max() < 1e-3


def test_skin_never_passes_itself_however_far_jaw_and_lids_go(head: Head) -> None:
    down = lowered(head, Pose(jaw=1, blink=1)) + np.arange(head.jaw.shape[0], dtype=np.float32)[:, None]
    assert np.diff(down, axis=0).min() > -1e-3


def test_lids_hide_the_eyes_when_they_close(head: Head) -> None:
    seen = [sampled(head.eyes, maps_of(head, Pose(blink=b)).skin).sum() for b in (0.0, 0.5, 1.0)]
    assert seen[0] > 1.3 * seen[1] > 1.3 * 1.3 * seen[2]


def test_a_nose_that_turns_right_goes_right_and_one_that_looks_up_goes_up(head: Head) -> None:
    tip = head.landmarks[4:5, :2]
    assert points_at(head, Pose(yaw=10), tip)[0, 0] > tip[0, 0] + 0.1 * head.iod
    assert points_at(head, Pose(pitch=8), tip)[0, 1] < points_at(head, Pose(), tip)[0, 1]
    assert (
        points_at(head, Pose(roll=8), head.landmarks[10:11, :2])[0, 0] > head.landmarks[10, 0]
    )  # clockwise: the brow goes right


def test_the_root_of_the_neck_stays_on_the_shoulders(head: Head) -> None:
    root = head.landmarks[152:153, :2] + np.array([[0, 0.75 * head.iod]], np.float32)
    assert np.abs(points_at(head, Pose(yaw=15, pitch=5, roll=5, x=0.2), root) - root).max() < 0.5


def test_shoulders_and_neck_sway_as_one(head: Head) -> None:
    root = head.landmarks[152:153, :2] + np.array([[0, 0.75 * head.iod]], np.float32)
    moved = points_at(head, Pose(yaw=10, sway_x=0.05, sway_y=-0.03), root) - root
    np.testing.assert_allclose(moved[0], np.array([0.05, -0.03]) * head.iod, atol=0.35)


def test_frames_come_out_the_same_in_any_order(take: Take) -> None:
    first, third = take.frame(FIRST), take.frame(FIRST + 2)
    again = take.frame(FIRST)
    np.testing.assert_array_equal(first.plate, again.plate)
    np.testing.assert_array_equal(first.truth, again.truth)
    assert not np.array_equal(first.plate, third.plate)


def test_the_artist_touched_the_face_and_nothing_else(take: Take) -> None:
    frame = take.frame(FIRST + 1)
    on_head = sampled(take.head.matte, frame.maps.skin)
    away = on_head < 1e-6
    away[:, :] &= np.roll(away, 6, axis=0) & np.roll(away, -6, axis=0) & np.roll(away, 6, axis=1) & np.roll(away, -6, axis=1)
    np.testing.assert_array_equal(frame.plate[away], frame.truth[away])
    inside = sampled(take.head.skin, frame.maps.skin) > 0.9
    assert np.abs(gain_stops(frame.plate, frame.truth))[inside].mean() > 0.02


def test_a_mole_is_gone_and_another_stays(take: Take) -> None:
    light = [np.log2(np.maximum(picture.mean(axis=2), 1e-3)) for picture in (take.painted.plate, take.painted.truth)]
    iod, points = take.head.iod, take.head.landmarks
    goes, stays = points[425, :2] + 0.06 * iod, points[207, :2] + np.array([0.02, 0.04]) * iod

    def depth(plane: np.ndarray, at: np.ndarray) -> float:
        x, y = (round(float(v)) for v in at)
        reach = round(0.12 * iod)
        return float(np.median(plane[y - reach : y + reach, x - reach : x + reach]) - plane[y, x])

    assert depth(light[0], goes) > 0.5 > 0.2 > depth(light[1], goes)
    assert depth(light[1], stays) > 0.3


def test_the_artists_hand_paints_a_keyframe_on_the_face_only_and_leaves_what_it_does_not_touch(take: Take) -> None:
    frame = take.frame(FIRST + 3)
    keyframe = paint_keyframe(take, FIRST + 3, frame.plate)
    off = sampled(take.head.matte, frame.maps.skin) < 1e-6
    np.testing.assert_array_equal(keyframe[off], frame.plate[off])
    lips = np.round(frame.landmarks[[17, 0], :2]).astype(int)
    for x, y in lips:
        change = gain_stops(frame.plate, keyframe)[y - 1 : y + 2, x - 1 : x + 2].mean(axis=(0, 1))
        assert change[1] < change[0] - 0.1  # redder


def test_keyframes_that_belong_to_no_frame_of_the_take_are_refused(take: Take, tmp_path: Path) -> None:
    with pytest.raises(BriefError, match=r"key\.1007\.exr"):
        paint_folder(take, tmp_path, tmp_path)


def test_a_performance_comes_from_its_seed_blinks_speaks_and_never_jumps() -> None:
    one, same, other = (performed(60, seed) for seed in (5, 5, 6))
    assert one(17.25) == same(17.25) != other(17.25)
    poses = [one(t) for t in range(60)]
    assert max(p.blink for p in poses) > 0.8 and min(p.blink for p in poses) == 0
    assert max(p.jaw for p in poses) > 0.4 and min(p.jaw for p in poses) < 0.05
    assert max(abs(b.yaw - a.yaw) for a, b in pairwise(poses)) < 5


def test_the_hard_measuring_shot_turns_to_eighteen_degrees() -> None:
    assert max(abs(classic(60, hard=True)(t).yaw) for t in range(60)) == pytest.approx(18, abs=0.3)


def test_a_perfect_carry_measures_as_one(material: Material) -> None:
    found = measure(material, material.truth, (FIRST,))
    assert found["psnr_db"] == 99 and found["flicker_ratio"] == 1


def test_boiling_and_oversmoothing_lie_on_either_side_of_one(material: Material) -> None:
    rng = np.random.default_rng(0)

    def boiling(frame: int) -> np.ndarray:
        truth = material.truth(frame)
        return truth * np.exp2(0.05 * rng.standard_normal(truth.shape[:2]))[..., None].astype(np.float32)

    assert measure(material, boiling, (FIRST,))["flicker_ratio"] > 1.5
    assert measure(material, material.plate, (FIRST,))["flicker_ratio"] == 0


def test_paint_that_sticks_to_a_moving_face_hardly_flickers_in_the_faces_own_frame(material: Material) -> None:
    frames = list(material.frames)
    gains = [gain_stops(material.plate(f), material.truth(f)) for f in frames]
    stuck = [still(material, f, g) for f, g in zip(frames, gains, strict=True)]
    followed = np.mean([change_mstops(a, b, material.face) for a, b in pairwise(stuck)])
    at_rest = np.mean([change_mstops(a, b, material.face) for a, b in pairwise(gains)])
    assert followed < 0.6 * at_rest


def test_psnr_of_a_known_error_is_known() -> None:
    flat = np.full((8, 8, 3), 0.2140411, np.float32)  # half of the display's range
    brighter = np.full((8, 8, 3), 0.2234, np.float32)
    error = float((shown(brighter) - shown(flat))[0, 0, 0])
    assert psnr(brighter, flat) == pytest.approx(-20 * np.log10(error), abs=1e-3)


def test_measured_frames_are_never_keyframes(material: Material) -> None:
    long = replace(material, frames=FrameRange(first=FIRST, last=FIRST + 59, rate=RATE))
    for count in KEYS:
        keys = keyframes(count)
        assert len(keys) == count and all(key in long.frames for key in keys)
        assert not set(subset(long, keys, 1)) & set(keys)
        assert len(subset(long, keys, 6)) == -(-(60 - count) // 6)


def test_the_simple_ways_give_the_artists_frame_on_a_keyframe_and_beat_nothing_between(material: Material) -> None:
    keys = (FIRST, FIRST + 7)
    ways = [way(material, keys, Settings()) for way in (nothing, meshed, flowed)]
    assert psnr(ways[1](FIRST), material.truth(FIRST)) > 45
    none, mesh, flow = (measure(material, way, keys)["psnr_db"] for way in ways)
    assert min(flow, mesh) > none + 6


def test_what_is_asked_of_the_engines_stands_beside_what_they_do() -> None:
    def row(method: str, db: float, flicker: float) -> dict[str, object]:
        return {
            "shot": "A_x", "keys": 4, "seed": 0, "method": method, "psnr_db": db, "flicker_ratio": flicker,
            "truth_flicker_mstops": 10.0, "prepare_s": 0.0, "frame_s": 0.0,
        }  # fmt: skip

    rows = [row("flow", 47.0, 1.0), row("propagate", 46.5, 1.0)]
    rows += [row("learned 2 min", 47.2, 1.2), row("learned 10 min", 47.4, 0.9)]
    text = deage.asked_table(rows)
    carried, two, ten = text.strip().splitlines()[2:]
    assert "46.5 of 44.5 dB: pass" in carried and "best simple way 47.0 dB: FAIL" in carried
    assert "47.2 of 46.0 dB: pass" in two and "1.20 of 0.9 to 1.1: FAIL" in two
    assert "47.4 of 47.5 dB: FAIL" in ten and "0.90 of 0.9 to 1.1: pass" in ten
    assert deage.asked_table([row("flow", 47.0, 1.0)]) == ""


def test_the_table_states_mean_spread_and_the_truths_flicker() -> None:
    row = {"shot": "A", "keys": 4, "method": "flow", "psnr_db": 50.0, "flicker_ratio": 1.1, "truth_flicker_mstops": 4.7,
           "prepare_s": 0.1, "frame_s": 0.2}  # fmt: skip
    text = deage.table([row, {**row, "psnr_db": 52.0, "flicker_ratio": 1.3}])
    assert "51.0 ± 1.0 / 1.20" in text and "4.7 milli-stops" in text and "0.1 + 200" in text


def test_an_unknown_shot_method_or_number_of_keys_is_named_with_what_there_is() -> None:
    with pytest.raises(BriefError, match="classic_x"):
        shot("B")
    with pytest.raises(BriefError, match="3, 4, 6"):
        keyframes(5)
    with pytest.raises(BriefError, match="propagate"):
        deage.run(deage.Plan(methods=("magic",)), lambda line: None)


def test_an_engine_that_is_not_there_is_said_and_left_out(
    material: Material, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from deage_ways import WAYS, engine_way

    monkeypatch.setitem(WAYS, "absent", engine_way("no_such_engine", "Engine"))
    said: list[str] = []
    plan = deage.Plan(methods=("absent",), step=3)
    assert deage.row_of(plan, material, 0, (FIRST,), said.append, tmp_path) == []
    assert "no_such_engine" in said[0] and "--methods" in said[0]


def test_a_written_take_is_read_back_as_it_was_shot(take: Take, tmp_path: Path) -> None:
    assert write_take(replace(take, frames=1), tmp_path) == 1
    channels, _ = read_exr(tmp_path / "plate" / f"small.{FIRST}.exr")
    np.testing.assert_array_equal(np.stack([channels[name] for name in "RGB"], axis=2), take.frame(FIRST).plate)


def test_trials_hold_what_they_promise() -> None:
    gone = leaves_and_returns(frames=12)
    seen = track_landmarks(list(gone.plates), still=True)
    absent, surely = gone.absent(0), gone.people[0].surely
    assert absent and surely and min(surely) < min(absent) and max(surely) > max(absent)
    assert all(seen[frame - FIRST] is None for frame in absent)
    assert all(seen[frame - FIRST] is not None for frame in surely)
    empty = nobody(frames=2)
    assert empty.people == () and track_landmarks(list(empty.plates), still=True) == [None, None]


def test_a_hand_over_the_face_is_not_repainted() -> None:
    trial = hand_over_face(frames=5)
    frame, matte = max(trial.covered.items(), key=lambda item: item[1].sum())
    hand = matte > 0.9999
    assert hand.mean() > 0.02
    np.testing.assert_allclose(trial.plate(frame)[hand], trial.truth(frame)[hand], rtol=2e-3, atol=1e-4)
    assert frame in trial.people[0].doubtful


def test_a_turned_head_hides_its_face_and_a_cut_is_a_cut() -> None:
    away = turned_away(frames=8)
    assert away.absent(0) and away.people[0].surely
    cut = hard_cut(frames=4)
    step = [float(np.abs(b - a).mean()) for a, b in pairwise(cut.plates)]
    assert int(np.argmax(step)) + 1 + FIRST == cut.cuts[0]
    assert max(step) > 5 * sorted(step)[-2]
