"""Finished frames as EXR: one file a frame, every layer in it, and where it came from written into its header.

Place in the flow: after integration, once per frame. Refuses to leave half a file: frames are written aside and
renamed, and :func:`frame_is_whole` tells a resumed run which of them it can keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from setpiece.core.arrays import Plane, Rgb
from setpiece.core.errors import PlateUnreadable, SetpieceError
from setpiece.core.pictures import ACESCG
from setpiece.media.exr import TimeCode
from setpiece.media.files import output_failed
from setpiece.media.images import read_exr, write_exr
from setpiece.media.integrity import check_whole

COMP = ("R", "G", "B", "A")  # in a part of its own: what shows, searches or encodes a frame reads nothing else
_EXR_MAGIC = b"\x76\x2f\x31\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What every frame of a take says about its origin.

    ``clearance_sha256`` is the hash of the record's entry that admitted the job; ``mark`` is the text that a clearance
    decision wants on the picture ("" where there is none).
    """

    show: str
    shot: str
    version: str
    engine: str
    seed: int
    brief_sha256: str
    clearance_sha256: str
    software: str
    rate: Fraction
    mark: str = ""


def frame_name(shot: str, version: str, frame: int) -> str:
    """The file name of one comp.

    >>> frame_name("sh010", "v001", 1001)
    'sh010_comp_v001.1001.exr'
    """
    return f"{shot}_comp_{version}.{frame:04d}.exr"


def timecode(frame: int, rate: Fraction) -> str:
    """Non-drop SMPTE timecode of a frame counted from 00:00:00:00 at frame 0, at the rate's nominal whole number.

    >>> timecode(1001, Fraction(24)), timecode(86400, Fraction(24000, 1001))
    ('00:00:41:17', '01:00:00:00')
    """
    nominal = max(1, round(rate))
    seconds, frames = divmod(frame, nominal)
    return f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frames:02d}"


def time_code(frame: int, rate: Fraction) -> TimeCode | None:
    """The same as :func:`timecode`, as an EXR header holds it; None above 60 frames a second, which it cannot count.

    Above 30 a second two frames share a number (SMPTE ST 12-1): it counts pairs, and marks the second of each.
    """
    nominal = max(1, round(rate))
    if nominal > 60:
        return None
    hours, minutes, seconds, count = (int(part) for part in timecode(frame, rate).split(":"))
    pairs = nominal > 30
    return TimeCode(hours=hours, minutes=minutes, seconds=seconds, frame=count // 2 if pairs else count,
                    second_of_pair=pairs and count % 2 == 1)  # fmt: skip


def frame_attributes(provenance: Provenance, frame: int) -> dict[str, object]:
    """The header of one frame: what the field's programs read, then ours under ``setpiece/``."""
    code = time_code(frame, provenance.rate)
    return {
        "framesPerSecond": provenance.rate,
        **({} if code is None else {"timeCode": code}),
        "Software": provenance.software,
        "frame": frame,
        "setpiece/schema": "setpiece.frame/1",
        "setpiece/show": provenance.show,
        "setpiece/shot": provenance.shot,
        "setpiece/version": provenance.version,
        "setpiece/engine": provenance.engine,
        "setpiece/seed": str(provenance.seed),
        "setpiece/brief_sha256": provenance.brief_sha256,
        "setpiece/clearance_sha256": provenance.clearance_sha256,
        "setpiece/mark": provenance.mark,
        "setpiece/colour_space": ACESCG,
        "setpiece/motion": "pixels; u + right, v + up; forward: to the next frame, backward: to the previous",
    }


def write_frame(
    path: Path,
    channels: Mapping[str, Plane],
    *,
    float32: frozenset[str],
    provenance: Provenance,
    frame: int,
    attributes: Mapping[str, str] | None = None,
) -> int:
    """Write one frame, ZIP, half but for ``float32``, the comp in a part of its own before its layers; returns how many
    values were clamped to half's largest.

    ``channels`` are planes (h, w) by their full names, colour in scene-linear ACEScg. ``attributes`` are further header
    entries (the cryptomatte's). Equal arguments write equal bytes.

    Raises :class:`OutputFailed`, naming the frame.
    """
    header = {**frame_attributes(provenance, frame), **(attributes or {})}
    try:
        return write_exr(path, channels, float32=float32, attributes=header, compression="zip", apart=frozenset(COMP))
    except OSError as error:
        raise output_failed(path, error) from error


def read_comp(path: Path) -> Rgb:
    """The finished picture (h, w, 3), scene-linear ACEScg, of a frame. Raises :class:`PlateUnreadable`."""
    return rgb_of(read_exr(path, only=("R", "G", "B"))[0], file=path)


def read_channels(path: Path) -> dict[str, Plane]:
    """Every channel of a frame by name. Raises :class:`PlateUnreadable`."""
    return read_exr(path)[0]


def rgb_of(channels: Mapping[str, Plane], *, layer: str = "", file: Path | None = None) -> Rgb:
    """Three channels of a layer ("" for the comp, "debris", "dust" ...) as one picture (h, w, 3)."""
    prefix = f"{layer}." if layer else ""
    try:
        return np.stack([channels[prefix + name] for name in "RGB"], axis=-1)
    except KeyError as error:
        raise PlateUnreadable(
            f"has no channel {error.args[0]!r}",
            file=file,
            remedy="it is not a frame of ours: render it again with --redo",
        ) from error


def frame_is_whole(path: Path) -> bool:
    """Whether a frame stands on the disk in full: its header, its table of chunks, and every chunk that it names.

    Quick: no pixel is decoded. A file that is absent, empty, cut short or not an EXR is not whole.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
        check_whole(path)
    except (OSError, SetpieceError):
        return False
    return magic == _EXR_MAGIC
