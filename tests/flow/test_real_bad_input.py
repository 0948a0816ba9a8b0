"""Bad input through the command line: one clear error, its remedy, its exit code, and never a traceback."""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fake_recipe import forge
from real_shot import BUILDING, HEIGHT, WIDTH, in_place, street, without_privileges

from setpiece import cli
from setpiece.media.images import read_image, write_exr, write_png

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line here, in this process; returns exit code, the error, the remedy ("" where there is none)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.run([str(item) for item in arguments])
        told = capsys.readouterr().err
        errors, remedies = ([line for line in told.splitlines() if line.startswith(word)] for word in ("error:", "remedy:"))
        assert "Traceback" not in told
        assert len(errors) == len(remedies) == (0 if code == 0 else 1), told
        return code, "".join(errors), "".join(remedies)

    return run


@pytest.fixture
def brief(run: Run, real_plate: Path, tmp_path: Path) -> Path:
    """The brief of a new shot ``sh010`` of the drawn street."""
    shutil.copy(real_plate, tmp_path / "street.png")
    box = ",".join(map(str, BUILDING))
    made = ("shot", "new", "sh010", "--plate", "street.png", "--storeys", 4, "--frames", "1001-1008", "--declare", "yes")
    assert run(*made, "--box", box)[0] == 0
    return tmp_path / "sh010" / "brief.yaml"


def edited(brief: Path, old: str, new: str) -> None:
    text = brief.read_text()
    assert old in text
    brief.write_text(text.replace(old, new, 1))


def pictures_of(kind: str, folder: Path) -> Path:
    """The drawn street as a file of a kind."""
    import av
    from PIL import Image

    path = folder / f"plate.{kind}"
    if kind == "exr":
        linear = (street().astype(np.float32) / 255) ** 2.2
        write_exr(path, {name: linear[..., i].copy() for i, name in enumerate("RGB")}, attributes={})
    elif kind == "mp4":
        with av.open(str(path), "w") as movie:
            stream = movie.add_stream("libx264", rate=24)
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            for _ in range(8):
                movie.mux(stream.encode(av.VideoFrame.from_ndarray(street(), format="rgb24")))
            movie.mux(stream.encode(None))
    else:
        Image.fromarray(street()).save(path)
    return path


@pytest.mark.parametrize("kind", ["exr", "jpg", "png", "mp4"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.6, 0.9])
def test_a_truncated_plate_is_named(kind: str, share: float, run: Run, tmp_path: Path) -> None:
    path = pictures_of(kind, tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    code, error, remedy = run("shot", "new", "sh010", "--plate", path, "--colour-space", "ACEScg")
    assert code == 3
    assert str(path) in error
    assert remedy
    assert not (tmp_path / "sh010").exists()


def flipped(data: bytes, at: int, bit: int = 4) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


@pytest.mark.parametrize("kind", ["exr", "png", "jpg", "mp4"])
def test_a_flipped_bit_is_an_error_of_the_plate_or_a_picture_but_never_a_fault_of_ours(
    kind: str, run: Run, tmp_path: Path
) -> None:
    from setpiece.core.errors import BriefError, PlateUnreadable
    from setpiece.intake.plate import load_plate, probe_plate

    path = pictures_of(kind, tmp_path)
    data = path.read_bytes()
    rng = np.random.default_rng(21)
    refused = 0
    count = 6 if kind == "mp4" else 30
    places = [*rng.integers(0, min(900, len(data)), count), *rng.integers(0, len(data), count)]
    for at in map(int, places):
        path.write_bytes(flipped(data, at, int(rng.integers(0, 8))))
        try:
            info = probe_plate(path, colour_space="ACEScg")
            pixels, _ = load_plate(info, info.frames.first)
            assert np.isfinite(pixels.pixels).all()
        except (PlateUnreadable, BriefError) as error:
            refused += 1
            assert error.remedy
    assert refused > 0


@pytest.mark.parametrize(("kind", "at"), [("png", 0.5), ("exr", 0.0), ("jpg", 0.0), ("mp4", 0.0)])
def test_a_damaged_plate_is_named(kind: str, at: float, run: Run, tmp_path: Path) -> None:
    path = pictures_of(kind, tmp_path)
    data = path.read_bytes()
    place = int(len(data) * at)
    path.write_bytes(data[:place] + bytes(b ^ 0x55 for b in data[place : place + 24]) + data[place + 24 :])
    code, error, _ = run("shot", "new", "sh010", "--plate", path, "--colour-space", "ACEScg")
    assert code == 3
    assert path.name in error


def test_a_plate_whose_pixels_are_damaged_is_named_when_they_are_read(run: Run, tmp_path: Path) -> None:
    path = pictures_of("exr", tmp_path)
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 2, len(data) - 40, 97):
        data[at : at + 24] = bytes(24)
    path.write_bytes(bytes(data))
    code, error, _ = run("shot", "new", "sh010", "--plate", path, "--colour-space", "ACEScg")
    if code == 0:
        code, error, _ = run("run", "sh010")
    assert code == 3
    assert "plate.exr" in error


def png_header_only(path: Path, width: int, height: int) -> Path:
    """A PNG that states a size; its pixels are a few bytes that nobody should come to decode."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(16))) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def test_a_plate_of_one_pixel_is_too_small(run: Run, tmp_path: Path) -> None:
    write_png(tmp_path / "dot.png", np.zeros((1, 1, 3), np.uint8))
    code, error, remedy = run("shot", "new", "sh010", "--plate", "dot.png")
    assert (code, "1x1" in error, "64x64" in remedy) == (3, True, True)


@pytest.mark.parametrize("size", [(20_000, 20_000), (20_000, 64)])
def test_a_plate_20000_pixels_wide_is_refused_by_its_header(size: tuple[int, int], run: Run, tmp_path: Path) -> None:
    code, error, remedy = run("shot", "new", "sh010", "--plate", png_header_only(tmp_path / "wide.png", *size))
    assert (code, f"{size[0]}x{size[1]}" in error, "16384" in remedy) == (3, True, True)


def test_nan_and_infinite_pixels_are_healed_and_reported(run: Run, tmp_path: Path) -> None:
    linear = (street().astype(np.float32) / 255) ** 2.2
    linear[20, 30], linear[60, 120, 1], linear[160, 300] = np.nan, np.inf, -np.inf
    planes = {name: linear[..., i].copy() for i, name in enumerate("RGB")}
    write_exr(tmp_path / "street.exr", planes, attributes={}, float32=frozenset("RGB"))
    box = ",".join(map(str, BUILDING))
    values = ("--brief", "fracture.pieces=60", "--brief", "camera.horizon_y_px=118", "--focal-px", 300, "--declare", "yes")
    given = ("--plate", "street.exr", "--colour-space", "ACEScg", "--frames", "1001-1002", "--box", box, *values)
    assert run("shot", "new", "sh010", *given)[0] == 0
    done = in_place("run", "sh010", "--frames", "1001", "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert "note: 3 pixels of the plate were NaN or infinite" in done.stderr
    comp = read_image(tmp_path / "sh010/takes/v001/comp/sh010_comp_v001.1001.exr").rgb()
    assert np.isfinite(comp).all()
    assert np.abs(comp[20, 30] - comp[20, 32]).max() < 0.1


@pytest.mark.parametrize(
    ("value", "size", "words"),
    [(0, (HEIGHT, WIDTH), "empty"), (255, (HEIGHT, WIDTH), "cover"), (255, (90, 160), "160x90")],
    ids=["empty", "everything", "another size"],
)
@pytest.mark.parametrize("role", ["file", "holdout"])
def test_a_matte_that_is_empty_full_or_of_another_size_is_named(
    value: int, size: tuple[int, int], words: str, role: str, run: Run, brief: Path, tmp_path: Path
) -> None:
    if role == "holdout" and words == "empty":
        pytest.skip("nothing in front of the building is no error")
    write_png(tmp_path / "roto.png", np.full((*size, 3), value, np.uint8))
    if role == "file":
        edited(brief, f"box: [{', '.join(map(str, map(float, BUILDING)))}]", "box: auto")
    edited(brief, f"\n  {role}: auto", f"\n  {role}: {tmp_path / 'roto.png'}")
    code, error, remedy = run("run", "sh010")
    assert code == 4, error
    assert "roto.png" in error
    assert words in error
    assert remedy
    assert not (tmp_path / "sh010" / "takes").exists()


@pytest.mark.parametrize(
    ("old", "new", "words", "remedy"),
    [
        ("storey_height_m", "storey_hight_m", "unknown key 'scale.storey_hight_m'", "did you mean 'scale.storey_height_m'?"),
        ("engine: house", "engine: huose", "'huose' is not known|which is not one of", "house"),
        ("last_frame: 1008", "last_frame: 990", "1001-990 ends before it begins", "first_frame 990"),
        ("seed: 1 ", "seed: -4 ", "line ", ""),
        ("start_frame: auto", "start_frame: 2000", "2000 lies outside the shot (1001-1008)", "widen"),
        ("matte:", "\tmatte:", "line ", ""),
        ("street.png", "absent.png", "absent.png", "check"),
    ],
)
def test_a_mistake_in_the_brief_is_named_with_its_remedy(
    old: str, new: str, words: str, remedy: str, run: Run, brief: Path
) -> None:
    edited(brief, old, new)
    code, error, told = run("run", "sh010")
    assert code == (3 if "absent" in new else 2)
    assert any(word in error for word in words.split("|")), error
    assert remedy in told
    assert ("brief.yaml" in error) == ("absent" not in new)


def test_an_engine_that_does_not_exist_is_named_before_anything_is_made(run: Run, brief: Path) -> None:
    code, error, remedy = run("run", "sh010", "--engine", "cylces")
    assert (code, "'cylces'" in error, "house or cycles" in remedy) == (2, True, True)
    assert not (brief.parent / "takes").exists()


@pytest.mark.parametrize("frames", ["1007-1012", "900", "1006-1004", "all", "1001-"])
def test_frames_that_are_not_of_the_shot_are_refused(frames: str, run: Run, brief: Path) -> None:
    code, error, remedy = run("run", "sh010", "--frames", frames)
    assert code == 2
    assert frames.rstrip("-") in error
    assert remedy
    assert not (brief.parent / "takes").exists()


def test_a_plate_that_went_away_or_was_changed_is_named(run: Run, brief: Path, tmp_path: Path) -> None:
    plate = tmp_path / "street.png"
    write_png(plate, 255 - street())
    code, error, remedy = run("run", "sh010")
    assert (code, "street.png" in error, "put the right plate back" in remedy) == (3, True, True)
    plate.unlink()
    code, error, _ = run("run", "sh010")
    assert (code, "street.png: does not exist" in error) == (3, True)


def test_without_a_declaration_or_with_a_no_nothing_is_made(run: Run, brief: Path) -> None:
    whole = brief.read_text()
    brief.write_text(whole.replace("no_unowned_material: yes", "no_unowned_material: no "))
    code, error, remedy = run("run", "sh010")
    assert (code, "rule G2" in error, "studio" in error + remedy) == (10, True, True)
    brief.write_text(whole[: whole.index("declaration:")])
    code, error, remedy = run("run", "sh010")
    assert (code, "rule G1" in error, "declaration" in remedy) == (10, True, True)
    assert not (brief.parent / "takes").exists()
    assert not (brief.parent / "stage" / "matte").exists()


def test_a_record_edited_by_hand_stops_everything(run: Run, brief: Path) -> None:
    edited(brief, "no_unowned_material: yes", "no_unowned_material: no ")
    assert run("run", "sh010")[0] == 10
    forge(brief.parent, '"requester":"', '"requester":"Mr ')
    for command in (("run", "sh010"), ("record", "verify", "sh010"), ("deliver", "sh010")):
        code, error, remedy = run(*command)
        assert code == 11, error
        if code == 11:
            assert any(word in error for word in ("entry", "decision", "does not verify"))
            assert remedy


def test_a_folder_that_may_not_be_written_is_named(real_plate: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    done = without_privileges("shot", "new", locked / "sh020", "--plate", real_plate, cwd=tmp_path)
    assert done.returncode == 12, done.stderr
    assert f"error: {locked / 'sh020'}" in done.stderr
    assert "write permission" in done.stderr


def test_a_file_in_the_way_of_the_shot_is_named(run: Run, brief: Path, tmp_path: Path) -> None:
    (tmp_path / "sh020").write_text("a file")
    code, error, remedy = run("shot", "new", "sh020", "--plate", "street.png")
    assert code == 12
    assert "sh020" in error
    assert remedy
    (brief.parent / "takes").write_text("a file")
    code, error, remedy = run("run", "sh010", "--frames", "1001")
    assert code == 12, error
    assert "takes" in error
