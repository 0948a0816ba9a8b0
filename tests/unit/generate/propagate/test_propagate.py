"""Keyframes are carried with what they lie on, and withdrawn from what hides it."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from setpiece.core.errors import CapabilityMissing, ClearanceRefused, StageError
from setpiece.core.face_chart import layout
from setpiece.core.faces import FaceTrack
from setpiece.core.timing import FrameRange
from setpiece.generate.engines.propagate import Propagate
from setpiece.generate.retouch import Keyframe, RetouchRequest
from setpiece.integrate.retouch import apply_delta

SIZE = (192, 160)
FRAMES = FrameRange(first=1001, last=1007, rate=Fraction(24))


class Allowed:
    def check(self) -> None:
        pass


class Revoked:
    def check(self) -> None:
        raise ClearanceRefused("consent was withdrawn", remedy="ask again")


def surface() -> np.ndarray:
    rng = np.random.default_rng(5)
    size = (SIZE[1] * 2, SIZE[0] * 2, 3)
    wide = cv2.GaussianBlur(rng.standard_normal(size).astype(np.float32), (0, 0), 6) * 5
    fine = cv2.GaussianBlur(rng.standard_normal(size[:2]).astype(np.float32), (0, 0), 1.5)[..., None] * 1.4
    return (0.25 * np.exp2(np.clip(wide + fine, -2.5, 2.5))).astype(np.float32)


def paint() -> np.ndarray:
    height, width = SIZE[1] * 2, SIZE[0] * 2
    y, x = np.mgrid[:height, :width]
    spot = np.clip((34 - np.hypot(x - width / 2, y - height / 2)) / 4, 0, 1)
    return (spot[..., None] * np.array([-0.3, -0.8, -0.6])).astype(np.float32)


def place(frame: int) -> np.ndarray:
    n = frame - 1004
    angle, scale = np.deg2rad(1.5 * n), 1 + 0.012 * n
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shift = np.array(SIZE) / 2 + (3.0 * n, -1.5 * n) - turn @ np.array(SIZE, float)
    return np.concatenate([turn, shift[:, None]], 1)


def seen(picture: np.ndarray, frame: int, *, light: bool = True) -> np.ndarray:
    shown = cv2.warpAffine(picture, place(frame), SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return (shown * 2 ** (0.1 * (frame - 1004) * light)).astype(np.float32)


SURFACE, PAINTED = surface(), (surface() * np.exp2(paint())).astype(np.float32)


def plate(frame: int) -> np.ndarray:
    return seen(SURFACE, frame)


def truth(frame: int) -> np.ndarray:
    return seen(PAINTED, frame)


def track() -> FaceTrack:
    marks = np.zeros((len(FRAMES), 478, 3), np.float32)
    for i, frame in enumerate(FRAMES):
        flat = layout[:, :2] * 40 + np.array(SIZE)
        marks[i, :, :2] = flat @ place(frame)[:, :2].T + place(frame)[:, 2] + 0.5
        marks[i, :, 2] = layout[:, 2] * 40
    seen_in = np.ones(len(FRAMES), np.float32)
    seen_in[2] = 0
    return FaceTrack(
        name="a", frames=FRAMES, landmarks=marks, confidence=seen_in, pose_deg=np.zeros((len(FRAMES), 3), np.float32),
        segment=np.where(seen_in > 0, 0, -1).astype(np.int32),
    )  # fmt: skip


def request(frames=(1001, 1007), *, face: bool = False, shot=plate, **more) -> RetouchRequest:
    keys = tuple(Keyframe(frame=f, plate=plate(f), painted=truth(f)) for f in frames)
    more.setdefault("permit", Allowed())
    return RetouchRequest(plate=shot, frames=FRAMES, size=SIZE, keyframes=keys, face=track() if face else None, **more)


def prepared(*args, threads: int = 1, **more) -> Propagate:
    engine = Propagate(threads=threads)
    engine.prepare(request(*args, **more))
    return engine


def error_db(frame: int, comp: np.ndarray) -> float:
    inside = cv2.warpAffine(np.abs(paint()).max(-1), place(frame), SIZE) > 0
    code = [np.clip(p, 0, None) ** (1 / 2.4) for p in (comp, truth(frame))]
    return float(-10 * np.log10(np.square(code[0] - code[1])[inside].mean()))


@pytest.fixture(scope="module", params=[False, True], ids=["picture", "face"])
def engine(request) -> Propagate:
    return prepared(face=request.param)


@pytest.mark.parametrize("frame", [1002, 1004, 1006])
def test_a_held_out_frame_gets_the_paint_where_it_belongs(engine, frame):
    assert error_db(frame, apply_delta(plate(frame), engine.delta(frame))) > max(40, error_db(frame, plate(frame)) + 15)


def test_a_keyframe_stays_exactly_as_painted(engine):
    comp = apply_delta(plate(1007), engine.delta(1007))
    inside = cv2.warpAffine(np.abs(paint()).max(-1), place(1007), SIZE) > 0
    assert np.abs(comp - truth(1007))[inside].max() < 1e-3


def test_leaving_a_keyframe_out_leaves_it_out(engine):
    carried = engine.prior(1007, without=(1007,))
    comp = apply_delta(plate(1007), carried)
    assert 30 < error_db(1007, comp) < 90
    assert engine.prior(1007, without=(1001, 1007)) is None


def same(one, other) -> bool:
    return all(
        np.array_equal(getattr(one, n), getattr(other, n), equal_nan=True) for n in ("gain_stops", "alpha", "confidence")
    )


def test_any_order_and_any_number_of_threads_give_the_same_bits():
    one, other = prepared(), prepared(threads=3)
    forward = {frame: one.delta(frame) for frame in (1002, 1003, 1005)}
    assert all(same(other.delta(frame), forward[frame]) for frame in (1005, 1002, 1003))


def test_a_frame_without_the_face_is_passed_through():
    assert prepared(face=True).delta(1003) is None


def hidden(frame: int) -> np.ndarray:
    shot = plate(frame).copy()
    if frame == 1004:
        rng = np.random.default_rng(8)
        shot[:, 80:104] = 0.5 * np.exp2(
            cv2.GaussianBlur(rng.standard_normal((SIZE[1], 24, 3)).astype(np.float32), (0, 0), 1.5) * 4
        )
    return shot


@pytest.mark.parametrize("face", [False, True], ids=["picture", "face"])
def test_what_hides_the_skin_is_not_repainted(face):
    found = prepared(face=face, shot=hidden).delta(1004)
    alpha = np.zeros(SIZE[::-1], np.float32)
    left, top, right, bottom = found.box
    alpha[top:bottom, left:right] = found.alpha
    assert alpha[70:90, 86:98].mean() < 0.1
    assert alpha[70:90, 112:122].mean() > 0.8


def test_without_permit_or_keyframes_or_with_a_look_nothing_is_made():
    with pytest.raises(ClearanceRefused):
        prepared(permit=None)
    with pytest.raises(ClearanceRefused):
        prepared(permit=Revoked())
    with pytest.raises(StageError, match="no keyframe"):
        prepared(())
    with pytest.raises(CapabilityMissing, match="look"):
        prepared(look=object())
    with pytest.raises(StageError, match="prepare"):
        Propagate().delta(1001)
    with pytest.raises(StageError, match="outside"):
        prepared().delta(1100)


def test_a_face_seen_in_no_keyframe_is_told():
    with pytest.raises(StageError, match="none of the keyframes"):
        prepared((1003,), face=True)
