"""Is a movie file whole? Its container is walked, box by box, before a library reads it.

Decoders forgive here too: a movie whose last bytes are gone opens, and tells of fewer pictures or of none missing. Every
box states its length, so what is missing at the end is known to the byte. Nothing is decoded, and only the boxes' heads
are read: a film of many gigabytes is looked through at once.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

_ISO_KINDS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp")
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
_UNKNOWN_SIZE = tuple((1 << (7 * length)) - 1 for length in range(1, 9))


def what_is_missing(path: Path) -> str:
    """What a movie's container lacks, in plain words; "" where nothing is missing, or where it is of a kind not known here.

    Looked into: MP4 and QuickTime (ISO 14496-12), Matroska and WebM (RFC 8794), MXF (SMPTE ST 377-1), AVI (RIFF), MPEG
    transport streams. Raises OSError where the file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        for fits, look in _KINDS:
            if fits(head):
                file.seek(0)
                return look(file, size)
    return ""


def _iso(file: BinaryIO, size: int) -> str:
    """Boxes on the outermost level: each stands in the file in full, and there is an index and what it points to."""
    at, kinds = 0, set()
    while at < size:
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return f"the last box breaks off after {len(head)} bytes"
        length, kind, start = struct.unpack_from(">I", head)[0], head[4:8], 8
        if length == 1:
            if len(head) < 16:
                return f"the last box breaks off after {len(head)} bytes"
            length, start = struct.unpack_from(">Q", head, 8)[0], 16
        elif length == 0:
            length = size - at
        name = kind.decode("latin-1")
        if length < start:
            return f"box '{name}' at byte {at} is shorter than its own head"
        if at + length > size:
            return f"{at + length - size} bytes are missing at the end, of box '{name}'"
        kinds.add(kind)
        at += length
    for kind, words in ((b"moov", "its index ('moov') is not there"), (b"mdat", "its pictures ('mdat') are not there")):
        if kind not in kinds:
            return words
    return ""


def _matroska(file: BinaryIO, size: int) -> str:
    """The header, then one segment that states how long it is (a live recording does not)."""
    at = 0
    for wanted in (_EBML, _SEGMENT):
        file.seek(at)
        if file.read(4) != wanted:
            return "its segment is not there"
        first = file.read(1)
        length = 9 - first[0].bit_length() if first and first[0] else 9
        rest = file.read(length - 1) if length < 9 else b""
        if length == 9 or len(rest) < length - 1:
            return "it breaks off in its head"
        stated = int.from_bytes(bytes([first[0] & (0xFF >> length)]) + rest, "big")
        if stated == _UNKNOWN_SIZE[length - 1]:
            return ""
        at += 4 + length + stated
    return f"{at - size} bytes are missing at the end" if at > size else ""


def _mxf(file: BinaryIO, size: int) -> str:
    """Key, length, value, one after another, as far as the footer that the header tells of (0: it does not)."""
    at, footer = 0, 0
    while at < size:
        file.seek(at)
        head = file.read(57)
        first = head[16] if len(head) > 16 else 0x88
        more = first & 0x7F if first & 0x80 else 0
        start = 17 + more
        if more > 8 or len(head) < start:
            return f"the last item breaks off after {len(head)} bytes"
        length = int.from_bytes(head[17:start], "big") if more else first
        if at == 0 and len(head) >= start + 32:
            footer = struct.unpack_from(">Q", head, start + 24)[0]
        if at + start + length > size:
            return f"{at + start + length - size} bytes are missing at the end"
        at += start + length
    return "its end ('footer') is not there" if footer >= size else ""


def _riff(file: BinaryIO, size: int) -> str:
    """One chunk after another (OpenDML files hold several), each of a stated length."""
    at = 0
    while at < size:
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return f"the last chunk breaks off after {len(head)} bytes"
        at += 8 + struct.unpack_from("<I", head, 4)[0]
        at += at % 2
    return f"{at - size} bytes are missing at the end" if at > size + 1 else ""


def _transport(file: BinaryIO, size: int) -> str:
    """Packets of 188 bytes, or 192 with a time before each."""
    head = file.read(400)
    length = 188 if len(head) > 188 and head[188] == 0x47 else 192 if head[4:5] == head[196:197] == b"\x47" else 0
    return f"the last packet breaks off after {size % length} bytes" if length and size % length else ""


_KINDS: tuple[tuple[Callable[[bytes], bool], Callable[[BinaryIO, int], str]], ...] = (
    (lambda head: head[4:8] in _ISO_KINDS, _iso),
    (lambda head: head[:4] == _EBML, _matroska),
    (lambda head: head[:4] == b"\x06\x0e\x2b\x34", _mxf),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"AVI ", _riff),
    (lambda head: head[:1] == b"\x47" or head[4:5] == b"\x47", _transport),
)
