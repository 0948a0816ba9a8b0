"""Walls of dressed stone: cells tile the wall, follow its courses, and come from the generator alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from setpiece.core.stage import Face, Material
from setpiece.stage.coursing import COURSE_M, coursed_cells
from setpiece.stage.fracture import fracture

GRID = 0.16


def _area(cell):
    x, y = cell[:, 0], cell[:, 1]
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _cells(seed=5, count=300, weight=None):
    weight = np.ones((60, 90)) if weight is None else weight
    return coursed_cells(weight, GRID, count, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_cells_tile_the_wall(seed):
    assert sum(_area(cell) for cell in _cells(seed)) == pytest.approx(60 * 90 * GRID**2, rel=1e-9)


def test_cells_are_convex_and_turn_left():
    for cell in _cells():
        edge = np.roll(cell, -1, axis=0) - cell
        following = np.roll(edge, -1, axis=0)
        assert (edge[:, 0] * following[:, 1] - edge[:, 1] * following[:, 0] > -1e-9).all()


def test_about_as_many_cells_as_asked():
    assert len(_cells(count=300)) == 300


def test_most_level_edges_lie_on_a_bed_joint():
    inner = [
        a[1]
        for cell in _cells()
        for a, b in zip(cell, np.roll(cell, -1, axis=0), strict=True)
        if abs(a[1] - b[1]) < 1e-9 and 0 < a[1] < 60 * GRID - 1e-9
    ]
    assert len(inner) > 50
    assert np.abs(np.array(inner) / COURSE_M - np.round(np.array(inner) / COURSE_M)).max() < 1e-6


def test_more_weight_is_cut_finer_and_none_is_left_out():
    weight = np.ones((60, 90))
    weight[:, :30], weight[:, 60:] = 8.0, 0.0
    cells = _cells(weight=weight)
    left = np.median([_area(c) for c in cells if c[:, 0].max() < 30 * GRID])
    middle = np.median([_area(c) for c in cells if 30 * GRID < c[:, 0].min() < 50 * GRID])
    assert left < 0.4 * middle
    assert not any(c[:, 0].min() > 75 * GRID for c in cells)


def test_same_generator_same_cells():
    for a, b in zip(_cells(4), _cells(4), strict=True):
        assert np.array_equal(a, b)


def test_stone_facades_are_tiled_and_their_stones_differ_in_depth(panels):
    facade = replace(panels[0], material=Material.STONE, thickness_m=1.2)
    pieces = fracture((facade,), pieces=300, seed=3)
    plate = pieces.triangle_face == Face.PLATE
    a, b, c = (pieces.vertices[pieces.triangles[plate, i]].astype(np.float64) for i in range(3))
    assert 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() == pytest.approx(facade.area_m2, rel=0.02)
    inward = (pieces.vertices - facade.origin) @ facade.N
    deep = np.maximum.reduceat(inward, pieces.vertex_start[:-1])
    assert deep.max() <= 1.2 + 1e-4
    assert np.percentile(deep, 10) < 0.75 * np.percentile(deep, 90)


def test_what_is_in_focus_is_cut_finer(panels):
    def left(points):
        return np.where(points[:, 0] < 0, 1.0, 0.2)

    pieces = fracture(panels, pieces=600, seed=3, focus=left)
    seen = pieces.visible > 0
    assert (seen & (pieces.centre[:, 0] < 0)).sum() > 2 * (seen & (pieces.centre[:, 0] >= 0)).sum()
