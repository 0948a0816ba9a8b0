"""What somebody brought into a room: plants, flowers, rugs, coats, toys, blankets, towels, flags."""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import SceneMaterial, Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, linear, polar, toned
from setpiece.stage.sets.soft import blades, cloth, curtain, leaves, ripple, shell
from setpiece.stage.sets.soft import throw as thrown

R = Relation


def _pot(w: Workshop, r: float, high: float) -> None:
    clay = {Manner.CONTEMPORARY: "#d8d4cc", Manner.FUTURISTIC: "#e8eaec", Manner.SEVENTIES: "#b0602c"}.get(w.manner, "#9a5a3a")
    w.lathe(
        [
            (0, 0),
            (0.72 * r, 0),
            (0.95 * r, 0.85 * high),
            (r, 0.86 * high),
            (r, high),
            (0.9 * r, high),
            (0.86 * r, 0.86 * high),
            (0, 0.84 * high),
        ],
        (0, 0, 0),
        w.stuff(K.CERAMIC, clay),
        segments=30,
    )
    w.rod(0.87 * r, 0.01, (0, 0, 0.85 * high), w.stuff(K.SOIL, "#2a1e14"))


def plant(make: Make) -> Thing:
    """A plant in its pot: palm, rubber tree, fern, sansevieria or cactus by seed."""
    w = Workshop(make, "body")
    wide, high = min(w.width, w.depth), w.height
    pot_h, r = min(0.32, 0.3 * high), min(0.3 * wide, 0.2)
    _pot(w, r, pot_h)
    green = w.stuff(K.LEAF, w.pick(("#3a5a2c", "#2f5230", "#4a6a34")), "body", seed=make.seed % 97)
    which = make.seed % 4
    rise, reach = high - pot_h, 0.48 * wide
    if which == 0:
        many = 26
        a = np.arange(many) * 2.4
        lean = np.linspace(0.15, 1.0, many)
        roots = np.stack([0.02 * np.cos(a), 0.02 * np.sin(a), np.full(many, pot_h)], 1)
        tips = np.stack([reach * lean * np.cos(a), reach * lean * np.sin(a), pot_h + rise * (1 - 0.55 * lean**2)], 1)
        w.add(blades(roots, tips, 0.09 * wide, bend=0.12, steps=6), green)
    elif which == 1:
        tops = []
        for k in range(3):
            top = np.array(polar(0.35 * reach, 120 * k + 20, pot_h + rise * (0.95 - 0.2 * k)))
            w.tube(
                [(0, 0, pot_h - 0.03), tuple(0.6 * top + (0, 0, 0.1)), tuple(top)],
                0.01,
                w.stuff(K.BARK, "#6a5a44"),
                bent=4,
                segments=6,
            )
            tops.append(top)
        many = 48
        rng = w.rng
        base = np.array(
            [
                tops[i % 3] * (1, 1, 0) + (0, 0, pot_h + (tops[i % 3][2] - pot_h) * t)
                for i, t in enumerate(rng.uniform(0.3, 1.0, many))
            ]
        )
        a = rng.uniform(0, 6.3, many)
        tips = base + np.stack([0.75 * reach * np.cos(a), 0.75 * reach * np.sin(a), rng.uniform(-0.02, 0.1, many) * rise], 1)
        w.add(blades(base * (0.6, 0.6, 1), tips, 0.26 * reach, bend=0.2, steps=4), green)
    elif which == 2:
        many = 18
        a, spread = np.arange(many) * 2.4, np.linspace(0.05, 0.75, many)
        roots = np.stack([0.7 * r * spread * np.cos(a), 0.7 * r * spread * np.sin(a), np.full(many, pot_h - 0.02)], 1)
        tips = roots + np.stack(
            [0.4 * reach * spread * np.cos(a), 0.4 * reach * spread * np.sin(a), rise * np.linspace(1.0, 0.6, many)], 1
        )
        w.add(blades(roots, tips, 0.07, bend=0.0, steps=5), green)
    else:
        centres = w.rng.normal(size=(420, 3)) * (0.42 * reach, 0.42 * reach, 0.16 * rise) + (0, 0, pot_h + 0.62 * rise)
        centres = centres[np.abs(centres[:, :2]).max(1) < 0.92 * reach]
        w.tube(
            [(0, 0, pot_h - 0.02), (0.02, 0.01, pot_h + 0.4 * rise), (0, 0, pot_h + 0.75 * rise)],
            0.014,
            w.stuff(K.BARK, "#6a5a44"),
            bent=3,
        )
        w.add(leaves(centres, 0.045, make.seed), green)
    return w.thing()


def vase(make: Make) -> Thing:
    """A vase of cut flowers."""
    w = Workshop(make, "body")
    high, r = w.height, 0.5 * w.width
    body = 0.48 * high
    glass = (
        w.stuff(K.CERAMIC, make.palette.accent, "body")
        if not w.of(Manner.CONTEMPORARY)
        else w.stuff(K.GLASS, (0.8, 0.9, 0.88), "body")
    )
    w.lathe(
        [
            (0, 0),
            (0.3 * r, 0),
            (0.45 * r, 0.3 * body),
            (0.42 * r, 0.6 * body),
            (0.2 * r, 0.86 * body),
            (0.27 * r, body),
            (0.24 * r, body),
            (0.17 * r, 0.86 * body),
            (0.38 * r, 0.5 * body),
            (0, 0.1 * body),
        ],
        (0, 0, 0),
        glass,
        segments=30,
    )
    for k in range(9):
        lean = 0.85 * r * math.sqrt((k + 0.5) / 9)
        tip = polar(lean, 137.5 * k, high - 0.05 - 0.3 * lean)
        w.tube(
            [(0, 0, 0.5 * body), (0.3 * tip[0], 0.3 * tip[1], body), tip], 0.003, w.stuff(K.LEAF, "#4a6a34"), bent=3, segments=5
        )
        petals = np.array([polar(0.035, 60 * i + 13 * k, 0.02) for i in range(6)]) + tip
        w.add(
            blades(np.repeat([tip], 6, 0), petals, 0.03, bend=-0.1, steps=3),
            w.stuff(K.LEAF, w.pick(("#d8c0c8", "#e8d8a0", "#c84a5a", "#efeae0"))),
        )
        w.lathe([(0, -0.01), (0.012, 0), (0.008, 0.012), (0, 0.014)], tip, w.stuff(K.LEAF, "#c8a030"), segments=8)
    return w.thing()


def rug(make: Make) -> Thing:
    """A rug with its fringe, a corner not quite flat."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    fringe = 0.06 if w.of(Manner.EDWARDIAN, Manner.DECO, Manner.RUSTIC) else 0.0
    x, y = np.meshgrid(
        np.linspace(-wide / 2 + fringe, wide / 2 - fringe, 33), np.linspace(-deep / 2, deep / 2, 25), indexing="ij"
    )
    lift = np.exp(-(((x - wide / 2) / 0.2) ** 2 + ((y + deep / 2) / 0.2) ** 2)) * (make.seed % 3 == 0)
    z = 0.6 * high + 0.2 * high * ripple(np.stack([x, y], -1), make.seed, 0.9) + 0.2 * high * lift
    second = linear(make.palette.fabric_2)
    kind = K.RUG if not w.of(Manner.SEVENTIES, Manner.CONTEMPORARY) else K.CARPET
    top = np.stack([x, y, z], -1)
    under = top.copy()
    under[..., 2] = 0.0
    w.add(
        shell(top, under),
        w.stuff(kind, make.palette.accent if kind is K.RUG else make.palette.fabric_2, "body", colour_2=second),
    )
    if fringe:
        many = int(deep / 0.014)
        yy = np.linspace(-deep / 2, deep / 2, many)
        for side in (-1.0, 1.0):
            roots = np.stack([np.full(many, side * (wide / 2 - fringe)), yy, np.full(many, 0.5 * high)], 1)
            tips = roots + np.stack(
                [side * fringe * w.rng.uniform(0.8, 1.0, many), w.rng.normal(0, 0.008, many), np.full(many, -0.3 * high)], 1
            )
            w.add(blades(roots, tips, 0.006, bend=0.0, steps=2), w.stuff(K.LEAF, "#d8c8a0"))
    return w.thing()


def coat_stand(make: Make) -> Thing:
    """A stand with hooks, a coat and a hat on it."""
    w = Workshop(make, "wood")
    wide, high = w.width, w.height
    post = w.wood() if not w.of(Manner.INDUSTRIAL, Manner.FUTURISTIC, Manner.CONTEMPORARY) else w.metal("wood")
    for k in range(4):
        end = polar(0.46 * wide, 90 * k + 45, 0.0)
        w.tube([(end[0], end[1], 0.015), (0.5 * end[0], 0.5 * end[1], 0.14), (0, 0, 0.24)], 0.015, post, bent=4)
        tip = polar(0.3 * wide, 90 * k, high - 0.02)
        w.tube(
            [(0, 0, high - 0.22), (0.7 * tip[0], 0.7 * tip[1], high - 0.2), (tip[0], tip[1], high - 0.03)], 0.012, post, bent=4
        )
        w.lathe([(0, -0.015), (0.018, 0), (0, 0.018)], tip, post, segments=10)
    w.lathe([(0.02, 0.1), (0.025, 0.5 * high), (0.018, high - 0.06), (0.03, high - 0.03), (0, high)], (0, 0, 0), post)
    coat = curtain(0.42, 0.62 * high, 0.11, folds=3, seed=make.seed, thick=0.02)
    points = np.array(coat.vertices)
    top = np.clip((points[:, 2] - 0.62 * high + 0.25) / 0.25, 0, 1)
    points[:, 0] *= 1 - 0.7 * top
    coat = m.PolyMesh(vertices=points, corners=coat.corners, face_start=coat.face_start, uv=coat.uv, smooth=True)
    w.add(
        coat,
        w.stuff(
            K.TWEED if w.of(Manner.EDWARDIAN, Manner.DECO, Manner.FIFTIES, Manner.RUSTIC) else K.COTTON,
            w.pick((make.palette.fabric, "#3a342c", "#4a4a52")),
            colour_2=linear("#22201c"),
        ),
        (0.28 * wide, 0, 0.3 * high),
        (0, 0, 90),
    )
    if w.of(Manner.EDWARDIAN, Manner.DECO, Manner.FIFTIES):
        hat = [(0, 0.02), (0.1, 0), (0.15, 0.008), (0.15, 0.012), (0.09, 0.016), (0.085, 0.09), (0.05, 0.11), (0, 0.1)]
        w.lathe(hat, (-0.28 * wide, 0, high - 0.07), w.stuff(K.WOOL, "#4a4236"), turn=(0, -14, 0))
    return w.thing()


def toys(make: Make) -> Thing:
    """A bear, blocks and a ball."""
    w = Workshop(make, "body")
    wide, high = w.width, w.height
    fur = w.stuff(K.WOOL, "#a8763c", "body")
    s = high

    def ball(r: float, at: m.Vector, material: SceneMaterial) -> None:
        angle = np.linspace(-math.pi / 2, math.pi / 2, 9)
        w.lathe(
            [(max(0.0, r * math.cos(a)) if 0 < k < 8 else 0.0, r * math.sin(a)) for k, a in enumerate(angle)],
            at,
            material,
            segments=18,
        )

    x = -0.12 * wide
    ball(0.26 * s, (x, 0, 0.26 * s), fur)
    ball(0.2 * s, (x, -0.03 * s, 0.66 * s), fur)
    ball(0.085 * s, (x, -0.2 * s, 0.61 * s), toned(fur, 1.4))
    ball(0.03 * s, (x, -0.28 * s, 0.64 * s), w.plastic())
    for side in (-1.0, 1.0):
        ball(0.08 * s, (x + side * 0.15 * s, 0, 0.84 * s), fur)
        ball(0.022 * s, (x + side * 0.08 * s, -0.2 * s, 0.72 * s), w.plastic())
        w.tube([(x + side * 0.2 * s, -0.02, 0.42 * s), (x + side * 0.36 * s, -0.1 * s, 0.22 * s)], 0.08 * s, fur, segments=10)
        w.tube(
            [(x + side * 0.14 * s, -0.12 * s, 0.12 * s), (x + side * 0.2 * s, -0.42 * s, 0.1 * s)], 0.095 * s, fur, segments=10
        )
    for k in range(4):
        edge = 0.2 * s
        w.box(
            (edge, edge, edge),
            (0.3 * wide + w.chance(-0.02, 0.02), (k % 2 - 0.5) * 0.24 * s, edge * (k // 2)),
            w.paint(w.pick(("#c8402c", "#2c6ab0", "#e0b030", "#3a8a4a"))),
            turn=(0, 0, w.chance(-20, 20)),
            bevel=0.006,
        )
    return w.thing()


def dance_floor(make: Make) -> Thing:
    """Panels of parquet laid on the floor, with a ramped edge of metal."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    w.box((wide - 0.12, deep - 0.12, high), (0, 0, 0), w.stuff(K.PARQUET, make.palette.wood, "wood", roughness=0.25), bevel=0)
    for x, y, turn, length in ((0, deep / 2 - 0.03, 0, wide), (0, 0.03 - deep / 2, 0, wide), (wide / 2 - 0.03, 0, 90, deep),
                               (0.03 - wide / 2, 0, 90, deep)):  # fmt: skip
        w.box((length, 0.06, 0.8 * high), (x, y, 0), w.metal(), turn=(0, 0, turn), bevel=0.006)
    return w.thing()


def throw(make: Make) -> Thing:
    """A folded blanket, or clothes let fall."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    layers = 3
    for k in range(layers):
        x, y = np.meshgrid(
            np.linspace(-0.5, 0.5, 17) * wide * (1 - 0.05 * k),
            np.linspace(-0.5, 0.5, 13) * deep * (1 - 0.06 * k),
            indexing="ij",
        )
        z = high * (k + 0.6) / layers + 0.12 * high * ripple(np.stack([x, y], -1), make.seed + k, 0.16)
        w.add(cloth(np.stack([x, y, z], -1), 0.2 * high), w.fabric(second=k == 1), turn=(0, 0, w.chance(-6, 6) if k else 0))
    return w.thing()


def clothes(make: Make) -> Thing:
    """Clothes let fall: jeans, a shirt and a jersey, each a crumpled sheet over the one before."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    garments = ((K.DENIM, "#2f3c54"), (K.PLAID, make.palette.accent), (K.COTTON, "#8d8d88"))
    for k, (kind, colour) in enumerate(garments):
        u, v = np.meshgrid(np.linspace(-1, 1, 57), np.linspace(-1, 1, 45), indexing="ij")
        size = 0.5 * np.array((wide, deep)) * (0.98 - 0.2 * k)
        flat = np.stack([u * size[0], v * size[1]], -1)
        bent = np.stack([ripple(flat, make.seed + 9 * k, 0.42), ripple(flat, make.seed + 9 * k + 4, 0.36)], -1)
        angle = 0.7 * k + make.seed
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        place = (flat * (1 - 0.25 * np.abs(bent)) + 0.05 * bent) @ turn.T
        edge = np.maximum(np.abs(u), np.abs(v))
        rise = np.sqrt(np.clip(1 - edge**3, 0, 1))
        folds = 0.5 + 0.3 * ripple(flat + 0.05 * bent, make.seed + 3 * k, 0.13) + 0.2 * ripple(flat, make.seed + 5 * k, 0.06)
        z = high * (0.12 + 0.2 * k) * rise + 0.42 * high * np.clip(folds, 0, 1) * rise + 0.003 * (k + 1)
        limit = np.array((wide, deep)) / 2
        piece = np.concatenate([np.clip(place, -limit, limit), np.clip(z, 0.002, high)[..., None]], -1)
        second = linear("#d8cfb8") if kind is K.PLAID else None
        w.add(cloth(piece, 0.004), w.stuff(kind, colour, "fabric" if k == 1 else "", colour_2=second))
    return w.thing()


def towel(make: Make) -> Thing:
    """A towel over a rail on the wall."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    back = deep / 2
    w.tube(
        [
            (-wide / 2, back, high - 0.03),
            (-wide / 2, back - 0.6 * deep, high - 0.03),
            (wide / 2, back - 0.6 * deep, high - 0.03),
            (wide / 2, back, high - 0.03),
        ],
        0.008,
        w.metal(),
    )
    path = [
        (0, back - 0.35 * deep, 0.12 * high),
        (0, back - 0.45 * deep, high - 0.04),
        (0, back - 0.6 * deep, high - 0.012),
        (0, back - 0.78 * deep, high - 0.04),
        (0, back - 0.85 * deep, 0.0),
    ]
    w.add(thrown(path, 0.7 * wide, along=0, seed=make.seed), w.stuff(K.COTTON, make.palette.accent, "fabric"))
    return w.thing()


def flag(make: Make) -> Thing:
    """A flag hanging from a pole in a stand: an invented one."""
    w = Workshop(make, "fabric")
    wide, high = w.width, w.height
    w.lathe([(0, 0), (0.15, 0), (0.14, 0.03), (0.04, 0.06), (0.03, 0.1), (0, 0.1)], (0, 0, 0), w.metal())
    w.rod(0.014, high - 0.16, (0, 0, 0.1), w.wood())
    w.lathe([(0, 0), (0.02, 0.01), (0.012, 0.03), (0.02, 0.05), (0, 0.09)], (0, 0, high - 0.09), w.metal())
    cloth_of = curtain(0.8 * wide, 0.5 * high, 0.12, folds=3, seed=make.seed)
    w.add(
        cloth_of,
        w.stuff(K.PINSTRIPE, make.palette.accent, "fabric", colour_2=linear(make.palette.trim), scale_m=0.4),
        (0.36 * wide, 0, high - 0.18 - 0.5 * high),
    )
    return w.thing()


KINDS = (
    Kind(name="plant", category="dressing", layer="dressing", size_m=(0.7, 0.7, 1.25), build=plant, relation=R.CORNER,
         synonyms=("potted plant", "house plant", "houseplant", "palm", "rubber plant", "fern", "pot plant", "shrub")),
    Kind(name="vase", category="dressing", layer="dressing", size_m=(0.3, 0.3, 0.46), build=vase, relation=R.ON,
         synonyms=("flowers", "bouquet", "flower arrangement", "vase of flowers", "centrepiece")),
    Kind(name="rug", category="dressing", layer="dressing", size_m=(2.4, 1.7, 0.014), build=rug, relation=R.UNDER,
         synonyms=("persian rug", "oriental rug", "mat", "floor rug", "threadbare rug", "carpet runner")),
    Kind(name="dance_floor", category="dressing", layer="dressing", size_m=(4.2, 3.6, 0.025), build=dance_floor,
         relation=R.CENTRE, synonyms=("dancefloor", "dancing floor")),
    Kind(name="coat_stand", category="dressing", layer="furniture", size_m=(0.5, 0.5, 1.78), build=coat_stand,
         relation=R.CORNER, synonyms=("hat stand", "coat rack", "coat tree", "hall stand", "coat hooks")),
    Kind(name="toys", category="dressing", layer="dressing", size_m=(0.5, 0.32, 0.34), build=toys, synonyms=("toy",
         "teddy bear", "teddy", "building blocks", "doll", "stuffed animal")),
    Kind(name="throw", category="dressing", layer="dressing", size_m=(0.5, 0.4, 0.12), build=throw, relation=R.ON,
         synonyms=("blanket", "folded blanket", "plaid blanket", "quilt")),
    Kind(name="clothes", category="dressing", layer="dressing", size_m=(0.75, 0.6, 0.16), build=clothes, relation=R.FREE,
         synonyms=("laundry", "dirty clothes", "heap of clothes", "pile of clothes", "dirty laundry", "washing")),
    Kind(name="towel", category="dressing", layer="dressing", size_m=(0.6, 0.12, 0.6), build=towel, relation=R.MOUNTED,
         wall_height_m=0.85, synonyms=("towel rail", "dish towel", "tea towel")),
    Kind(name="flag", category="dressing", layer="dressing", size_m=(0.75, 0.34, 2.25), build=flag, relation=R.CORNER,
         synonyms=("flag stand", "banner", "state flag")),
)  # fmt: skip
