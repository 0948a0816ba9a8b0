"""Keyframes out to the artist and back: written as full frames and crops, taken in checked, never written over.

sh020/keys/v001/        what was written: full/ and crop/ as EXR with a matte, 16-bit PNG and TIFF, the transform in README.txt
sh020/keys/taken/t001/  what was taken in, as it came: the brief names these files
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.clearance import Permit
from setpiece.core.errors import BriefError, OutputFailed, PlateUnreadable
from setpiece.core.face_chart import Crop, crop_of, soft_mask
from setpiece.core.faces import FaceTrack
from setpiece.core.progress import Progress
from setpiece.departments.deage.engines import request_of, retoucher
from setpiece.departments.deage.painted import SUFFIXES, WHITE, coded, read_painted
from setpiece.departments.deage.stage import plate_reader, staged
from setpiece.generate.keyframe_check import check_keyframe
from setpiece.generate.retouch import Keyframe
from setpiece.intake.brief import Brief, load_brief, write_stated
from setpiece.integrate.retouch import apply_delta
from setpiece.media.files import output_failed, write_text
from setpiece.media.images import write_exr, write_png, write_tiff
from setpiece.production.ingest import plate_of
from setpiece.production.workspace import Workspace

_FRAME = re.compile(r"(?<!\d)(\d{3,7})(?!\d)")
_VERSION = re.compile(r"[vt](\d{3,})")
_COMPARED = 30  # frames that a painted one is compared with
_CROP = 1.25  # of the face's own square
_SIDE = 512  # of a view that the square is found in


def write_keys(
    workspace: Workspace, brief: Brief, frames: Sequence[int], permit: Permit, progress: Progress, *, plain: bool
) -> Path:
    """Write ``frames`` for the artist into a new ``keys/v001``; returns the folder. With the proposed make-up on, or ``plain``.

    Raises BriefError for a frame without the face, OutputFailed.
    """
    plate, face, _ = staged(workspace, brief, progress)
    absent = [frame for frame in frames if not face.seen(frame)]
    if absent:
        raise BriefError(
            f"face '{face.name}' is not seen in frame {absent[0]}", file=workspace.brief, remedy="choose a frame that shows it"
        )
    info, read = plate_of(brief), plate_reader(plate)
    engine = None
    if not plain:
        engine = retoucher("makeup", request_of("makeup", brief, plate, (info.width, info.height), face, permit))
    folder = _next(workspace.root / "keys", "v")
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        for kind in ("full", "crop"):
            (part / kind).mkdir(parents=True)
        for number, frame in enumerate(frames, start=1):
            permit.check()
            delta = None if engine is None else engine.delta(frame)
            shown = read(frame) if delta is None else apply_delta(read(frame), delta)
            _write(part, brief.shot.name, frame, shown, face)
            progress.report("keys", number, len(frames))
        write_text(part / "README.txt", _readme(brief, frames))
        part.rename(folder)
    except OSError as error:
        raise output_failed(folder, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _write(folder: Path, shot: str, frame: int, picture: Rgb, face: FaceTrack) -> None:
    left, top, right, bottom = crop_box(face, frame, (picture.shape[1], picture.shape[0]))
    matte = _matte(face, frame, (picture.shape[1], picture.shape[0]))
    for kind, view in (("full", np.s_[:, :]), ("crop", np.s_[top:bottom, left:right])):
        part = np.ascontiguousarray(picture[view])
        planes = {name: np.ascontiguousarray(part[..., k]) for k, name in enumerate("RGB")}
        planes["matte.A"] = np.ascontiguousarray(matte[view])
        stem = folder / kind / f"{shot}_key.{frame:04d}"
        where = {"setpiece/crop": f"{left},{top},{right},{bottom}" if kind == "crop" else ""}
        write_exr(stem.with_suffix(f".{frame:04d}.exr"), planes, float32=frozenset(planes), attributes=where)
        codes = (coded(part) * 65535 + 0.5).astype(np.uint16)
        write_png(stem.with_suffix(f".{frame:04d}.png"), codes)
        write_tiff(stem.with_suffix(f".{frame:04d}.tif"), codes)


def crop_box(face: FaceTrack, frame: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the face's crop in ``frame``, in whole pixels of a plate of ``size``."""
    crop = crop_of(face.at(frame), _SIDE)
    corners = crop.to_plate(np.array([[0, 0], [_SIDE, 0], [0, _SIDE], [_SIDE, _SIDE]], np.float32))
    centre, half = corners.mean(0), np.ptp(corners, axis=0) / 2 * _CROP
    left, top = np.maximum(np.floor(centre - half), 0).astype(int)
    right, bottom = np.minimum(np.ceil(centre + half), size).astype(int)
    return int(left), int(top), int(right), int(bottom)


def _matte(face: FaceTrack, frame: int, size: tuple[int, int]) -> Plane:
    """Where the face is in a plate of ``size``, 0..1, its edge a pixel soft."""
    whole = Crop(matrix=np.eye(2, 3, dtype=np.float32), size=max(size))
    return soft_mask(face.at(frame), whole, feather=2 / max(size), forehead=0.0)[: size[1], : size[0]]


def take_keys(workspace: Workspace, files: Sequence[Path], progress: Progress) -> Brief:
    """Take painted keyframes in: each is checked, kept as it came under ``keys/taken``, and named in the brief with its hash.
    A frame that was painted before is replaced; the others stay. Returns the brief as it is then.

    Raises BriefError or PlateUnreadable naming the file and what is wrong with it, before anything is taken.
    """
    brief = load_brief(workspace.brief)
    plate, face, _ = staged(workspace, brief.stated(), progress)
    read, checked = plate_reader(plate), dict[int, Path]()
    others = _others(brief, face)
    for path in files:
        frame = frame_of(path, brief)
        if frame in checked:
            raise BriefError(f"frame {frame} comes twice", file=path, remedy="name one file for each frame")
        key = Keyframe(frame=frame, plate=read(frame), painted=_painted(path, read(frame), face, frame))
        for found in check_keyframe(key, {other: read(other) for other in others if other != frame}):
            raise PlateUnreadable(found.message, file=path, frame=frame, remedy=found.remedy)
        checked[frame] = path
    folder = _next(workspace.root / "keys" / "taken", "t")
    try:
        folder.mkdir(parents=True)
        for frame, path in checked.items():
            shutil.copyfile(path, folder / f"{brief.shot.name}_painted.{frame:04d}{path.suffix.lower()}")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise output_failed(folder, error) from error
    kept = dict(brief.deage.keyframes.painted)
    kept |= {frame_of(path, brief): str(path.relative_to(workspace.root)) for path in sorted(folder.iterdir())}
    return write_stated(workspace.brief, {"keyframes.painted": sorted(kept.items())})


def _others(brief: Brief, face: FaceTrack) -> list[int]:
    """Frames that a keyframe could have been painted on by mistake: some of those that show the face."""
    seen = [frame for frame in brief.frames if face.seen(frame)]
    return seen[:: max(1, len(seen) // _COMPARED)]


def _painted(path: Path, plate: Rgb, face: FaceTrack, frame: int) -> Rgb:
    """The painted full frame; a painted crop is put back where it was cut from."""
    left, top, right, bottom = crop_box(face, frame, (plate.shape[1], plate.shape[0])) if face.seen(frame) else (0, 0, 0, 0)
    try:
        return read_painted(path, plate)
    except PlateUnreadable as error:
        inside = plate[top:bottom, left:right]
        if "the plate is" not in error.message or not inside.size:
            raise
        try:
            part = read_painted(path, inside)
        except PlateUnreadable:
            raise error from None
    whole = plate.copy()
    whole[top:bottom, left:right] = part
    return whole


def frame_of(path: Path, brief: Brief) -> int:
    """The frame in a file's name: the last number that is one of the shot's. Raises BriefError."""
    if path.suffix.lower() not in SUFFIXES:
        raise BriefError(f"is no {', '.join(SUFFIXES)}", file=path, remedy="save it as EXR, or as 16-bit PNG or TIFF")
    numbers = [int(text) for text in _FRAME.findall(path.name) if int(text) in brief.frames]
    if not numbers:
        raise BriefError(
            f"names no frame of the shot ({brief.frames.first}-{brief.frames.last})",
            file=path,
            remedy="put the frame into its name, as the files were written: sh020_key.1001.exr",
        )
    return numbers[-1]


def _next(folder: Path, letter: str) -> Path:
    there = [int(match[1]) for path in folder.glob("*") if (match := _VERSION.fullmatch(path.name))] if folder.is_dir() else []
    number = max(there, default=0) + 1
    if number > 999_999:
        raise OutputFailed("holds too many versions", file=folder, remedy="move some of them away")
    return folder / f"{letter}{number:03d}"


def _readme(brief: Brief, frames: Sequence[int]) -> str:
    return f"""Keyframes of {brief.shot.name}: {", ".join(str(frame) for frame in frames)}

full/  the whole frame        crop/  the face alone, the same pixels
.exr   scene-linear ACEScg, 32-bit float, with matte.A: where the face is
.png, .tif  16 bits a channel, display-referred: sRGB curve of (linear Rec.709 / {WHITE:g}), so code 1.0 is {WHITE:g} times
       diffuse white. Paint by eye; what you do not touch comes back as the plate, to the bit.

Paint on any of them: full frame or crop, EXR, PNG or TIFF. Keep size and frame number, save with 16 bits or as EXR, then

  setpiece deage take-keys {brief.shot.name} FILES...

Nothing is written over: each time they are taken in, they are kept beside the earlier ones.
"""
