"""The engine on a drawn face that moves: what it refuses, what it leaves alone, and that a gain does what the network said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fran_toys import FRAMES, SIZE, a_plate, a_track, sha256

from setpiece.core.arrays import Rgb
from setpiece.core.errors import BriefError, CapabilityMissing, ClearanceRefused, PlateUnreadable, StageError
from setpiece.core.retouch import Delta
from setpiece.generate.engines.fran.engine import FranEngine
from setpiece.generate.engines.fran.look import AgeCurve, FranLook, RegionAge
from setpiece.generate.retouch import Keyframe, RetouchRequest


class Permit:
    """Lets ``times`` checks pass, then nothing."""

    def __init__(self, times: int = 1000) -> None:
        self.left = times

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise ClearanceRefused("revoked", remedy="ask again")


def a_look(model: Path, **changes: object) -> FranLook:
    asked: dict[str, object] = {"model": model, "sha256": sha256(model), "input_age": 50.0, "output_age": 30.0}
    return FranLook(**(asked | changes))


def a_request(look: object, plate: Callable[[int], Rgb] = a_plate, **changes: object) -> RetouchRequest:
    asked: dict[str, object] = {"plate": plate, "frames": FRAMES, "size": SIZE, "face": a_track(), "look": look}
    return RetouchRequest(**(asked | {"permit": Permit()} | changes))


def prepared(request: RetouchRequest) -> FranEngine:
    engine = FranEngine()
    engine.prepare(request)
    return engine


def seen(delta: Delta | None) -> Delta:
    assert delta is not None
    return delta


def test_without_a_permit_nothing_is_made(model: Path) -> None:
    with pytest.raises(ClearanceRefused, match="no gate cleared"):
        prepared(a_request(a_look(model), permit=None))
    engine = FranEngine()
    with pytest.raises(StageError, match="was not given a shot"):
        engine.delta(1001)


def test_a_permit_that_is_revoked_stops_the_next_frame(model: Path) -> None:
    engine = prepared(a_request(a_look(model), permit=Permit(2)))
    seen(engine.delta(1001))
    with pytest.raises(ClearanceRefused, match="revoked"):
        engine.delta(1001)


def test_what_it_cannot_honour_is_refused_by_name(model: Path) -> None:
    plate = a_plate(1001)
    key = Keyframe(frame=1001, plate=plate, painted=plate.copy())
    with pytest.raises(CapabilityMissing, match="keyframes"):
        prepared(a_request(a_look(model), keyframes=(key,)))
    with pytest.raises(StageError, match="was given none"):
        prepared(a_request(a_look(model), face=None))
    with pytest.raises(StageError, match="was given no ages"):
        prepared(a_request("younger, please"))
    with pytest.raises(BriefError, match="ages 18 to 85, not for 12"):
        prepared(a_request(a_look(model, output_age=AgeCurve(keys=((1001, 50.0), (1004, 12.0))))))
    with pytest.raises(BriefError, match="no region 'halo'"):
        prepared(a_request(a_look(model, regions=(RegionAge(region="halo", years=5.0),))))


def test_a_model_that_is_not_the_stated_one_is_refused_before_any_frame(model: Path, tmp_path: Path) -> None:
    with pytest.raises(PlateUnreadable) as absent:
        prepared(a_request(replace(a_look(model), model=tmp_path / "none.onnx")))
    assert absent.value.file == tmp_path / "none.onnx"
    with pytest.raises(ClearanceRefused, match="another file than was stated"):
        prepared(a_request(replace(a_look(model), sha256="0" * 64)))
    engine = prepared(a_request(a_look(model)))
    with pytest.raises(ClearanceRefused):
        engine.prepare(a_request(replace(a_look(model), sha256="0" * 64)))
    with pytest.raises(StageError):  # and what was prepared before is not gone on with
        engine.delta(1001)


def test_a_frame_without_the_face_gives_nothing(model: Path) -> None:
    engine = prepared(a_request(a_look(model)))
    assert engine.delta(1003) is None  # the track does not see it there
    assert engine.delta(1002) is not None
    with pytest.raises(StageError, match="outside the shot"):
        engine.delta(1099)


def test_the_same_frame_gives_the_same_bits_in_any_order(model: Path) -> None:
    first, second = prepared(a_request(a_look(model))), prepared(a_request(a_look(model)))
    found = [seen(first.delta(frame)) for frame in (1001, 1002, 1004)]
    again = [seen(second.delta(frame)) for frame in (1004, 1002, 1001)][::-1]
    for one, other in zip(found, again, strict=True):
        assert one.box == other.box
        for name in ("gain_stops", "alpha", "confidence", "uv"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_planes_are_whole_finite_and_in_range(model: Path) -> None:
    delta = seen(prepared(a_request(a_look(model, reach=1.3))).delta(1001))
    left, top, right, bottom = delta.box
    assert 0 <= left < right <= SIZE[0] and 0 <= top < bottom <= SIZE[1]
    assert delta.gain_stops.shape == (bottom - top, right - left, 3) and delta.gain_stops.dtype == np.float32
    assert np.isfinite(delta.gain_stops).all() and np.abs(delta.gain_stops).max() > 0.02
    for plane in (delta.alpha, delta.confidence):
        assert plane.min() >= 0 and plane.max() <= 1 and plane.max() > 0.9
    assert not delta.gain_stops[delta.alpha == 0].any()
    edge = np.concatenate([delta.alpha[0], delta.alpha[-1], delta.alpha[:, 0], delta.alpha[:, -1]])
    assert not edge.any()
    assert delta.uv is not None
    held = delta.uv[delta.alpha > 0.5]
    assert np.isfinite(held).all() and held.min() > -0.2 and held.max() < 1.2


def test_the_age_that_is_there_already_changes_nothing_to_the_bit(model: Path) -> None:
    delta = seen(prepared(a_request(a_look(model, output_age=50.0))).delta(1001))
    assert not delta.gain_stops.any()


def test_a_region_changes_there_and_the_rest_stays(model: Path) -> None:
    part = RegionAge(region="cheeks", years=25.0)
    local = seen(prepared(a_request(a_look(model, output_age=50.0, regions=(part,)))).delta(1001))
    strength = np.abs(local.gain_stops).max(axis=-1)
    assert strength.max() > 0.01
    assert 0.01 < (strength > 0.1 * strength.max()).mean() < 0.25 * (local.alpha > 0.1).mean() + 0.05


def test_a_curve_of_ages_is_followed_over_frames(model: Path) -> None:
    curve = AgeCurve(keys=((1001, 50.0), (1004, 20.0)))
    engine = prepared(a_request(a_look(model, output_age=curve)))
    moved = [float(np.abs(seen(engine.delta(frame)).gain_stops).mean()) for frame in (1001, 1002, 1004)]
    assert moved[0] == 0 < moved[1] < moved[2]


def test_grain_is_scaled_and_never_replaced(model: Path) -> None:
    """A gain multiplies: where the plate's grain is doubled, the comp's is, and highlights stay above white."""
    delta = seen(prepared(a_request(a_look(model))).delta(1001))
    left, top, right, bottom = delta.box
    part = a_plate(1001)[top:bottom, left:right]
    comp = (part + delta.offset) * np.exp2(delta.gain_stops) - delta.offset
    core = delta.alpha > 0.99
    assert np.corrcoef(fine(comp)[core], fine(part)[core])[0, 1] > 0.9


def fine(pixels: Rgb) -> np.ndarray:
    """What differs from the neighbours, luminance-like."""
    grey = pixels.mean(axis=-1)
    return grey - 0.25 * sum(np.roll(grey, step, axis) for step in (-1, 1) for axis in (0, 1))


def test_a_large_face_in_tiles_joins_without_a_seam(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look = a_look(model, crop_px=512)
    tiled = seen(prepared(a_request(look)).delta(1001))
    from setpiece.generate.engines.fran import engine

    monkeypatch.setattr(engine, "run_tiled", lambda network, planes, **_: network(planes))
    whole = seen(prepared(a_request(look)).delta(1001))
    assert np.abs(tiled.gain_stops - whole.gain_stops).max() < 1e-3


def test_a_face_that_is_cut_by_the_frame_is_retouched_up_to_its_border(model: Path) -> None:
    delta = seen(prepared(a_request(a_look(model, reach=1.3))).delta(1004))  # the track has it at the right border
    assert delta.box[2] == SIZE[0]
    assert delta.alpha[:, -1].max() > 0.5 and np.isfinite(delta.gain_stops).all()


def test_a_plate_that_is_not_finite_or_far_above_white_still_gives_a_finite_gain(model: Path) -> None:
    def wild(frame: int) -> Rgb:
        plate = a_plate(frame).copy()
        plate[100:104, 100:104] = np.nan
        plate[110:114, 120:124] = 60000.0
        plate[120:124, 130:134] = -0.5
        return plate

    delta = seen(prepared(a_request(a_look(model), plate=wild)).delta(1001))
    assert np.isfinite(delta.gain_stops).all()


def test_a_plate_of_another_size_is_refused(model: Path) -> None:
    engine = prepared(a_request(a_look(model), plate=lambda frame: a_plate(frame)[:-4]))
    with pytest.raises(StageError, match="is 256 x 252"):
        engine.delta(1001)


@pytest.mark.parametrize("reach", [0.8, 1.0, 1.3])
def test_the_matte_is_soft_everywhere_however_far_it_reaches(model: Path, reach: float) -> None:
    delta = seen(prepared(a_request(a_look(model, reach=reach))).delta(1001))
    step = max(np.abs(np.diff(delta.alpha, axis=axis)).max() for axis in (0, 1))
    assert 0 < step < 0.3


def test_a_further_reach_holds_more_of_the_head(model: Path) -> None:
    held = [float(seen(prepared(a_request(a_look(model, reach=reach))).delta(1001)).alpha.sum()) for reach in (0.8, 1.0, 1.3)]
    assert held[1] > 1.3 * held[0] and held[2] > 1.3 * held[1]
