"""Lineage as a CycloneDX 1.6 ML-BOM, out and in.

Place in the flow: beside the register, like :mod:`.spdx`. The model is a ``machine-learning-model`` whose model card
refers to its datasets, datasets are ``data`` with their items as files, ancestors stand in the pedigree. The library has
no words for model cards and dataset descriptions yet, so these two are added to what it writes and taken off before it
reads. What a foreign document leaves out is unknown, and unknown does not load.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from setpiece.clearance.interchange.properties import PREFIX, Record, fields_of, known_hash, names_of, properties_of
from setpiece.clearance.lineage import Lineage
from setpiece.clearance.records import Dataset, DatasetItem, Licence, Model
from setpiece.core.errors import DependencyMissing, SetpieceError

_POSITION = PREFIX + "position"  # the library sorts components: their own order is written down
_SUBJECT = "model"


def to_cyclonedx(lineage: Lineage, *, now: datetime, software: str) -> bytes:
    """The document, UTF-8 JSON; the same bytes for the same lineage, moment and software."""
    lib = _library()
    licences = {licence.id: licence for licence in lineage.licences}
    sets = [_dataset(lib, dataset, number, licences) for number, dataset in enumerate(lineage.datasets)]
    refs = {dataset.id: f"dataset-{number}" for number, dataset in enumerate(lineage.datasets)}
    bases = [_model(lib, model, f"base-{number}", licences) for number, model in enumerate(lineage.bases)]
    subject = _model(lib, lineage.model, _SUBJECT, licences, ancestors=bases)
    bom = lib.Bom(
        components=[subject, *sets],
        serial_number=uuid5(NAMESPACE_URL, f"urn:setpiece:lineage:{lineage.model.weights_sha256}"),
    )
    bom.metadata.timestamp = now.astimezone(UTC).replace(microsecond=0)
    bom.metadata.component = lib.Component(name=software, type=lib.ComponentType.APPLICATION, bom_ref="software")
    bom.register_dependency(bom.metadata.component, [subject])
    bom.register_dependency(subject, sets)
    document = json.loads(lib.JsonV1Dot6(bom).output_as_string())
    models = {_SUBJECT: lineage.model, **{f"base-{number}": model for number, model in enumerate(lineage.bases)}}
    for component in _components(document):
        if component.get("bom-ref") in models:
            component["modelCard"] = _card(models[component["bom-ref"]], refs)
        if component.get("type") == "data":
            component["data"] = [{"type": "dataset", "name": component["name"]}]
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")


def from_cyclonedx(document: bytes, *, file: str = "CycloneDX document") -> Lineage:
    """The lineage that a document states.

    Raises :class:`SetpieceError` where it is no CycloneDX, names no model or several, or a model without SHA-256.
    """
    lib = _library()
    try:
        raw = json.loads(document)
        if not isinstance(raw, dict):
            raise ValueError("it is no object")
        cards = {str(item.get("bom-ref")): item.pop("modelCard") for item in _components(raw) if "modelCard" in item}
        for component in _components(raw):
            component.pop("data", None)
        bom = lib.Bom.from_json(data=raw)
    except Exception as error:  # the library raises what its parsers raise
        raise SetpieceError(
            f"is not a CycloneDX document: {error}", file=file, remedy="export it as CycloneDX 1.6 JSON"
        ) from error
    return _lineage(lib, bom, cards, file)


class _Names:
    """What is used of the library, by name."""

    def __init__(self) -> None:
        from cyclonedx.model import HashAlgorithm, HashType, Property
        from cyclonedx.model.bom import Bom
        from cyclonedx.model.component import Component, ComponentType, Pedigree
        from cyclonedx.model.license import DisjunctiveLicense
        from cyclonedx.output.json import JsonV1Dot6

        self.Bom: Any = Bom
        self.Component: Any = Component
        self.ComponentType: Any = ComponentType
        self.Pedigree: Any = Pedigree
        self.License: Any = DisjunctiveLicense
        self.Property: Any = Property
        self.HashType: Any = HashType
        self.HashAlgorithm: Any = HashAlgorithm
        self.JsonV1Dot6: Any = JsonV1Dot6


def _library() -> _Names:
    try:
        return _Names()
    except ImportError as error:
        raise DependencyMissing("the CycloneDX library is not installed", remedy="pip install cyclonedx-python-lib") from error


def _components(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every component of a raw document, nested ones and ancestors too."""
    for component in document.get("components") or ():
        yield component
        yield from _components(component)
        yield from _components({"components": (component.get("pedigree") or {}).get("ancestors")})


def _properties(lib: _Names, record: Record, *besides: str) -> list[Any]:
    return [lib.Property(name=name, value=value) for name, value in properties_of(record, besides=besides)]


def _sha256(lib: _Names, digest: str) -> list[Any]:
    return [lib.HashType(alg=lib.HashAlgorithm.SHA_256, content=digest)]


def _licences(lib: _Names, ident: str | None, licences: Mapping[str, Licence]) -> list[Any]:
    if ident is None or ident not in licences:
        return []
    licence = licences[ident]
    return [lib.License(name=licence.spdx or licence.id, properties=_properties(lib, licence))]


def _model(lib: _Names, model: Model, ref: str, licences: Mapping[str, Licence], *, ancestors: list[Any] | None = None) -> Any:
    return lib.Component(
        name=model.name,
        version=model.version or None,
        type=lib.ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=ref,
        hashes=_sha256(lib, model.weights_sha256),
        licenses=_licences(lib, model.licence, licences),
        properties=_properties(lib, model, "weights_sha256", "name", "version"),
        pedigree=lib.Pedigree(ancestors=ancestors) if ancestors else None,
    )


def _dataset(lib: _Names, dataset: Dataset, number: int, licences: Mapping[str, Licence]) -> Any:
    items = [
        lib.Component(
            name=item.sha256,
            type=lib.ComponentType.FILE,
            bom_ref=f"dataset-{number}-item-{place}",
            hashes=_sha256(lib, item.sha256),
            licenses=_licences(lib, item.licence, licences),
            properties=[*_properties(lib, item, "sha256"), lib.Property(name=_POSITION, value=str(place))],
        )
        for place, item in enumerate(dataset.items)
    ]
    return lib.Component(
        name=dataset.name,
        type=lib.ComponentType.DATA,
        bom_ref=f"dataset-{number}",
        licenses=_licences(lib, dataset.licence, licences),
        properties=_properties(lib, dataset, "name", "items"),
        components=items,
    )


def _card(model: Model, refs: Mapping[str, str]) -> dict[str, Any]:
    card: dict[str, Any] = {"modelParameters": {"datasets": [{"ref": refs[name]} for name in model.datasets if name in refs]}}
    if model.training_summary:
        card["properties"] = [{"name": key, "value": value} for key, value in model.training_summary]
    return card


def _lineage(lib: _Names, bom: Any, cards: Mapping[str, Any], file: str) -> Lineage:
    top = list(bom.components)
    if bom.metadata.component is not None:
        top.append(bom.metadata.component)
    subjects = [component for component in top if component.type == lib.ComponentType.MACHINE_LEARNING_MODEL]
    if len(subjects) != 1:
        raise SetpieceError(f"states {len(subjects)} models", file=file, remedy="export one model at a time")
    sets = [component for component in top if component.type == lib.ComponentType.DATA]
    datasets = {str(component.bom_ref.value): _read_dataset(component, file) for component in sets}
    ancestors = [] if subjects[0].pedigree is None else list(subjects[0].pedigree.ancestors)
    model = _read_model(subjects[0], cards, datasets, file)
    others = [_read_model(component, cards, datasets, file) for component in ancestors]
    if model.base is None and len(others) == 1:
        model = replace(model, base=others[0].weights_sha256)
    chain = [model]
    while (
        below := next((item for item in others if item.weights_sha256 == chain[-1].base and item not in chain), None)
    ) is not None:
        chain.append(below)
    wanted = [name for item in chain for name in item.datasets]
    found = [dataset for dataset in datasets.values() if dataset.id in wanted]
    bearers = [*top, *ancestors, *(item for component in sets for item in component.components)]
    licences = {licence.id: licence for bearer in bearers for licence in _read_licences(bearer, file)}
    return Lineage(
        model=model,
        bases=tuple(chain[1:]),
        datasets=tuple(sorted(found, key=lambda dataset: wanted.index(dataset.id))),
        licences=tuple(licences[ident] for ident in sorted(licences)),
    )


def _fields(bearer: Any, record: type[Record], file: str) -> dict[str, Any]:
    stated = [(str(item.name), str(item.value)) for item in bearer.properties]
    return fields_of(stated, known=names_of(record), file=file)


def _digest(component: Any, file: str) -> str:
    hashes = {item.alg.value.replace("-", "").lower(): item.content for item in component.hashes}
    return known_hash(hashes, what=f"'{component.name}'", file=file)


def _declared(component: Any, file: str) -> str | None:
    return next((licence.id for licence in _read_licences(component, file)), None)


def _read_licences(bearer: Any, file: str) -> list[Licence]:
    found = []
    for item in bearer.licenses:
        stated = getattr(item, "value", None) or getattr(item, "id", None) or getattr(item, "name", None) or ""
        ours = _fields(item, Licence, file) if hasattr(item, "properties") else {}
        found.append(Licence(**{"id": stated, "grantor": "", "spdx": "" if ours else stated, **ours}))
    return found


def _read_model(component: Any, cards: Mapping[str, Any], datasets: Mapping[str, Dataset], file: str) -> Model:
    parameters = (cards.get(str(component.bom_ref.value)) or {}).get("modelParameters") or {}
    refs = [str(item.get("ref")) for item in parameters.get("datasets") or () if isinstance(item, dict)]
    trained_on = tuple(datasets[ref].id for ref in refs if ref in datasets)
    fields = {"licence": _declared(component, file), "datasets": trained_on, **_fields(component, Model, file)}
    fields |= {"name": component.name, "version": component.version or ""}
    return Model(**{**fields, "weights_sha256": _digest(component, file)})


def _read_dataset(component: Any, file: str) -> Dataset:
    items = sorted(component.components, key=_position)
    fields = {
        "id": str(component.bom_ref.value or component.name),
        "licence": _declared(component, file),
        **_fields(component, Dataset, file),
    }
    return Dataset(**{**fields, "name": component.name, "items": tuple(_read_item(item, file) for item in items)})


def _read_item(component: Any, file: str) -> DatasetItem:
    fields = {"licence": _declared(component, file), **_fields(component, DatasetItem, file)}
    return DatasetItem(**{**fields, "sha256": _digest(component, file)})


def _position(component: Any) -> tuple[int, str]:
    stated = next((item.value for item in component.properties if item.name == _POSITION), "")
    return (int(stated) if stated.isdecimal() else 0, str(component.name))
