"""Whose face it is: an optional matcher by a face-embedding model that the production brings and registers.

Place in the flow: after faces were found. Off by default, and it says so: without a model nothing is matched, and a face
is known only by where it stands. The model is a file given by the production, loaded only if its hash is registered with
a complete lineage (M1). What it computes is biometric data: it serves the picture only, and is kept nowhere (B1, B3).
Refuses: an unregistered file, a model of another shape, a threshold that would call strangers matched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.clearance.likeness.faces import Face
from setpiece.clearance.lineage import loadable_bytes
from setpiece.clearance.records import Facts, Model
from setpiece.clearance.use import LikenessMatch
from setpiece.core.arrays import Display
from setpiece.core.errors import CapabilityMissing, ClearanceRefused

OFF = "face matching is off: no registered face-embedding model was given; a face is known only by where it stands"
Vector = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Cosine similarities: from ``match`` on it is the performer, from ``unsure`` on a person has to look."""

    match: float
    unsure: float

    def __post_init__(self) -> None:
        if not 0 < self.unsure <= self.match <= 1:
            raise ClearanceRefused(
                f"thresholds {self.unsure} and {self.match} are not 0 < unsure <= match <= 1", remedy="state the model's own"
            )


def matcher_of(path: Path | None, facts: Facts, thresholds: Thresholds | None) -> FaceMatcher | None:
    """The matcher that the production configured, None (and :data:`OFF` is to be shown) where it configured none.

    Raises :class:`ClearanceRefused` where the file is not registered or no thresholds are stated for it.
    """
    if path is None:
        return None
    if thresholds is None:
        raise ClearanceRefused(
            "states no thresholds", file=path, remedy="state the similarities from which it matches, from the model's own card"
        )
    return FaceMatcher(path, facts, thresholds)


class FaceMatcher:
    """Compares faces with those of registered performers."""

    def __init__(self, path: Path, facts: Facts, thresholds: Thresholds) -> None:
        self.model: Model
        self.model, weights = loadable_bytes(path, facts)
        self.thresholds = thresholds
        try:
            import onnxruntime  # type: ignore[import-untyped]
        except ImportError as error:
            raise CapabilityMissing("face matching", engine="likeness guard", remedy="pip install onnxruntime") from error
        try:
            self._session: Any = onnxruntime.InferenceSession(weights, providers=["CPUExecutionProvider"])
            (self._input,) = self._session.get_inputs()
            _, channels, self._height, self._width = self._input.shape
        except Exception as error:  # the library raises its own kinds without a common base
            raise ClearanceRefused(f"is no face-embedding model: {error}", file=path, remedy="name an ONNX file") from error
        if channels != 3 or not all(isinstance(side, int) for side in (self._height, self._width)):
            raise ClearanceRefused("does not take one RGB face of fixed size", file=path, remedy="export it as 1x3xHxW")

    def embed(self, pixels: Display, face: Face) -> Vector:
        """The face in (h, w, 3) uint8 RGB as a vector of length 1.

        Raises :class:`ClearanceRefused` where the face lies outside the picture or the model gives nothing.
        """
        import cv2

        box, (height, width) = face.box, pixels.shape[:2]
        left, top = max(0, int(box.x)), max(0, int(box.y))
        right, bottom = min(width, int(box.x + box.width)), min(height, int(box.y + box.height))
        if right <= left or bottom <= top:
            raise ClearanceRefused(f"the face at {box} lies outside the picture", remedy="find the faces of this very frame")
        crop = cv2.resize(pixels[top:bottom, left:right], (self._width, self._height), interpolation=cv2.INTER_AREA)
        planes = (crop.astype(np.float32).transpose(2, 0, 1)[None] - 127.5) / 127.5
        found = np.asarray(self._session.run(None, {self._input.name: planes})[0], np.float32).ravel()
        length = float(np.linalg.norm(found))
        if not np.isfinite(length) or length == 0:
            raise ClearanceRefused(f"model '{self.model.name}' sees nothing in the face at {box}", remedy="rule on it by eye")
        return np.asarray(found / length, np.float32)

    def match(self, vector: Vector, known: Mapping[str, Sequence[Vector]], *, where: str) -> LikenessMatch | None:
        """Whose face it is among ``known`` (performer to vectors), None where it is nobody's of them."""
        best = max(
            ((float(np.dot(vector, reference)), performer) for performer, all_of in known.items() for reference in all_of),
            default=None,
        )
        if best is None or best[0] < self.thresholds.unsure:
            return None
        return LikenessMatch(
            where=where,
            what="face",
            status="matched" if best[0] >= self.thresholds.match else "unsure",
            performer=best[1],
            score=round(min(1.0, best[0]), 4),
            detail=f"by '{self.model.name}', weights {self.model.weights_sha256}",
        )
