"""Where a production keeps its clearance: database, keys, policy, certificates; one small file says so.

    schema = "setpiece.home/1"
    production = "show"                        # id of the production's record
    database = "sqlite:///clearance.db"        # or postgresql+psycopg://user@host/show; relative to this file
    # policy = "policy.toml"                   # a client's stricter table
    # [signing]                                # the production's own certificate; without it a development one is made
    # chain = "keys/chain.pem"
    # key = "keys/key.pem"
    # trust = "keys/anchors.pem"
    # timestamp = "http://timestamp.example"
    # [likeness]
    # matcher = "faces.onnx"                   # a face-embedding model, itself in the register (M1); off without it
    # match = 0.6                              # cosine similarity from which it is the performer, from the model's card
    # unsure = 0.45                            # from which a person has to look
    # references = "references"                # a folder for each performer's id, with pictures of one face each

The file is ``clearance/clearance.toml``, in the shot's folder or in a folder above it: the nearest one counts, so that
the shots of a production share one record. There is no variable or option that leaves it out: a shot without one gets
its own, empty, in which nobody has consented to anything.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from setpiece.core.errors import BriefError
from setpiece.media.files import read_toml, write_text

SCHEMA = "setpiece.home/1"
FOLDER, NAME = "clearance", "clearance.toml"
_KEYS: dict[str, tuple[str, ...]] = {
    "": ("schema", "production", "database", "policy", "signing", "likeness"),
    "signing": ("chain", "key", "trust", "timestamp"),
    "likeness": ("matcher", "match", "unsure", "references"),
}
_NUMBERS = ("match", "unsure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A production's clearance folder, read. Paths are absolute; None stands for what was not configured."""

    folder: Path
    production: str
    database: str
    policy: Path | None = None
    chain: Path | None = None
    key: Path | None = None
    trust: Path | None = None
    timestamp: str | None = None
    matcher: Path | None = None
    match: float | None = None
    unsure: float | None = None
    references: Path | None = None

    @property
    def keys(self) -> Path:
        """Folder of the keys that are made here: tokens, checkpoints, vault, development certificate."""
        return self.folder / "keys"

    @property
    def documents(self) -> Path:
        """Folder of the encrypted documents."""
        return self.folder / "documents"

    @property
    def file(self) -> Path:
        """The file that says all this."""
        return self.folder / NAME


def home_of(shot: Path) -> Path:
    """The clearance folder that counts for ``shot``: the nearest one with its file, else the shot's own, not yet made."""
    start = shot.resolve()
    for folder in (start, *start.parents):
        if (folder / FOLDER / NAME).is_file():
            return folder / FOLDER
    return start / FOLDER


def load_home(folder: Path) -> Home:
    """Read a clearance folder's file. Raises BriefError naming the key that is wrong, with the nearest right one."""
    path = folder / NAME
    values = read_toml(path, remedy="make one: setpiece clear init")
    if values.get("schema") != SCHEMA:
        raise BriefError(f"has the schema {values.get('schema')!r}", file=path, remedy=f'write schema = "{SCHEMA}"')
    signing, likeness = _table(values, "signing", path), _table(values, "likeness", path)
    _known("", values, path)
    for name in ("production", "database"):
        if not isinstance(values.get(name), str) or not values[name]:
            raise BriefError(f"lacks '{name}'", file=path, remedy=f'write {name} = "…"')
    return Home(
        folder=folder.resolve(),
        production=values["production"],
        database=_database(values["database"], folder.resolve(), path),
        policy=_path(values.get("policy"), folder),
        chain=_path(signing.get("chain"), folder),
        key=_path(signing.get("key"), folder),
        trust=_path(signing.get("trust"), folder),
        timestamp=signing.get("timestamp"),
        matcher=_path(likeness.get("matcher"), folder),
        match=_number(likeness.get("match"), "match", path),
        unsure=_number(likeness.get("unsure"), "unsure", path),
        references=_path(likeness.get("references"), folder),
    )


def make_home(folder: Path, *, production: str, database: str = "sqlite:///clearance.db") -> Home:
    """Make a clearance folder where there is none, and read it. Raises OutputFailed, BriefError."""
    if not (folder / NAME).is_file():
        write_text(
            folder / NAME,
            f"# Where this production keeps its clearance. Every key: docs/tutorials/clearance.md\n"
            f'schema = "{SCHEMA}"\n'
            f'production = "{production}"\n'
            f'database = "{database}"\n',
        )
    return load_home(folder)


def _table(values: dict[str, Any], name: str, path: Path) -> dict[str, Any]:
    table = values.get(name, {})
    if not isinstance(table, dict) or not all(
        isinstance(value, int | float if key in _NUMBERS else str) for key, value in table.items()
    ):
        raise BriefError(f"'{name}' does not hold what it should", file=path, remedy=f"write [{name}] and its keys below")
    _known(name, table, path)
    return table


def _known(table: str, values: dict[str, Any], path: Path) -> None:
    for key in values:
        if key not in _KEYS[table]:
            near = difflib.get_close_matches(key, _KEYS[table], n=1, cutoff=0.5)
            remedy = f"did you mean '{near[0]}'?" if near else f"keys are {', '.join(_KEYS[table])}"
            raise BriefError(f"has an unknown key '{key}'", file=path, remedy=remedy)


def _database(url: str, folder: Path, path: Path) -> str:
    """A relative SQLite path counts from the folder. Raises BriefError for what is no URL."""
    if "://" not in url:
        raise BriefError(
            "names no database that can be opened",
            file=path,
            remedy='write database = "sqlite:///clearance.db", or a server\'s URL',
        )
    local = url.removeprefix("sqlite:///")
    if local == url or local.startswith("/"):
        return url
    return f"sqlite:///{folder / local}"


def _number(value: Any, name: str, path: Path) -> float | None:
    if value is not None and not 0 < value <= 1:
        raise BriefError(f"'{name}' is {value}", file=path, remedy="state a cosine similarity above 0, at most 1")
    return None if value is None else float(value)


def _path(text: Any, folder: Path) -> Path | None:
    return None if text is None else (folder / str(text)).resolve()
