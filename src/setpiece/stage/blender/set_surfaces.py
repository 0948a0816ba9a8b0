"""What hard things are made of: walls, floors, wood, stone, metal, glass, ground. Inside the worker.

One recipe a kind, from noise and cells in metres; no pictures are read. Colours come from the scene, relief in metres.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from setpiece.stage.blender.set_nodes import Kit, rgba

WOOD_BARE = (0.26, 0.16, 0.085, 1.0)
DARK = (0.02, 0.018, 0.015, 1.0)


def plaster(k: Kit) -> None:
    """Trowelled or rolled, mottled, cracked where it is old."""
    broad, fine = k.noise(k.world(), 0.9, 5.0, 0.6), k.noise(k.place(), 260.0, 2.0)
    trowel = k.noise(k.scaled(k.place(), (1.0, 1.0, 0.6)), 14.0, 4.0, 0.6)
    colour = k.tone(k.colour, k.span(broad, 0.3, 0.7, 0.90, 1.05))
    faded = k.span(k.noise(k.scaled(k.world(), (3.0, 3.0, 0.35)), 1.0, 5.0, 0.65), 0.5, 0.75)
    colour = k.mix(
        k.math("MULTIPLY", faded, 0.35 * k.wear), colour, rgba((0.5 * k.colour[0], 0.42 * k.colour[1], 0.32 * k.colour[2]))
    )
    height = k.sum(k.math("MULTIPLY", fine, 0.00025), k.math("MULTIPLY", trowel, 0.0016))
    if k.wear > 0.45:
        bent = k.vector("ADD", k.world(), k.scaled(k.noise(k.world(), 4.0, 4.0, 0.6, colour=True), (0.35, 0.35, 0.35)))
        crack = k.span(k.cells(bent, 0.8, feature="DISTANCE_TO_EDGE"), 0.0, 0.006, 1.0, 0.0)
        crack = k.times(crack, k.span(k.noise(k.world(), 0.8, 2.0), 0.5, 0.6))
        colour = k.mix(k.math("MULTIPLY", crack, 0.75), colour, (0.05, 0.04, 0.03, 1.0))
        flake = k.span(k.noise(k.world(), 1.7, 6.0, 0.68), 0.74 - 0.2 * k.wear, 0.75 - 0.2 * k.wear)
        colour = k.mix(flake, colour, (0.32, 0.27, 0.21, 1.0))
        height = k.math("SUBTRACT", height, k.sum(k.math("MULTIPLY", crack, 0.002), k.math("MULTIPLY", flake, 0.003)))
    k.principled(k.worn(colour), k.rough(0.88), normal=k.bump(height), Specular_IOR_Level=0.35)


def paint(k: Kit) -> None:
    """Brushed oil paint: slight strokes, chipped edges."""
    stroke = k.noise(k.scaled(k.uv(), (6.0, 260.0, 1.0)), 1.0, 3.0)
    broad = k.noise(k.place(), 4.0, 4.0)
    colour = k.tone(k.colour, k.span(broad, 0.3, 0.7, 0.93, 1.04))
    rough = k.rough(0.36)
    gloss = k.span(broad, 0.3, 0.7, max(rough - 0.07, 0.05), rough + 0.1)
    height = k.sum(k.math("MULTIPLY", stroke, 0.00012), k.math("MULTIPLY", k.noise(k.place(), 40.0, 2.0), 0.0003))
    k.principled(k.worn(colour, bare=k.second if k.two else WOOD_BARE), gloss, normal=k.bump(height))


def concrete(k: Kit) -> None:
    """Cast in panels with tie holes; pores, streaks, a different batch each."""
    size = k.scale_m(1.2)
    own, edge, at = k.grid(k.uv(), size, 2.0 * size)
    x, y, _ = k.split(at)
    ties = k.join(k.math("SUBTRACT", k.math("ABSOLUTE", x), 0.25), k.math("SUBTRACT", k.math("ABSOLUTE", y), 0.25), 0.0)
    hole = k.span(k.vector("LENGTH", k.scaled(ties, (size, 2 * size, 0.0))), 0.013, 0.017, 1.0, 0.0)
    seam = k.span(edge, 0.0, 0.004, 1.0, 0.0)
    broad, fine = k.noise(k.world(), 1.1, 6.0, 0.62), k.noise(k.uv(), 45.0, 4.0)
    streak = k.span(k.noise(k.scaled(k.world(), (5.0, 5.0, 0.3)), 1.0, 5.0, 0.6), 0.5, 0.75)
    pores = k.times(k.span(k.cells(k.uv(), 55.0), 0.06, 0.14, 1.0, 0.0), k.span(k.noise(k.place(), 3.0, 2.0), 0.5, 0.6))
    colour = k.tone(
        k.colour, k.math("MULTIPLY", k.span(broad, 0.3, 0.7, 0.74, 1.08), k.span(k.random(own), 0.0, 1.0, 0.88, 1.08))
    )
    colour = k.mix(k.math("MULTIPLY", streak, 0.2 + 0.3 * k.wear), colour, rgba(k.colour, 0.45))
    dark = k.math("MAXIMUM", k.math("MULTIPLY", seam, 0.55), k.math("MAXIMUM", hole, k.math("MULTIPLY", pores, 0.5)))
    height = k.math("SUBTRACT", k.math("MULTIPLY", fine, 0.0012), k.math("MULTIPLY", dark, 0.004))
    rough = k.rough(0.75)
    k.principled(k.worn(k.mix(dark, colour, DARK)), k.span(broad, 0.3, 0.7, rough - 0.18, rough + 0.1), normal=k.bump(height))


def _laid(k: Kit, size: tuple[float, float], joint: float, *, spread: float, depth: float, shift: float | str = 0.5) -> None:
    """Units in mortar: brick and stone. ``spread`` is how unlike they are."""
    bent = k.vector("ADD", k.uv(), k.scaled(k.noise(k.uv(), 9.0, 2.0, colour=True), (joint, joint, 0.0)))
    own, edge, _ = k.grid(bent, size[0], size[1], shift=shift)
    mortar = k.span(edge, 0.35 * joint, 0.75 * joint, 1.0, 0.0)
    body = k.mix(k.random(own), k.colour, k.second if k.two else rgba(k.colour, 0.6))
    grain = k.noise(k.uv(), 70.0, 4.0, 0.6)
    lot = k.span(k.random(k.vector("ADD", own, (5.3, 1.7, 0.0))), 0.0, 1.0, 1.0 - spread, 1.0 + spread)
    body = k.tone(body, k.math("MULTIPLY", lot, k.span(grain, 0.3, 0.7, 0.8, 1.15)))
    colour = k.mix(mortar, body, k.tone((0.42, 0.39, 0.34), k.span(grain, 0.3, 0.7, 0.75, 1.05)))
    height = k.math("SUBTRACT", k.math("MULTIPLY", grain, 0.0022), k.math("MULTIPLY", mortar, depth))
    k.principled(k.worn(colour), k.rough(0.88), normal=k.bump(height), Specular_IOR_Level=0.3)


def brick(k: Kit) -> None:
    """Running bond of 225 x 75 mm."""
    size = k.scale_m(0.225)
    _laid(k, (size, size / 3), 0.01, spread=0.22, depth=0.005)


def stone(k: Kit) -> None:
    """Ashlar in courses."""
    size = k.scale_m(0.55)
    _laid(k, (size, 0.52 * size), 0.008, spread=0.14, depth=0.005, shift="random")


def marble(k: Kit) -> None:
    """Clouds and veins, polished."""
    clouds = k.noise(k.place(), 2.1, 8.0, 0.62, 2.2)
    veins = k.math("ABSOLUTE", k.math("SUBTRACT", clouds, 0.5))
    thin = k.math("ABSOLUTE", k.math("SUBTRACT", k.noise(k.place(), 4.7, 6.0, 0.6, 1.5), 0.5))
    vein = k.second if k.two else rgba((0.4 * k.colour[0] + 0.1, 0.4 * k.colour[1] + 0.1, 0.4 * k.colour[2] + 0.1))
    colour = k.mix(k.span(veins, 0.0, 0.035, 0.85, 0.0), k.tone(k.colour, k.span(clouds, 0.3, 0.7, 0.8, 1.1)), vein)
    colour = k.mix(k.span(thin, 0.0, 0.01, 0.5, 0.0), colour, vein)
    k.principled(k.worn(colour, soil=0.5), k.rough(0.13), Coat_Weight=0.2, Coat_Roughness=0.05)


def terrazzo(k: Kit) -> None:
    """Chips of four sizes in a ground matrix, ground flat."""
    colour: Any = k.colour
    stones = (
        k.second if k.two else rgba((0.65, 0.62, 0.55)),
        rgba((0.75, 0.72, 0.66)),
        rgba((0.06, 0.055, 0.05)),
        rgba(k.colour, 0.55),
    )
    for step, (per_m, share) in enumerate(((42.0, 0.40), (75.0, 0.38), (120.0, 0.36), (30.0, 0.26))):
        at = k.vector("ADD", k.uv(), (step * 3.71, step * 1.93, step * 0.77))
        chip = k.span(k.cells(at, per_m), share - 0.03, share + 0.02, 1.0, 0.0)
        chip = k.times(chip, k.span(k.split(k.cells(at, per_m, out=1))[0], 0.55, 0.56), k.seen(1.3 / per_m))
        colour = k.mix(chip, colour, stones[step])
    dull = k.noise(k.world(), 2.0, 5.0, 0.65)
    rough = k.rough(0.16)
    k.principled(k.worn(colour, soil=0.7), k.span(dull, 0.35, 0.7, rough, rough + 0.25 * k.wear + 0.05))


def wallpaper(k: Kit) -> None:
    """Stripes, damask, sprigs or a trellis, by seed; seams, fading."""
    x, y, _ = k.split(k.uv())
    size = k.scale_m(0.26)
    second = k.second if k.two else rgba(k.colour, 0.55)
    turn = 2 * math.pi / size
    wave_x, wave_y = k.math("SINE", k.math("MULTIPLY", x, turn)), k.math("SINE", k.math("MULTIPLY", y, 0.62 * turn))
    kind = k.seed % 4
    if kind == 0:
        share = k.span(k.math("ABSOLUTE", wave_x), 0.55, 0.62)
        share = k.math(
            "MAXIMUM",
            share,
            k.span(k.math("ABSOLUTE", k.math("SUBTRACT", k.math("ABSOLUTE", wave_x), 0.4)), 0.02, 0.04, 1.0, 0.0),
        )
    elif kind == 1:
        curls = k.math(
            "MULTIPLY", k.math("SINE", k.math("MULTIPLY", x, 3 * turn)), k.math("COSINE", k.math("MULTIPLY", y, 1.24 * turn))
        )
        share = k.span(k.math("ABSOLUTE", k.math("MULTIPLY_ADD", curls, 0.45, k.math("ADD", wave_x, wave_y))), 0.28, 0.34)
    elif kind == 2:
        own, _, at = k.grid(k.uv(), size * 0.5, size * 0.5, shift=0.5)
        u, v, _ = k.split(at)
        around = k.math("ARCTAN2", v, u)
        away = k.vector("LENGTH", at)
        petal = k.math("MULTIPLY_ADD", k.math("COSINE", k.math("MULTIPLY", around, 5.0)), 0.06, 0.16)
        share = k.span(k.math("SUBTRACT", petal, away), 0.0, 0.02)
        share = k.math("MULTIPLY", share, k.span(k.random(own), 0.0, 1.0, 0.6, 1.0))
    else:
        bars = []
        for sloped in ("ADD", "SUBTRACT"):
            wave = k.math("SINE", k.math("MULTIPLY", k.math(sloped, x, y), 0.5 * turn))
            bars.append(k.span(k.math("ABSOLUTE", wave), 0.06, 0.1, 1.0, 0.0))
        share = k.math("MAXIMUM", *bars)
    faded = k.noise(k.world(), 0.8, 5.0, 0.6)
    colour = k.tone(k.mix(share, k.colour, second), k.span(faded, 0.3, 0.7, 0.92, 1.04))
    seam = k.span(k.math("PINGPONG", x, 0.265), 0.0, 0.0012, 1.0, 0.0)
    colour = k.mix(k.math("MULTIPLY", seam, 0.25 + 0.3 * k.wear), colour, rgba(k.colour, 0.4))
    height = k.sum(
        k.math("MULTIPLY", share, 0.00012),
        k.math("MULTIPLY", k.noise(k.place(), 300.0, 2.0), 0.0001),
        k.math("MULTIPLY", faded, 0.002),
    )
    k.principled(k.worn(colour), k.rough(0.72), normal=k.bump(height), Specular_IOR_Level=0.35)


def _grain(k: Kit, along: Any, across: Any, own: Any, *, depth: Any = 0.0) -> tuple[Any, Any]:
    """The figure of wood: (a colour, a height): rings drawn out along the grain, pores, a different board each."""
    away = k.math("MULTIPLY", own, 37.0)
    at = k.join(
        k.math("MULTIPLY", along, 0.8),
        k.math("MULTIPLY_ADD", across, 11.0, away),
        k.math("MULTIPLY_ADD", depth, 11.0, k.math("MULTIPLY", own, 91.0)),
    )
    wander = k.noise(at, 1.0, 2.0, 0.5, 0.6)
    rings = k.math("FRACT", k.math("MULTIPLY", wander, k.span(own, 0.0, 1.0, 5.0, 9.0)))
    rings = k.math("MULTIPLY", rings, k.span(rings, 0.86, 1.0, 1.0, 0.0))
    fibre = k.noise(k.join(k.math("MULTIPLY", along, 9.0), k.math("MULTIPLY_ADD", across, 420.0, away), depth), 1.0, 2.0)
    pores = k.times(
        k.span(
            k.noise(k.join(k.math("MULTIPLY", along, 40.0), k.math("MULTIPLY_ADD", across, 900.0, away), depth), 1.0, 1.0),
            0.62,
            0.7,
        ),
        k.seen(0.004),
    )
    level = k.times(
        k.span(rings, 0.0, 1.0, 1.1, 0.66),
        k.span(fibre, 0.3, 0.7, 0.84, 1.12),
        k.span(k.math("FRACT", k.math("MULTIPLY", own, 7.31)), 0.0, 1.0, 0.78, 1.16),
    )
    warm = k.mix(rings, k.colour, rgba((k.colour[0] * 0.92, k.colour[1] * 0.78, k.colour[2] * 0.62)))
    colour = k.mix(k.math("MULTIPLY", pores, 0.5), k.tone(warm, level), rgba(k.colour, 0.25))
    height = k.sum(k.math("MULTIPLY", rings, -0.00012), k.math("MULTIPLY", pores, -0.00015), k.math("MULTIPLY", fibre, 0.00012))
    return colour, height


def wood(k: Kit) -> None:
    """A solid piece, oiled or varnished; the grain along its length."""
    x, y, _ = k.split(k.uv())
    colour, height = _grain(k, x, y, k.piece())
    scuff, rough = k.noise(k.place(), 3.0, 5.0, 0.65), k.rough(0.38)
    gloss = k.span(scuff, 0.35, 0.7, rough - 0.05, rough + 0.08 + 0.25 * k.wear)
    bare = rgba([0.75 * raw + 0.3 * own for raw, own in zip(WOOD_BARE[:3], k.colour[:3], strict=True)])
    k.principled(k.worn(colour, bare=bare), gloss, normal=k.bump(height))


def _boards(k: Kit, own: Any, edge: Any, along: Any, across: Any, gap: float) -> None:
    value = k.random(own)
    colour, height = _grain(k, along, across, value)
    joint = k.span(edge, 0.2 * gap, gap, 1.0, 0.0)
    colour = k.mix(joint, colour, (0.012, 0.009, 0.006, 1.0))
    walked, rough = k.noise(k.world(), 1.4, 5.0, 0.65), k.rough(0.33)
    gloss = k.span(walked, 0.35, 0.7, rough - 0.04, rough + 0.1 + 0.3 * k.wear)
    scratch = k.times(k.span(k.noise(k.scaled(k.world(), (3.0, 90.0, 1.0)), 1.0, 3.0, 0.7), 0.66, 0.7), 0.35 * k.wear)
    colour = k.mix(scratch, colour, rgba((0.5 * k.colour[0] + 0.12, 0.5 * k.colour[1] + 0.1, 0.5 * k.colour[2] + 0.08)))
    cupped = k.math("MULTIPLY", k.span(edge, 0.0, 0.03), 0.0004)
    height = k.sum(height, cupped, k.math("MULTIPLY", joint, -0.0015), k.math("MULTIPLY", value, 0.0002))
    k.principled(k.worn(colour), gloss, normal=k.bump(height))


def planks(k: Kit) -> None:
    """Boards of random length joints."""
    width = k.scale_m(0.12)
    own, edge, _ = k.grid(k.uv(), 14 * width, width, shift="random")
    x, y, _ = k.split(k.uv())
    _boards(k, own, edge, x, y, 0.0016)


def parquet(k: Kit) -> None:
    """Blocks of strips, every other turned."""
    size = k.scale_m(0.3)
    block, _, _ = k.grid(k.uv(), size, size)
    x, y, _ = k.split(k.uv())
    column, row, _ = k.split(block)
    turned = k.math("FLOORED_MODULO", k.math("ADD", column, row), 2.0)
    along = k.math("ADD", k.math("MULTIPLY", x, k.math("SUBTRACT", 1.0, turned)), k.math("MULTIPLY", y, turned))
    across = k.math("ADD", k.math("MULTIPLY", y, k.math("SUBTRACT", 1.0, turned)), k.math("MULTIPLY", x, turned))
    own, edge, _ = k.grid(k.join(along, across, 0.0), size, size / 5)
    _boards(k, k.vector("ADD", own, k.join(0.0, 0.0, k.math("MULTIPLY", turned, 13.0))), edge, along, across, 0.0009)


def tiles(k: Kit) -> None:
    """Glazed or hydraulic tiles: plain, chequered or patterned (with a second colour), in grout, each a little askew."""
    size = k.scale_m(0.15)
    own, edge, at = k.grid(k.uv(), size, size)
    column, row, _ = k.split(own)
    u, v, _ = k.split(at)
    colour: Any = k.colour
    if k.two and k.seed % 2 == 0:
        colour = k.mix(k.math("FLOORED_MODULO", k.math("ADD", column, row), 2.0), k.colour, k.second)
    elif k.two:
        colour = _encaustic(k, u, v)
    lot = k.random(own)
    colour = k.tone(colour, k.span(lot, 0.0, 1.0, 0.9, 1.04))
    joint = k.span(edge, 0.0012, 0.0022, 1.0, 0.0)
    grime = k.noise(k.world(), 2.4, 4.0)
    colour = k.mix(joint, colour, k.tone((0.36, 0.33, 0.29), k.span(grime, 0.3, 0.7, 1.1 - 0.7 * k.wear, 1.1)))
    pillow = k.math("MULTIPLY", k.span(edge, 0.0, 0.006), 0.0009)
    tilt_x, tilt_y, _ = k.split(k.random(own, out=1))
    tilt = k.sum(k.times(k.math("SUBTRACT", tilt_x, 0.5), u, 0.0014), k.times(k.math("SUBTRACT", tilt_y, 0.5), v, 0.0014))
    height = k.sum(pillow, tilt, k.math("MULTIPLY", k.noise(k.place(), 18.0, 2.0), 0.0004))
    rough = k.rough(0.14)
    gloss = k.mix(joint, k.join(*(3 * [k.span(grime, 0.3, 0.7, rough, rough + 0.2 * k.wear)])), (0.9, 0.9, 0.9, 1.0))
    k.principled(k.worn(colour, soil=0.8), gloss, normal=k.bump(height))


def _encaustic(k: Kit, u: Any, v: Any) -> Any:
    """A star in a ring and quarter rounds in the corners: what four tiles make together."""
    a, b = k.math("ABSOLUTE", u), k.math("ABSOLUTE", v)
    corner = k.vector("LENGTH", k.join(k.math("SUBTRACT", 0.5, a), k.math("SUBTRACT", 0.5, b), 0.0))
    star = k.math("MINIMUM", k.math("MAXIMUM", a, b), k.math("MULTIPLY", k.math("ADD", a, b), 0.7071))
    third = rgba((0.3 * k.colour[0] + 0.1, 0.35 * k.colour[1] + 0.1, 0.35 * k.colour[2] + 0.1))
    colour = k.mix(k.span(star, 0.215, 0.225, 1.0, 0.0), k.colour, k.second)
    colour = k.mix(k.span(k.vector("LENGTH", k.join(u, v, 0.0)), 0.10, 0.11, 1.0, 0.0), colour, k.colour)
    colour = k.mix(k.span(corner, 0.27, 0.28, 1.0, 0.0), colour, third)
    colour = k.mix(k.span(corner, 0.20, 0.21, 1.0, 0.0), colour, k.colour)
    return k.mix(k.span(corner, 0.12, 0.13, 1.0, 0.0), colour, k.second)


def linoleum(k: Kit) -> None:
    """Marbled sheet or squares, waxed, scuffed by heels."""
    flow = k.noise(k.scaled(k.uv(), (3.0, 14.0, 1.0)), 1.6, 6.0, 0.65, 1.5)
    colour: Any = k.colour
    if k.two:
        own, _, _ = k.grid(k.uv(), k.scale_m(0.305), k.scale_m(0.305))
        column, row, _ = k.split(own)
        colour = k.mix(k.math("FLOORED_MODULO", k.math("ADD", column, row), 2.0), k.colour, k.second)
    colour = k.tone(colour, k.span(flow, 0.35, 0.65, 0.74, 1.2))
    heel = k.span(k.noise(k.scaled(k.world(), (22.0, 4.0, 1.0)), 1.0, 4.0, 0.7), 0.66, 0.72)
    colour = k.mix(k.math("MULTIPLY", heel, 0.6 * k.wear), colour, (0.03, 0.028, 0.025, 1.0))
    worn, rough = k.noise(k.world(), 1.2, 5.0, 0.65), k.rough(0.24)
    k.principled(
        k.worn(colour),
        k.span(worn, 0.35, 0.7, rough, rough + 0.3 * k.wear + 0.05),
        normal=k.bump(k.math("MULTIPLY", k.noise(k.place(), 25.0, 3.0), 0.0006)),
    )


def _metal(k: Kit, rough: float, *, brushed: bool = False, soil: float = 0.6) -> None:
    cloud = k.noise(k.place(), 5.0, 5.0, 0.62)
    at = k.scaled(k.uv(), (3.0, 700.0, 1.0)) if brushed else k.scaled(k.place(), (90.0, 90.0, 90.0))
    line = k.noise(at, 1.0, 2.0)
    colour = k.tone(k.colour, k.span(cloud, 0.3, 0.75, 1.03, 0.9 - 0.25 * k.wear))
    gloss = k.math("ADD", k.span(cloud, 0.3, 0.7, rough, rough + 0.12 + 0.2 * k.wear), k.span(line, 0.3, 0.7, -0.03, 0.04))
    normal = k.bump(k.math("MULTIPLY", line, 0.00002))
    k.principled(k.worn(colour, soil=soil), gloss, normal=normal, Metallic=1.0, Anisotropic=0.5 if brushed else 0.0)


def metal(k: Kit) -> None:
    """Brass, steel or aluminium by colour, brushed."""
    _metal(k, k.rough(0.28), brushed=True)


def chrome(k: Kit) -> None:
    """Plated and polished."""
    _metal(k, k.rough(0.06), soil=0.3)


def mirror(k: Kit) -> None:
    """Silvered glass, foxed where it is old."""
    fox = k.span(k.noise(k.uv(), 9.0, 6.0, 0.7), 0.72 - 0.12 * k.wear, 0.76 - 0.12 * k.wear)
    colour = k.mix(k.math("MULTIPLY", fox, k.wear), (0.86, 0.88, 0.87, 1.0), (0.12, 0.1, 0.08, 1.0))
    k.principled(colour, k.math("MULTIPLY_ADD", fox, 0.4 * k.wear, 0.015), Metallic=1.0)


def enamel(k: Kit) -> None:
    """Vitreous or baked enamel: deep gloss, chipped to the steel."""
    cloud = k.noise(k.place(), 3.0, 3.0)
    colour = k.tone(k.colour, k.span(cloud, 0.3, 0.7, 0.95, 1.03))
    normal = k.bump(k.math("MULTIPLY", k.noise(k.place(), 11.0, 2.0), 0.0007))
    k.principled(
        k.worn(colour, bare=(0.06, 0.05, 0.045, 1.0), soil=0.7),
        k.rough(0.22),
        normal=normal,
        Coat_Weight=0.6,
        Coat_Roughness=0.06,
    )


def rust(k: Kit) -> None:
    """Iron eaten in layers, with what is left of its paint."""
    deep, fine = k.noise(k.place(), 7.0, 8.0, 0.7), k.noise(k.place(), 120.0, 4.0, 0.7)
    red = k.mix(k.span(fine, 0.35, 0.65), (0.05, 0.02, 0.01, 1.0), (0.32, 0.11, 0.035, 1.0))
    kept = k.span(deep, 0.35 + 0.25 * k.wear, 0.40 + 0.25 * k.wear)
    colour = k.mix(kept, red, k.colour)
    height = k.sum(k.math("MULTIPLY", fine, 0.0008), k.math("MULTIPLY", kept, 0.0008))
    k.principled(colour, k.span(kept, 0.0, 1.0, 0.92, 0.5), normal=k.bump(height))


def glass(k: Kit) -> None:
    """Panes and bottles: light and shadow rays pass, so that a small picture stays clean; dust and smears."""
    clear = k.add("ShaderNodeBsdfTransparent", rgba([0.86 + 0.14 * min(value, 1.0) for value in k.colour[:3]]))
    gloss = k.add("ShaderNodeBsdfGlossy", (1.0, 1.0, 1.0, 1.0), max(k.rough(0.02), 0.0))
    share = k.add("ShaderNodeLayerWeight", 0.14, out="Fresnel")
    shader = k.add("ShaderNodeMixShader", share, clear, gloss)
    dust = k.times(k.span(k.noise(k.world(), 7.0, 5.0, 0.65), 0.45, 0.75), 0.35 * k.wear)
    k.surface(k.add("ShaderNodeMixShader", dust, shader, k.add("ShaderNodeBsdfDiffuse", (0.5, 0.47, 0.42, 1.0))))


def plastic(k: Kit) -> None:
    """Moulded: fine orange peel."""
    height = k.math("MULTIPLY", k.noise(k.place(), 400.0, 2.0), 0.00006)
    k.principled(
        k.worn(k.tone(k.colour, k.span(k.noise(k.place(), 6.0, 3.0), 0.3, 0.7, 0.95, 1.04)), soil=0.8),
        k.rough(0.34),
        normal=k.bump(height),
    )


def rubber(k: Kit) -> None:
    """Dull, dusty."""
    k.principled(
        k.worn(k.tone(k.colour, k.span(k.noise(k.place(), 9.0, 5.0), 0.3, 0.7, 0.8, 1.2))),
        k.rough(0.78),
        Specular_IOR_Level=0.3,
    )


def ceramic(k: Kit) -> None:
    """Glazed pottery: pooled glaze, specks."""
    speck = k.times(k.span(k.cells(k.place(), 160.0), 0.08, 0.12, 1.0, 0.0), 0.3)
    colour = k.tone(k.colour, k.span(k.noise(k.place(), 8.0, 3.0), 0.3, 0.7, 0.9, 1.05))
    if k.two:
        colour = k.mix(
            k.span(k.math("ABSOLUTE", k.math("SUBTRACT", k.noise(k.place(), 14.0, 2.0), 0.5)), 0.03, 0.05, 1.0, 0.0),
            colour,
            k.second,
        )
    k.principled(k.mix(speck, colour, rgba(k.colour, 0.3)), k.rough(0.12), Coat_Weight=0.5, Coat_Roughness=0.04)


def skin(k: Kit) -> None:
    """The cotton jersey of a dress form."""
    height = k.math("MULTIPLY", k.noise(k.place(), 900.0, 1.0), 0.0001)
    k.principled(
        k.tone(k.colour, k.span(k.noise(k.place(), 5.0, 3.0), 0.3, 0.7, 0.95, 1.03)),
        k.rough(0.85),
        normal=k.bump(height),
        Sheen_Weight=0.15,
    )


SURFACES: dict[str, Callable[[Kit], None]] = {
    name.__name__: name
    for name in (
        plaster, paint, concrete, brick, stone, marble, terrazzo, wallpaper, wood, planks, parquet, tiles, linoleum, metal,
        chrome, mirror, enamel, rust, glass, plastic, rubber, ceramic, skin,
    )
}  # fmt: skip
