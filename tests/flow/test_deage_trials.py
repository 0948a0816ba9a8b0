"""Everything that goes wrong in a take, from the tracker to the comp: followed by the house, painted on three frames, carried.

What is right is known to the pixel. A frame counts as saved where the comp is far nearer to the truth than the plate is.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from examples.performances.trials import TRIALS, Trial, steady, wrong_frame

from setpiece.core.faces import FaceTrack
from setpiece.generate.engines.propagate import Propagate
from setpiece.generate.keyframe import check_keyframe
from setpiece.generate.retouch import Keyframe, RetouchRequest
from setpiece.integrate.retouch import apply_delta
from setpiece.stage.faces import track_faces

pytest.importorskip("mediapipe")

SAVED = 0.5  # share of the plate's distance to the truth that may be left; less of it in a good frame


class Allowed:
    def check(self) -> None:
        pass


def apart(one: np.ndarray, other: np.ndarray, box: tuple[slice, slice]) -> float:
    """Root mean square difference in stops, in a box."""
    stops = [np.log2(np.maximum(picture[box], -0.015) + 0.02) for picture in (one, other)]
    return float(np.sqrt(np.mean((stops[0] - stops[1]) ** 2)))


def around(points: np.ndarray, size: tuple[int, int]) -> tuple[slice, slice]:
    low, high = np.maximum(points[:468, :2].min(0), 0), np.minimum(points[:468, :2].max(0), size)
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


def followed(trial: Trial, person: int) -> FaceTrack:
    """The house's track of the person, by where they truly are."""
    truth = trial.people[person].landmarks

    def off(track: FaceTrack) -> float:
        both = [frame for frame in trial.people[person].surely if track.seen(frame)]
        ways = [np.abs(track.at(f)[:468, :2].mean(0) - truth[f][:468, :2].mean(0)).max() for f in both]
        return float(np.median(ways)) if ways else np.inf

    return min(track_faces(trial.plate, trial.frames), key=off)


def carried(trial: Trial, face: FaceTrack, keys: tuple[int, ...]) -> Propagate:
    engine = Propagate()
    painted = tuple(Keyframe(frame=key, plate=trial.plate(key), painted=trial.truth(key)) for key in keys)
    engine.prepare(
        RetouchRequest(plate=trial.plate, frames=trial.frames, size=trial.size, keyframes=painted, face=face, permit=Allowed())
    )
    return engine


def spread(trial: Trial, person: int) -> tuple[int, ...]:
    """Three frames to paint, and one on either side of a cut."""
    sure = trial.people[person].surely
    keys = {sure[round(share * (len(sure) - 1))] for share in (0.1, 0.5, 0.9)}
    return tuple(sorted(keys))


def shares(trial: Trial, person: int, engine: Propagate, keys: tuple[int, ...]) -> dict[int, float]:
    """For each frame that must be seen and was not painted: what is left of the way from the plate to the truth."""
    left = {}
    for frame in trial.people[person].surely:
        delta = engine.delta(frame)
        if frame in keys or delta is None:
            continue
        box = around(trial.people[person].landmarks[frame], trial.size)
        comp = apply_delta(trial.plate(frame), delta)
        assert np.isfinite(comp).all(), frame
        left[frame] = apart(comp, trial.truth(frame), box) / apart(trial.plate(frame), trial.truth(frame), box)
    return left


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(TRIALS) - {"nobody"}))
def test_whatever_goes_wrong_in_a_take_the_paint_is_carried_where_the_face_is(name: str) -> None:
    trial = TRIALS[name]()
    face = followed(trial, 0)
    keys = spread(trial, 0)
    engine = carried(trial, face, keys)
    left = shares(trial, 0, engine, keys)
    wanted = [frame for frame in trial.people[0].surely if frame not in keys]
    assert set(left) == set(wanted)
    assert np.median(list(left.values())) < SAVED, left
    assert max(left.values()) < 0.9, left
    for frame in trial.absent(0):
        assert engine.delta(frame) is None, frame


@pytest.mark.slow
@pytest.mark.parametrize("rate", [24, 30, 48, 60])
def test_the_paint_is_carried_at_every_rate(rate: int) -> None:
    trial = steady(frames=rate // 3, rate=Fraction(rate))
    keys = spread(trial, 0)
    left = shares(trial, 0, carried(trial, followed(trial, 0), keys), keys)
    assert max(left.values()) < SAVED, left


@pytest.mark.slow
def test_a_hand_over_the_face_stays_the_plate_to_the_eye_and_the_skin_beside_it_stays_retouched() -> None:
    trial = TRIALS["hand_over_face"]()
    keys = spread(trial, 0)
    engine = carried(trial, followed(trial, 0), keys)
    for frame, cover in trial.covered.items():
        delta = engine.delta(frame)
        if frame in keys or delta is None or cover.max() < 0.9:
            continue
        comp, plate, truth = apply_delta(trial.plate(frame), delta), trial.plate(frame), trial.truth(frame)
        hand = cover > 0.95
        assert np.abs(comp - plate)[hand].mean() < 0.15 * np.abs(truth - plate)[cover < 0.05].max(), frame
        assert np.median(np.abs(comp - plate)[hand]) < 0.004, frame


@pytest.mark.slow
def test_of_two_people_only_the_one_who_is_asked_for_is_touched() -> None:
    trial = TRIALS["two_people"]()
    for person in (0, 1):
        keys = spread(trial, person)
        left = trial.people[person].landmarks[1001][:468, 0].mean() < trial.size[0] / 2
        halves = (slice(None), slice(0, 300)), (slice(None), slice(300, None))
        own, others = halves if left else halves[::-1]
        whole = np.zeros(trial.size[::-1], bool)
        whole[others] = True

        def only(frame: int, whole: np.ndarray = whole) -> np.ndarray:
            return np.where(whole[..., None], trial.plate(frame), trial.truth(frame))

        face = followed(trial, person)
        painted = tuple(Keyframe(frame=key, plate=trial.plate(key), painted=only(key)) for key in keys)
        engine = Propagate()
        engine.prepare(
            RetouchRequest(
                plate=trial.plate, frames=trial.frames, size=trial.size, keyframes=painted, face=face, permit=Allowed()
            )
        )
        for frame in trial.frames:
            delta = engine.delta(frame)
            assert delta is not None
            comp = apply_delta(trial.plate(frame), delta)
            assert np.array_equal(comp[others], trial.plate(frame)[others]), (person, frame)
            assert not np.array_equal(comp[own], trial.plate(frame)[own])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["steady", "upright", "leaves_and_returns", "turned_away", "hard_cut", "whipped"])
def test_a_keyframe_painted_on_the_wrong_frame_is_noticed_and_the_right_one_named(name: str) -> None:
    trial = TRIALS[name]()
    plates = {frame: trial.plate(frame) for frame in trial.frames}
    sure = trial.people[0].surely
    for claimed, painted_on in ((sure[1], sure[-2]), (sure[-2], sure[2])):
        frame, plate, painted = wrong_frame(trial, claimed, painted_on)
        findings = check_keyframe(Keyframe(frame=frame, plate=plate, painted=painted), plates)
        assert [finding.kind for finding in findings] == ["frame"]
        assert str(painted_on) in findings[0].message
        right = Keyframe(frame=painted_on, plate=plates[painted_on], painted=painted)
        assert check_keyframe(right, plates) == []
