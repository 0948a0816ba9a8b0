"""What stands before a wall is told from the wall, its lamp light and its shadows."""

from __future__ import annotations

import numpy as np
import pytest

from drawn_room import DrawnRoom, draw_room
from setpiece.core.errors import MatteError
from setpiece.stage.fold_shape import cloth_coordinates, fold_height
from setpiece.stage.garment_matte import propose_garment
from setpiece.stage.standing import find_standing


@pytest.fixture(scope="module")
def room() -> DrawnRoom:
    return draw_room(720, 480)


@pytest.fixture(scope="module")
def found(room) -> np.ndarray:
    outline = (room.plane == 0).astype(np.float32)
    return find_standing(room.plate, outline)


def test_sofa_and_picture_stand_in_front_and_the_wall_does_not(room, found):
    inside = room.plane == 0
    truth = room.front[inside] > 0.5
    assert ((found[inside] > 0.5) == truth).mean() > 0.985


def test_a_hard_shadow_and_a_lamps_pool_are_the_walls(room, found):
    bare = (room.plane == 0) & (room.front < 0.01)
    assert (found[bare] > 0.5).mean() < 0.012


def test_nothing_is_held_outside_of_the_outline(room, found):
    assert not found[room.plane != 0].any()


def test_the_same_picture_gives_the_same_matte(room, found):
    assert (find_standing(room.plate, (room.plane == 0).astype(np.float32)) == found).all()


def _coat() -> tuple[np.ndarray, np.ndarray]:
    """A red upright cylinder before grey, with a blue badge; and where the coat is."""
    y, x = np.mgrid[:240, :200].astype(np.float32)
    side = (x - 100) / 60
    coat = (np.abs(side) < 1) & (y > 40)
    lit = np.where(coat, np.sqrt(np.maximum(1 - side**2, 0.02)), 1.0)[..., None]
    badge = np.hypot(x - 85, y - 110) < 12
    colour = np.where(coat[..., None], [0.42, 0.05, 0.04], [0.35, 0.35, 0.36]) * lit
    colour = np.where(badge[..., None], [0.03, 0.05, 0.35] * lit, colour)
    noise = np.random.default_rng(2).standard_normal(colour.shape) * 0.004
    return np.maximum(colour + noise, 1e-3).astype(np.float32), coat & ~badge


def test_a_box_is_enough_for_a_garment_and_its_badge_stays():
    picture, coat = _coat()
    coverage = propose_garment(picture, box=(30, 30, 170, 240))
    assert ((coverage > 0.5) == coat).mean() > 0.985
    whole = propose_garment(picture, box=(30, 30, 170, 240), own_cloth=False)
    assert whole[110, 85] > 0.9 and coverage[110, 85] < 0.1


def test_a_box_or_stroke_beside_the_picture_is_refused():
    picture, _ = _coat()
    with pytest.raises(MatteError, match=r"garment\.box"):
        propose_garment(picture, box=(300, 30, 400, 200))
    with pytest.raises(MatteError, match=r"garment\.inside"):
        propose_garment(picture, box=(30, 30, 170, 240), inside=((400.0, 10.0, 420.0, 10.0),))


def test_a_flat_cloth_keeps_the_pictures_own_coordinates():
    uv = cloth_coordinates(np.full((60, 80, 3), 0.2, np.float32), np.ones((60, 80), np.float32), m_per_px=0.01, follow=0.0)
    assert np.diff(uv[..., 0], axis=1) == pytest.approx(0.01, abs=1e-6)
    assert np.diff(uv[..., 1], axis=0) == pytest.approx(-0.01, abs=1e-6)


def test_stripes_crowd_towards_the_sides_of_a_round_garment():
    picture, coat = _coat()
    uv = cloth_coordinates(picture, coat.astype(np.float32), m_per_px=0.01)
    run = np.diff(uv[180, :, 0]) / 0.01
    assert run[96:104].mean() == pytest.approx(1.0, abs=0.12)
    assert run[43:49].mean() > 1.3 * run[96:104].mean()
    assert run[151:157].mean() > 1.3 * run[96:104].mean()


def test_a_dark_fold_lies_deeper_than_the_cloth_beside_it():
    picture = np.full((160, 160, 3), 0.3, np.float32)
    picture[:, 78:83] *= 0.5
    height = fold_height(picture, np.ones((160, 160), np.float32))
    assert height[80, 80] < height[80, 70]
