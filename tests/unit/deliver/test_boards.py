"""Measured drawings, quantities and boards of a small set made of boxes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from setpiece.core.errors import StageError
from setpiece.core.scene import (
    Lamp,
    LampShape,
    MaterialKind,
    Part,
    Placed,
    PolyMesh,
    Scene,
    SceneCamera,
    SceneMaterial,
    Sky,
    Thing,
)
from setpiece.core.set_spec import Opening, Palette, SetSpec, Side, Surface
from setpiece.deliver.boards import Board, ViewPicture, write_boards
from setpiece.deliver.drafting import elevation, plan, section
from setpiece.deliver.quantities import Yardage, quantities, write_quantities

WOOD = SceneMaterial(kind=MaterialKind.WOOD, colour=(0.5, 0.3, 0.2))
PALETTE = Palette(
    wall="#8f8b84", floor="#3a2416", ceiling="#77746f", wood="#3b2113", metal="#c2923f", fabric="#17463c", fabric_2="#6a2a22",
    accent="#b07a2c", trim="#1f1f20",
)  # fmt: skip
SPEC = SetSpec(
    title="Bunker", width_m=5, depth_m=4, height_m=2.8, era=1972, style="modern", palette=PALETTE, scenes=("12",),
    walls=Surface(kind="concrete", colour="#8f8b84"), floor=Surface(kind="planks", colour="#3a2416"),
    ceiling=Surface(kind="concrete", colour="#777777"),
    openings=(Opening(kind="door", wall=Side.SOUTH, width_m=1.0, height_m=2.0),),
)  # fmt: skip


def box(width: float, depth: float, height: float) -> PolyMesh:
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    vertices = [(x * width / 2, y * depth / 2, z) for z in (0, height) for x, y in corners]
    faces = (0, 3, 2, 1, 4, 5, 6, 7, 0, 1, 5, 4, 1, 2, 6, 5, 2, 3, 7, 6, 3, 0, 4, 7)
    return PolyMesh(
        vertices=np.array(vertices, np.float32),
        corners=np.array(faces, np.int32),
        face_start=np.arange(0, 25, 4, dtype=np.int32),
    )


def put(name: str, size: tuple[float, float, float], at: tuple[float, float, float], layer: str = "furniture") -> Placed:
    thing = Thing(parts=(Part(mesh=box(*size), material=WOOD),), size_m=size)
    return Placed(name=name, category=name, layer=layer, thing=thing, position_m=at)


def scene(*placed: Placed) -> Scene:
    camera = SceneCamera(
        name="wide", position_m=(1.8, -1.6, 1.5), target_m=(0, 1, 1), lens_mm=21, sensor_mm=(28, 19), sensor="alexa_35_og"
    )
    sky = Sky(sun_azimuth_deg=0, sun_elevation_deg=10, sun_lux=1, sky_lux=1)
    return Scene(title="t", placed=placed, lamps=(), sky=sky, cameras=(camera,), room_m=(5, 4, 2.8))


def extent(points: np.ndarray) -> list[float]:
    return [round(float(value), 3) for value in (*points.min(axis=0), *points.max(axis=0))]


def test_a_level_cut_through_a_box_is_its_outline() -> None:
    mesh = box(1.2, 0.6, 2.1)
    (loop,) = section(mesh, np.array(mesh.vertices), 1.2)
    x, y = loop[:, 0].astype(float), loop[:, 1].astype(float)
    assert abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) / 2 == pytest.approx(1.2 * 0.6, rel=1e-5)
    assert section(mesh, np.array(mesh.vertices), 2.5) == ()


def test_a_plan_shows_what_is_below_the_cut_and_marks_what_it_cuts() -> None:
    table, cupboard = put("table", (1.4, 0.8, 0.74), (0.5, 0, 0)), put("cupboard", (1, 0.5, 2), (-1.5, 1, 0))
    drawn = plan(
        scene(table, cupboard, put("lamp", (0.3, 0.3, 0.2), (0, 0, 2)), put("wall", (5, 0.2, 2.8), (0, 2.1, 0), "architecture"))
    )
    faces = [extent(points) for points, kind in drawn.strokes if kind == "face"]
    assert faces == [[-0.2, -0.4, 1.2, 0.4]]
    cut = {kind: extent(points) for points, kind in drawn.strokes if kind in ("cut", "wall")}
    assert cut == {"cut": [-2.0, 0.75, -1.0, 1.25], "wall": [-2.5, 2.0, 2.5, 2.2]}


def test_what_is_nearer_is_painted_later() -> None:
    drawn = plan(
        scene(
            put("book", (0.2, 0.1, 0.05), (0, 0, 0.74)),
            put("table", (1.4, 0.8, 0.74), (0, 0, 0)),
            put("rug", (2, 2, 0.01), (0, 0, 0)),
        )
    )
    widths = [points[:, 0].max() - points[:, 0].min() for points, kind in drawn.strokes if kind == "face"]
    assert np.allclose(widths, [2, 1.4, 0.2], atol=1e-4)


@pytest.mark.parametrize(("side", "left"), [(Side.NORTH, 1.0), (Side.SOUTH, -1.4)])
def test_an_elevation_is_seen_from_inside(side: Side, left: float) -> None:
    y = 1.8 if side is Side.NORTH else -1.8
    drawn = elevation(scene(put("cupboard", (0.4, 0.4, 2), (1.2, y, 0)), put("far", (1, 0.4, 1), (0, -y, 0))), side)
    (face,) = [extent(points) for points, kind in drawn.strokes if kind == "face"]
    assert face == [left, 0.0, pytest.approx(left + 0.4), 2.0]


def test_a_set_of_nothing_is_no_plan() -> None:
    with pytest.raises(StageError, match="nothing to draw"):
        plan(scene())


def test_quantities_count_what_was_built_and_add_up_cloth_by_fabric(tmp_path: Path) -> None:
    lamp = put("floor_lamp", (0.3, 0.3, 1.6), (0, 0, 0))
    glow = Lamp(shape=LampShape.POINT, position_m=(0, 0, 1.5), lumens=800, kelvin=2700)
    lit = replace(lamp, thing=replace(lamp.thing, lamps=(glow,)))
    chairs = [put("chair", (0.5, 0.5, 0.9), (x, 0, 0)) for x in (0.0, 1.0)]
    cloth = tuple(Yardage(look="A", garment=name, fabric="tweed", length_m=1.5, width_m=1.5) for name in ("skirt", "jacket"))
    rows = {(row.section, row.what): row for row in quantities(SPEC, scene(lit, *chairs), cloth)}
    assert rows["surfaces", "walls, concrete"].amount == pytest.approx(2 * 9 * 2.8 - 2.0)
    assert rows["furniture", "chair"].amount == 2
    assert rows["practicals", "floor_lamp"].note == "800 lm together"
    assert rows["cloth", "tweed"].amount == pytest.approx(3.0)
    write_quantities(tmp_path / "q.csv", tuple(rows.values()))
    lines = (tmp_path / "q.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "section,what,amount,unit,note" and len(lines) == len(rows) + 1
    assert "furniture,chair,2,off," in lines


def test_the_same_board_writes_the_same_pages(tmp_path: Path) -> None:
    built = scene(put("table", (1.4, 0.8, 0.74), (0.5, 0, 0)))
    picture = np.full((27, 48, 3), 90, np.uint8)
    view = ViewPicture(camera=built.cameras[0], picture=picture)
    board = Board(spec=SPEC, scene=built, version="v001", views=(view, view), quantities=quantities(SPEC, built))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = (write_boards(tmp_path / name, "int_bunker", board) for name in ("one", "two"))
    assert [path.name for path in one] == [
        "int_bunker_boards_v001.pdf",
        *(f"int_bunker_boards_v001.{n:02d}.png" for n in range(1, 6)),
    ]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert one[0].read_bytes().startswith(b"%PDF")
