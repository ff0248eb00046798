"""Notes on rows that correct earlier ones, or that were corrected since."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.feeds.test_intake import ACTOR, HEAD, take
from tests.thorough import draws

from watchfloor.store import Floor

NAMES = ("Ann Roy", "Bo Tarn", "Cy Dell", "Di Marsh")


def table(rows, day="2026-11-24"):
    return HEAD + "".join(f"{key},payee,{name},Person,,,{day}\n" for key, name in rows)


def deliver(floor, path, text):
    path.write_text(text, encoding="utf-8")
    (taken,) = take(floor, path).taken
    return taken


def test_row_numbers_that_begin_again_are_asked_about(tmp_path):
    floor, path = Floor.create(tmp_path / "floor", ACTOR), tmp_path / "parcels.csv"
    assert deliver(floor, path, table([(1, NAMES[0]), (2, NAMES[1])])).notes == ()
    (note,) = deliver(floor, path, table([(1, NAMES[2]), (2, NAMES[3])])).notes
    assert note.startswith("2 of 2 rows replace earlier reports of the same report_key under another name")
    assert "is report_key a row number?" in note


def test_a_correction_of_some_and_keys_that_are_no_row_numbers_are_not_asked_about(tmp_path):
    floor, path = Floor.create(tmp_path / "floor", ACTOR), tmp_path / "parcels.csv"
    rows = list(enumerate(NAMES, 1))
    deliver(floor, path, table(rows))
    assert deliver(floor, path, table([(1, "Ann Roi"), (2, "Bo Tarne"), *rows[2:]])).notes == ()
    deliver(floor, path, table([(9_000_017, NAMES[0]), (9_000_018, NAMES[1])]))
    assert deliver(floor, path, table([(9_000_017, NAMES[2]), (9_000_018, NAMES[3])])).notes == ()


def test_the_numbers_of_one_feed_are_nothing_to_another(tmp_path):
    floor = Floor.create(tmp_path / "floor", ACTOR)
    deliver(floor, tmp_path / "parcels.csv", table([(1, NAMES[0]), (2, NAMES[1])]))
    assert deliver(floor, tmp_path / "payments.csv", table([(1, NAMES[2]), (2, NAMES[3])])).notes == ()


def test_a_correction_taken_back_says_that_it_stands_and_how_to_bring_the_old_version_back(tmp_path):
    floor, path = Floor.create(tmp_path / "floor", ACTOR), tmp_path / "parcels.csv"
    old, new = table([("K-77", "Ann Roy")]), table([("K-77", "Ann Rey")], "2026-11-25")
    assert deliver(floor, path, old).notes == deliver(floor, path, new).notes == ()
    (note,) = deliver(floor, path, old).notes
    assert note.startswith("1 row is an old version of a report corrected since, and nothing changes")
    assert deliver(floor, path, new).notes == (), "the correction itself is no old version"
    back = deliver(floor, path, table([("K-77", "Ann Roy")], "2026-11-26"))
    assert (back.account.accepted, back.notes) == (1, ())
    (note,) = deliver(floor, path, new).notes
    assert "deliver it with an observed_at after the correction's" in note


rows = st.lists(st.tuples(st.sampled_from(["K-71", "K-72", "K-73"]), st.sampled_from(NAMES)), max_size=4)


@settings(deadline=None, max_examples=draws(20))
@given(st.lists(rows.filter(bool), min_size=1, max_size=4))
def test_old_versions_are_those_a_loop_finds(tmp_path_factory, deliveries):
    folder = tmp_path_factory.mktemp("corrections")
    floor, came = Floor.create(folder / "floor", ACTOR), []
    for delivered in deliveries:
        seen, newest = set(came), dict(came)
        again = set(delivered) & seen
        stand = {key for key, name in again if newest[key] == name}
        old = sum(key not in stand for key, _ in again)
        notes = [n for n in deliver(floor, folder / "p.csv", table(delivered)).notes if "old version" in n]
        assert [note.split()[0] for note in notes] == ([str(old)] if old else [])
        came += [row for row in dict.fromkeys(delivered) if row not in seen]
