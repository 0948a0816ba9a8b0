"""Review movies from the comps: slate, then the shot with its burn-in, as H.264 and ProRes 4444.

Place in the flow: after the last frame, from the EXRs on the disk. Each frame is decoded once and goes to both
encoders, which run beside each other. The picture is display-referred and for eyes only; it stays at 16 bits up to the
encoder, of which H.264 keeps 8 and ProRes 10.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from setpiece.core.arrays import Display, Display16, Rgb
from setpiece.core.errors import PlateUnreadable
from setpiece.core.progress import Progress, Silent
from setpiece.deliver.burn_in import BurnIn, Slate, burn, draw_slate
from setpiece.media.movies import Codec, write_movie

Shown = Display | Display16
Viewer = Callable[[Rgb], Shown]
"""Scene-linear ACEScg to display codes: ``functools.partial(setpiece.media.colour.view16, view=...)``."""

SLATE_FRAMES = 24
"""How long the slate stands: a second at film rate, then straight into the shot."""

_AHEAD = 4  # frames an encoder may lag behind the reader


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewMovies:
    """Where the movies go; None: that codec is not wanted."""

    h264: Path | None
    prores4444: Path | None

    def wanted(self) -> dict[Codec, Path]:
        """The codecs asked for, with their files."""
        both: Mapping[Codec, Path | None] = {"h264": self.h264, "prores4444": self.prores4444}
        return {codec: path for codec, path in both.items() if path is not None}


def review_pictures(
    comps: Iterable[tuple[int, Rgb]],
    *,
    slate: Slate,
    words: BurnIn,
    hero: Rgb | None,
    viewer: Viewer,
    slate_frames: int = SLATE_FRAMES,
) -> Iterator[Shown]:
    """The pictures of a review movie (h, w, 3), in the viewer's depth, in order: the slate, then every comp lettered.

    ``comps`` gives (frame, pixels (h, w, 3) scene-linear ACEScg); all of one size.
    """
    for index, (frame, comp) in enumerate(comps):
        shown = viewer(comp)
        if index == 0 and slate_frames > 0:
            height, width = comp.shape[:2]
            card = draw_slate(slate, None if hero is None else _in_depth(viewer(hero), np.uint8), size=(width, height))
            for _ in range(slate_frames):
                yield _in_depth(card, shown.dtype)
        yield burn(shown, words, frame)


def _in_depth(pixels: Shown, dtype: npt.DTypeLike) -> Shown:
    """Display codes at another depth, uint8 or uint16: black and white stay black and white."""
    if pixels.dtype == dtype:
        return pixels
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint16) * 257
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def write_review(
    movies: ReviewMovies,
    pictures: Iterable[Shown],
    *,
    rate: Fraction,
    count: int,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Encode ``pictures`` into every movie wanted, in one pass; returns the files written.

    ``count`` is how many pictures are expected, for the progress. Nothing half-written is left: an error in the reader
    or in one encoder stops all of them, and each file is renamed into place only when whole.

    Raises whatever the reader or an encoder raised first (:class:`OutputFailed`, :class:`PlateUnreadable`).
    """
    progress = progress or Silent()
    encoders = [_Encoder(path, codec, rate) for codec, path in movies.wanted().items()]
    if not encoders:
        return ()
    try:
        for done, picture in enumerate(pictures, start=1):
            for encoder in encoders:
                encoder.give(picture)
            progress.report("review movies", done, count)
        for encoder in encoders:
            encoder.give(None)
    except BaseException as error:
        for encoder in encoders:
            encoder.stop(error)
        raise
    finally:
        for encoder in encoders:
            encoder.thread.join()
    for encoder in encoders:
        if encoder.failed is not None:
            raise encoder.failed
    return tuple(encoder.path for encoder in encoders)


class _Encoder:
    """One movie, written by a thread of its own from a short queue."""

    def __init__(self, path: Path, codec: Codec, rate: Fraction) -> None:
        self.path = path
        self.failed: BaseException | None = None
        self._reader_error: BaseException | None = None
        self._queue: queue.Queue[Shown | None] = queue.Queue(_AHEAD)
        self.thread = threading.Thread(target=self._run, args=(codec, rate), name=f"{codec} encoder", daemon=True)
        self.thread.start()

    def give(self, picture: Shown | None) -> None:
        """Hand over a picture, or None after the last; raises what the encoder has failed with."""
        while self.failed is None:
            try:
                self._queue.put(picture, timeout=0.2)
                return
            except queue.Full:
                continue
        raise self.failed

    def stop(self, error: BaseException) -> None:
        """Make the encoder give up and leave no file."""
        self._reader_error = error
        while self.thread.is_alive() and self.failed is None:
            try:
                self._queue.put(None, timeout=0.2)
                return
            except queue.Full:
                continue

    def _run(self, codec: Codec, rate: Fraction) -> None:
        try:
            write_movie(self.path, self._pictures(), rate=rate, codec=codec)
        except BaseException as error:
            self.failed = error

    def _pictures(self) -> Iterator[np.ndarray]:
        while (picture := self._queue.get()) is not None:
            yield picture
        if self._reader_error is not None:
            raise self._reader_error


def comps_of(paths: Mapping[int, Path], read: Callable[[Path], Rgb]) -> Iterator[tuple[int, Rgb]]:
    """(frame, pixels) of a sequence in order of frames, every frame of the first one's size.

    ``read`` is :func:`setpiece.deliver.frames.read_comp`. Raises :class:`PlateUnreadable`, naming the frame, where one
    is absent, damaged or of another size.
    """
    first: tuple[int, ...] | None = None
    for frame in sorted(paths):
        comp = read(paths[frame])
        if first is not None and comp.shape != first:
            raise PlateUnreadable(
                f"is {comp.shape[1]}x{comp.shape[0]}, the first frame is {first[1]}x{first[0]}",
                file=paths[frame],
                frame=frame,
                remedy="render the shot at one scale, or into another version",
            )
        first = comp.shape
        yield frame, comp
