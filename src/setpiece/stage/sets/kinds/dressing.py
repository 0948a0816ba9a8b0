"""Paper and pictures, mirrors, clocks, cups, globes: what stands and hangs about."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from setpiece.core.scene import Thing
from setpiece.core.set_spec import Relation
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.kinds.joinery import K
from setpiece.stage.sets.kinds.storage import CLOTH_BINDINGS, PAPERBACKS
from setpiece.stage.sets.making import Kind, Make, Manner, Workshop, linear, polar
from setpiece.stage.sets.soft import cloth, ripple, strewn

R = Relation


def books(make: Make) -> Thing:
    """A small pile, each turned a little, the top one open now and then."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    colours = PAPERBACKS if w.of(Manner.NINETIES, Manner.CONTEMPORARY, Manner.SEVENTIES) else CLOTH_BINDINGS
    z, number = 0.0, 0
    while z < high - 0.012:
        thick = min(w.chance(0.018, 0.045), high - z)
        size = (wide * w.chance(0.78, 0.95), deep * w.chance(0.72, 0.92), thick)
        turn = (0, 0, w.chance(-9, 9))
        cover = w.stuff(K.BOOK, w.pick(colours), seed=(make.seed * 7 + number) % 97)
        w.box((size[0], size[1], 0.003), (0, 0, z), cover, turn=turn, bevel=0.001)
        w.box(
            (size[0] - 0.008, size[1] - 0.006, thick - 0.006),
            (0.002, 0, z + 0.003),
            w.stuff(K.PAPER, "#e8dfc8"),
            turn=turn,
            bevel=0.001,
        )
        w.box((size[0], size[1], 0.003), (0, 0, z + thick - 0.003), cover, turn=turn, bevel=0.001)
        spine = m.moved(m.box((0.004, size[1], thick)), (-size[0] / 2, 0, 0))
        w.add(spine, cover, (0, 0, z), turn)
        z, number = z + thick + 0.0005, number + 1
    return w.thing()


def papers(make: Make) -> Thing:
    """Sheets, a folder, a pencil."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    paper, many = w.stuff(K.PAPER, "#ece6d6", "body"), max(4, int(high / 0.004))
    size = (0.21, 0.297) if wide > deep or wide > 0.3 else (min(0.21, wide), min(0.297, deep))
    w.box(
        (min(0.24, wide), min(0.32, deep), 0.003),
        (-0.02, 0, 0),
        w.stuff(K.PAPER, "#b08a54"),
        turn=(0, 0, w.chance(-8, 8)),
        bevel=0,
    )
    for number in range(min(many, 9)):
        at = (w.chance(-0.5, 0.5) * max(0.0, wide - size[0]) * 0.8, w.chance(-0.5, 0.5) * max(0.0, deep - size[1]) * 0.8)
        x, y = np.meshgrid(
            np.linspace(-0.5, 0.5, 5) * size[0] * 0.94, np.linspace(-0.5, 0.5, 6) * size[1] * 0.94, indexing="ij"
        )
        z = 0.003 + number * high / 12 + 0.003 * np.abs(ripple(np.stack([x, y], -1), number, 0.3))
        w.add(m.moved(cloth(np.stack([x, y, z], -1), 0.0012), (at[0], at[1], 0.0012), (0, 0, w.chance(-25, 25))), paper)
    w.add(
        m.cylinder(0.0035, 0.17, segments=6), w.paint("#c89a2c"), (-0.08, 0.02, 0.006 + 0.75 * high), (0, 90, w.chance(-40, 40))
    )
    return w.thing()


def picture(make: Make) -> Thing:
    """A framed picture with its mount; its back at the wall."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    border = (
        {Manner.EDWARDIAN: 0.14, Manner.DECO: 0.09, Manner.RUSTIC: 0.1, Manner.CONTEMPORARY: 0.025}.get(w.manner, 0.05)
        * min(wide, high)
        / 0.6
    )
    frame = (
        w.stuff(K.METAL, (0.55, 0.36, 0.12), "wood", roughness=0.4)
        if w.of(Manner.EDWARDIAN, Manner.DECO)
        else w.wood()
        if not w.of(Manner.CONTEMPORARY, Manner.NINETIES)
        else w.plastic("#181818", "wood")
    )
    line = [
        (sx * (wide / 2 - border), deep / 2, high / 2 + sz * (high / 2 - border))
        for sx, sz in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    d = deep
    profile = [
        (0, 0),
        (0, 0.6 * d),
        (0.25 * border, 0.7 * d),
        (0.45 * border, 0.5 * d),
        (0.7 * border, 0.95 * d),
        (border, d),
        (border, 0),
    ]
    if w.of(Manner.CONTEMPORARY, Manner.NINETIES, Manner.FIFTIES):
        profile = [(0, 0), (0, d), (border, d), (border, 0)]
    w.add(m.sweep(line, profile[::-1], up=(0, -1, 0), closed=True, smooth=False), frame, bevel=0.001)
    inner = (wide - 2 * border, high - 2 * border)
    mount = 0.0 if w.of(Manner.EDWARDIAN, Manner.RUSTIC) else 0.14 * min(inner)
    if mount:
        w.box((inner[0], 0.004, inner[1]), (0, deep / 2 - 0.3 * d, border), w.stuff(K.PAPER, "#eee8da"), bevel=0)
    w.box(
        (inner[0] - 2 * mount, 0.003, inner[1] - 2 * mount),
        (0, deep / 2 - 0.3 * d - 0.003, border + mount),
        w.stuff(K.PICTURE, "#8a8474", seed=make.seed),
        bevel=0,
    )
    return w.thing()


def poster(make: Make) -> Thing:
    """A sheet on the wall, its corners curled, taped or pinned."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    x, z = np.meshgrid(np.linspace(-wide / 2, wide / 2, 11), np.linspace(0, high, 15), indexing="ij")
    corner = np.maximum(0, np.abs(x) / wide * 2 - 0.7) * np.maximum(0, np.abs(2 * z / high - 1) - 0.7)
    y = (
        deep / 2
        - 0.002
        - deep * 6 * corner * (0.4 + 0.6 * (np.sin(x * 3 + make.seed) > 0))
        - 0.1 * deep * (ripple(np.stack([x, z], -1), make.seed, 0.5) + 1)
    )
    w.add(cloth(np.stack([x, y, z], -1), 0.001), w.stuff(K.POSTER, "#b8a888", "body", seed=make.seed + 11))
    for sx in (-1.0, 1.0):
        w.box(
            (0.05, 0.001, 0.02),
            (sx * (wide / 2 - 0.02), float(y.min()), high - 0.03),
            w.plastic("#d8cfa8"),
            turn=(0, 45 * sx, 0),
            bevel=0,
        )
    return w.thing()


def notice_board(make: Make) -> Thing:
    """Cork in a frame with notes, or a blackboard with chalk."""
    w = Workshop(make, "body")
    wide, deep, high = w.width, w.depth, w.height
    board = wide > 1.5
    j_frame = [
        (sx * (wide / 2 - 0.02), deep / 2, high / 2 + sz * (high / 2 - 0.02)) for sx, sz in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    w.add(
        m.sweep(j_frame, [(-0.02, 0), (0.02, 0), (0.02, deep), (-0.02, deep)], up=(0, -1, 0), closed=True, smooth=False),
        w.wood(),
    )
    w.box(
        (wide - 0.04, 0.008, high - 0.04),
        (0, deep / 2 - 0.01, 0.02),
        w.stuff(K.LINOLEUM, "#20302a" if board else "#a87c4c", "body", roughness=0.9),
        bevel=0,
    )
    if board:
        chalk = w.stuff(K.PAPER, "#d8dcd4")
        for row in range(4):
            x = -0.42 * wide
            while x < 0.3 * wide:
                size = w.chance(0.05, 0.22)
                if w.chance() < 0.8:
                    line = [
                        (x + t * size, deep / 2 - 0.016, (0.78 - 0.17 * row) * high + 0.02 * math.sin(9 * t + x * 31))
                        for t in np.linspace(0, 1, 9)
                    ]
                    w.tube(line, 0.003, chalk, segments=4)
                x += size + 0.04
        w.box((0.7 * wide, 0.04, 0.02), (0, deep / 2 - 0.02, 0.0), w.wood())
        return w.thing()
    for number, (x, z) in enumerate(strewn(16, (0.42 * wide, 0.38 * high), make.seed, apart=0.14)):
        size = w.pick(((0.15, 0.21), (0.1, 0.15), (0.2, 0.14), (0.076, 0.076)))
        tone = w.pick(("#efe8d8", "#f0e08a", "#d8e4ea", "#efe8d8"))
        kind = K.PICTURE if number % 4 == 3 else K.PAPER
        w.box(
            (size[0], 0.001, size[1]),
            (float(x), deep / 2 - 0.016 - 0.0006 * number, high / 2 + float(z) - size[1] / 2),
            w.stuff(kind, tone, seed=make.seed + number),
            turn=(0, w.chance(-9, 9), 0),
            bevel=0,
        )
        w.rod(
            0.005,
            0.008,
            (float(x), deep / 2 - 0.018, high / 2 + float(z) + 0.4 * size[1]),
            w.plastic("#b82c24"),
            turn=(90, 0, 0),
            segments=8,
        )
    return w.thing()


def mirror(make: Make) -> Thing:
    """A mirror on the wall in a frame of its time."""
    w = Workshop(make, "wood")
    wide, deep, high = w.width, w.depth, w.height
    frame = (
        w.stuff(K.METAL, (0.55, 0.36, 0.12), "wood", roughness=0.4)
        if w.of(Manner.EDWARDIAN)
        else w.metal()
        if w.of(Manner.DECO, Manner.INDUSTRIAL, Manner.FUTURISTIC)
        else w.wood()
    )
    border, corner = (
        (0.07, 0.3)
        if w.of(Manner.EDWARDIAN)
        else (0.03, 0.42)
        if w.of(Manner.SEVENTIES, Manner.CONTEMPORARY)
        else (0.035, 0.12 if w.of(Manner.DECO, Manner.FIFTIES, Manner.FUTURISTIC) else 0.004)
    )
    outer = m.rounded(wide, high, corner * min(wide, high), 8)
    inner = m.rounded(wide - 2 * border, high - 2 * border, max(0.003, corner * min(wide, high) - border), 8)
    w.add(m.framed(outer, inner, deep), frame, (0, deep / 2, high / 2), (90, 0, 0), bevel=0.006)
    w.add(
        m.extrude(inner * 1.005, 0.005),
        w.stuff(K.MIRROR, "#ffffff", wear=make.wear),
        (0, deep / 2 - 0.2 * deep, high / 2),
        (90, 0, 0),
    )
    return w.thing()


def one_way_mirror(make: Make) -> Thing:
    """The large plain pane behind which somebody watches."""
    return mirror(replace(make, style="industrial"))


def clock(make: Make) -> Thing:
    """A wall clock with marks and hands; the time by seed."""
    w = Workshop(make, "body")
    high, deep = w.height, w.depth
    r = min(w.width, high) / 2
    rim = (
        w.wood(role="body")
        if w.of(Manner.EDWARDIAN, Manner.RUSTIC)
        else w.stuff(K.CHROME, (0.6, 0.61, 0.62), "body")
        if w.of(Manner.FIFTIES, Manner.DECO)
        else w.plastic("#1a1a1a", "body")
    )
    back = deep / 2
    w.add(
        m.lathe(
            [(0, 0), (r, 0), (r, 0.6 * deep), (0.93 * r, deep), (0.88 * r, deep), (0.88 * r, 0.35 * deep), (0, 0.35 * deep)], 44
        ),
        rim,
        (0, back, high / 2),
        (90, 0, 0),
    )
    w.add(m.cylinder(0.88 * r, 0.003, segments=44), w.stuff(K.PAPER, "#efe8d6"), (0, back - 0.56 * deep, high / 2), (90, 0, 0))
    black, y = w.plastic("#12100e"), back - 0.64 * deep
    for k in range(12):
        a = math.radians(30 * k)
        size = (0.04 * r, 0.003, (0.14 if k % 3 else 0.2) * r)
        at = (0.74 * r * math.sin(a), y, high / 2 + 0.74 * r * math.cos(a))
        w.add(m.moved(m.box(size), (0, 0, -size[2] / 2)), black, at, (0, math.degrees(a), 0))
    hour = make.seed % 12 + (make.seed % 60) / 60
    for turn, long, thick in ((30 * hour, 0.46, 0.05), (6 * (make.seed % 60), 0.7, 0.03)):
        w.add(m.moved(m.box((thick * r, 0.003, long * r)), (0, 0, -0.08 * r)), black, (0, y - 0.004, high / 2), (0, turn, 0))
    return w.thing()


def cup(make: Make) -> Thing:
    """A cup on its saucer, or a mug."""
    w = Workshop(make, "body")
    high, r = w.height, w.width / 2
    china = w.stuff(K.CERAMIC, make.colour or w.pick(("#efe9dc", "#d8cdb8", "#8aa0a0")), "body")
    mug = w.of(Manner.NINETIES, Manner.CONTEMPORARY, Manner.INDUSTRIAL, Manner.RUSTIC, Manner.SEVENTIES, Manner.FUTURISTIC)
    z, b = (0.0, 0.62 * r) if mug else (0.012, 0.55 * r)
    if not mug:
        w.lathe([(0, 0), (0.5 * r, 0), (r, 0.014), (r, 0.018), (0.5 * r, 0.006), (0, 0.006)], (0, 0, 0), china, segments=28)
    rows = (
        [(0, z), (b, z), (b, high), (0.92 * b, high), (0.9 * b, z + 0.01), (0, z + 0.008)]
        if mug
        else [
            (0, z),
            (0.5 * b, z),
            (0.85 * b, z + 0.3 * (high - z)),
            (b, high),
            (0.95 * b, high),
            (0.8 * b, z + 0.32 * (high - z)),
            (0, z + 0.01),
        ]
    )
    w.lathe(rows, (0, 0, 0), china, segments=28)
    mid = (z + high) / 2
    w.tube(
        [
            (0.92 * b, 0, mid + 0.22 * high),
            (b + 0.3 * r, 0, mid + 0.2 * high),
            (b + 0.3 * r, 0, mid - 0.14 * high),
            (0.86 * b, 0, mid - 0.2 * high),
        ],
        0.06 * r + 0.001,
        china,
        bent=4,
    )
    w.rod(0.86 * b, 0.002, (0, 0, z + 0.66 * (high - z)), w.stuff(K.PLASTIC, "#2a1608", roughness=0.05))
    return w.thing()


def globe(make: Make) -> Thing:
    """A terrestrial globe on its foot."""
    w = Workshop(make, "body")
    high = w.height
    r = min(0.45 * w.width, 0.36 * high)
    w.lathe(
        [(0, 0), (0.7 * r, 0), (0.65 * r, 0.03), (0.12 * r, 0.06), (0.09 * r, high - 2 * r - 0.04), (0, high - 2 * r - 0.03)],
        (0, 0, 0),
        w.wood(),
    )
    angle = np.linspace(-math.pi / 2, math.pi / 2, 19)
    w.lathe(
        [(r * math.cos(a) if abs(a) < 1.57 else 0.0, r * math.sin(a)) for a in angle],
        (0, 0, high - 1.06 * r),
        w.stuff(K.MARBLE, "#5a7a8a", "body", colour_2=linear("#b8a468"), roughness=0.3),
        turn=(23, 0, 0),
        segments=36,
    )
    w.tube(
        [(0, 1.05 * r * math.sin(a), high - 1.06 * r + 1.05 * r * math.cos(a)) for a in np.linspace(0.4, math.pi + 0.1, 17)],
        0.012,
        w.metal(),
    )
    return w.thing()


def ashtray(make: Make) -> Thing:
    """An ashtray with stubs."""
    w = Workshop(make, "body")
    high, r = w.height, w.width / 2
    w.lathe(
        [
            (0, 0),
            (0.85 * r, 0),
            (r, 0.9 * high),
            (0.95 * r, high),
            (0.82 * r, 0.9 * high),
            (0.7 * r, 0.25 * high),
            (0, 0.2 * high),
        ],
        (0, 0, 0),
        w.stuff(K.GLASS if w.of(Manner.FIFTIES, Manner.DECO) else K.CERAMIC, (0.3, 0.2, 0.1), "body"),
    )
    for k in range(3):
        w.add(
            m.cylinder(0.004, 0.03, segments=8),
            w.stuff(K.PAPER, "#e8dcc0"),
            polar(0.3 * r, 130 * k, 0.3 * high),
            (60, 0, 140 * k),
        )
    return w.thing()


KINDS = (
    Kind(name="books", category="dressing", layer="dressing", size_m=(0.26, 0.2, 0.12), build=books, relation=R.ON,
         synonyms=("book", "pile of books", "paperbacks", "volumes", "ledger", "bible")),
    Kind(name="papers", category="dressing", layer="dressing", size_m=(0.32, 0.3, 0.02), build=papers, relation=R.ON,
         synonyms=("paper", "documents", "files", "letters", "newspaper", "magazines", "magazine", "napkins", "notes",
         "file folder", "blueprints")),
    Kind(name="picture", category="dressing", layer="dressing", size_m=(0.7, 0.035, 0.55), build=picture, relation=R.MOUNTED,
         wall_height_m=1.4, synonyms=("painting", "portrait", "framed picture", "photograph", "print", "framed photograph",
         "artwork", "diploma", "certificate", "icon")),
    Kind(name="poster", category="dressing", layer="dressing", size_m=(0.6, 0.02, 0.85), build=poster, relation=R.MOUNTED,
         wall_height_m=1.2, synonyms=("band poster", "film poster", "map", "chart", "placard", "pin-up", "nautical chart",
         "calendar")),
    Kind(name="notice_board", category="dressing", layer="dressing", size_m=(1.2, 0.035, 0.85), build=notice_board,
         relation=R.MOUNTED, wall_height_m=1.15, synonyms=("bulletin board", "pin board", "cork board", "evidence board")),
    Kind(name="blackboard", category="dressing", layer="dressing", size_m=(2.4, 0.06, 1.15), build=notice_board,
         relation=R.MOUNTED, wall_height_m=0.95, synonyms=("chalkboard", "whiteboard", "chalk board")),
    Kind(name="mirror", category="dressing", layer="dressing", size_m=(0.6, 0.04, 0.85), build=mirror, relation=R.MOUNTED,
         wall_height_m=1.15, synonyms=("wall mirror", "looking glass")),
    Kind(name="one_way_mirror", category="dressing", layer="dressing", size_m=(1.9, 0.05, 1.05), build=one_way_mirror,
         relation=R.MOUNTED, wall_height_m=1.0, synonyms=("one-way mirror", "two-way mirror", "observation window",
         "viewing window")),
    Kind(name="clock", category="dressing", layer="dressing", size_m=(0.34, 0.05, 0.34), build=clock, relation=R.MOUNTED,
         wall_height_m=1.95, synonyms=("wall clock", "station clock")),
    Kind(name="cup", category="dressing", layer="dressing", size_m=(0.13, 0.13, 0.085), build=cup, relation=R.ON,
         synonyms=("mug", "coffee cup", "tea cup", "teacup", "cup of coffee", "cup of tea")),
    Kind(name="globe", category="dressing", layer="dressing", size_m=(0.32, 0.32, 0.46), build=globe, relation=R.ON,
         synonyms=("terrestrial globe", "world globe")),
    Kind(name="ashtray", category="dressing", layer="dressing", size_m=(0.13, 0.13, 0.035), build=ashtray, relation=R.ON,
         synonyms=("ash tray",)),
)  # fmt: skip
