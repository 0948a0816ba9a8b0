"""A training's state in one file: numbers as safetensors, everything else as JSON in its header.

The format holds numbers and text and cannot hold code, so nothing is ever unpickled. Each file is checked before a number
of it is used: size, header, schema, dtype, shape and finiteness of every array.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from setpiece.core.errors import ClearanceRefused, PlateUnreadable
from setpiece.media.files import atomic_path

SCHEMA = "setpiece.learned-state/1"
MAX_BYTES = 256 * 1024 * 1024
_HEADER = 8  # bytes: the length of the header, little-endian
_MAX_HEADER = 4 * 1024 * 1024
_WIDTH = {"F32": 4, "I64": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """``arrays`` by name, float32 or int64; ``facts`` is a JSON object."""

    arrays: Mapping[str, np.ndarray[Any, Any]]
    facts: Mapping[str, Any]


def save_state(path: Path, state: State) -> None:
    """Write ``state`` aside and rename it into place. Raises :class:`OutputFailed`."""
    from safetensors.numpy import save_file

    text = json.dumps(dict(state.facts), sort_keys=True, allow_nan=False)
    with atomic_path(path) as temporary:
        arrays = {name: np.ascontiguousarray(array) for name, array in state.arrays.items()}
        save_file(arrays, str(temporary), metadata={"schema": SCHEMA, "facts": text})


def load_state(path: Path, *, expect: Mapping[str, tuple[int, ...]] | None = None) -> State:
    """The state in ``path``. ``expect``: the shapes that must be there; others than these are refused.

    Raises :class:`PlateUnreadable` where the file is absent, :class:`ClearanceRefused` naming the file and the reason
    where it is damaged, strange, or not a training's state.
    """
    path = Path(path)
    header, data = _opened(path)
    told = header.pop("__metadata__", None)
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise refused_state(path, f"does not say '{SCHEMA}': it is not the state of a training")
    arrays = {str(name): _array(path, str(name), entry, data) for name, entry in header.items()}
    _check_cover(path, header, len(data))
    try:
        facts = json.loads(told.get("facts", ""))
    except (ValueError, RecursionError) as error:
        raise refused_state(path, "has damaged facts in its header") from error
    if not isinstance(facts, dict):
        raise refused_state(path, "has no facts in its header")
    if expect is not None:
        check_shapes(path, arrays, expect)
    return State(arrays=arrays, facts=facts)


def check_shapes(path: Path, arrays: Mapping[str, np.ndarray[Any, Any]], expect: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse arrays that are not exactly those of the network."""
    strange = sorted(set(arrays) ^ set(expect))
    if strange:
        raise refused_state(path, f"does not fit the network: '{strange[0][:60]}' is missing or strange")
    for name, shape in expect.items():
        if arrays[name].shape != tuple(shape):
            raise refused_state(path, f"'{name[:60]}' has shape {arrays[name].shape}, the network wants {tuple(shape)}")


def _opened(path: Path) -> tuple[dict[str, Any], memoryview]:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise refused_state(path, f"is larger than the {MAX_BYTES >> 20} MB that a state may have")
        raw = path.read_bytes()
    except OSError as error:
        raise PlateUnreadable(f"cannot be read: {error.strerror}", file=path, remedy="name the training's folder") from error
    length = int.from_bytes(raw[:_HEADER], "little")
    if len(raw) < _HEADER or not 2 <= length <= min(_MAX_HEADER, len(raw) - _HEADER):
        # only now: the length of a sound header may begin like a pickle
        if raw[:1] == b"\x80" or raw[:4] == b"PK\x03\x04":
            raise refused_state(path, "is a pickle or an archive of one; pickles are never opened")
        raise refused_state(path, "is truncated or no safetensors file")
    try:
        header = json.loads(raw[_HEADER : _HEADER + length].decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise refused_state(path, "has a damaged header") from error
    if not isinstance(header, dict):
        raise refused_state(path, "has a damaged header")
    return header, memoryview(raw)[_HEADER + length :]


def _array(path: Path, name: str, entry: Any, data: memoryview) -> np.ndarray[Any, Any]:
    fields = entry if isinstance(entry, dict) else {}
    dtype, shape, span = fields.get("dtype"), _whole(fields.get("shape")), _whole(fields.get("data_offsets"))
    if dtype not in _WIDTH or shape is None or span is None or len(shape) > 8 or len(span) != 2:
        raise refused_state(path, f"array '{name[:60]}' is described in no known way")
    elements = 1
    for side in shape:
        elements *= side
    if not span[0] <= span[1] <= len(data) or elements * _WIDTH[dtype] != span[1] - span[0]:
        raise refused_state(path, f"array '{name[:60]}' claims {tuple(shape)} and does not hold it")
    array = np.frombuffer(data[span[0] : span[1]], "<f4" if dtype == "F32" else "<i8").reshape(shape).copy()
    if dtype == "F32" and not np.isfinite(array).all():
        raise refused_state(path, f"array '{name[:60]}' holds values that are not finite")
    return array


def _whole(value: Any) -> tuple[int, ...] | None:
    if not isinstance(value, list) or not all(type(v) is int and v >= 0 for v in value):
        return None
    return tuple(value)


def _check_cover(path: Path, header: Mapping[str, Any], size: int) -> None:
    """The arrays lie side by side and fill the file: no number twice, no byte that nobody reads."""
    spans = sorted(tuple(entry["data_offsets"]) for entry in header.values())
    ends = [0, *(span[1] for span in spans)]
    if any(start != end for (start, _), end in zip(spans, ends, strict=False)) or ends[-1] != size:
        raise refused_state(path, "holds arrays that overlap, or bytes that nobody reads")


def refused_state(path: Path, why: str) -> ClearanceRefused:
    """The one refusal of a state's file."""
    return ClearanceRefused(why, file=path, remedy="use the file that the training wrote, or train again")
