"""The department: a document and a plan at once, pictures only of what the gate let through."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from setpiece import wiring
from setpiece.clearance.records import Performer
from setpiece.core.errors import BriefError, ClearanceRefused, RecordDamaged
from setpiece.core.progress import Silent
from setpiece.deliver.manifest import verify_manifest
from setpiece.departments.previs import presentation, sets
from setpiece.departments.previs.settle import settled
from setpiece.departments.previs.words import vocabulary
from setpiece.intake.previs_compose import kind_named
from setpiece.intake.previs_document import load_set
from setpiece.intake.previs_places import all_places, programme
from setpiece.intake.previs_reader import read
from setpiece.intake.previs_vocabulary import lexicon
from setpiece.media.files import read_json, sha256_file, sha256_value, write_json
from setpiece.media.images import read_image, write_png
from setpiece.production.sets import admitted_set, job_of
from setpiece.production.workspace import Workspace
from setpiece.stage.sets.layout import lay_out

TEXT = "A bunker lounge, 1968. A green leather sofa, two armchairs, a coffee table. No windows. Low key."
YES = {
    "purpose": "previs", "final": False, "requester": "Ann Other",
    "principles": dict.fromkeys(
        ("no_unowned_material", "tools_keep_nothing", "enterprise_secured", "output_temporary", "no_talent_replaced"), "yes"
    ),
}  # fmt: skip


def clock() -> datetime:
    return datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def made(folder: Path, text: str = TEXT, declaration: dict[str, object] | None = None) -> sets.NewSet:
    return sets.new_set(folder, text, seed=3, show="Show", declaration=YES if declaration is None else declaration)


def test_a_new_set_has_a_document_that_reads_back_and_a_plan_to_look_at(tmp_path: Path) -> None:
    found = made(tmp_path / "INT_BUNKER")
    assert load_set(tmp_path / "INT_BUNKER" / "brief.yaml").spec == found.brief.spec
    assert found.brief.name == "INT_BUNKER"
    picture = read_image(found.plan).pixels
    assert picture.shape[1] > 1000 and picture.std() > 0.02
    assert (tmp_path / "INT_BUNKER" / "plan.svg").read_text().count("sofa") >= 1


def test_the_same_text_and_seed_make_the_same_document_and_plan_to_the_byte(tmp_path: Path) -> None:
    made(tmp_path / "a" / "INT_X")
    made(tmp_path / "b" / "INT_X")
    for name in ("brief.yaml", "plan.png", "plan.svg"):
        assert (tmp_path / "a" / "INT_X" / name).read_bytes() == (tmp_path / "b" / "INT_X" / name).read_bytes()


def test_variations_are_documents_of_their_own_and_are_not_written_over(tmp_path: Path) -> None:
    made(tmp_path / "INT_X")
    first = sets.write_variations(tmp_path / "INT_X", 2)
    assert len({theme for theme, _ in first}) == 2
    path = first[0][1] / "brief.yaml"
    path.write_text(path.read_text().replace("show: Show", "show: Mine"))
    sets.write_variations(tmp_path / "INT_X", 2)
    assert load_set(path).show == "Mine"


def test_nothing_is_shown_before_the_declaration_is_answered(tmp_path: Path) -> None:
    made(tmp_path / "INT_X", declaration={"purpose": "previs", "final": False, "requester": "Ann Other", "principles": {}})
    with pytest.raises(ClearanceRefused):
        sets.show(tmp_path / "INT_X", (), (32, 18), 1, Silent(), clock)
    assert not list((tmp_path / "INT_X").rglob("*.exr"))


def test_a_declared_set_is_admitted_and_its_permit_holds(tmp_path: Path) -> None:
    brief = made(tmp_path / "INT_X").brief
    with admitted_set(Workspace.at(tmp_path / "INT_X"), brief, "cycles", "v001", wiring.now) as admitted:
        admitted.permit.check()  # by the clock of the day, as every worker does
        assert admitted.cleared.value == job_of(brief, "cycles")


def test_a_style_that_the_text_asks_for_is_told_to_the_gate_and_needs_a_person(tmp_path: Path) -> None:
    brief = made(tmp_path / "INT_X", f"{TEXT} In the style of Somebody Famous.").brief
    with (
        pytest.raises(ClearanceRefused, match="style"),
        admitted_set(Workspace.at(tmp_path / "INT_X"), brief, "cycles", "v001", clock),
    ):
        pass


def test_a_performer_whom_the_text_names_stops_at_the_gate(tmp_path: Path) -> None:
    brief = made(tmp_path / "INT_X", f"{TEXT} A portrait of Nora Nobody on the wall.").brief
    workspace = Workspace.at(tmp_path / "INT_X")
    with admitted_set(workspace, made(tmp_path / "INT_Y").brief, "cycles", "v001", clock) as admitted:
        admitted.desk.office.record(Performer(id="nora", name="Nora Nobody"), clock())
    with pytest.raises(ClearanceRefused), admitted_set(workspace, brief, "cycles", "v001", clock):
        pass


def test_another_document_is_another_subject_and_another_version(tmp_path: Path) -> None:
    one = made(tmp_path / "INT_X").brief
    other = made(tmp_path / "INT_Y", f"{TEXT} A clock.").brief
    assert job_of(one, "cycles").subject_sha256 != job_of(other, "cycles").subject_sha256


def test_a_view_that_is_not_in_the_document_is_refused_with_those_that_are(tmp_path: Path) -> None:
    made(tmp_path / "INT_X")
    with pytest.raises(BriefError, match="wide, medium, close"):
        sets.show(tmp_path / "INT_X", ("sideways",), (32, 18), 1, Silent(), clock)


def test_a_model_elsewhere_is_not_sent_the_text(tmp_path: Path) -> None:
    (tmp_path / "previs.toml").write_text('[reader]\nurl = "https://api.example.com/v1"\nmodel = "m"\n')
    with pytest.raises(BriefError, match="not on this machine"):
        made(tmp_path / "INT_X")


def test_a_view_on_what_found_no_place_frames_the_set_and_says_so() -> None:
    spec = read("A bunker lounge, 2 by 2 m, a sofa.", vocabulary=vocabulary(), seed=1).spec
    layout = lay_out(spec)
    ready, notes = settled(spec, layout)
    there = {spot.furnishing for spot in layout.spots}
    assert all(view.on is None or view.on in there for view in ready.views)
    assert len(notes) == sum(view.on is not None and view.on not in there for view in spec.views)


def test_most_of_what_the_programmes_furnish_is_in_the_library() -> None:
    known = lexicon(vocabulary())
    lines = [line for place in all_places() for line in programme(place.furnish)]
    have = [any(kind_named(word, known) for word in line.kinds) for line in lines]
    assert sum(have) / len(have) > 0.8, sorted({line.kinds[0] for line, ok in zip(lines, have, strict=True) if not ok})


TINY = presentation.Extent(size=(32, 18), samples=1, turn_frames=2)


def shown_take(folder: Path) -> Path:
    """A take as a run leaves it, its pictures drawn instead of rendered."""
    brief = made(folder).brief
    take = folder / "takes" / "v001"
    take.mkdir(parents=True)
    entries = {}
    for view in brief.spec.views:
        path = take / f"INT_X_{view.name}_v001.png"
        write_png(path, np.full((18, 32, 3), 90, np.uint8))
        entries[view.name] = {"file": path.name, "sha256": sha256_file(path)}
    write_json(take / "take.json", {"schema": "setpiece.take/1", "settings_sha256": "0"})
    write_json(take / "set.json", {"spec_sha256": sha256_value(brief.spec), "views": entries})
    return take


def test_one_command_makes_views_boards_turn_and_hand_off_released_marked_and_signed(tmp_path: Path) -> None:
    pytest.importorskip("bpy")
    made(tmp_path / "INT_X")
    sets.write_variations(tmp_path / "INT_X", 1)
    files = presentation.present(tmp_path / "INT_X", Silent(), wiring.now, TINY)
    boards = tmp_path / "INT_X" / "takes" / "v001" / "boards"
    assert files[0].suffix == ".pdf" and {path.parent for path in files} == {boards}
    assert {path.suffix for path in files} >= {".pdf", ".png", ".csv", ".exr", ".usda", ".blend", ".glb", ".otio", ".mp4"}
    assert all(path.is_file() for path in files)
    assert (boards / "manifest.seal.json").is_file() and verify_manifest(boards)
    pages = len([path for path in files if "boards_v001." in path.name and path.suffix == ".png"])
    assert pages == 6  # set, views, plan, elevations, variations, quantities
    text = presentation.assumed_of(load_set(tmp_path / "INT_X" / "brief.yaml"))
    assert not any("#" in line or "kind:" in line for line in text)  # each a line of its own
    assert any(line.startswith("width m") for line in text)
    rendered = sorted((tmp_path / "INT_X" / "stage" / "views").glob("*.layers.exr"))
    times = [path.stat().st_mtime_ns for path in rendered]
    again = presentation.present(tmp_path / "INT_X", Silent(), wiring.now, TINY)
    assert [path.name for path in again] == [path.name for path in files]
    assert [path.stat().st_mtime_ns for path in rendered] == times, "nothing is rendered twice"


def test_a_change_of_grade_needs_no_new_rendering_and_is_another_version(tmp_path: Path) -> None:
    pytest.importorskip("bpy")
    made(tmp_path / "INT_X")
    first = sets.show(tmp_path / "INT_X", ("wide",), (32, 18), 1, Silent(), wiring.now)
    path = tmp_path / "INT_X" / "brief.yaml"
    path.write_text(path.read_text().replace("{name: wide,", "{name: wide, exposure_stops: 9.0,"))
    rendered = sorted((tmp_path / "INT_X" / "stage" / "views").glob("*.layers.exr"))
    second = sets.show(tmp_path / "INT_X", ("wide",), (32, 18), 1, Silent(), wiring.now)
    assert sorted((tmp_path / "INT_X" / "stage" / "views").glob("*.layers.exr")) == rendered
    assert (first.version, second.version) == ("v001", "v002")
    one, other = (read_image(shown.pictures[0][1]).pixels for shown in (first, second))
    assert np.abs(one - other).mean() > 0.02


def test_views_asked_for_one_by_one_stand_in_one_take(tmp_path: Path) -> None:
    pytest.importorskip("bpy")
    made(tmp_path / "INT_X")
    for name in ("wide", "close"):
        shown = sets.show(tmp_path / "INT_X", (name,), (32, 18), 1, Silent(), wiring.now)
    assert shown.version == "v001"
    assert set(read_json(tmp_path / "INT_X" / "takes" / "v001" / "set.json")["views"]) == {"wide", "close"}


def test_boards_of_a_picture_that_was_exchanged_are_refused(tmp_path: Path) -> None:
    take = shown_take(tmp_path / "INT_X")
    write_png(next(take.glob("*.png")), np.zeros((18, 32, 3), np.uint8))
    with pytest.raises(RecordDamaged, match="not the picture"):
        presentation.present(tmp_path / "INT_X", Silent(), wiring.now)
