"""The smallest ONNX model there is, written byte by byte: no library that writes them is needed to test who reads them."""

from __future__ import annotations

from collections.abc import Sequence


def _varint(value: int) -> bytes:
    made = b""
    while value > 127:
        made, value = made + bytes([value & 127 | 128]), value >> 7
    return made + bytes([value])


def _field(number: int, value: bytes | int | str) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _tensor(name: str, shape: Sequence[int]) -> bytes:
    sizes = b"".join(_field(1, _field(1, side)) for side in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, 1) + _field(2, sizes)))


def flattening_model(channels: int = 3) -> bytes:
    """The smallest ONNX model there is: an 8 by 8 picture as one vector."""
    node = _field(1, "x") + _field(2, "y") + _field(4, "Flatten")
    shape = (1, channels, 8, 8)
    graph = _field(1, node) + _field(2, "g") + _field(11, _tensor("x", shape)) + _field(12, _tensor("y", (1, channels * 64)))
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 13))
