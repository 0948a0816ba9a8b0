"""The fitting: what a draped garment is measured for, apart from what draped it.

Place in the flow: after draping, before a garment is let out. Nothing here knows how cloth was moved. A layer passes through
the one over it where the straight way from it to the body's skin crosses that one: asked by rays, at points, edge middles and
face middles. Metres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from setpiece.core.errors import StageError
from setpiece.core.garment import Fit, Pattern
from setpiece.stage.wardrobe.form import Form
from setpiece.stage.wardrobe.sewing import Sewn, sides_of

Array = np.ndarray
INSIDE_M, GAP_M, TORN, STRAINED = 0.002, 0.003, 1.25, 1.08
REACH_M = 0.10  # farther off the body than that, cloth under cloth hangs free of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Hung:
    """A garment as it hangs: its sewn ``mesh`` and where its points (n, 3) came to."""

    pattern: Pattern
    mesh: Sewn
    points: Array


def places(triangles: Array) -> tuple[Array, ...]:
    """Where a mesh is looked at, by corners: its points (n, 1), the middles of its edges (e, 2) and faces (t, 3)."""
    return np.unique(triangles)[:, None], np.unique(sides_of(triangles), axis=0), triangles


def samples(points: Array, at: Sequence[Array]) -> Array:
    """Points, edge middles and face middles (s, 3) at the :func:`places` of a mesh."""
    return np.concatenate([points[corners].mean(1) for corners in at])


def outwards(form: Form, points: Array) -> Array:
    """The way (p, 3) straight away from the body, of length 1."""
    step = 0.006
    rows = [form.distance(points + step * axis) - form.distance(points - step * axis) for axis in np.eye(3)]
    way = np.stack(rows, -1)
    return np.asarray(way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9))


def feet_of(form: Form, points: Array) -> tuple[Array, Array]:
    """The skin (p, 3) that points are nearest to, and their height (p,) over it."""
    height = form.distance(points)
    return points - height[:, None] * outwards(form, points), height


def outside(at: Array, outer: Hung, form: Form) -> tuple[Array, Array]:
    """Which of the places ``at`` (s, 3) of an inner garment are outside an outer one, (r,), and how far, metres (r,)."""
    deep = form.distance(at)
    near = np.flatnonzero((deep > 0.0005) & (deep < REACH_M))
    crossed, first = crossings(outer.points, outer.mesh.triangles, at[near], -outwards(form, at[near]), deep[near])
    odd = crossed % 2 == 1
    return near[odd], first[odd]


def through(inner: Hung, outer: Hung, form: Form) -> float:
    """The farthest, metres, that the inner garment passes out through the outer one."""
    _, out_m = outside(samples(inner.points, places(inner.mesh.triangles)), outer, form)
    return float(out_m.max(initial=0.0))


def crossings(points: Array, triangles: Array, start: Array, way: Array, reach: Array) -> tuple[Array, Array]:
    """How often rays of a length (r,) cross a mesh, and how far off the first crossing is (0 where there is none)."""
    from embreex.mesh_construction import TriangleMesh
    from embreex.rtcore_scene import EmbreeScene

    scene = EmbreeScene()
    TriangleMesh(scene, np.ascontiguousarray(points, np.float32), np.ascontiguousarray(triangles, np.int32))
    count, first, gone = np.zeros(len(start), int), np.zeros(len(start)), np.full(len(start), 1e-5)
    live = np.arange(len(start))
    for _ in range(8):
        begin = start[live] + way[live] * gone[live, None]
        found = scene.run(np.ascontiguousarray(begin, np.float32), np.ascontiguousarray(way[live], np.float32), output=1)
        reached = np.where(found["primID"] >= 0, gone[live] + found["tfar"], np.inf)
        hit = reached < reach[live]
        live, reached = live[hit], reached[hit]
        if not len(live):
            break
        first[live] = np.where(count[live] == 0, reached, first[live])
        count[live] += 1
        gone[live] = reached + 1e-5
    return count, first


def stretches(points: Array, mesh: Sewn) -> Array:
    """Length over flat length (3 t,) of every side of every triangle; where two panels meet, each by its own flat length."""
    made = []
    for a, b in ((0, 1), (1, 2), (2, 0)):
        now = np.linalg.norm(points[mesh.triangles[:, a]] - points[mesh.triangles[:, b]], axis=1)
        flat = np.hypot(*(mesh.flat[:, a] - mesh.flat[:, b]).T)
        made.append(now / np.maximum(flat, 1e-6))
    return np.concatenate(made)


def gap(hung: Hung) -> float:
    """How far apart, metres, the two sides of a seam are at the widest; infinite where a seam's length is open."""
    edges, times = np.unique(sides_of(hung.mesh.triangles), axis=0, return_counts=True)
    open_m = float(np.linalg.norm(np.diff(hung.points[edges[times == 1]], axis=1)[:, 0], axis=1).sum())
    flat_m = _free_edge_m(hung.pattern)
    return 0.0 if open_m < 1.12 * flat_m + 0.06 else float("inf")


def _free_edge_m(pattern: Pattern) -> float:
    """The length of all edges that no seam joins."""
    sewn = {end for seam in pattern.seams for end in (seam.one, seam.other)}
    free = [edge.points for panel in pattern.panels for edge in panel.edges if (panel.name, edge.name) not in sewn]
    return sum(float(np.hypot(*np.diff(np.asarray(points, float), axis=0).T).sum()) for points in free)


def fitted(garments: Sequence[Hung], form: Form) -> tuple[Fit, ...]:
    """How each of a look's garments came out, inner ones first."""
    made = []
    for depth, one in enumerate(garments):
        body = float(np.maximum(-form.distance(samples(one.points, places(one.mesh.triangles))), 0.0).max())
        over = max((through(one, other, form) for other in garments[depth + 1 :]), default=0.0)
        strain = stretches(one.points, one.mesh)
        made.append(
            Fit(
                gap_m=gap(one), inside_m=max(body, over), stretch=float(np.quantile(strain, 0.99)), torn=float(strain.max()),
                low_m=float(one.points[:, 2].min()), high_m=float(one.points[:, 2].max()),
            )
        )  # fmt: skip
    return tuple(made)


def passed(pattern: Pattern, fit: Fit, form: Form) -> None:
    """Let a garment out, or raise :class:`StageError` that says what is wrong with it and what to change."""
    name = f"the {pattern.kind.replace('_', ' ')}"
    if not np.isfinite(fit.high_m) or fit.high_m < _held_from(pattern, form):
        raise StageError(f"{name} slid down to {fit.high_m:.2f} m", remedy="give it less ease, or a smaller size")
    if fit.gap_m > GAP_M:
        raise StageError(f"a seam of {name} is open", remedy="report this: its garment is wrong")
    if fit.inside_m > INSIDE_M:
        raise StageError(
            f"{name} passes {1000 * fit.inside_m:.1f} mm through what is beneath or over it",
            remedy="give the outer garment more ease, or the inner one less",
        )
    if fit.torn > TORN or fit.stretch > STRAINED:
        raise StageError(
            f"{name} would tear: stretched {fit.torn:.2f} times somewhere, {fit.stretch:.2f} times in a hundredth of it",
            remedy="give it more ease",
        )


def _held_from(pattern: Pattern, form: Form) -> float:
    """The least height that a garment's top keeps: shoulders hold what has a bodice, the waist what has a band."""
    names = " ".join(panel.name for panel in pattern.panels)
    hangs = "bodice" in names or "cape" in names
    return form.marks.shoulder_z - 0.03 if hangs else form.marks.waist_z - 0.06
