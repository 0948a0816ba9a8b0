"""Pictures come in as they are encoded, upright and whole, or not at all."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setpiece.core.errors import PlateUnreadable
from setpiece.media.images import Header, ReadImage, heal_non_finite, read_header, read_image, resize, write_png

NOISE = np.random.default_rng(5).random((80, 96, 3)).astype(np.float32)
FORMATS = {"png": "uint16", "jpg": "uint8", "tif": "uint16", "dpx": "uint16", "exr": "half", "bmp": "uint8"}


def write(path: Path, pixels: np.ndarray = NOISE, depth: str = "", **attributes: object) -> Path:
    """Any picture, through the library's own writer."""
    height, width, count = pixels.shape
    spec = oiio.ImageSpec(width, height, count, depth or FORMATS[path.suffix[1:]])
    spec.attribute("jpeg:subsampling", "4:4:4")
    for name, value in attributes.items():
        if isinstance(value, tuple):
            spec.attribute(name, f"float[{len(value)}]", value)
        else:
            spec.attribute(name, value)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec), out.geterror()
    assert out.write_image(np.ascontiguousarray(pixels)), out.geterror()
    out.close()
    return path


@pytest.mark.parametrize(
    ("name", "depth", "bits", "error"),
    [
        ("a.png", "uint8", "8", 0.51 / 255),
        ("a.png", "uint16", "16", 0.51 / 65535),
        ("a.tif", "uint16", "16", 0.51 / 65535),
        ("a.tif", "float", "32f", 0),
        ("a.exr", "half", "16f", 5e-4),
        ("a.exr", "float", "32f", 0),
        ("a.dpx", "uint16", "16", 0.51 / 65535),
        ("a.jpg", "uint8", "8", 0.1),
    ],
)
def test_pixels_come_in_as_encoded_at_their_bit_depth(tmp_path: Path, name: str, depth: str, bits: str, error: float) -> None:
    read = read_image(write(tmp_path / name, depth=depth))
    assert read.bit_depth == bits
    assert read.pixels.dtype == np.float32
    assert np.abs(read.rgb() - NOISE).max() <= error
    assert not read.pixels.flags.writeable


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_picture_cut_at_any_length_is_an_error_that_names_it(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"plate.{suffix}")
    data = path.read_bytes()
    cuts = {0, 1, 3, 10, 30, 200, len(data) // 4, len(data) // 2, len(data) - 300, len(data) - 5, len(data) - 1}
    for keep in sorted(cuts):
        path.write_bytes(data[:keep])
        with pytest.raises(PlateUnreadable, match=f"plate.{suffix}"):
            read_image(path)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_damage_ends_in_a_foreign_exception(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    suffix = data.draw(st.sampled_from(sorted(FORMATS)))
    path = write(tmp_path_factory.mktemp("damage") / f"a.{suffix}", NOISE[:16, :16])
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        read_image(path)
    except PlateUnreadable as error:
        assert error.remedy


def test_a_flipped_bit_in_a_png_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    with pytest.raises(PlateUnreadable, match="checksum"):
        read_image(path)


@pytest.mark.parametrize(("content", "words"), [(b"", "empty"), (b"a plain text, not a picture", "cannot be read")])
def test_what_is_no_picture_is_said_to_be_none(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.exr"
    path.write_bytes(content)
    with pytest.raises(PlateUnreadable, match=words):
        read_image(path)


def test_absent_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(PlateUnreadable, match=r"none\.exr: does not exist"):
        read_image(tmp_path / "none.exr")
    with pytest.raises(PlateUnreadable, match="is a folder"):
        read_image(tmp_path)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(tmp_path: Path, orientation: int) -> None:
    upright = np.zeros((40, 64, 3), np.float32)
    upright[:20, :32], upright[:20, 32:], upright[20:, :32] = (1, 0, 0), (0, 1, 0), (0, 0, 1)
    turned = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),  # the camera was turned: stored a quarter anticlockwise of upright
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    path = write(tmp_path / "a.png", turned, depth="uint8", Orientation=orientation)
    read = read_image(path)
    assert np.array_equal(read.rgb(), upright)
    assert (read.header.width, read.header.height) == (64, 40)


def exr_with_windows(path: Path, data: tuple[int, int, int, int], display: tuple[int, int, int, int]) -> Path:
    spec = oiio.ImageSpec(data[2], data[3], 3, "float")
    spec.x, spec.y = data[:2]
    spec.full_x, spec.full_y, spec.full_width, spec.full_height = display
    out = oiio.ImageOutput.create(str(path))
    out.open(str(path), spec)
    out.write_image(NOISE[: data[3], : data[2]].copy())
    out.close()
    return path


def test_a_data_window_inside_the_display_window_is_padded(tmp_path: Path) -> None:
    pixels = read_image(exr_with_windows(tmp_path / "a.exr", (13, 4, 30, 20), (10, 2, 64, 48))).pixels
    assert pixels.shape == (48, 64, 3)
    assert np.array_equal(pixels[2:22, 3:33], NOISE[:20, :30])
    assert pixels.sum() == pytest.approx(NOISE[:20, :30].sum(), rel=1e-5)


def test_overscan_is_cropped(tmp_path: Path) -> None:
    pixels = read_image(exr_with_windows(tmp_path / "a.exr", (-5, -3, 80, 70), (0, 0, 64, 48))).pixels
    assert np.array_equal(pixels, NOISE[3:51, 5:69])


def test_a_data_window_outside_the_display_window_is_black(tmp_path: Path) -> None:
    pixels = read_image(exr_with_windows(tmp_path / "a.exr", (200, 200, 8, 8), (0, 0, 64, 48))).pixels
    assert pixels.shape == (48, 64, 3)
    assert not pixels.any()


def test_a_header_is_read_without_decoding(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jpg", **{"Exif:FocalLengthIn35mmFilm": 35, "Make": "Setpiece"})
    header = read_header(path)
    assert header.exif["focal_35mm"] == 35
    assert header.exif["make"] == "Setpiece"
    assert (header.width, header.height, header.channels) == (96, 80, ("R", "G", "B"))


@pytest.mark.parametrize(
    ("channels", "picked"),
    [
        (("R", "G", "B", "A"), (0, 1, 2)),
        (("Z", "B", "G", "R"), (3, 2, 1)),
        (("Z", "beauty.R", "beauty.G", "beauty.B"), (1, 2, 3)),
        (("Y",), (0, 0, 0)),
        (("grey",), (0, 0, 0)),
    ],
)
def test_colour_is_found_by_channel_name(channels: tuple[str, ...], picked: tuple[int, ...]) -> None:
    pixels = np.arange(len(channels), dtype=np.float32).reshape(1, 1, -1)
    header = Header(width=1, height=1, channels=channels, bit_depth="16f", format="openexr")
    assert ReadImage(pixels=pixels, header=header).rgb()[0, 0].tolist() == list(picked)


def test_a_picture_without_colour_lists_its_channels() -> None:
    header = Header(width=1, height=1, channels=("Z", "id"), bit_depth="16f", format="openexr")
    with pytest.raises(PlateUnreadable, match="Z, id"):
        ReadImage(pixels=np.zeros((1, 1, 2), np.float32), header=header).rgb(file="a.exr")


def test_nothing_is_healed_silently(tmp_path: Path) -> None:
    pixels = NOISE.copy()
    pixels[3, 4, 1] = np.nan
    assert np.isnan(read_image(write(tmp_path / "a.exr", pixels, depth="float")).pixels[3, 4, 1])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 79), st.integers(0, 95), st.integers(0, 2)), max_size=30))
def test_healing_touches_broken_pixels_alone_and_counts_them(where: list[tuple[int, int, int]]) -> None:
    pixels = NOISE.copy()
    for index, (y, x, c) in enumerate(where):
        pixels[y, x, c] = (np.nan, np.inf, -np.inf)[index % 3]
    broken = {(y, x) for y, x, _ in where}
    healed, count = heal_non_finite(pixels)
    assert count == len(broken)
    assert np.isfinite(healed).all()
    assert 0 <= healed.min() <= healed.max() <= 1
    kept = np.ones(pixels.shape[:2], bool)
    for y, x in broken:
        kept[y, x] = False
    assert np.array_equal(healed[kept], pixels[kept])


def test_a_hot_pixel_takes_the_colour_around_it() -> None:
    pixels = np.full((9, 9, 3), 0.25, np.float32)
    pixels[3:6, 3:6] = np.nan
    assert np.allclose(heal_non_finite(pixels)[0], 0.25)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("count", [0, 1, 3, 4])
def test_png_codes_survive(tmp_path: Path, dtype: type, count: int) -> None:
    shape = (7, 5, count) if count else (7, 5)
    pixels = np.random.default_rng(1).integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype)
    write_png(tmp_path / "a.png", pixels)
    back = read_image(tmp_path / "a.png").pixels * np.iinfo(dtype).max
    assert np.array_equal(np.rint(back).astype(dtype).reshape(shape), pixels)


def test_equal_pictures_write_equal_pngs(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        write_png(tmp_path / name, (NOISE * 255).astype(np.uint8))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_scene_linear_pixels_are_no_png(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="uint8 or uint16"):
        write_png(tmp_path / "a.png", NOISE)


@pytest.mark.parametrize("size", [(48, 40), (24, 20), (192, 160), (100, 100)])
def test_resizing_keeps_a_flat_picture_flat_and_the_mean_light(size: tuple[int, int]) -> None:
    flat = np.full((80, 96, 3), 3.5, np.float32)
    assert resize(flat, size).shape == (size[1], size[0], 3)
    assert np.allclose(resize(flat, size), 3.5, atol=1e-5)
    assert resize(NOISE, size).mean() == pytest.approx(NOISE.mean(), rel=5e-3)
    assert resize(NOISE[..., 0], size).shape == (size[1], size[0])


def test_resizing_to_the_same_size_changes_no_bit() -> None:
    assert resize(NOISE, (96, 80)) is NOISE


def test_enlarging_never_rings_below_black() -> None:
    edge = np.zeros((16, 16, 3), np.float32)
    edge[:, 8:] = 10
    assert resize(edge, (64, 64)).min() >= 0


def test_a_png_with_an_absurd_size_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png", NOISE[:8, :8])
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack(">II", 0x7FFFFFFF, 0x7FFFFFFF)
    path.write_bytes(data)
    with pytest.raises(PlateUnreadable):
        read_image(path)
