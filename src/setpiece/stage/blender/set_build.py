"""A scene's files as Blender objects: meshes once, instances, lamps, sun, sky, portals, cameras. Inside the worker.

Everything that one thing is made of becomes one object (those parts that cast no shadow a second), named as it is placed,
so that cryptomattes need no table. Bevels are cut once a thing, by weights on its sharp edges; what they cut is marked, so
that paint can be worn there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

from setpiece.media.files import load_arrays
from setpiece.stage.blender.set_dressing import DRESSING
from setpiece.stage.blender.set_fabrics import FABRICS
from setpiece.stage.blender.set_nodes import Kit
from setpiece.stage.blender.set_sky import NITS
from setpiece.stage.blender.set_surfaces import SURFACES

RECIPES = SURFACES | FABRICS | DRESSING
SHARP_DEG = 35.0
NO_SHADOW = "~light"
"""What the name of a thing's shadowless half ends with."""
_WEAK = -16384  # how Blender marks the faces that a bevel cut
_SUN_DEG = 0.53


def empty_scene() -> Any:
    """Blender's scene in ACEScg and metres, rendered by Cycles."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.set_working_color_space(working_space="ACEScg", convert_colors=False)
    scene = bpy.context.scene
    scene.unit_settings.system, scene.unit_settings.scale_length = "METRIC", 1.0
    scene.render.engine = "CYCLES"
    scene.view_settings.view_transform = "Standard"
    return scene


def build_set(folder: Path, document: dict[str, Any]) -> dict[str, list[Any]]:
    """Build the scene of ``document`` and ``scene.npz`` into an empty Blender scene: its objects by wall (wild walls)."""
    arrays = load_arrays(folder / "scene.npz")
    images = {name[6:]: _image(name[6:], value) for name, value in arrays.items() if name.startswith("image_")}
    materials = []
    for number, row in enumerate(document["materials"]):
        kit = Kit(row | {"image": images.get(row["picture"])}, number)
        kit.material.cycles.emission_sampling = "NONE"
        RECIPES[row["kind"]](kit)
        materials.append(kit.material)
    meshes = _meshes(document, arrays, materials)
    walls: dict[str, list[Any]] = defaultdict(list)
    for item in document["placed"]:
        for half in document["things"][item["thing"]]:
            body = bpy.data.objects.new(item["name"] + ("" if half["shadow"] else NO_SHADOW), meshes[half["name"]])
            body.matrix_world = Matrix(item["matrix"])
            body.visible_shadow = half["shadow"]
            body.lightgroup = "practicals"
            body["layer"], body["category"] = item["layer"], item["category"]
            _collection(item["layer"]).objects.link(body)
            if item["wall"]:
                walls[item["wall"]].append(body)
        if item["category"] == "window" and not document["exterior"]:
            _portal(item)
    for number, lamp in enumerate(document["lamps"]):
        add_lamp(lamp, number)
    _sun_and_sky(document["sun"], images["sky"])
    return dict(walls)


def _collection(name: str) -> Any:
    found = bpy.data.collections.get(name)
    if found is None:
        found = bpy.data.collections.new(name)
        bpy.context.scene.collection.children.link(found)
    return found


def _image(name: str, pixels: np.ndarray) -> Any:
    """A picture held in memory and packed; numbers as they are."""
    height, width = pixels.shape[:2]
    image = bpy.data.images.new(name, width, height, alpha=False, float_buffer=True, is_data=True)
    full = np.ones((height, width, 4), np.float32)
    full[..., :3] = pixels[::-1]
    image.pixels.foreach_set(full.ravel())
    image.update()
    return image


def _meshes(document: dict[str, Any], arrays: dict[str, np.ndarray], materials: list[Any]) -> dict[str, Any]:
    """Every half of every thing as a mesh, bevels cut."""
    made, cut = {}, []
    for thing in document["things"]:
        for half in thing:
            name = half["name"]
            part = {key[len(name) + 1 :]: value for key, value in arrays.items() if key.startswith(name + "_")}
            mesh = _mesh(name, part, [materials[slot] for slot in half["slots"]])
            made[name] = mesh
            width = float(part["bevel"].max(initial=0.0))
            if width > 0:
                cut.append((name, _to_cut(mesh, part, width)))
    if not cut:
        return made
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    for name, body in cut:
        mesh = bpy.data.meshes.new_from_object(body.evaluated_get(graph), depsgraph=graph)
        weight = np.zeros(len(mesh.polygons), np.int32)
        mark = mesh.attributes.get("__mod_weightednormals_faceweight")
        if mark is not None:
            mark.data.foreach_get("value", weight)
        edge = mesh.attributes.new("edge", "FLOAT", "FACE")
        edge.data.foreach_set("value", (weight == _WEAK).astype(np.float32))
        old, made[name] = made[name], mesh
        bpy.data.objects.remove(body)
        bpy.data.meshes.remove(old)
        mesh.name = name
    return made


def _mesh(name: str, part: dict[str, np.ndarray], materials: list[Any]) -> Any:
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(part["vertices"]))
    mesh.vertices.foreach_set("co", np.ascontiguousarray(part["vertices"], np.float32).ravel())
    mesh.loops.add(len(part["corners"]))
    mesh.loops.foreach_set("vertex_index", part["corners"])
    start = np.concatenate([[0], np.cumsum(part["face_size"])[:-1]]).astype(np.int32)
    mesh.polygons.add(len(start))
    mesh.polygons.foreach_set("loop_start", start)
    mesh.polygons.foreach_set("material_index", part["slot"])
    mesh.update(calc_edges=True)
    mesh.polygons.foreach_set("use_smooth", (part["smooth"] > 0) | (part["bevel"] > 0))
    uv = mesh.uv_layers.new(name="UVMap")
    uv.data.foreach_set("uv", np.ascontiguousarray(part["uv"], np.float32).ravel())
    for own in ("piece", "seed"):
        mesh.attributes.new(own, "FLOAT", "FACE").data.foreach_set("value", part[own])
    mesh.attributes.new("tint", "FLOAT_VECTOR", "FACE").data.foreach_set("vector", part["tint"].ravel())
    for material in materials:
        mesh.materials.append(material)
    return mesh


def _to_cut(mesh: Any, part: dict[str, np.ndarray], width: float) -> Any:
    """An object of ``mesh`` that bevels its sharp edges, each as wide as its part asks."""
    count = len(mesh.edges)
    ends = np.empty(2 * count, np.int32)
    mesh.edges.foreach_get("vertices", ends)
    of_corner = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("edge_index", of_corner)
    normal = np.empty(3 * len(mesh.polygons), np.float32)
    mesh.polygons.foreach_get("normal", normal)
    face = np.repeat(np.arange(len(mesh.polygons)), part["face_size"])
    order = np.argsort(of_corner, kind="stable")
    edge, owner = of_corner[order], face[order]
    pair = np.flatnonzero(edge[1:] == edge[:-1])
    faces = np.bincount(of_corner, minlength=count)
    turned = np.einsum("ij,ij->i", normal.reshape(-1, 3)[owner[pair]], normal.reshape(-1, 3)[owner[pair + 1]])
    sharp = (turned < math.cos(math.radians(SHARP_DEG))) & (faces[edge[pair]] == 2)
    weight = np.zeros(count, np.float32)
    weight[edge[pair[sharp]]] = (part["bevel"][owner[pair]] / width)[sharp]
    attribute = mesh.attributes.new("bevel_weight_edge", "FLOAT", "EDGE")
    attribute.data.foreach_set("value", weight)
    body = bpy.data.objects.new("cut", mesh)
    bpy.context.scene.collection.objects.link(body)
    bevel = body.modifiers.new("bevel", "BEVEL")
    bevel.width, bevel.segments, bevel.limit_method = width, 2, "WEIGHT"
    bevel.use_clamp_overlap, bevel.harden_normals, bevel.face_strength_mode = True, True, "FSTR_ALL"
    return body


def add_lamp(lamp: dict[str, Any], number: int) -> Any:
    """A lamp of stated lumens. Blender's watts are spread over 4 pi steradians (point), a hemisphere by Lambert's law
    (area), or as a point's within a cone (spot, whose soft rim is taken into account)."""
    kind = {"point": "POINT", "spot": "SPOT", "area": "AREA"}[lamp["shape"]]
    data = bpy.data.lights.new(f"lamp_{number:03d}", kind)
    strength = max(*lamp["colour"], 1e-6)
    data.color = tuple(value / strength for value in lamp["colour"])
    watts = lamp["lumens"] / NITS
    if kind == "AREA":
        data.shape, data.size, data.size_y = "RECTANGLE", lamp["size"][0], lamp["size"][1]
    else:
        data.shadow_soft_size = max(lamp["size"][0], 0.005)
        data.use_soft_falloff = False
    if kind == "SPOT":
        data.spot_size, data.spot_blend = math.radians(lamp["angle_deg"]), 0.25
        watts *= 2.0 / max(_spot_share(data.spot_size, data.spot_blend), 1e-6)
    data.energy = watts * strength
    body = bpy.data.objects.new(f"{lamp['name']}.lamp_{number:03d}", data)
    body.location = lamp["position"]
    body.rotation_euler = Vector(lamp["direction"]).to_track_quat("-Z", "Y").to_euler()
    body.lightgroup = lamp["group"]
    body.visible_camera = body.visible_glossy = False
    _collection("light").objects.link(body)
    return body


def _spot_share(size: float, blend: float) -> float:
    """The integral of a spot's falloff over the cosine of the angle: 1 - cos(half) for a hard rim. Cycles' own falloff."""
    cosine = np.linspace(math.cos(size / 2), 1.0, 4001)
    low = math.cos(size / 2)
    smooth = max((1.0 - low) * blend, 1e-9)
    share = np.clip((cosine - low) / smooth, 0, 1)
    share = share * share * (3 - 2 * share)
    return float(np.trapezoid(share, cosine) if hasattr(np, "trapezoid") else np.trapz(share, cosine))


def _portal(item: dict[str, Any]) -> None:
    """An opening through which the sky is sampled: just outside the window, towards the room."""
    width, depth, height = item["size"]
    data = bpy.data.lights.new("portal", "AREA")
    data.shape, data.size, data.size_y, data.energy = "RECTANGLE", width, height, 1.0
    data.cycles.is_portal = True
    body = bpy.data.objects.new(f"{item['name']}.portal", data)
    place = Matrix(item["matrix"])
    body.matrix_world = (
        place @ Matrix.Translation((0.0, 0.5 * depth + 0.03, 0.5 * height)) @ Matrix.Rotation(-math.pi / 2, 4, "X")
    )
    _collection("light").objects.link(body)


def _sun_and_sky(sun: dict[str, Any], picture: Any) -> None:
    scene = bpy.context.scene
    if sun["lux"] > 0:
        data = bpy.data.lights.new("sun", "SUN")
        strength = max(sun["colour"])
        data.color = tuple(value / strength for value in sun["colour"])
        data.energy, data.angle = sun["lux"] / NITS * strength, math.radians(_SUN_DEG)
        body = bpy.data.objects.new("sun", data)
        body.rotation_euler = (-Vector(sun["toward"])).to_track_quat("-Z", "Y").to_euler()
        body.location = 40 * Vector(sun["toward"])
        body.lightgroup = "sun"
        _collection("light").objects.link(body)
    world = bpy.data.worlds.new("sky")
    scene.world = world
    world.use_nodes = True
    tree = world.node_tree
    shown = tree.nodes.new("ShaderNodeTexEnvironment")
    shown.image = picture
    background = tree.nodes["Background"]
    tree.links.new(shown.outputs[0], background.inputs["Color"])
    background.inputs["Strength"].default_value = 1.0
    world.lightgroup = "sky"
    world.cycles.sampling_method, world.cycles.sample_map_resolution = "MANUAL", 512


def hide_wild(walls: dict[str, list[Any]], room: list[float], camera: list[float]) -> None:
    """Walls behind which the camera stands are not seen; they go on casting shadows and light."""
    width, depth, height = room
    x, y, z = camera
    behind = {
        "north": y > depth / 2 - 0.02, "south": y < -depth / 2 + 0.02, "east": x > width / 2 - 0.02,
        "west": x < -width / 2 + 0.02, "ceiling": z > height - 0.02, "floor": z < 0.0,
    }  # fmt: skip
    for name, bodies in walls.items():
        for body in bodies:
            body.visible_camera = not behind.get(name, False)


def add_camera(view: dict[str, Any], width: int, height: int) -> Any:
    """The lens of a view on its sensor; the picture's shape crops the sensor's height."""
    data = bpy.data.cameras.new(view["name"])
    data.sensor_fit, data.sensor_width, data.lens = "HORIZONTAL", view["sensor_mm"][0], view["lens_mm"]
    data.clip_start, data.clip_end = 0.02, 5000.0
    at, target = Vector(view["position_m"]), Vector(view["target_m"])
    if view["fstop"]:
        data.dof.use_dof, data.dof.aperture_fstop = True, view["fstop"]
        data.dof.focus_distance = view["focus_m"] or (target - at).length
    body = bpy.data.objects.new(view["name"], data)
    body.location = at
    body.rotation_euler = (target - at).to_track_quat("-Z", "Y").to_euler()
    _collection("cameras").objects.link(body)
    scene = bpy.context.scene
    scene.camera = body
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = width, height, 100
    group = bpy.data.node_groups.get("footprint")
    if group is not None:
        group.nodes["width"].outputs[0].default_value = view["sensor_mm"][0] / view["lens_mm"] / width
    return body
