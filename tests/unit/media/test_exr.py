"""EXR files of ours: every value as asked, the same bytes always, readable by the field's own reader."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setpiece.core.errors import OutputFailed, PlateUnreadable
from setpiece.media.exr import AP1_CHROMATICITIES, HALF_MAX, write_exr
from setpiece.media.images import read_exr, read_image


def planes(height: int, width: int, *names: str) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(7)
    return {name: generator.normal(0, 10, (height, width)).astype(np.float32) for name in names}


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 23),
    st.sampled_from(["zip", "zips", "none"]),
    st.lists(st.sampled_from(["R", "G", "B", "A", "depth.Z", "dust.R", "id.0" * 10]), min_size=1, unique=True),
    st.booleans(),
)
def test_every_value_survives_at_its_precision(
    tmp_path_factory: pytest.TempPathFactory, height: int, width: int, compression: str, names: list[str], mixed: bool
) -> None:
    path = tmp_path_factory.mktemp("exr") / "a.exr"
    channels = planes(height, width, *names)
    full = frozenset(names[:1]) if mixed else frozenset()
    assert write_exr(path, channels, float32=full, compression=compression) == 0
    back, _ = read_exr(path)
    assert set(back) == set(names)
    for name, plane in channels.items():
        want = plane if name in full else plane.astype(np.float16).astype(np.float32)
        assert back[name].tobytes() == want.tobytes()


def test_compressible_and_incompressible_chunks_come_back(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 2**31, (64, 50), dtype=np.int32).view(np.float32)
    noise = np.where(np.isfinite(noise), noise, 0).astype(np.float32)
    noise[20:40] = 0
    write_exr(tmp_path / "a.exr", {"Y": noise}, float32=frozenset({"Y"}))
    assert read_exr(tmp_path / "a.exr")[0]["Y"].tobytes() == noise.tobytes()


def test_overflow_is_clamped_and_counted(tmp_path: Path) -> None:
    plane = np.array([[1e6, -1e6, HALF_MAX, np.inf]], np.float32)
    assert write_exr(tmp_path / "a.exr", {"R": plane, "Z": plane}, float32=frozenset({"Z"})) == 3
    back, _ = read_exr(tmp_path / "a.exr")
    assert back["R"].tolist() == [[HALF_MAX, -HALF_MAX, HALF_MAX, HALF_MAX]]
    assert back["Z"].tolist() == [[1e6, -1e6, HALF_MAX, np.inf]]


def test_attributes_come_back_with_their_types(tmp_path: Path) -> None:
    attributes = {
        "framesPerSecond": Fraction(24000, 1001),
        "setpiece/schema": "setpiece.frame/1",
        "frame": 1001,
        "gain": 0.5,
        "offset": (1.5, 2.5),
    }
    write_exr(tmp_path / "a.exr", planes(4, 4, "R", "G", "B"), attributes=attributes)
    _, back = read_exr(tmp_path / "a.exr")
    assert {name: back[name] for name in attributes} == attributes
    assert back["chromaticities"] == pytest.approx(AP1_CHROMATICITIES)
    assert "acesImageContainerFlag" not in back
    assert "DateTime" not in back


def test_equal_arguments_write_equal_bytes_on_any_number_of_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    channels = planes(100, 40, "B", "R", "G")
    write_exr(tmp_path / "a.exr", channels)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    write_exr(tmp_path / "b.exr", dict(reversed(channels.items())))
    assert (tmp_path / "a.exr").read_bytes() == (tmp_path / "b.exr").read_bytes()


def test_the_field_reader_sees_half_and_float_channels_in_one_part(tmp_path: Path) -> None:
    write_exr(tmp_path / "a.exr", planes(4, 4, "R", "G", "B", "depth.Z"), float32=frozenset({"depth.Z"}))
    source = oiio.ImageInput.open(str(tmp_path / "a.exr"))
    spec = source.spec()
    types = {name: str(spec.channelformat(i)) for i, name in enumerate(spec.channelnames)}
    assert types == {"R": "half", "G": "half", "B": "half", "depth.Z": "float"}
    assert spec.getattribute("compression") == "zip"
    assert spec.getattribute("oiio:subimages") == 1


def test_channels_set_apart_stand_in_a_first_part_and_read_back_with_the_rest(tmp_path: Path) -> None:
    made = {name: np.full((8, 4), number, np.float32) for number, name in enumerate(("R", "G", "B", "depth.Z", "matte.A"))}
    write_exr(
        tmp_path / "a.exr", made, float32=frozenset({"depth.Z"}), apart=frozenset("RGB"), attributes={"setpiece/schema": "x/1"}
    )
    source = oiio.ImageInput.open(str(tmp_path / "a.exr"))
    parts = [
        (source.spec()["oiio:subimagename"], tuple(source.spec().channelnames), source.spec()["setpiece/schema"])
        for part in range(2)
        if source.seek_subimage(part, 0)
    ]
    assert parts == [("comp", ("R", "G", "B"), "x/1"), ("layers", ("depth.Z", "matte.A"), "x/1")]
    channels, attributes = read_exr(tmp_path / "a.exr")
    assert {name: float(plane[0, 0]) for name, plane in channels.items()} == {name: made[name][0, 0] for name in made}
    assert attributes["setpiece/schema"] == "x/1"
    assert set(read_exr(tmp_path / "a.exr", only=("matte.A", "R"))[0]) == {"matte.A", "R"}


def test_channels_wanted_apart_and_nothing_beside_them_make_one_part(tmp_path: Path) -> None:
    write_exr(tmp_path / "a.exr", planes(4, 4, "R", "G", "B"), apart=frozenset("RGBA"))
    assert oiio.ImageInput.open(str(tmp_path / "a.exr")).spec().getattribute("oiio:subimages") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"channels": {"R": np.zeros((2, 2), np.float32), "G": np.zeros((2, 3), np.float32)}},
        {"channels": {}},
        {"float32": frozenset({"Q"})},
        {"compression": "dwaa"},
        {"attributes": {"compression": "none"}},
        {"attributes": {"a": object()}},
        {"channels": {"": np.zeros((2, 2), np.float32)}},
    ],
)
def test_a_frame_that_exr_cannot_hold_is_refused_before_a_file_appears(tmp_path: Path, change: dict) -> None:
    arguments = {"channels": planes(2, 2, "R"), **change}
    with pytest.raises(ValueError):
        write_exr(tmp_path / "a.exr", arguments.pop("channels"), **arguments)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputFailed, match=r"a\.exr"):
        write_exr(tmp_path / "out" / "a.exr", planes(2, 2, "R"))


def test_truncated_exr_names_file_and_scanline(tmp_path: Path) -> None:
    path = tmp_path / "sh010.1003.exr"
    write_exr(path, planes(160, 32, "R", "G", "B"))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - 10])
    with pytest.raises(PlateUnreadable, match=r"sh010\.1003\.exr: is truncated at scanline 144"):
        read_image(path)


@pytest.mark.parametrize("apart", ["", "RG"])
def test_an_exr_cut_anywhere_is_an_error(tmp_path: Path, apart: str) -> None:
    path = tmp_path / "a.exr"
    write_exr(path, planes(40, 16, "R", "G", "B"), apart=frozenset(apart))
    data = path.read_bytes()
    for keep in (0, 3, 4, 7, 8, 40, 200, 300, 420, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:keep])
        with pytest.raises(PlateUnreadable):
            read_image(path)


@pytest.mark.parametrize(("apart", "header"), [("", 330), ("RG", 800)])
def test_every_damaged_byte_of_a_header_gives_a_picture_or_a_clear_error(tmp_path: Path, apart: str, header: int) -> None:
    path = tmp_path / "a.exr"
    write_exr(path, planes(8, 8, "R", "G", "B"), compression="none", apart=frozenset(apart))
    data = path.read_bytes()
    generator = np.random.default_rng(3)
    refused = 0
    for position in generator.integers(0, header, 150):
        broken = bytearray(data)
        broken[position] ^= int(generator.integers(1, 256))
        path.write_bytes(broken)
        try:
            read_image(path)
        except PlateUnreadable:
            refused += 1
    assert refused > 30


@pytest.mark.parametrize("apart", ["", "G"])
def test_a_damaged_chunk_names_its_scanline(tmp_path: Path, apart: str) -> None:
    path = tmp_path / "a.exr"
    write_exr(path, planes(64, 64, *("RG" if apart else "R")), apart=frozenset(apart))
    data = bytearray(path.read_bytes())
    data[-12:] = b"\xff" * 12  # inside the last chunk's deflate stream
    path.write_bytes(data)
    with pytest.raises(PlateUnreadable, match="scanline 48"):
        read_exr(path)


def test_an_unfinished_exr_says_where_it_stops(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    write_exr(path, planes(48, 8, "R"))
    data = bytearray(path.read_bytes())
    last = b"type\0string\0"  # of the header: the table of offsets follows
    begin = data.index(last) + len(last)
    end = begin + 4 + int.from_bytes(data[begin : begin + 4], "little") + 1
    data[end + 16 : end + 24] = bytes(8)
    path.write_bytes(data)
    with pytest.raises(PlateUnreadable, match="never finished after scanline 31"):
        read_image(path)
