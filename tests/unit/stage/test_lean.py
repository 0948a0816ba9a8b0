"""Walls lean out, floors pull in, each section as one body."""

from __future__ import annotations

import numpy as np
import pytest

from setpiece.stage.fracture import fracture
from setpiece.stage.lean import faces, set_off, thrown

NEVER = 1_000_000


@pytest.fixture(scope="module")
def pieces(panels):
    return fracture(panels, pieces=500, seed=3)


def _start(pieces, seed=1, sections=None):
    sections = np.zeros(len(pieces), int) if sections is None else sections
    return set_off(pieces, sections, np.full(len(pieces), 1005), NEVER, np.random.default_rng(seed))


def test_walls_face_out_of_the_building_and_floors_face_nowhere(pieces):
    normal, upright = faces(pieces)
    wall = upright > 0
    assert 0.3 < wall.mean() < 1.0
    np.testing.assert_allclose(np.linalg.norm(normal[wall], axis=1), 1, atol=1e-6)
    assert not normal[~wall].any() and not normal[:, 2].any()
    outer = wall & (pieces.visible > 0)
    assert (((pieces.centre - pieces.centre.mean(axis=0)) * normal).sum(axis=1)[outer] > 0).mean() > 0.9


def test_the_top_of_a_wall_leaves_faster_than_its_foot(pieces):
    velocity, _ = _start(pieces)
    normal, upright = faces(pieces)
    out, wall = (velocity * normal).sum(axis=1), upright > 0
    assert out[wall].mean() > 0.1
    high = pieces.centre[:, 2] > np.median(pieces.centre[wall, 2])
    assert out[wall & high].mean() > out[wall & ~high].mean() + 0.1


def test_floors_are_drawn_inwards(pieces):
    velocity, _ = _start(pieces)
    away = (pieces.centre - pieces.centre.mean(axis=0)) * [1, 1, 0]
    floor = (faces(pieces)[1] == 0) & (np.linalg.norm(away, axis=1) > 1.5)
    assert floor.any()
    assert (velocity * away).sum(axis=1)[floor].mean() < 0


def test_nothing_starts_upwards_without_a_charge_and_nothing_starts_fast(pieces):
    velocity, spin = _start(pieces)
    assert velocity[:, 2].max() <= 0
    assert np.linalg.norm(velocity, axis=1).max() < 6.0
    assert np.linalg.norm(spin, axis=1).max() < 5.0


def test_pieces_turn_each_in_its_own_way(pieces):
    _, spin = _start(pieces)
    assert len(np.unique(np.round(spin, 5), axis=0)) == len(pieces)


def test_a_charge_throws_the_near_harder_than_the_far(pieces):
    point = pieces.centre.mean(axis=0) * [1, 1, 0.2]
    speed = np.linalg.norm(thrown(pieces, point, np.array([0.0, -1.0, 0.0]), 1.0), axis=1)
    distance = np.linalg.norm(pieces.centre - point, axis=1)
    near, far = distance < np.quantile(distance, 0.2), distance > np.quantile(distance, 0.8)
    assert speed[near].mean() > 2 * speed[far].mean()
