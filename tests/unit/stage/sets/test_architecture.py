"""Claims about the shell of a set: walls, openings, trim, covers, streets."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from setpiece.core.scene import MaterialKind, Placed
from setpiece.core.set_spec import Daylight, Opening, Palette, SetSpec, Side, Surface
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.architecture import at_wall, shell
from setpiece.stage.sets.architecture_covers import EAVES_M, headroom_m
from setpiece.stage.sets.library import STYLES

PALETTE = Palette(wall="#cccccc", floor="#555555", ceiling="#ffffff", wood="#7a4a28", metal="#b08d57", fabric="#3d5a52",
                  fabric_2="#a08a60", accent="#a8382c", trim="#e8e2d4")  # fmt: skip
WINDOW = Opening(kind="window", wall=Side.NORTH, width_m=1.4, height_m=1.3, sill_m=0.9, at_m=0.6, curtain="#8a4030")
DOOR = Opening(kind="door", wall=Side.WEST, width_m=0.9, height_m=2.05, at_m=0.6)
VAULT = Opening(kind="vault_door", wall=Side.EAST, width_m=1.1, height_m=2.05, at_m=0.0)
ARCH = Opening(kind="arch", wall=Side.NORTH, width_m=1.2, height_m=2.3, at_m=-1.8)
HATCH = Opening(kind="hatch", wall=Side.SOUTH, width_m=0.9, height_m=1.95, at_m=0.5)
GATE = Opening(kind="gate", wall=Side.SOUTH, width_m=1.8, height_m=2.3, at_m=-1.5)
OPENINGS = (WINDOW, DOOR, VAULT, ARCH, HATCH, GATE)
TRIM = ("panelling", "tile_dado", "cornice", "picture_rail", "skirting", "beams", "columns", "pipes", "ducts", "ribs")
OPEN_ALLOWED = {MaterialKind.LEAF, MaterialKind.LAMPSHADE}


def spec(style: str = "1950s", *features: str, **more: object) -> SetSpec:
    base = SetSpec(title="a room", width_m=6.0, depth_m=5.0, height_m=2.9, era=1955, style=style,
                   walls=Surface(kind="plaster", colour="#cfc6b0"), floor=Surface(kind="planks", colour="#8a6440"),
                   ceiling=Surface(kind="plaster", colour="#e8e4da"), palette=PALETTE, features=features)  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def street(*features: str, **more: object) -> SetSpec:
    return spec("1900s", "street", *features, exterior=True, era=1930, **{"width_m": 16.0, "depth_m": 11.0, **more})


def points_of(placed: Placed) -> np.ndarray:
    points = np.concatenate([part.mesh.vertices for part in placed.thing.parts])
    return points @ placed.matrix[:3, :3].T + placed.matrix[:3, 3]


def category(parts: tuple[Placed, ...], name: str) -> list[Placed]:
    return [one for one in parts if one.category == name]


def assert_solid(built: tuple[Placed, ...]) -> None:
    for one in built:
        for part in one.thing.parts:
            if part.material.kind not in OPEN_ALLOWED:
                assert m.is_closed(part.mesh), (one.name, part.material.kind)
                assert m.volume_m3(part.mesh) > 0, (one.name, part.material.kind)


@pytest.mark.parametrize("style", STYLES)
def test_all_that_is_built_is_closed_and_faces_outward_in_every_manner(style: str) -> None:
    porthole, double = replace(WINDOW, kind="porthole"), replace(DOOR, open_deg=70.0, kind="double_door", width_m=1.6)
    built = (
        *shell(spec(style, *TRIM), OPENINGS), *shell(spec(style), (porthole, double)), *shell(spec(style, "tent"), (DOOR,)),
        *shell(spec(style, "sloping_roof"), (WINDOW,)), *shell(spec(style, exterior=True), (GATE,)),
    )  # fmt: skip
    assert_solid(built)


@pytest.mark.parametrize("style", ["1900s", "2010s"])
def test_a_street_is_closed_and_faces_outward(style: str) -> None:
    features = ("street", "balconies", "shopfronts", "snow")
    assert_solid(shell(spec(style, *features, exterior=True, width_m=6.0, depth_m=11.0), ()))


def test_names_are_unlike_and_walls_know_their_side() -> None:
    made = shell(spec("1900s", *TRIM), OPENINGS)
    assert len({one.name for one in made}) == len(made)
    assert {one.wall for one in made} == {None, "north", "east", "south", "west", "ceiling"}
    assert len(category(made, "wall")) == 4 and len(category(made, "floor")) == 1 and len(category(made, "ceiling")) == 1


def test_walls_stand_on_the_edge_of_the_clear_floor() -> None:
    walls = {one.wall: points_of(one) for one in category(shell(spec(), ()), "wall")}
    assert walls["north"][:, 1].min() == pytest.approx(2.5, abs=1e-4)
    assert walls["south"][:, 1].max() == pytest.approx(-2.5, abs=1e-4)
    assert walls["east"][:, 0].min() == pytest.approx(3.0, abs=1e-4)
    assert walls["west"][:, 0].max() == pytest.approx(-3.0, abs=1e-4)
    assert all(wall[:, 2].max() == pytest.approx(2.9, abs=1e-4) for wall in walls.values())


def test_an_opening_takes_its_area_out_of_the_wall() -> None:
    bare, cut = (category(shell(spec(), openings), "wall")[0] for openings in ((), (WINDOW,)))
    gone = m.volume_m3(bare.thing.parts[0].mesh) - m.volume_m3(cut.thing.parts[0].mesh)
    assert gone == pytest.approx(1.4 * 1.3 * 0.16, rel=1e-3)


@pytest.mark.parametrize("side", list(Side))
def test_an_opening_sits_in_its_hole_to_the_right_as_seen_from_inside(side: Side) -> None:
    one = replace(DOOR, wall=side, at_m=1.0)
    door = next(placed for placed in shell(spec(), (one,)) if placed.category == "door")
    right = {Side.NORTH: (1.0, 2.5), Side.EAST: (3.0, -1.0), Side.SOUTH: (-1.0, -2.5), Side.WEST: (-3.0, 1.0)}[side]
    assert door.position_m[:2] == pytest.approx(right)
    assert abs(points_of(door)[:, 2].min()) < 0.02


@pytest.mark.parametrize("kind", ["door", "double_door", "vault_door"])
def test_an_open_door_swings_into_the_room_and_stays_within_its_own_width(kind: str) -> None:
    one = replace(DOOR, kind=kind, open_deg=90.0, wall=Side.NORTH, at_m=0.0, width_m=1.0)
    closed, swung = (
        points_of(next(placed for placed in shell(spec(), (door,)) if placed.category == "door"))
        for door in (replace(one, open_deg=0.0), one)
    )
    assert swung[:, 1].min() < closed[:, 1].min() - 0.3
    assert 2.5 - swung[:, 1].min() < one.width_m + 0.3


def test_trim_leaves_doors_free_and_keeps_thirty_millimetres_below_two_metres() -> None:
    made = shell(spec("1900s", "panelling", "cornice", "skirting", "picture_rail"), OPENINGS)
    for one in category(made, "trim"):
        points = np.concatenate([part.mesh.vertices for part in one.thing.parts])
        assert points[points[:, 2] < 2.0][:, 1].min() > -0.031
    west = next(one for one in category(made, "trim") if one.wall == "west")
    for part in west.thing.parts:
        low, high = part.mesh.vertices.min(0), part.mesh.vertices.max(0)
        if low[2] < 1.9:
            assert high[0] <= 0.6 - 0.45 + 1e-3 or low[0] >= 0.6 + 0.45 - 1e-3, "nothing runs across the door"


@pytest.mark.parametrize("feature", TRIM)
def test_every_feature_adds_something(feature: str) -> None:
    plain = sum(len(one.thing.parts) for one in shell(spec("1900s"), ()))
    assert sum(len(one.thing.parts) for one in shell(spec("1900s", feature), ())) > plain


def test_a_curtain_hangs_at_its_window_only_and_in_its_colour() -> None:
    def colours(opening: Opening) -> set[tuple[float, float, float]]:
        window = next(one for one in shell(spec("2010s"), (opening,)) if one.category == "window")
        return {part.material.colour for part in window.thing.parts}

    assert len(colours(WINDOW) - colours(replace(WINDOW, curtain=None))) >= 1


def test_an_attic_is_low_at_its_sides_and_high_in_its_middle() -> None:
    attic = spec("rustic", "sloping_roof")
    assert headroom_m(attic, 0.0) >= attic.height_m > headroom_m(attic, 2.9) > EAVES_M
    roof = next(one for one in shell(attic, ()) if one.name == "roof")
    assert points_of(roof)[:, 2].max() > attic.height_m
    assert headroom_m(spec(), 2.9) == 2.9


def test_a_tent_rises_over_its_clear_height_and_closes_its_gables() -> None:
    made = shell(spec("2010s", "tent"), (replace(DOOR, height_m=2.3, width_m=2.0),))
    canopy = next(one for one in made if one.name == "canopy")
    assert points_of(canopy)[:, 2].max() > 2.9 + 0.5
    assert {one.name for one in made} >= {"floor", "canopy", "gables", "wall.north", "wall.south", "wall.east", "wall.west"}


def test_a_street_has_ground_and_houses_beyond_the_set_on_both_sides() -> None:
    made = shell(street("balconies", "shopfronts"), ())
    for wall in ("north", "south"):
        row = np.concatenate([points_of(one) for one in made if one.wall == wall])
        assert row[:, 0].min() < -20 and row[:, 0].max() > 20
        inner = row[:, 1].min() if wall == "north" else -row[:, 1].max()
        assert inner > 5.5 - 1.6, "only balconies and awnings stand out over the pavement"
    assert {"end.east", "end.west", "ground"} <= {one.name for one in made}


def test_snow_lies_where_it_snows() -> None:
    def snow(one_spec: SetSpec) -> int:
        return sum(part.material.kind is MaterialKind.SNOW for one in shell(one_spec, ()) for part in one.thing.parts)

    assert snow(street()) == 0
    assert snow(street("snow")) > 20
    assert snow(street(light=Daylight(weather="snow"))) > 20


def test_windows_of_a_street_are_lit_at_night_and_dark_by_day() -> None:
    def lit(hour: float) -> int:
        made = shell(street("shopfronts", light=Daylight(hour=hour)), ())
        return sum(part.material.glow_nits > 0 for one in made for part in one.thing.parts)

    assert lit(12.0) == 0 < lit(21.0)


def test_a_yard_is_walled_and_its_openings_are_built() -> None:
    yard = spec("rustic", exterior=True)
    made = shell(yard, (GATE,))
    assert any(one.category == "door" for one in made)
    assert {one.wall for one in made} >= {"north", "east", "south", "west"}


def test_the_same_specification_gives_the_same_shell() -> None:
    for one_spec in (spec("1900s", *TRIM), street("snow", width_m=6.0)):
        for a, b in itertools.zip_longest(shell(one_spec, ()), shell(one_spec, ())):
            assert a.name == b.name
            assert all(
                np.array_equal(x.mesh.vertices, y.mesh.vertices) for x, y in zip(a.thing.parts, b.thing.parts, strict=True)
            )


def test_a_thing_at_a_wall_has_its_back_to_it() -> None:
    thing = shell(spec(), ())[0].thing
    for side, front in ((Side.NORTH, (0, -1)), (Side.EAST, (-1, 0)), (Side.SOUTH, (0, 1)), (Side.WEST, (1, 0))):
        placed = at_wall(spec(), side, "thing", "trim", thing)
        assert (placed.matrix[:3, :3] @ (0.0, -1.0, 0.0))[:2] == pytest.approx(front, abs=1e-6)
