"""The stored log: its tree is that of its leaves, its proofs hold, its checkpoints are signed, its export checks."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from clearance_rooms import NOON, production
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from setpiece.clearance.ledger import log, proofs, tree
from setpiece.clearance.ledger.checkpoint import Signer, load_or_create_key, read_checkpoint
from setpiece.clearance.ledger.export import export_log
from setpiece.clearance.store import Store
from setpiece.core.errors import OutputFailed, RecordDamaged
from setpiece_verify import verify
from setpiece_verify.notes import read_checkpoint as read_by_stranger
from setpiece_verify.notes import read_key

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
SIGNER = Signer("film.example/log", KEY)


def fill(store: Store, count: int, *, step: int = 97) -> None:
    while count > 0:
        with store.begin(NOON) as tx:
            for number in range(min(step, count)):
                tx.append("note", {"number": number})
        count -= step


def test_proofs_hold_at_every_size_across_tiles(store: Store) -> None:
    fill(store, 700)
    with store.tree() as stored, store.read() as tx:
        leaves = [bytes(row) for row in tx.connection.execute(text("SELECT leaf_hash FROM log ORDER BY sequence")).scalars()]
        assert (stored.size, len(leaves)) == (700, 700)
        frontier, roots = tree.Frontier(), [tree.EMPTY_ROOT]
        for leaf in leaves:
            frontier = frontier.append(leaf)
            roots.append(frontier.root())
        assert stored.root() == roots[-1]
        for size in (1, 2, 255, 256, 257, 511, 512, 513, 640, 700):
            assert stored.root_at(size) == roots[size]
            assert tree.verify_consistency(size, 700, roots[size], roots[700], stored.consistency(size))
            for sequence in (0, size // 2, size - 1):
                assert tree.verify_inclusion(leaves[sequence], sequence, size, stored.inclusion(sequence, size), roots[size])
        with pytest.raises(ValueError, match="700 entries"):
            stored.inclusion(3, 701)


def test_proofs_hold_across_tiles_of_tiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (log, proofs):
        monkeypatch.setattr(module, "TILE_LEVELS", 2)
        monkeypatch.setattr(module, "TILE", 4)
    store = Store.open(f"sqlite:///{tmp_path / 'c.db'}")
    fill(store, 300)
    with store.tree() as stored, store.read() as tx:
        assert tx.connection.execute(text("SELECT count(*) FROM tiles WHERE level = 3")).scalar_one() == 1
        for size in range(1, 301, 13):
            root, sequence = stored.root_at(size), size * 2 // 3
            proof = stored.inclusion(sequence, size)
            assert tree.verify_inclusion(stored.subtree(0, sequence), sequence, size, proof, root)
            assert tree.verify_consistency(size, 300, root, stored.root(), stored.consistency(size))
    store.close()


@pytest.mark.slow
def test_tiles_of_tiles_are_stored_when_they_are_full(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'c.db'}")
    fill(store, 65_537 + 300, step=20_000)
    with store.tree() as stored:
        assert stored.root() == stored.root_at(stored.size)
        leaf = stored.subtree(0, 65_536)
        proof = stored.inclusion(65_536)
        assert tree.verify_inclusion(leaf, 65_536, stored.size, proof, stored.root())
        assert tree.verify_consistency(65_536, stored.size, stored.root_at(65_536), stored.root(), stored.consistency(65_536))
    with store.read() as tx:
        assert tx.connection.execute(text("SELECT count(*) FROM tiles WHERE level = 1")).scalar_one() == 1
    report = verify(tmp_path / "c.db", rows=False)
    assert report.sound, report.lines()
    assert report.size == 65_837
    store.close()


def test_each_commit_signs_the_head_and_round_sizes_are_kept(store: Store) -> None:
    store.signer = SIGNER
    fill(store, 1100, step=550)
    store.checkpoint()
    with store.read() as tx, store.tree() as stored:
        note = tx.connection.execute(text("SELECT note FROM tree_head")).scalar_one()
        kept = list(tx.connection.execute(text("SELECT note FROM checkpoints ORDER BY size")).scalars())
        read = read_checkpoint(note, SIGNER.origin, KEY.public_key())
        assert (read.size, read.root) == (1100, stored.root())
        assert kept == [note]
        assert read_by_stranger(note, read_key(SIGNER.verifier_key)) == (1100, stored.root())


def test_a_checkpoint_changed_anywhere_is_not_signed() -> None:
    note = SIGNER.sign(7, b"r" * 32)
    assert read_checkpoint(note, SIGNER.origin, KEY.public_key()).size == 7
    key = read_key(SIGNER.verifier_key)
    for position in range(0, len(note) - 1, 3):
        changed = note[:position] + chr(ord(note[position]) ^ 1) + note[position + 1 :]
        with pytest.raises(RecordDamaged):
            read_checkpoint(changed, SIGNER.origin, KEY.public_key())
        with pytest.raises(ValueError, match=r"."):
            read_by_stranger(changed, key)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "log.key"
    first = load_or_create_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_key(path).private_bytes_raw() == first.private_bytes_raw()
    path.chmod(0o644)
    with pytest.raises(OutputFailed, match="others may read"):
        load_or_create_key(path)


def test_an_export_is_checked_without_the_database(store: Store, tmp_path: Path) -> None:
    store.signer = SIGNER
    with store.begin(NOON) as tx:
        tx.add(production())
    fill(store, 1500)
    for rows in (False, True):
        path = tmp_path / f"log-{rows}.jsonl"
        with store.read() as tx:
            assert export_log(tx.connection, path, verifier_key=SIGNER.verifier_key, rows=rows) == 1501
        report = verify(path, key=SIGNER.verifier_key)
        assert report.sound, report.lines()
        assert report.rows == (1501 if rows else 0)
        assert ("Film" in path.read_text(encoding="utf-8")) is rows


def test_an_export_with_a_changed_line_does_not_check(store: Store, tmp_path: Path) -> None:
    store.signer = SIGNER
    fill(store, 20)
    path = tmp_path / "log.jsonl"
    with store.read() as tx:
        export_log(tx.connection, path, verifier_key=SIGNER.verifier_key, rows=True)
    lines = path.read_text(encoding="utf-8").splitlines()
    for number in range(len(lines)):
        changed = lines.copy()
        changed[number] = changed[number].replace("2026", "2025").replace('"number', '"numbre').replace("Z", "Y", 1)
        if changed[number] != lines[number]:
            path.write_text("\n".join(changed) + "\n", encoding="utf-8")
            assert not verify(path, key=SIGNER.verifier_key).sound, lines[number]
    path.write_text("\n".join(lines[:10]) + "\n", encoding="utf-8")
    assert not verify(path).sound
