"""`watchfloor finance score`: reasons in words, each with the payments that it rests on."""

import re
from datetime import UTC, datetime

import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from tests.cli.commanded import RUNNER
from tests.desks.boosted import grower
from tests.desks.finance.worlds import world, written

from watchfloor.cli import app
from watchfloor.desks.finance import fit_payments, score_payments


def call(*words):
    result = RUNNER.invoke(app, ["finance", *map(str, words)])
    assert result.exit_code == 0, result.output


def test_reasons_are_words_with_amounts_and_the_payments_that_they_rest_on(tmp_path):
    """Rings are paid by wire in euros, everything else by card in dollars: the model goes by it."""
    rows, ring = world()
    for row in rows:
        row["means"], row["currency"] = ("wire", "EUR") if row["payment_id"] in ring else ("card", "CAD")
    payments, labels = written(tmp_path, rows, ring)
    model, scores = tmp_path / "model.json", tmp_path / "scores.parquet"
    with grower():
        fitted = fit_payments(payments, labels, datetime(2026, 1, 15, tzinfo=UTC), origin="a test")
    model.write_bytes(fitted.stored())
    call("score", payments, "--model", model, "-o", scores)
    assert score_payments(payments, model) == pq.read_table(scores)
    table = [row for row in pq.read_table(scores).to_pylist() if row["reasons"]]
    texts = [text.removeprefix("Against: ") for row in table for text in row["reasons"]]
    assert not [text for text in texts if re.match(r"(Means|Channel|Currency|Purpose)\b", text)]
    when = {row["payment_id"]: row["at"] for row in rows}
    for row in table:
        assert len(row["rests_on"]) == len(row["reasons"])
        for text in filter(None, row["rests_on"]):
            named = text.partition(" (the newest of ")[0].split(", ")
            assert max(when[one] for one in named) <= when[row["payment_id"]]
    call("score", payments, "--model", model, "-o", tmp_path / "scores.csv")
    assert pyarrow.csv.read_csv(tmp_path / "scores.csv").column_names[-1] == "rests_on"


@pytest.mark.thorough
def test_a_model_is_fitted_by_the_command_as_by_the_library(tmp_path):
    payments, labels = written(tmp_path, *world())
    model = tmp_path / "model.json"
    with grower():
        call("fit", payments, "--labels", labels, "--until", "2026-01-15", "-o", model, "--origin", "a test")
        fitted = fit_payments(payments, labels, datetime(2026, 1, 15, tzinfo=UTC), origin="a test")
    assert fitted.stored() == model.read_bytes()
