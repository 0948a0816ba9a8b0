"""Rule A1: who asks does not approve. That an approval binds to the hashes it saw stands in :func:`.rule.approvers`."""

from __future__ import annotations

from setpiece.clearance.names import person_key
from setpiece.clearance.rules.rule import Case, Rule, allow, block, requesters
from setpiece.core.clearance import Finding


def _a1(case: Case) -> tuple[Finding, ...]:
    concerned = sorted(
        (
            item
            for item in case.facts.approvals
            if item.gate == case.use.gate and item.subject_sha256 == case.use.subject_sha256
        ),
        key=lambda item: (item.role, item.person, item.at),
    )
    if not concerned:
        return ()
    asked = requesters(case)
    if not asked:
        return (
            block(
                "A1",
                "it is not known who asked, so nobody can be told apart from the approvers",
                "declare the requester",
                missing=("declaration.requester",),
            ),
        )
    own = [item for item in concerned if person_key(item.person) in asked]
    if own:
        return (
            block(
                "A1",
                f"{own[0].person} asked for the shot and approved it as {own[0].role}",
                "make a new version and have somebody else approve it",
            ),
        )
    return allow("A1", "nobody who asked for it approved it")


RULES = (
    Rule(
        id="A1",
        family="approval",
        sentence="Who asks does not approve; an approval binds to the hashes it saw.",
        source="house",
        confidence="house",
        outcome="BLOCK",
        remedy="have somebody approve who never asked for the shot",
        test=_a1,
    ),
)
