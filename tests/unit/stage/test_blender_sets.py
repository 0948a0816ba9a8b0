"""Sets through the Blender worker: lamps give the lux of the textbook, ids and passes are what the scene says."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from setpiece.core.errors import StageError
from setpiece.core.progress import Silent
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
from setpiece.media.colour import luminance
from setpiece.media.images import read_exr
from setpiece.media.worker import Worker
from setpiece.stage.blender.set_carried import carried
from setpiece.stage.blender.set_job import acescg, box_projected, part_normals, save_set
from setpiece.stage.blender.set_passes import float_id, line_art
from setpiece.stage.blender.set_sky import NITS, light_colour, sky_picture
from setpiece.stage.blender.set_view import (
    Artefacts,
    Shot,
    View,
    developed,
    metered,
    read_view,
    regraded,
    render_layers,
    render_views,
)

NIGHT = Sky(sun_azimuth_deg=0, sun_elevation_deg=-20, sun_lux=0, sky_lux=1e-6)


def _card(half: float, colour: float = 0.5, *, at_z: float = 0.0) -> Thing:
    corners = np.array([[-half, -half, at_z], [half, -half, at_z], [half, half, at_z], [-half, half, at_z]], np.float32)
    mesh = PolyMesh(vertices=corners, corners=np.arange(4, dtype=np.int32), face_start=np.array([0, 4], np.int32))
    material = SceneMaterial(kind=MaterialKind.RUBBER, colour=(colour, colour, colour), wear=0.0)
    return Thing(parts=(Part(mesh=mesh, material=material),), size_m=(2 * half, 2 * half, 0.0))


def _scene(lamps: tuple[Lamp, ...], *, names: tuple[str, ...] = ("card",), sky: Sky = NIGHT) -> Scene:
    camera = SceneCamera(
        name="above", position_m=(1.0, 0.0, 1.0), target_m=(0.0, 0.0, 0.0), lens_mm=300, sensor_mm=(36.0, 24.0), sensor="35",
        exposure_stops=0.0, white_kelvin=6000.0,
    )  # fmt: skip
    placed = tuple(
        Placed(name=name, category="card", layer="furniture", thing=_card(0.04), position_m=(0.0, 0.09 * index, 0.0))
        for index, name in enumerate(names)
    )
    return Scene(title="light", placed=placed, lamps=lamps, sky=sky, cameras=(camera,), room_m=(8, 8, 4), exterior=True)


def _lux(view: View) -> float:
    """Illuminance of the card in the middle of the picture, from what it shows and its diffuse reflectance."""
    middle = (slice(14, 18), slice(22, 26))
    assert view.passes is not None
    shown = float(luminance(view.picture[middle]).mean())
    return shown * NITS * math.pi / (float(luminance(view.passes.albedo[middle]).mean()))


@pytest.mark.parametrize(
    ("shape", "expected"),
    [(LampShape.POINT, 1000 / (4 * math.pi)), (LampShape.AREA, 1000 / math.pi)],
)
def test_a_lamp_of_known_lumens_gives_the_lux_of_the_inverse_square(shape: LampShape, expected: float, tmp_path: Path) -> None:
    pytest.importorskip("bpy")
    lamp = Lamp(shape=shape, position_m=(0.0, 0.0, 1.0), lumens=1000.0, kelvin=4000.0, size_m=(0.03, 0.03), group="key")
    shot = Shot(camera="above", width=48, height=32, samples=32, denoise=False)
    (view,) = render_views(_scene((lamp,), names=("card", "other")), [shot], folder=tmp_path, progress=Silent())
    assert _lux(view) == pytest.approx(expected, rel=0.06)  # the passes' albedo holds the gloss that does not face us
    assert view.passes is not None
    assert view.passes.names[view.passes.ids[16, 24, 0]] == "card"
    assert view.passes.coverage[16, 24, 0] == pytest.approx(1.0, abs=1e-3)
    assert view.passes.depth[16, 24] == pytest.approx(math.sqrt(2), abs=0.01)
    assert view.passes.normal[16, 24] == pytest.approx([0, 0, 1], abs=1e-3)
    assert np.abs(view.passes.position[16, 24]).max() < 0.01
    assert np.allclose(sum(view.passes.light.values()), view.picture, rtol=1e-3, atol=1e-4)
    assert float(view.passes.light["key"].mean()) > 100 * float(view.passes.light["sky"].mean())


@pytest.mark.parametrize("cloud", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("elevation", [-12.0, -2.0, 8.0, 55.0])
def test_the_sky_gives_its_lux_on_level_ground(cloud: float, elevation: float) -> None:
    sky = Sky(sun_azimuth_deg=120, sun_elevation_deg=elevation, sun_lux=0, sky_lux=9000.0, cloud=cloud)
    made = sky_picture(sky, seed=4, size=(256, 128))
    rise = (0.5 - (np.arange(128) + 0.5) / 128) * math.pi
    weight = np.cos(rise) * np.maximum(np.sin(rise), 0) * (math.pi / 128) * (2 * math.pi / 256)
    assert float((luminance(made) * weight[:, None]).sum()) * NITS == pytest.approx(9000.0, rel=1e-3)
    assert np.isfinite(made).all() and float(made.min()) >= 0


def test_a_warmer_lamp_is_redder_and_every_lamp_has_luminance_one() -> None:
    kelvins = (1900.0, 2700.0, 3200.0, 4300.0, 5600.0, 7500.0, 12000.0)
    colours = [light_colour(kelvin) for kelvin in kelvins]
    ratios = [colour[0] / colour[2] for colour in colours]
    assert ratios == sorted(ratios, reverse=True)
    assert np.allclose(luminance(np.array(colours, np.float32)), 1.0, atol=1e-5)
    assert light_colour(6000.0) == pytest.approx((1.0, 1.0, 1.0), abs=0.06)
    with pytest.raises(StageError, match="no lamp"):
        light_colour(300.0)


def test_regrading_there_and_back_is_the_same_picture() -> None:
    linear = np.random.default_rng(1).uniform(0.01, 3, (40, 60, 3)).astype(np.float32)
    view = developed("v", linear, exposure_stops=None, white_kelvin=None)
    there = regraded(view, exposure_stops=view.exposure_stops + 2, white_kelvin=3200.0)
    back = regraded(there, exposure_stops=view.exposure_stops, white_kelvin=view.white_kelvin)
    assert np.allclose(back.picture, view.picture, rtol=1e-4)
    assert not np.allclose(there.picture, view.picture, rtol=0.1)


@pytest.mark.parametrize("gain", [1e-4, 1.0, 300.0])
def test_the_meter_brings_an_even_grey_to_eighteen_percent_in_any_light(gain: float) -> None:
    grey = np.full((60, 100, 3), 0.4 * gain, np.float32)
    assert 0.4 * gain * 2 ** metered(grey) == pytest.approx(0.18, rel=1e-3)


def test_the_meter_refuses_darkness() -> None:
    with pytest.raises(StageError, match="no light"):
        metered(np.zeros((60, 100, 3), np.float32))


def test_lines_are_drawn_where_things_meet_and_not_on_a_slanted_plane() -> None:
    x = np.linspace(1.0, 3.0, 80, dtype=np.float32)
    plane = np.broadcast_to(1 / x, (60, 80)).astype(np.float32)  # 1 / depth is straight along a plane
    normal = np.zeros((60, 80, 3), np.float32)
    normal[..., 2] = 1
    ids = np.zeros((60, 80), np.int32)
    assert float(line_art(plane, normal, ids).max()) < 0.01
    ids[:, 40:] = 1
    drawn = line_art(plane, normal, ids)
    assert float(drawn[:, 39:41].max()) > 0.5 and float(drawn[:, :30].max()) < 0.01


def test_grain_runs_along_the_piece_and_walls_stand_upright() -> None:
    box = np.array([[x, y, z] for z in (0, 3.0) for y in (0, 0.1) for x in (0, 0.2)], np.float32)
    faces = np.array([[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [1, 3, 7, 5], [3, 2, 6, 7], [2, 0, 4, 6]], np.int32)
    mesh = PolyMesh(vertices=box, corners=faces.ravel(), face_start=np.arange(0, 25, 4, dtype=np.int32))
    sides = np.abs(part_normals(mesh)[:, 2]) < 0.5
    upright = np.repeat(sides, 4)
    assert np.ptp(box_projected(mesh)[upright][:, 1]) == pytest.approx(3.0)
    assert np.ptp(box_projected(mesh, along=2)[upright][:, 0]) == pytest.approx(3.0)


def test_equal_scenes_write_equal_bytes_and_equal_things_once(tmp_path: Path) -> None:
    scene = _scene((), names=("a", "b", "c"))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        save_set(tmp_path / name, scene)
    for file in ("scene.npz", "scene.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    with np.load(tmp_path / "one" / "scene.npz", allow_pickle=False) as arrays:
        assert [name for name in arrays.files if name.endswith("_vertices")] == ["t0_vertices"]


def test_a_view_that_the_scene_has_not_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="no view 'crane'"):
        render_views(_scene(()), [Shot(camera="crane")], folder=tmp_path, progress=Silent())


def test_names_hash_as_the_cryptomatte_specification_says() -> None:
    from setpiece.deliver.cryptomatte import float_bits

    assert all(float_id(name) == float_bits(name) for name in ("", "a", "chair", "table 2", "señora", "north wall~light"))


def test_a_built_set_goes_on_as_blend_and_gltf(tmp_path: Path) -> None:
    pytest.importorskip("bpy")
    shot = Shot(camera="above", width=16, height=16, samples=1, passes=False)
    scene = _scene((), sky=Sky(sun_azimuth_deg=0, sun_elevation_deg=30, sun_lux=5e4, sky_lux=1e4))
    also = Artefacts(blend=True, gltf=True)
    (made,) = render_layers(scene, [shot], folder=tmp_path, progress=Silent(), artefacts=also)
    view = read_view(made, scene, scene.cameras[0], passes=False)
    assert view.passes is None and float(view.picture.max()) > 0
    glb = (tmp_path / "set.glb").read_bytes()
    assert glb[:4] == b"glTF"
    told = json.loads(glb[20 : 20 + int.from_bytes(glb[12:16], "little")])
    assert [camera["name"] for camera in told["cameras"]] == [camera.name for camera in scene.cameras]
    assert (tmp_path / "set.blend").stat().st_size > 10_000


_PATTERNS = (
    "plaster", "paint", "concrete", "brick", "stone", "marble", "terrazzo", "wallpaper", "wood", "planks", "parquet", "tiles",
    "linoleum", "enamel", "plastic", "rubber", "ceramic", "linen", "cotton", "wool", "tweed", "denim", "silk", "velvet",
    "leather", "floral", "pinstripe", "plaid", "carpet", "rug", "rope", "paper", "bark", "soil", "asphalt", "cobbles", "snow",
)  # fmt: skip


@pytest.mark.parametrize("second", [None, (0.10, 0.16, 0.45)])
def test_light_takes_the_colour_along_that_a_surface_shows(second: tuple[float, float, float] | None, tmp_path: Path) -> None:
    pytest.importorskip("bpy")
    colour, placed, rows = (0.45, 0.3, 0.12), [], []
    for index, name in enumerate(_PATTERNS):
        card = _card(1.0)
        material = SceneMaterial(kind=MaterialKind(name), colour=colour, colour_2=second, wear=0.2, seed=8)
        thing = Thing(parts=(Part(mesh=card.parts[0].mesh, material=material),), size_m=card.size_m)
        at = (2.0 * (index % 7) - 6.0, 2.0 * (index // 7) - 5.0, 0.0)
        placed.append(Placed(name=name, category="card", layer="furniture", thing=thing, position_m=at))
        rows.append({"kind": name, "colour": acescg(colour), "colour_2": second and acescg(second), "seed": 8})
    above = replace(_scene(()).cameras[0], position_m=(0.0, -0.01, 30.0), lens_mm=60.0)
    scene = replace(_scene((), sky=replace(NIGHT, sky_lux=1000.0)), placed=tuple(placed), cameras=(above,), room_m=(14, 14, 4))
    shot = Shot(camera="above", width=360, height=240, samples=8, denoise=False)
    (view,) = render_views(scene, [shot], folder=tmp_path, progress=Silent())
    assert view.passes is not None
    for row, name in zip(rows, _PATTERNS, strict=True):
        seen = (view.passes.ids[..., 0] == view.passes.names.index(name)) & (view.passes.coverage[..., 0] > 0.99)
        shown, mean = view.passes.albedo[seen].mean(axis=0), carried(row)
        assert seen.sum() > 400
        assert mean is not None
        more = shown - np.array(mean)
        assert -0.045 < more.min() <= more.max() < 0.085, name  # the passes' albedo holds the gloss too


def test_a_blender_that_stays_up_shows_what_a_fresh_one_would(tmp_path: Path) -> None:
    pytest.importorskip("bpy")
    lamp = Lamp(
        shape=LampShape.POINT, position_m=(0.0, 0.0, 1.0), lumens=1000.0, kelvin=4000.0, size_m=(0.03, 0.03), group="key"
    )
    scene = _scene((lamp,), names=("card", "other"))
    longer = replace(scene, cameras=(replace(scene.cameras[0], lens_mm=200.0),))
    darker = replace(longer, lamps=(replace(lamp, lumens=100.0),))
    shot, kept, fresh = Shot(camera="above", width=48, height=32, samples=4), tmp_path / "kept", tmp_path / "fresh"
    with Worker(kept) as worker:
        for step in (scene, longer, darker):
            (made,) = render_layers(step, [shot], folder=kept, progress=Silent(), worker=worker)
            (alone,) = render_layers(step, [shot], folder=fresh, progress=Silent())
            ours, theirs = read_exr(made)[0], read_exr(alone)[0]
            assert all(np.array_equal(ours[name], theirs[name]) for name in theirs if "Cycles" not in name)
            assert worker.up
    assert not worker.up
