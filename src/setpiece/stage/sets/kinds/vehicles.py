"""Cars, bicycles, barrows."""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import SceneMaterial, Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, linear
from setpiece.stage.sets.soft import cloth

R = Relation


def _wheel(w: Workshop, at: m.Vector, r: float, wide: float, side: float) -> None:
    tyre = [
        (0.62 * r, -wide / 2),
        (0.93 * r, -wide / 2),
        (r, -0.3 * wide),
        (r, 0.3 * wide),
        (0.93 * r, wide / 2),
        (0.62 * r, wide / 2),
    ]
    w.lathe(tyre, at, w.stuff(K.RUBBER, (0.02, 0.02, 0.021)), ring=True, turn=(0, 90, 0), segments=32)
    hub = [
        (0, -0.2 * wide),
        (0.63 * r, -0.2 * wide),
        (0.63 * r, 0.3 * wide),
        (0.5 * r, 0.32 * wide),
        (0.4 * r, 0.22 * wide),
        (0.2 * r, 0.4 * wide),
        (0, 0.42 * wide),
    ]
    steel = w.stuff(K.CHROME, (0.6, 0.6, 0.62))
    w.lathe(hub, at, steel, turn=(0, 90 * side, 0), segments=28)
    for k in range(5):
        a = math.radians(72 * k)
        w.rod(
            0.05 * r,
            0.02,
            (at[0] + side * 0.3 * wide, at[1] + 0.3 * r * math.cos(a), at[2] + 0.3 * r * math.sin(a)),
            w.plastic("#202022"),
            turn=(0, 90 * side, 0),
            segments=8,
        )


def car(make: Make) -> Thing:
    """A saloon of its time, parked; its bonnet to -y. Body in sections, glass house, wheels, lamps, bumpers."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    old, fifties = w.of(Manner.EDWARDIAN, Manner.DECO), w.of(Manner.FIFTIES, Manner.RUSTIC)
    paint = w.paint(make.palette.fabric, "body", roughness=0.12)
    r = 0.33 if not old else 0.36
    # (along, sill height, belt height, half width): from the nose to the tail.
    square = w.of(Manner.SEVENTIES, Manner.NINETIES)
    belt = 0.56 * high if not old else 0.6 * high
    tail = 0.04 if fifties else 0.0
    stations = (
        (-0.5, 0.3, 0.74, 0.80), (-0.485, 0.24, 0.86, 0.88), (-0.44, 0.22, 0.94, 0.95), (-0.32, 0.22, 0.98, 0.98),
        (-0.2, 0.2, 1.0, 1.0), (0.0, 0.2, 1.02, 1.0), (0.22, 0.2, 1.02, 1.0), (0.34, 0.22, 1.0 + tail, 0.99),
        (0.45, 0.24, 0.97 + 2 * tail, 0.95), (0.49, 0.28, 0.88, 0.9), (0.5, 0.34, 0.8, 0.84),
    )  # fmt: skip
    rings = []
    for along, sill, top, half in stations:
        sharp = 0.26 if square else 0.4
        a = np.arange(28) * 2 * math.pi / 28 + math.pi / 28
        c, s = np.cos(a), np.sin(a)
        x = np.sign(c) * np.abs(c) ** sharp * half * wide / 2 * (0.97 + 0.03 * s)
        z = sill + (top * belt - sill) * (0.5 + 0.5 * np.sign(s) * np.abs(s) ** sharp)
        rings.append(np.stack([x, np.full(28, along * deep), z], 1))
    w.add(m.skin(np.array(rings)[:, ::-1]), paint)
    front, back, slope = (-0.16, 0.34, 0.09) if not w.of(Manner.CONTEMPORARY, Manner.FUTURISTIC) else (-0.24, 0.46, 0.16)
    if old:
        front, back, slope = -0.1, 0.36, 0.03
    _glass_house(w, (front, back, slope), belt, paint)
    dark = w.stuff(K.LEATHER, "#2a1c14")
    for share in (0.34, 0.74):
        y = (front + share * (back - front)) * deep
        w.block((0.74 * wide, 0.5, 0.3), (0, y, 0.3), dark, corner=0.08)
        w.block((0.74 * wide, 0.14, 0.62 * high - 0.3), (0, y + 0.24, 0.34), dark, corner=0.06, turn=(-10, 0, 0))
    _car_details(w, (front, back), belt, paint, old=old or fifties)
    for y in (-0.33, 0.31):
        for side in (-1.0, 1.0):
            _wheel(w, (side * (wide / 2 - 0.1), y * deep, r), r, 0.19, side)
            arch = [
                (side * (wide / 2 - 0.012), y * deep + (r + 0.06) * math.cos(a), r + (r + 0.06) * math.sin(a))
                for a in np.linspace(0.0, math.pi, 15)
            ]
            w.tube(arch, 0.03 if not old else 0.09, paint)
            w.add(
                m.cylinder(r + 0.055, 0.2, segments=28),
                w.plastic("#050505", roughness=0.9),
                (side * (wide / 2 - 0.21) - 0.1, y * deep, r),
                (0, 90, 0),
            )
    return w.thing()


def _glass_house(w: Workshop, shape: tuple[float, float, float], belt: float, paint: SceneMaterial) -> None:
    """Windows, roof and pillars; ``shape`` is where it begins and ends and how it slopes, as shares of the length."""
    wide, deep, high = w.width, w.depth, w.height
    front, back, slope = shape
    roof = [
        (front * deep, belt, 0.43),
        ((front + slope) * deep, high - 0.05, 0.36),
        ((front + slope + 0.06) * deep, high, 0.35),
        ((back - slope - 0.06) * deep, high, 0.35),
        ((back - slope) * deep, high - 0.04, 0.36),
        (back * deep, belt, 0.43),
    ]
    rings = [
        [(sx * half * wide, y, zz) for sx, zz in ((1, belt - 0.05), (1, z), (-1, z), (-1, belt - 0.05))]
        for y, z, half in ((y, max(z, belt - 0.045), h) for y, z, h in roof)
    ]
    glass = w.stuff(K.GLASS, (0.1, 0.12, 0.13), roughness=0.03)
    w.add(m.skin(np.array(rings)[:, ::-1], smooth=False), glass, bevel=0.02)
    cover = [
        [(sx * half * wide * 1.01, y, z + up) for sx, up in ((1, -0.03), (0.93, 0.012), (-0.93, 0.012), (-1, -0.03))]
        for y, z, half in roof[1:-1]
    ]
    w.add(m.skin(np.array(cover)[:, ::-1]), paint)
    for y0, y1 in ((0, 1), (5, 4)):
        for side in (-1.0, 1.0):
            w.tube(
                [
                    (side * roof[y0][2] * wide * 1.005, roof[y0][0], roof[y0][1] - 0.02),
                    (side * roof[y1][2] * wide * 1.005, roof[y1][0], roof[y1][1]),
                ],
                0.028,
                paint,
            )
    middle = 0.5 * (roof[2][0] + roof[3][0])
    for side in (-1.0, 1.0):
        w.tube([(side * 0.432 * wide, middle, belt), (side * 0.362 * wide, middle, high - 0.04)], 0.026, paint)


def _car_details(w: Workshop, house: tuple[float, float], belt: float, paint: SceneMaterial, *, old: bool) -> None:
    wide, deep = w.width, w.depth
    chrome = w.stuff(K.CHROME, (0.6, 0.6, 0.62)) if old or w.of(Manner.SEVENTIES) else w.plastic("#202224")
    for y, sign in ((-deep / 2, -1.0), (deep / 2, 1.0)):
        w.add(m.block((0.96 * wide, 0.12, 0.13), 0.05, 0.04), chrome, (0, y + sign * 0.02, 0.36))
        for side in (-1.0, 1.0):
            if sign < 0:
                w.add(
                    m.lathe([(0.0, 0), (0.085, 0), (0.095, 0.03), (0.08, 0.045), (0, 0.06)], 22),
                    w.glow(40, "#f4f0e0") if w.make.lit and not w.of(Manner.FUTURISTIC) else w.stuff(K.GLASS, (0.8, 0.8, 0.8)),
                    (side * 0.37 * wide, y + 0.04, 0.64 * belt / 0.8),
                    (90, 0, 0),
                )
            else:
                w.box(
                    (0.18, 0.05, 0.1),
                    (side * 0.36 * wide, y - 0.02, 0.62 * belt / 0.8),
                    w.plastic("#7a100c", roughness=0.15),
                    bevel=0.02,
                )
        w.box((0.36, 0.012, 0.1), (0, y + sign * 0.085, 0.38), w.stuff(K.ENAMEL, "#d8d4c4"), bevel=0.004)
    for k in range(7):
        w.box((0.5 * wide, 0.02, 0.012), (0, -deep / 2 + 0.005, 0.48 + 0.035 * k), chrome, bevel=0.003)
    for side in (-1.0, 1.0):
        x = side * (wide / 2 - 0.004)
        for share in (0.24, 0.62):
            y = (house[0] + share * (house[1] - house[0]) + 0.1) * deep
            w.box((0.03, 0.16, 0.025), (x, y, 0.86 * belt), chrome, bevel=0.008)
        for share in (0.0, 0.46, 0.9):
            y = (house[0] + share * (house[1] - house[0]) + 0.04) * deep
            w.box((0.006, 0.008, 0.56 * belt), (x, y, 0.34 * belt), w.plastic("#080808"), bevel=0)
        w.block((0.12, 0.07, 0.09), (side * (wide / 2 + 0.02), (house[0] + 0.06) * deep, belt + 0.02), paint, corner=0.03)
        if old:
            w.tube(
                [
                    (side * (wide / 2), -0.44 * deep, 0.78 * belt),
                    (side * (wide / 2 + 0.004), 0.0, 0.82 * belt),
                    (side * wide / 2, 0.44 * deep, 0.78 * belt),
                ],
                0.012,
                chrome,
            )


def bicycle(make: Make) -> Thing:
    """A bicycle on its stand; front wheel to -x."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    paint, chrome, rubber = (
        w.paint(make.palette.accent, "body", roughness=0.2),
        w.stuff(K.CHROME, (0.6, 0.6, 0.62)),
        w.stuff(K.RUBBER, (0.02, 0.02, 0.02)),
    )
    r = 0.33
    xf, xr, hub = -wide / 2 + r + 0.02, wide / 2 - r - 0.02, r + 0.015
    for x in (xf, xr):
        ring = [(x + (r - 0.016) * math.cos(a), 0.0, hub + (r - 0.016) * math.sin(a)) for a in np.arange(40) * math.pi / 20]
        w.tube(ring, 0.018, rubber, closed=True)
        w.tube(
            [(x + (r - 0.036) * math.cos(a), 0.0, hub + (r - 0.036) * math.sin(a)) for a in np.arange(40) * math.pi / 20],
            0.008,
            chrome,
            closed=True,
        )
        for k in range(20):
            a = k * math.pi / 10
            w.tube(
                [(x, 0.02 * (-1) ** k, hub), (x + (r - 0.04) * math.cos(a), 0, hub + (r - 0.04) * math.sin(a))],
                0.0014,
                chrome,
                segments=4,
            )
        guard = [
            (x + (r + 0.025) * math.cos(a), 0.0, hub + (r + 0.025) * math.sin(a)) for a in np.linspace(0.2, math.pi - 0.2, 17)
        ]
        w.tube(guard, 0.018, paint)
        w.rod(0.025, 0.09, (x, 0.045, hub), chrome, turn=(90, 0, 0))
    crank, seat, head = (0.05, 0.0, hub - 0.04), (0.16, 0.0, 0.78), (xf + 0.13, 0.0, 0.82)
    lower = (xf + 0.17, 0.0, 0.66)
    for ends in ((crank, seat), (seat, head), (crank, lower), (lower, head)):
        w.tube(ends, 0.015, paint)
    for side in (-1.0, 1.0):
        w.tube([(crank[0], 0, crank[2]), (xr, side * 0.05, hub)], 0.009, paint)
        w.tube([(seat[0], 0, seat[2] - 0.05), (xr, side * 0.05, hub)], 0.009, paint)
        w.tube(
            [(lower[0], side * 0.02, lower[2]), (xf + 0.06, side * 0.05, hub + 0.24), (xf, side * 0.05, hub)],
            0.011,
            paint,
            bent=4,
        )
        w.tube(
            [(head[0], 0, 0.96), (head[0] + 0.02, side * 0.18, 0.98), (head[0] + 0.15, side * min(0.27, 0.48 * deep), 0.96)],
            0.011,
            chrome,
            bent=4,
        )
        w.add(m.cylinder(0.017, 0.11), rubber, (head[0] + 0.05, side * min(0.25, 0.45 * deep), 0.97), (0, 90, 0))
        w.tube(
            [(crank[0], side * 0.07, crank[2]), (crank[0] + side * 0.12, side * 0.07, crank[2] - side * 0.12)], 0.009, chrome
        )
        w.box((0.08, 0.08, 0.02), (crank[0] + side * 0.12, side * 0.11, crank[2] - side * 0.12 - 0.01), rubber)
    w.rod(0.011, 0.16, (seat[0], 0, seat[2]), chrome)
    w.tube([head, (head[0], 0, 0.97)], 0.012, chrome)
    w.add(m.block((0.26, 0.15, 0.06), 0.06, 0.025), w.stuff(K.LEATHER, "#3a2416"), (seat[0] + 0.03, 0, high - 0.1))
    w.rod(0.09, 0.006, (crank[0], -0.03, crank[2]), chrome, turn=(90, 0, 0), segments=28)
    w.tube([(xr - 0.08, 0.06, hub - 0.02), (xr - 0.12, 0.2, 0.01)], 0.009, chrome)
    return w.thing()


def cart(make: Make) -> Thing:
    """A street seller's barrow on two spoked wheels, with boxes of fruit."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    wood = w.wood()
    bed, r = 0.72, 0.38
    w.box((wide - 0.2, deep - 0.24, 0.05), (0, 0, bed), wood)
    for sy in (-1.0, 1.0):
        w.box(
            (wide - 0.2, 0.03, 0.2),
            (0, sy * (deep / 2 - 0.13), bed + 0.02),
            w.paint(make.palette.accent, wear=0.6),
            bevel=0.006,
        )
        y = sy * (deep / 2 - 0.05)
        w.tube(
            [(r * math.cos(a) - 0.1, y, r + 0.02 + r * math.sin(a)) for a in np.arange(32) * math.pi / 16],
            0.022,
            wood,
            closed=True,
        )
        for k in range(10):
            a = k * math.pi / 5
            w.tube([(-0.1, y, r + 0.02), (-0.1 + r * math.cos(a), y, r + 0.02 + r * math.sin(a))], 0.012, wood, segments=6)
        w.tube([(wide / 2 - 0.4, sy * 0.3 * deep, bed), (wide / 2, sy * 0.3 * deep, bed + 0.1)], 0.02, wood)
        w.box((0.05, 0.05, bed), (wide / 2 - 0.25, sy * 0.3 * deep, 0), wood)
        for x in (-wide / 2 + 0.14, wide / 2 - 0.24):
            w.rod(0.018, high - bed, (x, sy * (deep / 2 - 0.16), bed), wood)
    u, v = np.meshgrid(np.linspace(-wide / 2 + 0.06, wide / 2 - 0.16, 21), np.linspace(-deep / 2, deep / 2, 9), indexing="ij")
    z = high - 0.02 - 0.06 * np.abs(np.sin(u * 5)) * 0.5 - 0.1 * (np.abs(v) / deep * 2) ** 2
    w.add(
        cloth(np.stack([u, v, z], -1), 0.005),
        w.stuff(K.PINSTRIPE, make.palette.accent, colour_2=linear("#efe6d2"), scale_m=0.25),
    )
    from setpiece.stage.sets.kinds.food import apple

    for k in range(24):
        apple(w, (-wide / 2 + 0.25 + (k % 8) * (wide - 0.6) / 8, (k // 8 - 1) * 0.22 * deep, bed + 0.06), 0.045)
    return w.thing()


KINDS = (
    Kind(name="car", category="vehicles", layer="furniture", size_m=(1.72, 4.35, 1.46), build=car, synonyms=("parked car",
         "saloon", "automobile", "taxi", "sedan", "police car")),
    Kind(name="bicycle", category="vehicles", layer="furniture", size_m=(1.72, 0.56, 1.02), build=bicycle,
         relation=R.AGAINST, synonyms=("bike", "pushbike", "push bike")),
    Kind(name="cart", category="street", layer="furniture", size_m=(1.9, 1.0, 2.05), build=cart, synonyms=("barrow",
         "handcart", "market stall", "food cart", "flower stall", "hot dog cart")),
)  # fmt: skip
