"""Tiny models, built once; one thread, so that times and bits are the same on every machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

if find_spec("transformers") is None or find_spec("accelerate") is None:
    collect_ignore_glob = ["test_*.py"]  # the extra `diffusion` is not installed
sys.path.insert(0, str(Path(__file__).resolve().parent))


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a tiny model of a family; not to be written to."""
    from tiny_models import build

    root, made = tmp_path_factory.mktemp("models"), {}

    def of(family: str) -> Path:
        if family not in made:
            made[family] = build(root / family, family)
        return made[family]

    return of


@pytest.fixture(autouse=True)
def _memory_is_followed_in_its_own_tests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Following a network takes a second each time; ``test_estimate`` does it, the other tests take it as done."""
    if request.module.__name__.endswith("test_estimate"):
        return
    from setpiece.generate.engines.diffusers import estimate

    monkeypatch.setattr(estimate, "step_bytes", lambda *_, **__: 1)
    monkeypatch.setattr(estimate, "vae_bytes", lambda *_, **__: 1)
