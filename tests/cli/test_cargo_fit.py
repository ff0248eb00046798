"""`watchfloor cargo fit`, `score` and `drift`, from files to files."""

import json

import pyarrow.parquet as pq
import pytest
from tests.cli.modellers import fitted
from typer.testing import CliRunner

from watchfloor.cli import app


def call(words: list, code: int = 0):
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    return fitted(tmp_path_factory.mktemp("cargo"), call)


def test_scores_have_a_row_for_each_declaration(places, tmp_path) -> None:
    call(
        ["cargo", "score", places["declared"], "--model", places["goodsmodel"], "-o", tmp_path / "s.parquet"]
    )
    made = pq.read_table(tmp_path / "s.parquet")
    assert made.column_names == ["document", "subject", "chance", "spread", "reasons"]
    assert made.num_rows == 300
    first = max(made.to_pylist(), key=lambda row: row["chance"])
    assert first["reasons"]
    french = [*("--lang", "fr"), "-o", tmp_path / "s.csv"]
    call(["cargo", "score", places["declared"], "--model", places["goodsmodel"], *french])
    assert "selon les examens" in (tmp_path / "s.csv").read_text()


def test_every_declaration_has_its_reasons_in_words(places, tmp_path) -> None:
    """The thousand likeliest had some, of ten thousand and more, and in bits."""
    words = ["cargo", "score", places["declared"], "--model", places["goodsmodel"], "--json"]
    said = json.loads(call([*words, "-o", tmp_path / "all.parquet"]).stdout)
    rows = pq.read_table(tmp_path / "all.parquet").to_pylist()
    assert said["explained"] == len(rows)
    assert all(row["reasons"] for row in rows)
    assert not any("bits" in one for row in rows for one in row["reasons"])
    said = json.loads(call([*words, "--explain", "5", "-o", tmp_path / "few.parquet"]).stdout)
    few = [row for row in pq.read_table(tmp_path / "few.parquet").to_pylist() if row["reasons"]]
    assert said["explained"] == len(few) == 5
    assert min(row["chance"] for row in few) >= sorted(row["chance"] for row in rows)[-5]
    by = {row["document"]: row["reasons"] for row in rows}
    assert all(by[row["document"]] == row["reasons"] for row in few)


def test_drift_has_a_row_for_each_input(places) -> None:
    words = ["cargo", "drift", places["declared"], "--model", places["goodsmodel"]]
    rows = [json.loads(line) for line in call([*words, "--json"]).stdout.splitlines()]
    assert {"mass", "value", "shipper"} <= {row["input"] for row in rows}
    assert {row["level"] for row in rows} == {"steady"}
    assert "steady" in call(words).stdout


def test_nothing_later_is_learned_from(places, tmp_path) -> None:
    words = ["cargo", "fit", places["declared"], places["examined"], "-o", tmp_path / "m.json", "--json"]
    whole = json.loads(call(words).stdout)
    early = json.loads(call([*words, "--until", "2026-01-08"]).stdout)
    assert 0 < early["learned_from"] < whole["learned_from"]
    assert (whole["declarations"], early["declarations"]) == (300, 168)
    assert whole["contradictory"] == 0


def test_what_cannot_be_fitted_or_read_is_told(places, tmp_path) -> None:
    words = ["cargo", "fit", places["declared"], "-o", tmp_path / "m.json"]
    assert "at least 10 of each" in call(words, 2).stderr
    assert not (tmp_path / "m.json").exists()
    broken = tmp_path / "model.json"
    broken.write_text("{}")
    score = ["cargo", "score", places["declared"], "--model"]
    assert "no model of declarations" in call([*score, broken, "-o", tmp_path / "s.csv"], 2).stderr
    assert ".parquet or .csv" in call([*score, places["goodsmodel"], "-o", tmp_path / "s.txt"], 2).stderr
    odd = tmp_path / "odd.txt"
    odd.write_text("hello")
    done = call(["cargo", "drift", places["declared"], odd, "--model", places["goodsmodel"]], 1)
    assert "odd.txt" in done.stderr
