"""Slate, burn-in, movies and contact sheet: readable, complete, never half-written."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from setpiece.core.errors import OutputFailed, PlateUnreadable
from setpiece.core.timing import FrameRange
from setpiece.deliver.burn_in import TEMPORARY, BurnIn, Slate, burn, draw_slate
from setpiece.deliver.contact_sheet import LAYERS, draw_contact_sheet, layer_pictures, spread_frames, write_contact_sheet
from setpiece.deliver.frames import Provenance, write_frame
from setpiece.deliver.lettering import face, fitted, plain_latin
from setpiece.deliver.movie import ReviewMovies, comps_of, review_pictures, write_review
from setpiece.media.images import read_image

RATE = Fraction(24)
SLATE = Slate(
    show="Château Noir",
    shot="sh010",
    version="v001",
    frames=FrameRange(first=1001, last=1004, rate=RATE),
    size=(320, 180),
    lens="35 mm",
    engine="house",
    date="2026-11-22",
    view="plain sRGB",
)
WORDS = BurnIn(shot="sh010", version="v001", rate=RATE, date="2026-11-22")


def viewer(rgb: np.ndarray) -> np.ndarray:
    return (np.clip(rgb, 0, 1) * 255 + 0.5).astype(np.uint8)


def comps(count: int = 4) -> Iterator[tuple[int, np.ndarray]]:
    for k in range(count):
        yield 1001 + k, np.full((180, 320, 3), 0.2 + 0.1 * k, np.float32)


def pictures(**changes: object) -> Iterator[np.ndarray]:
    settings = {"slate": SLATE, "words": WORDS, "hero": None, "viewer": viewer, "slate_frames": 3, **changes}
    return review_pictures(comps(), **settings)


@given(st.text(max_size=40))
def test_every_text_can_be_lettered_without_empty_boxes(text: str) -> None:
    shown = plain_latin(text)
    box = bytes(face(20).getmask("\uffff"))
    assert all(letter == " " or bytes(face(20).getmask(letter)) != box for letter in shown)


def test_lettering_is_bound_to_the_typeface_inside_pillow() -> None:
    assert face(24).getname() == ("Aileron", "Regular")


@pytest.mark.parametrize("size", [(320, 180), (960, 540), (360, 640), (2048, 858)])
def test_slate_shows_its_mark_and_stays_inside_the_picture(size: tuple[int, int]) -> None:
    hero = np.full((90, 160, 3), 200, np.uint8)
    card = draw_slate(SLATE, hero, size=size)
    bare = draw_slate(Slate(**{**fields_of(SLATE), "mark": ""}), hero, size=size)
    assert card.shape == (size[1], size[0], 3)
    rows = np.flatnonzero((card != bare).any(axis=(1, 2)))
    assert size[1] / 2 < rows[0] < rows[-1] < 0.9 * size[1]
    edge = max(2, size[0] // 40)
    assert (card[:, :edge] == card[0, 0]).all()
    assert (card[:, -edge:] == card[0, 0]).all()


def fields_of(slate: Slate) -> dict[str, object]:
    return {name: getattr(slate, name) for name in Slate.__dataclass_fields__}


def test_very_long_names_do_not_leave_the_slate() -> None:
    long = Slate(**{**fields_of(SLATE), "show": "A" * 90, "shot": "seq_0200_shot_0450_wide" * 3, "lens": "x" * 150})
    card = draw_slate(long, None, size=(640, 360))
    assert (card[:, -16:] == card[0, 0]).all()


def test_burn_in_leaves_the_middle_alone_and_marks_every_frame() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (180, 320, 3)).astype(np.uint8)
    shown = burn(picture, WORDS, 1003)
    assert np.array_equal(shown[40:140], picture[40:140])
    plain = burn(picture, BurnIn(shot="sh010", version="v001", rate=RATE, date="2026-11-22", mark=""), 1003)
    centre = (slice(140, 180), slice(80, 240))
    assert WORDS.mark == TEMPORARY
    assert (shown[centre] != plain[centre]).any()
    assert (burn(picture, WORDS, 1004) != shown).any()


def test_review_has_the_slate_first_and_every_frame_once() -> None:
    shown = list(pictures())
    assert len(shown) == 3 + 4
    assert np.array_equal(shown[0], shown[2])
    assert [int(picture[90, 160, 0]) for picture in shown[3:]] == [51, 77, 102, 128]


def test_both_movies_come_from_one_pass_and_hold_every_picture(tmp_path: Path) -> None:
    from setpiece.media.movies import MovieReader

    read = []
    once = (read.append(1) or picture for picture in pictures())
    movies = ReviewMovies(h264=tmp_path / "sh010_v001.mp4", prores4444=tmp_path / "sh010_v001.mov")
    assert write_review(movies, once, rate=RATE, count=7) == (movies.h264, movies.prores4444)
    assert len(read) == 7
    for path in (movies.h264, movies.prores4444):
        movie = MovieReader(path)
        assert (movie.frames, movie.rate) == (7, RATE)
        assert np.abs(movie.frame(6)[90, 160] * 255 - 128).max() < 4
    assert write_review(ReviewMovies(h264=None, prores4444=None), pictures(), rate=RATE, count=7) == ()


def test_a_smooth_ramp_keeps_more_levels_than_eight_bits_hold(tmp_path: Path) -> None:
    from setpiece.media.colour import view16
    from setpiece.media.movies import MovieReader

    ramp = np.repeat(np.linspace(0.02, 0.6, 1600, dtype=np.float32)[None, :, None], 90, 0).repeat(3, 2)
    shown = review_pictures([(1001, ramp)], slate=SLATE, words=WORDS, hero=None, viewer=view16, slate_frames=1)
    write_review(ReviewMovies(h264=None, prores4444=tmp_path / "a.mov"), shown, rate=RATE, count=2)
    with MovieReader(tmp_path / "a.mov") as movie:
        row = movie.frame(1)[45, :, 1]
    assert len(np.unique(np.rint(row * 4095))) > 400  # the ramp spans 174 codes of 8 bits
    assert np.abs(row - view16(ramp)[45, :, 1] / 65535).max() < 0.005  # five codes of the 1,023


@pytest.mark.parametrize("name", ["burn", "slate"])
def test_letters_and_slate_look_alike_at_both_depths(name: str) -> None:
    def deep(rgb: np.ndarray) -> np.ndarray:
        return (np.clip(rgb, 0, 1) * 65535 + 0.5).astype(np.uint16)

    which = 0 if name == "slate" else 3
    one, two = (list(pictures(viewer=each, hero=np.full((90, 160, 3), 0.3, np.float32)))[which] for each in (viewer, deep))
    assert two.dtype == np.uint16
    assert np.abs(one.astype(float) - two / 257).max() <= 1


def test_reader_that_fails_leaves_no_movie(tmp_path: Path) -> None:
    def failing() -> Iterator[np.ndarray]:
        yield from list(pictures())[:5]
        raise PlateUnreadable("is truncated at scanline 12", file="x.exr", frame=1003, remedy="render it again")

    movies = ReviewMovies(h264=tmp_path / "a.mp4", prores4444=tmp_path / "a.mov")
    with pytest.raises(PlateUnreadable, match="frame 1003"):
        write_review(movies, failing(), rate=RATE, count=7)
    assert list(tmp_path.iterdir()) == []


def test_encoder_that_fails_is_heard_and_leaves_no_movie(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    movies = ReviewMovies(h264=tmp_path / "file" / "a.mp4", prores4444=tmp_path / "a.mov")
    many = (picture for _ in range(5) for picture in pictures())
    with pytest.raises(OutputFailed):
        write_review(movies, many, rate=RATE, count=35)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_frames_of_two_sizes_are_refused_by_number() -> None:
    sizes = {1001: (4, 4, 3), 1002: (4, 5, 3)}
    paths = {frame: Path(str(frame)) for frame in sizes}
    with pytest.raises(PlateUnreadable, match="1002: frame 1002: is 5x4, the first frame is 4x4"):
        list(comps_of(paths, lambda path: np.zeros(sizes[int(path.name)], np.float32)))


@given(st.integers(1, 500), st.integers(2, 20))
def test_spread_frames_holds_first_and_last_in_order(length: int, count: int) -> None:
    frames = range(1001, 1001 + length)
    chosen = spread_frames(frames, count)
    assert len(chosen) == min(length, count)
    assert chosen[0] == 1001
    assert chosen[-1] == frames[-1]
    assert list(chosen) == sorted(set(chosen))


def planes(weight: float) -> dict[str, np.ndarray]:
    shape = (54, 96)
    names = [f"{layer}.{c}" for layer in ("debris", "dust") for c in "RGBA"]
    names += ["R", "G", "B", *(f"shadow.{c}" for c in "RGB"), *(f"N.{c}" for c in "XYZ")]
    made = {name: np.full(shape, weight, np.float32) for name in names}
    ids = np.zeros(shape, np.float32)
    ids[10:20] = np.float32(1.7)
    depth = np.full(shape, 1e10, np.float32)
    depth[10:20] = np.linspace(20, 60, 96, dtype=np.float32)
    return {**made, "depth.Z": depth, "CryptoObject00.R": ids, "CryptoObject00.G": (ids > 0).astype(np.float32)}


def test_every_layer_gets_a_picture_and_near_is_brighter_than_far() -> None:
    shown = layer_pictures(planes(0.5), viewer)
    assert tuple(shown) == LAYERS
    assert all(picture.shape == (54, 96, 3) and picture.dtype == np.uint8 for picture in shown.values())
    assert shown["depth"][15, 2, 0] > shown["depth"][15, 93, 0] > shown["depth"][40, 50, 0]
    assert (shown["ids"][15, 5] != shown["ids"][40, 5]).any()


def test_contact_sheet_of_any_number_of_frames_keeps_each_inside_its_cell() -> None:
    for count in (1, 3, 12):
        cells = [(1001 + k, np.full((54, 96, 3), 250, np.uint8)) for k in range(count)]
        page = draw_contact_sheet(cells, {}, title="sh010_v001", subtitle="x", layers_of=0)
        assert page.shape[1] == 2000
        assert int((page == 250).all(axis=-1).sum()) == pytest.approx(count * 468 * 263, rel=0.02)


def test_contact_sheet_is_written_from_the_frames_on_disk(tmp_path: Path) -> None:
    origin = Provenance(
        show="", shot="a", version="v001", engine="", seed=1, brief_sha256="", clearance_sha256="", software="", rate=RATE
    )
    frames = {}
    for frame, weight in ((1001, 0.0), (1002, 0.6), (1003, 0.3)):
        frames[frame] = tmp_path / f"{frame}.exr"
        write_frame(
            frames[frame], planes(weight), float32=frozenset({"depth.Z", "CryptoObject00.R"}), provenance=origin, frame=frame
        )
    path = write_contact_sheet(tmp_path / "sheet.png", frames, title="a_v001", subtitle="", viewer=viewer)
    sheet = read_image(path)
    assert sheet.pixels.shape[1] == 2000
    chosen = write_contact_sheet(tmp_path / "b.png", frames, title="a_v001", subtitle="", viewer=viewer, layers_of=1002)
    assert chosen.read_bytes() == path.read_bytes()
    other = write_contact_sheet(tmp_path / "c.png", frames, title="a_v001", subtitle="", viewer=viewer, layers_of=1001)
    assert other.read_bytes() != path.read_bytes()
    frames[1002].write_bytes(frames[1002].read_bytes()[:-50])
    with pytest.raises(PlateUnreadable, match=r"1002\.exr: is truncated"):
        write_contact_sheet(path, frames, title="a_v001", subtitle="", viewer=viewer)


@given(st.integers(1, 300), st.integers(1, 300), st.integers(10, 200), st.integers(10, 200))
def test_fitted_picture_fits_and_touches_two_sides(height: int, width: int, room_w: int, room_h: int) -> None:
    small, (x, y) = fitted(np.zeros((height, width, 3), np.uint8), (room_w, room_h))
    assert small.shape[1] <= room_w
    assert small.shape[0] <= room_h
    assert min(room_w - small.shape[1], room_h - small.shape[0]) <= 1
    assert x >= 0
    assert y >= 0
