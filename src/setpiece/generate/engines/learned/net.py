"""The network that learns one shot: light and chart in; log gain, alpha, warp and trust in the propagation out.

After Zoss et al. 2022 ("Production-ready face re-aging for visual effects", FRAN): a U-Net that predicts a *difference*,
here in stops, so that the plate keeps its grain. It is small, and told where on the face it is by Fourier features of the
chart (Tancik et al. 2020): with a handful of keyframes that beats size. There may be several members, whose mean is
steadier; each is judged by a keyframe that it does not see for most of the training. ``Corrector`` mends the
propagation where something is unexplained, ``Fusion`` weighs it against the members, pixel by pixel. Imported only where
something is trained or exported: inference needs no torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

STOPS = 6.0  # the network's unit of gain
WARP_PX = 8.0  # and of warp, in pixels of the canvas
OCTAVES = 4
_START_ALPHA = 3.0  # logit: everything holds until something shows that it does not


@dataclass(frozen=True, slots=True, kw_only=True)
class NetSettings:
    """The network's size: channels at the first level, their multiples below, members, chart octaves, channels of the
    corrector."""

    channels: int = 16
    multiples: tuple[int, ...] = (1, 2, 4, 4)
    members: int = 1
    octaves: int = OCTAVES
    corrector: int = 12


class _Block(nn.Module):
    """Residual pair of 3x3 convolutions whose share starts small."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.share = nn.Parameter(torch.full((1, channels, 1, 1), 0.3))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.share * self.second(functional.silu(self.first(x)))


class Member(nn.Module):
    """One U-Net at half the canvas' resolution: additive skips, a head that starts at nothing."""

    def __init__(self, settings: NetSettings) -> None:
        super().__init__()
        widths = [settings.channels * m for m in settings.multiples]
        self.octaves = settings.octaves
        self.stem = nn.Conv2d(12 + 2 + 4 * settings.octaves, widths[0], 3, padding=1)
        self.down = nn.ModuleList([nn.Conv2d(a, b, 2, stride=2) for a, b in pairwise(widths)])
        self.into = nn.ModuleList([_Block(width) for width in widths])
        self.up = nn.ModuleList([nn.Conv2d(b, a, 1) for a, b in pairwise(widths)])
        self.out = nn.ModuleList([_Block(width) for width in widths[:-1]])
        self.head = nn.Conv2d(widths[0], 16, 3, padding=1)
        self.bend = nn.Conv2d(widths[min(2, len(widths) - 1)], 2, 3, padding=1)
        self.bend_level = min(2, len(widths) - 1)
        _nothing(self.head)
        _nothing(self.bend)

    def forward(self, light: Tensor, chart: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``light`` (b, 3, n, n) coded, ``chart`` (b, 2 + 4 octaves, n/2, n/2) → gain (b, 3, n, n) in network units with
        alpha in it, the logit of alpha (b, 1, n, n), warp (b, 2, n, n) in network units."""
        x = functional.silu(self.stem(torch.cat([functional.pixel_unshuffle(light, 2), chart], 1)))
        skips: list[Tensor] = []
        for level, block in enumerate(self.into):
            x = block(x)
            if level < len(self.down):
                skips.append(x)
                x = functional.silu(self.down[level](x))
        bend = self.bend(x) if self.bend_level == len(self.into) - 1 else None
        for level in range(len(self.up) - 1, -1, -1):
            x = self.out[level](functional.interpolate(self.up[level](x), scale_factor=2.0, mode="nearest") + skips[level])
            if level == self.bend_level:
                bend = self.bend(x)
        head = functional.pixel_shuffle(self.head(x), 2).float()
        logit = head[:, 3:4] + _START_ALPHA
        assert bend is not None
        warp = functional.interpolate(bend.float(), scale_factor=float(2 ** (self.bend_level + 1)), mode="bilinear")
        return head[:, :3] * 0.3 * torch.sigmoid(logit), logit, warp


class Corrector(nn.Module):
    """Reads what the propagation cannot explain: where to withdraw it (a hand), what to add (a deeper crease).

    It is not told where it is on the face, so it cannot learn a keyframe by heart: what it learns of one holds in another.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(4 * 11, channels, 3, padding=1)
        self.near = _Block(channels)
        self.wide = nn.ModuleList([nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2)])
        self.far = _Block(channels)
        self.head = nn.Conv2d(channels, 16, 3, padding=1)
        _nothing(self.head)

    def forward(self, light: Tensor, prior: Tensor) -> tuple[Tensor, Tensor]:
        """``light`` (b, 3, n, n) coded, ``prior`` (b, 8, n, n): gain in network units, open, confidence, missing light in
        network units → how much of the propagation stays (b, 1, n, n) 0..1, what is added (b, 3, n, n) network units."""
        told = torch.cat([light, prior[:, :3] * 4.0, prior[:, 3:5], prior[:, 5:8] * 4.0], 1)
        x = functional.silu(self.stem(functional.pixel_unshuffle(told, 2)))
        x = self.near(x)
        broad = functional.avg_pool2d(x, 4)
        for layer in self.wide:
            broad = functional.silu(layer(broad))
        x = x + 0.3 * functional.interpolate(broad, scale_factor=4.0, mode="bilinear")
        head = functional.pixel_shuffle(self.head(self.far(x)), 2).float()
        there = (prior[:, 4:5] * 50.0).clamp(0, 1)
        stays = torch.sigmoid(head[:, :1] + 12.0 * (prior[:, 3:4] - 0.45)) * there
        return stays, head[:, 1:] * 0.2 * there


class Fusion(nn.Module):
    """How far the corrected propagation is to be trusted beside the members, pixel by pixel, seeing both and the light.

    Untrained it trusts what it is told, a sure propagation more: withdrawing it is the corrector's part.
    """

    def __init__(self, channels: int = 8) -> None:
        super().__init__()
        self.first = nn.Conv2d(15, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.third = nn.Conv2d(channels, channels, 3, padding=1)
        self.last = nn.Conv2d(channels, 1, 1)
        _nothing(self.last)

    def forward(self, light: Tensor, told: Tensor, doubt: Tensor, gain: Tensor) -> Tensor:
        """``light`` (b, 3, n, n) coded, ``told`` (b, 3, n, n) the corrected propagation, ``doubt`` (b, 2, n, n) what stays
        of it and its confidence, ``gain`` (b, 3, n, n) the members'; network units → trust (b, 1, n, n) 0..1."""
        half = functional.avg_pool2d(torch.cat([light, told, doubt, gain], 1), 2)
        apart = (half[:, 3:6] - half[:, 8:11]) * 8.0
        x = torch.cat([half[:, :3], half[:, 3:6] * 4.0, half[:, 6:8], half[:, 8:11] * 4.0, apart.abs(), apart.mean(1, True)], 1)
        x = functional.silu(self.first(x))
        x = x + functional.silu(self.second(x))
        x = x + functional.silu(self.third(x))
        logit = functional.interpolate(self.last(x).float(), scale_factor=2.0, mode="bilinear")
        return torch.sigmoid(logit + 2.0 * doubt[:, 1:2] + 2.0) * (doubt[:, 1:2] * 50.0).clamp(0, 1)


class ShotNet(nn.Module):
    """All of it, as it is exported."""

    def __init__(self, settings: NetSettings) -> None:
        super().__init__()
        self.settings = settings
        self.members = nn.ModuleList([Member(settings) for _ in range(settings.members)])
        self.corrector = Corrector(settings.corrector)
        self.fusion = Fusion()

    def forward(self, light: Tensor, uv: Tensor, prior: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """``light`` (b, 3, n, n) coded, ``uv`` (b, 2, n, n), ``prior`` (b, 8, n, n): gain in stops, open, confidence,
        missing light in stops → what is added to the propagation, in stops (b, 3, n, n), the members' part of alpha
        (b, 1, n, n) and of the warp, px of the canvas (b, 2, n, n), and the propagation's share (b, 1, n, n) 0..1."""
        chart = fourier(uv, self.settings.octaves)
        found = [member(light, chart) for member in self.members]
        gain, alpha, warp = mean_of(found)
        told = in_units(prior)
        stays, added = self.corrector(light, told)
        corrected = stays * told[:, :3] + added
        trust = self.fusion(light, corrected, torch.cat([stays, told[:, 4:5]], 1), gain)
        own = 1 - trust
        return (trust * added + own * gain) * STOPS, own * alpha, own * warp * WARP_PX, trust * stays


def mean_of(found: list[tuple[Tensor, Tensor, Tensor]]) -> tuple[Tensor, Tensor, Tensor]:
    """The members' mean gain, alpha (no longer a logit) and warp, in network units."""
    gain = torch.stack([f[0] for f in found]).mean(0)
    alpha = torch.stack([torch.sigmoid(f[1]) for f in found]).mean(0)
    return gain, alpha, torch.stack([f[2] for f in found]).mean(0)


def in_units(prior: Tensor) -> Tensor:
    """A propagation's planes (b, 8, n, n) with stops turned into network units."""
    return torch.cat([prior[:, :3] / STOPS, prior[:, 3:5], prior[:, 5:8] / STOPS], 1)


def _nothing(layer: nn.Conv2d) -> None:
    """A layer that starts at nothing."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def laid_out(net: ShotNet, *, for_training: bool) -> ShotNet:
    """The network with its weights in the memory order that trains fastest on a CPU, or in the plain one."""
    order = torch.channels_last if for_training else torch.contiguous_format
    module: Any = net
    return module.to(memory_format=order)


def fourier(uv: Tensor, octaves: int) -> Tensor:
    """Chart coordinates (b, 2, n, n) in -1..1 as (b, 2 + 4 octaves, n/2, n/2): themselves, then sine and cosine."""
    half = functional.avg_pool2d(uv, 2)
    parts = [half]
    for octave in range(octaves):
        angle = half * (math.pi * 2.0**octave)
        parts += [torch.sin(angle), torch.cos(angle)]
    return torch.cat(parts, 1)


def parameters_in(net: nn.Module) -> int:
    """How many numbers the network has learned."""
    return sum(p.numel() for p in net.parameters())
