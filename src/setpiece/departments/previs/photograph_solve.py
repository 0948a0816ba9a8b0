"""What a location photograph tells: its camera, the room as a box, what stands in front, the walls' own colour.

First half of the recipe. Every choice that the brief leaves open is written into it as inferred, with what it rests on; every
step lands in ``stage/`` with a picture of itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.camera import Camera
from setpiece.core.dressing import PLANES
from setpiece.core.errors import CameraError, StageError
from setpiece.core.pictures import PlateInfo
from setpiece.core.plate_grain import grain_of, part_grain
from setpiece.core.progress import Progress
from setpiece.departments.previs.still import SOLVE_PX, albedo_of, outlined, picture_of, swatch_of
from setpiece.intake.brief import Brief, write_inferred
from setpiece.intake.photograph_schema import BoxSection, LinesSection, PhotographDocument, PlaneSection
from setpiece.intake.plate_camera import camera_from
from setpiece.intake.roto import read_roto
from setpiece.integrate.patterns import USUAL_REPEAT_M, second_colour
from setpiece.integrate.shading import assumed_albedo, light_colour
from setpiece.media.colour import view
from setpiece.media.files import read_json, write_json
from setpiece.media.images import read_exr, resize, write_exr, write_png
from setpiece.production.ingest import plate_of
from setpiece.production.steps import Steps
from setpiece.production.workspace import Workspace
from setpiece.stage.camera_solve import EYE_HEIGHT_M, CameraSolve, StatedCamera, draw_overlay, solve_camera
from setpiece.stage.line_segments import Segments
from setpiece.stage.photo_box import PhotoBox, coverage_of, from_corners, polygon_of, seen_planes, surface_at
from setpiece.stage.photo_box_find import FoundBox, find_box, turn_of
from setpiece.stage.standing import find_standing

USUAL_CEILING_M = 2.6
_BELIEVED_M = (2.15, 4.2)  # ceilings between which the assumed eye height is left as it is
_PIECES = 5  # that a drawn line is cut into: what a hand draws with care counts as much as several found edges
FRONT = "front.exr"


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvedBox:
    """Camera and box in metres, with why to believe them."""

    camera: Camera
    box: PhotoBox
    confidence: tuple[float, float]
    reasons: tuple[str, ...]
    scale_note: str
    assumed: bool


def infer(workspace: Workspace, brief: Brief, progress: Progress) -> None:
    """Solve what the brief leaves open and write it in. Raises CameraError, StageError, MatteError, each with its remedy."""
    info, stated = plate_of(brief), brief.stated().photograph
    steps = Steps(workspace.stage, progress)
    plate = picture_of(info)
    solved = _solved(plate, info, stated, steps, workspace)
    camera, box = solved.camera, solved.box
    sure = f"confidence {solved.confidence[0]:.2f}"
    values: dict[str, tuple[object, str]] = {
        "camera.focal_px": (camera.focal_px, f"{'; '.join(solved.reasons)[:150]}"),
        "camera.horizon_y_px": (camera.horizon_y(), sure),
        "camera.roll_deg": (math.degrees(math.atan2(-float(camera.axes[0][2]), float(camera.axes[1][2]))), sure),
        "camera.height_m": (camera.position_m[2], solved.scale_note),
        "camera.confidence": (solved.confidence[0], "of the camera"),
        "box.turn_deg": (box.turn_deg, sure),
        "box.back_m": (box.back_m, solved.scale_note),
        "box.confidence": (solved.confidence[1], "of the borders of floor, walls and ceiling"),
        "scale.assumed": (solved.assumed, solved.scale_note),
    }
    for name, value in (("left_m", box.left_m), ("right_m", box.right_m), ("height_m", box.height_m)):
        if value is not None:
            values[f"box.{name}"] = (value, solved.scale_note)
    if stated.camera.pitch_deg is not None:
        values.pop("camera.horizon_y_px")
    filled = write_inferred(workspace.brief, values)
    filled = write_inferred(workspace.brief, _planes(filled, info))
    front_of(workspace, filled, info, plate, steps)
    write_inferred(workspace.brief, _surfaces(filled, plate, _front(workspace, filled, info)))


def box_of(section: BoxSection) -> PhotoBox:
    """The box that a filled-in brief describes. Raises StageError where it is incomplete."""
    if section.back_m is None or section.turn_deg is None:
        raise StageError("the brief's box is incomplete", remedy="run `setpiece run` without editing `# inferred` lines out")
    return PhotoBox(
        turn_deg=section.turn_deg,
        back_m=section.back_m,
        left_m=section.left_m,
        right_m=section.right_m,
        height_m=None if section.exterior else section.height_m,
    )


def dressed(document: PhotographDocument) -> tuple[tuple[str, PlaneSection], ...]:
    """The planes that get something new, by name."""
    sections = ((name, getattr(document, name)) for name in PLANES)
    return tuple((name, section) for name, section in sections if section.cover != "keep")


def front_of(workspace: Workspace, brief: Brief, info: PlateInfo, plate: Rgb, steps: Steps) -> Plane:
    """What stands in front of the planes, (h, w): painted, or found within each plane's outline and added to."""
    document, size = brief.photograph, (info.width, info.height)
    section = document.front
    extra = [coverage_of(np.array(points), size, name="front.polygons") for points in section.polygons]
    if section.file is not None:
        return np.maximum.reduce([read_roto(brief.resolve(section.file), size, "front.file"), *extra])
    planes = {name: getattr(document, name).polygon for name in PLANES}

    def make(folder: Path) -> None:
        found = np.zeros((info.height, info.width), np.float32)
        if section.find:
            for name, points in planes.items():
                if points is not None and (name not in ("floor", "ceiling") or getattr(document, name).cover != "keep"):
                    outline = coverage_of(np.array(points), size, name=f"{name}.polygon")
                    found = np.maximum(found, find_standing(plate, outline, outdoors=document.box.exterior))
        found = np.maximum.reduce([found, *extra])
        write_exr(folder / FRONT, {"matte.A": found}, attributes={})
        write_png(folder / "front.png", np.repeat((found * 255 + 0.5).astype(np.uint8)[..., None], 3, 2))
        write_png(folder / "kept.png", outlined(plate, found))

    inputs = {"plate": info.sha256, "planes": planes, "front": section.model_dump(), "outdoors": document.box.exterior,
              "floor": [document.floor.cover != "keep", document.ceiling.cover != "keep"]}  # fmt: skip
    folder = steps.once("front", inputs, make, sources=("setpiece.stage.standing", "setpiece.stage.photo_box"))
    return read_exr(folder / FRONT)[0]["matte.A"]


def _front(workspace: Workspace, brief: Brief, info: PlateInfo) -> Plane:
    """The same, of a stage where it lies already."""
    section, size = brief.photograph.front, (info.width, info.height)
    if section.file is None:
        return read_exr(workspace.stage / "front" / FRONT)[0]["matte.A"]
    extra = [coverage_of(np.array(points), size, name="front.polygons") for points in section.polygons]
    return np.maximum.reduce([read_roto(brief.resolve(section.file), size, "front.file"), *extra])


def _solved(plate: Rgb, info: PlateInfo, stated: PhotographDocument, steps: Steps, workspace: Workspace) -> SolvedBox:
    def make(folder: Path) -> None:
        scale = min(1.0, SOLVE_PX / info.width)
        small = plate if scale == 1 else resize(plate, (round(info.width * scale), round(info.height * scale)))
        solve = _camera_solve(small, small.shape[1] / info.width, info, stated)
        found = _boxed(small, solve, small.shape[1] / info.width, stated)
        camera = replace(found.camera.scaled(info.width / small.shape[1]), width=info.width, height=info.height)
        write_json(folder / "box.json", _told(replace(found, camera=camera)))
        write_png(folder / "camera.png", draw_overlay(small, replace(solve, camera=found.camera)))
        write_png(folder / "box.png", _drawn(small, found))

    inputs = {"plate": info.sha256, "focal": [info.focal_px, stated.plate.focal_px], "camera": stated.camera, "box": stated.box,
              "lines": stated.lines, "scale": stated.scale}  # fmt: skip
    sources = ("setpiece.departments.previs.photograph_solve", "setpiece.stage.photo_box_find", "setpiece.stage.camera_solve")
    return _read(steps.once("box", inputs, make, sources=sources) / "box.json")


def _camera_solve(small: Rgb, scale: float, info: PlateInfo, document: PhotographDocument) -> CameraSolve:
    """The camera at the size of ``small``. Raises CameraError where nothing tells which way it looked."""
    camera = document.camera
    focal = camera.focal_px or document.plate.focal_px
    stated = StatedCamera(
        focal_px=None if focal is None else focal * scale,
        horizon_y_px=None if camera.horizon_y_px is None else camera.horizon_y_px * scale,
        pitch_deg=camera.pitch_deg,
        roll_deg=camera.roll_deg,
        centre_px=None if camera.centre_px is None else (camera.centre_px[0] * scale, camera.centre_px[1] * scale),
        height_m=camera.height_m,
    )
    drawn = _drawn_lines(document.lines, scale)
    solve = solve_camera(
        small, focal_px=None if info.focal_px is None else info.focal_px * scale, stated=stated, drawn=drawn
    )  # fmt: skip
    told = stated.pitch_deg is not None or stated.horizon_y_px is not None
    if not told and (solve.vertical is None or not solve.horizontals):
        missing = "upright" if solve.vertical is None else "level"
        raise CameraError(
            f"the camera cannot be solved: there are no {missing} edges to see its direction by",
            file=info.source,
            remedy="draw two of a kind in the brief (lines.upright, lines.across, lines.depth), or state camera.focal_px and "
            "camera.horizon_y_px",
        )
    return solve


def _drawn_lines(lines: LinesSection, scale: float) -> Segments | None:
    """Drawn lines as segments at the size of the solve; None where none were drawn."""
    drawn = [*lines.upright, *lines.across, *lines.depth]
    if not drawn:
        return None
    ends = np.array(drawn, np.float64) * scale
    cuts = np.linspace(0, 1, _PIECES + 1)
    pieces = [
        np.concatenate([ends[:, :2] + a * (ends[:, 2:] - ends[:, :2]), ends[:, :2] + b * (ends[:, 2:] - ends[:, :2])], 1)
        for a, b in pairwise(cuts)
    ]
    return Segments(ends=np.concatenate(pieces).astype(np.float32))


def _boxed(small: Rgb, solve: CameraSolve, scale: float, document: PhotographDocument) -> SolvedBox:
    """Box and scale. What is stated outranks what is found."""
    section = document.box
    found = _found_box(small, solve, scale, document)
    box = replace(found.box, height_m=None) if section.exterior else found.box
    eye, note, assumed = _eye_height(solve.camera, box, scale, document)
    grow = eye / solve.camera.position_m[2]

    def chosen(own: float | None, seen: float | None) -> float | None:
        return own if own is not None else None if seen is None else seen * grow

    box = PhotoBox(
        turn_deg=box.turn_deg,
        back_m=section.back_m or box.back_m * grow,
        left_m=chosen(section.left_m, box.left_m),
        right_m=chosen(section.right_m, box.right_m),
        height_m=chosen(section.height_m, box.height_m),
    )
    lens = tuple(reason for reason in solve.reasons if not reason.startswith("eye height"))
    return SolvedBox(
        camera=replace(solve.camera, position_m=(0.0, 0.0, eye)),
        box=box,
        confidence=(solve.confidence, found.confidence),
        reasons=(*lens, *found.reasons),
        scale_note=note,
        assumed=assumed,
    )


def _found_box(small: Rgb, solve: CameraSolve, scale: float, document: PhotographDocument) -> FoundBox:
    """The box at the solve's own eye height: from stated corners, as it is stated, or found."""
    section = document.box
    turn = turn_of(solve) if section.turn_deg is None else section.turn_deg
    if section.back_px is not None:
        box = from_corners(np.array(section.back_px) * scale, solve.camera, turn_deg=turn)
        return FoundBox(box=box, confidence=0.95, reasons=("the back wall's corners are stated",))
    if section.back_m is not None and document.camera.height_m is not None:
        box = PhotoBox(turn_deg=turn, back_m=section.back_m, left_m=None, right_m=None, height_m=None)
        return FoundBox(box=box, confidence=0.9, reasons=("the box is stated",))
    return find_box(small, solve, exterior=section.exterior, turn_deg=turn)


def _eye_height(camera: Camera, box: PhotoBox, scale: float, document: PhotographDocument) -> tuple[float, str, bool]:
    """The eye above the floor in metres, what it rests on, and whether that is an assumption."""
    eye, section = camera.position_m[2], document.scale
    if document.camera.height_m is not None:
        return document.camera.height_m, "from the stated eye height", False
    if section.line is not None and section.length_m is not None:
        measured = _length(np.array(section.line) * scale, camera, box)
        return eye * section.length_m / measured, f"from the stated line of {section.length_m:g} m", False
    ceiling = section.ceiling_m or document.box.height_m
    if ceiling is not None and box.height_m is not None:
        return eye * ceiling / box.height_m, f"from the stated ceiling of {ceiling:g} m", False
    if box.height_m is not None and not _BELIEVED_M[0] <= box.height_m <= _BELIEVED_M[1]:
        note = f"nobody stated a length: a ceiling of {USUAL_CEILING_M} m is assumed"
        return eye * USUAL_CEILING_M / box.height_m, note, True
    return eye, f"nobody stated a length: an eye height of {EYE_HEIGHT_M} m is assumed", True


def _length(line: np.ndarray, camera: Camera, box: PhotoBox) -> float:
    """Length of a drawn line at the camera's present scale, on the plane that holds both its ends."""
    ends = line.reshape(2, 2)
    if (ends < 0).any() or (ends > (camera.width, camera.height)).any():
        raise StageError("scale.line lies outside of the picture", remedy="state [x0, y0, x1, y1] in px of the plate")
    ids = seen_planes(box, camera, (camera.width, camera.height))
    middle = ends.mean(0)
    which = int(ids[min(camera.height - 1, int(middle[1])), min(camera.width - 1, int(middle[0]))])
    if which < 0:
        raise StageError("scale.line lies on no plane of the box", remedy="draw it on a wall or on the floor")
    places = surface_at(box, camera, PLANES[which], ends).astype(np.float64)
    length = float(np.linalg.norm(places[1] - places[0]))
    if not math.isfinite(length) or length < 1e-3:
        raise StageError("scale.line has no length on its plane", remedy="draw it along an edge of known length")
    return length


def _planes(brief: Brief, info: PlateInfo) -> dict[str, tuple[object, str]]:
    """The outline of every plane in the picture."""
    document = brief.photograph
    camera, box = camera_from(document.camera, info.width, info.height), box_of(document.box)
    values: dict[str, tuple[object, str]] = {}
    for name in box.planes:
        outline = polygon_of(box, camera, name)
        if len(outline):
            values[f"{name}.polygon"] = (np.round(outline, 1).tolist(), "where the box shows it")
    if document.box.back_px is not None:
        values["back.polygon"] = ([list(corner) for corner in document.box.back_px], "the stated corners")
    for name, section in dressed(document):
        if section.polygon is None and f"{name}.polygon" not in values:
            raise StageError(
                f"{name}: there is no such plane in the picture", file=brief.path,
                remedy=f"planes are {', '.join(item.split('.')[0] for item in values)}; or state {name}.polygon and the box",
            )  # fmt: skip
    return values


def _surfaces(brief: Brief, plate: Rgb, front: Plane) -> dict[str, tuple[object, str]]:
    """What the dressed planes leave open: repeat, second colour, the old surface's own colour."""
    document, size = brief.photograph, (plate.shape[1], plate.shape[0])
    values: dict[str, tuple[object, str]] = {}
    covers = dressed(document)
    if not covers:
        return values
    grain = grain_of(plate)
    picture, _ = part_grain(plate, grain)
    light = light_colour(picture)
    for name, section in covers:
        points = section.polygon
        assert points is not None  # infer wrote it
        coverage = coverage_of(np.array(points), size, name=f"{name}.polygon") * (1 - front)
        was = assumed_albedo(picture, coverage, light)
        values[f"{name}.was"] = (swatch_of(was), "assumed: its level in the middle of the light, its hue under the picture's")
        values[f"{name}.repeat_m"] = (USUAL_REPEAT_M[section.cover], f"usual for {section.cover}")
        values[f"{name}.old_texture_m"] = (0.0, "taken for plain")
        plain = section.cover == "paint" or not section.old_texture_m
        values[f"{name}.relief"] = (1.0 if plain else 0.25, "paint shows what is under it" if plain else "papered over")
        if section.colour is not None and section.cover != "paint":
            values[f"{name}.colour_2"] = (
                swatch_of(second_colour(section.cover, albedo_of(section.colour))),
                "goes with the first",
            )
    return values


def _told(found: SolvedBox) -> dict[str, object]:
    camera, box = found.camera, found.box
    return {
        "camera": {"width": camera.width, "height": camera.height, "focal_px": camera.focal_px, "centre_px": camera.centre_px,
                   "position_m": camera.position_m, "axes": camera.axes.tolist()},
        "box": {"turn_deg": box.turn_deg, "back_m": box.back_m, "left_m": box.left_m, "right_m": box.right_m,
                "height_m": box.height_m},
        "confidence": found.confidence, "reasons": found.reasons, "scale_note": found.scale_note, "assumed": found.assumed,
    }  # fmt: skip


def _read(path: Path) -> SolvedBox:
    told = read_json(path)
    camera = told["camera"]
    return SolvedBox(
        camera=Camera(
            width=camera["width"], height=camera["height"], focal_px=camera["focal_px"],
            centre_px=(camera["centre_px"][0], camera["centre_px"][1]),
            position_m=(0.0, 0.0, camera["position_m"][2]), axes=np.array(camera["axes"], np.float32),
        ),
        box=PhotoBox(**told["box"]),
        confidence=(told["confidence"][0], told["confidence"][1]),
        reasons=tuple(told["reasons"]),
        scale_note=told["scale_note"],
        assumed=told["assumed"],
    )  # fmt: skip


_COLOURS = {
    "back": (255, 90, 60),
    "left": (80, 220, 90),
    "right": (80, 140, 255),
    "floor": (255, 215, 40),
    "ceiling": (230, 90, 230),
}


def _drawn(small: Rgb, found: SolvedBox) -> np.ndarray:
    """The photograph with the box drawn in, and a grid of metres on floor and walls."""
    shown = np.ascontiguousarray(view(small, view="plain"))
    camera, box = found.camera, found.box
    thick = max(1, round(camera.width / 700))
    for name in box.planes:
        outline = polygon_of(box, camera, name)
        if not len(outline):
            continue
        inside = cv2.erode((coverage_of(outline, (camera.width, camera.height)) > 0.5).astype(np.uint8), np.ones((3, 3)))
        ys, xs = np.nonzero(inside)
        places = np.floor(surface_at(box, camera, name, np.stack([xs + 0.5, ys + 0.5], 1)))
        cells = np.zeros((2, *inside.shape), np.float32)
        cells[:, ys, xs] = np.nan_to_num(places.T)
        lines = sum(np.abs(np.diff(cells[k], axis=axis, append=0)) > 0 for k in range(2) for axis in (0, 1))
        shown[(lines > 0) & (inside > 0)] = _COLOURS[name]
        cv2.polylines(shown, [np.round(outline).astype(np.int32)], True, _COLOURS[name], 2 * thick, cv2.LINE_AA)
    return shown
