"""Decision tokens: the short-lived, signed proof of one decision that workers, engines and delivery ask for.

A token is bound by hash to the brief, the inputs, the models, the scope, the policy and the take, and to the decision's
log entry. It serves every frame of its take; admitted it is once. Refuses (ClearanceRefused) what was not issued here,
what expired or is not valid yet, what is for something else, what was admitted before, what rests on a consent that was
changed, suspended or revoked since, and every token on a machine whose clock was moved back.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from setpiece.clearance.ledger.log import LogEntry
from setpiece.clearance.ledger.proofs import StoredTree
from setpiece.clearance.ledger.tree import verify_inclusion
from setpiece.clearance.records import ConsentGrant, Strike
from setpiece.clearance.store.kinds import Admission
from setpiece.clearance.store.store import Store
from setpiece.clearance.store.transaction import DecisionRow, Transaction
from setpiece.clearance.times import rfc3339
from setpiece.clearance.use import UseRequest, canonical, canonical_sha256
from setpiece.core.clearance import Decision, Outcome
from setpiece.core.errors import ClearanceRefused, RecordDamaged

DOMAIN = b"setpiece.token/1\n"
CLOCK_SKEW = timedelta(seconds=5)  # between the machines that share a database
_AGAIN = "ask the gate again: 'setpiece clear status' says what it waits for"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bindings:
    """What a token is for, by hash: nothing else is cleared by it."""

    gate: str
    subject_sha256: str
    take: str
    brief_sha256: str
    inputs_sha256: str
    models: tuple[str, ...]  # hashes of the actual weights, sorted
    scope_sha256: str
    policy_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionToken:
    """A token, read and found genuine."""

    bindings: Bindings
    sequence: int
    leaf_hash: str
    issued_at: str
    expires_at: str
    nonce: str


def bindings_of(use: UseRequest, policy_sha256: str, take: str = "") -> Bindings:
    """What a use binds its token to: stated by whoever issues, and stated again, from what is there, by whoever checks."""
    return Bindings(
        gate=use.gate,
        subject_sha256=use.subject_sha256,
        take=take,
        brief_sha256="" if use.declaration is None else use.declaration.sha256,
        inputs_sha256=canonical_sha256([[asdict(item) for item in use.inputs], [asdict(tool) for tool in use.tools]]),
        models=tuple(sorted(use.models)),
        scope_sha256=canonical_sha256(
            [[asdict(person) for person in use.persons], [asdict(nobody) for nobody in use.synthetics]]
        ),
        policy_sha256=policy_sha256,
    )


def issue(
    decision: Decision, entry: LogEntry, bindings: Bindings, *, key: Ed25519PrivateKey, now: datetime, minutes: int, nonce: str
) -> str:
    """The token of a decision that allows, valid for ``minutes``. ``nonce`` is fresh and random. Refused for any other."""
    if decision.outcome is not Outcome.ALLOW:
        raise ClearanceRefused(f"the {decision.gate} gate did not open: {decision.outcome.value}", remedy=_AGAIN)
    stated = (decision.gate, decision.subject_sha256, decision.policy_sha256)
    if (bindings.gate, bindings.subject_sha256, bindings.policy_sha256) != stated:
        raise ClearanceRefused("the decision is about something else", remedy=_AGAIN)
    if minutes <= 0 or not nonce:
        raise ValueError("a token needs a life and a nonce")
    token = DecisionToken(
        bindings=bindings,
        sequence=entry.sequence,
        leaf_hash=entry.leaf_hash,
        issued_at=rfc3339(now),
        expires_at=rfc3339(now + timedelta(minutes=minutes)),
        nonce=nonce,
    )
    body = canonical(asdict(token))
    return f"{_text(body)}.{_text(key.sign(DOMAIN + body))}"


def read(token: str, key: Ed25519PublicKey) -> DecisionToken:
    """The token that a text states, once its signature holds; refused otherwise."""
    try:
        body, signature = (_bytes(part) for part in token.split("."))
        key.verify(signature, DOMAIN + body)
        stated = json.loads(body)
        bound = stated.pop("bindings")
        bound["models"] = tuple(bound["models"])
        return DecisionToken(bindings=Bindings(**bound), **stated)
    except (InvalidSignature, ValueError, TypeError, KeyError, AttributeError) as fault:
        raise ClearanceRefused("this decision token was not issued here, or was changed", remedy=_AGAIN) from fault


def check(token: str, expected: Bindings, *, key: Ed25519PublicKey, now: datetime, store: Store) -> DecisionToken:
    """What a worker asks before each frame: the token is genuine, in time, for exactly this, and nothing was revoked."""
    genuine = read(token, key)
    with store.read(now) as tx:
        highest = tx.highest_at()
        _examine(tx, genuine, expected, now)
    if highest is None or now > highest + timedelta(seconds=1):
        store.write(lambda tx: tx.log.see(rfc3339(now)), now)
    return genuine


def admit(token: str, expected: Bindings, *, purpose: str, key: Ed25519PublicKey, now: datetime, store: Store) -> DecisionToken:
    """What an engine, a run or a delivery asks once, when it starts: as :func:`check`, and nobody was admitted with it."""
    genuine = read(token, key)

    def work(tx: Transaction) -> None:
        row = _examine(tx, genuine, expected, now)
        _prove(tx, row)
        if tx.get(Admission, genuine.nonce) is not None:
            raise ClearanceRefused("this decision token was admitted before", remedy=_AGAIN)
        take = genuine.bindings.take
        tx.add(Admission(id=genuine.nonce, take=take, purpose=purpose, decision=genuine.sequence, at=rfc3339(now)))

    store.write(work, now)
    return genuine


def refuse_moved_clock(tx: Transaction, now: datetime) -> None:
    """Refuse a time before the latest that the records have seen: expiry means nothing on a clock that goes back."""
    highest = tx.highest_at()
    if highest is not None and now < highest - CLOCK_SKEW:
        raise ClearanceRefused(
            f"this machine's clock says {rfc3339(now)}, the records have seen {rfc3339(highest)}",
            remedy="set the clock right; where it was ahead before: setpiece ledger clock --person NAME --reason WHY",
        )


def _examine(tx: Transaction, token: DecisionToken, expected: Bindings, now: datetime) -> DecisionRow:
    refuse_moved_clock(tx, now)
    if now >= datetime.fromisoformat(token.expires_at):
        raise ClearanceRefused(f"this decision token expired at {token.expires_at}", remedy=_AGAIN)
    if now < datetime.fromisoformat(token.issued_at) - CLOCK_SKEW:
        raise ClearanceRefused(f"this decision token is not valid before {token.issued_at}", remedy="set the clock right")
    for item in fields(Bindings):
        if getattr(token.bindings, item.name) != getattr(expected, item.name):
            what = item.name.removesuffix("_sha256")
            raise ClearanceRefused(f"this decision token is for another {what}: it was changed since", remedy=_AGAIN)
    row = tx.decision_at(token.sequence)
    if (
        row is None
        or row.leaf_hash != token.leaf_hash
        or row.outcome != Outcome.ALLOW.value
        or (row.gate, row.subject_sha256) != (token.bindings.gate, token.bindings.subject_sha256)
    ):
        raise RecordDamaged(
            f"the log does not hold the decision of this token (entry {token.sequence})",
            remedy="run 'setpiece ledger verify' and restore the database from its last good copy",
        )
    _refuse_ended_consent(tx, row, now)
    return row


def _refuse_ended_consent(tx: Transaction, row: DecisionRow, now: datetime) -> None:
    use: Any = row.body["use"]
    performers = {person["performer"] for person in use["persons"]}
    performers |= {match["performer"] for match in use["likenesses"] if match["performer"]}
    if not performers:
        return
    decided = datetime.fromisoformat(row.body["decision"]["decided_at"])
    for sequence, event in tx.endings(performers):
        if event.effective <= now and (sequence > row.sequence or event.effective > decided):
            raise ClearanceRefused(
                f"consent {event.grant} was {event.kind} from {event.effective.isoformat()}, after this was decided",
                remedy="stop using the likeness; ask the performer, then the gate again",
            )
    changed = [p for p in sorted(performers) if tx.written_since(ConsentGrant, row.sequence, performer=p)]
    if changed:
        raise ClearanceRefused(f"the consents of {', '.join(changed)} were changed since this was decided", remedy=_AGAIN)
    if tx.written_since(Strike, row.sequence):
        raise ClearanceRefused("a strike was entered since this was decided", remedy=_AGAIN)


def _prove(tx: Transaction, row: DecisionRow) -> None:
    stored = StoredTree(tx.connection)
    proof = stored.inclusion(row.sequence)
    if not verify_inclusion(bytes.fromhex(row.leaf_hash), row.sequence, stored.size, proof, stored.root()):
        raise RecordDamaged(
            f"entry {row.sequence} is not in the log's tree",
            remedy="run 'setpiece ledger verify' and restore the database from its last good copy",
        )


def _bytes(text: str) -> bytes:
    data = base64.urlsafe_b64decode(text.encode("ascii"))
    if _text(data) != text:  # one token has one spelling
        raise ValueError("not how a token is written")
    return data


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()
