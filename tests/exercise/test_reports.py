"""Reports of an exercise, read back by the formats that a floor recognises them as."""

import pytest

from watchfloor.exercise.acts import Sighting
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.feeds.base import numbered
from watchfloor.exercise.feeds.reports import FEED, everyday
from watchfloor.exercise.lists import fictitious
from watchfloor.exercise.plots import plots
from watchfloor.formats.base import Batch, Head
from watchfloor.formats.registry import recognise


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    cast = Cast(1)
    told = [act for plot in plots(cast, fictitious()) for act in plot.acts]
    acts = [act for act in (*told, *everyday(cast, 60)) if isinstance(act, Sighting)]
    rows = numbered(FEED.name, [seen for act in acts for seen in FEED.sees(act)])
    folder = tmp_path_factory.mktemp("reports")
    FEED.write(folder, rows)
    return folder / FEED.name, rows


def read(path):
    with path.open("rb") as stream:
        form = recognise(Head(path.name, stream.read(4096)))
        stream.seek(0)
        pieces = list(form.read(stream, path.name))
    assert all(isinstance(piece, Batch) for piece in pieces), pieces
    (row,) = (row for piece in pieces if piece.kind.name == "report" for row in piece.rows.to_pylist())
    return form.name, row, [piece.kind.name for piece in pieces]


def test_each_says_what_the_unit_wrote(written):
    folder, rows = written
    formats = set()
    for row in rows:
        act = row.seen.act
        form, found, kinds = read(next(folder.glob(f"{row.report_key}.*")))
        formats.add(form)
        assert found["report_key"] == row.report_key
        assert found["title"] == act.title
        assert act.unit.split(",")[0] in found["author"]
        assert found["observed_at"] == act.at
        assert found["reliability"] + found["credibility"] == act.pair
        assert tuple(found["subjects"]) == act.subjects
        assert found["hypothesis"] == act.speaks_to
        assert [(one["system"], one["number"]) for one in found["references"]] == [act.file]
        assert any(act.text in portion["text"] for portion in found["portions"])
        assert kinds == ["report"], "an exercise's texts name nobody, so that the key is whole"
    assert formats == {"report-form", "report-eml"}
