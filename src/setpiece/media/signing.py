"""Content Credentials as written: what a picture is made of, layer by layer and truthfully, signed into or beside it.

Place in the flow: after release, on what leaves. Pictures and movies carry their credential inside; an image sequence
carries it as a sidecar over the manifest that lists every frame's hash, because EXR has no place for one. Each file is
read back with the library's own reader before it is let go. Refuses: a layer without a source type, a credential that
does not read back as it should. No invisible watermark is made here; see :func:`soft_binding`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from setpiece.core.errors import ClearanceRefused, OutputFailed, PlateUnreadable
from setpiece.media.certificates import SigningIdentity
from setpiece.media.credentials import (
    CLEARANCE_LABEL,
    FORMATS,
    OTHER_FORMAT,
    SOURCE_TYPES,
    Clearance,
    Credential,
    TrustList,
    c2pa_library,
    read_credential,
    read_detached,
    reading_context,
    statement,
)
from setpiece.media.files import atomic_path

SPEC_VERSION = "2.4"
TRAINED = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")
KNOWN_SOURCE_TYPES = (
    *TRAINED,
    "algorithmicMedia",
    "composite",
    "digitalCapture",
    "computationalCapture",
    "digitalCreation",
    "humanEdits",
    "compositeCapture",
    "algorithmicallyEnhanced",
    "negativeFilm",
    "positiveFilm",
    "virtualRecording",
)
OVERSIGHT = ("fully_autonomous", "prompt_guided", "human_validated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of the picture and how it came to be: an IPTC digital source type, said per layer.

    Debris and dust that were simulated are ``algorithmicMedia``; what a trained model painted is
    ``trainedAlgorithmicMedia`` and names its ``model``.
    """

    name: str
    source_type: str
    description: str
    model: str = ""

    def __post_init__(self) -> None:
        if self.source_type not in KNOWN_SOURCE_TYPES:
            raise ClearanceRefused(
                f"layer '{self.name}' has no known digital source type: {self.source_type!r}",
                remedy=f"say how it was made: one of {', '.join(KNOWN_SOURCE_TYPES)}",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Something the picture was made from: its file, and how it stands to the picture.

    The plate is ``opened`` (the picture is an edit of it); anything else is ``placed`` and says its ``source_type``.
    """

    path: Path
    title: str
    opened: bool = False
    source_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Everything a credential of ours says. ``oversight`` is one of OVERSIGHT and used only where models took part."""

    title: str
    software: str
    version: str
    layers: tuple[Layer, ...]
    origins: tuple[Origin, ...] = ()
    clearance: Clearance | None = None
    oversight: str = "human_validated"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftBinding:
    """An invisible watermark's algorithm, None where there is none, with what would change that."""

    algorithm: str | None
    reason: str
    remedy: str


def soft_binding() -> SoftBinding:
    """The watermark that delivered pictures carry: none. Rule T2 blocks where one is needed.

    The kept libraries of the C2PA list of soft bindings download their weights, whose lineage nobody here has shown.
    """
    return SoftBinding(
        algorithm=None,
        reason="no watermark of the C2PA list of soft bindings comes without downloaded weights of unknown lineage",
        remedy="register a watermark model with its complete lineage, or deliver where no provider duty applies",
    )


def overall_source_type(layers: Sequence[Layer], *, edited: bool) -> str:
    """The digital source type of the whole picture. ``edited``: it also shows what it was opened from.

    >>> dust = Layer(name="dust", source_type="algorithmicMedia", description="simulated")
    >>> overall_source_type([dust], edited=True), overall_source_type([dust], edited=False)
    ('composite', 'algorithmicMedia')
    """
    kinds = {layer.source_type for layer in layers}
    if kinds & set(TRAINED):
        return TRAINED[0] if kinds == {TRAINED[0]} and not edited else TRAINED[1]
    return kinds.pop() if len(kinds) == 1 and not edited else "composite"


def definition(claim: Claim) -> dict[str, Any]:
    """The manifest of ``claim`` as the library takes it, every assertion of it created by us.

    Raises :class:`ClearanceRefused` where a trained layer names no model, or oversight is not a word of the standard.
    """
    assertions = [
        {"label": "c2pa.actions.v2", "data": {"allActionsIncluded": True, "actions": _actions(claim)}},
        *({"label": "c2pa.ai-disclosure", "data": data} for data in _disclosures(claim)),
        {"label": "cawg.training-mining", "data": {"entries": {name: {"use": "notAllowed"} for name in _MINING}}},
    ]
    if claim.clearance is not None:
        assertions.append({"label": CLEARANCE_LABEL, "data": statement(claim.clearance)})
    return {
        "claim_version": 2,
        "title": claim.title,
        "claim_generator_info": [{"name": claim.software, "version": claim.version, "specVersion": SPEC_VERSION}],
        "assertions": [{**assertion, "created": True} for assertion in assertions],
    }


_MINING = ("cawg.ai_generative_training", "cawg.ai_training", "cawg.ai_inference", "cawg.data_mining")


def _actions(claim: Claim) -> list[dict[str, Any]]:
    opened = [number for number, origin in enumerate(claim.origins) if origin.opened]
    if len(opened) > 1:
        raise ClearanceRefused("a picture is an edit of one plate only", remedy="place the others as elements")
    whole = SOURCE_TYPES + overall_source_type(claim.layers, edited=bool(claim.origins))
    if opened:
        actions: list[dict[str, Any]] = [{"action": "c2pa.opened", "parameters": {"ingredientIds": [_id(opened[0])]}}]
    else:
        actions = [{"action": "c2pa.created", "digitalSourceType": whole, "description": "the picture as a whole"}]
    for number, origin in enumerate(claim.origins):
        if not origin.opened:
            kind = Layer(name=origin.title, source_type=origin.source_type, description="").source_type
            actions.append(
                {
                    "action": "c2pa.placed",
                    "digitalSourceType": SOURCE_TYPES + kind,
                    "parameters": {"ingredientIds": [_id(number)]},
                }
            )
    actions += [
        {
            "action": "c2pa.edited",
            "digitalSourceType": SOURCE_TYPES + layer.source_type,
            "description": f"{layer.name}: {layer.description}",
        }
        for layer in claim.layers
    ]
    if opened:
        actions.append({"action": "c2pa.edited", "digitalSourceType": whole, "description": "all layers as one picture"})
    return actions


def _disclosures(claim: Claim) -> list[dict[str, Any]]:
    """One disclosure for each trained model. A simulation is none, and is not called one."""
    if claim.oversight not in OVERSIGHT:
        raise ClearanceRefused(f"'{claim.oversight}' is no level of oversight", remedy=f"one of {', '.join(OVERSIGHT)}")
    named = [] if claim.clearance is None else [f"{model.name} {model.version}".strip() for model in claim.clearance.models]
    for layer in claim.layers:
        if layer.source_type in TRAINED and not layer.model:
            raise ClearanceRefused(f"trained layer '{layer.name}' names no model", remedy="name the model that made it")
    models = dict.fromkeys([*named, *(layer.model for layer in claim.layers if layer.model)])
    return [
        {"modelType": "c2pa.types.model", "modelName": model, "contentProfile": {"humanOversightLevel": claim.oversight}}
        for model in models
    ]


def _id(number: int) -> str:
    return f"origin-{number}"


def sign_embedded(source: Path, target: Path, claim: Claim, identity: SigningIdentity) -> Credential:
    """Sign ``source`` into ``target`` (they may be the same file), whole or not at all; returns what a reader sees.

    Raises :class:`OutputFailed` where the format takes no credential or the disk refuses, :class:`ClearanceRefused`
    where the signed file does not read back as trusted under the identity's own trust list.
    """
    form = FORMATS.get(Path(source).suffix.lower())
    if form is None:
        raise OutputFailed(
            f"{source.suffix or 'this format'} cannot carry a credential inside",
            file=source,
            remedy="sign it as a sidecar over a manifest",
        )
    trust = TrustList(anchors_pem=identity.anchors_pem.decode())
    with atomic_path(target) as aside:
        with source.open("rb") as pixels, aside.open("w+b") as signed:
            _sign(claim, identity, form, pixels, signed, embed=True)
        credential = read_credential(aside, trust=trust)
        _require(credential, identity, file=target)
    return credential


def sign_detached(asset: bytes, claim: Claim, identity: SigningIdentity, *, file: Path) -> tuple[bytes, Credential]:
    """A sidecar's bytes over ``asset`` and what a reader sees. ``file`` is only named in errors. Raises as above."""
    manifest = _sign(claim, identity, OTHER_FORMAT, io.BytesIO(asset), io.BytesIO(), embed=False)
    credential = read_detached(asset, manifest, trust=TrustList(anchors_pem=identity.anchors_pem.decode()))
    _require(credential, identity, file=file)
    return manifest, credential


def _sign(claim: Claim, identity: SigningIdentity, form: str, source: Any, target: Any, *, embed: bool) -> bytes:
    c2pa = c2pa_library()
    # An empty address of a timestamp authority breaks the library's signing: None is how it spells "none".
    info = c2pa.C2paSignerInfo("es256", identity.chain_pem, identity.key_pem, identity.timestamp_url or None)
    trust = TrustList(anchors_pem=identity.anchors_pem.decode())
    try:
        with c2pa.Builder(definition(claim), reading_context(trust)) as builder, c2pa.Signer.from_info(info) as signer:
            for number, origin in enumerate(claim.origins):
                _add_origin(builder, origin, number)
            if not embed:
                builder.set_no_embed()
            return bytes(builder.sign(signer, form, source, target))
    except c2pa.C2paError as error:
        raise OutputFailed(f"could not be signed: {error}", file=claim.title, remedy="check the signing identity") from error


def _add_origin(builder: Any, origin: Origin, number: int) -> None:
    about = {
        "title": origin.title,
        "relationship": "parentOf" if origin.opened else "componentOf",
        "instance_id": _id(number),
    }
    try:
        with origin.path.open("rb") as stream:
            builder.add_ingredient(about, FORMATS.get(origin.path.suffix.lower(), OTHER_FORMAT), stream)
    except OSError as error:
        raise PlateUnreadable(f"cannot be read: {error.strerror}", file=origin.path, remedy="check the path") from error


def _require(credential: Credential, identity: SigningIdentity, *, file: Path) -> None:
    """Trusted where we know whom the reader should trust, valid otherwise; never anything else."""
    wanted = ("trusted",) if identity.anchors_pem else ("trusted", "valid")
    if credential.state not in wanted:
        raise ClearanceRefused(
            f"its new credential reads back as {credential.state} ({', '.join(credential.codes) or 'no code given'})",
            file=file,
            remedy="check the signing certificate against its trust list and deliver again",
        )
