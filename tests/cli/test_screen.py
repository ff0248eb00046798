"""`watchfloor screen` as a person calls it: what it prints, what it complains about, how it ends."""

import json

import pytest
from tests.formats import abroad
from tests.formats.lists import JUSTICE
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.desks.listings import query_messages as words

LIST = """id,name,aliases,weak_aliases,schema,birth_date,country
1,Zarbek Tolunay,Zarbek Ibn Tolunay,Zed,Person,1971-05-02,TR
2,Front of the Amber Dawn,,FAD,Organization,,
"""


@pytest.fixture
def screen(tmp_path):
    listed = tmp_path / "list.csv"
    listed.write_text(LIST, encoding="utf-8")

    def run(queries, *options, raw=False, lists=listed):
        asked = tmp_path / "queries.csv"
        asked.write_bytes(queries if raw else queries.encode())
        return CliRunner().invoke(app, ["screen", str(asked), "--list", str(lists), *options])

    return run


LONG = {
    "ab " * 25: True,
    "ab " * 24: False,
    "a" * 401: True,
    "a" * 400: False,
    "권" * 25: True,
    "권" * 24: False,
    " " * 2000 + "Zed": True,
    "Zed" + " " * 2000: False,
}
FAULTY = b"""id,name,birth_date
a,Zed,1971-02-30
b,Zed,May
c,,
d,Zed
e,"Zed" x,1971
f,Z\x00d,1971
g,"Zed,1971
"""


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


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("uk.xml", abroad.UK_XML),
        ("UK-Sanctions-List.csv", abroad.UK_CSV),
        ("eu.xml", abroad.EU_XML),
        ("eu.csv", abroad.EU_CSV),
        ("au.csv", abroad.AU_CSV),
        ("ch.xml", abroad.CH_XML),
    ],
)
def test_a_person_on_a_list_of_another_country_is_found(screen, tmp_path, file, text):
    (tmp_path / file).write_text(text, encoding="utf-8")
    asked = "id,name,birth_date\na,Valli Otto,1971-05-02\nb,Nobody Listed,\n"
    found, other = lines(screen(asked, "--json", lists=tmp_path / file))
    (hit,) = found["hits"]
    assert (hit["alias"], hit["tier"]) == ("Otto Valli", "match")
    assert "RUR" in hit["instrument"] or "Ruritania" in hit["instrument"]
    assert other["hits"] == []


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
    assert result.exit_code == 4
    assert "no file or folder" in result.stderr


@pytest.mark.parametrize(("name", "cut"), LONG.items(), ids=range(len(LONG)))
def test_a_name_too_long_to_be_compared_whole_is_answered_and_told(screen, name, cut):
    result = screen(f"id,name\n1,{name}\n", "--json", "--stats")
    (line,) = lines(result)
    assert line.get("cut", False) is cut
    assert result.exit_code == int(cut)
    assert ("line 2: the name is too long" in result.stderr) is cut
    assert f"cut: {int(cut)} names" in result.stderr
    shown = " ".join(screen(f"id,name\n1,{name}\n").stdout.split())
    assert ("only its first 400 characters and 24 words were compared" in shown) is cut


def test_no_hit_and_every_fault_are_french_where_french_is_asked_for(screen):
    result = screen(FAULTY, "--lang", "fr", raw=True)
    assert result.exit_code == 1
    told = result.stderr.splitlines()
    assert sorted(one.partition("\u00a0:")[0] for one in told) == [f"ligne {line}" for line in range(2, 9)]
    said = " ".join(told)
    for known in (
        "n’est pas une date du calendrier",
        "n’est pas une date telle que",
        "aucun nom à comparer",
        "a 2 cellules, l’en-tête en a 3",
        "a du texte après un guillemet fermant",
        "octet nul",
        "guillemet qui n’est jamais fermé",
    ):
        assert known in said
    assert "lecture impossible" not in said
    assert "Nul ici\u00a0: aucune correspondance" in screen("id,name\n1,Nul ici\n", "--lang", "fr").stdout
    read = screen("id,name\n1,Nul içi\n".encode("cp1252"), "--lang", "fr", raw=True)
    assert "note\u00a0: queries.csv a été lu comme Windows-1252" in read.stderr
    assert read.exit_code == 0


def test_the_same_faults_in_english(screen):
    said = screen(FAULTY, raw=True).stderr
    for known in ("no date of the calendar", "no date such as", "no name", "has 2 cells", "zero byte"):
        assert known in said


@pytest.mark.parametrize("message", words.READ, ids=lambda message: message.id)
def test_what_a_reader_says_is_recognised(message):
    given = dict.fromkeys(message.parameters, "7")
    assert words.from_reader(message.en.format(**given)).render("fr") == message.fr.format(**given)


def test_what_no_reader_said_before_keeps_its_words():
    assert words.from_reader("is written in chalk").render("en") == "is written in chalk"
    assert words.from_reader("is written in chalk").render("fr").endswith(": is written in chalk")


def test_lists_without_an_edition_of_the_day_are_one_sentence(screen, tmp_path):
    folder = tmp_path / "lists"
    folder.mkdir()
    for number in ("1", "2"):
        first = JUSTICE.replace("SOR/2099-1", f"SOR/2099-{number}")
        second = first.replace("2026-01-10", "2026-02-10").replace("2026-01-20", "2026-02-20")
        (folder / f"{number}a.xml").write_text(first, encoding="utf-8")
        (folder / f"{number}b.xml").write_text(second, encoding="utf-8")
    result = screen("id,name\n1,Zed\n", "--on", "2026-02-05", lists=folder)
    assert result.stderr.count("\n") == 1
    assert "covers 2026-02-05: 2 of 2" in result.stderr
    assert f"watchfloor listed {folder} --on 2026-02-05" in result.stderr
    shown = CliRunner().invoke(app, ["listed", str(folder), "--on", "2026-02-05"])
    assert shown.stderr.count("is not covered") == 2
    assert "2 sur 2" in screen("id,name\n", "--on", "2026-02-05", "--lang", "fr", lists=folder).stderr


def test_customers_in_a_folder_are_no_list(screen, tmp_path):
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "customers.csv").write_text("id,name\n1,Ann Roy\n", encoding="utf-8")
    (tmp_path / "lists" / "list.csv").write_text(LIST, encoding="utf-8")
    ann = "id,name\n1,Ann Roy\n"
    result = screen(ann, "--json", lists=tmp_path / "lists")
    assert lines(result) == [{"id": "1", "hits": []}]
    assert "left aside" in result.stderr
    assert "customers.csv" in result.stderr
    (named,) = lines(screen(ann, "--json", lists=tmp_path / "lists" / "customers.csv"))
    assert [hit["name"] for hit in named["hits"]] == ["Ann Roy"]


@pytest.mark.parametrize(("lang", "said"), [("en", "there was no query"), ("fr", "aucune requête")])
def test_a_file_of_a_header_alone_says_so(screen, lang, said):
    result = screen("id,name\n", "--lang", lang)
    assert result.exit_code == 0
    assert said in result.stdout
