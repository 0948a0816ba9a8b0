"""Is a picture file whole? Looked at byte by byte before any library decodes it.

Decoders forgive: a JPEG cut in half comes back grey below the cut, a DPX black. A plate with a grey half must be an
error that names what is wrong, so the containers are walked here, without trusting a single length in them. Pixel data
itself is the decoder's business.
"""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path

from setpiece.core.errors import PlateUnreadable

_REMEDY = "copy it again from its source or export it once more"
_JPEG_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_EXR_LINES = {0: 1, 1: 1, 2: 1, 3: 16, 4: 32, 5: 16, 6: 32, 7: 32, 8: 32, 9: 256}  # compression -> scanlines a chunk
_EXR_SIDE = 1 << 20
_TIFF_BYTES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8)


class _Broken(Exception):
    """What is wrong, in plain words; :func:`check_whole` adds the file and the remedy."""


def check_whole(path: Path) -> None:
    """Raise :class:`PlateUnreadable` where the file is absent, empty, not a picture that we read, or cut short.

    Formats looked into: OpenEXR (offsets and chunk leaders, naming the scanline), JPEG, PNG (with checksums), TIFF,
    DPX. Others pass: their decoder has the word.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise PlateUnreadable("does not exist", file=path, remedy="check the path") from error
    except IsADirectoryError as error:
        raise PlateUnreadable(
            "is a folder", file=path, remedy="name one picture, or a sequence of numbered pictures"
        ) from error
    except OSError as error:
        raise PlateUnreadable(
            f"cannot be opened: {error.strerror}", file=path, remedy="check that it is yours to read"
        ) from error
    if not data:
        raise PlateUnreadable("is empty (0 bytes)", file=path, remedy=_REMEDY)
    for magic, check in _CHECKS.items():
        if data.startswith(magic):
            try:
                check(data)
            except _Broken as reason:
                raise PlateUnreadable(str(reason), file=path, remedy=_REMEDY) from reason
            except (struct.error, IndexError, ValueError, OverflowError) as error:
                raise PlateUnreadable("is truncated or damaged in its header", file=path, remedy=_REMEDY) from error
            return


def _check_jpeg(data: bytes) -> None:
    position, scans = 2, 0
    while True:
        if data[position : position + 1] != b"\xff":
            raise _Broken(f"is {'damaged' if position < len(data) else 'truncated'} at byte {position}")
        while data[position : position + 1] == b"\xff":
            position += 1
        marker = data[position : position + 1]
        position += 1
        if marker == b"\xd9":
            if not scans:
                raise _Broken("holds no picture")
            return
        if not marker:
            raise _Broken(f"is truncated at byte {len(data)}")
        if marker == b"\x01" or b"\xd0" <= marker <= b"\xd7":
            continue
        (length,) = struct.unpack_from(">H", data, position)
        position += length
        if marker == b"\xda":
            scans += 1
            found = _JPEG_MARKER.search(data, position)
            if found is None:
                raise _Broken(f"is truncated: the picture's data stop at byte {len(data)} without their end mark")
            position = found.start()


def _check_png(data: bytes) -> None:
    position, ended = 8, False
    while not ended:
        if position + 12 > len(data):
            raise _Broken(f"is truncated at byte {len(data)}")
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 8 + length
        if end + 4 > len(data):
            raise _Broken(f"is truncated at byte {len(data)}, inside its {kind.decode('latin-1')} chunk")
        if zlib.crc32(memoryview(data)[position + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            raise _Broken(f"is damaged: the checksum of its {kind.decode('latin-1')!r} chunk is wrong")
        position, ended = end + 4, kind == b"IEND"


def _check_tiff(data: bytes) -> None:
    order = "<" if data[:2] == b"II" else ">"
    big = struct.unpack_from(order + "H", data, 2)[0] == 43
    (directory,) = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)
    count_format, entry_size, word = ("Q", 20, "Q") if big else ("H", 12, "I")
    if directory < 8 or directory + struct.calcsize(order + count_format) > len(data):
        raise _Broken("is truncated: its directory is missing")
    (entries,) = struct.unpack_from(order + count_format, data, directory)
    at = directory + struct.calcsize(order + count_format)
    if entries > 65535 or at + entries * entry_size > len(data):
        raise _Broken("is truncated inside its directory")
    values: dict[int, tuple[int, ...]] = {}
    for entry in range(entries):
        tag, kind, count = struct.unpack_from(order + "HH" + word, data, at + entry * entry_size)
        size = _TIFF_BYTES[kind] if kind < len(_TIFF_BYTES) else 0
        field = at + entry * entry_size + struct.calcsize(order + "HH" + word)
        if size * count > struct.calcsize(order + word):
            (field,) = struct.unpack_from(order + word, data, field)
            if field + size * count > len(data):
                raise _Broken(f"is truncated: its tag {tag} points behind the end")
        if tag in (273, 279, 324, 325) and kind in (3, 4, 16):
            values[tag] = struct.unpack_from(f"{order}{count}{ {3: 'H', 4: 'I', 16: 'Q'}[kind] }", data, field)
    offsets = values.get(273, values.get(324, ()))
    sizes = values.get(279, values.get(325, ()))
    for index, (offset, size) in enumerate(zip(offsets, sizes, strict=False)):
        if offset + size > len(data):
            raise _Broken(f"is truncated: strip {index} of {len(offsets)} is incomplete")


def _check_dpx(data: bytes) -> None:
    order = ">" if data[:4] == b"SDPX" else "<"
    if len(data) < 2048:
        raise _Broken("is truncated inside its header")
    (offset,) = struct.unpack_from(order + "I", data, 4)
    (stated,) = struct.unpack_from(order + "I", data, 16)
    width, height = struct.unpack_from(order + "II", data, 772)
    descriptor, _, _, bits = struct.unpack_from("BBBB", data, 800)
    packing, encoding = struct.unpack_from(order + "HH", data, 804)
    samples = {50: 3, 51: 4, 52: 4}.get(descriptor, 1)
    if bits == 10 and packing:
        line = 4 * -(-width * samples // 3)
    elif bits == 12 and packing:
        line = 4 * -(-width * samples * 16 // 32)
    else:
        line = width * samples * bits // 8
    need = 0 if encoding else offset + line * height
    if stated != 0xFFFFFFFF:
        need = max(need, min(stated, need or stated))
    if len(data) < need:
        row = max(0, len(data) - offset) // max(line, 1)
        raise _Broken(f"is truncated at row {row} of {height} ({len(data)} bytes of {need})")


def _check_exr(data: bytes) -> None:
    flags = struct.unpack_from("<I", data, 4)[0]
    if flags & 0x800:
        raise _Broken("is a deep EXR: a plate needs one colour a pixel (flatten it)")
    multipart, tiled = bool(flags & 0x1000), bool(flags & 0x200)
    position, parts = 8, []
    while True:
        header, position = _exr_header(data, position)
        if not header:
            break
        parts.append(header)
        if not multipart:
            break
    if not parts:
        raise _Broken("has no header")
    for header in parts:
        for name in (b"channels", b"compression", b"dataWindow", b"displayWindow"):
            if name not in header:
                raise _Broken(f"is damaged: its header lacks '{name.decode()}'")
        _exr_window(header[b"dataWindow"])
    if tiled or any(header.get(b"type", b"").startswith((b"tiled", b"deep")) for header in parts):
        return  # the library checks these
    for number, header in enumerate(parts):
        position = _check_exr_lines(data, position, header, part=number if multipart else None)


def _exr_header(data: bytes, position: int) -> tuple[dict[bytes, bytes], int]:
    """Attributes of one part by name, and where the next thing begins; empty at the end of the headers."""
    header: dict[bytes, bytes] = {}
    while True:
        if position >= len(data):
            raise _Broken("is truncated inside its header")
        end = data.find(b"\0", position, position + 256)
        if end == position:
            return header, position + 1
        kind_end = data.find(b"\0", end + 1, end + 257)
        if end < 0 or kind_end < 0:
            raise _Broken("is truncated or damaged inside its header")
        (size,) = struct.unpack_from("<i", data, kind_end + 1)
        begin = kind_end + 5
        if size < 0 or begin + size > len(data):
            raise _Broken("is truncated or damaged inside its header")
        header[data[position:end]] = data[begin : begin + size]
        position = begin + size


def _exr_window(value: bytes) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = struct.unpack("<iiii", value)
    if not (0 <= x1 - x0 < _EXR_SIDE and 0 <= y1 - y0 < _EXR_SIDE):
        raise _Broken(f"is damaged: its header states a picture of {x1 - x0 + 1}x{y1 - y0 + 1} pixels")
    return x0, y0, x1, y1


def _check_exr_lines(data: bytes, table: int, header: dict[bytes, bytes], *, part: int | None) -> int:
    """Every chunk of a scanline part lies inside the file and says the scanline (and ``part``, of several) that it should;
    returns where the next part's table begins."""
    _, y0, _, y1 = _exr_window(header[b"dataWindow"])
    lines = _EXR_LINES.get(header[b"compression"][0])
    if lines is None:
        raise _Broken(f"uses a compression ({header[b'compression'][0]}) that is not known")
    chunks = -(-(y1 - y0 + 1) // lines)
    if table + 8 * chunks > len(data):
        raise _Broken(f"is truncated before scanline {y0}")
    begins = 0 if part is None else 4
    for chunk, offset in enumerate(struct.unpack_from(f"<{chunks}Q", data, table)):
        line = y0 + chunk * lines
        if offset == 0:
            raise _Broken(f"is incomplete: it was never finished after scanline {line - 1}")
        if offset + begins + 8 > len(data):
            raise _Broken(f"is truncated at scanline {line}")
        stated, size = struct.unpack_from("<ii", data, offset + begins)
        strange = part is not None and struct.unpack_from("<i", data, offset)[0] != part
        if strange or stated != line or size < 0:
            raise _Broken(f"is damaged at scanline {line}")
        if offset + begins + 8 + size > len(data):
            raise _Broken(f"is truncated at scanline {line}")
    return table + 8 * chunks


_CHECKS = {
    b"\x76\x2f\x31\x01": _check_exr,
    b"\xff\xd8\xff": _check_jpeg,
    b"\x89PNG\r\n\x1a\n": _check_png,
    b"II*\0": _check_tiff,
    b"MM\0*": _check_tiff,
    b"II+\0": _check_tiff,
    b"MM\0+": _check_tiff,
    b"SDPX": _check_dpx,
    b"XPDS": _check_dpx,
}
