"""Hard shapes: boxes, blocks with round corners, turned and swept and lofted solids, as polygon meshes.

Place in the flow: the bottom of what builds sets. Everything is in metres, z up, counter-clockwise from outside; solids are
closed. Flat faces stay one polygon, so that a renderer can round their edges. Texture coordinates are metres of material, u
along the grain. Nothing is placed or coloured here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from setpiece.core.scene import PolyMesh as PolyMesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Vector = tuple[float, float, float]
Profile = Sequence[tuple[float, float]]


def mesh_of(vertices: Any, faces: Sequence[Sequence[int]], *, uv: Any = None, smooth: bool = False) -> PolyMesh:
    """A mesh of ``vertices`` (n, 3) and faces of any number of corners; ``uv`` (corners, 2) in the order of the faces."""
    sizes = np.fromiter((len(face) for face in faces), np.int32, len(faces))
    corners = np.fromiter((corner for face in faces for corner in face), np.int32, int(sizes.sum()))
    return _mesh(np.asarray(vertices, float), corners, sizes, uv, smooth)


def _mesh(vertices: Array, corners: Any, sizes: Any, uv: Any = None, smooth: bool = False) -> PolyMesh:
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    made = np.zeros((0, 2), np.float32) if uv is None else np.array(uv, np.float32)
    return PolyMesh(
        vertices=np.array(vertices, np.float32), corners=np.array(corners, np.int32), face_start=start, uv=made, smooth=smooth
    )


def turning(turn_deg: Vector) -> Array:
    """The rotation about x, then y, then z."""
    (cx, cy, cz), (sx, sy, sz) = (np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg)))
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x, float)


def moved(
    mesh: PolyMesh, at: Vector = (0.0, 0.0, 0.0), turn_deg: Vector = (0.0, 0.0, 0.0), scale: Vector = (1.0, 1.0, 1.0)
) -> PolyMesh:
    """Scaled, turned, then moved. A mirrored mesh keeps its outside outside. Texture coordinates stay."""
    points = np.asarray(mesh.vertices, float) * scale
    if any(turn_deg):
        points = points @ turning(turn_deg).T
    corners, uv = mesh.corners, mesh.uv
    if math.prod(scale) < 0:
        order = np.concatenate([np.arange(a, b)[::-1] for a, b in zip(mesh.face_start[:-1], mesh.face_start[1:], strict=True)])
        corners, uv = corners[order], uv[order] if len(uv) else uv
    return PolyMesh(
        vertices=(points + at).astype(np.float32),
        corners=np.array(corners),
        face_start=mesh.face_start,
        uv=np.array(uv),
        smooth=mesh.smooth,
    )


def joined(meshes: Iterable[PolyMesh]) -> PolyMesh:
    """Several as one. Those without texture coordinates get them, seen along the axis that each face faces."""
    given = [mesh for mesh in meshes if len(mesh.corners)]
    base = np.cumsum([0, *(len(mesh.vertices) for mesh in given)])
    sizes = [np.diff(mesh.face_start) for mesh in given]
    return _mesh(
        np.concatenate([mesh.vertices for mesh in given]),
        np.concatenate([mesh.corners + base[number] for number, mesh in enumerate(given)]),
        np.concatenate(sizes),
        np.concatenate([mesh.uv if len(mesh.uv) else seen(mesh).uv for mesh in given]),
        all(mesh.smooth for mesh in given),
    )


def volume_m3(mesh: PolyMesh) -> float:
    """What a closed mesh encloses; negative where it is inside out."""
    points = np.asarray(mesh.vertices, float)[mesh.corners]
    middle = np.add.reduceat(points, mesh.face_start[:-1], axis=0) / np.diff(mesh.face_start)[:, None]
    return float(np.einsum("fc,fc->", middle, mesh.area_normals()) / 6.0)


def is_closed(mesh: PolyMesh) -> bool:
    """Whether every edge has one face on each side."""
    count = len(mesh.vertices) + 1
    a, b = mesh.corners.astype(np.int64), mesh.corners[mesh.following].astype(np.int64)
    there, back = np.sort(a * count + b), np.sort(b * count + a)
    return bool(np.array_equal(there, back) and np.all(np.diff(there) > 0))


def seen(mesh: PolyMesh, along: int | None = None) -> PolyMesh:
    """With texture coordinates in metres: each face seen along the axis that it faces most; ``along`` (0..2) runs as u
    wherever a face shows it (grain). None: the longest side."""
    if along is None:
        along = int(np.ptp(mesh.vertices, axis=0).argmax())
    facing = np.abs(mesh.area_normals()).argmax(axis=1)
    plain = np.array([[1, 2], [0, 2], [0, 1]])
    shown = np.array([[along, 3 - along - axis] if axis != along else plain[axis] for axis in range(3)])
    axes = np.repeat(shown[facing], np.diff(mesh.face_start), axis=0)
    uv = np.take_along_axis(np.asarray(mesh.vertices, np.float32)[mesh.corners], axes, axis=1)
    return PolyMesh(
        vertices=mesh.vertices,
        corners=mesh.corners,
        face_start=mesh.face_start,
        uv=np.ascontiguousarray(uv),
        smooth=mesh.smooth,
    )


_BOX = np.array([0, 3, 2, 1, 4, 5, 6, 7, 0, 1, 5, 4, 1, 2, 6, 5, 2, 3, 7, 6, 3, 0, 4, 7], np.int32)


def box(size: Vector) -> PolyMesh:
    """A box standing on z = 0 about the origin."""
    x, y, z = size[0] / 2, size[1] / 2, size[2]
    points = np.array([(-x, -y, 0), (x, -y, 0), (x, y, 0), (-x, y, 0), (-x, -y, z), (x, -y, z), (x, y, z), (-x, y, z)])
    return seen(_mesh(points, _BOX, np.full(6, 4)))


def skin(rings: Any, *, caps: bool = True, around: bool = True, smooth: bool = True, closed: bool = False) -> PolyMesh:
    """The skin over rings (k, m, 3), each counter-clockwise as seen from the last. ``caps`` closes the ends by flat polygons;
    ``around`` joins the last point of a ring with its first; ``closed`` joins the last ring with the first.
    """
    rings = np.asarray(rings, float)
    count, many, _ = rings.shape
    reach, last = (many if around else many - 1), (count if closed else count - 1)
    k, i = (grid.ravel() for grid in np.meshgrid(np.arange(last), np.arange(reach), indexing="ij"))
    j, n = (i + 1) % many, (k + 1) % count
    corners = np.stack([k * many + i, k * many + j, n * many + j, n * many + i], 1)
    lengths_u = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(rings[[*range(count), 0]], axis=0), axis=2).mean(1))])
    wide = np.roll(rings, -1, axis=1) - rings
    lengths_v = np.concatenate([[0], np.cumsum(np.linalg.norm(wide, axis=2).mean(0))])
    u, v = (
        np.stack([lengths_u[k], lengths_u[k], lengths_u[k + 1], lengths_u[k + 1]], 1),
        np.stack([lengths_v[i], lengths_v[i + 1]], 1),
    )
    uv = np.stack([u, v[:, [0, 1, 1, 0]]], 2).reshape(-1, 2)
    flat, sizes = corners.ravel(), np.full(len(corners), 4)
    if caps and not closed and around:
        ends = [np.arange(many)[::-1], (count - 1) * many + np.arange(many)]
        flat, sizes = np.concatenate([flat, *ends]), np.concatenate([sizes, [many, many]])
        uv = np.concatenate(
            [uv, *(_flat_uv(rings[way][order]) for way, order in ((0, np.arange(many)[::-1]), (-1, np.arange(many))))]
        )
    return _mesh(rings.reshape(-1, 3), flat, sizes, uv, smooth)


def _flat_uv(ring: Array) -> Array:
    """Coordinates of a flat polygon in its own plane."""
    middle = ring - ring.mean(0)
    _, _, axes = np.linalg.svd(middle, full_matrices=False)
    return np.asarray(middle @ axes[:2].T, float)


def lathe(profile: Profile, segments: int = 28, *, ring: bool = False, smooth: bool = True) -> PolyMesh:
    """Turned about z. ``profile`` is (radius, z) with the solid on its left as it goes up: from the axis at the bottom,
    outside, to the axis at the top. Ends off the axis are closed flat; ``ring``: the profile is a closed loop.
    """
    rows = np.asarray(profile, float)
    angle = np.arange(segments) * (2 * math.pi / segments)
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    first, last = 0, len(rows)
    if not ring:
        first += int(rows[0, 0] <= 1e-9)
        last -= int(rows[-1, 0] <= 1e-9)
    body = rows[first:last]
    rings = np.concatenate([body[:, None, :1] * circle[None], np.broadcast_to(body[:, None, 1:], (len(body), segments, 1))], 2)
    made = skin(rings, caps=not ring and first == 0 and last == len(rows), closed=ring, smooth=smooth)
    if ring or (first == 0 and last == len(rows)):
        return made
    points, corners, sizes, uv = [made.vertices.astype(float)], [made.corners], [np.diff(made.face_start)], [made.uv]
    order, end = np.arange(segments), (len(body) - 1) * segments
    for bottom in (True, False):
        pole = first == 1 if bottom else last < len(rows)
        base = 0 if bottom else end
        if pole:
            tip = sum(len(part) for part in points)
            points.append(np.array([[0.0, 0.0, rows[0 if bottom else -1, 1]]]))
            a, b = base + order, base + (order + 1) % segments
            corners.append(
                (np.stack([b, a, np.full(segments, tip)], 1) if bottom else np.stack([a, b, np.full(segments, tip)], 1)).ravel()
            )
            sizes.append(np.full(segments, 3))
        else:
            corners.append(base + (order[::-1] if bottom else order))
            sizes.append(np.array([segments]))
        everything = np.concatenate(points)
        uv.append(everything[corners[-1]][:, :2])
    return _mesh(np.concatenate(points), np.concatenate(corners), np.concatenate(sizes), np.concatenate(uv), smooth)


def cylinder(radius: float, height: float, *, top: float | None = None, round_m: float = 0.002, segments: int = 24) -> PolyMesh:
    """A cylinder or cone standing on z = 0, its edges a little round."""
    upper = radius if top is None else top
    soft = min(round_m, 0.4 * height, 0.4 * radius, 0.4 * max(upper, 1e-3))
    return lathe([(radius - soft, 0), (radius, soft), (upper, height - soft), (max(upper - soft, 1e-4), height)], segments)


def circle(radius: float, many: int = 12) -> Array:
    """A circle (many, 2), counter-clockwise."""
    angle = np.arange(many) * (2 * math.pi / many)
    return np.stack([np.cos(angle), np.sin(angle)], 1) * radius


def rounded(width: float, depth: float, corner: float, steps: int = 5) -> Array:
    """A rectangle with round corners (4 * steps, 2), counter-clockwise."""
    corner = max(1e-4, min(corner, width / 2 - 1e-4, depth / 2 - 1e-4))
    quarter = np.linspace(0, math.pi / 2, steps)
    arcs = []
    for number, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        angle = quarter + number * math.pi / 2
        centre = np.array([sx * (width / 2 - corner), sy * (depth / 2 - corner)])
        arcs.append(centre + corner * np.stack([np.cos(angle), np.sin(angle)], 1))
    return np.concatenate(arcs)


def extrude(outline: Any, height: float) -> PolyMesh:
    """An outline (n, 2), counter-clockwise, from z = 0 to ``height``; both ends one polygon each, which may be concave."""
    flat = np.asarray(outline, float)
    rings = np.stack([np.column_stack([flat, np.full(len(flat), z)]) for z in (0.0, height)])
    return seen(skin(rings, smooth=False))


def block(size: Vector, corner: float, edge: float | None = None, steps: int = 5) -> PolyMesh:
    """A box with upright corners of radius ``corner`` and its upper and lower edges round by ``edge``, on z = 0."""
    soft = min(corner if edge is None else edge, size[2] / 2 - 1e-4, corner)
    angle = np.linspace(0, math.pi / 2, 4)
    inset = np.concatenate([soft * (1 - np.sin(angle)), soft * (1 - np.cos(angle))])
    height = np.concatenate([soft * (1 - np.cos(angle)), size[2] - soft * (1 - np.sin(angle))])
    rings = []
    for away, z in zip(inset, height, strict=True):
        flat = rounded(size[0] - 2 * away, size[1] - 2 * away, corner - away, steps)
        rings.append(np.column_stack([flat, np.full(len(flat), z)]))
    return seen(skin(np.array(rings)))


def framed(outer: Any, inner: Any, depth: float) -> PolyMesh:
    """The ring between two outlines (n, 2) of as many points, counter-clockwise, from z = 0 to ``depth``."""
    rows = [(outer, 0.0), (outer, depth), (inner, depth), (inner, 0.0)]
    rings = np.stack([np.column_stack([np.asarray(flat, float), np.full(len(flat), z)]) for flat, z in rows])
    return seen(skin(rings, closed=True, smooth=False))


def sweep(path: Any, section: Any, *, up: Vector = (0.0, 0.0, 1.0), closed: bool = False, smooth: bool = True) -> PolyMesh:
    """``section`` (m, 2) along ``path`` (n, 3): mitred at its corners, without twist. The section's x goes
    to the right of the way, its y towards ``up``. ``closed`` joins the ends.
    """
    points, flat = np.asarray(path, float), np.asarray(section, float)
    after = np.roll(flat, -1, axis=0)
    if float(np.sum(flat[:, 0] * after[:, 1] - flat[:, 1] * after[:, 0])) > 0:
        flat = flat[::-1]
    legs = np.diff(points[[*range(len(points)), 0]] if closed else points, axis=0)
    legs = legs / np.maximum(np.linalg.norm(legs, axis=1, keepdims=True), 1e-12)
    high = np.asarray(up, float)
    if abs(float(high @ legs[0])) > 0.98:
        high = np.array([0.0, 1.0, 0.0]) if abs(legs[0][1]) < 0.9 else np.array([1.0, 0.0, 0.0])
    right = np.cross(legs[0], high)
    right /= np.linalg.norm(right)
    rings = []
    for number in range(len(points)):
        before = legs[number - 1] if number or closed else legs[0]
        after = legs[min(number, len(legs) - 1)]
        way = after if number else before if not closed else after
        if number:
            right = _carried(right, legs[number - 1], after)
        upward = np.cross(right, way)
        bisector = before + after
        shift = flat[:, :1] * right + flat[:, 1:] * upward
        along = -(shift @ bisector) / max(float(way @ bisector), 1e-3)
        rings.append(points[number] + shift + np.clip(along, -0.5, 0.5)[:, None] * way)
    return skin(np.array(rings), closed=closed, smooth=smooth)


def _carried(right: Array, before: Array, after: Array) -> Array:
    """A direction carried round a corner without twist."""
    axis, cosine = np.cross(before, after), float(before @ after)
    sine = float(np.linalg.norm(axis))
    if sine < 1e-9:
        return right
    axis = axis / sine
    return np.asarray(right * cosine + np.cross(axis, right) * sine + axis * float(axis @ right) * (1 - cosine), float)


def curve(points: Any, steps: int = 6, *, closed: bool = False) -> Array:
    """A smooth line through points (n, 3) (Catmull and Rom, 1974), ``steps`` to each leg."""
    given = np.asarray(points, float)
    ends = (given[-1:], given[:2]) if closed else (2 * given[:1] - given[1:2], 2 * given[-1:] - given[-2:-1])
    row = np.concatenate([ends[0], given, ends[1]])
    t = (np.arange(steps) / steps)[:, None]
    legs = []
    for number in range(len(given) if closed else len(given) - 1):
        a, b, c, d = row[number : number + 4]
        legs.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate(legs if closed else [*legs, given[-1:]])


def tube(points: Any, radius: float, segments: int = 10, *, closed: bool = False) -> PolyMesh:
    """A round bar or pipe along points (n, 3)."""
    return sweep(points, circle(radius, segments), closed=closed)


def panel(width: float, height: float, depth: float, holes: Sequence[tuple[float, float, float, float]] = ()) -> PolyMesh:
    """An upright slab in x and z, y from 0 to ``depth`` away from its face at -y, with rectangular ``holes`` (left, bottom,
    right, top) through it; x from -width / 2, z from 0."""
    xs = np.unique(np.round(np.concatenate([[-width / 2, width / 2], *([h[0], h[2]] for h in holes)]), 6))
    zs = np.unique(np.round(np.concatenate([[0.0, height], *([h[1], h[3]] for h in holes)]), 6))
    mid_x, mid_z = (xs[1:] + xs[:-1]) / 2, (zs[1:] + zs[:-1]) / 2
    solid = np.ones((len(mid_x), len(mid_z)), bool)
    for left, bottom, right, top in holes:
        solid &= ~(((mid_x > left) & (mid_x < right))[:, None] & ((mid_z > bottom) & (mid_z < top))[None])
    many = len(zs)
    points = np.array([(x, y, z) for y in (0.0, depth) for x in xs for z in zs])
    back = len(xs) * many
    faces: list[tuple[int, int, int, int]] = []
    padded = np.pad(solid, 1)
    for i, k in zip(*np.nonzero(solid), strict=True):
        a, b, c, d = i * many + k, (i + 1) * many + k, (i + 1) * many + k + 1, i * many + k + 1
        faces += [(a, b, c, d), (back + b, back + a, back + d, back + c)]
        sides = ((0, -1, a, b), (1, 0, b, c), (0, 1, c, d), (-1, 0, d, a))
        faces += [(back + p, back + q, q, p) for di, dk, p, q in sides if not padded[i + 1 + di, k + 1 + dk]]
    used = np.unique(np.array(faces).ravel())
    place = np.full(len(points), -1)
    place[used] = np.arange(len(used))
    return seen(_mesh(points[used], place[np.array(faces).ravel()], np.full(len(faces), 4)), along=0)
