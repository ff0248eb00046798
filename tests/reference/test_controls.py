"""The controls: true rows of the law's tables, and the Act itself where it is at hand."""

import re
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from watchfloor.core.subjects import parts, subject
from watchfloor.desks.lab.law import Law
from watchfloor.reference import controls
from watchfloor.reference.law import items, trade

LAW = Path(__file__).parents[3] / "shared/data/law"
ACTS = {"en": LAW / "C-38.8@2026-07-23.xml", "fr": LAW / "fra-C-38.8@2026-07-23.xml"}
DAY = date(2026, 6, 14)
"""To which the newest stored edition is current."""

ROWS = controls.controls()


def on(day, key):
    """What the rows say of a substance on a day."""
    return [
        (one.schedule, one.part, one.item)
        for one in ROWS
        if key in (one.substance, one.inchikey and one.structure)
        and (one.since is None or one.since <= day)
        and (one.until is None or day <= one.until)
    ]


def cas(number):
    return subject("substance", "cas", number)


def test_the_reference_has_the_columns_that_desks_read():
    table = controls.reference()
    names = ["substance", "name", "schedule", "item", "since", "until", "inchikey", "part"]
    assert table.column_names == names
    assert table.num_rows == len(ROWS) > 400
    for key in table["substance"].to_pylist():
        assert subject(*parts(key)) == key
    assert not any(value is None for name in names[:4] for value in table[name].to_pylist())


def test_a_substance_is_controlled_by_the_law_of_its_day():
    assert on(date(2024, 9, 2), cas("79099-07-3")) == []
    assert on(date(2024, 9, 3), cas("79099-07-3")) == [("VI", "1", "27(1)")]
    bromide = cas("103-63-9")
    days = [date(2025, 4, 13), date(2025, 4, 14), date(2026, 4, 11), date(2026, 4, 12)]
    assert [on(day, bromide) for day in days] == [
        [],
        [("V", "", "2")],
        [("V", "2", "")],
        [("VI", "1", "33")],
    ]
    assert on(date(1999, 1, 1), cas("437-38-7")) == [("I", "", "16(5)")]


def test_every_day_has_a_row_at_most_for_an_item():
    for day in {one.since for one in ROWS if one.since} | {DAY}:
        found = [
            (one.schedule, one.part, one.item, one.cas, one.inchikey)
            for one in ROWS
            if (one.since is None or one.since <= day) and (one.until is None or day <= one.until)
        ]
        assert len(found) == len(set(found))


def test_what_the_law_takes_out_is_no_control():
    assert on(DAY, cas("125-71-3")) == []  # dextromethorphan
    assert on(DAY, cas("125-70-2")) == [("I", "", "10(3)")]  # levomethorphan
    assert on(DAY, cas("1622-62-4")) == [("I", "", "20")]  # flunitrazepam, not by item 18(33) of Schedule IV


def test_a_substance_is_found_by_any_of_its_numbers():
    for number in ("537-46-2", "4846-07-5"):
        assert on(DAY, cas(number)) == [("I", "", "18")]
    assert on(DAY, subject("substance", "inchikey", "PJMPHNIQZUBGLI-UHFFFAOYSA-N")) == [("I", "", "16(5)")]


def test_a_salt_is_found_by_its_own_number_where_the_item_covers_salts():
    """40064-34-4, under which 4-piperidone is sold: the name says the form."""
    assert on(DAY, cas("40064-34-4")) == [("VI", "1", "27")]
    assert on(DAY, cas("1443-54-5")) == [("I", "", "16(5)")]
    days = date(2025, 4, 13), date(2025, 4, 14), date(2025, 12, 18), date(2025, 12, 19)
    found = [on(day, cas("78-44-4")) for day in days]
    assert found == [[], [("V", "", "1")], [("V", "", "1")], [("IV", "", "28")]]  # carisoprodol
    names = {one.cas: str(one.name) for one in ROWS}
    assert names["53-21-4"] == "cocaine (hydrochloride) / cocaïne (chlorhydrate)"
    assert not any(one.inchikey for one in ROWS if one.cas in ("40064-34-4", "1443-54-5", "53-21-4"))


def test_a_name_leads_to_one_substance():
    """Of several numbers, forms and mirror images that an item names, the one that trade has first."""
    law = Law(controls.reference())
    names = ("ephedrine", "méthamphétamine", "norephedrine", "U-47700", "W-18", "fentanyl (hydrochloride)")
    numbers = ("299-42-3", "537-46-2", "492-41-1", "121348-98-9", "93101-02-1", "1443-54-5")
    assert [law.called(name) for name in names] == [cas(number) for number in numbers]


def test_every_number_of_trade_is_there():
    """Those of substances that an item of Schedules I to VI names, and no number twice for one wording."""
    numbered = {one.cas for one in ROWS}
    named = {one.key: one for one in items.items() if one.act == "CDSA" and one.sort == "substance"}
    for row in trade.load().substance:
        for item in (named[key] for key in row.items if key in named):
            assert set(row.cas) <= numbered, row.id
            assert "salts" not in item.covers or set(row.salts) <= numbered, row.id
        assert set(row.salts.values()) <= set(controls.FORMS)
    wordings = [(one.schedule, one.part, one.item, one.since, one.cas) for one in ROWS if one.cas]
    assert len(wordings) == len(set(wordings))


def test_numbers_are_of_the_form_that_is_named():
    """Salts' and stereoisomers' numbers that a database gives under these names are not taken."""
    right = {
        "α-methylfentanyl": "79704-88-4",
        "4-methyl-2,5-dimethoxyamphetamine": "15588-95-1",
        "2,4,5-trimethoxyamphetamine": "1083-09-6",
        "lysergic acid": "82-58-6",
    }
    assert {one.name.en.lower(): one.cas for one in ROWS if one.name.en.lower() in right} == right
    wrong = {"1443-44-3", "26011-50-7", "15995-72-9", "478-95-5", "1235-15-0", "22352-82-5"}
    assert not wrong & {one.cas for one in ROWS}


def test_a_name_is_said_once_where_both_languages_have_it():
    said = {str(one.name) for one in ROWS if one.cas in ("437-38-7", "50-36-2")}
    assert said == {"cocaine / cocaïne", "fentanyl"}


@pytest.fixture(scope="module", params=ACTS)
def act(request):
    """A language, and the items of the Act in it by schedule, part and number."""
    if not ACTS[request.param].exists():
        pytest.skip(f"needs {ACTS[request.param].name} of ../shared/data")
    return request.param, listed(etree.parse(ACTS[request.param]).getroot())


def listed(root):
    """Each listed item's own words, by another route than the reader's."""
    found = {}
    for schedule in root.iter("Schedule"):
        label = schedule.findtext("ScheduleFormHeading/Label") or ""
        if name := re.fullmatch(r"(?:SCHEDULE|ANNEXE) ([IVX]+)", label.strip()):
            for item in schedule.iter("Item"):
                labels = [one.findtext("Label") for one in (item, *item.iterancestors("Item"))]
                part = next(item.iterancestors("Group"), None)
                heading = "" if part is None else part.findtext("GroupHeading/Label").split()[1]
                number = "".join(filter(None, reversed(labels)))
                found.setdefault((name[1], heading, number), "".join(item.find("Text").itertext()).lower())
    return found


def test_the_act_names_each_under_that_item_in_both_languages(act):
    """Every item of a list that is in force, not a sample; tables of Schedule V are in `test_items`."""
    language, words = act
    now = [one for one in ROWS if one.until is None and one.schedule != "V"]
    assert len(now) > 380
    for one in now:
        text = plain(words[one.schedule, one.part, number_in(language, one)])
        said = re.sub(
            f" \\((?:{'|'.join([*controls.FORMS, *controls.FORMS.values()])})\\)$",
            "",
            getattr(one.name, language),
        )
        assert plain(said) in text, one


def plain(text):
    return re.sub(r"[\s­–-]", "", text.lower().replace("ß", "β"))


def number_in(language, one):
    """Two items of Schedule II have each other's number in the French text."""
    swapped = {"2(4)(ii)": "2(4)(iii)", "2(4)(iii)": "2(4)(ii)"}
    return swapped.get(one.item, one.item) if language == "fr" and one.schedule == "II" else one.item


def test_the_check_can_fail(act):
    _, words = act
    assert "fentanyl" not in words["I", "", "18"]
    assert ("I", "", "16(99)") not in words
