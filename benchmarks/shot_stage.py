"""The stage of a shot on disk, for a benchmark: whatever `setpiece run` left in the shot's folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from setpiece.core.stage import Gas
from setpiece.core.timing import FrameRange
from setpiece.deliver.frames import rgb_of
from setpiece.generate.contract import CollapseScene
from setpiece.intake.brief import load_brief
from setpiece.media.images import read_exr
from setpiece.stage.archive import load_camera, load_grit, load_light, load_motion, load_pieces
from setpiece.stage.gas import load_gas


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotStage:
    """A finished stage: the scene without and with grit, its frames, its gas, its seed."""

    name: str
    scene: CollapseScene
    frames: FrameRange
    gas: Callable[[int], Gas]
    seed: int


def load_shot(folder: Path) -> ShotStage:
    """Read a shot's folder; raises what the readers raise where a step is missing (run the shot first)."""
    brief = load_brief(folder / "brief.yaml")
    stage = folder / "stage"
    pieces, _ = load_pieces(stage / "pieces" / "pieces.npz")
    plate = stage / "plate"
    scene = CollapseScene(
        camera=load_camera(plate / "camera.json"),
        light=load_light(plate / "light.json"),
        pieces=pieces,
        motion=load_motion(stage / "motion" / "motion.npz"),
        grit=load_grit(stage / "grit" / "grit.npz"),
        plate=_rgb(plate / "reference.exr"),
        matte=read_exr(plate / "matte.exr")[0]["matte.A"],
        clean=_rgb(plate / "clean.exr"),
    )

    def gas(frame: int) -> Gas:
        return load_gas(stage / "gas" / f"gas.{frame:04d}.npz")

    return ShotStage(name=folder.name, scene=scene, frames=brief.frames, gas=gas, seed=brief.seed)


def at_width(scene: CollapseScene, width: int) -> CollapseScene:
    """The same scene for a picture ``width`` pixels wide."""
    camera = scene.camera.scaled(width / scene.camera.width)
    size = (camera.width, camera.height)
    how = cv2.INTER_AREA if width < scene.camera.width else cv2.INTER_CUBIC

    def sized(picture: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(np.maximum(cv2.resize(picture, size, interpolation=how), 0), np.float32)

    return replace(scene, camera=camera, plate=sized(scene.plate), clean=sized(scene.clean),
                   matte=np.minimum(sized(scene.matte), 1))  # fmt: skip


def _rgb(path: Path) -> np.ndarray:
    return np.ascontiguousarray(rgb_of(read_exr(path)[0], file=path))
