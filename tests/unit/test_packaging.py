from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINNED = {line.partition("==")[0].lower() for line in (ROOT / "constraints.txt").read_text().splitlines()}


def packaged_files() -> list[Path]:
    kept = ("__pycache__", ".egg-info")
    found = [path for path in (ROOT / "src").rglob("*") if path.is_file() and not any(word in str(path) for word in kept)]
    return [path.relative_to(ROOT / "src") for path in found]


def test_every_file_beside_the_code_is_in_the_wheel() -> None:
    data = PROJECT["tool"]["setuptools"]["package-data"]
    for path in packaged_files():
        if path.suffix == ".py":
            continue
        inside = path.relative_to(path.parts[0]).as_posix()
        patterns = [pattern.removeprefix("**/") for pattern in data.get(path.parts[0], ())]
        assert any(fnmatch(inside.rpartition("/")[2], pattern) for pattern in patterns), path


def test_every_folder_with_code_is_a_package() -> None:
    for path in packaged_files():
        if path.suffix == ".py":
            assert (ROOT / "src" / path.parent / "__init__.py").is_file(), path


@pytest.mark.parametrize("group", ["dependencies", "blender", "dev", "likeness"])
def test_every_dependency_is_pinned(group: str) -> None:
    project = PROJECT["project"]
    for line in project["dependencies"] if group == "dependencies" else project["optional-dependencies"][group]:
        name = re.split(r"[<>=\[]", line)[0].lower()
        assert name in PINNED, name


def test_the_face_detector_is_installed_in_the_pinned_version() -> None:
    script = (ROOT / "tools" / "setup.sh").read_text()
    assert re.search(r"--no-deps mediapipe==0\.10\.21\n", script)
    assert "mediapipe==0.10.21" in (ROOT / "constraints.txt").read_text()
