"""The seal of a delivery: one signature over the manifest and its credential, to the last byte of both.

Place in the flow: the last file of a delivery. A credential sidecar ends in padding that its own signature does not
cover (about a quarter of its bytes may be changed and it still reads as trusted), so the seal holds the hashes of the
manifest and of the sidecar under the same signing certificate. Its own text has one form only: any changed byte of it is
either another form or another signature. Refuses: another form, a broken signature, a chain that does not hold.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from setpiece.core.errors import RecordDamaged
from setpiece.media.certificates import SigningIdentity
from setpiece.media.credentials import TrustList

SCHEMA = "setpiece.seal/1"
_REMEDY = "copy the delivery again; if it stays so, do not trust it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A seal that holds: which bytes it vouches for, who made it, and whether the trust list knows its authority."""

    manifest_sha256: str
    sidecar_sha256: str
    signer: str
    serial: str
    trusted: bool


def sealed(manifest: bytes, sidecar: bytes, identity: SigningIdentity) -> bytes:
    """The seal's bytes over ``manifest`` and ``sidecar``; the same for the same input and identity."""
    body = {
        "schema": SCHEMA,
        "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
        "sidecar_sha256": hashlib.sha256(sidecar).hexdigest(),
        "chain": identity.chain_pem.decode("ascii"),
    }
    key = serialization.load_pem_private_key(identity.key_pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise RecordDamaged("the signing key is not for ES256", remedy="configure a P-256 key")
    signature = key.sign(_text(body), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    return _text({**body, "signature": signature.hex()})


def opened(seal: bytes, *, trust: TrustList, file: Path) -> Seal:
    """The seal in these bytes, its signature and chain checked. ``file`` is only named in errors.

    Raises :class:`RecordDamaged` where anything in it was changed.
    """
    try:
        document = json.loads(seal)
        body = {key: document[key] for key in ("schema", "manifest_sha256", "sidecar_sha256", "chain")}
        signature = bytes.fromhex(document["signature"])
        if body["schema"] != SCHEMA or _text({**body, "signature": signature.hex()}) != seal:
            raise ValueError("not in its one form")
        chain = x509.load_pem_x509_certificates(body["chain"].encode("ascii"))
        key = chain[0].public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise ValueError("not an ES256 key")
        key.verify(signature, _text(body), ec.ECDSA(hashes.SHA256()))
        for lower, upper in itertools.pairwise(chain):
            lower.verify_directly_issued_by(upper)
    except Exception as error:  # whatever damage makes a parser say: a seal that cannot be read is a broken one
        raise RecordDamaged("the seal is broken: it was changed after it was made", file=file, remedy=_REMEDY) from error
    return Seal(
        manifest_sha256=body["manifest_sha256"],
        sidecar_sha256=body["sidecar_sha256"],
        signer=_name(chain[0]),
        serial=str(chain[0].serial_number),
        trusted=_trusted(chain[-1], trust),
    )


def _text(value: dict[str, str]) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode("ascii")


def _name(certificate: x509.Certificate) -> str:
    parts = [certificate.subject.get_attributes_for_oid(oid) for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)]
    return " / ".join(str(part[0].value) for part in parts if part)


def _trusted(highest: x509.Certificate, trust: TrustList) -> bool:
    """Is ``highest`` issued by, or itself, one of the trust list's authorities?"""
    if "BEGIN CERTIFICATE" not in trust.anchors_pem:
        return False
    for anchor in x509.load_pem_x509_certificates(trust.anchors_pem.encode("utf-8")):
        if anchor == highest:
            return True
        try:
            highest.verify_directly_issued_by(anchor)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return True
    return False
