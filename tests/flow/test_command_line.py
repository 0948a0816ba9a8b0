from __future__ import annotations

import io
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
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


YES = "--declare", "yes"


def test_one_line_makes_a_shot_and_declares_in_the_users_name(
    plate: Path, tmp_path: Path, setpiece: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "dana")
    line = ("collapse", plate, "-o", "out/sh1", "--brief", "plate.last_frame=1004", "--brief", "dust.wind_m_s=[1, 0, 0]")
    assert setpiece(*line, *YES, "--mode", "topple") == 0
    assert "declared in the name of dana: previs, temporary, not final" in capsys.readouterr().out
    brief = load_brief(tmp_path / "out/sh1/brief.yaml")
    assert (brief.collapse.mode, brief.plate.last_frame, brief.dust.wind_m_s) == ("topple", 1004, (1, 0, 0))
    assert brief.declaration is not None
    assert brief.declaration.final is False


FIVE = ("no_unowned_material", "tools_keep_nothing", "enterprise_secured", "output_temporary", "no_talent_replaced")


def answers(brief: Path) -> dict[str, object]:
    declaration = load_brief(brief).declaration
    assert declaration is not None
    return declaration.principles.model_dump()


@pytest.mark.parametrize("line", [("collapse", "PLATE", "-o", "sh1"), ("demo", "--short")], ids=["collapse", "demo"])
def test_nobody_is_answered_for_and_without_answers_nothing_is_made(
    plate: Path, tmp_path: Path, setpiece: Command, recipe: FakeRecipe, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, line: tuple[str, ...],
) -> None:  # fmt: skip
    monkeypatch.setattr(wiring, "DEMO_PLATE", plate)
    words = [plate if word == "PLATE" else word for word in line]
    assert setpiece(*words) == errors.ClearanceRefused.exit_code
    told = capsys.readouterr()
    assert "5 of these are not answered" in told.err
    assert "--declare yes" in told.err
    assert "rule G2: unanswered" in told.err
    brief = next(tmp_path.rglob("brief.yaml"))
    assert set(answers(brief).values()) == {None}
    assert (recipe.frames_made, recipe.inferred) == ([], 0)
    assert setpiece(*words, *YES) == 0
    assert set(answers(brief).values()) == {"yes"}
    assert len(recipe.frames_made) > 0


def test_each_answer_is_told_with_its_question(plate: Path, setpiece: Command, capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--declare", "yes", "--declare", "enterprise_secured=unsure")
    assert setpiece("shot", "new", "sh1", "--plate", plate, "--final", *given) == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert [word for word, _ in lines] == ["yes", "yes", "unsure", "no", "yes"]  # what is final is not temporary
    assert "part of the final picture" in lines[3][1]
    assert list(answers(Path("sh1/brief.yaml"))) == list(FIVE)


@pytest.mark.parametrize(
    ("given", "words", "remedy"),
    [("maybe", "is no answer", "yes|no|unsure"), ("talent=yes", "no question 'talent'", "no_talent_replaced"),
     ("no_talent_replaced=perhaps", "is no answer", "yes|no|unsure")],
)  # fmt: skip
def test_an_answer_that_is_none_is_a_wrong_call(
    plate: Path, tmp_path: Path, setpiece: Command, capsys: pytest.CaptureFixture[str], given: str, words: str, remedy: str
) -> None:
    assert setpiece("collapse", plate, "-o", "sh1", "--declare", given) == 2
    told = capsys.readouterr().err
    assert words in told
    assert remedy in told
    assert not (tmp_path / "sh1").exists()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Somebody named dana at a terminal, who types these lines."""
    monkeypatch.setenv("LOGNAME", "dana")
    monkeypatch.setattr("setpiece.commands.declare.on_terminal", lambda: True)
    return lambda typed: monkeypatch.setattr("sys.stdin", io.StringIO(typed))


def test_a_terminal_is_asked_once_for_a_production_and_another_person_again(
    plate: Path, tmp_path: Path, setpiece: Command, terminal: Callable[[str], None], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    terminal("yes\nwhat\ny\nunsure\nYES\nyes\n")
    assert setpiece("shot", "new", "film/sh1", "--plate", plate) == 0
    given = dict(zip(FIVE, ("yes", "yes", "unsure", "yes", "yes"), strict=True))
    assert answers(tmp_path / "film/sh1/brief.yaml") == given
    assert "answered_by: dana" in (tmp_path / "film/declaration.yaml").read_text()
    terminal("")
    assert setpiece("shot", "new", "film/sh2", "--plate", plate) == 0
    assert answers(tmp_path / "film/sh2/brief.yaml") == given
    monkeypatch.setenv("LOGNAME", "bo")
    assert setpiece("shot", "new", "film/sh3", "--plate", plate) == 130  # asked anew, and gave no answer
    assert not (tmp_path / "film/sh3").exists()
    declaration = load_brief(tmp_path / "film/sh2/brief.yaml").declaration
    assert declaration is not None
    assert declaration.notes == "as dana answered for this production in declaration.yaml"


def test_remembered_answers_that_are_damaged_are_named(
    plate: Path, tmp_path: Path, setpiece: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "dana")
    for text in ("schema: [", "just words", "schema: setpiece.declaration/1\nanswered_by: dana\nno_talent_replaced: 3\n"):
        (tmp_path / "declaration.yaml").write_text(text)
        assert setpiece("shot", "new", "sh1", "--plate", plate) == 2
        assert "declaration.yaml" in capsys.readouterr().err
    assert not (tmp_path / "sh1").exists()


def test_the_lines_of_the_readme_work_as_they_are_printed(
    plate: Path, tmp_path: Path, setpiece: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (DOCS.parent / "README.md").read_text() + (DOCS / "tutorials" / "collapse.md").read_text()
    lines = re.findall(r"setpiece ((?:shot new|run|collapse)\b[^`\n#]*)", text)
    assert sum(line.startswith("shot new") for line in lines) == 2
    assert sum(line.startswith("collapse") for line in lines) == 1
    for number, line in enumerate(lines):
        if line.startswith("run"):
            continue
        folder = tmp_path / str(number)
        (folder / "plates").mkdir(parents=True)
        for name in ("street.jpg", "plates/street.jpg"):
            (folder / name).write_bytes(wiring.DEMO_PLATE.read_bytes())
        monkeypatch.chdir(folder)
        assert setpiece(*shlex.split(line)) == 0, line
        assert None not in answers(folder / "sh010" / "brief.yaml").values(), line
        assert setpiece("run", "sh010") == 0, line


def test_the_same_line_again_goes_on_with_the_shot(plate: Path, setpiece: Command, recipe: FakeRecipe) -> None:
    recipe.stop_at = 1003
    assert setpiece("collapse", plate, "-o", "sh1", "--frames", "1001-1004", *YES) == 130
    recipe.stop_at = None
    assert setpiece("collapse", plate, "-o", "sh1", "--frames", "1001-1004", *YES) == 0
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
    assert setpiece("demo", "--short", *YES) == 0
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
    assert setpiece("collapse", plate, "-o", "sh1", *YES) == 70
    told = capsys.readouterr().err
    assert "Traceback" not in told
    kept = re.search(r"report it with (\S+\.traceback\.txt)", told)
    assert kept is not None
    assert "ZeroDivisionError: one over nothing" in Path(kept[1]).read_text()


STOPPED_WHILE_IMPORTING = """
import os, signal
from setpiece import cli

def interrupted(arguments):
    try:  # as importing a module with a dataclass runs a text
        exec("os.kill(os.getpid(), signal.SIGINT)\\nwhile True: pass", {"os": os, "signal": signal})
    except KeyboardInterrupt:
        return 130

cli.run = interrupted
cli.main([])
"""


def test_ctrl_c_while_modules_are_imported_ends_with_130_too(tmp_path: Path) -> None:
    (tmp_path / "stopped.py").write_text(STOPPED_WHILE_IMPORTING)
    ended = subprocess.run([sys.executable, "-m", "stopped"], cwd=tmp_path, timeout=120, check=False,
                           preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))  # fmt: skip
    assert ended.returncode == 130


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
