"""Single frames through Cycles, inside the worker: debris, shadow on the ground, dust.

Reads ``job.json`` and ``cycles.npz`` as :mod:`setpiece.generate.engines.cycles` writes them: posed triangle meshes with rest
positions and velocities, one optional grid of dust. Renders what ``renders`` names and leaves each as a multilayer EXR:

``debris``: pieces alone on transparent film, shadowed by the dust, and the ground's shadow catcher as a multiplier.
``shadow``: the shadow catcher alone, the pieces unseen.
``dust``: the dust alone, everything solid held out.
``whole``: debris and dust in one picture, for comparisons.

Refuses nothing that the engine let through; colours are ACEScg by value.
"""

from __future__ import annotations

import importlib.util
from fractions import Fraction
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from setpiece.core.camera import Camera
from setpiece.core.errors import DependencyMissing
from setpiece.core.progress import Progress
from setpiece.core.stage import Material
from setpiece.core.timing import FrameRange
from setpiece.media.files import load_arrays, read_json
from setpiece.stage.archive import load_camera, load_light
from setpiece.stage.blender.looks import (
    SLOTS,
    Nodes,
    broken_colour,
    data_image,
    diffuse,
    film,
    new_material,
    picture,
)
from setpiece.stage.blender.scene import add_camera, add_ground, add_lights, fresh_scene, triangle_mesh, write_attribute

VARIANTS = 2  # whole, and trimmed by the matte


def run_cycles(folder: Path, progress: Progress) -> None:
    """The worker's job ``cycles``: ``<render>.exr`` in ``folder`` for every name in the job's ``renders``."""
    job = read_json(folder / "job.json")
    arrays = load_arrays(folder / "cycles.npz")
    camera, light = load_camera(folder / "camera.json"), load_light(folder / "light.json")
    scene = fresh_scene(FrameRange(first=1, last=2, rate=Fraction(job["rate"])))
    add_camera(camera)
    add_lights(light)
    ground = add_ground(camera, albedo=tuple(job["ground_albedo"]), z_m=job["ground_z_m"])
    pictures = {name: data_image(str(folder / f"{name}.exr")) for name in ("albedo", "palette", "matte", "stands")}
    solid = []
    for name in ("debris", "standing"):
        if len(arrays[f"{name}_triangles"]):
            materials = _materials(camera, pictures, standing=name == "standing")
            solid.append(_solid(name, arrays, materials))
    dust = None
    if "density" in arrays:
        dust = _dust(folder, arrays["density"], job["dust"])
    _settings(scene, job)
    for done, name in enumerate(job["renders"]):
        progress.report(f"cycles {name}", done, len(job["renders"]))
        _stage_for(name, solid, dust, ground, scene)
        for index, border in enumerate(job.get("borders") or (None,)):
            _border(scene, camera, border)
            scene.render.filepath = str(folder / (f"{name}.exr" if border is None else f"{name}.{index}.exr"))
            bpy.ops.render.render(write_still=True)
    progress.report("cycles", len(job["renders"]), len(job["renders"]))


def _solid(name: str, arrays: dict[str, np.ndarray], materials: list[Any]) -> Any:
    """All pieces of one kind as a mesh; Cycles blurs it by its velocity."""
    mesh = triangle_mesh(name, arrays[f"{name}_vertices"], arrays[f"{name}_triangles"])
    write_attribute(mesh, "Pref", "FLOAT_VECTOR", "POINT", arrays[f"{name}_pref"])
    if name == "debris":
        write_attribute(mesh, "velocity", "FLOAT_VECTOR", "POINT", arrays["debris_velocity"])
    slots = arrays[f"{name}_slot"]
    used, index = np.unique(slots, return_inverse=True)
    for slot in used.tolist():
        mesh.materials.append(materials[slot])
    mesh.polygons.foreach_set("material_index", index.astype(np.int32))
    body = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(body)
    return body


def _materials(camera: Camera, pictures: dict[str, Any], *, standing: bool) -> list[Any]:
    """``VARIANTS`` x ``SLOTS`` materials: whole ones first, then those that the matte trims at the silhouette."""
    materials = []
    for trimmed in (False, True):
        for slot in range(SLOTS):
            material, nodes, surface = new_material(f"{'standing' if standing else 'debris'} {slot}{' trimmed' * trimmed}")
            at = film(nodes, nodes.rest(), camera)
            shader = _shader(nodes, slot, at, pictures)
            if trimmed:
                cover = nodes.math("GREATER_THAN", picture(nodes, pictures["matte"], at), 0.5)
                shader = nodes.add("ShaderNodeMixShader", cover, nodes.add("ShaderNodeBsdfTransparent"), shader)
            if standing:
                seen = nodes.add("ShaderNodeTexCoord", out="Window")
                stands = picture(nodes, pictures["stands"], seen, interpolation="Closest")
                primary = nodes.add("ShaderNodeLightPath", out="Is Camera Ray")
                held = nodes.math("MULTIPLY", stands, primary)
                shader = nodes.add("ShaderNodeMixShader", held, shader, nodes.add("ShaderNodeHoldout"))
            nodes.tree.links.new(shader, surface)
            materials.append(material)
    return materials


def _shader(nodes: Nodes, slot: int, at: Any, pictures: dict[str, Any]) -> Any:
    """What a slot shows: the plate's albedo, the local colour of the house, or bare matter tinted by it."""
    if slot == 0:
        return diffuse(nodes, picture(nodes, pictures["albedo"], at, interpolation="Cubic"))
    local = picture(nodes, pictures["palette"], at)
    noise = nodes.add("ShaderNodeTexNoise", nodes.rest(), None, 5.0, 4.0, 0.6)
    if slot in (1, 2):
        level = nodes.math("MULTIPLY_ADD", noise, 0.5, 0.75)
        grey = nodes.add("ShaderNodeCombineXYZ", level, level, level)
        base = local if slot == 1 else nodes.mix(0.15, (0.45, 0.42, 0.37, 1.0), local)
        return diffuse(nodes, nodes.vector("MULTIPLY", grey, base))
    colour, height = broken_colour(nodes, Material(slot - 3))
    luminance = nodes.vector("DOT_PRODUCT", local, (0.2722287, 0.6740818, 0.0536895))
    inverse = nodes.math("DIVIDE", 0.5, nodes.math("MAXIMUM", luminance, 1e-3))
    spread = nodes.add("ShaderNodeCombineXYZ", inverse, inverse, inverse)
    tint = nodes.vector("MINIMUM", nodes.vector("MULTIPLY_ADD", local, spread, (0.5, 0.5, 0.5)), (1.5, 1.5, 1.5))
    value = nodes.math("MINIMUM", nodes.math("MAXIMUM", nodes.math("MULTIPLY_ADD", luminance, 1.6, 0.55), 0.6), 1.35)
    scale = nodes.add("ShaderNodeCombineXYZ", value, value, value)
    return diffuse(nodes, nodes.vector("MULTIPLY", nodes.vector("MULTIPLY", colour, tint), scale), height=height)


def _openvdb() -> Any:
    """The openvdb module that Blender brings along, without putting Blender's other modules before ours."""
    folder = Path(bpy.utils.resource_path("LOCAL")) / "python" / "lib"
    found = sorted(folder.glob("python3*/site-packages/openvdb*.so"))
    spec = importlib.util.spec_from_file_location("openvdb", found[0]) if found else None
    if spec is None or spec.loader is None:
        raise DependencyMissing("this Blender has no openvdb", remedy="run `make setup`: it installs bpy 5.0.1")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _dust(folder: Path, density: np.ndarray, look: dict[str, Any]) -> Any:
    """The gas as a volume: extinction per kilogram, albedo, forward scattering."""
    vdb = _openvdb()
    grid = vdb.FloatGrid(0.0)
    grid.copyFromArray(np.ascontiguousarray(density, np.float32), tolerance=0.0)
    grid.name = "density"
    cell, origin = float(look["cell_m"]), look["origin_m"]
    grid.transform = vdb.createLinearTransform([[cell, 0, 0, 0], [0, cell, 0, 0], [0, 0, cell, 0], [*origin, 1]])
    path = str(folder / "dust.vdb")
    vdb.write(path, grids=[grid])
    volume = bpy.data.volumes.new("dust")
    volume.filepath = path
    body = bpy.data.objects.new("dust", volume)
    material = bpy.data.materials.new("dust")
    material.use_nodes = True
    nodes = Nodes(material.node_tree)
    material.node_tree.nodes.clear()
    output = material.node_tree.nodes.new("ShaderNodeOutputMaterial")
    kilograms = nodes.add("ShaderNodeAttribute", attribute_name="density", out="Factor")
    extinction = nodes.math("MULTIPLY", kilograms, float(look["extinction_m2_per_kg"]))
    per_m = nodes.add("ShaderNodeCombineXYZ", extinction, extinction, extinction)
    albedo = tuple(float(value) for value in look["albedo_rgb"])
    scatter = nodes.vector("MULTIPLY", per_m, albedo)
    absorb = nodes.vector("MULTIPLY", per_m, tuple(1.0 - value for value in albedo))
    medium = material.node_tree.nodes.new("ShaderNodeVolumeCoefficients")
    material.node_tree.links.new(absorb, medium.inputs["Absorption Coefficients"])
    material.node_tree.links.new(scatter, medium.inputs["Scatter Coefficients"])
    medium.inputs["Anisotropy"].default_value = float(look["anisotropy"])
    material.node_tree.links.new(medium.outputs[0], output.inputs["Volume"])
    volume.materials.append(material)
    bpy.context.scene.collection.objects.link(body)
    return body


def _border(scene: Any, camera: Camera, border: list[int] | None) -> None:
    """Render only [left, top, right, bottom], px; None renders the whole picture. The file keeps the picture's size."""
    scene.render.use_border = border is not None
    scene.render.use_crop_to_border = False
    if border is not None:
        left, top, right, bottom = border
        scene.render.border_min_x, scene.render.border_max_x = left / camera.width, right / camera.width
        scene.render.border_min_y, scene.render.border_max_y = 1 - bottom / camera.height, 1 - top / camera.height


def _stage_for(name: str, solid: list[Any], dust: Any, ground: Any, scene: Any) -> None:
    """Who is seen, who is held out and who only casts shadows in a render."""
    for body in solid:
        body.is_holdout = name == "dust"
        body.visible_camera = name != "shadow"
    ground.is_shadow_catcher = name != "dust"
    ground.is_holdout = name == "dust"
    if dust is not None:
        dust.visible_camera = name in ("dust", "whole")
        dust.hide_render = False
    scene.view_layers[0].cycles.use_pass_shadow_catcher = name != "dust"


def _settings(scene: Any, job: dict[str, Any]) -> None:
    """Quality and output: what matters to time is OIDN's FAST prefilter and quality, and few bounces."""
    render, cycles = scene.render, scene.cycles
    render.film_transparent = True
    render.use_persistent_data = True
    render.use_motion_blur = job["shutter_deg"] > 0
    render.motion_blur_position = "CENTER"
    render.motion_blur_shutter = max(job["shutter_deg"], 1e-3) / 360.0
    cycles.device = "CPU"
    cycles.samples, cycles.seed = job["samples"], job["seed"]
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = bool(job["denoise"])
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_prefilter, cycles.denoising_quality = "FAST", "FAST"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.max_bounces = max(3, job["dust_bounces"])
    cycles.diffuse_bounces, cycles.volume_bounces = 2, job["dust_bounces"]
    cycles.glossy_bounces, cycles.transmission_bounces, cycles.transparent_max_bounces = 0, 0, 12
    cycles.caustics_reflective, cycles.caustics_refractive = False, False
    cycles.use_light_tree = False
    cycles.volume_biased = bool(job["dust_steps"])
    cycles.volume_step_rate = 1.0
    scene.view_layers[0].use_pass_z = True
    image = render.image_settings
    image.media_type = "MULTI_LAYER_IMAGE"
    image.file_format = "OPEN_EXR_MULTILAYER"
    image.color_depth, image.exr_codec = "32", "ZIP"
    image.use_exr_interleave = True  # one part: what reads it does not know of others
