"""The views of a set through Cycles: built once, rendered as often as asked. Inside the worker.

Reads ``scene.json``, ``scene.npz`` and the views in ``job.json`` (:mod:`setpiece.stage.blender.set_job`,
:mod:`setpiece.stage.blender.set_view`), leaves ``<view>.layers.exr`` each: unexposed ACEScg in units of
:data:`setpiece.stage.blender.set_sky.NITS` and the passes. ``blend`` and ``gltf`` in the job leave ``set.blend``, ``set.glb``.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bpy

from setpiece.core.progress import Progress
from setpiece.media.files import read_json, sha256_file, write_json
from setpiece.stage.blender.set_build import add_camera, build_set, empty_scene, hide_wild


def run_set(folder: Path, progress: Progress) -> None:
    """The worker's job ``set``."""
    job, document = read_json(folder / "job.json"), read_json(folder / "scene.json")
    views = job["views"]
    clock = time.process_time()
    progress.report("set", 0, len(views) + 1, "building")
    walls = _built(folder, document)
    scene = bpy.context.scene
    spent: dict[str, float] = {"build": time.process_time() - clock}
    groups = sorted({lamp["group"] for lamp in document["lamps"]} | {"practicals", "sun", "sky"})
    for done, view in enumerate(views):
        progress.report("set", done + 1, len(views) + 1, view["name"])
        clock = time.process_time()
        add_camera(view, view["width"], view["height"])
        hide_wild(walls, document["room"], view["position_m"])
        _quality(scene, view, groups)
        half = folder / f"{view['file']}.part.exr"
        scene.render.filepath = str(half)
        bpy.ops.render.render(write_still=True)
        half.replace(folder / f"{view['file']}.layers.exr")
        spent[view["file"]] = time.process_time() - clock
    _stand_cameras(job.get("cameras", ()))
    if job.get("blend"):
        _save_blend(folder)
    if job.get("gltf"):
        _save_gltf(folder)
    write_json(folder / "spent.json", spent)
    progress.report("set", len(views) + 1, len(views) + 1)


_STANDING: dict[str, dict[str, list[Any]]] = {}
"""The set that stands in Blender, by its hash: its objects by wall."""


def _built(folder: Path, document: dict[str, Any]) -> dict[str, list[Any]]:
    """The set of ``folder`` standing in Blender, its objects by wall; not built again where it stands."""
    key = "".join(sha256_file(folder / name) for name in ("scene.json", "scene.npz"))
    if key not in _STANDING:
        _STANDING.clear()
        scene = empty_scene()
        walls = build_set(folder, document)
        _settings(scene, document)
        _STANDING[key] = walls
    return _STANDING[key]


def _stand_cameras(rows: Iterable[dict[str, Any]]) -> None:
    """Every camera of the set, each once, the first to be looked through."""
    rows = list(rows)
    if rows:
        for lens in list(bpy.data.cameras):
            bpy.data.cameras.remove(lens)
    for row in reversed(rows):
        add_camera(row, row["width"], row["height"])


def _save_blend(folder: Path) -> None:
    """The artist's file: pictures packed, nothing referred to."""
    for image in bpy.data.images:
        if image.name not in ("Render Result", "Viewer Node"):
            image.pack()
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "set.blend"), compress=True)


def _save_gltf(folder: Path) -> None:
    """For review on a phone: shapes and flat colours; procedural materials have no place in it."""
    bpy.ops.export_scene.gltf(
        filepath=str(folder / "set.glb"), export_format="GLB", export_apply=True, export_cameras=True, export_lights=False,
        export_yup=True, export_materials="EXPORT",
    )  # fmt: skip


def _level(document: dict[str, Any]) -> float:
    """A guess at what a lit surface shows, in the picture's units: bounds what one indirect ray may bring."""
    width, depth, height = document["room"]
    area = 2 * (width * depth + width * height + depth * height)
    sun = document["sun"]
    outside = 0.1 * (sun["lux"] + sun["sky_lux"]) / 100.0
    lamps = sum(lamp["lumens"] for lamp in document["lamps"]) / max(area, 1.0) * 0.3 / 100.0
    return float(max(lamps + outside * (1.0 if document["exterior"] else 0.05), 1e-4))


def _settings(scene: Any, document: dict[str, Any]) -> None:
    """What does not change from view to view."""
    render, cycles = scene.render, scene.cycles
    render.film_transparent = False
    render.use_persistent_data = True
    render.use_motion_blur = False
    cycles.device = "CPU"
    cycles.use_adaptive_sampling = False
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_prefilter, cycles.denoising_quality = "FAST", "FAST"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 6, 3, 3
    cycles.transmission_bounces, cycles.transparent_max_bounces = 3, 10
    cycles.caustics_reflective, cycles.caustics_refractive = False, False
    cycles.blur_glossy, cycles.sample_clamp_indirect = 0.6, 12.0 * _level(document)
    cycles.use_light_tree = len(document["lamps"]) > 24
    cycles.seed = int(document["seed"]) % 2**31
    fog = document["sun"]["fog_m"]
    if fog:
        _fog(scene, float(fog))
    image = render.image_settings
    image.media_type = "MULTI_LAYER_IMAGE"
    image.file_format = "OPEN_EXR_MULTILAYER"
    image.color_depth, image.exr_codec = "32", "ZIP"
    image.use_exr_interleave = True


def _fog(scene: Any, visible_m: float) -> None:
    """Air in which contrast falls to 2 % at ``visible_m`` (Koschmieder, 1924)."""
    tree = scene.world.node_tree
    volume = tree.nodes.new("ShaderNodeVolumeScatter")
    volume.inputs["Density"].default_value = 3.912 / visible_m
    volume.inputs["Anisotropy"].default_value = 0.4
    tree.links.new(volume.outputs[0], tree.nodes["World Output"].inputs["Volume"])
    scene.cycles.volume_bounces = 1


def _quality(scene: Any, view: dict[str, Any], groups: list[str]) -> None:
    """Samples and passes of one view."""
    scene.cycles.samples = view["samples"]
    scene.cycles.use_denoising = view["denoise"]
    layer = scene.view_layers[0]
    wanted = bool(view["passes"])
    for name in ("z", "normal", "position", "diffuse_color", "glossy_color", "cryptomatte_object"):
        setattr(layer, f"use_pass_{name}", wanted)
    layer.pass_cryptomatte_depth = 4
    for group in list(layer.lightgroups):
        layer.lightgroups.remove(group)
    if wanted:
        for name in groups:
            layer.lightgroups.add(name=name)
