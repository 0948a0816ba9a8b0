"""A set's document comes back as it was written, and says on which line it is wrong."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from test_previs_reader import reading

from setpiece.core.errors import BriefError
from setpiece.core.set_spec import Furnishing, Garment, Look, Opening, Relation, SetSpec, Side, View
from setpiece.intake.brief import load_brief
from setpiece.intake.previs_document import load_set, write_set
from setpiece.intake.previs_places import all_places

TEXT = 'A 1950s kitchen: red table, "old" chairs; a man in a tweed suit. Scene 12, 14A'


def written(path: Path, text: str = TEXT) -> Path:
    found = reading(text)
    write_set(path / "brief.yaml", found.spec, name="INT_KITCHEN", text=text, assumed=found.assumed)
    return path / "brief.yaml"


@pytest.mark.parametrize("place", [place.words[0] for place in all_places()])
def test_every_place_comes_back_from_its_file_as_it_was_read(place: str, tmp_path: Path) -> None:
    found = reading(f"{place}, a man in a tweed suit")
    assert write_set(tmp_path / "brief.yaml", found.spec, name="X", text=place, assumed=found.assumed).spec == found.spec


def test_every_field_of_a_specification_survives_the_file(tmp_path: Path) -> None:
    spec = dataclasses.replace(
        reading(TEXT).spec,
        title='a: "title", #1',
        theme="wear: derelict",
        scenes=("12", "14A"),
        openings=(Opening(kind="door", wall=Side.EAST, width_m=0.9, height_m=2.1, at_m=-0.5, style="1930s", open_deg=40.0,
            curtain="#aabbcc"),),
        furnishings=(
            Furnishing(name="a", kind="sofa", count=2, relation=Relation.ON, target="north", at_m=(1.0, -2.0), turn_deg=12.5,
                       size_m=(1.0, 2.0, 0.5), style="1930s", material="leather", colour="#123456", lumens=800.0,
                           kelvin=2700.0, lit=False,
                       asset="props/own.usd"),
        ),
        views=(View(name="v", shot="close", lens_mm=65.0, sensor="red_v_raptor_vv", on="a", from_m=(1.0, 2.0, 1.5), to_m=(0.0,
            0.0, 1.0),
                    fstop=2.8, exposure_stops=-0.5, white_kelvin=3200.0),),
        looks=(Look(name="l", size="own", garments=(Garment(kind="coat", fabric="wool", colour="#000000", colour_2="#ffffff",
                                                            values=(("collar", "shawl"), ("length_m", 1.1))),),
                    measures_m=(("bust", 0.92), ("waist", 0.7)), at_m=(0.5, 0.5), turn_deg=90.0),),
    )  # fmt: skip
    made = write_set(tmp_path / "brief.yaml", spec, name="X").spec
    for field in dataclasses.fields(SetSpec):
        assert getattr(made, field.name) == getattr(spec, field.name), field.name


def test_what_was_assumed_is_marked_in_the_file_and_what_was_said_is_not(tmp_path: Path) -> None:
    lines = written(tmp_path).read_text().splitlines()
    era = next(line for line in lines if line.startswith("  era:"))
    width = next(line for line in lines if line.startswith("  width_m:"))
    assert "assumed" not in era
    assert "# assumed, usual for a kitchen" in width


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("  depth_m:", "  dept_m:", "did you mean 'set.depth_m'"),
        ("relation: around", "relation: arround", "did you mean 'around'"),
        ("shot: medium", "shot: mediun", "did you mean 'medium'"),
        ("mood: ", "mood: sad #", "write one of natural"),
        ("hour: ", "hour: 55 #", "less than or equal to 24"),
        ("seed: 1", "seed: -1", "greater than or equal to 0"),
        ("name: wide", "nam: wide", "did you mean 'name'"),
        ("name: wide", "sensor: alexa35, name: wide", "sensors are alexa_35_og"),
        ("target: kitchen_table", "target: kichen_table", "relates to 'kichen_table', which is not there"),
        ("department: previs", "department: previs\ndepartment: previs", "stands twice"),
    ],
)
def test_an_error_names_its_line_and_the_way_out(before: str, after: str, says: str, tmp_path: Path) -> None:
    path = written(tmp_path, "A 1950s kitchen. Chairs around a dining table.")
    text = path.read_text()
    assert before in text
    wrong = text.replace(before, after, 1)
    path.write_text(wrong)
    with pytest.raises(BriefError) as caught:
        load_set(path)
    assert says in f"{caught.value.message}; {caught.value.remedy}"
    number = int(caught.value.message.split("line ")[1].split(":")[0])
    lines = wrong.splitlines()
    assert after.splitlines()[-1].split(" #")[0].strip() in lines[number - 1], (number, lines[number - 1])


def test_a_written_document_is_never_written_over(tmp_path: Path) -> None:
    path = written(tmp_path)
    kept = path.read_bytes()
    with pytest.raises(BriefError, match="there is a brief already"):
        written(tmp_path, "an office")
    assert path.read_bytes() == kept


def test_two_furnishings_of_one_name_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    text = path.read_text().replace(
        "furnishings:", "furnishings:\n  - {name: twin, kind: sofa}\n  - {name: twin, kind: sofa}", 1
    )
    path.write_text("\n".join(line for line in text.splitlines()))
    with pytest.raises(BriefError, match="'twin' stands twice"):
        load_set(path)


def test_a_sets_brief_is_no_shots_and_a_shots_commands_say_so(tmp_path: Path) -> None:
    with pytest.raises(BriefError, match="previs view"):
        load_brief(written(tmp_path))


def test_a_file_that_is_not_there_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(BriefError, match="setpiece previs new"):
        load_set(tmp_path / "brief.yaml")
