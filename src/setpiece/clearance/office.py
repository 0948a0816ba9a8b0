"""The clearance office: the front of this room. It opens records, log and keys, and decides; nobody else does.

A decision is gathered for, taken and entered in one transaction with its log entry: there is none without the other.
What it refuses, it refuses with who can mend it (ClearanceRefused).
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from setpiece.clearance import tokens
from setpiece.clearance.ledger.checkpoint import Signer, load_or_create_key
from setpiece.clearance.ledger.log import LogEntry
from setpiece.clearance.names import person_key
from setpiece.clearance.policy import Policy
from setpiece.clearance.records import Approval, ConsentEvent, ConsentGrant, Facts, Override
from setpiece.clearance.rules import RULES
from setpiece.clearance.store.kinds import Admission, LikenessUse, Requester, kind_of
from setpiece.clearance.store.store import Store, system_clock
from setpiece.clearance.store.transaction import DecisionRow, Transaction
from setpiece.clearance.times import rfc3339
from setpiece.clearance.use import ROLES, UseRequest
from setpiece.core.clearance import Decision, Outcome
from setpiece.core.errors import ClearanceRefused

NEVER_OVERRIDDEN = {"C11"} | {rule.id for rule in RULES if not rule.overridable}
ORIGIN = "setpiece.local/clearance"
_SEALED = b"setpiece.seal/1\n"  # no token begins so: neither can stand for the other


class Decide(Protocol):
    """The pure rule of the gates."""

    def __call__(self, use: UseRequest, facts: Facts, policy: Policy, now: datetime) -> Decision:
        """The verdict on one use."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision as it was entered; with a token where it allows."""

    decision: Decision
    entry: LogEntry
    token: str | None = None


class Office:
    """Decides, records, and issues tokens, over one database with one set of keys."""

    def __init__(
        self,
        store: Store,
        *,
        policy: Policy,
        token_key: Ed25519PrivateKey,
        decide: Decide,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.store = store
        self.policy = policy
        self._key = token_key
        self._decide = decide
        self._random = random

    @classmethod
    def open(
        cls,
        where: str | Path,
        keys: Path,
        policy: Policy,
        *,
        origin: str = ORIGIN,
        clock: Callable[[], datetime] = system_clock,
        random: Callable[[int], bytes] = os.urandom,
        decide: Decide | None = None,
    ) -> Office:
        """Open the records in a folder, or by a database's URL. Keys are made in ``keys`` where there are none, mode 0600."""
        if decide is None:
            from setpiece.clearance.decide import decide as house_rules

            decide = house_rules
        url = where if isinstance(where, str) and "://" in where else f"sqlite:///{Path(where) / 'clearance.db'}"
        signer = Signer(origin, load_or_create_key(keys / "log.key"))
        (keys / "log.vkey").write_text(signer.verifier_key + "\n", encoding="utf-8")
        token_key = load_or_create_key(keys / "token.key")
        store = Store.open(url, clock=clock, random=random)
        store.signer = signer
        return cls(store, policy=policy, token_key=token_key, decide=decide, random=random)

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    @property
    def token_public_key(self) -> Ed25519PublicKey:
        """The key by which workers check tokens."""
        return self._key.public_key()

    def seal(self, content: bytes) -> str:
        """A signature over what this office wrote down for itself, base64: who edits that, edits it in vain."""
        return b64encode(self._key.sign(_SEALED + content)).decode()

    def sealed(self, content: bytes, seal: str) -> bool:
        """Whether this office sealed exactly this content."""
        try:
            self.token_public_key.verify(b64decode(seal, validate=True), _SEALED + content)
        except (InvalidSignature, ValueError):
            return False
        return True

    # The gates

    def decide(
        self, use: UseRequest, now: datetime, *, about: str = "", take: str = "", bindings: tokens.Bindings | None = None
    ) -> Decided:
        """Rule on a use, and enter the decision. ``about`` is what people call the subject; its requesters add up there.

        Refused: a clock that was moved back. A decision that does not allow is entered and returned, without a token.
        """

        def work(tx: Transaction) -> tuple[Decision, LogEntry]:
            tokens.refuse_moved_clock(tx, now)
            facts = _with_requester(tx, tx.gather(use, about or None), use, about)
            decision = self._decide(use, facts, self.policy, now)
            return decision, tx.add_decision(decision, use, about=about)

        decision, entry = self.store.write(work, now)
        token = None
        if decision.outcome is Outcome.ALLOW:
            token = tokens.issue(
                decision,
                entry,
                bindings or tokens.bindings_of(use, decision.policy_sha256, take),
                key=self._key,
                now=now,
                minutes=self.policy.decision_minutes,
                nonce=self._random(16).hex(),
            )
        return Decided(decision=decision, entry=entry, token=token)

    def check(self, token: str, expected: tokens.Bindings, now: datetime) -> tokens.DecisionToken:
        """Before each frame: see :func:`.tokens.check`."""
        return tokens.check(token, expected, key=self.token_public_key, now=now, store=self.store)

    def admit(self, token: str, expected: tokens.Bindings, now: datetime, *, purpose: str) -> tokens.DecisionToken:
        """Once, before anything starts or leaves: see :func:`.tokens.admit`."""
        return tokens.admit(token, expected, purpose=purpose, key=self.token_public_key, now=now, store=self.store)

    # What people say

    def approve(self, role: str, person: str, subject: str, gate: str, now: datetime, note: str = "") -> Approval:
        """Enter an approval of the subject as the approver saw it, by its hash.

        Refused: an unknown role, a nameless person, whoever asked for it (A1), and what no gate waits for in this role.
        """
        _known_role(role)
        name = _named(person, "an approval")
        approval = Approval(role=role, person=name, gate=gate, subject_sha256=subject, at=rfc3339(now), note=note)

        def work(tx: Transaction) -> None:
            tokens.refuse_moved_clock(tx, now)
            waiting = _latest(tx, subject, gate)
            if waiting is None or waiting.subject_sha256 != subject or waiting.outcome != Outcome.NEEDS.value:
                raise ClearanceRefused(
                    "no gate waits for an approval of what you saw: it was changed, or never asked for",
                    remedy="run 'setpiece clear status' to see what waits",
                )
            if person_key(person) in _requesters(tx, waiting):
                raise ClearanceRefused(
                    f"rule A1: {name} asked for this and cannot approve it", remedy=f"somebody else gives the {role} approval"
                )
            roles = _roles(waiting)
            if role not in roles:
                raise ClearanceRefused(f"nothing waits for {role}", remedy=f"what is missing is {', '.join(roles)}")
            tx.add(approval)

        self.store.write(work, now)
        return approval

    def override(self, rule: str, person: str, role: str, subject: str, reason: str, now: datetime) -> Override:
        """Enter a named, reasoned loosening of one rule for one subject. It shows on the delivery report.

        Refused: C11; no reason, name or role; whoever asked for the subject; a rule that holds nothing up there.
        """
        _known_role(role)
        name = _named(person, "an override")
        if rule in NEVER_OVERRIDDEN:
            raise ClearanceRefused(f"rule {rule} takes no override", remedy="change what is to be made")
        if not reason.strip():
            raise ClearanceRefused("an override needs its reason", remedy="state --reason in words that others will read")
        entered = Override(rule=rule, person=name, role=role, reason=reason.strip(), subject_sha256=subject, at=rfc3339(now))

        def work(tx: Transaction) -> None:
            tokens.refuse_moved_clock(tx, now)
            held = [row for row in _by_gate(tx, subject).values() if row.subject_sha256 == subject and rule in _holding(row)]
            if not held:
                raise ClearanceRefused(f"rule {rule} holds nothing up here", remedy="run 'setpiece clear why' to see what does")
            if any(person_key(person) in _requesters(tx, row) for row in held):
                raise ClearanceRefused(
                    f"{name} asked for this and cannot override {rule} for it", remedy="somebody else answers for it"
                )
            tx.add(entered)

        self.store.write(work, now)
        return entered

    def correct_clock(self, person: str, reason: str, now: datetime) -> LogEntry:
        """Go on from ``now`` after a clock that was ahead: named, reasoned, and in the log for good.

        Refused: nothing to correct. Every token issued under the wrong clock is void from then on.
        """
        name = _named(person, "a correction of the clock")
        if not reason.strip():
            raise ClearanceRefused("a correction of the clock needs its reason", remedy="state --reason in words")

        def work(tx: Transaction) -> LogEntry:
            seen = tx.highest_at()
            if seen is None or seen <= now + tokens.CLOCK_SKEW:
                raise ClearanceRefused(
                    "the records have seen no later time than this machine's", remedy="nothing needs correcting"
                )
            shown = {"seen": rfc3339(seen), "corrected_to": rfc3339(now)}
            entry = tx.append("clock", {"person": name, "reason": reason.strip()}, public=shown)
            tx.log.see_again(rfc3339(now))
            return entry

        return self.store.write(work, now)

    def record(self, record: object, now: datetime, *, by: str = "") -> LogEntry:
        """Enter a record, or what a known one says from now on. A revocation marks the takes that used the likeness.

        ``by`` is who typed it, kept beside it. Approvals and overrides are refused here: they come by :meth:`approve` and
        :meth:`override`.
        """
        if isinstance(record, Approval | Override | Requester | LikenessUse | Admission):
            raise ClearanceRefused(f"a {type(record).__name__} is not entered by hand", remedy="it comes of what it records")
        kind = kind_of(type(record))

        def work(tx: Transaction) -> LogEntry:
            known = not kind.lasting and tx.get(kind.type, kind.key(record)) is not None
            entry = tx.replace(record) if known else tx.add(record)
            if isinstance(record, ConsentEvent) and record.kind == "revoked":
                _mark_takes(tx, record)
            if by:
                tx.append("entered", {"by": by, "sequence": entry.sequence}, public={"sequence": entry.sequence})
            return entry

        return self.store.write(work, now)

    def revoke(self, grant: str, now: datetime, reason: str) -> tuple[LikenessUse, ...]:
        """Enter that a consent is revoked from now on; returns every use of it in a take, marked."""
        event = ConsentEvent(id=f"{grant}:revoked:{rfc3339(now)}", grant=grant, kind="revoked", effective=now, reason=reason)
        self.record(event, now)
        with self.store.read(now) as tx:
            return tx.find(LikenessUse, grant=grant, status="revoked")

    def register_take(self, take: str, use: UseRequest, now: datetime) -> tuple[LikenessUse, ...]:
        """Note whose likeness a take uses, under which grants of this production, so that a revocation finds it."""

        def work(tx: Transaction) -> tuple[LikenessUse, ...]:
            known = {item.id for item in tx.find(LikenessUse, take=take)}
            uses = [
                LikenessUse(
                    id=f"{take}:{grant.id}",
                    take=take,
                    subject_sha256=use.subject_sha256,
                    performer=performer,
                    grant=grant.id,
                )
                for performer in sorted({person.performer for person in use.persons})
                for grant in tx.find(ConsentGrant, performer=performer)
                if grant.production == use.production
            ]
            fresh = [item for item in uses if item.id not in known]
            if fresh:
                tx.add_all(fresh)
            return tuple(uses)

        return self.store.write(work, now)

    def why(self, subject: str) -> tuple[str, ...]:
        """In plain words: what holds a subject up, by its hash or name, and who can give what is missing."""
        with self.store.read() as tx:
            latest = _by_gate(tx, subject)
            if not latest:
                return (f"Nothing was asked about {subject} yet: declare what is to be made with it.",)
            lines: list[str] = []
            for gate, row in latest.items():
                lines += _explained(gate, row, tx)
            return tuple(lines)


def waits_for(tx: Transaction, row: DecisionRow) -> tuple[str, ...]:
    """The roles that a decision still waits for, approvals since then taken off."""
    if row.outcome != Outcome.NEEDS.value:
        return ()
    given = _given(tx, row)
    return tuple(role for role in _roles(row) if role not in given)


def _given(tx: Transaction, row: DecisionRow) -> set[str]:
    """The roles that approved what a decision was about, at its gate."""
    return {item.role for item in tx.find(Approval, subject_sha256=row.subject_sha256, gate=row.gate)}


def _with_requester(tx: Transaction, facts: Facts, use: UseRequest, about: str) -> Facts:
    """The facts with whoever asks now among the requesters, entered for the subject and for what it is about."""
    person = person_key((use.declaration.requester if use.declaration else None) or "")
    if not person or person in facts.requesters:
        return facts
    tx.add_all([Requester(subject=subject, person=person) for subject in sorted({use.subject_sha256, about} - {""})])
    return replace(facts, requesters=facts.requesters | {person})


def _requesters(tx: Transaction, row: DecisionRow) -> set[str]:
    subjects = {row.subject_sha256, row.about} - {""}
    return {item.person for subject in sorted(subjects) for item in tx.find(Requester, subject=subject)}


def _mark_takes(tx: Transaction, event: ConsentEvent) -> None:
    for use in tx.find(LikenessUse, grant=event.grant):
        if use.status != "revoked":
            tx.replace(replace(use, status="revoked", reason=event.reason))


def _known_role(role: str) -> None:
    if role not in ROLES:
        raise ClearanceRefused(f"'{role}' is not a role that approves", remedy=f"roles are {', '.join(ROLES)}")


def _named(person: str, what: str) -> str:
    if not person_key(person):
        raise ClearanceRefused(f"{what} needs a name", remedy="state --person 'First Last'")
    return " ".join(person.split())


def _by_gate(tx: Transaction, subject: str) -> dict[str, DecisionRow]:
    return {row.gate: row for row in tx.decided(subject)}


def _latest(tx: Transaction, subject: str, gate: str) -> DecisionRow | None:
    rows = tx.decided(subject, gate)
    return rows[-1] if rows else None


def _findings(row: DecisionRow) -> list[dict[str, object]]:
    return list(row.body["decision"]["findings"])


def _holding(row: DecisionRow) -> set[str]:
    return {str(finding["rule"]) for finding in _findings(row) if finding["outcome"] != Outcome.ALLOW.value}


def _roles(row: DecisionRow) -> tuple[str, ...]:
    return tuple(dict.fromkeys(role for finding in row.body["decision"]["findings"] for role in finding["roles"]))


def _explained(gate: str, row: DecisionRow, tx: Transaction) -> list[str]:
    when = row.body["decision"]["decided_at"]
    if row.outcome == Outcome.ALLOW.value:
        return [f"The {gate} gate opened at {when} (log entry {row.sequence})."]
    given = _given(tx, row)
    lines = []
    for finding in row.body["decision"]["findings"]:
        if finding["outcome"] == Outcome.ALLOW.value:
            continue
        line = f"{gate}, {finding['rule']}: {finding['reason']}."
        if finding["clause"]:
            line += f" Barred by: {finding['clause']}."
        if finding["missing"]:
            line += f" Missing: {', '.join(finding['missing'])}."
        waiting = [role for role in finding["roles"] if role not in given]
        if waiting:
            line += f" Waits for: {', '.join(waiting)}."
        elif finding["roles"]:
            line += " Approved since: ask the gate again."
        if finding["remedy"]:
            line += f" To mend it: {finding['remedy']}."
        lines.append(line)
    return lines
