"""The worker process and Bullet: claims about files, failures and falling bodies."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from setpiece.core.errors import DependencyMissing, StageError, WorkerFailed
from setpiece.core.progress import Silent
from setpiece.core.stage import Face, Material, Motion, Pieces
from setpiece.core.timing import FrameRange
from setpiece.media.files import write_json
from setpiece.media.worker import SCRATCH
from setpiece.stage.blender.client import run_worker, simulate_rigid
from setpiece.stage.blender.job import NEVER, SCHEMA, RigidJob, load_rigid, save_rigid
from setpiece.stage.blender.worker import missing_dependency
from setpiece.stage.support import support_graph

RATE = Fraction(24)
SIDES = np.array(
    [[0, 2, 1], [1, 2, 3], [4, 5, 6], [5, 7, 6], [0, 1, 4], [1, 5, 4], [2, 6, 3], [3, 6, 7], [0, 4, 2], [2, 4, 6], [1, 3, 5],
     [3, 7, 5]], np.int32,
)  # fmt: skip


def bricks(centres: np.ndarray, half: tuple[float, float, float] = (0.5, 0.2, 0.25)) -> Pieces:
    """Box-shaped pieces at ``centres`` (k, 3)."""
    centres = np.asarray(centres, np.float32)
    count = len(centres)
    corner = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32) * np.float32(half)
    volume = np.full(count, 8 * np.prod(half), np.float32)
    return Pieces(
        vertices=(centres[:, None] + corner).reshape(-1, 3),
        triangles=(SIDES + 8 * np.arange(count, dtype=np.int32)[:, None, None]).reshape(-1, 3),
        triangle_piece=np.repeat(np.arange(count, dtype=np.int32), 12),
        triangle_face=np.full(12 * count, Face.BROKEN, np.int32),
        vertex_start=np.arange(0, 8 * count + 1, 8, dtype=np.int32),
        centre=centres,
        mass_kg=volume * 1850,
        volume_m3=volume,
        material=np.full(count, Material.MASONRY, np.int32),
        part=np.zeros(count, np.int32),
        visible=np.ones(count, np.int32),
    )


def wall(columns: int, rows: int) -> Pieces:
    """A tight wall of bricks 1.0 x 0.4 x 0.5 m that stands on the ground: neighbours share faces."""
    return bricks(np.array([(x, 20.0, 0.25 + 0.5 * z) for z in range(rows) for x in range(columns)]))


def frames(last: int) -> FrameRange:
    return FrameRange(first=1001, last=last, rate=RATE)


def job(pieces: Pieces, release: object, last: int, **more: object) -> RigidJob:
    release = np.broadcast_to(np.asarray(release, np.int32), len(pieces)).copy()
    return RigidJob(pieces=pieces, release=release, frames=frames(last), **more)  # type: ignore[arg-type]


def run(value: RigidJob, folder: Path) -> Motion:
    return simulate_rigid(value, folder, progress=Silent(), timeout_s=60)


def speeds(motion: Motion) -> np.ndarray:
    return np.linalg.norm(np.diff(motion.position.astype(np.float64), axis=0), axis=2) * 24


def test_a_job_survives_its_file_to_the_bit(tmp_path: Path) -> None:
    value = job(wall(2, 2), [1003, 1004, NEVER, 1003], 1010, bonds=np.array([[0, 1]], np.int32),
                bond_impulse=np.array([5.0], np.float32), support=support_graph(wall(2, 2)),
                hold_m_s=np.array([1, 2, np.inf, 4], np.float32))  # fmt: skip
    save_rigid(tmp_path, value)
    back = load_rigid(tmp_path)
    assert back.frames == value.frames
    assert np.array_equal(back.release, value.release) and np.array_equal(back.bonds, value.bonds)
    assert back.support is not None and back.support.cost_m.tobytes() == value.support.cost_m.tobytes()  # type: ignore[union-attr]
    assert back.holds.tolist() == [1, 2, np.inf, 4]
    assert back.pieces.vertices.tobytes() == value.pieces.vertices.tobytes()


def test_release_frames_must_match_the_pieces() -> None:
    with pytest.raises(StageError, match="3 release frames"):
        RigidJob(pieces=wall(2, 1), release=np.zeros(3, np.int32), frames=frames(1002))


def test_a_missing_system_library_is_named_with_its_package() -> None:
    message, remedy = missing_dependency(ImportError("libXi.so.6: cannot open shared object file: No such file"))
    assert "libXi.so.6" in message and "apt-get install libxi6" in remedy


def test_a_missing_bpy_names_the_set_up() -> None:
    message, remedy = missing_dependency(ModuleNotFoundError("No module named 'bpy'", name="bpy"))
    assert "'bpy'" in message and "make setup" in remedy


def test_importing_the_client_does_not_import_bpy() -> None:
    code = "import sys, setpiece.stage.blender.client as c; sys.exit('bpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_blender_leaves_no_temporary_folder_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = tmp_path / "usual"
    usual.mkdir()
    monkeypatch.setenv("TMPDIR", str(usual))
    run(job(wall(1, 1), NEVER, 1002), tmp_path / "job")
    assert not list(usual.iterdir())
    assert not (tmp_path / "job" / SCRATCH).exists()


def test_an_unknown_job_fails_by_name(tmp_path: Path) -> None:
    write_json(tmp_path / "job.json", {"schema": SCHEMA, "kind": "teapot"})
    with pytest.raises(WorkerFailed, match="no such job: 'teapot'"):
        run_worker("teapot", tmp_path, progress=Silent(), timeout_s=30)


def test_a_worker_without_bpy_is_a_missing_dependency(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shadow").mkdir()
    (tmp_path / "shadow" / "bpy.py").write_text("raise ImportError('libSM.so.6: cannot open shared object file')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "shadow"))
    save_rigid(tmp_path, job(wall(1, 1), 1002, 1003))
    with pytest.raises(DependencyMissing, match="libsm6"):
        run_worker("rigid", tmp_path, progress=Silent(), timeout_s=30)


@pytest.mark.parametrize(("body", "said"), [
    ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
    ("import sys; print('the roof is on fire'); sys.stdout.flush(); import os; os._exit(5)", "code 5.*roof is on fire"),
    ("import time; time.sleep(60)", "within 1 s"),
])  # fmt: skip
def test_a_worker_that_dies_is_an_error_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str
) -> None:
    (tmp_path / "shadow").mkdir()
    (tmp_path / "shadow" / "bpy.py").write_text(body)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "shadow"))
    save_rigid(tmp_path, job(wall(1, 1), 1002, 1003))
    with pytest.raises(WorkerFailed, match=said):
        run_worker("rigid", tmp_path, progress=Silent(), timeout_s=1.0 if "within" in said else 30)


def test_a_worker_dies_with_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shadow").mkdir()
    told = tmp_path / "pid"
    (tmp_path / "shadow" / "bpy.py").write_text(
        f"import os, pathlib, time\npathlib.Path({str(told)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    )
    save_rigid(tmp_path, job(wall(1, 1), 1002, 1003))
    os.mkfifo(told)
    code = (
        "import sys; from pathlib import Path; from setpiece.core.progress import Silent\n"
        "from setpiece.stage.blender.client import run_worker; run_worker('rigid', Path(sys.argv[1]), progress=Silent())"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "shadow")}
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], env=environment)
    worker = int(told.read_text())  # blocks until the worker has written
    handle = os.pidfd_open(worker)
    parent.kill()
    parent.wait()
    ended, _, _ = select.select([handle], [], [], 20)
    os.close(handle)
    assert ended


@pytest.mark.blender
def test_free_fall_matches_gravity_and_rest_is_kept_to_the_bit(tmp_path: Path) -> None:
    pieces = bricks(np.array([[0, 20, 30.0], [4, 20, 30.0], [8, 20, 30.0]]))
    motion = run(job(pieces, [1004, 1010, NEVER], 1028), tmp_path)
    for k, release in ((0, 1004), (1, 1010)):
        held = release - 1001
        assert motion.position[: held + 1, k].tobytes() == np.repeat(pieces.centre[k : k + 1], held + 1, axis=0).tobytes()
        seconds = np.arange(len(motion.position) - held) / 24
        fallen = pieces.centre[k, 2] - motion.position[held:, k, 2]
        # Semi-implicit Euler at 144 steps a second runs ahead of the parabola by g t dt / 2.
        assert np.allclose(fallen, 0.5 * 9.81 * seconds**2 + 9.81 * seconds / 288, atol=2e-3)
        assert np.abs(motion.position[:, k, :2] - pieces.centre[k, :2]).max() < 1e-4
    assert (motion.position[:, 2] == pieces.centre[2]).all() and (motion.rotation[:, 2] == (1, 0, 0, 0)).all()
    assert motion.release.tolist() == [1004, 1010, NEVER]


@pytest.mark.blender
def test_a_tight_wall_let_go_at_once_does_not_explode(tmp_path: Path) -> None:
    pieces = wall(8, 6)
    motion = run(job(pieces, 1002, 1025), tmp_path)
    assert speeds(motion).max() < np.sqrt(2 * 9.81 * 3.0)
    drift = np.linalg.norm(motion.position[-1, :, :2] - pieces.centre[:, :2], axis=1)
    assert drift.max() < 0.1  # it stands: stacked bricks have no reason to go anywhere
    assert motion.position[..., 2].min() > 0.15


@pytest.mark.blender
def test_thrown_pieces_keep_their_speed_come_to_rest_and_repeat_to_the_bit(tmp_path: Path) -> None:
    pieces = bricks(np.array([[0, 20, 2.0], [2.5, 20, 2.0]]))
    velocity = np.array([2.0, -3.0, 0.0])
    steps = np.arange(3)
    track = pieces.centre[0] + velocity * (steps[:, None] / 24)
    value = job(
        pieces, [1004, 1003], 1072, track_piece=np.zeros(3, np.int32), track_frame=(1002 + steps).astype(np.int32),
        track_position=track.astype(np.float32), track_rotation=np.tile(np.float32([1, 0, 0, 0]), (3, 1)),
    )  # fmt: skip
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    motion = run(value, tmp_path / "a")
    assert motion.release[0] == 1002
    assert np.array_equal(motion.position[1:4, 0], track.astype(np.float32))
    inherited = (motion.position[5, 0] - motion.position[4, 0]) * 24
    assert np.allclose(inherited[:2], velocity[:2], atol=0.02)
    assert speeds(motion)[-4:].max() < 0.05
    assert motion.position[-1, :, 2].max() < 0.6
    again = run(value, tmp_path / "b")
    assert again.position.tobytes() == motion.position.tobytes() and again.rotation.tobytes() == motion.rotation.tobytes()


@pytest.mark.blender
def test_bonds_carry_until_they_break(tmp_path: Path) -> None:
    centres = np.array([[0, 20, 10.0], [1.02, 20, 10.0], [0, 30, 10.0], [1.02, 30, 10.0]])
    value = job(bricks(centres), [NEVER, 1002, NEVER, 1002], 1025, bonds=np.array([[0, 1], [2, 3]], np.int32),
                bond_impulse=np.array([1e6, 0.01], np.float32))  # fmt: skip
    motion = run(value, tmp_path)
    dropped = centres[:, 2] - motion.position[-1, :, 2]
    assert dropped[1] < 0.3 and dropped[3] > 3.0


def _hammer(**more: object) -> RigidJob:
    """A boulder that falls onto a brick on a pillar; another brick hangs on the side of that one, a third stands apart."""
    standing = [(0, 20, 0.25), (0, 20, 0.75), (0, 20, 1.25), (1.0, 20, 1.25), (4.0, 20, 0.25)]
    pieces = bricks(np.array([*standing, (0, 20, 5.0)]))
    mass = pieces.mass_kg * np.float32([1, 1, 1, 1, 1, 4])
    pieces = replace(pieces, mass_kg=mass)
    return job(pieces, [NEVER] * 5 + [1002], 1048, support=support_graph(pieces), **more)


@pytest.mark.blender
def test_a_heap_comes_to_rest_and_does_not_creep(tmp_path: Path) -> None:
    spots = np.random.default_rng(4).uniform(-1.0, 1.0, (40, 2))
    pieces = bricks(np.array([(x, 20 + y, 0.6 + 0.7 * n) for n, (x, y) in enumerate(spots)]))
    motion = run(job(pieces, 1002, 1104), tmp_path)
    still = (motion.position[-1] == motion.position[-7]).all(axis=1)
    assert still.mean() > 0.8  # to the bit
    assert motion.position[-1, :, 2].min() > 0.1  # nothing was pressed into the ground


@pytest.mark.blender
def test_a_boulder_knocks_out_what_it_hits_and_what_hung_on_it_follows(tmp_path: Path) -> None:
    value = _hammer()
    motion = run(value, tmp_path)
    assert 1016 < motion.release[2] < 1030 and motion.release[3] < 1030  # the boulder needs 17 frames to get there
    assert motion.position[-1, 3, 2] < 0.6
    assert motion.release[4] == NEVER and (motion.position[:, 4] == value.pieces.centre[4]).all()
    before = motion.release[2] - 1001
    assert (motion.position[: before + 1, 2] == value.pieces.centre[2]).all()
    again = run(value, tmp_path / "again")
    assert again.position.tobytes() == motion.position.tobytes() and np.array_equal(again.release, motion.release)


@pytest.mark.blender
def test_what_must_stand_stands_whatever_falls_on_it(tmp_path: Path) -> None:
    value = _hammer(hold_m_s=np.full(6, np.inf, np.float32))
    motion = run(value, tmp_path)
    assert (motion.release[:5] == NEVER).all()
    assert (motion.position[:, :5] == value.pieces.centre[:5]).all()


@pytest.mark.blender
def test_a_world_torn_apart_is_refused_with_piece_and_frame(tmp_path: Path) -> None:
    pieces = bricks(np.array([[0, 20, 30.0], [3, 20, 30.0]]))
    value = job(pieces, [1002, NEVER], 1010, gravity_m_s2=9.81, track_piece=np.array([0, 0], np.int32),
                track_frame=np.array([1001, 1002], np.int32),
                track_position=np.array([[0, 20, 30], [0, 20, 30]], np.float32),
                track_rotation=np.tile(np.float32([1, 0, 0, 0]), (2, 1)))  # fmt: skip
    low = RigidJob(pieces=pieces, release=value.release, frames=value.frames, ground_z_m=34.0)  # starts inside the ground
    with pytest.raises(StageError, match="piece 0 of part 0"):
        run(low, tmp_path)
