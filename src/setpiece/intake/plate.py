"""The plate comes in: what is it, how many frames, what does it know about its lens and its colour?

:func:`probe_plate` looks (headers, hashes, holes in a sequence) and :func:`load_plate` gives one frame as ACEScg.
Everything inferred stands in the :class:`PlateInfo`, from where it goes into the brief to be overridden; what cannot be
inferred honestly (the encoding of a DPX) is asked for, not guessed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Literal

from setpiece.core.arrays import Rgb
from setpiece.core.errors import BriefError, PlateUnreadable
from setpiece.core.pictures import Picture, PlateInfo
from setpiece.core.timing import FrameRange, spans
from setpiece.media.colour import guess_movie_space, guess_space, resolve_space, to_acescg
from setpiece.media.files import sha256_file, sha256_value
from setpiece.media.images import Header, heal_non_finite, read_header, read_image
from setpiece.media.movies import MOVIE_SUFFIXES, MovieReader

SMALLEST, LARGEST, MOST_PIXELS = 64, 16384, 1 << 28
STILL_FRAMES = 48
STILL_RATE = Fraction(24)
_FILM_DIAGONAL_MM = math.hypot(36.0, 24.0)
_PICTURES = frozenset({".exr", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".dpx", ".cin", ".hdr", ".tga", ".bmp"})
_PATTERN = re.compile(r"^(?P<head>.*?)(?:%0?(?P<pad>\d*)d|(?P<hash>#+))(?P<tail>[^%#]*)$")
_NUMBERED = re.compile(r"^(?P<head>.*?[._-]|)(?P<number>\d{2,9})(?P<tail>\.[A-Za-z]+)$")
_RESOLUTION_UNIT_MM = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}  # EXIF FocalPlaneResolutionUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A numbered image sequence on disk: ``head`` + number padded to ``pad`` + ``tail`` in ``folder``."""

    folder: Path
    head: str
    pad: int
    tail: str

    @property
    def pattern(self) -> Path:
        """The sequence's name with ``%04d`` where the number stands."""
        return self.folder / f"{self.head}%0{self.pad}d{self.tail}"

    def path(self, frame: int) -> Path:
        """Where ``frame`` lies."""
        return self.folder / f"{self.head}{frame:0{self.pad}d}{self.tail}"

    def numbers(self) -> list[int]:
        """The frames on disk, ascending."""
        name = re.compile(re.escape(self.head) + r"(\d+)" + re.escape(self.tail))
        found = (name.fullmatch(path.name) for path in self.folder.iterdir())
        return sorted(int(m[1]) for m in found if m and len(m[1]) == max(self.pad, len(str(int(m[1])))))


Kind = Literal["still", "movie", "sequence"]


def probe_plate(
    source: Path,
    *,
    first_frame: int = 1001,
    frames: int | None = None,
    rate: Fraction | None = None,
    colour_space: str | None = None,
    focal_px: float | None = None,
    focal_mm: float | None = None,
) -> PlateInfo:
    """Look at a plate without decoding it (a movie: its first frame).

    ``source``: a picture; a movie; a sequence as ``name.%04d.exr``, ``name.####.exr``, one of several numbered
    pictures beside one another, or a folder that holds one sequence. Stills and movies are numbered from
    ``first_frame``; a sequence keeps the numbers of its files. ``frames``: how many (a still: 48 by default; else all,
    or the first so many). ``rate``: overrides what the file says. ``focal_mm`` is the 35 mm equivalent, ``focal_px`` is
    in pixels of the plate; at most one of them.

    Raises :class:`PlateUnreadable` (absent, damaged, too small or large, frames missing) and :class:`BriefError`
    (contradicting or impossible statements, a colour space that must be stated).
    """
    source = Path(source)
    space = None if colour_space is None else resolve_space(colour_space)
    _check_statements(frames, focal_px, focal_mm)
    kind, found = _recognise(source)
    if kind == "movie":
        return _probe_movie(source, first_frame, frames, rate, space, (focal_px, focal_mm))
    if kind == "sequence":
        assert found is not None
        return _probe_sequence(found, frames, rate, space, (focal_px, focal_mm))
    header = read_header(source)
    _check_header(header, source)
    guess = (space, True) if space else guess_space(header, file=source)
    shot = _range(first_frame, frames or STILL_FRAMES, rate or STILL_RATE)
    return _info(source, header, shot, guess, (focal_px, focal_mm), sha256=sha256_file(source), still=True)


def load_plate(info: PlateInfo, frame: int) -> tuple[Picture, int]:
    """One frame as scene-linear ACEScg (h, w, 3) float32, and how many broken pixels (NaN, Inf) were healed in it.

    A still gives its picture for every frame of the range. Raises :class:`PlateUnreadable`, naming file and frame,
    where it is absent, damaged, of another size than the first, or wholly NaN.
    """
    if frame not in info.frames:
        raise PlateUnreadable(
            f"has no such frame: the plate is {info.frames.first}-{info.frames.last}",
            file=info.source,
            frame=frame,
            remedy="ask for frames inside that range",
        )
    if info.still:
        return _load(info, info.frames.first)
    return _load(info, frame)


def plate_files(info: PlateInfo) -> tuple[Path, ...]:
    """Every file that a plate's frames lie in: one for a still or a movie."""
    source = Path(info.source)
    found = None if info.still or source.suffix.lower() in MOVIE_SUFFIXES else _parse(source)
    return (source,) if found is None else tuple(found.path(frame) for frame in info.frames)


@lru_cache(maxsize=1)  # a still is asked for once per frame of the shot; a value in, the same value out
def _load(info: PlateInfo, frame: int) -> tuple[Picture, int]:
    encoded = _encoded(info, frame)
    info.check_size(encoded, frame)
    encoded, healed = heal_non_finite(encoded)
    if healed == info.width * info.height:
        raise PlateUnreadable(
            "holds nothing but NaN or infinity", file=info.source, frame=frame, remedy="render or export it again"
        )
    return Picture(pixels=to_acescg(encoded, info.source_colour_space)), healed


def _encoded(info: PlateInfo, frame: int) -> Rgb:
    path = Path(info.source)
    if path.suffix.lower() in MOVIE_SUFFIXES:
        return _movie(path, info.sha256, info.frames.first).frame(frame)
    if not info.still:
        found = _parse(path)
        assert found is not None
        path = found.path(frame)
    try:
        return read_image(path).rgb(file=path)
    except PlateUnreadable as error:
        if info.still or error.frame is not None:
            raise
        raise PlateUnreadable(error.message, file=error.file, frame=frame, remedy=error.remedy) from error


@lru_cache(maxsize=1)  # decoding forwards needs the decoder of the last frame
def _movie(path: Path, sha256: str, first_frame: int) -> MovieReader:
    return MovieReader(path, first_frame=first_frame)


def _check_statements(frames: int | None, focal_px: float | None, focal_mm: float | None) -> None:
    if frames is not None and not 1 <= frames <= 100_000:
        raise BriefError(f"{frames} frames make no shot", remedy="state between 1 and 100000 frames")
    if focal_px is not None and focal_mm is not None:
        raise BriefError("focal length is stated twice, in pixels and in millimetres", remedy="keep one of them")
    for value, name in ((focal_px, "focal_px"), (focal_mm, "focal_mm")):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise BriefError(f"{name} {value} is no focal length", remedy=f"state {name} above 0, or leave it out")


def _range(first: int, count: int, rate: Fraction) -> FrameRange:
    return FrameRange(first=first, last=first + count - 1, rate=rate)


def _recognise(source: Path) -> tuple[Kind, Sequence | None]:
    """Still, movie or sequence. A numbered picture with numbered neighbours is a sequence."""
    found = _parse(source)
    if found is not None:
        if not found.folder.is_dir():
            raise PlateUnreadable("does not exist", file=found.folder, remedy="check the path")
        return "sequence", found
    if source.is_dir():
        return "sequence", _in_folder(source)
    if source.suffix.lower() in MOVIE_SUFFIXES:
        return "movie", None
    match = _NUMBERED.match(source.name)
    if match and source.suffix.lower() in _PICTURES and source.exists():
        found = Sequence(folder=source.parent, head=match["head"], pad=len(match["number"]), tail=match["tail"])
        numbers = found.numbers()
        number = int(match["number"])
        # neighbours by number, not merely by name: DSC_0412.jpg among holiday photographs stays a still
        if len(numbers) > 1 and (number - 1 in numbers or number + 1 in numbers) and _is_film(match["head"], source):
            return "sequence", found
    return "still", None


def _is_film(head: str, source: Path) -> bool:
    """Whether a numbered name is a sequence's: ``name.1001.exr``, not a camera's ``DSC_0412.jpg``."""
    return head.endswith(".") or source.suffix.lower() in (".exr", ".dpx", ".cin")


def _parse(source: Path) -> Sequence | None:
    match = _PATTERN.match(source.name)
    if match is None or source.suffix.lower() not in _PICTURES or source.exists():
        return None
    pad = len(match["hash"]) if match["hash"] else int(match["pad"] or 1)
    if not 1 <= pad <= 9:
        raise BriefError(f"'{source.name}' pads its numbers to {pad} digits", remedy="write %04d or ####")
    return Sequence(folder=source.parent, head=match["head"], pad=pad, tail=match["tail"])


def _in_folder(folder: Path) -> Sequence:
    names = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in _PICTURES)
    matches = [match for match in map(_NUMBERED.match, names) if match]
    kinds = {(match["head"], match["tail"]) for match in matches}
    if len(kinds) == 1:
        pad = min(len(match["number"]) for match in matches)
        head, tail = kinds.pop()
        return Sequence(folder=folder, head=head, pad=pad, tail=tail)
    if not kinds:
        raise PlateUnreadable(
            "is a folder without numbered pictures", file=folder, remedy="name a picture, a movie or name.%04d.exr"
        )
    listed = ", ".join(f"{head}####{tail}" for head, tail in sorted(kinds)[:4])
    raise PlateUnreadable(f"holds several sequences ({listed})", file=folder, remedy="name the one that is the plate")


def _probe_movie(
    source: Path,
    first_frame: int,
    frames: int | None,
    rate: Fraction | None,
    space: str | None,
    focal: tuple[float | None, float | None],
) -> PlateInfo:
    with MovieReader(source, first_frame=first_frame) as movie:
        header = Header(
            width=movie.size[0],
            height=movie.size[1],
            channels=("R", "G", "B"),
            bit_depth=movie.bit_depth,
            format="movie",
            pixel_aspect=movie.pixel_aspect,
        )
        count, own_rate, tags = movie.frames, movie.rate, movie.tags
    _check_header(header, source)
    guess = (space, True) if space else guess_movie_space(primaries=tags[0], transfer=tags[1], file=source)
    shot = _range(first_frame, _enough(frames, count, source), rate or own_rate)
    return _info(source, header, shot, guess, focal, sha256=sha256_file(source), still=False)


def _probe_sequence(
    found: Sequence,
    frames: int | None,
    rate: Fraction | None,
    space: str | None,
    focal: tuple[float | None, float | None],
) -> PlateInfo:
    numbers = found.numbers()
    if not numbers:
        raise PlateUnreadable("no frame of this sequence exists", file=found.pattern, remedy="check the name")
    count = _enough(frames, numbers[-1] - numbers[0] + 1, found.pattern)
    wanted = range(numbers[0], numbers[0] + count)
    missing = sorted(set(wanted) - set(numbers))
    if missing:
        raise PlateUnreadable(
            f"{len(missing)} of {count} frames are missing: {_gaps(missing)}",
            file=found.pattern,
            frame=missing[0],
            remedy="copy the missing frames, or state a shorter range",
        )
    first = found.path(numbers[0])
    header = read_header(first)
    _check_header(header, first)
    guess = (space, True) if space else guess_space(header, file=first)
    shot = _range(numbers[0], count, rate or header.rate or STILL_RATE)
    sha256 = sha256_value([(frame, sha256_file(found.path(frame))) for frame in wanted])
    return _info(found.pattern, header, shot, guess, focal, sha256=sha256, still=False)


def _info(
    source: Path,
    header: Header,
    frames: FrameRange,
    space: tuple[str, bool],
    focal: tuple[float | None, float | None],
    *,
    sha256: str,
    still: bool,
) -> PlateInfo:
    """What is known of a plate, put together; ``space`` with whether it was stated, ``focal`` as stated in px and mm."""
    focal_px, how = _focal(header, *focal)
    return PlateInfo(
        source=str(source),
        sha256=sha256,
        width=header.width,
        height=header.height,
        frames=frames,
        still=still,
        source_colour_space=space[0],
        colour_space_stated=space[1],
        bit_depth=header.bit_depth,
        focal_px=focal_px,
        focal_source=how,
    )


def _enough(wanted: int | None, there: int, source: Path) -> int:
    if wanted is not None and wanted > there:
        raise BriefError(
            f"{wanted} frames are asked for but {source.name} holds {there}",
            file=source,
            remedy=f"state at most {there} frames, or leave 'frames' out",
        )
    return wanted or there


def _gaps(missing: list[int]) -> str:
    """``1004, 1010-1012``; shortened after eight."""
    gaps = spans(missing)
    return ", ".join(gaps[:8]) + (f" and {len(gaps) - 8} more gaps" if len(gaps) > 8 else "")


def _check_header(header: Header, source: Path) -> None:
    """Refuse by size, before anything is decoded."""
    width, height = header.width, header.height
    if min(width, height) < SMALLEST:
        raise PlateUnreadable(
            f"is {width}x{height}, too small for a plate",
            file=source,
            remedy=f"use a picture of at least {SMALLEST}x{SMALLEST} pixels",
        )
    if max(width, height) > LARGEST or width * height > MOST_PIXELS:
        raise PlateUnreadable(
            f"is {width}x{height}, more than a plate may be",
            file=source,
            remedy=f"scale it to at most {LARGEST} pixels a side and {MOST_PIXELS // 1_000_000} million pixels",
        )
    if abs(header.pixel_aspect - 1) > 0.01:
        raise PlateUnreadable(
            f"has a pixel aspect of {header.pixel_aspect:g}: its pixels are not square",
            file=source,
            remedy="desqueeze it before it comes in",
        )


def _focal(header: Header, focal_px: float | None, focal_mm: float | None) -> tuple[float | None, str]:
    """Focal length in pixels of the plate and, in words, where it comes from.

    35 mm equivalents are related by the diagonal (CIPA DCG-001): f_px = f_35 * diagonal_px / 43.27 mm. None where
    nothing tells, or where the picture was evidently cropped since.
    """
    diagonal = math.hypot(header.width, header.height)
    if focal_px is not None:
        return float(focal_px), "stated in pixels"
    if focal_mm is not None:
        return focal_mm * diagonal / _FILM_DIAGONAL_MM, f"stated: {focal_mm:g} mm (35 mm equivalent, by the diagonal)"
    exif = header.exif
    equivalent = _number(exif.get("focal_35mm"))
    if equivalent:
        return equivalent * diagonal / _FILM_DIAGONAL_MM, f"EXIF: {equivalent:g} mm (35 mm equivalent, by the diagonal)"
    focal, resolution = _number(exif.get("focal_mm")), _number(exif.get("focal_plane_x"))
    unit = _RESOLUTION_UNIT_MM.get(int(_number(exif.get("focal_plane_unit")) or 2))
    if focal and resolution and unit:
        # the resolution is that of the picture as it was taken; a scaled copy keeps the old EXIF
        taken = _number(exif.get("exif_width")) or max(header.width, header.height)
        scale = max(header.width, header.height) / taken
        return focal * resolution / unit * scale, f"EXIF: {focal:g} mm with the sensor's resolution"
    return None, "not known"


def _number(value: object) -> float | None:
    """A positive, finite number, or None."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) and value > 0 else None
