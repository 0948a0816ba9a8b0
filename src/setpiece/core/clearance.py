"""Evidence that a gate let something pass.

``Cleared[T]`` can only be made by a gate: production steps take ``Cleared[...]`` in their signatures, so code that
skips the gate does not type-check, and at run time the evidence is checked again where pixels are made and leave.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class Outcome(Enum):
    """What a rule says. BLOCK outranks NEEDS outranks ALLOW."""

    ALLOW = "ALLOW"
    NEEDS = "NEEDS"
    BLOCK = "BLOCK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule that fired: its id, plain reason, who may approve (NEEDS), and what would make it pass.

    ``missing`` names data that was absent, ``clause`` the clause of a consent or contract that bars the use.
    ``overridden_by`` is who loosened the rule for this subject, by name, with the reason.
    """

    rule: str
    outcome: Outcome
    reason: str
    remedy: str = ""
    roles: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    clause: str = ""
    overridden_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The verdict of one gate on one subject, with everything that led to it."""

    gate: str  # "admit" or "release"
    subject_sha256: str
    policy_sha256: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    decided_at: str  # RFC 3339, UTC
    expires_at: str = ""  # RFC 3339, UTC: nothing may be made on it from then on
    facts_sha256: str = ""  # every record it was decided by, whatever their order


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A decision as it stands in the log: where, with which leaf hash, and the signed token that it gave."""

    decision: Decision
    sequence: int
    entry_sha256: str
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared(Generic[T]):
    """A value that passed a gate, with the evidence. Only ``setpiece.clearance`` constructs it (a test greps)."""

    value: T
    evidence: Evidence


class Permit(Protocol):
    """What an engine asks for before it makes a pixel, and again before each frame."""

    @property
    def models(self) -> tuple[str, ...]:
        """The weights that it covers, by hash: no others are loaded under it."""

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """How the register calls them: (name, hash)."""

    def check(self) -> None:
        """Raises ClearanceRefused unless a gate cleared exactly this, the clearance is in time, and nothing was revoked."""
