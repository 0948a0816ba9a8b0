"""The artist's word against the tracker's, without a picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from faces_in_motion import shot

from setpiece.core.errors import BriefError
from setpiece.core.face_chart import layout
from setpiece.core.faces import FaceTrack
from setpiece.stage.faces import Correction, corrected, parse_corrections


@pytest.fixture
def track():
    frames = shot(30)
    landmarks = np.repeat((layout * 100 + 200)[None], 30, 0).astype(np.float32)
    landmarks[12:14] = np.nan
    confidence = np.ones(30, np.float32)
    confidence[12:14] = 0
    segment = np.zeros(30, np.int32)
    segment[12:14], segment[20:] = -1, 1
    pose = np.zeros((30, 3), np.float32)
    pose[12:14] = np.nan
    return FaceTrack(name="a", frames=frames, landmarks=landmarks, confidence=confidence, pose_deg=pose, segment=segment)


def test_no_correction_changes_no_bit(track):
    assert np.array_equal(corrected(track, ()).landmarks, track.landmarks, equal_nan=True)


def test_a_corrected_landmark_lies_exactly_where_the_artist_put_it(track):
    done = corrected(track, [Correction(frame=1005, name="a", landmark=61, to=(150.0, 280.0))])
    assert done.at(1005)[61, :2] == pytest.approx((150, 280), abs=1e-3)


def test_a_correction_fades_over_its_neighbours_and_ends(track):
    done = corrected(track, [Correction(frame=1005, name="a", to=(10.0, 0.0), reach=4)])
    moved = (done.landmarks - track.landmarks)[:12, 0, 0]
    assert moved[4] == pytest.approx(10)
    assert (np.diff(moved[4:10]) <= 0).all()
    assert (np.diff(moved[:5]) >= 0).all()
    assert moved[9] == 0


def test_two_corrections_meet_without_a_step(track):
    ends = [Correction(frame=1002, name="a", to=(10.0, 0.0)), Correction(frame=1010, name="a", to=(-6.0, 0.0))]
    moved = (corrected(track, ends).landmarks - track.landmarks)[1:10, 0, 0]
    assert moved[0] == pytest.approx(10)
    assert moved[-1] == pytest.approx(-6)
    assert np.abs(np.diff(moved)).max() < 3.5


def test_no_correction_reaches_across_a_cut(track):
    done = corrected(track, [Correction(frame=1020, name="a", to=(10.0, 0.0))])
    assert np.array_equal(done.landmarks[20:], track.landmarks[20:])


def test_a_landmark_draws_its_neighbours_and_leaves_the_far_side(track):
    done = corrected(track, [Correction(frame=1005, name="a", landmark=61, to=(150.0, 280.0))])
    moved = np.linalg.norm((done.at(1005) - track.at(1005))[:, :2], axis=1)
    assert moved[146] > 0.3 * moved[61]
    assert moved[454] < 1e-3 * moved[61]


def test_another_faces_correction_is_not_mine(track):
    done = corrected(track, [Correction(frame=1005, name="b", to=(10.0, 0.0))])
    assert np.array_equal(done.landmarks, track.landmarks, equal_nan=True)


def test_not_here_empties_just_these_frames(track):
    done = corrected(track, [Correction(frame=1003, name="a", absent_until=1006)])
    assert done.absent == (1003, 1004, 1005, 1006, 1013, 1014)
    assert np.isnan(done.at(1004)).all()
    assert np.isfinite(done.at(1007)).all()


@pytest.mark.parametrize("wrong", [{"frame": 1013}, {"frame": 2000}])
def test_a_place_without_the_face_is_refused_by_frame(track, wrong):
    with pytest.raises(BriefError, match=f"frame {wrong['frame']}"):
        corrected(track, [Correction(name="a", to=(1.0, 1.0), **wrong)])


@pytest.mark.parametrize(
    "row", [{"frame": 1001}, {"frame": 1, "name": "a", "too": [1, 2]}, {"frame": 1, "name": "a", "to": "12"}]
)
def test_a_malformed_row_is_refused_by_its_number(row):
    with pytest.raises(BriefError, match="correction 1"):
        parse_corrections([row])


def test_a_landmark_that_does_not_exist_is_refused():
    with pytest.raises(BriefError, match="no landmark 478"):
        Correction(frame=1001, name="a", landmark=478)


def test_a_parsed_row_is_the_correction():
    rows = [{"frame": 1003, "name": "a", "landmark": 61, "to": [1.5, 2]}, {"frame": 1001, "name": "b", "absent_until": 1004}]
    assert parse_corrections(rows) == (
        Correction(frame=1003, name="a", landmark=61, to=(1.5, 2.0)),
        Correction(frame=1001, name="b", absent_until=1004),
    )


def test_corrections_keep_the_notes(track):
    noted = replace(track, notes=("a guess",))
    assert corrected(noted, [Correction(frame=1005, name="a", to=(1.0, 0.0))]).notes == ("a guess",)
