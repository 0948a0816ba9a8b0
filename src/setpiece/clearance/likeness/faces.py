"""Faces in pictures: each one found must be accounted for by somebody, or a person rules.

Place in the flow: at ingest (plate, references) and before release (output). Finding looks at the whole picture and at
tiles of it, so that small faces count too; accounting is pure geometry: a face stands where a performer was declared,
where somebody declared that nobody is identifiable, or, in an output, where the plate had it already. Anything else is
``unexpected``. What geometry can't tell is *who* it is: a face exchanged at the same place keeps its place; only the
embedding matcher (:mod:`.embedding`) sees that. The finder errs towards finding: statues and masks count.
"""

from __future__ import annotations

import hashlib
import importlib
import itertools
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Protocol

import numpy as np

from setpiece.clearance.use import LikenessMatch
from setpiece.core.arrays import Display
from setpiece.core.errors import CapabilityMissing

LEAST_SCORE = 0.6
SAME_PLACE = 0.3  # intersection over union from which two boxes are one face
FINEST_TILE = 384  # px: measured, finds every face from 40 px on, most of 28 px, half of 20 px
_COARSER = 3  # each coarser tile is three times as wide: a face fits one of them
_STRIDE = 0.7  # of a tile: what is cut by one tile lies whole in its neighbour, up to 30 % of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in pixels of the picture, origin top left."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """In square pixels."""
        return max(0.0, self.width) * max(0.0, self.height)

    def overlap(self, other: Box) -> float:
        """Intersection over union, 0..1."""
        wide = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        high = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        shared = max(0.0, wide) * max(0.0, high)
        whole = self.area + other.area - shared
        return shared / whole if whole > 0 else 0.0

    def __str__(self) -> str:
        return f"{self.width:.0f}x{self.height:.0f} px at {self.x:.0f},{self.y:.0f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A face that was found, with the finder's own score, 0..1."""

    box: Box
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Who a face is, as somebody declared it: a performer, or None for nobody identifiable. ``by`` is who says so.

    Without ``box`` it stands for one face anywhere in the picture.
    """

    performer: str | None
    by: str
    box: Box | None = None


class Detector(Protocol):
    """Finds faces in one picture at one scale."""

    def detect(self, pixels: Display) -> Sequence[Face]:
        """Faces in (h, w, 3) uint8 RGB, boxes in its pixels; any score."""
        ...


def find_faces(
    pixels: Display, detector: Detector, *, least_score: float = LEAST_SCORE, finest_tile: int = FINEST_TILE
) -> tuple[Face, ...]:
    """Every face in (h, w, 3) uint8 display RGB, best first; the picture is searched whole and in tiles.

    ``finest_tile`` in pixels: smaller finds smaller faces and takes longer; the least face is a tenth of it.
    """
    height, width = pixels.shape[:2]
    found = []
    for size in tile_sizes(max(height, width), finest_tile):
        for x, y in tile_corners(width, height, size):
            tile = np.ascontiguousarray(pixels[y : y + size, x : x + size])
            for face in detector.detect(tile):
                if face.score >= least_score and not _cut(face.box, (x, y), size, (width, height)):
                    box = Box(x=face.box.x + x, y=face.box.y + y, width=face.box.width, height=face.box.height)
                    found.append(Face(box=box, score=face.score))
    return merged(found)


def tile_sizes(longest: int, finest: int) -> tuple[int, ...]:
    """Widths of the tiles to search, the whole picture first.

    >>> tile_sizes(3264, 384)
    (3264, 1152, 384)
    """
    sizes = [size for size in (finest * _COARSER**power for power in range(12)) if size < longest]
    return (longest, *reversed(sizes))


def tile_corners(width: int, height: int, size: int) -> tuple[tuple[int, int], ...]:
    """Top left corners of square tiles that cover the picture and overlap.

    >>> tile_corners(100, 50, 100)
    ((0, 0),)
    """
    return tuple(itertools.product(_starts(width, size), _starts(height, size)))


def _starts(length: int, size: int) -> list[int]:
    last = max(0, length - size)
    return sorted({min(start, last) for start in range(0, length, max(1, int(size * _STRIDE)))})


def _cut(box: Box, corner: tuple[int, int], size: int, picture: tuple[int, int]) -> bool:
    """Does the face touch an edge of its tile that is not the picture's? Then a neighbour or a coarser tile has it whole."""
    for start, length, offset, whole in ((box.x, box.width, corner[0], picture[0]), (box.y, box.height, corner[1], picture[1])):
        if (offset > 0 and start < 1) or (offset + size < whole and start + length > size - 1):
            return True
    return False


def merged(faces: Iterable[Face]) -> tuple[Face, ...]:
    """One face for each place, the best of those that lie over each other."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: (-face.score, face.box.x, face.box.y)):
        if all(face.box.overlap(other.box) < SAME_PLACE for other in kept):
            kept.append(face)
    return tuple(kept)


def account(faces: Sequence[Face], declared: Sequence[Declared], *, where: str) -> tuple[LikenessMatch, ...]:
    """What becomes of each face in a plate or reference: ``accounted``, ``nobody`` or ``unexpected``.

    A declaration with a place accounts for one face there. Those without a place account for the faces left over only
    where there are at least as many of them: with more faces than names nobody knows which one is a stranger.
    """
    pairs = _matched([face.box for face in faces], [item.box for item in declared])
    free = [item for number, item in enumerate(declared) if item.box is None and number not in pairs.values()]
    left = [number for number in range(len(faces)) if number not in pairs]
    anywhere = dict(zip(left, free, strict=False)) if len(left) <= len(free) else {}
    return tuple(
        _match(face, declared[pairs[number]] if number in pairs else anywhere.get(number), where)
        for number, face in enumerate(faces)
    )


def account_output(
    faces: Sequence[Face], plate: Sequence[Face], plate_matches: Sequence[LikenessMatch], declared: Sequence[Declared]
) -> tuple[LikenessMatch, ...]:
    """What becomes of each face in an output frame: what the plate's face at the same place was, or what was declared
    of the output; everything else is ``unexpected``. ``plate_matches`` are :func:`account` of the same plate frame.
    """
    pairs = _matched([face.box for face in faces], [face.box for face in plate])
    rest = [face for number, face in enumerate(faces) if number not in pairs]
    named = iter(account(rest, declared, where="output"))
    found = []
    for number, face in enumerate(faces):
        if number in pairs:
            before = plate_matches[pairs[number]]
            found.append(
                LikenessMatch(
                    where="output",
                    what="face",
                    status=before.status,
                    performer=before.performer,
                    score=face.score,
                    detail=f"{face.box}, in the plate at the same place",
                    ruled_by=before.ruled_by,
                )
            )
        else:
            found.append(next(named))
    return tuple(found)


def _match(face: Face, declared: Declared | None, where: str) -> LikenessMatch:
    if declared is None:
        status, performer, ruled_by = "unexpected", None, None
    else:
        status = "nobody" if declared.performer is None else "accounted"
        performer, ruled_by = declared.performer, declared.by
    return LikenessMatch(
        where=where, what="face", status=status, performer=performer, score=face.score, detail=str(face.box), ruled_by=ruled_by
    )


def _matched(boxes: Sequence[Box], places: Sequence[Box | None]) -> dict[int, int]:
    """Which box stands at which place, one to one, the best overlaps first."""
    overlaps = sorted(
        (
            (-box.overlap(place), first, second)
            for first, box in enumerate(boxes)
            for second, place in enumerate(places)
            if place is not None and box.overlap(place) >= SAME_PLACE
        ),
    )
    pairs: dict[int, int] = {}
    for _, first, second in overlaps:
        if first not in pairs and second not in pairs.values():
            pairs[first] = second
    return pairs


class MediapipeDetector:
    """Mediapipe's face detection, full range, with the weights inside its wheel. Not to be shared between threads.

    Its weights are those of a trained model whose data is not public: it only looks, nothing of it gets into a picture.
    :attr:`weights` names file and hash for the production's register.
    """

    def __init__(self) -> None:
        _postpone("matplotlib.pyplot")
        try:
            import mediapipe  # type: ignore[import-untyped]
            from mediapipe.python.solutions import face_detection  # type: ignore[import-untyped]
        except ImportError as error:
            raise CapabilityMissing(
                "faces", engine="likeness guard", remedy="pip install mediapipe: without it no face is accounted for"
            ) from error
        # The lowest score that the library reports: the threshold is find_faces' business.
        self._finder: Any = face_detection.FaceDetection(model_selection=1, min_detection_confidence=0.3)
        self._folder = Path(mediapipe.__file__).parent / "modules" / "face_detection"

    def __enter__(self) -> MediapipeDetector:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._finder.close()

    @property
    def weights(self) -> tuple[tuple[str, str], ...]:
        """(file name, SHA-256) of the weights that it looks with."""
        files = sorted(self._folder.glob("face_detection_full_range*.tflite"))
        return tuple((file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files)

    def detect(self, pixels: Display) -> Sequence[Face]:
        """Faces at the picture's own scale; finds those that fill between a tenth and most of it."""
        height, width = pixels.shape[:2]
        result = self._finder.process(np.ascontiguousarray(pixels))
        found = []
        for detection in result.detections or ():
            box = detection.location_data.relative_bounding_box
            place = Box(x=box.xmin * width, y=box.ymin * height, width=box.width * width, height=box.height * height)
            found.append(Face(box=place, score=float(detection.score[0])))
        return found


class _Postponed(ModuleType):
    """A module that is imported when something in it is asked for (``importlib.util.LazyLoader`` is woken by any import)."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def _postpone(name: str) -> None:
    """Mediapipe imports a plotting library for drawings that nobody here asks of it: most of the time that it takes to load."""
    if name not in sys.modules:
        sys.modules[name] = _Postponed(name)
