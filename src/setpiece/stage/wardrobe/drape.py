"""Garments on a form: sewn, settled layer over layer, checked, finished with their details.

Place in the flow: patterns and cloths -> here -> line-up and set. What is promised is measured here on the finished mesh: seams
closed, nothing inside the body or a layer below by more than 2 mm, nothing torn, nothing fallen. A garment that fails is
refused by name.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from setpiece.core.errors import StageError
from setpiece.core.garment import Cloth, Draped, Fit, Pattern
from setpiece.core.scene import PolyMesh
from setpiece.stage.wardrobe.details import details
from setpiece.stage.wardrobe.draping import Obstacle, settle
from setpiece.stage.wardrobe.form import CELL_M, Form
from setpiece.stage.wardrobe.sewing import Sewn, sewn

Array = np.ndarray
COARSE_M, FINE_M = 0.026, 0.013
KEPT_OFF_M = 0.0035
INSIDE_M = 0.002
TORN = 1.25
_COARSE_S, _FINE_S = 2.2, 0.9


def drape(layers: Sequence[tuple[Pattern, Cloth]], form: Form, *, fine: bool = False) -> tuple[Draped, ...]:
    """Hang garments on ``form``, inner ones first. ``fine`` halves the mesh and settles on.

    Raises :class:`StageError` for a garment that falls off, tears or passes through what is beneath it.
    """
    beneath = Obstacle(field=np.ascontiguousarray(form.field), origin=form.origin)
    made = []
    for pattern, cloth in layers:
        one = hung(pattern, cloth, form, beneath, fine=fine)
        made.append(one)
        beneath = covered(beneath, one.mesh, cloth.thickness_m)
    return tuple(made)


def hung(pattern: Pattern, cloth: Cloth, form: Form, beneath: Obstacle, *, fine: bool) -> Draped:
    """One garment over what is beneath it."""
    off = KEPT_OFF_M + cloth.thickness_m
    mesh = sewn(pattern, form, spacing_m=COARSE_M, off_m=off)
    rest = settle(mesh, cloth, beneath, seconds=_COARSE_S)
    points = rest.points
    if fine:
        mesh, points = halved(mesh, points)
        points = settle(mesh, cloth, beneath, seconds=_FINE_S, points=points).points
    points = lifted(points, mesh, beneath)
    fit = measured(points, mesh, beneath)
    _check(pattern, fit, form)
    poly = _poly(points, mesh)
    return Draped(pattern=pattern, cloth=cloth, mesh=poly, details=details(pattern, cloth, points, mesh), fit=fit)


def halved(mesh: Sewn, points: Array) -> tuple[Sewn, Array]:
    """Every triangle in four; flat coordinates halve with it, so that lengths stay those of the cloth."""
    triangles = mesh.triangles
    sides = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    unique, number = np.unique(sides, axis=0, return_inverse=True)
    number = number.reshape(3, -1).T + len(points)
    grown = np.concatenate([points, points[unique].mean(1)])
    off = np.concatenate([mesh.off, mesh.off[unique].max(1)])
    seam = np.concatenate([mesh.seam, mesh.seam[unique].all(1)])
    a, b, c = (mesh.flat[:, i] for i in range(3))
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    i, j, k = triangles.T
    p, q, r = number.T
    rows = ((i, p, r), (p, j, q), (r, q, k), (p, q, r))
    flats = ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))
    return Sewn(
        points=grown,
        triangles=np.concatenate([np.stack(row, -1) for row in rows]).astype(np.int32),
        flat=np.concatenate([np.stack(row, 1) for row in flats]),
        panel=np.tile(mesh.panel, 4),
        off=off,
        seam=seam,
    ), grown


def lifted(points: Array, mesh: Sewn, beneath: Obstacle) -> Array:
    """Points moved out until no vertex, edge middle or face middle lies inside what is beneath."""
    made = points.copy()
    triangles = mesh.triangles
    for _ in range(12):
        deep = np.zeros(len(made))
        for part in ((0,), (1,), (2,), (0, 1), (1, 2), (2, 0), (0, 1, 2)):
            middle = made[triangles[:, part]].mean(1)
            inside = np.maximum(0.0012 - _distance(beneath, middle), 0.0)
            for corner in part:
                np.maximum.at(deep, triangles[:, corner], inside)
        if float(deep.max(initial=0.0)) < 1e-5:
            break
        way = _gradient(beneath, made)
        made = made + way * np.minimum(1.05 * deep, 0.003)[:, None]
    return made


def _distance(beneath: Obstacle, points: Array) -> Array:
    from scipy.ndimage import map_coordinates

    return np.asarray(map_coordinates(beneath.field, ((points - beneath.origin) / CELL_M).T, order=1, mode="nearest"))


def _gradient(beneath: Obstacle, points: Array) -> Array:
    step = 0.7 * CELL_M
    rows = [
        _distance(beneath, points + step * np.eye(3)[axis]) - _distance(beneath, points - step * np.eye(3)[axis])
        for axis in range(3)
    ]
    way = np.stack(rows, -1)
    return way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)


def measured(points: Array, mesh: Sewn, beneath: Obstacle) -> Fit:
    """How a garment came out. Seams are one row of points from the start: what they gape is 0 by construction."""
    triangles = mesh.triangles
    worst = min(
        float(_distance(beneath, points[triangles[:, part]].mean(1)).min())
        for part in ((0,), (1,), (2,), (0, 1), (1, 2), (2, 0), (0, 1, 2))
    )
    return Fit(
        gap_m=0.0,
        inside_m=max(0.0, -worst),
        stretch=float(np.quantile(stretches(points, mesh), 0.99)),
        low_m=float(points[:, 2].min()),
        high_m=float(points[:, 2].max()),
    )


def stretches(points: Array, mesh: Sewn) -> Array:
    """Length over flat length of every edge within a panel (an eased seam counts at its shorter side)."""
    made = []
    for a, b in ((0, 1), (1, 2), (2, 0)):
        now = np.linalg.norm(points[mesh.triangles[:, a]] - points[mesh.triangles[:, b]], axis=1)
        flat = np.hypot(*(mesh.flat[:, a] - mesh.flat[:, b]).T)
        made.append(now / np.maximum(flat, 1e-6))
    return np.concatenate(made)


def _check(pattern: Pattern, fit: Fit, form: Form) -> None:
    name = pattern.kind.replace("_", " ")
    if not np.isfinite(fit.high_m) or fit.high_m < 0.35 * form.marks.waist_z:
        raise StageError(f"the {name} fell off the form", remedy="give it less ease, or a smaller size")
    if fit.inside_m > INSIDE_M:
        raise StageError(
            f"the {name} passes {1000 * fit.inside_m:.1f} mm into what is beneath it",
            remedy="give it more ease, or the garment below less",
        )
    if fit.stretch > TORN:
        raise StageError(
            f"the {name} is stretched {fit.stretch:.2f} times its length and would tear", remedy="give it more ease"
        )


def covered(beneath: Obstacle, mesh: PolyMesh, thickness_m: float) -> Obstacle:
    """What is beneath, with a garment over it: the distance to whichever is nearer, the cloth as thick as it is."""
    from scipy.spatial import cKDTree

    points = np.asarray(mesh.vertices, float)
    triangles = np.asarray(mesh.corners).reshape(-1, 3)
    a, b, c = (points[triangles[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    shares = ((1 / 3, 1 / 3), (0.15, 0.15), (0.7, 0.15), (0.15, 0.7), (0.5, 0.5), (0.5, 0.0), (0.0, 0.5))
    cloud = np.concatenate([a * (1 - u - v) + b * u + c * v for u, v in shares])
    facing = np.tile(normal, (len(shares), 1))
    field = np.array(beneath.field, np.float32)
    origin = np.array(beneath.origin)
    low = np.maximum(((points.min(0) - origin) / CELL_M - 3).astype(int), 0)
    high = np.minimum(((points.max(0) - origin) / CELL_M + 4).astype(int), field.shape)
    grid = np.stack(np.meshgrid(*(np.arange(a, b) for a, b in zip(low, high, strict=True)), indexing="ij"), -1).reshape(-1, 3)
    at = origin + grid * CELL_M
    away, nearest = cKDTree(cloud).query(at, distance_upper_bound=0.03)
    close = np.isfinite(away)
    chosen = grid[close]
    over = ((at[close] - cloud[nearest[close]]) * facing[nearest[close]]).sum(1)
    signed = np.where(over >= 0, away[close], -away[close]) - thickness_m
    here = tuple(chosen.T)
    outside = over > -0.012  # well under the cloth its outer face is nobody's business
    joined = np.where(outside, np.minimum(field[here], signed), field[here])
    field[here] = joined
    return Obstacle(field=np.ascontiguousarray(field), origin=beneath.origin)


def _poly(points: Array, mesh: Sewn) -> PolyMesh:
    return PolyMesh(
        vertices=np.ascontiguousarray(points, np.float32),
        corners=np.ascontiguousarray(mesh.triangles.ravel(), np.int32),
        face_start=np.arange(0, 3 * len(mesh.triangles) + 1, 3, dtype=np.int32),
        uv=np.ascontiguousarray(mesh.flat.reshape(-1, 2), np.float32),
        smooth=True,
    )
