"""What the register knows of a model beside its record: where its weights lie, what it can do and needs, what became of it.

Place in the flow: ``setpiece models``. A card is a JSON file beside the records, named by the hash of the weights and
sealed by the office that wrote it: who edits it, edits it in vain. It decides nothing: licence, lineage and withdrawal
stand in the records, where the rules read them and the log keeps what they said before.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from setpiece.clearance.records import Licence, Model
from setpiece.clearance.use import canonical
from setpiece.core.errors import RecordDamaged
from setpiece.media.files import read_json, write_json

SCHEMA = "setpiece.model-card/1"
FOLDER = "models"
WITHDRAWN = "withdrawn"
# Formats that can run code when they are read, and code itself: our engines load none of them.
NEVER_LOADED = frozenset({".bin", ".ckpt", ".h5", ".pickle", ".pkl", ".pt", ".pth", ".py", ".so"})


class Sealer(Protocol):
    """Whoever can sign what it wrote for itself: the clearance office."""

    def seal(self, content: bytes) -> str:
        """A signature over content."""

    def sealed(self, content: bytes, seal: str) -> bool:
        """Whether it signed exactly this content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """One model as it was added. ``memory_bytes`` None: nobody stated it. ``never_loaded`` are files in its folder that no
    engine of ours opens, by their names there."""

    weights_sha256: str
    path: str
    bytes: int
    template: str = ""
    engine: str = ""
    family: str = ""
    controls: tuple[str, ...] = ()
    memory_bytes: int | None = None
    memory_note: str = ""
    never_loaded: tuple[str, ...] = ()
    added_by: str = ""
    added_at: str = ""
    story: tuple[str, ...] = ()  # withdrawn, added again: who, when, why


def card_of(path: Path, weights_sha256: str) -> ModelCard:
    """What can be seen of the weights at ``path``: where they are, how big, and which files are never loaded."""
    below = sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]
    refused = [item for item in below if item.suffix.lower() in NEVER_LOADED]
    return ModelCard(
        weights_sha256=weights_sha256,
        path=str(path.resolve()),
        bytes=sum(item.stat().st_size for item in below),
        never_loaded=tuple(item.relative_to(path).as_posix() if path.is_dir() else item.name for item in refused),
    )


def write_card(home: Path, card: ModelCard, office: Sealer) -> None:
    """Keep ``card`` in the clearance folder ``home``, sealed. Raises OutputFailed."""
    shown = asdict(card)
    write_json(_file(home, card.weights_sha256), {"schema": SCHEMA, "card": shown, "seal": office.seal(canonical(shown))})


def read_card(home: Path, weights_sha256: str, office: Sealer) -> ModelCard | None:
    """The card of these weights, None where there is none. Raises :class:`RecordDamaged` for one that was edited."""
    path = _file(home, weights_sha256)
    if not path.is_file():
        return None
    value = read_json(path)
    shown = value.get("card") if isinstance(value, dict) else None
    known = {field.name for field in fields(ModelCard)}
    if not isinstance(shown, dict) or shown.keys() != known or not office.sealed(canonical(shown), str(value.get("seal"))):
        raise RecordDamaged("is not what was written", file=path, remedy="add the model again: setpiece models add")
    if shown["weights_sha256"] != weights_sha256:
        raise RecordDamaged("is the card of another model", file=path, remedy="add the model again: setpiece models add")
    values: dict[str, Any] = {name: tuple(item) if isinstance(item, list) else item for name, item in shown.items()}
    return ModelCard(**values)


def all_cards(home: Path, office: Sealer) -> dict[str, ModelCard]:
    """Every card in the clearance folder, by the hash of the weights."""
    found = {}
    for path in sorted((home / FOLDER).glob("*.json")):
        card = read_card(home, path.stem, office)
        if card is not None:
            found[path.stem] = card
    return found


def withdrawal(model: Model, *, person: str, reason: str, day: date) -> tuple[Licence, Model]:
    """The records that say that ``model`` is withdrawn: a licence that grants nothing, which M1 reads, and a mark in its
    lineage that nothing answers to, so that nothing loads it. What the record said before stays in the log."""
    mark = f"{WITHDRAWN}:{model.weights_sha256}"
    licence = Licence(id=mark, grantor=f"withdrawn by {person} on {day}: {reason}", uses=(), first_day=day, last_day=day)
    return licence, replace(model, licence=mark, datasets=(*(name for name in model.datasets if name != mark), mark))


def is_withdrawn(model: Model) -> bool:
    """Whether the record says that the model is withdrawn."""
    return model.licence == f"{WITHDRAWN}:{model.weights_sha256}"


def reinstated(model: Model) -> Model:
    """``model`` as somebody may add it again: the mark is gone, and so is every licence."""
    mark = f"{WITHDRAWN}:{model.weights_sha256}"
    return replace(model, licence=None, datasets=tuple(name for name in model.datasets if name != mark))


def _file(home: Path, weights_sha256: str) -> Path:
    return home / FOLDER / f"{weights_sha256}.json"


def shown(card: ModelCard | None) -> dict[str, Any]:
    """A card for machines; empty where there is none."""
    value: dict[str, Any] = {} if card is None else json.loads(json.dumps(asdict(card)))
    return value
