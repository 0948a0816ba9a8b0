"""Rays: where they start, how they are scattered, what they hit.

Embree traces (two bounding-volume hierarchies: what stands still during the shutter, and what flies at one moment of
it); the kernels here make camera rays, sun rays and ambient rays. Every random number is a hash of (pixel, sample,
dimension, seed): the same in each frame, so that what rests does not boil, and light now and light at rest are
compared along the same rays. Kernels run on one thread: frames are rendered side by side, one process each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba as nb
import numpy as np
from embreex import rtcore_scene
from embreex.mesh_construction import TriangleMesh

# Floating-point liberties that keep NaN and infinity meaningful; the same bits on one machine.
QUICK = {"contract", "reassoc", "arcp", "nsz"}
FAR_M = np.float32(1e6)
LIFT_M = np.float32(0.015)  # rays leave surfaces from this high above them


@nb.njit(cache=True, inline="always")
def hash01(index, sample, dimension, seed):  # type: ignore[no-untyped-def]
    """A number in 0..1 from four integers (a 32-bit multiply-xorshift finaliser)."""
    h = np.uint32(index) * np.uint32(0x9E3779B1) + np.uint32(sample) * np.uint32(0x85EBCA77)
    h += np.uint32(dimension) * np.uint32(0xC2B2AE3D) + np.uint32(seed) * np.uint32(0x27D4EB2F)
    h = np.uint32(h ^ (h >> np.uint32(16))) * np.uint32(0x7FEB352D)
    h = np.uint32(h ^ (h >> np.uint32(15))) * np.uint32(0x846CA68B)
    h = np.uint32(h ^ (h >> np.uint32(16)))
    return np.float32(h >> np.uint32(8)) * np.float32(1.0 / 16777216.0)


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def jitter(index, sample, seed):  # type: ignore[no-untyped-def]
    """Where in its pixel a sample lies, 0..1: the R2 sequence (Roberts 2018) from a hashed start for each pixel."""
    x = hash01(index, 0, 0, seed) + 0.7548776662466927 * (sample + 1)
    y = hash01(index, 0, 1, seed) + 0.5698402909980532 * (sample + 1)
    return np.float32(x - math.floor(x)), np.float32(y - math.floor(y))


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def camera_rays(pixels, width, sample, seed, focal, centre, axes):  # type: ignore[no-untyped-def]
    """Unit directions (n, 3) and film positions (n, 2) of one sample of each of ``pixels`` (n, flat indices)."""
    n = len(pixels)
    directions = np.empty((n, 3), np.float32)
    film = np.empty((n, 2), np.float32)
    for i in range(n):
        pixel = pixels[i]
        jx, jy = jitter(pixel, sample, seed)
        film[i, 0] = np.float32(pixel % width) + jx
        film[i, 1] = np.float32(pixel // width) + jy
        x = (film[i, 0] - centre[0]) / focal
        y = (centre[1] - film[i, 1]) / focal
        a = x * axes[0, 0] + y * axes[1, 0] + axes[2, 0]
        b = x * axes[0, 1] + y * axes[1, 1] + axes[2, 1]
        c = x * axes[0, 2] + y * axes[1, 2] + axes[2, 2]
        inverse = 1.0 / math.sqrt(a * a + b * b + c * c)
        directions[i, 0], directions[i, 1], directions[i, 2] = a * inverse, b * inverse, c * inverse
    return directions, film


@nb.njit(cache=True, nogil=True, inline="always")
def frame_of(x, y, z):  # type: ignore[no-untyped-def]
    """Two unit tangents of the unit normal (x, y, z) (Duff et al. 2017)."""
    sign = 1.0 if z >= 0 else -1.0
    a = -1.0 / (sign + z)
    b = x * y * a
    return 1.0 + sign * x * x * a, sign * b, -sign * x, b, sign + y * y * a, -y


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def sun_rays(pixels, sample, seed, sun, radius):  # type: ignore[no-untyped-def]
    """Directions (n, 3) to points of the sun's disk; ``radius`` is the tangent of its angular radius."""
    n = len(pixels)
    out = np.empty((n, 3), np.float32)
    ax, ay, az, bx, by, bz = frame_of(sun[0], sun[1], sun[2])
    for i in range(n):
        r = radius * math.sqrt(hash01(pixels[i], sample, 2, seed))
        angle = 2.0 * math.pi * hash01(pixels[i], sample, 3, seed)
        u, v = r * math.cos(angle), r * math.sin(angle)
        out[i, 0] = sun[0] + u * ax + v * bx
        out[i, 1] = sun[1] + u * ay + v * by
        out[i, 2] = sun[2] + u * az + v * bz
    return out


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def ambient_rays(pixels, normals, sample, seed):  # type: ignore[no-untyped-def]
    """Cosine-distributed directions (n, 3) about ``normals`` (n, 3)."""
    n = len(pixels)
    out = np.empty((n, 3), np.float32)
    for i in range(n):
        x, y, z = normals[i, 0], normals[i, 1], normals[i, 2]
        ax, ay, az, bx, by, bz = frame_of(x, y, z)
        u1 = hash01(pixels[i], 0, 4, seed) + 0.7548776662466927 * (sample + 1)
        u2 = hash01(pixels[i], 0, 5, seed) + 0.5698402909980532 * (sample + 1)
        u1 -= math.floor(u1)
        u2 -= math.floor(u2)
        r = math.sqrt(u1)
        c, s, h = r * math.cos(2.0 * math.pi * u2), r * math.sin(2.0 * math.pi * u2), math.sqrt(1.0 - u1)
        out[i, 0] = c * ax + s * bx + h * x
        out[i, 1] = c * ay + s * by + h * y
        out[i, 2] = c * az + s * bz + h * z
    return out


@nb.njit(cache=True, nogil=True, fastmath=QUICK)
def pose_vertices(chosen, vertices, vertex_start, centre, position, rotation, out_start, out):  # type: ignore[no-untyped-def]
    """World vertices of ``chosen`` pieces, packed one after another into ``out`` from ``out_start`` on."""
    for i in range(len(chosen)):
        k = chosen[i]
        w, x, y, z = rotation[k, 0], rotation[k, 1], rotation[k, 2], rotation[k, 3]
        at = out_start[i]
        for v in range(vertex_start[k], vertex_start[k + 1]):
            a = vertices[v, 0] - centre[k, 0]
            b = vertices[v, 1] - centre[k, 1]
            c = vertices[v, 2] - centre[k, 2]
            tx, ty, tz = 2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)
            out[at, 0] = position[k, 0] + a + w * tx + y * tz - z * ty
            out[at, 1] = position[k, 1] + b + w * ty + z * tx - x * tz
            out[at, 2] = position[k, 2] + c + w * tz + x * ty - y * tx
            at += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """The camera, as kernels like it."""

    width: int
    height: int
    focal: float
    centre: np.ndarray  # (2,) float64
    axes: np.ndarray  # (3, 3) float64
    eye: np.ndarray  # (3,) float64


def film_rays(film: np.ndarray, lens: Lens) -> np.ndarray:
    """Unit directions (n, 3) through film positions (n, 2)."""
    x = (film[:, 0] - lens.centre[0]) / lens.focal
    y = (lens.centre[1] - film[:, 1]) / lens.focal
    directions = x[:, None] * lens.axes[0] + y[:, None] * lens.axes[1] + lens.axes[2]
    return (directions / np.linalg.norm(directions, axis=1, keepdims=True)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Geometry:
    """Some pieces, posed, in one Embree hierarchy. ``triangle`` maps its primitives to the stage's triangles."""

    scene: object | None
    triangle: np.ndarray

    def nearest(self, origins: np.ndarray, directions: np.ndarray, limit: np.ndarray | None = None):  # type: ignore[no-untyped-def]
        """Stage triangle (n) or -1, and distance (n), of the nearest hit closer than ``limit``."""
        if self.scene is None or not len(origins):
            return np.full(len(origins), -1, np.int32), np.full(len(origins), FAR_M, np.float32)
        room = None if limit is None else limit.copy()  # the binding writes hit distances back into it
        hit = self.scene.run(origins, directions, query="INTERSECT", output=1, dists=room)  # type: ignore[attr-defined]
        primitive = hit["primID"]
        triangle = np.where(primitive >= 0, self.triangle[primitive], -1).astype(np.int32)
        return triangle, np.where(primitive >= 0, hit["tfar"], FAR_M).astype(np.float32)

    def blocked(self, origins: np.ndarray, directions: np.ndarray, reach_m: float | None = None) -> np.ndarray:
        """(n,) bool: something stands within ``reach_m`` along the ray."""
        if self.scene is None or not len(origins):
            return np.zeros(len(origins), bool)
        limit = None if reach_m is None else np.full(len(origins), reach_m, np.float32)
        return np.asarray(self.scene.run(origins, directions, query="OCCLUDED", dists=limit) >= 0)  # type: ignore[attr-defined]


NOTHING = Geometry(None, np.zeros(1, np.int32))


class PieceMeshes:
    """The stage's pieces, ready to be posed: builds a :class:`Geometry` of any subset at any pose."""

    def __init__(self, pieces) -> None:  # type: ignore[no-untyped-def]
        self._pieces = pieces
        order = np.argsort(pieces.triangle_piece, kind="stable").astype(np.int32)
        self._triangles_of = order
        self._first = np.searchsorted(pieces.triangle_piece[order], np.arange(len(pieces) + 1)).astype(np.int64)

    def pose(self, chosen: np.ndarray, position: np.ndarray, rotation: np.ndarray) -> Geometry:
        """``chosen`` (n,) pieces at ``position`` (k, 3), ``rotation`` (k, 4)."""
        if not len(chosen):
            return NOTHING
        pieces = self._pieces
        starts = pieces.vertex_start.astype(np.int64)
        counts = starts[chosen + 1] - starts[chosen]
        out_start = np.concatenate([[0], np.cumsum(counts)])
        out = np.empty((out_start[-1], 3), np.float32)
        pose_vertices(chosen.astype(np.int64), pieces.vertices, starts, pieces.centre, position, rotation, out_start, out)
        lengths = self._first[chosen + 1] - self._first[chosen]
        ends = np.cumsum(lengths)
        within = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
        triangle = self._triangles_of[np.repeat(self._first[chosen], lengths) + within]
        shift = np.repeat(out_start[:-1] - starts[chosen], lengths)
        corners = (pieces.triangles[triangle] + shift[:, None]).astype(np.int32)
        scene = rtcore_scene.EmbreeScene()
        TriangleMesh(scene, out, corners)
        return Geometry(scene, triangle.astype(np.int32))


def both(
    a: Geometry,
    b: Geometry,
    origins: np.ndarray,
    directions: np.ndarray,
    *,
    skip: np.ndarray,
    limit: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The nearer hit of two geometries: stage triangle (n) or -1, distance (n). Rays to ``skip`` (n) don't look at a,
    none looks farther than ``limit`` (n)."""
    if skip.any():
        triangle, distance = np.full(len(origins), -1, np.int32), np.full(len(origins), FAR_M, np.float32)
        look = np.nonzero(~skip)[0]
        triangle[look], distance[look] = a.nearest(origins[look], directions[look], None if limit is None else limit[look])
    else:
        triangle, distance = a.nearest(origins, directions, limit)
    if b.scene is None:
        return triangle, distance
    other, nearer = b.nearest(origins, directions, distance if limit is None else np.minimum(distance, limit))
    closer = (other >= 0) & (nearer < distance)
    return np.where(closer, other, triangle), np.where(closer, nearer, distance)


def blocked_by(
    a: Geometry, b: Geometry, origins: np.ndarray, directions: np.ndarray, reach_m: float | None = None
) -> np.ndarray:
    """(n,) bool: ``a`` or ``b`` stands in the way."""
    hidden = a.blocked(origins, directions, reach_m)
    if b.scene is None:
        return hidden
    free = np.nonzero(~hidden)[0]
    if len(free):
        hidden[free] = b.blocked(origins[free], directions[free], reach_m)
    return hidden
