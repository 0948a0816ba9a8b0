"""What a training is asked for, and where one stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from setpiece.core.errors import BriefError
from setpiece.generate.engines.learned.net import NetSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """How long and how large. ``steps`` is the budget of one schedule; ``minutes`` is turned into steps once, at the start,
    by what this machine does, and kept. ``size`` of the canvas, px; ``patch`` of an example, px."""

    steps: int = 3000
    minutes: float | None = None
    size: int = 256
    patch: int = 192
    seed: int = 0
    threads: int = 2
    rate: float = 2e-3
    between: float = 0.35  # share of examples from unpainted frames
    grain: float = 0.012
    bfloat16: bool = True
    net: NetSettings = field(default_factory=NetSettings)

    def __post_init__(self) -> None:
        deep = 2 ** len(self.net.multiples)
        if self.size % deep or self.patch % deep or not deep <= self.patch <= self.size:
            raise BriefError(
                f"canvas {self.size} and patch {self.patch} px do not fit the network",
                remedy=f"state multiples of {deep}, the patch no larger than the canvas",
            )
        if self.steps < 1 or self.threads < 1 or (self.minutes is not None and not 0 < self.minutes <= 24 * 60):
            raise BriefError("the training has no budget", remedy="state steps, minutes and threads above zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a training stands: ``loss`` of the last steps, ``held_out`` on the keyframe that a member has not seen (network
    alone, fused), in stops; None where no keyframe could be held out."""

    step: int
    steps: int
    loss: float
    held_out: tuple[float, float] | None = None


def held_out(keys: int, members: int) -> list[int | None]:
    """Which keyframe each member does not see: different ones, from three keyframes on."""
    if keys < 3:
        return [None] * members
    return [(keys * (member + 1)) // (members + 1) for member in range(members)]
