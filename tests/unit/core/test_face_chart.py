"""The face's chart and its crop, on a head made of numbers."""

from __future__ import annotations

import numpy as np
import pytest

from setpiece.core import face_chart
from setpiece.core.face_chart import Crop, chart, crop_of, face_mask, facing, layout, mirror, regions, soft_mask, uv_map


def head(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0, unit: float = 90.0, at: tuple[float, float] = (400, 300)):
    """The canonical head turned (degrees, as FaceTrack has them), in px of a plate."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return (layout @ (about_z @ about_x @ about_y).T * unit + (*at, 0)).astype(np.float32)


def sampled(plane: np.ndarray, points: np.ndarray) -> np.ndarray:
    x, y = np.clip(np.floor(points).astype(int), 0, plane.shape[0] - 1).T
    return plane[y, x]


def test_crop_and_back_is_where_one_began():
    crop = crop_of(head(yaw=20, roll=15), 256)
    points = np.random.default_rng(0).uniform(0, 900, (50, 2)).astype(np.float32)
    assert np.abs(crop.to_plate(crop.to_crop(points)) - points).max() < 1e-2


def test_a_crop_is_a_similarity():
    turn = crop_of(head(yaw=25, pitch=10, roll=-20), 256).matrix[:, :2].astype(np.float64)
    assert np.allclose(turn @ turn.T, np.eye(2) * (turn @ turn.T)[0, 0], atol=1e-5)
    assert np.linalg.det(turn) > 0


@pytest.mark.parametrize("move", [{"roll": 25}, {"unit": 40}, {"at": (100, 900)}, {"roll": -40, "unit": 300}])
def test_a_face_that_moves_in_the_picture_stands_still_in_the_crop(move):
    still, moved = head(), head(**move)
    here, there = (crop_of(points, 256).to_crop(points) for points in (still, moved))
    assert np.abs(here - there).max() < 0.05


@pytest.mark.parametrize("yaw", [-35, 20, 45])
def test_the_crop_does_not_breathe_when_the_head_turns(yaw):
    assert crop_of(head(yaw=yaw), 256).scale == pytest.approx(crop_of(head(), 256).scale, rel=0.01)


def test_margin_is_the_room_around_the_face():
    points = head()
    tight, wide = crop_of(points, 300, 0.0), crop_of(points, 300, 0.5)
    assert np.ptp(tight.to_crop(points)[[10, 152], 1]) == pytest.approx(300, rel=0.01)
    assert np.ptp(wide.to_crop(points)[[10, 152], 1]) == pytest.approx(150, rel=0.01)


def test_landmarks_without_depth_still_give_a_crop():
    flat = head(roll=10)
    flat[:, 2] = 0
    assert crop_of(flat, 256).scale == pytest.approx(crop_of(head(roll=10), 256).scale, rel=0.02)


@pytest.mark.parametrize("pose", [{}, {"yaw": 18}, {"yaw": -25, "roll": 12}, {"pitch": 12}])
def test_one_uv_is_one_skin_point_in_every_pose(pose):
    points = head(**pose)
    crop = crop_of(points, 384)
    uv = uv_map(points, crop)
    seen = np.flatnonzero(facing(points)[:468] > 0.6)
    off = np.linalg.norm(sampled(uv, crop.to_crop(points)[seen]) - chart[seen], axis=1)
    assert np.sqrt((off**2).mean()) < 0.0045  # of the chart: 1.7 px of the crop
    assert len(seen) > 250


def test_uv_is_dense_finite_and_folds_nowhere_on_the_face():
    points = head(yaw=15)
    crop = crop_of(points, 256)
    uv = uv_map(points, crop)
    assert uv.shape == (256, 256, 2)
    assert uv.dtype == np.float32
    assert np.isfinite(uv).all()
    down, right = np.gradient(uv, axis=(0, 1))
    area = right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0]
    assert (area[face_mask(points, crop, forehead=0)] > 0).mean() > 0.995


def test_uv_of_a_finer_crop_is_the_same_map():
    points = head(yaw=10)
    coarse, fine = (uv_map(points, crop_of(points, size)) for size in (128, 256))
    assert np.abs(fine.reshape(128, 2, 128, 2, 2).mean((1, 3)) - coarse).max() < 1e-3


def test_uv_moves_little_where_landmarks_move_little():
    points = head(yaw=5)
    nudged = points + np.random.default_rng(0).normal(0, 0.1, points.shape).astype(np.float32)
    crop = crop_of(points, 256)
    assert np.array_equal(uv_map(points, crop), uv_map(points, crop))
    assert np.abs(uv_map(nudged, crop) - uv_map(points, crop)).max() < 0.01


def test_the_side_turned_away_does_not_face_the_lens():
    look = facing(head(yaw=50))  # turned to the right of the picture: the cheek on that side is hidden
    assert look[454] < 0.2
    assert look[234] > 0.5


def test_layout_and_chart_are_symmetrical():
    assert np.allclose(layout[mirror] * (-1, 1, 1), layout)
    assert np.allclose(chart[mirror, 0], 1 - chart[:, 0], atol=1e-6)
    assert ((chart > 0) & (chart < 1)).all()


def test_regions_name_landmarks_and_right_mirrors_left():
    for name, indices in regions.items():
        assert len(set(indices)) == len(indices) >= 5, name
        assert 0 <= min(indices) <= max(indices) < 478
        if name.endswith("_right"):
            left = regions[name.removesuffix("_right") + "_left"]
            assert len(left) == len(indices)
            assert layout[list(indices), 0].mean() < 0 < layout[list(left), 0].mean()


def test_the_outline_holds_the_whole_skin():
    points = head()
    crop = crop_of(points, 256)
    mask = face_mask(points, crop)
    inner = np.setdiff1d(np.arange(468), regions["oval"])
    assert sampled(mask, crop.to_crop(points)[inner]).mean() > 0.98
    assert mask[:2].sum() == mask[-2:].sum() == 0
    assert mask.sum() > face_mask(points, crop, forehead=0).sum()


def test_the_soft_outline_stays_within_the_hard_one():
    points = head(roll=8)
    crop = crop_of(points, 256)
    soft, hard = soft_mask(points, crop), face_mask(points, crop)
    assert soft.max() == 1
    assert (soft[~hard] == 0).all()


def test_values_are_read_only():
    crop = crop_of(head(), 64)
    for array in (crop.matrix, chart, layout, face_chart.triangles()):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


def test_a_similarity_is_found_exactly_and_is_never_a_mirror():
    crop = Crop(matrix=np.array([[0, -2, 5], [2, 0, 7]], np.float32), size=10)
    points = np.random.default_rng(1).normal(size=(9, 2)).astype(np.float32)
    scale, turn, shift = face_chart.similarity(points, crop.to_crop(points))
    assert scale == pytest.approx(2, rel=1e-5)
    assert np.allclose(turn, [[0, -1], [1, 0]], atol=1e-5)
    assert np.allclose(shift, [5, 7], atol=1e-4)
    assert np.linalg.det(face_chart.similarity(points, points * (-1, 1))[1]) > 0
