"""Run benchmarks: ``python -m benchmarks whole SHOT``, then ``{engines,scaling} SHOT`` on the folder of a shot that was run.

Results land in ``benchmarks/results``: JSON with every figure, Markdown for reading, pictures for looking.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import house_vs_cycles
import scaling
import whole_shot
from shot_stage import load_shot

from setpiece.media.files import write_json, write_text

RESULTS = Path(__file__).parent / "results"


def say(line: str) -> None:
    """A line of progress."""
    print(line, file=sys.stderr, flush=True)


def machine() -> dict[str, Any]:
    """Where the figures come from."""
    return {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version(),
            "load_1min": os.getloadavg()[0]}  # fmt: skip


def numbers(text: str) -> tuple[int, ...]:
    """``960,1920`` as integers."""
    return tuple(int(item) for item in text.split(","))


def engines(options: argparse.Namespace) -> None:
    """House against Cycles."""
    stage = load_shot(options.shot)
    middle = stage.frames.first + len(stage.frames) // 2
    plan = house_vs_cycles.Plan(
        frames=numbers(options.frames) if options.frames else (middle, stage.frames.last - 2),
        widths=numbers(options.widths),
        samples=options.samples,
        reference_samples=options.reference,
        reference_widths=numbers(options.reference_widths) if options.reference_widths else (),
        out=RESULTS,
    )
    rows = house_vs_cycles.measure(stage, plan, say)
    write_json(RESULTS / f"engines_{stage.name}.json", {"machine": machine(), "samples": plan.samples,
                                                        "reference_samples": plan.reference_samples, "rows": rows})  # fmt: skip
    write_text(RESULTS / f"engines_{stage.name}.md", house_vs_cycles.table(rows))


def growth(options: argparse.Namespace) -> None:
    """Cost against frames, pixels and pieces."""
    stage = load_shot(options.shot)
    frame = stage.frames.first + len(stage.frames) * 2 // 3
    with tempfile.TemporaryDirectory() as folder:
        results: dict[str, Any] = {
            "machine": machine(),
            "frames": scaling.by_frames(stage, count=options.count, width=960, say=say),
            "pixels": scaling.by_pixels(stage, widths=numbers(options.widths), frame=frame, say=say),
            "pieces": scaling.by_pieces(numbers(options.pieces), Path(folder), say=say),
        }
    write_json(RESULTS / "scaling.json", results)
    scaling.plot(results, RESULTS / "scaling.png")


def whole(options: argparse.Namespace) -> None:
    """The whole job from a cold start; leaves the shot in ``options.shot`` for the others."""
    from setpiece.wiring import DEMO_PLATE

    row = whole_shot.measure(DEMO_PLATE, options.shot, scale=0.5, frames="1001-1048", pieces=2300)
    write_json(RESULTS / "whole_shot.json", {"machine": machine(), "rows": [row]})
    say(f"{row['frames']} at 960x540: {row['wall_s']} s, {row['peak_mb']} MB")


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("engines", help="house against Cycles, and both against a reference")
    one.add_argument("shot", type=Path)
    one.add_argument("--frames", help="for example 1030,1050")
    one.add_argument("--widths", default="960,1920")
    one.add_argument("--samples", type=int, default=64)
    one.add_argument("--reference", type=int, default=512, help="samples of the reference")
    one.add_argument("--reference-widths", default="960", help="sizes at which the reference is made ('': none)")
    one.set_defaults(run=engines)
    zero = commands.add_parser("whole", help="the whole job from a cold start, on the shipped plate")
    zero.add_argument("shot", type=Path)
    zero.set_defaults(run=whole)
    two = commands.add_parser("scaling", help="cost against frames, pixels and pieces")
    two.add_argument("shot", type=Path)
    two.add_argument("--count", type=int, default=24)
    two.add_argument("--widths", default="480,720,960,1440,1920")
    two.add_argument("--pieces", default="300,600,1200,2400,4800")
    two.set_defaults(run=growth)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
