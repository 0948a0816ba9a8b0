"""Every place of the trade, furnished from the library: nothing collides, doors open, everybody sits down."""

from __future__ import annotations

import pytest
from test_layout import assert_doors_open, assert_nothing_collides, assert_reached

from setpiece.departments.previs.words import vocabulary
from setpiece.intake.previs_places import all_places
from setpiece.intake.previs_reader import read
from setpiece.stage.sets.assembly import build
from setpiece.stage.sets.layout import lay_out
from setpiece.stage.sets.library import KINDS

PLACES = [place.words[0] for place in all_places()]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("seed", [1])
def test_a_place_furnished_from_the_library_collides_nowhere_and_every_seat_is_reached(place: str, seed: int) -> None:
    spec = read(place, vocabulary=vocabulary(), seed=seed).spec
    layout = lay_out(spec)
    assert_nothing_collides(spec, layout)
    assert_doors_open(spec, layout)
    assert_reached(spec, layout, dict(KINDS))  # type: ignore[arg-type]


def test_most_of_what_a_place_usually_has_finds_its_place() -> None:
    asked = placed = 0
    for place in PLACES:
        spec = read(place, vocabulary=vocabulary(), seed=1).spec
        asked += sum(line.count for line in spec.furnishings)
        placed += len(lay_out(spec).spots)
    assert placed > 0.85 * asked


@pytest.mark.parametrize("place", ["a kitchen", "an attic"])
def test_a_scene_has_everything_of_its_layout_where_the_layout_put_it(place: str) -> None:
    spec = read(place, vocabulary=vocabulary(), seed=1).spec
    layout = lay_out(spec)
    scene = build(spec, layout)
    there = {one.name: one for one in scene.placed}
    for spot in layout.spots:
        assert there[spot.name].position_m[:2] == spot.position_m[:2]
        assert there[spot.name].position_m[2] == pytest.approx(spot.position_m[2], abs=0.02), spot
    assert [camera.name for camera in scene.cameras] == [view.name for view in spec.views]
    assert build(spec, layout).cameras == scene.cameras
