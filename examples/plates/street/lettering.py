"""Sign writing: outlines from Blender's own built-in face, as polygons in wall metres, and a hand with a brush."""

from __future__ import annotations

import bpy
import numpy as np

from street.layout import Factory


def outline(text: str, *, height: float, spacing: float = 1.0) -> list[np.ndarray]:
    """Triangles (3, 2) of a line of text, capitals ``height`` tall, its left foot at the origin."""
    curve = bpy.data.curves.new("sign", "FONT")
    curve.body, curve.size, curve.space_character, curve.resolution_u = text, height / 0.73, spacing, 3
    thing = bpy.data.objects.new("sign", curve)
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.view_layer.update()
    mesh = thing.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    mesh.calc_loop_triangles()
    points = np.array([v.co[:2] for v in mesh.vertices])
    found = [points[list(t.vertices)] for t in mesh.loop_triangles]
    bpy.data.objects.remove(thing)
    return found


def fitted(text: str, *, u0: float, u1: float, z: float, height: float) -> list[np.ndarray]:
    """``text`` set to fill u0..u1 at ``z``."""
    triangles = outline(text, height=height, spacing=1.12)
    low = min(t[:, 0].min() for t in triangles)
    high = max(t[:, 0].max() for t in triangles)
    scale = (u1 - u0) / (high - low)
    return [np.stack([u0 + (t[:, 0] - low) * scale, z + t[:, 1]], 1) for t in triangles]


def facade_letters(f: Factory, lines: tuple[str, ...]) -> list[np.ndarray]:
    """The firm's name between the upper windows, its trade below it."""
    left, right = f.tower_m, f.width_m
    found = fitted(lines[0], u0=left + 0.9, u1=right - 0.9, z=10.83, height=0.98)
    found += fitted(lines[1], u0=left + 4.8, u1=right - 4.8, z=7.70, height=0.72)
    return found
