"""Which pieces hang in the air: a measure of a finished collapse, for its report and for tests.

A piece hangs in a frame where it was let go some frames ago, is all but still, is clear of the ground, and no chain of
pieces below it reaches the ground or a standing piece that carries it. Rubble on a floor that still stands does not hang;
a slab wedged between two walls does. Boxes about the moved corners stand in for contact, so the measure is strict.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from setpiece.core.arrays import Int32, frozen
from setpiece.core.stage import Motion, Pieces
from setpiece.stage.support import SupportGraph, touching

AFTER_FRAMES = 4  # a fall starts slowly: 4 frames at 24 a second are 1.6 m/s
STILL_M_S = 0.6
CLEAR_M = 0.6
TOUCH_M = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Hanging:
    """What hangs when. ``frames`` (f,): how many pieces hang in each frame; ``longest`` (k,): each piece's longest run."""

    first: int
    frames: Int32[np.ndarray, "f"]
    longest: Int32[np.ndarray, "k"]

    def __post_init__(self) -> None:
        for array in (self.frames, self.longest):
            frozen(array)

    def seen(self, frames: int = 4) -> int:
        """Pieces that hang for ``frames`` or more in a row: an eye catches those."""
        return int((self.longest >= frames).sum())


def hanging(pieces: Pieces, motion: Motion, rate: Fraction, *, ground_z_m: float = 0.0) -> Hanging:
    """Measure a motion, frame by frame."""
    count = len(pieces)
    counts = np.zeros(len(motion.position), np.int32)
    run, longest = np.zeros(count, np.int32), np.zeros(count, np.int32)
    for index in range(1, len(motion.position)):
        now = hanging_at(pieces, motion, index, rate, ground_z_m)
        counts[index] = now.sum()
        run = np.where(now, run + 1, 0)
        longest = np.maximum(longest, run)
    return Hanging(first=motion.first, frames=counts, longest=longest)


def overdue(graph: SupportGraph, motion: Motion) -> Int32[np.ndarray, "k"]:
    """How many frames in a row each piece still stood though no standing piece led its load to the ground."""
    run, longest = np.zeros((2, motion.position.shape[1]), np.int32)
    for frame in range(motion.first, motion.last + 1):
        standing = motion.release >= frame
        run = np.where(standing & np.isinf(graph.reach(standing)), run + 1, 0)
        longest = np.maximum(longest, run)
    return longest


def hanging_at(pieces: Pieces, motion: Motion, index: int, rate: Fraction, ground_z_m: float) -> np.ndarray:
    """(k,) bool: the pieces that hang in the frame at ``index``."""
    frame = motion.first + index
    low, high = moved_boxes(pieces, motion.position[index], motion.rotation[index])
    speed = np.linalg.norm(motion.position[index] - motion.position[index - 1], axis=1) * float(rate)
    loose = motion.release < frame
    still = (motion.release + AFTER_FRAMES <= frame) & (speed < STILL_M_S) & (low[:, 2] > ground_z_m + CLEAR_M)
    if not still.any():
        return still
    carried = ~loose | (low[:, 2] < ground_z_m + CLEAR_M)
    return still & ~reached(carried, *resting(low, high, TOUCH_M))


def moved_boxes(pieces: Pieces, position: np.ndarray, rotation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Boxes (k, 3), (k, 3) about the corners of every piece in a pose, metres."""
    owner = pieces.vertex_piece
    arm = pieces.vertices - pieces.centre[owner]
    w, axis = rotation[owner, :1], rotation[owner, 1:]
    turned = arm + 2.0 * np.cross(axis, np.cross(axis, arm) + w * arm)
    placed = turned + position[owner]
    starts = pieces.vertex_start[:-1]
    return np.minimum.reduceat(placed, starts), np.maximum.reduceat(placed, starts)


def resting(low: np.ndarray, high: np.ndarray, touch_m: float) -> tuple[np.ndarray, np.ndarray]:
    """(upper, lower) pairs in which the lower one can carry the upper: boxes that touch, the lower's middle well below."""
    first, second = touching(low - touch_m, high + touch_m)
    middle, tall = 0.5 * (low[:, 2] + high[:, 2]), high[:, 2] - low[:, 2]
    apart = np.abs(middle[first] - middle[second]) > 0.25 * np.minimum(tall[first], tall[second])
    first, second = first[apart], second[apart]
    swap = middle[first] < middle[second]
    return np.where(swap, second, first), np.where(swap, first, second)


def reached(carried: np.ndarray, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """``carried`` (k,) and everything that rests on it, through any chain of (upper, lower) pairs."""
    found = carried.copy()
    while True:
        more = upper[found[lower] & ~found[upper]]
        if not len(more):
            return found
        found[more] = True
