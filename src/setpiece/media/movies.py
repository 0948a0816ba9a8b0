"""Movies in and out, through PyAV.

Colour difference signals are converted here, in floating point, with the matrix, range and chroma siting that the
stream states: ten bits stay ten bits, nothing is clamped, and what is written says truthfully how it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import numpy as np

from setpiece.core.arrays import Float32, Plane, Rgb
from setpiece.core.errors import OutputFailed, PlateUnreadable
from setpiece.media.containers import what_is_missing
from setpiece.media.files import atomic_path, output_failed

MOVIE_SUFFIXES = frozenset({".mp4", ".mov", ".m4v", ".mkv", ".mxf", ".avi", ".webm", ".mts", ".m2ts"})
Codec = Literal["h264", "prores4444"]
_REMEDY = "copy it again from its source or export it once more"
_FORMAT = re.compile(r"yuv(?:a|j)?(420|422|444)p(9|10|12|14|16)?(?:le)?|gray(9|10|12|14|16)?(?:le)?")
# luma weights (kr, kb) by ITU-T H.273 matrix coefficient
_WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 7: (0.212, 0.087), 9: (0.2627, 0.0593)}
_NTSC = tuple(Fraction(whole * 1000, 1001) for whole in (24, 30, 48, 60, 120))
_RATES = (*(Fraction(whole) for whole in (24, 25, 30, 48, 50, 60, 120)), *_NTSC)


class MovieReader:
    """Frames of one movie, numbered from ``first_frame``, upright, float32 RGB as encoded.

    Opening reads every packet's header (not the pictures) and looks through the container, so that a movie that was cut
    anywhere is refused at once, with the first frame that is not there in full where the cut went through one. Use it as
    a context manager or call :meth:`close`. Not for several threads at once.

    ``rate`` is exact, ``size`` (width, height) after rotation, ``frames`` the number of pictures, ``tags`` the H.273
    primaries and transfer numbers (2: not stated).

    Raises :class:`PlateUnreadable`.
    """

    def __init__(self, path: Path, *, first_frame: int = 0) -> None:
        self.path = Path(path)
        self.first_frame = first_frame
        self._container: Any = None
        self._next, self._held = 0, (-1, np.zeros((0, 0, 3), np.float32))
        stream = self._open()
        stated, pts, broken = _packets(self._container, stream)
        self.frames = len(pts)
        self._check_whole(stated, broken)
        self.rate = _rate(stream)
        self.bit_depth = _bits(str(stream.codec_context.pix_fmt))
        aspect = stream.sample_aspect_ratio
        self.pixel_aspect = float(aspect) if aspect else 1.0
        self._rewind()
        first = self.frame(first_frame)
        self.size = (first.shape[1], first.shape[0])

    def _check_whole(self, stated: int, broken: int | None) -> None:
        missing = what_is_missing(self.path)
        if broken is not None or self.frames < stated:
            first = min(self.frames if broken is None else broken, self.frames)
            raise PlateUnreadable(
                f"is truncated: this is the first of {max(stated, self.frames) - first} frames that cannot be read",
                file=self.path,
                frame=self.first_frame + first,
                remedy=_REMEDY,
            )
        if missing:
            last = self.first_frame + self.frames - 1
            raise PlateUnreadable(
                f"is truncated: {missing}; its last frame is in doubt",
                file=self.path,
                frame=last,
                remedy=_REMEDY,
            )
        if not self.frames:
            raise PlateUnreadable("holds no pictures", file=self.path, remedy=_REMEDY)

    def __enter__(self) -> MovieReader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._container is not None:
            self._container.close()
            self._container = None

    def frame(self, number: int) -> Rgb:
        """Picture ``number``, float32 (h, w, 3) as encoded: 0 is black, 1 is white, excursions beyond them are kept.

        Forwards is cheap, backwards decodes again from the start. Raises :class:`PlateUnreadable` with the frame.
        """
        index = number - self.first_frame
        if not 0 <= index < self.frames:
            last = self.first_frame + self.frames - 1
            raise PlateUnreadable(
                f"has no such frame: it holds {self.first_frame}-{last}",
                file=self.path,
                frame=number,
                remedy="ask for frames inside that range",
            )
        if self._held[0] == index:
            return self._held[1]
        if index < self._next:
            self._rewind()
        picture = None
        while self._next <= index:
            picture = self._decode(self._next)
            self._next += 1
        self._held = (index, _rgb(picture))
        self._held[1].setflags(write=False)
        return self._held[1]

    def _open(self) -> Any:
        import av

        self.close()
        if not self.path.exists():
            raise PlateUnreadable("does not exist", file=self.path, remedy="check the path")
        if not self.path.stat().st_size:
            raise PlateUnreadable("is empty (0 bytes)", file=self.path, remedy=_REMEDY)
        try:
            self._container = av.open(str(self.path))
        except PermissionError as error:
            raise PlateUnreadable(
                "cannot be opened: permission denied", file=self.path, remedy="check that it is yours to read"
            ) from error
        except (av.FFmpegError, OSError, ValueError) as error:
            missing = what_is_missing(self.path) if self.path.is_file() else "it is a folder"
            raise PlateUnreadable(
                f"cannot be read as a movie: {missing or 'it is truncated, damaged, or of a kind not known'}",
                file=self.path,
                remedy=_REMEDY,
            ) from error
        if not self._container.streams.video:
            raise PlateUnreadable("holds no pictures, only sound or data", file=self.path, remedy="name another file")
        stream = self._container.streams.video[0]
        if stream.codec_context is None:
            raise PlateUnreadable(
                "uses a codec that cannot be decoded here",
                file=self.path,
                remedy="export it as H.264, H.265 or ProRes, or as an image sequence",
            )
        stream.thread_type = "AUTO"
        context = stream.codec_context
        self.tags = (int(context.color_primaries or 2), int(context.color_trc or 2))
        return stream

    def _rewind(self) -> None:
        stream = self._open()
        self._pictures = self._container.decode(stream)
        self._next = 0

    def _decode(self, index: int) -> Any:
        import av

        try:
            picture = next(self._pictures)
        except StopIteration:
            picture = None
        except (av.FFmpegError, OSError, ValueError):
            picture = None
        if picture is None or picture.is_corrupt:
            raise PlateUnreadable(
                "cannot be decoded: the movie is damaged from here on",
                file=self.path,
                frame=self.first_frame + index,
                remedy=_REMEDY,
            )
        return picture


def _packets(container: Any, stream: Any) -> tuple[int, list[int], int | None]:
    """Frames that the header states, presentation times of the packets in order, index of the first broken one."""
    import av

    pts: list[int] = []
    broken: list[int] = []
    try:
        for packet in container.demux(stream):
            if packet.pts is None and packet.dts is None:
                continue  # the flush at the end
            if packet.is_discard:
                continue
            time = packet.pts if packet.pts is not None else packet.dts
            pts.append(time)
            if packet.is_corrupt:
                broken.append(time)
    except (av.FFmpegError, OSError):
        broken.append(max(pts, default=0) + 1)
    pts.sort()
    return int(stream.frames or 0), pts, (int(np.searchsorted(pts, min(broken))) if broken else None)


def _rate(stream: Any) -> Fraction:
    """The exact rate: what the stream states, or the film or video rate within a thousandth of it."""
    rate = Fraction(stream.average_rate or stream.guessed_rate or 24)
    nearest = min(_RATES, key=lambda known: abs(known - rate))
    return nearest if abs(nearest - rate) < rate / 2500 else rate


def _bits(pixel_format: str) -> str:
    match = _FORMAT.fullmatch(pixel_format)
    return (match[2] or match[3] or "8") if match else ("16" if "48" in pixel_format or "64" in pixel_format else "8")


def _rgb(picture: Any) -> Rgb:
    """Upright RGB (h, w, 3) as encoded from a decoded picture."""
    match = _FORMAT.fullmatch(picture.format.name)
    if match is None:
        rgb = picture.to_ndarray(format="rgb48le").astype(np.float32) / np.float32(65535)
    else:
        rgb = _from_planes(picture, match[1] or "400", int(match[2] or match[3] or 8))
    turns = round((picture.rotation or 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(rgb, turns) if turns else rgb)


def _plane(picture: Any, index: int, dtype: type[np.generic]) -> Plane:
    plane = picture.planes[index]
    rows = np.frombuffer(plane, dtype).reshape(plane.height, -1)
    return rows[:, : plane.width].astype(np.float32)


def _from_planes(picture: Any, layout: str, bits: int) -> Rgb:
    dtype: type[np.generic] = np.uint8 if bits == 8 else np.uint16
    full = picture.format.name.startswith("yuvj") or picture.color_range == 2
    black, white, spread = (0, (1 << bits) - 1, (1 << bits) - 1) if full else (16, 219, 224)
    scale = 1 if full else 1 << (bits - 8)
    luma = (_plane(picture, 0, dtype) - np.float32(black * scale)) / np.float32(white * scale)
    if layout == "400":
        return np.repeat(luma[..., None], 3, axis=2)
    height, width = luma.shape
    centre, span = np.float32(1 << (bits - 1)), np.float32(spread * scale)
    cb, cr = ((_plane(picture, i, dtype) - centre) / span for i in (1, 2))
    if layout != "444":
        cb, cr = (_wider(plane)[:, :width] for plane in (cb, cr))
    if layout == "420":
        cb, cr = (_taller(plane)[:height] for plane in (cb, cr))
    matrix = int(picture.colorspace)
    kr, kb = _WEIGHTS.get(matrix, _WEIGHTS[1] if height >= 720 or matrix != 2 else _WEIGHTS[6])
    red = luma + np.float32(2 * (1 - kr)) * cr
    blue = luma + np.float32(2 * (1 - kb)) * cb
    green = (luma - np.float32(kr) * red - np.float32(kb) * blue) / np.float32(1 - kr - kb)
    return np.stack([red, green, blue], axis=2)


def _wider(plane: Plane) -> Plane:
    """Chroma to full width: samples sit on even columns (MPEG-2 siting), odd ones are the mean of their neighbours."""
    out = np.repeat(plane, 2, axis=1)
    out[:, 1:-1:2] = (plane[:, :-1] + plane[:, 1:]) * np.float32(0.5)
    return out


def _taller(plane: Plane) -> Plane:
    """Chroma to full height: samples sit midway between two rows."""
    above = np.concatenate([plane[:1], plane[:-1]])
    below = np.concatenate([plane[1:], plane[-1:]])
    out = np.empty((2 * plane.shape[0], plane.shape[1]), np.float32)
    out[0::2] = plane * np.float32(0.75) + above * np.float32(0.25)
    out[1::2] = plane * np.float32(0.75) + below * np.float32(0.25)
    return out


def write_movie(path: Path, frames: Iterator[np.ndarray[Any, Any]], *, rate: Fraction, codec: Codec) -> int:
    """Write display-referred uint8 or uint16 frames (h, w, 3) as a movie; returns how many.

    ``h264``: 4:2:0, 8 bit, CRF 16, odd sizes padded to even by repeating the edge, index at the front. ``prores4444``:
    4:4:4, 10 bit (a .mov). Matrix, range and tags are BT.709 video range. Equal frames give equal files on one
    machine, whatever its number of cores; no clock is written.

    Raises :class:`OutputFailed` where the disk refuses; ``ValueError`` where frames are missing or differ in size.
    """
    import av

    with atomic_path(Path(path)) as temporary:
        try:
            with av.open(str(temporary), "w", options=_container_options(codec)) as container:
                return _encode(container, iter(frames), rate, codec)
        except av.FFmpegError as error:
            if isinstance(error, OSError) and error.errno and error.errno > 0:
                raise output_failed(Path(path), OSError(error.errno, error.strerror)) from error
            raise OutputFailed(
                f"cannot be encoded: {error}", file=path, remedy="check the disk and run the same command again"
            ) from error


def _container_options(codec: Codec) -> dict[str, str]:
    return {"fflags": "+bitexact", "movflags": "+faststart"} if codec == "h264" else {"fflags": "+bitexact"}


def _encode(container: Any, frames: Iterator[np.ndarray[Any, Any]], rate: Fraction, codec: Codec) -> int:
    first = next(frames, None)
    if first is None:
        raise ValueError("a movie needs at least one frame")
    height, width = first.shape[:2]
    stream = _stream(container, (width, height), rate, codec)
    count = 0
    for picture in chain((first,), frames):
        if picture.shape != first.shape or picture.dtype not in (np.uint8, np.uint16):
            raise ValueError(f"frame {count} is {picture.dtype} {picture.shape}, the first is {first.shape}")
        out = _picture(picture, codec)
        out.pts, out.time_base = count, 1 / rate
        container.mux(stream.encode(out))
        count += 1
    container.mux(stream.encode(None))
    return count


def _stream(container: Any, size: tuple[int, int], rate: Fraction, codec: Codec) -> Any:
    if codec == "h264":
        options = {"crf": "16", "preset": "fast", "threads": "2", "flags": "+bitexact"}
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.pix_fmt = "yuv420p"
        stream.width, stream.height = size[0] + size[0] % 2, size[1] + size[1] % 2
    elif codec == "prores4444":
        options = {"profile": "4444", "vendor": "apl0", "bits_per_mb": "8000", "flags": "+bitexact"}
        stream = container.add_stream("prores_ks", rate=rate, options=options)
        stream.pix_fmt = "yuv444p10le"
        stream.width, stream.height = size
    else:
        raise ValueError(f"no codec named {codec}")
    context = stream.codec_context
    context.color_primaries, context.color_trc, context.colorspace, context.color_range = 1, 1, 1, 1
    context.time_base = 1 / rate
    return stream


def _picture(pixels: np.ndarray[Any, Any], codec: Codec) -> Any:
    import av

    half, bits = codec == "h264", 8 if codec == "h264" else 10
    rgb = pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)
    if half:
        rgb = np.pad(rgb, ((0, rgb.shape[0] % 2), (0, rgb.shape[1] % 2), (0, 0)), mode="edge")
    picture = av.VideoFrame(rgb.shape[1], rgb.shape[0], "yuv420p" if half else "yuv444p10le")
    for plane, values in zip(picture.planes, _to_planes(rgb, half=half, bits=bits), strict=True):
        item = values.dtype.itemsize
        rows = np.zeros((plane.height, plane.line_size // item), values.dtype)
        rows[:, : values.shape[1]] = values
        plane.update(rows.tobytes())
    picture.colorspace, picture.color_range, picture.color_primaries, picture.color_trc = 1, 1, 1, 1
    return picture


def _to_planes(rgb: Rgb, *, half: bool, bits: int) -> list[np.ndarray[Any, Any]]:
    """BT.709 video-range Y, Cb, Cr; chroma filtered [1 2 1] across and averaged down where ``half``."""
    kr, kb = _WEIGHTS[1]
    weights = np.array([kr, 1 - kr - kb, kb], np.float32)
    luma: Float32[np.ndarray, "h w"] = rgb @ weights
    chroma = [(rgb[..., 2] - luma) / np.float32(2 * (1 - kb)), (rgb[..., 0] - luma) / np.float32(2 * (1 - kr))]
    if half:
        chroma = [_narrower((plane[0::2] + plane[1::2]) * np.float32(0.5)) for plane in chroma]
    scale, dtype = 1 << (bits - 8), np.uint8 if bits == 8 else np.uint16
    coded = [luma * (219 * scale) + 16 * scale, *(plane * (224 * scale) + (128 * scale) for plane in chroma)]
    return [np.clip(plane + np.float32(0.5), scale, 255 * scale - 1).astype(dtype) for plane in coded]


def _narrower(plane: Plane) -> Plane:
    padded = np.pad(plane, ((0, 0), (1, 1)), mode="edge")
    left, centre, right = padded[:, 0:-2:2], padded[:, 1:-1:2], padded[:, 2::2]
    return centre * np.float32(0.5) + (left + right) * np.float32(0.25)
