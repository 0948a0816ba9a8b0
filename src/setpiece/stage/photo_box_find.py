"""The box of a photographed room, found in the picture: where the back wall ends left, right, above and below.

Seen through a solved camera on the plane at depth 1 before the eye, uprights stand upright, edges along the back wall lie
level, and edges that run away from the camera all meet in one point. So a room is a rectangle with a ray out of each
corner, four numbers. A corner of a room is often a faint edge but a long one, of one sign: borders are scored by how much
of what is seen of them is such an edge, and edges that a plane cannot carry speak against it (after Hedau, Hoiem and
Forsyth 2009, and Lee, Hebert and Kanade 2009). Exhaustive over the clearest candidates: the same picture gives the same
box.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.stage.camera_solve import CameraSolve
from setpiece.stage.line_segments import LUMA, Segments, deviation_deg, to_picture
from setpiece.stage.photo_box import PhotoBox

_AGREE_DEG = 2.5
_WIDE = 720  # columns of the picture as seen on the plane at depth 1
_REACH = 2.4  # and how far to each side it is looked at there
_MOST = 8  # candidates a side, from edges that lie on it
_SLOPES = 6  # edges into the depth, a quarter of the picture each, that say where a side lies which nothing else shows
_SHORT_LIST = 3000
_EARN = 0.22  # share of a border that must be edge before it speaks for itself
_AGAINST = 2.5  # what edges on planes that cannot carry them count
_TRIM = 0.16  # of the eye's height: skirting and cornice, whose inner edge is clearer than the corner


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBox:
    """The box, a confidence 0..1, and in plain words what it rests on."""

    box: PhotoBox
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Facing:
    """The picture on the plane at depth 1: ``left``, ``top`` of its first pixel's centre and ``step``; sums of signed edge
    strength from the first pixel on, down columns and along rows, and of what is seen."""

    left: float
    top: float
    step: float
    columns: np.ndarray
    rows: np.ndarray
    seen_columns: np.ndarray
    seen_rows: np.ndarray
    across: Plane
    along: Plane
    seen: np.ndarray


def turn_of(solve: CameraSolve) -> float:
    """How far the back wall turns away: of the ways that walls face, the one that looks into the camera most."""
    best = max(solve.facade_normals, key=lambda normal: -normal[1])
    turn = math.degrees(math.atan2(best[0], -best[1]))
    return turn if abs(turn) <= 45 else turn - math.copysign(90, turn)


def find_box(plate: Rgb, solve: CameraSolve, *, exterior: bool = False, turn_deg: float | None = None) -> FoundBox:
    """Find the box of a room in ``plate`` (ACEScg) through the camera of ``solve``, in metres at its eye height.

    ``exterior`` looks for no ceiling. Raises :class:`StageError` where no edge says where the back wall meets the floor.
    """
    camera = solve.camera
    turn = turn_of(solve) if turn_deg is None else turn_deg
    facing = _facing(plate, camera, turn)
    edges = _families(solve.segments, camera, turn)
    lefts, rights, feet, tops = _candidates(facing, edges[2], exterior=exterior)
    if not len(feet):
        raise StageError(
            "no edge tells where the back wall meets the floor",
            remedy="state box.back_px, the four corners of the back wall in the picture; "
            "or draw lines.across, lines.upright and lines.depth",
        )
    grid = np.stack(np.meshgrid(lefts, rights, feet, tops, indexing="ij"), -1).reshape(-1, 4)
    grid = grid[grid[:, 1] - grid[:, 0] > 0.25]
    scores = _borders(facing, grid)
    grid = grid[np.argsort(-scores, kind="stable")[:_SHORT_LIST]]
    scores = _borders(facing, grid) - _AGAINST * _contradictions(edges, grid)
    best = int(np.argmax(scores))
    left, right, foot, top = _to_the_corner(facing, grid[best])
    return _made((left, right, foot, top), camera, turn, float(scores[best]))


def _made(found: tuple[float, float, float, float], camera: Camera, turn: float, score: float) -> FoundBox:
    left, right, foot, top = found
    eye = camera.position_m[2]
    back = -eye / foot
    box = PhotoBox(
        turn_deg=turn,
        back_m=back,
        left_m=None if not np.isfinite(left) else max(0.05, -left * back),
        right_m=None if not np.isfinite(right) else max(0.05, right * back),
        height_m=None if not np.isfinite(top) else eye + top * back,
    )
    reasons = [f"borders of the planes score {score:.2f}"]
    for name, missing in (("left wall", box.left_m), ("right wall", box.right_m), ("ceiling", box.height_m)):
        if missing is None:
            reasons.append(f"no {name} in the picture")
    return FoundBox(box=box, confidence=round(float(np.clip(0.45 * score, 0.05, 0.9)), 3), reasons=tuple(reasons))


def _flat(box_axes: np.ndarray, camera: Camera, pixels: np.ndarray) -> np.ndarray:
    """Pixels (n, 2) on the plane at depth 1 (n, 2): x across, z up; NaN behind."""
    rays = camera.rays(pixels).astype(np.float64) @ box_axes.T
    ahead = np.where(rays[:, 1] > 0.05, rays[:, 1], np.nan)
    return np.stack([rays[:, 0] / ahead, rays[:, 2] / ahead], 1)


def _axes(turn: float) -> np.ndarray:
    return PhotoBox(turn_deg=turn, back_m=1.0, left_m=None, right_m=None, height_m=None).axes()


def _facing(plate: Rgb, camera: Camera, turn: float) -> _Facing:
    """The picture turned to face the back wall, and its edges' sums."""
    axes = _axes(turn)
    rim = np.linspace(0, 1, 9)
    border = [(x * camera.width, y * camera.height) for x in rim for y in (0.0, 0.5, 1.0)]
    flat = _flat(axes, camera, np.array(border + [(x * camera.width, y * camera.height) for x in (0.0, 1.0) for y in rim]))
    low, high = np.clip(np.nanmin(flat, 0), -_REACH, _REACH), np.clip(np.nanmax(flat, 0), -_REACH, _REACH)
    step = float(high[0] - low[0]) / _WIDE
    tall = max(16, round(float(high[1] - low[1]) / step))
    xs = low[0] + (np.arange(_WIDE) + 0.5) * step
    zs = high[1] - (np.arange(tall) + 0.5) * step
    grid = np.stack(np.meshgrid(xs, zs), -1).reshape(-1, 2)
    world = grid[:, :1] * axes[0] + axes[1] + grid[:, 1:] * axes[2]
    points, depth = camera.project((world + np.array([0.0, 0.0, camera.position_m[2]])).astype(np.float32))
    at = points.reshape(tall, _WIDE, 2)
    level = np.maximum(plate @ LUMA, 0)
    logs = np.log(level + np.float32(0.03 * max(float(np.percentile(level, 90)), 1e-6))).astype(np.float32)
    logs = cv2.GaussianBlur(logs, (0, 0), max(0.8, 0.4 * camera.width / _WIDE))
    turned = cv2.remap(logs, at[..., 0] - 0.5, at[..., 1] - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    seen = (at[..., 0] > 2) & (at[..., 0] < camera.width - 2) & (at[..., 1] > 2) & (at[..., 1] < camera.height - 2)
    seen &= depth.reshape(tall, _WIDE) > 0
    seen &= cv2.erode(seen.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=0) > 0
    across, along = (_signed(turned, axis) * seen for axis in (1, 0))
    return _Facing(
        left=float(xs[0]), top=float(zs[0]), step=step,
        columns=_sums(across, 0), rows=_sums(along, 1), seen_columns=_sums(seen, 0), seen_rows=_sums(seen, 1),
        across=across, along=along, seen=seen,
    )  # fmt: skip


def _signed(values: Plane, axis: int) -> Plane:
    """How clearly ``values`` step along ``axis`` at each pixel, -1..1, against what is usual in the picture; and only where the
    step across is the larger one."""
    wide = cv2.GaussianBlur(values, (0, 0), 1.5) - cv2.GaussianBlur(values, (0, 0), 9.0)  # light falls off, edges step
    one, other = np.gradient(wide, axis=axis), np.gradient(wide, axis=1 - axis)
    usual = max(float(np.percentile(np.abs(one), 70)), 1e-4)
    straight = np.abs(one) > 0.8 * np.abs(other)
    return (np.clip(one / (3 * usual), -1, 1) * straight).astype(np.float32)


def _sums(values: np.ndarray, axis: int) -> np.ndarray:
    return np.pad(np.cumsum(values, axis=axis, dtype=np.float64), [(1, 0) if k == axis else (0, 0) for k in (0, 1)])


def _candidates(
    facing: _Facing, depth: tuple[np.ndarray, np.ndarray], *, exterior: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Where borders may lie, on the plane at depth 1; ±inf: out of the picture. A corner behind a bookcase lies where the
    cornice of the side wall meets that of the back wall: edges into the depth give a side from a level, and a level from a
    side."""
    xs = facing.left + np.arange(facing.seen.shape[1]) * facing.step
    zs = facing.top - np.arange(facing.seen.shape[0]) * facing.step
    sides, levels = _peaks(_runs(facing.across), xs), _peaks(_runs(facing.along.T), zs)
    lefts, rights = ([x for x in sides if side * x > 0.02][:_MOST] for side in (-1, 1))
    feet, tops = ([z for z in levels if side * z > 0.04][:_MOST] for side in (-1, 1))
    tops = [] if exterior else tops
    slopes = _slopes(depth)
    more_sides = [z / slope for z in (*tops[:4], *feet[:4]) for quarter, slope in slopes if quarter[1] == (z > 0)]
    more_levels = [x * slope for x in (*lefts[:4], *rights[:4]) for quarter, slope in slopes if quarter[0] == (x > 0)]
    low, high = float(min(xs[0], xs[-1])), float(max(xs[0], xs[-1]))
    lefts += [x for x in more_sides if low < x < -0.02]
    rights += [x for x in more_sides if 0.02 < x < high]
    feet += [z for z in more_levels if zs[-1] < z < -0.04]
    tops += [] if exterior else [z for z in more_levels if 0.04 < z < zs[0]]
    made = (_apart([-np.inf, *lefts]), _apart([np.inf, *rights]), _apart(feet), _apart([np.inf, *tops]))
    return tuple(np.array(part) for part in made)  # type: ignore[return-value]


def _slopes(depth: tuple[np.ndarray, np.ndarray]) -> list[tuple[tuple[bool, bool], float]]:
    """The longest edges into the depth of each quarter of the picture: ((right of the eye, above it), rise over run)."""
    points, share = depth
    found: list[tuple[tuple[bool, bool], float]] = []
    for i in np.argsort(-share, kind="stable"):
        x, z = float(points[i, 0]), float(points[i, 1])
        if abs(x) < 0.05 or abs(z) < 0.02:
            continue
        quarter, slope = (x > 0, z > 0), z / x
        same = [other for where, other in found if where == quarter]
        if len(same) < _SLOPES and all(abs(slope - other) > 0.02 * (1 + abs(other)) for other in same):
            found.append((quarter, slope))
    return found


def _apart(values: list[float]) -> list[float]:
    """``values`` without those that repeat an earlier one."""
    kept: list[float] = []
    for value in values:
        if all(not np.isfinite(other) or abs(value - other) > 0.006 for other in kept):
            kept.append(value)
    return kept[:40]


def _runs(edges: Plane) -> np.ndarray:
    """The best coherent run down each column: its signed strength less what a border must earn, summed (Kadane's scan)."""
    best = np.zeros(edges.shape[1])
    for sign in (1.0, -1.0):
        now = np.zeros(edges.shape[1])
        for row in edges:
            now = np.maximum(0.0, now + sign * row - _EARN)
            best = np.maximum(best, now)
    return best


def _peaks(strength: np.ndarray, at: np.ndarray) -> list[float]:
    """Positions of the clearest maxima, clearest first."""
    order = np.argsort(-strength, kind="stable")
    taken: list[int] = []
    for i in order:
        if strength[i] <= 0 or len(taken) >= 4 * _MOST:
            break
        if all(abs(int(i) - other) > 4 for other in taken):
            taken.append(int(i))
    return [float(at[i]) for i in taken]


def _borders(facing: _Facing, grid: np.ndarray) -> np.ndarray:
    """For each candidate (n, 4): by how much its borders are edges, beyond what any line is; a border as long as the picture is
    high counts 1."""
    left, right, foot, top = grid.T
    height, width = facing.seen.shape
    total = np.zeros(len(grid))
    ends_x = [_index(x, facing.left, facing.step, width) for x in (left, right)]
    ends_z = [_index(z, facing.top, -facing.step, height) for z in (top, foot)]
    for x, at in zip((left, right), ends_x, strict=True):
        total += _strip(facing.columns, facing.seen_columns, at, ends_z[0], ends_z[1], x)
    for z, at in zip((top, foot), ends_z, strict=True):
        total += _strip(facing.rows.T, facing.seen_rows.T, at, ends_x[0], ends_x[1], z)
    for x, z in ((left, foot), (right, foot), (left, top), (right, top)):
        total += _ray(facing, x, z)
    return total / height


def _index(value: np.ndarray, start: float, step: float, count: int) -> np.ndarray:
    found = np.clip(np.nan_to_num((value - start) / step, posinf=1e6, neginf=-1e6), 0, count - 1)
    return np.round(found).astype(int)


def _strip(
    sums: np.ndarray, seen: np.ndarray, at: np.ndarray, first: np.ndarray, last: np.ndarray, value: np.ndarray
) -> np.ndarray:
    """What a straight border earns: the best of three neighbouring columns of ``sums``, from ``first`` to ``last``."""
    best = np.full(len(at), -np.inf)
    last = last + 1
    for beside in (-1, 0, 1):
        column = np.clip(at + beside, 0, sums.shape[1] - 1)
        length = seen[last, column] - seen[first, column]
        best = np.maximum(best, np.abs(sums[last, column] - sums[first, column]) - _EARN * length)
    return np.where(np.isfinite(value), best, 0.0)


def _ray(facing: _Facing, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """What the border from each corner (x, z) towards the camera earns: sampled from the corner outwards."""
    there = np.isfinite(x) & np.isfinite(z)
    height, width = facing.seen.shape
    made = np.zeros(len(x))
    pairs, which = np.unique(np.stack([np.where(there, x, 0), np.where(there, z, 0)], 1), axis=0, return_inverse=True)
    out = 1 + np.arange(1, 160) * (4.0 / 160)
    px = (pairs[:, :1] * out - facing.left) / facing.step
    pz = (facing.top - pairs[:, 1:] * out) / facing.step
    inside = (px > 1) & (px < width - 2) & (pz > 1) & (pz < height - 2)
    i, j = np.clip(np.round(pz), 0, height - 1).astype(int), np.clip(np.round(px), 0, width - 1).astype(int)
    reach = np.maximum(np.hypot(pairs[:, 0], pairs[:, 1]), 1e-6)[:, None]
    # the step across the ray: of the two directions' steps, each by how far it is across
    step = facing.across[i, j] * (pairs[:, 1:] / reach) + facing.along[i, j] * (pairs[:, :1] / reach)
    inside &= facing.seen[i, j]
    length = reach * 4.0 / 160 / facing.step
    earned = np.abs((step * inside).sum(1)) * length[:, 0] - _EARN * inside.sum(1) * length[:, 0]
    made = earned[np.ravel(which)]
    return np.where(there, 0.7 * made, 0.0)


def _families(segments: Segments, camera: Camera, turn: float) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Middles (n, 2) on the plane at depth 1 and share of all length (n,) of uprights, edges across and edges into the
    depth."""
    none = (np.zeros((0, 2)), np.zeros(0))
    if not len(segments):
        return none, none, none
    axes = _axes(turn)
    directions = np.stack([axes[2], axes[0], axes[1]]) @ camera.axes.astype(np.float64).T
    miss = deviation_deg(segments, to_picture(directions, focal_px=camera.focal_px, centre_px=camera.centre_px))
    flat = _flat(axes, camera, segments.middle.astype(np.float64))
    family, ahead = np.argmin(miss, axis=0), np.isfinite(flat).all(1)
    sure = (miss.min(axis=0) < _AGREE_DEG) & ahead
    share = segments.length.astype(np.float64) / max(float(segments.length[sure].sum()), 1e-6)
    return tuple((flat[sure & (family == k)], share[sure & (family == k)]) for k in range(3))


def _contradictions(edges: tuple[tuple[np.ndarray, np.ndarray], ...], grid: np.ndarray) -> np.ndarray:
    """Share of all edges, for each candidate (n, 4), that lie where they cannot: depth on the back wall, across on the sides,
    upright on floor and ceiling."""
    total = np.zeros(len(grid))
    for (points, share), region, weight in zip(edges, (2, 1, 0), (0.5, 1.0, 1.0), strict=True):
        for point, length in zip(points, share, strict=True):
            total += weight * length * (_region(point, grid) == region)
    return total


def _region(point: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Where a point lies in each candidate: 0 well inside the back wall, 1 a side wall, 2 floor or ceiling, -1 near a
    border."""
    left, right, foot, top = grid.T
    x, z = float(point[0]), float(point[1])
    aside = x / left if x < 0 else x / right
    above = z / foot if z < 0 else z / top
    found = np.full(len(grid), -1)
    found[(aside < 0.93) & (above < 0.93)] = 0
    found[(aside > 1.05) & (aside > 1.08 * above)] = 1
    found[(above > 1.05) & (above > 1.08 * aside)] = 2
    return found


def _to_the_corner(facing: _Facing, found: np.ndarray) -> tuple[float, float, float, float]:
    """From a skirting's upper edge to the floor, and from a cornice's lower to the ceiling, where a border nearly as clear lies
    beyond the one found."""
    left, right, foot, top = (float(value) for value in found)
    for beyond in (1.03, 1.06, 1.09, 1.12, 1.0 + _TRIM):
        moved = np.array([[left, right, foot, top], [left, right, foot * beyond, top]])
        here, there = _borders(facing, moved)
        if there > here - 0.05:
            foot *= beyond
            break
    return left, right, foot, top
