"""Acts as lines for a security centre, read back by the rules of their standards."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.exchange.log.access import access
from watchfloor.exchange.log.security_events import cef, lines, syslog
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act, Actor

AT = datetime(2026, 11, 30, 9, 5, 1, 250_000, UTC)
LINE = st.text(
    st.characters(exclude_categories=["C", "Z"], include_characters=' |="\\]'), min_size=1, max_size=30
).filter(str.strip)
SYSLOG = re.compile(
    r'<(\d+)>1 (\S+) (\S+) watchfloor - ([!-~]{1,32}) \[act@32473((?: \w+="(?:[^"\\\]]|\\["\\\]])*")*)\]'
)
FIELD = re.compile(r' (\w+)="((?:[^"\\\]]|\\["\\\]])*)"')
CEF = re.compile(r"CEF:0\|Watchfloor\|watchfloor\|[^|]+\|((?:[^|\\]|\\.)*)\|((?:[^|\\]|\\.)*)\|(\d+)\|(.*)")


def act(name="query", actor="roy", purpose="tests", authority="an Act"):
    detail = {"subject": "person:parcels:SECRETSUBJECT"}
    return Act(7, AT, name, Actor(actor, purpose, authority), detail, b"leaf")


@given(LINE, LINE, LINE, LINE)
def test_a_line_of_syslog_is_read_back(node, actor, purpose, authority):
    line = syslog(act(actor=actor, purpose=purpose, authority=authority), node)
    found = SYSLOG.fullmatch(line)
    assert found, line
    assert (found[1], found[2], found[4]) == ("109", "2026-11-30T09:05:01.250Z", "query")
    assert not set(found[3]) - set(map(chr, range(33, 127)))
    fields = {name: re.sub(r"\\(.)", r"\1", value) for name, value in FIELD.findall(found[5])}
    assert fields == {"position": "7", "actor": actor, "purpose": purpose, "authority": authority}


@given(LINE, LINE, LINE, LINE)
def test_a_line_of_cef_is_read_back(node, actor, purpose, authority):
    found = CEF.fullmatch(cef(act("sign-in-refused", actor, purpose, authority), node))
    assert (found[1], found[3]) == ("sign-in-refused", "6")
    parts = re.split(r"(?:^| )(\w+)=", found[4])[1:]
    said = zip(parts[::2], parts[1::2], strict=True)
    fields = {name: re.sub(r"\\(.)", r"\1", value) for name, value in said}
    assert fields == {
        "rt": str(int(AT.timestamp() * 1000)),
        "dvchost": node,
        "externalId": "7",
        "suser": actor,
        "cs1Label": "purpose",
        "cs2Label": "authority",
        "cs3Label": "reset_by",
        "cs1": purpose,
        "cs2": authority,
    }


@pytest.mark.parametrize("write", [syslog, cef])
def test_a_line_is_one_line_and_has_no_content(write):
    line = write(act(actor="ro\ny\r\0", purpose="a\u2028b"), "no de")
    assert len(line.splitlines()) == 1
    assert "SECRETSUBJECT" not in line


def test_lines_are_of_acts_that_a_person_may_see_behind_a_position(tmp_path):
    roy, singh = (Actor(name, "tests", "an Act") for name in ("roy", "singh"))
    floor = Floor.create(tmp_path / "floor", roy, name="cell", ceiling="PB")
    for one in (roy, singh, roy):
        floor.act(one, "query", {"what": "nothing"})
    (floor.root / "policy.toml").write_text(
        '[readers.roy]\nprotected = "PB"\n[readers.singh]\nprotected = "PB"\nrole = "reviewer"\n', "utf-8"
    )

    def positions(name, since=0):
        seen = access(floor, name, floor.reader(name, "tests"))
        return [int(re.search(r'position="(\d+)"', line)[1]) for line in lines(floor, seen, "syslog", since)]

    last = floor.position
    assert positions("singh") == list(range(1, last + 1))
    assert last - 1 not in positions("roy")
    assert positions("singh", last - 2) == [last - 1, last]
