"""What ``setpiece models`` says of a model: all that is on record, and what the rules say of it today."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from setpiece.commands.clearance_desk import Room, standing, subject_of
from setpiece.core.errors import BriefError

if TYPE_CHECKING:
    from setpiece.clearance.model_cards import ModelCard
    from setpiece.clearance.records import Model
    from setpiece.core.clearance import Finding

_RULES = ("M1", "M4", "M6")  # what a model is held to before it makes a pixel
_GIB = 1024**3


def told_of(here: Room, model: Model, card: ModelCard | None, shot: Path | None = None) -> dict[str, Any]:
    """All that is known of a model, and what the rules say of it today."""
    from setpiece.clearance.lineage import lacking
    from setpiece.clearance.model_cards import is_withdrawn, shown
    from setpiece.clearance.records import Dataset, Facts, Licence
    from setpiece.clearance.records import Model as Record

    findings = _ruled(here, model, shot)
    stops = [_stop(finding) for finding in findings if finding.outcome.value != "ALLOW"]
    with here.read() as tx:
        facts = Facts(models=tx.find(Record), datasets=tx.find(Dataset), licences=tx.find(Licence))
        licence = next((item for item in facts.licences if item.id == model.licence), None)
    seen = shown(card)
    return {
        "id": model.weights_sha256,
        "name": model.name,
        "version": model.version,
        "licence": model.licence,
        "base": model.base,
        "datasets": list(model.datasets),
        "status": "withdrawn" if is_withdrawn(model) else "registered",
        "withdrawn": licence.grantor if licence is not None and is_withdrawn(model) else "",
        "lineage": "incomplete" if lacking(model.weights_sha256, facts) else "complete",
        "lacks": list(lacking(model.weights_sha256, facts)),
        "would_load": not stops,
        "stopped_by": stops,
        "overridden": [finding.overridden_by for finding in findings if finding.overridden_by],
        "path": seen.get("path"),
        "bytes": seen.get("bytes"),
        "template": seen.get("template", ""),
        "engine": seen.get("engine", ""),
        "family": seen.get("family", ""),
        "controls": seen.get("controls", []),
        "memory_bytes": seen.get("memory_bytes"),
        "memory_note": seen.get("memory_note", ""),
        "never_loaded": seen.get("never_loaded", []),
        "story": seen.get("story", []),
    }


def _ruled(here: Room, model: Model, shot: Path | None) -> tuple[Finding, ...]:
    """What the rules for models say of this one; for a shot with what was overridden there."""
    from setpiece.clearance.gates import foresee
    from setpiece.clearance.use import UseRequest

    subject, about = "", ""
    if shot is not None:
        about, _ = subject_of(shot)
        with here.read() as tx:
            rows = standing(tx, about)
        if not rows:
            raise BriefError(f"no gate was asked about '{about}' yet", remedy=f"run it once: setpiece run {about}")
        holding = [row for row in rows if row.outcome != "ALLOW"]
        subject = (holding or rows)[-1].subject_sha256
    use = UseRequest(
        gate="admit", subject_sha256=subject, production=here.home.production, models=(model.weights_sha256,)
    )  # fmt: skip
    decision = foresee(use, office=here.office, now=here.now, about=about)
    return tuple(finding for finding in decision.findings if finding.rule in _RULES)


def _stop(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "outcome": finding.outcome.value,
        "reason": finding.reason,
        "remedy": finding.remedy,
        "clause": finding.clause,
        "missing": list(finding.missing),
    }


def lines_of(told: dict[str, Any]) -> list[str]:
    """A model for people."""
    needs = "unknown" if told["memory_bytes"] is None else f"{told['memory_bytes'] / _GIB:.1f} GB"
    lines = [f"{told['name']} {told['version']}".rstrip() + f", weights {told['id']}"]
    lines += [told["withdrawn"]] if told["withdrawn"] else []
    lines += [f"can: {told['family'] or 'no family stated'}, {', '.join(told['controls']) or 'no controls'}; needs: {needs}"]
    lines += [f"never loaded, as it could run code: {', '.join(told['never_loaded'])}"] if told["never_loaded"] else []
    lines += [f"{stop['rule']} stops it: {stop['reason']}{_clause(stop)}" for stop in told["stopped_by"]]
    lines += [f"  lacks: {what}" for what in told["lacks"]]
    lines += [f"overridden by {who}" for who in told["overridden"]]
    return [*lines, "it would load" if told["would_load"] else f"it does not load; {remedies_of(told)}"]


def _clause(stop: dict[str, Any]) -> str:
    return f" ({stop['clause']})" if stop["clause"] else ""


def remedies_of(told: dict[str, Any]) -> str:
    """The way out of each rule that stops it."""
    if told["status"] == "withdrawn":
        return "use another model, or add it again and say why: setpiece models add PATH --again REASON"
    ways = "; ".join(dict.fromkeys(_way(stop, told) for stop in told["stopped_by"]))
    return f"{ways}; or the studio answers for it, shot by shot: setpiece clear override SHOT" if ways else "check its weights"


def _way(stop: dict[str, Any], told: dict[str, Any]) -> str:
    """The rule's own remedy, or the option of ``add`` that is nearer at hand."""
    if stop["clause"].startswith("licence.first_day: not stated") and told["template"]:
        return "read the licence and state since when you hold it: setpiece models add PATH --template ID --licensed-from DAY"
    if stop["rule"] == "M6" and stop["missing"]:
        return "find out and state: setpiece models add PATH --performances yes|no --public yes|no"
    return str(stop["remedy"])


def in_short(row: dict[str, Any]) -> str:
    """Withdrawn, stopped or free, in half a line."""
    if row["withdrawn"]:
        return str(row["withdrawn"])
    return "would load" if row["would_load"] else f"stopped by {', '.join(stop['rule'] for stop in row['stopped_by'])}"
