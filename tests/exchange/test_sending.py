"""Sending: what goes, what stays and why; offered is always sent and withheld together."""

from collections import Counter
from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.exchange.nodes import (
    ACCOUNT,
    MARKING,
    NOW,
    READER,
    STATED,
    TOY,
    WHO,
    assert_,
    floor,
    gateway,
    holding,
    keep,
    party,
    send,
    signal,
    trust,
    trusting,
)
from tests.refusals import because, refused
from tests.thorough import draws

from watchfloor.cell.acts import Refusal
from watchfloor.core.derived import SIGNAL
from watchfloor.core.marking import parse
from watchfloor.core.messages import declare
from watchfloor.desks.disclosures.messages import UNTOLD
from watchfloor.exchange.bundles import offers, peers, sending, sent
from watchfloor.policy.gateways import RiskCheck, Statement
from watchfloor.policy.policy import allowed


@pytest.fixture
def pair(tmp_path):
    return trusting(floor(tmp_path, "bank-a"), floor(tmp_path, "cell"))


def told(packed):
    rows = Counter()
    for one in packed.withheld:
        rows[one.reason.message] += one.rows
    return rows


def test_the_log_says_what_went_to_whom_by_what_right(pair):
    bank, cell = pair
    packed = send(holding(bank), cell, description="three hits")
    (act,) = bank.acts_of("disclosed")
    said = act.detail
    assert said["recipient"] == {"name": "cell", "institution": "joint-cell", "country": "CAN"}
    assert (said["gateway"], said["law"], said["section"]) == ("toy", "Toy Act", "1")
    assert (said["test"], said["stated_by"], said["description"]) == (
        STATED.test_met,
        STATED.by,
        "three hits",
    )
    assert (said["forms"], said["offered"], said["rows"], said["withheld"]) == ({"signal": 3}, 3, 3, [])
    assert (said["root"], said["marking"]) == (packed.manifest.root, MARKING)
    assert act.actor.name == "officer"


def test_without_the_test_nothing_goes(pair):
    bank, cell = pair
    refused("gateway.no-test", send, holding(bank), cell, stated=Statement("", "A. Officer", "a test"))
    refused("gateway.nobody", send, bank, cell, stated=Statement("because", "", "a test"))
    assert not bank.acts_of("disclosed")


def test_a_gateway_that_ended_yesterday_lets_nothing_through(pair):
    bank, cell = pair
    ended = gateway(expires=NOW.date() - timedelta(days=1))
    assert refused("gateway.ended", send, holding(bank), cell, through=ended)["expires"] == "2026-11-23"
    assert send(bank, cell, through=gateway(expires=NOW.date())).manifest.rows == 3


def test_a_gateway_of_others_lets_nothing_through(pair):
    bank, cell = pair
    other = gateway(to=frozenset({"police"}))
    refused("gateway.recipient", send, holding(bank), cell, through=other)


def test_abroad_wants_a_check_of_the_risk(pair, tmp_path):
    bank, _ = pair
    partner = floor(tmp_path, "partner", institution="foreign-partner", country="USA")
    trust(bank, partner)
    abroad = gateway(to=frozenset({"foreign-partner"}), foreign=True)
    holding(bank)
    refused("gateway.no-risk-check", send, bank, partner, through=abroad)
    check = RiskCheck("partner", "USA", "no", "", "A. Counsel", NOW.date(), frozenset({"NO-DETENTION"}))
    packed = send(bank, partner, through=abroad, risk_check=check)
    assert packed.manifest.rows == 3
    assert parse(packed.manifest.marking).caveats == {"NO-DETENTION"}
    old = RiskCheck("partner", "USA", "no", "", "A. Counsel", date(2020, 1, 1))
    late = refused("gateway.old-risk-check", send, bank, partner, through=abroad, risk_check=old)
    assert late["day"] == "2020-01-01"


@pytest.mark.parametrize(
    ("marking", "why"),
    [
        ("PC//TLP:AMBER", "cell.release-level"),
        ("PB//TLP:AMBER//REL:USA", "cell.release-country"),
        ("PB//TLP:AMBER//COMP:GAMMA", "cell.release-compartment"),
        ("PB//TLP:AMBER//PURPOSE:immigration", "cell.release-purpose"),
        ("PB//TLP:AMBER//UNTIL:2026-11-23", "cell.release-expired"),
        ("PB//TLP:AMBER//ORCON:police-b", "exchange.consent-lacking"),
    ],
)
def test_what_the_recipient_may_not_have_stays_and_is_counted(tmp_path, marking, why):
    bank = floor(tmp_path, "bank-a", ceiling="PC//TLP:RED//COMP:GAMMA")
    cell = floor(tmp_path, "cell")
    trusting(bank, cell)
    ids = keep(bank, [party(number) for number in range(3)])
    rows = [signal(bank, n, [ids[n]], marking=marking if n else MARKING) for n in range(3)]
    assert_(bank, rows)
    reader = peers.standing(bank)["cell"].reader("a test", NOW.date())
    everything = offers.offer(bank, READER, signals=_signals(bank, rows))
    packed = send(bank, cell, offered=everything)
    assert (packed.offered, packed.manifest.rows) == (3, 1)
    assert told(packed) == {why: 2}
    assert not allowed(reader, parse(marking))
    assert marking.encode() not in packed.data
    (act,) = bank.acts_of("disclosed")
    assert [one["rows"] for one in act.detail["withheld"]] == [2]


def _signals(one, rows):
    return pa.Table.from_pylist(rows, SIGNAL)


MARKINGS = ["U//TLP:CLEAR", MARKING, "PC//TLP:RED", "PB//TLP:AMBER//REL:USA", "PB//TLP:RED//ORCON:x"]


@settings(max_examples=draws(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(MARKINGS), min_size=1, max_size=8))
def test_offered_is_sent_and_withheld(tmp_path_factory, markings):
    home = tmp_path_factory.mktemp("nodes")
    bank, cell = trusting(floor(home, "bank-a", ceiling="PC//TLP:RED"), floor(home, "cell"))
    rows = [signal(bank, n, [bytes(16)], marking=text) for n, text in enumerate(markings)]
    given_ = offers.offer(bank, READER, signals=_signals(bank, rows))
    reader = peers.standing(bank)["cell"].reader("a test", NOW.date())
    may = sum(allowed(reader, parse(text)) for text in markings)
    if not may:
        with pytest.raises(Refusal, check=because("exchange.nothing-to-send")):
            send(bank, cell, offered=given_)
        return
    packed = send(bank, cell, offered=given_)
    assert packed.manifest.rows == may
    assert sum(told(packed).values()) == len(markings) - may


@pytest.mark.parametrize(
    "words",
    [
        {"rule": "STR filed"},
        {"rule": "suspicious-transaction"},
        {"desk": "dod"},
        {"strength": "opération douteuse"},
        {"reason": {"message": "finance.str-filed", "params": "{}"}},
        {"reason": {"message": "toy.said", "params": "{}"}},
        {"reason": {"message": UNTOLD.id, "params": '{"message":"finance.str-filed","rule":"made"}'}},
    ],
)
def test_a_signal_that_says_that_a_suspicious_transaction_was_reported_stays(pair, words):
    declare("toy.said", en="A suspicious transaction was told of.", fr="Une opération douteuse a été dite.")
    bank, cell = pair
    ids = keep(bank, [party(number) for number in range(2)])
    plain = {"reason": {"message": "exchange.pointer", "params": '{"node":"STR Lines"}'}}
    rows = [signal(bank, 0, ids[:1], **plain), signal(bank, 1, ids[1:], **words)]
    packed = send(bank, cell, offered=offers.offer(bank, READER, signals=_signals(bank, rows)))
    ((why, count),) = told(packed).items()
    assert (packed.manifest.rows, count) == (1, 1)
    assert why == "exchange.tells-of-report"
    for word in (b"STR filed", b"suspicious", b"str-filed", b"toy.said", b"douteuse", b"parcels:1"):
        assert word not in packed.data


def test_forms_and_kinds_that_may_not_go_stay(pair):
    bank, cell = pair
    holding(bank)
    every = offers.offer(
        bank,
        READER,
        signals=bank.signals(READER),
        pointers=["person:parcels:0"],
        records={"party": bank.read("party", READER)},
    )
    only = gateway(forms=frozenset({"pointer"}))
    packed = send(bank, cell, through=only, offered=every)
    assert packed.manifest.forms == {"pointer": 1}
    assert sum(told(packed).values()) == 6
    without = gateway(
        fields={"disclosure": TOY.fields["disclosure"], "party": frozenset({"subject", "name"})}
    )
    packed = send(bank, cell, through=without, offered=every)
    assert packed.manifest.forms == {"pointer": 1, "signal": 3}
    (why,) = packed.withheld
    assert (why.reason.message, why.reason.params["column"]) == ("exchange.column-excluded", "role")


def test_a_pointer_says_the_subject_and_nothing_else(pair):
    bank, cell = pair
    holding(bank, strength="exact, birth date agrees")
    given_ = offers.offer(bank, READER, pointers=["person:parcels:1", ACCOUNT])
    packed = send(bank, cell, offered=given_)
    assert packed.manifest.rows == 1  # nothing is held about the account
    for trace in (b"listed-name", b"exact", b"Zarbek", b"consignee", b"P-1"):
        assert trace not in packed.data


def test_nothing_to_send_is_told(pair):
    bank, cell = pair
    refused("exchange.nothing-offered", send, bank, cell, offered=offers.offer(bank, READER))


def test_what_lies_below_the_tear_line_may_go_on(pair):
    bank, cell = pair
    ids = keep(bank, [party(0, marking="PA//TLP:GREEN"), party(1)])
    assert_(bank, [signal(bank, 0, ids[:1], marking="PA//TLP:GREEN"), signal(bank, 1, ids[1:])])
    packed = send(bank, cell, tear_line=parse("PA//TLP:GREEN"))
    assert packed.manifest.tear_line == 1


def test_what_was_sent_is_kept_as_names_and_hashes(pair):
    bank, cell = pair
    packed = send(holding(bank), cell)
    index = sent.index_of(bank, packed.manifest.bundle)
    assert index["row"].to_pylist() == [id_.hex() for id_ in bank.signals(READER)["row_id"].to_pylist()]
    assert sent.index_of(bank, "no-such") is None


def test_nothing_goes_to_who_is_no_peer(pair):
    bank, _ = pair
    with pytest.raises(Refusal, check=because("exchange.unknown-peer", name="far")):
        peers.peer_of(peers.known(bank), "far")
    peers.distrust(bank, WHO, "cell", "closed")
    with pytest.raises(Refusal, check=because("exchange.removed-peer")):
        peers.peer_of(peers.known(bank), "cell")


def test_the_same_rows_make_the_same_id(pair):
    bank, cell = pair
    holding(bank)
    one, again = send(bank, cell).manifest.bundle, send(bank, cell).manifest.bundle
    assert one == again
    assert sending.bundle_id(bank.key, "00", "cell", "x") != sending.bundle_id(cell.key, "00", "cell", "x")
