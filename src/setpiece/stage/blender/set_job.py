"""A built scene as files for the Blender worker: arrays and numbers, nothing pickled, written by the core's side.

``scene.npz`` holds each different thing once, its parts joined (those that cast no shadow apart), with texture
coordinates in metres; ``scene.json`` says where each stands, what it is made of, and what lights it. Colours become ACEScg
here, lumens radiant numbers of :data:`setpiece.stage.blender.set_sky.NITS`. This side never imports bpy.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.arrays import Float32, Rgb
from setpiece.core.errors import StageError
from setpiece.core.scene import Lamp, MaterialKind, Part, PolyMesh, Scene, SceneMaterial, Thing
from setpiece.media.colour import to_acescg
from setpiece.media.files import save_arrays, write_json
from setpiece.stage.blender.set_inventions import invented_picture, invented_screen
from setpiece.stage.blender.set_posters import invented_poster
from setpiece.stage.blender.set_sky import light_colour, sky_picture, toward_sun

SCHEMA = "setpiece.set-job/1"
GRAINED = frozenset({MaterialKind.WOOD, MaterialKind.BARK, MaterialKind.ROPE})
LAID = frozenset({MaterialKind.PLANKS, MaterialKind.PARQUET})
_INVENTED: dict[MaterialKind, Callable[[int], Rgb]] = {
    MaterialKind.PICTURE: invented_picture,
    MaterialKind.POSTER: invented_poster,
    MaterialKind.SCREEN: partial(invented_screen, colour=(1.0, 1.0, 1.0)),
}
SHOWN = frozenset(_INVENTED)  # a picture fills its part: coordinates 0..1
PATTERNED = SHOWN | {MaterialKind.WALLPAPER, MaterialKind.TILES, MaterialKind.RUG}  # the seed chooses their pattern
TINTED = frozenset({MaterialKind.BOOK})  # one material for all colours: each face carries its own
_ARRAYS = ("vertices", "corners", "face_size", "uv", "slot", "smooth", "bevel", "piece", "seed", "tint")


def part_normals(mesh: PolyMesh) -> Float32[np.ndarray, "f 3"]:
    """Unit normals of all faces ; 0 for those without area."""
    total = mesh.area_normals()
    return (total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-18)).astype(np.float32)


def box_projected(mesh: PolyMesh, *, along: int | None = None) -> Float32[np.ndarray, "c 2"]:
    """Texture coordinates in metres, each face seen along the axis that it faces most.

    Upright faces keep z as v. ``along`` (0..2) is the axis that runs as u wherever a face shows it: the grain.
    """
    facing = np.abs(part_normals(mesh)).argmax(axis=1)
    shown = np.array([[1, 2], [0, 2], [0, 1]])
    if along is not None:
        shown = np.array([[along, 3 - along - axis] if axis != along else shown[axis] for axis in range(3)])
    axes = np.repeat(shown[facing], np.diff(mesh.face_start), axis=0)
    points = np.asarray(mesh.vertices, np.float32)[mesh.corners]
    return np.ascontiguousarray(np.take_along_axis(points, axes, axis=1), np.float32)


def _coordinates(part: Part) -> np.ndarray:
    mesh, kind = part.mesh, part.material.kind
    size = np.ptp(mesh.vertices, axis=0) if len(mesh.vertices) else np.zeros(3)
    if len(mesh.uv):
        uv = np.asarray(mesh.uv, np.float32)
    elif kind in GRAINED:
        uv = box_projected(mesh, along=int(size.argmax()))
    elif kind in LAID:
        uv = box_projected(mesh, along=int(size[:2].argmax()))
    else:
        uv = box_projected(mesh)
    if kind in SHOWN and len(uv):
        uv = (uv - uv.min(axis=0)) / np.maximum(np.ptp(uv, axis=0), 1e-6)
    return uv


def _key(thing: Thing) -> str:
    """Equal things, equal keys: instanced, not repeated."""
    digest = hashlib.sha256()
    for part in thing.parts:
        for array in (part.mesh.vertices, part.mesh.corners, part.mesh.face_start, part.mesh.uv):
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(repr((part.material, part.bevel_m, part.casts_shadow, part.mesh.smooth)).encode())
    return digest.hexdigest()


def _shared(material: SceneMaterial) -> SceneMaterial:
    """What a material has in common with those that one shader can serve: faces carry seed, and colour where it is theirs."""
    if material.kind in TINTED:
        material = dataclasses.replace(material, colour=(1.0, 1.0, 1.0))
    return material if material.kind in PATTERNED else dataclasses.replace(material, seed=0)


class _Materials:
    """Materials by number, each once; pictures and screens with the picture that they show."""

    def __init__(self, limit: int = 48) -> None:
        self.rows: list[dict[str, Any]] = []
        self.pictures: dict[str, np.ndarray] = {}
        self._index: dict[tuple[SceneMaterial, bool], int] = {}
        self._limit = limit

    def number(self, material: SceneMaterial, *, lights: bool) -> int:
        material = _shared(material)
        found = self._index.get((material, lights))
        if found is None:
            found = self._index[material, lights] = len(self.rows)
            row = {field.name: getattr(material, field.name) for field in dataclasses.fields(material)}
            row |= {"kind": material.kind.value, "lights": lights, "picture": self._picture(material)}
            row["colour"] = acescg(material.colour)
            row["colour_2"] = None if material.colour_2 is None else acescg(material.colour_2)
            self.rows.append(row)
        return found

    def _picture(self, material: SceneMaterial) -> str | None:
        if material.kind not in SHOWN:
            return None
        number = material.seed % self._limit
        name = f"{material.kind.value}_{number}"
        self.pictures[name] = _INVENTED[material.kind](number)
        return name


def acescg(colour: Sequence[float]) -> tuple[float, float, float]:
    """A material's colour, from linear Rec.709 to ACEScg; never below 0."""
    made = to_acescg(np.array([list(colour)], np.float32), "Linear Rec.709 (sRGB)")[0]
    return (max(float(made[0]), 0.0), max(float(made[1]), 0.0), max(float(made[2]), 0.0))


def _joined(
    parts: Sequence[tuple[int, Part]], materials: _Materials, *, lights: bool
) -> tuple[dict[str, np.ndarray], list[int]]:
    """Parts as one mesh: arrays by name, and the materials of its slots."""
    slots: list[int] = []
    rows: dict[str, list[np.ndarray]] = {name: [] for name in _ARRAYS}
    base = 0
    for index, part in parts:
        number = materials.number(part.material, lights=lights)
        if number not in slots:
            slots.append(number)
        mesh = part.mesh
        faces = len(mesh.face_start) - 1
        rows["vertices"].append(np.asarray(mesh.vertices, np.float32))
        rows["corners"].append(np.asarray(mesh.corners, np.int32) + base)
        rows["face_size"].append(np.diff(mesh.face_start).astype(np.int32))
        rows["uv"].append(_coordinates(part))
        rows["slot"].append(np.full(faces, slots.index(number), np.int32))
        rows["smooth"].append(np.full(faces, mesh.smooth, np.int32))
        rows["bevel"].append(np.full(faces, part.bevel_m, np.float32))
        rows["piece"].append(np.full(faces, ((index * 0.61803398875 + 0.137) % 1.0), np.float32))
        rows["seed"].append(np.full(faces, part.material.seed % 97, np.float32))
        rows["tint"].append(np.tile(np.array(acescg(part.material.colour), np.float32), (faces, 1)))
        base += len(mesh.vertices)
    return {name: np.concatenate(value) for name, value in rows.items()}, slots


def _groups(thing: Thing) -> Iterator[tuple[bool, list[tuple[int, Part]]]]:
    numbered = [(index, part) for index, part in enumerate(thing.parts) if len(part.mesh.corners)]
    for shadow in (True, False):
        chosen = [(index, part) for index, part in numbered if part.casts_shadow is shadow]
        if chosen:
            yield shadow, chosen


def _lamp(lamp: Lamp, matrix: np.ndarray, owner: str) -> dict[str, Any]:
    """A lamp in the world's frame, its colour ACEScg of luminance 1 times its tint."""
    place = matrix @ np.array([*lamp.position_m, 1.0])
    direction = matrix[:3, :3] @ np.array(lamp.direction, float)
    length = float(np.linalg.norm(direction))
    if lamp.lumens < 0 or length < 1e-6:
        raise StageError(
            f"a lamp of {owner} has {lamp.lumens:g} lumens and points nowhere"
            if length < 1e-6
            else f"a lamp of {owner} is negative",
            remedy="state lumens of 0 or more and a direction",
        )
    tint = acescg(lamp.tint)
    return {
        "shape": lamp.shape.value, "position": place[:3].tolist(), "direction": (direction / length).tolist(),
        "lumens": lamp.lumens, "colour": [a * b for a, b in zip(light_colour(lamp.kelvin), tint, strict=True)],
        "size": list(lamp.size_m), "angle_deg": lamp.angle_deg, "group": lamp.group, "name": owner,
    }  # fmt: skip


def save_set(folder: Path, scene: Scene) -> None:
    """Write ``scene`` into ``folder``. Raises :class:`StageError` for lamps and lights that cannot be."""
    materials = _Materials()
    arrays: dict[str, np.ndarray] = {}
    things: list[list[dict[str, Any]]] = []
    index: dict[str, int] = {}
    keys: dict[int, str] = {}
    placed: list[dict[str, Any]] = []
    lamps = [_lamp(lamp, np.eye(4), "mood") for lamp in scene.lamps]
    for item in scene.placed:
        key = keys.setdefault(id(item.thing), _key(item.thing)) + ("" if item.thing.lamps else "+")
        if key not in index:
            index[key] = len(things)
            made = []
            for shadow, parts in _groups(item.thing):
                name = f"t{len(things)}{'' if shadow else 'n'}"
                joined, slots = _joined(parts, materials, lights=not item.thing.lamps)
                arrays |= {f"{name}_{field}": value for field, value in joined.items()}
                made.append({"name": name, "slots": slots, "shadow": shadow})
            things.append(made)
        lamps += [_lamp(lamp, item.matrix.astype(float), item.name) for lamp in item.thing.lamps]
        placed.append(
            {
                "name": item.name, "category": item.category, "layer": item.layer, "thing": index[key],
                "matrix": item.matrix.tolist(), "wall": item.wall, "size": list(item.thing.size_m),
            }
        )  # fmt: skip
    arrays |= {f"image_{name}": value for name, value in materials.pictures.items()}
    arrays["image_sky"] = sky_picture(scene.sky, seed=scene.seed)
    save_arrays(folder / "scene.npz", **arrays)
    sun = {
        "toward": toward_sun(scene.sky), "lux": scene.sky.sun_lux if scene.sky.sun_elevation_deg > 0 else 0.0,
        "colour": light_colour(scene.sky.sun_kelvin), "sky_lux": scene.sky.sky_lux, "fog_m": scene.sky.fog_m,
    }  # fmt: skip
    document = {
        "schema": SCHEMA, "title": scene.title, "placed": placed, "things": things, "materials": materials.rows,
        "lamps": lamps, "sun": sun, "room": list(scene.room_m), "exterior": scene.exterior, "seed": scene.seed,
    }  # fmt: skip
    write_json(folder / "scene.json", document)
