"""Inputs are examined before use: laundering named, refusals of training kept, nothing assumed."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from setpiece.core.errors import PlateUnreadable
from setpiece.intake.credentials import examine, examine_all
from setpiece.media.certificates import development_identity
from setpiece.media.credentials import TrustList
from setpiece.media.signing import Claim, Layer, Origin, sign_detached, sign_embedded

VECTORS = Path(__file__).parents[2] / "vectors" / "c2pa"
LAYER = Layer(name="grade", source_type="humanEdits", description="graded by hand")


def test_a_plain_plate_says_nothing_and_nothing_is_assumed(tmp_path: Path) -> None:
    Image.new("RGB", (8, 6)).save(tmp_path / "plate.png")
    found = examine(tmp_path / "plate.png", trust=TrustList())
    assert (found.word, found.training_mining, found.notes) == ("none", None, ())
    assert found.sha256 == hashlib.sha256((tmp_path / "plate.png").read_bytes()).hexdigest()


def test_a_broken_input_is_invalid_and_an_unknown_signer_is_named() -> None:
    broken, stranger = examine_all(
        [VECTORS / "adobe-20220124-E-sig-CA.jpg", VECTORS / "adobe-20220124-CA.jpg"], trust=TrustList()
    )
    assert broken.word == "invalid" and "claimSignature.mismatch" in broken.notes[0]
    assert stranger.word == "valid" and "C2PA Test Signing Cert" in stranger.notes[0]


def test_a_laundered_input_names_what_is_hidden_and_its_refusal_of_training_stays(tmp_path: Path) -> None:
    identity = development_identity(tmp_path / "keys", now=datetime.now(UTC))
    tampered = VECTORS / "adobe-20220124-E-dat-CA.jpg"
    origin = Origin(path=tampered, title="found.jpg", opened=True)
    claim = Claim(title="x", software="s", version="1", layers=(LAYER,), origins=(origin,))
    sign_embedded(tampered, tmp_path / "clean.jpg", claim, identity)
    found = examine(tmp_path / "clean.jpg", trust=TrustList(anchors_pem=identity.anchors_pem.decode()))
    assert found.credential.state == "trusted"
    assert found.word == "laundered"
    assert found.training_mining == "notAllowed"
    assert any("found.jpg" in note and "assertion.dataHash.mismatch" in note for note in found.notes)
    assert any("development certificate" in note for note in found.notes)


def test_an_input_that_is_not_there_is_an_error_not_a_none(tmp_path: Path) -> None:
    with pytest.raises(PlateUnreadable):
        examine(tmp_path / "gone.jpg", trust=TrustList())


def test_a_truncated_signed_input_never_reads_as_good(tmp_path: Path) -> None:
    data = (VECTORS / "adobe-20220124-CA.jpg").read_bytes()
    for size in (len(data) - 1, len(data) // 2, 5000, 40):
        (tmp_path / "cut.jpg").write_bytes(data[:size])
        assert examine(tmp_path / "cut.jpg", trust=TrustList()).word in ("invalid", "none")


def delivered(folder: Path) -> tuple[Path, TrustList]:
    """A frame without a credential of its own, under a signed manifest that lists it."""
    identity = development_identity(folder / "keys", now=datetime.now(UTC))
    frame = folder / "v001" / "comp" / "sh010.1001.exr"
    frame.parent.mkdir(parents=True)
    frame.write_bytes(b"\x76\x2f\x31\x01 pixels")
    entry = {"path": "comp/sh010.1001.exr", "size": 11, "sha256": hashlib.sha256(frame.read_bytes()).hexdigest()}
    text = json.dumps({"schema": "setpiece.manifest/1", "manifest": {"files": [entry]}}).encode()
    (folder / "v001" / "manifest.json").write_bytes(text)
    claim = Claim(title="x", software="s", version="1", layers=(LAYER,))
    sidecar, _ = sign_detached(text, claim, identity, file=Path("manifest.json"))
    (folder / "v001" / "manifest.json.c2pa").write_bytes(sidecar)
    return frame, TrustList(anchors_pem=identity.anchors_pem.decode())


def test_a_frame_of_a_delivery_brings_the_deliverys_credential_and_its_refusal_of_training(tmp_path: Path) -> None:
    frame, trust = delivered(tmp_path)
    found = examine(frame, trust=trust)
    assert (found.word, found.training_mining) == ("trusted", "notAllowed")


def test_a_changed_frame_of_a_delivery_is_invalid_and_keeps_the_refusal(tmp_path: Path) -> None:
    frame, trust = delivered(tmp_path)
    frame.write_bytes(b"\x76\x2f\x31\x01 pixelz")
    found = examine(frame, trust=trust)
    assert (found.word, found.training_mining) == ("invalid", "notAllowed")
    assert "setpiece.manifest.mismatch" in found.notes[0]


def test_a_manifest_that_was_changed_vouches_for_nothing(tmp_path: Path) -> None:
    frame, trust = delivered(tmp_path)
    manifest = tmp_path / "v001" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    assert examine(frame, trust=trust).word == "invalid"


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "other/1"}', '{"schema": "setpiece.manifest/1"}', '{"schema": 7}'])
def test_somebody_elses_manifest_leaves_a_frame_without_credential(tmp_path: Path, text: str) -> None:
    frame, trust = delivered(tmp_path)
    (tmp_path / "v001" / "manifest.json").write_text(text)
    assert examine(frame, trust=trust).word == "none"


def test_a_file_that_the_manifest_does_not_list_has_no_credential_and_shared_manifests_serve_all(tmp_path: Path) -> None:
    frame, trust = delivered(tmp_path)
    other = frame.with_name("sh010.1002.exr")
    other.write_bytes(b"x")
    assert [found.word for found in examine_all([frame, other, frame], trust=trust)] == ["trusted", "none", "trusted"]
