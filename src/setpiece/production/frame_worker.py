"""The process behind :mod:`setpiece.production.frames`: builds its state, makes the frames it is handed, nothing else.

Started as ``python -m setpiece.production.frame_worker PARENT``. Standard input brings the parent's import path, the
factory, then one frame number a line; answers go out as JSON lines on the original standard output. Whatever libraries
print goes to standard error. The process ends when its input ends or its parent dies.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import importlib.util
import json
import os
import pickle
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import IO, Any

_PR_SET_PDEATHSIG = 1


def main(parent: int) -> int:
    """Run until standard input ends; returns the exit code."""
    _die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    orders = sys.stdin
    began = time.monotonic()
    try:
        sys.path[:] = json.loads(orders.readline())
        factory = pickle.loads(base64.b64decode(orders.readline()))
        _one_thread()
        make = getattr(importlib.import_module(factory.module), factory.function)(*factory.args)
    except Exception as error:
        _say(answers, {"error": packed(error)})
        return 1
    _say(answers, {"built_s": time.monotonic() - began})
    for line in orders:
        frame = int(line)
        began = time.monotonic()
        try:
            returned = make(frame)
            _say(answers, {"frame": frame, "seconds": time.monotonic() - began, "returned": returned})
        except Exception as error:
            _say(answers, {"error": packed(error)})
            return 1
    return 0


def packed(error: Exception) -> dict[str, Any]:
    """An exception as JSON: its class, and what a SetpieceError carries."""
    from setpiece.core.errors import SetpieceError

    if isinstance(error, SetpieceError):
        more = {k: v for k, v in vars(error).items() if k not in ("message", "remedy", "file", "frame")}
        return {
            "kind": type(error).__name__,
            "message": error.message,
            "remedy": error.remedy,
            "file": None if error.file is None else str(error.file),
            "frame": error.frame,
            "more": {k: v for k, v in more.items() if isinstance(v, str | int | float)},
        }
    traceback.print_exception(error)
    last = traceback.extract_tb(error.__traceback__)[-1:]
    at = "".join(f"{Path(item.filename).name}:{item.lineno}" for item in last)
    return {"kind": type(error).__name__, "message": str(error), "at": at}


def _say(answers: IO[str], message: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        answers.write(json.dumps(message) + "\n")
        answers.flush()


def _die_with(parent: int) -> None:
    """Ask the kernel to end this process with its parent, and end it where the parent is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def _one_thread() -> None:
    """OpenCV keeps a pool of its own; the environment has dealt with the others."""
    if importlib.util.find_spec("cv2") is not None:
        import cv2

        cv2.setNumThreads(1)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
