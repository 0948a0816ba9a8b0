"""De-ageing as its users meet it: no consent, no frame; the plate untouched outside; keyframes out and back; learning."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from performance import SHOT, SITTER, Performance, allowed, approve, begun, new_shot, painted_over, setpiece, write_plate

from setpiece import wiring
from setpiece.clearance.records import Dataset, Model
from setpiece.clearance.store.kinds import LikenessUse
from setpiece.commands.clearance_desk import room
from setpiece.core.errors import BriefError, ClearanceRefused, PlateUnreadable
from setpiece.deliver.frames import read_channels, read_comp, rgb_of
from setpiece.departments.deage.painted import coded
from setpiece.intake.brief import load_brief, write_stated
from setpiece.media.images import read_exr, read_image, write_exr, write_png, write_tiff
from setpiece.production.run import Finished, Order


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """Begun, with its faces followed."""
    made = begun(tmp_path_factory.mktemp("show"))
    shot = made.folder / SHOT
    with pytest.raises(ClearanceRefused, match="C5"):
        run(shot)
    approve(shot)
    wiring.write_keys(shot, None, QUIET, plain=True)
    return made


@pytest.fixture(scope="module")
def painted(start: Performance, tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """With painted keyframes taken in."""
    folder = tmp_path_factory.mktemp("painted")
    shot = start.copy(folder)
    wiring.take_keys(shot, paint(shot, folder / "artist"), QUIET)
    return Performance(folder=folder / "show", trial=start.trial)


class Quiet:
    def report(self, step: str, done: int, total: int, note: str = "") -> None:
        """Say nothing."""


QUIET = Quiet()


def run(shot: Path, **order: object) -> Finished:
    return wiring.run_shot(shot, Order(**order), QUIET)


def keys_of(shot: Path) -> list[Path]:
    return sorted((shot / "keys" / "v001" / "full").glob("*.exr"))


def pixels_of(path: Path) -> np.ndarray:
    return np.ascontiguousarray(rgb_of(read_exr(path)[0], file=path))


def keep(path: Path, pixels: np.ndarray) -> None:
    """What a paint program saves: float EXR."""
    write_exr(path, {name: np.ascontiguousarray(pixels[..., k]) for k, name in enumerate("RGB")}, float32=frozenset("RGB"))


def paint(shot: Path, out: Path) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    for path in keys_of(shot):
        keep(out / path.name, painted_over(pixels_of(path)))
    return sorted(out.glob("*.exr"))


def comps(shot: Path, version: str) -> dict[int, bytes]:
    return {int(path.name.split(".")[-2]): path.read_bytes() for path in (shot / "takes" / version / "comp").glob("*.exr")}


# The gates


def test_without_a_consent_there_is_no_frame(start: Performance, tmp_path: Path) -> None:
    shot = start.copy(tmp_path)
    with room(shot.parent) as here:
        here.office.revoke(f"{SITTER}-reage", here.now, "she said no")
    for work in (lambda: run(shot), lambda: wiring.write_keys(shot, None, QUIET, plain=True)):
        with pytest.raises(ClearanceRefused, match=r"C1|C5"):
            work()
    assert not list(shot.glob("takes/*/comp/*")) and not (shot / "keys" / "v002").exists()


def test_a_performer_whom_nobody_named_is_somebody_missing(start: Performance, tmp_path: Path) -> None:
    shot = start.copy(tmp_path)
    write_stated(shot / "brief.yaml", {"performer.id": None})
    with pytest.raises(ClearanceRefused, match="C1"):
        run(shot)


@pytest.mark.parametrize(("field", "value", "clause"), [
    ("performer.scene", "12", "scope.scenes"), ("performer.territories", ["FR"], "scope.territories"),
    ("performer.portrayed_age", 12, "scope.ages"), ("performer.media", ["advertisement"], "scope.media"),
])  # fmt: skip
def test_a_use_outside_of_the_consent_is_refused_with_its_clause(
    start: Performance, tmp_path: Path, field: str, value: object, clause: str
) -> None:
    shot = start.copy(tmp_path)
    write_stated(shot / "brief.yaml", {field: value})
    with pytest.raises(ClearanceRefused, match=clause):
        run(shot)


def test_a_revocation_stops_a_run_at_its_next_frame_and_marks_the_take(painted: Performance, tmp_path: Path) -> None:
    shot = painted.copy(tmp_path)
    with pytest.raises(ClearanceRefused):
        run(shot)
    approve(shot)
    call = [sys.executable, "-m", "setpiece.cli", "run", str(shot), "--workers", "1"]
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    made = shot / "takes" / "v001" / "comp"
    deadline = time.monotonic() + 120
    while len(list(made.glob("*.exr"))) < 2 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    with room(shot.parent) as here:
        here.office.revoke(f"{SITTER}-reage", here.now, "she left the production")
    _, error = process.communicate(timeout=120)
    assert process.returncode == 10, error
    assert "revoked" in error
    left = len(list(made.glob("sh020_comp_v001.*.exr")))
    assert 2 <= left < len(painted.trial.frames)
    with pytest.raises(ClearanceRefused, match=r"C1|C5"):
        run(shot)
    assert len(list(made.glob("sh020_comp_v001.*.exr"))) == left


def test_a_revocation_marks_every_take_that_used_the_likeness(painted: Performance, tmp_path: Path) -> None:
    shot = painted.copy(tmp_path)
    allowed(shot, lambda: run(shot, frames="1001-1002"))
    with room(shot.parent) as here:
        marked = here.office.revoke(f"{SITTER}-reage", here.now, "she left")
        assert [use.take for use in marked] == ["sh020 v001"]
        with here.read() as tx:
            assert {use.status for use in tx.find(LikenessUse, grant=f"{SITTER}-reage")} == {"revoked"}


def test_learning_needs_a_consent_of_its_own(painted: Performance, tmp_path: Path) -> None:
    shot = painted.copy(tmp_path)
    with room(shot.parent) as here:
        here.office.revoke(f"{SITTER}-training", here.now, "not that")
    with pytest.raises(ClearanceRefused, match="C1"):
        wiring.learn(shot, QUIET, steps=20)
    assert not (shot / "stage" / "learned" / "retouch.onnx").exists()


# Pictures


@pytest.fixture(scope="module")
def finished(painted: Performance, tmp_path_factory: pytest.TempPathFactory) -> Performance:
    folder = tmp_path_factory.mktemp("finished")
    shot = painted.copy(folder)
    allowed(shot, lambda: run(shot))
    return Performance(folder=folder / "show", trial=painted.trial)


def test_outside_of_its_matte_every_pixel_is_the_plates_to_the_bit(finished: Performance) -> None:
    shot, touched = finished.folder / SHOT, 0
    for frame in finished.trial.frames:
        channels = read_channels(next((shot / "takes" / "v001" / "comp").glob(f"*.{frame}.exr")))
        comp = np.stack([channels[name] for name in "RGB"], -1)
        plate = pixels_of(shot / "stage" / "plate" / f"plate.{frame}.exr")
        outside = channels["matte.A"] == 0
        assert np.array_equal(comp[outside], plate[outside]), frame
        touched += int((comp != plate).any(-1).sum())
    assert touched > 2000


def test_a_frame_without_the_face_is_the_plate_and_is_listed(finished: Performance) -> None:
    shot, absent = finished.folder / SHOT, finished.trial.absent(0)
    assert absent
    for frame in absent:
        comp = read_comp(next((shot / "takes" / "v001" / "comp").glob(f"*.{frame}.exr")))
        assert np.array_equal(comp, pixels_of(shot / "stage" / "plate" / f"plate.{frame}.exr"))
    report = next((shot / "takes" / "v001").glob("*_report.html")).read_text()
    assert "is not seen in" in report and str(absent[0]) in report


def test_keyframes_come_through_as_they_were_painted(finished: Performance) -> None:
    shot = finished.folder / SHOT
    for frame, file in load_brief(shot / "brief.yaml").deage.keyframes.painted:
        comp = read_comp(next((shot / "takes" / "v001" / "comp").glob(f"*.{frame}.exr")))
        assert np.abs(comp - pixels_of(shot / file)).mean() < 2e-3


def test_one_worker_makes_the_same_bits_as_two(finished: Performance, tmp_path: Path) -> None:
    shot = finished.copy(tmp_path)
    before = comps(shot, "v001")
    allowed(shot, lambda: run(shot, redo=True, workers=1, frames="1001-1004"))
    again = comps(shot, "v002")
    for frame in range(1001, 1005):
        old, new = (
            read_channels(shot / "takes" / version / "comp" / f"sh020_comp_{version}.{frame}.exr")
            for version in ("v001", "v002")
        )
        assert all(np.array_equal(old[name], new[name]) for name in old)
    assert len(before) == len(finished.trial.frames) and len(again) == 4


def test_only_missing_frames_are_made(finished: Performance, tmp_path: Path) -> None:
    shot = finished.copy(tmp_path)
    gone = next((shot / "takes" / "v001" / "comp").glob("*.1003.exr"))
    whole, times = read_channels(gone), {path: path.stat().st_mtime_ns for path in gone.parent.iterdir() if path != gone}
    gone.unlink()
    allowed(shot, lambda: run(shot))
    again = read_channels(gone)
    assert all(np.array_equal(again[name], whole[name]) for name in whole)
    assert all(path.stat().st_mtime_ns == time_ns for path, time_ns in times.items())


def test_another_keyframe_is_another_version(finished: Performance, tmp_path: Path) -> None:
    shot = finished.copy(tmp_path)
    first = keys_of(shot)[0]
    keep(tmp_path / first.name, painted_over(painted_over(pixels_of(first))))
    wiring.take_keys(shot, [tmp_path / first.name], QUIET)
    allowed(shot, lambda: run(shot, frames="1001-1001"))
    assert (shot / "takes" / "v002").is_dir() and len(comps(shot, "v001")) == len(finished.trial.frames)
    assert (shot / "keys" / "taken" / "t001").is_dir() and (shot / "keys" / "taken" / "t002").is_dir()


# Keyframes out and back


def test_unpainted_keyframes_come_back_as_the_plate_whatever_their_format(start: Performance, tmp_path: Path) -> None:
    from setpiece.departments.deage.painted import read_painted

    shot = start.copy(tmp_path)
    for path in (shot / "keys" / "v001" / "full").iterdir():
        frame = int(path.name.split(".")[-2])
        plate = pixels_of(shot / "stage" / "plate" / f"plate.{frame}.exr")
        assert np.array_equal(read_painted(path, plate), plate), path.name


def test_sixteen_bits_are_enough_for_paint(start: Performance) -> None:
    from setpiece.departments.deage.painted import decoded

    rng = np.random.default_rng(3)
    linear = (np.exp2(rng.uniform(-9, 1.5, (64, 64, 1))) * rng.uniform(0.8, 1.2, (64, 64, 3))).astype(np.float32)
    back = decoded((np.round(coded(linear) * 65535) / 65535).astype(np.float32))
    inside = (coded(linear) > 0).all(-1) & (coded(linear) < 1).all(-1)
    assert inside.mean() > 0.5
    assert np.abs(np.log2(np.maximum(back[inside], 1e-6) / linear[inside])).max() < 0.02


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_painted_crop_is_put_back_where_it_was_cut_from(start: Performance, tmp_path: Path, suffix: str) -> None:
    shot = start.copy(tmp_path)
    crop = next(path for path in sorted((shot / "keys" / "v001" / "crop").iterdir()) if path.suffix == ".exr")
    frame = int(crop.name.split(".")[-2])
    codes = (coded(painted_over(pixels_of(crop))) * 65535 + 0.5).astype(np.uint16)
    path = tmp_path / f"retouched.{frame}{suffix}"
    (write_png if suffix == ".png" else write_tiff)(path, codes)
    assert wiring.take_keys(shot, [path], QUIET) == (frame,)


def test_a_keyframe_that_cannot_be_right_is_refused_before_anything_is_taken(start: Performance, tmp_path: Path) -> None:
    shot, good = start.copy(tmp_path), paint(start.folder / SHOT, tmp_path / "artist")
    brief = (shot / "brief.yaml").read_bytes()
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    frames = [int(path.name.split(".")[-2]) for path in good]
    swapped = wrong / f"sh020_key.{frames[1]}.exr"
    shutil.copy(good[0], swapped)
    small = wrong / f"small.{frames[0]}.png"
    write_png(small, np.zeros((64, 64, 3), np.uint16))
    eight = wrong / f"eight.{frames[0]}.png"
    write_png(eight, (coded(pixels_of(good[0])) * 255).astype(np.uint8))
    nameless = wrong / "final_final.exr"
    shutil.copy(good[0], nameless)
    unpainted = wrong / keys_of(shot)[0].name
    shutil.copy(keys_of(shot)[0], unpainted)
    for path, said in (
        (swapped, rf"{frames[0]}"), (small, "64x64"), (eight, "16 bits"), (nameless, "no frame"),
        (unpainted, "nothing is painted"),
    ):  # fmt: skip
        with pytest.raises((PlateUnreadable, BriefError), match=said):
            wiring.take_keys(shot, [good[2], path], QUIET)
    assert (shot / "brief.yaml").read_bytes() == brief and not (shot / "keys" / "taken").exists()


# Learning


def test_what_is_learned_registers_itself_and_stays_with_its_file(painted: Performance, tmp_path: Path) -> None:
    shot = painted.copy(tmp_path)
    write_stated(shot / "brief.yaml", {"learn.threads": 1})
    learned = wiring.learn(shot, QUIET, steps=5)
    rows = (read_image(learned.preview).pixels.shape[0] - 162) // 260  # of two frames each, 256 px and a gap
    assert 2 * rows >= len(keys_of(shot)) + 3, "it learns beside the propagation, which knows frames between"
    with room(shot.parent) as here, here.read() as tx:
        model = tx.get(Model, learned.weights_sha256)
        assert model is not None and model.production == "demo" and model.about_performers == (SITTER,)
        (dataset,) = [tx.get(Dataset, name) for name in model.datasets]
    assert dataset is not None and dataset.complete and len(dataset.items) == 1 + len(keys_of(shot))
    brief = load_brief(shot / "brief.yaml")
    assert brief.document.engine == "learned" and brief.deage.learn.weights_sha256 == learned.weights_sha256
    allowed(shot, lambda: run(shot, frames="1001-1002"))
    learned.model.write_bytes(learned.model.read_bytes() + b"\0")
    with pytest.raises(ClearanceRefused, match=r"retouch\.onnx"):
        allowed(shot, lambda: run(shot, frames="1003-1003", redo=True))
    write_stated(shot / "brief.yaml", {"learn.weights_sha256": "0" * 64})
    with pytest.raises(ClearanceRefused, match="M1"):
        allowed(shot, lambda: run(shot, frames="1003-1003"))


def test_learning_stopped_at_any_moment_goes_on(painted: Performance, tmp_path: Path) -> None:
    shot = painted.copy(tmp_path)
    call = [sys.executable, "-m", "setpiece.cli", "deage", "learn", str(shot), "--steps", "4000"]
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    state = shot / "stage" / "learned" / "state.safetensors"
    deadline = time.monotonic() + 120
    while not state.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert "stopped after" in error
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(0.5)
    process.kill()
    process.communicate(timeout=60)
    assert state.exists() and not list(state.parent.glob("*.onnx"))


# Bad input


def test_a_still_a_shot_without_a_face_and_a_face_that_is_not_there_are_named(tmp_path: Path) -> None:
    from examples.performances.trials import nobody

    trial = nobody()
    shot = new_shot(tmp_path, write_plate(tmp_path / "plate", trial), **{"render.engine": "makeup"})
    brief = shot / "brief.yaml"
    write_stated(brief, {"declaration.people": []})
    assert setpiece("run", shot) == 10  # C5 waits
    approve(shot)
    assert setpiece("run", shot) == 6, "there is no face"


def test_the_department_of_a_brief_is_known_or_named(start: Performance, tmp_path: Path) -> None:
    shot = start.copy(tmp_path)
    text = (shot / "brief.yaml").read_text()
    (shot / "brief.yaml").write_text(text.replace("department: deage ", "department: ageing "))
    with pytest.raises(BriefError, match="no department 'ageing'"):
        load_brief(shot / "brief.yaml")
    (shot / "brief.yaml").write_text(text.replace("years: -20.0", "years: -90"))
    with pytest.raises(BriefError, match=r"line .*years"):
        load_brief(shot / "brief.yaml")
    (shot / "brief.yaml").write_text(text)
    with pytest.raises(BriefError, match=r"scale 0\.5"):
        run(shot, scale=0.5)
    with pytest.raises(BriefError, match="engine 'house'"):
        run(shot, engine="house")


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small matrices gain nothing from more."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    yield
