"""Previs: ``python benchmarks/previs.py``: seconds from a paragraph to pictures, and how clean they are.

Every command runs in a process of its own, as a user types it, in a fresh folder; wall clock and CPU seconds of all processes
together. Error is that of the display picture against the same view at many more samples, denoised likewise.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.progress import Silent
from setpiece.core.set_spec import Garment, Look
from setpiece.departments.previs.sets import scene_of
from setpiece.departments.previs.wardrobe import line_up, worn
from setpiece.intake.previs_document import load_set
from setpiece.stage.blender.set_view import Shot, regraded, render_views
from setpiece.stage.wardrobe.cloths import cloth
from setpiece.stage.wardrobe.drape import drape
from setpiece.stage.wardrobe.form import dress_form
from setpiece.stage.wardrobe.measures import measures
from setpiece.stage.wardrobe.patterns import KINDS, draft

RESULTS = Path(__file__).parent / "results"
TEXT = (
    "A bunker lounge, 1968, 8 by 6.2 m. A bottle green leather sofa and two oxblood armchairs around a coffee table on a "
    "rug, a brass bar along the east wall. No windows. Low key, late at night."
)


def command(folder: Path, *words: str) -> dict[str, float]:
    """Wall and CPU seconds of a command."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "setpiece.cli", "previs", *words], cwd=folder, check=True, capture_output=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": round(wall, 2), "cpu_s": round(cpu, 2)}


def added(*rows: dict[str, float]) -> dict[str, float]:
    """Several commands as one."""
    return {name: round(sum(row[name] for row in rows), 2) for name in rows[0]}


def timed(work: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    """Wall and CPU seconds of this process for some work."""
    began, cpu = time.perf_counter(), time.process_time()
    made = work()
    return {"wall_s": round(time.perf_counter() - began, 2), "cpu_s": round(time.process_time() - cpu, 2)}, made


def commands(folder: Path) -> dict[str, dict[str, float]]:
    """What a designer waits for."""
    rows: dict[str, dict[str, float]] = {}
    small = ("--size", "480x270", "--samples", "4")
    rows["paragraph to first view, 480x270"] = command(folder, "new", "INT_A", "--text", TEXT, "--declare", "yes", "--look")
    rows["960x540, 8 samples"] = command(folder, "view", "INT_A", "--view", "wide", "--size", "960x540", "--samples", "8")
    made = command(folder, "new", "INT_B", "--text", TEXT, "--declare", "yes")
    rows["three views with a plan, 960x540, 8 samples"] = added(made, command(folder, "view", "INT_B"))
    brief = folder / "INT_A" / "brief.yaml"
    lens = re.sub(r"\{name: wide,( lens_mm: [0-9.]+,)?", "{name: wide, lens_mm: 33.0,", brief.read_text(), count=1)
    brief.write_text(lens)
    rows["another lens, half size, by the command"] = command(folder, "view", "INT_A", "--view", "wide", *small)
    brief.write_text(brief.read_text().replace("lens_mm: 33.0,", "lens_mm: 33.0, exposure_stops: 4.0,"))
    rows["another grade, by the command"] = command(folder, "view", "INT_A", "--view", "wide", *small)
    return rows


def watched(folder: Path) -> dict[str, dict[str, float]]:
    """What a designer waits for after saving the brief, with ``view --watch`` open beside the editor; the median of three."""
    brief = folder / "INT_A" / "brief.yaml"
    words = (sys.executable, "-u", "-m", "setpiece.cli", "previs", "view", "INT_A", "--view", "wide", "--watch")
    edits = {
        "another lens": (r"(name: wide, lens_mm: )[0-9.]+", ("24.0", "28.0", "40.0", "21.0")),
        "another colour": (r'(kind: sofa,.*?colour: )"[^"]*"', ('"#5a2a20"', '"#24405a"', '"#50502c"', '"#702c3c"')),
        "another lamp": (
            r"(kind: floor_lamp, )(?:kelvin: [0-9]+, )?",
            tuple(f"kelvin: {k}, " for k in (2300, 2900, 3600, 4800)),
        ),
        "another grade": (r"(exposure_stops: )[0-9.]+", ("3.5", "4.5", "3.0", "5.0")),
    }
    rows = {}
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        stream = process.stdout
        assert stream is not None
        shown = (line for line in stream if line.startswith("waiting"))
        next(shown)
        for called, (pattern, values) in edits.items():
            spent = []
            for value in values:
                changed, times = re.subn(pattern, rf"\g<1>{value}", brief.read_text(), count=1)
                assert times == 1, called
                time.sleep(0.5)
                brief.write_text(changed)
                began = time.perf_counter()
                next(shown)
                spent.append(time.perf_counter() - began)
            rows[f"{called}, half size, watched"] = {"wall_s": round(float(np.median(spent[1:])), 2)}
        process.kill()
    return rows


def clean(folder: Path, many: int) -> dict[str, float]:
    """PSNR of 4, 8 and 16 samples against ``many``, all denoised, of the set as its paragraph left it."""
    scene, _, _ = scene_of(load_set(folder / "INT_B" / "brief.yaml").spec)
    name = scene.cameras[0].name
    shots = [Shot(camera=name, samples=many, passes=False)]
    shots += [Shot(camera=name, samples=samples, passes=False) for samples in (4, 8, 16)]
    truth, *views = render_views(scene, shots, folder=folder / "clean", progress=Silent())
    rows = {}
    for shot, view in zip(shots[1:], views, strict=True):
        like = regraded(view, exposure_stops=truth.exposure_stops, white_kelvin=truth.white_kelvin).display / 255.0
        error = float(np.mean((like - truth.display / 255.0) ** 2))
        rows[f"{shot.samples} samples"] = round(-10 * np.log10(max(error, 1e-12)), 1)
    return rows


def wardrobe(folder: Path) -> dict[str, dict[str, float]]:
    """Garments, and a line-up in which a fabric changes."""
    rows: dict[str, dict[str, float]] = {}
    body = measures("women_40")
    form = dress_form(body)
    drape([(draft("skirt", body), cloth("wool", "#444444"))], form)  # kernels are compiled once an installation
    for fine, called in ((False, "coarse"), (True, "fine")):
        spent = [
            timed(lambda k=kind, f=fine: drape([(draft(k, body), cloth("wool", "#444444"))], form, fine=f))[0] for kind in KINDS
        ]
        rows[f"a new garment, {called}: mean of {len(KINDS)} kinds"] = {
            name: round(sum(row[name] for row in spent) / len(spent), 2) for name in spent[0]
        }
        rows[f"a new garment, {called}: slowest"] = max(spent, key=lambda row: row["wall_s"])
    six = [
        Look(name=f"look_{number}", size="women_40", garments=(Garment(kind=kind, fabric="wool", colour="#3f4450"),))
        for number, kind in enumerate(("dress", "coat", "jacket", "skirt", "cape", "uniform_tunic"))
    ]
    kept = folder / "looks"
    worn(six, kept)
    six[1] = Look(name="look_1", size="women_40", garments=(Garment(kind="coat", fabric="tweed", colour="#6b5a44"),))

    def again() -> None:
        scene = line_up(six, worn(six, kept))
        shots = [Shot(camera="lineup", width=960, height=540, samples=8, passes=False)]
        render_views(scene, shots, folder=folder / "lineup", progress=Silent())

    rows["a fabric changed on six looks, line-up 960x540"] = timed(again)[0]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--many", type=int, default=512, help="samples of the view that error is measured against")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        rows = commands(folder) | watched(folder) | wardrobe(folder)
        psnr = clean(folder, options.many)
    results = {
        "machine": {"cores": os.cpu_count(), "machine": platform.machine(), "load_1min": round(os.getloadavg()[0], 1)},
        "seconds": rows, "psnr_db": {"against_samples": options.many, "size": "480x270", **psnr},
    }  # fmt: skip
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "previs.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    lines = ["| | wall | CPU |", "|---|---|---|"]
    for name, row in rows.items():
        cpu = f"{row['cpu_s']} s" if "cpu_s" in row else ""
        lines.append(f"| {name} | {row['wall_s']} s | {cpu} |")
    lines += ["", f"| error at 480x270 against {options.many} samples | PSNR |", "|---|---|"]
    lines += [f"| {name} | {value} dB |" for name, value in psnr.items()]
    (options.out / "previs.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
