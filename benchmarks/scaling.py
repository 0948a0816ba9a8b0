"""How the cost of engine ``house`` grows with frames, pixels and pieces; and Bullet's with pieces.

Frames: whole shots of growing length (:mod:`whole_shot`). Pixels: one frame at growing widths. Pieces: the same facade
fractured finer, dropped by Bullet, rendered. Each cost is fitted by a power of n: 1 is linear.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from benchmarks.rehearsal import rehearsal
from pictures import clocked
from shot_stage import ShotStage, at_width

from setpiece.core.camera import Camera
from setpiece.core.light import Light
from setpiece.core.progress import Silent
from setpiece.core.stage import Motion, Pieces
from setpiece.core.timing import FrameRange
from setpiece.generate.contract import CollapseScene, Request
from setpiece.generate.engines.house.engine import HouseEngine
from setpiece.stage.blender.client import simulate_rigid
from setpiece.stage.blender.job import RigidJob
from setpiece.stage.collapse import Event, direct
from setpiece.stage.fracture import fracture
from setpiece.stage.proxy import BuildingPlan, build_proxy
from setpiece.stage.support import support_graph

RATE = Fraction(24)
LATE = 30  # the frame of a 36-frame fall that is rendered


def exponent(sizes: list[float], seconds: list[float]) -> float:
    """The power of n that fits best: 1 is linear."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def by_pixels(stage: ShotStage, *, widths: tuple[int, ...], frame: int, say: Callable[[str], None]) -> dict[str, Any]:
    """CPU seconds of one frame at growing sizes."""
    pixels, spent = [], []
    for width in widths:
        scene = at_width(stage.scene, width)
        engine = _prepared(scene, stage)
        engine.render(frame)
        seconds = _cpu_seconds(lambda engine=engine: engine.render(frame))  # type: ignore[misc]
        pixels.append(float(scene.camera.width * scene.camera.height))
        spent.append(seconds)
        say(f"pixels: {width} wide, {seconds:.2f} CPU s")
    return {"pixels": pixels, "cpu_s": spent, "exponent": exponent(pixels, spent)}


def by_pieces(counts: tuple[int, ...], folder: Path, *, say: Callable[[str], None]) -> dict[str, Any]:
    """CPU seconds of fracture and support, of Bullet (36 frames), and of one rendered frame."""
    camera = Camera.looking(width=960, height=540, focal_px=985, height_m=1.6, pitch_deg=6)
    pixels, _ = camera.project(np.array([[-9, 26, 0], [9, 26, 0], [9, 26, 11], [-9, 26, 11]], np.float32))
    matte = np.zeros((540, 960), np.float32)
    cv2.fillConvexPoly(matte, np.round(pixels - 0.5).astype(np.int32), 1.0)
    panels = build_proxy(camera, matte, pixels[:2], BuildingPlan(storeys=3, storey_m=3.5, depth_m=9))
    frames = FrameRange(first=1001, last=1036, rate=RATE)
    result: dict[str, Any] = {"pieces": [], "break_cpu_s": [], "bullet_cpu_s": [], "render_cpu_s": []}
    for count in counts:
        made: list[Pieces] = []
        began = time.process_time()
        made.append(fracture(panels, pieces=count, seed=1))
        pieces = made[0]
        script = direct(pieces, support_graph(pieces), Event(mode="pancake", start_frame=1003), frames, seed=1)
        result["break_cpu_s"].append(time.process_time() - began)
        job = RigidJob(pieces=pieces, frames=frames, release=script.release, track_piece=script.track_piece,
                       track_frame=script.track_frame, track_position=script.track_position,
                       track_rotation=script.track_rotation)  # fmt: skip
        spent: dict[str, float] = {}
        with clocked(spent, "bullet", children=True):
            motion = simulate_rigid(job, folder / f"pieces{count}", progress=Silent())
        result["bullet_cpu_s"].append(spent["bullet_cpu_s"])
        result["render_cpu_s"].append(_rendered(camera, matte, pieces, motion, frames))
        result["pieces"].append(len(pieces))
        say(f"pieces: {len(pieces)}: break {result['break_cpu_s'][-1]:.2f}, Bullet {result['bullet_cpu_s'][-1]:.1f}, "
            f"render {result['render_cpu_s'][-1]:.2f} s")  # fmt: skip
    for name in ("break_cpu_s", "bullet_cpu_s", "render_cpu_s"):
        result[name.replace("_s", "_exponent")] = exponent(result["pieces"], result[name])
    return result


def _rendered(camera: Camera, matte: np.ndarray, pieces: Pieces, motion: Motion, frames: FrameRange) -> float:
    clean = np.full((*matte.shape, 3), 0.4, np.float32)
    scene = CollapseScene(
        camera=camera,
        light=Light(azimuth_deg=215, elevation_deg=40, sun_rgb=(2, 1.9, 1.7), sky_rgb=(0.5, 0.55, 0.7)),
        pieces=pieces,
        motion=motion,
        plate=np.where(matte[..., None] > 0, np.float32(0.3), clean),
        matte=matte,
        clean=clean,
    )
    engine = HouseEngine()
    engine.prepare(Request(scene=scene, frames=frames, samples=4, seed=1, permit=rehearsal()))
    engine.render(1001 + LATE - 1)
    return _cpu_seconds(lambda: engine.render(1001 + LATE))


def _prepared(scene: CollapseScene, stage: ShotStage) -> HouseEngine:
    engine = HouseEngine()
    engine.prepare(Request(scene=scene, frames=stage.frames, samples=4, seed=stage.seed, gas=stage.gas, permit=rehearsal()))
    return engine


def _cpu_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def plot(results: dict[str, Any], path: Path) -> None:
    """Three panels: frames, pixels, pieces."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(13, 4))
    lengths = results["frames"]["lengths"]
    for name, label in (("frames", "rendering, comp, EXR"), ("gas", "gas"), ("motion", "Bullet"), ("all", "the whole shot")):
        power = results["frames"][f"{name}_exponent"]
        axes[0].loglog(lengths, results["frames"][f"{name}_cpu_s"], "o-", ms=4, label=f"{label}: n^{power:.2f}")
    axes[0].set(title="frames", xlabel="frames of the shot", ylabel="CPU seconds")
    axes[0].legend()
    pixels = np.array(results["pixels"]["pixels"]) / 1e6
    axes[1].plot(pixels, results["pixels"]["cpu_s"], "o-")
    axes[1].plot(pixels, results["pixels"]["cpu_s"][0] * pixels / pixels[0], "--", color="grey", label="linear")
    axes[1].set(title=f"pixels: n^{results['pixels']['exponent']:.2f}", xlabel="megapixels", ylabel="CPU seconds a frame")
    axes[1].legend()
    pieces = results["pieces"]
    for name, label in (("break_cpu", "fracture, support"), ("bullet_cpu", "Bullet, 36 frames"), ("render_cpu", "render")):
        power = pieces[f"{name}_exponent"]
        axes[2].loglog(pieces["pieces"], pieces[f"{name}_s"], "o-", label=f"{label}: n^{power:.2f}")
    axes[2].set(title="pieces", xlabel="pieces", ylabel="seconds")
    axes[2].legend()
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)
