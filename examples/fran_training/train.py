"""Train a re-ageing network on a production's own consented pairs.

    python examples/fran_training/train.py PAIRS.json OUT [--steps 100000] [--threads 2] …

OUT gets the checkpoint (run the same command again after a kill: it goes on), ``fran.onnx`` for the engine, and
``dataset.json`` and ``model.json`` for the register. See docs/tutorials/fran.md.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

from setpiece.core.errors import BriefError, DependencyMissing, Interrupted, SetpieceError
from setpiece.media.files import sha256_file


def main(arguments: list[str] | None = None) -> int:
    try:
        asked = _asked(arguments)
        _train(asked)
    except SetpieceError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped; the same command goes on from the last checkpoint", file=sys.stderr)
        return Interrupted.exit_code
    return 0


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pairs", type=Path, help="the list of pairs, setpiece.fran_pairs/1")
    parser.add_argument("out", type=Path, help="a folder for this training")
    parser.add_argument("--widths", default="32,64,128,256,256", help="channels of each level, finest first")
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--crop", type=int, default=256, metavar="PX")
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--judge", type=float, default=0.0, metavar="WEIGHT", help="of the patch judge; 0.05 is a start")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoint-every", type=int, default=500, metavar="STEPS")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--check", action="store_true", help="only look whether every pair may be learned from")
    return parser.parse_args(arguments)


def _train(asked: argparse.Namespace) -> None:
    from setpiece.generate.engines.fran.pairs import read_pairs

    pairs = read_pairs(asked.pairs)
    print(f"{len(pairs.items)} pairs, ages {pairs.ages[0]:g} to {pairs.ages[1]:g}: every item has its lineage")
    if asked.check:
        return
    try:
        from setpiece.generate.engines.fran.training import Plan, train
    except ImportError as error:
        raise DependencyMissing(f"{error.name} is not installed", remedy="pip install torch safetensors onnx") from error
    try:
        widths = tuple(int(width) for width in asked.widths.split(","))
    except ValueError as error:
        raise BriefError(f"'{asked.widths}' are no widths", remedy="write 32,64,128,256,256") from error
    plan = Plan(
        widths=widths,
        steps=asked.steps,
        batch=asked.batch,
        crop_px=asked.crop,
        rate=asked.rate,
        judge=asked.judge,
        seed=asked.seed,
        checkpoint_every=asked.checkpoint_every,
        threads=asked.threads,
    )
    weights = train(pairs, asked.out, plan, told=_told)
    print(f"{weights}: SHA-256 {sha256_file(weights)}")
    print(f"register it: setpiece clear dataset {asked.out / 'dataset.json'}; setpiece clear model {asked.out / 'model.json'}")


def _told(step: int, loss: float, held_out: float) -> None:
    measured = "" if math.isnan(held_out) else f", held out {held_out:.4f}"
    print(f"step {step}: loss {loss:.4f}{measured}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
