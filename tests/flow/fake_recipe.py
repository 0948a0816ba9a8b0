"""The smallest department there is: frames are short files whose bytes follow from brief, seed and frame."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from setpiece.clearance.gates import mark
from setpiece.core.clearance import Cleared
from setpiece.core.progress import Progress
from setpiece.intake.brief import Brief, pixels_sha256, write_inferred
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
    sources: tuple[str, ...] = ("setpiece.core",)

    def infer(self, workspace: Workspace, brief: Brief, progress: Progress) -> None:
        self.inferred += 1
        write_inferred(workspace.brief, {"camera.height_m": (1.6, "assumed")})

    def make_take(self, job: Cleared[ShotJob], workspace: Workspace, progress: Progress) -> TakeResult:
        shot = job.value
        folder = workspace.take(shot.version)
        comp = []
        for done, frame in enumerate(shot.frames):
            path = folder / "comp" / f"{shot.shot}_comp_{shot.version_name}.{frame}.exr"
            comp.append(path)
            progress.report("frames", done, len(shot.frames))
            if path.exists():
                continue
            if frame == self.stop_at:
                raise KeyboardInterrupt
            self.frames_made.append(frame)
            write_text(path, hashlib.sha256(f"{pixels_sha256(shot.brief)} {shot.scale} {frame}".encode()).hexdigest())
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

    def deliver(self, take: Cleared[TakeResult], workspace: Workspace, progress: Progress) -> Delivery:
        movie = take.value.folder / "review.txt"
        write_text(movie, mark(take.evidence))
        return Delivery(files=(("movie", movie),))


def mark_of(folder: Path) -> str:
    """What is burnt into the review movie of a take."""
    return (folder / "review.txt").read_text()
