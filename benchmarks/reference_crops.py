"""The error of both engines at a size at which no whole reference can be afforded: over crops spread across what was made.

House renders the whole frame; Cycles, at the samples of the comparison and at the reference's, renders only the crops, with the
camera, the plate and the light of the whole frame (border render). Where the crops lie is worked out from the house's layers
and stated with the results.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.rehearsal import rehearsal
from pictures import behind, clocked, compare, over, view
from shot_stage import ShotStage, at_width

from setpiece.core.arrays import Mask, Rgb
from setpiece.generate.contract import CollapseScene, Request
from setpiece.generate.engines.cycles import Border, CyclesEngine, CyclesLook
from setpiece.generate.engines.house.engine import HouseEngine
from setpiece.media.images import write_png

FULL = 0.25  # a crop shows something made in at least this share of it


def spread_crops(made: Mask, *, count: int, size: tuple[int, int]) -> tuple[Border, ...]:
    """Up to ``count`` crops of ``size`` (w, h) that lie apart from each other, on a grid, where something was made.

    The first is the fullest; each next one is as far as can be from those chosen (Gonzalez 1985).
    """
    width, height = size
    corners = [(x, y) for y in range(0, made.shape[0] - height + 1, height) for x in range(0, made.shape[1] - width + 1, width)]
    share = {at: float(made[at[1] : at[1] + height, at[0] : at[0] + width].mean()) for at in corners}
    left = sorted((at for at in corners if share[at] >= FULL), key=lambda at: (-share[at], at))
    chosen = left[:1]
    while left and len(chosen) < count:
        far = max(left, key=lambda at: (min((at[0] - x) ** 2 + (at[1] - y) ** 2 for x, y in chosen), share[at], at))
        if far in chosen:
            break
        chosen.append(far)
    return tuple((x, y, x + width, y + height) for x, y in sorted(chosen, key=lambda at: (at[1], at[0])))


def measure(
    stage: ShotStage,
    *,
    width: int,
    frames: tuple[int, ...],
    count: int,
    size: tuple[int, int],
    samples: int,
    reference_samples: int,
    out: Path,
    say: Callable[[str], None],
) -> list[dict[str, Any]]:
    """One row per frame: the crops, the errors over all of their pixels where something was made, seconds of Cycles."""
    whole = at_width(stage.scene, width)
    scene = CollapseScene(camera=whole.camera, light=whole.light, pieces=whole.pieces, motion=whole.motion,
                          plate=whole.plate, matte=whole.matte, clean=whole.clean)  # fmt: skip
    request = Request(scene=scene, frames=stage.frames, samples=4, seed=stage.seed, gas=stage.gas, permit=rehearsal())
    house = HouseEngine()
    house.prepare(request)
    engines = {
        name: CyclesEngine(look=CyclesLook(samples=n)) for name, n in (("cycles", samples), ("reference", reference_samples))
    }
    for engine in engines.values():
        engine.prepare(request)
    rest = engines["cycles"]._at_rest()
    engines["reference"]._rest = rest
    rows = []
    for frame in frames:
        layers = house.render(frame)
        made = (layers.dust[..., 3] > 0.02) | (layers.debris[..., 3] > 0.02)
        crops = spread_crops(made, count=count, size=size)
        row: dict[str, Any] = {"width": width, "height": scene.camera.height, "frame": frame, "crops": crops}
        if not crops:
            say(f"{width} px, frame {frame}: nothing was made that a crop could show")
            continue
        back = behind(scene, layers)
        pictures = {"house": over(layers.dust, over(layers.debris, back))}
        for name, engine in engines.items():
            with clocked(row, name, children=True):
                front = engine.pictures(frame, ("whole",), gas=stage.gas(frame), borders=crops)["whole"]
            pictures[name] = over(front, back)
        where = np.zeros_like(made)
        for left, top, right, bottom in crops:
            where[top:bottom, left:right] = made[top:bottom, left:right]
        for name in ("house", "cycles"):
            errors = [(compare(_cut(pictures[name], crop), _cut(pictures["reference"], crop), _cut(where, crop)), crop)
                      for crop in crops]  # fmt: skip
            weights = [float(_cut(where, crop).sum()) for crop in crops]
            row[f"{name}_error"] = {
                key: float(np.average([error[key] for error, _ in errors], weights=weights)) for key in errors[0][0]
            }
        _show(out / f"{stage.name}_{width}_{frame}_crops.png", pictures, crops)
        rows.append(row)
        say(f"{width} px, frame {frame}, {len(crops)} crops: house SSIM {row['house_error']['ssim']:.3f}, "
            f"Cycles {row['cycles_error']['ssim']:.3f}; reference took {row['reference_wall_s']:.0f} s")  # fmt: skip
    return rows


def _cut(picture: np.ndarray, crop: Border) -> np.ndarray:
    left, top, right, bottom = crop
    return picture[top:bottom, left:right]


def _show(path: Path, pictures: dict[str, Rgb], crops: tuple[Border, ...]) -> None:
    """A line a crop: house, Cycles, reference; then the first two's difference from the reference, four times over."""
    lines = []
    for crop in crops:
        seen = {name: view(_cut(picture, crop)) for name, picture in pictures.items()}
        apart = [np.clip(4 * np.abs(seen[name] - seen["reference"]), 0, 1) for name in ("house", "cycles")]
        lines.append(np.concatenate([seen["house"], seen["cycles"], seen["reference"], *apart], axis=1))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, (np.concatenate(lines) * 255 + 0.5).astype(np.uint8))
