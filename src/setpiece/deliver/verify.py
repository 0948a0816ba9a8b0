"""What a stranger may know about a delivery: is it whole, who let it go, under which consents, with which models.

Place in the flow: outside of it, at whoever receives a delivery. It needs the folder and, to call anything trusted, a
trust list that the receiver chose; no database, no network, nothing of the production's. Two questions are kept apart:
*whole* (no byte differs from what was signed) and *trusted* (the receiver's trust list knows who signed).
What it can't tell: whether the signer told the truth, and whether a decision stands in the production's log; the log's
own verifier does that, from the sequence and leaf hash shown here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from setpiece.core.errors import SetpieceError
from setpiece.deliver.credentials import EMBEDDED
from setpiece.deliver.manifest import NAME, SEAL, SIDECAR, Manifest, read_manifest
from setpiece.deliver.seal import Seal, opened
from setpiece.media.credentials import Clearance, Credential, TrustList, read_credential, read_detached
from setpiece.media.files import sha256_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One file that is not as it was delivered: its path in the delivery, and what is wrong in plain words."""

    file: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found. ``files`` counts what the manifest lists (1 for a single file)."""

    path: Path
    files: int
    faults: tuple[Fault, ...]
    credential: Credential
    shot: str = ""
    version: str = ""

    @property
    def whole(self) -> bool:
        """Is every byte as it was signed?"""
        return not self.faults

    @property
    def trusted(self) -> bool:
        """Whole, and signed by somebody whom the trust list knows."""
        return self.whole and self.credential.state == "trusted"

    @property
    def clearance(self) -> Clearance | None:
        """What the signer says about the decision that let it go. Only to be believed where :attr:`trusted`."""
        return self.credential.clearance

    @property
    def lines(self) -> tuple[str, ...]:
        """The report for a person, one statement a line."""
        return tuple(_lines(self))


def verify(path: Path, *, trust: TrustList) -> Report:
    """Check a delivery folder, or one picture or movie with its credential inside.

    Damage is reported, never raised. Raises :class:`SetpieceError` where nothing lies at ``path``.
    """
    path = Path(path)
    if path.is_dir():
        return _verify_folder(path, trust)
    if not path.exists():
        raise SetpieceError("does not exist", file=path, remedy="name a delivery folder, or a picture or movie of one")
    credential = read_credential(path, trust=trust)
    return Report(path=path, files=1, faults=tuple(_picture_faults(path.name, credential, None)), credential=credential)


def _verify_folder(folder: Path, trust: TrustList) -> Report:
    listed, sidecar, seal = (_content(folder / name) for name in (NAME, SIDECAR, SEAL))
    credential = Credential(state="none")
    if listed is not None and sidecar is not None:
        credential = read_detached(listed, sidecar, trust=trust)
    faults = list(_signature_faults(folder, listed, sidecar, seal, credential, trust))
    manifest = None
    try:
        manifest = read_manifest(folder)
    except SetpieceError as error:
        faults.append(Fault(file=NAME, what=error.message))
    if manifest is not None:
        faults += _listed_faults(folder, manifest)
        for entry in manifest.files:
            if Path(entry.path).suffix.lower() in EMBEDDED and (folder / entry.path).is_file():
                inside = read_credential(folder / entry.path, trust=trust)
                faults += _picture_faults(entry.path, inside, credential)
    faults += _unlisted_faults(folder, manifest)
    return Report(
        path=folder,
        files=0 if manifest is None else len(manifest.files),
        faults=tuple(dict.fromkeys(faults)),
        credential=credential,
        shot="" if manifest is None else manifest.shot,
        version="" if manifest is None else manifest.version,
    )


def _content(path: Path) -> bytes | None:
    try:
        return None if path.is_symlink() else path.read_bytes()
    except OSError:
        return None


def _signature_faults(
    folder: Path, listed: bytes | None, sidecar: bytes | None, seal: bytes | None, credential: Credential, trust: TrustList
) -> Iterator[Fault]:
    """What is wrong with manifest, sidecar and seal. A sound seal says exactly which of the other two was changed."""
    for name, content in ((NAME, listed), (SIDECAR, sidecar), (SEAL, seal)):
        if content is None:
            yield Fault(file=name, what="is missing")
    holds: Seal | None = None
    if seal is not None:
        try:
            holds = opened(seal, trust=trust, file=folder / SEAL)
        except SetpieceError as error:
            yield Fault(file=SEAL, what=error.message)
    changed = False
    if holds is not None:
        for name, content, expected in ((NAME, listed, holds.manifest_sha256), (SIDECAR, sidecar, holds.sidecar_sha256)):
            if content is not None and hashlib.sha256(content).hexdigest() != expected:
                changed = True
                yield Fault(file=name, what="was changed after it was sealed")
    if changed or listed is None or sidecar is None:
        return
    if credential.state not in ("valid", "trusted"):
        yield Fault(file=SIDECAR, what=f"does not fit the manifest ({', '.join(credential.codes) or 'no credential in it'})")
    elif holds is not None and (credential.serial != holds.serial or holds.trusted != (credential.state == "trusted")):
        yield Fault(file=SEAL, what="was made by somebody else than the credential")


def _listed_faults(folder: Path, manifest: Manifest) -> Iterator[Fault]:
    for entry in manifest.files:
        path = folder / entry.path
        if path.is_symlink():
            yield Fault(file=entry.path, what="is a link to another place, not the file itself")
        elif not path.is_file():
            yield Fault(file=entry.path, what="is missing")
        elif path.stat().st_size != entry.size:
            yield Fault(file=entry.path, what=f"has {path.stat().st_size} bytes where {entry.size} were delivered")
        else:
            try:
                if sha256_file(path) != entry.sha256:
                    yield Fault(file=entry.path, what="differs from what was delivered")
            except SetpieceError as error:
                yield Fault(file=entry.path, what=error.message)


def _unlisted_faults(folder: Path, manifest: Manifest | None) -> Iterator[Fault]:
    """Everything that nobody signed, hidden files included."""
    known = {NAME, SIDECAR, SEAL} | ({entry.path for entry in manifest.files} if manifest is not None else set())
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).as_posix()
        if manifest is not None and inside not in known and (path.is_file() or path.is_symlink()):
            yield Fault(file=inside, what="was not part of the delivery")


def _picture_faults(name: str, credential: Credential, whole: Credential | None) -> Iterator[Fault]:
    """What is wrong with a picture's own credential; ``whole`` is the delivery's, None for a single file."""
    if credential.state == "none":
        yield Fault(file=name, what="carries no Content Credential of its own; verify the folder that it was delivered in")
    elif credential.state == "invalid":
        yield Fault(file=name, what=f"does not match its credential ({', '.join(credential.codes) or 'unreadable'})")
    elif credential.laundered:
        titles = ", ".join(f"'{item.title}'" for item in credential.ingredients if item.faults)
        yield Fault(file=name, what=f"was made from something that did not validate: {titles}")
    elif whole is not None and credential.clearance != whole.clearance:
        yield Fault(file=name, what="names another clearance decision than the delivery")


def _lines(report: Report) -> Iterator[str]:
    subject = f"{report.shot} {report.version}".strip() or report.path.name
    if report.whole:
        count = "the file is" if report.files == 1 else f"all {report.files} files are"
        yield f"{subject} is whole: {count} exactly as signed."
    else:
        yield f"{subject} is NOT whole:"
        yield from (f"  {fault.file} {fault.what}" for fault in report.faults)
    credential = report.credential
    if credential.state in ("valid", "trusted"):
        yield from _signer_lines(credential)
    else:
        yield "No valid signature vouches for it: what follows, if anything, is only claimed."
    clearance = report.clearance
    if clearance is None:
        yield "It says nothing about clearance."
    else:
        yield from _clearance_lines(clearance)
    if credential.training_mining == "notAllowed":
        yield "Training a model on it, or mining it, is not allowed by its maker."


def _signer_lines(credential: Credential) -> Iterator[str]:
    yield f"Signed by {credential.issuer or 'somebody unnamed'}, with {credential.claim_generator or 'unnamed software'}."
    if credential.development:
        yield "That is a DEVELOPMENT certificate: anybody can make one. It proves nothing about who delivered this."
    if credential.state != "trusted":
        yield "Your trust list does not know the signer: you have no reason yet to believe who it says it is."
    if credential.source_type:
        yield f"The picture as a whole is '{credential.source_type}'{_made_of(credential)}."


def _made_of(credential: Credential) -> str:
    kinds = list(dict.fromkeys(source for _, source in credential.actions if source))
    return f", made of {', '.join(kinds)}" if len(kinds) > 1 else ""


def _clearance_lines(clearance: Clearance) -> Iterator[str]:
    yield f"Decision: {clearance.outcome} at the {clearance.gate} gate, {clearance.decided_at}."
    yield f"  entry {clearance.sequence} of the production's log, leaf {clearance.leaf_sha256}"
    yield f"  under policy {clearance.policy_sha256}"
    yield f"Approved by: {', '.join(clearance.approvals) or 'nobody; no rule asked for an approval'}."
    if clearance.consents:
        yield "Consents:"
        yield from (f"  {consent.type}, signed document {consent.document_sha256}" for consent in clearance.consents)
    else:
        yield "Consents: none; no performer's likeness is declared in it."
    if clearance.models:
        yield "Trained models:"
        for model in clearance.models:
            yield f"  {model.name} {model.version}, licence {model.licence}, weights {model.weights_sha256}"
    else:
        yield "Trained models: none."
    if clearance.overrides:
        yield "Rules that were overridden, by name, reason in the production's log:"
        yield from (f"  {override}" for override in clearance.overrides)
