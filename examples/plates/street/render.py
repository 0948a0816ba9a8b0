"""Build the street, photograph it: ``python -m street.render --out FOLDER`` from ``examples/plates``.

Writes plate.jpg (the photograph), truth.json (camera, sun, factory), matte.png (the factory's true matte) and, for
another finish of the same exposure, negative.npz (scene-linear layers). ``--size`` and ``--samples`` make quick looks;
``--develop FOLDER/negative.npz`` skips the rendering.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import time
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix
from PIL import Image

from street import building, dressing, finish, greens, ground, growth, lettering, materials, sky, weathering
from street.layout import Street
from street.meshes import mesh_of, place

SIGN = ("HOLLIN & PRAED", "ENGINEERS")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Make the demo plate.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=float, default=1.0, help="share of 1920 x 1080")
    parser.add_argument("--samples", type=int, default=160)
    parser.add_argument(
        "--crop", type=float, nargs=4, metavar=("X0", "Y0", "X1", "Y1"), help="render this part only, 0..1 from top left"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--develop", type=Path, help="a negative.npz to finish again")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    street = Street()
    if chosen.develop:
        negative = dict(np.load(chosen.develop))
    else:
        negative = photograph(street, chosen.out, chosen)
        np.savez(chosen.out / "negative.npz", **negative)
    develop(street, negative, chosen.out)


def photograph(street: Street, work: Path, chosen: argparse.Namespace) -> dict[str, np.ndarray]:
    """Scene-linear layers of the picture: radiance over alpha, distance, factory matte, sky."""
    start = time.monotonic()

    def told(done: str) -> None:
        print(f"{time.monotonic() - start:6.0f} s  {done}", flush=True)

    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    view = street.view
    width, height = round(view.width * chosen.size), round(view.height * chosen.size)
    camera = _camera(street)
    dome, backdrop, sun_rgb, sky_rgb = _sky(street, work, width, height)
    _light(street, dome, sun_rgb)
    told("sky")
    raise_factory(street)
    surfaces = greens.street_surfaces()
    ground.lay_ground(street)
    growth.plant(street, surfaces, np.random.default_rng(street.seed + 1))
    dressing.dress(street, surfaces, np.random.default_rng(street.seed + 2))
    scene.camera = camera
    _settings(scene, width, height, chosen.samples)
    scene.render.threads_mode, scene.render.threads = "FIXED", chosen.threads
    if chosen.crop:
        r, crop = scene.render, chosen.crop
        r.use_border, r.border_min_x, r.border_max_x = True, crop[0], crop[2]
        r.border_min_y, r.border_max_y = 1 - crop[3], 1 - crop[1]
    told("street built")
    layers = _render(scene, work / "exposure.exr")
    told("exposed")
    return {**layers, "sky": backdrop.astype(np.float32), "sun_rgb": sun_rgb, "sky_rgb": sky_rgb}


def raise_factory(street: Street) -> None:
    """The factory with its weather, marked for the matte."""
    f = street.factory
    front, side = building.front_wall(f), building.side_wall(f)
    letters = lettering.facade_letters(f, SIGN)
    maps = [
        materials.picture_of(f"weather {i}", weathering.weathered(w, l))
        for i, (w, l) in enumerate(((front, letters), (side, [])))
    ]
    sizes = {"front": (front.width_m, front.height_m), "side": (side.width_m, side.height_m)}
    surfaces = materials.factory_surfaces(maps[0], maps[1], sizes)
    for surface in surfaces.values():
        mark = surface.node_tree.nodes.new("ShaderNodeOutputAOV")
        mark.aov_name = "factory"
        mark.inputs["Value"].default_value = 1.0
    rng = np.random.default_rng(street.seed)
    for name, parts in zip(("masonry", "fittings", "rooms"), building.body(f, rng), strict=True):
        mesh = mesh_of(name, parts, surfaces)
        if name == "fittings":
            _number_panes(mesh, rng)
        thing = place(name, mesh)
        turn = Matrix.Rotation(math.radians(f.yaw_deg), 4, "Z")
        thing.matrix_world = Matrix.Translation((*f.corner_left, 0.0)) @ turn
        if name == "masonry":
            bevel = thing.modifiers.new("worn edges", "BEVEL")
            bevel.width, bevel.segments, bevel.limit_method, bevel.angle_limit = 0.012, 2, "ANGLE", math.radians(60)


def _number_panes(mesh: bpy.types.Mesh, rng: np.random.Generator) -> None:
    values = rng.random(len(mesh.polygons)).astype(np.float32)
    mesh.attributes.new("pane", "FLOAT", "FACE").data.foreach_set("value", values)


def _camera(street: Street) -> bpy.types.Object:
    view = street.view
    data = bpy.data.cameras.new("camera")
    data.sensor_width, data.lens, data.clip_end = 36.0, view.focal_35mm, 6000.0
    camera = bpy.data.objects.new("camera", data)
    camera.location = (0, 0, view.eye_m)
    camera.rotation_euler = (math.radians(90 + view.pitch_deg), 0, 0)
    bpy.context.scene.collection.objects.link(camera)
    return camera


def _sky(street: Street, work: Path, width: int, height: int) -> tuple[bpy.types.Image, np.ndarray, np.ndarray, np.ndarray]:
    """(dome for lighting and reflections, the sky behind the picture, sun irradiance, sky irradiance)."""
    wide, tall = 2048, 1024
    clear = _clear_sky(street, work, wide, tall)
    polar = (np.arange(tall) + 0.5) / tall * np.pi
    azimuth = ((np.arange(wide) + 0.5) / wide - 0.5) * 2 * np.pi
    e, a = np.meshgrid(np.pi / 2 - polar, azimuth, indexing="ij")
    rays = np.stack([np.sin(a) * np.cos(e), np.cos(a) * np.cos(e), np.sin(e)], -1)
    weight = np.maximum(rays[..., 2], 0) * np.cos(e) * (np.pi / tall) * (2 * np.pi / wide)
    sky_rgb = (clear * weight[..., None]).sum((0, 1))
    sun_rgb = np.array(street.sun.rgb) / np.mean(street.sun.rgb) * sky_rgb.mean() * street.sun.to_sky
    above = rays[..., 2].ravel() > -0.01
    light = (street.sun.direction, sun_rgb, sky_rgb, street.seed)
    full = clear.reshape(-1, 3).copy()
    full[above] = _kept(work, rays.reshape(-1, 3)[above], full[above], *light)
    full = full.reshape(tall, wide, 3)
    image = materials.picture_of("dome", np.concatenate([full, np.ones((tall, wide, 1))], -1)[::-1])
    scale = street.view.width / width
    c, r = np.meshgrid((np.arange(width) + 0.5) * scale, (np.arange(height) + 0.5) * scale)
    rays = street.view.rays(c, r).reshape(-1, 3)
    elevation = np.arcsin(np.clip(rays[:, 2], -1, 1))
    row = np.clip((np.pi / 2 - elevation) / np.pi * tall - 0.5, 0, tall - 1.001)
    column = ((np.arctan2(rays[:, 0], rays[:, 1]) / (2 * np.pi) + 0.5) * wide - 0.5) % wide
    i, k = row.astype(int), column.astype(int)
    fi, fk = (row - i)[:, None], (column - k)[:, None]
    behind = (clear[i, k] * (1 - fk) + clear[i, (k + 1) % wide] * fk) * (1 - fi) + (
        clear[i + 1, k] * (1 - fk) + clear[i + 1, (k + 1) % wide] * fk
    ) * fi
    above = rays[:, 2] > -0.01
    behind[above] = _kept(work, rays[above], behind[above], *light)
    return image, behind.reshape(height, width, 3), sun_rgb, sky_rgb


def _kept(work: Path, *parts: object) -> np.ndarray:
    """The clouded sky, marched once per folder and input."""
    text = hashlib.sha256(Path(sky.__file__).read_bytes())
    for part in parts:
        text.update(np.asarray(part).tobytes())
    path = work / f"sky-{text.hexdigest()[:16]}.npy"
    if not path.exists():
        np.save(path, sky.clouded(*parts))
    return np.load(path)


def _clear_sky(street: Street, work: Path, wide: int, tall: int) -> np.ndarray:
    """Blender's own sky without its sun disc, as a panorama (rows from the zenith down; middle column: +y)."""
    scene = bpy.data.scenes.new("panorama")
    world = bpy.data.worlds.new("clear")
    world.use_nodes = True
    node = world.node_tree.nodes.new("ShaderNodeTexSky")
    node.sky_type, node.sun_disc = "MULTIPLE_SCATTERING", False
    node.sun_elevation = math.radians(street.sun.elevation_deg)
    node.sun_rotation = math.radians(street.sun.azimuth_deg)
    node.altitude, node.air_density, node.aerosol_density, node.ozone_density = 60.0, 1.0, 1.1, 2.6
    world.node_tree.links.new(node.outputs[0], world.node_tree.nodes["Background"].inputs[0])
    scene.world = world
    data = bpy.data.cameras.new("panorama")
    data.type, data.panorama_type = "PANO", "EQUIRECTANGULAR"
    eye = bpy.data.objects.new("panorama", data)
    eye.rotation_euler = (math.pi / 2, 0, 0)
    scene.collection.objects.link(eye)
    scene.camera = eye
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising, scene.cycles.device = 1, False, "CPU"
    _file(scene, work / "clear.exr", wide, tall)
    bpy.ops.render.render(write_still=True, scene=scene.name)
    pixels = _read(work / "clear.exr")["Combined"][..., :3]
    bpy.data.scenes.remove(scene)
    return pixels


def _light(street: Street, dome: bpy.types.Image, sun_rgb: np.ndarray) -> None:
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    node = world.node_tree.nodes.new("ShaderNodeTexEnvironment")
    node.image = dome
    turn = world.node_tree.nodes.new("ShaderNodeMapping")
    turn.inputs["Rotation"].default_value[2] = -math.pi / 2
    where = world.node_tree.nodes.new("ShaderNodeTexCoord")
    world.node_tree.links.new(where.outputs["Generated"], turn.inputs["Vector"])
    world.node_tree.links.new(turn.outputs[0], node.inputs[0])
    world.node_tree.links.new(node.outputs[0], world.node_tree.nodes["Background"].inputs[0])
    bpy.context.scene.world = world
    lamp = bpy.data.lights.new("sun", "SUN")
    lamp.angle = math.radians(0.6)
    lamp.color, lamp.energy = tuple(sun_rgb / sun_rgb.max()), float(sun_rgb.max())
    thing = bpy.data.objects.new("sun", lamp)
    a, e = math.radians(street.sun.azimuth_deg), math.radians(street.sun.elevation_deg)
    thing.rotation_euler = (math.pi / 2 - e, 0, math.pi - a)
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.view_layer.update()
    toward = np.array(thing.matrix_world.col[2][:3])
    if not np.allclose(toward, street.sun.direction, atol=1e-3):
        raise ValueError(f"the sun lamp points to {toward}, the layout says {street.sun.direction}")


def _settings(scene: bpy.types.Scene, width: int, height: int, samples: int) -> None:
    scene.render.engine = "CYCLES"
    c = scene.cycles
    c.device, c.samples, c.seed = "CPU", samples, 1
    c.use_adaptive_sampling, c.adaptive_threshold, c.adaptive_min_samples = True, 0.008, min(48, samples)
    c.max_bounces, c.diffuse_bounces, c.glossy_bounces, c.transmission_bounces, c.transparent_max_bounces = 5, 3, 3, 3, 24
    c.sample_clamp_indirect, c.caustics_reflective, c.caustics_refractive = 6.0, False, False
    c.use_denoising, c.denoiser = True, "OPENIMAGEDENOISE"
    c.denoising_prefilter, c.denoising_quality = ("ACCURATE", "HIGH") if samples >= 96 else ("FAST", "FAST")
    c.use_light_tree = False
    scene.render.film_transparent = True
    scene.view_layers[0].use_pass_mist = True
    scene.world.mist_settings.start, scene.world.mist_settings.depth, scene.world.mist_settings.falloff = 0.0, 3000.0, "LINEAR"
    aov = scene.view_layers[0].aovs.add()
    aov.name, aov.type = "factory", "VALUE"
    _file(scene, Path("unset.exr"), width, height)


def _file(scene: bpy.types.Scene, path: Path, width: int, height: int) -> None:
    r = scene.render
    r.resolution_x, r.resolution_y, r.resolution_percentage = width, height, 100
    r.image_settings.media_type = "MULTI_LAYER_IMAGE"
    r.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    r.image_settings.color_depth = "32"
    r.filepath = str(path.resolve())


def _render(scene: bpy.types.Scene, path: Path) -> dict[str, np.ndarray]:
    scene.render.filepath = str(path.resolve())
    bpy.ops.render.render(write_still=True, scene=scene.name)
    found = _read(path)
    return {"radiance": found["Combined"], "distance": found["Mist"][..., 0] * 3000.0, "factory": found["factory"][..., 0]}


def _read(path: Path) -> dict[str, np.ndarray]:
    """The passes of a multilayer EXR by name, channels in RGBA order."""
    import OpenImageIO

    image = OpenImageIO.ImageInput.open(str(path))
    passes: dict[str, dict[str, np.ndarray]] = {}
    part = 0
    while image.seek_subimage(part, 0):
        spec = image.spec()
        pixels = image.read_image(part, 0, 0, spec.nchannels, "float").reshape(spec.height, spec.width, -1)
        for i, name in enumerate(spec.channelnames):
            layers = name.split(".")
            passes.setdefault(layers[-2] if len(layers) > 1 else "Combined", {})[layers[-1]] = pixels[..., i]
        part += 1
    image.close()
    order = "RGBAVXYZ"
    return {k: np.stack([v[c] for c in sorted(v, key=order.find)], -1) for k, v in passes.items()}


def develop(street: Street, negative: dict[str, np.ndarray], out: Path) -> None:
    """Air, lens, sensor, JPEG; the truth beside it."""
    radiance, backdrop = negative["radiance"], negative["sky"].astype(np.float64)
    height = radiance.shape[0]
    alpha = np.clip(radiance[..., 3:4], 0, 1)
    horizon = min(height - 1, round(street.view.horizon_y * height / street.view.height) - 3)
    glow = backdrop[horizon - 6 : horizon].mean(axis=(0, 1))
    colour = radiance[..., :3] / np.maximum(alpha, 1e-3)
    aired = finish.through_air(colour, negative["distance"], glow)
    picture = (aired * alpha + backdrop * (1 - alpha)).astype(np.float32)
    balance = np.array([1.01, 1.0, 0.98])  # a photographer's daylight setting keeps some of the evening
    picture = finish.through_lens(np.maximum(picture * balance, 0))
    exposure = 0.165 * np.pi / float(np.mean(negative["sun_rgb"]) * 0.5 + np.mean(negative["sky_rgb"])) / 0.165
    seen = finish.on_sensor(picture * exposure, np.random.default_rng(street.seed + 3))
    display = finish.developed(seen, exposure=1.3)
    finish.write_jpeg(
        display, out / "plate.jpg", focal_35mm=street.view.focal_exif_mm, rng=np.random.default_rng(street.seed + 4)
    )
    Image.fromarray(np.round(np.clip(negative["factory"], 0, 1) * 255).astype(np.uint8)).save(out / "matte.png", optimize=True)
    (out / "truth.json").write_text(json.dumps(truth(street, negative), indent=2) + "\n")


def truth(street: Street, negative: dict[str, np.ndarray]) -> dict[str, object]:
    """What a solve of the plate should find: camera, sun, factory. World: metres, z up, camera looks along +y."""
    v, s, f = street.view, street.sun, street.factory
    w, d = f.width_m, f.depth_m
    foot = f.to_world(np.array([[0, 0, 0], [w, 0, 0], [w, d, 0], [0, d, 0]], float))
    return {
        "schema": "setpiece.plate-truth/1",
        "camera": {
            "width": v.width, "height": v.height, "focal_px": round(v.focal_px, 3), "focal_35mm": v.focal_35mm,
            "centre_px": [v.width / 2, v.height / 2], "height_m": v.eye_m, "pitch_deg": v.pitch_deg, "roll_deg": 0.0,
            "horizon_y": round(v.horizon_y, 2),
        },
        "sun": {
            "azimuth_deg": s.azimuth_deg, "elevation_deg": s.elevation_deg,
            "direction": [round(float(c), 5) for c in s.direction],
            "sun_rgb_over_sky": [round(float(c), 4) for c in negative["sun_rgb"] / np.mean(negative["sky_rgb"])],
            "sky_rgb_over_sky": [round(float(c), 4) for c in negative["sky_rgb"] / np.mean(negative["sky_rgb"])],
        },
        "building": {
            "height_m": f.parapet_m + 0.13, "tower_height_m": f.tower_top_m + 0.14, "storeys": len(f.floors_m),
            "footprint_m": [[round(float(c), 3) for c in p[:2]] for p in foot], "facade_yaw_deg": f.yaw_deg,
            "width_m": round(w, 3), "depth_m": d,
        },
    }  # fmt: skip


if __name__ == "__main__":
    main()
