"""The artist's scene: what the stage says, as a ``.blend`` in which it can be taken on. Inside the worker.

The shot's camera with the plate behind it, every piece an object in a collection of its part and material with baked keys
(only on frames that move), sun and sky, a ground that catches shadows. Works in ACEScg. Refuses nothing; it reads the
same files as every other part.
"""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from setpiece.core.camera import Camera
from setpiece.core.light import Light
from setpiece.core.progress import Progress
from setpiece.core.stage import Face, Material, Motion, Pieces
from setpiece.core.timing import FrameRange
from setpiece.media.files import read_json
from setpiece.stage.archive import load_camera, load_light, load_motion, load_pieces
from setpiece.stage.blender.looks import (
    FINISHED,
    Nodes,
    broken_colour,
    diffuse,
    film,
    new_material,
    picture,
    slot_of,
)

SENSOR_MM = 36.0
_LINEAR = 1  # Blender's number for straight keys


def run_scene(folder: Path, progress: Progress) -> None:
    """The worker's job ``scene``: reads the stage's files in ``folder``, writes ``stage.blend``."""
    job = read_json(folder / "job.json")
    pieces, names = load_pieces(folder / "pieces.npz")
    motion = load_motion(folder / "motion.npz")
    camera, light = load_camera(folder / "camera.json"), load_light(folder / "light.json")
    frames = FrameRange(first=job["frames"]["first"], last=job["frames"]["last"], rate=Fraction(job["frames"]["rate"]))
    fresh_scene(frames)
    plate = None
    if job["plate"] is not None:
        plate = bpy.data.images.load(job["plate"])
        plate.colorspace_settings.name = "ACEScg"
    lens = add_camera(camera)
    if plate is not None:
        _backdrop(lens, plate)
    add_lights(light)
    add_ground(camera)
    materials = _materials(camera, light, plate)
    _debris(pieces, motion, frames, names, materials, progress)
    _render_settings()
    if plate is not None:
        plate.filepath = job["plate_shown"]
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "stage.blend"), compress=True, relative_remap=False)


def fresh_scene(frames: FrameRange) -> Any:
    """An empty scene in ACEScg, metres and the shot's time; Cycles as its renderer."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.set_working_color_space(working_space="ACEScg", convert_colors=False)
    scene = bpy.context.scene
    scene.unit_settings.system, scene.unit_settings.scale_length = "METRIC", 1.0
    scene.render.fps = math.ceil(frames.rate)
    scene.render.fps_base = math.ceil(frames.rate) / float(frames.rate)
    scene.frame_start, scene.frame_end = frames.first, frames.last
    scene.frame_set(frames.first)
    scene.render.engine = "CYCLES"
    scene.view_settings.view_transform = "Standard"
    return scene


def add_camera(camera: Camera) -> Any:
    """The shot's camera: right lens on a 36 mm film back, right shift, right size of picture."""
    data = bpy.data.cameras.new("shot camera")
    data.sensor_fit, data.sensor_width = "HORIZONTAL", SENSOR_MM
    data.lens = camera.focal_px * SENSOR_MM / camera.width
    data.shift_x = (camera.width / 2 - camera.centre_px[0]) / camera.width
    data.shift_y = (camera.centre_px[1] - camera.height / 2) / camera.width
    data.clip_start, data.clip_end = 0.1, 10000.0
    lens = bpy.data.objects.new("shot camera", data)
    turn = np.eye(4)
    turn[:3, 0], turn[:3, 1], turn[:3, 2] = camera.axes[0], camera.axes[1], -camera.axes[2]
    turn[:3, 3] = camera.position_m
    lens.matrix_world = Matrix(turn.tolist())
    scene = bpy.context.scene
    scene.collection.objects.link(lens)
    scene.camera = lens
    scene.render.resolution_x, scene.render.resolution_y = camera.width, camera.height
    scene.render.resolution_percentage = 100
    return lens


def _backdrop(lens: Any, plate: Any) -> None:
    lens.data.show_background_images = True
    behind = lens.data.background_images.new()
    behind.image, behind.alpha, behind.display_depth, behind.frame_method = plate, 1.0, "BACK", "STRETCH"


def add_lights(light: Light) -> None:
    """Sun and sky: core states what a white surface shows, Blender what falls on it (pi times as much for the sun)."""
    sun_rgb, sky_rgb = np.array(light.sun_rgb, float), np.array(light.sky_rgb, float)
    data = bpy.data.lights.new("sun", "SUN")
    strength = max(float(sun_rgb.max()), 1e-6)
    data.color, data.energy = tuple((sun_rgb / strength).tolist()), math.pi * strength
    data.angle = math.radians(light.sun_size_deg)
    sun = bpy.data.objects.new("sun", data)
    toward = np.array(light.direction)
    side = np.cross([0.0, 0.0, 1.0], toward)
    side = side / np.linalg.norm(side) if np.linalg.norm(side) > 1e-6 else np.array([1.0, 0.0, 0.0])
    turn = np.eye(4)
    turn[:3, 0], turn[:3, 1], turn[:3, 2] = side, np.cross(toward, side), toward
    turn[:3, 3] = 60 * toward
    sun.matrix_world = Matrix(turn.tolist())
    bpy.context.scene.collection.objects.link(sun)
    world = bpy.data.worlds.new("sky")
    bpy.context.scene.world = world
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (*sky_rgb.tolist(), 1.0)
    background.inputs["Strength"].default_value = 1.0


def add_ground(camera: Camera, *, albedo: tuple[float, float, float] = (0.18, 0.18, 0.17), z_m: float = 0.0) -> Any:
    """A level ground around what the camera sees, that shows nothing but shadows; a second, unseen one throws light back,
    which Blender's shadow catchers do not."""
    at = np.asarray(camera.position_m, float) + 60 * camera.axes[2]
    reach = 250.0
    mesh = bpy.data.meshes.new("ground")
    corners = [(x, y, 0.0) for x, y in ((-reach, -reach), (reach, -reach), (reach, reach), (-reach, reach))]
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    material, nodes, surface = new_material("ground")
    nodes.tree.links.new(diffuse(nodes, (*albedo, 1.0)), surface)
    mesh.materials.append(material)
    ground, bounce = (bpy.data.objects.new(name, mesh) for name in ("ground", "ground bounce"))
    for body in (ground, bounce):
        body.location = (float(at[0]), float(at[1]), z_m)
        bpy.context.scene.collection.objects.link(body)
    ground.is_shadow_catcher, ground.visible_diffuse = True, False
    bounce.location.z -= 0.002
    bounce.visible_camera = bounce.visible_shadow = False
    return ground


def _materials(camera: Camera, light: Light, plate: Any) -> list[Any]:
    """One material per slot: plate, outside, inside, then broken matter."""
    materials = []
    for name in ("plate", "outside", "inside"):
        material, nodes, surface = new_material(name)
        if name == "plate" and plate is not None:
            albedo = _plate_albedo(nodes, camera, light, plate)
        else:
            albedo = (*(FINISHED if name == "inside" else (0.3, 0.28, 0.25)), 1.0)
        nodes.tree.links.new(diffuse(nodes, albedo), surface)
        materials.append(material)
    for matter in Material:
        material, nodes, surface = new_material(f"broken {matter.name.lower()}")
        colour, height = broken_colour(nodes, matter)
        nodes.tree.links.new(diffuse(nodes, colour, height=height), surface)
        materials.append(material)
    return materials


def _plate_albedo(nodes: Nodes, camera: Camera, light: Light, plate: Any) -> Any:
    """The plate at the rest position over the light that fell on that face then (without its shadows)."""
    colour = picture(nodes, plate, film(nodes, nodes.rest(), camera), interpolation="Cubic")
    normal = nodes.add("ShaderNodeAttribute", attribute_name="Nref", out="Vector")
    facing = nodes.math("MAXIMUM", nodes.vector("DOT_PRODUCT", normal, tuple(light.direction)), 0.0)
    sun = nodes.vector("MULTIPLY", nodes.add("ShaderNodeCombineXYZ", facing, facing, facing), tuple(light.sun_rgb))
    fell = nodes.vector("ADD", sun, tuple(0.6 * value for value in light.sky_rgb))
    return nodes.vector("MINIMUM", nodes.vector("DIVIDE", colour, fell), (0.9, 0.9, 0.9))


def _debris(
    pieces: Pieces, motion: Motion, frames: FrameRange, names: tuple[str, ...], materials: list[Any], progress: Progress
) -> None:
    """Objects by part and material, with their motion."""
    root = bpy.data.collections.new("Debris")
    bpy.context.scene.collection.children.link(root)
    folders: dict[tuple[int, int], Any] = {}
    parts: dict[int, Any] = {}
    actions: dict[int, tuple[Any, Any]] = {}
    first = frames.first - motion.first
    span = slice(first, first + len(frames))
    starts = np.searchsorted(pieces.triangle_piece, np.arange(len(pieces) + 1))
    for k in range(len(pieces)):
        part, matter = int(pieces.part[k]), int(pieces.material[k])
        name = names[part] if part < len(names) else f"part{part:03d}"
        if part not in parts:
            parts[part] = bpy.data.collections.new(name)
            root.children.link(parts[part])
        if (part, matter) not in folders:
            folders[part, matter] = bpy.data.collections.new(f"{name} {Material(matter).name.lower()}")
            parts[part].children.link(folders[part, matter])
        body = _piece(pieces, k, slice(int(starts[k]), int(starts[k + 1])), materials)
        folders[part, matter].objects.link(body)
        if part not in actions:
            actions[part] = _action(f"collapse {name}")
        _keys(body, actions[part], frames.first, motion.position[span, k], motion.rotation[span, k])
        if k % 200 == 0 or k == len(pieces) - 1:
            progress.report("blend", k + 1, len(pieces))


def _piece(pieces: Pieces, k: int, triangles: slice, materials: list[Any]) -> Any:
    """One piece about its centre of mass, with its rest position and its faces' materials."""
    start, end = int(pieces.vertex_start[k]), int(pieces.vertex_start[k + 1])
    rest = pieces.vertices[start:end]
    corners = pieces.triangles[triangles] - start
    mesh = triangle_mesh(f"piece_{k:05d}", rest - pieces.centre[k], corners)
    write_attribute(mesh, "Pref", "FLOAT_VECTOR", "POINT", rest)
    normal = np.cross(rest[corners[:, 1]] - rest[corners[:, 0]], rest[corners[:, 2]] - rest[corners[:, 0]])
    normal = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    write_attribute(mesh, "Nref", "FLOAT_VECTOR", "FACE", normal)
    slots = [slot_of(face, int(pieces.material[k])) for face in pieces.triangle_face[triangles].tolist()]
    used = sorted(set(slots))
    for slot in used:
        mesh.materials.append(materials[slot])
    mesh.polygons.foreach_set("material_index", [used.index(slot) for slot in slots])
    body = bpy.data.objects.new(mesh.name, mesh)
    body.location = pieces.centre[k]
    body.rotation_mode = "QUATERNION"
    body.pass_index = k + 1
    body["setpiece_mass_kg"] = float(pieces.mass_kg[k])
    return body


def triangle_mesh(name: str, vertices: np.ndarray, triangles: np.ndarray) -> Any:
    """A mesh of (v, 3) points and (t, 3) corners, filled in bulk."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", np.ascontiguousarray(vertices, np.float32).ravel())
    mesh.loops.add(3 * len(triangles))
    mesh.loops.foreach_set("vertex_index", np.ascontiguousarray(triangles, np.int32).ravel())
    mesh.polygons.add(len(triangles))
    mesh.polygons.foreach_set("loop_start", np.arange(0, 3 * len(triangles), 3, dtype=np.int32))
    mesh.update(calc_edges=True)
    mesh.shade_flat()  # broken edges are sharp
    return mesh


def write_attribute(mesh: Any, name: str, kind: str, domain: str, values: np.ndarray) -> None:
    """A named attribute; vectors, floats or integers."""
    attribute = mesh.attributes.new(name, kind, domain)
    field = "vector" if kind == "FLOAT_VECTOR" else "value"
    dtype = np.int32 if kind == "INT" else np.float32
    attribute.data.foreach_set(field, np.ascontiguousarray(values, dtype).ravel())


def _action(name: str) -> tuple[Any, Any]:
    """An action and its strip of keys; each piece gets a slot in it."""
    action = bpy.data.actions.new(name)
    return action, action.layers.new("collapse").strips.new(type="KEYFRAME")


def _keys(body: Any, action: tuple[Any, Any], first: int, position: np.ndarray, rotation: np.ndarray) -> None:
    """Keys on the frames where the pose differs from a neighbour; straight between them."""
    change = (position[1:] != position[:-1]).any(axis=1) | (rotation[1:] != rotation[:-1]).any(axis=1)
    if not change.any():
        body.location, body.rotation_quaternion = position[0].tolist(), rotation[0].tolist()
        return
    keep = np.zeros(len(position), bool)
    keep[1:] |= change
    keep[:-1] |= change
    turns = rotation.astype(np.float64)
    turns[1:] *= np.cumprod(np.where(np.sum(turns[1:] * turns[:-1], axis=1) < 0, -1.0, 1.0))[:, None]
    frames = (first + np.flatnonzero(keep)).astype(np.float32)
    slot = action[0].slots.new("OBJECT", body.name)
    bag = action[1].channelbag(slot, ensure=True)
    for path, values in (("location", position[keep]), ("rotation_quaternion", turns[keep])):
        for index in range(values.shape[1]):
            curve = bag.fcurves.new(path, index=index)
            curve.keyframe_points.add(len(frames))
            curve.keyframe_points.foreach_set("co", np.stack([frames, values[:, index].astype(np.float32)], axis=1).ravel())
            curve.keyframe_points.foreach_set("interpolation", np.full(len(frames), _LINEAR, np.int32))
            curve.update()
    body.animation_data_create()
    body.animation_data.action = action[0]
    body.animation_data.action_slot = slot


def _render_settings() -> None:
    """Where an artist starts: transparent film, half-frame shutter, a clean preview."""
    scene = bpy.context.scene
    scene.render.film_transparent = True
    scene.render.use_motion_blur, scene.render.motion_blur_shutter = True, 0.5
    scene.cycles.samples = 64
    scene.cycles.use_denoising = True
    scene.cycles.denoising_prefilter, scene.cycles.denoising_quality = "FAST", "FAST"
    scene.cycles.max_bounces, scene.cycles.diffuse_bounces = 3, 2
    scene.render.use_persistent_data = True
    plate = Face.PLATE.name.lower()
    scene["setpiece"] = f"material '{plate}' projects the plate from the rest position (attribute Pref)"
