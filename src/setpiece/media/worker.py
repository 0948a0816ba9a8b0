"""A worker program behind files: started, heard, ended, and its failures told in our words.

The one way in which the house talks to Blender: a folder with ``job.json`` and arrays goes in, files come out. This side
knows how to run such a worker, not what it does, and never imports what the worker imports. The worker gets its own
process group, no input, and dies with this process; what it prints is kept in ``FOLDER/worker.log``. A crash, a kill, a
time-out or a missing library becomes one of our errors with the last lines of that log and a remedy.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from setpiece.core import errors
from setpiece.core.errors import DependencyMissing, SetpieceError, WorkerFailed
from setpiece.core.progress import Progress
from setpiece.media.files import output_failed

LOG = "worker.log"
BLENDER = "setpiece.stage.blender.worker"  # named, not imported: it is another program
_LAST_LINES = 6


def run_worker(job: str, folder: Path, *, progress: Progress, timeout_s: float = 3600.0, program: str = BLENDER) -> None:
    """Run the job that lies in ``folder`` to its end. ``job`` names it in messages, ``program`` is the Python
    module to run.

    Raises :class:`WorkerFailed`, :class:`DependencyMissing`, or the error that the worker itself met.
    """
    reader, writer = os.pipe()
    command = [
        sys.executable, "-m", program, str(folder.resolve()),
        "--progress-fd", str(writer), "--parent", str(os.getpid()),
    ]  # fmt: skip
    try:
        with (folder / LOG).open("wb") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, pass_fds=(writer,),
                start_new_session=True, env=_environment(),
            )  # fmt: skip
    except OSError as error:
        os.close(reader)
        os.close(writer)
        raise output_failed(folder / LOG, error) from error
    os.close(writer)
    try:
        finished, told = _listen(reader, job, process, progress, time.monotonic() + timeout_s)
    finally:
        os.close(reader)
        _end(process)
    if told is not None:
        raise _translated(told, folder)
    if finished is None:
        raise worker_failed(f"did not finish '{job}' within {timeout_s:.0f} s", folder)
    if not finished or process.returncode != 0:
        raise worker_failed(f"{_how_it_ended(process.returncode)} during '{job}'", folder)


def _environment() -> dict[str, str]:
    """The worker's environment: no display, no user scripts, no spinning threads."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("BLENDER_", "DISPLAY", "WAYLAND_"))}
    return keep | {"OMP_WAIT_POLICY": "PASSIVE", "PYTHONUNBUFFERED": "1", "PYTHONNOUSERSITE": "1"}


def _listen(
    reader: int, job: str, process: subprocess.Popen[bytes], progress: Progress, deadline: float
) -> tuple[bool | None, dict[str, object] | None]:
    """Pass progress on until the pipe closes: (finished, error told by the worker); finished None: out of time."""
    finished, told, pending = False, None, b""
    os.set_blocking(reader, False)
    with selectors.DefaultSelector() as selector:
        selector.register(reader, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return None, told
            if not selector.select(left):
                continue
            chunk = os.read(reader, 65536)
            if not chunk:
                break
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                message = json.loads(line)
                if "error" in message:
                    told = message
                elif message.get("finished"):
                    finished = True
                else:
                    progress.report(message["step"], message["done"], message["total"], message["note"])
    try:
        process.wait(timeout=max(0.1, min(10.0, deadline - time.monotonic())))
    except subprocess.TimeoutExpired:
        return None, told
    return finished, told


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave no process behind, not even a grandchild."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _how_it_ended(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return f"the Blender worker was killed ({signal.Signals(-code).name})"
    return f"the Blender worker ended with code {code}"


def _tail(folder: Path) -> str:
    try:
        text = (folder / LOG).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    lines = [line for line in text.splitlines() if line.strip()]
    return " | ".join(lines[-_LAST_LINES:])


def worker_failed(what: str, folder: Path) -> WorkerFailed:
    """The error for a worker that did not do its job, with the last lines of its log."""
    tail = _tail(folder)
    return WorkerFailed(
        f"{what}; it last said: {tail}" if tail else what,
        file=folder / LOG,
        remedy="run the same command again; if it recurs, fewer pieces need less memory and time",
    )


def _translated(message: dict[str, object], folder: Path) -> SetpieceError:
    """The worker's error as one of the tree."""
    kind = getattr(errors, str(message["error"]), WorkerFailed)
    text, remedy = str(message["message"]), str(message["remedy"])
    if kind is DependencyMissing:
        return DependencyMissing(text, remedy=remedy)
    if not (isinstance(kind, type) and issubclass(kind, SetpieceError)) or kind is errors.CapabilityMissing:
        kind = WorkerFailed
    file, frame = message.get("file"), message.get("frame")
    return kind(text, remedy=remedy, file=str(file) if file else folder / LOG, frame=frame if isinstance(frame, int) else None)
