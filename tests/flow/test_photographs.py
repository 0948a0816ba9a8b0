"""Photographs as a start, from the command line through both gates: a drawn room re-dressed, a drawn coat in other cloths."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drawn_room import draw_room
from setpiece import cli
from setpiece.deliver.frames import read_channels, read_comp
from setpiece.intake.brief import load_brief
from setpiece.intake.plate import load_plate, probe_plate
from setpiece.intake.previs_document import load_set
from setpiece.media.colour import view
from setpiece.media.files import read_json
from setpiece.media.images import write_png
from setpiece.passes.redress import REDRESS_MEANINGS


def run(*arguments: object) -> int:
    return cli.run(list(map(str, arguments)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("location")
    write_png(place / "room.png", view(draw_room(540, 360).plate, view="plain"))
    write_png(place / "coat.png", _coat())
    return place


def _coat() -> np.ndarray:
    """A red coat, nobody in it, before grey."""
    y, x = np.mgrid[:300, :240].astype(np.float32)
    side = (x - 120) / 75
    coat = (np.abs(side) < 1) & (y > 60)
    folds = 0.75 + 0.25 * np.cos(x / 9 + np.sin(y / 30))
    lit = (np.where(coat, np.sqrt(np.maximum(1 - side**2, 0.03)) * folds, 1.0))[..., None]
    colour = np.where(coat[..., None], [0.45, 0.05, 0.04], [0.3, 0.3, 0.31]) * lit
    noise = np.random.default_rng(2).standard_normal(colour.shape) * 0.004
    return view(np.maximum(colour + noise, 1e-3).astype(np.float32), view="plain")


@pytest.fixture(scope="module")
def dressed(folder: Path) -> Path:
    """The room, re-dressed and delivered."""
    place = folder / "ROOM"
    assert run("previs", "photograph", place, "--plate", folder / "room.png", "--ceiling", 2.7, "--declare", "yes",
               "--dress", "back=stripes:#7d2f33:#e6dcc4", "--dress", "left=paint:#5a7d7c") == 0  # fmt: skip
    assert run("run", place) == 0
    return place


@pytest.fixture(scope="module")
def studied(folder: Path) -> Path:
    """The coat in two cloths, delivered."""
    place = folder / "COAT"
    assert run("previs", "fabric", place, "--plate", folder / "coat.png", "--box", "35,50,205,300", "--declare", "yes",
               "--colourway", "navy: plain #1d2b4f", "--colourway", "hunt: plaid #7a1f22 #1f3a2c #d8b650") == 0  # fmt: skip
    assert run("run", place) == 0
    return place


def _plate(path: Path) -> np.ndarray:
    return load_plate(probe_plate(path), 1001)[0].pixels[..., :3]


def test_the_brief_says_what_was_found_and_in_metres(dressed):
    brief = load_brief(dressed / "brief.yaml")
    document, inferred = brief.photograph, dict(brief.inferred)
    assert document.box.height_m == pytest.approx(2.7, rel=1e-3) and document.scale.assumed is False
    assert {"box.back_m", "back.polygon", "back.was", "camera.focal_px"} <= inferred.keys()
    assert "stated ceiling" in inferred["box.back_m"]


def test_what_is_not_dressed_is_the_photograph_to_the_bit(folder, dressed):
    comp = next((dressed / "takes" / "v001" / "comp").glob("*.exr"))
    channels = read_channels(comp)
    assert set(REDRESS_MEANINGS) == set(channels)
    plate = _plate(folder / "room.png")
    kept = channels["matte.A"] == 0
    assert 0.3 < kept.mean() < 0.9
    half = plate.astype(np.float16).astype(np.float32)
    assert (read_comp(comp)[kept] == half[kept]).all()
    assert set(np.unique(channels["plane.id"])) == {0.0, 1.0, 2.0}


def test_pictures_are_marked_and_signed_and_say_what_they_were_made_of(dressed):
    take = dressed / "takes" / "v001"
    listed = {item["path"] for item in read_json(take / "manifest.json")["manifest"]["files"]}
    assert {"ROOM_comp_v001.png", "ROOM_comp_v001_sheet.png"} <= listed
    assert run("verify", take) == 0


def test_a_set_stands_in_the_photographed_box_with_the_solved_camera(dressed):
    spec = load_set(dressed / "set" / "brief.yaml").spec
    box = load_brief(dressed / "brief.yaml").photograph.box
    assert spec.height_m == pytest.approx(2.7, abs=0.01)
    assert spec.width_m == pytest.approx((box.left_m or 0) + (box.right_m or 0), abs=0.01)
    assert spec.views[0].lens_mm == pytest.approx(24, rel=0.08)
    assert list((dressed / "takes" / "v001").rglob("box.usdc"))


def test_another_cover_is_another_version_and_the_solve_stays(dressed, capsys):
    assert run("previs", "dress", dressed, "left=tiles:#dfe6e2") == 0
    assert load_brief(dressed / "brief.yaml").photograph.left.cover == "tiles"
    assert run("previs", "dress", dressed, "left=glitter:#dfe6e2") == 2
    assert "covers" in capsys.readouterr().err


def test_each_colourway_is_a_frame_and_the_rest_of_the_still_stays_to_the_bit(folder, studied):
    frames = sorted((studied / "takes" / "v001" / "comp").glob("*.exr"))
    assert len(frames) == 2
    plate = _plate(folder / "coat.png")
    half = plate.astype(np.float16).astype(np.float32)
    for frame in frames:
        matte = read_channels(frame)["matte.A"]
        comp = read_comp(frame)
        assert 0.3 < (matte > 0.5).mean() < 0.6
        assert (comp[matte == 0] == half[matte == 0]).all()
    navy = read_comp(frames[0])[150:250, 90:150]
    assert navy[..., 2].mean() > 2 * navy[..., 0].mean()
    assert (studied / "takes" / "v001" / "COAT_comp_v001_study.png").is_file()


def test_folds_stay_folds_in_another_cloth(folder, studied):
    """The new cloth's light and dark go with the old one's."""
    navy = read_comp(next((studied / "takes" / "v001" / "comp").glob("*.1001.exr")))[180, 70:170].sum(-1)
    red = _plate(folder / "coat.png")[180, 70:170].sum(-1)
    assert np.corrcoef(np.log(navy), np.log(red))[0, 1] > 0.95


def test_a_face_in_a_costume_test_is_refused_until_somebody_says_whose_it_is(folder, capsys):
    data = pytest.importorskip("skimage.data")
    still = folder / "test.png"
    write_png(still, data.astronaut())
    place = folder / "SUIT"
    asked = ("previs", "fabric", place, "--plate", still, "--box", "15,190,372,512", "--declare", "yes")
    assert run(*asked) == 10
    assert "a face in the plate belongs to nobody who was declared" in capsys.readouterr().err
    assert not (place / "stage" / "garment").exists()


def test_undeclared_nothing_is_solved(folder, capsys):
    place = folder / "SILENT"
    assert run("previs", "photograph", place, "--plate", folder / "room.png") == 10
    assert "not admitted" in capsys.readouterr().err
    assert not (place / "stage" / "box").exists()


@pytest.mark.parametrize(
    ("name", "options", "code", "words"),
    [
        ("EDGELESS", (), 5, "lines.upright"),
        (
            "POLYGON",
            ("--brief", "back.polygon=[[900, 10], [990, 10], [990, 90]]", "--dress", "back=paint:#335544"),
            4,
            "outside",
        ),
        ("MATTE", ("--front", "coat.png"), 4, "240x300 but the plate is 540x360"),
        ("TRUNCATED", (), 3, "cut.png"),
    ],
)
def test_bad_input_names_the_file_and_the_remedy(folder, capsys, name, options, code, words):
    plate = folder / {"EDGELESS": "fog.png", "TRUNCATED": "cut.png"}.get(name, "room.png")
    if name == "EDGELESS":
        write_png(plate, np.full((120, 160, 3), 128, np.uint8))
    if name == "TRUNCATED":
        plate.write_bytes((folder / "room.png").read_bytes()[:5000])
    given = [folder / option if option == "coat.png" else option for option in options]
    assert run("previs", "photograph", folder / name, "--plate", plate, "--declare", "yes", *given) == code
    told = capsys.readouterr().err
    assert words in told and "remedy:" in told
