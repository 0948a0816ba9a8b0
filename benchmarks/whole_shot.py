"""The whole job from a cold start: plate and brief to a delivered shot, wall clock and memory of all processes together.

Nothing is kept from an earlier run but the compiled kernels, which set-up makes.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any


def tree_mb(root: int) -> int:
    """Proportional memory of a process and all below it, MB (shared pages are shared out), Linux."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, StopIteration):
            continue
    return total // 1024


def measure(plate: Path, folder: Path, *, scale: float, frames: str, pieces: int) -> dict[str, Any]:
    """Run ``setpiece collapse`` on ``plate`` into ``folder`` and watch it."""
    command = [
        sys.executable, "-m", "setpiece.cli", "collapse", str(plate), "-o", str(folder), "--storeys", "4", "--frames", frames,
        "--scale", str(scale), "--brief", f"fracture.pieces={pieces}", "--brief", "collapse.speed=1.3",
    ]  # fmt: skip
    peak, done = [0], threading.Event()
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:

        def watch() -> None:
            while not done.wait(0.5):
                peak[0] = max(peak[0], tree_mb(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        _, errors = process.communicate()
        done.set()
        watcher.join()
    if process.returncode:
        raise SystemExit(errors)
    return {
        "frames": frames,
        "scale": scale,
        "pieces": pieces,
        "wall_s": round(time.monotonic() - began, 1),
        "peak_mb": peak[0],
    }
