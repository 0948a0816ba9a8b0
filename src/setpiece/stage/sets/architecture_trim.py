"""What is fixed to walls and ceilings: skirting, panelling, dado, cornice, rails, columns, beams, pipes, ducts, ribs.

Place in the flow: under :mod:`.architecture`, in a wall's own frame: its inner face at y = 0, the room to -y. Below two metres
nothing stands out more than 30 mm, which is what furniture keeps from a wall.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from setpiece.core.scene import MaterialKind, SceneMaterial
from setpiece.core.set_spec import SetSpec, Side
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.making import Manner, Workshop, toned

K = MaterialKind
Holes = Sequence[tuple[float, float, float, float]]


def on_a_wall(w: Workshop, spec: SetSpec, side: Side, length: float, height: float, holes: Holes) -> None:
    """Everything that the features ask of one wall."""
    features = spec.features
    trim = w.wood() if "panelling" in features else w.paint(spec.palette.trim)
    if "panelling" in features:
        _panelling(w, length, height, holes)
    elif "tile_dado" in features:
        _dado(w, spec, length, holes)
    if "skirting" in features or "panelling" in features:
        high = {Manner.EDWARDIAN: 0.2, Manner.DECO: 0.14, Manner.CONTEMPORARY: 0.07, Manner.RUSTIC: 0.12}.get(w.manner, 0.09)
        profile = [
            (0, 0),
            (0.018, 0),
            (0.018, 0.75 * high),
            (0.012, 0.82 * high),
            (0.014, 0.9 * high),
            (0.006, high),
            (0, high),
        ]
        for a, b in _spans(length, holes, 0.0, high, 0.1):
            _run(w, a, b, 0.0, profile, trim)
    if "cornice" in features:
        deep = {Manner.EDWARDIAN: 0.16, Manner.DECO: 0.12}.get(w.manner, 0.08)
        rows: tuple[tuple[float, float], ...] = (
            (0, 0),
            (0.1, 0),
            (0.14, 0.14),
            (0.3, 0.2),
            (0.42, 0.42),
            (0.62, 0.62),
            (0.66, 0.74),
            (0.9, 0.8),
            (1, 0.9),
            (1, 1),
            (0, 1),
        )
        if w.of(Manner.DECO):
            rows = ((0, 0), (0.2, 0), (0.2, 0.33), (0.55, 0.33), (0.55, 0.66), (1, 0.66), (1, 1), (0, 1))
        _run(w, -length / 2, length / 2, height - deep, [(x * deep, z * deep) for x, z in rows], w.paint(spec.ceiling.colour))
    if "picture_rail" in features and height > 2.5:
        at = height - 0.5
        for a, b in _spans(length, holes, at, at + 0.05, 0.12):
            _run(w, a, b, at, [(0, 0), (0.012, 0), (0.024, 0.02), (0.024, 0.035), (0.01, 0.045), (0, 0.045)], trim)
    if "columns" in features and side in (Side.NORTH, Side.EAST, Side.WEST):
        _pilasters(w, spec, length, height, holes)
    if "pipes" in features and side in (Side.NORTH, Side.EAST):
        _pipes(w, length, height, holes)
    if "ducts" in features and side is Side.NORTH:
        _duct(w, length, height)
    if "ribs" in features:
        _ribs(w, spec, length, height, holes)


def _spans(length: float, holes: Holes, low: float, high: float, margin: float) -> Iterator[tuple[float, float]]:
    """The stretches of a wall between ``low`` and ``high`` that no opening cuts, ``margin`` clear of them."""
    left = -length / 2
    for a, bottom, b, top in sorted(holes):
        if bottom < high and top > low:
            if a - margin - left > 0.05:
                yield left, a - margin
            left = max(left, b + margin)
    if length / 2 - left > 0.05:
        yield left, length / 2


def _run(w: Workshop, a: float, b: float, z: float, profile: Sequence[tuple[float, float]], material: SceneMaterial) -> None:
    """A moulding along a wall: ``profile`` is (out from the wall, up)."""
    w.add(m.sweep([(a, 0, z), (b, 0, z)], profile, smooth=False), material, bevel=0.0015)


def _panelling(w: Workshop, length: float, height: float, holes: Holes) -> None:
    """Stiles, rails and raised fields of wood, to two thirds of a high wall or to the chair rail."""
    wood = w.wood(0.9)
    tall = w.of(Manner.EDWARDIAN, Manner.DECO) and height > 2.4
    top = min(2.1, 0.72 * height) if tall else 1.02
    under = [(a - 0.14, b + 0.14, bottom - 0.12) for a, bottom, b, _ in holes if 0.45 < bottom < top]
    for a, b, top in [*((a, b, top) for a, b in _spans(length, holes, 0.0, top, 0.14)), *under]:  # noqa: B020
        wide = b - a
        w.box((wide, 0.008, top), ((a + b) / 2, -0.004, 0), toned(wood, 0.85), bevel=0)
        count = max(1, round(wide / (0.62 if tall else 0.5)))
        pitch = wide / count
        for number in range(count + 1):
            x = min(max(a + number * pitch, a + 0.04), b - 0.04)
            w.box((0.08, 0.02, top), (x, -0.01, 0), wood, bevel=0.003)
        rails = (0.2, 0.78, top - 0.09) if top > 1.2 else (0.2, top - 0.09)
        for z in rails:
            w.box((wide, 0.0205, 0.09), ((a + b) / 2, -0.01, z), wood, bevel=0.003)
        for low, high in pairwise(rails):
            for number in range(count):
                size = (pitch - 0.16, 0.014, high - low - 0.17)
                if size[0] > 0.05 and size[2] > 0.05:
                    w.box(
                        size, (a + (number + 0.5) * pitch, -0.009, low + 0.13), toned(wood, w.chance(0.92, 1.08)), bevel=0.006
                    )
        _run(w, a, b, top, [(0, -0.01), (0.022, -0.01), (0.028, 0.01), (0.03, 0.025), (0.03, 0.04), (0, 0.04)], wood)


def _dado(w: Workshop, spec: SetSpec, length: float, holes: Holes) -> None:
    """Tiles to 1.25 m with a coloured border."""
    top = 1.25
    clear = [(a - 0.1, bottom - 0.1, b + 0.1, high + 0.1) for a, bottom, b, high in holes if bottom - 0.1 < top]
    cut = [(max(a, -length / 2), max(bottom, 0.0), min(b, length / 2), min(high, top)) for a, bottom, b, high in clear]
    tiles = w.stuff(K.TILES, spec.palette.trim, scale_m=0.15, roughness=0.12)
    w.add(m.panel(length, top, 0.01, cut), tiles, (0, -0.01, 0))
    for a, b in _spans(length, holes, top, top + 0.05, 0.1):
        _run(
            w,
            a,
            b,
            top,
            [(0, -0.0), (0.014, 0), (0.02, 0.012), (0.02, 0.03), (0.012, 0.04), (0, 0.04)],
            w.stuff(K.CERAMIC, spec.palette.accent),
        )
        _run(w, a, b, top - 0.2, [(0, 0), (0.012, 0), (0.012, 0.05), (0, 0.05)], w.stuff(K.CERAMIC, spec.palette.accent))


def _pilasters(w: Workshop, spec: SetSpec, length: float, height: float, holes: Holes) -> None:
    """Half columns against the wall where no opening is."""
    count = max(2, round(length / 2.6))
    stone = w.surface(spec.walls, 5) if w.of(Manner.INDUSTRIAL, Manner.RUSTIC, Manner.NINETIES) else w.paint(spec.palette.trim)
    for number in range(count):
        x = -length / 2 + (number + 0.5) * length / count
        if any(a - 0.3 < x < b + 0.3 for a, _, b, _ in holes):
            continue
        w.box((0.34, 0.028, height), (x, -0.014, 0), stone, bevel=0.004)
        w.box((0.42, 0.03, 0.2), (x, -0.015, 0), stone, bevel=0.004)
        for size, z in ((0.40, height - 0.22), (0.46, height - 0.16), (0.5, height - 0.1)):
            w.box((size, 0.03 + (size - 0.38), 0.06), (x, -0.015 - (size - 0.38) / 2, z), stone, bevel=0.006)


def _pipes(w: Workshop, length: float, height: float, holes: Holes) -> None:
    """Three pipes under the ceiling with clips, one drop beside the corner with a valve."""
    colours = ("#7a7468", "#8c2f26", "#5e6f72")
    for number, radius in enumerate((0.045, 0.03, 0.022)):
        z = height - 0.16 - number * 0.12
        pipe = w.stuff(K.PAINT, colours[number])
        w.tube([(-length / 2, -0.09, z), (length / 2, -0.09, z)], radius, pipe, segments=12)
        for step in range(1, max(2, round(length / 1.4))):
            x = -length / 2 + step * 1.4
            w.lathe(
                [(radius, -0.02), (radius + 0.008, -0.02), (radius + 0.008, 0.02), (radius, 0.02)],
                (x, -0.09, z),
                w.metal(dark=True),
                ring=True,
                turn=(0, 90, 0),
            )
            w.box((0.03, 0.09, 0.012), (x, -0.045, z - 0.006), w.metal(dark=True))
            if step % 2:
                w.lathe(
                    [(radius, -0.03), (radius + 0.014, -0.03), (radius + 0.014, 0.03), (radius, 0.03)],
                    (x + 0.5, -0.09, z),
                    pipe,
                    ring=True,
                    turn=(0, 90, 0),
                )
    spans = [span for span in _spans(length, holes, 0.0, height, 0.15) if span[1] - span[0] > 0.3]
    if spans:
        x = spans[-1][1] - 0.12
        pipe = w.stuff(K.PAINT, colours[0])
        w.tube([(x, -0.09, height - 0.16), (x, -0.09, 2.15), (x, -0.015, 2.05), (x, -0.015, 0.0)], 0.014, pipe, bent=3)


def _duct(w: Workshop, length: float, height: float) -> None:
    """A spiral duct or a square one under the ceiling, with flanges and grilles."""
    steel = w.stuff(K.METAL, (0.42, 0.43, 0.44), roughness=0.35)
    radius, y = 0.17, -0.48
    z = height - radius - 0.1
    w.tube([(-length / 2, y, z), (length / 2, y, z)], radius, steel, segments=24)
    for step in range(max(2, round(length / 0.55)) + 1):
        x = -length / 2 + 0.01 + step * (length - 0.02) / max(2, round(length / 0.55))
        wide = 0.018 if step % 3 else 0.04
        ring = [
            (radius - 0.002, -wide / 2),
            (radius + (0.006 if step % 3 else 0.02), -wide / 2),
            (radius + (0.006 if step % 3 else 0.02), wide / 2),
            (radius - 0.002, wide / 2),
        ]
        w.lathe(ring, (x, y, z), steel, ring=True, turn=(0, 90, 0), segments=24)
        if step % 3 == 1:
            w.tube([(x, y, z + radius), (x, y, height)], 0.006, w.metal(dark=True))
    for x in np.arange(-length / 2 + 1.0, length / 2 - 0.8, 2.2):
        w.box((0.5, 0.14, 0.02), (float(x), y, z - radius - 0.008), steel)
        for number in range(5):
            w.box(
                (0.46, 0.008, 0.02),
                (float(x), y - 0.05 + 0.025 * number, z - radius - 0.02),
                w.metal(dark=True),
                turn=(30, 0, 0),
                bevel=0,
            )


def _ribs(w: Workshop, spec: SetSpec, length: float, height: float, holes: Holes) -> None:
    """A ship's frames that flare into the ceiling, padded panels between, a line of light."""
    count = max(2, round(length / 1.3))
    pitch = length / count
    frame, pad = w.stuff(K.METAL, (0.2, 0.21, 0.22), roughness=0.45), w.stuff(K.PLASTIC, spec.palette.wall)
    flare = [(0, 0), (0.03, 0), (0.03, 2.0), (0.09, 0.86 * height), (0.3, height - 0.06), (0.3, height), (0, height)]
    outline = [(-out, z) for out, z in flare][::-1]
    for number in range(count + 1):
        x = -length / 2 + number * pitch
        if any(a - 0.08 < x < b + 0.08 for a, _, b, _ in holes):
            continue
        rings = [[(x + dx, y, z) for y, z in outline] for dx in (-0.07, 0.07)]
        w.add(m.seen(m.skin(np.array(rings), smooth=False)), frame, bevel=0.008)
        for z in (0.3, 1.0, 1.7):
            w.rod(0.012, 0.006, (x, -0.028, z), w.metal(), turn=(90, 0, 0), segments=8)
    for number in range(count):
        x = -length / 2 + (number + 0.5) * pitch
        for low, high in ((0.12, 0.95), (1.0, 1.75), (1.8, min(2.3, height - 0.3))):
            if high - low < 0.2 or any(
                a - 0.12 < x + pitch / 2 and b + 0.12 > x - pitch / 2 and bottom < high and top > low
                for a, bottom, b, top in holes
            ):
                continue
            w.block(
                (pitch - 0.22, high - low, 0.026),
                (x, 0.0, (low + high) / 2),
                toned(pad, w.chance(0.92, 1.05)),
                corner=0.05,
                edge=0.012,
                turn=(90, 0, 0),
            )
            if w.chance() < 0.3 and low > 0.5:
                w.box((0.2, 0.004, 0.06), (x - 0.1, -0.028, low + 0.1), w.accent(), bevel=0)
        w.box((pitch - 0.2, 0.03, 0.03), (x, -0.06, height - 0.12), w.glow(900.0, "#dfeeff"), bevel=0)


def on_the_ceiling(w: Workshop, spec: SetSpec) -> None:
    """Beams, a ship's frames, or a rose."""
    if "beams" in spec.features:
        concrete = w.of(Manner.INDUSTRIAL) or spec.walls.kind == "concrete"
        material = w.surface(spec.ceiling, 7) if concrete else w.wood(0.75)
        size = (0.28, 0.16) if concrete else (0.16, 0.14)
        along_y = spec.width_m >= spec.depth_m
        length, reach = (spec.depth_m, spec.width_m) if along_y else (spec.width_m, spec.depth_m)
        count = max(2, round(reach / (1.8 if concrete else 0.95)))
        for number in range(count):
            at = -reach / 2 + (number + 0.5) * reach / count
            box = (size[0], length, size[1]) if along_y else (length, size[0], size[1])
            w.box(box, (at, 0, spec.height_m - size[1]) if along_y else (0, at, spec.height_m - size[1]), material, bevel=0.015)
    if "ribs" in spec.features:
        frame = w.stuff(K.METAL, (0.2, 0.21, 0.22), roughness=0.45)
        count = max(2, round(spec.depth_m / 1.3))
        for number in range(count + 1):
            w.box(
                (spec.width_m, 0.14, 0.06),
                (0, -spec.depth_m / 2 + number * spec.depth_m / count, spec.height_m - 0.06),
                frame,
                bevel=0.008,
            )
