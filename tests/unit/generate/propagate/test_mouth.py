"""Between the lips a retouch goes by light where the keyframes do not know the place, and by place where they do."""

from __future__ import annotations

import numpy as np
import pytest

from setpiece.core.face_chart import layout
from setpiece.generate.engines.propagate.charts import Chart
from setpiece.generate.engines.propagate.mouth import INNER, by_light, calmed, levels, opening

UNIT, SIDE = 150.0, 400
BOX = (60, 100, 340, 400)
DARK, TEETH, SKIN = 0.012, 0.5, 0.3


def chart(open_px: float) -> Chart:
    """A face whose lips stand ``open_px`` apart, in the plate's own pixels."""
    points = (layout[:, :2] * UNIT + (SIDE / 2, SIDE / 2)).astype(np.float32)
    middle = points[list(INNER)].mean(0)
    points[list(INNER), 1] = middle[1]
    upper, lower = INNER[1:10], INNER[11:]
    for row, side in ((upper, -1), (lower, 1)):
        points[list(row), 1] += side * open_px / 2
    return Chart(matrix=np.eye(2, 3, dtype=np.float32), size=(SIDE, SIDE), points=points)


def seen(inside: np.ndarray, teeth: float) -> np.ndarray:
    """Skin, and in the mouth the uppermost share ``teeth`` of its rows teeth, the rest dark."""
    rows = np.flatnonzero((inside > 0.5).any(1))
    picture = np.full((*inside.shape, 3), SKIN, np.float32)
    edge = round(rows[0] + teeth * (rows[-1] + 1 - rows[0]))
    picture[inside > 0.5] = DARK
    picture[:edge][inside[:edge] > 0.5] = TEETH
    return picture


def test_a_shut_mouth_and_a_picture_without_a_face_have_no_opening() -> None:
    assert opening(chart(0.0), BOX) is None
    plain = Chart(matrix=np.eye(2, 3, dtype=np.float32), size=(SIDE, SIDE))
    assert opening(plain, BOX) is None
    wide = opening(chart(30.0), BOX)
    assert wide is not None and wide.shape == (300, 280) and wide.max() > 0.999 and 300 < wide.sum() < 6000


def test_keyframes_say_what_they_do_to_teeth_and_to_the_dark() -> None:
    inside = opening(chart(30.0), BOX)
    assert inside is not None
    picture = seen(inside, 0.5)
    gain = np.where(picture > 0.4, np.float32(0.4), np.float32(-0.1))
    known = [levels(picture, gain, (inside > 0.99).astype(np.float32))]
    made = by_light(np.array([[[TEETH] * 3, [DARK] * 3, [0.45] * 3]], np.float32), known)
    assert made[0, 0] == pytest.approx([0.4] * 3, abs=0.02)
    assert made[0, 1] == pytest.approx([-0.1] * 3, abs=0.02)
    assert made[0, 2] == pytest.approx([0.4] * 3, abs=0.05)
    assert not by_light(picture, []).any()


def test_teeth_that_come_out_from_under_a_lip_are_toned_as_teeth_are() -> None:
    inside = opening(chart(30.0), BOX)
    assert inside is not None
    before, now = seen(inside, 0.3), seen(inside, 0.7)
    painted = np.where(before > 0.4, np.float32(0.4), np.float32(0.0)) * (inside > 0.5)[..., None]
    known = [levels(before, painted, inside)]
    asked: list[tuple[slice, slice]] = []

    def expected(part: tuple[slice, slice]) -> np.ndarray:
        asked.append(part)
        return before[part]

    made = calmed(painted, inside, now, expected, None, known)
    uncovered = (now > 0.4).all(-1) & (before < 0.1).all(-1) & (inside > 0.99)
    still = (now > 0.4).all(-1) & (before > 0.4).all(-1) & (inside > 0.99)
    assert uncovered.sum() > 100 and still.sum() > 100
    assert np.abs(made[uncovered] - 0.4).mean() < 0.06
    assert np.abs(made[still] - 0.4).mean() < 0.03
    assert (made[inside == 0] == painted[inside == 0]).all()
    (part,) = asked
    assert part[0].stop - part[0].start < 100


def test_what_the_keyframes_explain_stays_where_it_was_painted() -> None:
    inside = opening(chart(30.0), BOX)
    assert inside is not None
    picture = seen(inside, 0.5)
    painted = np.zeros_like(picture)
    rows, columns = np.nonzero((picture > 0.4).all(-1) & (inside > 0.99))
    tooth = (rows, columns)
    painted[rows[: len(rows) // 4], columns[: len(rows) // 4]] = (0.2, 0.1, -0.9)  # one of gold
    known = [levels(picture, painted, inside)]
    brighter = picture * np.float32(1.3)
    made = calmed(painted, inside, brighter, lambda part: picture[part], None, known)
    assert np.abs(made[tooth] - painted[tooth]).max() < 0.01
