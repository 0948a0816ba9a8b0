"""A set that is kept in view while its document is being edited: rendered again whenever it is saved.

Place in the flow: beside an editor. Blender stays up and keeps what it built, so that another lens costs a render, another
colour a set and a render, another grade neither. Each document that was saved is asked of the gate, and makes a version, as
by ``view``. An error in a document is told, and the next save is waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from setpiece.core.errors import Interrupted, SetpieceError
from setpiece.core.progress import Progress
from setpiece.departments.previs.sets import Clock, Shown, show, views_folder
from setpiece.intake.previs_document import load_set
from setpiece.media.worker import Worker
from setpiece.production.workspace import Workspace

Outcome = Shown | SetpieceError
_LOOKING_S, _SETTLED_S = 0.1, 0.05


def watch(
    folder: Path,
    names: Sequence[str],
    size: tuple[int, int],
    samples: int,
    progress: Progress,
    now: Clock,
    told: Callable[[Outcome], None],
    saved: Callable[[Path], bool] | None = None,
) -> None:
    """Show views of a set, and again after every save of its document, until ``saved`` (which waits for one) says no. Without
    ``names`` it is the first view. Raises nothing for a document that cannot be shown: that is ``told`` like a picture.
    """
    workspace = Workspace.at(folder)
    wait = saved or changed
    worker = Worker(views_folder(workspace))
    try:
        while True:
            try:
                wanted = tuple(names) or tuple(view.name for view in load_set(workspace.brief).spec.views[:1])
                told(show(folder, wanted, size, samples, progress, now, worker))
            except Interrupted:
                raise
            except SetpieceError as error:
                told(error)
            if not worker.up:
                worker.close()
                worker = Worker(worker.folder)
            if not wait(workspace.brief):
                return
    finally:
        worker.close()


def changed(path: Path) -> bool:
    """Wait until a file is another one than it was at the call; always true."""
    before = _stamp(path)
    while (stamp := _stamp(path)) in (before, None):
        time.sleep(_LOOKING_S)
    while True:  # an editor may write in pieces
        time.sleep(_SETTLED_S)
        last, stamp = stamp, _stamp(path)
        if stamp is not None and stamp == last:
            return True


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is saved; None where it is not there, as while an editor replaces it."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
