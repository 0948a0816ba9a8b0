"""The whole job from a cold start: plate and brief to a delivered shot, wall clock and memory of all processes together.

Nothing is kept from an earlier run but the compiled kernels, which set-up makes. :func:`by_lengths` runs whole shots of growing
length and tells the CPU seconds of each step, of all processes together.
"""

from __future__ import annotations

import contextlib
import io
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scaling import exponent

STEPS = ("matte", "camera", "light", "holdout", "plate", "pieces", "motion", "grit", "gas", "frames")


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
        "--declare", "yes",
        "--scale", str(scale), "--brief", f"fracture.pieces={pieces}", "--brief", "collapse.speed=1.3",
    ]  # fmt: skip
    peak, done = [0], threading.Event()
    began, spent = time.monotonic(), cpu_seconds()
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
        "cpu_s": round(cpu_seconds() - spent, 1),
        "peak_mb": peak[0],
    }


class StepClock:
    """Progress that counts the CPU seconds between the begin of a step and that of the next, of this process and of all that
    it has waited for: workers are waited for before the next step begins."""

    def __init__(self, cpu_s: Callable[[], float] | None = None) -> None:
        self.spent: dict[str, float] = dict.fromkeys(STEPS, 0.0)
        self._cpu_s = cpu_s or cpu_seconds
        self._step, self._began = "", self._cpu_s()

    def report(self, step: str, done: int, total: int, note: str = "") -> None:
        """A known step that is not the one under way begins; what a step's workers call theirs belongs to it."""
        if step in STEPS and step != self._step:
            self.close(step)

    def close(self, following: str = "") -> None:
        """The step under way is over."""
        now = self._cpu_s()
        if self._step:
            self.spent[self._step] += now - self._began
        self._step, self._began = following, now


def cpu_seconds() -> float:
    """Of this process and of its children so far, those that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def by_lengths(
    plate: Path, folder: Path, *, lengths: tuple[int, ...], scale: float, pieces: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """CPU seconds of whole shots of ``lengths`` frames, step by step, with the power of n that fits; review media left out.

    The fall begins with the second frame, so that a longer shot is more of the same, not more of a building that stands.
    """
    run_shot(plate, folder / "warm", frames=2, scale=scale, pieces=pieces)  # kernels load once for all
    found: dict[str, Any] = {"lengths": list(lengths), "scale": scale, "pieces": pieces, "steps": []}
    for length in lengths:
        spent = run_shot(plate, folder / f"length{length}", frames=length, scale=scale, pieces=pieces)
        found["steps"].append(spent)
        say(
            f"{length} frames: "
            + ", ".join(f"{name} {seconds:.1f}" for name, seconds in spent.items() if seconds > 0.05)
            + " CPU s"
        )
    for name in ("frames", "gas", "motion", "all"):
        seconds = [sum(spent.values()) if name == "all" else spent[name] for spent in found["steps"]]
        found[f"{name}_cpu_s"] = seconds
        found[f"{name}_exponent"] = exponent([float(length) for length in lengths], seconds)
    return found


def run_shot(plate: Path, folder: Path, *, frames: int, scale: float, pieces: int) -> dict[str, float]:
    """Run a shot in this process, its workers beside it; CPU seconds by step."""
    from setpiece import cli, wiring
    from setpiece.production.run import Order

    nothing = {f"deliver.{name}": "false" for name in ("h264", "prores4444", "usd", "blend")}
    values = {"plate.last_frame": 1000 + frames, "collapse.start_frame": 1002, "fracture.pieces": pieces, "collapse.speed": 1.3}
    words = [word for name, value in (values | nothing).items() for word in ("--brief", f"{name}={value}")]
    with contextlib.redirect_stdout(io.StringIO()):
        made = cli.run(["shot", "new", str(folder), "--plate", str(plate), "--storeys", "4", "--declare", "yes", *words])
    if made:
        raise SystemExit(made)
    clock = StepClock()
    wiring.run_shot(folder, Order(scale=scale), clock)
    clock.close()
    return clock.spent
