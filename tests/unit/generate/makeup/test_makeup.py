"""Digital make-up on two public portraits: relief goes, pores stay, spectacles and background are left alone."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

import cv2
from examples.performances.portraits import astronaut, hopper

from setpiece.core.arrays import Rgb
from setpiece.core.errors import BriefError, ClearanceRefused, StageError
from setpiece.core.face_chart import regions
from setpiece.core.faces import FaceTrack
from setpiece.core.retouch import Delta
from setpiece.core.timing import FrameRange
from setpiece.generate.engines.makeup.engine import Makeup
from setpiece.generate.engines.makeup.look import MakeupGeometry, MakeupLook, MakeupRegions
from setpiece.generate.engines.makeup.regions import NASOLABIAL
from setpiece.generate.retouch import RetouchRequest
from setpiece.integrate.retouch import apply_delta

FRAMES = FrameRange(first=1001, last=1003, rate=Fraction(24))
SIZE = (400, 400)


class Leave:
    def check(self) -> None:
        """Given."""


@dataclass(frozen=True)
class Subject:
    plate: Rgb
    face: FaceTrack

    def request(self, look: object | None, **more: object) -> RetouchRequest:
        return RetouchRequest(
            plate=lambda frame: self.plate,
            frames=FRAMES,
            size=SIZE,
            look=look,
            **{"permit": Leave(), "face": self.face, **more},
        )


@cache
def subject(name: str) -> Subject:
    portrait = (astronaut if name == "astronaut" else hopper)(SIZE)
    landmarks = np.repeat(portrait.landmarks[None], 3, axis=0).astype(np.float32)
    landmarks[2] = np.nan
    seen = np.array([1, 1, 0], np.float32)
    face = FaceTrack(
        name="a", frames=FRAMES, landmarks=landmarks, confidence=seen, pose_deg=np.zeros((3, 3), np.float32),
        segment=np.array([0, 0, -1], np.int32),
    )  # fmt: skip
    return Subject(plate=np.ascontiguousarray(portrait.picture, np.float32), face=face)


@cache
def made(name: str, years: float, look: Callable[[float], MakeupLook] | None = None) -> tuple[Delta, Rgb]:
    one = subject(name)
    engine = Makeup()
    engine.prepare(one.request(MakeupLook(years=((1001, years),)) if look is None else look(years)))
    delta = engine.delta(1001)
    assert delta is not None
    return delta, apply_delta(one.plate, delta)


def stops(picture: Rgb) -> np.ndarray:
    return np.log2(np.maximum(picture @ np.array([0.27, 0.67, 0.06], np.float32), 0) + 0.02)


def around(name: str, marks: str, reach: float) -> np.ndarray:
    """A region of the face as a mask."""
    points = subject(name).face.at(1001)[list(regions[marks]), :2]
    mask = np.zeros(SIZE[::-1], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(points).astype(np.int32)), 1)
    return cv2.erode(mask, np.ones((3, 3)), iterations=max(1, round(reach))) > 0


def folds_of(name: str) -> np.ndarray:
    """The folds from nose to mouth, as a mask."""
    mask = np.zeros(SIZE[::-1], np.uint8)
    for path in NASOLABIAL:
        points = subject(name).face.at(1001)[list(path), :2]
        cv2.polylines(mask, [np.round(points).astype(np.int32)], False, 1, 14)
    return mask > 0


def cheeks_of(name: str) -> np.ndarray:
    """Plain skin, as a mask."""
    points = subject(name).face.at(1001)[[117, 118, 101, 36, 205, 50], :2]
    mask = np.zeros(SIZE[::-1], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(points).astype(np.int32)), 1)
    return mask > 0


def energy(picture: Rgb, mask: np.ndarray, fine: float, coarse: float) -> float:
    one = stops(picture)
    found = cv2.GaussianBlur(one, (0, 0), fine) - cv2.GaussianBlur(one, (0, 0), coarse)
    return float(np.std(found[mask]))


def test_younger_takes_the_relief_and_leaves_the_pores() -> None:
    plate, comp = subject("hopper").plate, made("hopper", -25)[1]
    folds, skin = folds_of("hopper"), cheeks_of("hopper")
    assert energy(comp, folds, 1.5, 8) < 0.6 * energy(plate, folds, 1.5, 8)
    assert energy(comp, skin, 0.01, 0.6) > 0.85 * energy(plate, skin, 0.01, 0.6)


def test_older_is_the_other_way_round() -> None:
    plate, folds = subject("hopper").plate, folds_of("hopper")
    amounts = [energy(made("hopper", years)[1], folds, 1.5, 8) for years in (-25.0, 20.0)]
    assert amounts[0] < energy(plate, folds, 1.5, 8) < amounts[1]


def test_more_years_do_more() -> None:
    one, sizes = subject("astronaut"), []
    for years in (-5.0, -15.0, -30.0):
        sizes.append(float(np.abs(made("astronaut", years)[1] - one.plate).mean()))
    assert sizes[0] < sizes[1] < sizes[2]


def test_spectacles_are_seen_where_they_are_worn_and_only_there() -> None:
    from setpiece.generate.engines.makeup.engine import _measured

    worn = {name: _measured(subject(name).request(None)).skins[0].rims for name in ("hopper", "astronaut")}
    assert worn["hopper"] > 0.8 and worn["astronaut"] < 0.2


def test_the_far_background_is_the_plate_to_the_bit() -> None:
    for name in ("hopper", "astronaut"):
        one = subject(name)
        delta, comp = made(name, -25)
        left, top, right, bottom = delta.box
        outside = np.ones(SIZE[::-1], bool)
        outside[top:bottom, left:right] = delta.alpha == 0
        assert outside.mean() > 0.4
        assert np.array_equal(comp[outside], one.plate[outside])
        assert not delta.alpha[[0, -1]].any() and not delta.alpha[:, [0, -1]].any()


def test_eyes_keep_their_light() -> None:
    one, comp = subject("astronaut").plate, made("astronaut", -25)[1]
    for side in ("iris_right", "iris_left"):
        eye = around("astronaut", side, 1)
        if eye.any():
            assert abs(float(np.median(stops(comp)[eye] - stops(one)[eye]))) < 0.12


def test_a_region_that_is_left_out_keeps_its_relief() -> None:
    def bare(years: float) -> MakeupLook:
        still = MakeupGeometry(jaw=0, cheeks=0, eyes=0, lips=0, nose=0)
        return MakeupLook(years=((1001, years),), regions=MakeupRegions(nasolabial=0.0), geometry=still)

    folds, plate = folds_of("hopper"), subject("hopper").plate
    with_it, (delta, without) = made("hopper", -25)[1], made("hopper", -25, bare)
    assert energy(without, folds, 1.5, 8) > 1.3 * energy(with_it, folds, 1.5, 8)
    assert energy(without, folds, 1.5, 8) > 0.7 * energy(plate, folds, 1.5, 8)
    assert delta.warp is None or not delta.warp.any()


def test_no_years_and_no_face_are_no_retouch() -> None:
    engine = Makeup()
    engine.prepare(subject("astronaut").request(MakeupLook(years=((1001, 0.0),))))
    assert engine.delta(1001) is None
    engine.prepare(subject("astronaut").request(MakeupLook(years=((1001, -20.0),))))
    assert engine.delta(1003) is None


def test_the_same_frame_has_the_same_bits_in_any_order() -> None:
    deltas = []
    for order in ((1001, 1002), (1002, 1001)):
        engine = Makeup()
        engine.prepare(subject("astronaut").request(MakeupLook(years=((1001, -20.0),))))
        found = {frame: engine.delta(frame) for frame in order}
        deltas.append(found[1002])
    assert all(np.array_equal(getattr(deltas[0], name), getattr(deltas[1], name)) for name in ("gain_stops", "alpha", "warp"))


def test_years_follow_their_curve_without_overshooting() -> None:
    look = MakeupLook(years=((1001, -20.0), (1010, -20.0), (1030, 0.0)))
    years = [look.years_at(frame) for frame in range(995, 1040)]
    assert years[0] == -20.0 and years[-1] == 0.0
    assert all(after >= before for before, after in itertools.pairwise(years))
    with pytest.raises(BriefError):
        MakeupLook(years=((1001, -90.0),))


def test_without_leave_look_or_face_nothing_is_made() -> None:
    one = subject("astronaut")
    look = MakeupLook(years=((1001, -20.0),))
    with pytest.raises(ClearanceRefused):
        Makeup().prepare(one.request(look, permit=None))
    with pytest.raises(StageError, match="look"):
        Makeup().prepare(one.request(None))
    with pytest.raises(StageError, match="face"):
        Makeup().prepare(one.request(look, face=None))
    with pytest.raises(StageError, match="not given a shot"):
        Makeup().delta(1001)
