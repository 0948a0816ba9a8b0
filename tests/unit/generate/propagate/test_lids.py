"""Eyes that are shut farther than in any keyframe."""

from __future__ import annotations

import numpy as np

from setpiece.core.face_layout import layout
from setpiece.generate.engines.propagate.lids import EYES, calmed, lids, opening, shut

SIZE = 240


def face(*, left: float = 1.0, right: float = 1.0) -> np.ndarray:
    """The canonical face at 80 px a unit, its lids that far open."""
    points = layout.astype(np.float32) * 80 + np.array([SIZE / 2, SIZE / 2, 0], np.float32)
    for (_, _, corners, rim), share in zip(EYES, (left, right), strict=True):
        middle = points[list(corners), 1].mean()
        points[list(rim), 1] = middle + (points[list(rim), 1] - middle) * share
    return points


def test_an_eye_as_open_as_in_a_keyframe_is_not_shut() -> None:
    assert shut(face(), [face()]) == (0.0, 0.0)
    assert shut(face(left=0.2, right=0.2), [face(), face(left=0.2, right=0.2)]) == (0.0, 0.0)


def test_each_eye_shuts_by_itself_and_by_degrees() -> None:
    left, right = shut(face(left=0.2), [face()])
    assert left == 1.0
    assert right == 0.0
    amounts = [shut(face(left=share), [face()])[0] for share in (0.9, 0.75, 0.6, 0.5, 0.3)]
    assert amounts == sorted(amounts)
    assert opening(face(left=0.2))[0] < 0.4 * opening(face())[0]


def test_a_shut_eye_is_toned_like_the_skin_around_it_and_the_rest_stays_to_the_bit() -> None:
    here = face(left=0.2)
    gain = np.full((SIZE, SIZE, 3), 0.3, np.float32)
    eye = here[list(EYES[0][3]), :2]
    low, high = np.floor(eye.min(0)).astype(int), np.ceil(eye.max(0)).astype(int) + 1
    inside = (slice(low[1], high[1]), slice(low[0], high[0]))
    gain[inside] = -1.5  # an open eye's lashes
    over = lids((0, 0, SIZE, SIZE), here, shut(here, [face()]))
    assert over is not None
    found = calmed(gain, np.ones((SIZE, SIZE), np.float32), over, here)
    assert np.abs(found[inside] - 0.3).max() < 0.1  # it was off by 1.8
    assert np.array_equal(found[:, SIZE // 2 + 30 :], gain[:, SIZE // 2 + 30 :])
    assert np.array_equal(found[-60:], gain[-60:])


def test_open_eyes_have_no_lids() -> None:
    assert lids((0, 0, SIZE, SIZE), face(), (0.0, 0.0)) is None


def test_an_eye_at_the_border_of_the_retouch_or_beyond_it_is_no_error() -> None:
    here = face(left=0.1, right=0.1)
    for box in ((100, 110, 140, 140), (0, 200, 60, 239), (115, 118, 122, 124)):
        size = (box[3] - box[1], box[2] - box[0])
        over = lids(box, here, (1.0, 1.0))
        assert over is not None
        assert over.shape == size
        gain = np.zeros((*size, 3), np.float32)
        assert np.isfinite(calmed(gain, np.ones(size, np.float32), over, here)).all()
