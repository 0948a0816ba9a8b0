"""A set as USD: sound for usd-core, right in metres, lenses and lumens."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from pxr import Gf, Usd, UsdGeom, UsdLux

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
from setpiece.deliver.previs_usd import complaints, write_set_usd


def _thing(*lamps: Lamp) -> Thing:
    corners = np.array([[-1, -1, 0.5], [1, -1, 0.5], [1, 1, 0.5], [-1, 1, 0.5]], np.float32)
    mesh = PolyMesh(vertices=corners, corners=np.arange(4, dtype=np.int32), face_start=np.array([0, 4], np.int32))
    materials = (MaterialKind.WOOD, MaterialKind.GLASS, MaterialKind.LAMPSHADE)
    parts = tuple(
        Part(mesh=mesh, material=SceneMaterial(kind=kind, colour=(0.4, 0.3, 0.2), glow_nits=10.0 * index))
        for index, kind in enumerate(materials)
    )
    return Thing(parts=parts, lamps=lamps, size_m=(2, 2, 0.5))


@pytest.fixture
def written(tmp_path: Path) -> Path:
    lamp = Lamp(shape=LampShape.POINT, position_m=(0.5, 0.0, 1.0), lumens=800.0, kelvin=2700.0, size_m=(0.05, 0.05))
    spot = Lamp(shape=LampShape.SPOT, position_m=(0.0, 0.0, 2.5), lumens=500.0, kelvin=3200.0)
    key = Lamp(shape=LampShape.AREA, position_m=(1.0, 1.0, 2.0), lumens=3000.0, kelvin=5600.0, size_m=(1.0, 0.5))
    plain, lit = _thing(), _thing(lamp, spot)
    placed = (
        Placed(name="2 table: left", category="table", layer="furniture", thing=plain, position_m=(1, 2, 0), turn_deg=90),
        Placed(name="table right", category="table", layer="furniture", thing=plain, position_m=(-1, 2, 0)),
        Placed(name="lamp", category="lamp", layer="dressing", thing=lit, position_m=(0, 0, 0), turn_deg=90),
    )
    cameras = tuple(
        SceneCamera(
            name=name,
            position_m=(0, -4, 1.5),
            target_m=target,
            lens_mm=35,
            sensor_mm=(28.0, 19.2),
            sensor="open gate",
            fstop=2.8,
        )
        for name, target in (("wide", (0.0, 0.0, 1.0)), ("plan", (0.0, -4.0, 0.0)))
    )
    sky = Sky(sun_azimuth_deg=180, sun_elevation_deg=30, sun_lux=60000, sky_lux=10000)
    scene = Scene(title="Set", placed=placed, lamps=(key,), sky=sky, cameras=cameras, room_m=(5, 4, 3))
    write_set_usd(tmp_path / "set.usda", scene)
    return tmp_path / "set.usda"


def test_usd_core_has_nothing_to_complain_about_in_the_set_and_in_every_layer(written: Path) -> None:
    files = sorted(written.parent.glob("*.usda"))
    assert len(files) == 5
    assert {file.name: complaints(file) for file in files} == {file.name: () for file in files}


def test_lens_and_sensor_are_tenths_of_a_metre_and_the_angle_of_view_is_right(written: Path) -> None:
    stage = Usd.Stage.Open(str(written))
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0 and UsdGeom.GetStageUpAxis(stage) == "Z"
    camera = UsdGeom.Camera(stage.GetPrimAtPath("/World/cameras/wide"))
    assert camera.GetFocalLengthAttr().Get() == pytest.approx(0.35)
    view = camera.GetCamera(0)
    assert view.GetFieldOfView(Gf.Camera.FOVHorizontal) == pytest.approx(math.degrees(2 * math.atan(14 / 35)), abs=1e-3)
    assert view.transform.TransformDir(Gf.Vec3d(0, 0, -1)) * Gf.Vec3d(0, 4, -0.5).GetNormalized() == pytest.approx(1.0)


def test_equal_things_are_instances_and_stand_where_the_scene_has_them(written: Path) -> None:
    stage = Usd.Stage.Open(str(written))
    left, right = (stage.GetPrimAtPath(f"/World/furniture/{name}") for name in ("_2_table__left", "table_right"))
    assert left.IsInstance() and left.GetPrototype() == right.GetPrototype()
    place = UsdGeom.Xformable(left).ComputeLocalToWorldTransform(0)
    assert Gf.IsClose(place.Transform(Gf.Vec3d(1, 0, 0)), Gf.Vec3d(1, 3, 0), 1e-5)


def test_every_lamp_gives_back_its_lumens_where_it_hangs(written: Path) -> None:
    stage = Usd.Stage.Open(str(written))
    points = [UsdLux.SphereLight(prim) for prim in stage.Traverse() if prim.IsA(UsdLux.SphereLight)]
    bare = [light for light in points if not light.GetPrim().HasAPI(UsdLux.ShapingAPI)]
    assert len(points) == 2 and len(bare) == 1
    flux = bare[0].GetIntensityAttr().Get() * math.pi * 4 * math.pi * bare[0].GetRadiusAttr().Get() ** 2
    assert flux == pytest.approx(800.0, rel=1e-4)
    at = UsdGeom.Xformable(bare[0]).ComputeLocalToWorldTransform(0).ExtractTranslation()
    assert Gf.IsClose(at, Gf.Vec3d(0.0, 0.5, 1.0), 1e-5)
    (panel,) = (UsdLux.RectLight(prim) for prim in stage.Traverse() if prim.IsA(UsdLux.RectLight))
    assert panel.GetIntensityAttr().Get() * math.pi * 0.5 == pytest.approx(3000.0, rel=1e-4)
