"""The engine enters through the matte alone; what it let drift is measured and taken back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setpiece.core.errors import StageError
from setpiece.integrate.drift import Drift, DriftLook, kept_band, measure_drift, no_drift, smoothed
from setpiece.integrate.grain import GrainModel, match_grain
from setpiece.integrate.recompose import RecomposeLook, edge_spread, entering, missing_grain, recompose

H, W = 96, 144
AS_IS = RecomposeLook(edge_px=0.0)


def picture(seed: int = 0, *, h: int = H, w: int = W) -> np.ndarray:
    """Colours of all kinds, 0.03 to 3, smooth at the scale of a pixel."""
    rng = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(rng.standard_normal((h, w, 3)).astype(np.float32), (0, 0), 6)
    return np.exp2(-2.5 + 1.2 * noise / noise.std()).astype(np.float32)


def disc(radius: float = 24, soft: float = 0.0) -> np.ndarray:
    y, x = np.mgrid[:H, :W] + 0.5
    far = np.hypot(y - H / 2, x - W / 2)
    hard = (far < radius).astype(np.float32)
    matte = cv2.GaussianBlur(hard, (0, 0), soft) if soft else hard
    return np.where(matte < 1e-3, 0, matte).astype(np.float32)


def wild(seed: int) -> np.ndarray:
    """A plate of random floats: negatives, far above 1, tiny, minus zero, and what no picture should hold."""
    rng = np.random.default_rng(seed)
    plate = (rng.standard_normal((H, W, 3)) * 10.0 ** rng.integers(-6, 4, (H, W, 3))).astype(np.float32)
    plate[0, 0], plate[1], plate[2, 5] = np.inf, -0.0, np.nan
    return plate


def bits(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array).view(np.uint32)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), edges=st.sampled_from(["painted", "solid"]), edge_px=st.sampled_from([None, 0.0, 1.3]))
def test_kept_pixels_are_the_plates_to_the_bit_whatever_the_engine_painted(seed, edges, edge_px):
    rng = np.random.default_rng(seed)
    plate = wild(seed)
    engine = (rng.standard_normal(plate.shape) * 5).astype(np.float32)
    matte = np.where(rng.random((H, W)) < 0.5, 0, cv2.GaussianBlur(rng.random((H, W)).astype(np.float32), (0, 0), 4))
    matte = matte.astype(np.float32)
    plate[(matte > 0) & ~np.isfinite(plate).all(-1)] = 1.0
    grain = GrainModel(
        level=np.ones(1, np.float32), sigma=np.full((1, 3), 0.1, np.float32), mix=np.eye(3, dtype=np.float32), size_px=0.0
    )
    careless, _ = recompose(plate, engine, matte, grain=lambda rgb, *, where: rgb + np.float32(1))
    assert (bits(careless[matte == 0]) == bits(plate[matte == 0])).all()
    comp, _ = recompose(
        plate, engine, matte, look=RecomposeLook(edges=edges, edge_px=edge_px),
        grain=lambda rgb, *, where: match_grain(rgb, grain, seed=1, frame=1, where=where),
    )  # fmt: skip
    kept = matte == 0
    assert kept.sum() > 1000
    assert (bits(comp[kept]) == bits(plate[kept])).all()


def test_a_frame_with_an_empty_matte_is_the_plates_own_frame():
    plate = wild(3)
    comp, report = recompose(plate, np.full_like(plate, np.nan), np.zeros((H, W), np.float32))
    assert (bits(comp) == bits(plate)).all()
    assert (report.pixels, report.trusted) == (0, False)


@pytest.mark.parametrize("edges", ["painted", "solid"])
@pytest.mark.parametrize("model", ["log_affine", "gain_offset"])
@pytest.mark.parametrize("matte", [disc(), disc(soft=2.0), np.ones((H, W), np.float32)])
def test_an_engine_that_gives_the_plate_gives_the_plate_to_the_bit(edges, model, matte):
    plate = picture(1)
    plate[40:50, 60:70] = [7.5, -0.25, 0.0]
    comp, report = recompose(plate, plate.copy(), matte, look=RecomposeLook(edges=edges, drift=DriftLook(model=model)))
    assert report.used.nothing
    assert (bits(comp) == bits(plate)).all()


GAINS = [(1.0, 1.0, 1.0), (1.1, 1.0, 0.9), (0.8, 0.85, 0.7), (1.5, 1.3, 1.9)]


@pytest.mark.parametrize("gain", GAINS)
@pytest.mark.parametrize("model", ["log_affine", "gain_offset"])
def test_a_known_gain_is_found_within_a_hundredth(gain, model):
    plate = picture(2)
    report = measure_drift(plate, plate * np.float32(gain), disc(), look=DriftLook(model=model))
    assert report.trusted
    assert np.exp2(report.measured.stops()) == pytest.approx(1 / np.array(gain), rel=0.01)
    assert report.after_stops < 0.005


@settings(max_examples=25, deadline=None)
@given(
    stops=st.tuples(*[st.floats(-1, 1)] * 3), seed=st.integers(0, 1000), model=st.sampled_from(["log_affine", "gain_offset"])
)
def test_any_gain_up_to_a_stop_is_out_of_the_comp_to_a_hundredth(stops, seed, model):
    plate, matte = picture(seed), disc()
    engine = (plate * np.exp2(np.float32(stops))).astype(np.float32)
    comp, _ = recompose(plate, engine, matte, look=RecomposeLook(edge_px=0.0, drift=DriftLook(model=model)))
    assert np.abs(comp / plate - 1).max() < 0.01


def test_a_known_gain_and_offset_are_found_within_a_hundredth():
    plate = picture(3)
    gain, offset = np.array([0.9, 1.05, 1.2]), np.array([0.02, 0.01, -0.005])
    report = measure_drift(plate, (plate * gain + offset).astype(np.float32), disc(), look=DriftLook(model="gain_offset"))
    assert np.diag(report.measured.matrix) == pytest.approx(1 / gain, rel=0.01)
    assert report.measured.matrix[:, 3] == pytest.approx(-offset / gain, abs=0.01 * 0.18)


def test_a_known_contrast_and_saturation_are_found_within_a_hundredth():
    plate = picture(4)
    mixed = np.array([[0.9, 0.08, 0.02], [0.03, 1.04, 0.03], [0.0, 0.1, 0.85]])
    shown = np.log2(plate) @ mixed.T + np.array([0.2, -0.1, 0.05])
    report = measure_drift(plate, np.exp2(shown).astype(np.float32), disc())
    assert report.measured.matrix[:, :3] == pytest.approx(np.linalg.inv(mixed), abs=0.012)
    colours = np.exp2(np.random.default_rng(0).uniform(-4, -0.5, (1, 500, 3))).astype(np.float32)
    drifted = np.exp2(np.log2(colours) @ mixed.T + np.array([0.2, -0.1, 0.05])).astype(np.float32)
    assert np.abs(report.measured.correct(drifted) / colours - 1).max() < 0.03
    assert np.median(np.abs(report.measured.correct(drifted) / colours - 1)) < 0.01


def test_a_drift_is_found_although_a_fifth_of_the_band_was_repainted_and_grain_lies_on_it():
    plate = picture(5)
    rng = np.random.default_rng(5)
    engine = plate * np.float32([1.2, 1.1, 0.9])
    engine[:, :50] *= np.exp2(rng.uniform(-2, 2, (H, 50, 3))).astype(np.float32)
    grained = plate + 0.01 * rng.standard_normal(plate.shape).astype(np.float32)
    report = measure_drift(grained, engine, disc(), look=DriftLook(reach=0.3))
    assert np.exp2(report.measured.stops()) == pytest.approx(1 / np.array([1.2, 1.1, 0.9]), rel=0.02)


def test_highlights_that_the_engine_clipped_do_not_count():
    plate = picture(6) * 3
    engine = np.minimum(plate * np.float32(1.25), 1.0)
    assert (engine == 1).any(-1).mean() > 0.1
    report = measure_drift(plate, engine, disc())
    assert np.exp2(report.measured.stops(0.5)) == pytest.approx(1 / 1.25, rel=0.02)


def test_what_the_engine_did_inside_the_matte_does_not_count():
    plate, matte = picture(7), disc(soft=1.5)
    one, other = plate * np.float32(1.3), plate * np.float32(1.3)
    other[matte > 0] = 50.0
    assert (measure_drift(plate, one, matte).measured.matrix == measure_drift(plate, other, matte).measured.matrix).all()


def test_an_engine_that_repainted_what_it_should_keep_is_not_believed():
    report = measure_drift(picture(8), picture(9), disc())
    assert not report.trusted and "repainted" in report.why
    assert report.measured.nothing


def test_too_little_to_compare_is_said_and_nothing_is_corrected():
    matte = np.ones((H, W), np.float32)
    matte[:2] = 0
    report = measure_drift(picture(1), picture(1) * 2, matte)
    assert not report.trusted and "too few" in report.why and report.used.nothing


def test_corrected_pixels_keep_sign_and_black_and_go_above_one():
    drift = Drift(model="log_affine", matrix=np.concatenate([np.eye(3), [[-1.0], [0.5], [1.0]]], 1))
    rgb = np.array([[[-0.2, 0.0, 6.0], [0.001, 40.0, -3.0]]], np.float32)
    factor = np.float32([0.5, np.sqrt(2), 2])
    assert drift.correct(rgb) == pytest.approx(rgb * factor, rel=1e-5)


def test_beyond_the_colours_that_were_measured_the_gain_is_held():
    plate = np.clip(picture(14), 0.1, 0.4)
    engine = (plate / 0.2) ** 1.2 * 0.2
    drift = measure_drift(plate, engine.astype(np.float32), disc()).measured
    ends = np.array([[[0.002] * 3, [0.9] * 3, [50.0] * 3]], np.float32)
    gain = drift.correct(ends) / ends
    assert np.abs(np.log2(gain)).max() < 0.5  # unheld, 50 would lose 1.3 stops
    assert drift.matrix[:, :3].sum(1) == pytest.approx(1 / 1.2, rel=0.02)


def test_the_drift_is_out_of_the_comp():
    plate, matte = picture(10), disc()
    new = picture(11)
    meant = np.where(matte[..., None] > 0, new, plate)
    comp, report = recompose(plate, meant * np.float32([1.2, 0.9, 1.1]), matte, look=AS_IS)
    assert report.before_stops > 0.1
    assert np.abs(comp / meant - 1).max() < 0.01


def test_the_band_is_kept_and_around_the_matte_and_not_next_to_it():
    matte, look = disc(), DriftLook(gap_px=4, reach=0.1)
    band = kept_band(matte, look)
    far = cv2.distanceTransform((matte == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    assert (matte[band] == 0).all()
    assert far[band].min() > 3.5 and far[band].max() < 0.1 * W + 1


def test_a_mixed_edge_shows_nothing_of_the_old_picture():
    matte = disc(soft=2.0)
    old, new, behind = np.float32([3.0, 0.1, 0.1]), np.float32([0.1, 0.5, 0.1]), np.float32([0.2, 0.2, 0.9])
    m = matte[..., None]
    plate, engine = m * old + (1 - m) * behind, m * new + (1 - m) * behind
    comp, _ = recompose(plate, engine, matte, drift=no_drift(), look=AS_IS)
    assert np.abs(comp - engine).max() < 0.05  # a plain blend leaves m (1 - m) of it: 0.25 * 2.9 at worst
    assert np.abs(m * engine + (1 - m) * plate - engine).max() > 0.6
    assert np.abs(comp - engine)[matte >= 0.1].max() < 1e-6


def test_an_engine_that_paints_solid_to_the_rim_is_mixed_with_what_is_behind_alone():
    matte = disc(soft=1.5)
    old, new, behind = np.float32([3.0, 0.1, 0.1]), np.float32([0.1, 0.5, 0.1]), np.float32([0.2, 0.2, 0.9])
    m = matte[..., None]
    plate = m * old + (1 - m) * behind
    engine = np.where(m > 0, new, behind).astype(np.float32)
    comp, _ = recompose(plate, engine, matte, drift=no_drift(), look=RecomposeLook(edges="solid", edge_px=0.0))
    assert np.abs(comp - (m * new + (1 - m) * behind)).max() < 0.01


@pytest.mark.parametrize("sigma", [0.0, 1.0, 2.0, 3.5])
def test_how_soft_a_matte_is_is_measured(sigma):
    x = np.mgrid[:200, :200][1] + 0.5
    hard = (x < 100.0).astype(np.float32)
    matte = cv2.GaussianBlur(hard, (0, 0), sigma) if sigma else hard
    assert edge_spread(matte) == pytest.approx(sigma, rel=0.08, abs=0.05)


def test_a_hard_matte_is_softened_inwards_to_the_plates_edge_and_a_soft_one_is_left():
    plate = picture()
    hard = np.zeros((H, W), np.float32)
    hard[:, 40:100] = 1
    share = entering(plate, hard, RecomposeLook(edge_px=1.5))
    assert (share[hard == 0] == 0).all()
    row = share[H // 2]
    assert edge_spread(np.tile(row, (H, 1))) == pytest.approx(1.5, rel=0.1)
    assert row[40] < 0.02 and (row[50:90] == 1).all()
    soft = disc(soft=2.5)
    assert (entering(plate, soft, RecomposeLook(edge_px=1.5))[soft >= 0.1] == 1).all()


def test_thin_features_survive_the_softening():
    hard = np.zeros((H, W), np.float32)
    hard[:, 70:72] = 1
    assert (entering(picture(), hard, RecomposeLook(edge_px=1.5))[:, 70:72] == 1).all()


def test_the_softened_share_grows_inwards():
    share = entering(picture(), disc(30), RecomposeLook(edge_px=2.0))
    row = share[H // 2, : W // 2]
    assert (np.diff(row) >= -1e-6).all()


def test_grain_that_is_missing_adds_up_to_the_plates():
    def model(sigma: float) -> GrainModel:
        return GrainModel(
            level=np.array([0.05, 1.0], np.float32), sigma=np.full((2, 3), sigma, np.float32),
            mix=np.eye(3, dtype=np.float32), size_px=0.0,
        )  # fmt: skip

    lacks = missing_grain(model(0.05), model(0.03))
    assert lacks.sigma == pytest.approx(0.04, rel=1e-5)
    assert (missing_grain(model(0.03), model(0.05)).sigma == 0).all()
    flat = np.full((H, W, 3), 0.4, np.float32)
    comp, _ = recompose(
        flat, flat * 1.0, disc(30), drift=no_drift(), look=AS_IS,
        grain=lambda rgb, *, where: match_grain(rgb, lacks, seed=3, frame=1, where=where),
    )  # fmt: skip
    assert comp[disc(28) > 0].std() == pytest.approx(0.04, rel=0.05)
    assert (comp[disc(30) == 0] == 0.4).all()


def test_nan_where_it_would_show_is_refused_and_elsewhere_does_not_matter():
    plate, matte = picture(), disc()
    engine = plate.copy()
    engine[0, 0] = np.nan
    comp, report = recompose(plate, engine, matte)
    assert np.isfinite(comp).all() and report.trusted
    engine[H // 2, W // 2] = np.nan
    with pytest.raises(StageError, match=r"frame 1012: .*NaN or infinity in 1 matted pixels") as refused:
        recompose(plate, engine, matte, frame=1012)
    assert refused.value.remedy


def test_sizes_that_differ_are_refused_by_name():
    with pytest.raises(StageError, match="100x80 but the plate is 144x96"):
        recompose(picture(), np.zeros((80, 100, 3), np.float32), disc())


def shot(stops: list[float], *, believed: list[bool] | None = None) -> list:
    plate, matte, made = picture(12), disc(), []
    for index, gain in enumerate(stops):
        known = believed is None or believed[index]
        engine = plate * np.float32(2.0**gain) if known else picture(90 + index)
        made.append(measure_drift(plate, engine, matte))
    return made


def test_a_constant_drift_stays_as_it_is_over_time():
    for drift in smoothed(shot([0.3] * 6)):
        assert drift.stops() == pytest.approx([-0.3] * 3, abs=0.01)


def test_flicker_of_the_drift_is_smoothed_and_a_single_wrong_frame_gives_way():
    rng = np.random.default_rng(0)
    stops = (0.2 + 0.05 * rng.standard_normal(16)).tolist()
    stops[7] = 1.2
    used = np.array([drift.stops()[1] for drift in smoothed(shot(stops), sigma_frames=2)])
    assert np.abs(np.diff(used)).max() < 0.03
    assert np.abs(used + 0.2).max() < 0.08


def test_a_frame_that_cannot_be_measured_takes_its_neighbours_drift():
    used = smoothed(shot([0.25] * 5, believed=[True, True, False, True, True]))
    assert used[2].stops() == pytest.approx([-0.25] * 3, abs=0.01)
    assert all(drift.nothing for drift in smoothed(shot([0.25] * 3, believed=[False] * 3)))
    assert smoothed(()) == ()


def test_engines_without_drift_stay_untouched_to_the_bit_through_smoothing():
    assert all(drift.nothing for drift in smoothed(shot([0.0] * 5)))


def test_the_report_says_what_a_given_drift_leaves_over():
    plate, matte = picture(13), disc()
    engine = plate * np.float32(1.2)
    half = Drift(model="log_affine", matrix=np.concatenate([np.eye(3), np.full((3, 1), -np.log2(1.1))], 1))
    _, report = recompose(plate, engine, matte, drift=half)
    assert report.before_stops == pytest.approx(np.log2(1.2), rel=0.01)
    assert report.after_stops == pytest.approx(np.log2(1.2 / 1.1), rel=0.02)
    assert report.used is half
    assert report.measured.stops() == pytest.approx([-np.log2(1.2)] * 3, abs=0.01)
