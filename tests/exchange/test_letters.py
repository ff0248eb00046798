"""Letters, in an exercise: a list of made-up exporters goes to a state that is no partner."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pyarrow as pa
import pytest
from tests.exchange.nodes import NOW, READER, WHO, assert_, floor, holding, keep, party, signal, trust
from tests.refusals import refused

from watchfloor.core.kinds import PARTY, READING, REPORT
from watchfloor.core.messages import MESSAGES
from watchfloor.exchange import risk
from watchfloor.exchange.bundles import peers, states
from watchfloor.exchange.letter import letters
from watchfloor.exchange.letter.letters import Content, Letter
from watchfloor.policy import gateways
from watchfloor.policy.gateway_table import load
from watchfloor.policy.gateways import RiskCheck
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor

DRAFTER = Actor("A. Roy", "exports of precursors", "Privacy Act s. 8(2)(f)(i)")
APPROVER = Actor("B. Oduya", "exports of precursors", "Privacy Act s. 8(2)(f)(i)")
BEIJING = "Customs Control Bureau, Beijing"
FIRMS = ("Weiling Fine Chemicals", "Bright Harbour Pigments", "Ostrava Trading House")
BODY = (
    "We ask you to look at three exporters in your jurisdiction:\n\n"
    + "".join(f"- {firm}\n" for firm in FIRMS)
    + "\nGoods from each were stopped here this year because what was declared was not what was inside."
)


@pytest.fixture
def cell(tmp_path):
    """An exercise's cell that holds parcels of three made-up firms, a report and a reading about them."""
    one = floor(tmp_path, "harbour-cell")
    trust(one, floor(tmp_path, "bank-north"))
    ids = keep(one, [party(n, name=firm, subject=f"company:x:{n}") for n, firm in enumerate(FIRMS)])
    prose = {"text": "Officers at pier nine opened the drums by night.", "marking": None, "page": None}
    report = party(7) | {"title": "Pier", "author": "Sgt Oll", "source": "unit four", "text_from": "text"}
    report |= {"subjects": [], "mentions": [], "portions": [prose]}
    ids += keep(one, [{k: v for k, v in report.items() if k in REPORT.schema.names}], REPORT)
    reading = party(8) | {"instrument": "Agilon 7000", "method": "gc-ms", "sample": "L-2026-881"}
    ids += keep(one, [{k: v for k, v in reading.items() if k in READING.schema.names}], READING)
    place = {"latitude": 44.6488, "longitude": -63.5752, "radius": 100.0}
    assert_(one, [signal(one, n, [ids[n]], **place) for n in range(3)])
    check(one)
    one.ids = [one_.hex() for one_ in ids]
    return one


TODAY = NOW.date()


def check(one, answer="no", on=TODAY, partner=BEIJING, measures=""):
    made = RiskCheck(partner, "CHN", answer, measures, "C. Legault", on)
    one.act(DRAFTER, risk.ACT, risk.detail(made))


def content(one, **changed):
    plain = {
        "to": BEIJING,
        "country": "CHN",
        "subject": "Exporters of concern",
        "body": BODY,
        "purpose": "the application of your export controls",
        "signed": "The Director, Joint Cell",
        "place": "Ottawa",
        "marking": "U//TLP:AMBER",
        "language": "en",
        "tells": FIRMS,
        "rests_on": tuple(one.ids),
    }
    return Content(**(plain | changed))


def drafted(one, by=DRAFTER, amends=None, reader=READER, **changed):
    with one.writer(by) as writer:
        return letters.draft(one, writer, content(one, **changed), reader, NOW, amends)


def stands(one, id_, reader=READER):
    return Letter.find(one, reader, id_)


def approved(one, id_, by=APPROVER, edition=1, why="it names firms and nothing else", now=NOW, reader=READER):
    with one.writer(by) as writer:
        return letters.approve(one, writer, stands(one, id_, reader), edition, reader, why, now)


def test_a_list_of_exporters_goes_to_beijing_by_two_hands(cell):
    id_ = drafted(cell)
    assert letters.check(cell, stands(cell, id_), READER, "B. Oduya") == []
    assert stands(cell, id_).approved is None
    position = approved(cell, id_)
    (act,) = cell.acts(position, position)
    assert act.act == "disclosed"
    assert act.actor.name == "B. Oduya"
    said = act.detail
    assert said["recipient"] == {"name": BEIJING, "institution": "foreign-state", "country": "CHN"}
    assert (said["bundle"], said["gateway"], said["stated_by"]) == (id_, "letter", "B. Oduya")
    assert said["drafted_by"] == ["A. Roy"]
    assert said["offered"] == said["rows"] + len(said["withheld"]) == 1
    assert stands(cell, id_).approved["by"] == "B. Oduya"


def test_what_goes_tells_the_firms_and_nothing_of_how(cell):
    id_ = drafted(cell)
    approved(cell, id_)
    text = letters.render(cell, stands(cell, id_), NOW)
    assert all(firm in text for firm in FIRMS)
    assert text.startswith("EXERCISE – EXERCISE – EXERCISE")
    assert text.rstrip().endswith("EXERCISE – EXERCISE – EXERCISE")
    for word in (
        "Roy",
        "Oduya",
        "harbour-cell",
        "bank-north",
        "Agilon",
        "gc-ms",
        "pier",
        "44.6",
        "listed-name",
    ):
        assert word not in text
    assert not any(record[:8] in text for record in cell.ids)


def test_what_went_is_shown_as_it_went(cell):
    id_ = drafted(cell)
    before = letters.render(cell, stands(cell, id_), NOW)
    position = approved(cell, id_)
    later = letters.render(cell, stands(cell, id_), NOW + timedelta(400))
    assert later == before
    assert cell.acts(position, position)[0].detail["root"] == sha256(later.encode()).hexdigest()


def test_a_letter_is_no_bundle_that_waits_for_a_receipt(cell):
    approved(cell, drafted(cell))
    assert states.states(cell, READER, TODAY + timedelta(90)) == []


def test_the_letter_is_in_french_too(cell):
    id_ = drafted(cell, language="fr")
    approved(cell, id_)
    assert "Objet : Exporters of concern" in letters.render(cell, stands(cell, id_), NOW)


@pytest.mark.parametrize(
    "trace",
    [
        "as unit four reports",
        "as bank-north told us",
        "found with an Agilon 7000",
        "by the rule listed name",
        "at 44.6488",
        "opened the drums by night",
        "on 2026-11-23",
        "as harbour-cell knows",
        "in record P-1",
        "says A. Roy",
        "says B. Oduya",
    ],
)
def test_nobody_can_approve_what_betrays_something(cell, trace):
    id_ = drafted(cell, body=f"{BODY}\n{trace}")
    assert letters.check(cell, stands(cell, id_), READER, "B. Oduya")
    before = cell.position
    refused("letter.traced", approved, cell, id_)
    assert cell.position == before


def test_a_trace_in_subject_signature_or_purpose_counts(cell):
    for name in ("subject", "signed", "purpose", "place"):
        id_ = drafted(cell, **{name: "the drums by night, Agilon 7000"})
        refused("letter.traced", approved, cell, id_)


def test_another_person_approves(cell):
    id_ = drafted(cell)
    for name in ("A. Roy", " a.  roy "):
        refused("letter.same-person", approved, cell, id_, by=replace(APPROVER, name=name))
    edited = drafted(cell, by=APPROVER, amends=stands(cell, id_))
    assert edited == id_
    for by in (DRAFTER, APPROVER):
        refused("letter.same-person", approved, cell, id_, by=by, edition=2)
    approved(cell, id_, by=replace(APPROVER, name="C. Third"), edition=2)


@pytest.mark.parametrize(
    ("answer", "on", "partner", "why"),
    [
        ("no", NOW.date(), "Another bureau", "gateway.no-risk-check"),
        ("yes", NOW.date(), "X", "gateway.substantial-risk"),
        ("mitigated", NOW.date(), "X", "gateway.no-measures"),
        ("no", NOW.date() - timedelta(366), "X", "gateway.old-risk-check"),
    ],
)
def test_the_risk_of_mistreatment_is_checked_first(cell, answer, on, partner, why):
    check(cell, answer, on, partner)
    id_ = drafted(cell, to="X")
    refused(why, approved, cell, id_)


def test_an_approval_names_the_edition_that_was_read(cell):
    id_ = drafted(cell)
    drafted(cell, amends=stands(cell, id_), subject="Exporters, again")
    refused("letter.stale", approved, cell, id_, edition=1)
    approved(cell, id_, edition=2)


def test_what_has_gone_is_neither_approved_nor_drafted_again(cell):
    id_ = drafted(cell)
    approved(cell, id_)
    refused("letter.approved-already", approved, cell, id_, by=replace(APPROVER, name="D."))
    refused("letter.approved-already", drafted, cell, amends=stands(cell, id_))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"rests_on": ()}, "letter.rests-on-nothing"),
        ({"rests_on": ("ab" * 16,)}, "letter.unseen"),
        ({"rests_on": ("no hex",)}, "letter.unseen"),
        ({"body": " \n"}, "cell.empty-text"),
        ({"subject": ""}, "cell.empty-text"),
        ({"to": " "}, "cell.empty-text"),
        ({"country": "CAN"}, "letter.at-home"),
        ({"tells": (" ".join(["word"] * 13),)}, "letter.tells-too-much"),
    ],
)
def test_each_refusal_of_a_draft(cell, changed, why):
    before = cell.position
    refused(why, drafted, cell, **changed)
    assert cell.position == before


def test_an_approval_says_why(cell):
    refused("cell.empty-text", approved, cell, drafted(cell), why=" ")


@pytest.mark.parametrize(
    ("marking", "why"),
    [
        ("PB//TLP:AMBER//ORCON:bank-north", "exchange.consent-lacking"),
        ("PB//TLP:AMBER//REL:CAN,USA", "letter.barred"),
        ("PB//TLP:AMBER//PURPOSE:a test", "cell.release-purpose"),
    ],
)
def test_what_others_control_stays(cell, marking, why):
    reader = replace(READER, organisation="bank-north")
    (id_,) = keep(cell, [party(20, marking="PB//TLP:AMBER")])
    drafted(cell, rests_on=(id_.hex(),))
    with cell.writer(DRAFTER) as writer:
        schema = PARTY.schema.remove(0)
        row = dict.fromkeys(schema.names) | party(21, marking=marking)
        writer.append(PARTY, pa.Table.from_pylist([row], schema).drop_columns(["delivery"]))
    rows = cell.read("party", reader).to_pylist()
    bound = next(one["record_id"].hex() for one in rows if one["report_key"] == "P-21")
    refused(why, drafted, cell, reader=reader, rests_on=(bound,))


def test_a_row_for_one_purpose_goes_in_a_letter_for_it(cell):
    (id_,) = keep(cell, [party(22, marking="PB//TLP:AMBER//PURPOSE:a test")])
    refused("cell.release-purpose", drafted, cell, rests_on=(id_.hex(),))
    drafted(cell, rests_on=(id_.hex(),), purpose="a test")


def consent(cell, rows, to=BEIJING, until=None):
    said = {"owner": "bank-a", "to": to, "rows": rows, "until": until, "request": "0"}
    cell.act(WHO, "consent-received", said)


def test_what_another_node_sent_goes_in_no_letter_without_its_consent(cell):
    """Nor what was drafted with a consent that has ended."""
    (id_,) = keep(cell, [party(23, source="node:bank-a", report_key="B-1", name=FIRMS[0])])
    for rests_on in ((id_.hex(),), (cell.ids[0], id_.hex())):
        refused("exchange.consent-lacking", drafted, cell, rests_on=rests_on)
    consent(cell, ["B-1"], "another bureau")
    refused("exchange.consent-lacking", drafted, cell, rests_on=(id_.hex(),))
    consent(cell, ["B-1"], until=TODAY.isoformat())
    letter = drafted(cell, rests_on=(id_.hex(),), subject="Exporters")
    later = NOW + timedelta(days=1)
    before = cell.position
    refused("exchange.consent-lacking", approved, cell, letter, now=later)
    assert cell.position == before
    approved(cell, letter)


def test_a_signal_that_rests_on_another_node_s_row_too_binds_the_letter(cell):
    (id_,) = keep(cell, [party(24, source="node:bank-a", report_key="B-2")])
    assert_(cell, [signal(cell, 24, [bytes.fromhex(cell.ids[0]), id_])], desk="other")
    refused("exchange.consent-lacking", drafted, cell, rests_on=(cell.ids[0],))


def test_who_may_not_see_all_of_it_sees_no_letter_and_cannot_approve(cell):
    id_ = drafted(cell)
    low = Reader("B. Oduya", protected=1, purpose="a test")
    assert Letter.read(cell, low) == {}
    refused("cell.no-such-id", Letter.find, cell, low, id_)


def test_a_draft_whose_record_was_erased_goes_nowhere(cell):
    id_ = drafted(cell, rests_on=(cell.ids[0],))
    with cell.writer(DRAFTER) as writer:
        writer.erase([bytes.fromhex(cell.ids[0])], "asked")
    refused("letter.unseen", approved, cell, id_)


def test_no_gateway_leads_where_a_letter_goes(cell):
    to = content(cell).party
    for row in load().values():
        statement = gateways.Statement("as it says", "x", row.purpose, "as it says", "as it says")
        with pytest.raises(gateways.Refusal) as caught:
            gateways.permits(row, peers.me(cell), to, statement, NOW.date())
        assert caught.value.reason.message == "gateway.foreign-state"


def test_every_refusal_is_tested():
    told = {id_ for id_ in MESSAGES if id_.startswith("letter.") and not id_.startswith("letter.trace-")}
    assert told == {
        *("letter.rests-on-nothing", "letter.unseen", "letter.barred", "letter.at-home"),
        *("letter.tells-too-much", "letter.approved-already", "letter.stale", "letter.same-person"),
        "letter.traced",
    }


def test_a_letter_that_rests_on_a_signals_record_is_searched_for_the_signal(tmp_path):
    one = holding(floor(tmp_path, "other-cell"))
    ids = [row["record_id"].hex() for row in one.read("party", READER).to_pylist()]
    check(one)
    with one.writer(DRAFTER) as writer:
        text = content(replace_ids(one, ids), body="The rule listed-name told us.", tells=())
        id_ = letters.draft(one, writer, text, READER, NOW)
    assert {found.kind for found in letters.check(one, stands(one, id_), READER)} >= {"rule"}


def replace_ids(one, ids):
    one.ids = ids
    return one
