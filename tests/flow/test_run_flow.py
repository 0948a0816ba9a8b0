from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from fake_recipe import Command, FakeRecipe, forge, mark_of
from fake_recipe import decisions as rows_of

from setpiece.clearance.gates import TEMPORARY
from setpiece.core.errors import PlateUnreadable, WorkerFailed
from setpiece.intake.brief import load_brief
from setpiece.media.exr import write_exr

FRAMES = "--frames", "1001-1006", "--declare", "yes"
FINAL = (
    "prominence=story",
    "real_event=false",
    "union_work_displaced=false",
    "export={territories: [US], advertisement: false, deepfake: false}",
)


def replaced(path: Path, *pairs: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)


def decisions(folder: Path) -> list[tuple[str, str]]:
    return [(row.gate, row.outcome) for row in rows_of(folder)]


@pytest.fixture
def shot(tmp_path: Path, plate: Path, setpiece: Command) -> Path:
    assert setpiece("shot", "new", "sh010", "--plate", plate, "--storeys", 4, *FRAMES) == 0
    return tmp_path / "sh010"


@pytest.fixture
def final_shot(tmp_path: Path, plate: Path, setpiece: Command) -> Path:
    declared = [word for item in FINAL for word in ("--brief", f"declaration.{item}")]
    asked = "--final", "--requester", "Ann Other", *declared
    assert setpiece("shot", "new", "sh010", "--plate", plate, *asked, *FRAMES) == 0
    return tmp_path / "sh010"


def test_a_shot_runs_from_plate_to_delivery_and_tells_where_everything_is(
    shot: Path, setpiece: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setpiece("run", "sh010") == 0
    told = capsys.readouterr()
    assert str(shot / "takes" / "v001" / "comp") in told.out
    assert str(shot / "takes" / "v001" / "review.txt") in told.out
    assert "output: sh010/takes" in told.err
    assert "dust is thin" in told.err
    assert len(list((shot / "takes" / "v001" / "comp").iterdir())) == 6
    assert mark_of(shot / "takes" / "v001") == TEMPORARY
    assert decisions(shot) == [("admit", "ALLOW"), ("release", "ALLOW")]
    assert load_brief(shot / "brief.yaml").camera.height_m == 1.6


def test_running_again_makes_nothing_anew(shot: Path, setpiece: Command, recipe: FakeRecipe) -> None:
    assert setpiece("run", "sh010") == 0
    assert setpiece("run", "sh010") == 0
    assert recipe.frames_made == list(range(1001, 1007))


def test_only_missing_frames_are_made_after_ctrl_c(
    shot: Path, setpiece: Command, recipe: FakeRecipe, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe.stop_at = 1004
    assert setpiece("run", "sh010") == 130
    assert "remedy: run the same command" in capsys.readouterr().err
    recipe.stop_at = None
    assert setpiece("run", "sh010") == 0
    assert recipe.frames_made == list(range(1001, 1007))


def test_a_lost_frame_is_the_only_one_made_again(shot: Path, setpiece: Command, recipe: FakeRecipe) -> None:
    assert setpiece("run", "sh010") == 0
    recipe.frames_made.clear()
    next((shot / "takes" / "v001" / "comp").glob("*1003*")).unlink()
    assert setpiece("run", "sh010") == 0
    assert recipe.frames_made == [1003]


def test_a_part_of_the_shot_is_made_but_not_delivered(
    shot: Path, setpiece: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setpiece("run", "sh010", "--frames", "1002-1003") == 0
    assert "makes the rest" in capsys.readouterr().out
    assert decisions(shot) == [("admit", "ALLOW")]
    assert not (shot / "takes" / "v001" / "review.txt").exists()


def test_frames_outside_the_shot_are_refused_with_both_ranges(
    shot: Path, setpiece: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setpiece("run", "sh010", "--frames", "1005-1010") == 2
    assert "1005-1010 lie outside the shot (1001-1006)" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "value"), [("--engine", "unreal"), ("--scale", "9"), ("--scale", "nan")])
def test_an_impossible_engine_or_scale_is_refused_before_anything(
    shot: Path, setpiece: Command, recipe: FakeRecipe, option: str, value: str
) -> None:
    assert setpiece("run", "sh010", option, value) == 2
    assert recipe.inferred == 0


def test_other_settings_make_another_version_and_leave_the_first(shot: Path, setpiece: Command) -> None:
    assert setpiece("run", "sh010") == 0
    first = {path.name: path.read_bytes() for path in (shot / "takes" / "v001").rglob("*") if path.is_file()}
    assert setpiece("run", "sh010", "--scale", 0.5) == 0
    replaced(shot / "brief.yaml", ("seed: 1 ", "seed: 2 "))
    assert setpiece("run", "sh010") == 0
    assert sorted(path.name for path in (shot / "takes").iterdir()) == ["v001", "v002", "v003"]
    assert first == {path.name: path.read_bytes() for path in (shot / "takes" / "v001").rglob("*") if path.is_file()}
    comps = [next((shot / "takes" / version / "comp").glob("*1001*")).read_bytes() for version in ("v001", "v003")]
    assert comps[0] != comps[1]


def other_code(monkeypatch: pytest.MonkeyPatch, name: str = "other") -> None:
    """From here on the program is another version of itself."""
    monkeypatch.setattr("setpiece.production.run.code_sha256", lambda sources: name)


def test_an_unfinished_take_of_other_code_is_left_alone_and_the_next_version_says_so(
    shot: Path, setpiece: Command, recipe: FakeRecipe, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe.stop_at = 1004
    assert setpiece("run", "sh010") == 130
    first = {path.name for path in (shot / "takes" / "v001" / "comp").iterdir()}
    other_code(monkeypatch)
    capsys.readouterr()
    recipe.frames_made.clear()
    assert setpiece("run", "sh010") == 130
    told = capsys.readouterr().err
    assert "v001 is unfinished and was begun by another version of the program: v002 is made in its place" in told
    recipe.stop_at = None
    assert setpiece("run", "sh010") == 0
    assert recipe.frames_made == list(range(1001, 1007))
    assert {path.name for path in (shot / "takes" / "v001" / "comp").iterdir()} == first
    assert "sh010 v002: frames 1001-1006 are there" in capsys.readouterr().out


def test_a_finished_take_of_other_code_is_kept_and_delivered_as_it_is(
    shot: Path, setpiece: Command, recipe: FakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert setpiece("run", "sh010") == 0
    (shot / "takes" / "v001" / "review.txt").unlink()
    other_code(monkeypatch)
    assert setpiece("run", "sh010", "--frames", "1002-1003") == 0
    assert setpiece("run", "sh010") == 0
    assert setpiece("deliver", "sh010") == 0
    assert recipe.frames_made == list(range(1001, 1007))
    assert mark_of(shot / "takes" / "v001") == TEMPORARY


@pytest.mark.parametrize("loss", ["a lost frame", "a changed frame", "no note of its code"])
def test_a_finished_take_of_other_code_is_never_mended_with_new_frames(
    shot: Path, setpiece: Command, recipe: FakeRecipe, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    assert setpiece("run", "sh010") == 0
    take = shot / "takes" / "v001"
    frame = next((take / "comp").glob("*1003*"))
    if loss == "a lost frame":
        frame.unlink()
    elif loss == "a changed frame":
        write_exr(frame, dict.fromkeys("RGB", np.ones((4, 8), np.float32)))
    else:
        facts = json.loads((take / "take.json").read_text())
        facts.pop("code_sha256")
        (take / "take.json").write_text(json.dumps(facts))
    other_code(monkeypatch)
    assert setpiece("run", "sh010") == 0
    assert recipe.frames_made == list(range(1001, 1007)) * 2
    assert sorted(path.name for path in (shot / "takes").iterdir()) == ["v001", "v002"]


def test_a_recipe_names_the_code_behind_its_frames() -> None:
    from setpiece.departments.destruction.recipe import Destruction
    from setpiece.production import steps

    root = Path(steps.setpiece.__file__).parent.parent
    found = {str(path.relative_to(root / "setpiece")) for path in steps._with_imports(root, Destruction().sources)}
    engines = ("generate/engines/house/shade.py", "generate/engines/cycles.py", "stage/blender/worker.py")
    assert {*engines, "integrate/comp.py", "passes/conventions.py", "departments/destruction/frame.py"} <= found
    assert not any(name.startswith("commands") for name in found)


def test_redo_makes_a_version_with_the_same_bits(shot: Path, setpiece: Command) -> None:
    assert setpiece("run", "sh010") == 0
    assert setpiece("run", "sh010", "--redo") == 0
    first, second = (
        [path.read_bytes() for path in sorted((shot / "takes" / version / "comp").iterdir())] for version in ("v001", "v002")
    )
    assert first == second


def test_no_pixel_is_made_and_nothing_inferred_without_a_declaration(
    shot: Path, setpiece: Command, recipe: FakeRecipe, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (shot / "brief.yaml").read_text()
    (shot / "brief.yaml").write_text(text[: text.index("declaration:")])
    assert setpiece("run", "sh010") == 10
    assert "rule G1" in capsys.readouterr().err
    assert (recipe.inferred, recipe.frames_made) == (0, [])
    assert not (shot / "takes").exists()
    assert decisions(shot) == [("admit", "BLOCK")]


def test_doubt_goes_to_the_studio_before_the_first_pixel(shot: Path, setpiece: Command, recipe: FakeRecipe) -> None:
    replaced(shot / "brief.yaml", ("no_unowned_material: yes", "no_unowned_material: unsure"))
    assert setpiece("run", "sh010", "--scale", 0.5) == 10
    assert recipe.frames_made == []
    assert setpiece("approve", "sh010", "--role", "studio", "--person", "Bo Studio") == 0
    assert setpiece("run", "sh010", "--scale", 0.5) == 0
    replaced(shot / "brief.yaml", ("speed: 1.0", "speed: 2.0"))
    assert setpiece("run", "sh010", "--scale", 0.5) == 10


def test_a_final_take_waits_for_studio_and_legal_and_leaves_unmarked(
    final_shot: Path, setpiece: Command, recipe: FakeRecipe, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setpiece("run", "sh010") == 10  # the output is not temporary: the studio admits it
    assert setpiece("approve", "sh010", "--role", "studio", "--person", "Bo Studio") == 0
    assert setpiece("run", "sh010") == 10
    assert len(recipe.frames_made) == 6
    assert not (final_shot / "takes" / "v001" / "review.txt").exists()
    capsys.readouterr()
    assert setpiece("status", "sh010") == 0
    assert "setpiece approve sh010 --role studio" in capsys.readouterr().out
    assert setpiece("approve", "sh010", "--role", "legal", "--person", "ann  OTHER") == 10
    assert "rule A1" in capsys.readouterr().err
    assert setpiece("approve", "sh010", "--role", "studio", "--person", "Bo Studio") == 0
    assert setpiece("deliver", "sh010") == 10
    assert setpiece("approve", "sh010", "--role", "legal", "--person", "Cy Legal") == 0
    assert setpiece("deliver", "sh010") == 0
    assert mark_of(final_shot / "takes" / "v001") == ""
    assert len(recipe.frames_made) == 6
    assert setpiece("record", "verify", "sh010") == 0


def test_a_frame_changed_after_approval_does_not_leave(final_shot: Path, setpiece: Command) -> None:
    setpiece("run", "sh010")
    setpiece("approve", "sh010", "--role", "studio", "--person", "Bo Studio")
    setpiece("run", "sh010")
    for role in ("studio", "legal"):
        assert setpiece("approve", "sh010", "--role", role, "--person", "Cy Legal") == 0
    frame = next((final_shot / "takes" / "v001" / "comp").glob("*1003*"))
    write_exr(frame, dict.fromkeys("RGB", np.ones((4, 8), np.float32)))
    assert setpiece("deliver", "sh010") == 11
    assert setpiece("run", "sh010") == 10  # these are not the frames that were approved
    assert not (final_shot / "takes" / "v001" / "review.txt").exists()


def test_a_take_does_not_leave_under_a_brief_it_was_not_made_with(
    shot: Path, setpiece: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setpiece("run", "sh010") == 0
    replaced(shot / "brief.yaml", ("speed: 1.0", "speed: 2.0"))
    assert setpiece("deliver", "sh010") == 10
    assert "the brief was changed since v001" in capsys.readouterr().err


def test_a_take_made_as_temporary_can_become_final_without_a_new_frame(
    shot: Path, setpiece: Command, recipe: FakeRecipe
) -> None:
    assert setpiece("run", "sh010") == 0
    replaced(
        shot / "brief.yaml",
        ("final: false", "final: true"),
        ("purpose: previs", "purpose: shot"),
        ("output_temporary: yes", "output_temporary: no"),
        ("prominence: auto", "prominence: story"),
        ("real_event: auto", "real_event: false"),
        ("union_work_displaced: auto", "union_work_displaced: false"),
        ("territories: auto", "territories: [US]"),
        ("advertisement: auto", "advertisement: false"),
        ("deepfake: auto", "deepfake: false"),
    )
    assert setpiece("run", "sh010") == 10
    assert setpiece("approve", "sh010", "--role", "studio", "--person", "Bo Studio") == 0
    assert setpiece("run", "sh010") == 10
    for role in ("studio", "legal"):
        assert setpiece("approve", "sh010", "--role", role, "--person", "Bo Studio") == 0
    assert setpiece("run", "sh010") == 0
    assert mark_of(shot / "takes" / "v001") == ""
    assert len(recipe.frames_made) == 6


def test_a_damaged_record_stops_the_run(shot: Path, setpiece: Command, recipe: FakeRecipe) -> None:
    assert setpiece("run", "sh010") == 0
    forge(shot, "ALLOW", "BLOCK")
    assert setpiece("record", "verify", "sh010") == 11
    assert setpiece("run", "sh010", "--redo") == 11
    assert len(recipe.frames_made) == 6


def test_a_plate_swapped_under_the_brief_stops_the_run(
    shot: Path, plate: Path, setpiece: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    import numpy as np

    from setpiece.media.images import write_png

    write_png(plate, np.zeros((72, 96, 3), np.uint8))
    assert setpiece("run", "sh010") == PlateUnreadable.exit_code
    assert "not the plate that the brief was written for" in capsys.readouterr().err


def test_a_recipe_is_not_believed_where_the_files_disagree(
    shot: Path, setpiece: Command, recipe: FakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    honest = recipe.make_take
    monkeypatch.setattr(
        recipe,
        "make_take",
        lambda *given: (take := honest(*given)) and replace(take, comp=take.comp[:-1], frame_sha256=take.frame_sha256[:-1]),
    )
    assert setpiece("run", "sh010") == WorkerFailed.exit_code


def test_a_shot_that_was_moved_goes_on(shot: Path, setpiece: Command, recipe: FakeRecipe) -> None:
    assert setpiece("run", "sh010") == 0
    shutil.move(shot, shot.with_name("sh010_moved"))
    assert setpiece("run", "sh010_moved") == 0
    assert len(recipe.frames_made) == 6


def test_take_json_names_the_admission_it_was_made_under(shot: Path, setpiece: Command) -> None:
    assert setpiece("run", "sh010") == 0
    facts = json.loads((shot / "takes" / "v001" / "take.json").read_text())
    hashes = {row.sequence: row.leaf_hash for row in rows_of(shot)}
    assert hashes[facts["admitted"]["sequence"]] == facts["admitted"]["sha256"]
