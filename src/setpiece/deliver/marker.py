"""The marker: pieces laid on the cloth as closely as a cutter would, and what that takes.

Place in the flow: paper pieces -> here -> yardage, the marker's drawing. One layer of open cloth, right side up. Pieces
keep the grain; they are turned end for end unless the cloth lies one way (nap, a print with a head). Matching of plaids and
stripes is not counted. Bottom-left filling on a raster, orders tried from a seed: the same pieces give the same marker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit

from setpiece.core.arrays import Float32, frozen
from setpiece.core.errors import StageError
from setpiece.deliver.pattern_outline import area_m2
from setpiece.deliver.pattern_pieces import Piece

CELL_M = 0.005
SELVEDGE_M = 0.012
TRIES = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A piece on the cloth: its cut line (n, 2), metres, x along the cloth from its end, y across it from a selvedge."""

    name: str
    points: Float32[np.ndarray, "n 2"]

    def __post_init__(self) -> None:
        frozen(self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """Every piece on cloth of ``width_m``; ``length_m`` is what they take, ``used`` how much of it is garment (0..1)."""

    laid: tuple[Laid, ...]
    width_m: float
    length_m: float
    used: float

    @property
    def bought_m(self) -> float:
        """What is bought: up to the next 10 cm, 5 cm to square the ends with."""
        return float(np.ceil((self.length_m + 0.05) * 10 - 1e-6) / 10)


def marker(pieces: Sequence[Piece], width_m: float, *, one_way: bool = False, tries: int = TRIES, seed: int = 1) -> Marker:
    """Lay all pieces on cloth ``width_m`` wide. Raises :class:`StageError` for a piece that is wider than the cloth."""
    copies = [copy for piece in pieces for copy in _copies(piece, width_m)]
    shapes = [_shapes(points, one_way) for _, points in copies]
    rows = int((width_m - 2 * SELVEDGE_M) / CELL_M)
    areas = np.array([abs(area_m2(points)) for _, points in copies])
    long = np.array([float(np.ptp(points[:, 0])) for _, points in copies])
    wide = np.array([float(np.ptp(points[:, 1])) for _, points in copies])
    room = int(long.sum() / CELL_M) + len(copies) + 2
    starts = [np.argsort(-key, kind="stable") for key in (areas, long, wide, long * wide, long + wide)]
    random = np.random.default_rng(seed)
    best: tuple[int, list[tuple[int, int, int]], np.ndarray] | None = None
    for number in range(max(tries, len(starts))):
        if number < len(starts):
            order = starts[number]
        else:
            assert best is not None
            order = best[2].copy()
            for _ in range(int(random.integers(1, 4))):
                i, j = random.integers(0, len(order), 2)
                order[[i, j]] = order[[j, i]]
        placed, end = _filled(order, shapes, rows, room, best[0] if best is not None else room)
        if placed is not None and (best is None or end < best[0]):
            best = (end, placed, order)
    assert best is not None
    laid = []
    for number, (turn, column, row) in enumerate(best[1]):
        points = shapes[number][turn][0] + (column * CELL_M, row * CELL_M + SELVEDGE_M)
        laid.append(Laid(name=copies[number][0], points=np.ascontiguousarray(points, np.float32)))
    length = max(float(one.points[:, 0].max()) for one in laid)
    return Marker(laid=tuple(laid), width_m=width_m, length_m=length, used=float(areas.sum() / (length * width_m)))


def _copies(piece: Piece, width_m: float) -> list[tuple[str, np.ndarray]]:
    """Each cut of a piece with the grain along x; one that is too wide for the cloth is cut in halves, seamed at its fold."""
    whole, name, count, mirrored = np.asarray(piece.whole, float), piece.name, piece.count, piece.mirrored
    way = np.asarray(piece.grain[1] - piece.grain[0], float)
    way = way / np.hypot(*way)
    turn = np.array([[way[0], -way[1]], [way[1], way[0]]])  # row vectors: the grain goes to +x
    free = width_m - 2 * SELVEDGE_M - CELL_M
    if np.ptp((whole @ turn)[:, 1]) > free and piece.fold is not None:
        half = np.asarray(piece.cut, float).copy()
        half[half[:, 0] < 1e-5, 0] -= 0.015
        whole, count, mirrored = half, 2 * count, True
    across = float(np.ptp((whole @ turn)[:, 1]))
    if across > free:
        raise StageError(
            f"the {piece.title} is {100 * across:.0f} cm wide and the cloth {100 * width_m:.0f}",
            remedy="take a wider cloth, or make the garment shorter or less full",
        )
    made = []
    for number in range(count):
        own = (whole * (-1.0, 1.0))[::-1] if mirrored and number % 2 else whole
        made.append((name, own @ turn))
    return made


Shape = tuple[np.ndarray, np.ndarray, int]


def _shapes(points: np.ndarray, one_way: bool) -> list[Shape]:
    """A piece as it may lie: (outline from 0, 0; its raster as runs (k, 3) of column, first and last + 1 row; its columns)."""
    made = []
    for sign in (1.0,) if one_way else (1.0, -1.0):
        own = points * sign
        own = own - own.min(0)
        runs, columns = _runs(own)
        made.append((own, runs, columns))
    return made


def _runs(points: np.ndarray) -> tuple[np.ndarray, int]:
    """Every cell that an outline touches or holds, as runs down its columns, the longest first."""
    closed = np.concatenate([points, points[:1]])
    steps = np.maximum(1, np.ceil(np.hypot(*np.diff(closed, axis=0).T) / (0.1 * CELL_M)).astype(int))
    edge = np.concatenate([
        closed[i] + np.linspace(0, 1, n, endpoint=False)[:, None] * (closed[i + 1] - closed[i]) for i, n in enumerate(steps)
    ])  # fmt: skip
    cells = np.maximum((edge / CELL_M - 1e-6).astype(int), 0)
    columns, rows = cells.max(0) + 1
    mask = np.zeros((rows, columns), np.uint8)
    cv2.fillPoly(mask, [np.round(points / CELL_M - 0.5).astype(np.int32)], 1)
    mask[cells[:, 1], cells[:, 0]] = 1
    runs = []
    for column in range(columns):
        line = np.diff(np.concatenate([[0], mask[:, column], [0]]).astype(np.int8))
        runs += [(column, a, b) for a, b in zip(np.flatnonzero(line == 1), np.flatnonzero(line == -1), strict=True)]
    runs.sort(key=lambda run: run[1] - run[2])
    return np.array(runs, np.int32), int(columns)


def _filled(
    order: np.ndarray, shapes: list[list[Shape]], rows: int, room: int, bound: int
) -> tuple[list[tuple[int, int, int]] | None, int]:
    """(turn, column, row) of every piece laid in ``order``, and the last column used; None where it goes past ``bound``."""
    free = np.zeros((room, rows + 1), np.int32)  # cells taken before each row of a column
    placed: list[tuple[int, int, int]] = [(0, 0, 0)] * len(shapes)
    end = 0
    for number in order:
        found = []
        for turn, (_, runs, columns) in enumerate(shapes[number]):
            column, row = _first_fit(free, runs, columns)
            if column >= 0:
                found.append((column + columns, row, turn, column))
        last, row, turn, column = min(found)
        if last > bound:
            return None, last
        _take(free, shapes[number][turn][1], column, row)
        placed[number] = (turn, column, row)
        end = max(end, last)
    return placed, end


@njit(cache=True)
def _first_fit(free, runs, columns):  # type: ignore[no-untyped-def]
    """The first column, then row, where no run meets a taken cell."""
    room, rows = free.shape[0], free.shape[1] - 1
    tall = runs[:, 2].max()
    for x in range(room - columns + 1):
        y = 0
        while y <= rows - tall:
            ahead = 0
            for k in range(runs.shape[0]):
                column, low, high = x + runs[k, 0], runs[k, 1], runs[k, 2]
                if free[column, y + high] != free[column, y + low]:
                    ahead = 1
                    break
            if ahead == 0:
                return x, y
            y += ahead
    return -1, -1


@njit(cache=True)
def _take(free, runs, x, y):  # type: ignore[no-untyped-def]
    """Mark a piece's cells as taken."""
    rows = free.shape[1] - 1
    for k in range(runs.shape[0]):
        column, low, high = x + runs[k, 0], y + runs[k, 1], y + runs[k, 2]
        for row in range(low, rows):
            free[column, row + 1] += min(row + 1, high) - low
