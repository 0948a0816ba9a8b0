"""Garments on a form: sewn, settled layer over layer, checked, finished with their details.

Place in the flow: patterns and cloths -> here -> line-up and set. What is promised is measured on the finished mesh
(:mod:`.fitting`): seams closed, nothing inside the body or a layer below by more than 2 mm, nothing torn, nothing fallen. A
garment that fails is refused by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from setpiece.core.garment import Cloth, Draped, Pattern
from setpiece.core.scene import PolyMesh
from setpiece.stage.wardrobe.collars import turned_down, without_falls
from setpiece.stage.wardrobe.details import details
from setpiece.stage.wardrobe.draping import SUBSTEPS, Obstacle, about, clear, settle
from setpiece.stage.wardrobe.fitting import Hung, fitted, passed
from setpiece.stage.wardrobe.form import Form
from setpiece.stage.wardrobe.layering import Beneath, Cover, agreed, air_m, pressed, smoothed
from setpiece.stage.wardrobe.sewing import Sewn, sewn, sides_of

Array = np.ndarray
COARSE_M, FINE_M = 0.026, 0.013
KEPT_OFF_M = 0.0035
_SKIN_M = 0.0012  # that much off the skin at least, everywhere between points too
_COARSE_S, _FINE_S = 2.2, 0.9
_FINE_SUBSTEPS = 2 * SUBSTEPS  # strain goes twice as many edges to the hem


def drape(layers: Sequence[tuple[Pattern, Cloth]], form: Form, *, fine: bool = False) -> tuple[Draped, ...]:
    """Hang garments on ``form``, inner ones first, each a little farther out; then what is beneath is pressed in beneath what
    is over it. ``fine`` halves the mesh and settles on.

    Raises :class:`StageError` for a garment that falls off, tears or passes through what is beneath it.
    """
    body = about(form)
    hung: list[Hung] = []
    for pattern, cloth in layers:
        beneath = Beneath([(one, over.thickness_m) for one, (_, over) in zip(hung, layers, strict=False)], form)
        hung.append(_hung(pattern, cloth, form, body, beneath, len(hung), fine=fine))
    laid = list(hung)
    for inner in reversed(range(len(layers) - 1)):
        hung[inner] = pressed(hung[inner], layers[inner][1], hung[inner + 1 :], form, body)
    hung = smoothed(laid, agreed(hung, form, body), form, body)
    fits = fitted(hung, form)
    made = []
    for depth, ((pattern, cloth), one, fit) in enumerate(zip(layers, hung, fits, strict=True)):
        passed(pattern, fit, form)
        seen = details(pattern, cloth, one.points, one.mesh)
        if depth + 1 < len(hung):
            cover = Cover(hung[depth + 1 :], form)
            seen = tuple((shape, look) for shape, look in seen if cover.covers(np.asarray(shape.vertices, float)).mean() < 0.3)
        made.append(Draped(pattern=pattern, cloth=cloth, mesh=_poly(one.points, one.mesh), details=seen, fit=fit))
    return tuple(made)


def _hung(pattern: Pattern, cloth: Cloth, form: Form, body: Obstacle, beneath: Beneath, number: int, *, fine: bool) -> Hung:
    """One garment about the body, over ``number`` others where they are."""
    off_m = KEPT_OFF_M + cloth.thickness_m
    spacing_m = COARSE_M * form.measures.small  # a child's cloth bends in smaller folds
    mesh = sewn(pattern, form, spacing_m=spacing_m, off_m=off_m + number * air_m(form.measures))
    mesh = replace(mesh, off=mesh.off - number * air_m(form.measures))

    def floor(at: Array) -> Array:
        return np.asarray(mesh.off + beneath.height(at))

    over = floor if number else None
    points = settle(without_falls(mesh), cloth, body, seconds=_COARSE_S, floor=over).points
    if fine:
        mesh, points = halved(mesh, points)
        hangs = without_falls(mesh)
        points = settle(hangs, cloth, body, seconds=_FINE_S, points=points, floor=over, substeps=_FINE_SUBSTEPS).points
    points = turned_down(mesh, points, pattern, cloth, form, body)
    keep_m = _SKIN_M + 0.8 * beneath.height(points)
    points = clear(points, mesh, body, keep_m=keep_m)
    return Hung(pattern=pattern, mesh=replace(mesh, points=points), points=points)


def halved(mesh: Sewn, points: Array) -> tuple[Sewn, Array]:
    """Every triangle in four; flat coordinates halve with it, so that lengths stay those of the cloth."""
    triangles = mesh.triangles
    unique, number = np.unique(sides_of(triangles), axis=0, return_inverse=True)
    number = number.reshape(3, -1).T + len(points)
    grown = np.concatenate([points, points[unique].mean(1)])
    off = np.concatenate([mesh.off, mesh.off[unique].max(1)])
    seam = np.concatenate([mesh.seam, mesh.seam[unique].all(1)])
    creased = np.concatenate([mesh.creased, mesh.creased[unique].any(1)])
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
        creased=creased,
        gripping=np.concatenate([mesh.gripping, mesh.gripping[unique].all(1)]),
        interlined=np.concatenate([mesh.interlined, mesh.interlined[unique].all(1)]),
    ), grown


def _poly(points: Array, mesh: Sewn) -> PolyMesh:
    return PolyMesh(
        vertices=np.ascontiguousarray(points, np.float32),
        corners=np.ascontiguousarray(mesh.triangles.ravel(), np.int32),
        face_start=np.arange(0, 3 * len(mesh.triangles) + 1, 3, dtype=np.int32),
        uv=np.ascontiguousarray(mesh.flat.reshape(-1, 2), np.float32),
        smooth=True,
    )
