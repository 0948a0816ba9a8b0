"""Signed notes and checkpoints, read by the C2SP signed-note and tlog-checkpoint specifications."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A verifier key: ``name+id+base64(algorithm, public key)``."""

    name: str
    id: bytes
    public: bytes


def read_key(text: str) -> Key:
    """The key that a text states. ValueError where it is malformed, or its id is not its own."""
    try:
        name, shown, encoded = text.strip().split("+", 2)
        data = base64.b64decode(encoded, validate=True)
        key = Key(name=name, id=bytes.fromhex(shown), public=data[1:])
    except (ValueError, binascii.Error) as fault:
        raise ValueError("this is no verifier key") from fault
    if data[:1] != b"\x01" or len(key.public) != 32 or key.id != sha256(name.encode() + b"\n" + data).digest()[:4]:
        raise ValueError("this is no Ed25519 verifier key, or its id is not its own")
    return key


def read_checkpoint(note: str, key: Key | None) -> tuple[int, bytes]:
    """Size and root that a checkpoint states. ValueError where it is malformed or, given a key, not signed by it."""
    end = note.rfind("\n\n")
    if end < 0:
        raise ValueError("no signed note")
    text = note[: end + 1]
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or not lines[1].isdecimal() or (len(lines[1]) > 1 and lines[1][0] == "0"):
        raise ValueError("no checkpoint")
    stated = base64.b64decode(lines[2], validate=True)
    if len(stated) != 32:
        raise ValueError("the root is not 32 bytes")
    if key is not None and (lines[0] != key.name or not _signed(text, note[end + 2 :], key)):
        raise ValueError(f"not signed by {key.name}")
    return int(lines[1]), stated


def _signed(text: str, signatures: str, key: Key) -> bool:
    for line in signatures.splitlines():
        words = line.split(" ")
        if len(words) != 3 or words[0] != "\N{EM DASH}" or words[1] != key.name:
            continue
        try:
            signature = base64.b64decode(words[2], validate=True)
        except binascii.Error:
            continue
        if signature[:4] != key.id:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature[4:], text.encode())
        except InvalidSignature:
            return False
        return True
    return False
