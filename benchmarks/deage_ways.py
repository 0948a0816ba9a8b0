"""Ways to carry an artist's keyframes through a take: the simple ones, written here, and the engines through their contract.

A way is given a take and its keyframes and returns a function from frame to comp. The simple ways are what a compositor
does by hand today: nothing; make-up on each frame; the keyframe's delta put on the landmarks' mesh and blended over time;
the same, settled by optical flow (DIS; Kroeger et al., 2016), from the nearest keyframe.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.rehearsal import rehearsal
from deage_measures import Comp, Material, gain_stops
from examples.performances.head import skin_of, smoothstep
from examples.performances.paint import made_up
from examples.performances.warps import pixel_grid, sampled

from setpiece.core.arrays import Flow, Plane, Rgb
from setpiece.core.errors import DependencyMissing
from setpiece.generate.retouch import RetouchRequest

_STEP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``minutes`` of training, the ``seed``, ``threads`` for engines, a ``folder`` for what they keep."""

    minutes: float = 2.0
    seed: int = 0
    threads: int = 2
    folder: Path = Path()


Way = Callable[[Material, tuple[int, ...], Settings], Comp]


def nothing(material: Material, keys: tuple[int, ...], settings: Settings) -> Comp:
    """The plate."""
    return material.plate


def plain_makeup(material: Material, keys: tuple[int, ...], settings: Settings) -> Comp:
    """The truth's own make-up, on each frame for itself: it cannot know the paint."""

    def comp(frame: int) -> Rgb:
        plate = material.plate(frame)
        points: np.ndarray = material.plain.at(frame) - np.array([0.5, 0.5, 0], np.float32)
        return made_up(plate, points, skin_of(plate, points), -25)

    return comp


def meshed(material: Material, keys: tuple[int, ...], settings: Settings) -> Comp:
    """Deltas of the keyframes before and after, warped by the landmarks, blended over time."""
    gains = {key: gain_stops(material.plate(key), material.truth(key)) for key in keys}

    def comp(frame: int) -> Rgb:
        plate, total = material.plate(frame), np.zeros((*material.size[::-1], 3), np.float32)
        for key, weight in _around(frame, keys):
            total += weight * sampled(gains[key], _mesh(material, frame, key))
        return _applied(plate, total)

    return comp


def flowed(material: Material, keys: tuple[int, ...], settings: Settings) -> Comp:
    """The delta of the nearest keyframe, warped by the landmarks, then by DIS flow."""
    import cv2

    gains = {key: gain_stops(material.plate(key), material.truth(key)) for key in keys}
    coded = {key: _coded(material.plate(key)) for key in keys}
    dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def comp(frame: int) -> Rgb:
        plate = material.plate(frame)
        key = min(keys, key=lambda one: (abs(one - frame), one))
        where = _mesh(material, frame, key)
        there = sampled(coded[key], where)
        flow = cv2.GaussianBlur(dis.calc(_coded(plate), there, None), (0, 0), 1.5)
        size = np.linalg.norm(flow, axis=2, keepdims=True)
        flow = flow * np.minimum(1, 12 / (size + 1e-6))
        where = sampled(where, pixel_grid(plate.shape) + flow)
        inside = smoothstep(cv2.GaussianBlur(_hull(material, frame), (0, 0), 9) * 1.6)[..., None]
        return _applied(plate, sampled(gains[key], where) * inside)

    return comp


def engine_way(module: str, name: str, **settings_of: object) -> Way:
    """An engine that needs no training, by its module under ``setpiece.generate.engines``."""

    def way(material: Material, keys: tuple[int, ...], settings: Settings) -> Comp:
        engine = class_of(module, name)(**settings_of)
        engine.prepare(request_of(material, keys, settings))
        return comp_of(material, engine)

    return way


def engine_makeup(material: Material, keys: tuple[int, ...], settings: Settings) -> Comp:
    """Engine makeup at -25 years on each frame: it cannot know the paint."""
    engine = class_of("makeup", "Makeup")()
    look = class_of("makeup", "MakeupLook")(years=((1001, -25.0),))
    engine.prepare(replace(request_of(material, (), settings), look=look))
    return comp_of(material, engine)


def learned_way(*, fuse: bool) -> Way:
    """Engine learned after ``minutes`` of training on the keyframes: the network alone, or fused with the propagation."""

    def way(material: Material, keys: tuple[int, ...], settings: Settings) -> Comp:
        look_of, trainer, settings_of = (module_of(f"learned.{name}") for name in ("engine", "training", "settings"))
        onnx_model, reasoned = (module_of(f"learned.{name}") for name in ("onnx_model", "explain"))
        request = request_of(material, keys, settings)
        propagation = reasoned.Reasoned(threads=settings.threads)
        propagation.prepare(request)
        # one training serves both ways: the second finds it finished
        folder = settings.folder / f"{material.name}_{len(keys)}_{settings.seed}_{settings.minutes:g}"
        asked = settings_of.TrainingSettings(minutes=settings.minutes, seed=settings.seed, threads=settings.threads)
        training = trainer.Training.begin(request, asked, folder, propagation=propagation)
        training.run(preview_every=0)
        model = folder / "model.onnx"
        sha256 = onnx_model.export_model(training, model, name=material.name)
        engine = look_of.Learned(propagation)
        engine.prepare(replace(request, look=look_of.LearnedLook(model=model, sha256=sha256, fuse=fuse)))
        return comp_of(material, engine)

    return way


WAYS: dict[str, Way] = {
    "nothing": nothing,
    "plain_makeup": plain_makeup,
    "makeup": engine_makeup,
    "mesh": meshed,
    "flow": flowed,
    "propagate": engine_way("propagate", "Propagate", threads=2),
    "network": learned_way(fuse=False),
    "learned": learned_way(fuse=True),
}


def request_of(material: Material, keys: tuple[int, ...], settings: Settings) -> RetouchRequest:
    """The take as an engine is given it, with a rehearsal's permit."""
    return RetouchRequest(
        plate=material.plate, frames=material.frames, size=material.size, keyframes=material.keys(keys),
        face=material.track, seed=settings.seed, permit=rehearsal(),
    )  # fmt: skip


def comp_of(material: Material, engine: Any) -> Comp:
    """Plates with an engine's deltas laid in."""
    from setpiece.integrate.retouch import apply_delta

    def comp(frame: int) -> Rgb:
        plate, delta = material.plate(frame), engine.delta(frame)
        return plate if delta is None else apply_delta(plate, delta)

    return comp


def module_of(name: str) -> Any:
    """An engine's package; DependencyMissing where it cannot be loaded."""
    try:
        return importlib.import_module(f"setpiece.generate.engines.{name}")
    except ImportError as error:
        raise DependencyMissing(f"engine '{name}' cannot be loaded ({error})", remedy="leave it out with --methods") from error


def class_of(module: str, name: str) -> Any:
    """Something of an engine's package, by name."""
    found = getattr(module_of(module), name, None)
    if found is None:
        raise DependencyMissing(f"engine '{module}' has no {name}", remedy="leave it out with --methods")
    return found


def _around(frame: int, keys: tuple[int, ...]) -> list[tuple[int, float]]:
    """The keyframes before and after, with their weights."""
    before, after = [k for k in keys if k <= frame], [k for k in keys if k > frame]
    if not before or not after:
        return [((before or after)[-1 if before else 0], 1.0)]
    a, b = before[-1], after[0]
    return [(a, (b - frame) / (b - a)), (b, (frame - a) / (b - a))]


def _mesh(material: Material, frame: int, key: int) -> Flow:
    """Where each pixel of ``frame`` lies in ``key``, by a thin plate through the landmarks (Bookstein, 1989), (h, w, 2)."""
    import cv2
    from scipy.interpolate import RBFInterpolator

    width, height = material.size
    here, there = (material.plain.at(n)[:468:3, :2].astype(np.float64) - 0.5 for n in (frame, key))
    edge = [(x, y) for x in np.linspace(-40, width + 40, 7) for y in (-40, height + 40)]
    edge += [(x, y) for y in np.linspace(-40, height + 40, 7)[1:-1] for x in (-40, width + 40)]
    border = np.array(edge, np.float64)
    fit = RBFInterpolator(
        np.vstack([here, border]), np.vstack([there - here, np.zeros_like(border)]), kernel="thin_plate_spline", smoothing=2.0
    )
    coarse_grid = pixel_grid((height, width), _STEP)
    coarse = fit(coarse_grid.reshape(-1, 2).astype(np.float64)).reshape(coarse_grid.shape).astype(np.float32)
    scale = np.array([[_STEP, 0, 0], [0, _STEP, 0]], np.float32)
    moved = cv2.warpAffine(coarse, scale, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return pixel_grid((height, width)) + moved


def _hull(material: Material, frame: int) -> Plane:
    import cv2

    hull = cv2.convexHull(np.round(material.plain.at(frame)[:, :2]).astype(np.int32))
    out = np.zeros(material.size[::-1], np.uint8)
    cv2.fillConvexPoly(out, hull, 1)
    return cv2.dilate(out, np.ones((3, 3), np.uint8), iterations=max(1, material.size[1] // 40)).astype(np.float32)


def _coded(plate: Rgb) -> np.ndarray:
    """Log luminance less its surroundings, 8 bits: what flow matches, whatever the light does."""
    import cv2

    log = np.log2(np.maximum(plate @ np.array([0.2722287, 0.6740818, 0.0536895], np.float32), -0.015) + 0.02)
    flat = cv2.GaussianBlur(log - cv2.GaussianBlur(log, (0, 0), 12), (0, 0), 1.0)
    return np.clip(128 + flat * 117, 0, 255).astype(np.uint8)


def _applied(plate: Rgb, gain: Rgb) -> Rgb:
    light = np.maximum(plate, -0.015)
    return ((light + 0.02) * np.exp2(gain) - 0.02 + (plate - light)).astype(np.float32)
