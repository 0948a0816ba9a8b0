"""Names are found in other clothes and words are left alone; every face is accounted for or somebody rules."""

from __future__ import annotations

import hashlib
import itertools
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx_bytes import flattening_model
from PIL import Image, ImageDraw, ImageFilter

from setpiece.clearance.likeness.embedding import OFF, FaceMatcher, Thresholds, matcher_of
from setpiece.clearance.likeness.faces import (
    Box,
    Declared,
    Face,
    MediapipeDetector,
    account,
    account_output,
    find_faces,
    merged,
    tile_corners,
    tile_sizes,
)
from setpiece.clearance.likeness.names import folded, names_in
from setpiece.clearance.records import Dataset, DatasetItem, Facts, Licence, Model, Performer
from setpiece.core.arrays import Display
from setpiece.core.errors import ClearanceRefused

# Invented people: any likeness of a name to a living person's is chance.
MARLENE = Performer(id="p1", name="Marléne Okonkwó", aliases=("The Comet",))
TORVALD = Performer(id="p2", name="Torvald Ægir Łuczak", aliases=("Tory Luczak",))
ZENDAVIA = Performer(id="p3", name="Zendavia")
PRINCE = Performer(id="p4", name="Prince")
ROSE = Performer(id="p5", name="Rose Byrnes")
WEI = Performer(id="p6", name="林巧巧")
ALL = (MARLENE, TORVALD, ZENDAVIA, PRINCE, ROSE, WEI)


def who(prompt: str) -> dict[str, str]:
    return {match.performer or "": match.status for match in names_in(prompt, ALL)}


@pytest.mark.parametrize(
    "prompt",
    [
        "Marléne Okonkwó walks in",
        "marlene okonkwo walks in",
        "MARLENE OKONKWO",
        "a woman, Okonkwo Marlene, in rain",
        "marlene-okonkwo",
        "marlene_okonkwo_v2",
        "MarleneOkonkwo",
        "Marlene Okonkwo's face",
        "m a r l e n e okonkwo",
        "M4rl3ne 0k0nkw0",
        "Mar\u200blene Okonkwo",
        "Маrlеne Оkоnkwо",
        "the comet arrives",
        "like “Marléne Okonkwó”!",
    ],
)
def test_a_performers_name_is_matched_whatever_it_wears(prompt: str) -> None:
    assert who(prompt) == {"p1": "matched"}


@pytest.mark.parametrize(
    ("prompt", "performer"),
    [
        ("Marlene Okonkow in the rain", "p1"),
        ("Marlne Okonkwo", "p1"),
        ("Marleen Okonkwo", "p1"),
        ("someone like Okonkwo", "p1"),
        ("M. Okonkwo", "p1"),
        ("Torvald Luczak", "p2"),
        ("Torvald A. Luczak", "p2"),
        ("Zendaviah dances", "p3"),
        ("the prince enters", "p4"),
    ],
)
def test_a_near_name_makes_a_person_look(prompt: str, performer: str) -> None:
    assert who(prompt) == {performer: "unsure"}


def test_letters_that_do_not_come_apart_and_scripts_without_spaces_are_matched() -> None:
    assert who("Torvald Aegir Luczak") == {"p2": "matched"}
    assert who("TORVALD ÆGIR ŁUCZAK") == {"p2": "matched"}
    assert who("一個像林巧巧的女人") == {"p6": "matched"}


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "a baroque mansion collapses in a cloud of dust, late sun, 35 mm",
        "the rose burns in the harbour at dawn",
        "rose burns",
        "a comet crosses the sky",
        "principal photography, prints and princes' robes",
        "tower falls, torvalds of dust",
        "stone facade with five windows, debris rains on the street",
        "marble and marlin",
        "zen via garden",
        "shot sh010 take 3, camera 2, lens 50",
        "a man in his forties with grey hair walks along the bank",
        "林 forest",
        "okay, now go on: dust, smoke, fire",
    ],
)
def test_common_words_raise_no_alarm(prompt: str) -> None:
    assert who(prompt) == {}


WORDS = ("dust", "stone", "wall", "falls", "slowly", "behind", "the", "old", "house", "window", "light", "rubble", "camera")


@settings(max_examples=150)
@given(st.lists(st.sampled_from(WORDS), max_size=12), st.lists(st.sampled_from(WORDS), max_size=12), st.sampled_from(ALL))
def test_a_name_is_found_anywhere_in_a_prompt_and_nobody_where_it_is_not(
    before: list[str], after: list[str], performer: Performer
) -> None:
    prompt = " ".join([*before, performer.name, *after])
    assert {match.performer for match in names_in(prompt, ALL)} == {performer.id}
    assert names_in(" ".join([*before, *after]), ALL) == ()


@settings(max_examples=150)
@given(st.integers(0, 13), st.sampled_from(["drop", "double", "swap", "change"]), st.sampled_from("bdfghjkvxz"))
def test_one_wrong_letter_never_hides_a_long_name(place: int, how: str, letter: str) -> None:
    name = "marlene okonkwo"
    at = place if name[place] != " " else place + 1
    changed = {
        "drop": name[:at] + name[at + 1 :],
        "double": name[:at] + name[at] + name[at:],
        "swap": name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
        "change": name[:at] + letter + name[at + 1 :],
    }[how]
    assert "p1" in who(f"a portrait of {changed} at dusk")


@given(st.text(max_size=40))
def test_folding_is_stable_and_any_text_can_be_searched(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    names_in(text, ALL)


def test_every_performer_in_a_prompt_is_named_once() -> None:
    matches = names_in("Zendavia and Marlene Okonkwo, Okonkwo again, with Zendavia", ALL)
    assert [(match.performer, match.status, match.where, match.what) for match in matches] == [
        ("p1", "matched", "prompt", "name"),
        ("p3", "matched", "prompt", "name"),
    ]


def face(x: float, y: float = 0.0, size: float = 100.0, score: float = 0.9) -> Face:
    return Face(box=Box(x=x, y=y, width=size, height=size), score=score)


def test_a_face_nobody_declared_is_unexpected_and_a_declared_one_is_accounted_for() -> None:
    here = Box(x=5, y=5, width=100, height=100)
    declared = (Declared(performer="p1", by="A", box=here), Declared(performer=None, by="B", box=face(500).box))
    found = account([face(0), face(500), face(900)], declared, where="plate")
    assert [(match.status, match.performer, match.ruled_by) for match in found] == [
        ("accounted", "p1", "A"),
        ("nobody", None, "B"),
        ("unexpected", None, None),
    ]


def test_one_declaration_accounts_for_one_face_only() -> None:
    declared = (Declared(performer="p1", by="A", box=face(0).box),)
    assert [match.status for match in account([face(0), face(10)], declared, where="plate")] == ["accounted", "unexpected"]


@given(st.integers(0, 5), st.integers(0, 5))
def test_declarations_without_a_place_hold_only_while_there_are_enough_of_them(faces: int, names: int) -> None:
    declared = [Declared(performer=f"p{number}", by="A") for number in range(names)]
    found = account([face(300.0 * number) for number in range(faces)], declared, where="plate")
    expected = "accounted" if faces <= names else "unexpected"
    assert [match.status for match in found] == [expected] * faces


def test_a_face_in_the_output_is_what_the_plate_had_there_and_a_new_one_is_unexpected() -> None:
    plate = [face(0), face(500)]
    before = account(plate, [Declared(performer="p1", by="A", box=plate[0].box)], where="plate")
    found = account_output([face(505), face(4), face(900, 900)], plate, before, [])
    assert [(match.status, match.performer) for match in found] == [
        ("unexpected", None),
        ("accounted", "p1"),
        ("unexpected", None),
    ]
    assert all(match.where == "output" for match in found)


boxes = st.builds(Box, x=st.floats(-50, 500), y=st.floats(-50, 500), width=st.floats(1, 300), height=st.floats(1, 300))
many = st.lists(st.builds(Face, box=boxes, score=st.floats(0, 1)), max_size=8)


@given(boxes, boxes)
def test_overlap_is_symmetric_whole_with_itself_and_never_above_one(a: Box, b: Box) -> None:
    assert a.overlap(b) == pytest.approx(b.overlap(a))
    assert a.overlap(a) == pytest.approx(1)
    assert -1e-9 <= a.overlap(b) <= 1 + 1e-9


@given(many, many)
def test_no_output_face_is_ever_accounted_for_without_a_counterpart_or_a_declaration(
    out: list[Face], plate: list[Face]
) -> None:
    before = account(plate, [Declared(performer="p1", by="A", box=item.box) for item in plate], where="plate")
    found = account_output(out, plate, before, [])
    assert len(found) == len(out)
    for item, match in zip(out, found, strict=True):
        if match.status == "accounted":
            assert any(item.box.overlap(other.box) >= 0.3 for other in plate)


@given(many)
def test_merging_keeps_the_best_of_each_place_in_any_order(faces: list[Face]) -> None:
    kept = merged(faces)
    assert set(kept) <= set(faces) and bool(kept) == bool(faces)
    assert all(a.box.overlap(b.box) < 0.3 for a in kept for b in kept if a is not b)
    if faces:
        assert kept[0].score == max(item.score for item in faces)


@given(st.integers(1, 900), st.integers(1, 900), st.integers(40, 400))
def test_tiles_cover_every_pixel(width: int, height: int, size: int) -> None:
    seen = np.zeros((height, width), bool)
    for x, y in tile_corners(width, height, size):
        seen[y : y + size, x : x + size] = True
    assert seen.all()


@given(st.integers(100, 9000), st.integers(64, 600))
def test_each_face_size_fits_some_tile(longest: int, finest: int) -> None:
    sizes = tile_sizes(longest, finest)
    assert sizes[0] == longest and list(sizes) == sorted(set(sizes), reverse=True)
    assert all(upper <= 3 * lower for upper, lower in itertools.pairwise(sizes))


@dataclass(frozen=True)
class WhiteSquares:
    """Calls every white square a face, if it lies whole in what it is shown."""

    def detect(self, pixels: Display) -> Sequence[Face]:
        ys, xs = np.nonzero(pixels[..., 0] == 255)
        if len(ys) == 0:
            return []
        x, y, side = float(xs.min()), float(ys.min()), float(xs.max() - xs.min() + 1)
        return [Face(box=Box(x=x, y=y, width=side, height=side), score=min(1.0, 14 * side / pixels.shape[1]))]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 950), st.integers(0, 550))
def test_a_small_face_is_found_where_it_is_once_although_several_tiles_show_it(x: int, y: int) -> None:
    pixels = np.zeros((600, 1000, 3), np.uint8)
    pixels[y : y + 40, x : x + 40] = 255
    (found,) = find_faces(pixels, WhiteSquares(), finest_tile=384)
    assert found.box.overlap(Box(x=x, y=y, width=40, height=40)) > 0.5


def drawn_face(side: int) -> Image.Image:
    """A drawing of a face, of nobody, for a detector of real ones; ``side`` in pixels."""
    n = side
    image = Image.new("RGB", (n * 2, n * 2), (120, 130, 140))
    draw = ImageDraw.Draw(image)
    skin, dark = (224, 180, 150), (60, 40, 30)
    draw.ellipse((0.62 * n, 0.5 * n, 1.38 * n, 1.5 * n), fill=skin)
    draw.pieslice((0.58 * n, 0.42 * n, 1.42 * n, 1.2 * n), 180, 360, fill=dark)
    draw.ellipse((0.64 * n, 0.7 * n, 1.36 * n, 1.48 * n), fill=skin)
    for x in (0.85 * n, 1.15 * n):
        draw.ellipse((x - 0.07 * n, 0.93 * n, x + 0.07 * n, 1.01 * n), fill=(250, 250, 250))
        draw.ellipse((x - 0.03 * n, 0.935 * n, x + 0.03 * n, 1.005 * n), fill=dark)
        draw.arc((x - 0.1 * n, 0.83 * n, x + 0.1 * n, 0.95 * n), 200, 340, fill=dark, width=max(1, int(0.03 * n)))
    draw.polygon([(n, n), (0.95 * n, 1.17 * n), (1.05 * n, 1.17 * n)], fill=(200, 150, 125))
    draw.ellipse((0.87 * n, 1.26 * n, 1.13 * n, 1.34 * n), fill=(180, 80, 80))
    return image.filter(ImageFilter.GaussianBlur(n * 0.012))


def test_the_real_finder_finds_a_face_large_and_small_and_none_in_plain_stone() -> None:
    pytest.importorskip("mediapipe")
    rng = np.random.default_rng(5)
    wall = Image.fromarray(rng.integers(110, 140, (900, 1200, 3), dtype=np.uint8))
    with MediapipeDetector() as detector:
        assert all(len(digest) == 64 for _, digest in detector.weights) and detector.weights
        assert find_faces(np.asarray(wall), detector) == ()
        for side, place in ((300, (500, 200)), (40, (840, 560))):
            picture = wall.copy()
            picture.paste(drawn_face(side), place)
            (found,) = find_faces(np.asarray(picture), detector)
            middle = (found.box.x + found.box.width / 2, found.box.y + found.box.height / 2)
            assert middle == pytest.approx((place[0] + side, place[1] + 1.05 * side), abs=0.25 * side)


def registered(data: bytes) -> Facts:
    item = DatasetItem(sha256="aa" * 32, owner="Studio", training_mining="allowed")
    model = Model(weights_sha256=hashlib.sha256(data).hexdigest(), name="faces", licence="l", datasets=("d",))
    dataset = Dataset(id="d", name="d", complete=True, licence="l", items=(item,))
    return Facts(models=(model,), datasets=(dataset,), licences=(Licence(id="l", grantor="Studio"),))


THRESHOLDS = Thresholds(match=0.9, unsure=0.5)


def matcher(folder: Path) -> FaceMatcher:
    pytest.importorskip("onnxruntime")
    path = folder / "faces.onnx"
    path.write_bytes(flattening_model())
    made = matcher_of(path, registered(flattening_model()), THRESHOLDS)
    assert made is not None
    return made


def test_the_matcher_is_off_unless_a_model_is_given_and_says_so() -> None:
    assert matcher_of(None, Facts(), THRESHOLDS) is None
    assert "off" in OFF and "where it stands" in OFF


def test_an_unregistered_matcher_or_one_without_thresholds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "faces.onnx"
    path.write_bytes(flattening_model())
    with pytest.raises(ClearanceRefused, match="not a registered model"):
        matcher_of(path, Facts(), THRESHOLDS)
    with pytest.raises(ClearanceRefused, match="no thresholds"):
        matcher_of(path, registered(flattening_model()), None)


def test_a_file_that_is_no_face_model_is_refused_even_when_registered(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    for data in (b"not a model", flattening_model(channels=1)):
        path = tmp_path / "faces.onnx"
        path.write_bytes(data)
        with pytest.raises(ClearanceRefused, match=r"no face-embedding model|does not take one RGB face"):
            matcher_of(path, registered(data), THRESHOLDS)


def test_the_same_face_is_matched_a_likely_one_unsure_and_another_nobody(tmp_path: Path) -> None:
    made = matcher(tmp_path)
    rng = np.random.default_rng(1)
    first, second = (rng.integers(0, 255, (80, 80, 3), dtype=np.uint8) for _ in range(2))
    whole = face(0, size=80)
    one, two = made.embed(first, whole), made.embed(second, whole)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    known = {"p1": [one], "p2": [two]}
    same = made.match(one, known, where="output")
    assert same is not None and (same.status, same.performer) == ("matched", "p1")
    between = (one + 0.8 * two) / np.linalg.norm(one + 0.8 * two)
    likely = made.match(between, {"p2": [two]}, where="output")
    assert likely is not None and (likely.status, likely.performer) == ("unsure", "p2")
    assert made.match(-one, known, where="output") is None
    assert made.match(one, {}, where="output") is None


def test_a_face_outside_the_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClearanceRefused, match="outside the picture"):
        matcher(tmp_path).embed(np.zeros((10, 10, 3), np.uint8), face(50))


@pytest.mark.parametrize(("match", "unsure"), [(0.5, 0.6), (0.0, 0.0), (1.1, 0.5), (0.5, -0.1)])
def test_thresholds_that_would_call_strangers_matched_are_refused(match: float, unsure: float) -> None:
    with pytest.raises(ClearanceRefused):
        Thresholds(match=match, unsure=unsure)


def test_plotting_is_not_loaded_with_the_finder_and_is_whole_for_whoever_asks_for_it_later() -> None:
    program = (
        "import sys; from setpiece.clearance.likeness.faces import MediapipeDetector; MediapipeDetector();"
        "print('matplotlib.figure' in sys.modules); import matplotlib; matplotlib.use('agg');"
        "import matplotlib.pyplot as plt; print(len(plt.plot([1, 2])), plt.gcf() is plt.figure(1))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "1", "True"]
