"""Where a model comes from: found by the hash of its actual file, loaded only with its whole lineage on record.

Place in the flow: before any weights are loaded, and after Setpiece has trained a model for a shot. A name proves
nothing: the file is hashed and looked up. Complete means that the model and each model below it has a licence on
record and datasets that somebody vouches are whole, with an owner, a licence and a look at its training terms for every
item. Whether people are cleared and refusals honoured is ruled on by M2 and M3. Refuses by default: unknown is no.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from setpiece.clearance.records import ConsentGrant, Dataset, DatasetItem, Facts, Licence, Model
from setpiece.core.errors import ClearanceRefused, PlateUnreadable
from setpiece.media.files import sha256_file

_MINING_WORDS = ("allowed", "constrained", "notAllowed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """A model with everything on record that it came from."""

    model: Model
    bases: tuple[Model, ...] = ()  # nearest first
    datasets: tuple[Dataset, ...] = ()
    licences: tuple[Licence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyframe:
    """A frame that a model of a shot was trained on. ``training_mining`` is what its credential said, never a guess."""

    sha256: str
    training_mining: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotModel:
    """A model that was trained for one shot, with the records that make its lineage complete."""

    model: Model
    dataset: Dataset
    licence: Licence


def weights_sha256(path: Path) -> str:
    """Hash of a model: of its file, or of every file below its folder with their names.

    Raises :class:`PlateUnreadable` where it cannot be read, :class:`ClearanceRefused` for an empty folder.
    """
    path = Path(path)
    if not path.is_dir():
        return sha256_file(path)
    files = sorted(item for item in path.rglob("*") if item.is_file())
    if not files:
        raise ClearanceRefused("holds no weights", file=path, remedy="name the model's file or folder")
    lines = [f"{sha256_file(item)}  {item.relative_to(path).as_posix()}\n" for item in files]
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def model_of_file(
    path: Path, *, name: str, licence: str, datasets: Sequence[str], version: str = "", base: str | None = None
) -> Model:
    """A register entry for the weights at ``path``, by the hash of what lies there now. Further fields: ``replace``."""
    return Model(
        weights_sha256=weights_sha256(path), name=name, version=version, base=base, licence=licence, datasets=tuple(datasets)
    )


def check_loadable(path: Path, facts: Facts) -> Model:
    """The registered model whose weights lie at ``path``. Load what :func:`loadable_bytes` returns where one file is it.

    Raises :class:`ClearanceRefused` where its hash is not registered or its lineage is incomplete, saying what lacks.
    """
    return _registered(weights_sha256(path), Path(path), facts)


def loadable_bytes(path: Path, facts: Facts) -> tuple[Model, bytes]:
    """The registered model and the very bytes that were hashed, so that nobody swaps the file in between."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise PlateUnreadable(f"cannot be read: {error.strerror}", file=path, remedy="check the path") from error
    return _registered(hashlib.sha256(data).hexdigest(), Path(path), facts), data


def lineage_of(sha256: str, facts: Facts) -> Lineage | None:
    """Everything on record below the model with this hash, None where it is not registered."""
    models = {model.weights_sha256: model for model in facts.models}
    chain = list(_chain(sha256, models))
    if not chain:
        return None
    wanted = {dataset for model in chain for dataset in model.datasets}
    datasets = tuple(dataset for dataset in facts.datasets if dataset.id in wanted)
    named = {model.licence for model in chain} | {dataset.licence for dataset in datasets}
    named |= {item.licence for dataset in datasets for item in dataset.items}
    return Lineage(
        model=chain[0],
        bases=tuple(chain[1:]),
        datasets=datasets,
        licences=tuple(licence for licence in facts.licences if licence.id in named),
    )


def lacking(sha256: str, facts: Facts) -> tuple[str, ...]:
    """What the lineage of the model with this hash lacks, in plain words; nothing where it is complete."""
    models = {model.weights_sha256: model for model in facts.models}
    datasets = {dataset.id: dataset for dataset in facts.datasets}
    licences = {licence.id for licence in facts.licences}
    if sha256 not in models:
        return (f"no model with weights {sha256} is registered",)
    chain = list(_chain(sha256, models))
    found: list[str] = []
    for model in chain:
        found += _lacking_in_model(model, datasets, licences)
    last = chain[-1].base
    if last is not None:
        known = last in models
        found.append(
            f"'{chain[-1].name}' {'is its own ancestor' if known else f'is tuned from {last}, which is not registered'}"
        )
    return tuple(dict.fromkeys(found))


def model_of_keyframes(
    weights_sha256: str, keyframes: Sequence[Keyframe], grant: ConsentGrant, *, name: str, version: str = ""
) -> ShotModel:
    """The register entry of a model that Setpiece trained for a shot: its keyframes are the whole dataset.

    The performer's ``grant`` is the licence; the model is locked to its production. Raises :class:`ClearanceRefused`
    where there are no keyframes, or the grant does not cover training or has no signed document.
    """
    if not keyframes:
        raise ClearanceRefused(f"model '{name}' names no keyframes", remedy="state every frame that it was trained on")
    uses = grant.scope.uses
    if grant.type != "training" and not {"training", "*"} & set(uses):
        raise ClearanceRefused(
            f"consent '{grant.id}' does not cover training", remedy="ask the performer for a consent whose uses name training"
        )
    if grant.document_sha256 is None:
        raise ClearanceRefused(f"consent '{grant.id}' has no signed document", remedy="store the signed document first")
    licence = Licence(
        id=f"consent:{grant.id}",
        grantor=grant.performer,
        uses=("training", "inference"),
        first_day=grant.scope.first_day,
        last_day=grant.scope.last_day,
        territories=grant.scope.territories,
        document_sha256=grant.document_sha256,
    )
    items = [_item(frame, grant, licence) for frame in dict.fromkeys(keyframes)]
    dataset = Dataset(
        id=f"keyframes:{weights_sha256}", name=f"keyframes of {name}", complete=True, licence=licence.id, items=tuple(items)
    )
    model = Model(
        weights_sha256=weights_sha256,
        name=name,
        version=version,
        licence=licence.id,
        datasets=(dataset.id,),
        production=grant.production,
        about_performers=(grant.performer,),
        third_party_performances=False,
        public_commercial=False,
    )
    return ShotModel(model=model, dataset=dataset, licence=licence)


def _item(frame: Keyframe, grant: ConsentGrant, licence: Licence) -> DatasetItem:
    return DatasetItem(
        sha256=frame.sha256,
        owner=grant.production,
        licence=licence.id,
        training_mining=frame.training_mining,
        people=(grant.performer,),
        people_cleared=(grant.performer,),
    )


def _registered(sha256: str, path: Path, facts: Facts) -> Model:
    model = next((model for model in facts.models if model.weights_sha256 == sha256), None)
    if model is None:
        raise ClearanceRefused(
            f"is not a registered model (its hash is {sha256})",
            file=path,
            remedy="register it with its licence and training data, or use the file that was registered",
        )
    missing = lacking(sha256, facts)
    if missing:
        raise ClearanceRefused(
            f"is '{model.name}', whose lineage is incomplete: {'; '.join(missing)}",
            file=path,
            remedy="complete the record of the model, or use another model",
        )
    return model


def _chain(sha256: str, models: Mapping[str, Model]) -> Iterator[Model]:
    """The model and those below it, nearest first; stops at an unknown one and where it would go round."""
    seen: set[str] = set()
    current: str | None = sha256
    while current is not None and current in models and current not in seen:
        seen.add(current)
        yield models[current]
        current = models[current].base


def _lacking_in_model(model: Model, datasets: Mapping[str, Dataset], licences: set[str]) -> Iterator[str]:
    yield from _lacking_licence(f"model '{model.name}'", model.licence, licences)
    if not model.datasets:
        yield f"model '{model.name}' names no training data"
    for name in model.datasets:
        dataset = datasets.get(name)
        if dataset is None:
            yield f"dataset '{name}' of model '{model.name}' is not on record"
        else:
            yield from _lacking_in_dataset(dataset, licences)


def _lacking_in_dataset(dataset: Dataset, licences: set[str]) -> Iterator[str]:
    if dataset.complete is not True:
        yield f"nobody states that dataset '{dataset.name}' is complete"
    if not dataset.items:
        yield f"dataset '{dataset.name}' lists no items"
    for item in dataset.items:
        what = f"item {item.sha256[:12]} of dataset '{dataset.name}'"
        if not item.owner:
            yield f"{what} has no owner"
        if item.training_mining not in _MINING_WORDS:
            yield f"nobody looked whether the owner of {what} refuses training"
        yield from _lacking_licence(what, item.licence or dataset.licence, licences)


def _lacking_licence(what: str, licence: str | None, licences: set[str]) -> Iterator[str]:
    if not licence:
        yield f"{what} has no licence"
    elif licence not in licences:
        yield f"licence '{licence}' of {what} is not on record"
