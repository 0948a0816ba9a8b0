"""Views of a set: asked of the Blender worker, read back, exposed and balanced as by a camera. Never imports bpy.

Exposure and white balance are ours and come after the render, on its linear pixels: a change of grade needs no Blender
(:func:`regraded`). The picture is ACEScg, exposed so that a metered mid-tone stands at 18 %, balanced to ACEScg's white.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.arrays import Display, Mask, Plane, Rgb, frozen
from setpiece.core.errors import StageError
from setpiece.core.progress import Progress
from setpiece.core.scene import Scene, SceneCamera
from setpiece.core.set_passes import SetPasses
from setpiece.media.colour import luminance, view
from setpiece.media.files import write_json
from setpiece.media.images import read_exr
from setpiece.media.worker import Worker, run_worker, worker_failed
from setpiece.stage.blender.set_job import SCHEMA, save_set
from setpiece.stage.blender.set_passes import read_passes
from setpiece.stage.blender.set_sky import light_colour

MIDDLE_GREY = 0.18
WHITE_KELVIN = 6000.0  # about ACEScg's own white
_METER_PX = 48
_LIMIT_STOPS = 16.0
_INCIDENT = 0.7  # the share, in stops, of an incident meter's reading
_ENOUGH = 0.15  # of the frame, to be metered alone
_WINDOWS = frozenset({"window", "sky", "curtain", "backdrop"})


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A rendered view. ``picture`` (h, w, 3) linear ACEScg, exposed by ``exposure_stops`` (0: 100 cd/m2 show as 1) and
    balanced for ``white_kelvin``; ``passes`` None where they were not asked for."""

    name: str
    picture: Rgb
    exposure_stops: float
    white_kelvin: float
    passes: SetPasses | None = None

    def __post_init__(self) -> None:
        frozen(self.picture)

    @property
    def display(self) -> Display:
        """uint8 sRGB through the ACES 1.0 SDR rendering, for eyes."""
        return view(self.picture, view="aces")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """What is asked of one camera: size in pixels, samples a pixel, passes or the picture alone. ``stem`` names its file, where
    its number and camera shall not."""

    camera: str
    width: int = 480
    height: int = 270
    samples: int = 8
    denoise: bool = True
    passes: bool = True
    stem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefacts:
    """Files to make from the same built scene beside the views: ``set.blend`` (packed), ``set.glb`` (flat colours)."""

    blend: bool = False
    gltf: bool = False


def metered(picture: Rgb, lit: Mask | None = None, albedo: Rgb | None = None) -> float:
    """The exposure, stops, that brings the middle of ``picture`` (unexposed, linear) to 18 %.

    With ``albedo`` (h, w, 3) it is read as by an incident meter, most of the way: what falls on things, not what they throw
    back, so that a white room stays white and a dark one dark.

    A camera's matrix meter: small averages over the frame, the middle counting double, the brightest tenth (bulbs) and the
    darkest twentieth left out, the mean in stops; then held back so that no more than a tenth of the frame clips far. Only what
    ``lit`` (h, w) marks is metered, as a cameraman reads the set and not its windows; where that is little, all of it is.
    Raises :class:`StageError` where nothing is lit.
    """
    light = np.maximum(luminance(picture), 0)
    height, width = light.shape
    step = max(1, width // _METER_PX)
    rows, columns = height // step * step, width // step * step

    def cells(plane: np.ndarray) -> np.ndarray:
        return np.asarray(plane[:rows, :columns].reshape(rows // step, step, columns // step, step).mean(axis=(1, 3)))

    small = cells(light)
    if albedo is not None:
        thrown = np.clip(luminance(albedo), 0.03, 0.9)
        small = small * cells((MIDDLE_GREY / thrown) ** _INCIDENT)
    if not np.isfinite(small).all() or float(small.max()) <= 0:
        raise StageError("there is no light in the view", remedy="switch a lamp on, or give the scene a sky")
    y, x = np.indices(small.shape)
    middle = np.hypot((y + 0.5) / small.shape[0] - 0.5, (x + 0.5) / small.shape[1] - 0.5)
    weight = 1 + (middle < 0.3)
    if lit is not None:
        chosen = cells(lit.astype(np.float32)) > 0.99
        if chosen.mean() > _ENOUGH:
            small, weight = small[chosen], weight[chosen]
    low, high = np.quantile(small, (0.05, 0.9))
    counted = (small >= low) & (small <= high)
    level = 2 ** np.average(np.log2(np.maximum(small[counted], high * 1e-4 + 1e-12)), weights=weight[counted])
    bright = float(np.quantile(small, 0.9)) / 6.0
    stops = math.log2(MIDDLE_GREY / max(float(level), MIDDLE_GREY * bright, 1e-9))
    return float(np.clip(stops, -_LIMIT_STOPS, _LIMIT_STOPS))


def _balance(kelvin: float) -> np.ndarray:
    """Gains of the channels that make light of ``kelvin`` the colour of WHITE_KELVIN."""
    return np.array(light_colour(WHITE_KELVIN), np.float32) / np.array(light_colour(kelvin), np.float32)


def estimated_white(picture: Rgb) -> float:
    """The colour temperature, K, of the light that a view is mostly lit by, part of the way to daylight.

    Grey world on mid-tones along the black-body curve; two thirds are taken out, as a cameraman leaves tungsten warm.
    """
    light = luminance(picture)
    low, high = np.quantile(light, (0.3, 0.95))
    chosen = picture[(light >= low) & (light <= high)].mean(axis=0)
    kelvins = np.geomspace(2200, 9000, 60)
    ratio = math.log(max(float(chosen[0]), 1e-9) / max(float(chosen[2]), 1e-9))
    found = min(kelvins, key=lambda k: abs(math.log(light_colour(float(k))[0] / light_colour(float(k))[2]) - ratio))
    mired = 1e6 / WHITE_KELVIN + (1e6 / float(found) - 1e6 / WHITE_KELVIN) * 0.66
    return float(round(1e6 / mired / 50) * 50)


def developed(
    name: str,
    linear: Rgb,
    *,
    exposure_stops: float | None,
    white_kelvin: float | None,
    mood_stops: float = 0.0,
    lit: Mask | None = None,
    albedo: Rgb | None = None,
) -> View:
    """An unexposed picture as a camera would record it; None: metered on what is ``lit``, held ``mood_stops`` from it;
    estimated."""
    kelvin = estimated_white(linear) if white_kelvin is None else white_kelvin
    balanced = linear * _balance(kelvin)
    stops = metered(balanced, lit, albedo) + mood_stops if exposure_stops is None else exposure_stops
    return View(
        name=name, picture=(balanced * np.float32(2.0**stops)).astype(np.float32), exposure_stops=stops, white_kelvin=kelvin
    )


def regraded(view: View, *, exposure_stops: float | None = None, white_kelvin: float | None = None) -> View:
    """The same view with another exposure or white, from its linear pixels; None keeps what it has."""
    stops = view.exposure_stops if exposure_stops is None else exposure_stops
    kelvin = view.white_kelvin if white_kelvin is None else white_kelvin
    gain = _balance(kelvin) / _balance(view.white_kelvin) * np.float32(2.0 ** (stops - view.exposure_stops))
    return replace(view, picture=(view.picture * gain).astype(np.float32), exposure_stops=stops, white_kelvin=kelvin)


def render_layers(
    scene: Scene,
    shots: Sequence[Shot],
    *,
    folder: Path,
    progress: Progress,
    artefacts: Artefacts | None = None,
    worker: Worker | None = None,
    timeout_s: float = 3600.0,
) -> tuple[Path, ...]:
    """Build ``scene`` once and render every one of ``shots``: ``<stem>.layers.exr`` each in ``folder``, unexposed. A ``worker``
    over ``folder`` that is up already is used and left up; the scene that it built last is not built again.

    Each file appears when it is whole, so that an interrupted run keeps what it finished. Raises :class:`StageError` for a
    camera that the scene has not, :class:`WorkerFailed`, :class:`DependencyMissing`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cameras = {camera.name: camera for camera in scene.cameras}
    rows = [_row(cameras, shot, index) for index, shot in enumerate(shots)]
    save_set(folder, scene)
    wanted = artefacts or Artefacts()
    job = {"schema": SCHEMA, "kind": "set", "views": rows, "blend": wanted.blend, "gltf": wanted.gltf}
    if wanted.blend or wanted.gltf:  # whoever goes on from these looks through all of the cameras
        job["cameras"] = [_row(cameras, Shot(camera=camera.name), index) for index, camera in enumerate(scene.cameras)]
    write_json(folder / "job.json", job)
    made = tuple(folder / f"{row['file']}.layers.exr" for row in rows)
    for path in made:
        path.unlink(missing_ok=True)
    if worker is None:
        run_worker("set", folder, progress=progress, timeout_s=timeout_s)
    else:
        worker.do("set", progress=progress, timeout_s=timeout_s)
    for path, shot in zip(made, shots, strict=True):
        if not path.is_file():
            raise worker_failed(f"the Blender worker left no view '{shot.camera}'", folder)
    return made


def render_views(scene: Scene, shots: Sequence[Shot], *, folder: Path, progress: Progress) -> tuple[View, ...]:
    """Render ``shots`` and develop them. Raises as :func:`render_layers`."""
    cameras = {camera.name: camera for camera in scene.cameras}
    made = render_layers(scene, shots, folder=folder, progress=progress)
    return tuple(
        read_view(path, scene, cameras[shot.camera], passes=shot.passes) for path, shot in zip(made, shots, strict=True)
    )


def _row(cameras: dict[str, SceneCamera], shot: Shot, index: int) -> dict[str, Any]:
    camera = cameras.get(shot.camera)
    if camera is None:
        raise StageError(f"there is no view '{shot.camera}'", remedy=f"ask for one of {', '.join(sorted(cameras)) or 'none'}")
    if not (16 <= shot.width <= 8192 and 16 <= shot.height <= 8192 and 1 <= shot.samples <= 65536):
        raise StageError(
            f"{shot.width}x{shot.height} at {shot.samples} samples cannot be rendered",
            remedy="stay within 16-8192 px and 65536 samples",
        )
    return {
        "name": camera.name, "file": shot.stem or f"{index:02d}_{re.sub(r'[^A-Za-z0-9_-]', '_', camera.name)}",
        "position_m": list(camera.position_m), "target_m": list(camera.target_m), "lens_mm": camera.lens_mm,
        "sensor_mm": list(camera.sensor_mm), "fstop": camera.fstop, "focus_m": camera.focus_m, "width": shot.width,
        "height": shot.height, "samples": shot.samples, "denoise": shot.denoise, "passes": shot.passes,
    }  # fmt: skip


def read_view(path: Path, scene: Scene, camera: SceneCamera, *, passes: bool = True) -> View:
    """The layers of a rendered view as the camera records it: metered, balanced. Raises :class:`StageError` for a file that
    lacks a layer."""
    channels, _ = read_exr(path)
    linear = np.stack([_channel(channels, f"Combined.{name}", path) for name in "RGB"], axis=-1)
    found = read_passes(channels, scene, file=path) if passes else None
    made = developed(
        camera.name,
        np.maximum(linear, 0),
        exposure_stops=camera.exposure_stops,
        white_kelvin=camera.white_kelvin,
        mood_stops=camera.mood_stops,
        lit=None if found is None or scene.exterior else _indoors(found),
        albedo=None if found is None else found.albedo,
    )
    return replace(made, passes=found)


def _indoors(passes: SetPasses) -> Mask:
    """What a cameraman would meter of a room: neither its windows nor what is seen through them."""
    window = np.array([*(category in _WINDOWS for category in passes.categories), False])
    return np.isfinite(passes.depth) & ~window[passes.ids[..., 0]]


def _channel(channels: dict[str, Plane], ending: str, path: Path) -> Plane:
    """The channel whose name ends with ``ending``: Blender puts its layer's name before it."""
    for name, plane in channels.items():
        if name.endswith(ending):
            return plane
    raise StageError(f"has no channel '{ending}'", file=path, remedy="render the view again")
