"""The camera of a plate: focal length as known or found, tilt from upright edges, refined by the level ones.

Upright edges of buildings meet in the zenith, which gives pitch and roll; the families of level edges pin the horizon
and tell which way the facades face (Manhattan directions, Coughlan and Yuille 1999, scored on segments as in Tardif
2009). Every value can be stated instead. A plate that does not tell is not an error: the solve says what it assumed,
and its confidence drops. It refuses contradictory statements and cameras that look past 60 degrees up or down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from setpiece.core.arrays import Display, Rgb
from setpiece.core.camera import Camera
from setpiece.core.errors import CameraError, MatteError
from setpiece.core.pictures import Matte
from setpiece.stage.footprint import auto_footprint
from setpiece.stage.line_segments import Segments, deviation_deg, display_like, find_segments, to_picture
from setpiece.stage.matte import foot_line
from setpiece.stage.vanishing import (
    DEFAULT_FIELD_DEG,
    Tilt,
    find_bend,
    find_focal,
    find_tilt,
    level_peaks,
    refine_tilt,
    unbend,
    upright_weight,
)

EYE_HEIGHT_M = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCamera:
    """What the brief states about the camera; None: find it. ``horizon_y_px`` is at the principal point's column."""

    focal_px: float | None = None
    horizon_y_px: float | None = None
    pitch_deg: float | None = None
    roll_deg: float | None = None
    centre_px: tuple[float, float] | None = None
    height_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VanishingPoint:
    """A family of parallel edges: its world direction (unit), how many segments agree, their total length in px and
    the median angle in degrees by which they miss."""

    direction: tuple[float, float, float]
    inliers: int
    length_px: float
    residual_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSolve:
    """The camera and why to believe it (``confidence`` 0..1, ``reasons`` in plain words).

    ``facade_normals`` are candidates for the way the facades face: level unit vectors (x, y) in the world of
    :meth:`Camera.looking`, best first. ``segments`` and ``family`` (0 upright, 1.. level families, -1 none) serve the
    overlay.
    """

    camera: Camera
    confidence: float
    reasons: tuple[str, ...]
    vertical: VanishingPoint | None
    horizontals: tuple[VanishingPoint, ...]
    facade_normals: tuple[tuple[float, float], ...]
    segments: Segments
    family: tuple[int, ...]


def solve_camera(
    plate: Rgb,
    *,
    focal_px: float | None,
    stated: StatedCamera | None = None,
    matte: Matte | None = None,
    drawn: Segments | None = None,
) -> CameraSolve:
    """Solve the camera of ``plate`` (ACEScg, scene-linear).

    ``focal_px`` is what the file tells (EXIF) at the plate's size; ``stated`` outranks it and everything found. With a
    ``matte`` only edges on the building count; ``drawn`` edges stand in for those of the picture. Raises
    :class:`CameraError` where statements contradict one another.
    """
    stated = stated or StatedCamera()
    height, width = plate.shape[:2]
    _check(stated, width, height)
    segments = find_segments(plate) if drawn is None else drawn
    if matte is not None:
        segments = _on_matte(segments, matte.fits((width, height)))
    reasons: list[str] = []
    centre = stated.centre_px or (width / 2, height / 2)
    focal, lens = _lens(segments, stated, focal_px, width, centre, reasons)
    given = Tilt(pitch_deg=stated.pitch_deg, roll_deg=stated.roll_deg)
    bend = find_bend(segments, focal, centre, width, height, given)
    if bend:
        reasons.append(f"the lens bends straight edges by {bend:.0%} at the corners; allowed for in the solve")
    straight = unbend(segments, bend, centre, width, height)
    tilt = find_tilt(straight, focal, centre, width, height, given)
    if tilt is None:
        reasons.append("no upright edges found: the camera is taken as level")
    pitch, roll = tilt or (0.0, 0.0)
    pitch, roll = refine_tilt(straight, focal, centre, width, height, given, pitch, roll)
    pitch, roll = _apply_stated(stated, focal, centre, pitch, roll, reasons)
    if abs(pitch) > 60:
        raise CameraError(f"the camera seems to look {pitch:.0f} degrees up", remedy="state pitch_deg or horizon_y_px")
    if stated.height_m is None:
        reasons.append(f"eye height {EYE_HEIGHT_M} m is assumed")
    camera = Camera.looking(
        width=width,
        height=height,
        focal_px=focal,
        height_m=stated.height_m if stated.height_m is not None else EYE_HEIGHT_M,
        pitch_deg=pitch,
        roll_deg=roll,
        centre_px=centre,
    )
    return _judge(camera, straight, segments, reasons, lens=lens, stated=stated)


def _lens(
    segments: Segments,
    stated: StatedCamera,
    from_file: float | None,
    width: int,
    centre: tuple[float, float],
    reasons: list[str],
) -> tuple[float, float]:
    """Focal length in pixels and how far to trust it (0..1)."""
    if stated.focal_px is not None:
        reasons.append(f"focal length {stated.focal_px:.0f} px is stated")
        return stated.focal_px, 1.0
    if from_file is not None:
        reasons.append(f"focal length {from_file:.0f} px is from the file")
        return from_file, 1.0
    found = find_focal(segments, width, centre)
    if found is None:
        reasons.append(f"focal length is unknown and not visible in the plate: {DEFAULT_FIELD_DEG:.0f} degrees assumed")
        return width / 2 / math.tan(math.radians(DEFAULT_FIELD_DEG / 2)), 0.25
    field = 2 * math.degrees(math.atan(width / 2 / found))
    reasons.append(f"focal length found from vanishing points: {field:.0f} degrees wide")
    return found, 0.6


def seat_on_ground(solve: CameraSolve, matte: Matte, *, margin: float = 0.06) -> CameraSolve:
    """The solve itself where the building's foot is seen from above; else one whose ground plane passes under it.

    Where the building stands on steps or a rise, its foot lies at or above the horizon and no level ground can hold
    both camera and building. The world is then pitched until the horizon clears the highest stretch of the foot by
    ``margin`` of the plate's height: gravity leans by the few degrees that the steps rise. Reason and a lower
    confidence say so; a stated horizon or pitch is for the caller to respect.
    """
    camera = solve.camera
    line = foot_line(matte, camera)
    columns = np.linspace(line[0, 0], line[-1, 0], 200)
    feet = np.interp(columns, line[:, 0], line[:, 1])
    clear = feet - np.array([camera.horizon_y(float(x)) for x in columns])
    worst = float(np.percentile(clear, 5))
    if worst >= 0.02 * camera.height:
        return solve
    lacking = margin * camera.height - worst
    right, up, forward = (float(axis[2]) for axis in camera.axes)
    roll = math.degrees(math.atan2(-right, up))
    horizon = camera.horizon_y() - lacking
    pitch = _pitch_of_horizon(horizon, camera.focal_px, camera.centre_px, roll)
    seated = Camera.looking(
        width=camera.width,
        height=camera.height,
        focal_px=camera.focal_px,
        height_m=camera.position_m[2],
        pitch_deg=pitch,
        roll_deg=roll,
        centre_px=camera.centre_px,
    )
    lean = math.degrees(math.asin(forward)) - pitch
    reason = f"the building stands above eye level (steps, a rise): the ground is leant by {lean:.1f} degrees to meet it"
    return replace(solve, camera=seated, reasons=(*solve.reasons, reason), confidence=round(solve.confidence * 0.6, 3))


def scale_to_height(solve: CameraSolve, matte: Matte, building_height_m: float) -> Camera:
    """The solved camera at the eye height from which the matte measures ``building_height_m`` from foot to top.

    Foot and top are taken in the same upright plane: the top is the highest row at which the matte is at least 12 % of
    its own width (a ridge or parapet, not a finial or chimney), the foot that of the footprint below it. Where the foot
    lies at or above the horizon (steps, a rise) a level ground through it cannot be seen and :class:`CameraError` says
    so: :func:`seat_on_ground` first.
    """
    camera = solve.camera
    if not 0.5 <= building_height_m <= 1000:
        raise CameraError(f"a building {building_height_m} m high is out of range", remedy="state 0.5 to 1000 metres")
    coverage = matte.fits((camera.width, camera.height)).coverage > 0.5
    rows = coverage.sum(1)
    columns = np.flatnonzero(coverage.any(0))
    if len(columns) == 0:
        raise MatteError("the matte is empty", remedy="state a box around the building")
    top_row = int(np.flatnonzero(rows >= max(1.0, 0.12 * (columns[-1] - columns[0] + 1)))[0])
    top_x = float(np.median(np.flatnonzero(coverage[top_row]))) + 0.5
    line = auto_footprint(matte, camera, solve.facade_normals)
    foot_y = float(np.interp(top_x, line[:, 0], line[:, 1]))
    unit = replace(camera, position_m=(0.0, 0.0, 1.0))
    foot = unit.on_ground(np.array([[top_x, foot_y]]))[0].astype(np.float64)
    if not np.isfinite(foot).all():
        raise CameraError(
            f"the building's foot (row {foot_y:.0f}) lies above the horizon (row {camera.horizon_y(top_x):.0f})",
            remedy="state horizon_y_px, or camera height_m instead of the building's height",
        )
    ray = unit.rays(np.array([[top_x, top_row + 0.5]]))[0].astype(np.float64)
    reach = foot[1] / max(ray[1], 1e-6)
    measured = 1.0 + reach * ray[2]
    if measured <= 0:
        raise CameraError("the matte has no height above its foot", remedy="check the matte and the horizon")
    return replace(camera, position_m=(0.0, 0.0, float(building_height_m / measured)))


def _check(stated: StatedCamera, width: int, height: int) -> None:
    if stated.focal_px is not None and not 0.2 * width <= stated.focal_px <= 100 * width:
        raise CameraError(
            f"focal length {stated.focal_px} px is out of range for a plate {width} px wide",
            remedy="state it in pixels of the plate: focal_mm / sensor_width_mm * plate width",
        )
    if stated.pitch_deg is not None and stated.horizon_y_px is not None:
        raise CameraError("pitch_deg and horizon_y_px say the same thing twice", remedy="state one of them")
    if stated.height_m is not None and not 0.05 <= stated.height_m <= 5000:
        raise CameraError(f"camera height {stated.height_m} m is out of range", remedy="state 0.05 to 5000 metres")


def _on_matte(segments: Segments, matte: Matte) -> Segments:
    middle = segments.middle.astype(int)
    height, width = matte.coverage.shape
    inside = matte.coverage[np.clip(middle[:, 1], 0, height - 1), np.clip(middle[:, 0], 0, width - 1)] > 0.3
    return segments.only(inside) if inside.sum() >= 20 else segments


def _pitch_of_horizon(horizon_y: float, focal: float, centre: tuple[float, float], roll: float) -> float:
    """Pitch whose horizon passes the principal column at ``horizon_y``: tan(pitch) = dy cos(roll) / f."""
    return math.degrees(math.atan((horizon_y - centre[1]) * math.cos(math.radians(roll)) / focal))


def _apply_stated(
    stated: StatedCamera, focal: float, centre: tuple[float, float], pitch: float, roll: float, reasons: list[str]
) -> tuple[float, float]:
    if stated.roll_deg is not None:
        roll = stated.roll_deg
        reasons.append("roll is stated")
    if stated.pitch_deg is not None:
        pitch = stated.pitch_deg
        reasons.append("pitch is stated")
    if stated.horizon_y_px is not None:
        pitch = _pitch_of_horizon(stated.horizon_y_px, focal, centre, roll)
        reasons.append("the horizon is stated")
    return pitch, roll


def _family(
    segments: Segments, camera: Camera, world: np.ndarray, allowed: np.ndarray
) -> tuple[VanishingPoint | None, np.ndarray]:
    direction = world @ camera.axes.astype(np.float64).T
    miss = deviation_deg(segments, to_picture(direction, focal_px=camera.focal_px, centre_px=camera.centre_px))[0]
    inlier = (miss < 1.0) & allowed
    if inlier.sum() < 3:
        return None, inlier
    point = VanishingPoint(
        direction=(float(world[0]), float(world[1]), float(world[2])),
        inliers=int(inlier.sum()),
        length_px=float(segments.length[inlier].sum()),
        residual_deg=float(np.median(miss[inlier])),
    )
    return point, inlier


def _normals(horizontals: tuple[VanishingPoint, ...]) -> tuple[tuple[float, float], ...]:
    """Normals of walls that run along the level families, towards the camera; both sides where a wall is seen almost
    edge-on."""
    normals: list[tuple[float, float]] = []
    for family in horizontals:
        x, y, _ = family.direction
        normal = (y, -x) if -x <= 0 else (-y, x)
        normals.append(normal)
        if abs(normal[1]) < 0.35:
            normals.append((-normal[0], -normal[1]))
    if not normals:
        normals.append((0.0, -1.0))
    return tuple(normals)


def _judge(
    camera: Camera, segments: Segments, seen: Segments, reasons: list[str], *, lens: float, stated: StatedCamera
) -> CameraSolve:
    """Count the families under the final camera and turn them into a confidence with reasons."""
    family = np.full(len(segments), -1)
    lean = upright_weight(segments, camera.width) > 0 if len(segments) else np.zeros(0, bool)
    vertical = None
    horizontals: list[VanishingPoint] = []
    spread = 0.0
    if len(segments) >= 5:
        vertical, inlier = _family(segments, camera, np.array([0.0, 0.0, 1.0]), lean)
        family[inlier] = 0
        spread = float(np.ptp(segments.middle[inlier, 0]) / camera.width) if inlier.any() else 0.0
        for k, azimuth in enumerate(level_peaks(segments, camera)):
            a = math.radians(azimuth)
            point, inlier = _family(segments, camera, np.array([math.cos(a), math.sin(a), 0.0]), family < 0)
            if point is not None:
                horizontals.append(point)
                family[inlier] = k + 1
    explained = float(segments.length[family >= 0].sum() / max(segments.length.sum(), 1e-6)) if len(segments) else 0.0
    count = vertical.inliers if vertical else 0
    tilt = min(1.0, count / 40) * min(1.0, spread / 0.5) * (0.5 + 0.5 * min(1.0, explained / 0.6))
    if stated.pitch_deg is not None or stated.horizon_y_px is not None:
        tilt = 1.0
    reasons.append(f"{count} upright edges over {spread:.0%} of the width, {len(horizontals)} level families")
    reasons.append(f"{explained:.0%} of all edge length agrees with the solve")
    return CameraSolve(
        camera=camera,
        confidence=round(min(0.98, max(0.05, lens * tilt)), 3),
        reasons=tuple(reasons),
        vertical=vertical,
        horizontals=tuple(horizontals),
        facade_normals=_normals(tuple(horizontals)),
        segments=seen,
        family=tuple(int(i) for i in family),
    )


_FAMILY_COLOURS = ((255, 210, 40), (60, 200, 255), (255, 90, 200), (120, 255, 120), (255, 150, 60))


def draw_overlay(plate: Rgb, solve: CameraSolve) -> Display:
    """The plate (8-bit, for eyes) with the solve drawn in: upright edges yellow, level families in their colours with
    lines to their vanishing points, the horizon, a grid of metres on the ground, and the reasons in words."""
    camera = solve.camera
    picture = np.ascontiguousarray((display_like(plate) * 0.6).astype(np.uint8))
    thick = max(1, round(camera.width / 900))
    for ends, family in zip(solve.segments.ends, solve.family, strict=True):
        if family >= 0:
            colour = _FAMILY_COLOURS[min(family, len(_FAMILY_COLOURS) - 1)]
            cv2.line(picture, _pixel(ends[:2]), _pixel(ends[2:]), colour, thick, cv2.LINE_AA)
    _draw_rays(picture, solve, thick)
    _draw_ground(picture, camera, thick)
    ends = np.array([[0.0, camera.horizon_y(0.0)], [camera.width, camera.horizon_y(float(camera.width))]])
    cv2.line(picture, _pixel(ends[0]), _pixel(ends[1]), (255, 60, 60), 2 * thick, cv2.LINE_AA)
    size = camera.width / 1500
    pitch = math.degrees(math.asin(float(camera.axes[2, 2])))
    roll = math.degrees(math.atan2(-float(camera.axes[0, 2]), float(camera.axes[1, 2])))
    words = [
        f"pitch {pitch:.1f}  roll {roll:.1f} deg   focal {camera.focal_px:.0f} px   eye {camera.position_m[2]:.2f} m"
        f"   confidence {solve.confidence:.2f}",
        *solve.reasons,
    ]
    for k, text in enumerate(words):
        where = (round(14 * size), round((28 + 26 * k) * size))
        cv2.putText(picture, text, where, cv2.FONT_HERSHEY_SIMPLEX, 0.7 * size, (0, 0, 0), 4 * thick, cv2.LINE_AA)
        cv2.putText(picture, text, where, cv2.FONT_HERSHEY_SIMPLEX, 0.7 * size, (255, 255, 255), thick, cv2.LINE_AA)
    return picture


def _pixel(point: np.ndarray) -> tuple[int, int]:
    """Whole pixels for OpenCV, kept within its integer range."""
    x, y = np.clip(np.nan_to_num(point), -30000, 30000)
    return round(float(x)), round(float(y))


def _draw_rays(picture: Display, solve: CameraSolve, thick: int) -> None:
    """Faint lines from the picture to each level family's vanishing point."""
    camera = solve.camera
    for k, family in enumerate(solve.horizontals):
        direction = np.array([family.direction]) @ camera.axes.astype(np.float64).T
        x, y, w = to_picture(direction, focal_px=camera.focal_px, centre_px=camera.centre_px)[0]
        colour = _FAMILY_COLOURS[min(k + 1, len(_FAMILY_COLOURS) - 1)]
        for row in np.linspace(0.1, 0.9, 5) * camera.height:
            at = np.array([camera.width / 2, row])
            away = np.array([x - w * at[0], y - w * at[1]])
            away = away / (np.linalg.norm(away) + 1e-12) * 1.5 * camera.width
            cv2.line(picture, _pixel(at - away), _pixel(at + away), colour, max(1, thick // 2), cv2.LINE_AA)


def _draw_ground(picture: Display, camera: Camera, thick: int) -> None:
    """A grid on the ground: every 5 m out to 60 m, in the camera's own axes."""
    eye = np.array(camera.position_m)
    steps = np.linspace(0, 1, 40)[:, None]
    for metres in range(-60, 61, 5):
        for a, b in (((metres, 3), (metres, 60)), ((-60, abs(metres) + 3), (60, abs(metres) + 3))):
            ground = np.array([*a, 0.0]) + steps * (np.array([*b, 0.0]) - np.array([*a, 0.0]))
            ground[:, :2] += eye[:2]
            points, depth = camera.project(ground.astype(np.float32))
            seen = depth > 0.5
            for p, q, ok in zip(points[:-1], points[1:], seen[:-1] & seen[1:], strict=True):
                if ok:
                    cv2.line(picture, _pixel(p), _pixel(q), (150, 255, 190), max(1, thick // 2), cv2.LINE_AA)
