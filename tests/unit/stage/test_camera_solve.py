import numpy as np
import pytest
from drawn_house import TALL_M, draw_house

from setpiece.core.camera import Camera
from setpiece.core.errors import CameraError
from setpiece.core.pictures import Matte
from setpiece.stage.camera_solve import (
    CameraSolve,
    StatedCamera,
    draw_overlay,
    scale_to_height,
    seat_on_ground,
    solve_camera,
)
from setpiece.stage.line_segments import deviation_deg, find_segments, to_picture, zenith


def tilt(camera: Camera) -> tuple[float, float]:
    right, up, forward = (float(axis[2]) for axis in camera.axes)
    return np.degrees(np.arcsin(forward)), np.degrees(np.arctan2(-right, up))


@pytest.fixture(scope="module")
def house():
    return draw_house()


@pytest.fixture(scope="module")
def solve(house) -> CameraSolve:
    return solve_camera(house.plate, focal_px=house.camera.focal_px)


@pytest.mark.parametrize(("pitch", "roll", "turn"), [(7.0, 0.0, 12.0), (11.0, 1.5, -20.0), (3.0, -1.0, 0.0)])
def test_pitch_and_roll_of_a_drawn_house_are_found(pitch, roll, turn):
    house = draw_house(pitch_deg=pitch, roll_deg=roll, turn_deg=turn)
    found = solve_camera(house.plate, focal_px=house.camera.focal_px)
    assert tilt(found.camera) == pytest.approx((pitch, roll), abs=0.3)


@pytest.mark.parametrize("turn", [-20.0, 12.0])
def test_the_first_facade_normal_is_the_walls(turn):
    house = draw_house(turn_deg=turn)
    found = solve_camera(house.plate, focal_px=house.camera.focal_px).facade_normals[0]
    true = np.array([np.sin(np.radians(turn)), -np.cos(np.radians(turn))])
    assert np.degrees(np.arccos(np.clip(np.dot(found, true), -1, 1))) < 3


def test_the_zenith_of_the_search_is_the_zenith_of_the_camera():
    camera = Camera.looking(width=10, height=10, focal_px=9, height_m=1, pitch_deg=13, roll_deg=-4)
    assert zenith(13, -4)[0] == pytest.approx(camera.axes[:, 2].astype(float), abs=1e-6)


def test_edges_that_point_at_a_vanishing_point_do_not_deviate_from_it(house):
    segments = find_segments(house.plate)
    camera = house.camera
    up = to_picture(camera.axes[:, 2], focal_px=camera.focal_px, centre_px=camera.centre_px)
    close = deviation_deg(segments, up)[0] < 1
    assert close.sum() > 20


def test_what_is_stated_outranks_what_is_found(house):
    stated = StatedCamera(horizon_y_px=400.0, roll_deg=2.0, height_m=3.0, focal_px=500.0)
    camera = solve_camera(house.plate, focal_px=house.camera.focal_px, stated=stated).camera
    assert camera.horizon_y() == pytest.approx(400.0, abs=0.01)
    assert tilt(camera)[1] == pytest.approx(2.0, abs=1e-4)
    assert camera.position_m[2] == 3.0
    assert camera.focal_px == 500.0


def test_pitch_and_horizon_stated_together_are_refused(house):
    with pytest.raises(CameraError, match="twice"):
        solve_camera(house.plate, focal_px=600.0, stated=StatedCamera(pitch_deg=3, horizon_y_px=300))


def test_an_impossible_focal_length_is_refused(house):
    with pytest.raises(CameraError, match="focal"):
        solve_camera(house.plate, focal_px=None, stated=StatedCamera(focal_px=3.0))


def test_an_unknown_focal_length_costs_confidence_and_says_so(house, solve):
    blind = solve_camera(house.plate, focal_px=None)
    assert blind.confidence < solve.confidence
    assert any("focal length" in reason for reason in blind.reasons)


@pytest.mark.parametrize("shape", [(64, 96), (1, 1), (3, 400)])
def test_a_plate_without_edges_gives_a_level_camera_that_admits_it(shape):
    found = solve_camera(np.full((*shape, 3), 0.2, np.float32), focal_px=80.0 * shape[1])
    assert tilt(found.camera) == pytest.approx((0.0, 0.0))
    assert found.confidence <= 0.1
    assert any("no upright edges" in reason for reason in found.reasons)


def test_the_same_plate_gives_the_same_camera_to_the_bit(house, solve):
    again = solve_camera(house.plate, focal_px=house.camera.focal_px)
    assert np.array_equal(again.camera.axes, solve.camera.axes)
    assert again.reasons == solve.reasons


def test_scale_to_height_makes_the_matte_measure_the_stated_height(house, solve):
    camera = scale_to_height(solve, Matte(coverage=house.coverage), TALL_M)
    assert camera.position_m[2] == pytest.approx(house.camera.position_m[2], rel=0.12)
    double = scale_to_height(solve, Matte(coverage=house.coverage), 2 * TALL_M)
    assert double.position_m[2] == pytest.approx(2 * camera.position_m[2])


def test_a_building_on_steps_is_seated_below_the_horizon(house, solve):
    raised = house.coverage.copy()
    raised[int(solve.camera.horizon_y()) - 10 :] = 0
    matte = Matte(coverage=raised)
    with pytest.raises(CameraError, match="horizon"):
        scale_to_height(solve, matte, TALL_M)
    seated = seat_on_ground(solve, matte)
    assert scale_to_height(seated, matte, TALL_M).position_m[2] > 0
    assert seated.confidence < solve.confidence
    assert "leant" in seated.reasons[-1]


def test_a_building_on_level_ground_keeps_its_camera(house, solve):
    assert seat_on_ground(solve, Matte(coverage=house.coverage)) is solve


def test_the_overlay_is_the_plates_size_and_shows_the_horizon(house, solve):
    overlay = draw_overlay(house.plate, solve)
    assert overlay.shape == house.plate.shape and overlay.dtype == np.uint8
    row = round(solve.camera.horizon_y())
    red = (overlay[row - 2 : row + 3, :, 0] > 200) & (overlay[row - 2 : row + 3, :, 1] < 120)
    assert red.any(0).mean() > 0.5
