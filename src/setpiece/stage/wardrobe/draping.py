"""Cloth that falls: a sewn garment settles about its form, and what lies beneath it.

Place in the flow: after sewing, before the set. Extended position-based dynamics (Macklin, Müller and Chentanez, 2016): edges
keep their flat length, hinges their flatness as the cloth is stiff, points stay outside a distance field with friction. One
thread, a fixed order: the same garment hangs the same, to the bit. Metres, seconds, kilograms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit

from setpiece.core.garment import Cloth
from setpiece.stage.wardrobe.form import CELL_M, Form
from setpiece.stage.wardrobe.sewing import Sewn, sides_of

Array = np.ndarray
Roof = Callable[[Array], Array]
"""From points (n, 3) to the distance off the body (n,) that each may have, infinite where nothing lies over it."""
STEP_S = 1.0 / 60.0
SUBSTEPS = 20
_FRICTION, _FAST, _CLINGS_M = 0.55, 4.0, 0.0002  # of cloth on cloth, of a waistband that is hooked
_GRAVITY = 9.81
_SLIDING = 0.2  # the share of the time in which cloth slides freely, so that strain evens out
_FREE_M = 0.007  # nearer to the body it is the body that cloth lies on, where arm and trunk meet
_INTERLINED = 12.0  # that many times stiffer, and than a suiting: canvas and fusing
_LIMIT, _LIMITING = 1.05, 80  # edges longer than this are drawn together at the end, that many times


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What cloth does not enter: signed distances (nx, ny, nz), metres, at ``origin`` + index * the form's cell. ``apart`` is
    how much farther off the arms are than the rest, below ``pit_z``: between the two a sleeve stays with its arm."""

    field: Array
    origin: tuple[float, float, float]
    apart: Array
    pit_z: float


def about(form: Form) -> Obstacle:
    """A form as what cloth hangs about."""
    return Obstacle(
        field=np.ascontiguousarray(form.field),
        origin=form.origin,
        apart=np.ascontiguousarray(form.apart),
        pit_z=form.marks.armpit_z,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A garment at rest: points (n, 3), how fast it still moves (m/s, 99th percentile) and its steps."""

    points: Array
    speed: float
    steps: int


def constraints(mesh: Sewn, cloth: Cloth) -> tuple[Array, Array, Array]:
    """(pairs (c, 2), rest lengths, compliances) of edges, then of hinges.

    An edge of two panels rests at its shorter side: the longer is eased. Stretch is stiff along warp and weft and softer on the
    bias; a hinge is the distance across two triangles, as soft as the cloth bends. What is creased is shrunk and pressed by the
    iron to how it is laid: it does not buckle.
    """
    triangles, flat = mesh.triangles, mesh.flat
    key, ways, order, first = _sides(mesh)
    chosen = order[first]
    pairs, rest = key[chosen], np.hypot(*ways[chosen].T)
    bias = np.abs(2 * ways[chosen, 0] * ways[chosen, 1]) / np.maximum(rest**2, 1e-12)
    stiff = cloth.stretch_n_m * (1 - bias) + cloth.shear_n_m * bias
    tailored = mesh.creased[pairs].any(1)
    rest = np.where(
        tailored, np.minimum(rest, np.linalg.norm(mesh.points[pairs[:, 0]] - mesh.points[pairs[:, 1]], axis=1)), rest
    )
    hinge, across, flatness = _hinges(triangles, flat, key, order, first)
    pressed = mesh.creased[hinge].all(1)
    laid = np.linalg.norm(mesh.points[hinge[:, 0]] - mesh.points[hinge[:, 1]], axis=1)
    across = np.where(pressed, np.minimum(laid, across), across)
    bends = np.where(mesh.interlined[hinge].all(1), np.maximum(_INTERLINED * cloth.bending, _INTERLINED), cloth.bending)
    soft = 0.2 / np.maximum(bends, 1e-3) * flatness
    every = np.concatenate([pairs, hinge]).astype(np.int32)
    lengths = np.concatenate([rest, across])
    gives = np.concatenate([1.0 / np.maximum(stiff, 1.0), soft])
    mixed = np.random.default_rng(7).permutation(len(every))  # in one order across the cloth, strain would drift that way
    return every[mixed], lengths[mixed], gives[mixed]


def edges(mesh: Sewn) -> tuple[Array, Array]:
    """(pairs (e, 2), flat lengths (e,)) of a garment's edges; one of two panels has its shorter side's."""
    key, ways, order, first = _sides(mesh)
    chosen = order[first]
    mixed = np.random.default_rng(7).permutation(len(chosen))  # in one order across the cloth, strain would drift that way
    return key[chosen][mixed].astype(np.int32), np.hypot(*ways[chosen].T)[mixed]


def _sides(mesh: Sewn) -> tuple[Array, Array, Array, Array]:
    """Sides of all triangles: their points, their way on the flat panel, an order in which equal ones follow one another from
    the shortest, and which begin such a row."""
    triangles, flat = mesh.triangles, mesh.flat
    ways = np.concatenate([flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 1], flat[:, 0] - flat[:, 2]])
    key = sides_of(triangles)
    order = np.lexsort((np.hypot(*ways.T), key[:, 1], key[:, 0]))
    return key, ways, order, np.r_[True, np.any(np.diff(key[order], axis=0) != 0, axis=1)]


def _hinges(triangles: Array, flat: Array, key: Array, order: Array, first: Array) -> tuple[Array, Array, Array]:
    """Opposite corners of neighbouring triangles, their distance when flat, and a factor of softness."""
    count = len(triangles)
    number = np.cumsum(first) - 1
    edge = np.empty(len(order), int)
    edge[order] = number
    opposite = np.concatenate([triangles[:, 2], triangles[:, 0], triangles[:, 1]])
    height = []
    for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        way = flat[:, b] - flat[:, a]
        area = np.abs(way[:, 0] * (flat[:, c, 1] - flat[:, a, 1]) - way[:, 1] * (flat[:, c, 0] - flat[:, a, 0]))
        height.append(area / np.maximum(np.hypot(*way.T), 1e-9))
    reach = np.concatenate(height)
    by = np.argsort(edge, kind="stable")
    same = np.flatnonzero(edge[by][1:] == edge[by][:-1])
    one, other = by[same], by[same + 1]
    pairs = np.stack([opposite[one], opposite[other]], -1)
    fold = np.stack([_foot(flat, one, count), _foot(flat, other, count)], -1)
    slide = np.abs(fold[:, 0] - (1 - fold[:, 1])) * np.hypot(*_way(flat, one, count).T)
    across = np.hypot(reach[one] + reach[other], slide)
    good = pairs[:, 0] != pairs[:, 1]
    return pairs[good], across[good], np.ones(int(good.sum()))


def _way(flat: Array, side: Array, count: int) -> Array:
    corner, triangle = side // count, side % count
    return flat[triangle, (corner + 1) % 3] - flat[triangle, corner]


def _foot(flat: Array, side: Array, count: int) -> Array:
    """Where, 0..1 along an edge, the opposite corner stands over it."""
    corner, triangle = side // count, side % count
    a, c = flat[triangle, corner], flat[triangle, (corner + 2) % 3]
    way = _way(flat, side, count)
    return ((c - a) * way).sum(-1) / np.maximum((way * way).sum(-1), 1e-12)


def masses(mesh: Sewn, cloth: Cloth) -> Array:
    """Kilograms (n,) of each point: a third of the cloth about it."""
    a, b, c = (mesh.flat[:, i] for i in range(3))
    area = np.abs((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])) / 2
    return np.bincount(mesh.triangles.ravel(), np.repeat(area, 3), minlength=len(mesh.points)) / 3 * cloth.weight_kg_m2


def settle(
    mesh: Sewn,
    cloth: Cloth,
    obstacle: Obstacle,
    *,
    seconds: float,
    points: Array | None = None,
    roof: Roof | None = None,
    floor: Roof | None = None,
    held: Array | None = None,
    substeps: int = SUBSTEPS,
) -> Settled:
    """Let a garment fall for ``seconds``, at first weightless, so that its seams come to their length before it hangs.

    ``roof`` says, every few steps, how far off the body each of its points may be: what lies over it presses it; ``floor`` how
    far at least. Points that are ``held`` (n,) stay where they are. Finer cloth asks for more ``substeps``.
    """
    pairs, rest, soft = constraints(mesh, cloth)
    light = 1.0 / np.maximum(masses(mesh, cloth), 1e-7)
    if held is not None:
        light[held] = 0.0
        moves = ~held[pairs].all(1)
        pairs, rest, soft = pairs[moves], rest[moves], soft[moves]
    at = np.ascontiguousarray(mesh.points if points is None else points, np.float64).copy()
    speed, origin = np.zeros_like(at), np.array(obstacle.origin)
    steps, fresh = max(1, round(seconds / STEP_S)), points is None
    off, high, side = mesh.off, np.full(len(at), np.inf), sides(mesh)
    for step in range(steps):
        share = step / steps
        pull = _GRAVITY * (1.0 if not fresh else float(np.clip((share - 0.15) / 0.25, 0.02, 1.0)))
        slow = (fresh and share < 0.35) or roof is not None or held is not None
        drag = (0.90 if slow else 0.985 if share < 0.85 else 0.94) ** (SUBSTEPS / substeps)
        grip = np.where(mesh.gripping, _FAST, 0.0 if fresh and share < _SLIDING else _FRICTION)
        if roof is not None and step % 3 == 0:
            high = roof(at)
            off = np.minimum(mesh.off, high - 0.0003)
        if floor is not None and step % 3 == 0:
            off = np.maximum(mesh.off, floor(at))
        _step(
            at, speed, light, pairs, rest, soft, obstacle.field, origin, off, high, pull, drag, grip, obstacle.apart, side,
            obstacle.pit_z, substeps,
        )  # fmt: skip
    if held is None:
        at = limited(at, mesh, obstacle, roof=roof)
    fastest = float(np.quantile(np.linalg.norm(speed, axis=1), 0.99))
    return Settled(points=at, speed=fastest, steps=steps)


def sides(mesh: Sewn) -> Array:
    """What keeps to the arms (1), what to the trunk (-1) and what to neither (n,): seams between them, collars, capes."""
    trunk, arm = np.zeros(len(mesh.points), bool), np.zeros(len(mesh.points), bool)
    trunk[mesh.triangles[mesh.part == 0]] = True
    arm[mesh.triangles[(mesh.part == 1) | (mesh.part == 2)]] = True
    return np.asarray(np.where(trunk & arm, 0, arm.astype(np.int8) - trunk.astype(np.int8)), np.int8)


def limited(points: Array, mesh: Sewn, obstacle: Obstacle, *, roof: Roof | None = None) -> Array:
    """Points (n, 3) drawn together where cloth is stretched beyond what it gives, kept off what is beneath and under what is
    over it."""
    at = np.ascontiguousarray(points, np.float64).copy()
    pairs, rest = edges(mesh)
    high = np.full(len(at), np.inf) if roof is None else roof(at)
    off = np.minimum(mesh.off, high - 0.0003)
    _limited(at, pairs, rest, obstacle.field, np.array(obstacle.origin), off, high, obstacle.apart, sides(mesh), obstacle.pit_z)
    return at


def lifted(points: Array, mesh: Sewn, beneath: Obstacle, keep_m: Array | float) -> Array:
    """Points moved out until every vertex, edge middle and face middle is ``keep_m`` ((n,) of each point, or one for all) off
    what is beneath."""
    made = points.copy()
    keep = np.broadcast_to(np.asarray(keep_m, float), len(points))
    triangles = mesh.triangles
    for _ in range(12):
        deep = np.zeros(len(made))
        for part in ((0,), (1,), (2,), (0, 1), (1, 2), (2, 0), (0, 1, 2)):
            middle = made[triangles[:, part]].mean(1)
            inside = np.maximum(keep[triangles[:, part]].mean(1) - _distance(beneath, middle), 0.0)
            for corner in part:
                np.maximum.at(deep, triangles[:, corner], inside)
        if float(deep.max(initial=0.0)) < 1e-5:
            break
        way = _gradient(beneath, made)
        made = made + way * np.minimum(1.05 * deep, 0.003)[:, None]
    return made


def clear(points: Array, mesh: Sewn, beneath: Obstacle, *, keep_m: Array | float, roof: Roof | None = None) -> Array:
    """Points ``keep_m`` off what is beneath and under the ``roof``, what that strains drawn together again, the last word the
    body's."""
    made = lifted(points, mesh, beneath, keep_m)
    for _ in range(3):
        made = lifted(limited(made, mesh, beneath, roof=roof), mesh, beneath, keep_m)
    return made


def _distance(beneath: Obstacle, points: Array) -> Array:
    from scipy.ndimage import map_coordinates

    return np.asarray(map_coordinates(beneath.field, ((points - beneath.origin) / CELL_M).T, order=1, mode="nearest"))


def _gradient(beneath: Obstacle, points: Array) -> Array:
    step = 0.7 * CELL_M
    rows = [
        _distance(beneath, points + step * np.eye(3)[axis]) - _distance(beneath, points - step * np.eye(3)[axis])
        for axis in range(3)
    ]
    way = np.stack(rows, -1)
    return way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)


@njit(cache=True)
def _limited(at, pairs, rest, field, origin, off, high, apart, side, pit_z):  # type: ignore[no-untyped-def]
    """Cloth does not give more than a little: what is stretched beyond the limit draws its neighbours along."""
    before, none = np.empty_like(at), np.zeros(len(at))
    for _ in range(_LIMITING):
        for c in range(len(pairs)):
            i, j = pairs[c, 0], pairs[c, 1]
            x, y, z = at[j, 0] - at[i, 0], at[j, 1] - at[i, 1], at[j, 2] - at[i, 2]
            length = np.sqrt(x * x + y * y + z * z)
            if length <= _LIMIT * rest[c]:
                continue
            move = 0.4 * (length - _LIMIT * rest[c]) / length
            at[i, 0] += move * x
            at[i, 1] += move * y
            at[i, 2] += move * z
            at[j, 0] -= move * x
            at[j, 1] -= move * y
            at[j, 2] -= move * z
        before[:] = at
        _parted(at, apart, field, origin, side, pit_z)
        _pressed(at, field, origin, high)
        _pushed(at, before, field, origin, off, none)


@njit(cache=True)
def _step(  # type: ignore[no-untyped-def]
    at, speed, light, pairs, rest, soft, field, origin, off, high, pull, drag, grip, apart, side, pit_z, substeps
):
    dt = STEP_S / substeps
    before = np.empty_like(at)
    for _ in range(substeps):
        for i in range(len(at)):
            if light[i] == 0.0:
                speed[i, :] = 0.0
                before[i, :] = at[i, :]
                continue
            speed[i, 2] -= pull * dt
            for k in range(3):
                speed[i, k] = min(max(speed[i, k], -3.0), 3.0)
                before[i, k] = at[i, k]
                at[i, k] += speed[i, k] * dt
        _held(at, light, pairs, rest, soft, dt)
        _parted(at, apart, field, origin, side, pit_z)
        _pressed(at, field, origin, high)
        _pushed(at, before, field, origin, off, grip)
        for i in range(len(at)):
            if light[i] == 0.0:
                at[i, :] = before[i, :]
        for i in range(len(at)):
            for k in range(3):
                speed[i, k] = (at[i, k] - before[i, k]) / dt * drag


@njit(cache=True)
def _held(at, light, pairs, rest, soft, dt):  # type: ignore[no-untyped-def]
    for c in range(len(pairs)):
        i, j = pairs[c, 0], pairs[c, 1]
        x, y, z = at[j, 0] - at[i, 0], at[j, 1] - at[i, 1], at[j, 2] - at[i, 2]
        length = np.sqrt(x * x + y * y + z * z)
        if length < 1e-9:
            continue
        move = (length - rest[c]) / (light[i] + light[j] + soft[c] / (dt * dt)) / length
        a, b = light[i] * move, light[j] * move
        at[i, 0] += a * x
        at[i, 1] += a * y
        at[i, 2] += a * z
        at[j, 0] -= b * x
        at[j, 1] -= b * y
        at[j, 2] -= b * z


@njit(cache=True)
def _sampled(field, gx, gy, gz):  # type: ignore[no-untyped-def]
    nx, ny, nz = field.shape
    x = min(max(gx, 0.0), nx - 1.001)
    y = min(max(gy, 0.0), ny - 1.001)
    z = min(max(gz, 0.0), nz - 1.001)
    i, j, k = int(x), int(y), int(z)
    u, v, w = x - i, y - j, z - k
    low = (field[i, j, k] * (1 - u) + field[i + 1, j, k] * u) * (1 - v) + (
        field[i, j + 1, k] * (1 - u) + field[i + 1, j + 1, k] * u
    ) * v
    high = (field[i, j, k + 1] * (1 - u) + field[i + 1, j, k + 1] * u) * (1 - v) + (
        field[i, j + 1, k + 1] * (1 - u) + field[i + 1, j + 1, k + 1] * u
    ) * v
    return low * (1 - w) + high * w


@njit(cache=True)
def _rise(field, gx, gy, gz):  # type: ignore[no-untyped-def]
    """How a field rises along each axis, over 1.4 cells about a place."""
    return (
        _sampled(field, gx + 0.7, gy, gz) - _sampled(field, gx - 0.7, gy, gz),
        _sampled(field, gx, gy + 0.7, gz) - _sampled(field, gx, gy - 0.7, gz),
        _sampled(field, gx, gy, gz + 0.7) - _sampled(field, gx, gy, gz - 0.7),
    )


@njit(cache=True)
def _parted(at, apart, field, origin, side, pit_z):  # type: ignore[no-untyped-def]
    """Between arm and trunk sleeves keep to the arm and bodices to the trunk, so that neither passes through the other."""
    for i in range(len(at)):
        if side[i] == 0 or at[i, 2] > pit_z:
            continue
        gx = (at[i, 0] - origin[0]) / CELL_M
        gy = (at[i, 1] - origin[1]) / CELL_M
        gz = (at[i, 2] - origin[2]) / CELL_M
        over = side[i] * _sampled(apart, gx, gy, gz)
        if over <= 0.0 or _sampled(field, gx, gy, gz) < _FREE_M:
            continue
        nx, ny, nz = _rise(apart, gx, gy, gz)
        nx, ny, nz = nx / (1.4 * CELL_M), ny / (1.4 * CELL_M), nz / (1.4 * CELL_M)
        steep = nx * nx + ny * ny + nz * nz
        if steep < 2.25:  # arm and trunk do not face one another here
            continue
        move = side[i] * min(over / steep, 0.001)
        at[i, 0] -= move * nx
        at[i, 1] -= move * ny
        at[i, 2] -= move * nz


@njit(cache=True)
def _pressed(at, field, origin, high):  # type: ignore[no-untyped-def]
    """In towards the body, beneath what lies over it, a little at a time."""
    for i in range(len(at)):
        if high[i] > 1.0:
            continue
        gx = (at[i, 0] - origin[0]) / CELL_M
        gy = (at[i, 1] - origin[1]) / CELL_M
        gz = (at[i, 2] - origin[2]) / CELL_M
        proud = _sampled(field, gx, gy, gz) - high[i]
        if proud <= 0.0:
            continue
        nx, ny, nz = _rise(field, gx, gy, gz)
        length = np.sqrt(nx * nx + ny * ny + nz * nz)
        if length < 1e-9:
            continue
        proud = min(proud, 0.003)
        at[i, 0] -= proud * nx / length
        at[i, 1] -= proud * ny / length
        at[i, 2] -= proud * nz / length


@njit(cache=True)
def _pushed(at, before, field, origin, off, grip):  # type: ignore[no-untyped-def]
    """Out of what lies beneath, and held back by friction where they touch."""
    for i in range(len(at)):
        gx = (at[i, 0] - origin[0]) / CELL_M
        gy = (at[i, 1] - origin[1]) / CELL_M
        gz = (at[i, 2] - origin[2]) / CELL_M
        deep = off[i] - _sampled(field, gx, gy, gz)
        near = _CLINGS_M if grip[i] > 1.0 else 0.0  # a band does not let go for lying a hair off
        if deep <= -near:
            continue
        nx, ny, nz = _rise(field, gx, gy, gz)
        length = np.sqrt(nx * nx + ny * ny + nz * nz)
        if length < 1e-9:
            continue
        nx, ny, nz = nx / length, ny / length, nz / length
        deep = min(deep, 0.01)
        at[i, 0] += max(deep, 0.0) * nx
        at[i, 1] += max(deep, 0.0) * ny
        at[i, 2] += max(deep, 0.0) * nz
        sx, sy, sz = at[i, 0] - before[i, 0], at[i, 1] - before[i, 1], at[i, 2] - before[i, 2]
        along = sx * nx + sy * ny + sz * nz
        sx, sy, sz = sx - along * nx, sy - along * ny, sz - along * nz
        slip = np.sqrt(sx * sx + sy * sy + sz * sz)
        if slip > 1e-12:
            hold = min(1.0, grip[i] * (deep + near) / slip)
            at[i, 0] -= hold * sx
            at[i, 1] -= hold * sy
            at[i, 2] -= hold * sz
