from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from setpiece.core.errors import OutputFailed
from setpiece.core.progress import Silent
from setpiece.intake.schema import CollapseSection
from setpiece.production.steps import Steps, code_sha256, step_key


class Maker:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, folder: Path) -> None:
        self.calls += 1
        (folder / "deep").mkdir()
        (folder / "deep" / "data.txt").write_text(str(self.calls))


def steps(folder: Path) -> Steps:
    return Steps(folder / "stage", Silent())


def test_a_step_is_made_once_while_its_inputs_stay(tmp_path: Path) -> None:
    make = Maker()
    first = steps(tmp_path).once("matte", {"box": (1, 2)}, make)
    again = steps(tmp_path)
    assert again.once("matte", {"box": [1, 2]}, make) == first == tmp_path / "stage" / "matte"
    assert make.calls == 1
    assert again.timings_s == (("matte", 0.0),)


def test_other_inputs_make_it_again_and_leave_one_folder(tmp_path: Path) -> None:
    make = Maker()
    steps(tmp_path).once("matte", {"box": [1, 2]}, make)
    folder = steps(tmp_path).once("matte", {"box": [1, 3]}, make)
    assert (folder / "deep" / "data.txt").read_text() == "2"
    assert [path.name for path in (tmp_path / "stage").iterdir()] == ["matte"]


@pytest.mark.parametrize("harm", ["cut", "lost", "unrecorded", "garbled"])
def test_a_step_that_lost_something_is_made_again(tmp_path: Path, harm: str) -> None:
    make = Maker()
    folder = steps(tmp_path).once("matte", 1, make)
    if harm == "cut":
        (folder / "deep" / "data.txt").write_text("")
    elif harm == "lost":
        (folder / "deep" / "data.txt").unlink()
    elif harm == "unrecorded":
        (folder / "step.json").unlink()
    else:
        (folder / "step.json").write_text("[]")
    steps(tmp_path).once("matte", 1, make)
    assert make.calls == 2


def test_what_a_killed_run_left_is_removed_and_never_taken_for_a_step(tmp_path: Path) -> None:
    left = tmp_path / "stage" / ".matte.99.part"
    left.mkdir(parents=True)
    (left / "half.exr").write_text("half")
    folder = steps(tmp_path).once("matte", 1, Maker())
    assert not left.exists()
    assert not (folder / "half.exr").exists()


def test_a_step_that_fails_leaves_the_old_one_and_no_rubbish(tmp_path: Path) -> None:
    steps(tmp_path).once("matte", 1, Maker())

    def fail(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        steps(tmp_path).once("matte", 2, fail)
    assert [path.name for path in (tmp_path / "stage").iterdir()] == ["matte"]
    make = Maker()
    steps(tmp_path).once("matte", 1, make)
    assert make.calls == 0


def test_a_disk_that_fills_with_the_last_file_leaves_no_rubbish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputFailed):
        steps(tmp_path).once("gas", 1, Maker())
    assert list((tmp_path / "stage").iterdir()) == []


def test_a_full_disk_is_an_output_error_with_a_remedy(tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        raise OSError(28, "No space left on device", str(folder / "gas.npz"))

    with pytest.raises(OutputFailed, match=r"gas\.npz") as caught:
        steps(tmp_path).once("gas", 1, fill)
    assert "room" in caught.value.remedy


def test_a_folder_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "stage").write_text("a file in the way")
    with pytest.raises(OutputFailed):
        steps(tmp_path).once("gas", 1, Maker())


def test_the_record_says_what_went_in_and_what_came_out(tmp_path: Path) -> None:
    folder = steps(tmp_path).once("matte", {"rate": Fraction(24000, 1001), "section": CollapseSection()}, Maker())
    record = json.loads((folder / "step.json").read_text())
    assert record["schema"] == "setpiece.step/1"
    assert record["files"] == {"deep/data.txt": 1}
    assert record["inputs"]["rate"] == "24000/1001"
    assert record["inputs"]["section"]["mode"] == "progressive"


_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=8,
)


@given(first=_json, second=_json)
def test_keys_are_equal_for_equal_inputs_and_only_for_those(first: object, second: object) -> None:
    same = json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
    assert (step_key("a", first, "c") == step_key("a", second, "c")) is same


def test_keys_follow_name_code_and_the_contents_of_arrays() -> None:
    keys = {
        step_key("a", np.zeros(2), "c"),
        step_key("a", np.ones(2), "c"),
        step_key("b", np.ones(2), "c"),
        step_key("b", np.ones(2), "d"),
    }
    assert len(keys) == 4


def test_code_counts_by_the_sources_named() -> None:
    assert code_sha256(("setpiece.core",)) != code_sha256(("setpiece.production.steps",))


def test_nan_has_no_place_in_a_key() -> None:
    with pytest.raises(ValueError, match="JSON"):
        step_key("a", float("nan"), "c")
