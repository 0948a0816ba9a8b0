"""What the plate tells: camera, matte, scale, light, footprint. Found where the brief is silent, written back into it.

First half of the recipe. Every step lands in ``stage/`` with a picture of itself, and every value that was found goes into
``brief.yaml`` as inferred, so that the artist can see it and put another in its place.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.core.light import Light
from setpiece.core.pictures import Matte, PlateInfo
from setpiece.core.progress import Progress
from setpiece.intake.brief import Brief, write_inferred
from setpiece.intake.plate import load_plate
from setpiece.intake.plate_camera import camera_from
from setpiece.intake.roto import read_roto
from setpiece.media.colour import view
from setpiece.media.files import read_json, write_bytes, write_json
from setpiece.media.images import read_exr, resize, write_exr, write_png
from setpiece.production.steps import Steps
from setpiece.production.workspace import Workspace
from setpiece.stage.archive import load_camera, load_light, save_camera, save_light
from setpiece.stage.camera_solve import CameraSolve, StatedCamera, draw_overlay, scale_to_height, seat_on_ground, solve_camera
from setpiece.stage.footprint import auto_footprint
from setpiece.stage.holdout import find_holdout
from setpiece.stage.light_solve import StatedLight, solve_light
from setpiece.stage.matte import segment_building

DEFAULT_STOREYS = 3
BRICK_WARMTH = 1.45  # red over blue, ACEScg: sunlit brick has more, limestone less
FOOT_SHARE = 0.008  # of the plate's height: how far below the footprint a wall may still reach
STONE_HEIGHT_M = 15.0  # lower pale buildings are rendered brick
LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)  # ACEScg
TRUST_NOTE = "confidence of the sun: what turns keeps within the plate's own lit and shaded levels, the more the less"
_SOLVE_WIDTH = 1600  # px; wider plates are solved at this width: edges are as good, and it is quick


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """The plate understood, all at the plate's own size."""

    plate: Rgb
    camera: Camera
    matte: Plane
    holdout: Plane
    light: Light
    footprint_px: np.ndarray


def start_frame(brief: Brief, info: PlateInfo) -> int:
    """The frame of the first crack: as the brief has it, else a quarter of a second in, and never after the shot."""
    stated = brief.stated().collapse.start_frame
    if stated is not None:
        return stated
    return min(info.frames.first + max(4, round(0.25 * float(info.frames.rate))), info.frames.last)


def reference_frame(brief: Brief, info: PlateInfo) -> int:
    """The frame of a clip that the stage is built from: the last one at rest."""
    return info.frames.first if info.still else max(info.frames.first, start_frame(brief, info) - 1)


def _small(plate: Rgb) -> tuple[Rgb, float]:
    scale = min(1.0, _SOLVE_WIDTH / plate.shape[1])
    if scale == 1.0:
        return plate, 1.0
    size = (round(plate.shape[1] * scale), round(plate.shape[0] * scale))
    return resize(plate, size), size[0] / plate.shape[1]


def stated_camera(brief: Brief) -> StatedCamera:
    """The camera section of a brief as the solver wants it."""
    camera = brief.camera
    return StatedCamera(
        focal_px=camera.focal_px or brief.plate.focal_px,
        horizon_y_px=camera.horizon_y_px,
        pitch_deg=camera.pitch_deg,
        roll_deg=camera.roll_deg,
        centre_px=camera.centre_px,
        height_m=camera.height_m,
    )


def camera_of(brief: Brief, width: int, height: int) -> Camera:
    """The camera that a filled-in brief describes, at the plate's size (w, h)."""
    return camera_from(brief.camera, width, height)


class Solver:
    """The steps that read the plate, in order; each is made once and kept."""

    def __init__(
        self, workspace: Workspace, brief: Brief, info: PlateInfo, progress: Progress, *, plate: Rgb | None = None
    ) -> None:
        self.workspace, self.brief, self.info = workspace, brief, info
        self.steps = Steps(workspace.stage, progress)
        self._plate = plate

    @property
    def plate(self) -> Rgb:
        """The reference frame, ACEScg, at full size."""
        if self._plate is None:
            picture, _ = load_plate(self.info, reference_frame(self.brief, self.info))
            self._plate = np.ascontiguousarray(picture.pixels[..., :3])
        return self._plate

    @property
    def _size(self) -> tuple[int, int]:
        return self.info.width, self.info.height

    def _key(self, **more: object) -> dict[str, object]:
        return {"plate": self.info.sha256, "frame": reference_frame(self.brief, self.info), **more}

    def raw_matte(self) -> Plane:
        """The building's matte at the plate's size: the artist's file, or found."""
        section = self.brief.matte
        if section.file is not None:
            return read_roto(self.brief.resolve(section.file), self._size, "matte", subject="building")

        def make(folder: Path) -> None:
            small, scale = _small(self.plate)
            solve = self._first_solve(small, scale)
            full = replace(solve.camera.scaled(1 / scale), width=self.info.width, height=self.info.height)
            found = segment_building(self.plate, camera=full, box=section.box, polygon=section.polygon)
            coverage = np.asarray(found.matte.coverage)
            write_exr(folder / "matte.exr", {"matte.A": coverage}, attributes={})
            write_json(folder / "matte.json", {"confidence": found.confidence, "notes": list(found.notes),
                                               "box": [float(v) for v in found.box]})  # fmt: skip
            write_png(folder / "matte.png", _matte_picture(self.plate, coverage))

        inputs = self._key(box=section.box, polygon=section.polygon, camera=stated_camera(self.brief.stated()).__repr__())
        folder = self.steps.once(
            "matte", inputs, make, sources=("setpiece.stage.matte", "setpiece.stage.built_edges", "setpiece.stage.camera_solve")
        )
        return read_exr(folder / "matte.exr")[0]["matte.A"]

    def _first_solve(self, small: Rgb, scale: float, matte: Matte | None = None) -> CameraSolve:
        stated = stated_camera(self.brief.stated())
        scaled = replace(
            stated,
            focal_px=None if stated.focal_px is None else stated.focal_px * scale,
            horizon_y_px=None if stated.horizon_y_px is None else stated.horizon_y_px * scale,
            centre_px=None if stated.centre_px is None else (stated.centre_px[0] * scale, stated.centre_px[1] * scale),
        )
        focal = None if self.info.focal_px is None else self.info.focal_px * scale
        return solve_camera(small, focal_px=focal, stated=scaled, matte=matte)

    def camera(self, matte: Plane) -> tuple[Camera, dict[str, object]]:
        """The camera at the plate's size and what is known about it; draws ``stage/camera.png``."""
        stated, scale_section = self.brief.stated(), self.brief.stated().scale
        height, height_note = building_height(self.brief)

        def make(folder: Path) -> None:
            small, scale = _small(self.plate)
            small_matte = Matte(coverage=cv2.resize(matte, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA))
            solve = self._first_solve(small, scale)
            if stated.camera.horizon_y_px is None and stated.camera.pitch_deg is None:
                solve = seat_on_ground(solve, small_matte)
            if stated.camera.height_m is None:
                reasons = tuple(reason for reason in solve.reasons if not reason.startswith("eye height"))
                solve = replace(solve, camera=scale_to_height(solve, small_matte, height),
                                reasons=(*reasons, f"eye height from the building's height, {height_note}"))  # fmt: skip
            full = solve.camera.scaled(1 / scale)
            full = replace(full, width=self.info.width, height=self.info.height)
            save_camera(folder / "camera.json", full, confidence=solve.confidence, reasons=list(solve.reasons),
                        normals=[list(n) for n in solve.facade_normals])  # fmt: skip
            write_png(folder / "camera.png", draw_overlay(small, solve))

        inputs = self._key(
            camera=repr(stated_camera(stated)), height=height, scale=scale_section.model_dump(), matte=digest(matte)
        )
        folder = self.steps.once("camera", inputs, make, sources=("setpiece.stage.camera_solve", "setpiece.stage.matte",
                                                                  "setpiece.stage.vanishing"))  # fmt: skip
        write_bytes(self.workspace.stage / "camera.png", (folder / "camera.png").read_bytes())
        notes = dict(read_json(folder / "camera.json")["notes"])
        return load_camera(folder / "camera.json"), notes | {"height_note": height_note}

    def holdout(self, matte: Plane, camera: Camera) -> Plane:
        """Foreground in front of the building: the artist's file, or found; may be empty."""
        section = self.brief.matte
        if section.holdout is not None:
            return read_roto(self.brief.resolve(section.holdout), self._size, "holdout")

        def make(folder: Path) -> None:
            small, scale = _small(self.plate)
            size = (small.shape[1], small.shape[0])
            small_matte = Matte(coverage=np.clip(cv2.resize(matte, size, interpolation=cv2.INTER_AREA), 0, 1))
            found = find_holdout(small, small_matte, camera.scaled(scale))
            coverage = np.asarray(found.coverage)
            if scale != 1.0:
                full = (self.info.width, self.info.height)
                coverage = np.clip(cv2.resize(coverage, full, interpolation=cv2.INTER_LINEAR), 0, 1)
            write_exr(folder / "holdout.exr", {"matte.A": coverage}, attributes={})

        inputs = self._key(matte=digest(matte), camera=camera_key(camera))
        folder = self.steps.once("holdout", inputs, make, sources=("setpiece.stage.holdout",))
        return read_exr(folder / "holdout.exr")[0]["matte.A"]

    def light(self, matte: Plane, camera: Camera, normals: tuple[tuple[float, float], ...]) -> Light:
        """Sun and sky."""
        section = self.brief.stated().light

        def make(folder: Path) -> None:
            small, scale = _small(self.plate)
            size = (small.shape[1], small.shape[0])
            small_matte = Matte(coverage=np.clip(cv2.resize(matte, size, interpolation=cv2.INTER_AREA), 0, 1))
            stated = StatedLight(azimuth_deg=section.azimuth_deg, elevation_deg=section.elevation_deg,
                                 sun_rgb=section.sun_rgb, sky_rgb=section.sky_rgb)  # fmt: skip
            found = solve_light(small, small_matte, camera.scaled(scale), normals, stated)
            save_light(folder / "light.json", found)

        inputs = self._key(matte=digest(matte), light=section.model_dump(), camera=camera_key(camera),
                           normals=normals)  # fmt: skip
        folder = self.steps.once("light", inputs, make, sources=("setpiece.stage.light_solve",))
        return load_light(folder / "light.json")


def building_height(brief: Brief) -> tuple[float, str]:
    """Foot to top in metres, and where the number comes from."""
    scale = brief.stated().scale
    if scale.building_height_m is not None:
        return scale.building_height_m, "stated"
    storeys = scale.storeys or brief.stated().building.storeys
    if storeys is not None:
        return storeys * scale.storey_height_m + 1.0, f"{storeys} storeys of {scale.storey_height_m} m and a parapet"
    return DEFAULT_STOREYS * scale.storey_height_m + 1.0, f"nobody stated a length: {DEFAULT_STOREYS} storeys assumed"


def infer(workspace: Workspace, brief: Brief, info: PlateInfo, progress: Progress) -> Brief:
    """Solve what the brief leaves open and write it in; returns the filled-in brief."""
    solver = Solver(workspace, brief, info, progress)
    matte = solver.raw_matte()
    camera, notes = solver.camera(matte)
    sure = f"confidence {float(str(notes['confidence'])):.2f}"
    normals = tuple((float(n[0]), float(n[1])) for n in notes["normals"])  # type: ignore[attr-defined]
    light = solver.light(matte, camera, normals)
    foot = auto_footprint(Matte(coverage=matte), camera, normals)
    height, height_note = building_height(brief)
    storeys = brief.scale.storeys or brief.building.storeys or max(1, round((height - 1.0) / brief.scale.storey_height_m))
    depth_m, depth_note = depth_of(foot, camera)
    walls = wall_material(solver.plate, matte, height)
    values: dict[str, tuple[object, str]] = {
        "camera.focal_px": (camera.focal_px, f"{info.focal_source}, {sure}"),
        "camera.horizon_y_px": (camera.horizon_y(), sure),
        "camera.roll_deg": (_roll_deg(camera), sure),
        "camera.height_m": (camera.position_m[2], f"from the building's height, {height_note}"),
        "camera.confidence": (float(str(notes["confidence"])), "; ".join(str(r) for r in notes["reasons"])[:160]),  # type: ignore[attr-defined]
        "scale.building_height_m": (height, height_note),
        "scale.assumed": (height_note.startswith("nobody"), height_note),
        "light.azimuth_deg": (light.azimuth_deg, f"confidence {light.confidence:.2f}"),
        "light.elevation_deg": (light.elevation_deg, f"confidence {light.confidence:.2f}"),
        "light.trust": (light.confidence, TRUST_NOTE),
        "light.sun_rgb": (light.sun_rgb, "irradiance of the sun, plate units"),
        "light.sky_rgb": (light.sky_rgb, "irradiance of the sky, plate units"),
        "building.footprint": (foot.tolist(), "the foot of the matte"),
        "building.depth_m": (depth_m, depth_note),
        "building.storeys": (storeys, height_note),
        "building.materials.walls": walls,
        "building.wall_thickness_m": thickness_of(
            str(brief.building.materials.walls if brief.is_stated("building.materials.walls") else walls[0]), height
        ),
        "collapse.start_frame": (start_frame(brief, info), "a quarter of a second in"),
    }
    filled = write_inferred(workspace.brief, values)
    # The holdout is found with the camera as it stands in the brief, six digits of it, and so is everything from here on.
    Solver(workspace, filled, info, progress, plate=solver.plate).holdout(matte, camera_of(filled, info.width, info.height))
    return filled


def solved(workspace: Workspace, brief: Brief, info: PlateInfo, progress: Progress) -> tuple[Solved, Solver]:
    """Everything that the filled-in brief says about the plate, as values at the plate's size."""
    solver = Solver(workspace, brief, info, progress)
    matte = solver.raw_matte()
    camera = camera_of(brief, info.width, info.height)
    light = brief.light
    if light.azimuth_deg is None or light.elevation_deg is None or light.sun_rgb is None or light.sky_rgb is None:
        raise StageError("the brief's light is incomplete", remedy="remove the light section's lines to have it found again")
    sun = light.sun_rgb
    if brief.is_stated("light.sun_to_sky") and light.sun_to_sky is not None:
        gain = light.sun_to_sky * sum(light.sky_rgb) / max(sum(sun), 1e-6)
        sun = (sun[0] * gain, sun[1] * gain, sun[2] * gain)
    if brief.building.footprint is None:
        raise StageError("the brief has no footprint", remedy="remove the edit of building.footprint, or state two points")
    value = Solved(
        plate=solver.plate,
        camera=camera,
        matte=above_foot(matte, np.array(brief.building.footprint, np.float64)),
        holdout=solver.holdout(matte, camera),
        light=Light(
            azimuth_deg=light.azimuth_deg,
            elevation_deg=light.elevation_deg,
            sun_rgb=sun,
            sky_rgb=light.sky_rgb,
            confidence=1.0 if light.trust is None else light.trust,
        ),
        footprint_px=np.array(brief.building.footprint, np.float64),
    )
    return value, solver


def above_foot(matte: Plane, foot_px: np.ndarray) -> Plane:
    """The matte without what lies well below the footprint: steps and pavement that were taken for wall stay plate."""
    height, width = matte.shape
    order = np.argsort(foot_px[:, 0], kind="stable")
    line = np.interp(np.arange(width) + 0.5, foot_px[order, 0], foot_px[order, 1]) + FOOT_SHARE * height
    over = np.arange(height)[:, None] + 0.5 - line[None]
    return np.asarray(matte * np.clip(1.0 - over, 0.0, 1.0), np.float32)


def wall_material(plate: Rgb, matte: Plane, height_m: float) -> tuple[str, str]:
    """What the walls are built of, by their colour and height, and why: brick is red, tall pale walls are stone."""
    inside = plate[matte > 0.98]
    level = inside @ LUMA
    bright = inside[level >= np.percentile(level, 40)] if len(inside) else np.ones((1, 3), np.float32)
    warmth = float(np.median(bright[:, 0] / np.maximum(bright[:, 2], 1e-6)))
    if height_m >= STONE_HEIGHT_M and warmth < BRICK_WARMTH:
        return "stone", f"pale walls {height_m:.0f} m high"
    return "masonry", "red walls" if warmth >= BRICK_WARMTH else "a low building"


def thickness_of(walls: str, height_m: float) -> tuple[float, str]:
    """Thickness of the outer walls in metres by material and height, and why."""
    share = {"stone": 24.0, "masonry": 30.0}.get(walls)
    if share is None:
        return 0.4, f"usual for {walls}"
    return float(np.clip(height_m / share, 0.4, 2.5)), f"height / {share:.0f}, usual for {walls}, at least 0.4"


def depth_of(foot_px: np.ndarray, camera: Camera) -> tuple[float, str]:
    """Front to back in metres, and where the number comes from: the second visible wall, or else the width."""
    points = camera.on_ground(foot_px)
    stretches = np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1)
    if not np.isfinite(stretches).all():
        return 10.0, "nothing to measure it by"
    if len(stretches) > 1:
        return float(np.clip(np.sort(stretches)[-2], 3.0, 60.0)), "the length of the side wall"
    return float(np.clip(0.45 * stretches[0], 5.0, 14.0)), "0.45 of the width"


def _roll_deg(camera: Camera) -> float:
    return math.degrees(math.atan2(-float(camera.axes[0][2]), float(camera.axes[1][2])))


def camera_key(camera: Camera) -> str:
    """All of a camera, as text for the key of a step."""
    return repr((camera.width, camera.height, camera.focal_px, camera.centre_px, camera.position_m, camera.axes.tolist()))


def digest(array: np.ndarray) -> str:
    """SHA-256 of an array's values, for the key of a step."""
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def _matte_picture(plate: Rgb, coverage: Plane) -> np.ndarray:
    """The plate with everything outside the matte in dim red, for a look."""
    picture = view(plate, view="plain").astype(np.float32)
    outside = 1 - coverage[..., None]
    return np.clip(picture * (1 - 0.6 * outside) + np.array([90, 0, 0], np.float32) * outside, 0, 255).astype(np.uint8)
