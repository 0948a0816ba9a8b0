"""A built set as USD in composition layers: set, furniture, dressing, wardrobe, cameras and light, each a file of its own.

Written by usd-core, not by an exporter: metres, z up, focal lengths in tenths of a scene unit as UsdGeomCamera demands
(36 mm are 0.36), lamps as UsdLux in nits. Things are stood once in the layer that uses them and referenced, instanceable,
wherever they are placed. Materials are UsdPreviewSurface: colour, roughness, metal, glow. The procedural ones live in the
.blend; this module refuses to bake them silently and says so in each layer's documentation.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pxr import Gf, Kind, Sdf, Usd, UsdGeom, UsdLux, UsdShade, UsdValidation, Vt

from setpiece.core.errors import OutputFailed
from setpiece.core.scene import Lamp, LampShape, MaterialKind, Part, Placed, Scene, SceneCamera, SceneMaterial, Thing
from setpiece.media.files import atomic_path

LAYERS = ("architecture", "furniture", "dressing", "wardrobe", "outside", "cameras", "light")
_TENTH = 100.0  # millimetres to tenths of a metre
_METALS = frozenset({MaterialKind.METAL, MaterialKind.CHROME, MaterialKind.MIRROR})
_ROUGH = {
    MaterialKind.METAL: 0.3, MaterialKind.CHROME: 0.06, MaterialKind.MIRROR: 0.02, MaterialKind.GLASS: 0.03,
    MaterialKind.CERAMIC: 0.12, MaterialKind.TILES: 0.15, MaterialKind.MARBLE: 0.13, MaterialKind.ENAMEL: 0.22,
    MaterialKind.PLASTIC: 0.35, MaterialKind.WOOD: 0.4, MaterialKind.PLANKS: 0.35, MaterialKind.PARQUET: 0.35,
    MaterialKind.LEATHER: 0.42, MaterialKind.PAINT: 0.36, MaterialKind.WATER: 0.03, MaterialKind.SILK: 0.35,
}  # fmt: skip


def write_set_usd(path: Path, scene: Scene) -> tuple[Path, ...]:
    """Write ``path`` (``.usda`` or ``.usdc``) and its layers ``<stem>.<layer><suffix>`` beside it; returns all of them.

    Layers without content are not written. Raises :class:`OutputFailed` where a file cannot be written.
    """
    used: list[Path] = []
    for name in LAYERS:
        placed = [item for item in scene.placed if item.layer == name]
        if not placed and name not in ("cameras", "light"):
            continue
        stage = _stage(f"{scene.title}: {name}. UsdPreviewSurface stands in for procedural materials.")
        if name == "cameras":
            _cameras(stage, scene.cameras)
        elif name == "light":
            _lights(stage, scene)
        else:
            _things(stage, name, placed)
        used.append(_saved(stage.GetRootLayer(), path.with_name(f"{path.stem}.{name}{path.suffix}")))
    root = _stage(scene.title)
    layer = Sdf.Layer.CreateAnonymous(path.suffix)
    layer.TransferContent(root.GetRootLayer())
    layer.subLayerPaths = [f"./{file.name}" for file in reversed(used)]
    return (_saved(layer, path), *used)


def complaints(path: Path) -> tuple[str, ...]:
    """What usd-core's validators (all of them) have to say of ``path``: nothing, for a sound stage."""
    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    found = UsdValidation.ValidationContext(validators).Validate(Usd.Stage.Open(str(path)))
    return tuple(f"{error.GetName()}: {error.GetMessage()}" for error in found)


def _stage(title: str) -> Usd.Stage:
    stage = Usd.Stage.CreateInMemory()
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    world = UsdGeom.Xform.Define(stage, "/World")
    Usd.ModelAPI(world.GetPrim()).SetKind(Kind.Tokens.assembly)
    stage.SetDefaultPrim(world.GetPrim())
    stage.GetRootLayer().documentation = title
    return stage


def _saved(layer: Sdf.Layer, path: Path) -> Path:
    with atomic_path(path) as temporary:
        if not layer.Export(str(temporary)):
            raise OutputFailed(
                "usd could not write it", file=path, remedy="choose .usda or .usdc in a folder that can be written"
            )
    return path


def identifier(name: str) -> str:
    """A name that USD takes for a prim.

    >>> identifier("2 chairs: left")
    '_2_chairs__left'
    """
    cleaned = re.sub(r"\W", "_", name, flags=re.ASCII) or "_"
    return f"_{cleaned}" if cleaned[0].isdigit() else cleaned


def _things(stage: Usd.Stage, layer: str, placed: Sequence[Placed]) -> None:
    """Prototypes under an abstract class prim, instances under their layer's scope."""
    scope = f"/World/{layer}"
    Usd.ModelAPI(UsdGeom.Xform.Define(stage, scope).GetPrim()).SetKind(Kind.Tokens.group)
    stage.CreateClassPrim(f"/_{layer}")
    looks: dict[SceneMaterial, UsdShade.Material] = {}
    known: dict[str, str] = {}
    taken: set[str] = set()
    for item in placed:
        key = _key(item.thing)
        if key not in known:
            known[key] = f"/_{layer}/thing_{len(known):03d}"
            _prototype(stage, known[key], item.thing, looks)
        name = identifier(item.name)
        while name in taken:
            name += "_"
        taken.add(name)
        body = UsdGeom.Xform.Define(stage, f"{scope}/{name}")
        prim = body.GetPrim()
        prim.GetReferences().AddInternalReference(known[key])
        prim.SetInstanceable(True)
        body.AddTranslateOp().Set(Gf.Vec3d(*(float(value) for value in item.position_m)))
        body.AddRotateZOp().Set(float(item.turn_deg))
        Usd.ModelAPI(prim).SetKind(Kind.Tokens.component)
        prim.CreateAttribute("setpiece:category", Sdf.ValueTypeNames.String, custom=True).Set(item.category)


def _key(thing: Thing) -> str:
    digest = hashlib.sha256()
    for part in thing.parts:
        for array in (part.mesh.vertices, part.mesh.corners, part.mesh.face_start):
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(repr(part.material).encode())
    return digest.hexdigest()


def _prototype(stage: Usd.Stage, path: str, thing: Thing, looks: dict[SceneMaterial, UsdShade.Material]) -> None:
    """A thing's meshes and its own materials: an instance may refer to nothing outside itself."""
    UsdGeom.Xform.Define(stage, path)
    looks.clear()
    UsdGeom.Scope.Define(stage, f"{path}/looks")
    for index, part in enumerate(part for part in thing.parts if len(part.mesh.corners)):
        mesh = _mesh(stage, f"{path}/part_{index:03d}", part)
        if part.material not in looks:
            looks[part.material] = _look(stage, f"{path}/looks/{part.material.kind.value}_{len(looks):02d}", part.material)
        UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(looks[part.material])


def _mesh(stage: Usd.Stage, path: str, part: Part) -> UsdGeom.Mesh:
    mesh = UsdGeom.Mesh.Define(stage, path)
    vertices = np.asarray(part.mesh.vertices, np.float32)
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(vertices)))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.diff(part.mesh.face_start).astype(np.int32)))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(part.mesh.corners, np.int32)))
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    low, high = vertices.min(axis=0).tolist(), vertices.max(axis=0).tolist()
    mesh.CreateExtentAttr([Gf.Vec3f(*low), Gf.Vec3f(*high)])
    mesh.CreateDoubleSidedAttr(True)
    if len(part.mesh.uv):
        held = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.faceVarying)
        held.Set(Vt.Vec2fArray.FromNumpy(np.ascontiguousarray(part.mesh.uv, np.float32)))
    colour = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar("displayColor", Sdf.ValueTypeNames.Color3fArray, UsdGeom.Tokens.constant)
    colour.Set([Gf.Vec3f(*part.material.colour)])
    return mesh


def _look(stage: Usd.Stage, path: str, material: SceneMaterial) -> UsdShade.Material:
    made = UsdShade.Material.Define(stage, path)
    shader = UsdShade.Shader.Define(stage, f"{path}/surface")
    shader.CreateIdAttr("UsdPreviewSurface")
    rough = _ROUGH.get(material.kind, 0.85) if material.roughness is None else material.roughness
    colour = Gf.Vec3f(*material.colour)
    shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(colour)
    shader.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(float(rough))
    shader.CreateInput("metallic", Sdf.ValueTypeNames.Float).Set(1.0 if material.kind in _METALS else 0.0)
    if material.kind is MaterialKind.GLASS:
        shader.CreateInput("opacity", Sdf.ValueTypeNames.Float).Set(0.15)
    if material.kind is MaterialKind.SHEER:
        shader.CreateInput("opacity", Sdf.ValueTypeNames.Float).Set(0.6)
    if material.glow_nits > 0:
        shader.CreateInput("emissiveColor", Sdf.ValueTypeNames.Color3f).Set(colour)
    made.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
    prim = made.GetPrim()
    prim.CreateAttribute("setpiece:kind", Sdf.ValueTypeNames.String, custom=True).Set(material.kind.value)
    prim.CreateAttribute("setpiece:wear", Sdf.ValueTypeNames.Float, custom=True).Set(float(material.wear))
    return made


def _cameras(stage: Usd.Stage, cameras: Sequence[SceneCamera]) -> None:
    UsdGeom.Xform.Define(stage, "/World/cameras")
    for camera in cameras:
        made = UsdGeom.Camera.Define(stage, f"/World/cameras/{identifier(camera.name)}")
        at, target = np.array(camera.position_m, float), np.array(camera.target_m, float)
        made.AddTransformOp().Set(_looking(at, target - at))
        made.CreateFocalLengthAttr(camera.lens_mm / _TENTH)
        made.CreateHorizontalApertureAttr(camera.sensor_mm[0] / _TENTH)
        made.CreateVerticalApertureAttr(camera.sensor_mm[1] / _TENTH)
        made.CreateProjectionAttr(UsdGeom.Tokens.perspective)
        made.CreateClippingRangeAttr(Gf.Vec2f(0.02, 5000.0))
        made.CreateFStopAttr(camera.fstop or 0.0)
        made.CreateFocusDistanceAttr(camera.focus_m or float(np.linalg.norm(target - at)))
        prim = made.GetPrim()
        prim.CreateAttribute("setpiece:focalLength_mm", Sdf.ValueTypeNames.Float, custom=True).Set(camera.lens_mm)
        prim.CreateAttribute("setpiece:sensor", Sdf.ValueTypeNames.String, custom=True).Set(camera.sensor)


def _looking(at: np.ndarray, direction: np.ndarray) -> Gf.Matrix4d:
    """Row vectors: -z along ``direction``, y as far up as it goes (north, looking straight down)."""
    back = -direction / max(float(np.linalg.norm(direction)), 1e-9)
    up = np.array([0.0, 0.0, 1.0]) if abs(back[2]) < 0.9999 else np.array([0.0, 1.0, 0.0])
    right = np.cross(up, back)
    right = right / np.linalg.norm(right)
    rows = np.eye(4)
    rows[0, :3], rows[1, :3], rows[2, :3], rows[3, :3] = right, np.cross(back, right), back, at
    return Gf.Matrix4d(rows.tolist())


def _lights(stage: Usd.Stage, scene: Scene) -> None:
    """Every lamp in the world's frame, the sun as a distant light, the sky as a dome of one colour."""
    UsdGeom.Xform.Define(stage, "/World/light")
    index = 0
    for lamp in scene.lamps:
        _lamp(stage, f"/World/light/mood_{index:03d}", lamp, np.eye(4))
        index += 1
    for item in scene.placed:
        for lamp in item.thing.lamps:
            _lamp(stage, f"/World/light/{identifier(item.name)}_{index:03d}", lamp, item.matrix.astype(float))
            index += 1
    sky = scene.sky
    if sky.sun_lux > 0 and sky.sun_elevation_deg > 0:
        sun = UsdLux.DistantLight.Define(stage, "/World/light/sun")
        azimuth, height = math.radians(sky.sun_azimuth_deg), math.radians(sky.sun_elevation_deg)
        toward = np.array([math.sin(azimuth) * math.cos(height), math.cos(azimuth) * math.cos(height), math.sin(height)])
        sun.AddTransformOp().Set(_looking(40 * toward, -toward))
        sun.CreateIntensityAttr(sky.sun_lux)
        sun.CreateNormalizeAttr(True)
        sun.CreateAngleAttr(0.53)
        _warm(sun, sky.sun_kelvin)
    dome = UsdLux.DomeLight.Define(stage, "/World/light/sky")
    dome.CreateIntensityAttr(sky.sky_lux / math.pi)
    _warm(dome, 7000.0)


def _warm(light: UsdLux.NonboundableLightBase | UsdLux.BoundableLightBase, kelvin: float) -> None:
    light.CreateEnableColorTemperatureAttr(True)
    light.CreateColorTemperatureAttr(float(kelvin))


def _lamp(stage: Usd.Stage, path: str, lamp: Lamp, matrix: np.ndarray) -> None:
    """Lumens as the luminance, nits, of the shape that gives them: a sphere 4 pi^2 r^2, a rectangle pi w h."""
    at = (matrix @ np.array([*lamp.position_m, 1.0]))[:3]
    direction = matrix[:3, :3] @ np.array(lamp.direction, float)
    made: UsdLux.RectLight | UsdLux.SphereLight
    if lamp.shape is LampShape.AREA:
        made = UsdLux.RectLight.Define(stage, path)
        made.CreateWidthAttr(lamp.size_m[0])
        made.CreateHeightAttr(lamp.size_m[1])
        nits = lamp.lumens / (math.pi * lamp.size_m[0] * lamp.size_m[1])
    else:
        made = UsdLux.SphereLight.Define(stage, path)
        radius = max(lamp.size_m[0], 0.005)
        made.CreateRadiusAttr(radius)
        solid = 4 * math.pi if lamp.shape is LampShape.POINT else 2 * math.pi * (1 - math.cos(math.radians(lamp.angle_deg / 2)))
        nits = lamp.lumens / (solid * math.pi * radius**2)
        if lamp.shape is LampShape.SPOT:
            shaping = UsdLux.ShapingAPI.Apply(made.GetPrim())
            shaping.CreateShapingConeAngleAttr(lamp.angle_deg / 2)
            shaping.CreateShapingConeSoftnessAttr(0.1)
    made.AddTransformOp().Set(_looking(at, direction))
    made.CreateIntensityAttr(float(nits))
    made.CreateColorAttr(Gf.Vec3f(*lamp.tint))
    _warm(made, lamp.kelvin)
    made.GetPrim().CreateAttribute("setpiece:lumens", Sdf.ValueTypeNames.Float, custom=True).Set(float(lamp.lumens))
    made.GetPrim().CreateAttribute("setpiece:group", Sdf.ValueTypeNames.String, custom=True).Set(lamp.group)
