"""A signed delivery: whole to the last byte or named as damaged, and readable by somebody who knows nothing of us."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from setpiece.core.errors import ClearanceRefused, RecordDamaged, SetpieceError
from setpiece.deliver.credentials import sign_delivery
from setpiece.deliver.manifest import NAME, SEAL, SIDECAR, verify_manifest, write_manifest
from setpiece.deliver.seal import opened, sealed
from setpiece.deliver.verify import verify
from setpiece.media.certificates import SigningIdentity, development_identity
from setpiece.media.credentials import Clearance, ConsentShown, ModelShown, TrustList
from setpiece.media.signing import Claim, Layer, Origin, sign_embedded

VECTORS = Path(__file__).parents[2] / "vectors" / "c2pa"
CLEARANCE = Clearance(
    gate="release",
    outcome="ALLOW",
    sequence=7,
    leaf_sha256="ab" * 32,
    policy_sha256="cd" * 32,
    subject_sha256="ef" * 32,
    decided_at="2026-11-22T12:00:00Z",
    approvals=("studio", "legal"),
    consents=(ConsentShown(type="employment_replica", document_sha256="12" * 32),),
    models=(ModelShown(name="shot model", version="1", weights_sha256="56" * 32, licence="consent of the performer"),),
)
CLAIM = Claim(
    title="",
    software="Setpiece",
    version="0.1.0",
    layers=(Layer(name="dust", source_type="algorithmicMedia", description="simulated gas, no training"),),
    clearance=CLEARANCE,
)


def made_up(folder: Path) -> Path:
    """Frames, a movie and a picture: as small as they come."""
    rng = np.random.default_rng(3)
    (folder / "comp").mkdir(parents=True)
    for frame in (1001, 1002, 1003):
        (folder / "comp" / f"sh010_comp_v001.{frame}.exr").write_bytes(b"\x76\x2f\x31\x01" + rng.bytes(400))
    Image.new("RGB", (8, 6), (90, 30, 10)).save(folder / "sh010_contact.png")
    with av.open(str(folder / "sh010_review.mov"), "w") as container:
        stream = container.add_stream("mpeg4", rate=24)
        stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((16, 32, 3), np.uint8), format="rgb24")))
        container.mux(stream.encode())
    return folder


def signed(folder: Path, identity: SigningIdentity) -> Path:
    made_up(folder)
    sign_delivery(folder, CLAIM, identity, shot="sh010", version="v001", software="Setpiece 0.1.0")
    return folder


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory, identity: SigningIdentity) -> Path:
    return signed(tmp_path_factory.mktemp("delivery") / "v001", identity)


@pytest.fixture
def copy(delivery: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(delivery, tmp_path / "copy"))


def test_a_delivery_is_whole_and_trusted_under_its_trust_list(delivery: Path, trust: TrustList) -> None:
    report = verify(delivery, trust=trust)
    assert report.faults == ()
    assert report.whole and report.trusted
    assert report.files == 5
    assert report.clearance == CLEARANCE
    assert verify_manifest(delivery).shot == "sh010"


def test_a_stranger_is_told_in_plain_words_who_and_what(delivery: Path, trust: TrustList) -> None:
    text = "\n".join(verify(delivery, trust=trust).lines)
    assert "sh010 v001 is whole: all 5 files are exactly as signed." in text
    assert "Approved by: studio, legal." in text
    assert "employment_replica" in text and "12" * 32 in text
    assert "shot model 1" in text and "56" * 32 in text
    assert "DEVELOPMENT certificate" in text
    assert "not allowed by its maker" in text


def test_without_the_trust_list_it_is_whole_and_not_trusted_and_says_so(delivery: Path) -> None:
    report = verify(delivery, trust=TrustList())
    assert report.whole and not report.trusted
    assert any("trust list does not know the signer" in line for line in report.lines)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.integers(0, 7), place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_found_and_its_file_named(
    delivery: Path, trust: TrustList, which: int, place: float, bit: int
) -> None:
    files = sorted(path for path in delivery.rglob("*") if path.is_file())
    assert len(files) == 8
    path = files[which]
    before = path.read_bytes()
    changed = bytearray(before)
    changed[int(place * len(before))] ^= 1 << bit
    try:
        path.write_bytes(changed)
        report = verify(delivery, trust=trust)
    finally:
        path.write_bytes(before)
    assert not report.whole
    assert path.relative_to(delivery).as_posix() in {fault.file for fault in report.faults}
    assert any("NOT whole" in line for line in report.lines)


def test_no_byte_of_the_seal_is_without_effect(delivery: Path, trust: TrustList) -> None:
    seal = (delivery / SEAL).read_bytes()
    for place, bit in [(at, bit) for at in range(len(seal)) for bit in (at % 8, 5)]:
        changed = bytearray(seal)
        changed[place] ^= 1 << bit  # bit 5 turns small letters into capitals
        with pytest.raises(RecordDamaged):
            opened(bytes(changed), trust=trust, file=Path(SEAL))


def test_the_padding_that_the_credential_leaves_open_is_closed_by_the_seal(copy: Path, trust: TrustList) -> None:
    sidecar = bytearray((copy / SIDECAR).read_bytes())
    start = bytes(sidecar).rfind(bytes(64))
    sidecar[start] ^= 1
    (copy / SIDECAR).write_bytes(sidecar)
    report = verify(copy, trust=trust)
    assert report.credential.state == "trusted"
    assert [(fault.file, fault.what) for fault in report.faults] == [(SIDECAR, "was changed after it was sealed")]


@pytest.mark.parametrize("name", [NAME, SIDECAR, SEAL, "comp/sh010_comp_v001.1002.exr", "sh010_review.mov"])
def test_a_missing_file_is_named(copy: Path, trust: TrustList, name: str) -> None:
    (copy / name).unlink()
    faults = verify(copy, trust=trust).faults
    assert name in {fault.file for fault in faults if fault.what.startswith(("is missing", "does not exist"))}


@pytest.mark.parametrize("name", ["extra.exr", ".hidden", "comp/.x.tmp"])
def test_a_file_that_nobody_signed_is_named_even_when_hidden(copy: Path, trust: TrustList, name: str) -> None:
    (copy / name).write_bytes(b"x")
    assert [fault.file for fault in verify(copy, trust=trust).faults] == [name]


def test_a_link_instead_of_a_file_is_named(copy: Path, trust: TrustList, tmp_path: Path) -> None:
    frame = copy / "comp" / "sh010_comp_v001.1001.exr"
    frame.rename(tmp_path / "elsewhere.exr")
    frame.symlink_to(tmp_path / "elsewhere.exr")
    assert [fault.file for fault in verify(copy, trust=trust).faults] == ["comp/sh010_comp_v001.1001.exr"]


def test_frames_swapped_with_each_other_are_both_named(copy: Path, trust: TrustList) -> None:
    first, second = copy / "comp/sh010_comp_v001.1001.exr", copy / "comp/sh010_comp_v001.1002.exr"
    a, b = first.read_bytes(), second.read_bytes()
    first.write_bytes(b)
    second.write_bytes(a)
    assert len(verify(copy, trust=trust).faults) == 2


def test_an_honest_looking_manifest_written_anew_does_not_pass(copy: Path, trust: TrustList) -> None:
    (copy / "comp/sh010_comp_v001.1001.exr").write_bytes(b"other pixels")
    write_manifest(copy, shot="sh010", version="v001", software="Setpiece 0.1.0")
    assert NAME in {fault.file for fault in verify(copy, trust=trust).faults}


def test_signed_anew_by_a_stranger_it_is_whole_but_nobodys_trust_list_knows_it(
    copy: Path, trust: TrustList, tmp_path: Path
) -> None:
    stranger = development_identity(tmp_path / "stranger", now=datetime.now(UTC))
    sign_delivery(copy, CLAIM, stranger, shot="sh010", version="v001", software="Setpiece 0.1.0")
    report = verify(copy, trust=trust)
    assert report.whole and not report.trusted


def test_a_seal_by_somebody_else_over_our_files_is_named(copy: Path, trust: TrustList, tmp_path: Path) -> None:
    stranger = development_identity(tmp_path / "stranger", now=datetime.now(UTC))
    (copy / SEAL).write_bytes(sealed((copy / NAME).read_bytes(), (copy / SIDECAR).read_bytes(), stranger))
    assert [fault.file for fault in verify(copy, trust=trust).faults] == [SEAL]


def test_a_movie_of_another_decision_is_named(tmp_path: Path, identity: SigningIdentity, trust: TrustList) -> None:
    folder = made_up(tmp_path / "v001")
    other = replace(CLAIM, clearance=replace(CLEARANCE, sequence=8))
    sign_delivery(folder, CLAIM, identity, shot="sh010", version="v001", software="S", others={"sh010_review.mov": other})
    faults = verify(folder, trust=trust).faults
    assert [(fault.file, fault.what) for fault in faults] == [
        ("sh010_review.mov", "names another clearance decision than the delivery")
    ]


def test_signing_again_leaves_a_whole_delivery(copy: Path, identity: SigningIdentity, trust: TrustList) -> None:
    sign_delivery(copy, CLAIM, identity, shot="sh010", version="v002", software="Setpiece 0.1.0")
    assert verify(copy, trust=trust).trusted


def test_a_delivery_whose_signing_fails_half_way_is_never_a_sealed_one(
    copy: Path, identity: SigningIdentity, tmp_path: Path
) -> None:
    stranger = development_identity(tmp_path / "stranger", now=datetime.now(UTC))
    with pytest.raises(ClearanceRefused):
        sign_delivery(copy, CLAIM, replace(identity, anchors_pem=stranger.anchors_pem), shot="s", version="v", software="S")
    assert not (copy / SEAL).exists() and not (copy / SIDECAR).exists()


def test_a_manifest_that_names_a_file_outside_is_never_followed(copy: Path, trust: TrustList) -> None:
    document = json.loads((copy / NAME).read_text())
    document["manifest"]["files"][0]["path"] = "../outside"
    (copy / NAME).write_text(json.dumps(document))
    assert any("outside" in fault.what for fault in verify(copy, trust=trust).faults)


def test_a_single_movie_tells_its_own_story_and_a_plain_picture_that_it_has_none(
    delivery: Path, trust: TrustList, tmp_path: Path
) -> None:
    report = verify(delivery / "sh010_review.mov", trust=trust)
    assert report.trusted and report.clearance == CLEARANCE
    Image.new("RGB", (8, 6)).save(tmp_path / "plain.png")
    plain = verify(tmp_path / "plain.png", trust=trust)
    assert not plain.whole and "carries no Content Credential" in "\n".join(plain.lines)
    with pytest.raises(SetpieceError, match="does not exist"):
        verify(tmp_path / "nothing", trust=trust)


def test_a_laundered_picture_in_a_delivery_is_named_with_what_it_hides(
    tmp_path: Path, identity: SigningIdentity, trust: TrustList
) -> None:
    found = VECTORS / "adobe-20220124-E-dat-CA.jpg"
    claim = replace(CLAIM, origins=(Origin(path=found, title="found.jpg", opened=True),))
    sign_embedded(found, tmp_path / "clean.jpg", claim, identity)
    report = verify(tmp_path / "clean.jpg", trust=trust)
    assert not report.whole
    assert "found.jpg" in report.faults[0].what
