"""What both gates cost a shot that was run: CPU and wall seconds of everything that would not happen without them.

On a copy of the shot: the desk is opened, the plate searched for faces, the use stated and decided, a token issued and
taken in, the permit checked before each frame, the take searched and released. Reading the brief and the take's own files
belongs to any run.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from setpiece.clearance.gates import admit, release
from setpiece.intake.brief import load_brief
from setpiece.intake.plate import load_plate
from setpiece.production import clearing
from setpiece.production.ingest import plate_of
from setpiece.production.likeness import FACES
from setpiece.production.run import Order, planned
from setpiece.production.take import read_result
from setpiece.production.workspace import Workspace


class Laps:
    """CPU and wall seconds between the ends of things."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.rows: list[dict[str, Any]] = []
        self._say, self._began = say, self._clocks()

    def lap(self, name: str) -> None:
        """``name`` has just ended, and counts."""
        cpu, wall = (now - then for now, then in zip(self._clocks(), self._began, strict=True))
        self.rows.append({"what": name, "cpu_s": round(cpu, 3), "wall_s": round(wall, 3)})
        self._say(f"{name}: {cpu:.3f} CPU s, {wall:.3f} s")
        self.skip()

    def skip(self) -> None:
        """What has just ended is no gate's."""
        self._began = self._clocks()

    @staticmethod
    def _clocks() -> tuple[float, float]:
        return time.process_time(), time.perf_counter()


def measure(shot: Path, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Both gates over the newest take of ``shot``, in a copy in ``folder``; their sum stands last."""
    shutil.copytree(shot, folder)
    workspace = Workspace.at(folder)
    (workspace.stage / FACES).unlink(missing_ok=True)
    brief = load_brief(workspace.brief)
    job = replace(planned(workspace, brief, Order()), version=1)
    name = clearing.take_name(job.shot, 1)
    plate = plate_of(brief)
    load_plate(plate, plate.frames.first)  # decoded once for the gate and for inference, in one process
    laps = Laps(say)
    desk = clearing.open_desk(workspace, brief.shot.show, lambda: datetime.now(UTC))
    laps.lap("open the desk")
    use = clearing.use_of_job(job, desk, workspace)
    laps.lap("state the use: hashes, credentials, faces in the plate")
    cleared = admit(job, use, office=desk.office, now=desk.now(), about=job.shot, take=name)
    desk.confirm(cleared, use, name)
    permit = desk.permit(cleared, use, name)
    laps.lap("admit and token")
    take = read_result(workspace, 1)
    laps.skip()
    for _ in take.frames:
        permit.check()
    laps.lap(f"{len(take.frames)} checks")
    shown = clearing.use_of_take(take, brief, use, desk, workspace, lambda: "trusted")
    laps.lap("state the use of the take: faces in it")
    released = release(take, shown, admitted=cleared.evidence, office=desk.office, now=desk.now(), about=take.shot, take=name)
    desk.confirm(released, shown, name)
    laps.lap("release")
    desk.close()
    total = {clock: round(sum(row[clock] for row in laps.rows), 3) for clock in ("cpu_s", "wall_s")}
    return {"frames": len(take.frames), "rows": laps.rows, **total}
