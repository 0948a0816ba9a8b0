"""Files are whole or absent, hashes depend on values alone, and every refusal says what to do."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from setpiece.core.errors import OutputFailed, PlateUnreadable, SetpieceError
from setpiece.media import files


def test_a_failing_write_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    target = tmp_path / "frame.exr"
    files.write_text(target, "old")
    with pytest.raises(RuntimeError), files.atomic_path(target) as temporary:
        temporary.write_text("half of the n")
        raise RuntimeError("killed")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_temporary_file_lies_beside_its_target_with_the_same_suffix(tmp_path: Path) -> None:
    with files.atomic_path(tmp_path / "new" / "frame.1001.exr") as temporary:
        assert temporary.parent == tmp_path / "new"
        assert temporary.suffix == ".exr"
        assert temporary.name.startswith(".")
        temporary.write_bytes(b"x")
    assert (tmp_path / "new" / "frame.1001.exr").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (errno.ENOSPC, "make room"),
        (errno.EACCES, "permission"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "check the disk"),
    ],
)
def test_a_refusing_disk_is_reported_with_its_remedy(tmp_path: Path, code: int, word: str) -> None:
    with pytest.raises(OutputFailed, match=word) as caught, files.atomic_path(tmp_path / "a.exr"):
        raise OSError(code, "refused")
    assert caught.value.file == tmp_path / "a.exr"
    assert caught.value.exit_code == 12


def test_a_full_disk_names_the_space_that_is_left(tmp_path: Path) -> None:
    assert "B free" in str(files.output_failed(tmp_path / "a.exr", OSError(errno.ENOSPC, "full")))


def test_what_a_library_puts_into_words_has_the_same_remedy(tmp_path: Path) -> None:
    told = f"Cannot write image file. {os.strerror(errno.ENOSPC)}."
    assert "make room" in files.output_failed(tmp_path / "a.exr", told).remedy
    assert "check the disk" in files.output_failed(tmp_path / "a.exr", "no idea").remedy


def test_writing_where_a_file_stands_for_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sh010").write_text("not a folder")
    with pytest.raises(OutputFailed, match="stands in the way"):
        files.write_text(tmp_path / "sh010" / "brief.yaml", "")


def test_a_block_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputFailed, match="nothing was written"), files.atomic_path(tmp_path / "a.exr"):
        pass


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(max_size=4), st.one_of(st.integers(), st.booleans(), st.text(max_size=4)), max_size=5))
def test_the_hash_of_a_document_does_not_depend_on_the_order_of_its_keys(document: dict[str, object]) -> None:
    turned = dict(reversed(list(document.items())))
    assert files.sha256_value(document) == files.sha256_value(turned)


def test_different_values_have_different_hashes() -> None:
    values = [1, 1.5, "1", [1], None, True, {"a": 1}, {"a": 2}, Fraction(24000, 1001), np.ones(2), np.ones(3)]
    assert len({files.sha256_value(value) for value in values}) == len(values)


def test_dataclasses_are_hashed_by_their_fields() -> None:
    @dataclass(frozen=True)
    class Take:
        shot: str
        rate: Fraction

    assert files.sha256_value(Take("sh010", Fraction(24))) == files.sha256_value({"shot": "sh010", "rate": "24"})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("nan")]}])
def test_nan_has_no_place_in_a_document(value: object) -> None:
    with pytest.raises(ValueError, match="no place"):
        files.sha256_value(value)


def test_json_comes_back_and_is_sorted(tmp_path: Path) -> None:
    files.write_json(tmp_path / "a.json", {"b": 1, "a": (1, "ü")})
    assert files.read_json(tmp_path / "a.json") == {"a": [1, "ü"], "b": 1}
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert text.index('"a"') < text.index('"b"')
    assert "ü" in text


def test_a_damaged_json_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": 1')
    with pytest.raises(SetpieceError, match=r"a\.json: is damaged"):
        files.read_json(tmp_path / "a.json")
    with pytest.raises(SetpieceError, match="does not exist"):
        files.read_json(tmp_path / "b.json")


@settings(max_examples=50, deadline=None)
@given(arrays(st.sampled_from([np.float32, np.int32, np.uint8]), array_shapes(max_dims=3, max_side=4)))
def test_arrays_come_back_to_the_bit(tmp_path_factory: pytest.TempPathFactory, array: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("arrays") / "a.npz"
    files.save_arrays(path, first=array, second=array[::-1])
    back = files.load_arrays(path)
    assert back["first"].dtype == array.dtype
    assert back["first"].tobytes() == array.tobytes()
    assert back["second"].tobytes() == array[::-1].tobytes()


def test_equal_arrays_give_equal_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.save_arrays(tmp_path / "a.npz", x=np.arange(5))
    monkeypatch.setattr("time.time", lambda: 2e9)
    files.save_arrays(tmp_path / "b.npz", x=np.arange(5))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.mark.parametrize("keep", [0, 1, 60, 200, -1])
def test_a_truncated_archive_is_refused_by_name(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "motion.npz"
    files.save_arrays(path, x=np.arange(100))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(SetpieceError, match=r"motion\.npz: is damaged"):
        files.load_arrays(path)


def test_a_flipped_bit_in_an_archive_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "motion.npz"
    files.save_arrays(path, x=np.zeros(1000))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(SetpieceError, match="damaged"):
        files.load_arrays(path)


def test_objects_are_never_pickled(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Object arrays"):
        files.save_arrays(tmp_path / "a.npz", x=np.array([{}], dtype=object))
    assert not list(tmp_path.iterdir())


def test_hashing_an_absent_plate_is_a_plate_error(tmp_path: Path) -> None:
    with pytest.raises(PlateUnreadable, match="cannot be read"):
        files.sha256_file(tmp_path / "none.exr")


def test_what_a_kill_left_behind_is_swept_and_nothing_else(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    litter = tmp_path / f".sh010_comp_v001.1001.{dead.pid}.tmp.exr"
    alive = tmp_path / f".sh010_comp_v001.1002.{os.getpid()}.tmp.exr"
    kept = [alive, tmp_path / "sh010_comp_v001.1001.exr", tmp_path / ".hidden.exr"]
    for path in (litter, *kept):
        path.write_text("x")
    assert files.sweep(tmp_path) == (litter,)
    assert sorted(tmp_path.iterdir()) == sorted(kept)


def test_a_killed_write_leaves_nothing_under_the_files_name(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from setpiece.media.files import atomic_path\n"
        "with atomic_path(Path(sys.argv[1])) as path:\n"
        "    path.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "a.exr")], check=False)
    assert done.returncode == -9
    assert not (tmp_path / "a.exr").exists()
    assert len(files.sweep(tmp_path)) == 1
    assert not list(tmp_path.iterdir())
