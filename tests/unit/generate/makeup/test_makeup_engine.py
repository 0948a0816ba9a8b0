"""Digital make-up on a painted face: what must go, what must stay, what must be refused."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest

from setpiece.core.errors import BriefError, CapabilityMissing, ClearanceRefused, StageError
from setpiece.core.face_chart import layout, regions
from setpiece.core.faces import FaceTrack
from setpiece.core.retouch import Delta
from setpiece.core.timing import FrameRange
from setpiece.generate.engines.makeup.bands import bands_of, smoothed
from setpiece.generate.engines.makeup.engine import Makeup
from setpiece.generate.engines.makeup.look import MakeupGeometry, MakeupLook, MakeupRegions
from setpiece.generate.retouch import Keyframe, RetouchRequest
from setpiece.integrate.retouch import apply_delta

SIZE = (420, 520)  # width, height
UNIT = 150.0  # px between the outer corners of the eyes
SKIN = np.array([0.42, 0.27, 0.19], np.float32)
STILL = MakeupGeometry(jaw=0, cheeks=0, eyes=0, lips=0, nose=0)
NOTHING = MakeupRegions(**{each.name: 0.0 for each in fields(MakeupRegions)})


class Allowed:
    def check(self) -> None:
        """Allowed."""


def landmarks(shift=(0.0, 0.0)):
    points = np.zeros((478, 3), np.float32)
    points[:] = layout * UNIT
    points[:, :2] += np.array([SIZE[0] / 2, 235]) + shift - layout[168, :2] * UNIT
    return points


def filled(points, indices):
    plane = np.zeros(SIZE[::-1], np.uint8)
    cv2.fillConvexPoly(plane, cv2.convexHull(points[list(indices), :2].astype(np.int32)), 1)
    return plane.astype(bool)


def forehead_rows(points):
    """Three rows of px across the forehead."""
    brow, top = points[9, 1], points[10, 1]
    return [round(float(brow + (top - brow) * share)) for share in (0.4, 0.6, 0.8)]


def painted(*, lines=0.0, pores=0.05, rims=False, occluder=False, shift=(0, 0), noise=0.0, seed=0):
    """A face of one colour with brows, eyes and lips, and what was asked for on it; scene-linear."""
    points = landmarks(shift)
    rng = np.random.default_rng(7)
    plate = np.full((*SIZE[::-1], 3), (0.05, 0.09, 0.22), np.float32)
    skin = filled(points, regions["oval"])
    skin |= cv2.dilate(skin.astype(np.uint8), np.ones((31, 31), np.uint8)).astype(bool)
    neck = np.zeros_like(skin)
    x, chin = round(float(points[152, 0])), round(float(points[152, 1]))
    neck[chin - 40 :, x - 55 : x + 55] = True
    plate[skin | neck] = SKIN
    texture = rng.standard_normal(SIZE[::-1]).astype(np.float32)
    texture = np.roll(cv2.GaussianBlur(texture, (0, 0), 0.7), np.round(shift).astype(int)[::-1], (0, 1))
    plate[skin | neck] *= np.exp2(pores * texture / texture.std())[skin | neck][:, None]
    if lines:
        for row in forehead_rows(points):
            across = np.exp(-0.5 * ((np.arange(SIZE[1]) - row) / 2.2) ** 2)[:, None]
            plate *= np.exp2(-lines * across * skin)[..., None].astype(np.float32)
    for name, colour in (("eye", (0.5, 0.5, 0.5)), ("brow", (0.04, 0.03, 0.02))):
        for side in ("left", "right"):
            plate[filled(points, regions[f"{name}_{side}"])] = colour
    plate[filled(points, regions["lips"])] = (0.35, 0.12, 0.10)
    if rims:
        plate[rims_of(points)] = (0.01, 0.01, 0.012)
    if occluder:
        plate[occluded(points)] = (0.06, 0.12, 0.09)
    if noise:
        grain = np.random.default_rng(seed).standard_normal(plate.shape).astype(np.float32)
        plate = plate + grain * noise * np.sqrt(np.maximum(plate, 0.01))
    return plate.astype(np.float32)


def rims_of(points):
    plane = np.zeros(SIZE[::-1], np.uint8)
    for side in ("left", "right"):
        x, y = points[list(regions[f"eye_{side}"]), :2].mean(0)
        cv2.circle(plane, (round(float(x)), round(float(y)) + 2), round(0.30 * UNIT), 1, 4)
    return plane.astype(bool)


def occluded(points):
    plane = np.zeros(SIZE[::-1], bool)
    x, y = np.round(points[205, :2]).astype(int)
    plane[y - 18 : y + 18, x - 25 : x + 25] = True
    return plane


def a_request(plates, look, *, marks=None, seen=None, **more):
    count = len(plates)
    frames = FrameRange(first=1001, last=1000 + count, rate=Fraction(24))
    face = FaceTrack(
        name="a",
        frames=frames,
        landmarks=np.stack(marks or [landmarks()] * count),
        confidence=np.ones(count, np.float32) if seen is None else np.array(seen, np.float32),
        pose_deg=np.zeros((count, 3), np.float32),
        segment=np.zeros(count, np.int32),
    )
    asked = {"face": face, "look": look, "permit": Allowed()} | more
    return RetouchRequest(plate=lambda frame: plates[frame - 1001], frames=frames, size=SIZE, **asked)


def prepared(plates, look, **more):
    engine = Makeup()
    engine.prepare(a_request(plates, look, **more))
    return engine


def made(plate, years, **look) -> tuple[np.ndarray, Delta]:
    delta = prepared([plate], MakeupLook(years=((1001, years),), **({"geometry": STILL} | look))).delta(1001)
    assert delta is not None
    return apply_delta(plate, delta), delta


def on_plate(delta: Delta) -> np.ndarray:
    gain = np.zeros((*SIZE[::-1], 3), np.float32)
    left, top, right, bottom = delta.box
    gain[top:bottom, left:right] = delta.gain_stops * delta.alpha[..., None]
    return gain


def groove(picture):
    """Stops that the lines of the forehead are darker than the skin beside them."""
    points = landmarks()
    x = round(float(points[9, 0]))
    column = np.log2(picture[:, x - 25 : x + 25].mean((1, 2)))
    return float(
        np.mean([column[[row - 9, row + 9]].mean() - column[row - 1 : row + 2].mean() for row in forehead_rows(points)])
    )


def cheek(picture):
    points = landmarks()
    x, y = np.round(points[50, :2]).astype(int)
    return picture[y - 14 : y + 14, x - 14 : x + 14]


def pore_energy(picture):
    stops = np.log2(picture.mean(-1))
    return float(cheek(stops - cv2.GaussianBlur(stops, (0, 0), 0.012 * 0.65 * UNIT)).var())


def test_lines_go_and_pores_stay_twenty_years_younger():
    plate = painted(lines=0.5)
    younger, _ = made(plate, -20.0)
    assert groove(younger) < 0.45 * groove(plate)
    assert pore_energy(younger) > 0.85 * pore_energy(plate)


def shadow(width, reach=0.0):
    """Stops of a shadow of ``width`` (of the eyes' distance) down the cheek."""
    x, y = landmarks()[50, :2]
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    down = np.exp(-0.5 * ((rows - y) / (0.5 * UNIT)) ** 2)
    return (-0.5 * down * np.exp(-0.5 * ((columns - x - reach) / (width * UNIT)) ** 2)).astype(np.float32)


def test_a_fold_is_lifted_and_the_faces_own_form_is_left():
    left = []
    for width in (0.04, 0.25):
        plate = painted(pores=0.0)
        plate = plate * np.exp2(shadow(width) * filled(landmarks(), regions["oval"]))[..., None]
        gain = on_plate(made(plate.astype(np.float32), -20.0, tone=0.0)[1]).mean(-1)
        at = shadow(width) < -0.3
        left.append(float(gain[at].mean()) / 0.4)
    assert left[0] > 0.4 and left[1] < 0.5 * left[0]


def test_what_lies_between_two_slopes_is_a_fold_and_the_shaded_side_of_a_form_is_not():
    unit, columns = 100.0, np.indices((300, 300), np.float32)[1]
    dark = {
        "fold": np.exp(-0.5 * ((columns - 150) / (0.05 * unit)) ** 2),
        "hollow": np.exp(-0.5 * ((columns - 150) / (0.3 * unit)) ** 2),
        "side": 1 / (1 + np.exp((150 - columns) / (0.04 * unit))),
    }
    taken = {}
    for name, plane in dark.items():
        stops = np.repeat((-0.5 * plane)[..., None], 3, -1).astype(np.float32)
        bands = bands_of(stops, np.ones((300, 300), np.float32), unit)
        gain = smoothed(bands, np.ones((300, 300), np.float32), 0.67, unit).mean(-1)
        fold = bands.folds.mean(-1)
        there = fold < 0.5 * fold.min()
        taken[name] = float(np.mean(bands.narrow[there]))
        assert gain[100:200, 100:200].max() > 0
    assert taken["fold"] > 0.8 and taken["hollow"] < 0.5 and taken["side"] < 0.3


def test_hair_before_the_neck_is_not_made_up():
    plate, points = painted(), landmarks()
    x, chin = round(float(points[152, 0])), round(float(points[152, 1]))
    lock = np.s_[chin + 5 : chin + 70, x + 25 : x + 50]
    plate[lock] = SKIN * 0.18  # of the skin's own hue
    gain = np.abs(on_plate(made(plate, -25.0)[1])).max(-1)
    inside = np.s_[chin + 15 : chin + 60, x + 33 : x + 45]
    assert gain[inside].mean() < 0.03


def test_a_fringe_over_the_forehead_is_no_skin_light_strands_or_dark():
    plate, points = painted(lines=0.3), landmarks()
    brow, top = round(float(points[9, 1])), round(float(points[10, 1]))
    fringe = round(top + 0.5 * (brow - top))
    rng = np.random.default_rng(3)
    left, right = (round(float(points[k, 0])) for k in (127, 356))
    strands = cv2.GaussianBlur(rng.standard_normal((1, right - left + 160)).astype(np.float32), (0, 0), 1.2) * 3.0
    hair = np.float32((0.21, 0.15, 0.072)) * np.exp2(np.clip(strands, -1.2, 1.2))[..., None]
    plate[max(0, top - 150) : fringe, left - 80 : right + 80] = hair
    gain = np.abs(on_plate(made(plate, -25.0)[1])).max(-1)
    assert gain[top : fringe - 6, left + 20 : right - 20].mean() < 0.01
    assert gain[fringe + 4 : brow - 6, left + 60 : right - 60].mean() > 0.02


def test_more_years_take_more():
    plate = painted(lines=0.5)
    left = [groove(made(plate, years)[0]) for years in (-5.0, -10.0, -20.0)]
    assert groove(plate) > left[0] > left[1] > left[2]


def test_older_skin_has_deeper_lines_and_gets_lines_where_it_had_none():
    plate, smooth = painted(lines=0.2), painted(pores=0.02)
    assert groove(made(plate, 20.0)[0]) > 1.1 * groove(plate)
    gain = on_plate(made(smooth, 25.0, tone=0.0)[1]).mean(-1)
    points = landmarks()
    x = round(float(points[9, 0]))
    forehead = gain[round(float(points[10, 1])) : round(float(points[9, 1])), x - 40 : x + 40]
    assert forehead.min() < -0.12 and np.median(forehead) > -0.08


@pytest.mark.parametrize("years", [-25.0, 25.0])
def test_brows_eyes_and_rims_are_no_skin(years):
    plate = painted(lines=0.3, rims=True)
    strengths = MakeupRegions(brows=0, lips=0, teeth=0, hair=0)
    gain = np.abs(on_plate(made(plate, years, regions=strengths)[1])).max(-1)
    points = landmarks()
    assert gain[rims_of(points)].mean() < 0.03
    for name in ("eye_left", "eye_right", "brow_left", "brow_right", "lips"):
        assert gain[filled(points, regions[name])].mean() < 0.02
    assert cheek(gain).mean() > 0.02


def test_what_covers_the_cheek_is_not_made_up():
    gain = np.abs(on_plate(made(painted(occluder=True), -25.0)[1])).max(-1)
    # its border is soft, as the matte is
    inside = cv2.erode(occluded(landmarks()).astype(np.uint8), np.ones((13, 13), np.uint8)).astype(bool)
    assert gain[inside].max() < 0.02


def test_with_every_strength_at_nothing_nothing_changes():
    for years in (-30.0, 30.0):
        plate = painted(lines=0.4)
        _, delta = made(plate, years, regions=NOTHING, tone=0.0)
        assert not delta.gain_stops.any() and not delta.warp.any()


def test_a_region_that_is_switched_off_keeps_its_lines():
    plate = painted(lines=0.5)
    kept, _ = made(plate, -20.0, regions=MakeupRegions(forehead=0.0, glabella=0.0))
    assert groove(kept) > 0.85 * groove(plate)


def test_the_plate_is_untouched_outside_of_the_matte_and_the_matte_ends_inside_the_box():
    plate = painted()
    comp, delta = made(plate, -30.0, geometry=MakeupGeometry())
    left, top, right, bottom = delta.box
    outside = np.ones(plate.shape[:2], bool)
    outside[top:bottom, left:right] = delta.alpha == 0
    assert np.array_equal(comp[outside], plate[outside])
    for edge in (delta.alpha[0], delta.alpha[-1], delta.alpha[:, 0], delta.alpha[:, -1]):
        assert not edge.any()


def test_a_younger_jaw_moves_up_and_in_and_an_older_one_back():
    plate = painted()
    younger, older = (made(plate, years, geometry=MakeupGeometry())[1] for years in (-30.0, 30.0))
    x, y = (landmarks()[172, :2] - younger.box[:2]).astype(int)
    assert younger.warp[y, x, 1] > 1 and younger.warp[y, x, 0] < -1
    assert np.allclose(younger.warp, -older.warp, atol=1e-4)


def test_moving_noisy_frames_do_not_boil():
    shifts = [(0, 0), (3, 1), (5, -2), (2, 3)]
    plates = [painted(lines=0.4, shift=s, noise=0.006, seed=k) for k, s in enumerate(shifts)]
    engine = prepared(plates, MakeupLook(years=((1001, -20.0),), geometry=STILL), marks=[landmarks(s) for s in shifts])
    gains = [np.roll(on_plate(engine.delta(1001 + k)), (-s[1], -s[0]), (0, 1)) for k, s in enumerate(shifts)]
    on = filled(landmarks(), regions["oval"])
    change = np.abs(np.diff(np.stack(gains), axis=0)).mean((0, 3))[on]
    assert change.mean() < 0.012


def test_the_same_frame_gives_the_same_bits_in_any_order():
    plates = [painted(lines=0.3), painted(lines=0.4)]
    look = MakeupLook(years=((1001, 20.0), (1002, 25.0)))
    one, two = prepared(plates, look), prepared(plates, look)
    first = [one.delta(1001), one.delta(1002)]
    second = [two.delta(1002), two.delta(1001)][::-1]
    for a, b in zip(first, second, strict=True):
        assert a.gain_stops.tobytes() == b.gain_stops.tobytes() and a.alpha.tobytes() == b.alpha.tobytes()


def test_no_years_and_no_face_give_no_delta():
    look = MakeupLook(years=((1001, 0.0), (1003, -20.0)))
    engine = prepared([painted()] * 3, look, seen=[1, 1, 0])
    assert engine.delta(1001) is None and engine.delta(1002) is not None and engine.delta(1003) is None


def test_without_permit_look_or_face_and_with_keyframes_nothing_is_made():
    plate, look = painted(), MakeupLook(years=((1001, -10.0),))
    with pytest.raises(ClearanceRefused):
        prepared([plate], look, permit=None)
    with pytest.raises(StageError, match="no look"):
        prepared([plate], None)
    with pytest.raises(StageError, match="no face"):
        prepared([plate], look, face=None)
    with pytest.raises(CapabilityMissing):
        prepared([plate], look, keyframes=(Keyframe(frame=1001, plate=plate, painted=plate.copy()),))
    with pytest.raises(StageError):
        Makeup().delta(1001)


def test_years_go_over_without_overshoot_and_hold_beyond_the_ends():
    look = MakeupLook(years=((1001, 0.0), (1011, -20.0), (1031, -25.0), (1041, 5.0)))
    years = [look.years_at(frame) for frame in range(990, 1052)]
    assert years[0] == 0 and years[-1] == 5 and min(years) == pytest.approx(-25) and max(years) == 5
    falling = years[: 1031 - 990 + 1]
    assert all(b <= a for a, b in pairwise(falling))
    assert [look.years_at(frame) for frame in (1001, 1011, 1031, 1041)] == [0, -20, -25, 5]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: MakeupLook(years=()),
        lambda: MakeupLook(years=((1002, 1.0), (1001, 2.0))),
        lambda: MakeupLook(years=((1001, -60.0),)),
        lambda: MakeupLook(years=((1001, float("nan")),)),
        lambda: MakeupLook(years=((1001, 1.0),), pores=1.5),
        lambda: MakeupRegions(neck=-0.1),
        lambda: MakeupGeometry(nose=float("nan")),
    ],
)
def test_what_make_up_cannot_do_is_refused(wrong):
    with pytest.raises(BriefError):
        wrong()
