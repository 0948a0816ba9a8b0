from __future__ import annotations

import re
from pathlib import Path

import pytest
from fake_recipe import Command, FakeRecipe

import setpiece as package
from setpiece import wiring
from setpiece.core import errors
from setpiece.intake.brief import load_brief

DOCS = Path(__file__).parents[2] / "docs"


def test_help_tells_the_flow_in_order(setpiece: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert setpiece("--help") == 0
    told = capsys.readouterr().out
    places = [told.index(f"  {word} ") for word in ("shot new", "run", "status", "approve", "deliver")]
    assert places == sorted(places)


def test_one_line_makes_a_shot_and_declares_in_the_users_name(
    plate: Path, tmp_path: Path, setpiece: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "dana")
    line = ("collapse", plate, "-o", "out/sh1", "--brief", "plate.last_frame=1004", "--brief", "dust.wind_m_s=[1, 0, 0]")
    assert setpiece(*line, "--mode", "topple") == 0
    assert "declared in the name of dana: previs, temporary, not final" in capsys.readouterr().out
    brief = load_brief(tmp_path / "out/sh1/brief.yaml")
    assert (brief.collapse.mode, brief.plate.last_frame, brief.dust.wind_m_s) == ("topple", 1004, (1, 0, 0))
    assert brief.declaration is not None
    assert brief.declaration.final is False


def test_the_same_line_again_goes_on_with_the_shot(plate: Path, setpiece: Command, recipe: FakeRecipe) -> None:
    recipe.stop_at = 1003
    assert setpiece("collapse", plate, "-o", "sh1", "--frames", "1001-1004") == 130
    recipe.stop_at = None
    assert setpiece("collapse", plate, "-o", "sh1", "--frames", "1001-1004") == 0
    assert recipe.frames_made == [1001, 1002, 1003, 1004]


def test_a_folder_is_not_taken_over_by_another_plate(
    plate: Path, setpiece: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setpiece("shot", "new", "sh1", "--plate", plate) == 0
    assert setpiece("collapse", plate.with_name("other.png"), "-o", "sh1") == 2
    assert "shot of another plate" in capsys.readouterr().err


def test_the_demo_runs_twice_and_makes_its_frames_once(
    plate: Path, tmp_path: Path, setpiece: Command, recipe: FakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "DEMO_PLATE", plate)
    assert setpiece("demo", "--short") == 0
    count = len(recipe.frames_made)
    assert setpiece("demo", "--short") == 0
    assert len(recipe.frames_made) == count > 0
    assert (tmp_path / "demo/out").is_dir()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("run", "nowhere"), 2, "is not a shot"),
        (("shot", "new", "a", "--plate", "absent.png"), 3, "absent.png"),
        (("shot", "new", "a", "--plate", "PLATE", "--box", "1,2,3"), 2, "--box 1,2,3 is not 4 numbers"),
        (("shot", "new", "a", "--plate", "PLATE", "--mode", "tople"), 2, "collapse.mode"),
        (("shot", "new", "a", "--plate", "PLATE", "--frames", "x"), 2, "not a frame range"),
        (("shot", "new", "a", "--plate", "PLATE", "--brief", "nothing"), 2, "has no '='"),
        (("shot", "new", "a", "--plate", "PLATE", "--brief", "dust.amont=2"), 2, "unknown key 'dust.amont'"),
        (("shot", "new", "a", "--plate", "PLATE", "--brief", "dust=2"), 2, "dust"),
        (("shot", "new", "a", "--plate", "PLATE", "--brief", "render.engine=unreal"), 2, "render.engine"),
        (("shot", "new", "a b", "--plate", "PLATE"), 2, "shot.name"),
    ],
)
def test_bad_calls_end_in_one_line_a_remedy_and_a_stable_code(
    plate: Path, tmp_path: Path, setpiece: Command, capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...], code: int, words: str,
) -> None:  # fmt: skip
    assert setpiece(*(str(plate) if word == "PLATE" else word for word in arguments)) == code
    told = capsys.readouterr().err
    lines = [line for line in told.splitlines() if not line.startswith("output:")]
    assert [line.partition(":")[0] for line in lines] == ["error", "remedy"]
    assert words in lines[0]
    assert not (tmp_path / "a").exists()


def test_a_wrong_option_is_a_wrong_call(setpiece: Command) -> None:
    assert setpiece("run") == 2
    assert setpiece("sing") == 2


def test_a_fault_of_ours_is_an_apology_with_the_traceback_kept(
    plate: Path, setpiece: Command, recipe: FakeRecipe, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*given: object) -> None:
        raise ZeroDivisionError("one over nothing")

    monkeypatch.setattr(recipe, "infer", fault)
    assert setpiece("collapse", plate, "-o", "sh1") == 70
    told = capsys.readouterr().err
    assert "Traceback" not in told
    kept = re.search(r"report it with (\S+\.traceback\.txt)", told)
    assert kept is not None
    assert "ZeroDivisionError: one over nothing" in Path(kept[1]).read_text()


def test_every_error_class_stands_in_the_documentation_with_its_code() -> None:
    rows = dict(re.findall(r"^\| (\d+) \| `(\w+)` \|", (DOCS / "errors.md").read_text(), re.M))
    classes = {
        str(kind.exit_code): name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.SetpieceError)
    }
    assert rows == classes


def test_version_is_told(setpiece: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert setpiece("--version") == 0
    assert package.__version__ in capsys.readouterr().out
