"""A short performance through the true department: a portrait that leaves the frame and comes back, with its records."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from examples.performances.trials import Trial, leaves_and_returns

from setpiece import cli, wiring
from setpiece.commands.demo_deage import SITTER, rehearse_records
from setpiece.commands.shot import make_shot
from setpiece.core.arrays import Rgb
from setpiece.core.errors import ClearanceRefused
from setpiece.media.images import write_exr
from setpiece.production.status import approve_shot, status_of
from setpiece.production.workspace import Workspace

SHOT = "sh020"
ROLES = ("legal", "studio", "performer")
DECLARED = {
    "purpose": "previs", "final": False, "requester": "Ann Other", "people": [SITTER], "prominence": "incidental",
    "real_event": False, "union_work_displaced": False,
    "principles": dict.fromkeys(
        ("no_unowned_material", "tools_keep_nothing", "enterprise_secured", "output_temporary", "no_talent_replaced"), "yes"
    ),
}  # fmt: skip
STATED = {
    "performer.id": SITTER, "performer.role": "the sitter", "performer.scene": "demo", "performer.portrayed_age": 20,
    "performer.media": ["rehearsal"], "performer.territories": ["US"], "performer.language": "en",
    "deliver.prores4444": False, "deliver.h264": False,
}  # fmt: skip


def write_plate(folder: Path, trial: Trial) -> Path:
    """The trial's plates as an EXR sequence; its first file."""
    folder.mkdir(parents=True)
    for frame in trial.frames:
        pixels = trial.plate(frame)
        planes = {name: np.ascontiguousarray(pixels[..., k]) for k, name in enumerate("RGB")}
        write_exr(folder / f"face.{frame}.exr", planes)
    return folder / f"face.{trial.frames.first}.exr"


def new_shot(folder: Path, plate: Path, **values: object) -> Path:
    """A de-ageing shot with the rehearsal's records in ``folder``."""
    rehearse_records(folder)
    make_shot(folder / SHOT, plate, STATED | values, show="A test", declaration=DECLARED, department="deage")
    return folder / SHOT


def approve(shot: Path) -> None:
    """Everybody whom the gate waits for says yes."""
    for role in status_of(Workspace.at(shot), wiring.now).waiting_for:
        approve_shot(Workspace.at(shot), role=role, person=f"Ada {role.title()}", now=wiring.now)


def allowed(shot: Path, work: Callable[[], object]) -> object:
    """Do ``work``, with approvals given where a gate waits for them; a refusal that nobody can approve is raised."""
    for _ in range(3):
        try:
            return work()
        except ClearanceRefused:
            if not status_of(Workspace.at(shot), wiring.now).waiting_for:
                raise
            approve(shot)
    return work()


def setpiece(*arguments: object) -> int:
    """The command line, in this process; its exit code."""
    return cli.run([str(argument) for argument in arguments])


def painted_over(picture: Rgb) -> Rgb:
    """What the test's artist does: a warm patch in the middle of the picture."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    patch = np.exp(-(((x - width / 2) / (0.1 * width)) ** 2) - ((y - height * 0.55) / (0.08 * height)) ** 2)
    return (picture * np.exp2(np.array([0.5, 0.1, -0.2]) * patch[..., None])).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """A shot that was begun once for all tests; :meth:`copy` gives one's own."""

    folder: Path
    trial: Trial

    def copy(self, to: Path) -> Path:
        """The shot, with its records, in ``to``."""
        shutil.copytree(self.folder, to / "show")
        return to / "show" / SHOT


def begun(folder: Path) -> Performance:
    """Plate, records, brief, stage; no picture yet."""
    trial = leaves_and_returns()
    new_shot(folder, write_plate(folder / "plate", trial))
    return Performance(folder=folder, trial=trial)
