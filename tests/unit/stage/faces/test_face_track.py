"""The tracker on portraits that move by known maps."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from faces_in_motion import middle, placed, room, scene, shot

from setpiece.core.errors import BriefError
from setpiece.stage.faces import Correction, overlay, track_faces
from setpiece.stage.faces.measure import head_of

pytest.importorskip("mediapipe")


def spots(track):
    return {frame: middle(track.at(frame)) for frame in track.frames if track.seen(frame)}


@pytest.fixture(scope="module")
def crossing():
    """The astronaut goes right in front of the admiral, who goes left."""
    wall = room(640, 300)

    def draw(k):
        back = placed(wall, "admiral", (500 - 26 * k, 150), 92)
        return placed(back, "astronaut", (140 + 26 * k, 155), 100)

    return track_faces(scene(draw), shot(15))


def test_two_people_who_cross_keep_their_names(crossing):
    assert len(crossing) == 2
    ways = [spots(track) for track in crossing]
    shifts = [way[max(way)][0] - way[min(way)][0] for way in ways]
    assert sorted(np.sign(shifts)) == [-1, 1]
    for way, shift in zip(ways, shifts, strict=True):
        assert {1001, 1015} <= set(way)
        for frame, (x, _) in way.items():
            expected = (140 if shift > 0 else 500) + np.sign(shift) * 26 * (frame - 1001)
            assert abs(x - expected) < 30, (frame, x, expected)


def test_the_one_behind_is_absent_while_hidden_and_never_an_error(crossing):
    hidden = [track for track in crossing if track.absent]
    assert len(hidden) == 1
    for frame in hidden[0].absent:
        assert np.isnan(hidden[0].at(frame)).all()
        assert hidden[0].segment[frame - 1001] == -1


def test_the_face_that_takes_most_of_the_shot_is_a(crossing):
    assert [track.name for track in crossing] == ["a", "b"]
    size = [sum(head_of(track.at(f)).unit_px for f in track.frames if track.seen(f)) for track in crossing]
    assert size[0] > size[1]


@pytest.fixture(scope="module")
def leaving():
    """A face slides out of the picture to the right and comes back."""
    wall = room(420, 300)
    way = [230, 270, 310, 350, 400, 480, 600, 700, 700, 600, 480, 400, 350, 310, 270, 230]
    return way, track_faces(scene(lambda k: placed(wall, "astronaut", (way[k], 150), 100)), shot(len(way)))


def test_a_face_that_leaves_and_returns_is_one_face(leaving):
    way, tracks = leaving
    assert [track.name for track in tracks] == ["a"]
    assert tracks[0].seen(1001)
    assert tracks[0].seen(1016)
    gone = {1001 + k for k, x in enumerate(way) if x >= 480}
    assert gone <= set(tracks[0].absent)


def test_the_return_is_stated_in_the_notes(leaving):
    assert any("not seen" in note for note in leaving[1][0].notes)


@pytest.fixture(scope="module")
def barred():
    """A dark bar passes over a face that stands still."""
    wall = room(420, 300)

    def draw(k):
        picture = placed(wall, "admiral", (210, 150), 105).copy()
        left = 60 + 24 * k
        picture[:, left : left + 60] = (0.02, 0.03, 0.02)
        return picture

    return track_faces(scene(draw), shot(12))


def test_a_bar_over_the_face_breaks_neither_name_nor_stretch(barred):
    assert len(barred) == 1
    assert set(barred[0].segment[barred[0].confidence > 0]) == {0}
    assert len(barred[0].absent) <= 6


def test_no_mesh_is_squeezed_into_what_the_bar_leaves_of_the_face(barred):
    track = barred[0]
    eyes = {f: np.linalg.norm(track.at(f)[33] - track.at(f)[263]) for f in track.frames if track.seen(f)}
    open_face = eyes[1001]
    for frame, width in eyes.items():
        sure = track.confidence[frame - 1001] > 0.8
        assert (0.88 if sure else 0.75) < width / open_face < 1.15, frame
        assert np.linalg.norm(middle(track.at(frame)) - middle(track.at(1001))) < 0.3 * open_face, frame


def test_a_bar_over_the_face_is_less_sure_than_the_open_face(barred):
    confidence = barred[0].confidence
    assert confidence[5:8].mean() < 0.9 * max(confidence[0], confidence[-1])


def test_a_head_that_moves_behind_a_wide_bar_is_followed_by_what_is_left_of_it():
    """More than half of the face is covered at once; where it goes behind the bar is known."""
    wall = room(420, 300)

    def centre(k):
        return 175 + 6 * k, 150 + 8 * np.sin(0.6 * k)

    def draw(k):
        picture = placed(wall, "astronaut", centre(k), 105, roll=0.012 * k).copy()
        left = -60 + 38 * k
        picture[:, max(0, left) : max(0, left + 110)] = np.linspace(0.05, 0.5, 300, dtype=np.float32)[:, None, None]
        return picture

    tracks = track_faces(scene(draw), shot(12))
    assert len(tracks) == 1
    assert tracks[0].absent == ()
    off = np.array([middle(tracks[0].at(1001 + k)) - centre(k) for k in range(12)])
    assert np.abs(off - np.median(off, 0)).max() < 4
    wide = np.array([np.linalg.norm(np.diff(tracks[0].at(1001 + k)[[33, 263], :2], axis=0)) for k in range(12)])
    assert wide.max() / wide.min() < 1.06


@pytest.fixture(scope="module")
def cut():
    """Eight frames of the astronaut in one room, eight in another, nearer."""
    rooms = room(480, 300, 1), room(480, 300, 9)[::-1] * 1.7

    def draw(k):
        if k < 8:
            return placed(rooms[0], "astronaut", (130 + 2 * k, 140), 80)
        return placed(rooms[1], "astronaut", (330, 160), 110)

    return track_faces(scene(draw), shot(16))


def test_a_hard_cut_begins_a_new_stretch_at_its_frame(cut):
    assert cut[0].segment.tolist() == [0] * 8 + [1] * 8


def test_the_same_face_over_a_cut_is_a_guess_that_is_stated(cut):
    assert len(cut) == 1
    assert any("guess" in note and "1009" in note for note in cut[0].notes)


def test_nothing_is_smoothed_across_a_cut(cut):
    before, after = middle(cut[0].at(1008)), middle(cut[0].at(1009))
    assert abs((after - before)[0] - (330 - 144)) < 12


def test_landmarks_do_not_jitter_on_a_known_path():
    wall = room(420, 360)

    def pose(k):
        return (200 + 6 * np.sin(k / 3), 180 + 4 * np.cos(k / 2)), 125 * (1 + 0.03 * np.sin(k / 4)), 0.05 * np.sin(k / 3)

    def draw(k):
        centre, half, roll = pose(k)
        return placed(wall, "astronaut", centre, half, roll=roll)

    (track,) = track_faces(scene(draw), shot(16))
    still = []
    for k in range(16):
        centre, half, roll = pose(k)
        turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]]) * half / 125
        still.append((track.at(1001 + k)[:468, :2] - centre) @ np.linalg.inv(turn).T)
    points = np.stack(still)
    eyes = np.linalg.norm(points.mean(0)[33] - points.mean(0)[263])
    off = np.sqrt(((points - points.mean(0)) ** 2).sum(-1).mean())
    assert off < 0.003 * eyes  # 0.3 px where the eyes are 100 px apart


@pytest.mark.parametrize("rate", [25, 60])
def test_portrait_orientation_motion_blur_and_rate_change_nothing(rate):
    wall = room(300, 520)

    def draw(k):
        picture = placed(wall, "astronaut", (110 + 8 * k, 220 + 4 * k), 95)
        return cv2.blur(picture, (15, 3)) if k in (3, 4) else picture

    (track,) = track_faces(scene(draw), shot(8, rate))
    assert track.absent == ()
    for frame, (x, y) in spots(track).items():
        assert np.hypot(x - 110 - 8 * (frame - 1001), y - 220 - 4 * (frame - 1001)) < 22


def test_a_turn_to_profile_and_back_is_one_face():
    wall = room(420, 300)
    squeeze = [1, 1, 0.9, 0.3, 0.12, 0.12, 0.12, 0.3, 0.9, 1, 1]

    def draw(k):
        return placed(wall, "admiral", (210, 150), 105, squeeze=squeeze[k])

    (track,) = track_faces(scene(draw), shot(len(squeeze)))
    assert {1005, 1006, 1007} <= set(track.absent)
    assert track.seen(1001)
    assert track.seen(1011)


def test_a_shot_without_a_face_gives_no_track_and_no_error():
    assert track_faces(scene(lambda k: room(320, 200)), shot(3)) == ()


def test_a_dark_small_face_is_found_and_the_same_plates_give_the_same_bits():
    wall = room(640, 360) * 0.05

    def draw(k):
        return placed(wall, "astronaut", (320, 180), 42) * np.float32(0.1)

    first, second = (track_faces(scene(draw), shot(3)) for _ in range(2))
    assert len(first) == 1
    assert np.array_equal(first[0].landmarks, second[0].landmarks)
    assert np.array_equal(first[0].confidence, second[0].confidence)


def test_a_correction_of_a_face_that_is_not_there_names_those_that_are():
    wall = room(320, 260)
    with pytest.raises(BriefError, match="faces are a"):
        track_faces(
            scene(lambda k: placed(wall, "astronaut", (160, 130), 100)),
            shot(3),
            corrections=[Correction(frame=1001, name="b", to=(1, 0))],
        )


def test_the_overlay_draws_on_the_face_and_nowhere_else(cut):
    picture = room(480, 300)
    drawn = overlay(picture, cut, 1001)
    bare = overlay(picture, (), 1001)
    changed = (drawn != bare).any(-1)
    assert changed.any()
    points = cut[0].at(1001)
    assert not changed[int(points[:, 1].min()) :, int(points[:, 0].max()) + 3 :].any()
    assert not changed[int(points[:468, 1].max()) + 3 :].any()
