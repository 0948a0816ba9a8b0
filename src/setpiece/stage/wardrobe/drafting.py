"""What every pattern is drawn with: curves, measured edges, mirrored halves, darts, sleeves to an armhole.

Place in the flow: under the patterns. Flat metres; see :mod:`setpiece.core.garment` for where a panel lies.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from setpiece.core.garment import Panel, PanelEdge

Array = np.ndarray
Point = tuple[float, float]
HEM_M = 0.035


def curve(a: Point, b: Point, c: Point, d: Point, steps: int = 24) -> Array:
    """A cubic Bezier curve, (steps + 1, 2)."""
    t = np.linspace(0, 1, steps + 1)[:, None]
    p = [np.array(point, float) for point in (a, b, c, d)]
    return p[0] * (1 - t) ** 3 + 3 * p[1] * t * (1 - t) ** 2 + 3 * p[2] * t**2 * (1 - t) + p[3] * t**3


def line(*points: Point) -> Array:
    """A polyline."""
    return np.array(points, float)


def joined(*parts: Array) -> Array:
    """Lines end to end, each meeting point once."""
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def bent(edges: Sequence[tuple[str, Array]], radius_m: float) -> list[tuple[str, Array]]:
    """A strip drawn along x laid on an arc: y 0 keeps its length, what lies above it grows longer."""
    made = []
    for name, points in edges:
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
        at = np.unique(np.concatenate([along, np.arange(0.0, along[-1], 0.012)]))
        x, y = (np.interp(at, along, points[:, axis]) for axis in range(2))
        angle = x / radius_m
        made.append((name, np.stack([(radius_m + y) * np.sin(angle), (radius_m + y) * np.cos(angle) - radius_m], -1)))
    return made


def unbent(points: Array, radius_m: float) -> Array:
    """Points (p, 2) of a strip laid on an arc, straight again."""
    x, y = np.asarray(points, float).T
    return np.stack([radius_m * np.arctan2(x, y + radius_m), np.hypot(x, y + radius_m) - radius_m], -1)


def length_m(points: Array) -> float:
    """How long a line is.

    >>> length_m(line((0, 0), (3, 4)))
    5.0
    """
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def mirrored(points: Array) -> Array:
    """The other side's line, walked the other way, so that an outline goes on counter-clockwise."""
    return (np.asarray(points) * (-1.0, 1.0))[::-1]


def panel(name: str, edges: Sequence[tuple[str, Array]], **more: object) -> Panel:
    """A panel of named lines; what is called hem or wrist gets a hem's allowance."""
    wide = ("hem", "wrist")
    made = tuple(
        PanelEdge(
            name=called,
            points=np.ascontiguousarray(points, np.float32),
            allowance_m=HEM_M if called.startswith(wide) else 0.015,
        )
        for called, points in edges
    )
    return Panel(name=name, edges=made, **more)  # type: ignore[arg-type]


def other_side(one: Panel, name: str) -> Panel:
    """The panel of the other side of the body: mirrored, its edges by the same names."""
    edges = [(edge.name, mirrored(edge.points)) for edge in reversed(one.edges)]
    marks = tuple((called, np.ascontiguousarray(np.asarray(points) * (-1.0, 1.0), np.float32)) for called, points in one.marks)
    return panel(name, edges, grain_deg=one.grain_deg, cloth=one.cloth, marks=marks)


def darted(edge: Array, at: Sequence[float], width_m: float, depth_m: float) -> list[tuple[str, Array]]:
    """An edge (left to right or right to left, nearly level) cut by darts: its pieces and the legs of each, in order.

    ``at`` are shares of its length where darts stand, ``depth_m`` how far they reach (+: up).
    """
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(edge, axis=0).T))])
    whole = along[-1]

    def point(s: float) -> Array:
        return np.array([np.interp(s, along, edge[:, 0]), np.interp(s, along, edge[:, 1])])

    made: list[tuple[str, Array]] = []
    last = 0.0
    for number, share in enumerate(at):
        a, b = share * whole - width_m / 2, share * whole + width_m / 2
        made.append((f"part{number}", _between(edge, along, last, a)))
        across = point(b) - point(a)
        deep = np.array([-across[1], across[0]]) / np.hypot(*across)
        tip = (point(a) + point(b)) / 2 + abs(depth_m) * deep * np.sign(deep[1]) * np.sign(depth_m)
        made.append((f"dart{number}a", np.stack([point(a), tip])))
        made.append((f"dart{number}b", np.stack([tip, point(b)])))
        last = b
    made.append((f"part{len(at)}", _between(edge, along, last, whole)))
    return made


def _between(edge: Array, along: Array, first: float, last: float) -> Array:
    inside = edge[(along > first + 1e-6) & (along < last - 1e-6)]
    ends = [np.array([np.interp(s, along, edge[:, 0]), np.interp(s, along, edge[:, 1])]) for s in (first, last)]
    return np.concatenate([ends[0][None], inside, ends[1][None]])


def sleeve(
    name: str, armhole_m: tuple[float, float], bicep_m: float, wrist_m: float, long_m: float, ease: float = 1.03
) -> Panel:
    """A one-piece sleeve: the cap as high as its armhole (front, back) asks, the underarm seam at both sides."""
    half, end = bicep_m / 2, wrist_m / 2
    front, back = armhole_m[0] * ease, armhole_m[1] * ease
    low, high = 0.02, 0.32
    for _ in range(40):
        cap = (low + high) / 2
        halves = _cap(half, cap)
        if length_m(halves[0]) + length_m(halves[1]) < front + back:
            low = cap
        else:
            high = cap
    ahead, behind = _cap(half, cap)
    edges = [
        ("wrist", line((-end, -long_m), (end, -long_m))),
        ("under_front", line((end, -long_m), (half, 0.0))),
        ("cap_front", ahead),
        ("cap_back", behind),
        ("under_back", line((-half, 0.0), (-end, -long_m))),
    ]
    return panel(name, edges)


def _cap(half: float, cap: float) -> tuple[Array, Array]:
    ahead = curve((half, 0.0), (0.62 * half, 0.02), (0.50 * half, cap), (0.0, cap))
    behind = curve((0.0, cap), (-0.55 * half, cap), (-0.62 * half, 0.10 * cap), (-half, 0.0))
    return ahead, behind
