"""What an input's Content Credential says, found out before the input is used.

Place in the flow: at ingest, for every plate, matte and reference. It rules nothing: it reports one word for the
record of inputs, the strictest word about training, and plain notes; clearance rules on them. A file whose ingredient
did not validate when it was signed over is ``laundered``, however good its own signature is. A frame of a delivery has
its credential beside the delivery's manifest: it is looked for there too, so that one vendor's refusal of training is
not lost on the next one's disk.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from setpiece.core.errors import PlateUnreadable
from setpiece.media.credentials import SIDECAR_SUFFIX, Credential, TrustList, read_credential, read_detached
from setpiece.media.files import sha256_file

MANIFEST = "manifest.json"
MANIFEST_SCHEMAS = "setpiece.manifest/"
_LEVELS = 3  # folders above a frame in which its delivery's manifest is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class InputCredential:
    """An input as clearance wants to know it: hash, file name, and what its credential says.

    ``word`` is ``none``, ``trusted``, ``valid``, ``invalid`` or ``laundered``; ``training_mining`` is ``allowed``,
    ``constrained``, ``notAllowed`` or None where neither the file nor an ingredient of it says anything.
    """

    sha256: str
    name: str
    word: str
    training_mining: str | None
    notes: tuple[str, ...]
    credential: Credential


_WORDS = ("invalid", "laundered", "none", "valid", "trusted")  # the worst first
_MINING = ("notAllowed", "constrained", None, "allowed")  # the strictest first


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivery:
    """A signed manifest near an input: what it lists by absolute path, and what its credential says."""

    listed: dict[Path, str]
    credential: Credential


def examine(path: Path, *, trust: TrustList) -> InputCredential:
    """Hash an input and read its credential and those of everything it was made from.

    Raises :class:`PlateUnreadable` where it cannot be read, :class:`DependencyMissing` without the c2pa library.
    """
    return _examine(Path(path), trust, {})


def examine_all(paths: Iterable[Path], *, trust: TrustList) -> tuple[InputCredential, ...]:
    """:func:`examine` for each of ``paths``, in order; a manifest that they share is read once."""
    seen: dict[Path, _Delivery | None] = {}
    return tuple(_examine(Path(path), trust, seen) for path in paths)


def examine_plate(paths: Sequence[Path], *, sha256: str, name: str, trust: TrustList) -> InputCredential:
    """:func:`examine` for all files of one plate, as one input of hash ``sha256``: what its worst frame said counts."""
    found = examine_all(paths, trust=trust)
    worst = min(found, key=lambda item: _WORDS.index(item.word))
    mining = min((item.training_mining for item in found), key=_MINING.index)
    return replace(worst, sha256=sha256, name=name, training_mining=mining)


def _examine(path: Path, trust: TrustList, seen: dict[Path, _Delivery | None]) -> InputCredential:
    sha256 = sha256_file(path)
    credential = read_credential(path, trust=trust)
    if credential.state == "none":
        credential = _of_delivery(path, sha256, trust, seen) or credential
    return InputCredential(
        sha256=sha256,
        name=path.name,
        word=credential.word,
        training_mining=credential.training_mining,
        notes=tuple(_notes(credential)),
        credential=credential,
    )


def _of_delivery(path: Path, sha256: str, trust: TrustList, seen: dict[Path, _Delivery | None]) -> Credential | None:
    """The credential of the signed manifest that lists ``path``, ``invalid`` where the file is another; None without one."""
    absolute = path.resolve()
    for folder in list(absolute.parents)[:_LEVELS]:
        if folder not in seen:
            seen[folder] = _delivery(folder, trust)
        delivery = seen[folder]
        if delivery is not None and absolute in delivery.listed:
            if delivery.listed[absolute] == sha256:
                return delivery.credential
            return replace(delivery.credential, state="invalid", codes=("setpiece.manifest.mismatch",))
    return None


def _delivery(folder: Path, trust: TrustList) -> _Delivery | None:
    manifest = folder / MANIFEST
    sidecar = manifest.with_name(manifest.name + SIDECAR_SUFFIX)
    if not (manifest.is_file() and sidecar.is_file()):
        return None
    try:
        text, signed = manifest.read_bytes(), sidecar.read_bytes()
    except OSError as error:
        raise PlateUnreadable(f"cannot be read: {error.strerror}", file=manifest, remedy="check its permissions") from error
    try:
        document = json.loads(text)
        if not str(document["schema"]).startswith(MANIFEST_SCHEMAS):
            return None
        listed = {(folder / item["path"]).resolve(): str(item["sha256"]) for item in document["manifest"]["files"]}
    except (ValueError, KeyError, TypeError):
        return None  # somebody else's manifest, or a broken one: it vouches for nothing
    return _Delivery(listed=listed, credential=read_detached(text, signed, trust=trust))


def _notes(credential: Credential) -> list[str]:
    notes = []
    if credential.state == "invalid":
        notes.append(f"its Content Credential does not match it ({', '.join(credential.codes) or 'unreadable'})")
    for ingredient in credential.ingredients:
        if ingredient.faults:
            notes.append(
                f"made from '{ingredient.title}', which did not validate when it was signed over "
                f"({', '.join(ingredient.faults)}): the damage is hidden under a newer signature"
            )
    if credential.state == "valid":
        notes.append(f"signed by {credential.issuer or 'somebody unnamed'}, whom the trust list does not know")
    if credential.development:
        notes.append("signed with a development certificate, which proves nothing about its maker")
    if credential.training_mining in ("notAllowed", "constrained"):
        notes.append(f"its maker's word on training and mining: {credential.training_mining}")
    return notes
