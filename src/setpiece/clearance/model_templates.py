"""What makers have published about public models, ready for the register: licence, training data, what they can and need.

Place in the flow: ``setpiece models add --template``. A template says what a page of the maker says and which page that is;
where nothing was found it says ``unknown``, and unknown is None in the record, which blocks (M1, M6) until somebody
completes the record or answers for it by name. A template states no hash and proves nothing about a file: whoever adds a
model says that the file is this model. Not legal advice.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from setpiece.clearance.records import Dataset, Licence, Model
from setpiece.core.errors import BriefError

SCHEMA = "setpiece.model-template/1"
UNKNOWN = "unknown"
_GIB = 1024**3
_TABLES = ("can", "needs", "licence", "training")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A maker's licence or training statement with the page that it stands on."""

    says: str
    page: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What is known of one public model. ``family`` "" means that no family of the engine loads it; ``memory_bytes`` None
    that nobody stated it; ``licence_uses`` are the uses that the licence grants to anybody, none where it must be asked
    for. ``third_party_performances`` and ``public_commercial`` None are unknown."""

    id: str
    name: str
    version: str
    maker: str
    read_on: date
    engine: str
    family: str
    moving: bool
    controls: tuple[str, ...]
    can: Published
    parameters: str
    memory_bytes: int | None
    needs: Published
    licence_id: str
    licence_spdx: str
    licence_uses: tuple[str, ...]
    licence: Published
    training: Published
    tuned_from: str
    third_party_performances: bool | None
    public_commercial: bool | None

    def licence_record(self, *, first_day: date | None, document_sha256: str | None = None) -> Licence:
        """The licence as the register keeps it. Without ``first_day``, the day from which the production holds it, it
        allows nothing."""
        return Licence(
            id=f"{self.licence_id}:{self.id}",
            grantor=self.maker,
            uses=self.licence_uses,
            first_day=first_day,
            document_sha256=document_sha256,
            spdx=self.licence_spdx,
        )

    def dataset_record(self) -> Dataset:
        """What it learned from, as far as published: listed by nobody, so complete for nobody."""
        return Dataset(
            id=f"training:{self.id}", name=f"what {self.name} learned from, not itemised by its maker", complete=None
        )

    def model_record(self, weights_sha256: str) -> Model:
        """The register's entry for weights that somebody says are this model."""
        summary = [("sources", f"{self.training.says} ({self.training.page})")]
        if self.tuned_from:
            summary.append(("tuned_from", f"{self.tuned_from} ({self.licence.page})"))
        return Model(
            weights_sha256=weights_sha256,
            name=self.name,
            version=self.version,
            licence=f"{self.licence_id}:{self.id}",
            datasets=(f"training:{self.id}",),
            training_summary=tuple(summary),
            third_party_performances=self.third_party_performances,
            public_commercial=self.public_commercial,
        )


def templates() -> dict[str, Template]:
    """Every template, by id."""
    folder = files("setpiece.clearance") / "templates"
    made = {}
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.name.endswith(".toml"):
            template = parse(item.read_text(encoding="utf-8"), name=item.name)
            made[template.id] = template
    return made


def template_of(id: str) -> Template:
    """The template called ``id``. Raises :class:`BriefError` with the nearest one."""
    known = templates()
    if id not in known:
        near = difflib.get_close_matches(id, known, n=1, cutoff=0.5)
        remedy = f"did you mean '{near[0]}'?" if near else f"templates are {', '.join(known)}"
        raise BriefError(f"there is no template '{id}'", remedy=remedy)
    return known[id]


def parse(text: str, *, name: str) -> Template:
    """A template from its TOML. Raises :class:`BriefError` naming what is absent, unknown or of the wrong kind."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BriefError(f"is not TOML: {error}", file=name, remedy="mend that line") from error
    if values.get("schema") != SCHEMA:
        raise BriefError("is no template of a model", file=name, remedy=f'write schema = "{SCHEMA}"')
    top = _Reader(values, "", name)
    can, needs, licence, training = (_Reader(top.take(table, dict), f"{table}.", name) for table in _TABLES)
    top.take("schema", str)
    if training.take("itemised", bool):
        raise BriefError("says that its training data is itemised", file=name, remedy="enter the items as a dataset instead")
    made = Template(
        id=top.take("id", str),
        name=top.take("name", str),
        version=top.take("version", str),
        maker=top.take("maker", str),
        read_on=top.take("pages_read_on", date),
        engine=can.take("engine", str),
        family=can.take("family", str),
        moving=can.take("moving", bool),
        controls=can.words("controls"),
        can=Published(says=can.take("note", str), page=can.page()),
        parameters=needs.take("parameters", str),
        memory_bytes=needs.gigabytes("memory_gb"),
        needs=Published(says=needs.take("note", str), page=needs.page()),
        licence_id=licence.take("id", str),
        licence_spdx=licence.take("spdx", str),
        licence_uses=licence.words("uses"),
        licence=Published(says=licence.take("name", str), page=licence.page(), note=licence.take("conditions", str)),
        training=Published(says=training.take("statement", str), page=training.page(), note=training.take("note", str)),
        tuned_from=training.take("tuned_from", str),
        third_party_performances=training.maybe("third_party_performances"),
        public_commercial=training.maybe("public_commercial"),
    )
    for reader in (top, can, needs, licence, training):
        reader.done()
    return made


class _Reader:
    """A table of a template, read key by key; what is left over at the end is an error."""

    def __init__(self, values: dict[str, Any], prefix: str, file: str) -> None:
        self._values, self._prefix, self._file = dict(values), prefix, file

    def take(self, key: str, kind: type) -> Any:
        """The value of a key that must be there."""
        value = self._values.pop(key, None)
        if type(value) is not kind:
            raise BriefError(f"'{self._prefix}{key}' is absent or no {kind.__name__}", file=self._file, remedy="state it")
        return value

    def page(self) -> str:
        """The page that it is published on."""
        page: str = self.take("page", str)
        if not page.startswith("https://"):
            raise BriefError(f"'{self._prefix}page' is no https address", file=self._file, remedy="name the maker's page")
        return page

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words."""
        return tuple(str(word) for word in self.take(key, list))

    def maybe(self, key: str) -> bool | None:
        """True, false, or None for ``unknown``."""
        value = self._values.pop(key, None)
        if value == UNKNOWN or isinstance(value, bool):
            return None if value == UNKNOWN else bool(value)
        raise BriefError(f"'{self._prefix}{key}' is no answer", file=self._file, remedy='write true, false or "unknown"')

    def gigabytes(self, key: str) -> int | None:
        """A number of GB as bytes, or None for ``unknown``."""
        value = self._values.pop(key, None)
        if value == UNKNOWN:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e5:
            raise BriefError(f"'{self._prefix}{key}' is no memory", file=self._file, remedy='write GB, or "unknown"')
        return round(value * _GIB)

    def done(self) -> None:
        """Nothing else may stand there."""
        for key in self._values:
            raise BriefError(f"has an unknown key '{self._prefix}{key}'", file=self._file, remedy="take it out")
