"""What loses its load path falls, what keeps it stands, and the artist's numbers steer both."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from setpiece.core.errors import StageError
from setpiece.core.stage import Motion
from setpiece.core.timing import FrameRange
from setpiece.stage.collapse import NEVER, Event, direct
from setpiece.stage.fracture import fracture
from setpiece.stage.hanging import overdue
from setpiece.stage.support import boxes, support_graph

FRAMES = FrameRange(first=1001, last=1072, rate=Fraction(24))


@pytest.fixture(scope="module")
def pieces(panels):
    return fracture(panels, pieces=500, seed=3)


@pytest.fixture(scope="module")
def graph(pieces):
    return support_graph(pieces)


def _script(pieces, graph, mode, seed=1, **fields):
    return direct(pieces, graph, Event(mode=mode, start_frame=1005, **fields), FRAMES, seed=seed)


def test_nothing_falls_at_rest(pieces, graph):
    assert not graph.falling(np.ones(len(pieces), bool)).any()


def test_everything_falls_once_the_foot_is_gone(pieces, graph):
    standing = boxes(pieces)[0][:, 2] > 1.0
    assert graph.falling(standing)[standing].all()


def test_a_hole_in_a_wall_is_arched_over(pieces, graph):
    hole = (np.abs(pieces.centre[:, 0]) < 0.8) & (np.abs(pieces.centre[:, 2] - 3) < 0.8) & (pieces.visible > 0)
    assert hole.any()
    fallen = graph.falling(~hole)
    assert fallen.sum() <= 0.03 * len(pieces)


@pytest.mark.parametrize("mode", ["pancake", "progressive", "topple"])
def test_whole_building_modes_leave_nothing_floating(pieces, graph, mode):
    script = _script(pieces, graph, mode)
    standing = script.release > FRAMES.last
    assert not graph.falling(standing).any()
    assert standing.mean() < 0.1 or mode == "topple"


@pytest.mark.parametrize("mode", ["pancake", "progressive", "blast", "partial"])
def test_what_has_no_load_path_at_all_waits_two_frames_at_most(pieces, graph, mode):
    region = pieces.centre[:, 0] > 2.0 if mode == "partial" else None
    script = _script(pieces, graph, mode, region=region)
    still = np.repeat(pieces.centre[None], len(FRAMES), axis=0)
    turned = np.tile(np.float32([1, 0, 0, 0]), (len(FRAMES), len(pieces), 1))
    motion = Motion(first=FRAMES.first, position=still, rotation=turned, release=script.first_motion.astype(np.int32))
    assert overdue(graph, motion).max() <= 2


def test_a_piece_held_with_nothing_under_it_is_overdue(pieces, graph):
    still = np.repeat(pieces.centre[None], 12, axis=0)
    turned = np.tile(np.float32([1, 0, 0, 0]), (12, len(pieces), 1))
    release = np.where(boxes(pieces)[0][:, 2] > 1.0, NEVER, 1003).astype(np.int32)
    longest = overdue(graph, Motion(first=1001, position=still, rotation=turned, release=release))
    assert (longest[release == NEVER] == 9).all()


def test_pieces_outside_of_the_region_hold_better(pieces, graph):
    region = pieces.centre[:, 0] > 2.0
    hold = _script(pieces, graph, "partial", region=region).hold_m_s
    assert np.array_equal(hold[region], graph.hold_m_s[region])
    assert (hold[~region] > 2 * graph.hold_m_s[~region]).all()


@pytest.mark.parametrize("mode", ["pancake", "progressive", "topple", "blast"])
def test_nothing_moves_before_the_start_frame(pieces, graph, mode):
    assert _script(pieces, graph, mode).first_motion.min() >= 1005


def test_progressive_walks_from_the_stated_side(pieces, graph):
    for along in ((1.0, 0.0), (-1.0, 0.0)):
        release = _script(pieces, graph, "progressive", along=along).release
        fell = release < NEVER
        assert np.corrcoef(pieces.centre[fell, 0] * along[0], release[fell])[0, 1] > 0.6


def test_partial_leaves_the_rest_standing(pieces, graph):
    region = pieces.centre[:, 0] > 2.0
    release = _script(pieces, graph, "partial", region=region).release
    assert (release[region] < NEVER).all()
    assert (release[~region] == NEVER).mean() > 0.75
    assert not graph.falling(release == NEVER).any()


def test_blast_throws_away_from_the_point(pieces, graph):
    point = (0.0, 30.5, 2.0)
    script = _script(pieces, graph, "blast", point_m=point)
    last = np.flatnonzero(np.diff(np.append(script.track_piece, -1)))
    travel = script.track_position[last] - pieces.centre[script.track_piece[last]]
    near = np.linalg.norm(pieces.centre[script.track_piece[last]] - point, axis=1) < 2.0
    assert (travel[near, 1] < 0).mean() > 0.6  # towards the camera
    assert np.linalg.norm(travel[near], axis=1).max() > 0.2


def test_a_large_blast_throws_nothing_through_the_ground(pieces, graph):
    script = _script(pieces, graph, "blast", point_m=(0.0, 30.5, 3.0), charge=4.0)
    fall = pieces.centre[script.track_piece, 2] - script.track_position[:, 2]
    clearance = boxes(pieces)[0][script.track_piece, 2] - boxes(pieces)[0][:, 2].min()
    assert (fall <= clearance + 1e-4).all()


def test_topple_turns_about_its_foot_towards_the_direction(pieces, graph):
    script = _script(pieces, graph, "topple", towards=(1.0, 0.0))
    last = np.flatnonzero(np.diff(np.append(script.track_piece, -1)))
    moved = script.track_position[last] - pieces.centre[script.track_piece[last]]
    high = pieces.centre[script.track_piece[last], 2] > 5
    assert (moved[high, 0] > 0.05).mean() > 0.9
    np.testing.assert_allclose(np.linalg.norm(script.track_rotation, axis=1), 1, atol=1e-5)


def test_same_seed_same_script_other_seed_another(pieces, graph):
    a, b, c = (_script(pieces, graph, "pancake", seed=s) for s in (1, 1, 2))
    assert np.array_equal(a.release, b.release)
    assert np.array_equal(a.track_position, b.track_position)
    assert not np.array_equal(a.release, c.release)


def test_speed_shortens_the_failure(pieces, graph):
    slow, fast = (_script(pieces, graph, "progressive", speed=s).release for s in (0.7, 2.0))
    assert np.median(fast[fast < NEVER]) < np.median(slow[slow < NEVER])


def test_a_wide_building_does_not_lift_off_when_it_topples(pieces, graph):
    script = _script(pieces, graph, "topple", towards=(1.0, 0.0))
    rise = script.track_position[:, 2] - pieces.centre[script.track_piece, 2]
    assert rise.max() < 0.08 * np.ptp(pieces.centre[:, 2])


def test_weak_walls_reach_less_far(pieces):
    hole = (np.abs(pieces.centre[:, 0]) < 2.0) & (pieces.centre[:, 2] < 4) & (pieces.visible > 0)
    strong, weak = (support_graph(pieces, strength=s).falling(~hole).sum() for s in (2.0, 0.2))
    assert weak > strong


def test_empty_region_is_refused(pieces, graph):
    with pytest.raises(StageError, match="no piece"):
        _script(pieces, graph, "partial", region=np.zeros(len(pieces), bool))
