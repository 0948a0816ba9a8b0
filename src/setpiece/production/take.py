"""A take on disk: written down when its frames are made, and read back only where every frame is still the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from setpiece.core.errors import OutputFailed, RecordDamaged
from setpiece.core.timing import FrameRange, exact_rate
from setpiece.media.files import read_json, sha256_file, write_json
from setpiece.production.job import ShotJob, TakeResult
from setpiece.production.workspace import Workspace

RESULT_SCHEMA = "setpiece.result/1"
RESULT = "result.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The version that a job makes or goes on with.

    ``finished`` is the take where all of its frames lie there already and were made by another version of the code:
    it is taken as it is, for two versions of the code make no one take. ``note`` says why a new version was begun.
    """

    number: int
    finished: TakeResult | None = None
    note: str = ""


def version_of(workspace: Workspace, job: ShotJob, *, code: str, redo: bool = False) -> Version:
    """Which version a run of ``job`` by the code of hash ``code`` makes.

    The newest take of the same settings and code is gone on with. A finished one of the same settings is kept whatever
    code made it; one that other code began and left unfinished, or that has lost a frame since, is left alone, and the
    next number is taken. So it is for other settings and for ``redo``. Versions are never written over.
    """
    left = []
    for version in () if redo else workspace.begun_with(job.settings_sha256):
        if workspace.take_code(version) == code:
            return Version(number=version)
        take = _finished(workspace, version, job.frames)
        if take is not None:
            return Version(number=version, finished=take)
        left.append(version)
    number = workspace.next_version()
    if not left:
        return Version(number=number)
    note = f"v{left[0]:03d} is unfinished and was begun by another version of the program: v{number:03d} is made in its place"
    return Version(number=number, note=note)


def _finished(workspace: Workspace, version: int, frames: FrameRange) -> TakeResult | None:
    """The frames of a finished take, of which each is still what it was; None where it is not so, or nothing tells by
    which code it was made."""
    if workspace.take_code(version) is None:
        return None
    try:
        take = read_result(workspace, version)
    except (OutputFailed, RecordDamaged):
        return None
    if frames.first not in take.frames or frames.last not in take.frames:
        return None
    part = slice(frames.first - take.frames.first, frames.last - take.frames.first + 1)
    return replace(take, frames=frames, comp=take.comp[part], frame_sha256=take.frame_sha256[part])


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
