from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from setpiece.core.errors import BriefError, OutputFailed
from setpiece.production.progress import PlainProgress, shown
from setpiece.production.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "brief.yaml").touch()
    return Workspace.at(tmp_path)


def test_a_folder_without_a_brief_is_no_shot(tmp_path: Path) -> None:
    with pytest.raises(BriefError, match=r"no brief\.yaml") as caught:
        Workspace.at(tmp_path)
    assert "shot new" in caught.value.remedy


def test_versions_are_known_by_their_settings_and_none_is_numbered_twice(workspace: Workspace) -> None:
    assert workspace.next_version() == 1
    for version, settings in ((1, "a"), (2, "b"), (3, "a")):
        workspace.begin_take(version, {"settings_sha256": settings, "code_sha256": f"code {version}"})
    assert [workspace.begun_with(name) for name in "abc"] == [(3, 1), (2,), ()]
    assert workspace.take_code(2) == "code 2"
    assert workspace.next_version() == 4
    assert workspace.take(2) == workspace.root / "takes" / "v002"


def test_a_take_remembers_what_it_was_begun_with(workspace: Workspace) -> None:
    workspace.begin_take(1, {"settings_sha256": "a"})
    workspace.begin_take(1, {"settings_sha256": "b"})
    assert workspace.take_settings(1) == "a"


def test_other_folders_are_no_versions(workspace: Workspace) -> None:
    for name in ("v001", "v1000", "notes", "v1", "v002.bak"):
        (workspace.takes / name / "comp").mkdir(parents=True)
    assert workspace.versions() == (1, 1000)


def test_a_version_folder_left_empty_by_a_killed_run_is_used_again(workspace: Workspace) -> None:
    (workspace.takes / "v001").mkdir(parents=True)
    (workspace.takes / "v001" / ".take.99.tmp.json").write_text("{")
    assert workspace.next_version() == 1


def hold(workspace: Workspace) -> subprocess.Popen[bytes]:
    code = (
        "import sys, time; from pathlib import Path; from setpiece.production.workspace import Workspace\n"
        "with Workspace(root=Path(sys.argv[1])).locked():\n    print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(workspace.root)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_second_run_is_refused_and_told_who_holds_the_shot(workspace: Workspace) -> None:
    process = hold(workspace)
    try:
        with pytest.raises(OutputFailed, match=f"process {process.pid}"), workspace.locked():
            pass
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def test_a_lock_left_by_a_dead_process_locks_nothing(workspace: Workspace) -> None:
    process = hold(workspace)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert (workspace.root / ".lock").exists()
    with workspace.locked():
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_write_permission_is_named(workspace: Workspace) -> None:
    workspace.root.chmod(0o500)
    try:
        with pytest.raises(OutputFailed, match="write permission"), workspace.locked():
            pass
    finally:
        workspace.root.chmod(0o700)


def test_plain_progress_tells_frames_and_time_left_now_and_then() -> None:
    stream, time = io.StringIO(), iter([0.0, 1.0, 2.0, 6.0, 7.0])
    progress = PlainProgress(stream, every_s=5, clock=lambda: next(time))
    for done in range(5):
        progress.report("frames", done, 4)
    assert stream.getvalue().splitlines() == ["frames 0/4", "frames 3/4: 2 s left", "frames 4/4: done in 7.0 s"]


def test_a_step_that_told_its_frames_is_not_told_to_be_done_twice() -> None:
    stream = io.StringIO()
    progress = PlainProgress(stream, clock=lambda: 0.0)
    for done, total in ((0, 1), (1, 8), (8, 8), (1, 1)):
        progress.report("gas", done, total)
    assert stream.getvalue().splitlines() == ["gas", "gas 8/8: done in 0.0 s"]


def test_long_work_begins_with_where_the_output_goes() -> None:
    stream = io.StringIO()
    with shown(Path("sh010/takes"), stream) as progress:
        progress.report("matte", 0, 1)
    assert stream.getvalue().startswith("output: sh010/takes\nmatte")
