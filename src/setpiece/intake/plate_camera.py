"""The camera as a filled-in brief has it: what every step after the solve works with, six digits of it."""

from __future__ import annotations

import math

from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.intake.schema import CameraSection


def camera_from(camera: CameraSection, width: int, height: int) -> Camera:
    """The camera of a brief's section, at the plate's size (w, h). Raises StageError where it is incomplete."""
    if camera.focal_px is None or camera.height_m is None or (camera.horizon_y_px is None and camera.pitch_deg is None):
        raise StageError("the brief's camera is incomplete", remedy="run `setpiece run` without editing `# inferred` lines out")
    centre = camera.centre_px or (width / 2, height / 2)
    if camera.pitch_deg is not None:
        pitch = camera.pitch_deg
    else:
        assert camera.horizon_y_px is not None
        roll = math.radians(camera.roll_deg or 0.0)
        pitch = math.degrees(math.atan((camera.horizon_y_px - centre[1]) / camera.focal_px * math.cos(roll)))
    return Camera.looking(
        width=width,
        height=height,
        focal_px=camera.focal_px,
        height_m=camera.height_m,
        pitch_deg=pitch,
        roll_deg=camera.roll_deg or 0.0,
        centre_px=centre,
    )
