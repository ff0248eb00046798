import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from watchfloor.exchange.letter.tokens import Words, plain, telling


@given(
    st.lists(st.sampled_from(["ab", "cd", "ef"]), max_size=12),
    st.lists(st.sampled_from(["ab", "cd"]), min_size=1, max_size=3),
)
def test_words_are_found_where_a_scan_finds_them(words, phrase):
    wanted = [at for at in range(len(words)) if words[at : at + len(phrase)] == phrase]
    assert list(Words.from_text(" ".join(words)).find(" ".join(phrase))) == wanted


def test_plain_words():
    assert plain("L’Été—À_QUAI, n° 7") == ["l", "ete", "a", "quai", "n", "7"]


@given(st.text())
def test_case_and_form_make_no_difference(text):
    wide = unicodedata.normalize("NFKC", text)
    assert plain(wide) == plain(unicodedata.normalize("NFKD", text)) == plain(text)


def test_every_character_of_chinese_is_a_word():
    assert plain("惟灵 Chemicals化工") == ["惟", "灵", "chemicals", "化", "工"]
    assert telling("惟")
    assert not telling("the")


def test_a_phrase_that_is_taken_out_leaves_a_gap():
    words = Words.from_text("one two three\nfour two three").without(["two three", "three"])
    assert words.words == ("one", "\0", "\0", "four", "\0", "\0")
    assert list(words.find("one four")) == []
    assert words.lines == (1, 1, 1, 2, 2, 2)
