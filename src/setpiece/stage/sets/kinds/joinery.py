"""What all furniture shares: legs, tops, fronts of doors and drawers, handles, shades, in the manner of a time.

Place in the flow: between :mod:`..making` and the kinds. Everything is added to a workshop; at ``y`` a front looks to -y.
"""

from __future__ import annotations

import numpy as np

from setpiece.core.scene import MaterialKind, SceneMaterial
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.making import Manner, Workshop, polar, toned
from setpiece.stage.sets.mesh import Vector

K = MaterialKind
CORNERS = ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))


def turned_leg(height: float, thick: float) -> tuple[tuple[float, float], ...]:
    """The profile of a turned leg: foot, ring, swelling, square-shouldered top."""
    rows = (
        (0.55, 0.0),
        (0.75, 0.03),
        (0.75, 0.07),
        (0.45, 0.10),
        (0.5, 0.14),
        (0.95, 0.32),
        (1.0, 0.45),
        (0.6, 0.62),
        (0.55, 0.68),
        (0.9, 0.70),
        (0.9, 0.73),
        (0.6, 0.75),
        (1.05, 0.78),
        (1.05, 1.0),
    )
    return tuple((thick * r, height * z) for r, z in rows)


def legs(w: Workshop, size: Vector, at: Vector = (0, 0, 0), *, thick: float = 0.022, wood: SceneMaterial | None = None) -> None:
    """Four legs under a box ``size`` (width, depth, height) in the manner; a pedestal where nothing has four legs."""
    wide, deep, high = size
    wood = wood or w.wood()
    metal = w.metal()
    if w.of(Manner.FUTURISTIC):
        reach = 0.32 * min(wide, deep)
        profile = [
            (reach, 0),
            (reach, 0.012),
            (reach * 0.5, 0.03),
            (thick * 1.6, 0.18 * high),
            (thick * 1.4, 0.8 * high),
            (reach * 0.7, high),
        ]
        w.lathe(profile, at, w.stuff(K.PLASTIC, w.make.palette.trim), segments=32)
        return
    if w.of(Manner.SEVENTIES):
        w.both(
            lambda side: w.tube(
                [
                    (at[0] + side * (wide / 2 - thick), at[1] + y, at[2] + z)
                    for y, z in (
                        (-deep / 2 + thick, high),
                        (-deep / 2 + thick, 0.012),
                        (deep / 2 - thick, 0.012),
                        (deep / 2 - thick, high),
                    )
                ],
                min(0.012, thick),
                metal,
            )
        )
        return
    for sx, sy in CORNERS:
        x, y = at[0] + sx * (wide / 2 - 1.4 * thick), at[1] + sy * (deep / 2 - 1.4 * thick)
        if w.of(Manner.EDWARDIAN):
            w.lathe(turned_leg(high, thick), (x, y, at[2]), wood, segments=16)
        elif w.of(Manner.DECO):
            w.add(_tapered(thick, high, 0.75), wood, (x, y, at[2]), bevel=0.003)
            w.box((1.7 * thick, 1.7 * thick, min(0.03, 0.3 * high)), (x, y, at[2]), metal)
        elif w.of(Manner.FIFTIES):
            x, y = at[0] + sx * (wide / 2 - 1.2 * thick), at[1] + sy * (deep / 2 - 1.2 * thick)
            lean = min(0.16 * high, 0.12 * min(wide, deep))
            top = (x - sx * lean * 1.2, y - sy * lean * 1.2, at[2] + high)
            w.add(_strut((x, y, at[2]), top, 0.45 * thick, 0.95 * thick), wood)
            w.add(
                _strut(
                    (x, y, at[2]),
                    tuple(np.array((x, y, at[2])) + 0.12 * (np.array(top) - (x, y, at[2]))),
                    0.5 * thick,
                    0.58 * thick,
                ),
                metal,
            )
        elif w.of(Manner.INDUSTRIAL):
            w.box((0.03, 0.03, high - 0.02), (x, y, at[2] + 0.02), metal, bevel=0.002)
            w.rod(0.022, 0.02, (x, y, at[2]), w.stuff(K.RUBBER, (0.02, 0.02, 0.02)))
        else:
            stout = {Manner.RUSTIC: 1.5, Manner.NINETIES: 1.0}.get(w.manner, 0.8)
            taper = 0.7 if w.of(Manner.CONTEMPORARY) else 0.96
            w.add(_tapered(stout * thick, high, taper), wood, (x, y, at[2]), bevel=0.006 if stout > 1 else 0.002)
    if w.of(Manner.RUSTIC, Manner.INDUSTRIAL) and high > 0.3:
        low = at[2] + 0.22 * high
        for sy in (-1.0, 1.0):
            w.box(
                (wide - 3 * thick, thick, 0.035),
                (at[0], at[1] + sy * (deep / 2 - 1.4 * thick), low),
                wood if w.of(Manner.RUSTIC) else metal,
            )
        w.both(
            lambda side: w.box(
                (thick, deep - 3 * thick, 0.035),
                (at[0] + side * (wide / 2 - 1.4 * thick), at[1], low + 0.04),
                wood if w.of(Manner.RUSTIC) else metal,
            )
        )


def _tapered(thick: float, high: float, foot: float) -> m.PolyMesh:
    """A square leg, narrower at its foot."""
    rings = [[(sx * thick * share, sy * thick * share, z) for sx, sy in CORNERS] for z, share in ((0.0, foot), (high, 1.0))]
    return m.seen(m.skin(np.array(rings), smooth=False), along=2)


def _strut(foot: Vector, head: Vector, low: float, high: float) -> m.PolyMesh:
    """A round tapered bar from foot to head, cut level at both."""
    flat = m.circle(1.0, 14)
    rings = [
        np.column_stack([flat * r + end[:2], np.full(14, end[2])]) for end, r in ((np.array(foot), low), (np.array(head), high))
    ]
    return m.seen(m.skin(np.array(rings)), along=2)


def tabletop(
    w: Workshop, size: tuple[float, float], z: float, thick: float, material: SceneMaterial, *, circular: bool = False
) -> None:
    """A top whose upper side is at ``z``: its edge in the manner."""
    wide, deep = size
    if circular:
        flat = m.circle(1.0, 56) * (wide / 2, deep / 2)
        soft = min(0.3 * thick, 0.008)
        rings = [
            np.column_stack([flat * (1 - away / max(wide, deep) * 2), np.full(56, at)])
            for away, at in ((soft, z - thick), (0.0, z - thick + soft), (0.0, z - soft), (soft, z))
        ]
        w.add(m.seen(m.skin(np.array(rings))), material)
    elif w.of(Manner.FIFTIES, Manner.SEVENTIES, Manner.FUTURISTIC, Manner.DECO):
        corner = {Manner.FIFTIES: 0.07 if material.kind is K.LINOLEUM else 0.02, Manner.SEVENTIES: 0.03, Manner.DECO: 0.12}.get(
            w.manner, 0.16
        )
        w.block((wide, deep, thick), (0, 0, z - thick), material, corner=min(corner, 0.3 * deep), edge=min(0.006, thick / 3))
        if material.kind is K.LINOLEUM and thick < 0.05:
            rim = m.rounded(wide + 0.001, deep + 0.001, min(0.07, 0.3 * deep))
            band = np.column_stack([rim, np.full(len(rim), z - thick / 2)])
            w.add(m.sweep(band, m.rounded(0.006, 0.8 * thick, 0.002, 2), closed=True), w.stuff(K.CHROME, (0.6, 0.6, 0.62)))
    elif w.of(Manner.EDWARDIAN):
        w.box((wide, deep, 0.55 * thick), (0, 0, z - 0.55 * thick), material, bevel=0.008)
        w.box((wide - 0.03, deep - 0.03, 0.45 * thick), (0, 0, z - thick), material, bevel=0.004)
    elif w.of(Manner.RUSTIC):
        many = max(3, round(deep / 0.17))
        for number in range(many):
            y = (number + 0.5) / many * deep - deep / 2
            w.box(
                (wide - w.chance(0, 0.012), deep / many - 0.003, 1.2 * thick),
                (0, y, z - 1.2 * thick),
                toned(material, w.chance(0.85, 1.12)),
                bevel=0.006,
            )
    else:
        w.box((wide, deep, thick), (0, 0, z - thick), material, bevel=0.002 if w.of(Manner.CONTEMPORARY) else 0.004)


def handle(w: Workshop, at: Vector, length: float = 0.12, *, upright: bool = False) -> None:
    """A handle on a front whose face is at ``at``."""
    x, y, z = at
    metal = w.metal()
    if w.of(Manner.EDWARDIAN):
        w.add(
            m.lathe(
                [(0.012, 0), (0.012, 0.004), (0.005, 0.008), (0.006, 0.016), (0.014, 0.022), (0.014, 0.028), (0.0, 0.033)], 14
            ),
            metal,
            at,
            (90, 0, 0),
        )
    elif w.of(Manner.RUSTIC):
        w.add(
            m.lathe([(0.010, 0), (0.010, 0.015), (0.018, 0.025), (0.018, 0.032), (0.0, 0.038)], 12),
            w.wood(0.6, role=""),
            at,
            (90, 0, 0),
        )
    elif w.of(Manner.FIFTIES):
        w.add(m.lathe([(0.007, 0), (0.006, 0.012), (0.016, 0.022), (0.013, 0.027), (0.0, 0.028)], 14), metal, at, (90, 0, 0))
    elif w.of(Manner.INDUSTRIAL):
        w.add(m.cylinder(0.03, 0.06, segments=14), metal, (x - 0.03, y - 0.008, z), (0, 90, 0))
    elif w.of(Manner.FUTURISTIC):
        size = (0.012, 0.003, length) if upright else (length, 0.003, 0.012)
        w.box(size, (x, y - 0.0015, z - size[2] / 2), w.glow(60.0, "#8fd8ff"), bevel=0)
    else:
        out = 0.03
        half = length / 2
        ends = [(0, 0), (0, -out), (1, -out), (1, 0)]
        line = [(x, y + d, z - half + length * t) if upright else (x - half + length * t, y + d, z) for t, d in ends]
        w.tube(line, 0.006 if w.of(Manner.NINETIES) else 0.0045, metal)


def front(
    w: Workshop, size: tuple[float, float], at: Vector, material: SceneMaterial, *, side: float = 0.0, thick: float = 0.02
) -> None:
    """A door (``side`` -1 or 1: where its handle is) or a drawer front (0). ``at`` is the middle of its lower back edge."""
    wide, high = size
    x, y, z = at
    face = y - thick
    if w.of(Manner.EDWARDIAN, Manner.RUSTIC) and high > 0.22:
        rail = min(0.07, 0.2 * wide, 0.2 * high)
        outer, inner = m.rounded(wide, high, 1e-4, 2), m.rounded(wide - 2 * rail, high - 2 * rail, 1e-4, 2)
        w.add(m.framed(outer, inner, thick), material, (x, y, z + high / 2), (90, 0, 0), bevel=0.004)
        w.box((wide - 2 * rail, 0.008, high - 2 * rail), (x, y - 0.006, z + rail), toned(material, 0.93))
        if w.of(Manner.EDWARDIAN) and min(wide, high) > 4 * rail:
            w.box((wide - 3.4 * rail, 0.008, high - 3.4 * rail), (x, y - 0.012, z + 1.7 * rail), material, bevel=0.004)
    elif w.of(Manner.INDUSTRIAL):
        w.box((wide, thick, high), (x, y - thick / 2, z), material, bevel=0.004)
        for share in (0.8, 0.86, 0.92) if high > 0.5 else ():
            w.box(
                (0.5 * wide, 0.004, 0.006), (x, face - 0.001, z + share * high), w.stuff(K.RUBBER, (0.01, 0.01, 0.01)), bevel=0
            )
    elif w.of(Manner.DECO):
        w.block((wide, thick, high), (x, y - thick / 2, z), material, corner=0.009)
        for share in (0.12, 0.18):
            w.box((wide - 0.004, 0.003, 0.005), (x, face - 0.001, z + share * high), w.metal())
    else:
        w.box((wide, thick, high), (x, y - thick / 2, z), material, bevel=0.006 if w.of(Manner.NINETIES) else 0.002)
    upright = side != 0 and not w.of(Manner.DECO)
    long = min(0.5 * (high if upright else wide), 0.14 if not w.of(Manner.CONTEMPORARY) else 0.22)
    place = z + (high * (0.5 if not side else 0.82 if z < 0.6 else 0.16 if z > 1.2 else 0.5))
    handle(w, (x + side * (wide / 2 - 0.045), face, place), long, upright=upright)


def fronts(
    w: Workshop, size: tuple[float, float], at: Vector, columns: int, rows: int, material: SceneMaterial, *, doors: bool = False
) -> None:
    """A field of drawers or doors, 4 mm apart; ``at`` is the middle of its lower back edge."""
    wide, high = size[0] / columns, size[1] / rows
    for column in range(columns):
        for row in range(rows):
            x = at[0] - size[0] / 2 + (column + 0.5) * wide
            side = 0.0 if not doors else (1.0 if column % 2 == 0 and columns > 1 else -1.0)
            front(w, (wide - 0.004, high - 0.004), (x, at[1], at[2] + row * high + 0.002), material, side=side)


def carcass(w: Workshop, size: Vector, at: Vector, material: SceneMaterial, *, thick: float = 0.02, shelves: int = 0) -> None:
    """An open box on its back: sides, bottom, top, back, and shelves. ``at`` is the middle of its lower side."""
    wide, deep, high = size
    x, y, z = at
    w.both(lambda side: w.box((thick, deep, high), (x + side * (wide - thick) / 2, y, z), material))
    for level in range(shelves + 2):
        height = z + (high - thick) * level / (shelves + 1)
        w.box((wide - 2 * thick, deep - 0.004, thick), (x, y, height), material, bevel=0.002)
    w.box((wide - 2 * thick, 0.008, high - 2 * thick), (x, y + deep / 2 - 0.008, z + thick), toned(material, 0.8))


def shade(w: Workshop, radius: float, height: float, at: Vector, kelvin: float, nits: float, colour: str = "#f0dfb8") -> None:
    """A lampshade whose lower rim is at ``at``, in the manner; a lamp's light passes it."""
    glow = w.glow(nits, colour, K.LAMPSHADE)
    if w.of(Manner.INDUSTRIAL):
        enamel = w.stuff(K.ENAMEL, w.make.colour or "#2e4238")
        rows = [
            (radius, 0),
            (radius, 0.012),
            (radius * 0.92, 0.25 * height),
            (radius * 0.45, 0.7 * height),
            (radius * 0.16, 0.8 * height),
            (radius * 0.16, height),
        ]
        outside = [
            *rows,
            (radius * 0.1, height),
            (radius * 0.1, 0.79 * height),
            (radius * 0.42, 0.67 * height),
            (radius * 0.89, 0.25 * height),
            (radius * 0.96, 0.0),
        ]
        w.lathe(outside, at, enamel, ring=True, segments=36)
        return
    if w.of(Manner.FUTURISTIC):
        ring = [polar(radius * 0.9, a, at[2] + height / 2) for a in range(0, 360, 10)]
        w.add(m.tube(np.add(ring, (at[0], at[1], 0)), min(0.025, height / 3), 8, closed=True), glow, shadow=False)
        return
    forms: dict[Manner, list[tuple[float, float]]] = {
        Manner.EDWARDIAN: [(1.0, 0), (0.8, 0.2), (0.62, 0.45), (0.5, 0.75), (0.45, 1)],
        Manner.DECO: [(0.55, 0), (0.95, 0.12), (1.0, 0.22), (0.8, 0.4), (0.78, 0.5), (0.55, 0.7), (0.5, 0.85), (0.3, 1)],
        Manner.SEVENTIES: [(0.35, 0), (0.75, 0.12), (1.0, 0.42), (0.97, 0.6), (0.7, 0.9), (0.3, 1)],
        Manner.FIFTIES: [(1.0, 0), (0.55, 1)],
    }
    rows = forms.get(w.manner, [(1.0, 0), (0.9, 1)] if w.of(Manner.CONTEMPORARY) else [(1.0, 0), (0.62, 1)])
    many = 36
    out = [(radius * r, height * z) for r, z in rows]
    inside = [(r - 0.003, z) for r, z in reversed(out)]
    made = m.lathe([*out, *inside], many, ring=True)
    if w.of(Manner.EDWARDIAN):
        points = np.array(made.vertices, float)
        angle = np.arctan2(points[:, 1], points[:, 0])
        points[:, :2] *= (1 + 0.035 * np.abs(np.sin(9 * angle)))[:, None]
        made = m.PolyMesh(
            vertices=points.astype(np.float32), corners=made.corners, face_start=made.face_start, uv=made.uv, smooth=True
        )
    w.add(made, glow, at, shadow=False)
    for share in (0, -1):
        hem = np.array([polar(out[share][0], a, out[share][1]) for a in range(0, 360, 15)]) + at
        w.add(m.tube(hem, 0.003, 5, closed=True), w.accent(K.COTTON), shadow=False)


def bulb(w: Workshop, at: Vector, lumens: float, kelvin: float, radius: float = 0.03) -> None:
    """A visible bulb with its light."""
    w.lathe(
        [
            (0, -1.3 * radius),
            (0.6 * radius, -1.1 * radius),
            (radius, -0.3 * radius),
            (0.9 * radius, 0.4 * radius),
            (0.45 * radius, 1.3 * radius),
            (0, 1.35 * radius),
        ],
        at,
        w.glow(lumens / 0.12, "#ffe2b0" if kelvin < 3600 else "#fff8f0"),
        shadow=False,
        segments=14,
    )
    w.lamp(at, lumens, kelvin, radius=radius)
