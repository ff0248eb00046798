"""`watchfloor screen` as a person calls it: what it prints, what it complains about, how it ends."""

import json

import pytest
from typer.testing import CliRunner

from watchfloor.cli import app

LIST = """id,name,aliases,weak_aliases,schema,birth_date,country
1,Zarbek Tolunay,Zarbek Ibn Tolunay,Zed,Person,1971-05-02,TR
2,Front of the Amber Dawn,,FAD,Organization,,
"""


@pytest.fixture
def screen(tmp_path):
    listed = tmp_path / "list.csv"
    listed.write_text(LIST, encoding="utf-8")

    def run(queries, *options, raw=False):
        asked = tmp_path / "queries.csv"
        asked.write_bytes(queries if raw else queries.encode())
        return CliRunner().invoke(app, ["screen", str(asked), "--list", str(listed), *options])

    return run


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_line_a_query_with_the_fields_agreed(screen):
    result = screen("id,name\na,Tolunay Zarbek\nb,Nobody Listed\n", "--json")
    assert result.exit_code == 0
    first, second = lines(result)
    (hit,) = first["hits"]
    assert first["id"] == "a"
    assert second == {"id": "b", "hits": []}
    fields = ["entity_id", "name", "alias", "score", "tier", "instrument", "item", "in_force", "reason"]
    assert list(hit) == fields
    assert hit["tier"] == "match"
    assert "Zarbek Tolunay" in hit["reason"]


def test_a_mark_other_columns_and_any_order_are_fine(screen):
    result = screen(b"\xef\xbb\xbfnote,NAME,id\nx,Zed,7\n", "--json", raw=True)
    assert result.exit_code == 0
    assert [(line["id"], len(line["hits"])) for line in lines(result)] == [("7", 1)]


def test_a_bad_row_is_told_and_the_rest_goes_on(screen):
    result = screen('id,name,birth_date\na,Zed,1971-02-30\nb,,\nc,"broken\nd,Zarbek Tolunay,1971\n', "--json")
    assert result.exit_code == 1
    assert "line 2" in result.stderr
    assert "1971-02-30" in result.stderr
    assert "line 3: no name" in result.stderr
    assert "line 4" in result.stderr
    assert lines(result)[-1]["id"] == "d"
    assert lines(result)[-1]["hits"][0]["tier"] == "match"


@pytest.mark.parametrize("queries", ["id,nom\n1,x\n", "", "name\nx\n"])
def test_a_missing_column_is_no_table_of_queries(screen, queries):
    result = screen(queries, "--json")
    assert result.exit_code != 0
    assert result.stdout == ""


def test_stats_and_french(screen):
    result = screen("id,name\n1,Zarbek Tolunay\n", "--json", "--stats", "--lang", "fr")
    assert "screens/s" in result.stderr
    assert "p99" in result.stderr
    assert "correspond" in lines(result)[0]["hits"][0]["reason"]


def test_a_table_for_people(screen):
    result = screen("id,name\n1,Zarbek Tolunay\n2,Nobody\n")
    assert "match" in result.stdout
    assert "2 Nobody: no hit" in result.stdout


def test_no_such_list(screen, tmp_path):
    result = CliRunner().invoke(
        app, ["screen", str(tmp_path / "list.csv"), "--list", str(tmp_path / "none.xml")]
    )
    assert result.exit_code == 2
    assert "no file or folder" in result.stderr
