"""Larger machines: loudspeakers, DJ desks, consoles, drip stands, cameras, jukeboxes."""

from __future__ import annotations

import math

import numpy as np

from setpiece.core.scene import Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds import joinery as j
from setpiece.stage.sets.kinds.electric import cone, screen_of
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, polar

R = Relation


def tape_recorder(make: Make) -> Thing:
    """A cassette recorder lying flat, or two reels; a microphone beside it."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    body = w.plastic("#1b1c1e" if not w.of(Manner.FIFTIES, Manner.DECO) else "#8a8470", "body")
    case = 0.72 * wide
    x = 0.5 * (case - wide)
    w.block((case, deep, 0.7 * high), (x, 0, 0), body, corner=0.012)
    steel, z = w.stuff(K.METAL, (0.42, 0.43, 0.44)), 0.7 * high
    if w.of(Manner.EDWARDIAN, Manner.DECO, Manner.FIFTIES, Manner.SEVENTIES, Manner.INDUSTRIAL):
        for side in (-1.0, 1.0):
            at = (x + side * 0.25 * case, 0.14 * deep, z)
            w.rod(0.23 * case, 0.006, at, w.stuff(K.GLASS, (0.8, 0.8, 0.78)), segments=36)
            w.rod(0.15 * case, 0.012, at, w.plastic("#3a2414"), segments=36)
            w.rod(0.04 * case, 0.022, at, steel)
    else:
        w.box((0.62 * case, 0.4 * deep, 0.008), (x, 0.16 * deep, z), w.stuff(K.GLASS, (0.12, 0.12, 0.12)), bevel=0.002)
        for side in (-1.0, 1.0):
            w.rod(0.05 * case, 0.01, (x + side * 0.14 * case, 0.16 * deep, z), w.plastic("#d8d4c8"))
    for k in range(5):
        colour = "#a82018" if k == 0 else "#c8c8c4"
        w.box((0.12 * case, 0.1 * deep, 0.014), (x + (k - 2) * 0.15 * case, -0.34 * deep, z), w.plastic(colour), bevel=0.003)
    w.rod(0.004, 0.002, (x + 0.4 * case, -0.2 * deep, z), w.glow(300, "#ff3020"), segments=8)
    stand = 0.5 * wide - 0.04
    w.rod(0.032, 0.012, (stand, 0, 0), steel)
    w.tube([(stand, 0, 0.01), (stand, 0.01, 0.6 * high), (stand - 0.01, -0.02, high - 0.03)], 0.004, steel, bent=3)
    w.add(m.cylinder(0.014, 0.05), w.plastic(), (stand - 0.012, 0.0, high - 0.035), (60, 0, 0))
    return w.thing()


def speaker(make: Make) -> Thing:
    """A loudspeaker cabinet: cones behind a mesh."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    body = w.wood(role="body") if w.of(Manner.SEVENTIES, Manner.FIFTIES) else w.plastic("#121214", "body", roughness=0.6)
    w.box((wide, deep - 0.02, high), (0, 0.01, 0), body, bevel=0.012)
    face, r = -deep / 2 + 0.012, 0.4 * wide
    big = max(1, int((high - 0.9 * wide * 0.5) / (0.95 * wide)))
    for k in range(big):
        cone(w, (0, face, 0.5 * wide + k * 0.95 * wide), r)
    rest = high - 0.95 * wide * big
    if rest > 0.12:
        cone(w, (0, face, high - rest / 2), min(0.36 * rest, 0.26 * wide))
    for sx, sy in j.CORNERS:
        for z in (0.0, high - 0.04):
            w.box((0.04, 0.04, 0.04), (sx * (wide / 2 - 0.019), sy * (deep / 2 - 0.02), z), w.metal(dark=True), bevel=0.01)
    return w.thing(top=(wide - 0.06, deep - 0.06))


def dj_desk(make: Make) -> Thing:
    """Two turntables and a mixer on a table with a lit front."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    top = high - 0.14
    black = w.plastic("#141416", "body", roughness=0.5)
    w.box((wide, deep, 0.04), (0, 0, top - 0.04), black)
    w.box((wide - 0.04, 0.03, top - 0.08), (0, -deep / 2 + 0.03, 0.02), black)
    for side in (-1.0, 1.0):
        w.box((0.04, deep - 0.04, top - 0.04), (side * (wide / 2 - 0.02), 0, 0), black)
    bars = 12
    for k in range(bars):
        w.box(
            (0.02, 0.01, top * (0.3 + 0.5 * abs(math.sin(1.7 * k)))),
            (-wide / 2 + (k + 0.5) * wide / bars, -deep / 2 + 0.01, 0.1),
            w.glow(260, make.palette.accent),
            bevel=0,
        )
    w.area((0, -deep / 2 - 0.02, 0.5 * top), (wide, 0.5 * top), (0, -1, 0), 500, 4000, tint=(1.0, 0.3, 0.6))
    steel = w.stuff(K.METAL, (0.35, 0.36, 0.38))
    for side in (-1.0, 1.0):
        x = side * 0.32 * wide
        w.block((0.45, 0.36, 0.06), (x, 0, top), steel, corner=0.01)
        w.rod(0.165, 0.02, (x - 0.03, 0, top + 0.06), w.plastic("#0c0c0c", roughness=0.25), segments=44)
        w.rod(0.05, 0.002, (x - 0.03, 0, top + 0.08), w.accent(K.PAPER), segments=30)
        w.tube(
            [(x + 0.18, 0.13, top + 0.09), (x + 0.17, -0.06, top + 0.09), (x + 0.1, -0.1, top + 0.085)], 0.006, steel, bent=3
        )
        w.rod(0.025, 0.035, (x + 0.18, 0.13, top + 0.06), steel)
    w.block((0.3, 0.36, 0.09), (0, 0, top), black, corner=0.008)
    for row in range(4):
        for column in range(4):
            w.rod(0.009, 0.016, ((column - 1.5) * 0.06, 0.12 - row * 0.05, top + 0.088), w.plastic("#c8c8c8"), segments=10)
    for column in range(4):
        w.box(
            (0.012, 0.02, 0.012),
            ((column - 1.5) * 0.06, -0.11 + w.chance(-0.03, 0.03), top + 0.09),
            w.plastic("#e8e8e8"),
            bevel=0.002,
        )
    w.tube(
        [(0.1, -0.12, top + 0.1), (0.08, -0.06, top + 0.135), (0.18, -0.06, top + 0.135), (0.2, -0.12, top + 0.1)],
        0.01,
        w.plastic(),
        bent=4,
    )
    return w.thing()


def console_panel(make: Make) -> Thing:
    """A control desk: sloping panels of screens, gauges, switches and lamps."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    body = w.paint("#5c6a66" if not w.of(Manner.FUTURISTIC) else make.palette.trim, "body")
    desk = 0.72 * min(high, 1.05)
    profile = [
        (-0.5 * deep, desk - 0.06),
        (-0.5 * deep, desk),
        (0.02 * deep, desk + 0.06),
        (0.28 * deep, high),
        (0.5 * deep, high),
        (0.5 * deep, 0.0),
        (0.0, 0.0),
        (0.0, desk - 0.16),
    ]
    w.add(m.extrude(profile[::-1], wide), body, (-wide / 2, 0, 0), (90, 0, 90), bevel=0.008)
    slope = math.degrees(math.atan2(high - desk - 0.06, 0.26 * deep))
    count = max(1, round(wide / 0.55))
    for k in range(count):
        x = -wide / 2 + (k + 0.5) * wide / count
        z0, y0 = desk + 0.06 + 0.12 * (high - desk), 0.02 * deep + 0.12 * 0.26 * deep
        tall = 0.7 * (high - desk)
        if k % 2 == 0:
            screen_of(w, (0.6 * wide / count, tall), (x, y0 - 0.012, z0), turn=(-(90 - slope), 0, 0), nits=130)
        else:
            for row in range(2):
                for column in range(3):
                    at = (
                        x + (column - 1) * 0.24 * wide / count,
                        y0 - 0.01 + (row + 0.5) * 0.12 * deep,
                        z0 + (row + 0.5) * 0.4 * tall,
                    )
                    w.add(m.cylinder(0.05, 0.02, segments=24), w.metal(), at, (slope, 0, 0))
                    w.add(
                        m.cylinder(0.043, 0.021, segments=24),
                        w.stuff(K.PAPER, "#e8e2d0", glow_nits=20.0 if make.lit else 0.0),
                        at,
                        (slope, 0, 0),
                    )
        for row in range(3):
            for column in range(6):
                at = (
                    x + (column - 2.5) * 0.13 * wide / count,
                    -0.4 * deep + row * 0.12 * deep,
                    desk + (0.1 * deep + row * 0.12 * deep) * 0.06 / (0.52 * deep) + 0.002,
                )
                lit = w.chance() < 0.4
                colour = w.pick(("#ff5030", "#ffb030", "#50ff70", "#f0f0ff", "#40a0ff"))
                w.box(
                    (0.022, 0.022, 0.012),
                    at,
                    w.glow(260, colour) if lit else w.plastic(w.pick(("#d0ccc0", "#1a1a1a", "#a82820"))),
                    bevel=0.003,
                )
    w.area((0, -0.2 * deep, high), (wide, 0.2), (0, -1, 0.3), 60 * wide, 6500)
    return w.thing()


def patient_monitor(make: Make) -> Thing:
    """A drip stand with its bag, or with a monitor where there were some."""
    w = Workshop(make, "metal")
    wide, high = w.width, w.height
    chrome = w.stuff(K.CHROME, (0.6, 0.61, 0.62), "metal")
    for k in range(5):
        end = polar(0.46 * wide, 72 * k, 0.06)
        w.tube([(0, 0, 0.1), end], 0.012, chrome)
        w.rod(0.03, 0.02, (end[0], end[1] + 0.01, 0.03), w.plastic(), turn=(90, 0, 0))
    w.rod(0.012, high - 0.12, (0, 0, 0.1), chrome)
    for side in (-1.0, 1.0):
        w.tube([(0, 0, high - 0.04), (side * 0.1, 0, high - 0.04), (side * 0.13, 0, high - 0.005)], 0.006, chrome, bent=3)
    bag = m.block((0.12, 0.2, 0.04), 0.03, 0.015)
    w.add(bag, w.stuff(K.GLASS, (0.85, 0.9, 0.92)), (0.12, 0.02, high - 0.16), (90, 0, 0))
    w.tube(
        [(0.12, 0, high - 0.26), (0.14, -0.04, 0.6 * high), (0.05, -0.06, 0.45 * high)],
        0.003,
        w.stuff(K.GLASS, (0.9, 0.9, 0.9)),
        bent=6,
        segments=5,
    )
    if w.of(Manner.SEVENTIES, Manner.NINETIES, Manner.CONTEMPORARY, Manner.FUTURISTIC):
        w.block((0.26, 0.16, 0.2), (0, -0.1, 0.62 * high), w.plastic("#d8d8d0"), corner=0.02)
        screen_of(w, (0.2, 0.13), (0, -0.185, 0.62 * high + 0.045), nits=120)
    return w.thing()


def camera_on_wall(make: Make) -> Thing:
    """A security camera on a bracket."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    body, back = w.plastic("#d0d0cc", "body"), deep / 2
    w.rod(0.035, 0.02, (0, back, 0.6 * high), body, turn=(90, 0, 0))
    w.tube(
        [(0, back - 0.02, 0.6 * high), (0, back - 0.3 * deep, 0.6 * high), (0, back - 0.4 * deep, 0.45 * high)],
        0.01,
        body,
        bent=3,
    )
    w.block((0.7 * wide, 0.6 * deep, 0.4 * high), (0, -0.18 * deep, 0.1 * high), body, corner=0.012, turn=(12, 0, 0))
    w.rod(0.025, 0.03, (0, -0.46 * deep, 0.2 * high), w.plastic("#08080a", roughness=0.1), turn=(90, 0, 0))
    w.rod(0.004, 0.004, (0.02, -0.49 * deep, 0.4 * high), w.glow(300, "#ff2010"), turn=(90, 0, 0), segments=6)
    return w.thing()


def jukebox(make: Make) -> Thing:
    """An arch of light over records and chrome."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    arch = np.concatenate(
        [
            [(wide / 2, 0.0)],
            [(wide / 2 * math.cos(a), high - wide / 2 + wide / 2 * math.sin(a)) for a in np.linspace(0, math.pi, 19)],
            [(-wide / 2, 0.0)],
        ]
    )
    w.add(m.extrude(arch, deep - 0.06), w.wood(0.8), (0, deep / 2, 0), (90, 0, 0), bevel=0.01)
    y = -deep / 2 + 0.05
    for scale, colour in ((0.93, "#ff8a30"), (0.8, "#ffd040"), (0.68, "#ff4860")):
        line = [(x * scale, y, max(0.12, (z - 0.5 * high) * (0.5 + scale / 2) + 0.5 * high)) for x, z in arch]
        w.tube(line, 0.028 * wide / 0.8, w.glow(900, colour), segments=10)
    w.box(
        (0.5 * wide, 0.01, 0.28 * high),
        (0, y + 0.012, 0.56 * high),
        w.stuff(K.PICTURE, "#c8b890", seed=make.seed, glow_nits=0.0),
        bevel=0,
    )
    for k in range(9):
        w.box(
            (0.012, 0.02, 0.3 * high),
            ((k - 4) * 0.055 * wide / 0.8, y, 0.14 * high),
            w.stuff(K.CHROME, (0.6, 0.61, 0.62)),
            bevel=0.003,
        )
    w.box((0.56 * wide, 0.06, 0.05), (0, y - 0.01, 0.49 * high), w.stuff(K.CHROME, (0.6, 0.61, 0.62)), bevel=0.01)
    w.area((0, y - 0.05, 0.5 * high), (wide, high), (0, -1, 0), 500, 2400)
    return w.thing()


KINDS = (
    Kind(name="tape_recorder", category="appliances", layer="dressing", size_m=(0.34, 0.22, 0.12), build=tape_recorder,
         relation=R.ON, synonyms=("cassette recorder", "recorder", "reel to reel", "dictaphone", "recording machine")),
    Kind(name="speaker", category="appliances", layer="furniture", size_m=(0.5, 0.48, 1.15), build=speaker,
         relation=R.AGAINST, top=True, synonyms=("loudspeaker", "speaker stack", "pa speaker", "sound system", "amplifier",
         "guitar amp")),
    Kind(name="dj_desk", category="appliances", layer="furniture", size_m=(1.9, 0.75, 1.1), build=dj_desk,
         relation=R.AGAINST, clearance_m=(0.6, 0.0), synonyms=("dj booth", "turntables", "decks", "mixing desk",
         "dj table")),
    Kind(name="console_panel", category="appliances", layer="furniture", size_m=(1.8, 0.85, 1.2), build=console_panel,
         relation=R.AGAINST, clearance_m=(0.6, 0.0), synonyms=("console", "control panel", "control desk",
         "instrument panel", "control console", "helm", "cockpit panel", "switchboard")),
    Kind(name="drip_stand", category="appliances", layer="furniture", size_m=(0.5, 0.5, 1.9), build=patient_monitor,
         relation=R.BESIDE, synonyms=("iv stand", "drip", "infusion stand", "patient monitor", "heart monitor", "iv pole")),
    Kind(name="security_camera", category="appliances", layer="dressing", size_m=(0.12, 0.3, 0.18), build=camera_on_wall,
         relation=R.MOUNTED, wall_height_m=2.25, synonyms=("cctv", "surveillance camera", "cctv camera")),
    Kind(name="jukebox", category="appliances", layer="furniture", size_m=(0.82, 0.62, 1.5), build=jukebox,
         relation=R.AGAINST, clearance_m=(0.5, 0.0), synonyms=("juke box", "pinball", "arcade machine", "slot machine",
         "vending machine")),
)  # fmt: skip
