"""Out of doors: a street between facades, or a yard between walls, with pavement, kerb, road, and snow on all of it.

Place in the flow: under :mod:`.architecture`, for exteriors. The road runs east and west; facades stand along the north and the
south edge of the set and go on beyond it, so that a lens finds no end. Houses are invented by seed in the manner of the time.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from setpiece.core.scene import MaterialKind, Placed, SceneMaterial, Thing
from setpiece.core.set_spec import Opening, SetSpec, Side, Surface
from setpiece.stage.sets import mesh as m
from setpiece.stage.sets.daylight import sun_position
from setpiece.stage.sets.layout_exterior import pavement_m
from setpiece.stage.sets.making import Manner, Workshop, linear, toned
from setpiece.stage.sets.soft import cloth, ripple, shell, strewn

K = MaterialKind
BEYOND_M = 26.0  # how far the street goes on at each end
KERB_M = 0.02  # what stands in the road stands at z = 0: an old, worn kerb
_RENDERS = ("#c8b597", "#a9785a", "#d8cbb0", "#8d8f86", "#b9a37f", "#9a5f4a", "#c2c4b8", "#7d6a58")
_LAMPS_ON_DEG = 1.0  # the sun's height under which windows are lit


def outside(spec: SetSpec, openings: tuple[Opening, ...]) -> tuple[Placed, ...]:
    """Ground, facades or walls; ``openings`` are pinned in the near facades."""
    street = "street" in spec.features
    made = [_ground(spec, street=street)]
    if street:
        for side in (Side.NORTH, Side.SOUTH):
            made += _row(spec, side, tuple(one for one in openings if one.wall is side))
        made += [_end(spec, -1.0), _end(spec, 1.0)]
    else:
        for side in Side:
            made += _yard_wall(spec, side, tuple(one for one in openings if one.wall is side))
    return tuple(made)


def _snowy(spec: SetSpec) -> bool:
    return "snow" in spec.features or spec.light.weather == "snow"


def _snow(w: Workshop) -> SceneMaterial:
    return w.stuff(K.SNOW, "#eef2f6", wear=0.2)


def _ground(spec: SetSpec, *, street: bool) -> Placed:
    from setpiece.stage.sets.architecture import bench

    w = bench(spec, 3)
    wide, deep = spec.width_m + (2 * BEYOND_M if street else 40.0), spec.depth_m
    floor = w.surface(spec.floor, spec.seed)
    if not street:
        w.box((wide, deep + 40.0, 0.1), (0, 0, -0.1), floor, bevel=0)
    else:
        side = pavement_m(deep)
        road = deep - 2 * side
        w.box((wide, road, 0.1), (0, 0, -0.1 - KERB_M), floor, bevel=0)
        slabs = w.stuff(
            K.TILES if w.of(Manner.SEVENTIES, Manner.CONTEMPORARY, Manner.FIFTIES) else K.STONE,
            "#8f8c84",
            scale_m=0.5,
            roughness=0.8,
        )
        for sign in (-1.0, 1.0):
            y = sign * (deep / 2 - side / 2 + 0.15)
            w.box((wide, side + 0.3 - 0.3, 0.3), (0, y, -0.3), slabs, bevel=0)
            count = round(wide / 1.0)
            for number in range(count):
                x = -wide / 2 + (number + 0.5) * wide / count
                w.box(
                    (wide / count - 0.006, 0.3, 0.3 + w.chance(-0.004, 0.004)),
                    (x, sign * (deep / 2 - side + 0.15 - 0.15), -0.3),
                    toned(w.stuff(K.CONCRETE, "#9a968c"), w.chance(0.85, 1.1)),
                    bevel=0.015,
                )
            gutter = w.stuff(K.COBBLES, "#5c5a56", scale_m=0.1)
            w.box((wide, 0.35, 0.1), (0, sign * (road / 2 - 0.175), -0.095 - KERB_M), gutter, bevel=0)
        for x in (-0.3 * spec.width_m, 0.31 * spec.width_m):
            w.rod(0.3, 0.01, (x, 0.4, -KERB_M - 0.004), w.stuff(K.METAL, (0.08, 0.075, 0.07), roughness=0.5), segments=32)
    if _snowy(spec):
        _snowfield(w, spec, wide, deep, street=street)
    w.parts[0] = replace(w.parts[0], mesh=replace(w.parts[0].mesh, uv=np.zeros((0, 2), np.float32)))
    return Placed(name="ground", category="floor", layer="architecture", thing=w.as_built(), position_m=(0.0, 0.0, 0.0))


def _snowfield(w: Workshop, spec: SetSpec, wide: float, deep: float, *, street: bool) -> None:
    """A blanket with wheel ruts in the road and a trodden path on the pavement, banks at the kerb."""
    many_x, many_y = int(wide / 0.22), max(30, int(deep / 0.11))
    x, y = np.meshgrid(np.linspace(-wide / 2, wide / 2, many_x), np.linspace(-deep / 2, deep / 2, many_y), indexing="ij")
    at = np.stack([x, y], -1)
    z = 0.06 + 0.025 * ripple(at, w.make.seed, 1.7) + 0.012 * ripple(at, w.make.seed + 1, 0.35)
    if street:
        side = pavement_m(deep)
        road = deep / 2 - side
        sway = 0.12 * np.sin(x * 0.21 + 1.0)
        for track in (-0.3 * road - 0.75, -0.3 * road + 0.75, 0.3 * road - 0.75, 0.3 * road + 0.75):
            z -= 0.075 * np.exp(-(((y - track - sway) / 0.17) ** 2))
        bank = np.abs(np.abs(y) - road + 0.25)
        z += (0.3 + 0.16 * ripple(at, w.make.seed + 2, 1.2)) * np.exp(-((bank / 0.3) ** 2))
        path = np.abs(np.abs(y) - road - 0.55 * side)
        z -= (0.05 + 0.014 * ripple(at, w.make.seed + 3, 0.22)) * np.exp(-((path / 0.35) ** 4))
        z -= np.where(np.abs(y) < road - 0.02, KERB_M, 0.0)
        z = np.maximum(z, np.where(np.abs(y) < road - 0.02, -KERB_M + 0.002, 0.006))
    top = np.stack([x, y, z], -1)
    under = top.copy()
    under[..., 2] -= 0.02
    w.add(shell(top, under), _snow(w))


def _row(spec: SetSpec, side: Side, openings: tuple[Opening, ...]) -> list[Placed]:
    """Houses side by side along one edge of the street."""
    from setpiece.stage.sets.architecture import at_wall, bench

    made: list[Placed] = []
    rng = np.random.default_rng([spec.seed & 0x7FFFFFFF, list(Side).index(side), 9])
    x, number = -spec.width_m / 2 - BEYOND_M, 0
    while x < spec.width_m / 2 + BEYOND_M:
        wide = float(rng.uniform(6.0, 9.5))
        w = bench(spec, 200 + 17 * number + list(Side).index(side))
        middle = x + wide / 2
        mine = [replace(one, at_m=(one.at_m or 0.0) - middle) for one in openings if x < (one.at_m or 0.0) < x + wide]
        house = _house(w, spec, wide, mine, near=abs(middle) < spec.width_m / 2 + 4)
        made.append(at_wall(spec, side, f"house_{number + 1}", "building", house, along=middle))
        x, number = x + wide, number + 1
    return made


def _house(w: Workshop, spec: SetSpec, wide: float, openings: list[Opening], *, near: bool) -> Thing:
    """One facade: shop or base, storeys of windows, balconies, cornice, roof edge, gutter pipe."""
    if spec.era < 1975 and ("balconies" in spec.features or w.chance() < 0.5):
        w.manner = Manner.EDWARDIAN if w.chance() < 0.8 else Manner.DECO
    storeys = int(w.rng.integers(2, 5)) if not w.of(Manner.CONTEMPORARY) else int(w.rng.integers(3, 6))
    ground, storey = w.chance(3.4, 4.0), w.chance(2.95, 3.3)
    height = ground + storeys * storey + 0.5
    wall = _render(w, spec)
    stone = w.stuff(K.STONE if w.chance() < 0.5 else K.PLASTER, toned(wall, 1.15).colour)
    bays = max(2, round(wide / w.chance(2.0, 2.6)))
    pitch = wide / bays
    size = (min(1.15, 0.5 * pitch), 0.62 * storey if w.of(Manner.EDWARDIAN, Manner.DECO, Manner.RUSTIC) else 0.5 * storey)
    tall = size[1] > 1.75
    holes, places = [], []
    for level in range(storeys):
        low = ground + level * storey + (0.25 if tall else 0.85)
        for bay in range(bays):
            x = -wide / 2 + (bay + 0.5) * pitch
            holes.append((x - size[0] / 2, low, x + size[0] / 2, low + size[1]))
            places.append((x, low, level, bay))
    doors, fronts, base_windows = _at_street_level(w, spec, wide, openings, pitch, size[0])
    for x, wd, hd, sill, _ in doors:
        holes.append((x - wd / 2, sill, x + wd / 2, sill + hd))
    holes += [(a, 0.35, b, 2.75) for a, b in fronts] + [(x - size[0] / 2, 1.0, x + size[0] / 2, 2.7) for x in base_windows]
    w.add(m.panel(wide, height, 0.35, holes), wall)
    lit = sun_position(spec.light)[1] < _LAMPS_ON_DEG
    for x, low, level, bay in places:
        _window(w, (x, low), size, stone, lit=lit and w.chance() < 0.4, snow=_snowy(spec), detail=near)
        if "balconies" in spec.features and tall and near and (level + bay) % 2 == 0 and level < 3:
            _balcony(w, (x, low), size[0] + 0.7, stone, snow=_snowy(spec))
    for x in base_windows:
        _window(w, (x, 1.0), (size[0], 1.7), stone, lit=lit and w.chance() < 0.5, snow=_snowy(spec), detail=near)
    for x, wd, hd, sill, one in doors:
        if one is not None and "window" in one.kind:
            _window(w, (x, sill), (wd, hd), stone, lit=lit, snow=_snowy(spec), detail=True)
        else:
            _street_door(w, (x, wd, hd), stone)
    for a, b in fronts:
        _shopfront(w, (a, b), lit=lit)
    _mouldings(w, wide, height, ground, stone, snow=_snowy(spec))
    return w.as_built()


def _at_street_level(
    w: Workshop, spec: SetSpec, wide: float, openings: list[Opening], pitch: float, window_m: float
) -> tuple[list[tuple[float, float, float, float, Opening | None]], list[tuple[float, float]], list[float]]:
    """Doors (x, width, height, sill, what was ordered), shopfronts (left, right), windows (x) of a ground storey."""
    bays = round(wide / pitch)
    shop = "shopfronts" in spec.features and (w.chance() < 0.75)
    doors: list[tuple[float, float, float, float, Opening | None]] = [
        (one.at_m or 0.0, one.width_m, one.height_m, one.sill_m, one) for one in openings
    ]
    door_x = -wide / 2 + 0.5 * pitch
    if not any("door" in one.kind for one in openings):
        doors.append((door_x, 1.1, 2.6, 0.0, None))
    fronts = []
    if shop:
        fronts = [(-wide / 2 + 1.25 * pitch, wide / 2 - 0.35)] if bays > 1 else []
        fronts = [
            (a, b)
            for a, b in fronts
            if not any(a - 0.2 < x + half and b + 0.2 > x - half for x, half in ((d[0], d[1] / 2) for d in doors[:-1]))
        ]
    base_windows = [] if fronts else [(-wide / 2 + (bay + 0.5) * pitch) for bay in range(1, bays)]
    base_windows = [x for x in base_windows if not any(abs(x - d[0]) < (d[1] + window_m) / 2 + 0.2 for d in doors)]
    return doors, fronts, base_windows


def _render(w: Workshop, spec: SetSpec) -> SceneMaterial:
    """Each house its own render or brick, near the specification's walls."""
    given = w.surface(spec.walls, spec.seed)
    if w.chance() < 0.4:
        return toned(replace(given, seed=w.make.seed % 97), w.chance(0.8, 1.15))
    colour = w.pick(_RENDERS)
    brick = w.chance() < 0.25
    return w.surface(Surface(kind="brick" if brick else "plaster", colour="#8a4a36" if brick else colour), w.make.seed % 97)


def _window(
    w: Workshop,
    at: tuple[float, float],
    size: tuple[float, float],
    stone: SceneMaterial,
    *,
    lit: bool,
    snow: bool,
    detail: bool,
) -> None:
    (x, z), (wide, high) = at, size
    frame = w.paint(w.make.palette.trim if not w.of(Manner.CONTEMPORARY, Manner.INDUSTRIAL) else "#2a2c2e")
    w.box((wide, 0.012, high), (x, 0.2, z), w.stuff(K.GLASS, (0.75, 0.82, 0.82)), bevel=0)
    behind = (
        w.glow(w.chance(5, 26), w.pick(("#ffc87a", "#ffd9a0", "#ffb865")))
        if lit
        else w.stuff(K.COTTON, w.pick(("#4a4640", "#6a6458", "#2c2a28")))
    )
    w.box((wide, 0.01, high), (x, 0.33, z), behind, bevel=0)
    for dx in (-0.5, 0.0, 0.5) if wide > 0.7 else (-0.5, 0.5):
        w.box((0.05, 0.06, high), (x + dx * (wide - 0.05), 0.19, z), frame, bevel=0.004)
    for share in (0.0, 0.68, 0.975):
        w.box((wide, 0.05, 0.05), (x, 0.19, z + share * (high - 0.05)), frame, bevel=0.004)
    w.box((wide + 0.24, 0.2, 0.08), (x, -0.04, z - 0.08), stone, bevel=0.008)
    if not detail:
        return
    if w.of(Manner.EDWARDIAN, Manner.DECO, Manner.RUSTIC):
        for side in (-1.0, 1.0):
            w.box((0.12, 0.06, high + 0.06), (x + side * (wide / 2 + 0.06), -0.02, z), stone, bevel=0.006)
        w.box((wide + 0.34, 0.14, 0.12), (x, -0.05, z + high + 0.03), stone, bevel=0.012)
    if snow:
        top = m.block((wide + 0.2, 0.15, 0.07), 0.06, 0.03)
        w.add(top, _snow(w), (x, -0.05, z - 0.005))
    elif w.chance() < 0.35 and high > 1.3:
        for side in (-1.0, 1.0):
            w.box((wide / 2, 0.04, high), (x + side * (wide * 0.78), -0.03, z), w.paint("#3d5c50"), bevel=0.006)
            for number in range(10):
                w.box(
                    (wide / 2 - 0.1, 0.02, 0.03),
                    (x + side * wide * 0.78, -0.055, z + (number + 0.5) * high / 10.5),
                    w.paint("#4a6c5e"),
                    turn=(25, 0, 0),
                )


def _balcony(w: Workshop, at: tuple[float, float], wide: float, stone: SceneMaterial, *, snow: bool) -> None:
    (x, z), deep = at, 0.75
    w.box((wide, deep, 0.14), (x, -deep / 2, z - 0.2), stone, bevel=0.02)
    for side in (-1.0, 1.0):
        flat = [(0, 0), (-0.5, 0), (-0.42, -0.1), (-0.12, -0.2), (0, -0.42)]
        w.add(m.extrude(flat, 0.14), stone, (x + side * (wide / 2 - 0.25) - 0.07, 0, z - 0.2), (90, 0, 90), bevel=0.01)
    iron = w.stuff(K.METAL, (0.02, 0.021, 0.022), roughness=0.5)
    rail = [
        (x - wide / 2 + 0.03, 0, 0),
        (x - wide / 2 + 0.03, -deep + 0.04, 0),
        (x + wide / 2 - 0.03, -deep + 0.04, 0),
        (x + wide / 2 - 0.03, 0, 0),
    ]
    for high in (z + 0.9, z + 0.02, z + 0.75):
        w.add(m.sweep([(px, py, high) for px, py, _ in rail], m.rounded(0.03, 0.02, 0.004, 2), smooth=False), iron)
    count = max(6, round(wide / 0.13))
    for number in range(count + 1):
        px = x - wide / 2 + 0.03 + number * (wide - 0.06) / count
        w.rod(0.008, 0.9, (px, -deep + 0.04, z), iron, segments=6)
        if number % 2:
            ring = [
                (px + 0.05 * math.cos(a), -deep + 0.04, z + 0.45 + 0.09 * math.sin(a)) for a in np.arange(10) * 0.2 * math.pi
            ]
            w.add(m.tube(ring, 0.006, 5, closed=True), iron)
    if snow:
        w.add(m.block((wide + 0.02, deep, 0.09), 0.07, 0.04), _snow(w), (x, -deep / 2, z - 0.07))
        w.add(m.block((wide - 0.02, 0.07, 0.05), 0.03, 0.02), _snow(w), (x, -deep + 0.04, z + 0.9))


def _street_door(w: Workshop, size: m.Vector, stone: SceneMaterial) -> None:
    x, wide, high = size
    leaf = w.paint(w.pick(("#27443a", "#5a2620", "#2b3444", "#3a2c20")))
    w.box((wide, 0.05, high), (x, 0.24, 0), leaf, bevel=0.004)
    for side in (-1.0, 1.0):
        for low, share in ((0.12, 0.28), (0.46, 0.48)):
            w.box((0.36 * wide, 0.02, share * high * 0.9), (x + side * 0.23 * wide, 0.21, low * high * 0.95), leaf, bevel=0.008)
        w.box((0.16, 0.1, high + 0.1), (x + side * (wide / 2 + 0.08), -0.04, 0), stone, bevel=0.01)
    w.rod(0.03, 0.06, (x + 0.05, 0.2, 1.05), w.metal(), turn=(90, 0, 0))
    w.box((wide + 0.6, 0.24, 0.16), (x, -0.1, high + 0.06), stone, bevel=0.02)
    w.box((wide + 0.3, 0.4, 0.14), (x, 0.0, 0), stone, bevel=0.015)


def _shopfront(w: Workshop, span: tuple[float, float], *, lit: bool) -> None:
    """Stall riser, panes, a deep fascia, goods in the window, an awning now and then."""
    a, b = span
    x, wide = (a + b) / 2, b - a
    paint = w.paint(w.pick(("#1f3b36", "#5c1f1c", "#24324a", "#8a6a2a", "#2e2620")))
    w.box((wide, 0.012, 2.4), (x, 0.14, 0.35), w.stuff(K.GLASS, (0.85, 0.92, 0.9)), bevel=0)
    count = max(1, round(wide / 1.5))
    for number in range(count + 1):
        w.box((0.08, 0.12, 2.4), (a + 0.04 + number * (wide - 0.08) / count, 0.12, 0.35), paint, bevel=0.01)
    w.box((wide + 0.3, 0.22, 0.35), (x, -0.02, 0), paint, bevel=0.012)
    w.box((wide + 0.3, 0.2, 0.55), (x, -0.06, 2.75), paint, bevel=0.015)
    w.box((wide + 0.44, 0.3, 0.08), (x, -0.1, 3.3), paint, bevel=0.02)
    letters = w.glow(70.0, "#ffdf9a") if lit and w.chance() < 0.5 else w.stuff(K.METAL, (0.6, 0.42, 0.14))
    place = x - 0.3 * wide
    while place < x + 0.3 * wide:
        size = w.chance(0.1, 0.24)
        w.box((size, 0.03, w.pick((0.24, 0.24, 0.3))), (place + size / 2, -0.17, 2.88), letters, bevel=0.004)
        place += size + 0.05
    glow = w.glow(40.0, "#ffd09a") if lit else w.stuff(K.PLASTER, "#5a5148")
    w.box((wide, 0.02, 2.4), (x, 0.75, 0.35), glow, bevel=0)
    w.box((wide, 0.6, 0.06), (x, 0.45, 0.6), w.wood(), bevel=0)
    for number in range(max(3, round(wide / 0.4))):
        px = a + 0.2 + number * (wide - 0.4) / max(3, round(wide / 0.4))
        w.block(
            (w.chance(0.12, 0.28), 0.16, w.chance(0.15, 0.6)),
            (px, w.chance(0.3, 0.55), 0.66),
            w.stuff(K.PAINT, w.pick(_RENDERS)),
            corner=0.03,
        )
    if lit:
        w.area((x, 0.3, 2.6), (0.8 * wide, 0.3), (0.0, -0.5, -1.0), 900.0 * wide, 3000.0)
    if w.chance() < 0.5:
        drop, out = 0.75, 1.15
        y, t = np.meshgrid(np.linspace(0, 1, 9), np.linspace(-0.5, 0.5, 25), indexing="ij")
        z = 2.95 - drop * y - 0.03 * np.sin(y * math.pi)
        grid = np.stack([x + t * (wide + 0.2), 0.0 - 0.2 - out * y, z], -1)
        flap = np.stack(
            [x + t[:3] * (wide + 0.2), np.full_like(t[:3], -0.2 - out), 2.2 - np.linspace(0, 0.22, 3)[:, None] + 0 * t[:3]], -1
        )
        stripe = w.stuff(K.PINSTRIPE, w.make.palette.accent, colour_2=linear("#efe6d2"), scale_m=0.3)
        w.add(cloth(grid[:, ::-1], 0.006), stripe)
        w.add(cloth(flap[:, ::-1], 0.006), stripe)
        for side in (-1.0, 1.0):
            w.tube([(x + side * wide / 2, -0.16, 2.25), (x + side * wide / 2, -0.2 - out, 2.2)], 0.014, w.metal(dark=True))


def _mouldings(w: Workshop, wide: float, height: float, ground: float, stone: SceneMaterial, *, snow: bool) -> None:
    profile = [(0, 0), (0.08, 0), (0.1, 0.1), (0.22, 0.16), (0.3, 0.3), (0.42, 0.34), (0.42, 0.46), (0, 0.46)]
    plain = w.of(Manner.CONTEMPORARY, Manner.INDUSTRIAL, Manner.NINETIES)
    rows = [(height - 0.46, 0.35 if plain else 1.0), (ground - 0.1, 0.3)]
    for z, scale in rows:
        w.add(
            m.sweep([(-wide / 2, 0, z), (wide / 2, 0, z)], [(x * scale, y * scale) for x, y in profile], smooth=False),
            stone,
            bevel=0.004,
        )
    w.box((wide, 0.05, 0.5), (0, -0.02, 0), stone, bevel=0.006)
    if snow:
        w.add(m.block((wide, 0.6, 0.16), 0.12, 0.07), _snow(w), (0, -0.1, height - 0.02))
    pipe = w.stuff(K.METAL, (0.12, 0.12, 0.12), roughness=0.5)
    w.tube(
        [(wide / 2 - 0.12, -0.34, height - 0.3), (wide / 2 - 0.12, -0.09, height - 0.75), (wide / 2 - 0.12, -0.09, 0.2)],
        0.05,
        pipe,
        segments=10,
    )
    for z in np.arange(1.0, height - 1.0, 2.4):
        w.rod(0.06, 0.05, (wide / 2 - 0.12, -0.09, float(z)), pipe)


def _end(spec: SetSpec, sign: float) -> Placed:
    """A house across the far end of the street."""
    from setpiece.stage.sets.architecture import bench

    w = bench(spec, 90 + int(sign))
    house = _house(w, spec, spec.depth_m + 1.0, [], near=False)
    x = sign * (spec.width_m / 2 + BEYOND_M - 1.0)
    return Placed(name=f"end.{'east' if sign > 0 else 'west'}", category="building", layer="architecture", thing=house,
                  position_m=(x, 0.0, 0.0), turn_deg=-90.0 * sign, wall="east" if sign > 0 else "west")  # fmt: skip


def _yard_wall(spec: SetSpec, side: Side, openings: tuple[Opening, ...]) -> list[Placed]:
    """A wall about a yard with its coping and openings; to the north, the house."""
    from setpiece.stage.sets import architecture_openings as openings_of
    from setpiece.stage.sets.architecture import at_wall, bench, hole_of, length_m

    number = list(Side).index(side)
    w = bench(spec, 60 + number)
    length = length_m(spec, side)
    if side is Side.NORTH:
        return [at_wall(spec, side, "house", "building", _house(w, spec, length + 0.7, list(openings), near=True))]
    height = max(spec.height_m if spec.height_m < 4 else 2.6, *(one.sill_m + one.height_m + 0.2 for one in openings), 2.0)
    w.add(m.panel(length + 0.5, height, 0.25, [hole_of(one) for one in openings]), w.surface(spec.walls, spec.seed))
    coping = w.stuff(K.STONE, "#8a857a")
    w.box((length + 0.5, 0.36, 0.08), (0, 0.125, height), coping, bevel=0.015)
    if _snowy(spec):
        w.add(m.block((length + 0.5, 0.36, 0.12), 0.1, 0.06), _snow(w), (0, 0.125, height + 0.075))
    else:
        tufts = strewn(30, (length / 2, 0.1), w.make.seed)
        for x, y in tufts[:12]:
            w.add(
                m.block((0.2, 0.06, 0.05), 0.025), w.stuff(K.LEAF, "#4a5a30"), (float(x), 0.02 + 0.1 * float(y), height + 0.07)
            )
    made = [at_wall(spec, side, "wall", "wall", w.as_built())]
    for index, one in enumerate(openings):
        joiner = bench(spec, 70 + 8 * number + index)
        category = openings_of.build(joiner, one, spec, 0.25)
        made.append(at_wall(spec, side, f"{one.kind}_{index + 1}", category, joiner.as_built(), along=one.at_m or 0.0))
    return made
