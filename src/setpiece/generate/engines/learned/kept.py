"""A training's numbers by name, out of the network and its optimisers and back into them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer

from setpiece.generate.engines.learned.checkpoint import State, check_shapes

_MOMENTS = ("exp_avg", "exp_avg_sq")


def arrays_of(net: nn.Module, mean: nn.Module, optimisers: Sequence[Optimizer]) -> dict[str, np.ndarray[Any, Any]]:
    """Weights, their running mean, and the optimisers' moments and step counts, by name; float32."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for label, module in (("net", net), ("mean", mean)):
        arrays |= {f"{label}.{name}": value.detach().contiguous().numpy() for name, value in module.state_dict().items()}
    for name, optimiser, parameter in _slots(optimisers):
        held = optimiser.state.get(parameter, {})
        for moment in _MOMENTS:
            value = held.get(moment)
            empty = np.zeros(tuple(parameter.shape), np.float32)
            arrays[f"{name}.{moment}"] = empty if value is None else value.contiguous().numpy()
        arrays[f"{name}.step"] = np.array([float(held["step"]) if "step" in held else 0.0], np.float32)
    return arrays


def restore(path: Path, state: State, net: nn.Module, mean: nn.Module, optimisers: Sequence[Optimizer]) -> None:
    """Put the numbers of ``state`` (read from ``path``) in their places; refused where they are not exactly those."""
    wanted: dict[str, tuple[int, ...]] = {}
    for label, module in (("net", net), ("mean", mean)):
        wanted |= {f"{label}.{name}": tuple(value.shape) for name, value in module.state_dict().items()}
    for name, _, parameter in _slots(optimisers):
        wanted |= {f"{name}.{moment}": tuple(parameter.shape) for moment in _MOMENTS}
        wanted[f"{name}.step"] = (1,)
    check_shapes(path, state.arrays, wanted)
    for label, module in (("net", net), ("mean", mean)):
        module.load_state_dict({name: torch.from_numpy(state.arrays[f"{label}.{name}"]) for name in module.state_dict()})
    for name, optimiser, parameter in _slots(optimisers):
        count = float(state.arrays[f"{name}.step"][0])
        if count:
            moments = {moment: torch.from_numpy(state.arrays[f"{name}.{moment}"]).clone() for moment in _MOMENTS}
            optimiser.state[parameter] = {"step": torch.tensor(count), **moments}


def _slots(optimisers: Sequence[Optimizer]) -> list[tuple[str, Optimizer, nn.Parameter]]:
    return [
        (f"optimiser.{index}.{number}", optimiser, parameter)
        for index, optimiser in enumerate(optimisers)
        for number, parameter in enumerate(optimiser.param_groups[0]["params"])
    ]
