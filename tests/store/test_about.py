import re

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from tests.store.rows import parties

from watchfloor.store import about

NESTED = pa.table(
    {
        "n": [1, 2, 3],
        "name": ["Ann Roy", None, "ZARBEK Tolunay"],
        "subjects": [["person:x:1", "vessel:imo:9074729"], [], None],
        "mentions": pa.array(
            [[], [{"subject": "person:x:1", "text": "zed"}], None],
            pa.list_(pa.struct([("subject", pa.string()), ("text", pa.string())])),
        ),
        "coded": pa.array(["person:x:2", "person:x:1", None]).dictionary_encode(),
    }
)

WORDS = st.text(st.sampled_from("abAé ñ.-ß"), min_size=1, max_size=5)


def test_every_text_is_seen_with_its_row():
    found = [
        (int(row), value)
        for rows, values in about.texts(NESTED)
        for row, value in zip(rows, values.to_pylist(), strict=True)
    ]
    assert (1, "zed") in found
    assert (0, "vessel:imo:9074729") in found
    assert (1, "person:x:1") in found


def test_naming_is_exact_and_nested():
    assert about.naming(NESTED, ["person:x:1"]).tolist() == [True, True, False]
    assert about.naming(NESTED, ["person:x"]).tolist() == [False, False, False]
    assert about.naming(NESTED, []).tolist() == [False] * 3


def test_saying_takes_whole_words_in_any_case():
    assert about.saying(NESTED, ["tolunay"]).tolist() == [False, False, True]
    assert about.saying(NESTED, ["tolun"]).tolist() == [False] * 3
    assert about.saying(NESTED, ["zarbek tolunay"]).tolist() == [False, False, True]
    assert about.saying(NESTED, []).tolist() == [False] * 3


def test_keys_are_what_is_written_as_one():
    assert sorted(set(about.keys_in(NESTED))) == [
        (0, "person:x:1"),
        (0, "person:x:2"),
        (0, "vessel:imo:9074729"),
        (1, "person:x:1"),
    ]


def test_words_of_a_person():
    found = about.words_of([parties([7], name="Zarbek Tolunay ")], ["person:feed:T-0012"])
    assert found == {"person:feed:T-0012", "T-0012", "Zarbek Tolunay 7", "Zarbek", "Tolunay"}


@given(st.lists(WORDS, max_size=4), st.lists(st.text(st.sampled_from("abAé ñ.-ß"), max_size=12), max_size=6))
def test_both_engines_and_a_plain_loop_agree(words, texts):
    """Arrow's RE2 over columns, Python's `re` over texts, and splitting by hand."""
    table = pa.table({"t": pa.array(texts, pa.string())})
    pattern = about.pattern(words)
    by_python = [bool(pattern and pattern.search(text)) for text in texts]
    assert about.saying(table, words).tolist() == by_python
    assert by_python == [any(_stands(word, text) for word in words) for text in texts]
    assert about.said(table, words) == {w for w in words if any(_stands(w, text) for text in texts)}


def _stands(word, text):
    """Whether a word stands in a text with no letter or digit on either side of it."""
    low, wanted = text.lower(), word.lower()
    for at in (match.start() for match in re.finditer(f"(?={re.escape(wanted)})", low)):
        before, after = low[:at][-1:], low[at + len(wanted) :][:1]
        if not (before.isalnum() or after.isalnum()):
            return True
    return False
