"""Where a shot stands: its versions, what each holds, and what it waits for. Values and words; reads no file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionStatus:
    """One take. ``made`` counts whole comp frames of ``total``; ``finished``: the take was written down complete."""

    version: int
    engine: str
    scale: float
    made: int
    total: int
    finished: bool

    @property
    def line(self) -> str:
        """``v001  house  scale 1  48/48 frames  finished``."""
        state = "finished" if self.finished else "unfinished"
        return f"v{self.version:03d}  {self.engine}  scale {self.scale:g}  {self.made}/{self.total} frames  {state}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotStatus:
    """A shot: its versions in order, the latest decision, and the roles that it waits for."""

    shot: str
    frames: tuple[int, int]
    versions: tuple[VersionStatus, ...]
    decision: str  # "admit: ALLOW", or nothing yet
    reasons: tuple[str, ...]
    waiting_for: tuple[str, ...]

    @property
    def next_step(self) -> str:
        """What brings the shot on: one command, or one sentence."""
        if self.waiting_for:
            return f"setpiece approve {self.shot} --role {self.waiting_for[0]} --person NAME"
        if self.decision.endswith("BLOCK"):
            return "mend what the gate names in brief.yaml, then run it again"
        if not self.versions or not self.versions[-1].finished:
            return f"setpiece run {self.shot}"
        return f"setpiece deliver {self.shot}" if self.decision.endswith("NEEDS") else "look at it"

    def lines(self) -> tuple[str, ...]:
        """The status for people, a line each."""
        decided = self.decision or "no gate has decided yet"
        return (
            f"{self.shot}: frames {self.frames[0]}-{self.frames[1]}",
            *(f"  {version.line}" for version in self.versions),
            f"  clearance: {decided}",
            *(f"    {reason}" for reason in self.reasons),
            f"  next: {self.next_step}",
        )
