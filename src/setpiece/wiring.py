"""Puts the house together, once: which recipe runs, by which clock. The command line asks here and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from setpiece.core.progress import Progress
from setpiece.production.recipe import Recipe
from setpiece.production.run import Finished, Order, deliver, run
from setpiece.production.workspace import Workspace

DEMO_PLATE = Path(__file__).parent / "departments" / "destruction" / "demo" / "plate.jpg"


def destruction() -> Recipe:
    """The recipe of the destruction department."""
    from setpiece.departments.destruction.recipe import Destruction

    return Destruction()


def now() -> datetime:
    """The clock of decisions."""
    return datetime.now(UTC)


def run_shot(folder: Path, order: Order, progress: Progress) -> Finished:
    """Run the shot in ``folder``."""
    return run(Workspace.at(folder), order, recipe=destruction(), progress=progress, now=now)


def deliver_shot(folder: Path, progress: Progress) -> Finished:
    """Release and deliver the newest take of the shot in ``folder``."""
    return deliver(Workspace.at(folder), recipe=destruction(), progress=progress, now=now)
