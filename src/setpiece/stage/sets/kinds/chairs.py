"""Chairs, stools, benches, pews: what is hard to sit on. A seat is 0.45 m high, a bar stool 0.75 m; the back is at +y."""

from __future__ import annotations

import numpy as np

from setpiece.core.scene import SceneMaterial, Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds import joinery as j
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, toned
from setpiece.stage.sets.soft import cushion

R = Relation


def chair(make: Make) -> Thing:
    """A dining chair."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    seat = min(0.46, 0.55 * high)
    if w.of(Manner.FIFTIES, Manner.SEVENTIES):
        return _tube_chair(w, seat)
    if w.of(Manner.FUTURISTIC):
        return _shell_chair(w, seat)
    frame = w.metal("wood") if w.of(Manner.INDUSTRIAL) else w.wood()
    thick = 0.022
    j.legs(w, (wide, deep, seat - 0.03), thick=0.018, wood=frame)
    if w.of(Manner.CONTEMPORARY, Manner.EDWARDIAN, Manner.DECO):
        w.box((wide - 0.02, deep - 0.02, 0.03), (0, 0, seat - 0.045), frame, bevel=0.004)
        w.add(
            cushion((wide - 0.03, deep - 0.05, 0.06), crown=0.6, corner=0.05, seed=make.seed, dent=0.008),
            w.fabric(role="fabric"),
            (0, -0.005, seat - 0.025),
        )
    else:
        w.block((wide, deep, 0.028), (0, 0, seat - 0.028), frame, corner=0.05)
    back = deep / 2 - 0.02
    rake = 0.16 * (high - seat)
    posts = [
        [
            (side * (wide / 2 - thick), back - rake, seat - 0.02),
            (side * (wide / 2 - thick), back - 0.6 * rake, seat + 0.4 * (high - seat)),
            (side * (wide / 2 - thick), back, high),
        ]
        for side in (-1, 1)
    ]
    for line in posts:
        w.add(m.sweep(m.curve(line, 4), m.rounded(0.028, 0.026, 0.008, 3)), frame)
    _chair_back(w, seat, back, rake, frame)
    return w.thing(seat=True)


def rocking_chair(make: Make) -> Thing:
    """A spindle-backed chair on rockers, with arms."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    frame = w.metal("wood") if w.of(Manner.INDUSTRIAL) else w.wood()
    seat, front, back = 0.4, -0.28 * deep, 0.14 * deep
    out = wide / 2 - 0.035
    along = np.linspace(-0.5, 0.5, 13) * deep
    for side in (-1.0, 1.0):
        rocker = np.stack([np.full(13, side * out), along, 0.02 + 0.5 * along**2 / deep], 1)
        w.add(m.sweep(rocker, m.rounded(0.028, 0.036, 0.008, 3)), frame)
        for y, lean in ((front, -0.03), (back, 0.05)):
            foot = (side * out, y + lean, 0.02 + 0.5 * (y + lean) ** 2 / deep)
            w.tube([foot, (side * (out - 0.04), y, seat)], 0.015, frame)
        w.tube([(side * (out - 0.01), front, seat), (side * out, front, seat + 0.22)], 0.012, frame)
        w.box((0.06, 0.62 * deep, 0.022), (side * out, -0.02 * deep, seat + 0.22), frame, bevel=0.008)
        w.tube([(side * (out - 0.06), back, seat), (side * (out - 0.07), 0.4 * deep, high)], 0.015, frame)
    w.block((wide - 0.1, 0.56 * deep, 0.035), (0, -0.05 * deep, seat), frame, corner=0.05)
    for number in range(6):
        x = (number - 2.5) / 5 * (wide - 0.26)
        w.tube([(x, back, seat + 0.02), (1.1 * x, 0.38 * deep, high - 0.05)], 0.007, frame)
    w.box((wide - 0.12, 0.024, 0.11), (0, 0.4 * deep, high - 0.11), frame, bevel=0.01, turn=(-12, 0, 0))
    return w.thing(seat=True)


def _chair_back(w: Workshop, seat: float, back: float, rake: float, frame: SceneMaterial) -> None:
    wide, rise = w.width - 0.05, w.height - seat
    lean = (-np.degrees(np.arctan2(rake, rise)), 0.0, 0.0)
    middle = back - 0.5 * rake
    if w.of(Manner.EDWARDIAN):
        w.box((wide, 0.022, 0.10), (0, back - 0.06 * rise * 0.16, w.height - 0.10), frame, bevel=0.01, turn=lean)
        flat = [(-0.06, 0), (0.06, 0), (0.035, 0.1), (0.075, 0.22), (0.06, 0.33), (-0.06, 0.33), (-0.075, 0.22), (-0.035, 0.1)]
        splat = m.extrude(np.array(flat) * (1.0, (rise - 0.1) / 0.33), 0.014)
        w.add(splat, frame, (0, back - rake + 0.01, seat), (90 - rake / rise * 57, 0, 0), bevel=0.003)
    elif w.of(Manner.RUSTIC, Manner.INDUSTRIAL):
        for share in (0.28, 0.58, 0.9):
            w.box(
                (wide, 0.018, 0.07 if w.of(Manner.RUSTIC) else 0.04),
                (0, back - rake * (1 - share), seat + share * rise - 0.03),
                frame,
                turn=lean,
                bevel=0.004,
            )
    elif w.of(Manner.NINETIES):
        for number in range(5):
            x = (number - 2) * wide / 6
            w.tube([(x, back - rake, seat - 0.01), (x, back - 0.03 * rise, w.height - 0.05)], 0.008, frame)
        w.box((wide + 0.04, 0.024, 0.06), (0, back, w.height - 0.065), frame, bevel=0.01, turn=lean)
    else:
        w.block(
            (wide, 0.03, 0.52 * rise),
            (0, middle + 0.25 * rake, seat + 0.42 * rise),
            w.fabric() if w.of(Manner.DECO, Manner.CONTEMPORARY) else frame,
            corner=0.014,
            turn=lean,
        )


def _tube_chair(w: Workshop, seat: float) -> Thing:
    """Chromed tube, seat and back in leatherette or ply."""
    wide, deep, high = w.width, w.depth, w.height
    chrome, cover = w.metal(), w.stuff(K.LEATHER, w.make.palette.accent, "wood", roughness=0.35)
    cantilever = w.of(Manner.SEVENTIES)
    for side in (-1.0, 1.0):
        x = side * (wide / 2 - 0.02)
        if cantilever:
            side_view = (
                (0.5 * deep - 0.05, 0.012), (0.04 - 0.5 * deep, 0.012), (0.012 - 0.5 * deep, 0.05),
                (0.02 - 0.5 * deep, seat - 0.05), (0.06 - 0.5 * deep, seat - 0.015), (0.5 * deep - 0.12, seat - 0.02),
                (0.5 * deep - 0.07, seat + 0.03), (0.5 * deep - 0.012, high - 0.02),
            )  # fmt: skip
            line = [(x, y, z) for y, z in side_view]
            w.tube(line, 0.012, chrome, bent=4)
        else:
            w.tube(
                [
                    (x, -deep / 2 + 0.012, 0.0),
                    (x * 0.95, -deep / 2 + 0.07, seat - 0.03),
                    (x * 0.95, deep / 2 - 0.12, seat - 0.03),
                ],
                0.011,
                chrome,
                bent=5,
            )
            w.tube(
                [
                    (x, deep / 2 - 0.012, 0.0),
                    (x * 0.95, deep / 2 - 0.1, seat - 0.02),
                    (x * 0.95, deep / 2 - 0.08, seat + 0.1),
                    (x * 0.95, deep / 2 - 0.014, high - 0.03),
                ],
                0.011,
                chrome,
                bent=5,
            )
    if cantilever:
        w.tube([(-wide / 2 + 0.02, deep / 2 - 0.05, 0.012), (wide / 2 - 0.02, deep / 2 - 0.05, 0.012)], 0.012, chrome)
    w.add(
        cushion((wide - 0.05, deep - 0.12, 0.06), crown=0.4, corner=0.07, seed=w.make.seed, dent=0.006),
        cover,
        (0, -0.05, seat - 0.04),
    )
    lean = (-12.0, 0.0, 0.0)
    w.block(
        (wide - 0.03, 0.045, 0.42 * (high - seat)),
        (0, deep / 2 - 0.065, high - 0.46 * (high - seat)),
        cover,
        corner=0.02,
        turn=lean,
    )
    w.box(
        (wide - 0.08, 0.004, 0.02),
        (0, deep / 2 - 0.094, high - 0.28 * (high - seat)),
        w.stuff(K.LEATHER, w.make.palette.trim),
        turn=lean,
    )
    return w.thing(seat=True)


def _shell_chair(w: Workshop, seat: float) -> Thing:
    """A moulded shell on a pedestal."""
    wide, deep, high = w.width, w.depth, w.height
    body = w.stuff(K.PLASTIC, w.make.palette.trim, "wood")
    j.legs(w, (wide, deep, seat - 0.05), thick=0.026)
    t, u = np.linspace(0, 1, 15)[:, None], np.linspace(-1, 1, 13)[None]
    line = m.curve(
        [
            (-deep / 2, seat - 0.03),
            (-deep / 4, seat - 0.01),
            (deep / 4, seat - 0.03),
            (0.42 * deep, seat + 0.1),
            (deep / 2, high),
        ],
        4,
    )
    y, z = (np.interp(t, np.linspace(0, 1, len(line)), line[:, k]) for k in (0, 1))
    half = 0.5 * wide * (1 - 0.25 * np.clip(t - 0.6, 0, 1) ** 1.2 - 0.1 * (t < 0.08))
    x = u * half
    wing = 0.09 * np.abs(u) ** 3 * np.sin(np.pi * np.clip(t * 1.1, 0, 1))
    top = np.stack([x, y - wing * (t > 0.6), z + wing * (t <= 0.75)], -1)
    from setpiece.stage.sets.soft import cloth

    w.add(cloth(top, 0.022), body)
    w.add(cushion((0.7 * wide, 0.6 * deep, 0.05), corner=0.12, crown=0.5, seed=1), w.fabric(role=""), (0, -0.05, seat - 0.015))
    return w.thing(seat=True)


def stool(make: Make) -> Thing:
    """A stool; where it is high, with a foot rail."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    frame = w.metal("wood") if w.of(Manner.INDUSTRIAL) else w.wood()
    if w.of(Manner.FIFTIES, Manner.SEVENTIES, Manner.FUTURISTIC, Manner.DECO) and high > 0.6:
        r = wide / 2
        w.lathe(
            [(0.9 * r, 0), (0.9 * r, 0.012), (0.3 * r, 0.04), (0.025, 0.08), (0.025, high - 0.08), (0.1, high - 0.06)],
            (0, 0, 0),
            w.metal(),
        )
        w.add(
            m.tube([(0.7 * r * np.cos(a), 0.7 * r * np.sin(a), 0.3) for a in np.arange(24) * np.pi / 12], 0.01, 8, closed=True),
            w.metal(),
        )
        w.both(lambda s: w.tube([(0, 0, 0.3), (0.7 * r * s, 0, 0.3)], 0.008, w.metal()))
        w.lathe(
            [(0, 0), (0.92 * r, 0), (r, 0.02), (r, 0.05), (0.93 * r, 0.075), (0.6 * r, 0.085), (0, 0.08)],
            (0, 0, high - 0.085),
            w.stuff(K.LEATHER, make.palette.accent, "wood", roughness=0.35),
            segments=36,
        )
        w.lathe(
            [(r, 0), (1.01 * r, 0.004), (1.01 * r, 0.02), (r, 0.024)], (0, 0, high - 0.06), w.metal(), ring=True, segments=36
        )
        return w.thing(seat=True)
    j.legs(w, (wide, deep, high - 0.03), thick=0.018, wood=frame)
    if w.of(Manner.EDWARDIAN, Manner.CONTEMPORARY):
        w.add(cushion((wide, deep, 0.07), crown=0.5, seed=make.seed), w.fabric(), (0, 0, high - 0.07))
    else:
        w.add(
            m.block((wide, deep, 0.035), min(wide, deep) * (0.48 if w.of(Manner.INDUSTRIAL) else 0.2), 0.01),
            frame if not w.of(Manner.INDUSTRIAL) else w.wood(role=""),
            (0, 0, high - 0.035),
        )
    if high > 0.6:
        w.box((wide - 0.06, 0.02, 0.025), (0, -deep / 2 + 0.03, 0.28), frame)
    return w.thing(seat=True)


def bench(make: Make) -> Thing:
    """A bench: slats on a frame, with a back where its box is high."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    seat = min(0.45, high)
    frame = w.metal() if w.of(Manner.INDUSTRIAL, Manner.EDWARDIAN, Manner.CONTEMPORARY) else w.wood(0.85)
    backed = high > 0.62
    count = max(2, round(wide / 1.1) + 1)
    for number in range(count):
        x = -wide / 2 + 0.06 + number * (wide - 0.12) / (count - 1)
        line = [(x, -deep / 2 + 0.03, 0.0), (x, -deep / 2 + 0.05, seat - 0.05), (x, deep / 2 - 0.1, seat - 0.05)]
        section = m.rounded(0.045, 0.045, 0.006, 2)
        w.add(m.sweep(line, section, smooth=False), frame)
        top = [
            (x, deep / 2 - 0.03, 0.0),
            (x, deep / 2 - 0.1, seat - 0.03),
            (x, deep / 2 - 0.025, high if backed else seat - 0.03),
        ]
        w.add(m.sweep(top, section, smooth=False), frame)
    slats = max(3, round(deep / 0.11))
    for number in range(slats):
        y = -deep / 2 + (number + 0.5) * (deep - (0.08 if backed else 0.0)) / slats
        w.box((wide, deep / slats - 0.014, 0.03), (0, y, seat - 0.03), toned(w.wood(), w.chance(0.85, 1.12)), bevel=0.005)
    for share in (0.35, 0.62, 0.9) if backed else ():
        w.box(
            (wide, 0.026, 0.085),
            (0, deep / 2 - 0.105 + 0.075 * share, seat + share * (high - seat) - 0.06),
            w.wood(),
            bevel=0.006,
            turn=(-9, 0, 0),
        )
    return w.thing(seat=True)


def pew(make: Make) -> Thing:
    """A church or court bench: solid ends, a panelled back, a book rest."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    wood = w.wood(0.9)
    flat = [(-0.5, 0), (0.5, 0), (0.5, 1), (0.38, 1), (0.3, 0.72), (0.1, 0.6), (-0.3, 0.58), (-0.42, 0.62), (-0.5, 0.55)]
    end = m.extrude(np.array(flat) * (deep, high), 0.045)
    w.both(lambda s: w.add(end, wood, (s * (wide / 2 - 0.0225) - 0.0225, 0, 0), (90, 0, 90), bevel=0.006))
    inner = wide - 0.09
    w.box((inner, 0.72 * deep, 0.03), (0, -0.06, 0.45 - 0.03), wood, turn=(-2, 0, 0))
    w.box((inner, 0.022, high - 0.35), (0, deep / 2 - 0.075, 0.33), toned(wood, 0.9), turn=(-8, 0, 0))
    w.box((inner, 0.06, 0.045), (0, deep / 2 - 0.04, high - 0.05), wood, bevel=0.012)
    w.box((inner, 0.02, 0.16), (0, -deep / 2 + 0.1, 0.27), wood)
    for number in range(max(2, round(wide / 0.5))):
        x = -inner / 2 + (number + 0.5) * inner / max(2, round(wide / 0.5))
        w.box((0.36 * 0.9, 0.01, 0.62 * (high - 0.5)), (x, deep / 2 - 0.095, 0.52), wood, turn=(-8, 0, 0), bevel=0.004)
    return w.thing(seat=True)


KINDS = (
    Kind(name="chair", category="seating", layer="furniture", size_m=(0.45, 0.52, 0.88), build=chair,
         clearance_m=(0.25, 0.0), synonyms=("dining chair", "kitchen chair", "wooden chair", "side chair", "school chair",
         "folding chair", "seat")),
    Kind(name="rocking_chair", category="seating", layer="furniture", size_m=(0.62, 0.95, 1.08), build=rocking_chair,
         clearance_m=(0.3, 0.0), synonyms=("rocker", "rocking seat")),
    Kind(name="stool", category="seating", layer="furniture", size_m=(0.36, 0.36, 0.46), build=stool, synonyms=("footstool",
         "milking stool", "piano stool", "pouf")),
    Kind(name="bar_stool", category="seating", layer="furniture", size_m=(0.38, 0.38, 0.76), build=stool,
         synonyms=("barstool", "high stool", "counter stool", "diner stool")),
    Kind(name="bench", category="seating", layer="furniture", size_m=(1.4, 0.42, 0.45), build=bench, relation=R.AGAINST,
         clearance_m=(0.35, 0.0), synonyms=("wooden bench", "locker bench", "garden bench", "park bench", "waiting bench")),
    Kind(name="pew", category="seating", layer="furniture", size_m=(2.2, 0.55, 0.95), build=pew, clearance_m=(0.4, 0.0),
         synonyms=("church bench", "court bench", "settle")),
)  # fmt: skip
