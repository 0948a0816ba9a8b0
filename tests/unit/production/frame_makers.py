"""Factories that frame workers build in the tests: module-level, so that a fresh process can import them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from setpiece.core.errors import CapabilityMissing, MatteError


def writer(folder: str, slow_s: float = 0.0) -> Callable[[int], dict[str, str]]:
    """Write one file a frame and tell which process did it, with how many threads."""
    print("libraries print to standard output")

    def make(frame: int) -> dict[str, str]:
        time.sleep(slow_s)
        (Path(folder) / f"{frame}.txt").write_text(str(frame))
        return {"pid": str(os.getpid()), "threads": os.environ["NUMBA_NUM_THREADS"]}

    return make


def failing(kind: str, at: int) -> Callable[[int], None]:
    """Fail in a given way at one frame."""

    def make(frame: int) -> None:
        if frame != at:
            return
        if kind == "typed":
            raise MatteError("is empty", remedy="draw one", file="matte.exr")
        if kind == "capability":
            raise CapabilityMissing("seed", engine="fake")
        if kind == "untyped":
            raise ZeroDivisionError("one over nothing")
        os.kill(os.getpid(), signal.SIGKILL if kind == "killed" else signal.SIGSEGV)

    return make


def unbuildable() -> Callable[[int], None]:
    """A worker that cannot load its stage."""
    raise MatteError("is gone", remedy="make it again")


def stamped(folder: str) -> Callable[[int], None]:
    """Leave the process's number where a test can find it."""
    (Path(folder) / str(os.getpid())).touch()

    def make(frame: int) -> None:
        time.sleep(0.02)

    return make
