"""The register of models through the command line: unknown stops, complete loads, changed is refused, withdrawn is kept."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_recipe import Command
from test_clearance_front import follow, walk_from

from setpiece import wiring
from setpiece.clearance.lineage import check_loadable
from setpiece.clearance.model_templates import parse, template_of, templates
from setpiece.clearance.records import Dataset, Facts, Licence, Model
from setpiece.clearance.rules import RULES
from setpiece.clearance.use import Declaration, UseRequest
from setpiece.commands.clearance_desk import room
from setpiece.core.errors import BriefError, ClearanceRefused

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorials" / "models.md"
Said = Callable[..., str]
LICENCE = """schema = "setpiece.licence/1"
id = "own-work"
grantor = "High Tide Ltd"
uses = ["training", "inference", "commercial"]
first_day = 2026-01-01
"""
DATASET = """schema = "setpiece.dataset/1"
id = "our-frames"
name = "Our own frames"
complete = true
licence = "own-work"

[[items]]
sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
owner = "High Tide Ltd"
licence = "own-work"
training_mining = "allowed"
"""
OWN = ("--licence", "own-work", "--dataset", "our-frames", "--public", "no", "--performances", "no")


@pytest.fixture
def said(setpiece: Command, capsys: pytest.CaptureFixture[str]) -> Said:
    """Run a command that must end well; returns what it printed."""

    def run(*arguments: object) -> str:
        capsys.readouterr()
        assert setpiece(*arguments) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return run


@pytest.fixture
def refused(setpiece: Command, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command that is refused; returns code, output and message, which must have a remedy."""

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = setpiece(*arguments)
        out, error = capsys.readouterr()
        assert code != 0 and "remedy: " in error
        return code, out, error

    return run


@pytest.fixture
def production(tmp_path: Path, said: Said) -> Path:
    """A production with a licence and a dataset of its own, one file of weights and one folder of a public model."""
    said("clear", "init", "--production", "tide")
    (tmp_path / "own.toml").write_text(LICENCE)
    (tmp_path / "frames.toml").write_text(DATASET)
    said("clear", "licence", "own.toml")
    said("clear", "dataset", "frames.toml")
    (tmp_path / "dust.safetensors").write_bytes(b"dust weights")
    (tmp_path / "LICENSE.txt").write_text("the licence, as it was read\n")
    make_folder(tmp_path / "wan-vace")
    return tmp_path


def make_folder(path: Path) -> None:
    (path / "transformer").mkdir(parents=True)
    (path / "model_index.json").write_text('{"_class_name": "WanVACEPipeline"}')
    (path / "transformer" / "model.safetensors").write_bytes(b"weights of a transformer")


def read(text: str) -> Any:
    return json.loads(text)


def stops(row: dict[str, Any]) -> list[str]:
    return [stop["rule"] for stop in row["stopped_by"]]


def facts() -> Facts:
    with room(None) as here, here.read() as tx:
        return Facts(models=tx.find(Model), datasets=tx.find(Dataset), licences=tx.find(Licence))


def test_every_command_of_the_guide_ends_as_it_says(tmp_path: Path, setpiece: Command) -> None:
    (tmp_path / "dust.safetensors").write_bytes(b"dust weights")
    (tmp_path / "tide-lora.safetensors").write_bytes(b"a lora")
    (tmp_path / "LICENSE.txt").write_text("the licence, as it was read\n")
    make_folder(tmp_path / "wan-vace")
    assert follow(walk_from(TUTORIAL.read_text()), setpiece) >= 15


@pytest.mark.parametrize("template", list(templates()))
def test_no_public_model_loads_by_its_template_alone(production: Path, said: Said, refused: Any, template: str) -> None:
    row = read(said("models", "add", "wan-vace", "--template", template, "--json"))
    assert (row["would_load"], row["lineage"], row["template"]) == (False, "incomplete", template)
    assert stops(row) == ["M1", "M6"]
    held = read(said("models", "add", "wan-vace", "--licensed-from", "2026-01-01", "--template", template, "--json"))
    assert held["would_load"] is False
    code, out, error = refused("models", "check", "wan-vace", "--json")
    assert (code, read(out)["hash_matches"], "rule M1" in error) == (10, True, True)


@pytest.mark.parametrize("template", list(templates().values()), ids=list(templates()))
def test_a_template_cites_its_pages_and_claims_no_more_than_they_say(template: Any) -> None:
    pages = (template.can.page, template.needs.page, template.licence.page, template.training.page)
    assert all(page.startswith("https://") for page in pages)
    assert template.dataset_record().complete is None and template.dataset_record().items == ()
    assert (template.third_party_performances, template.public_commercial) == (None, None)
    assert template.licence_record(first_day=None).first_day is None
    assert set(template.licence_uses) <= {"inference", "commercial"}
    assert template.training.says and template.licence.says


def test_the_models_that_the_engines_support_have_templates() -> None:
    named = " ".join(templates())
    for word in ("wan2.1-vace-1.3b", "wan2.1-vace-14b", "ltx-video", "cogvideox-2b", "cogvideox-5b", "sdxl-base", "qwen-image"):
        assert word in named
    assert template_of("cogvideox-5b").licence_uses == (), "its licence must be asked for"


def test_the_templates_are_shown_with_their_pages(setpiece: Command, said: Said) -> None:
    rows = read(said("models", "templates", "--json"))
    assert {row["id"] for row in rows} == set(templates())
    assert all(row["lineage"] == "unknown" and row["pages"] for row in rows)
    assert "wan2.1-vace-14b" in said("models", "templates")


def test_what_is_completed_step_by_step_stops_at_what_nobody_published(production: Path, said: Said, refused: Any) -> None:
    how = ("models", "add", "wan-vace", "--template", "wan2.1-vace-1.3b", "--json")
    first = read(said(*how))
    assert "licence.first_day: not stated" in first["stopped_by"][0]["clause"]
    dated = read(said(*how, "--licensed-from", "2026-11-01", "--licence-document", "LICENSE.txt"))
    assert [entry["kind"] for entry in dated["entered"]] == ["licence"]
    assert dated["stopped_by"][0]["missing"] == ["dataset.complete"]
    licence = next(item for item in facts().licences if item.id == dated["licence"])
    assert licence.document_sha256 == hashlib.sha256((production / "LICENSE.txt").read_bytes()).hexdigest()
    said(*how, "--performances", "no")
    row = read(said(*how))
    assert (row["entered"], stops(row)) == ([], ["M1"])
    assert (row["family"], row["controls"], row["memory_bytes"]) == (
        "wan-vace", ["depth", "flow", "grey", "line", "mask"], None,
    )  # fmt: skip
    assert stops(read(said(*how, "--performances", "unknown"))) == ["M1", "M6"]


def ask_the_gate(sha: str, shot: str) -> None:
    """What a shot that names a model does: it asks, and is refused."""
    use = UseRequest(
        gate="admit", subject_sha256=hashlib.sha256(shot.encode()).hexdigest(), production="tide", models=(sha,),
        declaration=Declaration(purpose="previs", final=False, requester="Ann Other"),
    )  # fmt: skip
    with room(None) as here:
        assert here.office.decide(use, here.now, about=shot).decision.outcome.value == "BLOCK"


def test_the_studio_answers_for_unknown_lineage_by_name_for_one_shot_and_no_other(
    production: Path, said: Said, refused: Any
) -> None:
    how = ("--template", "wan2.1-vace-1.3b", "--licensed-from", "2026-11-01", "--performances", "no")
    sha = read(said("models", "add", "wan-vace", *how, "--json"))["id"]
    assert refused("models", "check", "wan-vace", "--shot", "sh010")[0] == 2, "nobody asked yet"
    ask_the_gate(sha, "sh010")
    ask_the_gate(sha, "sh020")
    assert refused("models", "check", "wan-vace", "--shot", "sh010")[0] == 10
    why = ("--role", "legal", "--reason", "indemnified by contract 17")
    assert refused("clear", "override", "sh010", "--rule", "M1", "--person", "Ann Other", *why)[0] == 10
    said("clear", "override", "sh010", "--rule", "M1", "--person", "Lee Counsel", *why)
    row = read(said("models", "check", "wan-vace", "--shot", "sh010", "--json"))
    assert row["would_load"] is True and "Lee Counsel (legal)" in row["overridden"][0]
    assert refused("models", "check", "wan-vace", "--shot", "sh020")[0] == 10
    assert refused("models", "check", "wan-vace")[0] == 10


def test_a_model_with_its_whole_lineage_loads(production: Path, said: Said) -> None:
    row = read(said("models", "add", "dust.safetensors", "--name", "dust", *OWN, "--memory-gb", "4", "--json"))
    assert (row["would_load"], row["lineage"], row["stopped_by"], row["memory_bytes"]) == (True, "complete", [], 4 * 1024**3)
    assert row["id"] == hashlib.sha256(b"dust weights").hexdigest()
    for which in ("dust.safetensors", "dust", row["id"], row["id"][:12]):
        assert read(said("models", "check", which, "--json"))["would_load"] is True
    assert check_loadable(production / "dust.safetensors", facts()).name == "dust"
    assert "would load" in said("models", "list")


def test_one_changed_byte_is_refused_by_path_and_by_name(production: Path, said: Said, refused: Any) -> None:
    said("models", "add", "dust.safetensors", "--name", "dust", *OWN)
    (production / "dust.safetensors").write_bytes(b"dust weightz")
    code, _, error = refused("models", "check", "dust.safetensors")
    assert code == 10 and "was changed since it was registered" in error
    code, out, error = refused("models", "check", "dust", "--json")
    assert (code, read(out)["hash_matches"], read(out)["would_load"]) == (10, False, False)
    assert hashlib.sha256(b"dust weights").hexdigest() in error and hashlib.sha256(b"dust weightz").hexdigest() in error
    (production / "dust.safetensors").unlink()
    assert refused("models", "check", "dust")[0] == 2


def test_the_hash_of_a_folder_is_of_its_files_and_their_names_and_of_nothing_else(production: Path, said: Said) -> None:
    how = ("models", "add", "wan-vace", "--name", "wan", "--json")
    sha = read(said(*how))["id"]
    listed = sorted(
        (item.relative_to(production / "wan-vace").as_posix(), hashlib.sha256(item.read_bytes()).hexdigest())
        for item in (production / "wan-vace").rglob("*")
        if item.is_file()
    )
    assert sha == hashlib.sha256("".join(f"{digest}  {name}\n" for name, digest in listed).encode()).hexdigest()
    os.utime(production / "wan-vace" / "model_index.json", (0, 0))
    (production / "wan-vace" / "empty").mkdir()
    assert read(said(*how))["id"] == sha
    (production / "wan-vace" / "model_index.json").rename(production / "wan-vace" / "model_index2.json")
    assert read(said(*how))["id"] != sha


def test_what_stands_on_a_stopped_model_is_stopped(production: Path, said: Said, refused: Any) -> None:
    said("models", "add", "wan-vace", "--template", "wan2.1-vace-1.3b")
    (production / "lora.safetensors").write_bytes(b"a lora")
    row = read(said("models", "add", "lora.safetensors", "--name", "lora", "--base", "Wan2.1-VACE-1.3B", *OWN, "--json"))
    assert stops(row) == ["M1"] and row["lineage"] == "incomplete"
    assert refused("models", "check", "lora")[0] == 10
    assert refused("models", "add", "lora.safetensors", "--base", "Wan2.1-VACE")[0] == 2


def test_a_withdrawn_model_loads_nowhere_and_everything_about_it_stays(production: Path, said: Said, refused: Any) -> None:
    said("models", "add", "dust.safetensors", "--name", "dust", *OWN)
    sealed = production / "clearance"
    said("ledger", "checkpoint", "-o", "before.txt")
    assert refused("models", "remove", "dust", "--person", "Pat Producer", "--reason", " ")[0] == 2
    gone = read(said("models", "remove", "dust", "--person", "Pat Producer", "--reason", "replaced", "--json"))
    assert (production / "dust.safetensors").read_bytes() == b"dust weights"
    code, out, _ = refused("models", "check", "dust", "--json")
    row = read(out)
    assert (code, row["status"], row["would_load"], row["hash_matches"]) == (10, "withdrawn", False, True)
    assert row["withdrawn"] == f"withdrawn by Pat Producer on {gone['withdrawn']}: replaced"
    with pytest.raises(ClearanceRefused, match="lineage is incomplete"):
        check_loadable(production / "dust.safetensors", facts())
    assert "withdrawn by Pat Producer" in said("models", "list")
    said("ledger", "export", "all.jsonl", "--records")
    told = (production / "all.jsonl").read_text()
    assert "our-frames" in told and "Pat Producer" in told
    said("ledger", "verify", "--checkpoint", "before.txt")
    assert refused("models", "remove", "dust", "--person", "Pat Producer", "--reason", "again")[0] == 10
    assert refused("models", "add", "dust.safetensors", *OWN)[0] == 10
    assert sealed.is_dir()
    back = read(said("models", "add", "dust.safetensors", *OWN, "--again", "shot 12 must match", "--json"))
    assert back["would_load"] is True and back["datasets"] == ["our-frames"]
    assert [line.split(" by ")[0] for line in back["story"]] == ["withdrawn", "added again"]


def test_files_that_could_run_code_are_named(production: Path, said: Said) -> None:
    for name in ("pytorch_model.bin", "transformer/modeling.py", "x.ckpt"):
        (production / "wan-vace" / name).write_bytes(b"x")
    row = read(said("models", "add", "wan-vace", "--name", "wan", "--json"))
    assert row["never_loaded"] == ["pytorch_model.bin", "transformer/modeling.py", "x.ckpt"]
    assert "never loaded" in said("models", "add", "wan-vace", "--name", "wan")


def test_a_card_that_was_edited_is_not_believed(production: Path, said: Said, refused: Any) -> None:
    sha = read(said("models", "add", "dust.safetensors", "--name", "dust", *OWN, "--json"))["id"]
    card = production / "clearance" / "models" / f"{sha}.json"
    card.write_text(card.read_text().replace("dust.safetensors", "evil.safetensors"))
    assert refused("models", "check", "dust")[0] == 11
    assert refused("models", "list")[0] == 11


def test_what_a_person_entered_stays_when_the_template_is_named_again(production: Path, said: Said) -> None:
    how = ("models", "add", "wan-vace", "--template", "qwen-image", "--json")
    said(*how, "--licence", "own-work", "--dataset", "our-frames", "--name", "ours", "--public", "no")
    row = read(said(*how))
    assert (row["name"], row["licence"], row["datasets"], row["would_load"]) == ("ours", "own-work", ["our-frames"], True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add", "nowhere.safetensors"), "is not there"),
        (("add", "dust.safetensors", "--template", "wan2.1-vace-15b"), "did you mean"),
        (("add", "dust.safetensors", "--licensed-from", "2026-01-01"), "without a template"),
        (("add", "dust.safetensors", "--template", "qwen-image", "--licensed-from", "soon"), "is no day"),
        (("add", "dust.safetensors", "--public", "perhaps"), "is no answer"),
        (("add", "dust.safetensors", "--template", "qwen-image", "--licence", "own-work", "--licensed-from", "2026-01-01"),
         "not by the template's"),
        (("check", "nobody"), "there is no model"),
        (("remove", "nobody", "--person", "Pat", "--reason", "x"), "there is no model"),
    ],
)  # fmt: skip
def test_a_wrong_call_says_what_is_wrong(production: Path, refused: Any, arguments: tuple[str, ...], says: str) -> None:
    code, _, error = refused("models", *arguments)
    assert code == 2 and says in error


def test_an_empty_folder_is_no_model(production: Path, refused: Any) -> None:
    (production / "empty").mkdir()
    assert refused("models", "add", "empty")[0] == 10


def test_weights_that_nobody_registered_are_refused_by_their_hash(production: Path, refused: Any) -> None:
    code, _, error = refused("models", "check", "dust.safetensors")
    assert code == 10 and hashlib.sha256(b"dust weights").hexdigest() in error


def test_a_register_without_models_says_so(production: Path, said: Said) -> None:
    assert "no model is on record" in said("models", "list")
    assert read(said("models", "list", "--json")) == []


TEMPLATE = next(Path(parse.__code__.co_filename).parent.joinpath("templates").glob("qwen*.toml")).read_text()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('schema = "setpiece.model-template/1"', "", "no template"),
        ("moving = false", "moving = 0", "can.moving"),
        ('memory_gb = "unknown"', "memory_gb = -1", "needs.memory_gb"),
        ('public_commercial = "unknown"', 'public_commercial = "no"', "training.public_commercial"),
        ("itemised = false", "itemised = true", "itemised"),
        ('page = "https://arxiv.org/abs/2508.02324"', 'page = "somewhere"', "training.page"),
        ('maker = "Alibaba (Qwen)"', 'makers = "x"', "'maker'"),
        ("moving = false", "moving = false\nstill = true", "can.still"),
        ("[can]", "[can", "TOML"),
    ],
)
def test_a_template_that_does_not_fit_is_refused_by_its_key(old: str, new: str, says: str) -> None:
    assert old in TEMPLATE
    with pytest.raises(BriefError) as error:
        parse(TEMPLATE.replace(old, new), name="x.toml")
    assert says in error.value.message


def test_the_rules_that_are_asked_are_all_that_rule_on_models_before_a_pixel() -> None:
    asked = {rule.id for rule in RULES if rule.family == "models"} - {"M2", "M3", "M5"}  # training, publishing
    from setpiece.commands.models_told import _RULES

    assert set(_RULES) == asked


def test_the_clock_of_the_front_is_the_productions(production: Path, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    later = wiring.now().replace(year=wiring.now().year + 30)
    said("models", "add", "dust.safetensors", "--name", "dust", "--licence", "own-work", "--dataset", "our-frames", *OWN[4:])
    (production / "own.toml").write_text(LICENCE + f"last_day = {later.year - 1}-01-01\n")
    said("clear", "licence", "own.toml")
    assert read(said("models", "list", "--json"))[0]["would_load"] is True
    monkeypatch.setattr(wiring, "now", lambda: later)
    assert read(said("models", "list", "--json"))[0]["would_load"] is False
