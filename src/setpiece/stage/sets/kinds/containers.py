"""What things are carried and packed in: crates, barrels, safes, trunks, suitcases, boxes, clothes rails."""

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
    levels = np.linspace(0, high, 9)
    bulge = r * (0.84 + 0.15 * np.sin(np.pi * levels / high))
    for number in range(staves):
        a0, a1 = (2 * math.pi * (number + k) / staves for k in (0.015, 0.985))
        ring = [
            [(rr * math.cos(a), rr * math.sin(a), h) for rr, a in ((b, a0), (b, a1), (b - 0.025, a1), (b - 0.025, a0))]
            for b, h in zip(bulge, levels, strict=True)
        ]
        w.add(m.skin(np.array(ring), smooth=False), toned(wood, w.chance(0.78, 1.15)), bevel=0.002)
    for share in (0.06, 0.2, 0.36, 0.64, 0.8, 0.94):
        at = share * high
        b = float(np.interp(at, levels, bulge))
        w.lathe(
            [(b, -0.02), (b + 0.004, -0.02), (b + 0.004, 0.02), (b, 0.02)],
            (0, 0, at),
            w.stuff(K.RUST, (0.12, 0.1, 0.09)),
            ring=True,
            segments=40,
        )
    for at in (0.03, high - 0.05):
        w.rod(float(np.interp(at, levels, bulge)) - 0.02, 0.02, (0, 0, at), wood, segments=36)
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
    return w.thing()


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
        w.tube([(x, -0.01, high - 0.11), (x, 0.0, high - 0.03), (x, 0.016, high)], 0.003, w.metal(), bent=3)
        x += w.chance(0.06, 0.13)
    return w.thing()


KINDS = (
    Kind(name="crate", category="storage", layer="furniture", size_m=(0.6, 0.42, 0.36), build=crate, top=True,
         synonyms=("wooden crate", "fish box", "packing case", "apple box", "beer crate", "fish crate", "hay")),
    Kind(name="barrel", category="storage", layer="furniture", size_m=(0.58, 0.58, 0.86), build=barrel, relation=R.CORNER,
         top=True, synonyms=("cask", "keg", "oil drum", "drum", "wine barrel")),
    Kind(name="safe", category="storage", layer="furniture", size_m=(0.6, 0.58, 0.9), build=safe, relation=R.AGAINST,
         clearance_m=(0.5, 0.0), top=True, synonyms=("strongbox", "strong box")),
    Kind(name="trunk", category="storage", layer="furniture", size_m=(0.95, 0.52, 0.52), build=trunk, relation=R.AGAINST,
         synonyms=("chest", "steamer trunk", "travelling trunk", "toy chest", "blanket box")),
    Kind(name="suitcase", category="storage", layer="dressing", size_m=(0.62, 0.2, 0.46), build=suitcase,
         synonyms=("luggage", "valise", "case")),
    Kind(name="boxes", category="storage", layer="dressing", size_m=(0.5, 0.42, 0.68), build=boxes, top=True,
         synonyms=("box", "cardboard box", "carton", "moving box", "archive box")),
    Kind(name="clothes_rail", category="storage", layer="furniture", size_m=(1.4, 0.5, 1.65), build=clothes_rail,
         relation=R.AGAINST, clearance_m=(0.4, 0.0), synonyms=("garment rail", "costume rail", "clothes rack",
         "hanging rail")),
)  # fmt: skip
