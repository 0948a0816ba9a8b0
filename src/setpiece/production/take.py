"""A take on disk: written down when its frames are made, and read back only where every frame is still the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from setpiece.core.errors import OutputFailed, RecordDamaged
from setpiece.core.timing import FrameRange, exact_rate
from setpiece.media.files import read_json, sha256_file, write_json
from setpiece.production.job import TakeResult
from setpiece.production.workspace import Workspace

RESULT_SCHEMA = "setpiece.result/1"
RESULT = "result.json"


def frame_hashes(comp: Sequence[Path]) -> tuple[str, ...]:
    """SHA-256 of each file, in order. Raises OutputFailed naming the first that is not there."""
    for path in comp:
        if not path.is_file():
            raise OutputFailed("is missing", file=path, remedy="run the same command again: it makes the missing frames")
    return tuple(sha256_file(path) for path in comp)


def write_result(take: TakeResult) -> None:
    """Write down what a take holds, beside it."""
    write_json(
        take.folder / RESULT,
        {
            "schema": RESULT_SCHEMA,
            "shot": take.shot,
            "version": take.version,
            "engine": take.engine,
            "frames": [take.frames.first, take.frames.last, str(take.frames.rate)],
            "comp": {
                str(path.relative_to(take.folder)): sha256 for path, sha256 in zip(take.comp, take.frame_sha256, strict=True)
            },
            "timings_s": take.timings_s,
            "warnings": take.warnings,
        },
    )


def read_result(workspace: Workspace, version: int) -> TakeResult:
    """The take as it was written down, with every frame hashed anew.

    Raises OutputFailed where the take is unfinished or a frame is gone, RecordDamaged where a frame was changed.
    """
    folder = workspace.take(version)
    if not (folder / RESULT).is_file():
        raise OutputFailed("is not finished", file=folder, remedy=f"finish it: setpiece run {workspace.called}")
    found = read_json(folder / RESULT)
    if found.get("schema") != RESULT_SCHEMA:
        raise RecordDamaged("has an unknown schema", file=folder / RESULT, remedy="run the shot again")
    first, last, rate = found["frames"]
    names = sorted(found["comp"])
    comp = tuple(folder / name for name in names)
    hashes = frame_hashes(comp)
    for path, name, sha256 in zip(comp, names, hashes, strict=True):
        if found["comp"][name] != sha256:
            raise RecordDamaged(
                "is not the frame that was made: it was changed since",
                file=path,
                remedy="delete it and run the shot again: only this frame is made anew",
            )
    return TakeResult(
        shot=found["shot"],
        version=found["version"],
        engine=found["engine"],
        frames=FrameRange(first=first, last=last, rate=exact_rate(rate)),
        folder=folder,
        comp=comp,
        frame_sha256=hashes,
        timings_s=tuple((name, seconds) for name, seconds in found["timings_s"]),
        warnings=tuple(found["warnings"]),
    )
