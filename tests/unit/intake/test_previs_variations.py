"""Variations are really different, each says how, and keep what the designer stated."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_previs_reader import reading

from setpiece.core.errors import BriefError
from setpiece.intake.previs_places import all_places
from setpiece.intake.previs_variations import vary


@pytest.mark.parametrize("place", [place.words[0] for place in all_places()])
def test_eight_variations_have_eight_kinds_of_theme_and_none_is_the_original(place: str) -> None:
    spec = reading(place).spec
    made = vary(spec, 8)
    assert len({(one.theme or "").partition(":")[0] for one in made}) >= 6
    plain = [replace(one, theme=None) for one in made]
    assert all(one != spec for one in plain)
    assert all(a != b for number, a in enumerate(plain) for b in plain[number + 1 :])


def test_the_same_set_and_number_give_the_same_variations() -> None:
    spec = reading("A kitchen").spec
    assert vary(spec, 10) == vary(spec, 10)
    assert vary(spec, 10)[:4] == vary(spec, 4)


def test_a_theme_changes_what_it_names_and_leaves_the_rest() -> None:
    spec = reading("A living room with a sofa").spec
    by_theme = {(one.theme or "").partition(":")[0]: one for one in vary(spec, 8)}
    assert by_theme["light"].light != spec.light and by_theme["light"].palette == spec.palette
    assert by_theme["palette"].palette != spec.palette and by_theme["palette"].light == spec.light
    assert (
        by_theme["palette"].walls.kind == spec.walls.kind
        and by_theme["palette"].walls.colour == by_theme["palette"].palette.wall
    )
    assert abs(by_theme["era"].era - spec.era) > 12
    assert abs(by_theme["wear"].wear - spec.wear) > 0.2
    assert by_theme["scale"].width_m != spec.width_m


def test_a_windowless_room_is_not_varied_by_the_weather() -> None:
    spec = reading("A bunker lounge without windows").spec
    made = [one for one in vary(spec, 24) if (one.theme or "").startswith("light")]
    assert made
    assert {(one.light.hour, one.light.weather) for one in made} == {(spec.light.hour, spec.light.weather)}


def test_views_still_frame_what_stands_there() -> None:
    for one in vary(reading("A teenage bedroom").spec, 24):
        names = {line.name for line in one.furnishings}
        assert all(view.on is None or view.on in names for view in one.views)
        assert all(
            line.target is None or line.target in names or line.target in ("north", "east", "south", "west")
            for line in one.furnishings
        )


@pytest.mark.parametrize("count", [0, -1, 61])
def test_a_number_of_variations_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(BriefError, match="1 to 60"):
        vary(reading("A kitchen").spec, count)
