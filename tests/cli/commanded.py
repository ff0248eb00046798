"""A floor on which every registered command has something to do, and what each is called with there."""

import json
import shutil
from contextlib import chdir
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
    pixels,
    planners,
    referrers,
    registrars,
    removers,
    reporters,
    travellers,
)
from tests.exchange.assessments import answered
from tests.exchange.certificates import authority, certificate
from tests.reference.law.statutes import statute
from typer.testing import CliRunner

from watchfloor.casework import clearances, policies
from watchfloor.casework.notices import subscriptions as personal
from watchfloor.casework.tasking.deconfliction import DUTY
from watchfloor.cell.acts import Refusal
from watchfloor.cli import app, common
from watchfloor.console.access.accounts import Accounts
from watchfloor.console.access.administering import Administration
from watchfloor.console.access.file import AccessFile
from watchfloor.console.access.sessions import Sessions
from watchfloor.exchange.files import FORMATS
from watchfloor.store import Actor, Floor, clock, encryption
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
        if command.params or not hasattr(command, "commands"):
            yield (*words, name), command
        yield from registered(command, (*words, name))


COMMANDS = dict(registered())

LAW = ("--authority", "Customs Act s. 99", "--floor", "{floor}")
NO_LAW = (*LAW[:-1], "{bare}")
OTHER = Signer("other", bytes(32)).verifier.text
CHECKED = ("--institution", "police", "--checked", "by phone")
PULLING = ("--institution", "police", "--gateway", "customs-107-5-a", "--test", "the file is in court")
THROUGH = ("--gateway", "customs-107-4-c", "--test", "the parcel is under examination")
WHY = ("--why", "seen")
TLS = ("--tls-cert", "{tls}/node.crt", "--tls-key", "{tls}/node.key", "--client-ca", "{tls}/authority.crt")
LETTER = ("--to", "Customs of Ruritania", "--country", "ISL", "--subject", "Exporters of concern")
FULL = {
    (
        "admin",
        "warm",
    ): ["disclosures", "--workers", "1"],
    ("demo",): ["{new}", "--scale", "0.1", "--no-sensors", "--no-browser"],
    ("serve",): ["--check", "--port", "0", "--floor", "{floor}"],
    ("feeds", "live", "run"): ["--check", "--floor", "{floor}"],
    ("feeds", "live", "status"): ["--floor", "{floor}"],
    ("init",): ["--floor", "{new}"],
    ("admin", "account", "add"): ["okafor", "--floor", "{floor}"],
    ("admin", "account", "link"): ["keeper", "--floor", "{floor}"],
    ("admin", "account", "list"): ["--floor", "{floor}"],
    ("admin", "account", "disable"): ["closed", "--floor", "{floor}"],
    ("admin", "account", "enable"): ["closed", "--floor", "{floor}"],
    ("admin", "account", "no-second-factor"): ["closed", "--floor", "{floor}"],
    ("admin", "account", "no-passkeys"): ["closed", "--floor", "{floor}"],
    ("admin", "account", "requests"): ["--floor", "{floor}"],
    ("admin", "account", "approve"): ["{request}", "--floor", "{pair}"],
    ("admin", "account", "confirm"): ["adm", "--floor", "{pair}"],
    ("admin", "account", "administrator"): ["closed", "--floor", "{floor}"],
    ("ingest",): ["{parties}", "--floor", "{floor}"],
    ("run",): ["--floor", "{floor}"],
    (
        "floor",
        "replay",
    ): ["--floor", "{floor}"],
    ("leads",): ["--floor", "{floor}"],
    ("lead",): ["{lead}", "--floor", "{floor}"],
    ("leads", "export"): ["--floor", "{floor}"],
    (
        "leads",
        "decide",
    ): ["{lead}", "different", "--why", "seen", "--floor", "{floor}"],
    ("leads", "follow"): ["{lead}", "--floor", "{floor}"],
    ("leads", "unfollow"): ["{subscription}", "--floor", "{floor}"],
    ("notices", "list"): ["--floor", "{floor}"],
    ("notices", "followed"): ["--floor", "{floor}"],
    ("notices", "read"): ["--floor", "{floor}"],
    ("views", "list"): ["--floor", "{floor}"],
    ("views", "save"): ["Boats", "--query", "state=new", "--floor", "{floor}"],
    ("views", "remove"): ["Mine", "--floor", "{floor}"],
    ("leads", "take"): ["{lead}", "--floor", "{floor}"],
    ("leads", "watch"): ["{lead}", "--floor", "{floor}"],
    ("leads", "close"): ["{lead}", "unfounded", "--floor", "{floor}"],
    ("leads", "reopen"): ["{lead}", "--floor", "{floor}"],
    ("leads", "comment"): ["{lead}", "@anna look", "--floor", "{floor}"],
    (
        "leads",
        "merge",
    ): ["{lead}", "person:test:3", "--why", "seen", "--floor", "{floor}"],
    (
        "leads",
        "apart",
    ): ["{lead}", "person:test:3", "--why", "seen", "--floor", "{floor}"],
    (
        "leads",
        "unmerge",
    ): ["person:test:1", "--why", "seen", "--floor", "{floor}"],
    (
        "leads",
        "link",
    ): ["--floor", "{floor}"],
    ("weigh",): ["{signals}", "-o", "{new}"],
    ("share", "tak"): ["tcp://127.0.0.1:1", "--for", "keeper", "--check", "--floor", "{floor}"],
    ("track",): ["{detections}", "-o", "{new}.csv"],
    ("track", "score"): ["{truth}", "{truth}", "--cutoff", "20"],
    ("travel", "rings"): ["{applications}"],
    ("screen",): ["{queries}", "--list", "{list}"],
    ("search",): ["landing", "--floor", "{floor}"],
    ("coverage",): ["--hours", "1", "--km", "0-2", "--floor", "{floor}"],
    ("coverage", "compare"): ["--hours", "1", "--floor", "{floor}"],
    ("coverage", "score"): ["--from", "2026-11-20T00:00Z", "--hours", "24", "--floor", "{floor}"],
    ("coverage", "sections"): ["--hours", "1", "--floor", "{floor}"],
    ("plan", "adopt"): ["--from", "2099-01-05", "--days", "1", "--seed", "7", *WHY, "--floor", "{floor}"],
    ("plan", "adopted"): ["--floor", "{floor}"],
    ("plan", "withdraw"): ["{plan}", *WHY, "--floor", "{floor}"],
    ("plan", "patrols"): ["--from", "2099-01-05", "--days", "2", "--seed", "7", "--floor", "{floor}"],
    ("plan", "search"): [
        "--at",
        "45.01,-73.35,500",
        "--begins",
        "2099-01-05",
        "--since",
        "2099-01-04",
        "--floor",
        "{floor}",
    ],
    ("plan", "joint"): ["{together}", "--floor", "{floor}"],
    ("plan", "issue"): ["{together}", *LAW],
    ("coverage", "flown"): ["{flown}", "--asset", "drone", *LAW],
    ("coverage", "impact"): ["river", "--level", "high", *WHY, *LAW],
    ("coverage", "restore"): ["lake", *WHY, *LAW],
    ("coverage", "request"): [
        *("river", "--unit", "border-operations", "--question", "who looks at night?"),
        *("--deadline", "2099-01-01", *LAW),
    ],
    (
        "surveillance",
        "cue",
    ): ["--floor", "{floor}"],
    (
        "cargo",
        "target",
    ): ["--budget", "5", "--floor", "{floor}"],
    ("cargo", "rates"): ["--floor", "{floor}"],
    ("cargo", "year"): ["--days", "3", "--items", "60"],
    ("cargo", "fairness"): ["--floor", "{floor}"],
    (
        "lab",
        "devices",
    ): ["--on", "2028-01-02", "--floor", "{floor}"],
    ("lab", "reading", "negative"): ["--method", "ftir", "--matrix", "powder", "--prior", "0.3"],
    (
        "leads",
        "mentions",
    ): ["--floor", "{floor}"],
    (
        "leads",
        "confirm",
    ): ["N-17", "1", "--why", "seen", "--floor", "{floor}"],
    (
        "feeds",
        "map",
    ): ["{parties}"],
    ("record",): ["{record}", "--floor", "{floor}"],
    (
        "leads",
        "compare",
    ): ["{record}", "{other}", "--columns", "country", "--why", "seen", "--floor", "{floor}"],
    ("floor", "clearance", "proposed"): ["--floor", "{cleared}"],
    ("floor", "clearance", "propose"): ["low", "--protected", "PC", *WHY, "--floor", "{cleared}"],
    ("floor", "clearance", "approve"): ["{clearance}", "--floor", "{cleared}"],
    ("floor", "clearance", "refuse"): ["{clearance}", *WHY, "--floor", "{cleared}"],
    ("floor", "marking", "init"): ["{new}"],
    ("floor", "marking", "check"): ["{policy}"],
    ("floor", "marking", "set"): ["{policy}", "--floor", "{floor}"],
    ("floor", "marking", "list"): ["--floor", "{ruled}"],
    ("floor", "marking", "approve"): ["--floor", "{ruled}"],
    ("floor", "marking", "proposed"): ["--floor", "{ruled}"],
    ("floor", "marking", "restore"): ["--floor", "{ruled}"],
    ("floor", "marking", "confirm"): ["--floor", "{ruled}"],
    ("floor", "marking", "downgrade"): [
        "{record}",
        "--to",
        "U//TLP:CLEAR",
        "--why",
        "seen",
        "--floor",
        "{floor}",
    ],
    ("floor", "marking", "upgrade"): [
        "{record}",
        "--to",
        "PB//TLP:RED",
        "--why",
        "seen",
        "--floor",
        "{floor}",
    ],
    (
        "floor",
        "verify",
    ): ["--floor", "{floor}"],
    (
        "admin",
        "doctor",
    ): ["--floor", "{floor}"],
    (
        "floor",
        "erase",
    ): ["{record}", "--why", "asked", "--category", "consent", *LAW],
    (
        "floor",
        "retention",
    ): ["--all", "--floor", "{floor}"],
    ("floor", "hold", "place"): ["{lead}", "--why", "T-1-26", "--ordered-by", "Justice", *LAW],
    ("floor", "hold", "lift"): ["{hold}", "--why", "discontinued", "--floor", "{floor}"],
    ("floor", "hold", "list"): ["--floor", "{floor}"],
    ("floor", "certificate", "issue"): ["{erasure}", "--floor", "{floor}"],
    ("floor", "certificate", "check"): ["{certificate}", "--floor", "{floor}"],
    ("scorecard", "aia", "draft"): ["-o", "{new}", "--floor", "{floor}"],
    ("scorecard", "aia", "score"): ["{assessment}"],
    (
        "floor",
        "expire",
    ): ["--floor", "{floor}"],
    (
        "floor",
        "compact",
    ): ["--floor", "{floor}"],
    (
        "floor",
        "backup",
    ): ["{new}", "--unencrypted", "--floor", "{floor}"],
    (
        "floor",
        "backup-key",
    ): ["{new}"],
    (
        "floor",
        "restore",
    ): ["{backup}", "--floor", "{new}"],
    ("floor", "standby", "ship"): ["--once", "--floor", "{primary}"],
    ("floor", "standby", "follow"): ["{shared}", "--key", "{ship_key}", "--once", "--floor", "{new}"],
    ("floor", "standby", "status"): ["{shared}", "--key", "{ship_key}", "--floor", "{new}"],
    ("floor", "standby", "promote"): ["{shared}", "--key", "{ship_key}", "--force", "--floor", "{new}"],
    ("floor", "schedule", "list"): ["--floor", "{floor}"],
    ("floor", "schedule", "run"): ["expire", "--floor", "{floor}"],
    (
        "floor",
        "upgrade",
    ): ["--floor", "{floor}"],
    (
        "floor",
        "migrate",
    ): ["--floor", "{floor}", "--to-folder", "{new}"],
    ("listed",): ["{list}"],
    ("lists", "fetch"): ["--to", "{new}", "--only", "un"],
    ("feeds", "taxii"): [
        *("https://taxii.example/taxii2/root/collections/c/", "--feed", "partner", "--floor", "{floor}"),
    ],
    ("feeds", "quarantine", "list"): ["--floor", "{floor}"],
    ("feeds", "quarantine", "show"): ["1", "--floor", "{floor}"],
    ("feeds", "quarantine", "retry"): ["--floor", "{floor}"],
    (
        "leads",
        "outcome",
    ): ["{lead}", "seized", "--why", "seen", "--floor", "{floor}"],
    (
        "leads",
        "refit",
    ): ["--floor", "{floor}"],
    (
        "leads",
        "fits",
    ): ["--floor", "{floor}"],
    (
        "leads",
        "calibration",
    ): ["--floor", "{floor}"],
    ("leads", "audit", "draw"): ["3", "--floor", "{floor}"],
    ("leads", "audit", "list"): ["--floor", "{floor}"],
    ("admin", "exercise", "make"): ["{new}", "--scale", "0.1"],
    ("admin", "exercise", "prepare"): ["{exercise}", "{new}", "--at", "2026-11-20T01:50"],
    ("admin", "exercise", "play"): ["{exercise}", "--floor", "{played}", "--check"],
    ("admin", "exercise", "inject"): [
        "{list}",
        "--feed",
        "exercise-towers",
        "--floor",
        "{played}",
        "--check",
    ],
    ("admin", "exercise", "clock"): ["--floor", "{played}"],
    ("admin", "exercise", "pace"): ["60", "--floor", "{played}"],
    ("admin", "exercise", "skip"): ["2027-01-01", "--floor", "{played}"],
    ("admin", "exercise", "review"): ["{key}", "--floor", "{floor}"],
    ("admin", "exercise", "score"): ["{floor}", "--key", "{key}"],
    ("cases", "task", "issue"): ["{lead}", "--unit", "border-operations", "--instruction", "look", *LAW],
    ("cases", "task", "amend"): [
        "{task}",
        "--instruction",
        "look twice",
        "--why",
        "seen",
        "--floor",
        "{floor}",
    ],
    ("cases", "task", "accept"): ["{task}", "--floor", "{floor}"],
    ("cases", "task", "refuse"): ["{task}", "--why", "seen", "--floor", "{floor}"],
    ("cases", "task", "done"): ["{accepted}", "--floor", "{floor}"],
    ("cases", "task", "hit"): ["{task}", "--why", "seen", "--floor", "{floor}"],
    ("cases", "task", "list"): ["--floor", "{floor}"],
    ("cases", "task", "show"): ["{task}", "--floor", "{floor}"],
    ("cases", "task", "units"): ["--floor", "{floor}"],
    ("cases", "product", "draft"): ["--lead", "{lead}", "--title", "seen", "--floor", "{floor}"],
    ("cases", "product", "amend"): ["{report}", "--title", "other", "--why", "seen", "--floor", "{floor}"],
    ("cases", "product", "disseminate"): ["{report}", "--to", "rcmp-operations", "--purpose", "border", *LAW],
    ("cases", "product", "recall"): ["{report}", "--why", "seen", "--floor", "{floor}"],
    ("cases", "product", "list"): ["--floor", "{floor}"],
    ("cases", "product", "show"): ["{report}", "--floor", "{floor}"],
    ("share", "deconflict", "hits"): ["--floor", "{floor}"],
    ("share", "deconflict", "answer"): ["{hit}", "silent", "--floor", "{floor}"],
    ("share", "deconflict", "notices"): ["--floor", "{floor}"],
    ("share", "deconflict", "near"): ["--floor", "{floor}"],
    ("cases", "watch", "note"): ["seen", "--floor", "{floor}"],
    ("cases", "watch", "alert"): ["seen", "--to", "the next", "--floor", "{floor}"],
    ("cases", "watch", "task"): ["{alert}", "--unit", "border-operations", "--instruction", "seen", *LAW],
    ("cases", "watch", "ack"): ["{alert}", "--floor", "{floor}"],
    ("cases", "watch", "escalate"): ["{alert}", "--why", "seen", "--floor", "{floor}"],
    ("cases", "watch", "handover"): ["--to", "the next", "--floor", "{floor}"],
    ("cases", "watch", "sign"): ["{handover}", "--floor", "{floor}"],
    ("cases", "watch", "on-call"): ["--floor", "{floor}"],
    ("cases", "watch", "roster"): ["--floor", "{floor}"],
    ("cases", "watch", "log"): ["--floor", "{floor}"],
    ("cases", "watch", "due"): ["--floor", "{floor}"],
    ("cases", "watch", "public"): ["--floor", "{floor}"],
    ("cases", "deadlines"): ["--days", "9999", "--floor", "{floor}"],
    ("cases", "watch", "announce"): [
        *("Ice", "--event-fr", "Glace", "--headline", "Stay off", "--headline-fr", "Restez au loin"),
        *("--area", "River", "--area-fr", "Rivière", "--released", "seen", "--purpose", "safety", *LAW),
    ],
    ("gateway", "list"): ["--floor", "{floor}"],
    ("gateway", "show"): ["scida-5", "--floor", "{floor}"],
    ("gateway", "check"): ["{gateways}"],
    ("law", "diff"): ["2026-03-25", "2026-03-27", "--floor", "{floor}"],
    ("law", "check"): ["{statute}", "--floor", "{floor}"],
    ("gateway", "risk-check"): [
        "--partner",
        "p",
        "--country",
        "USA",
        "--substantial-risk",
        "no",
        *LAW,
    ],
    ("gateway", "risks"): ["--floor", "{floor}"],
    ("share", "letter", "draft"): ["{body}", *LETTER, "--record", "{record}", *LAW],
    ("share", "letter", "check"): ["{letter}", "--floor", "{floor}"],
    ("share", "letter", "show"): ["{letter}", "--floor", "{floor}"],
    ("share", "letter", "list"): ["--floor", "{floor}"],
    ("share", "letter", "approve"): ["{letter}", "--why", "firms alone", *LAW],
    ("gateway", "report"): ["--year", "{year}", "--floor", "{floor}"],
    ("cases", "watch", "sitrep"): ["--floor", "{floor}"],
    ("floor", "index", "rebuild"): ["--floor", "{floor}"],
    ("floor", "index", "check"): ["--floor", "{floor}"],
    ("share", "node", "show"): ["--floor", "{floor}"],
    ("share", "node", "list"): ["--floor", "{floor}"],
    ("share", "node", "trust"): [OTHER, "--name", "other", *CHECKED, "--floor", "{floor}"],
    ("share", "node", "distrust"): ["partner", "--why", "seen", "--floor", "{floor}"],
    ("share", "node", "pointers"): ["--floor", "{floor}"],
    ("share", "node", "serve"): [*TLS, "--check", "--floor", "{floor}"],
    ("share", "bundle", "send"): [
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
    ("partner", "add"): ["police", *PULLING, "--floor", "{floor}"],
    ("partner", "list"): ["--floor", "{floor}"],
    ("partner", "show"): ["rcmp", "--floor", "{floor}"],
    ("partner", "publish"): ["rcmp", "--floor", "{floor}"],
    ("partner", "remove"): ["rcmp", "--why", "seen", "--floor", "{floor}"],
    **{("share", form): ["-o", "{new}", "--floor", "{floor}"] for form in FORMATS},
    ("share", "bundle", "receive"): ["{incoming}", "--floor", "{floor}"],
    ("share", "bundle", "receipt"): ["{back}", "--floor", "{floor}"],
    ("share", "bundle", "list"): ["--floor", "{floor}"],
    ("share", "bundle", "show"): ["{bundle}", "--floor", "{floor}"],
    ("share", "bundle", "recall"): ["{bundle}", "--why", "seen", "--floor", "{floor}"],
    ("share", "bundle", "ask-consent"): [
        "--to",
        "third",
        "--pointers",
        "person:gone:1",
        *WHY,
        "--floor",
        "{floor}",
    ],
    ("share", "bundle", "consent"): ["{asked}", "--why", "seen", "--floor", "{floor}"],
    ("share", "bundle", "consented"): ["{given}", "--floor", "{floor}"],
    ("floor", "log", "checkpoint"): ["--floor", "{floor}"],
    ("floor", "log", "consistency"): ["1", "--floor", "{floor}"],
    ("floor", "log", "inclusion"): ["1", "--floor", "{floor}"],
    ("floor", "log", "proof"): ["{record}", "--floor", "{floor}"],
    ("floor", "log", "witness"): ["{theirs}", "--floor", "{floor}"],
    ("floor", "log", "cosigned"): ["{ours}", "--floor", "{floor}"],
    ("floor", "log", "export"): ["{new}", "--floor", "{floor}"],
    ("floor", "log", "show"): ["--floor", "{floor}"],
    ("floor", "log", "duties"): ["--floor", "{floor}"],
    ("cases", "crown", "pack"): ["{lead}", "-o", "{new}", "--prosecutor", "A. Roy", *LAW],
    ("cases", "crown", "check"): ["{case}"],
    ("controlled",): ["fentanyl", "2933.39", "--on", "2026-06-10"],
    ("scorecard",): ["--on", "2026-06-10", "-o", "{new}.html", "--floor", "{floor}"],
    **partners.FULL,
    **payers.FULL,
    **pixels.FULL,
    **travellers.FULL,
    **pixels.ON_FLOOR,
    **planners.FULL,
    **planners.PUBLISHED,
    **removers.FULL,
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
    ("admin", "account", "list"): (["--floor", "{bare}"], "accounts", 0),
    ("admin", "account", "requests"): (["--floor", "{bare}"], "requests", 0),
    ("feeds", "live", "status"): (["--floor", "{bare}"], "sources", 0),
    ("ingest",): (["{folder}", "--floor", "{bare}"], "feeds", {}),
    ("run",): (["--floor", "{bare}"], "standing", {"signal": 0}),
    (
        "floor",
        "replay",
    ): (["--floor", "{bare}"], "runs", 0),
    ("leads",): (["--floor", "{bare}"], "leads", 0),
    ("views", "list"): (["--floor", "{bare}"], "views", 0),
    ("notices", "list"): (["--floor", "{bare}"], "notices", 0),
    ("notices", "followed"): (["--floor", "{bare}"], "followed", 0),
    (
        "leads",
        "link",
    ): (["--floor", "{bare}"], "pairs", 0),
    (
        "leads",
        "outcome",
    ): (["--floor", "{bare}"], "outcomes", 0),
    (
        "leads",
        "refit",
    ): (["--floor", "{bare}"], "records", []),
    (
        "leads",
        "fits",
    ): (["--floor", "{bare}"], "fits", 0),
    (
        "leads",
        "calibration",
    ): (["--floor", "{bare}"], "leads", 0),
    ("leads", "audit", "draw"): (["3", "--floor", "{bare}"], "drawn", 0),
    ("leads", "audit", "list"): (["--floor", "{bare}"], "drawn", 0),
    ("cases", "task", "list"): (["--floor", "{bare}"], "tasks", 0),
    ("cases", "product", "list"): (["--floor", "{bare}"], "reports", 0),
    ("partner", "list"): (["--floor", "{bare}"], "partners", 0),
    ("share", "node", "list"): (["--floor", "{bare}"], "peers", 0),
    ("share", "node", "pointers"): (["--floor", "{bare}"], "pointers", 0),
    ("share", "bundle", "list"): (["--floor", "{bare}"], "bundles", 0),
    ("share", "bundle", "ask-consent"): (
        ["--to", "third", "--signals", "all", *WHY, "--floor", "{bare}"],
        "rows",
        0,
    ),
    ("share", "deconflict", "hits"): (["--floor", "{bare}"], "hits", 0),
    ("share", "deconflict", "notices"): (["--floor", "{bare}"], "notices", 0),
    ("share", "deconflict", "near"): (["--floor", "{bare}"], "near", 0),
    ("cases", "watch", "log"): (["--floor", "{bare}"], "lines", 0),
    ("cases", "watch", "due"): (["--floor", "{bare}"], "alerts", 0),
    ("cases", "watch", "public"): (["--floor", "{bare}"], "alerts", 0),
    ("cases", "deadlines"): (["--floor", "{bare}"], "deadlines", 0),
    ("gateway", "list"): (["--from", "review-body", "--floor", "{bare}"], "gateways", 0),
    ("gateway", "risks"): (["--floor", "{bare}"], "risks", 0),
    ("law", "diff"): (["2026-03-27", "2026-03-27", "--floor", "{bare}"], "changes", 0),
    ("share", "letter", "list"): (["--floor", "{bare}"], "letters", 0),
    ("gateway", "report"): (["--year", "{year}", "--floor", "{bare}"], "records", 0),
    ("cases", "watch", "sitrep"): (["--floor", "{bare}"], "sentences", []),
    ("screen",): (["{none}", "--list", "{list}"], "queries", 0),
    ("search",): (["landing", "--floor", "{bare}"], "found", 0),
    ("coverage",): (["--watched", "--floor", "{bare}"], "cells", 0),
    ("coverage", "compare"): (["--hours", "1", "--floor", "{bare}"], "assets", []),
    ("coverage", "score"): (["--hours", "1", "--floor", "{bare}"], "scores", 0),
    ("coverage", "sections"): (["--hours", "1", "--floor", "{bare}"], "sections", 0),
    ("plan", "adopted"): (["--floor", "{bare}"], "plans", 0),
    ("roster", "list"): (["--floor", "{bare}"], "rosters", 0),
    (
        "surveillance",
        "cue",
    ): (["--floor", "{bare}"], "cues", 0),
    (
        "cargo",
        "target",
    ): (["--budget", "5", "--floor", "{bare}"], "picks", 0),
    ("cargo", "rates"): (["--floor", "{bare}"], "inspections", 0),
    ("cargo", "year"): (["--days", "1", "--items", "60", "--budget", "0"], "finds", 0),
    ("cargo", "fairness"): (["--floor", "{bare}"], "groups", 0),
    (
        "lab",
        "devices",
    ): (["--floor", "{bare}"], "devices", 0),
    ("track",): (["{detections}", "-o", "{new}.csv"], "tracks", 0),
    ("finance", "patterns"): (["{payments}", "-o", "{new}.csv", "--score", "1"], "instances", 0),
    ("floor", "index", "rebuild"): (["--floor", "{bare}"], "segments", 0),
    ("floor", "index", "check"): (["--floor", "{bare}"], "found", 0),
    (
        "leads",
        "mentions",
    ): (["--floor", "{bare}"], "mentions", 0),
    ("floor", "marking", "list"): (["--floor", "{bare}"], "words", 0),
    (
        "floor",
        "verify",
    ): (["--floor", "{bare}"], "found", 0),
    (
        "floor",
        "expire",
    ): (["--floor", "{bare}"], "records", 0),
    (
        "floor",
        "erase",
    ): (["--subject", "person:x:1", "--why", "asked", *LAW[:2], "--floor", "{bare}"], "records", 0),
    (
        "floor",
        "retention",
    ): (["--all", "--floor", "{bare}"], "records", 0),
    ("floor", "hold", "list"): (["--floor", "{bare}"], "holds", 0),
    (
        "floor",
        "compact",
    ): (["--floor", "{bare}"], "joined", 0),
    ("floor", "schedule", "list"): (["--floor", "{bare}"], "tasks", 0),
    (
        "floor",
        "upgrade",
    ): (["--floor", "{bare}"], "upgraded", 0),
    ("listed",): (["{list}", "--name", "Nobody"], "items", 0),
    ("controlled",): (["diff", "2026-06-05", "2026-06-05"], "changes", 0),
    ("feeds", "quarantine", "list"): (["--floor", "{bare}"], "pieces", 0),
    ("feeds", "quarantine", "retry"): (["--floor", "{bare}"], "left", 0),
    ("floor", "log", "show"): (["--act", "disclosed", "--floor", "{bare}"], "acts", 0),
    ("cases", "crown", "pack"): (
        ["person:x:1", "-o", "{new}", "--prosecutor", "A. Roy", *NO_LAW],
        "items",
        0,
    ),
    **partners.EMPTY,
    **measurers.EMPTY,
    **custodians.EMPTY,
    **carriers.EMPTY,
    **travellers.EMPTY,
    **claimants.EMPTY,
    **modellers.EMPTY,
    **concerned.EMPTY,
    **referrers.EMPTY,
    **registrars.EMPTY,
    **reporters.EMPTY,
    **planners.EMPTY,
    **removers.EMPTY,
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
        "statute.xml": statute(number="C-29.4", first="2026-09-01", last="2026-09-30").decode(),
        "queries.csv": "id,name\n1,Zed\n",
        "detections.csv": "t,sensor,x,y\n1,a,2,3\n",
        "truth.csv": "t,id,x,y\n1,a,2,3\n",
        "applications.csv": "application,applicant,phone,nationality\n1,Ann Example,4165550100,UTO\n",
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
    call(["leads", "merge", "person:test:1", "person:test:2", "--why", "seen", *floor])
    acted_on(floor)
    sectioned(home / "demo" / "floor")
    call(["admin", "account", "add", "keeper", "--administrator", *floor])
    call(["admin", "account", "add", "closed", *floor])
    lettered(home, floor)
    partner(home, floor)
    exchanged(home, floor)
    kept_and_erased(home, floor)
    (home / "assessment.toml").write_text(answered("design"), encoding="utf-8")
    call(["views", "save", "Mine", *floor])
    call(["leads", "follow", "--view", "Mine", *floor])
    lead = lines(["leads", *floor])[0]["lead_id"]
    noticed(home / "demo" / "floor", lead)
    (home / "demo" / "floor" / "schedule.toml").write_text('[expire]\nat = "02:00"\n', encoding="utf-8")
    law = ["--authority", "an Act", "--prosecutor", "A. Roy"]
    call(["cases", "crown", "pack", lead, "-o", home / "case.zip", *law, *floor])
    call(["floor", "backup", "--unencrypted", home / "backup.tar", "--floor", home / "demo" / "floor"])
    return home


def shipped(home):
    """A floor that was shipped to a folder beside it."""
    call(["init", "--floor", home / "primary"])
    (home / "shared").mkdir()
    recipient = encryption.make_key(home / "ship_key")
    text = f'to = "shared"\nrecipients = ["{recipient}"]\n'
    (home / "primary" / "standby.toml").write_text(text, encoding="utf-8")
    call(["floor", "standby", "ship", "--once", "--floor", home / "primary"])


def sectioned(root):
    """Two sections of the line, of which one has an impact level."""
    text = "".join(
        f'[[section]]\nname = "{name}"\nen = "{name}"\nkm = [{first}, {first + 5}]\n'
        for name, first in (("river", 5_000), ("lake", 3_100))
    )
    with (root / "coverage.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{text}")
    call(["coverage", "impact", "lake", "--level", "low", *WHY, *LAW[:2], "--floor", root])


def acted_on(floor):
    """Tasks on a lead, an alert, a report, and a handover that another offers to whoever runs the tests."""
    lead = lines(["leads", *floor])[0]["lead_id"]
    asked = ["--unit", "border-operations", "--form", "lookout", "--authority", "Customs Act s. 99", *floor]
    tasks = [
        lines(["cases", "task", "issue", lead, "--instruction", each, *asked])[0]["task"] for each in "ab"
    ]
    call(["cases", "task", "accept", tasks[1], *floor])
    call(["cases", "watch", "alert", "seen", "--to", "the next", "--about", lead, *floor])
    call(["cases", "product", "draft", "--lead", lead, "--title", "seen", *floor])
    me = common.who()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHFLOOR_USER", "another")
        call(["cases", "watch", "handover", "--to", me, *floor])
    asked = {"by": "another", "organisation": "x", "asked_for": "x", "under": "x", "what": "lead"}
    held = {"hit": "5b1c", "owners": [], "marking": "PB", "subjects": ["person:test:1"]}
    Floor.open(floor[1]).act(DUTY, "hit", asked | {"hits": [held]})


def lettered(home, floor):
    """A letter that another drafted, and a check of the risk there."""
    lead = lines(["leads", *floor])[0]["lead_id"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHFLOOR_USER", "another")
        call(["share", "letter", "draft", home / "body.md", *LETTER, "--lead", lead, *floor])
    ruritania = ["--partner", "Customs of Ruritania", "--country", "ISL"]
    call(["gateway", "risk-check", *ruritania, "--substantial-risk", "no", *floor])


def exchanged(home, floor):
    """Bundles both ways, a receipt that came back, a consent asked for and one given, a certificate."""
    (home / "tls").mkdir()
    certificate(home / "tls", "node", authority(home / "tls"))
    call(["partner", "add", "rcmp", *PULLING, *floor])
    there = ["--floor", home / "partner"]
    (home / "told.csv").write_text(PARTIES.splitlines()[0] + "\n1,payee,Ida Oll,1971,2026-11-24\n", "utf-8")
    call(["ingest", home / "told.csv", "--source", "gone", *there])
    send = ["share", "bundle", "send", *THROUGH]
    call([*send, "--to", "partner", "--signals", "all", "-o", home / "outgoing.bundle", *floor])
    call([*send, "--to", "demo", "--pointers", "person:gone:1", "-o", home / "incoming.bundle", *there])
    call(["share", "bundle", "receive", home / "outgoing.bundle", "--receipt", home / "back.receipt", *there])
    call(["share", "bundle", "receive", home / "incoming.bundle", "--notes", home / "notes", *floor])
    call(["run", *there])
    asking = ["share", "bundle", "ask-consent", "--to", "third", *WHY]
    call([*asking, "--signals", "all", "-o", home / "asked.request", *there])
    call([*asking, "--pointers", "person:gone:1", "-o", home / "ours.request", *floor])
    call(["share", "bundle", "consent", home / "ours.request", *WHY, "-o", home / "given.consent", *there])


def noticed(root, lead):
    """A notice of the first act on a lead, as a console that runs makes it."""
    floor = Floor.open(root)
    row = floor.read("task", floor.reader(common.who(), "tests")).to_pylist()[0]
    given = (1, lead, "task", row["record_id"].hex(), row["observed_at"])
    personal.add(root, [personal.New(common.who(), personal.NAMED, *given)], (), 0.0)


def kept_and_erased(home, floor):
    """A legal hold, and an erasure with its certificate."""
    (home / "gone.csv").write_text(PARTIES.splitlines()[0] + "\n9,payee,Ida Oll,1971,2026-11-24\n", "utf-8")
    call(["ingest", home / "gone.csv", *floor], code=(0, 1))
    by = ["--authority", "an Act", *floor]
    call(["floor", "hold", "place", "person:test:3", "--why", "T-1-26", "--ordered-by", "Justice", *by])
    call(
        [
            "floor",
            "erase",
            "--subject",
            "person:gone:9",
            "--why",
            "asked",
            "--category",
            "consent",
            "-o",
            home / "certificate.txt",
            *by,
        ]
    )


def partner(home, floor):
    """A partner's checkpoint of its log, and ours as it has witnessed it."""
    call(["init", "--floor", home / "partner", "--name", "partner", "--exercise"])
    here, there = Floor.open(floor[1]), Floor.open(home / "partner")
    for one, other in ((here, there), (there, here)):
        key = other.signer.verifier.text
        detail = {"name": key.partition("+")[0], "key": key, "institution": "joint-cell", "country": "CAN"}
        detail |= {"checked": "same machine", "ceiling": "PB"}
        one.act(Actor("tester", "testing", "none"), "peer", detail)
    call(["floor", "log", "checkpoint", "-o", home / "theirs.checkpoint", "--floor", home / "partner"])
    call(["floor", "log", "checkpoint", "-o", home / "own.checkpoint", *floor])
    call(
        [
            "floor",
            "log",
            "witness",
            home / "own.checkpoint",
            "-o",
            home / "ours.note",
            "--floor",
            home / "partner",
        ]
    )


def played(home):
    """A floor that goes by the clock of an exercise, with a source that is played."""
    clocked = clock.begin(datetime(2026, 11, 20, 1, 50, tzinfo=UTC))
    floor = Floor.create(home / "played", Actor("roy", "tests", "an Act"), exercise=True, clock=clocked)
    source = 'url = "tcp-listen://127.0.0.1:5001"\ndecode = "detection-csv"\n'
    (floor.root / "feeds.toml").write_text(f"[feeds.exercise-towers.live]\n{source}", "utf-8")
    return floor.root


@pytest.fixture(scope="session")
def restored(made):
    """Floors to copy, and what the braces of the tables stand for beside them."""
    home = made / "restored"
    floor, policy = home / "floor", made / "policy.toml"
    call(["floor", "restore", made / "backup.tar", "--floor", floor])
    with (floor / "feeds.toml").open("a", encoding="utf-8") as file:
        file.write('\n[feeds.towers.live]\nurl = "udp://127.0.0.1:5000"\ndecode = "detection-csv"\n')
    (floor / "assets.toml").write_text(planners.DRONE, encoding="utf-8")
    call(["init", "--floor", home / "bare"])
    policy.write_text(
        f'[readers."{common.who()}"]\nprotected = "PB"\nrole = "supervisor"\n', encoding="utf-8"
    )
    call(["init", "--floor", home / "ruled", "--policy", policy])
    (home / "folder").mkdir()
    with chdir(home):
        shipped(home)
    banks = (
        partners.banked(home, call)
        | reporters.reported(home, call)
        | payers.paid(home, call)
        | pixels.observed(home)
        | travellers.documented(home)
        | pixels.imaged(home)
        | planners.sited(home)
        | planners.recounted(home)
        | planners.rostered(home, call)
        | planners.patrolled(home)
        | planners.ordered(home, call, floor)
    )
    banks |= custodians.kept(home, call) | concerned.concerned(home, call)
    banks |= modellers.fitted(home, call) | registrars.filed(home, call)
    removers.removed(floor)
    banks |= paired(home) | cleared(home)
    banks |= measurers.measured(home) | carriers.carried(home) | referrers.harboured(home, call)
    call(["plan", "adopt", "--from", "2099-03-01", "--days", "1", "--seed", "7", *WHY, "--floor", floor])
    (lead, *_) = lines(["leads", "--floor", floor])
    (one,) = lines(["lead", lead["lead_id"], "--floor", floor])
    tasks = {one["state"]: one["task"] for one in lines(["cases", "task", "list", "--floor", floor])}
    entries = {
        one["what"]: one["entry"] for one in lines(["cases", "watch", "log", "--all", "--floor", floor])
    }
    return home, {
        **{path.stem: path for path in made.glob("*.*")},
        **banks,
        "key": made / "demo" / "exercise" / "key" / "answer-key.json",
        "exercise": made / "demo" / "exercise",
        "played": played(home),
        "tls": made / "tls",
        "lead": lead["lead_id"],
        "subscription": lines(["notices", "followed", "--floor", floor])[0]["subscription"],
        "record": one["contributions"][0]["evidence"][0],
        "other": one["contributions"][0]["evidence"][1],
        "task": tasks["issued"],
        "plan": lines(["plan", "adopted", "--floor", floor])[0]["plan"],
        "accepted": tasks["accepted"],
        "alert": entries["alert"],
        "handover": entries["handover-offered"],
        "hit": "5b1c",
        "letter": lines(["share", "letter", "list", "--floor", floor])[0]["letter"],
        "report": lines(["cases", "product", "list", "--floor", floor])[0]["product"],
        "bundle": lines(["share", "bundle", "list", "--sent", "--floor", floor])[0]["bundle"],
        "hold": lines(["floor", "hold", "list", "--floor", floor])[0]["hold"],
        "erasure": Floor.open(floor).acts_of("erasure")[-1].position,
        "year": Floor.open(floor).acts_of("disclosed")[-1].at.year,
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
    with pytest.raises(Refusal):
        one.link(Actor("adm", "tests", "an Act"), "sup")
    (request,) = one.requests(Actor(common.who(), "tests", "an Act"))
    file.close()
    return {"request": request.id}


def cleared(home):
    """A floor of two supervisors, on which one has proposed a clearance."""
    floor = Floor.create(home / "cleared", Actor("deputy", "tests", "an Act"), exercise=True)
    both = f'[readers."{common.who()}"]\nrole = "supervisor"\n[readers.deputy]\nrole = "supervisor"\n'
    policies.install(floor, Actor("deputy", "tests", "an Act"), both + "[readers.low]\n")
    said = ("other", clearances.Clearance(protected="PA"), "seen")
    return {"clearance": clearances.propose(floor, Actor("deputy", "tests", "an Act"), *said).id}


OWN = frozenset(
    """floor bare ruled folder new bank teller quiet vault lister listed pair cleared harbour office primary
    shared ship_key""".split()
)
"""Places that a test has for itself."""
BESIDE = {"primary": "shared"}
"""What a floor writes to beside itself."""


class Places(dict):
    """What the braces of the tables stand for; a folder is copied when it is first named.

    A copy of all took longer than most commands.
    """

    def __init__(self, home, known, own):
        super().__init__({name: place for name, place in known.items() if name not in OWN})
        self._home, self._own = home, own
        for path in home.iterdir():
            if path.is_file():
                shutil.copy2(path, own)

    def __missing__(self, name):
        if name not in OWN:
            raise KeyError(name)
        self[name] = self._own / name
        if (self._home / name).is_dir():
            shutil.copytree(self._home / name, self[name])
        if name in BESIDE:
            self[BESIDE[name]]
        return self[name]


@pytest.fixture
def places(restored, tmp_path, monkeypatch):
    """What the braces of the tables stand for; floors are copies of their own."""
    monkeypatch.chdir(tmp_path)
    return Places(*restored, tmp_path)
