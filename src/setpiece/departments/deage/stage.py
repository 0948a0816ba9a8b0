"""The stage of a de-ageing shot: plate frames in the working space, and every face of the shot, followed.

plate -> ``stage/plate`` (frames as the comp will hold them) -> ``stage/faces`` (tracks). Both are steps: made once. A face
that leaves frame is no error; a brief that names one that was never there is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from setpiece.core.arrays import Rgb
from setpiece.core.errors import BriefError, StageError
from setpiece.core.faces import FaceTrack
from setpiece.core.pictures import PlateInfo
from setpiece.core.progress import Progress
from setpiece.intake.brief import Brief
from setpiece.intake.plate import load_plate
from setpiece.media.files import sha256_file, write_json
from setpiece.media.images import read_image, write_exr
from setpiece.production.ingest import plate_of
from setpiece.production.steps import Steps
from setpiece.production.workspace import Workspace
from setpiece.stage.faces import models, parse_corrections, read_tracks, track_faces, write_tracks

TRACKS = "tracks.json"


def plate_reader(folder: Path) -> Callable[[int], Rgb]:
    """Frames of the step ``plate`` (h, w, 3), scene-linear ACEScg, in any order; the last few are kept."""

    @lru_cache(maxsize=8)
    def read(frame: int) -> Rgb:
        path = folder / f"plate.{frame:04d}.exr"
        pixels = np.ascontiguousarray(read_image(path).rgb(file=path))
        pixels.setflags(write=False)
        return pixels

    return read


def is_deep(info: PlateInfo) -> bool:
    """Whether a plate holds more than half floats do."""
    return info.bit_depth in ("32", "32f")


def plates(info: PlateInfo, steps: Steps, progress: Progress) -> Path:
    """The folder of the plate's frames as EXR, half, or float where the plate is: what is outside of the retouch leaves as
    it lies here, to the bit."""
    if info.still:
        raise BriefError(
            "is a still: there is no performance in it", file=info.source, remedy="name a movie or a sequence as plate"
        )

    deep = frozenset("RGB") if is_deep(info) else frozenset[str]()

    def make(folder: Path) -> None:
        healed: dict[str, int] = {}
        for number, frame in enumerate(info.frames, start=1):
            picture, broken = load_plate(info, frame)
            healed |= {str(frame): broken} if broken else {}
            planes = {name: np.ascontiguousarray(picture.pixels[..., k]) for k, name in enumerate("RGB")}
            write_exr(folder / f"plate.{frame:04d}.exr", planes, float32=deep, compression="none")  # read many times
            progress.report("plate", number, len(info.frames))
        write_json(folder / "healed.json", healed)

    inputs = {"plate": info.sha256, "frames": [info.frames.first, info.frames.last], "space": info.source_colour_space}
    return steps.once("plate", inputs, make, sources=("setpiece.intake.plate", "setpiece.media.images"))


def tracks(brief: Brief, info: PlateInfo, plate: Path, steps: Steps, progress: Progress) -> tuple[FaceTrack, ...]:
    """Every face of the shot, corrected as the brief says."""
    file = brief.deage.face.corrections
    path = None if file is None else brief.resolve(file)
    corrections = () if path is None else parse_corrections(_rows(path))
    inputs = {"plate": info.sha256, "corrections": "" if path is None else sha256_file(path)}

    def make(folder: Path) -> None:
        found = track_faces(plate_reader(plate), info.frames, corrections=corrections, progress=progress)
        write_tracks(folder / TRACKS, found, inputs=inputs, models=models())

    folder = steps.once(
        "faces",
        {**inputs, "frames": [info.frames.first, info.frames.last]},
        make,
        sources=("setpiece.stage.faces",),
    )
    return read_tracks(folder / TRACKS, inputs=inputs)


def _rows(path: Path) -> list[dict[str, object]]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        rows = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise BriefError(
            "cannot be read as corrections", file=path, remedy="write a YAML list, as the tutorial shows"
        ) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BriefError("is no list of corrections", file=path, remedy="write a YAML list, as the tutorial shows")
    return rows


def chosen(brief: Brief, found: tuple[FaceTrack, ...]) -> FaceTrack:
    """The face that the brief means: by name, by a point in it, or the largest. Raises StageError, BriefError."""
    if not found:
        raise StageError(
            "no face is in this plate", file=brief.plate.path, remedy="name another plate; or correct the track by hand"
        )
    face = brief.deage.face
    if face.point is not None:
        frame = brief.plate.first_frame if face.point_frame is None else face.point_frame
        inside = [track for track in found if track.seen(frame) and _holds(track, frame, face.point)]
        if not inside:
            raise BriefError(
                f"face.point {list(face.point)} lies in no face of frame {frame}",
                file=brief.path,
                remedy=f"state a point inside of one; faces are {', '.join(track.name for track in found)}",
            )
        return inside[0]
    name = face.name or found[0].name
    for track in found:
        if track.name == name:
            return track
    raise BriefError(
        f"face.name: there is no face '{name}' in this shot",
        file=brief.path,
        remedy=f"faces are {', '.join(track.name for track in found)}",
    )


def _holds(track: FaceTrack, frame: int, point: tuple[float, float]) -> bool:
    import cv2

    hull = cv2.convexHull(np.ascontiguousarray(track.at(frame)[:468, :2], np.float32))
    return cv2.pointPolygonTest(hull, (float(point[0]), float(point[1])), False) >= 0


def staged(workspace: Workspace, brief: Brief, progress: Progress) -> tuple[Path, FaceTrack, Steps]:
    """The stage of a shot as it lies there, made where it is not: plate folder, the brief's face, and the steps' times."""
    info = plate_of(brief)
    steps = Steps(workspace.stage, progress)
    plate = plates(info, steps, progress)
    return plate, chosen(brief, tracks(brief, info, plate, steps, progress)), steps
