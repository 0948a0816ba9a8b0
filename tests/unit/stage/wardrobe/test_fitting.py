"""The fitting finds what is wrong with a garment, whatever draped it."""

from dataclasses import replace

import numpy as np
import pytest

from setpiece.core.errors import StageError
from setpiece.stage.wardrobe.cloths import cloth
from setpiece.stage.wardrobe.drape import drape
from setpiece.stage.wardrobe.fitting import Hung, crossings, fitted, outwards, passed, through
from setpiece.stage.wardrobe.form import dress_form
from setpiece.stage.wardrobe.measures import measures
from setpiece.stage.wardrobe.patterns import draft
from setpiece.stage.wardrobe.sewing import sewn


@pytest.fixture(scope="module")
def form():
    return dress_form(measures("women_40"))


@pytest.fixture(scope="module")
def laid(form):
    pattern = draft("skirt", measures("women_40"), size="women_40")
    mesh = sewn(pattern, form, spacing_m=0.026, off_m=0.01)
    return Hung(pattern=pattern, mesh=mesh, points=mesh.points)


def grown(hung, metres):
    """The same garment, every point farther off the form's axis."""
    way = hung.points * (1, 1, 0)
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    return replace(hung, points=hung.points + metres * way)


def test_rays_count_what_they_cross():
    points = np.array([[-1, y, -1] for y in (1.0, 2.0)] + [[1, y, -1] for y in (1.0, 2.0)] + [[0, y, 2] for y in (1.0, 2.0)])
    triangles = np.array([[0, 2, 4], [1, 3, 5]])
    start, way = np.zeros((3, 3)), np.array([[0, 1.0, 0], [0, 1.0, 0], [0, -1.0, 0]])
    count, first = crossings(points, triangles, start, way, np.array([3.0, 1.5, 3.0]))
    assert count.tolist() == [2, 1, 0]
    assert first == pytest.approx([1.0, 1.0, 0.0], abs=1e-4)


def tube(laid, form, off_m):
    """A band about the hips, everywhere as far off the skin."""
    rows, around = np.linspace(form.marks.hip_z + 0.02, form.marks.waist_z, 9), 90
    rings = []
    for z in rows:
        outline = form.section(float(z))
        take = np.linspace(0, len(outline), around, endpoint=False).astype(int)
        rings.append(np.column_stack([outline[take], np.full(around, z)]))
    skin = np.concatenate(rings)
    i, j = (part.ravel() for part in np.meshgrid(np.arange(len(rows) - 1), np.arange(around), indexing="ij"))
    a, b, c, d = i * around + j, i * around + (j + 1) % around, (i + 1) * around + (j + 1) % around, (i + 1) * around + j
    triangles = np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)])
    return replace(laid, mesh=replace(laid.mesh, triangles=triangles), points=skin + off_m * outwards(form, skin))


def test_what_is_worn_beneath_and_comes_out_is_found_to_the_millimetre(form, laid):
    beneath, over = tube(laid, form, 0.010), tube(laid, form, 0.018)
    assert through(beneath, over, form) == 0.0
    assert through(over, beneath, form) == pytest.approx(0.008, abs=0.001)


def test_a_garment_inside_the_form_is_found(form, laid):
    (fit,) = fitted([grown(laid, -0.03)], form)
    assert fit.inside_m > 0.01
    with pytest.raises(StageError, match=r"skirt passes .* mm through"):
        passed(laid.pattern, fit, form)


def test_a_seam_left_open_is_found(form, laid):
    pattern = replace(laid.pattern, seams=laid.pattern.seams[1:])
    mesh = sewn(pattern, form, spacing_m=0.026, off_m=0.01)
    open_one = Hung(pattern=laid.pattern, mesh=mesh, points=mesh.points)
    (fit,) = fitted([open_one], form)
    with pytest.raises(StageError, match="seam of the skirt is open"):
        passed(laid.pattern, replace(fit, inside_m=0.0), form)


def test_one_torn_edge_among_thousands_is_found(form, laid):
    points = laid.points.copy()
    points[len(points) // 2] += (0, 0, 0.03)
    (fit,) = fitted([replace(laid, points=points)], form)
    assert fit.torn > 1.25
    with pytest.raises(StageError, match="would tear"):
        passed(laid.pattern, replace(fit, inside_m=0.0), form)


def test_a_garment_for_a_smaller_body_is_refused_by_name():
    large = dress_form(measures("women_48"))
    with pytest.raises(StageError, match="the dress"):
        drape([(draft("dress", measures("women_34")), cloth("cotton", "#884422"))], large)


def test_a_skirt_for_a_larger_body_falls_and_is_refused(form):
    with pytest.raises(StageError, match="the skirt slid down"):
        drape([(draft("skirt", measures("women_50")), cloth("wool", "#884422"))], form)
