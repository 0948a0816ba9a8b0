"""The network's plan and its ONNX graph, written operator by operator: what is trained is what is run.

A U-Net on five planes (RGB codes, input age, output age), after Zoss et al. 2022: two 3x3 convolutions a level, down by an
anti-aliased pool (Zhang, "Making Convolutional Networks Shift-Invariant Again", 2019), up bilinearly, skips joined, a
1x1 head that gives an RGB difference to the codes. No normalisation: what a pixel becomes depends on its neighbourhood
alone, so that tiles join. Ours: the head is multiplied by the years between both maps, so that where no other age is asked
for nothing changes, to the bit, and learning starts sooner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.errors import BriefError, DependencyMissing
from setpiece.generate.onnx_guard import MEBIBYTE, Model, open_model
from setpiece.media.files import write_bytes

SCHEMA = "setpiece.fran/1"
INPUT, OUTPUT = "planes", "delta"
_MIDDLE_AGE, _AGE_SPAN = (
    50.0,
    20.0,
)  # ages reach the network about 0 and of size 1, where the paper has centuries: learns sooner
LEAK = 0.2
BLUR = np.outer((1, 3, 3, 1), (1, 3, 3, 1)).astype(np.float32) / 64
_OPSET, _IR = 17, 8


def age_codes(years: np.ndarray[Any, Any] | float) -> np.ndarray[Any, Any]:
    """Ages in years as the network is given them, float32.

    >>> age_codes(30.0)
    array(-1., dtype=float32)
    """
    return np.asarray((np.asarray(years, np.float32) - _MIDDLE_AGE) / _AGE_SPAN, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetShape:
    """Channels of each level, finest first.

    >>> NetShape(widths=(16, 32, 64)).stride, NetShape(widths=(16, 32, 64)).reach_px
    (4, 32)
    """

    widths: tuple[int, ...] = (32, 64, 128, 256, 256)

    def __post_init__(self) -> None:
        if not 2 <= len(self.widths) <= 6 or any(not 1 <= width <= 1024 for width in self.widths):
            raise BriefError(f"a network of widths {self.widths} is none", remedy="state 2 to 6 levels of 1 to 1024 channels")

    @property
    def stride(self) -> int:
        """Sides of what goes in are multiples of this."""
        return 1 << (len(self.widths) - 1)

    @property
    def reach_px(self) -> int:
        """How far a pixel looks, at most: convolutions, pools and enlargements of all levels, px."""
        levels = len(self.widths) - 1
        down_and_up = sum((2 + 2 + 2 + 2) << level for level in range(levels))  # convolutions, pool, enlarging, convolutions
        return down_and_up + (2 << levels)

    def convolutions(self) -> dict[str, tuple[int, int, int]]:
        """Every convolution by name: channels in, channels out, side of its kernel."""
        found: dict[str, tuple[int, int, int]] = {}
        before = 5
        for level, width in enumerate(self.widths):
            found[f"down{level}a"], found[f"down{level}b"] = (before, width, 3), (width, width, 3)
            before = width
        for level in reversed(range(len(self.widths) - 1)):
            width = self.widths[level]
            found[f"up{level}a"], found[f"up{level}b"] = (before + width, width, 3), (width, width, 3)
            before = width
        return found | {"head": (before, 3, 1)}


def write_model(
    path: Path,
    shape: NetShape,
    weights: Mapping[str, np.ndarray[Any, Any]],
    *,
    ages: tuple[float, float],
    tile_px: int = 512,
    notes: Mapping[str, str] | None = None,
) -> None:
    """Write the network as ONNX, whole or not at all; equal weights give equal bytes.

    ``weights`` holds ``NAME.weight`` (out, in, k, k) and ``NAME.bias`` (out,) for each of ``shape.convolutions()``;
    ``ages`` are the youngest and oldest that it was trained on; ``notes`` joins the metadata.
    """
    try:
        import onnx
    except ImportError as error:
        raise DependencyMissing("onnx is not installed", file=path, remedy="pip install onnx onnxruntime") from error
    nodes, tensors = _graph(onnx, shape, weights)
    ports = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, channels, "h", "w"])
        for name, channels in ((INPUT, 5), (OUTPUT, 3))
    ]
    graph = onnx.helper.make_graph(nodes, "fran", ports[:1], ports[1:], tensors)
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", _OPSET)], ir_version=_IR, producer_name="setpiece"
    )
    stated = {
        "schema": SCHEMA,
        "widths": ",".join(str(width) for width in shape.widths),
        "tile_px": str(tile_px),
        "youngest": f"{ages[0]:g}",
        "oldest": f"{ages[1]:g}",
    }
    onnx.helper.set_model_props(model, {**(notes or {}), **stated})
    write_bytes(path, model.SerializeToString(deterministic=True))


def _graph(onnx: Any, shape: NetShape, weights: Mapping[str, np.ndarray[Any, Any]]) -> tuple[list[Any], list[Any]]:
    nodes: list[Any] = []
    tensors: list[Any] = [onnx.numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "twice")]

    def add(op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(onnx.helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def convolved(value: str, name: str) -> str:
        for part in ("weight", "bias"):
            tensors.append(
                onnx.numpy_helper.from_array(np.ascontiguousarray(weights[f"{name}.{part}"], np.float32), f"{name}.{part}")
            )
        pads = [weights[f"{name}.weight"].shape[-1] // 2] * 4
        value = add("Conv", [value, f"{name}.weight", f"{name}.bias"], f"{name}.sum", pads=pads)
        return value if name == "head" else add("LeakyRelu", [value], f"{name}.out", alpha=LEAK)

    def pooled(value: str, level: int) -> str:
        channels = shape.widths[level]
        kernel = np.broadcast_to(BLUR, (channels, 1, 4, 4))
        tensors.append(onnx.numpy_helper.from_array(np.ascontiguousarray(kernel), f"pool{level}.blur"))
        return add("Conv", [value, f"pool{level}.blur"], f"pool{level}.out", group=channels, strides=[2, 2], pads=[1] * 4)

    value, skips = INPUT, []
    for level in range(len(shape.widths)):
        value = convolved(convolved(pooled(value, level - 1) if level else value, f"down{level}a"), f"down{level}b")
        skips.append(value)
    for level in reversed(range(len(shape.widths) - 1)):
        larger = add(
            "Resize", [value, "", "twice"], f"larger{level}", mode="linear", coordinate_transformation_mode="half_pixel"
        )
        value = convolved(
            convolved(add("Concat", [larger, skips[level]], f"joined{level}", axis=1), f"up{level}a"), f"up{level}b"
        )
    rate = convolved(value, "head")
    ends = {"third": [3], "fourth": [4], "fifth": [5], "channels": [1]}
    tensors += [onnx.numpy_helper.from_array(np.array(at, np.int64), name) for name, at in ends.items()]
    before, after = (
        add("Slice", [INPUT, first, last, "channels"], name)
        for first, last, name in (("third", "fourth", "age_in"), ("fourth", "fifth", "age_out"))
    )
    add("Mul", [rate, add("Sub", [after, before], "years")], OUTPUT)
    return nodes, tensors


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedNet:
    """A model of this engine that was let in, with what it says of itself."""

    model: Model
    shape: NetShape
    tile_px: int
    ages: tuple[float, float]


def open_net(path: Path, sha256: str, *, threads: int = 1) -> OpenedNet:
    """The model at ``path``, looked through by :func:`setpiece.generate.onnx_guard.open_model`; raises what that raises."""
    from setpiece.generate.onnx_guard import refused

    model = open_model(
        path,
        sha256=sha256,
        inputs={INPUT: (1, 5, "h", "w")},
        outputs={OUTPUT: (1, 3, "h", "w")},
        schema=SCHEMA,
        max_bytes=1024 * MEBIBYTE,
        threads=threads,
    )
    try:
        shape = NetShape(widths=tuple(int(width) for width in model.metadata["widths"].split(",")))
        tile_px = int(model.metadata["tile_px"])
        youngest, oldest = float(model.metadata["youngest"]), float(model.metadata["oldest"])
    except (KeyError, ValueError, BriefError) as error:
        raise refused(path, f"does not say its widths, tile and ages ({error})") from error
    if not (64 <= tile_px <= 4096 and 0 < youngest <= oldest <= 120):
        raise refused(path, f"states a tile of {tile_px} px and ages {youngest:g} to {oldest:g}, which are none")
    return OpenedNet(model=model, shape=shape, tile_px=tile_px, ages=(youngest, oldest))
