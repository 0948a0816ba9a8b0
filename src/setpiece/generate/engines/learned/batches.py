"""Examples as the network takes them, and what its answers are measured by."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from setpiece.generate.engines.learned.augment import Example
from setpiece.generate.engines.learned.net import STOPS, WARP_PX

CHANGED = 0.008  # network units of gain: what counts as painted


def loss_of(gain: Tensor, logit: Tensor, warp: Tensor, batch: dict[str, Tensor], *, moves: bool) -> Tensor:
    """Charbonnier on the gain, four times on what was painted, by trust; whether anything holds; the warp, if any."""
    target = batch["gain"] / STOPS
    painted = (target.abs().amax(1, keepdim=True) > CHANGED).float()
    error = gain - target
    loss = (torch.sqrt(error * error + 1e-6) * (1 + 3 * painted) * batch["trust"]).mean()
    holds = (batch["alpha"] > 0.5).float()
    gate = functional.binary_cross_entropy_with_logits(logit, holds, weight=batch["trust"])
    loss = loss + 0.002 * gate
    if moves:
        off = (warp - batch["warp"] / WARP_PX) * batch["trust"]
        loss = loss + 0.25 * torch.sqrt(off * off + 1e-6).mean()
    return loss


def stacked(examples: list[Example]) -> dict[str, Tensor]:
    """Examples as one batch, by name."""
    names = ("light", "uv", "gain", "alpha", "warp", "trust", "prior")
    stacks = {name: torch.from_numpy(np.stack([getattr(e, name) for e in examples])) for name in names}
    return {name: value.contiguous(memory_format=torch.channels_last) for name, value in stacks.items()}


def tensor_of(planes: np.ndarray) -> Tensor:
    """(h, w, c) as (c, h, w)."""
    return torch.from_numpy(np.array(planes.transpose(2, 0, 1), np.float32, order="C"))


def picture_of(planes: Tensor) -> np.ndarray:
    """The first of (b, c, h, w) as (h, w, c)."""
    return np.ascontiguousarray(planes[0].float().numpy().transpose(1, 2, 0))
