"""Frames side by side: a few worker processes, each with the stage in memory, one frame at a time.

A worker is a fresh process that builds its state once with a factory and then makes the frames it is handed. It holds
one numerical thread, so a frame has the same bits however many workers run. Workers die with their parent. Nothing
here knows what a frame is made of.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pickle
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import IO, Any

from setpiece.core import errors
from setpiece.core.errors import Interrupted, SetpieceError, WorkerFailed
from setpiece.core.progress import Progress

GRACE_S = 5.0  # after Ctrl-C: how long running frames may take to finish
_COUNTS: tuple[str, ...] = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_COUNTS += ("OPENCV_FOR_THREADS_NUM", "OPENIMAGEIO_THREADS")
ONE_THREAD = dict.fromkeys(_COUNTS, "1") | {"OMP_WAIT_POLICY": "PASSIVE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Factory:
    """Builds a worker's state: ``module.function(*args)`` returns a callable that makes one frame.

    ``args`` must be picklable and small (paths, numbers, frozen dataclasses): the stage is loaded from disk, in the
    worker. What the callable returns must be JSON.
    """

    module: str
    function: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameTimings:
    """How long it took. ``made`` are (frame, seconds in its worker), in frame order; ``kept`` were there already;
    ``returned`` are (frame, what the worker's callable returned); ``build_s`` is the slowest worker's start."""

    made: tuple[tuple[int, float], ...]
    kept: tuple[int, ...]
    returned: tuple[tuple[int, Any], ...]
    build_s: float
    wall_s: float


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    stderr: IO[bytes]
    frame: int | None = None
    ready: bool = False
    pending: bytes = b""

    def hand(self, frame: int) -> None:
        """Give it a frame to make; a worker that has just died is noticed when its pipe is read."""
        self.frame = frame
        with contextlib.suppress(BrokenPipeError):
            assert self.process.stdin is not None
            self.process.stdin.write(f"{frame}\n".encode())
            self.process.stdin.flush()

    def read(self) -> list[dict[str, Any]] | None:
        """Messages that came in, or None at the end of the pipe: the worker is gone."""
        assert self.process.stdout is not None
        chunk = os.read(self.process.stdout.fileno(), 1 << 16)
        if not chunk:
            return None
        *lines, self.pending = (self.pending + chunk).split(b"\n")
        return [json.loads(line) for line in lines]

    def last_words(self) -> str:
        """The end of what it wrote to standard error, in one line."""
        self.stderr.seek(0)
        lines = [line.strip() for line in self.stderr.read().decode(errors="replace").splitlines() if line.strip()]
        return lines[-1][:300] if lines else ""


@dataclass(slots=True)
class _Tally:
    total: int
    kept: tuple[int, ...]
    made: dict[int, float] = field(default_factory=dict)
    returned: dict[int, Any] = field(default_factory=dict)
    build_s: float = 0.0

    @property
    def done(self) -> int:
        return len(self.kept) + len(self.made)


class Stretches:
    """``frames`` shared out among ``count`` workers: each walks a stretch of its own; whoever is through takes the later half
    of the longest that is left."""

    def __init__(self, frames: Sequence[int], count: int) -> None:
        ends = [len(frames) * k // count for k in range(count + 1)]
        self._left = [deque(frames[start:end]) for start, end in pairwise(ends)]

    def next_for(self, worker: int) -> int | None:
        """The next frame of the worker with that number; None where all are handed out."""
        if not self._left[worker]:
            longest = max(self._left, key=len)
            keep = len(longest) // 2
            self._left[worker] = deque(list(longest)[keep:])
            while len(longest) > keep:
                longest.pop()
        return self._left[worker].popleft() if self._left[worker] else None


def run_frames(
    factory: Factory,
    frames: Iterable[int],
    *,
    workers: int,
    done: Callable[[int], bool],
    progress: Progress,
    step: str = "frames",
    note: str = "",
) -> FrameTimings:
    """Make every frame for which ``done(frame)`` is false, ``workers`` at a time, each a stretch in frame order: what an
    engine finds out about a frame serves it for the next one.

    ``progress`` hears ``step`` after every frame. A worker that raises a SetpieceError surfaces as that error, with
    the frame; any other exception or death as WorkerFailed, with the frame. Ctrl-C lets running frames finish for
    ``GRACE_S`` and raises Interrupted. In every case no process is left behind.
    """
    began = time.monotonic()
    wanted = list(frames)
    kept = tuple(frame for frame in wanted if done(frame))
    tally = _Tally(total=len(wanted), kept=kept)
    progress.report(step, tally.done, tally.total, note)
    count = min(max(1, workers), len(wanted) - len(kept))
    if count:
        crew: list[_Worker] = []
        try:
            for _ in range(count):
                crew.append(_start(factory))
            _run(
                crew,
                Stretches([f for f in wanted if f not in set(kept)], count),
                tally,
                lambda: progress.report(step, tally.done, tally.total, note),
            )
        except KeyboardInterrupt:
            _drain(crew, tally)
            raise Interrupted(
                f"stopped with {tally.done} of {tally.total} frames done",
                remedy="run the same command again: it makes only the missing frames",
            ) from None
        except SetpieceError:
            _drain(crew, tally)
            raise
        finally:
            _dismiss(crew)
    return FrameTimings(
        made=tuple(sorted(tally.made.items())),
        kept=kept,
        returned=tuple(sorted(tally.returned.items())),
        build_s=tally.build_s,
        wall_s=time.monotonic() - began,
    )


def _start(factory: Factory) -> _Worker:
    stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by _dismiss
    process = subprocess.Popen(
        [sys.executable, "-m", "setpiece.production.frame_worker", str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**os.environ, **ONE_THREAD},
        start_new_session=True,  # Ctrl-C is for the parent to handle
    )
    worker = _Worker(process=process, stderr=stderr)
    with contextlib.suppress(BrokenPipeError):
        assert process.stdin is not None
        # The worker unpickles only after it has put the parent's sys.path in place.
        process.stdin.write(json.dumps(sys.path).encode() + b"\n")
        process.stdin.write(base64.b64encode(pickle.dumps(factory)) + b"\n")
        process.stdin.flush()
    return worker


def _run(crew: list[_Worker], queue: Stretches, tally: _Tally, tell: Callable[[], None]) -> None:
    """Hand out frames until the queue is empty and every worker idle."""
    with selectors.DefaultSelector() as selector:
        for worker in crew:
            assert worker.process.stdout is not None
            selector.register(worker.process.stdout, selectors.EVENT_READ, worker)
        while any(worker.frame is not None or not worker.ready for worker in crew):
            for key, _ in selector.select():
                worker = key.data
                messages = worker.read()
                if messages is None:
                    raise _died(worker)
                for message in messages:
                    _heard(worker, message, tally)
                    tell()
                if worker.ready and worker.frame is None:
                    frame = queue.next_for(crew.index(worker))
                    if frame is not None:
                        worker.hand(frame)


def _heard(worker: _Worker, message: dict[str, Any], tally: _Tally) -> None:
    """Take a worker's message into account, or raise the error it carries."""
    if "error" in message:
        frame, worker.frame = worker.frame, None
        raise _revived(message["error"], frame)
    if "built_s" in message:
        worker.ready = True
        tally.build_s = max(tally.build_s, message["built_s"])
    else:
        frame = message["frame"]
        tally.made[frame] = message["seconds"]
        if message["returned"] is not None:
            tally.returned[frame] = message["returned"]
        worker.frame = None


def _drain(crew: list[_Worker], tally: _Tally) -> None:
    """Let running frames finish, for GRACE_S in all; errors of others and another Ctrl-C end the wait."""
    until = time.monotonic() + GRACE_S
    with selectors.DefaultSelector() as selector, contextlib.suppress(KeyboardInterrupt):
        for worker in crew:
            if worker.frame is not None and worker.process.stdout is not None:
                selector.register(worker.process.stdout, selectors.EVENT_READ, worker)
        while selector.get_map() and (left := until - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                messages = key.data.read()
                with contextlib.suppress(SetpieceError):
                    for message in messages or ():
                        _heard(key.data, message, tally)
                if messages is None or key.data.frame is None:
                    selector.unregister(key.fileobj)


def _dismiss(crew: list[_Worker]) -> None:
    """End every worker: idle ones by closing their pipe, busy ones by force."""
    for worker in crew:
        with contextlib.suppress(OSError):
            if worker.process.stdin is not None:
                worker.process.stdin.close()
        if worker.frame is not None or not worker.ready:
            worker.process.kill()
    for worker in crew:
        try:
            worker.process.wait(timeout=GRACE_S)
        except subprocess.TimeoutExpired:
            worker.process.kill()
            worker.process.wait()
        if worker.process.stdout is not None:
            worker.process.stdout.close()
        worker.stderr.close()


def _died(worker: _Worker) -> WorkerFailed:
    code = worker.process.wait()
    frame, worker.frame = worker.frame, None
    if code == -signal.SIGKILL:
        return WorkerFailed(
            "a frame worker was killed, probably for want of memory",
            frame=frame,
            remedy="run the same command with --workers 1 or a smaller --scale; finished frames are kept",
        )
    how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
    words = worker.last_words()
    return WorkerFailed(
        f"a frame worker ended {how}" + (f" ({words})" if words else ""),
        frame=frame,
        remedy="run 'setpiece doctor'; if it finds nothing, run the same command again: finished frames are kept",
    )


def _revived(packed: dict[str, Any], frame: int | None) -> SetpieceError:
    """The error that a worker packed, as its own class, with the frame."""
    kind = getattr(errors, packed["kind"], None)
    if not (isinstance(kind, type) and issubclass(kind, SetpieceError)):
        return WorkerFailed(
            f"a frame worker failed: {packed['kind']}: {packed['message']}" + (f" (at {packed['at']})" if packed["at"] else ""),
            frame=frame,
            remedy="report this with the line above; finished frames are kept",
        )
    error = kind.__new__(kind)
    SetpieceError.__init__(
        error,
        packed["message"],
        remedy=packed["remedy"],
        file=packed["file"],
        frame=frame if packed["frame"] is None else packed["frame"],
    )
    for name, value in packed["more"].items():
        setattr(error, name, value)
    return error
