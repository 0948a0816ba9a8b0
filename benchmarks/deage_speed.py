"""How fast de-ageing is: make-up, the first preview, applying at full size, training; each by itself, on stated threads."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from deage_measures import Material, shoot
from deage_ways import Settings, class_of, comp_of, module_of, request_of
from examples.performances.shots import keyframes, shot

from setpiece.core.errors import DependencyMissing
from setpiece.core.faces import FaceTrack

TARGETS = {
    "makeup_512_ms": "≤ 40", "makeup_1080_ms": "≤ 120", "preview_s": "< 15", "apply_1080_fps": "≥ 8", "training_steps_s": "",
}  # fmt: skip
_WIDE = (1920, 1080)


def run(say: Callable[[str], None], *, threads: int) -> dict[str, Any]:
    """Every figure whose engine is there."""
    cv2.setNumThreads(1)
    material = shoot(shot("A"))
    wide = widened(material)
    found: dict[str, Any] = {"threads": threads}
    for name, timed in (
        ("makeup_512_ms", lambda: _makeup_ms(material)),
        ("makeup_1080_ms", lambda: _makeup_ms(wide)),
        ("preview_s", lambda: _preview_s(material, threads)),
        ("apply_1080_fps", lambda: _fps(wide, threads)),
        ("training_steps_s", lambda: _steps_s(material, threads)),
    ):
        try:
            found[name] = timed()
            say(f"  {name}: {found[name]:.2f} {TARGETS[name]}")
        except DependencyMissing as error:
            say(f"  {name}: {error}")
    return found


def widened(material: Material, *, face_px: float = 500.0) -> Material:
    """The first frames of a take enlarged into 1920x1080 so that the face is ``face_px`` high."""
    count = 12
    high = float(np.ptp(material.landmarks[0, :, 1]))
    scale = face_px / high
    at = material.landmarks[:count, :, :2].mean(axis=(0, 1))
    matrix = np.array([[scale, 0, _WIDE[0] / 2 - scale * at[0]], [0, scale, _WIDE[1] / 2 - scale * at[1]]], np.float64)

    def grown(frames: np.ndarray) -> np.ndarray:
        return np.array([cv2.warpAffine(frame.astype(np.float32), matrix, _WIDE, flags=cv2.INTER_CUBIC,
                                        borderMode=cv2.BORDER_REFLECT) for frame in frames[:count]], np.float16)  # fmt: skip

    def moved(points: np.ndarray) -> np.ndarray:
        out = points[:count].copy() * np.float32(scale)
        out[..., :2] += matrix[:, 2].astype(np.float32)
        return out

    def followed(track: FaceTrack) -> FaceTrack:
        return FaceTrack(
            name=track.name, frames=frames, landmarks=moved(track.landmarks), confidence=track.confidence[:count].copy(),
            pose_deg=track.pose_deg[:count].copy(), segment=track.segment[:count].copy(),
        )  # fmt: skip

    frames = replace(material.frames, last=material.frames.first + count - 1)
    return replace(
        material, name=f"{material.name}_1080", frames=frames, plates=grown(material.plates), truths=grown(material.truths),
        landmarks=moved(material.landmarks), track=followed(material.track), plain=followed(material.plain),
    )  # fmt: skip


def _makeup_ms(material: Material) -> float:
    """Median milliseconds of a frame's make-up and its comp."""
    engine = class_of("makeup", "Makeup")()
    look = class_of("makeup", "MakeupLook")(years=((1001, -20.0),))
    engine.prepare(replace(request_of(material, (), Settings()), look=look))
    comp = comp_of(material, engine)
    return 1e3 * _median(comp, [*material.frames][:9])


def _preview_s(material: Material, threads: int) -> float:
    """Seconds from keyframes to the last of 60 propagated comps."""
    engine = class_of("propagate", "Propagate")(threads=threads)
    began = time.perf_counter()
    engine.prepare(request_of(material, keyframes(4), Settings()))
    comp = comp_of(material, engine)
    for frame in material.frames:
        comp(frame)
    return time.perf_counter() - began


def _fps(material: Material, threads: int) -> float:
    """Frames a second of the propagation and its comp at 1920x1080, everything but file output."""
    engine = class_of("propagate", "Propagate")(threads=threads)
    first = material.frames.first
    engine.prepare(request_of(material, (first, first + 6, first + 11), Settings()))
    comp = comp_of(material, engine)
    return 1 / _median(comp, [first + n for n in (2, 3, 4, 8, 9, 10)])


def _steps_s(material: Material, threads: int) -> float:
    """Training steps a second, after the first ten."""
    trainer, reasoned = module_of("learned.training"), module_of("learned.explain")
    request = request_of(material, keyframes(4), Settings())
    propagation = reasoned.Reasoned(threads=threads)
    propagation.prepare(request)
    asked = trainer.TrainingSettings(steps=60, threads=threads)
    with tempfile.TemporaryDirectory() as folder:
        training = trainer.Training.begin(request, asked, Path(folder), propagation=propagation)
        for _ in range(10):
            training.step()
        began = time.perf_counter()
        for _ in range(30):
            training.step()
        return 30 / (time.perf_counter() - began)


def _median(work: Callable[[int], object], frames: list[int]) -> float:
    work(frames[0])
    spent = []
    for frame in frames[1:]:
        began = time.perf_counter()
        work(frame)
        spent.append(time.perf_counter() - began)
    return float(np.median(spent))


def table(found: dict[str, Any]) -> str:
    """Markdown: what was timed beside what is asked for."""
    lines = [f"| speed, {found['threads']} threads | measured | asked for |", "|---|---|---|"]
    lines += [f"| {name} | {found[name]:.2f} | {TARGETS[name]} |" for name in TARGETS if name in found]
    return "\n".join(lines) + "\n"
