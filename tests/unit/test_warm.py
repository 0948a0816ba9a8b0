"""Compiled kernels never outlive the sources that they were made from."""

from __future__ import annotations

from pathlib import Path

from setpiece.warm import drop_stale_kernels, sources_sha256


def package(folder: Path) -> Path:
    (folder / "room" / "__pycache__").mkdir(parents=True)
    (folder / "room" / "kernel.py").write_text("import numba")
    (folder / "room" / "words.py").write_text("x = 1")
    for name in ("kernel.f-1.nbi", "kernel.f-1.nbc", "kernel.pyc"):
        (folder / "room" / "__pycache__" / name).write_text("compiled")
    return folder


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "room" / "__pycache__").iterdir())


def test_kernels_of_unknown_sources_go_and_nothing_else(tmp_path: Path) -> None:
    assert drop_stale_kernels(package(tmp_path))
    assert left(tmp_path) == ["kernel.pyc"]


def test_kernels_stay_while_their_sources_do(tmp_path: Path) -> None:
    root = package(tmp_path)
    drop_stale_kernels(root)
    kernel = root / "room" / "__pycache__" / "kernel.f-1.nbi"
    kernel.write_text("compiled")
    assert not drop_stale_kernels(root)
    (root / "room" / "words.py").write_text("x = 2")
    assert not drop_stale_kernels(root)
    assert kernel.exists()


def test_a_changed_kernel_anywhere_in_the_package_drops_them_all(tmp_path: Path) -> None:
    root = package(tmp_path)
    drop_stale_kernels(root)
    before = sources_sha256(root)
    kernel = root / "room" / "__pycache__" / "kernel.f-1.nbi"
    kernel.write_text("compiled")
    (root / "other.py").write_text("import numba  # a callee")
    assert sources_sha256(root) != before
    assert drop_stale_kernels(root)
    assert not kernel.exists()
