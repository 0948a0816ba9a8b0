"""Kitchens, bathrooms and what is cooked and eaten with. A worktop is 0.90 m high and 0.60 m deep."""

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
_PORCELAIN = "#eceae4"


def _worktop(w: Workshop) -> SceneMaterial:
    found = {
        Manner.FIFTIES: w.stuff(K.LINOLEUM, "#d8cdb4", roughness=0.2),
        Manner.SEVENTIES: w.stuff(K.LINOLEUM, "#b08a54", roughness=0.25),
        Manner.CONTEMPORARY: w.stuff(K.MARBLE, "#d8d6d0"),
        Manner.EDWARDIAN: w.stuff(K.MARBLE, "#e0dcd2"),
        Manner.INDUSTRIAL: w.stuff(K.METAL, (0.45, 0.46, 0.47), roughness=0.35),
        Manner.FUTURISTIC: w.stuff(K.METAL, (0.4, 0.42, 0.44)),
    }
    return found.get(w.manner, w.wood(1.15, role=""))


def _cabinet_paint(w: Workshop) -> SceneMaterial:
    if w.of(Manner.SEVENTIES, Manner.RUSTIC) and not w.make.colour:
        return w.wood(role="wood")
    if w.of(Manner.INDUSTRIAL):
        return w.stuff(K.METAL, (0.36, 0.37, 0.38), "wood", roughness=0.4)
    return w.paint(w.make.palette.trim if not w.of(Manner.FIFTIES) else w.make.palette.fabric, "wood")


def base_unit(make: Make) -> Thing:
    """Doors under drawers under a worktop with an upstand."""
    w = Workshop(make, "wood")
    _base(w, sink=False)
    return w.thing(top=(w.width - 0.04, w.depth - 0.1))


def _base(w: Workshop, *, sink: bool) -> None:
    wide, deep, high = w.width, w.depth, w.height
    body = _cabinet_paint(w)
    w.box((wide - 0.01, deep - 0.1, 0.1), (0, 0.04, 0), w.plastic("#1a1816"))
    w.box((wide - 0.004, deep - 0.06, high - 0.14), (0, 0.02, 0.1), toned(body, 0.85), bevel=0.002)
    columns = max(1, round(wide / 0.5))
    drawers = 0.0 if sink else 0.16
    y = -deep / 2 + 0.05
    j.fronts(w, (wide - 0.008, high - 0.155 - drawers), (0, y, 0.105), columns, 1, body, doors=True)
    if drawers:
        j.fronts(w, (wide - 0.008, drawers), (0, y, high - 0.045 - drawers), columns, 1, body)
    top = _worktop(w)
    if not sink:
        w.box((wide, deep, 0.04), (0, 0, high - 0.04), top, bevel=0.006)
        return
    bowl = (min(0.5, 0.7 * wide), 0.36)
    steel = (
        w.stuff(K.CERAMIC, _PORCELAIN)
        if w.of(Manner.EDWARDIAN, Manner.RUSTIC, Manner.DECO)
        else w.stuff(K.METAL, (0.5, 0.51, 0.52), roughness=0.3)
    )
    outer, inner = m.rounded(wide, deep, 0.005), m.rounded(*bowl, 0.05)
    w.add(m.framed(outer, inner, 0.04), top, (0, 0, high - 0.04), bevel=0.004)
    flat, rows = m.rounded(*bowl, 0.05), []
    for share, z in ((1.0, high), (0.97, high - 0.03), (0.93, high - 0.15), (0.8, high - 0.175), (0.1, high - 0.18)):
        rows.append(np.column_stack([flat * share, np.full(len(flat), z)]))
    rows += [
        np.column_stack([flat * share, np.full(len(flat), z)])
        for share, z in ((0.1, high - 0.185), (0.82, high - 0.18), (0.96, high - 0.15), (1.0, high - 0.03))
    ]
    w.add(m.skin(np.array(rows), closed=True), steel)
    w.add(
        m.framed(m.rounded(bowl[0] + 0.03, bowl[1] + 0.03, 0.06), m.rounded(bowl[0] - 0.005, bowl[1] - 0.005, 0.05), 0.006),
        steel,
        (0, 0, high - 0.004),
    )
    w.rod(0.03, 0.004, (0, 0, high - 0.18), w.metal())


def sink(make: Make) -> Thing:
    """A kitchen sink in its unit, with taps; something stands in it."""
    w = Workshop(make, "wood")
    w.height = high = make.size_m[2] - 0.26
    _base(w, sink=True)
    chrome, back = w.stuff(K.CHROME, (0.62, 0.63, 0.64)), w.depth / 2 - 0.07
    w.rod(0.022, 0.03, (0, back, high), chrome)
    w.tube(
        [
            (0, back, high),
            (0, back, high + 0.22),
            (0, back - 0.06, high + 0.255),
            (0, back - 0.15, high + 0.24),
            (0, back - 0.17, high + 0.18),
        ],
        0.011,
        chrome,
        bent=5,
    )
    for side in (-1.0, 1.0):
        w.rod(0.014, 0.06, (side * 0.1, back, high), chrome)
        for a in (0, 90):
            w.tube(np.add([polar(0.03, a), polar(0.03, a + 180)], (side * 0.1, back, high + 0.065)), 0.006, chrome)
    w.lathe(
        [(0, 0), (0.1, 0.005), (0.115, 0.02), (0.11, 0.02), (0.09, 0.01), (0, 0.008)],
        (0.05, -0.02, high - 0.15),
        w.stuff(K.CERAMIC, _PORCELAIN),
        turn=(18, 10, 0),
    )
    return w.thing()


def wall_unit(make: Make) -> Thing:
    """A cupboard on the wall; one door may be of glass."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    body = _cabinet_paint(w)
    columns = max(1, round(wide / 0.48))
    w.box((wide, deep - 0.02, high), (0, 0.01, 0), toned(body, 0.85), bevel=0.003)
    j.fronts(w, (wide - 0.006, high - 0.008), (0, -deep / 2 + 0.021, 0.004), columns, 1, body, doors=True)
    if w.of(Manner.EDWARDIAN, Manner.RUSTIC):
        w.box((wide + 0.02, deep + 0.01, 0.03), (0, 0, high - 0.03), body, bevel=0.008)
    return w.thing()


def stove(make: Make) -> Thing:
    """A cooker: burners with grates, knobs, an oven door with a window."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    old = w.of(Manner.EDWARDIAN, Manner.DECO, Manner.FIFTIES, Manner.RUSTIC)
    body = (
        w.stuff(K.ENAMEL, "#ece7da" if old else "#c8c8c6", "body")
        if not w.of(Manner.INDUSTRIAL, Manner.CONTEMPORARY)
        else w.stuff(K.METAL, (0.45, 0.46, 0.47), "body", roughness=0.35)
    )
    black = w.stuff(K.ENAMEL, (0.012, 0.012, 0.013))
    back = high - 0.9 if high > 0.96 else 0.0
    top = high - back
    corner = 0.04 if old else 0.01
    foot = 0.1 if old else 0.06
    if old:
        j.legs(w, (wide - 0.04, deep - 0.08, foot), thick=0.025, wood=w.stuff(K.ENAMEL, (0.02, 0.02, 0.02)))
    else:
        w.box((wide - 0.05, deep - 0.1, foot), (0, 0.02, 0), w.plastic())
    w.block((wide, deep - 0.03, top - foot - 0.012), (0, 0.015, foot), body, corner=corner, edge=0.01)
    w.box((wide - 0.02, deep - 0.06, 0.006), (0, 0.01, top - 0.014), black)
    y = -deep / 2 + 0.012
    w.block(
        (wide - 0.08, 0.5 * top, 0.03), (0, y + 0.02, foot + 0.06 + 0.25 * top), body, corner=0.03, edge=0.01, turn=(90, 0, 0)
    )
    w.block(
        (wide - 0.28, 0.2 * top, 0.01),
        (0, y - 0.006, foot + 0.06 + 0.28 * top),
        w.stuff(K.ENAMEL, (0.015, 0.014, 0.013), roughness=0.06),
        corner=0.03,
        turn=(90, 0, 0),
    )
    w.tube(
        [
            (-0.36 * wide, y - 0.01, foot + 0.05 + 0.47 * top),
            (-0.36 * wide, y - 0.045, foot + 0.05 + 0.47 * top),
            (0.36 * wide, y - 0.045, foot + 0.05 + 0.47 * top),
            (0.36 * wide, y - 0.01, foot + 0.05 + 0.47 * top),
        ],
        0.01,
        w.stuff(K.CHROME, (0.62, 0.63, 0.64)),
    )
    for k in range(5):
        w.add(
            m.lathe([(0.024, 0), (0.024, 0.008), (0.016, 0.012), (0.015, 0.03), (0, 0.032)], 18),
            black if not old else w.plastic("#1d1b1a"),
            ((k - 2) * 0.16 * wide, y + 0.005, top - 0.1),
            (90, 0, 0),
        )
    for sx, sy in j.CORNERS:
        x, yy = sx * 0.23 * wide, sy * 0.22 * deep + 0.01
        w.lathe([(0, 0), (0.045, 0), (0.045, 0.012), (0.03, 0.02), (0, 0.02)], (x, yy, top - 0.01), black)
        for a in range(0, 180, 45):
            c, s = 0.1 * math.cos(math.radians(a)), 0.1 * math.sin(math.radians(a))
            w.tube(
                [
                    (x - c, yy - s, top - 0.01),
                    (x - c, yy - s, top + 0.014),
                    (x + c, yy + s, top + 0.014),
                    (x + c, yy + s, top - 0.01),
                ],
                0.005,
                black,
            )
    if back:
        w.block((wide, 0.06, back + 0.03), (0, deep / 2 - 0.03, top - 0.03), body, corner=0.025)
        w.rod(0.045, 0.012, (0, deep / 2 - 0.055, top + 0.6 * back), w.stuff(K.PAPER, "#efe9da"), turn=(90, 0, 0))
    return w.thing(top=(wide - 0.12, deep - 0.16) if not back else None)


def stove_wood(make: Make) -> Thing:
    """A cast-iron stove with its flue, a fire behind the door; 150 lm at 1800 K."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    iron = w.stuff(K.METAL, (0.03, 0.03, 0.031), "body", roughness=0.55)
    top = min(0.82, 0.42 * high)
    for sx, sy in j.CORNERS:
        w.lathe(
            [(0.02, 0), (0.03, 0.03), (0.022, 0.12), (0.04, 0.16), (0, 0.16)], (sx * 0.36 * wide, sy * 0.32 * deep, 0), iron
        )
    w.block((0.86 * wide, 0.8 * deep, top - 0.2), (0, 0.02, 0.15), iron, corner=0.05, edge=0.02)
    w.block((wide, 0.95 * deep, 0.04), (0, 0, top - 0.06), iron, corner=0.06, edge=0.015)
    y = -0.38 * deep
    w.box((0.6 * wide, 0.03, 0.42 * top), (0, y, 0.26), iron, bevel=0.012)
    fire = w.glow(1400, "#ff8a3a")
    for k in range(5):
        w.box((0.05 * wide, 0.012, 0.2 * top), ((k - 2) * 0.1 * wide, y - 0.014, 0.33), fire, bevel=0)
    w.rod(0.008, 0.08, (0.24 * wide, y - 0.02, 0.4), w.metal(), turn=(90, 0, 0))
    w.box((0.5 * wide, 0.12, 0.012), (0, y - 0.05, 0.17), iron)
    r = 0.075
    w.tube([(0, 0.15 * deep, top - 0.04), (0, 0.15 * deep, high)], r, iron, segments=20)
    for z in (top + 0.3, top + 0.9):
        if z < high:
            w.lathe([(r, -0.02), (r + 0.006, -0.02), (r + 0.006, 0.02), (r, 0.02)], (0, 0.15 * deep, z), iron, ring=True)
    w.spot((0, y - 0.06, 0.4), (0, -1, -0.1), 150, 1800, 140)
    return w.thing()


def fridge(make: Make) -> Thing:
    """A refrigerator: round and one-doored, or square in two."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    old = w.of(Manner.EDWARDIAN, Manner.DECO, Manner.FIFTIES, Manner.RUSTIC)
    colour = "#e8e4d6" if old else {Manner.SEVENTIES: "#8a8a3c", Manner.NINETIES: "#e4e2dc"}.get(w.manner, "#d8d8d6")
    body = (
        w.stuff(K.ENAMEL, colour, "body")
        if not w.of(Manner.CONTEMPORARY, Manner.INDUSTRIAL, Manner.FUTURISTIC)
        else w.stuff(K.METAL, (0.5, 0.51, 0.52), "body", roughness=0.32)
    )
    chrome = w.stuff(K.CHROME, (0.62, 0.63, 0.64))
    corner = 0.09 if old else 0.012
    w.block((wide, deep - 0.1, high - 0.05), (0, 0.05, 0.05), body, corner=0.4 * corner, edge=0.3 * corner)
    w.box((wide - 0.06, deep - 0.14, 0.06), (0, 0.03, 0), w.plastic())
    split = [(0.07, high - 0.01)] if old else [(0.07, 0.68 * high), (0.69 * high, high - 0.005)]
    for low, top in split:
        w.add(
            m.block((wide, top - low, 0.085), corner, 0.6 * corner if old else 0.006),
            body,
            (0, -deep / 2 + 0.085, (low + top) / 2),
            (90, 0, 0),
        )
        x = 0.4 * wide
        if old:
            w.block((0.035, 0.05, 0.2), (x, -deep / 2 - 0.015, 0.55 * high), chrome, corner=0.012)
            w.box((0.36 * wide, 0.012, 0.03), (-0.12 * wide, -deep / 2, 0.8 * high), chrome, bevel=0.004)
        else:
            z0, z1 = (top - 0.5, top - 0.06) if low < 0.5 else (low + 0.06, min(top - 0.06, low + 0.4))
            w.tube(
                [
                    (x, -deep / 2 + 0.005, z0),
                    (x, -deep / 2 - 0.04, z0 + 0.02),
                    (x, -deep / 2 - 0.04, z1 - 0.02),
                    (x, -deep / 2 + 0.005, z1),
                ],
                0.01,
                chrome,
            )
    for _ in range(3 if make.wear > 0.15 else 0):
        w.box(
            (0.09, 0.002, 0.12),
            (w.chance(-0.25, 0.15) * wide, -deep / 2 - 0.001, w.chance(0.45, 0.6) * high),
            w.stuff(K.PAPER, w.pick(("#f0e8b0", "#e8e4da", "#d8e4e8"))),
            turn=(0, w.chance(-8, 8), 0),
            bevel=0,
        )
    return w.thing(top=(wide - 0.12, deep - 0.16))


def washing_machine(make: Make) -> Thing:
    """A front loader."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    body = w.stuff(K.ENAMEL, "#eceae6", "body")
    w.block((wide, deep - 0.03, high), (0, 0.015, 0), body, corner=0.012)
    y = -deep / 2 + 0.03
    w.add(
        m.lathe([(0.2, 0), (0.2, 0.02), (0.17, 0.03), (0.14, 0.02), (0.14, 0.0)], 36, ring=True),
        w.stuff(K.CHROME, (0.6, 0.6, 0.62)),
        (0, y, 0.48 * high),
        (90, 0, 0),
    )
    w.add(
        m.lathe([(0.0, 0.0), (0.145, 0.0), (0.12, 0.02), (0, 0.035)], 32),
        w.stuff(K.GLASS, (0.3, 0.33, 0.36)),
        (0, y, 0.48 * high),
        (90, 0, 0),
    )
    w.box((wide - 0.02, 0.01, 0.1), (0, y - 0.004, high - 0.12), w.plastic("#d4d6d8"))
    w.add(m.cylinder(0.03, 0.025), w.plastic("#a8acb0"), (0.25 * wide, y - 0.008, high - 0.07), (90, 0, 0))
    w.box((0.3 * wide, 0.012, 0.06), (-0.28 * wide, y - 0.006, high - 0.1), body)
    return w.thing(top=(wide - 0.06, deep - 0.06))


def washbasin(make: Make) -> Thing:
    """A basin on its pedestal or bracket, with taps."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    white = w.stuff(K.CERAMIC, _PORCELAIN, "body")
    top = high - 0.12
    flat = m.rounded(wide, deep, 0.35 * min(wide, deep), 7)
    rows = [
        (0.35, top - 0.2),
        (0.7, top - 0.14),
        (0.94, top - 0.06),
        (1.0, top - 0.01),
        (0.99, top),
        (0.86, top),
        (0.8, top - 0.03),
        (0.6, top - 0.12),
        (0.12, top - 0.14),
    ]
    w.add(m.skin(np.array([np.column_stack([flat * s, np.full(len(flat), z)]) for s, z in rows])), white)
    w.lathe([(0.12, 0), (0.11, 0.06), (0.08, 0.2), (0.085, 0.5), (0.13, top - 0.18)], (0, 0.1 * deep, 0), white)
    chrome = w.stuff(K.CHROME, (0.62, 0.63, 0.64))
    for side in (-1.0, 1.0):
        w.rod(0.016, 0.07, (side * 0.22 * wide, 0.42 * deep, top - 0.005), chrome)
        w.tube(
            [
                (side * 0.22 * wide, 0.42 * deep, top + 0.05),
                (side * 0.22 * wide, 0.3 * deep, top + 0.045),
                (side * 0.22 * wide, 0.27 * deep, top + 0.02),
            ],
            0.01,
            chrome,
            bent=3,
        )
        w.rod(0.024, 0.014, (side * 0.22 * wide, 0.42 * deep, top + 0.07), chrome)
    return w.thing()


def bathtub(make: Make) -> Thing:
    """A bath: on claws in its time, else boxed in."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    white = w.stuff(K.ENAMEL, _PORCELAIN, "body")
    claws = w.of(Manner.EDWARDIAN, Manner.DECO, Manner.RUSTIC)
    low = 0.12 if claws else 0.0
    corner = 0.48 * deep if claws else 0.05
    outer, inner = m.rounded(wide, deep, corner, 9), m.rounded(wide - 0.14, deep - 0.14, 0.4 * deep, 9)
    foot, belly, lip = ((0.8, 0.7), (0.94, 0.9), (0.97, 0.95)) if claws else ((1.0, 1.0),) * 3
    rows = [(outer * foot, low), (outer * belly, low + 0.4 * (high - low)), (outer * lip, high - 0.05), (outer, high - 0.02),
            (outer * 0.995, high), (inner, high), (inner * 0.97, high - 0.05), (inner * (0.9, 0.86), low + 0.16),
            (inner * (0.8, 0.7), low + 0.06)]  # fmt: skip
    w.add(m.skin(np.array([np.column_stack([f, np.full(len(f), z)]) for f, z in rows])), white)
    metal = w.metal()
    if claws:
        for sx, sy in j.CORNERS:
            w.lathe(
                [(0, 0), (0.035, 0), (0.04, 0.03), (0.018, 0.07), (0.03, 0.14), (0, 0.16)],
                (sx * 0.34 * wide, sy * 0.28 * deep, 0),
                metal,
            )
    x = -wide / 2 + 0.04
    for y in (-0.08, 0.08):
        w.rod(0.016, 0.1, (x, y, high - 0.02), metal)
        w.tube([(x, y, high + 0.07), (x + 0.12, y * 0.4, high + 0.07), (x + 0.14, y * 0.3, high + 0.03)], 0.012, metal, bent=3)
    return w.thing()


def toilet(make: Make) -> Thing:
    """A lavatory with its cistern, high up in the old way."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    white = w.stuff(K.CERAMIC, _PORCELAIN, "body")
    flat = np.array(
        [
            (0.5 * wide * math.cos(a), (0.34 if math.sin(a) < 0 else 0.24) * deep * math.sin(a))
            for a in np.arange(32) * math.pi / 16
        ]
    )
    rows = [(0.6, 0.0), (0.55, 0.1), (0.62, 0.22), (0.95, 0.36), (1.0, 0.395), (0.96, 0.4), (0.72, 0.4), (0.6, 0.3), (0.2, 0.2)]
    shift = np.array([0, -0.12 * deep])
    w.add(m.skin(np.array([np.column_stack([flat * s + shift, np.full(32, z)]) for s, z in rows])), white)
    w.block((0.5 * wide, 0.42 * deep, 0.4), (0, 0.26 * deep, 0), white, corner=0.06)
    seat = w.wood(role="") if w.of(Manner.EDWARDIAN, Manner.RUSTIC) else w.plastic("#f0eee8")
    w.add(m.framed(flat + shift, flat * 0.66 + shift, 0.022), seat, (0, 0, 0.402), bevel=0.006)
    w.add(m.extrude(flat * 0.98, 0.02), seat, (0, 0.14 * deep, 0.64), (100, 0, 0), bevel=0.006)
    w.block((0.95 * wide, 0.2, high - 0.42), (0, deep / 2 - 0.1, 0.42), white, corner=0.03)
    w.block((wide, 0.22, 0.03), (0, deep / 2 - 0.11, high - 0.03), white, corner=0.03)
    w.rod(0.022, 0.008, (0, deep / 2 - 0.1, high - 0.002), w.stuff(K.CHROME, (0.6, 0.6, 0.6)))
    return w.thing()


KINDS = (
    Kind(name="base_unit", category="kitchen", layer="furniture", size_m=(1.0, 0.6, 0.9), build=base_unit,
         relation=R.AGAINST, clearance_m=(0.7, 0.0), top=True, synonyms=("kitchen unit", "kitchen cabinet",
         "kitchen counter", "worktop", "kitchen units", "cabinetry", "galley unit", "cabinets",
         "kitchen cabinets")),
    Kind(name="sink", category="kitchen", layer="furniture", size_m=(0.9, 0.6, 1.16), build=sink, relation=R.AGAINST,
         clearance_m=(0.7, 0.0), synonyms=("kitchen sink", "sink unit", "scullery sink")),
    Kind(name="wall_unit", category="kitchen", layer="furniture", size_m=(1.0, 0.34, 0.65), build=wall_unit,
         relation=R.MOUNTED, wall_height_m=1.42, synonyms=("wall cabinet", "wall cupboard", "overhead cupboard",
         "medicine cabinet")),
    Kind(name="stove", category="kitchen", layer="furniture", size_m=(0.62, 0.62, 0.9), build=stove, relation=R.AGAINST,
         clearance_m=(0.7, 0.0), top=True, synonyms=("cooker", "oven", "range", "gas stove", "hob")),
    Kind(name="stove_wood", category="kitchen", layer="furniture", size_m=(0.6, 0.52, 2.1), build=stove_wood,
         relation=R.CORNER, clearance_m=(0.5, 0.1), synonyms=("wood stove", "wood burning stove", "iron stove",
         "pot bellied stove", "wood burner", "boiler", "coal stove")),
    Kind(name="fridge", category="kitchen", layer="furniture", size_m=(0.68, 0.68, 1.58), build=fridge, relation=R.AGAINST,
         clearance_m=(0.7, 0.0), top=True, synonyms=("refrigerator", "icebox", "freezer", "drinks fridge")),
    Kind(name="washing_machine", category="kitchen", layer="furniture", size_m=(0.6, 0.58, 0.85), build=washing_machine,
         relation=R.AGAINST, clearance_m=(0.6, 0.0), top=True, synonyms=("washer", "dryer", "dishwasher", "tumble dryer")),
    Kind(name="washbasin", category="bathroom", layer="furniture", size_m=(0.56, 0.44, 0.92), build=washbasin,
         relation=R.AGAINST, clearance_m=(0.5, 0.0), synonyms=("basin", "hand basin", "wash basin", "pedestal basin")),
    Kind(name="bathtub", category="bathroom", layer="furniture", size_m=(1.7, 0.74, 0.62), build=bathtub, relation=R.AGAINST,
         clearance_m=(0.5, 0.0), synonyms=("bath", "tub", "claw foot bath")),
    Kind(name="toilet", category="bathroom", layer="furniture", size_m=(0.38, 0.68, 0.82), build=toilet, relation=R.AGAINST,
         clearance_m=(0.5, 0.1), synonyms=("lavatory", "wc", "loo", "latrine")),
)  # fmt: skip
