import errno
import json
from hashlib import sha256
from pathlib import Path

import pytest
from tests.exchange.nodes import READER, floor, holding
from typer.testing import CliRunner

from watchfloor.actions.base import LARGEST_TEXT
from watchfloor.actions.letter import NOT_APPROVED
from watchfloor.cli import app
from watchfloor.store.writer import Writer

RUNNER = CliRunner()
TO = ("--to", "Customs Bureau, Beijing", "--country", "CHN", "--subject", "Exporters of concern")


@pytest.fixture
def made(tmp_path):
    one = holding(floor(tmp_path, "harbour-cell"))
    body = tmp_path / "body.md"
    body.write_text("We ask you to look at Zarbek Tolunay 0 and others.\n", encoding="utf-8")
    return one, body, one.read("party", READER)["record_id"].to_pylist()[0].hex()


def call(*words, user="a.roy", code=0):
    result = RUNNER.invoke(
        app, ["share", "letter", *map(str, words)], catch_exceptions=False, env={"WATCHFLOOR_USER": user}
    )
    assert result.exit_code == code, result.output
    return result.output


def drafted(made, *more):
    one, body, record = made
    told = call("draft", body, *TO, "--record", record[:12], "--json", *more, "--floor", one.root)
    return json.loads(told.splitlines()[-1])


def checked(one):
    partner = ["--partner", "Customs Bureau, Beijing", "--country", "CHN", "--substantial-risk", "no"]
    result = RUNNER.invoke(app, ["gateway", "risk-check", *partner, "--floor", str(one.root)])
    assert result.exit_code == 0


def test_from_the_draft_to_the_file(made, tmp_path):
    one, body, _ = made
    first = drafted(made)
    assert {trace["kind"] for trace in first["traces"]} == {"name"}
    told = call("check", first["letter"], "--floor", one.root, code=1)
    assert "--tells" in told
    body.write_text("We ask you to look at one firm.\n", encoding="utf-8")
    second = drafted(made, "--amends", first["letter"])
    assert (second["letter"], second["edition"], second["traces"]) == (first["letter"], 2, [])
    assert "No trace" in call("check", first["letter"], "--floor", one.root)
    assert "Aucune trace" in call("check", first["letter"], "--lang", "fr", "--floor", one.root)
    checked(one)
    out = tmp_path / "letter.md"
    asked = ["approve", first["letter"], "--why", "one firm", "-o", out, "--floor", one.root]
    assert "now edition 2" in " ".join(
        call(*asked, "--edition", 1, user="b", code=3).replace("is", "").split()
    )
    assert not out.exists()
    call(*asked, user="b.oduya")
    text = out.read_text("utf-8")
    assert "one firm" in text
    assert text in call("show", first["letter"], "--floor", one.root)
    assert json.loads(call("list", "--json", "--floor", one.root))["approved_by"] == "b.oduya"
    assert "is there already" in " ".join(call(*asked, user="c", code=3).split())


def test_what_cannot_be_written_is_not_approved(made, tmp_path, monkeypatch):
    """The file is whole before the act; where the act fails, it is gone."""
    one, body, _ = made
    body.write_text("We ask you to look at one firm.\n", encoding="utf-8")
    id_ = drafted(made)["letter"]
    checked(one)
    out, before = tmp_path / "out" / "letter.md", one.position
    out.parent.mkdir()
    words = ["share", "letter", "approve", id_, "--why", "one firm", "-o", out, "--floor", one.root]

    opened = Path.open

    def full(at, *how, **named):
        if isinstance(at, Path) and how != ("r+b",):  # a part of it is there when the disk is full
            return opened(at, *how, **named)
        raise OSError(errno.ENOSPC, "No space left on device")

    for at, name in ((Path, "open"), (Writer, "acts")):
        with monkeypatch.context() as patch:
            patch.setattr(at, name, full)
            told = RUNNER.invoke(app, [str(word) for word in words], env={"WATCHFLOOR_USER": "b.oduya"})
        assert isinstance(told.exception, OSError)
        assert list(out.parent.iterdir()) == []
        assert one.position == before
    call(*words[2:], user="b.oduya")
    (act,) = one.acts_of("disclosed")
    assert act.detail["root"] == sha256(out.read_bytes()).hexdigest()


def test_a_draft_says_that_it_is_one(made):
    one, *_ = made
    id_ = drafted(made)["letter"]
    assert call("show", id_, "--floor", one.root).startswith(NOT_APPROVED.en)
    assert call("show", id_, "--floor", one.root, "--lang", "fr").startswith(NOT_APPROVED.fr)


def test_the_signature_of_the_drafter_alone_is_refused_in_french(made):
    one, *_ = made
    id_ = drafted(made)["letter"]
    told = call("approve", id_, "--why", "x", "--lang", "fr", "--floor", one.root, code=3)
    assert "une autre personne doit l’approuver" in " ".join(told.split())


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"--country": "rur"}, 2, "three capital letters"),
        ({"--record": "00000000"}, 4, "no record '00000000' that you may see"),
        ({"--record": None}, 3, "say what it rests on"),
        ({"--marking": "PB//XXX"}, 2, "is not a level"),
        ({"--amends": "ffff"}, 4, "share letter list"),
    ],
)
def test_each_wrong_draft_ends_in_a_sentence(made, change, code, said):
    one, body, record = made
    words = {**dict(zip(TO[::2], TO[1::2], strict=True)), "--record": record} | change
    given = [part for pair in words.items() if pair[1] is not None for part in pair]
    before = one.position
    try:
        told = call("draft", body, *given, "--floor", one.root, code=code)
    except ValueError as error:  # what `main` tells in a sentence
        told = str(error)
    assert said in " ".join(told.split())
    assert one.position == before


@pytest.mark.parametrize(
    ("data", "said"), [(b"\xff\xfe", "no UTF-8"), (b"x" * (LARGEST_TEXT + 1), "bytes at most")]
)
def test_a_text_that_cannot_be_a_letter(made, data, said):
    one, body, record = made
    body.write_bytes(data)
    told = call("draft", body, *TO, "--record", record, "--floor", one.root, code=2)
    assert said in " ".join(told.split())


def test_no_letter_says_how_to_write_one(tmp_path):
    one = floor(tmp_path, "cell")
    assert "share letter draft" in call("list", "--floor", one.root)
    assert "share letter draft" in call("list", "--lang", "fr", "--floor", one.root)
