"""The stage as USD: camera, light and every piece with its motion, for any package that reads USD.

Z up, one unit is a metre, one time code is a frame. Written by usd-core, not by an exporter, so that lens, units and light
are what the stage says. A piece is a mesh of its own under its part (``/World/Debris/facade0/piece_00012``): an artist can
hide, replace or recolour one. ``primvars:Pref`` holds the rest position, ``primvars:st`` the plate's coordinates there.

Lens values stand in tenths of a scene unit, as UsdGeomCamera demands: with metres a 36 mm aperture is 0.36. The angles of
view depend on ratios alone and are right everywhere; a reader that takes tenths of a metre for millimetres shows a tiny
lens. ``setpiece:focalLength_mm`` on the camera says it in millimetres.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pxr import Gf, Kind, Sdf, Tf, UsdGeom, Vt

from setpiece.core.camera import Camera
from setpiece.core.light import Light
from setpiece.core.stage import Face, Material, Motion, Pieces
from setpiece.core.timing import FrameRange
from setpiece.media.files import atomic_path

APERTURE_MM = 36.0
_MM_PER_TENTH = 100.0  # a tenth of a metre
_COLOUR_SPACE = "lin_ap1_scene"  # ACEScg, by its USD name

# Diffuse albedo of bare material, scene-linear ACEScg: a stand-in where no engine shades it.
ALBEDO = {
    Material.MASONRY: (0.30, 0.22, 0.17),
    Material.CONCRETE: (0.33, 0.32, 0.30),
    Material.TIMBER: (0.24, 0.17, 0.10),
    Material.STEEL: (0.20, 0.20, 0.21),
    Material.GLASS: (0.35, 0.40, 0.38),
    Material.PLASTER: (0.55, 0.52, 0.47),
    Material.SLATE: (0.12, 0.13, 0.15),
    Material.STONE: (0.36, 0.33, 0.28),
}
_FINISHED = (0.52, 0.48, 0.42)  # paint and plaster on an inner surface


def write_usd(
    path: Path,
    *,
    camera: Camera,
    pieces: Pieces,
    motion: Motion,
    frames: FrameRange,
    light: Light,
    plate_path: Path | None = None,
    part_names: Sequence[str] = (),
) -> None:
    """Write the stage to ``path`` (``.usdc``, binary; ``.usda``, text), whole or not at all.

    ``plate_path`` is referred to relative to ``path``. ``part_names`` name the parts by index. Pieces carry time samples
    only where they move.

    Raises :class:`StageError` where motion and pieces differ or no motion is known for ``frames``,
    :class:`OutputFailed` where ``path`` cannot be written.
    """
    motion.check(len(pieces), frames, file=path)
    layer = Sdf.Layer.CreateAnonymous(path.suffix)
    with Sdf.ChangeBlock():
        _head(layer, frames)
        _prim(layer, "/World", "Xform", kind=Kind.Tokens.assembly)
        _camera(layer, camera, plate_path, path)
        _lights(layer, light)
        _looks(layer, plate_path, path)
        _debris(layer, camera, pieces, motion, frames, part_names, plated=plate_path is not None)
    with atomic_path(path) as temporary:
        if not layer.Export(str(temporary)):
            raise OSError(f"usd could not write {temporary.name}")


def _head(layer: Sdf.Layer, frames: FrameRange) -> None:
    root = layer.pseudoRoot
    root.SetInfo("upAxis", UsdGeom.Tokens.z)
    root.SetInfo("metersPerUnit", 1.0)
    root.SetInfo("timeCodesPerSecond", float(frames.rate))
    root.SetInfo("framesPerSecond", float(frames.rate))
    root.SetInfo("startTimeCode", float(frames.first))
    root.SetInfo("endTimeCode", float(frames.last))
    layer.defaultPrim = "World"
    layer.documentation = f"Frames {frames.first}-{frames.last} at {frames.rate} frames a second; metres, z up."


def _prim(layer: Sdf.Layer, path: str, kind_of: str, *, kind: str = "", api: Sequence[str] = ()) -> Sdf.PrimSpec:
    """Define a prim; its parent must exist already."""
    parent, name = path.rsplit("/", 1)
    above = layer.GetPrimAtPath(parent) if parent else layer.pseudoRoot
    prim = Sdf.PrimSpec(above, name, Sdf.SpecifierDef, kind_of)
    if kind:
        prim.SetInfo("kind", kind)
        api = (*api, "GeomModelAPI")
    if api:
        names = Sdf.TokenListOp()
        names.prependedItems = list(api)
        prim.SetInfo("apiSchemas", names)
    return prim


def _set(prim: Sdf.PrimSpec, name: str, type_name: Any, value: Any, *, uniform: bool = False, **info: Any) -> Sdf.AttributeSpec:
    variability = Sdf.VariabilityUniform if uniform else Sdf.VariabilityVarying
    attribute = Sdf.AttributeSpec(prim, name, type_name, variability)
    if value is not None:
        attribute.default = value
    for key, item in info.items():
        attribute.SetInfo(key, item)
    return attribute


def _transform(prim: Sdf.PrimSpec, rows: np.ndarray) -> None:
    """A fixed transform, row vectors (4, 4)."""
    _set(prim, "xformOp:transform", Sdf.ValueTypeNames.Matrix4d, Gf.Matrix4d(rows.astype(float).tolist()))
    _set(prim, "xformOpOrder", Sdf.ValueTypeNames.TokenArray, Vt.TokenArray(["xformOp:transform"]), uniform=True)


def _camera(layer: Sdf.Layer, camera: Camera, plate_path: Path | None, path: Path) -> None:
    prim = _prim(layer, "/World/Camera", "Camera")
    rows = np.eye(4)
    rows[0, :3], rows[1, :3], rows[2, :3] = camera.axes[0], camera.axes[1], -camera.axes[2]
    rows[3, :3] = camera.position_m
    _transform(prim, rows)
    mm_per_px = APERTURE_MM / camera.width
    lens = {
        "horizontalAperture": APERTURE_MM,
        "verticalAperture": camera.height * mm_per_px,
        "focalLength": camera.focal_px * mm_per_px,
        "horizontalApertureOffset": (camera.width / 2 - camera.centre_px[0]) * mm_per_px,
        "verticalApertureOffset": (camera.centre_px[1] - camera.height / 2) * mm_per_px,
    }
    for name, value in lens.items():
        _set(prim, name, Sdf.ValueTypeNames.Float, value / _MM_PER_TENTH)
    _set(prim, "projection", Sdf.ValueTypeNames.Token, "perspective")
    _set(prim, "clippingRange", Sdf.ValueTypeNames.Float2, Gf.Vec2f(0.1, 10000.0))
    _set(prim, "setpiece:focalLength_mm", Sdf.ValueTypeNames.Float, lens["focalLength"], custom=True)
    _set(prim, "setpiece:resolution_px", Sdf.ValueTypeNames.Int2, Gf.Vec2i(camera.width, camera.height), custom=True)
    if plate_path is not None:
        _set(prim, "setpiece:plate", Sdf.ValueTypeNames.Asset, _asset(plate_path, path), custom=True)


def _asset(file: Path, path: Path) -> Sdf.AssetPath:
    """``file`` as seen from the folder of ``path``: a shot's folder can move as a whole."""
    relative = os.path.relpath(file, path.parent).replace(os.sep, "/")
    return Sdf.AssetPath(relative if relative.startswith("../") else f"./{relative}")


def _lights(layer: Sdf.Layer, light: Light) -> None:
    """Sun and sky: a Lambertian albedo a under irradiance E shows a E / pi, while core states what is shown."""
    sun = _prim(layer, "/World/Sun", "DistantLight")
    toward = np.array(light.direction)
    side = np.cross([0.0, 0.0, 1.0], toward)
    side = side / np.linalg.norm(side) if np.linalg.norm(side) > 1e-6 else np.array([1.0, 0.0, 0.0])
    rows = np.eye(4)
    rows[0, :3], rows[1, :3], rows[2, :3] = side, np.cross(toward, side), toward
    _transform(sun, rows)
    _emit(sun, light.sun_rgb, math.pi)
    _set(sun, "inputs:normalize", Sdf.ValueTypeNames.Bool, True)
    _set(sun, "inputs:angle", Sdf.ValueTypeNames.Float, light.sun_size_deg)
    sky = _prim(layer, "/World/Sky", "DomeLight")
    _emit(sky, light.sky_rgb, 1.0)


def _emit(prim: Sdf.PrimSpec, rgb: tuple[float, float, float], scale: float) -> None:
    strength = max(*rgb, 1e-6)
    colour = Gf.Vec3f(*(float(value / strength) for value in rgb))
    _set(prim, "inputs:color", Sdf.ValueTypeNames.Color3f, colour, colorSpace=_COLOUR_SPACE)
    _set(prim, "inputs:intensity", Sdf.ValueTypeNames.Float, float(strength * scale))


def _looks(layer: Sdf.Layer, plate_path: Path | None, path: Path) -> None:
    """Two simple materials: bare matter from displayColor, and the plate on what the camera photographed."""
    _prim(layer, "/World/Looks", "Scope")
    reader = _look(layer, "debris", "UsdPrimvarReader_float3", "displayColor", Sdf.ValueTypeNames.Float3)
    _set(reader, "outputs:result", Sdf.ValueTypeNames.Float3, None)
    if plate_path is None:
        return
    reader = _look(layer, "plate", "UsdPrimvarReader_float2", "st", Sdf.ValueTypeNames.Float2)
    _set(reader, "outputs:result", Sdf.ValueTypeNames.Float2, None)
    texture = _prim(layer, "/World/Looks/plate/texture", "Shader")
    _set(texture, "info:id", Sdf.ValueTypeNames.Token, "UsdUVTexture", uniform=True)
    _set(texture, "inputs:file", Sdf.ValueTypeNames.Asset, _asset(plate_path, path), colorSpace=_COLOUR_SPACE)
    _set(texture, "inputs:sourceColorSpace", Sdf.ValueTypeNames.Token, "raw")
    for axis in ("wrapS", "wrapT"):
        _set(texture, f"inputs:{axis}", Sdf.ValueTypeNames.Token, "clamp")
    _connect(_set(texture, "inputs:st", Sdf.ValueTypeNames.Float2, None), "/World/Looks/plate/reader.outputs:result")
    _set(texture, "outputs:rgb", Sdf.ValueTypeNames.Float3, None)


def _look(layer: Sdf.Layer, name: str, reads: str, primvar: str, type_name: Any) -> Sdf.PrimSpec:
    """A matt material; returns its primvar reader. The plate is emitted (it is lit already), matter is diffuse."""
    root = f"/World/Looks/{name}"
    material = _prim(layer, root, "Material")
    _connect(_set(material, "outputs:surface", Sdf.ValueTypeNames.Token, None), f"{root}/surface.outputs:surface")
    surface = _prim(layer, f"{root}/surface", "Shader")
    _set(surface, "info:id", Sdf.ValueTypeNames.Token, "UsdPreviewSurface", uniform=True)
    _set(surface, "inputs:roughness", Sdf.ValueTypeNames.Float, 1.0)
    _set(surface, "outputs:surface", Sdf.ValueTypeNames.Token, None)
    if name == "plate":
        _set(surface, "inputs:diffuseColor", Sdf.ValueTypeNames.Color3f, Gf.Vec3f(0.0))
        _connect(_set(surface, "inputs:emissiveColor", Sdf.ValueTypeNames.Color3f, None), f"{root}/texture.outputs:rgb")
    else:
        _connect(_set(surface, "inputs:diffuseColor", Sdf.ValueTypeNames.Color3f, None), f"{root}/reader.outputs:result")
    reader = _prim(layer, f"{root}/reader", "Shader")
    _set(reader, "info:id", Sdf.ValueTypeNames.Token, reads, uniform=True)
    _set(reader, "inputs:varname", Sdf.ValueTypeNames.String, primvar)
    _set(reader, "inputs:fallback", type_name, None)
    return reader


def _connect(attribute: Sdf.AttributeSpec, target: str) -> None:
    attribute.connectionPathList.explicitItems = [Sdf.Path(target)]


def _bind(prim: Sdf.PrimSpec, material: str) -> None:
    binding = Sdf.RelationshipSpec(prim, "material:binding", custom=False)
    binding.targetPathList.explicitItems = [Sdf.Path(material)]


def _debris(
    layer: Sdf.Layer, camera: Camera, pieces: Pieces, motion: Motion, frames: FrameRange, part_names: Sequence[str],
    *, plated: bool,
) -> None:  # fmt: skip
    """Every piece under its part, with its look and its motion."""
    _prim(layer, "/World/Debris", "Xform", kind=Kind.Tokens.group)
    folders: dict[int, str] = {}
    starts = np.searchsorted(pieces.triangle_piece, np.arange(len(pieces) + 1))
    pixels, _ = camera.project(pieces.vertices)
    st = np.stack([pixels[:, 0] / camera.width, 1.0 - pixels[:, 1] / camera.height], axis=1).astype(np.float32)
    colour = _colours(pieces)
    first, last = frames.first - motion.first, frames.last - motion.first + 1
    position, rotation = motion.position[first:last], motion.rotation[first:last]
    moves = _moves(position, rotation)
    for k in range(len(pieces)):
        part = int(pieces.part[k])
        if part not in folders:
            name = part_names[part] if part < len(part_names) else f"part{part:03d}"
            name = Tf.MakeValidIdentifier(name)
            name = name if f"/World/Debris/{name}" not in folders.values() else f"{name}_{part:03d}"
            folders[part] = f"/World/Debris/{name}"
            _prim(layer, folders[part], "Xform", kind=Kind.Tokens.component)
        mesh = _prim(layer, f"{folders[part]}/piece_{k:05d}", "Mesh", api=("MaterialBindingAPI",))
        triangles = slice(int(starts[k]), int(starts[k + 1]))
        _mesh(mesh, pieces, k, triangles, colour)
        if plated and pieces.visible[k]:
            _plate_faces(layer, mesh, pieces, k, triangles, st)
        _move(layer, mesh, frames.first, position[:, k], rotation[:, k], moves[:, k])


def _colours(pieces: Pieces) -> np.ndarray:
    """(t, 3) albedo per triangle."""
    bare = np.array([ALBEDO[material] for material in Material], np.float32)[pieces.material][pieces.triangle_piece]
    return np.where((pieces.triangle_face == Face.INSIDE)[:, None], np.array(_FINISHED, np.float32), bare).astype(np.float32)


def _mesh(mesh: Sdf.PrimSpec, pieces: Pieces, k: int, triangles: slice, colour: np.ndarray) -> None:
    start, end = int(pieces.vertex_start[k]), int(pieces.vertex_start[k + 1])
    rest = np.ascontiguousarray(pieces.vertices[start:end])
    local = rest - pieces.centre[k]
    corners = np.ascontiguousarray((pieces.triangles[triangles] - start).ravel())
    types = Sdf.ValueTypeNames
    _set(mesh, "points", types.Point3fArray, Vt.Vec3fArray.FromNumpy(local))
    _set(mesh, "faceVertexCounts", types.IntArray, Vt.IntArray(len(corners) // 3, 3))
    _set(mesh, "faceVertexIndices", types.IntArray, Vt.IntArray.FromNumpy(corners))
    _set(mesh, "subdivisionScheme", types.Token, "none", uniform=True)
    extent = np.stack([local.min(axis=0), local.max(axis=0)])
    _set(mesh, "extent", types.Float3Array, Vt.Vec3fArray.FromNumpy(extent))
    _set(mesh, "primvars:Pref", types.Point3fArray, Vt.Vec3fArray.FromNumpy(rest), interpolation="vertex")
    _set(mesh, "primvars:displayColor", types.Color3fArray, Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(colour[triangles])),
         interpolation="uniform", colorSpace=_COLOUR_SPACE)  # fmt: skip
    _set(mesh, "setpiece:material", types.Token, Material(int(pieces.material[k])).name.lower(), uniform=True, custom=True)
    _set(mesh, "setpiece:mass_kg", types.Float, float(pieces.mass_kg[k]), custom=True)
    _bind(mesh, "/World/Looks/debris")


def _plate_faces(layer: Sdf.Layer, mesh: Sdf.PrimSpec, pieces: Pieces, k: int, triangles: slice, st: np.ndarray) -> None:
    """The subset of faces that shows the plate, and where on the plate each vertex lay at rest."""
    faces = np.flatnonzero(pieces.triangle_face[triangles] == Face.PLATE).astype(np.int32)
    if not len(faces):
        return
    types = Sdf.ValueTypeNames
    start, end = int(pieces.vertex_start[k]), int(pieces.vertex_start[k + 1])
    _set(mesh, "primvars:st", types.TexCoord2fArray, Vt.Vec2fArray.FromNumpy(st[start:end].copy()), interpolation="vertex")
    _set(mesh, "subsetFamily:materialBind:familyType", types.Token, "nonOverlapping", uniform=True)
    subset = _prim(layer, f"{mesh.path}/plate", "GeomSubset", api=("MaterialBindingAPI",))
    _set(subset, "elementType", types.Token, "face", uniform=True)
    _set(subset, "familyName", types.Token, "materialBind", uniform=True)
    _set(subset, "indices", types.IntArray, Vt.IntArray.FromNumpy(faces))
    _bind(subset, "/World/Looks/plate")


def _moves(position: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """(f, k) bool: frames that need a sample, because the pose differs from the one before or after."""
    change = (position[1:] != position[:-1]).any(axis=2) | (rotation[1:] != rotation[:-1]).any(axis=2)
    keep = np.zeros(position.shape[:2], bool)
    keep[1:] |= change
    keep[:-1] |= change
    return keep


def _move(
    layer: Sdf.Layer, mesh: Sdf.PrimSpec, first: int, position: np.ndarray, rotation: np.ndarray, keep: np.ndarray
) -> None:
    """Translation and orientation: fixed, or sampled on the frames that ``keep`` names."""
    types = Sdf.ValueTypeNames
    translate = _set(mesh, "xformOp:translate", types.Double3, Gf.Vec3d(*position[0].tolist()))
    orient = _set(mesh, "xformOp:orient", types.Quatf, _quaternion(rotation[0].tolist()))
    order = Vt.TokenArray(["xformOp:translate", "xformOp:orient"])
    _set(mesh, "xformOpOrder", types.TokenArray, order, uniform=True)
    for index, at, turn in _samples(keep, position, _continuous(rotation)):
        layer.SetTimeSample(translate.path, float(first + index), Gf.Vec3d(*at))
        layer.SetTimeSample(orient.path, float(first + index), _quaternion(turn))


def _samples(keep: np.ndarray, position: np.ndarray, rotation: np.ndarray) -> Iterator[tuple[int, list[float], list[float]]]:
    chosen = np.flatnonzero(keep)
    return zip(chosen.tolist(), position[chosen].tolist(), rotation[chosen].tolist(), strict=True)


def _continuous(rotation: np.ndarray) -> np.ndarray:
    """Quaternions (f, 4) with signs that never flip between neighbours: readers interpolate the short way."""
    sign = np.ones(len(rotation))
    sign[1:] = np.where(np.sum(rotation[1:] * rotation[:-1], axis=1) < 0, -1.0, 1.0)
    return rotation * np.cumprod(sign)[:, None]


def _quaternion(wxyz: list[float]) -> Gf.Quatf:
    return Gf.Quatf(*wxyz)
