"""Where a thing could stand by its relation: candidates with a price, the cheapest are best. Whether it fits is not asked here.

Place in the flow: under :mod:`.layout`. Every generator returns rows of (x, y, turn in degrees, price); metres, degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from setpiece.core.set_spec import Opening, Side
from setpiece.stage.sets.layout_plan import TURNS, Boxes

WALL_GAP_M = 0.03  # of furniture from a wall: the skirting
_PITCH_M = 0.1
_MOST = 360
Rows = np.ndarray[Any, np.dtype[np.float64]]  # (k, 4)
Size = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The clear floor."""

    width_m: float
    depth_m: float
    height_m: float
    openings: tuple[Opening, ...] = ()

    def length(self, side: Side) -> float:
        """How long a wall is."""
        return self.width_m if side in (Side.NORTH, Side.SOUTH) else self.depth_m

    def on_wall(self, side: Side, along: Any, off_m: float) -> tuple[Any, Any]:
        """Positions ``along`` a wall (from its middle, + to the right as seen from inside), ``off_m`` into the room."""
        half_w, half_d = self.width_m / 2, self.depth_m / 2
        along = np.asarray(along, float)
        same = np.zeros_like(along)
        return {
            Side.NORTH: (along, same + half_d - off_m),
            Side.SOUTH: (-along, same - half_d + off_m),
            Side.EAST: (same + half_w - off_m, -along),
            Side.WEST: (same - half_w + off_m, along),
        }[side]


def nothing() -> Rows:
    """No candidate."""
    return np.empty((0, 4))


def against(room: Room, size: Size, side: Side | None, rng: np.random.Generator, kin: Boxes) -> Rows:
    """Back to a wall. A wide thing likes the middle of its wall or between two openings; ``kin`` (n, 7) are things of the
    same family, beside which a row goes on."""
    found = []
    for wall in Side if side is None else (side,):
        reach = (room.length(wall) - size[0]) / 2 - 0.005
        if reach < 0:
            continue
        stops = [0.0, reach, -reach, *_between(room, wall)]
        for row in kin:
            if _on(room, wall, row):
                centre = _along(room, wall, row)
                stops += [sign * (row[2] + size[0] / 2 + 0.002) + centre for sign in (-1, 1)]
        along = np.concatenate(
            [np.array([stop for stop in stops if abs(stop) <= reach + 1e-9]), np.arange(-reach, reach, _PITCH_M)]
        )
        x, y = room.on_wall(wall, along, size[1] / 2 + WALL_GAP_M)
        price = rng.uniform(0, 0.35, along.size) + (0.9 if wall is Side.SOUTH and side is None else 0.0)
        if size[0] > 1.3:
            price += 0.5 * np.min(np.abs(along[:, None] - np.array([0.0, *_between(room, wall)])[None]), 1)
        else:
            price += 0.15 * np.minimum(reach - np.abs(along), 1.0)
        price += _to_kin(np.stack([x, y], -1), kin, size)
        found.append(np.stack([x, y, np.full(along.size, TURNS[wall]), price], -1))
    return np.concatenate(found) if found else nothing()


def corner(room: Room, size: Size, rng: np.random.Generator) -> Rows:
    """Back to one wall, a side to the next."""
    rows = []
    for wall in Side:
        reach = (room.length(wall) - size[0]) / 2 - WALL_GAP_M
        if reach >= 0:
            x, y = room.on_wall(wall, np.array([-reach, reach]), size[1] / 2 + WALL_GAP_M)
            price = rng.uniform(0, 1, 2) + (0.8 if wall is Side.SOUTH else 0.0)
            rows.append(np.stack([x, y, np.full(2, TURNS[wall]), price], -1))
    return np.concatenate(rows) if rows else nothing()


def centre(room: Room, size: Size, turn: float | None, rng: np.random.Generator, place: int = 0, many: int = 1) -> Rows:
    """In the middle of the floor, or as near to it as there is room; long sides along the room. ``many`` share the floor."""
    middle = ceiling(room, size, place, many)[0, :2] * 0.96 if many > 1 else np.zeros(2)
    x, y = _grid(room, 0.2, size)
    turns = (turn,) if turn is not None else ((0.0, 90.0) if room.width_m >= room.depth_m else (90.0, 0.0))
    rows = [
        np.stack(
            [x, y, np.full(x.size, way), np.hypot(x - middle[0], y - middle[1]) + 0.45 * number + rng.uniform(0, 0.05, x.size)],
            -1,
        )
        for number, way in enumerate(turns)
    ]
    return _fewer(np.concatenate(rows))


def free(room: Room, size: Size, turn: float | None, rng: np.random.Generator, taken: Boxes, *, seat: bool) -> Rows:
    """Wherever it fits: nearer to walls than to the middle, away from what stands; seats look to the middle."""
    x, y = _grid(room, 0.25, size)
    if x.size == 0:
        return nothing()
    x, y = x + rng.uniform(-0.06, 0.06, x.size), y + rng.uniform(-0.06, 0.06, y.size)
    if turn is not None:
        way = np.full(x.size, turn)
    elif seat:
        way = np.degrees(np.arctan2(-x, y)) + rng.uniform(-12, 12, x.size)
    else:
        way = rng.choice([0.0, 90.0, 180.0, -90.0], x.size) + rng.uniform(-6, 6, x.size)
    to_wall = np.minimum(room.width_m / 2 - np.abs(x), room.depth_m / 2 - np.abs(y))
    price = 0.5 * to_wall + rng.uniform(0, 0.8, x.size) + np.where(y < -room.depth_m / 4, 0.5, 0.0)
    if len(taken):
        near = np.min(np.hypot(x[:, None] - taken[None, :, 0], y[:, None] - taken[None, :, 1]), 1)
        price += 0.3 * np.exp(-near)
    return _fewer(np.stack([x, y, way, price], -1))


def around(target: Boxes, size: Size, count: int, rng: np.random.Generator, gap_m: float = 0.03) -> Rows:
    """Places about a table for ``count``, facing it, ``gap_m`` away, in the order in which they are taken."""
    wide, deep = 2 * target[0, 2], 2 * target[0, 3]
    pitch = size[0] + 0.06
    across, along = max(1, int((wide + 0.1) / pitch)), max(1, int((deep + 0.1) / pitch))
    sides = {"back": 0, "front": 0, "left": 0, "right": 0}
    square = abs(wide - deep) < 0.25 * max(wide, deep)
    order = ("back", "front", "left", "right") if wide >= deep else ("left", "right", "back", "front")
    rounds = [order] if square else [order[:2]] * 2 + [order]
    for number in range(64):
        for side in rounds[number % len(rounds)]:
            room_left = (across if side in ("back", "front") else along) - sides[side]
            if sum(sides.values()) < count and room_left > 0:
                sides[side] += 1
    rows = []
    for side, many in sides.items():
        for place in range(many):
            rows.append(_seat(side, place, many, (wide, deep), size, rng, gap_m))
    spare = [_seat(side, 0, 1, (wide, deep), size, rng, gap_m) for side, many in sides.items() if not many]
    made = np.array([*rows, *spare], float)
    made[:, 3] = np.arange(len(made))
    return _from(target, made)


def _seat(
    side: str, place: int, many: int, table: tuple[float, float], size: Size, rng: np.random.Generator, gap_m: float
) -> tuple[float, float, float, float]:
    wide, deep = table
    length = wide if side in ("back", "front") else deep
    offset = (place - (many - 1) / 2) * max(size[0] + 0.06, length / many * 0.92)
    gap = gap_m + size[1] / 2 + float(rng.choice([0.0, 0.0, 0.04, 0.14]))
    turn = float(rng.normal(0, 3.0))
    where = {"back": (offset, deep / 2 + gap, 0.0), "front": (offset, -deep / 2 - gap, 180.0),
             "left": (-wide / 2 - gap, offset, 90.0), "right": (wide / 2 + gap, offset, -90.0)}  # fmt: skip
    x, y, way = where[side]
    return x, y, way + turn, 0.0


def before(target: Boxes, size: Size, gap_m: float, rng: np.random.Generator, *, turned: float, behind: bool = False) -> Rows:
    """Before the target's front (or at its back), ``gap_m`` away where it can be; ``turned`` against the target's own turn."""
    wide = 2 * target[0, 2]
    reach = max(0.0, (wide - size[0]) / 2)
    gaps = np.concatenate([[gap_m], gap_m * np.array([0.85, 1.15, 0.7, 1.4, 1.8]), gap_m + np.arange(1, 6) * 0.25])
    offsets = np.unique(np.concatenate([[0.0], np.arange(-reach - 0.3, reach + 0.31, 0.15)]))
    gap, offset = (part.ravel() for part in np.meshgrid(gaps, offsets, indexing="ij"))
    away = (target[0, 3] + size[1] / 2 + np.maximum(gap, 0.02)) * (1 if behind else -1)
    price = 2.0 * np.abs(gap - gap_m) + np.abs(offset) + rng.uniform(0, 0.05, gap.size)
    return _from(target, np.stack([offset, away, np.full(gap.size, turned), price], -1))


def beside(target: Boxes, size: Size, rng: np.random.Generator) -> Rows:
    """At a side of the target, its back in line with the target's back where there is a wall, else its middle."""
    rows = []
    first = float(rng.choice([-1.0, 1.0]))
    for side in (first, -first):
        for gap in (0.04, 0.1, 0.2, 0.35, 0.6):
            for line in (target[0, 3] - size[1] / 2, 0.0, size[1] / 2 - target[0, 3]):
                price = gap + (0.0 if side == first else 0.2) + 0.1 * abs(line - (target[0, 3] - size[1] / 2))
                rows.append((side * (target[0, 2] + size[0] / 2 + gap), line, 0.0, price))
    return _from(target, np.array(rows))


def on_top(target: Boxes, size: Size, turn: float | None, rng: np.random.Generator, *, lean: float) -> Rows:
    """On the target's top, wholly; towards its back, as people set things down. ``lean`` degrees of disorder."""
    reach_x, reach_y = 0.94 * target[0, 2] - size[0] / 2, 0.94 * target[0, 3] - size[1] / 2
    if reach_x < 0 or reach_y < 0:
        return nothing()
    x = np.concatenate([rng.uniform(-reach_x, reach_x, 60), [0.0]])
    y = np.concatenate([rng.uniform(-reach_y, reach_y, 60), [0.0]])
    fit = max(0.0, min(reach_x, reach_y, 0.08) / 0.08)
    way = (0.0 if turn is None else turn) + rng.uniform(-lean, lean, x.size) * fit
    price = rng.uniform(0, 0.5, x.size) - 0.3 * y
    price[-1] += 0.2
    return _from(target, np.stack([x, y, way, price], -1))


def under(target: Boxes, size: Size) -> Rows:
    """On the floor beneath the target, shifted where a wall is near."""
    shifts = np.array([(x, y) for x in (0.0, -0.3, 0.3, -0.6, 0.6) for y in (0.0, -0.3, 0.3, -0.6, 0.6)])
    return _from(target, np.concatenate([shifts, np.zeros((25, 1)), np.abs(shifts).sum(1, keepdims=True)], 1))


def over(target: Boxes, place: int, many: int) -> Rows:
    """Hanging over the target, ``many`` of them in a row along it."""
    length = 2 * max(target[0, 2], target[0, 3])
    offset = (place - (many - 1) / 2) * length / many
    at = (offset, 0.0) if target[0, 2] >= target[0, 3] else (0.0, offset)
    nudges = np.array([(dx, dy, 0.0, abs(dx) + abs(dy)) for dx in (0.0, 0.15, -0.15) for dy in (0.0, 0.15, -0.15)])
    nudges[:, 0] += at[0]
    nudges[:, 1] += at[1]
    return _from(target, nudges)


def ceiling(room: Room, size: Size, place: int, many: int) -> Rows:
    """Hanging from the ceiling of the room, ``many`` of them spread evenly over it, long ones along the room."""
    columns = max(1, round(math.sqrt(many * room.width_m / room.depth_m)))
    lines = math.ceil(many / columns)
    column, line = place % columns, place // columns
    x = ((column + 0.5) / columns - 0.5) * room.width_m
    y = ((line + 0.5) / lines - 0.5) * room.depth_m
    turn = 90.0 if room.depth_m > room.width_m and size[0] > 2 * size[1] else 0.0
    return np.array(
        [(x + dx, y + dy, turn, abs(dx) + abs(dy)) for dx in (0, 0.3, -0.3, 0.6, -0.6) for dy in (0, 0.3, -0.3, 0.6, -0.6)]
    )


def mounted(room: Room, size: Size, side: Side | None, rng: np.random.Generator, above: Boxes | None) -> Rows:
    """Flat on a wall; over the thing ``above`` where there is one. Prefers walls that face the usual camera."""
    found = []
    for wall in Side if side is None else (side,):
        reach = (room.length(wall) - size[0]) / 2 - 0.02
        if reach < 0:
            continue
        along = np.concatenate([np.arange(-reach, reach + 1e-6, _PITCH_M), [0.0]])
        x, y = room.on_wall(wall, along, size[1] / 2 + 0.002)
        price = rng.uniform(0, 0.9, along.size) + (1.2 if wall is Side.SOUTH and side is None else 0.0)
        if above is not None:
            price = 2.0 * np.hypot(x - above[0, 0], y - above[0, 1]) + 0.02 * price
        found.append(np.stack([x, y, np.full(along.size, TURNS[wall]), price], -1))
    return np.concatenate(found) if found else nothing()


def _from(target: Boxes, local: Rows) -> Rows:
    """Candidates in the target's own frame, in the set's."""
    cos, sin = math.cos(target[0, 4]), math.sin(target[0, 4])
    made = local.copy()
    made[:, 0] = target[0, 0] + local[:, 0] * cos - local[:, 1] * sin
    made[:, 1] = target[0, 1] + local[:, 0] * sin + local[:, 1] * cos
    made[:, 2] = local[:, 2] + math.degrees(target[0, 4])
    return made


def _grid(room: Room, pitch: float, size: Size) -> tuple[np.ndarray, np.ndarray]:
    least = min(size[0], size[1]) / 2
    reach_x, reach_y = room.width_m / 2 - least, room.depth_m / 2 - least
    if reach_x < 0 or reach_y < 0:
        return np.empty(0), np.empty(0)
    pitch = max(pitch, math.sqrt(4 * reach_x * reach_y / 2000))
    x = np.unique(np.concatenate([[0.0], np.arange(-reach_x, reach_x, pitch)]))
    y = np.unique(np.concatenate([[0.0], np.arange(-reach_y, reach_y, pitch)]))
    grid_x, grid_y = np.meshgrid(x, y)
    return grid_x.ravel(), grid_y.ravel()


def _fewer(rows: Rows) -> Rows:
    """The cheapest, and no more than are worth trying."""
    return rows[np.argsort(rows[:, 3], kind="stable")[:_MOST]]


def _between(room: Room, wall: Side) -> list[float]:
    """Middles of what lies between the openings of a wall, and of each opening."""
    edges = [-room.length(wall) / 2]
    for one in sorted((item for item in room.openings if item.wall is wall), key=lambda item: item.at_m or 0.0):
        at = one.at_m or 0.0
        edges += [at - one.width_m / 2, at + one.width_m / 2]
    edges.append(room.length(wall) / 2)
    return [(a + b) / 2 for a, b in pairwise(edges)]


def _on(room: Room, wall: Side, row: np.ndarray) -> bool:
    """Whether a footprint stands at a wall."""
    turned = (math.degrees(row[4]) - TURNS[wall] + 180.0) % 360.0 - 180.0
    off = {Side.NORTH: room.depth_m / 2 - row[1], Side.SOUTH: room.depth_m / 2 + row[1],
           Side.EAST: room.width_m / 2 - row[0], Side.WEST: room.width_m / 2 + row[0]}[wall]  # fmt: skip
    return bool(abs(turned) < 1.0 and off < row[3] + 0.2)


def _along(room: Room, wall: Side, row: np.ndarray) -> float:
    """Where along a wall a footprint stands."""
    return float({Side.NORTH: row[0], Side.SOUTH: -row[0], Side.EAST: -row[1], Side.WEST: row[1]}[wall])


def _to_kin(at: np.ndarray, kin: Boxes, size: Size) -> np.ndarray:
    """The price of standing apart from one's own kind."""
    if not len(kin):
        return np.zeros(len(at))
    apart = np.hypot(at[:, None, 0] - kin[None, :, 0], at[:, None, 1] - kin[None, :, 1]) - kin[None, :, 2] - size[0] / 2
    return 1.2 * np.minimum(np.maximum(apart.min(1), 0.0), 1.0)
