import csv

import msgspec
import pytest

from watchfloor.exercise.make import PARTIES_A_DAY, ROLES, Target, make
from watchfloor.exercise.names import LISTED, LOOK_ALIKES


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        make(tmp_path / name, seed=seed, scale=0.1)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert files(tmp_path / "a") != files(tmp_path / "c")


def test_the_answer_key_names_what_is_planted_and_lies_outside_the_feeds(tmp_path):
    made = make(tmp_path / "x", scale=0.1)
    assert made.key.parent not in {made.feeds, made.lists.parent}
    key = msgspec.json.decode(made.key.read_bytes())
    assert {one["entity_id"] for one in key["planted"]} == {row[0] for row in LISTED}
    for one in key["planted"]:
        with (made.feeds / f"{one['feed']}.csv").open(encoding="utf-8", newline="") as lines:
            rows = {row["report_key"]: row["name"] for row in csv.DictReader(lines)}
        assert rows[f"{one['feed']}-{one['number']}"] == one["name"]


def test_scale_counts_the_benign_parties(tmp_path):
    made = make(tmp_path / "x", scale=0.5)
    assert made.parties == PARTIES_A_DAY / 2 + len(LOOK_ALIKES) + len(LISTED)
    lines = sum(len((made.feeds / f"{feed}.csv").read_text("utf-8").splitlines()) - 1 for feed in ROLES)
    assert lines == made.parties


def test_targets_of_a_real_list_are_planted_instead(tmp_path):
    made = make(tmp_path / "x", scale=0.1, targets=[Target("list#1", "Organization", ("The Made Up Front",))])
    assert made.lists is None
    assert [one.entity_id for one in made.planted] == ["list#1"]


def test_bad_input_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not positive"):
        make(tmp_path / "x", scale=0)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(FileExistsError, match="not empty"):
        make(tmp_path / "full")
