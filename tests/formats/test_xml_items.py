"""From an item of an XML list back to the very element it was read from."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.formats.lists import JUSTICE, SCHEDULES, SDN_XML, UN, faults, listed

from watchfloor.formats.lists import justice_laws, ofac_xml, un_consolidated
from watchfloor.formats.xml_limits import local, text_of

SAMPLES = [
    (justice_laws.FORMAT, JUSTICE.encode()),
    (justice_laws.FORMAT, SCHEDULES.encode()),
    (un_consolidated.FORMAT, UN.encode()),
    (ofac_xml.FORMAT, SDN_XML.encode()),
]
OF_ITEMS = {"Item", "row", "INDIVIDUAL", "ENTITY", "sdnEntry"}


@pytest.mark.parametrize(("form", "data"), SAMPLES)
def test_every_item_leads_to_an_element_that_holds_its_name(form, data):
    rows = listed(list(form.read(BytesIO(data), "f.xml")))
    assert len(rows) > 1
    for row in rows:
        element = etree.fromstring(form.piece(BytesIO(data), row["locator"]))
        assert local(element) in OF_ITEMS
        assert row["name"].split()[0].strip(",") in text_of(element)


@pytest.mark.parametrize(("form", "data"), SAMPLES)
@pytest.mark.parametrize("locator", ["item", "item ?", "item 7 (2)", "line 3", "", "what follows"])
def test_what_is_not_there_is_not_found(form, data, locator):
    assert form.piece(BytesIO(data), locator) is None


def sdn(entries):
    """A list of such ids and names; each entry also has an alias whose own number is the next entry's."""
    made = (
        f"<sdnEntry><uid>{uid}</uid><lastName>{name}</lastName><sdnType>Entity</sdnType><akaList><aka>"
        f"<uid>{int(uid or 0) + 1}</uid><lastName>Other</lastName></aka></akaList></sdnEntry>"
        for uid, name in entries
    )
    return f"<sdnList>{''.join(made)}</sdnList>".encode()


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["1", "2", "3", ""]), st.uuids()), max_size=12))
def test_numbers_that_repeat_lead_each_to_its_own_element(entries):
    data = sdn(entries)
    pieces = list(ofac_xml.read(BytesIO(data), "sdn.xml"))
    rows, wrong = listed(pieces), faults(pieces)
    locators = [row["locator"] for row in rows] + [fault.locator for fault in wrong]
    assert len(set(locators)) == len(locators) == len(entries)
    for row in rows:
        assert row["name"].encode() in ofac_xml.piece(BytesIO(data), row["locator"])
    for fault in wrong:
        assert ofac_xml.piece(BytesIO(data), fault.locator) == fault.raw


def test_ids_that_look_like_a_second_one_stay_apart():
    made = "".join(
        f"<ENTITY><DATAID>{i}</DATAID><REFERENCE_NUMBER>{ref}</REFERENCE_NUMBER><FIRST_NAME>N{i}</FIRST_NAME></ENTITY>"
        for i, ref in enumerate(["A (2)", "A", "A", "A (2)", "A"])
    )
    data = f"<CONSOLIDATED_LIST><ENTITIES>{made}</ENTITIES></CONSOLIDATED_LIST>".encode()
    rows = listed(list(un_consolidated.read(BytesIO(data), "un.xml")))
    assert len({row["locator"] for row in rows}) == 5
    for row in rows:
        assert f">{row['name']}<".encode() in un_consolidated.piece(BytesIO(data), row["locator"])


def test_a_damaged_file_is_searched_up_to_the_damage():
    data = sdn([("1", "Ann"), ("2", "Bo"), ("3", "Cy")])
    cut = data[: data.index(b"Cy")]
    assert b"Bo" in ofac_xml.piece(BytesIO(cut), "item 2")
    assert ofac_xml.piece(BytesIO(cut), "item 3") is None
    assert ofac_xml.piece(BytesIO(b"no xml"), "item 3") is None
