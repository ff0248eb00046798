"""Public alerts written: read again they are the same, and they keep the order of the schema."""

import re
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.formats.alerts import SENDER, info, message

from watchfloor.exchange import cap
from watchfloor.formats.alerts.cap import read

ALERT = "identifier sender sent status msgType scope restriction addresses code note references info".split()
INFO = (
    "language category event responseType urgency severity certainty eventCode effective onset expires "
    "senderName headline description instruction web contact parameter area"
).split()
"""Elements in the order of CAP 1.2, section 3.4."""


def rows(data):
    return [row for piece in read(BytesIO(data), "a.xml") for row in piece.rows.to_pylist()]


def tags(element):
    return [etree.QName(child).localname for child in element]


def test_what_is_read_is_written_and_read_again():
    code = "<eventCode><valueName>profile:CAP-CP:Event:0.4</valueName><value>flood=a</value></eventCode>"
    references = f"{SENDER},EX-2026-0,2026-12-01T07:30:00-06:00"
    where = "<area><areaDesc>é &amp; &lt;b&gt;</areaDesc><circle>1,2 3</circle></area>"
    data = message(
        info(extra=code, responseType="AllClear", category="CBRNE"),
        info(language="fr-CA", area=where),
        msgType="Update",
        references=references,
        note="seen",
    )
    before = rows(data)
    written = cap.alert(before)
    assert rows(written) == before
    assert cap.alert(rows(written)) == written
    root = etree.fromstring(written)
    assert tags(root) == sorted(tags(root), key=ALERT.index)
    assert all(tags(one) == sorted(tags(one), key=INFO.index) for one in root if one.tag.endswith("info"))
    times = re.findall(r"\d{4}-\d\d-\d\dT[^<,]*", written.decode())
    assert times
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", text) for text in times), "no Z"


def test_a_cancellation_without_words_is_written_without_an_info():
    before = rows(message(msgType="Cancel", references=f"{SENDER},A,2026-12-01T07:30:00Z"))
    assert rows(cap.alert(before)) == before


@given(text=st.text(max_size=40))
def test_any_text_is_written_as_xml(text):
    (row,) = rows(message(info()))
    (again,) = rows(cap.alert([row | {"headline": text}]))
    plain = "\n".join(" ".join(line.split()) for line in cap.printable(text).splitlines()).strip()
    assert (again["headline"] or "") == plain
