"""The smallest department there is: frames are short files whose bytes follow from brief, seed and frame."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from setpiece.clearance.gates import mark
from setpiece.clearance.home import load_home
from setpiece.clearance.store.store import Store
from setpiece.clearance.store.transaction import DecisionRow
from setpiece.core.clearance import Cleared, Permit
from setpiece.core.progress import Progress
from setpiece.intake.brief import Brief, pixels_sha256, write_inferred
from setpiece.media.certificates import SigningIdentity
from setpiece.media.credentials import Clearance
from setpiece.media.exr import write_exr
from setpiece.media.files import write_text
from setpiece.production.job import Delivery, ShotJob, TakeResult
from setpiece.production.take import frame_hashes
from setpiece.production.workspace import Workspace

Command = Callable[..., int]  # the command line in a folder of its own: words in, exit code out


@dataclass
class FakeRecipe:
    """Counts what it does; ``stop_at`` is Ctrl-C in that frame."""

    frames_made: list[int] = field(default_factory=list)
    stop_at: int | None = None
    inferred: int = 0
    before_frame: Callable[[int], None] | None = None
    sources: tuple[str, ...] = ("setpiece.core",)

    def infer(self, workspace: Workspace, brief: Brief, progress: Progress) -> None:
        self.inferred += 1
        write_inferred(workspace.brief, {"camera.height_m": (1.6, "assumed")})

    def make_take(self, job: Cleared[ShotJob], permit: Permit, workspace: Workspace, progress: Progress) -> TakeResult:
        shot = job.value
        folder = workspace.take(shot.version)
        comp = []
        for done, frame in enumerate(shot.frames):
            path = folder / "comp" / f"{shot.shot}_comp_{shot.version_name}.{frame}.exr"
            comp.append(path)
            progress.report("frames", done, len(shot.frames))
            if path.exists():
                continue
            permit.check()
            if self.before_frame is not None:
                self.before_frame(frame)
            if frame == self.stop_at:
                raise KeyboardInterrupt
            self.frames_made.append(frame)
            digest = hashlib.sha256(f"{pixels_sha256(shot.brief)} {shot.scale} {frame}".encode()).digest()
            drawn = np.frombuffer(digest, np.uint8).astype(np.float32).reshape(4, 8) / 255
            path.parent.mkdir(parents=True, exist_ok=True)
            write_exr(path, dict.fromkeys("RGB", drawn))
        return TakeResult(
            shot=shot.shot,
            version=shot.version,
            engine=shot.engine,
            frames=shot.frames,
            folder=folder,
            comp=tuple(comp),
            frame_sha256=frame_hashes(comp),
            warnings=("dust is thin",),
        )

    def deliver(
        self, take: Cleared[TakeResult], shown: Clearance, identity: SigningIdentity, workspace: Workspace, progress: Progress
    ) -> Delivery:
        movie = take.value.folder / "review.txt"
        write_text(movie, mark(take.evidence))
        return Delivery(files=(("movie", movie),))


def decisions(shot: Path) -> list[DecisionRow]:
    """Every decision about a shot, oldest first, each checked against the log."""
    store = Store.open(load_home(shot / "clearance").database)
    try:
        with store.read() as tx:
            return sorted(tx.decided("sh010"), key=lambda row: row.sequence)
    finally:
        store.close()


def forge(shot: Path, old: str, new: str) -> None:
    """Change a word in the first decision of the database, by hand."""
    with sqlite3.connect(shot / "clearance" / "clearance.db") as database:
        row, body = database.execute("select sequence, body from decisions order by sequence").fetchone()
        assert old in body
        database.execute("update decisions set body = ? where sequence = ?", (body.replace(old, new, 1), row))


def mark_of(folder: Path) -> str:
    """What is burnt into the review movie of a take."""
    return (folder / "review.txt").read_text()
