"""What a server answered, kept beside the shot: a run that is killed does not ask for it again.

One folder a window, named by the hash of all that the window follows from: the answers as they came, byte for byte, and
``window.json`` with their hashes, written last. A folder without it, or with a file that was touched, is as good as none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from setpiece.core.errors import SetpieceError
from setpiece.media.files import read_json, sha256_file, write_bytes, write_json

SCHEMA = "setpiece.comfyui-window/1"
INDEX = "window.json"
JOB = "job.json"


def keep(folder: Path, answers: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write ``answers`` (name → bytes, in the order of the frames) into ``folder``; where they are. The job is over."""
    files = tuple(folder / name for name in answers)
    for file, data in zip(files, answers.values(), strict=True):
        write_bytes(file, data)
    write_json(folder / INDEX, {"schema": SCHEMA, "files": [[file.name, sha256_file(file)] for file in files]})
    (folder / JOB).unlink(missing_ok=True)
    return files


def kept(folder: Path) -> tuple[Path, ...] | None:
    """The answers in ``folder``, in the order of the frames; None unless all of them are there and whole."""
    try:
        told = read_json(folder / INDEX)
        if told["schema"] != SCHEMA:
            return None
        files = [(folder / Path(str(name)).name, str(digest)) for name, digest in told["files"]]
        if any(sha256_file(file) != digest for file, digest in files):
            return None
    except (SetpieceError, KeyError, TypeError, ValueError):
        return None
    return tuple(file for file, _ in files)
