"""Rules T1 to T4: what leaves is signed, marked where that is a duty, and tells its audience what it is.

Sources: Art. 50 of the EU AI Act with the code of practice, and New York's GBL 396-b (secondary sources, counsel to
confirm); C2PA, read in the original. All four speak at the release of what is meant for the final picture.
"""

from __future__ import annotations

from datetime import date

from setpiece.clearance.rules.places import touches
from setpiece.clearance.rules.rule import Case, Rule, allow, block
from setpiece.clearance.use import Export
from setpiece.core.clearance import Finding

ARTICLE_50_FIRST_DAY = date(2026, 8, 2)
MARKING_FIRST_DAY = date(2026, 12, 2)  # for systems that were on the market before Art. 50 applied
NEW_YORK_FIRST_DAY = date(2026, 6, 9)
BY_MODELS = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")
WITHOUT_MODELS = ("composite", "algorithmicMedia", "algorithmicallyEnhanced", "digitalCapture", "digitalCreation")
SOUND_INPUTS = ("none", "valid", "trusted")


def _released(case: Case, rule: str, place: str | None = None) -> tuple[Export | None, tuple[Finding, ...]]:
    """What leaves for the final picture, to ``place`` where one is given; else None, and what is missing to know it."""
    export = case.use.export
    if not case.final:
        return None, ()
    if export is None:
        return None, (block(rule, "nobody stated what leaves, and where it goes", "state the export", missing=("export",)),)
    if place is None:
        return export, ()
    if not export.territories:
        return None, (block(rule, "nobody stated where it goes", "state its territories", missing=("export.territories",)),)
    return (export, ()) if touches(export.territories, place) else (None, ())


def _in_transition(case: Case, export: Export) -> bool:
    """Whether the system was on the market before Art. 50 applied, and its marking may wait until 2026-12-02."""
    since = export.on_market_since
    return since is not None and since < ARTICLE_50_FIRST_DAY and max(case.days) < MARKING_FIRST_DAY


def _t1(case: Case) -> tuple[Finding, ...]:
    export, missing = _released(case, "T1")
    if export is None:
        return missing
    spoilt = sorted(f"{item.name}: {item.credential}" for item in case.use.inputs if item.credential not in SOUND_INPUTS)
    if spoilt:
        unread = any(item.credential is None for item in case.use.inputs)
        return (
            block(
                "T1",
                f"an input's Content Credential was not validated, or does not hold: {', '.join(spoilt)}",
                "ingest the input again, from a source whose credential holds",
                missing=("input.credential",) if unread else (),
            ),
        )
    if _in_transition(case, export):
        return allow("T1", f"on the market since {export.on_market_since}: marking is due from {MARKING_FIRST_DAY}")
    return _signed(case, export)


def _signed(case: Case, export: Export) -> tuple[Finding, ...]:
    missing = tuple(f"export.{name}" for name in ("credential", "source_type") if not getattr(export, name))
    if missing:
        return (
            block(
                "T1",
                "what leaves carries no signed Content Credential with a digital source type",
                "sign it with the production's certificate",
                missing=missing,
            ),
        )
    if export.credential != "trusted":
        return (
            block(
                "T1",
                f"the Content Credential of what leaves reads '{export.credential}', not 'trusted'",
                "sign it with a certificate on the trust list, and change nothing afterwards",
            ),
        )
    known = BY_MODELS if case.use.models else (*BY_MODELS, *WITHOUT_MODELS)
    if export.source_type not in known:
        return (
            block(
                "T1",
                f"the digital source type '{export.source_type}' does not say how it was made",
                f"state one of {', '.join(known)}",
            ),
        )
    return allow("T1", f"signed, trusted, {export.source_type}")


def _t2(case: Case) -> tuple[Finding, ...]:
    export = case.use.export
    if case.final and export is not None and case.policy.required_soft_binding and not export.soft_binding:
        return (_unmarked(f"the policy '{case.policy.name}' asks for a watermark"),)
    export, missing = _released(case, "T2", "EU")
    if export is None:
        return missing
    if export.provider_duty is None:
        return (
            block(
                "T2",
                "nobody stated whether the duty of a provider applies in the EU",
                "state export.provider_duty: true or false; counsel to confirm",
                missing=("export.provider_duty",),
            ),
        )
    if export.provider_duty is False:
        said = "declared: no provider's duty in the EU"
    elif export.soft_binding:
        said = f"watermarked: {export.soft_binding}"
    elif _in_transition(case, export):
        said = f"on the market since {export.on_market_since}: marking is due from {MARKING_FIRST_DAY}"
    else:
        return (_unmarked("the provider's duty applies in the EU, and there is no watermark"),)
    return allow("T2", said)


def _unmarked(reason: str) -> Finding:
    return block("T2", reason, "embed a watermark and record its soft binding", missing=("export.soft_binding",))


def _t3(case: Case) -> tuple[Finding, ...]:
    export, missing = _released(case, "T3", "EU")
    if export is None:
        return missing
    if export.deepfake is None:
        return (block("T3", "nobody stated whether it is a deepfake", "state export.deepfake", missing=("export.deepfake",)),)
    if export.deepfake is False:
        return allow("T3", "declared: no deepfake")
    return _disclosed(case, "T3", "deepfake", "in fiction, where it does not hamper the enjoyment of the work")


def _disclosed(case: Case, rule: str, kind: str, where: str) -> tuple[Finding, ...]:
    told = [item for item in case.facts.disclosures if item.kind == kind and item.production == case.use.production]
    if not told:
        return (
            block(
                rule,
                f"no disclosure ({kind}) is on record",
                f"record the text and where it stands, {where}",
                missing=("disclosure",),
            ),
        )
    whole = [item for item in told if item.text.strip() and item.placement.strip()]
    if not whole:
        missing = tuple(
            f"disclosure.{name}" for name in ("text", "placement") if not any(getattr(item, name).strip() for item in told)
        )
        return (
            block(
                rule,
                f"the disclosure ({kind}) lacks its text or its place",
                f"record the text and where it stands, {where}",
                missing=missing or ("disclosure.text", "disclosure.placement"),
            ),
        )
    placed = min(item.placement for item in whole)
    return allow(rule, f"disclosed: {placed}")


def _t4(case: Case) -> tuple[Finding, ...]:
    export, missing = _released(case, "T4", "US-NY")
    if export is None:
        return missing
    if export.advertisement is None:
        return (
            block(
                "T4",
                "nobody stated whether it is an advertisement",
                "state export.advertisement",
                missing=("export.advertisement",),
            ),
        )
    if export.advertisement is False or not case.use.synthetics:
        return allow("T4", "no synthetic performer in an advertisement")
    if export.expressive or export.audio_only:
        return allow("T4", "exempt: " + ("for an expressive work" if export.expressive else "audio only"))
    return _disclosed(case, "T4", "synthetic_performer", "conspicuously in the advertisement")


RULES = (
    Rule(
        id="T1",
        family="disclosure",
        sentence="What leaves carries signed, trusted Content Credentials with the right digital source type.",
        source="Art. 50, C2PA",
        confidence="S",
        outcome="BLOCK",
        remedy="sign it with a certificate on the trust list; counsel to confirm",
        gates=("release",),
        effective_from=ARTICLE_50_FIRST_DAY,
        test=_t1,
    ),
    Rule(
        id="T2",
        family="disclosure",
        sentence="Where the duty of a provider applies in the EU, what leaves carries a watermark too.",
        source="EU code of practice",
        confidence="S",
        outcome="BLOCK",
        remedy="embed a watermark; counsel to confirm",
        gates=("release",),
        effective_from=ARTICLE_50_FIRST_DAY,
        test=_t2,
    ),
    Rule(
        id="T3",
        family="disclosure",
        sentence="A deepfake that is released in the EU is disclosed, in fiction without hampering the work.",
        source="Art. 50(4)",
        confidence="S",
        outcome="BLOCK",
        remedy="record the disclosure and where it stands; counsel to confirm",
        gates=("release",),
        effective_from=ARTICLE_50_FIRST_DAY,
        test=_t3,
    ),
    Rule(
        id="T4",
        family="disclosure",
        sentence="An advertisement shown in New York discloses synthetic performers; expressive works and audio are exempt.",
        source="GBL 396-b",
        confidence="S",
        outcome="BLOCK",
        remedy="record the label; counsel to confirm",
        gates=("release",),
        effective_from=NEW_YORK_FIRST_DAY,
        test=_t4,
    ),
)
