"""The substances desk: goods that the law on their day speaks of."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.cell.weighing.weights import load as weights
from watchfloor.core.derived import last, net
from watchfloor.core.kinds import DECLARATION
from watchfloor.core.messages import Reason
from watchfloor.desks.base import Refs
from watchfloor.desks.substances.desk import DESK
from watchfloor.desks.substances.reading import Reader
from watchfloor.reference import goods
from watchfloor.run import run

DAY = datetime(2026, 11, 20, tzinfo=UTC)
PARCEL, COMPANY = "parcel:s10:RR473124829GB", "company:bn:000000018"
REFS = Refs(bytes(32), {"goods": goods.content()})
READER = Reader.from_goods(goods.goods())


def line(number, described, hs=None, **columns):
    plain = {
        "record_id": f"declaration{number:05}".encode(),
        "report_key": f"N-{number}",
        "source": "customs",
        "origins": [],
        "observed_at": DAY + timedelta(hours=number),
        "marking": "PB//TLP:AMBER",
        "delivery": bytes(32),
        "locator": f"line {number}",
        "subject": PARCEL,
        "goods": described,
        "hs": hs,
        "importer": COMPANY,
    }
    return dict.fromkeys(DECLARATION.schema.names) | plain | columns


def history(*rows):
    return run(DESK, {"declaration": pa.Table.from_pylist(list(rows), DECLARATION.schema)}, REFS)["signal"]


def standing(*rows):
    return net(history(*rows)).to_pylist()


def said(*rows):
    return {(one["rule"], one["strength"]) for one in standing(*rows)}


def why(signal, language="en"):
    return Reason.load(signal["reason"]).render(language)


def test_a_precursor_by_name():
    (signal,) = standing(line(1, "4-piperidone hydrochloride, 25 kg"))
    assert signal["subjects"] == [PARCEL, COMPANY, "substance:cas:41661-47-6"]
    assert (signal["rule"], signal["strength"]) == ("precursor-goods", "name")
    assert why(signal) == (
        "The goods of RR473124829GB name 4-piperidone / 4-pipéridone. A precursor of class A or for a"
        " period, Controlled Drugs and Substances Act, Schedule VI, Part 1, item 27."
    )
    assert "annexe VI, partie 1, article 27" in why(signal, "fr")
    assert signal["evidence"] == [line(1, "")["record_id"]]


def test_the_exercise_s_parcel():
    """Called a pigment intermediate, in the line where 4-piperidone sits; the desk says both at once."""
    (signal,) = standing(line(1, "pigment intermediate, sample, 5 bags", "293339"))
    assert (signal["rule"], signal["strength"]) == ("euphemism-goods", "words, residual line")
    assert "HS 2933.39" in why(signal)
    assert "most of what is classified there is something else" in why(signal)
    assert signal["subjects"] == [PARCEL, COMPANY]


def test_a_licence_that_is_spoken_of():
    (signal,) = standing(line(1, "piperidine 99 %, 2 x 500 mL, class A licence stated", "293332"))
    assert (signal["rule"], signal["strength"]) == ("precursor-goods", "licence stated")
    assert "cannot check it" in why(signal)
    assert weights().hypotheses["precursor-import"].bits["precursor-goods", "licence stated"] == 0


@pytest.mark.parametrize(
    ("described", "hs", "wanted"),
    [
        ("reagent, CAS 79099-07-3", None, {("precursor-goods", "cas")}),
        ("UN1715, corrosive", None, {("precursor-goods", "un")}),
        ("N-methyl-4-piperidone", None, {("precursor-goods", "within")}),
        ("acetylfentanyl 5 g", None, {("controlled-goods", "near")}),
        ("fentanyl citrate", "300490", {("controlled-goods", "synonym")}),
        ("APAA", None, {("precursor-goods", "short")}),
        ("methyl alpha-phenylacetoacetate", None, {("precursor-goods", "near")}),
        ("acetone 200 L", "291411", {("class-b-goods", "name")}),
        ("TDP-5 press", "847989", {("device-goods", "synonym")}),
        ("chemicals n.e.s.", "2933.37", {("precursor-hs", "named line")}),
        ("chemicals n.e.s.", "2933.39.90", {("precursor-hs", "residual line")}),
        ("pigment intermediate", "320417", {("euphemism-goods", "words")}),
        ("piperidine", "293332", {("precursor-goods", "name")}),
        ("4-哌啶酮 样品", None, {("precursor-goods", "name")}),
        ("xylazine", None, set()),
        ("ethernet cable", "854442", set()),
        ("dextromethorphan", None, set()),
    ],
)
def test_what_is_said(described, hs, wanted):
    assert said(line(1, described, hs)) == wanted


@pytest.mark.parametrize(
    ("day", "spoken"),
    [("2025-04-13", False), ("2025-04-14", True), ("2026-03-30", True), ("2026-04-12", True)],
)
def test_the_law_is_that_of_the_day(day, spoken):
    """Phenethyl bromide: a precursor for a period from 14 April 2025, of Schedule VI from 12 April 2026."""
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    assert bool(said(line(1, "phenethyl bromide 1 kg", observed_at=at))) is spoken


def test_what_is_temporary_ends():
    last_day, after = datetime(2027, 6, 4, 12, tzinfo=UTC), datetime(2027, 6, 5, tzinfo=UTC)
    assert said(line(1, "spirochlorphine", observed_at=last_day)) == {("controlled-goods", "name")}
    assert said(line(1, "spirochlorphine", observed_at=after)) == set()


def test_a_table_of_a_part_is_cited():
    """R 29676 stands in Table 1 of Part 2 of Schedule V, which is no "Part 2.1"."""
    (signal,) = standing(line(1, "R 29676, 1 kg", observed_at=datetime(2026, 6, 10, tzinfo=UTC)))
    assert "Schedule V, Part 2, Table 1, item 1" in why(signal)
    assert "annexe V, partie 2, tableau 1, article 1" in why(signal, "fr")


def test_what_a_restated_schedule_held_was_controlled_before():
    old = datetime(2015, 3, 1, tzinfo=UTC)
    assert said(line(1, "fentanyl 1 g", observed_at=old)) == {("controlled-goods", "name")}
    assert said(line(1, "1-boc-4-piperidone", observed_at=old)) == set()


def test_a_correction_takes_it_back():
    first, put_right = line(1, "piperidine"), line(2, "piperine (pepper extract)", report_key="N-1")
    assert standing(first, put_right) == []
    (taken,) = last(history(first, put_right)).to_pylist()
    assert taken["retracted"]
    assert Reason.load(taken["reason"]) == Reason("substances.put-right", {"day": "2026-11-20"})
    again = line(3, "piperidine", report_key="N-1")
    assert said(first, put_right, again) == {("precursor-goods", "name")}


def test_lines_of_a_parcel_speak_together():
    rows = line(1, "piperidine"), line(2, "CAS 110-89-4"), line(3, "acetone")
    by_rule = {one["rule"]: one for one in standing(*rows)}
    assert by_rule["precursor-goods"]["strength"] == "name"
    assert len(by_rule["precursor-goods"]["evidence"]) == 2
    assert by_rule["class-b-goods"]["strength"] == "name"


def test_a_person_who_imports_is_not_named():
    (signal,) = standing(line(1, "piperidine", importer="person:customs:7"))
    assert signal["subjects"] == [PARCEL, "substance:cas:110-89-4"]


def test_every_strength_it_can_say_has_a_weight():
    table = {key for one in weights().hypotheses.values() for key in one.bits}
    told = {("controlled-goods", s) for s in ("name", "synonym", "cas", "un", "near", "within", "short")}
    told |= {("precursor-goods", s) for s in ("name", "synonym", "cas", "un", "near", "within", "short")}
    told |= {("class-b-goods", s) for s in ("name", "synonym", "cas", "un", "short")}
    told |= {("device-goods", s) for s in ("name", "synonym")}
    told |= {("precursor-hs", "named line"), ("precursor-hs", "residual line")}
    told |= {("euphemism-goods", s) for s in ("words", "words, residual line", "words, named line")}
    told |= {(rule, "licence stated") for rule in goods.RULES}
    assert told <= table


WORDS = st.sampled_from(
    "piperidine 4-piperidone fentanyl acetone steel bolts 2933 CAS 110-89-4 UN 1715 licence pigment"
    " intermediate 哌啶 tablet press N-methyl -free test strip".split()
)


@given(st.lists(st.tuples(st.lists(WORDS, max_size=6), st.sampled_from([None, "2933.39", "610910", "x"]))))
def test_the_quick_search_passes_nothing_by(lines):
    """What the columns' search says no to says nothing when read, and the reverse holds by `read` alone."""
    rows = [line(at, " ".join(words), hs) for at, (words, hs) in enumerate(lines)]
    table = pa.Table.from_pylist(rows, DECLARATION.schema)
    may = READER.may(table) if rows else []
    for row, yes in zip(rows, may, strict=True):
        assert yes or not READER.read(row)


def test_a_precursor_line_before_it_was_one():
    """Nothing of HS 2903.99 was a precursor before phenethyl bromide, on 14 April 2025."""
    days = datetime(2025, 4, 13, tzinfo=UTC), datetime(2025, 4, 14, tzinfo=UTC)
    found = [said(line(1, "chemicals", "290399", observed_at=at)) for at in days]
    assert found == [set(), {("precursor-hs", "residual line")}]
