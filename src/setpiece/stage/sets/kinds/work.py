"""Things of trades and of the shore: nets, buoys, ropes, oars, tools, buckets, bins, baskets, balls."""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import PolyMesh, SceneMaterial, Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, linear, polar, toned
from setpiece.stage.sets.soft import coil, ripple, sagging

R = Relation


def fishing_net(make: Make) -> Thing:
    """A net hung on the wall in swags, its floats along the head rope."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    cord = w.stuff(K.ROPE, "#5f6a58", "body")
    columns, rows = max(8, round(wide / 0.11)), max(6, round(high / 0.13))
    u, v = np.meshgrid(np.linspace(0, 1, columns + 1), np.linspace(0, 1, rows + 1), indexing="ij")
    swag = 0.28 * high * (np.abs(np.sin(u * 2 * math.pi)) * 0.6)
    x = (u - 0.5) * wide + 0.02 * ripple(np.stack([u, v], -1), make.seed, 0.3)
    z = (1 - v) * (high - swag) * (0.82 + 0.18 * np.cos(u * 9)) + (
        high - swag - (high - swag) * (0.82 + 0.18 * np.cos(u * 9))
    ) * (1 - v)
    y = deep / 2 - 0.01 - deep * 0.5 * (0.5 + 0.5 * ripple(np.stack([u * wide, v * high], -1), make.seed + 1, 0.4)) * v
    at = np.stack([x, y, z], -1)
    strands = []
    for i in range(-rows, columns + 1, 1):
        for way in (1, -1):
            line = [at[i + k if way > 0 else columns - i - k, k] for k in range(rows + 1) if 0 <= i + k <= columns]
            if len(line) > 1:
                strands.append(m.tube(np.array(line), 0.0022, 4))
    w.add(m.joined(strands), cord)
    w.tube(at[:, 0], 0.009, w.stuff(K.ROPE, "#a08a5c"), segments=7)
    for k in range(0, columns + 1, 2):
        w.add(
            m.lathe([(0, -0.03), (0.028, -0.02), (0.034, 0.0), (0.028, 0.02), (0, 0.03)], 14),
            w.stuff(K.PAINT, w.pick(("#c8562c", "#d8c8a0", "#b89858")), wear=0.7),
            tuple(at[k, 0]),
            (0, 90, 0),
        )
    return w.thing()


def buoy(make: Make) -> Thing:
    """A painted buoy on its rope."""
    w = Workshop(make, "body")
    high, r = w.height, w.width / 2
    paint = w.paint(make.palette.accent, "body", wear=0.75)
    body = 0.72 * high
    a = np.linspace(-math.pi / 2, math.pi / 2, 15)
    rows = [(0.0 if k in (0, 14) else r * math.cos(t) ** 0.8, body / 2 + body / 2 * math.sin(t)) for k, t in enumerate(a)]
    w.lathe(rows, (0, 0, 0), paint, segments=30)
    band = [(r * 0.985, 0.42 * body), (r * 1.012, 0.42 * body), (r * 1.012, 0.58 * body), (r * 0.985, 0.58 * body)]
    w.lathe(band, (0, 0, 0), w.paint("#e8e2d0", wear=0.75), ring=True, segments=30)
    rope = w.stuff(K.ROPE, "#a08a5c")
    w.rod(0.12 * r, 0.06, (0, 0, body - 0.02), w.metal(dark=True))
    w.tube(
        [
            (0.0, 0.0, body + 0.02),
            (0.1 * r, 0, body + 0.5 * (high - body)),
            (0, 0, high - 0.01),
            (-0.1 * r, 0, body + 0.5 * (high - body)),
            (0, 0.02, body + 0.02),
        ],
        0.01,
        rope,
        bent=4,
    )
    w.tube(
        [(0.02, 0.0, body + 0.03), (0.6 * r, -0.2 * r, 0.8 * body), (r, -0.4 * r, 0.3 * body), (0.9 * r, -0.5 * r, 0.012)],
        0.01,
        rope,
        bent=5,
    )
    return w.thing()


def rope(make: Make) -> Thing:
    """A coil of rope on the floor."""
    w = Workshop(make, "body")
    w.add(coil(w.width / 2, min(0.016, w.height / 5), 9, make.seed), w.stuff(K.ROPE, "#a68f60", "body"))
    return w.thing()


def oar(make: Make) -> Thing:
    """Two oars leaning."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    for k, x in enumerate((-0.25, 0.25)):
        foot, head = np.array((x * wide, -0.42 * deep, 0.0)), np.array((x * wide * 0.7, 0.42 * deep, high * (1 - 0.03 * k)))
        way = (head - foot) / np.linalg.norm(head - foot)
        w.tube([tuple(foot + way * 0.02), tuple(foot + 0.74 * (head - foot))], 0.022, w.wood(1.1))
        blade = m.extrude([(-0.03, 0), (0.03, 0), (0.075, 0.25), (0.075, 0.52), (-0.075, 0.52), (-0.075, 0.25)], 0.014)
        tilt = math.degrees(math.atan2(0.84 * deep, high))
        base = foot + 0.72 * (head - foot)
        scale = 0.28 * float(np.linalg.norm(head - foot)) / 0.52
        w.add(m.moved(blade, scale=(1.0, scale, 1.0)), w.paint(make.palette.accent, wear=0.7), tuple(base), (90 - tilt, 0, 0))
        w.lathe(
            [(0.022, -0.04), (0.028, -0.04), (0.028, 0.04), (0.022, 0.04)],
            tuple(foot + 0.3 * (head - foot)),
            w.stuff(K.LEATHER, "#2a1a10"),
            ring=True,
            turn=(-tilt, 0, 0),
        )
    return w.thing()


def tools(make: Make) -> Thing:
    """A toolbox with a hammer, a saw, pliers, a spanner lying by it."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    paint = w.paint(make.palette.accent, "body", wear=min(1.0, make.wear + 0.3))
    bx, by = 0.62 * wide, 0.52 * deep
    x0 = -0.5 * wide + bx / 2
    w.box((bx, by, 0.55 * high), (x0, 0.22 * deep, 0), paint, bevel=0.006)
    roof = [(-by / 2, 0), (by / 2, 0), (0.12 * by, 0.24 * high), (-0.12 * by, 0.24 * high)]
    w.add(m.extrude(roof, bx), paint, (x0 - bx / 2, 0.22 * deep, 0.56 * high), (90, 0, 90), bevel=0.004)
    w.tube(
        [
            (x0 - 0.3 * bx, 0.22 * deep, 0.78 * high),
            (x0 - 0.28 * bx, 0.22 * deep, high - 0.01),
            (x0 + 0.28 * bx, 0.22 * deep, high - 0.01),
            (x0 + 0.3 * bx, 0.22 * deep, 0.78 * high),
        ],
        0.008,
        w.metal(dark=True),
        bent=3,
    )
    steel = w.stuff(K.METAL, (0.3, 0.3, 0.31), roughness=0.4)
    w.add(m.cylinder(0.014, 0.26, segments=10), w.wood(1.2), (0.0, -0.25 * deep, 0.016), (0, 90, 14))
    w.box((0.03, 0.11, 0.03), (0.25, -0.19 * deep, 0.002), steel, turn=(0, 0, 14), bevel=0.005)
    blade = m.extrude([(0, 0), (0.32, 0.03), (0.32, 0.07), (0, 0.11)], 0.0025)
    w.add(blade, steel, (-0.45 * wide, -0.46 * deep, 0.006), (0, 0, 8))
    w.add(m.block((0.1, 0.11, 0.022), 0.02), w.wood(1.0), (-0.45 * wide - 0.02, -0.46 * deep + 0.05, 0), (0, 0, 8))
    w.add(m.block((0.17, 0.022, 0.006), 0.008), steel, (0.34 * wide, 0.05 * deep, 0.001), (0, 0, -35))
    w.lathe(
        [(0.009, 0), (0.022, 0), (0.022, 0.007), (0.009, 0.007)],
        (0.34 * wide + 0.07, 0.05 * deep - 0.05, 0),
        steel,
        ring=True,
        segments=12,
    )
    return w.thing()


def _pail(w: Workshop, rows: list[tuple[float, float]], material: SceneMaterial, thin: float = 0.004) -> None:
    inside = [(max(0.0, r - thin), z + thin) for r, z in reversed(rows)]
    w.lathe(
        [(0.0, 0.0), *rows, *((r, min(z, rows[-1][1])) for r, z in inside), (0.0, rows[0][1] + thin)],
        (0, 0, 0),
        material,
        segments=32,
    )


def bucket(make: Make) -> Thing:
    """A pail with its bail; a mop stands in it where its box is tall."""
    w = Workshop(make, "body")
    high, r = w.height, w.width / 2
    tin = (
        w.stuff(K.METAL, (0.36, 0.37, 0.37), "body", roughness=0.45)
        if not w.of(Manner.NINETIES, Manner.CONTEMPORARY, Manner.FUTURISTIC)
        else w.plastic(make.palette.accent, "body")
    )
    body = high if high < 0.5 else 0.3
    _pail(w, [(0.72 * r, 0), (0.74 * r, 0.01), (0.97 * r, body - 0.01), (r, body)], tin)
    w.tube(
        [
            (r * math.cos(a), -0.25 * r * math.sin(a), body - 0.02 - 0.7 * r * math.sin(a) * 0.5)
            for a in np.linspace(0, math.pi, 13)
        ],
        0.004,
        w.metal(),
    )
    if high >= 0.5:
        w.tube([(0.3 * r, 0.2 * r, 0.12), (-0.1 * r, 0.8 * r, high)], 0.012, w.wood(1.1))
    return w.thing()


def bin_of(make: Make) -> Thing:
    """A waste bin: wire, tin, with a lid where it stands out of doors; paper in it."""
    w = Workshop(make, "body")
    high, r = w.height, min(w.width, w.depth) / 2
    if high > 0.6:
        steel = w.paint("#26382e", "body", wear=min(1.0, make.wear + 0.2))
        _pail(w, [(0.8 * r, 0), (0.85 * r, 0.03), (0.9 * r, 0.86 * high), (0.95 * r, 0.88 * high)], steel)
        for k in range(18):
            a = math.radians(20 * k)
            w.tube(
                [
                    (0.9 * r * math.cos(a), 0.9 * r * math.sin(a), 0.05),
                    (0.94 * r * math.cos(a), 0.94 * r * math.sin(a), 0.84 * high),
                ],
                0.012,
                steel,
                segments=6,
            )
        w.lathe(
            [(0.5 * r, 0.9 * high), (r, 0.9 * high), (r, 0.93 * high), (0.55 * r, high), (0.5 * r, high)],
            (0, 0, 0),
            steel,
            ring=True,
            segments=32,
        )
        return w.thing()
    body = (
        w.stuff(K.METAL, (0.2, 0.2, 0.21), "body", roughness=0.5)
        if not w.of(Manner.EDWARDIAN, Manner.RUSTIC)
        else w.stuff(K.ROPE, "#8a6a3c", "body")
    )
    _pail(w, [(0.75 * r, 0), (0.78 * r, 0.01), (0.98 * r, 0.98 * high), (r, 0.99 * high)], body)
    for k in range(4):
        size = 0.32 * r
        points = np.array(m.block((size * 2, size * 2, size * 1.7), 0.4 * size, 0.3 * size).vertices, float)
        points *= 1 + 0.35 * ripple(points, make.seed + k, 0.05)[:, None]
        ball = m.block((size * 2, size * 2, size * 1.7), 0.4 * size, 0.3 * size)
        w.add(
            PolyMesh(vertices=points.astype(np.float32), corners=ball.corners, face_start=ball.face_start),
            w.stuff(K.PAPER, "#e6e0d0"),
            polar(0.4 * r, 90 * k, high - 1.75 * size - 0.01),
            (20 * k, 30, 50 * k),
        )
    return w.thing()


def basket(make: Make) -> Thing:
    """A woven basket with a handle."""
    w = Workshop(make, "body")
    high, r = w.height, w.width / 2
    cane = w.stuff(K.ROPE, "#a07c48", "body")
    rim = 0.6 * high
    rows = max(5, round(rim / 0.025))
    for k in range(rows):
        t = k / (rows - 1)
        ring = [
            (
                (0.74 + 0.24 * t) * r * math.cos(a) * (1 + 0.02 * math.sin(14 * a + k * math.pi)),
                (0.74 + 0.24 * t) * r * math.sin(a) * (1 + 0.02 * math.sin(14 * a + k * math.pi)),
                0.013 + t * (rim - 0.02),
            )
            for a in np.arange(56) * math.pi / 28
        ]
        w.tube(ring, 0.011, toned(cane, w.chance(0.8, 1.15)), closed=True, segments=6)
    w.rod(0.72 * r, 0.015, (0, 0, 0), cane)
    w.tube(
        [(0.96 * r * math.cos(a), 0, rim + (high - rim - 0.015) * math.sin(a)) for a in np.linspace(0, math.pi, 17)],
        0.014,
        cane,
    )
    return w.thing()


def washing_line(make: Make) -> Thing:
    """A line with washing pegged to it, hung overhead."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    line = sagging((-wide / 2, 0, high), (wide / 2, 0, high), 0.08, 21)
    w.tube(line, 0.004, w.stuff(K.ROPE, "#d8d0b8"), segments=5)
    from setpiece.stage.sets.soft import curtain

    x = -0.46 * wide
    while x < 0.4 * wide:
        size, tall = w.chance(0.3, 0.8), w.chance(0.45, 0.9) * (high - 0.1)
        if x + size > 0.48 * wide:
            break
        top = float(np.interp(x + size / 2, line[:, 0], line[:, 2]))
        w.add(
            curtain(size, tall, min(0.08, deep), folds=2, seed=int(w.rng.integers(999))),
            w.stuff(
                w.pick((K.COTTON, K.LINEN, K.PLAID)),
                w.pick(("#e8e4da", "#a8b8c4", make.palette.fabric, make.palette.accent, "#d8c8a8")),
                colour_2=linear("#3a3a44"),
            ),
            (x + size / 2, 0, top - tall - 0.01),
        )
        x += size + w.chance(0.03, 0.15)
    return w.thing()


def ball(make: Make) -> Thing:
    """A ball."""
    w = Workshop(make, "body")
    r = w.width / 2
    a = np.linspace(-math.pi / 2, math.pi / 2, 15)
    w.lathe(
        [(0.0 if k in (0, 14) else r * math.cos(t), r + r * math.sin(t)) for k, t in enumerate(a)],
        (0, 0, 0),
        w.stuff(K.LEATHER, "#b8642c", "body"),
        segments=28,
    )
    for turn in ((0, 0, 0), (90, 0, 0), (90, 0, 90)):
        ring = np.array(
            [(1.002 * r * math.cos(t), 1.002 * r * math.sin(t), 0.0) for t in np.arange(36) * math.pi / 18]
        ) @ m.turning(turn).T + (0, 0, r)
        w.tube(ring, 0.003, w.plastic("#161412"), closed=True, segments=5)
    return w.thing()


KINDS = (
    Kind(name="fishing_net", category="dressing", layer="dressing", size_m=(1.4, 0.18, 1.2), build=fishing_net,
         relation=R.MOUNTED, wall_height_m=1.0, synonyms=("net", "nets", "trawl net", "cargo net", "hammock")),
    Kind(name="buoy", category="dressing", layer="dressing", size_m=(0.34, 0.34, 0.6), build=buoy, relation=R.CORNER,
         synonyms=("float", "fishing float", "marker buoy")),
    Kind(name="rope", category="dressing", layer="dressing", size_m=(0.5, 0.5, 0.1), build=rope,
         synonyms=("coil of rope", "ropes", "cable", "hose", "chain")),
    Kind(name="oar", category="dressing", layer="dressing", size_m=(0.4, 0.45, 2.2), build=oar, relation=R.AGAINST,
         synonyms=("oars", "paddle", "pair of oars")),
    Kind(name="tools", category="dressing", layer="dressing", size_m=(0.6, 0.42, 0.26), build=tools, relation=R.ON,
         synonyms=("tool", "toolbox", "tool box", "hammer", "saw", "hand tools", "spanners")),
    Kind(name="bucket", category="dressing", layer="dressing", size_m=(0.3, 0.3, 0.3), build=bucket, synonyms=("pail",
         "mop and bucket", "mop bucket", "milk churn")),
    Kind(name="bin", category="dressing", layer="dressing", size_m=(0.3, 0.3, 0.34), build=bin_of, relation=R.CORNER,
         synonyms=("waste paper basket", "wastepaper basket", "trash can", "waste bin", "dustbin", "rubbish bin",
         "umbrella stand")),
    Kind(name="litter_bin", category="street", layer="furniture", size_m=(0.46, 0.46, 0.95), build=bin_of,
         synonyms=("street bin", "public bin", "trash bin", "garbage can")),
    Kind(name="basket", category="dressing", layer="dressing", size_m=(0.42, 0.42, 0.4), build=basket,
         synonyms=("wicker basket", "laundry basket", "creel", "hamper", "log basket")),
    Kind(name="washing_line", category="dressing", layer="dressing", size_m=(4.0, 0.16, 1.0), build=washing_line,
         relation=R.HANGING, synonyms=("clothes line", "clothesline", "laundry line")),
    Kind(name="ball", category="dressing", layer="dressing", size_m=(0.24, 0.24, 0.24), build=ball, synonyms=("football",
         "basketball", "skateboard", "soccer ball")),
)  # fmt: skip
