"""How a real collapse moves: nothing hangs, nothing explodes, everything that was let go comes down."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from setpiece.stage.archive import load_motion, load_pieces
from setpiece.stage.hanging import hanging


def test_nothing_hangs_in_the_air_and_nothing_outruns_a_fall(finished_shot: Path) -> None:
    stage = finished_shot / "stage"
    pieces, _ = load_pieces(stage / "pieces" / "pieces.npz")
    motion = load_motion(stage / "motion" / "motion.npz")
    rate = Fraction(24)
    assert (motion.release <= motion.last).any()
    assert hanging(pieces, motion, rate).seen(4) <= 0.002 * len(pieces) + 1
    fastest = np.linalg.norm(np.diff(motion.position, axis=0), axis=2).max() * float(rate)
    tall = float(pieces.vertices[:, 2].max())
    assert fastest < 1.5 * np.sqrt(2 * 9.81 * tall) + 5.0
