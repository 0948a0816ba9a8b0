"""What is fixed in a room or belongs to it: hearths, radiators, vents, ladders, stairs, columns, screens, drapes, poles."""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds import joinery as j
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, toned
from setpiece.stage.sets.soft import curtain

R = Relation


def fireplace(make: Make) -> Thing:
    """A chimney piece with its mantel, hearth, grate and fire; 300 lm at 1850 K."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    rustic = w.of(Manner.RUSTIC, Manner.INDUSTRIAL, Manner.SEVENTIES)
    stone = (
        w.stuff(K.BRICK, "#8a4a36", "body")
        if rustic
        else w.stuff(K.MARBLE, "#d8d2c6", "body")
        if w.of(Manner.EDWARDIAN, Manner.DECO)
        else w.paint(make.palette.trim, "body")
    )
    ow, oh = 0.5 * wide, 0.58 * high
    w.add(m.panel(wide - 0.12, high - 0.06, deep - 0.1, [(-ow / 2, 0.0, ow / 2, oh)]), stone, (0, -deep / 2 + 0.1, 0))
    for side in (-1.0, 1.0):
        x = side * (wide / 2 - 0.14)
        w.box((0.2, 0.05, high - 0.1), (x, -deep / 2 + 0.085, 0), stone, bevel=0.008)
        w.box((0.22, 0.07, 0.12), (x, -deep / 2 + 0.08, 0), stone, bevel=0.008)
    w.box((wide, deep - 0.02, 0.055), (0, 0.01, high - 0.055), w.wood(role="") if rustic else stone, bevel=0.012)
    w.box((wide - 0.08, 0.06, 0.05), (0, -deep / 2 + 0.08, high - 0.105), stone, bevel=0.012)
    w.box((ow + 0.3, 0.3, 0.03), (0, -deep / 2 + 0.1, 0), w.stuff(K.STONE, "#4a4844"), bevel=0.004)
    soot = w.stuff(K.BRICK, "#1a1614")
    w.box((ow + 0.02, 0.03, oh), (0, deep / 2 - 0.02, 0), soot, bevel=0)
    y = deep / 2 - 0.16
    for k in range(7):
        w.tube(
            [((k - 3) * 0.1 * ow, y - 0.1, 0.04), ((k - 3) * 0.1 * ow, y - 0.1, 0.16), ((k - 3) * 0.11 * ow, y - 0.12, 0.22)],
            0.008,
            w.metal(dark=True),
            segments=6,
        )
    w.tube([(-0.36 * ow, y - 0.1, 0.1), (0.36 * ow, y - 0.1, 0.1)], 0.01, w.metal(dark=True))
    for k in range(4):
        w.add(
            m.cylinder(0.035, 0.6 * ow, segments=12),
            w.stuff(K.BARK, "#2a1a10"),
            (-0.3 * ow, y + (k % 2) * 0.07 - 0.03, 0.1 + 0.05 * (k // 2)),
            (0, 90, w.chance(-9, 9)),
        )
    if make.lit:
        for k in range(7):
            h = w.chance(0.12, 0.3)
            w.lathe(
                [(0, 0), (0.035, 0.2 * h), (0.02, 0.6 * h), (0, h)],
                ((k - 3) * 0.09 * ow, y + w.chance(-0.04, 0.04), 0.14),
                w.glow(2600, w.pick(("#ff9a30", "#ffb84a", "#ff7020"))),
                shadow=False,
                segments=8,
            )
    w.area((0, y - 0.1, 0.28), (0.6 * ow, 0.3), (0, -1, 0.1), 300, 1850)
    return w.thing(top=(wide - 0.1, deep - 0.08))


def radiator(make: Make) -> Thing:
    """Cast columns in their time, pressed panels later."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    body = w.paint(make.palette.trim, "body", roughness=0.3)
    if w.of(Manner.NINETIES, Manner.CONTEMPORARY, Manner.FUTURISTIC):
        w.box((wide, 0.02, high - 0.1), (0, -0.3 * deep, 0.1), body, bevel=0.006)
        for k in range(round(wide / 0.035)):
            w.block(
                (0.022, 0.014, high - 0.16),
                (-wide / 2 + 0.025 + k * (wide - 0.05) / max(1, round(wide / 0.035) - 1), -0.42 * deep, 0.13),
                body,
                corner=0.006,
            )
        w.box((wide, 0.8 * deep, 0.015), (0, 0, high - 0.015), body)
    else:
        count = max(3, round(wide / 0.07))
        for k in range(count):
            x = -wide / 2 + (k + 0.5) * wide / count
            for y in (-0.33 * deep, 0.0, 0.33 * deep):
                w.lathe(
                    [(0, 0.08), (0.022, 0.1), (0.019, 0.16), (0.019, high - 0.08), (0.022, high - 0.02), (0, high)],
                    (x, y, 0),
                    body,
                    segments=10,
                )
            for z in (0.11, high - 0.05):
                w.block((wide / count - 0.004, 0.9 * deep, 0.05), (x, 0, z - 0.01), body, corner=0.02)
            if k in (0, count - 1):
                w.rod(0.02, 0.1, (x, 0, 0), body)
    w.tube(
        [(wide / 2 - 0.03, 0.2 * deep, 0.12), (wide / 2 - 0.015, 0.2 * deep, 0.12), (wide / 2 - 0.015, 0.2 * deep, 0.0)],
        0.011,
        w.metal(),
    )
    w.rod(0.02, 0.04, (wide / 2 - 0.02, 0.2 * deep, 0.13), w.plastic())
    return w.thing(top=None)


def vent(make: Make) -> Thing:
    """A grille with its louvres and screws."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    body = w.stuff(K.METAL, (0.35, 0.36, 0.36), "body", roughness=0.5)
    outer, inner = m.rounded(wide, high, 0.004, 2), m.rounded(wide - 0.06, high - 0.06, 0.002, 2)
    w.add(m.framed(outer, inner, 0.8 * deep), body, (0, deep / 2, high / 2), (90, 0, 0), bevel=0.002)
    w.box((wide - 0.05, 0.003, high - 0.05), (0, deep / 2 - 0.003, 0.025), w.plastic("#050505"), bevel=0)
    count = max(3, round((high - 0.06) / 0.035))
    for k in range(count):
        w.box(
            (wide - 0.058, 0.9 * deep, 0.003),
            (0, 0.1 * deep, 0.03 + (k + 0.5) * (high - 0.06) / count),
            body,
            turn=(38, 0, 0),
            bevel=0,
        )
    for sx, sz in j.CORNERS:
        w.rod(
            0.006,
            0.004,
            (sx * (wide / 2 - 0.015), -0.3 * deep, high / 2 + sz * (high / 2 - 0.015)),
            w.metal(),
            turn=(90, 0, 0),
            segments=8,
        )
    return w.thing()


def ladder(make: Make) -> Thing:
    """A ladder: leaning where it is deep, stepped where it is low."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    wood = (
        w.wood(1.15)
        if not w.of(Manner.CONTEMPORARY, Manner.FUTURISTIC, Manner.NINETIES)
        else w.stuff(K.METAL, (0.5, 0.5, 0.5), "wood")
    )
    steps = max(3, round(high / 0.27))
    pairs = [(-deep / 2 + 0.03, 0.34 * deep)] if high > 2.1 else [(-deep / 2 + 0.03, -0.03), (deep / 2 - 0.03, 0.03)]
    for number, (y0, y1) in enumerate(pairs):
        for side in (-1.0, 1.0):
            w.add(
                m.sweep(
                    [(side * (wide / 2 - 0.025), y0, 0), (side * (0.42 * wide), y1, high)],
                    m.rounded(0.035, 0.06, 0.005, 2),
                    smooth=False,
                ),
                wood,
            )
        for k in range(1, steps):
            t = k / steps
            y = y0 + t * (y1 - y0)
            size = (2 * (wide / 2 - 0.025 + t * (0.42 - 0.5) * wide), 0.08 if number == 0 and len(pairs) > 1 else 0.03, 0.025)
            if number == 0 or k % 3 == 0:
                w.box(size, (0, y, t * high - 0.012), wood, bevel=0.004)
    if len(pairs) > 1:
        w.box((0.9 * wide, 0.12, 0.025), (0, 0, high - 0.025), wood)
    return w.thing()


def stairs(make: Make) -> Thing:
    """A straight flight with treads, risers, strings, a handrail on balusters. It rises to +y."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    rise = 0.9 if high > 1.6 else 0.0
    climb = high - rise
    steps = max(2, round(climb / 0.18))
    wood = w.wood() if not w.of(Manner.INDUSTRIAL) else w.metal("wood", dark=True)
    going = deep / steps
    for k in range(steps):
        y, z = -deep / 2 + (k + 0.5) * going, (k + 1) * climb / steps
        w.box((wide - 0.06, going + 0.03, 0.035), (0, y, z - 0.035), wood, bevel=0.008)
        if not w.of(Manner.INDUSTRIAL, Manner.CONTEMPORARY):
            w.box(
                (wide - 0.08, 0.018, climb / steps - 0.03),
                (0, y - going / 2 + 0.01, z - climb / steps),
                w.paint(make.palette.trim),
            )
    for side in (-1.0, 1.0):
        x = side * (wide / 2 - 0.02)
        flat = [
            (-deep / 2, 0.0),
            (-deep / 2 + 0.25, 0.0),
            (deep / 2, climb - 0.25),
            (deep / 2, climb),
            (deep / 2 - 0.02, climb),
            (-deep / 2, 0.16),
        ]
        w.add(m.extrude(flat, 0.035), wood, (x - 0.0175, 0, 0), (90, 0, 90), bevel=0.004)
        if not rise:
            continue
        w.add(
            m.sweep([(x, -deep / 2 + 0.06, rise + 0.12), (x, deep / 2 - 0.04, high - 0.03)], m.rounded(0.06, 0.05, 0.02, 4)),
            w.wood(role=""),
        )
        w.box((0.09, 0.09, rise + 0.2), (x, -deep / 2 + 0.05, 0), wood, bevel=0.008)
        for k in range(steps):
            for half in (0.25, 0.75):
                t = (k + half) / steps
                w.rod(
                    0.012,
                    rise - 0.02,
                    (x, -deep / 2 + t * deep, max(0.0, t * climb)),
                    wood if not w.of(Manner.INDUSTRIAL) else w.metal(),
                    segments=8,
                )
    return w.thing()


def column(make: Make) -> Thing:
    """A pillar with base and capital, fluted in the old way, riveted in iron, square in concrete."""
    w = Workshop(make, "body")
    wide, high = w.width, w.height
    r = 0.36 * wide
    if w.of(Manner.INDUSTRIAL, Manner.SEVENTIES, Manner.NINETIES):
        w.box((0.74 * wide, 0.74 * w.depth, high), (0, 0, 0), w.stuff(K.CONCRETE, "#8a8780", "body"), bevel=0.015)
        w.box((wide, w.depth, 0.06), (0, 0, high - 0.06), w.stuff(K.CONCRETE, "#8a8780", "body"), bevel=0.01)
        return w.thing()
    stone = (
        w.stuff(K.MARBLE if w.of(Manner.DECO) else K.PLASTER, make.palette.trim, "body")
        if not w.of(Manner.RUSTIC)
        else w.wood(0.8, role="body")
    )
    w.box((wide, w.depth, 0.1), (0, 0, 0), stone, bevel=0.008)
    w.lathe(
        [
            (1.3 * r, 0.1),
            (1.34 * r, 0.13),
            (1.15 * r, 0.17),
            (1.22 * r, 0.2),
            (1.0 * r, 0.24),
            (0.86 * r, high - 0.3),
            (1.0 * r, high - 0.27),
            (0.9 * r, high - 0.24),
            (1.25 * r, high - 0.13),
            (1.3 * r, high - 0.1),
        ],
        (0, 0, 0),
        stone,
        segments=40,
    )
    if w.of(Manner.EDWARDIAN):
        for k in range(20):
            a = math.radians(18 * k)
            w.tube(
                [
                    (0.985 * r * math.cos(a), 0.985 * r * math.sin(a), 0.28),
                    (0.86 * r * math.cos(a), 0.86 * r * math.sin(a), high - 0.34),
                ],
                0.05 * r,
                toned(stone, 0.94),
                segments=6,
            )
    w.box((wide, w.depth, 0.1), (0, 0, high - 0.1), stone, bevel=0.008)
    return w.thing()


def folding_screen(make: Make) -> Thing:
    """Three leaves at angles, of paper, cloth or on a hospital frame."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    metal = w.of(Manner.INDUSTRIAL, Manner.CONTEMPORARY, Manner.NINETIES)
    frame = w.stuff(K.CHROME, (0.6, 0.6, 0.6)) if metal else w.wood()
    cloth = w.stuff(K.COTTON, "#d8dcd4" if metal else make.palette.fabric_2, "fabric")
    for k in range(3):
        x0, x1 = -wide / 2 + k * wide / 3, -wide / 2 + (k + 1) * wide / 3
        y0, y1 = (-deep / 2 + 0.02, deep / 2 - 0.02) if k % 2 == 0 else (deep / 2 - 0.02, -deep / 2 + 0.02)
        corners = [(x0, y0, 0.08), (x1, y1, 0.08), (x1, y1, high), (x0, y0, high)]
        w.tube(corners, 0.014, frame, closed=True)
        size = math.hypot(x1 - x0, y1 - y0) - 0.03
        w.add(
            curtain(size, high - 0.14, 0.02, folds=6, seed=k),
            cloth,
            ((x0 + x1) / 2, (y0 + y1) / 2, 0.11),
            (0, 0, math.degrees(math.atan2(y1 - y0, x1 - x0))),
        )
        for x, y in ((x0, y0), (x1, y1)):
            w.rod(0.014, 0.08, (x, y, 0), frame)
    return w.thing()


def drape(make: Make) -> Thing:
    """A length of cloth from a rail, tied to one side."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    w.add(
        curtain(wide, high - 0.03, deep, folds=max(4, round(wide / 0.16)), seed=make.seed, tied=0.45 if wide < 2 else 0.0),
        w.fabric(),
        (0, 0, 0),
    )
    w.tube([(-wide / 2, 0, high - 0.015), (wide / 2, 0, high - 0.015)], 0.014, w.metal())
    return w.thing()


def marquee_pole(make: Make) -> Thing:
    """A tent pole in its sleeve, wound with leaves, swags at its head."""
    w = Workshop(make, "wood")
    wide, high = w.width, w.height
    w.rod(0.045, high, (0, 0, 0), w.wood())
    w.lathe([(0, 0), (0.14, 0), (0.12, 0.03), (0.05, 0.06), (0, 0.06)], (0, 0, 0), w.metal(dark=True))
    turns = np.linspace(0, 9 * 2 * math.pi, 140)
    line = np.stack([0.055 * np.cos(turns), 0.055 * np.sin(turns), np.linspace(0.15, high - 0.4, 140)], 1)
    w.tube(line, 0.006, w.stuff(K.BARK, "#4a4a30"), segments=5)
    from setpiece.stage.sets.soft import leaves

    w.add(
        leaves(np.repeat(line, 3, 0) * (1.25, 1.25, 1.0) + w.rng.normal(0, 0.015, (420, 3)), 0.03, make.seed),
        w.stuff(K.LEAF, "#3f5f34"),
    )
    skirt = [(0.05, 0), (0.4 * wide, 0.1), (0.5 * wide, 0.3), (0.49 * wide, 0.3), (0.39 * wide, 0.1), (0.04, 0.0)]
    w.lathe([(r, high - 0.3 + z) for r, z in skirt], (0, 0, 0), w.stuff(K.COTTON, make.palette.accent), ring=True, segments=36)
    return w.thing()


def fire_extinguisher(make: Make) -> Thing:
    """A red cylinder with hose and gauge on its hook."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    r = 0.4 * min(wide, deep)
    red = w.paint("#b01c14", "body", roughness=0.2)
    w.lathe(
        [(0, 0), (0.95 * r, 0), (r, 0.02), (r, 0.7 * high), (0.7 * r, 0.8 * high), (0.25 * r, 0.84 * high), (0, 0.84 * high)],
        (0, 0, 0),
        red,
        segments=30,
    )
    w.rod(0.2 * r, 0.1 * high, (0, 0, 0.83 * high), w.metal())
    w.box((0.03, 0.09, 0.015), (0, -0.05, high - 0.03), w.plastic(), turn=(-15, 0, 0))
    w.tube(
        [(0, 0, 0.88 * high), (0.6 * r, 0, 0.86 * high), (1.05 * r, 0, 0.6 * high), (1.02 * r, 0, 0.2 * high)],
        0.012,
        w.plastic(),
        bent=4,
    )
    w.lathe(
        [(0, 0), (r + 0.001, 0.0), (r + 0.001, 0.22 * high), (0, 0.22 * high)],
        (0, 0, 0.3 * high),
        w.stuff(K.PAPER, "#e8e4d8"),
        segments=30,
    )
    return w.thing()


def dartboard(make: Make) -> Thing:
    """A dartboard: sectors, wires, two darts."""
    w = Workshop(make, "body")
    r, deep, high = w.width / 2, w.depth, w.height
    w.add(
        m.cylinder(r, 0.5 * deep, segments=40), w.plastic("#14120f", "body", roughness=0.8), (0, deep / 2, high / 2), (90, 0, 0)
    )
    y = deep / 2 - 0.52 * deep
    for k in range(20):
        a0, a1 = (math.radians(18 * (k + d) - 9) for d in (0, 1))
        flat = [
            (0.06 * r * math.cos(a0), 0.06 * r * math.sin(a0)),
            (0.75 * r * math.cos(a0), 0.75 * r * math.sin(a0)),
            (0.75 * r * math.cos(a1), 0.75 * r * math.sin(a1)),
            (0.06 * r * math.cos(a1), 0.06 * r * math.sin(a1)),
        ]
        w.add(m.extrude(flat, 0.002), w.stuff(K.ROPE, "#12100e" if k % 2 else "#d8caa4"), (0, y + 0.001, high / 2), (90, 0, 0))
    for inner, outer in ((0.72, 0.77), (0.44, 0.49)):
        w.lathe(
            [(inner * r, 0), (outer * r, 0), (outer * r, 0.003), (inner * r, 0.003)],
            (0, y, high / 2),
            w.stuff(K.ROPE, "#8a2018"),
            ring=True,
            turn=(90, 0, 0),
            segments=40,
        )
    w.rod(0.06 * r, 0.004, (0, y, high / 2), w.stuff(K.ROPE, "#a02018"), turn=(90, 0, 0))
    return w.thing()


KINDS = (
    Kind(name="fireplace", category="fittings", layer="furniture", size_m=(1.5, 0.42, 1.2), build=fireplace,
         relation=R.AGAINST, clearance_m=(0.7, 0.0), top=True, synonyms=("hearth", "mantelpiece", "chimney", "mantel",
         "open fire", "inglenook")),
    Kind(name="radiator", category="fittings", layer="furniture", size_m=(0.9, 0.16, 0.68), build=radiator,
         relation=R.AGAINST, synonyms=("heater", "heating", "cast iron radiator")),
    Kind(name="vent", category="fittings", layer="dressing", size_m=(0.5, 0.04, 0.35), build=vent, relation=R.MOUNTED,
         wall_height_m=2.1, synonyms=("air vent", "ventilation grille", "grille", "louvre")),
    Kind(name="ladder", category="fittings", layer="furniture", size_m=(0.5, 0.6, 1.75), build=ladder, relation=R.AGAINST,
         synonyms=("step ladder", "stepladder", "library steps")),
    Kind(name="stairs", category="fittings", layer="furniture", size_m=(1.0, 2.8, 2.9), build=stairs, relation=R.AGAINST,
         clearance_m=(0.6, 0.0), synonyms=("staircase", "stair", "steps", "flight of stairs")),
    Kind(name="column", category="fittings", layer="furniture", size_m=(0.46, 0.46, 2.6), build=column,
         synonyms=("pillar", "post", "pedestal column")),
    Kind(name="folding_screen", category="fittings", layer="furniture", size_m=(1.6, 0.4, 1.75), build=folding_screen,
         synonyms=("room divider", "privacy screen", "hospital screen", "partition", "dressing screen")),
    Kind(name="drape", category="fittings", layer="dressing", size_m=(1.4, 0.16, 2.4), build=drape, relation=R.AGAINST,
         synonyms=("curtain", "curtains", "hanging cloth", "backdrop", "swag", "drapery", "stage curtain")),
    Kind(name="marquee_pole", category="fittings", layer="furniture", size_m=(0.5, 0.5, 3.0), build=marquee_pole,
         synonyms=("tent pole", "garlanded pole", "maypole")),
    Kind(name="fire_extinguisher", category="fittings", layer="dressing", size_m=(0.19, 0.18, 0.52), build=fire_extinguisher,
         relation=R.AGAINST, synonyms=("extinguisher", "oxygen bottle", "gas cylinder", "oxygen cylinder")),
    Kind(name="dartboard", category="fittings", layer="dressing", size_m=(0.45, 0.06, 0.45), build=dartboard,
         relation=R.MOUNTED, wall_height_m=1.5, synonyms=("dart board", "darts")),
)  # fmt: skip
