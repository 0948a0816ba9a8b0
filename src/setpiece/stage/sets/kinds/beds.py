"""Beds with what lies on them: mattress, sheet, blanket turned back, pillows. A mattress top is 0.5 m high; heads are at +y."""

from __future__ import annotations

import numpy as np

from setpiece.core.scene import SceneMaterial, Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds import joinery as j
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, linear, toned
from setpiece.stage.sets.soft import cloth, cushion, pillow, ripple

R = Relation


def bedding(
    w: Workshop,
    size: tuple[float, float],
    z: float,
    *,
    thick: float = 0.2,
    hang: float = 0.16,
    at: m.Vector = (0, 0, 0),
    pillows: int = 1,
) -> None:
    """Mattress from ``z``, sheet, a cover that hangs at the sides and is turned back, pillows at +y."""
    wide, deep = size
    x0, y0, _ = at
    w.add(cushion((wide, deep, thick), crown=0.16, corner=0.06, seed=3), w.stuff(K.COTTON, "#e4ddcc"), (x0, y0, z))
    seed, top = int(w.rng.integers(9999)), z + thick
    kind = {
        Manner.FIFTIES: K.COTTON,
        Manner.RUSTIC: K.PLAID,
        Manner.NINETIES: K.PLAID,
        Manner.EDWARDIAN: K.SILK,
        Manner.INDUSTRIAL: K.WOOL,
        Manner.SEVENTIES: K.FLORAL,
    }.get(w.manner, K.COTTON)
    cover = w.stuff(
        kind, w.make.palette.fabric, "fabric", colour_2=linear(w.make.palette.fabric_2) if kind in (K.PLAID, K.FLORAL) else None
    )
    fold = y0 + deep / 2 - 0.52
    across = np.concatenate([[-wide / 2 - 0.03] * 4, np.linspace(-wide / 2, wide / 2, 25), [wide / 2 + 0.03] * 4])
    drop = np.concatenate([np.linspace(hang, 0.02, 4), np.zeros(25), np.linspace(0.02, hang, 4)])
    along = np.linspace(y0 - deep / 2 - 0.03, fold + w.chance(-0.08, 0.1), 29)
    x, y = np.meshgrid(across, along, indexing="ij")
    down = np.broadcast_to(drop[:, None], x.shape)
    flat = np.stack([x, y], -1)
    high = (
        top + 0.028 - down + 0.016 * ripple(flat, seed, 0.5) * (down == 0) + 0.009 * ripple(flat, seed + 1, 0.16) * (down == 0)
    )
    high = np.where(y < y0 - deep / 2, high - 0.06, high)
    sway = np.where(down > 0, 0.016 * np.sin(y * 21 + seed) * down / hang, 0.0) * np.sign(x)
    w.add(cloth(np.stack([x + sway + x0, y, high], -1), 0.014), cover)
    back = np.linspace(fold - 0.2, fold + 0.06, 7)
    x, y = np.meshgrid(across[3:-3], back, indexing="ij")
    w.add(
        cloth(np.stack([x * 1.004 + x0, y, top + 0.046 + 0.01 * ripple(np.stack([x, y], -1), seed + 2, 0.25)], -1), 0.012),
        w.stuff(K.COTTON, "#efeae0"),
    )
    for number in range(pillows):
        px = x0 + (number - (pillows - 1) / 2) * wide / pillows
        w.add(
            pillow((min(0.62, wide / pillows - 0.06), 0.42, 0.16), seed + number),
            w.stuff(K.COTTON, "#efeae0"),
            (px, y0 + deep / 2 - 0.27, top - 0.02),
            (w.chance(4, 12), w.chance(-3, 3), w.chance(-6, 6)),
        )


def _head(w: Workshop, wide: float, high: float, y: float, frame: SceneMaterial) -> None:
    """A head or foot board in the manner."""
    if w.of(Manner.INDUSTRIAL, Manner.EDWARDIAN) and not w.make.material:
        iron = w.metal() if w.of(Manner.EDWARDIAN) else w.stuff(K.PAINT, "#d8d8d0")
        w.tube(
            [
                (-wide / 2 + 0.02, y, 0),
                (-wide / 2 + 0.02, y, high - 0.1),
                (-wide / 2 + 0.1, y, high - 0.02),
                (wide / 2 - 0.1, y, high - 0.02),
                (wide / 2 - 0.02, y, high - 0.1),
                (wide / 2 - 0.02, y, 0),
            ],
            0.019,
            iron,
            bent=4,
        )
        count = max(4, round(wide / 0.13))
        for k in range(1, count):
            w.tube([(-wide / 2 + k * wide / count, y, 0.3), (-wide / 2 + k * wide / count, y, high - 0.02)], 0.008, iron)
        w.tube([(-wide / 2 + 0.02, y, 0.3), (wide / 2 - 0.02, y, 0.3)], 0.012, iron)
        if w.of(Manner.EDWARDIAN):
            for side in (-1.0, 1.0):
                w.lathe(
                    [(0, 0), (0.02, 0.01), (0.03, 0.03), (0.02, 0.055), (0, 0.06)],
                    (side * (wide / 2 - 0.02), y, high - 0.07),
                    iron,
                )
        return
    if w.of(Manner.CONTEMPORARY, Manner.DECO, Manner.SEVENTIES):
        padded = w.fabric(second=True, role="")
        count = max(2, round(wide / 0.3))
        for k in range(count):
            w.add(
                cushion((wide / count - 0.004, high - 0.28, 0.09), corner=0.03, crown=0.4, seed=k),
                padded,
                (-wide / 2 + (k + 0.5) * wide / count, y + 0.03, 0.28 + (high - 0.28) / 2),
                (90, 0, 0),
            )
        return
    w.box((wide, 0.035, high - 0.3), (0, y, 0.3), frame, bevel=0.012)
    for side in (-1.0, 1.0):
        w.box((0.06, 0.06, high + (0.02 if w.of(Manner.RUSTIC) else 0)), (side * (wide / 2 - 0.03), y, 0), frame, bevel=0.012)
    if w.of(Manner.RUSTIC, Manner.NINETIES):
        for k in range(round(wide / 0.18)):
            w.box((0.012, 0.04, high - 0.36), (-wide / 2 + 0.09 + k * 0.18, y, 0.33), toned(frame, 0.6), bevel=0)


def bed(make: Make) -> Thing:
    """A bed: head board, rails, foot board, bedding; two pillows where it is wide."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    frame = w.wood()
    _head(w, wide, high, deep / 2 - 0.05, frame)
    low = not w.of(Manner.CONTEMPORARY, Manner.SEVENTIES, Manner.FUTURISTIC)
    if low:
        _head(w, wide, 0.58 * high, -deep / 2 + 0.04, frame)
    else:
        j.legs(w, (wide - 0.1, deep - 0.14, 0.16), thick=0.025, wood=frame)
    metal = w.of(Manner.INDUSTRIAL, Manner.EDWARDIAN)
    for side in (-1.0, 1.0):
        w.box(
            (0.03, deep - 0.1, 0.05 if metal else 0.16),
            (side * (wide / 2 - 0.02), 0, 0.24 if metal else 0.15),
            w.metal() if metal else frame,
            bevel=0.006,
        )
    w.box((wide - 0.06, deep - 0.14, 0.04), (0, 0, 0.27), w.wood(1.2))
    bedding(w, (wide - 0.03, deep - 0.18), 0.31, pillows=2 if wide > 1.2 else 1)
    return w.thing(seat=True)


def bunk_bed(make: Make) -> Thing:
    """Two beds over each other, with a ladder and rails."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    frame = (
        w.wood()
        if not w.of(Manner.INDUSTRIAL, Manner.FUTURISTIC, Manner.NINETIES)
        else w.paint("#5a645e" if w.of(Manner.INDUSTRIAL) else "#a8322c")
    )
    for sx, sy in j.CORNERS:
        w.box((0.06, 0.06, high), (sx * (wide / 2 - 0.03), sy * (deep / 2 - 0.03), 0), frame, bevel=0.008)
    upper = 0.62 * high + 0.1
    for z in (0.26, upper):
        for sx in (-1.0, 1.0):
            w.box((0.03, deep - 0.1, 0.11), (sx * (wide / 2 - 0.03), 0, z - 0.04), frame, bevel=0.005)
        w.box((wide - 0.08, deep - 0.08, 0.03), (0, 0, z), w.wood(1.2))
        bedding(w, (wide - 0.12, deep - 0.14), z + 0.03, thick=0.13, hang=0.07)
        for sy in (-1.0, 1.0):
            for up in (0.2, 0.36):
                w.box((wide - 0.1, 0.025, 0.07), (0, sy * (deep / 2 - 0.03), z + up), frame, bevel=0.005)
    for sx in (-1.0, 1.0):
        w.box((0.03, deep * 0.55, 0.06), (sx * (wide / 2 - 0.03), 0.2 * deep, high - 0.08), frame, bevel=0.005)
    x, y = -wide / 2 - 0.0, -0.28 * deep
    for dy in (-0.17, 0.17):
        w.box((0.035, 0.05, upper + 0.25), (x, y + dy, 0), frame, bevel=0.005)
    for k in range(6):
        w.rod(0.015, 0.34, (x, y - 0.17, 0.22 + k * 0.26 * upper / 1.4), frame, turn=(-90, 0, 0))
    return w.thing(seat=True)


def hospital_bed(make: Make) -> Thing:
    """A bed on castors, its back raised, rails at its sides, a chart at its foot; a gurney where it is narrow."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    paint = w.paint("#d9dcd6" if not w.of(Manner.EDWARDIAN) else "#ece9e0")
    chrome = w.stuff(K.CHROME, (0.6, 0.61, 0.62))
    flat = min(0.62, 0.62 * high)
    for sx, sy in j.CORNERS:
        w.rod(
            0.06,
            0.03,
            (sx * (wide / 2 - 0.1) - 0.015, sy * (deep / 2 - 0.2), 0.06),
            w.stuff(K.RUBBER, (0.03, 0.03, 0.03)),
            turn=(0, 90, 0),
        )
        w.rod(0.016, flat - 0.16, (sx * (wide / 2 - 0.1), sy * (deep / 2 - 0.2), 0.1), chrome)
    w.box((wide - 0.1, deep - 0.16, 0.05), (0, 0, flat - 0.1), paint)
    w.tube([(-wide / 2 + 0.1, -deep / 2 + 0.2, 0.3), (wide / 2 - 0.1, deep / 2 - 0.2, 0.3)], 0.014, chrome)
    w.tube([(wide / 2 - 0.1, -deep / 2 + 0.2, 0.3), (-wide / 2 + 0.1, deep / 2 - 0.2, 0.3)], 0.014, chrome)
    seat = 0.62 * deep
    w.add(
        cushion((wide - 0.08, seat, 0.12), crown=0.15, seed=2),
        w.stuff(K.PLASTIC, "#3e5a6a", roughness=0.5),
        (0, -deep / 2 + 0.08 + seat / 2, flat - 0.05),
    )
    rise = 34.0
    back = deep - seat - 0.16
    y0 = -deep / 2 + 0.08 + seat
    c, s = np.cos(np.radians(rise)), np.sin(np.radians(rise))
    w.add(
        cushion((wide - 0.08, back * 1.05, 0.12), crown=0.15, seed=4),
        w.stuff(K.PLASTIC, "#3e5a6a", roughness=0.5),
        (0, y0 + 0.5 * back * c, flat - 0.05 + 0.5 * back * s),
        (rise, 0, 0),
    )
    sheet, t = w.stuff(K.COTTON, "#e6ebe8", "fabric"), np.linspace(0, 1, 33)
    across = np.linspace(-wide / 2 + 0.03, wide / 2 - 0.03, 19)
    x, u = np.meshgrid(across, t, indexing="ij")
    along = -deep / 2 + 0.09 + u * seat * 0.92
    droop = np.where(np.abs(x) > wide / 2 - 0.06, 0.16, 0.0)
    w.add(
        cloth(np.stack([x, along, flat + 0.085 - droop + 0.012 * ripple(np.stack([x, along], -1), make.seed, 0.3)], -1), 0.012),
        sheet,
    )
    w.add(
        pillow((0.55, 0.36, 0.14), 5),
        w.stuff(K.COTTON, "#f0f0ec"),
        (0, y0 + 0.72 * back * c, flat + 0.03 + 0.72 * back * s),
        (rise, 0, 0),
    )
    for y, top in ((deep / 2 - 0.02, high), (-deep / 2 + 0.02, 0.86 * high)):
        w.tube(
            [
                (-wide / 2 + 0.03, y, flat - 0.1),
                (-wide / 2 + 0.03, y, top - 0.06),
                (-wide / 2 + 0.09, y, top - 0.016),
                (wide / 2 - 0.09, y, top - 0.016),
                (wide / 2 - 0.03, y, top - 0.06),
                (wide / 2 - 0.03, y, flat - 0.1),
            ],
            0.016,
            chrome,
            bent=4,
        )
        w.box((wide - 0.12, 0.018, top - flat - 0.06), (0, y, flat + 0.0), paint, bevel=0.005)
    w.box((0.22, 0.012, 0.3), (0.1, -deep / 2 + 0.0, flat + 0.0), w.stuff(K.PAPER, "#efece0"), bevel=0.002)
    for side in (-1.0, 1.0):
        for up in (0.1, 0.22):
            w.tube(
                [(side * (wide / 2 - 0.012), -0.12 * deep, flat + up), (side * (wide / 2 - 0.012), 0.26 * deep, flat + up)],
                0.01,
                chrome,
            )
        for y in (-0.12 * deep, 0.07 * deep, 0.26 * deep):
            w.rod(0.009, 0.3, (side * (wide / 2 - 0.012), y, flat - 0.08), chrome)
    return w.thing(seat=True)


def cot(make: Make) -> Thing:
    """A child's cot with bars."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    frame = w.paint(make.palette.trim) if not w.of(Manner.EDWARDIAN, Manner.RUSTIC) else w.wood()
    for sx, sy in j.CORNERS:
        w.box((0.045, 0.045, high), (sx * (wide / 2 - 0.023), sy * (deep / 2 - 0.023), 0), frame, bevel=0.008)
    for sx in (-1.0, 1.0):
        for z in (0.26, high - 0.05):
            w.box((0.03, deep - 0.06, 0.04), (sx * (wide / 2 - 0.023), 0, z), frame)
        for k in range(round(deep / 0.09)):
            w.rod(0.008, high - 0.32, (sx * (wide / 2 - 0.023), -deep / 2 + 0.07 + k * 0.09, 0.28), frame, segments=10)
    for sy in (-1.0, 1.0):
        w.box((wide - 0.06, 0.025, high - 0.3), (0, sy * (deep / 2 - 0.023), 0.26), frame, bevel=0.008)
    bedding(w, (wide - 0.06, deep - 0.06), 0.3, thick=0.1, hang=0.03)
    return w.thing()


def camp_bed(make: Make) -> Thing:
    """Canvas on folding legs with a rolled blanket."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    canvas, wood = w.stuff(K.COTTON, "#6a6848", "fabric"), w.wood()
    x, y = np.meshgrid(np.linspace(-wide / 2, wide / 2, 13), np.linspace(-deep / 2, deep / 2, 25), indexing="ij")
    w.add(
        cloth(
            np.stack([x, y, high - 0.1 - 0.03 * np.cos(x / wide * np.pi) + 0.004 * ripple(np.stack([x, y], -1), 3, 0.3)], -1),
            0.006,
        ),
        canvas,
    )
    for side in (-1.0, 1.0):
        w.tube(
            [(side * (wide / 2 - 0.012), -deep / 2, high - 0.1), (side * (wide / 2 - 0.012), deep / 2, high - 0.1)], 0.018, wood
        )
    for k in (-0.42, 0.0, 0.42):
        for side in (-1.0, 1.0):
            w.tube(
                [(side * (wide / 2 - 0.05), k * deep, 0.01), (-side * (wide / 2 - 0.03), k * deep + 0.03 * side, high - 0.11)],
                0.014,
                wood,
            )
    w.add(
        m.cylinder(0.09, 0.8 * wide, round_m=0.03),
        w.stuff(K.WOOL, "#5a5a54"),
        (-0.4 * wide, -0.38 * deep, high - 0.03),
        (0, 90, 0),
    )
    w.add(pillow((0.5, 0.34, 0.12), 3), w.stuff(K.COTTON, "#cfc8b4"), (0, 0.39 * deep, high - 0.13))
    return w.thing(seat=True)


KINDS = (
    Kind(
        name="single_bed",
        category="beds",
        layer="furniture",
        size_m=(0.98, 2.05, 0.95),
        build=bed,
        relation=R.AGAINST,
        clearance_m=(0.3, 0.0),
        synonyms=("bed", "narrow bed", "iron bed", "child's bed", "twin bed", "bedstead"),
    ),
    Kind(
        name="double_bed",
        category="beds",
        layer="furniture",
        size_m=(1.6, 2.12, 1.05),
        build=bed,
        relation=R.AGAINST,
        clearance_m=(0.4, 0.0),
        synonyms=("king size bed", "queen bed", "marital bed", "big bed", "four poster"),
    ),
    Kind(
        name="bunk_bed",
        category="beds",
        layer="furniture",
        size_m=(0.98, 2.04, 1.72),
        build=bunk_bed,
        relation=R.AGAINST,
        clearance_m=(0.5, 0.0),
        synonyms=("bunk", "bunks", "bunk beds", "berth"),
    ),
    Kind(
        name="hospital_bed",
        category="beds",
        layer="furniture",
        size_m=(0.94, 2.1, 1.02),
        build=hospital_bed,
        relation=R.AGAINST,
        clearance_m=(0.5, 0.3),
        synonyms=("patient bed", "sick bed", "ward bed"),
    ),
    Kind(
        name="gurney",
        category="beds",
        layer="furniture",
        size_m=(0.68, 1.98, 0.98),
        build=hospital_bed,
        relation=R.AGAINST,
        synonyms=("stretcher", "hospital trolley", "trolley bed", "examination table", "mortuary table"),
    ),
    Kind(
        name="cot",
        category="beds",
        layer="furniture",
        size_m=(0.7, 1.3, 0.96),
        build=cot,
        relation=R.AGAINST,
        clearance_m=(0.4, 0.0),
        synonyms=("crib", "baby bed", "cradle"),
    ),
    Kind(
        name="camp_bed",
        category="beds",
        layer="furniture",
        size_m=(0.72, 1.92, 0.48),
        build=camp_bed,
        relation=R.AGAINST,
        synonyms=("army cot", "field bed", "folding bed", "pallet bed"),
    ),
)
