"""The list of a delivery: every file with its size and hash, so that a receiver can tell what was lost on the way.

Place in the flow: last but for the signatures. ``manifest.json`` lists everything in its folder but itself, its
credential and its seal (:mod:`.credentials`), which sign it and are made after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from setpiece.core.errors import OutputFailed, SetpieceError
from setpiece.media.files import read_json, sha256_file, write_json

SCHEMA = "setpiece.manifest/1"
NAME = "manifest.json"
SIDECAR = "manifest.json.c2pa"
SEAL = "manifest.seal.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file: its path below the folder (with ``/``), its bytes, its SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All files of a delivery, sorted by path, and what they are of."""

    shot: str
    version: str
    software: str
    files: tuple[Entry, ...]


def write_manifest(folder: Path, *, shot: str, version: str, software: str) -> Manifest:
    """Hash everything below ``folder`` and write its ``manifest.json``. Hidden files, the manifest and its signatures are
    left out.

    Raises :class:`OutputFailed` where a file cannot be read or the manifest cannot be written.
    """
    files = []
    for path in _files(folder):
        try:
            entry = Entry(path=_inside(folder, path), size=path.stat().st_size, sha256=sha256_file(path))
        except (OSError, SetpieceError) as error:
            raise OutputFailed(
                "changed or became unreadable while it was being listed",
                file=path,
                remedy="let nothing else write into the delivery and run the same command again",
            ) from error
        files.append(entry)
    manifest = Manifest(shot=shot, version=version, software=software, files=tuple(files))
    write_json(folder / NAME, {"schema": SCHEMA, "manifest": manifest})
    return manifest


def _files(folder: Path) -> list[Path]:
    found = [path for path in folder.rglob("*") if path.is_file()]
    visible = [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    apart = {folder / name for name in (NAME, SIDECAR, SEAL)}
    return sorted((path for path in visible if path not in apart), key=lambda path: _inside(folder, path))


def _inside(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of ``folder``, of this schema or an older one.

    Raises :class:`SetpieceError` where it is absent, damaged, of an unknown schema, or names files outside the folder.
    """
    path = folder / NAME
    document = upgraded(read_json(path), file=path)
    try:
        body = document["manifest"]
        files = tuple(
            Entry(path=str(item["path"]), size=int(item["size"]), sha256=str(item["sha256"])) for item in body["files"]
        )
        manifest = Manifest(shot=str(body["shot"]), version=str(body["version"]), software=str(body["software"]), files=files)
    except (KeyError, TypeError, ValueError) as error:
        raise SetpieceError("is damaged: an entry is missing", file=path, remedy="deliver the shot again") from error
    for entry in manifest.files:
        inner = PurePosixPath(entry.path)
        if inner.is_absolute() or ".." in inner.parts:
            raise SetpieceError(
                f"names a file outside its folder: {entry.path}", file=path, remedy="do not trust this delivery"
            )
    return manifest


def upgraded(document: Any, *, file: Path) -> dict[str, Any]:
    """A manifest document in today's schema. There is one schema so far; the next adds its step here."""
    schema = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(document, dict) or schema != SCHEMA:
        raise SetpieceError(
            f"has the schema {schema!r}, not {SCHEMA!r}", file=file, remedy="read it with the Setpiece that wrote it"
        )
    return document


def verify_manifest(folder: Path) -> Manifest:
    """Check every file of a delivery against its manifest and return it.

    Raises :class:`SetpieceError` naming the first file that is missing, of another size, changed, or not listed.
    """
    manifest = read_manifest(folder)
    for entry in manifest.files:
        path = folder / entry.path
        if not path.is_file():
            raise SetpieceError("is listed in the manifest but missing", file=path, remedy="copy the delivery again")
        size = path.stat().st_size
        if size != entry.size:
            raise SetpieceError(
                f"has {size} bytes, the manifest says {entry.size}", file=path, remedy="copy the delivery again"
            )
        if sha256_file(path) != entry.sha256:
            raise SetpieceError(
                "differs from what was delivered (same size, another hash)",
                file=path,
                remedy="copy the delivery again; if it was changed on purpose, release and deliver it anew",
            )
    listed = {entry.path for entry in manifest.files}
    for path in _files(folder):
        if _inside(folder, path) not in listed:
            raise SetpieceError(
                "is not listed in the manifest", file=path, remedy="take it out of the delivery, or deliver anew"
            )
    return manifest
