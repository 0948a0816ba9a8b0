"""A plate, a fake department behind the real command line, and a working folder of one's own."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fake_recipe import Command, FakeRecipe
from real_shot import finished_shot, real_plate, shot, staged_shot

from setpiece import cli, wiring
from setpiece.media.images import write_png

__all__ = ["finished_shot", "real_plate", "shot", "staged_shot"]


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    path = tmp_path / "street.png"
    write_png(path, np.random.default_rng(1).integers(0, 255, (72, 96, 3), dtype=np.uint8))
    return path


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> FakeRecipe:
    fake = FakeRecipe()
    monkeypatch.setattr(wiring, "destruction", lambda: fake)
    return fake


@pytest.fixture
def setpiece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recipe: FakeRecipe) -> Command:
    """Run the command line in a folder of its own; returns the exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return lambda *arguments: cli.run(list(map(str, arguments)))
