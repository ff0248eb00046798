from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.casework.world import UNITS
from tests.refusals import because, refused

from watchfloor.casework.tasking.units import (
    FORMS,
    NAME,
    authorities,
    cite,
    cited,
    covering,
    load,
    opens,
    read,
    reader,
    refuse_enforcement,
)
from watchfloor.cell.acts import Refusal
from watchfloor.core.marking import parse
from watchfloor.formats.settings import SettingsError
from watchfloor.policy.policy import allowed
from watchfloor.reference.law.wordings import status


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Customs Act s. 99", ("customs", "99")),
        ("Customs Act, s. 99(1)(a)", ("customs", "99")),
        ("customs act section 99.1", ("customs", "99.1")),
        ("Loi sur les douanes, art. 101", ("customs", "101")),
        ("Criminal Code, R.S.C. 1985, c. C-46, s. 487", ("criminal-code", "487")),
        ("IRPA s. 55", ("immigration", "55")),
        ("Canada Shipping Act, 2001, s. 130", ("shipping", "130")),
        ("Loi de 2001 sur la marine marchande du Canada art. 130", ("shipping", "130")),
        ("Customs Act", None),
        ("s. 99", None),
        ("the Customs Tariff s. 99", None),
        ("none stated", None),
        ("Customs Act ss. 99 and 101", None),
        ("", None),
    ],
)
def test_an_authority_is_read_as_people_cite_it(text, found):
    assert cited(UNITS, text) == found


def test_every_authority_of_the_table_is_read_as_it_is_cited_in_both_languages():
    for unit in UNITS.units.values():
        for power in unit.mandate:
            for language in ("en", "fr"):
                assert cited(UNITS, cite(UNITS, power, language)) == (power.statute, power.section)


@given(st.text(max_size=60))
def test_any_text_is_an_authority_or_is_not(text):
    found = cited(UNITS, text)
    assert found is None or found.statute in UNITS.statutes


@given(st.sampled_from(sorted(UNITS.units)), st.sampled_from(FORMS), st.data())
def test_a_unit_is_given_exactly_what_its_mandate_names(name, form, data):
    every = [(s, p.section) for u in UNITS.units.values() for p in u.mandate for s in [p.statute]]
    statute, section = data.draw(st.sampled_from(every))
    has = {(p.statute, p.section) for p in UNITS.units[name].mandate if form in p.forms}
    authority = f"{UNITS.statutes[statute].en} s. {section}"
    if (statute, section) in has:
        assert covering(UNITS, name, form, authority).section == section
    else:
        with pytest.raises(Refusal):
            covering(UNITS, name, form, authority)


def test_a_refusal_says_what_the_unit_has_in_both_languages():
    has = "Customs Act s. 99; Customs Act s. 99.1; Customs Act s. 101; Customs Act s. 110"
    with pytest.raises(Refusal, check=because("cell.not-covered", form_words="task", authorities=has)):
        covering(UNITS, "border-operations", "task", "Criminal Code s. 487")
    with pytest.raises(Refusal, check=because("cell.not-covered", form_words="lookout", authorities="aucun")):
        covering(UNITS, "rescue", "lookout", "Oceans Act s. 41", "fr")


def test_a_section_is_not_another_that_starts_so():
    with pytest.raises(Refusal):
        covering(UNITS, "targeting", "target", "Customs Act s. 99.1")


def test_an_unknown_unit_or_form_is_said():
    with pytest.raises(Refusal, check=because("cell.no-unit", units=", ".join(sorted(UNITS.units)))):
        covering(UNITS, "navy", "task", "Customs Act s. 99")
    with pytest.raises(Refusal, check=because("cell.no-form")):
        covering(UNITS, "rescue", "raid", "Customs Act s. 99")


def unit(hours, zone="America/Toronto"):
    return msgspec.structs.replace(UNITS.units["rescue"], hours=hours, zone=zone)


@pytest.mark.parametrize(
    ("hours", "asked", "opened"),
    [
        ({}, "2026-11-24T03:00", "2026-11-24T03:00"),
        ({"tue": "07:00-23:00"}, "2026-11-24T13:00", "2026-11-24T13:00"),  # Tuesday, 08:00 in Toronto
        ({"tue": "07:00-23:00"}, "2026-11-24T11:59", "2026-11-24T12:00"),
        ({"tue": "07:00-23:00"}, "2026-11-25T04:00", "2026-12-01T12:00"),  # 23:00 is closed
        ({"mon": "22:00-06:00"}, "2026-11-24T10:59", "2026-11-24T10:59"),  # still Monday's night
        ({"mon": "22:00-06:00"}, "2026-11-24T11:00", "2026-12-01T03:00"),
        ({"mon": "00:00-24:00"}, "2026-11-24T04:59", "2026-11-24T04:59"),
        ({"sun": "03:00-04:00"}, "2026-03-08T06:00", "2026-03-08T07:00"),  # clocks go forward at 02:00
    ],
)
def test_hours_are_those_of_the_units_zone(hours, asked, opened):
    given_at, then = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (asked, opened))
    assert opens(unit(hours), given_at) == then


@given(
    st.dictionaries(
        st.sampled_from(["mon", "wed", "sat"]),
        st.tuples(st.integers(0, 23), st.integers(0, 23)).map(lambda p: f"{p[0]:02}:00-{p[1]:02}:30"),
        min_size=1,
    ),
    st.integers(0, 365 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n)),
)
def test_a_unit_opens_at_or_after_the_moment_and_is_open_then(hours, moment):
    one = unit(hours, "Europe/Paris")
    starts = opens(one, moment)
    assert starts >= moment
    assert opens(one, starts) == starts
    assert starts - moment <= timedelta(days=8)
    # an oracle: an hour is open where it lies in today's hours, or in last night's
    local = starts.astimezone(ZoneInfo("Europe/Paris"))
    days = [local.date(), local.date() - timedelta(1)]
    assert any(f"{day:%a}".lower() in hours for day in days)


def test_a_floor_with_its_own_table_uses_that(tmp_path):
    text = """status = "ours"
[statutes.x]
en = "An Act"
fr = "Une loi"
citation = "S.C. 2026, c. 1"
[units.one]
en = "One"
fr = "Un"
organisation = "ONE"
clearance = "PA"
"""
    assert load(tmp_path).status == "to be confirmed by counsel"
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    assert list(load(tmp_path).units) == ["one"]
    assert authorities(load(tmp_path), load(tmp_path).units["one"]) == []


BASE = 'status = "s"\n[statutes]\n[units.one]\nen = "One"\nfr = "Un"\norganisation = "O"\nclearance = "PA"\n'


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('zone = "Moon/Base"', "no time zone"),
        ('hours = { tue = "7-9" }', "write 07:00-23:00"),
        ('hours = { someday = "07:00-09:00" }', "no day"),
        ('hours = { tue = "25:00-26:00" }', "are no hours"),
        ('mandate = [{ statute = "x", section = "1", forms = ["task"], en = "a", fr = "b" }]', "no statute"),
        ('institution = "polise"', "no kind of institution; did you mean 'police'"),
        ("colour = 1", "no such setting"),
    ],
)
def test_a_wrong_table_is_said_with_its_place(more, says):
    with pytest.raises(SettingsError, match=says):
        read(BASE + more, "units.toml")


def test_what_a_unit_may_see_is_its_clearance():
    partner = reader(UNITS.units["us-border"], "border security", date(2026, 11, 24))
    assert allowed(partner, parse("PA//TLP:AMBER//REL:CAN,USA"))
    assert not allowed(partner, parse("PB//TLP:AMBER"))
    assert not allowed(partner, parse("U//REL:CAN"))


GUARD = "coast-guard"
SECURITY = "Oceans Act s. 41.1"


def test_the_coast_guard_may_be_asked_for_what_it_sees():
    assert covering(UNITS, GUARD, "task", SECURITY).section == "41.1"
    refuse_enforcement(UNITS, GUARD, "Say which vessels lie off the pier. Do not board any.")


@pytest.mark.parametrize(
    "authority", ["Customs Act s. 99", "Criminal Code s. 495", "IRPA s. 55", "Loi sur les douanes art. 110"]
)
def test_an_authority_to_enforce_is_refused_to_the_coast_guard_with_its_sections(authority):
    told = refused("cell.coast-guard-enforces", covering, UNITS, GUARD, "task", authority)
    assert "Oceans Act s. 41.1" in told["authorities"]


def test_another_authority_that_it_lacks_is_refused_as_to_any_unit():
    refused("cell.not-covered", covering, UNITS, GUARD, "task", "Canada Shipping Act, 2001, s. 130")


@pytest.mark.parametrize(
    "instruction",
    [
        "Board the vessel and arrest the crew.",
        "Stop this boat at the narrows",
        "Search the hold.",
        "Intercept it before the line",
        "Seize what you find",
        "Arraisonnez le bâtiment.",
        "Fouillez la cale",
        "Montrez où il va, puis saisissez la cargaison",
        "Do not wait: board it",
    ],
)
def test_an_instruction_to_enforce_is_refused_to_the_coast_guard_alone(instruction):
    refused("cell.coast-guard-enforces", refuse_enforcement, UNITS, GUARD, instruction)
    refuse_enforcement(UNITS, "rcmp-operations", instruction)


@pytest.mark.parametrize(
    "instruction",
    [
        "Search for the missing kayak",
        "Search and rescue off Cape Spear",
        "Say who is on board",
        "Watch the overboard line without boarding",
        "Ne fouillez pas la cale; dites ce que vous voyez",
        "Suivez le bateau et dites où il s’arrête",
        "Report each stop of the ferry",
    ],
)
def test_what_is_no_enforcement_goes_to_the_coast_guard(instruction):
    refuse_enforcement(UNITS, GUARD, instruction)


def test_its_security_mandate_begins_on_the_day_that_the_statute_says():
    day = date(2026, 3, 27)
    power = covering(UNITS, GUARD, "task", SECURITY, on=day)
    assert power.since == status("O-2.4", power.section, day).since == day
    before = day - timedelta(1)
    refused("cell.authority-not-in-force", covering, UNITS, GUARD, "task", SECURITY, on=before)


def test_a_table_cannot_give_the_coast_guard_a_power_to_enforce():
    statute = '[statutes.customs]\nen = "Customs Act"\nfr = "Loi"\ncitation = "R.S.C. 1985"\n'
    power = '{ statute = "customs", section = "99", forms = ["task"], en = "a", fr = "b" }'
    text = BASE.replace("[statutes]\n", statute) + f'institution = "coast-guard"\nmandate = [{power}]\n'
    with pytest.raises(SettingsError, match="the coast guard enforces nothing"):
        read(text, NAME)
