"""Meshes as plain arrays, and their way into Blender. Metres; texture coordinates are metres too (box projection)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import bpy
import numpy as np

_CUBE = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], float)
_CUBE_FACES = np.array([[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]])


@dataclass(slots=True)
class Parts:
    """A growing list of polygons, each with a material name; becomes one object."""

    vertices: list[np.ndarray] = field(default_factory=list)
    faces: list[tuple[np.ndarray, str]] = field(default_factory=list)
    count: int = 0

    def add(self, vertices: np.ndarray, faces: np.ndarray, material: str) -> None:
        """Polygons (m, 3 or 4) over ``vertices`` (n, 3)."""
        self.vertices.append(np.asarray(vertices, float))
        self.faces.append((np.asarray(faces, np.int64) + self.count, material))
        self.count += len(vertices)

    def absorb(self, other: Parts, place: Callable[[np.ndarray], np.ndarray]) -> None:
        """All of ``other``, its vertices moved by ``place``."""
        start = self.count
        self.vertices.extend(place(vertices) for vertices in other.vertices)
        self.faces.extend((faces + start, material) for faces, material in other.faces)
        self.count += other.count

    def box(self, low: tuple[float, ...], high: tuple[float, ...], material: str, *, turn: np.ndarray | None = None) -> None:
        """An upright box; ``turn`` (3, 3) rotates it about its own centre."""
        low_, high_ = np.asarray(low, float), np.asarray(high, float)
        points = low_ + _CUBE * (high_ - low_)
        if turn is not None:
            middle = (low_ + high_) / 2
            points = (points - middle) @ turn.T + middle
        self.add(points, _CUBE_FACES, material)

    def quad(self, a: tuple, b: tuple, c: tuple, d: tuple, material: str) -> None:
        """One four-sided face, anticlockwise as seen from its front."""
        self.add(np.array([a, b, c, d], float), np.array([[0, 1, 2, 3]]), material)

    def tube(self, path: np.ndarray, radii: np.ndarray | float, material: str, *, sides: int = 8, caps: bool = True) -> None:
        """A round tube along ``path`` (n, 3)."""
        path = np.asarray(path, float)
        radii = np.broadcast_to(np.asarray(radii, float), (len(path),))
        along = np.gradient(path, axis=0)
        along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
        helper = np.where(np.abs(along[:, 2:3]) > 0.9, [[1.0, 0, 0]], [[0, 0, 1.0]])
        side = np.cross(along, helper)
        side /= np.linalg.norm(side, axis=1, keepdims=True)
        other = np.cross(along, side)
        angle = np.arange(sides) / sides * 2 * np.pi
        ring = np.cos(angle)[None, :, None] * side[:, None] + np.sin(angle)[None, :, None] * other[:, None]
        points = (path[:, None] + ring * radii[:, None, None]).reshape(-1, 3)
        i, k = np.meshgrid(np.arange(len(path) - 1), np.arange(sides), indexing="ij")
        n = (k + 1) % sides
        faces = np.stack([i * sides + k, (i + 1) * sides + k, (i + 1) * sides + n, i * sides + n], -1).reshape(-1, 4)
        self.add(points, faces, material)
        if caps:
            for ring_index in (0, len(path) - 1):
                base = points[ring_index * sides : (ring_index + 1) * sides]
                fan = np.array([[0, j, j + 1] for j in range(1, sides - 1)])
                self.add(base, fan if ring_index else fan[:, ::-1], material)


def above(z: float) -> np.ndarray:
    """A step straight up."""
    return np.array([0.0, 0.0, z])


def turn_about(axis: str, degrees: float) -> np.ndarray:
    """Rotation matrix about x, y or z."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    m = np.eye(3)
    m[i, i], m[i, j], m[j, i], m[j, j] = c, -s, s, c
    return m


def box_uv(points: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Metres on the dominant plane: (x, z), (y, z) or (x, y). ``points`` and ``normals`` are per corner."""
    axis = np.abs(normals).argmax(axis=1)
    u = np.where(axis == 0, points[:, 1], points[:, 0])
    v = np.where(axis == 2, points[:, 1], points[:, 2])
    return np.stack([u, v], axis=1)


def mesh_of(name: str, parts: Parts, materials: dict[str, bpy.types.Material], *, smooth: bool = False) -> bpy.types.Mesh:
    """A Blender mesh with material slots and a ``metres`` UV layer."""
    vertices = np.concatenate(parts.vertices)
    names = list(dict.fromkeys(material for _, material in parts.faces))
    sizes = np.concatenate([np.full(len(f), f.shape[1]) for f, _ in parts.faces])
    corners = np.concatenate([f.reshape(-1) for f, _ in parts.faces])
    slot = np.concatenate([np.full(len(f), names.index(m)) for f, m in parts.faces])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", vertices.astype(np.float32).ravel())
    mesh.loops.add(len(corners))
    mesh.loops.foreach_set("vertex_index", corners.astype(np.int32))
    mesh.polygons.add(len(sizes))
    mesh.polygons.foreach_set("loop_start", starts.astype(np.int32))
    mesh.polygons.foreach_set("material_index", slot.astype(np.int32))
    mesh.polygons.foreach_set("use_smooth", np.full(len(sizes), smooth))
    edge1 = vertices[corners[starts + 1]] - vertices[corners[starts]]
    edge2 = vertices[corners[starts + 2]] - vertices[corners[starts]]
    normals = np.repeat(np.cross(edge1, edge2), sizes, axis=0)
    layer = mesh.uv_layers.new(name="metres")
    layer.data.foreach_set("uv", box_uv(vertices[corners], normals).astype(np.float32).ravel())
    for material in names:
        mesh.materials.append(materials[material])
    mesh.update(calc_edges=True)
    mesh.validate()
    return mesh


def place(name: str, mesh: bpy.types.Mesh, collection: bpy.types.Collection | None = None) -> bpy.types.Object:
    """Put a mesh into the scene (or into ``collection`` only)."""
    thing = bpy.data.objects.new(name, mesh)
    (collection or bpy.context.scene.collection).objects.link(thing)
    return thing


def scatter(
    name: str, variants: list[bpy.types.Mesh], at: np.ndarray, turn: np.ndarray, size: np.ndarray, which: np.ndarray
) -> bpy.types.Object:
    """Instances of ``variants`` at points (n, 3), Euler angles (n, 3), sizes (n,), variant index (n,)."""
    store = bpy.data.collections.new(f"{name} variants")
    for i, mesh in enumerate(variants):
        place(f"{name} {i:03d}", mesh, store)
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(at))
    mesh.vertices.foreach_set("co", at.astype(np.float32).ravel())
    for label, kind, values in (("turn", "FLOAT_VECTOR", turn), ("size", "FLOAT", size), ("which", "INT", which)):
        data = mesh.attributes.new(label, kind, "POINT").data
        key = "vector" if kind == "FLOAT_VECTOR" else "value"
        data.foreach_set(key, np.asarray(values, np.int32 if kind == "INT" else np.float32).ravel())
    thing = place(name, mesh)
    thing.modifiers.new("instances", "NODES").node_group = _instancer(name, store)
    return thing


def _instancer(name: str, store: bpy.types.Collection) -> bpy.types.NodeTree:
    tree = bpy.data.node_groups.new(f"{name} instancer", "GeometryNodeTree")
    tree.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    new, link = tree.nodes.new, tree.links.new
    source, sink = new("NodeGroupInput"), new("NodeGroupOutput")
    spread, info = new("GeometryNodeInstanceOnPoints"), new("GeometryNodeCollectionInfo")
    info.inputs["Collection"].default_value = store
    info.inputs["Separate Children"].default_value = True
    info.inputs["Reset Children"].default_value = True
    spread.inputs["Pick Instance"].default_value = True
    link(source.outputs[0], spread.inputs["Points"])
    link(info.outputs[0], spread.inputs["Instance"])
    for label, kind, socket in (
        ("turn", "FLOAT_VECTOR", "Rotation"),
        ("size", "FLOAT", "Scale"),
        ("which", "INT", "Instance Index"),
    ):
        attribute = new("GeometryNodeInputNamedAttribute")
        attribute.data_type = kind
        attribute.inputs["Name"].default_value = label
        link(next(o for o in attribute.outputs if o.enabled and o.name == "Attribute"), spread.inputs[socket])
    link(spread.outputs[0], sink.inputs[0])
    return tree
