"""What hangs is counted, what rests or falls is not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from falling_blocks import blocks as cubes

from setpiece.core.stage import Motion, Pieces
from setpiece.stage.hanging import hanging

RATE = Fraction(24)
FRAMES = 24


def blocks(*centres: tuple[float, float, float]) -> Pieces:
    """Cubes of one metre."""
    return cubes(np.array(centres))


def motion(pieces: Pieces, release: tuple[int, ...], moved: np.ndarray | None = None) -> Motion:
    """Everything stays where it is but for ``moved`` (f, k) metres downwards."""
    position = np.repeat(pieces.centre[None], FRAMES, axis=0)
    if moved is not None:
        position[..., 2] -= moved
    rotation = np.zeros((FRAMES, len(pieces), 4), np.float32)
    rotation[..., 0] = 1
    return Motion(first=1001, position=position.astype(np.float32), rotation=rotation, release=np.array(release, np.int32))


def test_a_slab_let_go_in_the_air_and_still_there_hangs():
    pieces = blocks((0, 0, 6))
    measured = hanging(pieces, motion(pieces, (1003,)), RATE)
    assert measured.seen() == 1
    assert measured.frames[-1] == 1
    assert measured.frames[:4].sum() == 0  # it has hardly been let go


def test_a_slab_wedged_between_two_walls_hangs():
    pieces = blocks((0, 0, 6), (1, 0, 6), (2, 0, 6))
    assert hanging(pieces, motion(pieces, (10**6, 1003, 10**6)), RATE).seen() == 1


@pytest.mark.parametrize("below", [(0.0, 0.0, 5.0), (0.3, 0.2, 5.02)])
def test_rubble_on_what_still_stands_does_not_hang(below: tuple[float, float, float]):
    pieces = blocks((0, 0, 6), below)
    assert hanging(pieces, motion(pieces, (1003, 10**6)), RATE).seen() == 0


def test_rubble_on_rubble_on_the_ground_does_not_hang():
    pieces = blocks((0, 0, 2.4), (0, 0, 1.45), (0, 0, 0.5))
    assert hanging(pieces, motion(pieces, (1003, 1003, 1003)), RATE).seen() == 0


def test_rubble_on_rubble_that_hangs_hangs_with_it():
    pieces = blocks((0, 0, 8), (0, 0, 7.02))
    assert hanging(pieces, motion(pieces, (1003, 1003)), RATE).seen() == 2


def test_what_falls_freely_does_not_hang():
    pieces = blocks((0, 0, 60))
    seconds = np.maximum(np.arange(FRAMES) - 2, 0) / 24
    assert hanging(pieces, motion(pieces, (1003,), 4.905 * seconds[:, None] ** 2), RATE).seen(1) == 0


def test_what_stands_does_not_hang():
    pieces = blocks((0, 0, 6))
    assert hanging(pieces, motion(pieces, (10**6,)), RATE).frames.sum() == 0
