"""Doors, windows, arches, hatches and vaults in their holes, with frames, panes, ironmongery and curtains.

Place in the flow: under :mod:`.architecture`. Frame: on the floor below the middle of the opening, at the wall's inner face; -y
into the room, the wall from y = 0 to its thickness. Doors swing into the room, on hinges at their left.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from setpiece.core.scene import MaterialKind, SceneMaterial
from setpiece.core.set_spec import Opening, SetSpec
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.making import Manner, Workshop, manner
from setpiece.stage.sets.soft import curtain

K = MaterialKind
_BARS = {
    Manner.EDWARDIAN: (2, 4),
    Manner.DECO: (1, 4),
    Manner.FIFTIES: (2, 2),
    Manner.SEVENTIES: (1, 1),
    Manner.NINETIES: (2, 1),
    Manner.CONTEMPORARY: (1, 1),
    Manner.INDUSTRIAL: (4, 5),
    Manner.RUSTIC: (3, 3),
    Manner.FUTURISTIC: (1, 1),
}


def build(w: Workshop, one: Opening, spec: SetSpec, wall_m: float) -> str:
    """Build an opening on the bench ``w``; its category comes back: door, window or arch."""
    if one.style:
        w.manner = manner(one.style, spec.era)
    if "window" in one.kind or "skylight" in one.kind or "porthole" in one.kind:
        window(w, one, wall_m)
        if one.curtain and not w.of(Manner.FUTURISTIC):
            _curtains(w, one)
        return "window"
    if "vault" in one.kind:
        vault_door(w, one, wall_m)
    elif "arch" in one.kind or "opening" in one.kind:
        _arch(w, one, wall_m, w.surface(spec.walls, spec.seed + 2))
        return "arch"
    elif "hatch" in one.kind or (w.of(Manner.FUTURISTIC) and "gate" not in one.kind):
        _sliding(w, one, wall_m)
    elif "gate" in one.kind:
        _shutter(w, one, wall_m)
    else:
        door(w, one, wall_m)
    return "door"


def _trim(w: Workshop) -> SceneMaterial:
    wooden = w.of(Manner.EDWARDIAN, Manner.RUSTIC) and "panelling" in w.make.palette.trim
    return w.wood() if wooden else w.paint(w.make.palette.trim, wear=w.make.wear)


def _architrave(w: Workshop, one: Opening, material: SceneMaterial, *, to_floor: bool) -> None:
    """A moulded surround on the inner face."""
    wide = {
        Manner.EDWARDIAN: 0.13,
        Manner.DECO: 0.10,
        Manner.CONTEMPORARY: 0.05,
        Manner.INDUSTRIAL: 0.04,
        Manner.RUSTIC: 0.12,
    }.get(w.manner, 0.07)
    half, top, low = one.width_m / 2, one.sill_m + one.height_m, one.sill_m
    section = [
        (0, -0.0),
        (0, 0.022),
        (-0.3 * wide, 0.022),
        (-0.4 * wide, 0.016),
        (-0.8 * wide, 0.012),
        (-wide, 0.028),
        (-wide, 0.0),
    ]
    if w.of(Manner.CONTEMPORARY, Manner.INDUSTRIAL, Manner.NINETIES):
        section = [(0, 0), (0, 0.016), (-wide, 0.016), (-wide, 0)]
    points = [(-half, 0, low), (-half, 0, top), (half, 0, top), (half, 0, low)]
    flat = [(-x, y) for x, y in reversed(section)]
    w.add(m.sweep(points, [(-x, y) for x, y in flat], up=(0, -1, 0), smooth=False), material, bevel=0.002)
    if not to_floor:
        w.box((one.width_m + 2 * wide + 0.06, 0.09, 0.03), (0, -0.03, low - 0.03), material, bevel=0.006)
        w.box((one.width_m + 2 * wide, 0.018, 0.07), (0, -0.009, low - 0.1), material, bevel=0.004)
    if w.of(Manner.EDWARDIAN) and to_floor:
        w.box((one.width_m + 2 * wide + 0.08, 0.05, 0.035), (0, -0.025, top + wide), material, bevel=0.006)


def _rect(wide: float, high: float) -> np.ndarray:
    return np.array([(-wide / 2, 0.0), (wide / 2, 0.0), (wide / 2, high), (-wide / 2, high)])


def _ring(
    w: Workshop,
    size: tuple[float, float],
    border: float,
    depth: float,
    at: m.Vector,
    material: SceneMaterial,
    bevel: float = 0.003,
) -> None:
    """An upright frame; ``at`` is the middle of its lower edge, at its face to -y."""
    outer, inner = _rect(*size), np.add(_rect(size[0] - 2 * border, size[1] - 2 * border), (0, border))
    w.add(m.moved(m.framed(outer, inner, depth), (0, 0, -depth)), material, at, (90, 0, 0), bevel=bevel)


def window(w: Workshop, one: Opening, wall_m: float, *, inside: bool = True) -> None:
    """Frame, sashes, glazing bars, panes, sill."""
    wide, high, low = one.width_m, one.height_m, one.sill_m
    metal = w.of(Manner.INDUSTRIAL, Manner.CONTEMPORARY, Manner.FUTURISTIC)
    material = w.stuff(K.METAL, (0.03, 0.032, 0.034), roughness=0.5) if metal else _trim(w)
    glass = w.stuff(K.GLASS, (0.95, 0.98, 0.97), wear=w.make.wear)
    face = 0.45 * wall_m
    if w.of(Manner.FUTURISTIC) or "porthole" in one.kind:
        return _porthole(w, one, wall_m)
    if inside:
        _architrave(w, one, _trim(w), to_floor=low < 0.05)
    border = 0.03 if metal else 0.055
    _ring(w, (wide, high), border, 0.07, (0, face, low), material)
    columns, rows = _BARS[w.manner]
    casements = 2 if w.of(Manner.FIFTIES, Manner.NINETIES, Manner.RUSTIC) and wide > 0.7 else 1
    if wide > 2.2 and columns < 3:
        casements = max(2, round(wide / 1.1))
    inner_w, inner_h = wide - 2 * border, high - 2 * border
    sashes = 2 if w.of(Manner.EDWARDIAN, Manner.DECO) and casements == 1 else 1
    for column in range(casements):
        for row in range(sashes):
            size = (inner_w / casements, inner_h / sashes)
            x, z = -inner_w / 2 + (column + 0.5) * size[0], low + border + row * size[1]
            y = face + 0.012 + (0.02 if row == 0 and sashes > 1 else 0.0)
            rim = 0.02 if metal else 0.042
            _ring(w, size, rim, 0.035, (x, y, z), material)
            _bars(
                w,
                (size[0] - 2 * rim, size[1] - 2 * rim),
                (x, y + 0.008, z + rim),
                max(1, round(columns / casements)),
                max(1, round(rows / sashes)),
                material,
            )
            w.box((size[0] - 2 * rim, 0.004, size[1] - 2 * rim), (x, y + 0.018, z + rim), glass, bevel=0)
    if casements > 1 and not metal:
        w.box((0.012, 0.03, 0.11), (0.025, face - 0.01, low + 0.45 * high), w.metal())
    w.box(
        (wide + 0.1, 0.12, 0.04),
        (0, wall_m + 0.03, low - 0.04),
        w.stuff(K.STONE if not metal else K.METAL, (0.4, 0.38, 0.35)),
        bevel=0.005,
    )


def _bars(w: Workshop, size: tuple[float, float], at: m.Vector, columns: int, rows: int, material: SceneMaterial) -> None:
    for number in range(1, columns):
        w.box((0.02, 0.022, size[1]), (at[0] - size[0] / 2 + number * size[0] / columns, at[1], at[2]), material, bevel=0.004)
    for number in range(1, rows):
        w.box((size[0], 0.022, 0.02), (at[0], at[1], at[2] + number * size[1] / rows - 0.01), material, bevel=0.004)


def _porthole(w: Workshop, one: Opening, wall_m: float) -> None:
    wide, high, low = one.width_m, one.height_m, one.sill_m
    corner = 0.42 * min(wide, high)
    body = w.stuff(K.METAL, w.make.palette.trim, roughness=0.4)
    flat = m.rounded(wide - 0.14, high - 0.14, corner, 8)
    # The four corners of the hole, as many points as the round pane has.
    per = len(flat) // 4
    square = np.concatenate(
        [
            np.repeat([[sx * wide / 2, sz * high / 2]], per, 0) + np.linspace(-1e-4, 1e-4, per)[:, None] * (-sz, sx)
            for sx, sz in ((1, 1), (-1, 1), (-1, -1), (1, -1))
        ]
    )
    w.add(m.framed(square, flat, wall_m), body, (0, wall_m, low + high / 2), (90, 0, 0))
    rim = [(x, -0.012, z + low + high / 2) for x, z in m.rounded(wide - 0.1, high - 0.1, corner, 8)]
    w.add(m.tube(rim, 0.03, 8, closed=True), w.metal())
    for number in range(12):
        x, z = rim[int(number * len(rim) / 12)][0], rim[int(number * len(rim) / 12)][2]
        w.rod(
            0.01,
            0.012,
            (x * 1.08, -0.012, low + high / 2 + (z - low - high / 2) * 1.08),
            w.metal(),
            turn=(90, 0, 0),
            segments=8,
        )
    w.add(
        m.moved(m.extrude(flat, 0.012), (0, 0, 0)),
        w.stuff(K.GLASS, (0.9, 0.96, 1.0)),
        (0, 0.6 * wall_m, low + high / 2),
        (90, 0, 0),
    )


def _curtains(w: Workshop, one: Opening) -> None:
    """A pair on a rod, or a blind where the manner likes blinds; a net behind."""
    colour = one.curtain if one.curtain and one.curtain.startswith("#") else w.make.palette.fabric_2
    wide, top = one.width_m + 0.36, one.sill_m + one.height_m + 0.14
    kind = {Manner.EDWARDIAN: K.VELVET, Manner.DECO: K.VELVET, Manner.RUSTIC: K.COTTON, Manner.FIFTIES: K.FLORAL}.get(
        w.manner, K.LINEN
    )
    cloth = w.stuff(kind, colour, colour_2=None)
    if kind is K.FLORAL:
        cloth = replace(cloth, colour_2=w.stuff(K.PAINT, w.make.palette.accent).colour)
    low = max(0.015, 0.02 if one.sill_m < 0.5 or w.of(Manner.EDWARDIAN, Manner.DECO) else one.sill_m - 0.18)
    gather = w.chance(0.24, 0.32)
    for side in (-1.0, 1.0):
        made = curtain(
            gather * wide,
            top - low,
            0.075,
            folds=6,
            seed=w.make.seed + int(side),
            tied=0.5 if w.of(Manner.EDWARDIAN, Manner.RUSTIC) else 0.0,
        )
        made = m.moved(made, scale=(-side, 1, 1))
        w.add(made, cloth, (side * (wide / 2 - gather * wide / 2 + 0.06), -0.14, low))
    metal = w.metal()
    w.tube([(-wide / 2 - 0.1, -0.14, top), (wide / 2 + 0.1, -0.14, top)], 0.012, metal)
    for side in (-1.0, 1.0):
        w.lathe(
            [(0, -0.025), (0.022, -0.01), (0.024, 0.01), (0, 0.03)], (side * (wide / 2 + 0.12), -0.14, top), metal, segments=12
        )
        w.tube([(side * wide / 2, -0.005, top), (side * wide / 2, -0.14, top)], 0.008, metal)
    net = curtain(one.width_m, one.height_m - 0.02, 0.03, folds=11, seed=w.make.seed + 5)
    if w.of(Manner.FIFTIES, Manner.EDWARDIAN, Manner.SEVENTIES, Manner.RUSTIC):
        w.add(net, w.stuff(K.SHEER, "#f2ece0"), (0, 0.02, one.sill_m + 0.01), shadow=False)


def door(w: Workshop, one: Opening, wall_m: float) -> None:
    """A door, or a pair of leaves, in its lining."""
    wide, high = one.width_m, one.height_m
    trim, lining = _trim(w), 0.03
    _architrave(w, one, trim, to_floor=True)
    for side in (-1.0, 1.0):
        w.box((lining, wall_m, high), (side * (wide - lining) / 2, wall_m / 2, 0), trim)
    w.box((wide - 2 * lining, wall_m, lining), (0, wall_m / 2, high - lining), trim)
    clear = wide - 2 * lining - 0.006
    if "double" in one.kind or wide > 1.35:
        _leaf(w, (clear / 2 - 0.002, high - lining - 0.012), -1.0, clear, one.open_deg)
        _leaf(w, (clear / 2 - 0.002, high - lining - 0.012), 1.0, clear, one.open_deg)
    else:
        _leaf(w, (clear, high - lining - 0.012), -1.0, clear, one.open_deg)
    w.box((wide - 2 * lining, wall_m, 0.012), (0, wall_m / 2, 0), w.wood(0.7), bevel=0.003)


def _leaf(w: Workshop, size: tuple[float, float], hinge: float, clear: float, open_deg: float) -> None:
    """One leaf on its hinges at the left (-1) or right (1), turned into the room by ``open_deg``."""
    first = len(w.parts)
    wide, high = size
    stained = w.of(Manner.EDWARDIAN, Manner.RUSTIC, Manner.SEVENTIES, Manner.FIFTIES)
    body = w.paint("#5d6a66") if w.of(Manner.INDUSTRIAL) else w.wood() if stained else w.paint(w.make.palette.trim)
    x = -hinge * wide / 2
    _leaf_face(w, size, x, body)
    _lever(w, -hinge * (wide - 0.06), -hinge)
    for share in (0.1, 0.88):
        w.rod(0.008, 0.1, (0, -0.002, share * high), w.metal(), segments=8)
    angle = hinge * open_deg
    for index in range(first, len(w.parts)):
        part = w.parts[index]
        w.parts[index] = replace(part, mesh=m.moved(part.mesh, (hinge * clear / 2, 0, 0), (0, 0, angle)))


def _leaf_face(w: Workshop, size: tuple[float, float], x: float, body: SceneMaterial) -> None:
    """Panels, boards or a plain sheet."""
    wide, high = size
    if w.of(Manner.EDWARDIAN, Manner.NINETIES, Manner.CONTEMPORARY):
        w.box((wide, 0.022, high), (x, 0.02, 0.006), body)
        rows = ((0.05, 0.42), (0.47, 0.53)) if not w.of(Manner.CONTEMPORARY) else ((0.04, 0.92),)
        for low, share in rows:
            count = 2 if wide > 0.6 and not w.of(Manner.CONTEMPORARY) else 1
            for number in range(count):
                pw = (wide - 0.10 * (count + 1)) / count
                px = x - wide / 2 + 0.10 + pw / 2 + number * (pw + 0.10)
                for y in (0.008, 0.032):
                    _ring(w, (pw + 0.04, share * high - 0.02), 0.02, 0.014, (px, y - 0.006, low * high), body)
    elif w.of(Manner.RUSTIC):
        many = max(3, round(wide / 0.16))
        for number in range(many):
            w.box(
                (wide / many - 0.004, 0.03, high), (x - wide / 2 + (number + 0.5) * wide / many, 0.02, 0.006), body, bevel=0.004
            )
        for share in (0.12, 0.5, 0.86):
            w.box((wide - 0.04, 0.025, 0.14), (x, -0.007, share * high - 0.07), body, bevel=0.006)
    else:
        _flush(w, size, x, body)


def _flush(w: Workshop, size: tuple[float, float], x: float, body: SceneMaterial) -> None:
    """A flush door: sheet steel with a pane, or veneer with a round one."""
    wide, high = size
    w.box((wide, 0.042, high), (x, 0.02, 0.006), body, bevel=0.003)
    if w.of(Manner.INDUSTRIAL):
        for y in (-0.003, 0.043):
            _ring(w, (wide - 0.04, high - 0.04), 0.05, 0.006, (x, y, 0.02), body)
        w.box((0.34, 0.05, 0.22), (x, 0.02, 0.72 * high), w.stuff(K.GLASS, (0.8, 0.9, 0.85)), bevel=0)
    if w.of(Manner.DECO):
        w.lathe(
            [(0.17, -0.025), (0.19, -0.025), (0.19, 0.025), (0.17, 0.025)],
            (x, 0.02, 0.74 * high),
            w.metal(),
            ring=True,
            turn=(90, 0, 0),
        )
        w.rod(0.172, 0.044, (x, 0.042, 0.74 * high), w.stuff(K.GLASS, (0.7, 0.8, 0.75)), turn=(90, 0, 0), segments=30)


def _lever(w: Workshop, x: float, way: float) -> None:
    """Handles on both faces at 1.05 m."""
    metal = w.metal()
    for y, out in ((-0.002, -1.0), (0.042, 1.0)):
        w.box((0.045, 0.008, 0.16), (x, y + out * 0.002, 0.97), metal, bevel=0.002)
        if w.of(Manner.EDWARDIAN, Manner.FIFTIES, Manner.RUSTIC):
            w.add(
                m.lathe([(0.01, 0), (0.01, 0.025), (0.026, 0.04), (0.028, 0.05), (0.018, 0.062), (0, 0.064)], 16),
                metal,
                (x, y, 1.05),
                (90 if out < 0 else -90, 0, 0),
            )
        else:
            w.tube([(x, y, 1.05), (x, y + out * 0.05, 1.05), (x - way * 0.12, y + out * 0.05, 1.05)], 0.009, metal, bent=3)


def vault_door(w: Workshop, one: Opening, wall_m: float) -> None:
    """A steel door as thick as a wall: round or square plate, bolts, a wheel."""
    wide, high = one.width_m, one.height_m
    steel, dark = w.stuff(K.METAL, (0.30, 0.32, 0.31), roughness=0.42), w.stuff(K.PAINT, "#4c5a4e")
    _ring(w, (wide + 0.3, high + 0.15), 0.15, 0.12, (0, -0.06, 0), dark, bevel=0.012)
    first = len(w.parts)
    x = wide / 2
    w.block((wide - 0.03, high - 0.03, 0.13), (x, 0.06, high / 2), dark, corner=0.12, edge=0.02, turn=(90, 0, 0))
    w.block((wide - 0.22, high - 0.26, 0.05), (x, -0.06, high / 2), dark, corner=0.08, edge=0.012, turn=(90, 0, 0))
    z = 0.52 * high
    ring = [(x + 0.24 * math.cos(a), -0.19, z + 0.24 * math.sin(a)) for a in np.arange(28) * 2 * math.pi / 28]
    w.add(m.tube(ring, 0.018, 8, closed=True), steel)
    for number in range(5):
        a = math.radians(90 + 72 * number)
        w.tube([(x, -0.17, z), (x + 0.24 * math.cos(a), -0.19, z + 0.24 * math.sin(a))], 0.012, steel)
    w.rod(0.055, 0.12, (x, -0.08, z), steel, turn=(90, 0, 0))
    for side in (-1.0, 1.0):
        for share in (0.14, 0.38, 0.64, 0.88):
            w.tube([(x + side * 0.1, -0.125, share * high), (x + side * (wide / 2 - 0.03), -0.125, share * high)], 0.022, steel)
            w.box((0.07, 0.05, 0.09), (x + side * (wide / 2 - 0.16), -0.12, share * high - 0.045), steel, bevel=0.006)
    for number in range(22):
        angle = number / 22 * 2 * math.pi
        flat = m.rounded(wide - 0.12, high - 0.12, 0.1, 6)[int(number * 24 / 22) % 24]
        w.rod(0.014, 0.012, (x + flat[0], -0.072, high / 2 + flat[1]), steel, turn=(90, angle, 0), segments=8)
    for index in range(first, len(w.parts)):
        part = w.parts[index]
        w.parts[index] = replace(part, mesh=m.moved(part.mesh, (-wide / 2, 0, 0), (0, 0, -one.open_deg)))
    for share in (0.2, 0.8):
        w.rod(0.045, 0.26, (-wide / 2 - 0.03, -0.08, share * high - 0.13), steel)


def _arch(w: Workshop, one: Opening, wall_m: float, wall: SceneMaterial) -> None:
    """An open passage, round at its top where there is height for it."""
    half, high = one.width_m / 2, one.height_m
    rise = min(half, 0.35 * high) if not w.of(Manner.CONTEMPORARY, Manner.INDUSTRIAL, Manner.FUTURISTIC) else 0.0
    surface = _trim(w)
    if rise:
        angle = np.linspace(math.pi, 0, 19)
        curve = np.stack([half * np.cos(angle), high - rise + rise * np.sin(angle)], 1)
        outline = np.concatenate([[(half, high - rise)], [(half, high)], [(-half, high)], curve[:-1]])
        w.add(m.extrude(outline, wall_m), wall, (0, wall_m, 0), (90, 0, 0))
        line = np.concatenate([[(-half, 0.0)], curve, [(half, 0.0)]])
    else:
        line = np.array([(-half, 0.0), (-half, high), (half, high), (half, 0.0)])
    path = np.stack([line[:, 0], np.zeros(len(line)), line[:, 1]], 1)
    w.add(m.sweep(path, [(0, 0), (0, 0.02), (-0.09, 0.02), (-0.09, 0)][::-1], up=(0, -1, 0), smooth=False), surface)


def _sliding(w: Workshop, one: Opening, wall_m: float) -> None:
    """A pressure door: two leaves that meet in a step, a heavy frame, a light above."""
    wide, high = one.width_m, one.height_m
    frame, leaf = w.stuff(K.METAL, (0.16, 0.17, 0.18), roughness=0.45), w.stuff(K.PLASTIC, w.make.palette.trim)
    stripe = w.accent()
    outer, inner = m.rounded(wide + 0.28, high + 0.2, 0.16, 6), m.rounded(wide - 0.02, high - 0.02, 0.14, 6)
    low = 0.1
    w.add(m.framed(np.add(outer, (0, low - 0.005)), inner, 0.08), frame, (0, 0.02, high / 2), (90, 0, 0), bevel=0.01)
    gap = 0.5 * wide * math.sin(math.radians(min(one.open_deg, 90.0)))
    for side in (-1.0, 1.0):
        x = side * (wide / 4 + gap * 0.92)
        w.box((wide / 2 - 0.006, 0.06, high - 0.02), (x, 0.5 * wall_m, 0.005), leaf, bevel=0.012)
        w.box((wide / 2 - 0.09, 0.02, 0.3 * high), (x, 0.5 * wall_m - 0.03, 0.10 * high), leaf, bevel=0.012)
        w.box((wide / 2 - 0.09, 0.02, 0.34 * high), (x, 0.5 * wall_m - 0.03, 0.56 * high), leaf, bevel=0.012)
        w.box((wide / 2 - 0.006, 0.012, 0.06), (x, 0.5 * wall_m - 0.034, 0.47 * high), stripe, bevel=0)
    w.box((0.09, 0.03, 0.16), (wide / 2 + 0.07, -0.07, 1.1), w.plastic(), bevel=0.006)
    w.box((0.06, 0.006, 0.05), (wide / 2 + 0.07, -0.086, 1.18), w.glow(150.0, "#ff5a3c"), bevel=0)
    w.box((0.4 * wide, 0.02, 0.03), (0, -0.07, high + 0.05), w.glow(300.0, "#d8ecff"), bevel=0)


def _shutter(w: Workshop, one: Opening, wall_m: float) -> None:
    """A roller door of slats, in rails, or a yard gate."""
    slats = max(4, round(one.height_m / 0.11))
    pitch = one.height_m / slats
    steel = w.stuff(K.METAL, (0.33, 0.34, 0.35), roughness=0.5)
    for number in range(slats):
        w.block((one.width_m - 0.06, 0.03, pitch - 0.004), (0, 0.4 * wall_m, number * pitch), steel, corner=0.013)
    for side in (-1.0, 1.0):
        w.box((0.06, 0.09, one.height_m), (side * (one.width_m / 2 - 0.02), 0.4 * wall_m, 0), w.metal(dark=True))
    w.block((one.width_m + 0.2, 0.3, 0.3), (0, -0.14, one.height_m - 0.02), steel, corner=0.1)
