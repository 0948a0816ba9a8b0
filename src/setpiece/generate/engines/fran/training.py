"""Training on a production's own consented pairs, from nothing, to a file that the engine runs.

Place in the flow: long before a shot, on whatever machine the production has; ``examples/fran_training/train.py`` calls it.
The losses know no other network: L1 and differences of neighbours at three scales, and, where asked for, a judge of patches
that is trained beside (no perceptual loss: the networks behind those come from scraped pictures). Killed at any moment it
goes on from its last checkpoint to the same bits: every step draws from a generator of its own, seeded by its number.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as tf

from setpiece.core.errors import BriefError, SetpieceError
from setpiece.generate.engines.fran.batches import Batch, Pictures, drawn, held_out
from setpiece.generate.engines.fran.net import Net, PatchJudge, weights_of
from setpiece.generate.engines.fran.pairs import Pairs, write_lineage
from setpiece.generate.engines.fran.shape import NetShape, open_net, write_model
from setpiece.media.files import sha256_file, write_bytes

SCHEMA = "setpiece.fran_checkpoint/1"
CHECKPOINT, WEIGHTS = "checkpoint.safetensors", "fran.onnx"
_CHANGED = 0.03  # codes: from here on a pixel counts as changed
_SQUARE = 10.0  # from a tenth of the range on, the square outweighs
Told = Callable[[int, float, float], None]  # step, loss of the step, held-out loss (NaN where there is none)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to train. All of it is in the checkpoint: a run goes on only as it began, but for ``threads``.

    ``mixed`` is the share of samples in which only a soft part of the face is re-aged, so that ages are followed pixel by
    pixel. ``judge`` weighs the patch judge, 0 for none.
    """

    widths: tuple[int, ...] = (32, 64, 128, 256, 256)
    steps: int = 100_000
    batch: int = 4
    crop_px: int = 256
    rate: float = 2e-4
    decay: float = 0.01
    average: float = 0.999  # of the weights, over steps
    edges: float = 1.0
    judge: float = 0.0
    judge_width: int = 32
    mixed: float = 0.3
    seed: int = 0
    checkpoint_every: int = 500
    tile_px: int = 512
    threads: int = 1

    def __post_init__(self) -> None:
        stride = NetShape(widths=self.widths).stride
        if self.crop_px % stride or self.crop_px < 2 * stride:
            raise BriefError(f"'crop_px' is {self.crop_px}", remedy=f"state a multiple of {stride}, {2 * stride} or more")
        if min(self.steps, self.batch, self.checkpoint_every, self.threads) < 1 or not 0 < self.average < 1:
            raise BriefError("a plan without steps, batch or threads is none", remedy="state 1 or more of each")


class _Run:
    """Everything that changes while training."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.step = 0
        shape = NetShape(widths=plan.widths)
        self.net, self.average = Net(shape, seed=plan.seed), Net(shape, seed=plan.seed)
        self.judge = PatchJudge(width=plan.judge_width, seed=plan.seed + 1) if plan.judge else None
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=plan.rate, weight_decay=plan.decay, foreach=False)
        self.judge_optimiser = None
        if self.judge is not None:
            self.judge_optimiser = torch.optim.AdamW(self.judge.parameters(), lr=plan.rate, betas=(0.5, 0.999), foreach=False)

    def parts(self) -> list[tuple[str, torch.nn.Module, torch.optim.Optimizer | None]]:
        found: list[tuple[str, torch.nn.Module, torch.optim.Optimizer | None]] = [
            ("net", self.net, self.optimiser),
            ("average", self.average, None),
        ]
        return found + ([] if self.judge is None else [("judge", self.judge, self.judge_optimiser)])

    def tensors(self) -> dict[str, Tensor]:
        """All of it by name, ready to be written."""
        found: dict[str, Tensor] = {}
        for part, module, optimiser in self.parts():
            for name, parameter in module.named_parameters():
                found[f"{part}.{name}"] = parameter.detach()
                if optimiser is not None:
                    state: Mapping[str, Tensor] = optimiser.state.get(parameter, {})
                    for key in ("step", "exp_avg", "exp_avg_sq"):
                        empty = torch.zeros(()) if key == "step" else torch.zeros_like(parameter)
                        found[f"{part}.{name}.{key}"] = state.get(key, empty).detach()
        return {name: value.contiguous().clone() for name, value in found.items()}

    def take(self, tensors: Mapping[str, Tensor], step: int) -> None:
        """Go on from ``tensors``, which have the names and shapes of :meth:`tensors`."""
        self.step = step
        for part, module, optimiser in self.parts():
            for name, parameter in module.named_parameters():
                with torch.no_grad():
                    parameter.copy_(tensors[f"{part}.{name}"])
                if optimiser is not None and step:
                    keys = ("step", "exp_avg", "exp_avg_sq")
                    optimiser.state[parameter] = {key: tensors[f"{part}.{name}.{key}"].clone() for key in keys}


def train(pairs: Pairs, folder: Path, plan: Plan, *, told: Told | None = None, until: int | None = None) -> Path:
    """Train on ``pairs`` in ``folder``, from its checkpoint where there is one, and return the ONNX file.

    Beside it come ``dataset.json`` and ``model.json`` for the register. ``until`` stops early after that many steps (the
    file is then the average so far); ``told`` hears of each checkpoint. Same pairs and plan, same bits.

    Raises :class:`SetpieceError` where the checkpoint is damaged or of other pairs or another plan.
    """
    folder = Path(folder)
    with _repeatable(plan.threads):
        return _trained(pairs, folder, plan, told, until)


@contextmanager
def _repeatable(threads: int) -> Iterator[None]:
    """The stated threads and repeatable kernels, for this block alone."""
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])


def _trained(pairs: Pairs, folder: Path, plan: Plan, told: Told | None, until: int | None) -> Path:
    run = _Run(plan)
    if (folder / CHECKPOINT).exists():
        _resume(folder / CHECKPOINT, run, pairs)
    learned, kept = held_out(pairs)
    pictures = Pictures(pairs.colour_space)
    last = min(plan.steps, until if until is not None else plan.steps)
    while run.step < last:
        batch = drawn(learned, pictures, plan.batch, plan.crop_px, plan.mixed, seed=(plan.seed, run.step))
        loss = _step(run, batch)
        if run.step % plan.checkpoint_every == 0 or run.step == last:
            if not math.isfinite(loss):
                raise SetpieceError("the loss is not finite", file=folder, remedy="lower 'rate' and go on from the checkpoint")
            _keep(folder / CHECKPOINT, run, pairs)
            if told is not None:
                told(run.step, loss, _held_out_loss(run, kept, pictures))
    return _finished(folder, run, pairs)


def _step(run: _Run, batch: Batch) -> float:
    plan = run.plan
    rate = plan.rate * min(1.0, (run.step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * run.step / plan.steps)))
    for optimiser in (run.optimiser, run.judge_optimiser):
        for group in [] if optimiser is None else optimiser.param_groups:
            group["lr"] = rate
    found = batch.planes[:, :3] + run.net(batch.planes)
    loss = reconstruction(found, batch.target, batch.planes[:, :3], plan.edges)
    shown = float(loss.detach())
    if run.judge is not None and run.judge_optimiser is not None:
        ages = batch.planes[:, 4:]
        loss = loss + plan.judge * (run.judge(torch.cat([found, ages], 1)) - 1).square().mean()
    run.optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(run.net.parameters(), 1.0, foreach=False)
    run.optimiser.step()
    if run.judge is not None and run.judge_optimiser is not None:
        _judge_step(run.judge, run.judge_optimiser, found.detach(), batch)
    run.step += 1
    keep = min(plan.average, run.step / (run.step + 10))
    with torch.no_grad():
        for averaged, parameter in zip(run.average.parameters(), run.net.parameters(), strict=True):
            averaged.lerp_(parameter, 1 - keep)
    return shown


def _judge_step(judge: PatchJudge, optimiser: torch.optim.Optimizer, found: Tensor, batch: Batch) -> None:
    """Least squares (Mao et al. 2017); a real face under the age that it had before is wrong too (after Reed et al. 2016)."""
    before, after = batch.planes[:, 3:4], batch.planes[:, 4:]
    real = judge(torch.cat([batch.target, after], 1))
    made = judge(torch.cat([found, after], 1))
    mistaken = judge(torch.cat([batch.planes[:, :3], after], 1))
    elsewhere = ((after - before).abs().mean((1, 2, 3), keepdim=True) > 0.1).float()
    loss = (real - 1).square().mean() + 0.5 * made.square().mean() + 0.5 * (elsewhere * mistaken.square()).mean()
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()


def reconstruction(found: Tensor, target: Tensor, before: Tensor, edges: float) -> Tensor:
    """L1 and squares of codes, and of the differences between neighbours at three scales times ``edges``: lines stay lines.

    What ageing changes is a small part of a picture: it weighs up to four times as much.
    """
    changed = ((target - before).abs().amax(1, keepdim=True) / _CHANGED).clamp(0, 1)
    error = (found - target) * (1 + 3 * changed)
    loss = _large(error)
    for _ in range(3):
        across, down = error[..., :, 1:] - error[..., :, :-1], error[..., 1:, :] - error[..., :-1, :]
        loss = loss + edges / 3 * (_large(across) + _large(down))
        error = tf.avg_pool2d(error, 2)
    return loss


def _large(error: Tensor) -> Tensor:
    """L1, with a square for large errors: a wrinkle is a few pixels that are wrong by much, and counts for what it is."""
    return (error.abs() + _SQUARE * error.square()).mean()


def _held_out_loss(run: _Run, kept: Pairs | None, pictures: Pictures) -> float:
    """L1 of the averaged weights on pairs that were not learned from; NaN where there are too few to keep any back."""
    if kept is None:
        return math.nan
    batch = drawn(kept, pictures, 4, run.plan.crop_px, 0.0, seed=(run.plan.seed, -1))
    with torch.no_grad():
        return float((batch.planes[:, :3] + run.average(batch.planes) - batch.target).abs().mean())


def _stated(plan: Plan) -> str:
    return json.dumps({name: value for name, value in asdict(plan).items() if name != "threads"}, sort_keys=True)


def _keep(path: Path, run: _Run, pairs: Pairs) -> None:
    from safetensors.torch import save

    notes = {"schema": SCHEMA, "step": run.step, "plan": _stated(run.plan), "pairs": pairs.sha256}
    # one entry: the library writes several in any order, and equal states shall be equal files
    write_bytes(path, save(run.tensors(), metadata={"setpiece": json.dumps(notes, sort_keys=True)}))


def _resume(path: Path, run: _Run, pairs: Pairs) -> None:
    """Take the checkpoint's state. Safetensors hold numbers alone: nothing in such a file can run."""
    from safetensors import safe_open

    again = "name another folder to begin anew"
    try:
        with safe_open(path, framework="pt") as file:
            notes = json.loads((file.metadata() or {}).get("setpiece", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    except Exception as error:  # the library raises its own kinds without a common base
        raise SetpieceError(f"is damaged or no checkpoint: {error}", file=path, remedy=again) from error
    if not isinstance(notes, dict) or notes.get("schema") != SCHEMA or not isinstance(notes.get("step"), int):
        raise SetpieceError("is no checkpoint of this training", file=path, remedy=again)
    if notes.get("pairs") != pairs.sha256:
        raise SetpieceError("was trained on other pairs than are listed now", file=path, remedy=again)
    if notes.get("plan") != _stated(run.plan):
        raise SetpieceError("was trained by another plan", file=path, remedy=f"state the same plan, or {again}")
    due: dict[str, Any] = {name: (value.shape, value.dtype) for name, value in run.tensors().items()}
    if due != {name: (value.shape, value.dtype) for name, value in tensors.items()}:
        raise SetpieceError("holds other tensors than this network's", file=path, remedy=again)
    if not all(bool(torch.isfinite(value).all()) for value in tensors.values()):
        raise SetpieceError("holds numbers that are not finite", file=path, remedy=again)
    run.take(tensors, notes["step"])


def _finished(folder: Path, run: _Run, pairs: Pairs) -> Path:
    path = folder / WEIGHTS
    write_model(
        path,
        run.average.shape,
        weights_of(run.average),
        ages=pairs.ages,
        tile_px=run.plan.tile_px,
        notes={"pairs_sha256": pairs.sha256, "steps": str(run.step), "name": pairs.name, "licence": pairs.licence},
    )
    open_net(path, sha256_file(path))  # what is handed over opens
    write_lineage(folder, pairs, path, name=f"fran {pairs.name}", version=f"{run.step} steps", steps=run.step)
    return path
