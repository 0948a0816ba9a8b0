"""Looks of several layers come out: nothing beneath stands out through what is over it, nothing is torn to bring that about."""

import numpy as np
import pytest

from setpiece.core.set_spec import Garment, Look
from setpiece.stage.wardrobe.drape import drape
from setpiece.stage.wardrobe.draping import about, sides
from setpiece.stage.wardrobe.fitting import GAP_M, INSIDE_M, STRAINED, TORN, Hung, through
from setpiece.stage.wardrobe.form import dress_form
from setpiece.stage.wardrobe.layering import Beneath, agreed
from setpiece.stage.wardrobe.looks import cut
from setpiece.stage.wardrobe.measures import measures
from setpiece.stage.wardrobe.sewing import Sewn, sewn

CLOTHS = {
    "shirt": "cotton", "trousers": "wool", "skirt": "wool", "jacket": "pinstripe", "waistcoat": "wool", "coat": "tweed",
    "dress": "silk", "cape": "velvet", "uniform_tunic": "wool",
}  # fmt: skip
LOOKS = {
    "shirt and trousers": ("shirt", "trousers"),
    "suit": ("shirt", "trousers", "jacket"),
    "three-piece suit": ("shirt", "trousers", "waistcoat", "jacket"),
    "three-piece suit and coat": ("shirt", "trousers", "waistcoat", "jacket", "coat"),
    "blouse, skirt, jacket": ("shirt", "skirt", "jacket"),
    "blouse, skirt, waistcoat": ("shirt", "skirt", "waistcoat"),
    "tunic": ("shirt", "trousers", "uniform_tunic"),
    "dress and coat": ("dress", "coat"),
    "dress and cape": ("dress", "cape"),
    "suit and cape": ("shirt", "trousers", "jacket", "cape"),
    "shirt over trousers, jacket": ("trousers", "shirt", "jacket"),
    "shirt, trousers, coat": ("shirt", "trousers", "coat"),
}
SIZES = ("women_34", "women_48", "men_50", "men_58", "child_98", "child_152")


def look(size: str, *kinds: str) -> Look:
    garments = tuple(Garment(kind=kind, fabric=CLOTHS[kind], colour="#888888") for kind in kinds)
    return Look(name="look", size=size, garments=garments)


def worn(size, *kinds, fine=False):
    return drape(cut(look(size, *kinds)), dress_form(measures(size)), fine=fine)


def holds(fit):
    return fit.inside_m <= INSIDE_M and fit.torn <= TORN and fit.stretch <= STRAINED and fit.gap_m <= GAP_M


@pytest.mark.parametrize(("size", "named"), [("men_50", "three-piece suit"), ("child_128", "shirt and trousers")])
def test_a_suit_comes_out_on_a_man_and_a_tucked_shirt_on_a_child(size, named):
    made = worn(size, *LOOKS[named])
    assert [one.pattern.kind for one in made] == list(LOOKS[named])
    assert all(holds(one.fit) for one in made)


@pytest.mark.slow
@pytest.mark.parametrize("named", LOOKS)
def test_every_ordinary_look_comes_out_in_every_size(named):
    for size in SIZES:
        for one in worn(size, *LOOKS[named]):
            assert holds(one.fit), (named, size, one.pattern.kind, one.fit)


@pytest.mark.slow
def test_a_three_piece_suit_comes_out_fine_as_well():
    assert all(holds(one.fit) for one in worn("men_50", *LOOKS["three-piece suit"], fine=True))


def test_over_a_waistcoat_a_jacket_is_cut_wider_and_says_so():
    alone = dict(cut(look("men_50", "shirt", "trousers", "jacket"))[-1][0].values)
    over = dict(cut(look("men_50", "shirt", "trousers", "waistcoat", "jacket"))[-1][0].values)
    assert alone["ease_m"] == 0.16
    assert 0.01 < over["ease_m"] - alone["ease_m"] < 0.05


def test_ease_that_is_stated_is_cut_as_stated():
    stated = Garment(kind="jacket", fabric="wool", colour="#888888", values=(("ease_m", 0.12),))
    over = Look(name="look", size="men_50", garments=(*look("men_50", "shirt", "waistcoat").garments, stated))
    assert dict(cut(over)[-1][0].values)["ease_m"] == 0.12


def hung(size: str, kind: str, off_m: float = 0.006) -> Hung:
    (pattern, _), form = cut(look(size, kind))[0], dress_form(measures(size))
    mesh = sewn(pattern, form, spacing_m=0.026, off_m=off_m)
    return Hung(pattern=pattern, mesh=mesh, points=mesh.points)


def test_only_where_something_is_worn_does_it_hold_off_what_is_over_it():
    size = "men_50"
    form, trousers = dress_form(measures(size)), hung("men_50", "trousers")
    beneath = Beneath([(trousers, 0.001)], form)
    marks = form.marks
    places = np.array([[0.0, float(form.section(z)[:, 1].min()) - 0.01, z] for z in (marks.hip_z, marks.bust_z)])
    assert beneath.height(places) == pytest.approx([0.005, 0.0], abs=1e-6)


def test_between_arm_and_trunk_a_sleeve_keeps_to_its_arm():
    mesh: Sewn = hung("women_40", "shirt").mesh
    keeps = sides(mesh)
    sleeve, trunk = np.isin(mesh.part, (1, 2)), mesh.part == 0
    assert set(np.unique(keeps[mesh.triangles[sleeve]])) == {0, 1}
    assert set(np.unique(keeps[mesh.triangles[trunk]])) == {-1, 0}


def test_two_garments_give_way_to_each_other_until_neither_stands_out():
    form = dress_form(measures("women_40"))
    inner, outer = hung("women_40", "skirt", 0.012), hung("women_40", "skirt", 0.006)
    before = through(inner, outer, form)
    one, other = agreed([inner, outer], form, about(form))
    assert before > INSIDE_M
    assert through(one, other, form) <= INSIDE_M
    assert not np.array_equal(one.points, inner.points)
    assert not np.array_equal(other.points, outer.points)
