"""Colour enters once and leaves once, and a photograph looks as it came."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setpiece.core.errors import BriefError
from setpiece.media import colour
from setpiece.media.images import Header

CODES = np.stack(np.meshgrid(*[np.arange(0, 256, 15)] * 3), -1).reshape(1, -1, 3).astype(np.uint8)
PRIMARIES_709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
XYZ = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1 / 3, 1 / 3)


def header(**changes: object) -> Header:
    base: dict = {"width": 64, "height": 64, "channels": ("R", "G", "B"), "bit_depth": "8", "format": "jpeg"}
    return Header(**{**base, **changes})


@pytest.mark.parametrize("space", ["sRGB - Texture", "Camera Rec.709"])
def test_a_photograph_looks_as_it_came_to_within_one_code(space: str) -> None:
    encoded = CODES.astype(np.float32) / 255
    shown = colour.view(colour.to_acescg(encoded, space), source_space=space)
    assert np.abs(shown.astype(int) - CODES).max() <= 1


@pytest.mark.parametrize("space", [s for s in colour.known_spaces() if " - Display" not in s])
def test_every_scene_space_survives_the_round_trip(space: str) -> None:
    generator = np.random.default_rng(0)  # muted colours: film densities hold no saturated ones
    light = (generator.uniform(0.05, 0.8, (4, 50, 1)) * generator.uniform(0.85, 1.15, (4, 50, 3))).astype(np.float32)
    back = colour.to_acescg(colour.from_acescg(light, space), space)
    assert np.allclose(back, light, rtol=2e-3)


def test_light_above_white_and_below_black_survives() -> None:
    pixels = np.array([[[-0.2, 4.0, 1000.0]]], np.float32)
    linear = colour.to_acescg(pixels, "Linear Rec.709 (sRGB)")
    assert np.allclose(colour.from_acescg(linear, "Linear Rec.709 (sRGB)"), pixels, rtol=1e-4, atol=1e-3)


def test_acescg_is_left_alone_to_the_bit_and_copied() -> None:
    pixels = np.random.default_rng(0).normal(size=(5, 7, 3)).astype(np.float32)
    out = colour.to_acescg(pixels, "ACEScg")
    assert out.tobytes() == pixels.tobytes()
    assert out is not pixels


def test_a_white_stays_neutral_and_grey_is_eighteen_percent() -> None:
    srgb_grey = np.full((1, 1, 3), 0.46135613, np.float32)  # IEC 61966-2-1 code of 0.18
    assert np.allclose(colour.to_acescg(srgb_grey, "sRGB - Texture"), 0.18, atol=1e-4)


def test_luminance_of_the_rec709_primaries_is_as_the_standard_says() -> None:
    primaries = colour.to_acescg(np.eye(3, dtype=np.float32)[None], "Linear Rec.709 (sRGB)")
    # BT.709 weights, within what chromatic adaptation from D65 to D60 moves
    assert np.allclose(colour.luminance(primaries)[0], [0.2126, 0.7152, 0.0722], atol=0.012)
    assert colour.luminance(np.ones((2, 3, 3), np.float32)) == pytest.approx(np.ones((2, 3)), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "space"),
    [
        ("srgb", "sRGB - Texture"),
        ("sRGB Encoded Rec.709 (sRGB)", "sRGB - Texture"),
        ("SRGB_TEXTURE", "sRGB - Texture"),
        ("aces cg", "ACEScg"),
        ("lin_ap1", "ACEScg"),
        ("rec.709", "Camera Rec.709"),
        ("LogC3", "ARRI LogC3 (EI800)"),
        ("AP0", "ACES2065-1"),
    ],
)
def test_people_may_write_a_space_as_they_know_it(text: str, space: str) -> None:
    assert colour.resolve_space(text) == space


@pytest.mark.parametrize("space", colour.known_spaces())
def test_canonical_names_resolve_to_themselves(space: str) -> None:
    assert colour.resolve_space(space) == space


def test_an_unknown_space_is_answered_with_the_nearest() -> None:
    with pytest.raises(BriefError, match="sRGB - Texture"):
        colour.resolve_space("sRBG texure")
    with pytest.raises(BriefError, match="did you mean"):
        colour.to_acescg(np.zeros((1, 1, 3), np.float32), "§§§")


@pytest.mark.parametrize(
    ("given_header", "expected"),
    [
        (header(), ("sRGB - Texture", False)),
        (header(exif={"colour_space": 1}), ("sRGB - Texture", True)),
        (header(colour_hint="Display P3"), ("sRGB Encoded P3-D65", True)),
        (header(colour_hint="Adobe RGB (1998)"), ("Gamma 2.2 Encoded AdobeRGB", True)),
        (header(format="openexr", bit_depth="16f"), ("ACEScg", False)),
        (header(format="openexr", bit_depth="16f", chromaticities=PRIMARIES_709), ("Linear Rec.709 (sRGB)", True)),
        (
            header(format="openexr", bit_depth="16f", chromaticities=colour.AP1_CHROMATICITIES),
            ("ACEScg", True),
        ),
        (header(format="openexr", bit_depth="16f", colour_hint="luminance-chroma"), ("Linear Rec.709 (sRGB)", True)),
    ],
)
def test_a_picture_says_its_space_or_it_is_guessed_and_said_to_be(given_header: Header, expected: tuple[str, bool]) -> None:
    assert colour.guess_space(given_header, file="plate") == expected


def test_a_dpx_is_asked_for_its_space() -> None:
    with pytest.raises(BriefError, match="colour_space"):
        colour.guess_space(header(format="dpx", bit_depth="10"), file="scan.0001.dpx")


def test_xyz_primaries_are_read_as_what_they_are() -> None:
    space = colour.space_of_primaries(XYZ)
    white = colour.to_acescg(np.ones((1, 1, 3), np.float32), space)
    assert np.allclose(white, 1, atol=1e-4)
    pixels = np.random.default_rng(0).uniform(0, 2, (3, 3, 3)).astype(np.float32)
    assert np.allclose(colour.from_acescg(colour.to_acescg(pixels, space), space), pixels, atol=1e-5)
    # Y alone carries the luminance
    adapted = colour.to_acescg(np.array([[[1, 1, 1], [0, 1, 0]]], np.float32), space)
    assert colour.luminance(adapted)[0, 1] == pytest.approx(1, abs=0.1)


def test_own_primaries_agree_with_the_configuration() -> None:
    own = "Linear primaries (" + " ".join(map(str, PRIMARIES_709)) + ")"
    pixels = np.random.default_rng(0).uniform(0, 2, (3, 3, 3)).astype(np.float32)
    assert np.allclose(colour.to_acescg(pixels, own), colour.to_acescg(pixels, "Linear Rec.709 (sRGB)"), atol=1e-6)


@pytest.mark.parametrize("primaries", [(0.0,) * 8, (0.3, 0.3) * 4, (float("nan"),) * 8])
def test_primaries_that_span_nothing_are_refused(primaries: tuple[float, ...]) -> None:
    with pytest.raises(BriefError, match="make no colour space"):
        colour.space_of_primaries(primaries, file="a.exr")


@pytest.mark.parametrize(
    ("transfer", "expected"),
    [(1, ("Camera Rec.709", True)), (2, ("Camera Rec.709", False)), (13, ("sRGB - Texture", True))],
)
def test_a_movie_is_taken_by_its_tags(transfer: int, expected: tuple[str, bool]) -> None:
    assert colour.guess_movie_space(primaries=1, transfer=transfer, file="a.mov") == expected


@pytest.mark.parametrize(("primaries", "transfer"), [(9, 16), (9, 18), (9, 1), (1, 9)])
def test_hdr_movies_are_asked_for_their_space(primaries: int, transfer: int) -> None:
    with pytest.raises(BriefError, match="colour_space"):
        colour.guess_movie_space(primaries=primaries, transfer=transfer, file="a.mov")


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["auto", "aces", "plain"]))
def test_a_view_shows_anything_without_wrapping_round(view: str) -> None:
    pixels = np.array([[[np.nan] * 3, [np.inf] * 3, [-np.inf] * 3, [1e9] * 3, [-5.0] * 3]], np.float32)
    shown = colour.view(pixels, view=view)
    assert shown.dtype == np.uint8
    assert shown[0, 0].max() == 0
    assert shown[0, 3].min() >= 250
    assert shown[0, 4].max() == 0


def test_the_film_rendering_holds_highlights_that_the_plain_view_clips() -> None:
    bright = np.array([[[1.5] * 3, [3.0] * 3]], np.float32)
    plain, aces = (colour.view(bright, view=view).astype(int) for view in ("plain", "aces"))
    assert plain[0, 0, 0] == plain[0, 1, 0] == 255
    assert aces[0, 0, 0] < aces[0, 1, 0]


def test_auto_shows_photographs_plain_and_scene_linear_plates_through_aces() -> None:
    pixels = np.full((2, 2, 3), 0.18, np.float32)
    assert np.array_equal(colour.view(pixels, source_space="srgb"), colour.view(pixels, view="plain"))
    assert np.array_equal(colour.view(pixels, source_space="ACEScg"), colour.view(pixels, view="aces"))
    assert not np.array_equal(colour.view(pixels, view="plain"), colour.view(pixels, view="aces"))
