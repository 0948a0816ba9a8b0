"""Heads, looks and cuts, as numbers."""

from __future__ import annotations

import numpy as np
import pytest
from faces_in_motion import placed, portrait, room

from setpiece.core.face_chart import layout
from setpiece.stage.faces.follow import Sight, Tracklet, is_cut, thumb
from setpiece.stage.faces.identify import people
from setpiece.stage.faces.looks import Looks
from setpiece.stage.faces.measure import head_of
from setpiece.stage.faces.smooth import smoothed


def turned(yaw: float, pitch: float, roll: float) -> np.ndarray:
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return (layout @ (about_z @ about_x @ about_y).T * 80 + (300, 200, 0)).astype(np.float32)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("angle", [-30, 25])
def test_a_turn_of_the_head_is_read_in_its_own_angle(axis, angle):
    pose = [0.0, 0.0, 0.0]
    pose[axis] = angle
    assert head_of(turned(*pose)).pose_deg == pytest.approx(pose, abs=0.2)


def test_turning_right_brings_the_nose_to_the_right_of_the_eyes():
    points = turned(25, 0, 0)
    assert points[1, 0] > points[[33, 263], 0].mean() + 10
    assert turned(0, 20, 0)[1, 1] < turned(0, 0, 0)[1, 1]  # looking up lifts the nose


def test_size_does_not_shrink_in_profile():
    assert head_of(turned(60, 0, 0)).unit_px == pytest.approx(80, rel=1e-3)


def sight(points: np.ndarray, colour: float) -> Sight:
    looks = Looks(shape=np.zeros((40, 3), np.float32), colour=np.full(12, colour, np.float32), weight=1.0)
    return Sight(landmarks=points, head=head_of(points), looks=looks, score=0.9)


def path(first: int, count: int, *, colour: float = 0.0, segment: int = 0, x: float = 0.0) -> Tracklet:
    shifted = [(turned(0, 0, 0) + np.array([x, 0, 0])).astype(np.float32) for _ in range(count)]
    return Tracklet(segment=segment, sights={first + k: sight(points, colour) for k, points in enumerate(shifted)})


def test_pieces_that_share_a_frame_are_two_people():
    assert len(people([path(1, 9), path(5, 9)], shot_frames=20)) == 2


def test_pieces_that_look_alike_are_one_and_other_looks_are_another():
    assert len(people([path(1, 5), path(12, 5)], shot_frames=20)) == 1
    assert len(people([path(1, 5), path(12, 5, colour=3.0)], shot_frames=20)) == 2


def test_the_likelier_of_two_returns_wins():
    first, other = path(1, 5), path(1, 5, colour=1.6, x=500)
    found = people([first, other, path(9, 5, colour=1.6, x=500), path(9, 5)], shot_frames=20)
    colours = [{float(s.looks.colour[0]) for t in one.tracklets for s in t.sights.values()} for one in found]
    assert sorted(len(one) for one in colours) == [1, 1]


def test_a_squeezed_frame_beside_a_sound_path_is_thrown_out():
    squeezed = Tracklet(segment=0, sights={8: sight(turned(0, 0, 0) * np.array([0.7, 0.7, 0.7], np.float32), 0.0)})
    near = Tracklet(segment=0, sights={8: sight(squeezed.sights[8].landmarks + np.array([90, 60, 0], np.float32), 0.0)})
    (one,) = people([path(1, 5), near, path(11, 5)], shot_frames=15)
    assert 8 not in {frame for piece in one.tracklets for frame in piece.sights}


def test_a_join_across_a_cut_is_called_a_guess():
    (one,) = people([path(1, 5), path(6, 5, segment=1)], shot_frames=10)
    assert any("guess" in note for note in one.notes)


def test_smoothing_takes_jitter_away_and_adds_no_lag():
    rng = np.random.default_rng(0)
    count, still = 30, turned(0, 0, 0)
    way = np.concatenate([np.zeros(12), np.linspace(0, 60, 6), np.full(12, 60)])  # a quick step to the right
    exact = [(still + np.array([x, 0, 0])).astype(np.float32) for x in way]
    track = Tracklet(segment=0)
    for k in range(count):
        track.sights[k] = sight((exact[k] + rng.normal(0, 0.6, still.shape)).astype(np.float32), 0.0)
        if k:
            track.flow[k] = ((exact[k] - exact[k - 1])[:, :2] + rng.normal(0, 0.05, (478, 2))).astype(np.float32)
            track.steady[k] = np.full(478, 0.05, np.float32)
    done = smoothed(track)
    skin = np.arange(468)
    raw = np.stack([track.sights[k].landmarks - exact[k] for k in range(count)])[:, skin, :2]
    left = np.stack([done[k] - exact[k] for k in range(count)])[:, skin, :2]
    assert left.std() < 0.5 * raw.std()
    assert abs(left[..., 0].mean(1)).max() < 0.25  # no frame lags or leads


def test_a_motion_that_the_measurements_contradict_is_not_followed():
    still = turned(0, 0, 0)
    track = Tracklet(segment=0, sights={k: sight(still, 0.0) for k in range(12)})
    for k in range(1, 12):  # a hand passes: the picture moves, the face does not
        track.flow[k] = np.full((478, 2), 9.0 if 4 <= k <= 7 else 0.0, np.float32)
        track.steady[k] = np.full(478, 0.05, np.float32)
    off = np.abs(np.stack([smoothed(track)[k] - still for k in range(12)])[..., :2])
    assert off.max() < 1.5


def test_one_frame_alone_is_what_was_measured():
    track = path(5, 1)
    assert np.array_equal(smoothed(track)[5], track.sights[5].landmarks)


def test_a_pan_a_flash_and_a_passing_head_are_no_cuts_and_a_cut_is_one():
    wall = room(400, 240, 3)
    here = placed(wall, "astronaut", (150, 120), 80)
    assert not is_cut(thumb(here), thumb(placed(wall, "astronaut", (190, 120), 80)))
    assert not is_cut(thumb(here), thumb(here * np.float32(4)))
    assert not is_cut(thumb(here), thumb(np.roll(here, 12, axis=1)))
    assert is_cut(thumb(here), thumb(portrait("admiral")[:240, :400]))
