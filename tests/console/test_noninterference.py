"""What the console tells a reader is, byte for byte, what it would tell him without what he may not see."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cli.test_noninterference import EVERY, HIDDEN, lasting, policy_of, steps, without_place
from tests.cli.worlds import MIXED, SAMPLES, Step, after, build, cleared, sees, still
from tests.console import named
from tests.console.walk import looking
from tests.thorough import draws

from watchfloor.casework.watch import repository
from watchfloor.casework.watch.repository import About, Post
from watchfloor.console.access.sessions import Session
from watchfloor.console.endpoints.endpoint import Asker, Raw
from watchfloor.console.endpoints.failures import EXPECTED, failure
from watchfloor.console.endpoints.request_parsing import asked
from watchfloor.console.services import Services
from watchfloor.core.kinds import KINDS
from watchfloor.exchange.ogc.routes import Ogc
from watchfloor.exchange.ogc.routes import Request as MapRequest
from watchfloor.exchange.ogc.sources import OfficerView, Snapshots
from watchfloor.exchange.ogc.systems import GEODETIC
from watchfloor.exchange.taxii.queries import Wrong
from watchfloor.policy import policy
from watchfloor.store import views
from watchfloor.store.log import Actor

SUBJECTS = ("person:parcels:1", "phone:phone:16135550113")
ASKED = {
    "queue": [{}, {"fresh": ["7d"]}, {"text": ["parcels"]}, {"band": ["0", "1"]}, {"size": ["1"]}],
    "queue.bulk": [{"lead": ["{lead}"], "what": ["leads", "decide"]}],
    "map": [{}, {"at": ["{moment}"]}],
    "tracks": [{"since": ["2026-11-01"], "size": ["1"]}],
    "tracks.track": [{"since": ["2026-11-01"]}],
    "coverage": [{"since": ["2026-11-20T05:00Z"], "hours": ["2"], "km": ["2000-2100"]}],
    "coverage.line": [{"since": ["2026-11-20T05:00Z"], "hours": ["12"]}],
    "coverage.compare": [{"since": ["2026-11-20T05:00Z"], "hours": ["2"]}],
    "border": [{"lat": ["45"], "lon": ["-74.7"]}],
    "graph": [{}, *({"about": [one], "open": [f"person@{SUBJECTS[1]}"]} for one in SUBJECTS)],
    "graph.export": [{"about": [SUBJECTS[0]], "form": [form]} for form in ("csv", "graphml")],
    "graph.path": [{"one": [SUBJECTS[0]], "other": [SUBJECTS[1]]}],
    "watch": [{}, {"since": ["2026-11-20"]}, {"at": ["{moment}"]}],
    "watch.sitrep": [{"since": ["2026-11-20"]}],
    "tasks": [{"all": ["true"]}, {}],
    "inspections": [{}, {"state": ["ended"]}, {"state": ["overdue"]}],
    "search": [{"words": ["landing"]}, {"about": [SUBJECTS[0]]}, {"words": ["night"], "top": ["1"]}],
    "audit": [{}, {"act": ["query"]}, {"about": ["{lead}"]}, {"about": [SUBJECTS[0]]}],
    "lead": [{}, {"at": ["{moment}"]}],
    "feeds.quarantine": [{}, {"all": ["true"]}],
    "scorecard": [{}, {"edition": ["public"]}],
}
"""What is asked of an endpoint beside its path; of the others nothing."""

OF_THE_FLOOR = {
    "exercise": "it is about a key that the reader brings",
    "accounts": "it is for who administers the console, and about people, not rows",
    "feeds.table": "it is about a file that the reader brings",
    "feeds.job": "it is about a job of the reader's",
}
RANDOM = frozenset({"run", "csrf", "id", "events", "head", "now"})
"""Fields that are another number in each run of a console, or its clock."""


class Maps:
    """OGC API Features as one reader asks it."""

    def __init__(self, told):
        self._told, self.app = told, Ogc(told.floor, None)
        self._snapshots = Snapshots()

    @property
    def view(self):
        told = self._told
        reader = told.floor.reader(told.session.account, told.session.purpose)
        return OfficerView(told.floor, reader, "who", "en", self._snapshots, lambda *_: None)


class Told:
    """A world, and a console on it for one reader."""

    def __init__(self, floor, user, purpose, stack):
        makers, jobs = (stack.enter_context(ThreadPoolExecutor(1)) for _ in range(2))
        self.floor = floor
        self.services = Services(floor, None, makers, jobs)
        stack.callback(self.services.close)
        self.services.accounts.add(user)
        self.at = None
        self.ogc = Maps(self)
        self.session = Session(
            b"s", user, "", purpose, "an Act, s. 1", "en", administrator=False, began=0, ends=0
        )

    def __call__(self, endpoint, path, fields):
        before = self.floor.position
        try:
            asker = Asker(self.services, self.session, **({"at": self.at} if self.at else {}))
            given = endpoint.call(asker, asked(endpoint, path, fields))
            raw = isinstance(given, Raw)
            said = _bytes(given) if raw else _plain(msgspec.to_builtins(given, enc_hook=str))
        except EXPECTED as error:
            said = tuple(failure(error, self.services.words, "en"))[:3]
        return said, self.floor.position - before


def _bytes(given):
    return given.content if isinstance(given.content, bytes) else b"".join(given.content)


def _plain(value):
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if name not in RANDOM}
    return [_plain(one) for one in value] if isinstance(value, list) else value


@contextmanager
def consoles(happened, user, purpose):
    """Consoles on the world as it is, and on the one without what the reader may not see."""
    with TemporaryDirectory() as place, ExitStack() as stack:
        homes = Path(place, "whole"), Path(place, "less")
        now, first = after(happened), lasting(cleared(policy_of(user), user, purpose))
        whole = build(homes[0], happened, policy_of(user), lambda _: True, first=first)
        less = build(homes[1], happened, policy_of(user), sees(whole, user, purpose, now), first=first)
        at = stack.enter_context(still())
        at(now)
        yield [Told(floor, user, purpose, stack) for floor in (whole, less)]


def differences(happened, user, purpose, only=""):
    """Yield each answer that tells the two worlds apart, of endpoints whose names start with `only`."""
    with consoles(happened, user, purpose) as both:
        known = _known(both, user, purpose)
        for endpoint in looking():
            if endpoint.name in OF_THE_FLOOR or endpoint.administrator or not endpoint.name.startswith(only):
                continue
            for path, fields in _asked(endpoint, known):
                one, other = (told(endpoint, path, fields) for told in both)
                if one != other:
                    yield f"{endpoint.name} {path} {fields}\n--- whole\n{one}\n--- less\n{other}"


def _known(both, user, purpose):
    """Ids of what the reader may see, of what he may not, and of what is nowhere."""
    return {
        "lead_id": _leads(both, user),
        "lead": _leads(both, user),
        "record_id": _records(both[0].floor, user, purpose),
        "key": SUBJECTS,
        "task": _tasks(both[0].floor, user, purpose),
        "referral": _tasks(both[0].floor, user, purpose, "inspection", "referral"),
        "source": ("parcels", "reports", "nowhere"),
        "number": ("1", "2"),
        "position": ("1", "9"),
        "moment": ("2026-11-20T06:20Z",),
        "claim": ("fentanyl-north", "nowhere"),
        "figure": ("weight-fy2024", "nowhere"),
        "plot": ("share", "nowhere"),
        "line": ("14a", "21", "23", "nowhere"),
    }


def _asked(endpoint, known):
    """Paths and fields, about each of the ids."""
    for fields in ASKED.get(endpoint.name, [{}]):
        names = [name for name in known if _in(name, endpoint.path) or f"{{{name}}}" in str(fields)]
        choices = [known[name] for name in names]
        for values in zip(*choices, strict=False) if choices else [()]:
            mine = dict(zip(names, values, strict=True))
            path = {name: value for name, value in mine.items() if _in(name, endpoint.path)}
            yield path, {name: [one.format(**mine) for one in texts] for name, texts in fields.items()}


def _in(name, path):
    """Whether a path has a parameter of that name, with or without a converter."""
    return f"{{{name}}}" in path or f"{{{name}:" in path


def _leads(both, user):
    ids = []
    for told in both:
        reader = told.floor.reader("keeper" if told is both[0] else user, told.session.purpose)
        picture = told.services.pictures.at(
            reader, told.floor.position, Asker(told.services, told.session).at
        )
        ids.append(set(picture.ids()))
    return (*islice(sorted(ids[0] - ids[1]), 1), *islice(sorted(ids[1]), 2), "0123456789ab")


def _records(floor, user, purpose):
    may = sees(floor, user, purpose)
    rows = [row for kind in KINDS for row in floor.whole(kind, ["record_id", "marking"]).to_pylist()]
    seen = [
        sorted(row["record_id"].hex() for row in rows if may(row["marking"]) is yes) for yes in (True, False)
    ]
    return (*seen[0][:2], *seen[1][:2], "00" * 16)


def _tasks(floor, user, purpose, kind="task", column="task"):
    may = sees(floor, user, purpose)
    rows = floor.whole(kind, [column, "marking"]).to_pylist()
    seen = [sorted({row[column] for row in rows if may(row["marking"]) is yes}) for yes in (True, False)]
    return (*seen[0][:1], *seen[1][:1], "0123456789ab")


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("user", "purpose"), [("clerk", "border"), pytest.param("public", "fraud", marks=pytest.mark.thorough)]
)
def test_of_everything_that_happens_a_reader_is_told_his_part(user, purpose):
    happened = [one for one in EVERY if one.what != "until"]  # a day that passes makes desks run anew
    found = list(differences(happened, user, purpose))
    assert not found, "\n\n".join(found)


ROWS = ("record", "feeds", "search", "audit")
"""Endpoints that tell of single records, pieces and deliveries."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("what", "number"),
    [
        ("rows", 0),
        ("until", 0),
        pytest.param("until", 1, marks=pytest.mark.thorough),
        ("apart", 0),
        pytest.param("twice", 0, marks=pytest.mark.thorough),
    ],
)
def test_of_one_delivery_a_reader_is_told_his_part(what, number):
    found = list(differences([Step(what, "U//TLP:GREEN", 0, number)], "public", "border", ROWS))
    assert not found, "\n\n".join(found)


@pytest.mark.timeout(600)
@pytest.mark.thorough
@pytest.mark.parametrize("what", SAMPLES)
def test_of_a_delivery_of_each_format_a_reader_is_told_his_part(what):
    happened = [Step(what, "U//TLP:CLEAR", 0, 0), Step(what, "PA//TLP:AMBER//COMP:ALPHA", 0, 0)]
    found = list(differences(happened, "public", "border", ROWS))
    assert not found, "\n\n".join(found)


@pytest.mark.timeout(7200)
@settings(
    max_examples=draws(500, quick=1), deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(
    steps([*[*MIXED, "party", "list", "bad"] * 9, *SAMPLES], 4), st.sampled_from(["public", "clerk", "alpha"])
)
def test_what_came_beside_it_in_one_delivery_has_no_part_in_what_is_told(happened, user):
    found = list(differences(happened, user, "border", ROWS))
    assert not found, "\n\n".join(found)


MAPS = ("geojson", "gpkg", "kml", "gpx", "geoparquet", "stac", "sapient", "metar")
PLACED = (*(f"format {name}" for name in MAPS), "report", "seizure")
"""Deliveries and acts with a place."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("user", "placed"),
    [
        ("public", ("format geojson", "format stac", "seizure")),
        *(pytest.param(user, PLACED, marks=pytest.mark.thorough) for user in ("public", "alpha")),
    ],
)
def test_a_map_tells_a_reader_of_features_that_they_may_see(user, placed):
    """Counts, extents, page tokens, links and refusals of OGC API Features, for officers."""
    markings = "U//TLP:CLEAR", "PA//TLP:AMBER//COMP:ALPHA"
    happened = [Step(what, one, 0, number) for what in placed for number, one in enumerate(markings)]
    with consoles(happened, user, "border") as both:
        known = [list(_maps(told)) for told in both]
        ids = [{id_ for *_, found in one for id_ in found} for one in known]
        assert ids[0]
        hidden = {
            row.hex() for row in both[0].floor.whole("map-feature", ["record_id"])["record_id"].to_pylist()
        }
        assert hidden - ids[0]
        answers = [
            [*((path, body) for path, body, _ in one), *_each(told, sorted(hidden))]
            for told, one in zip(both, known, strict=True)
        ]
        differing = [pair for pair in zip(*answers, strict=True) if pair[0] != pair[1]]
        assert not differing


ITEMS: Final = (
    {"limit": "2"},
    {"bbox": "-74.5,44.9,-73.4,45.3", "limit": "1"},
    {"datetime": "2026-11-24T00:00:00Z/..", "limit": "3"},
    {"crs": GEODETIC, "bbox": "44,-75,46,-73", "bbox-crs": GEODETIC},
    {"bbox": "nothing"},
)
TILES: Final = tuple(f"/tiles/WebMercatorQuad/{place}" for place in ("0/0/0", "6/22/18", "6/22/19"))


def _maps(told):
    """Everything that a map asks, its answers, and the ids in them."""
    for path in ("", "conformance", "api", "collections"):
        yield path, *_mapped(told, path, {})
    for name in told.ogc.view.names():
        for path in ("", "/queryables", "/tiles/WebMercatorQuad", *TILES):
            yield path, *_mapped(told, f"collections/{name}{path}", {})
        for fields in ITEMS:
            more = dict(fields)
            while more is not None:
                body, ids = _mapped(told, f"collections/{name}/items", more)
                yield f"{name} {more}", body, ids
                links = json.loads(body).get("links", ())
                follow = next((one["href"] for one in links if one["rel"] == "next"), "")
                more = {**fields, "next": follow.partition("next=")[2]} if follow else None


def _each(told, ids):
    return [_mapped(told, f"collections/map-features/items/{one}", {})[0] for one in ids]


def _mapped(told, path, fields):
    request = MapRequest(
        tuple(filter(None, path.split("/"))), "", {k: [v] for k, v in fields.items()}, "http://x"
    )
    try:
        body = told.ogc.app._answer(request, told.ogc.view).body
    except Wrong as error:
        return json.dumps({"refused": [error.status, str(error.reason)]}), ()
    if "/tiles/WebMercatorQuad/" in path:
        return body.hex(), ()
    return body.decode(), [one["id"] for one in json.loads(body).get("features", ())]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("user", ["auditor", pytest.param("lawyer", marks=pytest.mark.thorough)])
def test_who_reads_the_acts_of_others_reads_none_about_what_is_hidden(user):
    """In the history and in the proof of each act; an act about a delivery is hidden with a part of it."""
    with consoles(EVERY, user, "border") as both:
        whole, less = (_acts(told) for told in both)
        assert whole - less == set()
        assert {act for act in whole if '"ingest"' in act}


def _acts(told):
    """What others did, as the pages of the audit tell it, without where it stands in the log."""
    made = {one.name: one for one in looking() if one.name in ("audit", "audit.act")}
    page, _ = told(made["audit"], {}, {"size": ["500"]})
    rows = [one for one in page["acts"] if one["detail"] and one["by"] != told.session.account]
    proved = (
        told(made["audit.act"], {"position": str(position)}, {})[0]
        for position in range(1, told.floor.position + 1)
    )
    rows += [one["act"] for one in proved if one["content"] and one["act"]["by"] != told.session.account]
    acts = (
        {
            "act": one["act"],
            "actor": one["by"],
            "purpose": one["purpose"],
            "detail": json.loads(one["detail"]),
        }
        for one in rows
    )
    return {without_place(one) for one in acts}


def test_a_policy_that_forgets_a_limit_is_caught(monkeypatch):
    true = policy.allowed

    def forgetful(reader, marking):
        return true(reader, replace(marking, compartments=frozenset()))

    for module in (policy, views):
        monkeypatch.setattr(module, "allowed", forgetful)
    assert any(differences(HIDDEN, "clerk", "border"))


def test_what_was_told_stays_when_what_is_hidden_comes_later(tmp_path):
    """One console that goes on running: what it remembers of before is not made anew by what is hidden."""
    home = tmp_path / "home"
    floor, later = named.made(home), home / "parcels-9.csv"
    keeper, at = Actor("keeper", "border", "an Act, s. 1"), datetime.now(UTC) + timedelta(hours=1)
    with ExitStack() as stack:
        roy = Told(floor, "roy", "border", stack)
        roy.at = at
        asks = list(_all_asked(roy))
        before = [roy(*one)[0] for one in asks]
        with floor.writer(keeper) as writer:
            post = Post(floor, floor.reader("keeper", "border"), writer)
            repository.note(post, "not for everybody", About(None, "PB//TLP:RED"))
        later.write_text(named.HEAD + named.party("x", 0, named.HARM, "16135550112") + "no row\n", "utf-8")
        with named.in_(home, "keeper"):
            named.run("ingest", later.name, "--marking", named.HIDDEN)
            named.run("run")
        with floor.writer(keeper) as writer:
            parties = floor.read("party", floor.reader("keeper", "border")).to_pylist()
            hidden = [row["record_id"] for row in parties if row["marking"] != named.OPEN]
            writer.erase(hidden[:1], "asked", category="consent")
        moved = [
            f"{endpoint.name} {path} {fields}\n--- before\n{told}\n--- after\n{now}"
            for (endpoint, path, fields), told in zip(asks, before, strict=True)
            if (now := roy(endpoint, path, fields)[0]) != told
        ]
        assert not moved, "\n\n".join(moved)


def _all_asked(roy):
    """Everything that a console can be asked, but for the log of one's own looks, which grows by looking."""
    known = _known([roy, roy], "roy", "border")
    for endpoint in looking():
        if endpoint.name in OF_THE_FLOOR or endpoint.administrator or endpoint.name.startswith("audit"):
            continue
        for path, fields in _asked(endpoint, known):
            yield endpoint, path, fields
