"""HTML in every text of every kind of record, and in every reason: no page runs it or takes it for markup."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import quote

import httpx
import pyarrow as pa
import pytest
from tests.console.served import KEEPER, served
from tests.console.test_pages import HEADED, WITHOUT
from tests.console.walk import address, pages
from tests.thorough import THOROUGH

from watchfloor.core.derived import SIGNAL
from watchfloor.core.kinds import INSTANT, KINDS
from watchfloor.formats.base import Fault
from watchfloor.store.floor import Floor

PAYLOAD = (
    """x"'><img src=x onerror="window.pwned=1"><script>window.pwned=2</script>"""
    "{{271828*314159}}</textarea></title>"
)
SUBJECT = f"person:feed:{PAYLOAD}"
MARKING = "PB//TLP:AMBER"
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
LISTED = {
    "listing": {"list_id": "LIST", "entity_id": "E1"},
    "task": {"form": "task", "state": "issued", "task": "0" * 12, "edition": 1},
    "watch-entry": {"what": "note", "entry": "1" * 12},
    "product": {"state": "draft", "product": "2" * 12, "edition": 1},
    "judgement": {"subject": SUBJECT, "about": "person:feed:2", "verdict": "same", "decided_by": PAYLOAD},
    "disclosure": {"message": "exchange.certificate-of-nobody", "params": "{}", "retracted": True},
    "outcome": {"result": "seized"},
    "reading": {"method": "mass", "level": "identified"},
    "payment": {"currency": "CAD", "means": "cash"},
}
"""Words that a kind has to have for its row to be read at all; every other text is the payload."""


def value(field, name):
    """A value of a column: texts are the payload, keys of subjects hold it."""
    of = field.type
    if pa.types.is_string(of):
        named = ("subject", "about", "payer", "payee", "conductor", "importer", "consignee", "shipper")
        return SUBJECT if name in named else PAYLOAD
    if pa.types.is_list(of):
        return [SUBJECT if name == "subjects" else value(of.value_field, name)]
    if pa.types.is_struct(of):
        return {one.name: value(one, one.name) for one in of}
    if of == INSTANT:
        return AT
    if pa.types.is_date(of):
        return AT.date()
    if pa.types.is_binary(of) or pa.types.is_fixed_size_binary(of):
        return bytes(of.byte_width)
    if pa.types.is_decimal(of):
        return Decimal("1.00")
    return False if pa.types.is_boolean(of) else 45.0 if pa.types.is_floating(of) else 1


def row(kind):
    made = {
        field.name: value(field, field.name)
        for field in kind.schema
        if field.name not in ("record_id", "delivery")
    }
    return made | {"marking": MARKING, "source": "feed", "observed_at": AT} | LISTED.get(kind.name, {})


def signal(evidence):
    """A signal that stands, whose reason says the payload."""
    said = '{{"author": {0}, "title": {0}, "report": {0}, "reliability": {0}, "credibility": {0}}}'
    text = said.format('"' + PAYLOAD.replace("\\", "\\\\").replace('"', '\\"') + '"')
    one = {
        "row_id": bytes(16), "revision": 0, "at": AT, "since": AT, "until": AT + timedelta(1),
        "retracted": False, "desk": "bench", "rule": "reported.laundering", "strength": "A1", "score": 1.0,
        "subjects": [SUBJECT, "person:feed:2"], "reason": {"message": "reports.stated", "params": text},
        "evidence": [evidence], "coverage": [], "origins": [PAYLOAD], "marking": MARKING, "latitude": 45.0,
        "longitude": -74.7, "radius": 500.0,
    }  # fmt: skip
    return pa.Table.from_pylist([one], schema=SIGNAL)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A console on a floor of payloads, and what addresses are made of."""
    home = tmp_path_factory.mktemp("hostile")
    floor = Floor.create(home / "floor", KEEPER, name=PAYLOAD[:40], ceiling="PB//TLP:RED", exercise=True)
    with floor.writer(KEEPER) as writer:
        for kind in KINDS.values():
            rows = pa.Table.from_pylist([row(kind)], schema=kind.schema.remove(0)).drop_columns(["delivery"])
            writer.append(kind, rows, source="feed", original=PAYLOAD.encode())
        with writer.delivery("feed", f"{PAYLOAD[:60]}.csv", BytesIO(PAYLOAD.encode())) as intake:
            intake.quarantine([Fault("line 1", PAYLOAD, PAYLOAD.encode())])
        evidence = floor.read("party", floor.reader("keeper", "tests"))["record_id"][0].as_py()
        writer.keep_run("bench", "1", floor.position, {}, {"signal": signal(evidence)})
    with served(floor) as console:
        console.services.accounts.set_administrator(console.account(), administrator=True)
        bearer = {"Authorization": f"Bearer {console.token()}"}
        with httpx.Client(base_url=console.home, headers=bearer, timeout=60) as okafor:
            (lead,) = okafor.get("/api/v1/leads").json()["leads"]
        yield (
            console,
            {
                "lead_id": lead["lead_id"], "record_id": evidence.hex(), "key": quote(SUBJECT, safe=""),
                "task": "0" * 12, "source": "feed", "position": 1, "number": 1,
            },
        )  # fmt: skip


def shown(known):
    """The pages that show what was delivered, with their addresses."""
    addresses = {one.name: address(one, known) for one in pages()}
    left_out = set(WITHOUT) - {"feeds.piece"}
    return {name: path for name, path in addresses.items() if path and name not in left_out}


class Elements(HTMLParser):
    """Collect the elements of a page that only the payload could have made, and its texts."""

    def __init__(self, page):
        super().__init__()
        self.foreign, self.texts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        if told.get("src") == "x" or any(name.startswith("on") for name in told):
            self.foreign.append(self.get_starttag_text())

    def handle_data(self, data):
        self.texts.append(data)


def test_no_page_is_sent_with_markup_that_was_delivered(hostile, client):
    console, known = hostile
    okafor = client(console, Cookie=f"watchfloor={console.token()}", Accept="text/html")
    seen = 0
    for name, path in shown(known).items():
        answer = okafor.get(path)
        assert answer.status_code == 200, name
        page = Elements(answer.text)
        assert not page.foreign, name
        # Each text is the whole of what stands between two tags: it is this where the script was let through.
        assert not any(re.match(r"window.pwned=\d$", text) for text in page.texts), (
            name
        )  # a script's whole text
        assert "85397212652" not in answer.text, name  # the template's sum
        seen += "window.pwned" in "".join(page.texts)
    assert seen >= 10  # the payload was there to be read, as text


@pytest.mark.thorough  # the one before reads the same pages
def test_no_page_makes_markup_of_it_in_a_browser(hostile, officer):
    """A quick run opens a page of every style sheet."""
    console, known = hostile
    okafor = officer(console)
    for name, path in shown(known).items():
        if not (THOROUGH or name in HEADED):
            continue
        answer = okafor.go(path)
        assert answer.status == 200, (name, okafor.page.locator("main").inner_text()[:300])
        okafor.page.wait_for_timeout(50)
        assert okafor.page.evaluate("window.pwned") is None, name
        assert okafor.page.locator("img[src=x]").count() == 0, name
        assert "85397212652" not in okafor.page.title(), name
