"""The development chain says what it is, keeps its key to its owner, and a production's own identity is checked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from setpiece.core.errors import ClearanceRefused, SetpieceError
from setpiece.media.certificates import (
    ANCHORS_NAME,
    CHAIN_NAME,
    DEVELOPMENT,
    DEVELOPMENT_DAYS,
    KEY_NAME,
    SigningPaths,
    development_identity,
    is_development,
    load_identity,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def paths(folder: Path) -> SigningPaths:
    return SigningPaths(chain=folder / CHAIN_NAME, key=folder / KEY_NAME, anchors=folder / ANCHORS_NAME)


def test_every_certificate_of_the_development_chain_says_it_is_not_for_release(tmp_path: Path) -> None:
    identity = development_identity(tmp_path, now=NOW)
    certificates = x509.load_pem_x509_certificates(identity.chain_pem + identity.anchors_pem)
    assert len(certificates) == 3
    assert all(DEVELOPMENT in certificate.subject.rfc4514_string() for certificate in certificates)
    assert identity.development and is_development(identity.subject)


def test_only_the_owner_reads_the_key_and_the_authorities_keys_are_gone(tmp_path: Path) -> None:
    development_identity(tmp_path, now=NOW)
    assert (tmp_path / KEY_NAME).stat().st_mode & 0o777 == 0o600
    keys = [path for path in tmp_path.iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert [path.name for path in keys] == [KEY_NAME]
    assert (tmp_path / KEY_NAME).read_bytes().count(b"BEGIN PRIVATE KEY") == 1


def test_a_printed_identity_does_not_show_its_key(tmp_path: Path) -> None:
    identity = development_identity(tmp_path, now=NOW)
    assert "PRIVATE" not in repr(identity)


def test_the_identity_is_kept_while_valid_and_renewed_when_it_expires(tmp_path: Path) -> None:
    first = development_identity(tmp_path, now=NOW)
    assert development_identity(tmp_path, now=NOW + timedelta(days=DEVELOPMENT_DAYS - 1)).chain_pem == first.chain_pem
    assert development_identity(tmp_path, now=NOW + timedelta(days=DEVELOPMENT_DAYS + 1)).chain_pem != first.chain_pem


def test_a_key_that_others_may_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    development_identity(tmp_path, now=NOW)
    (tmp_path / KEY_NAME).chmod(0o640)
    with pytest.raises(ClearanceRefused, match="chmod 600"):
        load_identity(paths(tmp_path), now=NOW)


def test_a_key_of_another_identity_is_refused(tmp_path: Path) -> None:
    development_identity(tmp_path / "a", now=NOW)
    development_identity(tmp_path / "b", now=NOW)
    mixed = SigningPaths(chain=tmp_path / "a" / CHAIN_NAME, key=tmp_path / "b" / KEY_NAME)
    with pytest.raises(ClearanceRefused, match="does not belong"):
        load_identity(mixed, now=NOW)


@pytest.mark.parametrize("days", [-1, DEVELOPMENT_DAYS + 1])
def test_a_chain_outside_its_validity_is_refused(tmp_path: Path, days: int) -> None:
    development_identity(tmp_path, now=NOW)
    with pytest.raises(ClearanceRefused, match="is valid from"):
        load_identity(paths(tmp_path), now=NOW + timedelta(days=days))


def test_a_chain_out_of_order_is_refused(tmp_path: Path) -> None:
    identity = development_identity(tmp_path, now=NOW)
    parts = identity.chain_pem.split(b"-----BEGIN CERTIFICATE-----")
    (tmp_path / CHAIN_NAME).write_bytes(b"-----BEGIN CERTIFICATE-----".join([b"", parts[2], parts[1]]))
    with pytest.raises(ClearanceRefused, match="not a chain"):
        load_identity(paths(tmp_path), now=NOW)


def test_a_self_signed_certificate_is_refused(tmp_path: Path) -> None:
    identity = development_identity(tmp_path, now=NOW)
    (tmp_path / CHAIN_NAME).write_bytes(identity.anchors_pem)
    with pytest.raises(ClearanceRefused, match="self-signed"):
        load_identity(paths(tmp_path), now=NOW)


def test_an_authority_is_refused_as_a_signer_of_content(tmp_path: Path) -> None:
    identity = development_identity(tmp_path, now=NOW)
    parts = identity.chain_pem.split(b"-----BEGIN CERTIFICATE-----")
    (tmp_path / CHAIN_NAME).write_bytes(b"-----BEGIN CERTIFICATE-----" + parts[2])
    with pytest.raises(ClearanceRefused, match="not issued for signing content"):
        load_identity(paths(tmp_path), now=NOW)


def test_missing_and_meaningless_files_name_themselves(tmp_path: Path) -> None:
    with pytest.raises(SetpieceError, match=CHAIN_NAME):
        load_identity(paths(tmp_path), now=NOW)
    development_identity(tmp_path, now=NOW)
    (tmp_path / CHAIN_NAME).write_text("nothing")
    with pytest.raises(ClearanceRefused, match="no certificate chain"):
        load_identity(paths(tmp_path), now=NOW)
