"""A network trained here, seconds long, shows that a pass truly steers: where it is changed, and only there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_models import engine_of, request_of
from trained_model import SIDE, colour_of, train

from setpiece.core.progress import Silent
from setpiece.generate.engines.diffusers.transform import Look
from setpiece.generate.finish import Control

BOX = (slice(4, 12), slice(6, 14))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("trained") / "model")


def _picture(trained: Path, depth: np.ndarray, *, weight: float = 1.0, seed: int = 3) -> np.ndarray:
    """The display-referred picture that the engine makes of a depth pass, its matte over the whole frame."""
    engine = engine_of(trained, "sdxl")
    pass_ = np.repeat(depth[..., None], 3, axis=2).astype(np.float32)
    request = request_of(
        engine, "sdxl", frames=1, size=(SIDE, SIDE), steps=6, prompt="a ruin", seed=seed,
        plate=lambda frame: np.full((SIDE, SIDE, 3), 0.18, np.float32), matte=lambda frame: np.ones((SIDE, SIDE), np.float32),
        controls=(Control(kind="depth", picture=lambda frame: pass_, weight=weight),),
    )  # fmt: skip
    return Look().to_model(dict(engine.finish(request, Silent()))[1001])


def test_a_changed_depth_changes_the_picture_there_and_only_there(trained: Path) -> None:
    far = np.full((SIDE, SIDE), 0.2, np.float32)
    near = far.copy()
    near[BOX] = 0.9
    before, after = _picture(trained, far), _picture(trained, near)
    change = np.abs(after - before).mean(axis=2)
    inside = np.zeros((SIDE, SIDE), bool)
    inside[BOX] = True
    around = np.ones((SIDE, SIDE), bool)
    around[2:14, 4:16] = False  # two pixels of the box's edge are neither: one latent is two pixels wide
    wanted = np.abs(colour_of(near) - colour_of(far)).mean(axis=2)[inside].mean()
    assert change[inside].mean() > 0.5 * wanted
    assert change[around].mean() < 0.25 * change[inside].mean()
    assert np.abs(after - colour_of(near))[inside].mean() < 0.5 * np.abs(before - colour_of(near))[inside].mean()


def test_a_pass_without_weight_does_not_steer(trained: Path) -> None:
    pictures = [_picture(trained, np.full((SIDE, SIDE), level, np.float32), weight=0.0) for level in (0.1, 0.9)]
    assert np.abs(pictures[0] - pictures[1]).max() < 1e-4


def test_depth_steers_more_than_the_seed_does(trained: Path) -> None:
    level = lambda value: np.full((SIDE, SIDE), value, np.float32)  # noqa: E731
    seeds = np.abs(_picture(trained, level(0.5), seed=1) - _picture(trained, level(0.5), seed=2)).mean()
    depths = np.abs(_picture(trained, level(0.1)) - _picture(trained, level(0.9))).mean()
    assert depths > 2 * seeds
