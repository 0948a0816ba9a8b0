"""Content Credentials as read from files: what a picture says about itself, checked by the c2pa library's own reader.

Place in the flow: at ingest for every input, after signing for every output, and for a stranger who verifies a delivery.
A file that validates is not enough: whoever re-signs a tampered file gets a valid credential whose mismatch stands only
in the ingredient's recorded results. So every ingredient of every manifest is walked, and such a file is ``laundered``.
What no reader can see: an ingredient whose results a trusted signer recorded falsely, or a credential stripped whole.
Nothing is ever fetched from the network. Refuses to guess: what cannot be read is ``invalid``, never ``none``.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography import x509

from setpiece.core.errors import ClearanceRefused, DependencyMissing, PlateUnreadable
from setpiece.media.certificates import is_development

FORMATS = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".dng": "image/x-adobe-dng",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".heic": "image/heic",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".avi": "video/avi",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
}
OTHER_FORMAT = "application/octet-stream"
SIDECAR_SUFFIX = ".c2pa"
CLEARANCE_LABEL = "org.setpiece.clearance"
CLEARANCE_SCHEMA = "setpiece.clearance-statement/1"
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_MINING_LABELS = ("cawg.training-mining", "c2pa.training-mining")
_MINING_STRICTNESS = ("allowed", "constrained", "notAllowed")
# What says nothing about the pixels: who vouches, and whether a server was asked.
_ABOUT_TRUST = ("signingCredential.untrusted", "signingCredential.ocsp", "timeStamp.")
# C2PA signing, e-mail protection, document signing: what a claim may be signed with.
_USAGES = "1.3.6.1.4.1.62558.2.1\n1.3.6.1.5.5.7.3.4\n1.3.6.1.5.5.7.3.36\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """The authorities that a reader trusts, as PEM certificates; without any, nothing is ever ``trusted``."""

    anchors_pem: str = ""

    def __post_init__(self) -> None:
        try:
            if self.anchors_pem.strip():
                x509.load_pem_x509_certificates(self.anchors_pem.encode("utf-8"))
        except (ValueError, x509.InvalidVersion) as error:
            raise ClearanceRefused("the trust list holds no certificates in PEM form", remedy="name another file") from error

    @staticmethod
    def of(*files: Path) -> TrustList:
        """The trust list kept in these PEM files. Raises :class:`PlateUnreadable` where one cannot be read."""
        return TrustList(anchors_pem="\n".join(_bytes(path).decode("utf-8", "replace") for path in files))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentShown:
    """A consent as a credential shows it: its type and the hash of the signed document, never a name."""

    type: str
    document_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShown:
    """A model that took part, by the hash of its weights."""

    name: str
    version: str
    weights_sha256: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """What a credential says about clearance: which decision let the picture leave. It names roles, never persons.

    ``sequence`` and ``leaf_sha256`` find the decision in the log; ``overrides`` are the rules that were loosened.
    """

    gate: str
    outcome: str
    sequence: int
    leaf_sha256: str
    policy_sha256: str
    subject_sha256: str
    decided_at: str
    approvals: tuple[str, ...] = ()
    consents: tuple[ConsentShown, ...] = ()
    models: tuple[ModelShown, ...] = ()
    overrides: tuple[str, ...] = ()
    inputs_sha256: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for word in (*self.approvals, *(consent.type for consent in self.consents)):
            if not re.fullmatch(r"[a-z]+(_[a-z]+)*", word):
                raise ClearanceRefused(
                    f"a credential may name a role, not {word!r}", remedy="state the approver's role, e.g. vfx_supervisor"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """Something a picture was made from, at any depth. ``faults`` are codes of what did not validate in it."""

    title: str
    relationship: str
    signed: bool
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A file's Content Credential. ``state`` is ``none``, ``valid``, ``trusted`` or ``invalid``.

    ``training_mining`` is the strictest word of the file and its ingredients (``notAllowed``, ``constrained``,
    ``allowed``), None where nobody said. ``source_type`` is the whole picture's IPTC digital source type (last part).
    """

    state: str
    codes: tuple[str, ...] = ()
    ingredients: tuple[Ingredient, ...] = ()
    training_mining: str | None = None
    issuer: str | None = None
    serial: str | None = None
    claim_generator: str | None = None
    development: bool = False
    source_type: str | None = None
    actions: tuple[tuple[str, str], ...] = ()  # (action, digital source type or "")
    soft_binding: str | None = None
    clearance: Clearance | None = None

    @property
    def laundered(self) -> bool:
        """Did an ingredient fail to validate when it was signed over?"""
        return any(ingredient.faults for ingredient in self.ingredients)

    @property
    def word(self) -> str:
        """One word for the record of inputs: ``laundered`` outranks a good state, and only ``invalid`` outranks it."""
        return "laundered" if self.laundered and self.state != "invalid" else self.state


def read_credential(path: Path, *, trust: TrustList) -> Credential:
    """The credential embedded in ``path``, or in ``path`` + ``.c2pa`` beside it.

    Raises :class:`PlateUnreadable` where the file cannot be read, :class:`DependencyMissing` without the c2pa library.
    """
    path = Path(path)
    sidecar = path.with_name(path.name + SIDECAR_SUFFIX)
    manifest = _bytes(sidecar) if sidecar.is_file() else None
    form = FORMATS.get(path.suffix.lower(), OTHER_FORMAT if manifest is not None else None)
    if form is None:
        return Credential(state="none")
    try:
        with path.open("rb") as stream:
            return _read(stream, form, manifest, trust)
    except OSError as error:
        raise PlateUnreadable(f"cannot be read: {error.strerror}", file=path, remedy="check the path") from error


def read_detached(asset: bytes, manifest: bytes, *, trust: TrustList) -> Credential:
    """The credential in the bytes of a sidecar, checked against the bytes it signs."""
    return _read(io.BytesIO(asset), OTHER_FORMAT, manifest, trust)


def c2pa_library() -> Any:
    """The c2pa library. Raises :class:`DependencyMissing` where it is not installed."""
    try:
        import c2pa  # type: ignore[import-untyped]
    except (ImportError, OSError) as error:
        raise DependencyMissing(
            "the c2pa library is not installed: credentials can be neither read nor signed",
            remedy="pip install 'c2pa-python>=0.38'",
        ) from error
    return c2pa


def reading_context(trust: TrustList) -> Any:
    """The library's context: trust checked against ``trust`` alone, no network, no thumbnails."""
    c2pa = c2pa_library()
    settings: dict[str, Any] = {
        "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
        "trust": {"trust_config": _USAGES},
        "builder": {"thumbnail": {"enabled": False}},
    }
    if trust.anchors_pem.strip():
        settings["trust"]["trust_anchors"] = trust.anchors_pem
    return c2pa.Context(c2pa.Settings.from_dict(settings))


def _read(stream: Any, form: str, manifest: bytes | None, trust: TrustList) -> Credential:
    c2pa, context = c2pa_library(), reading_context(trust)
    try:
        with c2pa.Reader(form, stream, manifest, context=context) as reader:
            return parsed(json.loads(reader.json()), reader.get_validation_state())
    except c2pa.C2paError as error:
        kind = type(error).__name__.removeprefix("_C2pa")
        if kind == "ManifestNotFound" and manifest is None:
            return Credential(state="none")
        return Credential(state="invalid", codes=(f"reader.{kind}",))
    except ValueError:
        return Credential(state="invalid", codes=("reader.Json",))


def parsed(store: Mapping[str, Any], state: str | None) -> Credential:
    """The credential that a reader's JSON describes; ``state`` is the reader's own verdict."""
    manifests: Mapping[str, Any] = store.get("manifests", {})
    active: Mapping[str, Any] = manifests.get(store.get("active_manifest", ""), {})
    signature: Mapping[str, Any] = active.get("signature_info") or {}
    issuer = " / ".join(str(signature[key]) for key in ("issuer", "common_name") if signature.get(key)) or None
    actions = tuple(_actions(active))
    ordered = [active, *(manifests[label] for label in sorted(manifests) if label != store.get("active_manifest"))]
    return Credential(
        state={"Trusted": "trusted", "Valid": "valid"}.get(state or "", "invalid"),
        codes=tuple(dict.fromkeys(str(item.get("code")) for item in store.get("validation_status") or ())),
        ingredients=tuple(ingredient for manifest in ordered for ingredient in _ingredients(manifest)),
        training_mining=_training_mining(manifests),
        issuer=issuer,
        serial=signature.get("cert_serial_number"),
        claim_generator=_generator(active),
        development=is_development(issuer),
        source_type=_whole_source_type(actions),
        actions=actions,
        soft_binding=next((str(data.get("alg")) for data in _assertions(active, "c2pa.soft-binding")), None),
        clearance=next((statement_of(data) for data in _assertions(active, CLEARANCE_LABEL)), None),
    )


def statement(clearance: Clearance) -> dict[str, Any]:
    """The clearance assertion's data."""
    return {"schema": CLEARANCE_SCHEMA, **asdict(clearance)}


def statement_of(data: Mapping[str, Any]) -> Clearance | None:
    """The clearance in an assertion's data, None where it has another schema or is damaged."""
    if data.get("schema") != CLEARANCE_SCHEMA:
        return None
    fields = {key: value for key, value in data.items() if key != "schema"}
    try:
        fields["consents"] = tuple(ConsentShown(**item) for item in fields.get("consents", ()))
        fields["models"] = tuple(ModelShown(**item) for item in fields.get("models", ()))
        for key in ("approvals", "overrides", "inputs_sha256"):
            fields[key] = tuple(str(item) for item in fields.get(key, ()))
        return Clearance(**fields)
    except (TypeError, ClearanceRefused):
        return None


def _ingredients(manifest: Mapping[str, Any]) -> Iterator[Ingredient]:
    for item in manifest.get("ingredients") or ():
        signed = bool(item.get("active_manifest"))
        faults = list(dict.fromkeys(code for code in _failures(item) if not code.startswith(_ABOUT_TRUST)))
        newest_form = str(item.get("label", "")).startswith("c2pa.ingredient.v3")
        if signed and newest_form and not item.get("validation_results"):
            faults.append("setpiece.ingredient.neverValidated")
        yield Ingredient(
            title=str(item.get("title", "")),
            relationship=str(item.get("relationship", "")),
            signed=signed,
            faults=tuple(faults),
        )


def _failures(ingredient: Mapping[str, Any]) -> Iterator[str]:
    """Codes of everything that failed in an ingredient when it was taken in, in the old form and in the new."""
    for status in ingredient.get("validation_status") or ():
        if status.get("success") is not True:
            yield str(status.get("code"))
    results: Mapping[str, Any] = ingredient.get("validation_results") or {}
    deltas = [item.get("validationDeltas") or {} for item in results.get("ingredientDeltas") or ()]
    for part in (results.get("activeManifest") or {}, *deltas):
        for status in part.get("failure") or ():
            yield str(status.get("code"))


def _assertions(manifest: Mapping[str, Any], label: str) -> Iterator[Mapping[str, Any]]:
    for assertion in manifest.get("assertions") or ():
        if re.fullmatch(re.escape(label) + r"(__\d+)?", str(assertion.get("label"))) and isinstance(
            assertion.get("data"), Mapping
        ):
            yield assertion["data"]


def _training_mining(manifests: Mapping[str, Any]) -> str | None:
    found = [-1]
    for manifest in manifests.values():
        for label in _MINING_LABELS:
            for data in _assertions(manifest, label):
                for entry in (data.get("entries") or {}).values():
                    use = entry.get("use") if isinstance(entry, Mapping) else None
                    # A word that the specification doesn't know is taken as a refusal.
                    found.append(_MINING_STRICTNESS.index(use) if use in _MINING_STRICTNESS else 2)
    return None if max(found) < 0 else _MINING_STRICTNESS[max(found)]


def _actions(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for label in ("c2pa.actions.v2", "c2pa.actions"):
        for data in _assertions(manifest, label):
            for action in data.get("actions") or ():
                source = str(action.get("digitalSourceType") or "")
                yield str(action.get("action")), source.rsplit("/", 1)[-1]


def _whole_source_type(actions: tuple[tuple[str, str], ...]) -> str | None:
    """What the picture is as a whole: what it was created as, or what its last action made of it."""
    if actions and actions[0][0] == "c2pa.created" and actions[0][1]:
        return actions[0][1]
    return next((source for _, source in reversed(actions) if source), None)


def _generator(manifest: Mapping[str, Any]) -> str | None:
    infos = manifest.get("claim_generator_info") or ()
    if infos:
        return f"{infos[0].get('name', '')} {infos[0].get('version', '')}".strip()
    old = manifest.get("claim_generator")
    return None if old is None else str(old)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PlateUnreadable(f"cannot be read: {error.strerror}", file=path, remedy="check the path") from error
