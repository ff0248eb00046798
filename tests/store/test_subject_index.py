import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from tests.store.rows import parties

from watchfloor.store.erasure import subject_index

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


def test_every_text_is_seen_with_its_row():
    found = [
        (int(row), value)
        for rows, values in subject_index.texts(NESTED)
        for row, value in zip(rows, values.to_pylist(), strict=True)
    ]
    assert (1, "zed") in found
    assert (0, "vessel:imo:9074729") in found
    assert (1, "person:x:1") in found


def test_naming_is_exact_and_nested():
    assert subject_index.naming(NESTED, ["person:x:1"]).tolist() == [True, True, False]
    assert subject_index.naming(NESTED, ["person:x"]).tolist() == [False, False, False]
    assert subject_index.naming(NESTED, []).tolist() == [False] * 3


def rows(*words):
    return subject_index.Words(words).rows(NESTED).tolist()


def test_words_stand_whole_and_in_any_case():
    assert rows("tolunay") == [False, False, True]
    assert rows("tolun") == [False] * 3
    assert rows("zarbek tolunay") == [False, False, True]
    assert rows("tolunay zarbek") == [False] * 3
    assert rows() == [False] * 3
    assert not subject_index.Words([])
    assert not subject_index.Words(["-", ""])


def test_what_stands_between_the_parts_is_of_no_account():
    words = subject_index.Words(["1963-07-19", "AB 12"])
    assert words.within("born 1963/07/19 (ab-12)") == {"1963-07-19", "AB 12"}
    assert words.within("19630719, AB123") == set()


def test_many_words_at_once():
    """As many as a night's expiry has; a pattern of them all would not even compile."""
    words = subject_index.Words([*(f"name{n} other{n}" for n in range(100_000)), "zed"])
    assert words.rows(NESTED).tolist() == [False, True, False]
    assert words.within("Name77 OTHER77") == {"name77 other77"}


def test_keys_are_what_is_written_as_one():
    assert sorted(set(subject_index.keys_in(NESTED))) == [
        (0, "person:x:1"),
        (0, "person:x:2"),
        (0, "vessel:imo:9074729"),
        (1, "person:x:1"),
    ]


def test_words_of_a_person():
    found = subject_index.words_of([parties([7], name="Zarbek Tolunay ")], ["person:feed:T-0012"])
    assert found == {"person:feed:T-0012", "T-0012", "Zarbek Tolunay 7", "Zarbek", "Tolunay"}


def test_a_short_number_finds_nobody():
    assert subject_index.words_of([], ["person:feed:00017"]) == {"person:feed:00017"}
    assert subject_index.words_of([], ["person:feed:417289"]) == {"person:feed:417289", "417289"}


TEXTS = st.text(st.sampled_from("abAé ñ.-ßİΣς9_ा"), max_size=12)


@given(st.lists(TEXTS, max_size=4), st.lists(TEXTS, max_size=6))
def test_columns_and_texts_and_a_plain_loop_agree(words, texts):
    """Arrow over columns, Python over texts, and splitting by hand."""
    table = pa.table({"t": pa.array(texts, pa.string())})
    sought = subject_index.Words(words)
    by_hand = [{word for word in words if _stands(word, text)} for text in texts]
    assert [sought.within(text) for text in texts] == by_hand
    assert sought.rows(table).tolist() == [bool(one) for one in by_hand]
    assert sought.found_in(table) == set().union(*by_hand)


def _stands(word, text):
    """Whether the parts of a word are side by side among those of a text."""
    wanted, there = _parts(word), _parts(text)
    return bool(wanted) and any(there[at : at + len(wanted)] == wanted for at in range(len(there)))


def _parts(text):
    return [part.casefold() for part in "".join(c if c.isalnum() else " " for c in text).split()]
