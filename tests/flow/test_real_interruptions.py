"""Killed, interrupted or out of room at any moment: the same command finishes, and finished frames are not made again."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from real_shot import identities, new_shot, rubbish, same_pictures, setpiece, start, without_privileges

RUN = ("run", "sh010", "--workers", 1)
# where the run is when it is stopped: each of these lines begins a stretch of work
MOMENTS = ("camera", "plate", "motion", "gas", "frames 0/", "review movies")


def finish_and_compare(folder: Path, whole: Path) -> None:
    """The same command finishes; every frame is as in a run that nobody disturbed; nothing else lies about."""
    done = setpiece(*RUN, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert same_pictures(folder / "sh010", whole)
    assert rubbish(folder / "sh010") == []
    assert setpiece("record", "verify", "sh010", cwd=folder).returncode == 0
    assert "v001" in done.stdout


def killed(folder: Path, moment: str, delay: float) -> dict[str, tuple[int, int]]:
    """Kill a run ``delay`` seconds after ``moment``; returns the frames that stood there whole by then."""
    running = start(*RUN, cwd=folder)
    running.until(moment)
    time.sleep(delay)
    assert running.stop(signal.SIGKILL) in (0, -signal.SIGKILL)
    return identities(folder / "sh010") if (folder / "sh010" / "takes").is_dir() else {}


def test_a_run_killed_in_every_stretch_of_its_work_is_finished_by_the_same_command(
    tmp_path: Path, real_plate: Path, finished_shot: Path
) -> None:
    new_shot(tmp_path / "sh010", real_plate)
    rng = np.random.default_rng(11)
    whole: dict[str, tuple[int, int]] = {}
    for moment in MOMENTS:
        now = killed(tmp_path, moment, float(rng.uniform(0, 0.4)) + (1.2 if moment.startswith("frames") else 0))
        assert whole.items() <= now.items()
        whole = now
    finish_and_compare(tmp_path, finished_shot)
    assert whole.items() <= identities(tmp_path / "sh010").items()


@pytest.mark.slow
def test_a_run_killed_forty_times_at_random_is_finished_by_the_same_command(
    tmp_path: Path, real_plate: Path, finished_shot: Path
) -> None:
    rng = np.random.default_rng(12)
    for trial in range(8):
        folder = tmp_path / str(trial)
        new_shot(folder / "sh010", real_plate)
        whole: dict[str, tuple[int, int]] = {}
        for kill in range(5):
            now = killed(folder, "output:", float(rng.uniform(0.2, 2.5 + 1.5 * kill)))
            assert whole.items() <= now.items()
            whole = now
        finish_and_compare(folder, finished_shot)
        assert whole.items() <= identities(folder / "sh010").items()


def test_ctrl_c_ends_with_130_says_how_to_go_on_and_the_same_command_does(
    tmp_path: Path, staged_shot: Path, finished_shot: Path
) -> None:
    shutil.rmtree(staged_shot / "stage" / "gas")
    for moment in ("gas", "frames 0/"):
        running = start(*RUN, cwd=tmp_path)
        assert running.until(moment), running.told
        time.sleep(0.2)
        assert running.stop(signal.SIGINT) == 130, running.told
        told = running.told.splitlines()
        assert [line.partition(":")[0] for line in told[-2:]] == ["error", "remedy"], running.told
        assert "run the same command again" in told[-1]
        assert "Traceback" not in running.told
        assert rubbish(tmp_path / "sh010") == []
    finish_and_compare(tmp_path, finished_shot)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("no disk can be mounted here: that takes root")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_disk_that_fills_up_is_told_and_with_room_the_same_command_finishes(
    small_disk: Path, staged_shot: Path, finished_shot: Path
) -> None:
    shutil.rmtree(staged_shot / "stage" / "gas")  # the step that needs the most room
    shutil.copytree(staged_shot, small_disk / "sh010")
    full = setpiece(*RUN, cwd=small_disk)
    assert_told_full(full)
    assert rubbish(small_disk / "sh010") == []
    subprocess.run(["mount", "-o", "remount,size=80m", small_disk], check=True)
    used = shutil.disk_usage(small_disk).used
    filler = small_disk / "filler"
    filler.write_bytes(bytes(80 * 2**20 - used - gas_bytes(finished_shot) - 2**20))  # room for the gas and a frame or two
    full = setpiece(*RUN, cwd=small_disk)
    assert_told_full(full)
    assert rubbish(small_disk / "sh010") == []
    before = identities(small_disk / "sh010") if (small_disk / "sh010" / "takes" / "v001").is_dir() else {}
    filler.unlink()
    finish_and_compare(small_disk, finished_shot)
    assert before.items() <= identities(small_disk / "sh010").items()


def gas_bytes(shot: Path) -> int:
    return sum(path.stat().st_size for path in (shot / "stage" / "gas").iterdir())


def assert_told_full(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 12, done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith(("error:", "remedy:"))]
    assert len(told) == 2
    assert "No space left on device" in told[0]
    assert "make room" in told[1]
    assert "same command" in told[1]
    assert "Traceback" not in done.stderr


def test_a_folder_that_may_not_be_written_is_told(staged_shot: Path) -> None:
    staged_shot.chmod(0o500)
    try:
        done = without_privileges("run", staged_shot, cwd=staged_shot.parent)
    finally:
        staged_shot.chmod(0o700)
    assert done.returncode == 12, done.stderr
    assert "write permission" in done.stderr
