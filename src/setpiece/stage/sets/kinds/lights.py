"""Practicals beside lamps: tubes, strips, neon, candles, lanterns, strings of bulbs, theatre lanterns.

A 1.2 m tube gives 1600 lm at 4000 K, a candle 13 lm at 1900 K, a theatre par 7000 lm at 3200 K.
"""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, linear, polar, toned
from setpiece.stage.sets.soft import sagging

R = Relation
_NEON = ("#ff3a5c", "#38c8ff", "#ff8a2c", "#b05cff", "#4cff9a", "#ff4fd8")


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
        w.add(m.tube(line, 0.009, 7, closed=closed), w.glow(1300, colour), shadow=False)
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
        [(polar(0.9 * r, a)[0], 0.0, 0.62 * high + polar(0.37 * high, a)[1]) for a in range(0, 181, 15)],
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
    mouth = (0.0, (0.3 + 0.8 * way[1]) * deep, z + (0.25 + 0.8 * way[2]) * deep)
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
    Kind(name="fluorescent", category="lamps", layer="furniture", size_m=(1.26, 0.2, 0.1), build=fluorescent,
         relation=R.HANGING, synonyms=("batten", "fluorescent tube", "strip light", "tube light", "fluorescent lamp",
         "fluorescent light", "fluorescent ceiling light", "ceiling strip light", "neon tube light")),
    Kind(name="lamp_strip", category="lamps", layer="furniture", size_m=(1.2, 0.05, 0.04), build=lamp_strip,
         relation=R.MOUNTED, wall_height_m=2.1, synonyms=("led strip", "light strip", "strip of light", "light line")),
    Kind(name="neon_sign", category="lamps", layer="dressing", size_m=(1.0, 0.1, 0.6), build=neon_sign, relation=R.MOUNTED,
         wall_height_m=1.75, synonyms=("neon", "neon tube", "neon light", "neon lettering")),
    Kind(name="candle", category="lamps", layer="dressing", size_m=(0.09, 0.09, 0.24), build=candle, relation=R.ON,
         synonyms=("candlestick", "tea light", "taper")),
    Kind(name="candelabra", category="lamps", layer="dressing", size_m=(0.42, 0.16, 1.3), build=candelabra,
         synonyms=("candelabrum", "candle stand", "menorah")),
    Kind(name="lantern", category="lamps", layer="dressing", size_m=(0.19, 0.19, 0.36), build=lantern, relation=R.ON,
         synonyms=("storm lantern", "hurricane lamp", "oil lamp", "paraffin lamp", "kerosene lamp", "gas lamp")),
    Kind(name="string_lights", category="lamps", layer="dressing", size_m=(3.0, 0.06, 0.4), build=string_lights,
         relation=R.HANGING, synonyms=("fairy lights", "festoon lights", "festoon", "christmas lights", "bulb string",
         "strings of lights", "string of lights", "strings of bulbs")),
    Kind(name="stage_par", category="lamps", layer="furniture", size_m=(0.3, 0.42, 0.55), build=stage_par,
         relation=R.HANGING, synonyms=("spotlight", "par can", "stage light", "par", "theatre lantern", "film light")),
    Kind(name="mirror_ball", category="lamps", layer="dressing", size_m=(0.5, 0.5, 0.95), build=mirror_ball,
         relation=R.HANGING, synonyms=("disco ball", "glitter ball", "mirrorball")),
)  # fmt: skip
