"""The lot in front of the factory: cracked asphalt, patches, grit, puddles, verges. Computed once per picture column
and row, so that every crack that the lens can see is in the mesh itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from street.layout import Street
from street.meshes import place
from street.nodes import Graph
from street.noise import cell_edges, fbm, hash01, step

WATER_M = -0.034


@dataclass(frozen=True, slots=True, kw_only=True)
class Soil:
    """The ground at some points: height in metres, the rest 0..1."""

    height: np.ndarray
    crack: np.ndarray
    soil: np.ndarray
    grit: np.ndarray
    patch: np.ndarray
    wet: np.ndarray
    paint: np.ndarray


def ground_at(street: Street, x: np.ndarray, y: np.ndarray) -> Soil:
    """What lies at world x, y."""
    seed = street.seed
    local = street.factory.to_local(np.stack([x, y], -1))
    u, v = local[..., 0], local[..., 1]
    width = street.factory.width_m
    ahead = np.maximum(np.maximum(-v, 0), np.maximum(u - width, -u) * 0.9)  # distance from the factory's foot, about
    rolling = 0.065 * fbm(x / 5.2, y / 5.2, seed + 1, octaves=3) + 0.012 * fbm(x / 0.9, y / 0.9, seed + 2, octaves=4)
    flat = step(ahead, 0.3, 4.0)
    near = step(y, 75.0, 45.0)
    height = rolling * flat * near + 0.004 * (1 - flat)
    warp_x, warp_y = 0.5 * fbm(x / 1.6, y / 1.6, seed + 5), 0.5 * fbm(x / 1.6, y / 1.6, seed + 6)
    slab = cell_edges((x + warp_x) / 3.1, (y + warp_y) / 3.1, seed + 7) * 3.1
    wide = 0.012 + 0.03 * np.clip(fbm(x / 2.3, y / 2.3, seed + 8), 0, 1)
    crack = step(slab, wide * 1.4, wide * 0.5) * step(fbm(x / 4.0, y / 4.0, seed + 9), -0.35, 0.05)
    scaly = step(fbm(x / 4.6, y / 4.6, seed + 10, octaves=4), 0.22, 0.5)
    fine = cell_edges((x + 0.2 * warp_x) / 0.27, (y + 0.2 * warp_y) / 0.27, seed + 11) * 0.27
    crack = np.maximum(crack, step(fine, 0.016, 0.006) * scaly * 0.9)
    verge = np.maximum(step(x - 0.14 * (y - 15), 9.4, 10.4), step(-x + 0.30 * (y - 20), 17.5, 19.5))
    verge = np.maximum(verge, step(y, 66, 72))
    verge = np.clip(verge + 0.35 * (fbm(x / 1.4, y / 1.4, seed + 12) - 0.1) * (verge > 0.02), 0, 1)
    strip = step(ahead + 0.8 * fbm(x / 1.7, y / 1.7, seed + 13), 2.6, 0.9)
    soil = np.maximum(verge, strip * 0.9)
    drift = step(fbm(x / 2.4, y / 2.4, seed + 14, octaves=6), 0.28, 0.85)
    grit = np.clip(drift + 0.7 * step(slab, 0.35, 0.0) * step(fbm(x / 0.8, y / 0.8, seed + 15), -0.2, 0.6) + strip, 0, 1)
    px, py = np.floor((x + 0.35 * warp_x * 0.2) / 2.7), np.floor((y + 0.1) / 3.7)
    fx, fy = x / 2.7 - px, (y + 0.1) / 3.7 - py
    inside = (np.abs(fx - 0.5) < 0.22 + 0.2 * hash01(px, py, seed + 16)) & (
        np.abs(fy - 0.5) < 0.2 + 0.25 * hash01(px, py, seed + 17)
    )
    patch = (inside & (hash01(px, py, seed + 18) < 0.13)).astype(float)
    bay = np.abs((u - 3.2) / 2.6 - np.round((u - 3.2) / 2.6)) * 2.6
    line = step(bay, 0.06, 0.045) * ((v < -5.2) & (v > -10.2) & (u > 3) & (u < 22))
    paint = line * np.clip(0.5 + 0.9 * fbm(x / 0.5, y / 0.5, seed + 19, octaves=6), 0, 1) * step(scaly, 0.8, 0.2)
    height = (
        height - 0.02 * crack * (1 - soil) + 0.006 * patch + 0.02 * soil * fbm(x / 0.35, y / 0.35, seed + 20) + 0.03 * verge
    )
    wet = step(height - 0.012 * fbm(x / 0.5, y / 0.5, seed + 21), WATER_M + 0.026, WATER_M + 0.004)
    return Soil(height=height, crack=crack, soil=soil, grit=grit, patch=patch, wet=wet, paint=paint)


def lay_ground(street: Street) -> None:
    """Build the ground and the water that stands in it."""
    view = street.view
    rows = np.concatenate([np.linspace(330.0, 20.0, 460), np.geomspace(19.5, 1.2, 60)])
    columns = np.arange(-320.0, view.width + 320.0, 1.6)
    depth = view.eye_m * view.focal_px / rows
    x = (columns[None, :] - view.width / 2) / view.focal_px * depth[:, None]
    y = np.broadcast_to(depth[:, None], x.shape)
    soil = ground_at(street, x, y)
    points = np.stack([x, y, soil.height], axis=-1).reshape(-1, 3)
    mesh = grid_mesh("ground", points, x.shape)
    for name in ("crack", "soil", "grit", "patch", "wet", "paint"):
        data = mesh.attributes.new(name, "FLOAT", "POINT").data
        data.foreach_set("value", getattr(soil, name).astype(np.float32).ravel())
    mesh.materials.append(asphalt())
    place("ground", mesh)
    around = grid_mesh(
        "around", np.array([[-400, -300, -0.4], [400, -300, -0.4], [-400, 12, -0.4], [400, 12, -0.4]], float), (2, 2)
    )
    around.materials.append(plain_earth())
    place("around", around)
    pool = grid_mesh(
        "water", np.array([[-30, 8, WATER_M], [9, 8, WATER_M], [-30, 46, WATER_M], [9, 46, WATER_M]], float), (2, 2)
    )
    pool.materials.append(water())
    place("water", pool)


def grid_mesh(name: str, points: np.ndarray, shape: tuple[int, int]) -> bpy.types.Mesh:
    """A quad mesh over a grid of points (rows * columns, 3), smooth shaded."""
    rows, columns = shape
    index = np.arange(rows * columns).reshape(shape)
    faces = np.stack([index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]], -1).reshape(-1, 4)
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(points))
    mesh.vertices.foreach_set("co", points.astype(np.float32).ravel())
    mesh.loops.add(faces.size)
    mesh.loops.foreach_set("vertex_index", faces.astype(np.int32).ravel())
    mesh.polygons.add(len(faces))
    mesh.polygons.foreach_set("loop_start", np.arange(0, faces.size, 4, dtype=np.int32))
    mesh.polygons.foreach_set("use_smooth", np.ones(len(faces), bool))
    mesh.update(calc_edges=True)
    return mesh


def asphalt() -> bpy.types.Material:
    """Old asphalt that has lost its binder: pale stones in grey, darker in cracks, patches and damp."""
    g = Graph("asphalt")
    at = g.here()
    stones = g.add("ShaderNodeTexVoronoi", {"Vector": at, "Scale": 60.0}, out=1)
    chips, _, _ = g.split(stones)
    broad = g.noise(at, 0.33, detail=6, rough=0.6)
    medium = g.noise(at, 3.0, detail=6, rough=0.65)
    base = g.palette(broad, [(0.3, (0.135, 0.126, 0.113)), (0.5, (0.182, 0.170, 0.152)), (0.72, (0.232, 0.217, 0.194))])
    base = g.mix(base, g.step(chips, 0.0, 1.0, to=(0.5, 1.65)), 0.9, blend="MULTIPLY")
    base = g.mix(base, g.step(medium, 0.25, 0.75, to=(0.62, 1.32)), 0.9, blend="MULTIPLY")
    base = g.mix(base, (0.092, 0.088, 0.083), g.mul(g.attribute("patch"), 0.75))
    base = g.mix(base, (0.030, 0.029, 0.028), g.mul(g.step(g.noise(at, 0.75, detail=5), 0.62, 0.72), 0.55))  # oil
    paint = g.attribute("paint")
    base = g.mix(base, (0.46, 0.44, 0.39), g.mul(paint, g.step(medium, 0.3, 0.6, to=(0.2, 0.8))))
    grit = g.math("MULTIPLY", g.attribute("grit"), g.step(g.noise(at, 9.0, detail=5), 0.35, 0.6))
    dust = g.palette(g.noise(at, 60.0, detail=2), [(0.3, (0.165, 0.145, 0.112)), (0.7, (0.305, 0.270, 0.215))])
    base = g.mix(base, dust, g.mul(grit, 0.8))
    earth = g.palette(
        g.noise(at, 5.0, detail=7, rough=0.65),
        [(0.3, (0.050, 0.040, 0.028)), (0.55, (0.105, 0.086, 0.060)), (0.75, (0.165, 0.140, 0.100))],
    )
    soil = g.step(g.plus(g.attribute("soil"), g.mul(g.math("SUBTRACT", medium, 0.5), 0.6)), 0.35, 0.6)
    base = g.mix(base, earth, soil)
    base = g.mix(base, (0.022, 0.020, 0.017), g.mul(g.attribute("crack"), 0.88))
    wet = g.attribute("wet")
    base = g.mix(base, g.mix(base, (0.34, 0.33, 0.32), 1.0, blend="MULTIPLY"), wet)
    rough = g.step(wet, 0.2, 1.0, to=(0.86, 0.34))
    relief = g.plus(g.mul(chips, 0.9), g.mul(medium, 0.6), g.mul(g.noise(at, 40.0, detail=3), 0.5))
    normal = g.add("ShaderNodeBump", {"Height": relief, "Distance": 0.006, "Strength": g.step(wet, 0, 1, to=(0.8, 0.35))})
    return g.finish(g.surface(base, rough, Normal=normal, Specular_IOR_Level=g.step(wet, 0, 1, to=(0.25, 0.5))))


def plain_earth() -> bpy.types.Material:
    """Ground that only light and reflections see."""
    g = Graph("earth")
    return g.finish(g.surface((0.10, 0.095, 0.08), 0.9))


def water() -> bpy.types.Material:
    """A thin film of standing water, a little silty, barely moved by the air."""
    g = Graph("water")
    at = g.here()
    ripple = g.bump(g.noise(g.scale(at, (3.0, 1.6, 1.0)), 1.0, detail=2), distance=0.0035, strength=0.5)
    fresnel = g.add("ShaderNodeFresnel", {"IOR": 1.333, "Normal": ripple})
    mirror = g.add("ShaderNodeBsdfGlossy", {"Color": (1, 1, 1, 1), "Roughness": 0.015, "Normal": ripple})
    through = g.add("ShaderNodeBsdfTransparent", {"Color": (0.62, 0.60, 0.55, 1)})
    return g.finish(g.blend(through, mirror, fresnel))
