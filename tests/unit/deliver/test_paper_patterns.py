import re
import xml.etree.ElementTree as ET
from pathlib import Path

import ezdxf
import numpy as np
import pytest

from setpiece.core.errors import StageError
from setpiece.core.garment import Pattern
from setpiece.deliver.marker import CELL_M, SELVEDGE_M, marker
from setpiece.deliver.pattern_outline import Side, area_m2, crossings, cut_line, is_symmetric, length_m, parted, without_loops
from setpiece.deliver.pattern_pieces import Piece, pieces
from setpiece.deliver.patterns import write_patterns, yardage
from setpiece.stage.wardrobe.cloths import cloth
from setpiece.stage.wardrobe.measures import measures
from setpiece.stage.wardrobe.patterns import KINDS, draft

_SVG = "{http://www.w3.org/2000/svg}"


def _pattern(kind: str, size: str = "women_40", **stated: float | str) -> Pattern:
    return draft(kind, measures(size), stated, size=size)


def _square(side: float, allowance: float) -> list[Side]:
    corners = np.array([(0, 0), (side, 0), (side, side), (0, side), (0, 0)], float)
    return [Side(name=str(n), points=corners[n : n + 2], allowance_m=allowance) for n in range(4)]


def _apart_m(points: np.ndarray, other: np.ndarray) -> float:
    """The least distance from points to a closed line."""
    a, b = other, np.roll(other, -1, 0)
    share = np.clip(((points[:, None] - a) * (b - a)).sum(-1) / np.maximum(((b - a) ** 2).sum(-1), 1e-18), 0, 1)
    return float(np.linalg.norm(points[:, None] - (a + share[..., None] * (b - a)), axis=-1).min())


# -- outlines --------------------------------------------------------------------------------------------------------------


def test_an_allowance_widens_a_square_by_itself_on_all_sides() -> None:
    assert area_m2(cut_line(_square(0.2, 0.015))) == pytest.approx(0.23**2)


def test_a_hem_has_its_own_allowance_and_mitred_corners() -> None:
    sides = _square(0.2, 0.01)
    sides[0] = Side(name="hem", points=sides[0].points, allowance_m=0.04)
    cut = cut_line(sides)
    assert cut.min(0) == pytest.approx((-0.01, -0.04))
    assert len(cut) == 4


def test_a_loop_is_cut_off() -> None:
    bow = np.array([(0, 0), (1, 0), (1, 1), (0.4, 1), (0.6, 1.2), (0.6, 0.9), (0.4, 1.2), (0, 1)], float)
    assert len(crossings(bow))
    assert not len(crossings(without_loops(bow)))


def test_a_stub_at_the_end_of_a_bend_does_not_spoil_its_corner() -> None:
    """A cut strip of a neckline whose last step is 0.04 mm."""
    line = [(0, 0), (0.05, 0), (0.05, 0.2), (0.04996, 0.19998), (0.042, 0.1977), (0.03, 0.195), (0, 0.195), (0, 0)]
    points = np.array(line, float)
    rows = ((0, 2, 0.01), (1, 3, 0.01), (2, 7, 0.015), (6, 8, 0.01))
    sides = [Side(name=str(a), points=points[a:b], allowance_m=allowance) for a, b, allowance in rows]
    assert _apart_m(points[:-1], cut_line(sides)) > 0.0099


def test_a_half_has_half_the_area() -> None:
    half = parted(_square(0.2, 0.0), np.array([0.1, 0.0]), np.array([0.0, -1.0]), "fold", 0.0)
    assert area_m2(np.concatenate([side.points[:-1] for side in half])) == pytest.approx(0.02)
    assert sum(side.name == "fold" for side in half) == 1


# -- pieces ----------------------------------------------------------------------------------------------------------------


def _random(count: int, seed: int) -> list[Pattern]:
    from setpiece.stage.wardrobe.measures import sizes
    from setpiece.stage.wardrobe.patterns import parameters

    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        stated: dict[str, float | str] = {}
        for one in parameters(kind):
            if random.random() < 0.6:
                stated[one.name] = (
                    str(random.choice(one.choices)) if one.choices else round(float(random.uniform(one.low, one.high)), 3)
                )
        made.append(draft(kind, measures(str(random.choice(sizes()))), stated))
    return made


def _fails(piece: Piece) -> str:
    """What is wrong with a piece; empty where nothing is."""
    sewn, cut = np.asarray(piece.sewn, float), np.asarray(piece.cut, float)
    if len(crossings(cut)) or len(crossings(sewn)):
        return "crosses itself"
    if area_m2(cut) <= area_m2(sewn) or area_m2(sewn) <= 0:
        return "is turned inside out"
    if _apart_m(sewn, np.asarray(piece.whole, float)) < 0.0099:
        return "has too little allowance"
    if piece.fold is not None and (len(crossings(piece.whole)) or not is_symmetric(np.asarray(piece.whole, float))):
        return "does not unfold"
    if any(
        abs(length_m(notch) - 0.006) > 1e-4 or _apart_m(np.asarray(notch[:1], float), cut) > 0.004 for notch in piece.notches
    ):
        return "has a notch off its edge"
    return ""


def test_pieces_of_any_garment_are_simple_with_allowances_outside() -> None:
    wrong = [
        (pattern.kind, dict(pattern.values), piece.name, _fails(piece))
        for pattern in _random(54, 5)
        for piece in pieces(pattern)
        if _fails(piece)
    ]
    assert not wrong, wrong[:5]


@pytest.mark.parametrize("kind", KINDS)
def test_every_panel_of_cloth_is_on_paper(kind: str) -> None:
    pattern = _pattern(kind)
    found = {piece.name: piece for piece in pieces(pattern)}
    for panel in pattern.panels:
        piece = found[panel.name.removesuffix("_left").removesuffix("_right")]
        assert piece.count * (2 if piece.fold is not None else 1) >= 1
        assert piece.count % 2 == 0 or not panel.name.endswith("_left")


def test_notches_of_a_seam_fall_at_the_same_shares_of_both_its_sides() -> None:
    found = {piece.name: piece for piece in pieces(_pattern("skirt", skirt="straight"))}
    front, back = ([n for n in found[f"skirt_{side}"].notches if n[0, 0] > 0.2] for side in ("front", "back"))
    assert len(front) == len(back) > 0
    for one, other in zip(front, back, strict=True):
        assert one == pytest.approx(other, abs=1e-5)


def test_a_jackets_front_gets_its_overlap_its_lapel_and_a_facing() -> None:
    pattern = _pattern("jacket", "men_50")
    found = {piece.name: piece for piece in pieces(pattern)}
    front, drafted = found["bodice_front"], pattern.panel("bodice_front_left").outline
    assert area_m2(front.sewn) > area_m2(drafted) + 0.015  # the lapel, grown on
    assert front.sewn[:, 0].min() < drafted[:, 0].min() - 0.02
    assert {"centre front", "roll line", "button"} <= {name for name, _ in front.lines}
    assert found["front_facing"].count == 2
    assert 0.25 < area_m2(found["front_facing"].cut) / area_m2(front.cut) < 0.6


def test_a_collar_a_cuff_and_a_band_are_cut_double() -> None:
    found = {piece.name: piece for piece in pieces(_pattern("shirt", "men_50"))}
    assert (found["collar_fall"].count, found["collar_stand"].count, found["cuff"].count, found["pocket"].count) == (2, 2, 4, 2)
    assert found["bodice_back"].told == "cut 1 on the fold"


def test_a_dress_opens_at_the_back_and_trousers_at_the_front() -> None:
    dress = {piece.name: piece for piece in pieces(_pattern("dress"))}
    for name in ("bodice_back", "skirt_back"):
        assert dress[name].fold is None and dress[name].told == "cut 2, one turned over"
        assert "zip" in {called for called, _ in dress[name].lines}
        assert dress[name].cut[:, 0].min() == pytest.approx(-0.015, abs=1e-4)  # a seam's allowance at the middle
    trousers = {piece.name: piece for piece in pieces(_pattern("trousers", "men_50"))}
    assert {"fly_facing", "fly_shield"} <= set(trousers)
    assert (trousers["waistband_front"].count, trousers["waistband_back"].fold is None) == (4, False)


# -- files -----------------------------------------------------------------------------------------------------------------


def _paths(path: Path) -> dict[str, np.ndarray]:
    """Closed lines of an SVG by their id, millimetres, y up."""
    found = {}
    for one in ET.parse(path).getroot().iter(f"{_SVG}path"):
        if one.get("id"):
            numbers = np.array(re.findall(r"-?[\d.]+", one.attrib["d"]), float).reshape(-1, 2)
            found[one.attrib["id"]] = numbers * (1, -1)
    return found


@pytest.mark.parametrize(("kind", "size"), [("jacket", "men_50"), ("dress", "women_44"), ("trousers", "child_128")])
def test_svg_and_dxf_read_back_at_true_size(tmp_path: Path, kind: str, size: str) -> None:
    pattern = _pattern(kind, size)
    files = write_patterns(tmp_path, "it", "Anna", pattern, cloth("wool", "#404040"), version="v002", tries=5)
    root = ET.parse(files.svg).getroot()
    wide, tall = (float(side) for side in root.attrib["viewBox"].split()[2:])
    assert (root.attrib["width"], root.attrib["height"]) == (f"{wide:.2f}mm", f"{tall:.2f}mm")
    lines = _paths(files.svg)
    blocks = ezdxf.readfile(files.dxf).blocks
    for piece in pieces(pattern):
        for layer, name, points in (("1", "cut", piece.cut), ("14", "seam", piece.sewn)):
            true = 1000 * np.asarray(points, float)
            drawn = lines[f"{name}_{piece.name}"]
            assert np.abs((drawn - drawn[0]) - (true - true[0])).max() < 0.1
            entity = next(e for e in blocks.get(piece.name.upper()).query("POLYLINE") if e.dxf.layer == layer)
            read = np.array([tuple(vertex.dxf.location)[:2] for vertex in entity.vertices])
            assert np.abs(read - true).max() < 0.1
            assert entity.is_closed
    square = next(one for one in root.iter(f"{_SVG}rect"))
    assert (square.attrib["width"], square.attrib["height"]) == ("100.000", "100.000")


def test_nothing_on_the_sheet_overlaps_and_everything_lies_on_it(tmp_path: Path) -> None:
    files = write_patterns(tmp_path, "it", "Anna", _pattern("coat"), cloth("wool", "#404040"), version="v001", tries=5)
    root = ET.parse(files.svg).getroot()
    wide, tall = (float(side) for side in root.attrib["viewBox"].split()[2:])
    boxes = [(p.min(0), p.max(0)) for name, p in _paths(files.svg).items() if name.startswith("cut_")]
    for number, (low, high) in enumerate(boxes):
        assert low.min() > -tall and low[0] > 0 and high[0] < wide and high[1] < -100
        for other_low, other_high in boxes[:number]:
            assert (high < other_low).any() or (other_high < low).any()


def test_the_same_pattern_writes_the_same_files(tmp_path: Path) -> None:
    written = [
        write_patterns(tmp_path / name, "it", "Anna", _pattern("shirt"), cloth("cotton", "#ffffff"), version="v001", tries=5)
        for name in ("one", "other")
    ]
    for kind in ("svg", "dxf", "marker_png"):
        one, other = (getattr(files, kind).read_bytes() for files in written)
        assert one == other


def test_the_sheet_is_lettered_with_who_what_size_and_version(tmp_path: Path) -> None:
    files = write_patterns(tmp_path, "it", "Anna & Co", _pattern("cape"), cloth("wool", "#404040"), version="v007", tries=5)
    text = files.svg.read_text()
    for word in ("Anna &amp; Co: cape", "women 40", "version v007", "cut 2, one turned over", "100 mm"):
        assert word in text


# -- the marker ------------------------------------------------------------------------------------------------------------


def _covered(points: np.ndarray, step: float, shape: tuple[int, int]) -> np.ndarray:
    """Which samples of a grid lie 2 mm within an outline."""
    import cv2

    picture = np.zeros(shape, np.uint8)
    cv2.fillPoly(picture, [np.round(points / step).astype(np.int32)], 1)
    return cv2.erode(picture, np.ones((5, 5), np.uint8)).astype(int)


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_on_the_cloth_do_not_overlap_and_stay_between_the_selvedges(kind: str) -> None:
    found = marker(pieces(_pattern(kind)), 1.5, tries=5)
    step = 0.001
    total = np.zeros((int(found.width_m / step), int(found.length_m / step) + 2), int)
    for one in found.laid:
        assert one.points[:, 1].min() >= SELVEDGE_M - 1e-6
        assert one.points[:, 1].max() <= 1.5 - SELVEDGE_M + CELL_M
        total += _covered(one.points, step, total.shape)
    assert total.max() == 1
    area = sum(area_m2(one.points) for one in found.laid)
    assert found.used == pytest.approx(area / (found.length_m * 1.5), rel=1e-3)
    assert 0.45 < found.used < 1


def test_cloth_is_cut_as_often_as_the_paper_says() -> None:
    paper = pieces(_pattern("jacket"))
    names = [one.name for one in marker(paper, 1.5, tries=5).laid]
    assert {piece.name: piece.count for piece in paper} == {name: names.count(name) for name in set(names)}


def test_the_grain_runs_along_the_cloth_and_a_nap_lies_one_way() -> None:
    paper = pieces(_pattern("trousers"))
    leg = next(piece for piece in paper if piece.name == "leg_front")
    for one_way in (False, True):
        laid = [one.points for one in marker(paper, 1.4, one_way=one_way, tries=5).laid if one.name == "leg_front"]
        for points in laid:
            assert np.ptp(points[:, 0]) == pytest.approx(np.ptp(leg.cut[:, 1]), abs=1e-5)
        if one_way:  # hems, the straight ends, all lie at the same end
            assert all(np.ptp(points[points[:, 0] < points[:, 0].min() + 0.01, 1]) > 0.15 for points in laid)


def test_what_lies_one_way_never_takes_less_than_half_a_length_more_or_less() -> None:
    paper = pieces(_pattern("coat"))
    free, bound = (marker(paper, 1.4, one_way=one_way, tries=20).length_m for one_way in (False, True))
    assert 0.97 * free < bound < 1.5 * free


def test_a_wider_bolt_takes_fewer_metres() -> None:
    paper = pieces(_pattern("coat"))
    assert marker(paper, 1.5, tries=20).length_m < marker(paper, 0.9, tries=20).length_m


def test_a_skirt_wider_than_the_bolt_is_seamed_at_its_middle() -> None:
    paper = pieces(_pattern("skirt", skirt="circle", length_m=0.8))
    names = [one.name for one in marker(paper, 1.4, tries=5).laid]
    assert names.count("skirt_front") == 2


def test_a_piece_wider_than_the_cloth_is_refused_by_name() -> None:
    with pytest.raises(StageError, match=r"cape is \d+ cm wide and the cloth 90; take a wider cloth"):
        marker(pieces(_pattern("cape", length_m=1.2)), 0.9)


def test_yardage_is_what_one_buys() -> None:
    pattern, fabric = _pattern("dress"), cloth("silk", "#aa2030")
    line = yardage("Anna", pattern, fabric)
    assert (line.look, line.garment, line.fabric, line.width_m) == ("Anna", "dress", "silk", 1.4)
    assert line.length_m == pytest.approx(round(line.length_m, 1))
    assert 0.9 < line.length_m < 2.0
