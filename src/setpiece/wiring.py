"""Puts the house together, once: which recipe runs, by which clock. The command line asks here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from setpiece.core.errors import SetpieceError
from setpiece.core.progress import Progress
from setpiece.intake.brief import Brief, load_brief
from setpiece.production.recipe import Recipe
from setpiece.production.run import Finished, Order, admitted, deliver, run
from setpiece.production.workspace import Workspace

if TYPE_CHECKING:
    from setpiece.departments.deage.learning import Learned
    from setpiece.departments.previs.sets import NewSet, Shown

DEMO_PLATE = Path(__file__).parent / "departments" / "destruction" / "demo" / "plate.jpg"


def destruction() -> Recipe:
    """The recipe of the destruction department."""
    from setpiece.departments.destruction.recipe import Destruction

    return Destruction()


def deage() -> Recipe:
    """The recipe of the de-ageing department."""
    from setpiece.departments.deage.recipe import Deage

    return Deage()


def photograph() -> Recipe:
    """The recipe of a photographed set."""
    from setpiece.departments.previs.photograph import Photograph

    return Photograph()


def fabric() -> Recipe:
    """The recipe of a fabric study."""
    from setpiece.departments.previs.fabric import Fabric

    return Fabric()


def recipe_of(workspace: Workspace) -> Recipe:
    """The recipe of the department whose brief lies in a shot."""
    recipes = {"destruction": destruction, "deage": deage, "photograph": photograph, "fabric": fabric}
    return recipes[load_brief(workspace.brief).department]()


def now() -> datetime:
    """The clock of decisions."""
    return datetime.now(UTC)


def run_shot(folder: Path, order: Order, progress: Progress) -> Finished:
    """Run the shot in ``folder``."""
    workspace = Workspace.at(folder)
    return run(workspace, order, recipe=recipe_of(workspace), progress=progress, now=now)


def deliver_shot(folder: Path, progress: Progress) -> Finished:
    """Release and deliver the newest take of the shot in ``folder``."""
    workspace = Workspace.at(folder)
    return deliver(workspace, recipe=recipe_of(workspace), progress=progress, now=now)


def write_keys(folder: Path, frames: Sequence[int] | None, progress: Progress, *, plain: bool) -> Path:
    """Write keyframes of a de-ageing shot for its artist; ``frames`` None are those that the brief proposes."""
    from setpiece.departments.deage import keys

    workspace = Workspace.at(folder)
    _ = load_brief(workspace.brief).deage
    with admitted(workspace, Order(engine="makeup"), recipe=deage(), progress=progress, now=now) as (job, permit):
        chosen = tuple(frames or job.brief.deage.keyframes.frames or ())
        return keys.write_keys(workspace, job.brief, chosen, permit, progress, plain=plain)


def take_keys(folder: Path, files: Sequence[Path], progress: Progress) -> tuple[int, ...]:
    """Take painted keyframes in; returns every frame that is painted now."""
    from setpiece.departments.deage import keys

    brief = keys.take_keys(Workspace.at(folder), files, progress)
    return tuple(frame for frame, _ in brief.deage.keyframes.painted)


def learn(folder: Path, progress: Progress, *, steps: int | None = None) -> Learned:
    """Learn the retouch of a de-ageing shot, or go on with it."""
    from setpiece.departments.deage import learning

    return learning.learn(Workspace.at(folder), progress, now, steps=steps)


def suggest_key(folder: Path, progress: Progress) -> tuple[int, str]:
    """The frame that one more keyframe would help most, and why."""
    from setpiece.departments.deage import learning

    return learning.suggest(Workspace.at(folder), deage(), progress, now)


def new_set(folder: Path, text: str, *, seed: int, show: str, declaration: Mapping[str, object]) -> NewSet:
    """Read a paragraph into the folder of a set."""
    from setpiece.departments.previs import sets

    return sets.new_set(folder, text, seed=seed, show=show, declaration=declaration)


def plan_set(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """Draw the plan of a set's brief; what found no place, in sentences."""
    from setpiece.departments.previs import sets
    from setpiece.intake.previs_document import load_set

    return sets.plan_of(folder, load_set(folder / "brief.yaml"))


def vary_set(folder: Path, count: int) -> tuple[tuple[str, Path], ...]:
    """Variations of a set: theme and folder of each."""
    from setpiece.departments.previs import sets

    return sets.write_variations(folder, count)


def show_set(folder: Path, views: Sequence[str], size: tuple[int, int], samples: int, progress: Progress) -> Shown:
    """Render views of a set."""
    from setpiece.departments.previs import sets

    return sets.show(folder, views, size, samples, progress, now)


def watch_set(
    folder: Path,
    views: Sequence[str],
    size: tuple[int, int],
    samples: int,
    progress: Progress,
    told: Callable[[Shown | SetpieceError], None],
) -> None:
    """Show views of a set, and again whenever its document is saved, for ever."""
    from setpiece.departments.previs import watch

    watch.watch(folder, views, size, samples, progress, now, told)


def show_looks(folder: Path, size: tuple[int, int], samples: int, progress: Progress) -> Shown:
    """Render the line-up of a set's looks."""
    from setpiece.departments.previs import sets

    return sets.show_looks(folder, size, samples, progress, now)


def solve_photograph(folder: Path, progress: Progress) -> Brief:
    """Solve a photographed set or a fabric study, through the gate; its brief, filled in."""
    workspace = Workspace.at(folder)
    with admitted(workspace, Order(), recipe=recipe_of(workspace), progress=progress, now=now) as (job, _):
        return job.brief


def paper_patterns(folder: Path, progress: Progress) -> tuple[Path, ...]:
    """Patterns of a set's looks for the cutting room; the list of yardage first."""
    from setpiece.departments.previs import sets

    return sets.write_patterns(folder, progress)


def present_set(folder: Path, progress: Progress, *, size: tuple[int, int], samples: int, turn_frames: int) -> tuple[Path, ...]:
    """Boards of a set as its document stands, signed; the PDF first. Renders what is missing."""
    from setpiece.departments.previs import presentation

    extent = presentation.Extent(size=size, samples=samples, turn_frames=turn_frames)
    return presentation.present(folder, progress, now, extent)
