"""What people sit on. A seat is 0.45 m high, a bar stool 0.75 m; the back is at +y."""

from __future__ import annotations

import numpy as np

from setpiece.core.scene import SceneMaterial, Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds import joinery as j
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, toned
from setpiece.stage.sets.soft import cushion, pillow, seams

R = Relation


def _boxed(
    w: Workshop,
    size: m.Vector,
    at: m.Vector,
    material: SceneMaterial,
    *,
    turn: m.Vector = (0, 0, 0),
    dent: float = 0.0,
    piped: bool = True,
) -> None:
    """A cushion with its piping."""
    seed = int(w.rng.integers(1 << 30))
    crown = {Manner.EDWARDIAN: 0.5, Manner.CONTEMPORARY: 0.18, Manner.DECO: 0.35}.get(w.manner, 0.28)
    corner = 0.05 if w.of(Manner.CONTEMPORARY, Manner.FIFTIES) else 0.08
    w.add(cushion(size, crown=crown, corner=corner, seed=seed, dent=dent), material, at, turn)
    if piped and not w.of(Manner.SEVENTIES, Manner.FUTURISTIC):
        for line in seams(size, crown=crown, corner=corner, thick=0.005):
            w.add(line, toned(material, 0.8), at, turn)


def _couch(make: Make, seats: int) -> Thing:
    w = Workshop(make, "fabric")
    fabric, wide, deep, high = w.fabric(), w.width, w.depth, w.height
    foot = 0.2 * high if w.of(Manner.FIFTIES, Manner.CONTEMPORARY) else 0.07 * high if w.of(Manner.SEVENTIES) else 0.12 * high
    arm = min(
        0.13 * wide,
        {Manner.FIFTIES: 0.09, Manner.CONTEMPORARY: 0.14, Manner.DECO: 0.24, Manner.SEVENTIES: 0.26}.get(w.manner, 0.19),
    )
    seat_z, arm_z = 0.51 * high, 0.74 * high
    j.legs(w, (0.94 * wide, 0.9 * deep, foot), thick=0.024)
    low = 0.26 * high - foot if w.of(Manner.FIFTIES, Manner.CONTEMPORARY) else 0.3 * high - foot
    w.block((wide - 0.03, deep - 0.03, low), (0, 0, foot), fabric, corner=0.04, edge=0.02)
    if w.of(Manner.FIFTIES):
        w.box((wide - 0.02, 0.03, 0.06), (0, -deep / 2 + 0.015, foot), w.wood(), bevel=0.008)
    w.both(lambda side: _arm(w, side, (arm, deep - 0.02, arm_z - foot), foot, fabric))
    inner = wide - 2 * arm
    lean = -12.0
    thick = 0.2 * deep
    back = "rolled" if w.of(Manner.EDWARDIAN) else "plain"
    w.block(
        (inner + 0.04, thick, 0.95 * high - foot),
        (0, deep / 2 - thick / 2 - 0.01, foot),
        fabric,
        corner=0.5 * thick - 0.002,
        edge=0.06,
    )
    if back == "rolled":
        w.add(m.block((0.13, inner + 0.02, 0.13), 0.06), fabric, (0, deep / 2 - 0.07, high - 0.135), (0, 0, 90))
    each = inner / seats
    base = 0.26 * high if w.of(Manner.FIFTIES, Manner.CONTEMPORARY) else 0.3 * high
    used = int(w.rng.integers(seats))
    for number in range(seats):
        x = -inner / 2 + (number + 0.5) * each
        dent = 0.028 if number == used else 0.008
        _boxed(
            w,
            (each - 0.006, deep - thick - 0.02, seat_z - base + 0.03),
            (x, -thick / 2 - 0.005, base - 0.015),
            fabric,
            dent=dent,
            turn=(0, 0, w.chance(-0.8, 0.8)),
        )
        _boxed(
            w,
            (each - 0.01, 0.88 * high - seat_z, 0.17),
            (x, deep / 2 - thick - 0.02, seat_z + 0.44 * (high - seat_z) - 0.02),
            fabric,
            turn=(90 + lean + w.chance(-3, 3), 0, 0),
        )
    if w.of(Manner.EDWARDIAN, Manner.DECO, Manner.SEVENTIES):
        _buttons(w, inner, seats, (deep / 2 - thick - 0.19, 0.72 * high))
    for side in (-1.0, 1.0) if seats > 1 else ((1.0,) if make.wear > 0.2 else ()):
        if seats > 1 or w.chance() > 0.5:
            seed = int(w.rng.integers(99))
            second = w.accent(K.VELVET) if side > 0 else w.fabric(second=True, role="")
            at = (side * (inner / 2 - 0.22) if seats > 1 else 0.02, deep / 2 - thick - 0.24, seat_z + 0.17)
            w.add(
                m.moved(pillow((0.42, 0.42, 0.15), seed), (0, 0, -0.07)),
                second,
                at,
                (62, w.chance(-8, 8), side * -14 + w.chance(-9, 9)),
            )
    return w.thing(seat=True)


def _arm(w: Workshop, side: float, size: m.Vector, z: float, fabric: SceneMaterial) -> None:
    thick, deep, high = size
    x = side * (w.width / 2 - thick / 2)
    if w.of(Manner.EDWARDIAN):
        w.box((0.7 * thick, deep, high - 0.5 * thick), (x - side * 0.1 * thick, 0, z), fabric, bevel=0.02)
        scroll = m.cylinder(0.5 * thick, deep, round_m=0.02, segments=20)
        w.add(scroll, fabric, (x, deep / 2, z + high - 0.5 * thick), (90, 0, 0))
        w.rod(0.3 * thick, 0.012, (x, -deep / 2 + 0.004, z + high - 0.5 * thick), w.wood(), turn=(90, 0, 0))
    elif w.of(Manner.FIFTIES):
        w.block((0.055, deep * 0.92, 0.028), (x, -0.02, z + high - 0.03), w.wood(), corner=0.026, edge=0.01)
        for y in (-0.36 * deep, 0.34 * deep):
            w.rod(0.014, high - 0.02, (x, y, z), w.wood(), segments=12)
        w.block((0.5 * thick, deep * 0.86, 0.55 * high), (x - side * 0.02, 0.0, z + 0.02), fabric, corner=0.02)
    elif w.of(Manner.DECO):
        w.block((thick, deep, high), (x, 0, z), fabric, corner=0.48 * thick, edge=0.05)
        for share in (0.2, 0.5, 0.8):
            w.box((0.006, 0.006, 0.8 * high), (x + (share - 0.5) * 0.5 * thick, -deep / 2 + 0.006, z + 0.06), w.metal())
    elif w.of(Manner.RUSTIC, Manner.INDUSTRIAL):
        wood = w.wood() if w.of(Manner.RUSTIC) else w.metal()
        w.box((0.09, deep, 0.04), (x, 0, z + high - 0.04), wood, bevel=0.008)
        for y in (-0.42 * deep, 0.42 * deep):
            w.box((0.06, 0.06, high - 0.04), (x, y, z), wood, bevel=0.006)
        for number in range(5):
            w.box((0.018, 0.04, high - 0.08), (x, (number - 2) * 0.15 * deep, z + 0.02), wood)
    else:
        w.block((thick, deep, high), (x, 0, z), fabric, corner=0.03 if w.of(Manner.CONTEMPORARY) else 0.45 * thick, edge=0.04)


def _buttons(w: Workshop, inner: float, seats: int, at: tuple[float, float]) -> None:
    for number in range(2 * seats):
        x = -inner / 2 + (number + 0.5) * inner / (2 * seats)
        w.add(m.block((0.022, 0.022, 0.012), 0.0105), toned(w.fabric(), 0.75), (x, at[0], at[1]), (78, 0, 0))


def sofa(make: Make) -> Thing:
    """Two seats or more, by its width."""
    return _couch(make, max(2, round(make.size_m[0] / 0.72)))


def armchair(make: Make) -> Thing:
    """An upholstered chair with arms."""
    return _couch(make, 1)


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
            line = [
                (x, deep / 2 - 0.05, 0.012),
                (x, -deep / 2 + 0.04, 0.012),
                (x, -deep / 2 + 0.012, 0.05),
                (x, -deep / 2 + 0.02, seat - 0.05),
                (x, -deep / 2 + 0.06, seat - 0.015),
                (x, deep / 2 - 0.12, seat - 0.02),
                (x, deep / 2 - 0.07, seat + 0.03),
                (x, deep / 2 - 0.012, high - 0.02),
            ]
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


def office_chair(make: Make) -> Thing:
    """A swivel chair on five castors."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    old = w.of(Manner.EDWARDIAN, Manner.DECO, Manner.RUSTIC)
    cover = (
        w.stuff(K.LEATHER, make.palette.wood if old else "#26282b", "fabric")
        if old or w.of(Manner.CONTEMPORARY)
        else w.fabric()
    )
    foot = w.wood() if old else w.plastic() if w.of(Manner.NINETIES, Manner.CONTEMPORARY, Manner.FUTURISTIC) else w.metal()
    reach = 0.46 * min(wide, deep)
    for number in range(5):
        angle = np.radians(72 * number + w.chance(0, 60))
        x, y = reach * np.cos(angle), reach * np.sin(angle)
        w.tube([(0, 0, 0.13), (0.5 * x, 0.5 * y, 0.10), (x, y, 0.075)], 0.02, foot, bent=3)
        w.rod(0.028, 0.035, (x - 0.017, y, 0.028), w.plastic(), turn=(0, 90, 0))
    w.rod(0.028, 0.30, (0, 0, 0.12), w.metal())
    w.block((0.3, 0.25, 0.03), (0, 0, 0.40), w.plastic(), corner=0.05)
    w.add(cushion((0.82 * wide, 0.78 * deep, 0.09), corner=0.1, crown=0.4, dent=0.015, seed=make.seed), cover, (0, -0.04, 0.41))
    w.add(
        cushion((0.78 * wide, high - 0.56, 0.08), corner=0.12, crown=0.45, seed=make.seed + 1),
        cover,
        (0, 0.40 * deep, 0.52 + (high - 0.56) / 2),
        (80, 0, 0),
    )
    w.tube([(0, 0.05, 0.41), (0, 0.42 * deep, 0.41), (0, 0.5 * deep, 0.48), (0, 0.5 * deep, 0.66)], 0.018, foot, bent=3)
    w.both(
        lambda s: w.tube(
            [
                (s * 0.3 * wide, 0.05, 0.42),
                (s * 0.47 * wide, 0.05, 0.44),
                (s * 0.47 * wide, 0.06, 0.64),
                (s * 0.47 * wide, -0.12, 0.65),
            ],
            0.014,
            foot,
            bent=4,
        )
    )
    w.both(lambda s: w.block((0.05, 0.26, 0.025), (s * 0.47 * wide, -0.02, 0.65), cover if old else w.plastic(), corner=0.02))
    return w.thing(seat=True)


def high_back_chair(make: Make) -> Thing:
    """A judge's, bishop's or captain's chair: a high padded back between posts."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    wood, cover = w.wood(0.8), w.stuff(K.LEATHER, make.palette.accent, "fabric", roughness=0.4)
    j.legs(w, (wide, deep, 0.40), thick=0.026, wood=wood)
    w.box((wide - 0.01, deep - 0.02, 0.05), (0, 0, 0.38), wood, bevel=0.008)
    w.add(cushion((wide - 0.1, deep - 0.12, 0.1), corner=0.05, crown=0.5, seed=make.seed, dent=0.012), cover, (0, -0.02, 0.41))
    y = deep / 2 - 0.035
    for side in (-1.0, 1.0):
        w.box((0.05, 0.05, high - 0.44), (side * (wide / 2 - 0.03), y, 0.4), wood, bevel=0.006)
        w.lathe(
            [(0.018, 0), (0.034, 0.02), (0.034, 0.04), (0.015, 0.06), (0, 0.075)],
            (side * (wide / 2 - 0.03), y, high - 0.075),
            wood,
        )
        w.block((0.06, deep - 0.08, 0.035), (side * (wide / 2 - 0.03), -0.02, 0.66), wood, corner=0.02)
        w.lathe(j.turned_leg(0.26, 0.02), (side * (wide / 2 - 0.035), -deep / 2 + 0.06, 0.41), wood, segments=14)
    w.add(
        cushion((wide - 0.12, high - 0.72, 0.09), corner=0.03, crown=0.4, seed=make.seed + 3),
        cover,
        (0, y - 0.005, 0.5 + (high - 0.62) / 2),
        (90, 0, 0),
    )
    crest = [(-0.5, 0), (0.5, 0), (0.5, 0.35), (0.3, 0.5), (0.12, 0.9), (0, 1.0), (-0.12, 0.9), (-0.3, 0.5), (-0.5, 0.35)]
    w.add(m.extrude(np.array(crest) * (wide - 0.06, 0.13), 0.035), wood, (0, y + 0.02, high - 0.2), (90, 0, 0), bevel=0.005)
    for k in range(9):
        for side in (-1.0, 1.0):
            w.rod(
                0.006,
                0.006,
                (side * (wide / 2 - 0.075), y - 0.085, 0.56 + k * (high - 0.85) / 8),
                w.metal(),
                turn=(90, 0, 0),
                segments=8,
            )
    return w.thing(seat=True)


KINDS = (
    Kind(
        name="sofa",
        category="seating",
        layer="furniture",
        size_m=(2.05, 0.92, 0.84),
        build=sofa,
        relation=R.AGAINST,
        clearance_m=(0.45, 0.0),
        synonyms=("couch", "settee", "divan", "chesterfield", "davenport", "loveseat", "lounge", "banquette", "booth"),
    ),
    Kind(
        name="armchair",
        category="seating",
        layer="furniture",
        size_m=(0.86, 0.88, 0.86),
        build=armchair,
        clearance_m=(0.4, 0.0),
        synonyms=("easy chair", "club chair", "wing chair", "lounge chair", "recliner"),
    ),
    Kind(
        name="chair",
        category="seating",
        layer="furniture",
        size_m=(0.45, 0.52, 0.88),
        build=chair,
        clearance_m=(0.25, 0.0),
        synonyms=("dining chair", "kitchen chair", "wooden chair", "side chair", "school chair", "folding chair", "seat"),
    ),
    Kind(
        name="stool",
        category="seating",
        layer="furniture",
        size_m=(0.36, 0.36, 0.46),
        build=stool,
        synonyms=("footstool", "milking stool", "piano stool", "pouf"),
    ),
    Kind(
        name="bar_stool",
        category="seating",
        layer="furniture",
        size_m=(0.38, 0.38, 0.76),
        build=stool,
        synonyms=("barstool", "high stool", "counter stool", "diner stool"),
    ),
    Kind(
        name="bench",
        category="seating",
        layer="furniture",
        size_m=(1.4, 0.42, 0.45),
        build=bench,
        relation=R.AGAINST,
        clearance_m=(0.35, 0.0),
        synonyms=("wooden bench", "locker bench", "garden bench", "park bench", "waiting bench"),
    ),
    Kind(
        name="pew",
        category="seating",
        layer="furniture",
        size_m=(2.2, 0.55, 0.95),
        build=pew,
        clearance_m=(0.4, 0.0),
        synonyms=("church bench", "court bench", "settle"),
    ),
    Kind(
        name="office_chair",
        category="seating",
        layer="furniture",
        size_m=(0.64, 0.64, 1.02),
        build=office_chair,
        clearance_m=(0.3, 0.0),
        synonyms=("swivel chair", "desk chair", "task chair", "executive chair"),
    ),
    Kind(
        name="high_back_chair",
        category="seating",
        layer="furniture",
        size_m=(0.7, 0.68, 1.35),
        build=high_back_chair,
        clearance_m=(0.35, 0.0),
        synonyms=("judge's chair", "throne", "captain's chair", "bishop's chair", "judges chair"),
    ),
)
