"""Which format a file is of."""

import pytest
from tests.formats import abroad
from tests.formats.lists import (
    ADD,
    ALT,
    CSV,
    FTM,
    JUSTICE,
    LAW,
    LISTS,
    SCHEDULES,
    SDN,
    SDN_XML,
    STATEMENTS,
    UN,
    public,
)

from watchfloor.formats.base import HEAD_BYTES, Head
from watchfloor.formats.registry import FORMATS, recognise

SAMPLES = {
    "justice-laws": (JUSTICE, SCHEDULES),
    "un-consolidated": (UN,),
    "ofac-csv": (SDN, ALT, ADD),
    "ofac-xml": (SDN_XML,),
    "ftm": (FTM,),
    "ftm-statements": (STATEMENTS,),
    "uk-sanctions-xml": (abroad.UK_XML,),
    "uk-sanctions-csv": (abroad.UK_CSV,),
    "eu-fsf-xml": (abroad.EU_XML,),
    "eu-fsf-csv": (abroad.EU_CSV,),
    "au-dfat": (abroad.AU_CSV,),
    "ch-seco": (abroad.CH_XML,),
    "listing-csv": (CSV, "id,name\n1,Vale\n"),
}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in SAMPLES.items() for text in texts]
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_each_sample_is_recognised(name, text, mark):
    form = recognise(Head("whatever", mark + text.encode()))
    assert form is not None
    assert form.name == name


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 100, b"hello", b"<html></html>", b"PK\x03\x04", b"a,b\n1,2\n"]
)
def test_what_is_no_list_is_not_taken_for_one(data):
    form = recognise(Head("whatever", data))
    assert form is None or "listing" not in form.kinds


def test_names_are_their_formats():
    assert all(name == form.name for name, form in FORMATS.items())


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (LISTS / "un_consolidated.xml", "un-consolidated"),
        (LISTS / "ofac_sdn.csv", "ofac-csv"),
        (LISTS / "ofac_alt.csv", "ofac-csv"),
        (LISTS / "ofac_add.csv", "ofac-csv"),
        (LAW / "SOR-2014-58@2026-07-23.xml", "justice-laws"),
    ],
)
def test_public_files_are_recognised(path, name):
    with public(path).open("rb") as stream:
        form = recognise(Head(path.name, stream.read(HEAD_BYTES)))
    assert form is not None
    assert form.name == name
