"""Timeline, report and manifest: readable back, complete, and honest about damage."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from setpiece.core.clearance import Decision, Evidence, Finding, Outcome
from setpiece.core.errors import SetpieceError
from setpiece.core.timing import FrameRange
from setpiece.deliver.frames import Provenance
from setpiece.deliver.manifest import NAME, read_manifest, verify_manifest, write_manifest
from setpiece.deliver.report import Figure, Output, Report, Section, Value, render_report, verdict, write_report
from setpiece.deliver.timeline import cut_with_handles, read_timeline, write_timeline

GOLDEN = Path(__file__).parents[2] / "golden"
RATE = Fraction(24000, 1001)
FRAMES = FrameRange(first=1001, last=1048, rate=RATE)
ORIGIN = Provenance(
    show="Harbour",
    shot="sh010",
    version="v001",
    engine="house",
    seed=7,
    brief_sha256="ab" * 32,
    clearance_sha256="cd" * 32,
    software="Setpiece 0.1.0",
    rate=RATE,
    mark="TEMPORARY - NOT FOR FINAL",
)


def test_timeline_reads_back_with_handles_rate_and_every_file(tmp_path: Path) -> None:
    cut = cut_with_handles(FRAMES, handles=8, folder="comp", size=(960, 540))
    path = write_timeline(tmp_path / "sh010_v001.otio", cut, ORIGIN)
    read = read_timeline(path)
    assert read.cut == cut
    assert read.cut.handles() == (8, 8)
    assert len(read.files) == 48
    assert read.files[1048] == "comp/sh010_comp_v001.1048.exr"
    assert read.metadata["clearance_sha256"] == "cd" * 32


def test_timeline_agrees_with_its_golden_file(tmp_path: Path) -> None:
    cut = cut_with_handles(FRAMES, handles=8, folder="comp", size=(960, 540))
    path = write_timeline(tmp_path / "a.otio", cut, ORIGIN)
    golden = GOLDEN / "timeline-1.otio"
    assert json.loads(path.read_text()) == json.loads(golden.read_text()), f"if meant, copy {path} to {golden}"


@given(st.integers(1, 100), st.integers(-5, 100))
def test_cut_lies_inside_what_is_available_and_is_never_empty(length: int, handles: int) -> None:
    frames = FrameRange(first=1, last=length, rate=Fraction(24))
    cut = cut_with_handles(frames, handles=handles, folder=".", size=(1, 1))
    assert frames.first <= cut.cut.first <= cut.cut.last <= frames.last
    assert cut.handles()[0] == cut.handles()[1] <= max(handles, 0)


@pytest.mark.parametrize("text", ["", "{}", "[1", '{"OTIO_SCHEMA": "Timeline.1", "tracks": null}'])
def test_damaged_timeline_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.otio"
    path.write_text(text)
    with pytest.raises(SetpieceError, match=r"a\.otio: is not a timeline of ours"):
        read_timeline(path)


def evidence(outcome: Outcome, gate: str = "admit") -> Evidence:
    finding = Finding(rule="G4", outcome=outcome, reason="used in a <final> deliverable", roles=("studio", "legal"))
    decision = Decision(
        gate=gate,
        subject_sha256="11" * 32,
        policy_sha256="22" * 32,
        outcome=outcome,
        findings=(finding,),
        decided_at="2026-11-22T12:00:00Z",
    )
    return Evidence(decision=decision, sequence=3, entry_sha256="33" * 32)


def report() -> Report:
    picture = np.full((18, 32, 3), 90, np.uint8)
    horizon = Value(name="horizon", value="405 px", stated=False, confidence=0.42, note="from 214 line segments")
    return Report(
        provenance=ORIGIN,
        frames=FRAMES,
        size=(960, 540),
        date="2026-11-22",
        plate="street & square.jpg",
        plate_sha256="77" * 32,
        hero=picture,
        contact_sheet=picture,
        figures=(Figure(title="Camera", caption="horizon and verticals", pixels=picture),),
        sections=(Section(title="Camera", values=(horizon, Value(name="focal length", value="985 px"))),),
        timings_s=(("fracture", 1.5), ("frames", 51.25)),
        clearance=(evidence(Outcome.ALLOW), evidence(Outcome.NEEDS, "release")),
        warnings=("12 broken pixels of the plate were healed",),
        outputs=(Output(role="H.264", path="sh010_v001.mp4", size=8_100_000, sha256="99" * 32),),
        hashes=(("Take", "44" * 32),),
    )


class _Text(HTMLParser):
    """The words that a reader sees, the addresses that a browser would fetch, and tags left open."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def parsed(html: str) -> _Text:
    text = _Text()
    text.feed(html)
    assert text.open == []
    return text


def test_report_says_everything_it_was_given() -> None:
    words = " ".join(" ".join(parsed(render_report(report())).words).split())
    for expected in (
        "sh010_v001", "Harbour", "TEMPORARY - NOT FOR FINAL", "1001 - 1048 (48)", "23.976 fps", "seed 7", "house",
        "street & square.jpg", "405 px", "42 %", "from 214 line segments", "985 px", "51.2 s", "52.8 s", "ALLOW", "NEEDS",
        "used in a <final> deliverable", "studio, legal", "12 broken pixels", "sh010_v001.mp4", "8.1 MB", "ab" * 32,
        "cd" * 32, "77" * 32, "44" * 32, "33" * 32, "entry 3 of the record",
    ):  # fmt: skip
        assert expected in words, expected


def test_report_is_one_file_that_fetches_nothing_and_runs_nothing() -> None:
    html = render_report(report())
    addresses = parsed(html).addresses
    assert len(addresses) == 3
    assert all(address.startswith("data:image/jpeg;base64,") for address in addresses)
    assert base64.b64decode(addresses[0].partition(",")[2]).startswith(b"\xff\xd8\xff")
    assert not re.search(r"<script|url\(|@import|https?://", html)


def test_report_cannot_be_broken_by_a_name() -> None:
    nasty = replace(report(), plate="</dd><script>alert(1)</script>", warnings=("<b>x",))
    html = render_report(nasty)
    assert "<script" not in html
    assert "<b>x" not in html


def test_report_without_any_decision_says_that_it_must_not_leave() -> None:
    html = render_report(replace(report(), clearance=()))
    assert "must not leave" in html
    assert verdict(()) == "BLOCK"
    assert verdict(report().clearance) == "NEEDS"


def test_report_of_the_bare_minimum_renders(tmp_path: Path) -> None:
    bare = replace(
        report(), hero=None, contact_sheet=None, figures=(), sections=(), timings_s=(), warnings=(), outputs=(), hashes=()
    )
    path = write_report(tmp_path / "report.html", bare)
    assert parsed(path.read_text(encoding="utf-8")).addresses == []
    assert render_report(bare) == render_report(bare)


def delivery(folder: Path) -> Path:
    (folder / "comp").mkdir(parents=True)
    (folder / "comp" / "a.1001.exr").write_bytes(b"frame one")
    (folder / "comp" / "a.1002.exr").write_bytes(b"frame two")
    (folder / "report.html").write_text("report")
    (folder / ".a.123.tmp.exr").write_bytes(b"left by a kill")
    return folder


def test_manifest_lists_every_file_once_and_verifies(tmp_path: Path) -> None:
    folder = delivery(tmp_path / "v001")
    written = write_manifest(folder, shot="sh010", version="v001", software="Setpiece 0.1.0")
    assert [entry.path for entry in written.files] == ["comp/a.1001.exr", "comp/a.1002.exr", "report.html"]
    assert verify_manifest(folder) == written == read_manifest(folder)
    assert write_manifest(folder, shot="sh010", version="v001", software="Setpiece 0.1.0") == written


def test_manifest_agrees_with_its_golden_file(tmp_path: Path) -> None:
    folder = delivery(tmp_path / "v001")
    write_manifest(folder, shot="sh010", version="v001", software="Setpiece 0.1.0")
    golden = GOLDEN / "manifest-1.json"
    assert (folder / NAME).read_text() == golden.read_text(), f"if meant, copy {folder / NAME} to {golden}"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: (f / "comp/a.1002.exr").unlink(), r"a\.1002\.exr: is listed in the manifest but missing"),
        (lambda f: (f / "comp/a.1002.exr").write_bytes(b"frame"), r"a\.1002\.exr: has 5 bytes, the manifest says 9"),
        (lambda f: (f / "comp/a.1002.exr").write_bytes(b"frame tw0"), r"a\.1002\.exr: differs from what was delivered"),
        (lambda f: (f / "comp/b.exr").write_bytes(b"x"), r"b\.exr: is not listed"),
        (lambda f: (f / NAME).unlink(), r"manifest\.json: does not exist"),
        (lambda f: (f / NAME).write_text("{"), r"manifest\.json: is damaged"),
        (lambda f: (f / NAME).write_text('{"schema": "setpiece.manifest/9"}'), r"has the schema 'setpiece.manifest/9'"),
        (lambda f: (f / NAME).write_text('{"schema": "setpiece.manifest/1"}'), r"an entry is missing"),
    ],
)
def test_damage_to_a_delivery_is_named(tmp_path: Path, damage, message: str) -> None:
    folder = delivery(tmp_path / "v001")
    write_manifest(folder, shot="sh010", version="v001", software="Setpiece 0.1.0")
    damage(folder)
    with pytest.raises(SetpieceError, match=message):
        verify_manifest(folder)


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "comp/../../x"])
def test_manifest_that_points_outside_its_folder_is_refused(tmp_path: Path, path: str) -> None:
    folder = delivery(tmp_path / "v001")
    write_manifest(folder, shot="sh010", version="v001", software="Setpiece 0.1.0")
    document = json.loads((folder / NAME).read_text())
    document["manifest"]["files"][0]["path"] = path
    (folder / NAME).write_text(json.dumps(document))
    with pytest.raises(SetpieceError, match="names a file outside its folder"):
        verify_manifest(folder)
