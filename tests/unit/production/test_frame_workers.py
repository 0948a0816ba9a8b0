from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import frame_makers
import pytest

from setpiece.core.errors import CapabilityMissing, Interrupted, MatteError, SetpieceError, WorkerFailed
from setpiece.core.progress import Silent
from setpiece.production.frames import Factory, FrameTimings, Stretches, run_frames

HERE = Path(frame_makers.__file__).parent


class Heard:
    """Progress that remembers, and may do something at a report."""

    def __init__(self, at: int | None = None, then: object = None) -> None:
        self.reports: list[tuple[int, int]] = []
        self.at, self.then = at, then

    def report(self, step: str, done: int, total: int, note: str = "") -> None:
        self.reports.append((done, total))
        if self.at == done and callable(self.then):
            self.then()


def made(folder: Path, frames: range, *, workers: int = 2, progress: object = None) -> FrameTimings:
    return run_frames(
        Factory(module="frame_makers", function="writer", args=(str(folder),)),
        frames,
        workers=workers,
        done=lambda frame: (folder / f"{frame}.txt").exists(),
        progress=progress or Silent(),  # type: ignore[arg-type]
    )


def gone(pid: int) -> bool:
    """True where the process is dead, or dead and not yet waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_missing_frames_are_made_and_finished_ones_kept(tmp_path: Path) -> None:
    (tmp_path / "1002.txt").write_text("mine")
    heard = Heard()
    timings = made(tmp_path, range(1001, 1007), progress=heard)
    assert timings.kept == (1002,)
    assert [frame for frame, _ in timings.made] == [1001, 1003, 1004, 1005, 1006]
    assert (tmp_path / "1002.txt").read_text() == "mine"
    assert heard.reports[0] == (1, 6)
    assert heard.reports[-1] == (6, 6)


def test_every_worker_has_one_numerical_thread_and_is_gone_afterwards(tmp_path: Path) -> None:
    returned = [value for _, value in made(tmp_path, range(1, 7)).returned]
    assert {value["threads"] for value in returned} == {"1"}
    assert all(gone(int(value["pid"])) for value in returned)


def test_nothing_to_do_starts_no_worker(tmp_path: Path) -> None:
    made(tmp_path, range(1, 3))
    timings = made(tmp_path, range(1, 3))
    assert (timings.made, timings.kept, timings.build_s) == ((), (1, 2), 0.0)


@pytest.mark.parametrize(
    ("how", "kind", "words"),
    [
        ("typed", MatteError, "is empty"),
        ("capability", CapabilityMissing, "cannot honour 'seed'"),
        ("untyped", WorkerFailed, "ZeroDivisionError: one over nothing"),
        ("killed", WorkerFailed, "killed, probably for want of memory"),
        ("crashed", WorkerFailed, "SIGSEGV"),
    ],
)
def test_a_worker_that_fails_surfaces_as_a_typed_error_with_the_frame(how: str, kind: type[SetpieceError], words: str) -> None:
    factory = Factory(module="frame_makers", function="failing", args=(how, 1003))
    with pytest.raises(kind, match=words) as caught:
        run_frames(factory, range(1001, 1009), workers=2, done=lambda frame: False, progress=Silent())
    assert caught.value.frame == 1003
    assert caught.value.remedy


def test_a_worker_that_cannot_load_its_stage_says_why() -> None:
    factory = Factory(module="frame_makers", function="unbuildable")
    with pytest.raises(MatteError, match="is gone"):
        run_frames(factory, range(1, 4), workers=1, done=lambda frame: False, progress=Silent())


def test_ctrl_c_keeps_what_is_done_and_the_same_call_goes_on(tmp_path: Path) -> None:
    interrupt = Heard(at=2, then=lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(Interrupted, match=r"[2-4] of 12 frames done") as caught:
        made(tmp_path, range(1, 13), progress=interrupt)
    assert "same command" in caught.value.remedy
    before = {path.name for path in tmp_path.iterdir()}
    assert 2 <= len(before) <= 4
    timings = made(tmp_path, range(1, 13))
    assert {f"{frame}.txt" for frame in timings.kept} == before
    assert len(timings.made) + len(before) == 12


def test_workers_die_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    code = textwrap.dedent(f"""
        import sys
        sys.path.insert(0, {str(HERE)!r})
        from setpiece.core.progress import Silent
        from setpiece.production.frames import Factory, run_frames
        class Told:
            def report(self, step, done, total, note=""):
                print(done, flush=True)
        run_frames(Factory(module="frame_makers", function="stamped", args=({str(tmp_path)!r},)), range(1, 500),
                   workers=2, done=lambda frame: False, progress=Told())
    """)
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    for line in parent.stdout:
        if int(line) >= 4:
            break
    workers = [int(path.name) for path in tmp_path.iterdir()]
    assert workers
    parent.kill()
    parent.wait()
    parent.stdout.close()
    patience = threading.Event()
    for _ in range(500):
        if all(gone(pid) for pid in workers):
            break
        patience.wait(0.01)
    assert all(gone(pid) for pid in workers)


def test_the_bits_do_not_depend_on_how_many_workers_there_are(tmp_path: Path) -> None:
    results = []
    for workers in (1, 3):
        folder = tmp_path / str(workers)
        folder.mkdir()
        made(folder, range(1, 6), workers=workers)
        results.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert results[0] == results[1]


def test_time_is_kept_for_every_frame_made(tmp_path: Path) -> None:
    began = time.monotonic()
    timings = made(tmp_path, range(1, 4), workers=1)
    assert all(0 <= seconds <= timings.wall_s for _, seconds in timings.made)
    assert timings.wall_s <= time.monotonic() - began
    assert os.getpid() not in {int(value["pid"]) for _, value in timings.returned}


@pytest.mark.parametrize(("frames", "count"), [(60, 2), (7, 3), (2, 2), (5, 1), (1, 1)])
def test_every_frame_is_handed_out_once(frames: int, count: int) -> None:
    queue = Stretches(range(1001, 1001 + frames), count)
    turns = [0] * (3 * frames) + list(range(count)) * frames  # the first is three times as quick at first
    handed: dict[int, list[int]] = {worker: [] for worker in range(count)}
    for worker in turns:
        frame = queue.next_for(worker)
        if frame is not None:
            handed[worker].append(frame)
    assert sorted(frame for some in handed.values() for frame in some) == list(range(1001, 1001 + frames))
    assert all(queue.next_for(worker) is None for worker in range(count))


def test_two_workers_walk_a_half_of_the_shot_each() -> None:
    queue = Stretches(range(1001, 1061), 2)
    assert [queue.next_for(worker) for worker in (0, 1, 0, 1)] == [1001, 1031, 1002, 1032]
    assert [queue.next_for(0) for _ in range(28)][-1] == 1030
    assert queue.next_for(0) == 1047  # the later half of what the other has left
    assert queue.next_for(1) == 1033
