"""A real delivery, as a stranger gets it: whole, signed, cleared, and any changed byte of it found and named."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from fake_recipe import decisions
from real_shot import setpiece

from setpiece.deliver.verify import verify
from setpiece.media.credentials import TrustList, read_credential


@pytest.fixture
def delivery(finished_shot: Path, tmp_path: Path) -> tuple[Path, TrustList]:
    trust = TrustList.of(finished_shot / "clearance" / "keys" / "development-trust-list.pem")
    return Path(shutil.copytree(finished_shot / "takes" / "v001", tmp_path / "delivery")), trust


def test_every_picture_and_movie_reads_as_trusted_under_the_development_list(delivery: tuple[Path, TrustList]) -> None:
    folder, trust = delivery
    report = verify(folder, trust=trust)
    assert (report.whole, report.trusted) == (True, True)
    signed = [path for path in folder.iterdir() if path.suffix in (".mp4", ".mov", ".png")]
    assert signed
    assert {read_credential(path, trust=trust).word for path in signed} == {"trusted"}


def test_the_credential_names_the_decision_that_let_it_leave(delivery: tuple[Path, TrustList], finished_shot: Path) -> None:
    folder, trust = delivery
    shown = verify(folder, trust=trust).clearance
    last = decisions(finished_shot)[-1]
    assert shown is not None
    assert (last.gate, last.outcome) == ("release", "ALLOW")
    assert (shown.sequence, shown.leaf_sha256, shown.subject_sha256) == (last.sequence, last.leaf_hash, last.subject_sha256)


def test_a_flipped_bit_in_any_file_of_it_is_found_and_named(delivery: tuple[Path, TrustList]) -> None:
    folder, trust = delivery
    chance = random.Random(11)
    for path in sorted(item for item in folder.rglob("*") if item.is_file() and not item.name.startswith(".")):
        whole = path.read_bytes()
        at = chance.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :])
        report = verify(folder, trust=trust)
        assert not report.whole, path.name
        assert any(path.name in str(fault) for fault in report.faults), path.name
        path.write_bytes(whole)
    assert verify(folder, trust=trust).whole


def test_the_program_tells_a_stranger_in_plain_words(finished_shot: Path) -> None:
    take = finished_shot / "takes" / "v001"
    done = setpiece("verify", take, "--trust", finished_shot / "clearance/keys/development-trust-list.pem", cwd=take)
    assert done.returncode == 0, done.stderr
    assert "is whole" in done.stdout
    assert "DEVELOPMENT certificate" in done.stdout
