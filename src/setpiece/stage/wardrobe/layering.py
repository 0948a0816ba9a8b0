"""Layers: what is worn beneath is pressed in beneath what is worn over it, as a jacket presses a shirt.

Place in the flow: garments that hang, each by itself -> here -> fitting. Cloth over cloth is compared by where each stands over
the body's skin: a point's foot is the nearest skin, its height how far off it is. Beneath a garment nothing may be higher than
that garment's lowest cloth over the same foot.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from setpiece.core.garment import Cloth
from setpiece.stage.wardrobe.draping import Obstacle, lifted, limited, settle
from setpiece.stage.wardrobe.fitting import REACH_M, Hung, crossings, outwards
from setpiece.stage.wardrobe.form import Form

Array = np.ndarray
CLEAR_M = 0.0012  # between a garment and what lies over it
_NEAR_M = 0.013
_PRESSED_S, _ROUNDS, _STEP_M = 0.35, 10, 0.003
_SLACK_M = 0.0014  # what is granted in the end, so that strain and layers come to terms: less than the fitting allows
_SPREAD = ((1 / 3, 1 / 3), (0.12, 0.12), (0.76, 0.12), (0.12, 0.76), (0.5, 0.5), (0.5, 0), (0, 0.5), (0, 0), (1, 0), (0, 1),
           (0.2, 0.6), (0.6, 0.2), (0.2, 0.2))  # fmt: skip


class Cover:
    """What garments let room for beneath them."""

    def __init__(self, above: Sequence[Hung], form: Form) -> None:
        self._form = form
        cloud = np.concatenate([_spread(one) for one in above])
        self._height = form.distance(cloud)
        self._feet = cKDTree(cloud - self._height[:, None] * outwards(form, cloud))

    def room(self, points: Array) -> Array:
        """How far off the body (p,) points may be, infinite where nothing lies over them."""
        height = self._form.distance(points)
        feet = points - height[:, None] * outwards(self._form, points)
        away, near = self._feet.query(feet, k=12, distance_upper_bound=_NEAR_M)
        over = np.append(self._height, np.inf)[near]
        return np.asarray(np.where(np.isfinite(away), over, np.inf).min(1) - CLEAR_M)

    def covers(self, points: Array) -> Array:
        """Which points (p,) something lies over."""
        return np.isfinite(self.room(points))


def _spread(one: Hung) -> Array:
    a, b, c = (one.points[one.mesh.triangles[:, i]] for i in range(3))
    return np.concatenate([a * (1 - u - v) + b * u + c * v for u, v in _SPREAD])


def pressed(one: Hung, cloth: Cloth, above: Sequence[Hung], form: Form, body: Obstacle) -> Hung:
    """A garment settled beneath those over it, its strain drawn even, the last word theirs."""
    cover = Cover(above, form)
    points = settle(one.mesh, cloth, body, seconds=_PRESSED_S, points=one.points, roof=cover.room).points
    places = _places(one.mesh.triangles)
    for turn in range(_ROUNDS):
        slack_m = 0.0 if turn < _ROUNDS // 2 else _SLACK_M
        points = limited(points, one.mesh, body, roof=lambda at, slack_m=slack_m: cover.room(at) + slack_m)  # type: ignore[misc]
        points = _drawn_back(lifted(points, one.mesh, body, -_SLACK_M), places, above, form, slack_m)
    return Hung(pattern=one.pattern, mesh=one.mesh, points=points)


def _places(triangles: Array) -> tuple[Array, ...]:
    """Corners of what is looked at: points (n, 1), edges (e, 2), faces (t, 3)."""
    sides = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    return np.unique(triangles)[:, None], np.unique(sides, axis=0), triangles


def _drawn_back(points: Array, places: Sequence[Array], above: Sequence[Hung], form: Form, slack_m: float) -> Array:
    """What crosses a garment over it by more than ``slack_m`` drawn back the way it went, a little at a time and its neighbours
    with it."""
    made = points.copy()
    for _ in range(12):
        move = np.zeros(len(made))
        for corners in places:
            middle = made[corners].mean(1)
            deep = form.distance(middle)
            near = np.flatnonzero((deep > 0.0005) & (deep < REACH_M))
            way = -outwards(form, middle[near])
            for over in above:
                count, first = crossings(over.points, over.mesh.triangles, middle[near], way, deep[near])
                out = np.where((count % 2 == 1) & (first > slack_m), first - slack_m + 0.0003, 0.0)
                for corner in corners[near].T:
                    np.maximum.at(move, corner, out)
        if not move.any():
            break
        move = _followed(np.minimum(move, _STEP_M), places[1])
        room = np.maximum(form.distance(made) - 0.0002, 0.0)
        made = made - outwards(form, made) * np.minimum(move, room)[:, None]
    return made


def _followed(move: Array, edges: Array) -> Array:
    """Moves of which neighbours take a part, theirs and theirs again less."""
    made = move
    for _ in range(3):
        drawn = np.zeros_like(made)
        np.maximum.at(drawn, edges[:, 0], made[edges[:, 1]])
        np.maximum.at(drawn, edges[:, 1], made[edges[:, 0]])
        made = np.maximum(made, 0.6 * drawn)
    return made
