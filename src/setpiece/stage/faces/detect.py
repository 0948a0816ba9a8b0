"""Adapter on the face detector and the dense face mesh of mediapipe: pictures in, landmarks out.

Knows nothing of time. The whole plate is searched at a reduced size; landmarks are taken on the face's own upright region at
full detail, brought to a middling exposure first, so that small and dark faces are read as well as large ones.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from setpiece.core.arrays import Display, Float32, Pixels, Rgb, frozen
from setpiece.core.errors import DependencyMissing
from setpiece.core.face_chart import Crop
from setpiece.media.colour import luminance, view
from setpiece.media.files import sha256_file

SEARCH_PX = 640  # the longest side of the plate as it is searched
REGION_PX = 320
LEAST_FACE_PX = 14.0  # between the eyes' outer corners: below, landmarks are guesses
MODELS = ("face_landmark/face_landmark_with_attention.tflite", "face_detection/face_detection_full_range_sparse.tflite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A face that the search came upon: ``crop`` is its upright region, ``score`` 0..1 the detector's own."""

    crop: Crop
    score: float


@contextmanager
def quietly() -> Iterator[None]:
    """Keep what the library says of itself off standard error."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def upright(centre: tuple[float, float], side_px: float, roll: float, size: int = REGION_PX) -> Crop:
    """The square region of ``side_px`` around ``centre``, turned back by ``roll`` radians, as a crop of ``size``."""
    scale = size / max(side_px, 1e-3)
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]]) * scale
    shift = size / 2 - turn @ np.array(centre)
    return Crop(matrix=np.concatenate([turn, shift[:, None]], axis=1).astype(np.float32), size=size)


def fetch(plate: Pixels, crop: Crop) -> Pixels:
    """The crop's pixels (size, size, c), linear light; shrunk by averaging, never by picking. Beyond the plate: black."""
    import cv2

    inverse = crop.inverse.astype(np.float64)
    corners = np.array([[0, 0], [crop.size, 0], [0, crop.size], [crop.size] * 2]) @ inverse[:, :2].T + inverse[:, 2]
    height, width = plate.shape[:2]
    left, top = (int(v) for v in np.clip(np.floor(corners.min(0)) - 2, 0, (width - 1, height - 1)))
    right, bottom = (int(v) for v in np.clip(np.ceil(corners.max(0)) + 2, (left + 1, top + 1), (width, height)))
    part = plate[top:bottom, left:right]
    matrix = crop.matrix.astype(np.float64).copy()
    matrix[:, 2] += matrix[:, :2] @ (left, top)
    if crop.scale < 0.7:
        small = (max(1, round(part.shape[1] * crop.scale * 1.2)), max(1, round(part.shape[0] * crop.scale * 1.2)))
        ratio = np.array([part.shape[1] / small[0], part.shape[0] / small[1]])
        part = cv2.resize(part, small, interpolation=cv2.INTER_AREA)
        matrix[:, :2] = matrix[:, :2] * ratio
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    part = np.ascontiguousarray(part, np.float32)
    return cv2.warpAffine(part, matrix, (crop.size, crop.size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def exposed(pixels: Rgb) -> Rgb:
    """The region brought to a middling exposure where it is far from one; a face in normal light stays as it is."""
    middle = pixels[pixels.shape[0] // 4 : -pixels.shape[0] // 4, pixels.shape[1] // 4 : -pixels.shape[1] // 4]
    level = float(np.median(luminance(np.nan_to_num(middle)))) if middle.size else 0.0
    return pixels * np.float32(np.clip(level, 0.12, 0.45) / max(level, 1e-4))


class FaceFinder:
    """Detector and mesh, open for the length of a ``with`` block. The same picture gives the same landmarks, whatever came
    before. Raises :class:`DependencyMissing` where the library is absent."""

    def __init__(self) -> None:
        self._mesh: Any = None
        self._search: tuple[Any, ...] = ()
        self._greeted = False

    def __enter__(self) -> FaceFinder:
        try:
            with quietly():
                from mediapipe.python.solutions import face_detection, face_mesh
        except ImportError as error:
            raise DependencyMissing(
                "the face tracker needs mediapipe, which is not installed", remedy="run tools/setup.sh again"
            ) from error
        with quietly():
            self._mesh = face_mesh.FaceMesh(
                static_image_mode=True, max_num_faces=1, refine_landmarks=True, min_detection_confidence=0.3
            )
            self._search = tuple(
                face_detection.FaceDetection(model_selection=reach, min_detection_confidence=0.4) for reach in (1, 0)
            )
            blank = np.zeros((48, 64, 3), np.uint8)
            for model in (self._mesh, *self._search):
                model.process(blank)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with quietly():
            self._mesh.close()
            for search in self._search:
                search.close()

    def search(self, plate: Rgb) -> tuple[Found, ...]:
        """Every face in the plate, best first."""
        import cv2

        height, width = plate.shape[:2]
        scale = min(1.0, SEARCH_PX / max(height, width))
        small = np.ascontiguousarray(plate[..., :3], np.float32)
        if scale < 1:
            small = cv2.resize(small, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        light = luminance(np.nan_to_num(small))
        bright, usual = float(np.percentile(light, 99)), float(np.median(light))
        # as it is, where it is exposed at all; only a plate without a face is looked at again for faces in the dark
        gains = [np.clip(bright, 0.3, 3.0) / max(bright, 1e-4), 0.2 / max(usual, 2e-3)]
        found: list[tuple[float, float, float, float, float]] = []  # score, x, y, side, roll
        for gain in gains:
            found += self._hits(view(small * np.float32(gain), view="plain"), width, height)
            if found or gain > 0.5 * gains[1]:
                break
        found.sort(reverse=True)
        kept: list[tuple[float, float, float, float, float]] = []
        for one in found:
            if all(np.hypot(one[1] - other[1], one[2] - other[2]) > 0.5 * max(one[3], other[3]) for other in kept):
                kept.append(one)
        return tuple(Found(crop=upright((x, y - 0.05 * s), 2.0 * s, roll), score=score) for score, x, y, s, roll in kept)

    def _hits(self, shown: Display, width: int, height: int) -> list[tuple[float, float, float, float, float]]:
        """What both detectors (far and near faces) find: score, centre x and y, side, roll; px of a plate of this size."""
        found = []
        for search in self._search:
            for hit in search.process(shown).detections or ():
                box, eyes = hit.location_data.relative_bounding_box, hit.location_data.relative_keypoints
                x, y = (box.xmin + box.width / 2) * width, (box.ymin + box.height / 2) * height
                side = max(box.width * width, box.height * height)
                roll = np.arctan2((eyes[1].y - eyes[0].y) * height, (eyes[1].x - eyes[0].x) * width)
                found.append((float(hit.score[0]), x, y, side, float(roll)))
        return found

    def landmarks(self, plate: Rgb, crop: Crop) -> Float32[np.ndarray, "n 3"] | None:
        """The landmarks (478, 3), px of the plate, of the face in ``crop``; None where none is."""
        shown = view(exposed(fetch(plate[..., :3], crop)), view="plain")
        if self._greeted:
            faces = self._mesh.process(shown).multi_face_landmarks
        else:  # the first face of all makes the library talk
            with quietly():
                faces = self._mesh.process(shown).multi_face_landmarks
        if not faces:
            return None
        self._greeted = True
        points = np.array([(p.x, p.y, p.z) for p in faces[0].landmark], np.float32) * np.float32(crop.size)
        back = crop.to_plate(points)
        return frozen(np.concatenate([back, points[:, 2:] / np.float32(crop.scale)], axis=1))


def models() -> dict[str, str]:
    """Which models measure: the library's version and the SHA-256 of each file."""
    from importlib.metadata import version

    with quietly():
        import mediapipe
    folder = Path(mediapipe.__file__).parent / "modules"
    return {"mediapipe": version("mediapipe")} | {name: sha256_file(folder / name) for name in MODELS}
