"""Garments hang: closed, whole, off the form and each other, the same each time."""

import numpy as np
import pytest

from setpiece.stage.wardrobe.cloths import FABRICS, cloth
from setpiece.stage.wardrobe.drape import drape
from setpiece.stage.wardrobe.fitting import GAP_M, INSIDE_M, STRAINED, TORN
from setpiece.stage.wardrobe.form import dress_form
from setpiece.stage.wardrobe.measures import measures, sizes
from setpiece.stage.wardrobe.patterns import KINDS, draft, parameters

SIZES = ("women_34", "women_40", "women_48", "men_50", "men_58", "child_128")


def hang(size, *kinds, fine=False, fabric="wool"):
    body = measures(size)
    return drape([(draft(kind, body, size=size), cloth(fabric, "#884422")) for kind in kinds], dress_form(body), fine=fine)


def holds(fit):
    return fit.inside_m <= INSIDE_M and fit.torn <= TORN and fit.stretch <= STRAINED and fit.gap_m <= GAP_M


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_hangs_whole_on_its_body(kind):
    (one,) = hang("women_40", kind)
    assert holds(one.fit)
    assert one.fit.torn >= one.fit.stretch > 0.9


def test_the_same_garment_hangs_the_same_to_the_bit():
    one, again = hang("child_128", "shirt")[0], hang("child_128", "shirt")[0]
    assert np.array_equal(one.mesh.vertices, again.mesh.vertices)
    assert one.fit == again.fit


def test_fine_cloth_has_four_triangles_for_each_coarse_one_and_still_holds():
    (coarse,), (fine,) = hang("child_128", "skirt"), hang("child_128", "skirt", fine=True)
    assert len(fine.mesh.corners) == 4 * len(coarse.mesh.corners)
    assert holds(fine.fit)


def test_a_stiff_cloth_stands_farther_out_than_a_soft_one():
    body = measures("women_40")
    form = dress_form(body)
    pattern = draft("skirt", body, {"skirt": "circle"})
    reach = {}
    for fabric in ("silk", "leather"):
        (one,) = drape([(pattern, cloth(fabric, "#884422"))], form)
        hem = np.asarray(one.mesh.vertices)
        hem = hem[hem[:, 2] < one.fit.low_m + 0.10]
        reach[fabric] = float(np.hypot(hem[:, 0], hem[:, 1]).mean())
    assert reach["leather"] > reach["silk"]


def random_garment(seed):
    """One garment drawn by lot: kind, size, values and cloth."""
    lots = np.random.default_rng(seed)
    kind, size = KINDS[seed % len(KINDS)], sizes()[lots.integers(len(sizes()))]
    body = measures(size)
    tall = body.height_m / 1.70
    values = {}
    for one in parameters(kind):
        if lots.random() > 0.7:
            continue
        if one.choices:
            values[one.name] = str(lots.choice(one.choices))
        elif one.name == "length_m":
            low, high = max(one.low, 0.3), one.high
            drawn = tall * float(lots.uniform(low, high))
            values[one.name] = round(min(drawn, body.inside_leg_m - 0.03) if kind == "trousers" else drawn, 3)
            values[one.name] = float(np.clip(values[one.name], one.low, one.high))
        else:
            values[one.name] = round(float(lots.uniform(one.low, one.high)), 3)
    fabric = FABRICS[lots.integers(len(FABRICS))]
    return size, kind, values, fabric


@pytest.mark.slow
@pytest.mark.parametrize("seed", sorted(range(200), key=lambda seed: random_garment(seed)[0]))  # each form is made once
def test_no_garment_falls_tears_or_passes_through_its_form(seed):
    size, kind, values, fabric = random_garment(seed)
    body = measures(size)
    (one,) = drape([(draft(kind, body, values, size=size), cloth(fabric, "#884422"))], dress_form(body))
    assert holds(one.fit), (size, kind, values, fabric, one.fit)
