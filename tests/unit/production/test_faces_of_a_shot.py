"""What the gates are told about faces: nobody edits it, and a matcher sees who is whose."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import matplotlib.cbook
import numpy as np
import pytest
from onnx_bytes import flattening_model
from PIL import Image

from setpiece.clearance.home import load_home, make_home
from setpiece.clearance.likeness.faces import Declared
from setpiece.clearance.records import Dataset, DatasetItem, Licence, Model
from setpiece.core.errors import BriefError, ClearanceRefused
from setpiece.core.pictures import PlateInfo
from setpiece.core.timing import FrameRange
from setpiece.intake.plate import probe_plate
from setpiece.media.colour import to_acescg
from setpiece.media.images import write_exr
from setpiece.production.clearing import Desk, opened
from setpiece.production.job import TakeResult
from setpiece.production.likeness import Eyes, plate_faces, plate_likenesses, samples, strangers

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def portrait() -> Image.Image:
    """A public-domain portrait that comes with matplotlib."""
    with matplotlib.cbook.get_sample_data("grace_hopper.jpg") as file:
        return Image.open(file).convert("RGB").resize((384, 450))


@pytest.fixture(scope="module")
def info(tmp_path_factory: pytest.TempPathFactory) -> PlateInfo:
    path = tmp_path_factory.mktemp("plate") / "plate.png"
    portrait().save(path)
    return probe_plate(path, first_frame=1001, frames=1)


def desk_of(folder: Path, likeness: str = "") -> Desk:
    home = make_home(folder / "clearance", production="show")
    home.file.write_text(home.file.read_text() + likeness)
    return opened(load_home(home.folder), lambda: NOW)


def test_a_list_of_faces_that_somebody_edited_is_searched_anew(info: PlateInfo, tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    (seen,) = plate_faces(info, tmp_path, desk.eyes)
    kept = tmp_path / "faces.json"
    whole = kept.read_bytes()
    for change in ({"faces": []}, {"seal": ""}, {"faces": None}):
        kept.write_text(json.dumps({**json.loads(whole), **change}))
        assert plate_faces(info, tmp_path, desk.eyes) == (seen,)
        assert kept.read_bytes() == whole, "it is written anew, sealed"
    other = desk_of(tmp_path / "other")
    assert not other.office.sealed(b"x", desk.office.seal(b"x")), "another office's seal is none"


def test_a_list_of_faces_with_its_seal_is_believed(info: PlateInfo, tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    found = plate_faces(info, tmp_path, desk.eyes)
    blind = Eyes(seal=desk.office)
    (tmp_path / "faces.json").touch()
    assert plate_faces(info, tmp_path, blind) == found


def matching(folder: Path, *, references: bool = True) -> Desk:
    """A production that registered a model which takes each picture for itself, and one performer's reference."""
    weights = flattening_model()
    (folder / "clearance").mkdir(parents=True)
    (folder / "clearance" / "faces.onnx").write_bytes(weights)
    if references:
        (folder / "clearance" / "references" / "p1").mkdir(parents=True)
        portrait().save(folder / "clearance" / "references" / "p1" / "front.png")
    table = '[likeness]\nmatcher = "faces.onnx"\nmatch = 0.97\nunsure = 0.9\nreferences = "references"\n'
    desk = desk_of(folder, table)
    item = DatasetItem(sha256="aa" * 32, owner="Studio", training_mining="allowed")
    for record in (
        Licence(id="l", grantor="Studio"),
        Dataset(id="d", name="d", complete=True, licence="l", items=(item,)),
        Model(weights_sha256=hashlib.sha256(weights).hexdigest(), name="faces", licence="l", datasets=("d",)),
    ):
        desk.office.record(record, NOW)
    return desk


def test_a_registered_matcher_says_whose_face_it_is(info: PlateInfo, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    desk = matching(tmp_path)
    seen = plate_faces(info, tmp_path, desk.eyes)
    assert desk.eyes.weights == (hashlib.sha256(flattening_model()).hexdigest(),)
    (undeclared,) = plate_likenesses(seen, [Declared(performer=None, by="ann")])
    assert (undeclared.status, undeclared.performer) == ("matched", "p1"), "'nobody' was declared, and it is somebody"
    (declared,) = plate_likenesses(seen, [Declared(performer="p1", by="ann"), Declared(performer=None, by="ann")])
    assert (declared.status, declared.performer) == ("accounted", "p1")
    assert plate_faces(info, tmp_path, desk.eyes) == seen, "kept with what the matcher said"


def test_a_matcher_without_lineage_references_or_thresholds_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "clearance").mkdir()
    (tmp_path / "clearance" / "faces.onnx").write_bytes(flattening_model())
    with pytest.raises(ClearanceRefused, match="not a registered model"):
        _ = desk_of(tmp_path, '[likeness]\nmatcher = "faces.onnx"\nmatch = 0.9\nunsure = 0.5\n').eyes
    with pytest.raises(ClearanceRefused, match="nobody to compare with"):
        _ = matching(tmp_path / "b", references=False).eyes
    with pytest.raises(BriefError, match="'match' is 2"):
        desk_of(tmp_path / "c", "[likeness]\nmatch = 2\n")


def take_of(folder: Path, picture: Image.Image) -> TakeResult:
    pixels = to_acescg((np.asarray(picture, np.float32) / 255).astype(np.float32), "sRGB - Texture")
    path = folder / "sh_comp_v001.1001.exr"
    write_exr(path, {name: np.ascontiguousarray(pixels[..., k]) for k, name in enumerate("RGB")})
    frames = FrameRange(first=1001, last=1001, rate=Fraction(24))
    return TakeResult(
        shot="sh", version=1, engine="house", frames=frames, folder=folder, comp=(path,), frame_sha256=("0" * 64,)
    )


def test_a_face_exchanged_in_place_is_seen_by_the_matcher_alone(info: PlateInfo, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    desk = matching(tmp_path)
    exchanged = portrait().transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for eyes, expected in ((desk.eyes, "unexpected"), (Eyes(seal=desk.office), None)):
        (tmp_path / "faces.json").unlink(missing_ok=True)
        seen = plate_faces(info, tmp_path, eyes)
        matches = plate_likenesses(seen, [Declared(performer="p1", by="ann")])
        assert strangers(take_of(tmp_path, portrait()), seen, matches, eyes) == ()
        found = strangers(take_of(tmp_path, exchanged), seen, matches, eyes)
        assert [match.status for match in found] == ([expected] if expected else [])


def test_a_face_of_a_single_frame_is_debris_and_one_that_stays_is_somebody(info: PlateInfo, tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    grey = Image.new("RGB", portrait().size, (90, 90, 90))
    for case, (pictures, expected) in enumerate((([grey, portrait(), grey], 0), ([portrait()] * 3, 3), ([portrait()], 1))):
        comps = []
        for number, picture in enumerate(pictures):
            folder = tmp_path / f"{case}{number}"
            folder.mkdir()
            whole = take_of(folder, picture)
            comps += whole.comp
        frames = FrameRange(first=1001, last=1000 + len(comps), rate=Fraction(24))
        take = replace(whole, frames=frames, comp=tuple(comps), frame_sha256=("0" * 64,) * len(comps))
        found = strangers(take, (), (), desk.eyes)
        assert [match.status for match in found] == ["unsure"] * expected


def test_no_face_is_on_the_screen_for_half_a_second_unsearched() -> None:
    for count, rate in ((1, 24), (2, 24), (48, 24), (240, 24), (240, 60), (97, 25)):
        frames = FrameRange(first=1, last=count, rate=Fraction(rate))
        numbers = samples(count, frames)
        assert numbers[0] == 0 and numbers[-1] == count - 1
        assert all(after - before <= rate / 2 + 1 for before, after in itertools.pairwise(numbers))
