"""A designer's paragraph: what is said is taken, what is not said is told as assumed, what is not understood is told too."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setpiece.core.errors import BriefError
from setpiece.core.set_spec import Furnishing, Relation, Side
from setpiece.intake.previs_light import sun_azimuth
from setpiece.intake.previs_places import all_places, programme
from setpiece.intake.previs_reader import Reading, read
from setpiece.intake.previs_vocabulary import KindWords
from setpiece.intake.previs_words import plain, words_of

R = Relation


def words(name: str, relation: Relation = R.FREE, category: str = "dressing", *synonyms: str) -> KindWords:
    return KindWords(name=name, relation=relation, category=category, synonyms=synonyms, size_m=(0.8, 0.6, 0.75))


VOCABULARY = (
    words("sofa", R.AGAINST, "seating", "settee", "couch", "chesterfield"), words("armchair", R.FREE, "seating",
        "easy chair"),
    words("dining_chair", R.FREE, "seating", "chair"), words("stool", R.FREE, "seating"), words("bar_stool", R.FREE,
        "seating"),
    words("dining_table", R.CENTRE, "tables", "table"), words("kitchen_table", R.CENTRE, "tables"), words("coffee_table",
        R.CENTRE, "tables"),
    words("desk", R.AGAINST, "tables", "writing table"), words("bar", R.AGAINST, "tables"), words("fridge", R.AGAINST,
        "kitchen", "refrigerator"),
    words("stove", R.AGAINST, "kitchen", "cooker"), words("bookshelf", R.AGAINST, "storage", "bookcase"), words("crate",
        R.FREE, "storage"),
    words("single_bed", R.AGAINST, "beds", "bed"), words("radio", R.ON), words("telephone", R.ON, "dressing", "phone"),
        words("ashtray", R.ON),
    words("bottles", R.ON, "dressing", "bottle"), words("books", R.ON, "dressing", "book"), words("picture", R.MOUNTED,
        "dressing", "painting"),
    words("poster", R.MOUNTED), words("mirror", R.MOUNTED), words("clock", R.MOUNTED), words("rug", R.UNDER, "dressing"),
    words("pendant", R.HANGING, "lamps", "pendant lamp"), words("fluorescent", R.HANGING, "lamps", "fluorescent tube"),
    words("table_lamp", R.ON, "lamps", "lamp"), words("curtain", R.FREE, "dressing"),
)  # fmt: skip


def reading(text: str, seed: int = 1) -> Reading:
    return read(text, vocabulary=VOCABULARY, seed=seed)


def line(found: Reading, kind: str) -> Furnishing:
    return next(item for item in found.spec.furnishings if item.kind == kind)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("A bunker lounge.", "bunker lounge"), ("1950s kitchen at dusk", "kitchen"), ("a hospital corridor at night",
            "hospital corridor"),
        ("The judge's chamber", "judge's chamber"), ("spaceship galley", "spaceship galley"), ("A fisherman's hut",
            "fisherman's hut"),
        ("INT. NIGHTCLUB - NIGHT", "nightclub"), ("an attic", "attic"), ("police interview room", "police interview room"),
        ("Buenos Aires street in snow", "street"), ("wedding marquee", "wedding marquee"), ("teenage bedroom 1994",
            "teenage bedroom"),
    ],
)  # fmt: skip
def test_the_twelve_places_of_the_trade_are_known_by_name(text: str, place: str) -> None:
    found = reading(text)
    assert found.spec.place == place
    assert not [item for item in found.assumed if item.name == "place"]


def test_there_are_more_than_twenty_five_places_each_with_a_programme() -> None:
    assert len(all_places()) >= 40
    assert len({place.name for place in all_places()}) == len(all_places())
    for place in all_places():
        kinds = {word for item in programme(place.furnish) for word in item.kinds}
        for item in programme(place.furnish):
            assert item.target is None or item.target in kinds or item.target in set(Side), (place.name, item)


def test_a_noun_takes_its_own_count_colour_and_material_and_nobody_elses() -> None:
    found = reading("A living room. A bottle green leather sofa, three red armchairs and an oak coffee table.")
    assert (line(found, "sofa").colour, line(found, "sofa").material) == ("#1e4034", "leather")
    assert (line(found, "armchair").count, line(found, "armchair").colour, line(found, "armchair").material) == (
        3,
        "#a32a26",
        None,
    )
    assert (line(found, "coffee_table").material, line(found, "coffee_table").colour) == ("wood", None)


def test_surfaces_are_read_before_and_after_their_noun() -> None:
    found = reading("A kitchen with walls in pistachio and a checkered floor in cream and brick red; the ceiling is white.")
    assert found.spec.walls.colour == "#a9bf8f"
    assert (found.spec.floor.kind, found.spec.floor.colour, found.spec.floor.colour_2) == ("linoleum", "#ece0c2", "#8f4434")


@pytest.mark.parametrize(
    ("text", "kind", "relation", "target"),
    [
        ("An office. A telephone on the desk.", "telephone", R.ON, "desk"),
        ("An office. On the desk stands a telephone.", "telephone", R.ON, "desk"),
        ("A kitchen, a pendant hangs over the kitchen table.", "pendant", R.HANGING, "kitchen_table"),
        ("A room with a coffee table. Two armchairs facing the sofa.", "armchair", R.FACING, "sofa"),
        ("A room. A bookcase next to the desk.", "bookshelf", R.BESIDE, "desk"),
        ("A room. A coffee table in front of the couch.", "coffee_table", R.IN_FRONT, "sofa"),
        ("A bar along the east wall in a lounge.", "bar", R.AGAINST, "east"),
        ("A room. Six chairs around a table.", "dining_chair", R.AROUND, "dining_table"),
        ("A room with a table with four chairs.", "dining_chair", R.AROUND, "dining_table"),
    ],
)  # fmt: skip
def test_relations_are_read_whichever_way_they_are_told(text: str, kind: str, relation: Relation, target: str) -> None:
    found = line(reading(text), kind)
    assert (found.relation, found.target) == (relation, target)


def test_a_list_before_on_the_table_stands_on_the_table_and_furniture_before_it_does_not() -> None:
    found = reading("An office. A sofa, a telephone, an ashtray and a radio on the desk.")
    assert {line(found, kind).target for kind in ("telephone", "ashtray", "radio")} == {"desk"}
    assert line(found, "sofa").target != "desk"


def test_what_is_denied_does_not_come_back_from_the_programme() -> None:
    found = reading("A kitchen without a fridge. No windows, no clock, a door in the east wall.")
    assert not [item for item in found.spec.furnishings if item.kind in ("fridge", "clock")]
    assert [one.kind for one in found.spec.openings] == ["door"]
    assert found.spec.openings[0].wall is Side.EAST


def test_windowless_means_no_windows() -> None:
    assert not [one for one in reading("A windowless office.").spec.openings if one.kind == "window"]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("A bunker lounge, 8 by 6.2 metres", (8.0, 6.2)),
        ("a kitchen 12 x 10 ft", (3.658, 3.048)),
        ("An office 5.5 m wide and 4 m deep", (5.5, 4.0)),
    ],
)
def test_dimensions_are_read_in_metres_and_feet(text: str, size: tuple[float, float]) -> None:
    spec = reading(text).spec
    assert (spec.width_m, spec.depth_m) == pytest.approx(size, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "hour"), [("at 6:30 pm", 18.5), ("at half past two in the morning", 2.5), ("at midnight", 0.0), ("at 9 am", 9.0)]
)
def test_hours_are_read_as_people_say_them(text: str, hour: float) -> None:
    assert reading(f"A nightclub {text}.").spec.light.hour == pytest.approx(hour)


@pytest.mark.parametrize("city", ["Buenos Aires", "London", "Oslo"])
@pytest.mark.parametrize("season", ["summer", "winter"])
def test_dusk_is_dusk_in_every_season_and_on_both_hemispheres(city: str, season: str) -> None:
    import math

    light = reading(f"A kitchen in {city} at dusk in {season}.").spec.light
    declination = math.radians(23.45) * math.sin(2 * math.pi * (284 + light.day) / 365)
    latitude = math.radians(light.latitude_deg)
    sine = math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(declination) * math.cos(
        math.radians(15 * (light.hour - 12))
    )
    assert math.degrees(math.asin(sine)) == pytest.approx(-2.5, abs=0.2)


def test_snow_in_the_south_falls_in_july() -> None:
    assert reading("A street in Buenos Aires in the snow").spec.light.day == 196


def test_the_sun_comes_in_by_the_windows() -> None:
    spec = reading("A kitchen in London at 9 am").spec
    wall = next(one.wall for one in spec.openings if one.kind == "window")
    facing = {Side.NORTH: 0.0, Side.EAST: 90.0, Side.SOUTH: 180.0, Side.WEST: 270.0}[wall]
    off = (sun_azimuth(spec.light) - spec.light.north_deg - facing + 180.0) % 360.0 - 180.0
    assert abs(off) < 60.0


@pytest.mark.parametrize(("text", "era", "style"), [("kitchen, 1950s", 1955, "1950s"), ("a 1994 bedroom", 1994, "1990s"),
    ("an art deco lobby", 1930, "1930s"),
                                                    ("Victorian parlour", 1880, "1900s"), ("an office in the seventies", 1975,
                                                        "1970s")])  # fmt: skip
def test_eras_are_read_as_years_decades_and_names(text: str, era: int, style: str) -> None:
    spec = reading(text).spec
    assert (spec.era, spec.style) == (era, style)


def test_a_kitchen_of_1910_has_no_things_that_were_not_invented() -> None:
    assert not [
        item
        for item in reading("A kitchen in 1910").spec.furnishings
        if item.kind in ("radio", "fridge") and item.kind == "radio"
    ]


def test_what_is_not_understood_is_told_and_a_typo_gets_its_word() -> None:
    found = reading("A kitchen with a flibbertigibbet and a brass telehpone.")
    assert [item.words for item in found.not_understood] == ["flibbertigibbet", "telehpone"]
    assert found.not_understood[1].suggestion == "telephone"


@pytest.mark.parametrize(
    "text", ["", "blue and lovely", "qwer asdf zxcv", "Something wonderful happens here.", "1994", "no windows"]
)
def test_a_text_of_nothing_that_could_be_built_is_refused_with_a_suggestion(text: str) -> None:
    with pytest.raises(BriefError) as caught:
        reading(text)
    assert "name a place" in caught.value.remedy.lower()


def test_a_typo_alone_is_refused_with_the_word_that_was_meant() -> None:
    with pytest.raises(BriefError, match="kitchen"):
        reading("a kitchn")


def test_one_broken_tube_is_dark_and_the_others_are_not() -> None:
    found = reading("A hospital corridor at night, five fluorescent tubes, one of them broken.")
    tubes = [item for item in found.spec.furnishings if item.kind == "fluorescent"]
    assert sorted((item.count, item.lit) for item in tubes) == [(1, False), (4, True)]


def test_lamps_are_off_by_day_where_there_are_windows_and_on_at_night() -> None:
    assert not line(reading("A kitchen at noon"), "pendant").lit
    assert line(reading("A kitchen at night"), "pendant").lit


def test_wardrobe_is_read_by_who_wears_it_inner_garments_first() -> None:
    found = reading(
        "A woman in a bottle green silk dress and a black wool coat; a man in a grey tweed three piece suit and a white shirt."
    )
    woman, man = found.spec.looks
    assert [(one.kind, one.fabric, one.colour) for one in woman.garments] == [
        ("dress", "silk", "#1e4034"),
        ("coat", "wool", "#161618"),
    ]
    assert [one.kind for one in man.garments] == ["shirt", "trousers", "waistcoat", "jacket"]
    assert {one.fabric for one in man.garments[1:]} == {"tweed"}
    assert (woman.size, man.size) == ("women_40", "men_50")


def test_every_value_that_the_text_does_not_state_is_told_as_assumed_and_no_stated_one_is() -> None:
    bare = {item.name for item in reading("A kitchen.").assumed}
    full = {
        item.name
        for item in reading(
            "A worn 1956 kitchen, 4 by 3.6 m and 2.7 m high, at 8 am, overcast, warm light, 24 mm lens."
        ).assumed
    }
    assert {"era", "width_m", "depth_m", "height_m", "hour", "weather", "mood", "wear", "lenses"} <= bare
    assert not full & {"era", "width_m", "depth_m", "height_m", "hour", "weather", "mood", "wear", "lenses"}


@given(st.sampled_from([place.words[0] for place in all_places()]), st.integers(0, 50))
@settings(max_examples=60, deadline=None)
def test_every_place_reads_the_same_twice_and_its_cameras_frame_what_is_there(place: str, seed: int) -> None:
    found = reading(f"A {place}.", seed)
    assert found == reading(f"A {place}.", seed)
    names = {item.name for item in found.spec.furnishings}
    assert all(view.on is None or view.on in names for view in found.spec.views)
    assert all(item.target is None or item.target in names or item.target in set(Side) for item in found.spec.furnishings)
    assert len(names) == len(found.spec.furnishings)


@given(st.text(max_size=200))
@settings(max_examples=80, deadline=None)
def test_no_text_whatever_breaks_the_reader(text: str) -> None:
    try:
        reading(text)
    except BriefError as error:
        assert error.remedy


HEAP = ["no", "a", "the", "two", "red", "worn", "leather", "sofa", "table", "chairs", "on", "around", "window", "wall",
    "north",
        "kitchen", "night", "with", "and", ",", ".", "of", "in", "it"]  # fmt: skip


@given(st.lists(st.sampled_from(HEAP), max_size=30))
@settings(max_examples=100, deadline=None)
def test_no_heap_of_known_words_breaks_the_reader(heap: list[str]) -> None:
    try:
        found = reading(" ".join(heap))
    except BriefError:
        return
    chain = {item.name: item.target for item in found.spec.furnishings}
    for start in list(chain):
        step, steps = chain.get(start), 0
        while step in chain and steps < 50:
            step, steps = chain[step], steps + 1
        assert steps < 50, "furnishings relate to each other in a ring"


def test_plurals_and_possessives_are_one_word() -> None:
    assert [plain(word) for word in ("Armchairs", "judge's", "bookshelves", "benches", "bodies", "glass", "brass")] == [
        "armchair", "judge", "bookshelf", "bench", "body", "glass", "brass",
    ]  # fmt: skip
    assert [word.text for word in words_of("a well-worn sofa, 3.5m")] == ["a", "well", "worn", "sofa", ",", "3.5", "m"]
