"""The folder of a shot: where everything lies, which version comes next, and who is working in it.

sh010/
  brief.yaml          what the artist asks for
  plate/              the plate in the working space, as ingest left it
  stage/              steps that were made once: camera, matte, proxy, pieces, motion, gas…
  takes/v001/         comp/ EXRs, review movies, contact sheet, report, manifest
  clearance/          records, log and keys, where no folder above has one (setpiece clear init)
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from setpiece.core.errors import BriefError, OutputFailed, RecordDamaged
from setpiece.media.files import output_failed, read_json, sweep, write_json

TAKE_SCHEMA = "setpiece.take/1"
_VERSION = re.compile(r"v(\d{3,})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A shot's folder. Paths only; the folders are made when something is written into them."""

    root: Path

    @classmethod
    def at(cls, root: Path) -> Workspace:
        """The workspace of an existing shot. Raises BriefError where there is no brief."""
        workspace = cls(root=root.resolve())
        if not workspace.brief.is_file():
            raise BriefError(
                "is not a shot: there is no brief.yaml in it",
                file=root,
                remedy=f"make one: setpiece shot new {root.name} --plate FILE",
            )
        return workspace

    @property
    def called(self) -> str:
        """The shot as one would name it in a command typed here."""
        return str(self.root.relative_to(Path.cwd())) if self.root.is_relative_to(Path.cwd()) else str(self.root)

    @property
    def brief(self) -> Path:
        """The brief, which belongs to the artist."""
        return self.root / "brief.yaml"

    @property
    def plate(self) -> Path:
        """Folder of the ingested plate."""
        return self.root / "plate"

    @property
    def stage(self) -> Path:
        """Folder of the steps."""
        return self.root / "stage"

    @property
    def takes(self) -> Path:
        """Folder of all takes."""
        return self.root / "takes"

    def take(self, version: int) -> Path:
        """Folder of take ``version``: ``takes/v001``."""
        return self.takes / f"v{version:03d}"

    def versions(self) -> tuple[int, ...]:
        """The versions there are, ascending. A folder that a killed run made and put nothing into is none."""
        if not self.takes.is_dir():
            return ()
        found = (_VERSION.fullmatch(path.name) for path in self.takes.iterdir() if path.is_dir() and _used(path))
        return tuple(sorted(int(match[1]) for match in found if match))

    def begun_with(self, settings_sha256: str) -> tuple[int, ...]:
        """The versions that were begun with these settings (:meth:`begin_take`), newest first."""
        return tuple(version for version in reversed(self.versions()) if self.take_settings(version) == settings_sha256)

    def next_version(self) -> int:
        """The number after the newest: versions are never written over."""
        versions = self.versions()
        return versions[-1] + 1 if versions else 1

    def take_settings(self, version: int) -> str | None:
        """The settings hash that take ``version`` was begun with, None where its note is gone."""
        return self._noted(version, "settings_sha256")

    def take_code(self, version: int) -> str | None:
        """The hash of the code that take ``version`` was begun with, None where no note tells."""
        return self._noted(version, "code_sha256")

    def _noted(self, version: int, name: str) -> str | None:
        path = self.take(version) / "take.json"
        value = read_json(path).get(name) if path.is_file() else None
        return value if isinstance(value, str) else None

    def begin_take(self, version: int, facts: dict[str, Any]) -> Path:
        """Make the folder of a take and note what it is made with (``settings_sha256`` at least), once."""
        folder = self.take(version)
        if self.take_settings(version) is None:
            write_json(folder / "take.json", {"schema": TAKE_SCHEMA, **facts})
        return folder

    def tidy(self) -> None:
        """Remove what killed runs left half written beside finished files."""
        comps = [path for version in self.versions() for path in (self.take(version), self.take(version) / "comp")]
        for folder in (self.root, self.stage, *comps):
            sweep(folder)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the shot for one run: a second one is refused with the process that holds it.

        The lock is the kernel's, so it ends with its process however that dies; a lock file left behind by a dead
        process locks nothing.
        """
        path = self.root / ".lock"
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise output_failed(path, error) from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = _holder(handle)
                raise OutputFailed(
                    f"another run{holder} is working on this shot",
                    file=self.root,
                    remedy="wait for it to finish, or stop it with Ctrl-C",
                ) from None
            os.ftruncate(handle, 0)
            os.pwrite(handle, json.dumps({"pid": os.getpid()}).encode(), 0)
            yield
        finally:
            os.close(handle)


def _used(folder: Path) -> bool:
    return any(not path.name.startswith(".") for path in folder.iterdir())


def _holder(handle: int) -> str:
    """`` (process 123)`` from a lock file's content, or nothing."""
    try:
        return f" (process {json.loads(os.pread(handle, 200, 0))['pid']})"
    except (ValueError, KeyError, TypeError, OSError):
        return ""


def take_facts(workspace: Workspace, version: int) -> dict[str, Any]:
    """What ``take.json`` says about a take. Raises RecordDamaged where it is gone."""
    path = workspace.take(version) / "take.json"
    if not path.is_file():
        raise RecordDamaged("is missing", file=path, remedy="run the shot again; it makes a new version")
    facts = read_json(path)
    if facts.get("schema") != TAKE_SCHEMA:
        raise RecordDamaged(
            f"has schema {facts.get('schema')!r}, this program reads {TAKE_SCHEMA!r}",
            file=path,
            remedy="open it with the version of Setpiece that made it, or run the shot again",
        )
    return facts
