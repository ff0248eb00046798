"""The register at the command line, in two languages: from the data call to the approval, and refusals."""

import json
import shutil

import pytest
from tests.cli import registrars
from tests.cli.commanded import RUNNER, call, lines

from watchfloor.cli import app
from watchfloor.store import Floor

SINGH = ("--name", "B. Singh", "--function", "Vice-President", "--words", "as in our ledger")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    home = tmp_path_factory.mktemp("office")
    return home, registrars.filed(home, call)


@pytest.fixture
def places(made, tmp_path):
    home, known = made
    shutil.copytree(home / "office", tmp_path / "office")
    return known | {"office": tmp_path / "office", "new": tmp_path / "new"}


def floor(places):
    return ["--floor", places["office"]]


def refused(words, code=3):
    result = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def one(places, line="14b"):
    """How the agreement to a line stands."""
    (found,) = (
        row for row in lines(["scorecard", "register", "list", *floor(places)]) if row["line"] == line
    )
    return found


@pytest.mark.parametrize("command", sorted(registrars.LEAVES))
def test_each_command_leaves_its_act(command, places, monkeypatch):
    monkeypatch.setenv("WATCHFLOOR_PURPOSE", "a purpose")
    monkeypatch.setenv("WATCHFLOOR_AUTHORITY", "an Act")
    before = Floor.open(places["office"]).position
    words = command.split()
    call([*words, *(argument.format(**places) for argument in registrars.FULL[tuple(words)])])
    acts = Floor.open(places["office"]).acts(before + 1)
    assert {act.act for act in acts} == registrars.LEAVES[command]
    assert all((act.actor.purpose, act.actor.authority) == ("a purpose", "an Act") for act in acts)


def test_from_the_call_to_the_approval_by_form(places, monkeypatch):
    call(["scorecard", "register", "receive", places["signed"], *floor(places)])
    assert one(places)["state"] == "attested"
    (shown,) = lines(["scorecard", "register", "show", "14b", *floor(places)])
    assert {"delivered": 40.0, "in-service": 40.0}.items() <= {
        figure["name"]: figure["value"] for figure in shown["figures"]
    }.items()
    digest = shown["digest"][:8]
    monkeypatch.setenv("WATCHFLOOR_USER", "bela")  # who received the form is not the second person either
    (done,) = lines(["scorecard", "register", "approve", "14b", *SINGH, "--digest", digest, *floor(places)])
    assert (done["state"], done["by"], done["why"]) == ("approved", "B. Singh", "as in our ledger")
    call(
        [
            "scorecard",
            "register",
            "embargo",
            "14b",
            "--until",
            "2199-01-01T14:00Z",
            "--why",
            "x",
            *floor(places),
        ]
    )
    held = one(places)
    assert (held["state"], held["until"]) == ("embargoed", "2199-01-01T14:00:00+00:00")
    call(["scorecard", "register", "embargo", "14b", "--lift", "--why", "said", *floor(places)])
    call(["scorecard", "register", "withdraw", "14b", "--why", "leased", *floor(places)])
    assert one(places)["state"] == "withdrawn"
    acts = lines(["scorecard", "register", "show", "14b", *floor(places)])[0]["acts"]
    assert [act["act"] for act in acts] == [
        *("called", "attested", "approved", "embargoed", "embargoed", "withdrawn")
    ]
    assert len({act["record"] for act in acts}) == 6


def test_a_form_that_came_before_writes_nothing(places):
    (first,) = lines(["scorecard", "register", "receive", places["signed"], *floor(places)])
    before = Floor.open(places["office"]).position
    (again,) = lines(["scorecard", "register", "receive", places["signed"], *floor(places)])
    assert (first["before"], again["before"], again["position"]) == (False, True, first["position"])
    assert (first["state"], again["state"]) == ("attested", "attested")
    said = call(["scorecard", "register", "receive", places["signed"], "--lang", "fr", *floor(places)])
    assert "rien n’a été écrit" in said.output
    assert Floor.open(places["office"]).position == before


def test_a_changed_form_and_a_revoked_key_are_refused(places, tmp_path):
    text = places["signed"].read_text("utf-8")
    (tmp_path / "changed").write_text(text.replace('"value": 40', '"value": 41'), "utf-8")
    told = refused(["scorecard", "register", "receive", tmp_path / "changed", *floor(places)])
    assert "does not fit the text" in told
    call(["scorecard", "register", "distrust", "CBSA", "--why", "stolen", *floor(places)])
    told = refused(["scorecard", "register", "receive", places["signed"], "--lang", "fr", *floor(places)])
    assert "a été révoquée" in told
    (key,) = lines(["scorecard", "register", "keys", *floor(places)])
    assert (key["department"], key["why"], key["removed"] is not None) == ("CBSA", "stolen", True)


def test_a_wrong_value_is_refused_where_it_is_signed(places, tmp_path):
    empty = json.loads(places["filled"].read_text("utf-8"))
    for value in (-1, "12", True):
        (tmp_path / "filled").write_text(json.dumps(registrars.answered(empty, value)), "utf-8")
        told = refused(
            ["scorecard", "register", "sign", tmp_path / "filled", "--key", places["department_key"]]
        )
        assert "no number of zero or more" in told
    (tmp_path / "filled").write_text("x", "utf-8")
    told = refused(["scorecard", "register", "sign", tmp_path / "filled", "--key", places["department_key"]])
    assert "no form of `watchfloor scorecard register form`" in told


def test_a_form_that_is_kept_as_a_file_says_what_to_do_with_it(places, tmp_path):
    told = call(
        ["scorecard", "register", "form", "14b", "-o", tmp_path / "f", "--lang", "fr", *floor(places)]
    ).stderr
    assert f"watchfloor scorecard register sign {tmp_path / 'f'}" in told
    assert json.loads((tmp_path / "f").read_text("utf-8"))["line"] == "14b"
    sign = [
        "scorecard",
        "register",
        "sign",
        places["filled"],
        "--key",
        places["department_key"],
        "-o",
        tmp_path / "s",
    ]
    assert lines(sign) == [{"signed_by": "CBSA", "file": str(tmp_path / "s"), "note": None}]
    assert (tmp_path / "s").read_text("utf-8").startswith("{")
    assert "existe déjà" in refused([*sign, "--lang", "fr"])


def test_a_file_of_lines_that_cannot_be_read_is_a_wrong_call(places, tmp_path):
    (tmp_path / "lines.toml").write_text("14z", "utf-8")
    told = refused(
        ["scorecard", "register", "show", "14b", "--lines", tmp_path / "lines.toml", *floor(places)], code=2
    )
    assert "lines.toml" in told


def test_who_attested_or_typed_it_does_not_approve(places, monkeypatch):
    approve = ["scorecard", "register", "approve", "14d", "--words", "so", *floor(places)]
    assert "another person must approve it" in refused([*approve, "--name", "a roy", "--function", "VP"])
    monkeypatch.setenv("WATCHFLOOR_USER", "another")
    told = refused([*approve, "--name", "B. Singh", "--function", "VP", "--lang", "fr"])
    assert "une autre personne doit l’approuver" in told


def test_what_changed_since_it_was_looked_at_is_told(places):
    attest = ["scorecard", "register", "attest", "14b", *registrars.WHO, *floor(places)]
    assert "no longer what you looked at" in refused([*attest, "--digest", "00000000"])
    assert "you acted on edition 0" in refused([*attest, "--edition", "0"])
    (shown,) = lines(["scorecard", "register", "show", "14b", *floor(places)])
    (done,) = lines([*attest, "--digest", shown["digest"], "--edition", "1"])
    assert done["state"] == "attested"


@pytest.mark.parametrize(
    ("words", "told", "code"),
    [
        (["show", "14"], "there is no line or claim 14; did you mean '14", 4),
        (["call", "14b", "--due", "2020-01-01"], "is past", 3),
        (["call", "14b", "--due", "soon"], "there is no such day or moment", 2),
        (["call", "14b", "--due", "2199-01-01", "--department", "RCMP"], "14b is no matter for RCMP", 3),
        (["attest", "14c", *registrars.WHO], "scorecard register call 14c", 3),
        (["attest", "14b"], "a name and a function", 3),
        (["approve", "14b", *SINGH], "nobody of CBSA has attested", 3),
        (["embargo", "14b", "--why", "x"], "--until, or lift", 2),
        (["embargo", "14b", "--until", "2199-01-01"], "is empty", 3),
        (["embargo", "14b", "--lift", "--why", "x"], "14b is not under embargo", 3),
        (["withdraw", "14c", "--why", "x"], "nothing to withdraw", 3),
        (["form", "14c"], "nobody has asked CBSA to agree to 14c", 3),
        (["form", "14b", "--period", "soon"], "soon is no period", 3),
        (["list", "--state", "x"], "is not one of 'not-called'", 2),
        (["list", "--department", "x"], "there is no department x", 4),
        (["list", "--on", "2026-02-30"], "there is no such day", 2),
        (["trust", "CBSA", "x", "--checked", "x"], "no public key", 3),
        (["show", "14b", "--claims", "/nowhere"], "'/nowhere' does not exist", 4),
        (["show", "14b", "--lines", "/nowhere"], "'/nowhere' does not exist", 4),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_writes_nothing(words, told, places, code):
    before = Floor.open(places["office"]).position
    assert told in refused(["scorecard", "register", *words, *floor(places)], code=code)
    assert Floor.open(places["office"]).position == before


def test_an_overdue_answer_is_told(places, monkeypatch):
    from datetime import UTC, datetime, timedelta

    from watchfloor.scorecard.agreement import standing as agreement

    late = datetime(2199, 6, 1, tzinfo=UTC)
    monkeypatch.setattr(agreement, "as_of", lambda _on, _now: late + timedelta(days=1))
    listed = call(["scorecard", "register", "list", "--state", "overdue", *floor(places)])
    assert "OVERDUE: 1" in listed.output
    assert "has not come: 14b." in " ".join(listed.output.split())
    assert "EN RETARD" in call(["scorecard", "register", "list", "--lang", "fr", *floor(places)]).output


def test_an_old_day_is_told_as_it_was(places):
    (then,) = lines(
        ["scorecard", "register", "list", "--on", "2020-01-01", "--state", "called", *floor(places)]
    )
    assert then == {"lines": 0}
    assert (
        lines(["scorecard", "register", "show", "14d", "--on", "2020-01-01", *floor(places)])[0]["acts"] == []
    )


def test_a_line_without_a_figure_needs_no_agreement(places):
    states = {row["line"]: row["state"] for row in lines(["scorecard", "register", "list", *floor(places)])}
    assert (states["0"], states["14b"], states["14d"]) == ("not-needed", "called", "attested")
    assert states["fentanyl-north"] == "not-called"


def test_every_line_and_claim_has_a_department_and_a_data_call(places):
    from watchfloor.scorecard.agreement.subjects import subjects
    from watchfloor.scorecard.departments import departments

    known = subjects()
    for id_ in known.ids:
        item = known.item(id_)
        assert item.departments
        assert set(item.departments) <= departments().keys()
        assert item.asked.en.strip()
        assert item.asked.fr.strip()
    assert len(known.ids) == len(known.entries) + len(known.claims)  # no id is both
