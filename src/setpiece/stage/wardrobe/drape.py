"""Garments on a form: sewn, settled layer over layer, checked, finished with their details.

Place in the flow: patterns and cloths -> here -> line-up and set. What is promised is measured here on the finished mesh: seams
closed, nothing inside the body or a layer below by more than 2 mm, nothing torn, nothing fallen. A garment that fails is
refused by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from setpiece.core.errors import StageError
from setpiece.core.garment import Cloth, Draped, Fit, Pattern
from setpiece.core.scene import PolyMesh
from setpiece.stage.wardrobe.details import details
from setpiece.stage.wardrobe.draping import Obstacle, limited, settle
from setpiece.stage.wardrobe.form import CELL_M, Form
from setpiece.stage.wardrobe.sewing import Sewn, sewn

Array = np.ndarray
COARSE_M, FINE_M = 0.026, 0.013
KEPT_OFF_M = 0.0035
INSIDE_M = 0.002
_LAYER_M = 0.005  # every garment over another keeps that much farther from the body
_CLEAR_M = 0.004
_PRESSED_S = 0.12
_SPREAD = ((1 / 3, 1 / 3), (0.15, 0.15), (0.7, 0.15), (0.15, 0.7), (0.5, 0.5), (0.5, 0), (0, 0.5), (0, 0), (1, 0), (0, 1))
TORN = 1.25
_COARSE_S, _FINE_S = 2.2, 0.9


def drape(layers: Sequence[tuple[Pattern, Cloth]], form: Form, *, fine: bool = False) -> tuple[Draped, ...]:
    """Hang garments on ``form``, inner ones first, each a little farther out; then what is beneath is drawn in beneath what is
    over it, as a jacket presses a shirt. ``fine`` halves the mesh and settles on.

    Raises :class:`StageError` for a garment that falls off, tears or passes through what is beneath it.
    """
    body = Obstacle(field=np.ascontiguousarray(form.field), origin=form.origin)
    hung = [_hung(pattern, cloth, form, body, _LAYER_M * depth, fine=fine) for depth, (pattern, cloth) in enumerate(layers)]
    settled = [points for _, points in hung]
    for inner in reversed(range(len(layers) - 1)):
        above = [(settled[outer], hung[outer][0]) for outer in range(inner + 1, len(layers))]
        settled[inner] = drawn_in(settled[inner], hung[inner][0], layers[inner][1], above, body)
    made = []
    for depth, ((pattern, cloth), (mesh, _)) in enumerate(zip(layers, hung, strict=True)):
        points = settled[depth]
        out = [proud(points, mesh, settled[over], hung[over][0]) for over in range(depth + 1, len(layers))]
        own = float(np.quantile(stretches(hung[depth][1], mesh), 0.99))  # as it hangs by itself: what presses it folds it
        fit = replace(measured(points, mesh, body, proud_m=max(out, default=0.0)), stretch=own)
        _check(pattern, fit, form)
        seen = [
            (shape, look)
            for shape, look in details(pattern, cloth, points, mesh)
            if not any(_hidden(shape, settled[over], hung[over][0]) for over in range(depth + 1, len(layers)))
        ]
        made.append(Draped(pattern=pattern, cloth=cloth, mesh=_poly(points, mesh), details=tuple(seen), fit=fit))
    return tuple(made)


def _hung(pattern: Pattern, cloth: Cloth, form: Form, body: Obstacle, layer_m: float, *, fine: bool) -> tuple[Sewn, Array]:
    """One garment about the body, ``layer_m`` farther out than the innermost."""
    mesh = sewn(pattern, form, spacing_m=COARSE_M, off_m=KEPT_OFF_M + cloth.thickness_m + layer_m)
    points = settle(mesh, cloth, body, seconds=_COARSE_S).points
    if fine:
        mesh, points = halved(mesh, points)
        points = settle(mesh, cloth, body, seconds=_FINE_S, points=points).points
    return mesh, clear(points, mesh, body)


def clear(points: Array, mesh: Sewn, beneath: Obstacle) -> Array:
    """Points out of what is beneath, what that strains drawn together again, the last word the body's."""
    made = lifted(points, mesh, beneath)
    for _ in range(3):
        made = lifted(limited(made, mesh, beneath), mesh, beneath)
    return made


def _over(points: Array, parts: Array, outer: Array, mesh: Sewn) -> tuple[Array, Array]:
    """How far (p,) points stand outside a garment that covers them, and its normals there; -1 where it does not cover them.

    An arm is covered by sleeves and the trunk by what hangs about it: ``parts`` (p,) as :class:`Sewn` numbers them.
    """
    from scipy.spatial import cKDTree

    height, way = np.full(len(points), -1.0), np.zeros_like(points)
    edge = _at_an_edge(mesh.triangles)
    for part in np.unique(parts):
        mine, theirs = np.flatnonzero(parts == part), mesh.part == part
        if not theirs.any():
            continue
        triangles = mesh.triangles[theirs]
        a, b, c = (outer[triangles[:, i]] for i in range(3))
        normal = np.cross(b - a, c - a)
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
        cloud = np.concatenate([a * (1 - u - v) + b * u + c * v for u, v in _SPREAD])
        facing, hem = np.tile(normal, (len(_SPREAD), 1)), np.tile(edge[theirs], len(_SPREAD))
        _, nearest = cKDTree(cloud).query(points[mine])
        away = points[mine] - cloud[nearest]
        out = (away * facing[nearest]).sum(1)
        beside = np.linalg.norm(away - out[:, None] * facing[nearest], axis=1)
        covers = (beside < 0.02) & (np.abs(out) < 0.12) & ~(hem[nearest] & (out > 0.015))
        height[mine] = np.where(covers, out, -1.0)
        way[mine] = facing[nearest]
    return height, way


def _parts(mesh: Sewn, count: int) -> Array:
    """What each point is worn on."""
    made = np.zeros(count, np.int8)
    for corner in range(3):
        np.maximum.at(made, mesh.triangles[:, corner], mesh.part)
    return made


def _hidden(shape: PolyMesh, outer: Array, over: Sewn) -> bool:
    """Whether a garment over it covers a detail."""
    at = np.asarray(shape.vertices, float)
    height, _ = _over(at, np.zeros(len(at), np.int8), outer, over)
    return bool((height > -0.5).mean() > 0.3)


def _at_an_edge(triangles: Array) -> Array:
    """Which triangles lie at a hem or another open edge."""
    sides = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    _, index, times = np.unique(sides, axis=0, return_inverse=True, return_counts=True)
    open_ends = np.unique(sides[times[index.ravel()] == 1])
    return np.isin(triangles, open_ends).any(1)


def drawn_in(points: Array, mesh: Sewn, cloth: Cloth, above: Sequence[tuple[Array, Sewn]], body: Obstacle) -> Array:
    """A garment's points brought beneath those over it, as far as the body lets them, settling in between."""
    made, parts = points, _parts(mesh, len(points))

    def beneath(at: Array, clear_m: float, *, even: bool) -> Array:
        for outer, over in above:
            height, way = _over(at, parts, outer, over)
            move = -np.maximum(height + clear_m, 0.0)[:, None] * way * (height > -0.5)[:, None]
            at = at + (_evened(move, mesh) if even else move)
        return at

    for _ in range(4):
        pressed = lifted(beneath(made, _CLEAR_M, even=True), mesh, body)
        made = settle(mesh, cloth, body, seconds=_PRESSED_S, points=pressed).points
    for _ in range(12):
        made = lifted(beneath(made, 0.6 * _CLEAR_M, even=False), mesh, body)
    return beneath(made, 0.1 * _CLEAR_M, even=False)


def _evened(move: Array, mesh: Sewn) -> Array:
    """Displacements shared with their neighbours, none made smaller: no steps where a hem ends."""
    pairs = np.concatenate([mesh.triangles[:, [0, 1]], mesh.triangles[:, [1, 2]], mesh.triangles[:, [2, 0]]])
    count = np.maximum(np.bincount(pairs.ravel(), minlength=len(move)), 1)[:, None]
    made = move
    for _ in range(3):
        total = np.zeros_like(made)
        np.add.at(total, pairs[:, 0], made[pairs[:, 1]])
        np.add.at(total, pairs[:, 1], made[pairs[:, 0]])
        mean = total / count
        larger = np.linalg.norm(move, axis=1, keepdims=True) >= np.linalg.norm(mean, axis=1, keepdims=True)
        made = np.where(larger, move, 0.5 * (mean + made))
    return made


def proud(points: Array, mesh: Sewn, outer: Array, over: Sewn) -> float:
    """The farthest, metres, that a garment's points stand out of one over it."""
    height, _ = _over(points, _parts(mesh, len(points)), outer, over)
    return max(0.0, float(height.max(initial=0.0)))


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
        part=np.tile(mesh.part, 4),
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


def measured(points: Array, mesh: Sewn, beneath: Obstacle, *, proud_m: float = 0.0) -> Fit:
    """How a garment came out; ``proud_m`` is how far it stands out of what is over it. Seams are one row of points from the
    start: what they gape is 0 by construction."""
    triangles = mesh.triangles
    worst = min(
        float(_distance(beneath, points[triangles[:, part]].mean(1)).min())
        for part in ((0,), (1,), (2,), (0, 1), (1, 2), (2, 0), (0, 1, 2))
    )
    return Fit(
        gap_m=0.0,
        inside_m=max(0.0, -worst, proud_m),
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
            f"the {name} passes {1000 * fit.inside_m:.1f} mm through what is beneath or over it",
            remedy="give the outer garment more ease, or the inner one less",
        )
    if fit.stretch > TORN:
        raise StageError(
            f"the {name} is stretched {fit.stretch:.2f} times its length and would tear", remedy="give it more ease"
        )


def _poly(points: Array, mesh: Sewn) -> PolyMesh:
    return PolyMesh(
        vertices=np.ascontiguousarray(points, np.float32),
        corners=np.ascontiguousarray(mesh.triangles.ravel(), np.int32),
        face_start=np.arange(0, 3 * len(mesh.triangles) + 1, 3, dtype=np.int32),
        uv=np.ascontiguousarray(mesh.flat.reshape(-1, 2), np.float32),
        smooth=True,
    )
