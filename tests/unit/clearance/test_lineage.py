"""Models are known by their bytes, load only with a whole lineage, and travel in two public forms without loss."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setpiece.clearance.interchange.cyclonedx import from_cyclonedx, to_cyclonedx
from setpiece.clearance.interchange.spdx import from_spdx, to_spdx
from setpiece.clearance.lineage import (
    Keyframe,
    Lineage,
    check_loadable,
    lacking,
    lineage_of,
    loadable_bytes,
    model_of_file,
    model_of_keyframes,
    weights_sha256,
)
from setpiece.clearance.records import ConsentGrant, Dataset, DatasetItem, Facts, Licence, Model, Scope
from setpiece.core.errors import ClearanceRefused, SetpieceError

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUSE = Licence(
    id="house", grantor="Studio", uses=("training", "inference"), first_day=date(2026, 1, 1), territories=("US",), spdx="MIT"
)
STOCK = Licence(id="stock", grantor="Stock House", uses=("training",), last_day=date(2027, 1, 1), document_sha256="99" * 32)
ITEM = DatasetItem(
    sha256="aa" * 32, owner="Studio", licence="stock", training_mining="allowed", people=("p1",), people_cleared=("p1",)
)
DATA = Dataset(
    id="d1", name="plates", complete=True, licence="house", items=(ITEM, replace(ITEM, sha256="bb" * 32, licence=None))
)
OLDER = Dataset(id="d0", name="older plates", complete=True, licence="house", items=(replace(ITEM, sha256="cc" * 32),))
BASE = Model(weights_sha256="01" * 32, name="base", licence="house", datasets=("d0",))
MODEL = Model(
    weights_sha256="02" * 32,
    name="depth",
    version="2.1",
    base=BASE.weights_sha256,
    licence="stock",
    datasets=("d1", "d0"),
    production="harbour",
    about_performers=("p1",),
    terms_sha256="dd" * 32,
    training_summary=(("sources", "plates of the production"), ("period", "2026")),
    third_party_performances=False,
    public_commercial=False,
)
FACTS = Facts(models=(BASE, MODEL), datasets=(DATA, OLDER), licences=(HOUSE, STOCK))
LINEAGE = Lineage(model=MODEL, bases=(BASE,), datasets=(DATA, OLDER), licences=(HOUSE, STOCK))
FORMATS = {"spdx": (to_spdx, from_spdx), "cyclonedx": (to_cyclonedx, from_cyclonedx)}


def on_disk(folder: Path, data: bytes = b"weights") -> tuple[Path, Facts]:
    path = folder / "depth.onnx"
    path.write_bytes(data)
    model = replace(MODEL, weights_sha256=weights_sha256(path))
    return path, replace(FACTS, models=(BASE, model))


def test_a_registered_model_with_a_whole_lineage_loads(tmp_path: Path) -> None:
    path, facts = on_disk(tmp_path)
    assert check_loadable(path, facts).name == "depth"
    assert loadable_bytes(path, facts)[1] == b"weights"


def test_the_right_name_on_other_weights_does_not_load(tmp_path: Path) -> None:
    path, facts = on_disk(tmp_path)
    path.write_bytes(b"Weights")
    for load in (check_loadable, loadable_bytes):
        with pytest.raises(ClearanceRefused, match="not a registered model"):
            load(path, facts)


def test_the_same_weights_under_another_name_do_load(tmp_path: Path) -> None:
    path, facts = on_disk(tmp_path)
    assert check_loadable(path.rename(tmp_path / "other.bin"), facts).name == "depth"


def test_a_folder_of_weights_is_known_by_every_byte_and_name_in_it(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a").write_bytes(b"1")
    (tmp_path / "m" / "b").write_bytes(b"2")
    first = weights_sha256(tmp_path / "m")
    (tmp_path / "m" / "b").rename(tmp_path / "m" / "c")
    renamed = weights_sha256(tmp_path / "m")
    (tmp_path / "m" / "c").write_bytes(b"3")
    assert len({first, renamed, weights_sha256(tmp_path / "m")}) == 3
    (tmp_path / "empty").mkdir()
    with pytest.raises(ClearanceRefused, match="holds no weights"):
        weights_sha256(tmp_path / "empty")


def test_a_register_entry_takes_the_hash_of_the_file(tmp_path: Path) -> None:
    path, _ = on_disk(tmp_path)
    made = model_of_file(path, name="depth", licence="house", datasets=["d1"])
    assert made.weights_sha256 == weights_sha256(path)


def without(**changes: object) -> dict[str, Facts]:
    item, data, base, model = (dict(changes.get(key) or {}) for key in ("item", "data", "base", "model"))
    changed = replace(DATA, **{"items": (replace(ITEM, **item), DATA.items[1]), **data})
    return {"facts": replace(FACTS, models=(replace(BASE, **base), replace(MODEL, **model)), datasets=(changed, OLDER))}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (without(item={"owner": None})["facts"], "no owner"),
        (without(item={"training_mining": None})["facts"], "nobody looked"),
        (without(item={"training_mining": "yes"})["facts"], "nobody looked"),
        (without(item={"licence": "lost"})["facts"], "licence 'lost'"),
        (without(data={"complete": None})["facts"], "nobody states"),
        (without(data={"complete": False})["facts"], "nobody states"),
        (without(data={"items": ()})["facts"], "lists no items"),
        (without(data={"licence": None})["facts"], "has no licence"),
        (without(model={"licence": None})["facts"], "model 'depth' has no licence"),
        (without(model={"licence": "?"})["facts"], "is not on record"),
        (without(model={"datasets": ()})["facts"], "names no training data"),
        (without(model={"datasets": ("d1", "lost")})["facts"], "dataset 'lost'"),
        (without(model={"base": "ff" * 32})["facts"], "not registered"),
        (without(base={"licence": None})["facts"], "model 'base' has no licence"),
        (without(base={"base": "02" * 32})["facts"], "its own ancestor"),
    ],
)
def test_each_gap_in_a_lineage_is_named_and_keeps_the_model_out(facts: Facts, said: str) -> None:
    assert any(said in gap for gap in lacking("02" * 32, facts)), lacking("02" * 32, facts)


def test_the_error_says_what_lacks(tmp_path: Path) -> None:
    path, facts = on_disk(tmp_path)
    with pytest.raises(ClearanceRefused, match=r"lineage is incomplete: .*not on record"):
        check_loadable(path, replace(facts, licences=(HOUSE,)))


@given(st.sampled_from(["models", "datasets", "licences"]), st.data())
def test_taking_any_record_away_never_completes_a_lineage(kind: str, data: st.DataObject) -> None:
    assert lacking("02" * 32, FACTS) == ()
    kept = data.draw(st.lists(st.sampled_from(getattr(FACTS, kind)), unique=True, max_size=1))
    assert lacking("02" * 32, replace(FACTS, **{kind: tuple(kept)}))


def test_lineage_gathers_the_whole_chain_and_only_it() -> None:
    other = Dataset(id="d9", name="other")
    assert lineage_of("02" * 32, replace(FACTS, datasets=(*FACTS.datasets, other))) == LINEAGE
    assert lineage_of("ff" * 32, FACTS) is None


def grant(**changes: object) -> ConsentGrant:
    made = ConsentGrant(
        id="g1",
        performer="p1",
        production="harbour",
        type="training",
        scope=Scope(uses=("training",)),
        document_sha256="11" * 32,
    )
    return replace(made, **changes)


FRAMES = (Keyframe(sha256="aa" * 32, training_mining="allowed"), Keyframe(sha256="bb" * 32, training_mining="allowed"))


def test_a_shot_model_registers_itself_complete_locked_and_with_the_consent_as_licence() -> None:
    made = model_of_keyframes("07" * 32, FRAMES, grant(), name="sh010 make-up")
    facts = Facts(models=(made.model,), datasets=(made.dataset,), licences=(made.licence,))
    assert lacking("07" * 32, facts) == ()
    assert made.model.production == "harbour" and made.model.about_performers == ("p1",)
    assert made.licence.document_sha256 == "11" * 32
    assert [item.sha256 for item in made.dataset.items] == ["aa" * 32, "bb" * 32]
    assert all(item.people == item.people_cleared == ("p1",) for item in made.dataset.items)


def test_a_keyframe_whose_refusal_was_found_keeps_it() -> None:
    frames = (Keyframe(sha256="aa" * 32, training_mining="notAllowed"),)
    assert model_of_keyframes("07" * 32, frames, grant(), name="x").dataset.items[0].training_mining == "notAllowed"


@pytest.mark.parametrize(
    ("consent", "frames"),
    [
        (grant(type="employment_replica", scope=Scope(uses=("replica",))), FRAMES),
        (grant(document_sha256=None), FRAMES),
        (grant(), ()),
    ],
)
def test_a_shot_model_without_consent_document_or_keyframes_is_refused(
    consent: ConsentGrant, frames: tuple[Keyframe, ...]
) -> None:
    with pytest.raises(ClearanceRefused):
        model_of_keyframes("07" * 32, frames, consent, name="x")


@pytest.mark.parametrize("form", FORMATS)
def test_a_lineage_comes_back_from_each_form_with_every_field(form: str) -> None:
    out, back = FORMATS[form]
    assert back(out(LINEAGE, now=NOW, software="Setpiece 0.1.0")) == LINEAGE


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=8)
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
items = st.builds(
    DatasetItem,
    sha256=digests,
    owner=st.none() | words,
    licence=st.none() | st.sampled_from(["house", "stock"]),
    training_mining=st.sampled_from([None, "allowed", "notAllowed", "constrained"]),
    people=st.lists(words, max_size=2).map(tuple),
    people_cleared=st.lists(words, max_size=2).map(tuple),
)


@settings(max_examples=25, deadline=None)
@given(
    form=st.sampled_from(sorted(FORMATS)),
    records=st.lists(items, max_size=4, unique_by=lambda item: item.sha256),
    complete=st.sampled_from([None, True, False]),
    model=st.builds(
        Model,
        weights_sha256=digests,
        name=words,
        version=st.just("") | words,
        base=st.none(),
        licence=st.just("house"),
        datasets=st.just(("set",)),
        production=st.none() | words,
        about_performers=st.lists(words, max_size=2).map(tuple),
        terms_sha256=st.none() | digests,
        training_summary=st.lists(st.tuples(words, words), max_size=2).map(tuple),
        third_party_performances=st.sampled_from([None, True, False]),
        public_commercial=st.sampled_from([None, True, False]),
    ),
)
def test_any_lineage_comes_back_as_it_was(form: str, records: list[DatasetItem], complete: bool | None, model: Model) -> None:
    used = {"house", *(item.licence for item in records if item.licence)}
    dataset = Dataset(id="set", name="set", complete=complete, licence=None, items=tuple(records))
    licences = tuple(licence for licence in (HOUSE, STOCK) if licence.id in used)
    lineage = Lineage(model=model, datasets=(dataset,), licences=licences)
    out, back = FORMATS[form]
    assert back(out(lineage, now=NOW, software="S")) == lineage


@pytest.mark.parametrize("form", FORMATS)
def test_a_fee_never_leaves(form: str) -> None:
    out, _ = FORMATS[form]
    paid = replace(LINEAGE, licences=(replace(HOUSE, fee=Decimal("123456.78")), STOCK))
    assert b"123456" not in out(paid, now=NOW, software="S")


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_lineage_gives_the_same_bytes(form: str) -> None:
    out, _ = FORMATS[form]
    assert out(LINEAGE, now=NOW, software="S") == out(LINEAGE, now=NOW, software="S")


def test_spdx_says_in_its_own_words_what_the_model_was_trained_on() -> None:
    graph = json.loads(to_spdx(LINEAGE, now=NOW, software="S"))["@graph"]
    kinds = [element.get("relationshipType") for element in graph if element["type"] == "Relationship"]
    assert kinds.count("trainedOn") == 2 and "descendantOf" in kinds and "hasDeclaredLicense" in kinds
    model = next(element for element in graph if element.get("name") == "depth")
    assert model["type"] == "ai_AIPackage" and model["verifiedUsing"][0]["hashValue"] == "02" * 32
    assert model["ai_useSensitivePersonalInformation"] == "yes"
    assert next(element for element in graph if element["type"] == "dataset_DatasetPackage")["dataset_datasetSize"] == 2


def test_cyclonedx_says_in_its_own_words_what_the_model_was_trained_on() -> None:
    document = json.loads(to_cyclonedx(LINEAGE, now=NOW, software="S"))
    assert document["specVersion"] == "1.6"
    model = next(component for component in document["components"] if component["type"] == "machine-learning-model")
    assert model["hashes"] == [{"alg": "SHA-256", "content": "02" * 32}]
    assert model["modelCard"]["modelParameters"]["datasets"] == [{"ref": "dataset-0"}, {"ref": "dataset-1"}]
    assert model["pedigree"]["ancestors"][0]["name"] == "base"


def test_what_a_foreign_document_leaves_out_is_unknown_and_does_not_load() -> None:
    document = json.loads(to_cyclonedx(LINEAGE, now=NOW, software="S"))

    def strip(value: object) -> None:
        if isinstance(value, dict):
            value.pop("properties", None)
            for inner in value.values():
                strip(inner)
        elif isinstance(value, list):
            for inner in value:
                strip(inner)

    strip(document)
    read = from_cyclonedx(json.dumps(document).encode())
    assert read.model.name == "depth" and read.model.base == BASE.weights_sha256
    assert read.datasets[0].complete is None and read.datasets[0].items[0].owner is None
    facts = Facts(models=(read.model, *read.bases), datasets=read.datasets, licences=read.licences)
    assert lacking(read.model.weights_sha256, facts)


def test_a_foreign_spdx_document_is_taken_for_what_its_own_words_say() -> None:
    document = json.loads(to_spdx(LINEAGE, now=NOW, software="S"))
    for element in document["@graph"]:
        element.pop("extension", None)
    read = from_spdx(json.dumps(document).encode())
    assert (read.model.name, read.model.version, read.model.base) == ("depth", "2.1", BASE.weights_sha256)
    assert read.model.licence == "stock" and {licence.spdx for licence in read.licences} == {"MIT", ""}
    assert [dataset.name for dataset in read.datasets] == ["plates", "older plates"]
    assert [item.sha256 for item in read.datasets[0].items] == ["aa" * 32, "bb" * 32]
    assert read.datasets[0].complete is None and read.datasets[0].items[0].training_mining is None
    facts = Facts(models=(read.model, *read.bases), datasets=read.datasets, licences=read.licences)
    assert any("nobody looked" in gap for gap in lacking(read.model.weights_sha256, facts))


def test_a_value_of_ours_that_was_damaged_is_an_error_not_a_default() -> None:
    document = to_spdx(LINEAGE, now=NOW, software="S").decode()
    broken = document.replace('"extension_cdxPropValue": "true"', '"extension_cdxPropValue": "tru"')
    assert broken != document
    with pytest.raises(SetpieceError, match="is damaged"):
        from_spdx(broken.encode())


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("document", [b"", b"{}", b"[]", b"not json", b'{"@context": "x", "@graph": [{"type": "?"}]}'])
def test_anything_else_is_refused_with_a_remedy(form: str, document: bytes) -> None:
    with pytest.raises(SetpieceError):
        FORMATS[form][1](document)


@pytest.mark.parametrize("form", FORMATS)
def test_a_model_without_a_hash_is_refused(form: str) -> None:
    out, back = FORMATS[form]
    text = out(LINEAGE, now=NOW, software="S").decode().replace("02" * 32, "02")
    with pytest.raises(SetpieceError):
        back(text.encode())
