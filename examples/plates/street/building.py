"""The factory's body: walls with real openings, piers, bands, cornice, parapet, roof, and rooms behind the glass."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from street import windows
from street.layout import Factory, Opening
from street.meshes import Parts, above
from street.weathering import Wall

REVEAL_M, SASH_M = 0.32, 0.15


def front_wall(factory: Factory) -> Wall:
    """The facade as weather sees it."""
    drips = [(o.u0 - 0.1, o.u1 + 0.1, o.z0 - 0.1, 0.62) for o in factory.facade_openings() if o.z0 > 0.5]
    drips += [
        (factory.tower_m, factory.width_m, factory.floors_m[1] - 0.2, 0.35),
        (factory.tower_m, factory.width_m, 14.35, 0.42),
    ]
    drips += [
        (0.0, factory.tower_m, factory.tower_top_m - 0.25, 0.5),
        (factory.tower_m, factory.width_m, factory.parapet_m, 0.5),
    ]
    piers = tuple(factory.tower_m + i * factory.bay_m for i in range(factory.bays + 1))
    leaks = ((piers[2] + 0.25, 9.6, 5.0), (piers[5] - 0.2, 14.3, 6.5), (4.35, 14.4, 4.0), (piers[4], 4.6, 2.5))
    return Wall(
        width_m=factory.width_m, height_m=factory.tower_top_m, openings=factory.facade_openings(),
        drips=tuple(drips), piers=piers, leaks=leaks, seed=11,
    )  # fmt: skip


def side_wall(factory: Factory) -> Wall:
    """The right end wall as weather sees it."""
    drips = [(o.u0 - 0.1, o.u1 + 0.1, o.z0 - 0.1, 0.6) for o in factory.side_openings()]
    drips.append((0.0, factory.depth_m, factory.parapet_m, 0.6))
    return Wall(
        width_m=factory.depth_m, height_m=factory.parapet_m, openings=factory.side_openings(),
        drips=tuple(drips), piers=(), leaks=((4.7, 14.5, 7.0), (13.5, 14.5, 5.0)), seed=77,
    )  # fmt: skip


def body(factory: Factory, rng: np.random.Generator) -> tuple[Parts, Parts, Parts]:
    """(masonry, steel and glass and boards, rooms) in factory metres."""
    masonry, fittings, rooms = Parts(), Parts(), Parts()
    openings = factory.facade_openings()
    tower = tuple(o for o in openings if o.bay < 0)
    bays = tuple(o for o in openings if o.bay >= 0)
    out = factory.tower_out_m

    def front(p: np.ndarray) -> np.ndarray:
        return p

    def tower_front(p: np.ndarray) -> np.ndarray:
        return p - (0.0, out, 0.0)

    def side(p: np.ndarray) -> np.ndarray:
        return np.stack([factory.width_m - p[:, 1], p[:, 0], p[:, 2]], axis=1)

    pierce(masonry, front, (factory.tower_m, factory.width_m, 0, factory.parapet_m), bays, "brick")
    pierce(masonry, tower_front, (0, factory.tower_m, 0, factory.tower_top_m), tower, "brick")
    pierce(masonry, side, (0, factory.depth_m, 0, factory.parapet_m), factory.side_openings(), "brick side")
    _shell(masonry, factory)
    _trim_front(masonry, factory, rng)
    _trim_side(masonry, factory, rng, side)
    _parapet(masonry, factory, rng)
    _roofscape(masonry, factory)
    for hole in bays:
        _fill(fittings, front, hole, rng)
    for hole in tower:
        _fill(fittings, tower_front, hole, rng)
    for hole in factory.side_openings():
        windows.glaze(fittings, side, hole, rng, at=SASH_M, ruin=rng.uniform(0.1, 0.75))
    _pipes(fittings, factory)
    _interior(rooms, factory, rng)
    return masonry, fittings, rooms


def pierce(parts: Parts, place: windows.Place, extent: tuple, holes: tuple[Opening, ...], material: str) -> None:
    """A wall face over (u0, u1, z0, z1) with rectangular holes and their reveals."""
    u0, u1, z0, z1 = extent
    us = np.unique(np.round([u0, u1, *(o.u0 for o in holes), *(o.u1 for o in holes)], 4))
    zs = np.unique(np.round([z0, z1, *(o.z0 for o in holes), *(o.z1 for o in holes)], 4))
    for a, b in pairwise(us):
        for c, d in pairwise(zs):
            u, z = (a + b) / 2, (c + d) / 2
            if any(o.u0 < u < o.u1 and o.z0 < z < o.z1 for o in holes):
                continue
            corners = np.array([[a, 0, c], [b, 0, c], [b, 0, d], [a, 0, d]], float)
            parts.add(place(corners), np.array([[0, 1, 2, 3]]), material)
    for o in holes:
        ring = np.array([[o.u0, o.z0], [o.u1, o.z0], [o.u1, o.z1], [o.u0, o.z1]])
        for i in range(4):
            (a, c), (b, d) = ring[i], ring[(i + 1) % 4]
            corners = np.array([[a, 0, c], [a, REVEAL_M, c], [b, REVEAL_M, d], [b, 0, d]], float)
            parts.add(place(corners), np.array([[0, 1, 2, 3]]), material)


def _shell(parts: Parts, f: Factory) -> None:
    w, d, t = f.width_m, f.depth_m, f.tower_top_m
    out, m = f.tower_out_m, f.tower_m
    parts.quad((0, d, 0), (0, 0, 0), (0, 0, f.parapet_m), (0, d, f.parapet_m), "brick plain")
    parts.quad((w, d, 0), (0, d, 0), (0, d, f.parapet_m), (w, d, f.parapet_m), "brick plain")
    parts.quad((m, -out, 0), (m, 0, 0), (m, 0, t), (m, -out, t), "brick")
    parts.quad((m, 0, f.roof_m), (m, 5, f.roof_m), (m, 5, t), (m, 0, t), "brick plain")
    parts.quad((0, 5, f.roof_m), (0, -out, f.roof_m), (0, -out, t), (0, 5, t), "brick plain")
    parts.quad((0, -out, 0), (0, 0, 0), (0, 0, t), (0, -out, t), "brick plain")
    parts.quad((m, 5, f.roof_m), (0, 5, f.roof_m), (0, 5, t), (m, 5, t), "brick plain")
    parts.quad((0, -out, t - 0.5), (m, -out, t - 0.5), (m, 5, t - 0.5), (0, 5, t - 0.5), "felt")
    parts.quad((0, 0, f.roof_m), (w, 0, f.roof_m), (w, d, f.roof_m), (0, d, f.roof_m), "felt")


def _trim_front(parts: Parts, f: Factory, rng: np.random.Generator) -> None:
    for i in range(f.bays + 1):
        u = f.tower_m + i * f.bay_m
        low, high = (u - 0.36, u + 0.36) if 0 < i < f.bays else ((u, u + 0.36) if i == 0 else (u - 0.36, u))
        parts.box((low, -0.115, 0.0), (high, 0.0, 14.2), "brick")
        parts.box((low - 0.03, -0.145, 14.08), (high + 0.03, 0.0, 14.22), "concrete")
        parts.box((low - 0.02, -0.16, 0.0), (high + 0.02, -0.115, 0.92 + rng.normal(0, 0.002)), "concrete")
    for o in f.facade_openings():
        y = -f.tower_out_m if o.bay < 0 else 0.0
        if o.z0 > 0.5:
            parts.box((o.u0 - 0.10, y - 0.075, o.z0 - 0.13), (o.u1 + 0.10, y + 0.2, o.z0 + rng.normal(0, 0.003)), "concrete")
        parts.box((o.u0 - 0.16, y - 0.018, o.z1), (o.u1 + 0.16, y + 0.25, o.z1 + 0.25), "concrete")
    for z, deep, tall in ((3.98, 0.15, 0.24), (7.52, 0.05, 0.15)):
        parts.box((f.tower_m, -deep, z), (f.width_m + (0.03 if deep > 0.1 else 0), 0.0, z + tall), "concrete")
    for i in range(f.bays):  # plinth between the piers
        u0, u1 = f.tower_m + i * f.bay_m + 0.38, f.tower_m + (i + 1) * f.bay_m - 0.38
        if i != 3:
            parts.box((u0, -0.05, 0.0), (u1, 0.0, 0.9), "concrete")
    m = f.tower_m
    for z, deep, tall in ((4.2, 0.09, 0.25), (14.75, 0.07, 0.2), (16.9, 0.10, 0.12)):
        parts.box((-deep, -f.tower_out_m - deep, z), (m + deep, 0.0, z + tall), "concrete")
    for u0, u1 in ((0.0, 0.62), (m - 0.62, m)):  # the tower's own piers
        parts.box((u0, -f.tower_out_m - 0.1, 0.0), (u1, -f.tower_out_m, 16.7), "brick")
    middle, y = m / 2, -f.tower_out_m
    parts.box((middle - 1.15, y - 0.13, 0.0), (middle - 0.85, y, 3.2), "concrete")
    parts.box((middle + 0.85, y - 0.13, 0.0), (middle + 1.15, y, 3.2), "concrete")
    parts.box((middle - 1.3, y - 0.75, 3.1), (middle + 1.3, y, 3.38), "concrete")
    parts.box((middle - 1.2, y - 0.9, 0.0), (middle + 1.2, y, 0.15), "concrete")
    gate = next(o for o in f.facade_openings() if o.kind == "gate")
    parts.box((gate.u0 - 0.3, -0.95, 3.55), (gate.u1 + 0.3, 0.0, 3.74), "concrete")


def _trim_side(parts: Parts, f: Factory, rng: np.random.Generator, place: windows.Place) -> None:
    local = Parts()
    for o in f.side_openings():
        local.box((o.u0 - 0.1, -0.07, o.z0 - 0.13), (o.u1 + 0.1, 0.2, o.z0), "concrete side")
        local.box((o.u0 - 0.15, -0.015, o.z1), (o.u1 + 0.15, 0.2, o.z1 + 0.24), "concrete side")
    for i in range(4):
        u = min(0.05 + i * 4.55, f.depth_m - 0.6)
        local.box((u, -0.11, 0.0), (u + 0.6 + rng.normal(0, 0.002), 0.0, 14.2), "brick side")
    local.box((0.0, -0.15, 3.98), (f.depth_m, 0.0, 4.22), "concrete side")
    parts.absorb(local, place)


def _parapet(parts: Parts, f: Factory, rng: np.random.Generator) -> None:
    m, w, d = f.tower_m, f.width_m, f.depth_m
    for z, deep in ((14.25, 0.06), (14.33, 0.11), (14.41, 0.17)):
        parts.box((m, -deep, z), (w + deep, 0.0, z + 0.08), "brick")
        parts.box((w, -deep, z), (w + deep, d, z + 0.08), "brick side")
    parts.box((m, -0.24, 14.49), (w + 0.24, 0.0, 14.64), "concrete")
    parts.box((w, -0.24, 14.49), (w + 0.24, d, 14.64), "concrete side")
    for i in range(int((w - m) / 0.3)):  # dentils
        u = m + 0.1 + i * 0.3
        if rng.random() < 0.965:
            parts.box((u, -0.15, 14.12), (u + 0.14, 0.0, 14.25), "brick")
    parts.box((m, 0.0, f.roof_m), (w, 0.3, f.parapet_m), "brick")
    parts.box((w - 0.3, 0.0, f.roof_m), (w, d, f.parapet_m), "brick side")
    parts.box((0.0, d - 0.3, f.roof_m), (w, d, f.parapet_m), "brick plain")
    _coping(parts, (m, w + 0.06), lambda a, b, z: ((a, -0.07, z), (b, 0.37, z + 0.13)), f.parapet_m, rng, "concrete", gaps=True)
    _coping(
        parts,
        (0.35, d),
        lambda a, b, z: ((w - 0.37, a, z), (w + 0.07, b, z + 0.13)),
        f.parapet_m,
        rng,
        "concrete side",
        gaps=False,
    )
    t = f.tower_top_m
    _coping(parts, (-0.06, m + 0.06), lambda a, b, z: ((a, -0.42, z), (b, 0.05, z + 0.14)), t, rng, "concrete", gaps=False)
    parts.box((m - 0.25, 0.05, t), (m + 0.06, 5.05, t + 0.14), "concrete")
    parts.box((-0.06, 0.05, t), (0.25, 5.05, t + 0.14), "concrete")
    stepped = ((1.1, 3.3, 0.45), (1.5, 2.9, 0.85))
    for u0, u1, up in stepped:
        parts.box((u0, -f.tower_out_m, t), (u1, 0.0, t + up), "brick")
        parts.box((u0 - 0.05, -f.tower_out_m - 0.06, t + up), (u1 + 0.05, 0.06, t + up + 0.1), "concrete")


def _coping(
    parts: Parts, span: tuple, corners: Callable, z: float, rng: np.random.Generator, material: str, *, gaps: bool
) -> None:
    a = span[0]
    while a < span[1] - 0.05:
        b = min(a + 0.78, span[1])
        lift = rng.normal(0, 0.006)
        missing = gaps and (rng.random() < 0.035)
        if not missing:
            low, high = corners(a + 0.004, b - 0.006, z + lift)
            parts.box(low, high, material)
        a = b


def _roofscape(parts: Parts, f: Factory) -> None:
    w = f.width_m
    x, y = w - 9.6, 7.4  # lift house with its tank
    parts.box((x, y, f.roof_m), (x + 3.8, y + 3.4, 18.9), "brick plain")
    parts.box((x - 0.15, y - 0.15, 18.9), (x + 3.95, y + 3.55, 19.1), "concrete plain")
    for i in range(2):
        for k in range(2):
            foot = np.array([x + 0.9 + 2 * i, y + 0.8 + 1.8 * k, 19.1])
            parts.tube(np.array([foot, foot + above(0.3)]), 0.12, "pipe")
    centre = np.array([x + 1.9, y + 1.7, 0.0])
    parts.tube(np.array([centre + above(19.4), centre + above(21.2)]), 1.35, "tank", sides=28)
    for z in (19.55, 20.25, 20.95):
        parts.tube(np.array([centre + above(z), centre + above(z + 0.06)]), 1.375, "pipe", sides=28)
    parts.tube(np.array([centre + above(21.2), centre + above(21.5)]), np.array([1.42, 0.15]), "tank", sides=28)
    cx, cy = f.tower_m + 5.2, 8.0  # chimney
    parts.box((cx, cy, f.roof_m), (cx + 1.5, cy + 1.1, 20.4), "brick plain")
    parts.box((cx - 0.1, cy - 0.1, 20.4), (cx + 1.6, cy + 1.2, 20.55), "brick plain")
    parts.box((cx - 0.16, cy - 0.16, 20.55), (cx + 1.66, cy + 1.26, 20.72), "concrete plain")
    for i in range(3):
        at = np.array([cx + 0.3 + 0.45 * i, cy + 0.55, 20.72])
        parts.tube(np.array([at, at + above(0.25), at + above(0.5)]), np.array([0.15, 0.12, 0.14]), "brick plain", sides=12)


def _fill(parts: Parts, place: windows.Place, hole: Opening, rng: np.random.Generator) -> None:
    if hole.kind == "gate":
        windows.shutter(parts, place, hole, at=0.22, raised=0.85)
    elif hole.kind == "door":
        windows.board_up(parts, place, hole, rng, at=0.12)
    elif hole.kind == "window" and hole.storey == 0:
        fate = {0: "block", 1: "board", 2: "glass", 4: "board", 5: "glass"}[hole.bay]
        if fate == "block":
            windows.block_up(parts, place, hole, at=0.09)
        elif fate == "board":
            windows.board_up(parts, place, hole, rng, at=0.10)
        else:
            windows.glaze(parts, place, hole, rng, at=SASH_M, ruin=0.8)
    elif hole.kind == "window" and (hole.storey, hole.bay) in {(1, 4), (2, 1)}:
        windows.board_up(parts, place, hole, rng, at=0.12)
    else:
        ruin = float(np.clip(rng.beta(0.9, 1.6), 0.04, 0.85))
        windows.glaze(parts, place, hole, rng, at=SASH_M, ruin=ruin)


def _pipes(parts: Parts, f: Factory) -> None:
    for u, low, high in ((f.tower_m + 2 * f.bay_m + 0.45, 0.1, 9.4), (f.tower_m + 5 * f.bay_m - 0.45, 0.05, 14.1)):
        parts.tube(np.array([[u, -0.09, low], [u + 0.03, -0.09, (low + high) / 2], [u, -0.09, high]]), 0.055, "pipe", sides=10)
        for z in np.arange(low + 0.6, high, 1.75):
            parts.box((u - 0.09, -0.16, z), (u + 0.09, 0.0, z + 0.05), "pipe")
    u = f.tower_m + 5 * f.bay_m - 0.45
    parts.box((u - 0.16, -0.25, 13.8), (u + 0.16, 0.0, 14.1), "pipe")
    cable = np.linspace(0, 1, 24)[:, None]
    sag = np.array([[f.tower_m + 0.2, -0.14, 4.45]]) * (1 - cable) + np.array([[f.tower_m + 9.4, -0.14, 4.4]]) * cable
    sag[:, 2] -= 0.22 * np.abs(np.sin(cable[:, 0] * np.pi * 3))
    parts.tube(sag, 0.014, "pipe", sides=5)
    bracket = np.array([[8.3, -0.1, 4.9], [8.3, -0.9, 5.25], [8.3, -1.25, 5.2]])
    parts.tube(bracket, 0.03, "pipe", sides=8)
    parts.tube(np.array([[8.3, -1.25, 5.24], [8.3, -1.25, 5.02]]), np.array([0.06, 0.24]), "tank", sides=16)


def _interior(parts: Parts, f: Factory, rng: np.random.Generator) -> None:
    w, d = f.width_m, f.depth_m
    for floor in (*f.floors_m[1:], f.roof_m):
        parts.box((0.1, REVEAL_M, floor - 0.28), (w - REVEAL_M, d - 0.1, floor - 0.01), "slab")
    parts.quad((0, 0.2, 0.02), (w, 0.2, 0.02), (w, d, 0.02), (0, d, 0.02), "slab")
    parts.quad((0.2, d - 0.3, 0), (w - 0.2, d - 0.3, 0), (w - 0.2, d - 0.3, f.roof_m), (0.2, d - 0.3, f.roof_m), "plaster")
    parts.quad((f.tower_m, 0.4, 0), (f.tower_m, d, 0), (f.tower_m, d, f.roof_m), (f.tower_m, 0.4, f.roof_m), "plaster")
    parts.quad((0.2, 4.6, 0), (f.tower_m, 4.6, 0), (f.tower_m, 4.6, f.roof_m), (0.2, 4.6, f.roof_m), "plaster")
    for storey, floor in enumerate(f.floors_m):
        top = (*f.floors_m[1:], f.roof_m)[storey] - 0.28
        for i in range(1, f.bays + 1):
            u = f.tower_m + i * f.bay_m - 0.2
            for y in (4.6, 9.2):
                parts.box((u, y, floor), (u + 0.4, y + 0.4, top), "plaster")
            parts.box((u + 0.05, REVEAL_M, top - 0.4), (u + 0.35, d - 0.4, top), "slab")
            if rng.random() < 0.3:
                parts.box((u, REVEAL_M, floor), (u + 0.12, rng.uniform(4, 9), top), "plaster")
            if rng.random() < 0.35:
                parts.box((u - 3.4, rng.uniform(3.5, 7.5), floor), (u, 7.7, top), "plaster")
            _clutter(parts, rng, u, floor, top)


def _clutter(parts: Parts, rng: np.random.Generator, u: float, floor: float, top: float) -> None:
    for _ in range(3):
        x, y = u - rng.uniform(0.5, 3.2), rng.uniform(0.7, 3.2)
        size = rng.uniform(0.25, 0.9, 3) * (1, 1, 1.9)
        parts.box(
            (x, y, floor), (x + size[0], y + size[1], floor + size[2]), ("plank", "tank", "plaster")[int(rng.integers(3))]
        )
    for y in (1.6, 3.4):
        if rng.random() < 0.7:
            x = u - 1.8
            parts.box((x - 0.6, y, top - 0.75), (x + 0.6, y + 0.12, top - 0.68), "lamp")
            parts.box((x - 0.005, y + 0.05, top - 0.7), (x + 0.005, y + 0.06, top), "pipe")
    if rng.random() < 0.22:  # a rag of blind
        u1 = u - 0.45 - rng.uniform(0, 1.2)
        width, fall = rng.uniform(0.6, 1.5), rng.uniform(0.5, 1.6)
        xs = np.linspace(u1 - width, u1, 9)
        y = 0.36 + 0.03 * np.sin(np.arange(9) * 1.9)
        low = top - 0.25 - fall + rng.normal(0, 0.09, 9)
        points = np.concatenate([np.stack([xs, y, np.full(9, top - 0.2)], 1), np.stack([xs, y + 0.02, low], 1)])
        k = np.arange(8)
        parts.add(points, np.stack([k + 9, k + 10, k + 1, k], 1), "cloth")
