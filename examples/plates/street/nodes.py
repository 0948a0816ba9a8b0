"""A small vocabulary for writing shader graphs as expressions."""

from __future__ import annotations

from typing import Any

import bpy

Socket = Any  # a node socket, or a number, or a tuple


class Graph:
    """One material's node tree, emptied; every method adds a node and returns its output socket."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.tree.nodes.clear()

    def add(self, kind: str, inputs: dict[Any, Socket] | None = None, out: Any = 0, **properties: Any) -> Any:
        """A node of ``kind``; ``inputs`` by name or index, values or sockets."""
        node = self.tree.nodes.new(kind)
        for key, value in properties.items():
            setattr(node, key, value)
        for key, value in (inputs or {}).items():
            target = node.inputs[key]
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, target)
            elif isinstance(value, tuple) and len(value) == 3 and len(getattr(target, "default_value", ())) == 4:
                target.default_value = (*value, 1.0)
            else:
                target.default_value = value
        return node.outputs[out]

    def math(self, operation: str, a: Socket, b: Socket = 0.0, *, clamp: bool = False) -> Any:
        """Scalar arithmetic."""
        return self.add("ShaderNodeMath", {0: a, 1: b}, operation=operation, use_clamp=clamp)

    def mul(self, *values: Socket) -> Any:
        """Product of scalars."""
        result = values[0]
        for value in values[1:]:
            result = self.math("MULTIPLY", result, value)
        return result

    def plus(self, *values: Socket) -> Any:
        """Sum of scalars."""
        result = values[0]
        for value in values[1:]:
            result = self.math("ADD", result, value)
        return result

    def step(self, x: Socket, low: float, high: float, *, to: tuple[float, float] = (0.0, 1.0)) -> Any:
        """Smooth step of ``x`` from low..high to ``to``; low may exceed high."""
        if low > high:
            low, high, to = high, low, (to[1], to[0])
        inputs = {"Value": x, "From Min": low, "From Max": high, "To Min": to[0], "To Max": to[1]}
        return self.add("ShaderNodeMapRange", inputs, interpolation_type="SMOOTHSTEP")

    def mix(self, a: Socket, b: Socket, factor: Socket, *, blend: str = "MIX") -> Any:
        """Mix of two colours."""
        colours = {0: factor, 6: _rgba(a), 7: _rgba(b)}
        return self.add("ShaderNodeMix", colours, out=2, data_type="RGBA", blend_type=blend)

    def noise(self, at: Socket, scale: float, *, detail: float = 5.0, rough: float = 0.55, warp: float = 0.0) -> Any:
        """Fractal noise, about 0..1, mean one half."""
        inputs = {"Vector": at, "Scale": scale, "Detail": detail, "Roughness": rough, "Distortion": warp}
        return self.add("ShaderNodeTexNoise", inputs)

    def noise_colour(self, at: Socket, scale: float) -> Any:
        """Three noises as a vector, each about 0..1."""
        return self.add("ShaderNodeTexNoise", {"Vector": at, "Scale": scale, "Detail": 4.0}, out=1)

    def plus_vector(self, a: Socket, b: Socket) -> Any:
        """Sum of vectors."""
        return self.add("ShaderNodeVectorMath", {0: a, 1: b}, operation="ADD")

    def palette(self, x: Socket, stops: list[tuple[float, tuple[float, float, float]]], *, hard: bool = False) -> Any:
        """Colours looked up by a scalar 0..1."""
        node = self.tree.nodes.new("ShaderNodeValToRGB")
        ramp = node.color_ramp
        ramp.interpolation = "CONSTANT" if hard else "LINEAR"
        while len(ramp.elements) < len(stops):
            ramp.elements.new(0.5)
        for element, (at, colour) in zip(ramp.elements, stops, strict=True):
            element.position = at
            element.color = (*colour, 1.0)
        self.tree.links.new(x, node.inputs[0])
        return node.outputs[0]

    def scale(self, at: Socket, by: tuple[float, float, float]) -> Any:
        """Vector times vector."""
        return self.add("ShaderNodeVectorMath", {0: at, 1: by}, operation="MULTIPLY")

    def join(self, x: Socket, y: Socket = 0.0, z: Socket = 0.0) -> Any:
        """Three scalars to a vector."""
        return self.add("ShaderNodeCombineXYZ", {0: x, 1: y, 2: z})

    def split(self, vector: Any) -> tuple[Any, Any, Any]:
        """A vector's three scalars."""
        node = self.tree.nodes.new("ShaderNodeSeparateXYZ")
        self.tree.links.new(vector, node.inputs[0])
        return tuple(node.outputs)

    def here(self) -> Any:
        """Object coordinates in metres."""
        return self.add("ShaderNodeTexCoord", out="Object")

    def metres(self) -> Any:
        """The box-projected texture coordinates, metres."""
        return self.add("ShaderNodeUVMap", uv_map="metres")

    def random(self) -> Any:
        """A random number 0..1 per object or instance."""
        return self.add("ShaderNodeObjectInfo", out="Random")

    def attribute(self, name: str) -> Any:
        """A named scalar attribute of the mesh."""
        return self.add("ShaderNodeAttribute", out=2, attribute_name=name)

    def bump(self, height: Socket, *, distance: float, strength: float = 1.0) -> Any:
        """A normal from a height of 0..1 times ``distance`` metres."""
        return self.add("ShaderNodeBump", {"Height": height, "Distance": distance, "Strength": strength})

    def surface(self, colour: Socket, rough: Socket = 0.8, **more: Socket) -> Any:
        """A principled surface; extra inputs by name with underscores."""
        inputs = {"Base Color": _rgba(colour), "Roughness": rough}
        inputs |= {key.replace("_", " "): value for key, value in more.items()}
        return self.add("ShaderNodeBsdfPrincipled", inputs)

    def blend(self, a: Any, b: Any, factor: Socket) -> Any:
        """Mix of two shaders."""
        return self.add("ShaderNodeMixShader", {0: factor, 1: a, 2: b})

    def finish(self, shader: Any) -> bpy.types.Material:
        """Connect the output; return the material."""
        node = self.tree.nodes.new("ShaderNodeOutputMaterial")
        self.tree.links.new(shader, node.inputs["Surface"])
        return self.material


def _rgba(value: Socket) -> Socket:
    return (*value, 1.0) if isinstance(value, tuple) and len(value) == 3 else value
