"""De-ageing measured: every way to carry an artist's keyframes, over takes whose truth is known.

Rows are shots (:mod:`examples.performances.shots`) by number of keyframes and seed; columns the ways of :mod:`deage_ways`.
Figures, tables and difference pictures land in ``benchmarks/results``.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from deage_measures import Material, box_of, measure, shoot, shown, subset
from deage_ways import WAYS, Settings, Way
from examples.performances.shots import keyframes, shot
from pictures import clocked

from setpiece.core.arrays import Rgb
from setpiece.core.errors import BriefError, SetpieceError

AMPLIFIED = 12.0
TRAINED = ("network", "learned")
ENGINES = ("propagate", "learned")  # what is asked is asked of these
SIMPLE = ("nothing", "plain_makeup", "mesh", "flow")
ASKED_DB = {"A": 52.0, "A_x": 44.5, "H": 46.0, "A_g": 43.0}  # with no training
ASKED_TRAINED_DB = {"A_x": ((2.0, 46.0), (10.0, 47.5))}  # after so many minutes
STEADY = (0.9, 1.1)  # flicker over the truth's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to measure, and where results go."""

    shots: tuple[str, ...] = ("A", "A_x", "H", "A_g")
    methods: tuple[str, ...] = tuple(WAYS)
    keys: tuple[int, ...] = (4,)
    seeds: tuple[int, ...] = (0,)
    minutes: tuple[float, ...] = (2.0,)
    step: int = 1
    frames: int = 60
    size: int = 512
    track: str = "house"
    out: Path = Path("benchmarks/results")
    threads: int = 2


def run(plan: Plan, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Every row of ``plan``; an engine that is not there is said and left out."""
    cv2.setNumThreads(1)
    for name in plan.methods:
        if name not in WAYS:
            raise BriefError(f"there is no method '{name}'", remedy=f"take some of {', '.join(WAYS)}")
    rows: list[dict[str, Any]] = []
    for name in plan.shots:
        for seed in plan.seeds:
            began = time.perf_counter()
            material = shoot(shot(name, seed=seed, size=plan.size, frames=plan.frames), track=plan.track)
            away = ((material.track.landmarks - material.landmarks)[..., :2] ** 2).sum(axis=-1)
            say(
                f"{name} seed {seed}: shot and tracked in {time.perf_counter() - began:.1f} s; landmarks"
                f" {np.sqrt(np.nanmean(away)):.1f} px off (rms), absent in {len(material.track.absent)} frames"
            )
            for count in plan.keys:
                # a training never goes on from an earlier run's
                with tempfile.TemporaryDirectory() as folder:
                    rows += row_of(plan, material, seed, keyframes(count, frames=plan.frames), say, Path(folder))
    return rows


def row_of(
    plan: Plan, material: Material, seed: int, keys: tuple[int, ...], say: Callable[[str], None], folder: Path
) -> list[dict[str, Any]]:
    """Every way over one take and one set of keyframes, with its picture of differences."""
    held = subset(material, keys, plan.step)
    looked = tuple(held[int(len(held) * share)] for share in (0.2, 0.5, 0.8))
    rows: list[dict[str, Any]] = []
    pictures: dict[str, dict[int, Rgb]] = {}
    for name, minutes in ((m, t) for m in plan.methods for t in (plan.minutes if m in TRAINED else (0.0,))):
        label = name if not minutes else f"{name} {minutes:g} min"
        settings = Settings(minutes=minutes, seed=seed, threads=plan.threads, folder=folder)
        try:
            found, made = _tried(WAYS[name], material, keys, settings, plan.step, looked)
        except SetpieceError as error:  # an engine that is not there, or that refuses this take
            say(f"  {label}: {error}")
            continue
        row: dict[str, Any] = {"shot": material.name, "seed": seed, "keys": len(keys), "method": label, **found}
        rows.append(row)
        pictures[label] = made
        say(
            f"  {material.name} K={len(keys)} {label}: {row['psnr_db']:.1f} dB (worst {row['worst_db']:.1f}), "
            f"flicker {row['flicker_mstops']:.1f} / {row['truth_flicker_mstops']:.1f}, "
            f"{row['prepare_s']:.1f} s + {row['frame_s'] * 1e3:.0f} ms a frame"
        )
    if pictures:
        name = f"deage_{material.name}_{len(keys)}_{seed}.jpg"
        _save(plan.out / name, side_by_side(material, pictures, looked))
    return rows


def _tried(
    way: Way, material: Material, keys: tuple[int, ...], settings: Settings, step: int, looked: tuple[int, ...]
) -> tuple[dict[str, float], dict[int, Rgb]]:
    """A way's figures, and its comps of the frames ``looked`` at."""
    spent: dict[str, float] = {}
    with clocked(spent, "prepare"):
        comp = way(material, keys, settings)
    made: dict[int, Rgb] = {}
    count = 0

    def timed(frame: int) -> Rgb:
        nonlocal count
        with clocked(spent, "frames"):
            picture = comp(frame)
        count += 1
        if frame in looked:
            made[frame] = picture
        return picture

    found = measure(material, timed, keys, step=step)
    times = {
        "prepare_s": spent["prepare_wall_s"], "frame_s": spent["frames_wall_s"] / count,
        "prepare_cpu_s": spent["prepare_cpu_s"], "frame_cpu_s": spent["frames_cpu_s"] / count,
    }  # fmt: skip
    return found | times, made


def side_by_side(material: Material, pictures: dict[str, dict[int, Rgb]], frames: tuple[int, ...]) -> np.ndarray:
    """A row a frame: plate, truth, then each way with its amplified difference below it; 8-bit sRGB."""
    rows = []
    for frame in frames:
        left, top, right, bottom = box_of(material.landmarks[frame - material.frames.first], material.size)

        def cut(picture: np.ndarray, box: tuple[int, int, int, int] = (left, top, right, bottom)) -> np.ndarray:
            part = np.ascontiguousarray(picture[box[1] : box[3], box[0] : box[2]])
            return cv2.resize(part, (240, 300), interpolation=cv2.INTER_AREA)

        plate, truth = shown(material.plate(frame)), shown(material.truth(frame))
        tiles = [np.vstack([cut(plate), cut(np.clip(np.abs(plate - truth) * AMPLIFIED, 0, 1))]),
                 np.vstack([cut(truth), np.zeros((300, 240, 3))])]  # fmt: skip
        for label, made in pictures.items():
            comp = shown(made[frame])
            tile = np.vstack([cut(comp), cut(np.clip(np.abs(comp - truth) * AMPLIFIED, 0, 1))])
            coded = (tile * 255 + 0.5).astype(np.uint8)
            tiles.append(cv2.putText(coded, label, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA))
        rows.append(np.hstack([t if t.dtype == np.uint8 else (t * 255 + 0.5).astype(np.uint8) for t in tiles]))
    return np.vstack(rows)


def _save(path: Path, pixels: np.ndarray) -> None:
    from setpiece.media.files import write_bytes

    path.parent.mkdir(parents=True, exist_ok=True)
    fine, data = cv2.imencode(".jpg", np.ascontiguousarray(pixels[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 88])
    if not fine:
        raise ValueError(f"{path} cannot be coded")
    write_bytes(path, data.tobytes())


def joined(parts: Iterable[Path]) -> dict[str, Any]:
    """The rows of several runs in one, the later where two have the same; ``machines``: what each ran on."""
    rows: dict[tuple[str, int, int, str], dict[str, Any]] = {}
    machines = []
    for part in parts:
        found = json.loads(part.read_text())
        machines.append({"part": part.stem, **found["machine"]})
        rows |= {(r["shot"], r["seed"], r["keys"], r["method"]): r for r in found["rows"]}
    return {"rows": list(rows.values()), "machines": machines}


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown: a line a way, a column a shot and number of keyframes, mean and spread over seeds."""
    heads = sorted({(r["shot"], r["keys"]) for r in rows}, key=lambda head: (head[0], head[1]))
    methods = list(dict.fromkeys(r["method"] for r in rows))
    lines = ["| dB / flicker over the truth's | " + " | ".join(f"{s}, K={k}" for s, k in heads) + " | s + ms a frame |"]
    lines.append("|---" * (len(heads) + 2) + "|")
    for method in methods:
        cells = []
        for head in heads:
            some = [r for r in rows if r["method"] == method and (r["shot"], r["keys"]) == head]
            cells.append(_cell(some))
        mine = [r for r in rows if r["method"] == method]
        cost = f"{np.mean([r['prepare_s'] for r in mine]):.1f} + {1e3 * np.mean([r['frame_s'] for r in mine]):.0f}"
        lines.append(f"| {method} | " + " | ".join(cells) + f" | {cost} |")
    own = []
    for head in heads:
        own.append(f"{np.mean([r['truth_flicker_mstops'] for r in rows if (r['shot'], r['keys']) == head]):.1f} milli-stops")
    lines.append("| the truth's own flicker | " + " | ".join(own) + " | |")
    return "\n".join(lines) + "\n" + asked_table(rows)


def asked_table(rows: list[dict[str, Any]]) -> str:
    """Markdown: what is asked of the engines beside what they do, pass or fail; empty where nothing is asked."""
    heads = sorted({(r["shot"], r["keys"]) for r in rows if r["shot"] in ASKED_DB})
    methods = [m for m in dict.fromkeys(r["method"] for r in rows) if m.split(" ")[0] in ENGINES]
    if not heads or not methods:
        return ""
    lines = ["", "| asked | " + " | ".join(f"{s}, K={k}" for s, k in heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for method in methods:
        cells = [_verdict([r for r in rows if (r["shot"], r["keys"]) == head], method) for head in heads]
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def asked_of(shot_name: str, method: str) -> float:
    """The least dB asked of an engine on a shot; ``method`` may say how long it trained ('learned 2 min')."""
    least = ASKED_DB[shot_name]
    trained = float(method.split(" ")[1]) if " " in method else 0.0
    for minutes, db in ASKED_TRAINED_DB.get(shot_name, ()):
        if trained >= minutes:
            least = max(least, db)
    return least


def _verdict(rows: list[dict[str, Any]], method: str) -> str:
    """One engine on one shot: accuracy, steadiness, and whether a simple way is more accurate or nearer to the truth's own
    flicker."""
    own = [r for r in rows if r["method"] == method]
    if not own:
        return ""
    db, flicker = (float(np.mean([r[name] for r in own])) for name in ("psnr_db", "flicker_ratio"))
    least = asked_of(own[0]["shot"], method)
    ways = [some for m in SIMPLE if (some := [r for r in rows if r["method"] == m])]
    said = [f"{db:.1f} of {least:.1f} dB: {_pass(db >= least)}"]
    said.append(f"flicker {flicker:.2f} of {STEADY[0]} to {STEADY[1]}: {_pass(STEADY[0] <= round(flicker, 2) <= STEADY[1])}")
    if ways:
        best = max(float(np.mean([r["psnr_db"] for r in way])) for way in ways)
        said.append(f"best simple way {best:.1f} dB: {_pass(db >= best)}")
        steady = min((float(np.mean([r["flicker_ratio"] for r in way])) for way in ways), key=lambda ratio: abs(ratio - 1))
        said.append(f"steadiest {steady:.2f}: {_pass(round(abs(flicker - 1), 2) <= round(abs(steady - 1), 2))}")
    return "<br>".join(said)


def _pass(held: bool) -> str:
    return "pass" if held else "FAIL"


def _cell(some: list[dict[str, Any]]) -> str:
    if not some:
        return ""
    values = [r["psnr_db"] for r in some]
    spread = f" ± {np.std(values):.1f}" if len(values) > 1 else ""
    ratios = [r["flicker_ratio"] for r in some]
    worst = f" (to {max(ratios, key=lambda ratio: abs(ratio - 1)):.2f})" if len(ratios) > 1 else ""
    return f"{np.mean(values):.1f}{spread} / {np.mean(ratios):.2f}{worst}"
