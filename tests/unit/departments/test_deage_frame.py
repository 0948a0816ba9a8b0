"""A frame of a de-ageing shot: the brief's own words reach its pixels, and what was touched is told."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from setpiece.core.faces import FaceTrack
from setpiece.core.retouch import Delta
from setpiece.core.timing import FrameRange
from setpiece.departments.deage import frame as frames
from setpiece.intake.deage_schema import DeageIntegrate

BOX = (8, 4, 40, 28)
FRAMES = FrameRange(first=1001, last=1002, rate=Fraction(24))


def plate():
    rng = np.random.default_rng(3)
    return (0.3 + 0.01 * rng.standard_normal((160, 200, 3))).astype(np.float32)


def delta():
    alpha = np.zeros((24, 32), np.float32)
    alpha[6:18, 6:26] = 1
    return Delta(
        frame=1001, box=BOX, gain_stops=np.zeros((24, 32, 3), np.float32), alpha=alpha, confidence=alpha.copy(),
        grain=(1e-4, 0.0),
    )  # fmt: skip


def a_face():
    count = len(FRAMES)
    return FaceTrack(
        name="a", frames=FRAMES, landmarks=np.zeros((count, 478, 3), np.float32), confidence=np.array([1, 0], np.float32),
        pose_deg=np.zeros((count, 3), np.float32), segment=np.array([0, -1], np.int32),
    )  # fmt: skip


@pytest.fixture
def made(monkeypatch, tmp_path):
    """Makes a frame with what a brief says of its grain; (comp, what was told)."""

    def make(number: int, **integrate: object):
        written = {}
        monkeypatch.setattr(frames, "face_of", lambda job: a_face())
        monkeypatch.setattr(frames, "request_of", lambda *asked: SimpleNamespace(plate=lambda frame: plate()))
        monkeypatch.setattr(frames, "retoucher", lambda engine, request: SimpleNamespace(delta=lambda frame: delta()))
        monkeypatch.setattr(frames, "write_frame", lambda path, channels, **more: written.update(channels) or 0)
        brief = SimpleNamespace(deage=SimpleNamespace(integrate=DeageIntegrate(**integrate)))
        job = SimpleNamespace(
            brief=brief, plate=tmp_path, size=(200, 160), out=tmp_path, shot="sh020", version="v001", engine="makeup",
            strength=1.0, deep=True, provenance=None, permit=SimpleNamespace(check=lambda: None),
        )  # fmt: skip
        told = frames.make_frames(job)(number)
        return np.stack([written[name] for name in "RGB"], -1), told

    return make


def test_the_briefs_grain_is_what_is_put_back(made):
    inside = (slice(4 + 7, 4 + 17), slice(8 + 7, 8 + 25))
    noise = {share: float(made(1001, grain=share)[0][inside].std()) for share in (0.0, 0.5, 1.0)}
    assert noise[0.0] < 0.5 * noise[1.0]
    assert noise[0.0] < noise[0.5] < noise[1.0]


def test_said_or_not_all_of_the_grain_stays(made):
    assert made(1001)[0].tobytes() == made(1001, grain=1.0)[0].tobytes() == made(1001, grain=True)[0].tobytes()


def test_what_was_touched_is_counted_and_a_frame_without_the_face_is_the_plate(made):
    comp, told = made(1001, grain=0.0)
    assert told["touched"] == pytest.approx(float((comp != plate()).any(-1).mean()))
    assert 0 < told["touched"] < 0.2 and told["seen"]
    comp, told = made(1002)
    assert comp.tobytes() == plate().tobytes() and told["touched"] == 0 and not told["seen"]
