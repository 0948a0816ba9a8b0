"""Blender's version of what things are made of, for the artist's scene and for Cycles. Inside the worker.

Node trees built from a few verbs. Surfaces are looked up from the rest position (attribute ``Pref``, metres), never from
the moving one, so that nothing swims: the plate through the shot's camera, exposed materials through noise. Numbers are
ACEScg by value: Blender is told that they are data, so that it does not convert them.
"""

from __future__ import annotations

from typing import Any

import bpy

from setpiece.core.camera import Camera
from setpiece.core.stage import Face, Material

# Mean albedo, relief and grain (noise cells a metre) of broken material: the house engine's, without its bricks.
BROKEN = {
    Material.MASONRY: ((0.35, 0.30, 0.25), 0.45, 5.0),
    Material.CONCRETE: ((0.31, 0.31, 0.30), 0.40, 6.0),
    Material.TIMBER: ((0.36, 0.27, 0.17), 0.25, 12.0),
    Material.STEEL: ((0.16, 0.105, 0.07), 0.06, 4.0),
    Material.GLASS: ((0.045, 0.06, 0.055), 0.02, 2.0),
    Material.PLASTER: ((0.51, 0.50, 0.46), 0.20, 7.0),
    Material.SLATE: ((0.11, 0.118, 0.13), 0.25, 9.0),
    Material.STONE: ((0.38, 0.35, 0.30), 0.30, 6.0),
}
FINISHED = (0.45, 0.42, 0.37)
SLOTS = 3 + len(Material)  # plate, outside, inside, then broken by material


def slot_of(face: int, material: int) -> int:
    """The material slot of a triangle."""
    return 3 + material if face == Face.BROKEN else face


class Nodes:
    """A node tree under construction: each verb adds a node and returns the socket that it makes."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree

    def add(self, kind: str, *inputs: Any, out: Any = 0, **settings: Any) -> Any:
        """A node of ``kind`` with sockets or values as inputs, by position (None: left alone)."""
        node = self.tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(node, name, value)
        for slot, value in enumerate(inputs):
            self._feed(node.inputs[slot], value)
        return node.outputs[out]

    def _feed(self, socket: Any, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = value

    def math(self, operation: str, *inputs: Any) -> Any:
        """A scalar."""
        return self.add("ShaderNodeMath", *inputs, operation=operation)

    def vector(self, operation: str, *inputs: Any) -> Any:
        """A vector, or a scalar for a dot product."""
        scalar = operation in ("DOT_PRODUCT", "LENGTH")
        return self.add("ShaderNodeVectorMath", *inputs, operation=operation, out=1 if scalar else 0)

    def mix(self, share: Any, a: Any, b: Any) -> Any:
        """Colours, a to b."""
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type = "RGBA"
        for name, value in (("Factor_Float", share), ("A_Color", a), ("B_Color", b)):
            self._feed(next(socket for socket in node.inputs if socket.identifier == name), value)
        return next(socket for socket in node.outputs if socket.identifier == "Result_Color")

    def rest(self) -> Any:
        """The rest position."""
        return self.add("ShaderNodeAttribute", attribute_name="Pref", out="Vector")


def film(nodes: Nodes, point: Any, camera: Camera) -> Any:
    """Texture coordinates (0..1, v up) of world ``point`` as the shot's camera sees it: a division per pixel."""
    offset = nodes.vector("SUBTRACT", point, tuple(camera.position_m))
    right, up, forward = (nodes.vector("DOT_PRODUCT", offset, tuple(float(value) for value in axis)) for axis in camera.axes)
    depth = nodes.math("MAXIMUM", forward, 1e-3)
    x = nodes.math("DIVIDE", right, depth)
    y = nodes.math("DIVIDE", up, depth)
    u = nodes.math("MULTIPLY_ADD", x, camera.focal_px / camera.width, camera.centre_px[0] / camera.width)
    v = nodes.math("MULTIPLY_ADD", y, camera.focal_px / camera.height, 1.0 - camera.centre_px[1] / camera.height)
    return nodes.add("ShaderNodeCombineXYZ", u, v, 0.0)


def picture(nodes: Nodes, image: Any, at: Any, *, interpolation: str = "Linear") -> Any:
    """An image's colour at texture coordinates."""
    return nodes.add("ShaderNodeTexImage", at, image=image, interpolation=interpolation, extension="EXTEND")


def data_image(path: str, *, name: str | None = None) -> Any:
    """An image file whose numbers are used as they are."""
    image = bpy.data.images.load(path)
    image.colorspace_settings.name = "Non-Color"
    if name is not None:
        image.name = name
    return image


def broken_colour(nodes: Nodes, material: Material) -> tuple[Any, Any]:
    """Albedo and height of a fracture surface."""
    colour, relief, scale = BROKEN[material]
    rest = nodes.rest()
    coarse = nodes.add("ShaderNodeTexNoise", rest, None, scale * 0.3, 2.0, 0.55)
    fine = nodes.add("ShaderNodeTexNoise", rest, None, scale, 5.0, 0.62)
    level = nodes.math("MULTIPLY_ADD", coarse, 0.7, 0.65)
    level = nodes.math("MULTIPLY", level, nodes.math("MULTIPLY_ADD", fine, 1.1, 0.45))
    albedo = nodes.vector("MULTIPLY", nodes.add("ShaderNodeCombineXYZ", level, level, level), colour)
    return albedo, nodes.math("MULTIPLY", fine, relief)


def diffuse(nodes: Nodes, albedo: Any, *, height: Any = None) -> Any:
    """A Lambertian surface, bumped by ``height`` (about 0..1; 6 cm deep)."""
    normal = None if height is None else nodes.add("ShaderNodeBump", 1.0, 0.06, None, height)
    return nodes.add("ShaderNodeBsdfDiffuse", albedo, 0.0, normal)


def new_material(name: str) -> tuple[Any, Nodes, Any]:
    """An empty material: (material, its nodes, the socket of its surface)."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    return material, Nodes(tree), output.inputs["Surface"]
