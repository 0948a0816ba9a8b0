"""One frame of a collapse, in a worker process: render, integrate, write. The stage is loaded once per process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.clearance import Permit
from setpiece.core.errors import StageError
from setpiece.core.layers import Layers
from setpiece.core.pictures import Matte
from setpiece.core.stage import Gas
from setpiece.core.timing import FrameRange
from setpiece.deliver.cryptomatte import cryptomatte_attributes, cryptomatte_channels, piece_hashes, piece_names
from setpiece.deliver.frames import Provenance, frame_name, rgb_of, write_frame
from setpiece.generate.contract import CollapseScene, Engine, Request
from setpiece.integrate.comp import CompLook, Grain, composite
from setpiece.integrate.grain import GrainModel, match_grain, match_sharpness, measure_grain, measure_sharpness
from setpiece.integrate.mirrors import Mirrors, Polygon, find_mirrors, with_mirrors
from setpiece.media.exr import HALF_MAX
from setpiece.media.images import read_exr
from setpiece.passes.checks import check_layers
from setpiece.passes.conventions import layers_to_channels
from setpiece.stage.archive import load_camera, load_grit, load_light, load_motion, load_pieces
from setpiece.stage.gas import load_gas

RENDERED_SPREAD_PX = 0.5  # edge spread of a rendered piece: pixel filter and motion samples


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameJob:
    """All that a worker needs; picklable, paths and numbers only."""

    plate: Path
    pieces: Path
    motion: Path
    grit: Path
    gas: Path
    out: Path
    shot: str
    version: str
    engine: str
    frames: FrameRange
    samples: int
    shutter_deg: float
    seed: int
    behind_dust: bool
    still: bool
    grain: bool
    sharpness_px: float | None
    edge: float
    dust_look: object | None
    mirrors: tuple[Polygon, ...]  # px of the take
    foot: Polygon  # of what they mirror, px of the take
    provenance: Provenance
    permit: Permit


def scene_of(job: FrameJob) -> CollapseScene:
    """The stage from disk, as engines take it."""
    pieces, _ = load_pieces(job.pieces / "pieces.npz")
    return CollapseScene(
        camera=load_camera(job.plate / "camera.json"),
        light=load_light(job.plate / "light.json"),
        pieces=pieces,
        motion=load_motion(job.motion / "motion.npz"),
        grit=load_grit(job.grit / "grit.npz") if job.engine == "house" else None,
        plate=_rgb(job.plate / "reference.exr"),
        matte=read_exr(job.plate / "matte.exr")[0]["matte.A"],
        clean=_rgb(job.plate / "clean.exr"),
        dust_look=job.dust_look,
    )


def make_frames(job: FrameJob) -> Callable[[int], dict[str, Any]]:
    """The factory of a frame worker: loads the stage, prepares the engine, returns what makes one frame."""
    from setpiece.generate.engines import make_engine

    scene = scene_of(job)
    engine: Engine = make_engine(job.engine)

    def gas(frame: int) -> Gas | None:
        path = job.gas / f"gas.{frame:04d}.npz"
        if not path.is_file():
            raise StageError("the gas of this frame is missing", file=path, frame=frame, remedy="run the shot again")
        return load_gas(path)

    engine.prepare(
        Request(
            scene=scene,
            frames=job.frames,
            samples=job.samples,
            shutter_deg=job.shutter_deg,
            seed=job.seed,
            gas=gas,
            behind_dust=job.behind_dust,
            permit=job.permit,
        )
    )
    holdout = read_exr(job.plate / "holdout.exr")[0]["matte.A"]
    model = measure_grain(scene.plate) if job.grain else None
    names = piece_names(scene.pieces.part, load_pieces(job.pieces / "pieces.npz")[1])
    hashes, crypto = piece_hashes(names), cryptomatte_attributes(names)
    soften_px = softening_px(job.sharpness_px, scene)
    default = CompLook()
    look = replace(default, edge_reach=default.edge_reach * job.edge, light_wrap=default.light_wrap * job.edge)
    mirrors = mirrors_of(job, scene)
    plates: dict[int, Rgb] = {}

    def make(frame: int) -> dict[str, Any]:
        source = job.frames.first if job.still else frame
        if source not in plates:
            plates.clear()
            plates[source] = _rgb(job.plate / f"plate.{source:04d}.exr")
        layers = check_layers(engine.render(frame))
        if soften_px > 0:
            layers = replace(layers, debris=match_sharpness(layers.debris, soften_px))
        layers = as_written(layers)
        result = composite(plates[source], scene.clean, scene.matte, holdout, layers, look=look,
                           grain=_grain(model, job.seed, frame))  # fmt: skip
        if mirrors is not None:
            result = with_mirrors(result, plates[source], layers, mirrors)
        layers = replace(layers, shadow=result.shadow)
        cryptomatte = cryptomatte_channels(layers, hashes)
        channels, float32 = layers_to_channels(layers, result.rgb, result.matte, cryptomatte=cryptomatte)
        path = job.out / frame_name(job.shot, job.version, frame)
        clamped = write_frame(path, channels, float32=float32, provenance=job.provenance, frame=frame, attributes=crypto)
        return {"clamped": clamped, "touched": float(np.mean(result.touched))}

    return make


def as_written(layers: Layers) -> Layers:
    """``layers`` with what the comp is made of rounded as the file holds it: the comp follows from its own layers, and
    where those change nothing it is the plate."""

    def half(plane: np.ndarray) -> np.ndarray:
        return np.clip(plane, -HALF_MAX, HALF_MAX).astype(np.float16).astype(np.float32)

    return replace(layers, debris=half(layers.debris), dust=half(layers.dust), shadow=half(layers.shadow),
                   standing=half(layers.standing))  # fmt: skip


def mirrors_of(job: FrameJob, scene: CollapseScene) -> Mirrors | None:
    """The plate's standing water, as the brief draws it; None where it draws none. A mirror image may have been taken for
    foreground, so the drawing rules."""
    if not job.mirrors:
        return None
    keep = np.logical_or.reduce([scene.clean[..., k] != scene.plate[..., k] for k in range(3)])
    return find_mirrors(scene.plate, scene.camera, np.asarray(job.foot), job.mirrors, keep=keep)


def softening_px(stated: float | None, scene: CollapseScene) -> float:
    """Sigma of the blur that brings debris, rendered sharp, to the plate's own edge spread; 0 where it is as soft."""
    wanted = measure_sharpness(scene.plate, Matte(coverage=np.array(scene.matte))) if stated is None else stated
    return float(np.sqrt(max(0.0, wanted**2 - RENDERED_SPREAD_PX**2)))


def _grain(model: GrainModel | None, seed: int, frame: int) -> Grain | None:
    """The plate's grain for one frame, as the comp wants it; None where the brief wants none."""
    if model is None:
        return None
    bound = model

    def apply(rgb: Rgb, *, where: Plane) -> Rgb:
        return match_grain(rgb, bound, seed=seed, frame=frame, where=where)

    return apply


def _rgb(path: Path) -> Rgb:
    return np.ascontiguousarray(rgb_of(read_exr(path)[0], file=path))
