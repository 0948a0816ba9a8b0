"""Rules G1 to G8: every generative use is declared, answered for, and approved by whom it concerns.

Source N is Netflix' partner guidance "Using Generative AI in Content Production" (2025-11-11), read in the original.
"""

from __future__ import annotations

from setpiece.clearance.rules.rule import Case, Rule, allow, block, needs
from setpiece.clearance.use import ACTIONS, PRINCIPLES, PROMINENCES, PURPOSES, Declaration
from setpiece.core.clearance import Finding

FINAL = "approved for the final picture"


def _g1(case: Case) -> tuple[Finding, ...]:
    declared = case.use.declaration
    if declared is None:
        return (
            block(
                "G1",
                "the use is not declared",
                "fill in the section 'declaration' of the brief",
                missing=("declaration",),
            ),
        )
    missing = tuple(
        f"declaration.{name}" for name in ("purpose", "final", "requester") if getattr(declared, name) in (None, "")
    )
    if missing:
        words = ", ".join(name.removeprefix("declaration.") for name in missing)
        return (block("G1", f"the declaration lacks {words}", f"fill in {', '.join(missing)} in the brief", missing=missing),)
    if declared.purpose not in PURPOSES:
        return (block("G1", f"the purpose '{declared.purpose}' is not known", f"declare one of {', '.join(PURPOSES)}"),)
    if not isinstance(declared.final, bool):
        return (block("G1", "'final' is neither true nor false", "write declaration.final: true or false"),)
    if case.use.action not in ACTIONS:
        return (block("G1", f"the action '{case.use.action}' is not known", f"state one of {', '.join(ACTIONS)}"),)
    return allow("G1", f"declared by {declared.requester}: {declared.purpose}, {_final_word(declared)}")


def _g2(case: Case) -> tuple[Finding, ...]:
    declared = case.use.declaration
    if declared is None:
        return ()  # G1 has blocked
    answers = dict(declared.answers)
    missing = [name for name in PRINCIPLES if answers.get(name) not in ("yes", "no", "unsure")]
    if missing:
        keys = tuple(f"declaration.principles.{name}" for name in missing)
        return (
            block(
                "G2",
                f"unanswered: {'; '.join(PRINCIPLES[name] for name in missing)}",
                f"answer yes, no or unsure to {', '.join(keys)}",
                missing=keys,
            ),
        )
    if len(answers) != len(declared.answers):
        return (block("G2", "a principle is answered twice", "answer each principle once"),)
    if declared.final and answers["output_temporary"] == "yes":
        return (
            block(
                "G2",
                "declared both as final and as temporary",
                "set declaration.principles.output_temporary: no, or declaration.final: false",
            ),
        )
    doubtful = [f"{PRINCIPLES[name]}: {answers[name]}" for name in PRINCIPLES if answers[name] != "yes"]
    if doubtful:
        return needs(case, "G2", "; ".join(doubtful), ("studio",))
    return allow("G2", "all five principles are answered with yes")


def _g3(case: Case) -> tuple[Finding, ...]:
    declared = case.use.declaration
    if declared is None or not case.low_risk or case.use.persons:
        return ()
    if any(found.status != "nobody" for found in case.use.likenesses):
        return ()
    if any(dict(declared.answers).get(name) != "yes" for name in PRINCIPLES):
        return ()
    return allow("G3", f"{declared.purpose}, not final: low risk")


def _g4(case: Case) -> tuple[Finding, ...]:
    declared = case.use.declaration
    if declared is None or declared.final is None:
        return ()  # G1 has blocked
    if declared.final is False:
        return allow("G4", "temporary, not for final")
    if case.use.gate == "admit":
        return allow("G4", "meant for the final picture: studio and legal must approve the take before it leaves")
    return needs(case, "G4", "a use in the final picture", ("studio", "legal"), approved=FINAL)


def _g5(case: Case) -> tuple[Finding, ...]:
    declared = case.use.declaration
    if declared is None or case.low_risk:
        return ()
    if declared.prominence not in PROMINENCES:
        return (
            block(
                "G5",
                "nobody declared whether this is a key character, visual or setting",
                f"set declaration.prominence to one of {', '.join(PROMINENCES)}",
                missing=("declaration.prominence",),
            ),
        )
    if declared.prominence != "key":
        return ()
    return needs(case, "G5", "a key character, key visual or key setting", ("studio",))


def _g6(case: Case) -> tuple[Finding, ...]:
    declared = case.use.declaration
    if declared is None or not case.final or declared.prominence == "key":
        return ()
    if declared.prominence == "story":
        return needs(case, "G6", "an element that matters to the story", ("studio",))
    if declared.prominence in ("incidental", "background"):
        return needs(case, "G6", "an incidental element on camera in the final picture", ("vfx_supervisor",))
    return (
        block(
            "G6",
            "nobody declared how prominent the element is",
            f"set declaration.prominence to one of {', '.join(PROMINENCES)}",
            missing=("declaration.prominence",),
        ),
    )


def _g7(case: Case) -> tuple[Finding, ...]:
    declared = case.use.declaration
    if declared is None or case.low_risk:
        return ()
    if declared.real_event is None:
        return (
            block(
                "G7",
                "nobody declared whether the picture could be taken for a real event or person",
                "set declaration.real_event: true or false",
                missing=("declaration.real_event",),
            ),
        )
    if declared.real_event is False:
        return allow("G7", "declared: cannot be taken for a real event or person")
    return needs(case, "G7", "the picture could be taken for a real event or person", ("legal",))


def _g8(case: Case) -> tuple[Finding, ...]:
    declared = case.use.declaration
    if declared is None or case.low_risk:
        return ()
    displaced = declared.union_work_displaced
    if displaced is None:
        return (
            block(
                "G8",
                "nobody declared whether union work is displaced",
                "set declaration.union_work_displaced: true or false",
                missing=("declaration.union_work_displaced",),
            ),
        )
    if displaced is False:
        return allow("G8", "declared: no union work is displaced")
    agreement = None if case.facts.production is None else case.facts.production.union_agreement
    if agreement is None:
        return (
            block(
                "G8",
                "union work is displaced, and nobody recorded whether it is under an agreement here",
                "record production.union_agreement: true or false",
                missing=("production.union_agreement",),
            ),
        )
    under = "under a union agreement" if agreement else "without a union agreement"
    return needs(case, "G8", f"union work is displaced, {under}", ("guild_liaison",))


def _final_word(declaration: Declaration) -> str:
    return "meant for the final picture" if declaration.final else "not final"


RULES = (
    Rule(
        id="G1",
        family="generative",
        sentence="Every generative use is declared before it runs.",
        source="N",
        confidence="P",
        outcome="BLOCK",
        remedy="declare purpose, final and requester in the brief",
        test=_g1,
    ),
    Rule(
        id="G2",
        family="generative",
        sentence="The five principles are answered; any no or unsure goes to the studio.",
        source="N",
        confidence="P",
        outcome="NEEDS(studio)",
        remedy="answer the five principles; where one is no or unsure, ask the studio",
        gates=("admit",),
        test=_g2,
    ),
    Rule(
        id="G3",
        family="generative",
        sentence="Ideation is low risk where all five principles hold.",
        source="N",
        confidence="P",
        outcome="ALLOW",
        remedy="nothing to do",
        gates=("admit",),
        test=_g3,
    ),
    Rule(
        id="G4",
        family="generative",
        sentence="A use in a final deliverable needs the written approval of studio and legal.",
        source="N",
        confidence="P",
        outcome="NEEDS(studio, legal)",
        remedy="have studio and legal approve the take",
        test=_g4,
    ),
    Rule(
        id="G5",
        family="generative",
        sentence="Key characters, key visuals and key settings need the studio's approval.",
        source="N",
        confidence="P",
        outcome="NEEDS(studio)",
        remedy="declare the prominence; where it is key, ask the studio",
        test=_g5,
    ),
    Rule(
        id="G6",
        family="generative",
        sentence="An incidental element in the final picture needs the VFX supervisor; one of the story, the studio.",
        source="N",
        confidence="P",
        outcome="NEEDS(vfx_supervisor | studio)",
        remedy="declare the prominence and ask the VFX supervisor, or the studio",
        test=_g6,
    ),
    Rule(
        id="G7",
        family="generative",
        sentence="What could be taken for a real event or person needs legal.",
        source="N",
        confidence="P",
        outcome="NEEDS(legal)",
        remedy="declare whether it could be taken for real; where it could, ask legal",
        test=_g7,
    ),
    Rule(
        id="G8",
        family="generative",
        sentence="Where union work is displaced, the guild liaison approves.",
        source="N",
        confidence="P",
        outcome="NEEDS(guild_liaison)",
        remedy="record the union agreement and ask the guild liaison",
        test=_g8,
    ),
)
