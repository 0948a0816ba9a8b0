"""Street furniture and what stands at the kerb: lamp posts, bollards, kiosks, cars, bicycles, trees, signs, awnings."""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds import joinery as j
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, linear, polar, toned
from setpiece.stage.sets.soft import cloth, leaves, ripple

R = Relation


def street_lamp(make: Make) -> Thing:
    """A lamp post: cast with a lantern, or a mast with an arm; 4500 lm."""
    w = Workshop(make, "metal")
    high = w.height
    iron = w.paint("#17211d", "metal")
    if w.of(Manner.EDWARDIAN, Manner.DECO, Manner.RUSTIC, Manner.FIFTIES):
        w.lathe(
            [
                (0.2, 0),
                (0.2, 0.06),
                (0.14, 0.12),
                (0.15, 0.5),
                (0.09, 0.62),
                (0.11, 0.68),
                (0.06, 0.8),
                (0.045, 0.78 * high),
                (0.07, 0.8 * high),
                (0.04, 0.82 * high),
                (0.05, 0.84 * high),
            ],
            (0, 0, 0),
            iron,
            segments=20,
        )
        w.tube([(-0.3, 0, 0.76 * high), (0.3, 0, 0.76 * high)], 0.018, iron)
        z = 0.84 * high
        rows = [(0.09, z), (0.2, z + 0.42)]
        glass = w.glow(4500 / 0.9, "#ffe0a8", K.LAMPSHADE)
        w.add(
            m.lathe([(0.09, z + 0.01), (0.19, z + 0.42), (0.185, z + 0.42), (0.085, z + 0.01)], 6, ring=True, smooth=False),
            glass,
            shadow=False,
        )
        for k in range(6):
            a = 60 * k
            w.tube([polar(rows[0][0], a, rows[0][1]), polar(rows[1][0], a, rows[1][1])], 0.01, iron, segments=6)
        w.lathe([(0, z - 0.02), (0.1, z - 0.02), (0.1, z + 0.01), (0, z + 0.01)], (0, 0, 0), iron, segments=6)
        w.lathe(
            [(0, 0), (0.24, 0), (0.12, 0.12), (0.05, 0.16), (0.05, 0.2), (0.02, 0.22), (0, high - z - 0.42)],
            (0, 0, z + 0.42),
            iron,
            segments=12,
        )
        w.lamp((0, 0, z + 0.25), 4500, 2600, radius=0.08)
        return w.thing()
    w.lathe([(0.14, 0), (0.14, 0.04), (0.09, 0.06), (0.08, 1.0), (0.055, 1.1), (0.04, high - 0.3)], (0, 0.1, 0), iron)
    w.tube([(0, 0.1, high - 0.35), (0, 0.05, high - 0.12), (0, -0.3, high - 0.03), (0, -0.8, high - 0.03)], 0.035, iron, bent=4)
    w.block((0.2, 0.6, 0.12), (0, -0.95, high - 0.12), iron, corner=0.06)
    w.box(
        (0.15, 0.5, 0.02),
        (0, -0.95, high - 0.135),
        w.glow(15000, "#ffd49a" if not w.of(Manner.CONTEMPORARY, Manner.FUTURISTIC) else "#f4f8ff"),
        bevel=0,
    )
    w.spot(
        (0, -0.95, high - 0.15), (0, -0.1, -1), 6000, 2200 if not w.of(Manner.CONTEMPORARY, Manner.FUTURISTIC) else 4000, 140
    )
    return w.thing()


def bollard(make: Make) -> Thing:
    """A cast bollard or a concrete one."""
    w = Workshop(make, "metal")
    high, r = w.height, w.width / 2
    iron = (
        w.paint("#141816", "metal")
        if not w.of(Manner.CONTEMPORARY, Manner.INDUSTRIAL)
        else w.stuff(K.CONCRETE, "#8a8780", "metal")
    )
    w.lathe(
        [
            (r, 0),
            (r, 0.06),
            (0.75 * r, 0.1),
            (0.7 * r, 0.7 * high),
            (0.82 * r, 0.74 * high),
            (0.65 * r, 0.8 * high),
            (0.75 * r, 0.86 * high),
            (0.6 * r, 0.96 * high),
            (0.2 * r, high),
        ],
        (0, 0, 0),
        iron,
    )
    return w.thing()


def bare_tree(make: Make) -> Thing:
    """A street tree in winter, without a leaf."""
    return _tree(make, leafy=False)


def tree(make: Make) -> Thing:
    """A street tree in leaf, in its grate."""
    return _tree(make, leafy=True)


def _tree(make: Make, *, leafy: bool) -> Thing:
    w = Workshop(make, "body")
    reach, high = 0.5 * min(w.width, w.depth), w.height
    bark = w.stuff(K.BARK, "#4a4036")
    fork = 0.36 * high
    w.add(
        m.sweep(
            m.curve([(0, 0, 0), (0.02 * reach, 0.01, 0.5 * fork), (0, 0, fork)], 5),
            m.circle(0.0225 * high, 12),
        ),
        bark,
    )
    w.lathe([(0.05 * high, 0), (0.032 * high, 0.05 * high), (0.024 * high, 0.16 * high)], (0, 0, 0), bark, segments=14)
    tips = []

    def grow(base: np.ndarray, way: np.ndarray, long: float, thick: float, depth: int) -> None:
        bend = way + w.rng.normal(0, 0.16, 3)
        middle, end = base + 0.5 * long * way, base + long * (0.6 * way + 0.4 * bend / np.linalg.norm(bend))
        rings = np.array([base, middle, end])
        w.tube(rings, thick, bark, bent=3, segments=6)
        if depth == 0:
            tips.append(end)
            return
        for _ in range(3):
            side = np.add(w.rng.normal(0, 0.62, 3), (0, 0, 0.22))
            new = way + side
            grow(end, new / np.linalg.norm(new), long * w.chance(0.62, 0.8), thick * 0.62, depth - 1)
            if depth < 3:
                tips.append(end)

    for k in range(4):
        a = math.radians(90 * k + 30)
        way = np.array((0.55 * math.cos(a), 0.55 * math.sin(a), 1.0))
        grow(np.array((0.0, 0.0, fork - 0.1)), way / np.linalg.norm(way), 0.24 * high, 0.013 * high, 3)
    centres = np.array(tips)
    if leafy:
        cloud = np.repeat(centres, 14, 0) + w.rng.normal(0, 0.045 * high, (14 * len(centres), 3))
        w.add(
            leaves(cloud, 0.016 * high, make.seed),
            w.stuff(K.LEAF, w.pick(("#4a5f2c", "#55682e", "#3c5530")), seed=make.seed % 97),
        )
    w.add(m.framed(m.rounded(1.1, 1.1, 0.02, 2), m.rounded(0.4, 0.4, 0.1, 2), 0.02), w.metal(dark=True))
    w.box((0.5, 0.5, 0.012), (0, 0, 0), w.stuff(K.SOIL, "#2a2018"))
    return w.thing()


def kiosk(make: Make) -> Thing:
    """A newspaper kiosk: hatch, shelves of papers, a roof with its lettering."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    paint = w.paint("#25463a", "body")
    top = high - 0.4
    w.box((wide - 0.2, deep - 0.2, 0.95), (0, 0.02, 0.08), paint, bevel=0.01)
    w.box((wide - 0.12, deep - 0.12, 0.1), (0, 0.02, 0), w.stuff(K.STONE, "#6a665e"))
    for sx, sy in j.CORNERS:
        w.box((0.09, 0.09, top), (sx * (wide / 2 - 0.14), sy * (deep / 2 - 0.14) + 0.02, 0.06), paint, bevel=0.008)
    w.box((wide - 0.3, 0.04, top - 1.0), (0, deep / 2 - 0.12, 1.0), paint)
    for side in (-1.0, 1.0):
        w.box((0.04, deep - 0.3, top - 1.0), (side * (wide / 2 - 0.14), 0.02, 1.0), paint)
    w.box((wide - 0.1, 0.3, 0.04), (0, -deep / 2 + 0.12, 1.02), w.wood())
    w.box(
        (wide - 0.3, 0.02, top - 1.1),
        (0, 0.1 * deep, 1.06),
        w.glow(45, "#ffd9a4") if make.lit else w.wood(0.7, role=""),
        bevel=0,
    )
    for row in range(3):
        for column in range(max(3, round(wide / 0.24))):
            x = -wide / 2 + 0.25 + column * (wide - 0.5) / max(2, round(wide / 0.24) - 1)
            w.box(
                (0.19, 0.006, 0.26),
                (x, -deep / 2 + 0.07, 0.14 + 0.29 * row),
                w.stuff(K.PICTURE if (row + column) % 3 else K.PAPER, "#d8d0c0", seed=make.seed + 7 * row + column),
                turn=(-6, 0, w.chance(-3, 3)),
                bevel=0,
            )
    rings = [
        np.column_stack([m.rounded(wide * s, deep * s, 0.06), np.full(20, z)])
        for s, z in ((0.94, top), (1.0, top + 0.03), (1.0, top + 0.12), (0.9, top + 0.16), (0.5, high - 0.06), (0.08, high))
    ]
    w.add(m.skin(np.array(rings)), toned(paint, 0.8))
    x = -0.32 * wide
    while x < 0.3 * wide:
        size = w.chance(0.07, 0.14)
        w.box(
            (size, 0.012, 0.1), (x + size / 2, -deep / 2 + 0.004, top + 0.02), w.stuff(K.METAL, (0.6, 0.42, 0.14)), bevel=0.003
        )
        x += size + 0.03
    w.area((0, -0.1 * deep, top - 0.05), (wide - 0.5, 0.3), (0, -0.6, -1), 1400, 2900)
    return w.thing()


def telephone_box(make: Make) -> Thing:
    """A box of small panes round a telephone."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    paint = w.paint(make.palette.accent, "body", roughness=0.25)
    for sx, sy in j.CORNERS:
        w.box((0.1, 0.1, high - 0.3), (sx * (wide / 2 - 0.05), sy * (deep / 2 - 0.05), 0), paint, bevel=0.012)
    w.box((wide, deep, 0.12), (0, 0, 0), paint, bevel=0.01)
    w.box((wide, deep, 0.24), (0, 0, high - 0.36), paint, bevel=0.015)
    w.block((0.94 * wide, 0.94 * deep, 0.14), (0, 0, high - 0.14), paint, corner=0.2, edge=0.12)
    w.box((0.7 * wide, deep + 0.004, 0.12), (0, 0, high - 0.31), w.glow(160, "#fff4dc"), bevel=0)
    glass = w.stuff(K.GLASS, (0.9, 0.95, 0.95))
    for turn, size in ((0, wide), (90, deep), (180, wide), (270, deep)):
        off = (deep if turn % 180 == 0 else wide) / 2 - 0.05
        c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        w.add(m.box((size - 0.2, 0.008, high - 0.5)), glass, (-off * -s, -off * c, 0.12), (0, 0, turn))
        for k in range(1, 8):
            w.add(m.box((size - 0.2, 0.03, 0.022)), paint, (off * s, -off * c, 0.12 + k * (high - 0.5) / 8), (0, 0, turn))
        for k in (-1, 1):
            x = k * (size - 0.2) * 0.27
            w.add(m.box((0.022, 0.03, high - 0.5)), paint, (off * s + x * c, -off * c + x * s, 0.12), (0, 0, turn))
    w.block((0.3, 0.16, 0.5), (0, deep / 2 - 0.2, 1.0), w.plastic(), corner=0.02)
    w.lamp((0, 0, high - 0.42), 350, 3000, radius=0.05)
    return w.thing()


def shop_sign(make: Make) -> Thing:
    """A board that hangs out from the wall on a bracket; its back edge at the wall."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    iron = w.metal(dark=True)
    w.tube([(0, deep / 2, high - 0.03), (0, -deep / 2 + 0.03, high - 0.03)], 0.014, iron)
    w.tube([(0, deep / 2, 0.5 * high), (0, 0.1 * deep, high - 0.05), (0, 0.2 * deep, high - 0.03)], 0.01, iron, bent=4)
    board = m.extrude(m.rounded(0.86 * deep, 0.72 * high, 0.1), max(0.03, 0.5 * wide))
    w.add(board, w.paint(make.palette.accent, "body"), (-0.25 * wide - 0.01, 0, 0.4 * high), (90, 0, 90), bevel=0.008)
    for side in (-1.0, 1.0):
        w.box(
            (0.004, 0.6 * deep, 0.1),
            (side * (0.26 * wide + 0.012), 0, 0.42 * high),
            w.stuff(K.METAL, (0.6, 0.42, 0.14)),
            bevel=0,
        )
        w.box(
            (0.004, 0.4 * deep, 0.05),
            (side * (0.26 * wide + 0.012), 0, 0.28 * high),
            w.stuff(K.METAL, (0.6, 0.42, 0.14)),
            bevel=0,
        )
        w.tube([(0, side * 0.3 * deep, 0.74 * high), (0, side * 0.3 * deep, high - 0.03)], 0.006, iron)
    return w.thing()


def sign(make: Make) -> Thing:
    """A plate on the wall with an arrow and lines of lettering."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    w.add(
        m.block((wide, high, 0.6 * deep), 0.02, 0.003),
        w.stuff(K.ENAMEL, make.palette.accent, "body"),
        (0, deep / 2, high / 2),
        (90, 0, 0),
    )
    white = w.stuff(K.ENAMEL, "#efeade")
    y = deep / 2 - 0.62 * deep
    x = -0.4 * wide
    while x < 0.2 * wide:
        size = w.chance(0.05, 0.12) * wide
        w.box((size, 0.003, 0.3 * high), (x + size / 2, y, 0.5 * high), white, bevel=0)
        x += size + 0.02 * wide
    w.box((0.5 * wide, 0.003, 0.08 * high), (-0.14 * wide, y, 0.26 * high), white, bevel=0)
    w.add(
        m.extrude(
            [
                (0.26 * wide, 0.42 * high),
                (0.36 * wide, 0.42 * high),
                (0.36 * wide, 0.3 * high),
                (0.45 * wide, 0.5 * high),
                (0.36 * wide, 0.7 * high),
                (0.36 * wide, 0.58 * high),
                (0.26 * wide, 0.58 * high),
            ],
            0.003,
        ),
        white,
        (0, y + 0.001, 0),
        (90, 0, 0),
    )
    return w.thing()


def awning(make: Make) -> Thing:
    """A striped blind over a window, its front to -y."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    x, t = np.meshgrid(np.linspace(-0.5, 0.5, 41), np.linspace(0, 1, 9), indexing="ij")
    z = high - 0.03 - (high - 0.3) * t - 0.04 * np.sin(math.pi * t)
    stripe = w.stuff(K.PINSTRIPE, make.palette.accent, "fabric", colour_2=linear("#efe6d2"), scale_m=0.3)
    w.add(cloth(np.stack([x * wide, deep / 2 - t * deep, z], -1), 0.005), stripe)
    low = 0.27 - np.linspace(0, 1, 4)[None] * (0.16 + 0.07 * np.abs(np.sin(x[:, :1] * math.pi * 9)))
    w.add(cloth(np.stack([np.repeat(x[:, :1], 4, 1) * wide, np.full((41, 4), -deep / 2), low], -1), 0.005), stripe)
    for side in (-1.0, 1.0):
        w.tube([(side * 0.48 * wide, deep / 2, 0.3), (side * 0.48 * wide, -deep / 2 + 0.02, 0.28)], 0.012, w.metal(dark=True))
    w.tube([(-wide / 2, -deep / 2 + 0.01, 0.27), (wide / 2, -deep / 2 + 0.01, 0.27)], 0.014, w.metal(dark=True))
    return w.thing()


def planter(make: Make) -> Thing:
    """A box with a clipped hedge."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    box_h = 0.42 * high
    w.box(
        (wide, deep, box_h),
        (0, 0, 0),
        w.wood(role="body") if not w.of(Manner.CONTEMPORARY, Manner.INDUSTRIAL) else w.stuff(K.CONCRETE, "#8f8c85", "body"),
        bevel=0.012,
    )
    centres = w.rng.uniform(-0.5, 0.5, (700, 3)) * (0.92 * wide, 0.9 * deep, high - box_h) + (0, 0, (high + box_h) / 2)
    centres[:, 2] += 0.03 * ripple(centres, make.seed, 0.3)
    w.add(leaves(centres, 0.035, make.seed), w.stuff(K.LEAF, "#39552c"))
    return w.thing()


KINDS = (
    Kind(name="street_lamp", category="street", layer="furniture", size_m=(0.5, 1.6, 4.4), build=street_lamp,
         synonyms=("lamp post", "lamppost", "street light", "streetlight", "gas lamp post")),
    Kind(name="bollard", category="street", layer="furniture", size_m=(0.24, 0.24, 0.95), build=bollard,
         synonyms=("kerb post", "hydrant", "fire hydrant")),
    Kind(name="tree", category="street", layer="furniture", size_m=(3.0, 3.0, 5.2), build=tree, synonyms=("street tree",
         "plane tree", "jacaranda", "linden", "oak tree")),
    Kind(name="bare_tree", category="street", layer="furniture", size_m=(3.0, 3.0, 5.2), build=bare_tree,
         synonyms=("bare trees", "winter tree", "dead tree", "leafless tree", "bare branches")),
    Kind(name="kiosk", category="street", layer="furniture", size_m=(1.9, 1.5, 2.75), build=kiosk, synonyms=("newsstand",
         "news stand", "newspaper kiosk", "newspaper stand", "ticket booth", "stall")),
    Kind(name="telephone_box", category="street", layer="furniture", size_m=(0.92, 0.92, 2.45), build=telephone_box,
         synonyms=("phone box", "phone booth", "telephone booth", "call box")),
    Kind(name="shop_sign", category="street", layer="dressing", size_m=(0.12, 0.9, 0.85), build=shop_sign,
         relation=R.MOUNTED, wall_height_m=2.6, synonyms=("hanging sign", "pub sign", "inn sign")),
    Kind(name="sign", category="dressing", layer="dressing", size_m=(0.6, 0.03, 0.2), build=sign, relation=R.MOUNTED,
         wall_height_m=1.9, synonyms=("exit sign", "street sign", "enamel sign", "warning sign", "plaque", "name plate")),
    Kind(name="awning", category="street", layer="dressing", size_m=(2.4, 1.2, 0.9), build=awning, relation=R.MOUNTED,
         wall_height_m=2.3, synonyms=("canopy", "sun blind", "shop blind")),
    Kind(name="planter", category="street", layer="furniture", size_m=(1.1, 0.42, 0.95), build=planter,
         synonyms=("flower box", "hedge", "window box", "flower tub")),
)  # fmt: skip
