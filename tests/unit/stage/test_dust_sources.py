"""Dust comes from breaking, falling and hitting; it never weighs more than the pieces can give."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from falling_blocks import blocks, dropped

from setpiece.core.errors import StageError
from setpiece.core.stage import Material, Pieces
from setpiece.stage.dust_sources import DustBurst, dust_bursts, dust_capacity_kg, piece_area_m2

RATE = Fraction(24)


def total_kg(bursts: tuple[DustBurst, ...]) -> float:
    return sum(float(b.mass_kg.sum(dtype=np.float64)) for b in bursts)


@pytest.fixture(scope="module")
def wall() -> Pieces:
    x, z = np.meshgrid(np.arange(-4.5, 5, 1), np.arange(0.5, 8, 1))
    return blocks(np.stack([x.ravel(), np.full(x.size, 30.0), z.ravel()], axis=1))


def run(pieces: Pieces, *, amount: float = 1.0, seed: int = 1, release: int = 3) -> tuple[DustBurst, ...]:
    return dust_bursts(pieces, dropped(pieces, release=release), RATE, first=0, last=47, amount=amount, seed=seed)


def test_area_of_a_cube_is_six_squares() -> None:
    assert piece_area_m2(blocks(np.zeros((2, 3)))) == pytest.approx([6.0, 6.0], rel=1e-5)


def test_one_burst_for_every_frame_in_order(wall: Pieces) -> None:
    assert [b.frame for b in run(wall)] == list(range(48))


def test_a_building_that_stands_makes_no_dust(wall: Pieces) -> None:
    assert total_kg(run(wall, release=1000)) == 0


def test_nothing_is_emitted_before_release(wall: Pieces) -> None:
    bursts = run(wall, release=10)
    assert total_kg(bursts[:10]) == 0
    assert total_kg(bursts[10:20]) > 0


def test_total_dust_never_exceeds_the_capacity(wall: Pieces) -> None:
    for amount in (0.5, 1.0, 40.0):
        assert 0 < total_kg(run(wall, amount=amount)) <= dust_capacity_kg(wall, amount=amount).sum() * (1 + 1e-6)


def test_amount_scales_the_mass_linearly(wall: Pieces) -> None:
    assert total_kg(run(wall, amount=2.0)) == pytest.approx(2 * total_kg(run(wall, amount=1.0)), rel=0.02)
    assert total_kg(run(wall, amount=0.0)) == 0


def test_a_longer_fall_makes_more_dust() -> None:
    low, high = blocks(np.array([[0, 30, 1.0]])), blocks(np.array([[0, 30, 9.0]]))
    assert total_kg(run(high)) > 2 * total_kg(run(low))


def test_masonry_makes_far_more_dust_than_steel_or_glass() -> None:
    where = np.array([[0, 30, 6.0]])
    masonry = total_kg(run(blocks(where)))
    for material in (Material.STEEL, Material.GLASS, Material.TIMBER):
        assert total_kg(run(blocks(where, material=material))) < masonry / 5


def test_falling_masses_squeeze_dust_outwards_along_the_ground(wall: Pieces) -> None:
    late = [b for b in run(wall) if b.frame > 24]
    place = np.concatenate([b.position for b in late])
    speed = np.concatenate([b.velocity for b in late])
    ends = np.abs(place[:, 0]) > 2
    assert np.mean(speed[ends, 0] * np.sign(place[ends, 0])) > 1.0
    assert place[:, 2].min() >= 0


def test_seed_moves_the_puffs_but_not_the_mass(wall: Pieces) -> None:
    one, again, other = run(wall, seed=1), run(wall, seed=1), run(wall, seed=2)
    assert all(np.array_equal(a.position, b.position) for a, b in zip(one, again, strict=True))
    assert total_kg(one) == total_kg(other)
    assert not np.array_equal(one[20].position, other[20].position)


def test_motion_of_another_stage_is_refused(wall: Pieces) -> None:
    other = blocks(np.zeros((2, 3)))
    with pytest.raises(StageError, match="2 pieces, the stage has 80"):
        dust_bursts(wall, dropped(other), RATE, first=0, last=3, amount=1, seed=1)


@pytest.mark.parametrize("amount", [-1.0, float("nan"), float("inf")])
def test_impossible_amount_is_refused(wall: Pieces, amount: float) -> None:
    with pytest.raises(StageError, match="dust amount"):
        run(wall, amount=amount)


def test_most_dust_is_born_where_masses_land_not_where_they_let_go(wall: Pieces) -> None:
    bursts = run(wall, release=3)
    height = np.concatenate([b.position[:, 2] for b in bursts])
    kg = np.concatenate([b.mass_kg for b in bursts]).astype(np.float64)
    assert kg[height < 4].sum() > 0.8 * kg.sum()
    first_half_second = sum(float(b.mass_kg.sum()) for b in bursts[3:15])
    assert first_half_second < 0.1 * kg.sum()
