"""The photographed box: places on its planes are true, its planes fill the picture, and it is found in one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawn_room import BACK_M, EYE_M, HEIGHT_M, LEFT_M, WIDTH_M, DrawnRoom, draw_room
from setpiece.core.camera import Camera
from setpiece.core.dressing import PLANES
from setpiece.core.errors import MatteError, StageError
from setpiece.stage.camera_solve import solve_camera
from setpiece.stage.photo_box import PhotoBox, coverage_of, from_corners, polygon_of, seen_planes, surface_at
from setpiece.stage.photo_box_find import find_box

CAMERA = Camera.looking(width=480, height=320, focal_px=320, height_m=1.5, pitch_deg=-4.0, roll_deg=1.0)
BOX = PhotoBox(turn_deg=8.0, back_m=4.0, left_m=2.0, right_m=1.7, height_m=2.6)


@pytest.fixture(scope="module")
def room() -> DrawnRoom:
    return draw_room(960, 640)


@given(u=st.floats(0.1, 3.6), v=st.floats(0.1, 2.5))
@settings(max_examples=60, deadline=None)
def test_a_place_on_the_back_wall_comes_back_from_its_pixel(u, v):
    across, depth, up = BOX.axes()
    world = (u - 2.0) * across + BOX.back_m * depth + v * up
    pixel, _ = CAMERA.project(world[None].astype(np.float32))
    assert surface_at(BOX, CAMERA, "back", pixel)[0] == pytest.approx([u, v], abs=2e-3)


def test_paper_goes_round_the_corners_in_one_piece():
    across, depth, up = BOX.axes()
    for side, plane in ((-2.0, "left"), (1.7, "right")):
        corner = side * across + BOX.back_m * depth + 1.2 * up
        pixel, _ = CAMERA.project(corner[None].astype(np.float32))
        assert surface_at(BOX, CAMERA, plane, pixel)[0] == pytest.approx(surface_at(BOX, CAMERA, "back", pixel)[0], abs=3e-3)


def test_a_metre_on_the_floor_is_a_metre():
    across, depth, _ = BOX.axes()
    points = np.stack([0.2 * across + 3.0 * depth, 1.2 * across + 3.0 * depth]).astype(np.float32)
    pixels, _ = CAMERA.project(points)
    places = surface_at(BOX, CAMERA, "floor", pixels)
    assert np.linalg.norm(places[1] - places[0]) == pytest.approx(1.0, abs=2e-3)


def test_the_planes_fill_the_picture_and_their_outlines_agree_with_what_is_seen():
    size = (CAMERA.width, CAMERA.height)
    seen = seen_planes(BOX, CAMERA, size)
    total = np.zeros(seen.shape, np.float32)
    for number, plane in enumerate(PLANES):
        coverage = coverage_of(polygon_of(BOX, CAMERA, plane), size)
        total += coverage
        assert ((coverage > 0.5) == (seen == number)).mean() > 0.998
    assert np.abs(total - 1).max() < 0.3  # at corners of three planes
    assert np.abs(total - 1).mean() < 2e-3


def test_a_polygon_outside_of_the_picture_is_refused_with_a_remedy():
    with pytest.raises(MatteError, match="outside of the picture") as caught:
        coverage_of(np.array([[500, 10], [600, 10], [600, 90]]), (480, 320), name="back.polygon")
    assert "back.polygon" in str(caught.value) and "px" in caught.value.remedy
    with pytest.raises(MatteError, match="fewer than three"):
        coverage_of(np.array([[5, 10], [60, 10]]), (480, 320))


def test_half_covered_pixels_count_half():
    coverage = coverage_of(np.array([[10.5, 4], [20.5, 4], [20.5, 12], [10.5, 12]]), (32, 16))
    assert coverage[8, 10] == pytest.approx(0.5, abs=0.13)
    assert coverage[8, 15] == 1.0 and coverage[8, 25] == 0.0


def test_the_corners_of_the_back_wall_give_the_box_back():
    across, depth, up = BOX.axes()
    corners = [(-2.0, 2.6), (1.7, 2.6), (1.7, 0.0), (-2.0, 0.0)]
    world = np.stack([x * across + BOX.back_m * depth + z * up for x, z in corners]).astype(np.float32)
    pixels, _ = CAMERA.project(world)
    found = from_corners(pixels, CAMERA, turn_deg=8.0)
    assert (found.back_m, found.left_m, found.right_m, found.height_m) == pytest.approx((4.0, 2.0, 1.7, 2.6), abs=0.02)


def test_corners_above_the_eye_make_no_wall_on_the_floor():
    with pytest.raises(StageError, match="no wall that stands on the floor"):
        from_corners(np.array([[100, 20], [300, 20], [300, 60], [100, 60]]), CAMERA, turn_deg=0.0)


def test_camera_and_box_of_a_drawn_room_are_found(room):
    """To four parts in a hundred, at the eye's known height: skirting and floor are hard to tell apart."""
    solve = solve_camera(room.plate, focal_px=room.camera.focal_px)
    found = find_box(room.plate, solve).box
    scale = EYE_M / solve.camera.position_m[2]
    assert found.turn_deg == pytest.approx(room.turn_deg, abs=0.7)
    assert found.back_m * scale == pytest.approx(BACK_M, rel=0.04)
    assert (found.left_m or 0) * scale == pytest.approx(LEFT_M, rel=0.04)
    assert (found.right_m or 0) * scale == pytest.approx(WIDTH_M - LEFT_M, rel=0.04)
    assert (found.height_m or 0) * scale == pytest.approx(HEIGHT_M, rel=0.03)


def test_a_picture_without_edges_has_no_box():
    flat = np.full((200, 300, 3), 0.3, np.float32)
    with pytest.raises(StageError, match="no edge tells") as caught:
        find_box(flat, solve_camera(flat, focal_px=250.0))
    assert "box.back_px" in caught.value.remedy
