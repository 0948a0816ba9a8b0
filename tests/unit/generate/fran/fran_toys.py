"""A small network, faces that are drawn, pairs that age by a known rule: nobody is in them."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from pathlib import Path

import numpy as np

from setpiece.core.face_chart import layout
from setpiece.core.faces import LANDMARKS, FaceTrack
from setpiece.core.timing import FrameRange
from setpiece.generate.engines.fran.shape import NetShape
from setpiece.media.files import sha256_file
from setpiece.media.images import write_png

SMALL = NetShape(widths=(8, 12))
SIZE = (256, 256)
FRAMES = FrameRange(first=1001, last=1004, rate=Fraction(24))
_EYES_PX = 62.0  # between the outer corners of the eyes
_MIDDLES = {1001: (126.0, 130.0), 1002: (131.5, 127.25), 1004: (228.0, 130.0)}  # in 1003 it is gone, in 1004 half out


def a_track() -> FaceTrack:
    """The layout's own face, seen from the front, that moves."""
    landmarks = np.full((len(FRAMES), LANDMARKS, 3), np.nan, np.float32)
    for frame, (x, y) in _MIDDLES.items():
        landmarks[frame - FRAMES.first] = layout * _EYES_PX + np.array([x, y, 0])
    there = np.isfinite(landmarks[:, 0, 0])
    return FaceTrack(
        name="a",
        frames=FRAMES,
        landmarks=landmarks,
        confidence=there.astype(np.float32),
        pose_deg=np.where(there[:, None], 0, np.nan).astype(np.float32) * np.ones((1, 3), np.float32),
        segment=np.where(there, 0, -1).astype(np.int32),
    )


def a_plate(frame: int) -> np.ndarray:
    """A soft face with pores and grain in front of a wall, scene-linear."""
    rng = np.random.default_rng(frame)
    x0, y0 = _MIDDLES.get(frame, (128.0, 128.0))
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    blob = 1 / (1 + np.exp((np.hypot((x - x0) / 60, (y - y0) / 80) - 1) * 12))
    skin = np.array([0.42, 0.24, 0.16]) * (1 + 0.4 * (x - x0) / 80)[..., None]
    plate = 0.08 + blob[..., None] * (skin - 0.08)
    return (plate * (1 + rng.normal(0, 0.03, (SIZE[1], SIZE[0], 1)))).astype(np.float32)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def weights(shape: NetShape, seed: int = 0, head: float = 0.02) -> dict[str, np.ndarray]:
    """Weights that do something to every pixel and to every age."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, (before, after, side) in shape.convolutions().items():
        spread = head if name == "head" else (2 / (before * side * side)) ** 0.5
        found[f"{name}.weight"] = rng.normal(0, spread, (after, before, side, side)).astype(np.float32)
        found[f"{name}.bias"] = rng.normal(0, 0.1 * spread, after).astype(np.float32)
    return found


def toy_face(rng: np.random.Generator, size: int = 96) -> np.ndarray:
    """Codes 0..1 of a soft blob with pores."""
    y, x = np.mgrid[:size, :size] / size - 0.5
    blob = np.exp(-((x - rng.uniform(-0.1, 0.1)) ** 2 + (y - rng.uniform(-0.1, 0.1)) ** 2) * rng.uniform(4, 9))
    skin = np.stack([0.75 * blob + 0.1, 0.55 * blob + 0.1, 0.45 * blob + 0.12], axis=-1)
    return np.clip(skin + rng.normal(0, 0.03, (size, size, 1)), 0, 1)


def aged(codes: np.ndarray, years: float) -> np.ndarray:
    """The toy's ageing: 40 years younger is 0.12 brighter in red and 0.06 darker in blue."""
    return np.clip(codes + np.array([-0.003, 0.0, 0.0015]) * years, 0, 1)


def write_pairs(folder: Path, count: int, **changes: object) -> Path:
    """A manifest with ``count`` drawn pairs; ``changes`` alter its first item."""
    rng = np.random.default_rng(5)
    items = []
    for number in range(count):
        before = 0.15 + 0.7 * toy_face(rng)
        old, young = float(rng.uniform(25, 75)), float(rng.uniform(25, 75))
        names = f"p{number}_in.png", f"p{number}_out.png"
        for name, codes in zip(names, (before, aged(before, young - old)), strict=True):
            write_png(folder / name, (codes * 255 + 0.5).astype(np.uint8))
        items.append(
            {
                "input": names[0],
                "input_sha256": sha256_file(folder / names[0]),
                "target": names[1],
                "target_sha256": sha256_file(folder / names[1]),
                "input_age": old,
                "output_age": young,
                "owner": "The Production",
                "licence": "own",
                "people": [],
                "grants": {},
                "training_mining": "allowed",
                "depicts_nobody": True,
            }
        )
    items[0] |= changes
    top = {"schema": "setpiece.fran_pairs/1", "name": "toy", "production": "The Production", "licence": "own", "complete": True}
    path = folder / "pairs.json"
    path.write_text(json.dumps(top | {"items": items}))
    return path
