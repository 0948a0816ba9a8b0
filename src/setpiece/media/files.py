"""Files that are whole or absent: every write of Setpiece lands through here.

A file is written aside in its own folder, flushed to the disk and renamed into place, so that a kill at any moment, or
a full disk, leaves the old file or none, never half a one. Nothing here knows about pictures.
"""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
import math
import os
import re
import shutil
import tomllib
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.errors import BriefError, OutputFailed, PlateUnreadable, SetpieceError

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the zip format's earliest date: archives of equal arrays are equal to the bit
_TEMPORARY = re.compile(r"\..*\.(\d+)\.tmp(?:\.[^.]*)?")


def output_failed(path: Path, error: OSError | str) -> OutputFailed:
    """The :class:`OutputFailed` that tells a user why ``path`` could not be written and what to do about it."""
    if isinstance(error, str):
        code, reason = _code_in(error), error
    else:
        code, reason = error.errno, error.strerror or str(error)
    folder = _existing(path.parent)
    if code in (errno.ENOSPC, errno.EDQUOT):
        remedy = f"make room on the disk of {folder} ({_free(folder)} free) and run the same command again"
    elif code in (errno.EACCES, errno.EPERM):
        remedy = f"give yourself write permission on {folder}, or choose another folder"
    elif code == errno.EROFS:
        remedy = f"{folder} lies on a read-only disk: choose another folder"
    elif code == errno.ENAMETOOLONG:
        remedy = "shorten the shot's name or choose a folder nearer to the root"
    elif code in (errno.ENOTDIR, errno.EISDIR, errno.EEXIST):
        remedy = f"something else stands in the way at {path}: move it, or choose another folder"
    else:
        remedy = f"check the disk of {folder} ({_free(folder)} free) and run the same command again"
    return OutputFailed(f"cannot be written: {reason}", file=path, remedy=remedy)


def _code_in(message: str) -> int | None:
    """The error of the system that a library put into words, None where there is none."""
    codes = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)
    return next((code for code in codes if os.strerror(code) in message), None)


def _existing(folder: Path) -> Path:
    """The nearest folder above that exists."""
    folder = folder.absolute()
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return folder


def _free(folder: Path) -> str:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return "an unknown amount"
    return f"{free / 1e9:.1f} GB" if free >= 1e9 else f"{free / 1e6:.1f} MB"


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path in the same folder, with the same suffix, that becomes ``path`` when the block ends well.

    Missing folders are made. On any exception the temporary file is removed and ``path`` stays as it was.

    Raises :class:`OutputFailed` for any ``OSError`` in the block, and when the block wrote nothing.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        if not temporary.exists():
            raise output_failed(path, "nothing was written")
        _flush(temporary)
        os.replace(temporary, path)  # noqa: PTH105 - the one call that promises atomicity by name
        _flush(path.parent)
    except OSError as error:
        raise output_failed(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def sweep(folder: Path) -> tuple[Path, ...]:
    """Remove what killed processes of this machine left half written in ``folder`` (not below); returns what went."""
    gone = []
    for path in sorted(Path(folder).glob(".*.tmp*")):
        match = _TEMPORARY.fullmatch(path.name)
        if match and not _alive(int(match[1])):
            with suppress(OSError):
                path.unlink()
                gone.append(path)
    return tuple(gone)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)  # signal 0 only asks
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _flush(path: Path) -> None:
    """fsync a file or a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, whole or not at all. Raises :class:`OutputFailed`."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data``, whole or not at all. Raises :class:`OutputFailed`."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def write_json(path: Path, value: object) -> None:
    """Write ``value`` as indented JSON with sorted keys; see :func:`plain` for what may stand in it."""
    write_text(path, json.dumps(plain(value), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """The value in a JSON file of ours. Raises :class:`SetpieceError` where it is absent or damaged."""
    path = Path(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SetpieceError("does not exist", file=path, remedy="run the step that writes it again") from error
    except OSError as error:
        raise SetpieceError(f"cannot be read: {error.strerror}", file=path, remedy="check that it is yours to read") from error
    except ValueError as error:
        raise SetpieceError(f"is damaged: {error}", file=path, remedy="delete it and run the same command again") from error


def read_toml(path: Path, *, remedy: str) -> dict[str, Any]:
    """The tables in a TOML file that people write. Raises :class:`BriefError`: with ``remedy`` where it cannot be read as text,
    naming the line where it is no TOML."""
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BriefError("cannot be read", file=path, remedy=remedy) from error
    except tomllib.TOMLDecodeError as error:
        raise BriefError(f"is not TOML: {error}", file=path, remedy="mend that line") from error


def plain(value: object) -> Any:
    """``value`` in JSON's own terms: dataclasses become objects, tuples lists, fractions and paths text, enums their
    values, arrays their dtype, shape and SHA-256. Raises ``TypeError`` for anything else, ``ValueError`` for NaN.

    >>> plain({"rate": Fraction(24000, 1001), "size": (4, 2)})
    {'rate': '24000/1001', 'size': [4, 2]}
    """
    result: Any
    if value is None or (isinstance(value, bool | str) and not isinstance(value, Enum)):
        result = value
    elif isinstance(value, Enum):
        result = plain(value.value)
    elif isinstance(value, int | np.integer):
        result = int(value)
    elif isinstance(value, float | np.floating):
        if not math.isfinite(value):
            raise ValueError(f"{value} has no place in a JSON document")
        result = float(value)
    elif isinstance(value, Fraction | Path):
        result = str(value)
    elif isinstance(value, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        result = {"dtype": value.dtype.str, "shape": list(value.shape), "sha256": digest}
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        result = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    elif isinstance(value, Mapping):
        result = {str(key): plain(item) for key, item in value.items()}
    elif isinstance(value, set | frozenset):
        result = sorted(plain(item) for item in value)
    elif isinstance(value, Sequence):
        result = [plain(item) for item in value]
    else:
        raise TypeError(f"{type(value).__name__} has no place in a JSON document")
    return result


def sha256_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes. Raises :class:`PlateUnreadable` where it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PlateUnreadable(
            f"cannot be read: {error.strerror}", file=path, remedy="check the path and its permissions"
        ) from error


def sha256_value(value: object) -> str:
    """Hexadecimal SHA-256 of a value's canonical JSON (sorted keys, no spaces, UTF-8): equal values, equal hashes."""
    text = json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def save_arrays(path: Path, **arrays: np.ndarray[Any, Any]) -> None:
    """Write named arrays as an uncompressed ``.npz``, whole or not at all; equal arrays give equal bytes.

    Objects are refused (``ValueError``): nothing of ours is ever unpickled.
    """
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=_EPOCH)
            with archive.open(entry, "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)  # type: ignore[no-untyped-call]


def load_arrays(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """The arrays in an ``.npz`` of :func:`save_arrays`, checked against their checksums.

    Raises :class:`SetpieceError` where the file is absent or damaged.
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError as error:
        raise SetpieceError("does not exist", file=path, remedy="run the step that writes it again") from error
    except (OSError, ValueError, EOFError, KeyError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        raise SetpieceError(f"is damaged: {error}", file=path, remedy="delete it and run the same command again") from error
