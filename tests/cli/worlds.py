"""Worlds for the test of non-interference: what happens on a floor, step by step, under markings.

A world is built of steps; the one without what a reader may not see is built of the steps that are left. Key,
salts and clock are fixed, so that nothing has to be left out when the two are compared.
"""

import io
import os
import sys
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pyarrow as pa
import pytest
from tests.cli.planners import DRONE, NIGHT
from tests.formats.samples import sample
from tests.formats.workbooks import xlsx
from tests.planning.satellites.made import THREE
from typer.testing import CliRunner

from watchfloor.actions import patrols
from watchfloor.casework import rosters
from watchfloor.casework import watch as watching
from watchfloor.casework.custody import record_builders as custody
from watchfloor.casework.referrals import life, record_builders
from watchfloor.casework.reports import products
from watchfloor.casework.rosters import Edition, Shift
from watchfloor.casework.tasking import deconfliction, tasks
from watchfloor.casework.tasking.legs import Order
from watchfloor.casework.tasking.units import load as units
from watchfloor.casework.watch import watch
from watchfloor.casework.watch.orders import load as orders
from watchfloor.cell.acts import Post, Refusal, common, write
from watchfloor.cell.identity.merges import judge_pair
from watchfloor.cell.judgements import Judgement
from watchfloor.cell.leads import lead_id_of
from watchfloor.cli import _expected, app
from watchfloor.core.concern import LIST
from watchfloor.core.kinds import (
    AGREEMENT,
    DISCLOSURE,
    EXHIBIT,
    INSPECTION,
    LISTING,
    OUTCOME,
    PRODUCT,
    REMOVAL_STEP,
    SEIZURE,
    STATISTIC,
    TASK,
    WATCH_ENTRY,
)
from watchfloor.core.marking import parse
from watchfloor.core.messages import reason
from watchfloor.core.streams import packed
from watchfloor.desks.disclosures.messages import ECHO
from watchfloor.exchange.bundles import bundle
from watchfloor.exchange.letter import letters
from watchfloor.feeds import intake as feeds_intake
from watchfloor.formats.registry import FORMATS
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store import Floor, clock
from watchfloor.store.erasure import holds
from watchfloor.store.log import Actor

RUNNER = CliRunner()
START = datetime(2026, 11, 20, 6, tzinfo=UTC)
KEEPER = Actor("keeper", "border", "an Act, s. 1")
MARKINGS = (
    *("U//TLP:CLEAR", "PA//TLP:GREEN", "PB//TLP:AMBER", "PB//TLP:RED", "PC//TLP:AMBER"),
    *("S//TLP:AMBER", "PA//TLP:AMBER//REL:USA", "PA//TLP:AMBER//COMP:ALPHA", "U//TLP:GREEN//COMP:BRAVO"),
    *("U//TLP:GREEN//ORCON:bank", "PA//TLP:GREEN//PURPOSE:fraud", "U//TLP:GREEN//CAVEAT:NO-COPY"),
)
NAMES = ("Tavish Okonedo-Marr", "Wren Halloway", "Ilse Varga Quist", "Basil Tormund Ek")
PHONES = ("16135550112", "16135550113", "16135550114")
WORDS = ("landing", "ferry", "van")
FEEDS = """
[feeds.parcels]
paths = ["parcels*.csv"]
format = "party-csv"
[feeds.parcels.screen]
necessity = "exercise"
authority = "exercise"
[feeds.reports]
paths = ["report*.txt"]
format = "report-form"
"""
STAYS = """
[feeds.stays]
paths = ["stays*"]
format = "party-csv"
retain_days = 1
[feeds.sheets]
paths = ["sheet*"]
mapping = "sheets.toml"
retain_days = 1
"""
SHEETS = """
kind = "party"
[fields]
report_key = "report_key"
role = "role"
subject = "subject"
name = "name"
schema = "schema"
observed_at = "observed_at"
"""
ASSETS = f"""
{DRONE}
[assets.tower]
kind = "camera"
unit = "rcmp-operations"
latitude = 45.02
longitude = -73.34
reach_m = 8000.0
half_width_m = 60.0
detects = 0.9
alarms = 0.02
error_m = 12.0
marking = "U//TLP:CLEAR"
"""
ON_CALL = """
[roster."watch officer"]
post = "console"
"""
WORDED = """
[compartments]
ALPHA = { en = "a", fr = "a" }
BRAVO = { en = "b", fr = "b" }
[caveats]
NO-COPY = { en = "do not copy", fr = "ne pas copier" }
[owners]
bank = { en = "bank", fr = "banque" }
cell = { en = "cell", fr = "cellule" }
[purposes]
border = { en = "border", fr = "frontière" }
fraud = { en = "fraud", fr = "fraude" }
[readers.keeper]
protected = "PC"
classified = "TS"
compartments = ["ALPHA", "BRAVO"]
role = "supervisor"
"""


@dataclass(frozen=True)
class Step:
    """One thing that happens: what, under which marking, and numbers that say which of several.

    What comes in one delivery under several markings (`TOGETHER`) has a part marked `beside` too.
    """

    what: str
    marking: str
    one: int
    other: int
    beside: str = "PB//TLP:RED"


class _Meta(type):
    def __instancecheck__(cls, value):
        return isinstance(value, datetime)


@contextmanager
def still():
    """A clock that stands where it is set, and randomness that is none; gives what sets the clock."""
    assert feeds_intake  # what is loaded later has the machine's clock
    now = [START]

    class Clock(datetime, metaclass=_Meta):
        def __new__(cls, *parts, **named):
            return datetime(*parts, **named)  # noqa: DTZ001 - what is written as JSON is no subclass

        @classmethod
        def now(cls, tz=None):
            return now[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "urandom", bytes)
        seeds = SimpleNamespace(token_hex=lambda count: "0" * 2 * count)  # `secrets` has a urandom of its own
        patch.setattr(patrols, "secrets", seeds)
        patch.setattr(clock, "time", SimpleNamespace(time_ns=lambda: int(now[0].timestamp() * 1e9)))
        for name, module in list(sys.modules.items()):
            if name.startswith("watchfloor.") and getattr(module, "datetime", None) is datetime:
                patch.setattr(module, "datetime", Clock)
        yield lambda step: now.__setitem__(0, START + timedelta(minutes=step))


def build(home: Path, steps, policy: str, keeps, *, late: bool = False, first=lambda _: True) -> Floor:
    """The world of the steps whose marking `keeps` lets be, each at its own minute.

    Its policy is there from the start, or `late`: after the desks ran, so that nobody's view was kept. In a
    delivery of several markings those that are `first` come first: what is told of where a row stands in it
    is then the same without the others.
    """
    home.mkdir()
    (home / "feeds.toml").write_text(FEEDS + STAYS, "utf-8")
    (home / "sheets.toml").write_text(SHEETS, "utf-8")
    (home / "policy.toml").write_text(policy, "utf-8")
    with still() as at, in_(home, "keeper"):
        run(
            "init",
            "--name",
            "cell",
            "--ceiling",
            "PC//TS//TLP:RED//COMP:ALPHA,BRAVO",
            "--feeds",
            "feeds.toml",
        )
        Path("floor", "assets.toml").write_text(ASSETS, "utf-8")
        Path("together.toml").write_text(NIGHT, "utf-8")
        Path("three.tle").write_text(THREE, "utf-8")
        packaged = (files(watching) / "watch.toml").read_text("utf-8")
        Path("floor", "watch.toml").write_text(f"{packaged}{ON_CALL}", "utf-8")
        Path("keeper.toml").write_text(WORDED, "utf-8")
        run("floor", "marking", "set", "keeper.toml" if late else "policy.toml")
        for number, step in enumerate(steps, 1):
            at(number)
            if step.what in TOGETHER:
                parts = [part for part in TOGETHER[step.what].parts(step) if keeps(part)]
                if parts:
                    TOGETHER[step.what].do(number, step, sorted(parts, key=lambda part: not first(part)))
            elif step.what in ALWAYS or keeps(step.marking):
                _do(number, step)
        at(len(steps) + 1)
        run("run")
        if late:
            run("floor", "marking", "set", "policy.toml")
    return Floor.open(home / "floor")


def run(*words, code=(0, 1)):
    """A command as the keeper types it."""
    result = RUNNER.invoke(app, [*words], catch_exceptions=False)
    assert result.exit_code in code, result.output
    return result


@contextmanager
def in_(home: Path, user: str, purpose: str = "border"):
    """The environment of a user in a world."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.setenv("WATCHFLOOR_USER", user)
        patch.setenv("WATCHFLOOR_PURPOSE", purpose)
        patch.setenv("WATCHFLOOR_AUTHORITY", "an Act, s. 1")
        patch.setenv("COLUMNS", "200")
        yield


def _do(number, step):
    if step.what == "run":
        run("run")
    elif step.what in FILES:
        name, text = FILES[step.what](number, step)
        Path(name).write_text(text, "utf-8")
        run("ingest", name, "--marking", step.marking)
    elif step.what in LOGGED:
        LOGGED[step.what](Floor.open("floor"), number, step)
    else:
        floor = Floor.open("floor")
        with floor.writer(KEEPER) as writer:
            ACTS[step.what](floor, writer, step)


def subject(number):
    """Who a step is about."""
    return f"person:parcels:{number % 4}"


def _parties(number, step):
    head = "report_key,role,subject,name,schema,birth_date,country,identifiers,observed_at\n"
    rows = [
        f"{number}-{n},consignee,{subject(n)},{NAMES[n % 4]},Person,{1970 + n % 3},ca,"
        f"phone:{PHONES[n % 3]},2026-11-20T05:00:00Z\n"
        for n in (step.one, step.other)
    ]
    return f"parcels-{number}.csv", head + "".join(rows)


def _list(number, step):
    names = dict.fromkeys((step.one % 4, step.other % 4))
    rows = "".join(f"{n},{NAMES[n]},{1970 + n % 3},{number % 2}\n" for n in names)
    return f"list-{step.other % 2}.csv", f"id,name,birth_date,remarks\n{rows}"


def _report(number, step):
    text = (
        f"Title: Night {number}\nNumber: R-{step.one % 3}\nDate: 2026-11-20 0{step.other % 6}:00\n"
        f"Subjects: {subject(step.one)}; phone:phone:{PHONES[step.other % 3]}\nSource reliability: B\n"
        f"Hypothesis: trafficking-by-post\n\nAt the {WORDS[step.one % 3]}, of IMO 9074729.\n"
    )
    return f"report-{number}.txt", text


def _bad(number, step):
    text = f"report_key,role,name,birth_date,observed_at\n{number},payee,,{step.one},2026-11-20\n"
    return f"parcels-{step.other % 3}.csv", text


def _reading(number, step):
    head = "report_key,observed_at,subject,instrument,method,serial,substance,level\n"
    method, serial = (("ims", "4411"), ("gc-ms", ""))[step.other % 2]
    level = ("presumptive", "identified", "not-detected")[step.one % 3]
    row = f"{number},2026-11-20T05:0{number % 9}:00Z,parcel:post:{step.one % 2},bench,{method},{serial}"
    return f"readings-{number}.csv", f"{head}{row},substance:cas:437-38-7,{level}\n"


def _declaration(number, step):
    head = "report_key,observed_at,subject,goods,mode,direction,document,consignee,consignee_phone\n"
    row = f"{number},2026-11-20T08:0{number % 9}:00Z,parcel:post:{step.one % 2},{WORDS[step.other % 3]} parts"
    return (
        f"declarations-{number}.csv",
        f"{head}{row},post,outbound,D-{number},{subject(step.one)},+{PHONES[step.other % 3]}\n",
    )


FILES = {
    "party": _parties,
    "list": _list,
    "report": _report,
    "bad": _bad,
    "reading": _reading,
    "declaration": _declaration,
}


def _judged(floor, writer, step):
    verdict = ("same", "different", "withdrawn")[step.one % 3]
    pair = subject(step.one), subject(step.one + 1 + step.other % 3)
    judge_pair(writer, pair, [step.marking], Judgement(verdict, "seen", "keeper", writer.moment()))


def _task(floor, writer, step):
    about = subject(step.one), f"phone:phone:{PHONES[step.other % 3]}"
    lead = lead_id_of(floor.key, "trafficking-by-post", about[0])
    flags = ("life-at-risk",) if step.other % 2 else ()
    law = "Customs Act s. 99"
    order = Order("task", "border-operations", lead, about, "look", law, MARKINGS[0], flags=flags)
    made = tasks.issue(units(), order, "keeper", writer.moment(), floor.key)
    write(writer, TASK, made | {"marking": step.marking})


def _amended(floor, writer, step):
    """An act on an earlier task, which may be under another marking than the task."""
    known = tasks.Task.fold(floor.read("task", floor.reader("keeper", "border")).to_pylist())
    mine = [one for id_, one in sorted(known.items()) if one.history[0]["marking"] == step.marking]
    for one in mine[:1]:
        write(
            writer,
            TASK,
            tasks.accept(one, one.edition, "keeper", writer.moment()) | {"marking": step.marking},
        )


def _note(floor, writer, step):
    lead = lead_id_of(floor.key, "trafficking-by-post", subject(step.one))
    if step.other % 2:
        row = watch.note("seen", "keeper", writer.moment(), floor.key, step.marking, lead, ["officer-safety"])
    else:
        row = watch.alert(orders(), [], "boat", "keeper", writer.moment(), floor.key, step.marking, lead)
    write(writer, WATCH_ENTRY, row)


def _roster(floor, writer, step):
    """An edition of a roster of two people; the rosters of a pool that have one marking are one."""
    begins = START + timedelta(hours=step.other - 12)
    shifts = [
        Shift(name, "night", "console", begins + late, begins + late + timedelta(hours=12))
        for name, late in zip(("ann", "ben"), (timedelta(), timedelta(hours=6)), strict=True)
    ]
    pool = f"pool {step.one % 2} of {step.marking}"
    made = Edition(
        pool, START.date(), 3, "UTC", "an agreement", ("ann", "ben"), shifts, pool.encode(), str(begins)
    )
    with suppress(Refusal):  # nobody publishes what they may not see
        rosters.publish(Post(floor, floor.reader("keeper", "border"), writer), made, step.marking)


def _removal(floor, writer, step):
    """A step of one of two removal orders, in whatever order: many are told as wrong."""
    made = ("order-made", {"order_kind": "departure", "section": "44(2)", "grounds": "41(a)"})
    held = ("stay-granted", {"section": "50(c)", "reference": f"S-{step.other}"})
    name, more = (made, held, ("enforced", {"section": "R240(1)"}))[step.other % 3]
    row = common("removals", f"{step.one}-{step.other}", step.marking, START - timedelta(days=9 - step.other))
    write(writer, REMOVAL_STEP, row | {"order": f"order:test:{step.one % 2}", "step": name} | more)


def _product(floor, writer, step):
    lead = lead_id_of(floor.key, "trafficking-by-post", subject(step.one))
    text = products.Text(f"Of {step.other}", (lead,), (products.Portion(step.marking, "seen"),), ())
    write(writer, PRODUCT, products.draft(text, "keeper", writer.moment(), floor.key))


def _outcome(floor, writer, step):
    lead = lead_id_of(floor.key, "trafficking-by-post", subject(step.one))
    said = {
        "lead": lead, "hypothesis": "trafficking-by-post", "subjects": [subject(step.one)], "task": None,
        "result": "seized" if step.other % 2 else "unfounded", "true": bool(step.other % 2), "why": "seen",
        "by": "keeper", "chance": None,
    }  # fmt: skip
    write(writer, OUTCOME, common("outcomes", f"o:{lead}", step.marking, writer.moment()) | said)


def _disclosed(floor, writer, step):
    row = common("node:bank", f"bank:{step.other % 3}", step.marking, writer.moment()) | {
        "bundle": "b1", "node": "bank", "gateway": "pcmltfa-55-3", "form": "signal",
        "row_id": bytes([step.other % 3]) * 16, "revision": step.one, "since": None, "until": None,
        "retracted": step.one % 3 == 0, "desk": "finance", "rule": "structuring", "strength": "strong",
        "subjects": [subject(step.one)], "score": 0.5, **reason(ECHO, node="bank").stored(),
        "latitude": None, "longitude": None, "radius": None, "echo": False, "onward": False,
    }  # fmt: skip
    rows = pa.Table.from_pylist([row], schema=DISCLOSURE.schema.remove(0))
    writer.append(DISCLOSURE, rows.drop_columns(["delivery"]), source="node:bank")


def _exhibit(floor, writer, step):
    """An exhibit that is seized, and sealed anew in some worlds."""
    given = {
        "law": "Customs Act s. 110", "place": "post", "name": "powder", "sort": "precursor", "seal": "A1",
        "subject": "parcel:post:1", "number": f"E-{step.one}", "mass": 5.0 + step.other, "mass_error": 0.01,
        "substance": "substance:cas:437-38-7", "flags": [],
    }  # fmt: skip
    at = writer.moment()
    write(writer, EXHIBIT, custody.seized(floor.key, "keeper", at, at.date(), step.marking, given, at))


def _seizure(floor, writer, step):
    empty = {field.name: None for field in SEIZURE.columns}
    said = {"drug": f"drug {step.one % 2}", "mass": 10.0 + step.other, "direction": "inbound"}
    key = f"S{step.one}-{step.marking}"
    write(writer, SEIZURE, common("seizures", key, step.marking, writer.moment()) | empty | said)


def _published(floor, writer, step):
    """Numbers of a month, northern and all; another vintage in some worlds."""
    for region in ("Northern Land Border", "Southwest Land Border"):
        said = {
            "until": datetime(2023, 11 + step.one % 2, 1, tzinfo=UTC), "series": "cbp-encounters",
            "published": datetime(2026, 1, 1 + step.other, tzinfo=UTC), "dated": "stated",
            "cell": f'{{"citizenship":"CANADA","region":"{region}"}}', "measure": "people",
            "value": 10.0 + step.one,
        }  # fmt: skip
        empty = {field.name: None for field in STATISTIC.columns}
        key = f"{region} {step.one} {step.other} {step.marking}"
        row = common("statistics", key, step.marking, writer.moment()) | empty | said
        write(writer, STATISTIC, row | {"observed_at": datetime(2023, 10 + step.one % 2, 1, tzinfo=UTC)})


def _assertion(_floor, writer, step):
    """An assertion about an exporter, another one in some worlds."""
    day = datetime(2026, 11, 1, tzinfo=UTC)
    name = f"Exporter {step.one} {step.other}"
    said = {
        "list_id": LIST, "entity_id": f"X-{step.one}", "instrument": "a notice", "title": "a notice",
        "schema": "Company", "name": name, "remarks": "shipped NPP as a dye", "identifiers": [],
        "names": [{"text": name, "role": "primary", "strength": "strong", "lang": None}],
        "listed_on": day.date(), "ceased": day.date() + timedelta(days=90),
    }  # fmt: skip
    empty = {field.name: None for field in LISTING.columns}
    key = f"L{step.one}-{step.marking}"
    write(writer, LISTING, common("notices", key, step.marking, writer.moment()) | empty | said)


def _lookout(floor, writer, step):
    about, by = (subject(step.one), f"phone:phone:{PHONES[step.other % 3]}"), START + timedelta(days=1)
    order = Order("lookout", "border-operations", None, about, "look", "Customs Act s. 99", MARKINGS[0], by)
    made = tasks.issue(units(), order, "keeper", writer.moment(), floor.key)
    write(writer, TASK, made | {"marking": step.marking})


def _referral(floor, writer, step):
    """A referral, or the end of an earlier one, which may be under another marking."""
    rows = floor.read("inspection", floor.reader("keeper", "border"), columns=list(INSPECTION.schema.names))
    mine = [one for _, one in sorted(life.Referral.fold(rows.to_pylist()).items()) if one.state in life.OPEN]
    mine = [one for one in mine if one.history[0]["marking"] == step.marking]
    now = writer.moment()
    if mine and step.other % 2:
        row = record_builders.not_examined(mine[0], mine[0].edition, "keeper", now, "no-officer", "seen")
    else:
        due = now + timedelta(minutes=step.one + 1)
        asked = life.Pick(f"parcel:post:{step.one % 2}", "dog", due, document=f"D-{step.other}", unit="YUL")
        row = record_builders.referred(
            asked, "Customs Act s. 99(1)(c)", step.marking, "keeper", now, floor.key
        )
    write(writer, INSPECTION, row | {"marking": step.marking})


def _agreed(_floor, writer, step):
    """An act on the way to an agreement, to a line or a claim; in some worlds of another kind."""
    line, department = (("14b", "CBSA"), ("14a", "RCMP"), ("fentanyl-north", "CBSA"))[step.one % 3]
    name, at = ("called", "attested", "embargoed", "withdrawn")[step.other % 4], writer.moment()
    said = {
        "line": line, "department": department, "act": name, "edition": 1, "by": "keeper", "call": "c1",
        "asked": f"how many {step.one}", "due": at + timedelta(minutes=step.other), "why": "seen",
        "until": at + timedelta(days=step.one) if name == "embargoed" else None, "values": None,
        "person": "A. Roy", "function": "Director", "digest": f"{step.other:064x}",
    }  # fmt: skip
    empty = {field.name: None for field in AGREEMENT.columns}
    key = f"{line} {department}"
    write(writer, AGREEMENT, common("agreements", key, step.marking, at) | empty | said)


ACTS = {
    "agreement": _agreed,
    "assertion": _assertion, "lookout": _lookout, "referral": _referral,
    "exhibit": _exhibit, "seizure": _seizure, "statistic": _published,
    "judgement": _judged, "task": _task, "accept": _amended, "note": _note, "product": _product,
    "roster": _roster, "removal": _removal,
    "outcome": _outcome, "disclosure": _disclosed,
}  # fmt: skip


def _bundle(floor, number, step):
    """A bundle that was sent, with or without a receipt, or one that came."""
    said = {
        "bundle": f"b{number}", "gateway": "pcmltfa-55-3-e", "to": "lab", "from": "lab", "rows": step.one + 1,
        "marking": step.marking, "caveats": [], "tear_line": None, "law": "an Act", "section": "1",
    }  # fmt: skip
    if step.one % 3 == 2:
        floor.act(KEEPER, "received", said | {"withheld": {"policy": step.other}, "originators": []})
        return
    stays = {"message": "x", "params": {}, "rows": step.other}
    floor.act(KEEPER, "disclosed", said | {"withheld": [stays], "kinds": [], "forms": {}})
    if step.one % 3 == 1:
        receipt = {"bundle": f"b{number}", "rows": step.one + 1, "agrees": True, "lost": 0, "withheld": {}}
        floor.act(KEEPER, "receipt", receipt)


def _letter(floor, number, step):
    content = letters.Content(
        "Office", "ISL", f"Of {step.one}", "seen", "border", "cell", "here", "U//TLP:CLEAR", "en", (), ()
    )
    said = {"letter": f"{number:012x}", "edition": 1, "content": content._asdict(), "held_as": step.marking}
    floor.act(KEEPER, letters.DRAFTED, said)


def _hold(floor, number, step):
    hold = holds.Hold(0, None, f"T-{number}", "Justice", step.marking, (), (subject(step.one),), ())
    floor.act(KEEPER, holds.PLACED, holds.detail(hold))


def _hit(floor, number, step):
    """Somebody asks who is cleared for nothing; he does so in every world, and finds what there is."""
    asker = Reader("stranger", organisation="elsewhere", protected=0, tlp=0, purpose="border")
    deconfliction.log_hits(floor, asker, "an Act", [subject(step.one), subject(step.other)], "search")


class Mixed(NamedTuple):
    """What comes in one delivery: the markings of its parts, and how it comes with some of these."""

    parts: Callable[[Step], list[str]]
    do: Callable[[int, Step, list[str]], None]


def _two(step):
    return list(dict.fromkeys((step.marking, step.beside)))


def _of_bundle(number, step, markings):
    """Rows of a bundle of another node, which are marked one by one."""
    at = START + timedelta(minutes=number)
    rows = [
        common("node:lab", f"lab:{number}:{marking}", marking, at)
        | {
            "bundle": f"{number:016x}", "node": "lab", "gateway": "pcmltfa-55-3", "form": "signal",
            "row_id": sha256(marking.encode()).digest()[:16], "revision": 0, "since": None, "until": None,
            "retracted": False, "desk": "lab", "rule": "structuring", "strength": "strong",
            "subjects": [subject(step.one + n)], "score": 0.5, **reason(ECHO, node="lab").stored(),
            "latitude": None, "longitude": None, "radius": None, "echo": False, "onward": False,
            "locator": f"disclosure.arrow row {n}",
        }
        for n, marking in enumerate(markings)
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=DISCLOSURE.schema.remove(0)).drop_columns(["delivery"])
    part = packed(table.select(list(bundle.columns_of("disclosure"))).replace_schema_metadata(None))
    note = f"signed, bundle {number}".encode()  # each has a number of its own, so no two have the same bytes
    data = bundle._tar({"bundle.note": note, "disclosure.arrow": part})
    with (
        Floor.open("floor").writer(KEEPER) as writer,
        writer.delivery("node:lab", f"lab-{number}.bundle", io.BytesIO(data)) as intake,
    ):
        intake.accept(DISCLOSURE, table)


DAYS = {"2026-11-20": "2026-11-19", "2026-11-22": "2026-11-21"}
"""The last day that a row may be kept, and the day that it is of."""


def _for_a_time(number, step, markings):
    """Rows of a feed that may not be kept equally long, as lines or as rows of a sheet."""
    head = ["report_key", "role", "subject", "name", "schema", "observed_at"]
    rows = [
        [f"{number}-{n}", "consignee", subject(n), NAMES[n], "Person", f"{DAYS[text[-10:]]}T05:00:00Z"]
        for text in markings
        for n in (sorted(DAYS).index(text[-10:]) + step.one % 2,)
    ]
    name = f"sheet-{number}.xlsx" if step.other % 2 else f"stays-{number}.csv"
    lines = "\n".join(",".join(row) for row in (head, *rows)).encode()
    Path(name).write_bytes(_book(lines) if step.other % 2 else lines)
    run("ingest", name, "--marking", step.marking)


@cache
def _book(lines):
    """A workbook of lines of cells; the same one again, for it says when it was made."""
    return xlsx(Sheet=[line.split(",") for line in lines.decode().splitlines()])


def _apart(number, step, markings):
    """A list that everybody may see, and a line of it that cannot be read, which is not for everybody."""
    lines = {"U//TLP:CLEAR": f"{number},{NAMES[step.one % 4]},1970", "PB//TLP:AMBER": f"{number}9,,1970"}
    name = f"apart-{number}.csv"
    Path(name).write_text("\n".join(["id,name,birth_date", *map(lines.get, markings)]), "utf-8")
    run("ingest", name, "--format", "listing-csv")


def _twice(number, step, markings):
    """The same bytes, delivered under two markings."""
    name, text = _parties(number, step)
    Path(name).write_text(text, "utf-8")
    for marking in sorted(markings):
        run("ingest", name, "--marking", marking)


MIXED = {
    "rows": Mixed(_two, _of_bundle),
    "until": Mixed(lambda step: [f"{step.marking}//UNTIL:{day}" for day in DAYS], _for_a_time),
    "apart": Mixed(lambda _: ["U//TLP:CLEAR", "PB//TLP:AMBER"], _apart),
    "twice": Mixed(_two, _twice),
}
"""What comes in one delivery and not under one marking."""


def _sample(name, number, _step, markings):
    """A file of a format, the same bytes under each of some markings."""
    Path(f"sample-{number}").write_bytes(sample(name))
    for marking in markings:  # a list that comes later in the same moment is dated after the one before it
        run("ingest", f"sample-{number}", "--format", name, "--marking", marking)


SAMPLES = {f"format {name}": Mixed(_two, partial(_sample, name)) for name in sorted(FORMATS)}
"""A delivery of each format that is read, under two markings."""
TOGETHER = MIXED | SAMPLES


def after(steps):
    """The minute at which a world is asked: the next day, where something may be kept no longer."""
    return len(steps) + 2 + 1440 * any(step.what == "until" for step in steps)


LOGGED = {"bundle": _bundle, "letter": _letter, "hold": _hold, "hit": _hit}
ALWAYS = ("run", "hit")
"""What happens in every world, whatever marking its step has."""

KINDS = (*FILES, *ACTS, *LOGGED, *MIXED, "run")


def sees(floor, user, purpose, minutes=0):
    """Whether a user may see a marking, as the floor's policy says, at a moment."""
    with still() as at:
        at(minutes)
        reader = floor.reader(user, purpose)
    return lambda marking: allowed(reader, parse(marking))


def cleared(policy, user, purpose):
    """The same by a policy alone, whatever day it is."""
    reader = terms.read(policy, "policy.toml").reader(Reader(user, organisation="cell", purpose=purpose))
    return lambda marking: allowed(reader, parse(marking))


def asked(home: Path, user: str, purpose: str, words, minutes: int):
    """What a user is told: output, errors and exit code, at one moment."""
    with still() as at, in_(home, user, purpose):
        at(minutes)
        result = RUNNER.invoke(app, [*words], catch_exceptions=True)
    if result.exception and not isinstance(result.exception, SystemExit):
        if not isinstance(result.exception, _expected()):  # a defect, alike in both worlds, is no answer
            raise result.exception
        return f"{type(result.exception).__name__}: {result.exception}", result.exit_code
    try:
        return result.output_bytes.decode(), result.exit_code
    except UnicodeDecodeError:  # a file of bytes
        return result.output_bytes.hex(), result.exit_code
