"""Lineage as an SPDX 3.0.1 document (AI and Dataset profiles), out and in.

Place in the flow: beside the register, for whoever audits with other tools. What SPDX has words for stands in its own
words (hash, trainedOn, contains, declared licence, descent); the rest stands in its extension of named properties.
A foreign document is taken for what it says: what it leaves out is unknown, and unknown does not load. Refuses: a model
or item without SHA-256, several models without one being the subject.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from setpiece.clearance.interchange.properties import Record, fields_of, known_hash, names_of, properties_of
from setpiece.clearance.lineage import Lineage
from setpiece.clearance.records import Dataset, DatasetItem, Licence, Model
from setpiece.core.errors import DependencyMissing, SetpieceError


def to_spdx(lineage: Lineage, *, now: datetime, software: str) -> bytes:
    """The document, UTF-8 JSON-LD; the same bytes for the same lineage, moment and software."""
    return _Writer(lineage, now, software).document()


def from_spdx(document: bytes, *, file: str = "SPDX document") -> Lineage:
    """The lineage that a document states. Raises :class:`SetpieceError` where it is no SPDX 3 or names no hash."""
    spdx = _library()
    objects = spdx.SHACLObjectSet()
    try:
        spdx.JSONLDDeserializer().read(io.BytesIO(document), objects)
    except Exception as error:  # the library raises what its parsers raise
        raise SetpieceError(
            f"is not an SPDX 3.0.1 document: {error}", file=file, remedy="export it as SPDX 3 JSON-LD"
        ) from error
    return _Reader(spdx, objects, file).lineage()


def _library() -> Any:
    try:
        from spdx_python_model import v3_0_1
    except ImportError as error:
        raise DependencyMissing("the SPDX library is not installed", remedy="pip install spdx-python-model") from error
    return v3_0_1


class _Writer:
    """Builds one document; holds the library, the object set and the ids given so far."""

    def __init__(self, lineage: Lineage, now: datetime, software: str) -> None:
        self.spdx = _library()
        self.lineage = lineage
        self.space = f"urn:setpiece:lineage:{lineage.model.weights_sha256}#"
        self.objects = self.spdx.SHACLObjectSet()
        self.relations = 0
        self.creation = self.spdx.CreationInfo(specVersion="3.0.1", created=now.astimezone(UTC).replace(microsecond=0))
        agent = self.element("SoftwareAgent", "software", software)
        self.creation.createdBy = [agent]

    def document(self) -> bytes:
        lineage = self.lineage
        licences = {licence.id: self.licence(licence, number) for number, licence in enumerate(lineage.licences)}
        datasets = {dataset.id: self.dataset(dataset, number, licences) for number, dataset in enumerate(lineage.datasets)}
        root = above = None
        for number, model in enumerate((lineage.model, *lineage.bases)):
            package = self.model(model, "model" if number == 0 else f"base-{number}")
            self.relate(package, "trainedOn", [datasets[name] for name in model.datasets if name in datasets])
            self.relate(package, "hasDeclaredLicense", [licences[model.licence]] if model.licence in licences else [])
            if above is not None:
                self.relate(above, "descendantOf", [package])
            root = root or package
            above = package
        whole = self.element("SpdxDocument", "document", f"Lineage of {lineage.model.name}")
        whole.rootElement = [root]
        profile = self.spdx.ProfileIdentifierType
        whole.profileConformance = [profile.core, profile.software, profile.ai, profile.dataset, profile.simpleLicensing]
        text = io.BytesIO()
        self.spdx.JSONLDSerializer().write(self.objects, text, force_at_graph=True)
        return (json.dumps(json.loads(text.getvalue()), indent=1, ensure_ascii=False) + "\n").encode("utf-8")

    def element(self, kind: str, ident: str, name: str) -> Any:
        made = getattr(self.spdx, kind)(name=name, creationInfo=self.creation)
        made.set_id(self.space + ident)
        self.objects.add(made)
        return made

    def relate(self, start: Any, kind: str, ends: list[Any]) -> None:
        if ends:
            self.relations += 1
            made = self.element("Relationship", f"relation-{self.relations}", kind)
            made.from_, made.relationshipType, made.to = start, getattr(self.spdx.RelationshipType, kind), ends

    def extend(self, element: Any, record: Record, *besides: str) -> None:
        extension = self.spdx.extension_CdxPropertiesExtension()
        entry = self.spdx.extension_CdxPropertyEntry
        extension.extension_cdxProperty = [
            entry(extension_cdxPropName=name, extension_cdxPropValue=value)
            for name, value in properties_of(record, besides=besides)
        ]
        if extension.extension_cdxProperty:
            element.extension = [extension]

    def hashed(self, element: Any, sha256: str) -> None:
        element.verifiedUsing = [self.spdx.Hash(algorithm=self.spdx.HashAlgorithm.sha256, hashValue=sha256)]

    def model(self, model: Model, ident: str) -> Any:
        package = self.element("ai_AIPackage", ident, model.name)
        if model.version:
            package.software_packageVersion = model.version
        package.software_primaryPurpose = self.spdx.software_SoftwarePurpose.model
        if model.training_summary:
            package.ai_informationAboutTraining = "\n".join(f"{key}: {value}" for key, value in model.training_summary)
        about_people = self.spdx.PresenceType.yes if model.about_performers else self.spdx.PresenceType.noAssertion
        package.ai_useSensitivePersonalInformation = about_people
        self.hashed(package, model.weights_sha256)
        self.extend(package, model, "weights_sha256", "name", "version")
        return package

    def dataset(self, dataset: Dataset, number: int, licences: dict[str, Any]) -> Any:
        package = self.element("dataset_DatasetPackage", f"dataset-{number}", dataset.name)
        package.dataset_datasetSize = len(dataset.items)
        package.dataset_datasetType = [self.spdx.dataset_DatasetType.noAssertion]
        package.software_primaryPurpose = self.spdx.software_SoftwarePurpose.data
        self.extend(package, dataset, "name", "items")
        files = [self.item(item, f"dataset-{number}-item-{place}", licences) for place, item in enumerate(dataset.items)]
        self.relate(package, "contains", files)
        self.relate(package, "hasDeclaredLicense", [licences[dataset.licence]] if dataset.licence in licences else [])
        return package

    def item(self, item: DatasetItem, ident: str, licences: dict[str, Any]) -> Any:
        file = self.element("software_File", ident, item.sha256)
        self.hashed(file, item.sha256)
        self.extend(file, item, "sha256")
        self.relate(file, "hasDeclaredLicense", [licences[item.licence]] if item.licence in licences else [])
        return file

    def licence(self, licence: Licence, number: int) -> Any:
        if licence.spdx:
            made = self.element("simplelicensing_LicenseExpression", f"licence-{number}", licence.id)
            made.simplelicensing_licenseExpression = licence.spdx
        else:
            made = self.element("simplelicensing_SimpleLicensingText", f"licence-{number}", licence.id)
            made.simplelicensing_licenseText = (
                f"granted by {licence.grantor}; document {licence.document_sha256 or 'not stored'}"
            )
        self.extend(made, licence, "id", "spdx")
        return made


class _Reader:
    """Reads one document: its elements by type and its relationships by kind."""

    def __init__(self, spdx: Any, objects: Any, file: str) -> None:
        self.spdx, self.objects, self.file = spdx, objects, file
        self.relations: list[tuple[str, str, list[Any]]] = []
        for relation in objects.foreach_type(spdx.Relationship, match_subclass=True):
            kind = str(relation.relationshipType).rsplit("/", 1)[-1]
            self.relations.append((_id(relation.from_), kind, list(relation.to)))

    def lineage(self) -> Lineage:
        packages = list(self.objects.foreach_type(self.spdx.ai_AIPackage))
        root = self.root(packages)
        chain = [root]
        while (below := self.below(chain[-1])) is not None and below not in chain:
            chain.append(below)
        licences = [self.licence(element) for element in self.licences()]
        sets = {_id(element): self.dataset(element) for element in self.objects.foreach_type(self.spdx.dataset_DatasetPackage)}
        models = [self.model(package, sets) for package in chain]
        models = [
            replace(model, base=model.base or (models[place + 1].weights_sha256 if place + 1 < len(models) else None))
            for place, model in enumerate(models)
        ]
        wanted = [name for model in models for name in model.datasets]
        datasets = sorted(
            (dataset for dataset in sets.values() if dataset.id in wanted), key=lambda dataset: wanted.index(dataset.id)
        )
        return Lineage(
            model=models[0],
            bases=tuple(models[1:]),
            datasets=tuple(datasets),
            licences=tuple(sorted(licences, key=lambda licence: licence.id)),
        )

    def root(self, packages: list[Any]) -> Any:
        for document in self.objects.foreach_type(self.spdx.SpdxDocument):
            for element in document.rootElement:
                if any(_id(package) == _id(element) for package in packages):
                    return next(package for package in packages if _id(package) == _id(element))
        if len(packages) != 1:
            raise SetpieceError(
                f"states {len(packages)} models and none as its subject", file=self.file, remedy="export one model at a time"
            )
        return packages[0]

    def ends(self, element: Any, *kinds: str) -> Iterator[Any]:
        for start, kind, ends in self.relations:
            if start == _id(element) and kind in kinds:
                yield from ends

    def below(self, package: Any) -> Any | None:
        for end in self.ends(package, "descendantOf"):
            return self.objects.find_by_id(_id(end))
        for start, kind, ends in self.relations:
            if kind == "ancestorOf" and any(_id(end) == _id(package) for end in ends):
                return self.objects.find_by_id(start)
        return None

    def licences(self) -> Iterator[Any]:
        yield from self.objects.foreach_type(self.spdx.simplelicensing_LicenseExpression)
        yield from self.objects.foreach_type(self.spdx.simplelicensing_SimpleLicensingText)

    def fields(self, element: Any, record: type[Record]) -> dict[str, Any]:
        entries = [
            (str(entry.extension_cdxPropName), str(entry.extension_cdxPropValue))
            for extension in element.extension
            if isinstance(extension, self.spdx.extension_CdxPropertiesExtension)
            for entry in extension.extension_cdxProperty
        ]
        return fields_of(entries, known=names_of(record), file=self.file)

    def digest(self, element: Any) -> str:
        hashes = {
            str(item.algorithm).rsplit("/", 1)[-1]: str(item.hashValue)
            for item in element.verifiedUsing
            if isinstance(item, self.spdx.Hash)
        }
        return known_hash(hashes, what=f"'{element.name or _id(element)}'", file=self.file)

    def declared(self, element: Any) -> str | None:
        """The id of the licence that an element declares, as :meth:`licence` names it."""
        for end in self.ends(element, "hasConcludedLicense", "hasDeclaredLicense"):
            found = self.objects.find_by_id(_id(end))
            return None if found is None else self.licence(found).id
        return None

    def model(self, package: Any, sets: dict[str, Dataset]) -> Model:
        trained_on = tuple(sets[_id(end)].id for end in self.ends(package, "trainedOn") if _id(end) in sets)
        fields = {"licence": self.declared(package), "datasets": trained_on, **self.fields(package, Model)}
        fields |= {"name": package.name or "", "version": package.software_packageVersion or ""}
        return Model(**{**fields, "weights_sha256": self.digest(package)})

    def dataset(self, package: Any) -> Dataset:
        files = [self.objects.find_by_id(_id(end)) for end in self.ends(package, "contains", "hasDataFile")]
        items = tuple(self.item(file) for file in files if isinstance(file, self.spdx.software_File))
        fields = {"id": _id(package), "licence": self.declared(package), **self.fields(package, Dataset)}
        return Dataset(**{**fields, "name": package.name or "", "items": items})

    def item(self, file: Any) -> DatasetItem:
        return DatasetItem(**{"licence": self.declared(file), **self.fields(file, DatasetItem), "sha256": self.digest(file)})

    def licence(self, element: Any) -> Licence:
        expression = getattr(element, "simplelicensing_licenseExpression", None) or ""
        ours = self.fields(element, Licence)
        ident = element.name or expression or _id(element)
        return Licence(**{"grantor": "", **ours, "id": ident, "spdx": expression})


def _id(element: Any) -> str:
    return element if isinstance(element, str) else str(element.get_id())
