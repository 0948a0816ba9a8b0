"""The table of all rules of both gates, in the order in which a decision lists them. There is no way to leave one out.

Each family is a module; :func:`..decide.decide` applies them. The project's encoding of its sources, not legal advice:
rules whose confidence is S rest on secondary sources, counsel to confirm.
"""

from __future__ import annotations

from setpiece.clearance.records import Approval as Approval
from setpiece.clearance.rules import (
    approval,
    biometrics,
    consent,
    data,
    disclosure,
    generative,
    likeness,
    models,
    pay,
    performers,
)
from setpiece.clearance.rules.rule import Case as Case
from setpiece.clearance.rules.rule import Rule as Rule

RULES: tuple[Rule, ...] = (
    *generative.RULES,
    *data.RULES,
    *models.RULES,
    *consent.RULES,
    *performers.RULES,
    *likeness.RULES,
    *pay.RULES,
    *biometrics.RULES,
    *disclosure.RULES,
    *approval.RULES,
)
