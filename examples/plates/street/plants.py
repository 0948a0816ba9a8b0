"""Weeds in the cracks, grass on the verge, ivy, and trees behind. Every blade and leaf is a polygon of our own."""

from __future__ import annotations

import numpy as np

from street.meshes import Parts

Array = np.ndarray


def grass_tuft(rng: np.random.Generator, *, blades: int, tall: float, spread: float, material: str = "grass") -> Parts:
    """A tuft of bent, tapering blades about the origin."""
    t = np.linspace(0, 1, 5)
    turn = rng.uniform(0, 2 * np.pi, blades)
    foot = rng.normal(0, spread * 0.45, (blades, 2))
    length = tall * rng.uniform(0.35, 1.0, blades)
    lean, bend = rng.uniform(0.05, 0.5, blades), rng.uniform(0.1, 1.1, blades)
    half = rng.uniform(0.0015, 0.004, blades)
    angle = lean[:, None] + bend[:, None] * t**1.5
    step = np.diff(t, prepend=0)
    out = np.cumsum(np.sin(angle) * step, axis=1) * length[:, None]
    up = np.cumsum(np.cos(angle) * step, axis=1) * length[:, None]
    cx, sx = np.cos(turn)[:, None], np.sin(turn)[:, None]
    spine = np.stack([foot[:, :1] + cx * out, foot[:, 1:] + sx * out, up], -1)
    across = np.stack([-sx, cx, np.zeros_like(cx)], -1) * (half[:, None] * (1 - t**2 * 0.96))[..., None]
    points = np.stack([spine - across, spine + across], axis=2).reshape(-1, 3)
    base = (np.arange(blades)[:, None] * 10 + np.arange(4)[None, :] * 2).reshape(-1)
    parts = Parts()
    parts.add(points, np.stack([base, base + 1, base + 3, base + 2], 1), material)
    return parts


def weed(rng: np.random.Generator, *, tall: float, leafy: float = 1.0, material: str = "weed") -> Parts:
    """A tall ragged weed: a few stems with leaves that shrink upward, seed heads at the top."""
    parts = Parts()
    for _ in range(int(rng.integers(3, 7))):
        lean, way = rng.uniform(0.05, 0.4), rng.uniform(0, 2 * np.pi)
        length = tall * rng.uniform(0.5, 1.0)
        t = np.linspace(0, 1, 9)
        out = lean * length * t**1.6
        stem = np.stack([np.cos(way) * out, np.sin(way) * out, length * t], 1)
        parts.tube(stem, np.linspace(0.006, 0.002, 9), "stalk", sides=4, caps=False)
        count = int(26 * leafy * length / 0.8)
        place = rng.uniform(0.05, 1.0, count)
        at = np.stack([np.interp(place, t, stem[:, k]) for k in range(3)], 1)
        _leaves(parts, rng, at, 0.085 * (1.15 - place), material, droop=0.35)
        heads = stem[-1] + rng.normal(0, (0.02, 0.02, 0.05), (14, 3))
        _leaves(parts, rng, heads, np.full(14, 0.018), "seed", droop=0.0)
    return parts


def _leaves(parts: Parts, rng: np.random.Generator, at: Array, size: Array, material: str, *, droop: float) -> None:
    """Pointed leaves (two triangles folded at the rib) at points (n, 3)."""
    n = len(at)
    way = rng.normal(0, 1, (n, 3))
    way[:, 2] = np.abs(way[:, 2]) * 0.5 - droop
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    across = np.cross(way, rng.normal(0, 1, (n, 3)))
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    size = np.asarray(size)[:, None]
    fold = np.cross(way, across) * 0.12 * size
    tip, left = at + way * size, at + way * size * 0.5 + across * size * 0.32 + fold
    right = at + way * size * 0.5 - across * size * 0.32 + fold
    points = np.stack([at, left, tip, right], 1).reshape(-1, 3)
    i = np.arange(n)[:, None] * 4
    parts.add(points, i + np.array([[0, 1, 2, 3]]), material)


def tree(rng: np.random.Generator, *, tall: float, wide: float, bare: float, leaf: float, count: int) -> Parts:
    """A broadleaf: trunk, limbs, boughs, twigs; leaves gather on the boughs so that sky shows between them.

    ``bare`` is the height of the clear trunk; ``wide`` the crown's width; ``leaf`` the leaf's length (metres).
    """
    parts = Parts()
    trunk = np.array([[0, 0, 0], [0, 0, bare], [0.03 * wide, 0, tall * 0.62], [0, 0.02 * wide, tall * 0.9]])
    trunk[1:, :2] += rng.normal(0, 0.03 * wide, (3, 2))
    parts.tube(trunk, np.array([0.024, 0.019, 0.010, 0.003]) * tall, "bark", sides=8)
    boughs = []
    limbs = int(rng.integers(15, 21))
    for i in range(limbs):
        height = bare + (tall * 0.86 - bare) * (i + rng.uniform(0, 0.8)) / limbs
        start = np.array([np.interp(height, trunk[:, 2], trunk[:, k]) for k in range(3)])
        share = (height - bare) / (tall - bare)
        reach = wide / 2 * np.sqrt(max(0.06, 1 - (share * 1.25 - 0.32) ** 2 / 0.9)) * rng.uniform(0.65, 1.05)
        way = i * 2.399 + rng.normal(0, 0.4)
        end = start + reach * np.array([np.cos(way), np.sin(way), rng.uniform(0.15, 0.55)])
        middle = (start + end) / 2 + (0, 0, 0.12 * reach)
        parts.tube(np.array([start, middle, end]), np.array([0.008, 0.005, 0.002]) * tall, "bark", sides=5, caps=False)
        for _ in range(int(rng.integers(9, 15))):
            s = rng.uniform(0.25, 1.12)
            at = start * (1 - s) + end * s + rng.normal(0, 0.085 * wide, 3)
            boughs.append((at, rng.uniform(0.030, 0.085) * wide))
            parts.tube(
                np.array([start * (1 - s * 0.7) + end * s * 0.7, at]),
                np.array([0.003, 0.001]) * tall,
                "bark",
                sides=4,
                caps=False,
            )
    for _ in range(int(rng.integers(9, 14))):
        top = np.array([0, 0, tall * 0.9]) + rng.normal(0, (0.09 * wide, 0.09 * wide, 0.05 * tall))
        boughs.append((top, rng.uniform(0.05, 0.09) * wide))
    centres, radii = np.array([b[0] for b in boughs]), np.array([b[1] for b in boughs])
    share = radii**2 / np.sum(radii**2)
    which = rng.choice(len(boughs), size=count, p=share)
    scatter = rng.normal(0, 1, (count, 3))
    scatter *= (rng.uniform(0.15, 1.0, count) ** 0.5 / np.linalg.norm(scatter, axis=1))[:, None]
    scatter[:, 2] *= 0.8
    _leaves(
        parts,
        rng,
        centres[which] + scatter * radii[which, None] * 1.55,
        leaf * rng.uniform(0.6, 1.2, count),
        "leaf",
        droop=0.15,
    )
    return parts


def shrub(rng: np.random.Generator, *, tall: float, count: int, leaf: float = 0.07) -> Parts:
    """A many-stemmed bush, such as grows from gutters and along fences."""
    parts = Parts()
    for _ in range(int(rng.integers(9, 15))):
        way, lean = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.75)
        length = tall * rng.uniform(0.55, 1.0)
        t = np.linspace(0, 1, 7)
        out = lean * length * t**1.4
        droop = -0.15 * length * lean * t**3
        stem = np.stack([np.cos(way) * out, np.sin(way) * out, length * t * (1 - 0.3 * lean) + droop], 1)
        stem[1:] += rng.normal(0, 0.02 * tall, (6, 3))
        parts.tube(stem, np.linspace(0.012, 0.003, 7) * max(tall, 0.6) / 1.5, "bark", sides=4, caps=False)
        n = count // 12
        at = rng.uniform(0.2, 1.0, n)
        centre = np.stack([np.interp(at, t, stem[:, k]) for k in range(3)], 1) + rng.normal(0, 0.085 * tall, (n, 3))
        centre[:, 2] = np.maximum(centre[:, 2], 0.02)
        _leaves(parts, rng, centre, leaf * rng.uniform(0.5, 1.2, n), "leaf", droop=0.1)
    return parts


def ivy(rng: np.random.Generator, *, foot: float, up: float, wide: float, leaves: int) -> Parts:
    """Ivy on the plane y = 0: stems that wander up from around x = ``foot``; leaves a few centimetres off the wall."""
    parts = Parts()
    places = []
    for _ in range(60):
        n = int(rng.integers(25, 70))
        x = foot + rng.normal(0, wide * 0.42) + np.cumsum(rng.normal(0, 0.045, n))
        z = np.cumsum(rng.uniform(0.02, up / 34 * rng.uniform(0.3, 1.0), n))
        reach = up * np.exp(-(((x - foot) / wide) ** 2))
        z = np.minimum(z, np.maximum(reach, 0.3) + rng.normal(0, 0.12, n))
        stem = np.stack([x, np.full(n, -0.02), z], 1)
        parts.tube(stem, 0.009, "bark", sides=4, caps=False)
        places.append(stem)
    at = np.concatenate(places)
    at = at[rng.integers(0, len(at), leaves)] + rng.normal(0, 1, (leaves, 3)) * (0.13, 0.0, 0.13)
    at[:, 1] = -rng.uniform(0.02, 0.16, leaves)
    at[:, 2] = np.maximum(at[:, 2], 0.03)
    _leaves(parts, rng, at, rng.uniform(0.05, 0.12, leaves), "ivy", droop=0.6)
    return parts


def litter(rng: np.random.Generator) -> Parts:
    """A few fallen leaves lying about."""
    parts = Parts()
    n = 7
    at = np.concatenate([rng.uniform(-0.3, 0.3, (n, 2)), rng.uniform(0.004, 0.015, (n, 1))], 1)
    _leaves(parts, rng, at, rng.uniform(0.04, 0.09, n), "dead leaf", droop=0.0)
    points = parts.vertices[0].reshape(n, 4, 3)
    points[:, :, 2] = at[:, None, 2] + 0.25 * (points[:, :, 2] - at[:, None, 2])
    parts.vertices[0] = np.maximum(points.reshape(-1, 3), (-9, -9, 0.002))
    return parts


def stone(rng: np.random.Generator) -> Parts:
    """A crushed stone of unit size: a cut-down cube with broken faces."""
    n = 5
    t = np.linspace(-1, 1, n)
    parts = Parts()
    for axis in range(3):
        for sign in (-1.0, 1.0):
            a, b = np.meshgrid(t, t, indexing="ij")
            face = np.zeros((n, n, 3))
            face[..., axis], face[..., (axis + 1) % 3], face[..., (axis + 2) % 3] = sign, a, b
            i = np.arange(n * n).reshape(n, n)
            quads = np.stack([i[:-1, :-1], i[:-1, 1:], i[1:, 1:], i[1:, :-1]], -1).reshape(-1, 4)
            parts.add(face.reshape(-1, 3), quads, "stone")
    planes = rng.normal(0, 1, (11, 3))
    planes /= np.linalg.norm(planes, axis=1, keepdims=True)
    cut = rng.uniform(0.35, 0.75, 11)
    squash = rng.uniform(0.5, 1.0, 3)
    for k, points in enumerate(parts.vertices):
        unit = points / np.linalg.norm(points, axis=1, keepdims=True)
        reach = np.min(np.where(unit @ planes.T > 0.05, cut / np.maximum(unit @ planes.T, 0.05), 1.0), axis=1)
        parts.vertices[k] = unit * np.minimum(reach, 1.0)[:, None] * squash * 0.5 + (0, 0, 0.12)
    return parts
