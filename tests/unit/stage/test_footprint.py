from itertools import pairwise

import cv2
import numpy as np
import pytest

from setpiece.core.camera import Camera
from setpiece.core.errors import MatteError
from setpiece.core.pictures import Matte
from setpiece.stage.footprint import auto_footprint

CORNERS = np.array([[-15.0, 45.0], [7.0, 36.0], [12.0, 48.2]])  # metres: front, corner, side at right angles
NORMAL = (-0.3786, -0.9255)


@pytest.fixture
def camera() -> Camera:
    return Camera.looking(width=960, height=540, focal_px=880, height_m=1.7, pitch_deg=7.0)


def drawn(camera: Camera, walls: np.ndarray, tall: float = 15.0, grass_px: float = 0.0) -> Matte:
    large = np.zeros((8 * camera.height, 8 * camera.width), np.uint8)
    for a, b in pairwise(walls):
        quad = np.array([[*a, 0.0], [*b, 0.0], [*b, tall], [*a, tall]], np.float32)
        cv2.fillPoly(large, [np.round(camera.scaled(8.0).project(quad)[0] - 0.5).astype(np.int32)], 255)
    cover = cv2.resize(large, (camera.width, camera.height), interpolation=cv2.INTER_AREA)
    if grass_px:
        rng = np.random.default_rng(1)
        for x in range(0, camera.width, 5):
            rows = np.flatnonzero(cover[:, x])
            if len(rows):
                cover[rows[-1] - int(rng.uniform(0, grass_px)) :, x : x + 5] = 0
    return Matte(coverage=cover.astype(np.float32) / 255)


def test_the_corner_of_two_walls_is_found_within_three_percent_of_the_width(camera):
    found = camera.on_ground(auto_footprint(drawn(camera, CORNERS), camera, (NORMAL,)))[:, :2]
    assert found.shape == (3, 2)
    assert np.hypot(*(found - CORNERS).T).max() < 0.03 * 24


def test_grass_before_the_foot_does_not_turn_the_walls(camera):
    points = auto_footprint(drawn(camera, CORNERS, grass_px=8.0), camera, (NORMAL,))
    ground = camera.on_ground(points)[:, :2].astype(float)
    along = (ground[1] - ground[0]) / np.hypot(*(ground[1] - ground[0]))
    assert len(points) == 3
    assert abs(along @ np.array(NORMAL)) < 0.02


def test_a_single_wall_has_no_corner(camera):
    points = auto_footprint(drawn(camera, CORNERS[:2]), camera, (NORMAL,))
    assert len(points) == 2
    assert np.hypot(*(camera.on_ground(points)[:, :2] - CORNERS[:2]).T).max() < 0.03 * 24


def test_a_tower_on_one_wall_is_no_corner(camera):
    matte = drawn(camera, CORNERS[:2]).coverage.copy()
    columns = np.flatnonzero(matte.any(0))
    foot = int(np.flatnonzero(matte[:, columns[10]] > 0.5)[-1])
    matte[60:foot, columns[0] : columns[0] + len(columns) // 6] = 1
    assert len(auto_footprint(Matte(coverage=matte), camera, (NORMAL,))) == 2


def test_without_known_directions_the_foot_alone_is_followed(camera):
    points = auto_footprint(drawn(camera, CORNERS[:2]), camera)
    assert np.hypot(*(camera.on_ground(points)[:, :2] - CORNERS[:2]).T).max() < 2.0


def test_an_empty_matte_is_refused(camera):
    with pytest.raises(MatteError, match="empty"):
        auto_footprint(Matte(coverage=np.zeros((540, 960), np.float32)), camera, (NORMAL,))
