"""Claims about every kind of the library, in every manner, at sizes that designers ask for."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest

from setpiece.core.errors import StageError
from setpiece.core.scene import MaterialKind, Thing
from setpiece.core.set_spec import Palette, Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.library import KINDS, STYLES, Make, Manner, manner, vocabulary

PALETTE = Palette(wall="#cccccc", floor="#555555", ceiling="#ffffff", wood="#7a4a28", metal="#b08d57", fabric="#3d5a52",
                  fabric_2="#a08a60", accent="#a8382c", trim="#e8e2d4")  # fmt: skip
NAMES = sorted(KINDS)
SHEETS = {MaterialKind.LEAF, MaterialKind.LAMPSHADE}
"""Materials whose meshes may be open: leaves and shades are sheets. Everything else is solid."""


@functools.cache
def made(name: str, style: str = "1950s", scale: float = 1.0, **order: object) -> Thing:
    kind = KINDS[name]
    size = tuple(value * scale for value in kind.size_m)
    make = Make(size_m=size, era=1955, style=style, palette=PALETTE, seed=3)  # type: ignore[arg-type]
    return kind.build(replace(make, **order))  # type: ignore[arg-type]


def box_of(thing: Thing) -> tuple[np.ndarray, np.ndarray]:
    points = np.concatenate([part.mesh.vertices for part in thing.parts])
    return points.min(0), points.max(0)


def assert_inside(thing: Thing) -> None:
    low, high = box_of(thing)
    size = np.array(thing.size_m)
    assert np.all(low >= np.array([-size[0] / 2, -size[1] / 2, 0.0]) - 0.01)
    assert np.all(high <= np.array([size[0] / 2, size[1] / 2, size[2]]) + 0.01)
    assert abs(low[2]) < 1e-4, "stands on the floor"


def test_the_library_has_the_kinds_that_an_art_department_asks_for() -> None:
    assert len(KINDS) >= 75
    families = {
        "seating",
        "tables",
        "storage",
        "kitchen",
        "beds",
        "lamps",
        "dressing",
        "appliances",
        "street",
        "vehicles",
        "fittings",
    }
    assert families <= {kind.category for kind in KINDS.values()}
    assert all(kind.name == name and kind.layer in ("furniture", "dressing") for name, kind in KINDS.items())


def test_no_word_means_two_kinds() -> None:
    words = [word for kind in KINDS.values() for word in (kind.name.replace("_", " "), *kind.synonyms)]
    assert sorted({word for word in words if words.count(word) > 1}) == []
    assert vocabulary()["couch"] == "sofa"
    assert set(vocabulary().values()) == set(KINDS)


@pytest.mark.parametrize("style", STYLES)
def test_everything_fills_no_more_than_its_box_in_every_manner(style: str) -> None:
    for name in NAMES:
        thing = made(name, style)
        assert thing.size_m == KINDS[name].size_m
        assert_inside(thing)


@pytest.mark.parametrize("scale", (0.75, 1.4))
def test_everything_can_be_smaller_and_larger(scale: float) -> None:
    for name in NAMES:
        assert_inside(made(name, "1900s" if scale < 1 else "2010s", scale))


@pytest.mark.parametrize("style", ("1900s", "1950s", "2010s", "industrial", "futuristic"))
def test_solids_are_closed_and_face_outward(style: str) -> None:
    for name in NAMES:
        for number, part in enumerate(made(name, style).parts):
            if part.material.kind in SHEETS:
                continue
            assert m.is_closed(part.mesh), f"{name} in {style}: part {number} of {part.material.kind} is open"
            assert m.volume_m3(part.mesh) > 0, f"{name} in {style}: part {number} of {part.material.kind} is inside out"


def test_what_carries_things_is_as_high_as_its_box() -> None:
    for name in NAMES:
        for style in STYLES:
            thing = made(name, style)
            if KINDS[name].top and thing.top_m is not None:
                assert thing.top_m == pytest.approx(KINDS[name].size_m[2])
                assert 0 < thing.top_size_m[0] <= thing.size_m[0] and 0 < thing.top_size_m[1] <= thing.size_m[1]
            if not KINDS[name].top:
                assert thing.top_m is None
        if KINDS[name].relation is Relation.MOUNTED:
            assert KINDS[name].wall_height_m is not None


def test_the_same_order_makes_the_same_thing() -> None:
    for name in NAMES:
        one, two = made(name, "rustic"), made.__wrapped__(name, "rustic")
        assert len(one.parts) == len(two.parts)
        for a, b in zip(one.parts, two.parts, strict=True):
            assert np.array_equal(a.mesh.vertices, b.mesh.vertices) and a.material == b.material
        assert one.lamps == two.lamps


def test_another_seed_leaves_another_disorder() -> None:
    for name in ("sofa", "bookshelf", "single_bed", "papers", "bottles", "clothes_rail", "plant"):
        one, two = made(name, seed=3), made(name, seed=4)
        assert len(one.parts) != len(two.parts) or any(
            not np.array_equal(a.mesh.vertices, b.mesh.vertices) for a, b in zip(one.parts, two.parts, strict=True)
        )


def test_the_manner_shows_in_furniture() -> None:
    for name in ("sofa", "chair", "table", "desk", "wardrobe", "single_bed", "floor_lamp", "picture", "television", "stove"):
        shapes = set()
        for style in STYLES:
            thing = made(name, style)
            shapes.add((len(thing.parts), tuple(sorted({part.material.kind.value for part in thing.parts}))))
        assert len(shapes) >= 3, name


def test_the_designer_overrides_colour_and_material() -> None:
    red = made("sofa", colour="#ff0000", material="velvet")
    velvet = [part for part in red.parts if part.material.kind is MaterialKind.VELVET and part.material.colour[0] == 1.0]
    assert len(velvet) > 3


def test_practicals_give_the_lumens_and_kelvin_that_are_stated() -> None:
    for name in (name for name in NAMES if KINDS[name].category == "lamps" and name != "mirror_ball"):
        for style in STYLES[::2]:
            own = made(name, style)
            assert own.lamps and all(lamp.lumens > 0 and 1500 <= lamp.kelvin <= 10000 for lamp in own.lamps), name
            stated = made(name, style, lumens=1234.0, kelvin=3111.0)
            assert sum(lamp.lumens for lamp in stated.lamps) == pytest.approx(1234.0)
            assert {lamp.kelvin for lamp in stated.lamps} == {3111.0}


def test_what_is_switched_off_neither_lights_nor_glows() -> None:
    for name in NAMES:
        dark = made(name, lit=False)
        assert dark.lamps == () and all(part.material.glow_nits == 0.0 for part in dark.parts), name


def test_lamps_are_inside_their_box() -> None:
    for name in NAMES:
        for lamp in made(name).lamps:
            size = np.array(KINDS[name].size_m)
            assert np.all(np.abs(np.array(lamp.position_m) - (0, 0, size[2] / 2)) <= size / 2 + 0.12), name


def test_wear_stands_in_the_materials() -> None:
    worn = {part.material.wear for part in made("desk", "1900s", wear=0.9).parts}
    assert 0.9 in worn


def test_seats_are_marked_and_at_the_height_of_a_knee() -> None:
    for name in ("sofa", "armchair", "chair", "bench", "pew"):
        assert made(name).seat
    assert not made("table").seat


def test_a_style_or_a_year_names_a_manner() -> None:
    assert manner("art_deco", 1990) is Manner.DECO
    assert manner("mid_century", 1900) is Manner.FIFTIES
    assert manner("brutalist", 2020) is Manner.INDUSTRIAL
    assert [manner("", year) for year in (1905, 1935, 1955, 1975, 1994, 2015, 2190)] == [
        Manner.EDWARDIAN, Manner.DECO, Manner.FIFTIES, Manner.SEVENTIES, Manner.NINETIES, Manner.CONTEMPORARY,
        Manner.FUTURISTIC,
    ]  # fmt: skip


def test_a_colour_that_is_none_is_refused() -> None:
    with pytest.raises(StageError, match="#rrggbb"):
        made("sofa", colour="scarlet")
