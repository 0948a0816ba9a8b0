"""How long work shows itself: a bar with frames and time left on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from setpiece.core.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class PlainProgress:
    """Lines for a log: one when a step begins, one when it ends, one every ``every_s`` seconds in between."""

    def __init__(self, stream: TextIO, *, every_s: float = 5.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._every_s = every_s
        self._clock = clock
        self._began: dict[str, tuple[float, int]] = {}
        self._told: dict[str, float] = {}
        self._ended: set[str] = set()
        self._last = ("", -1, -1, "")

    def report(self, step: str, done: int, total: int, note: str = "") -> None:
        """Print a line where it is time for one."""
        if (step, done, total, note) == self._last:
            return
        self._last = (step, done, total, note)
        finished = done >= total
        first = step not in self._began
        if finished and first and step in self._ended and not note:
            return  # its frames have said so already
        now = self._clock()
        began, at = self._began.setdefault(step, (now, done))
        if not (first or finished or now - self._told.get(step, 0.0) >= self._every_s):
            return
        self._told[step] = now
        parts = [step] if total <= 1 else [f"{step} {done}/{total}"]
        if finished:
            parts.append(note if note else f"done in {now - began:.1f} s")
            self._began.pop(step, None)
            self._ended.add(step)
        else:
            if done > at and total > 1:
                parts.append(f"{time_left((now - began) * (total - done) / (done - at))} left")
            if note:
                parts.append(note)
        print(": ".join([parts[0], ", ".join(parts[1:])]) if parts[1:] else parts[0], file=self._stream, flush=True)


class TerminalProgress:
    """Bars on a terminal, one a step: done, total, time left."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def report(self, step: str, done: int, total: int, note: str = "") -> None:
        """Move the step's bar."""
        task = self._tasks.get(step)
        if task is None:
            task = self._tasks[step] = self._bars.add_task(step, total=total, note=note)
        self._bars.update(task, completed=done, total=total, note=note)


def time_left(seconds: float) -> str:
    """``40 s``, ``3 min``, ``1 h 20 min``: how people say it.

    >>> time_left(41.2), time_left(185), time_left(4800)
    ('41 s', '3 min', '1 h 20 min')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


@contextmanager
def shown(output: Path, stream: TextIO | None = None) -> Iterator[Progress]:
    """The progress for ``stream`` (default: standard error), after one line that says where the output goes."""
    stream = sys.stderr if stream is None else stream
    print(f"output: {output}", file=stream, flush=True)
    if not stream.isatty():
        yield PlainProgress(stream)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:<18}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[note]}"),
    )
    with Bars(*columns, console=Console(file=stream), refresh_per_second=5) as bars:
        yield TerminalProgress(bars)
