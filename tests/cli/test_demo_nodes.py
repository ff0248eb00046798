"""Ten institutions on one machine: a storyline is the first lead, and what is private stays at home."""

import json
import re
from datetime import UTC, datetime

import pytest
import typer
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.cli.common import reader
from watchfloor.cli.demo import nodes as demo_nodes
from watchfloor.cli.demo import partnership as demo_partnership
from watchfloor.cli.demo.nodes import play
from watchfloor.exchange.fintrac import acts
from watchfloor.exchange.partnership import closing, packs
from watchfloor.exchange.partnership.fields import telling
from watchfloor.exercise.banks import BANKS
from watchfloor.exercise.leaks import Needles, needles, search
from watchfloor.exercise.nodes import CELL, CENTRE, NODES, make
from watchfloor.exercise.plots import proceeds_ring
from watchfloor.exercise.plots.hidden_load import NAME
from watchfloor.store import Floor

RUNNER = CliRunner()
OTHERS = [node.name for node in NODES if node.name != CELL]
TELLING = ["bank-a", "laboratory", "targeting", CENTRE]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("nodes")


@pytest.fixture(scope="module")
def made(home):
    return make(home / "exercise", seed=2, scale=0.3)


@pytest.fixture(scope="module")
def played(home, made):
    return play(made, home)


def ring_of(made):
    (line,) = [one for one in made.answers.storylines if one.name == proceeds_ring.NAME]
    return line


def test_the_storyline_is_the_first_lead_with_a_part_from_every_node_that_knows_of_it(made, played):
    (line,) = [one for one in made.answers.storylines if one.name == NAME]
    first = played.leads[0]
    assert set(first.subjects) & set(line.subjects)
    nodes = played.nodes_of(first)
    speaking = {nodes[c.evidence[0]] for c in first.contributions if c.bits > 0}
    assert speaking == {"bank-a", "laboratory", "targeting", CELL}
    assert first.probability > 0.9
    assert all(one.probability < 0.5 for one in played.leads[1:])


def test_every_bundle_is_accounted_for_on_both_sides(played):
    assert [(one.node, one.to) for one in played.sent] == [*((one, CELL) for one in TELLING), (CELL, CENTRE)]
    for one in played.sent:
        assert one.compared.agrees
        assert one.packed.offered == one.packed.manifest.rows == one.compared.stored > 0
        assert len(played.floors[one.node].acts_of("receipt")) == 1
    assert len(played.floors[CELL].acts_of("received")) == len(TELLING)


def test_each_bank_finds_its_part_of_the_ring_with_the_payments_that_show_it(made, played):
    ring = set(ring_of(made).subjects)
    for bank in BANKS:
        floor = played.floors[bank]
        rows = floor.signals(reader(floor, "exercise")).to_pylist()
        mine = [row for row in rows if ring.intersection(row["subjects"])]
        assert "cash-adds-up" in {row["rule"] for row in mine}
        keys = {
            row["record_id"]: row["report_key"]
            for row in floor.read("payment", reader(floor, "exercise")).to_pylist()
        }
        shown = {keys[one] for row in mine for one in row["evidence"] if one in keys}
        assert len(shown.intersection(ring_of(made).records)) >= proceeds_ring.DEPOSITS
        assert played.together.alone[bank].told[0] >= 2


def test_the_ring_closes_across_banks_and_no_name_moves(made, played):
    for bank in proceeds_ring.CIRCLE:
        rings = played.together.rings[bank]
        assert {frozenset(one.banks) for one in rings} == {frozenset(proceeds_ring.CIRCLE)}
        uetr = {f"payment:{key}" for key in ring_of(made).records if key.startswith("uetr:")}
        assert {name for one in rings for name in one.names.values()} <= uetr
        assert all(len(one.names) < len(one.tokens) for one in rings)  # a leg is between the other two
    assert all(played.together.rings[bank] == () for bank in BANKS[3:])


def test_every_bank_learns_that_the_supplier_is_paid_from_all_six(made, played):
    ((supplier, banks),) = played.together.shared.items()
    assert supplier in ring_of(made).subjects
    assert banks == len(BANKS)


@pytest.mark.parametrize("bank", BANKS)
def test_no_byte_of_a_bank_is_at_another_but_of_payments_that_both_made(bank, home, made):
    """Accounts, amounts and memos of payments within a bank, and names of its customers, are nowhere else."""
    others = {
        row.seen.says.get("memo")
        for one in BANKS
        if one != bank
        for row in made.rows[one][f"ledger-{one[-1]}"]
    }
    memos = {row.seen.says["memo"] for row in made.rows[bank][f"ledger-{bank[-1]}"]} - others
    wanted = Needles({one: (one,) for one in memos}, frozenset())
    assert wanted.count > 3
    for other in BANKS:
        assert bool(search(home / other, wanted).hits) is (other == bank)


def test_a_report_of_a_case_rests_on_the_banks_own_payments_alone(made, played):
    bank = played.floors["bank-b"]
    me = reader(bank, "exercise")
    rows = {row["record_id"]: row for row in bank.read("payment", me).to_pylist()}
    mine = [rows[one] for one in closing.own_payments(bank, me, demo_partnership.CASE)]
    assert {row["report_key"] for row in mine} <= set(ring_of(made).records)
    assert {row["source"] for row in mine} == {"ledger-b"}
    assert sum(row["means"] == "wire" for row in mine) == 2  # to the supplier, whose account was matched
    assert closing.own_payments(bank, me, "another case") == []


def test_the_cell_has_the_pack_and_the_disclosure_and_answers_it(made, played):
    cell, centre = played.floors[CELL], played.floors[CENTRE]
    today = datetime.now(UTC).date()
    assert len(packs.standing(cell, today)) == 48
    rows = cell.read("disclosure", reader(cell, "exercise")).to_pylist()
    told = [row for row in rows if row["node"] == CENTRE]
    assert {row["gateway"] for row in told} == {"pcmltfa-55-3-a"}
    assert {"circle", "senders-to-one-supplier"} <= {row["rule"] for row in told}
    assert all(set(row["subjects"]) <= set(ring_of(made).subjects) for row in told)
    (answer,) = centre.read("disclosure", reader(centre, "exercise")).to_pylist()
    assert (answer["node"], answer["gateway"], answer["desk"]) == (CELL, "pcmltfa-54-1-a", "reports")


def test_no_report_of_a_bank_is_in_the_cell(played):
    """What reports a bank drafts, or that it drafted any, is told to nobody by a bundle or by a session."""
    cell = played.floors[CELL]
    assert cell.acts_of(acts.DRAFTED, acts.APPROVED, acts.EXPORTED, acts.SUBMITTED) == []
    kinds = {row["rule"] for row in cell.read("disclosure", reader(cell, "exercise")).to_pylist()}
    assert not any(telling(one) for one in kinds)


def test_the_bank_tells_of_the_ordered_account_and_keeps_what_else_it_knows(made, played):
    bank, cell = played.floors["bank-a"], played.floors[CELL]
    held = bank.signals(reader(bank, "exercise"))
    rows = cell.read("disclosure", reader(cell, "exercise")).to_pylist()
    told = [row for row in rows if row["node"] == "bank-a"]
    assert held.num_rows > len(told) >= 1
    (subject,) = {row["subjects"][0] for row in told}  # all that its rules say of the one account
    assert subject.startswith("account:")
    assert {row["gateway"] for row in told} == {"exercise-order"}


def test_nodes_know_the_cell_and_banks_each_other(played):
    from watchfloor.exchange.bundles.peers import standing

    assert set(standing(played.floors[CELL])) == set(OTHERS)
    for name in OTHERS:
        peers = standing(played.floors[name])
        assert set(peers) == {CELL, *(BANKS if name in BANKS else ())} - {name}
        assert peers[CELL].checked == "exercise: same machine"


def test_no_row_of_another_institution_lies_in_the_cell(played):
    cell = played.floors[CELL]
    for kind in ("payment", "account", "reading", "declaration"):
        assert cell.read(kind, reader(cell, "exercise")).num_rows == 0


@pytest.mark.parametrize("node", OTHERS)
def test_no_byte_of_what_is_private_lies_in_the_cell_and_every_one_at_home(node, home, made, played):
    wanted = needles(made, node)
    assert wanted.count > 100
    assert search(home / CELL, wanted).hits == {}
    assert len(search(home / node, wanted).hits) == wanted.count


def test_the_search_would_have_found_it(home, made, played, tmp_path):
    """A bank that lets its evidence go is caught: one payment, in a bundle's part, in the cell's folder."""
    import pyarrow as pa

    bank = played.floors["bank-a"]
    rows = bank.read("payment", reader(bank, "exercise")).slice(0, 1)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    (tmp_path / "blob").write_bytes(pa.compress(sink.getvalue(), codec="zstd", asbytes=True))
    assert len(search(tmp_path, needles(made, "bank-a")).hits) >= 3


def test_every_floor_is_whole(played):
    for floor in played.floors.values():
        assert list(floor.verify()) == []


def call(*words, code=0):
    result = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


NEXT = [
    ["lead"],
    ["leads"],
    ["share", "bundle", "list"],
    ["share", "node", "list"],
    ["gateway", "report"],
    ["share", "partnership", "sessions"],
    ["share", "partnership", "rings"],
    ["share", "partnership", "pack", "list"],
    ["floor", "log", "show"],
    ["admin", "exercise", "score"],
]


@pytest.mark.thorough
def test_it_prints_what_came_of_it_and_what_to_do_next_and_a_second_run_replaces_the_first(tmp_path):
    told = call("demo", tmp_path / "x", "--nodes", "--scale", "0.1", "--no-browser", "--seed", 4)
    said(told.stdout, "The first lead")
    lines = [line.split()[1:] for line in told.stderr.splitlines() if line.startswith("  watchfloor ")]
    for words, command in zip(lines, NEXT, strict=True):
        assert words[: len(command)] == command
        assert call(*words).stdout
    assert Floor.open(tmp_path / "x" / "cell").settings.institution == "joint-cell"
    again = call("demo", tmp_path / "x", "--nodes", "--scale", "0.1", "--json", "--top", "1")
    as_json([json.loads(line) for line in again.stdout.splitlines()])


def said(text, first):
    assert "487.014" in text
    assert text.count(" 0 in the cell's") == len(OTHERS)
    aloud = text.split(first, 1)[1]
    assert all(f"{node}: " in aloud for node in ("bank-a", "laboratory", "targeting"))
    assert "payments in the cell's store: 0" in text
    queue = re.findall(r"^ *\d+  [0-9a-f]{12} +(\S+) ", text, re.MULTILINE)
    assert queue
    assert not [chance for chance in queue if chance.startswith("<")]
    for answer in ("PCMLTFA s. 11.01", "not told: a name", "links, comes_from", "not in common"):
        assert answer in text
    assert "bits at most" not in text


def as_json(rows):
    bundles = [row for row in rows if "bundle" in row]
    assert [row["from"] for row in bundles] == [*TELLING, CELL]
    assert [row["bank"] for row in rows if "rings_closed" in row] == list(BANKS)
    assert {"payments_in_the_cell": 0} in rows
    assert all(row["offered"] == row["sent"] + row["withheld"] for row in bundles)
    searched = [row for row in rows if "looked_for" in row]
    there = [(row["in_the_cell"], row["in_its_own_folder"] == row["values"]) for row in searched]
    assert there == [(0, True)] * len(OTHERS)
    (first,) = [row for row in rows if "lead_id" in row]
    assert first["nodes"] == sorted(["bank-a", "laboratory", "targeting", CELL])


def test_it_is_told_in_french(home, made, played, monkeypatch, capsys):
    monkeypatch.setattr(demo_nodes, "play", lambda *_: played)
    demo_nodes.run(made, home, 15, "fr", as_json=False)
    said(capsys.readouterr().out, "Le premier signalement")


def test_a_private_value_in_the_cell_ends_it_with_where(home, made, played, monkeypatch, capsys):
    """A cell whose folder holds what only the bank should know."""
    monkeypatch.setattr(demo_nodes, "play", lambda *_: played)
    note = home / CELL / "note.txt"
    note.write_text((made.feeds("bank-a") / "ledger-a.csv").read_text("utf-8"), "utf-8")
    try:
        with pytest.raises(typer.Exit) as ended:
            demo_nodes.run(made, home, 15, "en", as_json=False)
    finally:
        note.unlink()
    assert ended.value.exit_code == 5
    told = capsys.readouterr().err
    assert "a private value lies in the cell" in told
    assert "note.txt" in told


def test_what_cannot_be_is_said_in_a_sentence(tmp_path):
    (tmp_path / "mine").write_text("x")
    assert "no demo" in call("demo", tmp_path, "--nodes", code=3).stderr
    assert "--lists" in call("demo", tmp_path / "x", "--nodes", "--lists", tmp_path, code=2).stderr
    assert "not positive" in call("demo", tmp_path / "y", "--nodes", "--scale", "-1", code=2).stderr
