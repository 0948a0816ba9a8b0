"""Briefs of photographed sets and fabric studies: what they refuse, and painted mattes that do not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from setpiece.core.errors import BriefError, MatteError, PlateUnreadable
from setpiece.intake.brief import load_brief, new_brief, write_inferred
from setpiece.intake.photograph_schema import colourway
from setpiece.intake.plate import probe_plate
from setpiece.intake.roto import read_roto
from setpiece.media.images import write_exr, write_png

WAYS = ["navy: plain #1d2b4f", "hunt: plaid #7a1f22 #1f3a2c #d8b650"]


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    path = tmp_path / "still.png"
    write_png(path, np.random.default_rng(1).integers(0, 255, (64, 96, 3), dtype=np.uint8))
    return path


def made(plate: Path, department: str, **values: object):
    frames = len(WAYS) if department == "fabric" else 1
    stated = {
        "plate.first_frame": 1001,
        "plate.last_frame": 1000 + frames,
        **{k.replace("__", "."): v for k, v in values.items()},
    }
    if department == "fabric":
        stated = {"colourways": WAYS, "garment.box": [1, 1, 50, 50]} | stated
    return new_brief(plate.with_name("brief.yaml"), shot="loc", plate=probe_plate(plate), declaration={"purpose": "previs"},
                     values={k: v for k, v in stated.items() if v is not None}, department=department)  # fmt: skip


def test_every_choice_of_a_photographed_set_stands_in_its_brief(plate):
    brief = made(plate, "photograph")
    text = brief.path.read_text()
    for key in ("back_px", "ceiling_m", "polygon", "old_texture_m", "find", "upright", "turn_deg", "was"):
        assert f"{key}:" in text
    assert brief.department == "photograph" and brief.photograph.back.cover == "keep"


def test_what_was_inferred_is_told_from_what_is_stated_and_stays_when_changed(plate):
    brief = made(plate, "photograph", box__left_m=2.0)
    filled = write_inferred(brief.path, {"box.left_m": (3.0, "found"), "box.right_m": (1.5, "found"),
                                         "back.polygon": ([[1.0, 2.0], [30.0, 2.0], [30.0, 40.0]], "the box")})  # fmt: skip
    assert filled.photograph.box.left_m == 2.0 and filled.photograph.box.right_m == 1.5
    assert filled.photograph.back.polygon == ((1.0, 2.0), (30.0, 2.0), (30.0, 40.0))
    assert filled.stated().photograph.back.polygon is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"back.cover": "damask"}, "needs a colour"),
        ({"back.colour": "#aabbcc"}, "no new colour"),
        ({"back.cover": "wallpaper", "back.colour": "#aabbcc"}, "back.cover"),
        ({"scale.length_m": 2.0}, "belong together"),
        ({"plate.last_frame": 1010}, "one frame"),
        ({"back.polygon": [[1, 2], [3, 4]]}, "polygon"),
    ],
)
def test_a_photographed_set_refuses_what_cannot_be(plate, values, words):
    with pytest.raises(BriefError, match=words):
        made(plate, "photograph", **values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"garment.box": None}, "nobody says where the garment is"),
        ({"garment.box": [50, 1, 1, 50]}, "box is empty"),
        ({"garment.file": "matte.png"}, "keep one of them"),
        ({"colourways": ["navy: velours #1d2b4f", "b: plain #000000"]}, "no cloth 'velours'"),
        ({"colourways": ["navy plain", "b: plain #000000"]}, "no colourway"),
        ({"colourways": ["a: plain #111111", "a: plain #222222"]}, "one name"),
        ({"plate.last_frame": 1001}, "write last_frame: 1002"),
    ],
)
def test_a_fabric_study_refuses_what_cannot_be(plate, values, words):
    with pytest.raises(BriefError, match=words) as caught:
        made(plate, "fabric", **values)
    assert caught.value.remedy


def test_a_colourway_reads_as_it_is_written():
    assert colourway("dusk: tweed #6b5a44 #a8977a") == ("dusk", "tweed", ("#6b5a44", "#a8977a"))


def test_another_departments_brief_is_refused_by_name(plate):
    brief = made(plate, "fabric")
    with pytest.raises(BriefError, match="is the brief of a fabric shot"):
        _ = load_brief(brief.path).photograph


def test_a_painted_matte_of_another_size_is_refused_with_both_sizes(tmp_path):
    path = tmp_path / "matte.png"
    write_png(path, np.zeros((40, 50, 3), np.uint8))
    with pytest.raises(MatteError, match="50x40 but the plate is 96x64") as caught:
        read_roto(path, (96, 64), "front.file")
    assert caught.value.file == path and "plate's size" in caught.value.remedy


def test_an_empty_garment_matte_and_a_full_one_are_refused(tmp_path):
    for value, words in ((0, "is empty"), (255, "covers everything")):
        path = tmp_path / f"{value}.png"
        write_png(path, np.full((64, 96, 3), value, np.uint8))
        with pytest.raises(MatteError, match=words):
            read_roto(path, (96, 64), "garment's matte", subject="garment")


def test_a_matte_comes_as_exr_as_well(tmp_path):
    plane = np.zeros((64, 96), np.float32)
    plane[10:40, 20:50] = 0.75
    write_exr(tmp_path / "m.exr", {"matte.A": plane}, attributes={})
    assert read_roto(tmp_path / "m.exr", (96, 64), "front.file") == pytest.approx(plane, abs=1e-3)


def test_a_truncated_matte_is_refused_by_name(tmp_path):
    path = tmp_path / "cut.png"
    write_png(path, np.random.default_rng(1).integers(0, 255, (64, 96, 3), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(PlateUnreadable, match=r"cut\.png"):
        read_roto(path, (96, 64), "front.file")
