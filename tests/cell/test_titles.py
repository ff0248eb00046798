"""Titles of leads and names of subjects, of facts made by hand."""

from datetime import UTC, datetime
from itertools import product

import pytest

from watchfloor.cell.identity.names import Name
from watchfloor.cell.leads import Contribution, Lead
from watchfloor.cell.weighing.weights import load
from watchfloor.cell.wording.titles import LONGEST, marking, plain, subject, title
from watchfloor.core.messages import Reason
from watchfloor.desks.registry import declare_messages

declare_messages()
AT = datetime(2026, 11, 20, 7, 14, tzinfo=UTC)
TABLE = load()
MARKING = "PB//TLP:AMBER"


def said(key, rule, message, strength="likely", bits=3.0, place=None, since=None, **params):
    given = Reason(message, params)
    return Contribution(
        *(key.encode(), key, rule, strength, bits, None, AT, given, (b"r",), ()), since=since, place=place
    )


def lead(hypothesis, *signals, subjects=()):
    keys = tuple(dict.fromkeys([*(one.subject for one in signals), *subjects]))
    return Lead("0" * 12, keys[0], hypothesis, -10.0, 1.0, signals, MARKING, "w", subjects=keys)


def walker(number, **more):
    cold = {"chill": -42, "minutes": 35, "track": number}
    place = (49.00392796874167, -98.18696143098533, 34.0)
    key = f"track:surveillance:{number}"
    return said(key, "cold-exposure", "surveillance.cold.person", place=place, **cold, **more)


def test_it_says_what_where_and_since_when_in_both_languages():
    begun = datetime(2026, 11, 20, 7, 1, tzinfo=UTC)
    one = title(lead("life-at-risk", walker(1), walker(2, since=begun), walker(3)), {}, TABLE)
    where = "404 m from the border, Canadian side, km 2,064"
    assert one.en == f"3 people on foot, wind chill −42 °C · {where} · since 2026-11-20 07:01Z"
    assert one.fr == (
        "3 personnes à pied, refroidissement éolien −42 °C"
        " · à 404 m de la frontière, côté canadien, km 2\u00a0064 · depuis le 2026-11-20 07:01Z"
    )


def test_what_a_sensor_saw_is_told_before_what_a_report_says():
    report = said(
        *("vessel:mmsi:316155408", "reported", "reports.stated"),
        bits=5.0,
        author="Marine unit <unit@example.org>",
        title="Two boats",
    )
    facts = {"metres": 40, "other": 2, "since": "", "track": 1, "until": ""}
    met = said("track:surveillance:1", "rendezvous", "surveillance.rendezvous.boat", bits=4.0, **facts)
    both = title(lead("trafficking-by-water-or-air", report, met), {}, TABLE)
    assert both.en.startswith("Boat and another met, 40 m apart")
    alone = title(lead("organised-group", report), {}, TABLE)
    assert alone.en.startswith("Report “Two boats”: boat, MMSI 316155408 · reported by Marine unit · since")


@pytest.mark.parametrize("hypothesis", TABLE.hypotheses)
def test_each_rule_of_each_hypothesis_has_a_title_without_a_key(hypothesis):
    for rule, message in product(TABLE.hypotheses[hypothesis].rules, ("no.such", "surveillance.dark.boat")):
        one = title(lead(hypothesis, said("person:travellers:1", rule, message)), {}, TABLE)
        for text in (one.en, one.fr):
            assert "2026-11-20 07:14Z" in text
            assert "person:travellers" not in text
            assert "{" not in text


@pytest.mark.parametrize(
    ("key", "en", "fr"),
    [
        ("phone:phone:14385550189", "phone +1 438 555-0189", "téléphone +1 438 555-0189"),
        ("parcel:s10:LX016238654CN", "parcel LX016238654CN", "colis LX016238654CN"),
        ("account:account:999415447768910", "account ending in 8910", "compte se terminant par 8910"),
        ("track:surveillance:7", "track 7", "piste 7"),
        ("person:travellers:5", "person 5 in travellers", "personne 5, source travellers"),
        ("address:address:12 rue du moulin on", "12 Rue du Moulin ON", "12 Rue du Moulin ON"),
    ],
)
def test_a_subject_without_a_name_is_told_by_type_and_number(key, en, fr):
    assert (subject(key, {}, "en"), subject(key, {}, "fr")) == (en, fr)


def test_a_name_is_cut_and_cannot_break_turn_or_mark_up_its_line():
    assert len(plain("x" * 300)) == LONGEST
    assert plain("a\r\nb\u202ec\u2069") == "a b c"
    assert plain("حركة") == "\u2068حركة\u2069"
    assert plain("<b>Ann</b>") == "<b>Ann</b>"  # a template escapes it
    hit = said(
        *("person:travellers:1", "listed-name", "listings.x"), query="<i>" + "ח" * 300, entity="{odd}" * 99
    )
    one = title(lead("listed-entity", hit), {}, TABLE)
    what = one.en.partition(" · ")[0]
    assert what.startswith("\u2068<i>")
    assert what.count("\u2068") == what.count("\u2069") == 1
    assert len(what) < 2 * LONGEST + 60


def test_names_of_records_are_marked_as_their_records():
    key = "company:payments:9"
    names = {key: Name("Delta", "PB//TLP:RED"), "person:x:1": Name("Ann", "PB//TLP:CLEAR")}
    one = lead("laundering", said(key, "fan-out", "finance.fan-out"))
    assert title(one, names, TABLE).en.startswith("Laundering of proceeds: Delta · in the feed payments")
    assert marking(one, names) == "PB//TLP:RED"
    assert marking(one, {}) == ""
