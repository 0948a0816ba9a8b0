"""The same brief and seed twice, another seed, parts of a shot, and new versions."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from pxr import Usd
from real_shot import (
    FIRST,
    HEIGHT,
    LAST,
    WIDTH,
    channels,
    comps,
    identities,
    in_place,
    new_shot,
    rubbish,
    same_pictures,
    setpiece,
)

from setpiece.deliver.timeline import read_timeline


def header(path: Path) -> dict[str, object]:
    with OpenEXR.File(str(path), header_only=True) as file:
        return {name: str(value) for name, value in file.header().items() if name != "channels"}


def changed(brief: Path, old: str, new: str) -> None:
    text = brief.read_text()
    assert old in text
    brief.write_text(text.replace(old, new, 1))


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory, real_plate: Path) -> Path:
    """The small shot again: another folder, two workers."""
    shot = new_shot(tmp_path_factory.mktemp("second") / "sh010", real_plate)
    done = setpiece("run", shot, "--workers", 2, cwd=shot.parent)
    assert done.returncode == 0, done.stderr
    (shot.parent / "told.txt").write_text(done.stderr)
    return shot


def test_same_brief_and_seed_in_another_folder_with_more_workers_is_the_same_to_the_bit(
    finished_shot: Path, second: Path
) -> None:
    assert same_pictures(finished_shot, second)
    for step, name in (("pieces", "pieces.npz"), ("motion", "motion.npz"), ("grit", "grit.npz"), ("gas", f"gas.{LAST}.npz")):
        one, two = ((shot / "stage" / step / name).read_bytes() for shot in (finished_shot, second))
        assert one == two, name


def test_headers_differ_in_nothing_but_the_decision_that_admitted_them(finished_shot: Path, second: Path) -> None:
    for frame in (FIRST, LAST):
        one, two = (header(comps(shot)[frame]) for shot in (finished_shot, second))
        assert {name for name in one.keys() | two.keys() if one.get(name) != two.get(name)} == {"setpiece/clearance_sha256"}


def test_each_step_is_made_once_in_a_run_and_kept_by_the_next(second: Path) -> None:
    done = in_place("run", second)
    assert done.returncode == 0
    kept = [line.partition(":")[0] for line in done.stderr.splitlines() if line.endswith(": kept")]
    assert set(kept) == {"matte", "camera", "light", "holdout", "plate", "pieces", "motion", "grit", "gas"}
    for line in done.stderr.splitlines():
        assert "done in" not in line or line.startswith(("review movies", "manifest", "frames")), line
    first = (second.parent / "told.txt").read_text()
    assert {step: len(re.findall(rf"^{step}(?: \d+/\d+)?: done", first, re.M)) for step in kept} == dict.fromkeys(kept, 1)


def test_another_seed_is_another_collapse(staged_shot: Path, finished_shot: Path) -> None:
    changed(staged_shot / "brief.yaml", "seed: 1 ", "seed: 2 ")
    done = in_place("run", staged_shot, "--frames", LAST, "--workers", 1)
    assert done.returncode == 0, done.stderr
    one, two = (np.load(shot / "stage" / "motion" / "motion.npz") for shot in (finished_shot, staged_shot))
    assert one["position"].shape != two["position"].shape or not np.array_equal(one["position"], two["position"])
    before, after = (channels(comps(shot)[LAST])["debris.A"] for shot in (finished_shot, staged_shot))
    assert (np.abs(before.astype(np.float32) - after.astype(np.float32)) > 0.5).sum() > 100


def test_a_part_is_made_first_then_the_rest_and_the_whole_is_delivered(staged_shot: Path, finished_shot: Path) -> None:
    part = in_place("run", staged_shot, "--frames", "1004-1006", "--workers", 1)
    assert part.returncode == 0, part.stderr
    assert sorted(comps(staged_shot)) == [1004, 1005, 1006]
    assert "frames 1004-1006 are there" in part.stdout
    assert f"'setpiece run {staged_shot}' makes the rest and delivers" in part.stdout
    assert not list((staged_shot / "takes" / "v001").glob("*.mp4"))
    before = identities(staged_shot)
    done = in_place("run", staged_shot, "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert before.items() <= identities(staged_shot).items()
    assert same_pictures(staged_shot, finished_shot)
    assert (staged_shot / "takes" / "v001" / "sh010_comp_v001_review.mp4").stat().st_size > 0
    assert rubbish(staged_shot) == []


def test_lost_and_damaged_frames_of_a_range_are_made_again_and_no_others(shot: Path, finished_shot: Path) -> None:
    before = identities(shot)
    comps(shot)[1004].unlink()
    damaged = comps(shot)[1005]
    damaged.write_bytes(damaged.read_bytes()[:-2000])
    done = in_place("run", shot, "--frames", "1003-1006", "--workers", 1)
    assert done.returncode == 0, done.stderr
    after = identities(shot)
    assert {name for name in after if after[name] != before[name]} == {f"sh010_comp_v001.{n}.exr" for n in (1004, 1005)}
    assert same_pictures(shot, finished_shot)


def test_a_changed_brief_and_redo_make_new_versions_and_leave_the_first(shot: Path) -> None:
    before = identities(shot)
    changed(shot / "brief.yaml", "shutter_deg: 180.0", "shutter_deg: 90.0")
    for version, more in (("v002", ()), ("v003", ("--redo",))):
        done = in_place("run", shot, "--frames", "1007", "--workers", 1, *more)
        assert done.returncode == 0, done.stderr
        assert f"sh010 {version}: frames 1007-1007 are there" in done.stdout
        assert sorted(comps(shot, version)) == [1007]
    assert identities(shot) == before
    assert same_pictures_across(shot, "v002", "v003")
    blurred, sharper = (channels(comps(shot, version)[1007])["debris.A"] for version in ("v001", "v002"))
    assert not np.array_equal(blurred, sharper)


def test_an_older_take_is_delivered_at_its_own_size_and_never_with_another_stage(shot: Path) -> None:
    changed(shot / "brief.yaml", "usd: false", "usd: true")
    for more in (("--scale", 0.5), ()):  # v002 at half size; v001 again, which makes the plates at full size again
        done = in_place("run", shot, "--workers", 1, *more)
        assert done.returncode == 0, done.stderr
    take = shot / "takes" / "v002"
    for path in take.glob("sh010_*_v002*"):
        path.unlink()
    done = in_place("deliver", shot)
    assert done.returncode == 0, done.stderr
    assert read_timeline(take / "sh010_comp_v002.otio").cut.size == (WIDTH // 2, HEIGHT // 2)
    assert f"{WIDTH // 2} x {HEIGHT // 2}" in re.sub(r"[×x]", "x", (take / "sh010_comp_v002_report.html").read_text())
    stage = Usd.Stage.Open(str(take / "sh010_stage_v002.usdc"))
    camera = stage.GetPrimAtPath("/World/Camera")
    assert tuple(camera.GetAttribute("setpiece:resolution_px").Get()) == (WIDTH // 2, HEIGHT // 2)
    note = shot / "stage" / "motion" / "step.json"
    note.write_text(json.dumps({**json.loads(note.read_text()), "key": "another"}))
    done = in_place("deliver", shot)
    assert done.returncode == 6
    assert "the stage was made anew since v002 ('motion' is another)" in done.stderr
    assert in_place("run", shot, "--scale", 0.5).returncode == 0


def same_pictures_across(shot: Path, first: str, second: str) -> bool:
    one, two = (channels(comps(shot, version)[1007]) for version in (first, second))
    return all(np.array_equal(one[name], two[name]) for name in one)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 3])
def test_a_scaled_take_repeats_to_the_bit_whatever_the_workers(staged_shot: Path, tmp_path: Path, workers: int) -> None:
    other = Path(shutil.copytree(staged_shot, tmp_path / "other" / "sh010"))
    for shot, count in ((staged_shot, workers), (other, 2)):
        done = setpiece("run", shot, "--scale", 0.5, "--workers", count, cwd=shot.parent)
        assert done.returncode == 0, done.stderr
    assert same_pictures(staged_shot, other)
