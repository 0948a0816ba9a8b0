"""Tracks on disk: what is read is what was written, or an error that says what to do."""

from __future__ import annotations

import json

import numpy as np
import pytest
from faces_in_motion import shot

from setpiece.core.errors import RecordDamaged, SetpieceError
from setpiece.core.faces import LANDMARKS, FaceTrack
from setpiece.media.files import save_arrays, sha256_file
from setpiece.stage.faces import read_tracks, write_tracks

INPUTS = {"plate": "ab" * 32}


def track(name: str) -> FaceTrack:
    rng = np.random.default_rng(ord(name))
    landmarks = rng.normal(200, 50, (5, LANDMARKS, 3)).astype(np.float32)
    landmarks[2] = np.nan
    return FaceTrack(
        name=name,
        frames=shot(5),
        landmarks=landmarks,
        confidence=np.array([1, 0.5, 0, 1, 1], np.float32),
        pose_deg=rng.normal(0, 9, (5, 3)).astype(np.float32),
        segment=np.array([0, 0, -1, 0, 0], np.int32),
        notes=("a guess",),
    )


@pytest.fixture
def written(tmp_path):
    write_tracks(tmp_path / "faces", (track("a"), track("b")), inputs=INPUTS, models={"mesh": "cd"})
    return tmp_path / "faces.json"


def test_tracks_come_back_to_the_bit(written):
    for back, kept in zip(read_tracks(written, inputs=INPUTS), (track("a"), track("b")), strict=True):
        assert (back.name, back.frames, back.notes) == (kept.name, kept.frames, kept.notes)
        for part in ("landmarks", "confidence", "pose_deg", "segment"):
            assert np.array_equal(getattr(back, part), getattr(kept, part), equal_nan=True)


def test_no_face_at_all_is_kept_as_such(tmp_path):
    write_tracks(tmp_path / "none", (), inputs=INPUTS)
    assert read_tracks(tmp_path / "none", inputs=INPUTS) == ()


def test_equal_tracks_give_equal_bytes(written, tmp_path):
    again = write_tracks(tmp_path / "again" / "faces", (track("a"), track("b")), inputs=INPUTS, models={"mesh": "cd"})
    assert [path.read_bytes() for path in again] == [written.read_bytes(), written.with_suffix(".npz").read_bytes()]


def test_tracks_of_other_plates_are_refused(written):
    with pytest.raises(RecordDamaged, match="other plates"):
        read_tracks(written, inputs={"plate": "00" * 32})


@pytest.mark.parametrize("at", [40, 5000, -30])
def test_a_flipped_byte_is_noticed_and_the_remedy_named(written, at):
    numbers = written.with_suffix(".npz")
    data = bytearray(numbers.read_bytes())
    data[at] ^= 1
    numbers.write_bytes(data)
    with pytest.raises(RecordDamaged, match="track the faces again"):
        read_tracks(written)


def test_another_schema_is_refused(written):
    record = json.loads(written.read_text())
    written.write_text(json.dumps(record | {"schema": "setpiece.faces/9"}))
    with pytest.raises(RecordDamaged, match="schema"):
        read_tracks(written)


def test_absent_files_say_so(tmp_path, written):
    with pytest.raises(SetpieceError, match="does not exist"):
        read_tracks(tmp_path / "nothing.json")
    written.with_suffix(".npz").unlink()
    with pytest.raises(RecordDamaged):
        read_tracks(written)


@pytest.mark.parametrize("missing", ["segment", "pose_deg"])
def test_numbers_of_another_shape_are_refused_even_with_the_right_hash(written, missing):
    numbers = written.with_suffix(".npz")
    with np.load(numbers) as kept:
        arrays = {name: kept[name] for name in kept.files}
    arrays[f"a.{missing}"] = arrays[f"a.{missing}"][:3]
    save_arrays(numbers, **arrays)
    written.write_text(json.dumps(json.loads(written.read_text()) | {"numbers_sha256": sha256_file(numbers)}))
    with pytest.raises(RecordDamaged, match=missing):
        read_tracks(written)


def test_objects_in_the_numbers_are_never_unpickled(written):
    numbers = written.with_suffix(".npz")
    np.savez(numbers, **{"a.landmarks": np.array([{"run": "me"}], dtype=object)})
    written.write_text(json.dumps(json.loads(written.read_text()) | {"numbers_sha256": sha256_file(numbers)}))
    with pytest.raises(SetpieceError, match="damaged"):
        read_tracks(written)
