"""Credentials: the public test files read as they should, ours read back as trusted, laundering is seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from setpiece.core.errors import ClearanceRefused, OutputFailed, PlateUnreadable
from setpiece.media.certificates import SigningIdentity, development_identity
from setpiece.media.credentials import (
    Clearance,
    ConsentShown,
    ModelShown,
    TrustList,
    parsed,
    read_credential,
    read_detached,
    statement,
    statement_of,
)
from setpiece.media.signing import (
    KNOWN_SOURCE_TYPES,
    TRAINED,
    Claim,
    Layer,
    Origin,
    definition,
    overall_source_type,
    sign_detached,
    sign_embedded,
    soft_binding,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "c2pa"
CLEARANCE = Clearance(
    gate="release",
    outcome="ALLOW",
    sequence=41,
    leaf_sha256="ab" * 32,
    policy_sha256="cd" * 32,
    subject_sha256="ef" * 32,
    decided_at="2026-11-22T12:00:00Z",
    approvals=("studio", "vfx_supervisor"),
    consents=(ConsentShown(type="employment_replica", document_sha256="12" * 32),),
    models=(),
    overrides=("G3 by studio",),
    inputs_sha256=("34" * 32,),
)
DEBRIS = Layer(name="debris", source_type="algorithmicMedia", description="simulated rigid bodies, no training")
DUST = Layer(name="dust", source_type="algorithmicMedia", description="simulated gas, no training")
COMP = Layer(name="comp", source_type="composite", description="plate, debris and dust as one picture")
CLAIM = Claim(title="sh010", software="Setpiece", version="0.1.0", layers=(DEBRIS, DUST, COMP), clearance=CLEARANCE)


def picture(path: Path) -> Path:
    Image.new("RGB", (64, 48), (90, 30, 10)).save(path)
    return path


def movie(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for level in range(4):
            pixels = np.full((48, 64, 3), level * 20, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize(
    ("name", "state", "code"),
    [
        ("CA", "valid", "signingCredential.untrusted"),
        ("CAICA", "valid", "signingCredential.untrusted"),
        ("E-dat-CA", "invalid", "assertion.dataHash.mismatch"),
        ("E-sig-CA", "invalid", "claimSignature.mismatch"),
        ("E-uri-CA", "invalid", "assertion.hashedURI.mismatch"),
        ("E-clm-CAICAI", "invalid", "ingredient.manifest.missing"),
        ("XCA", "invalid", "assertion.dataHash.mismatch"),
    ],
)
def test_the_public_test_files_read_as_what_they_are(name: str, state: str, code: str) -> None:
    credential = read_credential(VECTORS / f"adobe-20220124-{name}.jpg", trust=TrustList())
    assert credential.state == state
    assert code in credential.codes
    assert not credential.development
    assert credential.claim_generator is not None and credential.claim_generator.startswith("make_test_")


def test_a_file_without_credential_reads_none(tmp_path: Path) -> None:
    assert read_credential(picture(tmp_path / "a.jpg"), trust=TrustList()).state == "none"
    (tmp_path / "a.exr").write_bytes(b"\x76\x2f\x31\x01")
    assert read_credential(tmp_path / "a.exr", trust=TrustList()).state == "none"


@pytest.mark.parametrize(
    ("name", "make"),
    [("a.png", picture), ("a.jpg", picture), ("a.tiff", picture), ("a.mp4", movie), ("a.mov", movie)],
)
def test_a_signed_file_reads_back_trusted_with_everything_it_was_told(
    tmp_path: Path, identity: SigningIdentity, trust: TrustList, name: str, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path / name)
    plate = sign_embedded(picture(tmp_path / "p.png"), tmp_path / "plate.png", replace(CLAIM, title="plate"), identity)
    assert plate.state == "trusted"
    origin = Origin(path=tmp_path / "plate.png", title="plate.png", opened=True)
    sign_embedded(path, path, replace(CLAIM, origins=(origin,)), identity)
    credential = read_credential(path, trust=trust)
    assert credential.state == credential.word == "trusted"
    assert credential.codes == ()
    assert credential.development
    assert credential.training_mining == "notAllowed"
    assert credential.claim_generator == "Setpiece 0.1.0"
    assert credential.clearance == CLEARANCE
    assert credential.source_type == "composite"
    assert credential.actions == (
        ("c2pa.opened", ""),
        ("c2pa.edited", "algorithmicMedia"),
        ("c2pa.edited", "algorithmicMedia"),
        ("c2pa.edited", "composite"),
        ("c2pa.edited", "composite"),
    )
    assert [(item.title, item.relationship, item.signed) for item in credential.ingredients] == [
        ("plate.png", "parentOf", True)
    ]


def test_without_the_trust_list_the_same_file_is_valid_but_not_trusted(tmp_path: Path, identity: SigningIdentity) -> None:
    sign_embedded(picture(tmp_path / "a.png"), tmp_path / "b.png", CLAIM, identity)
    credential = read_credential(tmp_path / "b.png", trust=TrustList())
    assert credential.state == "valid"
    assert credential.codes == ("signingCredential.untrusted",)


def test_a_trust_list_that_is_none_is_refused_never_read_as_nobody(tmp_path: Path) -> None:
    (tmp_path / "trust.pem").write_text("nothing of the kind")
    with pytest.raises(ClearanceRefused, match="no certificates"):
        TrustList.of(tmp_path / "trust.pem")
    with pytest.raises(PlateUnreadable):
        TrustList.of(tmp_path / "gone.pem")
    empty = TrustList(anchors_pem=" \n")
    assert read_credential(VECTORS / "adobe-20220124-CA.jpg", trust=empty).state == "valid"


def test_trust_lists_of_several_files_are_all_trusted(tmp_path: Path, identity: SigningIdentity) -> None:
    other = development_identity(tmp_path / "other", now=datetime.now(UTC))
    (tmp_path / "a.pem").write_bytes(other.anchors_pem)
    (tmp_path / "b.pem").write_bytes(identity.anchors_pem)
    sign_embedded(picture(tmp_path / "a.png"), tmp_path / "b.png", CLAIM, identity)
    both = TrustList.of(tmp_path / "a.pem", tmp_path / "b.pem")
    assert read_credential(tmp_path / "b.png", trust=both).state == "trusted"
    assert read_credential(tmp_path / "b.png", trust=TrustList.of(tmp_path / "a.pem")).state == "valid"


def test_a_sidecar_beside_a_file_is_read_and_a_foreign_one_is_invalid(
    tmp_path: Path, identity: SigningIdentity, trust: TrustList
) -> None:
    frame = tmp_path / "plate.1001.exr"
    frame.write_bytes(b"\x76\x2f\x31\x01 pixels")
    sidecar, _ = sign_detached(frame.read_bytes(), CLAIM, identity, file=frame)
    (tmp_path / "plate.1001.exr.c2pa").write_bytes(sidecar)
    assert read_credential(frame, trust=trust).state == "trusted"
    (tmp_path / "a.jpg.c2pa").write_bytes(sidecar)
    assert read_credential(picture(tmp_path / "a.jpg"), trust=trust).state == "invalid"


def test_changed_pixels_are_invalid(tmp_path: Path, identity: SigningIdentity, trust: TrustList) -> None:
    sign_embedded(picture(tmp_path / "a.jpg"), tmp_path / "b.jpg", CLAIM, identity)
    data = bytearray((tmp_path / "b.jpg").read_bytes())
    data[-20] ^= 1
    (tmp_path / "b.jpg").write_bytes(data)
    credential = read_credential(tmp_path / "b.jpg", trust=trust)
    assert credential.state == "invalid"
    assert "assertion.dataHash.mismatch" in credential.codes


@pytest.mark.parametrize("opened", [True, False])
def test_a_tampered_file_signed_anew_is_called_laundered(
    tmp_path: Path, identity: SigningIdentity, trust: TrustList, opened: bool
) -> None:
    tampered = VECTORS / "adobe-20220124-E-dat-CA.jpg"
    origin = Origin(path=tampered, title="found.jpg", opened=opened, source_type="" if opened else "digitalCapture")
    sign_embedded(tampered, tmp_path / "clean.jpg", replace(CLAIM, origins=(origin,)), identity)
    first = read_credential(tmp_path / "clean.jpg", trust=trust)
    assert (first.state, first.laundered, first.word) == ("trusted", True, "laundered")
    assert first.ingredients[0].faults == ("assertion.dataHash.mismatch",)
    again = Origin(path=tmp_path / "clean.jpg", title="clean.jpg", opened=True)
    sign_embedded(picture(tmp_path / "b.png"), tmp_path / "deep.png", replace(CLAIM, origins=(again,)), identity)
    assert read_credential(tmp_path / "deep.png", trust=trust).word == "laundered"


def test_an_honest_untrusted_ingredient_is_not_called_laundered(
    tmp_path: Path, identity: SigningIdentity, trust: TrustList
) -> None:
    origin = Origin(path=VECTORS / "adobe-20220124-CAICA.jpg", title="stock.jpg", source_type="digitalCapture")
    sign_embedded(picture(tmp_path / "a.png"), tmp_path / "b.png", replace(CLAIM, origins=(origin,)), identity)
    credential = read_credential(tmp_path / "b.png", trust=trust)
    assert (credential.state, credential.laundered) == ("trusted", False)
    assert sum(item.signed for item in credential.ingredients) == 2


def test_a_newest_form_ingredient_that_nobody_validated_counts_as_a_fault() -> None:
    ingredient = {"title": "x", "relationship": "parentOf", "label": "c2pa.ingredient.v3", "active_manifest": "m"}
    store = {"active_manifest": "a", "manifests": {"a": {"ingredients": [ingredient]}}}
    assert parsed(store, "Trusted").word == "laundered"


def test_a_sidecar_signs_bytes_and_one_changed_bit_of_them_is_invalid(identity: SigningIdentity, trust: TrustList) -> None:
    asset = b'{"frames": []}\n'
    sidecar, credential = sign_detached(asset, CLAIM, identity, file=Path("manifest.json"))
    assert credential.state == "trusted"
    assert read_detached(asset, sidecar, trust=trust).clearance == CLEARANCE
    for place in range(len(asset)):
        changed = bytearray(asset)
        changed[place] ^= 4
        assert read_detached(bytes(changed), sidecar, trust=trust).state == "invalid"


def test_trained_layers_disclose_their_model_and_simulated_ones_disclose_none(
    tmp_path: Path, identity: SigningIdentity
) -> None:
    labels = [assertion["label"] for assertion in definition(CLAIM)["assertions"]]
    assert "c2pa.ai-disclosure" not in labels
    trained = Layer(name="face", source_type="trainedAlgorithmicMedia", description="neural make-up", model="shot model 1")
    claim = replace(CLAIM, layers=(trained, COMP))
    disclosures = [item["data"] for item in definition(claim)["assertions"] if item["label"] == "c2pa.ai-disclosure"]
    assert [item["modelName"] for item in disclosures] == ["shot model 1"]
    assert disclosures[0]["contentProfile"] == {"humanOversightLevel": "human_validated"}
    credential = sign_embedded(picture(tmp_path / "a.png"), tmp_path / "b.png", claim, identity)
    assert credential.source_type == "compositeWithTrainedAlgorithmicMedia"


def test_a_trained_layer_without_a_model_is_refused() -> None:
    layer = Layer(name="face", source_type="trainedAlgorithmicMedia", description="")
    with pytest.raises(ClearanceRefused, match="names no model"):
        definition(replace(CLAIM, layers=(layer,)))


def test_every_assertion_is_created_and_every_action_but_opened_says_its_source_type() -> None:
    origins = (Origin(path=Path("a"), title="a", opened=True), Origin(path=Path("b"), title="b", source_type="digitalCapture"))
    for claim in (CLAIM, replace(CLAIM, origins=origins)):
        made = definition(claim)
        assert all(assertion["created"] is True for assertion in made["assertions"])
        data = made["assertions"][0]["data"]
        assert data["allActionsIncluded"] is True
        assert data["actions"][0]["action"] in ("c2pa.created", "c2pa.opened")
        assert all(("digitalSourceType" in action) != (action["action"] == "c2pa.opened") for action in data["actions"])
        assert made["claim_generator_info"][0]["specVersion"] == "2.4"


@pytest.mark.parametrize("kind", ["", "simulated", "digitalcapture"])
def test_an_unknown_source_type_is_refused(kind: str) -> None:
    with pytest.raises(ClearanceRefused, match="no known digital source type"):
        Layer(name="x", source_type=kind, description="")
    with pytest.raises(ClearanceRefused):
        definition(replace(CLAIM, origins=(Origin(path=Path("a"), title="a", source_type=kind),)))


@given(st.lists(st.sampled_from(KNOWN_SOURCE_TYPES), min_size=1, max_size=5), st.booleans())
def test_a_picture_with_a_trained_layer_is_never_called_anything_less(kinds: list[str], edited: bool) -> None:
    layers = [Layer(name="x", source_type=kind, description="", model="m") for kind in kinds]
    assert (overall_source_type(layers, edited=edited) in TRAINED) == bool(set(kinds) & set(TRAINED))


@given(
    st.builds(
        Clearance,
        gate=st.sampled_from(["admit", "release"]),
        outcome=st.sampled_from(["ALLOW", "NEEDS", "BLOCK"]),
        sequence=st.integers(0, 2**53),
        leaf_sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
        policy_sha256=st.just("cd" * 32),
        subject_sha256=st.just("ef" * 32),
        decided_at=st.just("2026-11-22T12:00:00Z"),
        approvals=st.lists(st.sampled_from(["studio", "legal", "vfx_supervisor"])).map(tuple),
        consents=st.lists(st.builds(ConsentShown, type=st.just("synthetic"), document_sha256=st.text())).map(tuple),
        models=st.lists(st.builds(ModelShown)).map(tuple),
        overrides=st.lists(st.text()).map(tuple),
        inputs_sha256=st.lists(st.text()).map(tuple),
    )
)
def test_the_clearance_statement_survives_json(clearance: Clearance) -> None:
    assert statement_of(json.loads(json.dumps(statement(clearance)))) == clearance


@pytest.mark.parametrize("data", [{}, {"schema": "setpiece.clearance-statement/1"}, {"schema": "other/1", "gate": "x"}])
def test_a_damaged_or_foreign_clearance_statement_is_none(data: dict[str, str]) -> None:
    assert statement_of(data) is None


@pytest.mark.parametrize("name", ["Ada Lovelace", "ada@example.com", "Studio"])
def test_a_persons_name_cannot_get_into_a_credential_as_an_approval(name: str) -> None:
    with pytest.raises(ClearanceRefused, match="may name a role"):
        replace(CLEARANCE, approvals=(name,))


@given(st.lists(st.sampled_from(["allowed", "constrained", "notAllowed", "odd"]), min_size=1, max_size=4))
def test_the_strictest_word_on_training_wins_wherever_it_stands(words: list[str]) -> None:
    manifests = {
        str(number): {"assertions": [{"label": "cawg.training-mining", "data": {"entries": {"x": {"use": word}}}}]}
        for number, word in enumerate(words)
    }
    found = parsed({"active_manifest": "0", "manifests": manifests}, "Valid").training_mining
    expected = "notAllowed" if {"notAllowed", "odd"} & set(words) else "constrained" if "constrained" in words else "allowed"
    assert found == expected


def test_a_format_that_takes_no_credential_is_refused_with_the_way_out(tmp_path: Path, identity: SigningIdentity) -> None:
    (tmp_path / "a.exr").write_bytes(b"x")
    with pytest.raises(OutputFailed, match="sidecar"):
        sign_embedded(tmp_path / "a.exr", tmp_path / "b.exr", CLAIM, identity)
    assert not (tmp_path / "b.exr").exists()


def test_a_signature_that_its_own_trust_list_does_not_trust_never_leaves(tmp_path: Path, identity: SigningIdentity) -> None:
    stranger = development_identity(tmp_path / "other", now=datetime.now(UTC))
    with pytest.raises(ClearanceRefused, match=r"signingCredential\.untrusted"):
        sign_embedded(
            picture(tmp_path / "a.png"), tmp_path / "b.png", CLAIM, replace(identity, anchors_pem=stranger.anchors_pem)
        )
    assert not (tmp_path / "b.png").exists()


def test_no_soft_binding_is_claimed_and_the_remedy_is_named() -> None:
    binding = soft_binding()
    assert binding.algorithm is None
    assert "register" in binding.remedy
