"""What joins signals into one matter, and that taking it away leaves what was there before."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.cell.entity_clusters import Context, matters
from watchfloor.cell.identity.merges import Pair
from watchfloor.cell.identity.namesakes import Namesake
from watchfloor.cell.identity.shared import Bridge, Shared
from watchfloor.cell.leads import leads
from watchfloor.cell.weighing.weights import Dependent, Hypothesis, Weights
from watchfloor.core.derived import SIGNAL
from watchfloor.core.messages import Reason, declare, reason

SEEN = declare("test.cell.matters", en="seen {what}", fr="vu {what}")
NOW = datetime(2026, 11, 24, tzinfo=UTC)
KEY = bytes(32)
TABLE = Weights(
    {
        "crime": Hypothesis("crime", -10.0, {("name", "match"): 8.0, ("boat", "seen"): 3.0}),
        "cold": Hypothesis("cold", -4.0, {("boat", "seen"): 4.0}, rank=1),
    },
    "digest",
    {"names": Dependent(frozenset({"name"}), 0.5)},
)
PHONE, BANK = "phone:phone:16135550114", "address:address:1 bank square"


def signal(number, subject, *, rule="name", strength="match", evidence=None):
    return {
        "row_id": number.to_bytes(16, "big"),
        "revision": 0,
        "at": NOW - timedelta(days=30 - number),
        "since": None,
        "until": None,
        "retracted": False,
        "desk": "toy",
        "rule": rule,
        "subjects": [subject],
        "strength": strength,
        "score": 0.9,
        "reason": reason(SEEN, what=strength).stored(),
        "evidence": [evidence or number.to_bytes(16, "big")],
        "coverage": [],
        "origins": [],
        "marking": "U//TLP:CLEAR",
    }


def table(*rows):
    return pa.Table.from_pylist(list(rows), schema=SIGNAL)


def record(number):
    return number.to_bytes(16, "big")


def pair(one, other, verdict="same", marking="PA"):
    one, other = sorted((one, other))
    return Pair(one, other, verdict, "officer", "seen", NOW, b"j" * 16, marking)


def spans(context, *rows):
    return [matter.subjects for matter in matters(table(*rows), context)]


A, B, C = "person:a:1", "person:b:2", "person:c:3"


def test_subjects_without_anything_in_common_are_two_matters():
    assert spans(Context(), signal(1, A), signal(2, B)) == [(A,), (B,)]


def test_an_identifier_in_both_records_joins_and_says_so():
    keys = {record(1): (PHONE,), record(2): (PHONE,)}
    (matter,) = matters(table(signal(1, A), signal(2, B)), Context(Shared(keys)))
    assert matter.subjects == (A, B, PHONE)
    assert matter.chances == 2
    assert list(matter.joins) == [Reason("cell.joined-by-key", {"key": PHONE, "subjects": 2})]


def test_what_very_many_give_joins_nobody_and_says_so():
    rows = [signal(n, f"person:x:{n:03}") for n in range(1, 200)]
    keys = {record(n): (BANK,) for n in range(1, 200)}
    found = matters(table(*rows), Context(Shared(keys)))
    assert len(found) == 199
    assert {(why.message, why.params["parties"]) for matter in found for why in matter.hubs[:1]} == {
        ("cell.joins-nobody", 199)
    }


def test_a_persons_word_beats_every_rule():
    keys = {record(1): (PHONE,), record(2): (PHONE,)}
    held = Context(Shared(keys), [pair(A, B, "different")])
    found = matters(table(signal(1, A), signal(2, B)), held)
    assert [matter.subject for matter in found] == [A, B]
    assert all("held" in matter.hubs[0].render() for matter in found)


def test_a_merge_is_one_chance_and_brings_its_marking():
    (lead,) = leads(
        table(signal(1, A), signal(2, B)), TABLE, NOW, KEY, Context(pairs=[pair(A, B, marking="PB")])
    )
    assert lead.looks == 0
    assert lead.marking == "PB//TLP:CLEAR"
    assert (lead.joins[0].message, lead.joins[0].params["by"]) == ("cell.joined-by-person", "officer")


def test_tracks_of_one_aircraft_are_one_chance():
    rows = [signal(n, f"track:surveillance:{n}") for n in (1, 2, 3)]
    for one in rows:
        one["subjects"].append("aircraft:icao24:c03f02")
    (lead,) = leads(table(*rows), TABLE, NOW, KEY)
    assert (len(lead.subjects), lead.looks) == (4, 0)


def test_a_name_joins_only_where_it_is_enough():
    rows = signal(1, A), signal(2, B)
    assert spans(Context(namesakes=[Namesake(A, B, 1.0, True)]), *rows) == [(A, B)]
    assert spans(Context(namesakes=[Namesake(A, B, 1.0, False)]), *rows) == [(A,), (B,)]


def test_many_subjects_pay_for_their_chances_and_dependent_rules_count_in_part():
    keys = {record(n): (PHONE,) for n in (1, 2, 3, 4)}
    rows = [signal(1, A), signal(2, B), signal(3, C), signal(4, "person:d:4", rule="boat", strength="seen")]
    (head,) = leads(table(*rows), TABLE, NOW, KEY, Context(Shared(keys)))
    (lead,) = [one for one in (head, *head.also) if one.hypothesis == "crime"]
    assert lead.looks == -2.0
    # m signals of one rule with correlation 1/2 are worth m / (1 + (m - 1) / 2): 1, 4/3, 3/2
    assert sorted((c.bits for c in lead.contributions), reverse=True) == pytest.approx(
        [8.0, 3.0, 8 / 3, 8 / 6]
    )
    total = lead.prior + lead.looks
    for contribution in lead.contributions:
        total += contribution.bits
    assert lead.bits == total


def test_life_comes_first_unless_it_has_almost_no_chance():
    rows = signal(1, A), signal(2, A), signal(3, B, rule="boat", strength="seen")
    first, *_ = leads(table(*rows), TABLE, NOW, KEY)
    assert (first.hypothesis, first.subject) == ("cold", B)
    assert [other.hypothesis for other in first.also] == ["crime"]
    unlikely = Weights(
        {**TABLE.hypotheses, "cold": Hypothesis("cold", -20.0, {("boat", "seen"): 4.0}, rank=1)}, "d"
    )
    first, *_ = leads(table(*rows), unlikely, NOW, KEY)
    assert first.subject == A


SUBJECTS = [f"person:x:{n}" for n in range(6)]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(SUBJECTS), st.sampled_from(SUBJECTS), st.sampled_from(["same", "different"])
    ).filter(lambda act: act[0] != act[1]),
    max_size=8,
    unique_by=lambda act: tuple(sorted(act[:2])),
)


@settings(deadline=None, max_examples=draws(60))
@given(ACTS, st.data())
def test_a_merge_taken_back_leaves_the_leads_that_there_were(acts, data):
    """Also where merges go in a circle and something is held apart inside it."""
    rows = table(*(signal(n + 1, subject) for n, subject in enumerate(SUBJECTS)))
    pairs = [pair(*act) for act in acts]
    before = leads(rows, TABLE, NOW, KEY, Context(pairs=pairs))
    one, other = data.draw(st.sampled_from([(a, b) for a in SUBJECTS for b in SUBJECTS if a < b]))
    more = [p for p in pairs if (p.one, p.other) != (one, other)] + [pair(one, other)]
    leads(rows, TABLE, NOW, KEY, Context(pairs=more))
    assert leads(rows, TABLE, NOW, KEY, Context(pairs=data.draw(st.permutations(pairs)))) == before
    for lead in before:
        held = {(p.one, p.other) for p in pairs if p.verdict == "different"}
        assert not any(one in lead.subjects and other in lead.subjects for one, other in held)


def placed(number, subject, latitude, longitude, minutes):
    place = {"latitude": latitude, "longitude": longitude, "radius": 20.0}
    at = NOW + timedelta(minutes=minutes)
    return signal(number, subject, rule="boat", strength="seen") | place | {"at": at, "since": at}


def test_two_boats_that_meet_where_nobody_else_is_are_one_matter():
    crowd = [placed(n, f"vessel:x:{n}", 45 + n / 40, -81 - n / 50, 60 * n) for n in range(3, 120)]
    meeting = placed(1, "vessel:a:1", 46.0, -80.0, 0), placed(2, "vessel:b:2", 46.0005, -80.0, 5)
    found = matters(table(*meeting, *crowd), Context())
    (matter,) = [one for one in found if one.subject == "vessel:a:1"]
    assert matter.subjects == ("vessel:a:1", "vessel:b:2")
    (why,) = matter.joins
    assert (why.message, why.params["metres"], why.params["minutes"]) == ("cell.joined-by-place", 56, 5)
    apart = placed(1, "vessel:a:1", 46.0, -80.0, 0), placed(2, "vessel:b:2", 46.0005, -80.0, 9_000)
    assert ("vessel:a:1",) in spans(Context(), *apart, *crowd)


def test_a_record_that_raised_no_signal_joins_what_it_names():
    bridge = Bridge(B, PHONE, b"r" * 16, "parcels", "PB")
    (matter,) = matters(table(signal(1, B), signal(2, PHONE)), Context(Shared(bridges=(bridge,))))
    assert matter.subjects == (B, PHONE)
    (why,) = matter.joins
    assert why == Reason("cell.joined-by-record", {"source": "parcels", "one": B, "other": PHONE})
    assert matter.markings == ("PB",)


def test_what_is_common_among_all_records_joins_nobody_though_few_signals_name_it():
    keys = {record(1): (BANK,), record(2): (BANK,)}
    found = Shared(keys, {BANK: 900}, 3_000, (Bridge(A, BANK, b"r" * 16, "parcels", "PB"),))
    matters_ = matters(table(signal(1, A), signal(2, B)), Context(found))
    assert [matter.subject for matter in matters_] == [A, B]
    assert matters_[0].hubs[0].params["parties"] == 900


def test_a_report_about_an_unknown_hypothesis_counts_as_one_that_names_none():
    weights = Weights({"group": Hypothesis("group", -9.0, {("reported", "B2"): 1.0})}, "digest")
    (lead,) = leads(table(signal(1, A, rule="reported.smuggling", strength="B2")), weights, NOW, KEY)
    assert lead.bits == -8.0


def on_ground(number, subject, rule, days, **columns):
    whole = signal(number, subject, rule=rule, strength="certain")
    at = NOW - timedelta(days=days)
    where = {"latitude": 49.01, "longitude": -96.5, "radius": 100.0}
    return whole | {"at": at, "since": at, "until": at + timedelta(days=1)} | where | columns


def test_ground_that_changed_joins_who_came_by_and_says_so():
    trail = on_ground(1, "place:space:c1", "trail-appeared", 20)
    crossing = on_ground(2, "track:surveillance:7", "boat", 5, latitude=49.015)
    (found,) = matters(table(trail, crossing), Context())
    assert found.subject == "track:surveillance:7"  # the lead keeps its id when a scan finds the trail
    assert found.chances == 1
    assert [why.message for why in found.joins] == ["cell.joined-by-ground"]
    assert found.joins[0].params["metres"] == 556
    assert len(matters(table(trail, on_ground(2, "track:surveillance:7", "boat", 30)), Context())) == 2


def test_ground_that_changed_and_nobody_came_by_is_a_case_of_its_own():
    (found,) = matters(table(on_ground(1, "place:space:c1", "trail-appeared", 20)), Context())
    assert (found.subject, found.chances, found.joins) == ("place:space:c1", 1, ())
