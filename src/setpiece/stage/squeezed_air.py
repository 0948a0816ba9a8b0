"""The air that a falling building squeezes out: how much, through which wall, in which jets.

Stage 3 of the flow, beside the dust sources, which send their puffs out on it. A floor that comes down is a piston: the
room below it holds air that must leave, and with everything above coming down the way out is sideways, through
doors, windows and breaches, low down. A convex outline of the plan says where the outside begins. Refuses to guess
openings piece by piece: jets are stronger and weaker along a wall by a few smooth waves.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.spatial import ConvexHull

from setpiece.core.arrays import frozen
from setpiece.core.stage import Pieces

TIGHT = 0.8  # of the air under a falling floor leaves sideways; the rest comes up through the breaking floor
_WAVES_M = (15.0, 8.3, 4.1)  # distance of doors, bays and windows
_WAVES = (0.36, 0.28, 0.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The plan of a building as a convex polygon of e edges: ``normal`` (e, 2) outward units, ``offset_m`` (e,) along them,
    ``edge`` (e, 2, 2) corners, m."""

    normal: np.ndarray
    offset_m: np.ndarray
    edge: np.ndarray

    def __post_init__(self) -> None:
        for field in fields(self):
            frozen(getattr(self, field.name))

    def wall_of(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The nearest edge (n,) of points (n, 2), and how far inside of it they are (n,), m, negative outside."""
        gap = self.offset_m - points @ self.normal.T
        wall = np.argmin(gap, axis=1)
        return wall, np.take_along_axis(gap, wall[:, None], 1)[:, 0]


def outline_of(pieces: Pieces) -> Outline:
    """The convex outline of all pieces at rest, seen from above."""
    plan = pieces.vertices[:, :2].astype(np.float64)
    hull = ConvexHull(plan)
    return Outline(normal=hull.equations[:, :2].copy(), offset_m=-hull.equations[:, 2], edge=plan[hull.simplices])


def plan_area_m2(pieces: Pieces) -> np.ndarray:
    """What each piece (k,) covers of the ground below it at rest, m²."""
    corners = pieces.vertices[pieces.triangles].astype(np.float64)
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    facing = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 4  # half of a triangle's, and half of a closed body looks up
    return np.bincount(pieces.triangle_piece, weights=facing, minlength=len(pieces))


def openings(along_m: np.ndarray, wall_phase: np.ndarray) -> np.ndarray:
    """How easily air gets out (n,), about 0.2..1.8, at metres ``along_m`` a wall: doors and windows, not a slit.

    ``wall_phase`` (n, 3) shifts the waves, rad.
    """
    turns = along_m[:, None] * (2 * np.pi / np.array(_WAVES_M)) + wall_phase
    return np.asarray(1.0 + np.sin(turns) @ np.array(_WAVES))
