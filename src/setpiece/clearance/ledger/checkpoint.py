"""Signed checkpoints in the C2SP signed-note and tlog-checkpoint forms, Ed25519.

    example.org/film
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — example.org/film Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=

The key is generated where it is used, in a file that only its owner may read.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from setpiece.core.errors import OutputFailed, RecordDamaged

ED25519 = b"\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A statement of the log's size and root, by whoever ``origin`` is."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The signed text, last newline included."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one origin with one key."""

    origin: str
    key: Ed25519PrivateKey

    def __post_init__(self) -> None:
        if not self.origin or any(c.isspace() or c == "+" for c in self.origin):
            raise ValueError(f"an origin is a name without spaces or '+', not {self.origin!r}")

    def sign(self, size: int, root: bytes) -> str:
        """The signed note for a tree of ``size`` leaves with this root."""
        text = Checkpoint(origin=self.origin, size=size, root=root).text
        public = public_bytes(self.key.public_key())
        signature = base64.b64encode(key_id(self.origin, public) + self.key.sign(text.encode())).decode()
        return f"{text}\n\N{EM DASH} {self.origin} {signature}\n"

    @property
    def verifier_key(self) -> str:
        """The public key as a verifier key: ``name+id+base64``."""
        public = public_bytes(self.key.public_key())
        return f"{self.origin}+{key_id(self.origin, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def public_bytes(key: Ed25519PublicKey) -> bytes:
    """The 32 raw bytes of a public key."""
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def key_id(name: str, public: bytes) -> bytes:
    """First four bytes of SHA-256(name, newline, algorithm, key)."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def read_checkpoint(note: str, origin: str, key: Ed25519PublicKey) -> Checkpoint:
    """The checkpoint that a note states, once its signature by ``key`` holds; RecordDamaged otherwise."""
    remedy = "compare the key with the one you were given in person, and ask for the log again"
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    lines = text.split("\n")
    wanted = key_id(origin, public_bytes(key))
    for line in signatures.splitlines():
        mark, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        try:
            signature = base64.b64decode(encoded, validate=True)
        except ValueError:
            continue
        if mark != "\N{EM DASH}" or name != origin or signature[:4] != wanted:
            continue
        try:
            key.verify(signature[4:], text.encode())
            if lines[0] != origin or lines[1] != str(int(lines[1])):
                break
            return Checkpoint(origin=origin, size=int(lines[1]), root=base64.b64decode(lines[2], validate=True))
        except (InvalidSignature, ValueError, IndexError):
            break
    raise RecordDamaged(f"the checkpoint is not signed by {origin}", remedy=remedy)


def load_or_create_key(path: Path) -> Ed25519PrivateKey:
    """The private key in ``path`` (PKCS 8, PEM); made there, mode 0600, where there is none.

    Refuses (OutputFailed) a key file that others may read, and what is no Ed25519 key.
    """
    if not path.exists():
        _create_key(path)
    if path.stat().st_mode & 0o077:
        raise OutputFailed("others may read this private key", remedy="chmod 600 it, or replace it", file=path)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as fault:
        raise OutputFailed("this is no private key", remedy="restore it from your copy", file=path) from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise OutputFailed("this is not an Ed25519 key", remedy="restore it from your copy", file=path)
    return key


def _create_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # the first of several processes wins, the others read its key
        except FileExistsError:
            return
    finally:
        fresh.unlink(missing_ok=True)
