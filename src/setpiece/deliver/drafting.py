"""Measured drawings of a built scene: a plan, cut at chest height and seen from above, and what stands before each wall.

Place in the flow: after the stage, before boards. Hidden lines are hidden by painting from far to near: faces white, then their
sharp edges; what the plan cuts through is hatched as a section. Everything stays in metres: paper is :mod:`.boards`' business.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from setpiece.core.arrays import Float32, frozen
from setpiece.core.errors import StageError
from setpiece.core.scene import Placed, PolyMesh, Scene, SceneCamera
from setpiece.core.set_spec import Side

CUT_M = 1.2  # where a plan is cut, as architects do: through windows, above tables
BEFORE_WALL_M = 1.0  # how deep an elevation looks into the room
LEAST_MM2 = 4.0  # of set: faces and edges that are smaller than that in the drawing are left out
_SHARP = np.cos(np.radians(30.0))

# What lies to the right and behind for somebody who stands in the middle and looks at a wall.
_FACING = {
    Side.NORTH: ((1.0, 0.0), (0.0, 1.0)),
    Side.EAST: ((0.0, -1.0), (1.0, 0.0)),
    Side.SOUTH: ((-1.0, 0.0), (0.0, -1.0)),
    Side.WEST: ((0.0, 1.0), (-1.0, 0.0)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Lines and faces to be painted in their order, metres, x to the right, y up.

    ``strokes`` are (points (n, 2), kind): ``face`` hides what lies behind it, ``edge`` is a line of two points, ``wall``
    and ``cut`` are closed outlines of architecture and of other things that the plan cuts. ``box_m`` is (left, bottom,
    right, top).
    """

    strokes: tuple[tuple[Float32[np.ndarray, "n 2"], str], ...]
    box_m: tuple[float, float, float, float]


def plan(scene: Scene, *, cut_m: float = CUT_M) -> Drawing:
    """The scene from above, without what lies higher than ``cut_m``; x is east, y is north. Raises :class:`StageError` where
    nothing was built."""
    strokes: list[tuple[float, int, np.ndarray, str]] = []
    sections: list[tuple[np.ndarray, str]] = []
    for placed in _drawn(scene.placed):
        for part in placed.thing.parts:
            world = _world(placed, part.mesh.vertices)
            if len(world) == 0 or float(world[:, 2].min()) >= cut_m:
                continue
            kept = world[:, 2] <= cut_m + 1e-6
            strokes += _visible(part.mesh, world[:, :2], world[:, 2], kept=kept)
            if not kept.all():
                kind = "wall" if placed.layer == "architecture" else "cut"
                sections += [(loop, kind) for loop in section(part.mesh, world, cut_m)]
    if not strokes and not sections:
        raise StageError("the set has nothing to draw", remedy="build it first: it holds no geometry")
    width, depth, _ = scene.room_m
    return _painted(strokes, sections, (-width / 2, -depth / 2, width / 2, depth / 2))


def elevation(scene: Scene, side: Side, *, depth_m: float = BEFORE_WALL_M) -> Drawing:
    """What stands at one wall and before it, up to ``depth_m``, for somebody in the room who looks at it; x runs to their
    right from the wall's middle, y is height."""
    right, ahead = (np.array(axis, np.float32) for axis in _FACING[side])
    width, depth, height = scene.room_m
    reach = (depth if side in (Side.NORTH, Side.SOUTH) else width) / 2
    half = (width if side in (Side.NORTH, Side.SOUTH) else depth) / 2
    strokes: list[tuple[float, int, np.ndarray, str]] = []
    for placed in _drawn(scene.placed):
        for part in placed.thing.parts:
            world = _world(placed, part.mesh.vertices)
            if len(world) == 0:
                continue
            away = world[:, :2] @ ahead
            if float(away.max()) < reach - depth_m or float(away.min()) > reach + depth_m:
                continue
            kept = away >= reach - depth_m - 1e-6
            flat = np.stack([world[:, :2] @ right, world[:, 2]], axis=-1)
            strokes += _visible(part.mesh, flat, -away, kept=kept, partly=True)
    return _painted(strokes, [], (-half, 0.0, half, height))


def section(mesh: PolyMesh, world: Float32[np.ndarray, "v 3"], level_m: float) -> tuple[Float32[np.ndarray, "n 2"], ...]:
    """Closed outlines (n, 2) of what a level plane cuts out of a closed mesh with ``world`` vertices (v, 3); open chains of
    a mesh that is a sheet are left out."""
    height = world[:, 2].astype(np.float64) - level_m
    height[np.abs(height) < 1e-6] = 1e-6  # a vertex in the plane counts as above it
    segments = [ends for corners in _faces(mesh) if (ends := _crossing(world, height, corners)) is not None]
    return tuple(_loops(segments))


def _crossing(world: np.ndarray, height: np.ndarray, corners: np.ndarray) -> np.ndarray | None:
    """Where a face meets the plane, (2, 2); None where it does not."""
    found = []
    for first, second in zip(corners, np.roll(corners, -1), strict=True):
        low, high = height[first], height[second]
        if (low < 0) != (high < 0):
            share = low / (low - high)
            found.append(world[first, :2] + share * (world[second, :2] - world[first, :2]))
    return np.array(found, np.float32) if len(found) == 2 else None


def _loops(segments: list[np.ndarray]) -> Iterator[np.ndarray]:
    """Chains of segments that close, each end joined where it lies within a tenth of a millimetre."""
    ends: dict[tuple[int, int], list[int]] = {}
    for number, pair in enumerate(segments):
        for point in pair:
            ends.setdefault(_cell(point), []).append(number)
    left = set(range(len(segments)))
    while left:
        number = min(left)
        left.remove(number)
        chain = [segments[number][0], segments[number][1]]
        while (following := next((k for k in ends.get(_cell(chain[-1]), ()) if k in left), None)) is not None:
            left.remove(following)
            pair = segments[following]
            chain.append(pair[1] if _cell(pair[0]) == _cell(chain[-1]) else pair[0])
        if len(chain) > 3 and _cell(chain[0]) == _cell(chain[-1]):
            yield np.array(chain, np.float32)


def _cell(point: np.ndarray) -> tuple[int, int]:
    return round(float(point[0]) * 1e4), round(float(point[1]) * 1e4)


def _drawn(placed: Iterable[Placed]) -> Iterator[Placed]:
    """What belongs into a measured drawing: the set itself, not what is seen through its windows."""
    return (item for item in placed if item.layer != "outside")


def _world(placed: Placed, vertices: np.ndarray) -> np.ndarray:
    matrix = placed.matrix
    return (vertices @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32)


def _faces(mesh: PolyMesh) -> Iterator[np.ndarray]:
    return (mesh.corners[first:last] for first, last in zip(mesh.face_start[:-1], mesh.face_start[1:], strict=True))


def _visible(
    mesh: PolyMesh, flat: np.ndarray, near: np.ndarray, *, kept: np.ndarray, partly: bool = False
) -> list[tuple[float, int, np.ndarray, str]]:
    """Strokes (nearness, order, points, kind) of a mesh with vertices at ``flat`` (v, 2), ``near`` (v,) towards the eye: of
    faces whose vertices are all ``kept``, or, ``partly``, some."""
    start, corners = mesh.face_start[:-1], mesh.corners
    if len(start) == 0:
        return []
    counts = np.diff(mesh.face_start)
    solid = np.concatenate([flat, near[:, None]], axis=1).astype(np.float64)
    normals = mesh.area_normals(solid)
    nearness = np.add.reduceat(near[corners].astype(np.float64), start) / counts
    whole = (np.maximum if partly else np.minimum).reduceat(kept[corners].astype(np.int8), start) > 0
    front = whole & (normals[:, 2] > 1e-9)
    shown = np.flatnonzero(front & (normals[:, 2] / 2 * 1e6 >= LEAST_MM2))
    strokes: list[tuple[float, int, np.ndarray, str]] = [
        (float(nearness[k]), 0, flat[corners[start[k] : start[k] + counts[k]]], "face") for k in shown
    ]
    unit = normals / np.maximum(np.linalg.norm(normals, axis=1), 1e-12)[:, None]
    ends, sides = _edges(corners, mesh.following, np.repeat(np.arange(len(start)), counts), len(flat))
    one, other = sides[:, 0], np.where(sides[:, 1] < 0, sides[:, 0], sides[:, 1])
    smooth = (sides[:, 1] >= 0) & front[one] & front[other] & ((unit[one] * unit[other]).sum(axis=1) > _SHARP)
    there = kept[ends].any(axis=1) if partly else kept[ends].all(axis=1)
    long = ((flat[ends[:, 0]] - flat[ends[:, 1]]) ** 2).sum(axis=1) * 1e6 >= LEAST_MM2
    closest = np.maximum(np.where(front[one], nearness[one], -np.inf), np.where(front[other], nearness[other], -np.inf))
    drawn = np.flatnonzero((front[one] | front[other]) & ~smooth & there & long)
    return strokes + [(float(closest[k]), 1, flat[ends[k]], "edge") for k in drawn]


def _edges(corners: np.ndarray, following: np.ndarray, face: np.ndarray, vertices: int) -> tuple[np.ndarray, np.ndarray]:
    """Edges as vertex pairs (e, 2), and the faces on both sides (e, 2), -1 where there is none."""
    first, second = corners.astype(np.int64), corners[following].astype(np.int64)
    key = np.minimum(first, second) * vertices + np.maximum(first, second)
    order = np.argsort(key, kind="stable")
    unique, begin, count = np.unique(key[order], return_index=True, return_counts=True)
    sides = np.full((len(unique), 2), -1, np.int64)
    sides[:, 0] = face[order[begin]]
    sides[count > 1, 1] = face[order[begin[count > 1] + 1]]
    return np.stack([unique // vertices, unique % vertices], axis=1), sides


def _painted(
    strokes: list[tuple[float, int, np.ndarray, str]],
    sections: list[tuple[np.ndarray, str]],
    box: tuple[float, float, float, float],
) -> Drawing:
    strokes.sort(key=lambda stroke: (stroke[0], stroke[1]))
    everything = [(np.ascontiguousarray(points, np.float32), kind) for _, _, points, kind in strokes]
    everything += [(np.ascontiguousarray(points, np.float32), kind) for points, kind in sections]
    for points, _ in everything:
        frozen(points)
    return Drawing(strokes=tuple(everything), box_m=box)


def draw_camera(axes: Any, camera: SceneCamera, reach_m: float, colour: str) -> None:
    """A camera on a matplotlib plan: its eye, what it sees as far as ``reach_m``, its name and lens."""
    eye, target = np.array(camera.position_m[:2]), np.array(camera.target_m[:2])
    ahead = math.atan2(*(target - eye)[::-1])
    half = math.atan(camera.sensor_mm[0] / 2 / camera.lens_mm)
    sides = [eye + reach_m * np.array([math.cos(ahead + turn), math.sin(ahead + turn)]) for turn in (-half, half)]
    axes.fill(*np.array([eye, *sides]).T, color=colour, alpha=0.08, lw=0, zorder=6)
    for side in sides:
        axes.plot(*np.stack([eye, side]).T, color=colour, lw=0.9, ls=(0, (6, 3)), zorder=6)
    axes.plot(*eye, marker="o", ms=5, color=colour, zorder=7)
    label = f"{camera.name} {camera.lens_mm:g} mm"
    axes.annotate(label, xy=tuple(eye), xytext=(6, 6), textcoords="offset points", size=8, color=colour, zorder=8)
