"""The travel desk as a fold: whom its signals are about, and whom they never are."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.cell.weighing.weights import load
from watchfloor.core.derived import net
from watchfloor.core.kinds import KINDS
from watchfloor.core.messages import Reason
from watchfloor.core.streams import joined, parted
from watchfloor.core.subjects import parts
from watchfloor.desks.base import Refs
from watchfloor.desks.travel.desk import DESK, RULES, Applications, Records, _filings
from watchfloor.desks.travel.sample import HONEST, READ, RING, sample
from watchfloor.formats.documents.wording import fingerprint
from watchfloor.run import run

NAMED = ("person", "company", "account", "phone", "address", "template", "document")


def signals(tables, refs=None):
    return run(DESK, tables, refs or Refs(bytes(32)))["signal"]


def people(tables):
    """Whoever applies, holds a document or crosses."""
    found = set(tables["application"]["applicant"].to_pylist())
    return {one for one in found | set(tables["travel-document"]["holder"].to_pylist()) if one}


def test_the_ring_is_about_its_organiser_and_rests_on_its_members():
    tables, refs = sample(1)
    standing = net(signals(tables, refs)).to_pylist()
    (one,) = [one for one in standing if one["subjects"][0] == "company:office:Adviser 1"]
    assert (one["rule"], one["strength"]) == ("ring-organiser", "certain")
    assert one["subjects"] == ["company:office:Adviser 1", "account:office:ring 1"]
    mine = {
        row["record_id"]
        for kind in READ
        for row in tables[kind].to_pylist()
        if HONEST <= int(row["application"].rpartition(":")[2]) < HONEST + RING
    }
    assert mine == set(one["evidence"])
    assert Reason.load(one["reason"]).params["members"] == RING


def test_what_is_confirmed_after_all_is_taken_back():
    rows = signals(*sample(1)).to_pylist()
    last = max(
        (row for row in rows if row["subjects"][0] == "company:office:Adviser 2"),
        key=lambda row: row["revision"],
    )
    assert last["retracted"]
    assert last["reason"]["message"] == "travel.ring-gone"


@pytest.mark.parametrize("seed", range(3))
def test_no_signal_is_about_somebody_who_applies(seed):
    tables, refs = sample(seed)
    for row in signals(tables, refs).to_pylist():
        assert people(tables).isdisjoint(row["subjects"])
        assert {parts(one)[0] for one in row["subjects"]} <= set(NAMED)


KEYS = st.sampled_from(["person:office:1", "person:office:2", "company:office:1", "account:office:1"])


@settings(max_examples=6, deadline=None)
@given(
    payers=st.lists(KEYS, min_size=8, max_size=8),
    advisers=st.lists(KEYS, min_size=8, max_size=8),
    who=st.lists(KEYS, min_size=8, max_size=8),
)
def test_an_applicant_who_pays_or_advises_is_no_subject(payers, advisers, who):
    tables, refs = sample(0)
    rows = {kind: tables[kind].to_pylist() for kind in READ}
    for at, number in enumerate(range(HONEST, HONEST + 8)):
        rows["application"][number] |= {"representative": advisers[at], "applicant": who[at]}
        rows["application-fee"][number] |= {"payer": payers[at]}
    changed = {kind: pa.Table.from_pylist(made, KINDS[kind].schema) for kind, made in rows.items()}
    for row in signals(changed, refs).to_pylist():
        assert people(changed).isdisjoint(row["subjects"])


def test_nothing_that_stands_for_a_nationality_is_kept():
    kept = DESK.freeze(DESK.begin(Refs(bytes(32))))
    assert "country" not in str(kept.schema)
    from watchfloor.desks.travel.desk import KEPT

    assert set(KEPT.names).isdisjoint({"country", "nationality", "number", "what", "officer_note", "expires"})


def test_every_rule_has_a_row_of_the_weight_table():
    bits = load().hypotheses["document-fraud"].bits
    for rule in RULES.values():
        assert bits[rule, "certain"] > bits[rule, "likely"] > bits[rule, "possible"] > 0


def test_a_delivery_of_one_date_is_looked_at():
    tables, refs = sample(2)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    same = {
        kind: rows.filter(pa.compute.less(rows["observed_at"], datetime(2026, 2, 5, tzinfo=UTC)))
        for kind, rows in tables.items()
    }
    same = {
        kind: rows.set_column(
            rows.schema.get_field_index("observed_at"),
            rows.schema.field("observed_at"),
            pa.array([at] * rows.num_rows, rows.schema.field("observed_at").type),
        )
        for kind, rows in same.items()
    }
    found = net(signals(same, refs)).to_pylist()
    assert "company:office:Adviser 1" in {one["subjects"][0] for one in found}
    assert all(one["at"] <= at + timedelta(days=1) for one in found)


WORDINGS = [
    fingerprint(f"We are pleased to offer you a place in the programme of {what} at our campus.").tolist()
    for what in ("welding", "nursing, which is taught in evenings all over the winter")
]
LETTERS = st.fixed_dictionaries(
    {
        "report_key": st.sampled_from("123"),
        "application": st.sampled_from(["a", "b", None]),
        "letter": st.sampled_from("xy"),
        "wording": st.sampled_from([None, *WORDINGS]),
    }
)


@given(st.lists(st.tuples(LETTERS, st.booleans(), st.booleans()), min_size=4, max_size=12))
def test_filings_that_are_built_again_are_those_that_are_built_at_once(letters):
    """A letter may change its words or its application between two looks, and so the words of others; and a
    checkpoint may be taken at any time, from which what is touched alone is read."""
    grown, place = Applications(), {"kind": "letter", "source": "office", "record_id": bytes(16)}
    for letter, is_looked, is_frozen in letters:
        grown.put(place | letter)
        if is_looked:
            again = Applications(records=Records(grown.records.freeze()))
            mine, plain = _filings(grown), _filings(again)
            assert (mine.all, mine.applicants, mine.having) == (plain.all, plain.applicants, plain.having)
        if is_frozen:
            frozen = DESK.freeze(grown)
            grown = DESK.thaw(Refs(bytes(32)), frozen)
            assert DESK.freeze(grown).equals(frozen)


def test_a_checkpoint_of_an_earlier_version_is_gone_on_from():
    tables, _ = sample(2)
    state = Applications()
    for kind, rows in tables.items():
        for row in rows.to_pylist():
            state.put(row | {"kind": kind})
    whole = _filings(state)
    parts_of = parted(DESK.freeze(state))
    earlier = joined({name: parts_of[name] for name in ("records", "told", "since")}, "rows")
    assert _filings(DESK.thaw(Refs(bytes(32)), earlier)).all == whole.all
