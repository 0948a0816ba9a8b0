"""Face tracks on disk: numbers in an ``.npz``, everything else beside them in JSON, hashes in both directions.

``schema = "setpiece.faces/1"``. Nothing is ever unpickled; what does not verify is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.errors import RecordDamaged
from setpiece.core.faces import LANDMARKS, FaceTrack
from setpiece.core.timing import FrameRange
from setpiece.media.files import load_arrays, read_json, save_arrays, sha256_file, write_json

SCHEMA = "setpiece.faces/1"
_PARTS = ("landmarks", "confidence", "pose_deg", "segment")
_AGAIN = "delete it and track the faces again"


def write_tracks(
    path: Path, tracks: tuple[FaceTrack, ...], *, inputs: Mapping[str, str], models: Mapping[str, str] | None = None
) -> tuple[Path, Path]:
    """Write ``path`` (.json) and the .npz beside it. ``inputs``: SHA-256 of what was tracked, by name; ``models``: what
    measured. Equal tracks give equal bytes. Raises :class:`OutputFailed`."""
    path = Path(path).with_suffix(".json")
    numbers = path.with_suffix(".npz")
    save_arrays(numbers, **{f"{track.name}.{part}": getattr(track, part) for track in tracks for part in _PARTS})
    frames = tracks[0].frames if tracks else None
    write_json(
        path,
        {
            "schema": SCHEMA,
            "numbers_sha256": sha256_file(numbers),
            "frames": None if frames is None else {"first": frames.first, "last": frames.last, "rate": frames.rate},
            "faces": [{"name": track.name, "notes": track.notes} for track in tracks],
            "inputs": dict(inputs),
            "models": dict(models or {}),
        },
    )
    return path, numbers


def read_tracks(path: Path, *, inputs: Mapping[str, str] | None = None) -> tuple[FaceTrack, ...]:
    """The tracks that :func:`write_tracks` wrote. With ``inputs``, they must have been made of the same.

    Raises :class:`SetpieceError` where a file is absent, :class:`RecordDamaged` where it does not verify or is of another
    schema, or of other plates.
    """
    path = Path(path).with_suffix(".json")
    numbers = path.with_suffix(".npz")
    record = read_json(path)
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise RecordDamaged(f"is no face track of schema {SCHEMA}", file=path, remedy=_AGAIN)
    if inputs is not None and record.get("inputs") != dict(inputs):
        raise RecordDamaged("was tracked on other plates", file=path, remedy=_AGAIN)
    if not numbers.is_file() or sha256_file(numbers) != record.get("numbers_sha256"):
        raise RecordDamaged("does not have the numbers that were written with it", file=numbers, remedy=_AGAIN)
    arrays = load_arrays(numbers)
    try:
        return _tracks(record, arrays)
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise RecordDamaged(f"is damaged: {error}", file=path, remedy=_AGAIN) from error


def _tracks(record: dict[str, Any], arrays: dict[str, np.ndarray]) -> tuple[FaceTrack, ...]:
    if not record["faces"]:
        return ()
    span = record["frames"]
    frames = FrameRange(first=int(span["first"]), last=int(span["last"]), rate=Fraction(span["rate"]))
    count = len(frames)
    shapes = {"landmarks": (count, LANDMARKS, 3), "confidence": (count,), "pose_deg": (count, 3), "segment": (count,)}
    found = []
    for face in record["faces"]:
        name = str(face["name"])
        parts = {part: arrays[f"{name}.{part}"] for part in _PARTS}
        for part, array in parts.items():
            if array.shape != shapes[part] or array.dtype != (np.int32 if part == "segment" else np.float32):
                raise ValueError(f"{name}.{part} is {array.dtype} {array.shape}")
        if not re.fullmatch("[a-z]+", name):
            raise ValueError(f"'{name}' is no name of a face")
        found.append(FaceTrack(name=name, frames=frames, notes=tuple(str(n) for n in face["notes"]), **parts))
    return tuple(found)
