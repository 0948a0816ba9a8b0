"""The stage on disk: cameras and light as JSON, pieces, motion and grit as arrays. Nothing pickled, all written whole."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from setpiece.core.camera import Camera
from setpiece.core.errors import StageError
from setpiece.core.light import Light
from setpiece.core.stage import Grit, Motion, Pieces
from setpiece.media.files import load_arrays, read_json, save_arrays, write_json

_T = TypeVar("_T", Pieces, Motion, Grit)


def _save(path: Path, value: Pieces | Motion | Grit) -> Path:
    save_arrays(path, **{field.name: np.asarray(getattr(value, field.name)) for field in fields(value)})
    return path


def _load(path: Path, kind: type[_T], *, numbers: tuple[str, ...] = ()) -> _T:
    arrays = load_arrays(path)
    missing = [field.name for field in fields(kind) if field.name not in arrays]
    if missing:
        raise StageError(f"lacks {', '.join(missing)}", file=path, remedy="delete it and run the shot again")
    values: dict[str, Any] = {field.name: arrays[field.name] for field in fields(kind)}
    for name in numbers:
        values[name] = int(values[name])
    return kind(**values)


def save_pieces(path: Path, pieces: Pieces, *, names: tuple[str, ...]) -> None:
    """Write pieces, and beside them the names of their parts (``facade0``, ``slab1a``)."""
    _save(path, pieces)
    write_json(path.with_suffix(".json"), {"schema": "setpiece.parts/1", "parts": list(names)})


def load_pieces(path: Path) -> tuple[Pieces, tuple[str, ...]]:
    """Pieces and the names of their parts."""
    return _load(path, Pieces), tuple(read_json(path.with_suffix(".json"))["parts"])


def save_motion(path: Path, motion: Motion) -> None:
    """Write a motion."""
    _save(path, motion)


def load_motion(path: Path) -> Motion:
    """Read a motion back, bit for bit."""
    return _load(path, Motion, numbers=("first",))


def save_grit(path: Path, grit: Grit) -> None:
    """Write small debris."""
    _save(path, grit)


def load_grit(path: Path) -> Grit:
    """Read small debris back, bit for bit."""
    return _load(path, Grit, numbers=("first",))


def save_camera(path: Path, camera: Camera, **notes: object) -> None:
    """Write a camera, with notes (confidence, reasons) that people read and programs skip."""
    write_json(
        path,
        {
            "schema": "setpiece.camera/1",
            "width": camera.width,
            "height": camera.height,
            "focal_px": camera.focal_px,
            "centre_px": list(camera.centre_px),
            "position_m": list(camera.position_m),
            "axes": np.asarray(camera.axes, np.float64).tolist(),
            "notes": notes,
        },
    )


def load_camera(path: Path) -> Camera:
    """Read a camera back."""
    value = read_json(path)
    if value.get("schema") != "setpiece.camera/1":
        raise StageError("is not a camera of this version", file=path, remedy="delete it and run the shot again")
    return Camera(
        width=value["width"],
        height=value["height"],
        focal_px=value["focal_px"],
        centre_px=(value["centre_px"][0], value["centre_px"][1]),
        position_m=(value["position_m"][0], value["position_m"][1], value["position_m"][2]),
        axes=np.array(value["axes"], np.float32),
    )


def save_light(path: Path, light: Light) -> None:
    """Write the light."""
    write_json(path, {"schema": "setpiece.light/1"} | {field.name: getattr(light, field.name) for field in fields(light)})


def load_light(path: Path) -> Light:
    """Read the light back."""
    value = read_json(path)
    if value.pop("schema", None) != "setpiece.light/1":
        raise StageError("is not a light of this version", file=path, remedy="delete it and run the shot again")
    values: dict[str, Any] = {name: tuple(item) if isinstance(item, list) else item for name, item in value.items()}
    return Light(**values)
