"""Engine ``house`` against Cycles: one stage, the same frames, seconds a finished frame and the error of both.

Cycles renders debris and dust in one pass (its cheapest way to the picture), 64 samples, OpenImageDenoise with FAST prefilter
and FAST quality. The reference is Cycles at 512 samples. All pictures get the same standing building, shadow and clean plate,
so that what differs is debris and dust. Errors are measured on view-coded pictures (sRGB curve) where anything was made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.rehearsal import rehearsal
from pictures import behind, clocked, compare, over, view
from shot_stage import ShotStage, at_width

from setpiece.core.arrays import Rgb
from setpiece.generate.contract import CollapseScene, Request
from setpiece.generate.engines.cycles import CyclesEngine, CyclesLook
from setpiece.generate.engines.house.engine import HouseEngine
from setpiece.media.images import write_png

HOUSE_SAMPLES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to measure. ``out`` gets pictures and figures."""

    frames: tuple[int, ...]
    widths: tuple[int, ...] = (960, 1920)
    samples: int = 64
    reference_samples: int = 512
    reference_widths: tuple[int, ...] = (960,)
    out: Path = Path("benchmarks/results")


def measure(stage: ShotStage, plan: Plan, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """One row per width and frame."""
    rows = []
    for width in plan.widths:
        scene = at_width(stage.scene, width)
        plain = CollapseScene(camera=scene.camera, light=scene.light, pieces=scene.pieces, motion=scene.motion,
                              plate=scene.plate, matte=scene.matte, clean=scene.clean)  # fmt: skip
        request = Request(
            scene=plain, frames=stage.frames, samples=HOUSE_SAMPLES, seed=stage.seed, gas=stage.gas, permit=rehearsal()
        )
        house, cycles, reference = HouseEngine(), _cycles(plan.samples), _cycles(plan.reference_samples)
        prepared: dict[str, float] = {}
        with clocked(prepared, "house_prepare"):
            house.prepare(request)
        house.render(plan.frames[0])  # kernels compile once for all time
        cycles.prepare(request)
        with clocked(prepared, "cycles_rest", children=True):
            cycles._at_rest()
        if width in plan.reference_widths:
            reference.prepare(request)
            reference._rest = cycles._rest
        for frame in plan.frames:
            row: dict[str, Any] = {"width": width, "height": scene.camera.height, "frame": frame,
                                   "pieces": len(scene.pieces), "load_1min": _load()} | prepared  # fmt: skip
            with clocked(row, "house"):
                layers = house.render(frame)
                back = behind(plain, layers)
                ours = over(layers.dust, over(layers.debris, back))
            with clocked(row, "cycles", children=True):
                theirs = over(cycles.pictures(frame, ("whole",), gas=stage.gas(frame))["whole"], back)
            row["ratio_wall"] = row["cycles_wall_s"] / row["house_wall_s"]
            row["ratio_cpu"] = row["cycles_cpu_s"] / row["house_cpu_s"]
            made = (layers.dust[..., 3] > 0.02) | (layers.debris[..., 3] > 0.02)
            row["made_share"] = float(made.mean())
            pictures = {"house": ours, "cycles": theirs}
            if width in plan.reference_widths and made.any():
                with clocked(row, "reference", children=True):
                    best = over(reference.pictures(frame, ("whole",), gas=stage.gas(frame))["whole"], back)
                row["house_error"], row["cycles_error"] = compare(ours, best, made), compare(theirs, best, made)
                pictures["reference"] = best
            _show(plan.out / f"{stage.name}_{width}_{frame}.png", pictures)
            rows.append(row)
            say(f"{width} px, frame {frame}: house {row['house_wall_s']:.2f} s, cycles {row['cycles_wall_s']:.1f} s, "
                f"{row['ratio_wall']:.0f}x wall, {row['ratio_cpu']:.0f}x CPU")  # fmt: skip
    return rows


def _cycles(samples: int) -> CyclesEngine:
    return CyclesEngine(look=CyclesLook(samples=samples))


def _load() -> float:
    import os

    return os.getloadavg()[0]


def _show(path: Path, pictures: dict[str, Rgb]) -> None:
    """House, Cycles, reference one under another; beside each its difference from the reference, four times over."""
    rows = []
    best = pictures.get("reference")
    for picture in pictures.values():
        shown = view(picture)
        if best is not None:
            shown = np.concatenate([shown, np.clip(4 * np.abs(shown - view(best)), 0, 1)], axis=1)
        rows.append(shown)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, (np.concatenate(rows) * 255 + 0.5).astype(np.uint8))


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown."""
    lines = [
        "| picture | frame | made | house, s (CPU s) | Cycles, s (CPU s) | ratio wall / CPU | house error SSIM, mean | "
        "Cycles error SSIM, mean |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        errors = []
        for name in ("house_error", "cycles_error"):
            error = row.get(name)
            errors.append(f"{error['ssim']:.3f}, {error['mean_abs']:.3f}" if error else "")
        lines.append(
            f"| {row['width']}x{row['height']} | {row['frame']} | {row['made_share']:.0%} "
            f"| {row['house_wall_s']:.2f} ({row['house_cpu_s']:.2f}) | {row['cycles_wall_s']:.1f} ({row['cycles_cpu_s']:.1f}) "
            f"| {row['ratio_wall']:.0f} / {row['ratio_cpu']:.0f} | {errors[0]} | {errors[1]} |"
        )
    return "\n".join(lines) + "\n"


def crop_table(rows: list[dict[str, Any]]) -> str:
    """Markdown of the errors over crops; nothing where there are none."""
    if not rows:
        return ""
    lines = [
        "",
        "| picture | frame | crops (left, top) | house error SSIM, mean | Cycles error SSIM, mean |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        at = " ".join(f"({left}, {top})" for left, top, _, _ in row["crops"])
        errors = [f"{row[name]['ssim']:.3f}, {row[name]['mean_abs']:.3f}" for name in ("house_error", "cycles_error")]
        lines.append(f"| {row['width']}x{row['height']} | {row['frame']} | {at} | {errors[0]} | {errors[1]} |")
    return "\n".join(lines) + "\n"
