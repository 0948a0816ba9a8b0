"""Run benchmarks: ``python -m benchmarks whole SHOT``, then ``{engines,scaling} SHOT`` on the folder of a shot that was run;
``python -m benchmarks deage`` for de-ageing, which makes its own shots.

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

import deage
import deage_speed
import gates
import house_vs_cycles
import reference_crops
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
    """``960,1920`` as integers; "" is none."""
    return tuple(int(item) for item in text.split(",") if item)


def engines(options: argparse.Namespace) -> None:
    """House against Cycles."""
    stage = load_shot(options.shot)
    middle = stage.frames.first + len(stage.frames) // 2
    plan = house_vs_cycles.Plan(
        frames=numbers(options.frames) if options.frames else (middle, stage.frames.last - 2),
        widths=numbers(options.widths),
        samples=options.samples,
        reference_samples=options.reference,
        reference_widths=numbers(options.reference_widths),
        out=options.results,
    )
    rows = house_vs_cycles.measure(stage, plan, say)
    size = numbers(options.crop_size.replace("x", ","))
    crops = [
        row
        for width in numbers(options.crop_widths)
        for row in reference_crops.measure(
            stage, width=width, frames=plan.frames, count=options.crops, size=(size[0], size[1]), samples=plan.samples,
            reference_samples=plan.reference_samples, out=plan.out, say=say,
        )
    ]  # fmt: skip
    found = {
        "machine": machine(),
        "samples": plan.samples,
        "reference_samples": plan.reference_samples,
        "rows": rows,
        "crops": crops,
    }
    write_json(plan.out / f"engines_{stage.name}.json", found)
    write_text(plan.out / f"engines_{stage.name}.md", house_vs_cycles.table(rows) + house_vs_cycles.crop_table(crops))


def growth(options: argparse.Namespace) -> None:
    """Cost against frames, pixels and pieces."""
    from setpiece.wiring import DEMO_PLATE

    stage = load_shot(options.shot)
    frame = stage.frames.first + len(stage.frames) * 2 // 3
    with tempfile.TemporaryDirectory() as folder:
        results: dict[str, Any] = {
            "machine": machine(),
            "frames": whole_shot.by_lengths(
                DEMO_PLATE, Path(folder), lengths=numbers(options.lengths), scale=options.scale,
                pieces=options.shot_pieces, say=say,
            ),
            "pixels": scaling.by_pixels(stage, widths=numbers(options.widths), frame=frame, say=say),
            "pieces": scaling.by_pieces(numbers(options.pieces), Path(folder), say=say),
        }  # fmt: skip
    write_json(options.results / "scaling.json", results)
    scaling.plot(results, options.results / "scaling.png")


def whole(options: argparse.Namespace) -> None:
    """The whole job from a cold start; leaves the shot in ``options.shot`` for the others."""
    from setpiece.wiring import DEMO_PLATE

    row = whole_shot.measure(DEMO_PLATE, options.shot, scale=0.5, frames="1001-1048", pieces=2300)
    say(f"{row['frames']} at 960x540: {row['wall_s']} s, {row['cpu_s']} CPU s, {row['peak_mb']} MB")
    with tempfile.TemporaryDirectory() as folder:
        cost = gates.measure(options.shot, Path(folder) / "shot", say)
    share = {name: round(100 * cost[name] / row[name], 2) for name in ("cpu_s", "wall_s")}
    say(f"both gates: {cost['cpu_s']} CPU s, {share['cpu_s']} % of the run's; {cost['wall_s']} s, {share['wall_s']} %")
    found = {"machine": machine(), "rows": [row], "gates": cost, "gates_percent_of_run": share}
    write_json(options.results / "whole_shot.json", found)


def words(text: str) -> tuple[str, ...]:
    """``A,A_x`` as names."""
    return tuple(item for item in text.split(",") if item)


def ageing(options: argparse.Namespace) -> None:
    """Every way to carry keyframes, over takes whose truth is known; and how fast the engines are."""
    name = options.name or f"deage_{'_'.join(options.shots)}"
    plan = deage.Plan(
        shots=options.shots, methods=options.methods, keys=options.keys,
        seeds=tuple(range(options.first_seed, options.first_seed + options.seeds)),
        minutes=tuple(float(item) for item in words(options.minutes)), step=options.frames_step, frames=options.frames,
        size=options.size, track=options.track, out=options.results, threads=options.threads,
    )  # fmt: skip
    found: dict[str, Any] = {"machine": machine()}
    text = ""
    if options.join:
        found |= deage.joined(options.join)
    elif not options.speed_only:
        found["rows"] = deage.run(plan, say)
    if "rows" in found:
        text = deage.table(found["rows"])
    if options.speed or options.speed_only:
        found["speed"] = deage_speed.run(say, threads=options.threads)
        text += "\n" + deage_speed.table(found["speed"])
    write_json(options.results / f"{name}.json", found)
    write_text(options.results / f"{name}.md", text)
    print(text, end="")


def ageing_options(parser: argparse.ArgumentParser) -> None:
    """What ``deage`` may be told."""
    parser.add_argument("--shots", type=words, default=("A", "A_x", "H", "A_g"), help="for example A,A_x,classic_x")
    parser.add_argument("--methods", type=words, default=deage.Plan().methods, help="for example flow,propagate,learned")
    parser.add_argument("--keys", type=numbers, default=(4,), help="numbers of keyframes: 3,4,6")
    parser.add_argument("--seeds", type=int, default=1, help="how many takes of each shot")
    parser.add_argument("--first-seed", type=int, default=0, help="the seed of the first of them")
    parser.add_argument("--join", type=Path, nargs="+", help="measure nothing: put these results (JSON) into one table")
    parser.add_argument("--minutes", default="2", help="of training, for example 2,10")
    parser.add_argument("--frames-step", type=int, default=1, help="measure on every so-many-th held-out frame")
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--track", default="house", help="house, plain or true: whose landmarks the engines are given")
    parser.add_argument("--speed", action="store_true", help="time the engines too")
    parser.add_argument("--speed-only", action="store_true", help="time the engines, nothing else")
    parser.add_argument("--name", help="of the results (default: deage_SHOTS)")
    parser.set_defaults(run=ageing)


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
    one.add_argument("--crop-widths", default="", help="sizes at which the reference is made over crops ('': none)")
    one.add_argument("--crops", type=int, default=4, help="crops a frame")
    one.add_argument("--crop-size", default="240x136")
    one.set_defaults(run=engines)
    zero = commands.add_parser("whole", help="the whole job from a cold start, on the shipped plate")
    zero.add_argument("shot", type=Path)
    zero.set_defaults(run=whole)
    two = commands.add_parser("scaling", help="cost against frames, pixels and pieces")
    two.add_argument("shot", type=Path)
    two.add_argument("--lengths", default="12,24,48,96", help="frames of the whole shots")
    two.add_argument("--scale", type=float, default=0.5, help="size of the whole shots over the plate's")
    two.add_argument("--shot-pieces", type=int, default=2300, help="pieces in the whole shots")
    two.add_argument("--widths", default="480,960,1440,1920")
    two.add_argument("--pieces", default="600,1200,2400,4800")
    two.set_defaults(run=growth)
    three = commands.add_parser("deage", help="ways to carry keyframes, against takes whose truth is known")
    ageing_options(three)
    for each in (one, zero, two, three):
        each.add_argument("--results", type=Path, default=RESULTS, help="where figures and pictures go")
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
