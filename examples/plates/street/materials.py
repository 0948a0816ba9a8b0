"""Surfaces of the factory: brick, concrete, steel, glass, timber, roofing. Linear Rec.709 colours, metres."""

from __future__ import annotations

import bpy
import numpy as np

from street.nodes import Graph

BRICK_STOPS = [
    (0.0, (0.088, 0.047, 0.038)),
    (0.10, (0.135, 0.066, 0.048)),
    (0.32, (0.178, 0.084, 0.058)),
    (0.62, (0.218, 0.105, 0.070)),
    (0.84, (0.252, 0.130, 0.086)),
    (0.95, (0.285, 0.172, 0.115)),
    (1.0, (0.185, 0.125, 0.096)),
]
OTHER_BRICK = [(0.0, (0.165, 0.082, 0.062)), (0.5, (0.255, 0.135, 0.095)), (1.0, (0.30, 0.19, 0.135))]


def picture_of(name: str, pixels: np.ndarray) -> bpy.types.Image:
    """A Blender image from (rows, columns, 4) floats, bottom row first, linear data."""
    image = bpy.data.images.new(name, pixels.shape[1], pixels.shape[0], alpha=True, float_buffer=True, is_data=True)
    image.alpha_mode = "CHANNEL_PACKED"
    image.pixels.foreach_set(np.ascontiguousarray(pixels, np.float32).ravel())
    image.pack()
    return image


def weather_of(g: Graph, image: bpy.types.Image | None, size: tuple[float, float], axis: str) -> tuple:
    """The wall map's four channels at the shaded point (dark, pale, repair, paint); zeros without a map."""
    if image is None:
        return 0.12, 0.0, 0.0, 0.0
    x, y, z = g.split(g.here())
    at = g.join(g.math("DIVIDE", x if axis == "x" else y, size[0]), g.math("DIVIDE", z, size[1]))
    node = g.tree.nodes.new("ShaderNodeTexImage")
    node.image, node.extension = image, "EXTEND"
    g.tree.links.new(at, node.inputs[0])
    r, green, b = g.split(node.outputs[0])
    return r, green, b, node.outputs[1]


def bricks(g: Graph) -> tuple:
    """English garden wall bond at 225 x 75 mm: (random per brick, second random, mortar 0..1)."""
    u, v, _ = g.split(g.metres())
    wobble = g.math("MULTIPLY", g.math("SUBTRACT", g.noise(g.here(), 0.9, detail=2), 0.5), 0.016)
    v = g.plus(v, wobble)
    row = g.math("FLOOR", g.math("DIVIDE", v, 0.075))
    header = g.math("LESS_THAN", g.math("FLOORED_MODULO", row, 6.0), 0.5)
    length = g.plus(0.225, g.mul(header, -0.1125))
    shift = g.mul(g.math("FLOORED_MODULO", row, 2.0), 0.1125)
    along = g.math("DIVIDE", g.plus(u, shift), length)
    brick = g.math("FLOOR", along)
    identity = g.join(brick, row)
    first = g.add("ShaderNodeTexWhiteNoise", {"Vector": identity}, noise_dimensions="2D")
    second = g.add(
        "ShaderNodeTexWhiteNoise",
        {"Vector": g.add("ShaderNodeVectorMath", {0: identity, 1: (91.7, 13.1, 0)}, operation="ADD")},
        noise_dimensions="2D",
    )
    fx = g.mul(g.math("PINGPONG", g.math("FRACT", along), 0.5), length)
    fy = g.mul(g.math("PINGPONG", g.math("FRACT", g.math("DIVIDE", v, 0.075)), 0.5), 0.075)
    rough_edge = g.mul(g.math("SUBTRACT", g.noise(g.here(), 38.0, detail=3), 0.5), 0.006)
    edge = g.plus(g.math("MINIMUM", fx, fy), rough_edge)
    return first, second, g.step(edge, 0.0066, 0.0042)


def brick(name: str, image: bpy.types.Image | None, size: tuple[float, float], axis: str) -> bpy.types.Material:
    """Weathered brickwork under the wall map ``image``."""
    g = Graph(name)
    at = g.here()
    dark, pale, repair, paint = weather_of(g, image, size, axis)
    first, second, mortar = bricks(g)
    drift = g.mul(g.math("SUBTRACT", g.noise(at, 0.42, detail=6), 0.5), 0.75)
    kiln = g.math("ADD", g.plus(g.mul(first, 0.85), 0.08), drift, clamp=True)
    colour = g.mix(g.palette(kiln, BRICK_STOPS), g.palette(second, OTHER_BRICK), repair)
    colour = g.mix(colour, (0.055, 0.040, 0.038), g.mul(g.step(second, 0.96, 0.97), 0.55))  # burnt headers
    grain = g.noise(at, 26.0, detail=4, rough=0.65)
    colour = g.mix(colour, g.step(grain, 0.25, 0.78, to=(0.62, 1.3)), 0.8, blend="MULTIPLY")
    bedding = g.palette(g.noise(at, 0.8, detail=5), [(0.3, (0.19, 0.165, 0.14)), (0.7, (0.33, 0.295, 0.25))])
    colour = g.mix(colour, bedding, g.mul(mortar, g.step(g.noise(at, 1.7, detail=4), 0.3, 0.6, to=(0.55, 0.95))))
    colour = g.mix(colour, (0.60, 0.57, 0.50), g.mul(paint, g.plus(0.86, g.mul(mortar, -0.35))))
    broad = g.noise(at, 0.17, detail=4)
    colour = g.mix(colour, g.step(broad, 0.3, 0.7, to=(0.78, 1.16)), 1.0, blend="MULTIPLY")
    colour = g.mix(colour, (0.50, 0.455, 0.40), g.mul(pale, 0.62))
    grime = g.mul(g.step(g.noise(at, 0.31, detail=8, rough=0.62), 0.42, 0.72), 0.55)
    colour = g.mix(colour, (0.072, 0.056, 0.046), grime)
    soot = g.mul(g.math("MULTIPLY", dark, 1.25, clamp=True), 0.88)
    colour = g.mix(colour, (0.034, 0.030, 0.027), soot)
    relief = g.plus(g.mul(mortar, -0.7), g.mul(grain, 0.35), g.mul(second, 0.25))
    normal = g.bump(relief, distance=0.012)
    return g.finish(g.surface(colour, g.step(grain, 0.2, 0.8, to=(0.78, 0.95)), Normal=normal, Specular_IOR_Level=0.3))


def concrete(name: str, image: bpy.types.Image | None, size: tuple[float, float], axis: str) -> bpy.types.Material:
    """Cast concrete: board marks, runs, cracks, spalls that show rust."""
    g = Graph(name)
    at = g.here()
    dark, pale, _, _ = weather_of(g, image, size, axis)
    tone = g.noise(at, 1.3, detail=7, rough=0.6)
    colour = g.palette(tone, [(0.28, (0.145, 0.134, 0.116)), (0.5, (0.225, 0.210, 0.184)), (0.75, (0.315, 0.295, 0.262))])
    pits = g.noise(at, 45.0, detail=3)
    colour = g.mix(colour, g.step(pits, 0.3, 0.7, to=(0.75, 1.15)), 0.8, blend="MULTIPLY")
    down = g.noise(g.scale(at, (7.0, 7.0, 0.7)), 1.0, detail=5)
    stain = g.mul(g.step(down, 0.45, 0.75), 0.6)
    colour = g.mix(colour, (0.075, 0.065, 0.055), g.math("ADD", stain, g.mul(dark, 0.95), clamp=True))
    colour = g.mix(colour, (0.46, 0.43, 0.38), g.mul(pale, 0.4))
    spall = g.step(g.noise(at, 2.1, detail=6, rough=0.7), 0.655, 0.68)
    colour = g.mix(
        colour,
        g.palette(g.noise(at, 9.0), [(0.35, (0.16, 0.12, 0.09)), (0.6, (0.25, 0.21, 0.17)), (0.75, (0.17, 0.065, 0.025))]),
        spall,
    )
    crack = g.add(
        "ShaderNodeTexVoronoi",
        {"Vector": g.plus_vector(at, g.noise_colour(at, 1.5)), "Scale": 0.75},
        feature="DISTANCE_TO_EDGE",
    )
    line = g.mul(g.step(crack, 0.009, 0.003), g.step(g.noise(at, 0.6), 0.5, 0.62))
    colour = g.mix(colour, (0.03, 0.027, 0.024), g.mul(line, 0.8))
    relief = g.plus(g.mul(tone, 0.4), g.mul(pits, 0.15), g.mul(spall, -1.2), g.mul(line, -0.6))
    return g.finish(g.surface(colour, 0.88, Normal=g.bump(relief, distance=0.02), Specular_IOR_Level=0.3))


def rusty(name: str, paint: tuple[float, float, float], *, worn: float = 0.5, ribs: float = 0.0) -> bpy.types.Material:
    """Painted steel that rusts; ``worn`` 0..1 is how much paint has gone; ``ribs`` adds corrugation of that pitch."""
    g = Graph(name)
    at = g.here()
    mask = g.step(g.noise(g.scale(at, (2.6, 2.6, 1.5)), 1.0, detail=9, rough=0.7), 0.62 - 0.3 * worn, 0.74 - 0.3 * worn)
    rust = g.palette(
        g.noise(at, 14.0, detail=5),
        [(0.3, (0.050, 0.022, 0.013)), (0.55, (0.130, 0.048, 0.020)), (0.75, (0.235, 0.095, 0.035))],
    )
    tint = g.mix(paint, tuple(0.6 * c for c in paint), g.noise(at, 2.0, detail=4))
    runs = g.step(g.noise(g.scale(at, (6.0, 6.0, 0.6)), 1.0, detail=5), 0.5, 0.72)
    colour = g.mix(g.mix(tint, (0.14, 0.06, 0.028), g.mul(runs, 0.7)), rust, mask)
    height = g.mul(mask, 0.5)
    if ribs:
        u, _, _ = g.split(g.metres())
        height = g.plus(height, g.mul(g.math("SINE", g.mul(u, 2 * np.pi / ribs)), 2.0))
    normal = g.bump(height, distance=0.008)
    return g.finish(g.surface(colour, g.step(mask, 0, 1, to=(0.5, 0.9)), Normal=normal))


def glass(name: str, *, grime: float, tint: tuple[float, float, float] = (0.93, 0.97, 0.94)) -> bpy.types.Material:
    """A thin old pane: reflection, a little wave, and dirt (``grime`` 0..1) that catches the sun."""
    g = Graph(name)
    at = g.here()
    pane = g.attribute("pane")
    wave = g.bump(g.noise(at, 2.2, detail=2), distance=0.012, strength=0.5)
    fresnel = g.math("MULTIPLY", g.add("ShaderNodeFresnel", {"IOR": 1.52}), 1.8, clamp=True)
    mirror = g.add("ShaderNodeBsdfGlossy", {"Color": (0.9, 0.95, 0.93, 1), "Roughness": 0.03, "Normal": wave})
    through = g.add("ShaderNodeBsdfTransparent", {"Color": (*tint, 1)})
    clear = g.blend(through, mirror, fresnel)
    dust = g.plus(g.mul(g.noise(at, 4.0, detail=6, rough=0.65), 0.9), g.mul(g.math("SUBTRACT", pane, 0.5), 0.75))
    film = g.add("ShaderNodeBsdfDiffuse", {"Color": (0.20, 0.185, 0.155, 1)})
    return g.finish(g.blend(clear, film, g.mul(g.step(dust, 0.15, 0.95), grime)))


def timber(
    name: str, colour: tuple[float, float, float], *, grain: tuple[float, float, float] = (1.2, 14, 14)
) -> bpy.types.Material:
    """Weathered boards, a tone per object part."""
    g = Graph(name)
    at = g.here()
    fibre = g.noise(g.scale(at, grain), 1.0, detail=6, rough=0.6)
    board = g.noise(g.scale(at, (0.35, 0.35, 4.7)), 1.0, detail=0)
    grey = g.mix(colour, tuple(0.45 * c for c in colour), g.step(fibre, 0.35, 0.7))
    grey = g.mix(grey, g.step(board, 0.3, 0.7, to=(0.5, 1.35)), 1.0, blend="MULTIPLY")
    wet = g.mul(g.step(g.noise(at, 1.6, detail=5), 0.5, 0.75), 0.6)
    final = g.mix(grey, tuple(0.3 * c for c in colour), wet)
    return g.finish(g.surface(final, 0.85, Normal=g.bump(fibre, distance=0.006)))


def plain(
    name: str, dark: tuple, light: tuple, *, scale: float = 3.0, rough: float = 0.85, bump: float = 0.006
) -> bpy.types.Material:
    """Anything mottled between two colours."""
    g = Graph(name)
    at = g.here()
    tone = g.noise(at, scale, detail=6, rough=0.62)
    colour = g.palette(tone, [(0.3, dark), (0.7, light)])
    return g.finish(g.surface(colour, rough, Normal=g.bump(tone, distance=bump)))


def factory_surfaces(
    front: bpy.types.Image, side: bpy.types.Image, sizes: dict[str, tuple[float, float]]
) -> dict[str, bpy.types.Material]:
    """All surfaces of the factory by name."""
    made = [
        brick("brick", front, sizes["front"], "x"),
        brick("brick side", side, sizes["side"], "y"),
        brick("brick plain", None, (1, 1), "x"),
        concrete("concrete", front, sizes["front"], "x"),
        concrete("concrete side", side, sizes["side"], "y"),
        concrete("concrete plain", None, (1, 1), "x"),
        rusty("sash", (0.060, 0.072, 0.062), worn=0.55),
        rusty("shutter", (0.105, 0.135, 0.135), worn=0.45, ribs=0.09),
        rusty("pipe", (0.055, 0.05, 0.045), worn=0.5),
        rusty("tank", (0.125, 0.115, 0.105), worn=0.62),
        glass("glass", grime=0.55),
        glass("glass dirty", grime=0.92),
        timber("plywood", (0.235, 0.185, 0.125), grain=(1.5, 9, 9)),
        timber("plank", (0.165, 0.145, 0.122)),
        plain("plaster", (0.20, 0.19, 0.16), (0.42, 0.40, 0.35), scale=1.1),
        plain("slab", (0.09, 0.085, 0.075), (0.24, 0.225, 0.2), scale=1.5),
        plain("felt", (0.022, 0.022, 0.023), (0.06, 0.058, 0.055), scale=2.0),
        plain("lead", (0.10, 0.105, 0.11), (0.19, 0.19, 0.19), scale=4.0, rough=0.6),
        plain("cloth", (0.16, 0.145, 0.12), (0.34, 0.31, 0.26), scale=2.0),
        plain("lamp", (0.5, 0.5, 0.47), (0.62, 0.62, 0.6), scale=2.0),
    ]
    return {material.name: material for material in made}
