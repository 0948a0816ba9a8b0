"""A production's own pairs of faces, with everything that has to be known of each before a network may learn from it.

Place in the flow: before training; the same list becomes the dataset and model records that the register wants. An item is
refused, by name, unless its pictures are there and are the ones that were listed, and its owner, licence, people, their
consent grants and the owner's word on training are all stated. Whether grants and licences truly cover the training is
ruled on by the register (M1 to M3) when the records are entered: this looks that nothing is missing, and fails closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from setpiece.core.arrays import Rgb
from setpiece.core.errors import BriefError, ClearanceRefused, PlateUnreadable
from setpiece.generate.engines.fran.look import OLDEST, YOUNGEST
from setpiece.media.colour import guess_space, to_acescg
from setpiece.media.files import read_json, sha256_file, sha256_value, write_json
from setpiece.media.images import heal_non_finite, read_image

SCHEMA = "setpiece.fran_pairs/1"
_MAX_ITEMS = 1_000_000
_ITEM = {
    "input": str,
    "input_sha256": str,
    "target": str,
    "target_sha256": str,
    "input_age": float,
    "output_age": float,
    "owner": str,
    "licence": str,
    "people": list,
    "grants": dict,
    "training_mining": str,
    "depicts_nobody": bool,
}
_TOP = {
    "schema": str,
    "name": str,
    "production": str,
    "licence": str,
    "complete": bool,
    "colour_space": str,
    "items": list,
}
_OPTIONAL = {"depicts_nobody", "colour_space"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One face at two ages: the same picture but for the years. ``grants`` maps each of ``people`` to a consent's id."""

    input: Path
    target: Path
    input_sha256: str
    target_sha256: str
    input_age: float
    output_age: float
    owner: str
    licence: str
    people: tuple[str, ...]
    grants: tuple[tuple[str, str], ...]
    training_mining: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """A folder's list of pairs. ``sha256`` is that of everything that the list says: training resumes on nothing else."""

    name: str
    production: str
    licence: str
    colour_space: str
    items: tuple[Pair, ...]
    sha256: str

    @property
    def ages(self) -> tuple[float, float]:
        """The youngest and the oldest that are shown."""
        found = [age for item in self.items for age in (item.input_age, item.output_age)]
        return min(found), max(found)


def read_pairs(path: Path) -> Pairs:
    """The pairs that the manifest ``path`` lists; pictures lie in its folder or below.

    Raises :class:`ClearanceRefused` naming every item whose lineage is incomplete, :class:`BriefError` for a manifest that
    says something else than a manifest can, :class:`SetpieceError` where it is absent or no JSON.
    """
    path = Path(path)
    value = read_json(path)
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise BriefError(
            f"is no list of pairs ('schema' is due to be '{SCHEMA}')", file=path, remedy="see docs/tutorials/fran.md"
        )
    wrong = _wrong(value, _TOP)
    if wrong or not 1 <= len(value["items"]) <= _MAX_ITEMS:
        raise BriefError("; ".join(wrong) or "lists no items", file=path, remedy="see docs/tutorials/fran.md")
    if not value["complete"]:
        raise ClearanceRefused(
            "does not say that it is complete", file=path, remedy="list every item, then state complete: true"
        )
    folder = path.parent.resolve()
    problems: list[str] = []
    items: list[Pair] = []
    for number, item in enumerate(value["items"]):
        lacks = _lacking(item, folder, value["production"])
        if lacks:
            named = item.get("input") if isinstance(item, dict) else None
            problems.append(f"item {number} ({named or 'unnamed'}): {', '.join(lacks)}")
        else:
            items.append(_pair(item, folder))
    if problems:
        more = f"; and {len(problems) - 10} more" if len(problems) > 10 else ""
        raise ClearanceRefused(
            f"{len(problems)} of {len(value['items'])} items may not be learned from: {'; '.join(problems[:10])}{more}",
            file=path,
            remedy="state what lacks, get the consent, or take the items out",
        )
    return Pairs(
        name=value["name"],
        production=value["production"],
        licence=value["licence"],
        colour_space=value.get("colour_space", ""),
        items=tuple(items),
        sha256=sha256_value(value),
    )


def _wrong(value: Mapping[str, Any], due: Mapping[str, type]) -> list[str]:
    """What is missing, empty, unknown or of another kind."""
    found = [f"'{name}' is not known" for name in sorted(set(value) - set(due))]
    for name, kind in due.items():
        held = value.get(name)
        if name not in value:
            found += [] if name in _OPTIONAL else [f"no {name}"]
        elif kind is float:
            if isinstance(held, bool) or not isinstance(held, int | float) or not YOUNGEST <= held <= OLDEST:
                found.append(f"{name} is no age")
        elif not isinstance(held, kind) or (isinstance(held, str) and not held.strip()):
            found.append(f"{name} is empty" if held in ("", None) else f"{name} is of another kind")
    return found


def _lacking(item: Any, folder: Path, production: str) -> list[str]:
    """What keeps an item from being learned from, in plain words. Who refuses the world training may train for itself."""
    if not isinstance(item, dict):
        return ["is no item"]
    found = _wrong(item, _ITEM)
    if found:
        return found
    people, grants = item["people"], item["grants"]
    if not people and not item.get("depicts_nobody"):
        found.append("names no people (state depicts_nobody: true for a face that was made, not photographed)")
    if people and item.get("depicts_nobody"):
        found.append("names people and says that it depicts nobody")
    unnamed = any(not isinstance(person, str) or not person.strip() for person in people)
    found += ["names somebody without a name"] if unnamed else []
    if not unnamed:
        without = [person for person in people if not isinstance(grants.get(person), str) or not grants[person].strip()]
        found += [f"no consent grant of {person}" for person in without]
    if item["training_mining"] not in ("allowed", "notAllowed" if item["owner"] == production else "allowed"):
        found.append(f"its owner's word on training is '{item['training_mining']}'")
    for name in ("input", "target"):
        found += _picture_problem(item[name], item[f"{name}_sha256"], folder, name)
    return found


def _picture_problem(name: str, stated: str, folder: Path, what: str) -> list[str]:
    file = (folder / name).resolve()
    if not file.is_relative_to(folder):
        return [f"{what} lies outside of the manifest's folder"]
    try:
        return [] if sha256_file(file) == stated.lower() else [f"{what} is another picture than was listed"]
    except PlateUnreadable:
        return [f"{what} is not there"]


def _pair(item: Mapping[str, Any], folder: Path) -> Pair:
    return Pair(
        input=folder / item["input"],
        target=folder / item["target"],
        input_sha256=item["input_sha256"].lower(),
        target_sha256=item["target_sha256"].lower(),
        input_age=float(item["input_age"]),
        output_age=float(item["output_age"]),
        owner=item["owner"],
        licence=item["licence"],
        people=tuple(item["people"]),
        grants=tuple((person, item["grants"][person]) for person in item["people"]),
        training_mining=item["training_mining"],
    )


def picture(path: Path, colour_space: str = "") -> Rgb:
    """A picture of a pair, scene-linear ACEScg (h, w, 3); its own colour space where none is stated."""
    found = read_image(path)
    pixels = found.pixels
    if pixels.shape[2] < 3:
        raise PlateUnreadable("has no colour", file=path, remedy="give an RGB picture")
    healed, _ = heal_non_finite(pixels[:, :, :3])
    return to_acescg(healed, colour_space or guess_space(found.header, file=path)[0])


def write_lineage(folder: Path, pairs: Pairs, weights: Path, *, name: str, version: str, steps: int) -> tuple[Path, Path]:
    """Write the dataset's and the model's records beside the weights; ``setpiece clear dataset`` and ``clear model`` enter
    them, dataset first. Returns the two files."""
    sha256 = sha256_file(weights)
    identity = f"fran-pairs:{pairs.sha256}"
    people = tuple(sorted({person for item in pairs.items for person in item.people}))
    records = [_record(sha, item) for item in pairs.items for sha in (item.input_sha256, item.target_sha256)]
    entries = {sha256_value(record): record for record in sorted(records, key=lambda record: str(record["sha256"]))}
    dataset = {
        "schema": "setpiece.dataset/1",
        "id": identity,
        "name": pairs.name,
        "complete": True,
        "licence": pairs.licence,
        "items": list(entries.values()),
    }
    model = {
        "schema": "setpiece.model/1",
        "weights_sha256": sha256,
        "name": name,
        "version": version,
        "licence": pairs.licence,
        "datasets": [identity],
        "production": pairs.production,
        "about_performers": people,
        "training_summary": [
            ["sources", "pairs that the production owns or licensed, listed one by one in its dataset record"],
            ["purpose", "showing a performer at another age"],
            ["data_points", f"{2 * len(pairs.items)} pictures, {steps} steps"],
            ["data_types", "pictures of one face at two ages"],
        ],
        "public_commercial": False,
    }
    files = folder / "dataset.json", folder / "model.json"
    for file, record in zip(files, (dataset, model), strict=True):
        write_json(file, record)
    return files


def _record(sha256: str, item: Pair) -> dict[str, object]:
    return {
        "sha256": sha256,
        "owner": item.owner,
        "licence": item.licence,
        "training_mining": item.training_mining,
        "people": item.people,
        "people_cleared": tuple(person for person, _ in item.grants),
    }
