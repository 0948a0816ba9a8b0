from __future__ import annotations

import json
import re
import shlex
import shutil
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fake_recipe import Command
from PIL import Image
from sqlalchemy import create_engine, text

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "clearance"))
from throwaway_postgres import server_binaries, throwaway_postgres

from setpiece import cli, wiring
from setpiece.clearance.documents import KINDS, form
from setpiece.clearance.home import load_home
from setpiece.clearance.records import ConsentEvent
from setpiece.clearance.store.kinds import LikenessUse
from setpiece.clearance.store.store import Store
from setpiece.commands.clearance_records import ENTERED
from setpiece.deliver.credentials import sign_delivery
from setpiece.media.certificates import ANCHORS_NAME, development_identity
from setpiece.media.credentials import Clearance
from setpiece.media.signing import Claim, Layer

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorials" / "clearance.md"
CONSENT_PDF = b"%PDF-1.4 signed consent of Mara Lind\n"
Said = Callable[..., str]


@pytest.fixture
def said(setpiece: Command, capsys: pytest.CaptureFixture[str]) -> Said:
    """Run a command that must end well; returns what it printed."""

    def run(*arguments: object) -> str:
        capsys.readouterr()
        assert setpiece(*arguments) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return run


@pytest.fixture
def told(setpiece: Command, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run a command that is refused; returns code and message, which must have a remedy."""

    def run(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        code = setpiece(*arguments)
        error = capsys.readouterr().err
        assert "remedy: " in error
        return code, error

    return run


def blocks(text: str) -> list[tuple[str, str, str]]:
    """(language, file that it is written to, content) of every fenced block."""
    found = re.findall(r"(?:`([\w.-]+)`:\n\n)?```(\w+)\n(.*?)```", text, re.S)
    return [(language, name, content) for name, language, content in found]


def walk_from(text: str, until: str = "") -> list[tuple[str, str]]:
    """What the guide does, in its order: (``write NAME`` or ``run LINE``, content)."""
    steps = []
    for language, name, content in blocks(text.partition(until)[0] if until else text):
        if language == "toml":
            steps.append((f"write {name}", content))
        elif language == "sh":
            steps += [(f"run {line}", "") for line in content.splitlines() if line]
    return steps


def follow(steps: list[tuple[str, str]], setpiece: Command) -> int:
    count = 0
    for step, content in steps:
        word, _, rest = step.partition(" ")
        if word == "write":
            Path(rest).write_text(content)
            continue
        command, _, code = rest.partition("# exit code ")
        name, *arguments = shlex.split(command)
        assert name == "setpiece"
        assert setpiece(*arguments) == int(code or 0), rest
        count += 1
    return count


def materials(folder: Path) -> None:
    (folder / "consent-mara.pdf").write_bytes(CONSENT_PDF)
    (folder / "grade.onnx").write_bytes(b"weights")
    (folder / "street.jpg").write_bytes(wiring.DEMO_PLATE.read_bytes())


def delivery(folder: Path) -> Path:
    """A small signed delivery, and the trust list beside it."""
    identity = development_identity(folder / "signing", now=datetime.now(UTC))
    (folder / "trust.pem").write_bytes((folder / "signing" / ANCHORS_NAME).read_bytes())
    made = folder / "delivery"
    made.mkdir()
    Image.new("RGB", (8, 6), (90, 30, 10)).save(made / "sh010_contact.png")
    shown = Clearance(
        gate="release", outcome="ALLOW", sequence=7, leaf_sha256="ab" * 32, policy_sha256="cd" * 32,
        subject_sha256="ef" * 32, decided_at="2026-11-22T12:00:00Z", approvals=("legal", "studio"),
    )  # fmt: skip
    layers = (Layer(name="dust", source_type="algorithmicMedia", description="simulated"),)
    claim = Claim(title="", software="Setpiece", version="0.1.0", layers=layers, clearance=shown)
    sign_delivery(made, claim, identity, shot="sh010", version="v001", software="Setpiece 0.1.0")
    return made


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        materials(folder)
        follow(
            walk_from(TUTORIAL.read_text(), "A client's stricter table"), lambda *words: cli.run([str(word) for word in words])
        )
    return folder


@pytest.fixture
def records(template: Path, tmp_path: Path, setpiece: Command) -> Path:
    """A production as the guide leaves it once its lawyer is done."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return tmp_path / "clearance"


def uses_of(home: Path, *takes: str) -> None:
    """Takes that used the likeness."""
    store = Store.open(load_home(home).database)
    with store.begin() as tx:
        tx.add_all(
            [
                LikenessUse(id=f"{take}:mara-flood", take=take, subject_sha256="ab" * 32, performer="mara", grant="mara-flood")
                for take in takes
            ]
        )
    store.close()


def test_every_command_of_the_guide_ends_as_it_says(tmp_path: Path, setpiece: Command) -> None:
    materials(tmp_path)
    delivery(tmp_path)
    guide = TUTORIAL.read_text()
    assert follow(walk_from(guide), setpiece) == len(re.findall(r"^setpiece ", guide, re.M))
    assert (tmp_path / "copy.pdf").read_bytes() == CONSENT_PDF
    assert not (tmp_path / "copy2.pdf").exists()
    assert {path.suffix for path in (tmp_path / "statements").iterdir()} == {".csv", ".pdf"}


def test_there_is_a_command_for_every_kind_of_record() -> None:
    assert set(ENTERED) == set(KINDS) - {"model"}  # which has options of its own


def test_a_form_that_nobody_filled_in_is_refused(tmp_path: Path, records: Path, told: Said) -> None:
    for kind in KINDS:
        (tmp_path / "blank.toml").write_text(form(kind))
        assert told("clear", kind, "blank.toml")[0] == 2, kind


def test_a_home_is_made_once_and_for_one_production(setpiece: Command, said: Said, told: Said, tmp_path: Path) -> None:
    first = json.loads(said("clear", "init", "film", "--production", "tide", "--json"))
    assert first["sequence"] == 0
    assert json.loads(said("clear", "init", "film", "--production", "tide", "--json"))["sequence"] is None
    assert told("clear", "init", "film", "--production", "ebb")[0] == 2
    assert told("clear", "init", "other", "--production", 'a"b')[0] == 2
    assert not (tmp_path / "other").exists()
    code, error = told("clear", "list", "consent", "--home", "nowhere")
    assert (code, "setpiece clear init" in error) == (2, True)
    assert "tide" in said("clear", "list", "production", "--home", "film")


def test_a_database_that_is_none_is_named_with_its_file(tmp_path: Path, setpiece: Command, told: Said) -> None:
    assert told("clear", "init", "--production", "tide", "--database", "oracle9://x/y")[0] == 2
    assert told("clear", "init", "b", "--production", "tide", "--database", "not a url")[0] == 2


def test_what_is_shown_is_read_back_as_it_was(records: Path, said: Said, tmp_path: Path) -> None:
    for kind in ("production", "performer", "consent", "licence", "dataset"):
        (id,) = [row["id"] for row in json.loads(said("clear", "list", kind, "--json"))]
        before = said("clear", "show", kind, id, "--json")
        for option, name in ((), "again.toml"), (("--json",), "again.json"):
            (tmp_path / name).write_text(said("clear", "show", kind, id, *option))
            entered = json.loads(said("clear", kind, name, "--json"))
            assert (entered["kind"], entered["id"]) == (kind, id)
        assert said("clear", "show", kind, id, "--json") == before


def test_a_record_that_is_not_there_is_named_with_the_nearest(records: Path, told: Said) -> None:
    assert "did you mean 'mara-flood'" in told("clear", "show", "consent", "mara-flod")[1]
    assert "did you mean 'consent'" in told("clear", "list", "consnt")[1]
    assert told("clear", "revoke", "mara", "--reason", "x")[0] == 2
    assert told("clear", "pay", "statement", "marta")[0] == 2


def test_an_unsigned_consent_is_on_record_and_not_in_force(
    records: Path, setpiece: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (tmp_path / "mara-flood.toml").read_text().replace('"mara-flood"', '"mara-later"')
    (tmp_path / "later.toml").write_text(re.sub(r"signed_on.*\n", "", text))
    assert setpiece("clear", "consent", "later.toml") == 0
    assert "allows nothing" in capsys.readouterr().err
    store = Store.open(load_home(records).database)
    with store.read() as tx:
        assert tx.find(ConsentEvent, grant="mara-later") == ()
        assert [event.kind for event in tx.find(ConsentEvent, grant="mara-flood")] == ["granted"]
    store.close()


def test_a_consent_is_in_force_from_its_record_on_and_not_before(
    setpiece: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    monkeypatch.setattr(wiring, "now", lambda: now)
    materials(tmp_path)
    follow(walk_from(TUTORIAL.read_text(), "Whoever reads the document"), setpiece)
    later = (now + timedelta(days=40)).date()
    text = (tmp_path / "mara-flood.toml").read_text().replace('"mara-flood"', '"mara-next"')
    (tmp_path / "next.toml").write_text(text.replace("2026-11-02", later.isoformat()))
    assert setpiece("clear", "consent", "next.toml") == 0
    store = Store.open(load_home(tmp_path / "clearance").database)
    with store.read() as tx:
        assert tx.find(ConsentEvent, grant="mara-flood")[0].effective == now
        assert tx.find(ConsentEvent, grant="mara-next")[0].effective.date() == later
    store.close()


def test_a_revocation_names_every_take_that_it_marks(records: Path, said: Said) -> None:
    uses_of(records, "sh010 v001", "sh020 v003")
    suspended = json.loads(said("clear", "suspend", "mara-flood", "--reason", "new script", "--json"))
    assert {use["status"] for use in suspended["takes"]} == {"cleared"}
    out = said("clear", "revoke", "mara-flood", "--reason", "left")
    assert "marked: take sh010 v001" in out and "marked: take sh020 v003" in out
    assert json.loads(said("clear", "status", "--json"))["marked_takes"] == ["sh010 v001", "sh020 v003"]
    assert "revoked from" in said("clear", "show", "consent", "mara-flood")


def test_the_log_is_signed_right_after_a_revocation(records: Path, setpiece: Command, said: Said) -> None:
    said("clear", "revoke", "mara-flood", "--reason", "left")
    assert setpiece("ledger", "verify") == 0


def test_a_reason_of_blanks_is_none(records: Path, told: Said) -> None:
    for word in ("suspend", "revoke", "resume"):
        assert told("clear", word, "mara-flood", "--reason", "  ")[0] == 10


def test_reads_of_documents_are_in_the_log_and_no_name_is_printed_from_it(
    records: Path, said: Said, told: Said, tmp_path: Path
) -> None:
    sha = said("clear", "document", "add", "consent-mara.pdf", "--roles", "guild_liaison,performer").splitlines()[0]
    before = json.loads(said("ledger", "export", "before.jsonl", "--json"))["size"]
    known = (tmp_path / "before.jsonl").read_text().count('"document_read"')
    ask = "--person", "Lee Counsel", "--purpose", "signature", "-o", "copy.pdf"
    said("clear", "document", "read", sha, "--role", "legal", *ask)
    assert (tmp_path / "copy.pdf").stat().st_mode & 0o077 == 0
    assert told("clear", "document", "read", sha, "--role", "producer", *ask)[0] == 10
    assert json.loads(said("ledger", "export", "after.jsonl", "--json"))["size"] == before + 2
    shown = (tmp_path / "after.jsonl").read_text()
    assert shown.count('"document_read"') == known + 2
    assert "Lee Counsel" not in shown and "Mara" not in shown and "mara" not in shown
    printed = said("ledger", "verify") + said("ledger", "checkpoint") + said("ledger", "proof", 3)
    assert "mara" not in printed.lower() and "counsel" not in printed.lower()
    said("ledger", "export", "all.jsonl", "--records")
    assert "Lee Counsel" in (tmp_path / "all.jsonl").read_text()


def test_a_lost_vault_key_is_never_replaced_by_a_new_one(records: Path, told: Said) -> None:
    (records / "keys" / "vault.key").unlink()
    code, error = told("clear", "document", "add", "consent-mara.pdf", "--kind", "consent")
    assert (code, "restore it" in error) == (11, True)
    assert not (records / "keys" / "vault.key").exists()


def test_a_hand_edited_row_makes_the_verification_fail_with_its_own_code(
    records: Path, setpiece: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setpiece("ledger", "verify") == 0
    with sqlite3.connect(records / "clearance.db") as database:
        database.execute("update consent_grants set body = replace(body, '43', '99')")
    capsys.readouterr()
    assert setpiece("ledger", "verify", "--json") == 11
    found = json.loads(capsys.readouterr().out)
    assert found["whole"] is False
    assert any("consent_grants" in line for line in found["lines"])


def test_a_log_that_was_cut_is_no_continuation_of_a_kept_checkpoint(
    records: Path, setpiece: Command, said: Said, tmp_path: Path
) -> None:
    said("ledger", "export", "short.jsonl")
    said("clear", "suspend", "mara-flood", "--reason", "new script")
    said("ledger", "checkpoint", "-o", "kept.txt")
    own = "--key", records / "keys" / "log.vkey"
    assert setpiece("ledger", "verify", "short.jsonl", *own) == 0
    assert setpiece("ledger", "verify", "short.jsonl", *own, "--checkpoint", "kept.txt") == 11


def test_the_verifier_is_never_taken_from_the_folder_where_one_stands(records: Path, setpiece: Command, tmp_path: Path) -> None:
    fake = tmp_path / "setpiece_verify"
    fake.mkdir()
    (fake / "__init__.py").write_text("")
    (fake / "__main__.py").write_text("raise SystemExit(0)")
    with sqlite3.connect(records / "clearance.db") as database:
        database.execute("update consent_grants set body = replace(body, '43', '99')")
    assert setpiece("ledger", "verify") == 11


@pytest.mark.skipif(server_binaries() is None, reason="no PostgreSQL server on this machine")
def test_a_teams_log_in_postgresql_is_verified_with_every_record(
    tmp_path: Path, setpiece: Command, said: Said, records: Path
) -> None:
    with throwaway_postgres() as url:
        said("clear", "init", "team", "--production", "tide", "--database", url)
        home = "--home", "team/clearance"
        said("clear", "performer", "mara.toml", *home)
        said("clear", "licence", "grade-licence.toml", *home)
        found = json.loads(said("ledger", "verify", *home, "--json"))
        assert found["lines"][0].startswith("5 entries, 5 records, ")
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("update licences set body = replace(body, 'High', 'Low')"))
        engine.dispose()
        assert setpiece("ledger", "verify", *home) == 11


def test_a_verifier_that_does_not_start_says_nothing_of_the_log(
    records: Path, told: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("setpiece.__file__", str(tmp_path / "setpiece" / "__init__.py"))
    monkeypatch.setattr("sys.executable", str(Path("/bin/false")))
    code, error = told("ledger", "verify")
    assert (code, "the verifier failed" in error) == (1, True)


def test_a_proof_is_of_an_entry_that_is_there(records: Path, said: Said, told: Said) -> None:
    size = json.loads(said("ledger", "checkpoint", "--json"))["size"]
    proof = json.loads(said("ledger", "proof", size - 1, "--json"))
    assert (proof["size"], len(proof["root_sha256"])) == (size, 64)
    assert told("ledger", "proof", size)[0] == 2
    assert told("ledger", "proof", 3, "--size", 2)[0] == 2
    assert told("ledger", "proof", 0, "--size", size + 1)[0] == 2


def test_weights_that_were_swapped_are_not_entered_under_another_hash(
    records: Path, said: Said, told: Said, tmp_path: Path
) -> None:
    said("clear", "model", "--export-spdx", "grade", "grade.spdx.json")
    said("clear", "model", "--export-cyclonedx", "grade", "grade.cdx.json")
    (tmp_path / "grade.onnx").write_bytes(b"other weights")
    for document in (("--from-spdx", "grade.spdx.json"), ("--from-cyclonedx", "grade.cdx.json")):
        assert told("clear", "model", *document, "--file", "grade.onnx")[0] == 10
    assert told("clear", "model", "grade.toml")[0] == 2  # no hash, and no file to take it from
    assert len(json.loads(said("clear", "list", "model", "--json"))) == 1


def test_a_lineage_comes_in_as_it_went_out_and_changes_nothing_that_is_on_record(
    records: Path, said: Said, told: Said, tmp_path: Path
) -> None:
    said("clear", "model", "--export-spdx", "grade", "grade.spdx.json")
    said("clear", "model", "--export-cyclonedx", "grade", "grade.cdx.json")
    for option, name in (("--from-spdx", "grade.spdx.json"), ("--from-cyclonedx", "grade.cdx.json")):
        folder = f"other-{name}"
        said("clear", "init", folder, "--production", "ebb")
        home = "--home", f"{folder}/clearance"
        entered = json.loads(said("clear", "model", option, name, *home, "--json"))
        assert [item["kind"] for item in entered["entered"]] == ["licence", "dataset", "model"]
        assert entered["lacks"] == []
        assert json.loads(said("clear", "model", option, name, *home, "--json"))["entered"] == []
    licence = (tmp_path / "grade-licence.toml").read_text().replace("High Tide Ltd", "Somebody Else")
    (tmp_path / "changed.toml").write_text(licence)
    said("clear", "licence", "changed.toml")
    assert told("clear", "model", "--from-spdx", "grade.spdx.json")[0] == 10
    assert "Somebody Else" in said("clear", "show", "licence", "own-work")


def test_one_flipped_byte_of_a_delivery_is_named_and_has_its_exit_code(
    tmp_path: Path, setpiece: Command, said: Said, capsys: pytest.CaptureFixture[str]
) -> None:
    made = delivery(tmp_path)
    assert "DEVELOPMENT certificate" in said("verify", made)
    trusted = json.loads(said("verify", made, "--trust", "trust.pem", "--json"))
    assert (trusted["whole"], trusted["trusted"], trusted["development"]) == (True, True, True)
    picture = made / "sh010_contact.png"
    data = bytearray(picture.read_bytes())
    data[-20] ^= 1
    picture.write_bytes(data)
    assert setpiece("verify", made, "--json") == 11
    found = json.loads(capsys.readouterr().out)
    assert (found["whole"], next(fault["file"] for fault in found["faults"])) == (False, "sh010_contact.png")
    assert setpiece("verify", "nowhere") == 1


def test_an_override_by_name_opens_the_gate_for_this_subject_and_never_for_its_requester(
    plate: Path, setpiece: Command, said: Said, told: Said
) -> None:
    asked = "--requester", "Ann Other", "--frames", "1001-1002", "--declare", "yes", "--declare", "enterprise_secured=unsure"
    assert setpiece("clear", "init", "--production", "tide") == 0
    assert setpiece("shot", "new", "sh010", "--plate", plate, *asked) == 0
    assert "Nothing was asked" in said("clear", "why", "sh010")
    how = "--role", "legal", "--reason", "the vendor's audit is here on paper"
    assert told("clear", "override", "sh010", "--rule", "G2", "--person", "Lee Counsel", *how)[0] == 10  # not asked yet
    assert setpiece("run", "sh010") == 10
    assert "Waits for: studio" in said("clear", "why", "sh010")
    (shot,) = json.loads(said("clear", "status", "--json"))["shots"]
    assert (shot["shot"], shot["gate"], shot["outcome"], shot["waits_for"]) == ("sh010", "admit", "NEEDS", ["studio"])
    for rule, person in (("G2", "ann OTHER"), ("M1", "Lee Counsel"), ("C11", "Lee Counsel"), ("G9", "Lee Counsel")):
        assert told("clear", "override", "sh010", "--rule", rule, "--person", person, *how)[0] == 10
    assert setpiece("run", "sh010") == 10
    assert "Lee Counsel overrides G2" in said("clear", "override", "sh010", "--rule", "G2", "--person", "Lee Counsel", *how)
    assert setpiece("run", "sh010") == 0
    assert json.loads(said("clear", "status", "sh010", "--json"))["shots"][0]["outcome"] == "ALLOW"


def test_what_is_owed_is_computed_from_rate_floor_and_days(records: Path, said: Said, told: Said, tmp_path: Path) -> None:
    how = ("clear", "pay", "owed", "mara", "--basis", "scan", "--subject", "mara-scan", "--day", "2026-08-03")
    assert told(*how, "--days", "1.5")[0] == 2, "without a table nothing is computed"
    table = next(tmp_path.rglob("clearance.toml")).parent / "pay.toml"
    table.write_text(said("clear", "pay", "table"))
    rate = json.loads(said("clear", "list", "performer", "--json"))
    assert "1869.00 USD" in said(*how, "--days", "1.5"), f"no agreement: the engagement's own rate ({rate})"
    Path("production.toml").write_text(said("clear", "show", "production").replace('regime = "none"', 'regime = "S26"'))
    said("clear", "production", "production.toml")
    assert told(*how, "--days", "1.5")[0] == 10, "under an agreement, an empty table knows no floor"
    table.write_text(
        'schema = "setpiece.pay/1"\n[[floors]]\nregime = "S26"\nbasis = "scan"\namount = "99999.00"\ncurrency = "USD"\n'
        'source = "a test"\nfirst_day = 2026-07-01\n[[benefits]]\nregime = "S26"\nrate = "0.21"\nsource = "a test"\n'
        "first_day = 2026-07-01\n"
    )
    assert "149998.50 USD, and 0.21 of it to benefit plans" in said(*how, "--days", "1.5")
    owed = json.loads(said("clear", "pay", "status", "--json"))
    assert [(row["id"], row["amount"]) for row in owed] == [("mara-scan-scan", "149998.50")]
    table.write_text(table.read_text().replace('source = "a test"', 'source = " "'))
    assert told(*how, "--days", "1")[0] == 2, "a figure without a source is none"


def test_what_is_not_paid_is_added_up_by_currency(records: Path, said: Said, told: Said, tmp_path: Path) -> None:
    for id, amount, currency, status in (
        ("a", "100.10", "USD", "recorded"),
        ("b", "0.20", "USD", "invoiced"),
        ("c", "7.00", "EUR", "recorded"),
        ("d", "900.00", "USD", "paid"),
    ):
        (tmp_path / "o.json").write_text(
            json.dumps(
                {"schema": "setpiece.obligation/1", "id": id, "performer": "mara", "production": "tide", "basis": "scan",
                 "amount": amount, "currency": currency, "status": status, "benefit_rate": "0.21", "residuals": False}
            )
        )  # fmt: skip
        said("clear", "pay", "obligation", "o.json")
    lines = said("clear", "pay", "status").splitlines()
    assert lines[-2:] == ["not paid yet: 7.00 EUR", "not paid yet: 100.30 USD"]
    assert json.loads(said("clear", "status", "--json"))["not_paid"] == ["a", "b", "c"]
    made = json.loads(said("clear", "pay", "statement", "mara", "-o", "out", "--json"))
    assert {total["currency"]: total["unpaid"] for total in made["totals"]} == {"EUR": "7.00", "USD": "100.30"}
    assert all(Path(name).read_bytes() for name in made["files"])
    (tmp_path / "o.json").write_text((tmp_path / "o.json").read_text().replace('"amount": "900.00", ', ""))
    said("clear", "pay", "obligation", "o.json")
    assert "NO AMOUNT" in said("clear", "pay", "status")
    assert told("clear", "pay", "statement", "mara")[0] == 10


def test_a_policy_that_loosens_has_its_exit_code(tmp_path: Path, told: Said, said: Said) -> None:
    (tmp_path / "p.toml").write_text('schema = "setpiece.policy/1"\nname = "x"\n[rules.G1]\noutcome = "ALLOW"\n')
    assert told("clear", "policy", "check", "p.toml")[0] == 13
