from datetime import UTC, date, datetime

import pyarrow as pa
from tests.feeds.live.toys import TOY
from tests.run.detections import rows

from watchfloor.cell.live.views import Folds
from watchfloor.desks.base import Refs
from watchfloor.policy.policy import Reader

KEY = Refs(b"some key, of no floor whatsoever")
OPEN, CLOSED = "U//TLP:CLEAR", "PC//TLP:AMBER"
LOW, HIGH = Reader("low", today=date(2026, 11, 26)), Reader("high", protected=3, today=date(2026, 11, 26))
MARK = datetime(2026, 11, 26, 8, 5, tzinfo=UTC)


def step(folds, *tables):
    folds.step({"detection": pa.concat_tables(tables)}, MARK)
    return {tuple(reader.name for reader in fold.readers): reports(fold) for fold in folds.folds}


def reports(fold):
    return sum(fold.runs["toy"].standing["track"]["reports"].to_pylist())


def test_who_may_see_the_same_share_a_fold_until_something_comes_that_only_some_may_see():
    folds = Folds({"toy": TOY}, KEY, [LOW, HIGH])
    assert step(folds, rows(4, marking=OPEN)) == {("low", "high"): 4}
    assert step(folds, rows(2, start=4, marking=CLOSED)) == {("high",): 6, ("low",): 4}
    assert step(folds, rows(1, start=6, marking=OPEN)) == {("high",): 7, ("low",): 5}
    seen = {fold.readers[0].name: fold.sees for fold in folds.folds}
    assert seen == {"low": {OPEN}, "high": {OPEN, CLOSED}}


def test_a_view_is_folded_as_if_what_it_may_not_see_were_not_there():
    tables = [rows(3, marking=OPEN), rows(3, start=3, marking=CLOSED), rows(3, start=6, marking=OPEN)]
    both, alone = Folds({"toy": TOY}, KEY, [LOW, HIGH]), Folds({"toy": TOY}, KEY, [LOW])
    for table in tables:
        step(both, table)
    for table in (tables[0], tables[2]):
        step(alone, table)
    (mine,) = (fold for fold in both.folds if fold.readers == [LOW])
    assert mine.runs["toy"].standing["track"].equals(alone.folds[0].runs["toy"].standing["track"])


def test_folds_go_on_from_paper_with_the_readers_of_today():
    folds = Folds({"toy": TOY}, KEY, [LOW, HIGH])
    step(folds, rows(4, marking=OPEN), rows(2, start=4, marking=CLOSED))
    again = Folds({"toy": TOY}, KEY, [HIGH, LOW], folds.markings, folds.freeze()())
    assert step(again, rows(1, start=6, marking=OPEN)) == {("high",): 7, ("low",): 5}
    other = Reader("other", classified=3, protected=3)
    fewer = Folds({"toy": TOY}, KEY, [LOW, other], folds.markings, folds.freeze()())
    assert step(fewer, rows(1, start=6, marking=OPEN)) == {("low",): 5, ("other",): 7}


def test_who_is_cleared_for_less_than_before_keeps_nothing_of_what_he_saw():
    folds = Folds({"toy": TOY}, KEY, [HIGH])
    step(folds, rows(4, marking=OPEN), rows(2, start=4, marking=CLOSED))
    folds.admit([LOW])
    assert step(folds, rows(1, start=6, marking=OPEN)) == {("low",): 1}


def test_a_marking_that_ends_takes_no_fold_with_it():
    ends = "U//TLP:CLEAR//UNTIL:2026-11-26"
    folds = Folds({"toy": TOY}, KEY, [LOW])
    step(folds, rows(4, marking=ends))
    tomorrow = Reader("low", today=date(2026, 11, 27))
    folds.admit([tomorrow], date(2026, 11, 27))
    assert folds.markings == frozenset()
    assert step(folds, rows(1, start=4, marking=OPEN)) == {("low",): 5}


def test_a_fold_of_another_version_is_begun_anew_and_says_so():
    folds = Folds({"toy": TOY}, KEY, [LOW])
    step(folds, rows(4, marking=OPEN))
    other = Folds(
        {"toy": TOY}, Refs(b"another key of another floor, as"), [LOW], folds.markings, folds.freeze()()
    )
    assert "begun anew" in other.problem
    assert step(other, rows(1, start=4, marking=OPEN)) == {("low",): 1}
