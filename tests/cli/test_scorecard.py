"""`watchfloor scorecard`: the page on the command line, its files, their signature, and a clear no."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.scorecard import samples
from typer.testing import CliRunner

from watchfloor.casework.custody.signing import make
from watchfloor.cli import app
from watchfloor.cli.common import of_error
from watchfloor.scorecard import assemble
from watchfloor.scorecard.page import twin
from watchfloor.store.floor import Floor

RUNNER = CliRunner()
ON = ("--on", "2026-06-30")


def run(*words, code=0):
    found = RUNNER.invoke(app, ["scorecard", *map(str, words)], catch_exceptions=False)
    assert found.exit_code == code, found.output
    return found


def plainly(text):
    return " ".join(text.split())


@pytest.mark.parametrize("name", ["r.html", "r.json", "r.jsonld", "r.unsigned"])
def test_a_file_that_is_there_is_refused_before_anything_is_computed(tmp_path, monkeypatch, name):
    monkeypatch.setattr(assemble, "assemble", lambda *_: pytest.fail("it was computed"))
    (tmp_path / name).write_text("kept", "utf-8")
    assert f"{name} is there already" in run("-o", tmp_path / "r.html", code=3).stderr.replace("\n", "")
    assert (tmp_path / name).read_text("utf-8") == "kept"


@pytest.fixture
def sampled(monkeypatch):
    """A scorecard that need not be computed; what was asked for is kept."""
    asked = []

    def assembled(sources, on, edition="working"):
        asked.append((sources, on, edition))
        return samples.scorecard(edition=edition)

    monkeypatch.setattr(assemble, "assemble", assembled)
    return asked


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    path = tmp_path_factory.mktemp("floor") / "floor"
    made = RUNNER.invoke(app, ["init", "--floor", str(path), "--exercise"], catch_exceptions=False)
    assert made.exit_code == 0, made.output
    return path


def test_without_a_file_it_prints_what_can_be_read_in_two_minutes():
    told = plainly(run(*ON).stdout)
    assert "The border scorecard. Week to 30 June 2026" in told
    assert "43.04 of 21,889.21 lb = 0.197 %" in told.replace("\u00a0", " ")
    assert "Ill-formed as printed" in told


def test_french_and_both(sampled):
    assert "Le tableau de suivi de la frontière" in run("--lang", "fr").stdout
    both = run("--lang", "both").stdout
    assert "The border scorecard" in both
    assert "Le tableau de suivi de la frontière" in both


def test_what_is_asked_for_reaches_the_page(sampled, tmp_path):
    run("--on", "2025-03-09", "--edition", "public", "--lines", tmp_path)
    ((sources, on, edition),) = sampled
    assert (on.isoformat(), edition, sources.register) == ("2025-03-09", "public", tmp_path)
    assert sources.floor is None


def test_json_is_the_scorecard_itself(sampled):
    assert twin.load(run("--json").stdout.encode()) == samples.scorecard()


def test_files_twins_and_a_list_are_written_together(sampled, tmp_path):
    told = run("-o", tmp_path / "r.html", "-o", tmp_path / "r.pdf", "--lang", "both")
    names = {"r.html", "r.pdf", "r.json", "r.jsonld", "r.unsigned"}
    assert {one.name for one in tmp_path.iterdir()} == names
    assert "unsigned" in told.stderr
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF-")
    assert twin.load((tmp_path / "r.json").read_bytes()) == samples.scorecard()
    assert "Le tableau de suivi" in (tmp_path / "r.html").read_text("utf-8")
    found = run("--verify", tmp_path / "r.unsigned", code=1)
    assert "4 files are as they were listed" in found.stdout
    assert "nothing shows who made" in found.stdout


def test_a_key_of_a_file_signs(sampled, tmp_path):
    signer = make(tmp_path / "office.key", "office")
    run("-o", tmp_path / "r.html", "--key", tmp_path / "office.key")
    assert (tmp_path / "r.sig").exists()
    trusted = ("--verify", tmp_path / "r.sig", "--trust", signer.verifier.text)
    assert signer.verifier.text in run(*trusted).stdout
    unknown = run("--verify", tmp_path / "r.sig", code=1).stdout
    assert "nobody vouched" in unknown
    (tmp_path / "r.jsonld").write_bytes((tmp_path / "r.jsonld").read_bytes() + b" ")
    changed = run(*trusted, code=1)
    assert "r.jsonld was changed" in changed.stderr
    (told,) = [json.loads(line) for line in run(*trusted, "--json", code=1).stdout.splitlines()]
    assert told["files"] == ["r.html", "r.json", "r.jsonld"]
    assert told["wrong"][0].startswith("r.jsonld was changed")
    assert told["signers"] == ["office"]


def test_a_floor_signs_and_logs_what_was_made(sampled, floor, tmp_path):
    before = Floor.open(floor).position
    run("-o", tmp_path / "r.html", "--floor", floor)
    (act,) = Floor.open(floor).acts(before + 1)
    assert act.act == "query"
    assert act.detail["what"] == "scorecard"
    assert set(act.detail["files"]) == {"r.html", "r.json", "r.jsonld", "r.sig"}
    assert "signed by" in run("--verify", tmp_path / "r.sig", "--floor", floor).stdout


def test_no_file_is_ever_replaced(sampled, tmp_path):
    run("-o", tmp_path / "r.html")
    before = {one: one.read_bytes() for one in tmp_path.iterdir()}
    for again in ("r.html", "r.pdf"):  # the pdf's twins are there
        assert "is there already" in run("-o", tmp_path / again, code=3).stderr
    assert {one: one.read_bytes() for one in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("-o", "report.docx"), "is written to .html, .pdf, .json, .jsonld", 2),
        (("-o", "no/such/report.html"), "there is no folder", 4),
        (("--on", "someday"), "on 'someday'", 2),
        (("--lines", "nowhere"), "'nowhere' does not exist", 4),
        (("--statistics", "nowhere"), "'nowhere' does not exist", 4),
        (("--trust", "office+1a2b3c4d+AQ"), "give --verify FILE too", 2),
        (("--verify", "README.md", "--trust", "x"), "no public key", 2),
        (("-o", "report.html", "--key", "README.md"), "is no secret key", 2),
    ],
)
def test_what_is_wrong_is_told(sampled, words, said, code):
    found = RUNNER.invoke(app, ["scorecard", *words])
    told = isinstance(found.exception, SystemExit)
    assert (found.exit_code if told else of_error(found.exception)) == code
    assert said in plainly(f"{found.output} {found.exception}")


def test_what_is_no_list_is_told(sampled, tmp_path):
    (tmp_path / "x.sig").write_text("hello\nunsigned\n", "utf-8")
    assert "does not begin with" in run("--verify", tmp_path / "x.sig", code=2).stderr
    assert "ne commence pas" in run("--verify", tmp_path / "x.sig", "--lang", "fr", code=2).stderr


CODE = """
import sys
from pathlib import Path
from tests.scorecard import samples
from watchfloor.scorecard.page.files import files
from watchfloor.store.log.notes import Signer
made = files(samples.scorecard(), [Path("r.html"), Path("r.pdf")], ("en", "fr"), Signer("office", bytes(32)))
for path, data in made.items():
    (Path(sys.argv[1]) / path.name).write_bytes(data)
"""


@pytest.mark.thorough
def test_another_process_in_another_place_writes_the_same_bytes(tmp_path):
    """Seeds of hashes, time zone, locale, folder and home differ; the bytes of every file do not."""
    root = Path(__file__).parents[2]
    made = []
    for at, (seed, zone, locale) in enumerate((("1", "UTC", "C"), ("777", "Asia/Kolkata", "fr_CA.UTF-8"))):
        here, out = tmp_path / f"here{at}", tmp_path / f"out{at}"
        here.mkdir()
        out.mkdir()
        different = {"PYTHONHASHSEED": seed, "TZ": zone, "LANG": locale, "LC_ALL": locale, "HOME": str(here)}
        environment = os.environ | different | {"PYTHONPATH": str(root), "MPLCONFIGDIR": str(here)}
        words = [sys.executable, "-c", CODE, str(out)]
        subprocess.run(words, cwd=here, env=environment, check=True, capture_output=True)
        made.append({one.name: one.read_bytes() for one in out.iterdir()})
    assert made[0].keys() == {"r.html", "r.pdf", "r.json", "r.jsonld", "r.sig"}
    assert made[0] == made[1]


def test_the_same_evidence_gives_the_same_bytes_by_the_command(tmp_path):
    """The real facts of the package, assembled twice."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        run(*ON, "-o", tmp_path / name / "r.html")
    for name in ("r.html", "r.json", "r.jsonld", "r.unsigned"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_reviews_link_to_the_page_where_it_is_published(sampled, tmp_path):
    run(*ON, "-o", tmp_path / "s.html", "--address", "https://example.org/s.html")
    graph = json.loads((tmp_path / "s.jsonld").read_text())["@graph"]
    links = [one["url"] for one in graph if one["@type"] == "ClaimReview"]
    assert links[0] == "https://example.org/s.html#en-claim-fentanyl-northern-share"
    assert 'id="en-claim-fentanyl-northern-share"' in (tmp_path / "s.html").read_text()
    assert "no address of a page" in run(*ON, "--address", "s.html", code=2).stderr
