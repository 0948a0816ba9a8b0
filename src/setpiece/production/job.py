"""What a run is asked for and what it gives back: frozen values, between the gates and the recipe."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from setpiece.core.timing import FrameRange
from setpiece.intake.brief import Brief, brief_sha256, pixels_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotJob:
    """One take to be made, complete: the brief with everything inferred filled in, and how to run it.

    ``frames`` are the frames to make now, within the shot's own range (``brief.frames``). ``scale`` is the take's size
    over the plate's. ``version`` is the take's number. ``workers`` is how many processes; it never changes a pixel.
    ``files`` are (dotted name, SHA-256) of the pictures that the brief names beside the plate: painted anew under the
    same name they make another take.
    """

    brief: Brief
    plate_sha256: str
    engine: str
    frames: FrameRange
    scale: float
    version: int
    workers: int
    files: tuple[tuple[str, str], ...] = ()

    @property
    def shot(self) -> str:
        """The shot's name."""
        return self.brief.shot.name

    @property
    def seed(self) -> int:
        """The seed of the whole shot."""
        return self.brief.seed

    @property
    def version_name(self) -> str:
        """``v001``."""
        return f"v{self.version:03d}"

    @property
    def settings_sha256(self) -> str:
        """Hash of everything that decides a frame's pixels: not the version, the frame range, the workers, the
        declaration or what is delivered beside the frames. A take folder holds frames of one such hash only."""
        return _sha256({"brief": pixels_sha256(self.brief), **self._how(), **dict(self.files)})

    @property
    def subject_sha256(self) -> str:
        """What ``admit`` decides about: all that was stated, declaration included, and how it will be made. What is
        inferred follows from it, so the hash is the same before and after inference."""
        work = self.brief.document.WORK
        files = {name: sha256 for name, sha256 in self.files if name.split(".")[0] not in work}
        asked = brief_sha256(self.brief.stated(), without=work)
        return _sha256({"shot": self.shot, "brief": asked, **self._how(), **files})

    def _how(self) -> dict[str, str]:
        return {"plate": self.plate_sha256, "engine": self.engine, "scale": repr(float(self.scale))}


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeResult:
    """A take as it lies on disk: comp frames of ``frames``, in order, under ``folder`` (``takes/v001``).

    ``frame_sha256`` holds the hash of each comp file, in order: an approval binds to ``subject_sha256``, their hash.
    ``timings_s`` are (step, seconds), ``warnings`` what the supervisor should hear.
    """

    shot: str
    version: int
    engine: str
    frames: FrameRange
    folder: Path
    comp: tuple[Path, ...]
    frame_sha256: tuple[str, ...]
    timings_s: tuple[tuple[str, float], ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def version_name(self) -> str:
        """``v001``."""
        return f"v{self.version:03d}"

    @property
    def subject_sha256(self) -> str:
        """Hash of all frames of the take, by name and content: one changed bit makes another subject."""
        return take_sha256(tuple(zip((path.name for path in self.comp), self.frame_sha256, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What left: files by role (``movie``, ``contact sheet``, ``report``, ``usd``…), in the order to be told."""

    files: tuple[tuple[str, Path], ...]
    warnings: tuple[str, ...] = ()


def take_sha256(frames: tuple[tuple[str, str], ...]) -> str:
    """Hash of (file name, file hash) pairs, in any order."""
    return _sha256(sorted(frames))


def _sha256(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
