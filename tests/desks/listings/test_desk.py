"""What the fold says of parties, list changes and decisions, one thing at a time."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from watchfloor.core.derived import net
from watchfloor.core.kinds import KINDS
from watchfloor.core.messages import Reason
from watchfloor.desks.base import Refs
from watchfloor.desks.listings.desk import DESK, fingerprint
from watchfloor.run.runner import run

START = datetime(2026, 1, 1, tzinfo=UTC)
REFS = Refs(
    bytes(32), {"screening": pa.table({"source": ["parcels"], "necessity": ["law"], "authority": ["law"]})}
)


def day(number):
    return START + timedelta(days=number)


def row(kind, **over):
    plain = {
        "source": "parcels",
        "origins": [],
        "marking": "U//TLP:CLEAR",
        "delivery": bytes(32),
        "locator": "x",
    }
    return dict.fromkeys(KINDS[kind].schema.names) | plain | {"kind": kind} | over


def listing(name, *aliases, at=0, entity="1", **over):
    names = [{"text": t, "role": "alias", "strength": "strong", "lang": None} for t in (name, *aliases)]
    names[0]["role"] = "primary"
    fixed = {
        "list_id": "toy",
        "entity_id": entity,
        "instrument": "Toy List",
        "item": entity,
        "in_force": day(at).date(),
    }
    lists = {"names": names, "birth_dates": [], "countries": [], "identifiers": []}
    return row("listing", observed_at=day(at), name=name, schema="Person", **(fixed | lists | over))


def edition(*entities, at=0, **over):
    return row("consolidation", observed_at=day(at), list_id="toy", entities=list(entities), **over)


def party(name, at=1, subject="person:parcels:1", **over):
    return row("party", observed_at=day(at), subject=subject, role="consignee", name=name, **over)


def judgement(item, at, verdict="different", expires=365, subject="person:parcels:1"):
    return row(
        "judgement",
        observed_at=day(at),
        subject=subject,
        about=f"{item['list_id']}:{item['entity_id']}",
        verdict=verdict,
        basis=fingerprint(item),
        why="passport seen",
        decided_by="officer",
        expires_at=day(at + expires),
    )


def fold(*rows):
    """Signals that stand after all rows."""
    return net(history(*rows)).to_pylist()


def history(*rows):
    """Every revision that rows make."""
    rows = [r | {"record_id": i.to_bytes(16, "big")} for i, r in enumerate(rows)]
    tables = {
        kind: pa.Table.from_pylist([r for r in rows if r["kind"] == kind], KINDS[kind].schema)
        for kind in DESK.reads
    }
    return run(DESK, tables, REFS)["signal"]


def test_a_name_on_the_list_is_a_signal_that_names_both_records():
    (signal,) = fold(listing("Tavish Okonedo-Marr"), party("OKONEDO MARR, Tavish", marking="PB//TLP:AMBER"))
    assert signal["strength"] == "exact"
    assert signal["subjects"] == ["person:parcels:1"]
    assert [int.from_bytes(id_, "big") for id_ in signal["evidence"]] == [1, 0]
    assert signal["marking"] == "PB//TLP:AMBER"
    assert (signal["at"], signal["since"]) == (day(1), day(1))
    assert "Toy List" in Reason.load(signal["reason"]).render("fr")


def test_a_feed_without_a_stated_necessity_is_not_screened():
    assert fold(listing("Tavish Okonedo-Marr"), party("Tavish Okonedo-Marr", source="club")) == []


def test_a_name_seen_before_the_list_changed_is_screened_against_the_change():
    (signal,) = fold(party("Tavish Okonedo-Marr", at=1), listing("Tavish Okonedo-Marr", at=5))
    assert (signal["at"], signal["since"]) == (day(5), day(1))


def test_an_item_that_says_something_else_replaces_what_stood():
    (signal,) = fold(
        listing("Tavish Okonedo-Marr"),
        party("Tavish Okonedo-Marr", birth_date="1971"),
        listing("Tavish Okonedo-Marr", at=3, birth_dates=["1971-04-12"]),
    )
    assert (signal["revision"], signal["strength"], signal["at"]) == (1, "exact, birth year agrees", day(3))


def test_an_item_published_again_unchanged_changes_nothing():
    (signal,) = fold(
        listing("Tavish Okonedo-Marr"), party("Tavish Okonedo-Marr"), listing("Tavish Okonedo-Marr", at=9)
    )
    assert (signal["revision"], signal["at"]) == (0, day(1))


def test_an_edition_without_the_item_takes_the_signal_back():
    first = [listing("Tavish Okonedo-Marr"), edition("1"), party("Tavish Okonedo-Marr")]
    assert len(fold(*first)) == 1
    assert fold(*first, edition("2", at=5)) == []
    (back,) = fold(*first, edition("2", at=5), listing("Tavish Okonedo-Marr", at=8), edition("1", at=8))
    assert back["at"] == day(8)


def test_what_is_taken_back_says_which_edition_does_not_hold_it():
    rows = [listing("Tavish Okonedo-Marr"), party("Tavish Okonedo-Marr", marking="PB//TLP:AMBER")]
    last = history(*rows, edition("2", at=5)).to_pylist()[-1]
    assert (last["retracted"], last["at"], last["revision"]) == (True, day(5), 1)
    assert last["coverage"] == [(2).to_bytes(16, "big")]
    assert last["marking"] == "PB//TLP:AMBER"
    name = "Tavish Okonedo-Marr"
    left = {"name": name, "alias": name, "list": "toy", "day": "2026-01-06"}
    assert Reason.load(last["reason"]) == Reason("listings.left", left)


def test_an_item_that_a_later_edition_holds_again_is_back_though_nobody_published_it_anew():
    rows = [listing("Tavish Okonedo-Marr"), party("Tavish Okonedo-Marr"), edition("2", at=5)]
    (signal,) = fold(*rows, edition("1", at=8))
    assert (signal["strength"], signal["at"], signal["revision"]) == ("exact", day(8), 2)


def test_an_item_that_says_something_else_takes_back_what_no_longer_fits():
    rows = [listing("Tavish Okonedo-Marr"), party("Tavish Okonedo-Marr"), listing("Oren Hrastnik", at=3)]
    last = history(*rows).to_pylist()[-1]
    assert (last["retracted"], last["coverage"]) == (True, [])
    assert Reason.load(last["reason"]).message == "listings.reworded"


def test_a_change_of_a_part_is_known_when_the_part_came_and_not_when_the_item_did():
    (signal,) = fold(
        listing("Tavish Okonedo-Marr"), party("Grey Heron of Marr"), part("The Grey Heron of Marr", at=6)
    )
    assert signal["at"] == day(6)


def test_an_edition_of_a_file_of_parts_takes_its_aliases_back_and_lists_nobody():
    rows = [
        listing("Tavish Okonedo-Marr"),
        part("The Grey Heron of Marr"),
        party("Grey Heron of Marr"),
        party("Tavish Okonedo-Marr"),
    ]
    without = edition("toy#1/9", at=5, provision="alt.csv")
    (signal,) = fold(*rows, without)
    assert signal["since"] == day(1)
    assert len(fold(*rows, edition("toy#1/7", at=5, provision="alt.csv"))) == 2
    assert len(fold(*rows, without, edition("toy#1/7", at=6, provision="alt.csv"))) == 2
    assert len(fold(*rows, edition("toy#1/9", at=5, provision="add.csv"))) == 2, "of another file"


def test_an_item_that_left_and_came_back_has_its_parts():
    rows = [listing("Tavish Okonedo-Marr"), part("The Grey Heron of Marr"), party("Grey Heron of Marr")]
    assert fold(*rows, edition("2", at=5)) == []
    assert len(fold(*rows, edition("2", at=5), edition("1", at=8))) == 1


def test_an_edition_of_another_list_takes_nothing_back():
    other = edition("2", at=5) | {"list_id": "other"}
    assert len(fold(listing("Tavish Okonedo-Marr"), party("Tavish Okonedo-Marr"), other)) == 1


def test_a_decision_clears_what_it_was_made_about_and_what_comes_after():
    item = listing("Tavish Okonedo-Marr")
    signals = fold(item, party("Tavish Okonedo-Marr"), judgement(item, 2), party("Tavish Okonedo-Marr", at=4))
    assert [s["strength"] for s in signals] == ["cleared", "cleared"]
    assert {s["until"] for s in signals} == {day(367)}
    assert {Reason.load(s["reason"]).params["why"] for s in signals} == {"passport seen"}
    assert all(len(s["evidence"]) == 3 for s in signals)


@pytest.mark.parametrize(
    "later",
    [
        lambda item: judgement(item, 3, verdict="withdrawn"),
        lambda item: listing("Tavish Okonedo-Marr", "The Heron of Marr", at=3),
    ],
    ids=["withdrawn", "the item changed"],
)
def test_a_decision_ends_when_it_is_withdrawn_or_the_item_changes(later):
    item = listing("Tavish Okonedo-Marr")
    (signal,) = fold(item, party("Tavish Okonedo-Marr"), judgement(item, 2), later(item))
    assert (signal["strength"], signal["at"]) == ("exact", day(3))


def test_a_decision_that_has_expired_clears_no_later_record():
    item = listing("Tavish Okonedo-Marr")
    signals = fold(item, judgement(item, 2, expires=2), party("Tavish Okonedo-Marr", at=5))
    assert [s["strength"] for s in signals] == ["exact"]


def test_a_decision_about_one_subject_clears_no_other():
    item = listing("Tavish Okonedo-Marr")
    (signal,) = fold(item, party("Tavish Okonedo-Marr"), judgement(item, 2, subject="person:parcels:2"))
    assert signal["strength"] == "exact"


def sent(name, at, delivery=1, key="A-1", **over):
    return party(name, at, report_key=key, delivery=bytes([delivery]) * 32, **over)


def test_a_corrected_record_is_evidence_once():
    item, first = listing("Tavish Okonedo-Marr"), sent("Tavish Okonedo-Marr", 1)
    (signal,) = fold(item, first, sent("Tavish Okonedo Marr", 2, delivery=2))
    assert signal["since"] == day(2)


def test_a_correction_to_another_name_takes_the_signal_back_and_says_so():
    rows = [listing("Tavish Okonedo-Marr"), sent("Tavish Okonedo-Marr", 1), sent("Ada Pemberley", 4, 2)]
    last = history(*rows).to_pylist()[-1]
    assert (last["retracted"], last["at"]) == (True, day(4))
    assert "corrected" in str(Reason.load(last["reason"]))


def test_of_a_correction_of_the_same_moment_only_the_correction_counts():
    rows = [listing("Tavish Okonedo-Marr"), sent("Tavish Okonedo-Marr", 1), sent("Ada Pemberley", 1, 2)]
    assert fold(*rows) == []


def test_a_record_that_was_corrected_is_not_screened_against_a_later_list():
    assert (
        fold(
            sent("Tavish Okonedo-Marr", 1), sent("Ada Pemberley", 2, 2), listing("Tavish Okonedo-Marr", at=5)
        )
        == []
    )


@pytest.mark.parametrize(
    "other",
    [{"delivery": 1}, {"delivery": 2, "key": None}, {"delivery": 2, "key": "A-2"}],
    ids=["of one delivery", "without a key", "under another key"],
)
def test_other_records_correct_nothing(other):
    key = other.get("key", "A-1") and "A-1"
    first = sent("Tavish Okonedo-Marr", 1, key=key)
    assert len(fold(listing("Tavish Okonedo-Marr"), first, sent("Okonedo-Marr, Tavish", 2, **other))) == 2


def test_an_alias_of_two_entities_raises_both():
    signals = fold(
        listing("Tavish Okonedo-Marr", "Brothers of the Heron"),
        listing("Lucero Baldwin Quispe", "Brothers of the Heron", entity="2"),
        party("Brothers of the Heron"),
    )
    assert len(signals) == 2


def test_one_id_on_two_lists_is_two_entities():
    signals = fold(
        listing("Tavish Okonedo-Marr"),
        listing("Tavish Okonedo-Marr", list_id="other"),
        party("Tavish Okonedo-Marr"),
    )
    assert len(signals) == 2


def test_a_declared_country_changes_no_score():
    signals = [
        fold(listing("Tavish Okonedo-Marr", countries=["CA"]), party("Tavish Okonedo Marr", country=country))
        for country in (None, "CA", "FR")
    ]
    assert len({(s["score"], s["strength"]) for (s,) in signals}) == 1


def test_a_birth_date_that_no_calendar_has_says_nothing():
    (signal,) = fold(
        listing("Tavish Okonedo-Marr", birth_dates=["1971-04-12"]),
        party("Tavish Okonedo-Marr", birth_date="1971-02-30"),
    )
    assert signal["strength"] == "exact"


def part(*aliases, number=7, at=0):
    more = listing(*aliases, at=at, provision="alt.csv", report_key=f"toy#1/{number}")
    return more | {"names": [name | {"role": "alias"} for name in more["names"]]}


@pytest.mark.parametrize("part_first", [False, True])
def test_parts_of_an_entity_in_other_files_are_joined_in_any_order(part_first):
    pieces = [listing("Tavish Okonedo-Marr"), part("The Grey Heron of Marr")]
    (signal,) = fold(*(pieces[::-1] if part_first else pieces), party("Grey Heron of Marr"))
    assert len(signal["evidence"]) == 3, "the party, the entity and the record that publishes the alias"


def test_a_part_without_its_entity_lists_nobody():
    assert fold(part("The Grey Heron of Marr"), party("The Grey Heron of Marr")) == []
