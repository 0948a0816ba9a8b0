"""The USD stage: read back by usd itself, it says what the stage says."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pxr import Gf, Usd, UsdGeom, UsdLux, UsdShade, UsdValidation

from setpiece.core.camera import Camera
from setpiece.core.errors import OutputFailed, StageError
from setpiece.core.light import Light
from setpiece.core.stage import Face, Material, Motion, Pieces
from setpiece.core.timing import FrameRange
from setpiece.deliver.usd import write_usd
from setpiece.media.images import write_png

FRAMES = FrameRange(first=1001, last=1012, rate=Fraction(24000, 1001))
LIGHT = Light(azimuth_deg=130.0, elevation_deg=35.0, sun_rgb=(2.0, 1.8, 1.5), sky_rgb=(0.4, 0.5, 0.7))
CAMERA = replace(
    Camera.looking(width=960, height=540, focal_px=1100.0, height_m=1.7, pitch_deg=7.0, roll_deg=2.0), centre_px=(500.0, 250.0)
)
SIDES = np.array(
    [[0, 2, 1], [1, 2, 3], [4, 5, 6], [5, 7, 6], [0, 1, 4], [1, 5, 4], [2, 6, 3], [3, 6, 7], [0, 4, 2], [2, 4, 6], [1, 3, 5],
     [3, 7, 5]], np.int32,
)  # fmt: skip


def blocks(count: int) -> Pieces:
    centres = np.array([(2.0 * k - count, 25.0, 1.0 + 0.7 * k) for k in range(count)], np.float32)
    half = np.float32([0.6, 0.2, 0.35])
    corner = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32) * half
    face = np.tile(np.where(np.arange(12) < 2, Face.PLATE, Face.BROKEN), count).astype(np.int32)
    return Pieces(
        vertices=(centres[:, None] + corner).reshape(-1, 3),
        triangles=(SIDES + 8 * np.arange(count, dtype=np.int32)[:, None, None]).reshape(-1, 3),
        triangle_piece=np.repeat(np.arange(count, dtype=np.int32), 12),
        triangle_face=face,
        vertex_start=np.arange(0, 8 * count + 1, 8, dtype=np.int32),
        centre=centres,
        mass_kg=np.full(count, 500.0, np.float32),
        volume_m3=np.full(count, 0.3, np.float32),
        material=(np.arange(count) % 3).astype(np.int32),
        part=(np.arange(count) % 2).astype(np.int32),
        visible=np.ones(count, np.int32),
    )


def fall(pieces: Pieces) -> Motion:
    """Every piece but the last falls from its own frame on and turns about a slanted axis."""
    count, length = len(pieces), len(FRAMES)
    release = np.array([*range(1003, 1002 + count), 1_000_000], np.int32)
    seconds = np.maximum(np.arange(length)[:, None] + 1001 - release[None], 0) / 24.0
    position = np.repeat(pieces.centre[None], length, axis=0)
    position[..., 2] -= (0.5 * 9.81 * seconds**2).astype(np.float32)
    angle = 4.0 * seconds
    axis = np.array([0.6, 0.0, 0.8])
    rotation = np.concatenate([np.cos(angle / 2)[..., None], np.sin(angle / 2)[..., None] * axis], axis=2)
    return Motion(first=1001, position=position, rotation=rotation.astype(np.float32), release=release)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Pieces, Motion]:
    folder = tmp_path_factory.mktemp("usd")
    plate = folder / "plate" / "reference.png"
    plate.parent.mkdir()
    write_png(plate, np.zeros((54, 96, 3), np.uint8))
    pieces = blocks(5)
    motion = fall(pieces)
    path = folder / "out" / "stage.usdc"
    write_usd(path, camera=CAMERA, pieces=pieces, motion=motion, frames=FRAMES, light=LIGHT, plate_path=plate,
              part_names=("facade0", "slab 1a"))  # fmt: skip
    return path, pieces, motion


def moved(pieces: Pieces, motion: Motion, frame: int) -> np.ndarray:
    """World vertices (v, 3), float64, from core's own definition of a motion."""
    position, rotation = motion.at(frame)
    piece = pieces.vertex_piece
    local = (pieces.vertices - pieces.centre[piece]).astype(np.float64)
    w, u = rotation[piece, :1].astype(np.float64), rotation[piece, 1:].astype(np.float64)
    t = 2 * np.cross(u, local)
    return local + w * t + np.cross(u, t) + position[piece]


def mesh_of(stage: Usd.Stage, piece: int) -> UsdGeom.Mesh:
    return next(UsdGeom.Mesh(p) for p in stage.Traverse() if p.GetName() == f"piece_{piece:05d}")


def test_units_axis_and_time_are_stated(written: tuple[Path, Pieces, Motion]) -> None:
    stage = Usd.Stage.Open(str(written[0]))
    assert UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    assert stage.GetTimeCodesPerSecond() == pytest.approx(24000 / 1001)
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (1001, 1012)
    assert stage.GetDefaultPrim().GetPath() == "/World"


def test_usd_finds_nothing_to_complain_about(written: tuple[Path, Pieces, Motion]) -> None:
    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    found = UsdValidation.ValidationContext(validators).Validate(Usd.Stage.Open(str(written[0])))
    assert len(validators) > 20 and [error.GetErrorAsString() for error in found] == []


@pytest.mark.parametrize("frame", [1001, 1006, 1012])
def test_every_vertex_lands_where_the_stage_has_it(written: tuple[Path, Pieces, Motion], frame: int) -> None:
    path, pieces, motion = written
    stage = Usd.Stage.Open(str(path))
    expected = moved(pieces, motion, frame)
    for k in range(len(pieces)):
        mesh = mesh_of(stage, k)
        matrix = np.array(mesh.ComputeLocalToWorldTransform(frame))
        points = np.array(mesh.GetPointsAttr().Get()) @ matrix[:3, :3] + matrix[3, :3]
        assert np.abs(points - expected[pieces.vertex_start[k] : pieces.vertex_start[k + 1]]).max() < 1e-4
    box = UsdGeom.BBoxCache(frame, [UsdGeom.Tokens.default_]).ComputeWorldBound(stage.GetDefaultPrim()).ComputeAlignedRange()
    assert np.all(np.array(box.GetMin()) < expected.min(axis=0) + 1e-3)
    assert np.all(np.array(box.GetMax()) > expected.max(axis=0) - 1e-3)


def test_the_camera_projects_as_core_does(written: tuple[Path, Pieces, Motion]) -> None:
    path, pieces, motion = written
    stage = Usd.Stage.Open(str(path))
    frustum = UsdGeom.Camera.Get(stage, "/World/Camera").GetCamera(1006).frustum
    project = frustum.ComputeViewMatrix() * frustum.ComputeProjectionMatrix()
    points = moved(pieces, motion, 1006)
    clip = np.array([project.Transform(Gf.Vec3d(*p)) for p in points.tolist()])
    pixels = np.stack([(clip[:, 0] + 1) / 2 * CAMERA.width, (1 - clip[:, 1]) / 2 * CAMERA.height], axis=1)
    expected, _ = CAMERA.project(points.astype(np.float32))
    assert np.abs(pixels - expected).max() < 0.1


def test_a_lens_reads_in_millimetres_and_in_tenths_of_a_metre(written: tuple[Path, Pieces, Motion]) -> None:
    stage = Usd.Stage.Open(str(written[0]))
    camera = UsdGeom.Camera.Get(stage, "/World/Camera")
    millimetres = 36.0 * 1100.0 / 960
    assert camera.GetPrim().GetAttribute("setpiece:focalLength_mm").Get() == pytest.approx(millimetres)
    assert camera.GetFocalLengthAttr().Get() == pytest.approx(millimetres / 100)
    assert camera.GetHorizontalApertureAttr().Get() == pytest.approx(0.36)


def test_only_frames_that_move_carry_samples(written: tuple[Path, Pieces, Motion]) -> None:
    path, pieces, motion = written
    stage = Usd.Stage.Open(str(path))
    for k in range(len(pieces)):
        times = UsdGeom.Xformable(mesh_of(stage, k)).GetTimeSamples()
        expected = [] if motion.release[k] > 1012 else list(range(int(motion.release[k]), 1013))
        assert times == expected


def test_rest_position_and_the_plate_travel_with_the_facade(written: tuple[Path, Pieces, Motion]) -> None:
    path, pieces, _ = written
    stage = Usd.Stage.Open(str(path))
    primvars = UsdGeom.PrimvarsAPI(mesh_of(stage, 2))
    rest = np.array(primvars.GetPrimvar("Pref").Get())
    assert np.array_equal(rest, pieces.vertices[16:24])
    st = np.array(primvars.GetPrimvar("st").Get())
    pixels, _ = CAMERA.project(rest)
    assert np.allclose(st * [960, -540] + [0, 540], pixels, atol=0.01)
    subset = UsdGeom.Subset.Get(stage, mesh_of(stage, 2).GetPath().AppendChild("plate"))
    assert list(subset.GetIndicesAttr().Get()) == [0, 1]
    bound = UsdShade.MaterialBindingAPI(subset.GetPrim()).ComputeBoundMaterial()[0]
    assert bound.GetPath() == "/World/Looks/plate"
    texture = stage.GetPrimAtPath("/World/Looks/plate/texture").GetAttribute("inputs:file").Get()
    assert texture.path == "../plate/reference.png" and Path(texture.resolvedPath).is_file()


def test_the_sun_shines_from_where_the_stage_has_it(written: tuple[Path, Pieces, Motion]) -> None:
    stage = Usd.Stage.Open(str(written[0]))
    sun = UsdLux.DistantLight.Get(stage, "/World/Sun")
    matrix = np.array(UsdGeom.Xformable(sun).ComputeLocalToWorldTransform(1001))
    assert np.allclose(matrix[2, :3], LIGHT.direction, atol=1e-6)  # a distant light shines along its own -z
    assert np.isclose(np.linalg.det(matrix[:3, :3]), 1.0)
    colour = np.array(sun.GetColorAttr().Get()) * sun.GetIntensityAttr().Get() / np.pi
    assert np.allclose(colour, LIGHT.sun_rgb, rtol=1e-5)


def test_parts_are_named_and_kinds_are_a_valid_hierarchy(written: tuple[Path, Pieces, Motion]) -> None:
    stage = Usd.Stage.Open(str(written[0]))
    assert {prim.GetName() for prim in stage.GetPrimAtPath("/World/Debris").GetChildren()} == {"facade0", "slab_1a"}
    assert stage.GetPrimAtPath("/World/Debris/facade0").IsModel()
    material = mesh_of(stage, 1).GetPrim().GetAttribute("setpiece:material").Get()
    assert material == Material.CONCRETE.name.lower()


def test_the_same_stage_gives_the_same_bytes(written: tuple[Path, Pieces, Motion], tmp_path: Path) -> None:
    _, pieces, motion = written
    texts = []
    for name in ("a.usda", "b.usda"):
        write_usd(tmp_path / name, camera=CAMERA, pieces=pieces, motion=motion, frames=FRAMES, light=LIGHT)
        texts.append((tmp_path / name).read_bytes())
    assert texts[0] == texts[1]


def test_frames_beyond_the_motion_are_refused(written: tuple[Path, Pieces, Motion], tmp_path: Path) -> None:
    _, pieces, motion = written
    with pytest.raises(StageError, match=r"1001-1099 reach beyond the motion \(1001-1012\)"):
        write_usd(tmp_path / "x.usdc", camera=CAMERA, pieces=pieces, motion=motion, light=LIGHT,
                  frames=FrameRange(first=1001, last=1099, rate=Fraction(24)))  # fmt: skip


def test_a_folder_in_the_way_is_an_output_error_and_leaves_nothing(
    written: tuple[Path, Pieces, Motion], tmp_path: Path
) -> None:
    _, pieces, motion = written
    (tmp_path / "x.usdc").mkdir()
    with pytest.raises(OutputFailed, match=r"x\.usdc"):
        write_usd(tmp_path / "x.usdc", camera=CAMERA, pieces=pieces, motion=motion, frames=FRAMES, light=LIGHT)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.usdc"]
