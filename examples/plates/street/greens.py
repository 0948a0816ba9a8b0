"""Surfaces of everything that grows or lies about."""

from __future__ import annotations

import bpy

from street.materials import plain, rusty, timber
from street.nodes import Graph

Colour = tuple[float, float, float]


def foliage(name: str, stops: list[tuple[float, Colour]], *, glow: float = 0.35) -> bpy.types.Material:
    """Leaves: a tone per plant and per place, light shining through."""
    g = Graph(name)
    at = g.here()
    tone = g.plus(
        g.mul(g.noise(at, 1.7, detail=3), 0.55), g.mul(g.random(), 0.35), g.mul(g.noise(at, 14.0, detail=1), 0.3), -0.1
    )
    colour = g.palette(tone, stops)
    front = g.add("ShaderNodeBsdfDiffuse", {"Color": colour})
    shine = g.add("ShaderNodeBsdfGlossy", {"Color": (0.6, 0.6, 0.6, 1), "Roughness": 0.45})
    through = g.add("ShaderNodeBsdfTranslucent", {"Color": g.mix(colour, (1.0, 1.05, 0.45), 1.0, blend="MULTIPLY")})
    return g.finish(g.blend(g.blend(front, through, glow), shine, 0.045))


def mesh_wire() -> bpy.types.Material:
    """Chain link as a pattern of holes: 55 mm diamonds of galvanised wire."""
    g = Graph("chain link")
    u, v, _ = g.split(g.metres())
    a = g.math("PINGPONG", g.math("DIVIDE", g.plus(u, v), 0.078), 0.5)
    b = g.math("PINGPONG", g.math("DIVIDE", g.math("SUBTRACT", u, v), 0.078), 0.5)
    wire = g.math("LESS_THAN", g.math("MINIMUM", a, b), 0.034)
    steel = g.surface((0.23, 0.225, 0.215), 0.55, Metallic=0.6)
    return g.finish(g.blend(g.add("ShaderNodeBsdfTransparent"), steel, wire))


def street_surfaces() -> dict[str, bpy.types.Material]:
    """All surfaces outside the factory by name."""
    made = [
        foliage(
            "grass",
            [
                (0.2, (0.060, 0.085, 0.022)),
                (0.42, (0.120, 0.125, 0.040)),
                (0.62, (0.225, 0.185, 0.080)),
                (0.85, (0.330, 0.265, 0.140)),
            ],
        ),
        foliage("weed", [(0.25, (0.040, 0.070, 0.020)), (0.55, (0.075, 0.098, 0.030)), (0.85, (0.150, 0.135, 0.050))]),
        foliage(
            "leaf",
            [
                (0.15, (0.022, 0.040, 0.012)),
                (0.45, (0.042, 0.066, 0.018)),
                (0.68, (0.078, 0.092, 0.026)),
                (0.92, (0.165, 0.130, 0.036)),
            ],
        ),
        foliage("ivy", [(0.25, (0.016, 0.034, 0.012)), (0.6, (0.034, 0.058, 0.018)), (0.9, (0.085, 0.080, 0.028))], glow=0.2),
        foliage("dead leaf", [(0.2, (0.085, 0.045, 0.018)), (0.8, (0.225, 0.135, 0.055))], glow=0.15),
        foliage("seed", [(0.2, (0.095, 0.060, 0.030)), (0.8, (0.190, 0.135, 0.070))], glow=0.2),
        plain("stalk", (0.06, 0.065, 0.025), (0.16, 0.13, 0.06)),
        plain("bark", (0.035, 0.030, 0.024), (0.105, 0.092, 0.075), scale=6.0, bump=0.02),
        stones(),
        plain("rubble brick", (0.135, 0.068, 0.048), (0.29, 0.15, 0.10), scale=9.0, bump=0.01),
        plain("kerb", (0.10, 0.095, 0.086), (0.27, 0.255, 0.23), scale=2.2, bump=0.015),
        plain("rubber", (0.012, 0.012, 0.012), (0.035, 0.034, 0.032), rough=0.7),
        plain("sack", (0.26, 0.25, 0.24), (0.42, 0.41, 0.40), rough=0.5),
        plain("far wall", (0.20, 0.165, 0.14), (0.29, 0.25, 0.215), scale=0.4),
        plain("far pale", (0.20, 0.20, 0.195), (0.34, 0.335, 0.32), scale=0.5),
        plain("far roof", (0.085, 0.080, 0.078), (0.15, 0.14, 0.135), scale=0.3),
        plain("far glass", (0.03, 0.035, 0.04), (0.07, 0.08, 0.09), rough=0.2),
        plain("hill", (0.045, 0.055, 0.032), (0.085, 0.088, 0.050), scale=0.02),
        plain("wire", (0.02, 0.02, 0.02), (0.03, 0.03, 0.03)),
        plain("porcelain", (0.30, 0.31, 0.29), (0.42, 0.42, 0.40), rough=0.3),
        plain("notice", (0.50, 0.42, 0.09), (0.60, 0.52, 0.14), rough=0.5),
        plain("notice ink", (0.02, 0.02, 0.02), (0.04, 0.04, 0.04)),
        rusty("galvanised", (0.22, 0.22, 0.215), worn=0.2),
        rusty("drum", (0.05, 0.085, 0.115), worn=0.5),
        rusty("skip", (0.230, 0.130, 0.030), worn=0.55),
        timber("pole", (0.16, 0.125, 0.095), grain=(14, 14, 0.8)),
        timber("pallet", (0.29, 0.245, 0.185)),
        mesh_wire(),
    ]
    return {material.name: material for material in made}


def stones() -> bpy.types.Material:
    """Grit and broken stone, a tone for each."""
    g = Graph("stone")
    tone = g.palette(
        g.random(),
        [
            (0.0, (0.075, 0.070, 0.065)),
            (0.4, (0.16, 0.15, 0.135)),
            (0.8, (0.26, 0.245, 0.215)),
            (0.93, (0.34, 0.32, 0.285)),
            (1.0, (0.22, 0.11, 0.075)),
        ],
    )
    colour = g.mix(tone, g.step(g.noise(g.here(), 5.0), 0.3, 0.7, to=(0.75, 1.2)), 1.0, blend="MULTIPLY")
    return g.finish(g.surface(colour, 0.85))
