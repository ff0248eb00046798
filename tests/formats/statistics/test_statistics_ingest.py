"""Statistics on a floor: recognised by their content, taken in once, kept where two files disagree."""

import gzip
import json
import sys

import pytest
from tests.formats.statistics.made import DRUG, STATISTICS, published, table

from watchfloor.cli import main
from watchfloor.store import Actor, Floor


@pytest.fixture
def floor(tmp_path):
    Floor.create(tmp_path / "floor", Actor("clerk", "test", "none needed"))
    return tmp_path / "floor"


@pytest.fixture
def ingest(floor, monkeypatch, capsys):
    def run(*paths):
        words = ["watchfloor", "ingest", *map(str, paths), "--floor", str(floor), "--json"]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ended:
            main()
        *_, last = capsys.readouterr().out.splitlines()
        return ended.value.code or 0, json.loads(last)["total"]

    return run


def held(floor):
    opened = Floor.open(floor)
    return opened.read("statistic", opened.reader("clerk", "test")).to_pylist()


def test_a_gzip_file_is_taken_in_once(ingest, floor, tmp_path):
    (tmp_path / "drugs@2026-01-20.csv.gz").write_bytes(gzip.compress(table(DRUG)))
    code, total = ingest(tmp_path / "drugs@2026-01-20.csv.gz")
    assert (code, total["accepted"]) == (0, 2)
    code, total = ingest(tmp_path / "drugs@2026-01-20.csv.gz")
    assert (code, total["accepted"], total["duplicate"]) == (0, 0, 2)
    assert {row["published"].date().isoformat() for row in held(floor)} == {"2026-01-20"}


def test_an_older_vintage_does_not_stand_for_a_newer_one(ingest, floor, tmp_path):
    for day, weight in (("2026-05-20", "5"), ("2026-01-20", "4")):
        (tmp_path / f"drugs@{day}.csv").write_bytes(table(DRUG | {"Sum Qty (lbs)": weight}))
        assert ingest(tmp_path / f"drugs@{day}.csv")[0] == 0
    weights = {row["published"].month: row["value"] for row in held(floor) if row["measure"] == "weight"}
    assert weights == {5: 5.0, 1: 4.0}


def test_two_files_of_one_vintage_that_differ_are_both_on_record(ingest, floor, tmp_path):
    for folder, weight in (("a", "5"), ("b", "4")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "drugs@2026-01-20.csv").write_bytes(table(DRUG | {"Sum Qty (lbs)": weight}))
        assert ingest(tmp_path / folder / "drugs@2026-01-20.csv")[0] == 0
    weights = [row for row in held(floor) if row["measure"] == "weight"]
    assert sorted(row["value"] for row in weights) == [4.0, 5.0]
    assert len({row["report_key"] for row in weights}) == 1


def test_bad_rows_go_to_quarantine(ingest, floor, tmp_path):
    bad = DRUG | {"Sum Qty (lbs)": "-1", "Drug Type": "Heroin"}
    (tmp_path / "drugs.csv").write_bytes(table(DRUG, bad))
    code, total = ingest(tmp_path / "drugs.csv")
    assert (code, total["accepted"], total["quarantined"]) == (1, 2, 1)
    assert len(held(floor)) == 2


def test_a_cut_gzip_file_is_read_as_far_as_it_goes(ingest, floor, tmp_path):
    rows = [DRUG | {"Area of Responsibility": f"SECTOR {i * 7919 % 5000}"} for i in range(2000)]
    packed = gzip.compress(table(*rows))
    (tmp_path / "drugs@2026-01-20.csv.gz").write_bytes(packed[: len(packed) // 2])
    code, total = ingest(tmp_path / "drugs@2026-01-20.csv.gz")
    assert code == 1
    assert 0 < total["accepted"] < 4000
    assert total["quarantined"] == 1


@pytest.mark.thorough
def test_all_real_files(ingest, floor):
    published("enc-fy20-fy23-state.csv")
    code, total = ingest(STATISTICS)
    assert (code, total["accepted"]) == (0, 185_405)
    code, total = ingest(STATISTICS)
    assert (code, total["accepted"], total["duplicate"]) == (0, 0, 185_405)
