"""The plan of a set while it is being laid out: footprints that must not meet, zones kept clear, the way of a person.

Place in the flow: under :mod:`.layout`. Footprints are boxes that stand upright at any turn; arrays of them have a row each:
x, y, half width, half depth, turn (radians), bottom, top; metres, in the frame of the set. It knows no furniture.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import ndimage

from setpiece.core.set_spec import Side

PERSON_M = 0.45  # the width of who walks there
REACH_M = 0.45  # from where a person stands, to the seat's edge
HEADROOM_M = 1.9  # what hangs higher is in nobody's way
STEP_OVER_M = 0.06  # what lies flatter is walked on
_TOUCH_M = 1e-4
Boxes = np.ndarray[Any, np.dtype[np.float64]]  # (n, 7)

TURNS = {Side.NORTH: 0.0, Side.EAST: -90.0, Side.SOUTH: 180.0, Side.WEST: 90.0}  # of what stands with its back to the wall


def boxes(x: Any, y: Any, turn_deg: Any, size_m: tuple[float, float, float], bottom_m: float = 0.0) -> Boxes:
    """Footprints of one size at the positions and turns given; scalars or arrays (k,)."""
    x, y, turn = np.broadcast_arrays(np.atleast_1d(np.asarray(x, float)), np.asarray(y, float), np.asarray(turn_deg, float))
    made = np.empty((x.size, 7))
    made[:, 0], made[:, 1], made[:, 4] = x, y, np.radians(turn)
    made[:, 2], made[:, 3] = size_m[0] / 2, size_m[1] / 2
    made[:, 5], made[:, 6] = bottom_m, bottom_m + size_m[2]
    return made


def axes_of(rows: Boxes) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors (n, 2) along width (to the right) and along depth (to the back)."""
    cos, sin = np.cos(rows[:, 4]), np.sin(rows[:, 4])
    return np.stack([cos, sin], -1), np.stack([-sin, cos], -1)


def corners(rows: Boxes) -> np.ndarray:
    """The four corners of each footprint, (n, 4, 2), counter-clockwise from front left."""
    right, back = axes_of(rows)
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], float)
    across = signs[None, :, :1] * (rows[:, 2:3] * right)[:, None, :]
    along = signs[None, :, 1:] * (rows[:, 3:4] * back)[:, None, :]
    return rows[:, None, :2] + across + along


def depth_of_overlap(first: Boxes, second: Boxes) -> np.ndarray:
    """How far each of ``first`` (k) reaches into each of ``second`` (n), metres, (k, n); 0 or less where they do not meet.

    Separating axes in plan, and the overlap in height; the least of them.
    """
    ax, ay = axes_of(first)
    bx, by = axes_of(second)
    away = second[None, :, :2] - first[:, None, :2]
    found = np.minimum(first[:, None, 6], second[None, :, 6]) - np.maximum(first[:, None, 5], second[None, :, 5])
    cos = np.abs(ax @ bx.T)
    sin = np.abs(ax @ by.T)
    for axis, own in ((ax, 2), (ay, 3)):
        apart = np.abs(np.einsum("kni,ki->kn", away, axis))
        other = second[None, :, 2] * (cos if own == 2 else sin) + second[None, :, 3] * (sin if own == 2 else cos)
        found = np.minimum(found, first[:, None, own] + other - apart)
    for axis, own in ((bx, 2), (by, 3)):
        apart = np.abs(np.einsum("kni,ni->kn", away, axis))
        other = first[:, None, 2] * (cos if own == 2 else sin) + first[:, None, 3] * (sin if own == 2 else cos)
        found = np.minimum(found, second[None, :, own] + other - apart)
    return found


def meets(first: Boxes, second: Boxes) -> np.ndarray:
    """Which of ``first`` meet any of ``second``, (k,)."""
    if not len(second) or not len(first):
        return np.zeros(len(first), bool)
    return (depth_of_overlap(first, second) > _TOUCH_M).any(1)


def front_of(rows: Boxes, deep_m: float, *, top_m: float = HEADROOM_M) -> Boxes:
    """The zone before the front of each footprint."""
    _, back = axes_of(rows)
    made = rows.copy()
    made[:, :2] -= back * (rows[:, 3:4] + deep_m / 2)
    made[:, 3] = deep_m / 2
    made[:, 5], made[:, 6] = STEP_OVER_M, top_m
    return made


@dataclass(kw_only=True)
class Plan:
    """What stands in the set so far. ``width_m`` by ``depth_m``, the origin in the middle; grows as things are put in."""

    width_m: float
    depth_m: float
    height_m: float
    solids: Boxes = field(default_factory=lambda: np.empty((0, 7)))
    solid_names: list[str] = field(default_factory=list)
    flats: Boxes = field(default_factory=lambda: np.empty((0, 7)))
    zones: Boxes = field(default_factory=lambda: np.empty((0, 7)))
    zone_owners: list[str] = field(default_factory=list)

    def inside(self, rows: Boxes) -> np.ndarray:
        """Which footprints lie wholly in the set, (k,)."""
        points = corners(rows)
        slack = 1e-6
        flat = (np.abs(points[..., 0]) <= self.width_m / 2 + slack) & (np.abs(points[..., 1]) <= self.depth_m / 2 + slack)
        return flat.all(1) & (rows[:, 6] <= self.height_m + slack) & (rows[:, 5] >= -slack)

    def free(self, rows: Boxes, *, but: frozenset[str] = frozenset()) -> np.ndarray:
        """Which footprints meet no solid, (k,); ``but`` names things that do not count."""
        keep = [name not in but for name in self.solid_names]
        return ~meets(rows, self.solids[keep] if but else self.solids)

    def free_of_flats(self, rows: Boxes) -> np.ndarray:
        """Which flat things (rugs) meet no other flat thing, (k,); what stands may stand on them."""
        return ~meets(rows, self.flats)

    def lay(self, row: Boxes) -> None:
        """A flat thing, (1, 7)."""
        self.flats = np.concatenate([self.flats, row])

    def out_of_zones(self, rows: Boxes, *, but: frozenset[str] = frozenset()) -> np.ndarray:
        """Which footprints leave every zone clear, (k,), but for those of ``but``."""
        keep = [owner not in but for owner in self.zone_owners]
        return ~meets(rows, self.zones[keep])

    def put(self, name: str, row: Boxes) -> None:
        """A solid, (1, 7)."""
        self.solids = np.concatenate([self.solids, row])
        self.solid_names.append(name)

    def keep_clear(self, owner: str, row: Boxes) -> None:
        """A zone that nothing but ``owner``'s partners may enter."""
        self.zones = np.concatenate([self.zones, row])
        self.zone_owners.append(owner)


class Walk:
    """Where a person can walk: cells whose middle is half a person's width away from every solid and wall."""

    def __init__(self, width_m: float, depth_m: float) -> None:
        self.cell_m = 0.1 if width_m * depth_m < 250 else 0.2
        self.count_x = max(1, round(width_m / self.cell_m))
        self.count_y = max(1, round(depth_m / self.cell_m))
        self.x = (np.arange(self.count_x) + 0.5) * (width_m / self.count_x) - width_m / 2
        self.y = (np.arange(self.count_y) + 0.5) * (depth_m / self.count_y) - depth_m / 2
        self.blocked = np.zeros((self.count_y, self.count_x), bool)
        edge = PERSON_M / 2
        self.blocked[:, np.abs(self.x) > width_m / 2 - edge] = True
        self.blocked[np.abs(self.y) > depth_m / 2 - edge] = True
        self.entries: list[np.ndarray] = []
        self.seats: list[np.ndarray] = []

    def near(self, row: Boxes, within_m: float) -> np.ndarray:
        """Flat indices of the cells whose middle lies within ``within_m`` of a footprint (1, 7)."""
        reach = np.hypot(row[0, 2], row[0, 3]) + within_m
        rows = np.flatnonzero(np.abs(self.y - row[0, 1]) <= reach)
        columns = np.flatnonzero(np.abs(self.x - row[0, 0]) <= reach)
        dx, dy = self.x[columns][None, :] - row[0, 0], self.y[rows][:, None] - row[0, 1]
        cos, sin = np.cos(row[0, 4]), np.sin(row[0, 4])
        across = np.maximum(np.abs(dx * cos + dy * sin) - row[0, 2], 0.0)
        along = np.maximum(np.abs(dy * cos - dx * sin) - row[0, 3], 0.0)
        inside = np.hypot(across, along) < within_m
        return (rows[:, None] * self.count_x + columns[None, :])[inside]

    def in_the_way(self, row: Boxes) -> bool:
        """Whether a person has to walk around it."""
        return bool(row[0, 5] < HEADROOM_M and row[0, 6] - max(row[0, 5], 0.0) > STEP_OVER_M and row[0, 6] > STEP_OVER_M)

    def block(self, row: Boxes) -> None:
        """Put a solid into the way."""
        if self.in_the_way(row):
            self.blocked.ravel()[self.near(row, PERSON_M / 2)] = True

    def add_entry(self, cells: np.ndarray) -> None:
        """A door: the cells behind it, one of which a person steps on."""
        self.entries.append(cells)

    def seat_cells(self, row: Boxes) -> np.ndarray:
        """Where somebody stands before sitting down."""
        return self.near(row, PERSON_M / 2 + REACH_M)

    def open_with(self, row: Boxes | None, seat: np.ndarray | None = None) -> bool:
        """Whether, with another solid, every door is still passed and every seat still reached from the same floor."""
        blocked = self.blocked
        if row is not None and self.in_the_way(row):
            blocked = blocked.copy()
            blocked.ravel()[self.near(row, PERSON_M / 2)] = True
        labels, count = ndimage.label(~blocked)
        if not count:
            return False
        flat = labels.ravel()
        if self.entries:
            common = _labels(flat[self.entries[0]])
            for cells in self.entries[1:]:
                common &= _labels(flat[cells])
        else:
            sizes = np.bincount(flat)
            common = {int(np.argmax(sizes[1:])) + 1}
        seats = self.seats if seat is None else [*self.seats, seat]
        return any(all((flat[cells] == one).any() for cells in seats) for one in common)


def _labels(values: np.ndarray) -> set[int]:
    return {int(value) for value in np.unique(values) if value}
