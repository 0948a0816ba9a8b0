"""A set turned about its middle, as a model on a table is: the walls between it and the camera are wild, the ceiling is off.

Place in the flow: after the views, for the boards. One exposure and one white for the whole turn, so that nothing pumps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from setpiece.clearance.gates import mark
from setpiece.core.arrays import Display
from setpiece.core.progress import Progress
from setpiece.core.scene import Scene, SceneCamera
from setpiece.departments.previs.sets import layers, marked, ungraded
from setpiece.intake.previs_document import SetBrief
from setpiece.media.images import read_exr
from setpiece.media.movies import write_movie
from setpiece.production.sets import AdmittedSet
from setpiece.production.workspace import Workspace

RATE = Fraction(24)
_LENS_MM, _SENSOR_MM = 35.0, (25.54, 14.37)
_TILT_DEG = 32.0


def turning(scene: Scene, frames: int) -> tuple[SceneCamera, ...]:
    """``frames`` cameras evenly about the middle of a set, looking down into it, far enough to hold its diagonal.

    >>> from setpiece.core.scene import Sky
    >>> sky = Sky(sun_azimuth_deg=0, sun_elevation_deg=40, sun_lux=1, sky_lux=1)
    >>> set_ = Scene(title="", placed=(), lamps=(), sky=sky, cameras=(), room_m=(6, 4, 3))
    >>> [camera.name for camera in turning(set_, 2)]
    ['turn_0001', 'turn_0002']
    """
    width, depth, height = scene.room_m
    away = 0.5 * math.hypot(width, depth) * 1.3 / math.tan(math.atan(_SENSOR_MM[0] / 2 / _LENS_MM)) + 0.3 * height
    tilt = math.radians(_TILT_DEG)
    made = []
    for number in range(frames):
        angle = 2 * math.pi * number / frames - 0.35 * math.pi
        flat = away * math.cos(tilt)
        made.append(
            SceneCamera(
                name=f"turn_{number + 1:04d}",
                position_m=(flat * math.cos(angle), flat * math.sin(angle), 0.3 * height + away * math.sin(tilt)),
                target_m=(0.0, 0.0, 0.3 * height),
                lens_mm=_LENS_MM,
                sensor_mm=_SENSOR_MM,
                sensor="turntable",
                mood_stops=scene.cameras[0].mood_stops if scene.cameras else 0.0,
            )
        )
    return tuple(made)


def turn(
    workspace: Workspace,
    brief: SetBrief,
    scene: Scene,
    path: Path,
    *,
    like: Path | None,
    frames: int,
    size: tuple[int, int],
    samples: int,
    admitted: AdmittedSet,
    progress: Progress,
) -> Path:
    """Render the turn of a set and write it as a movie, every frame marked and graded as the view ``like`` (its EXR) is. Frames
    that are there are not made again."""
    from setpiece.stage.blender.set_view import read_view, regraded

    cameras = turning(scene, frames)
    around = replace(scene, cameras=cameras)
    files = layers(
        workspace, brief.spec, lambda: around, {camera.name: ungraded(camera) for camera in cameras},
        size=size, samples=samples, admitted=admitted, progress=progress, passes=False,
    )  # fmt: skip
    views = [read_view(files[camera.name], around, camera, passes=False) for camera in cameras]
    stops, white = (
        float(np.median(values)) for values in zip(*((one.exposure_stops, one.white_kelvin) for one in views), strict=True)
    )
    if like is not None:
        _, notes = read_exr(like, only=())
        stops, white = (float(str(notes[f"setpiece:{name}"])) for name in ("exposure_stops", "white_kelvin"))
    stamp = mark(admitted.cleared.evidence)

    def shown() -> Iterator[Display]:
        for view in views:
            admitted.permit.check()
            graded = regraded(view, exposure_stops=stops, white_kelvin=white)
            yield marked(graded.display, f"{brief.name}  turntable", stamp)

    write_movie(path, shown(), rate=RATE, codec="h264")
    return path
