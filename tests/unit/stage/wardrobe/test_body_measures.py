from itertools import pairwise

import pytest

from setpiece.core.errors import BriefError
from setpiece.stage.wardrobe.measures import Figure, measures, sizes

_ADULTS = [name for name in sizes() if not name.startswith("child")]
_CHILDREN = [name for name in sizes() if name.startswith("child")]


def _rows(prefix: str):
    return [measures(name) for name in sizes() if name.startswith(prefix)]


def test_the_tables_hold_the_sizes_of_the_brief():
    assert sizes()[0] == "women_34" and "women_50" in sizes() and "men_44" in sizes() and "men_60" in sizes()
    assert _CHILDREN[0] == "child_98" and _CHILDREN[-1] == "child_164" and len(sizes()) == 9 + 9 + 12


def test_a_mans_chest_is_twice_his_size_and_a_child_is_as_tall_as_its_size():
    assert [round(row.chest_m * 50) for row in _rows("men")] == list(range(44, 61, 2))
    assert [round(row.height_m * 100) for row in _rows("child")] == list(range(98, 165, 6))


def test_womens_chest_grows_4_cm_a_size_and_6_cm_from_46_up():
    steps = [round((b.chest_m - a.chest_m) * 100, 3) for a, b in pairwise(_rows("women"))]
    assert steps == [4, 4, 4, 4, 4, 4, 6, 6]


@pytest.mark.parametrize("prefix", ["women", "men", "child"])
def test_no_girth_shrinks_from_one_size_to_the_next(prefix):
    for small, large in pairwise(_rows(prefix)):
        for name in ("chest_m", "waist_m", "hip_m", "under_bust_m", "neck_m", "upper_arm_m", "wrist_m", "thigh_m", "knee_m"):
            assert getattr(large, name) > getattr(small, name), name


@pytest.mark.parametrize("size", sizes())
def test_every_row_is_a_body_that_could_stand(size):
    body = measures(size)
    assert body.waist_m < body.hip_m and body.under_bust_m < body.chest_m
    assert body.wrist_m < body.upper_arm_m < body.thigh_m and body.ankle_m < body.knee_m < body.thigh_m
    trunk_m = body.height_m - body.inside_leg_m - body.back_length_m
    assert 0.24 < trunk_m / body.height_m < 0.36, "rise, neck and head take what leg and back leave"


@pytest.mark.parametrize("size", _ADULTS)
def test_every_row_can_be_restated_as_own_measurements(size):
    body = measures(size)
    own = tuple((name, getattr(body, name)) for name in body.__slots__ if name != "figure")
    base = "own" if body.figure is Figure.WOMAN else "own_man"
    assert measures(base, own) == body


def test_own_measurements_hold_to_the_figure_and_the_rest_is_graded_with_them():
    own = (("height", 1.80), ("chest_m", 0.95), ("waist", 0.74), ("hip", 1.01))
    body = measures("own", own)
    assert (body.height_m, body.chest_m, body.waist_m, body.hip_m) == (1.80, 0.95, 0.74, 1.01)
    assert body.inside_leg_m == pytest.approx(0.785 * 1.80 / 1.68)


def test_one_measurement_stated_over_a_row_changes_that_one_alone():
    row, mended = measures("men_50"), measures("men_50", (("waist", 0.94),))
    assert [name for name in row.__slots__ if getattr(row, name) != getattr(mended, name)] == ["waist_m"]


@pytest.mark.parametrize("size", ["women_41", "men_62", "child_100", "women", "dog_3", "", "own_dog"])
def test_a_size_outside_the_tables_is_refused_with_a_remedy(size):
    with pytest.raises(BriefError) as refused:
        measures(size)
    assert refused.value.remedy


def test_a_measurement_that_is_missing_unknown_or_in_centimetres_is_refused_by_name():
    with pytest.raises(BriefError, match="hip_m"):
        measures("own", (("height", 1.7), ("chest", 0.9), ("waist", 0.7)))
    with pytest.raises(BriefError, match="tail_m"):
        measures("women_40", (("tail", 0.5),))
    with pytest.raises(BriefError, match="waist_m 74"):
        measures("women_40", (("waist", 74.0),))
