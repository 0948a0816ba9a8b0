"""The one error tree.

Every error that a user can cause names the file, the frame where there is one, and the remedy. Foreign exceptions are
translated at the adapter that met them; a traceback on a user's terminal is a bug of ours.
"""

from __future__ import annotations

from pathlib import Path


class SetpieceError(Exception):
    """Base of all errors shown to a user.

    ``exit_code`` is what the command line returns for the class: stable, documented in ``docs/errors.md``.
    """

    exit_code = 1

    def __init__(self, message: str, *, remedy: str, file: Path | str | None = None, frame: int | None = None) -> None:
        self.message = message
        self.remedy = remedy
        self.file = None if file is None else Path(file)
        self.frame = frame
        super().__init__(str(self))

    def __str__(self) -> str:
        where = "" if self.file is None else f"{self.file}: "
        when = "" if self.frame is None else f"frame {self.frame}: "
        return f"{where}{when}{self.message}; {self.remedy}"


class BriefError(SetpieceError):
    """The brief has a typo, a value out of range or a contradiction."""

    exit_code = 2


class PlateUnreadable(SetpieceError):
    """A plate, matte or other picture is absent, truncated, damaged or of the wrong size."""

    exit_code = 3


class MatteError(SetpieceError):
    """The matte is empty, covers everything, or does not fit its plate."""

    exit_code = 4


class CameraError(SetpieceError):
    """No camera can be solved or the stated one cannot see the ground it stands on."""

    exit_code = 5


class StageError(SetpieceError):
    """The stage cannot be built from plate, matte, camera and brief."""

    exit_code = 6


class WorkerFailed(SetpieceError):
    """A worker process (Blender) could not start, died, or broke its file contract."""

    exit_code = 7


class CapabilityMissing(SetpieceError):
    """An engine was asked for something it cannot honour. Requests are never silently trimmed."""

    exit_code = 8

    def __init__(self, field: str, *, engine: str, remedy: str | None = None) -> None:
        self.field = field
        self.engine = engine
        super().__init__(
            f"engine '{engine}' cannot honour '{field}'",
            remedy=remedy or f"remove '{field}' from the brief or choose another engine",
        )


class DependencyMissing(SetpieceError):
    """A system library or Python package is not installed."""

    exit_code = 9


class ClearanceRefused(SetpieceError):
    """A gate is closed. Nothing was made, or nothing left."""

    exit_code = 10


class RecordDamaged(SetpieceError):
    """An append-only record does not verify: somebody or something changed it."""

    exit_code = 11


class OutputFailed(SetpieceError):
    """The disk is full, the folder is not writable, or a write did not survive its read-back."""

    exit_code = 12


class PolicyRefused(SetpieceError):
    """A client's policy would loosen a rule of the house, or says something that nobody knows."""

    exit_code = 13


class Interrupted(SetpieceError):
    """Ctrl-C. Everything finished stays; the same command resumes."""

    exit_code = 130
