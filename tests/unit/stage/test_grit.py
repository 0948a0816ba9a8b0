"""Secondary debris: born of breaks, falls like stones, rests on the ground."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "contract"))

from small_stage import FIRST, FRAMES, RATE, small_motion, small_pieces

from setpiece.core.errors import StageError
from setpiece.core.stage import Grit, Motion
from setpiece.stage.grit import LARGEST_M, SMALLEST_M, scatter_grit

LAST = FIRST + FRAMES - 1


def scatter(seed: int = 4, count: int = 3000, first: int = FIRST, last: int = LAST) -> Grit:
    pieces = small_pieces()
    return scatter_grit(pieces, small_motion(pieces), RATE, first=first, last=last, ground_z_m=0.0, seed=seed, count=count)


def test_grains_are_born_when_their_piece_breaks_and_never_before() -> None:
    grit = scatter()
    born = np.isfinite(grit.position[..., 0])
    assert not born[:3].any()
    assert born[-1].all()
    assert (np.diff(born.astype(int), axis=0) >= 0).all()


def test_no_grain_sinks_below_the_ground() -> None:
    grit = scatter()
    assert np.nanmin(grit.position[..., 2]) >= 0


def test_sizes_follow_the_power_law_between_walnut_and_brick() -> None:
    edge = 2 * scatter().size_m.max(axis=1)
    assert edge.min() >= SMALLEST_M * 0.999 and edge.max() <= LARGEST_M * 1.001
    assert np.median(edge) < 2 * SMALLEST_M
    assert (edge > 4 * SMALLEST_M).sum() > 20


def test_the_same_seed_gives_the_same_bits_and_another_seed_others() -> None:
    a, b, c = scatter(), scatter(), scatter(seed=5)
    assert np.array_equal(a.position, b.position, equal_nan=True)
    assert np.array_equal(a.size_m, b.size_m)
    assert not np.array_equal(a.position, c.position, equal_nan=True)


def test_nothing_breaks_where_nothing_moves() -> None:
    pieces = small_pieces()
    still = Motion(
        first=FIRST,
        position=np.repeat(pieces.centre[None], FRAMES, axis=0),
        rotation=np.tile(np.array([1, 0, 0, 0], np.float32), (FRAMES, len(pieces), 1)),
        release=np.full(len(pieces), 10_000_000, np.int32),
    )
    grit = scatter_grit(pieces, still, RATE, first=FIRST, last=LAST, ground_z_m=0.0, seed=1, count=100)
    assert grit.position.shape == (FRAMES, 0, 3)


def test_a_grain_in_free_fall_gains_gravity() -> None:
    grit = scatter(count=4000)
    z = grit.position[..., 2]
    fall = np.diff(z, n=2, axis=0) * float(RATE) ** 2
    aloft = np.nanmedian(np.where(z[2:] > 1.0, fall, np.nan))
    assert aloft == pytest.approx(-9.81, abs=0.6)


def test_a_part_of_the_shot_is_the_same_as_in_the_whole() -> None:
    whole, part = scatter(), scatter(first=FIRST + 6, last=FIRST + 6)
    assert part.position.shape[0] == 1 and part.first == FIRST + 6
    assert whole.position.shape[0] == FRAMES


def test_frames_that_the_motion_does_not_hold_are_refused() -> None:
    with pytest.raises(StageError, match="1001-1024"):
        scatter(last=LAST + 10)
