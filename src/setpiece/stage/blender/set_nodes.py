"""The verbs in which a set's materials are written: noise, cells, weave, wear, all in metres. Inside the worker.

Heights are metres too, so that relief is as deep as it is. Patterns finer than a pixel fade to their mean by the pixel's
footprint where a ray lands, which a node group gives and every view sets: weave that a lens cannot see does not moiré.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import bpy

from setpiece.stage.blender.looks import Nodes
from setpiece.stage.blender.set_carried import carried

FOOTPRINT = "footprint"
"""The node group whose number is a pixel's width at one metre, metres."""

Colour = tuple[float, float, float, float]


def rgba(colour: Sequence[float], scale: float = 1.0) -> Colour:
    """A colour times ``scale``, opaque."""
    return (colour[0] * scale, colour[1] * scale, colour[2] * scale, 1.0)


def footprint_group() -> Any:
    """The shared group with the pixel's width a metre away."""
    group = bpy.data.node_groups.get(FOOTPRINT)
    if group is None:
        group = bpy.data.node_groups.new(FOOTPRINT, "ShaderNodeTree")
        group.interface.new_socket(name="width", in_out="OUTPUT", socket_type="NodeSocketFloat")
        value = group.nodes.new("ShaderNodeValue")
        value.name = "width"
        value.outputs[0].default_value = 0.002
        group.links.new(value.outputs[0], group.nodes.new("NodeGroupOutput").inputs[0])
    return group


def _group(name: str, out: tuple[str, str], **inputs: str) -> tuple[Any, Any, Any]:
    """A new shared group with sockets of types by name: (the group, its input node's sockets, the socket of its result)."""
    group = bpy.data.node_groups.new(name, "ShaderNodeTree")
    for label, kind in inputs.items():
        group.interface.new_socket(name=label, in_out="INPUT", socket_type=f"NodeSocket{kind}")
    group.interface.new_socket(name=out[0], in_out="OUTPUT", socket_type=f"NodeSocket{out[1]}")
    return group, group.nodes.new("NodeGroupInput").outputs, group.nodes.new("NodeGroupOutput").inputs[0]


def _octaves_group() -> Any:
    """How many octaves of a noise a pixel can show where the ray lands: of ``Detail``, above ``Level`` (log2 features a
    metre)."""
    group = bpy.data.node_groups.get("octaves")
    if group is None:
        group, given, result = _group("octaves", ("octaves", "Float"), Level="Float", Detail="Float")
        nodes = Nodes(group)
        finest = nodes.math("MULTIPLY", nodes.math("LOGARITHM", _pixel(nodes), 2.0), -1.0)
        shown = nodes.add("ShaderNodeClamp", nodes.math("SUBTRACT", finest, given["Level"]), 0.0, given["Detail"])
        group.links.new(shown, result)
    return group


def _pixel(nodes: Nodes) -> Any:
    """A pixel's width where the ray lands, metres."""
    node = nodes.tree.nodes.new("ShaderNodeGroup")
    node.node_tree = footprint_group()
    return nodes.math("MULTIPLY", nodes.add("ShaderNodeLightPath", out="Ray Length"), node.outputs[0])


def _wear_group(*, rubs: bool, corners: bool) -> Any:
    """The shared group of use; ``rubs``: edges go down to what is beneath; ``corners``: dirt lies in them."""
    name = f"wear{'_rubbed' if rubs else ''}{'_corners' if corners else ''}"
    found = bpy.data.node_groups.get(name)
    if found is not None:
        return found
    group, given, result = _group(name, ("colour", "Color"), Colour="Color", Wear="Float", Soil="Float", Bare="Color")
    k = Patterns(group)
    colour, wear, soil = given["Colour"], given["Wear"], given["Soil"]
    patches = k.noise(k.world(), 3.1, 4.0, 0.65)
    if rubs:
        low, high = (k.math("MULTIPLY_ADD", wear, -0.3, level) for level in (0.62, 0.7))
        rubbed = k.times(k.edge(), k.span(k.noise(k.place(), 22.0, 3.0), low, high))
        share = k.math("MULTIPLY", rubbed, k.math("MINIMUM", k.math("ADD", wear, 0.25), 1.0))
        colour = k.mix(share, colour, given["Bare"])
    low = k.span(k.split(k.world())[2], 0.0, 0.28, 1.0, 0.0)
    dirt = k.math("MULTIPLY", k.times(low, low, k.span(patches, 0.35, 0.7)), 0.55)
    if corners:
        corner = k.add("ShaderNodeAmbientOcclusion", None, 0.16, out="AO", samples=2)
        dirt = k.math("MAXIMUM", dirt, k.times(k.span(corner, 0.85, 0.3), k.span(patches, 0.25, 0.6), 0.8))
    used = k.math("MULTIPLY", wear, soil)
    dirt = k.math("MULTIPLY", dirt, k.math("MINIMUM", k.math("MULTIPLY", used, 1.2), 1.0))
    stain = k.times(k.span(k.noise(k.world(), 1.3, 5.0, 0.7), 0.56, 0.72), k.math("MULTIPLY", used, 0.55))
    colour = k.mix(stain, colour, k.vector("MULTIPLY", colour, (0.6, 0.5, 0.38)))
    group.links.new(k.mix(dirt, colour, (0.045, 0.036, 0.026, 1.0)), result)
    return group


class Patterns(Nodes):
    """Coordinates of a surface and what is drawn on them, in any tree: a material's, or a group's that materials share."""

    def __init__(self, tree: Any) -> None:
        super().__init__(tree)
        self._known: dict[str, Any] = {}

    def _once(self, name: str, make: Any) -> Any:
        if name not in self._known:
            self._known[name] = make()
        return self._known[name]

    def uv(self) -> Any:
        """Texture coordinates, metres, moved by the seed."""

        def make() -> Any:
            seed = self.own_seed()
            away = self.join(self.math("MULTIPLY", seed, 0.731), self.math("MULTIPLY", seed, 0.417), 0.0)
            return self.vector("ADD", self.add("ShaderNodeTexCoord", out="UV"), away)

        return self._once("uv", make)

    def flat(self) -> Any:
        """Texture coordinates as they are."""
        return self._once("flat", lambda: self.add("ShaderNodeTexCoord", out="UV"))

    def place(self) -> Any:
        """Position in the thing's frame, metres, moved for each of its pieces and each copy."""

        def make() -> Any:
            away = self.math("MULTIPLY_ADD", self.piece(), 31.0, self.math("MULTIPLY", self.own_seed(), 3.7))
            return self.vector(
                "ADD", self.add("ShaderNodeTexCoord", out="Object"), self.add("ShaderNodeCombineXYZ", away, away, away)
            )

        return self._once("place", make)

    def world(self) -> Any:
        """Position in the world, metres."""
        return self._once("world", lambda: self.add("ShaderNodeNewGeometry", out="Position"))

    def own_seed(self) -> Any:
        """The seed of a face's own material, 0..96."""
        return self._once("seed", lambda: self.add("ShaderNodeAttribute", attribute_name="seed", out="Factor"))

    def tint(self) -> Any:
        """The colour of a face's own material, where materials of all colours are one."""
        return self._once("tint", lambda: self.add("ShaderNodeAttribute", attribute_name="tint", out="Vector"))

    def piece(self) -> Any:
        """0..1, the same all over one piece of one copy."""

        def make() -> Any:
            part = self.add("ShaderNodeAttribute", attribute_name="piece", out="Factor")
            copy = self.add("ShaderNodeObjectInfo", out="Random")
            return self.math("FRACT", self.math("ADD", part, copy))

        return self._once("piece", make)

    def edge(self) -> Any:
        """1 on rounded edges, 0 elsewhere."""
        return self._once("edge", lambda: self.add("ShaderNodeAttribute", attribute_name="edge", out="Factor"))

    def split(self, vector: Any) -> tuple[Any, Any, Any]:
        """x, y and z of a vector."""
        node = self.tree.nodes.new("ShaderNodeSeparateXYZ")
        self._feed(node.inputs[0], vector)
        return node.outputs[0], node.outputs[1], node.outputs[2]

    def join(self, x: Any = 0.0, y: Any = 0.0, z: Any = 0.0) -> Any:
        """A vector of three numbers."""
        return self.add("ShaderNodeCombineXYZ", x, y, z)

    def scaled(self, vector: Any, factors: tuple[float, float, float]) -> Any:
        """A vector stretched along its axes."""
        return self.vector("MULTIPLY", vector, factors)

    def noise(
        self, at: Any, per_m: float, detail: float = 3.0, rough: float = 0.55, bent: float = 0.0, *, colour: bool = False
    ) -> Any:
        """Smooth noise about 0.5, ``per_m`` features a metre; octaves finer than a pixel are left out."""
        level = self.tree.nodes.new("ShaderNodeGroup")
        level.node_tree = _octaves_group()
        level.inputs["Level"].default_value, level.inputs["Detail"].default_value = math.log2(per_m), detail
        return self.add(
            "ShaderNodeTexNoise", at, None, per_m, level.outputs[0], rough, None, None, None, bent, out=1 if colour else 0,
            noise_dimensions=self._dimensions(at),
        )  # fmt: skip

    def _dimensions(self, at: Any) -> str:
        """Texture coordinates are flat: patterns on them need no third dimension, which would cost twice to thrice."""
        return "2D" if at is not None and any(at is self._known.get(name) for name in ("uv", "flat")) else "3D"

    def cells(self, at: Any, per_m: float, *, feature: str = "F1", out: int = 0, random: float = 1.0) -> Any:
        """Voronoi cells: distance (metres times ``per_m``), colour (``out`` 1) or position (2)."""
        return self.add(
            "ShaderNodeTexVoronoi", at, None, per_m, None, None, None, None, None, random, out=out, feature=feature,
            voronoi_dimensions=self._dimensions(at),
        )  # fmt: skip

    def random(self, at: Any, *, out: int = 0) -> Any:
        """White noise 0..1 of a vector; ``out`` 1: a colour."""
        return self.add("ShaderNodeTexWhiteNoise", at, out=out, noise_dimensions="3D")

    def span(self, value: Any, low: float, high: float, a: Any = 0.0, b: Any = 1.0) -> Any:
        """``value`` from low..high to a..b, clamped."""
        return self.add("ShaderNodeMapRange", value, low, high, a, b)

    def tone(self, colour: Any, value: Any) -> Any:
        """A colour made lighter or darker."""
        node = self.tree.nodes.new("ShaderNodeVectorMath")
        node.operation = "SCALE"
        self._feed(node.inputs[0], tuple(colour[:3]) if isinstance(colour, tuple) else colour)
        self._feed(node.inputs[3], value)
        return node.outputs[0]

    def sum(self, *values: Any) -> Any:
        """Numbers added up."""
        total = values[0]
        for value in values[1:]:
            total = self.math("ADD", total, value)
        return total

    def times(self, *values: Any) -> Any:
        """Numbers multiplied."""
        total = values[0]
        for value in values[1:]:
            total = self.math("MULTIPLY", total, value)
        return total

    def bump(self, height_m: Any, strength: float = 1.0) -> Any:
        """The normal of a relief in metres."""
        return self.add("ShaderNodeBump", strength, 1.0, None, height_m)

    def seen(self, period_m: float) -> Any:
        """1 where a pattern of this period is far wider than a pixel, 0 where it is finer."""
        pixel = self._once("pixel", lambda: _pixel(self))
        return self.span(pixel, 0.25 * period_m, 0.6 * period_m, 1.0, 0.0)

    def grid(self, at: Any, width_m: float, height_m: float, *, shift: float | str = 0.0) -> tuple[Any, Any, Any]:
        """Courses of equal pieces: (an own vector of each, metres to its nearest edge, its two own coordinates -0.5..0.5).

        ``shift`` moves every other course by that share of a piece; ``random`` moves each by its own.
        """
        x, y, _ = self.split(at)
        row = self.math("FLOOR", self.math("DIVIDE", y, height_m))
        if shift == "random":
            moved = self.math("MULTIPLY", self.random(self.join(row, 3.1, 7.7)), width_m)
        else:
            moved = self.math("MULTIPLY", self.math("FLOORED_MODULO", row, 2.0), float(shift) * width_m)
        x = self.math("ADD", x, moved)
        column = self.math("FLOOR", self.math("DIVIDE", x, width_m))
        u = self.math("SUBTRACT", self.math("FRACT", self.math("DIVIDE", x, width_m)), 0.5)
        v = self.math("SUBTRACT", self.math("FRACT", self.math("DIVIDE", y, height_m)), 0.5)
        across = self.math("MULTIPLY", self.math("SUBTRACT", 0.5, self.math("ABSOLUTE", u)), width_m)
        upward = self.math("MULTIPLY", self.math("SUBTRACT", 0.5, self.math("ABSOLUTE", v)), height_m)
        return self.join(column, row, self.own_seed()), self.math("MINIMUM", across, upward), self.join(u, v, 0.0)


class Kit(Patterns):
    """One material under construction, with what its recipe needs of the surface."""

    def __init__(self, row: dict[str, Any], number: int) -> None:
        material = bpy.data.materials.new(f"{row['kind']}_{number:03d}")
        material.use_nodes = True
        super().__init__(material.node_tree)
        self.tree.nodes.clear()
        self.material, self.row = material, row
        self.output = self.tree.nodes.new("ShaderNodeOutputMaterial").inputs["Surface"]
        self.colour: Colour = rgba(row["colour"])
        self.second: Colour = rgba(row["colour_2"] or row["colour"])
        self.two = row["colour_2"] is not None
        self.wear = float(row["wear"])
        self.seed = int(row["seed"])

    def scale_m(self, usual: float) -> float:
        """The size that the material states, or the kind's own."""
        return float(self.row["scale_m"] or usual)

    def rough(self, usual: float) -> float:
        """The roughness that the material states, or the kind's own."""
        stated = self.row["roughness"]
        return usual if stated is None else float(stated)

    def worn(self, colour: Any, *, bare: Colour | None = None, soil: float = 1.0) -> Any:
        """Use: dirt in corners and near the floor, stains, and edges rubbed to what lies beneath (``bare``)."""
        if self.wear <= 0.02:
            return colour
        node = self.tree.nodes.new("ShaderNodeGroup")
        node.node_tree = _wear_group(rubs=bare is not None, corners=self.wear > 0.12)
        for name, value in (("Colour", colour), ("Wear", self.wear), ("Soil", soil), ("Bare", bare)):
            self._feed(node.inputs[name], value)
        return node.outputs[0]

    def principled(self, colour: Any, rough: Any, *, normal: Any = None, **more: Any) -> None:
        """The surface: Blender's principled shader. ``more`` by input name, underscores for spaces. Light that a matt surface
        threw here sees its mean alone."""
        node = self.tree.nodes.new("ShaderNodeBsdfPrincipled")
        inputs = {"Base Color": colour, "Roughness": rough, "Normal": normal}
        inputs |= {name.replace("_", " "): value for name, value in more.items()}
        for name, value in inputs.items():
            self._feed(node.inputs[name], value)
        mean = carried(self.row)
        if mean is None:
            self.surface(node.outputs[0])
            return
        far = self.math("GREATER_THAN", self.add("ShaderNodeLightPath", out="Diffuse Depth"), 0.5)
        plain = self.add("ShaderNodeBsdfDiffuse", rgba(mean))
        self.surface(self.add("ShaderNodeMixShader", far, node.outputs[0], plain))

    def surface(self, shader: Any) -> None:
        """Any other surface."""
        self.tree.links.new(shader, self.output)
