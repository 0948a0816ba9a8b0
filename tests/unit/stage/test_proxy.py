"""The proxy follows the picture: what is visible covers the matte, what is hidden stays hidden."""

from __future__ import annotations

import numpy as np
import pytest

from setpiece.core.errors import StageError
from setpiece.stage.proxy import GRID_M, BuildingPlan, build_proxy


def _corners(panel):
    v, u = np.nonzero(panel.mask)
    points = panel.origin + (u[:, None] + 0.5) * GRID_M * panel.U + (v[:, None] + 0.5) * GRID_M * panel.V
    return np.concatenate([points, points + panel.thickness_m * panel.N]).astype(np.float32)


def test_facade_measures_what_was_drawn(panels):
    facade = panels[0]
    assert facade.facade
    assert facade.mask.shape[1] * GRID_M == pytest.approx(12.0, abs=0.35)
    assert facade.mask.shape[0] * GRID_M == pytest.approx(8.0, abs=0.35)


def test_hidden_panels_project_inside_the_matte(panels, camera, house):
    for panel in panels[1:]:
        pixels, depth = camera.project(_corners(panel))
        assert (depth > 30).all(), panel.name
        inside = house[0][pixels[:, 1].astype(int), pixels[:, 0].astype(int)]
        assert inside.min() > 0.3, panel.name


def test_rooms_behind_a_narrow_tower_do_not_show_beside_it(camera, house):
    matte = house[0].copy()
    middle = (house[1][0, 0] + house[1][1, 0]) / 2
    columns = np.arange(matte.shape[1])
    top = np.flatnonzero(matte.any(axis=1))[0]
    waist = top + 40
    matte[:waist, np.abs(columns - middle) > 8] = 0
    for panel in build_proxy(camera, matte, house[1], BuildingPlan(storeys=2, storey_m=3.6, depth_m=7))[1:]:
        pixels, _ = camera.project(_corners(panel))
        assert matte[pixels[:, 1].astype(int), pixels[:, 0].astype(int)].min() > 0.3, panel.name


def test_panels_do_not_run_into_one_another(panels):
    """Sampled: no point inside one panel lies inside another."""
    for i, a in enumerate(panels):
        v, u = np.nonzero(a.mask)
        inner = a.origin + (u[:, None] + 0.5) * GRID_M * a.U + (v[:, None] + 0.5) * GRID_M * a.V
        inner = inner + 0.5 * a.thickness_m * a.N
        for b in panels[i + 1 :]:
            local = inner - b.origin
            bu, bv, bw = (local @ axis for axis in (b.U, b.V, b.N))
            column, row = np.floor(bu / GRID_M).astype(int), np.floor(bv / GRID_M).astype(int)
            ok = (row >= 0) & (row < b.mask.shape[0]) & (column >= 0) & (column < b.mask.shape[1])
            ok &= (bw > 0) & (bw < b.thickness_m)
            assert not b.mask[row[ok], column[ok]].any(), f"{a.name} inside {b.name}"


def test_two_stretches_of_footprint_make_two_facades(camera, house):
    left, right = house[1]
    corner = np.array([(left[0] + right[0]) / 2, left[1] + 4])
    made = build_proxy(camera, house[0], np.stack([left, corner, right]), BuildingPlan(storeys=2, storey_m=3.6, depth_m=6))
    assert sum(panel.facade for panel in made) == 2


def test_footprint_above_the_horizon_is_named(camera, house):
    high = house[1] - [0, 200]
    with pytest.raises(StageError, match=r"above the horizon.*horizon_y_px"):
        build_proxy(camera, house[0], high, BuildingPlan(storeys=2, storey_m=3.6, depth_m=6))


def test_matte_that_misses_the_facade_is_refused(camera, house):
    with pytest.raises(StageError, match="matte"):
        build_proxy(camera, np.zeros_like(house[0]), house[1], BuildingPlan(storeys=2, storey_m=3.6, depth_m=6))


def test_solid_building_has_thick_walls_and_no_rooms(camera, house):
    made = build_proxy(camera, house[0], house[1], BuildingPlan(storeys=2, storey_m=3.6, depth_m=6, hollow=False))
    assert all(panel.facade for panel in made)
    assert made[0].thickness_m > 1
