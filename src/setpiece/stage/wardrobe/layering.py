"""Layers: what is worn beneath is pressed in beneath what is worn over it, as a jacket presses a shirt.

Place in the flow: garments that hang, each by itself -> here -> fitting. Cloth over cloth is compared by where each stands over
the body's skin: a point's foot is the nearest skin, its height how far off it is. Beneath a garment nothing may be higher than
that garment's lowest cloth over the same foot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from setpiece.core.garment import Cloth
from setpiece.stage.wardrobe.draping import Obstacle, clear, lifted, limited, settle
from setpiece.stage.wardrobe.fitting import Hung, feet_of, outside, outwards, places, samples, stretches, through
from setpiece.stage.wardrobe.form import Form
from setpiece.stage.wardrobe.measures import Measures
from setpiece.stage.wardrobe.sewing import sides_of

Array = np.ndarray
CLEAR_M = 0.0012  # between a garment and what lies over it
_AIR_M = 0.004  # between a garment and the one that it is worn over, on a body of 1.70 m
_FADES_M = 0.05  # past the edge of what is beneath, cloth comes back to the skin
_NEAR_M = 0.013
_PRESSED_S, _ROUNDS, _STEP_M = 0.35, 40, 0.006
_SKIN_M = 0.0006  # what is pressed comes that near to the skin
_GRANTED_M = 0.0008  # standing out no farther than that is let be: less than half of what the fitting allows
_PATIENCE = 4  # turns without a better one, when the best would pass
_INNER = 0.6  # the inner garment's share of giving way
_BESIDE_M = 0.012
_SHARED = 24  # times that neighbours of a fall share what they moved
_SPREAD = ((1 / 3, 1 / 3), (0.12, 0.12), (0.76, 0.12), (0.12, 0.76), (0.5, 0.5), (0.5, 0), (0, 0.5), (0, 0), (1, 0), (0, 1),
           (0.2, 0.6), (0.6, 0.2), (0.2, 0.2))  # fmt: skip


def air_m(body: Measures) -> float:
    """What is left between a garment and the one that it is worn over, metres: less on a child."""
    return _AIR_M * body.small


class Beneath:
    """How far off the skin what is worn beneath asks a garment to be: where it is worn, not elsewhere."""

    def __init__(self, inner: Sequence[tuple[Hung, float]], form: Form) -> None:
        self._form = form
        self._worn = []
        for one, thick_m in inner:
            feet, _ = feet_of(form, one.points[np.unique(one.mesh.triangles)])
            self._worn.append((cKDTree(feet), thick_m + air_m(form.measures)))

    def height(self, points: Array) -> Array:
        """The height (p,) over the skin that garments beneath take up at ``points``, ending softly past their edges."""
        if not self._worn:
            return np.zeros(len(points))
        feet, _ = feet_of(self._form, points)
        made = np.zeros(len(points))
        for tree, takes_m in self._worn:
            away, _ = tree.query(feet, distance_upper_bound=_FADES_M)
            made += takes_m * np.clip((_FADES_M - away) / (0.4 * _FADES_M), 0.0, 1.0)
        return made


class Cover:
    """What garments let room for beneath them."""

    def __init__(self, above: Sequence[Hung], form: Form) -> None:
        self._form = form
        feet, self._height = feet_of(form, np.concatenate([_spread(one) for one in above]))
        self._feet = cKDTree(feet)

    def room(self, points: Array) -> Array:
        """How far off the body (p,) points may be, infinite where nothing lies over them."""
        feet, _ = feet_of(self._form, points)
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
    """A garment settled beneath those over it."""
    cover = Cover(above, form)
    points = settle(one.mesh, cloth, body, seconds=_PRESSED_S, points=one.points, roof=cover.room).points
    return replace(one, points=clear(points, one.mesh, body, keep_m=_SKIN_M, roof=cover.room))


def agreed(hung: Sequence[Hung], form: Form, body: Obstacle) -> list[Hung]:
    """Garments that give way to one another until none stands out through what is worn over it.

    What is outside a garment over it is found as the fitting finds it, and goes in by the nearest way: the inner cloth inwards,
    the outer outwards, each with its neighbours; strain is drawn even in between. The best that was come to is returned.
    """
    made, best, least_m, since = list(hung), list(hung), np.inf, 0
    looked = [places(one.mesh.triangles) for one in made]
    thin = [replace(one.mesh, off=np.full(len(one.points), _SKIN_M)) for one in made]
    pairs = [(inner, outer) for outer in range(len(made)) for inner in range(outer)]
    for turn in range(_ROUNDS):
        out = {pair: _outside(made[pair[0]], made[pair[1]], looked[pair[0]], form) for pair in pairs}
        worst_m = max((float(one.out_m.max(initial=0.0)) for one in out.values()), default=0.0)
        if worst_m < least_m:
            best, least_m, since = list(made), worst_m, turn
        if least_m <= 2.2 * _GRANTED_M and turn - since >= _PATIENCE:
            break
        if worst_m <= (_GRANTED_M if turn < _ROUNDS // 6 else 1.8 * _GRANTED_M):
            break
        moves = [np.zeros((len(one.points), 3)) for one in made]
        for (inner, outer), one in out.items():
            if len(one.rows):
                goes = _apart(made[inner], made[outer], looked[inner], form, one, _STEP_M * (1.0 - 0.75 * turn / _ROUNDS))
                for number, way in zip((inner, outer), goes, strict=True):
                    moves[number] += way
        for number, way in enumerate(moves):
            if way.any():
                points = limited(made[number].points + _followed(way, looked[number][1]), thin[number], body)
                made[number] = replace(made[number], points=lifted(points, thin[number], body, _SKIN_M))
    return best


def smoothed(before: Sequence[Hung], after: Sequence[Hung], form: Form, body: Obstacle) -> list[Hung]:
    """Collars that gave way as pieces of canvas do, not point by point: what each point of a fall moved is shared out over it.

    Where that would bring a garment out through another, or strain it, the fall stays as it was.
    """
    made = list(after)
    for number, (laid, one) in enumerate(zip(before, after, strict=True)):
        edges = places(one.mesh.triangles)[1]
        edges = edges[one.mesh.creased[edges].all(1)]
        if not len(edges) or np.array_equal(one.points, laid.points):
            continue
        move, count = one.points - laid.points, np.bincount(edges.ravel(), minlength=len(one.points))
        for _ in range(_SHARED):
            sums = np.zeros_like(move)
            np.add.at(sums, edges[:, 0], move[edges[:, 1]])
            np.add.at(sums, edges[:, 1], move[edges[:, 0]])
            move = np.where((count > 0)[:, None], 0.4 * move + 0.6 * sums / np.maximum(count, 1)[:, None], move)
        points = lifted(laid.points + move, one.mesh, body, _SKIN_M)
        tried = [*made[:number], replace(one, points=points), *made[number + 1 :]]
        if _holds(tried, number, form) and stretches(points, one.mesh).max() <= max(stretches(one.points, one.mesh).max(), 1.2):
            made = tried
    return made


def _holds(hung: Sequence[Hung], number: int, form: Form) -> bool:
    """Whether nothing stands out between a garment and those over and beneath it by more than is let be in the end."""
    over = [through(hung[number], outer, form) for outer in hung[number + 1 :]]
    beneath = [through(inner, hung[number], form) for inner in hung[:number]]
    return max([0.0, *over, *beneath]) <= 2.2 * _GRANTED_M


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outside:
    """Places of an inner garment that are outside an outer one: which (r,), where (r, 3), by how far (r,)."""

    rows: Array
    at: Array
    out_m: Array


def _outside(inner: Hung, outer: Hung, looked: Sequence[Array], form: Form) -> _Outside:
    at = samples(inner.points, looked)
    rows, out_m = outside(at, outer, form)
    beyond = out_m > _GRANTED_M
    return _Outside(rows=rows[beyond], at=at[rows[beyond]], out_m=out_m[beyond])


def _apart(inner: Hung, outer: Hung, looked: Sequence[Array], form: Form, out: _Outside, most_m: float) -> tuple[Array, Array]:
    """How far each point (n, 3) of two garments goes so that the inner one comes in beneath the outer, ``most_m`` at once."""
    to, where, weights, normal = _nearest(outer, out.at)
    way = to - out.at
    edge = _border(outer.mesh.triangles)[outer.mesh.triangles[where]].any(1)
    proud = ((out.at - to) * normal).sum(1)
    inwards = np.where(proud > 0.0002, proud, 0.0)[:, None] * -normal  # past an edge the nearest way leads out again
    straight = -outwards(form, out.at) * out.out_m[:, None]
    way = np.where(edge[:, None], np.where(proud[:, None] > 0.0002, inwards, straight), way)
    length = np.linalg.norm(way, axis=1, keepdims=True)
    way *= np.minimum(length + CLEAR_M, most_m) / np.maximum(length, 1e-9)
    goes, met = np.zeros((len(inner.points), 3)), np.zeros(len(inner.points))
    start = np.cumsum([0, *(len(corners) for corners in looked)])
    for corners, first_row, end in zip(looked, start[:-1], start[1:], strict=True):
        here = (out.rows >= first_row) & (out.rows < end)
        for corner in corners[out.rows[here] - first_row].T:
            np.add.at(goes, corner, way[here])
            np.add.at(met, corner, 1.0)
    back, felt = np.zeros((len(outer.points), 3)), np.zeros(len(outer.points))
    for corner, weight in zip(outer.mesh.triangles[where].T, weights.T, strict=True):
        np.add.at(back, corner, -way * weight[:, None])
        np.add.at(felt, corner, weight)
    return _INNER * goes / np.maximum(met, 1.0)[:, None], (1.0 - _INNER) * back / np.maximum(felt, 1e-3)[:, None]


def _nearest(one: Hung, points: Array) -> tuple[Array, Array, Array, Array]:
    """The nearest places (p, 3) on a garment, the triangles that they are on, their weights of its corners, its outer side."""
    triangles = one.mesh.triangles
    _, found = cKDTree(_spread(one)).query(points)
    weights = np.array([(1 - u - v, u, v) for u, v in _SPREAD])[found // len(triangles)]
    where = found % len(triangles)
    a, b, c = (one.points[triangles[where, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    at = a * weights[:, :1] + b * weights[:, 1:2] + c * weights[:, 2:]
    off = ((points - at) * normal).sum(1, keepdims=True) * normal
    flat = points - off  # on the triangle's plane: right over the triangle, or a little beside it
    beside = np.linalg.norm(flat - at, axis=1, keepdims=True)
    return np.where(beside < _BESIDE_M, flat, at), where, weights, normal


def _border(triangles: Array) -> Array:
    """Which points lie on an edge that no second triangle shares."""
    edges, times = np.unique(sides_of(triangles), axis=0, return_counts=True)
    made = np.zeros(triangles.max() + 1, bool)
    made[edges[times == 1]] = True
    return made


def _followed(move: Array, edges: Array) -> Array:
    """Moves (n, 3) of which neighbours that have none take a part, theirs and theirs again less."""
    made = move.copy()
    still = np.linalg.norm(move, axis=1) < 1e-9
    for _ in range(2):
        drawn, met = np.zeros_like(made), np.zeros(len(made))
        for a, b in ((0, 1), (1, 0)):
            np.add.at(drawn, edges[:, a], made[edges[:, b]])
            np.add.at(met, edges[:, a], (np.abs(made[edges[:, b]]) > 0).any(1))
        made = np.where(still[:, None], 0.6 * drawn / np.maximum(met, 1.0)[:, None], made)
    return made
