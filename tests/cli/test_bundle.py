"""`share node` and `share bundle` at the terminal: what two officers do, and what they are told."""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import chdir, contextmanager
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath

import msgspec
import pytest
from tests.exchange.certificates import authority, certificate
from tests.exchange.test_serving import serving_at
from typer.testing import CliRunner

from watchfloor.actions.bundles import of_node
from watchfloor.cli import acting, app, main
from watchfloor.exchange.bundles import bundle, signed_notices
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

RUNNER = CliRunner()
READINGS = (
    "report_key,subject,instrument,method,sample,substance,level,observed_at\n"
    "S-1,parcel:s10:RR123456785CA,gc-1,gc-ms,17,substance:cas:437-38-7,identified,2026-11-24\n"
    "S-2,parcel:s10:RR473124829CA,gc-1,gc-ms,18,substance:cas:50-78-2,identified,2026-11-24\n"
)
CUSTOMS = ("--gateway", "customs-107-4-c", "--test", "the parcel is under examination, file 17")


def call(*words, code=0):
    result = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def said(*words, code=0):
    result = RUNNER.invoke(app, [*map(str, words), "--json"], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A laboratory that holds a hit, and a cell, with keys exchanged."""
    home = tmp_path_factory.mktemp("made")
    with chdir(home):
        exchange_keys(home)
    return home


@pytest.fixture
def nodes(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def exchange_keys(home):
    for name, institution in (("lab", "laboratory"), ("cell", "joint-cell")):
        made = ("--institution", institution, "--ceiling", "PB//TLP:RED", "--exercise")
        call("init", "--floor", home / name, "--name", name, *made)
    (home / "readings.csv").write_text(READINGS, encoding="utf-8")
    call("ingest", "readings.csv", "--format", "reading-csv", "--floor", "lab")
    call("run", "--floor", "lab")
    for one, other in (("lab", "cell"), ("cell", "lab")):
        (shown,) = said("share", "node", "show", "--floor", other)
        about = [part for name in ("name", "institution", "ceiling") for part in (f"--{name}", shown[name])]
        call("share", "node", "trust", shown["key"], *about, "--checked", "read out by phone", "--floor", one)


def send(*words, code=0):
    return call("share", "bundle", "send", "--to", "cell", *CUSTOMS, *words, "--floor", "lab", code=code)


def test_a_hit_goes_from_the_laboratory_to_the_queue_of_the_cell(nodes):
    told = send("--signals", "all", "--pointers", "parcel:s10:RR473124829CA", "-o", "s.bundle")
    assert "gateway: customs-107-4-c offered: 2 rows: 2" in told
    told = call("share", "bundle", "receive", "s.bundle", "--receipt", "s.receipt", "--floor", "cell")
    assert "from: lab rows: 2 new: 2 here before: 0" in told
    assert "receipt to send back: s.receipt" in told
    told = call("share", "bundle", "receipt", "s.receipt", "--floor", "lab")
    assert "node: cell rows: 2 stored: 2 agrees: yes" in told
    call("run", "--floor", "cell")
    told = call("leads", "--floor", "cell")
    assert "The laboratory identified fentanyl (CAS 437-38-7)" in told
    assert "lab" in call("share", "node", "pointers", "--floor", "cell")
    assert "received as sent" in call("share", "bundle", "list", "--floor", "lab")
    assert "reçu tel qu’envoyé" in call("share", "bundle", "list", "--floor", "lab", "--lang", "fr")


@pytest.mark.thorough
def test_the_page_on_nodes_works_as_typed(tmp_path):
    """Its first steps, on floors that are no exercise, in a shell that has set nothing."""
    page = (Path(__file__).parents[2] / "docs" / "nodes.md").read_text(encoding="utf-8")
    steps = page.split("## Two nodes, step by step")[1].split("\n## ")[0]
    script = "\n".join(line[4:] for line in steps.splitlines() if line.startswith("    "))
    plain = {name: value for name, value in os.environ.items() if not name.startswith("WATCHFLOOR_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{plain['PATH']}"
    done = subprocess.run(
        ["sh", "-eu"],
        input=script,
        cwd=tmp_path,
        env=plain | {"PATH": path, "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "stored: 1 agrees: yes" in " ".join(done.stdout.split())
    assert "The laboratory identified fentanyl (CAS 437-38-7)" in done.stdout


def test_the_same_file_again_is_told(nodes):
    send("--signals", "all", "-o", "s.bundle")
    call("share", "bundle", "receive", "s.bundle", "--floor", "cell")
    told = call("share", "bundle", "receive", "s.bundle", "--floor", "cell")
    assert "rows: 1 new: 0 here before: 1" in told
    assert "came before at position: " in told


def test_a_name_that_leads_elsewhere_writes_nothing(nodes):
    """A peer chooses the id of its bundle, and files are named after it."""
    send("--signals", "all", "-o", "s.bundle")
    lab = Floor.open(nodes / "lab")
    opened = bundle.open_((nodes / "s.bundle").read_bytes(), [lab.signer.verifier], "s.bundle")
    named = msgspec.structs.replace(opened.manifest, bundle="../../evil/x")
    parts = {kind: bundle.stream(rows) for kind, rows in opened.parts.items()}
    (nodes / "evil.bundle").write_bytes(bundle.pack(named, parts, lab.signer))
    asked = {"bundle": "../../evil/x", "rows": None, "why": "x", "due": "2026-12-01"}
    slip = signed_notices.write(lab, signed_notices.RECALL, "cell", datetime.now(UTC), **asked)
    (nodes / "evil.recall").write_text(slip, encoding="utf-8")
    before = {place for place in nodes.rglob("*") if "cell" not in place.parts}
    for file, told in (("evil.bundle", "it calls itself"), ("evil.recall", "is no id of a bundle")):
        assert told in call("share", "bundle", "receive", file, "--notes", "a/b/c", "--floor", "cell", code=3)
    assert {place for place in nodes.rglob("*") if "cell" not in place.parts} == before


@pytest.mark.parametrize("name", ["../../evil", "/etc/x", "a\\b", "nul\0", "police-b"])
def test_a_nodes_name_in_the_name_of_a_file_leads_nowhere(name):
    told = f"consent-of-{of_node(name)}.request"
    assert Path(told).name == PureWindowsPath(told).name == told
    assert "\0" not in told
    assert (of_node(name) == name) == (name == "police-b")


def test_no_file_is_replaced(nodes):
    send("--signals", "all", "-o", "s.bundle")
    (sent,) = said("share", "bundle", "list", "--floor", "lab")
    mine = [nodes / f"{sent['bundle']}.receipt", nodes / "own.receipt", nodes / f"{sent['bundle']}.recall"]
    for file in mine:
        file.write_text("mine", encoding="utf-8")
    told = call(
        "share", "bundle", "receive", "s.bundle", "--receipt", "own.receipt", "--floor", "cell", code=3
    )
    assert "own.receipt is there already; name a new file" in told
    assert not Floor.open(nodes / "cell").acts_of("received")
    told = call("share", "bundle", "receive", "s.bundle", "--floor", "cell")
    assert f"receipt to send back: {sent['bundle']}-2.receipt" in told
    recall = ("share", "bundle", "recall", sent["bundle"], "--why", "mixed up", "--floor", "lab")
    assert "own.receipt is there already" in call(*recall, "-o", "own.receipt", code=3)
    assert not Floor.open(nodes / "lab").acts_of("recalled")
    assert f"wrote {sent['bundle']}-2.recall" in call(*recall)
    assert f"wrote {sent['bundle']}-3.recall" in call(*recall)
    assert {file.read_text(encoding="utf-8") for file in mine} == {"mine"}


def test_what_is_erased_before_the_bundle_is_made_does_not_go(nodes, monkeypatch):
    """Packed under the writer's lock: an erasure comes before it, or after it and names the bundle."""
    lab = Floor.open(nodes / "lab")
    reader = lab.reader("officer", "a test")
    (hit,) = lab.signals(reader).to_pylist()
    real = acting.writing

    @contextmanager
    def later(*words):
        with lab.writer(Actor("officer", "a test", "an Act")) as writer:
            writer.erase(hit["evidence"], "asked", category="disposal")
        with real(*words) as writer:
            yield writer

    with monkeypatch.context() as patch:
        patch.setattr("watchfloor.cli.face.writing", later)
        told = send("--signals", "all", "--records", "reading", "-o", "s.bundle")
    assert "offered: 1 rows: 1" in told
    assert b"RR123456785CA" not in (nodes / "s.bundle").read_bytes()
    (sent,) = said("share", "bundle", "list", "--floor", "lab")
    (other,) = lab.read("reading", reader)["record_id"].to_pylist()
    with lab.writer(Actor("officer", "a test", "an Act")) as writer:
        assert writer.erase([other], "asked", category="consent").disclosed == (sent["bundle"],)


def test_of_a_lead_that_somebody_looked_at_its_signals_travel_and_not_what_they_found(nodes):
    (lead,) = said("leads", "--floor", "lab")
    call("leads", "outcome", lead["lead_id"], "unfounded", "--why", "weighed anew", "--floor", "lab")
    told = send("--leads", lead["lead_id"], "-o", "s.bundle")
    assert "offered: 1 rows: 1" in told
    assert b"weighed anew" not in Path("s.bundle").read_bytes()


def test_a_lead_is_recalled_where_it_lies(nodes):
    send("--signals", "all", "-o", "s.bundle")
    call("share", "bundle", "receive", "s.bundle", "--floor", "cell")
    call("run", "--floor", "cell")
    (lead,) = said("leads", "--floor", "cell")
    law = ("--authority", "Customs Act s. 99")
    asked = ("--unit", "border-operations", "--instruction", "open it", *law)
    (task,) = said("cases", "task", "issue", lead["lead_id"], *asked, "--floor", "cell")
    (sent,) = said("share", "bundle", "list", "--floor", "lab")
    told = call(
        "share", "bundle", "recall", sent["bundle"], "--why", "two samples were mixed up", "--floor", "lab"
    )
    assert "cell is to take back 1 of the rows and answer by" in told
    recalled = f"{sent['bundle']}.recall"
    told = call("share", "bundle", "receive", recalled, "--notes", "back", "--floor", "cell")
    assert "records taken back: 1" in told
    assert f"tasks that rest on it: {task['task']}" in told
    assert re.search(rf"leads that rest on it: [0-9a-f, ]*{lead['lead_id']}", told)  # of the lead's parts too
    call("run", "--floor", "cell")
    assert said("leads", "--floor", "cell") == [{"leads": 0}]
    told = call("share", "bundle", "receive", f"back/{sent['bundle']}.answer", "--floor", "lab")
    assert "from: cell records taken back: 1" in told
    assert "recalled; cell took back 1 row" in call(
        "share", "bundle", "show", sent["bundle"], "--floor", "lab"
    )


@pytest.mark.parametrize(
    ("words", "told", "code"),
    [
        (("--signals", "all", "--test", " "), "requires its test to be stated in your own words", 3),
        (("--signals", "zz"), "no signal that you may see has an id that starts with 'zz'", 4),
        (("--records", "nothing"), "neither a kind that may be sent", 2),
        (("--pointers", "nobody"), "'nobody' is no subject key", 2),
        ((), "no row was chosen", 3),
        (("--signals", "all", "--to", "nowhere"), "nowhere is no peer of this node", 4),
        (("--signals", "all", "--post", "https://cell.example"), "--post needs --tls-cert", 2),
    ],
)
def test_what_cannot_be_sent_is_told_and_leaves_no_file(nodes, words, told, code):
    assert told in send("-o", "s.bundle", *words, code=code)
    assert not (nodes / "s.bundle").exists()
    assert not list(nodes.glob("*.part"))
    assert not Floor.open(nodes / "lab").acts_of("disclosed")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--gateway", "customs-107-4"), "there is no gateway 'customs-107-4', the nearest is"),
        (("--tear-line", "QX"), "marking 'QX': 'QX' is not a level"),
    ],
)
def test_a_word_that_nobody_defined_is_told(nodes, monkeypatch, capsys, words, told):
    command = [
        "share",
        "bundle",
        "send",
        "--to",
        "cell",
        *CUSTOMS,
        "--signals",
        "all",
        *words,
        "--floor",
        "lab",
    ]
    monkeypatch.setattr(sys, "argv", ["watchfloor", *command])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_a_file_that_is_there_is_not_written_over(nodes):
    (nodes / "s.bundle").write_text("mine", encoding="utf-8")
    assert "s.bundle is there already" in send("--signals", "all", "-o", "s.bundle", code=3)
    assert (nodes / "s.bundle").read_text(encoding="utf-8") == "mine"
    assert not Floor.open(nodes / "lab").acts_of("disclosed")


def test_what_is_refused_is_told_in_french_and_logged(nodes):
    send("--signals", "all", "-o", "s.bundle")
    data = (nodes / "s.bundle").read_bytes()
    (nodes / "cut.bundle").write_bytes(data[:3000])
    told = call("share", "bundle", "receive", "cut.bundle", "--lang", "fr", "--floor", "cell", code=3)
    assert "Redemandez-le à l’expéditeur" in told
    (act,) = Floor.open(nodes / "cell").acts_of("bundle-refused")
    assert act.detail["file"] == "cut.bundle"


def test_a_file_that_is_refused_does_not_keep_the_others_out(nodes):
    send("--signals", "all", "-o", "a.bundle")
    send("--pointers", "parcel:s10:RR473124829CA", "-o", "b.bundle")
    (nodes / "a.bundle").write_bytes((nodes / "a.bundle").read_bytes()[:3000])
    told = call("share", "bundle", "receive", "a.bundle", "b.bundle", "--floor", "cell", code=3)
    assert "a.bundle is no bundle, or was cut off" in told
    assert "from: lab rows: 1 new: 1" in told
    assert len(said("share", "node", "pointers", "--floor", "cell")) == 1


def test_one_receipt_is_for_one_bundle(nodes):
    send("--signals", "all", "-o", "a.bundle")
    told = call(
        "share", "bundle", "receive", "a.bundle", "a.bundle", "--receipt", "r", "--floor", "cell", code=2
    )
    assert "--receipt is for one bundle" in told


def test_a_peer_is_removed_and_told_of(nodes):
    send("--signals", "all", "-o", "s.bundle")
    told = call("share", "node", "distrust", "lab", "--why", "its key was copied", "--floor", "cell")
    assert "lab is no peer any more" in told
    assert "its key was copied" in call("share", "bundle", "receive", "s.bundle", "--floor", "cell", code=3)
    assert said("share", "node", "list", "--floor", "cell")[0]["why"] == "its key was copied"


def test_what_is_withheld_is_counted_by_reason(nodes):
    told = send("--signals", "all", "--records", "reading", "--tear-line", "PB//TLP:AMBER", "-o", "s.bundle")
    assert "offered: 3 rows: 3" in told
    (shown,) = said("share", "node", "show", "--floor", "cell")
    call("share", "node", "distrust", "cell", "--why", "moved", "--floor", "lab")
    about = ("--name", "cell", "--institution", "joint-cell", "--ceiling", "PA", "--checked", "by phone")
    call("share", "node", "trust", shown["key"], *about, "--floor", "lab")
    told = send("--signals", "all", "-o", "t.bundle", code=3)
    assert "1 rows were offered and all are withheld" in told
    assert "the recipient's clearance is PA" in told


def test_a_bundle_is_posted_by_one_command(nodes):
    ours = authority(nodes)
    papers = {name: certificate(nodes, name, ours) for name in ("lab", "cell")} | {"ca": ours[2]}
    cert, key = papers["lab"]
    with serving_at(Floor.open(nodes / "cell"), papers) as address:
        posted = ("--post", address, "--tls-cert", cert, "--tls-key", key, "--ca", papers["ca"])
        told = send("--signals", "all", "-o", "s.bundle", *posted)
    assert "node: cell rows: 1 stored: 1 agrees: yes" in told
    told = send("--signals", "all", "-o", "t.bundle", *posted, code=3)
    assert f"not delivered to {address}" in told
    assert (nodes / "t.bundle").exists()
    assert len(Floor.open(nodes / "lab").acts_of("disclosed")) == 2


def test_certificates_that_are_none_are_told(nodes):
    for name in ("a.crt", "a.key"):
        (nodes / name).write_text("nothing", encoding="utf-8")
    papers = ("--tls-cert", "a.crt", "--tls-key", "a.key", "--client-ca", "a.crt")
    told = call("share", "node", "serve", *papers, "--check", "--floor", "cell", code=2)
    assert "cannot be used" in told
