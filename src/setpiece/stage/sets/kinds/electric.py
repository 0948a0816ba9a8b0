"""Machines on desks and sideboards: televisions, telephones, typewriters, computers, radios, players."""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import SceneMaterial, Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds import joinery as j
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, toned

R = Relation


def screen_of(
    w: Workshop, size: tuple[float, float], at: m.Vector, *, bulge: float = 0.0, nits: float = 160.0, turn: m.Vector = (0, 0, 0)
) -> None:
    """A lit display, its face to -y; ``bulge`` metres of a tube's curve. It lights what is before it."""
    lit = w.stuff(K.SCREEN, "#a8c0d0", glow_nits=nits if w.make.lit else 0.0, wear=0.0, seed=w.make.seed)
    if bulge:
        u, v = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-1, 1, 9), indexing="ij")
        grid = np.stack([u * size[0] / 2, -bulge * (1 - 0.5 * u**2 - 0.5 * v**2), (v + 1) * size[1] / 2], -1)
        from setpiece.stage.sets.soft import cloth

        w.add(cloth(grid, 0.004), lit, at, turn)
    else:
        w.add(m.box((size[0], 0.004, size[1])), lit, at, turn)
    w.area((at[0], at[1] - bulge - 0.02, at[2] + size[1] / 2), size, (0, -1, 0), nits * size[0] * size[1] * math.pi, 7500)


def television(make: Make) -> Thing:
    """A tube in a wooden box, on legs where it is tall; flat in later times."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    if w.of(Manner.CONTEMPORARY, Manner.FUTURISTIC):
        w.box((wide, 0.03, high - 0.07), (0, 0, 0.07), w.plastic("#0c0c0d", "wood"), bevel=0.004)
        screen_of(w, (wide - 0.02, high - 0.1), (0, -0.018, 0.085))
        w.both(lambda s: w.box((0.03, min(0.24, deep), 0.012), (s * 0.32 * wide, 0, 0), w.plastic()))
        w.both(lambda s: w.box((0.02, 0.02, 0.08), (s * 0.32 * wide, 0, 0.005), w.plastic()))
        return w.thing()
    foot = 0.3 if high > 0.75 else 0.02
    body = w.wood() if not w.of(Manner.NINETIES, Manner.INDUSTRIAL) else w.plastic("#2a2a2c", "wood")
    if foot > 0.1:
        j.legs(w, (wide - 0.06, 0.7 * deep, foot), thick=0.02)
    else:
        w.box((0.7 * wide, 0.5 * deep, foot), (0, 0, 0), w.plastic())
    z, tall = foot, high - foot
    w.block((wide, 0.55 * deep, tall), (0, -0.2 * deep, z), body, corner=0.03, edge=0.02)
    w.block((0.7 * wide, 0.45 * deep, 0.7 * tall), (0, 0.25 * deep, z + 0.1 * tall), w.plastic(), corner=0.05)
    face, share = -0.475 * deep, 0.68 if not w.of(Manner.NINETIES) else 0.9
    sw, sh = share * wide * 0.92, 0.78 * tall
    x = -0.5 * wide + 0.05 * wide + sw / 2 if share < 0.8 else 0.0
    w.add(
        m.framed(m.rounded(sw + 0.05, sh + 0.05, 0.07), m.rounded(sw - 0.02, sh - 0.02, 0.06), 0.02),
        w.plastic("#161513"),
        (x, face + 0.01, z + tall / 2),
        (90, 0, 0),
        bevel=0.004,
    )
    screen_of(w, (sw, sh), (x, face + 0.012, z + tall / 2 - sh / 2), bulge=0.02, nits=110.0)
    if share < 0.8:
        px = 0.5 * wide - 0.13 * wide
        w.box((0.2 * wide, 0.012, 0.84 * tall), (px, face, z + 0.08 * tall), w.plastic("#2a241c"), bevel=0.003)
        for k in range(2):
            w.rod(0.03 * wide / 0.6, 0.02, (px, face - 0.004, z + (0.76 - 0.16 * k) * tall), w.metal(), turn=(90, 0, 0))
        for k in range(7):
            w.box((0.16 * wide, 0.006, 0.008), (px, face - 0.008, z + (0.16 + 0.045 * k) * tall), w.wood(0.6, role=""), bevel=0)
    return w.thing()


def monitor(make: Make) -> Thing:
    """A computer screen: a tube or a panel on a foot."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    if w.of(Manner.CONTEMPORARY, Manner.FUTURISTIC):
        w.box((wide, 0.025, high - 0.12), (0, -0.02, 0.12), w.plastic("#121214", "body"), bevel=0.004)
        screen_of(w, (wide - 0.02, high - 0.15), (0, -0.036, 0.135))
        w.box((0.04, 0.02, 0.2), (0, 0.02, 0.01), w.metal())
        w.block((0.24, min(0.18, deep), 0.012), (0, 0, 0), w.metal(), corner=0.03)
        return w.thing()
    body = w.plastic("#cfc6ae" if not w.of(Manner.INDUSTRIAL) else "#5a625c", "body")
    w.lathe([(0, 0), (0.13, 0), (0.13, 0.012), (0.06, 0.03), (0.06, 0.06), (0, 0.06)], (0, 0, 0), body)
    w.block((wide, 0.4 * deep, high - 0.05), (0, -0.28 * deep, 0.05), body, corner=0.02, edge=0.012)
    w.block((0.78 * wide, 0.6 * deep, 0.72 * high), (0, 0.18 * deep, 0.1), body, corner=0.05, edge=0.03)
    w.add(
        m.framed(m.rounded(0.88 * wide, 0.72 * high, 0.02), m.rounded(0.78 * wide, 0.62 * high, 0.03), 0.012),
        w.plastic("#2a2824"),
        (0, -0.475 * deep, 0.05 + (high - 0.05) * 0.54),
        (90, 0, 0),
    )
    screen_of(
        w, (0.8 * wide, 0.63 * high), (0, -0.47 * deep, 0.05 + (high - 0.05) * 0.54 - 0.315 * high), bulge=0.012, nits=90.0
    )
    w.rod(0.006, 0.004, (0.4 * wide, -0.482 * deep, 0.1), w.glow(400, "#40ff60"), turn=(90, 0, 0), segments=8)
    return w.thing()


def _keys(
    w: Workshop,
    size: tuple[float, float],
    at: m.Vector,
    rows: int,
    columns: int,
    material: SceneMaterial,
    *,
    slope: float = 6.0,
    round_keys: bool = False,
) -> None:
    pitch = (size[0] / columns, size[1] / rows)
    for row in range(rows):
        y = at[1] - size[1] / 2 + (row + 0.5) * pitch[1]
        z = at[2] + (row + 0.5) * pitch[1] * math.tan(math.radians(slope))
        if row == 0:
            w.box((0.46 * size[0], 0.78 * pitch[1], 0.008), (at[0], y, z), material, bevel=0.002)
            continue
        for column in range(columns):
            x = at[0] - size[0] / 2 + (column + 0.5) * pitch[0] + (0.2 * pitch[0] * (row % 2 - 0.5) if columns > 5 else 0.0)
            if round_keys:
                w.rod(0.4 * min(pitch), 0.008, (x, y, z), material, segments=10)
            else:
                w.box((0.84 * pitch[0], 0.84 * pitch[1], 0.008), (x, y, z), material, bevel=0.002)


def computer(make: Make) -> Thing:
    """A screen, a case and a keyboard; one folding thing in later times."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    if w.of(Manner.CONTEMPORARY, Manner.FUTURISTIC):
        metal, size = w.stuff(K.METAL, (0.42, 0.43, 0.45), "body"), (0.34, 0.24)
        w.block((*size, 0.016), (0, -0.12, 0), metal, corner=0.012)
        _keys(w, (0.3, 0.11), (0, -0.09, 0.014), 5, 14, w.plastic("#16171a"), slope=0.0)
        w.block((0.1, 0.07, 0.0005), (0, -0.195, 0.016), toned(metal, 0.8), corner=0.006)
        lean = (74, 0, 0)
        w.add(m.moved(m.block((*size, 0.008), 0.012, 0.003), (0, 0.5 * size[1], 0)), metal, (0, 0.0, 0.016), lean)
        screen_of(w, (size[0] - 0.02, size[1] - 0.03), (0, -0.013, 0.026), turn=(-16, 0, 0))
        return w.thing(low=True)
    body = w.plastic("#cfc6ae", "body")
    base = 0.12
    w.block((0.86 * wide, 0.62 * deep, base), (0, 0.16 * deep, 0), body, corner=0.012)
    for k in range(2):
        w.box((0.15, 0.006, 0.012), (0.22 * wide, -0.152 * deep, 0.035 + 0.04 * k), w.plastic("#2a2824"), bevel=0)
    w.block((0.74 * wide, 0.5 * deep, high - base - 0.03), (0, 0.16 * deep, base + 0.03), body, corner=0.02, edge=0.014)
    w.lathe([(0, 0), (0.1, 0), (0.08, 0.035), (0, 0.035)], (0, 0.16 * deep, base - 0.002), body)
    sh = 0.68 * (high - base)
    screen_of(w, (0.58 * wide, sh), (0, -0.092 * deep, base + 0.07), bulge=0.01, nits=90)
    w.add(
        m.framed(m.rounded(0.68 * wide, sh + 0.06, 0.02), m.rounded(0.57 * wide, sh - 0.01, 0.03), 0.012),
        w.plastic("#b8ae96"),
        (0, -0.09 * deep, base + 0.07 + sh / 2),
        (90, 0, 0),
    )
    w.box((0.92 * wide, 0.28 * deep, 0.022), (-0.02, -0.36 * deep, 0), body, bevel=0.005, turn=(3, 0, 0))
    _keys(w, (0.86 * wide, 0.24 * deep), (-0.02, -0.36 * deep, 0.018), 5, 16, toned(body, 1.1), slope=5.0)
    return w.thing()


def _dial(w: Workshop, base: float) -> None:
    """A dial, or keys, on the slope of a telephone whose body is ``base`` high."""
    wide, deep = w.width, w.depth
    keys = w.of(Manner.NINETIES, Manner.CONTEMPORARY, Manner.FUTURISTIC)
    face = -0.263 * deep
    if keys:
        _keys(
            w, (0.3 * wide, 0.22 * deep), (0, face - 0.004, 0.65 * base - 0.106 * deep), 5, 3, w.plastic("#8a8474"), slope=45.0
        )
    else:
        w.add(
            m.cylinder(0.2 * wide, 0.012, segments=28), w.stuff(K.CHROME, (0.5, 0.5, 0.5)), (0, face, 0.65 * base), (45, 0, 0)
        )
        for k in range(10):
            a = math.radians(30 * k + 60)
            c, s = 0.145 * wide * math.cos(a), 0.145 * wide * math.sin(a) * 0.707
            w.add(
                m.cylinder(0.03 * wide, 0.005, segments=10),
                w.plastic("#0a0a0a"),
                (c, face + s - 0.0075, 0.65 * base + s + 0.0075),
                (45, 0, 0),
            )


def telephone(make: Make) -> Thing:
    """A desk telephone with a dial or keys, its receiver on the cradle."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    body = w.plastic(
        {
            Manner.SEVENTIES: "#b8501c",
            Manner.NINETIES: "#d8d2c0",
            Manner.CONTEMPORARY: "#1c1c1e",
            Manner.FUTURISTIC: "#d8dce0",
        }.get(w.manner, "#131211"),
        "body",
        roughness=0.2,
    )
    base = 0.6 * high
    rings = []
    for share, z, back in (
        (1.0, 0.0, 0.0),
        (1.0, 0.1 * base, 0.0),
        (0.86, 0.45 * base, 0.04),
        (0.62, 0.85 * base, 0.1),
        (0.56, base, 0.12),
    ):
        flat = m.rounded(0.86 * wide * share, 0.9 * deep * share, 0.03)
        rings.append(np.column_stack([np.add(flat, (0, back * deep)), np.full(len(flat), z)]))
    w.add(m.skin(np.array(rings)), body)
    _dial(w, base)
    y = 0.13 * deep
    w.tube(
        [
            (-0.42 * wide, y, high - 0.03),
            (-0.2 * wide, y, high - 0.012),
            (0.2 * wide, y, high - 0.012),
            (0.42 * wide, y, high - 0.03),
        ],
        0.075 * wide,
        body,
        bent=4,
        segments=12,
    )
    for side in (-1.0, 1.0):
        w.lathe(
            [(0, 0), (0.11 * wide, 0.0), (0.12 * wide, 0.02), (0.08 * wide, 0.045), (0, 0.05)],
            (side * 0.42 * wide, y, base - 0.01),
            body,
        )
    coil = [
        (
            0.44 * wide + 0.012 * math.cos(t) - 0.02 * t / 40,
            0.2 * deep + 0.1 * deep * math.sin(t / 22) - t / 60 * 0.4 * deep,
            0.012 + 0.01 * math.sin(t),
        )
        for t in np.linspace(0, 60, 90)
    ]
    w.tube(coil, 0.003, body, segments=5)
    return w.thing()


def typewriter(make: Make) -> Thing:
    """A typewriter: keys in banks, type basket, platen with a sheet of paper."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    body = w.stuff(
        K.ENAMEL,
        {Manner.FIFTIES: "#5a7a74", Manner.SEVENTIES: "#c8682c", Manner.CONTEMPORARY: "#3a3c40"}.get(w.manner, "#0e0e0e"),
        "body",
    )
    profile = [(-0.5, 0), (0.5, 0), (0.5, 0.5), (0.2, 0.62), (0.02, 0.5), (-0.1, 0.32), (-0.5, 0.14)]
    w.add(m.extrude(np.array(profile) * (deep, 0.78 * high), 0.86 * wide), body, (-0.43 * wide, 0, 0), (90, 0, 90), bevel=0.01)
    _keys(
        w,
        (0.72 * wide, 0.36 * deep),
        (0, -0.28 * deep, 0.13 * high + 0.012),
        5,
        11,
        w.plastic("#e0d8c4" if w.of(Manner.FIFTIES) else "#1a1816"),
        slope=18.0,
        round_keys=True,
    )
    z = 0.62 * high
    w.add(m.cylinder(0.022, 0.94 * wide), w.stuff(K.RUBBER, (0.02, 0.02, 0.02)), (-0.47 * wide, 0.24 * deep, z), (0, 90, 0))
    for side in (-1.0, 1.0):
        w.add(m.cylinder(0.026, 0.03), w.plastic(), (side * 0.485 * wide - 0.015, 0.24 * deep, z), (0, 90, 0))
    w.tube([(-0.46 * wide, 0.22 * deep, z + 0.02), (-0.5 * wide, 0.05 * deep, z + 0.05)], 0.005, w.metal())
    paper = [(0.17, 0.58), (0.2, 0.66), (0.29, 0.68), (0.33, 0.85), (0.38, 1.0)]
    from setpiece.stage.sets.soft import cloth

    line = m.curve([(0, a * deep, b * high) for a, b in paper], 4)
    grid = np.repeat(line[:, None, :], 5, axis=1)
    grid[..., 0] = np.linspace(-0.105, 0.105, 5)[None]
    w.add(cloth(grid[:, ::-1], 0.0008), w.stuff(K.PAPER, "#efe9da"))
    for k in range(15):
        a = math.radians(20 + 140 * k / 14)
        w.tube(
            [
                (0.16 * wide * math.cos(a), -0.02 * deep, 0.42 * high),
                (0.1 * wide * math.cos(a), 0.12 * deep, 0.5 * high + 0.01 * math.sin(a)),
            ],
            0.002,
            w.metal(),
            segments=4,
        )
    return w.thing()


def radio(make: Make) -> Thing:
    """A wireless: cloth grille, dial, knobs; portable in later times."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    late = w.of(Manner.SEVENTIES, Manner.NINETIES, Manner.CONTEMPORARY, Manner.INDUSTRIAL, Manner.FUTURISTIC)
    body = w.plastic("#2a2a2c", "wood") if late else w.wood()
    face = -deep / 2 + 0.012
    if late:
        w.block((wide, deep - 0.02, high - 0.05), (0, 0.01, 0), body, corner=0.02)
        for side in (-1.0, 1.0):
            cone(w, (side * 0.32 * wide, face, 0.44 * (high - 0.05)), 0.34 * (high - 0.05))
        w.box((0.24 * wide, 0.01, 0.4 * high), (0, face, 0.1), w.metal(), bevel=0.004)
        w.box((0.2 * wide, 0.006, 0.12 * high), (0, face - 0.006, 0.14), w.plastic("#0c0c0e"), bevel=0)
        w.box((0.8 * wide, 0.008, 0.06), (0, face, high - 0.13), w.stuff(K.PLASTIC, "#d8d4c4"), bevel=0)
        w.tube(
            [
                (-0.44 * wide, 0, high - 0.06),
                (-0.4 * wide, 0, high - 0.008),
                (0.4 * wide, 0, high - 0.008),
                (0.44 * wide, 0, high - 0.06),
            ],
            0.008,
            w.metal(),
            bent=3,
        )
        return w.thing()
    w.add(
        m.block((wide, high, deep - 0.015), 0.09 if w.of(Manner.DECO, Manner.EDWARDIAN) else 0.03, 0.02),
        body,
        (0, deep / 2, high / 2),
        (90, 0, 0),
    )
    w.add(
        m.extrude(m.rounded(0.52 * wide, 0.62 * high, 0.05), 0.01),
        w.stuff(K.TWEED, "#a8905c", colour_2=(0.1, 0.06, 0.03)),
        (-0.18 * wide, face + 0.008, 0.56 * high),
        (90, 0, 0),
    )
    for k in range(4):
        w.box((0.012, 0.012, 0.6 * high), (-0.36 * wide + 0.12 * wide * k, face, 0.27 * high), body, bevel=0.003)
    w.add(
        m.cylinder(0.16 * wide, 0.008, segments=30), w.glow(90, "#ffd890"), (0.28 * wide, face + 0.004, 0.62 * high), (90, 0, 0)
    )
    w.box((0.004, 0.004, 0.13 * wide), (0.28 * wide, face - 0.007, 0.62 * high), w.plastic("#a02018"), turn=(0, 35, 0), bevel=0)
    for x in (0.16, 0.4):
        w.rod(0.02, 0.02, (x * wide, face + 0.004, 0.2 * high), w.plastic("#e0d4b4"), turn=(90, 0, 0))
    return w.thing()


def cone(w: Workshop, at: m.Vector, r: float) -> None:
    """A loudspeaker's chassis, its face to -y."""
    rows = [(0, 0), (r, 0.0), (r, 0.008), (0.9 * r, 0.014), (0.82 * r, 0.008), (0.4 * r, 0.001), (0.32 * r, 0.01), (0, 0.014)]
    w.add(m.lathe(rows, 26), w.plastic("#101012", roughness=0.6), at, (90, 0, 0))


def record_player(make: Make) -> Thing:
    """A turntable with a record, an arm, a lid propped open; a horn in its time."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    base = 0.1
    w.box((wide, deep, base), (0, 0, 0), w.wood(), bevel=0.008)
    r, x = min(0.15, 0.38 * deep), -0.12 * wide
    w.rod(r, 0.015, (x, -0.04 * deep, base), w.metal(), segments=44)
    w.rod(0.97 * r, 0.003, (x, -0.04 * deep, base + 0.015), w.plastic("#0a0a0a", roughness=0.25), segments=44)
    w.rod(0.33 * r, 0.0008, (x, -0.04 * deep, base + 0.018), w.accent(K.PAPER), segments=30)
    w.rod(0.003, 0.012, (x, -0.04 * deep, base + 0.015), w.metal(), segments=8)
    w.rod(0.02, 0.04, (0.4 * wide, 0.3 * deep, base), w.metal())
    w.tube(
        [
            (0.4 * wide, 0.3 * deep, base + 0.045),
            (0.38 * wide, -0.16 * deep, base + 0.04),
            (0.26 * wide, -0.24 * deep, base + 0.026),
        ],
        0.005,
        w.metal(),
        bent=3,
    )
    if w.of(Manner.EDWARDIAN, Manner.DECO):
        horn = [
            (0.02, 0),
            (0.03, 0.1),
            (0.06, 0.22),
            (0.12, 0.31),
            (0.2, 0.36),
            (0.195, 0.362),
            (0.115, 0.313),
            (0.055, 0.222),
            (0.025, 0.1),
            (0.015, 0),
        ]
        w.add(
            m.lathe([(a * 1.0, b * 1.1) for a, b in horn], 30, ring=True),
            w.metal(),
            (0.32 * wide, 0.36 * deep, base + 0.12),
            (48, 0, 30),
        )
        w.tube(
            [(0.4 * wide, 0.3 * deep, base), (0.42 * wide, 0.42 * deep, base + 0.06), (0.32 * wide, 0.36 * deep, base + 0.13)],
            0.016,
            w.metal(),
            bent=4,
        )
    else:
        w.box(
            (wide, 0.012, high - base),
            (0, deep / 2 - 0.01, base - 0.002),
            w.wood() if not w.of(Manner.SEVENTIES, Manner.CONTEMPORARY) else w.stuff(K.GLASS, (0.5, 0.5, 0.52)),
            turn=(-8, 0, 0),
            bevel=0.004,
        )
    for k in range(3):
        w.rod(0.012, 0.014, ((0.1 + 0.12 * k) * wide, -0.44 * deep, base), w.metal())
    return w.thing()


KINDS = (
    Kind(name="television", category="appliances", layer="furniture", size_m=(0.66, 0.42, 0.52), build=television,
         relation=R.ON, synonyms=("tv", "tv set", "television set", "telly", "flat screen", "screen")),
    Kind(name="monitor", category="appliances", layer="dressing", size_m=(0.42, 0.4, 0.42), build=monitor, relation=R.ON,
         synonyms=("display", "crt", "computer screen", "computer monitor")),
    Kind(name="computer", category="appliances", layer="dressing", size_m=(0.42, 0.5, 0.46), build=computer, relation=R.ON,
         synonyms=("pc", "laptop", "desktop computer", "terminal", "home computer", "games console")),
    Kind(name="telephone", category="appliances", layer="dressing", size_m=(0.23, 0.2, 0.14), build=telephone, relation=R.ON,
         synonyms=("phone", "rotary phone", "rotary telephone", "landline")),
    Kind(name="typewriter", category="appliances", layer="dressing", size_m=(0.38, 0.36, 0.26), build=typewriter,
         relation=R.ON, synonyms=("cash register", "sewing machine", "teleprinter")),
    Kind(name="radio", category="appliances", layer="dressing", size_m=(0.46, 0.24, 0.3), build=radio, relation=R.ON,
         synonyms=("wireless", "radio set", "boombox", "boom box", "cassette player", "stereo",
         "ghetto blaster", "hi-fi")),
    Kind(name="record_player", category="appliances", layer="dressing", size_m=(0.46, 0.4, 0.42), build=record_player,
         relation=R.ON, synonyms=("turntable", "gramophone", "phonograph", "vinyl player")),
)  # fmt: skip
