"""Upholstered seats. A seat is 0.45 m high; the back is at +y."""

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
    w.block(
        (inner + 0.04, thick, 0.95 * high - foot),
        (0, deep / 2 - thick / 2 - 0.01, foot),
        fabric,
        corner=0.5 * thick - 0.002,
        edge=0.06,
    )
    if w.of(Manner.EDWARDIAN):
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
    Kind(name="sofa", category="seating", layer="furniture", size_m=(2.05, 0.92, 0.84), build=sofa, relation=R.AGAINST,
         clearance_m=(0.45, 0.0), synonyms=("couch", "settee", "divan", "chesterfield", "davenport", "loveseat", "lounge",
         "banquette", "booth")),
    Kind(name="armchair", category="seating", layer="furniture", size_m=(0.86, 0.88, 0.86), build=armchair,
         clearance_m=(0.4, 0.0), synonyms=("easy chair", "club chair", "wing chair", "lounge chair", "recliner")),
    Kind(name="office_chair", category="seating", layer="furniture", size_m=(0.64, 0.64, 1.02), build=office_chair,
         clearance_m=(0.3, 0.0), synonyms=("swivel chair", "desk chair", "task chair", "executive chair")),
    Kind(name="high_back_chair", category="seating", layer="furniture", size_m=(0.7, 0.68, 1.35), build=high_back_chair,
         clearance_m=(0.35, 0.0), synonyms=("judge's chair", "throne", "captain's chair", "bishop's chair", "judges chair")),
)  # fmt: skip
