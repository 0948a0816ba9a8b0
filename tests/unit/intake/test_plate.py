"""A plate comes in with everything it knows, and nothing that it doesn't."""

from __future__ import annotations

import math
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest

from setpiece.core.errors import BriefError, PlateUnreadable
from setpiece.intake.plate import load_plate, probe_plate
from setpiece.media.images import write_exr, write_png
from setpiece.media.movies import write_movie

GREY = np.full((64, 96), 0.18, np.float32)


def exr(path: Path, value: float = 0.18, size: tuple[int, int] = (96, 64), **attributes: object) -> Path:
    plane = np.full((size[1], size[0]), value, np.float32)
    write_exr(path, {"R": plane, "G": plane, "B": plane}, attributes=attributes)
    return path


def sequence(folder: Path, numbers: range, name: str = "sh010_plate", **attributes: object) -> None:
    for number in numbers:
        exr(folder / f"{name}.{number:04d}.exr", number / 1000, **attributes)


def photograph(path: Path, **attributes: object) -> Path:
    spec = oiio.ImageSpec(120, 80, 3, "uint8")
    for name, value in attributes.items():
        spec.attribute(name.replace("__", ":"), value)
    out = oiio.ImageOutput.create(str(path))
    out.open(str(path), spec)
    out.write_image(np.full((80, 120, 3), 0.5, np.float32))
    out.close()
    return path


def empty_png(path: Path, width: int, height: int) -> Path:
    """A PNG of any size in a few bytes: a header and nearly nothing behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""))
    return path


def test_a_still_holds_one_picture_for_the_whole_range(tmp_path: Path) -> None:
    info = probe_plate(exr(tmp_path / "a.exr"))
    assert info.still
    assert (info.frames.first, info.frames.last, info.frames.rate) == (1001, 1048, 24)
    first, _ = load_plate(info, 1001)
    last, _ = load_plate(info, 1048)
    assert np.array_equal(first.pixels, last.pixels)
    assert first.pixels.shape == (64, 96, 3)
    assert first.colour_space == "ACEScg"


def test_statements_override_what_is_inferred(tmp_path: Path) -> None:
    info = probe_plate(
        exr(tmp_path / "a.exr"), first_frame=1, frames=10, rate=Fraction(25), colour_space="lin_srgb", focal_px=111.0
    )
    assert (info.frames.first, info.frames.last, info.frames.rate) == (1, 10, 25)
    assert (info.source_colour_space, info.colour_space_stated) == ("Linear Rec.709 (sRGB)", True)
    assert (info.focal_px, info.focal_source) == (111.0, "stated in pixels")


def test_the_thirty_five_millimetre_equivalent_goes_by_the_diagonal(tmp_path: Path) -> None:
    info = probe_plate(photograph(tmp_path / "a.jpg", Exif__FocalLengthIn35mmFilm=35, Exif__FocalLength=5.85))
    assert info.focal_px == pytest.approx(35 * math.hypot(120, 80) / math.hypot(36, 24))
    assert "35 mm equivalent" in info.focal_source
    stated = probe_plate(tmp_path / "a.jpg", focal_mm=35)
    assert stated.focal_px == pytest.approx(info.focal_px)
    assert "stated" in stated.focal_source


def test_the_sensor_resolution_gives_the_focal_length_of_a_scaled_copy(tmp_path: Path) -> None:
    path = photograph(
        tmp_path / "a.jpg",
        Exif__FocalLength=24.0,
        Exif__FocalPlaneXResolution=5000.0,
        Exif__FocalPlaneResolutionUnit=2,
        Exif__PixelXDimension=1200,
    )
    assert probe_plate(path).focal_px == pytest.approx(24.0 * 5000 / 25.4 * 120 / 1200, rel=1e-4)


def test_a_lens_that_nobody_told_is_not_invented(tmp_path: Path) -> None:
    info = probe_plate(photograph(tmp_path / "a.jpg", Exif__FocalLength=5.85))
    assert (info.focal_px, info.focal_source) == (None, "not known")


@pytest.mark.parametrize("name", ["sh010_plate.%04d.exr", "sh010_plate.####.exr", "sh010_plate.1003.exr", ""])
def test_a_sequence_may_be_named_in_four_ways_and_keeps_its_numbers(tmp_path: Path, name: str) -> None:
    sequence(tmp_path, range(1001, 1006), framesPerSecond=Fraction(24000, 1001))
    info = probe_plate(tmp_path / name)
    assert not info.still
    assert (info.frames.first, info.frames.last) == (1001, 1005)
    assert info.frames.rate == Fraction(24000, 1001)
    picture, healed = load_plate(info, 1004)
    assert healed == 0
    assert picture.pixels[0, 0, 0] == np.float16(1.004)


def test_all_names_of_a_sequence_give_the_same_hash_and_any_frame_changes_it(tmp_path: Path) -> None:
    sequence(tmp_path, range(1, 4))
    hashes = {probe_plate(tmp_path / name).sha256 for name in ("", "sh010_plate.####.exr", "sh010_plate.0002.exr")}
    assert len(hashes) == 1
    exr(tmp_path / "sh010_plate.0002.exr", 0.5)
    assert probe_plate(tmp_path).sha256 not in hashes


def test_missing_frames_are_named(tmp_path: Path) -> None:
    sequence(tmp_path, range(1001, 1013))
    for number in (1004, 1008, 1009):
        (tmp_path / f"sh010_plate.{number}.exr").unlink()
    with pytest.raises(PlateUnreadable, match="3 of 12 frames are missing: 1004, 1008-1009") as caught:
        probe_plate(tmp_path / "sh010_plate.####.exr")
    assert caught.value.frame == 1004
    assert len(probe_plate(tmp_path / "sh010_plate.####.exr", frames=3).frames) == 3


def test_more_frames_than_there_are_is_refused(tmp_path: Path) -> None:
    sequence(tmp_path, range(1001, 1004))
    with pytest.raises(BriefError, match="holds 3"):
        probe_plate(tmp_path, frames=4)


def test_a_frame_of_another_size_is_named(tmp_path: Path) -> None:
    sequence(tmp_path, range(1001, 1004))
    exr(tmp_path / "sh010_plate.1002.exr", size=(96, 66))
    info = probe_plate(tmp_path)
    load_plate(info, 1001)
    with pytest.raises(PlateUnreadable, match="frame 1002: is 96x66"):
        load_plate(info, 1002)


def test_a_truncated_frame_of_a_sequence_names_frame_and_file(tmp_path: Path) -> None:
    sequence(tmp_path, range(1001, 1004))
    path = tmp_path / "sh010_plate.1003.exr"
    info = probe_plate(tmp_path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(PlateUnreadable, match=r"sh010_plate\.1003\.exr: frame 1003: is truncated at scanline 48"):
        load_plate(info, 1003)


def test_a_cameras_numbered_photographs_are_stills(tmp_path: Path) -> None:
    for number in (411, 412, 413):
        photograph(tmp_path / f"DSC_0{number}.jpg")
    assert probe_plate(tmp_path / "DSC_0412.jpg").still


def test_a_folder_with_two_sequences_asks_which(tmp_path: Path) -> None:
    sequence(tmp_path, range(1, 3), "a")
    sequence(tmp_path, range(1, 3), "b")
    with pytest.raises(PlateUnreadable, match="several sequences"):
        probe_plate(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(PlateUnreadable, match="without numbered pictures"):
        probe_plate(tmp_path / "empty")


def test_a_movie_gives_its_own_frames_and_rate(tmp_path: Path) -> None:
    frames = (np.full((64, 96, 3), 16 * i, np.uint8) for i in range(1, 8))
    write_movie(tmp_path / "a.mp4", frames, rate=Fraction(30000, 1001), codec="h264")
    info = probe_plate(tmp_path / "a.mp4")
    assert (info.frames.first, info.frames.last, info.frames.rate) == (1001, 1007, Fraction(30000, 1001))
    assert info.source_colour_space == "Camera Rec.709"
    means = [load_plate(info, frame)[0].pixels.mean() for frame in (1001, 1007, 1003)]
    assert means[0] < means[2] < means[1]
    assert probe_plate(tmp_path / "a.mp4", frames=3).frames.last == 1003


@pytest.mark.parametrize(("size", "words"), [((1, 1), "too small"), ((500, 63), "too small"), ((20000, 100), "more than")])
def test_absurd_sizes_are_refused_by_the_header(tmp_path: Path, size: tuple[int, int], words: str) -> None:
    path = empty_png(tmp_path / "a.png", *size)
    with pytest.raises(PlateUnreadable, match=f"a.png: is {size[0]}x{size[1]}, {words}"):
        probe_plate(path)


def test_a_picture_of_a_thousand_million_pixels_is_not_decoded(tmp_path: Path) -> None:
    with pytest.raises(PlateUnreadable, match="more than a plate may be"):
        probe_plate(empty_png(tmp_path / "a.png", 16384, 16385))


def test_broken_pixels_are_healed_and_counted(tmp_path: Path) -> None:
    plane = GREY.copy()
    plane[5, 6], plane[7, 8] = np.nan, np.inf
    write_exr(tmp_path / "a.exr", {"R": plane, "G": GREY, "B": GREY}, float32=frozenset("RGB"))
    picture, healed = load_plate(probe_plate(tmp_path / "a.exr"), 1001)
    assert healed == 2
    assert np.allclose(picture.pixels, 0.18)


def test_a_plate_of_nothing_but_nan_is_refused(tmp_path: Path) -> None:
    exr(tmp_path / "a.exr", float("nan"))
    with pytest.raises(PlateUnreadable, match="nothing but NaN"):
        load_plate(probe_plate(tmp_path / "a.exr"), 1001)


def test_a_photograph_is_linearised(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", np.full((64, 64, 3), 118, np.uint8))  # sRGB 118 is 18 % grey
    picture, _ = load_plate(probe_plate(tmp_path / "a.png"), 1001)
    assert picture.pixels.mean() == pytest.approx(0.18, abs=2e-3)


def test_squeezed_pixels_are_refused(tmp_path: Path) -> None:
    photograph(tmp_path / "a.tif", PixelAspectRatio=2.0)
    with pytest.raises(PlateUnreadable, match="not square"):
        probe_plate(tmp_path / "a.tif")


@pytest.mark.parametrize(
    "statement", [{"frames": 0}, {"frames": -3}, {"focal_px": 0.0}, {"focal_mm": float("nan")}, {"colour_space": "x"}]
)
def test_impossible_statements_are_brief_errors(tmp_path: Path, statement: dict) -> None:
    with pytest.raises(BriefError):
        probe_plate(exr(tmp_path / "a.exr"), **statement)


def test_a_focal_length_stated_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BriefError, match="twice"):
        probe_plate(exr(tmp_path / "a.exr"), focal_px=100, focal_mm=35)


@pytest.mark.parametrize("name", ["none.jpg", "none.mov", "none.####.exr", "nowhere/none.%04d.exr"])
def test_absent_plates_are_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(PlateUnreadable, match=r"does not exist|no frame of this sequence exists"):
        probe_plate(tmp_path / name)


def test_a_frame_outside_the_range_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlateUnreadable, match="1001-1048"):
        load_plate(probe_plate(exr(tmp_path / "a.exr")), 1049)


def test_a_dpx_asks_for_its_colour_space(tmp_path: Path) -> None:
    photograph(tmp_path / "scan.dpx")
    with pytest.raises(BriefError, match="colour_space"):
        probe_plate(tmp_path / "scan.dpx")
    assert probe_plate(tmp_path / "scan.dpx", colour_space="ADX10").source_colour_space == "ADX10"
