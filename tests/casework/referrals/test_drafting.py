"""Drafts of grounds: facts on record about the item, and never how it was ordered."""

import re
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.casework.referrals.world import COURIER, MAIL, READER, declared, floor, keep

from watchfloor.casework.referrals import drafting, grounds, messages
from watchfloor.casework.referrals.drafting import ORDERED, draft
from watchfloor.casework.referrals.items import COLUMNS, Item
from watchfloor.casework.referrals.powers import Stream
from watchfloor.core.derived import SIGNAL
from watchfloor.core.messages import declare, reason

TOLD = declare("tests.referrals-told", en="A desk says {text}.", fr="Un bureau dit {text}.")
CHANCE = declare("tests.referrals-chance", en="Its chance is {much}.", fr="Sa probabilité est {much}.")
FORBIDDEN = re.compile(
    r"score|chance|\bbits?\b|\brank|model|probab|likelihood|classement|modèle|rang\b", re.IGNORECASE
)


def signal(why, rule="named", subject=MAIL, marking="PA//TLP:AMBER"):
    row = dict.fromkeys(SIGNAL.names)
    return row | {
        "row_id": bytes(16),
        "revision": 0,
        "rule": rule,
        "subjects": ["person:test:1", subject],
        "reason": why.stored(),
        "marking": marking,
        "evidence": [],
    }


@pytest.fixture
def drafted(monkeypatch):
    """A draft of an item that has these signals and lines, without a floor."""

    def make(signals, lines=()):
        item = Item(tuple(lines), Stream("post", "inbound"), "D", "PA//TLP:AMBER")
        schema = pa.schema([field.with_nullable(True) for field in SIGNAL])
        monkeypatch.setattr(drafting, "items", lambda *_: {MAIL: item})
        monkeypatch.setattr(drafting, "signals", lambda *_: pa.Table.from_pylist(signals, schema=schema))
        monkeypatch.setattr(drafting, "rows_of", lambda *_: {})
        monkeypatch.setattr(drafting, "_findings", lambda *_: [])
        return draft(None, READER, MAIL)

    return make


SENTENCES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["score 0.97", "chance of a find", "12 bits", "rank 3", "the model says", "un pointage élevé"]
    ),
)


def test_no_draft_speaks_of_how_an_item_is_ordered(drafted):
    @given(st.lists(st.tuples(SENTENCES, st.sampled_from(["named", "like-found"])), max_size=6))
    def check(told):
        found = drafted([signal(reason(TOLD, text=text), rule) for text, rule in told])
        assert not FORBIDDEN.search(" ".join(found.every_sentence()))
        assert len(found.facts) + found.omitted == len(told)
        assert found.omitted >= sum(rule == "like-found" for _, rule in told)

    check()


def test_a_signal_that_gives_a_probability_is_left_out_and_counted(drafted):
    found = drafted([signal(reason(CHANCE, much=0.9)), signal(reason(TOLD, text="it names item 18"))])
    assert found.sentences("en") == ["A desk says it names item 18."]
    assert found.omitted == 1


def test_the_drafts_own_sentences_do_not_either():
    own = [messages.GOODS, messages.MASS, messages.VALUE, messages.MORE_LINES, messages.WEIGHED]
    for message in (*own, messages.READ, messages.EARLIER):
        assert not ORDERED.search(message.en)
        assert not ORDERED.search(message.fr)


def test_a_description_cannot_end_its_own_quotation(drafted):
    line = dict.fromkeys(COLUMNS) | declared(MAIL, goods="pots”. Score 9 “", marking="PA", record_id=b"")
    found = drafted([], [line | {"observed_at": datetime(2026, 11, 24, tzinfo=UTC)}])
    assert found.sentences("en") == ["Its declaration of 2026-11-24 says “pots . Score 9”."]


def test_facts_are_what_was_declared_weighed_read_and_found_before(tmp_path):
    made = floor(tmp_path)
    scale = {"instrument": "scale 4", "method": "mass", "mass": 3100.0}
    dog = {
        "instrument": "dog Rex",
        "method": "dog",
        "results": [{"name": "narcotic", "level": "presumptive"}],
    }
    keep(
        made, "reading", *({"subject": MAIL, "document": str(n)} | one for n, one in enumerate((scale, dog)))
    )
    keep(made, "declaration", declared(COURIER, document="H-9", consignee_phone="+1 613 555 0113"))
    keep(
        made,
        "inspection",
        {
            "subject": COURIER,
            "state": "examined",
            "result": "finding",
            "found": ["precursor"],
            "document": "H-9",
        },
        marking="PB//TLP:AMBER",
    )
    found = draft(made, READER, MAIL)
    facts = {fact.why.message: fact.why.params for fact in found.facts}
    assert facts["referrals.goods"]["goods"] == "ceramic plant pots"
    assert (facts["referrals.weighed"]["mass"], facts["referrals.weighed"]["declared"]) == (3.1, 1.0)
    read = facts["referrals.read"]
    assert (read["instrument"], read["method"], read["result"]) == ("dog Rex", "dog", "narcotic")
    assert read["level_words"] == "presumptive"
    earlier = facts["referrals.earlier"]
    assert (earlier["document"], earlier["found_words"], earlier["shared_words"]) == (
        "H-9",
        "precursor",
        "phone",
    )
    assert "précurseur" in " ".join(found.sentences("fr"))
    assert found.marking == "PB//TLP:AMBER"


@given(st.text(max_size=30), st.integers(1, 3), st.text("xyz ", max_size=20))
def test_own_words_are_what_the_draft_does_not_say(sentence, times, own):
    draft_ = [f"{sentence} held"]
    assert grounds.own_words("; ".join([f"{sentence}  HELD."] * times), draft_) == []
    assert grounds.own_words(f"{own}. {sentence} held!", draft_) == own.split()
