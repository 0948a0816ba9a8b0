"""``clear document``: signed documents go into the vault, and come out by role, each read in the log before a byte."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from setpiece.commands.clearance_desk import HomeOption, Json, Person, Role, Room, room, tell
from setpiece.core.errors import BriefError, RecordDamaged

if TYPE_CHECKING:
    from setpiece.clearance.vault import Reading, Vault

app = typer.Typer(no_args_is_help=True, help="Signed documents, encrypted, read by role.")

Sha = Annotated[str, typer.Argument(metavar="SHA256", help="Hash of the document.")]


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The signed document.")],
    kind: Annotated[str, typer.Option(help="consent, authority, licence, terms, scan or evidence: says who may read it.")] = "",
    roles: Annotated[str, typer.Option(help="Or name the readers, as legal,producer: the kind that they may all read.")] = "",
    home: HomeOption = None,
    as_json: Json = False,
) -> None:
    """Lock FILE away under its hash, and print the hash: records name it as document_sha256."""
    from setpiece.clearance.vault import READERS

    wanted = kind or _kind_for(roles)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BriefError(f"cannot be read: {error.strerror}", file=file, remedy="check the name") from error
    with room(home) as here:
        sha256 = _vault(here).store(content, kind=wanted)
        entry = here.office.store.write(lambda tx: tx.append("document", {"kind": wanted}, public={"sha256": sha256}), here.now)
    readers = sorted(READERS[wanted])
    value = {"sha256": sha256, "kind": wanted, "readers": readers, "sequence": entry.sequence}
    tell(as_json, value, sha256, f"a {wanted} document, for {', '.join(readers)}; log entry {entry.sequence}")


@app.command("read")
def read(
    sha256: Sha,
    role: Role,
    person: Person,
    purpose: Annotated[str, typer.Option(help="What for. It stands in the log.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where the document goes.")],
    home: HomeOption = None,
    as_json: Json = False,
) -> None:
    """Read a document out of the vault. The read, refused or not, is in the log before a byte is handed out."""
    from setpiece.clearance.vault import Reader
    from setpiece.media.files import atomic_path

    with room(home) as here:
        content = _vault(here).read(sha256, Reader(person=person, role=role, purpose=purpose), at=here.now)
    with atomic_path(out) as aside:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
    tell(as_json, {"sha256": sha256, "file": str(out)}, f"{out}: {len(content)} bytes; the read is in the log")


@app.command("erase")
def erase(
    sha256: Sha, role: Role, person: Person,
    purpose: Annotated[str, typer.Option(help="Why. It stands in the log.")],
    home: HomeOption = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Remove a document for good (role legal). Its hash stays in the log and points to nothing."""
    from setpiece.clearance.vault import Reader

    with room(home) as here:
        _vault(here).erase(sha256, Reader(person=person, role=role, purpose=purpose), at=here.now)
    tell(as_json, {"sha256": sha256, "erased": True}, f"{sha256} is erased; the log says so")


def _kind_for(roles: str) -> str:
    """The kind of document that these roles, and the fewest others, may read."""
    from setpiece.clearance.use import ROLES
    from setpiece.clearance.vault import READERS

    named = {role.strip() for role in roles.split(",") if role.strip()}
    if not named:
        raise BriefError("whose document is it?", remedy=f"state --kind: {', '.join(READERS)}")
    unknown = sorted(named - set(ROLES))
    if unknown:
        raise BriefError(f"'{unknown[0]}' is no role", remedy=f"roles are {', '.join(ROLES)}")
    fitting = sorted((len(readers), kind) for kind, readers in READERS.items() if named <= readers)
    if not fitting:
        raise BriefError(
            f"no kind of document is for {', '.join(sorted(named))} together", remedy=f"state --kind: {', '.join(READERS)}"
        )
    return fitting[0][1]


def _vault(here: Room) -> Vault:
    """The vault of the production, every read written to its log. Its key is made with the first document, and never anew."""
    from setpiece.clearance.vault import KEY_VARIABLE, SUFFIX, Vault, load_key, make_key

    path: Path | None = here.home.keys / "vault.key"
    if os.environ.get(KEY_VARIABLE):
        path = None
    elif path is not None and not path.exists():
        if any(here.home.documents.rglob(f"*{SUFFIX}")):
            raise RecordDamaged("is gone, and documents are locked with it", file=path, remedy="restore it from your copy")
        make_key(path)

    def log(reading: Reading) -> None:
        payload = {"person": reading.person, "role": reading.role, "purpose": reading.purpose, "kind": reading.kind}
        public = {"sha256": reading.sha256, "action": reading.action, "allowed": reading.allowed}
        here.office.store.write(lambda tx: tx.append("document_read", payload, public=public), reading.at)

    return Vault(here.home.documents, load_key(path, os.environ), log=log)
