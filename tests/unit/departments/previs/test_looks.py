"""Looks in a set: they stand in it, are draped once, and what cannot be cut is refused by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from setpiece.core.errors import BriefError
from setpiece.core.scene import Thing
from setpiece.core.set_spec import Garment, Look, SetSpec
from setpiece.departments.previs import wardrobe
from setpiece.departments.previs.sets import scene_of
from setpiece.departments.previs.words import vocabulary
from setpiece.intake.previs_reader import read
from setpiece.stage.wardrobe import looks as making

SKIRT = Garment(kind="skirt", fabric="wool", colour="#3f4450")
CLERK = Look(name="clerk", size="women_38", garments=(SKIRT,))


@pytest.fixture(scope="module")
def dressed_room() -> tuple[SetSpec, dict[str, Thing]]:
    spec = replace(read("A bunker lounge, 8 by 7 m, a sofa.", vocabulary=vocabulary(), seed=1).spec, looks=(CLERK,))
    return spec, wardrobe.worn(spec.looks, None)


def same(one: Thing, other: Thing) -> bool:
    return len(one.parts) == len(other.parts) and all(
        np.array_equal(a.mesh.vertices, b.mesh.vertices) and a.material == b.material
        for a, b in zip(one.parts, other.parts, strict=True)
    )


def test_a_look_stands_in_the_set_on_its_own_floor(dressed_room: tuple[SetSpec, dict[str, Thing]], tmp_path: Path) -> None:
    spec, _ = dressed_room
    scene, layout, _ = scene_of(spec, tmp_path)
    (standing,) = [one for one in scene.placed if one.layer == "wardrobe"]
    assert standing.name == "clerk" and standing.position_m[2] == pytest.approx(0.0, abs=0.02)
    spot = next(one for one in layout.spots if one.name == "clerk")
    assert standing.position_m[:2] == spot.position_m[:2]
    low = min(float(part.mesh.vertices[:, 2].min()) for part in standing.thing.parts)
    assert low == pytest.approx(0.0, abs=0.01)


def test_a_draped_look_is_kept_and_reads_back_as_it_was(
    dressed_room: tuple[SetSpec, dict[str, Thing]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, things = dressed_room
    first = wardrobe.worn(spec.looks, tmp_path)
    assert same(first["clerk"], things["clerk"]), "the same look hangs the same, to the bit"
    monkeypatch.setattr(making, "wear", lambda look: pytest.fail("draped again"))
    moved = replace(CLERK, at_m=(1.0, 1.0))
    assert same(wardrobe.worn((moved,), tmp_path)["clerk"], first["clerk"])


def test_a_look_that_was_not_kept_whole_is_draped_anew(dressed_room: tuple[SetSpec, dict[str, Thing]], tmp_path: Path) -> None:
    spec, things = dressed_room
    wardrobe.worn(spec.looks, tmp_path)
    (kept,) = tmp_path.glob("*/look.npz")
    kept.write_bytes(kept.read_bytes()[:200])
    assert same(wardrobe.worn(spec.looks, tmp_path)["clerk"], things["clerk"])


@pytest.mark.parametrize(
    ("garment", "words"),
    [
        (Garment(kind="kilt", fabric="wool", colour="#3f4450"), "no garment 'kilt'"),
        (Garment(kind="skirt", fabric="felt", colour="#3f4450"), "no fabric 'felt'"),
        (Garment(kind="skirt", fabric="wool", colour="#3f4450", values=(("sleeve", "long"),)), "a skirt has no 'sleeve'"),
        (Garment(kind="skirt", fabric="wool", colour="#3f4450", values=(("length_m", 9.0),)), "length_m cannot be 9"),
    ],
)
def test_what_cannot_be_cut_is_refused_by_name(garment: Garment, words: str) -> None:
    with pytest.raises(BriefError, match=words):
        making.wear(replace(CLERK, garments=(garment,)))


def test_a_line_up_shows_every_look_and_each_by_itself(dressed_room: tuple[SetSpec, dict[str, Thing]]) -> None:
    _, things = dressed_room
    other = replace(CLERK, name="other")
    scene = wardrobe.line_up((CLERK, other), {"clerk": things["clerk"], "other": things["clerk"]})
    assert [camera.name for camera in scene.cameras] == ["lineup", "look_clerk", "look_other"]
    standing = [one for one in scene.placed if one.layer == "wardrobe"]
    assert standing[1].position_m[0] - standing[0].position_m[0] > wardrobe.STANDS_M[0]
