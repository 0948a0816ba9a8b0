"""Buttons, lapels, pockets, flaps and stitching, laid on a draped garment by where they are on its flat panels.

Place in the flow: after draping. A detail follows the cloth: each of its points is found in the flat mesh of its panel and
stands over the draped triangle there, along the normal.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial import Delaunay

from setpiece.core.garment import Cloth, Pattern
from setpiece.core.scene import MaterialKind, PolyMesh, SceneMaterial
from setpiece.stage.wardrobe.sewing import Sewn, filled, within

Array = np.ndarray
_PATCH_STEP_M = 0.012
_RAISED_M = 0.0028


def details(pattern: Pattern, cloth: Cloth, points: Array, mesh: Sewn) -> tuple[tuple[PolyMesh, SceneMaterial], ...]:
    """Meshes of every detail with what they are made of."""
    made: list[tuple[PolyMesh, SceneMaterial]] = []
    normals = _normals(points, mesh.triangles)
    number = {panel.name: index for index, panel in enumerate(pattern.panels)}
    thread = replace(cloth.material, colour=_darker(cloth.material.colour, 0.6), kind=MaterialKind.COTTON, colour_2=None)
    for panel in pattern.panels:
        here = mesh.panel == number[panel.name]
        for called, drawn in panel.marks:
            sort, _, _ = called.partition(":")
            if sort == "patch":
                found = _patch(np.asarray(drawn, float), points, normals, mesh, here, cloth.thickness_m)
                if found is not None:
                    made.append((found, cloth.material))
            elif sort == "stitch":
                found = _stitched(np.asarray(drawn, float), points, normals, mesh, here)
                if found is not None:
                    made.append((found, thread))
    horn = SceneMaterial(kind=MaterialKind.PLASTIC, colour=_button_colour(pattern, cloth), roughness=0.3, wear=0.1)
    for one in pattern.fastenings:
        if one.kind != "button" or one.panel not in number:
            continue
        at = _on_cloth(np.array([one.at], float), points, normals, mesh, mesh.panel == number[one.panel])
        if at is not None:
            made.append((_button(at[0][0], at[1][0], one.size_m), horn))
    return tuple(made)


def _button_colour(pattern: Pattern, cloth: Cloth) -> tuple[float, float, float]:
    if pattern.kind == "shirt":
        return (0.78, 0.76, 0.70)
    if pattern.kind in ("uniform_tunic", "cape"):
        return (0.55, 0.40, 0.14)
    return _darker(cloth.material.colour, 0.45)


def _darker(colour: tuple[float, float, float], share: float) -> tuple[float, float, float]:
    return (colour[0] * share, colour[1] * share, colour[2] * share)


def _normals(points: Array, triangles: Array) -> Array:
    """Normals of points, by the area about them."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    face = np.cross(b - a, c - a)
    made = np.zeros_like(points)
    for i in range(3):
        np.add.at(made, triangles[:, i], face)
    return made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-12)


def _on_cloth(flat: Array, points: Array, normals: Array, mesh: Sewn, here: Array) -> tuple[Array, Array] | None:
    """Places and normals on the draped panel of flat points (p, 2); the nearest triangle's where they lie beside it."""
    triangles, corners = mesh.triangles[here], mesh.flat[here]
    if not len(triangles):
        return None
    a, b, c = (corners[:, i] for i in range(3))
    u, v = b - a, c - a
    whole = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    safe = np.where(np.abs(whole) < 1e-12, 1e-12, whole)
    away = flat[:, None] - a[None]
    s = (away[..., 0] * v[:, 1] - away[..., 1] * v[:, 0]) / safe
    t = (u[:, 0] * away[..., 1] - u[:, 1] * away[..., 0]) / safe
    outside = np.maximum.reduce([-s, -t, s + t - 1, np.zeros_like(s)])
    best = outside.argmin(1)
    row = np.arange(len(flat))
    s, t = np.clip(s[row, best], -0.3, 1.3), np.clip(t[row, best], -0.3, 1.3)
    weights = np.stack([1 - s - t, s, t], -1)
    found = triangles[best]
    at = (points[found] * weights[..., None]).sum(1)
    normal = (normals[found] * np.clip(weights, 0, 1)[..., None]).sum(1)
    return at, normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)


def _patch(outline: Array, points: Array, normals: Array, mesh: Sewn, here: Array, thick: float) -> PolyMesh | None:
    """A piece of cloth laid on the panel: a thin solid, its edge rounded down."""
    closed = np.concatenate([outline, outline[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    count = max(8, int(along[-1] / _PATCH_STEP_M))
    at = np.linspace(0, along[-1], count, endpoint=False)
    border = np.stack([np.interp(at, along, closed[:, axis]) for axis in range(2)], -1)
    flat = np.concatenate([border, filled(border, _PATCH_STEP_M)])
    triangles = Delaunay(flat).simplices
    triangles = triangles[within(border, flat[triangles].mean(1))]
    laid = _on_cloth(flat, points, normals, mesh, here)
    if laid is None or not len(triangles):
        return None
    place, normal = laid
    a, b, c = (place[triangles[:, i]] for i in range(3))
    wrong = (np.cross(b - a, c - a) * normal[triangles[:, 0]]).sum(1) < 0
    triangles[wrong] = triangles[wrong][:, ::-1]
    rise = np.full(len(flat), _RAISED_M + thick)
    rise[:count] = 0.0004
    ring = np.arange(count)
    upper = place + normal * rise[:, None]
    ridge = place[:count] + normal[:count] * (0.8 * (_RAISED_M + thick))  # the edge stands up, then the piece lies flat
    vertices = np.concatenate([upper, ridge])
    top = triangles.copy()
    top = np.where(top < count, top + len(flat), top)
    after = np.roll(ring, -1)
    rim = np.concatenate(
        [np.stack([ring, after, after + len(flat)], -1), np.stack([ring, after + len(flat), ring + len(flat)], -1)]
    )
    area = border[:, 0] * np.roll(border[:, 1], -1) - border[:, 1] * np.roll(border[:, 0], -1)
    turned = (area.sum() < 0) != (wrong.mean() > 0.5)
    rim = rim[:, ::-1] if turned else rim
    faces = np.concatenate([top, rim])
    uv = np.concatenate([flat, border])[faces.ravel()]
    return PolyMesh(
        vertices=np.ascontiguousarray(vertices, np.float32),
        corners=np.ascontiguousarray(faces.ravel(), np.int32),
        face_start=np.arange(0, 3 * len(faces) + 1, 3, dtype=np.int32),
        uv=np.ascontiguousarray(uv, np.float32),
        smooth=True,
    )


def _stitched(drawn: Array, points: Array, normals: Array, mesh: Sewn, here: Array) -> PolyMesh | None:
    """A seam's thread as a thin ribbon on the cloth."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(drawn, axis=0).T))])
    at = np.arange(0, along[-1], 0.008)
    flat = np.stack([np.interp(at, along, drawn[:, axis]) for axis in range(2)], -1)
    laid = _on_cloth(flat, points, normals, mesh, here)
    if laid is None or len(flat) < 2:
        return None
    place, normal = laid
    way = np.gradient(place, axis=0)
    side = np.cross(normal, way)
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-12)
    over = place + 0.0012 * normal
    vertices = np.concatenate([over - 0.0009 * side, over + 0.0009 * side])
    n = len(flat)
    i = np.arange(n - 1)
    faces = np.concatenate([np.stack([i, i + 1, i + 1 + n], -1), np.stack([i, i + 1 + n, i + n], -1)])
    return PolyMesh(
        vertices=np.ascontiguousarray(vertices, np.float32),
        corners=np.ascontiguousarray(faces.ravel(), np.int32),
        face_start=np.arange(0, 3 * len(faces) + 1, 3, dtype=np.int32),
    )


def _button(at: Array, normal: Array, size_m: float) -> PolyMesh:
    """A sewn-through button: a disc with a raised rim."""
    first = np.cross(normal, (0.0, 0.0, 1.0))
    first /= max(float(np.linalg.norm(first)), 1e-9)
    second = np.cross(normal, first)
    rows = ((0.0, 0.0), (0.92, 0.0), (1.0, 0.10), (1.0, 0.22), (0.9, 0.28), (0.78, 0.24), (0.0, 0.22))
    turn = np.linspace(0, 2 * np.pi, 25)[:-1]
    r, radius = size_m / 2, np.array([row[0] for row in rows])
    ring = np.cos(turn)[:, None] * first + np.sin(turn)[:, None] * second
    points = (
        at
        + 0.0012 * normal
        + r * radius[:, None, None] * ring
        + (r * np.array([row[1] for row in rows]))[:, None, None] * normal
    )
    n = len(turn)
    i, j = np.meshgrid(np.arange(len(rows) - 1), np.arange(n), indexing="ij")
    a, b = i * n + j, i * n + (j + 1) % n
    faces = np.stack([a, b, b + n, a + n], -1).reshape(-1, 4)
    return PolyMesh(
        vertices=np.ascontiguousarray(points.reshape(-1, 3), np.float32),
        corners=np.ascontiguousarray(faces.ravel(), np.int32),
        face_start=np.arange(0, 4 * len(faces) + 1, 4, dtype=np.int32),
        smooth=True,
    )
