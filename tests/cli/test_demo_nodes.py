"""Four institutions on one machine: the storyline is the first lead, and what is private stays at home."""

import json

import pytest
from typer.testing import CliRunner

from watchfloor.cli import app, demo_nodes
from watchfloor.cli.common import reader
from watchfloor.cli.demo_nodes import play
from watchfloor.exercise.leaks import needles, search
from watchfloor.exercise.nodes import CELL, NODES, make
from watchfloor.exercise.plots.hidden_load import NAME
from watchfloor.store import Floor

RUNNER = CliRunner()
OTHERS = [node.name for node in NODES if node.name != CELL]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("nodes")


@pytest.fixture(scope="module")
def made(home):
    return make(home / "exercise", seed=2, scale=0.3)


@pytest.fixture(scope="module")
def played(home, made):
    return play(made, home)


def test_the_storyline_is_the_first_lead_with_a_part_from_every_node(made, played):
    (line,) = [one for one in made.answers.storylines if one.name == NAME]
    first = played.leads[0]
    assert set(first.subjects) & set(line.subjects)
    nodes = played.nodes_of(first)
    speaking = {nodes[c.evidence[0]] for c in first.contributions if c.bits > 0}
    assert speaking == {*OTHERS, CELL}
    assert first.probability > 0.9
    assert all(one.probability < 0.5 for one in played.leads[1:])


def test_each_reason_is_a_sentence_in_both_languages(played):
    for one in played.leads[0].contributions:
        en, fr = one.reason.render("en"), one.reason.render("fr")
        assert en != fr
        assert en.endswith(".")
        assert fr.endswith(".")
        assert "{" not in en + fr


def test_every_bundle_is_accounted_for_on_both_sides(played):
    assert [one.node for one in played.sent] == OTHERS
    for one in played.sent:
        assert one.compared.agrees
        assert one.packed.offered == one.packed.manifest.rows == one.compared.stored > 0
        assert len(played.floors[one.node].acts_of("disclosed")) == 1
        assert len(played.floors[one.node].acts_of("receipt")) == 1
    assert len(played.floors[CELL].acts_of("received")) == len(OTHERS)


def test_the_bank_tells_of_the_ordered_account_and_keeps_what_else_it_knows(made, played):
    bank, cell = played.floors["bank"], played.floors[CELL]
    held = bank.signals(reader(bank, "exercise"))
    rows = cell.read("disclosure", reader(cell, "exercise")).to_pylist()
    told = [row for row in rows if row["node"] == "bank"]
    assert held.num_rows > len(told) >= 1
    (subject,) = {row["subjects"][0] for row in told}  # all that its rules say of the one account
    assert subject.startswith("account:")
    assert {row["gateway"] for row in told} == {"exercise-order"}


def test_nodes_know_the_cell_and_not_each_other(played):
    from watchfloor.exchange.peers import standing

    assert set(standing(played.floors[CELL])) == set(OTHERS)
    for name in OTHERS:
        peers = standing(played.floors[name])
        assert set(peers) == {CELL}
        assert peers[CELL].checked == "exercise: same machine"


def test_no_row_of_another_institution_lies_in_the_cell(played):
    cell = played.floors[CELL]
    for kind in ("payment", "reading", "declaration"):
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

    bank = played.floors["bank"]
    rows = bank.read("payment", reader(bank, "exercise")).slice(0, 1)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    (tmp_path / "blob").write_bytes(pa.compress(sink.getvalue(), codec="zstd", asbytes=True))
    assert len(search(tmp_path, needles(made, "bank")).hits) >= 3


def test_every_floor_is_whole(played):
    for floor in played.floors.values():
        assert list(floor.verify()) == []


def call(*words, code=0):
    result = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_it_prints_bundles_the_search_the_queue_and_what_to_do_next(lang, tmp_path):
    told = call(
        "demo", tmp_path / "x", "--nodes", "--scale", "0.1", "--lang", lang, "--no-browser", "--seed", 4
    )
    assert "487.014" in told.stdout
    assert told.stdout.count(" 0 in the cell's") == len(OTHERS)
    assert {"en": "The first lead", "fr": "La première piste"}[lang] in told.stdout
    for node in OTHERS:
        assert f"{node}: " in told.stdout.split("bits", 1)[1]
    lines = [line.split()[1:] for line in told.stderr.splitlines() if line.startswith("  watchfloor ")]
    assert [words[0] for words in lines] == ["lead", "bundle", "node", "gateway", "log", "exercise"]
    for words in lines:
        assert call(*words).stdout
    assert Floor.open(tmp_path / "x" / "cell").settings.institution == "joint-cell"


def test_json_says_the_same_and_a_second_run_replaces_the_first(tmp_path):
    for _ in range(2):
        told = call("demo", tmp_path / "x", "--nodes", "--scale", "0.1", "--json", "--top", "1")
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    bundles = [row for row in rows if "bundle" in row]
    assert [row["from"] for row in bundles] == OTHERS
    assert all(row["offered"] == row["sent"] + row["withheld"] for row in bundles)
    searched = [row for row in rows if "looked_for" in row]
    assert [(row["in_the_cell"], row["in_its_own_folder"] == row["values"]) for row in searched] == [
        (0, True)
    ] * 3
    (first,) = [row for row in rows if "lead_id" in row]
    assert first["nodes"] == sorted([*OTHERS, CELL])


def test_a_private_value_in_the_cell_ends_it_with_where(tmp_path, monkeypatch):
    """A cell whose own feed of the day holds what only the bank should know."""

    def careless(made, folder):
        played = play(made, folder)
        (folder / CELL / "note.txt").write_text(
            (made.feeds("bank") / "ledger.csv").read_text("utf-8"), "utf-8"
        )
        return played

    monkeypatch.setattr(demo_nodes, "play", careless)
    told = call("demo", tmp_path / "x", "--nodes", "--scale", "0.1", code=1)
    assert "a private value lies in the cell" in told.stderr
    assert "note.txt" in told.stderr


def test_what_cannot_be_is_said_in_a_sentence(tmp_path):
    (tmp_path / "mine").write_text("x")
    assert "no demo" in call("demo", tmp_path, "--nodes", code=2).stderr
    assert "--lists" in call("demo", tmp_path / "x", "--nodes", "--lists", tmp_path, code=2).stderr
    assert "not positive" in call("demo", tmp_path / "y", "--nodes", "--scale", "-1", code=2).stderr
