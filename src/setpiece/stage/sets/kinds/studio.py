"""Instruments, easels, dress forms, wheelchairs."""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, polar

R = Relation


def piano(make: Make) -> Thing:
    """An upright piano: case, music desk, keys, pedals."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    case = w.wood(0.7) if not w.of(Manner.CONTEMPORARY, Manner.DECO) else w.plastic("#0a0a0b", "wood", roughness=0.08)
    w.box((wide - 0.02, 0.5 * deep, high - 0.04), (0, 0.24 * deep, 0.02), case, bevel=0.006)
    w.box((wide, 0.56 * deep, 0.03), (0, 0.22 * deep, high - 0.03), case, bevel=0.008)
    w.both(lambda s: w.box((0.05, deep, 0.72), (s * (wide / 2 - 0.03), 0, 0.0), case, bevel=0.008))
    w.box((wide - 0.06, 0.5 * deep, 0.06), (0, -0.22 * deep, 0.6), case, bevel=0.006)
    y0, keys = -deep / 2 + 0.04, 52
    pitch = (wide - 0.16) / keys
    w.box((keys * pitch, 0.15, 0.018), (0, y0 + 0.09, 0.66), w.plastic("#efe8d4", roughness=0.2), bevel=0.001)
    for k in range(1, keys):
        x = -keys * pitch / 2 + k * pitch
        w.box((0.0012, 0.15, 0.0186), (x, y0 + 0.089, 0.66), w.plastic("#30281c"), bevel=0)
        if k % 7 not in (0, 3):
            w.box((0.55 * pitch, 0.095, 0.03), (x, y0 + 0.118, 0.66), w.plastic("#0a0a0a", roughness=0.2), bevel=0.002)
    w.box((0.62 * wide, 0.02, 0.24), (0, -0.04 * deep, 0.86), case, turn=(-14, 0, 0), bevel=0.006)
    w.box((0.44, 0.003, 0.3), (0.05, -0.07 * deep, 0.88), w.stuff(K.PAPER, "#ece4d0"), turn=(-14, 0, 0), bevel=0)
    for k in range(2):
        w.box((0.035, 0.12, 0.012), ((k - 0.5) * 0.1, -0.06 * deep, 0.05), w.metal(), bevel=0.004)
    return w.thing(top=(wide - 0.1, 0.45 * deep))


# The right half of a guitar's outline, from its foot to its neck, as shares of its width and half its length.
_BOUTS = ((0.12, -0.99), (0.36, -0.92), (0.49, -0.66), (0.49, -0.4), (0.38, -0.08), (0.30, 0.14), (0.33, 0.4), (0.37, 0.62),
          (0.31, 0.86), (0.12, 0.98))  # fmt: skip
_HORNS = ((0.12, -0.96), (0.36, -0.9), (0.48, -0.62), (0.46, -0.35), (0.33, -0.02), (0.3, 0.2), (0.38, 0.5), (0.36, 0.86),
          (0.26, 0.82), (0.17, 0.56), (0.08, 0.5))  # fmt: skip


def guitar(make: Make) -> Thing:
    """A guitar on its stand: acoustic or electric."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    electric = w.of(Manner.SEVENTIES, Manner.NINETIES, Manner.CONTEMPORARY, Manner.FUTURISTIC)
    long = 0.46 * high
    half = _HORNS if electric else _BOUTS
    ring = [*((x, z, 0.0) for x, z in half), *((-x, z, 0.0) for x, z in reversed(half))]
    flat = m.curve(ring, 4, closed=True)[:, :2] * (wide, 0.5 * long)
    body = w.paint(make.palette.accent, "wood", roughness=0.12) if electric else w.wood(1.3)
    thick = 0.045 if electric else 0.1
    z, lean = 0.12 + 0.5 * long, (82, 0, 0)
    w.add(m.extrude(flat, thick), body, (0, 0.2 * deep, z), lean, bevel=0.008)
    if not electric:
        w.add(m.cylinder(0.05, 0.004, segments=28), w.plastic("#0c0806"), (0, 0.2 * deep - thick, z + 0.05), lean)
    else:
        for dz in (-0.06, 0.04):
            w.add(m.box((0.07, 0.02, 0.012)), w.plastic(), (0, 0.2 * deep - thick, z + dz), lean)
    rise = math.tan(math.radians(8))
    top = high - 0.14

    def at(height: float, off: float = 0.0) -> m.Vector:
        return (0.0, 0.2 * deep - thick - off + (height - z) * rise, height)

    w.add(m.sweep([at(z + 0.3 * long), at(top)], m.rounded(0.05, 0.022, 0.008, 3)), w.wood(0.5, role=""))
    w.add(m.sweep([at(top), at(high - 0.01, -0.02)], m.rounded(0.07, 0.016, 0.006, 3)), w.wood(0.5, role=""))
    for k in range(6):
        x = (k - 2.5) * 0.008
        w.tube(
            [(x, *at(z - 0.24 * long, 0.012)[1:]), (x, *at(high - 0.08, 0.012)[1:])],
            0.0008,
            w.stuff(K.METAL, (0.6, 0.6, 0.55)),
            segments=4,
        )
    w.add(m.box((0.09, 0.014, 0.012)), w.plastic(), at(z - 0.24 * long, 0.0), lean)
    for side in (-1.0, 1.0):
        w.tube(
            [(side * 0.3 * wide, -0.48 * deep, 0.01), (side * 0.2 * wide, -0.1 * deep, 0.1), (0, 0.3 * deep, 0.3)],
            0.008,
            w.metal(dark=True),
            bent=3,
        )
    w.tube([(0, 0.3 * deep, 0.3), (0, 0.48 * deep, 0.01)], 0.008, w.metal(dark=True))
    return w.thing()


def easel(make: Make) -> Thing:
    """An easel with a canvas on it."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    wood = w.wood(1.2)
    section = m.rounded(0.035, 0.02, 0.003, 2)
    for side in (-1.0, 1.0):
        w.add(m.sweep([(side * 0.46 * wide, -0.45 * deep, 0), (side * 0.06, 0.0, high)], section, smooth=False), wood)
    w.add(m.sweep([(0, 0.48 * deep, 0), (0, 0.03, high - 0.1)], section, smooth=False), wood)
    w.box((0.9 * wide, 0.09, 0.025), (0, -0.26 * deep, 0.42 * high), wood)
    w.box((0.86 * wide, 0.02, 0.5 * high), (0, -0.24 * deep, 0.435 * high), w.stuff(K.LINEN, "#d8cdb4"), turn=(-13, 0, 0))
    w.box(
        (0.84 * wide, 0.002, 0.485 * high),
        (0, -0.24 * deep - 0.012, 0.437 * high),
        w.stuff(K.PICTURE, "#a89a84", seed=make.seed),
        turn=(-13, 0, 0),
        bevel=0,
    )
    return w.thing()


def dress_form(make: Make) -> Thing:
    """A tailor's form on a turned stand."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    rings = []
    for share, half, depth in (
        (0.5, 0.40, 0.42),
        (0.56, 0.44, 0.46),
        (0.64, 0.36, 0.38),
        (0.7, 0.31, 0.32),
        (0.77, 0.38, 0.42),
        (0.83, 0.42, 0.46),
        (0.89, 0.44, 0.38),
        (0.925, 0.3, 0.28),
        (0.94, 0.13, 0.18),
        (0.97, 0.115, 0.16),
    ):
        a = np.arange(32) * math.pi / 16
        rings.append(
            np.stack(
                [
                    wide * half * np.sign(np.cos(a)) * np.abs(np.cos(a)) ** 0.9,
                    deep * depth * np.sin(a),
                    np.full(32, share * high),
                ],
                1,
            )
        )
    w.add(m.skin(np.array(rings)), w.stuff(K.SKIN, "#cdbb98", "fabric"))
    w.lathe([(0, 0), (0.115 * wide, 0), (0.08 * wide, 0.02), (0, 0.03)], (0, 0, 0.97 * high), w.wood())
    w.lathe([(0.03, 0.14), (0.02, 0.25), (0.03, 0.3), (0.018, 0.5 * high)], (0, 0, 0), w.wood())
    for k in range(3):
        end = polar(0.48 * min(wide, deep), 120 * k + 90, 0.015)
        w.tube([(0, 0, 0.2), (0.6 * end[0], 0.6 * end[1], 0.13), end], 0.016, w.wood(), bent=4)
    return w.thing()


def wheelchair(make: Make) -> Thing:
    """A wheelchair with rims, footrests, a sling seat."""
    w = Workshop(make, "fabric")
    wide, deep, high = w.width, w.depth, w.height
    chrome, sling = w.stuff(K.CHROME, (0.6, 0.61, 0.62)), w.stuff(K.LEATHER, "#1c1c20", "fabric")
    r = 0.3
    for side in (-1.0, 1.0):
        x = side * (wide / 2 - 0.03)
        for radius, out, thick, material in (
            (r, 0.0, 0.014, w.stuff(K.RUBBER, (0.03, 0.03, 0.03))),
            (r - 0.04, side * 0.022, 0.008, chrome),
        ):
            w.tube(
                [
                    (x + out, 0.12 + radius * math.cos(a), r + 0.012 + radius * math.sin(a))
                    for a in np.arange(36) * math.pi / 18
                ],
                thick,
                material,
                closed=True,
            )
        for k in range(18):
            a = k * math.pi / 9
            w.tube([(x, 0.12, r + 0.012), (x, 0.12 + r * math.cos(a), r + 0.012 + r * math.sin(a))], 0.0018, chrome, segments=4)
        xi = side * (wide / 2 - 0.09)
        w.tube(
            [
                (xi, 0.3 * deep, high - 0.01),
                (xi, 0.2 * deep, high - 0.03),
                (xi, 0.18 * deep, 0.5),
                (xi, -0.28 * deep, 0.5),
                (xi, -0.32 * deep, 0.12),
            ],
            0.012,
            chrome,
            bent=3,
        )
        w.tube([(xi, 0.18 * deep, 0.7), (xi, -0.2 * deep, 0.7), (xi, -0.24 * deep, 0.5)], 0.012, chrome, bent=3)
        w.box((0.045, 0.26, 0.025), (xi, -0.02, 0.7), sling, bevel=0.008)
        w.rod(0.065, 0.025, (xi - 0.012, -0.3 * deep, 0.065), w.stuff(K.RUBBER, (0.03, 0.03, 0.03)), turn=(0, 90, 0))
        w.box((0.14, 0.12, 0.012), (side * 0.1, -0.44 * deep, 0.1), w.plastic(), turn=(-12, 0, 0))
    inner = wide - 0.2
    w.box((inner, 0.44, 0.02), (0, -0.04, 0.5), sling, bevel=0.006)
    w.box((inner, 0.02, 0.36), (0, 0.19 * deep, high - 0.42), sling, bevel=0.006)
    return w.thing(seat=True)


KINDS = (
    Kind(name="piano", category="instruments", layer="furniture", size_m=(1.48, 0.62, 1.22), build=piano, relation=R.AGAINST,
         clearance_m=(0.7, 0.0), top=True, synonyms=("upright piano", "pianola", "harmonium", "organ")),
    Kind(name="guitar", category="instruments", layer="dressing", size_m=(0.38, 0.36, 1.05), build=guitar, relation=R.CORNER,
         synonyms=("acoustic guitar", "electric guitar", "bass guitar", "bass", "instrument", "ukulele", "banjo")),
    Kind(name="easel", category="fittings", layer="furniture", size_m=(0.7, 0.75, 1.75), build=easel, clearance_m=(0.5, 0.0),
         synonyms=("painter's easel", "canvas on an easel")),
    Kind(name="dress_form", category="fittings", layer="furniture", size_m=(0.44, 0.36, 1.6), build=dress_form,
         synonyms=("mannequin", "tailor's dummy", "dummy", "tailor's form")),
    Kind(name="wheelchair", category="seating", layer="furniture", size_m=(0.64, 1.0, 0.92), build=wheelchair,
         clearance_m=(0.3, 0.0), synonyms=("wheel chair",)),
)  # fmt: skip
