"""What things are kept in: wardrobes, shelves with what stands on them, drawers, lockers, crates, barrels, safes."""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds import joinery as j
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, toned

R = Relation
_CLOTH_BINDINGS = ("#5a1f1c", "#1f3326", "#23304a", "#4a3a26", "#6a5a3c", "#2a2622", "#7a2f26", "#38444a", "#8a7a54", "#3c2a3a")
_PAPERBACKS = ("#c8452e", "#e0b040", "#2f6a8a", "#e8e0cc", "#3a7a54", "#d07030", "#5a4a8a", "#c8c0b0", "#202428", "#a83a5a")


def row_of_books(
    w: Workshop, span: tuple[float, float], at: tuple[float, float], room: tuple[float, float], fill: float = 0.85
) -> None:
    """Books upright from ``span[0]`` to ``span[1]``, their backs at -y; ``at`` is (y of their spines, z of the shelf), ``room``
    (depth, height). Some lean, some lie."""
    colours = _PAPERBACKS if w.of(Manner.NINETIES, Manner.CONTEMPORARY, Manner.SEVENTIES) else _CLOTH_BINDINGS
    x, (y, z) = span[0], at
    end = span[0] + (span[1] - span[0]) * min(1.0, fill * w.chance(0.85, 1.2))
    colour, tall = w.pick(colours), room[1] * w.chance(0.62, 0.85)
    while x < end:
        if w.chance() < 0.35:
            colour, tall = w.pick(colours), room[1] * w.chance(0.55, 0.9)
        thick = w.chance(0.016, 0.05)
        if x + thick > span[1]:
            break
        deep = min(room[0], tall * w.chance(0.62, 0.75))
        back = w.chance(0.0, 0.02)
        if w.chance() < 0.06 and x + 0.5 * tall < span[1]:
            level = z
            for _ in range(int(w.rng.integers(2, 5))):
                t = w.chance(0.018, 0.04)
                if level + t < z + 0.8 * room[1]:
                    w.box(
                        (0.62 * tall, deep, t),
                        (x + 0.32 * tall, y + deep / 2 + back, level),
                        w.stuff(K.BOOK, w.pick(colours), seed=int(w.rng.integers(97))),
                        bevel=0.002,
                        turn=(0, 0, w.chance(-5, 5)),
                    )
                    level += t + 0.0005
            x += 0.66 * tall
            continue
        lean = w.chance(5, 13) if w.chance() < 0.07 and x + 0.25 * tall < span[1] else 0.0
        book = w.stuff(K.BOOK, colour, seed=int(w.rng.integers(97)))
        w.add(
            m.box((thick, deep, tall)),
            book,
            (x + thick / 2 + math.sin(math.radians(lean)) * tall / 2, y + deep / 2 + back, z),
            (0, lean, 0),
            bevel=min(0.004, 0.3 * thick),
        )
        x += thick + 0.001 + math.sin(math.radians(lean)) * tall * 0.95


def bookshelf(make: Make) -> Thing:
    """Shelves with books, leaning and lying, and a thing or two between them."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    shelves = max(1, round(high / 0.36) - 1)
    bays = max(1, round(wide / 1.0))
    base = 0.1 if w.of(Manner.EDWARDIAN, Manner.DECO) else 0.05
    w.box((wide, deep - 0.02, base), (0, 0.01, 0), w.wood(0.8), bevel=0.004)
    open_frame = w.of(Manner.INDUSTRIAL, Manner.CONTEMPORARY)
    pitch = (high - base - 0.03) / (shelves + 1)
    for bay in range(bays):
        x = -wide / 2 + (bay + 0.5) * wide / bays
        if not open_frame:
            j.carcass(w, (wide / bays, deep, high - base), (x, 0, base), w.wood(), thick=0.022, shelves=shelves)
        else:
            for level in range(shelves + 2):
                w.box((wide / bays, deep - 0.02, 0.025), (x, 0, base + level * (high - base - 0.025) / (shelves + 1)), w.wood())
            for sx, sy in j.CORNERS:
                w.box(
                    (0.025, 0.025, high), (x + sx * (wide / bays / 2 - 0.013), sy * (deep / 2 - 0.013), 0), w.metal(dark=True)
                )
        for level in range(shelves + 1):
            z = base + (high - base - 0.022) * level / (shelves + 1) + 0.022
            span = (x - wide / bays / 2 + 0.03, x + wide / bays / 2 - 0.03)
            if w.chance() < 0.2:
                _ornament(w, (span[0] + 0.8 * (span[1] - span[0]), -0.02, z), pitch)
                span = (span[0], span[0] + 0.62 * (span[1] - span[0]))
            row_of_books(w, span, (-deep / 2 + 0.03, z + 0.001), (deep - 0.05, pitch - 0.04))
    if w.of(Manner.EDWARDIAN):
        w.box((wide + 0.03, deep + 0.02, 0.03), (0, -0.005, high - 0.03), w.wood(), bevel=0.01)
    return w.thing(top=(wide - 0.04, deep - 0.04))


def _ornament(w: Workshop, at: m.Vector, room: float) -> None:
    """A vase, a box, a framed photograph or a clock on a shelf."""
    tall = min(0.22, 0.7 * room)
    which = int(w.rng.integers(3))
    if which == 0:
        w.lathe(
            [
                (0, 0),
                (0.3 * tall, 0.02),
                (0.36 * tall, 0.4 * tall),
                (0.16 * tall, 0.8 * tall),
                (0.2 * tall, tall),
                (0.15 * tall, tall),
                (0, 0.7 * tall),
            ],
            at,
            w.stuff(K.CERAMIC, w.pick(("#6a8a8a", "#c8b890", "#8a4a3a"))),
        )
    elif which == 1:
        w.box((0.7 * tall, 0.012, 0.85 * tall), at, w.metal(), turn=(12, 0, w.chance(-15, 15)), bevel=0.003)
        w.box(
            (0.55 * tall, 0.004, 0.68 * tall),
            (at[0], at[1] - 0.008, at[2] + 0.09 * tall),
            w.stuff(K.PICTURE, "#a89a80", seed=int(w.rng.integers(40))),
            turn=(12, 0, 0),
            bevel=0,
        )
    else:
        w.box((0.9 * tall, 0.6 * tall, 0.5 * tall), at, w.wood(0.8), bevel=0.004, turn=(0, 0, w.chance(-20, 20)))


def shelves(make: Make) -> Thing:
    """Open shelves on uprights with boxes, tins and jars."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    steel = w.of(Manner.INDUSTRIAL, Manner.NINETIES, Manner.FUTURISTIC, Manner.CONTEMPORARY)
    frame = w.paint("#6a7478", "wood") if steel else w.wood()
    count = max(2, round(high / 0.45))
    for sx, sy in j.CORNERS:
        w.box((0.04, 0.04, high), (sx * (wide / 2 - 0.02), sy * (deep / 2 - 0.02), 0), frame, bevel=0.002)
        for k in range(int(high / 0.1)) if steel and sy < 0 else ():
            w.box(
                (0.012, 0.003, 0.03),
                (sx * (wide / 2 - 0.02), -deep / 2 - 0.0005, 0.05 + 0.1 * k),
                w.plastic("#101010"),
                bevel=0,
            )
    for level in range(count):
        z = 0.08 + level * (high - 0.11) / (count - 1)
        w.box((wide - 0.01, deep - 0.01, 0.025), (0, 0, z), frame if steel else w.wood(1.1))
        if level == count - 1:
            continue
        x = -wide / 2 + 0.06
        while x < wide / 2 - 0.2:
            size = (w.chance(0.14, 0.34), min(deep - 0.06, w.chance(0.18, 0.34)), w.chance(0.1, 0.28))
            if x + size[0] > wide / 2 - 0.05:
                break
            if w.chance() < 0.75:
                at = (x + size[0] / 2, w.chance(-0.03, 0.03), z + 0.025)
                which = w.chance()
                if which < 0.5:
                    w.box(
                        size,
                        at,
                        w.stuff(K.PAPER, w.pick(("#a5835a", "#8f7048", "#b59a70"))),
                        bevel=0.003,
                        turn=(0, 0, w.chance(-6, 6)),
                    )
                    w.box(
                        (size[0] * 0.2, 0.002, size[2] * 0.3),
                        (at[0], at[1] - size[1] / 2 - 0.001, z + 0.06),
                        w.stuff(K.PAPER, "#e6e0d0"),
                        bevel=0,
                    )
                elif which < 0.8:
                    for k in range(2):
                        r = min(0.06, size[0] / 4.5)
                        w.rod(
                            r,
                            size[2] * 0.8,
                            (at[0] + (k - 0.5) * 2.2 * r, at[1], at[2]),
                            w.paint(w.pick(("#7a3a2c", "#3a5a6a", "#c0a050", "#5a6a4a")), wear=0.6),
                            segments=18,
                        )
                else:
                    w.block(size, at, w.plastic(w.pick(("#3a5a7a", "#7a7a74", "#a83a2c"))), corner=0.02)
            x += size[0] + w.chance(0.02, 0.1)
    return w.thing(top=(wide - 0.06, deep - 0.06))


def wardrobe(make: Make) -> Thing:
    """Two doors or more over a plinth, a cornice where the time had one."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    doors = max(2, round(wide / 0.55))
    foot = 0.12 if w.of(Manner.FIFTIES, Manner.DECO) else 0.08
    if w.of(Manner.FIFTIES):
        j.legs(w, (wide - 0.1, deep - 0.08, foot), thick=0.022)
    else:
        w.box((wide - 0.03, deep - 0.05, foot), (0, 0.01, 0), w.wood(0.7))
    crown = 0.07 if w.of(Manner.EDWARDIAN, Manner.RUSTIC) else 0.0
    w.box((wide - 0.02, deep - 0.025, high - foot - crown), (0, 0.012, foot), w.wood(0.8), bevel=0.004)
    drawer = 0.26 if w.of(Manner.EDWARDIAN, Manner.NINETIES) else 0.0
    if drawer:
        j.fronts(w, (wide - 0.04, drawer), (0, -deep / 2 + 0.022, foot + 0.01), max(1, doors // 2), 1, w.wood())
    j.fronts(
        w,
        (wide - 0.04, high - foot - crown - drawer - 0.03),
        (0, -deep / 2 + 0.022, foot + drawer + 0.015),
        doors,
        1,
        w.wood(),
        doors=True,
    )
    if crown:
        profile = [(0, 0), (0.02, 0), (0.03, 0.03), (0.05, 0.045), (0.06, 0.07), (0, 0.07)]
        line = [
            (wide / 2 - 0.07, deep / 2, high - crown),
            (wide / 2 - 0.07, -deep / 2 + 0.07, high - crown),
            (-wide / 2 + 0.07, -deep / 2 + 0.07, high - crown),
            (-wide / 2 + 0.07, deep / 2, high - crown),
        ]
        w.add(m.sweep(line[::-1], profile, smooth=False), w.wood())
        w.box((wide - 0.13, deep - 0.07, crown), (0, 0.03, high - crown), w.wood(0.8))
    if w.of(Manner.DECO, Manner.EDWARDIAN):
        w.box(
            (wide / doors - 0.2, 0.004, 0.55 * high),
            (wide / doors * (0.5 if doors % 2 == 0 else 0.0), -deep / 2 + 0.002, 0.32 * high),
            w.stuff(K.MIRROR, "#ffffff"),
            bevel=0,
        )
    return w.thing(top=(wide - 0.1, deep - 0.1))


def chest_of_drawers(make: Make) -> Thing:
    """Drawers in rows; the topmost are halved."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    foot = 0.16 if w.of(Manner.FIFTIES, Manner.CONTEMPORARY) else 0.07
    j.legs(w, (wide - 0.03, deep - 0.03, foot), thick=0.024)
    w.box((wide - 0.015, deep - 0.035, high - foot - 0.02), (0, 0.01, foot), w.wood(0.8), bevel=0.004)
    rows = max(2, round((high - foot) / 0.22))
    body = high - foot - 0.035
    pitch = body / rows
    for row in range(rows):
        columns = 2 if row == rows - 1 and wide > 0.6 else 1
        pulled = w.chance(0.03, 0.07) if w.chance() < 0.12 * (1 + make.wear) else 0.0
        j.fronts(w, (wide - 0.03, pitch), (0, -deep / 2 + 0.027 - pulled, foot + 0.005 + row * pitch), columns, 1, w.wood())
        if columns == 1 and wide > 0.6:
            for side in (-1.0, 1.0):
                j.handle(w, (side * 0.27 * wide, -deep / 2 + 0.007 - pulled, foot + 0.005 + (row + 0.5) * pitch), 0.1)
        if pulled:
            w.box(
                (wide - 0.06, pulled + 0.02, pitch * 0.7),
                (0, -deep / 2 + 0.05 - pulled / 2, foot + 0.02 + row * pitch),
                w.wood(1.2),
            )
    j.tabletop(w, (wide, deep), high, 0.026, w.wood())
    return w.thing(top=(wide - 0.06, deep - 0.06))


def sideboard(make: Make) -> Thing:
    """Long and low: doors beside drawers."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    foot = {Manner.FIFTIES: 0.2, Manner.CONTEMPORARY: 0.16, Manner.EDWARDIAN: 0.14}.get(w.manner, 0.08)
    j.legs(w, (wide - 0.1, deep - 0.06, foot), thick=0.024)
    w.box((wide - 0.01, deep - 0.03, high - foot - 0.02), (0, 0.012, foot), w.wood(0.8), bevel=0.004)
    body, third = high - foot - 0.04, (wide - 0.03) / 3
    if w.of(Manner.FIFTIES, Manner.SEVENTIES):
        for number in range(round(2 * third / 0.022)):
            w.box(
                (0.014, 0.016, body - 0.01),
                (-wide / 2 + 0.025 + number * 0.022, -deep / 2 + 0.012, foot + 0.01),
                w.wood(),
                bevel=0.003,
            )
    else:
        j.fronts(w, (2 * third, body), (-third / 2, -deep / 2 + 0.022, foot + 0.01), 2, 1, w.wood(), doors=True)
    j.fronts(w, (third, body), (third, -deep / 2 + 0.022, foot + 0.01), 1, 3, w.wood())
    j.tabletop(w, (wide, deep), high, 0.025, w.stuff(K.MARBLE, "#3a2f2a") if w.of(Manner.DECO) else w.wood())
    return w.thing(top=(wide - 0.06, deep - 0.05))


def filing_cabinet(make: Make) -> Thing:
    """Steel or oak drawers with card holders and a lock."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    wooden = w.of(Manner.EDWARDIAN, Manner.RUSTIC)
    body = (
        w.wood(role="body")
        if wooden
        else w.paint({Manner.NINETIES: "#a8a496", Manner.CONTEMPORARY: "#d8d8d4"}.get(w.manner, "#5c665c"), "body")
    )
    w.box((wide, deep - 0.02, high), (0, 0.01, 0), toned(body, 0.9), bevel=0.006)
    rows = max(1, round(high / 0.33))
    pitch = (high - 0.06) / rows
    for row in range(rows):
        out = w.chance(0.06, 0.16) if row == rows - 2 and w.chance() < 0.3 and rows > 2 else 0.0
        z = 0.04 + row * pitch
        w.box((wide - 0.03, 0.02 + out, pitch - 0.012), (0, -deep / 2 + 0.01 - out / 2, z), body, bevel=0.005)
        y = -deep / 2 - out
        w.box((0.09, 0.004, 0.05), (0, y - 0.001, z + 0.68 * pitch), w.metal(), bevel=0.001)
        w.box((0.075, 0.003, 0.035), (0, y - 0.003, z + 0.68 * pitch + 0.008), w.stuff(K.PAPER, "#e8dfc4"), bevel=0)
        w.add(m.cylinder(0.012, 0.11, segments=10), w.metal(), (-0.055, y - 0.012, z + 0.5 * pitch), (0, 90, 0))
    w.rod(0.009, 0.008, (wide / 2 - 0.05, -deep / 2 + 0.004, high - 0.028), w.metal(), turn=(90, 0, 0))
    return w.thing(top=(wide - 0.04, deep - 0.06))


def locker(make: Make) -> Thing:
    """Narrow steel doors with louvres and numbers."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    colour = {Manner.RUSTIC: "#6a5a3c", Manner.FUTURISTIC: "#c8ccd0", Manner.NINETIES: "#3a5a7a"}.get(w.manner, "#5f7068")
    body = w.paint(colour, "body")
    count = max(1, round(wide / 0.32))
    w.box((wide, deep - 0.02, high - 0.08), (0, 0.01, 0.08), toned(body, 0.85), bevel=0.004)
    w.box((wide - 0.04, deep - 0.08, 0.08), (0, 0.02, 0), w.metal(dark=True))
    each = wide / count
    for number in range(count):
        x = -wide / 2 + (number + 0.5) * each
        w.box((each - 0.012, 0.018, high - 0.11), (x, -deep / 2 + 0.009, 0.095), toned(body, w.chance(0.94, 1.05)), bevel=0.004)
        for low in (0.2, high - 0.34):
            for k in range(5):
                w.box(
                    (0.5 * each, 0.012, 0.006),
                    (x, -deep / 2 - 0.002, low + 0.03 * k),
                    toned(body, 0.5),
                    turn=(25, 0, 0),
                    bevel=0,
                )
        w.box((0.02, 0.02, 0.09), (x + 0.36 * each, -deep / 2 - 0.008, 0.52 * high), w.metal(), bevel=0.004)
        w.box((0.06, 0.003, 0.04), (x, -deep / 2 - 0.001, high - 0.42), w.metal(), bevel=0)
    return w.thing(top=(wide - 0.04, deep - 0.06))


def crate(make: Make) -> Thing:
    """A box of slats with corner posts, rope or plastic in its manner."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    if w.of(Manner.NINETIES, Manner.CONTEMPORARY, Manner.FUTURISTIC):
        body = w.plastic(make.palette.accent, "wood")
        t = 0.02
        w.block((wide - 2 * t, deep - 2 * t, 0.02), (0, 0, 0), body, corner=0.02)
        for z in (0.0, 0.42 * high, high - 0.06):
            w.add(
                m.framed(m.rounded(wide, deep, 0.03), m.rounded(wide - 2 * t, deep - 2 * t, 0.015), 0.06),
                body,
                (0, 0, z),
                bevel=0.003,
            )
        for sx, sy in j.CORNERS:
            w.box((0.05, 0.05, high - 0.002), (sx * (wide / 2 - 0.028), sy * (deep / 2 - 0.028), 0.001), body, bevel=0.006)
        for k in range(max(3, round(wide / 0.07))):
            x = -wide / 2 + 0.06 + k * (wide - 0.12) / max(2, round(wide / 0.07) - 1)
            for sy in (-1.0, 1.0):
                w.box((0.016, 0.012, high - 0.02), (x, sy * (deep / 2 - 0.01), 0.005), body)
        return w.thing(top=(wide - 0.05, deep - 0.05))
    wood = w.stuff(K.WOOD, "#9a7748", "wood", wear=min(1.0, make.wear + 0.3))
    rows = max(2, round(high / 0.12))
    for row in range(rows):
        z, tall = row * high / rows, high / rows - w.chance(0.012, 0.025)
        for sy in (-1.0, 1.0):
            w.box((wide, 0.014, tall), (0, sy * (deep / 2 - 0.007), z + 0.006), toned(wood, w.chance(0.8, 1.15)), bevel=0.002)
            w.box(
                (0.014, deep - 0.03, tall),
                (sy * (wide / 2 - 0.007), 0, z + 0.006),
                toned(wood, w.chance(0.8, 1.15)),
                bevel=0.002,
            )
    for sx, sy in j.CORNERS:
        w.box((0.04, 0.04, high - 0.015), (sx * (wide / 2 - 0.035), sy * (deep / 2 - 0.035), 0), toned(wood, 0.85))
    planks = max(2, round(deep / 0.13))
    for number in range(planks):
        y = -deep / 2 + (number + 0.5) * deep / planks
        w.box((wide, deep / planks - 0.008, 0.014), (0, y, high - 0.014), toned(wood, w.chance(0.8, 1.15)), bevel=0.002)
        w.box((wide - 0.03, deep / planks - 0.008, 0.014), (0, y, 0), toned(wood, 0.9), bevel=0.002)
    w.box((0.34 * wide, 0.002, 0.2 * high), (0.04, -deep / 2 - 0.0008, 0.42 * high), w.paint("#2a2622", wear=0.9), bevel=0)
    return w.thing(top=(wide - 0.04, deep - 0.04))


def barrel(make: Make) -> Thing:
    """Staves and hoops; in steel times an oil drum."""
    w = Workshop(make, "wood")
    wide, high = w.width, w.height
    r = wide / 2
    if w.of(Manner.INDUSTRIAL, Manner.SEVENTIES, Manner.NINETIES, Manner.FUTURISTIC, Manner.CONTEMPORARY):
        body = w.paint(make.palette.accent, "wood", wear=min(1.0, make.wear + 0.25))
        rows = [(0.0, 0.012), (0.95 * r, 0.012), (r, 0.0), (r, 0.02), (0.97 * r, 0.03)]
        for share in (0.34, 0.66):
            z = share * high
            rows += [(0.97 * r, z - 0.03), (r, z - 0.012), (r, z + 0.012), (0.97 * r, z + 0.03)]
        rows += [
            (0.97 * r, high - 0.03),
            (r, high - 0.02),
            (r, high),
            (0.95 * r, high),
            (0.95 * r, high - 0.014),
            (0, high - 0.012),
        ]
        w.lathe(rows, (0, 0, 0), body, segments=40)
        w.rod(0.04, 0.016, (0.5 * r, 0.3 * r, high - 0.016), w.metal())
        return w.thing(top=(1.3 * r, 1.3 * r))
    wood = w.wood(0.9)
    staves = 22
    heights = np.linspace(0, high, 9)
    belly = r * (0.84 + 0.15 * np.sin(np.pi * heights / high))
    for number in range(staves):
        a0, a1 = (2 * math.pi * (number + k) / staves for k in (0.015, 0.985))
        ring = [
            [(rr * math.cos(a), rr * math.sin(a), h) for rr, a in ((b, a0), (b, a1), (b - 0.025, a1), (b - 0.025, a0))]
            for b, h in zip(belly, heights, strict=True)
        ]
        w.add(m.skin(np.array(ring), smooth=False), toned(wood, w.chance(0.78, 1.15)), bevel=0.002)
    for share in (0.06, 0.2, 0.36, 0.64, 0.8, 0.94):
        at = share * high
        b = float(np.interp(at, heights, belly))
        w.lathe(
            [(b, -0.02), (b + 0.004, -0.02), (b + 0.004, 0.02), (b, 0.02)],
            (0, 0, at),
            w.stuff(K.RUST, (0.12, 0.1, 0.09)),
            ring=True,
            segments=40,
        )
    for at in (0.03, high - 0.05):
        w.rod(float(np.interp(at, heights, belly)) - 0.02, 0.02, (0, 0, at), wood, segments=36)
    return w.thing(top=(1.1 * r, 1.1 * r))


def safe(make: Make) -> Thing:
    """A safe with dial, wheel and hinges."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    body = w.paint("#23302a" if not w.of(Manner.CONTEMPORARY, Manner.FUTURISTIC) else "#3a3d40", "body", roughness=0.3)
    w.block((wide, deep - 0.05, high - 0.05), (0, 0.025, 0.05), body, corner=0.03, edge=0.02)
    for sx, sy in j.CORNERS:
        w.rod(0.035, 0.05, (sx * (wide / 2 - 0.08), sy * (deep / 2 - 0.1), 0), w.metal(dark=True))
    y = -deep / 2 + 0.05
    w.box((wide - 0.1, 0.03, high - 0.16), (0, y - 0.015, 0.11), body, bevel=0.01)
    w.box((wide - 0.2, 0.012, high - 0.26), (0, y - 0.034, 0.16), body, bevel=0.006)
    gold = w.metal()
    w.add(
        m.lathe([(0.05, 0), (0.05, 0.01), (0.035, 0.016), (0.028, 0.03), (0, 0.032)], 28),
        gold,
        (0.05, y - 0.04, 0.62 * high),
        (90, 0, 0),
    )
    for k in range(3):
        a = math.radians(90 + 120 * k)
        w.tube(
            [(-0.1, y - 0.05, 0.5 * high), (-0.1 + 0.09 * math.cos(a), y - 0.055, 0.5 * high + 0.09 * math.sin(a))], 0.009, gold
        )
    w.rod(0.022, 0.03, (-0.1, y - 0.035, 0.5 * high), gold, turn=(90, 0, 0))
    for share in (0.2, 0.78):
        w.rod(0.018, 0.14, (wide / 2 - 0.035, y - 0.03, share * high - 0.07), gold)
    return w.thing(top=(wide - 0.06, deep - 0.1))


def trunk(make: Make) -> Thing:
    """A travelling trunk with ribs, corners and a lock; old ones are domed."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    leather = w.stuff(K.LEATHER if not w.of(Manner.RUSTIC) else K.WOOD, "#4a3524", "body")
    domed = w.of(Manner.EDWARDIAN, Manner.RUSTIC)
    base = 0.66 * high
    w.box((wide - 0.01, deep - 0.01, base), (0, 0, 0.0), leather, bevel=0.01)
    if domed:
        flat = [(deep / 2 * math.cos(a), (high - base) * math.sin(a)) for a in np.linspace(0, math.pi, 15)]
        w.add(m.extrude(flat, wide - 0.01), leather, (-(wide - 0.01) / 2, 0, base + 0.004), (90, 0, 90), bevel=0.003)
    else:
        w.box((wide - 0.01, deep - 0.01, high - base - 0.004), (0, 0, base + 0.004), leather, bevel=0.01)
    brass = w.metal()
    for share in (-0.34, 0.0, 0.34):
        w.box((0.05, deep + 0.004, base), (share * wide, 0, 0), w.wood(), bevel=0.004)
        if domed:
            line = [
                (share * wide, deep / 2 * math.cos(a), base + (high - base) * math.sin(a)) for a in np.linspace(0, math.pi, 15)
            ]
            w.add(m.sweep(line, m.rounded(0.05, 0.012, 0.002, 2), up=(0, 0, 1)), w.wood())
        else:
            w.box((0.05, deep + 0.004, 0.01), (share * wide, 0, high - 0.008), w.wood(), bevel=0.003)
    for sx, sy in j.CORNERS:
        for z in (0.0, base - 0.07):
            w.box((0.07, 0.07, 0.07), (sx * (wide / 2 - 0.034), sy * (deep / 2 - 0.034), z), brass, bevel=0.008)
    w.box((0.1, 0.012, 0.12), (0, -deep / 2 - 0.004, base - 0.08), brass, bevel=0.004)
    for side in (-1.0, 1.0):
        w.tube(
            [
                (side * (wide / 2), -0.08, 0.5 * base),
                (side * (wide / 2 + 0.02), -0.07, 0.44 * base),
                (side * (wide / 2 + 0.02), 0.07, 0.44 * base),
                (side * wide / 2, 0.08, 0.5 * base),
            ],
            0.01,
            w.stuff(K.LEATHER, "#2a1a10"),
        )
    return w.thing(top=(wide - 0.08, deep - 0.12) if not domed else None)


def suitcase(make: Make) -> Thing:
    """A suitcase standing on its edge."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    hard = w.of(Manner.NINETIES, Manner.CONTEMPORARY, Manner.FUTURISTIC)
    body = (
        w.plastic(make.palette.accent, "body")
        if hard
        else w.stuff(K.LEATHER, w.pick(("#6a4526", "#4a2c1a", "#7a6a4a")), "body")
    )
    w.add(m.block((wide, high - 0.04, deep), 0.05, 0.02), body, (0, deep / 2, (high - 0.04) / 2), (90, 0, 0))
    w.box((wide + 0.002, 0.008, high - 0.1), (0, 0, 0.03), w.metal(), bevel=0)
    w.tube(
        [(-0.07, 0, high - 0.045), (-0.06, 0, high - 0.012), (0.06, 0, high - 0.012), (0.07, 0, high - 0.045)],
        0.01,
        w.stuff(K.LEATHER, "#20140c"),
        bent=3,
    )
    for side in (-1.0, 1.0):
        w.box((0.03, 0.06, 0.02), (side * 0.28 * wide, 0, high - 0.05), w.metal(), bevel=0.004)
        if not hard:
            w.box((0.035, deep + 0.006, high - 0.04), (side * 0.28 * wide, 0, 0.0), w.stuff(K.LEATHER, "#2a1a10"), bevel=0.003)
        for z in (0.0, high - 0.12):
            w.block(
                (0.07, deep + 0.004, 0.08),
                (side * (wide / 2 - 0.034), 0, z),
                w.stuff(K.LEATHER, "#2a1a10") if not hard else toned(body, 0.7),
                corner=0.02,
            )
    return w.thing()


def boxes(make: Make) -> Thing:
    """Cardboard boxes on each other, flaps and tape."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    board = w.stuff(K.PAPER, "#a07c50", "body")
    z, scale = 0.0, 1.0
    levels = max(1, round(high / 0.34))
    for level in range(levels):
        tall = high / levels
        size = (wide * scale, deep * scale, tall - 0.002)
        turn = (0, 0, w.chance(-7, 7) if level else 0.0)
        tone = toned(board, w.chance(0.85, 1.1))
        w.box(size, (w.chance(-0.02, 0.02), w.chance(-0.02, 0.02), z), tone, turn=turn, bevel=0.004)
        w.box(
            (size[0] + 0.002, 0.05, 0.002), (0, 0, z + tall - 0.002), w.plastic("#b59a62", roughness=0.25), turn=turn, bevel=0
        )
        w.box(
            (0.05, 0.002, 0.06),
            (0.0, -size[1] / 2 - 0.002, z + tall - 0.062),
            w.plastic("#b59a62", roughness=0.25),
            turn=turn,
            bevel=0,
        )
        w.box(
            (0.12, 0.002, 0.08),
            (0.15 * wide, -size[1] / 2 - 0.001, z + 0.35 * tall),
            w.stuff(K.PAPER, "#e8e2d2"),
            turn=turn,
            bevel=0,
        )
        z, scale = z + tall, scale * w.chance(0.78, 0.95)
    return w.thing(top=(0.6 * wide, 0.6 * deep))


def clothes_rail(make: Make) -> Thing:
    """A rail with garments on hangers."""
    w = Workshop(make, "metal")
    wide, deep, high = w.width, w.depth, w.height
    tube = w.metal("metal")
    for side in (-1.0, 1.0):
        x = side * (wide / 2 - 0.02)
        w.tube([(x, -deep / 2 + 0.02, 0.03), (x, deep / 2 - 0.02, 0.03)], 0.014, tube)
        w.rod(0.014, high - 0.03, (x, 0, 0.03), tube)
        for y in (-deep / 2 + 0.03, deep / 2 - 0.03):
            w.rod(0.03, 0.02, (x - 0.01, y, 0.03), w.stuff(K.RUBBER, (0.02, 0.02, 0.02)), turn=(0, 90, 0))
    w.tube([(-wide / 2 + 0.02, 0, high - 0.014), (wide / 2 - 0.02, 0, high - 0.014)], 0.014, tube)
    x = -wide / 2 + 0.12
    from setpiece.stage.sets.soft import curtain

    while x < wide / 2 - 0.1:
        long = w.chance(0.62, 1.15) * min(1.0, high / 1.6)
        kind = w.pick((K.WOOL, K.COTTON, K.SILK, K.TWEED, K.VELVET, K.DENIM))
        colour = w.pick(
            (make.palette.fabric, make.palette.fabric_2, make.palette.accent, "#22252c", "#8a8578", "#6a2a34", "#c8bca0")
        )
        garment = curtain(min(0.42, deep * 0.85), long, 0.07, folds=3, seed=int(w.rng.integers(999)), thick=0.02)
        points = np.array(garment.vertices)
        share = np.clip((points[:, 2] - long + 0.16) / 0.16, 0, 1)
        points[:, 0] *= 1 - 0.55 * share**1.5
        points[:, 2] -= 0.0
        garment = m.PolyMesh(
            vertices=points, corners=garment.corners, face_start=garment.face_start, uv=garment.uv, smooth=True
        )
        w.add(garment, w.stuff(kind, colour), (x, 0, high - 0.1 - long), (0, 0, 90 + w.chance(-12, 12)))
        w.tube([(x, -0.01, high - 0.11), (x, 0.0, high - 0.03), (x, 0.016, high - 0.0)], 0.003, w.metal(), bent=3)
        x += w.chance(0.06, 0.13)
    return w.thing()


KINDS = (
    Kind(
        name="bookshelf",
        category="storage",
        layer="furniture",
        size_m=(1.0, 0.32, 2.0),
        build=bookshelf,
        relation=R.AGAINST,
        clearance_m=(0.4, 0.0),
        top=True,
        synonyms=("bookcase", "book shelf", "library shelf", "law books", "wall of books"),
    ),
    Kind(
        name="shelves",
        category="storage",
        layer="furniture",
        size_m=(1.0, 0.42, 1.9),
        build=shelves,
        relation=R.AGAINST,
        clearance_m=(0.4, 0.0),
        top=True,
        synonyms=("shelf", "shelving", "rack", "storage rack", "metal shelf", "pantry shelf"),
    ),
    Kind(
        name="wardrobe",
        category="storage",
        layer="furniture",
        size_m=(1.15, 0.6, 2.0),
        build=wardrobe,
        relation=R.AGAINST,
        clearance_m=(0.6, 0.0),
        synonyms=("armoire", "closet", "cupboard", "linen cupboard", "press"),
    ),
    Kind(
        name="chest_of_drawers",
        category="storage",
        layer="furniture",
        size_m=(0.9, 0.48, 0.85),
        build=chest_of_drawers,
        relation=R.AGAINST,
        clearance_m=(0.6, 0.0),
        top=True,
        synonyms=("dresser", "commode", "drawers", "tallboy"),
    ),
    Kind(
        name="sideboard",
        category="storage",
        layer="furniture",
        size_m=(1.7, 0.46, 0.8),
        build=sideboard,
        relation=R.AGAINST,
        clearance_m=(0.5, 0.0),
        top=True,
        synonyms=("credenza", "buffet cabinet", "media unit", "tv stand", "television stand"),
    ),
    Kind(
        name="filing_cabinet",
        category="storage",
        layer="furniture",
        size_m=(0.46, 0.62, 1.32),
        build=filing_cabinet,
        relation=R.AGAINST,
        clearance_m=(0.5, 0.0),
        top=True,
        synonyms=("file cabinet", "filing drawers", "card index"),
    ),
    Kind(
        name="locker",
        category="storage",
        layer="furniture",
        size_m=(0.9, 0.48, 1.8),
        build=locker,
        relation=R.AGAINST,
        clearance_m=(0.5, 0.0),
        synonyms=("metal locker", "steel cabinet", "metal cabinet"),
    ),
    Kind(
        name="crate",
        category="storage",
        layer="furniture",
        size_m=(0.6, 0.42, 0.36),
        build=crate,
        top=True,
        synonyms=("wooden crate", "fish box", "packing case", "apple box", "beer crate", "fish crate", "hay"),
    ),
    Kind(
        name="barrel",
        category="storage",
        layer="furniture",
        size_m=(0.58, 0.58, 0.86),
        build=barrel,
        relation=R.CORNER,
        top=True,
        synonyms=("cask", "keg", "oil drum", "drum", "wine barrel"),
    ),
    Kind(
        name="safe",
        category="storage",
        layer="furniture",
        size_m=(0.6, 0.58, 0.9),
        build=safe,
        relation=R.AGAINST,
        clearance_m=(0.5, 0.0),
        top=True,
        synonyms=("strongbox", "strong box"),
    ),
    Kind(
        name="trunk",
        category="storage",
        layer="furniture",
        size_m=(0.95, 0.52, 0.52),
        build=trunk,
        relation=R.AGAINST,
        synonyms=("chest", "steamer trunk", "travelling trunk", "toy chest", "blanket box"),
    ),
    Kind(
        name="suitcase",
        category="storage",
        layer="dressing",
        size_m=(0.62, 0.2, 0.46),
        build=suitcase,
        synonyms=("luggage", "valise", "case"),
    ),
    Kind(
        name="boxes",
        category="storage",
        layer="dressing",
        size_m=(0.5, 0.42, 0.68),
        build=boxes,
        top=True,
        synonyms=("box", "cardboard box", "carton", "moving box", "archive box"),
    ),
    Kind(
        name="clothes_rail",
        category="storage",
        layer="furniture",
        size_m=(1.4, 0.5, 1.65),
        build=clothes_rail,
        relation=R.AGAINST,
        clearance_m=(0.4, 0.0),
        synonyms=("garment rail", "costume rail", "clothes rack", "hanging rail"),
    ),
)
