"""How fast de-ageing is: make-up, the first preview, applying at full size, training; each by itself, on stated threads.

A production makes one frame a core, so what is asked of a frame is the processor time that it takes: what the frame
would take on a core of its own, whatever else runs on the machine. Preview and training are timed by the clock.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from deage_measures import Material, shoot
from deage_ways import Settings, class_of, comp_of, module_of, request_of
from examples.performances.shots import keyframes, shot

from setpiece.core.errors import DependencyMissing
from setpiece.core.faces import FaceTrack
from setpiece.integrate.retouch import apply_delta
from setpiece.media.images import write_exr

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
        ("apply_1080_fps", lambda: _fps(wide, threads, say)),
        ("training_steps_s", lambda: _steps_s(material, threads)),
    ):
        try:
            found[name] = timed()
            say(f"  {name}: {found[name]:.2f} {TARGETS[name]}")
        except DependencyMissing as error:
            say(f"  {name}: {error}")
    return found


def widened(material: Material, *, face_px: float = 500.0) -> Material:
    """The first frames of a take enlarged into 1920x1080 so that the face is ``face_px`` high. What lies beyond the take is
    its mirror image, and nobody retouched that."""
    count = 12
    high = float(np.ptp(material.landmarks[0, :, 1]))
    scale = face_px / high
    at = material.landmarks[:count, :, :2].mean(axis=(0, 1))
    matrix = np.array([[scale, 0, _WIDE[0] / 2 - scale * at[0]], [0, scale, _WIDE[1] / 2 - scale * at[1]]], np.float64)

    def grown(frames: np.ndarray) -> np.ndarray:
        return np.array([enlarged(frame.astype(np.float32), cv2.BORDER_REFLECT) for frame in frames[:count]], np.float16)

    def enlarged(picture: np.ndarray, border: int) -> np.ndarray:
        return cv2.warpAffine(picture, matrix, _WIDE, flags=cv2.INTER_CUBIC, borderMode=border)

    def retouched(plates: np.ndarray) -> np.ndarray:
        inside = enlarged(np.ones(material.plates.shape[1:3], np.float32), cv2.BORDER_CONSTANT)[..., None] == 1
        return np.where(inside, grown(material.truths), plates)

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
    plates = grown(material.plates)
    return replace(
        material, name=f"{material.name}_1080", frames=frames, plates=plates, truths=retouched(plates),
        landmarks=moved(material.landmarks), track=followed(material.track), plain=followed(material.plain),
    )  # fmt: skip


def _makeup_ms(material: Material) -> float:
    """Median milliseconds of processor time of a frame's make-up and its comp."""
    engine = class_of("makeup", "Makeup")()
    look = class_of("makeup", "MakeupLook")(years=((1001, -20.0),))
    frames = [*material.frames][:9]
    plates = {frame: material.plate(frame) for frame in frames}  # to read them is no make-up
    request = request_of(material, (), Settings())
    engine.prepare(replace(request, plate=plates.__getitem__, frames=replace(material.frames, last=frames[-1]), look=look))

    def comp(frame: int) -> object:
        delta = engine.delta(frame)
        return None if delta is None else apply_delta(plates[frame], delta)

    return 1e3 * _median(comp, frames)


def _preview_s(material: Material, threads: int) -> float:
    """Seconds from keyframes to the last of 60 propagated comps."""
    engine = class_of("propagate", "Propagate")(threads=threads)
    began = time.perf_counter()
    engine.prepare(request_of(material, keyframes(4), Settings()))
    comp = comp_of(material, engine)
    for frame in material.frames:
        comp(frame)
    return time.perf_counter() - began


def _fps(material: Material, threads: int, say: Callable[[str], None]) -> float:
    """Frames a second at 1920x1080 with ``threads`` workers, one stretch each: the stage's plate read, the propagation, the
    comp and its layers named, everything but the file that goes out. The mean over a walk through the shot, keyframes
    included, so that what serves several frames counts. ``say`` hears what of it takes how long."""
    import OpenImageIO as oiio  # noqa: N813

    from setpiece.departments.deage.frame import retouched, touched
    from setpiece.departments.deage.stage import plate_reader
    from setpiece.passes.retouch import retouch_channels

    oiio.attribute("threads", 1)  # as a worker's environment has it: reading on many threads takes twice the processor time
    oiio.attribute("exr_threads", -1)
    first, spent = material.frames.first, dict[str, list[float]]()

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began = time.process_time()
        made = work()
        spent.setdefault(name, []).append(1e3 * (time.process_time() - began))
        return made

    with tempfile.TemporaryDirectory() as folder:
        for frame in material.frames:
            planes = {name: np.ascontiguousarray(material.plate(frame)[..., k]) for k, name in enumerate("RGB")}
            write_exr(Path(folder) / f"plate.{frame:04d}.exr", planes, compression="none")
        read = plate_reader(Path(folder))
        engine = class_of("propagate", "Propagate")()
        asked = request_of(material, (first, first + 6, first + 11), Settings())
        engine.prepare(replace(asked, plate=read))
        for frame in material.frames:
            plate = timed("reading", partial(read, frame))  # once a frame: what the engine looked ahead at is at hand
            delta = timed("delta", partial(engine.delta, frame))
            comp, planes = timed("comp and layers", partial(retouched, plate, delta, 1.0, 1.0))
            timed("channels", partial(retouch_channels, comp, planes, frame))
            timed("what was touched", partial(touched, comp, plate, delta))
    usual = {name: float(np.mean(each)) for name, each in spent.items()}
    say("  applying, ms: " + ", ".join(f"{name} {each:.0f}" for name, each in usual.items()))
    return threads * 1e3 / sum(usual.values())


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
    """Seconds of processor time of the middle one of ``frames`` but the first."""
    work(frames[0])
    spent = []
    for frame in frames[1:]:
        began = time.process_time()
        work(frame)
        spent.append(time.process_time() - began)
    return float(np.median(spent))


def table(found: dict[str, Any]) -> str:
    """Markdown: what was timed beside what is asked for."""
    lines = [f"| speed, {found['threads']} threads | measured | asked for |", "|---|---|---|"]
    lines += [f"| {name} | {found[name]:.2f} | {TARGETS[name]} |" for name in TARGETS if name in found]
    return "\n".join(lines) + "\n"
