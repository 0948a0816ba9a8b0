"""What is printed, lit, grown or lies on the ground: paper, books, pictures, screens, lamps, plants, streets. Worker.

Lit surfaces show their luminance to lens and mirrors alone: the lamps beside them light the set, without their noise.
Where a thing glows and carries no lamp it lights by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from setpiece.stage.blender import looks
from setpiece.stage.blender.set_nodes import Kit, rgba
from setpiece.stage.blender.set_sky import NITS


def _glow(k: Kit, colour: Any, strength: Any) -> Any:
    """Emission of ``strength`` nits over NITS, unseen by what it does not light."""
    if not k.row["lights"]:
        bounced = k.add("ShaderNodeLightPath", out="Is Diffuse Ray")
        strength = k.math("MULTIPLY", strength, k.math("SUBTRACT", 1.0, bounced))
    k.material.cycles.emission_sampling = "AUTO" if k.row["lights"] else "NONE"
    return k.add("ShaderNodeEmission", colour, strength)


def bulb(k: Kit) -> None:
    """A lit envelope; off, it is milky glass."""
    nits = float(k.row["glow_nits"])
    if nits <= 0:
        k.principled(rgba((0.8, 0.8, 0.78)), 0.2)
        return
    k.surface(_glow(k, k.colour, nits / NITS))


def lampshade(k: Kit) -> None:
    """Linen or parchment with a lamp in it: brightest in its middle, seams and weave showing through."""
    _, _, z = k.split(k.add("ShaderNodeTexCoord", out="Generated"))
    weave = k.noise(k.scaled(k.uv(), (500.0, 40.0, 1.0)), 1.0, 2.0)
    weft = k.noise(k.scaled(k.uv(), (40.0, 500.0, 1.0)), 1.0, 2.0)
    thread = k.math("MULTIPLY", k.span(weave, 0.3, 0.7, 0.85, 1.12), k.span(weft, 0.3, 0.7, 0.9, 1.08))
    body = k.add(
        "ShaderNodeMixShader", 0.5, k.add("ShaderNodeBsdfDiffuse", k.colour), k.add("ShaderNodeBsdfTranslucent", k.colour)
    )
    nits = float(k.row["glow_nits"])
    if nits <= 0:
        k.surface(body)
        return
    facing = k.add("ShaderNodeLayerWeight", 0.5, out="Facing")
    middle = k.math(
        "MULTIPLY",
        k.span(k.math("ABSOLUTE", k.math("SUBTRACT", z, 0.5)), 0.0, 0.5, 1.12, 0.78),
        k.span(facing, 0.0, 1.0, 1.1, 0.7),
    )
    warm = rgba((k.colour[0], 0.86 * k.colour[1], 0.62 * k.colour[2]))
    k.surface(k.add("ShaderNodeAddShader", body, _glow(k, warm, k.times(thread, middle, nits / NITS))))


def screen(k: Kit) -> None:
    """A display behind glass, showing what was invented for it; dark when it is off."""
    nits = float(k.row["glow_nits"])
    face = k.tree.nodes.new("ShaderNodeBsdfPrincipled")
    face.inputs["Base Color"].default_value = (0.012, 0.013, 0.014, 1.0)
    face.inputs["Roughness"].default_value = 0.08
    if nits <= 0:
        k.surface(face.outputs[0])
        return
    shown = looks.picture(k, k.row["image"], k.flat())
    tint = k.vector("MULTIPLY", shown, k.colour[:3])
    k.surface(k.add("ShaderNodeAddShader", face.outputs[0], _glow(k, tint, 2.0 * nits / NITS)))


def picture(k: Kit) -> None:
    """An invented painting under varnish, toned a little to the set's colour."""
    shown = looks.picture(k, k.row["image"], k.flat())
    toned = k.mix(0.18, shown, k.vector("MULTIPLY", shown, tuple(0.3 + 1.2 * value for value in k.colour[:3])))
    weave = k.noise(k.place(), 900.0, 1.0)
    k.principled(toned, k.rough(0.42), normal=k.bump(k.math("MULTIPLY", weave, 0.0002)), Coat_Weight=0.25, Coat_Roughness=0.2)


def poster(k: Kit) -> None:
    """An invented poster on coated paper that has hung a while."""
    shown = looks.picture(k, k.row["image"], k.flat())
    faded = k.mix(0.12 + 0.2 * k.wear, shown, (0.62, 0.56, 0.42, 1.0))
    crumple = k.math("MULTIPLY", k.noise(k.place(), 9.0, 3.0), 0.0009)
    k.principled(faded, k.rough(0.45), normal=k.bump(crumple), Specular_IOR_Level=0.4)


def paper(k: Kit) -> None:
    """A sheet with lines of print too small to read, yellowed at its edges."""
    x, y, _ = k.split(k.uv())
    row = k.math("FLOOR", k.math("DIVIDE", y, 0.0055))
    line = k.span(k.math("FRACT", k.math("DIVIDE", y, 0.0055)), 0.45, 0.5)
    words = k.span(k.noise(k.join(k.math("MULTIPLY", x, 160.0), k.math("MULTIPLY", row, 7.3), 0.0), 1.0, 1.0), 0.42, 0.48)
    ink = k.times(line, words, k.seen(0.0055), 0.7)
    age = k.span(k.noise(k.place(), 6.0, 4.0), 0.3, 0.7, 0.9, 1.03)
    colour = k.mix(ink, k.tone(k.colour, age), rgba((0.03, 0.03, 0.035)))
    crumple = k.math("MULTIPLY", k.noise(k.place(), 18.0, 3.0), 0.0006)
    k.principled(colour, k.rough(0.8), normal=k.bump(crumple), Specular_IOR_Level=0.3)


def book(k: Kit) -> None:
    """Bindings: each piece its own cloth or leather, bands of gold and a label on some."""
    own = k.piece()
    faded = k.span(k.math("FRACT", k.math("MULTIPLY", own, 5.7)), 0.0, 1.0, 0.4, 1.1)
    light = k.span(k.math("FRACT", k.math("MULTIPLY", own, 13.1)), 0.0, 1.0, 0.45, 1.35)
    shift = k.add("ShaderNodeHueSaturation", k.span(own, 0.0, 1.0, 0.44, 0.56), faded, light, 1.0, k.tint())
    _, _, z = k.split(k.add("ShaderNodeTexCoord", out="Object"))
    height = k.math("FRACT", k.math("DIVIDE", z, k.span(own, 0.0, 1.0, 0.07, 0.13)))
    band = k.span(k.math("ABSOLUTE", k.math("SUBTRACT", height, 0.5)), 0.03, 0.045, 1.0, 0.0)
    band = k.math("MULTIPLY", band, k.span(k.math("FRACT", k.math("MULTIPLY", own, 23.7)), 0.45, 0.46))
    weave = k.noise(k.place(), 600.0, 2.0)
    colour = k.mix(k.math("MULTIPLY", band, 0.8), k.tone(shift, k.span(weave, 0.3, 0.7, 0.85, 1.12)), rgba((0.55, 0.36, 0.12)))
    k.principled(k.worn(colour, bare=rgba((0.3, 0.24, 0.17))), k.rough(0.6), normal=k.bump(k.math("MULTIPLY", weave, 0.0001)))


def leaf(k: Kit) -> None:
    """Light goes through; veins, spots, a darker upper side."""
    spots = k.noise(k.place(), 30.0, 4.0)
    colour = k.tone(k.colour, k.math("MULTIPLY", k.span(spots, 0.3, 0.7, 0.75, 1.15), k.span(k.piece(), 0.0, 1.0, 0.75, 1.2)))
    dry = k.math("MULTIPLY", k.span(spots, 0.6, 0.75), 0.6 * k.wear)
    colour = k.mix(dry, colour, rgba((0.28, 0.2, 0.06)))
    front = k.tree.nodes.new("ShaderNodeBsdfPrincipled")
    k._feed(front.inputs["Base Color"], colour)
    front.inputs["Roughness"].default_value = k.rough(0.42)
    through = k.add("ShaderNodeBsdfTranslucent", k.vector("MULTIPLY", colour, (1.3, 1.5, 0.5)))
    k.surface(k.add("ShaderNodeMixShader", 0.3, front.outputs[0], through))


def bark(k: Kit) -> None:
    """Ridges along the trunk."""
    ridge = k.noise(k.scaled(k.uv(), (5.0, 38.0, 1.0)), 1.0, 5.0, 0.65, 0.8)
    colour = k.tone(k.colour, k.span(ridge, 0.3, 0.7, 0.35, 1.3))
    k.principled(colour, 0.95, normal=k.bump(k.math("MULTIPLY", ridge, 0.012)))


def soil(k: Kit) -> None:
    """Crumbs and stones."""
    crumb = k.cells(k.place(), 90.0)
    clods = k.noise(k.place(), 14.0, 6.0, 0.65)
    colour = k.tone(k.colour, k.math("MULTIPLY", k.span(crumb, 0.0, 0.7, 1.3, 0.5), k.span(clods, 0.3, 0.7, 0.6, 1.3)))
    height = k.math("SUBTRACT", k.math("MULTIPLY", clods, 0.02), k.math("MULTIPLY", crumb, 0.004))
    k.principled(colour, 0.97, normal=k.bump(height), Specular_IOR_Level=0.2)


def asphalt(k: Kit) -> None:
    """Stones in tar, patches and cracks; wet hollows where it is worn."""
    chip = k.cells(k.world(), 150.0, out=1)
    stones = k.math("MULTIPLY_ADD", k.math("SUBTRACT", k.split(chip)[0], 0.5), k.seen(0.009), 0.5)
    broad = k.noise(k.world(), 0.5, 6.0, 0.62)
    bent = k.vector("ADD", k.world(), k.scaled(k.noise(k.world(), 3.0, 4.0, 0.6, colour=True), (0.4, 0.4, 0.0)))
    crack = k.span(k.cells(bent, 0.45, feature="DISTANCE_TO_EDGE"), 0.0, 0.008, 1.0, 0.0)
    crack = k.times(crack, k.span(k.noise(k.world(), 0.3, 2.0), 0.5, 0.58), k.wear)
    colour = k.tone(k.colour, k.math("MULTIPLY", k.span(stones, 0.0, 1.0, 0.6, 1.4), k.span(broad, 0.3, 0.7, 0.75, 1.2)))
    colour = k.mix(k.math("MULTIPLY", crack, 0.8), colour, rgba((0.01, 0.01, 0.01)))
    wet = k.math("MULTIPLY", k.span(broad, 0.42, 0.38), 0.5 * k.wear)
    height = k.sum(k.math("MULTIPLY", stones, 0.0025), k.math("MULTIPLY", broad, 0.02), k.math("MULTIPLY", crack, -0.006))
    rough = k.rough(0.85)
    k.principled(k.tone(colour, k.span(wet, 0.0, 1.0, 1.0, 0.6)), k.span(wet, 0.0, 0.5, rough, 0.25), normal=k.bump(height))


def cobbles(k: Kit) -> None:
    """Setts in rows, rounded by wheels."""
    size = k.scale_m(0.11)
    bent = k.vector("ADD", k.uv(), k.scaled(k.noise(k.uv(), 5.0, 2.0, colour=True), (0.03, 0.03, 0.0)))
    own, edge, _ = k.grid(bent, 1.5 * size, size, shift="random")
    dome = k.math("POWER", k.span(edge, 0.0, 0.45 * size), 0.5)
    grain = k.noise(k.uv(), 80.0, 4.0, 0.65)
    joint = k.span(edge, 0.003, 0.009, 1.0, 0.0)
    body = k.tone(
        k.mix(k.random(own), k.colour, k.second if k.two else rgba(k.colour, 0.65)), k.span(grain, 0.3, 0.7, 0.7, 1.2)
    )
    colour = k.mix(joint, body, rgba((0.07, 0.06, 0.045)))
    height = k.sum(k.math("MULTIPLY", dome, 0.02), k.math("MULTIPLY", grain, 0.0025), k.math("MULTIPLY", k.random(own), 0.006))
    rough = k.rough(0.6)
    k.principled(k.worn(colour), k.span(grain, 0.3, 0.7, rough - 0.15, rough + 0.15), normal=k.bump(height))


def snow(k: Kit) -> None:
    """Drifted and soft, with a little light inside and sparkle."""
    drift, fine = k.noise(k.world(), 2.2, 5.0, 0.55), k.noise(k.world(), 260.0, 2.0)
    spark = k.times(
        k.span(k.random(k.vector("FLOOR", k.scaled(k.world(), (1200.0, 1200.0, 1200.0)))), 0.996, 0.998), k.seen(0.004)
    )
    height = k.math("ADD", k.math("MULTIPLY", drift, 0.05), k.math("MULTIPLY", fine, 0.0015))
    trodden = k.math("MULTIPLY", k.span(k.noise(k.world(), 0.7, 5.0, 0.7), 0.5, 0.75), 0.7 * k.wear)
    colour = k.mix(trodden, k.colour, rgba((0.3, 0.28, 0.25)))
    k.principled(colour, k.span(spark, 0.0, 1.0, 0.75, 0.1), normal=k.bump(height), Sheen_Weight=0.25, Sheen_Roughness=0.3)


def water(k: Kit) -> None:
    """Seen from above: dark, rippled, mirror-like at a glance."""
    ripple = k.math(
        "ADD",
        k.math("MULTIPLY", k.noise(k.world(), 5.0, 4.0), 0.006),
        k.math("MULTIPLY", k.noise(k.world(), 26.0, 2.0), 0.0012),
    )
    k.principled(rgba(k.colour, 0.5), 0.03, normal=k.bump(ripple), IOR=1.333, Specular_IOR_Level=0.5)


DRESSING: dict[str, Callable[[Kit], None]] = {
    name.__name__: name
    for name in (
        bulb, lampshade, screen, picture, poster, paper, book, leaf, bark, soil, asphalt, cobbles, snow, water,
    )
}  # fmt: skip
