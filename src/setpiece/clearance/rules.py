"""The rules of both gates, as data and typed pure functions: facts in, findings out.

Place in the flow: :mod:`.gates` asks here before the first pixel (``admit``) and before the last (``release``). A rule
that lacks its data blocks. Nothing here reads a file, a flag, an environment variable or a clock, and there is no way
to leave a rule out. Not legal advice, and no claim of compliance with anything.

Sources: N is Netflix' partner guidance "Using Generative AI in Content Production" (2025-11-11), read in the original.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from setpiece.core.clearance import Decision, Finding, Outcome

PRINCIPLES = {
    "no_unowned_material": "nothing that others own is substantially recreated",
    "tools_keep_nothing": "the tools neither store, reuse nor train on production data",
    "enterprise_secured": "the tools run in a secured environment",
    "output_temporary": "the output is temporary, not part of the final picture",
    "no_talent_replaced": "no performance or union work is replaced without consent",
}
LOW_RISK = ("ideation", "moodboard", "previs")
PURPOSES = (*LOW_RISK, "shot")
ROLES = ("studio", "legal")
FINAL = "approved for the final picture"


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
    real_event: bool | None = None
    notes: str = ""

    @property
    def sha256(self) -> str:
        """Hash of everything declared."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A named person's yes, in a role, to one subject as it was: any change of the subject makes it void."""

    role: str
    person: str
    gate: str
    subject_sha256: str
    at: str  # RFC 3339, UTC
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a rule may look at. ``requesters`` is everybody who ever asked for this shot, by the record."""

    gate: str
    subject_sha256: str
    declaration: Declaration | None
    approvals: tuple[Approval, ...] = ()
    requesters: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: what it says, where it comes from, at which gates it speaks, and the function that rules.

    ``confidence``: P, the primary text was read; S, secondary source, counsel to confirm; house, our own.
    ``test`` returns None where the rule does not apply.
    """

    id: str
    sentence: str
    source: str
    confidence: str
    gates: tuple[str, ...]
    test: Callable[[Facts], Finding | None] = field(compare=False)


def _g1(facts: Facts) -> Finding | None:
    declared = facts.declaration
    if declared is None:
        return _block("G1", "the use is not declared", "fill in the section 'declaration' of the brief")
    missing = [name for name in ("purpose", "final", "requester") if getattr(declared, name) in (None, "")]
    if missing:
        names = ", ".join(f"declaration.{name}" for name in missing)
        return _block("G1", f"the declaration lacks {', '.join(missing)}", f"fill in {names} in the brief")
    if declared.purpose not in PURPOSES:
        return _block("G1", f"the purpose '{declared.purpose}' is not known", f"declare one of {', '.join(PURPOSES)}")
    if not isinstance(declared.final, bool):
        return _block("G1", "'final' is neither true nor false", "write declaration.final: true or false")
    return _allow("G1", f"declared by {declared.requester}: {declared.purpose}, {_final_word(declared)}")


def _g2(facts: Facts) -> Finding | None:
    if facts.declaration is None:
        return None  # G1 has blocked
    answers = dict(facts.declaration.answers)
    missing = [name for name in PRINCIPLES if answers.get(name) not in ("yes", "no", "unsure")]
    if missing:
        return _block(
            "G2",
            f"unanswered: {'; '.join(PRINCIPLES[name] for name in missing)}",
            f"answer yes, no or unsure to {', '.join(f'declaration.principles.{name}' for name in missing)}",
        )
    if facts.declaration.final and answers["output_temporary"] == "yes":
        return _block(
            "G2",
            "declared both as final and as temporary",
            "set declaration.principles.output_temporary: no, or declaration.final: false",
        )
    doubtful = [f"{PRINCIPLES[name]}: {answers[name]}" for name in PRINCIPLES if answers[name] != "yes"]
    if doubtful:
        return _needs("G2", "; ".join(doubtful), ("studio",), facts)
    return _allow("G2", "all five principles are answered with yes")


def _g3(facts: Facts) -> Finding | None:
    declared = facts.declaration
    if declared is None or declared.purpose not in LOW_RISK or declared.final is not False:
        return None
    if any(dict(declared.answers).get(name) != "yes" for name in PRINCIPLES):
        return None
    return _allow("G3", f"{declared.purpose}, not final: low risk")


def _g4(facts: Facts) -> Finding | None:
    if facts.declaration is None or facts.declaration.final is None:
        return None  # G1 has blocked
    if facts.declaration.final is False:
        return _allow("G4", "temporary, not for final")
    if facts.gate == "admit":
        return _allow("G4", "meant for the final picture: studio and legal must approve the take before it leaves")
    return _needs("G4", "a use in the final picture", ("studio", "legal"), facts, approved=FINAL)


def _a1(facts: Facts) -> Finding | None:
    own = [item for item in facts.approvals if _concerns(item, facts) and person_key(item.person) in facts.requesters]
    if not own:
        return None
    return _block(
        "A1",
        f"{own[0].person} asked for the shot and approved it as {own[0].role}",
        "make a new version and have somebody else approve it",
    )


RULES = (
    Rule(
        id="G1",
        sentence="Every generative use is declared before it runs.",
        source="N",
        confidence="P",
        gates=("admit", "release"),
        test=_g1,
    ),
    Rule(
        id="G2",
        sentence="The five principles are answered; any no or unsure goes to the studio.",
        source="N",
        confidence="P",
        gates=("admit",),
        test=_g2,
    ),
    Rule(
        id="G3",
        sentence="Ideation is low risk where all five principles hold.",
        source="N",
        confidence="P",
        gates=("admit",),
        test=_g3,
    ),
    Rule(
        id="G4",
        sentence="A use in a final deliverable needs the written approval of studio and legal.",
        source="N",
        confidence="P",
        gates=("admit", "release"),
        test=_g4,
    ),
    Rule(
        id="A1",
        sentence="Who asks does not approve; an approval binds to the hashes it saw.",
        source="house",
        confidence="house",
        gates=("admit", "release"),
        test=_a1,
    ),
)


def decide(facts: Facts, *, decided_at: str) -> Decision:
    """What the rules say about ``facts``: every rule that fired, and the strictest outcome of all.

    BLOCK outranks NEEDS outranks ALLOW; where no rule fired at all, the outcome is BLOCK. Pure.
    """
    findings = tuple(finding for rule in RULES if facts.gate in rule.gates and (finding := rule.test(facts)) is not None)
    outcomes = {finding.outcome for finding in findings}
    for outcome in (Outcome.BLOCK, Outcome.NEEDS, Outcome.ALLOW):
        if outcome in outcomes:
            break
    else:
        outcome = Outcome.BLOCK
    return Decision(
        gate=facts.gate,
        subject_sha256=facts.subject_sha256,
        policy_sha256=policy_sha256(),
        outcome=outcome,
        findings=findings,
        decided_at=decided_at,
    )


def policy_sha256() -> str:
    """Hash of the rules in force, their code included."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def person_key(name: str) -> str:
    """A name as it is compared: letter forms, case and spaces do not make another person."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _concerns(approval: Approval, facts: Facts) -> bool:
    return approval.gate == facts.gate and approval.subject_sha256 == facts.subject_sha256


def _needs(rule: str, reason: str, roles: tuple[str, ...], facts: Facts, *, approved: str = "approved") -> Finding:
    """NEEDS, or ALLOW where everybody asked for has approved this very subject."""
    given = {item.role: item.person for item in facts.approvals if _concerns(item, facts)}
    missing = tuple(role for role in roles if role not in given)
    if not missing:
        return _allow(rule, f"{approved} by {', '.join(f'{given[role]} ({role})' for role in roles)}")
    return Finding(
        rule=rule,
        outcome=Outcome.NEEDS,
        reason=reason,
        remedy=f"ask {' and '.join(missing)}: each runs 'setpiece approve SHOT --role ROLE --person NAME'",
        roles=missing,
    )


def _block(rule: str, reason: str, remedy: str) -> Finding:
    return Finding(rule=rule, outcome=Outcome.BLOCK, reason=reason, remedy=remedy)


def _allow(rule: str, reason: str) -> Finding:
    return Finding(rule=rule, outcome=Outcome.ALLOW, reason=reason)


def _final_word(declaration: Declaration) -> str:
    return "meant for the final picture" if declaration.final else "not final"
