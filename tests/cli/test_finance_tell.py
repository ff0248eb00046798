"""Banks that tell each other of payments between them, by files, from the first telling to scores."""

import csv
import json

import pytest
from tests.cli.commanded import RUNNER
from tests.desks.finance.worlds import world, written

from watchfloor.cli import app
from watchfloor.exchange.partnership import fields

NORTH, SOUTH = ("--view", "north"), ("--view", "south")
UNTIL = ("--until", "2026-01-15", "--origin", "a generator")


def call(*words, ends=0):
    done = RUNNER.invoke(app, ["finance", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == ends, done.output
    return done


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("banks")
    rows, ring = world()
    written(folder, [row | {"payer_tenure_days": 9, "payee_tenure_days": 40} for row in rows], ring)
    return folder


def telling(home, name, *words):
    """What south tells north."""
    out = home / name
    done = call(
        *("tell", home / "payments.csv", *SOUTH, "--to", "north", "--fact", "tenure_days", "--json"),
        *("-o", out, *words),
    )
    return out, json.loads(done.stdout)


@pytest.mark.thorough
def test_banks_tell_join_and_score(home):
    payments, labels = home / "payments.csv", home / "labels.csv"
    out, said = telling(home, "told.csv")
    assert said["payments"] > 0
    assert 0 < said["bits_by_entropy"] < said["bits_at_most"]
    begun = home / "begun.json"
    call("fit", payments, "--labels", labels, *NORTH, *UNTIL, "--told", out, "--begin", "-o", begun)
    done = call("score", payments, "--model", begun, "-o", home / "none.csv", ends=2)
    assert "only begun" in done.output
    call("join", begun, begun, "-o", home / "joined.json")
    again, _ = telling(home, "again.csv", "--model", home / "joined.json")
    assert "out_most" in again.read_text().splitlines()[0]
    model = home / "model.json"
    call(
        *("fit", payments, "--labels", labels, *NORTH, *UNTIL, "--told", again),
        *("--onto", home / "joined.json", "-o", model),
    )
    done = call("score", payments, *NORTH, "--model", model, "--told", again, "-o", home / "s.csv", "--json")
    assert json.loads(done.stdout)["told_of"] == said["payments"]
    done = call("score", payments, *NORTH, "--model", model, "-o", home / "untold.csv")
    assert "nothing is told here" in done.output
    assert (home / "s.csv").read_text() != (home / "untold.csv").read_text()


def test_the_file_is_what_an_offer_takes(home):
    out, said = telling(home, "offered.csv")
    code = {name: fields.FieldRow(**row) for name, row in said["code"].items()}
    found = fields.load(out.read_text(), code, "partners")
    assert len(found) == said["payments"]
    assert all(one for one in found.values())


def test_what_a_result_prints_is_read(home):
    out, said = telling(home, "printed.csv")
    with out.open() as file:
        rows = [{"subject": row.pop("subject"), "fields": level(row)} for row in csv.DictReader(file)]
    result = home / "result.json"
    result.write_text(json.dumps({"session": "3f2a", "subjects": rows}))
    words = ("tell", home / "payments.csv", *NORTH, "--to", "south", "--told", result, "--json")
    assert json.loads(call(*words, "-o", home / "x.csv").stdout)["told_of"] == said["payments"]


def level(row):
    return {name: int(cell) for name, cell in row.items() if cell} | {"links": ["0" * 32]}


@pytest.mark.parametrize(
    ("text", "ends", "words"),
    [
        ("subject,age\npayment:id:nobody,3\n", 1, "1 payments that were told of are none of north"),
        ("subject,age\npayment:id:p00001,16\n", 2, "its levels are 0 to 15"),
        ("subject,age\npayment:id:p00001,old\n", 2, "'old', which is no level"),
        ("subject,age\npayment:id:p00001,--5\n", 2, "'--5', which is no level"),
        ("subject,age\npayment:id:p1,1\npayment:id:p1,2\n", 2, "is told of twice"),
        ("payment,age\np1,1\n", 2, "no column 'subject'"),
        ('{"tokens": 1}', 2, "is not what `watchfloor share partnership result --json` prints"),
    ],
)
def test_bad_fields_are_refused_and_strange_payments_counted(home, text, ends, words):
    told = home / "bad.csv"
    told.write_text(text)
    done = call(
        *("tell", home / "payments.csv", *NORTH, "--to", "south", "--told", told, "-o", home / "y.csv"),
        ends=ends,
    )
    assert words in done.output


@pytest.mark.parametrize(
    ("words", "says", "code"),
    [
        ((*NORTH, "--to", "north"), "--to names another", 3),
        ((*NORTH, "--to", "east"), "no payment of north in payments.csv is with an account at 'east'", 2),
        ((*NORTH, "--to", "south", "--fact", "str_filed"), "is never told", 3),
        ((*NORTH, "--to", "south", "--fact", "balance"), "those are: tenure_days", 2),
    ],
)
def test_what_cannot_be_told_is_said(home, words, says, code):
    done = call("tell", home / "payments.csv", *words, "-o", home / "z.csv", ends=code)
    assert says in done.output


def test_what_was_told_wants_a_view(home):
    out, _ = telling(home, "viewless.csv")
    done = call(
        *("fit", home / "payments.csv", "--labels", home / "labels.csv", *UNTIL, "--told", out),
        *("-o", home / "m.json"),
        ends=2,
    )
    assert "--told wants --view" in done.output
