"""A floor on which every registered command has something to do, and what each is called with there."""

import json
import shutil
from datetime import UTC, datetime

import pytest
import typer
from tests.cli import (
    carriers,
    claimants,
    concerned,
    custodians,
    measurers,
    modellers,
    partners,
    payers,
    referrers,
    registrars,
    reporters,
)
from tests.exchange.assessments import answered
from tests.exchange.certificates import authority, certificate
from typer.testing import CliRunner

from watchfloor.casework.tasking.deconfliction import DUTY
from watchfloor.cell.acts import Refused
from watchfloor.cli import app, common
from watchfloor.console.access.accounts import Accounts
from watchfloor.console.access.administering import Administration
from watchfloor.console.access.file import AccessFile
from watchfloor.console.access.sessions import Sessions
from watchfloor.store import Actor, Floor
from watchfloor.store.log.notes import Signer

RUNNER = CliRunner()
PARTIES = (
    "report_key,role,name,birth_date,observed_at\n1,payee,Ann Roy,1971,2026-11-24\n2,payee,,1971,2026-11-24\n"
)
LIST = "id,name,aliases\n1,Zarbek Tolunay,Zed\n"
REPORT = "Number: N-17\nTitle: Ferry\nDate: 2026-11-24\n\nThe ship, IMO 9074729, lay at the landing.\n"


def registered(group=None, words=()):
    """Each command by the words that call it."""
    group = group or typer.main.get_command(app)
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from registered(command, (*words, name))
        else:
            yield (*words, name), command


COMMANDS = dict(registered())

LAW = ("--authority", "Customs Act s. 99", "--floor", "{floor}")
NO_LAW = (*LAW[:-1], "{bare}")
OTHER = Signer("other", bytes(32)).verifier.text
CHECKED = ("--institution", "police", "--checked", "by phone")
THROUGH = ("--gateway", "customs-107-4-c", "--test", "the parcel is under examination")
WHY = ("--why", "seen")
TLS = ("--tls-cert", "{tls}/node.crt", "--tls-key", "{tls}/node.key", "--client-ca", "{tls}/authority.crt")
LETTER = ("--to", "Customs of Ruritania", "--country", "ISL", "--subject", "Exporters of concern")
FULL = {
    ("warm",): ["disclosures", "--workers", "1"],
    ("demo",): ["{new}", "--scale", "0.1", "--no-sensors", "--no-browser"],
    ("serve",): ["--check", "--port", "0", "--floor", "{floor}"],
    ("live", "run"): ["--check", "--floor", "{floor}"],
    ("live", "status"): ["--floor", "{floor}"],
    ("init",): ["--floor", "{new}"],
    ("account", "add"): ["okafor", "--floor", "{floor}"],
    ("account", "link"): ["keeper", "--floor", "{floor}"],
    ("account", "list"): ["--floor", "{floor}"],
    ("account", "disable"): ["closed", "--floor", "{floor}"],
    ("account", "enable"): ["closed", "--floor", "{floor}"],
    ("account", "no-second-factor"): ["closed", "--floor", "{floor}"],
    ("account", "no-passkeys"): ["closed", "--floor", "{floor}"],
    ("account", "requests"): ["--floor", "{floor}"],
    ("account", "approve"): ["{request}", "--floor", "{pair}"],
    ("account", "confirm"): ["adm", "--floor", "{pair}"],
    ("account", "administrator"): ["closed", "--floor", "{floor}"],
    ("ingest",): ["{parties}", "--floor", "{floor}"],
    ("run",): ["--floor", "{floor}"],
    ("replay",): ["--floor", "{floor}"],
    ("leads",): ["--floor", "{floor}"],
    ("lead",): ["{lead}", "--floor", "{floor}"],
    ("decide",): ["{lead}", "different", "--why", "seen", "--floor", "{floor}"],
    ("merge",): ["{lead}", "person:test:3", "--why", "seen", "--floor", "{floor}"],
    ("apart",): ["{lead}", "person:test:3", "--why", "seen", "--floor", "{floor}"],
    ("unmerge",): ["person:test:1", "--why", "seen", "--floor", "{floor}"],
    ("link",): ["--floor", "{floor}"],
    ("weigh",): ["{signals}", "-o", "{new}"],
    ("track",): ["{detections}", "-o", "{new}.csv"],
    ("screen",): ["{queries}", "--list", "{list}"],
    ("search",): ["landing", "--floor", "{floor}"],
    ("cue",): ["--floor", "{floor}"],
    ("target",): ["--budget", "5", "--floor", "{floor}"],
    ("cargo", "rates"): ["--floor", "{floor}"],
    ("cargo", "year"): ["--days", "3", "--items", "60"],
    ("cargo", "fairness"): ["--floor", "{floor}"],
    ("devices",): ["--on", "2028-01-02", "--floor", "{floor}"],
    ("reading", "negative"): ["--method", "ftir", "--matrix", "powder", "--prior", "0.3"],
    ("mentions",): ["--floor", "{floor}"],
    ("confirm",): ["N-17", "1", "--why", "seen", "--floor", "{floor}"],
    ("map",): ["{parties}"],
    ("record",): ["{record}", "--floor", "{floor}"],
    ("compare",): ["{record}", "{other}", "--columns", "country", "--why", "seen", "--floor", "{floor}"],
    ("marking", "init"): ["{new}"],
    ("marking", "check"): ["{policy}"],
    ("marking", "set"): ["{policy}", "--floor", "{floor}"],
    ("marking", "list"): ["--floor", "{ruled}"],
    ("marking", "approve"): ["--floor", "{ruled}"],
    ("marking", "proposed"): ["--floor", "{ruled}"],
    ("marking", "restore"): ["--floor", "{ruled}"],
    ("marking", "confirm"): ["--floor", "{ruled}"],
    ("marking", "downgrade"): ["{record}", "--to", "U//TLP:CLEAR", "--why", "seen", "--floor", "{floor}"],
    ("marking", "upgrade"): ["{record}", "--to", "PB//TLP:RED", "--why", "seen", "--floor", "{floor}"],
    ("verify",): ["--floor", "{floor}"],
    ("doctor",): ["--floor", "{floor}"],
    ("erase",): ["{record}", "--why", "asked", "--category", "consent", *LAW],
    ("retention",): ["--all", "--floor", "{floor}"],
    ("hold", "place"): ["{lead}", "--why", "T-1-26", "--ordered-by", "Justice", *LAW],
    ("hold", "lift"): ["{hold}", "--why", "discontinued", "--floor", "{floor}"],
    ("hold", "list"): ["--floor", "{floor}"],
    ("certificate", "issue"): ["{erasure}", "--floor", "{floor}"],
    ("certificate", "check"): ["{certificate}", "--floor", "{floor}"],
    ("aia", "draft"): ["-o", "{new}", "--floor", "{floor}"],
    ("aia", "score"): ["{assessment}"],
    ("expire",): ["--floor", "{floor}"],
    ("compact",): ["--floor", "{floor}"],
    ("backup",): ["{new}", "--unencrypted", "--floor", "{floor}"],
    ("backup-key",): ["{new}"],
    ("restore",): ["{backup}", "--floor", "{new}"],
    ("upgrade",): ["--floor", "{floor}"],
    ("migrate",): ["--floor", "{floor}", "--to-folder", "{new}"],
    ("listed",): ["{list}"],
    ("fetch", "listings"): ["--to", "{new}", "--only", "un"],
    ("quarantine", "list"): ["--floor", "{floor}"],
    ("quarantine", "show"): ["1", "--floor", "{floor}"],
    ("quarantine", "retry"): ["--floor", "{floor}"],
    ("outcome",): ["{lead}", "seized", "--why", "seen", "--floor", "{floor}"],
    ("refit",): ["--floor", "{floor}"],
    ("fits",): ["--floor", "{floor}"],
    ("calibration",): ["--floor", "{floor}"],
    ("audit", "draw"): ["3", "--floor", "{floor}"],
    ("audit", "list"): ["--floor", "{floor}"],
    ("exercise", "make"): ["{new}", "--scale", "0.1"],
    ("exercise", "score"): ["{floor}", "--key", "{key}"],
    ("task", "issue"): ["{lead}", "--unit", "border-operations", "--instruction", "look", *LAW],
    ("task", "amend"): ["{task}", "--instruction", "look twice", "--why", "seen", "--floor", "{floor}"],
    ("task", "accept"): ["{task}", "--floor", "{floor}"],
    ("task", "refuse"): ["{task}", "--why", "seen", "--floor", "{floor}"],
    ("task", "done"): ["{accepted}", "--floor", "{floor}"],
    ("task", "hit"): ["{task}", "--why", "seen", "--floor", "{floor}"],
    ("task", "list"): ["--floor", "{floor}"],
    ("task", "show"): ["{task}", "--floor", "{floor}"],
    ("task", "units"): ["--floor", "{floor}"],
    ("product", "draft"): ["--lead", "{lead}", "--title", "seen", "--floor", "{floor}"],
    ("product", "amend"): ["{report}", "--title", "other", "--why", "seen", "--floor", "{floor}"],
    ("product", "disseminate"): ["{report}", "--to", "rcmp-operations", "--purpose", "border", *LAW],
    ("product", "recall"): ["{report}", "--why", "seen", "--floor", "{floor}"],
    ("product", "list"): ["--floor", "{floor}"],
    ("product", "show"): ["{report}", "--floor", "{floor}"],
    ("deconflict", "hits"): ["--floor", "{floor}"],
    ("deconflict", "answer"): ["{hit}", "silent", "--floor", "{floor}"],
    ("deconflict", "notices"): ["--floor", "{floor}"],
    ("deconflict", "near"): ["--floor", "{floor}"],
    ("watch", "note"): ["seen", "--floor", "{floor}"],
    ("watch", "alert"): ["seen", "--floor", "{floor}"],
    ("watch", "ack"): ["{alert}", "--floor", "{floor}"],
    ("watch", "escalate"): ["{alert}", "--why", "seen", "--floor", "{floor}"],
    ("watch", "handover"): ["--to", "the next", "--floor", "{floor}"],
    ("watch", "sign"): ["{handover}", "--floor", "{floor}"],
    ("watch", "on-call"): ["--floor", "{floor}"],
    ("watch", "roster"): ["--floor", "{floor}"],
    ("watch", "log"): ["--floor", "{floor}"],
    ("watch", "due"): ["--floor", "{floor}"],
    ("gateway", "list"): ["--floor", "{floor}"],
    ("gateway", "show"): ["scida-5", "--floor", "{floor}"],
    ("gateway", "check"): ["{gateways}"],
    ("gateway", "risk-check"): ["--partner", "p", "--country", "USA", "--substantial-risk", "no", *LAW],
    ("gateway", "risks"): ["--floor", "{floor}"],
    ("letter", "draft"): ["{body}", *LETTER, "--record", "{record}", *LAW],
    ("letter", "check"): ["{letter}", "--floor", "{floor}"],
    ("letter", "show"): ["{letter}", "--floor", "{floor}"],
    ("letter", "list"): ["--floor", "{floor}"],
    ("letter", "approve"): ["{letter}", "--why", "firms alone", *LAW],
    ("gateway", "report"): ["--year", str(datetime.now(UTC).year), "--floor", "{floor}"],
    ("watch", "sitrep"): ["--floor", "{floor}"],
    ("index", "rebuild"): ["--floor", "{floor}"],
    ("index", "check"): ["--floor", "{floor}"],
    ("node", "show"): ["--floor", "{floor}"],
    ("node", "list"): ["--floor", "{floor}"],
    ("node", "trust"): [OTHER, "--name", "other", *CHECKED, "--floor", "{floor}"],
    ("node", "distrust"): ["partner", "--why", "seen", "--floor", "{floor}"],
    ("node", "pointers"): ["--floor", "{floor}"],
    ("node", "serve"): [*TLS, "--check", "--floor", "{floor}"],
    ("bundle", "send"): [
        "--to",
        "partner",
        *THROUGH,
        "--signals",
        "all",
        "-o",
        "{new}",
        "--floor",
        "{floor}",
    ],
    ("bundle", "receive"): ["{incoming}", "--floor", "{floor}"],
    ("bundle", "receipt"): ["{back}", "--floor", "{floor}"],
    ("bundle", "list"): ["--floor", "{floor}"],
    ("bundle", "show"): ["{bundle}", "--floor", "{floor}"],
    ("bundle", "recall"): ["{bundle}", "--why", "seen", "--floor", "{floor}"],
    ("bundle", "ask-consent"): ["--to", "third", "--pointers", "person:gone:1", *WHY, "--floor", "{floor}"],
    ("bundle", "consent"): ["{asked}", "--why", "seen", "--floor", "{floor}"],
    ("bundle", "consented"): ["{given}", "--floor", "{floor}"],
    ("log", "checkpoint"): ["--floor", "{floor}"],
    ("log", "consistency"): ["1", "--floor", "{floor}"],
    ("log", "inclusion"): ["1", "--floor", "{floor}"],
    ("log", "proof"): ["{record}", "--floor", "{floor}"],
    ("log", "witness"): ["{theirs}", "--floor", "{floor}"],
    ("log", "cosigned"): ["{ours}", "--floor", "{floor}"],
    ("log", "export"): ["{new}", "--floor", "{floor}"],
    ("log", "show"): ["--floor", "{floor}"],
    ("log", "duties"): ["--floor", "{floor}"],
    ("crown", "pack"): ["{lead}", "-o", "{new}", "--prosecutor", "A. Roy", *LAW],
    ("crown", "check"): ["{case}"],
    ("controlled",): ["fentanyl", "2933.39", "--on", "2026-06-10"],
    ("scorecard",): ["--on", "2026-06-10", "-o", "{new}.html", "--floor", "{floor}"],
    **partners.FULL,
    **payers.FULL,
    **measurers.FULL,
    **custodians.FULL,
    **carriers.FULL,
    **claimants.FULL,
    **modellers.FULL,
    **concerned.FULL,
    **referrers.FULL,
    **registrars.FULL,
    **reporters.FULL,
}
"""What each command is called with where there is something to print."""

EMPTY = {
    ("account", "list"): (["--floor", "{bare}"], "accounts", 0),
    ("account", "requests"): (["--floor", "{bare}"], "requests", 0),
    ("live", "status"): (["--floor", "{bare}"], "sources", 0),
    ("ingest",): (["{folder}", "--floor", "{bare}"], "feeds", {}),
    ("run",): (["--floor", "{bare}"], "standing", {"signal": 0, "track": 0}),
    ("replay",): (["--floor", "{bare}"], "runs", 0),
    ("leads",): (["--floor", "{bare}"], "leads", 0),
    ("link",): (["--floor", "{bare}"], "pairs", 0),
    ("outcome",): (["--floor", "{bare}"], "outcomes", 0),
    ("refit",): (["--floor", "{bare}"], "records", []),
    ("fits",): (["--floor", "{bare}"], "fits", 0),
    ("calibration",): (["--floor", "{bare}"], "leads", 0),
    ("audit", "draw"): (["3", "--floor", "{bare}"], "drawn", 0),
    ("audit", "list"): (["--floor", "{bare}"], "drawn", 0),
    ("task", "list"): (["--floor", "{bare}"], "tasks", 0),
    ("product", "list"): (["--floor", "{bare}"], "reports", 0),
    ("node", "list"): (["--floor", "{bare}"], "peers", 0),
    ("node", "pointers"): (["--floor", "{bare}"], "pointers", 0),
    ("bundle", "list"): (["--floor", "{bare}"], "bundles", 0),
    ("bundle", "ask-consent"): (["--to", "third", "--signals", "all", *WHY, "--floor", "{bare}"], "rows", 0),
    ("deconflict", "hits"): (["--floor", "{bare}"], "hits", 0),
    ("deconflict", "notices"): (["--floor", "{bare}"], "notices", 0),
    ("deconflict", "near"): (["--floor", "{bare}"], "near", 0),
    ("watch", "log"): (["--floor", "{bare}"], "lines", 0),
    ("watch", "due"): (["--floor", "{bare}"], "alerts", 0),
    ("gateway", "list"): (["--from", "review-body", "--floor", "{bare}"], "gateways", 0),
    ("gateway", "risks"): (["--floor", "{bare}"], "risks", 0),
    ("letter", "list"): (["--floor", "{bare}"], "letters", 0),
    ("gateway", "report"): (["--year", str(datetime.now(UTC).year), "--floor", "{bare}"], "records", 0),
    ("watch", "sitrep"): (["--floor", "{bare}"], "sentences", []),
    ("screen",): (["{none}", "--list", "{list}"], "queries", 0),
    ("search",): (["landing", "--floor", "{bare}"], "found", 0),
    ("cue",): (["--floor", "{bare}"], "cues", 0),
    ("target",): (["--budget", "5", "--floor", "{bare}"], "picks", 0),
    ("cargo", "rates"): (["--floor", "{bare}"], "inspections", 0),
    ("cargo", "year"): (["--days", "1", "--items", "60", "--budget", "0"], "finds", 0),
    ("cargo", "fairness"): (["--floor", "{bare}"], "groups", 0),
    ("devices",): (["--floor", "{bare}"], "devices", 0),
    ("track",): (["{detections}", "-o", "{new}.csv"], "tracks", 0),
    ("finance", "patterns"): (["{payments}", "-o", "{new}.csv", "--score", "1"], "instances", 0),
    ("index", "rebuild"): (["--floor", "{bare}"], "segments", 0),
    ("index", "check"): (["--floor", "{bare}"], "found", 0),
    ("mentions",): (["--floor", "{bare}"], "mentions", 0),
    ("marking", "list"): (["--floor", "{bare}"], "words", 0),
    ("verify",): (["--floor", "{bare}"], "found", 0),
    ("expire",): (["--floor", "{bare}"], "records", 0),
    ("erase",): (["--subject", "person:x:1", "--why", "asked", *LAW[:2], "--floor", "{bare}"], "records", 0),
    ("retention",): (["--all", "--floor", "{bare}"], "records", 0),
    ("hold", "list"): (["--floor", "{bare}"], "holds", 0),
    ("compact",): (["--floor", "{bare}"], "joined", 0),
    ("upgrade",): (["--floor", "{bare}"], "upgraded", 0),
    ("listed",): (["{list}", "--name", "Nobody"], "items", 0),
    ("controlled",): (["diff", "2026-06-05", "2026-06-05"], "changes", 0),
    ("quarantine", "list"): (["--floor", "{bare}"], "pieces", 0),
    ("quarantine", "retry"): (["--floor", "{bare}"], "left", 0),
    ("log", "show"): (["--act", "disclosed", "--floor", "{bare}"], "acts", 0),
    ("crown", "pack"): (["person:x:1", "-o", "{new}", "--prosecutor", "A. Roy", *NO_LAW], "items", 0),
    **partners.EMPTY,
    **measurers.EMPTY,
    **custodians.EMPTY,
    **carriers.EMPTY,
    **claimants.EMPTY,
    **modellers.EMPTY,
    **concerned.EMPTY,
    **referrers.EMPTY,
    **registrars.EMPTY,
    **reporters.EMPTY,
}
"""The same where there is nothing, and the field that counts it."""


def call(words, code=(0,)):
    result = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code in code, result.output
    return result


def lines(words, code=(0,)):
    return [json.loads(line) for line in call([*words, "--json"], code).stdout.splitlines()]


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A demo's floor with a piece in quarantine, and files of the other commands."""
    home = tmp_path_factory.mktemp("made")
    texts = {
        "parties.csv": PARTIES,
        "list.csv": LIST,
        "none.csv": "id,name\n",
        "queries.csv": "id,name\n1,Zed\n",
        "detections.csv": "t,sensor,x,y\n1,a,2,3\n",
        "signals.csv": "signal_id,desk,subjects,bits,origin,source\n1,d,person:x:1,2.5,,a\n",
        "gateways.toml": "[gateway.scida-5]\nexpires = 2026-11-23\n",
        "body.md": "We ask you to look at firms that sell precursors.\n",
        "night.txt": REPORT,
    }
    for name, text in texts.items():
        (home / name).write_text(text, encoding="utf-8")
    call(["demo", home / "demo", "--scale", "0.1", "--no-sensors", "--no-browser"])
    call(["ingest", home / "parties.csv", home / "night.txt", "--floor", home / "demo" / "floor"], code=(1,))
    floor = ["--floor", home / "demo" / "floor"]
    call(["merge", "person:test:1", "person:test:2", "--why", "seen", *floor])
    acted_on(floor)
    call(["account", "add", "keeper", "--administrator", *floor])
    call(["account", "add", "closed", *floor])
    lettered(home, floor)
    partner(home, floor)
    exchanged(home, floor)
    kept_and_erased(home, floor)
    (home / "assessment.toml").write_text(answered("design"), encoding="utf-8")
    lead = lines(["leads", *floor])[0]["lead_id"]
    law = ["--authority", "an Act", "--prosecutor", "A. Roy"]
    call(["crown", "pack", lead, "-o", home / "case.zip", *law, *floor])
    call(["backup", "--unencrypted", home / "backup.tar", "--floor", home / "demo" / "floor"])
    return home


def acted_on(floor):
    """Tasks on a lead, an alert, a report, and a handover that another offers to whoever runs the tests."""
    lead = lines(["leads", *floor])[0]["lead_id"]
    asked = ["--unit", "border-operations", "--form", "lookout", "--authority", "Customs Act s. 99", *floor]
    tasks = [lines(["task", "issue", lead, "--instruction", each, *asked])[0]["task"] for each in "ab"]
    call(["task", "accept", tasks[1], *floor])
    call(["watch", "alert", "seen", *floor])
    call(["product", "draft", "--lead", lead, "--title", "seen", *floor])
    me = common.who()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHFLOOR_USER", "another")
        call(["watch", "handover", "--to", me, *floor])
    asked = {"by": "another", "organisation": "x", "asked_for": "x", "under": "x", "what": "lead"}
    held = {"hit": "5b1c", "owners": [], "marking": "PB", "subjects": ["person:test:1"]}
    Floor.open(floor[1]).act(DUTY, "hit", asked | {"hits": [held]})


def lettered(home, floor):
    """A letter that another drafted, and a check of the risk there."""
    lead = lines(["leads", *floor])[0]["lead_id"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHFLOOR_USER", "another")
        call(["letter", "draft", home / "body.md", *LETTER, "--lead", lead, *floor])
    ruritania = ["--partner", "Customs of Ruritania", "--country", "ISL"]
    call(["gateway", "risk-check", *ruritania, "--substantial-risk", "no", *floor])


def exchanged(home, floor):
    """Bundles both ways, a receipt that came back, a consent asked for and one given, a certificate."""
    (home / "tls").mkdir()
    certificate(home / "tls", "node", authority(home / "tls"))
    there = ["--floor", home / "partner"]
    (home / "told.csv").write_text(PARTIES.splitlines()[0] + "\n1,payee,Ida Oll,1971,2026-11-24\n", "utf-8")
    call(["ingest", home / "told.csv", "--source", "gone", *there])
    send = ["bundle", "send", *THROUGH]
    call([*send, "--to", "partner", "--signals", "all", "-o", home / "outgoing.bundle", *floor])
    call([*send, "--to", "demo", "--pointers", "person:gone:1", "-o", home / "incoming.bundle", *there])
    call(["bundle", "receive", home / "outgoing.bundle", "--receipt", home / "back.receipt", *there])
    call(["bundle", "receive", home / "incoming.bundle", "--notes", home / "notes", *floor])
    call(["run", *there])
    asking = ["bundle", "ask-consent", "--to", "third", *WHY]
    call([*asking, "--signals", "all", "-o", home / "asked.request", *there])
    call([*asking, "--pointers", "person:gone:1", "-o", home / "ours.request", *floor])
    call(["bundle", "consent", home / "ours.request", *WHY, "-o", home / "given.consent", *there])


def kept_and_erased(home, floor):
    """A legal hold, and an erasure with its certificate."""
    (home / "gone.csv").write_text(PARTIES.splitlines()[0] + "\n9,payee,Ida Oll,1971,2026-11-24\n", "utf-8")
    call(["ingest", home / "gone.csv", *floor], code=(0, 1))
    by = ["--authority", "an Act", *floor]
    call(["hold", "place", "person:test:3", "--why", "T-1-26", "--ordered-by", "Justice", *by])
    call(["erase", "--subject", "person:gone:9", "--why", "asked", "-o", home / "certificate.txt", *by])


def partner(home, floor):
    """A partner's checkpoint of its log, and ours as it has witnessed it."""
    call(["init", "--floor", home / "partner", "--name", "partner", "--exercise"])
    here, there = Floor.open(floor[1]), Floor.open(home / "partner")
    for one, other in ((here, there), (there, here)):
        key = other.signer.verifier.text
        detail = {"name": key.partition("+")[0], "key": key, "institution": "joint-cell", "country": "CAN"}
        detail |= {"checked": "same machine", "ceiling": "PB"}
        one.act(Actor("tester", "testing", "none"), "peer", detail)
    call(["log", "checkpoint", "-o", home / "theirs.checkpoint", "--floor", home / "partner"])
    call(["log", "checkpoint", "-o", home / "own.checkpoint", *floor])
    call(["log", "witness", home / "own.checkpoint", "-o", home / "ours.note", "--floor", home / "partner"])


@pytest.fixture(scope="session")
def restored(made):
    """Floors to copy, and what the braces of the tables stand for beside them."""
    home = made / "restored"
    floor, policy = home / "floor", made / "policy.toml"
    call(["restore", made / "backup.tar", "--floor", floor])
    with (floor / "feeds.toml").open("a", encoding="utf-8") as file:
        file.write('\n[feeds.towers.live]\nurl = "udp://127.0.0.1:5000"\ndecode = "detection-csv"\n')
    call(["init", "--floor", home / "bare"])
    policy.write_text(
        f'[readers."{common.who()}"]\nprotected = "PB"\nrole = "supervisor"\n', encoding="utf-8"
    )
    call(["init", "--floor", home / "ruled", "--policy", policy])
    (home / "folder").mkdir()
    banks = partners.banked(home, call) | reporters.reported(home, call) | payers.paid(home, call)
    banks |= custodians.kept(home, call) | concerned.concerned(home, call)
    banks |= modellers.fitted(home, call) | registrars.filed(home, call)
    banks |= paired(home)
    banks |= measurers.measured(home) | carriers.carried(home) | referrers.harboured(home, call)
    (lead, *_) = lines(["leads", "--floor", floor])
    (one,) = lines(["lead", lead["lead_id"], "--floor", floor])
    tasks = {one["state"]: one["task"] for one in lines(["task", "list", "--floor", floor])}
    entries = {one["what"]: one["entry"] for one in lines(["watch", "log", "--all", "--floor", floor])}
    return home, {
        **{path.stem: path for path in made.glob("*.*")},
        **banks,
        "key": made / "demo" / "exercise" / "key" / "answer-key.json",
        "tls": made / "tls",
        "lead": lead["lead_id"],
        "record": one["contributions"][0]["evidence"][0],
        "other": one["contributions"][0]["evidence"][1],
        "task": tasks["issued"],
        "accepted": tasks["accepted"],
        "alert": entries["alert"],
        "handover": entries["handover-offered"],
        "hit": "5b1c",
        "letter": lines(["letter", "list", "--floor", floor])[0]["letter"],
        "report": lines(["product", "list", "--floor", floor])[0]["product"],
        "bundle": lines(["bundle", "list", "--sent", "--floor", floor])[0]["bundle"],
        "hold": lines(["hold", "list", "--floor", floor])[0]["hold"],
        "erasure": Floor.open(floor).acts_of("erasure")[-1].position,
    }


def paired(home):
    """A floor on which one act on an account waits for a second person, and a reset for its confirmation."""
    floor = Floor.create(home / "pair", Actor("roy", "tests", "an Act"), exercise=True)
    file = AccessFile(floor.root)
    one = Administration(file, Accounts(file), Sessions(file), floor.act)
    for name in ("adm", "sup"):
        one.accounts.add(name, administrator=name == "adm")
    for by in ("adm", "sup"):
        one.accounts.redeem(one.accounts.link("adm", by=by), "a sentence that is long enough")
    (floor.root / "policy.toml").write_text(
        f'[readers."{common.who()}"]\nrole = "supervisor"\n[readers.adm]\n[readers.sup]\nprotected = "PB"\n',
        encoding="utf-8",
    )
    with pytest.raises(Refused):
        one.link(Actor("adm", "tests", "an Act"), "sup")
    (request,) = one.requests(Actor(common.who(), "tests", "an Act"))
    file.close()
    return {"request": request.id}


@pytest.fixture
def places(restored, tmp_path, monkeypatch):
    """What the braces of the tables stand for; floors are copies of their own."""
    monkeypatch.chdir(tmp_path)
    home, known = restored
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    own = ("floor", "bare", "ruled", "folder", "new", "bank", "teller", "quiet", "vault", "lister", "listed")
    own += ("pair",)
    own += ("harbour", "office")
    return known | {name: tmp_path / name for name in own}
