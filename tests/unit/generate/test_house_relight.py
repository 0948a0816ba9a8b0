"""How far a guessed sun may change what the plate shows."""

from __future__ import annotations

import numpy as np

from setpiece.generate.engines.house.materials import build_noise, split_stone
from setpiece.generate.engines.house.scene import MOST_RANGE, range_of, stone_albedo
from setpiece.generate.engines.house.shade import lit

SUN = np.array([2.0, 1.8, 1.5])
REST = np.full((5, 3), 1.0, np.float32)


def _lit(bounds: tuple[float, float, float], direct: list[float]) -> np.ndarray:
    n = len(direct)
    ambient = np.full((n, 3), 0.05, np.float32)
    limits = np.tile(np.array(bounds, np.float32), (n, 1))
    return lit(np.full((n, 3), 0.3, np.float32), np.array(direct, np.float32), ambient, REST[:n], limits, SUN)


def test_a_light_that_is_not_believed_leaves_the_plate() -> None:
    np.testing.assert_allclose(_lit((0.2, 3.0, 0.0), [0.0, 0.3, 1.0]), 0.3, rtol=1e-5)


def test_a_light_that_is_believed_within_wide_bounds_is_the_light() -> None:
    out = _lit((0.0, 9.0, 1.0), [0.0, 0.4, 1.0])
    expected = 0.3 * (SUN * np.array([0.0, 0.4, 1.0])[:, None] + 0.05)
    np.testing.assert_allclose(out, expected, rtol=1e-4)


def test_bounds_hold_luminance() -> None:
    luma = _lit((0.5, 1.2, 1.0), [0.0, 0.5, 1.0]) @ np.array([0.2722, 0.6741, 0.0537]) / 0.3
    assert luma.min() > 0.5 - 1e-3
    assert luma.max() < 1.2 + 1e-3


def test_sunlit_wall_may_darken_and_shaded_wall_may_brighten_but_no_further_than_the_plate_shows() -> None:
    plate = np.full((160, 160, 3), 0.10, np.float32)
    plate[:, :80] = 0.40
    limits = range_of(plate, np.ones((160, 160), bool))
    sunlit, shaded = limits[10, 3], limits[10, 16]
    assert sunlit[0] < 0.35
    assert abs(sunlit[1] - 1.0) < 0.05
    assert shaded[0] >= 0.55
    assert 3.5 < shaded[1] <= MOST_RANGE


def test_broken_stone_is_the_plates_pale_stone_not_its_soot() -> None:
    plate = np.full((80, 80, 3), 0.04, np.float32)
    plate[:, 40:] = np.array([0.50, 0.45, 0.36], np.float32)
    stone = stone_albedo(plate, np.full((40, 40, 3), 1.5, np.float32), np.ones((80, 80), bool))
    assert stone[0] > stone[1] > stone[2] > 0.15
    lattice, sooty = build_noise(3), np.full(3, 0.03, np.float32)
    shades = np.array([split_stone(lattice, 0.3 * i, 0.2 * i, 0.13 * i, 0.02, stone, sooty) for i in range(60)])
    assert shades.min() > 0.25 * stone.min()
    assert abs(float(shades.mean() / stone.mean()) - 0.75) < 0.2
