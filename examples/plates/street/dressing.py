"""What people left: fence, poles and wires, kerb, pallets, drums, rubble, a notice; and roofs and hills far off."""

from __future__ import annotations

from itertools import pairwise

import bpy
import numpy as np

from street.ground import ground_at
from street.growth import fence_x
from street.layout import Street
from street.meshes import Parts, above, mesh_of, place, turn_about
from street.noise import fbm

Surfaces = dict[str, bpy.types.Material]


def dress(street: Street, surfaces: Surfaces, rng: np.random.Generator) -> None:
    """All objects of the street but the factory and the plants."""
    parts = Parts()
    _fence(parts, rng)
    _kerb(street, parts, rng)
    _pole(parts, (-16.6, 33.0), 9.2)
    _pole(parts, (-33.0, 78.0), 9.0)
    _wires(parts, [(-16.6, 33.0, 8.75), (-33.0, 78.0, 8.6)])
    _wires(parts, [(-16.6, 33.0, 8.75), (-13.0, -8.0, 8.7)])
    _lamp(parts, (13.6, 37.0))
    _rubbish(street, parts, rng)
    _rubble(street, parts, rng)
    place("dressing", mesh_of("dressing", parts, surfaces))
    far = Parts()
    _far_roofs(far, rng)
    place("far", mesh_of("far", far, surfaces))


def _fence(parts: Parts, rng: np.random.Generator) -> None:
    ys = np.arange(15.0, 66.0, 2.9)
    tops = []
    for y in ys:
        x, lean = float(fence_x(y)), rng.normal(0, 0.035, 2)
        top = np.array([x + lean[0], y + lean[1], 2.05])
        parts.tube(np.array([[x, y, -0.1], top]), 0.03, "galvanised", sides=8)
        parts.tube(np.array([top, top + np.array([0.22, 0, 0.28])]), 0.022, "galvanised", sides=6)
        tops.append(top)
    for i, (a, b) in enumerate(pairwise(tops)):
        n = 9
        t = np.linspace(0, 1, n)[:, None]
        line = a * (1 - t) + b * t
        low = line.copy()
        low[:, 2] = 0.06 + 0.05 * np.abs(fbm(low[:, 1] / 0.8, low[:, 0] * 0, 5))
        bulge = 0.08 * np.sin(np.pi * t[:, 0]) * rng.normal(0, 1)
        middle = (line + low) / 2 + np.column_stack([bulge, 0 * bulge, 0 * bulge])
        high = line - (0, 0, 0.06)
        if i == 7:  # a length that somebody pulled down
            high[2:7, 2] -= 0.75 * np.sin(np.linspace(0.4, np.pi - 0.4, 5))
        points = np.concatenate([low, middle, high])
        k = np.concatenate([np.arange(n - 1), n + np.arange(n - 1)])
        parts.add(points, np.stack([k, k + 1, k + 1 + n, k + n], 1), "chain link")
        sag = line + np.column_stack([0 * t, 0 * t, -0.04 - 0.03 * np.sin(np.pi * t)])
        parts.tube(sag, 0.004, "wire", sides=4, caps=False)
        for out, up in ((0.1, 0.13), (0.2, 0.26)):
            parts.tube(line + np.array([out, 0, up]), 0.005, "wire", sides=4, caps=False)
    x, y = float(fence_x(31.0)), 31.0
    parts.box((x - 0.03, y - 0.45, 1.1), (x - 0.015, y + 0.45, 1.72), "notice")
    for k, z in enumerate((1.55, 1.42, 1.32, 1.22)):
        parts.box(
            (x - 0.034, y - 0.36 + 0.03 * k, z), (x - 0.03, y + 0.36 - 0.05 * k, z + (0.09 if k == 0 else 0.045)), "notice ink"
        )


def _kerb(street: Street, parts: Parts, rng: np.random.Generator) -> None:
    y = 13.0
    while y < 62:
        long = 0.91
        x = float(fence_x(y)) - 0.75
        if rng.random() > 0.05:
            tilt = turn_about("z", -8.0 + rng.normal(0, 0.8)) @ turn_about("y", rng.normal(0, 2.0))
            lift = rng.normal(0, 0.008)
            parts.box((x, y, -0.12), (x + 0.14, y + long - 0.015, 0.115 + lift), "kerb", turn=tilt)
        y += long
    for cx, cy in ((-3.1, 16.2), (2.6, 30.5)):  # drain covers, set into the lot
        z = float(ground_at(street, np.array([cx]), np.array([cy])).height[0]) + 0.004
        ring = Parts()
        angle = np.linspace(0, 2 * np.pi, 33)[:-1]
        ring.add(
            np.column_stack([cx + 0.31 * np.cos(angle), cy + 0.31 * np.sin(angle), 0 * angle + z]),
            np.stack([0 * angle[1:-1].astype(int), np.arange(1, 31), np.arange(2, 32)], 1),
            "pole",
        )
        parts.absorb(ring, lambda p: p)


def _pole(parts: Parts, at: tuple[float, float], tall: float) -> None:
    x, y = at
    t = np.linspace(0, 1, 7)[:, None]
    spine = np.array([[x, y, -0.2]]) * (1 - t) + np.array([[x + 0.12, y - 0.1, tall]]) * t
    parts.tube(spine, np.linspace(0.15, 0.10, 7), "pole", sides=12)
    for z, half in ((tall - 0.45, 1.05), (tall - 1.25, 0.75)):
        parts.box((x - half + 0.1, y - 0.2, z - 0.06), (x + half + 0.1, y - 0.08, z + 0.06), "pole", turn=turn_about("z", 14))
        for k in (-0.92, -0.45, 0.45, 0.92):
            foot = np.array([x + 0.1 + k * half, y - 0.14 + 0.23 * k * half, z + 0.06])
            parts.tube(
                np.array([foot, foot + above(0.08), foot + above(0.17)]), np.array([0.02, 0.045, 0.03]), "porcelain", sides=8
            )
    parts.box((x - 0.2, y - 0.45, tall - 3.0), (x + 0.18, y - 0.12, tall - 2.3), "galvanised")


def _wires(parts: Parts, ends: list[tuple[float, float, float]]) -> None:
    a, b = np.array(ends[0]), np.array(ends[1])
    t = np.linspace(0, 1, 40)[:, None]
    for shift, drop in ((-0.95, 0.0), (-0.45, 0.0), (0.5, 0.0), (0.98, 0.0), (0.3, -0.8)):
        line = a * (1 - t) + b * t + (shift, 0.23 * shift, drop + 0.15)
        line[:, 2] -= (0.9 + 0.12 * shift) * 4 * (t * (1 - t))[:, 0]
        parts.tube(line, 0.007, "wire", sides=4, caps=False)


def _lamp(parts: Parts, at: tuple[float, float]) -> None:
    x, y = at
    parts.tube(np.array([[x, y, 0], [x, y, 1.3]]), 0.085, "galvanised", sides=12)
    parts.tube(np.array([[x, y, 1.3], [x + 0.02, y, 7.2]]), np.array([0.06, 0.045]), "galvanised", sides=12)
    angle = np.linspace(0, np.pi / 2, 9)
    arm = np.column_stack([x - 0.6 * np.sin(angle) * 2.0, 0 * angle + y, 7.2 + 0.45 * (1 - np.cos(angle))])
    parts.tube(arm, 0.03, "galvanised", sides=8)
    parts.box((x - 1.85, y - 0.13, 7.56), (x - 1.15, y + 0.13, 7.74), "galvanised", turn=turn_about("y", -4))
    parts.box((x - 1.75, y - 0.10, 7.52), (x - 1.25, y + 0.10, 7.57), "porcelain")


def _rubbish(street: Street, parts: Parts, rng: np.random.Generator) -> None:
    for k in range(6):  # pallets, badly stacked
        _pallet(parts, np.array([9.2, 30.5, 0.02 + 0.145 * k]) + np.array([*rng.normal(0, 0.04, 2), 0]), rng.normal(-8, 4))
    leaning = Parts()
    _pallet(leaning, np.zeros(3), 0)
    turn = turn_about("z", -98) @ turn_about("x", 68)
    parts.absorb(leaning, lambda p: p @ turn.T + (9.0, 29.2, 0.58))
    for x, y, upright in ((9.6, 34.0, True), (10.2, 34.5, True), (8.2, 33.2, False)):
        low, high = np.array([x, y, 0.02]), np.array([x, y, 0.9])
        if not upright:
            low, high = np.array([x, y, 0.30]), np.array([x + 0.75, y + 0.42, 0.30])
        t = np.array([0, 0.02, 0.32, 0.335, 0.35, 0.65, 0.665, 0.68, 0.98, 1.0])[:, None]
        swell = np.array([0.285, 0.292, 0.285, 0.297, 0.285, 0.285, 0.297, 0.285, 0.292, 0.285])
        parts.tube(low * (1 - t) + high * t, swell, "drum", sides=24)
    for x, y, z, tilt in ((4.9, 21.6, 0.10, 4), (5.25, 21.95, 0.25, 14), (-6.2, 36.5, 0.1, 0)):
        _tyre(parts, np.array([x, y, z]), tilt)
    for x, y, turn_deg in ((8.9, 25.6, 20), (9.2, 23.6, -4)):
        _barrier(parts, np.array([x, y, 0.0]), turn_deg + 78)
    for _ in range(16):
        y = rng.uniform(13, 40)
        x, long = rng.uniform(-0.4, 0.45) * y, rng.uniform(0.5, 2.4)
        if street.factory.to_local(np.array([[x, y]]))[0, 1] > -0.8:
            continue
        z = float(ground_at(street, np.array([x]), np.array([y])).height[0])
        tilt = turn_about("z", rng.uniform(0, 180)) @ turn_about("y", rng.normal(0, 1.5))
        parts.box((x - long / 2, y - 0.06, z), (x + long / 2, y + 0.05, z + 0.03), "pallet", turn=tilt)
    for _ in range(26):
        y = rng.uniform(11, 40)
        x = rng.uniform(-0.48, 0.48) * y
        if street.factory.to_local(np.array([[x, y]]))[0, 1] > -0.8:
            continue
        _scrap(street, parts, rng, x, y)


def _pallet(parts: Parts, at: np.ndarray, degrees: float) -> None:
    own = Parts()
    for k in range(7):
        own.box((-0.6 + 0.183 * k, -0.5, 0.105), (-0.6 + 0.183 * k + 0.1, 0.5, 0.127), "pallet")
    for y in (-0.5, -0.05, 0.4):
        own.box((-0.6, y, 0.0), (0.6, y + 0.1, 0.018), "pallet")
        for x in (-0.6, -0.07, 0.46):
            own.box((x, y, 0.018), (x + 0.14, y + 0.1, 0.105), "pallet")
    turn = turn_about("z", degrees)
    parts.absorb(own, lambda p: p @ turn.T + at)


def _tyre(parts: Parts, at: np.ndarray, tilt: float) -> None:
    around = np.linspace(0, 2 * np.pi, 33)
    across = np.linspace(0, 2 * np.pi, 13)[:-1]
    a, b = np.meshgrid(around, across, indexing="ij")
    r = 0.24 + 0.085 * np.sign(np.cos(b)) * np.abs(np.cos(b)) ** 0.6
    points = np.stack([r * np.cos(a), r * np.sin(a), 0.085 * np.sign(np.sin(b)) * np.abs(np.sin(b)) ** 0.6], -1).reshape(-1, 3)
    i, k = np.meshgrid(np.arange(32), np.arange(12), indexing="ij")
    faces = np.stack([i * 12 + k, (i + 1) * 12 + k, (i + 1) * 12 + (k + 1) % 12, i * 12 + (k + 1) % 12], -1).reshape(-1, 4)
    parts.add(points @ turn_about("x", tilt).T + at, faces, "rubber")


def _barrier(parts: Parts, at: np.ndarray, degrees: float) -> None:
    profile = np.array(
        [[-0.30, 0.0], [-0.30, 0.08], [-0.15, 0.28], [-0.09, 0.81], [0.09, 0.81], [0.15, 0.28], [0.30, 0.08], [0.30, 0.0]]
    )
    ends = [np.column_stack([np.full(8, s), profile]) for s in (-0.95, 0.95)]
    points = np.concatenate(ends)
    k = np.arange(8)
    sides = np.stack([k, (k + 1) % 8, 8 + (k + 1) % 8, 8 + k], 1)
    caps = np.array([[0, 1, 6, 7], [1, 2, 5, 6], [2, 3, 4, 5]])
    turn = turn_about("z", degrees)
    own = points @ turn.T + at
    parts.add(own, np.concatenate([sides, caps, caps + 8]), "kerb")


def _scrap(street: Street, parts: Parts, rng: np.random.Generator, x: float, y: float) -> None:
    """A crumpled sheet: paper, sacking, a bag."""
    n, size = 6, rng.uniform(0.08, 0.3)
    a, b = np.meshgrid(np.linspace(-1, 1, n), np.linspace(-1, 1, n), indexing="ij")
    z = float(ground_at(street, np.array([x]), np.array([y])).height[0])
    lift = np.abs(fbm(a * 1.4 + x, b * 1.4 + y, 3, octaves=3)) * 0.45 * size
    points = np.stack([x + a * size * 0.6 + lift * 0.3, y + b * size * 0.5, z + 0.006 + lift], -1).reshape(-1, 3)
    i = np.arange(n * n).reshape(n, n)
    faces = np.stack([i[:-1, :-1], i[1:, :-1], i[1:, 1:], i[:-1, 1:]], -1).reshape(-1, 4)
    parts.add(points, faces, ("sack", "pallet", "sack", "notice ink")[int(rng.integers(4))])


def _rubble(street: Street, parts: Parts, rng: np.random.Generator) -> None:
    f = street.factory
    heaps = [(22.4, -1.0, 0.85, 150), (8.6, -0.8, 0.55, 70), (27.9, -0.6, 0.7, 80), (15.5, -6.0, 5.5, 60)]
    for u, v, wide, count in heaps:
        for _ in range(count):
            du, dv = rng.normal(0, wide * 0.55), -abs(rng.normal(0, wide * 0.4))
            up = max(0.0, 0.42 * (1 - np.hypot(du, dv) / wide)) * rng.random() if wide < 2 else 0.0
            x, y, _z = f.to_world(np.array([[u + du, v + dv, 0.0]]))[0]
            size = np.array([0.215, 0.1025, 0.065]) * (rng.uniform(0.35, 1, 3) if rng.random() < 0.6 else 1)
            turn = (
                turn_about("z", rng.uniform(0, 360))
                @ turn_about("x", rng.normal(0, 25 if up else 4))
                @ turn_about("y", rng.normal(0, 22 if up else 4))
            )
            z = up + float(ground_at(street, np.array([x]), np.array([y])).height[0]) - 0.01
            at = np.array([x, y, z])
            name = "rubble brick" if rng.random() < 0.78 else "kerb"
            parts.box(tuple(at), tuple(at + size), name, turn=turn)


def _far_roofs(parts: Parts, rng: np.random.Generator) -> None:
    for x, y, wide, deep, tall, turn_deg in (
        (42, 118, 34, 14, 5.2, 14),
        (-66, 128, 42, 16, 6.2, -10),
        (84, 150, 26, 16, 8.0, 4),
        (-104, 170, 30, 18, 9.0, 0),
        (8, 200, 60, 18, 9.0, 6),
    ):
        own = Parts()
        own.box((0, 0, 0), (wide, deep, tall), "far wall" if wide < 50 else "far pale")
        teeth = int(wide / 6)
        for k in range(teeth):  # saw-tooth lights
            a, b = k * wide / teeth, (k + 1) * wide / teeth
            own.quad((a, 0, tall), (a, deep, tall), (a, deep, tall + 2.2), (a, 0, tall + 2.2), "far glass")
            own.quad((a, 0, tall + 2.2), (a, deep, tall + 2.2), (b, deep, tall), (b, 0, tall), "far roof")
            own.add(np.array([[a, 0, tall], [b, 0, tall], [a, 0, tall + 2.2]], float), np.array([[0, 1, 2]]), "far wall")
            own.box((a + 1.5, -0.05, 1.4), (a + 3.6, 0.02, 3.4), "far glass")
        turn = turn_about("z", turn_deg)
        parts.absorb(own, lambda p, turn=turn, x=x, y=y: p @ turn.T + (x, y, 0))
    stack = np.array([[168.0, 390.0, 0.0], [168.0, 390.0, 40.0], [168.0, 390.0, 41.0]])
    parts.tube(stack, np.array([2.3, 1.45, 1.6]), "far wall", sides=24)
    for distance, tall, seed in ((620.0, 16.0, 1), (1150.0, 34.0, 2), (2100.0, 78.0, 3)):
        x = np.linspace(-distance, distance, 700)
        ridge = tall * (0.62 + 0.5 * fbm(x / distance * 3, x * 0, 40 + seed, octaves=3)) + 4.5 * np.abs(
            fbm(x / 11.0, x * 0 + 2, 50 + seed, octaves=4)
        )
        low, high = (
            np.column_stack([x, 0 * x + distance, 0 * x - 5]),
            np.column_stack([x, 0 * x + distance + rng.uniform(0, 1), ridge]),
        )
        k = np.arange(len(x) - 1)
        parts.add(np.concatenate([low, high]), np.stack([k, k + 1, k + 1 + len(x), k + len(x)], 1), "hill")
