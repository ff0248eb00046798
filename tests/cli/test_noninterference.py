"""What a reader is told is, byte for byte, what he would be told in a world without what he may not see."""

import json
import re
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cli.commanded import COMMANDS
from tests.cli.worlds import (
    KINDS,
    MARKINGS,
    MIXED,
    SAMPLES,
    WORDED,
    Step,
    after,
    asked,
    build,
    cleared,
    sees,
)
from tests.thorough import THOROUGH, draws

from watchfloor.core.kinds import KINDS as RECORDS
from watchfloor.exchange.files import FORMATS
from watchfloor.exchange.log import access
from watchfloor.exchange.log.access import OF_THE_FLOOR
from watchfloor.policy import policy
from watchfloor.store import Floor, views
from watchfloor.store.segments import runs

READERS = {
    "public": 'protected = ""\ntlp = "GREEN"',
    "clerk": 'protected = "PA"\ntlp = "AMBER"',
    "analyst": 'protected = "PB"',
    "liaison": 'protected = "PB"\ncountry = "USA"',
    "alpha": 'protected = "PA"\ncompartments = ["ALPHA"]',
    "banker": 'protected = "PA"\norganisation = "bank"',
    "guard": 'protected = "PC"\nclassified = "S"\nrole = "reviewer"',
    "auditor": 'protected = "PA"\ntlp = "GREEN"\nrole = "reviewer"',
    "lawyer": 'protected = "PA"\nrole = "counsel"',
}

RENDERED = ("kml", "gpkg", "geoparquet", "gpx", "pmtiles")
"""Formats that render what `share geojson` does: compared in a thorough run."""

ASKED = (
    ["leads"],
    ["leads", "--json"],
    ["leads", "--lang", "fr", "--top", "1"],
    ["leads", "link", "--json"],
    ["cases", "task", "list", "--all", "--json"],
    ["cases", "product", "list", "--json"],
    ["cases", "watch", "log", "--all", "--json"],
    ["cases", "watch", "log", "--all"],
    ["cases", "watch", "due", "--json"],
    ["cases", "watch", "public", "--json"],
    ["cases", "deadlines", "--days", "99999", "--json"],
    ["cases", "watch", "on-call", "--json"],
    ["cases", "watch", "roster"],
    ["cases", "watch", "sitrep", "--since", "2026-11-20", "--json"],
    ["cases", "watch", "sitrep", "--since", "2026-11-20"],
    ["leads", "outcome", "--json"],
    ["notices", "list", "--json"],
    ["notices", "followed"],
    ["leads", "mentions", "--all", "--json"],
    ["surveillance", "cue", "--json"],
    ["coverage", "--from", "2026-11-20T05:00Z", "--hours", "2", "--km", "2000-2100", "--json"],
    ["coverage", "compare", "--from", "2026-11-20T05:00Z", "--hours", "2", "--json"],
    ["coverage", "score", "--from", "2026-11-20T05:00Z", "--hours", "2", "--json"],
    ["roster", "list", "--json"],
    ["roster", "show", "pool 0", "--json"],
    ["roster", "show"],
    ["roster", "what-if", "pool 1", "--put", "ann=2026-11-20=off"],
    ["roster", "calendar", "ann", "--json"],
    ["roster", "answers", "pool 0"],
    ["roster", "call-in", "pool 0", "--sick", "ann=2026-11-20"],
    ["travel", "removals", "list", "--ended", "--on", "2026-11-20", "--json"],
    ["travel", "removals", "list", "--wrong", "--on", "2026-11-20"],
    ["travel", "removals", "show", "order:test:1", "--on", "2026-11-20", "--json"],
    ["travel", "removals", "report", "--month", "2026-11", "--json"],
    ["travel", "removals", "table", "--on", "2026-11-20", "--json"],
    ["travel", "removals", "inventory", "--on", "2026-11-20", "--json"],
    ["coverage", "sections", "--from", "2026-11-20T05:00Z", "--hours", "2", "--json"],
    [
        *("passes", "--elements", "three.tle", "--gaps", "--from", "2026-11-20", "--days", "1"),
        *("--floor", "floor", "--json"),
    ],
    ["plan", "patrols", "--from", "2099-01-05", "--days", "1", "--seed", "7", "--json"],
    [
        "plan",
        "search",
        "--at",
        "45.01,-73.35,800",
        "--since",
        "2099-01-04",
        "--begins",
        "2099-01-05",
        "--json",
    ],
    ["plan", "adopted", "--json"],
    ["plan", "orders", "--json"],
    ["plan", "satellites", "--elements", "three.tle", "--from", "2026-05-31", "--days", "1", "--json"],
    ["plan", "joint", "together.toml", "--json"],
    ["cargo", "target", "--budget", "3", "--json"],
    ["cargo", "rates", "--json"],
    ["cargo", "fairness", "--json"],
    ["cargo", "blind", "--json"],
    ["cargo", "blind", "--by", "month"],
    ["lab", "devices", "--json"],
    ["lab", "devices", "4411"],
    ["search", "landing", "--json"],
    ["search", "night"],
    ["search", "--about", "person:parcels:1", "--json"],
    ["search", "--about", "phone:phone:16135550113"],
    ["feeds", "quarantine", "list", "--all", "--json"],
    ["feeds", "quarantine", "list"],
    ["feeds", "quarantine", "show", "1", "--json"],
    ["feeds", "quarantine", "show", "2"],
    ["leads", "fits", "--json"],
    ["leads", "refit", "--json"],
    ["leads", "calibration", "--json"],
    ["leads", "audit", "list", "--json"],
    ["floor", "replay", "--json"],
    ["floor", "retention", "--json"],
    ["cases", "custody", "list", "--all", "--json"],
    ["cases", "custody", "list"],
    ["cases", "custody", "clocks", "--all", "--on", "2027-02-01", "--json"],
    ["cases", "custody", "verify", "--json"],
    ["cases", "custody", "key", "list", "--json"],
    ["cases", "seizure", "list", "--json"],
    ["cases", "seizure", "totals", "--by", "drug,direction", "--json"],
    ["cases", "seizure", "totals"],
    ["cases", "referral", "list", "--json"],
    ["cases", "referral", "list"],
    ["cases", "referral", "audit", "--json"],
    ["cases", "referral", "audit"],
    ["cases", "referral", "hits", "--all", "--json"],
    ["cases", "referral", "draft", "parcel:post:1", "--json"],
    ["scorecard", "register", "list", "--json"],
    ["scorecard", "register", "show", "14b", "--json"],
    ["scorecard", "register", "form", "14b"],
    ["claims", "check", "crossings-share", "19a", "--on", "2026-11-24", "--json"],
    ["claims", "rows", "crossings-share", "encounters-fy2024", "--json"],
    ["scorecard", "statistics", "list", "--json"],
    ["scorecard", "statistics", "revisions", "cbp-encounters", "--json"],
    ["lists", "concern", "list", "--all", "--json"],
    ["lists", "concern", "list", "--on", "2026-11-25"],
    ["floor", "hold", "list", "--all", "--json"],
    ["share", "deconflict", "hits", "--json"],
    ["share", "deconflict", "hits", "--all"],
    ["share", "deconflict", "near", "--json"],
    ["share", "deconflict", "notices", "--json"],
    ["share", "bundle", "list", "--json"],
    ["share", "bundle", "list"],
    *(["share", form, "-o", "-"] for form in FORMATS if THOROUGH or form not in RENDERED),
    ["share", "letter", "list", "--json"],
    ["share", "tak", "tcp://127.0.0.1:1", "--for", "keeper", "--check", "--json"],
    ["floor", "log", "checkpoint"],
    ["floor", "log", "consistency", "1"],
    ["floor", "log", "cosigned", "policy.toml"],
    ["floor", "log", "duties", "--json"],
    ["floor", "log", "export", "exported"],
    ["floor", "log", "inclusion", "1"],
    ["floor", "log", "witness", "policy.toml"],
    ["floor", "log", "show"],
    ["floor", "log", "show", "--json"],
    ["floor", "log", "show", "--about", "person:parcels:1", "--json"],
)
"""What a reader types who knows of nothing in particular."""

OF_LEAD = (
    ["lead", "{}"],
    ["lead", "{}", "--json"],
    ["lead", "{}", "--as-of", "2026-11-20T06:05Z"],
    ["leads", "outcome", "{}", "--json"],
    ["leads", "decide", "{}", "different", "--why", "seen", "--entity", "none"],
    ["leads", "merge", "{}", "{}", "--why", "seen"],
)
OF_RECORD = (
    ["record", "{}"],
    ["record", "{}", "--json"],
    ["record", "{}", "--original"],
    ["leads", "fits", "{}"],
    ["leads", "mentions", "{}"],
    ["floor", "log", "proof", "{}"],
)
OF_ACT = {
    "task": ["cases", "task", "show", "{}"],
    "product": ["cases", "product", "show", "{}"],
    "referral": ["cases", "referral", "show", "{}"],
}
OF_EXHIBIT = (
    ["cases", "custody", "show", "{}", "--json"],
    ["cases", "custody", "balance", "{}"],
    ["cases", "custody", "report", "{}"],
    ["cases", "custody", "alert", "{}", "--json"],
)
"""What a reader types who has an id from somewhere: it may be hidden, or nowhere."""

APART = (["scorecard", "--on", "2026-11-24", "--json"], ["scorecard", "--edition", "public", "--json"])
"""What takes long, and is compared in worlds of its own."""

OTHERS = {
    "renders what `share geojson` does; compared in a thorough run": {f"share {form}" for form in RENDERED},
    "of no floor, or of its policy alone": {
        *(
            "cargo drift",
            "cargo fit",
            "cargo install",
            "cargo score",
            "cargo year",
            "claims list",
            "admin exercise make",
            "lists fetch",
            "listed",
            "sight",
            "travel link",
            "travel mrz",
            "change monitor",
            "change pair",
            "plan compare",
            "plan detectors",
            "roster check",
            "roster explain",
            "roster fairness",
            "roster make",
            "roster repair",
            "roster solve",
            "roster template",
            "plan game",
            "plan tours",
            "plan towers",
            "feeds map",
            "floor marking init",
            "floor marking list",
            "screen",
            "cases task units",
            "views",
        ),
        *(
            "scorecard aia",
            "floor certificate check",
            "cases crown check",
            "share letter check",
            "weigh",
            "demo",
            "init",
            "floor restore",
        ),
        "floor backup-key",
        "travel rings",
        *("floor marking check", "track", "finance", "controlled", "lab reading", "identify", "lab library"),
        *(
            "cases custody key make",
            "cases custody key sign",
            "cases custody proven",
            "cargo waybill check",
            "cargo waybill rules",
        ),
        *("scorecard register key", "scorecard register sign"),
    },
    "of who keeps the floor, its log and its dealings with other nodes": {
        *(
            "admin account",
            "floor backup",
            "share bundle",
            "floor certificate issue",
            "floor compact",
            "cases crown pack",
            "admin exercise",
            "floor expire",
        ),
        *(
            "gateway",
            "partner",
            "law",
            "floor index",
            "share letter show",
            "floor migrate",
            "share node",
            "floor schedule list",
            "floor schedule run",
            "floor standby",
            "floor upgrade",
            "floor verify",
        ),
        *(
            "admin doctor",
            "floor clearance",
            "floor marking set",
            "floor marking approve",
            "floor marking proposed",
            "floor marking restore",
            "floor marking confirm",
            "admin warm",
        ),
        "share partnership",
        *("lists concern export", "lists concern receive"),
        "finance fintrac",
        *("feeds", "feeds live", "run", "serve"),
        "cases custody continuity",
        "scorecard register keys",
    },
    "writes": {
        *(
            "leads apart",
            "leads audit draw",
            "leads compare",
            "leads confirm",
            "leads follow",
            "leads unfollow",
            "notices read",
            "share deconflict answer",
            "floor erase",
            "floor hold lift",
        ),
        *(
            "floor hold place",
            "ingest",
            "share letter approve",
            "share letter draft",
            "floor marking downgrade",
            "floor marking upgrade",
        ),
        *(
            "cases product amend",
            "cases product disseminate",
            "cases watch announce",
            "cases product draft",
            "cases product recall",
            "feeds quarantine retry",
            "feeds taxii",
        ),
        *(
            "cases task accept",
            "cases task amend",
            "cases task done",
            "cases task hit",
            "cases task issue",
            "cases task refuse",
            "leads unmerge",
        ),
        *(
            "cases custody certificate",
            "cases custody consume",
            "cases custody court",
            "cases custody dispose",
            "cases custody hazard",
        ),
        *(
            "cases custody key register",
            "cases custody key remove",
            "cases custody label",
            "cases custody note",
            "cases custody receive",
            "cases custody redate",
        ),
        *(
            "cases custody reported",
            "cases custody seal",
            "cases custody seize",
            "cases custody split",
            "cases custody submit",
        ),
        *("cases custody transfer", "cases custody weigh", "cases custody withdraw", "cases seizure add"),
        *("cases referral amend", "cases referral examined", "cases referral expire", "cases referral hit"),
        *("cases referral not-examined", "cases referral refer", "cases referral withdraw"),
        *(
            "scorecard register approve",
            "scorecard register attest",
            "scorecard register call",
            "scorecard register correct",
            "scorecard register distrust",
        ),
        *(
            "scorecard register embargo",
            "scorecard register receive",
            "scorecard register trust",
            "scorecard register withdraw",
        ),
        *(
            "cases watch ack",
            "cases watch alert",
            "cases watch escalate",
            "cases watch handover",
            "cases watch note",
            "cases watch sign",
            "cases watch task",
        ),
        *("coverage impact", "coverage request", "coverage restore", "plan adopt", "plan withdraw"),
        *("plan order", "plan cancel"),
        *("coverage flown", "plan issue", "change scan"),
        *("roster answer", "roster change", "roster publish"),
    },
}
"""Commands, or groups of them, that this test does not compare, by the reason."""


def test_every_command_is_compared_or_says_why_not():
    compared = [
        " ".join(words) for words in (*ASKED, *APART, *OF_LEAD, *OF_RECORD, *OF_ACT.values(), *OF_EXHIBIT)
    ]
    reasons = set().union(*OTHERS.values())
    known = {" ".join(words) for words in COMMANDS}
    assert not {name for name in known - _named(known, compared) if not _named({name}, reasons)}
    assert not {name for name in reasons if not {one for one in known if _starts(one, name)}}


def _named(commands, by):
    """Those of the commands that one of some lines calls, or a group of them names."""
    return {one for one in commands if any(_starts(line, one) or _starts(one, line) for line in by)}


def _starts(line, with_):
    return f"{line} ".startswith(f"{with_} ")


def policy_of(user):
    return f"{WORDED}[readers.{user}]\n{READERS[user]}\n"


def differences(happened, user, purpose, late=False, only="", lines=None, records=False):
    """Commands that tell the reader something else in the world as it is and without what is hidden.

    So does a log that grows by another number of acts. Only commands whose word starts with `only` are asked,
    or only `lines`, with `records` also about every record.
    """
    with TemporaryDirectory() as place:
        homes = Path(place, "whole"), Path(place, "less")
        now, first = after(happened), lasting(cleared(policy_of(user), user, purpose))
        how = {"late": late, "first": first}
        whole = build(homes[0], happened, policy_of(user), lambda _: True, **how)
        build(homes[1], happened, policy_of(user), sees(whole, user, purpose, now), **how)
        told = (
            (words, [_told(home, user, purpose, words, now) for home in homes])
            for words in _lines(homes, user, now, lines, records)
            if words[0].startswith(only) and (words[:2] != ["floor", "log"] or not _keeps(user))
        )
        found = [(" ".join(words), *both) for words, both in told if both[0] != both[1]]
        return [*found, *_read_beyond(homes, user, purpose, now)]


def lasting(may):
    """What a person may see and what may be kept comes first."""
    return lambda marking: may(marking) and "UNTIL:2026-11-20" not in marking


def _read_beyond(homes, user, purpose, now):
    """Acts of others that a person reads in the world as it is, and not without what is hidden.

    An act about a delivery is about all of it, and is hidden with a part of it; so there may be fewer.
    """
    whole, less = (_acts_of_others(home, user, purpose, now) for home in homes)
    for name, acts in whole.items():
        for act in sorted(acts - less[name]):
            yield f"log {name}", act, "nothing"


def _acts_of_others(home, user, purpose, now):
    """What others did, as `log show` and `log export` tell it, without where it stands in the log."""
    asked(home, user, purpose, ["floor", "log", "export", "beyond"], now)
    lines = (home / "beyond" / "log.jsonl").read_text("utf-8") if (home / "beyond").exists() else ""
    exported = [json.loads(one["body"]) for one in map(json.loads, lines.splitlines()) if "body" in one]
    shown, _ = asked(home, user, purpose, ["floor", "log", "show", "--top", "100000", "--json"], now)
    rows = [one for one in map(json.loads, shown.splitlines()) if one.get("detail") is not None]
    told = {"show": [one | {"actor": one["by"]} for one in rows], "export": exported}
    return {name: {without_place(one) for one in acts if one["actor"] != user} for name, acts in told.items()}


def without_place(act):
    """What an act says, without what counts or numbers things of the whole floor."""
    left = {name: one for name, one in act["detail"].items() if name not in OF_THE_FLOOR.get(act["act"], ())}
    return json.dumps([act["act"], act["actor"], act["purpose"], left], sort_keys=True)


def _told(home, user, purpose, words, now):
    """What a command tells, and by how many acts the log grew."""
    before = Floor.open(home / "floor").position
    said = asked(home, user, purpose, words, now)
    if "hold" in words:  # a hold is named by its position, by which it is lifted
        said = re.sub(r'"hold": \d+', '"hold": 0', said[0]), said[1]
    return said, Floor.open(home / "floor").position - before


def _keeps(user):
    """Whether the log's positions are for this user, so that what `log` tells is not of his view."""
    return any(f'role = "{role}"' in READERS[user] for role in access.KEEPERS)


def _lines(homes, user, now, lines, records):
    yield from lines or typed(homes, user, now)
    for id_ in _records(homes[0], user) if records else ():
        yield from (_with(words, id_) for words in OF_RECORD)


def typed(homes, user, now):
    """Every command, also about ids that only the keeper may see."""
    yield from ASKED
    leads = [
        _ids(homes[0], "keeper", ["leads"], "lead_id", now),
        _ids(homes[1], user, ["leads"], "lead_id", now),
    ]
    hidden, shown = leads[0] - leads[1], leads[1]
    for lead in (*islice(sorted(hidden), 1), *islice(sorted(shown), 1)):
        yield from (_with(words, lead) for words in OF_LEAD)
    for what, words in OF_ACT.items():
        asking = ["cases", what, "list", *(["--all"] if what == "task" else [])]
        for id_ in islice(sorted(_ids(homes[0], "keeper", asking, what, now)), 2):
            yield _with(words, id_)
            yield [*_with(words, id_), "--json"]
    for id_ in islice(
        sorted(_ids(homes[0], "keeper", ["cases", "custody", "list", "--all"], "exhibit", now)), 2
    ):
        yield from (_with(words, id_) for words in OF_EXHIBIT)
    for id_ in islice(_records(homes[0], user), draws(8, quick=2)):
        yield from (_with(words, id_) for words in OF_RECORD)


def _with(words, id_):
    return [word.format(id_) for word in words]


def _ids(home, user, words, column, now):
    told, code = asked(home, user, "border", [*words, "--json"], now)
    assert code == 0, told
    return {one[column] for one in map(json.loads, told.splitlines()) if column in one}


def _records(home, user):
    """Ids of records, in turns one that the user may not see and one that he may."""
    floor = Floor.open(home / "floor")
    may = sees(floor, user, "border")
    rows = [row for kind in RECORDS for row in floor.whole(kind, ["record_id", "marking"]).to_pylist()]
    halves = [
        sorted(row["record_id"].hex() for row in rows if may(row["marking"]) is seen)
        for seen in (False, True)
    ]
    return [id_ for pair in zip(*halves, strict=False) for id_ in pair]


def told(found):
    return "\n".join(f"{words}\n--- whole\n{a}\n--- less\n{b}" for words, a, b in found)


EVERY = [
    Step(what, marking, n, n + 1)
    for n, (what, marking) in enumerate(
        (kind, marking) for kind in KINDS for marking in ("U//TLP:CLEAR", "PA//TLP:AMBER//COMP:ALPHA")
    )
]


def steps(kinds, most):
    number, marking = st.integers(0, 5), st.sampled_from(MARKINGS)
    one = st.builds(Step, st.sampled_from(kinds), marking, number, number, marking)
    return st.lists(one, min_size=min(3, most), max_size=most)


STEPS = steps(KINDS, 8)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("happened", "user", "purpose", "late"),
    [
        pytest.param(EVERY, "clerk", "border", False, marks=pytest.mark.thorough),
        (EVERY[::-1], "public", "fraud", True),
    ],
    ids=["clerk", "public"],
)
def test_of_everything_that_happens_a_reader_is_told_his_part(happened, user, purpose, late):
    found = differences(happened, user, purpose, late)
    assert not found, told(found)


@pytest.mark.thorough
@pytest.mark.timeout(1200)
@settings(
    max_examples=draws(20),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(STEPS, st.sampled_from(sorted(READERS)), st.sampled_from(["border", "fraud"]), st.booleans())
def test_what_is_hidden_has_no_part_in_what_is_told(happened, user, purpose, late):
    found = differences(happened, user, purpose, late)
    assert not found, told(found)


BESIDE = (
    *(
        ["leads", "--json"],
        ["search", "landing", "--json"],
        ["search", "--about", "person:parcels:1", "--json"],
    ),
    *(
        ["feeds", "quarantine", "list", "--all", "--json"],
        ["feeds", "quarantine", "show", "1", "--json"],
        ["floor", "retention", "--json"],
    ),
)
"""What tells of single records and pieces, beside `OF_RECORD` of every record."""


@pytest.mark.parametrize(
    ("what", "number"), [("rows", 0), ("until", 0), ("until", 1), ("apart", 0), ("twice", 0)]
)
@pytest.mark.parametrize("user", ["public", pytest.param("auditor", marks=pytest.mark.thorough)])
def test_of_one_delivery_a_reader_is_told_his_part(what, number, user):
    found = differences([Step(what, "U//TLP:GREEN", 0, number)], user, "border", lines=BESIDE, records=True)
    assert not found, told(found)


@pytest.mark.thorough
@pytest.mark.parametrize("what", SAMPLES)
def test_of_a_delivery_of_each_format_a_reader_is_told_his_part(what):
    """What everybody may see came under a hidden marking too, and in part under a hidden one alone."""
    happened = [Step(what, "U//TLP:CLEAR", 0, 0), Step(what, "PA//TLP:AMBER//COMP:ALPHA", 0, 0)]
    found = differences(happened, "public", "border", lines=BESIDE, records=True)
    assert not found, told(found)


@pytest.mark.timeout(7200)
@settings(
    max_examples=draws(500, quick=1),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(
    steps([*[*MIXED, "party", "list", "bad", "bundle", "hit"] * 9, *SAMPLES], 4),
    st.sampled_from(sorted(READERS)),
)
def test_what_came_beside_it_in_one_delivery_has_no_part_in_what_is_told(happened, user):
    found = differences(happened, user, "border", lines=BESIDE, records=True)
    assert not found, told(found)


PUBLISHED = [
    Step(what, marking, n, n + 1)
    for n, (what, marking) in enumerate(
        (kind, marking)
        for kind in ("statistic", "agreement", "outcome", "seizure", "list", "party")
        for marking in ("U//TLP:CLEAR", "PA//TLP:AMBER//COMP:ALPHA")
    )
]


@pytest.mark.timeout(1200)
@pytest.mark.thorough
def test_the_scorecard_of_a_reader_has_no_part_of_what_is_hidden():
    found = differences(PUBLISHED, "clerk", "border", lines=APART)
    assert not found, told(found)


HIDDEN = [
    Step("list", "U//TLP:CLEAR", 0, 1),
    Step("party", "U//TLP:CLEAR", 0, 2),
    Step("party", "U//TLP:GREEN//COMP:BRAVO", 1, 1),
    Step("report", "U//TLP:GREEN//COMP:BRAVO", 0, 1),
    Step("judgement", "U//TLP:GREEN//COMP:BRAVO", 3, 0),
]


def test_a_policy_that_forgets_a_limit_is_caught(monkeypatch):
    true = policy.allowed

    def forgetful(reader, marking):
        return true(reader, replace(marking, compartments=frozenset()))

    for module in (policy, views):
        monkeypatch.setattr(module, "allowed", forgetful)
    assert any(
        words.startswith("leads") for words, *_ in differences(HIDDEN, "clerk", "border", only="leads")
    )


LEADS = (["leads", "--json"],)


def test_a_whole_run_behind_a_mask_is_caught(monkeypatch):
    """The mask alone is not enough: what rests on hidden rows took open signals away."""
    happened = [Step("list", "U//TLP:CLEAR", 0, 1), Step("party", "U//TLP:CLEAR", 0, 1)]
    happened += [replace(one, marking="PB//TLP:RED") for one in happened]
    happened += [Step("report", "U//TLP:CLEAR", 0, 0), Step("report", "PB//TLP:RED", 0, 0)]
    assert not differences(happened, "clerk", "border", lines=LEADS)

    def masked(self, database, run, reader, upto):
        return runs.latest(database, run.desk, upto, views.WHOLE).kept

    monkeypatch.setattr(Floor, "_of_view", masked)
    assert "leads --json" in [words for words, *_ in differences(happened, "clerk", "border", lines=LEADS)]


ASKED_FOR = [
    Step("party", "U//TLP:CLEAR", 0, 0),
    Step("party", "PA//TLP:AMBER//COMP:ALPHA", 1, 1),
    Step("party", "U//TLP:GREEN//COMP:BRAVO", 1, 1),
]


def test_an_act_for_each_marking_that_is_hidden_is_caught(monkeypatch):
    """Two checkpoints around a query told whether anything is held of whom it named."""
    true = Floor.act

    def each(self, actor, act, detail):
        for one in detail["hits"] if act == "hit" else [{}]:
            true(self, actor, act, {**detail, **one})

    monkeypatch.setattr(Floor, "act", each)
    found = differences(ASKED_FOR, "public", "border", only="search")
    assert [words for words, *_ in found] == ["search --about person:parcels:1 --json"]


@pytest.mark.parametrize("user", sorted(READERS))
def test_the_views_of_readers_are_closed_under_the_join(user):
    """What is made of rows that a reader may see, he may see: its marking is their join."""
    from watchfloor.core.marking import join, parse
    from watchfloor.policy import terms

    reader = terms.read(policy_of(user), "policy.toml").reader(policy.Reader(user, purpose="fraud"))
    mine = sorted(views.visible(MARKINGS, reader))
    assert all(policy.allowed(reader, parse(join([one, other]))) for one in mine for other in mine)
