"""Rules D1 to D3: tools keep nothing, sensitive things stay secured, and every step of a job passes.

Source N is Netflix' partner guidance "Using Generative AI in Content Production" (2025-11-11), read in the original.
"""

from __future__ import annotations

from setpiece.clearance.rules.rule import Case, Rule, allow, block, needs
from setpiece.core.clearance import Finding, Outcome

SENSITIVITIES = ("none", "proprietary", "personal")


def _d1(case: Case) -> tuple[Finding, ...]:
    return tuple(
        found
        for tool in sorted((item for item in case.use.tools if item.external), key=lambda item: item.name)
        for found in _d1_of(tool.name, _d1_missing(tool), tool.retains_inputs, tool.trains_on_inputs)
    )


def _d1_missing(tool: object) -> tuple[str, ...]:
    names = ("contract_tier", "terms_sha256", "retains_inputs", "trains_on_inputs")
    return tuple(f"tool.{name}" for name in names if getattr(tool, name) in (None, ""))


def _d1_of(name: str, missing: tuple[str, ...], retains: bool | None, trains: bool | None) -> tuple[Finding, ...]:
    if retains or trains:
        what = " and ".join((*(("keeps",) if retains else ()), *(("trains on",) if trains else ())))
        return (block("D1", f"{name} {what} what it is given", "use a tool whose terms rule that out"),)
    if missing:
        return (
            block(
                "D1",
                f"nobody recorded whether {name} keeps or trains on what it is given",
                f"record {', '.join(missing)}",
                missing=missing,
            ),
        )
    return allow("D1", f"{name} neither keeps nor trains on what it is given, by its terms")


def _d2(case: Case) -> tuple[Finding, ...]:
    leaving = sorted((item for item in case.use.tools if item.external), key=lambda item: item.name)
    if not leaving:
        return ()  # nothing leaves the production's own machines
    if not case.use.inputs:
        return (
            block(
                "D2",
                f"nobody stated what {leaving[0].name} is given",
                "state every input, the prompt included, and how sensitive it is",
                missing=("input",),
            ),
        )
    unknown = sorted(item.name for item in case.use.inputs if item.sensitivity not in SENSITIVITIES)
    if unknown:
        return (
            block(
                "D2",
                f"nobody recorded how sensitive {', '.join(unknown)} is",
                f"record the sensitivity: {', '.join(SENSITIVITIES)}",
                missing=("input.sensitivity",),
            ),
        )
    sensitive = sorted(f"{item.name} ({item.sensitivity})" for item in case.use.inputs if item.sensitivity != "none")
    if not sensitive:
        return ()
    if any(item.enterprise is not True for item in leaving):
        names = [item.name for item in leaving if item.enterprise is not True]
        missing = ("tool.enterprise",) if any(item.enterprise is None for item in leaving) else ()
        return (
            block(
                "D2",
                f"{', '.join(sensitive)} would go to {', '.join(names)}, which is not enterprise-secured",
                "use an enterprise-secured tool, or the production's own machines",
                missing=missing,
            ),
        )
    names = [item.name for item in leaving]
    return needs(case, "D2", f"{', '.join(sensitive)} goes to {', '.join(names)}, enterprise-secured", ("studio",))


def _d3(case: Case) -> tuple[Finding, ...]:
    if not case.use.steps:
        return ()
    undecided = sorted(item.name for item in case.use.steps if not item.outcome)
    if undecided:
        return (block("D3", f"no decision on {', '.join(undecided)}", "have every step decided", missing=("step.outcome",)),)
    failed = sorted(f"{item.name}: {item.outcome}" for item in case.use.steps if item.outcome != Outcome.ALLOW.value)
    if failed:
        return (block("D3", f"not every step passes: {', '.join(failed)}", "mend the step, or leave it out"),)
    return allow("D3", f"all {len(case.use.steps)} steps pass")


RULES = (
    Rule(
        id="D1",
        family="data",
        sentence="A tool neither retains nor trains on what it is given.",
        source="N",
        confidence="P",
        outcome="BLOCK",
        remedy="record the contract's tier and terms, or use another tool",
        test=_d1,
    ),
    Rule(
        id="D2",
        family="data",
        sentence="Proprietary or personal material goes to enterprise-secured tools only, with the studio's approval.",
        source="N",
        confidence="P",
        outcome="NEEDS(studio); BLOCK where not secured",
        remedy="use an enterprise-secured tool and ask the studio",
        test=_d2,
    ),
    Rule(
        id="D3",
        family="data",
        sentence="Every step of a job of several steps passes.",
        source="N",
        confidence="P",
        outcome="BLOCK",
        remedy="have every step decided and passed",
        test=_d3,
    ),
)
