"""Blows are shared by direction and add up; what they break out takes along what it carried."""

from __future__ import annotations

import numpy as np
import pytest
from falling_blocks import blocks

from setpiece.stage.knock import Standing, blows
from setpiece.stage.support import boxes, support_graph

NEVER = 1_000_000
G_STEP = 9.81 / 24


def _felt(pieces, gained, loose):
    low, high = boxes(pieces)
    return blows(low, high, pieces.centre, np.array(gained, float), pieces.mass_kg, np.array(loose), ground_z_m=0.0)


def test_what_a_block_gains_from_the_one_below_that_one_feels():
    pieces = blocks([(0, 0, 6), (0, 0, 5)])
    np.testing.assert_allclose(_felt(pieces, [(0, 0, 3.0), (0, 0, 0)], [True, False]), [0, 3.0], rtol=1e-6)


def test_a_blow_on_two_is_shared_and_none_of_it_is_lost():
    pieces = blocks([(0, 0, 6), (-0.5, 0, 5), (0.5, 0, 5)])
    felt = _felt(pieces, [(0, 0, 3.0), (0, 0, 0), (0, 0, 0)], [True, False, False])
    np.testing.assert_allclose(felt, [0, 1.5, 1.5], rtol=1e-6)


def test_what_lies_behind_the_blow_feels_nothing():
    pieces = blocks([(0, 0, 6), (0, 0, 7), (1, 0, 6)])
    assert not _felt(pieces, [(0, 0, 3.0), (0, 0, 0), (0, 0, 0)], [True, False, False]).any()


def test_a_load_is_passed_on_through_loose_pieces():
    pieces = blocks([(0, 0, 7), (0, 0, 6), (0, 0, 5)])
    felt = _felt(pieces, [(0, 0, G_STEP), (0, 0, G_STEP), (0, 0, 0)], [True, True, False])
    np.testing.assert_allclose(felt[2], 2 * G_STEP, rtol=1e-6)


def test_what_lands_on_the_ground_strikes_no_wall_beside_it():
    pieces = blocks([(0, 0, 0.5), (1, 0, 0.5)])
    assert not _felt(pieces, [(0, 0, 8.0), (0, 0, 0)], [True, False]).any()


def _fall_on_a_tower(mass: float, hold: float, stop: int = 12) -> list[int]:
    """A block of ``mass`` times a tower's block falls from frame 0 and stops dead at ``stop``; who is knocked out."""
    tower = [(0, 0, 0.5), (0, 0, 1.5), (0, 0, 2.5), (1, 0, 2.5)]
    pieces = blocks([*tower, (0, 0, 3.5)])
    pieces.mass_kg.setflags(write=True)
    pieces.mass_kg[4] *= mass
    release = np.array([NEVER] * 4 + [0])
    standing = Standing(
        pieces, support_graph(pieces), np.full(5, hold), release, release, rate=24.0, gravity_m_s2=9.81, ground_z_m=0.0
    )
    gone: list[int] = []
    for frame in range(stop + 4):
        matrices = np.tile(np.eye(4, dtype=np.float32), (5, 1, 1))
        matrices[:, :3, 3] = pieces.centre
        matrices[4, 2, 3] += 0.5 * 9.81 / 24**2 * (stop**2 - min(frame, stop) ** 2)
        gone += standing.feel(frame, matrices).tolist()
    return sorted(gone)


def test_a_heavy_block_knocks_out_what_it_hits_and_what_that_carried_follows():
    gone = _fall_on_a_tower(2.0, hold=2.0)
    assert 2 in gone and 3 in gone  # 3 hangs on the side of 2
    assert 4 not in gone


@pytest.mark.parametrize(("mass", "hold"), [(0.05, 2.0), (2.0, np.inf)])
def test_a_pebble_knocks_nothing_out_and_what_must_stand_stands(mass: float, hold: float):
    assert _fall_on_a_tower(mass, hold) == []


def test_a_rest_load_breaks_what_it_outweighs_and_no_more():
    assert _fall_on_a_tower(1.0, hold=1.0, stop=0) == []
    assert 2 in _fall_on_a_tower(8.0, hold=1.0, stop=0)
