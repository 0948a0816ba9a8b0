"""Signed documents, locked away: stored by their SHA-256, encrypted at rest, read by role and never unseen.

Place in the flow: beneath the records, which only hold hashes. Each document lies in a file of its own under AES-256-GCM,
with its kind and its hash bound into the seal. A read names person, role and purpose and is written to the log before a
byte is handed out; a log that cannot be written means no bytes. Refused reads are logged too. A document can be erased:
its hash in the log then points to nothing. Refuses: a key that others may read, a role without a need, changed files.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from setpiece.core.errors import ClearanceRefused, OutputFailed, RecordDamaged, SetpieceError
from setpiece.media.files import atomic_path, output_failed

KEY_VARIABLE = "SETPIECE_VAULT_KEY"  # names the key's file; the key itself never stands in an environment
KEY_BYTES, NONCE_BYTES = 32, 12
SUFFIX = ".vault"
# Who has a need to read what (B1, B3). Counsel to confirm.
READERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "consent": frozenset({"legal", "guild_liaison", "performer"}),
        "authority": frozenset({"legal", "guild_liaison"}),
        "licence": frozenset({"legal", "producer", "studio"}),
        "terms": frozenset({"legal", "studio", "producer"}),
        "scan": frozenset({"legal", "vfx_supervisor"}),
        "evidence": frozenset({"legal", "studio"}),
    }
)
_MAGIC = b"setpiece.vault/1\n"
Randomness = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who wants to read, in which role, and what for."""

    person: str
    role: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One attempt to read or erase a document, as the log gets it. ``allowed`` False: nothing was handed out."""

    sha256: str
    kind: str
    person: str
    role: str
    purpose: str
    action: str  # read | erase
    allowed: bool
    at: datetime


Log = Callable[[Reading], None]


def make_key(path: Path, *, randomness: Randomness = os.urandom) -> None:
    """Write a new key to ``path``, readable by its owner only. Never overwrites: a lost key is lost documents.

    Raises :class:`OutputFailed` where it exists or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(randomness(KEY_BYTES))
    except FileExistsError as error:
        raise OutputFailed("is there already and may lock documents", file=path, remedy="keep it, or name another") from error
    except OSError as error:
        raise output_failed(path, error) from error


def load_key(path: Path | None, environment: Mapping[str, str]) -> bytes:
    """The vault's key from ``path``, or from the file that the environment names.

    Raises :class:`ClearanceRefused` where there is none, others may read it, or it has another length.
    """
    stated = path if path is not None else environment.get(KEY_VARIABLE)
    if not stated:
        raise ClearanceRefused("the vault has no key", remedy=f"configure a key file, or name one in {KEY_VARIABLE}")
    file = Path(stated)
    try:
        key = file.read_bytes()
        mode = file.stat().st_mode
    except OSError as error:
        raise ClearanceRefused(f"cannot be read: {error.strerror}", file=file, remedy="check the key's path") from error
    if os.name == "posix" and mode & 0o077:
        raise ClearanceRefused("may be read by others than its owner", file=file, remedy=f"run: chmod 600 {file}")
    if len(key) != KEY_BYTES:
        raise ClearanceRefused(f"is no vault key: {len(key)} bytes, not {KEY_BYTES}", file=file, remedy="name the right file")
    return key


class Vault:
    """Documents of a production in one folder, under one key. The only object that holds the key."""

    def __init__(
        self,
        folder: Path,
        key: bytes,
        *,
        log: Log,
        readers: Mapping[str, frozenset[str]] = READERS,
        randomness: Randomness = os.urandom,
    ) -> None:
        self._folder, self._cipher, self._log = Path(folder), AESGCM(key), log
        self._readers, self._randomness = readers, randomness
        self._key_id = hashlib.sha256(b"setpiece vault key\n" + key).hexdigest()[:16]

    def store(self, document: bytes, *, kind: str) -> str:
        """Lock ``document`` away and return its SHA-256. The same document is stored once.

        Raises :class:`ClearanceRefused` for a kind that nobody may read, :class:`OutputFailed` where the disk refuses.
        """
        if kind not in self._readers:
            raise ClearanceRefused(f"'{kind}' is no kind of document", remedy=f"one of {', '.join(sorted(self._readers))}")
        sha256 = hashlib.sha256(document).hexdigest()
        path = self._path(sha256)
        if path.exists():
            _, kept = self._unlock(path, sha256)  # a damaged copy must not pass for a stored one
            if kept == document:
                return sha256
        nonce = self._randomness(NONCE_BYTES)
        header = _header(self._key_id, kind, nonce)
        locked = self._cipher.encrypt(nonce, document, header + sha256.encode("ascii"))
        with atomic_path(path) as aside:
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(header + locked)
        path.parent.chmod(0o700)
        return sha256

    def holds(self, sha256: str) -> bool:
        """Is a document with this hash here? Says nothing about what is in it."""
        return self._path(sha256).is_file()

    def read(self, sha256: str, reader: Reader, *, at: datetime) -> bytes:
        """The document, after the read is in the log.

        Raises :class:`ClearanceRefused` for a role or purpose without a need, :class:`SetpieceError` where it is not
        here, :class:`RecordDamaged` where the file was changed or locked with another key; and whatever the log raises.
        """
        kind, document = self._unlock(self._path(sha256), sha256)
        self._allow(sha256, kind, reader, "read", at)
        return document

    def erase(self, sha256: str, reader: Reader, *, at: datetime) -> None:
        """Remove a document for good, after that is in the log. Only the role ``legal`` may. Raises as :meth:`read`."""
        kind, _ = self._unlock(self._path(sha256), sha256)
        self._allow(sha256, kind, reader, "erase", at)
        self._path(sha256).unlink()

    def _allow(self, sha256: str, kind: str, reader: Reader, action: str, at: datetime) -> None:
        may = self._readers.get(kind, frozenset()) if action == "read" else frozenset({"legal"})
        named = all(text.strip() for text in (reader.person, reader.purpose))
        allowed = named and reader.role in may
        self._log(
            Reading(
                sha256=sha256,
                kind=kind,
                person=reader.person,
                role=reader.role,
                purpose=reader.purpose,
                action=action,
                allowed=allowed,
                at=at,
            )
        )
        if not named:
            raise ClearanceRefused("a read needs a person and a purpose", remedy="say who reads it and what for")
        if not allowed:
            raise ClearanceRefused(
                f"role '{reader.role}' may not {action} a document of kind '{kind}'", remedy=f"ask {' or '.join(sorted(may))}"
            )

    def _path(self, sha256: str) -> Path:
        if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
            raise SetpieceError(f"{sha256!r} is no document's hash", remedy="name it by its SHA-256, 64 small hex digits")
        return self._folder / sha256[:2] / (sha256 + SUFFIX)

    def _unlock(self, path: Path, sha256: str) -> tuple[str, bytes]:
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise SetpieceError("is not in the vault", file=path, remedy="store the document, or check its hash") from error
        except OSError as error:
            raise SetpieceError(f"cannot be read: {error.strerror}", file=path, remedy="check its permissions") from error
        remedy = "restore the file from a backup"
        try:
            start = data.index(b"\n", len(_MAGIC)) + 1
            stated = json.loads(data[len(_MAGIC) : start])
            key_id, kind, nonce = str(stated["key"]), str(stated["kind"]), bytes.fromhex(stated["nonce"])
        except (ValueError, KeyError, TypeError) as error:
            raise RecordDamaged("is no document of the vault any more", file=path, remedy=remedy) from error
        header = _header(key_id, kind, nonce)
        if data[:start] != header or len(nonce) != NONCE_BYTES:
            raise RecordDamaged("was changed after it was stored", file=path, remedy=remedy)
        if key_id != self._key_id:
            raise RecordDamaged("was locked with another key", file=path, remedy="configure the key that it was stored with")
        try:
            document = self._cipher.decrypt(nonce, data[start:], header + sha256.encode("ascii"))
        except InvalidTag as error:
            raise RecordDamaged("was changed after it was stored", file=path, remedy=remedy) from error
        if hashlib.sha256(document).hexdigest() != sha256:
            raise RecordDamaged("holds another document than its name says", file=path, remedy=remedy)
        return kind, document


def _header(key_id: str, kind: str, nonce: bytes) -> bytes:
    """The readable head of a file; in one form only, so that no byte of it is without effect."""
    return _MAGIC + json.dumps({"key": key_id, "kind": kind, "nonce": nonce.hex()}, sort_keys=True).encode("ascii") + b"\n"
