"""A use request: everything that is about to be done, stated before it is done, as one frozen value.

The gates rule on this and on the records (:mod:`.records`), on nothing else. What nobody stated is None.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date

ACTIONS = ("generate", "train", "ingest_for_training", "scan", "read_replica", "transfer_replica", "publish_model")
LOW_RISK = ("ideation", "moodboard", "previs")
PURPOSES = (*LOW_RISK, "shot")
PROMINENCES = ("incidental", "background", "story", "key")
ROLES = (
    "studio",
    "legal",
    "vfx_supervisor",
    "guild_liaison",
    "performer",
    "producer",
    "likeness_reviewer",
)
USE_KINDS = ("replica", "background_replica", "voice", "reage", "alteration", "scan", "training")
PRINCIPLES = {
    "no_unowned_material": "nothing that others own is substantially recreated",
    "tools_keep_nothing": "the tools neither store, reuse nor train on production data",
    "enterprise_secured": "the tools run in a secured environment",
    "output_temporary": "the output is temporary, not part of the final picture",
    "no_talent_replaced": "no performance or union work is replaced without consent",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What the production declares about a use. None is missing, and missing is refused.

    ``answers`` are (principle, ``yes`` | ``no`` | ``unsure``) pairs.
    """

    purpose: str | None = None
    final: bool | None = None
    prominence: str | None = None
    requester: str | None = None
    answers: tuple[tuple[str, str], ...] = ()
    real_event: bool | None = None  # could be taken for a real event or person
    union_work_displaced: bool | None = None
    notes: str = ""

    @property
    def sha256(self) -> str:
        """Hash of everything declared."""
        return canonical_sha256(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class InputUse:
    """Something that goes in: ``sensitivity`` is ``none``, ``proprietary`` or ``personal``.

    ``credential`` is what its Content Credential said at ingest: ``none``, ``trusted``, ``valid``, ``invalid`` or
    ``laundered`` (an ingredient of it did not validate). ``external`` inputs leave the production's own machines.
    """

    sha256: str
    name: str
    sensitivity: str | None = None
    credential: str | None = None
    training_mining: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUse:
    """A tool or service. ``external`` ones get the inputs: their contract decides (D1, D2)."""

    name: str
    external: bool
    contract_tier: str | None = None
    terms_sha256: str | None = None
    retains_inputs: bool | None = None
    trains_on_inputs: bool | None = None
    enterprise: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDecision:
    """What the gate said about one step of a job with several."""

    name: str
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonUse:
    """How one performer's likeness or voice is used. ``kind`` is one of USE_KINDS.

    ``alteration`` names what is changed; ``customary`` states it is customary post-production (C4). ``exception`` is
    ``as_scripted``, ``unsafe_for_humans`` or ``unrecognisable`` (C3), with the hash of its ``evidence``.
    ``portrayed_age`` is years. ``replaces_principal`` is a background replica used as a principal (C13).
    ``purpose`` is why replica data or biometrics are read (B1, B3).
    """

    performer: str
    kind: str
    replica: str | None = None
    role: str | None = None
    scene: str | None = None
    media: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    language: str | None = None
    portrayed_age: int | None = None
    day: date | None = None
    content: tuple[str, ...] = ()
    alteration: str | None = None
    customary: bool | None = None
    changes_intent: bool | None = None
    exception: str | None = None
    exception_evidence_sha256: str | None = None
    replaces_principal: bool | None = None
    foreign_language: bool = False
    biometric: bool = False
    purpose: str | None = None
    reader_role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticPerformer:
    """A performer who is nobody. ``prompt_names`` are registered performers its prompt names with facial features."""

    name: str
    human_role: bool | None = None
    prompt_names: tuple[str, ...] = ()
    justification: str | None = None
    notice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LikenessMatch:
    """A name, face or voice found in prompt, reference or output.

    ``status`` is ``matched`` (``performer`` says who), ``unsure``, ``nobody`` (declared as nobody identifiable),
    ``accounted`` (declared as ``performer``), or ``unexpected`` (found, and nobody said who it is).
    """

    where: str  # prompt | reference | plate | output
    what: str  # name | face | voice
    status: str
    performer: str | None = None
    score: float | None = None
    detail: str = ""
    ruled_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What leaves: the credential it carries and where it goes.

    ``credential`` is the reader's own word for what was signed: ``trusted``, ``valid``, ``invalid`` or None.
    ``source_type`` is the IPTC digital source type's last part. ``provider_duty`` is the EU duty of a provider.
    """

    credential: str | None = None
    source_type: str | None = None
    soft_binding: str | None = None
    territories: tuple[str, ...] = ()
    provider_duty: bool | None = None
    deepfake: bool | None = None
    advertisement: bool | None = None
    expressive: bool | None = None
    audio_only: bool | None = None
    first_shown: date | None = None
    on_market_since: date | None = None  # since when the generating system is on the market; None: no transition period


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRequest:
    """One use, complete. ``gate`` is ``admit`` or ``release``; ``subject_sha256`` says by hash exactly what of."""

    gate: str
    subject_sha256: str
    production: str | None
    action: str = "generate"
    declaration: Declaration | None = None
    inputs: tuple[InputUse, ...] = ()
    tools: tuple[ToolUse, ...] = ()
    models: tuple[str, ...] = ()  # weights hashes
    steps: tuple[StepDecision, ...] = ()
    persons: tuple[PersonUse, ...] = ()
    synthetics: tuple[SyntheticPerformer, ...] = ()
    likenesses: tuple[LikenessMatch, ...] = ()
    export: Export | None = None
    dataset: str | None = None  # train, ingest_for_training
    transfer: str | None = None  # transfer_replica

    @property
    def sha256(self) -> str:
        """Hash of the whole request."""
        return canonical_sha256(asdict(self))


def canonical_sha256(value: object) -> str:
    """SHA-256 of the canonical JSON of ``value``: sorted keys, no spaces, UTF-8, dates as ISO text."""
    return hashlib.sha256(canonical(value)).hexdigest()


def canonical(value: object) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8, no NaN; dates and decimals as text, sets sorted."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain)
    return text.encode()


def _plain(value: object) -> object:
    if isinstance(value, frozenset | set):
        return sorted(value)
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
