"""Tables, desks, counters. A table is 0.74 m high, a worktop 0.90 m, a bar 1.08 m; people sit or stand at -y."""

from __future__ import annotations

import numpy as np

from setpiece.core.scene import SceneMaterial, Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds import joinery as j
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, linear, toned
from setpiece.stage.sets.soft import cloth, curtain, ripple

R = Relation


def _top_of(w: Workshop) -> SceneMaterial:
    """What the manner lays on a table."""
    if w.of(Manner.FIFTIES):
        return w.stuff(K.LINOLEUM, w.make.palette.accent if w.make.colour is None else w.make.colour, "wood", roughness=0.2)
    if w.of(Manner.INDUSTRIAL) and w.make.material is None:
        return w.wood()
    return w.wood()


def table(make: Make) -> Thing:
    """A table of four legs, with an apron."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    thick = 0.04 if w.of(Manner.RUSTIC, Manner.INDUSTRIAL) else 0.028
    top = _top_of(w)
    frame = w.metal() if w.of(Manner.FIFTIES, Manner.INDUSTRIAL) else w.wood()
    if w.of(Manner.RUSTIC) and wide > 1.3:
        for side in (-1.0, 1.0):
            x = side * (wide / 2 - 0.25)
            for lean in (-1.0, 1.0):
                w.box((0.07, 0.05, high + 0.02), (x, lean * 0.24 * deep, -0.01), frame, turn=(lean * 14, 0, 0))
            w.box((0.06, 0.8 * deep, 0.08), (x, 0, high - 0.12), frame)
        w.box((wide - 0.5, 0.05, 0.09), (0, 0, 0.3 * high), frame)
        w.parts = [_clipped(part, high - 0.04) for part in w.parts]
    else:
        j.legs(w, (wide - 0.06, deep - 0.06, high - thick), thick=0.03, wood=frame)
        if not w.of(Manner.FUTURISTIC, Manner.SEVENTIES):
            rim = 0.07 if not w.of(Manner.FIFTIES) else 0.05
            for sy in (-1.0, 1.0):
                w.box((wide - 0.16, 0.02, rim), (0, sy * (deep / 2 - 0.075), high - thick - rim), frame)
                w.box((0.02, deep - 0.16, rim), (sy * (wide / 2 - 0.075), 0, high - thick - rim), frame)
    j.tabletop(w, (wide, deep), high, thick, top)
    return w.thing(top=(wide - 0.06, deep - 0.06))


def _clipped(part, limit: float):  # type: ignore[no-untyped-def]
    """A trestle's legs end under the top."""
    from dataclasses import replace

    points = np.array(part.mesh.vertices)
    points[:, 2] = np.clip(points[:, 2], 0.0, limit)
    return replace(part, mesh=replace(part.mesh, vertices=points))


def round_table(make: Make) -> Thing:
    """A round or oval top on a column or four legs."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    metal = w.of(Manner.INDUSTRIAL, Manner.FIFTIES, Manner.SEVENTIES, Manner.CONTEMPORARY, Manner.DECO)
    foot = w.metal() if metal else w.wood()
    if w.of(Manner.EDWARDIAN, Manner.RUSTIC):
        w.lathe(
            [
                (0.07, 0.2 * high),
                (0.09, 0.25 * high),
                (0.05, 0.34 * high),
                (0.1, 0.5 * high),
                (0.1, 0.56 * high),
                (0.05, 0.72 * high),
                (0.08, 0.8 * high),
                (0.16, high - 0.03),
            ],
            (0, 0, 0),
            foot,
        )
        for number in range(3):
            a = np.radians(90 + 120 * number)
            out = 0.42 * wide
            w.add(
                m.sweep(
                    m.curve(
                        [
                            (0.05 * np.cos(a), 0.05 * np.sin(a), 0.3 * high),
                            (0.3 * wide * np.cos(a), 0.3 * wide * np.sin(a), 0.16 * high),
                            (out * np.cos(a), out * np.sin(a), 0.02),
                        ],
                        4,
                    ),
                    m.rounded(0.05, 0.04, 0.012, 3),
                ),
                foot,
            )
    else:
        r = 0.32 * min(wide, deep)
        w.lathe(
            [
                (r, 0),
                (r, 0.015),
                (0.5 * r, 0.03),
                (0.04, 0.08),
                (0.035, 0.5 * high),
                (0.04, 0.85 * high),
                (0.6 * r, high - 0.03),
            ],
            (0, 0, 0),
            foot,
            segments=36,
        )
    top = w.stuff(K.MARBLE, "#e4e0d8", "wood") if w.of(Manner.DECO, Manner.SEVENTIES) else _top_of(w)
    j.tabletop(w, (wide, deep), high, 0.028, top, circular=True)
    return w.thing(top=(0.68 * wide, 0.68 * deep))


def coffee_table(make: Make) -> Thing:
    """A low table with a shelf under it."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    if w.of(Manner.DECO, Manner.SEVENTIES):
        top = (
            w.stuff(K.GLASS, (0.75, 0.85, 0.85))
            if w.of(Manner.SEVENTIES)
            else w.stuff(K.MARBLE, "#22201f", "wood", colour_2=linear("#b9a98a"))
        )
        w.both(
            lambda s: w.tube(
                [
                    (s * (wide / 2 - 0.03), -deep / 2 + 0.05, high - 0.03),
                    (s * (wide / 2 - 0.03), -deep / 2 + 0.05, 0.012),
                    (s * (wide / 2 - 0.03), deep / 2 - 0.05, 0.012),
                    (s * (wide / 2 - 0.03), deep / 2 - 0.05, high - 0.03),
                ],
                0.014,
                w.metal(),
                closed=True,
            )
        )
        w.box(
            (wide - 0.1, deep - 0.14, 0.012),
            (0, 0, 0.13),
            w.stuff(K.GLASS, (0.8, 0.88, 0.86)) if w.of(Manner.DECO) else w.wood(),
        )
        j.tabletop(w, (wide, deep), high, 0.024, top)
    else:
        j.legs(w, (wide - 0.04, deep - 0.04, high - 0.035), thick=0.02)
        j.tabletop(w, (wide, deep), high, 0.035, _top_of(w))
        if not w.of(Manner.FUTURISTIC, Manner.FIFTIES):
            w.box((wide - 0.14, deep - 0.14, 0.018), (0, 0, 0.32 * high), w.wood())
        elif w.of(Manner.FIFTIES):
            for number in range(9):
                w.tube(
                    [
                        (-wide / 2 + 0.16, (number - 4) * deep / 12, 0.5 * high),
                        (wide / 2 - 0.16, (number - 4) * deep / 12, 0.5 * high),
                    ],
                    0.005,
                    w.metal(),
                )
    return w.thing(top=(wide - 0.08, deep - 0.08))


def side_table(make: Make) -> Thing:
    """A small table, with a drawer where it is square."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    j.legs(w, (wide, deep, high - 0.02), thick=0.018)
    j.tabletop(w, (wide, deep), high, 0.022, w.wood())
    if not w.of(Manner.SEVENTIES, Manner.FUTURISTIC):
        rim = min(0.14, 0.25 * high)
        w.box((wide - 0.05, deep - 0.06, rim), (0, 0.01, high - 0.022 - rim), w.wood(0.9))
        j.front(w, (wide - 0.09, rim - 0.02), (0, -deep / 2 + 0.042, high - 0.012 - rim), w.wood())
        w.box((wide - 0.08, deep - 0.08, 0.016), (0, 0, 0.28 * high), w.wood())
    return w.thing(top=(wide - 0.04, deep - 0.04))


def nightstand(make: Make) -> Thing:
    """A bedside cabinet: a drawer over a door."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    foot = 0.14 if w.of(Manner.FIFTIES, Manner.CONTEMPORARY, Manner.EDWARDIAN) else 0.05
    j.legs(w, (wide - 0.02, deep - 0.02, foot), thick=0.018)
    w.box((wide - 0.01, deep - 0.03, high - foot - 0.02), (0, 0.012, foot), w.wood(0.85))
    j.tabletop(w, (wide, deep), high, 0.022, w.wood())
    body = high - foot - 0.03
    j.front(w, (wide - 0.03, 0.32 * body), (0, -deep / 2 + 0.022, foot + 0.66 * body), w.wood())
    j.front(w, (wide - 0.03, 0.62 * body), (0, -deep / 2 + 0.022, foot + 0.01), w.wood(), side=1.0)
    return w.thing(top=(wide - 0.03, deep - 0.03))


def desk(make: Make) -> Thing:
    """A desk: a knee hole between pedestals of drawers, or a top on trestles."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    if w.of(Manner.CONTEMPORARY, Manner.FUTURISTIC, Manner.SEVENTIES):
        j.legs(w, (wide - 0.05, deep - 0.05, high - 0.028), thick=0.026, wood=w.metal())
        j.tabletop(w, (wide, deep), high, 0.028, w.wood())
        w.box((0.4, deep - 0.12, 0.54), (wide / 2 - 0.27, 0.02, 0.06), w.plastic("#e6e4df"), bevel=0.008)
        j.fronts(w, (0.39, 0.52), (wide / 2 - 0.27, -deep / 2 + 0.08, 0.07), 1, 3, w.plastic("#e6e4df"))
        return w.thing(top=(wide - 0.06, deep - 0.06))
    body = w.paint("#6a7266", "wood") if w.of(Manner.INDUSTRIAL) else w.wood()
    pedestal = min(0.42, 0.3 * wide)
    foot = 0.12 if w.of(Manner.FIFTIES) else 0.06
    for side in (-1.0, 1.0):
        x = side * (wide / 2 - pedestal / 2 - 0.015)
        w.box((pedestal, deep - 0.08, high - foot - 0.03), (x, 0.0, foot), toned(body, 0.88), bevel=0.004)
        j.fronts(w, (pedestal - 0.02, high - foot - 0.06), (x, -deep / 2 + 0.04, foot + 0.01), 1, 3 if side < 0 else 4, body)
        for sy in (-1.0, 1.0):
            w.box((pedestal - 0.04, 0.05, foot), (x, sy * (deep / 2 - 0.1), 0), toned(body, 0.7))
    w.box((wide - 2 * pedestal - 0.03, 0.02, high - 0.32), (0, deep / 2 - 0.08, 0.28), toned(body, 0.9))
    j.front(w, (wide - 2 * pedestal - 0.06, 0.1), (0, -deep / 2 + 0.06, high - 0.135), body)
    j.tabletop(w, (wide, deep), high, 0.032, body)
    if w.of(Manner.EDWARDIAN, Manner.DECO):
        w.box((wide - 0.2, deep - 0.2, 0.0015), (0, 0, high - 0.0005), w.stuff(K.LEATHER, "#1f3a2c", roughness=0.5), bevel=0)
    return w.thing(top=(wide - 0.08, deep - 0.08))


def school_desk(make: Make) -> Thing:
    """A sloping lid over a box, on iron or steel."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    j.legs(w, (wide, deep, high - 0.14), thick=0.018, wood=w.metal(dark=True))
    w.box((wide, deep, 0.11), (0, 0, high - 0.135), w.wood(0.9))
    w.box((wide + 0.01, deep - 0.09, 0.022), (0, -0.05, high - 0.024), w.wood())
    w.box((wide, 0.08, 0.025), (0, deep / 2 - 0.04, high - 0.025), w.wood())
    w.rod(0.022, 0.003, (0.38 * wide, deep / 2 - 0.04, high - 0.002), w.plastic())
    w.box((0.5 * wide, 0.012, 0.002), (-0.1 * wide, deep / 2 - 0.06, high - 0.001), w.plastic("#120c08"), bevel=0)
    return w.thing(top=(wide - 0.04, deep - 0.05))


def dressing_table(make: Make) -> Thing:
    """A desk of drawers with a mirror of three leaves, or one with bulbs."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    top = min(0.76, 0.55 * high)
    j.legs(w, (wide - 0.02, deep - 0.02, top - 0.2), thick=0.022)
    w.box((wide - 0.02, deep - 0.04, 0.18), (0, 0.01, top - 0.2), w.wood(0.9))
    j.fronts(w, (wide - 0.04, 0.17), (0, -deep / 2 + 0.032, top - 0.195), 3, 1, w.wood())
    j.tabletop(w, (wide, deep), top, 0.024, w.wood())
    y, rise = deep / 2 - 0.06, high - top
    for x, share, turn in ((0.0, 0.46, 0.0), (-0.36 * wide, 0.24, 28.0), (0.36 * wide, 0.24, -28.0)):
        size, tall = share * wide, rise * (1.0 if turn == 0 else 0.86)
        w.box((size, 0.025, tall), (x, y - (0.05 if turn else 0), top), w.wood(), turn=(0, 0, turn), bevel=0.006)
        w.box(
            (size - 0.05, 0.004, tall - 0.07),
            (x - 0.014 * np.sin(np.radians(-turn)), y - 0.015 - (0.05 if turn else 0), top + 0.035),
            w.stuff(K.MIRROR, "#ffffff", wear=0.2),
            turn=(0, 0, turn),
            bevel=0,
        )
    if w.of(Manner.SEVENTIES, Manner.NINETIES, Manner.CONTEMPORARY):
        for k in range(5):
            for side in (-1.0, 1.0):
                j.bulb(w, (side * 0.225 * wide, y - 0.05, top + 0.1 + k * (rise - 0.2) / 4), 120, 2900, 0.022)
    return w.thing()


def counter(make: Make) -> Thing:
    """A shop, reception or diner counter: a clad front, a top that stands proud, a kick rail."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    body = {
        Manner.FIFTIES: w.stuff(K.ENAMEL, make.palette.accent, "wood"),
        Manner.INDUSTRIAL: w.stuff(K.METAL, (0.3, 0.31, 0.32), "wood", roughness=0.45),
    }.get(w.manner, w.wood())
    w.box((wide - 0.06, deep - 0.14, 0.1), (0, 0.04, 0), w.plastic("#151413"))
    w.box((wide - 0.02, deep - 0.1, high - 0.14), (0, 0.03, 0.1), toned(body, 0.9), bevel=0.006)
    face = -deep / 2 + 0.07
    if w.of(Manner.FIFTIES, Manner.DECO):
        for number in range(round(wide / 0.05)):
            w.add(
                m.cylinder(0.018, high - 0.2, segments=8),
                body if number % 2 else toned(body, 1.2),
                (-wide / 2 + 0.035 + number * (wide - 0.07) / max(1, round(wide / 0.05) - 1), face, 0.12),
            )
        for z in (0.16, high - 0.12):
            w.box((wide, 0.05, 0.03), (0, face, z), w.metal())
    else:
        count = max(2, round(wide / 0.6))
        for number in range(count):
            x = -wide / 2 + (number + 0.5) * wide / count
            j.front(w, (wide / count - 0.01, high - 0.2), (x, face + 0.012, 0.12), body, side=0.0) if w.of(
                Manner.INDUSTRIAL
            ) else w.box((wide / count - 0.08, 0.02, high - 0.3), (x, face, 0.18), body, bevel=0.01)
    top = (
        w.stuff(K.MARBLE, "#d9d5cc")
        if w.of(Manner.EDWARDIAN, Manner.DECO)
        else w.stuff(K.LINOLEUM, "#cfc8b8", roughness=0.2)
        if w.of(Manner.FIFTIES)
        else w.wood(1.15, role="")
    )
    j.tabletop(w, (wide, deep), high, 0.045, top)
    return w.thing(top=(wide - 0.06, deep - 0.08))


def bar(make: Make) -> Thing:
    """A bar: panelled front, a thick top with a rolled edge, a foot rail of brass."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    wood = w.wood(0.85)
    w.box((wide - 0.04, deep - 0.22, high - 0.06), (0, 0.08, 0), toned(wood, 0.8), bevel=0.004)
    face, count = -deep / 2 + 0.19, max(2, round(wide / 0.55))
    for number in range(count):
        x = -wide / 2 + (number + 0.5) * wide / count
        if w.of(Manner.SEVENTIES, Manner.NINETIES):
            w.add(
                m.block((wide / count - 0.02, high - 0.3, 0.06), 0.05, 0.03),
                w.fabric(),
                (x, face + 0.015, high / 2 + 0.02),
                (90, 0, 0),
            )
            for row in range(3):
                w.rod(0.012, 0.01, (x, face - 0.04, 0.3 + row * 0.26), w.metal(), turn=(90, 0, 0))
        elif w.of(Manner.FUTURISTIC, Manner.CONTEMPORARY):
            w.box((wide / count - 0.006, 0.02, high - 0.18), (x, face, 0.1), wood)
        else:
            w.box((wide / count - 0.1, 0.02, high - 0.42), (x, face, 0.2), wood, bevel=0.012)
            w.box((0.07, 0.04, high - 0.1), (x - wide / count / 2, face, 0.04), wood, bevel=0.006)
    if w.of(Manner.FUTURISTIC, Manner.CONTEMPORARY, Manner.NINETIES):
        w.box((wide - 0.06, 0.02, 0.02), (0, face - 0.04, high - 0.09), w.glow(700, make.palette.accent), bevel=0)
        w.area((0, face - 0.05, high - 0.1), (wide - 0.1, 0.03), (0, -0.4, -1), 90 * wide, 3000)
    rail = w.metal()
    w.tube([(-wide / 2 + 0.02, -deep / 2 + 0.06, 0.17), (wide / 2 - 0.02, -deep / 2 + 0.06, 0.17)], 0.022, rail, segments=12)
    for number in range(max(2, round(wide / 0.8)) + 1):
        x = -wide / 2 + 0.1 + number * (wide - 0.2) / max(2, round(wide / 0.8))
        w.tube([(x, -deep / 2 + 0.06, 0.17), (x, face, 0.1)], 0.012, rail)
    top = w.stuff(K.MARBLE, "#1d1c1e", colour_2=linear("#8a7a5c")) if w.of(Manner.DECO, Manner.SEVENTIES) else w.wood(1.1)
    j.tabletop(w, (wide, deep), high, 0.05, top)
    w.tube(
        [(-wide / 2, -deep / 2 + 0.015, high - 0.03), (wide / 2, -deep / 2 + 0.015, high - 0.03)],
        0.026,
        w.wood(1.0),
        segments=12,
    )
    return w.thing(top=(wide - 0.06, deep - 0.12))


def workbench(make: Make) -> Thing:
    """A joiner's or mechanic's bench with a vice, a drawer, a shelf of odd things."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    wood = w.wood(1.1)
    steel = w.of(Manner.INDUSTRIAL, Manner.SEVENTIES, Manner.FUTURISTIC)
    frame = w.paint("#3d5a4c") if steel else wood
    for sx, sy in j.CORNERS:
        w.box((0.09, 0.09, high - 0.06), (sx * (wide / 2 - 0.1), sy * (deep / 2 - 0.1), 0), frame, bevel=0.004)
    w.box((wide - 0.2, deep - 0.16, 0.03), (0, 0, 0.16), wood)
    w.box((wide - 0.3, 0.03, 0.1), (0, deep / 2 - 0.1, high - 0.18), frame)
    planks = max(3, round(deep / 0.18))
    for number in range(planks):
        y = -deep / 2 + (number + 0.5) * deep / planks
        w.box((wide, deep / planks - 0.002, 0.06), (0, y, high - 0.06), toned(wood, w.chance(0.8, 1.1)), bevel=0.004)
    j.front(w, (0.5, 0.13), (-0.18 * wide, -deep / 2 + 0.08, high - 0.2), frame)
    vice = w.metal(dark=True)
    x = wide / 2 - 0.32
    w.box((0.16, 0.03, 0.1), (x, -deep / 2 + 0.01, high - 0.12), vice, bevel=0.006)
    w.box((0.16, 0.03, 0.1), (x, -deep / 2 - 0.08, high - 0.12), vice, bevel=0.006)
    w.rod(0.014, 0.16, (x, -deep / 2 + 0.03, high - 0.09), w.metal(), turn=(90, 0, 0))
    w.rod(0.007, 0.18, (x - 0.09, -deep / 2 - 0.12, high - 0.09), w.metal(), turn=(0, 90, 0))
    for number in range(5):
        size = (w.chance(0.12, 0.28), w.chance(0.15, 0.3), w.chance(0.08, 0.2))
        w.box(
            size,
            (-wide / 2 + 0.28 + number * (wide - 0.5) / 5, w.chance(-0.1, 0.1), 0.19),
            w.paint(w.pick(("#7a3a2a", "#34495a", "#6a6458", "#8a7444")), wear=0.7),
            bevel=0.008,
        )
    return w.thing(top=(wide - 0.06, deep - 0.16))


def trolley(make: Make) -> Thing:
    """Trays on wheels: for instruments, tea or drinks."""
    w = Workshop(make, "metal")
    wide, deep, high = w.width, w.depth, w.height
    tube = w.metal("metal")
    for sx, sy in j.CORNERS:
        w.rod(0.011, high - 0.1, (sx * (wide / 2 - 0.015), sy * (deep / 2 - 0.015), 0.1), tube)
        w.rod(
            0.045,
            0.024,
            (sx * (wide / 2 - 0.03), sy * (deep / 2 - 0.03) + 0.012, 0.045),
            w.stuff(K.RUBBER, (0.02, 0.02, 0.02)),
            turn=(90, 0, 0),
        )
        w.box((0.02, 0.03, 0.06), (sx * (wide / 2 - 0.03), sy * (deep / 2 - 0.03), 0.05), tube)
    tray = (
        w.wood(role="")
        if w.of(Manner.FIFTIES, Manner.EDWARDIAN, Manner.SEVENTIES)
        else w.stuff(K.METAL, (0.5, 0.51, 0.52), roughness=0.3)
    )
    for z in (0.22, 0.52 * high + 0.06, high - 0.04)[:: 1 if high > 0.7 else 2]:
        w.box((wide - 0.03, deep - 0.03, 0.016), (0, 0, z), tray)
        ring = [(sx * (wide / 2 - 0.012), sy * (deep / 2 - 0.012), z + 0.034) for sx, sy in j.CORNERS]
        w.tube(ring, 0.006, tube, closed=True)
    return w.thing(top=(wide - 0.08, deep - 0.08))


def altar(make: Make) -> Thing:
    """A cloth over a stone or wooden block."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    w.box((wide - 0.14, deep - 0.12, high - 0.05), (0, 0, 0), w.stuff(K.STONE, "#a8a294"), bevel=0.01)
    w.box((wide - 0.04, deep - 0.02, 0.05), (0, 0, high - 0.055), w.stuff(K.STONE, "#b4ae9f"), bevel=0.01)
    linen = w.stuff(K.LINEN, "#efe9dc", "fabric")
    x, t = np.meshgrid(np.linspace(-0.5, 0.5, 33), np.linspace(0, 1, 17), indexing="ij")
    y = np.interp(t, (0, 0.35, 1.0), (-deep / 2, -deep / 2, deep / 2)) - 0.008 * np.sin(40 * x) * (t < 0.3)
    z = np.interp(t, (0, 0.35, 1.0), (0.35 * high, high, high))
    w.add(cloth(np.stack([x * wide * 0.9, y, z - 0.002], -1), 0.004), linen)
    w.box((0.02, 0.004, 0.3), (0, -deep / 2 - 0.012, 0.55 * high), w.accent(K.VELVET), bevel=0)
    w.box((0.16, 0.004, 0.02), (0, -deep / 2 - 0.012, 0.55 * high + 0.2), w.accent(K.VELVET), bevel=0)
    return w.thing(top=(wide - 0.1, deep - 0.1))


def buffet(make: Make) -> Thing:
    """A trestle table under a long cloth."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    linen = w.stuff(K.LINEN, "#f1ece2", "fabric", wear=0.1)
    w.box((wide - 0.02, deep - 0.02, 0.03), (0, 0, high - 0.034), w.wood())
    w.box((wide, deep, 0.004), (0, 0, high - 0.004), linen, bevel=0.002)
    for sy in (-1.0, 1.0):
        w.add(
            curtain(wide - 0.02, high - 0.005, 0.04, folds=max(4, round(wide / 0.3)), seed=make.seed + int(sy)),
            linen,
            (0, sy * (deep / 2 - 0.01), 0),
        )
        w.add(
            curtain(deep - 0.02, high - 0.005, 0.04, folds=3, seed=make.seed + 3 + int(sy)),
            linen,
            (sy * (wide / 2 - 0.01), 0, 0),
            (0, 0, 90),
        )
    runner = np.stack(np.meshgrid(np.linspace(-0.5, 0.5, 21) * wide, np.linspace(-0.12, 0.12, 5), indexing="ij"), -1)
    grid = np.concatenate([runner, np.full((*runner.shape[:2], 1), high - 0.001)], -1)
    grid[..., 2] += 0.0008 * ripple(runner, 3, 0.3)
    w.add(cloth(grid, 0.002), w.accent(K.SILK))
    return w.thing(top=(wide - 0.06, deep - 0.06))


def lectern(make: Make) -> Thing:
    """A sloping desk on a post, with a paper on it."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    if w.of(Manner.EDWARDIAN, Manner.RUSTIC):
        w.lathe(
            [(0.19, 0), (0.19, 0.04), (0.09, 0.09), (0.05, 0.2), (0.07, 0.4 * high), (0.04, 0.5 * high), (0.04, high - 0.2)],
            (0, 0, 0),
            w.wood(),
        )
    else:
        w.box((0.6 * wide, 0.6 * deep, 0.03), (0, 0, 0), w.wood())
        w.box((0.42 * wide, 0.3 * deep, high - 0.14), (0, 0.02, 0.03), w.wood(0.9), bevel=0.008)
    w.box((wide, deep * 0.95, 0.025), (0, 0, high - 0.12), w.wood(), turn=(22, 0, 0))
    w.box((wide, 0.025, 0.06), (0, -0.46 * deep, high - 0.22), w.wood(), turn=(22, 0, 0))
    w.box((0.21, 0.297, 0.004), (0.02, -0.01, high - 0.095), w.stuff(K.PAPER, "#efe9da"), turn=(22, 0, 3), bevel=0)
    return w.thing()


KINDS = (
    Kind(
        name="table",
        category="tables",
        layer="furniture",
        size_m=(1.4, 0.8, 0.74),
        build=table,
        relation=R.CENTRE,
        top=True,
        synonyms=("metal table", "wooden table", "plain table", "trestle table", "interview table", "operating table"),
    ),
    Kind(
        name="dining_table",
        category="tables",
        layer="furniture",
        size_m=(1.8, 0.9, 0.74),
        build=table,
        relation=R.CENTRE,
        top=True,
        synonyms=("conference table", "boardroom table", "refectory table", "mess table"),
    ),
    Kind(
        name="kitchen_table",
        category="tables",
        layer="furniture",
        size_m=(1.2, 0.78, 0.74),
        build=table,
        relation=R.CENTRE,
        top=True,
        synonyms=("breakfast table", "farmhouse table"),
    ),
    Kind(
        name="round_table",
        category="tables",
        layer="furniture",
        size_m=(1.2, 1.2, 0.74),
        build=round_table,
        relation=R.CENTRE,
        top=True,
        synonyms=("pedestal table", "card table", "oval table", "banquet table"),
    ),
    Kind(
        name="cafe_table",
        category="tables",
        layer="furniture",
        size_m=(0.68, 0.68, 0.74),
        build=round_table,
        top=True,
        synonyms=("bistro table", "pavement table", "small round table"),
    ),
    Kind(
        name="high_table",
        category="tables",
        layer="furniture",
        size_m=(0.62, 0.62, 1.06),
        build=round_table,
        top=True,
        synonyms=("poseur table", "bar table", "cocktail table", "standing table"),
    ),
    Kind(
        name="coffee_table",
        category="tables",
        layer="furniture",
        size_m=(1.15, 0.62, 0.42),
        build=coffee_table,
        relation=R.CENTRE,
        top=True,
        synonyms=("low table", "tea table"),
    ),
    Kind(
        name="side_table",
        category="tables",
        layer="furniture",
        size_m=(0.46, 0.42, 0.6),
        build=side_table,
        relation=R.AGAINST,
        top=True,
        synonyms=("small table", "occasional table", "end table", "lamp table", "telephone table"),
    ),
    Kind(
        name="console_table",
        category="tables",
        layer="furniture",
        size_m=(1.1, 0.36, 0.8),
        build=side_table,
        relation=R.AGAINST,
        clearance_m=(0.5, 0.0),
        top=True,
        synonyms=("hall table", "serving table"),
    ),
    Kind(
        name="nightstand",
        category="tables",
        layer="furniture",
        size_m=(0.46, 0.4, 0.58),
        build=nightstand,
        relation=R.BESIDE,
        top=True,
        synonyms=("bedside table", "bedside cabinet", "night table", "bedside locker"),
    ),
    Kind(
        name="desk",
        category="tables",
        layer="furniture",
        size_m=(1.45, 0.74, 0.75),
        build=desk,
        relation=R.AGAINST,
        clearance_m=(0.7, 0.0),
        top=True,
        synonyms=("writing desk", "office desk", "bureau", "writing table", "judge's desk", "partner's desk"),
    ),
    Kind(
        name="school_desk",
        category="tables",
        layer="furniture",
        size_m=(0.66, 0.5, 0.74),
        build=school_desk,
        top=True,
        synonyms=("pupil's desk", "pupil desk"),
    ),
    Kind(
        name="dressing_table",
        category="tables",
        layer="furniture",
        size_m=(1.2, 0.46, 1.42),
        build=dressing_table,
        relation=R.AGAINST,
        clearance_m=(0.6, 0.0),
        synonyms=("vanity", "make-up table", "makeup table"),
    ),
    Kind(
        name="counter",
        category="tables",
        layer="furniture",
        size_m=(2.2, 0.66, 0.98),
        build=counter,
        relation=R.AGAINST,
        clearance_m=(0.7, 0.0),
        top=True,
        synonyms=("shop counter", "reception desk", "reception", "service counter", "diner counter", "nurses' station", "till"),
    ),
    Kind(
        name="bar",
        category="tables",
        layer="furniture",
        size_m=(2.6, 0.68, 1.08),
        build=bar,
        relation=R.AGAINST,
        clearance_m=(0.7, 0.0),
        top=True,
        synonyms=("bar counter", "cocktail bar", "drinks bar", "home bar"),
    ),
    Kind(
        name="workbench",
        category="tables",
        layer="furniture",
        size_m=(1.8, 0.7, 0.88),
        build=workbench,
        relation=R.AGAINST,
        clearance_m=(0.7, 0.0),
        top=True,
        synonyms=("joiner's bench", "tool bench", "work table", "lab bench", "laboratory bench"),
    ),
    Kind(
        name="trolley",
        category="tables",
        layer="furniture",
        size_m=(0.7, 0.46, 0.86),
        build=trolley,
        top=True,
        synonyms=("instrument trolley", "tea trolley", "drinks trolley", "serving cart", "medical cart", "bar cart"),
    ),
    Kind(
        name="altar",
        category="tables",
        layer="furniture",
        size_m=(1.9, 0.8, 0.98),
        build=altar,
        relation=R.AGAINST,
        clearance_m=(0.8, 0.0),
        top=True,
        synonyms=("communion table",),
    ),
    Kind(
        name="buffet",
        category="tables",
        layer="furniture",
        size_m=(2.4, 0.76, 0.76),
        build=buffet,
        relation=R.AGAINST,
        clearance_m=(0.6, 0.0),
        top=True,
        synonyms=("long table", "trestle", "buffet table", "banqueting table", "top table", "cake table"),
    ),
    Kind(
        name="lectern",
        category="tables",
        layer="furniture",
        size_m=(0.56, 0.46, 1.2),
        build=lectern,
        clearance_m=(0.4, 0.0),
        synonyms=("pulpit", "podium", "reading stand", "music stand"),
    ),
)
