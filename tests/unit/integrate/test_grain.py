import cv2
import numpy as np
import pytest

from setpiece.core.pictures import Matte
from setpiece.integrate.grain import GrainModel, match_grain, match_sharpness, measure_grain, measure_sharpness


def ramp(height: int = 500, width: int = 400) -> np.ndarray:
    return np.repeat(np.linspace(0.05, 0.8, height, dtype=np.float32)[:, None, None], width, 1) * np.ones(3, np.float32)


def noisy(sigma: float, size: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(ramp().shape).astype(np.float32)
    if size:
        noise = cv2.GaussianBlur(noise, (0, 0), size)
        noise /= noise.std()
    return (ramp() + sigma * noise).astype(np.float32)


@pytest.mark.parametrize(("sigma", "size"), [(0.004, 0.0), (0.01, 0.6), (0.02, 0.9)])
def test_the_grains_strength_and_size_are_measured(sigma, size):
    model = measure_grain(noisy(sigma, size))
    assert model.sigma[:, 0].mean() == pytest.approx(sigma, rel=0.15)
    assert model.size_px == pytest.approx(size, abs=0.3)


def test_grain_that_grows_with_light_is_measured_so():
    plate = ramp() + np.random.default_rng(1).standard_normal(ramp().shape).astype(np.float32) * 0.02 * np.sqrt(ramp())
    model = measure_grain(plate)
    at = model.sigma_at(np.array([[0.1, 0.7]], np.float32))[0, :, 1]
    assert at == pytest.approx([0.02 * 0.1**0.5, 0.02 * 0.7**0.5], rel=0.25)


def test_dark_gravel_does_not_raise_the_grain():
    rng = np.random.default_rng(2)
    plate = ramp() * (1 + 0.15 * rng.standard_normal(ramp().shape[:2]).astype(np.float32)[..., None] * (ramp() < 0.5))
    plate = plate + 0.004 * rng.standard_normal(plate.shape).astype(np.float32)
    assert measure_grain(plate).sigma_at(np.full((1, 1), 0.3, np.float32)).max() < 0.01


def textured(seed: int = 3) -> np.ndarray:
    """A picture with structure at every size and level everywhere: 1/f waves, stronger where it is brighter."""
    rng = np.random.default_rng(seed)
    height, width = 500, 600
    waves = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    waves[0, 0] = 1
    noise = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((height, width))) / waves**1.9, (height, width))
    light = np.exp(-1.6 + 0.7 * noise / noise.std()).clip(0.01, 0.9).astype(np.float32)
    return light[..., None] * np.array([1.0, 0.9, 0.8], np.float32)


@pytest.mark.parametrize("size", [0.0, 0.5, 0.8])
def test_known_grain_over_texture_everywhere_is_found_within_a_fifth(size):
    clean = cv2.GaussianBlur(textured(), (0, 0), 0.8)
    noise = np.random.default_rng(4).standard_normal(clean.shape).astype(np.float32)
    if size:
        noise = cv2.GaussianBlur(noise, (0, 0), size)
        noise /= noise.std()
    at = np.array([[0.08, 0.2, 0.45]], np.float32)
    model = measure_grain(clean + 0.02 * np.sqrt(clean) * noise)
    assert model.sigma_at(at)[0, :, 1] == pytest.approx(0.02 * np.sqrt(0.95 * at[0]), rel=0.2)
    assert model.size_px == pytest.approx(size, abs=0.2)


def test_grain_that_a_tone_curve_flattens_in_the_highlights_is_not_overdone_there():
    light = ramp()
    sigma = 0.01 * np.where(light < 0.4, 1.0, np.sqrt(0.4 / light))
    plate = light + sigma * np.random.default_rng(6).standard_normal(light.shape).astype(np.float32)
    found = measure_grain(plate.astype(np.float32)).sigma_at(np.array([[0.2, 0.7]], np.float32))[0, :, 1]
    assert found == pytest.approx([0.01, 0.01 * np.sqrt(0.4 / 0.7)], rel=0.15)


def test_texture_is_not_taken_for_grain():
    plate = noisy(0.005, 0.0).copy()
    plate[:, 100:250] += (np.indices((500, 150)).sum(0) % 6 < 3)[..., None] * np.float32(0.1)
    assert measure_grain(plate).sigma.max() < 0.008


def test_matched_grain_measures_as_the_plates():
    model = measure_grain(noisy(0.01, 0.7))
    added = match_grain(ramp(), model, seed=4, frame=1001, where=np.ones((500, 400), np.float32))
    again = measure_grain(added)
    assert again.sigma.mean() == pytest.approx(model.sigma.mean(), rel=0.12)
    assert again.size_px == pytest.approx(model.size_px, abs=0.2)


def test_grain_is_the_same_for_a_seed_and_frame_and_new_on_the_next_frame():
    model = measure_grain(noisy(0.01, 0.5))
    whole = np.ones((500, 400), np.float32)
    one = match_grain(ramp(), model, seed=4, frame=1001, where=whole)
    assert np.array_equal(one, match_grain(ramp(), model, seed=4, frame=1001, where=whole))
    assert not np.array_equal(one, match_grain(ramp(), model, seed=4, frame=1002, where=whole))
    assert not np.array_equal(one, match_grain(ramp(), model, seed=5, frame=1001, where=whole))


def test_where_nothing_is_wanted_the_picture_is_untouched_to_the_bit():
    model = measure_grain(noisy(0.01, 0.5))
    where = np.zeros((500, 400), np.float32)
    where[:100] = 0.5
    out = match_grain(ramp(), model, seed=1, frame=1, where=where)
    assert np.array_equal(out[100:], ramp()[100:])
    assert not np.array_equal(out[:100], ramp()[:100])


def test_half_the_strength_is_half_the_grain():
    model = measure_grain(noisy(0.01, 0.0))
    full = match_grain(ramp(), model, seed=1, frame=1, where=np.ones((500, 400), np.float32)) - ramp()
    half = match_grain(ramp(), model, seed=1, frame=1, where=np.full((500, 400), 0.5, np.float32)) - ramp()
    assert half.std() == pytest.approx(full.std() / 2, rel=1e-3)


@pytest.mark.parametrize("plate", [np.zeros((1, 1, 3), np.float32), np.full((200, 300, 3), 0.4, np.float32)])
def test_a_plate_without_grain_gets_none(plate):
    model = measure_grain(plate)
    assert isinstance(model, GrainModel) and model.sigma.max() == pytest.approx(0, abs=1e-7)
    where = np.ones(plate.shape[:2], np.float32)
    assert np.allclose(match_grain(plate, model, seed=1, frame=1, where=where), plate, atol=1e-6)


def edge_of(sigma: float) -> np.ndarray:
    yy, xx = np.mgrid[:2400, :2400]
    sharp = (((xx + 0.1 * yy) % 800) < 400).astype(np.float32)
    picture = cv2.resize(cv2.GaussianBlur(sharp, (0, 0), 8 * sigma), (300, 300), interpolation=cv2.INTER_AREA)
    return np.repeat(picture[..., None], 3, 2)


@pytest.mark.parametrize("sigma", [0.6, 1.0, 1.8])
def test_the_spread_of_an_edge_is_measured(sigma):
    box = 1 / 12  # a pixel is a box, and spreads an edge too
    assert measure_sharpness(edge_of(sigma)) == pytest.approx(np.sqrt(sigma**2 + box), rel=0.15)


def test_only_edges_on_the_building_count_when_it_is_given():
    plate = np.concatenate([edge_of(0.6), edge_of(2.0)], axis=1)
    coverage = np.zeros(plate.shape[:2], np.float32)
    coverage[:, 320:] = 1
    assert measure_sharpness(plate, Matte(coverage=coverage)) == pytest.approx(2.0, rel=0.15)


def test_matched_sharpness_measures_as_asked():
    assert measure_sharpness(match_sharpness(edge_of(0.3), 1.2)) == pytest.approx(np.hypot(0.3, 1.2), rel=0.15)


def test_softening_keeps_the_light_and_a_tiny_one_changes_nothing():
    rgba = np.zeros((40, 40, 4), np.float32)
    rgba[15:25, 15:25] = 0.5
    assert match_sharpness(rgba, 1.0).sum() == pytest.approx(rgba.sum(), rel=1e-4)
    assert match_sharpness(rgba, 0.1) is rgba


def test_a_plate_without_edges_counts_as_sharp():
    assert measure_sharpness(np.full((60, 60, 3), 0.2, np.float32)) == 0.5
