"""Forms are as the tape says, smooth, closed, and the same on both sides."""

import numpy as np
import pytest

from setpiece.stage.wardrobe.form import dress_form
from setpiece.stage.wardrobe.measures import measures

SIZES = ("women_34", "women_40", "women_48", "men_50", "men_58", "child_128")


@pytest.mark.parametrize("size", SIZES)
def test_a_tape_about_the_form_reads_the_stated_girths_to_5_mm(size):
    body = measures(size)
    form = dress_form(body)
    marks = form.marks
    stated = {
        marks.bust_z: body.chest_m,
        marks.under_z: body.under_bust_m,
        marks.waist_z: body.waist_m,
        marks.hip_z: body.hip_m,
    }
    for z, girth in stated.items():
        assert form.girth_m(z) == pytest.approx(girth, abs=0.005), z


@pytest.mark.parametrize("size", ("women_40", "child_128"))
def test_the_surface_is_closed_and_turned_outwards(size):
    mesh = dress_form(measures(size)).mesh
    triangles = np.asarray(mesh.corners).reshape(-1, 3)
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    forth = {tuple(side) for side in sides}
    assert len(forth) == len(sides)
    assert all((b, a) in forth for a, b in forth)
    corners = np.asarray(mesh.vertices, float)[triangles]
    volume = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6
    assert 0.02 < volume < 0.12


def test_the_field_is_zero_on_the_surface_and_grows_as_metres_do():
    form = dress_form(measures("women_40"))
    points = np.asarray(form.mesh.vertices, float)[::37]
    points = points[(points[:, 2] > 0.05) & (points[:, 2] < form.marks.neck_z)]
    assert np.abs(form.distance(points)).max() < 0.0006
    z = form.marks.waist_z
    ahead = np.array([[0.0, float(form.section(z)[:, 1].min()) - away, z] for away in (0.005, 0.02, 0.05)])
    assert form.distance(ahead) == pytest.approx([0.005, 0.02, 0.05], abs=0.0025)


def test_left_and_right_are_alike():
    form = dress_form(measures("men_50"))
    points = np.asarray(form.mesh.vertices, float)[::53]
    assert form.distance(points * (-1, 1, 1)) == pytest.approx(form.distance(points), abs=0.0015)


def test_the_nape_is_high_and_the_throat_low():
    form = dress_form(measures("women_40"))
    z = form.marks.neck_z
    back, ahead = np.array([[0.0, 0.058, z - 0.02]]), np.array([[0.0, -0.070, z - 0.02]])
    assert form.distance(back)[0] < 0.004
    assert form.distance(ahead)[0] > 0.004


def test_where_the_arm_leaves_the_trunk_is_where_armholes_are_cut():
    for size in SIZES:
        form = dress_form(measures(size))
        marks = form.marks
        x = np.linspace(0.05, marks.shoulder_x + 0.12, 300)
        below = form.distance(np.stack([x, np.full_like(x, marks.shoulder[1]), np.full_like(x, marks.armpit_z - 0.035)], -1))
        assert (below > 0).any(), size  # daylight between arm and trunk below the armpit
        above = form.distance(np.stack([x, np.full_like(x, marks.shoulder[1]), np.full_like(x, marks.armpit_z + 0.03)], -1))
        first = int(np.argmax(above > 0))
        assert (above[first:] > 0).all(), size  # and none above it
