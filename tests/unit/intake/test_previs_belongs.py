"""What is said of a part, of something unknown, of trees in winter: it goes to the right thing, or to none."""

from __future__ import annotations

import pytest

from setpiece.core.set_spec import Furnishing, SetSpec
from setpiece.departments.previs.words import vocabulary
from setpiece.intake.previs_reader import read


def spec(text: str) -> SetSpec:
    return read(text, vocabulary=vocabulary(), seed=1, title="T").spec


def of(kind: str, made: SetSpec) -> list[Furnishing]:
    return [item for item in made.furnishings if item.kind == kind]


def test_the_cover_of_a_bed_is_said_of_the_bed() -> None:
    (bed,) = of("single_bed", spec("A bedroom with a single bed with a checked duvet."))
    assert bed.material == "plaid"


def test_what_is_said_of_something_unknown_is_not_said_of_the_thing_before_it() -> None:
    made = spec("An attic with two floor lamps, a broken zither, a wooden quintain.")
    (lamps,) = of("floor_lamp", made)
    assert lamps.count == 2
    assert lamps.lit is not False
    assert lamps.material is None


@pytest.mark.parametrize("text", ["A street in Oslo, winter, trees.", "A street in snow.", "A street with bare trees."])
def test_trees_are_bare_in_winter_and_where_it_is_said(text: str) -> None:
    made = spec(text)
    assert of("bare_tree", made)
    assert not of("tree", made)


def test_trees_are_in_leaf_otherwise() -> None:
    assert of("tree", spec("A street in summer with trees."))


def test_fitted_units_are_of_one_colour() -> None:
    made = spec("A kitchen with mint green cabinets.")
    colours = {item.colour for kind in ("base_unit", "wall_unit", "sink") for item in of(kind, made)}
    assert len(colours) == 1
    assert None not in colours


def test_early_evening_is_about_nightfall_in_winter_and_after_work_in_summer() -> None:
    winter, summer = (spec(f"A street in Buenos Aires, {season}, early evening.").light.hour for season in ("winter", "summer"))
    assert 17.0 <= winter < 18.3
    assert 18.3 <= summer <= 19.0


@pytest.mark.parametrize(
    ("words", "kind"),
    [("a lava lamp", "lava_lamp"), ("a rocking chair", "rocking_chair"), ("a dance floor", "dance_floor"),
     ("clothes on the floor", "clothes"), ("fluorescent ceiling lights", "fluorescent")],
)  # fmt: skip
def test_things_are_known_by_the_names_that_people_give_them(words: str, kind: str) -> None:
    made = read(f"A big room with {words}.", vocabulary=vocabulary(), seed=1, title="T")
    assert of(kind, made.spec)
    assert not made.not_understood
