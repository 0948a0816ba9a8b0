"""Pieces are closed, convex, tile their wall, and come from the seed alone."""

from __future__ import annotations

import numpy as np
import pytest

from setpiece.core.stage import Face
from setpiece.stage.fracture import fracture


@pytest.fixture(scope="module")
def pieces(panels):
    return fracture(panels, pieces=500, seed=3)


def _signed(pieces):
    a, b, c = (pieces.vertices[pieces.triangles[:, i]].astype(np.float64) for i in range(3))
    origin = pieces.centre[pieces.triangle_piece].astype(np.float64)
    signed = np.einsum("ij,ij->i", a - origin, np.cross(b - origin, c - origin)) / 6
    return np.bincount(pieces.triangle_piece, signed, minlength=len(pieces))


def test_about_as_many_pieces_as_asked(pieces):
    assert 0.8 * 500 < len(pieces) < 1.25 * 500


def test_every_piece_is_closed_and_turned_outward(pieces):
    np.testing.assert_allclose(_signed(pieces), pieces.volume_m3, rtol=2e-3)


def test_every_edge_is_shared_by_two_triangles(pieces):
    edges = np.sort(pieces.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    _, counts = np.unique(edges, axis=0, return_counts=True)
    assert (counts == 2).all()


def test_front_faces_tile_the_facade_without_gap_or_overlap(pieces, panels):
    plate = pieces.triangle_face == Face.PLATE
    a, b, c = (pieces.vertices[pieces.triangles[plate, i]].astype(np.float64) for i in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()
    facade = panels[0]
    assert area == pytest.approx(facade.area_m2, rel=0.02)


def test_sizes_spread_over_more_than_a_decade_of_volume(pieces):
    small, large = np.percentile(pieces.volume_m3[pieces.visible > 0], [5, 95])
    assert large / small > 10


def test_same_seed_same_bits_other_seed_other_pieces(panels, pieces):
    again, other = fracture(panels, pieces=500, seed=3), fracture(panels, pieces=500, seed=4)
    for name in ("vertices", "triangles", "centre", "mass_kg", "triangle_face"):
        assert np.array_equal(getattr(pieces, name), getattr(again, name))
    assert len(other) != len(pieces) or not np.array_equal(other.centre, pieces.centre)


def test_impact_point_is_cut_finer(panels):
    point = np.array([[0.0, 30.0, 4.0]])
    hit = fracture(panels, pieces=500, seed=3, impact_m=point)
    plain = fracture(panels, pieces=500, seed=3)

    def near(p):
        close = (np.linalg.norm(p.centre - point, axis=1) < 2.0) & (p.visible > 0)
        return close.sum()

    assert near(hit) > 1.5 * near(plain)


def test_pieces_are_read_only(pieces):
    with pytest.raises(ValueError, match="read-only"):
        pieces.centre[0] = 0
