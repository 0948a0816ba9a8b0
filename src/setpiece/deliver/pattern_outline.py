"""Outlines on paper: a seam line with its allowance, cut through, mirrored, free of loops.

Place in the flow: under :mod:`.pattern_pieces`. A :data:`Side` is a named stretch of the seam line; sides run counter-clockwise
and close. Metres throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
_MITRE = 3.0
"""A corner's tip stands at most so many allowances off; a sharper one is cut square."""

_STUB_M = 0.0025


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A named stretch of a seam line: ``points`` (n, 2) and what is added outside it."""

    name: str
    points: Array
    allowance_m: float


def outline(sides: Sequence[Side]) -> Array:
    """The closed line of all sides, each corner once, (n, 2)."""
    return np.concatenate([side.points[:-1] for side in sides])


def area_m2(points: Array) -> float:
    """Signed area of a closed line: positive counter-clockwise.

    >>> area_m2(np.array([(0, 0), (2, 0), (2, 1), (0, 1)]))
    2.0
    """
    x, y = np.asarray(points, float).T
    return 0.5 * float(x @ np.roll(y, -1) - np.roll(x, -1) @ y)


def length_m(points: Array) -> float:
    """How long an open line is."""
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def turned(sides: Sequence[Side]) -> list[Side]:
    """The other side's piece: mirrored about x 0, still counter-clockwise."""
    return [
        Side(name=side.name, points=(side.points * (-1.0, 1.0))[::-1], allowance_m=side.allowance_m) for side in reversed(sides)
    ]


def is_symmetric(points: Array) -> bool:
    """Whether a closed line is its own mirror image about x 0, to 0.2 mm."""
    low, high = points.min(0), points.max(0)
    if abs(low[0] + high[0]) > 2e-4 or high[0] <= 0:
        return False
    closed = np.concatenate([points, points[:1]])
    a, b = closed[:-1], closed[1:]
    other = points * (-1.0, 1.0)
    way = b - a
    share = ((other[:, None] - a) * way).sum(-1) / np.maximum((way**2).sum(-1), 1e-18)
    near = a + np.clip(share, 0, 1)[..., None] * way
    return bool(np.linalg.norm(other[:, None] - near, axis=-1).min(1).max() < 2e-4)


def parted(sides: Sequence[Side], point: Array, way: Array, name: str, allowance_m: float) -> list[Side]:
    """What lies left of a line through ``point`` along ``way``; the new side is called ``name``. The seam line must cross it
    twice (or be wholly to its left)."""
    normal = np.array([-way[1], way[0]]) / np.hypot(*way)
    made: list[Side] = []
    for side in sides:
        height = (side.points - point) @ normal
        height[np.abs(height) < 1e-7] = 0.0
        kept: list[Array] = []
        for index in range(len(side.points) - 1):
            a, b = height[index], height[index + 1]
            start, end = side.points[index], side.points[index + 1]
            if max(a, b) <= 0:
                continue
            first = start if a >= 0 else start + (end - start) * a / (a - b)
            last = end if b >= 0 else start + (end - start) * a / (a - b)
            if kept and np.allclose(kept[-1], first, atol=1e-9):
                kept.append(last)
            else:
                _close(made, side, kept)
                kept = [first, last]
        _close(made, side, kept)
    closed: list[Side] = []
    for side, after in zip(made, (*made[1:], *made[:1]), strict=True):
        closed.append(side)
        if np.hypot(*(side.points[-1] - after.points[0])) > 1e-7:
            closed.append(Side(name=name, points=np.stack([side.points[-1], after.points[0]]), allowance_m=allowance_m))
    return closed


def _close(made: list[Side], side: Side, points: list[Array]) -> None:
    if len(points) > 1 and length_m(np.array(points)) > 1e-7:
        made.append(Side(name=side.name, points=np.array(points), allowance_m=side.allowance_m))


def cut_line(sides: Sequence[Side]) -> Array:
    """The line to cut along, (n, 2): each side moved out by its allowance, corners mitred, loops of tight curves taken out."""
    rows = [_moved(side.points, side.allowance_m) for side in sides if length_m(side.points) > 1e-7]
    made: list[Array] = []
    for row, after in zip(rows, (*rows[1:], *rows[:1]), strict=True):
        made.extend(row[1:-1])
        made.extend(_corner(row, after))
    return without_loops(np.array(made))


def normals(points: Array) -> Array:
    """Outward normals of a side's segments, (n - 1, 2)."""
    way = np.diff(points, axis=0)
    way = way / np.maximum(np.hypot(*way.T), 1e-12)[:, None]
    return np.stack([way[:, 1], -way[:, 0]], -1)


def _moved(points: Array, by: float) -> Array:
    points = _without_stubs(points)
    across = normals(points)
    made = [points[0] + by * across[0]]
    for index in range(1, len(points) - 1):
        one, other = across[index - 1], across[index]
        both = one + other
        size = both @ both
        if size < 0.5:  # it turns back by more than 138 degrees: cut square
            made += [points[index] + by * one, points[index] + by * other]
        else:
            made.append(points[index] + 2 * by * both / size)
    return np.array([*made, points[-1] + by * across[-1]])


def _without_stubs(points: Array) -> Array:
    """A side without the shortest of its steps: moved out, a stub in a bend would turn round and spoil its corner."""
    kept = [points[0]]
    for point in points[1:-1]:
        if min(np.hypot(*(point - kept[-1])), np.hypot(*(point - points[-1]))) > _STUB_M:
            kept.append(point)
    return np.array([*kept, points[-1]])


def _corner(row: Array, after: Array) -> list[Array]:
    """How two moved sides meet: where their lines cross; a square step where they run on or the tip would be long."""
    a, b, c, d = row[-2], row[-1], after[0], after[1]
    one, other = b - a, d - c
    turn = one[0] * other[1] - one[1] * other[0]
    size = np.hypot(*one) * np.hypot(*other)
    gap = c - b
    if abs(turn) < 0.02 * size:
        return [b] if np.hypot(*gap) < 1e-7 else [b, c]
    if turn < 0:  # an inner corner: the sides cross, and the loop is taken out later
        return [b, c]
    met = a + one * ((c - a)[0] * other[1] - (c - a)[1] * other[0]) / turn
    reach = max(np.hypot(*(met - b)), np.hypot(*(met - c)))
    if reach > _MITRE * max(np.hypot(*gap), 1e-9) + 0.03:
        return [b + 0.015 * one / np.hypot(*one), c - 0.015 * other / np.hypot(*other)]
    return [met]


def crossings(points: Array) -> Array:
    """Pairs of segments (k, 2) of a closed line that cross."""
    count = len(points)
    a, b = points, np.roll(points, -1, 0)
    i, j = np.triu_indices(count, 2)
    apart = ~((i == 0) & (j == count - 1))
    i, j = i[apart], j[apart]

    def side(p: Array, q: Array, r: Array) -> Array:
        return (q[:, 0] - p[:, 0]) * (r[:, 1] - p[:, 1]) - (q[:, 1] - p[:, 1]) * (r[:, 0] - p[:, 0])

    tiny = 1e-13
    one = side(a[i], b[i], a[j]), side(a[i], b[i], b[j])
    other = side(a[j], b[j], a[i]), side(a[j], b[j], b[i])
    meet = (one[0] * one[1] < -tiny * tiny) & (other[0] * other[1] < -tiny * tiny)
    return np.stack([i[meet], j[meet]], -1)


def without_loops(points: Array) -> Array:
    """A closed line with its small loops cut off where it crosses itself."""
    for _ in range(200):
        pairs = crossings(points)
        if not len(pairs):
            break
        i, j = pairs[0]
        a, b, c, d = points[i], points[(i + 1) % len(points)], points[j], points[(j + 1) % len(points)]
        one, other = b - a, d - c
        turn = one[0] * other[1] - one[1] * other[0]
        met = (a + one * ((c - a)[0] * other[1] - (c - a)[1] * other[0]) / turn)[None]
        inner = np.concatenate([met, points[i + 1 : j + 1]])
        outer = np.concatenate([points[: i + 1], met, points[j + 1 :]])
        points = max(inner, outer, key=area_m2)
    return points
