"""Practicals, with the light that they really give: lumens and kelvin of their bulbs, tubes, flames.

A 40 W bulb gives 400 lm at 2700 K, a 60 W one 700 lm, a 1.2 m tube 3200 lm at 4000 K, a candle 13 lm at 1900 K, a theatre par
7000 lm at 3200 K. What is seen glowing is as bright as that makes it; shades let the light of their lamp through.
"""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds import joinery as j
from setpiece.stage.sets.kinds.joinery import K, bulb, shade
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, linear, polar, toned
from setpiece.stage.sets.soft import sagging

R = Relation
_NEON = ("#ff3a5c", "#38c8ff", "#ff8a2c", "#b05cff", "#4cff9a", "#ff4fd8")


def table_lamp(make: Make) -> Thing:
    """A base of its time under a shade; 450 lm."""
    w = Workshop(make, "metal")
    high, r = w.height, w.width / 2
    tall = 0.4 * high
    base = high - tall - 0.02
    ceramic = w.stuff(K.CERAMIC, make.palette.accent, "metal")
    profiles = {
        Manner.EDWARDIAN: (
            [(0.6, 0), (0.6, 0.04), (0.25, 0.1), (0.15, 0.2), (0.5, 0.4), (0.5, 0.55), (0.15, 0.75), (0.12, 1.0)],
            w.metal("metal"),
        ),
        Manner.DECO: (
            [(0.6, 0), (0.6, 0.06), (0.5, 0.06), (0.5, 0.12), (0.4, 0.12), (0.4, 0.18), (0.1, 0.18), (0.1, 1.0)],
            w.metal("metal"),
        ),
        Manner.FIFTIES: ([(0.35, 0), (0.5, 0.2), (0.3, 0.7), (0.1, 0.9), (0.08, 1.0)], ceramic),
        Manner.SEVENTIES: ([(0.5, 0), (0.75, 0.15), (0.8, 0.4), (0.5, 0.75), (0.2, 0.85), (0.15, 1.0)], ceramic),
        Manner.RUSTIC: (
            [(0.45, 0), (0.6, 0.15), (0.62, 0.45), (0.35, 0.8), (0.15, 0.9), (0.1, 1.0)],
            w.stuff(K.CERAMIC, "#8a7656", "metal"),
        ),
        Manner.INDUSTRIAL: ([(0.55, 0), (0.55, 0.08), (0.1, 0.12), (0.08, 1.0)], w.metal("metal", dark=True)),
        Manner.FUTURISTIC: ([(0.55, 0), (0.55, 0.03), (0.1, 0.05), (0.06, 1.0)], w.metal("metal")),
    }
    rows, material = profiles.get(w.manner, ([(0.42, 0), (0.45, 0.3), (0.45, 0.75), (0.1, 0.8), (0.08, 1.0)], ceramic))
    w.lathe([(0.0, 0.0), *((x * r * 0.9, z * base) for x, z in rows), (0.0, base)], (0, 0, 0), material, segments=32)
    kelvin = make.kelvin or 2700.0
    shade(w, r, tall, (0, 0, high - tall), kelvin, 450 / (math.pi * r * tall * 6.0))
    w.tube([(0, 0, base), (0, 0, high - 0.6 * tall)], 0.008, w.metal())
    bulb(w, (0, 0, high - 0.55 * tall), 450, 2700)
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
            w.add(j._strut(end, (0.0, 0.0, high - tall - 0.1), 0.009, 0.014), w.wood())
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
    w.lathe(
        [
            (0, 0),
            (0.05, 0.02),
            (0.02, 0.06),
            (0.06, 0.12),
            (0.075, 0.2),
            (0.03, 0.28),
            (0.02, 0.36),
            (0.045, 0.42),
            (0.012, 0.5),
            (0.012, 1.0),
        ]
        if high < 0.3
        else [
            (0, 0),
            (0.03, 0.01),
            (0.06, 0.06),
            (0.075, 0.12),
            (0.03, 0.2),
            (0.02, 0.28),
            (0.045, 0.34),
            (0.012, 0.42),
            (0.012, high),
        ],
        (0, 0, 0),
        metal,
    )
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
            rib = [(r * share * math.sin(a), back - 0.8 * deep * share * math.cos(a), z * high) for a in angle]
            w.tube(rib, 0.006, metal)
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
    steel = (
        w.paint(make.palette.accent, "metal", roughness=0.3)
        if not w.of(Manner.CONTEMPORARY, Manner.FUTURISTIC)
        else w.metal("metal", dark=True)
    )
    y0, elbow, head = 0.38 * deep, (0.0, 0.44 * deep, 0.62 * high), (0.0, -0.22 * deep, 0.9 * high)
    w.lathe([(0.09, 0), (0.09, 0.02), (0.02, 0.035), (0.014, 0.07)], (0, y0, 0), steel)
    w.tube([(0, y0, 0.05), elbow], 0.007, steel)
    w.tube([elbow, head], 0.007, steel)
    w.rod(0.014, 0.03, (elbow[0] - 0.015, elbow[1], elbow[2]), w.metal(), turn=(0, 90, 0))
    metal_hood = [
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
    w.add(m.lathe(metal_hood, 26, ring=True), steel, (0, -0.26 * deep, 0.78 * high), (-18, 0, 0))
    w.lathe(
        [(0, -0.03), (0.026, -0.01), (0.028, 0.01), (0, 0.05)],
        (0, -0.27 * deep, 0.83 * high),
        w.glow(5000, "#ffe8c0"),
        shadow=False,
    )
    w.spot((0, -0.27 * deep, 0.84 * high), (0, -0.3, -1), 450, 2800, 110)
    return w.thing()


def fluorescent(make: Make) -> Thing:
    """A batten with two tubes; 3200 lm at 4000 K."""
    w = Workshop(make, "metal")
    wide, deep, high = w.width, w.depth, w.height
    body = w.paint("#e6e8e4", "metal")
    w.box((wide, 0.5 * deep, 0.5 * high), (0, 0, 0.5 * high), body, bevel=0.006)
    wings = [(-0.5 * deep, 0.35 * high), (-0.25 * deep, 0.8 * high), (0.25 * deep, 0.8 * high), (0.5 * deep, 0.35 * high)]
    w.add(
        m.sweep(
            [(-wide / 2, 0, 0), (wide / 2, 0, 0)],
            [
                (-y, z)
                for y, z in [
                    *wings,
                    (0.5 * deep, 0.31 * high),
                    (0.24 * deep, 0.74 * high),
                    (-0.24 * deep, 0.74 * high),
                    (-0.5 * deep, 0.31 * high),
                ]
            ],
            smooth=False,
        ),
        body,
    )
    lumens, kelvin = 3200.0, make.kelvin or 4000.0
    colour = "#f4fbff" if kelvin > 3600 else "#fff0dc"
    for side in (-1.0, 1.0):
        y = side * 0.26 * deep
        w.add(
            m.cylinder(0.013, wide - 0.1), w.glow(9000, colour), (-(wide - 0.1) / 2, y, 0.17 * high), (0, 90, 0), shadow=False
        )
        for end in (-1.0, 1.0):
            w.box((0.03, 0.04, 0.36 * high), (end * (wide / 2 - 0.03), y, 0.05 * high), w.plastic("#dcdcd4"))
    w.area((0, 0, 0.02), (wide - 0.1, 0.8 * deep), (0, 0, -1), lumens, 4000)
    return w.thing()


def lamp_strip(make: Make) -> Thing:
    """A thin line of light in a rail; 1500 lm a metre at 5000 K."""
    w = Workshop(make, "metal")
    wide, deep, high = w.width, w.depth, w.height
    w.box((wide, deep, 0.6 * high), (0, 0, 0.4 * high), w.metal("metal"), bevel=0.003)
    w.block((wide - 0.02, 0.7 * deep, 0.5 * high), (0, 0, 0), w.glow(3500, make.colour or "#eef6ff"), corner=0.2 * deep)
    w.area((0, 0, -0.002), (wide, 0.7 * deep), (0, -0.15, -1), 1500 * wide, 5000)
    return w.thing()


def neon_sign(make: Make) -> Thing:
    """Bent tubes on a backing: a word that says nothing, a figure by seed."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    back = deep / 2
    if not w.of(Manner.CONTEMPORARY):
        w.box((wide, 0.02, high), (0, back - 0.01, 0), w.metal(dark=True), bevel=0.006)
    colours = [make.colour or w.pick(_NEON), w.pick(_NEON)]
    y = back - 0.05

    def bend(points: list[tuple[float, float]], colour: str, closed: bool = False) -> None:
        line = m.curve([(x * 0.38 * wide, y, (0.5 + 0.38 * z) * high) for x, z in points], 6, closed=closed)
        w.add(m.tube(line, 0.009, 7, closed=closed), w.glow(2600, colour), shadow=False)
        for x, z in points[:: max(1, len(points) // 3)]:
            w.rod(
                0.005,
                0.04,
                (x * 0.42 * wide, back - 0.01, (0.5 + 0.42 * z) * high),
                w.stuff(K.GLASS, (0.8, 0.8, 0.8)),
                turn=(90, 0, 0),
                segments=6,
            )

    figure = make.seed % 4
    if figure == 0:
        bend(
            [
                (-0.9, -0.2),
                (-0.7, 0.7),
                (-0.5, -0.2),
                (-0.3, 0.3),
                (-0.1, -0.2),
                (0.05, 0.3),
                (0.2, -0.2),
                (0.4, 0.8),
                (0.5, -0.2),
                (0.75, 0.3),
                (0.95, 0.0),
            ],
            colours[0],
        )
        bend([(-0.9, -0.55), (-0.2, -0.7), (0.5, -0.5), (0.95, -0.65)], colours[1])
    elif figure == 1:
        bend([(-0.55, 0.9), (0.55, 0.9), (0.0, 0.05)], colours[0], True)
        bend([(0.0, 0.05), (0.0, -0.6), (-0.35, -0.75)], colours[0])
        bend([(0.0, -0.6), (0.35, -0.75)], colours[0])
        bend([(0.15, 0.45), (0.3, 0.95), (0.5, 1.0)], colours[1])
    elif figure == 2:
        bend(
            [
                (math.cos(a) * (0.9 if k % 2 else 0.4), math.sin(a) * (0.9 if k % 2 else 0.4))
                for k, a in enumerate(np.arange(10) * math.pi / 5)
            ],
            colours[0],
            True,
        )
    else:
        bend([(-0.95, -0.9), (-0.95, 0.9), (0.95, 0.9), (0.95, -0.9)], colours[1], True)
        bend([(-0.7, 0.0), (-0.45, 0.5), (-0.2, 0.0), (0.05, 0.5), (0.3, 0.0), (0.5, 0.5), (0.7, 0.1)], colours[0])
    tint = linear(colours[0])
    top = max(tint)
    w.area(
        (0, y - 0.02, 0.5 * high),
        (0.8 * wide, 0.8 * high),
        (0, -1, 0),
        450 * (wide + high),
        6500,
        tint=(tint[0] / top, tint[1] / top, tint[2] / top),
    )
    return w.thing()


def candle(make: Make) -> Thing:
    """A candle in a stick, on a saucer or in a jar; 13 lm at 1900 K."""
    w = Workshop(make, "metal")
    high = w.height
    wax = w.stuff(K.PLASTIC, "#efe4c8", roughness=0.45)
    foot = 0.3 * high if w.of(Manner.EDWARDIAN, Manner.DECO, Manner.FIFTIES) else 0.06 * high
    r = min(0.42 * w.width, 0.06)
    if foot > 0.1 * high:
        w.lathe(
            [
                (0, 0),
                (r, 0),
                (0.9 * r, 0.1 * foot),
                (0.25 * r, 0.3 * foot),
                (0.4 * r, 0.6 * foot),
                (0.25 * r, 0.8 * foot),
                (0.5 * r, foot),
                (0, foot),
            ],
            (0, 0, 0),
            w.metal("metal"),
        )
    else:
        w.lathe(
            [(0, 0), (r, 0), (1.1 * r, foot), (1.05 * r, foot), (0.9 * r, 0.4 * foot), (0, 0.3 * foot)],
            (0, 0, 0),
            w.stuff(K.CERAMIC, "#8a7656", "metal"),
        )
    body = high - foot - 0.035
    thin = min(0.5 * r, 0.016) if foot > 0.1 * high else 0.7 * r
    w.lathe([(0, 0), (thin, 0), (thin, body * 0.96), (0.8 * thin, body), (0, body * 0.97)], (0, 0, foot), wax)
    for _ in range(3):
        a = w.chance(0, 6.3)
        w.lathe(
            [(0, 0), (0.004, 0.01), (0.003, 0.3 * body), (0, 0.32 * body)],
            (thin * math.cos(a), thin * math.sin(a), foot + body * 0.66),
            wax,
            segments=6,
        )
    w.rod(0.0008, 0.008, (0, 0, high - 0.036), w.plastic("#181410"), segments=5)
    if make.lit:
        w.lathe(
            [(0, 0), (0.0045, 0.008), (0.003, 0.018), (0, 0.03)],
            (0, 0, high - 0.03),
            w.glow(8000, "#ffb24a"),
            shadow=False,
            segments=10,
        )
    else:
        w.rod(0.0006, 0.004, (0, 0, high - 0.004), w.plastic("#181410"), segments=5)
    w.lamp((0, 0, high - 0.02), 13, 1900, radius=0.008)
    return w.thing()


def candelabra(make: Make) -> Thing:
    """Five candles on branches; on the floor where it is tall."""
    w = Workshop(make, "metal")
    high, r = w.height, w.width / 2
    metal = w.metal("metal")
    w.lathe(
        [
            (0, 0),
            (0.4 * r, 0),
            (0.36 * r, 0.04 * high),
            (0.06 * r, 0.1 * high),
            (0.1 * r, 0.4 * high),
            (0.05 * r, 0.5 * high),
            (0.05 * r, 0.72 * high),
            (0, 0.72 * high),
        ],
        (0, 0, 0),
        metal,
    )
    for k in range(5):
        x = (k - 2) / 2 * 0.9 * r
        z = 0.72 * high + (0.06 * high if k == 2 else 0.0)
        w.tube([(0, 0, 0.56 * high), (0.7 * x, 0, 0.54 * high), (x, 0, z)], 0.006 + 0.004 * (high > 0.8), metal, bent=6)
        w.lathe([(0, 0), (0.03, 0.006), (0.014, 0.012), (0.014, 0.02), (0, 0.02)], (x, 0, z), metal, segments=12)
        w.rod(0.011, high - z - 0.06, (x, 0, z + 0.02), w.stuff(K.PLASTIC, "#efe4c8", roughness=0.45), segments=10)
        w.lathe(
            [(0, 0), (0.0045, 0.008), (0.003, 0.018), (0, 0.036)],
            (x, 0, high - 0.038),
            w.glow(8000, "#ffb24a"),
            shadow=False,
            segments=8,
        )
        w.lamp((x, 0, high - 0.02), 13, 1900, radius=0.008)
    return w.thing()


def lantern(make: Make) -> Thing:
    """A storm lantern: tank, globe, hood, bail; 120 lm at 2000 K."""
    w = Workshop(make, "metal")
    high, r = w.height, w.width / 2
    tin = w.stuff(K.METAL, (0.2, 0.19, 0.17), "metal", roughness=0.5)
    w.lathe(
        [
            (0, 0),
            (0.9 * r, 0),
            (0.95 * r, 0.05 * high),
            (0.9 * r, 0.16 * high),
            (0.4 * r, 0.22 * high),
            (0.4 * r, 0.26 * high),
            (0, 0.26 * high),
        ],
        (0, 0, 0),
        tin,
    )
    w.lathe(
        [
            (0.4 * r, 0.26 * high),
            (0.72 * r, 0.38 * high),
            (0.7 * r, 0.48 * high),
            (0.36 * r, 0.62 * high),
            (0.34 * r, 0.62 * high),
            (0.67 * r, 0.48 * high),
            (0.69 * r, 0.38 * high),
            (0.38 * r, 0.26 * high),
        ],
        (0, 0, 0),
        w.stuff(K.GLASS, (0.98, 0.96, 0.9)),
        ring=True,
        shadow=False,
    )
    w.lathe(
        [
            (0.36 * r, 0),
            (0.5 * r, 0.03 * high),
            (0.5 * r, 0.07 * high),
            (0.3 * r, 0.13 * high),
            (0.3 * r, 0.17 * high),
            (0, 0.19 * high),
        ],
        (0, 0, 0.62 * high),
        tin,
    )
    for side in (-1.0, 1.0):
        w.tube(
            [
                (side * 0.7 * r, 0, 0.12 * high),
                (side * 0.95 * r, 0, 0.3 * high),
                (side * 0.85 * r, 0, 0.62 * high),
                (side * 0.3 * r, 0, 0.76 * high),
            ],
            0.05 * r,
            tin,
            bent=4,
        )
    w.tube(
        [(polar(0.9 * r, a, 0.0)[0], 0.0, (0.62 + 0.37 * math.sin(math.radians(a))) * high) for a in range(0, 181, 15)],
        0.03 * r,
        tin,
    )
    w.lathe(
        [(0, 0), (0.14 * r, 0.06 * high), (0, 0.2 * high)],
        (0, 0, 0.3 * high),
        w.glow(5000, "#ffbf66"),
        shadow=False,
        segments=10,
    )
    w.lamp((0, 0, 0.4 * high), 120, 2000, radius=0.015)
    return w.thing()


def string_lights(make: Make) -> Thing:
    """Bulbs along a sagging cable; 25 lm each."""
    w = Workshop(make, "metal")
    wide, high = w.width, w.height
    spans = max(1, round(wide / 2.2))
    for span in range(spans):
        a, b = (-wide / 2 + k * wide / spans for k in (span, span + 1))
        line = sagging((a, 0, high), (b, 0, high), min(0.9 * high, 0.3), 13)
        w.tube(line, 0.004, w.plastic("#161412"), segments=6)
        for at in line[:-1]:
            colour = w.pick(_NEON) if w.of(Manner.NINETIES, Manner.SEVENTIES) else "#ffdca0"
            w.rod(0.009, 0.025, (at[0], at[1], at[2] - 0.03), w.plastic("#161412"), segments=8)
            w.lathe(
                [(0, -0.05), (0.014, -0.035), (0.016, -0.015), (0.008, 0.0), (0, 0)],
                (at[0], at[1], at[2] - 0.025),
                w.glow(2500, colour),
                shadow=False,
                segments=10,
            )
        for at in line[1:-1:3]:
            w.lamp((at[0], at[1], at[2] - 0.05), 75, 2400, radius=0.02)
    return w.thing()


def stage_par(make: Make) -> Thing:
    """A theatre lantern on a hook with its gel; 7000 lm in a cone of 35 degrees."""
    w = Workshop(make, "metal")
    wide, deep, high = w.width, w.depth, w.height
    black = w.stuff(K.METAL, (0.025, 0.025, 0.027), "metal", roughness=0.5)
    gel = make.colour or w.pick(_NEON[:4])
    z, r = 0.36 * high, 0.4 * wide
    can = [
        (0.75 * r, 0),
        (0.9 * r, 0.1 * deep),
        (r, 0.3 * deep),
        (r, 0.85 * deep),
        (0.96 * r, 0.85 * deep),
        (0.96 * r, 0.3 * deep),
        (0.7 * r, 0.05 * deep),
        (0, 0.03 * deep),
    ]
    tilt = 62.0
    w.add(m.lathe([(0.0, 0.0), *can], 28), black, (0, 0.3 * deep, z + 0.25 * deep), (90 + tilt - 18, 0, 0))
    way = (0.0, -math.cos(math.radians(tilt - 18)), -math.sin(math.radians(tilt - 18)))
    mouth = (0.0, 0.3 * deep + 0.8 * deep * way[1], z + 0.25 * deep + 0.8 * deep * way[2])
    tint = linear(gel)
    top = max(tint)
    w.add(m.cylinder(0.9 * r, 0.006), w.glow(9000, gel), mouth, (90 + tilt - 18, 0, 0), shadow=False)
    w.tube(
        [(-r - 0.02, 0.05, z), (-r - 0.02, 0.05, 0.8 * high), (r + 0.02, 0.05, 0.8 * high), (r + 0.02, 0.05, z)], 0.012, black
    )
    w.tube(
        [(0, 0.05, 0.8 * high), (0, 0.05, high - 0.05), (0, 0.09, high - 0.01), (0, 0.12, high - 0.05)], 0.012, black, bent=3
    )
    w.spot(
        (mouth[0], mouth[1] + 0.03 * way[1], mouth[2] + 0.03 * way[2]),
        way,
        7000,
        3200,
        35,
        tint=(tint[0] / top, tint[1] / top, tint[2] / top),
    )
    return w.thing()


def mirror_ball(make: Make) -> Thing:
    """A ball of small mirrors on a motor."""
    w = Workshop(make, "metal")
    high, r = w.height, w.width / 2
    bands = 18
    glass = w.stuff(K.MIRROR, "#ffffff", wear=0.05)
    points = [(r * math.cos(a), r * math.sin(a) + r) for a in np.linspace(-math.pi / 2, math.pi / 2, bands + 1)]
    points[0], points[-1] = (0.0, 0.0), (0.0, 2 * r)
    w.add(m.lathe(points, 36, smooth=False), toned(glass, 1.0))
    w.rod(0.03, 0.05, (0, 0, 2 * r - 0.005), w.metal())
    w.rod(0.004, high - 2 * r - 0.1, (0, 0, 2 * r + 0.03), w.metal(dark=True))
    w.rod(0.05, 0.08, (0, 0, high - 0.08), w.plastic())
    return w.thing()


KINDS = (
    Kind(
        name="table_lamp",
        category="lamps",
        layer="dressing",
        size_m=(0.34, 0.34, 0.52),
        build=table_lamp,
        relation=R.ON,
        synonyms=("bedside lamp", "lamp", "reading lamp"),
    ),
    Kind(
        name="floor_lamp",
        category="lamps",
        layer="furniture",
        size_m=(0.44, 0.44, 1.62),
        build=floor_lamp,
        relation=R.BESIDE,
        synonyms=("standard lamp", "standing lamp", "arc lamp"),
    ),
    Kind(
        name="pendant",
        category="lamps",
        layer="furniture",
        size_m=(0.42, 0.42, 0.9),
        build=pendant,
        relation=R.HANGING,
        synonyms=("pendant lamp", "ceiling lamp", "hanging lamp", "industrial lamp", "ceiling light", "overhead lamp"),
    ),
    Kind(
        name="bare_bulb",
        category="lamps",
        layer="dressing",
        size_m=(0.09, 0.09, 0.6),
        build=bare_bulb,
        relation=R.HANGING,
        synonyms=("naked bulb", "light bulb", "single bulb", "bulb"),
    ),
    Kind(
        name="chandelier",
        category="lamps",
        layer="furniture",
        size_m=(0.9, 0.9, 0.95),
        build=chandelier,
        relation=R.HANGING,
        synonyms=("crystal chandelier", "electrolier"),
    ),
    Kind(
        name="wall_lamp",
        category="lamps",
        layer="furniture",
        size_m=(0.2, 0.22, 0.34),
        build=wall_lamp,
        relation=R.MOUNTED,
        wall_height_m=1.62,
        synonyms=("sconce", "wall sconce", "wall light", "bracket lamp", "bulkhead light"),
    ),
    Kind(
        name="desk_lamp",
        category="lamps",
        layer="dressing",
        size_m=(0.26, 0.36, 0.46),
        build=desk_lamp,
        relation=R.ON,
        synonyms=("banker's lamp", "bankers lamp", "anglepoise", "work lamp", "task lamp"),
    ),
    Kind(
        name="fluorescent",
        category="lamps",
        layer="furniture",
        size_m=(1.26, 0.2, 0.1),
        build=fluorescent,
        relation=R.HANGING,
        synonyms=("batten", "fluorescent tube", "strip light", "tube light", "fluorescent lamp", "fluorescent light"),
    ),
    Kind(
        name="lamp_strip",
        category="lamps",
        layer="furniture",
        size_m=(1.2, 0.05, 0.04),
        build=lamp_strip,
        relation=R.MOUNTED,
        wall_height_m=2.1,
        synonyms=("led strip", "light strip", "strip of light", "light line"),
    ),
    Kind(
        name="neon_sign",
        category="lamps",
        layer="dressing",
        size_m=(1.0, 0.1, 0.6),
        build=neon_sign,
        relation=R.MOUNTED,
        wall_height_m=1.75,
        synonyms=("neon", "neon tube", "neon light", "neon lettering"),
    ),
    Kind(
        name="candle",
        category="lamps",
        layer="dressing",
        size_m=(0.09, 0.09, 0.24),
        build=candle,
        relation=R.ON,
        synonyms=("candlestick", "tea light", "taper"),
    ),
    Kind(
        name="candelabra",
        category="lamps",
        layer="dressing",
        size_m=(0.42, 0.16, 1.3),
        build=candelabra,
        synonyms=("candelabrum", "candle stand", "menorah"),
    ),
    Kind(
        name="lantern",
        category="lamps",
        layer="dressing",
        size_m=(0.19, 0.19, 0.36),
        build=lantern,
        relation=R.ON,
        synonyms=("storm lantern", "hurricane lamp", "oil lamp", "paraffin lamp", "kerosene lamp", "gas lamp"),
    ),
    Kind(
        name="string_lights",
        category="lamps",
        layer="dressing",
        size_m=(4.0, 0.06, 0.42),
        build=string_lights,
        relation=R.HANGING,
        synonyms=("fairy lights", "festoon lights", "festoon", "christmas lights", "bulb string"),
    ),
    Kind(
        name="stage_par",
        category="lamps",
        layer="furniture",
        size_m=(0.3, 0.42, 0.55),
        build=stage_par,
        relation=R.HANGING,
        synonyms=("spotlight", "par can", "stage light", "par", "theatre lantern", "film light"),
    ),
    Kind(
        name="mirror_ball",
        category="lamps",
        layer="dressing",
        size_m=(0.5, 0.5, 0.95),
        build=mirror_ball,
        relation=R.HANGING,
        synonyms=("disco ball", "glitter ball", "mirrorball"),
    ),
)
