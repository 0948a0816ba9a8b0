"""Claims about shapes: closed, outward, of the right volume."""

from __future__ import annotations

import math

import numpy as np
import pytest

from setpiece.core.scene import PolyMesh
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets import soft

CIRCLE = [(math.cos(a), math.sin(a), 0.0) for a in np.arange(48) * math.pi / 24]
SQUARE = [(0, 0, 0), (2, 0, 0), (2, 2, 0), (0, 2, 0)]
SOLIDS: tuple[tuple[str, PolyMesh, float], ...] = (
    ("box", m.box((1, 2, 3)), 6.0),
    ("lathe from axis to axis", m.lathe([(0, 0), (1, 0), (1, 2), (0, 2)], 96), 2 * math.pi),
    ("lathe with flat ends", m.lathe([(1, 0), (1, 2)], 96), 2 * math.pi),
    ("lathe from the axis to a flat end", m.lathe([(0, 0), (1, 0), (1, 2)], 96), 2 * math.pi),
    ("turned ring", m.lathe([(1, 0), (1.1, 0), (1.1, 0.1), (1, 0.1)], 96, ring=True), 0.021 * math.pi),
    ("cylinder", m.cylinder(1, 2, segments=96), 2 * math.pi),
    ("concave extrusion", m.extrude([(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)], 1), 3.0),
    ("frame", m.framed(m.rounded(2, 2, 0.001), m.rounded(1, 1, 0.001), 1), 3.0),
    ("bent tube", m.tube([(0, 0, 0), (0, 0, 1), (1, 0, 1)], 0.1, 48), 0.02 * math.pi),
    ("closed tube", m.tube(CIRCLE, 0.1, 48, closed=True), 2 * math.pi * 0.01 * math.pi),
    ("mitred moulding", m.sweep(SQUARE, m.rounded(0.1, 0.1, 0.001, 2), closed=True), 0.08),
    ("moulding drawn the other way", m.sweep(SQUARE, m.rounded(0.1, 0.1, 0.001, 2)[::-1], closed=True), 0.08),
    ("wall with a door and a window", m.panel(4, 3, 0.1, [(-1, 0, 0, 2), (1, 1, 1.5, 2)]), 0.95),
    ("mirrored box", m.moved(m.box((1, 1, 1)), scale=(-1, 1, 1)), 1.0),
)  # fmt: skip
SOFT: tuple[tuple[str, PolyMesh], ...] = (
    ("cushion", soft.cushion((0.6, 0.6, 0.18), dent=0.03, seed=4)), ("pillow", soft.pillow((0.45, 0.45, 0.16))),
    ("curtain", soft.curtain(1.2, 2.2, 0.1, tied=0.5)),
    ("throw", soft.throw([(0, 0.3, 0.4), (0, 0, 0.9), (0, -0.3, 0.4)], 0.8, along=0)),
    ("coil", soft.coil(0.2, 0.012, 7)), ("block", m.block((1, 1, 1), 0.1)),
)  # fmt: skip


@pytest.mark.parametrize(("name", "mesh", "volume"), SOLIDS, ids=[row[0] for row in SOLIDS])
def test_solids_enclose_their_volume(name: str, mesh: PolyMesh, volume: float) -> None:
    assert m.is_closed(mesh)
    assert m.volume_m3(mesh) == pytest.approx(volume, rel=0.01)


@pytest.mark.parametrize(("name", "mesh"), SOFT, ids=[row[0] for row in SOFT])
def test_soft_shapes_are_closed_and_face_outward(name: str, mesh: PolyMesh) -> None:
    assert m.is_closed(mesh) and m.volume_m3(mesh) > 0


def test_texture_coordinates_are_metres() -> None:
    mesh = m.box((2.0, 0.5, 0.25))
    assert np.ptp(mesh.uv[:, 0]) == pytest.approx(2.0)
    tube = m.tube([(0, 0, 0), (0, 0, 3)], 0.1, 64)
    assert np.ptp(tube.uv[:256, 0]) == pytest.approx(3.0)


def test_turning_keeps_volume_and_moving_keeps_shape() -> None:
    mesh = m.moved(m.block((0.5, 0.4, 0.3), 0.05), (1, 2, 3), (20, 30, 40))
    assert m.volume_m3(mesh) == pytest.approx(m.volume_m3(m.block((0.5, 0.4, 0.3), 0.05)), rel=1e-3)


def test_an_open_sheet_is_not_taken_for_a_solid() -> None:
    assert not m.is_closed(soft.leaves(np.zeros((4, 3)), 0.1, 1))


def test_flat_faces_stay_one_polygon() -> None:
    mesh = m.extrude(m.circle(1.0, 30), 0.1)
    assert sorted(np.diff(mesh.face_start).tolist())[-2:] == [30, 30]


def test_joined_pieces_keep_their_faces() -> None:
    both = m.joined([m.box((1, 1, 1)), m.moved(m.box((1, 1, 1)), (3, 0, 0))])
    assert m.is_closed(both) and m.volume_m3(both) == pytest.approx(2.0)


def test_what_is_strewn_keeps_apart_and_inside() -> None:
    at = soft.strewn(30, (1.0, 0.5), 3, apart=0.15)
    gaps = np.linalg.norm(at[:, None] - at[None], axis=2) + np.eye(len(at))
    assert gaps.min() >= 0.15 and np.all(np.abs(at) <= (1.0, 0.5))
