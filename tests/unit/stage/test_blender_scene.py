"""The artist's .blend: opened by Blender itself, it says what the stage says."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.core.light import Light
from setpiece.core.progress import Silent
from setpiece.core.stage import Face, Motion, Pieces
from setpiece.core.timing import FrameRange
from setpiece.media.exr import write_exr
from setpiece.stage.blender.client import write_blend

pytestmark = pytest.mark.blender

FRAMES = FrameRange(first=1001, last=1008, rate=Fraction(24000, 1001))
CAMERA = replace(
    Camera.looking(width=640, height=360, focal_px=700.0, height_m=1.7, pitch_deg=5.0, roll_deg=-3.0), centre_px=(350.0, 170.0)
)
LIGHT = Light(azimuth_deg=130.0, elevation_deg=35.0, sun_rgb=(2.0, 1.8, 1.5), sky_rgb=(0.4, 0.5, 0.7))
SIDES = np.array(
    [[0, 2, 1], [1, 2, 3], [4, 5, 6], [5, 7, 6], [0, 1, 4], [1, 5, 4], [2, 6, 3], [3, 6, 7], [0, 4, 2], [2, 4, 6], [1, 3, 5],
     [3, 7, 5]], np.int32,
)  # fmt: skip
ASK = """
import bpy, json, sys
bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
from bpy_extras.object_utils import world_to_camera_view
scene = bpy.context.scene
scene.frame_set(1006)
said = {"space": bpy.data.colorspace.working_space, "fps": scene.render.fps / scene.render.fps_base,
        "range": [scene.frame_start, scene.frame_end], "image": bpy.data.images[0].filepath,
        "sun": [list(row)[:3] for row in scene.objects["sun"].matrix_world][0:3],
        "energy": scene.objects["sun"].data.energy, "pieces": {}}
for body in scene.objects:
    if body.name.startswith("piece_"):
        corner = body.matrix_world @ body.data.vertices[3].co
        seen = world_to_camera_view(scene, scene.camera, corner)
        keys = 0
        if body.animation_data:
            bag = body.animation_data.action.layers[0].strips[0].channelbag(body.animation_data.action_slot)
            keys = len(bag.fcurves[0].keyframe_points)
        said["pieces"][body.name] = {
            "corner": list(corner), "pixel": [seen.x * 640, (1 - seen.y) * 360], "keys": keys,
            "collections": [c.name for c in body.users_collection],
            "rest": list(body.data.attributes["Pref"].data[3].vector),
            "flat": not any(p.use_smooth for p in body.data.polygons)}
json.dump(said, open(sys.argv[2], "w"))
"""


def blocks() -> Pieces:
    centres = np.array([(-2.0, 20.0, 3.0), (0.0, 20.0, 3.0), (2.0, 20.0, 3.0)], np.float32)
    half = np.float32([0.6, 0.2, 0.35])
    corner = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32) * half
    return Pieces(
        vertices=(centres[:, None] + corner).reshape(-1, 3),
        triangles=(SIDES + 8 * np.arange(3, dtype=np.int32)[:, None, None]).reshape(-1, 3),
        triangle_piece=np.repeat(np.arange(3, dtype=np.int32), 12),
        triangle_face=np.tile(np.where(np.arange(12) < 2, Face.PLATE, Face.BROKEN), 3).astype(np.int32),
        vertex_start=np.arange(0, 25, 8, dtype=np.int32),
        centre=centres,
        mass_kg=np.full(3, 500.0, np.float32),
        volume_m3=np.full(3, 0.3, np.float32),
        material=np.array([0, 1, 1], np.int32),
        part=np.array([0, 1, 1], np.int32),
        visible=np.ones(3, np.int32),
    )


def fall(pieces: Pieces) -> Motion:
    """The first two fall and turn from 1003 on; the last stands."""
    release = np.array([1003, 1003, 1_000_000], np.int32)
    seconds = np.maximum(np.arange(8)[:, None] + 1001 - release[None], 0) / 24.0
    position = np.repeat(pieces.centre[None], 8, axis=0)
    position[..., 2] -= (0.5 * 9.81 * seconds**2).astype(np.float32)
    rotation = np.concatenate(
        [np.cos(2 * seconds)[..., None], np.sin(2 * seconds)[..., None] * np.array([0.6, 0.0, 0.8])], axis=2
    )
    return Motion(first=1001, position=position, rotation=rotation.astype(np.float32), release=release)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("blend")
    plate = folder / "plate" / "reference.exr"
    plate.parent.mkdir()
    write_exr(plate, {c: np.full((36, 64), 0.2, np.float32) for c in "RGB"})
    pieces = blocks()
    path = folder / "out" / "stage.blend"
    write_blend(path, camera=CAMERA, pieces=pieces, motion=fall(pieces), frames=FRAMES, light=LIGHT, plate_path=plate,
                part_names=("facade0", "slab0a"), folder=folder / "job", progress=Silent())  # fmt: skip
    answer = folder / "said.json"
    subprocess.run([sys.executable, "-c", ASK, str(path), str(answer)], check=True, stdout=subprocess.DEVNULL)
    value: dict[str, Any] = json.loads(answer.read_text())
    return value


def test_pieces_stand_where_the_motion_has_them_and_project_as_core_does(said: dict[str, Any]) -> None:
    pieces = blocks()
    position, rotation = fall(pieces).at(1006)
    for k in range(3):
        local = (pieces.vertices[8 * k + 3] - pieces.centre[k]).astype(np.float64)
        w, u = float(rotation[k, 0]), rotation[k, 1:].astype(np.float64)
        t = 2 * np.cross(u, local)
        expected = local + w * t + np.cross(u, t) + position[k]
        piece = said["pieces"][f"piece_{k:05d}"]
        assert np.allclose(piece["corner"], expected, atol=1e-4)
        pixel, _ = CAMERA.project(expected[None].astype(np.float32))
        assert np.abs(pixel[0] - piece["pixel"]).max() < 0.1
        assert np.allclose(piece["rest"], pieces.vertices[8 * k + 3])
        assert piece["flat"]


def test_only_frames_that_move_are_keyed(said: dict[str, Any]) -> None:
    assert [said["pieces"][f"piece_{k:05d}"]["keys"] for k in range(3)] == [6, 6, 0]


def test_pieces_lie_in_collections_of_part_and_material(said: dict[str, Any]) -> None:
    named = [said["pieces"][f"piece_{k:05d}"]["collections"] for k in range(3)]
    assert named == [["facade0 masonry"], ["slab0a concrete"], ["slab0a concrete"]]


def test_time_colour_plate_and_sun_are_the_shots(said: dict[str, Any]) -> None:
    assert said["fps"] == pytest.approx(24000 / 1001)
    assert said["range"] == [1001, 1008]
    assert said["space"] == "ACEScg"
    assert said["image"] == "//../plate/reference.exr"
    assert np.allclose(np.array(said["sun"])[:, 2], LIGHT.direction, atol=1e-5)
    assert said["energy"] == pytest.approx(2.0 * np.pi, rel=1e-5)


def test_frames_beyond_the_motion_are_refused_before_blender_starts(tmp_path: Path) -> None:
    pieces = blocks()
    with pytest.raises(StageError, match="1001-1099"):
        write_blend(tmp_path / "x.blend", camera=CAMERA, pieces=pieces, motion=fall(pieces), light=LIGHT,
                    frames=FrameRange(first=1001, last=1099, rate=Fraction(24)), folder=tmp_path / "job",
                    progress=Silent())  # fmt: skip
    assert not (tmp_path / "job").exists()
