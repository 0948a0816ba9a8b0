"""The certificates that Content Credentials are signed with: a development chain made here, or a production's own.

Place in the flow: before anything is signed. A development chain says in its subject that it is one and is trusted by
nobody but a reader that was handed the trust list beside it. The keys of its two authorities are thrown away as soon as
the chain stands, so nothing else can ever be issued under that list; only the signing key is kept, readable by its owner.
Refuses: a key that others may read, a key that does not fit its certificate, a chain outside its validity.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from setpiece.core.errors import ClearanceRefused, SetpieceError
from setpiece.media.files import atomic_path, write_bytes

DEVELOPMENT = "DEVELOPMENT - NOT FOR RELEASE"
DEVELOPMENT_DAYS = 365
CHAIN_NAME, KEY_NAME, ANCHORS_NAME = "development-chain.pem", "development-key.pem", "development-trust-list.pem"
_C2PA_SIGNING = x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
_ALLOWED_USAGES = (ExtendedKeyUsageOID.EMAIL_PROTECTION, x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"), _C2PA_SIGNING)
_SKEW = timedelta(minutes=10)  # clocks of two machines differ; a credential read a second too early must not fail

KeyMaker = Callable[[], ec.EllipticCurvePrivateKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningIdentity:
    """Who signs: the chain (leaf first, without its root), the leaf's private key (ES256) and what the reader trusts.

    ``anchors_pem`` is the trust list, "" where the reader's own list has to know the issuer.
    """

    chain_pem: bytes
    key_pem: bytes = field(repr=False)
    anchors_pem: bytes = b""
    development: bool
    subject: str
    not_after: datetime
    timestamp_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningPaths:
    """Where a production keeps its own chain, key and trust list (PEM files), and its timestamp authority, if any."""

    chain: Path
    key: Path
    anchors: Path | None = None
    timestamp_url: str | None = None


def new_key() -> ec.EllipticCurvePrivateKey:
    """A fresh P-256 key from the system's randomness."""
    return ec.generate_private_key(ec.SECP256R1())


def development_identity(folder: Path, *, now: datetime, make_key: KeyMaker = new_key) -> SigningIdentity:
    """The development identity kept in ``folder``; made there where it is absent or no longer valid at ``now``.

    ``now`` is an aware datetime. Writes chain and trust list readable to all, the key to its owner only.
    Raises :class:`OutputFailed` where the folder cannot be written, :class:`ClearanceRefused` for a key others may read.
    """
    paths = SigningPaths(chain=folder / CHAIN_NAME, key=folder / KEY_NAME, anchors=folder / ANCHORS_NAME)
    present = all(path is not None and path.exists() for path in (paths.chain, paths.key, paths.anchors))
    if not present or _expired(paths.chain, now):
        _make_development(paths, now=now, make_key=make_key)
    return load_identity(paths, now=now)


def load_identity(paths: SigningPaths, *, now: datetime) -> SigningIdentity:
    """A signing identity from PEM files, checked: chain in order, key of the leaf, valid at ``now``, right usages.

    Raises :class:`ClearanceRefused` naming the file and what is wrong with it.
    """
    chain_pem, key_pem = _read(paths.chain), _private(paths.key)
    anchors_pem = b"" if paths.anchors is None else _read(paths.anchors)
    chain = _certificates(chain_pem, file=paths.chain)
    leaf = chain[0]
    _check_chain(chain, file=paths.chain)
    _check_usage(leaf, file=paths.chain)
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        raise ClearanceRefused(
            f"is valid from {leaf.not_valid_before_utc:%Y-%m-%d} to {leaf.not_valid_after_utc:%Y-%m-%d} only",
            file=paths.chain,
            remedy="renew the signing certificate and configure its path",
        )
    _check_key(key_pem, leaf, paths.key)
    return SigningIdentity(
        chain_pem=chain_pem,
        key_pem=key_pem,
        anchors_pem=anchors_pem,
        development=is_development(leaf.subject.rfc4514_string()),
        subject=leaf.subject.rfc4514_string(),
        not_after=leaf.not_valid_after_utc,
        timestamp_url=paths.timestamp_url,
    )


def is_development(subject: str | None) -> bool:
    """Does this subject or issuer say that it is a development certificate?"""
    return subject is not None and DEVELOPMENT in subject


def _make_development(paths: SigningPaths, *, now: datetime, make_key: KeyMaker) -> None:
    root_key, issuer_key, leaf_key = make_key(), make_key(), make_key()
    root_name, issuer_name, leaf_name = _name("Root"), _name("Issuing CA"), _name("Signer")
    last = now + timedelta(days=DEVELOPMENT_DAYS)
    root = _authority(root_name, root_key, root_name, root_key, now=now, last=last, below=1)
    issuer = _authority(issuer_name, issuer_key, root_name, root_key, now=now, last=last, below=0)
    leaf = _leaf(leaf_name, leaf_key, issuer_name, issuer_key, now=now, last=last)
    _write_private(
        paths.key,
        leaf_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
    pem = serialization.Encoding.PEM
    write_bytes(paths.chain, leaf.public_bytes(pem) + issuer.public_bytes(pem))
    assert paths.anchors is not None
    write_bytes(paths.anchors, root.public_bytes(pem))


def _name(part: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Setpiece {DEVELOPMENT}"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "made on this machine, trusted by nobody else"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{DEVELOPMENT} {part}"),
        ]
    )


def _builder(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, issuer_key: ec.EllipticCurvePrivateKey,
    *, now: datetime, last: datetime,
) -> x509.CertificateBuilder:  # fmt: skip
    public = key.public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    serial = int.from_bytes(hashlib.sha256(der).digest()[:16], "big") | 1
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(serial)
        .not_valid_before(now - _SKEW)
        .not_valid_after(last)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )


def _authority(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, issuer_key: ec.EllipticCurvePrivateKey,
    *, now: datetime, last: datetime, below: int,
) -> x509.Certificate:  # fmt: skip
    return (
        _builder(name, key, issuer, issuer_key, now=now, last=last)
        .add_extension(x509.BasicConstraints(ca=True, path_length=below), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


def _leaf(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, issuer_key: ec.EllipticCurvePrivateKey,
    *, now: datetime, last: datetime,
) -> x509.Certificate:  # fmt: skip
    return (
        _builder(name, key, issuer, issuer_key, now=now, last=last)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_C2PA_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _expired(path: Path, now: datetime) -> bool:
    return now > _certificates(_read(path), file=path)[0].not_valid_after_utc


def _certificates(pem: bytes, *, file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except (ValueError, x509.InvalidVersion) as error:
        raise ClearanceRefused(
            "holds no certificate chain in PEM form", file=file, remedy="configure the right file"
        ) from error


def _check_chain(chain: list[x509.Certificate], *, file: Path) -> None:
    for lower, upper in itertools.pairwise(chain):
        try:
            lower.verify_directly_issued_by(upper)
        except (InvalidSignature, ValueError, TypeError) as error:
            raise ClearanceRefused(
                "is not a chain: a certificate in it was not issued by the next one",
                file=file,
                remedy="put the signing certificate first, then each issuer in turn",
            ) from error
    if chain[0].issuer == chain[0].subject:
        raise ClearanceRefused(
            "starts with a self-signed certificate, which no reader accepts",
            file=file,
            remedy="use a certificate issued by an authority; `setpiece clear` makes a development one",
        )


def _check_usage(leaf: x509.Certificate, *, file: Path) -> None:
    try:
        usages = list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        usages = []
    if not any(usage in _ALLOWED_USAGES for usage in usages):
        raise ClearanceRefused(
            "is not issued for signing content (extended key usage)",
            file=file,
            remedy="ask the authority for a certificate of the C2PA profile",
        )


def _check_key(pem: bytes, leaf: x509.Certificate, file: Path) -> None:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ClearanceRefused(
            "holds no readable private key", file=file, remedy="configure an unencrypted PKCS#8 key"
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise ClearanceRefused("is not a P-256 key", file=file, remedy="use a certificate and key for ES256")
    if key.public_key() != leaf.public_key():
        raise ClearanceRefused(
            "does not belong to the certificate", file=file, remedy="configure key and chain of one identity"
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SetpieceError(f"cannot be read: {error.strerror}", file=path, remedy="check the configured path") from error


def _private(path: Path) -> bytes:
    """The bytes of a key file, refused where anybody but its owner may read it."""
    data = _read(path)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise ClearanceRefused("may be read by others than its owner", file=path, remedy=f"run: chmod 600 {path}")
    return data


def _write_private(path: Path, data: bytes) -> None:
    with atomic_path(path) as temporary:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
