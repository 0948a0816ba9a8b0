"""The permit under which engines are timed: asked for at the gate, with records of its own that end with the process."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from setpiece.clearance.gates import Permit
from setpiece.production.clearing import rehearse

_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []  # removed when the process ends


@cache
def rehearsal() -> Permit:
    """One for the whole benchmark."""
    _FOLDERS.append(tempfile.TemporaryDirectory())
    return rehearse(Path(_FOLDERS[0].name), lambda: datetime.now(UTC))
