"""The network that learns one shot: light, chart and propagation in; log gain, alpha, warp and who is to be heard out.

After Zoss et al. 2022 ("Production-ready face re-aging for visual effects", FRAN): a U-Net that predicts a *difference*,
here in stops, so that the plate keeps its grain. It is small, and told where on the face it is by Fourier features of the
chart (Tancik et al. 2020): with a handful of keyframes that beats size. There may be several members, whose mean is
steadier; each is judged by a keyframe that it does not see for most of the training. ``Judge`` weighs them against the
propagation, pixel by pixel, where that is unsure. Imported only where something is trained or exported: inference needs
no torch.
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
    judge."""

    channels: int = 16
    multiples: tuple[int, ...] = (1, 2, 4, 4)
    members: int = 1
    octaves: int = OCTAVES
    judge: int = 12


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


class Judge(nn.Module):
    """Who is to be heard where the propagation is unsure: the propagation, the members, or nobody (a hand is before it).

    It sees what both say, the light, what the propagation cannot explain, and where on the face that is. Where nothing is
    propagated it alone decides; elsewhere it may replace what the propagation says of itself, in as far as that is unsure.
    ``heed`` is how far it is heeded there, 0..1, as its trials allow (:mod:`.trial`).
    """

    heed: Tensor

    def __init__(self, channels: int, octaves: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(4 * 15 + 2 + 4 * octaves, channels, 3, padding=1)
        self.near = _Block(channels)
        wide = 2 * channels
        self.down = nn.ModuleList([nn.Conv2d(channels, wide, 2, stride=2), nn.Conv2d(wide, wide, 2, stride=2)])
        self.far = nn.ModuleList([_Block(wide), _Block(wide)])
        self.up = nn.ModuleList([nn.Conv2d(wide, channels, 1), nn.Conv2d(wide, wide, 1)])
        self.out = _Block(channels)
        self.head = nn.Conv2d(channels, 8, 3, padding=1)
        self.register_buffer("heed", torch.zeros(1))
        _nothing(self.head)

    def forward(
        self, light: Tensor, chart: Tensor, prior: Tensor, gain: Tensor, alpha: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """``light`` (b, 3, n, n) coded, ``chart`` (b, 2 + 4 octaves, n/2, n/2), ``prior`` (b, 8, n, n) and the members'
        ``gain`` (b, 3, n, n) in network units, their ``alpha`` (b, 1, n, n) → shares of the propagation and of the members
        and how far both may replace what the propagation says of itself, if heeded, each (b, 1, n, n) 0..1."""
        told = torch.cat([light, prior[:, :3] * 4.0, prior[:, 3:5], prior[:, 5:8] * 4.0, gain * 4.0, alpha], 1)
        x = self.near(functional.silu(self.stem(torch.cat([functional.pixel_unshuffle(told, 2), chart], 1))))
        half = self.far[0](functional.silu(self.down[0](x)))
        broad = self.far[1](functional.silu(self.down[1](half)))
        half = half + functional.interpolate(self.up[1](broad), scale_factor=2.0, mode="nearest")
        x = self.out(x + functional.interpolate(self.up[0](half), scale_factor=2.0, mode="nearest"))
        said = functional.pixel_shuffle(self.head(x), 2).float()
        there = (prior[:, 4:5] * 50.0).clamp(0, 1)
        seen = torch.sigmoid(4.0 * said[:, :1] + 3.0 * (prior[:, 3:4] - 0.5))
        own = 1 - there * (1 - torch.sigmoid(4.0 * said[:, 1:] - 1.0))
        doubt = 1 - torch.minimum(prior[:, 3:4], prior[:, 4:5])
        unsure = (2.0 * functional.avg_pool2d(doubt, 9, 1, 4, count_include_pad=False) - 0.5).clamp(0, 1)
        return seen * (1 - own), own, 1 - there * (1 - unsure)

    def heeded(self, prior: Tensor, shares: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """``shares`` as far as the judge is heeded: where nothing is propagated at all, always."""
        there = (prior[:, 4:5] * 50.0).clamp(0, 1)
        return shares[0], shares[1], shares[2] * (1 - there * (1 - self.heed))


class ShotNet(nn.Module):
    """All of it, as it is exported."""

    def __init__(self, settings: NetSettings) -> None:
        super().__init__()
        self.settings = settings
        self.members = nn.ModuleList([Member(settings) for _ in range(settings.members)])
        self.judge = Judge(settings.judge, settings.octaves)

    def forward(self, light: Tensor, uv: Tensor, prior: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """``light`` (b, 3, n, n) coded, ``uv`` (b, 2, n, n), ``prior`` (b, 8, n, n): gain in stops, open, confidence,
        missing light in stops → the members' part of gain, stops (b, 3, n, n), of alpha (b, 1, n, n) and of the warp, px of
        the canvas (b, 2, n, n), the propagation's share, and ``allow`` (b, 1, n, n) 0..1: elsewhere the propagation stands."""
        chart = fourier(uv, self.settings.octaves)
        gain, alpha, warp = mean_of([member(light, chart) for member in self.members])
        told, own, allow = self.judge.heeded(prior, self.judge(light, chart, in_units(prior), gain, alpha))
        own = allow * own
        return own * gain * STOPS, own * alpha, own * warp * WARP_PX, allow * told, allow


def judged(shares: tuple[Tensor, Tensor, Tensor], told: Tensor, gain: Tensor) -> tuple[Tensor, Tensor]:
    """The gain that comes of the judge's ``shares``, and the propagation's own, both (b, 3, n, n) in network units."""
    follow, own, allow = shares
    alone = told[:, 3:4] * told[:, :3]
    return alone * (1 - allow) + allow * (follow * told[:, :3] + own * gain), alone


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
