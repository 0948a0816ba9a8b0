"""Movies keep their colours, their exact rate and every frame; damage is named by frame."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setpiece.core.errors import OutputFailed, PlateUnreadable
from setpiece.media.containers import what_is_missing
from setpiece.media.movies import MovieReader, write_movie

RATE = Fraction(24000, 1001)
SUFFIX = {"h264": ".mp4", "prores4444": ".mov"}


def patches(dtype: type = np.uint8, size: tuple[int, int] = (192, 96)) -> np.ndarray:
    """24 flat colours, 6 by 4, from black to saturated primaries."""
    colours = list(itertools.product((0.0, 0.5, 1.0), repeat=3))[:24]
    cell_w, cell_h = size[0] // 6, size[1] // 4
    out = np.zeros((size[1], size[0], 3))
    for index, colour in enumerate(colours):
        row, column = divmod(index, 6)
        out[row * cell_h : (row + 1) * cell_h, column * cell_w : (column + 1) * cell_w] = colour
    return np.rint(out * np.iinfo(dtype).max).astype(dtype)


def counted(count: int, size: tuple[int, int] = (96, 64)) -> Iterator[np.ndarray]:
    """Frames whose grey tells their number."""
    for index in range(count):
        yield np.full((size[1], size[0], 3), 20 + 8 * index, np.uint8)


def written(path: Path, count: int = 12) -> Path:
    assert write_movie(path, counted(count), rate=RATE, codec="h264") == count
    return path


@pytest.mark.parametrize(("codec", "dtype", "codes"), [("h264", np.uint8, 2.0), ("prores4444", np.uint16, 0.6)])
def test_colours_survive_a_movie(tmp_path: Path, codec: str, dtype: type, codes: float) -> None:
    path, chart = tmp_path / f"a{SUFFIX[codec]}", patches(dtype)
    write_movie(path, iter([chart] * 3), rate=RATE, codec=codec)
    with MovieReader(path) as movie:
        error = np.abs(movie.frame(1) - chart / np.iinfo(dtype).max) * 255
    inner = error.reshape(4, 24, 6, 32, 3)[:, 8:-8, :, 8:-8]
    assert inner.max() <= codes


def test_another_decoder_with_the_tags_sees_the_same_colours(tmp_path: Path) -> None:
    path, chart = tmp_path / "a.mp4", patches()
    write_movie(path, iter([chart] * 2), rate=RATE, codec="h264")
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
        seen = next(container.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    inner = np.abs(seen - chart).reshape(4, 24, 6, 32, 3)[:, 8:-8, :, 8:-8]
    assert inner.max() <= 4  # that decoder rounds down


@pytest.mark.parametrize("codec", SUFFIX)
@pytest.mark.parametrize("rate", [Fraction(24), RATE, Fraction(25), Fraction(30000, 1001), Fraction(12)])
def test_count_rate_and_size_come_back_exactly(tmp_path: Path, codec: str, rate: Fraction) -> None:
    path = tmp_path / f"a{SUFFIX[codec]}"
    write_movie(path, counted(5), rate=rate, codec=codec)
    with MovieReader(path, first_frame=1001) as movie:
        assert (movie.frames, movie.rate, movie.size) == (5, rate, (96, 64))


def test_odd_sizes_are_padded_to_even_by_the_edge(tmp_path: Path) -> None:
    picture = np.full((65, 97, 3), 128, np.uint8)
    write_movie(tmp_path / "a.mp4", iter([picture]), rate=RATE, codec="h264")
    with MovieReader(tmp_path / "a.mp4") as movie:
        assert movie.size == (98, 66)
        assert np.abs(movie.frame(0) * 255 - 128).max() < 2


def test_frames_are_found_in_any_order(tmp_path: Path) -> None:
    with MovieReader(written(tmp_path / "a.mp4"), first_frame=1001) as movie:
        for number in (1008, 1001, 1001, 1012, 1003, 1004):
            assert movie.frame(number).mean() * 255 == pytest.approx(20 + 8 * (number - 1001), abs=1.5)


def test_ten_bits_stay_ten_bits(tmp_path: Path) -> None:
    ramp = np.repeat(np.linspace(20000, 21000, 64).astype(np.uint16)[None, :, None], 64, 0).repeat(3, 2)
    write_movie(tmp_path / "a.mov", iter([ramp]), rate=RATE, codec="prores4444")
    with MovieReader(tmp_path / "a.mov") as movie:
        levels = len(np.unique(np.rint(movie.frame(0)[32, :, 1] * 1023)))
    assert levels > 10  # 8 bits would leave 5


def test_equal_frames_write_equal_movies(tmp_path: Path) -> None:
    for codec, suffix in SUFFIX.items():
        for name in ("a", "b"):
            write_movie(tmp_path / (name + suffix), counted(6), rate=RATE, codec=codec)
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_the_index_stands_at_the_front(tmp_path: Path) -> None:
    data = written(tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_truncated_movie_names_the_first_unreadable_frame(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    generator = np.random.default_rng(0)
    noise = (generator.integers(0, 256, (64, 96, 3)).astype(np.uint8) for _ in range(12))
    write_movie(path, noise, rate=RATE, codec="h264")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(PlateUnreadable, match=r"clip\.mp4: frame 10\d\d: is truncated") as caught:
        MovieReader(path, first_frame=1001)
    assert 1001 < caught.value.frame < 1012


@pytest.mark.parametrize("keep", [0, 1, 40, 300])
def test_a_movie_without_its_index_is_refused(tmp_path: Path, keep: int) -> None:
    path = written(tmp_path / "clip.mp4")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(PlateUnreadable, match=r"clip\.mp4"):
        MovieReader(path)


def test_a_movie_cut_anywhere_is_an_error_or_whole(tmp_path: Path) -> None:
    path = written(tmp_path / "clip.mp4")
    data = path.read_bytes()
    for keep in range(0, len(data), max(1, len(data) // 25)):
        path.write_bytes(data[:keep])
        with pytest.raises(PlateUnreadable):
            MovieReader(path)


CONTAINERS = {"mp4": "libx264", "mov": "libx264", "mkv": "libx264", "avi": "mpeg4", "mxf": "mpeg2video"}


def contained(path: Path, codec: str) -> bytes:
    """A movie whose index stands where its container puts it: behind the pictures."""
    rng = np.random.default_rng(3)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for _ in range(12):
            noise = rng.integers(0, 256, (64, 96, 3)).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise, format="rgb24")))
        container.mux(stream.encode(None))
    return path.read_bytes()


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_movie_cut_near_its_end_is_refused_with_a_frame_and_the_whole_one_is_not(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"clip.{kind}"
    data = contained(path, CONTAINERS[kind])
    with MovieReader(path) as movie:
        assert movie.frames == 12
    frames = []
    for lost in (2, 3, 16, 97, len(data) // 400, len(data) // 200, len(data) // 100):
        path.write_bytes(data[:-lost])
        with pytest.raises(PlateUnreadable, match=rf"clip\.{kind}") as caught:
            MovieReader(path, first_frame=1001)
        frames.append(caught.value.frame)
    if kind != "mov":  # which has no frame left that could be named, once its index is cut
        assert set(frames) <= {1011, 1012, None}
        assert frames[0] == 1012


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=80),
    st.sampled_from([b"\0\0\0\x20ftyp", b"\x1a\x45\xdf\xa3", b"RIFF\x40\0\0\0AVI ", b"\x06\x0e\x2b\x34", b"G"]),
)
def test_a_container_of_rubbish_is_looked_through_without_a_fault(tmp_path: Path, rubbish: bytes, magic: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(magic + rubbish)
    assert isinstance(what_is_missing(tmp_path / "a.mp4"), str)


def test_absent_movies_and_frames_are_named(tmp_path: Path) -> None:
    with pytest.raises(PlateUnreadable, match="does not exist"):
        MovieReader(tmp_path / "none.mov")
    with (
        MovieReader(written(tmp_path / "a.mp4"), first_frame=1001) as movie,
        pytest.raises(PlateUnreadable, match="frame 1013: has no such frame: it holds 1001-1012"),
    ):
        movie.frame(1013)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_is_applied(tmp_path: Path, degrees: int) -> None:
    upright = patches()
    stored = np.rot90(upright, -degrees // 90)
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = stored.shape[1], stored.shape[0], "yuv420p"
        stream.set_display_rotation(degrees)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(stored), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with MovieReader(path) as movie:
        assert movie.size == (192, 96)
        error = np.abs(movie.frame(0) * 255 - upright).reshape(4, 24, 6, 32, 3)[:, 8:-8, :, 8:-8]
        assert np.median(error) < 6


def test_frames_of_two_sizes_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    frames = iter([np.zeros((64, 64, 3), np.uint8), np.zeros((64, 66, 3), np.uint8)])
    with pytest.raises(ValueError, match="frame 1"):
        write_movie(tmp_path / "a.mp4", frames, rate=RATE, codec="h264")
    with pytest.raises(ValueError, match="at least one"):
        write_movie(tmp_path / "a.mp4", iter([]), rate=RATE, codec="h264")
    assert not list(tmp_path.iterdir())


def test_a_movie_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputFailed, match="stands in the way"):
        write_movie(tmp_path / "out" / "a.mp4", counted(2), rate=RATE, codec="h264")
