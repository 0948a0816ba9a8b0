"""Records as documents: what is written comes back, and a typo is named."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from setpiece.clearance import documents
from setpiece.clearance import records as r
from setpiece.clearance.plain import plain, revived
from setpiece.core.errors import BriefError

GRANT = r.ConsentGrant(
    id="g1",
    performer="ada",
    production="show",
    type="employment_replica",
    scope=r.Scope(uses=("replica",), roles=("Countess",), ages=(20, 40), first_day=date(2026, 1, 1), prohibited=("nudity",)),
    description="made younger in the opening, reel 1 only",
    signed_on=date(2026, 1, 2),
    separately_signed=True,
)
SAMPLES = (
    GRANT,
    r.Production(id="show", title="Show", jurisdictions=("US-CA", "EU"), union_agreement=True),
    r.Performer(id="ada", name="Ada Łącka", aliases=("A. L.",), birth_date=date(1980, 2, 29), daily_rate=Decimal("1246.00")),
    r.ScanSession(id="s", performer="ada", production="show", noticed_at=datetime(2026, 3, 1, 12, tzinfo=UTC)),
    r.Dataset(id="d", name="keys", complete=True, items=(r.DatasetItem(sha256="ab", people=("ada",)),)),
    r.Model(weights_sha256="ab", name="m", training_summary=(("sources", "own keyframes"),)),
    r.Obligation(id="o", performer="ada", production="show", basis="scan", days=Decimal("0.5"), residuals=True),
)


@pytest.mark.parametrize("record", SAMPLES, ids=lambda record: type(record).__name__)
@pytest.mark.parametrize("suffix", [".toml", ".json"])
def test_a_record_comes_back_from_its_document(record: object, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"record{suffix}"
    path.write_text(documents.toml(record) if suffix == ".toml" else documents.as_json(record), encoding="utf-8")
    assert documents.read(path) == record


@pytest.mark.parametrize("record", SAMPLES, ids=lambda record: type(record).__name__)
def test_a_record_comes_back_from_plain_values(record: object) -> None:
    assert revived(type(record), json.loads(json.dumps(plain(record)))) == record


@pytest.mark.parametrize("kind", documents.KINDS)
def test_a_form_with_its_blanks_filled_in_reads_back(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "form.toml"
    path.write_text(documents.form(kind), encoding="utf-8")
    assert isinstance(documents.read(path, kind=kind), documents.KINDS[kind])


def test_an_unknown_field_is_named_with_the_nearest_right_one(tmp_path: Path) -> None:
    path = tmp_path / "ada.toml"
    path.write_text('schema = "setpiece.performer/1"\nid = "ada"\nname = "Ada"\nbrith_date = 1980-01-01\n')
    with pytest.raises(BriefError, match=r"brith_date.*birth_date") as caught:
        documents.read(path)
    assert caught.value.file == path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('schema = "setpiece.performer/1"\nid = "ada"\n', "lacks 'name'"),
        ('schema = "setpiece.performer/2"\nid = "ada"\n', "schema"),
        ('schema = "setpiece.consent/1"\n', "holds a consent, asked was a performer"),
        ('id = "ada', "is not toml"),
        ('schema = "setpiece.performer/1"\nid = "ada"\nname = "A"\nbirth_date = "soon"\n', "write a date"),
        ('schema = "setpiece.performer/1"\nid = 3\nname = "A"\n', "write text"),
        ('schema = "setpiece.performer/1"\nid = "a"\nname = "A"\naliases = "B"\n', "write a list"),
        ('schema = "setpiece.performer/1"\nid = "a"\nname = "A"\ndaily_rate = 12.5\n', "write an amount"),
    ],
)
def test_a_bad_document_says_what_to_write(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "ada.toml"
    path.write_text(text)
    with pytest.raises(BriefError, match=said):
        documents.read(path, kind="performer")


def test_a_document_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BriefError, match=r"nobody\.toml"):
        documents.read(tmp_path / "nobody.toml")


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(BriefError, match="zone"):
        revived(r.ConsentEvent, {"id": "e", "grant": "g", "kind": "revoked", "effective": "2026-03-01T12:00:00"})
