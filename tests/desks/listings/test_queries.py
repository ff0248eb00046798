"""Which names of a file of queries are too long to be compared whole."""

from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.desks.listings.normalise import MAX_TOKENS, _all_tokens, is_cut
from watchfloor.desks.listings.queries import read_queries

LETTERS = st.sampled_from([*" .,'-&/", *"abcdelnost", " al ", " ltd ", " and ", "AG "])


@settings(deadline=None)
@given(st.lists(LETTERS, max_size=2 * MAX_TOKENS).map("".join), st.booleans())
def test_a_short_name_is_never_cut_however_it_is_counted(name, organisations):
    words = len(_all_tokens([name], organisations)[0])
    assert is_cut(name, organisations) is (words > MAX_TOKENS)


@settings(deadline=None)
@given(st.integers(1, 60))
def test_words_are_counted_as_they_are_compared(tmp_path_factory, count):
    path = tmp_path_factory.mktemp("asked") / "q.csv"
    path.write_text("id,name\n1," + "zq " * count + "\n", encoding="utf-8")
    with path.open("rb") as stream:
        (one,) = read_queries(stream, path.name, "en")
    assert one.cut is (count > MAX_TOKENS)
    assert len(one.wrong) == one.cut
