from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setpiece.core.errors import BriefError, RecordDamaged
from setpiece.core.pictures import PlateInfo
from setpiece.core.timing import FrameRange
from setpiece.intake.brief import brief_sha256, load_brief, new_brief, pixels_sha256, write_inferred, write_stated
from setpiece.intake.schema import CollapseDocument
from setpiece.intake.yaml_text import fields_of, parsed, scalar, submodel

GOLDEN = Path(__file__).parents[2] / "golden" / "brief.yaml"
PLATE = PlateInfo(
    source="/plates/street.jpg",
    sha256="a" * 64,
    width=960,
    height=540,
    frames=FrameRange(first=1001, last=1048, rate=Fraction(24000, 1001)),
    still=True,
    source_colour_space="sRGB - Texture",
    colour_space_stated=False,
    bit_depth="uint8",
    focal_px=985.2123456,
    focal_source="EXIF, confidence 0.9",
)
DECLARED = {"purpose": "previs", "final": False, "requester": "Ann Other", "principles": {"output_temporary": "yes"}}


@pytest.fixture
def brief(tmp_path: Path) -> Path:
    path = tmp_path / "brief.yaml"
    new_brief(path, shot="sh010", plate=PLATE, declaration=DECLARED, values={"collapse.mode": "topple"})
    return path


def edited(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path


def refused(path: Path) -> BriefError:
    with pytest.raises(BriefError) as caught:
        load_brief(path)
    assert caught.value.file == path
    assert caught.value.remedy
    return caught.value


def test_a_new_brief_is_the_golden_one_to_the_byte(brief: Path) -> None:
    assert brief.read_text() == GOLDEN.read_text(), f"if the change is meant: cp {brief} {GOLDEN}"


def test_a_new_brief_has_every_field_and_a_comment_for_each(brief: Path) -> None:
    document = parsed(brief.read_text(), brief)

    def names(model: type, prefix: str = "") -> list[str]:
        found = []
        for key in fields_of(model):
            inner = submodel(model, [key])
            found += [prefix + key, *(names(inner, f"{prefix}{key}.") if inner else [])]
        return found

    assert list(document.entries) == names(CollapseDocument)
    assert [name for name, entry in document.entries.items() if not entry.is_mapping and not entry.comment] == []


def test_what_was_stated_is_read_back_and_the_rest_is_automatic_or_default(brief: Path) -> None:
    read = load_brief(brief)
    assert (read.collapse.mode, read.shot.name, read.fracture.pieces) == ("topple", "sh010", 2300)
    assert read.camera.height_m is None
    assert read.is_stated("collapse.mode")
    assert not read.is_stated("camera.height_m")
    assert not read.is_stated("plate.focal_px")  # from the file


def test_inferred_values_stand_in_the_brief_and_stay_automatic(brief: Path) -> None:
    read = write_inferred(brief, {"camera.horizon_y_px": (400.123456789, "confidence 0.8")})
    assert read.camera.horizon_y_px == 400.123
    assert dict(read.inferred)["camera.horizon_y_px"] == "confidence 0.8"
    assert read.stated().camera.horizon_y_px is None
    assert write_inferred(brief, {"camera.horizon_y_px": (390.0, "again")}).camera.horizon_y_px == 390


def test_an_inferred_value_that_the_artist_changes_is_the_artists(brief: Path) -> None:
    write_inferred(brief, {"camera.horizon_y_px": (400.0, "confidence 0.8")})
    edited(brief, "horizon_y_px: 400 ", "horizon_y_px: 410 ")
    read = write_inferred(brief, {"camera.horizon_y_px": (400.0, "confidence 0.8")})
    assert read.camera.horizon_y_px == 410
    assert read.is_stated("camera.horizon_y_px")
    assert read.stated().camera.horizon_y_px == 410


def test_an_inferred_value_whose_comment_is_taken_away_is_the_artists(brief: Path) -> None:
    write_inferred(brief, {"camera.horizon_y_px": (400.0, "confidence 0.8")})
    line = next(line for line in brief.read_text().splitlines() if "horizon_y_px" in line)
    edited(brief, line, "  horizon_y_px: 400")
    assert load_brief(brief).is_stated("camera.horizon_y_px")


def test_writing_what_was_inferred_leaves_every_other_byte_alone(brief: Path) -> None:
    edited(brief, "seed: 1 ", "# my note\nseed:   1   ")
    before = brief.read_text().splitlines()
    write_inferred(brief, {"light.sun_rgb": ((1.0, 0.9, 0.8), "shadows"), "matte.box": ([1, 2, 30, 40], "found")})
    after = brief.read_text().splitlines()
    changed = [line for line, old in zip(after, before, strict=True) if line != old]
    assert len(changed) == 2
    assert all("inferred" in line for line in changed)


def test_inferring_the_same_again_changes_no_byte(brief: Path) -> None:
    found = {"camera.height_m": (1.6, "assumed"), "building.footprint": (((1.5, 2.25), (3.0, 4.0)), "matte's foot")}
    write_inferred(brief, found)
    before = brief.read_text()
    write_inferred(brief, found)
    assert brief.read_text() == before


@pytest.mark.parametrize(
    "text",
    [
        "shot: {name: a1}\nplate: {path: p.png}\ncamera:\n  roll_deg: 1\n",
        "shot: {name: a1}\nplate: {path: p.png}\ncamera: {roll_deg: 1}  # mine\nlight:\nbuilding:\n  hollow: true",
        '{"shot": {"name": "a1"}, "plate": {"path": "p.png"}, "camera": {"roll_deg": 1}}',
    ],
    ids=["block", "one-line sections", "JSON"],
)
def test_inference_reaches_a_brief_of_three_lines(tmp_path: Path, text: str) -> None:
    path = tmp_path / "brief.yaml"
    path.write_text(text)
    found = {
        "camera.height_m": (1.6, "x"),
        "light.azimuth_deg": (10.0, "y"),
        "building.materials.walls": ("glass", "z"),
    }
    read = write_inferred(path, found)
    assert (read.camera.height_m, read.camera.roll_deg) == (1.6, 1)
    assert (read.light.azimuth_deg, read.building.materials.walls) == (10, "glass")
    assert dict(read.inferred).keys() == found.keys()
    assert read.is_stated("camera.roll_deg")


def test_an_inferred_value_that_a_stated_one_has_overtaken_is_found_anew(brief: Path) -> None:
    write_inferred(brief, {"collapse.start_frame": (1007, "a quarter of a second in"), "camera.height_m": (1.6, "assumed")})
    read = load_brief(edited(brief, "last_frame: 1048", "last_frame: 1004"))
    assert (read.plate.last_frame, read.collapse.start_frame, read.camera.height_m) == (1004, None, 1.6)
    assert not read.is_stated("collapse.start_frame")
    again = write_inferred(brief, {"collapse.start_frame": (1004, "the last frame")})
    assert (again.collapse.start_frame, dict(again.inferred)["collapse.start_frame"]) == (1004, "the last frame")


def test_a_stated_value_that_contradicts_another_stays_refused_beside_inferred_ones(brief: Path) -> None:
    write_inferred(brief, {"collapse.start_frame": (1007, "a quarter of a second in")})
    edited(brief, "last_frame: 1048", "last_frame: 1004")
    line = next(line for line in brief.read_text().splitlines() if "start_frame: 1007" in line)
    assert "1007 lies outside the shot (1001-1004)" in refused(edited(brief, line, "  start_frame: 1007")).message


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("focal_mm_35: auto", "focal_mm_35: 35", "plate.focal_px"),
        ("\n  storeys: auto", "\n  storeys: 5", "building.storeys"),
    ],
    ids=["lens", "storeys"],
)
def test_what_is_overtaken_and_not_found_again_becomes_auto(brief: Path, old: str, new: str, lost: str) -> None:
    write_inferred(brief, {"building.storeys": (3, "assumed")})
    edited(brief, old, new)
    read = write_inferred(brief, {"camera.height_m": (1.6, "assumed")})
    assert lost not in dict(read.inferred)
    assert parsed(brief.read_text(), brief).entries[lost].value == "auto"
    assert "inferred" not in parsed(brief.read_text(), brief).entries[lost].comment


def test_a_command_may_state_what_overtakes_an_inferred_value(brief: Path) -> None:
    write_inferred(brief, {"collapse.start_frame": (1007, "a quarter of a second in")})
    assert write_stated(brief, {"plate.last_frame": 1004}).collapse.start_frame is None


def test_a_lens_stated_twice_is_refused(brief: Path) -> None:
    write_stated(brief, {"plate.focal_px": 900})
    error = refused(edited(brief, "focal_mm_35: auto", "focal_mm_35: 35"))
    assert "say the same thing twice" in error.message
    assert "keep one" in error.remedy


def test_the_hash_follows_values_not_comments_or_order(brief: Path) -> None:
    before = brief_sha256(load_brief(brief))
    edited(brief, "# the shot", "# my shot")
    assert brief_sha256(load_brief(brief)) == before
    edited(brief, "speed: 1.0", "speed: 1.5")
    assert brief_sha256(load_brief(brief)) != before


def test_declaration_and_deliverables_do_not_decide_pixels(brief: Path) -> None:
    before = load_brief(brief)
    edited(brief, "final: false", "final: true ")
    edited(brief, "purpose: previs", "purpose: shot")
    edited(brief, "prores4444: true", "prores4444: false")
    after = load_brief(brief)
    assert pixels_sha256(after) == pixels_sha256(before)
    assert brief_sha256(after) != brief_sha256(before)


@pytest.mark.parametrize(
    ("old", "new", "message", "remedy"),
    [
        ("horizon_y_px:", "horizn_y_px:", "unknown key 'camera.horizn_y_px'", "'camera.horizon_y_px'"),
        ("camera:  #", "cameras:  #", "unknown key 'cameras'", "'camera'"),
        ("seed: 1 ", "seed: 1\nfocal_px: 3 ", "unknown key 'focal_px'", "'camera.focal_px'"),
        ("seed: 1 ", "seed: -4 ", "'seed' is -4", ""),
        ("mode: topple", "mode: tople", "'collapse.mode' is \"tople\"", "topple"),
        ("hold: 0", "hold: [1]", "'collapse.hold'", ""),
        ("speed: 1.0", "speed: .nan", "'collapse.speed'", ""),
        ("speed: 1.0", "speed: fast", "'collapse.speed' is \"fast\"", ""),
        ("  name: sh010", "  name: a\n  name: b", "'shot.name' stands twice (first on line", "remove one"),
        ("  name: sh010", "  name: ../up", "'shot.name'", ""),
        ("  name: sh010 ", "  other: 1 #", "unknown key 'shot.other'", "keys here are name, show"),
        ("  path: /plates/street.jpg", "  #", "'plate.path' is missing", ""),
        ("last_frame: 1048", "last_frame: 900", "ends before it begins", "write first_frame 900"),
        ("start_frame: auto", "start_frame: 7", "lies outside the shot (1001-1048)", "move it"),
        ("mode: topple", "mode: partial", "needs a region", "region: [left"),
        ("side: auto", "side: left", "says nothing to mode 'topple'", "progressive"),
        ("box: auto", "box: [1, 2, 30, x]", "'matte.box' is \"x\"", ""),
        ("box: auto", "box: [9, 2, 3, 4]", "box is empty", "left < right"),
        ("polygon: auto", "polygon: [[1, 1], [2, 2], [1, 2]]\n  file: a.exr\n  #", "stands twice", "remove"),
        ("storeys: auto", "storeys: 4.5", "'scale.storeys' is 4.5", ""),
        ("rate: ", "rate: 9000 #", "out of range", "between 1 and 480"),
        ("final: false", "final: true", "purpose 'previs' is not final", "purpose: shot"),
        ("schema: setpiece.brief/1", "schema: setpiece.brief/9", "'schema'", ""),
        ("camera:  #", "camera: 3  #", "", "two spaces deeper"),
        ("seed: 1", "seed: [", "is not YAML", "key: value"),
        ("seed: 1", "\tseed: 1", "is not YAML", "no tabs"),
    ],
)
def test_a_wrong_line_is_named_with_its_remedy(brief: Path, old: str, new: str, message: str, remedy: str) -> None:
    error = refused(edited(brief, old, new))
    assert "line " in error.message
    assert message in error.message
    assert remedy in error.remedy


@pytest.mark.parametrize("content", [b"", b"- 1\n", b"just words\n", b"a: &a {b: 1}\nc: *a\n", b"shot: \x80\n", b"a: \0\n"])
def test_what_is_no_brief_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "brief.yaml"
    path.write_bytes(content)
    refused(path)


def test_an_absent_brief_is_refused_in_words(tmp_path: Path) -> None:
    assert "shot new" in refused(tmp_path / "brief.yaml").remedy


def test_the_line_of_a_byte_that_is_not_utf8_is_named(brief: Path) -> None:
    brief.write_bytes(brief.read_bytes() + b"# caf\xe9\n")
    last = len(brief.read_bytes().splitlines())
    assert f"line {last} is not UTF-8" in refused(brief).message


def test_a_refused_value_leaves_no_file_behind(tmp_path: Path) -> None:
    with pytest.raises(BriefError, match="speeed"):
        new_brief(tmp_path / "brief.yaml", shot="a", plate=PLATE, declaration=DECLARED, values={"collapse.speeed": 2})
    assert list(tmp_path.iterdir()) == []


def test_a_brief_is_never_written_over(brief: Path) -> None:
    with pytest.raises(BriefError, match="already"):
        new_brief(brief, shot="a", plate=PLATE, declaration=DECLARED)


def test_a_damaged_note_of_inferred_values_is_an_error_not_a_guess(brief: Path) -> None:
    (brief.parent / "stage" / "inferred.json").write_text(json.dumps({"schema": "other"}))
    with pytest.raises(RecordDamaged):
        load_brief(brief)


def test_stated_values_are_no_longer_inferred(brief: Path) -> None:
    read = write_stated(brief, {"plate.focal_px": 800})
    assert read.plate.focal_px == 800
    assert read.is_stated("plate.focal_px")


_text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
_value = st.one_of(st.booleans(), st.integers(-(10**9), 10**9), st.floats(allow_nan=False, allow_infinity=False), _text)


@settings(max_examples=60, deadline=None)
@given(value=st.one_of(_value, st.lists(_value, max_size=4)))
def test_every_value_survives_its_line_of_yaml(value: object) -> None:
    path = Path("b.yaml")
    text = f"a: 1  # one\nk: {scalar(value)}  # note\nz: 2\n"
    entries = parsed(text, path).entries
    assert entries["k"].value == value
    again = parsed(parsed(text, path).with_value("a", value, "inferred, so"), path).entries
    assert again["a"].value == value
    assert again["a"].comment == "# inferred, so | one"
    assert again["z"].value == 2
