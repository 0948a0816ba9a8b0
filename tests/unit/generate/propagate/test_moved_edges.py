"""A slimmer jaw: where skin gave way to what lies behind it, nothing of the skin stays."""

from types import SimpleNamespace

import cv2
import numpy as np

from setpiece.generate.engines.propagate.charts import plain_map
from setpiece.generate.engines.propagate.geometry import Carried, moved_gain
from setpiece.generate.keyframe import moved

SIZE = 96
SKIN, HAIR = 0.16, 0.013
EDGE, DRAWN = 60, 5  # px: where the jaw ends, and by how much the painter drew it in


def jaw(edge: float, soft: float) -> np.ndarray:
    """Skin to the left of ``edge``, hair to the right, (h, w, 3) scene-linear."""
    x = np.arange(SIZE, dtype=np.float32)
    line = HAIR + (SKIN - HAIR) * np.clip((edge - x) / soft + 0.5, 0, 1)
    return np.repeat(np.repeat(line[None, :, None], SIZE, 0), 3, 2).astype(np.float32)


def test_a_frame_sharper_than_its_keyframes_gets_no_light_line_beside_a_jaw_that_was_drawn_in():
    before, painted = (cv2.GaussianBlur(jaw(edge, 2.0), (0, 0), 0.9) for edge in (EDGE, EDGE - DRAWN))
    plate = jaw(EDGE + 0.3, 1.0)
    warp = np.zeros((SIZE, SIZE, 2), np.float32)
    warp[..., 0] = DRAWN
    key = SimpleNamespace(before=before, added=painted - before, retouch=SimpleNamespace(grain=(0.0, 0.0)))
    carried = Carried(keys=[key], places=[plain_map((SIZE, SIZE))], weights=[np.ones((SIZE, SIZE), np.float32)])
    none = np.zeros_like(plate)
    gain = moved_gain(plate, none, np.ones((SIZE, SIZE), np.float32), warp, carried)
    comp = (moved(plate, warp) + 0.02) * np.exp2(gain) - 0.02
    row = comp[SIZE // 2, :, 1]
    assert row[EDGE - DRAWN + 4 : EDGE + 8].max() < 1.8 * HAIR
    assert row[EDGE - DRAWN - 12 : EDGE - DRAWN - 4].min() > 0.9 * SKIN
    assert np.all(np.diff(row[EDGE - DRAWN - 4 : EDGE + 8]) < 0.05 * SKIN)
