"""The two gates: ``admit`` before the first pixel, ``release`` before the last. They return evidence, or raise.

The only place that makes :class:`Cleared`. Every decision, refusals included, is in the log before the caller hears of
it. Records and approvals are read from the office's database, never taken from the caller. There is no switch.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from setpiece.clearance import tokens
from setpiece.clearance.decide import decide
from setpiece.clearance.office import Office
from setpiece.clearance.records import Model
from setpiece.clearance.rules.generative import FINAL
from setpiece.clearance.store.store import Store
from setpiece.clearance.use import UseRequest, canonical
from setpiece.core.clearance import Cleared, Decision, Evidence, Finding, Outcome
from setpiece.core.errors import ClearanceRefused

TEMPORARY = "TEMPORARY - NOT FOR FINAL"


class Subject(Protocol):
    """What a gate decides about: anything that can say, by a hash, exactly what it is."""

    @property
    def subject_sha256(self) -> str:
        """SHA-256 over everything that a decision is about."""


S = TypeVar("S", bound=Subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """A decision token with what it must be for: what workers and engines carry, and check before each frame.

    ``public_key`` is the office's (32 bytes, Ed25519); ``names`` are (name, hash) of the models on record among those that
    it covers. Picklable; the database is opened where it is checked.
    """

    token: str
    expected: tokens.Bindings
    database: str
    public_key: bytes
    names: tuple[tuple[str, str], ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """The weights that the token is bound to, by hash."""
        return self.expected.models

    def check(self) -> None:
        """Raises ClearanceRefused where the token is not genuine, not in time or not for this, where its decision is
        not in the log, or where a consent that it rests on was changed, suspended or revoked since."""
        key = Ed25519PublicKey.from_public_bytes(self.public_key)
        tokens.check(self.token, self.expected, key=key, now=datetime.now(UTC), store=_opened(self.database))


@lru_cache(maxsize=4)
def _opened(database: str) -> Store:
    return Store.open(database)


def foresee(use: UseRequest, *, office: Office, now: datetime, about: str) -> Decision:
    """What the gate would decide, without deciding: nothing is recorded and nothing is cleared by it."""
    with office.store.read(now) as tx:
        facts = tx.gather(use, about)
    return decide(use, facts, office.policy, now)


def admit(value: S, use: UseRequest, *, office: Office, now: datetime, about: str, take: str = "") -> Cleared[S]:
    """Let a job through to its first pixel.

    Raises ClearanceRefused with the rule and who can help; RecordDamaged.
    """
    return _passed(value, use, office=office, now=now, about=about, take=take)


def release(
    value: S, use: UseRequest, *, admitted: Evidence, office: Office, now: datetime, about: str, take: str = ""
) -> Cleared[S]:
    """Let a take leave. ``admitted`` is the evidence under which it was made, by the same declaration.

    Raises ClearanceRefused where the evidence is not in the log, the declaration is another one, or approvals are
    missing; RecordDamaged.
    """
    with office.store.read(now) as tx:
        row = tx.decision_at(admitted.sequence)
    if row is None or row.leaf_hash != admitted.entry_sha256:
        raise ClearanceRefused(
            "the take was made under an admission that is not in the log", remedy="run the shot again: the gate decides anew"
        )
    if row.gate != "admit" or row.outcome != Outcome.ALLOW.value:
        raise ClearanceRefused("the take was never admitted", remedy="run the shot again")
    declared = None if use.declaration is None else asdict(use.declaration)
    if canonical(row.body["use"]["declaration"]) != canonical(declared):
        raise ClearanceRefused(
            "the declaration was changed since the take was admitted",
            remedy="run the shot again: finished frames are kept, the gate decides anew",
        )
    return _passed(value, use, office=office, now=now, about=about, take=take)


def confirm(cleared: Cleared[S], use: UseRequest, *, office: Office, now: datetime, take: str = "") -> S:
    """The value, once its token is admitted: genuine, in time, for exactly this use of exactly this value, used once."""
    if cleared.value.subject_sha256 != use.subject_sha256:
        raise ClearanceRefused(
            f"what the {use.gate} gate cleared was changed since", remedy="run the shot again: the gate decides anew"
        )
    expected = tokens.bindings_of(use, cleared.evidence.decision.policy_sha256, take)
    office.admit(cleared.evidence.token, expected, now, purpose=use.gate)
    return cleared.value


def permit(cleared: Cleared[S], use: UseRequest, *, office: Office, database: str, take: str = "") -> Permit:
    """What workers check before each frame that they make under ``cleared``."""
    with office.store.read(datetime.now(UTC)) as tx:
        names = tuple((model.name, model.weights_sha256) for model in tx.find(Model) if model.weights_sha256 in use.models)
    return Permit(
        token=cleared.evidence.token,
        expected=tokens.bindings_of(use, cleared.evidence.decision.policy_sha256, take),
        database=database,
        public_key=office.token_public_key.public_bytes(Encoding.Raw, PublicFormat.Raw),
        names=names,
    )


def mark(evidence: Evidence) -> str:
    """What delivery burns into every review picture: nothing only where a release approved the final use."""
    decision = evidence.decision
    final = decision.gate == "release" and any(
        finding.rule == "G4" and finding.outcome is Outcome.ALLOW and finding.reason.startswith(FINAL)
        for finding in decision.findings
    )
    return "" if final else TEMPORARY


def _passed(value: S, use: UseRequest, *, office: Office, now: datetime, about: str, take: str) -> Cleared[S]:
    """Decide, write it down, and only then clear or refuse."""
    if value.subject_sha256 != use.subject_sha256:
        raise ClearanceRefused("the use is stated for something else", remedy="report this: it is a fault of the program")
    decided = office.decide(use, now, about=about, take=take)
    if decided.decision.outcome is not Outcome.ALLOW or decided.token is None:
        raise _refused(decided.decision)
    return Cleared(
        value=value,
        evidence=Evidence(
            decision=decided.decision,
            sequence=decided.entry.sequence,
            entry_sha256=decided.entry.leaf_hash,
            token=decided.token,
        ),
    )


def _refused(decision: Decision) -> ClearanceRefused:
    """The refusal: the strictest findings, each with its rule, and what would make them pass."""
    against = [finding for finding in decision.findings if finding.outcome is decision.outcome]
    word = {"admit": "not admitted", "release": "not released"}[decision.gate]
    if not against:
        return ClearanceRefused(f"{word}: no rule allows it", remedy="fill in the section 'declaration' of the brief")
    return ClearanceRefused(
        f"{word}: {'; '.join(_said(finding) for finding in against)}",
        remedy="; ".join(dict.fromkeys(finding.remedy for finding in against)),
    )


def _said(finding: Finding) -> str:
    needs = f" (needs {' and '.join(finding.roles)})" if finding.roles else ""
    clause = f" ({finding.clause})" if finding.clause else ""
    return f"rule {finding.rule}: {finding.reason}{clause}{needs}"
