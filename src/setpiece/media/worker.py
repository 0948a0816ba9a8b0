"""A worker program behind files: started, heard, ended, and its failures told in our words.

The one way in which the house talks to Blender: a folder with ``job.json`` and arrays goes in, files come out. This side
knows how to run such a worker, not what it does, and never imports what the worker imports. The worker gets its own
process group, no input but the word to begin, and dies with this process; what it prints is kept in ``FOLDER/worker.log``.
A crash, a kill, a time-out or a missing library becomes one of our errors with the last lines of that log and a remedy.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from setpiece.core import errors
from setpiece.core.errors import DependencyMissing, SetpieceError, WorkerFailed
from setpiece.core.progress import Progress
from setpiece.media.files import output_failed

LOG = "worker.log"
SCRATCH = "scratch"  # where Blender lays its temporary folder, and would leave it
BLENDER = "setpiece.stage.blender.worker"  # named, not imported: it is another program
_LAST_LINES = 6


class Worker:
    """A worker program over one folder: up at once, so that it loads its libraries while its job is still being written; does
    one job after the other until it is closed.

    ``program`` is the Python module to run. Raises OutputFailed where it cannot be started.
    """

    def __init__(self, folder: Path, *, program: str = BLENDER) -> None:
        self.folder = folder
        (folder / SCRATCH).mkdir(parents=True, exist_ok=True)
        self._reader, writer = os.pipe()
        command = [
            sys.executable, "-m", program, str(folder.resolve()),
            "--progress-fd", str(writer), "--parent", str(os.getpid()),
        ]  # fmt: skip
        try:
            with (folder / LOG).open("wb") as log:
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, pass_fds=(writer,),
                    start_new_session=True, env=_environment(folder),
                )  # fmt: skip
        except OSError as error:
            os.close(self._reader)
            raise output_failed(folder / LOG, error) from error
        finally:
            os.close(writer)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    @property
    def up(self) -> bool:
        """Whether it can be given a job."""
        return self._process.poll() is None

    def do(self, job: str, *, progress: Progress, timeout_s: float = 3600.0) -> None:
        """Have the job that lies in the folder done. ``job`` names it in messages. After an error the worker is closed.

        Raises :class:`WorkerFailed`, :class:`DependencyMissing`, or the error that the worker itself met.
        """
        finished: bool | None = False
        told: dict[str, object] | None = None
        try:
            with suppress(BrokenPipeError):  # it has ended: what it said is read below
                _stdin(self._process).write(b"\n")
                _stdin(self._process).flush()
            finished, told = _listen(self._reader, self._process, progress, time.monotonic() + timeout_s)
        finally:
            if not finished:
                self.close()
        if told is not None:
            raise _translated(told, self.folder)
        if finished is None:
            raise worker_failed(f"did not finish '{job}' within {timeout_s:.0f} s", self.folder)
        if not finished:
            raise worker_failed(f"{_how_it_ended(self._process.returncode)} during '{job}'", self.folder)

    def close(self) -> None:
        """Leave no process behind, not even a grandchild."""
        if self._reader >= 0:
            os.close(self._reader)
            self._reader = -1
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with suppress(BrokenPipeError):
            _stdin(self._process).close()
        self._process.wait()
        shutil.rmtree(self.folder / SCRATCH, ignore_errors=True)


def run_worker(job: str, folder: Path, *, progress: Progress, timeout_s: float = 3600.0, program: str = BLENDER) -> None:
    """Run the job that lies in ``folder`` to its end. Raises as :meth:`Worker.do`."""
    with Worker(folder, program=program) as worker:
        worker.do(job, progress=progress, timeout_s=timeout_s)


def _stdin(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None
    return process.stdin


def _environment(folder: Path) -> dict[str, str]:
    """The worker's environment: no display, no user scripts, no spinning threads, temporary files in its own folder."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("BLENDER_", "DISPLAY", "WAYLAND_"))}
    scratch = str((folder / SCRATCH).resolve())
    return keep | {"OMP_WAIT_POLICY": "PASSIVE", "PYTHONUNBUFFERED": "1", "PYTHONNOUSERSITE": "1", "TMPDIR": scratch}


def _listen(
    reader: int, process: subprocess.Popen[bytes], progress: Progress, deadline: float
) -> tuple[bool | None, dict[str, object] | None]:
    """Pass progress on until the job is done or the pipe closes: (finished, error told by the worker); finished None: out of
    time."""
    told, pending = None, b""
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
                    return True, None
                else:
                    progress.report(message["step"], message["done"], message["total"], message["note"])
    try:
        process.wait(timeout=max(0.1, min(10.0, deadline - time.monotonic())))
    except subprocess.TimeoutExpired:
        return None, told
    return False, told


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
