"""`share partnership`: two banks by files, the act of each command, and refusals in both languages."""

import json
import shlex
import shutil
from pathlib import Path

import pytest
from tests.cli import partners
from tests.cli.commanded import RUNNER, call

from watchfloor.cli import app, common
from watchfloor.store import Floor


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    home = tmp_path_factory.mktemp("banks")
    return home, partners.banked(home, call)


@pytest.fixture
def places(made, tmp_path, monkeypatch):
    """Both banks as they are before a command, and its files."""
    home, known = made
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return known | {"bank": tmp_path / "bank", "other": tmp_path / "other-bank", "new": tmp_path / "new"}


def asked(words, places, code=(0,)):
    return call(["share", "partnership", *(str(word).format(**places) for word in words)], code)


def rows(words, places):
    return [json.loads(line) for line in asked([*words, "--json"], places).stdout.splitlines()]


def sentence(words, places, code=3):
    result = RUNNER.invoke(app, ["share", "partnership", *(str(word).format(**places) for word in words)])
    assert result.exit_code == code, result.output
    return " ".join(result.stderr.split())


@pytest.mark.parametrize("command", partners.LEAVES)
def test_each_command_leaves_its_act(command, places):
    words = tuple(command.split())
    before = Floor.open(places["bank"]).position
    call([*words, *(word.format(**places) for word in partners.FULL[words])])
    assert {act.act for act in Floor.open(places["bank"]).acts(before + 1)} == partners.LEAVES[command]


@pytest.fixture
def matched(places, tmp_path):
    """A session by which both learn which are common; gives its id."""
    (tmp_path / "fields.csv").write_text("subject,pass_through\naccount:test:3,97\n", encoding="utf-8")
    given = ["--case", "C-17", "--subjects", "{subjects}", "--fields", "fields.csv", *partners.TEST]
    asked(["offer", "--to", "bank", "--tier", "match", *given, "--floor", "{other}"], places)
    (one,) = rows(["match", "--to", "other-bank", *given, "-o", "m1", "--floor", "{bank}"], places)
    for number in range(1, 6):
        side = ("{other}", "{bank}")[(number - 1) % 2]
        asked(["receive", f"m{number}", "-o", f"m{number + 1}", "--floor", side], places)
    asked(["receive", "m6", "--floor", "{bank}"], places)
    return one["session"]


def test_two_banks_match_by_files(places, matched):
    for bank in ("{bank}", "{other}"):
        (got,) = rows(["result", matched, "--floor", bank], places)
        assert got["found"] == 10
        told = {row["subject"]: row["fields"] for row in got["subjects"] if row["fields"]}
        assert told == {"account:test:3": {"pass_through": 97}}
        (leaked,) = rows(["leakage", matched, "--floor", bank], places)
        assert leaked["bits"]["asker"] > leaked["asked"]
    assert "pass_through: 97" in asked(["result", matched[:8], "--floor", "{bank}"], places).stdout


def test_the_round_of_the_documentation_is_what_the_commands_do(places, tmp_path):
    """Its lines, typed as they stand: six messages, and what each bank then sees."""
    page = (Path(__file__).parents[2] / "docs" / "partnership.md").read_text(encoding="utf-8")
    for name, numbers, value in (("A", range(12), 5), ("B", range(4, 20), 97)):
        keys = [f"account:test:{number}" for number in numbers]
        (tmp_path / f"{name}.txt").write_text("\n".join(keys), encoding="utf-8")
        (tmp_path / f"{name}.csv").write_text(f"subject,pass_through\n{keys[6]},{value}\n", encoding="utf-8")
    part = page.partition("## T2 and T3: sessions")[2].partition("asker  ")[0]
    lines = [
        line.strip() for line in part.splitlines() if line.startswith("    watchfloor share partnership ")
    ]
    session = ""
    for line in lines:
        text = line.partition("  #")[0].replace("bank-a", "bank").replace("bank-b", "other-bank")
        words = shlex.split(text.replace("3f2a", session))[1:]
        told = call([*words, "--json"]).stdout.splitlines()
        session = session or (json.loads(told[0])["session"] if words[2] == "match" else "")
        if words[2] == "result":
            found = json.loads(told[0])
    assert len(lines) == 12
    assert len(list(tmp_path.glob("*.wfp"))) - len(("waiting", "opening", *"1234")) == 6
    assert found["found"] == 8
    told = {row["subject"]: row["fields"] for row in found["subjects"] if row["fields"]}
    assert told == {"account:test:10": {"pass_through": 97}}


def test_the_log_names_who_was_shown(places, matched):
    asked(["result", matched, "--floor", "{bank}"], places)
    (act,) = Floor.open(places["bank"]).acts_of("query")[-1:]
    assert act.detail["shown"] == [f"account:test:{n}" for n in range(10)]


def test_a_year_of_matching_makes_the_records_that_the_code_asks_for(places, matched):
    year = str(Floor.open(places["bank"]).acts_of("disclosed")[-1].at.year)
    words = ["gateway", "report", "--year", year, "--floor", places["bank"], "--json"]
    found = [json.loads(line) for line in call(words).stdout.splitlines()]
    mine = [one for one in found if one["gateway"] == "partnership-match"]
    assert len(mine) == 2
    assert all(not one["missing"] for one in mine)


def test_a_refused_message_is_told_and_logged(places, tmp_path):
    data = bytearray((tmp_path / "opening.wfp").read_bytes())
    data[40] ^= 1
    (tmp_path / "bad.wfp").write_bytes(data)
    assert "bad.wfp is refused" in sentence(["receive", "bad.wfp", "--floor", "{bank}"], places)
    assert "est refusé" in sentence(["receive", "bad.wfp", "--lang", "fr", "--floor", "{bank}"], places)
    first, second = Floor.open(places["bank"]).acts_of("partnership-refused")
    assert first.detail["message"] == "partnership.forged"
    assert first.detail["digest"] == second.detail["digest"]


def test_a_replayed_message_names_how_to_resume(places):
    asked(["receive", "opening.wfp", "-o", "a.wfp", "--floor", "{bank}"], places)
    said = sentence(["receive", "opening.wfp", "--floor", "{bank}"], places)
    assert "was received before" in said
    session = said.split("share partnership resume ")[1]
    asked(["resume", session, "-o", "b.wfp", "--floor", "{bank}"], places)
    assert (places["bank"].parent / "a.wfp").read_bytes() == (places["bank"].parent / "b.wfp").read_bytes()


def test_no_file_is_replaced(places, tmp_path):
    (tmp_path / "new").write_text("mine", encoding="utf-8")
    before = Floor.open(places["bank"]).position
    for words in (["receive", "{opening}"], ["resume", "{waiting}"]):
        assert "is there already" in sentence([*words, "-o", "{new}", "--floor", "{bank}"], places)
    full = partners.FULL[("share", "partnership", "cardinality")]
    assert "is there already" in sentence(["cardinality", *full], places)
    assert (tmp_path / "new").read_text(encoding="utf-8") == "mine"
    assert Floor.open(places["bank"]).position == before


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (
            ["match", "--to", "other-bank", "--case", " ", "--subjects", "{subjects}", *partners.TEST],
            "give the number of the case",
            3,
        ),
        (
            ["match", "--to", "nobody", "--case", "C", "--subjects", "{subjects}", *partners.TEST],
            "is no peer",
            4,
        ),
        (["cardinality", "--to", "other-bank", *partners.TEST], "--subjects FILE", 2),
        (
            ["cardinality", "--to", "other-bank", "--subjects", "{subjects}", "--test", " "],
            "in your own words",
            3,
        ),
        (["cardinality", "--to", "other-bank", "--subjects", "{code}", *partners.TEST], "line 2", 3),
        (["result", "{waiting}"], "has no result yet", 3),
        (["result", "ffff"], "has no session", 4),
        (
            ["offer", "--to", "other-bank", "--tier", "all", "--subjects", "{subjects}", *partners.TEST],
            "is not one of",
            2,
        ),
        (["pack", "retire", "other", "--why", "seen"], "no pack", 4),
        (["pack", "install", "{table}"], "no message of a partner", 3),
        (["counts-read", "{pack}"], "no message of a partner", 3),
        (["withdraw", "other", "--why", "seen"], "no code of practice other", 3),
        (["adopt", "{subjects}"], "code of practice", 3),
    ],
)
def test_what_is_wrong_is_a_sentence(words, said, places, code):
    assert said in sentence([*words, "--floor", "{bank}"], places, code=code)


def test_definitions_that_are_none_are_listed(places, tmp_path):
    (tmp_path / "typologies" / "bad.toml").write_text(
        'id = "x"\nnote = "j.roy@bank.example"\n', encoding="utf-8"
    )
    result = asked(["pack", "check", "typologies"], places, code=(common.PARTLY,))
    assert "e-mail" in result.stdout
    sign = ["typologies", *partners.FULL[("share", "partnership", "pack", "sign")][1:]]
    assert "this is no pack of typologies" in sentence(["pack", "sign", *sign], places)
    assert not (tmp_path / "new").exists()


def test_counts_of_a_file_and_again_for_the_same_month(places, tmp_path):
    cells = "subject,cell\n" + "".join(f"account:test:{n},CA-CN\n" for n in range(300))
    (tmp_path / "cells.csv").write_text(cells, encoding="utf-8")
    words = ["counts", "--to", "other-bank", "--period", "2026-09", "--cells", "cells.csv", *partners.TEST]
    (first,) = rows([*words, "-o", "1.counts", "--floor", "{bank}"], places)
    (second,) = rows([*words, "-o", "2.counts", "--floor", "{bank}"], places)
    assert first["cells"] == second["cells"]
    assert (first["again"], second["again"], second["spent"]) == (False, True, 0.5)
    (read,) = rows(["counts-read", "1.counts", "--floor", "{other}"], places)
    assert abs(read["cells"]["CA-CN"] - 300) < 60
    told = asked(["counts-read", "1.counts", "--floor", "{other}"], places).stdout
    (line,) = (line for line in told.splitlines() if "19 of 20 cells" in line)
    assert "±12" in line


def test_matching_takes_the_floors_own_subjects(places, tmp_path):
    lines = "report_key,role,name,subject,observed_at\n"
    lines += "".join(f"{n},payee,N {n},account:test:{n},2026-11-24\n" for n in range(8))
    (tmp_path / "parties.csv").write_text(lines, encoding="utf-8")
    call(["ingest", tmp_path / "parties.csv", "--floor", places["bank"]])
    words = ["cardinality", "--to", "other-bank", "--kind", "party", *partners.TEST, "-o", "{new}"]
    (one,) = rows([*words, "--floor", "{bank}"], places)
    assert one["asked"] == 8


def test_an_analyst_sees_the_sessions_of_which_he_took_a_step(places, matched, monkeypatch):
    policy = "".join(f'[readers.{name}]\nprotected = "PB"\n' for name in ("roy", common.who()))
    policy += '[readers.kim]\nprotected = "PB"\nrole = "supervisor"\n'
    (places["bank"] / "policy.toml").write_text(policy, encoding="utf-8")
    for user, count in (("roy", 0), (common.who(), 3), ("kim", 3)):
        monkeypatch.setenv("WATCHFLOOR_USER", user)
        found = rows(["sessions", "--floor", "{bank}"], places)
        assert len([one for one in found if "session" in one]) == count
        if count:
            assert rows(["result", matched, "--floor", "{bank}"], places)
        else:
            assert "has no session" in sentence(["result", matched, "--floor", "{bank}"], places, code=4)
            assert rows(["rings", "C-17", "--floor", "{bank}"], places) == [{"rings": 0}]
