"""Frames carry their origin, keep their numbers, and are whole or seen not to be."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from setpiece.core.errors import PlateUnreadable
from setpiece.deliver.cryptomatte import cryptomatte_attributes, layer_key
from setpiece.deliver.frames import (
    Provenance,
    frame_attributes,
    frame_is_whole,
    frame_name,
    read_comp,
    time_code,
    timecode,
    write_frame,
)
from setpiece.media.images import read_exr

ORIGIN = Provenance(
    show="Harbour",
    shot="sh010",
    version="v001",
    engine="house",
    seed=7,
    brief_sha256="ab" * 32,
    clearance_sha256="cd" * 32,
    software="Setpiece 0.1.0",
    rate=Fraction(24000, 1001),
    mark="TEMPORARY",
)


def planes(height: int = 40, width: int = 30) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    names = ("R", "G", "B", "A", "dust.A", "depth.Z", "CryptoObject00.R")
    return {name: rng.random((height, width)).astype(np.float32) for name in names}


def written(folder: Path) -> Path:
    path = folder / frame_name("sh010", "v001", 1001)
    write_frame(
        path,
        planes(),
        float32=frozenset({"depth.Z", "CryptoObject00.R"}),
        provenance=ORIGIN,
        frame=1001,
        attributes=cryptomatte_attributes(("front_00000",)),
    )
    return path


def test_frame_reads_back_with_its_channels_and_precision(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert path.name == "sh010_comp_v001.1001.exr"
    channels, _ = read_exr(path)
    truth = planes()
    assert set(channels) == set(truth)
    assert np.array_equal(channels["CryptoObject00.R"], truth["CryptoObject00.R"])
    assert np.array_equal(channels["R"], truth["R"].astype(np.float16).astype(np.float32))
    assert np.array_equal(read_comp(path)[..., 1], channels["G"])


def test_header_tells_where_the_frame_came_from(tmp_path: Path) -> None:
    _, header = read_exr(written(tmp_path))
    assert header["framesPerSecond"] == Fraction(24000, 1001)
    assert header["setpiece/shot"] == "sh010"
    assert header["setpiece/seed"] == "7"
    assert header["setpiece/clearance_sha256"] == "cd" * 32
    assert header["setpiece/colour_space"] == "ACEScg"
    assert header[f"cryptomatte/{layer_key()}/name"] == "CryptoObject"


@pytest.mark.parametrize(
    ("rate", "frame", "stands"),
    [
        (Fraction(24000, 1001), 1001, (0, 0, 41, 17, 0)),
        (Fraction(25), 90_000, (1, 0, 0, 0, 0)),
        (Fraction(48), 1047, (0, 0, 21, 19, 1)),  # two frames a number, the second of them
        (Fraction(60000, 1001), 118, (0, 0, 1, 29, 0)),
    ],
)
def test_another_reader_finds_time_code_and_rate_in_their_own_types(
    tmp_path: Path, rate: Fraction, frame: int, stands: tuple[int, ...]
) -> None:
    path = tmp_path / "a.exr"
    write_frame(
        path, {"R": np.ones((4, 4), np.float32)}, float32=frozenset(), provenance=replace(ORIGIN, rate=rate), frame=frame
    )
    with OpenEXR.File(str(path), header_only=True) as file:
        header = file.header()
        code = header["timeCode"]
        assert isinstance(code, OpenEXR.TimeCode)
        assert (code.hours, code.minutes, code.seconds, code.frame, code.fieldPhase) == stands
        assert code.dropFrame == 0
        assert header["framesPerSecond"] == rate


def test_a_rate_that_time_code_cannot_count_has_none(tmp_path: Path) -> None:
    assert time_code(1001, Fraction(120)) is None
    assert "timeCode" not in frame_attributes(replace(ORIGIN, rate=Fraction(120)), 1001)


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(30000, 1001), Fraction(48), Fraction(60)])
def test_time_code_of_a_file_counts_every_frame_once(rate: Fraction) -> None:
    codes = [time_code(frame, rate) for frame in range(500)]
    assert len(set(codes)) == 500


def test_same_frame_is_written_with_the_same_bytes(tmp_path: Path) -> None:
    one, two = written(tmp_path / "one"), written(tmp_path / "two")
    assert one.read_bytes() == two.read_bytes()


def test_whole_frame_is_whole_and_every_shorter_one_is_not(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert frame_is_whole(path)
    data = path.read_bytes()
    cut = tmp_path / "cut.exr"
    for length in [0, 3, 4, 200, *range(300, len(data), 997), len(data) - 1]:
        cut.write_bytes(data[:length])
        assert not frame_is_whole(cut), length


def test_absent_foreign_and_unfinished_files_are_not_whole(tmp_path: Path) -> None:
    assert not frame_is_whole(tmp_path / "absent.exr")
    assert not frame_is_whole(tmp_path)
    (tmp_path / "text.exr").write_text("not a picture")
    assert not frame_is_whole(tmp_path / "text.exr")


def test_frame_without_a_picture_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "depth.exr"
    write_frame(path, {"depth.Z": np.ones((4, 4), np.float32)}, float32=frozenset(), provenance=ORIGIN, frame=1)
    with pytest.raises(PlateUnreadable, match=r"depth\.exr: has no channel 'R'"):
        read_comp(path)


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(30000, 1001)])
def test_timecode_counts_every_frame_once(rate: Fraction) -> None:
    codes = [timecode(frame, rate) for frame in range(2000)]
    assert len(set(codes)) == 2000
    assert codes == sorted(codes)
    assert timecode(round(rate) * 3600, rate) == "01:00:00:00"


def test_header_agrees_with_its_golden_file() -> None:
    golden = json.loads((Path(__file__).parents[2] / "golden" / "frame-1.json").read_text())
    made = {name: str(value) for name, value in frame_attributes(ORIGIN, 1001).items()}
    assert made == golden
