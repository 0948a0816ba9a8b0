"""The Blender process: ``python -m setpiece.stage.blender.worker FOLDER``.

Loads Blender, then for each line of its input reads ``FOLDER/job.json``, does the job named there and writes its result into
the folder (aside, then renamed); ends with its input or with the first error. Progress and errors go to the client as JSON
lines over a pipe of their own, because Blender prints what it likes on stdout. The process dies with its parent.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from setpiece.core.errors import SetpieceError
from setpiece.core.progress import Progress
from setpiece.media.files import read_json

_PR_SET_PDEATHSIG = 1
_DEBIAN = {
    "libX11.so.6": "libx11-6",
    "libXrender.so.1": "libxrender1",
    "libXxf86vm.so.1": "libxxf86vm1",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libXext.so.6": "libxext6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libgomp.so.1": "libgomp1",
}


class PipeProgress:
    """Progress as JSON lines; a reader that has gone away is not an error."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def report(self, step: str, done: int, total: int, note: str = "") -> None:
        """Send one line."""
        self.send({"step": step, "done": done, "total": total, "note": note})

    def send(self, message: dict[str, object]) -> None:
        """Send any message of the protocol: progress, ``error`` or ``finished``."""
        try:
            self._stream.write(json.dumps(message) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            pass


def die_with_parent(parent: int) -> None:
    """Ask Linux to kill this process when its parent ends, however that happens."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if parent and os.getppid() != parent:
        os._exit(1)


def missing_dependency(error: ImportError) -> tuple[str, str]:
    """What is missing when bpy does not import, and the command that installs it.

    >>> missing_dependency(ImportError("libXi.so.6: cannot open shared object file: No such file or directory"))
    ('system library libXi.so.6 is not installed', 'run: sudo apt-get install libxi6')
    """
    found = re.search(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object", str(error))
    if found:
        name = found[1]
        package = _DEBIAN.get(name)
        how = f"run: sudo apt-get install {package}" if package else f"install the system package that holds {name}"
        return f"system library {name} is not installed", how
    if isinstance(error, ModuleNotFoundError):
        return f"Python package '{error.name}' is not installed", "run `make setup` (it installs the blender extra: bpy 5.0.1)"
    return f"Blender does not load: {error}", "run `make setup` again; bpy 5.0.1 needs Python 3.11"


def _rigid(folder: Path, progress: Progress) -> None:
    from setpiece.stage.blender.bullet import run_rigid

    run_rigid(folder, progress)


def _scene(folder: Path, progress: Progress) -> None:
    from setpiece.stage.blender.scene import run_scene

    run_scene(folder, progress)


def _cycles(folder: Path, progress: Progress) -> None:
    from setpiece.stage.blender.cycles import run_cycles

    run_cycles(folder, progress)


def _set(folder: Path, progress: Progress) -> None:
    from setpiece.stage.blender.set_render import run_set

    run_set(folder, progress)


JOBS: dict[str, Callable[[Path, Progress], None]] = {"rigid": _rigid, "scene": _scene, "cycles": _cycles, "set": _set}


def work(folder: Path, channel: PipeProgress, words: Iterable[str]) -> int:
    """Do the job in ``folder`` for each of ``words``; returns the exit code. Errors go over the channel, tracebacks into the
    log."""
    try:
        import bpy  # noqa: F401 - loaded before there is work; a missing library shows here

        for _ in words:
            kind = read_json(folder / "job.json").get("kind")
            job = JOBS.get(kind)
            if job is None:
                remedy = f"ask for one of {sorted(JOBS)}"
                channel.send({"error": "WorkerFailed", "message": f"no such job: '{kind}'", "remedy": remedy})
                return 2
            job(folder, channel)
            sys.stdout.flush()
            channel.send({"finished": True})
    except ImportError as error:
        message, remedy = missing_dependency(error)
        channel.send({"error": "DependencyMissing", "message": message, "remedy": remedy})
        print(error, file=sys.stderr)
        return 9
    except SetpieceError as error:
        channel.send(
            {
                "error": type(error).__name__,
                "message": error.message,
                "remedy": error.remedy,
                "file": None if error.file is None else str(error.file),
                "frame": error.frame,
            }
        )
        return 7
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Entry point of the process."""
    parser = argparse.ArgumentParser(prog="setpiece.stage.blender.worker", description=__doc__)
    parser.add_argument("folder", type=Path, help="the job's folder")
    parser.add_argument("--progress-fd", type=int, default=1, help="where JSON lines go (default: stdout)")
    parser.add_argument("--parent", type=int, default=0, help="process to die with")
    options = parser.parse_args(arguments)
    die_with_parent(options.parent)
    with os.fdopen(options.progress_fd, "w", encoding="utf-8", closefd=options.progress_fd > 2) as stream:
        code = work(options.folder, PipeProgress(stream), sys.stdin)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # Blender's own shutdown frees gigabytes one by one, and has been known to crash


if __name__ == "__main__":
    main()
