"""The way to a model's pictures and back loses nothing, and highlights stay the plate's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from setpiece.core.errors import StageError
from setpiece.generate.engines.diffusers.transform import Look, recombined, seen
from setpiece.media.colour import from_acescg

LOOKS = (Look(), Look(exposure_stops=-2.5), Look(exposure_stops=3.0, knee=0.18, white=64.0), Look(knee=0.9, white=2.0))


@pytest.mark.parametrize("look", LOOKS)
def test_back_and_forth_is_the_plate_to_float_precision(look: Look) -> None:
    rng = np.random.default_rng(1)
    plate = (rng.uniform(-0.5, 1, (64, 64, 3)) * 10.0 ** rng.uniform(-5, 2, (64, 64, 1))).astype(np.float32)
    there = look.to_model(plate)
    away = np.abs(look.to_scene(there) - plate).max(axis=2)
    assert (away <= 1e-4 * np.abs(plate).max(axis=2) + 1e-7).all()  # of each pixel's own brightest channel


@given(st.floats(0.05, 0.95), st.floats(2.0, 1000.0))
def test_the_curve_rises_everywhere_and_reaches_one_at_white(knee: float, white: float) -> None:
    look = Look(knee=knee, white=white)
    grey = np.geomspace(1e-4, 2 * white, 400)
    coded = look.to_model(np.repeat(grey[None, :, None], 3, axis=2).astype(np.float32))[0, :, 1]
    assert (np.diff(coded) > 0).all()
    at_white = look.to_model(np.full((1, 1, 3), white, np.float32))
    np.testing.assert_allclose(at_white, 1.0, atol=2e-3)  # AP1 and D65 white agree to the matrix's digits


def test_below_the_knee_it_is_the_srgb_curve_on_rec_709() -> None:
    plate = np.random.default_rng(2).uniform(0.01, 0.3, (8, 8, 3)).astype(np.float32)
    linear = np.maximum(from_acescg(plate, "Linear Rec.709 (sRGB)"), 0)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    inside = (linear > 1e-4) & (linear < 0.5)
    np.testing.assert_allclose(Look().to_model(plate)[inside], srgb[inside], atol=1e-5)


def test_a_plate_that_the_model_left_alone_comes_back_with_its_highlights_and_negatives() -> None:
    plate = np.random.default_rng(3).uniform(-0.2, 1.0, (16, 16, 3)).astype(np.float32)
    plate[:4] *= 200.0
    look = Look()
    out = recombined(seen(look.to_model(plate)), plate, look)
    assert np.abs(out - plate).max() < 1e-3 and out.max() > 100


def test_a_highlight_that_was_painted_over_does_not_shine_through() -> None:
    plate = np.full((4, 4, 3), 100.0, np.float32)
    dark = np.full((4, 4, 3), 0.3, np.float32)
    np.testing.assert_array_equal(recombined(dark, plate, Look()), Look().to_scene(dark))


def test_a_picture_inside_the_range_is_not_touched_by_the_plate() -> None:
    plate = np.full((4, 4, 3), 0.18, np.float32)
    made = seen(Look().to_model(plate)) + np.float32(0.01)
    np.testing.assert_array_equal(recombined(made, plate, Look()), Look().to_scene(made))


def test_a_curve_that_cannot_be_is_refused() -> None:
    for wrong in ({"knee": 1.5}, {"white": 0.5}, {"exposure_stops": 99.0}):
        with pytest.raises(StageError, match="no curve"):
            Look(**wrong)
