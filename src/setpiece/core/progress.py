"""Long work shows itself."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Where a room reports how far it is. ``done`` and ``total`` count units (frames, mostly)."""

    def report(self, step: str, done: int, total: int, note: str = "") -> None:
        """Called often and cheap; implementations decide how often to draw."""


class Silent:
    """The progress of a test: heard by nobody."""

    def report(self, step: str, done: int, total: int, note: str = "") -> None:
        """Do nothing."""
