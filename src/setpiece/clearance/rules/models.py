"""Rules M1 to M6: a model has a licence and a known upbringing, and what it learns from is cleared item by item.

Sources: N is Netflix' partner guidance, CAWG the training and data mining assertion (both read in the original);
AB 2013 is Californian law and S26 the SAG-AFTRA TV/Theatrical agreement (secondary sources, counsel to confirm).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from setpiece.clearance.records import Dataset, DatasetItem, Licence, Model
from setpiece.clearance.rules.grants import covers_today
from setpiece.clearance.rules.places import ANY
from setpiece.clearance.rules.rule import S26_FIRST_DAY, S26_LAST_DAY, Case, Rule, allow, block
from setpiece.core.clearance import Finding

TRAINING = ("train", "ingest_for_training")
AB_2013_FIRST_DAY = date(2026, 1, 1)
AB_2013_FIELDS = (
    "sources",
    "purpose",
    "data_points",
    "data_types",
    "intellectual_property",
    "purchased_or_licensed",
    "personal_information",
    "aggregate_consumer_information",
    "processing",
    "collection_period",
    "first_used",
    "synthetic_data",
)


def registered(case: Case, weights_sha256: str) -> Model | None:
    """The model of these very weights; None where nobody registered it, or two records contradict each other."""
    found = [item for item in case.facts.models if item.weights_sha256 == weights_sha256]
    return found[0] if found and all(item == found[0] for item in found) else None


def _m1(case: Case) -> tuple[Finding, ...]:
    return tuple(found for weights in sorted(set(case.use.models)) for found in _m1_of(case, weights))


def _m1_of(case: Case, weights: str) -> Iterator[Finding]:
    pending, seen = [weights], set[str]()
    while pending:
        current = pending.pop()
        if current in seen:
            continue
        seen.add(current)
        model = registered(case, current)
        if model is None:
            yield block(
                "M1",
                f"no model with the weights {current[:12]} is in the register",
                "register the model: licence, datasets and what it was tuned from",
                missing=("model",),
            )
            return
        problem = _licence_problem(case, model.licence, "inference", f"model {model.name}") or _lineage_problem(case, model)
        if problem is not None:
            yield problem
            return
        if model.base is not None:
            pending.append(model.base)
    yield from allow("M1", f"the weights {weights[:12]} are licensed, their training lineage is complete")


def _lineage_problem(case: Case, model: Model) -> Finding | None:
    if not model.datasets:
        return block(
            "M1",
            f"nobody recorded what {model.name} learned from",
            "record the model's datasets",
            missing=("model.datasets",),
        )
    for name in sorted(model.datasets):
        found = [item for item in case.facts.datasets if item.id == name]
        if not found:
            return block("M1", f"dataset {name} of {model.name} is not on record", "record the dataset", missing=("dataset",))
        for dataset in found:
            problem = _dataset_problem(case, dataset)
            if problem is not None:
                return problem
    return None


def _dataset_problem(case: Case, dataset: Dataset) -> Finding | None:
    if dataset.complete is not True or not dataset.items:
        missing = "dataset.items" if dataset.complete else "dataset.complete"
        return block(
            "M1",
            f"the register does not say that dataset {dataset.id} is complete",
            "record every item of the dataset, and that none is missing",
            missing=(missing,),
        )
    checked = set[str | None]()
    for item in dataset.items:
        if not item.owner:
            return block(
                "M1",
                f"item {item.sha256[:12]} of dataset {dataset.id} has no owner",
                "record who owns it",
                missing=("item.owner",),
            )
        licence = item.licence or dataset.licence
        if licence not in checked or licence is None:
            problem = _licence_problem(case, licence, "training", f"item {item.sha256[:12]} of dataset {dataset.id}")
            if problem is not None:
                return problem
            checked.add(licence)
    return None


def _licence_problem(case: Case, licence: str | None, use: str, what: str) -> Finding | None:
    found = [item for item in case.facts.licences if item.id == licence]
    if licence is None or not found:
        missing = "licence" if licence else ("model.licence" if use == "inference" else "item.licence")
        return block("M1", f"{what} has no licence on record", "record the licence", missing=(missing,))
    for item in found:
        clause = _licence_clause(item, use, case.today)
        if clause:
            return block("M1", f"licence {item.id} does not cover {what}", "get a licence that covers it", clause=clause)
    return None


def _licence_clause(licence: Licence, use: str, today: date) -> str:
    """The clause of a licence that bars ``use`` today, else ""."""
    if use not in licence.uses and ANY not in licence.uses:
        return f"licence.uses: allows {', '.join(licence.uses) or 'none'}; asked {use}"
    if licence.first_day is None or today < licence.first_day:
        return f"licence.first_day: {licence.first_day or 'not stated'}; asked {today}"
    if licence.last_day is not None and today > licence.last_day:
        return f"licence.last_day: {licence.last_day}; asked {today}"
    return ""


def _training_set(case: Case, rule: str) -> tuple[tuple[Dataset, ...], tuple[Finding, ...]]:
    found = tuple(item for item in case.facts.datasets if item.id == case.use.dataset)
    if found and any(item.items for item in found):
        return found, ()
    missing = "dataset" if not case.use.dataset else ("dataset.items" if found else "dataset")
    return (), (
        block(rule, "nobody recorded what is learned from", "name the dataset and record its items", missing=(missing,)),
    )


def _m2(case: Case) -> tuple[Finding, ...]:
    if case.use.action not in TRAINING:
        return ()
    datasets, missing = _training_set(case, "M2")
    found = [*missing]
    for item in (item for dataset in datasets for item in dataset.items):
        found += [finding for person in sorted(set(item.people)) for finding in _m2_of(case, item, person)]
    return tuple(dict.fromkeys(found)) or allow("M2", "every item with a person or an artist in it is cleared")


def _m2_of(case: Case, item: DatasetItem, person: str) -> Iterator[Finding]:
    if person not in item.people_cleared:
        yield block(
            "M2",
            f"{person} is in item {item.sha256[:12]}, which is not cleared for training",
            "have the person consent to training on this item, or leave it out",
            missing=("item.people_cleared",),
        )
        return
    if not any(covers_today(case, item, "training") for item in case.facts.grants if item.performer == person):
        yield block(
            "M2",
            f"no consent of {person} to training stands in this production",
            "have the person sign a consent to training",
            missing=("grant",),
        )


def _m3(case: Case) -> tuple[Finding, ...]:
    if case.use.action not in TRAINING:
        return ()
    datasets, missing = _training_set(case, "M3")
    asked = [(item.sha256, item.training_mining, item.owner) for dataset in datasets for item in dataset.items]
    asked += [(item.sha256, item.training_mining, None) for item in case.use.inputs]
    found = [*missing]
    for sha256, word, owner in asked:
        if word == "allowed" or (word == "notAllowed" and owner is not None and owner == case.use.production):
            continue
        if word in ("notAllowed", "constrained"):
            found.append(
                block(
                    "M3",
                    f"the owner of {sha256[:12]} refuses training and mining",
                    "leave it out",
                    clause=f"cawg.training-mining: {word}",
                )
            )
        else:
            found.append(
                block(
                    "M3",
                    f"nobody looked whether the owner of {sha256[:12]} refuses training and mining",
                    "read its credential; record allowed, notAllowed or constrained",
                    missing=("item.training_mining",),
                )
            )
    return tuple(found) or allow("M3", "no owner refuses training and mining")


def _m4(case: Case) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for weights in sorted(set(case.use.models)):
        model = registered(case, weights)
        if model is not None and (model.about_performers or model.production is not None):
            found += _m4_of(case, model)
    return tuple(found)


def _m4_of(case: Case, model: Model) -> Iterator[Finding]:
    if not model.production or not case.use.production:
        yield block(
            "M4",
            f"nobody recorded for which production talent model {model.name} was made, or which one asks",
            "record the model's production and state the asking one",
            missing=("model.production",) if not model.production else ("production",),
        )
    elif model.production != case.use.production:
        yield block(
            "M4",
            f"talent model {model.name} belongs to another production",
            "make a model under a consent for this production",
            clause=f"production: allows {model.production}; asked {case.use.production}",
        )
    elif absent := sorted(set(model.about_performers) - {item.performer for item in case.use.persons}):
        yield block(
            "M4",
            f"talent model {model.name} is of {', '.join(absent)}, whom the use does not declare",
            "declare how each performer's likeness is used, so that their consent can be held against it",
            missing=("person",),
        )
    else:
        yield from allow("M4", f"talent model {model.name} stays in its production")


def _m5(case: Case) -> tuple[Finding, ...]:
    if case.use.action != "publish_model":
        return ()
    if not case.use.models:
        return (block("M5", "nobody stated which model is published", "state the model's weights", missing=("model",)),)
    found: list[Finding] = []
    for weights in sorted(set(case.use.models)):
        model = registered(case, weights)
        summary = {} if model is None else dict(model.training_summary)
        missing = tuple(f"model.training_summary.{name}" for name in AB_2013_FIELDS if not summary.get(name, "").strip())
        if missing:
            found.append(
                block(
                    "M5",
                    f"the training summary of {weights[:12]} lacks {len(missing)} of {len(AB_2013_FIELDS)} fields",
                    f"fill in {', '.join(missing)}",
                    missing=missing,
                )
            )
        else:
            found += allow("M5", f"the training summary of {weights[:12]} is complete")
    return tuple(found)


def _m6(case: Case) -> tuple[Finding, ...]:
    return tuple(found for weights in sorted(set(case.use.models)) for found in _m6_of(case, registered(case, weights)))


def _m6_of(case: Case, model: Model | None) -> tuple[Finding, ...]:
    if model is None or model.public_commercial is False or model.third_party_performances is False:
        return ()  # M1 has blocked what is not registered
    missing = tuple(
        f"model.{name}" for name in ("public_commercial", "third_party_performances") if getattr(model, name) is None
    )
    if missing:
        return (
            block(
                "M6",
                f"nobody recorded whether {model.name} learned from paid-for performances and is offered to the public",
                f"record {', '.join(missing)}",
                missing=missing,
            ),
        )
    given = [
        item
        for item in case.facts.notices
        if item.kind == "training_licence"
        and item.about == model.weights_sha256
        and item.production == case.use.production
        and item.given_on is not None
        and item.given_on <= case.today
    ]
    if not given:
        return (
            block(
                "M6",
                f"{model.name} learned from performances licensed for pay, and the union has had no notice",
                "give the union notice of the training licence and record it",
                missing=("notice",),
            ),
        )
    return allow("M6", f"the union has had notice of the training licence of {model.name}")


RULES = (
    Rule(
        id="M1",
        family="models",
        sentence="A model has a licence and a complete training lineage.",
        source="house, N",
        confidence="house",
        outcome="BLOCK",
        remedy="register the model with its licence and every item it learned from",
        test=_m1,
    ),
    Rule(
        id="M2",
        family="models",
        sentence="Training on a person's or an artist's material is cleared item by item.",
        source="N",
        confidence="P",
        outcome="BLOCK",
        remedy="clear each item with each person in it, or leave it out",
        test=_m2,
    ),
    Rule(
        id="M3",
        family="models",
        sentence="Refusals of training and mining are honoured.",
        source="CAWG",
        confidence="P",
        outcome="BLOCK",
        remedy="leave out what is refused, and look where nobody looked",
        test=_m3,
    ),
    Rule(
        id="M4",
        family="models",
        sentence="A talent model stays in its production.",
        source="N",
        confidence="P",
        outcome="BLOCK",
        remedy="use it in its own production, with the performers declared",
        test=_m4,
    ),
    Rule(
        id="M5",
        family="models",
        sentence="A model is published with its training summary.",
        source="AB 2013",
        confidence="S",
        outcome="BLOCK",
        remedy="fill in the summary; counsel to confirm",
        effective_from=AB_2013_FIRST_DAY,
        test=_m5,
    ),
    Rule(
        id="M6",
        family="models",
        sentence="A public commercial generator trained on performances licensed for pay waits for the union's notice.",
        source="S26",
        confidence="S",
        outcome="BLOCK",
        remedy="give the union notice and record it; counsel to confirm",
        effective_from=S26_FIRST_DAY,
        effective_to=S26_LAST_DAY,
        test=_m6,
    ),
)
