"""The tree of RFC 9162, by the public vectors and by its own laws."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setpiece.clearance.ledger import tree
from setpiece_verify import hashing

VECTORS = Path(__file__).parents[2] / "vectors" / "merkle"


def vectors(kind: str) -> list[dict[str, object]]:
    return [json.loads(path.read_text()) | {"file": str(path)} for path in sorted((VECTORS / kind).rglob("*.json"))]


def raw(value: object) -> bytes:
    return base64.b64decode(str(value or ""))


def proof_of(vector: dict[str, object]) -> list[bytes]:
    return [raw(item) for item in vector["proof"] or ()]  # type: ignore[attr-defined]


def test_there_are_98_vectors_of_each_kind() -> None:
    assert len(vectors("inclusion")) == len(vectors("consistency")) == 98


@pytest.mark.parametrize("verify", [tree.verify_inclusion, hashing.inclusion_holds], ids=["writer", "verifier"])
def test_every_inclusion_vector_is_judged_as_published(verify: object) -> None:
    for vector in vectors("inclusion"):
        arguments = (raw(vector["leafHash"]), vector["leafIdx"], vector["treeSize"], proof_of(vector), raw(vector["root"]))
        assert verify(*arguments) is not vector["wantErr"], vector["file"]  # type: ignore[operator]


@pytest.mark.parametrize("verify", [tree.verify_consistency, hashing.consistency_holds], ids=["writer", "verifier"])
def test_every_consistency_vector_is_judged_as_published(verify: object) -> None:
    for vector in vectors("consistency"):
        arguments = (vector["size1"], vector["size2"], raw(vector["root1"]), raw(vector["root2"]), proof_of(vector))
        assert verify(*arguments) is not vector["wantErr"], vector["file"]  # type: ignore[operator]


def reference_root(leaves: list[bytes]) -> bytes:
    """MTH, written down from its definition."""
    if not leaves:
        return tree.EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    middle = 1 << (len(leaves) - 1).bit_length() - 1
    return tree.node_hash(reference_root(leaves[:middle]), reference_root(leaves[middle:]))


def subtree_of(leaves: list[bytes]) -> tree.Subtree:
    return lambda level, index: reference_root(leaves[index << level : (index + 1) << level])


def hashes(count: int) -> list[bytes]:
    return [tree.leaf_hash(str(number).encode()) for number in range(count)]


@given(st.integers(0, 200))
def test_the_frontier_has_the_root_of_the_definition(count: int) -> None:
    frontier = tree.Frontier()
    for leaf in hashes(count):
        frontier = frontier.append(leaf)
    assert (
        frontier.root() == reference_root(hashes(count)) == hashing.root(hashing.prefix(hashing.levels(hashes(count)), count))
    )


@given(st.data())
def test_a_leaf_proves_itself_and_no_other(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 100))
    index = data.draw(st.integers(0, count - 1))
    other = data.draw(st.integers(0, count - 1))
    leaves = hashes(count)
    proof = tree.inclusion_proof(index, count, subtree_of(leaves))
    for verify in (tree.verify_inclusion, hashing.inclusion_holds):
        assert verify(leaves[index], index, count, proof, reference_root(leaves))
        assert verify(leaves[other], other, count, proof, reference_root(leaves)) is (other == index)


@given(st.data())
def test_a_log_that_grew_proves_it_and_one_that_changed_cannot(data: st.DataObject) -> None:
    second = data.draw(st.integers(1, 100))
    first = data.draw(st.integers(1, second))
    leaves = hashes(second)
    older, newer = reference_root(leaves[:first]), reference_root(leaves)
    proof = tree.consistency_proof(first, second, subtree_of(leaves))
    for verify in (tree.verify_consistency, hashing.consistency_holds):
        assert verify(first, second, older, newer, proof)
        changed = reference_root([tree.leaf_hash(b"changed"), *leaves[1:first]])
        assert not verify(first, second, changed, newer, proof)


def test_the_empty_tree_proves_only_itself() -> None:
    assert tree.Frontier().root() == tree.EMPTY_ROOT == hashing.EMPTY_ROOT
    assert not tree.verify_inclusion(b"x" * 32, 0, 0, (), tree.EMPTY_ROOT)
    for verify in (tree.verify_consistency, hashing.consistency_holds):
        assert verify(0, 0, tree.EMPTY_ROOT, tree.EMPTY_ROOT, ())
        assert not verify(0, 0, b"x" * 32, b"x" * 32, ())
        assert not verify(0, 3, tree.EMPTY_ROOT, b"y" * 32, ())
    with pytest.raises(ValueError, match="no leaf 0"):
        tree.inclusion_proof(0, 0, subtree_of([]))
    with pytest.raises(ValueError, match="no proof"):
        tree.consistency_proof(0, 3, subtree_of(hashes(3)))


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="does not have"):
        tree.Frontier(3, (b"x" * 32,))
