"""Lamps, with the light that they really give: a 40 W bulb 400 lm at 2700 K, a 60 W one 700 lm.

What is seen glowing is as bright as that makes it; shades let the light of their lamp through.
"""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds import joinery as j
from setpiece.stage.sets.kinds.joinery import K, bulb, shade
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, linear, polar
from setpiece.stage.sets.soft import sagging

R = Relation
_PLAIN_BASE = ((0.42, 0), (0.45, 0.3), (0.45, 0.75), (0.1, 0.8), (0.08, 1.0))
_BASES = {
    Manner.EDWARDIAN: ((0.6, 0), (0.6, 0.04), (0.25, 0.1), (0.15, 0.2), (0.5, 0.4), (0.5, 0.55), (0.15, 0.75), (0.12, 1.0)),
    Manner.DECO: ((0.6, 0), (0.6, 0.06), (0.5, 0.06), (0.5, 0.12), (0.4, 0.12), (0.4, 0.18), (0.1, 0.18), (0.1, 1.0)),
    Manner.FIFTIES: ((0.35, 0), (0.5, 0.2), (0.3, 0.7), (0.1, 0.9), (0.08, 1.0)),
    Manner.SEVENTIES: ((0.5, 0), (0.75, 0.15), (0.8, 0.4), (0.5, 0.75), (0.2, 0.85), (0.15, 1.0)),
    Manner.RUSTIC: ((0.45, 0), (0.6, 0.15), (0.62, 0.45), (0.35, 0.8), (0.15, 0.9), (0.1, 1.0)),
    Manner.INDUSTRIAL: ((0.55, 0), (0.55, 0.08), (0.1, 0.12), (0.08, 1.0)),
    Manner.FUTURISTIC: ((0.55, 0), (0.55, 0.03), (0.1, 0.05), (0.06, 1.0)),
}  # a lamp's base as shares of its radius and height


def table_lamp(make: Make) -> Thing:
    """A base of its time under a shade; 450 lm."""
    w = Workshop(make, "metal")
    high, r = w.height, w.width / 2
    tall = 0.4 * high
    base = high - tall - 0.02
    ceramic = w.stuff(K.CERAMIC, make.palette.accent, "metal")
    rows, material = _BASES.get(w.manner, _PLAIN_BASE), ceramic
    if w.of(Manner.EDWARDIAN, Manner.DECO, Manner.INDUSTRIAL, Manner.FUTURISTIC):
        material = w.metal("metal", dark=w.of(Manner.INDUSTRIAL))
    w.lathe([(0.0, 0.0), *((x * r * 0.9, z * base) for x, z in rows), (0.0, base)], (0, 0, 0), material, segments=32)
    kelvin = make.kelvin or 2700.0
    shade(w, r, tall, (0, 0, high - tall), kelvin, 450 / (math.pi * r * tall * 6.0))
    w.tube([(0, 0, base), (0, 0, high - 0.6 * tall)], 0.008, w.metal())
    bulb(w, (0, 0, high - 0.55 * tall), 450, 2700)
    return w.thing()


def lava_lamp(make: Make) -> Thing:
    """Wax rising in a lit bottle, between a foot and a cap of spun metal; 60 lm."""
    w = Workshop(make, "metal")
    high, r = w.height, w.width / 2
    metal = w.metal("metal")
    low, top = 0.3 * high, 0.86 * high
    w.lathe([(0, 0), (r, 0), (r, 0.01), (0.62 * r, 0.55 * low), (0.86 * r, low), (0, low)], (0, 0, 0), metal, segments=32)
    w.lathe([(0, top), (0.52 * r, top), (0.36 * r, high), (0, high)], (0, 0, 0), metal, segments=32)
    tint = linear(make.colour or w.pick(("#e8442c", "#d8309a", "#3f6fe0", "#58c43c")))
    w.lathe(
        [(0.84 * r, low), (0.52 * r, top), (0, top)], (0, 0, 0), w.glow(260.0, tint, K.LAMPSHADE), segments=32, shadow=False
    )
    for share, size in ((0.2, 0.34), (0.45, 0.22), (0.72, 0.27)):
        at = (0.12 * r * math.sin(9 * share + make.seed), 0.0, low + share * (top - low))
        rows = [(size * r * math.cos(a), 1.5 * size * r * math.sin(a)) for a in np.linspace(-math.pi / 2, math.pi / 2, 11)]
        w.lathe(rows, at, w.glow(900.0, tint), segments=20, shadow=False)
    w.lamp((0, 0, 0.5 * (low + top)), 60, 2700, radius=0.05, tint=tint)
    return w.thing()


def floor_lamp(make: Make) -> Thing:
    """A standard lamp; 800 lm."""
    w = Workshop(make, "metal")
    high, r = w.height, w.width / 2
    tall = min(0.34, 0.22 * high)
    pole = w.wood() if w.of(Manner.EDWARDIAN, Manner.RUSTIC) else w.metal("metal")
    if w.of(Manner.EDWARDIAN, Manner.RUSTIC):
        w.lathe(
            [(0.15, 0), (0.15, 0.03), (0.06, 0.06), (0.03, 0.12), (0.045, 0.3), (0.02, 0.4), (0.028, 0.7), (0.02, high - tall)],
            (0, 0, 0),
            pole,
        )
    elif w.of(Manner.FIFTIES):
        for k in range(3):
            end = polar(0.75 * r, 90 + 120 * k)
            w.add(j.strut(end, (0.0, 0.0, high - tall - 0.1), 0.009, 0.014), w.wood())
        w.rod(0.02, 0.12, (0, 0, high - tall - 0.14), w.metal("metal"))
    else:
        w.lathe([(0.14, 0), (0.14, 0.018), (0.02, 0.03), (0.011, 0.05), (0.011, high - tall)], (0, 0, 0), pole)
    shade(w, r, tall, (0, 0, high - tall), 2700, 800 / (math.pi * r * tall * 6.0))
    w.tube([(0, 0, high - tall - 0.1), (0, 0, high - 0.6 * tall)], 0.009, w.metal())
    bulb(w, (0, 0, high - 0.5 * tall), 800, 2700, 0.035)
    return w.thing()


def pendant(make: Make) -> Thing:
    """A lamp on a flex from a rose in the ceiling; 700 lm."""
    w = Workshop(make, "metal")
    high, r = w.height, w.width / 2
    tall = min(1.1 * r, 0.45 * high)
    w.lathe([(0.0, 0.0), (0.012, 0.0), (0.05, 0.03), (0.055, 0.045), (0.0, 0.045)], (0, 0, high - 0.045), w.plastic("#e8e2d4"))
    w.rod(0.004, high - tall - 0.03, (0, 0, tall), w.stuff(K.ROPE if w.of(Manner.RUSTIC) else K.PLASTIC, "#1c1a18"), segments=8)
    shade(w, r, tall, (0, 0, 0), 2700, 700 / (math.pi * r * tall * 6.0))
    w.rod(0.022, 0.07, (0, 0, tall - 0.03), w.metal("metal"))
    bulb(w, (0, 0, 0.5 * tall), 700, 2700, 0.032)
    return w.thing()


def bare_bulb(make: Make) -> Thing:
    """A bulb in its holder on a twisted flex; 400 lm."""
    w = Workshop(make, "metal")
    high = w.height
    w.lathe([(0.0, 0), (0.02, 0), (0.045, 0.02), (0.045, 0.03), (0, 0.03)], (0, 0, high - 0.03), w.plastic("#2a2622"))
    line = [(0.004 * math.sin(z * 60), 0.004 * math.cos(z * 60), z) for z in np.linspace(0.14, high - 0.01, 60)]
    w.tube(line, 0.004, w.plastic("#3a2c1e"), segments=6)
    w.rod(0.019, 0.06, (0, 0, 0.1), w.plastic("#1a1614"))
    bulb(w, (0, 0, 0.055), 400, 2500, 0.034)
    return w.thing()


def chandelier(make: Make) -> Thing:
    """Arms with candles or shades about a stem; 200 lm each."""
    w = Workshop(make, "metal")
    high, r = w.height, w.width / 2
    metal = w.metal("metal")
    arms = 8 if r > 0.35 else 6
    drop = 0.55 * high
    stem = [(0, 0), (0.03, 0.01), (0.06, 0.06), (0.075, 0.12), (0.03, 0.2), (0.02, 0.28), (0.045, 0.34), (0.012, 0.42)]
    scale = min(1.0, 0.7 * high / 0.42)
    w.lathe([*((r, z * scale) for r, z in stem), (0.012, high)], (0, 0, 0), metal)
    w.lathe([(0, 0), (0.02, 0), (0.07, 0.03), (0.07, 0.04), (0, 0.04)], (0, 0, high - 0.04), metal)
    modern = w.of(Manner.CONTEMPORARY, Manner.FUTURISTIC, Manner.FIFTIES, Manner.INDUSTRIAL)
    for number in range(arms):
        a = math.radians(360 * number / arms)
        c, s = math.cos(a), math.sin(a)
        tip = 0.92 * r
        z = 0.34 * drop
        if modern:
            w.tube([(0.03 * c, 0.03 * s, 0.12), (tip * c, tip * s, 0.12 + (0.1 if number % 2 else -0.04))], 0.007, metal)
            bulb(w, (tip * c, tip * s, 0.16 + (0.1 if number % 2 else -0.04)), 200, 2700, 0.035)
            continue
        w.tube(
            [
                (0.05 * c, 0.05 * s, 0.1),
                (0.4 * r * c, 0.4 * r * s, 0.02),
                (0.8 * r * c, 0.8 * r * s, 0.06),
                (tip * c, tip * s, z),
            ],
            0.008,
            metal,
            bent=6,
        )
        w.lathe(
            [(0.0, 0), (0.035, 0.01), (0.04, 0.018), (0.016, 0.02), (0.016, 0.03), (0.0, 0.03)],
            (tip * c, tip * s, z),
            metal,
            segments=14,
        )
        w.rod(0.011, 0.09, (tip * c, tip * s, z + 0.03), w.stuff(K.CERAMIC, "#efe6cf"), segments=10)
        bulb(w, (tip * c, tip * s, z + 0.145), 200, 2400, 0.016)
        after = math.radians(360 * (number + 1) / arms)
        crystal = w.stuff(K.GLASS, (0.95, 0.97, 1.0))
        for bead in sagging((tip * c, tip * s, z), (tip * math.cos(after), tip * math.sin(after), z), 0.1, 9)[1:-1]:
            w.lathe([(0, -0.012), (0.009, 0), (0, 0.012)], tuple(bead), crystal, segments=6)
        for bead in sagging((0.05 * c, 0.05 * s, 0.42), (tip * c, tip * s, z + 0.03), 0.06, 8)[1:-1]:
            w.lathe([(0, -0.01), (0.008, 0), (0, 0.01)], tuple(bead), crystal, segments=6)
    return w.thing()


def wall_lamp(make: Make) -> Thing:
    """A bracket with a shade; 350 lm. Its back is at the wall."""
    w = Workshop(make, "metal")
    wide, deep, high = w.width, w.depth, w.height
    back, r = deep / 2, 0.45 * wide
    metal = w.metal("metal")
    if w.of(Manner.INDUSTRIAL):
        w.rod(0.075, 0.04, (0, back, 0.5 * high), metal, turn=(90, 0, 0))
        w.add(
            m.lathe([(0, 0), (0.05, 0.0), (0.055, 0.08), (0.03, 0.12), (0, 0.13)], 20),
            w.glow(350 / 0.25, "#ffe6bc", K.LAMPSHADE),
            (0, back - 0.04, 0.5 * high),
            (90, 0, 0),
            shadow=False,
        )
        for k in range(6):
            a = math.radians(60 * k)
            w.tube(
                [
                    (0.07 * math.cos(a), back - 0.03, 0.5 * high + 0.07 * math.sin(a)),
                    (0.07 * math.cos(a), back - 0.13, 0.5 * high + 0.07 * math.sin(a)),
                    (0, back - 0.19, 0.5 * high),
                ],
                0.005,
                metal,
                bent=3,
            )
        w.lamp((0, back - 0.12, 0.5 * high), 350, 2900, radius=0.05)
        return w.thing()
    if w.of(Manner.DECO, Manner.CONTEMPORARY, Manner.FUTURISTIC):
        glow = w.glow(350 / 0.2, "#fff0d8", K.LAMPSHADE)
        angle = np.linspace(-math.pi / 2, math.pi / 2, 13)
        rings = [
            [(r * k * math.sin(a), back - 0.8 * deep * k * math.cos(a), z * high) for a in angle]
            for k, z in ((0.35, 0.1), (0.55, 0.3), (0.8, 0.6), (1.0, 0.9))
        ]
        w.add(m.skin(np.array(rings), around=False), glow, shadow=False)
        w.box((0.5 * wide, 0.02, 0.9 * high), (0, back - 0.01, 0.05 * high), metal)
        for share, z in ((0.36, 0.1), (0.82, 0.6)):
            w.tube([(r * share * math.sin(a), back - 0.8 * deep * share * math.cos(a), z * high) for a in angle], 0.006, metal)
        w.lamp((0, back - 0.4 * deep, 0.75 * high), 350, 2700, radius=0.04)
        return w.thing()
    w.add(m.lathe([(0.05, 0), (0.05, 0.01), (0.03, 0.022), (0, 0.03)], 20), metal, (0, back, 0.34 * high), (90, 0, 0))
    y = back - 0.62 * deep
    w.tube(
        [(0, back - 0.02, 0.34 * high), (0, back - 0.3 * deep, 0.16 * high), (0, y, 0.22 * high), (0, y, 0.36 * high)],
        0.008,
        metal,
        bent=6,
    )
    w.rod(0.016, 0.06, (0, y, 0.34 * high), w.stuff(K.CERAMIC, "#efe6cf"))
    shade(w, min(r, 0.36 * deep), 0.5 * high, (0, y, 0.5 * high), 2700, 350 / 0.3)
    bulb(w, (0, y, 0.68 * high), 350, 2700, 0.02)
    return w.thing()


def desk_lamp(make: Make) -> Thing:
    """A banker's lamp, or an arm with a metal hood; 450 lm downward."""
    w = Workshop(make, "metal")
    wide, deep, high = w.width, w.depth, w.height
    if w.of(Manner.EDWARDIAN, Manner.DECO, Manner.RUSTIC):
        brass = w.metal("metal")
        w.lathe(
            [(0.3 * wide, 0), (0.3 * wide, 0.015), (0.08 * wide, 0.04), (0.012, 0.07), (0.01, high - 0.1)],
            (0, 0.1 * deep, 0),
            brass,
        )
        flat = [(0.11 * math.cos(a), 0.09 * math.sin(a)) for a in np.linspace(0, math.pi, 13)]
        inner = [(0.104 * math.cos(a), 0.084 * math.sin(a)) for a in np.linspace(math.pi, 0, 13)]
        hood = w.stuff(K.LAMPSHADE, "#1d5a38", glow_nits=160.0 if make.lit else 0.0)
        w.add(m.extrude(flat + inner, 0.92 * wide), hood, (-0.46 * wide, 0.0, high - 0.1), (90, 0, 90), shadow=False)
        w.tube([(0, 0.1 * deep, high - 0.1), (0, 0.05 * deep, high - 0.01), (0, 0, high - 0.005)], 0.008, brass, bent=3)
        w.both(lambda side: w.rod(0.012, 0.02, (side * 0.47 * wide, 0, high - 0.06), brass, turn=(0, 90, 0)))
        w.add(m.cylinder(0.014, 0.6 * wide), w.glow(4000, "#ffe2b0"), (-0.3 * wide, 0, high - 0.06), (0, 90, 0), shadow=False)
        w.spot((0, 0, high - 0.05), (0, -0.25, -1), 400, 2700, 140)
        return w.thing()
    arm = (
        w.paint(make.palette.accent, "metal", roughness=0.3)
        if not w.of(Manner.CONTEMPORARY, Manner.FUTURISTIC)
        else w.metal("metal", dark=True)
    )
    y0, elbow, head = 0.38 * deep, (0.0, 0.44 * deep, 0.62 * high), (0.0, -0.22 * deep, 0.9 * high)
    w.lathe([(0.09, 0), (0.09, 0.02), (0.02, 0.035), (0.014, 0.07)], (0, y0, 0), arm)
    w.tube([(0, y0, 0.05), elbow], 0.007, arm)
    w.tube([elbow, head], 0.007, arm)
    w.rod(0.014, 0.03, (elbow[0] - 0.015, elbow[1], elbow[2]), w.metal(), turn=(0, 90, 0))
    cone = [
        (0.08, 0),
        (0.085, 0.01),
        (0.075, 0.06),
        (0.035, 0.11),
        (0.025, 0.15),
        (0.022, 0.15),
        (0.032, 0.108),
        (0.07, 0.06),
        (0.079, 0.01),
    ]
    w.add(m.lathe(cone, 26, ring=True), arm, (0, -0.26 * deep, 0.78 * high), (-18, 0, 0))
    w.lathe(
        [(0, -0.03), (0.026, -0.01), (0.028, 0.01), (0, 0.05)],
        (0, -0.27 * deep, 0.83 * high),
        w.glow(5000, "#ffe8c0"),
        shadow=False,
    )
    w.spot((0, -0.27 * deep, 0.84 * high), (0, -0.3, -1), 450, 2800, 110)
    return w.thing()


KINDS = (
    Kind(name="table_lamp", category="lamps", layer="dressing", size_m=(0.34, 0.34, 0.52), build=table_lamp, relation=R.ON,
         synonyms=("bedside lamp", "lamp", "reading lamp")),
    Kind(name="lava_lamp", category="lamps", layer="dressing", size_m=(0.12, 0.12, 0.42), build=lava_lamp, relation=R.ON,
         synonyms=("astro lamp", "lava light")),
    Kind(name="floor_lamp", category="lamps", layer="furniture", size_m=(0.44, 0.44, 1.62), build=floor_lamp,
         relation=R.BESIDE, synonyms=("standard lamp", "standing lamp", "arc lamp")),
    Kind(name="pendant", category="lamps", layer="furniture", size_m=(0.42, 0.42, 0.9), build=pendant, relation=R.HANGING,
         synonyms=("pendant lamp", "ceiling lamp", "hanging lamp", "industrial lamp", "ceiling light", "overhead lamp")),
    Kind(name="bare_bulb", category="lamps", layer="dressing", size_m=(0.09, 0.09, 0.6), build=bare_bulb, relation=R.HANGING,
         synonyms=("naked bulb", "light bulb", "single bulb", "bulb")),
    Kind(name="chandelier", category="lamps", layer="furniture", size_m=(0.9, 0.9, 0.95), build=chandelier,
         relation=R.HANGING, synonyms=("crystal chandelier", "electrolier")),
    Kind(name="wall_lamp", category="lamps", layer="furniture", size_m=(0.2, 0.22, 0.34), build=wall_lamp,
         relation=R.MOUNTED, wall_height_m=1.62, synonyms=("sconce", "wall sconce", "wall light", "bracket lamp",
         "bulkhead light")),
    Kind(name="desk_lamp", category="lamps", layer="dressing", size_m=(0.2, 0.3, 0.44), build=desk_lamp, relation=R.ON,
         synonyms=("banker's lamp", "bankers lamp", "anglepoise", "work lamp", "task lamp")),
)  # fmt: skip
