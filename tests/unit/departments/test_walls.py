"""What walls are made of, how thick they are, and where they end at the foot."""

from __future__ import annotations

import numpy as np
import pytest

from setpiece.departments.destruction.solve import above_foot, thickness_of, wall_material

MATTE = np.ones((40, 60), np.float32)


def _plate(rgb: tuple[float, float, float]) -> np.ndarray:
    return np.broadcast_to(np.array(rgb, np.float32), (40, 60, 3)).copy()


def test_red_walls_are_brick_however_tall() -> None:
    assert wall_material(_plate((0.3, 0.2, 0.15)), MATTE, 40.0)[0] == "masonry"


def test_tall_pale_walls_are_stone_and_low_ones_are_not() -> None:
    pale = _plate((0.5, 0.46, 0.40))
    assert wall_material(pale, MATTE, 30.0)[0] == "stone"
    assert wall_material(pale, MATTE, 7.0)[0] == "masonry"


@pytest.mark.parametrize("walls", ["stone", "masonry"])
def test_walls_grow_with_the_building_and_are_never_thin(walls: str) -> None:
    low, mid, high = (thickness_of(walls, h)[0] for h in (4.0, 20.0, 45.0))
    assert low == pytest.approx(0.4)
    assert 0.4 < mid < high


def test_a_thickness_always_comes_with_its_reason() -> None:
    assert "height" in thickness_of("stone", 30.0)[1]
    assert "timber" in thickness_of("timber", 30.0)[1]


def test_what_lies_well_below_the_footprint_is_not_wall_and_what_stands_on_it_is() -> None:
    cut = above_foot(MATTE, np.array([[60.0, 30.0], [0.0, 30.0]]))
    assert (cut[:30] == 1).all()
    assert (cut[32:] == 0).all()
