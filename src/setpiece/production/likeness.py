"""Whose faces are in the plate, and whether what was made shows others: what the gates are told about likeness.

Place in the flow: before ``admit`` (plate) and before ``release`` (take). Finding is geometry; where the production
configured a face-embedding model (``[likeness]`` in clearance.toml) each face is also compared with its performers'
references, so that a face exchanged in place is seen too. What was found is kept beside the stage under the office's
seal: a list that somebody edited is searched anew. Vectors are kept nowhere. It rules nothing.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from setpiece.clearance.likeness.embedding import FaceMatcher, Vector
from setpiece.clearance.likeness.faces import Box, Declared, Face, MediapipeDetector, account, account_output, find_faces
from setpiece.clearance.use import LikenessMatch
from setpiece.core.arrays import Display
from setpiece.core.errors import ClearanceRefused
from setpiece.core.pictures import PlateInfo
from setpiece.core.timing import FrameRange
from setpiece.intake.plate import load_plate
from setpiece.media.colour import guess_space, to_acescg, view
from setpiece.media.files import read_json, write_json
from setpiece.media.images import read_header, read_image
from setpiece.production.job import TakeResult

FACES, FACES_SCHEMA = "faces.json", "setpiece.faces/3"
LEAST_SAMPLES = 5  # frames of a take or clip in which faces are looked for, at least
LONGEST_GAP_S = 0.5  # and never further apart than this: nobody is recognised in less
NEARBY = 0.1  # intersection over union from which a face is the one of the frame before, moved
LEAST_PX = 48
LONGEST_PX = 1600  # pictures are searched at this size at most
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".exr")


class Seal(Protocol):
    """What the office says is its own."""

    def seal(self, content: bytes) -> str:
        """A signature of ``content``."""

    def sealed(self, content: bytes, seal: str) -> bool:
        """Whether it is."""


@dataclass(frozen=True, kw_only=True)
class Eyes:
    """How a production looks at faces: ``matcher`` and the ``known`` vectors of its performers, None where it has none."""

    seal: Seal
    matcher: FaceMatcher | None = None
    known: Mapping[str, Sequence[Vector]] | None = None

    @cached_property
    def detector(self) -> MediapipeDetector:
        """The finder, loaded when the first picture is searched and kept: both gates look with it."""
        with quietly():
            return MediapipeDetector()

    def close(self) -> None:
        """Let the finder go."""
        if "detector" in self.__dict__:
            with quietly(), self.detector:
                pass

    @property
    def weights(self) -> tuple[str, ...]:
        """The model that looks, by hash: a model in use like any other (M1)."""
        return () if self.matcher is None else (self.matcher.model.weights_sha256,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A face in the plate: where it stands, in shares of the picture's width, in which frame, and whom the matcher takes
    it for."""

    face: Face
    frame: int = 0
    match: LikenessMatch | None = None


def eyes_of(seal: Seal, matcher: FaceMatcher | None, references: Path | None) -> Eyes:
    """The eyes of a production. ``references`` holds a folder for each performer's id, with pictures of one face each.

    Raises ClearanceRefused where the matcher has nobody to compare with, or a reference does not show one face.
    """
    if matcher is None:
        return Eyes(seal=seal)
    known: dict[str, list[Vector]] = {}
    with quietly(), MediapipeDetector() as detector:
        for path in sorted(references.glob("*/*") if references else ()):
            if path.suffix.lower() in PICTURES:
                known.setdefault(path.parent.name, []).append(_reference(path, detector, matcher))
    if not known:
        raise ClearanceRefused(
            "the face matcher has nobody to compare with",
            file=references,
            remedy="put pictures of each performer into a folder of their id, and name its parent: [likeness] references",
        )
    return Eyes(seal=seal, matcher=matcher, known=known)


def plate_faces(info: PlateInfo, stage: Path, eyes: Eyes) -> tuple[Seen, ...]:
    """Faces in the plate: in a still, or in frames of a clip no more than half a second apart. Kept under ``stage``."""
    path = stage / FACES
    asked = {"schema": FACES_SCHEMA, "plate_sha256": info.sha256, "frames": list(_sampled(info)), "matcher": list(eyes.weights)}
    kept = _kept(path, asked, eyes.seal)
    if kept is not None:
        return kept
    seen: list[Seen] = []
    with quietly():
        for number in _sampled(info):
            shown = view(np.asarray(load_plate(info, number)[0].pixels[..., :3]), view="plain")
            seen += [replace(one, frame=number) for one in _seen(shown, eyes, where="plate")]
    listed = [
        {
            "box": _box(one.face.box),
            "score": one.face.score,
            "frame": one.frame,
            "match": None if one.match is None else [one.match.status, one.match.performer, one.match.score, one.match.detail],
        }
        for one in seen
    ]
    write_json(path, {**asked, "faces": listed, "seal": eyes.seal.seal(_text(asked, listed))})
    return tuple(seen)


def plate_likenesses(seen: Sequence[Seen], declared: Sequence[Declared]) -> tuple[LikenessMatch, ...]:
    """What becomes of each face in the plate, frame by frame: whoever is declared may be in every one of them. A face that
    the matcher takes for a declared performer is theirs; one that it takes for somebody undeclared is that somebody's,
    whatever else was declared."""
    frames = dict.fromkeys(one.frame for one in seen)
    return tuple(match for frame in frames for match in _of_frame([one for one in seen if one.frame == frame], declared))


def _of_frame(seen: Sequence[Seen], declared: Sequence[Declared]) -> tuple[LikenessMatch, ...]:
    named = {item.performer: item for item in declared if item.performer}
    placed, told = [], {}
    for number, one in enumerate(seen):
        who = None if one.match is None else one.match.performer
        if one.match is not None and who in named:
            placed.append(replace(named[who], box=one.face.box))
        elif one.match is not None:
            told[number] = one.match
    placed_names = {item.performer for item in placed}
    rest = [item for item in declared if item.performer not in placed_names or item.performer is None]
    found = account([one.face for one in seen], (*placed, *rest), where="plate")
    return tuple(told.get(number, match) for number, match in enumerate(found))


def strangers(
    take: TakeResult, seen: Sequence[Seen], matches: Sequence[LikenessMatch], eyes: Eyes
) -> tuple[LikenessMatch, ...]:
    """Faces in what was made that are not the plate's own: by place, and by the matcher where there is one."""
    from setpiece.deliver.frames import read_comp

    new: list[LikenessMatch] = []
    frames = sorted({one.frame for one in seen})
    with quietly():
        for number in samples(len(take.comp), take.frames):
            path = take.comp[number]
            found = _seen(view(read_comp(path), view="plain"), eyes, where="output")
            here = _nearest(frames, take.frames.first + number)
            there = [k for k, one in enumerate(seen) if one.frame == here]
            plate, known_as = [seen[k].face for k in there], [matches[k] for k in there]
            places = account_output([one.face for one in found], plate, known_as, ())
            for one, place in zip(found, places, strict=True):
                known = "in the plate at the same place" in place.detail
                if one.match is not None and one.match.performer != place.performer:
                    new.append(replace(one.match, detail=f"{path.name}: {one.match.detail}"))
                elif not known and _stays(take, number, one.face, eyes):
                    new.append(replace(place, status="unsure", detail=f"{path.name}, a face-like place"))
                elif eyes.matcher is not None and place.performer is not None and one.match is None:
                    gone = f"{path.name}: the face there is no longer {place.performer}'s"
                    new.append(replace(place, status="unexpected", detail=gone))
    return tuple(new)


def _stays(take: TakeResult, number: int, face: Face, eyes: Eyes) -> bool:
    """Whether a face is there in the frames beside too: debris and dust look like one for a frame or two, nobody is
    recognised in that. A take of one frame has none beside, and is believed."""
    from setpiece.deliver.frames import read_comp

    beside = [other for other in (number - 1, number + 1) if 0 <= other < len(take.comp)]
    for other in beside:
        found = _seen(view(read_comp(take.comp[other]), view="plain"), eyes, where="output")
        if not any(one.face.box.overlap(face.box) >= NEARBY for one in found):
            return False
    return True


def _nearest(frames: Sequence[int], frame: int) -> int:
    return min(frames, key=lambda other: abs(other - frame), default=frame)


def samples(count: int, frames: FrameRange) -> tuple[int, ...]:
    """Which of ``count`` frames are searched: first and last, and none further apart than :data:`LONGEST_GAP_S`.

    >>> from fractions import Fraction
    >>> samples(48, FrameRange(first=1001, last=1048, rate=Fraction(24)))
    (0, 12, 24, 35, 47)
    """
    gaps = max(1, round(float(frames.rate) * LONGEST_GAP_S))
    least = max(min(LEAST_SAMPLES, count), -(-(count - 1) // gaps) + 1)
    return tuple(sorted({round(float(share) * (count - 1)) for share in np.linspace(0, 1, least)}))


def _sampled(info: PlateInfo) -> tuple[int, ...]:
    frames = info.frames
    if info.still:
        return (frames.first,)
    return tuple(frames.first + number for number in samples(len(frames), frames))


def _kept(path: Path, asked: dict[str, Any], seal: Seal) -> tuple[Seen, ...] | None:
    """What was found before, where the file is exactly what this office wrote for exactly this plate."""
    if not path.is_file():
        return None
    known = read_json(path)
    if any(known.get(name) != value for name, value in asked.items()):
        return None
    listed = known.get("faces")
    if not isinstance(listed, list) or not seal.sealed(_text(asked, listed), str(known.get("seal"))):
        return None
    return tuple(_revived(item) for item in listed)


def _revived(item: dict[str, Any]) -> Seen:
    face, match = Face(box=Box(**item["box"]), score=item["score"]), None
    if item["match"] is not None:
        status, performer, score, detail = item["match"]
        match = LikenessMatch(where="plate", what="face", status=status, performer=performer, score=score, detail=detail)
    return Seen(face=face, frame=item["frame"], match=match)


def _text(asked: dict[str, Any], listed: list[dict[str, Any]]) -> bytes:
    return json.dumps([asked, listed], sort_keys=True).encode()


def _seen(shown: Display, eyes: Eyes, *, where: str) -> list[Seen]:
    """Faces in a picture, boxes in shares of its width, so that a plate and a take of another size agree."""
    import cv2

    height, width = shown.shape[:2]
    if min(height, width) < LEAST_PX:
        return []  # nobody can be recognised in it
    scale = min(1.0, LONGEST_PX / max(height, width))
    if scale < 1:
        shown = cv2.resize(shown, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    wide = shown.shape[1]
    found = []
    for face in find_faces(shown, eyes.detector):
        match = None
        if eyes.matcher is not None and eyes.known is not None:
            match = eyes.matcher.match(eyes.matcher.embed(shown, face), eyes.known, where=where)
        share = Box(**{name: value / wide for name, value in _box(face.box).items()})
        found.append(Seen(face=replace(face, box=share), match=match))
    return found


def _reference(path: Path, detector: MediapipeDetector, matcher: FaceMatcher) -> Vector:
    shown = _display(path)
    faces = find_faces(shown, detector)
    if len(faces) != 1:
        raise ClearanceRefused(
            f"shows {len(faces)} faces", file=path, remedy="a reference shows one face: crop it, or take it away"
        )
    return matcher.embed(shown, faces[0])


def _display(path: Path) -> Display:
    return view(to_acescg(read_image(path).rgb(file=path), guess_space(read_header(path), file=path)[0]), view="plain")


@contextmanager
def quietly() -> Iterator[None]:
    """The detector's library talks to standard error about itself; nobody asked."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _box(box: Box) -> dict[str, float]:
    return {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
