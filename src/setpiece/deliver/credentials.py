"""A delivery signed: credentials inside its pictures and movies, one beside its manifest, and a seal over both.

Place in the flow: after everything of a delivery is made and released, last of all. EXR frames take no credential: the
manifest lists the hash of each, and the sidecar signs the manifest. The order matters: movies first, because signing
changes their bytes; then the manifest, which hashes them; then sidecar and seal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from setpiece.core.errors import OutputFailed
from setpiece.deliver.manifest import NAME, SEAL, SIDECAR, Manifest, write_manifest
from setpiece.deliver.seal import sealed
from setpiece.media.certificates import SigningIdentity
from setpiece.media.credentials import Credential
from setpiece.media.files import write_bytes
from setpiece.media.signing import Claim, sign_detached, sign_embedded

EMBEDDED = (".mp4", ".mov", ".png", ".jpg", ".jpeg", ".tif", ".tiff")  # of what a delivery holds


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedDelivery:
    """What was signed: the manifest, its credential as a reader sees it, and each picture's, by path in the folder."""

    manifest: Manifest
    credential: Credential
    embedded: tuple[tuple[str, Credential], ...]


def sign_delivery(
    folder: Path,
    claim: Claim,
    identity: SigningIdentity,
    *,
    shot: str,
    version: str,
    software: str,
    others: Mapping[str, Claim] | None = None,
) -> SignedDelivery:
    """Sign every picture and movie of ``folder`` in place, then write its manifest, the sidecar and the seal.

    ``claim`` says what the shot is made of; ``others`` says it for pictures that are made of something else, by path in
    the folder (a texture cut from the plate). Each file's title becomes its own name. Running it again signs anew.
    Raises :class:`OutputFailed` where the disk refuses, :class:`ClearanceRefused` where a signed file does not read
    back as trusted. A stale seal is taken away first: a delivery that was interrupted is never a sealed one.
    """
    for stale in (SEAL, SIDECAR):
        _remove(folder / stale)
    embedded = []
    for path in sorted(path for path in folder.rglob("*") if _takes_credential(path, folder)):
        inside = path.relative_to(folder).as_posix()
        about = (others or {}).get(inside, claim)
        embedded.append((inside, sign_embedded(path, path, replace(about, title=path.name), identity)))
    manifest = write_manifest(folder, shot=shot, version=version, software=software)
    listed = (folder / NAME).read_bytes()
    about = replace(claim, title=f"{shot} {version}: every file of the delivery")
    sidecar, credential = sign_detached(listed, about, identity, file=folder / SIDECAR)
    write_bytes(folder / SIDECAR, sidecar)
    write_bytes(folder / SEAL, sealed(listed, sidecar, identity))
    return SignedDelivery(manifest=manifest, credential=credential, embedded=tuple(embedded))


def _takes_credential(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.suffix.lower() in EMBEDDED and path.is_file() and not path.is_symlink() and not hidden


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputFailed(
            f"is of an earlier delivery and cannot be removed: {error.strerror}", file=path, remedy="remove it by hand"
        ) from error
