"""The network for training, in PyTorch, and the judge of patches that may train beside it. Nothing else imports this.

The plan is :class:`.shape.NetShape`; names of weights are those of the ONNX file. Refuses nothing: see :mod:`.training`.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as tf

from setpiece.generate.engines.fran.shape import BLUR, LEAK, NetShape


class Net(nn.Module):
    """Five planes (b, 5, h, w), sides multiples of the stride, to differences of codes (b, 3, h, w). Starts at 0."""

    def __init__(self, shape: NetShape, *, seed: int) -> None:
        super().__init__()
        self.shape = shape
        generator = torch.Generator().manual_seed(seed)
        self.layers = nn.ModuleDict()
        for name, (before, after, side) in shape.convolutions().items():
            layer = nn.Conv2d(before, after, side, padding=side // 2)
            with torch.no_grad():
                assert layer.bias is not None
                layer.bias.zero_()
                if name == "head":  # an untrained network changes nothing
                    layer.weight.zero_()
                else:  # He et al. 2015, for leaky rectifiers
                    spread = (2 / ((1 + LEAK**2) * before * side * side)) ** 0.5
                    layer.weight.copy_(torch.randn(layer.weight.shape, generator=generator) * spread)
            self.layers[name] = layer
        self.blur: Tensor
        self.register_buffer("blur", torch.from_numpy(BLUR)[None, None], persistent=False)

    def _level(self, value: Tensor, name: str) -> Tensor:
        for part in ("a", "b"):
            value = tf.leaky_relu(self.layers[name + part](value), LEAK)
        return value

    def forward(self, planes: Tensor) -> Tensor:
        """The difference that re-ages, in codes."""
        value, skips = planes, []
        for level in range(len(self.shape.widths)):
            if level:
                channels = value.shape[1]
                value = tf.conv2d(value, self.blur.expand(channels, 1, 4, 4), stride=2, padding=1, groups=channels)
            value = self._level(value, f"down{level}")
            skips.append(value)
        for level in reversed(range(len(self.shape.widths) - 1)):
            larger = tf.interpolate(value, scale_factor=2, mode="bilinear", align_corners=False)
            value = self._level(torch.cat([larger, skips[level]], 1), f"up{level}")
        rate: Tensor = self.layers["head"](value)
        return rate * (planes[:, 4:5] - planes[:, 3:4])


class PatchJudge(nn.Module):
    """Says of each patch whether it looks like a face of the stated age (Isola et al. 2017): (b, 4, h, w) to (b, 1, h', w').

    Sees the picture's codes and the age that it is said to show; trained from nothing, on the production's own pairs.
    """

    def __init__(self, *, width: int, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        widths = [4, width, width * 2, width * 4]
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in itertools.pairwise(widths))
        self.last = nn.Conv2d(widths[-1], 1, 3, padding=1)
        with torch.no_grad():
            for parameter in self.parameters():
                fan = parameter[0].numel() if parameter.ndim > 1 else 0
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * (2 / fan) ** 0.5 if fan else 0 * parameter)

    def forward(self, value: Tensor) -> Tensor:
        """Above 0: real."""
        for layer in self.layers:
            value = tf.leaky_relu(layer(value), LEAK)
        found: Tensor = self.last(value)
        return found


def weights_of(net: Net) -> dict[str, np.ndarray[Any, Any]]:
    """The weights as the ONNX writer wants them."""
    return {name.removeprefix("layers."): value.detach().numpy() for name, value in net.state_dict().items()}
