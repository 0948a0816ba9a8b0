"""The same facts give the same words, each word has its fact, and nothing is dropped or invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setpiece.core.errors import BriefError
from setpiece.core.light import Light
from setpiece.intake import prompt as module
from setpiece.intake.prompt import brief_facts, light_facts, prompt_of
from setpiece.intake.schema import CollapseDocument, CollapseSection, Materials

FULL = {
    "subject": "apartment house",
    "walls": "masonry",
    "storeys": "4",
    "mode": "topple",
    "direction": "left",
    "debris": "masonry",
    "dust": "2",
    "sun_elevation_deg": "12",
    "sun_azimuth_deg": "90",
    "sun_share": "0.8",
    "sun_warmth": "1.8",
    "weather": "clear",
    "time_of_day": "evening",
    "focal_mm_35": "35",
    "camera": "locked_off",
}
VALUES = {
    "subject": st.sampled_from(["", "house", "apartment house", "mill"]),
    "walls": st.sampled_from(["", *module._WALLS]),
    "storeys": st.integers(1, 80).map(str),
    "mode": st.sampled_from(list(module._MODES)),
    "direction": st.sampled_from(["left", "right", "towards", "away", "0", "271.5"]),
    "debris": st.sampled_from(list(module._RUBBLE)),
    "dust": st.floats(0, 10).map(str),
    "sun_elevation_deg": st.floats(-10, 90).map(str),
    "sun_azimuth_deg": st.floats(-360, 360).map(str),
    "sun_share": st.floats(0, 1).map(str),
    "weather": st.sampled_from(["", *module._WEATHER]),
    "time_of_day": st.sampled_from(["", *module._TIMES]),
    "focal_mm_35": st.floats(8, 400).map(str),
    "camera": st.sampled_from(["", *module._CAMERAS]),
}


def test_a_full_set_of_facts_reads_as_a_sentence():
    assert prompt_of(FULL).text == (
        "a brick and masonry apartment house of 4 storeys, toppling over as one to the left, broken brick and mortar, "
        "dense billowing dust, low sun from the right and warm, hard shadows, clear sky, in the evening, 35 mm wide lens, "
        "locked-off camera"
    )


@given(st.fixed_dictionaries(VALUES), st.randoms(use_true_random=False))
def test_the_order_of_facts_changes_nothing_and_the_text_is_its_parts(facts, random):
    made = prompt_of(facts)
    items = list(facts.items())
    random.shuffle(items)
    assert prompt_of(dict(items)) == made
    assert made.text == ", ".join(part.says for part in made.parts)
    assert all(part.says and part.fact in module._FACTS for part in made.parts)
    assert len({part.fact for part in made.parts}) == len(made.parts)
    assert len(made.lines) == len(made.parts)


@given(st.fixed_dictionaries({}, optional={name: VALUES[name] for name in ("mode", "debris", "dust", "weather", "camera")}))
def test_what_no_fact_says_is_not_in_the_text(facts):
    made = {part.fact for part in prompt_of(facts).parts}
    assert made == {name for name, value in facts.items() if value}


def test_each_part_says_what_it_says_alone():
    for name in ("mode", "debris", "dust", "weather", "time_of_day", "focal_mm_35", "camera"):
        assert prompt_of({name: FULL[name]}).text in prompt_of({**FULL, "direction": ""}).text


def test_no_facts_make_no_prompt():
    assert prompt_of({}).text == "" and prompt_of({"subject": "  "}).parts == ()


@pytest.mark.parametrize(
    ("facts", "says", "helps"),
    [
        ({"waether": "rain"}, "waether", "did you mean 'weather'"),
        ({"mode": "pancakes"}, "'mode' is 'pancakes'", "did you mean 'pancake'"),
        ({"walls": "cheese"}, "'walls' is 'cheese'", "masonry"),
        ({"dust": "lots"}, "'dust' is 'lots'", "a number"),
        ({"dust": "nan"}, "'dust' is 'nan'", "a number"),
        ({"dust": "-1"}, "'dust' is '-1'", "from 0"),
        ({"mode": "topple", "direction": "up"}, "'direction' is 'up'", "left"),
        ({"direction": "left"}, "without 'mode'", "mode"),
        ({"sun_azimuth_deg": "10"}, "without 'sun_elevation_deg'", "sun_elevation_deg"),
    ],
)
def test_a_fact_that_is_unknown_or_cannot_be_is_refused_by_name(facts, says, helps):
    with pytest.raises(BriefError) as refused:
        prompt_of(facts)
    assert says in refused.value.message and helps in refused.value.remedy


def test_there_are_words_for_every_mode_and_material_of_the_brief():
    for mode in CollapseSection.model_fields["mode"].annotation.__args__:
        assert prompt_of({"mode": mode}).text
    materials = Materials.model_fields["walls"].annotation.__args__[0].__args__
    assert all(prompt_of({"walls": name, "debris": name}).text for name in materials)


@pytest.mark.parametrize(
    ("degrees", "word"), [("0", "away"), ("91", "right"), ("180", "towards"), ("-90", "left"), ("359", "away")]
)
def test_degrees_of_a_fall_say_the_nearest_word(degrees, word):
    assert prompt_of({"mode": "topple", "direction": degrees}) == prompt_of({"mode": "topple", "direction": word})


def light(azimuth: float, elevation: float, sun: float = 3.0, sky: float = 1.0, red: float = 1.0) -> Light:
    return Light(azimuth_deg=azimuth, elevation_deg=elevation, sun_rgb=(sun * red, sun, sun), sky_rgb=(sky,) * 3)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (light(90, 12), "low sun from the right, soft-edged shadows"),
        (light(180, 60), "high sun from the front, hard shadows"),
        (light(0, 3, sun=60, red=2), "the sun on the horizon from behind the building and warm, hard shadows"),
        (light(270, 40), "sun at mid height from the left, hard shadows"),
        (light(90, 40, sun=0.1), "soft even light without a sun"),
        (light(90, -5), "soft even light without a sun"),
    ],
)
def test_the_solved_light_is_put_into_words(given, said):
    assert prompt_of(light_facts(given)).text == said


def test_a_light_that_differs_by_a_hair_says_the_same():
    assert light_facts(light(90.01, 12.02)) == light_facts(light(90.04, 11.98))


def brief(**sections: object) -> CollapseDocument:
    return CollapseDocument.model_validate({"shot": {"name": "sh010"}, "plate": {"path": "street.jpg"}, **sections})


def test_a_brief_left_as_it_is_says_what_its_defaults_mean_and_no_more():
    assert prompt_of(brief_facts(brief())).text == (
        "a building, collapsing progressively from one end, clouds of dust, locked-off camera"
    )


def test_a_brief_and_its_light_make_one_prompt():
    document = brief(
        plate={"path": "street.jpg", "focal_px": 2000.0},
        scale={"storeys": 3},
        building={"materials": {"walls": "stone"}},
        collapse={"mode": "topple", "direction": 100.0},
        dust={"amount": 0},
    )
    made = prompt_of(brief_facts(document, width_px=1800) | light_facts(light(90, 60)) | {"weather": "clear"})
    assert made.text == (
        "a dressed stone building of 3 storeys, toppling over as one to the right, broken blocks of stone, no dust, "
        "high sun from the right, hard shadows, clear sky, 40 mm normal lens, locked-off camera"
    )
    assert "focal_mm_35" not in brief_facts(document)


@pytest.mark.parametrize("mode", ["pancake", "topple", "blast", "progressive"])
def test_every_mode_of_a_brief_has_a_prompt(mode):
    assert prompt_of(brief_facts(brief(collapse={"mode": mode}))).parts[1].fact == "mode"
