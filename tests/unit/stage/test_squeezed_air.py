"""Air leaves a falling building sideways: through the nearest wall, no more of it than the floors sweep."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from falling_blocks import blocks, dropped

from setpiece.core.stage import Pieces
from setpiece.stage.dust_sources import DustBurst, dust_bursts
from setpiece.stage.squeezed_air import openings, outline_of, plan_area_m2

RATE = Fraction(24)


@pytest.fixture(scope="module")
def floor() -> Pieces:
    """A floor of 10 by 6 cubes, 8 m up, and a stone below it."""
    x, y = np.meshgrid(np.arange(-4.5, 5, 1), np.arange(30.5, 36, 1))
    floor = np.stack([x.ravel(), y.ravel(), np.full(x.size, 8.0)], axis=1)
    return blocks(np.concatenate([floor, [[0.0, 33.0, 0.5]]]))


def fallen(pieces: Pieces, *, release: int = 3) -> tuple[DustBurst, ...]:
    return dust_bursts(pieces, dropped(pieces, release=release), RATE, first=0, last=47, amount=1.0, seed=1)


def test_the_outline_knows_its_nearest_wall_and_how_far_it_is(floor: Pieces) -> None:
    outline = outline_of(floor)
    points = np.array([[0.0, 30.5], [4.5, 33.0], [0.0, 35.8], [-7.0, 33.0]])
    wall, inside = outline.wall_of(points)
    np.testing.assert_allclose(outline.normal[wall], [[0, -1], [1, 0], [0, 1], [-1, 0]], atol=1e-9)
    np.testing.assert_allclose(inside, [0.5, 0.5, 0.2, -2.0], atol=1e-6)


def test_a_cube_covers_one_square_of_ground() -> None:
    assert plan_area_m2(blocks(np.zeros((2, 3)))) == pytest.approx([1.0, 1.0], rel=1e-5)


def test_openings_take_from_one_bay_what_they_give_to_another() -> None:
    force = openings(np.linspace(0, 3000, 60_000), np.zeros((60_000, 3)))
    assert force.min() > 0.1
    assert force.mean() == pytest.approx(1.0, abs=0.01)
    assert force.std() > 0.25


def test_no_more_air_leaves_than_the_floor_sweeps(floor: Pieces) -> None:
    air = sum(float(b.air_m3.sum(dtype=np.float64)) for b in fallen(floor))
    swept = 60 * 8.0
    assert 0.2 * swept < air < swept


def test_a_building_that_stands_squeezes_nothing(floor: Pieces) -> None:
    assert sum(float(b.air_m3.sum()) for b in fallen(floor, release=1000)) == 0


def test_squeezed_air_comes_out_beyond_the_walls_and_goes_outwards(floor: Pieces) -> None:
    outline, seen = outline_of(floor), 0
    for burst in fallen(floor):
        jets = burst.air_m3 > 0
        seen += int(np.count_nonzero(jets))
        wall, inside = outline.wall_of(burst.position[jets, :2].astype(np.float64))
        outward = np.sum(outline.normal[wall] * burst.velocity[jets, :2], axis=1)
        assert (inside < 0).all()
        assert (outward > 0).all()
        assert burst.position[:, 2].min(initial=9.0) > 0
    assert seen > 100
