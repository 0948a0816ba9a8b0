"""Steps of a stage: made once, kept under their name, made again when what went into them changes.

A step is a folder. It is made aside and renamed into place whole, so a killed run leaves no half step; what such a run
left aside is removed. Does not know what any step means.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import setpiece
from setpiece.core.progress import Progress
from setpiece.media.files import output_failed, plain

SCHEMA = "setpiece.step/1"
RECORD = "step.json"
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(setpiece[\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n]*)|import[ \t]+([^\n]*))", re.MULTILINE
)
_OURS, _NAME, _REMARK = re.compile(r"\bsetpiece[\w.]*"), re.compile(r"\w+"), re.compile(r"#[^\n]*")


class Steps:
    """The steps in one folder.

    ``clock`` gives seconds for the timings (default: the monotonic clock); timings never enter a key.
    """

    def __init__(self, folder: Path, progress: Progress, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self._progress = progress
        self._clock = clock
        self._timings: list[tuple[str, float]] = []

    @property
    def timings_s(self) -> tuple[tuple[str, float], ...]:
        """(step, seconds) of every step asked for, in order; 0.0 for one that was there already."""
        return tuple(self._timings)

    def once(
        self,
        name: str,
        inputs: Any,
        make: Callable[[Path], None],
        *,
        sources: tuple[str, ...] = ("setpiece",),
    ) -> Path:
        """The folder of step ``name``, made by ``make(folder)`` unless it is there with the same key.

        ``inputs`` is JSON, or becomes it (dataclasses, sections of a brief, Fractions, Paths, arrays): everything
        that decides what ``make`` writes, hashes of files included. ``sources`` are the packages or modules whose
        code decides it too, with whatever of ours they import (default: all of Setpiece); name fewer where a step is
        long. Raises OutputFailed where the disk is full.
        """
        target = self.folder / name
        key = step_key(name, inputs, code_sha256(sources))
        for left in self.folder.glob(f".{name}.*.part"):
            shutil.rmtree(left, ignore_errors=True)
        if _whole(target, key):
            self._timings.append((name, 0.0))
            self._progress.report(name, 1, 1, "kept")
            return target
        self._progress.report(name, 0, 1)
        began = self._clock()
        try:
            self._make(target, key, inputs, make, began)
        except OSError as error:
            raise output_failed(Path(error.filename or target), error) from error
        self._timings.append((name, self._clock() - began))
        self._progress.report(name, 1, 1)
        return target

    def _make(self, target: Path, key: str, inputs: Any, make: Callable[[Path], None], began: float) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f".{target.name}.{os.getpid()}.part"
        part.mkdir()
        try:
            make(part)
            self._record(part, target.name, key, inputs, began)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        if target.exists():
            old = self.folder / f".{target.name}.old.part"
            target.rename(old)
            part.rename(target)
            shutil.rmtree(old)
        else:
            part.rename(target)

    def _record(self, part: Path, name: str, key: str, inputs: Any, began: float) -> None:
        record = {
            "schema": SCHEMA,
            "step": name,
            "key": key,
            "seconds": round(self._clock() - began, 3),
            "inputs": inputs,
            "files": {str(file.relative_to(part)): file.stat().st_size for file in _files(part)},
        }
        with (part / RECORD).open("w", encoding="utf-8") as stream:
            stream.write(_text(record, indent=1))
            stream.flush()
            os.fsync(stream.fileno())


def step_key(name: str, inputs: Any, code: str) -> str:
    """SHA-256 over a step's name, its inputs and the code behind it."""
    return hashlib.sha256(_text([SCHEMA, name, inputs, code]).encode()).hexdigest()


@cache
def code_sha256(sources: tuple[str, ...] = ("setpiece",)) -> str:
    """Hash of the version and of the Python sources of the packages or modules named, and of all they import of ours."""
    digest = hashlib.sha256(setpiece.__version__.encode())
    root = Path(setpiece.__file__).parent.parent
    for module in sorted(_with_imports(root, sources)):
        digest.update(str(module.relative_to(root)).encode())
        digest.update(hashlib.sha256(module.read_bytes()).digest())
    return digest.hexdigest()


def _with_imports(root: Path, sources: tuple[str, ...]) -> set[Path]:
    """The files behind module names, and behind what those import, wherever in the file they do."""
    found: set[Path] = set()
    todo = [path for source in sources for path in _files_of(root, source)]
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += _imported(root, path)
    return found


def _files_of(root: Path, source: str) -> list[Path]:
    path = root.joinpath(*source.split("."))
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


@cache
def _imported(root: Path, path: Path) -> tuple[Path, ...]:
    """Our modules that a file imports: ``from setpiece.stage import gas`` is the module, not its whole package.

    Found by their lines, since to parse all our files takes seconds; one named in a text counts too, which costs nothing.
    """
    names: list[str] = []
    for module, listed, whole in _IMPORT.findall(path.read_text(encoding="utf-8")):
        names += [module, *(f"{module}.{name}" for name in _NAME.findall(_REMARK.sub("", listed)))] if module else []
        names += _OURS.findall(whole)
    ours = (root.joinpath(*name.split(".")) for name in names)
    files = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py") for path in ours)
    return tuple(file for file in files if file.is_file())


def _whole(folder: Path, key: str) -> bool:
    """True where the step is there, has this key, and no file was lost or cut since."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return record["key"] == key and all((folder / name).stat().st_size == size for name, size in record["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _text(value: Any, indent: int | None = None) -> str:
    """``value`` as sorted JSON; sections of a brief count by their values, arrays by their hash."""
    return json.dumps(value, default=_inner, sort_keys=True, indent=indent, allow_nan=False)


def _inner(value: Any) -> Any:
    return value.model_dump() if hasattr(value, "model_dump") else plain(value)
