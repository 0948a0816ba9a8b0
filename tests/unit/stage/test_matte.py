import cv2
import numpy as np
import pytest
from drawn_house import draw_house

from setpiece.core.camera import Camera
from setpiece.core.errors import MatteError
from setpiece.core.pictures import Matte
from setpiece.media.sky import find_sky
from setpiece.stage.holdout import find_holdout
from setpiece.stage.matte import foot_line, outlined, segment_building


@pytest.fixture(scope="module")
def house():
    return draw_house()


@pytest.fixture(scope="module")
def solve(house):
    return segment_building(house.plate, camera=house.camera)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.minimum(a, b).sum() / np.maximum(a, b).sum())


def test_the_automatic_matte_is_the_house(house, solve):
    assert overlap(solve.matte.coverage, house.coverage) > 0.95


def test_a_finial_against_the_sky_is_kept(house, solve):
    finial = house.coverage.copy()
    finial[np.flatnonzero((house.coverage > 0.5).sum(1) > 40)[0] - 2 :] = 0
    assert finial.sum() > 50
    assert overlap(np.where(finial > 0, solve.matte.coverage, 0), finial) > 0.7


def test_edges_against_the_sky_are_soft_by_the_share_that_they_cover(house, solve):
    edge = (house.coverage > 0.2) & (house.coverage < 0.8)
    edge[int(0.6 * edge.shape[0]) :] = False
    assert edge.sum() > 30
    assert np.abs(solve.matte.coverage[edge] - house.coverage[edge]).mean() < 0.25


def test_nothing_outside_the_stated_box_is_taken(house):
    x, y, w, h = cv2.boundingRect((house.coverage > 0).astype(np.uint8))
    box = (x - 5.0, y - 5.0, x + w / 2, y + h + 5.0)
    found = segment_building(house.plate, camera=house.camera, box=box).matte.coverage
    assert found[:, int(np.ceil(box[2])) :].max() == 0
    left = np.where(np.arange(found.shape[1])[None] < box[2], house.coverage, 0)
    assert overlap(found, left) > 0.9


def test_a_polygon_bounds_the_matte(house):
    x, y, w, h = cv2.boundingRect((house.coverage > 0).astype(np.uint8))
    polygon = ((x - 4.0, y - 4.0), (x + w + 4.0, y - 4.0), (x + w + 4.0, y + h + 4.0), (x - 4.0, y + h + 4.0))
    found = segment_building(house.plate, camera=house.camera, polygon=polygon)
    assert overlap(found.matte.coverage, house.coverage) > 0.93


def test_a_box_beside_the_plate_is_refused(house):
    with pytest.raises(MatteError, match="box"):
        segment_building(house.plate, camera=house.camera, box=(5000.0, 0.0, 6000.0, 10.0))


def test_a_polygon_of_two_corners_is_refused(house):
    with pytest.raises(MatteError, match="three"):
        segment_building(house.plate, camera=house.camera, polygon=((0.0, 0.0), (5.0, 5.0)))


@pytest.mark.parametrize("shape", [(1, 1), (40, 60), (200, 300)])
def test_a_plate_without_a_building_is_refused_with_a_remedy(shape):
    camera = Camera.looking(width=shape[1], height=shape[0], focal_px=shape[1], height_m=1.6)
    with pytest.raises(MatteError, match="box"):
        segment_building(np.full((*shape, 3), 0.3, np.float32), camera=camera)


def test_the_same_plate_gives_the_same_matte_to_the_bit(house, solve):
    again = segment_building(house.plate, camera=house.camera)
    assert np.array_equal(again.matte.coverage, solve.matte.coverage)


def test_the_foot_line_lies_on_the_walls_foot(house):
    line = foot_line(Matte(coverage=house.coverage), house.camera)
    columns = np.flatnonzero((house.coverage > 0.5).sum(0) > 100)
    true = house.coverage.shape[0] - np.argmax(house.coverage[::-1, columns] > 0.5, axis=0)
    assert np.abs(np.interp(columns + 0.5, line[:, 0], line[:, 1]) - true).max() < 5


def test_the_foot_line_ignores_a_post_that_is_held_out(house):
    coverage = house.coverage.copy()
    coverage[-200:, 350:362] = 0
    whole = foot_line(Matte(coverage=house.coverage), house.camera)
    cut = foot_line(Matte(coverage=coverage), house.camera)
    columns = np.arange(150, 560)
    assert np.abs(np.interp(columns, *whole.T) - np.interp(columns, *cut.T)).max() < 4


def test_an_empty_matte_has_no_foot_line(house):
    with pytest.raises(MatteError, match="empty"):
        foot_line(Matte(coverage=np.zeros_like(house.coverage)), house.camera)


def test_the_sky_is_what_lies_above_and_not_the_house(house):
    sky = find_sky(house.plate)
    assert not (sky & (house.coverage > 0.9)).any()
    assert sky[: sky.shape[0] // 8].mean() > 0.95


def test_a_plate_without_sky_has_none(house):
    assert not find_sky(np.ascontiguousarray(house.plate[200:330, 200:500])).any()


def test_a_post_in_front_is_held_out_and_the_house_is_not(house):
    plate = house.plate.copy()
    foot = int(np.flatnonzero((house.coverage > 0.5).any(1))[-1])
    plate[foot + 14 : foot + 60, 300:318] = (0.02, 0.02, 0.03)
    held = find_holdout(plate, Matte(coverage=house.coverage), house.camera).coverage
    assert held[foot + 20 : foot + 55, 304:314].mean() > 0.8
    held = held.copy()
    held[foot + 4 : foot + 70, 290:328] = 0
    assert held.mean() < 0.001


def test_a_house_with_nothing_in_front_has_an_empty_holdout(house):
    assert find_holdout(house.plate, Matte(coverage=house.coverage), house.camera).coverage.max() == 0


def test_the_outline_for_eyes_has_the_plates_size(house, solve):
    assert outlined(house.plate, solve.matte).shape == house.plate.shape
