"""The records on SQLite and on PostgreSQL: nothing lost, nothing without its entry, only what a use touches."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import NoneType
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from clearance_rooms import NOON, grant, performer, production, use
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from setpiece.clearance.records import ConsentEvent, ConsentGrant, Dataset, DatasetItem, Licence, Model, Obligation, Strike
from setpiece.clearance.store import Store
from setpiece.clearance.store.codec import decode, encode
from setpiece.clearance.store.kinds import KINDS
from setpiece.clearance.store.migrate import HEAD, configuration
from setpiece.clearance.store.tables import metadata
from setpiece.clearance.use import SyntheticPerformer, canonical_sha256
from setpiece.core.errors import ClearanceRefused, OutputFailed, RecordDamaged

words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=8)
st.register_type_strategy(str, words)
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False))
any_record = st.one_of([st.builds(kind.type) for kind in KINDS])
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@quick
@given(any_record)
def test_a_record_comes_back_as_it_went_in(record: object) -> None:
    assert decode(type(record), encode(record)) == record


def test_a_document_of_another_form_is_refused() -> None:
    for body in ('{"id":"x"}', '{"id":"x","title":"t","more":1}', '{"id":1,"title":"t"}', "[]", "no json"):
        with pytest.raises(RecordDamaged, match="Production"):
            decode(type(production()), body)
    with pytest.raises(ValueError, match="time zone"):
        encode(ConsentEvent(id="e", grant="g", kind="revoked", effective=datetime(2026, 1, 1)))


def test_every_kind_of_record_is_kept(store: Store) -> None:
    with store.begin() as tx:
        tx.add_all([production(), performer(), grant()])
        licence = Licence(id="l", grantor="Studio", fee=Decimal("12.50"), last_day=date(2027, 1, 1))
        tx.add(licence)
    with store.read() as tx:
        assert tx.get(ConsentGrant, "g1") == grant()
        assert tx.get(ConsentGrant, "none") is None
        assert tx.find(Licence, grantor="Studio") == (licence,)
        assert tx.find(ConsentGrant, performer="mara", type="training") == ()
        with pytest.raises(ValueError, match="has no colour"):
            tx.find(Licence, colour="red")


def test_what_is_undone_leaves_neither_record_nor_entry(store: Store) -> None:
    with pytest.raises(KeyError), store.begin() as tx:
        tx.add(production())
        raise KeyError("on purpose")
    with store.begin() as tx:
        assert tx.log.size == 0
        assert tx.get(type(production()), "film") is None


def test_a_record_is_entered_once_and_lasting_ones_never_change(store: Store) -> None:
    event = ConsentEvent(id="e", grant="g1", kind="revoked", effective=NOON)
    with store.begin() as tx:
        tx.add_all([grant(), event])
    for spoilt in (grant(), ConsentEvent(id="f", grant="unknown", kind="revoked", effective=NOON)):
        with pytest.raises(ClearanceRefused, match="recorded"), store.begin() as tx:
            tx.add(spoilt)
    with store.begin() as tx:
        with pytest.raises(ClearanceRefused, match="never changed"):
            tx.replace(event)
        with pytest.raises(ClearanceRefused, match="there is no"):
            tx.replace(production())


def test_gathering_takes_what_the_use_touches_and_nothing_else(store: Store) -> None:
    model = Model(weights_sha256="a" * 64, name="m", base="b" * 64, datasets=("d",), licence="l1")
    base = Model(weights_sha256="b" * 64, name="base", about_performers=("ines",))
    data = Dataset(id="d", name="d", items=(DatasetItem(sha256="c" * 64, licence="l2", people=("tom",)),))
    with store.begin() as tx:
        tx.add_all([production(), performer(), performer("ines"), performer("tom"), performer("stranger")])
        tx.add_all([grant(), grant("g2", "ines"), grant("g3", "stranger"), model, base, data])
        tx.add_all([Licence(id=name, grantor="x") for name in ("l1", "l2", "l3")])
        tx.add(Strike(union="SAG-AFTRA", first_day=date(2026, 9, 1)))
        tx.add_all([ConsentEvent(id=f"e{i}", grant=f"g{i}", kind="granted", effective=NOON) for i in (1, 2, 3)])
        facts = tx.gather(use())
        assert tx.gathered == tuple(sorted(set(range(18)) - {4, 7, 13, 17}))
    assert facts.production == production()
    assert {item.id for item in facts.performers} == {"mara", "ines", "tom"}
    assert {item.id for item in facts.grants} == {"g1", "g2"}
    assert {item.id for item in facts.events} == {"e1", "e2"}
    assert {item.name for item in facts.models} == {"m", "base"}
    assert {item.id for item in facts.licences} == {"l1", "l2"}
    assert facts.datasets == (data,)
    assert len(facts.strikes) == 1


def test_a_performer_is_found_by_each_name_a_prompt_may_use(store: Store) -> None:
    known = replace(performer(), aliases=("The Quill",))
    with store.begin() as tx:
        tx.add_all([known, grant()])
        for said, found in (("mara  QUILL", True), ("the quill", True), ("mara", True), ("Nobody", False)):
            synthetic = SyntheticPerformer(name="Extra", prompt_names=(said,))
            facts = tx.gather(replace(use(), persons=(), synthetics=(synthetic,)))
            assert (facts.performers == (known,)) is found
            assert (facts.grants == (grant(),)) is found
        tx.replace(replace(known, aliases=()))
        facts = tx.gather(
            replace(use(), persons=(), synthetics=(SyntheticPerformer(name="Extra", prompt_names=("the quill",)),))
        )
        assert facts.performers == ()


def test_what_is_owed_is_a_fact_here_and_for_scans_made_elsewhere(store: Store) -> None:
    def owed(id: str, production: str, basis: str) -> Obligation:
        return Obligation(id=id, performer="mara", production=production, basis=basis)

    with store.begin() as tx:
        tx.add_all([owed("a", "film", "replica_days"), owed("b", "other", "scan"), owed("c", "other", "replica_days")])
        assert {item.id for item in tx.gather(use()).obligations} == {"a", "b"}


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE consent_grants SET body = replace(body, '2026-01-01', '2020-01-01')",
        "UPDATE log SET leaf = replace(leaf, 'ConsentGrant', 'Production') WHERE sequence = 1",
        "UPDATE consent_grants SET salt = NULL",
    ],
)
def test_a_row_edited_by_hand_is_no_fact(store: Store, edit: str) -> None:
    with store.begin() as tx:
        tx.add_all([production(), grant()])
        tx.flush()
        tx.connection.execute(text(edit))
    with pytest.raises(RecordDamaged, match="consent_grants g1"), store.read() as tx:
        tx.gather(use())


def test_what_was_replaced_is_kept_until_it_is_erased(store: Store) -> None:
    with store.begin() as tx:
        tx.add(performer())
        tx.replace(type(performer())(id="mara", name="Mara Quill-Hale"))
    with store.begin() as tx:
        assert tx.connection.execute(text("SELECT count(*) FROM contents")).scalar_one() == 1
        tx.erase(type(performer()), "mara", "asked for")
    with store.read() as tx:
        everything = [tuple(row) for table in metadata.sorted_tables for row in tx.connection.execute(table.select())]
    assert "Quill" not in str(everything)


def test_nothing_personal_stands_in_a_leaf(store: Store) -> None:
    with store.begin() as tx:
        tx.add(performer())
        tx.append("read", {"person": "Mara Quill"})
    with store.read() as tx:
        leaves = " ".join(tx.connection.execute(text("SELECT leaf FROM log")).scalars())
    assert "Mara" not in leaves
    assert "mara" not in leaves


def test_the_migrations_make_what_the_tables_declare(store: Store) -> None:
    with store.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert [item for item in differences if item[0] != "add_fk"] == []
    assert ScriptDirectory.from_config(configuration()).get_heads() == [HEAD]


def test_records_of_a_later_version_are_not_opened(store: Store, store_url: str) -> None:
    with store.engine.execution_options(setpiece_writes=True).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RecordDamaged, match="9999"):
        Store.open(store_url)


def test_reopening_finds_the_same_log(store: Store, store_url: str) -> None:
    with store.begin() as tx:
        tx.add(production())
        root = tx.log.root()
    again = Store.open(store_url)
    with again.tree() as stored:
        assert (stored.size, stored.root()) == (1, root)
    again.close()


def test_sqlite_is_durable_and_checks_references(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'c.db'}")
    with store.engine.connect() as connection:
        settings = [
            connection.execute(text(f"PRAGMA {p}")).scalar_one() for p in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]
    store.close()
    with pytest.raises(OutputFailed, match="in memory"):
        Store.open("sqlite://")


def test_concurrent_writers_each_get_their_entry_after_its_commit(store: Store) -> None:
    seen: list[int] = []

    def one(number: int) -> None:
        entry = store.write(lambda tx: tx.append("note", {"number": number}))
        with store.read() as tx:  # committed by the time that it returns
            stored = tx.connection.execute(text("SELECT leaf_hash FROM log WHERE sequence = :s"), {"s": entry.sequence})
            assert bytes(stored.scalar_one()).hex() == entry.leaf_hash
        seen.append(entry.sequence)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(24))


def test_one_failing_writer_does_not_undo_the_others(store: Store) -> None:
    outcomes: dict[int, str] = {}
    held = threading.Event()

    def work(number: int) -> Any:
        def inside(tx: Any) -> NoneType:
            held.wait(5)
            if number == 3:
                raise ClearanceRefused("not this one", remedy="none")
            tx.append("note", {"number": number})

        return inside

    def one(number: int) -> None:
        try:
            store.write(work(number))
            outcomes[number] = "in"
        except ClearanceRefused:
            outcomes[number] = "out"

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    held.set()
    for thread in threads:
        thread.join()
    assert outcomes == {number: "out" if number == 3 else "in" for number in range(8)}
    with store.tree() as stored:
        assert stored.size == 7


def test_the_database_keeps_the_highest_time(store: Store) -> None:
    for now in (NOON, NOON - timedelta(hours=1)):
        with store.begin(now) as tx:
            tx.append("note", {"hash": canonical_sha256(1)})
    with store.read() as tx:
        assert tx.highest_at() == NOON
