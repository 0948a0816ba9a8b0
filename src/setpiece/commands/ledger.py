"""``ledger``: verify, export, checkpoint, prove. What it prints of the log is hashes and numbers, never a name."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import setpiece
from setpiece.commands.clearance_desk import HomeOption, Json, Person, Reason, located, room, tell
from setpiece.core.errors import BriefError, RecordDamaged, SetpieceError

if TYPE_CHECKING:
    from setpiece.clearance.home import Home

app = typer.Typer(no_args_is_help=True, help="The log of everything that was decided and recorded.")
_CANNOT = 2  # what the verifier returns where it cannot read


@app.command("verify")
def verify(
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="A database or an export. [default: this production's]")
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="The verifier key that you were given and trust.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A checkpoint that you kept: the log must be a continuation of it.")
    ] = None,
    home: HomeOption = None,
    as_json: Json = False,
) -> None:
    """Verify a log whole, by a verifier that shares no code with what wrote it. Exit code 11 where it is not whole."""
    if path is not None:
        _verified(path, key, checkpoint, as_json)
    else:
        verify_home(located(home), key, checkpoint, as_json)


def verify_home(found: Home, key: Path | None = None, checkpoint: Path | None = None, as_json: bool = False) -> None:
    """Verify the log of a production. Raises RecordDamaged where it is not whole."""
    own = key or found.keys / "log.vkey"
    if not own.is_file():
        raise BriefError("is not there: nothing was recorded yet", file=own, remedy="enter a record, or name --key")
    if found.database.startswith("sqlite:///"):
        _verified(Path(found.database.removeprefix("sqlite:///")), own, checkpoint, as_json)
        return
    with tempfile.TemporaryDirectory() as folder:  # of a server's database, an export is verified, records and all
        copy = Path(folder) / "ledger.jsonl"
        _exported(found, copy, records=True)
        _verified(copy, own, checkpoint, as_json)


@app.command("export")
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write.")],
    records: Annotated[
        bool, typer.Option("--records", help="With the records themselves. Personal: for an auditor, not for publication.")
    ] = False,
    home: HomeOption = None,
    as_json: Json = False,
) -> None:
    """Write the log as one file that an outsider verifies without this software's database. Hashes only, unless --records."""
    size = _exported(located(home), out, records=records)
    said = "with the records: personal, for an auditor only" if records else "hashes and decisions, no names"
    tell(as_json, {"file": str(out), "size": size, "records": records}, f"{out}: {size} entries, {said}")


@app.command("checkpoint")
def checkpoint(
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="Where the signed note goes.")] = None,
    home: HomeOption = None,
    as_json: Json = False,
) -> None:
    """Sign the log as it stands and keep that for good. Give the note to somebody outside: it pins the past."""
    from setpiece.media.files import write_text

    with room(home) as here:
        here.office.store.checkpoint()
        note, size = _head(here.office.store)
    if out is not None:
        write_text(out, note)
    tell(as_json, {"size": size, "note": note, "file": None if out is None else str(out)}, note.rstrip("\n"))


@app.command("clock")
def clock(person: Person, reason: Reason, home: HomeOption = None, as_json: Json = False) -> None:
    """Go on after this machine's clock was ahead: by name and reason, in the log for good. Tokens issued meanwhile are void."""
    with room(home) as here:
        entry = here.office.correct_clock(person, reason, here.now)
    tell(as_json, {"sequence": entry.sequence, "at": entry.at}, f"entry {entry.sequence}: the records go on from {entry.at}")


@app.command("proof")
def proof(
    sequence: Annotated[int, typer.Argument(metavar="SEQUENCE", help="Number of the entry.", min=0)],
    size: Annotated[int | None, typer.Option(help="In the log as it stood with so many entries. [default: now]")] = None,
    home: HomeOption = None,
    as_json: Json = False,
) -> None:
    """Prove that entry SEQUENCE stands in the log (RFC 9162), by its hash and a few others; no entry is shown."""
    from sqlalchemy import select

    from setpiece.clearance.ledger.proofs import StoredTree
    from setpiece.clearance.ledger.tables import log
    from setpiece.clearance.ledger.tree import verify_inclusion

    with room(home) as here, here.read() as tx:
        tree = StoredTree(tx.connection)
        of = tree.size if size is None else size
        if not sequence < of <= tree.size:
            raise BriefError(
                f"there is no entry {sequence} in a log of {of}", remedy=f"the log has {tree.size} entries, counted from 0"
            )
        leaf = bytes(tx.connection.execute(select(log.c.leaf_hash).where(log.c.sequence == sequence)).scalar_one())
        hashes, root = tree.inclusion(sequence, of), tree.root_at(of)
    if not verify_inclusion(leaf, sequence, of, hashes, root):
        raise RecordDamaged(f"entry {sequence} does not add up to the log's root", remedy="run 'setpiece ledger verify'")
    value = {
        "schema": "setpiece.inclusion/1",
        "sequence": sequence,
        "size": of,
        "leaf_sha256": leaf.hex(),
        "root_sha256": root.hex(),
        "hashes": [item.hex() for item in hashes],
    }
    tell(
        as_json,
        value,
        f"entry {sequence} stands in the log of {of} entries",
        f"leaf {leaf.hex()}",
        f"root {root.hex()}",
        *(f"  {item.hex()}" for item in hashes),
    )


def _verified(path: Path, key: Path | None, checkpoint: Path | None, as_json: bool) -> None:
    """Run the verifier in a process of its own and tell what it found. Raises RecordDamaged where that is damage."""
    call = [sys.executable, "-P", "-m", "setpiece_verify", str(path)]
    call += ["--key", str(key)] if key else []
    call += ["--checkpoint", str(checkpoint)] if checkpoint else []
    beside = {"PYTHONPATH": str(Path(setpiece.__file__).resolve().parents[1])}  # the one that came with us, no other
    done = subprocess.run(call, capture_output=True, text=True, check=False, env=os.environ | beside)
    if done.returncode == _CANNOT:
        said = done.stderr.strip().removeprefix("cannot verify: ")
        raise SetpieceError(f"cannot be verified: {said}", file=path, remedy="name a database or an export, and a verifier key")
    if done.returncode not in (0, 1) or not done.stdout:
        raise SetpieceError(f"the verifier failed: {done.stderr.strip()[-400:]}", file=path, remedy="report this")
    lines = done.stdout.splitlines()
    tell(as_json, {"path": str(path), "whole": done.returncode == 0, "lines": lines}, *lines)
    if done.returncode:
        raise RecordDamaged(
            "does not verify", file=path, remedy="restore it from a backup: nothing can be cleared on a log that was changed"
        )


def _exported(found: Home, out: Path, *, records: bool) -> int:
    from setpiece.clearance.ledger.export import export_log

    with room(found.folder) as here, here.read() as tx:
        signer = here.office.store.signer
        assert signer is not None  # the office opens the log with its key
        return export_log(tx.connection, out, verifier_key=signer.verifier_key, rows=records)


def _head(store: object) -> tuple[str, int]:
    """The signed note of the log as it stands, and its size."""
    from sqlalchemy import select

    from setpiece.clearance.ledger.tables import tree_head
    from setpiece.clearance.store.store import Store

    assert isinstance(store, Store)
    with store.read() as tx:
        row = tx.connection.execute(select(tree_head.c.note, tree_head.c.size).where(tree_head.c.id == 1)).one()
    if row.note is None:
        raise RecordDamaged("the log's head is not signed", remedy="run 'setpiece ledger verify'")
    return str(row.note), int(row.size)
