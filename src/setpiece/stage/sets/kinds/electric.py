"""Machines of rooms: televisions, telephones, typewriters, computers, radios, players, consoles, apparatus."""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import SceneMaterial, Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds import joinery as j
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, polar, toned

R = Relation


def _screen(
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
        _screen(w, (wide - 0.02, high - 0.1), (0, -0.018, 0.085))
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
    _screen(w, (sw, sh), (x, face + 0.012, z + tall / 2 - sh / 2), bulge=0.02, nits=110.0)
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
        _screen(w, (wide - 0.02, high - 0.15), (0, -0.036, 0.135))
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
    _screen(w, (0.8 * wide, 0.63 * high), (0, -0.47 * deep, 0.05 + (high - 0.05) * 0.54 - 0.315 * high), bulge=0.012, nits=90.0)
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
            x = at[0] - size[0] / 2 + (column + 0.5) * pitch[0] + 0.2 * pitch[0] * (row % 2 - 0.5)
            if round_keys:
                w.rod(0.4 * min(pitch), 0.008, (x, y, z), material, segments=10)
            else:
                w.box((0.84 * pitch[0], 0.84 * pitch[1], 0.008), (x, y, z), material, bevel=0.002)


def computer(make: Make) -> Thing:
    """A screen, a case and a keyboard; one folding thing in later times."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    if w.of(Manner.CONTEMPORARY, Manner.FUTURISTIC):
        metal = w.stuff(K.METAL, (0.42, 0.43, 0.45), "body")
        w.block((0.75 * wide, 0.5 * deep, 0.016), (0, -0.2 * deep, 0), metal, corner=0.012)
        _keys(w, (0.66 * wide, 0.24 * deep), (0, -0.12 * deep, 0.014), 5, 14, w.plastic("#16171a"), slope=0.0)
        w.add(m.block((0.75 * wide, high * 1.02, 0.008), 0.012, 0.003), metal, (0, 0.12 * deep, 0.5 * high), (76, 0, 0))
        _screen(w, (0.72 * wide, 0.9 * high), (0, 0.035 * deep - 0.005, 0.03), turn=(-14, 0, 0))
        return w.thing()
    body = w.plastic("#cfc6ae", "body")
    base = 0.12
    w.block((0.86 * wide, 0.62 * deep, base), (0, 0.16 * deep, 0), body, corner=0.012)
    for k in range(2):
        w.box((0.15, 0.006, 0.012), (0.22 * wide, -0.152 * deep, 0.035 + 0.04 * k), w.plastic("#2a2824"), bevel=0)
    w.block((0.74 * wide, 0.5 * deep, high - base - 0.03), (0, 0.16 * deep, base + 0.03), body, corner=0.02, edge=0.014)
    w.lathe([(0, 0), (0.1, 0), (0.08, 0.035), (0, 0.035)], (0, 0.16 * deep, base - 0.002), body)
    sh = 0.68 * (high - base)
    _screen(w, (0.58 * wide, sh), (0, -0.092 * deep, base + 0.07), bulge=0.01, nits=90)
    w.add(
        m.framed(m.rounded(0.68 * wide, sh + 0.06, 0.02), m.rounded(0.57 * wide, sh - 0.01, 0.03), 0.012),
        w.plastic("#b8ae96"),
        (0, -0.09 * deep, base + 0.07 + sh / 2),
        (90, 0, 0),
    )
    w.box((0.92 * wide, 0.28 * deep, 0.022), (-0.02, -0.36 * deep, 0), body, bevel=0.005, turn=(3, 0, 0))
    _keys(w, (0.86 * wide, 0.24 * deep), (-0.02, -0.36 * deep, 0.018), 5, 16, toned(body, 1.1), slope=5.0)
    return w.thing()


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
    keys = w.of(Manner.NINETIES, Manner.CONTEMPORARY, Manner.FUTURISTIC)
    if keys:
        _keys(w, (0.34 * wide, 0.36 * deep), (0, -0.2 * deep, 0.3 * base), 5, 3, w.plastic("#8a8474"), slope=26.0)
    else:
        w.add(
            m.cylinder(0.24 * wide, 0.012, segments=28),
            w.stuff(K.CHROME, (0.5, 0.5, 0.5)),
            (0, -0.2 * deep, 0.42 * base),
            (36, 0, 0),
        )
        for k in range(10):
            a = math.radians(30 * k + 60)
            c, s = 0.17 * wide * math.cos(a), 0.17 * wide * math.sin(a)
            w.add(
                m.cylinder(0.035 * wide, 0.004, segments=10),
                w.plastic("#0a0a0a"),
                (c, -0.2 * deep + s * 0.81 - 0.008, 0.42 * base + s * 0.588 + 0.011),
                (36, 0, 0),
            )
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
            _cone(w, (side * 0.32 * wide, face, 0.44 * (high - 0.05)), 0.34 * (high - 0.05))
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
        (0, deep / 2 - 0.0, high / 2),
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


def _cone(w: Workshop, at: m.Vector, r: float) -> None:
    """A loudspeaker's chassis, its face to -y."""
    w.add(
        m.lathe(
            [(0, 0), (r, 0.0), (r, 0.008), (0.9 * r, 0.014), (0.82 * r, 0.008), (0.4 * r, 0.001), (0.32 * r, 0.01), (0, 0.014)],
            26,
        ),
        w.plastic("#101012", roughness=0.6),
        at,
        (90, 0, 0),
    )


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


def speaker(make: Make) -> Thing:
    """A loudspeaker cabinet: cones behind a mesh."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    body = w.wood(role="body") if w.of(Manner.SEVENTIES, Manner.FIFTIES) else w.plastic("#121214", "body", roughness=0.6)
    w.box((wide, deep - 0.02, high), (0, 0.01, 0), body, bevel=0.012)
    face, r = -deep / 2 + 0.012, 0.4 * wide
    big = max(1, int((high - 0.9 * wide * 0.5) / (0.95 * wide)))
    for k in range(big):
        _cone(w, (0, face, 0.5 * wide + k * 0.95 * wide), r)
    rest = high - 0.95 * wide * big
    if rest > 0.12:
        _cone(w, (0, face, high - rest / 2), min(0.36 * rest, 0.26 * wide))
    for sx, sy in j.CORNERS:
        for z in (0.0, high - 0.04):
            w.box((0.04, 0.04, 0.04), (sx * (wide / 2 - 0.019), sy * (deep / 2 - 0.02), z), w.metal(dark=True), bevel=0.01)
    return w.thing(top=(wide - 0.06, deep - 0.06))


def dj_desk(make: Make) -> Thing:
    """Two turntables and a mixer on a table with a lit front."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    top = high - 0.14
    black = w.plastic("#141416", "body", roughness=0.5)
    w.box((wide, deep, 0.04), (0, 0, top - 0.04), black)
    w.box((wide - 0.04, 0.03, top - 0.08), (0, -deep / 2 + 0.03, 0.02), black)
    for side in (-1.0, 1.0):
        w.box((0.04, deep - 0.04, top - 0.04), (side * (wide / 2 - 0.02), 0, 0), black)
    bars = 12
    for k in range(bars):
        w.box(
            (0.02, 0.01, top * (0.3 + 0.5 * abs(math.sin(1.7 * k)))),
            (-wide / 2 + (k + 0.5) * wide / bars, -deep / 2 + 0.01, 0.1),
            w.glow(700, make.palette.accent),
            bevel=0,
        )
    w.area((0, -deep / 2 - 0.02, 0.5 * top), (wide, 0.5 * top), (0, -1, 0), 500, 4000, tint=(1.0, 0.3, 0.6))
    steel = w.stuff(K.METAL, (0.35, 0.36, 0.38))
    for side in (-1.0, 1.0):
        x = side * 0.32 * wide
        w.block((0.45, 0.36, 0.06), (x, 0, top), steel, corner=0.01)
        w.rod(0.165, 0.02, (x - 0.03, 0, top + 0.06), w.plastic("#0c0c0c", roughness=0.25), segments=44)
        w.rod(0.05, 0.002, (x - 0.03, 0, top + 0.08), w.accent(K.PAPER), segments=30)
        w.tube(
            [(x + 0.18, 0.13, top + 0.09), (x + 0.17, -0.06, top + 0.09), (x + 0.1, -0.1, top + 0.085)], 0.006, steel, bent=3
        )
        w.rod(0.025, 0.035, (x + 0.18, 0.13, top + 0.06), steel)
    w.block((0.3, 0.36, 0.09), (0, 0, top), black, corner=0.008)
    for row in range(4):
        for column in range(4):
            w.rod(0.009, 0.016, ((column - 1.5) * 0.06, 0.12 - row * 0.05, top + 0.088), w.plastic("#c8c8c8"), segments=10)
    for column in range(4):
        w.box(
            (0.012, 0.02, 0.012),
            ((column - 1.5) * 0.06, -0.11 + w.chance(-0.03, 0.03), top + 0.09),
            w.plastic("#e8e8e8"),
            bevel=0.002,
        )
    w.tube(
        [(0.1, -0.12, top + 0.1), (0.08, -0.06, top + 0.135), (0.18, -0.06, top + 0.135), (0.2, -0.12, top + 0.1)],
        0.01,
        w.plastic(),
        bent=4,
    )
    return w.thing()


def console_panel(make: Make) -> Thing:
    """A control desk: sloping panels of screens, gauges, switches and lamps."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    body = w.paint("#5c6a66" if not w.of(Manner.FUTURISTIC) else make.palette.trim, "body")
    desk = 0.72 * min(high, 1.05)
    profile = [
        (-0.5 * deep, desk - 0.06),
        (-0.5 * deep, desk),
        (0.02 * deep, desk + 0.06),
        (0.28 * deep, high),
        (0.5 * deep, high),
        (0.5 * deep, 0.0),
        (0.0, 0.0),
        (0.0, desk - 0.16),
    ]
    w.add(m.extrude(profile[::-1], wide), body, (-wide / 2, 0, 0), (90, 0, 90), bevel=0.008)
    slope = math.degrees(math.atan2(high - desk - 0.06, 0.26 * deep))
    count = max(1, round(wide / 0.55))
    for k in range(count):
        x = -wide / 2 + (k + 0.5) * wide / count
        z0, y0 = desk + 0.06 + 0.12 * (high - desk), 0.02 * deep + 0.12 * 0.26 * deep
        tall = 0.7 * (high - desk)
        if k % 2 == 0:
            _screen(w, (0.6 * wide / count, tall), (x, y0 - 0.012, z0), turn=(-(90 - slope), 0, 0), nits=130)
        else:
            for row in range(2):
                for column in range(3):
                    at = (
                        x + (column - 1) * 0.24 * wide / count,
                        y0 - 0.01 + (row + 0.5) * 0.12 * deep,
                        z0 + (row + 0.5) * 0.4 * tall,
                    )
                    w.add(m.cylinder(0.05, 0.02, segments=24), w.metal(), at, (slope, 0, 0))
                    w.add(
                        m.cylinder(0.043, 0.021, segments=24),
                        w.stuff(K.PAPER, "#e8e2d0", glow_nits=20.0 if make.lit else 0.0),
                        at,
                        (slope, 0, 0),
                    )
        for row in range(3):
            for column in range(6):
                at = (
                    x + (column - 2.5) * 0.13 * wide / count,
                    -0.4 * deep + row * 0.12 * deep,
                    desk + (0.1 * deep + row * 0.12 * deep) * 0.06 / (0.52 * deep) + 0.002,
                )
                lit = w.chance() < 0.4
                colour = w.pick(("#ff5030", "#ffb030", "#50ff70", "#f0f0ff", "#40a0ff"))
                w.box(
                    (0.022, 0.022, 0.012),
                    at,
                    w.glow(260, colour) if lit else w.plastic(w.pick(("#d0ccc0", "#1a1a1a", "#a82820"))),
                    bevel=0.003,
                )
    w.area((0, -0.2 * deep, high), (wide, 0.2), (0, -1, 0.3), 60 * wide, 6500)
    return w.thing()


def patient_monitor(make: Make) -> Thing:
    """A drip stand with its bag, or with a monitor where there were some."""
    w = Workshop(make, "metal")
    wide, high = w.width, w.height
    chrome = w.stuff(K.CHROME, (0.6, 0.61, 0.62), "metal")
    for k in range(5):
        end = polar(0.46 * wide, 72 * k, 0.06)
        w.tube([(0, 0, 0.1), end], 0.012, chrome)
        w.rod(0.03, 0.02, (end[0], end[1] + 0.01, 0.03), w.plastic(), turn=(90, 0, 0))
    w.rod(0.012, high - 0.12, (0, 0, 0.1), chrome)
    for side in (-1.0, 1.0):
        w.tube([(0, 0, high - 0.04), (side * 0.1, 0, high - 0.04), (side * 0.13, 0, high - 0.005)], 0.006, chrome, bent=3)
    bag = m.block((0.12, 0.2, 0.04), 0.03, 0.015)
    w.add(bag, w.stuff(K.GLASS, (0.85, 0.9, 0.92)), (0.12, 0.02, high - 0.16), (90, 0, 0))
    w.tube(
        [(0.12, 0, high - 0.26), (0.14, -0.04, 0.6 * high), (0.05, -0.06, 0.45 * high)],
        0.003,
        w.stuff(K.GLASS, (0.9, 0.9, 0.9)),
        bent=6,
        segments=5,
    )
    if w.of(Manner.SEVENTIES, Manner.NINETIES, Manner.CONTEMPORARY, Manner.FUTURISTIC):
        w.block((0.26, 0.16, 0.2), (0, -0.1, 0.62 * high), w.plastic("#d8d8d0"), corner=0.02)
        _screen(w, (0.2, 0.13), (0, -0.185, 0.62 * high + 0.045), nits=120)
    return w.thing()


def camera_on_wall(make: Make) -> Thing:
    """A security camera on a bracket."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    body, back = w.plastic("#d0d0cc", "body"), deep / 2
    w.rod(0.035, 0.02, (0, back, 0.6 * high), body, turn=(90, 0, 0))
    w.tube(
        [(0, back - 0.02, 0.6 * high), (0, back - 0.3 * deep, 0.6 * high), (0, back - 0.4 * deep, 0.45 * high)],
        0.01,
        body,
        bent=3,
    )
    w.block((0.7 * wide, 0.6 * deep, 0.4 * high), (0, -0.18 * deep, 0.1 * high), body, corner=0.012, turn=(12, 0, 0))
    w.rod(0.025, 0.03, (0, -0.46 * deep, 0.2 * high), w.plastic("#08080a", roughness=0.1), turn=(90, 0, 0))
    w.rod(0.004, 0.004, (0.02, -0.49 * deep, 0.4 * high), w.glow(300, "#ff2010"), turn=(90, 0, 0), segments=6)
    return w.thing()


def jukebox(make: Make) -> Thing:
    """An arch of light over records and chrome."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    arch = np.concatenate(
        [
            [(wide / 2, 0.0)],
            [(wide / 2 * math.cos(a), high - wide / 2 + wide / 2 * math.sin(a)) for a in np.linspace(0, math.pi, 19)],
            [(-wide / 2, 0.0)],
        ]
    )
    w.add(m.extrude(arch, deep - 0.06), w.wood(0.8), (0, deep / 2, 0), (90, 0, 0), bevel=0.01)
    y = -deep / 2 + 0.05
    for scale, colour in ((0.93, "#ff8a30"), (0.8, "#ffd040"), (0.68, "#ff4860")):
        line = [(x * scale, y, max(0.12, (z - 0.5 * high) * (0.5 + scale / 2) + 0.5 * high)) for x, z in arch]
        w.tube(line, 0.028 * wide / 0.8, w.glow(900, colour), segments=10)
    w.box(
        (0.5 * wide, 0.01, 0.28 * high),
        (0, y + 0.012, 0.56 * high),
        w.stuff(K.PICTURE, "#c8b890", seed=make.seed, glow_nits=0.0),
        bevel=0,
    )
    for k in range(9):
        w.box(
            (0.012, 0.02, 0.3 * high),
            ((k - 4) * 0.055 * wide / 0.8, y, 0.14 * high),
            w.stuff(K.CHROME, (0.6, 0.61, 0.62)),
            bevel=0.003,
        )
    w.box((0.56 * wide, 0.06, 0.05), (0, y - 0.01, 0.49 * high), w.stuff(K.CHROME, (0.6, 0.61, 0.62)), bevel=0.01)
    w.area((0, y - 0.05, 0.5 * high), (wide, high), (0, -1, 0), 500, 2400)
    return w.thing()


KINDS = (
    Kind(
        name="television",
        category="appliances",
        layer="furniture",
        size_m=(0.7, 0.5, 0.55),
        build=television,
        relation=R.ON,
        synonyms=("tv", "tv set", "television set", "telly", "flat screen", "screen"),
    ),
    Kind(
        name="monitor",
        category="appliances",
        layer="dressing",
        size_m=(0.42, 0.4, 0.42),
        build=monitor,
        relation=R.ON,
        synonyms=("display", "crt", "computer screen", "computer monitor"),
    ),
    Kind(
        name="computer",
        category="appliances",
        layer="dressing",
        size_m=(0.46, 0.6, 0.5),
        build=computer,
        relation=R.ON,
        synonyms=("pc", "laptop", "desktop computer", "terminal", "home computer", "games console"),
    ),
    Kind(
        name="telephone",
        category="appliances",
        layer="dressing",
        size_m=(0.23, 0.2, 0.14),
        build=telephone,
        relation=R.ON,
        synonyms=("phone", "rotary phone", "rotary telephone", "landline"),
    ),
    Kind(
        name="typewriter",
        category="appliances",
        layer="dressing",
        size_m=(0.38, 0.36, 0.26),
        build=typewriter,
        relation=R.ON,
        synonyms=("cash register", "sewing machine", "teleprinter"),
    ),
    Kind(
        name="radio",
        category="appliances",
        layer="dressing",
        size_m=(0.46, 0.24, 0.3),
        build=radio,
        relation=R.ON,
        synonyms=(
            "wireless",
            "radio set",
            "boombox",
            "boom box",
            "cassette player",
            "tape recorder",
            "stereo",
            "ghetto blaster",
            "hi-fi",
        ),
    ),
    Kind(
        name="record_player",
        category="appliances",
        layer="dressing",
        size_m=(0.46, 0.4, 0.42),
        build=record_player,
        relation=R.ON,
        synonyms=("turntable", "gramophone", "phonograph", "vinyl player"),
    ),
    Kind(
        name="speaker",
        category="appliances",
        layer="furniture",
        size_m=(0.5, 0.48, 1.15),
        build=speaker,
        relation=R.AGAINST,
        top=True,
        synonyms=("loudspeaker", "speaker stack", "pa speaker", "sound system", "amplifier", "guitar amp"),
    ),
    Kind(
        name="dj_desk",
        category="appliances",
        layer="furniture",
        size_m=(1.9, 0.75, 1.1),
        build=dj_desk,
        relation=R.AGAINST,
        clearance_m=(0.6, 0.0),
        synonyms=("dj booth", "turntables", "decks", "mixing desk", "dj table"),
    ),
    Kind(
        name="console_panel",
        category="appliances",
        layer="furniture",
        size_m=(1.8, 0.85, 1.2),
        build=console_panel,
        relation=R.AGAINST,
        clearance_m=(0.6, 0.0),
        synonyms=(
            "console",
            "control panel",
            "control desk",
            "instrument panel",
            "control console",
            "helm",
            "cockpit panel",
            "switchboard",
        ),
    ),
    Kind(
        name="drip_stand",
        category="appliances",
        layer="furniture",
        size_m=(0.5, 0.5, 1.9),
        build=patient_monitor,
        relation=R.BESIDE,
        synonyms=("iv stand", "drip", "infusion stand", "patient monitor", "heart monitor", "iv pole"),
    ),
    Kind(
        name="security_camera",
        category="appliances",
        layer="dressing",
        size_m=(0.12, 0.3, 0.18),
        build=camera_on_wall,
        relation=R.MOUNTED,
        wall_height_m=2.25,
        synonyms=("cctv", "surveillance camera", "cctv camera"),
    ),
    Kind(
        name="jukebox",
        category="appliances",
        layer="furniture",
        size_m=(0.82, 0.62, 1.5),
        build=jukebox,
        relation=R.AGAINST,
        clearance_m=(0.5, 0.0),
        synonyms=("juke box", "pinball", "arcade machine", "slot machine", "vending machine"),
    ),
)
