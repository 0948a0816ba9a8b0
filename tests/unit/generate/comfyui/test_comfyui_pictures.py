"""What goes out and comes back: reversible where a file can hold it, given back where it cannot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from setpiece.core.errors import PlateUnreadable, StageError
from setpiece.generate.engines.comfyui.pictures import as_seen, decode, encode, restored, to_display, to_scene

COLOURS = arrays(np.float32, (3, 4, 3), elements=st.floats(-2, 200, width=32))


@given(COLOURS)
@settings(max_examples=40, deadline=None)
def test_the_transform_is_invertible_above_one_and_below_nought(pixels: np.ndarray) -> None:
    assert np.allclose(to_scene(to_display(pixels)), pixels, rtol=2e-5, atol=2e-5 * max(1.0, float(np.abs(pixels).max())))


def test_grey_goes_by_the_srgb_curve() -> None:
    grey = np.array([[[0.0] * 3, [0.0031308] * 3, [0.18] * 3, [1.0] * 3, [4.0] * 3, [-0.18] * 3]], np.float32)
    expected = [0.0, 0.0404499, 0.4613561, 1.0, 1.055 * 4 ** (1 / 2.4) - 0.055, -0.4613561]
    assert np.allclose(to_display(grey)[0, :, 1], expected, atol=2e-5)


@pytest.mark.parametrize("form", ["png8", "png16", "exr"])
@pytest.mark.parametrize("multiple", [1, 16])
def test_a_file_holds_what_the_other_side_is_said_to_see(form: str, multiple: int) -> None:
    coded = np.random.default_rng(3).uniform(-0.5, 3, (9, 13, 3)).astype(np.float32)
    data = encode(coded, form, multiple=multiple)
    back, bits = decode(data, size=(13, 9), multiple=multiple, name="x", frame=7)
    assert bits == {"png8": "8", "png16": "16", "exr": "16f"}[form]
    assert np.allclose(back, as_seen(coded, form), atol=1e-6)


@pytest.mark.parametrize("form", ["png8", "png16", "exr"])
def test_an_answer_that_changed_nothing_gives_the_plate_back_bit_for_bit(form: str) -> None:
    plate = np.random.default_rng(4).uniform(-0.1, 12, (9, 13, 3)).astype(np.float32)
    assert np.array_equal(restored(as_seen(to_display(plate), form), plate, sent=form), plate)


def test_what_was_changed_stands_alone_and_highlights_elsewhere_stay() -> None:
    plate = np.full((4, 6, 3), 7.0, np.float32)
    answer = np.ones((4, 6, 3), np.float32)
    answer[:, 3:] = 0.5
    made = restored(answer, plate, sent="png8")
    assert np.array_equal(made[:, :3], plate[:, :3])
    assert np.allclose(made[:, 3:], to_scene(answer)[:, 3:], atol=1e-6)


def test_one_code_of_rounding_does_not_cost_a_highlight() -> None:
    plate = np.full((2, 2, 3), 7.0, np.float32)
    made = restored(np.full((2, 2, 3), 254 / 255, np.float32), plate, sent="png8")
    assert np.abs(made - plate).max() < 0.01


def test_values_that_are_not_finite_never_leave() -> None:
    with pytest.raises(StageError, match="NaN"):
        encode(np.full((2, 2, 3), np.nan, np.float32), "exr")


def test_another_size_is_refused_by_name_and_before_decoding() -> None:
    data = encode(np.zeros((8, 12, 3), np.float32), "png8")
    with pytest.raises(PlateUnreadable, match=r"frame 1004: ComfyUI's 'a.png' is 12x8 where 12x9 was sent"):
        decode(data, size=(12, 9), multiple=1, name="a.png", frame=1004)


@pytest.mark.parametrize("data", [b"", b"<html>", b"\xff\xd8\xff\xe0 a JPEG", b"RIFF0000WEBP"])
def test_what_is_no_lossless_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PlateUnreadable, match=r"frame 3: .*no PNG, EXR or TIFF"):
        decode(data, size=(4, 4), multiple=1, name="x", frame=3)


def test_a_truncated_picture_is_refused_with_its_frame() -> None:
    data = encode(np.random.default_rng(1).uniform(0, 1, (40, 40, 3)).astype(np.float32), "png8")
    with pytest.raises(PlateUnreadable, match="frame 3"):
        decode(data[: len(data) // 2], size=(40, 40), multiple=1, name="x", frame=3)
