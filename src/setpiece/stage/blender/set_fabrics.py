"""What is woven, knotted or tanned: cloths with their threads at real size, carpets, leather. Inside the worker.

Threads fade to their mean colour where a pixel is wider than they are, so that tweed stays quiet at any distance.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from setpiece.stage.blender.set_nodes import Kit, rgba


def _threads(k: Kit, pitch_m: float, *, twill: bool = False) -> tuple[Any, Any]:
    """(height 0..1 of threads over and under, 0.5 where they are too fine to see; slubs 0..1 about 0.5)."""
    x, y, _ = k.split(k.uv())
    turn = 2 * math.pi / pitch_m
    if twill:
        wave = k.math("SINE", k.math("MULTIPLY", k.math("ADD", x, y), turn))
    else:
        wave = k.math("MULTIPLY", k.math("SINE", k.math("MULTIPLY", x, turn)), k.math("SINE", k.math("MULTIPLY", y, turn)))
    seen = k.seen(pitch_m)
    height = k.math("MULTIPLY_ADD", k.math("MULTIPLY", wave, seen), 0.5, 0.5)
    warp = k.noise(k.scaled(k.uv(), (0.8 / pitch_m, 14.0, 1.0)), 1.0, 2.0)
    weft = k.noise(k.scaled(k.uv(), (14.0, 0.8 / pitch_m, 1.0)), 1.0, 2.0)
    slub = k.math("MULTIPLY", k.math("ADD", warp, weft), 0.5)
    return height, k.math("MULTIPLY_ADD", k.math("SUBTRACT", slub, 0.5), k.seen(2.5 * pitch_m), 0.5)


def _cloth(
    k: Kit,
    colour: Any,
    *,
    pitch_m: float,
    twill: bool = False,
    contrast: float = 0.35,
    rough: float = 0.85,
    sheen: float = 0.2,
    soil: float = 0.6,
) -> None:
    """Finish a cloth: its threads in colour and relief, fading and use on top."""
    height, slub = _threads(k, pitch_m, twill=twill)
    level = k.math(
        "MULTIPLY",
        k.span(height, 0.0, 1.0, 1.0 - contrast, 1.0 + contrast),
        k.span(slub, 0.3, 0.7, 1.0 - 0.6 * contrast, 1.0 + 0.6 * contrast),
    )
    faded = k.span(k.noise(k.place(), 3.0, 4.0), 0.3, 0.7, 0.94, 1.05)
    colour = k.tone(colour, k.math("MULTIPLY", level, faded))
    relief = k.math("ADD", k.math("MULTIPLY", height, 0.18 * pitch_m), k.math("MULTIPLY", slub, 0.15 * pitch_m))
    tint = rgba([min(1.0, 0.35 + 1.4 * value) for value in k.colour[:3]])
    k.principled(
        k.worn(colour, soil=soil), k.rough(rough), normal=k.bump(relief), Specular_IOR_Level=0.25, Sheen_Weight=sheen,
        Sheen_Roughness=0.45, Sheen_Tint=tint,
    )  # fmt: skip


def linen(k: Kit) -> None:
    """Plain weave, slubbed."""
    _cloth(k, k.colour, pitch_m=0.0011, contrast=0.4)


def cotton(k: Kit) -> None:
    """Plain weave, fine."""
    _cloth(k, k.colour, pitch_m=0.0006, contrast=0.25, rough=0.8, sheen=0.1)


def wool(k: Kit) -> None:
    """Fulled twill with a nap."""
    fluff = k.noise(k.uv(), 700.0, 3.0, 0.7)
    _cloth(
        k,
        k.tone(k.colour, k.span(fluff, 0.3, 0.7, 0.82, 1.18)),
        pitch_m=0.0014,
        twill=True,
        contrast=0.22,
        rough=0.95,
        sheen=0.4,
    )


def tweed(k: Kit) -> None:
    """Herringbone of mixed yarns with nubs of a third colour."""
    x, y, _ = k.split(k.uv())
    width = k.scale_m(0.022)
    zig = k.math("PINGPONG", x, 0.5 * width)
    rib = 0.0055
    ribs = k.math("SINE", k.math("MULTIPLY", k.math("ADD", y, zig), 2 * math.pi / rib))
    share = k.math("MULTIPLY_ADD", k.math("MULTIPLY", ribs, k.seen(rib)), 0.42, 0.5)
    dark = k.second if k.two else rgba(k.colour, 0.4)
    colour = k.mix(share, k.colour, dark)
    half = k.math("SUBTRACT", k.span(k.math("FRACT", k.math("DIVIDE", x, width)), 0.46, 0.54), 0.5)  # twill the other way
    colour = k.tone(colour, k.math("MULTIPLY_ADD", k.math("MULTIPLY", half, k.seen(width)), 0.26, 1.0))
    heather = k.math("MULTIPLY_ADD", k.math("SUBTRACT", k.noise(k.uv(), 420.0, 2.0, 0.6), 0.5), k.seen(0.005), 0.5)
    colour = k.tone(colour, k.span(heather, 0.3, 0.7, 0.62, 1.38))
    nub = k.times(k.span(k.noise(k.uv(), 300.0, 1.0), 0.69, 0.73), k.seen(0.007), 0.75)
    colour = k.mix(nub, colour, rgba((0.9 * k.colour[0] + 0.10, 0.7 * k.colour[1] + 0.05, 0.4 * k.colour[2] + 0.02)))
    _cloth(k, colour, pitch_m=0.0022, twill=True, contrast=0.22, rough=0.96, sheen=0.35)


def denim(k: Kit) -> None:
    """Warp-faced twill: blue over white, faded where it is rubbed."""
    x, y, _ = k.split(k.uv())
    pitch = 0.0016
    rib = k.math("MULTIPLY", k.math("SINE", k.math("MULTIPLY", k.math("ADD", x, y), 2 * math.pi / pitch)), k.seen(pitch))
    white = k.second if k.two else rgba((0.62, 0.64, 0.66))
    slub = k.noise(k.scaled(k.uv(), (700.0, 18.0, 1.0)), 1.0, 2.0)
    rubbed = k.math("MULTIPLY", k.span(k.noise(k.place(), 5.0, 4.0, 0.6), 0.45, 0.9), 0.05 + 0.15 * k.wear)
    share = k.math("ADD", k.math("MULTIPLY_ADD", rib, 0.1, 0.09), rubbed)
    share = k.math("ADD", share, k.math("MULTIPLY", k.math("SUBTRACT", slub, 0.5), k.math("MULTIPLY", k.seen(0.003), 0.5)))
    share = k.math("ADD", share, k.math("MULTIPLY", k.edge(), 0.3))
    _cloth(k, k.mix(k.span(share, 0.0, 1.0), k.colour, white), pitch_m=pitch, twill=True, contrast=0.15, rough=0.82, sheen=0.06)


def silk(k: Kit) -> None:
    """Satin: floats that throw light along the weft."""
    streak = k.noise(k.scaled(k.uv(), (900.0, 24.0, 1.0)), 1.0, 2.0)
    height = k.math("MULTIPLY", k.math("MULTIPLY_ADD", k.math("SUBTRACT", streak, 0.5), k.seen(0.002), 0.5), 0.00006)
    tangent = k.tree.nodes.new("ShaderNodeTangent")
    tangent.direction_type = "UV_MAP"
    bright = rgba([min(1.0, 0.15 + 2.2 * value) for value in k.colour[:3]])
    k.principled(
        k.tone(k.colour, k.span(streak, 0.3, 0.7, 0.95, 1.05)), k.rough(0.24), normal=k.bump(height), Anisotropic=0.85,
        Tangent=tangent.outputs[0], Specular_IOR_Level=0.65, Specular_Tint=bright,
        Sheen_Weight=0.12, Sheen_Roughness=0.3, Sheen_Tint=bright,
    )  # fmt: skip


def velvet(k: Kit) -> None:
    """Pile: dark where one looks into it, bright at the rim, brushed in patches."""
    brushed = k.noise(k.place(), 6.0, 5.0, 0.62, 0.8)
    facing = k.add("ShaderNodeLayerWeight", 0.4, out="Facing")
    colour = k.tone(k.colour, k.math("MULTIPLY", k.span(brushed, 0.35, 0.65, 0.55, 1.0), k.span(facing, 0.0, 1.0, 0.75, 1.8)))
    pile = k.math("MULTIPLY", k.noise(k.uv(), 1500.0, 1.0), 0.0001)
    height = k.math("ADD", pile, k.math("MULTIPLY", brushed, 0.003))
    tint = rgba([min(1.0, 0.2 + 2.6 * value) for value in k.colour[:3]])
    k.principled(
        k.worn(colour, soil=0.4), 0.85, normal=k.bump(height), Specular_IOR_Level=0.1, Sheen_Weight=1.0, Sheen_Roughness=0.25,
        Sheen_Tint=tint,
    )  # fmt: skip


def leather(k: Kit) -> None:
    """Grain, creases, polish where it is sat on, pale edges."""
    bent = k.vector("ADD", k.uv(), k.scaled(k.noise(k.uv(), 30.0, 2.0, colour=True), (0.012, 0.012, 0.0)))
    pebble = k.math("MULTIPLY_ADD", k.math("SUBTRACT", k.cells(bent, 330.0), 0.4), k.seen(0.003), 0.4)
    crease = k.span(k.cells(bent, 26.0, feature="DISTANCE_TO_EDGE"), 0.0, 0.08, 1.0, 0.0)
    crease = k.times(crease, k.span(k.noise(k.uv(), 5.0, 3.0), 0.45, 0.65), 0.3 + 0.7 * k.wear)
    polish, rough = k.noise(k.place(), 3.0, 4.0), k.rough(0.42)
    colour = k.tone(k.colour, k.span(polish, 0.3, 0.7, 0.75, 1.2))
    colour = k.mix(k.math("MULTIPLY", crease, 0.6), colour, rgba(k.colour, 0.35))
    height = k.math("SUBTRACT", k.math("MULTIPLY", pebble, -0.00035), k.math("MULTIPLY", crease, 0.0009))
    pale = rgba((0.6 * k.colour[0] + 0.12, 0.6 * k.colour[1] + 0.08, 0.6 * k.colour[2] + 0.05))
    k.principled(
        k.worn(colour, bare=pale, soil=0.6), k.span(polish, 0.3, 0.7, rough + 0.12, rough - 0.1), normal=k.bump(height)
    )


def floral(k: Kit) -> None:
    """A print of three flowers and their leaves on a ground of ``colour``."""
    size = k.scale_m(0.07)
    accent = k.second if k.two else rgba((0.45, 0.06, 0.09))
    colour: Any = k.colour
    leaf = rgba((0.07, 0.15, 0.06))
    tones = (accent, rgba((0.62, 0.36, 0.1)), rgba((0.16, 0.24, 0.45)))
    for step, (scale, petals, radius) in enumerate(((1.0, 5.0, 0.30), (1.5, 6.0, 0.26), (2.3, 5.0, 0.25))):
        at = k.vector("ADD", k.uv(), (step * 0.37, step * 0.19, 0.0))
        per_m = scale / size
        away = k.vector("SUBTRACT", at, k.cells(at, per_m, out=2, random=0.75))
        away = k.scaled(away, (per_m, per_m, 0.0))
        u, v, _ = k.split(away)
        distance = k.vector("LENGTH", away)
        around = k.math(
            "ADD", k.math("ARCTAN2", v, u), k.math("MULTIPLY", k.split(k.cells(at, per_m, out=1, random=0.75))[0], 6.283)
        )
        blade = k.math(
            "MULTIPLY", k.math("POWER", k.math("ABSOLUTE", k.math("COSINE", k.math("ADD", around, 0.6))), 6.0), 1.9 * radius
        )
        colour = k.mix(k.span(k.math("SUBTRACT", blade, distance), 0.0, 0.03), colour, leaf)
        petal = k.math(
            "MULTIPLY_ADD",
            k.math("ABSOLUTE", k.math("COSINE", k.math("MULTIPLY", around, petals / 2))),
            0.5 * radius,
            0.72 * radius,
        )
        shade = k.tone(tones[step], k.span(distance, 0.05, radius, 0.65, 1.3))
        colour = k.mix(k.span(k.math("SUBTRACT", petal, distance), 0.0, 0.025), colour, shade)
        colour = k.mix(k.span(distance, 0.055, 0.075, 1.0, 0.0), colour, rgba((0.7, 0.5, 0.12)))
    _cloth(k, colour, pitch_m=0.0005, contrast=0.12, rough=0.8, sheen=0.1)


def pinstripe(k: Kit) -> None:
    """Worsted with broken chalk lines."""
    x, _, _ = k.split(k.uv())
    gap = k.scale_m(0.016)
    line = k.span(k.math("PINGPONG", x, 0.5 * gap), 0.0004, 0.0009, 1.0, 0.0)
    line = k.times(line, k.span(k.noise(k.scaled(k.uv(), (1.0, 700.0, 1.0)), 1.0, 1.0), 0.36, 0.5), k.seen(0.006), 0.75)
    second = k.second if k.two else rgba((0.4, 0.41, 0.44))
    _cloth(k, k.mix(line, k.colour, second), pitch_m=0.0008, twill=True, contrast=0.2, rough=0.88, sheen=0.2)


def plaid(k: Kit) -> None:
    """A sett in warp and weft; the twill shows both where they cross."""
    x, y, _ = k.split(k.uv())
    repeat = k.scale_m(0.12)
    second = k.second if k.two else rgba(k.colour, 0.3)

    def band(value: Any) -> Any:
        at = k.math("FRACT", k.math("DIVIDE", value, repeat))
        wide = k.math("MULTIPLY", k.math("GREATER_THAN", at, 0.30), k.math("LESS_THAN", at, 0.58))
        inner = k.math("MULTIPLY", k.math("GREATER_THAN", at, 0.36), k.math("LESS_THAN", at, 0.42))
        colour = k.mix(k.math("SUBTRACT", wide, inner), k.colour, second)
        red = k.math("MULTIPLY", k.math("GREATER_THAN", at, 0.72), k.math("LESS_THAN", at, 0.755))
        gold = k.math("MULTIPLY", k.math("GREATER_THAN", at, 0.90), k.math("LESS_THAN", at, 0.918))
        return k.mix(gold, k.mix(red, colour, rgba((0.42, 0.04, 0.035))), rgba((0.62, 0.42, 0.1)))

    twill = k.math("SINE", k.math("MULTIPLY", k.math("ADD", x, y), 2 * math.pi / 0.0024))
    over = k.math("MULTIPLY_ADD", k.math("MULTIPLY", twill, k.seen(0.0024)), 0.5, 0.5)
    _cloth(k, k.mix(over, band(x), band(y)), pitch_m=0.0012, twill=True, contrast=0.2, rough=0.93, sheen=0.3)


def sheer(k: Kit) -> None:
    """Voile and net: part of the light goes straight through, part is scattered."""
    height, _ = _threads(k, 0.0012)
    through = k.add("ShaderNodeBsdfTranslucent", k.colour)
    back = k.add("ShaderNodeBsdfDiffuse", k.colour)
    cloth = k.add("ShaderNodeMixShader", 0.5, back, through)
    facing = k.add("ShaderNodeLayerWeight", 0.5, out="Facing")
    open_share = k.math("MULTIPLY", k.span(facing, 0.2, 1.0, 0.42, 0.06), k.span(height, 0.0, 1.0, 1.15, 0.85))
    k.surface(k.add("ShaderNodeMixShader", open_share, cloth, k.add("ShaderNodeBsdfTransparent")))


def carpet(k: Kit) -> None:
    """Cut pile, trodden in paths."""
    tuft = k.math("MULTIPLY_ADD", k.math("SUBTRACT", k.noise(k.place(), 330.0, 2.0), 0.5), k.seen(0.008), 0.5)
    trodden = k.noise(k.world(), 1.2, 4.0, 0.6)
    colour: Any = k.colour
    if k.two:
        _, _, at = k.grid(k.uv(), k.scale_m(0.16), k.scale_m(0.16), shift=0.5)
        u, v, _ = k.split(at)
        motif = k.span(k.math("ADD", k.math("ABSOLUTE", u), k.math("ABSOLUTE", v)), 0.22, 0.25, 1.0, 0.0)
        colour = k.mix(motif, k.colour, k.second)
    colour = k.tone(colour, k.math("MULTIPLY", k.span(tuft, 0.3, 0.7, 0.6, 1.35), k.span(trodden, 0.3, 0.7, 0.86, 1.1)))
    height = k.sum(k.math("MULTIPLY", tuft, 0.004), k.math("MULTIPLY", trodden, 0.004))
    k.principled(
        k.worn(colour), 1.0, normal=k.bump(height, 0.8), Sheen_Weight=0.3, Sheen_Roughness=0.6, Specular_IOR_Level=0.05
    )


def rug(k: Kit) -> None:
    """Knotted: borders, a field of small motifs, a medallion; abrash across it, worn in the middle."""
    u, v, _ = k.split(k.add("ShaderNodeTexCoord", out="Generated"))
    a, b = k.math("ABSOLUTE", k.math("SUBTRACT", u, 0.5)), k.math("ABSOLUTE", k.math("SUBTRACT", v, 0.5))
    rim = k.math("MAXIMUM", a, b)
    x, y, _ = k.split(k.add("ShaderNodeTexCoord", out="Object"))
    second = k.second if k.two else rgba((0.42, 0.30, 0.14))
    deep = rgba((0.25 * k.colour[0] + 0.004, 0.25 * k.colour[1] + 0.008, 0.25 * k.colour[2] + 0.025))
    step = k.math("ADD", k.math("PINGPONG", x, 0.09), k.math("PINGPONG", y, 0.09))
    motif = k.span(k.math("PINGPONG", step, 0.035), 0.014, 0.018)
    field = k.mix(motif, k.colour, rgba(second, 0.6))
    medal = k.math("ADD", k.math("MULTIPLY", a, 2.4), k.math("MULTIPLY", b, 2.4))
    field = k.mix(k.span(medal, 0.57, 0.58, 1.0, 0.0), field, k.mix(motif, deep, second))
    field = k.mix(k.span(medal, 0.24, 0.25, 1.0, 0.0), field, k.mix(motif, second, k.colour))
    for limit, tone in ((0.37, second), (0.38, k.mix(motif, deep, k.colour)), (0.46, second), (0.47, deep), (0.492, k.colour)):
        field = k.mix(k.span(rim, limit, limit + 0.002), field, tone)
    knot = k.math("MULTIPLY_ADD", k.math("SUBTRACT", k.noise(k.place(), 300.0, 2.0), 0.5), k.seen(0.008), 0.5)
    abrash = k.noise(k.join(0.0, k.math("MULTIPLY", y, 2.5), float(k.seed % 31)), 1.0, 3.0)
    level = k.times(k.span(knot, 0.3, 0.7, 0.62, 1.3), k.span(abrash, 0.3, 0.7, 0.82, 1.14))
    bald = k.times(k.span(k.noise(k.place(), 2.5, 5.0, 0.65), 0.5, 0.72), 0.6 * k.wear)
    colour = k.mix(bald, k.tone(field, level), rgba((0.26, 0.22, 0.17)))
    k.principled(
        k.worn(colour, soil=0.7),
        1.0,
        normal=k.bump(k.math("MULTIPLY", knot, 0.0035), 0.8),
        Sheen_Weight=0.2,
        Specular_IOR_Level=0.05,
    )


def rope(k: Kit) -> None:
    """Three strands, laid."""
    x, y, _ = k.split(k.uv())
    lay = k.math("SINE", k.math("MULTIPLY", k.math("ADD", x, k.math("MULTIPLY", y, 0.8)), 2 * math.pi / k.scale_m(0.012)))
    hair = k.noise(k.uv(), 700.0, 2.0)
    colour = k.tone(k.colour, k.math("MULTIPLY", k.span(lay, -1.0, 1.0, 0.5, 1.15), k.span(hair, 0.3, 0.7, 0.75, 1.2)))
    k.principled(colour, 0.95, normal=k.bump(k.math("MULTIPLY", lay, 0.0012)))


FABRICS: dict[str, Callable[[Kit], None]] = {
    name.__name__: name
    for name in (
        linen, cotton, wool, tweed, denim, silk, velvet, leather, floral, pinstripe, plaid, sheer, carpet, rug, rope,
    )
}  # fmt: skip
