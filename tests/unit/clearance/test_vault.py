"""The vault: nothing readable on disk, nothing read without a trace, nothing changed without notice."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setpiece.clearance.vault import KEY_BYTES, KEY_VARIABLE, READERS, Reader, Reading, Vault, load_key, make_key
from setpiece.core.errors import ClearanceRefused, OutputFailed, RecordDamaged, SetpieceError

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
COUNSEL = Reader(person="L. Counsel", role="legal", purpose="to confirm the scope")
CONSENT = b"%PDF-1.7 I, the performer, agree to ... Confidential Name"


class Box:
    """A vault with its log."""

    def __init__(self, folder: Path, key: bytes = b"k" * KEY_BYTES) -> None:
        self.log: list[Reading] = []
        self.folder = folder
        self.vault = Vault(folder, key, log=self.log.append)

    def file(self) -> Path:
        return next(path for path in self.folder.rglob("*.vault"))


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "vault")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=st.binary(max_size=400), kind=st.sampled_from(sorted(READERS)))
def test_what_is_stored_comes_back_by_its_hash(box: Box, document: bytes, kind: str) -> None:
    sha256 = box.vault.store(document, kind=kind)
    assert sha256 == hashlib.sha256(document).hexdigest()
    assert box.vault.read(sha256, COUNSEL, at=AT) == document


def test_nothing_of_a_document_lies_readable_on_disk_and_only_the_owner_gets_at_it(box: Box) -> None:
    box.vault.store(CONSENT, kind="consent")
    data = box.file().read_bytes()
    assert b"Confidential" not in data and b"%PDF" not in data
    assert box.file().stat().st_mode & 0o777 == 0o600
    assert box.file().parent.stat().st_mode & 0o777 == 0o700


def test_two_stores_of_one_document_are_one_file_and_two_vaults_never_share_ciphertext(box: Box, tmp_path: Path) -> None:
    box.vault.store(CONSENT, kind="consent")
    first = box.file().read_bytes()
    box.vault.store(CONSENT, kind="consent")
    assert [box.file().read_bytes()] == [first] and len(list(box.folder.rglob("*.vault"))) == 1
    other = Box(tmp_path / "other")
    other.vault.store(CONSENT, kind="consent")
    assert other.file().read_bytes() != first


def test_each_read_is_in_the_log_before_a_byte_is_handed_out(box: Box) -> None:
    sha256 = box.vault.store(CONSENT, kind="consent")

    def broken(reading: Reading) -> None:
        raise OSError("the log is full")

    with pytest.raises(OSError, match="log is full"):
        Vault(box.folder, b"k" * KEY_BYTES, log=broken).read(sha256, COUNSEL, at=AT)
    box.vault.read(sha256, COUNSEL, at=AT)
    assert box.log == [
        Reading(
            sha256=sha256,
            kind="consent",
            person="L. Counsel",
            role="legal",
            purpose="to confirm the scope",
            action="read",
            allowed=True,
            at=AT,
        )
    ]


@pytest.mark.parametrize(
    "reader",
    [
        Reader(person="A", role="studio", purpose="curious"),
        Reader(person="A", role="", purpose="curious"),
        Reader(person="A", role="legal", purpose=" "),
        Reader(person="", role="legal", purpose="need"),
    ],
)
def test_a_read_without_role_person_or_purpose_is_refused_and_logged_as_refused(box: Box, reader: Reader) -> None:
    sha256 = box.vault.store(CONSENT, kind="consent")
    with pytest.raises(ClearanceRefused):
        box.vault.read(sha256, reader, at=AT)
    assert [entry.allowed for entry in box.log] == [False]


@given(kind=st.sampled_from(sorted(READERS)), role=st.sampled_from(["studio", "legal", "producer", "performer", "nobody"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_the_roles_of_a_kind_read_it(box: Box, kind: str, role: str) -> None:
    sha256 = box.vault.store(kind.encode(), kind=kind)
    reader = Reader(person="A", role=role, purpose="need")
    if role in READERS[kind]:
        assert box.vault.read(sha256, reader, at=AT) == kind.encode()
    else:
        with pytest.raises(ClearanceRefused, match="may not read"):
            box.vault.read(sha256, reader, at=AT)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_in_a_file_is_found(box: Box, place: float, bit: int) -> None:
    sha256 = box.vault.store(CONSENT, kind="consent")
    before = box.file().read_bytes()
    data = bytearray(before)
    data[int(place * len(data))] ^= 1 << bit
    box.file().write_bytes(data)
    try:
        with pytest.raises(RecordDamaged):
            box.vault.read(sha256, COUNSEL, at=AT)
    finally:
        box.file().write_bytes(before)


def test_a_wrong_key_is_called_a_wrong_key_and_a_changed_file_a_changed_file(box: Box) -> None:
    sha256 = box.vault.store(CONSENT, kind="consent")
    with pytest.raises(RecordDamaged, match="another key"):
        Box(box.folder, key=b"x" * KEY_BYTES).vault.read(sha256, COUNSEL, at=AT)
    data = bytearray(box.file().read_bytes())
    data[-1] ^= 1
    box.file().write_bytes(data)
    with pytest.raises(RecordDamaged, match="was changed"):
        box.vault.read(sha256, COUNSEL, at=AT)


def test_a_document_moved_under_another_hash_is_refused(box: Box) -> None:
    box.vault.store(CONSENT, kind="consent")
    other = hashlib.sha256(b"other").hexdigest()
    (box.folder / other[:2]).mkdir(exist_ok=True)
    box.file().rename(box.folder / other[:2] / f"{other}.vault")
    with pytest.raises(RecordDamaged):
        box.vault.read(other, COUNSEL, at=AT)


def test_a_damaged_copy_never_passes_for_a_stored_document(box: Box) -> None:
    box.vault.store(CONSENT, kind="consent")
    box.file().write_bytes(b"")
    with pytest.raises(RecordDamaged):
        box.vault.store(CONSENT, kind="consent")


def test_erasing_is_for_legal_only_is_logged_and_leaves_nothing(box: Box) -> None:
    sha256 = box.vault.store(CONSENT, kind="consent")
    with pytest.raises(ClearanceRefused):
        box.vault.erase(sha256, Reader(person="P", role="performer", purpose="gone"), at=AT)
    assert box.vault.holds(sha256)
    box.vault.erase(sha256, COUNSEL, at=AT)
    assert [(entry.action, entry.allowed) for entry in box.log] == [("erase", False), ("erase", True)]
    assert not box.vault.holds(sha256)
    with pytest.raises(SetpieceError, match="not in the vault"):
        box.vault.read(sha256, COUNSEL, at=AT)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "AB" * 32, "ab" * 31])
def test_only_a_hash_names_a_document(box: Box, name: str) -> None:
    with pytest.raises(SetpieceError, match="no document's hash"):
        box.vault.read(name, COUNSEL, at=AT)


def test_an_unknown_kind_is_refused(box: Box) -> None:
    with pytest.raises(ClearanceRefused, match="no kind of document"):
        box.vault.store(b"x", kind="secret")


def test_a_key_file_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "vault.key"
    make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_key(path, {}) == load_key(None, {KEY_VARIABLE: str(path)}) == path.read_bytes()
    with pytest.raises(OutputFailed, match="is there already"):
        make_key(path)


def _open_to_others(path: Path) -> None:
    path.chmod(0o644)


def _cut(path: Path) -> None:
    os.truncate(path, 16)


@pytest.mark.parametrize(
    ("spoil", "said"), [(_open_to_others, "chmod 600"), (_cut, "16 bytes"), (Path.unlink, "cannot be read")]
)
def test_a_key_that_is_open_cut_or_missing_is_refused(tmp_path: Path, spoil: Callable[[Path], None], said: str) -> None:
    make_key(tmp_path / "vault.key")
    spoil(tmp_path / "vault.key")
    with pytest.raises(ClearanceRefused, match=said):
        load_key(tmp_path / "vault.key", {})


def test_without_any_key_the_vault_stays_shut() -> None:
    with pytest.raises(ClearanceRefused, match=KEY_VARIABLE):
        load_key(None, {})
